#include "solver/formula/formula_derive.h"

#include <stdlib.h>

static formula_graph_id one(struct formula_graph *g, enum formula_op op, formula_graph_id a)
{
    return formula_graph_apply(g, op, a, 0, 0);
}

static formula_graph_id two(struct formula_graph *g, enum formula_op op, formula_graph_id a,
                            formula_graph_id b)
{
    return formula_graph_apply(g, op, a, b, 0);
}

static formula_graph_id number(struct formula_graph *g, double value)
{
    return formula_graph_constant(g, value);
}

/* The share of the derivative \a d of node \a y = op(x) that flows to its operand \a i. */
typedef formula_graph_id flow(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                              formula_graph_id y, formula_graph_id d);

static formula_graph_id flow_copy(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                  formula_graph_id y, formula_graph_id d)
{
    (void)g, (void)i, (void)x, (void)y;
    return d;
}

static formula_graph_id flow_sub(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                 formula_graph_id y, formula_graph_id d)
{
    (void)x, (void)y;
    return i == 0 ? d : one(g, FORMULA_OP_NEG, d);
}

static formula_graph_id flow_mul(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                 formula_graph_id y, formula_graph_id d)
{
    (void)y;
    return two(g, FORMULA_OP_MUL, d, x[1 - i]);
}

static formula_graph_id flow_div(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                 formula_graph_id y, formula_graph_id d)
{
    const formula_graph_id ratio = two(g, FORMULA_OP_DIV, d, x[1]);
    return i == 0 ? ratio : one(g, FORMULA_OP_NEG, two(g, FORMULA_OP_MUL, ratio, y));
}

static formula_graph_id flow_neg(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                 formula_graph_id y, formula_graph_id d)
{
    (void)i, (void)x, (void)y;
    return one(g, FORMULA_OP_NEG, d);
}

static formula_graph_id flow_abs(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                 formula_graph_id y, formula_graph_id d)
{
    (void)i, (void)y;
    const formula_graph_id is_negative = two(g, FORMULA_OP_LESS, x[0], 0);
    return formula_graph_apply(g, FORMULA_OP_SELECT, is_negative, one(g, FORMULA_OP_NEG, d), d);
}

/* To operand i while \a is_first is 1 for the first one. */
static formula_graph_id flow_where(struct formula_graph *g, size_t i, formula_graph_id is_first,
                                   formula_graph_id d)
{
    return formula_graph_apply(g, FORMULA_OP_SELECT, is_first, i == 0 ? d : 0, i == 0 ? 0 : d);
}

static formula_graph_id flow_min(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                 formula_graph_id y, formula_graph_id d)
{
    (void)y;
    return flow_where(g, i, two(g, FORMULA_OP_LESS, x[0], x[1]), d);
}

static formula_graph_id flow_max(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                 formula_graph_id y, formula_graph_id d)
{
    (void)y;
    return flow_where(g, i, two(g, FORMULA_OP_LESS, x[1], x[0]), d);
}

static formula_graph_id flow_sqrt(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                  formula_graph_id y, formula_graph_id d)
{
    (void)i, (void)x;
    return two(g, FORMULA_OP_DIV, two(g, FORMULA_OP_MUL, d, number(g, 0.5)), y);
}

static formula_graph_id flow_exp(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                 formula_graph_id y, formula_graph_id d)
{
    (void)i, (void)x;
    return two(g, FORMULA_OP_MUL, d, y);
}

static formula_graph_id flow_log(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                 formula_graph_id y, formula_graph_id d)
{
    (void)i, (void)y;
    return two(g, FORMULA_OP_DIV, d, x[0]);
}

static formula_graph_id flow_expm1(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                   formula_graph_id y, formula_graph_id d)
{
    (void)i, (void)y;
    return two(g, FORMULA_OP_MUL, d, one(g, FORMULA_OP_EXP, x[0]));
}

static formula_graph_id flow_log1p(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                   formula_graph_id y, formula_graph_id d)
{
    (void)i, (void)y;
    return two(g, FORMULA_OP_DIV, d, two(g, FORMULA_OP_ADD, number(g, 1.0), x[0]));
}

/* s(x) s(-x): 1 - s(x) would lose all digits where s is near 1. */
static formula_graph_id slope_of_logistic(struct formula_graph *g, formula_graph_id x)
{
    return two(g, FORMULA_OP_MUL, one(g, FORMULA_OP_LOGISTIC, x),
               one(g, FORMULA_OP_LOGISTIC, one(g, FORMULA_OP_NEG, x)));
}

static formula_graph_id flow_logistic(struct formula_graph *g, size_t i,
                                      const formula_graph_id x[3], formula_graph_id y,
                                      formula_graph_id d)
{
    (void)i, (void)y;
    return two(g, FORMULA_OP_MUL, d, slope_of_logistic(g, x[0]));
}

/* 1 - tanh(x)^2 = 4 s(2x) s(-2x), for the same reason. */
static formula_graph_id flow_tanh(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                  formula_graph_id y, formula_graph_id d)
{
    (void)i, (void)y;
    const formula_graph_id doubled = two(g, FORMULA_OP_MUL, number(g, 2.0), x[0]);
    const formula_graph_id four = two(g, FORMULA_OP_MUL, number(g, 4.0), d);
    return two(g, FORMULA_OP_MUL, four, slope_of_logistic(g, doubled));
}

static formula_graph_id flow_less(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                  formula_graph_id y, formula_graph_id d)
{
    (void)g, (void)i, (void)x, (void)y, (void)d;
    return 0;
}

static formula_graph_id flow_select(struct formula_graph *g, size_t i, const formula_graph_id x[3],
                                    formula_graph_id y, formula_graph_id d)
{
    (void)y;
    return i == 0 ? 0 : flow_where(g, i - 1, x[0], d);
}

static flow *const flows[FORMULA_OP_N] = {
    [FORMULA_OP_COPY] = flow_copy,   [FORMULA_OP_ADD] = flow_copy,
    [FORMULA_OP_SUB] = flow_sub,     [FORMULA_OP_MUL] = flow_mul,
    [FORMULA_OP_DIV] = flow_div,     [FORMULA_OP_NEG] = flow_neg,
    [FORMULA_OP_ABS] = flow_abs,     [FORMULA_OP_MIN] = flow_min,
    [FORMULA_OP_MAX] = flow_max,     [FORMULA_OP_SQRT] = flow_sqrt,
    [FORMULA_OP_EXP] = flow_exp,     [FORMULA_OP_LOG] = flow_log,
    [FORMULA_OP_EXPM1] = flow_expm1, [FORMULA_OP_LOG1P] = flow_log1p,
    [FORMULA_OP_TANH] = flow_tanh,   [FORMULA_OP_LOGISTIC] = flow_logistic,
    [FORMULA_OP_LESS] = flow_less,   [FORMULA_OP_SELECT] = flow_select,
};

/* Adjoints of the nodes up to root; 0 (the constant 0) where nothing has arrived. */
static void flow_back(struct formula_graph *g, formula_graph_id root, const bool is_active[],
                      formula_graph_id adjoint[])
{
    adjoint[root] = number(g, 1.0);
    for (formula_graph_id y = root; y > 0 && g->trouble == FORMULA_GRAPH_FINE; y--) {
        const struct formula_graph_node node = g->nodes[y]; /* a copy: the nodes may move */
        if (node.kind != FORMULA_GRAPH_OPERATION || adjoint[y] == 0) {
            continue;
        }
        for (size_t i = 0; i < formula_op_arity(node.op); i++) {
            const formula_graph_id x = node.from[i];
            if (is_active[x]) {
                const formula_graph_id share = flows[node.op](g, i, node.from, y, adjoint[y]);
                adjoint[x] = two(g, FORMULA_OP_ADD, adjoint[x], share);
            }
        }
    }
}

void formula_derive_gradient(struct formula_graph *g, formula_graph_id root, size_t n,
                             const formula_graph_id leaves[], formula_graph_id d[])
{
    const bool joined = g->joins_exponentials;
    formula_graph_id *adjoint = calloc((size_t)root + 1, sizeof *adjoint);
    bool *is_active = calloc((size_t)root + 1, sizeof *is_active);
    for (size_t i = 0; i < n; i++) {
        d[i] = 0;
    }
    if (adjoint == NULL || is_active == NULL) {
        g->trouble = FORMULA_GRAPH_MEMORY;
    }
    if (g->trouble != FORMULA_GRAPH_FINE) {
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        if (leaves[i] <= root) {
            is_active[leaves[i]] = true;
        }
    }
    for (formula_graph_id y = 1; y <= root; y++) {
        const struct formula_graph_node *node = &g->nodes[y];
        for (size_t i = 0; node->kind == FORMULA_GRAPH_OPERATION && i < formula_op_arity(node->op);
             i++) {
            is_active[y] = is_active[y] || is_active[node->from[i]];
        }
    }
    g->joins_exponentials = false;
    flow_back(g, root, is_active, adjoint);
    g->joins_exponentials = joined;
    for (size_t i = 0; i < n; i++) {
        d[i] = leaves[i] <= root ? adjoint[leaves[i]] : 0;
    }
out:
    free(is_active);
    free(adjoint);
}
