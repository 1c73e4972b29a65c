#include "fitting/sensitivity.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/refit.h"
#include "solver/base/team.h"
#include "solver/optimum.h"

/** One choice: what differs from the fit. */
struct choice {
    char what[SENSITIVITY_TEXT_SIZE];
    struct fit_options options;
    size_t n_highest; /* highest responses left out */
    int tenth;        /* of compute, left out; -1: none */
};

/** What the items work with. */
struct work {
    const struct fit_data *data;
    const struct fit *f;
    struct sensitivity *s;
    size_t n_choices;
    struct choice choices[SENSITIVITY_MAX_ROWS]; /* the first is the fit itself */
    size_t *by_response;                         /* [n] rows, highest first */
    size_t *by_compute;                          /* [n] rows, least first; NULL: not known */
};

/** A row to be sorted by a value, ties by its number. */
struct ranked {
    double value;
    size_t row;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *p = a;
    const struct ranked *q = b;
    if (p->value < q->value || p->value > q->value) {
        return p->value < q->value ? -1 : 1;
    }
    return (p->row > q->row) - (p->row < q->row);
}

/** Rows in the order of sign * value. \return a new array, NULL without memory */
static size_t *sort_rows(size_t n, double sign, const double value[])
{
    struct ranked *all = malloc(n * sizeof *all);
    size_t *order = malloc(n * sizeof *order);
    if (all == NULL || order == NULL) {
        free(all);
        free(order);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        all[i] = (struct ranked){sign * value[i], i};
    }
    qsort(all, n, sizeof *all, compare_ranked);
    for (size_t i = 0; i < n; i++) {
        order[i] = all[i].row;
    }
    free(all);
    return order;
}

/** Add a choice, named as by printf, that is the fit's own but for what the caller changes. */
static struct choice *add(struct work *w, const char *what, ...)
    __attribute__((format(printf, 2, 3)));

static struct choice *add(struct work *w, const char *what, ...)
{
    va_list rest;
    STATUS_ASSERT(w->n_choices < SENSITIVITY_MAX_ROWS);
    struct choice *c = &w->choices[w->n_choices++];
    *c = (struct choice){.options = w->f->options, .tenth = -1};
    va_start(rest, what);
    (void)vsnprintf(c->what, sizeof c->what, what, rest);
    va_end(rest);
    return c;
}

/** Whether residuals may be of the logarithm. */
static bool all_positive(const struct fit_data *data)
{
    bool all = true;
    for (size_t i = 0; i < data->n; i++) {
        all = all && data->response[i] > 0.0;
    }
    return all;
}

/** Objectives, deltas and residual spaces other than the stated one. */
static void add_objectives(struct work *w)
{
    static const enum fit_objective objectives[] = {FIT_HUBER, FIT_LAD, FIT_LEAST_SQUARES};
    static const double factors[] = {0.1, 10.0};
    const struct fit_options *stated = &w->f->options;
    const enum fit_residual other = stated->residual == FIT_LOG ? FIT_LINEAR : FIT_LOG;
    for (size_t i = 0; i < sizeof objectives / sizeof objectives[0]; i++) {
        if (objectives[i] != stated->objective) {
            add(w, "objective %s", fit_objective_name(objectives[i]))->options.objective =
                objectives[i];
        }
    }
    for (size_t i = 0; stated->objective == FIT_HUBER && i < 2; i++) {
        add(w, "delta x %g", factors[i])->options.delta = stated->delta * factors[i];
    }
    if ((other == FIT_LOG && !all_positive(w->data)) || refit_has_priors(stated)) {
        return; /* the noise that scales a prior is known in the stated space only */
    }
    add(w, "residuals %s", fit_residual_name(other))->options.residual = other;
    if (stated->objective != FIT_LEAST_SQUARES) {
        struct choice *c =
            add(w, "objective least_squares, residuals %s", fit_residual_name(other));
        c->options.objective = FIT_LEAST_SQUARES;
        c->options.residual = other;
    }
}

static void add_rows(struct work *w)
{
    static const size_t highest[] = {1, 2, 5};
    for (size_t i = 0; i < sizeof highest / sizeof highest[0]; i++) {
        add(w, "without the %zu highest", highest[i])->n_highest = highest[i];
    }
    for (int t = 0; w->by_compute != NULL && t < SENSITIVITY_TENTHS; t++) {
        add(w, "without tenth %d of compute", t + 1)->tenth = t;
    }
}

static void mark_left_out(const struct work *w, const struct choice *c, bool left_out[])
{
    const size_t n = w->data->n;
    memset(left_out, 0, n * sizeof *left_out);
    for (size_t i = 0; i < c->n_highest && i < n; i++) {
        left_out[w->by_response[i]] = true;
    }
    if (c->tenth >= 0) {
        const struct team_range part = team_share(n, c->tenth, SENSITIVITY_TENTHS);
        for (size_t i = part.begin; i < part.end; i++) {
            left_out[w->by_compute[i]] = true;
        }
    }
}

/** The answers of an optimum. */
static void answer(const struct work *w, const double theta[], struct sensitivity_row *row)
{
    struct optimum best;
    law_natural(w->f->law, theta, row->natural);
    if (w->f->has_optimum
        && optimum_at(w->f->law, theta, w->f->options.target_compute_flop, &best)) {
        row->exponent_params = best.exponent_params;
        row->optimum_params = best.params;
        row->optimum_tokens = best.tokens;
        row->optimum_loss = best.loss_nat;
    }
}

static void clear_figures(struct sensitivity_row *row)
{
    const double nan = (double)NAN;
    row->objective = nan;
    row->exponent_params = row->optimum_params = row->optimum_tokens = row->optimum_loss = nan;
    for (size_t i = 0; i < LAW_MAX_PARAMETERS; i++) {
        row->natural[i] = nan;
    }
}

static enum status run_item(void *context, size_t item, struct status_why *why)
{
    struct work *w = context;
    struct sensitivity_row *row = &w->s->rows[item];
    const struct choice *c = &w->choices[item];
    struct refit r = {.solved = true, .n = w->f->n, .objective = w->f->objective};
    bool *left_out = malloc(w->data->n * sizeof *left_out);
    if (left_out == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu rows", w->data->n);
    }
    enum status st = STATUS_OK;
    clear_figures(row);
    memcpy(row->what, c->what, sizeof row->what);
    if (item == 0) {
        memcpy(r.theta, w->f->theta, sizeof r.theta);
    } else {
        mark_left_out(w, c, left_out);
        st = refit_solve(w->data, &c->options, w->f->theta, left_out, &r, why);
    }
    if (st == STATUS_OK && r.solved) {
        row->n = r.n;
        row->objective = r.objective;
        answer(w, r.theta, row);
    }
    free(left_out);
    return st;
}

enum status sensitivity_run(MPI_Comm comm, const struct fit_data *data, const struct fit *f,
                            const double log_compute[], struct items *items,
                            struct sensitivity *made, struct status_why *why)
{
    struct work w = {.data = data, .f = f, .s = made};
    enum status st = STATUS_OK;
    memset(made, 0, sizeof *made);
    made->law = f->law;
    made->has_optimum = f->has_optimum;
    w.by_response = sort_rows(data->n, -1.0, data->response);
    w.by_compute = log_compute != NULL ? sort_rows(data->n, 1.0, log_compute) : NULL;
    if (w.by_response == NULL || (log_compute != NULL && w.by_compute == NULL)) {
        st = status_fail(why, STATUS_MEMORY, "no memory for %zu rows", data->n);
    }
    STATUS_TRY(team_agree(comm, st, why));
    add(&w, "as stated");
    add_objectives(&w);
    add_rows(&w);
    made->n_rows = w.n_choices;
    const struct team_work all = {
        .label = "sensitivity", .n_items = made->n_rows, .item = run_item, .context = &w};
    STATUS_TRY(items_deal(comm, items, &all, sizeof *made->rows, made->rows, why));
out:
    free(w.by_compute);
    free(w.by_response);
    return st;
}
