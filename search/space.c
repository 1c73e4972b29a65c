#define _POSIX_C_SOURCE 200809L
#include "search/space.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/vmath.h"

/* The most configurations of a space: leaves room in 64 bits for products and sums of indices. */
static const uint64_t most_configurations = 1000000000000000000U;

void space_init(struct space *s)
{
    memset(s, 0, sizeof *s);
}

static void axis_clear(struct space_axis *a)
{
    for (size_t i = 0; a->labels != NULL && i < a->n; i++) {
        free(a->labels[i]);
    }
    free(a->labels);
    free(a->values);
    memset(a, 0, sizeof *a);
}

void space_clear(struct space *s)
{
    for (size_t a = 0; a < s->n_axes; a++) {
        axis_clear(&s->axes[a]);
    }
    space_init(s);
}

/* Deep copy; on failure \a to holds what was made so far and is to be cleared. */
static enum status axis_copy(const struct space_axis *from, struct space_axis *to,
                             struct status_why *why)
{
    *to = *from;
    to->labels = NULL;
    to->values = malloc(from->n * sizeof *to->values);
    if (to->values == NULL) {
        return status_fail(why, STATUS_MEMORY, "axis %s: %zu levels", from->name, from->n);
    }
    memcpy(to->values, from->values, from->n * sizeof *to->values);
    if (from->labels == NULL) {
        return STATUS_OK;
    }
    to->labels = calloc(from->n, sizeof *to->labels);
    for (size_t i = 0; to->labels != NULL && i < from->n; i++) {
        to->labels[i] = strdup(from->labels[i]);
        if (to->labels[i] == NULL) {
            return status_fail(why, STATUS_MEMORY, "axis %s: label %zu", from->name, i);
        }
    }
    return to->labels != NULL
               ? STATUS_OK
               : status_fail(why, STATUS_MEMORY, "axis %s: %zu labels", from->name, from->n);
}

static enum status axis_check(const struct space *s, const struct space_axis *axis,
                              struct status_why *why)
{
    if (axis->n == 0) {
        return status_fail(why, STATUS_INPUT, "axis %s: has no level; give at least one",
                           axis->name);
    }
    if (s->n_axes == SPACE_MAX_AXES) {
        return status_fail(why, STATUS_INPUT, "axis %s: more than %d axes", axis->name,
                           SPACE_MAX_AXES);
    }
    for (size_t a = 0; a < s->n_axes; a++) {
        if (strcmp(s->axes[a].name, axis->name) == 0) {
            return status_fail(why, STATUS_INPUT, "axis %s: given twice", axis->name);
        }
    }
    if (axis->n > most_configurations / space_size(s)) {
        return status_fail(why, STATUS_INPUT,
                           "axis %s: its %zu levels make more than 1e18 configurations", axis->name,
                           axis->n);
    }
    return STATUS_OK;
}

enum status space_add(struct space *s, const struct space_axis *axis, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct space_axis copy = {0};

    STATUS_ASSERT(axis->name[0] != '\0' && (axis->n == 0 || axis->values != NULL));
    STATUS_TRY(axis_check(s, axis, why));
    STATUS_TRY(axis_copy(axis, &copy, why));
    size_t at = s->n_axes;
    while (axis->role == SPACE_SCENARIO && at > 0 && s->axes[at - 1].role == SPACE_DECISION) {
        at--;
    }
    memmove(&s->axes[at + 1], &s->axes[at], (s->n_axes - at) * sizeof s->axes[0]);
    s->axes[at] = copy;
    s->n_axes++;
out:
    if (st != STATUS_OK) {
        axis_clear(&copy);
    }
    return st;
}

void space_linear(double from, double to, size_t n, double values[])
{
    STATUS_ASSERT(n >= 1);
    for (size_t i = 1; i + 1 < n; i++) {
        /* Multiplied before it is divided, so that whole steps give whole numbers. */
        values[i] = from + (to - from) * (double)i / (double)(n - 1);
    }
    values[n - 1] = to;
    values[0] = from;
}

void space_log(double from, double to, size_t n, double values[])
{
    STATUS_ASSERT(from > 0 && to > 0);
    space_linear(vmath_log1(from), vmath_log1(to), n, values);
    for (size_t i = 1; i + 1 < n; i++) {
        values[i] = vmath_exp1(values[i]);
    }
    values[n - 1] = to; /* exactly, not through two roundings */
    values[0] = from;
}

/* Product of the numbers of levels of the axes of \a role. */
static uint64_t product(const struct space *s, enum space_role role)
{
    uint64_t n = 1;
    for (size_t a = 0; a < s->n_axes; a++) {
        n *= s->axes[a].role == role ? (uint64_t)s->axes[a].n : 1;
    }
    return n;
}

uint64_t space_n_scenarios(const struct space *s)
{
    return product(s, SPACE_SCENARIO);
}

uint64_t space_n_decisions(const struct space *s)
{
    return product(s, SPACE_DECISION);
}

uint64_t space_size(const struct space *s)
{
    return space_n_scenarios(s) * space_n_decisions(s);
}

void space_levels(const struct space *s, uint64_t configuration, size_t levels[])
{
    STATUS_ASSERT(configuration < space_size(s));
    for (size_t a = s->n_axes; a-- > 0;) {
        levels[a] = (size_t)(configuration % s->axes[a].n);
        configuration /= s->axes[a].n;
    }
}

void space_describe(const struct space *s, uint64_t configuration, size_t size, char text[])
{
    size_t levels[SPACE_MAX_AXES] = {0};
    size_t used = 0;

    STATUS_ASSERT(size > 0);
    text[0] = '\0';
    space_levels(s, configuration, levels);
    for (size_t a = 0; a < s->n_axes && used < size; a++) {
        const struct space_axis *axis = &s->axes[a];
        const char *between = a > 0 ? ", " : "";
        const int n = axis->labels != NULL ? snprintf(text + used, size - used, "%s%s=%s", between,
                                                      axis->name, axis->labels[levels[a]])
                                           : snprintf(text + used, size - used, "%s%s=%.6g",
                                                      between, axis->name, axis->values[levels[a]]);
        STATUS_ASSERT(n >= 0);
        used += (size_t)n;
    }
}
