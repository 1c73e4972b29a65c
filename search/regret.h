/** \file regret.h
 * The regret of an allocation: the loss that one gives away because the optimum is not known. The
 * loss has its least at the optimum, so an error x of its logarithm costs curvature x^2 / 2, and a
 * normal x makes that a multiple of chi-squared with one degree of freedom, another in each draw of
 * what is believed. docs/model.md M308 and M310.
 */
#ifndef SEARCH_REGRET_H
#define SEARCH_REGRET_H

#include <stddef.h>

/** One draw, taken for the truth. */
struct regret_draw {
    double expected_nat; /**< > 0: half the curvature times the variance of the chosen optimum */
    double slope_nat;    /**< > 0: by how much the loss of the optimum falls with ln compute */
};

struct regret {
    double expected_nat;         /**< mean over draws */
    double lower_nat, upper_nat; /**< central interval of the regret itself, all draws mixed */
    double wasted_compute_ratio; /**< share of the compute that the best choice would not need */
};

/** \param [in] draws  [n], n >= 1; \param [in] confidence  in (0, 1)
 * \return all NAN where a figure of some draw is not a positive number */
struct regret regret_of(const struct regret_draw draws[], size_t n, double confidence);

#endif
