/** \file refit.h
 * A law fitted again, on some of the rows or by another objective, from a fit that is nearly right:
 * warm from its optimum and cold from the grid of starts, so that a check never mistakes a local
 * optimum for a finding. One item of work on one rank; select.h and sensitivity.h deal them out.
 */
#ifndef FITTING_REFIT_H
#define FITTING_REFIT_H

#include <stdbool.h>

#include "fitting/fit.h"

/** How it ended. */
struct refit {
    bool solved;      /**< false: no more rows than free parameters, or no finite value found */
    size_t n;         /**< rows used */
    double objective; /**< NAN unless solved */
    double theta[LAW_MAX_PARAMETERS]; /**< transformed optimum */
};

/** Parameters that the fit moves: neither fixed nor tied to another. */
size_t refit_n_free(const struct fit_options *options);

/** Whether any parameter has a prior. */
bool refit_has_priors(const struct fit_options *options);

/** Fit the rows that are not left out. Not collective.
 * \param [in] options   law, objective, residual and delta are read
 * \param [in] theta     [n_parameters] where the warm minimisation begins
 * \param [in] left_out  [data->n]; NULL: none
 * \return STATUS_OK or STATUS_MEMORY */
enum status refit_solve(const struct fit_data *data, const struct fit_options *options,
                        const double theta[], const bool left_out[], struct refit *made,
                        struct status_why *why);

/** Errors ln predicted - ln observed of all rows, whatever the residual space of the fit.
 * \param [out] error  [data->n] NAN where one of them is not positive
 * \return STATUS_OK or STATUS_MEMORY */
enum status refit_errors(const struct fit_data *data, const struct fit_options *options,
                         const double theta[], double error[], struct status_why *why);

#endif
