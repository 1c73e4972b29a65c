/** \file plan.h
 * Which observations to pay for next: of candidates with costs, the set under a budget that leaves
 * the least uncertainty of one figure, averaged over draws of what is believed now. Knows neither
 * laws nor footprints: a candidate is a cost and, a draw, the row that it adds to the Jacobian.
 * Greedy with exchange; docs/model.md M300 to M304, M309.
 */
#ifndef SEARCH_PLAN_H
#define SEARCH_PLAN_H

#include <stddef.h>

#include "solver/base/status.h"

enum { PLAN_MAX_PARAMETERS = 24 };

/** All borrowed. Rows are in standard deviations of the noise. */
struct plan_problem {
    size_t n_parameters; /**< p */
    size_t n_candidates, n_draws;
    const double *information; /**< [n_draws][p][p] before any run; positive definite */
    const double *rows;        /**< [n_draws][n_candidates][p] derivatives of what is observed */
    const double *target;      /**< [n_draws][p] derivatives of the figure; not all zero */
    const double *weight;      /**< [n_draws] > 0 loss per variance of the figure; may be NULL */
    const double *cost;        /**< [n_candidates] > 0 */
    double budget;             /**< > 0; may be infinite */
    size_t n_runs;             /**< most observations, at least 1 */
    size_t n_repeats;          /**< most observations of one candidate, at least 1 */
    double worth;              /**< in [0, 1], see plan.n_worth */
};

/** One observation, in the order in which they pay: most gain for its cost first. */
struct plan_step {
    size_t candidate;
    double gain;   /**< by how much it lowers the spread */
    double spread; /**< left after it */
    double share;  /**< its gain per cost over that of the plan up to and with it */
};

/** The plan. The spread is the mean over draws of ln of the standard deviation of the figure; with
 * weights it is ln of the root of the mean over draws of weight times variance, the expected loss
 * (M309). */
struct plan {
    size_t n;
    struct plan_step *steps; /**< [n] */
    double spread_before;
    double spread_greedy; /**< of the best set before exchanges */
    double cost;          /**< of all steps */
    size_t n_worth;       /**< steps after these all have a share below problem.worth */
    size_t n_exchanges;
};

/** Choose. Not collective and deterministic: every rank computes the same, since it is cheap.
 * \param [out] made  cleared by plan_clear; has no steps when no candidate is within the budget
 * \return STATUS_OK; STATUS_INPUT: some information is not positive definite to 13 digits;
 * STATUS_MEMORY */
enum status plan_choose(const struct plan_problem *p, struct plan *made, struct status_why *why);
void plan_clear(struct plan *plan);

/** Spread after some candidates, which may repeat.
 * \param [in] chosen  [n]; NULL if \a n is 0
 * \return NAN where some information is not positive definite */
double plan_spread(const struct plan_problem *p, const size_t chosen[], size_t n);

/** Variance of the figure in one draw after some candidates; as plan_spread. */
double plan_variance(const struct plan_problem *p, size_t draw, const size_t chosen[], size_t n);

#endif
