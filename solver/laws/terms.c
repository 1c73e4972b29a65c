#include "solver/laws/terms.h"

#include <math.h>
#include <string.h>

#include "solver/base/vmath.h"

size_t terms_input(const struct law_term *term)
{
    size_t input = 0;
    while ((term->inputs & (1u << input)) == 0) {
        input++;
    }
    return input;
}

double terms_log(const struct law *law, const double theta[], size_t k, const double x[])
{
    const struct law_term *t = &law->terms[k];
    return theta[t->scale] - theta[t->exponent] * x[terms_input(t)];
}

double terms_offset(const struct law *law, const double theta[])
{
    return law->floor < 0 ? 0.0 : vmath_exp1(theta[law->floor]);
}

double terms_outer(const struct law *law, const double theta[])
{
    (void)law;
    (void)theta;
    return 1.0;
}

double terms_value(const struct law *law, const double theta[], const double x[], double d_theta[],
                   double d2_theta[], double d_x[])
{
    const size_t p = law->n_parameters;
    if (d_theta != NULL) {
        memset(d_theta, 0, p * sizeof *d_theta);
    }
    if (d2_theta != NULL) {
        memset(d2_theta, 0, p * p * sizeof *d2_theta);
    }
    if (d_x != NULL) {
        memset(d_x, 0, law->n_inputs * sizeof *d_x);
    }
    double sum = 0.0;
    for (size_t k = 0; k < law->n_terms; k++) {
        const size_t input = terms_input(&law->terms[k]);
        const size_t s = (size_t)law->terms[k].scale;
        const size_t e = (size_t)law->terms[k].exponent;
        const double at = x[input];
        const double term = vmath_exp1(terms_log(law, theta, k, x));
        sum += term;
        if (d_theta != NULL) {
            d_theta[s] = term;
            d_theta[e] = -term * at;
        }
        if (d2_theta != NULL) {
            d2_theta[s * p + s] = term;
            d2_theta[s * p + e] = -term * at;
            d2_theta[e * p + s] = -term * at;
            d2_theta[e * p + e] = term * at * at;
        }
        if (d_x != NULL) {
            d_x[input] -= term * theta[e];
        }
    }
    if (law->floor < 0) {
        return sum;
    }
    const size_t f = (size_t)law->floor;
    const double floor_nat = terms_offset(law, theta);
    if (d_theta != NULL) {
        d_theta[f] = floor_nat;
    }
    if (d2_theta != NULL) {
        d2_theta[f * p + f] = floor_nat;
    }
    return floor_nat + sum;
}

bool terms_in_domain(const struct law *law, const double x[])
{
    for (size_t i = 0; i < law->n_inputs; i++) {
        if (!isfinite(x[i]) || x[i] < 0.0) {
            return false;
        }
    }
    return true;
}
