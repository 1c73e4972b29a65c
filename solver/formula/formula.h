/** \file formula.h
 * Laws, constraints and objectives given as text, `loss = E + A/N^alpha + B/D^beta`: compiled once
 * (formula_parse.h has the language), differentiated exactly, and run as blocks of values, first
 * and second derivatives (formula_program.h) or as bounds over a box (formula_bounds.h). The sum at
 * the top gives the terms, each of which names the inputs that it reads, so that terms can be
 * tabulated as those of the built-in laws.
 *
 * An input or parameter declared logarithmic is given as its natural logarithm; the text uses the
 * number itself. Its powers, products, quotients and logarithms then stay logarithms: A/N^alpha
 * with A and N logarithmic is exp(a - alpha n), whatever the size of N.
 */
#ifndef SOLVER_FORMULA_FORMULA_H
#define SOLVER_FORMULA_FORMULA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "solver/base/status.h"
#include "solver/formula/formula_program.h"

struct formula;

/** Names that a text may use, up to 64 inputs and 64 parameters. The order is that of columns and
 * of parameter vectors. */
struct formula_names {
    size_t n_inputs;
    const char *const *inputs;
    const bool *input_is_log; /**< [n_inputs], or NULL: none */
    size_t n_parameters;
    const char *const *parameters; /**< NULL: every other name in the text becomes a parameter, in
                                      order of first appearance */
    const bool *parameter_is_log;  /**< [n_parameters], or NULL: none */
};

/** Compile \a text (at most 4096 characters).
 * \param [in]  names   borrowed during the call
 * \param [out] made    the caller destroys it
 * \param [out] column  where the text is wrong, from 1; 0 if \a names are
 * \return STATUS_OK; STATUS_INPUT with a message `column 12: ...` (syntax, unknown name, a constant
 *         part without finite value) or about a bad or repeated name; STATUS_MEMORY */
enum status formula_compile(const char *text, const struct formula_names *names,
                            struct formula **made, size_t *column, struct status_why *why);
void formula_destroy(struct formula *f);

/** The name left of "=", or "". */
const char *formula_result(const struct formula *f);

size_t formula_n_inputs(const struct formula *f);
size_t formula_n_parameters(const struct formula *f);
/** Name of the \a i-th parameter; lives as long as the formula. */
const char *formula_parameter(const struct formula *f, size_t i);

/** Bit i: the value depends on input i, or on parameter i. */
uint64_t formula_inputs(const struct formula *f);
uint64_t formula_parameters(const struct formula *f);

/** The value is ((offset + term 0) + term 1) + ..., to the bit: the part without inputs, then each
 * summand of the top-level sum that reads an input, a subtracted one with its sign. The parts are
 * formulas on the same inputs and parameters, borrowed until \a f is destroyed.
 * formula_offset is NULL where all of the sum reads inputs. */
const struct formula *formula_offset(const struct formula *f);
size_t formula_n_terms(const struct formula *f);
const struct formula *formula_term(const struct formula *f, size_t i);

/** How far to differentiate. */
enum formula_order { FORMULA_VALUE, FORMULA_GRADIENT, FORMULA_HESSIAN };

/** A program whose outputs are the value; then, for FORMULA_GRADIENT, the derivative by each of the
 * k = \a n_by variables; then, for FORMULA_HESSIAN, the second derivatives by variables i and j <=
 * i at 1 + k + i (i + 1) / 2 + j. A variable is a parameter v < n_parameters or the input v -
 * n_parameters. Derivatives by what is declared logarithmic are by the logarithm, as it is given.
 * \param [in]  by    [n_by] variables, NULL for FORMULA_VALUE
 * \param [out] made  the caller destroys it; it does not need \a f any longer
 * \return STATUS_OK; STATUS_INPUT if the derivatives are too many operations; STATUS_MEMORY */
enum status formula_differentiate(const struct formula *f, enum formula_order order, size_t n_by,
                                  const size_t by[], struct formula_program **made,
                                  struct status_why *why);

#endif
