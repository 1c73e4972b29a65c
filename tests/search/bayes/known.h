/** \file known.h
 * Problems of a Bayesian search whose fronts are known, as its tests and its benchmark use them.
 */
#ifndef TESTS_SEARCH_BAYES_KNOWN_H
#define TESTS_SEARCH_BAYES_KNOWN_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "search/bayes/propose.h"
#include "search/front/hypervolume.h"

#define KNOWN_HALF_PI 1.5707963267948966

/** What is evaluated and what the best of it is. */
struct known {
    const char *name;
    /** Variables, objectives with their box, limits. */
    void (*describe)(struct propose_problem *p);
    void (*evaluate)(const double x[], double objectives[], double limits[]);
    /** Share of the box that the whole front dominates; 0: that of the designs of front() */
    double best;
    /** Design k of n on the front, or nearly: those outside the limits are left out; NULL where
     * \a best is known. */
    void (*front)(size_t k, size_t n, double x[]);
};

static inline void known_numbers(struct propose_problem *p, size_t n, double lower, double upper)
{
    for (size_t i = 0; i < n; i++) {
        p->variables[p->n_variables++] =
            (struct variable){.kind = VARIABLE_CONTINUOUS, .lower = lower, .upper = upper};
    }
}

static inline void known_objective(struct propose_problem *p, double ideal, double reference)
{
    p->objectives[p->n_objectives++] =
        (struct propose_objective){.ideal = ideal, .reference = reference};
}

static inline void known_limit(struct propose_problem *p, double lower)
{
    p->limits[p->n_limits++] = (struct propose_limit){.lower = lower, .upper = (double)INFINITY};
}

/* ZDT1 (Zitzler, Deb and Thiele 2000), 10 variables. The front is f2 = 1 - sqrt(f1); below (1.1,
 * 1.1) it dominates 1.21 - 1/3. */
enum { KNOWN_ZDT1_VARIABLES = 10 };

static inline void known_zdt1_describe(struct propose_problem *p)
{
    known_numbers(p, KNOWN_ZDT1_VARIABLES, 0.0, 1.0);
    known_objective(p, 0.0, 1.1);
    known_objective(p, 0.0, 1.1);
}

static inline void known_zdt1_evaluate(const double x[], double f[], double limits[])
{
    double g = 1.0;
    (void)limits;
    for (size_t i = 1; i < KNOWN_ZDT1_VARIABLES; i++) {
        g += 9.0 * x[i] / (KNOWN_ZDT1_VARIABLES - 1);
    }
    f[0] = x[0];
    f[1] = g * (1.0 - sqrt(x[0] / g));
}

/* DTLZ2 (Deb, Thiele, Laumanns and Zitzler 2005): the front is the unit sphere, at x = 1/2 in all
 * but the first variables; the box is a cube of edge 1.1. */
static inline void known_sphere(size_t m, size_t d, const double x[], double f[])
{
    double radius = 1.0;
    for (size_t i = m - 1; i < d; i++) {
        radius += (x[i] - 0.5) * (x[i] - 0.5);
    }
    for (size_t j = 0; j < m; j++) {
        f[j] = radius;
        for (size_t i = 0; i + 1 + j < m; i++) {
            f[j] *= cos(x[i] * KNOWN_HALF_PI);
        }
        f[j] *= j > 0 ? sin(x[m - 1 - j] * KNOWN_HALF_PI) : 1.0;
    }
}

enum { KNOWN_DTLZ2_VARIABLES = 7 };

static inline void known_dtlz2_describe(struct propose_problem *p)
{
    known_numbers(p, KNOWN_DTLZ2_VARIABLES, 0.0, 1.0);
    for (size_t j = 0; j < 3; j++) {
        known_objective(p, 0.0, 1.1);
    }
}

static inline void known_dtlz2_evaluate(const double x[], double f[], double limits[])
{
    (void)limits;
    known_sphere(3, KNOWN_DTLZ2_VARIABLES, x, f);
}

static inline void known_dtlz2_4_describe(struct propose_problem *p)
{
    known_dtlz2_describe(p);
    known_objective(p, 0.0, 1.1);
}

static inline void known_dtlz2_4_evaluate(const double x[], double f[], double limits[])
{
    (void)limits;
    known_sphere(4, KNOWN_DTLZ2_VARIABLES, x, f);
}

/* C2-DTLZ2 (Jain and Deb 2014): of the sphere only what is within .4 of a corner or of the middle.
 */
static inline void known_c2_describe(struct propose_problem *p)
{
    known_dtlz2_describe(p);
    known_limit(p, 0.0);
}

static inline void known_c2_evaluate(const double x[], double f[], double limits[])
{
    static const double square_radius = 0.4 * 0.4;
    double least = 0.0, all = 0.0;
    known_dtlz2_evaluate(x, f, limits);
    for (size_t j = 0; j < 3; j++) {
        all += f[j] * f[j];
        least += (f[j] - 1.0 / sqrt(3.0)) * (f[j] - 1.0 / sqrt(3.0));
    }
    for (size_t j = 0; j < 3; j++) {
        least = fmin(least, all - f[j] * f[j] + (f[j] - 1.0) * (f[j] - 1.0));
    }
    limits[0] = square_radius - least;
}

/* A net over the two angles. */
static inline void known_c2_front(size_t k, size_t n, double x[])
{
    const size_t side = (size_t)sqrt((double)n);
    x[0] = (double)(k / side % side) / (double)(side - 1);
    x[1] = (double)(k % side) / (double)(side - 1);
    for (size_t i = 2; i < KNOWN_DTLZ2_VARIABLES; i++) {
        x[i] = 0.5;
    }
}

/* OSY (Osyczka and Kundu 1995): six variables, six limits, all of them known after an evaluation
 * only. The five parts of the front are those of Deb (2001). */
static inline void known_osy_describe(struct propose_problem *p)
{
    static const double bounds[][2] = {{0.0, 10.0}, {0.0, 10.0}, {1.0, 5.0},
                                       {0.0, 6.0},  {1.0, 5.0},  {0.0, 10.0}};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        known_numbers(p, 1, bounds[i][0], bounds[i][1]);
    }
    known_objective(p, -274.0, -40.0);
    known_objective(p, 4.0, 78.0);
    for (size_t i = 0; i < 6; i++) {
        known_limit(p, 0.0);
    }
}

static inline void known_osy_evaluate(const double x[], double f[], double limits[])
{
    static const double weight[] = {25.0, 1.0, 1.0, 1.0, 1.0}, middle[] = {2.0, 2.0, 1.0, 4.0, 1.0};
    f[0] = 0.0;
    f[1] = x[5] * x[5];
    for (size_t i = 0; i < 5; i++) {
        f[0] -= weight[i] * (x[i] - middle[i]) * (x[i] - middle[i]);
        f[1] += x[i] * x[i];
    }
    limits[0] = x[0] + x[1] - 2.0;
    limits[1] = 6.0 - x[0] - x[1];
    limits[2] = 2.0 - x[1] + x[0];
    limits[3] = 2.0 - x[0] + 3.0 * x[1];
    limits[4] = 4.0 - (x[2] - 3.0) * (x[2] - 3.0) - x[3];
    limits[5] = (x[4] - 3.0) * (x[4] - 3.0) + x[5] - 4.0;
}

static inline void known_osy_front(size_t k, size_t n, double x[])
{
    enum { PARTS = 5 };
    static const double first[PARTS][6] = {{5.0, 1.0, 1.0, 0.0, 5.0, 0.0},
                                           {5.0, 1.0, 1.0, 0.0, 1.0, 0.0},
                                           {4.056, 2.056 / 3.0, 1.0, 0.0, 1.0, 0.0},
                                           {0.0, 2.0, 1.0, 0.0, 1.0, 0.0},
                                           {0.0, 2.0, 1.0, 0.0, 1.0, 0.0}};
    static const double last[PARTS][6] = {{5.0, 1.0, 5.0, 0.0, 5.0, 0.0},
                                          {5.0, 1.0, 5.0, 0.0, 1.0, 0.0},
                                          {5.0, 1.0, 1.0, 0.0, 1.0, 0.0},
                                          {0.0, 2.0, 3.732, 0.0, 1.0, 0.0},
                                          {1.0, 1.0, 1.0, 0.0, 1.0, 0.0}};
    const size_t part = k % PARTS;
    const double t = (double)(k / PARTS) / (double)((n - 1) / PARTS);
    for (size_t i = 0; i < 6; i++) {
        x[i] = first[part][i] + (last[part][i] - first[part][i]) * t;
    }
}

/* A mixed problem: which of three recipes, a level of five that suits each, and three numbers that
 * should be .37. Recipes have fronts of their own, the known front is the lower edge of all:
 * 1 - sqrt(f1) to the left, 1.2 (1 - f1)^3 to the right of f1 = .24, and the third never. */
static inline void known_mixed_describe(struct propose_problem *p)
{
    static const double levels[] = {1.0, 2.0, 4.0, 8.0, 16.0};
    static const char *const recipes[] = {"root", "cubic", "linear"};
    known_numbers(p, 4, 0.0, 1.0);
    p->variables[p->n_variables++] =
        (struct variable){.kind = VARIABLE_ORDINAL, .n_levels = 5, .values = levels};
    p->variables[p->n_variables++] =
        (struct variable){.kind = VARIABLE_CATEGORICAL, .n_levels = 3, .labels = recipes};
    known_objective(p, 0.0, 1.1);
    known_objective(p, 0.0, 1.1);
}

/* The logarithm of the level that suits each recipe. */
static const double known_mixed_suits[] = {1.0, 3.0, 2.0};

static inline void known_mixed_evaluate(const double x[], double f[], double limits[])
{
    const size_t recipe = (size_t)x[5];
    const double rest = 1.0 - x[0], off = log2(x[4]) - known_mixed_suits[recipe];
    const double front[] = {1.0 - sqrt(x[0]), 1.2 * rest * rest * rest, 0.1 + rest};
    (void)limits;
    f[0] = x[0];
    f[1] = front[recipe] + 0.2 * off * off;
    for (size_t i = 1; i < 4; i++) {
        f[1] += 2.0 * (x[i] - 0.37) * (x[i] - 0.37);
    }
}

static inline void known_mixed_front(size_t k, size_t n, double x[])
{
    const size_t recipe = k % 2;
    x[0] = (double)(k / 2) / (double)((n - 1) / 2);
    x[1] = x[2] = x[3] = 0.37;
    x[4] = exp2(known_mixed_suits[recipe]);
    x[5] = (double)recipe;
}

/* An allocation: parameters and tokens, bits of a weight, MFU, years of a device's life; loss,
 * operations, energy and materials, the last three by their logarithms. The fewest operations for
 * a loss are the best whatever MFU and life, which trade energy for materials, so the dominated
 * volume is an integral over the loss alone; quadrature gives .53271. */
static inline void known_allocation_describe(struct propose_problem *p)
{
    static const double bits[] = {4.0, 8.0, 16.0, 32.0};
    static const double ends[][2] = {{17.1, 26.7}, {-0.9, 9.3}, {-5.0, 5.6}};
    known_numbers(p, 1, 1e8, 1e12);
    known_numbers(p, 1, 1e9, pow(10.0, 13.5));
    p->variables[0].is_log = p->variables[1].is_log = true;
    p->variables[p->n_variables++] =
        (struct variable){.kind = VARIABLE_ORDINAL, .n_levels = 4, .values = bits};
    known_numbers(p, 1, 0.2, 0.6);
    known_numbers(p, 1, 1.0, 8.0);
    known_objective(p, 1.75, 4.0);
    for (size_t j = 0; j < 3; j++) {
        known_objective(p, pow(10.0, ends[j][0]), pow(10.0, ends[j][1]));
        p->objectives[1 + j].is_log = true;
    }
}

static inline void known_allocation_evaluate(const double x[], double f[], double limits[])
{
    const double params = x[0], tokens = x[1], bits = x[2], mfu = x[3], life_year = x[4];
    const double flop = 6.0 * params * tokens * bits / 16.0;
    const double hours = flop / (312e12 * mfu) / 3600.0;
    (void)limits;
    f[0] = 1.69 + 406.4 / pow(params, 0.34) + 410.7 / pow(tokens, 0.28) + 0.35 * exp(-bits / 3.0);
    f[1] = flop;
    f[2] = hours * (0.4 + 0.35 * mfu) * 1.2 * (1.0 + 0.05 * (life_year - 1.0));
    f[3] = hours / (life_year * 8760.0) * 1.2 * (1.0 + 6.0 * mfu * mfu);
}

enum {
    KNOWN_ZDT1,
    KNOWN_DTLZ2,
    KNOWN_ALLOCATION,
    KNOWN_C2_DTLZ2,
    KNOWN_OSY,
    KNOWN_MIXED,
    KNOWN_DTLZ2_4,
    KNOWN_N
};

/* Below the reference the sphere leaves out an eighth of a ball, a sixteenth in four dimensions. */
static const struct known known_problems[KNOWN_N] = {
    [KNOWN_ZDT1] = {"zdt1", known_zdt1_describe, known_zdt1_evaluate, 1.0 - 1.0 / 3.0 / 1.21, NULL},
    [KNOWN_DTLZ2] = {"dtlz2", known_dtlz2_describe, known_dtlz2_evaluate,
                     1.0 - KNOWN_HALF_PI / 3.0 / 1.331, NULL},
    [KNOWN_ALLOCATION] = {"allocation", known_allocation_describe, known_allocation_evaluate,
                          0.53271, NULL},
    [KNOWN_C2_DTLZ2] = {"c2-dtlz2", known_c2_describe, known_c2_evaluate, 0.0, known_c2_front},
    [KNOWN_OSY] = {"osy", known_osy_describe, known_osy_evaluate, 0.0, known_osy_front},
    [KNOWN_MIXED] = {"mixed", known_mixed_describe, known_mixed_evaluate, 0.0, known_mixed_front},
    [KNOWN_DTLZ2_4] = {"dtlz2-4", known_dtlz2_4_describe, known_dtlz2_4_evaluate,
                       1.0 - KNOWN_HALF_PI *KNOWN_HALF_PI / 8.0 / 1.4641, NULL},
};

/** The problem with a seed; Sobol designs to begin with as many as is usual. */
static inline void known_begin(const struct known *k, uint64_t seed, size_t lag,
                               struct propose_problem *p)
{
    *p = (struct propose_problem){.seed = seed, .lag = lag};
    k->describe(p);
    p->n_initial = 2 * (p->n_variables + 1);
}

static inline bool known_is_inside(const struct propose_problem *p, const double limits[])
{
    bool inside = true;
    for (size_t i = 0; i < p->n_limits; i++) {
        /* A front lies on its limits, where rounding may be on either side. */
        inside = inside && limits[i] >= p->limits[i].lower - 1e-9;
    }
    return inside;
}

/** Places of designs in the box of the problem: 0 at the ideal, 1 at the reference; those outside
 * the limits are left out.
 * \param [in]  x      [n][n_variables] values
 * \param [out] place  [n][n_objectives]; \return how many */
static inline size_t known_places(const struct known *k, const struct propose_problem *p, size_t n,
                                  const double x[], double place[])
{
    size_t n_inside = 0;
    for (size_t i = 0; i < n; i++) {
        double limits[PROPOSE_MAX_LIMITS], *at = place + n_inside * p->n_objectives;
        k->evaluate(x + i * p->n_variables, at, limits);
        n_inside += known_is_inside(p, limits) ? 1 : 0;
        for (size_t j = 0; j < p->n_objectives; j++) {
            const struct propose_objective *o = &p->objectives[j];
            at[j] = o->is_log ? log(at[j] / o->ideal) / log(o->reference / o->ideal)
                              : (at[j] - o->ideal) / (o->reference - o->ideal);
        }
    }
    return n_inside;
}

/** Share of the box that the front dominates, from \a n of its designs where it has no formula; NAN
 * without memory. */
static inline double known_best(const struct known *k, size_t n)
{
    static const double ones[] = {1.0, 1.0, 1.0, 1.0};
    struct propose_problem p;
    struct status_why why = {STATUS_OK, ""};
    double share = (double)NAN;
    if (k->best > 0.0) {
        return k->best;
    }
    known_begin(k, 0, 1, &p);
    double *x = malloc(n * p.n_variables * sizeof *x);
    double *places = malloc(n * p.n_objectives * sizeof *places);
    for (size_t i = 0; x != NULL && i < n; i++) {
        k->front(i, n, x + i * p.n_variables);
    }
    if (x != NULL && places != NULL) {
        const size_t n_inside = known_places(k, &p, n, x, places);
        (void)hypervolume_exact(p.n_objectives, n_inside, places, ones, &share, &why);
    }
    free(places);
    free(x);
    return share;
}

#endif
