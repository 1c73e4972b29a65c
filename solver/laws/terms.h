/** \file terms.h
 * Laws that are a floor plus a sum of power terms, E + sum over k of A_k / x_k^alpha_k. The shape
 * is data (struct law_term), so that Chinchilla and the one-input power laws share these functions.
 * docs/model.md M1, M2.
 */
#ifndef SOLVER_LAWS_TERMS_H
#define SOLVER_LAWS_TERMS_H

#include <stdbool.h>

#include "solver/laws/law.h"

/** The only input that a power term reads. */
size_t terms_input(const struct law_term *term);

/** ln of term \a k of \a law: theta[scale] - theta[exponent] * x. */
double terms_log(const struct law *law, const double theta[], size_t k, const double x[]);

/** The floor E, or 0 for a law without one. */
double terms_offset(const struct law *law, const double theta[]);

/** The outer exponent of a plain sum. \return 1 */
double terms_outer(const struct law *law, const double theta[]);

/** Response and exact derivatives; arguments as law.value. */
double terms_value(const struct law *law, const double theta[], const double x[], double d_theta[],
                   double d2_theta[], double d_x[]);

/** Whether every input that \a law reads is finite and at least one unit: less than one parameter,
 * token or operation is a mistake of units, and 1/x^alpha would explode there. For laws all of
 * whose inputs are logarithmic. */
bool terms_in_domain(const struct law *law, const double x[]);

#endif
