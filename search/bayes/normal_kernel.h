/** \file normal_kernel.h
 * The variants of normal's loops, one a vector level; only normal.c calls them.
 */
#ifndef SEARCH_BAYES_NORMAL_KERNEL_H
#define SEARCH_BAYES_NORMAL_KERNEL_H

#include <stddef.h>

#define NORMAL_KERNEL_DECLARE(level)                                                               \
    void normal_kernel_log_cdf_##level(size_t n, const double z[], double y[]);                    \
    void normal_kernel_log_between_##level(size_t n, const double a[], const double b[],           \
                                           double y[]);                                            \
    void normal_kernel_gain_##level(size_t n, const double z[], double y[]);                       \
    void normal_kernel_log_gain_##level(size_t n, const double z[], double y[]);
NORMAL_KERNEL_DECLARE(v2)
NORMAL_KERNEL_DECLARE(v3)
NORMAL_KERNEL_DECLARE(v4)
#undef NORMAL_KERNEL_DECLARE

#endif
