#include "jobs/document.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/textfile.h"
#include "solver/base/escape.h"

bool document_put(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0;
}

bool document_put_number(json_t *object, const char *name, double value)
{
    return document_put(object, name, isfinite(value) ? json_real(value) : json_null());
}

bool document_put_text(json_t *object, const char *name, const char *text)
{
    json_t *string = json_string(text);
    if (string == NULL) { /* no UTF-8 */
        const size_t room = ESCAPE_ROOM(strlen(text));
        char *shown = malloc(room);
        string = shown != NULL ? json_string(escape_text(text, shown, room)) : NULL;
        free(shown);
    }
    return document_put(object, name, string);
}

/* A terminal gets no letters but ASCII, which stand for the same text and do nothing to it. */
static enum status dump(FILE *f, const void *context, struct status_why *why)
{
    const size_t flags = JSON_INDENT(2) | (f == stdout ? JSON_ENSURE_ASCII : 0);
    return json_dumpf(context, f, flags) == 0
               ? STATUS_OK
               : status_fail(why, STATUS_IO, "the JSON cannot be written");
}

enum status document_write(const char *path, json_t *root, struct status_why *why)
{
    if (root == NULL) {
        return status_fail(why, STATUS_MEMORY, "%s: no memory", path);
    }
    enum status st;
    if (strcmp(path, "-") == 0) {
        st = dump(stdout, root, why);
        escape_print("\n");
    } else {
        st = textfile_write(path, dump, root, why);
    }
    json_decref(root);
    return st;
}
