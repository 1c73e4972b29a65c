/** \file ehvi_kernel.h
 * The inner loops of ehvi.c over boxes, for eight designs at once, compiled once a vector level;
 * only ehvi.c calls them.
 */
#ifndef SEARCH_BAYES_EHVI_KERNEL_H
#define SEARCH_BAYES_EHVI_KERNEL_H

#include <stddef.h>

#include "search/bayes/boxes.h"

/* Tables hold the gain of eight designs at each coordinate of an objective: [n_at][8]. sum: over
 * boxes, the product of differences of gains. log_sum: its logarithm from those of the gains;
 * terms [n boxes][8] is room. */
#define EHVI_KERNEL_DECLARE(level)                                                                 \
    void ehvi_kernel_sum_##level(const struct boxes *b, double *const gain[], double total[8]);    \
    void ehvi_kernel_log_sum_##level(const struct boxes *b, double *const log_gain[],              \
                                     double terms[], double total[8]);
EHVI_KERNEL_DECLARE(v2)
EHVI_KERNEL_DECLARE(v3)
EHVI_KERNEL_DECLARE(v4)
#undef EHVI_KERNEL_DECLARE

#endif
