/** \file dependent.h
 * Inputs of a design that follow from others by a formula, as tokens = 20 * params: what they are
 * never varies by itself, so they are no axes of a space, but whatever reads them depends on what
 * they follow from (docs/model.md M316).
 */
#ifndef SOLVER_DEPENDENT_H
#define SOLVER_DEPENDENT_H

#include <stdbool.h>
#include <stddef.h>

#include "solver/base/status.h"
#include "solver/design.h"
#include "solver/formula/formula_program.h"

/** One input and its formula. */
struct dependent {
    enum design_input input;
    bool is_integer;  /**< rounded to the nearest whole number, of two the even one */
    design_set reads; /**< inputs in the text */
    struct formula_program *program;
    double *workspace; /**< of the program: one thread at a time */
};

/** Some of them, each behind those that it reads once sorted. Caller's storage; zero: none; cleared
 * by dependent_clear. */
struct dependent_list {
    size_t n;
    struct dependent all[DESIGN_N_INPUTS];
};

/** Compile a formula of inputs that are numbers and put it last.
 * \param [out] column  of the text, from 1, where it is wrong
 * \return STATUS_OK; STATUS_INPUT (syntax, an unknown name or a category); STATUS_MEMORY */
enum status dependent_add(struct dependent_list *list, enum design_input input, const char *text,
                          bool is_integer, size_t *column, struct status_why *why);
void dependent_clear(struct dependent_list *list);

/** Put each behind those that it reads.
 * \return NULL, or one that follows from itself */
const struct dependent *dependent_sort(struct dependent_list *list);

/** The inputs that follow from others. */
design_set dependent_inputs(const struct dependent_list *list);

/** \a inputs and all that those among them follow from. \param [in] list  sorted */
design_set dependent_behind(const struct dependent_list *list, design_set inputs);

/** Compute them, but those \a held, which stay as they are. \param [in] list  sorted */
void dependent_apply(const struct dependent_list *list, design_set held, struct design *d);

/** What each can be at least and at most where the others lie between \a lower and \a upper.
 * Combinations at which a formula is undefined do not count. \param [in] list  sorted
 * \param [in,out] lower, upper  their values of the dependent inputs are computed */
void dependent_bounds(const struct dependent_list *list, struct design *lower,
                      struct design *upper);

#endif
