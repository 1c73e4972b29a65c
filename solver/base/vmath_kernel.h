/** \file vmath_kernel.h
 * The variants of vmath's loops, one a vector level; only vmath.c calls them.
 */
#ifndef SOLVER_BASE_VMATH_KERNEL_H
#define SOLVER_BASE_VMATH_KERNEL_H

#include <stddef.h>

#define VMATH_KERNEL_DECLARE(level)                                                                \
    void vmath_kernel_exp_##level(size_t n, const double x[], double y[]);                         \
    void vmath_kernel_log_##level(size_t n, const double x[], double y[]);                         \
    double vmath_kernel_exp1_##level(double x);                                                    \
    double vmath_kernel_log1_##level(double x);

VMATH_KERNEL_DECLARE(v2)
VMATH_KERNEL_DECLARE(v3)
VMATH_KERNEL_DECLARE(v4)

#endif
