#include "fitting/minimise/prior.h"

#include <math.h>

#include "solver/base/units.h"
#include "solver/base/vmath.h"

enum { PRIOR_INTERVALS = 400 }; /* of Simpson's rule: 1e-9 for the normal density */
#define PRIOR_FAR 8.0           /* beyond, a standard normal variable has probability 1e-15 */

/** Mean of psi^2 and of psi' for a standard normal residual and Huber's \a delta. */
static void normal_means(double delta, double *square, double *slope)
{
    const double root_2_over_pi = 0.79788456080286535588; /* twice the density at 0 */
    const double end = delta < PRIOR_FAR ? delta : PRIOR_FAR;
    const double h = end / PRIOR_INTERVALS;
    *square = 0.0;
    *slope = 0.0;
    for (size_t k = 0; k <= PRIOR_INTERVALS; k++) {
        const double x = (double)k * h;
        const double simpson = k == 0 || k == PRIOR_INTERVALS ? 1.0 : k % 2 == 1 ? 4.0 : 2.0;
        const double part = simpson / 3.0 * h * root_2_over_pi * vmath_exp1(-0.5 * x * x);
        *slope += part;
        *square += part * x * x;
    }
    /* Residuals beyond delta, on both sides. */
    *square += end < delta ? 0.0 : delta * delta * (1.0 - *slope);
}

double prior_dispersion(enum fit_objective kind, double delta, double over_prediction, double noise)
{
    const double root_pi_over_2 = 1.2533141373155002512;
    const double w = over_prediction;
    /* Half of the residuals have rho times w: psi^2 times w^2, psi' times w. */
    const double asymmetry = (1.0 + w * w) / (1.0 + w);
    if (!(noise > 0.0)) {
        return 0.0;
    }
    if (kind == FIT_LAD) {
        return asymmetry * noise * root_pi_over_2;
    }
    double square = 0.0;
    double slope = 0.0;
    normal_means(delta / noise, &square, &slope);
    return asymmetry * noise * noise * square / slope;
}

double prior_inefficiency(enum fit_objective kind, double delta, double over_prediction,
                          double noise)
{
    const double w = over_prediction;
    const double asymmetry = 2.0 * (1.0 + w * w) / ((1.0 + w) * (1.0 + w));
    if (kind == FIT_LAD) {
        return asymmetry * 0.25 * UNITS_TWO_PI;
    }
    double square = 0.0;
    double slope = 0.0;
    normal_means(kind == FIT_LEAST_SQUARES ? (double)INFINITY : delta / noise, &square, &slope);
    return asymmetry * square / (slope * slope);
}

double prior_add(const struct prior *prior, const struct law *law, double factor,
                 const double theta[], double gradient[], double hessian[])
{
    const size_t p = law->n_parameters;
    double sum = 0.0;
    for (size_t i = 0; i < p; i++) {
        if (!(prior->sd[i] > 0.0)) {
            continue;
        }
        const bool is_log = law->parameters[i].transform == LAW_LOG;
        const double natural = is_log ? vmath_exp1(theta[i]) : theta[i];
        const double deviation = (natural - prior->mean[i]) / prior->sd[i];
        const double first = is_log ? natural / prior->sd[i] : 1.0 / prior->sd[i];
        const double second = is_log ? natural / prior->sd[i] : 0.0;
        sum += 0.5 * factor * deviation * deviation;
        if (gradient != NULL) {
            gradient[i] += factor * deviation * first;
        }
        if (hessian != NULL) {
            hessian[i * p + i] += factor * (first * first + deviation * second);
        }
    }
    return sum;
}
