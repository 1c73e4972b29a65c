/** \file objective_kernel.h
 * The inner loop of fitting for a floor plus two power terms, E + A e^(-alpha x) + B e^(-beta y):
 * value, gradient and exact Hessian of the Huber sum in one pass over the observations, eight at a
 * time. docs/model.md M21 to M23.
 */
#ifndef FITTING_MINIMISE_OBJECTIVE_KERNEL_H
#define FITTING_MINIMISE_OBJECTIVE_KERNEL_H

#include <stddef.h>

enum {
    OBJECTIVE_KERNEL_P = 5,    /**< ln E, ln A, ln B, alpha, beta: the order of z below */
    OBJECTIVE_KERNEL_BLOCK = 8 /**< observations worked on at once: the lanes of lane8.h */
};

/** Columns of observations. */
struct objective_kernel_data {
    size_t n; /**< a multiple of the block; fill with weight 0 and any finite values */
    const double *x, *y;
    const double *target; /**< ln loss, or loss */
    const double *weight;
    int is_linear;          /**< residual predicted - loss instead of ln predicted - ln loss */
    const double *error;    /**< residuals are divided by it; NULL: not, and over_prediction is 1 */
    double over_prediction; /**< factor of the weight of residuals > 0 */
};

/** \param [in]  floor_nat  exp(z[0])
 * \param [in]  delta     > 0, infinity allowed
 * \param [out] gradient  [5]
 * \param [out] hessian   [5][5]
 * \return the sum; the same bits from the three */
#define OBJECTIVE_KERNEL_ARGUMENTS                                                                 \
    const struct objective_kernel_data *d, const double z[], double floor_nat, double delta,       \
        double gradient[], double hessian[]

double objective_kernel_evaluate_v2(OBJECTIVE_KERNEL_ARGUMENTS);
double objective_kernel_evaluate_v3(OBJECTIVE_KERNEL_ARGUMENTS);
double objective_kernel_evaluate_v4(OBJECTIVE_KERNEL_ARGUMENTS);

#endif
