/** \file prior.h
 * Gaussian priors of parameters as terms of the objective. A sum of rho(residual) is no log
 * likelihood but a multiple of one, the dispersion: sigma^2 for least squares, and in general
 *
 *     dispersion = E psi^2 / E psi',  psi = rho',
 *
 * the number that makes the curvature of sum / dispersion the inverse covariance of the estimate
 * (quasi-likelihood; docs/model.md M83). A prior enters the sum as dispersion times
 * (value - mean)^2 / (2 sd^2), so that data and prior weigh as their variances say.
 */
#ifndef FITTING_MINIMISE_PRIOR_H
#define FITTING_MINIMISE_PRIOR_H

#include <stdbool.h>

#include "fitting/fit.h"
#include "solver/laws/law.h"

/** Priors of natural values. */
struct prior {
    bool any;
    double mean[LAW_MAX_PARAMETERS];
    double sd[LAW_MAX_PARAMETERS]; /**< 0: no prior of this parameter */
};

/** Dispersion of normal residuals.
 * \param [in] delta            of Huber; ignored by FIT_LAD
 * \param [in] over_prediction  factor of rho for residuals > 0
 * \param [in] noise            standard deviation of the residuals, >= 0 */
double prior_dispersion(enum fit_objective kind, double delta, double over_prediction,
                        double noise);

/** Variance of an estimate over that of least squares, E psi^2 / (sigma E psi')^2, of normal
 * residuals: 1 for FIT_LEAST_SQUARES, which ignores delta too, pi / 2 for FIT_LAD [huber1964].
 * Arguments as of prior_dispersion, but noise > 0. */
double prior_inefficiency(enum fit_objective kind, double delta, double over_prediction,
                          double noise);

/** Add \a factor times the priors' terms.
 * \param [in]     theta     [n_parameters] transformed
 * \param [in,out] gradient  [n_parameters] in theta, or NULL
 * \param [in,out] hessian   [n_parameters][n_parameters], or NULL
 * \return their sum */
double prior_add(const struct prior *prior, const struct law *law, double factor,
                 const double theta[], double gradient[], double hessian[]);

#endif
