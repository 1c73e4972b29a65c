#include "solver/predict.h"

#include <math.h>
#include <string.h>

#include "solver/base/vmath.h"
#include "solver/footprint.h"

/* A value computed on the edge of a range is inside it whatever its rounding. */
static const double edge_slack = 1e-12;

#define WORK (DESIGN_BIT(DESIGN_PARAMS) | DESIGN_BIT(DESIGN_TOKENS))

static double compute_of(const struct design *d, enum design_input input)
{
    (void)input;
    return footprint_compute_flop(d->value[DESIGN_PARAMS], d->value[DESIGN_TOKENS]);
}

static double unique_of(const struct design *d, enum design_input input)
{
    return fmin(d->value[input], d->value[DESIGN_TOKENS]);
}

/* What a law may read of a design that is not simply one of its numbers. */
static const struct source {
    const char *name;
    enum design_input input;
    double (*value)(const struct design *d, enum design_input input);
    design_set behind; /* inputs that it depends on, beside \a input */
} sources[] = {
    {LAW_COMPUTE, DESIGN_PARAMS, compute_of, WORK},
    {"active_params", DESIGN_PARAMS, NULL, 0},
    {"unique_tokens", DESIGN_UNIQUE_TOKENS, unique_of, DESIGN_BIT(DESIGN_TOKENS)},
    {"weight_bits", DESIGN_WEIGHT_BITS, design_bits, DESIGN_BIT(DESIGN_PRECISION)},
    {"activation_bits", DESIGN_ACTIVATION_BITS, design_bits, DESIGN_BIT(DESIGN_PRECISION)},
    {"cache_bits", DESIGN_CACHE_BITS, design_bits, DESIGN_BIT(DESIGN_PRECISION)},
};

/* \return a source whose input is DESIGN_N_INPUTS where no design has the input */
static struct source source_of(const struct law_input *input)
{
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        if (strcmp(sources[i].name, input->name) == 0) {
            return sources[i];
        }
    }
    const enum design_input same = design_find(input->name);
    const bool number = same != DESIGN_N_INPUTS && design_field(same)->kind == DESIGN_NUMBER;
    return (struct source){input->name, number ? same : DESIGN_N_INPUTS, NULL, 0};
}

static double read(const struct design *d, const struct law_input *input)
{
    const struct source s = source_of(input);
    return s.value != NULL ? s.value(d, s.input) : d->value[s.input];
}

enum status predict_check(const struct predict_model *m, struct status_why *why)
{
    const struct law *law = m->law;
    for (size_t i = 0; i < law->n_inputs; i++) {
        if (source_of(&law->inputs[i]).input == DESIGN_N_INPUTS) {
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

/* Inputs of a design behind those of a law, a bit each. */
static design_set behind(const struct law *law, unsigned law_inputs)
{
    design_set all = 0;
    for (size_t i = 0; i < law->n_inputs; i++) {
        if ((law_inputs >> i & 1u) != 0) {
            const struct source s = source_of(&law->inputs[i]);
            all |= DESIGN_BIT(s.input) | s.behind;
        }
    }
    return all;
}

design_set predict_reads(const struct predict_model *m)
{
    return behind(m->law, (1u << m->law->n_inputs) - 1);
}

design_set predict_term_reads(const struct predict_model *m, size_t k)
{
    return behind(m->law, m->law->terms[k].inputs);
}

void predict_inputs(const struct predict_model *m, const struct design *d, double x[])
{
    for (size_t i = 0; i < m->law->n_inputs; i++) {
        const double value = read(d, &m->law->inputs[i]);
        x[i] = m->law->inputs[i].logarithmic ? vmath_log1(value) : value;
    }
}

double predict_loss_nat(const struct predict_model *m, const struct design *d)
{
    double x[LAW_MAX_INPUTS], loss_nat;
    const double *columns[LAW_MAX_INPUTS];
    predict_inputs(m, d, x);
    for (size_t i = 0; i < m->law->n_inputs; i++) {
        columns[i] = &x[i];
    }
    law_values(m->law, m->theta, 1, columns, &loss_nat);
    return loss_nat;
}

bool predict_extrapolates(const struct predict_model *m, const struct design *d)
{
    for (size_t i = 0; i < m->law->n_inputs; i++) {
        const double x = read(d, &m->law->inputs[i]);
        if (x < m->lower[i] * (1.0 - edge_slack) || x > m->upper[i] * (1.0 + edge_slack)) {
            return true;
        }
    }
    return false;
}
