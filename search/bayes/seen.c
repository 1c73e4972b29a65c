#include "search/bayes/seen.h"

#include <math.h>

#include "solver/base/vmath.h"

double seen_objective(const struct propose_objective *o, double value)
{
    const double seen = o->is_log ? vmath_log1(value) : value;
    return o->maximise ? -seen : seen;
}

bool seen_values(const struct propose_problem *problem, const struct propose_result *result,
                 double values[])
{
    bool is_done = result->outcome == PROPOSE_DONE;
    for (size_t j = 0; is_done && j < problem->n_objectives; j++) {
        values[j] = seen_objective(&problem->objectives[j], result->objectives[j]);
        is_done = isfinite(values[j]);
    }
    for (size_t j = 0; is_done && j < problem->n_limits; j++) {
        values[problem->n_objectives + j] = result->limits[j];
        is_done = isfinite(result->limits[j]);
    }
    return is_done;
}

bool seen_is_within(const struct propose_problem *problem, const double limits[])
{
    for (size_t j = 0; j < problem->n_limits; j++) {
        if (limits[j] < problem->limits[j].lower || limits[j] > problem->limits[j].upper) {
            return false;
        }
    }
    return true;
}

void seen_box(const struct propose_problem *problem, size_t n_results,
              const struct propose_result results[], double ideal[], double reference[])
{
    const size_t m = problem->n_objectives;
    double values[PROPOSE_MAX_OBJECTIVES + PROPOSE_MAX_LIMITS];
    double best[PROPOSE_MAX_OBJECTIVES], worst[PROPOSE_MAX_OBJECTIVES];
    size_t n_done = 0;
    for (size_t i = 0; i < n_results && n_done < problem->n_initial; i++) {
        if (!seen_values(problem, &results[i], values)) {
            continue;
        }
        for (size_t j = 0; j < m; j++) {
            best[j] = n_done == 0 ? values[j] : fmin(best[j], values[j]);
            worst[j] = n_done == 0 ? values[j] : fmax(worst[j], values[j]);
        }
        n_done++;
    }
    for (size_t j = 0; j < m; j++) {
        const struct propose_objective *o = &problem->objectives[j];
        const double low = n_done > 0 ? best[j] : 0.0, high = n_done > 0 ? worst[j] : 0.0;
        const double beyond = high > low ? 0.1 * (high - low) : 0.1 * fmax(fabs(low), 1.0);
        ideal[j] = isnan(o->ideal) ? low - beyond : seen_objective(o, o->ideal);
        reference[j] = isnan(o->reference) ? high + beyond : seen_objective(o, o->reference);
    }
}
