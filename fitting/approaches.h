/** \file approaches.h
 * Approaches 1 (envelope) and 2 (parabolas) of Hoffmann et al. 2022 beside the fit of a law, which
 * is their approach 3: the same runs, the same target, and how far a parabola is from the law.
 * docs/model.md M50 to M55.
 */
#ifndef FITTING_APPROACHES_H
#define FITTING_APPROACHES_H

#include <stdbool.h>
#include <stddef.h>

#include "fitting/approach/envelope.h"
#include "fitting/approach/isoflop.h"
#include "fitting/fit.h"

/** Open; cleared by approaches_clear. Zeroed, it holds neither. */
struct approaches {
    bool has_envelope, has_isoflop;
    struct envelope envelope;
    struct isoflop isoflop;
    /* What approach 2 makes of the fitted law's own losses at the runs, without noise, against the
     * law; NAN when the law has no optimum or the parabolas no power law. */
    double bias_exponent; /**< its a - the law's */
    double bias_params;   /**< its N* at the target over the law's */
    char sentence[512];   /**< that bias in words; empty without approach 2 */
};

/** Which of the two are wanted. */
struct approaches_options {
    bool envelope, isoflop;
};

/** Run them on the rows of a fit, to its target and confidence.
 * \param [in] fitted_loss_nat  [data->n] what the fitted law says at the runs; NULL: the bias is
 * not computed \return STATUS_OK or STATUS_MEMORY */
enum status approaches_run(const struct fit *fit, const struct isoflop_data *data,
                           const double fitted_loss_nat[], const struct approaches_options *options,
                           struct approaches *made, struct status_why *why);
void approaches_clear(struct approaches *a);

#endif
