#include "fitting/minimise/robust.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "fitting/minimise/local.h"
#include "fitting/minimise/multistart.h"
#include "fitting/minimise/start.h"

/* The design: 4 x 4 for two exponents. Two of its points are tried, and at most four: of 480
 * resamples of 60 runs of 3 % noise this leaves 3 above the best known, one point 6. */
enum { ROBUST_DESIGN = 16, ROBUST_LEAST_POINTS = 2, ROBUST_MOST_POINTS = 4, ROBUST_AGREE = 3 };

/* Least absolute deviations have a minimum at many a vertex: all points of a larger share are
 * tried. */
enum { ROBUST_LAD_POINTS = 12 };

/* Evaluations after which a direct way is hopeless: where the data leave a flat valley, as those of
 * the Pile do, every further one would be as long and as futile. */
enum { ROBUST_LONG = 100 };

/** The lowest end so far. */
struct tally {
    const struct objective *o;
    struct robust_end *end;
    double *z;
    size_t n_longest; /* evaluations of the longest direct way so far */
};

static void try_from(struct tally *t, bool warm, const double from[])
{
    double z[LAW_MAX_PARAMETERS];
    struct local_end local;
    struct robust_end *end = t->end;
    const size_t size = t->o->law->n_parameters * sizeof *z;
    memcpy(z, from, size);
    local_minimise(t->o, warm, z, &local);
    end->n_tried++;
    if (warm && local.n_evaluations > t->n_longest) {
        t->n_longest = local.n_evaluations;
    }
    if (local.reason == FIT_DIVERGED
        || local.objective > end->objective * (1.0 + MULTISTART_SAME)) {
        return;
    }
    const bool is_lower = !(local.objective >= end->objective * (1.0 - MULTISTART_SAME));
    end->n_agree = is_lower ? 1 : end->n_agree + 1;
    if (local.objective < end->objective) {
        end->objective = local.objective;
        memcpy(t->z, z, size);
    }
}

/** Directly, if wanted, and by continuation, which is the same for least squares. */
static void try_both(struct tally *t, bool directly, const double from[])
{
    const bool is_smooth = t->o->kind == FIT_LEAST_SQUARES;
    if (directly || is_smooth) {
        try_from(t, true, from);
    }
    if (!is_smooth) {
        try_from(t, false, from);
    }
}

/** The points of the design that have the lowest objective, best first: the earlier among equals.
 * \return how many */
static size_t find_points(const struct objective *o, double point[][LAW_MAX_PARAMETERS])
{
    double value[ROBUST_LAD_POINTS];
    const size_t most = o->kind == FIT_LAD ? ROBUST_LAD_POINTS : ROBUST_MOST_POINTS;
    struct start_design design;
    size_t n = 0;
    start_plan_few(o, ROBUST_DESIGN, &design);
    for (size_t i = 0; i < design.n; i++) {
        double z[LAW_MAX_PARAMETERS];
        start_at(o, &design, i, z);
        const double here = objective_value(o, z);
        size_t k = n;
        while (k > 0 && here < value[k - 1]) {
            k--;
        }
        if (!isfinite(here) || k == most) {
            continue;
        }
        n += n < most;
        memmove(&value[k + 1], &value[k], (n - 1 - k) * sizeof *value);
        memmove(point[k + 1], point[k], (n - 1 - k) * sizeof *point);
        value[k] = here;
        memcpy(point[k], z, sizeof z);
    }
    return n;
}

void robust_minimise(const struct objective *o, const double seeds[], size_t n_seeds, double z[],
                     struct robust_end *end)
{
    struct tally t = {o, end, z, 0};
    const size_t p = o->law->n_parameters;
    double point[ROBUST_LAD_POINTS][LAW_MAX_PARAMETERS];
    const size_t n_enough = o->kind == FIT_LAD ? ROBUST_LAD_POINTS : ROBUST_LEAST_POINTS;
    *end = (struct robust_end){.objective = (double)INFINITY};
    memcpy(z, seeds, p * sizeof *z);
    try_both(&t, true, seeds);
    for (size_t k = 1; k < n_seeds && k < ROBUST_MOST_SEEDS; k++) {
        try_from(&t, true, seeds + k * p);
    }
    const size_t n_points = find_points(o, point);
    for (size_t k = 0; k < n_points; k++) {
        try_both(&t, t.n_longest <= ROBUST_LONG, point[k]);
        if (k + 1 >= n_enough && end->n_agree >= ROBUST_AGREE) {
            return;
        }
    }
}

double robust_check(const struct objective *o, double objective, double z[])
{
    struct robust_end end = {.objective = objective};
    struct tally t = {o, &end, z, 0};
    struct start_design design;
    start_plan_few(o, ROBUST_DESIGN, &design);
    for (size_t i = 0; i < design.n; i++) {
        double start[LAW_MAX_PARAMETERS];
        start_at(o, &design, i, start);
        try_both(&t, true, start);
    }
    return end.objective;
}
