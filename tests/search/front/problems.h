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

/** ZDT1 to ZDT4 and ZDT6 (Zitzler, Deb and Thiele 2000), and DTLZ1, DTLZ2 and DTLZ7 of three
 * objectives (Deb et al. 2002), on the levels of a space, whose axes are the variables. */
enum problems_kind {
    PROBLEMS_ZDT1,
    PROBLEMS_ZDT2,
    PROBLEMS_ZDT3,
    PROBLEMS_ZDT4,
    PROBLEMS_ZDT6,
    PROBLEMS_DTLZ1,
    PROBLEMS_DTLZ2,
    PROBLEMS_DTLZ7
};
struct problems_known {
    const struct space *space;
    enum problems_kind kind;
};

static inline size_t problems_n_objectives(enum problems_kind kind)
{
    return kind < PROBLEMS_DTLZ1 ? 2 : 3;
}

/** How far the variables behind the first ones are from their best, 1 at best (ZDT), 0 (DTLZ1 and
 * DTLZ2) or 1 (DTLZ7). */
static inline double problems_distance(enum problems_kind kind, size_t n, const double x[])
{
    const double pi = acos(-1.0);
    const size_t first = problems_n_objectives(kind) - 1, rest = n - first;
    double sum = 0.0;
    for (size_t a = first; a < n; a++) {
        const double off = x[a] - 0.5;
        sum += kind == PROBLEMS_ZDT4    ? x[a] * x[a] - 10 * cos(4 * pi * x[a])
               : kind == PROBLEMS_DTLZ1 ? off * off - cos(20 * pi * off)
               : kind == PROBLEMS_DTLZ2 ? off * off
                                        : x[a];
    }
    switch (kind) {
    case PROBLEMS_ZDT4:
        return 1 + 10 * (double)rest + sum;
    case PROBLEMS_ZDT6:
        return 1 + 9 * pow(sum / (double)rest, 0.25);
    case PROBLEMS_DTLZ1:
        return 100 * ((double)rest + sum);
    case PROBLEMS_DTLZ2:
        return sum;
    case PROBLEMS_ZDT1:
    case PROBLEMS_ZDT2:
    case PROBLEMS_ZDT3:
    case PROBLEMS_DTLZ7:
        break;
    }
    return 1 + 9 * sum / (double)rest;
}

static inline void problems_known_one(const struct problems_known *p, const double x[], double f[])
{
    const double pi = acos(-1.0), g = problems_distance(p->kind, p->space->n_axes, x);
    f[0] = x[0];
    switch (p->kind) {
    case PROBLEMS_ZDT1:
    case PROBLEMS_ZDT4:
        f[1] = g * (1 - sqrt(f[0] / g));
        break;
    case PROBLEMS_ZDT2:
        f[1] = g * (1 - f[0] / g * (f[0] / g));
        break;
    case PROBLEMS_ZDT3:
        f[1] = g * (1 - sqrt(f[0] / g) - f[0] / g * sin(10 * pi * f[0]));
        break;
    case PROBLEMS_ZDT6:
        f[0] = 1 - exp(-4 * x[0]) * pow(sin(6 * pi * x[0]), 6);
        f[1] = g * (1 - f[0] / g * (f[0] / g));
        break;
    case PROBLEMS_DTLZ1:
        f[0] = 0.5 * x[0] * x[1] * (1 + g);
        f[1] = 0.5 * x[0] * (1 - x[1]) * (1 + g);
        f[2] = 0.5 * (1 - x[0]) * (1 + g);
        break;
    case PROBLEMS_DTLZ2:
        f[0] = (1 + g) * cos(x[0] * pi / 2) * cos(x[1] * pi / 2);
        f[1] = (1 + g) * cos(x[0] * pi / 2) * sin(x[1] * pi / 2);
        f[2] = (1 + g) * sin(x[0] * pi / 2);
        break;
    case PROBLEMS_DTLZ7:
        f[1] = x[1];
        f[2] = (1 + g)
               * (3 - f[0] / (1 + g) * (1 + sin(3 * pi * f[0]))
                  - f[1] / (1 + g) * (1 + sin(3 * pi * f[1])));
        break;
    }
}

static inline void problems_evaluate_known(const void *context, uint64_t begin, size_t n,
                                           double values[], size_t stride)
{
    const struct problems_known *p = context;
    for (size_t i = 0; i < n; i++) {
        size_t levels[SPACE_MAX_AXES];
        double x[SPACE_MAX_AXES] = {0}, f[3];
        space_levels(p->space, begin + i, levels);
        for (size_t a = 0; a < p->space->n_axes; a++) {
            x[a] = p->space->axes[a].values[levels[a]];
        }
        problems_known_one(p, x, f);
        for (size_t j = 0; j < problems_n_objectives(p->kind); j++) {
            values[j * stride + i] = f[j];
        }
    }
}

#endif
