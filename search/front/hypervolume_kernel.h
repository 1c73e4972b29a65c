/** \file hypervolume_kernel.h
 * The inner loops of hypervolume.c, compiled once a vector level; only hypervolume.c includes this.
 * They only compare, so every level gives the same answers.
 */
#ifndef SEARCH_FRONT_HYPERVOLUME_KERNEL_H
#define SEARCH_FRONT_HYPERVOLUME_KERNEL_H

#include <stddef.h>

/** Points in three columns with room for a multiple of 8; unused places hold INFINITY. */
struct hypervolume_columns {
    size_t n;
    double *x[3];
};

/* narrow: bring \a corner, the end of the part of the reference box above \a point that no point
 * cuts off whole, to where the points that are no worse in two objectives begin in the third. find:
 * positions of the points below the corner in every objective, ascending; \return how many. */
#define HYPERVOLUME_KERNEL_DECLARE(level)                                                          \
    void hypervolume_kernel_narrow_##level(const struct hypervolume_columns *c,                    \
                                           const double point[3], double corner[3]);               \
    size_t hypervolume_kernel_find_##level(const struct hypervolume_columns *c,                    \
                                           const double corner[3], size_t found[]);
HYPERVOLUME_KERNEL_DECLARE(v2)
HYPERVOLUME_KERNEL_DECLARE(v3)
HYPERVOLUME_KERNEL_DECLARE(v4)
#undef HYPERVOLUME_KERNEL_DECLARE

#endif
