#include "solver/optimum.h"

#include <math.h>
#include <string.h>

#include "solver/base/status.h"
#include "solver/base/vmath.h"
#include "solver/footprint.h"

static double term_of(const struct law *law, const double theta[], size_t term, const double x[])
{
    return law->term != NULL ? law->term(law, theta, term, x)
                             : vmath_exp1(law->log_term(law, theta, term, x));
}

/* ln of a term with one input moved; NAN where the term is not positive. */
static double log_term_at(const struct law *law, const double theta[], size_t term,
                          const double x[], int input, double value)
{
    double at[LAW_MAX_INPUTS];
    memcpy(at, x, law->n_inputs * sizeof *at);
    at[input] = value;
    if (law->log_term != NULL) {
        return law->log_term(law, theta, term, at);
    }
    const double y = term_of(law, theta, term, at);
    return y > 0.0 ? vmath_log1(y) : (double)NAN;
}

/* Read a term as a power of one input. Returns whether it is one: a straight line in the logarithm
 * that falls. */
static bool power_of(const struct law *law, const double theta[], size_t term, const double x[],
                     int input, struct optimum_power *power)
{
    /* From one parameter or token to e^48, beyond what a design may hold; exact in binary. */
    static const double far = 48.0, middle = 16.0, straight_to = 1e-9;
    power->log_scale = log_term_at(law, theta, term, x, input, 0.0);
    power->exponent = (power->log_scale - log_term_at(law, theta, term, x, input, far)) / far;
    const double line = power->log_scale - power->exponent * middle;
    const double off = fabs(log_term_at(law, theta, term, x, input, middle) - line);
    return power->exponent > 0.0 && off <= straight_to * (1.0 + fabs(line));
}

bool optimum_read(const struct law *law, const double theta[], const double x[],
                  struct optimum_form *form)
{
    const int all = law_find_input(law, LAW_PARAMS);
    const int inputs[] = {all >= 0 ? all : law_find_input(law, LAW_ACTIVE_PARAMS),
                          law_find_input(law, LAW_TOKENS)};
    struct optimum_power *const powers[] = {&form->params, &form->tokens};
    unsigned seen = 0;
    if (inputs[0] < 0 || inputs[1] < 0 || (law->log_term == NULL && law->term == NULL)
        || !law->inputs[inputs[0]].logarithmic || !law->inputs[inputs[1]].logarithmic) {
        return false;
    }
    form->offset = law->offset(law, theta);
    form->outer = law->outer(law, theta);
    for (size_t k = 0; k < law->n_terms; k++) {
        const unsigned of_params = law->terms[k].inputs >> inputs[0] & 1u;
        const unsigned of_tokens = law->terms[k].inputs >> inputs[1] & 1u;
        const unsigned which = of_params != 0 ? 0u : 1u;
        if (of_params + of_tokens == 0 && !(form->outer < 1.0 || form->outer > 1.0)) {
            form->offset += term_of(law, theta, k, x);
            continue;
        }
        if (of_params + of_tokens != 1 || (seen >> which & 1u) != 0
            || !power_of(law, theta, k, x, inputs[which], powers[which])) {
            return false;
        }
        seen |= 1u << which;
    }
    return seen == 3u;
}

/* Loss above the offset at the optimum is exp(outer * (level - slope * ln product)). */
static void frontier_of(const struct optimum_form *f, double *log_ratio, double *level,
                        double *slope)
{
    const double alpha = f->params.exponent, beta = f->tokens.exponent, sum = alpha + beta;
    *log_ratio =
        (f->params.log_scale - f->tokens.log_scale + vmath_log1(alpha / beta)) / sum; /* ln G */
    /* The term of params is the share beta / (alpha + beta) of the sum. */
    *level = f->params.log_scale - alpha * *log_ratio - vmath_log1(beta / sum);
    *slope = alpha * beta / sum;
}

static void fill(const struct optimum_form *f, double log_product, struct optimum *best)
{
    double log_ratio, level, slope;
    frontier_of(f, &log_ratio, &level, &slope);
    const double sum = f->params.exponent + f->tokens.exponent;
    best->exponent_params = f->tokens.exponent / sum;
    best->exponent_tokens = f->params.exponent / sum;
    const double log_params = log_ratio + best->exponent_params * log_product;
    best->params = vmath_exp1(log_params);
    best->tokens = vmath_exp1(log_product - log_params);
    const double reducible = vmath_exp1(f->outer * (level - slope * log_product));
    best->loss_nat = f->offset + reducible;
    best->slope_nat = f->outer * slope * reducible;
    best->curvature_nat = sum * best->slope_nat;
}

void optimum_of_product(const struct optimum_form *form, double product, struct optimum *best)
{
    STATUS_ASSERT(product > 0.0);
    fill(form, vmath_log1(product), best);
}

bool optimum_of_loss(const struct optimum_form *form, double loss_nat, struct optimum *best)
{
    double log_ratio, level, slope;
    if (!(loss_nat > form->offset)) {
        return false;
    }
    frontier_of(form, &log_ratio, &level, &slope);
    fill(form, (level - vmath_log1(loss_nat - form->offset) / form->outer) / slope, best);
    return true;
}

/* The form of a law that reads nothing but params and tokens. */
static bool read_alone(const struct law *law, const double theta[], struct optimum_form *form)
{
    enum { N_POWERS = 2 };
    static const double none[LAW_MAX_INPUTS] = {0};
    return law->n_inputs == N_POWERS && optimum_read(law, theta, none, form);
}

double optimum_params_of(const struct law *law, const double theta[], double tokens)
{
    struct optimum_form form;
    double log_ratio, level, slope;
    if (!read_alone(law, theta, &form)) {
        return (double)NAN;
    }
    frontier_of(&form, &log_ratio, &level, &slope);
    return vmath_exp1(
        log_ratio + form.tokens.exponent / form.params.exponent * (log_ratio + vmath_log1(tokens)));
}

bool optimum_at(const struct law *law, const double theta[], double compute_flop,
                struct optimum *best)
{
    struct optimum_form form;
    if (!read_alone(law, theta, &form)) {
        return false;
    }
    STATUS_ASSERT(compute_flop > 0.0);
    optimum_of_product(&form, compute_flop / footprint_compute_flop(1.0, 1.0), best);
    return true;
}

double optimum_regret(const struct law *law, const double theta[], double compute_flop,
                      double params)
{
    struct optimum_form form;
    struct optimum best;
    STATUS_ASSERT(compute_flop > 0.0 && params > 0.0);
    if (!read_alone(law, theta, &form)) {
        return (double)NAN;
    }
    optimum_of_product(&form, compute_flop / footprint_compute_flop(1.0, 1.0), &best);
    const double off = vmath_log1(params / best.params);
    const double growth = best.exponent_params * vmath_exp1(-form.params.exponent * off)
                          + best.exponent_tokens * vmath_exp1(form.tokens.exponent * off);
    return (best.loss_nat - form.offset) * (vmath_exp1(form.outer * vmath_log1(growth)) - 1.0);
}
