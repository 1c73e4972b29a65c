#include "jobs/forecast.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/uncertainty/covariance.h"
#include "fitting/uncertainty/quantile.h"
#include "fitting/uncertainty/scatter.h"

/* Designs remembered: rows of a frontier repeat the inputs of the law from level to level. */
enum { REMEMBERED = 1 << 15 };

struct remembered {
    bool is_set;
    double inputs[DESIGN_N_INPUTS]; /* that the loss reads, 0 else */
    struct forecast_interval interval;
};

struct forecast {
    const struct fit *fit;
    double confidence;
    bool has_table;
    struct scatter_table table;
    double *theta;                 /* [n_replicates][n_parameters] */
    double *values;                /* [n_replicates] */
    struct remembered *remembered; /* [REMEMBERED] */
};

enum status forecast_create(const struct fit *fit, double confidence, struct forecast **made,
                            struct status_why *why)
{
    const size_t n = fit->n_replicates, p = fit->law->n_parameters;
    struct forecast *f = calloc(1, sizeof *f);
    enum status st = STATUS_OK;
    *made = NULL;
    if (f == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for intervals of losses");
    }
    f->fit = fit;
    f->confidence = confidence;
    f->theta = malloc((n * p + 1) * sizeof *f->theta);
    f->values = malloc((n + 1) * sizeof *f->values);
    f->remembered = calloc(REMEMBERED, sizeof *f->remembered);
    if (f->theta == NULL || f->values == NULL || f->remembered == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%zu replicates", n);
    }
    for (size_t k = 0; st == STATUS_OK && k < n; k++) {
        law_transform(fit->law, fit->replicates + k * p, f->theta + k * p);
    }
    if (st == STATUS_OK && fit->scatter != NULL) {
        f->has_table = true;
        st = scatter_tabulate(fit->scatter, confidence, &f->table, why);
    }
    if (st != STATUS_OK) {
        forecast_destroy(f);
        f = NULL;
    }
    *made = f;
    return st;
}

void forecast_destroy(struct forecast *f)
{
    if (f != NULL) {
        free(f->theta);
        free(f->values);
        free(f->remembered);
        free(f);
    }
}

bool forecast_has_new_run(const struct forecast *f)
{
    return f->has_table;
}

/* Losses by the replicates that give one. \return their number */
static size_t predict_all(struct forecast *f, const struct predict_model *m, const struct design *d)
{
    const size_t p = m->law->n_parameters;
    struct predict_model at = *m;
    size_t n = 0;
    double x[LAW_MAX_INPUTS];
    const double *columns[LAW_MAX_INPUTS];
    predict_inputs(m, d, x);
    for (size_t i = 0; i < m->law->n_inputs; i++) {
        columns[i] = &x[i];
    }
    for (size_t k = 0; k < f->fit->n_replicates; k++) {
        double value;
        if (m->n_corrections > 0) { /* whose numbers may be made of the law's */
            memcpy(at.theta, f->theta + k * p, p * sizeof *at.theta);
            value = predict_loss_nat(&at, d);
        } else {
            law_values(m->law, f->theta + k * p, 1, columns, &value);
        }
        if (isfinite(value)) {
            f->values[n++] = value;
        }
    }
    return n;
}

/* A loss as a function of natural values. */
struct asked {
    const struct predict_model *model;
    const struct design *design;
};

static double loss_of(const struct law *law, const double natural[], void *context)
{
    const struct asked *a = context;
    struct predict_model at = *a->model;
    law_transform(law, natural, at.theta);
    return predict_loss_nat(&at, a->design);
}

static void find_mean(struct forecast *f, const struct predict_model *m, const struct design *d,
                      double loss_nat, struct forecast_interval *made)
{
    const struct fit *fit = f->fit;
    if (fit->n_replicates > 1) {
        const double tail = 0.5 * (1.0 - f->confidence);
        const size_t n = predict_all(f, m, d);
        if (n > 1) {
            quantile_sort(f->values, n);
            made->mean_lower = quantile_linear(f->values, n, tail);
            made->mean_upper = quantile_linear(f->values, n, 1.0 - tail);
        }
        return;
    }
    struct asked asked = {m, d};
    double natural[LAW_MAX_PARAMETERS];
    law_natural(fit->law, fit->theta, natural);
    const double se = covariance_of(fit->law, natural, fit->covariance, loss_of, &asked);
    const struct fit_interval i =
        quantile_interval_normal(loss_nat, se, f->confidence, fit->options.residual == FIT_LOG);
    made->mean_lower = i.lower;
    made->mean_upper = i.upper;
}

static void find(struct forecast *f, const struct predict_model *m, const struct design *d,
                 struct forecast_interval *made)
{
    const double none = NAN; /* the macro is a float */
    const double loss_nat = predict_loss_nat(m, d);
    *made = (struct forecast_interval){none, none, none, none};
    if (!isfinite(loss_nat)) {
        return;
    }
    find_mean(f, m, d, loss_nat, made);
    const struct scatter *s = f->fit->scatter;
    const bool is_known = f->has_table && !isnan(made->mean_lower)
                          && (!s->is_log || (loss_nat > 0.0 && made->mean_lower > 0.0));
    if (is_known) {
        scatter_interval(s, &f->table, loss_nat, made->mean_lower, made->mean_upper, &made->lower,
                         &made->upper);
    }
}

/* FNV-1a over the bytes. */
static size_t place_of(const double inputs[])
{
    const unsigned char *bytes = (const unsigned char *)inputs;
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < DESIGN_N_INPUTS * sizeof *inputs; i++) {
        hash = (hash ^ bytes[i]) * 1099511628211u;
    }
    return (size_t)((hash ^ hash >> 32) % REMEMBERED);
}

void forecast_make(struct forecast *f, const struct predict_model *m, const struct design *d,
                   struct forecast_interval *made)
{
    const design_set reads = predict_reads(m);
    struct remembered asked = {.is_set = true};
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        asked.inputs[i] = design_has(reads, (enum design_input)i) ? d->value[i] : 0.0;
    }
    struct remembered *at = &f->remembered[place_of(asked.inputs)];
    if (!at->is_set || memcmp(at->inputs, asked.inputs, sizeof asked.inputs) != 0) {
        find(f, m, d, &asked.interval);
        *at = asked;
    }
    *made = at->interval;
}
