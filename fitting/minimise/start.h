/** \file start.h
 * Where minimisations begin: variable projection. For given exponents a law is linear in its floor
 * and scales, so that these follow exactly from a non-negative least-squares problem of at most
 * five unknowns, solved over all its active sets; only the exponents need a grid
 * (Golub and Pereyra 1973; docs/model.md M29). All 25 such starts reach the optimum of the
 * Chinchilla data; of a grid in all five parameters 8 to 63 % do.
 */
#ifndef FITTING_MINIMISE_START_H
#define FITTING_MINIMISE_START_H

#include <stddef.h>

#include "fitting/minimise/objective.h"

/** Most starts of a grid; beyond, the points of a Sobol sequence take its place. */
enum { START_MOST = 256 };

/** Number of starts of a grid with \a levels values for each exponent whose range of starts is no
 * single value: levels^(their number), at most START_MOST. */
size_t start_count(const struct law *law, size_t levels);

/** Start \a i: exponents at the midpoints of \a levels equal parts of their range of starts (in
 * theta), or at a point of the Sobol sequence; floor and scales by projection.
 * \param [in]  i  in [0, start_count)
 * \param [out] z  [n_parameters] inside the box of \a o */
void start_find(const struct objective *o, size_t levels, size_t i, double z[]);

/** Best floor and scales >= 0 for the exponents in \a z, in least squares of the relative residual
 * (FIT_LOG) or the residual (FIT_LINEAR).
 * \param [in,out] z  [n_parameters] exponents are read, the others replaced */
void start_project(const struct objective *o, double z[]);

#endif
