/** \file line.h
 * A straight line through few points by least squares, with intervals by Student's t: the power law
 * between a budget and its best model, in logarithms. docs/model.md M50.
 */
#ifndef FITTING_APPROACH_LINE_H
#define FITTING_APPROACH_LINE_H

#include <stddef.h>

#include "fitting/fit.h"

/** What can be said of the line. */
#define LINE_VERDICTS(X)                                                                           \
    X(LINE_FITTED, "fitted")                                                                       \
    X(LINE_EXACT, "through two points: no intervals")                                              \
    X(LINE_TOO_FEW, "refused: fewer than two different budgets")

enum line_verdict {
#define LINE_ENUM(code, text) code,
    LINE_VERDICTS(LINE_ENUM)
#undef LINE_ENUM
        LINE_N_VERDICTS
};

const char *line_verdict_text(enum line_verdict v);

/** y = y_mean + slope (x - x_mean). NAN where the verdict refuses. */
struct line {
    size_t n;
    enum line_verdict verdict;
    double x_mean, y_mean, slope;
    double variance;       /**< of a point of weight one; NAN for two points */
    double weight, moment; /**< sums of the weights, and of weight (x - x_mean)^2 */
    double student;        /**< quantile of the intervals */
};

/** How the points enter. */
struct line_options {
    const double *errors; /**< [n] standard errors of y: weights are their inverse squares; NULL:
                             all weigh the same */
    size_t n_independent; /**< points that are news, at most n: the intervals rest on these */
    double confidence;
};

/** Fit the line. Errors below one part in a million weigh as that. With errors the variance is
 * never taken below what they say. \param [in] x, y  [n] */
struct line line_fit(size_t n, const double x[], const double y[],
                     const struct line_options *options);

/** The slope, and the value at \a x, with intervals. */
struct fit_interval line_slope(const struct line *l);
struct fit_interval line_at(const struct line *l, double x);

/** An interval of a logarithm as that of the value itself; the standard error to first order. */
struct fit_interval line_exponential(struct fit_interval logarithm);

#endif
