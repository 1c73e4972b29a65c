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
#include "fitting/minimise/start.h"
#include "inputs/items.h"

/** Two ends within this part of the lower objective are the same optimum. */
#define MULTISTART_SAME 1e-9

/** So are all ends at which the law passes through every run but for rounding: residuals of 1e-13
 * on average, where one end may have a hundred times the objective of another for nothing. This is
 * the objective below which that is so. \param [in] n  runs */
double multistart_exact(enum fit_objective kind, size_t n);

/** Whether an end at \a objective is the optimum at \a least. \param [in] exact  multistart_exact
 */
bool multistart_agrees(double objective, double least, double exact);

/** So are ends that stopped beside each other, as on the floor of a flat valley or at neighbouring
 * vertices of least absolute deviations: within this part of the lower objective, and of one plus
 * the size of theta in every parameter. */
#define MULTISTART_NEAR       1e-3
#define MULTISTART_NEAR_THETA 1e-2

/** Starts that a rank takes, and a journal records, at a time; points that it looks at. */
enum { MULTISTART_BLOCK = 8, MULTISTART_LOOK = 64 };

/** Choose the starts of a design that has more points than these, start_choose; nothing otherwise.
 * Not recorded, as it takes a small part of the time of the minimisations.
 * Collective over \a comm; the same on every rank and for any number of ranks.
 * \param [out] chosen  [design->n] kept until the last start; design->chosen leads there
 * \return as items_deal */
enum status multistart_choose(MPI_Comm comm, const struct objective *o, struct start_design *design,
                              size_t chosen[], struct status_why *why);

/** Minimise from every start of a design: cold, but those around a point directly at the final
 * delta, with Newton's method alone if that is the solver wanted.
 * Collective over \a comm; the same ends on every rank and for any number of ranks.
 * \param [in]  items   records the ends; NULL: they are not recorded
 * \param [out] starts  [design->n] in start order, theta of the law (not centred)
 * \param [out] best    index of the lowest objective, the first of equals
 * \return STATUS_OK; STATUS_NO when every start diverged; STATUS_MEMORY; as items_deal */
enum status multistart_run(MPI_Comm comm, const struct objective *o,
                           const struct start_design *design, enum fit_solver solver,
                           struct items *items, struct fit_start starts[], size_t *best,
                           struct status_why *why);

/** Index of the lowest objective, the first of equals; \a n when all diverged. */
size_t multistart_best(const struct fit_start starts[], size_t n);

/** Better \a z by cold minimisations from at most \a most starts, start_plan_few. Not collective.
 * \param [in]     objective  at z; infinity when z is nothing yet
 * \param [in,out] z          replaced by the best end that is below \a objective
 * \return the objective at z, infinity when nothing finite was found */
double multistart_improve(const struct objective *o, size_t most, double objective, double z[]);

/** The distinct ends of \a n starts, ascending, each with the number of starts that reached it:
 * an end belongs to the optimum whose lowest end it equals by multistart_agrees or by
 * MULTISTART_NEAR. Ends at the limit of evaluations are none, unless the best is one. \param [out]
 * optima  [FIT_MAX_OPTIMA] the best ones \param [out] n_all   how many there are, listed or not; 0
 * when all starts diverged \return STATUS_OK or STATUS_MEMORY */
enum status multistart_optima(const struct fit_start starts[], size_t n, size_t n_parameters,
                              double exact, struct fit_optimum optima[], size_t *n_all,
                              struct status_why *why);

/** How flat the ridge between two optima is: the greatest rise of the objective over \a best,
 * relative to it, at MULTISTART_SEGMENT points of the straight segment between the two. Small: the
 * data barely tell them apart, nor anything between. */
enum { MULTISTART_SEGMENT = 64 };
double multistart_ridge(const struct objective *o, const struct fit_optimum *best,
                        const struct fit_optimum *other);

#endif
