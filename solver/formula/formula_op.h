/** \file formula_op.h
 * The operations that a formula is made of, and the code that a formula becomes: a list of
 * instructions, each one operation on rows of numbers. Every operation is elementwise and written
 * with lane8.h, so that its bits depend on its operands alone, not on the vector level or on where
 * a block of points is cut. (Of a NaN only that it is one is defined, not its sign.)
 */
#ifndef SOLVER_FORMULA_FORMULA_OP_H
#define SOLVER_FORMULA_FORMULA_OP_H

#include <stddef.h>
#include <stdint.h>

/* Name, operands, widening: by how many units in the last place the bounds of an interval are
 * moved apart, at least twice the error of the operation, 0 where it is rounded correctly and hence
 * monotone. */
#define FORMULA_OP_LIST(X)                                                                         \
    X(COPY, copy, 1, 0)                                                                            \
    X(ADD, add, 2, 0)                                                                              \
    X(SUB, sub, 2, 0)                                                                              \
    X(MUL, mul, 2, 0)                                                                              \
    X(DIV, div, 2, 0)                                                                              \
    X(NEG, neg, 1, 0)                                                                              \
    X(ABS, abs, 1, 0)                                                                              \
    X(MIN, min, 2, 0)                                                                              \
    X(MAX, max, 2, 0)                                                                              \
    X(SQRT, sqrt, 1, 0)                                                                            \
    X(EXP, exp, 1, 4)                                                                              \
    X(LOG, log, 1, 4)                                                                              \
    X(EXPM1, expm1, 1, 8)                                                                          \
    X(LOG1P, log1p, 1, 8)                                                                          \
    X(TANH, tanh, 1, 12)                                                                           \
    X(LOGISTIC, logistic, 1, 8)                                                                    \
    X(LESS, less, 2, 0)                                                                            \
    X(SELECT, select, 3, 0)

/** The operations. MIN and MAX give NaN if either operand is NaN; LESS gives 1 or 0; SELECT(c, a,
 * b) is a where c > 0, else b. These last two appear in derivatives of MIN, MAX and ABS only. */
enum formula_op {
#define FORMULA_OP_ENUM(NAME, name, arity, ulps) FORMULA_OP_##NAME,
    FORMULA_OP_LIST(FORMULA_OP_ENUM)
#undef FORMULA_OP_ENUM
        FORMULA_OP_N
};

/** Points worked on at once, and equal numbers in a uniform row: LANE8_N. Most operands. */
enum { FORMULA_OP_LANES = 8, FORMULA_OP_MAX_ARITY = 3 };

/** Where an operand or a result lives. */
enum formula_place {
    FORMULA_UNIFORM,  /**< the same for all points of a call: eight equal numbers */
    FORMULA_REGISTER, /**< a row of the workspace */
    FORMULA_COLUMN,   /**< an input */
    FORMULA_OUTPUT    /**< a result */
};

/** Place and index in 32 bits. */
typedef uint32_t formula_operand;

static inline formula_operand formula_op_operand(enum formula_place place, size_t index)
{
    return ((formula_operand)place << 30) | (formula_operand)index;
}

static inline enum formula_place formula_op_place(formula_operand o)
{
    return (enum formula_place)(o >> 30);
}

static inline size_t formula_op_index(formula_operand o)
{
    return o & 0x3fffffffU;
}

struct formula_instruction {
    enum formula_op op;
    formula_operand to;
    formula_operand from[FORMULA_OP_MAX_ARITY]; /**< those beyond the operation's number are 0 */
};

/** The rows that a piece of code works on. Row i of place p is at base[p] + i * pitch[p]; where
 * base[p] is NULL, which only columns and outputs may be, at columns[i] + start or outputs[i] +
 * start. */
struct formula_frame {
    size_t n; /**< points, a multiple of eight */
    size_t start;
    double *base[4];
    size_t pitch[4];
    const double *const *columns;
    double *const *outputs;
};

/** Number of operands. */
size_t formula_op_arity(enum formula_op op);

/** Widening of bounds in units in the last place, see the list. */
unsigned formula_op_ulps(enum formula_op op);

/** Run \a code, the instructions in order, on every point of the frame. */
void formula_op_run(size_t n_code, const struct formula_instruction code[],
                    const struct formula_frame *frame);

/** One result, the same bits as in a block; operands beyond the operation's number are not read. */
double formula_op_apply(enum formula_op op, double a, double b, double c);

#endif
