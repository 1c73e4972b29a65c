/** \file searches.h
 * Bayesian searches of cheap functions, for tests and benchmarks: variables, problems with known
 * fronts, and the fixed-lag loop without a driver. */
#ifndef TESTS_SEARCH_BAYES_SEARCHES_H
#define TESTS_SEARCH_BAYES_SEARCHES_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/bayes/propose.h"

static inline struct variable searches_continuous(double lower, double upper)
{
    return (struct variable){.kind = VARIABLE_CONTINUOUS, .lower = lower, .upper = upper};
}

static inline struct variable searches_ordinal(size_t n, const double values[])
{
    return (struct variable){.kind = VARIABLE_ORDINAL, .n_levels = n, .values = values};
}

static inline struct variable searches_categorical(size_t n, const char *const labels[])
{
    return (struct variable){.kind = VARIABLE_CATEGORICAL, .n_levels = n, .labels = labels};
}

/** An evaluation. \param [in] x  values of the variables \param [out] result  outcome, objectives
 * and limits */
typedef void searches_fn(const double x[], struct propose_result *result);

/** Evaluate design \a u as number \a id. */
static inline void searches_evaluate(const struct propose_problem *problem, searches_fn *f,
                                     uint64_t id, struct propose_result *result)
{
    double x[VARIABLE_MOST] = {0};
    for (size_t i = 0; i < problem->n_variables; i++) {
        x[i] = variable_value(&problem->variables[i], result->u[i]);
    }
    result->id = id;
    result->outcome = PROPOSE_DONE;
    f(x, result);
}

/** Evaluations \a begin to \a end of a search with the problem's lag, each result known \a lag
 * later. \param [in,out] results  [end] of which [begin] are given \param [out] results  the rest
 * \return the first status that is not STATUS_OK, with its message */
static inline enum status searches_run(const struct propose_problem *problem, searches_fn *f,
                                       size_t begin, size_t end, struct propose_state *state,
                                       struct propose_result results[], struct status_why *why)
{
    const size_t d = problem->n_variables;
    double *pending = malloc(problem->lag * d * sizeof *pending);
    enum status st = pending != NULL ? STATUS_OK : STATUS_MEMORY;
    for (size_t i = begin; st == STATUS_OK && i < end; i++) {
        const size_t n_known = i + 1 > problem->lag ? i + 1 - problem->lag : 0;
        for (size_t k = n_known; k < i; k++) {
            memcpy(pending + (k - n_known) * d, results[k].u, d * sizeof *pending);
        }
        st = propose_design(problem, i, n_known, results, i - n_known, pending, state, results[i].u,
                            why);
        if (st == STATUS_OK) {
            searches_evaluate(problem, f, i, &results[i]);
        }
    }
    free(pending);
    return st;
}

#endif
