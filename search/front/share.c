#define _POSIX_C_SOURCE 200809L
#include "search/front/share.h"

#include <stdlib.h>
#include <string.h>

#include "inputs/h5.h"
#include "search/front/boxtree.h"
#include "search/front/sweep.h"
#include "solver/base/team.h"

_Static_assert(sizeof(uint64_t) == sizeof(double), "exchange sends indices and numbers alike");

enum {
    SAMPLES = 64,  /* rows a rank that say where the order is cut */
    PIECE = 65536, /* points passed on at once */
};

/* Send one objective of the rows that go, receive it of those that come: in the same places, so
 * that no second copy of all rows is needed. \param [in] n_to  [size] bytes of a number of each row
 */
static enum status exchange_objective(MPI_Comm comm, size_t m, size_t j, size_t n, double x[],
                                      const size_t n_to[], struct status_why *why)
{
    enum status st = STATUS_OK;
    void *got = NULL;
    size_t n_bytes = 0;
    double *mine = malloc((n + 1) * sizeof *mine);
    if (mine == NULL) {
        st = status_fail(why, STATUS_MEMORY, "frontier: %zu rows", n);
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_ASSERT(mine != NULL);
    for (size_t i = 0; i < n; i++) {
        mine[i] = x[i * m + j];
    }
    STATUS_TRY(team_exchange(comm, mine, n_to, &got, &n_bytes, why));
    for (size_t i = 0; i < n_bytes / sizeof *mine; i++) {
        x[i * m + j] = ((const double *)got)[i];
    }
out:
    free(got);
    free(mine);
    return st;
}

/* Send each rank a run of this rank's rows; what arrives replaces them.
 * \param [in] ends  [size] of the runs */
static enum status exchange(MPI_Comm comm, size_t m, const size_t ends[], struct rows *mine,
                            struct status_why *why)
{
    enum status st = STATUS_OK;
    const int size = team_size(comm), rank = team_rank(comm);
    const size_t n_old = mine->n;
    void *indices = NULL;
    size_t n_bytes = 0;
    size_t *n_to = malloc((size_t)size * sizeof *n_to);
    if (n_to == NULL) {
        st = status_fail(why, STATUS_MEMORY, "frontier: %d ranks", size);
    } else {
        /* A rank without rows has arrays all the same. */
        st = rows_reserve(m, n_old, mine, why);
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_ASSERT(n_to != NULL);
    for (int r = 0; r < size; r++) {
        /* The callers fill them. NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult)
         */
        n_to[r] = (ends[r] - (r > 0 ? ends[r - 1] : 0)) * sizeof *mine->indices;
    }
    if (team_sum(comm, n_old - n_to[rank] / sizeof *mine->indices) == 0) {
        goto out; /* all rows are where they belong */
    }
    STATUS_TRY(team_exchange(comm, mine->indices, n_to, &indices, &n_bytes, why));
    mine->n = n_bytes / sizeof *mine->indices;
    STATUS_TRY(team_agree(comm, rows_reserve(m, mine->n, mine, why), why));
    memcpy(mine->indices, indices, n_bytes);
    free(indices);
    indices = NULL;
    for (size_t j = 0; j < m; j++) {
        STATUS_TRY(exchange_objective(comm, m, j, n_old, mine->x, n_to, why));
    }
out:
    free(indices);
    free(n_to);
    return st;
}

/* Every so-many-th row of all ranks, sorted, the same on every rank. */
static enum status take_samples(MPI_Comm comm, const struct share_shape *shape,
                                const struct rows *mine, struct rows *samples,
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n_all = (size_t)team_sum(comm, mine->n);
    const size_t step = n_all / (SAMPLES * (size_t)team_size(comm)) + 1;
    struct rows few = {0};
    void *indices = NULL, *x = NULL;
    size_t n_bytes = 0;

    st = rows_create(shape->m, mine->n / step, &few, why);
    STATUS_TRY(team_agree(comm, st, why));
    for (size_t i = 0; i < few.n; i++) {
        rows_copy(shape->m, mine, i * step + step / 2, &few, i);
    }
    STATUS_TRY(
        team_gather(comm, few.indices, few.n * sizeof *few.indices, &indices, &n_bytes, why));
    samples->indices = indices;
    samples->n = n_bytes / sizeof *few.indices;
    STATUS_TRY(team_gather(comm, few.x, few.n * shape->m * sizeof *few.x, &x, &n_bytes, why));
    samples->x = x;
    st = rows_sort(shape->m, shape->n_decisions, samples, why);
    STATUS_TRY(team_agree(comm, st, why));
out:
    rows_clear(&few);
    return st;
}

/* The first of sorted rows that is not before a sample. */
static size_t find_cut(const struct share_shape *shape, const struct rows *mine,
                       const struct rows *samples, size_t sample)
{
    size_t low = 0, high = mine->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (rows_compare(shape->m, shape->n_decisions, mine, middle, samples, sample) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

enum status share_sort(MPI_Comm comm, const struct share_shape *shape, struct rows *mine,
                       struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t size = (size_t)team_size(comm);
    struct rows samples = {0};
    size_t *ends = calloc(size, sizeof *ends);
    if (ends == NULL) {
        st = status_fail(why, STATUS_MEMORY, "frontier: %zu ranks", size);
    }
    st = st == STATUS_OK ? rows_sort(shape->m, shape->n_decisions, mine, why) : st;
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_ASSERT(ends != NULL);
    if (size == 1) {
        goto out;
    }
    STATUS_TRY(take_samples(comm, shape, mine, &samples, why));
    for (size_t r = 0; r < size; r++) {
        const size_t sample = (r + 1) * samples.n / size;
        ends[r] = sample < samples.n ? find_cut(shape, mine, &samples, sample) : mine->n;
    }
    STATUS_TRY(exchange(comm, shape->m, ends, mine, why));
    st = rows_sort(shape->m, shape->n_decisions, mine, why);
    STATUS_TRY(team_agree(comm, st, why));
out:
    rows_clear(&samples);
    free(ends);
    return st;
}

static uint64_t level_of(const struct share_shape *shape, const struct rows *r, size_t i)
{
    return r->indices[i] / shape->n_decisions;
}

/* Filter this rank's rows among themselves. \param [out] s  holds those of the last level */
static enum status filter_own(const struct share_shape *shape, struct rows *mine, struct sweep *s,
                              uint64_t *n_duplicates, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t m = shape->m;
    size_t n_kept = 0;
    for (size_t i = 0; i < mine->n; i++) {
        const double *rest = mine->x + i * m + 1;
        if (n_kept > 0 && level_of(shape, mine, n_kept - 1) != level_of(shape, mine, i)) {
            sweep_restart(s);
        }
        if (sweep_removes(s, rest)) {
            *n_duplicates += rows_compare(m, shape->n_decisions, mine, n_kept - 1, mine, i) == 0;
            continue;
        }
        STATUS_TRY(sweep_add(s, rest, why));
        rows_copy(m, mine, i, mine, n_kept++);
    }
    mine->n = n_kept;
out:
    return st;
}

/* Keep the rows of a level, the first of this rank, that none of some points removes: points of
 * lower ranks, so that only the objectives behind the first are left to compare.
 * \param [in,out] points  [n][m - 1] reordered */
static enum status filter_by(const struct share_shape *shape, uint64_t level, size_t n,
                             double points[], struct rows *mine, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t m = shape->m;
    struct boxtree tree;
    size_t n_kept = 0, equal;
    uint64_t *zeros = calloc(n, sizeof *zeros);

    boxtree_init(&tree);
    if (zeros == NULL) {
        st = status_fail(why, STATUS_MEMORY, "frontier: piece of %zu points", n);
    }
    STATUS_TRY(st);
    if (m > 1) {
        STATUS_TRY(boxtree_build(&tree, m - 1, n, points, zeros, why));
    }
    for (size_t i = 0; i < mine->n; i++) {
        const bool removed =
            level_of(shape, mine, i) == level
            && (m == 1 || boxtree_query(&tree, mine->x + i * m + 1, 1, &equal) != DOMINANCE_NONE);
        if (!removed) {
            rows_copy(m, mine, i, mine, n_kept++);
        }
    }
    mine->n = n_kept;
out:
    boxtree_clear(&tree);
    free(zeros);
    return st;
}

/* One rank's points go to all, piece by piece; higher ranks filter by them. Collective. */
static enum status pass_on(MPI_Comm comm, int from, const struct share_shape *shape,
                           const double points[], size_t n_points, double piece[],
                           struct rows *mine, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t width = shape->m > 1 ? shape->m - 1 : 1;
    const int rank = team_rank(comm);
    uint64_t head[2] = {n_points, 0}; /* and their level */
    if (rank == from && mine->n > 0) {
        head[1] = level_of(shape, mine, mine->n - 1);
    }
    team_spread(comm, from, head, sizeof head);
    for (uint64_t begin = 0; begin < head[0]; begin += PIECE) {
        const size_t n = head[0] - begin < PIECE ? (size_t)(head[0] - begin) : PIECE;
        if (rank == from) {
            memcpy(piece, points + begin * width, n * width * sizeof *piece);
        }
        team_spread(comm, from, piece, n * width * sizeof *piece);
        if (st == STATUS_OK && rank > from && mine->n > 0 && level_of(shape, mine, 0) == head[1]) {
            st = filter_by(shape, head[1], n, piece, mine, why);
        }
    }
    return st;
}

enum status share_filter(MPI_Comm comm, const struct share_shape *shape, struct rows *mine,
                         uint64_t *n_duplicates, struct status_why *why)
{
    enum status st = STATUS_OK;
    const int size = team_size(comm);
    const size_t width = shape->m > 1 ? shape->m - 1 : 1;
    struct sweep *s = NULL;
    double *points = NULL, *piece = malloc(PIECE * width * sizeof *piece);
    size_t n_points = 0;

    if (piece == NULL) {
        st = status_fail(why, STATUS_MEMORY, "frontier: piece of %d points", PIECE);
    }
    st = st == STATUS_OK ? sweep_create(shape->m - 1, &s, why) : st;
    st = st == STATUS_OK ? filter_own(shape, mine, s, n_duplicates, why) : st;
    st = st == STATUS_OK ? sweep_points(s, &points, &n_points, why) : st;
    STATUS_TRY(team_agree(comm, st, why));
    for (int from = 0; from + 1 < size; from++) {
        const enum status here = pass_on(comm, from, shape, points, n_points, piece, mine, why);
        st = st == STATUS_OK ? here : st;
    }
    STATUS_TRY(team_agree(comm, st, why));
out:
    sweep_destroy(s);
    free(points);
    free(piece);
    return st;
}

enum status share_deal(MPI_Comm comm, const struct share_shape *shape, struct rows *mine,
                       size_t *n_rows, size_t *first, struct status_why *why)
{
    enum status st = STATUS_OK;
    const int size = team_size(comm);
    const size_t begin = (size_t)team_before(comm, mine->n);
    size_t end, *ends = calloc((size_t)size, sizeof *ends);

    if (ends == NULL) {
        st = status_fail(why, STATUS_MEMORY, "frontier: %d ranks", size);
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_ASSERT(ends != NULL);
    *n_rows = (size_t)team_sum(comm, mine->n);
    for (int r = 0; r < size; r++) {
        h5_column_share(*n_rows, r, size, first, &end);
        ends[r] = end <= begin ? 0 : end - begin < mine->n ? end - begin : mine->n;
    }
    h5_column_share(*n_rows, team_rank(comm), size, first, &end);
    STATUS_TRY(exchange(comm, shape->m, ends, mine, why));
out:
    free(ends);
    return st;
}
