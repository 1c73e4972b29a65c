/** \file matern.h
 * How alike the outcomes of two designs are believed to be: the Matern-5/2 kernel with one length a
 * number and one theta a category, and its derivatives (docs/model.md M600). Exponentials are those
 * of vmath and the rest is plain arithmetic: the same bits on every machine.
 */
#ifndef SEARCH_BAYES_MATERN_H
#define SEARCH_BAYES_MATERN_H

#include <stddef.h>

#include "search/bayes/variable.h"

/** Plain data. Designs come as *places*: their coordinates with numbers before categories. */
struct matern {
    size_t n_variables, n_numbers;
    size_t order[VARIABLE_MOST]; /**< [n_variables] variable at each position of a place */
    double variance;
    double weight[VARIABLE_MOST]; /**< [n_variables] by position: 5 / length^2, or theta */
};

/** Take in the kinds of the variables; everything else is left for matern_set. */
void matern_init(struct matern *m, size_t n_variables, const struct variable variables[]);

/** \param [in] log_length  [n_variables] in the order of the variables; of a category ln theta */
void matern_set(struct matern *m, double log_variance, const double log_length[]);

/** \param [in] u  [n_variables] snapped; \param [out] place  [n_variables] */
void matern_place(const struct matern *m, const double u[], double place[]);

/** Covariances of one place with others.
 * \param [in]  others   [n][n_variables]
 * \param [out] k        [n] */
void matern_row(const struct matern *m, const double place[], size_t n, const double others[],
                double k[]);

/** Add sum_i w_i dk_i / d ln length_j (ln theta_j) to \a slope for the k of matern_row.
 * \param [in]     w      [n]
 * \param [in,out] slope  [n_variables] in the order of the variables
 * \return sum_i w_i k_i, the derivative by ln variance */
double matern_slope(const struct matern *m, const double place[], size_t n, const double others[],
                    const double w[], double slope[]);

#endif
