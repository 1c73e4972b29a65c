#include "fitting/refit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/minimise/local.h"
#include "fitting/minimise/multistart.h"
#include "fitting/minimise/objective.h"
#include "solver/base/vmath.h"

/* Cold starts beside the warm one: the grid of a law with two exponents. */
enum { REFIT_STARTS = 25 };

/** Minimise \a sample from \a theta and from the grid. */
static void solve(const struct objective *sample, const double theta[], struct refit *made)
{
    double z[LAW_MAX_PARAMETERS];
    struct local_end end;
    objective_centre(sample, theta, z);
    local_minimise(sample, true, z, &end);
    const double warm = end.reason == FIT_DIVERGED ? (double)INFINITY : end.objective;
    const double best = multistart_improve(sample, REFIT_STARTS, warm, z);
    made->solved = isfinite(best);
    if (made->solved) {
        made->objective = best;
        objective_uncentre(sample, z, made->theta);
    }
}

size_t refit_n_free(const struct fit_options *options)
{
    size_t n = 0;
    for (size_t i = 0; i < options->law->n_parameters; i++) {
        n += !options->parameters[i].fixed && !options->parameters[i].tied;
    }
    return n;
}

bool refit_has_priors(const struct fit_options *options)
{
    bool any = false;
    for (size_t i = 0; i < options->law->n_parameters; i++) {
        any = any || options->parameters[i].prior_sd > 0.0;
    }
    return any;
}

enum status refit_solve(const struct fit_data *data, const struct fit_options *options,
                        const double theta[], const bool left_out[], struct refit *made,
                        struct status_why *why)
{
    enum status st = STATUS_OK;
    struct objective *full = NULL, *sample = NULL;
    unsigned *count = calloc(data->n, sizeof *count);
    *made = (struct refit){.objective = (double)NAN};
    if (count == NULL) {
        st = status_fail(why, STATUS_MEMORY, "no memory for %zu rows of a fit", data->n);
        goto out;
    }
    for (size_t i = 0; i < data->n; i++) {
        count[i] = left_out == NULL || !left_out[i];
        made->n += count[i];
    }
    if (made->n > refit_n_free(options)) {
        STATUS_TRY(objective_create(data, options, &full, why));
        if (refit_has_priors(options)) {
            objective_set_noise(full, options->prior_noise);
        }
        STATUS_TRY(objective_create_like(full, &sample, why));
        objective_resample(full, count, sample);
        solve(sample, theta, made);
    }
out:
    objective_destroy(sample);
    objective_destroy(full);
    free(count);
    return st;
}

enum status refit_errors(const struct fit_data *data, const struct fit_options *options,
                         const double theta[], double error[], struct status_why *why)
{
    struct objective *full = NULL;
    double z[LAW_MAX_PARAMETERS];
    const enum status st = objective_create(data, options, &full, why);
    if (st != STATUS_OK) {
        return st;
    }
    objective_centre(full, theta, z);
    objective_residuals(full, z, error);
    for (size_t i = 0; i < data->n; i++) {
        error[i] *= full->error[i];
    }
    for (size_t i = 0; options->residual == FIT_LINEAR && i < data->n; i++) {
        const double observed = full->target[i];
        const double predicted = observed + error[i];
        error[i] = observed > 0.0 && predicted > 0.0 ? vmath_log1(predicted) - vmath_log1(observed)
                                                     : (double)NAN;
    }
    objective_destroy(full);
    return STATUS_OK;
}
