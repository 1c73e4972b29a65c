/** \file held.h
 * Minimisation while a figure of the parameters keeps one value: the profile of the figure. One
 * parameter, the pivot, follows from the others and the figure's value, so that the objective is a
 * function of these others alone; its gradient and Hessian follow by implicit differentiation
 * (docs/model.md M70). A parameter of the law is a linear figure of the coordinates z; the optimum
 * at a budget is a curved one, differentiated numerically.
 */
#ifndef FITTING_MINIMISE_HELD_H
#define FITTING_MINIMISE_HELD_H

#include <stdbool.h>
#include <stddef.h>

#include "fitting/minimise/objective.h"

/** A figure and the value at which it is held. */
struct held {
    const struct objective *o;        /**< not owned; its coordinates and box */
    double slope[LAW_MAX_PARAMETERS]; /**< of a linear figure, sum of slope[i] z[i] */
    /** The figure where it is not linear, else NULL; NAN where it does not exist */
    double (*value)(const struct held *held, const double z[]);
    double compute_flop; /**< for \a value */
    double target;       /**< the value at which the figure is held */
};

/** Hold theta of parameter \a i: not the coordinate z where the objective is centred.
 * The target is left 0. */
void held_parameter(const struct objective *o, size_t i, struct held *made);

/** The figure at \a z. */
double held_value(const struct held *held, const double z[]);

/** The parameter that should follow from the others: the one on which the figure depends most, of
 * those inside the box where there are any. */
size_t held_pivot(const struct held *held, const double z[]);

/** How a figure was brought to its value. */
enum held_end {
    HELD_FOUND,
    HELD_BOX, /**< every parameter that could move it there stands on a bound of the box */
    HELD_LOST /**< the figure has no value on the way, or the search for it did not end */
};

/** Move z[pivot] inside the box to where the figure has its target. A pivot that meets its bound
 * stays there, and the next best parameter becomes the pivot.
 * \param [in,out] pivot  by held_pivot
 * \param [in,out] z      inside the box; undefined unless found */
enum held_end held_restore(const struct held *held, size_t *pivot, double z[]);

/** Turn derivatives at \a z into those of the function of all parameters but the pivot, of which
 * they become 0. \param [in,out] at  by objective_evaluate */
void held_fold(const struct held *held, size_t pivot, const double z[], struct objective_point *at);

#endif
