#include "solver/formula/formula_kernel.h"

#include "solver/base/lane8.h"

_Static_assert((int)FORMULA_OP_LANES == (int)LANE8_N, "rows are padded to whole vectors");

/* expm1(x) = (u - 1) x / ln(u) with u = exp(x): u - 1 is exact near 1, and what the rounding of u
 * changes in u - 1 it changes in ln(u) alike (W. Kahan). Away from 0 the plain difference does. */
LANE8_INLINE lane8 expm1_of(lane8 x)
{
    const lane8 one = lane8_set1(1.0);
    const lane8 u = lane8_exp(x);
    const lane8 difference = u - one;
    const lane8 near = difference * (x / lane8_log(u));
    const lane8_mask is_near = lane8_less(lane8_abs(x), lane8_set1(0.5));
    const lane8 y = lane8_select(is_near, near, difference);
    return lane8_select(lane8_equal(u, one), x, y);
}

/* ln(1 + x) = ln(u) x / (u - 1) with u = 1 + x rounded, for the same reason. */
LANE8_INLINE lane8 log1p_of(lane8 x)
{
    const lane8 one = lane8_set1(1.0), infinity = lane8_set1((double)INFINITY);
    const lane8 u = one + x;
    const lane8 y = lane8_log(u) * (x / (u - one));
    return lane8_select(lane8_equal(u, one) | lane8_equal(x, infinity), x, y);
}

/* tanh|x| = -e / (2 + e) with e = exp(-2|x|) - 1, which never overflows; then the sign of x. */
LANE8_INLINE lane8 tanh_of(lane8 x)
{
    const lane8 e = expm1_of(lane8_abs(x) * -2.0);
    const lane8 y = -e / (2.0 + e);
    const lane8_bits sign = (lane8_bits)x & lane8_set1_bits(0x8000000000000000U);
    return (lane8)((lane8_bits)lane8_abs(y) | sign);
}

/* 1 / (1 + exp(-x)) by the exponential of -|x|, which never overflows. */
LANE8_INLINE lane8 logistic_of(lane8 x)
{
    const lane8 one = lane8_set1(1.0);
    const lane8 z = lane8_exp(-lane8_abs(x));
    const lane8 y = lane8_select(lane8_less(x, lane8_set1(0.0)), z, one) / (one + z);
    return lane8_select(lane8_equal(x, x), y, x);
}

LANE8_INLINE lane8 min_of(lane8 a, lane8 b)
{
    return lane8_select(lane8_equal(a, a), lane8_min(a, b), a);
}

LANE8_INLINE lane8 max_of(lane8 a, lane8 b)
{
    return lane8_select(lane8_equal(a, a), lane8_max(a, b), a);
}

LANE8_INLINE lane8 less_of(lane8 a, lane8 b)
{
    return lane8_select(lane8_less(a, b), lane8_set1(1.0), lane8_set1(0.0));
}

/* By halves or whole registers where the instruction exists; IEEE 754 defines every bit. */
LANE8_INLINE lane8 sqrt_of(lane8 x)
{
#if defined(__AVX512F__)
    return (lane8)_mm512_sqrt_pd((__m512d)x);
#elif LANE8_BY_HALVES
    const union lane8_halves from = {x};
    union lane8_halves to;
    to.half[0] = _mm256_sqrt_pd(from.half[0]);
    to.half[1] = _mm256_sqrt_pd(from.half[1]);
    return to.whole;
#else
    lane8 y;
    for (int i = 0; i < LANE8_N; i++) {
        y[i] = sqrt(x[i]);
    }
    return y;
#endif
}

/* One operation on rows of n numbers; a uniform operand has the step 0 and stays on its first
 * eight. The result may be the row of an operand: each eight are read before they are written. */
typedef void operation(size_t n, double y[], const double *const x[3], const size_t step[3]);

#define FORMULA_MAP1(name, expression)                                                             \
    static void run_##name(size_t n, double y[], const double *const x[3], const size_t step[3])   \
    {                                                                                              \
        const double *x0 = x[0];                                                                   \
        const size_t s0 = step[0];                                                                 \
        for (size_t i = 0; i < n; i += LANE8_N, x0 += s0) {                                        \
            const lane8 a = lane8_load(x0);                                                        \
            lane8_store(y + i, expression);                                                        \
        }                                                                                          \
    }
#define FORMULA_MAP2(name, expression)                                                             \
    static void run_##name(size_t n, double y[], const double *const x[3], const size_t step[3])   \
    {                                                                                              \
        const double *x0 = x[0], *x1 = x[1];                                                       \
        const size_t s0 = step[0], s1 = step[1];                                                   \
        for (size_t i = 0; i < n; i += LANE8_N, x0 += s0, x1 += s1) {                              \
            const lane8 a = lane8_load(x0), b = lane8_load(x1);                                    \
            lane8_store(y + i, expression);                                                        \
        }                                                                                          \
    }

FORMULA_MAP1(copy, a)
FORMULA_MAP2(add, a + b)
FORMULA_MAP2(sub, a - b)
FORMULA_MAP2(mul, (a * b))
FORMULA_MAP2(div, a / b)
FORMULA_MAP1(neg, -a)
FORMULA_MAP1(abs, lane8_abs(a))
FORMULA_MAP2(min, min_of(a, b))
FORMULA_MAP2(max, max_of(a, b))
FORMULA_MAP1(sqrt, sqrt_of(a))
FORMULA_MAP1(exp, lane8_exp(a))
FORMULA_MAP1(log, lane8_log(a))
FORMULA_MAP1(expm1, expm1_of(a))
FORMULA_MAP1(log1p, log1p_of(a))
FORMULA_MAP1(tanh, tanh_of(a))
FORMULA_MAP1(logistic, logistic_of(a))
FORMULA_MAP2(less, less_of(a, b))

static void run_select(size_t n, double y[], const double *const x[3], const size_t step[3])
{
    const lane8 zero = lane8_set1(0.0);
    const double *x0 = x[0], *x1 = x[1], *x2 = x[2];
    for (size_t i = 0; i < n; i += LANE8_N, x0 += step[0], x1 += step[1], x2 += step[2]) {
        const lane8_mask yes = lane8_less(zero, lane8_load(x0));
        lane8_store(y + i, lane8_select(yes, lane8_load(x1), lane8_load(x2)));
    }
}

static operation *const operations[FORMULA_OP_N] = {
#define FORMULA_ROW(NAME, name, arity, ulps) [FORMULA_OP_##NAME] = run_##name,
    FORMULA_OP_LIST(FORMULA_ROW)
#undef FORMULA_ROW
};

static const double *row_of(const struct formula_frame *f, formula_operand o)
{
    const enum formula_place place = formula_op_place(o);
    const size_t i = formula_op_index(o);
    if (f->base[place] != NULL) {
        return f->base[place] + i * f->pitch[place];
    }
    return (place == FORMULA_COLUMN ? f->columns[i] : f->outputs[i]) + f->start;
}

static double *row_to(const struct formula_frame *f, formula_operand o)
{
    const enum formula_place place = formula_op_place(o);
    const size_t i = formula_op_index(o);
    return f->base[place] != NULL ? f->base[place] + i * f->pitch[place] : f->outputs[i] + f->start;
}

void LANE8_NAME(formula_kernel_run)(size_t n_code, const struct formula_instruction code[],
                                    const struct formula_frame *frame)
{
    for (size_t k = 0; k < n_code; k++) {
        const struct formula_instruction *now = &code[k];
        const double *x[3] = {NULL, NULL, NULL};
        size_t step[3] = {0, 0, 0};
        for (size_t i = 0; i < formula_op_arity(now->op); i++) {
            x[i] = row_of(frame, now->from[i]);
            step[i] = formula_op_place(now->from[i]) == FORMULA_UNIFORM ? 0 : LANE8_N;
        }
        operations[now->op](frame->n, row_to(frame, now->to), x, step);
    }
}
