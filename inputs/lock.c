#define _POSIX_C_SOURCE 200809L
#include "inputs/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "solver/base/interrupt.h"
#include "solver/base/log.h"
#include "solver/base/team.h"

enum { PATH_SIZE = 4200, WORD_SIZE = 80, OWNER_SIZE = 512, MODE = 0666 };

/* Who holds a lock, as its file says, a line each; "" where it says nothing. */
struct owner {
    char pid[WORD_SIZE], host[WORD_SIZE], job[WORD_SIZE], since[WORD_SIZE];
    char boot[WORD_SIZE]; /* names the running kernel, whose locks its own processes share */
};

struct lock {
    MPI_Comm comm;
    char path[PATH_SIZE], result[PATH_SIZE];
    int descriptor; /* rank 0, once held; else -1 */
    struct owner self;
    struct lock_terms terms;
    bool is_beating; /* the thread below runs */
    bool stops;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
};

/* What an attempt came to. UNSETTLED: the file is being made or removed just now. */
enum outcome { TAKEN, HELD, UNSETTLED, FAILED };

/* Between two looks at a lock that is unsettled, and at one that is waited for; how long an owner
 * may take to write its name; and how long a name written over a lapsed one must stand. */
static const double unsettled_seconds = 0.01, look_seconds = 1.0, patience_seconds = 1.0,
                    settle_seconds = 1.0;

static double now_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void sleep_seconds(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))};
    (void)nanosleep(&t, NULL);
}

struct lock_terms lock_default_terms(void)
{
    /* Six signs of life may be late before the lapse; a requeued job looks once more after it. */
    struct lock_terms terms = {.lapse_seconds = 60.0, .beat_seconds = 10.0};
    const char *restarts = getenv("SLURM_RESTART_COUNT");
    if (restarts != NULL && strtol(restarts, NULL, 10) > 0) {
        terms.wait_seconds = terms.lapse_seconds + terms.beat_seconds;
    }
    return terms;
}

/* The plain word that a text begins with; nothing else of a file of others goes on. */
static void take_word(const char *from, char word[WORD_SIZE])
{
    static const char plain[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:/[]";
    size_t n = from != NULL ? strspn(from, plain) : 0;
    n = n < WORD_SIZE ? n : WORD_SIZE - 1;
    if (n > 0) {
        memcpy(word, from, n);
    }
    word[n] = '\0';
}

static void name_self(struct owner *self)
{
    char text[WORD_SIZE] = "";
    const char *job = getenv("SLURM_JOB_ID");
    const time_t now = time(NULL);
    struct tm utc;

    memset(self, 0, sizeof *self);
    (void)snprintf(self->pid, sizeof self->pid, "%ld", (long)getpid());
    if (gethostname(text, sizeof text - 1) == 0) {
        take_word(text, self->host);
    }
    take_word(job != NULL ? job : getenv("PBS_JOBID"), self->job);
    if (gmtime_r(&now, &utc) != NULL) {
        (void)strftime(self->since, sizeof self->since, "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
    FILE *f = fopen("/proc/sys/kernel/random/boot_id", "r");
    take_word(f != NULL && fgets(text, sizeof text, f) != NULL ? text : self->host, self->boot);
    if (f != NULL) {
        (void)fclose(f);
    }
}

/* The lines of a lock's file, in their order. */
static char *line_of(struct owner *o, size_t i)
{
    char *const lines[] = {o->pid, o->host, o->job, o->since, o->boot};
    STATUS_ASSERT(i < sizeof lines / sizeof *lines);
    return lines[i];
}

enum { N_LINES = 5 };

static void read_owner(int descriptor, struct owner *o)
{
    char text[OWNER_SIZE];
    const ssize_t n = pread(descriptor, text, sizeof text - 1, 0);
    const char *line = text;

    memset(o, 0, sizeof *o);
    text[n > 0 ? n : 0] = '\0';
    for (size_t i = 0; i < N_LINES && line != NULL; i++) {
        take_word(line, line_of(o, i));
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
}

static bool write_owner(int descriptor, struct owner *o)
{
    char text[OWNER_SIZE];
    size_t used = 0;
    for (size_t i = 0; i < N_LINES; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\n", line_of(o, i));
    }
    return pwrite(descriptor, text, used, 0) == (ssize_t)used
           && ftruncate(descriptor, (off_t)used) == 0 && fsync(descriptor) == 0;
}

/* Whether the open file is the one that the path names: it may have been removed or replaced. */
static bool is_named(int descriptor, const char *path)
{
    struct stat open_one, named;
    return fstat(descriptor, &open_one) == 0 && lstat(path, &named) == 0
           && open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

/* Record locks: they end with the process and are not inherited by what it starts. */
/* \return TAKEN, HELD, or FAILED where the file system has no locks */
static enum outcome lock_in_kernel(int descriptor)
{
    struct flock whole;
    memset(&whole, 0, sizeof whole);
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (fcntl(descriptor, F_SETLK, &whole) == 0) {
        return TAKEN;
    }
    return errno == EACCES || errno == EAGAIN ? HELD : FAILED; /* ENOLCK, ENOSYS, EOPNOTSUPP ... */
}

static enum outcome fail(struct lock *l, struct status_why *why)
{
    const char *slash = strrchr(l->result, '/');
    const int length = slash == NULL ? 1 : (int)(slash - l->result) + (slash == l->result);
    const bool is_full = errno == ENOSPC || errno == EDQUOT || errno == EIO;
    (void)status_fail(why, is_full ? STATUS_IO : STATUS_INPUT,
                      "%s: cannot write into the folder %.*s: %s", l->result, length,
                      slash == NULL ? "." : l->result, strerror(errno));
    return FAILED;
}

/* Put a file of our own in the place of one whose owner has lapsed. Of several that do so at once
 * the last counts; each finds out by looking again. The new file also tells the time of the file
 * system, which the clocks of the computers need not agree with. */
static enum outcome take_over(struct lock *l, int old, struct status_why *why)
{
    char candidate[PATH_SIZE + 2 * WORD_SIZE + 2];
    struct stat mine, theirs;
    enum outcome found = HELD;
    (void)snprintf(candidate, sizeof candidate, "%s.%s.%s", l->path, l->self.host, l->self.pid);
    (void)unlink(candidate);
    const int made = open(candidate, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    if (made < 0 || !write_owner(made, &l->self) || fstat(made, &mine) != 0
        || fstat(old, &theirs) != 0) {
        found = fail(l, why);
    } else if (difftime(mine.st_mtim.tv_sec, theirs.st_mtim.tv_sec)
                   + 1e-9 * (double)(mine.st_mtim.tv_nsec - theirs.st_mtim.tv_nsec)
               >= l->terms.lapse_seconds) {
        (void)lock_in_kernel(made);
        if (rename(candidate, l->path) != 0) {
            found = fail(l, why);
        } else {
            sleep_seconds(settle_seconds);
            if (is_named(made, l->path)) {
                l->descriptor = made;
                return TAKEN;
            }
        }
    }
    if (made >= 0) {
        (void)unlink(candidate);
        (void)close(made);
    }
    return found;
}

/* Whether the process that locked the file in this kernel is the one that the file names: between
 * locking and writing it is not. */
static bool is_by(int descriptor, const struct owner *other)
{
    struct flock whole;
    memset(&whole, 0, sizeof whole);
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    return fcntl(descriptor, F_GETLK, &whole) != 0 || whole.l_type == F_UNLCK || whole.l_pid <= 0
           || strtol(other->pid, NULL, 10) == (long)whole.l_pid;
}

/* Decide over an open lock. \param [in] is_new  this process has made the file */
static enum outcome judge(struct lock *l, int descriptor, bool is_new, bool is_patient,
                          struct owner *other, struct status_why *why)
{
    const enum outcome kernel = l->terms.without_kernel ? FAILED : lock_in_kernel(descriptor);
    read_owner(descriptor, other);
    const bool is_empty = other->pid[0] == '\0', is_here = strcmp(other->boot, l->self.boot) == 0;
    if (!is_named(descriptor, l->path)) {
        return UNSETTLED;
    }
    if (kernel == HELD) {
        const bool is_settled = !is_empty && (!is_here || is_by(descriptor, other));
        return is_settled || !is_patient ? HELD : UNSETTLED;
    }
    if (is_empty && !is_new && is_patient) {
        return UNSETTLED;
    }
    if ((is_empty && is_new) || (kernel == TAKEN && (is_empty || is_here))) {
        l->descriptor = descriptor;
        return write_owner(descriptor, &l->self) ? TAKEN : fail(l, why);
    }
    return take_over(l, descriptor, why);
}

static enum outcome attempt(struct lock *l, bool *is_new, bool is_patient, struct owner *other,
                            struct status_why *why)
{
    int descriptor = open(l->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, MODE);
    *is_new = *is_new || descriptor >= 0;
    if (descriptor < 0 && errno == EEXIST) {
        descriptor = open(l->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    }
    if (descriptor < 0) {
        return errno == ENOENT && is_patient ? UNSETTLED : fail(l, why);
    }
    const enum outcome found = judge(l, descriptor, *is_new, is_patient, other, why);
    if (found == FAILED && l->descriptor == descriptor) {
        (void)unlink(l->path);
        l->descriptor = -1;
    }
    if (l->descriptor != descriptor) {
        (void)close(descriptor);
    }
    return found;
}

static enum status fail_busy(const struct lock *l, const struct owner *o, struct status_why *why)
{
    char hint[2 * WORD_SIZE] = "";
    if (l->terms.without_kernel || strcmp(o->boot, l->self.boot) != 0) {
        (void)snprintf(hint, sizeof hint, "; if that run was killed, its lock lapses after %g s",
                       l->terms.lapse_seconds);
    }
    return status_fail(why, STATUS_BUSY,
                       "another run is writing %s: pid %s on host %s%s%s since %s%s", l->result,
                       o->pid, o->host, o->job[0] != '\0' ? ", job " : "", o->job, o->since, hint);
}

/* Rank 0: try until the lock is ours, or is seen to be another's for as long as the terms wait. */
static enum status acquire(struct lock *l, struct status_why *why)
{
    struct owner other = {0};
    const double begun = now_seconds();
    bool is_new = false, said = false;
    double unsettled_since = begun;

    name_self(&l->self);
    for (;;) {
        const double now = now_seconds();
        const enum outcome found =
            attempt(l, &is_new, now - unsettled_since < patience_seconds, &other, why);
        if (found == TAKEN) {
            return STATUS_OK;
        }
        if (found == FAILED) {
            return why->code;
        }
        if (found == UNSETTLED) {
            sleep_seconds(unsettled_seconds);
            continue;
        }
        if (now - begun >= l->terms.wait_seconds) {
            return fail_busy(l, &other, why);
        }
        if (interrupt_requested()) {
            return status_fail(why, STATUS_CHECKPOINTED,
                               "%s: stopped while another run was writing it; run the same command "
                               "again",
                               l->result);
        }
        if (!said) {
            log_line(LOG_INFO, "waiting for the lock of %s held by pid=%s host=%s job=%s",
                     l->result, other.pid, other.host, other.job);
            said = true;
        }
        sleep_seconds(look_seconds < l->terms.lapse_seconds ? look_seconds
                                                            : l->terms.lapse_seconds / 2.0);
        unsettled_since = now_seconds();
    }
}

/* The thread that gives signs of life. It calls neither MPI nor malloc, so that a fork of the
 * process at any moment does no harm. */
static void *beat(void *context)
{
    struct lock *l = context;
    (void)pthread_mutex_lock(&l->mutex);
    while (!l->stops) {
        struct timespec next;
        (void)clock_gettime(CLOCK_REALTIME, &next);
        next.tv_sec += (time_t)l->terms.beat_seconds;
        next.tv_nsec += (long)(1e9 * (l->terms.beat_seconds - floor(l->terms.beat_seconds)));
        next.tv_sec += next.tv_nsec / 1000000000;
        next.tv_nsec %= 1000000000;
        if (pthread_cond_timedwait(&l->wake, &l->mutex, &next) == ETIMEDOUT) {
            (void)futimens(l->descriptor, NULL);
        }
    }
    (void)pthread_mutex_unlock(&l->mutex);
    return NULL;
}

/* Signals go to the thread of the program, whose handlers and waits count on them. */
static enum status start_beating(struct lock *l, struct status_why *why)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&l->thread, NULL, beat, l);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    l->is_beating = failed == 0;
    return failed == 0 ? STATUS_OK
                       : status_fail(why, STATUS_LIBRARY, "%s: cannot start a thread: %s", l->path,
                                     strerror(failed));
}

static void end(struct lock *l)
{
    if (l->is_beating) {
        (void)pthread_mutex_lock(&l->mutex);
        l->stops = true;
        (void)pthread_cond_signal(&l->wake);
        (void)pthread_mutex_unlock(&l->mutex);
        (void)pthread_join(l->thread, NULL);
    }
    if (l->descriptor >= 0) {
        if (is_named(l->descriptor, l->path)) {
            (void)unlink(l->path);
        }
        (void)close(l->descriptor);
    }
    (void)pthread_cond_destroy(&l->wake);
    (void)pthread_mutex_destroy(&l->mutex);
    free(l);
}

enum status lock_take(MPI_Comm comm, const char *path, const struct lock_terms *terms,
                      struct lock **made, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct lock *l = calloc(1, sizeof *l);

    *made = NULL;
    if (l == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%s: its lock", path);
    } else {
        l->comm = comm;
        l->descriptor = -1;
        l->terms = terms != NULL ? *terms : lock_default_terms();
        (void)pthread_mutex_init(&l->mutex, NULL);
        (void)pthread_cond_init(&l->wake, NULL);
        const int n = snprintf(l->path, sizeof l->path, "%s.lock", path);
        (void)snprintf(l->result, sizeof l->result, "%s", path);
        if (n < 0 || (size_t)n >= sizeof l->path) {
            st = status_fail(why, STATUS_INPUT, "the path of the result is too long: %s", path);
        } else if (team_rank(comm) == 0) {
            st = acquire(l, why);
            if (st == STATUS_OK) {
                st = start_beating(l, why);
            }
        }
    }
    st = team_agree(comm, st, why);
    if (st == STATUS_OK) {
        *made = l;
    } else if (l != NULL) {
        end(l);
    }
    return st;
}

enum status lock_check(struct lock *l, struct status_why *why)
{
    enum status st = STATUS_OK;
    if (l->descriptor >= 0 && !is_named(l->descriptor, l->path)) {
        st = status_fail(why, STATUS_BUSY,
                         "%s: another run has taken over, since this one gave no sign of life for "
                         "%g s; it leaves the result to the other",
                         l->result, l->terms.lapse_seconds);
    }
    return team_agree(l->comm, st, why);
}

void lock_release(struct lock *l)
{
    if (l != NULL) {
        team_meet(l->comm);
        end(l);
    }
}
