#include "solver/laws/law.h"

#include <math.h>
#include <string.h>

#include "solver/base/vmath.h"
#include "solver/laws/chinchilla.h"
#include "solver/laws/kaplan.h"
#include "solver/laws/power.h"

/* Points evaluated together: their columns of terms stay in the first-level cache. */
enum { LAW_BLOCK = 256 };

static const struct law *const law_table[] = {&chinchilla_law, &kaplan_law, &power_law_params,
                                              &power_law_tokens, &power_law_compute};

int law_find_parameter(const struct law *law, const char *name)
{
    for (size_t i = 0; i < law->n_parameters; i++) {
        if (strcmp(law->parameters[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

int law_find_input(const struct law *law, const char *name)
{
    for (size_t i = 0; i < law->n_inputs; i++) {
        if (strcmp(law->inputs[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* Laws that are not built in: from tables and studies. */
static const struct law *law_added[LAW_MAX_ADDED];
static size_t law_n_added;

bool law_add(const struct law *law)
{
    size_t i = 0;
    while (i < law_n_added && strcmp(law_added[i]->id, law->id) != 0) {
        i++;
    }
    if (i == LAW_MAX_ADDED) {
        return false;
    }
    law_added[i] = law;
    law_n_added += i == law_n_added;
    return true;
}

const struct law *law_at(size_t i)
{
    const size_t n = sizeof law_table / sizeof law_table[0];
    return i < n ? law_table[i] : i - n < law_n_added ? law_added[i - n] : NULL;
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
        const bool is_zero = !(natural[i] < 0.0) && !(natural[i] > 0.0) && !isnan(natural[i]);
        theta[i] = law->parameters[i].transform != LAW_LOG ? natural[i]
                   : is_zero                               ? LAW_LOG_ZERO
                                                           : vmath_log1(natural[i]);
    }
}

void law_natural(const struct law *law, const double theta[], double natural[])
{
    for (size_t i = 0; i < law->n_parameters; i++) {
        natural[i] = law->parameters[i].transform != LAW_LOG ? theta[i]
                     : theta[i] <= LAW_LOG_ZERO              ? 0.0
                                                             : vmath_exp1(theta[i]);
    }
}

/** Sum of the terms at the \a n <= LAW_BLOCK points that begin at \a first. */
static void law_sum_terms(const struct law *law, const double theta[], size_t first, size_t n,
                          const double *const x[], double sum[])
{
    double term[LAW_BLOCK];
    for (size_t k = 0; k < law->n_terms; k++) {
        for (size_t i = 0; i < n; i++) {
            double at[LAW_MAX_INPUTS];
            for (size_t j = 0; j < law->n_inputs; j++) {
                at[j] = x[j][first + i];
            }
            term[i] = law->log_term(law, theta, k, at);
        }
        vmath_exp(n, term, term);
        for (size_t i = 0; i < n; i++) {
            sum[i] = k == 0 ? term[i] : sum[i] + term[i];
        }
    }
}

void law_values(const struct law *law, const double theta[], size_t n, const double *const x[],
                double response[])
{
    if (law->block != NULL) {
        law->block(law, theta, 0, n, x, &response);
        return;
    }
    const double offset = law->offset(law, theta);
    const double outer = law->outer(law, theta);
    for (size_t first = 0; first < n; first += LAW_BLOCK) {
        const size_t m = n - first < LAW_BLOCK ? n - first : LAW_BLOCK;
        double *sum = response + first;
        law_sum_terms(law, theta, first, m, x, sum);
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
