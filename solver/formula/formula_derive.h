/** \file formula_derive.h
 * Exact derivatives of a formula by the chain rule on its graph, from the result back to the leaves
 * (reverse mode): all first derivatives cost a small multiple of the value and share its nodes.
 */
#ifndef SOLVER_FORMULA_FORMULA_DERIVE_H
#define SOLVER_FORMULA_FORMULA_DERIVE_H

#include "solver/formula/formula_graph.h"

/** Derivatives of \a root with respect to leaves. Where min or max is attained by both operands the
 * later one in the graph counts; abs rises at 0.
 * \param [in,out] g       gains nodes; trouble is left in g->trouble
 * \param [in]     leaves  [n]
 * \param [out]    d       [n] */
void formula_derive_gradient(struct formula_graph *g, formula_graph_id root, size_t n,
                             const formula_graph_id leaves[], formula_graph_id d[]);

#endif
