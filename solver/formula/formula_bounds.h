/** \file formula_bounds.h
 * Bounds of a formula over a box of inputs, for branch and bound: the code of the formula run on
 * intervals. Additions to divisions and square roots are rounded as in the block kernel and
 * therefore monotone; every other operation is widened by at least twice its error
 * (FORMULA_OP_LIST). No number that formula_program_run computes inside the box lies outside the
 * bounds.
 */
#ifndef SOLVER_FORMULA_FORMULA_BOUNDS_H
#define SOLVER_FORMULA_FORMULA_BOUNDS_H

#include "solver/formula/formula_program.h"

/** Bounds of every output over lower <= columns <= upper. An input that occurs several times is
 * taken as independent each time, so that bounds are wide where such occurrences cancel. Points
 * where the output is NaN do not count; bounds that are NaN say that it is NaN everywhere.
 * \param [in]  lower      [n_inputs] and upper alike, as given to formula_program_run, infinite
 *                         allowed; those of inputs not read are ignored
 * \param [out] lowest     [n_outputs] and highest alike
 * \param [in,out] workspace  prepared with the parameters */
void formula_bounds_find(const struct formula_program *p, const double lower[],
                         const double upper[], double lowest[], double highest[],
                         double workspace[]);

#endif
