#include "solver/optimum.h"

#include <math.h>

#include "solver/base/status.h"
#include "solver/base/vmath.h"
#include "solver/footprint.h"

/* The term exp(log_scale - exponent * log_x). */
struct power {
    double log_scale, exponent;
};

/* Read a term as a power of its one input, whatever the parameters of the law are called.
 * Returns whether it is one: a straight line in the logarithm that falls. */
static bool power_of(const struct law *law, const double theta[], size_t term, int input,
                     struct power *power)
{
    /* From one parameter or token to e^48, beyond what a design may hold; exact in binary. */
    static const double far = 48.0, middle = 16.0, straight_to = 1e-9;
    double x[LAW_MAX_INPUTS] = {0.0};
    if (input < 0 || law->terms[term].inputs != 1u << (unsigned)input || law->log_term == NULL
        || !law->inputs[input].logarithmic) {
        return false;
    }
    power->log_scale = law->log_term(law, theta, term, x);
    x[input] = far;
    power->exponent = (power->log_scale - law->log_term(law, theta, term, x)) / far;
    x[input] = middle;
    const double line = power->log_scale - power->exponent * middle;
    const double off = fabs(law->log_term(law, theta, term, x) - line);
    return power->exponent > 0.0 && off <= straight_to * (1.0 + fabs(line));
}

enum { N_POWERS = 2 };

/* The two terms of the closed form. \return whether the law consists of them */
static bool powers_of(const struct law *law, const double theta[], struct power *p, struct power *t)
{
    const int params = law_find_input(law, LAW_PARAMS);
    const int tokens = law_find_input(law, LAW_TOKENS);
    if (law->n_terms != N_POWERS || law->n_inputs != N_POWERS) {
        return false;
    }
    const size_t of_params = power_of(law, theta, 0, params, p) ? 0 : 1;
    return power_of(law, theta, of_params, params, p)
           && power_of(law, theta, 1 - of_params, tokens, t);
}

/* ln G = ln(alpha A / (beta B)) / (alpha + beta) */
static double log_ratio_of(const struct power *p, const struct power *t)
{
    return (p->log_scale - t->log_scale + vmath_log1(p->exponent / t->exponent))
           / (p->exponent + t->exponent);
}

double optimum_params_of(const struct law *law, const double theta[], double tokens)
{
    struct power p, t;
    if (!powers_of(law, theta, &p, &t)) {
        return (double)NAN;
    }
    const double log_ratio = log_ratio_of(&p, &t);
    return vmath_exp1(log_ratio + t.exponent / p.exponent * (log_ratio + vmath_log1(tokens)));
}

bool optimum_at(const struct law *law, const double theta[], double compute_flop,
                struct optimum *best)
{
    struct power p, t;
    if (!powers_of(law, theta, &p, &t)) {
        return false;
    }
    STATUS_ASSERT(compute_flop > 0.0);
    const double sum = p.exponent + t.exponent;
    const double log_product = vmath_log1(compute_flop / footprint_compute_flop(1.0, 1.0));
    const double log_ratio = log_ratio_of(&p, &t);

    best->exponent_params = t.exponent / sum;
    best->exponent_tokens = p.exponent / sum;
    const double log_params = log_ratio + best->exponent_params * log_product;
    const double log_tokens = log_product - log_params;
    const double *columns[N_POWERS];
    columns[law_find_input(law, LAW_PARAMS)] = &log_params;
    columns[law_find_input(law, LAW_TOKENS)] = &log_tokens;
    law_values(law, theta, 1, columns, &best->loss_nat);
    best->params = vmath_exp1(log_params);
    best->tokens = vmath_exp1(log_tokens);
    return true;
}
