#include "fitting/approaches.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char known_bias[] =
    "Approach 2 takes curves for parabolas that are not: where the exponents alpha and beta differ "
    "and the sizes reach far, it is biased even without noise (arXiv:2603.22339).";

/* Approach 2 on the losses of the law itself: what differs from the law is the method's. */
static enum status find_bias(const struct fit *fit, const struct isoflop_data *data,
                             const double fitted_loss_nat[], struct approaches *made,
                             struct status_why *why)
{
    struct isoflop ideal = {0};
    struct isoflop_data losses = *data;
    losses.loss_nat = fitted_loss_nat;
    const enum status st = isoflop_run(&losses, &made->isoflop.options, &ideal, why);
    if (st == STATUS_OK) {
        const struct isoflop_law *law = &ideal.laws[ISOFLOP_PARAMS][ISOFLOP_EQUAL];
        made->bias_exponent = law->exponent.value - fit->exponent_params.value;
        made->bias_params = law->optimum.value / fit->optimum_params.value;
    }
    isoflop_clear(&ideal);
    return st;
}

static void say_bias(const struct fit *fit, struct approaches *made)
{
    const double ratio = made->bias_params;
    if (!isfinite(made->bias_exponent) || !isfinite(ratio)) {
        (void)snprintf(made->sentence, sizeof made->sentence, "%s", known_bias);
        return;
    }
    (void)snprintf(made->sentence, sizeof made->sentence,
                   "%s Here: of the fitted law's own losses at these runs, without noise, it would "
                   "make a = %.4f where the law has %.4f, and N* at %.3g FLOP %.2g %% too %s.",
                   known_bias, fit->exponent_params.value + made->bias_exponent,
                   fit->exponent_params.value, fit->options.target_compute_flop,
                   100.0 * fabs(ratio - 1.0), ratio < 1.0 ? "low" : "high");
}

static enum status run_isoflop(const struct fit *fit, const struct isoflop_data *data,
                               const double fitted_loss_nat[], struct approaches *made,
                               struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct isoflop_options options = {.confidence = fit->options.confidence,
                                            .target_compute_flop =
                                                fit->options.target_compute_flop};
    STATUS_TRY(isoflop_run(data, &options, &made->isoflop, why));
    made->has_isoflop = true;
    if (fit->has_optimum && fitted_loss_nat != NULL) {
        STATUS_TRY(find_bias(fit, data, fitted_loss_nat, made, why));
    }
    say_bias(fit, made);
out:
    return st;
}

enum status approaches_run(const struct fit *fit, const struct isoflop_data *data,
                           const double fitted_loss_nat[], const struct approaches_options *options,
                           struct approaches *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct envelope_options envelope = {.confidence = fit->options.confidence,
                                              .target_compute_flop =
                                                  fit->options.target_compute_flop};

    *made = (struct approaches){.bias_exponent = NAN, .bias_params = NAN};
    if (options->envelope) {
        STATUS_TRY(envelope_run(data, &envelope, &made->envelope, why));
        made->has_envelope = true;
    }
    if (options->isoflop) {
        STATUS_TRY(run_isoflop(fit, data, fitted_loss_nat, made, why));
    }
out:
    if (st != STATUS_OK) {
        approaches_clear(made);
    }
    return st;
}

void approaches_clear(struct approaches *a)
{
    if (a->has_envelope) {
        envelope_clear(&a->envelope);
    }
    if (a->has_isoflop) {
        isoflop_clear(&a->isoflop);
    }
    memset(a, 0, sizeof *a);
}
