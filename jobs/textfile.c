#define _POSIX_C_SOURCE 200809L
#include "jobs/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inputs/lock.h"
#include "inputs/text/opened.h"
#include "solver/base/team.h"

/* The descriptor that a name stands for, which may well be of a regular file that the shell has
 * opened: its place in the file is shared with what is printed. -1: it is the name of a file. */
static int stream_of(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    static const char *const names[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
    enum { MOST_DIGITS = 4 };
    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++) {
        if (strcmp(path, names[i]) == 0) {
            return i;
        }
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *digits = path + strlen(folders[i]);
        if (strncmp(path, folders[i], strlen(folders[i])) == 0) {
            const size_t n = strlen(digits);
            const bool is_number = n > 0 && n <= MOST_DIGITS && strspn(digits, "0123456789") == n;
            return is_number ? (int)strtol(digits, NULL, 10) : -1;
        }
    }
    return -1;
}

enum status textfile_check(const char *path, bool force, struct status_why *why)
{
    struct stat info;
    if (stream_of(path) >= 0 || stat(path, &info) != 0) {
        return STATUS_OK;
    }
    if (S_ISDIR(info.st_mode)) {
        return status_fail(why, STATUS_INPUT, "%s: is a folder; expected the name of a file", path);
    }
    const enum status st = opened_check_output(path, why);
    return st == STATUS_OK && S_ISREG(info.st_mode) && !force
               ? status_fail(why, STATUS_INPUT, "%s: exists; --force replaces it", path)
               : st;
}

enum status textfile_check_all(MPI_Comm comm, const struct job_arguments *arguments,
                               const char *path, struct status_why *why)
{
    const char *const json = arguments->json;
    const char *const paths[] = {path, arguments->csv,
                                 json != NULL && strcmp(json, "-") == 0 ? NULL : json};
    enum status st = STATUS_OK;
    for (size_t i = 0; team_rank(comm) == 0 && i < sizeof paths / sizeof *paths; i++) {
        if (st == STATUS_OK && paths[i] != NULL) {
            st = textfile_check(paths[i], arguments->force, why);
        }
    }
    return team_agree(comm, st, why);
}

FILE *textfile_create(const char *path)
{
    enum { MODE = 0666 };
    if (unlink(path) != 0 && errno != ENOENT) {
        return NULL;
    }
    const int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);
    FILE *f = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (f == NULL && descriptor >= 0) {
        (void)close(descriptor);
    }
    return f;
}

/* Write to what is no file: there is nothing to rename, and nothing to undo. */
static enum status write_through(const char *path,
                                 enum status (*write)(FILE *f, const void *context,
                                                      struct status_why *why),
                                 const void *context, struct status_why *why)
{
    (void)fflush(stdout); /* which may be the same stream */
    const int stream = stream_of(path);
    const int descriptor = stream >= 0 ? dup(stream) : open(path, O_WRONLY | O_CLOEXEC);
    FILE *f = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (f == NULL) {
        if (descriptor >= 0) {
            (void)close(descriptor);
        }
        return status_fail(why, STATUS_INPUT, "%s: cannot write: %s", path, strerror(errno));
    }
    const enum status st = write(f, context, why);
    const bool failed = ferror(f) != 0;
    if (fclose(f) != 0 || failed) {
        return status_fail(why, STATUS_IO, "%s: cannot write", path);
    }
    return st;
}

enum status textfile_write(const char *path,
                           enum status (*write)(FILE *f, const void *context,
                                                struct status_why *why),
                           const void *context, struct status_why *why)
{
    char temporary[4096 + 8];
    struct stat info;
    struct lock *lock = NULL;
    if (stream_of(path) >= 0 || (stat(path, &info) == 0 && !S_ISREG(info.st_mode))) {
        return write_through(path, write, context, why);
    }
    enum status st = opened_check_output(path, why); /* also what was opened since the check */
    if (st != STATUS_OK) {
        return st;
    }
    if ((size_t)snprintf(temporary, sizeof temporary, "%s.part", path) >= sizeof temporary) {
        return status_fail(why, STATUS_INPUT, "%.200s...: the path is too long", path);
    }
    st = lock_take(MPI_COMM_SELF, path, NULL, &lock, why);
    if (st != STATUS_OK) {
        return st;
    }
    FILE *f = textfile_create(temporary);
    if (f == NULL) {
        lock_release(lock);
        return status_fail(why, STATUS_INPUT, "%s: cannot write: %s", path, strerror(errno));
    }
    st = write(f, context, why);
    const int failed = ferror(f) != 0 || fflush(f) != 0 || fsync(fileno(f)) != 0;
    if ((fclose(f) != 0 || failed) && st == STATUS_OK) {
        st = status_fail(why, STATUS_IO, "%s: cannot write", path);
    }
    if (st == STATUS_OK && rename(temporary, path) != 0) {
        st = status_fail(why, STATUS_IO, "%s: cannot rename: %s", path, strerror(errno));
    }
    if (st != STATUS_OK) {
        (void)unlink(temporary);
    }
    lock_release(lock);
    return st == STATUS_OK ? opened_note(path, why) : st; /* one file takes one output */
}
