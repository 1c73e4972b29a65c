/** \file inform.h
 * What runs tell about a law: the row that a run adds to the Jacobian of the observations, the
 * information of what is known before it, and how a figure that one wants to know moves with the
 * parameters. All in theta, over the parameters that the fit moves. docs/model.md M305 to M307.
 */
#ifndef FITTING_UNCERTAINTY_INFORM_H
#define FITTING_UNCERTAINTY_INFORM_H

#include <stdbool.h>
#include <stddef.h>

#include "fitting/fit.h"

/** What one wants to know. Those at a compute need a law with a closed-form optimum. */
enum inform_target {
    INFORM_PARAMS,   /**< ln of the best params at a compute */
    INFORM_TOKENS,   /**< ln of the best tokens at a compute */
    INFORM_LOSS,     /**< loss of the best at a compute */
    INFORM_EXPONENT, /**< a */
    INFORM_PARAMETER /**< theta of a parameter: its logarithm, or itself */
};

/** A law and which of its parameters move. Plain data that borrows the law. */
struct inform {
    const struct law *law;
    enum fit_residual residual;
    size_t n;                      /**< coordinates: parameters neither fixed nor tied */
    int slot[LAW_MAX_PARAMETERS];  /**< coordinate of each parameter; -1: fixed */
    size_t of[LAW_MAX_PARAMETERS]; /**< [n] the parameter that each coordinate is */
    double sd[LAW_MAX_PARAMETERS]; /**< [n] of each coordinate before all runs, in theta (M306) */
};

/** \param [in] parameters  [n_parameters] what the study says of them
 * \param [in] theta        where priors of natural values are turned into theta */
void inform_open(const struct law *law, enum fit_residual residual,
                 const struct fit_parameter_option parameters[], const double theta[],
                 struct inform *made);

/** The row of a run. \param [in] x  [n_inputs]; \param [in] noise  standard deviation of a residual
 * \param [out] row  [n] \return false: outside the domain, or no finite derivatives */
bool inform_row(const struct inform *inform, const double theta[], const double x[], double noise,
                double row[]);

/** Information before all runs. \param [out] information  [n][n] */
void inform_begin(const struct inform *inform, double information[]);

/** Add weight times row row^T. */
void inform_add(const struct inform *inform, double weight, const double row[],
                double information[]);

/** Add the inverse covariance of replicates, for a fit whose runs are not at hand.
 * \param [in] natural  [n_replicates][n_parameters] \return false: it is singular */
bool inform_add_replicates(const struct inform *inform, const double natural[], size_t n_replicates,
                           double information[]);

/** A figure and its derivatives. \param [in] parameter  of the law, for INFORM_PARAMETER
 * \param [out] value     as enum inform_target says; \param [out] gradient  [n]
 * \return false: the law has no closed-form optimum there */
bool inform_aim(const struct inform *inform, enum inform_target target, size_t parameter,
                double compute_flop, const double theta[], double *value, double gradient[]);

/** Whether the value of a target is the logarithm of the figure. */
bool inform_is_log(const struct inform *inform, enum inform_target target, size_t parameter);

#endif
