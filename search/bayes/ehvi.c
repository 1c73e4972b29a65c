#include "search/bayes/ehvi.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "search/bayes/ehvi_kernel.h"
#include "search/bayes/normal.h"
#include "solver/base/vmath.h"

enum { LANES = 8 };

/* A sum of products of gains below this may have lost terms to underflow, and is done again in
 * logarithms. */
static const double least_sum = 1e-250;

/* Standard deviations that count as farthest: products of five stay finite. */
static const double farthest = 1e60;

struct ehvi {
    struct boxes boxes;
};

static const struct {
    void (*sum)(const struct boxes *b, double *const gain[], double total[LANES]);
    void (*log_sum)(const struct boxes *b, double *const log_gain[], double terms[],
                    double total[LANES]);
} levels[VMATH_N_LEVELS] = {
    [VMATH_V2] = {ehvi_kernel_sum_v2, ehvi_kernel_log_sum_v2},
    [VMATH_V3] = {ehvi_kernel_sum_v3, ehvi_kernel_log_sum_v3},
    [VMATH_V4] = {ehvi_kernel_sum_v4, ehvi_kernel_log_sum_v4},
};

enum status ehvi_create(size_t m, size_t n, const double points[], const double reference[],
                        struct ehvi **made, struct status_why *why)
{
    struct ehvi *e = malloc(sizeof *e);
    *made = NULL;
    if (e == NULL) {
        return status_fail(why, STATUS_MEMORY, "expected improvement: out of memory");
    }
    const enum status st = boxes_create(m, n, points, reference, &e->boxes, why);
    if (st != STATUS_OK) {
        ehvi_destroy(e);
        return st;
    }
    *made = e;
    return STATUS_OK;
}

void ehvi_destroy(struct ehvi *e)
{
    if (e != NULL) {
        boxes_clear(&e->boxes);
        free(e);
    }
}

size_t ehvi_n_boxes(const struct ehvi *e)
{
    return e->boxes.n;
}

/* Tables of eight designs. */
struct work {
    double *z[EHVI_MOST_OBJECTIVES]; /* [n_at][LANES] standard deviations from mean to coordinate */
    double *gain[EHVI_MOST_OBJECTIVES]; /* [n_at][LANES] or its logarithm */
    double *terms;                      /* [n boxes][LANES] */
};

static void work_clear(struct work *w)
{
    for (size_t j = 0; j < EHVI_MOST_OBJECTIVES; j++) {
        free(w->z[j]);
        free(w->gain[j]);
    }
    free(w->terms);
}

static enum status work_create(const struct boxes *b, struct work *w, struct status_why *why)
{
    *w = (struct work){.terms = malloc((b->n + 1) * LANES * sizeof *w->terms)};
    bool is_room = w->terms != NULL;
    for (size_t j = 0; j < b->m; j++) {
        w->z[j] = malloc(b->n_at[j] * LANES * sizeof *w->z[j]);
        w->gain[j] = malloc(b->n_at[j] * LANES * sizeof *w->gain[j]);
        is_room = is_room && w->z[j] != NULL && w->gain[j] != NULL;
    }
    return is_room ? STATUS_OK
                   : status_fail(why, STATUS_MEMORY, "expected improvement: out of memory");
}

/* \param [in] n  designs, the last one stands in for those that lack to eight */
static void standardise(const struct boxes *b, size_t n, const double mean[], const double sd[],
                        struct work *w)
{
    for (size_t j = 0; j < b->m; j++) {
        for (size_t lane = 0; lane < LANES; lane++) {
            const size_t i = (lane < n ? lane : n - 1) * b->m + j;
            for (size_t k = 1; k < b->n_at[j]; k++) {
                const double z = (b->at[j][k] - mean[i]) / sd[i];
                w->z[j][k * LANES + lane] = fmin(fmax(z, -farthest), farthest);
            }
        }
    }
}

/* Tables of gains by \a gain; at minus infinity they are \a nothing. */
static void tabulate(const struct boxes *b, void (*gain)(size_t n, const double z[], double y[]),
                     double nothing, struct work *w)
{
    for (size_t j = 0; j < b->m; j++) {
        for (size_t lane = 0; lane < LANES; lane++) {
            w->gain[j][lane] = nothing;
        }
        gain((b->n_at[j] - 1) * LANES, w->z[j] + LANES, w->gain[j] + LANES);
    }
}

static void log_of_eight(const struct boxes *b, size_t n, const double mean[], const double sd[],
                         struct work *w, double value[])
{
    double total[LANES], logs[LANES] = {0};
    bool is_small = false;
    standardise(b, n, mean, sd, w);
    tabulate(b, normal_gain, 0.0, w);
    levels[vmath_level()].sum(b, w->gain, total);
    for (size_t i = 0; i < n; i++) {
        is_small = is_small || total[i] < least_sum;
    }
    if (is_small) {
        tabulate(b, normal_log_gain, -(double)INFINITY, w);
        levels[vmath_level()].log_sum(b, w->gain, w->terms, logs);
    }
    for (size_t i = 0; i < n; i++) {
        value[i] = total[i] < least_sum ? logs[i] : vmath_log1(total[i]);
        for (size_t j = 0; j < b->m; j++) {
            value[i] += vmath_log1(sd[i * b->m + j]);
        }
    }
}

enum status ehvi_log(const struct ehvi *e, size_t n, const double mean[], const double sd[],
                     double value[], struct status_why *why)
{
    const struct boxes *b = &e->boxes;
    struct work w;
    const enum status st = work_create(b, &w, why);
    for (size_t i = 0; st == STATUS_OK && i < n; i += LANES) {
        const size_t k = n - i < LANES ? n - i : LANES;
        log_of_eight(b, k, mean + i * b->m, sd + i * b->m, &w, value + i);
    }
    work_clear(&w);
    return st;
}
