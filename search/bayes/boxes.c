#include "search/bayes/boxes.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { M = BOXES_MOST_OBJECTIVES };

/* Coordinates by their ranks: places in the order of (value, point). No two points have the same
 * rank in an objective, as the algorithm needs; boxes between equal values come out empty. */
struct ranked {
    size_t m, n;         /* the points that count */
    uint32_t (*rank)[M]; /* [n + m] 1 to n; then one corner for each objective, at the reference
                            (n + 1) in it and at minus infinity (0) in the others */
    uint32_t *place[M];  /* [n + 2] of a rank among the distinct coordinates */
};

/* A local upper bound: in objective j it is where its point defining[j] is. */
struct bound {
    uint32_t defining[M];
};

struct bounds {
    size_t n, room;
    struct bound *all;
};

static bool is_below(size_t m, const double x[], const double reference[])
{
    for (size_t j = 0; j < m; j++) {
        if (x[j] >= reference[j]) {
            return false;
        }
    }
    return true;
}

static bool is_no_worse(size_t m, const double a[], const double b[])
{
    for (size_t j = 0; j < m; j++) {
        if (a[j] > b[j]) {
            return false;
        }
    }
    return true;
}

/* Whether point i adds to the front: below the reference, and no other point is better, or equal
 * and earlier. */
static bool counts(size_t m, size_t n, const double points[], size_t i, const double reference[])
{
    const double *x = points + i * m;
    if (!is_below(m, x, reference)) {
        return false;
    }
    for (size_t k = 0; k < n; k++) {
        const double *other = points + k * m;
        if (k != i && is_no_worse(m, other, x) && (k < i || !is_no_worse(m, x, other))) {
            return false;
        }
    }
    return true;
}

struct coordinate {
    double value;
    uint32_t point;
};

static int coordinate_compare(const void *left, const void *right)
{
    const struct coordinate *a = left, *b = right;
    if (a->value != b->value) {
        return a->value < b->value ? -1 : 1;
    }
    return a->point < b->point ? -1 : 1;
}

/* Ranks and distinct coordinates of one objective. \param sorted [n] */
static void rank_objective(struct ranked *r, struct boxes *b, size_t j, double reference,
                           struct coordinate sorted[])
{
    qsort(sorted, r->n, sizeof *sorted, coordinate_compare);
    size_t n_at = 0;
    b->at[j][n_at++] = -(double)INFINITY;
    r->place[j][0] = 0;
    for (size_t k = 0; k < r->n; k++) {
        if (sorted[k].value > b->at[j][n_at - 1]) {
            b->at[j][n_at++] = sorted[k].value;
        }
        r->rank[sorted[k].point][j] = (uint32_t)k + 1;
        r->place[j][k + 1] = (uint32_t)n_at - 1;
    }
    b->at[j][n_at++] = reference;
    r->place[j][r->n + 1] = (uint32_t)n_at - 1;
    b->n_at[j] = n_at;
    for (size_t k = 0; k < r->m; k++) {
        r->rank[r->n + k][j] = k == j ? (uint32_t)r->n + 1 : 0;
    }
}

static void ranked_clear(struct ranked *r)
{
    free(r->rank);
    for (size_t j = 0; j < M; j++) {
        free(r->place[j]);
    }
    memset(r, 0, sizeof *r);
}

static enum status ranked_create(size_t m, size_t n, const double points[],
                                 const double reference[], struct ranked *r, struct boxes *b,
                                 struct status_why *why)
{
    enum status st = STATUS_OK;
    struct coordinate *sorted = malloc((n + 1) * sizeof *sorted);
    size_t *kept = calloc(n + 1, sizeof *kept);
    *r = (struct ranked){.m = m, .rank = malloc((n + m) * sizeof *r->rank)};
    bool is_room = sorted != NULL && kept != NULL && r->rank != NULL;
    for (size_t j = 0; j < m; j++) {
        r->place[j] = malloc((n + 2) * sizeof *r->place[j]);
        b->at[j] = malloc((n + 2) * sizeof *b->at[j]);
        is_room = is_room && r->place[j] != NULL && b->at[j] != NULL;
    }
    if (!is_room) {
        st = status_fail(why, STATUS_MEMORY, "boxes of a front: out of memory");
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        if (counts(m, n, points, i, reference)) {
            kept[r->n++] = i;
        }
    }
    for (size_t j = 0; j < m; j++) {
        for (size_t k = 0; k < r->n; k++) {
            sorted[k] = (struct coordinate){points[kept[k] * m + j], (uint32_t)k};
        }
        rank_objective(r, b, j, reference[j], sorted);
    }

out:
    free(sorted);
    free(kept);
    return st;
}

static enum status bounds_add(struct bounds *u, const struct bound *one, struct status_why *why)
{
    if (u->n == u->room) {
        const size_t room = 2 * u->room + 64;
        struct bound *grown = realloc(u->all, room * sizeof *grown);
        if (grown == NULL) {
            return status_fail(why, STATUS_MEMORY, "bounds of a front: out of memory");
        }
        u->all = grown;
        u->room = room;
    }
    u->all[u->n++] = *one;
    return STATUS_OK;
}

/* Greatest rank in objective j of the points that define a bound in the objectives of [0, end)
 * other than j. */
static uint32_t greatest(const struct ranked *r, const struct bound *u, size_t j, size_t end)
{
    uint32_t most = 0;
    for (size_t k = 0; k < end; k++) {
        const uint32_t rank = r->rank[u->defining[k]][j];
        most = k != j && rank > most ? rank : most;
    }
    return most;
}

/* Whether the point is strictly below the bound in every objective. */
static bool cuts(const struct ranked *r, uint32_t point, const struct bound *u)
{
    for (size_t j = 0; j < r->m; j++) {
        if (r->rank[point][j] >= r->rank[u->defining[j]][j]) {
            return false;
        }
    }
    return true;
}

/* A point that cuts a bound replaces it by up to m bounds, each brought down to the point in one
 * objective where the other points that define the bound leave room. */
static enum status bounds_cut(const struct ranked *r, uint32_t point, struct bounds *u,
                              struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t n_kept = 0;
    const size_t n = u->n;
    for (size_t i = 0; i < n; i++) {
        const struct bound old = u->all[i];
        if (!cuts(r, point, &old)) {
            u->all[n_kept++] = old;
            continue;
        }
        for (size_t j = 0; j < r->m; j++) {
            if (r->rank[point][j] > greatest(r, &old, j, r->m)) {
                struct bound lowered = old;
                lowered.defining[j] = point;
                STATUS_TRY(bounds_add(u, &lowered, why));
            }
        }
    }
    memmove(u->all + n_kept, u->all + n, (u->n - n) * sizeof *u->all);
    u->n -= n - n_kept;

out:
    return st;
}

/* The boxes of the bounds: along the first objective down to minus infinity, in each other one down
 * to where the points begin that define the bound in an earlier objective. */
static enum status boxes_fill(const struct ranked *r, const struct bounds *u, struct boxes *b,
                              struct status_why *why)
{
    b->sides = malloc((u->n + 1) * sizeof *b->sides);
    if (b->sides == NULL) {
        return status_fail(why, STATUS_MEMORY, "boxes of a front: out of memory");
    }
    for (size_t i = 0; i < u->n; i++) {
        const struct bound *bound = u->all + i;
        bool is_empty = false;
        for (size_t j = 0; j < r->m; j++) {
            const uint32_t lower = r->place[j][greatest(r, bound, j, j)];
            const uint32_t upper = r->place[j][r->rank[bound->defining[j]][j]];
            b->sides[b->n][j][0] = lower;
            b->sides[b->n][j][1] = upper;
            is_empty = is_empty || lower == upper;
        }
        b->n += is_empty ? 0 : 1;
    }
    return STATUS_OK;
}

enum status boxes_create(size_t m, size_t n, const double points[], const double reference[],
                         struct boxes *made, struct status_why *why)
{
    STATUS_ASSERT(m >= 1 && m <= BOXES_MOST_OBJECTIVES);
    enum status st = STATUS_OK;
    struct ranked r = {0};
    struct bounds u = {0};
    struct bound whole = {{0}};
    *made = (struct boxes){.m = m};
    STATUS_TRY(ranked_create(m, n, points, reference, &r, made, why));
    for (size_t j = 0; j < m; j++) {
        whole.defining[j] = (uint32_t)(r.n + j);
    }
    STATUS_TRY(bounds_add(&u, &whole, why));
    for (size_t i = 0; i < r.n; i++) {
        STATUS_TRY(bounds_cut(&r, (uint32_t)i, &u, why));
    }
    STATUS_TRY(boxes_fill(&r, &u, made, why));

out:
    free(u.all);
    ranked_clear(&r);
    return st;
}

void boxes_clear(struct boxes *b)
{
    for (size_t j = 0; j < M; j++) {
        free(b->at[j]);
    }
    free(b->sides);
    memset(b, 0, sizeof *b);
}
