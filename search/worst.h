/** \file worst.h
 * The frontier of worst values: a problem without some of the scenario axes of another one. Its
 * objectives are, for each configuration of the axes that are left, the worst over all levels of
 * those that are gone, and it is feasible where all these are (docs/model.md M317). It is searched
 * like any problem; where the worst of a table's entries gives the worst of the outcome it has
 * tables too.
 */
#ifndef SEARCH_WORST_H
#define SEARCH_WORST_H

#include <stdbool.h>

#include "search/problem.h"

/** Opaque. */
struct worst;

/** \param [in]  problem   must outlive \a made
 * \param [in]  combined  [n_axes] scenario axes to take the worst over, at least one
 * \param [out] made      the caller destroys it
 * \return STATUS_OK; STATUS_INPUT (a constraint with two bounds counts twice, and there are more
 * than 16); STATUS_MEMORY */
enum status worst_create(const struct problem *problem, const bool combined[], struct worst **made,
                         struct status_why *why);
void worst_destroy(struct worst *w);

/** The problem: the objectives of the other one, and its constraints, one for each bound. Lives as
 * long as \a w; not to be evaluated by two threads at once. */
const struct problem *worst_problem(const struct worst *w);

#endif
