/** \file normal.h
 * The standard normal distribution as a search for improvement needs it: its distribution function
 * and the expected gain phi(z) + z Phi(z), with logarithms that stay finite and exact far out in
 * both tails. The same bits on every machine. docs/model.md M620, M621.
 */
#ifndef SEARCH_BAYES_NORMAL_H
#define SEARCH_BAYES_NORMAL_H

#include <stddef.h>

/* All take z of [n] without NaN and may write over it. What is beyond 1e150 counts as 1e150, so
 * that logarithms are finite. */

/** ln Phi(z); relative error 1e-15. */
void normal_log_cdf(size_t n, const double z[], double y[]);

/** ln(Phi(b) - Phi(a)), a <= b, each may be infinite; where they are too near for a difference, as
 * if it were 1e-16 of the smaller tail. */
void normal_log_between(size_t n, const double a[], const double b[], double y[]);

/** psi(z) = phi(z) + z Phi(z): what a standard normal variable is expected to lie below z, being 0
 * where it lies above; relative error 1e-15 where it is a normal number. */
void normal_gain(size_t n, const double z[], double y[]);

/** ln psi(z); absolute error 1e-15 near its zero, relative elsewhere. */
void normal_log_gain(size_t n, const double z[], double y[]);

#endif
