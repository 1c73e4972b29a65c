/** \file gp.h
 * One Gaussian process: the belief about one outcome of an expensive evaluation after some designs
 * were evaluated. Matern-5/2 kernel with one length a variable, categories as exp(-theta [a != b]),
 * a constant mean, a nugget for noise; values are standardised inside. The most likely
 * hyper-parameters under weak priors are found by NLopt with analytic gradients. Algebra is that of
 * GSL with its own BLAS, exponentials and logarithms those of vmath: the same bits on every vector
 * level. docs/model.md, Bayesian search.
 */
#ifndef SEARCH_BAYES_GP_H
#define SEARCH_BAYES_GP_H

#include <stddef.h>

#include "search/bayes/variable.h"
#include "solver/base/status.h"

/** Evaluated designs, borrowed. */
struct gp_data {
    size_t n_variables;
    const struct variable *variables; /**< [n_variables] */
    size_t n;                         /**< >= 1 */
    const double *u;                  /**< [n][n_variables] snapped coordinates */
    const double *y;                  /**< [n] finite */
    const double *noise_sd; /**< [n] known standard deviation of each y, its unit; NULL: none known,
                               the nugget alone stands for it */
};

/** Plain data: can be recorded and used again. Logarithms of what they name, of standardised
 * values. */
struct gp_hyper {
    double log_variance;              /**< of the signal */
    double log_nugget;                /**< variance of the noise; within ln 1e-6 ... ln 1e-1 */
    double log_length[VARIABLE_MOST]; /**< [n_variables]; of a category ln theta */
};

/** Where the search for hyper-parameters begins when there is no earlier result. */
struct gp_hyper gp_default(size_t n_variables);

/** Logarithm of the posterior density of \a hyper: the marginal likelihood of the standardised
 * values, the mean profiled out, times the priors, these up to a constant (docs/model.md M602,
 * M603).
 * \param [out] gradient  [2 + n_variables] by the members of struct gp_hyper in their order; NULL
 *                        allowed
 * \return STATUS_OK, STATUS_MEMORY or STATUS_LIBRARY (the matrix is not positive definite) */
enum status gp_evidence(const struct gp_data *data, const struct gp_hyper *hyper, double *value,
                        double gradient[], struct status_why *why);

/** The most likely hyper-parameters: from \a warm (NULL: none) and from gp_default, the better end.
 * Deterministic. \return STATUS_OK or STATUS_MEMORY; where no search ends well the better start */
enum status gp_learn(const struct gp_data *data, const struct gp_hyper *warm,
                     struct gp_hyper *learnt, struct status_why *why);

/** Opaque: data and hyper-parameters, factored; copies what it needs. */
struct gp;

/** \param [out] made  the caller destroys it
 * \return STATUS_OK, STATUS_MEMORY or STATUS_LIBRARY */
enum status gp_create(const struct gp_data *data, const struct gp_hyper *hyper, struct gp **made,
                      struct status_why *why);
void gp_destroy(struct gp *gp);

/** Whether the process describes its own data: what each value is off from what all others let
 * expect, in standard deviations of that expectation (docs/model.md M606). Nearly standard normal
 * where it does. \param [out] residual  [n] \return STATUS_OK, STATUS_MEMORY or STATUS_LIBRARY */
enum status gp_leave_out(const struct gp *gp, double residual[], struct status_why *why);

/** Believe that the value at \a u is what the process expects there (Kriging believer): the mean
 * stays, the spread shrinks nearby. O(n^2). \param [in] u  [n_variables] snapped
 * \return STATUS_OK, STATUS_MEMORY or STATUS_LIBRARY */
enum status gp_believe(struct gp *gp, const double u[], struct status_why *why);

/** Mean and standard deviation of the outcome without noise at \a n designs, in the unit of y.
 * \param [in]  u         [n][n_variables] snapped
 * \param [out] mean, sd  [n]; sd > 0
 * \return STATUS_OK or STATUS_MEMORY */
enum status gp_predict(const struct gp *gp, size_t n, const double u[], double mean[], double sd[],
                       struct status_why *why);

#endif
