#include "fitting/uncertainty/quantile.h"

#include <math.h>
#include <stdlib.h>

#include "solver/base/status.h"
#include "solver/base/units.h"
#include "solver/base/vmath.h"

/* 1 / (0.75 quantile of the standard normal). */
#define QUANTILE_MAD_TO_DEVIATION 1.4826022185056018

double quantile_linear(const double sorted[], size_t n, double p)
{
    STATUS_ASSERT(n >= 1 && p >= 0.0 && p <= 1.0);
    const double at = p * (double)(n - 1);
    const size_t below = (size_t)at;
    if (below + 1 >= n) {
        return sorted[n - 1];
    }
    const double part = at - (double)below;
    const double gap = sorted[below + 1] - sorted[below];
    return part < 0.5 ? sorted[below] + part * gap : sorted[below + 1] - (1.0 - part) * gap;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

void quantile_sort(double x[], size_t n)
{
    qsort(x, n, sizeof *x, ascending);
}

double quantile_deviation(const double x[], size_t n)
{
    double mean = 0.0;
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        mean += x[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        sum += (x[i] - mean) * (x[i] - mean);
    }
    return n > 1 ? sqrt(sum / (double)(n - 1)) : (double)NAN;
}

double quantile_robust_deviation(double x[], size_t n)
{
    quantile_sort(x, n);
    const double median = quantile_linear(x, n, 0.5);
    for (size_t i = 0; i < n; i++) {
        x[i] = fabs(x[i] - median);
    }
    quantile_sort(x, n);
    return QUANTILE_MAD_TO_DEVIATION * quantile_linear(x, n, 0.5);
}

/** P(0 < Z < z) for z >= 0: the series z + z^3/3 + z^5/15 + ... times the density. */
static double normal_above_zero(double z)
{
    double term = z;
    double sum = z;
    for (double k = 3.0; term > 1e-17 * sum; k += 2.0) {
        term *= z * z / k;
        sum += term;
    }
    return sum * vmath_exp1(-0.5 * z * z) / sqrt(UNITS_TWO_PI);
}

double quantile_normal(double p)
{
    STATUS_ASSERT(p > 0.0 && p < 1.0);
    const double wanted = fabs(p - 0.5);
    double below = 0.0;
    double above = 8.3; /* beyond, 1 - p is below the rounding of p */
    while (above - below > 1e-13) {
        const double middle = 0.5 * (below + above);
        if (normal_above_zero(middle) < wanted) {
            below = middle;
        } else {
            above = middle;
        }
    }
    return p < 0.5 ? -below : below;
}

struct fit_interval quantile_interval(double value, double x[], size_t n, double confidence)
{
    struct fit_interval interval = {.value = value, .standard_error = quantile_deviation(x, n)};
    quantile_sort(x, n);
    interval.lower = quantile_linear(x, n, 0.5 * (1.0 - confidence));
    interval.upper = quantile_linear(x, n, 0.5 * (1.0 + confidence));
    return interval;
}

struct fit_interval quantile_interval_normal(double value, double standard_error, double confidence,
                                             bool is_log)
{
    const double reach = quantile_normal(0.5 * (1.0 + confidence)) * standard_error;
    if (is_log) {
        const double factor = vmath_exp1(reach / value);
        return (struct fit_interval){value, standard_error, value / factor, value * factor};
    }
    return (struct fit_interval){value, standard_error, value - reach, value + reach};
}
