/** \file formulas.h
 * Formulas of many shapes on the same inputs and parameters, for the tests of every stage. */
#ifndef TESTS_SOLVER_FORMULA_FORMULAS_H
#define TESTS_SOLVER_FORMULA_FORMULAS_H

#include <stdlib.h>
#include <string.h>

#include "solver/base/rng.h"
#include "solver/base/vmath.h"
#include "solver/formula/formula.h"
#include "tests/harness.h"

enum { FORMULAS_N_INPUTS = 3, FORMULAS_N_PARAMETERS = 6, FORMULAS_N_VARIABLES = 9 };

static const char *const formulas_inputs[] = {"N", "D", "x"};
static const bool formulas_input_is_log[] = {true, true, false};
static const char *const formulas_parameters[] = {"E", "A", "alpha", "B", "beta", "k"};

static const struct formula_names formulas_names = {
    .n_inputs = FORMULAS_N_INPUTS,
    .inputs = formulas_inputs,
    .input_is_log = formulas_input_is_log,
    .n_parameters = FORMULAS_N_PARAMETERS,
    .parameters = formulas_parameters,
};

/* Every operation and rule occurs; the derivatives of all are finite on the draws below. */
static const char *const formulas_texts[] = {
    "loss = E + A/N^alpha + B/D^beta",
    "((A*1e9/N)^(alpha/beta) + B*1e9/D)^beta",
    "E + A*(N*D)^-alpha - x*N^-beta/sqrt(D)",
    "E + B*x^-alpha * (1 + (x/k)^(1/beta))^(-alpha*beta)",
    "E + A/(D/(1 + 15.39*expm1(-x)^2) + 1)^beta - log1p(A/N^alpha)",
    "max(min(A/N^alpha, B/D^beta), E - k*x, .01) * abs(x - k)",
    "k*logistic(-(x - E)*3) + tanh(x/k - alpha) - log10(N)/log2(D*x)",
    "(x - 7)^3 + (x - E)^-2 - pow(x, 1.5) + 2^-x + (k*D)^.5",
    "-x^2 + log(A*N^alpha/D) * exp(-x*beta) - (E - N^.1)/(D^.01 - 3*x)",
};
enum { FORMULAS_N = sizeof formulas_texts / sizeof *formulas_texts };

static inline double formulas_between(struct rng *r, double low, double high)
{
    return low + (high - low) * rng_uniform(r);
}

/** A point: ln N and ln D from 1e6 to 1e13, x from .1 to 5. */
static inline void formulas_draw_inputs(struct rng *r, double inputs[FORMULAS_N_INPUTS])
{
    inputs[0] = formulas_between(r, 13.8, 29.9);
    inputs[1] = formulas_between(r, 13.8, 29.9);
    inputs[2] = formulas_between(r, .1, 5.0);
}

static inline void formulas_draw_parameters(struct rng *r, double parameters[FORMULAS_N_PARAMETERS])
{
    static const double low[] = {1.1, 100., .2, 200., .23, .7},
                        high[] = {2.3, 900., .6, 2500., .7, 6.};
    for (size_t i = 0; i < FORMULAS_N_PARAMETERS; i++) {
        parameters[i] = formulas_between(r, low[i], high[i]);
    }
}

/** A program and its workspace. */
struct formulas_run {
    struct formula_program *program;
    double *workspace;
};

/** Compile \a text on the names above and differentiate by all parameters, then all inputs. */
static inline struct formulas_run formulas_make(const char *text, enum formula_order order)
{
    static const size_t by[FORMULAS_N_VARIABLES] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    struct status_why why;
    struct formula *f = NULL;
    struct formulas_run made = {NULL, NULL};
    size_t column;
    status_clear(&why);
    HARNESS_ASSERT_OK(formula_compile(text, &formulas_names, &f, &column, &why));
    if (f != NULL) {
        HARNESS_ASSERT_OK(
            formula_differentiate(f, order, FORMULAS_N_VARIABLES, by, &made.program, &why));
        formula_destroy(f);
        made.workspace = malloc(formula_program_workspace(made.program) * sizeof(double));
    }
    STATUS_ASSERT(made.workspace != NULL);
    return made;
}

static inline void formulas_free(struct formulas_run *run)
{
    formula_program_destroy(run->program);
    free(run->workspace);
}

/** The outputs at one point. */
static inline void formulas_at(const struct formulas_run *run, const double parameters[],
                               const double inputs[], double y[])
{
    enum { MOST = 64 };
    const double *columns[FORMULAS_N_INPUTS] = {inputs, inputs + 1, inputs + 2};
    double *outputs[MOST];
    STATUS_ASSERT(run->program->n_outputs <= MOST);
    for (size_t i = 0; i < run->program->n_outputs; i++) {
        outputs[i] = y + i;
    }
    formula_program_prepare(run->program, parameters, run->workspace);
    formula_program_run(run->program, 1, columns, outputs, run->workspace);
}

/** Value of a text whose free names are \a inputs, at plain inputs and the parameters in order of
 * appearance; NaN where it does not compile. */
static inline double formulas_value(const char *text, size_t n_inputs, const char *const names[],
                                    const double inputs[], const double parameters[])
{
    struct status_why why;
    struct formula *f = NULL;
    struct formula_program *p = NULL;
    size_t column;
    double y = (double)NAN, *out[1] = {&y};
    const double *columns[8];
    status_clear(&why);
    const struct formula_names known = {.n_inputs = n_inputs, .inputs = names};
    HARNESS_ASSERT_OK(formula_compile(text, &known, &f, &column, &why));
    if (f != NULL) {
        HARNESS_ASSERT_OK(formula_differentiate(f, FORMULA_VALUE, 0, NULL, &p, &why));
        double *workspace = malloc(formula_program_workspace(p) * sizeof *workspace);
        STATUS_ASSERT(workspace != NULL && n_inputs <= 8);
        for (size_t i = 0; i < n_inputs; i++) {
            columns[i] = &inputs[i];
        }
        formula_program_prepare(p, parameters, workspace);
        formula_program_run(p, 1, columns, out, workspace);
        free(workspace);
    }
    formula_program_destroy(p);
    formula_destroy(f);
    return y;
}

/** Whether two doubles are the same bits, or both NaN. */
static inline int formulas_same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

#endif
