/** \file evaluator_kernel.h
 * The inner loops of solver/evaluator, compiled once a vector level. They are plain elementwise
 * sums and products, so the levels and all cuts into blocks give the same bits.
 */
#ifndef SOLVER_EVALUATOR_KERNEL_H
#define SOLVER_EVALUATOR_KERNEL_H

#include <stddef.h>

/** A value for each configuration of a run. */
struct evaluator_kernel_operand {
    const double *x;
    size_t step; /**< 1: one value a configuration; 0: the same for all */
};

enum { EVALUATOR_KERNEL_TIMES = 3 };

/** A value for each configuration of a run, times numbers that are the same for all, from left to
 * right: such products are not written down to be read again at once. */
struct evaluator_kernel_scaled {
    const double *x;
    size_t step, n_times;
    double times[EVALUATOR_KERNEL_TIMES]; /**< [n_times], the rest 1 */
};

#define EVALUATOR_KERNEL_DECLARE(level)                                                            \
    void evaluator_kernel_sum_##level(size_t n, struct evaluator_kernel_operand a,                 \
                                      struct evaluator_kernel_operand b, double out[]);            \
    void evaluator_kernel_product_##level(size_t n, struct evaluator_kernel_operand a,             \
                                          struct evaluator_kernel_operand b, double out[]);        \
    void evaluator_kernel_spread_##level(size_t n, const struct evaluator_kernel_scaled *a,        \
                                         size_t n_rates, const double rates[],                     \
                                         double *const out[]);

/** out = a + b, and out = a * b, of \a n values each; \a out may be the values of \a a or \a b.
 * spread: out[k] = a * rates[k]; with one rate \a out may be the values of \a a. */
EVALUATOR_KERNEL_DECLARE(v2)
EVALUATOR_KERNEL_DECLARE(v3)
EVALUATOR_KERNEL_DECLARE(v4)
#undef EVALUATOR_KERNEL_DECLARE

#endif
