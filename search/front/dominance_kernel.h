/** \file dominance_kernel.h
 * The variants of dominance_kernel.c, one set a vector level; only dominance.c includes this.
 */
#ifndef SEARCH_FRONT_DOMINANCE_KERNEL_H
#define SEARCH_FRONT_DOMINANCE_KERNEL_H

#include "search/front/dominance.h"

/** What dominance.h offers, for one number of objectives on one level. */
struct dominance_kernel {
    enum dominance_verdict (*query)(const struct dominance_tree *tree, const double point[],
                                    uint64_t index, size_t *equal);
    size_t (*kill)(size_t n_killers, const double killers[], size_t n, const double x[],
                   size_t stride, uint32_t alive[]);
    void (*cover)(const double killer[], size_t n, const double x[], size_t stride, uint8_t bits[]);
    enum dominance_verdict (*scan)(size_t n, const double window[], const double point[]);
    size_t (*find_covered)(size_t n, const double window[], const double point[]);
};

extern const struct dominance_kernel dominance_kernel_v2[DOMINANCE_MAX_OBJECTIVES + 1],
    dominance_kernel_v3[DOMINANCE_MAX_OBJECTIVES + 1],
    dominance_kernel_v4[DOMINANCE_MAX_OBJECTIVES + 1]; /**< by number of objectives; 0 is unused */

#endif
