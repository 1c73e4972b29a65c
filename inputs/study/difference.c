#include "inputs/study/difference.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { KEY_SIZE = 128, VALUE_SIZE = 1024 };

/* A walk over the lines of a text: sections at the margin, their keys below. */
struct walk {
    const char *at;
    char section[KEY_SIZE], key[2 * KEY_SIZE], value[VALUE_SIZE];
};

/* Go to the next key that has a value. \return false at the end */
static bool next_key(struct walk *w)
{
    while (*w->at != '\0') {
        const char *line = w->at;
        const size_t length = strcspn(line, "\n"), margin = strspn(line, " ");
        const char *colon = memchr(line, ':', length);
        w->at = line + length + (line[length] == '\n');
        if (colon == NULL || colon < line + margin) {
            continue;
        }
        const int n_key = (int)(colon - line - (int)margin);
        const char *value = colon + 1 + strspn(colon + 1, " ");
        const int n_value = value < line + length ? (int)(line + length - value) : 0;
        if (margin == 0) {
            (void)snprintf(w->section, sizeof w->section, "%.*s", n_key, line);
            (void)snprintf(w->key, sizeof w->key, "%s", w->section);
        } else {
            (void)snprintf(w->key, sizeof w->key, "%s.%.*s", w->section, n_key, line + margin);
        }
        if (n_value > 0) {
            (void)snprintf(w->value, sizeof w->value, "%.*s", n_value, value);
            return true;
        }
    }
    return false;
}

static bool find_key(const char *text, const char *key, struct walk *found)
{
    *found = (struct walk){.at = text};
    while (next_key(found)) {
        if (strcmp(found->key, key) == 0) {
            return true;
        }
    }
    return false;
}

/* Name the keys of one text that the other has not or, for \a both, with another value. */
static void add_keys(const char *of, const char *other, bool both, char text[], size_t size)
{
    enum { MOST_SHOWN = 40 };
    struct walk w = {.at = of};
    while (next_key(&w)) {
        struct walk found;
        const bool is_there = find_key(other, w.key, &found);
        const size_t used = strlen(text);
        const char *comma = used > 0 ? ", " : "";
        if (!is_there) {
            (void)snprintf(text + used, size - used, "%s%s (%s)", comma, w.key,
                           both ? "no longer said" : "not said before");
        } else if (both && strcmp(found.value, w.value) != 0) {
            (void)snprintf(text + used, size - used, "%s%s (%.*s, now %.*s)", comma, w.key,
                           MOST_SHOWN, w.value, MOST_SHOWN, found.value);
        }
    }
}

void difference_keys(const char *before, const char *now, char text[], size_t size)
{
    text[0] = '\0';
    add_keys(before, now, true, text, size);
    add_keys(now, before, false, text, size);
}
