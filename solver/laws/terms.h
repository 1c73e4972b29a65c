/** \file terms.h
 * Laws that are a floor plus a sum of power terms, E + sum over k of A_k / x_k^alpha_k. The shape
 * is data (struct law_term), so that Chinchilla and the one-input power laws share these functions;
 * a law file wraps them for its own row. docs/model.md M1, M2.
 */
#ifndef SOLVER_LAWS_TERMS_H
#define SOLVER_LAWS_TERMS_H

#include <stdbool.h>

#include "solver/laws/law.h"

/** ln of term \a k of \a law: theta[scale] - theta[exponent] * log_x. */
double terms_log(const struct law *law, const double theta[], size_t k, const double log_x[]);

/** The floor E, or 0 for a law without one. */
double terms_offset(const struct law *law, const double theta[]);

/** The outer exponent of a plain sum. \return 1 */
double terms_outer(const double theta[]);

/** Loss in nat and exact derivatives; arguments as law.loss_nat. */
double terms_loss(const struct law *law, const double theta[], const double log_x[],
                  double d_theta[], double d2_theta[], double d_log_x[]);

/** Whether every input that \a law reads is finite and at least one unit: less than one parameter,
 * token or operation is a mistake of units, and 1/x^alpha would explode there. */
bool terms_in_domain(const struct law *law, const double log_x[]);

#endif
