#define _POSIX_C_SOURCE 200809L
#include "search/front/frontier.h"

#include <stdlib.h>
#include <string.h>

#include "inputs/h5.h"
#include "search/front/boxtree.h"
#include "search/front/share.h"
#include "solver/base/meter.h"
#include "solver/base/team.h"

/* The merge of a search is a phase of its own; that of a draw belongs to the band. */
static enum meter_phase begin_merge(void)
{
    const enum meter_phase before = meter_begin(METER_MERGE);
    if (before == METER_BAND) {
        (void)meter_begin(before);
    }
    return before;
}

/* The points of the local fronts, level after level; the fronts go. */
static enum status rows_of_fronts(size_t m, struct pareto *local[], size_t n_scenarios,
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
        pareto_destroy(local[s]);
        local[s] = NULL;
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

/* Up to a million survivors: gather all, filter one's own against them, gather what is left, keep
 * one's share. */
static enum status merge_gathered(MPI_Comm comm, const struct share_shape *shape,
                                  size_t n_scenarios, struct rows *mine, struct frontier *made,
                                  struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t m = shape->m;
    struct rows all = {0};
    size_t end;

    STATUS_TRY(rows_gather(comm, m, mine, &all, why));
    st = filter_mine(m, &all, shape->n_decisions, n_scenarios, mine, &made->n_duplicates, why);
    STATUS_TRY(team_agree(comm, st, why));
    rows_clear(&all);
    STATUS_TRY(rows_gather(comm, m, mine, &all, why));
    st = rows_sort(m, shape->n_decisions, &all, why);
    STATUS_TRY(team_agree(comm, st, why));
    made->n_rows = all.n;
    h5_column_share(all.n, team_rank(comm), team_size(comm), &made->first, &end);
    rows_clear(mine);
    STATUS_TRY(team_agree(comm, rows_create(m, end - made->first, mine, why), why));
    memcpy(mine->indices, all.indices + made->first, mine->n * sizeof *mine->indices);
    memcpy(mine->x, all.x + made->first * m, mine->n * m * sizeof *mine->x);
out:
    rows_clear(&all);
    return st;
}

/* Hand sorted and dealt rows over, maximised objectives with their own sign again. */
static void take_rows(const struct problem *problem, struct rows *mine, struct frontier *made)
{
    const size_t m = problem->n_objectives;
    for (size_t i = 0; i < mine->n * m; i++) {
        mine->x[i] = problem->objectives[i % m].maximise ? 0.0 - mine->x[i] : mine->x[i];
    }
    made->n_objectives = m;
    made->n_mine = mine->n;
    made->configurations = mine->indices;
    made->objectives = mine->x;
    memset(mine, 0, sizeof *mine);
}

enum status frontier_merge(MPI_Comm comm, const struct problem *problem, struct pareto *local[],
                           size_t n_scenarios, size_t most_gathered, struct frontier *made,
                           struct status_why *why)
{
    enum status st = STATUS_OK;
    const enum meter_phase before = begin_merge();
    const struct share_shape shape = {problem->n_objectives, space_n_decisions(problem->space)};
    struct rows mine = {0};

    STATUS_ASSERT(n_scenarios == space_n_scenarios(problem->space));
    memset(made, 0, sizeof *made);
    for (size_t s = 0; s < n_scenarios; s++) {
        made->n_duplicates += local[s] != NULL ? pareto_n_duplicates(local[s]) : 0;
    }
    st = rows_of_fronts(shape.m, local, n_scenarios, &mine, why);
    STATUS_TRY(team_agree(comm, st, why));
    made->n_survivors = team_sum(comm, mine.n);
    if (made->n_survivors <= most_gathered) {
        STATUS_TRY(merge_gathered(comm, &shape, n_scenarios, &mine, made, why));
    } else {
        STATUS_TRY(share_sort(comm, &shape, &mine, why));
        if (team_size(comm) > 1) { /* else they are one front already */
            STATUS_TRY(share_filter(comm, &shape, &mine, &made->n_duplicates, why));
        }
        STATUS_TRY(share_deal(comm, &shape, &mine, &made->n_rows, &made->first, why));
    }
    made->n_duplicates = team_sum(comm, made->n_duplicates);
    take_rows(problem, &mine, made);
out:
    rows_clear(&mine);
    if (st != STATUS_OK) {
        frontier_clear(made);
    }
    (void)meter_begin(before);
    return st;
}

/* Exchange the leading objective with the first one. */
static void swap_lead(size_t m, size_t lead, struct rows *r)
{
    for (size_t i = 0; i < r->n && lead > 0; i++) {
        const double x = r->x[i * m];
        r->x[i * m] = r->x[i * m + lead];
        r->x[i * m + lead] = x;
    }
}

enum status frontier_sweep(MPI_Comm comm, const struct problem *problem, size_t lead,
                           struct rows *mine, struct frontier *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    const enum meter_phase before = begin_merge();
    const struct share_shape shape = {problem->n_objectives, space_n_decisions(problem->space)};

    memset(made, 0, sizeof *made);
    made->n_survivors = team_sum(comm, mine->n);
    swap_lead(shape.m, lead, mine);
    STATUS_TRY(share_sort(comm, &shape, mine, why));
    STATUS_TRY(share_filter(comm, &shape, mine, &made->n_duplicates, why));
    if (lead > 0) {
        swap_lead(shape.m, lead, mine);
        STATUS_TRY(share_sort(comm, &shape, mine, why));
    }
    STATUS_TRY(share_deal(comm, &shape, mine, &made->n_rows, &made->first, why));
    made->n_duplicates = team_sum(comm, made->n_duplicates);
    take_rows(problem, mine, made);
out:
    rows_clear(mine);
    if (st != STATUS_OK) {
        frontier_clear(made);
    }
    (void)meter_begin(before);
    return st;
}

enum status frontier_collect(MPI_Comm comm, const struct problem *problem, struct rows *mine,
                             struct frontier *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    const enum meter_phase before = begin_merge();
    const struct share_shape shape = {problem->n_objectives, space_n_decisions(problem->space)};

    memset(made, 0, sizeof *made);
    made->n_survivors = team_sum(comm, mine->n);
    STATUS_TRY(share_sort(comm, &shape, mine, why));
    STATUS_TRY(share_deal(comm, &shape, mine, &made->n_rows, &made->first, why));
    take_rows(problem, mine, made);
out:
    rows_clear(mine);
    if (st != STATUS_OK) {
        frontier_clear(made);
    }
    (void)meter_begin(before);
    return st;
}

void frontier_clear(struct frontier *f)
{
    free(f->configurations);
    free(f->objectives);
    memset(f, 0, sizeof *f);
}
