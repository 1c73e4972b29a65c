#include "search/front/multiples.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum {
    MOST_SAMPLES = 512,
    MOST_LEVELS = 256,
    MOST_OUTCOMES = PROBLEM_MAX_OBJECTIVES + PROBLEM_MAX_CONSTRAINTS
};

/* Ratios of objective k to objective j, in one level and over those seen. */
struct ratio {
    bool is_refuted;
    size_t n; /* of this level */
    double first, least, greatest;
};

static void note(struct ratio *r, double of, double x)
{
    const double ratio = x / of;
    r->first = r->n++ == 0 ? ratio : r->first;
    r->is_refuted = r->is_refuted || !(ratio > 0.0)
                    || !(fabs(ratio - r->first) <= MULTIPLES_TOLERANCE * r->first);
}

/* Look at one configuration. A value that is absent says nothing. */
static void look(const struct problem *p, uint64_t configuration,
                 struct ratio ratios[PROBLEM_MAX_OBJECTIVES][PROBLEM_MAX_OBJECTIVES])
{
    double values[MOST_OUTCOMES];
    p->evaluate(p->context, configuration, 1, values, 1);
    for (size_t k = 0; k < p->n_objectives; k++) {
        for (size_t j = 0; j < k; j++) {
            if (isfinite(values[j]) && isfinite(values[k])) {
                note(&ratios[k][j], values[j], values[k]);
            }
        }
    }
}

/* A level has ended: one value of a ratio in it is no evidence. */
static void end_level(size_t n, bool has_one_decision,
                      struct ratio ratios[PROBLEM_MAX_OBJECTIVES][PROBLEM_MAX_OBJECTIVES])
{
    for (size_t k = 0; k < n; k++) {
        for (size_t j = 0; j < k; j++) {
            struct ratio *r = &ratios[k][j];
            r->is_refuted = r->is_refuted || r->n < 2 || has_one_decision;
            r->least = fmin(r->least, r->first);
            r->greatest = fmax(r->greatest, r->first);
            r->n = 0;
        }
    }
}

void multiples_find(const struct problem *p, struct multiple made[])
{
    struct ratio ratios[PROBLEM_MAX_OBJECTIVES][PROBLEM_MAX_OBJECTIVES];
    const uint64_t n_levels = space_n_scenarios(p->space);
    const uint64_t n_decisions = space_n_decisions(p->space);
    const uint64_t n_tried = n_levels < MOST_LEVELS ? n_levels : MOST_LEVELS;
    const uint64_t n_samples = n_decisions < MOST_SAMPLES ? n_decisions : MOST_SAMPLES;
    for (size_t k = 0; k < PROBLEM_MAX_OBJECTIVES; k++) {
        for (size_t j = 0; j < PROBLEM_MAX_OBJECTIVES; j++) {
            ratios[k][j] = (struct ratio){.least = INFINITY};
        }
    }
    for (uint64_t s = 0; s < n_tried; s++) {
        const uint64_t first = s * n_levels / n_tried * n_decisions;
        for (uint64_t i = 0; i < n_samples; i++) {
            /* Evenly from the first to the last, in whole numbers: a double has no 1e18 - 1. */
            const uint64_t steps = n_samples > 1 ? n_samples - 1 : 1, last = n_decisions - 1;
            look(p, first + i * (last / steps) + i * (last % steps) / steps, ratios);
        }
        end_level(p->n_objectives, n_decisions < 2, ratios);
    }
    memset(made, 0, p->n_objectives * sizeof *made);
    for (size_t k = 1; k < p->n_objectives; k++) {
        for (size_t j = 0; j < k && !made[k].is; j++) {
            const struct ratio *r = &ratios[k][j];
            if (!made[j].is && !r->is_refuted
                && p->objectives[j].maximise == p->objectives[k].maximise) {
                made[k] = (struct multiple){true, j, r->least, r->greatest};
            }
        }
    }
}
