/** \file formula_kernel.h
 * The variants of the interpreter of formulas, one a vector level; only formula_op.c calls them.
 */
#ifndef SOLVER_FORMULA_FORMULA_KERNEL_H
#define SOLVER_FORMULA_FORMULA_KERNEL_H

#include "solver/formula/formula_op.h"

#define FORMULA_KERNEL_DECLARE(level)                                                              \
    void formula_kernel_run_##level(size_t n_code, const struct formula_instruction code[],        \
                                    const struct formula_frame *frame);

FORMULA_KERNEL_DECLARE(v2)
FORMULA_KERNEL_DECLARE(v3)
FORMULA_KERNEL_DECLARE(v4)

#endif
