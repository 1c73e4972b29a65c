/** \file simulated.h
 * The runs that the fitting benchmarks fit: 245 of the size and noise of the published Chinchilla
 * runs, five of them outliers; and NLopt's L-BFGS on the same objective, the usual solver. */
#ifndef TESTS_BENCH_SIMULATED_H
#define TESTS_BENCH_SIMULATED_H

#include <math.h>
#include <nlopt.h>

#include "fitting/minimise/objective.h"
#include "solver/base/rng.h"

enum { SIMULATED_N = 245 };

/** \param [in] fitted  E + A/params^alpha + B/tokens^beta in any form, for an objective of it */
static inline enum status simulated_create_as(const struct law *fitted, struct objective **made,
                                              struct status_why *why)
{
    enum { N_INPUTS = 2 };
    static double columns[N_INPUTS + 1][SIMULATED_N];
    const struct law *law = law_find("chinchilla");
    const double natural[] = {1.8172, 482.01, 2085.43, 0.3478, 0.3658};
    double theta[LAW_MAX_PARAMETERS];
    struct rng stream;
    rng_init(&stream, 12345, RNG_TEST, 0);
    law_transform(law, natural, theta);
    for (size_t i = 0; i < SIMULATED_N; i++) {
        const double log_params = log(5e7) + rng_uniform(&stream) * log(1.6e10 / 5e7);
        const double log_compute = log(6e18) + rng_uniform(&stream) * log(3e21 / 6e18);
        const double x[N_INPUTS] = {log_params, log_compute - log(6.0) - log_params};
        const double outlier = i % 49 == 24 ? 0.1 + 0.2 * rng_uniform(&stream) : 0.0;
        for (size_t j = 0; j < N_INPUTS; j++) {
            columns[j][i] = x[j];
        }
        columns[N_INPUTS][i] =
            law->value(law, theta, x, NULL, NULL, NULL) * exp(0.01 * rng_normal(&stream) + outlier);
    }
    const struct fit_data data = {
        .n = SIMULATED_N, .x = {columns[0], columns[1]}, .response = columns[N_INPUTS]};
    const struct fit_options options = {.law = fitted, .objective = FIT_HUBER, .delta = 1e-3};
    return objective_create(&data, &options, made, why);
}

static inline enum status simulated_create(struct objective **made, struct status_why *why)
{
    return simulated_create_as(law_find("chinchilla"), made, why);
}

/* L-BFGS stops early on objectives of 1e-3 unless they are scaled. */
#define SIMULATED_SCALE 1e3

static inline double simulated_value(unsigned n, const double z[], double gradient[], void *context)
{
    const struct objective *o = context;
    struct objective_point at;
    objective_evaluate_order(o, OBJECTIVE_GRADIENT, o->delta, z, &at);
    for (unsigned i = 0; gradient != NULL && i < n; i++) {
        gradient[i] = SIMULATED_SCALE * at.gradient[i];
    }
    return SIMULATED_SCALE * at.value;
}

/** \return the objective where L-BFGS ends from \a z */
static inline double simulated_lbfgs(struct objective *o, double z[])
{
    double value = (double)NAN;
    nlopt_opt solver = nlopt_create(NLOPT_LD_LBFGS, (unsigned)o->law->n_parameters);
    (void)nlopt_set_min_objective(solver, simulated_value, o);
    (void)nlopt_set_ftol_rel(solver, 1e-15);
    (void)nlopt_set_xtol_rel(solver, 1e-12);
    (void)nlopt_set_maxeval(solver, 5000);
    (void)nlopt_optimize(solver, z, &value);
    nlopt_destroy(solver);
    return value / SIMULATED_SCALE;
}

#endif
