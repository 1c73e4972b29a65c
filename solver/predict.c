#include "solver/predict.h"

#include <string.h>

#include "solver/base/vmath.h"
#include "solver/footprint.h"

/* A value computed on the edge of a range is inside it whatever its rounding. */
static const double edge_slack = 1e-12;

static double design_params(const struct design *d)
{
    return d->value[DESIGN_PARAMS];
}

static double design_tokens(const struct design *d)
{
    return d->value[DESIGN_TOKENS];
}

static double design_compute(const struct design *d)
{
    return footprint_compute_flop(d->value[DESIGN_PARAMS], d->value[DESIGN_TOKENS]);
}

/* What a law may read of a design, by name. */
static const struct source {
    const char *name;
    double (*value)(const struct design *d);
    unsigned behind; /* inputs of the design that it depends on */
} sources[] = {
    {LAW_PARAMS, design_params, 1u << DESIGN_PARAMS},
    {LAW_TOKENS, design_tokens, 1u << DESIGN_TOKENS},
    {LAW_COMPUTE, design_compute, 1u << DESIGN_PARAMS | 1u << DESIGN_TOKENS},
};

static const struct source *source_of(const struct law_input *input)
{
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        if (strcmp(sources[i].name, input->name) == 0) {
            return &sources[i];
        }
    }
    return NULL;
}

enum status predict_check(const struct law *law, struct status_why *why)
{
    for (size_t i = 0; i < law->n_inputs; i++) {
        if (source_of(&law->inputs[i]) == NULL) {
            return status_fail(why, STATUS_INPUT,
                               "law %s reads %s, which no design has: it can be fitted, not used "
                               "for allocations",
                               law->id, law->inputs[i].name);
        }
    }
    if (strcmp(law->response, LAW_LOSS_NAT) != 0) {
        return status_fail(why, STATUS_INPUT,
                           "law %s predicts %s, not " LAW_LOSS_NAT
                           ": it can be fitted, not used for allocations",
                           law->id, law->response);
    }
    return STATUS_OK;
}

/* Inputs of a design behind those of a law, both as bits. */
static unsigned design_inputs(const struct law *law, unsigned law_inputs)
{
    unsigned all = 0;
    for (size_t i = 0; i < law->n_inputs; i++) {
        all |= (law_inputs >> i & 1u) != 0 ? source_of(&law->inputs[i])->behind : 0;
    }
    return all;
}

unsigned predict_design_inputs(const struct law *law)
{
    return design_inputs(law, (1u << law->n_inputs) - 1);
}

unsigned predict_term_inputs(const struct law *law, size_t k)
{
    return design_inputs(law, law->terms[k].inputs);
}

void predict_inputs(const struct law *law, const struct design *d, double x[])
{
    for (size_t i = 0; i < law->n_inputs; i++) {
        const double value = source_of(&law->inputs[i])->value(d);
        x[i] = law->inputs[i].logarithmic ? vmath_log1(value) : value;
    }
}

double predict_loss_nat(const struct predict_model *m, const struct design *d)
{
    double x[LAW_MAX_INPUTS], loss_nat;
    const double *columns[LAW_MAX_INPUTS];
    predict_inputs(m->law, d, x);
    for (size_t i = 0; i < m->law->n_inputs; i++) {
        columns[i] = &x[i];
    }
    law_values(m->law, m->theta, 1, columns, &loss_nat);
    return loss_nat;
}

bool predict_extrapolates(const struct predict_model *m, const struct design *d)
{
    for (size_t i = 0; i < m->law->n_inputs; i++) {
        const double x = source_of(&m->law->inputs[i])->value(d);
        if (x < m->lower[i] * (1.0 - edge_slack) || x > m->upper[i] * (1.0 + edge_slack)) {
            return true;
        }
    }
    return false;
}
