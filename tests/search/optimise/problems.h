/** \file problems.h
 * Problems with answers by hand, for the tests of this folder.
 */
#ifndef TESTS_SEARCH_OPTIMISE_PROBLEMS_H
#define TESTS_SEARCH_OPTIMISE_PROBLEMS_H

#include <math.h>

#include "search/allocate.h"

/* The cheapest box of a volume: least a x + b y + c z with x y z >= V, where a x = b y = c z. */
static const double problems_price[] = {2.31, 0.47, 13.9};
#define PROBLEMS_VOLUME 71.3

static void problems_box_evaluate(const void *context, const double x[], double values[])
{
    (void)context;
    values[0] = problems_price[0] * x[0] + problems_price[1] * x[1] + problems_price[2] * x[2];
    values[1] = x[0] * x[1] * x[2];
}

static inline struct allocate_problem problems_box(void)
{
    return (struct allocate_problem){
        .n_variables = 3,
        .variables = {{1e-2, 1e4, true}, {1e-3, 1e4, true}, {1e-2, 1e3, true}},
        .n_limits = 1,
        .limits = {{PROBLEMS_VOLUME, INFINITY}},
        .logarithmic = true,
        .evaluate = problems_box_evaluate,
    };
}

/* \return the i-th side of the cheapest box */
static inline double problems_side(int i)
{
    return cbrt(PROBLEMS_VOLUME * problems_price[0] * problems_price[1] * problems_price[2])
           / problems_price[i];
}

#endif
