/** \file derivatives.h
 * Exact derivatives of a law against central differences, for the tests of every law. */
#ifndef TESTS_SOLVER_LAWS_DERIVATIVES_H
#define TESTS_SOLVER_LAWS_DERIVATIVES_H

#include <string.h>

#include "solver/laws/law.h"
#include "tests/harness.h"

/** Step of the differences: their error is about step^2 and 1e-16 / step. */
#define DERIVATIVES_STEP 1e-5

static inline void derivatives_check_theta(const struct law *law, const double theta[],
                                           const double x[])
{
    const size_t p = law->n_parameters;
    double g[LAW_MAX_PARAMETERS];
    double h[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    const double loss = law->value(law, theta, x, g, h, NULL);
    for (size_t i = 0; i < p; i++) {
        double up[LAW_MAX_PARAMETERS] = {0.0};
        double down[LAW_MAX_PARAMETERS] = {0.0};
        for (size_t j = 0; j < p; j++) {
            up[j] = theta[j] + (i == j ? DERIVATIVES_STEP : 0.0);
            down[j] = theta[j] - (i == j ? DERIVATIVES_STEP : 0.0);
        }
        double g_up[LAW_MAX_PARAMETERS] = {0.0};
        double g_down[LAW_MAX_PARAMETERS] = {0.0};
        const double rise =
            law->value(law, up, x, g_up, NULL, NULL) - law->value(law, down, x, g_down, NULL, NULL);
        CU_ASSERT_DOUBLE_EQUAL(g[i], rise / (2.0 * DERIVATIVES_STEP),
                               1e-6 * (fabs(g[i]) + fabs(loss)));
        for (size_t j = 0; j < p; j++) {
            const double curve = (g_up[j] - g_down[j]) / (2.0 * DERIVATIVES_STEP);
            CU_ASSERT_DOUBLE_EQUAL(h[i * p + j], curve, 1e-6 * (fabs(curve) + fabs(loss)));
            CU_ASSERT_DOUBLE_EQUAL(h[i * p + j], h[j * p + i], 1e-13 * fabs(h[i * p + j]));
        }
    }
}

static inline void derivatives_check_inputs(const struct law *law, const double theta[],
                                            const double x[])
{
    double d[LAW_MAX_INPUTS] = {0.0};
    const double value = law->value(law, theta, x, NULL, NULL, d);
    for (size_t i = 0; i < law->n_inputs; i++) {
        double up[LAW_MAX_INPUTS] = {0.0};
        double down[LAW_MAX_INPUTS] = {0.0};
        for (size_t j = 0; j < law->n_inputs; j++) {
            /* NOLINTNEXTLINE(clang-analyzer-core.*): callers give every input of the law */
            up[j] = x[j] + (i == j ? DERIVATIVES_STEP : 0.0);
            down[j] = x[j] - (i == j ? DERIVATIVES_STEP : 0.0);
        }
        const double rise = law->value(law, theta, up, NULL, NULL, NULL)
                            - law->value(law, theta, down, NULL, NULL, NULL);
        CU_ASSERT_DOUBLE_EQUAL(d[i], rise / (2.0 * DERIVATIVES_STEP),
                               1e-8 * (1.0 + fabs(value) + fabs(d[i])));
    }
}

/** Gradient, Hessian and input derivatives at natural values \a natural. */
static inline void derivatives_check(const struct law *law, const double natural[],
                                     const double x[])
{
    double theta[LAW_MAX_PARAMETERS];
    law_transform(law, natural, theta);
    derivatives_check_theta(law, theta, x);
    derivatives_check_inputs(law, theta, x);
}

/** Loss at natural inputs of the laws that read params, tokens and compute_flop. */
static inline double derivatives_loss(const struct law *law, const double natural[], double params,
                                      double tokens)
{
    double theta[LAW_MAX_PARAMETERS];
    double x[LAW_MAX_INPUTS];
    for (size_t i = 0; i < law->n_inputs; i++) {
        const char *name = law->inputs[i].name;
        x[i] = strcmp(name, LAW_PARAMS) == 0   ? log(params)
               : strcmp(name, LAW_TOKENS) == 0 ? log(tokens)
                                               : log(6.0 * params * tokens);
    }
    law_transform(law, natural, theta);
    return law->value(law, theta, x, NULL, NULL, NULL);
}

#endif
