/** \file quantile.h
 * Standard errors and intervals from replicates, and normal quantiles for intervals without them.
 * docs/model.md M32.
 */
#ifndef FITTING_UNCERTAINTY_QUANTILE_H
#define FITTING_UNCERTAINTY_QUANTILE_H

#include <stdbool.h>
#include <stddef.h>

#include "fitting/fit.h"

/** Quantile of ascending values by linear interpolation between order statistics at (n - 1) p: the
 * default of numpy and type 7 of Hyndman and Fan 1996.
 * \param [in] sorted  [n], n >= 1; \param [in] p  in [0, 1] */
double quantile_linear(const double sorted[], size_t n, double p);

/** Sort ascending, in place. */
void quantile_sort(double x[], size_t n);

/** Standard deviation with n - 1 below (NAN for n = 1). */
double quantile_deviation(const double x[], size_t n);

/** Median of |x - median(x)| times 1.4826: the standard deviation, for normal values, whatever a
 * minority of outliers does. \param [in,out] x  [n] sorted and overwritten */
double quantile_robust_deviation(double x[], size_t n);

/** The z below which a standard normal value falls with probability \a p in (0, 1), to 1e-12, by
 * vmath: the same bits everywhere. */
double quantile_normal(double p);

/** The t below which a value of Student's distribution with \a freedom >= 1 degrees falls with
 * probability \a p in (0, 1), to 1e-10 relative, by vmath. */
double quantile_student(double p, size_t freedom);

/** Interval of an estimate from its replicates: central percentiles and standard error.
 * \param [in,out] x  [n] replicates, sorted in place */
struct fit_interval quantile_interval(double value, double x[], size_t n, double confidence);

/** Interval of an estimate from its standard error alone; NAN if that is NAN.
 * \param [in] is_log  symmetric in the logarithm, for values that are fitted by it and positive */
struct fit_interval quantile_interval_normal(double value, double standard_error, double confidence,
                                             bool is_log);

#endif
