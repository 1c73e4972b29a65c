/** \file custom.h
 * A law from the text of a formula, "loss_nat = E + A/params^alpha + B/tokens^beta", with exact
 * derivatives. What the fit wants to know beyond the text is found in it: parameters in which the
 * response is jointly linear are scales, fitted as logarithms unless said otherwise; the others are
 * exponents; a parameter that stands alone is the floor; a sum of a floor and power terms gets the
 * functions of terms.h, and with them the fast objective of the built-in laws. docs/model.md M90.
 */
#ifndef SOLVER_LAWS_CUSTOM_H
#define SOLVER_LAWS_CUSTOM_H

#include <stdbool.h>
#include <stddef.h>

#include "solver/base/status.h"
#include "solver/laws/law.h"

enum { CUSTOM_NAME_SIZE = 64, CUSTOM_TEXT_SIZE = 1024 };

enum custom_transform { CUSTOM_INFERRED, CUSTOM_LOG, CUSTOM_PLAIN };

/** What is said of a parameter; numbers that are not said are NAN and get a default by its role. */
struct custom_parameter {
    char name[CUSTOM_NAME_SIZE];
    enum custom_transform transform;
    double lower, upper;
    double start_lower, start_upper;
    double fixed;                   /**< NAN: free; else the parameter is this constant */
    char tied_to[CUSTOM_NAME_SIZE]; /**< "": free; else it equals this other parameter */
};

struct custom_input {
    char name[CUSTOM_NAME_SIZE];
    bool logarithmic;
    double least; /**< of its domain, natural; -INFINITY: none */
};

struct custom_source {
    char id[48], title[160], source[64];
    char text[CUSTOM_TEXT_SIZE];
    char response_unit[16];
    size_t n_inputs;
    struct custom_input inputs[LAW_MAX_INPUTS]; /**< those that the text does not read are left out
                                                 */
    size_t n_parameters;
    struct custom_parameter parameters[LAW_MAX_PARAMETERS];
};

/** Nothing said: every number NAN. */
struct custom_parameter custom_parameter(const char *name);

/** Make a law. The name left of "=" is its response; "loss" and none mean loss_nat.
 * \param [out] made    the caller frees it by custom_destroy
 * \param [out] column  of the text, from 1, where it is wrong; 0 if something else is
 * \return STATUS_OK, STATUS_INPUT, STATUS_MEMORY */
enum status custom_create(const struct custom_source *source, struct law **made, size_t *column,
                          struct status_why *why);
void custom_destroy(struct law *law);

/** What \a law was made from, or NULL if it was not made here. */
const struct custom_source *custom_source_of(const struct law *law);

#endif
