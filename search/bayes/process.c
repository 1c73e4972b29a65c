#define _GNU_SOURCE /* chdir and closefrom as actions of posix_spawn; affinity */
#include "search/bayes/process.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The watcher leads the group of the program, so the group is known, and watched, before the
 * program starts. It reads a line that never comes: at the end of its input, which is when this
 * process is gone, it ends its group, itself last. It is deaf to what asks the group to end, and so
 * is its sleep. */
static const char watcher[] = "trap '' HUP INT QUIT TERM USR1 USR2; read -r line; "
                              "kill -s TERM -- \"-$$\"; sleep \"$1\"; kill -s KILL -- \"-$$\"";

enum stage { STAGE_NONE, STAGE_RUNNING, STAGE_ASKED, STAGE_KILLED };

struct process {
    int socket;    /* to the watcher; -1: no program runs */
    pid_t watcher; /* leads the group: its number is the group's */
    pid_t program;
    enum stage stage;
    double deadline_seconds; /* of this stage; INFINITY: none */
    double grace_seconds;
    bool timed_out;
};

static double now_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

bool process_is_own(const char *setting)
{
    static const char *const prefixes[] = {
        "OMPI_APP_CTX_",
        "OMPI_ARGV",
        "OMPI_COMMAND",
        "OMPI_COMM_",
        "OMPI_FILE_LOCATION",
        "OMPI_FIRST_RANKS",
        "OMPI_NUM_APP_CTX",
        "OMPI_UNIVERSE_SIZE",
        "OMPI_MCA_ess",
        "OMPI_MCA_initial_",
        "OMPI_MCA_orte_",
        "OMPI_MCA_pmix",
        "OMPI_MCA_shmem_",
        "PMIX_",
        "PMI_",
        "PMI2_",
        "PRTE_",
        "HYDRA_",
        "MPI_LOCALNRANKS=",
        "MPI_LOCALRANKID=",
        "SLURM_CPU_BIND",
        "SLURM_DISTRIBUTION=",
        "SLURM_GTIDS=",
        "SLURM_LAUNCH_NODE_IPADDR=",
        "SLURM_LOCALID=",
        "SLURM_MPI_TYPE=",
        "SLURM_NODEID=",
        "SLURM_PMIX",
        "SLURM_PROCID=",
        "SLURM_SRUN_COMM_",
        "SLURM_STEP",
        "SLURM_TASK_PID=",
    };
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (strncmp(setting, prefixes[i], strlen(prefixes[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether one of the settings names the variable of \a inherited. */
static bool is_replaced(const char *inherited, size_t n, const char *const settings[])
{
    const size_t length = strcspn(inherited, "=") + 1;
    for (size_t i = 0; i < n; i++) {
        if (strncmp(inherited, settings[i], length) == 0) {
            return true;
        }
    }
    return false;
}

/* The environment of the program: one list that borrows its texts; the caller frees it. */
static const char **make_environment(size_t n, const char *const settings[])
{
    size_t n_all = n, used = 0;
    for (char **e = environ; *e != NULL; e++) {
        n_all++;
    }
    const char **all = malloc((n_all + 1) * sizeof *all);
    if (all != NULL) {
        for (char **e = environ; *e != NULL; e++) {
            if (!process_is_own(*e) && !is_replaced(*e, n, settings)) {
                all[used++] = *e;
            }
        }
        for (size_t i = 0; i < n; i++) {
            all[used++] = settings[i];
        }
        all[used] = NULL;
    }
    return all;
}

/* Where a process begins: its group, its folder and its three streams; nothing else is open in it.
 */
struct place {
    pid_t group;        /* 0: a new one, which the process leads */
    const char *folder; /* NULL: stays */
    int input;          /* a descriptor; -1: /dev/null */
    const char *output, *errors;
};

static int add_actions(posix_spawn_file_actions_t *actions, const struct place *s)
{
    const int flags = O_WRONLY | O_CREAT | O_TRUNC, mode = 0666;
    int error = s->folder != NULL ? posix_spawn_file_actions_addchdir_np(actions, s->folder) : 0;
    if (error == 0) {
        error = s->input >= 0 ? posix_spawn_file_actions_adddup2(actions, s->input, STDIN_FILENO)
                              : posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null",
                                                                 O_RDONLY, 0);
    }
    if (error == 0) {
        error = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, s->output, flags, mode);
    }
    if (error == 0) {
        error = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, s->errors, flags, mode);
    }
    return error == 0 ? posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1)
                      : error;
}

/* Its group; no signal blocked or ignored. */
static int set_attributes(posix_spawnattr_t *attributes, pid_t group)
{
    sigset_t all, none;
    (void)sigfillset(&all);
    (void)sigemptyset(&none);
    int error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF
                                                         | POSIX_SPAWN_SETSIGMASK);
    if (error == 0) {
        error = posix_spawnattr_setpgroup(attributes, group);
    }
    if (error == 0) {
        error = posix_spawnattr_setsigdefault(attributes, &all);
    }
    return error == 0 ? posix_spawnattr_setsigmask(attributes, &none) : error;
}

/* A list of texts as posix_spawn takes it: it changes none, but its history says otherwise. */
static char *const *as_taken(const char *const list[])
{
    char *const *taken;
    memcpy(&taken, &list, sizeof taken);
    return taken;
}

/* Start a process. \return 0 or an errno, also for a program that is not there */
static int spawn(const struct place *place, const char *const words[],
                 const char *const environment[], pid_t *made)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        return error;
    }
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        error = add_actions(&actions, place);
        if (error == 0) {
            error = set_attributes(&attributes, place->group);
        }
        if (error == 0) {
            error = posix_spawnp(made, words[0], &actions, &attributes, as_taken(words),
                                 as_taken(environment));
        }
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Start a process on all cores that this job has: mpiexec binds a rank, and what it starts, to one.
 */
static int spawn_unbound(const struct place *place, const char *const words[],
                         const char *const environment[], pid_t *made)
{
    cpu_set_t mine, all;
    const bool is_known = sched_getaffinity(0, sizeof mine, &mine) == 0;
    memset(&all, ~0, sizeof all);
    (void)sched_setaffinity(0, sizeof all, &all);
    const int error = spawn(place, words, environment, made);
    if (is_known) {
        (void)sched_setaffinity(0, sizeof mine, &mine);
    }
    return error;
}

/* \return 0 or an errno */
static int start_watcher(struct process *p, const char *const environment[])
{
    char grace[32];
    const char *const words[] = {"/bin/sh", "-c", watcher, "watcher", grace, NULL};
    int ends[2] = {-1, -1};
    (void)snprintf(grace, sizeof grace, "%.3f", p->grace_seconds);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return errno;
    }
    const struct place place = {0, NULL, ends[1], "/dev/null", "/dev/null"};
    const int error = spawn(&place, words, environment, &p->watcher);
    (void)close(ends[1]);
    if (error != 0) {
        (void)close(ends[0]);
        return error;
    }
    p->socket = ends[0];
    return 0;
}

enum status process_create(struct process **made, struct status_why *why)
{
    *made = calloc(1, sizeof **made);
    if (*made == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory to start programs");
    }
    (*made)->socket = -1;
    return STATUS_OK;
}

static void reap(pid_t child)
{
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
        continue;
    }
}

void process_destroy(struct process *p)
{
    if (p != NULL) {
        process_cancel(p);
        free(p);
    }
}

/* Kill what is left of the group, the watcher too, which is reaped last: until then nobody else can
 * have the number of the group. */
static void clear_group(struct process *p)
{
    (void)kill(-p->watcher, SIGKILL);
    if (p->program > 0) {
        reap(p->program);
    }
    reap(p->watcher);
    (void)close(p->socket);
    p->socket = -1;
    p->program = 0;
    p->stage = STAGE_NONE;
}

enum status process_begin(struct process *p, const struct process_options *o,
                          struct status_why *why)
{
    STATUS_ASSERT(p->stage == STAGE_NONE);
    const char **environment = make_environment(o->n_settings, o->settings);
    if (environment == NULL) {
        return status_fail(why, STATUS_MEMORY, "%s: no memory to start it", o->words[0]);
    }
    p->grace_seconds = o->grace_seconds;
    p->timed_out = false;
    int error = start_watcher(p, environment);
    if (error != 0) {
        free(environment);
        return status_fail(why, STATUS_LIBRARY, "/bin/sh: cannot start: %s", strerror(error));
    }
    const struct place place = {p->watcher, o->folder, -1, o->output, o->errors};
    error = spawn_unbound(&place, o->words, environment, &p->program);
    free(environment);
    if (error != 0) {
        p->program = 0;
        clear_group(p);
        return status_fail(why, STATUS_INPUT, "%s: cannot run it in %s: %s", o->words[0], o->folder,
                           strerror(error));
    }
    p->stage = STAGE_RUNNING;
    p->deadline_seconds =
        o->timeout_seconds > 0.0 ? now_seconds() + o->timeout_seconds : (double)INFINITY;
    return STATUS_OK;
}

static void ask_to_end(struct process *p)
{
    (void)kill(-p->watcher, SIGTERM);
    p->stage = STAGE_ASKED;
    p->deadline_seconds = now_seconds() + p->grace_seconds;
}

/* What is due at this time. */
static void press(struct process *p)
{
    if (now_seconds() < p->deadline_seconds) {
        return;
    }
    if (p->stage == STAGE_RUNNING) {
        p->timed_out = true;
        ask_to_end(p);
    } else if (p->stage == STAGE_ASKED) {
        (void)kill(-p->watcher, SIGKILL);
        p->stage = STAGE_KILLED;
        p->deadline_seconds = (double)INFINITY;
    }
}

bool process_ended(struct process *p, struct process_end *end)
{
    siginfo_t info;
    STATUS_ASSERT(p->stage != STAGE_NONE);
    memset(&info, 0, sizeof info);
    if (waitid(P_PID, (id_t)p->program, &info, WEXITED | WNOHANG | WNOWAIT) != 0
        || info.si_pid == 0) {
        press(p);
        return false;
    }
    clear_group(p);
    const bool is_exit = info.si_code == CLD_EXITED;
    *end = (struct process_end){p->timed_out, is_exit ? info.si_status : -1,
                                is_exit ? 0 : info.si_status};
    return true;
}

void process_cancel(struct process *p)
{
    static const struct timespec pause = {0, 2000000};
    struct process_end ignored;
    if (p->stage == STAGE_NONE) {
        return;
    }
    if (p->stage == STAGE_RUNNING) {
        ask_to_end(p);
    }
    while (!process_ended(p, &ignored)) {
        (void)nanosleep(&pause, NULL);
    }
}
