#define _POSIX_C_SOURCE 200809L
#include "jobs/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum status textfile_check(const char *path, bool force, struct status_why *why)
{
    return !force && access(path, F_OK) == 0
               ? status_fail(why, STATUS_INPUT, "%s: exists; --force replaces it", path)
               : STATUS_OK;
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

enum status textfile_write(const char *path,
                           enum status (*write)(FILE *f, const void *context,
                                                struct status_why *why),
                           const void *context, struct status_why *why)
{
    char temporary[1100];
    (void)snprintf(temporary, sizeof temporary, "%s.part", path);
    FILE *f = textfile_create(temporary);
    if (f == NULL) {
        return status_fail(why, STATUS_INPUT, "%s: cannot write: %s", path, strerror(errno));
    }
    enum status st = write(f, context, why);
    const int failed = ferror(f) != 0 || fflush(f) != 0 || fsync(fileno(f)) != 0;
    if ((fclose(f) != 0 || failed) && st == STATUS_OK) {
        st = status_fail(why, STATUS_IO, "%s: cannot write", path);
    }
    if (st == STATUS_OK && rename(temporary, path) != 0) {
        st = status_fail(why, STATUS_IO, "%s: cannot rename: %s", path, strerror(errno));
    }
    if (st != STATUS_OK) {
        (void)remove(temporary);
    }
    return st;
}
