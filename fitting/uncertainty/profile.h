/** \file profile.h
 * Profile likelihood: how far a figure can be moved before the objective, minimised over all else,
 * rises past a threshold. Unlike a standard error it follows curved ridges, and where the objective
 * never rises enough it says so: one-sided limits, or none. Figures are the parameters and, for
 * laws with an optimum, a, N*, D* and the loss at the target. docs/model.md M70 to M73,
 * venzon1988, raue2009.
 */
#ifndef FITTING_UNCERTAINTY_PROFILE_H
#define FITTING_UNCERTAINTY_PROFILE_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

#include "fitting/fit.h"
#include "fitting/minimise/held.h"
#include "fitting/minimise/objective.h"
#include "inputs/items.h"

/** Replicates used for a threshold: enough for its quantile. */
enum { PROFILE_REPLICATES = 400 };

/** With fewer replicates there is no threshold but that of least squares. */
enum { PROFILE_LEAST_REPLICATES = 50 };

/** Whether a fit with these options can have profiles. */
bool profile_is_possible(const struct fit_options *options);

/** Number of figures of \a f: its parameters, and FIT_N_DERIVED with an optimum. */
size_t profile_count(const struct fit *f);

/** Figure \a k, held at its value at \a best.
 * \param [in] best  [n_parameters] optimum z of \a o */
void profile_figure(const struct objective *o, const struct fit *f, size_t k, const double best[],
                    struct held *made);

/** The value of figure \a k that people read, from the held one: the latter is a logarithm for
 * parameters fitted by it, N* and D*. */
double profile_natural(const struct fit *f, size_t k, double held);

/** The estimate that figure \a k is of: a parameter, a, N*, D* or the loss at the target. */
const struct fit_interval *profile_estimate(const struct fit *f, size_t k);

/** Make the limits of the profiles of \a f the intervals of its estimates (docs/model.md M78): NAN
 * on a side where the data set none. What is fixed keeps its value. */
void profile_adopt(struct fit *f);

/** Follow the profile of every figure. Least squares have the threshold of Student's distribution
 * with the estimated noise (M71), other objectives one from the replicates (M72).
 * Collective over \a comm; the same on every rank and at any number of ranks.
 * \param [in]  best   [n_parameters] optimum of \a full in its coordinates z
 * \param [in]  f      a fit with its options (profile_is_possible), optimum, standard errors and
 * replicates
 * \param [in]  items  where the work is recorded; NULL: nowhere
 * \param [out] made   [profile_count(f)]
 * \return STATUS_OK, STATUS_CHECKPOINTED or STATUS_MEMORY */
enum status profile_run(MPI_Comm comm, const struct objective *full, const double best[],
                        const struct fit *f, struct items *items, struct fit_profile made[],
                        struct status_why *why);

#endif
