#include "solver/formula/formula_graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64, MAX_CHAIN = 16 };

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9e3779b97f4a7c15U;
    return h ^ (h >> 29);
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static uint64_t hash_of(const struct formula_graph_node *a)
{
    uint64_t h = mix(1, (uint64_t)a->kind << 32 | (uint64_t)a->op);
    h = mix(h, (uint64_t)a->from[0] << 32 | a->from[1]);
    h = mix(h, (uint64_t)a->from[2] << 32 | a->leaf << 1 | (a->is_input ? 1U : 0U));
    return mix(h, bits_of(a->constant));
}

static bool are_equal(const struct formula_graph_node *a, const struct formula_graph_node *b)
{
    return a->kind == b->kind && a->op == b->op && a->from[0] == b->from[0]
           && a->from[1] == b->from[1] && a->from[2] == b->from[2] && a->leaf == b->leaf
           && a->is_input == b->is_input && bits_of(a->constant) == bits_of(b->constant);
}

/* Where the node is in the table, or the empty slot where it belongs. */
static size_t slot_of(const struct formula_graph *g, const struct formula_graph_node *a)
{
    size_t i = (size_t)hash_of(a) & (g->n_slots - 1);
    while (g->slots[i] != 0 && !are_equal(&g->nodes[g->slots[i]], a)) {
        i = (i + 1) & (g->n_slots - 1);
    }
    return i;
}

/* Room for \a capacity nodes, a power of two; the table has twice as many slots. */
static void reserve(struct formula_graph *g, size_t capacity)
{
    struct formula_graph_node *nodes = realloc(g->nodes, capacity * sizeof *nodes);
    formula_graph_id *slots = calloc(2 * capacity, sizeof *slots);
    if (nodes != NULL) {
        g->nodes = nodes;
    }
    if (nodes == NULL || slots == NULL) {
        free(slots);
        g->trouble = FORMULA_GRAPH_MEMORY;
        return;
    }
    free(g->slots);
    g->slots = slots;
    g->n_slots = 2 * capacity;
    g->capacity = capacity;
    for (size_t i = 1; i < g->n; i++) {
        g->slots[slot_of(g, &g->nodes[i])] = (formula_graph_id)i;
    }
}

/* The node like *a, found or added. */
static formula_graph_id intern(struct formula_graph *g, const struct formula_graph_node *a)
{
    if (g->trouble != FORMULA_GRAPH_FINE) {
        return 0;
    }
    if (g->n == g->capacity && g->n >= FORMULA_GRAPH_MAX_NODES) {
        g->trouble = FORMULA_GRAPH_SIZE;
        return 0;
    }
    if (g->n == g->capacity) {
        reserve(g, 2 * g->capacity);
    }
    if (g->trouble != FORMULA_GRAPH_FINE) {
        return 0;
    }
    const size_t slot = slot_of(g, a);
    if (g->slots[slot] == 0) {
        g->nodes[g->n] = *a;
        g->slots[slot] = (formula_graph_id)g->n++;
    }
    return g->slots[slot];
}

void formula_graph_init(struct formula_graph *g)
{
    *g = (struct formula_graph){.joins_exponentials = true};
    reserve(g, FIRST_CAPACITY);
    if (g->trouble == FORMULA_GRAPH_FINE) {
        g->nodes[0] = (struct formula_graph_node){.kind = FORMULA_GRAPH_CONSTANT};
        g->n = 1;
    }
}

void formula_graph_copy(struct formula_graph *to, const struct formula_graph *from)
{
    *to = (struct formula_graph){.joins_exponentials = from->joins_exponentials,
                                 .trouble = from->trouble};
    if (from->trouble != FORMULA_GRAPH_FINE) {
        return;
    }
    reserve(to, from->capacity);
    if (to->trouble == FORMULA_GRAPH_FINE) {
        memcpy(to->nodes, from->nodes, from->n * sizeof *to->nodes);
        memcpy(to->slots, from->slots, from->n_slots * sizeof *to->slots);
        to->n = from->n;
    }
}

void formula_graph_clear(struct formula_graph *g)
{
    free(g->nodes);
    free(g->slots);
    *g = (struct formula_graph){0};
}

bool formula_graph_is_constant(const struct formula_graph *g, formula_graph_id a, double *value)
{
    *value = g->nodes[a].constant;
    return g->nodes[a].kind == FORMULA_GRAPH_CONSTANT;
}

formula_graph_id formula_graph_constant(struct formula_graph *g, double value)
{
    if (bits_of(value) == 0) {
        return 0;
    }
    return intern(g,
                  &(struct formula_graph_node){.kind = FORMULA_GRAPH_CONSTANT, .constant = value});
}

formula_graph_id formula_graph_parameter(struct formula_graph *g, size_t index)
{
    return intern(g, &(struct formula_graph_node){.kind = FORMULA_GRAPH_LEAF,
                                                  .leaf = (uint32_t)index,
                                                  .parameters = UINT64_C(1) << index});
}

formula_graph_id formula_graph_input(struct formula_graph *g, size_t index)
{
    return intern(g, &(struct formula_graph_node){.kind = FORMULA_GRAPH_LEAF,
                                                  .leaf = (uint32_t)index,
                                                  .is_input = true,
                                                  .inputs = UINT64_C(1) << index});
}

static bool is_value(const struct formula_graph *g, formula_graph_id a, double value)
{
    double constant;
    return formula_graph_is_constant(g, a, &constant) && !(constant < value) && !(constant > value)
           && !isnan(constant);
}

static bool is_op(const struct formula_graph *g, formula_graph_id a, enum formula_op op)
{
    return g->nodes[a].kind == FORMULA_GRAPH_OPERATION && g->nodes[a].op == op;
}

static formula_graph_id operand_of(const struct formula_graph *g, formula_graph_id a)
{
    return g->nodes[a].from[0];
}

/* An operation as it stands. */
static formula_graph_id plain(struct formula_graph *g, enum formula_op op, formula_graph_id a,
                              formula_graph_id b, formula_graph_id c)
{
    const formula_graph_id from[3] = {a, b, c};
    struct formula_graph_node node = {.kind = FORMULA_GRAPH_OPERATION, .op = op};
    for (size_t i = 0; i < FORMULA_OP_MAX_ARITY && i < formula_op_arity(op); i++) {
        node.from[i] = from[i];
        node.inputs |= g->nodes[from[i]].inputs;
        node.parameters |= g->nodes[from[i]].parameters;
    }
    return intern(g, &node);
}

static formula_graph_id one_of(struct formula_graph *g, enum formula_op op, formula_graph_id a)
{
    return formula_graph_apply(g, op, a, 0, 0);
}

static formula_graph_id two_of(struct formula_graph *g, enum formula_op op, formula_graph_id a,
                               formula_graph_id b)
{
    return formula_graph_apply(g, op, a, b, 0);
}

/* a = factor * exp(exponent)? Only with the right to join exponentials. */
static bool is_exponential(struct formula_graph *g, formula_graph_id a, formula_graph_id *factor,
                           formula_graph_id *exponent)
{
    if (!g->joins_exponentials) {
        return false;
    }
    if (is_op(g, a, FORMULA_OP_EXP)) {
        *factor = formula_graph_constant(g, 1.0);
        *exponent = operand_of(g, a);
        return true;
    }
    if (!is_op(g, a, FORMULA_OP_MUL)) {
        return false;
    }
    const formula_graph_id *from = g->nodes[a].from;
    const size_t i = is_op(g, from[1], FORMULA_OP_EXP) ? 1 : 0;
    if (!is_op(g, from[i], FORMULA_OP_EXP)) {
        return false;
    }
    *factor = from[1 - i];
    *exponent = operand_of(g, from[i]);
    return true;
}

/* The rules of each operation: they return true and the node where one applies. */
typedef bool rule(struct formula_graph *g, const formula_graph_id x[3], formula_graph_id *made);

static bool simplify_add(struct formula_graph *g, const formula_graph_id x[3],
                         formula_graph_id *made)
{
    for (size_t i = 0; i < 2; i++) {
        if (is_value(g, x[i], 0.0)) {
            *made = x[1 - i];
            return true;
        }
    }
    for (size_t i = 0; i < 2; i++) {
        if (is_op(g, x[i], FORMULA_OP_NEG)) {
            *made = two_of(g, FORMULA_OP_SUB, x[1 - i], operand_of(g, x[i]));
            return true;
        }
    }
    /* Exact; and keeps sums from doubling with every repetition of a long one. */
    if (x[0] == x[1]) {
        *made = two_of(g, FORMULA_OP_MUL, formula_graph_constant(g, 2.0), x[0]);
        return true;
    }
    return false;
}

static bool simplify_sub(struct formula_graph *g, const formula_graph_id x[3],
                         formula_graph_id *made)
{
    if (x[0] == x[1]) {
        *made = 0;
    } else if (is_value(g, x[1], 0.0)) {
        *made = x[0];
    } else if (is_value(g, x[0], 0.0)) {
        *made = one_of(g, FORMULA_OP_NEG, x[1]);
    } else if (is_op(g, x[1], FORMULA_OP_NEG)) {
        *made = two_of(g, FORMULA_OP_ADD, x[0], operand_of(g, x[1]));
    } else {
        return false;
    }
    return true;
}

static bool simplify_neg(struct formula_graph *g, const formula_graph_id x[3],
                         formula_graph_id *made)
{
    const struct formula_graph_node a = g->nodes[x[0]];
    if (is_op(g, x[0], FORMULA_OP_NEG)) {
        *made = a.from[0];
    } else if (is_op(g, x[0], FORMULA_OP_SUB)) {
        *made = two_of(g, FORMULA_OP_SUB, a.from[1], a.from[0]);
    } else {
        return false;
    }
    return true;
}

/* A sign is taken out of products and quotients: op(-a, b) = -op(a, b). */
static bool move_sign(struct formula_graph *g, enum formula_op op, const formula_graph_id x[3],
                      formula_graph_id *made)
{
    const bool first = is_op(g, x[0], FORMULA_OP_NEG), second = is_op(g, x[1], FORMULA_OP_NEG);
    if (!first && !second) {
        return false;
    }
    const formula_graph_id a = first ? operand_of(g, x[0]) : x[0];
    const formula_graph_id b = second ? operand_of(g, x[1]) : x[1];
    *made = two_of(g, op, a, b);
    if (first != second) {
        *made = one_of(g, FORMULA_OP_NEG, *made);
    }
    return true;
}

/* (c exp u) (d exp v) = c d exp(u + v), and the quotient alike. */
static bool join(struct formula_graph *g, enum formula_op op, enum formula_op op_of_exponents,
                 const formula_graph_id x[3], formula_graph_id *made)
{
    formula_graph_id factor[2] = {0, 0}, exponent[2] = {0, 0};
    for (size_t i = 0; i < 2; i++) {
        if (!is_exponential(g, x[i], &factor[i], &exponent[i])) {
            factor[i] = x[i];
            exponent[i] = 0;
        }
    }
    /* A quotient by an exponential is joined even alone: a product costs less. */
    if (exponent[1] == 0 || (exponent[0] == 0 && op == FORMULA_OP_MUL)) {
        return false;
    }
    const formula_graph_id c = two_of(g, op, factor[0], factor[1]);
    const formula_graph_id u = two_of(g, op_of_exponents, exponent[0], exponent[1]);
    *made = two_of(g, FORMULA_OP_MUL, c, one_of(g, FORMULA_OP_EXP, u));
    return true;
}

/* c (d exp u) = (c d) exp u where c d is the same for all points: computed once a call. */
static bool gather_uniform(struct formula_graph *g, const formula_graph_id x[3],
                           formula_graph_id *made)
{
    for (size_t i = 0; i < 2; i++) {
        formula_graph_id factor = 0, exponent = 0;
        if (g->nodes[x[1 - i]].inputs == 0 && is_op(g, x[i], FORMULA_OP_MUL)
            && is_exponential(g, x[i], &factor, &exponent) && g->nodes[factor].inputs == 0) {
            *made = two_of(g, FORMULA_OP_MUL, two_of(g, FORMULA_OP_MUL, x[1 - i], factor),
                           one_of(g, FORMULA_OP_EXP, exponent));
            return true;
        }
    }
    return false;
}

static bool simplify_mul(struct formula_graph *g, const formula_graph_id x[3],
                         formula_graph_id *made)
{
    for (size_t i = 0; i < 2; i++) {
        if (is_value(g, x[i], 0.0) || is_value(g, x[i], 1.0)) {
            *made = is_value(g, x[i], 0.0) ? 0 : x[1 - i];
            return true;
        }
        if (is_value(g, x[i], -1.0)) {
            *made = one_of(g, FORMULA_OP_NEG, x[1 - i]);
            return true;
        }
    }
    return move_sign(g, FORMULA_OP_MUL, x, made) || join(g, FORMULA_OP_MUL, FORMULA_OP_ADD, x, made)
           || gather_uniform(g, x, made);
}

static bool simplify_div(struct formula_graph *g, const formula_graph_id x[3],
                         formula_graph_id *made)
{
    if (is_value(g, x[0], 0.0)) {
        *made = 0;
        return true;
    }
    if (is_value(g, x[1], 1.0)) {
        *made = x[0];
        return true;
    }
    if (is_value(g, x[1], -1.0)) {
        *made = one_of(g, FORMULA_OP_NEG, x[0]);
        return true;
    }
    return move_sign(g, FORMULA_OP_DIV, x, made)
           || join(g, FORMULA_OP_DIV, FORMULA_OP_SUB, x, made);
}

/* ln(c exp u) = ln(c) + u. */
static bool simplify_log(struct formula_graph *g, const formula_graph_id x[3],
                         formula_graph_id *made)
{
    formula_graph_id factor = 0, exponent = 0;
    if (!is_exponential(g, x[0], &factor, &exponent)) {
        return false;
    }
    *made = two_of(g, FORMULA_OP_ADD, one_of(g, FORMULA_OP_LOG, factor), exponent);
    return true;
}

static bool simplify_sqrt(struct formula_graph *g, const formula_graph_id x[3],
                          formula_graph_id *made)
{
    if (!g->joins_exponentials || !is_op(g, x[0], FORMULA_OP_EXP)) {
        return false;
    }
    const formula_graph_id half = formula_graph_constant(g, 0.5);
    *made = one_of(g, FORMULA_OP_EXP, two_of(g, FORMULA_OP_MUL, half, operand_of(g, x[0])));
    return true;
}

static bool simplify_extreme(struct formula_graph *g, const formula_graph_id x[3],
                             formula_graph_id *made)
{
    (void)g;
    *made = x[0];
    return x[0] == x[1];
}

static bool simplify_select(struct formula_graph *g, const formula_graph_id x[3],
                            formula_graph_id *made)
{
    double condition;
    if (formula_graph_is_constant(g, x[0], &condition)) {
        *made = condition > 0.0 ? x[1] : x[2];
        return true;
    }
    *made = x[1];
    return x[1] == x[2];
}

static const struct {
    rule *simplify;
    bool commutes;
} rules[FORMULA_OP_N] = {
    [FORMULA_OP_ADD] = {simplify_add, true},     [FORMULA_OP_SUB] = {simplify_sub, false},
    [FORMULA_OP_MUL] = {simplify_mul, true},     [FORMULA_OP_DIV] = {simplify_div, false},
    [FORMULA_OP_NEG] = {simplify_neg, false},    [FORMULA_OP_MIN] = {simplify_extreme, true},
    [FORMULA_OP_MAX] = {simplify_extreme, true}, [FORMULA_OP_LOG] = {simplify_log, false},
    [FORMULA_OP_SQRT] = {simplify_sqrt, false},  [FORMULA_OP_SELECT] = {simplify_select, false},
};

/* An operation on constants, computed as the kernel would. */
static bool fold(struct formula_graph *g, enum formula_op op, const formula_graph_id x[3],
                 formula_graph_id *made)
{
    double value[3] = {0.0, 0.0, 0.0};
    for (size_t i = 0; i < FORMULA_OP_MAX_ARITY && i < formula_op_arity(op); i++) {
        if (!formula_graph_is_constant(g, x[i], &value[i])) {
            return false;
        }
    }
    *made = formula_graph_constant(g, formula_op_apply(op, value[0], value[1], value[2]));
    return true;
}

formula_graph_id formula_graph_apply(struct formula_graph *g, enum formula_op op,
                                     formula_graph_id a, formula_graph_id b, formula_graph_id c)
{
    if (g->trouble != FORMULA_GRAPH_FINE) {
        return 0;
    }
    const bool swaps = rules[op].commutes && b < a;
    const formula_graph_id x[3] = {swaps ? b : a, swaps ? a : b, c};
    formula_graph_id made = 0;
    if (fold(g, op, x, &made) || (rules[op].simplify != NULL && rules[op].simplify(g, x, &made))) {
        return made;
    }
    return plain(g, op, x[0], x[1], x[2]);
}

/* a^n, n > 0, by repeated squaring. */
static formula_graph_id chain(struct formula_graph *g, formula_graph_id a, unsigned n)
{
    formula_graph_id made = 0;
    bool is_begun = false;
    for (; n > 0; n >>= 1) {
        if (n & 1U) {
            made = is_begun ? two_of(g, FORMULA_OP_MUL, made, a) : a;
            is_begun = true;
        }
        if (n > 1) {
            a = two_of(g, FORMULA_OP_MUL, a, a);
        }
    }
    return made;
}

/* a^b for a constant b that needs no logarithm. */
static bool power_by_constant(struct formula_graph *g, formula_graph_id a, double b,
                              formula_graph_id *made)
{
    const double size = fabs(b);
    if (is_value(g, formula_graph_constant(g, size), 0.5)) {
        *made = one_of(g, FORMULA_OP_SQRT, a);
    } else if (size <= MAX_CHAIN && !(floor(size) < size)) {
        *made = size < 1.0 ? formula_graph_constant(g, 1.0) : chain(g, a, (unsigned)size);
    } else {
        return false;
    }
    if (b < 0.0) {
        *made = two_of(g, FORMULA_OP_DIV, formula_graph_constant(g, 1.0), *made);
    }
    return true;
}

formula_graph_id formula_graph_power(struct formula_graph *g, formula_graph_id a,
                                     formula_graph_id b)
{
    if (g->trouble != FORMULA_GRAPH_FINE) {
        return 0;
    }
    double constant;
    formula_graph_id factor = 0, exponent = 0, made = 0;
    if (is_exponential(g, a, &factor, &exponent) && g->nodes[factor].inputs == 0) {
        made = one_of(g, FORMULA_OP_EXP, two_of(g, FORMULA_OP_MUL, b, exponent));
        return two_of(g, FORMULA_OP_MUL, formula_graph_power(g, factor, b), made);
    }
    if (formula_graph_is_constant(g, b, &constant) && power_by_constant(g, a, constant, &made)) {
        return made;
    }
    made = two_of(g, FORMULA_OP_MUL, b, one_of(g, FORMULA_OP_LOG, a));
    return one_of(g, FORMULA_OP_EXP, made);
}
