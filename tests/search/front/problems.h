/** \file problems.h
 * Search problems for tests: hashed values with many ties, and problems with known fronts. */
#ifndef TESTS_SEARCH_FRONT_PROBLEMS_H
#define TESTS_SEARCH_FRONT_PROBLEMS_H

#include <math.h>
#include <stdio.h>

#include "search/problem.h"
#include "tests/harness.h"

/** Add an axis of \a n even levels from \a from to \a to. */
static inline void problems_axis(struct space *s, const char *name, enum space_role role,
                                 double from, double to, size_t n)
{
    struct status_why why = {STATUS_OK, ""};
    struct space_axis axis = {.role = role, .kind = SPACE_NUMBER, .n = n};
    (void)snprintf(axis.name, sizeof axis.name, "%s", name);
    axis.values = malloc(n * sizeof *axis.values);
    space_linear(from, to, n, axis.values);
    HARNESS_ASSERT_OK(space_add(s, &axis, &why));
    free(axis.values);
}

/** Values that look random, the same for the same configuration: \a n_levels of them an outcome. */
struct problems_hashed {
    uint64_t seed, n_levels;
    size_t n_outcomes;
};

static inline uint64_t problems_hash(uint64_t x)
{
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
    x = (x ^ x >> 27) * 0x94d049bb133111ebU;
    return x ^ x >> 31;
}

static inline void problems_evaluate_hashed(const void *context, uint64_t begin, size_t n,
                                            double values[], size_t stride)
{
    const struct problems_hashed *h = context;
    for (size_t j = 0; j < h->n_outcomes; j++) {
        for (size_t i = 0; i < n; i++) {
            const uint64_t bits = problems_hash(h->seed ^ problems_hash((begin + i) * 32 + j));
            values[j * stride + i] = 0.37 * (double)(bits % h->n_levels) - 1.1;
        }
    }
}

/** ZDT1, ZDT2 (Zitzler, Deb and Thiele 2000) and DTLZ2 of three objectives (Deb et al. 2002) on the
 * levels of a space, whose axes are the variables. */
enum problems_kind { PROBLEMS_ZDT1, PROBLEMS_ZDT2, PROBLEMS_DTLZ2 };
struct problems_known {
    const struct space *space;
    enum problems_kind kind;
};

static inline void problems_known_one(const struct problems_known *p, const double x[], double f[])
{
    const size_t n = p->space->n_axes;
    const double quarter = acos(0.0);
    double g = 0;
    if (p->kind == PROBLEMS_DTLZ2) {
        for (size_t a = 2; a < n; a++) {
            g += (x[a] - 0.5) * (x[a] - 0.5);
        }
        f[0] = (1 + g) * cos(x[0] * quarter) * cos(x[1] * quarter);
        f[1] = (1 + g) * cos(x[0] * quarter) * sin(x[1] * quarter);
        f[2] = (1 + g) * sin(x[0] * quarter);
        return;
    }
    for (size_t a = 1; a < n; a++) {
        g += x[a];
    }
    g = 1 + 9 * g / (double)(n - 1);
    f[0] = x[0];
    f[1] = p->kind == PROBLEMS_ZDT1 ? g * (1 - sqrt(x[0] / g)) : g * (1 - x[0] / g * (x[0] / g));
}

static inline void problems_evaluate_known(const void *context, uint64_t begin, size_t n,
                                           double values[], size_t stride)
{
    const struct problems_known *p = context;
    for (size_t i = 0; i < n; i++) {
        size_t levels[SPACE_MAX_AXES];
        double x[SPACE_MAX_AXES], f[3];
        space_levels(p->space, begin + i, levels);
        for (size_t a = 0; a < p->space->n_axes; a++) {
            x[a] = p->space->axes[a].values[levels[a]];
        }
        problems_known_one(p, x, f);
        for (size_t j = 0; j < (p->kind == PROBLEMS_DTLZ2 ? 3 : 2); j++) {
            values[j * stride + i] = f[j];
        }
    }
}

#endif
