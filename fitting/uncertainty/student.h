/** \file student.h
 * Quantiles of Student's t, for intervals from few points: sums, products and roots only, so the
 * same bits everywhere. docs/model.md M50.
 */
#ifndef FITTING_UNCERTAINTY_STUDENT_H
#define FITTING_UNCERTAINTY_STUDENT_H

#include <stddef.h>

/** The t that |T| does not exceed with probability \a confidence in (0, 1), to 1e-12 relative.
 * INFINITY for no degree of freedom. */
double student_quantile(double confidence, size_t freedom);

#endif
