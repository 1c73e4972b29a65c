#include "solver/predict.h"

#include "solver/base/vmath.h"
#include "solver/footprint.h"

/* A value computed on the edge of a range is inside it whatever its rounding. */
static const double edge_slack = 1e-12;

static void natural_inputs(const struct design *d, double x[])
{
    x[LAW_PARAMS] = d->value[DESIGN_PARAMS];
    x[LAW_TOKENS] = d->value[DESIGN_TOKENS];
    x[LAW_COMPUTE] = footprint_compute_flop(x[LAW_PARAMS], x[LAW_TOKENS]);
}

/* Inputs of a design behind those of a law, both as bits. */
static unsigned design_inputs(unsigned law_inputs)
{
    static const unsigned behind[LAW_N_INPUTS] = {[LAW_PARAMS] = 1u << DESIGN_PARAMS,
                                                  [LAW_TOKENS] = 1u << DESIGN_TOKENS,
                                                  [LAW_COMPUTE] =
                                                      1u << DESIGN_PARAMS | 1u << DESIGN_TOKENS};
    unsigned all = 0;
    for (int i = 0; i < LAW_N_INPUTS; i++) {
        all |= (law_inputs >> i & 1u) != 0 ? behind[i] : 0;
    }
    return all;
}

unsigned predict_design_inputs(const struct law *law)
{
    unsigned inputs = 0;
    for (size_t i = 0; i < law->n_inputs; i++) {
        inputs |= 1u << law->inputs[i];
    }
    return design_inputs(inputs);
}

unsigned predict_term_inputs(const struct law_term *term)
{
    return design_inputs(term->inputs);
}

void predict_inputs(const struct design *d, double log_x[])
{
    natural_inputs(d, log_x);
    vmath_log(LAW_N_INPUTS, log_x, log_x);
}

double predict_loss_nat(const struct predict_model *m, const struct design *d)
{
    double log_x[LAW_N_INPUTS], loss_nat;
    const double *columns[LAW_N_INPUTS];
    predict_inputs(d, log_x);
    for (size_t i = 0; i < LAW_N_INPUTS; i++) {
        columns[i] = &log_x[i];
    }
    law_losses(m->law, m->theta, 1, columns, &loss_nat);
    return loss_nat;
}

bool predict_extrapolates(const struct predict_model *m, const struct design *d)
{
    double x[LAW_N_INPUTS];
    natural_inputs(d, x);
    for (size_t i = 0; i < m->law->n_inputs; i++) {
        const enum law_input input = m->law->inputs[i];
        if (x[input] < m->lower[input] * (1.0 - edge_slack)
            || x[input] > m->upper[input] * (1.0 + edge_slack)) {
            return true;
        }
    }
    return false;
}
