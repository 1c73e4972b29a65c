/** \file seen.h
 * What the processes of a Bayesian search see of an evaluation: objectives minimised and where
 * wanted in logarithms, whether it was done and feasible, and the box of the hypervolume in these
 * terms.
 */
#ifndef SEARCH_BAYES_SEEN_H
#define SEARCH_BAYES_SEEN_H

#include <stdbool.h>
#include <stddef.h>

#include "search/bayes/propose.h"
#include "solver/base/status.h"

/** A value of an objective as the processes see it; not finite when it has no logarithm. */
double seen_objective(const struct propose_objective *o, double value);

/** Objectives, then limits. \param [out] values  [n_objectives + n_limits]
 * \return whether the evaluation was done and every value is finite; one that was not done counts
 * as failed, whatever its outcome says */
bool seen_values(const struct propose_problem *problem, const struct propose_result *result,
                 double values[]);

/** Whether limits are kept. \param [in] limits  [n_limits] */
bool seen_is_within(const struct propose_problem *problem, const double limits[]);

/** Ideal and reference of the hypervolume: as the problem states them; what it leaves open is a
 * tenth of their range beyond the best and the worst of the first n_initial results that were done.
 * \param [out] ideal, reference  [n_objectives] */
void seen_box(const struct propose_problem *problem, size_t n_results,
              const struct propose_result results[], double ideal[], double reference[]);

#endif
