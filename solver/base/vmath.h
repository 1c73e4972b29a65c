/** \file vmath.h
 * Exponential and logarithm whose results are the same bits on every machine: written once with
 * eight-lane vectors (lane8.h), compiled once a vector level, chosen at start. What reaches a
 * result file uses these, not libm, whose last bit differs between processors.
 */
#ifndef SOLVER_BASE_VMATH_H
#define SOLVER_BASE_VMATH_H

#include <stddef.h>

#include "solver/base/status.h"

/** Vector levels of the x86-64 psABI: SSE2 with fma in software, AVX2 with FMA, AVX-512. */
enum vmath_level { VMATH_V2, VMATH_V3, VMATH_V4, VMATH_N_LEVELS };

/** The level in use: the best of the processor, or SCALEFRONT_ISA (v2, v3, v4) when set and
 * available. Kernels elsewhere pick their variant by it. Before vmath_start it is the best of the
 * processor. */
enum vmath_level vmath_level(void);

/** Name of a level, "v2" to "v4". */
const char *vmath_level_name(enum vmath_level level);

/** Choose the level from the processor and SCALEFRONT_ISA.
 * \return STATUS_OK, or STATUS_INPUT when the variable names an unknown level or one that this
 *         processor lacks */
enum status vmath_start(struct status_why *why);

/** Use \a level from now on, for tests. \return 0 if this processor lacks it, else 1 */
int vmath_force(enum vmath_level level);

/** y = exp(x), at most 1 ulp from the true value; 0 below -745.13, inf above 709.78, NaN to NaN.
 * \param [in] x  [n]; \param [out] y  [n], may be \a x */
void vmath_exp(size_t n, const double x[], double y[]);

/** y = ln(x), at most 1 ulp from the true value; -inf at 0, NaN below, subnormals included. */
void vmath_log(size_t n, const double x[], double y[]);

/** One value, the same bits as the array forms. */
double vmath_exp1(double x);
double vmath_log1(double x);

#endif
