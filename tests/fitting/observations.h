/** \file observations.h
 * Runs for the tests of fitting: real ones, read from the shared data where these are present, and
 * simulated ones. */
#ifndef TESTS_FITTING_OBSERVATIONS_H
#define TESTS_FITTING_OBSERVATIONS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/fit.h"
#include "inputs/text/table.h"
#include "solver/base/rng.h"
#include "tests/harness.h"

enum { OBSERVATIONS_MAX = 2000 };

/** Rows of log_x. */
enum { OBSERVED_PARAMS, OBSERVED_TOKENS, OBSERVED_COMPUTE, OBSERVED_N };

struct observations {
    size_t n;
    double log_x[OBSERVED_N][OBSERVATIONS_MAX];
    double loss_nat[OBSERVATIONS_MAX];
};

/** Which columns, and which rows: those with \a value in \a filter (NULL: all). */
struct observations_columns {
    const char *params, *tokens, *compute, *loss; /* tokens NULL: compute / (6 params) */
    const char *filter, *value, *filter2, *value2;
};

static inline void observations_add(struct observations *to, double params, double tokens,
                                    double loss)
{
    STATUS_ASSERT(to->n < OBSERVATIONS_MAX);
    to->log_x[OBSERVED_PARAMS][to->n] = log(params);
    to->log_x[OBSERVED_TOKENS][to->n] = log(tokens);
    to->log_x[OBSERVED_COMPUTE][to->n] = log(6.0 * params * tokens);
    to->loss_nat[to->n] = loss;
    to->n++;
}

/** The columns that \a law reads, in its order. */
static inline struct fit_data observations_data(const struct observations *of,
                                                const struct law *law)
{
    static const char *const names[OBSERVED_N] = {LAW_PARAMS, LAW_TOKENS, LAW_COMPUTE};
    struct fit_data data = {.n = of->n, .response = of->loss_nat};
    for (size_t i = 0; i < OBSERVED_N; i++) {
        const int input = law_find_input(law, names[i]);
        if (input >= 0) {
            data.x[input] = of->log_x[i];
        }
    }
    return data;
}

static inline double observations_field(const struct table *t, size_t row, const char *column)
{
    return strtod(table_field(t, row, (size_t)table_find(t, column)), NULL);
}

static inline bool observations_match(const struct table *t, size_t row, const char *column,
                                      const char *value)
{
    return column == NULL || strcmp(table_field(t, row, (size_t)table_find(t, column)), value) == 0;
}

/** The number called \a key, as "\"tokens\":", in one line of JSON; NAN if it is not there. */
static inline double observations_json(const char *line, const char *key)
{
    const char *at = strstr(line, key);
    return at != NULL ? strtod(at + strlen(key), NULL) : (double)NAN;
}

/** Read \a path. \return false when it is NULL */
static inline bool observations_read(const char *path, const struct observations_columns *columns,
                                     struct observations *to)
{
    struct status_why why;
    struct table *t = NULL;
    to->n = 0;
    if (path == NULL) {
        return false;
    }
    status_clear(&why);
    HARNESS_ASSERT_OK(table_read(harness_comm(), path, &t, &why));
    for (size_t i = 0; t != NULL && i < table_n_rows(t); i++) {
        if (observations_match(t, i, columns->filter, columns->value)
            && observations_match(t, i, columns->filter2, columns->value2)) {
            const double params = observations_field(t, i, columns->params);
            const double tokens = columns->tokens != NULL
                                      ? observations_field(t, i, columns->tokens)
                                      : observations_field(t, i, columns->compute) / (6.0 * params);
            observations_add(to, params, tokens, observations_field(t, i, columns->loss));
        }
    }
    table_destroy(t);
    return true;
}

/** Drop the rows whose loss is at least the \a k-th highest. */
static inline void observations_drop_highest(struct observations *o, size_t k)
{
    double limit = INFINITY;
    for (size_t pass = 0; pass < k; pass++) {
        double highest = 0.0;
        for (size_t i = 0; i < o->n; i++) {
            if (o->loss_nat[i] < limit && o->loss_nat[i] > highest) {
                highest = o->loss_nat[i];
            }
        }
        limit = highest;
    }
    size_t n = 0;
    for (size_t i = 0; i < o->n; i++) {
        if (o->loss_nat[i] < limit) {
            for (size_t j = 0; j < OBSERVED_N; j++) {
                o->log_x[j][n] = o->log_x[j][i];
            }
            o->loss_nat[n++] = o->loss_nat[i];
        }
    }
    o->n = n;
}

/** The 245 runs read from figure 4 of Hoffmann et al. 2022 by Besiroglu et al. 2024, or the 240
 * that stay without the five highest losses. */
static inline bool observations_epoch(bool all, struct observations *to)
{
    const struct observations_columns columns = {
        .params = "Model Size", .compute = "Training FLOP", .loss = "loss"};
    if (!observations_read(harness_data("epoch_chinchilla/svg_extracted_data.csv"), &columns, to)) {
        return false;
    }
    if (!all) {
        observations_drop_highest(to, 5);
    }
    return true;
}

/** Losses of the law \a id at \a natural on 6 budgets of \a per_budget models, with log-normal
 * noise of standard deviation \a noise from the stream (2385, RNG_TEST, item). */
static inline void observations_simulate(const char *id, const double natural[], size_t per_budget,
                                         double noise, uint64_t item, struct observations *to)
{
    const struct law *law = law_find(id);
    double theta[LAW_MAX_PARAMETERS];
    struct rng stream;
    rng_init(&stream, 2385, RNG_TEST, item);
    law_transform(law, natural, theta);
    to->n = 0;
    for (size_t b = 0; b < 6; b++) {
        const double compute = 6e18 * pow(3.1, (double)b);
        for (size_t i = 0; i < per_budget; i++) {
            const double share = ((double)i + 0.3) / (double)per_budget;
            const double params = sqrt(compute / 120.0) * pow(11.0, 2.0 * share - 1.0);
            observations_add(to, params, compute / (6.0 * params), 1.0);
            const size_t k = to->n - 1;
            const struct fit_data data = observations_data(to, law);
            double x[LAW_MAX_INPUTS];
            for (size_t j = 0; j < law->n_inputs; j++) {
                x[j] = data.x[j][k];
            }
            to->loss_nat[k] =
                law->value(law, theta, x, NULL, NULL, NULL) * exp(noise * rng_normal(&stream));
        }
    }
}

static inline struct fit_options observations_options(const char *id)
{
    return (struct fit_options){.law = law_find(id),
                                .objective = FIT_HUBER,
                                .residual = FIT_LOG,
                                .delta = 1e-3,
                                .seed = 42,
                                .confidence = 0.95};
}

#endif
