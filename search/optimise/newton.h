/** \file newton.h
 * The last digits of an optimum: Newton's method on its conditions, with the limits that bind as
 * equations and coordinates on a bound held. A search that compares values finds a flat optimum to
 * half the digits only; derivatives find all.
 */
#ifndef SEARCH_OPTIMISE_NEWTON_H
#define SEARCH_OPTIMISE_NEWTON_H

#include "search/optimise/view.h"

/** Polish a point close to an optimum; which limits bind is seen there.
 * \param [in,out] u     [n_variables]; left alone on failure
 * \param [out]    flat  coordinates, a bit each, of directions along which nothing changes to
 * second order \return whether it converged to a point that keeps the limits, with the right signs
 * of the multipliers, and is no worse */
bool newton_polish(struct view *v, double u[], unsigned *flat);

/** The same from the optimum of a problem that differs a little.
 * \param [in] binding  limits, a bit each, that bound there */
bool newton_follow(struct view *v, double u[], unsigned binding, unsigned *flat);

#endif
