#include "search/front/sweep.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "search/front/boxtree.h"
#include "search/front/rows.h"

/* New points wait in a window, each in the place of one that it makes superfluous if there is one:
 * where few points are least at a time, as along a few staircases, the window holds them all. When
 * it is full they move into a tree of up to 1,024 points, from there into one of up to eight times
 * as many, and so on: a point is built into few trees, and few trees are asked. */
enum { WINDOW = 128, LEAST_ROOM = 1024, GROWTH = 8, N_LEVELS = 10 };

struct level {
    struct rows rows; /* in the order of the tree, indices all 0: a point that equals one goes */
    struct boxtree tree;
};

struct sweep {
    size_t n_compared, m; /* m: at least one, a zero where nothing is compared */
    size_t n_window;
    double window[WINDOW * DOMINANCE_MAX_OBJECTIVES];
    struct level levels[N_LEVELS];
};

enum status sweep_create(size_t n, struct sweep **made, struct status_why *why)
{
    STATUS_ASSERT(n <= DOMINANCE_MAX_OBJECTIVES);
    struct sweep *s = *made = calloc(1, sizeof *s);
    if (s == NULL) {
        return status_fail(why, STATUS_MEMORY, "frontier: %zu bytes", sizeof *s);
    }
    s->n_compared = n;
    s->m = n > 0 ? n : 1;
    for (size_t k = 0; k < N_LEVELS; k++) {
        boxtree_init(&s->levels[k].tree);
    }
    return STATUS_OK;
}

void sweep_destroy(struct sweep *s)
{
    for (size_t k = 0; s != NULL && k < N_LEVELS; k++) {
        boxtree_clear(&s->levels[k].tree);
        free(s->levels[k].rows.x);
        free(s->levels[k].rows.indices);
    }
    free(s);
}

void sweep_restart(struct sweep *s)
{
    s->n_window = 0;
    for (size_t k = 0; k < N_LEVELS; k++) {
        s->levels[k].rows.n = 0;
    }
}

/* The point as it is compared. */
static const double *compared(const struct sweep *s, const double point[])
{
    static const double nothing[1] = {0.0};
    return s->n_compared > 0 ? point : nothing;
}

bool sweep_removes(const struct sweep *s, const double point[])
{
    const double *x = compared(s, point);
    size_t equal;
    if (dominance_scan(s->m, s->n_window, s->window, x) != DOMINANCE_NONE) {
        return true;
    }
    for (size_t k = 0; k < N_LEVELS; k++) {
        if (s->levels[k].rows.n > 0
            && boxtree_query(&s->levels[k].tree, x, 1, &equal) != DOMINANCE_NONE) {
            return true;
        }
    }
    return false;
}

/* Drop the points of a level that others of it dominate, and build its tree. */
static enum status settle(struct sweep *s, struct level *l, struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t n_kept = 0, equal;
    memset(l->rows.indices, 0, l->rows.n * sizeof *l->rows.indices);
    STATUS_TRY(boxtree_build(&l->tree, s->m, l->rows.n, l->rows.x, l->rows.indices, why));
    for (size_t i = 0; i < l->rows.n; i++) { /* the tree has copies */
        const double *x = l->rows.x + i * s->m;
        if (boxtree_query(&l->tree, x, 0, &equal) == DOMINANCE_NONE) {
            memmove(l->rows.x + n_kept++ * s->m, x, s->m * sizeof *x);
        }
    }
    if (n_kept < l->rows.n) {
        l->rows.n = n_kept;
        STATUS_TRY(boxtree_build(&l->tree, s->m, l->rows.n, l->rows.x, l->rows.indices, why));
    }
out:
    return st;
}

/* Append the points of one level to another, and empty it. */
static enum status pour(struct sweep *s, struct level *from, struct level *to,
                        struct status_why *why)
{
    enum status st = STATUS_OK;
    STATUS_TRY(rows_reserve(s->m, to->rows.n + from->rows.n, &to->rows, why));
    memcpy(to->rows.x + to->rows.n * s->m, from->rows.x, from->rows.n * s->m * sizeof *to->rows.x);
    to->rows.n += from->rows.n;
    from->rows.n = 0;
    STATUS_TRY(settle(s, to, why));
out:
    return st;
}

static void read_window(const struct sweep *s, size_t i, double point[])
{
    for (size_t j = 0; j < s->m; j++) {
        point[j] =
            s->window[(i / DOMINANCE_LANES * s->m + j) * DOMINANCE_LANES + i % DOMINANCE_LANES];
    }
}

static enum status flush(struct sweep *s, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct level *first = &s->levels[0];
    STATUS_TRY(rows_reserve(s->m, first->rows.n + s->n_window, &first->rows, why));
    for (size_t i = 0; i < s->n_window; i++) {
        read_window(s, i, first->rows.x + first->rows.n++ * s->m);
    }
    s->n_window = 0;
    STATUS_TRY(settle(s, first, why));
    for (size_t k = 0, room = LEAST_ROOM; k + 1 < N_LEVELS && s->levels[k].rows.n > room - WINDOW;
         k++, room *= GROWTH) {
        STATUS_TRY(pour(s, &s->levels[k], &s->levels[k + 1], why));
    }
out:
    return st;
}

enum status sweep_add(struct sweep *s, const double point[], struct status_why *why)
{
    const double *x = compared(s, point);
    const size_t at = dominance_find_covered(s->m, s->n_window, s->window, x);
    if (at == WINDOW) {
        const enum status st = flush(s, why);
        if (st != STATUS_OK) {
            return st;
        }
    }
    dominance_place(s->m, at < s->n_window ? at : s->n_window++, x, s->window);
    return STATUS_OK;
}

enum status sweep_points(const struct sweep *s, double **points, size_t *n_points,
                         struct status_why *why)
{
    size_t n = s->n_window, at = 0;
    for (size_t k = 0; k < N_LEVELS; k++) {
        n += s->levels[k].rows.n;
    }
    *points = malloc((n + 1) * s->m * sizeof **points);
    *n_points = n;
    if (*points == NULL) {
        return status_fail(why, STATUS_MEMORY, "frontier: %zu points", n);
    }
    for (size_t k = 0; k < N_LEVELS; k++) {
        const struct level *l = &s->levels[k];
        if (l->rows.n > 0) {
            memcpy(*points + at * s->m, l->rows.x, l->rows.n * s->m * sizeof *l->rows.x);
        }
        at += l->rows.n;
    }
    for (size_t i = 0; i < s->n_window; i++) {
        read_window(s, i, *points + at++ * s->m);
    }
    return STATUS_OK;
}
