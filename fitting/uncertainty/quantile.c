#include "fitting/uncertainty/quantile.h"

#include <math.h>
#include <stdlib.h>

#include "solver/base/status.h"
#include "solver/base/units.h"
#include "solver/base/vmath.h"

/* 1 / (0.75 quantile of the standard normal). */
#define QUANTILE_MAD_TO_DEVIATION 1.4826022185056018
/* With one degree of freedom, the quantile of 1 - 1e-5: the series takes 1e10 terms beyond. */
#define QUANTILE_STUDENT_MOST 3e4

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

/** P(0 < T < t) for t >= 0. With w^2 = t^2 / (freedom + t^2) it is an incomplete beta function,
 * w (1 - w^2)^(freedom / 2) F(1, (freedom + 1) / 2; 3 / 2; w^2), a series of positive terms, over
 * its value at w = 1. */
static double student_above_zero(double t, size_t freedom)
{
    const double n = (double)freedom;
    const double square = t * t / (n + t * t);
    double whole = freedom % 2 == 1 ? 0.25 * UNITS_TWO_PI : 1.0;
    for (size_t k = freedom % 2 == 1 ? 1 : 2; k < freedom; k += 2) {
        whole *= (double)k / ((double)k + 1.0);
    }
    double term = 1.0;
    double sum = 1.0;
    for (double k = 0.0; term > 1e-17 * sum; k += 1.0) {
        term *= square * (0.5 * (n + 1.0) + k) / (1.5 + k);
        sum += term;
    }
    const double rest = n / (n + t * t);
    return 0.5 * sqrt(square) * vmath_exp1(0.5 * n * vmath_log1(rest)) * sum / whole;
}

double quantile_student(double p, size_t freedom)
{
    STATUS_ASSERT(p > 0.0 && p < 1.0 && freedom >= 1);
    const double wanted = fabs(p - 0.5);
    double below = 0.0;
    double above = 1.0;
    while (above < QUANTILE_STUDENT_MOST && student_above_zero(above, freedom) < wanted) {
        above *= 2.0;
    }
    while (above - below > 1e-11 * above) {
        const double middle = 0.5 * (below + above);
        if (student_above_zero(middle, freedom) < wanted) {
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
