/** \file nested.h
 * One-dimensional searches, one inside the other: each coordinate is scanned, the edges of what the
 * limits allow are bisected, and between them Brent's method minimises. The innermost search meets
 * limits to the last bit, so it eliminates its variable by the budget or the target.
 */
#ifndef SEARCH_OPTIMISE_NESTED_H
#define SEARCH_OPTIMISE_NESTED_H

#include "search/optimise/view.h"

/** Best point found. \param [out] u  [n_variables], at most ALLOCATE_MAX_NESTED */
void nested_solve(struct view *v, double u[]);

/** Minimum of a function in [a, b] by parabolas and golden sections (Brent, 1973, ch. 5), to a
 * relative 1e-9 or so of the interval. \return where it is */
double nested_minimise(double (*f)(void *context, double x), void *context, double a, double b);

#endif
