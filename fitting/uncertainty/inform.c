#include "fitting/uncertainty/inform.h"

#include <math.h>
#include <string.h>

#include "fitting/minimise/dense.h"
#include "solver/base/vmath.h"

static bool is_usable(double sd)
{
    return sd > 0.0 && isfinite(sd);
}

/* M306: a parameter may be anywhere in the range of its starts, or as its prior says. */
static double sd_before(const struct law *law, size_t i, const struct fit_parameter_option *said,
                        const double theta[])
{
    const struct law_parameter *p = &law->parameters[i];
    const bool is_log = p->transform == LAW_LOG;
    const double width = is_log ? vmath_log1(p->start_upper) - vmath_log1(p->start_lower)
                                : p->start_upper - p->start_lower;
    const double prior = is_log ? said->prior_sd / vmath_exp1(theta[i]) : said->prior_sd;
    const double sd = is_usable(prior) ? prior : width;
    return is_usable(sd) ? sd : fmax(1.0, fabs(theta[i]));
}

void inform_open(const struct law *law, enum fit_residual residual,
                 const struct fit_parameter_option parameters[], const double theta[],
                 struct inform *made)
{
    memset(made, 0, sizeof *made);
    made->law = law;
    made->residual = residual;
    for (size_t i = 0; i < law->n_parameters; i++) {
        made->slot[i] = -1;
        if (!parameters[i].fixed && !parameters[i].tied) {
            made->sd[made->n] = sd_before(law, i, &parameters[i], theta);
            made->of[made->n] = i;
            made->slot[i] = (int)made->n++;
        }
    }
    for (size_t i = 0; i < law->n_parameters; i++) {
        if (parameters[i].tied) {
            made->slot[i] = made->slot[parameters[i].tied_to];
        }
    }
}

bool inform_row(const struct inform *inform, const double theta[], const double x[], double noise,
                double row[])
{
    const struct law *law = inform->law;
    double d_theta[LAW_MAX_PARAMETERS];
    if (!law->in_domain(law, x)) {
        return false;
    }
    const double value = law->value(law, theta, x, d_theta, NULL, NULL);
    const double scale = inform->residual == FIT_LOG ? value * noise : noise;
    bool ok = scale > 0.0 && isfinite(scale);
    memset(row, 0, inform->n * sizeof *row);
    for (size_t i = 0; i < law->n_parameters; i++) {
        ok = ok && isfinite(d_theta[i]);
        if (inform->slot[i] >= 0) {
            row[inform->slot[i]] += d_theta[i] / scale;
        }
    }
    return ok;
}

void inform_begin(const struct inform *inform, double information[])
{
    memset(information, 0, inform->n * inform->n * sizeof *information);
    for (size_t i = 0; i < inform->n; i++) {
        information[i * inform->n + i] = 1.0 / (inform->sd[i] * inform->sd[i]);
    }
}

void inform_add(const struct inform *inform, double weight, const double row[],
                double information[])
{
    for (size_t i = 0; i < inform->n; i++) {
        for (size_t j = 0; j < inform->n; j++) {
            information[i * inform->n + j] += weight * row[i] * row[j];
        }
    }
}

bool inform_add_replicates(const struct inform *inform, const double natural[], size_t n_replicates,
                           double information[])
{
    static const double still = 1e-9; /* what varies less than rounding does not vary */
    const size_t n = inform->n, p = inform->law->n_parameters;
    double mean[LAW_MAX_PARAMETERS] = {0.0}, theta[LAW_MAX_PARAMETERS];
    double covariance[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS] = {0.0};
    double inverse[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    if (n_replicates < 2) {
        return false;
    }
    for (size_t r = 0; r < n_replicates; r++) {
        law_transform(inform->law, natural + r * p, theta);
        for (size_t i = 0; i < n; i++) {
            mean[i] += theta[inform->of[i]] / (double)n_replicates;
        }
    }
    for (size_t r = 0; r < n_replicates; r++) {
        double off[LAW_MAX_PARAMETERS];
        law_transform(inform->law, natural + r * p, theta);
        for (size_t i = 0; i < n; i++) {
            off[i] = theta[inform->of[i]] - mean[i];
        }
        inform_add(inform, 1.0 / (double)(n_replicates - 1), off, covariance);
    }
    for (size_t i = 0; i < n; i++) {
        if (!(sqrt(covariance[i * n + i]) > still * inform->sd[i])) {
            return false;
        }
    }
    if (!dense_invert(n, covariance, inverse)) {
        return false;
    }
    for (size_t i = 0; i < n * n; i++) {
        information[i] += inverse[i];
    }
    return true;
}

bool inform_is_log(const struct inform *inform, enum inform_target target, size_t parameter)
{
    return target == INFORM_PARAMS || target == INFORM_TOKENS
           || (target == INFORM_PARAMETER
               && inform->law->parameters[parameter].transform == LAW_LOG);
}

/* NAN where there is none. */
static double value_of(const struct inform *inform, enum inform_target target, size_t parameter,
                       double compute_flop, const double theta[])
{
    struct optimum best;
    if (target == INFORM_PARAMETER) {
        return theta[parameter];
    }
    if (!optimum_at(inform->law, theta, compute_flop, &best)) {
        return (double)NAN;
    }
    return target == INFORM_PARAMS   ? vmath_log1(best.params)
           : target == INFORM_TOKENS ? vmath_log1(best.tokens)
           : target == INFORM_LOSS   ? best.loss_nat
                                     : best.exponent_params;
}

/* Move a coordinate with all parameters that are tied to it. */
static void move(const struct inform *inform, size_t coordinate, double by, double theta[])
{
    for (size_t i = 0; i < inform->law->n_parameters; i++) {
        theta[i] += inform->slot[i] == (int)coordinate ? by : 0.0;
    }
}

bool inform_aim(const struct inform *inform, enum inform_target target, size_t parameter,
                double compute_flop, const double theta[], double *value, double gradient[])
{
    /* Central differences err by the square of the step and by rounding over it: both 1e-10. */
    static const double relative = 1e-5;
    double at[LAW_MAX_PARAMETERS];
    *value = value_of(inform, target, parameter, compute_flop, theta);
    bool ok = isfinite(*value), moves = false;
    for (size_t k = 0; k < inform->n; k++) {
        const double step = relative * fmax(1.0, fabs(theta[inform->of[k]]));
        double side[2];
        for (int s = 0; s < 2; s++) {
            memcpy(at, theta, inform->law->n_parameters * sizeof *at);
            move(inform, k, s == 0 ? step : -step, at);
            side[s] = value_of(inform, target, parameter, compute_flop, at);
        }
        gradient[k] = (side[0] - side[1]) / (2.0 * step);
        ok = ok && isfinite(gradient[k]);
        moves = moves || fabs(gradient[k]) > 0.0;
    }
    return ok && moves;
}
