/** \file belief.h
 * What a Bayesian search believes when it makes a design: one process for each objective, limit and
 * for success, conditioned on the results and on the designs under way; the front by these; and
 * from both what a candidate is worth.
 */
#ifndef SEARCH_BAYES_BELIEF_H
#define SEARCH_BAYES_BELIEF_H

#include <stddef.h>
#include <stdint.h>

#include "search/bayes/propose.h"
#include "solver/base/status.h"

/** Opaque. */
struct belief;

/** Results that processes are conditioned on: the latest ones where there are more. The front knows
 * all. */
enum { BELIEF_MOST_RESULTS = 2000 };

/** As propose_design; at least two results were done.
 * \param [out] made  the caller destroys it
 * \return STATUS_OK, STATUS_MEMORY or STATUS_LIBRARY */
enum status belief_create(const struct propose_problem *problem, uint64_t id, size_t n_results,
                          const struct propose_result results[], size_t n_pending,
                          const double pending[], struct propose_state *state, struct belief **made,
                          struct status_why *why);
void belief_destroy(struct belief *b);

/** Designs that good ones may be near to: the front, or the likeliest to be feasible while nothing
 * is. \param [out] parents  [n][n_variables] borrowed until the belief is destroyed \return n */
size_t belief_parents(const struct belief *b, const double **parents);

/** What candidates are worth: ln of their expected improvement and of their probability of being
 * feasible, summed; the latter alone while nothing is feasible.
 * \param [in] u  [n][n_variables] snapped \param [out] value  [n] finite
 * \return STATUS_OK or STATUS_MEMORY */
enum status belief_value(const struct belief *b, size_t n, const double u[], double value[],
                         struct status_why *why);

#endif
