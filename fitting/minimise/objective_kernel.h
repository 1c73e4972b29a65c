/** \file objective_kernel.h
 * The inner loops of fitting, eight observations at a time: value, gradient and exact Hessian of
 * the Huber sum, for a floor plus power terms, E + A e^(-alpha x) + B e^(-beta y) + ..., in one
 * pass from the inputs, and for any other law from its responses and their derivatives.
 * docs/model.md M21 to M23.
 */
#ifndef FITTING_MINIMISE_OBJECTIVE_KERNEL_H
#define FITTING_MINIMISE_OBJECTIVE_KERNEL_H

#include <stddef.h>

#include "solver/laws/law.h"

enum {
    OBJECTIVE_KERNEL_P = 1 + 2 * LAW_MAX_TERMS, /**< ln E, the scales, the exponents: most of z */
    OBJECTIVE_KERNEL_BLOCK = 8 /**< observations worked on at once: the lanes of lane8.h */
};

/** Columns of observations. */
struct objective_kernel_data {
    size_t n; /**< a multiple of the block; fill with weight 0 and any finite values */
    size_t n_terms;
    const double *x[LAW_MAX_TERMS]; /**< of each term */
    const double *target;           /**< ln loss, or loss */
    const double *weight;
    int is_linear;          /**< residual predicted - loss instead of ln predicted - ln loss */
    const double *error;    /**< residuals are divided by it; NULL: not, and over_prediction is 1 */
    double over_prediction; /**< factor of the weight of residuals > 0 */
};

/** Sum over the observations of a floor plus power terms; p = 1 + 2 n_terms. The value has the same
 * bits whatever derivatives are asked for, and all have the same bits from the three levels. \param
 * [in]  z          [p] ln E, ln A, ln B, ..., alpha, beta, ... \param [in]  floor_nat  exp(z[0]),
 * or 0 where there is no floor \param [in]  delta      > 0, infinity allowed \param [out] gradient
 * [p] or NULL \param [out] hessian    [5][p] or NULL; needs a gradient */
#define OBJECTIVE_KERNEL_ARGUMENTS                                                                 \
    const struct objective_kernel_data *d, const double z[], double floor_nat, double delta,       \
        double gradient[], double hessian[]

double objective_kernel_evaluate_v2(OBJECTIVE_KERNEL_ARGUMENTS);
double objective_kernel_evaluate_v3(OBJECTIVE_KERNEL_ARGUMENTS);
double objective_kernel_evaluate_v4(OBJECTIVE_KERNEL_ARGUMENTS);

/** Sum over the observations of a law from its responses; the terms of \a d are not read.
 * \param [in]     out       columns of d->n as law.block gives them, up to the order asked for
 * \param [in,out] gradient  [n_parameters] or NULL; is added to
 * \param [in,out] hessian   [n_parameters][n_parameters] or NULL; to its lower triangle is added */
#define OBJECTIVE_KERNEL_ADD_ARGUMENTS                                                             \
    const struct objective_kernel_data *d, size_t n_parameters, double *const out[], double delta, \
        double gradient[], double hessian[]

double objective_kernel_add_v2(OBJECTIVE_KERNEL_ADD_ARGUMENTS);
double objective_kernel_add_v3(OBJECTIVE_KERNEL_ADD_ARGUMENTS);
double objective_kernel_add_v4(OBJECTIVE_KERNEL_ADD_ARGUMENTS);

#endif
