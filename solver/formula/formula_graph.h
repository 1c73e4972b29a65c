/** \file formula_graph.h
 * A formula as a graph of nodes, each one operation on earlier nodes. Equal nodes are stored once,
 * so that common subexpressions are shared, also between a value and its derivatives; constants are
 * folded with the very operations of the block kernel; and powers, products and quotients of
 * exponentials stay exponentials of sums: with an input n given as ln N, A * N^a / D^b becomes
 * A * exp(a n - b d). The rules of algebra are applied as if all numbers were finite (0 x = 0, x -
 * x = 0). A node depends only on nodes of smaller index.
 */
#ifndef SOLVER_FORMULA_FORMULA_GRAPH_H
#define SOLVER_FORMULA_FORMULA_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "solver/formula/formula_op.h"

enum formula_graph_kind { FORMULA_GRAPH_CONSTANT, FORMULA_GRAPH_LEAF, FORMULA_GRAPH_OPERATION };

/** Index of a node. Node 0 is the constant 0. */
typedef uint32_t formula_graph_id;

struct formula_graph_node {
    enum formula_graph_kind kind;
    enum formula_op op;       /**< of an operation */
    formula_graph_id from[3]; /**< operands; those beyond the operation's number are 0 */
    double constant;          /**< of a constant */
    bool is_input;            /**< of a leaf: an input, else a parameter */
    uint32_t leaf;            /**< index of the input or parameter */
    uint64_t inputs;          /**< bit i: input i is read; none: the same for all points */
    uint64_t parameters;      /**< bit i: parameter i is read */
};

enum { FORMULA_GRAPH_MAX_NODES = 1 << 18 };

/** What went wrong while building; the first trouble stays. */
enum formula_graph_trouble { FORMULA_GRAPH_FINE, FORMULA_GRAPH_MEMORY, FORMULA_GRAPH_SIZE };

struct formula_graph {
    size_t n, capacity;
    struct formula_graph_node *nodes; /**< [n] */
    size_t n_slots;
    formula_graph_id *slots; /**< [n_slots] open hash table of nodes; 0: empty */
    bool joins_exponentials; /**< exp(u) exp(v) becomes exp(u + v): wanted where a formula is read,
                                not in derivatives, which share the exponentials of the value */
    enum formula_graph_trouble trouble; /**< if any, the nodes returned mean nothing */
};

/** An empty graph, and the end of one; graph_copy makes \a to (not yet begun) the same as \a from.
 * Trouble is left in graph.trouble. */
void formula_graph_init(struct formula_graph *g);
void formula_graph_copy(struct formula_graph *to, const struct formula_graph *from);
void formula_graph_clear(struct formula_graph *g);

/** The leaves. */
formula_graph_id formula_graph_constant(struct formula_graph *g, double value);
formula_graph_id formula_graph_parameter(struct formula_graph *g, size_t index);
formula_graph_id formula_graph_input(struct formula_graph *g, size_t index);

/** An operation on nodes, simplified; those beyond the operation's number are ignored. */
formula_graph_id formula_graph_apply(struct formula_graph *g, enum formula_op op,
                                     formula_graph_id a, formula_graph_id b, formula_graph_id c);

/** a^b: by multiplications for a constant whole |b| <= 16 (n - 1 factors by repeated squaring),
 * sqrt for b = 1/2 and -1/2, else exp(b ln a): NaN for negative a, and for a = b = 0 unless b is
 * constant. */
formula_graph_id formula_graph_power(struct formula_graph *g, formula_graph_id a,
                                     formula_graph_id b);

/** Whether a node is a constant, and then its value. */
bool formula_graph_is_constant(const struct formula_graph *g, formula_graph_id a, double *value);

#endif
