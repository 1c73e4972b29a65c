#include "jobs/document.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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
    return document_put(object, name, json_string(text));
}

enum status document_write(const char *path, json_t *root, struct status_why *why)
{
    if (root == NULL) {
        return status_fail(why, STATUS_MEMORY, "%s: no memory", path);
    }
    const size_t flags = JSON_INDENT(2);
    int written;
    if (strcmp(path, "-") == 0) {
        written = json_dumpf(root, stdout, flags);
        escape_print("\n");
    } else {
        written = json_dump_file(root, path, flags);
    }
    json_decref(root);
    return written == 0 ? STATUS_OK : status_fail(why, STATUS_IO, "%s: cannot write", path);
}
