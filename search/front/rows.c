#include "search/front/rows.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "search/front/dominance.h"

enum status rows_create(size_t m, size_t n, struct rows *r, struct status_why *why)
{
    const size_t room = n > 0 ? n : 1;
    r->n = n;
    r->indices = malloc(room * sizeof *r->indices);
    r->x = malloc(room * m * sizeof *r->x);
    r->room = room;
    return r->indices != NULL && r->x != NULL
               ? STATUS_OK
               : status_fail(why, STATUS_MEMORY, "frontier: %zu rows", n);
}

void rows_clear(struct rows *r)
{
    free(r->indices);
    free(r->x);
    memset(r, 0, sizeof *r);
}

enum status rows_reserve(size_t m, size_t n, struct rows *r, struct status_why *why)
{
    if (r->indices != NULL && n <= r->room) {
        return STATUS_OK;
    }
    const size_t room = n + n / 2 + 1;
    uint64_t *indices = realloc(r->indices, room * sizeof *indices);
    if (indices != NULL) {
        r->indices = indices;
    }
    double *x = realloc(r->x, room * m * sizeof *x);
    if (x != NULL) {
        r->x = x;
    }
    if (indices == NULL || x == NULL) {
        return status_fail(why, STATUS_MEMORY, "frontier: %zu rows", room);
    }
    r->room = room;
    return STATUS_OK;
}

void rows_copy(size_t m, const struct rows *from, size_t i, struct rows *to, size_t k)
{
    to->indices[k] = from->indices[i];
    memmove(to->x + k * m, from->x + i * m, m * sizeof *to->x);
}

int rows_compare(size_t m, uint64_t n_decisions, const struct rows *a, size_t i,
                 const struct rows *b, size_t k)
{
    const uint64_t left = a->indices[i] / n_decisions, right = b->indices[k] / n_decisions;
    if (left != right) {
        return left < right ? -1 : 1;
    }
    for (size_t j = 0; j < m; j++) {
        const double x = a->x[i * m + j], y = b->x[k * m + j];
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }
    return 0;
}

/* Whether row i comes before row k. */
static bool is_before(size_t m, uint64_t n_decisions, const struct rows *r, size_t i, size_t k)
{
    const int c = rows_compare(m, n_decisions, r, i, r, k);
    return c < 0 || (c == 0 && r->indices[i] < r->indices[k]);
}

/* Rows that were found in order, or come from several ranks that had sorted them, are few sorted
 * runs one behind the other. */
enum { MOST_RUNS = 64 };

/* \param [out] ends  [MOST_RUNS] of the runs. \return how many; more than MOST_RUNS: many */
static size_t find_runs(size_t m, uint64_t n_decisions, const struct rows *r, size_t ends[])
{
    size_t n = 0;
    for (size_t i = 1; i <= r->n; i++) {
        if (i == r->n || !is_before(m, n_decisions, r, i - 1, i)) {
            if (n == MOST_RUNS) {
                return n + 1;
            }
            ends[n++] = i;
        }
    }
    return n;
}

/* Merge sorted ranges [begin, middle) and [middle, end) of an order into another one. */
static void merge_two(size_t m, uint64_t n_decisions, const struct rows *r, const size_t range[3],
                      const size_t from[], size_t to[])
{
    size_t left = range[0], right = range[1];
    for (size_t i = range[0]; i < range[2]; i++) {
        const bool take_right =
            right < range[2]
            && (left == range[1] || is_before(m, n_decisions, r, from[right], from[left]));
        to[i] = take_right ? from[right++] : from[left++];
    }
}

/* \param [in] ends  [n_runs] overwritten
 * \param [in,out] order  [r->n] from 0 on, then in which the rows belong */
static enum status order_runs(size_t m, uint64_t n_decisions, const struct rows *r, size_t n_runs,
                              size_t ends[], size_t order[], struct status_why *why)
{
    size_t *spare = malloc(r->n * sizeof *spare), *from = order, *to = spare;
    if (spare == NULL) {
        return status_fail(why, STATUS_MEMORY, "frontier: %zu rows to sort", r->n);
    }
    while (n_runs > 1) {
        size_t n_left = 0, begin = 0;
        for (size_t k = 0; k < n_runs; k += 2) {
            const size_t last = k + 1 < n_runs ? k + 1 : k;
            merge_two(m, n_decisions, r, (size_t[]){begin, ends[k], ends[last]}, from, to);
            begin = ends[n_left++] = ends[last];
        }
        n_runs = n_left;
        size_t *const merged = to;
        to = from;
        from = merged;
    }
    if (from != order) {
        memcpy(order, from, r->n * sizeof *order);
    }
    free(spare);
    return STATUS_OK;
}

/* A row of few, sorted by comparison. */
struct whole {
    uint64_t level, index;
    const double *x;
    size_t m, row;
};

static int whole_compare(const void *left, const void *right)
{
    const struct whole *a = left, *b = right;
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

/* What is sorted by radix: bits in the order of what they stand for. */
struct key {
    uint64_t bits;
    size_t row;
};

/* Bits that are in the order of the numbers: negative ones turned over, the sign on top. */
static uint64_t ordered_bits(double x)
{
    const uint64_t sign = UINT64_C(1) << 63;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (bits & sign) != 0 ? ~bits : bits | sign;
}

enum { DIGIT = 11, N_DIGITS = 1 << DIGIT, FEW = 2048 };

/* One stable pass of a radix sort. \return false: all keys have the same digit, nothing is moved */
static bool sort_digit(size_t n, unsigned shift, const struct key from[], struct key to[])
{
    size_t at[N_DIGITS + 1] = {0};
    for (size_t i = 0; i < n; i++) {
        at[(from[i].bits >> shift & (N_DIGITS - 1)) + 1]++;
    }
    if (at[(from[0].bits >> shift & (N_DIGITS - 1)) + 1] == n) {
        return false;
    }
    for (size_t d = 0; d < N_DIGITS; d++) {
        at[d + 1] += at[d];
    }
    for (size_t i = 0; i < n; i++) {
        to[at[from[i].bits >> shift & (N_DIGITS - 1)]++] = from[i];
    }
    return true;
}

/* \param [in,out] keys  sorted; \a spare is as long, and they may change places */
static void sort_keys(size_t n, struct key **keys, struct key **spare)
{
    for (unsigned shift = 0; shift < 64; shift += DIGIT) {
        if (sort_digit(n, shift, *keys, *spare)) {
            struct key *const sorted = *spare;
            *spare = *keys;
            *keys = sorted;
        }
    }
}

/* \param [in,out] order  [n] rows, put in their order by comparison */
static enum status order_few(size_t m, uint64_t n_decisions, const struct rows *r, size_t n,
                             size_t order[], struct status_why *why)
{
    struct whole *all = malloc((n + 1) * sizeof *all);
    if (all == NULL) {
        return status_fail(why, STATUS_MEMORY, "frontier: %zu rows to sort", n);
    }
    for (size_t i = 0; i < n; i++) {
        const uint64_t index = r->indices[order[i]];
        all[i] = (struct whole){index / n_decisions, index, r->x + order[i] * m, m, order[i]};
    }
    qsort(all, n, sizeof *all, whole_compare);
    for (size_t i = 0; i < n; i++) {
        order[i] = all[i].row;
    }
    free(all);
    return STATUS_OK;
}

/* The same for many: by radix for the first objective and the level, by comparison among those that
 * are equal in both. */
static enum status order_many(size_t m, uint64_t n_decisions, const struct rows *r, size_t order[],
                              struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = r->n;
    struct key *keys = malloc(n * sizeof *keys), *spare = malloc(n * sizeof *spare);
    if (keys == NULL || spare == NULL) {
        st = status_fail(why, STATUS_MEMORY, "frontier: %zu rows to sort", n);
    }
    STATUS_TRY(st);
    for (size_t i = 0; i < n; i++) {
        keys[i] = (struct key){ordered_bits(r->x[i * m]), i};
    }
    sort_keys(n, &keys, &spare);
    for (size_t i = 0; i < n; i++) {
        keys[i].bits = r->indices[keys[i].row] / n_decisions;
    }
    sort_keys(n, &keys, &spare);
    free(spare); /* the order needs as much */
    spare = NULL;
    for (size_t i = 0; i < n; i++) {
        order[i] = keys[i].row;
    }
    for (size_t i = 0, end; i < n; i = end) {
        end = i + 1;
        while (end < n && keys[end].bits == keys[i].bits
               && r->x[order[end] * m] == r->x[order[i] * m]) {
            end++;
        }
        if (end - i > 1) {
            STATUS_TRY(order_few(m, n_decisions, r, end - i, order + i, why));
        }
    }
out:
    free(spare);
    free(keys);
    return st;
}

/* Bring rows into an order, along the cycles that the moves make: a second copy of all rows could
 * be more than there is memory for. \param [in] order  [r->n] overwritten */
static void move_rows(size_t m, struct rows *r, size_t order[])
{
    uint64_t index;
    double x[DOMINANCE_MAX_OBJECTIVES];
    struct rows spare = {.n = 1, .indices = &index, .x = x};
    for (size_t i = 0; i < r->n; i++) {
        if (order[i] == i) {
            continue;
        }
        size_t to = i;
        rows_copy(m, r, i, &spare, 0);
        while (order[to] != i) {
            const size_t from = order[to];
            rows_copy(m, r, from, r, to);
            order[to] = to;
            to = from;
        }
        rows_copy(m, &spare, 0, r, to);
        order[to] = to;
    }
}

static void drop_repeated(size_t m, struct rows *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (n == 0 || r->indices[n - 1] != r->indices[i]) {
            rows_copy(m, r, i, r, n++);
        }
    }
    r->n = n;
}

enum status rows_sort(size_t m, uint64_t n_decisions, struct rows *r, struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t ends[MOST_RUNS], *order = NULL;
    const size_t n_runs = find_runs(m, n_decisions, r, ends);
    if (n_runs <= 1) {
        return STATUS_OK;
    }
    order = calloc(r->n, sizeof *order);
    if (order == NULL) {
        return status_fail(why, STATUS_MEMORY, "frontier: %zu rows to sort", r->n);
    }
    if (n_runs > MOST_RUNS && r->n >= FEW) {
        st = order_many(m, n_decisions, r, order, why);
    } else {
        for (size_t i = 0; i < r->n; i++) {
            order[i] = i;
        }
        st = n_runs <= MOST_RUNS ? order_runs(m, n_decisions, r, n_runs, ends, order, why)
                                 : order_few(m, n_decisions, r, r->n, order, why);
    }
    if (st == STATUS_OK) {
        move_rows(m, r, order);
        drop_repeated(m, r);
    }
    free(order);
    return st;
}
