/** \file local.h
 * One local minimisation of an objective inside its box: Newton's method with the exact Hessian of
 * the Huber sum, Levenberg damping, and bounds held by an active set. A cold start lowers Huber's
 * delta from a value at which the sum is nearly least squares (continuation), because at the final
 * delta most residuals lie in the linear zone and tell nothing about curvature. Least absolute
 * deviations go on to a delta of 1e-9 and then to the vertex itself. docs/model.md M25 to M28.
 */
#ifndef FITTING_MINIMISE_LOCAL_H
#define FITTING_MINIMISE_LOCAL_H

#include <stdbool.h>
#include <stddef.h>

#include "fitting/fit.h"
#include "fitting/minimise/held.h"
#include "fitting/minimise/objective.h"

/** How one minimisation ended. */
struct local_end {
    double objective; /**< as objective_value */
    enum fit_reason reason;
    size_t n_evaluations;
    enum held_end held; /**< of a figure held: whether it could have its value at the start */
};

/** Minimise from \a z.
 * \param [in]     warm  z is the optimum of nearly the same data: go to the final delta at once
 * \param [in,out] z     start, moved into the box; then the local optimum in coordinates of \a o */
void local_minimise(const struct objective *o, bool warm, double z[], struct local_end *end);

/** Minimise from \a z with a figure at held->target. Least absolute deviations are followed to a
 * delta of 1e-5 and not to a vertex.
 * \param [in]     warm  as local_minimise
 * \param [in,out] z     start; then the local optimum. end->reason is FIT_DIVERGED when the figure
 * cannot have this value */
void local_minimise_held(const struct objective *o, const struct held *held, bool warm, double z[],
                         struct local_end *end);

/** Which parameters stand on a bound of the box; those fixed do not. \param [out] at_bound
 * [n_parameters] */
void local_bounds(const struct objective *o, const double z[], bool at_bound[]);

#endif
