/** \file multistart.h
 * The best of many local minimisations, over ranks, with the count of those that agree: one start
 * finds an optimum, only agreement gives reason to call it the optimum.
 */
#ifndef FITTING_MINIMISE_MULTISTART_H
#define FITTING_MINIMISE_MULTISTART_H

#include <mpi.h>
#include <stddef.h>

#include "fitting/fit.h"
#include "fitting/minimise/objective.h"

/** Two ends within this part of the best objective are the same optimum. */
#define MULTISTART_SAME 1e-9

/** Starts of a grid that gives about 25: 25 levels of one exponent, 5 of two, 3 of more. */
size_t multistart_levels(const struct law *law);

/** Minimise from every start of the grid.
 * Collective over \a comm; the same ends on every rank.
 * \param [out] starts    [start_count(law, multistart_levels(law))] in start order, theta of the
 * law (not centred)
 * \param [out] best      index of the lowest objective, the first of equals
 * \return STATUS_OK; STATUS_NO when every start diverged */
enum status multistart_run(MPI_Comm comm, const struct objective *o, struct fit_start starts[],
                           size_t *best, struct status_why *why);

/** Better \a z by cold minimisations from the finest grid of at most \a most starts. Not
 * collective. \param [in]     objective  at z; infinity when z is nothing yet \param [in,out] z
 * replaced by the best end that is below \a objective \return the objective at z, infinity when
 * nothing finite was found */
double multistart_improve(const struct objective *o, size_t most, double objective, double z[]);

/** How flat the ridge between the best optimum and the runner-up is: the greatest rise of the
 * objective over the best, relative to it, at MULTISTART_SEGMENT points of the straight segment
 * between the two. Small: the data barely tell them apart, nor anything between.
 * \return NAN when there is no runner-up */
enum { MULTISTART_SEGMENT = 64 };
double multistart_ridge(const struct objective *o, const struct fit_start starts[], size_t n,
                        size_t best);

/** How many of \a n ends are the best optimum, and the objective of the next distinct one (NAN if
 * none). */
size_t multistart_agreement(const struct fit_start starts[], size_t n, size_t best,
                            double *runner_up);

#endif
