#include "solver/formula/formula_bounds.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Both NaN: no number at all. */
struct interval {
    double lo, hi;
};

static const struct interval everything = {-(double)INFINITY, (double)INFINITY};

static bool is_empty(struct interval x)
{
    return isnan(x.lo) || isnan(x.hi);
}

/* The double \a k places further from x, not beyond infinity. */
static double moved(double x, int64_t k)
{
    const int64_t infinity = INT64_C(0x7ff0000000000000);
    int64_t i;
    if (isnan(x)) {
        return x;
    }
    memcpy(&i, &x, sizeof i);
    i = (i < 0 ? INT64_MIN - i : i) + k; /* in the order of the numbers */
    i = i > infinity ? infinity : i < -infinity ? -infinity : i;
    i = i < 0 ? INT64_MIN - i : i;
    memcpy(&x, &i, sizeof x);
    return x;
}

/* Operands, whether the first two are the same row, and the operation. */
struct call {
    struct interval x[3];
    bool is_square;
    enum formula_op op;
};

typedef struct interval rule(const struct call *c);

static struct interval bound_copy(const struct call *c)
{
    return c->x[0];
}

/* An end that is infinity minus infinity says nothing. */
static struct interval sum(double lo, double hi)
{
    return (struct interval){isnan(lo) ? everything.lo : lo, isnan(hi) ? everything.hi : hi};
}

static struct interval bound_add(const struct call *c)
{
    return sum(c->x[0].lo + c->x[1].lo, c->x[0].hi + c->x[1].hi);
}

static struct interval bound_sub(const struct call *c)
{
    return sum(c->x[0].lo - c->x[1].hi, c->x[0].hi - c->x[1].lo);
}

static struct interval bound_neg(const struct call *c)
{
    return (struct interval){-c->x[0].hi, -c->x[0].lo};
}

static struct interval bound_abs(const struct call *c)
{
    const struct interval x = c->x[0];
    if (x.lo >= 0.0) {
        return x;
    }
    return (struct interval){x.hi <= 0.0 ? -x.hi : 0.0, fmax(-x.lo, x.hi)};
}

/* The range of four corners. 0 times infinity and infinity over infinity stand for the limits of
 * finite operands, which 0 and the other corners enclose. */
static struct interval range_of(const double corners[4])
{
    struct interval y = {(double)INFINITY, -(double)INFINITY};
    for (size_t i = 0; i < 4; i++) {
        const double corner = isnan(corners[i]) ? 0.0 : corners[i];
        y.lo = fmin(y.lo, corner);
        y.hi = fmax(y.hi, corner);
    }
    return y;
}

static struct interval bound_mul(const struct call *c)
{
    if (c->is_square) {
        const struct interval size = bound_abs(c);
        return (struct interval){size.lo * size.lo, size.hi * size.hi};
    }
    const struct interval a = c->x[0], b = c->x[1];
    return range_of((const double[4]){a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi});
}

static struct interval bound_div(const struct call *c)
{
    const struct interval a = c->x[0], b = c->x[1];
    if (b.lo <= 0.0 && b.hi >= 0.0) {
        return everything; /* also where 0 is an end: its sign is not known */
    }
    return range_of((const double[4]){a.lo / b.lo, a.lo / b.hi, a.hi / b.lo, a.hi / b.hi});
}

static struct interval bound_min(const struct call *c)
{
    return (struct interval){fmin(c->x[0].lo, c->x[1].lo), fmin(c->x[0].hi, c->x[1].hi)};
}

static struct interval bound_max(const struct call *c)
{
    return (struct interval){fmax(c->x[0].lo, c->x[1].lo), fmax(c->x[0].hi, c->x[1].hi)};
}

static struct interval bound_less(const struct call *c)
{
    (void)c;
    return (struct interval){0.0, 1.0};
}

/* Either may be chosen. */
static struct interval bound_select(const struct call *c)
{
    return (struct interval){fmin(c->x[1].lo, c->x[2].lo), fmax(c->x[1].hi, c->x[2].hi)};
}

/* Where the rising functions are defined, and what they never leave. */
static const struct {
    double from, least, most;
} limits[FORMULA_OP_N] = {
    [FORMULA_OP_SQRT] = {0.0, 0.0, (double)INFINITY},
    [FORMULA_OP_EXP] = {-(double)INFINITY, 0.0, (double)INFINITY},
    [FORMULA_OP_LOG] = {0.0, -(double)INFINITY, (double)INFINITY},
    [FORMULA_OP_EXPM1] = {-(double)INFINITY, -1.0, (double)INFINITY},
    [FORMULA_OP_LOG1P] = {-1.0, -(double)INFINITY, (double)INFINITY},
    [FORMULA_OP_TANH] = {-(double)INFINITY, -1.0, 1.0},
    [FORMULA_OP_LOGISTIC] = {-(double)INFINITY, 0.0, 1.0},
};

/* An operation on two numbers by one call of the kernel. */
static struct interval both_ends(enum formula_op op, double lo, double hi)
{
    double rows[2][FORMULA_OP_LANES] = {{lo, hi}};
    const struct formula_instruction code = {op, 1, {0, 0, 0}};
    const struct formula_frame frame = {.n = FORMULA_OP_LANES,
                                        .base = {[FORMULA_UNIFORM] = rows[0]},
                                        .pitch = {[FORMULA_UNIFORM] = FORMULA_OP_LANES}};
    formula_op_run(1, &code, &frame);
    return (struct interval){rows[1][0], rows[1][1]};
}

static struct interval bound_rising(const struct call *c)
{
    const double from = limits[c->op].from;
    if (c->x[0].hi < from) {
        return (struct interval){(double)NAN, (double)NAN};
    }
    const int64_t ulps = formula_op_ulps(c->op);
    struct interval y = both_ends(c->op, fmax(c->x[0].lo, from), c->x[0].hi);
    y.lo = fmax(moved(y.lo, -ulps), limits[c->op].least);
    y.hi = fmin(moved(y.hi, ulps), limits[c->op].most);
    return y;
}

static rule *const rules[FORMULA_OP_N] = {
    [FORMULA_OP_COPY] = bound_copy,    [FORMULA_OP_ADD] = bound_add,
    [FORMULA_OP_SUB] = bound_sub,      [FORMULA_OP_MUL] = bound_mul,
    [FORMULA_OP_DIV] = bound_div,      [FORMULA_OP_NEG] = bound_neg,
    [FORMULA_OP_ABS] = bound_abs,      [FORMULA_OP_MIN] = bound_min,
    [FORMULA_OP_MAX] = bound_max,      [FORMULA_OP_SQRT] = bound_rising,
    [FORMULA_OP_EXP] = bound_rising,   [FORMULA_OP_LOG] = bound_rising,
    [FORMULA_OP_EXPM1] = bound_rising, [FORMULA_OP_LOG1P] = bound_rising,
    [FORMULA_OP_TANH] = bound_rising,  [FORMULA_OP_LOGISTIC] = bound_rising,
    [FORMULA_OP_LESS] = bound_less,    [FORMULA_OP_SELECT] = bound_select,
};

/* Where an interval is kept: the first two numbers of the row. */
static double *row_of(const struct formula_program_layout *at, formula_operand o)
{
    const size_t i = formula_op_index(o);
    switch (formula_op_place(o)) {
    case FORMULA_UNIFORM:
        return at->uniforms + FORMULA_OP_LANES * i; /* the same number twice */
    case FORMULA_REGISTER:
        return at->registers + FORMULA_PROGRAM_BLOCK * i;
    case FORMULA_COLUMN:
        return at->columns + FORMULA_OP_LANES * i;
    case FORMULA_OUTPUT:
        break;
    }
    return at->outputs + FORMULA_OP_LANES * i;
}

static struct interval find_one(const struct formula_program_layout *at,
                                const struct formula_instruction *code)
{
    struct call c = {.op = code->op};
    bool has_empty = false;
    for (size_t i = 0; i < formula_op_arity(code->op); i++) {
        const double *row = row_of(at, code->from[i]);
        c.x[i] = (struct interval){row[0], row[1]};
        has_empty = has_empty || is_empty(c.x[i]);
    }
    c.is_square = formula_op_arity(code->op) == 2 && code->from[0] == code->from[1];
    /* fmin and fmax of the choice drop a branch without numbers; a comparison with none is 0. */
    if (has_empty && code->op != FORMULA_OP_SELECT && code->op != FORMULA_OP_LESS) {
        return (struct interval){(double)NAN, (double)NAN};
    }
    return rules[code->op](&c);
}

void formula_bounds_find(const struct formula_program *p, const double lower[],
                         const double upper[], double lowest[], double highest[],
                         double workspace[])
{
    const struct formula_program_layout at = formula_program_layout(p, workspace);
    for (size_t i = 0; i < p->n_inputs; i++) {
        at.columns[FORMULA_OP_LANES * i] = lower[i];
        at.columns[FORMULA_OP_LANES * i + 1] = upper[i];
    }
    for (size_t k = 0; k < p->n_code; k++) {
        const struct interval y = find_one(&at, &p->code[k]);
        double *row = row_of(&at, p->code[k].to);
        row[0] = y.lo;
        row[1] = y.hi;
    }
    for (size_t i = 0; i < p->n_outputs; i++) {
        lowest[i] = at.outputs[FORMULA_OP_LANES * i];
        highest[i] = at.outputs[FORMULA_OP_LANES * i + 1];
    }
}
