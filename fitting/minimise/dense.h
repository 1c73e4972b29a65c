/** \file dense.h
 * Small dense systems of a law's size (at most LAW_MAX_PARAMETERS), on the stack and in plain
 * arithmetic, so that their bits do not depend on a library: inside Newton's method a call to GSL
 * would cost more than the solution.
 */
#ifndef FITTING_MINIMISE_DENSE_H
#define FITTING_MINIMISE_DENSE_H

#include <stdbool.h>
#include <stddef.h>

/** Solve A x = b for a symmetric positive definite A.
 * \param [in,out] a  [n][n]; overwritten by its factor
 * \param [in,out] x  [n] b, then x
 * \return false when A is not positive definite to 13 digits; x is then undefined */
bool dense_solve(size_t n, double a[], double x[]);

/** Inverse of a symmetric positive definite matrix. \param [in] a  [n][n], overwritten
 * \param [out] inverse  [n][n] \return as dense_solve */
bool dense_invert(size_t n, double a[], double inverse[]);

/** Solve A x = b for any regular A by elimination with row pivots; arguments as dense_solve. */
bool dense_eliminate(size_t n, double a[], double x[]);

#endif
