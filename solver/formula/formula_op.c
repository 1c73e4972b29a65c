#include "solver/formula/formula_op.h"

#include "solver/base/vmath.h"
#include "solver/formula/formula_kernel.h"

static const struct {
    size_t arity;
    unsigned ulps;
} table[FORMULA_OP_N] = {
#define FORMULA_OP_ROW(NAME, name, arity, ulps) [FORMULA_OP_##NAME] = {arity, ulps},
    FORMULA_OP_LIST(FORMULA_OP_ROW)
#undef FORMULA_OP_ROW
};

static void (*const kernels[VMATH_N_LEVELS])(size_t, const struct formula_instruction[],
                                             const struct formula_frame *) = {
    [VMATH_V2] = formula_kernel_run_v2,
    [VMATH_V3] = formula_kernel_run_v3,
    [VMATH_V4] = formula_kernel_run_v4,
};

size_t formula_op_arity(enum formula_op op)
{
    return table[op].arity;
}

unsigned formula_op_ulps(enum formula_op op)
{
    return table[op].ulps;
}

void formula_op_run(size_t n_code, const struct formula_instruction code[],
                    const struct formula_frame *frame)
{
    kernels[vmath_level()](n_code, code, frame);
}

double formula_op_apply(enum formula_op op, double a, double b, double c)
{
    double rows[4][FORMULA_OP_LANES];
    for (size_t i = 0; i < FORMULA_OP_LANES; i++) {
        rows[0][i] = a;
        rows[1][i] = b;
        rows[2][i] = c;
    }
    const struct formula_frame frame = {
        .n = FORMULA_OP_LANES, .base = {rows[0]}, .pitch = {[FORMULA_UNIFORM] = FORMULA_OP_LANES}};
    const struct formula_instruction code = {op, 3, {0, 1, 2}};
    formula_op_run(1, &code, &frame);
    return rows[3][0];
}
