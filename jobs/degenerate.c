#include "jobs/degenerate.h"

#include <math.h>

/* Designs that are looked at: the axes at these parts of their ranges, all in step but not alike.
 */
enum { N_SAMPLES = 5 };

/* Slopes of the logarithms of all outcomes with the logarithms of two axes. */
struct slopes {
    double first[FOOTPRINT_N_OUTCOMES], second[FOOTPRINT_N_OUTCOMES];
};

/* A design in the midst of the space. */
static struct design sample_at(const struct allocation *a, size_t sample)
{
    struct design d = a->base;
    for (size_t i = 0; i < a->space.n_axes; i++) {
        const struct space_axis *axis = &a->space.axes[i];
        /* Between levels, so that no sample sits on a bound or a round number. */
        const double part = fmod(0.17 + 0.31 * (double)sample + 0.23 * (double)i, 1.0);
        const size_t level = (size_t)(part * (double)(axis->n - 1));
        const double low = axis->values[level];
        const double high = axis->values[level + 1 < axis->n ? level + 1 : level];
        d.value[a->inputs[i]] =
            axis->kind == SPACE_CATEGORY || !(low > 0.0) ? low : sqrt(low * high);
    }
    return d;
}

/* Central differences of the logarithm of every outcome, of fourth order. */
static void slopes_by(const struct allocation *a, const struct design *d, enum design_input input,
                      double slope[])
{
    static const double step = 0.01;
    static const double offsets[] = {-2, -1, 1, 2};
    static const double weights[] = {1.0 / 12, -8.0 / 12, 8.0 / 12, -1.0 / 12};
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
        slope[o] = 0.0;
    }
    for (int k = 0; k < 4; k++) {
        double outcome[FOOTPRINT_N_OUTCOMES];
        struct design moved = *d;
        moved.value[input] *= exp(offsets[k] * step);
        dependent_apply(&a->study->dependents, 0, &moved);
        allocation_price(a, a->model, &moved, outcome);
        for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
            slope[o] += weights[k] / step * log(outcome[o]);
        }
    }
}

/* Whether an outcome depends on the two axes by first * second^power alone; *power is found by the
 * first outcome that depends on them at all, NAN before. */
static bool follows(const struct slopes samples[], int o, double *power)
{
    static const double nothing = 1e-7, equal_to = 1e-5;
    for (size_t s = 0; s < N_SAMPLES; s++) {
        const double x = samples[s].first[o], y = samples[s].second[o];
        if (isnan(x) || isnan(y) || (fabs(x) <= nothing && fabs(y) <= nothing)) {
            continue;
        }
        if (fabs(x) <= nothing || fabs(y) <= nothing) {
            return false; /* one without the other */
        }
        *power = isnan(*power) ? y / x : *power;
        if (!(fabs(y / x - *power) <= equal_to * fabs(*power))) {
            return false;
        }
    }
    return true;
}

bool degenerate_pair(const struct allocation *a, size_t i, size_t j, double *power,
                     enum footprint_outcome *parted)
{
    struct slopes samples[N_SAMPLES];
    if (a->space.axes[i].kind != SPACE_NUMBER || a->space.axes[j].kind != SPACE_NUMBER) {
        return false;
    }
    for (size_t s = 0; s < N_SAMPLES; s++) {
        const struct design d = sample_at(a, s);
        slopes_by(a, &d, a->inputs[i], samples[s].first);
        slopes_by(a, &d, a->inputs[j], samples[s].second);
    }
    *power = (double)NAN;
    for (size_t k = 0; k < a->n_outcomes; k++) {
        /* A rounded outcome follows its unrounded twin; its slopes are steps. */
        if (!footprint_rounds(a->outcomes[k]) && !follows(samples, (int)a->outcomes[k], power)) {
            return false;
        }
    }
    if (isnan(*power)) {
        return false; /* nothing depends on either */
    }
    *parted = FOOTPRINT_N_OUTCOMES;
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES && *parted == FOOTPRINT_N_OUTCOMES; o++) {
        double same = *power;
        if (!footprint_rounds((enum footprint_outcome)o)
            && allocation_can(a, (enum footprint_outcome)o) && !follows(samples, o, &same)) {
            *parted = (enum footprint_outcome)o;
        }
    }
    return true;
}
