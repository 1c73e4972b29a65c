#define _POSIX_C_SOURCE 200809L
#include "inputs/text/opened.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One per process, as the files themselves are. */
static struct {
    size_t n, room;
    struct noted {
        dev_t device;
        ino_t inode;
        char *path;
    } * all; /* [room], paths are owned */
} opened;

static const struct noted *find(const struct stat *of)
{
    for (size_t i = 0; i < opened.n; i++) {
        if (opened.all[i].device == of->st_dev && opened.all[i].inode == of->st_ino) {
            return &opened.all[i];
        }
    }
    return NULL;
}

enum status opened_note(const char *path, struct status_why *why)
{
    enum { FIRST = 16 };
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode) || find(&info) != NULL) {
        return STATUS_OK;
    }
    if (opened.n == opened.room) {
        const size_t room = opened.room > 0 ? 2 * opened.room : FIRST;
        struct noted *more = realloc(opened.all, room * sizeof *more);
        if (more == NULL) {
            return status_fail(why, STATUS_MEMORY, "%s: no memory", path);
        }
        opened.all = more;
        opened.room = room;
    }
    struct noted *made = &opened.all[opened.n];
    *made = (struct noted){info.st_dev, info.st_ino, strdup(path)};
    if (made->path == NULL) {
        return status_fail(why, STATUS_MEMORY, "%s: no memory", path);
    }
    opened.n++;
    return STATUS_OK;
}

enum status opened_check_output(const char *path, struct status_why *why)
{
    struct stat info;
    const struct noted *input = stat(path, &info) == 0 ? find(&info) : NULL;
    return input == NULL
               ? STATUS_OK
               : status_fail(why, STATUS_INPUT,
                             "%s: is the input %s, which it would replace; name another output",
                             path, input->path);
}

void opened_clear(void)
{
    for (size_t i = 0; i < opened.n; i++) {
        free(opened.all[i].path);
    }
    free(opened.all);
    opened.all = NULL;
    opened.n = opened.room = 0;
}
