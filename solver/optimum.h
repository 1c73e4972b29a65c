/** \file optimum.h
 * Compute-optimal allocation in closed form for laws of two power terms with cost 6 N D
 * (docs/model.md M5, M6; Hoffmann et al. 2022, arXiv:2203.15556), and the way back from a loss to
 * the least cost that reaches it (M230); what it costs to miss the optimum (M308).
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
    double curvature_nat;   /**< second derivative of the loss in ln params, tokens giving way */
    double slope_nat;       /**< by how much the loss of the optimum falls with ln compute */
};

/** The term exp(log_scale - exponent * x) of a logarithm x. */
struct optimum_power {
    double log_scale, exponent;
};

/** A law as loss = offset + (power of params + power of tokens)^outer, all else being fixed. */
struct optimum_form {
    double offset, outer;
    struct optimum_power params, tokens;
};

/** Read a law as such a form, whatever its parameters are called: one term falls with params, one
 * with tokens, and all others read neither and add to the offset.
 * \param [in] x  [n_inputs] of the law; those of params and tokens are not read
 * \return whether it has the form */
bool optimum_read(const struct law *law, const double theta[], const double x[],
                  struct optimum_form *form);

/** Optimum of a form at params * tokens = \a product > 0. */
void optimum_of_product(const struct optimum_form *form, double product, struct optimum *best);

/** Optimum of a form at the least product that reaches \a loss_nat.
 * \return false: no product does, the offset is as high */
bool optimum_of_loss(const struct optimum_form *form, double loss_nat, struct optimum *best);

/** Optimum at a budget of \a compute_flop > 0.
 * \return false when the law has no closed form (not exactly one power term in params and one in
 * tokens, or further inputs) */
bool optimum_at(const struct law *law, const double theta[], double compute_flop,
                struct optimum *best);

/** What choosing \a params > 0 instead of the best costs at the same compute: loss in nats above
 * that of the optimum, exactly (M308). \return NAN when the law has no closed form */
double optimum_regret(const struct law *law, const double theta[], double compute_flop,
                      double params);

/** The parameters for which \a tokens > 0 are the optimum, G (G tokens)^(beta / alpha).
 * \return NAN when the law has no closed form */
double optimum_params_of(const struct law *law, const double theta[], double tokens);

#endif
