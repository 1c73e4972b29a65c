/* The filter of a stream of points against a list that moves what dominates to its front: the best
 * of the simple ways. A point is a unit.
 */
#define _XOPEN_SOURCE 700
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "search/front/pareto.h"
#include "solver/base/rng.h"
#include "tests/bench/bench.h"

enum { PIECE = 1024, MOST_OBJECTIVES = 6, N_REPEATS = 3 };

/* A stream of points, and what is left of it. */
struct stream {
    size_t m, n;
    double *columns; /* [m][n] */
    size_t n_left;
};

static void give_up(const char *text)
{
    (void)fprintf(stderr, "bench_filter: %s\n", text);
    exit(EXIT_FAILURE);
}

static void filter(void *context)
{
    struct stream *s = context;
    struct status_why why = {STATUS_OK, ""};
    struct pareto *p = NULL;
    enum status st = pareto_create(s->m, &p, &why);
    for (size_t i = 0; st == STATUS_OK && i < s->n; i += PIECE) {
        const size_t n = s->n - i < PIECE ? s->n - i : PIECE;
        st = pareto_offer(p, n, s->columns + i, s->n, NULL, i, &why);
    }
    st = st == STATUS_OK ? pareto_settle(p, &why) : st;
    if (st != STATUS_OK) {
        give_up(why.message);
    }
    s->n_left = pareto_size(p);
    pareto_destroy(p);
}

/* Points of a list, with their indices. */
struct list {
    size_t n, room;
    double (*x)[MOST_OBJECTIVES];
    uint64_t *indices;
};

static void list_swap(struct list *a, size_t i, size_t k)
{
    double t[MOST_OBJECTIVES];
    memcpy(t, a->x[i], sizeof t);
    memcpy(a->x[i], a->x[k], sizeof t);
    memcpy(a->x[k], t, sizeof t);
    const uint64_t index = a->indices[i];
    a->indices[i] = a->indices[k];
    a->indices[k] = index;
}

/* Offers come in the order of their indices, so an equal point stays. */
static void list_offer(struct list *a, size_t m, const double q[], uint64_t index)
{
    size_t n_kept = 0;
    for (size_t i = 0; i < a->n; i++) {
        int no_worse = 1, no_better = 1;
        for (size_t j = 0; j < m; j++) {
            no_worse &= a->x[i][j] <= q[j];
            no_better &= a->x[i][j] >= q[j];
        }
        if (no_worse) { /* nothing was removed before: the list has no dominated points */
            list_swap(a, i, i / 2);
            return;
        }
        if (!no_better) {
            memcpy(a->x[n_kept], a->x[i], sizeof a->x[i]);
            a->indices[n_kept++] = a->indices[i];
        }
    }
    if (n_kept == a->room) {
        a->room = 2 * a->room + 1024;
        a->x = realloc(a->x, a->room * sizeof *a->x);
        a->indices = realloc(a->indices, a->room * sizeof *a->indices);
        if (a->x == NULL || a->indices == NULL) {
            give_up("out of memory");
        }
    }
    memcpy(a->x[n_kept], q, m * sizeof *q);
    a->indices[n_kept] = index;
    a->n = n_kept + 1;
}

static void filter_by_list(void *context)
{
    struct stream *s = context;
    struct list a = {0};
    for (size_t i = 0; i < s->n; i++) {
        double q[MOST_OBJECTIVES];
        for (size_t j = 0; j < s->m; j++) {
            q[j] = s->columns[j * s->n + i];
        }
        list_offer(&a, s->m, q, i);
    }
    if (a.n != s->n_left) {
        give_up("the list and the filter differ");
    }
    free(a.x);
    free(a.indices);
}

static void fill_uniform(struct stream *s)
{
    struct rng r;
    rng_init(&r, 1, RNG_TEST, s->m);
    for (size_t i = 0; i < s->m * s->n; i++) {
        s->columns[i] = rng_uniform(&r);
    }
}

/* Points near the part of a sphere where all are positive, which is a concave front: up to a fifth
 * outside of it. */
static void fill_sphere(struct stream *s)
{
    struct rng r;
    rng_init(&r, 3, RNG_TEST, s->m);
    for (size_t i = 0; i < s->n; i++) {
        double length = 0.0;
        for (size_t j = 0; j < s->m; j++) {
            s->columns[j * s->n + i] = fabs(rng_normal(&r));
            length += s->columns[j * s->n + i] * s->columns[j * s->n + i];
        }
        const double scale = (1.0 + 0.2 * rng_uniform(&r)) / sqrt(length);
        for (size_t j = 0; j < s->m; j++) {
            s->columns[j * s->n + i] *= scale;
        }
    }
}

/* A grid of training allocations in the order of its index: as many sizes as amounts of data, four
 * precisions, 100 machine options; loss, compute, energy and mass, rounded as a search does. */
static void fill_allocation(struct stream *s)
{
    enum { N_BITS = 4, N_OPTIONS = 100 };
    const size_t n_steps = (size_t)sqrt((double)(s->n / (N_OPTIONS * N_BITS)));
    struct rng r;
    double options[N_OPTIONS][2];
    rng_init(&r, 2, RNG_TEST, 0);
    for (size_t o = 0; o < N_OPTIONS; o++) {
        options[o][0] = exp(rng_uniform(&r) - 60);
        options[o][1] = exp(2 * rng_uniform(&r) - 70);
    }
    for (size_t i = 0; i < s->n; i++) {
        const size_t o = i % N_OPTIONS, b = i / N_OPTIONS % N_BITS;
        const size_t d = i / (N_OPTIONS * N_BITS) % n_steps, n = i / (N_OPTIONS * N_BITS * n_steps);
        const double size = 1e8 * pow(1e4, (double)n / (double)(n_steps - 1));
        const double data = 1e9 * pow(3e4, (double)d / (double)(n_steps - 1));
        const double bits = (double)(4U << b);
        const double compute = 6 * size * data;
        const double all[] = {
            1.69 + 406.4 / pow(size * (1 - exp(-bits / 3)), 0.34) + 410.7 / pow(data, 0.28),
            compute * bits / 16 * options[o][0], compute * bits / 16 * options[o][1], compute};
        for (size_t j = 0; j < s->m; j++) {
            s->columns[j * s->n + i] = all[j];
        }
    }
    pareto_round(s->m * s->n, s->columns);
}

int main(void)
{
    const struct {
        const char *name;
        size_t m, n;
        void (*fill)(struct stream *s);
        bench_fn *naive; /* NULL: it takes too long */
    } sets[] = {
        {"uniform, 3 objectives, 1e6", 3, 1000000, fill_uniform, filter_by_list},
        {"uniform, 4 objectives, 1e6", 4, 1000000, fill_uniform, filter_by_list},
        {"uniform, 6 objectives, 1e6", 6, 1000000, fill_uniform, filter_by_list},
        {"uniform, 3 objectives, 1e7", 3, 10000000, fill_uniform, filter_by_list},
        {"uniform, 4 objectives, 1e7", 4, 10000000, fill_uniform, filter_by_list},
        {"sphere, 3 objectives, 1e6", 3, 1000000, fill_sphere, NULL},
        {"sphere, 4 objectives, 1e6", 4, 1000000, fill_sphere, NULL},
        {"allocation grid, 3 objectives, 1e6", 3, 1000000, fill_allocation, filter_by_list},
        {"allocation grid, 4 objectives, 1e6", 4, 1000000, fill_allocation, filter_by_list},
        {"allocation grid, 3 objectives, 1e7", 3, 10000000, fill_allocation, NULL},
        {"allocation grid, 4 objectives, 1e7", 4, 10000000, fill_allocation, NULL},
    };
    bench_heading();
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++) {
        struct stream s = {.m = sets[k].m, .n = sets[k].n};
        s.columns = malloc(s.m * s.n * sizeof *s.columns);
        if (s.columns == NULL) {
            give_up("out of memory");
        }
        sets[k].fill(&s);
        bench_compare(sets[k].name, s.n, N_REPEATS, filter, sets[k].naive, &s);
        (void)printf("%-40s %12zu rows\n", "", s.n_left);
        free(s.columns);
    }
    return EXIT_SUCCESS;
}
