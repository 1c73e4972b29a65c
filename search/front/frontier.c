#define _POSIX_C_SOURCE 200809L
#include "search/front/frontier.h"

#include <stdlib.h>
#include <string.h>

#include "search/front/boxtree.h"
#include "solver/base/team.h"

/* Points of one or all ranks, objectives minimised. */
struct rows {
    size_t n;
    uint64_t *indices; /* [n] */
    double *x;         /* [n][m] */
};

static void rows_clear(struct rows *r)
{
    free(r->indices);
    free(r->x);
    memset(r, 0, sizeof *r);
}

static enum status rows_create(size_t m, size_t n, struct rows *r, struct status_why *why)
{
    r->n = n;
    r->indices = malloc((n > 0 ? n : 1) * sizeof *r->indices);
    r->x = malloc((n > 0 ? n : 1) * m * sizeof *r->x);
    return r->indices != NULL && r->x != NULL
               ? STATUS_OK
               : status_fail(why, STATUS_MEMORY, "frontier: %zu rows", n);
}

static void rows_copy(size_t m, const struct rows *from, size_t i, struct rows *to, size_t k)
{
    to->indices[k] = from->indices[i];
    memmove(to->x + k * m, from->x + i * m,
            m * sizeof *to->x); /* a row may be copied onto itself */
}

/* The points of the local fronts, level after level. */
static enum status rows_of_fronts(size_t m, struct pareto *const local[], size_t n_scenarios,
                                  struct rows *mine, struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t n = 0;
    for (size_t s = 0; s < n_scenarios; s++) {
        n += local[s] != NULL ? pareto_size(local[s]) : 0;
    }
    STATUS_TRY(rows_create(m, n, mine, why));
    n = 0;
    for (size_t s = 0; s < n_scenarios; s++) {
        const size_t size = local[s] != NULL ? pareto_size(local[s]) : 0;
        for (size_t i = 0; i < size; i++, n++) {
            mine->indices[n] = pareto_index(local[s], i);
            memcpy(mine->x + n * m, pareto_point(local[s], i), m * sizeof *mine->x);
        }
    }
out:
    return st;
}

/* Rows of all ranks, in rank order. Collective. */
static enum status rows_gather(MPI_Comm comm, size_t m, const struct rows *mine, struct rows *all,
                               struct status_why *why)
{
    enum status st = STATUS_OK;
    void *indices = NULL, *x = NULL;
    size_t n_bytes;

    STATUS_TRY(
        team_gather(comm, mine->indices, mine->n * sizeof *mine->indices, &indices, &n_bytes, why));
    all->indices = indices;
    all->n = n_bytes / sizeof *mine->indices;
    STATUS_TRY(team_gather(comm, mine->x, mine->n * m * sizeof *mine->x, &x, &n_bytes, why));
    all->x = x;
out:
    return st;
}

/* Rows put level after level, and where each level begins. */
struct grouped {
    struct rows rows;
    size_t *begin; /* [n_scenarios + 1] */
};

static enum status group_by_level(size_t m, const struct rows *all, uint64_t n_decisions,
                                  size_t n_scenarios, struct grouped *g, struct status_why *why)
{
    enum status st = STATUS_OK;
    STATUS_TRY(rows_create(m, all->n, &g->rows, why));
    g->begin = calloc(n_scenarios + 2, sizeof *g->begin);
    if (g->begin == NULL) {
        st = status_fail(why, STATUS_MEMORY, "frontier: %zu scenario levels", n_scenarios);
    }
    STATUS_TRY(st);
    /* Counted two places up, so that after placing each level's counter has moved to its end. */
    for (size_t i = 0; i < all->n; i++) {
        g->begin[all->indices[i] / n_decisions + 2]++;
    }
    for (size_t s = 2; s <= n_scenarios; s++) {
        g->begin[s + 1] += g->begin[s];
    }
    for (size_t i = 0; i < all->n; i++) {
        rows_copy(m, all, i, &g->rows, g->begin[all->indices[i] / n_decisions + 1]++);
    }
out:
    return st;
}

/* Keep those of this rank's rows that no row of any rank removes. */
static enum status filter_mine(size_t m, const struct rows *all, uint64_t n_decisions,
                               size_t n_scenarios, struct rows *mine, uint64_t *n_duplicates,
                               struct status_why *why)
{
    enum status st = STATUS_OK;
    struct grouped g = {0};
    struct boxtree tree;
    size_t n_kept = 0, equal;

    boxtree_init(&tree);
    if (all->n == mine->n) { /* no other rank has any */
        goto out;
    }
    STATUS_TRY(group_by_level(m, all, n_decisions, n_scenarios, &g, why));
    for (size_t i = 0, end; i < mine->n; i = end) {
        const uint64_t level = mine->indices[i] / n_decisions;
        const size_t begin = g.begin[level], n_level = g.begin[level + 1] - begin;
        for (end = i; end < mine->n && mine->indices[end] / n_decisions == level;) {
            end++;
        }
        const bool alone = n_level == end - i; /* no other rank has a row of this level */
        if (!alone) {
            STATUS_TRY(boxtree_build(&tree, m, n_level, g.rows.x + begin * m,
                                     g.rows.indices + begin, why));
        }
        for (size_t k = i; k < end; k++) {
            const enum dominance_verdict v =
                alone ? DOMINANCE_NONE
                      : boxtree_query(&tree, mine->x + k * m, mine->indices[k], &equal);
            *n_duplicates += v == DOMINANCE_DUPLICATE;
            if (v == DOMINANCE_NONE) {
                rows_copy(m, mine, k, mine, n_kept++);
            }
        }
    }
    mine->n = n_kept;
out:
    boxtree_clear(&tree);
    rows_clear(&g.rows);
    free(g.begin);
    return st;
}

/* A row in canonical order. */
struct key {
    uint64_t level, index;
    const double *x;
    size_t m;
};

static int key_compare(const void *left, const void *right)
{
    const struct key *a = left, *b = right;
    if (a->level != b->level) {
        return a->level < b->level ? -1 : 1;
    }
    for (size_t j = 0; j < a->m; j++) {
        if (a->x[j] != b->x[j]) {
            return a->x[j] < b->x[j] ? -1 : 1;
        }
    }
    return (a->index > b->index) - (a->index < b->index);
}

/* The rows in canonical order, maximised objectives with their own sign again. */
static enum status put_in_order(const struct problem *problem, const struct rows *rows,
                                struct frontier *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t m = problem->n_objectives, room = rows->n > 0 ? rows->n : 1;
    const uint64_t n_decisions = space_n_decisions(problem->space);
    struct key *keys = malloc(room * sizeof *keys);

    made->configurations = malloc(room * sizeof *made->configurations);
    made->objectives = malloc(room * m * sizeof *made->objectives);
    if (keys == NULL || made->configurations == NULL || made->objectives == NULL) {
        st = status_fail(why, STATUS_MEMORY, "frontier: %zu rows", rows->n);
    }
    STATUS_TRY(st);
    for (size_t i = 0; i < rows->n; i++) {
        const uint64_t index = rows->indices[i];
        keys[i] = (struct key){index / n_decisions, index, rows->x + i * m, m};
    }
    qsort(keys, rows->n, sizeof *keys, key_compare);
    size_t n = 0;
    for (size_t i = 0; i < rows->n; i++) {
        if (i > 0 && keys[i].index == keys[i - 1].index) {
            continue; /* evaluated by two ranks, as after an interruption */
        }
        made->configurations[n] = keys[i].index;
        for (size_t j = 0; j < m; j++) {
            const double x = keys[i].x[j];
            made->objectives[n * m + j] = problem->objectives[j].maximise ? 0.0 - x : x;
        }
        n++;
    }
    made->n_rows = n;
    made->n_objectives = m;
out:
    free(keys);
    return st;
}

enum status frontier_merge(MPI_Comm comm, const struct problem *problem,
                           struct pareto *const local[], size_t n_scenarios, struct frontier *made,
                           struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t m = problem->n_objectives;
    const uint64_t n_decisions = space_n_decisions(problem->space);
    struct rows mine = {0}, all = {0}, kept = {0};
    uint64_t n_duplicates = 0;

    STATUS_ASSERT(n_scenarios == space_n_scenarios(problem->space));
    memset(made, 0, sizeof *made);
    for (size_t s = 0; s < n_scenarios; s++) {
        n_duplicates += local[s] != NULL ? pareto_n_duplicates(local[s]) : 0;
    }
    st = rows_of_fronts(m, local, n_scenarios, &mine, why);
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(rows_gather(comm, m, &mine, &all, why));
    made->n_survivors = all.n;
    st = filter_mine(m, &all, n_decisions, n_scenarios, &mine, &n_duplicates, why);
    STATUS_TRY(team_agree(comm, st, why));
    rows_clear(&all);
    STATUS_TRY(rows_gather(comm, m, &mine, &kept, why));
    made->n_duplicates = team_sum(comm, n_duplicates);
    st = put_in_order(problem, &kept, made, why);
    STATUS_TRY(team_agree(comm, st, why));
out:
    if (st != STATUS_OK) {
        frontier_clear(made);
    }
    rows_clear(&mine);
    rows_clear(&all);
    rows_clear(&kept);
    return st;
}

enum status frontier_collect(MPI_Comm comm, const struct problem *problem, size_t n,
                             const uint64_t configurations[], const double points[],
                             struct frontier *made, struct status_why *why)
{
    enum status st;
    struct rows mine = {0}, all = {0};
    const size_t m = problem->n_objectives;

    memset(made, 0, sizeof *made);
    st = rows_create(m, n, &mine, why);
    STATUS_TRY(team_agree(comm, st, why));
    if (n > 0) {
        memcpy(mine.indices, configurations, n * sizeof *configurations);
        memcpy(mine.x, points, n * m * sizeof *points);
    }
    STATUS_TRY(rows_gather(comm, m, &mine, &all, why));
    made->n_survivors = all.n;
    st = put_in_order(problem, &all, made, why);
    STATUS_TRY(team_agree(comm, st, why));
out:
    if (st != STATUS_OK) {
        frontier_clear(made);
    }
    rows_clear(&mine);
    rows_clear(&all);
    return st;
}

void frontier_clear(struct frontier *f)
{
    free(f->configurations);
    free(f->objectives);
    memset(f, 0, sizeof *f);
}
