#include "search/bayes/outcomes.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longest value that messages show. */
enum { SHOWN = 48 };

/* What is known of the names. */
struct reader {
    const char *from;
    size_t n_names;
    const char *const *names;
    double *values; /* [n_names] NAN: none, or not one */
    size_t line;    /* counted from 1; 0: all of the text */
    bool is_garbled;
    size_t garbled; /* name whose last value is none */
    char where[32], shown[SHOWN + 4];
    char broken[JSON_ERROR_TEXT_LENGTH + 40]; /* the first line that looks like JSON and is not */
};

/* A value of a name: a number when it is one to its end. */
static void take(struct reader *r, size_t name, const char *text, size_t n)
{
    char number[SHOWN + 1], *end = number;
    (void)snprintf(number, sizeof number, "%.*s", (int)(n < SHOWN ? n : SHOWN), text);
    const double value = strtod(number, &end);
    if (n > 0 && n < SHOWN && *end == '\0' && isfinite(value)) {
        r->values[name] = value;
        r->is_garbled = r->is_garbled && r->garbled != name;
        return;
    }
    r->values[name] = (double)NAN;
    r->is_garbled = true;
    r->garbled = name;
    (void)snprintf(r->shown, sizeof r->shown, "%s%s", n > 0 ? number : "empty",
                   n > SHOWN ? "..." : "");
    r->where[0] = '\0';
    if (r->line > 0) {
        (void)snprintf(r->where, sizeof r->where, ":%zu", r->line);
    }
}

/* Whether the text is a JSON object; its members are taken then. */
static bool take_object(struct reader *r, const char *text, size_t n)
{
    json_error_t error;
    json_t *object = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    const bool is_object = json_is_object(object);
    for (size_t i = 0; is_object && i < r->n_names; i++) {
        json_t *member = json_object_get(object, r->names[i]);
        if (json_is_number(member)) {
            char number[SHOWN];
            (void)snprintf(number, sizeof number, "%.17g", json_number_value(member));
            take(r, i, number, strlen(number));
        } else if (json_is_string(member)) {
            take(r, i, json_string_value(member), json_string_length(member));
        } else if (member != NULL) {
            const char *const word = json_is_null(member)      ? "null"
                                     : json_is_boolean(member) ? "a truth value"
                                     : json_is_array(member)   ? "a list"
                                                               : "an object";
            take(r, i, word, strlen(word));
        }
    }
    if (object == NULL && r->line > 0 && r->broken[0] == '\0') {
        (void)snprintf(r->broken, sizeof r->broken, "; line %zu is no JSON: %s", r->line,
                       error.text);
    }
    json_decref(object);
    return is_object;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* `name = value` or `name: value`, of a name that is wanted. */
static void take_line(struct reader *r, const char *line, size_t n)
{
    while (n > 0 && is_blank(*line)) {
        line++;
        n--;
    }
    while (n > 0 && is_blank(line[n - 1])) {
        n--;
    }
    if (n > 0 && *line == '{') {
        (void)take_object(r, line, n);
        return;
    }
    size_t at = 0;
    while (at < n && line[at] != '=' && line[at] != ':') {
        at++;
    }
    size_t length = at;
    while (length > 0 && is_blank(line[length - 1])) {
        length--;
    }
    size_t begin = at + 1;
    while (begin < n && is_blank(line[begin])) {
        begin++;
    }
    for (size_t i = 0; at < n && i < r->n_names; i++) {
        if (strlen(r->names[i]) == length && memcmp(r->names[i], line, length) == 0) {
            take(r, i, line + begin, n > begin ? n - begin : 0);
        }
    }
}

static void take_lines(struct reader *r, const char *text, size_t n)
{
    for (size_t at = 0; at < n;) {
        const char *end = memchr(text + at, '\n', n - at);
        const size_t length = end != NULL ? (size_t)(end - text) - at : n - at;
        r->line++;
        take_line(r, text + at, length);
        at += length + 1;
    }
}

enum status outcomes_read(const char *from, const char *text, size_t n, size_t n_names,
                          const char *const names[], double values[], struct status_why *why)
{
    struct reader r = {.from = from, .n_names = n_names, .names = names, .values = values};
    for (size_t i = 0; i < n_names; i++) {
        values[i] = (double)NAN;
    }
    if (!take_object(&r, text, n)) {
        take_lines(&r, text, n);
    }
    if (r.is_garbled) {
        return status_fail(why, STATUS_INPUT, "%s%s: %s: %s: expected a finite number", from,
                           r.where, names[r.garbled], r.shown);
    }
    for (size_t i = 0; i < n_names; i++) {
        if (isnan(values[i])) {
            return status_fail(why, STATUS_INPUT, "%s: no value of %s%s", from, names[i], r.broken);
        }
    }
    return STATUS_OK;
}
