#include "solver/survival.h"

#include <math.h>
#include <stddef.h>

#include "solver/base/status.h"
#include "solver/base/vmath.h"

static const char *const names[SURVIVAL_N] = {[SURVIVAL_CONSTANT] = "constant",
                                              [SURVIVAL_EXPONENTIAL] = "exponential",
                                              [SURVIVAL_WEIBULL] = "weibull"};

const char *survival_name(int model)
{
    STATUS_ASSERT(model >= 0 && model < SURVIVAL_N);
    return names[model];
}

/* Beyond this exponent of the survival function less than a rounding of the mean is missing. */
static const double all_gone = 45.0;

/* Integral of exp(-t^shape) from 0 to u, with x = u^shape, by the series of the incomplete gamma
 * function, all of whose terms are positive: u e^-x (1 + x / (a + 1) + x^2 / ((a + 1) (a + 2)) +
 * ...), a = 1 / shape. */
static double integral(double u, double x, double shape)
{
    double term = 1.0, sum = 0.0;
    for (double n = 1.0; sum + term > sum; n += 1.0) {
        sum += term;
        term *= x / (1.0 / shape + n);
    }
    return u * vmath_exp1(-x) * sum;
}

static double weibull(double year, double mean_year, double shape)
{
    /* The mean at scale 1 is the integral over all of life. */
    const double whole = integral(vmath_exp1(vmath_log1(all_gone) / shape), all_gone, shape);
    const double scale_year = mean_year / whole;
    const double x = vmath_exp1(shape * vmath_log1(year / scale_year));
    return x > all_gone ? mean_year
                        : fmin(scale_year * integral(year / scale_year, x, shape), mean_year);
}

double survival_service_year(enum survival_model model, double lifespan_year, double mean_year,
                             double shape)
{
    switch (model) {
    case SURVIVAL_EXPONENTIAL:
        return weibull(lifespan_year, mean_year, 1.0);
    case SURVIVAL_WEIBULL:
        return weibull(lifespan_year, mean_year, shape);
    case SURVIVAL_CONSTANT:
    case SURVIVAL_N:
        break;
    }
    return lifespan_year;
}
