#include "inputs/text/bytes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/text/opened.h"
#include "solver/base/team.h"

/* Pipes have no length to ask for, so the block doubles until the end is found. */
static enum status read_all(FILE *f, const char *path, char **bytes, size_t *n,
                            struct status_why *why)
{
    enum { FIRST_BLOCK = 65536 };
    size_t room = FIRST_BLOCK;
    *n = 0;
    *bytes = malloc(room + 1);
    while (*bytes != NULL) {
        *n += fread(*bytes + *n, 1, room - *n, f);
        if (*n < room) {
            break;
        }
        if (room > BYTES_LIMIT) {
            return status_fail(why, STATUS_INPUT, "%s: larger than %d MB", path,
                               BYTES_LIMIT / (1024 * 1024));
        }
        room *= 2;
        char *more = realloc(*bytes, room + 1);
        if (more == NULL) {
            break;
        }
        *bytes = more;
    }
    if (*bytes == NULL || *n == room) {
        return status_fail(why, STATUS_MEMORY, "%s: %zu bytes", path, room);
    }
    if (ferror(f)) {
        return status_fail(why, STATUS_INPUT, "%s: cannot read: %s", path, strerror(errno));
    }
    (*bytes)[*n] = '\0';
    return STATUS_OK;
}

enum status bytes_read(MPI_Comm comm, const char *path, char **bytes, size_t *n,
                       struct status_why *why)
{
    enum status st = STATUS_OK;

    *bytes = NULL;
    *n = 0;
    if (team_rank(comm) == 0) {
        FILE *f = fopen(path, "rb");
        if (f == NULL) {
            st = status_fail(why, STATUS_INPUT, "%s: cannot open: %s", path, strerror(errno));
        } else {
            st = opened_note(path, why);
            st = st == STATUS_OK ? read_all(f, path, bytes, n, why) : st;
            (void)fclose(f); /* opened to read: nothing can be lost */
        }
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(team_broadcast(comm, bytes, n, why));
out:
    if (st != STATUS_OK) {
        free(*bytes);
        *bytes = NULL;
        *n = 0;
    }
    return st;
}
