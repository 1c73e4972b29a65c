/** \file objective.h
 * What a fit minimises: the sum over runs of weight * rho(residual), with exact gradient and
 * Hessian. The residual is ln predicted - ln response or predicted - response, divided by its
 * standard error where that is known; rho is Huber's,
 *
 *     rho(r) = r^2 / 2 for |r| <= delta, else delta (|r| - delta / 2),
 *
 * which is r^2 / 2 for delta = infinity; least absolute deviations is |r| = rho / delta as delta
 * goes to 0 (docs/model.md M20 to M23). Residuals > 0 may weigh more (over_prediction), and
 * Gaussian priors of parameters are added (M80 to M83).
 *
 * All work is done at centred inputs, x - centre, with z instead of theta: the scale of a power
 * term is then ln of the term at the centre of the data, z_scale = theta_scale - theta_exponent *
 * centre, which divides the condition number of the problem by about thirty (M24). Laws of another
 * shape are not centred, and neither is a term whose scale is fixed, tied, bounded or has a prior:
 * these speak of theta.
 *
 * A fixed parameter is a box of zero width. A tied one follows another: its derivatives are added
 * to those of that other one and are then 0, and its coordinate in z is not read.
 */
#ifndef FITTING_MINIMISE_OBJECTIVE_H
#define FITTING_MINIMISE_OBJECTIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "fitting/fit.h"
#include "fitting/minimise/objective_kernel.h"
#include "fitting/minimise/prior.h"
#include "solver/base/status.h"

/** Observations that a law's block function gets at once. */
enum { OBJECTIVE_BLOCK = 256 };

/** Weighted observations of a law; open data, filled by objective_create or objective_resample. */
struct objective {
    const struct law *law;
    enum fit_objective kind;
    enum fit_residual residual;
    double delta;                  /**< of Huber; infinity for least squares, 0 for LAD */
    size_t n;                      /**< observations */
    size_t capacity;               /**< room of the columns, a multiple of eight */
    double centre[LAW_MAX_INPUTS]; /**< subtracted from x; 0 where not centred */
    double *x[LAW_MAX_INPUTS];     /**< [n_inputs][capacity] centred */
    double *response;              /**< [capacity] */
    double *target;                /**< [capacity] ln response, or response */
    double *weight;                /**< [capacity] 0 beyond n */
    double *error;                 /**< [capacity] standard errors of the residuals, or 1 */
    double over_prediction;        /**< factor of the weight of residuals > 0 */
    bool has_errors;               /**< errors were given */
    double unit; /**< size of a residual of 1 nat: 1 over the geometric mean of the errors */
    size_t root[LAW_MAX_PARAMETERS]; /**< the parameter that each one is tied to, else itself */
    size_t n_tied;
    struct prior prior;
    double dispersion; /**< the sum is this multiple of a negative log likelihood; scales the prior
                          and is 0 until objective_set_noise */
    double lower[LAW_MAX_PARAMETERS], upper[LAW_MAX_PARAMETERS]; /**< box of z */
    double *scratch; /**< [capacity][1 + LAW_MAX_PARAMETERS] for LAD's residuals and gradients */
    double *block;   /**< of law->block: [1 + p + p (p + 1) / 2][OBJECTIVE_BLOCK]; else NULL */
    bool has_kernel; /**< floor + power terms: evaluated by objective_kernel.c */
    size_t map[OBJECTIVE_KERNEL_P]; /**< index in theta of the kernel's floor, scales, exponents */
};

/** Bounds of a power term at the centre of the data, in nat: below, the term is not there; above,
 * it is no loss. They hold the scale instead of the natural bounds of its parameter. */
#define OBJECTIVE_TERM_LOWER_NAT 1e-6
#define OBJECTIVE_TERM_UPPER_NAT 1e3

/** Value and derivatives at one z. */
struct objective_point {
    double value;
    double gradient[LAW_MAX_PARAMETERS];
    double hessian[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS]; /**< [p][p] row-major, full */
};

/** Copy \a data and centre it.
 * \param [in] data     every input that the law reads is there; in the law's domain
 * \param [in] options  valid for fit_run
 * \return STATUS_OK or STATUS_MEMORY; objective_destroy frees it */
enum status objective_create(const struct fit_data *data, const struct fit_options *options,
                             struct objective **made, struct status_why *why);

/** Room for resamples of \a full: the same law, centre, box and capacity. */
enum status objective_create_like(const struct objective *full, struct objective **made,
                                  struct status_why *why);
void objective_destroy(struct objective *o);

/** Tell what the residuals' standard deviation is, to scale the priors; known errors make it 1. */
void objective_set_noise(struct objective *o, double noise);

/** Whether the data move parameter \a i: it is neither fixed nor tied to another. */
bool objective_moves(const struct objective *o, size_t i);

/** Put each tied parameter of \a z where the one is that it is tied to. */
void objective_tie(const struct objective *o, double z[]);

/** Make \a sample hold row i of \a full count[i] times, rows of count 0 left out.
 * \param [in]  count   [full->n], not all 0
 * \param [out] sample  made by objective_create_like(full) */
void objective_resample(const struct objective *full, const unsigned count[],
                        struct objective *sample);

/** Make \a sample hold the rows of \a full with other responses.
 * \param [in]  target  [full->n] logarithms of the responses for FIT_LOG, else the responses
 * \param [out] sample  made by objective_create_like(full) */
void objective_replace(const struct objective *full, const double target[],
                       struct objective *sample);

/** Coordinates of the minimisation. In place allowed. */
void objective_centre(const struct objective *o, const double theta[], double z[]);
void objective_uncentre(const struct objective *o, const double z[], double theta[]);

/** Which derivatives are found with a value. */
enum objective_order { OBJECTIVE_VALUE, OBJECTIVE_GRADIENT, OBJECTIVE_HESSIAN };

/** Huber sum with exact derivatives.
 * \param [in] delta  > 0, infinity allowed; not o->delta, so that a minimisation can lower it step
 * by step */
void objective_evaluate(const struct objective *o, double delta, const double z[],
                        struct objective_point *at);

/** The same up to \a order, beyond which \a at is left as it was; what is found has the same bits.
 */
void objective_evaluate_order(const struct objective *o, enum objective_order order, double delta,
                              const double z[], struct objective_point *at);

/** objective_evaluate through law->value, one observation after the other: for laws without a
 * kernel or a block function, and to test these. */
void objective_evaluate_plain(const struct objective *o, double delta, const double z[],
                              struct objective_point *at);

/** The stated objective: Huber at o->delta, sum of |r|, or sum of r^2 / 2; weighted, and with the
 * terms of the priors. */
double objective_value(const struct objective *o, const double z[]);

/** Residuals, in standard errors where these are known. \param [out] residual  [n] */
void objective_residuals(const struct objective *o, const double z[], double residual[]);

/** Residual and gradient of one observation, as objective_residuals; without weight. \param [out]
 * d_z  [n_parameters] \return residual */
double objective_row(const struct objective *o, const double z[], size_t i, double d_z[]);

#endif
