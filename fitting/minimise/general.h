/** \file general.h
 * Minimisation from one start by the solver that the study wants, with a second one behind it.
 * Newton's method with the exact Hessian is far the cheapest where it works; where it diverges,
 * meets its limit or finds no way down a slope, or when it is not wanted, NLopt's SLSQP (Kraft
 * 1994) minimises in the same centred coordinates and box, and Newton's method polishes its end.
 * docs/model.md M66.
 */
#ifndef FITTING_MINIMISE_GENERAL_H
#define FITTING_MINIMISE_GENERAL_H

#include <stddef.h>

#include "fitting/fit.h"
#include "fitting/minimise/objective.h"

/** How one minimisation ended. */
struct general_end {
    double objective; /**< as objective_value */
    enum fit_reason reason;
    enum fit_solver solver; /**< whose end it is: FIT_NLOPT where SLSQP led there */
    enum fit_reason newton; /**< how Newton's method ended from the start; for a wanted FIT_NLOPT,
                               how its polish ended */
    size_t n_evaluations;
};

/** Minimise from \a z, cold.
 * \param [in,out] z  start, moved into the box; then the local optimum in coordinates of \a o */
void general_minimise(const struct objective *o, enum fit_solver wanted, double z[],
                      struct general_end *end);

#endif
