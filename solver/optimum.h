/** \file optimum.h
 * Compute-optimal allocation in closed form for laws of two power terms with cost 6 N D
 * (docs/model.md M5, M6; Hoffmann et al. 2022, arXiv:2203.15556).
 */
#ifndef SOLVER_OPTIMUM_H
#define SOLVER_OPTIMUM_H

#include <stdbool.h>

#include "solver/laws/law.h"

struct optimum {
    double params, tokens; /**< N*, D* */
    double loss_nat;
    double exponent_params; /**< a in N* ~ C^a: beta / (alpha + beta) */
    double exponent_tokens; /**< b = 1 - a */
};

/** Optimum at a budget of \a compute_flop > 0.
 * \return false when the law has no closed form (not exactly one power term in params and one in
 * tokens) */
bool optimum_at(const struct law *law, const double theta[], double compute_flop,
                struct optimum *best);

/** The parameters for which \a tokens > 0 are the optimum, G (G tokens)^(beta / alpha).
 * \return NAN when the law has no closed form */
double optimum_params_of(const struct law *law, const double theta[], double tokens);

#endif
