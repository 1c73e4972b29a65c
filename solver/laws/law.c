#include "solver/laws/law.h"

#include <string.h>

#include "solver/base/status.h"
#include "solver/base/vmath.h"
#include "solver/laws/chinchilla.h"
#include "solver/laws/kaplan.h"
#include "solver/laws/power.h"

/* Points evaluated together: their columns of terms stay in the first-level cache. */
enum { LAW_BLOCK = 256 };

static const struct law *const law_table[] = {&chinchilla_law, &kaplan_law, &power_law_params,
                                              &power_law_tokens, &power_law_compute};

const char *law_input_name(enum law_input input)
{
    static const char *const names[LAW_N_INPUTS] = {"params", "tokens", "compute_flop"};
    STATUS_ASSERT(input < LAW_N_INPUTS);
    return names[input];
}

const struct law *law_at(size_t i)
{
    return i < sizeof law_table / sizeof law_table[0] ? law_table[i] : NULL;
}

const struct law *law_find(const char *id)
{
    const struct law *law = NULL;
    for (size_t i = 0; (law = law_at(i)) != NULL; i++) {
        if (strcmp(law->id, id) == 0) {
            break;
        }
    }
    return law;
}

void law_transform(const struct law *law, const double natural[], double theta[])
{
    for (size_t i = 0; i < law->n_parameters; i++) {
        theta[i] = law->parameters[i].transform == LAW_LOG ? vmath_log1(natural[i]) : natural[i];
    }
}

void law_natural(const struct law *law, const double theta[], double natural[])
{
    for (size_t i = 0; i < law->n_parameters; i++) {
        natural[i] = law->parameters[i].transform == LAW_LOG ? vmath_exp1(theta[i]) : theta[i];
    }
}

/** Sum of the terms at the \a n <= LAW_BLOCK points that begin at \a first. */
static void law_sum_terms(const struct law *law, const double theta[], size_t first, size_t n,
                          const double *const log_x[], double sum[])
{
    double term[LAW_BLOCK];
    for (size_t k = 0; k < law->n_terms; k++) {
        for (size_t i = 0; i < n; i++) {
            double x[LAW_N_INPUTS] = {0.0};
            for (size_t j = 0; j < law->n_inputs; j++) {
                x[law->inputs[j]] = log_x[law->inputs[j]][first + i];
            }
            term[i] = law->log_term(theta, k, x);
        }
        vmath_exp(n, term, term);
        for (size_t i = 0; i < n; i++) {
            sum[i] = k == 0 ? term[i] : sum[i] + term[i];
        }
    }
}

void law_losses(const struct law *law, const double theta[], size_t n, const double *const log_x[],
                double loss_nat[])
{
    const double offset = law->offset(theta);
    const double outer = law->outer(theta);
    for (size_t first = 0; first < n; first += LAW_BLOCK) {
        const size_t m = n - first < LAW_BLOCK ? n - first : LAW_BLOCK;
        double *sum = loss_nat + first;
        law_sum_terms(law, theta, first, m, log_x, sum);
        if (outer < 1.0 || outer > 1.0) {
            vmath_log(m, sum, sum);
            for (size_t i = 0; i < m; i++) {
                sum[i] *= outer;
            }
            vmath_exp(m, sum, sum);
        }
        for (size_t i = 0; i < m; i++) {
            sum[i] += offset;
        }
    }
}
