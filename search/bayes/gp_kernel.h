/** \file gp_kernel.h
 * The inner loop of gp_predict, compiled once a vector level; only gp.c calls it.
 */
#ifndef SEARCH_BAYES_GP_KERNEL_H
#define SEARCH_BAYES_GP_KERNEL_H

#include <stddef.h>

enum { GP_KERNEL_WIDTH = 16 };

/* Solve L X = K for as many columns as a design block has, in place, and add up the squares of each
 * column of X. The columns are independent and each sum runs in the order of the rows, so lanes
 * change nothing but the time; plain products and sums, because the lowest level has no fused ones.
 * \param [in] l  [n][stride] lower triangle; \param [in,out] k  [n][GP_KERNEL_WIDTH]
 * \param [out] square  [GP_KERNEL_WIDTH] */
#define GP_KERNEL_DECLARE(level)                                                                   \
    void gp_kernel_solve_##level(size_t n, const double l[], size_t stride, double k[],            \
                                 double square[GP_KERNEL_WIDTH]);
GP_KERNEL_DECLARE(v2)
GP_KERNEL_DECLARE(v3)
GP_KERNEL_DECLARE(v4)
#undef GP_KERNEL_DECLARE

#endif
