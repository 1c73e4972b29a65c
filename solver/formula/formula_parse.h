/** \file formula_parse.h
 * Reads the text of a formula into a graph. The language, loosest first:
 *
 *     formula = [name "="] sum
 *     sum     = product { ("+" | "-") product }
 *     product = signed { ("*" | "/") signed }
 *     signed  = { "+" | "-" } power                 so that -x^2 is -(x^2)
 *     power   = value [ "^" signed ]                so that a^b^c is a^(b^c)
 *     value   = number | name | "pi" | function "(" sum { "," sum } ")" | "(" sum ")"
 *
 * with the functions exp log log2 log10 sqrt expm1 log1p abs tanh logistic of one argument, pow of
 * two, min and max of two or more. A number is written 70, .5 or 1e-3.
 */
#ifndef SOLVER_FORMULA_FORMULA_PARSE_H
#define SOLVER_FORMULA_FORMULA_PARSE_H

#include "solver/base/status.h"
#include "solver/formula/formula_graph.h"

enum {
    FORMULA_PARSE_MAX_LENGTH = 4096,
    FORMULA_PARSE_MAX_DEPTH = 64, /**< of parentheses, functions, signs and powers in each other */
    FORMULA_PARSE_MAX_NAMES = 64, /**< inputs, and parameters */
    FORMULA_PARSE_NAME_SIZE = 64  /**< of a name with its end */
};

/** A name that a formula may use. */
struct formula_parse_name {
    char text[FORMULA_PARSE_NAME_SIZE];
    bool is_log; /**< given as its natural logarithm */
};

/** What is known before, and after. */
struct formula_parse_scope {
    size_t n_inputs, n_parameters;
    struct formula_parse_name inputs[FORMULA_PARSE_MAX_NAMES];
    struct formula_parse_name parameters[FORMULA_PARSE_MAX_NAMES];
    bool collects_parameters; /**< a name not known becomes a parameter, in order of appearance */
    char result[FORMULA_PARSE_NAME_SIZE]; /**< out: the name left of "=", or "" */
};

/** Whether \a text may be a name: a letter or _, then letters, digits, _; not "pi" or a function.
 */
bool formula_parse_is_name(const char *text);

/** Read \a text.
 * \param [in,out] scope   known names; gains the parameters collected and the result's name
 * \param [in,out] g       gains the nodes
 * \param [out]    root    the formula
 * \param [out]    column  on failure where, from 1; the end of the text is one past its last column
 * \return STATUS_OK, STATUS_INPUT with a message `column 12: ...`, or STATUS_MEMORY */
enum status formula_parse_text(const char *text, struct formula_parse_scope *scope,
                               struct formula_graph *g, formula_graph_id *root, size_t *column,
                               struct status_why *why);

#endif
