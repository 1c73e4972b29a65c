#include "jobs/answers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/uncertainty/quantile.h"
#include "inputs/study/question.h"
#include "solver/base/team.h"

/* Replicates of the fit in one item of work. */
enum { BATCH = 64 };

/* One question under work, and what its items share. */
struct work {
    struct answers *answers;
    const struct model *model;
    enum allocate_method method;
    size_t n_best, *best; /* [n_best] cases that are the best of their scenario */
    size_t n_batches, n_values;
    double *results; /* [n_best][n_replicates][n_values] solved, objective, variables */
};

/* In words: what each limit would have to be for the others to be kept. */
static enum status explain(const struct inquiry *q, const struct allocate_problem *p,
                           struct answers_case *c, struct status_why *why)
{
    bool any = false;
    (void)snprintf(c->reason, sizeof c->reason, "the limits exclude each other");
    for (size_t k = 0; k < p->n_limits; k++) {
        struct allocate_answer nearest;
        const enum status st = allocate_relax(p, &c->found, k, &nearest, why);
        if (st != STATUS_OK) {
            return st;
        }
        if (nearest.reason != ALLOCATE_SOLVED) {
            continue;
        }
        const struct study_target of = {.outcome = q->limits[k].outcome};
        const size_t used = any ? strlen(c->reason) : 0;
        (void)snprintf(c->reason + used, sizeof c->reason - used,
                       "%s%s cannot be %s than %.6g %s%s", any ? "; or " : "", question_name(&of),
                       c->found.values[1 + k] < p->limits[k].lower ? "more" : "less",
                       nearest.values[1 + k], footprint_field(of.outcome)->unit,
                       p->n_limits > 1 ? " while the other limits are kept" : " here");
        any = true;
    }
    return STATUS_OK;
}

static enum status solve_case(void *context, size_t item, struct status_why *why)
{
    const struct work *w = context;
    struct answers_case *c = &w->answers->cases[item];
    const struct inquiry_case one = inquiry_case_at(&w->answers->inquiry, item, &w->model->predict);
    struct status_why absent;
    status_clear(&absent);
    if (inquiry_explain(&one, &absent) != STATUS_OK) {
        c->is_absent = true;
        (void)snprintf(c->reason, sizeof c->reason, "%.*s", (int)sizeof c->reason - 1,
                       absent.message);
        return STATUS_OK;
    }
    const struct allocate_problem p = inquiry_problem(&one);
    const enum status st = allocate_solve(&p, w->method, &c->found, why);
    if (st != STATUS_OK || c->found.reason == ALLOCATE_SOLVED) {
        return st;
    }
    if (c->found.reason == ALLOCATE_NO_METHOD) {
        (void)snprintf(c->reason, sizeof c->reason, "allocate.method %s does not apply here",
                       allocate_method_name(w->method));
        return STATUS_OK;
    }
    return explain(&w->answers->inquiry, &p, c, why);
}

/* Mark the best case of each scenario. */
static void choose(struct work *w)
{
    const struct inquiry *q = &w->answers->inquiry;
    const size_t n = q->n_cases / q->n_scenarios;
    for (size_t s = 0; s < q->n_scenarios; s++) {
        struct answers_case *best = NULL;
        for (size_t i = s * n; i < (s + 1) * n; i++) {
            struct answers_case *c = &w->answers->cases[i];
            if (c->is_absent || c->found.reason != ALLOCATE_SOLVED) {
                continue;
            }
            const double value = c->found.values[0];
            if (best == NULL
                || (q->question->maximise ? value > best->found.values[0]
                                          : value < best->found.values[0])) {
                best = c;
                w->best[w->n_best] = i;
            }
        }
        if (best != NULL) {
            best->is_best = true;
            w->n_best++;
        }
    }
}

/* The question again for a batch of replicates of the fit, from the answer of the point estimate.
 */
static enum status solve_batch(void *context, size_t item, struct status_why *why)
{
    const struct work *w = context;
    const struct fit *fit = &w->model->fit;
    const struct inquiry *q = &w->answers->inquiry;
    const size_t best = item / w->n_batches, first = item % w->n_batches * BATCH;
    const struct answers_case *c = &w->answers->cases[w->best[best]];
    struct predict_model model = w->model->predict;
    enum status st = STATUS_OK;
    for (size_t k = first; st == STATUS_OK && k < fit->n_replicates && k < first + BATCH; k++) {
        double *result = w->results + (best * fit->n_replicates + k) * w->n_values;
        struct allocate_answer answer;
        law_transform(fit->law, fit->replicates + k * fit->law->n_parameters, model.theta);
        const struct inquiry_case one = inquiry_case_at(q, w->best[best], &model);
        const struct allocate_problem p = inquiry_problem(&one);
        st = allocate_follow(&p, &c->found, &answer, why);
        if (st == STATUS_OK && answer.reason == ALLOCATE_SOLVED) {
            result[0] = 1.0;
            result[1] = answer.values[0];
            memcpy(result + 2, answer.x, q->n_variables * sizeof *answer.x);
        }
    }
    return st;
}

/* Interval of one column of the results of a case. \param column  storage [n_replicates] */
static struct fit_interval interval_of(const struct work *w, size_t best, size_t value,
                                       double estimate, double column[])
{
    const struct fit *fit = &w->model->fit;
    size_t n = 0;
    for (size_t k = 0; k < fit->n_replicates; k++) {
        const double *result = w->results + (best * fit->n_replicates + k) * w->n_values;
        if (result[0] > 0.0) {
            column[n++] = result[value];
        }
    }
    return quantile_interval(estimate, column, n, fit->options.confidence);
}

static enum status solve_replicates(MPI_Comm comm, struct work *w, struct status_why *why)
{
    const struct fit *fit = &w->model->fit;
    const size_t n = fit->n_replicates;
    enum status st = STATUS_OK;
    w->n_batches = (n + BATCH - 1) / BATCH;
    w->n_values = 2 + w->answers->inquiry.n_variables;
    w->results = calloc(w->n_best * n * w->n_values + 1, sizeof *w->results);
    double *column = malloc(n * sizeof *column);
    if (w->results == NULL || column == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%zu replicates", n);
    }
    STATUS_TRY(team_agree(comm, st, why));
    const struct team_work team = {.label = "replicates",
                                   .n_items = w->n_best * w->n_batches,
                                   .item = solve_batch,
                                   .context = w};
    STATUS_TRY(team_deal(comm, &team, why));
    team_fill(comm, w->results, w->n_best * n * w->n_values * sizeof *w->results);
    for (size_t b = 0; b < w->n_best; b++) {
        struct answers_case *c = &w->answers->cases[w->best[b]];
        c->n_replicates = n;
        for (size_t k = 0; k < n; k++) {
            c->n_solved += w->results[(b * n + k) * w->n_values] > 0.0;
        }
        if (c->n_solved < 2) {
            continue;
        }
        c->objective = interval_of(w, b, 1, c->found.values[0], column);
        for (size_t i = 0; i < w->answers->inquiry.n_variables; i++) {
            c->variables[i] = interval_of(w, b, 2 + i, c->found.x[i], column);
        }
    }
out:
    free(column);
    free(w->results);
    w->results = NULL;
    return st;
}

enum status answers_make(MPI_Comm comm, const struct allocation *allocation,
                         const struct study_question *question, const struct model *model,
                         struct answers *answers, struct status_why *why)
{
    struct work w = {.answers = answers,
                     .model = model,
                     .method = (enum allocate_method)allocation->study->method};
    *answers = (struct answers){0};
    enum status st = inquiry_make(allocation, question, &answers->inquiry, why);
    if (st == STATUS_OK) {
        answers->cases = calloc(answers->inquiry.n_cases, sizeof *answers->cases);
        w.best = calloc(answers->inquiry.n_scenarios, sizeof *w.best);
        if (answers->cases == NULL || w.best == NULL) {
            st = status_fail(why, STATUS_MEMORY, "%zu cases", answers->inquiry.n_cases);
        }
    }
    STATUS_TRY(team_agree(comm, st, why));
    const struct team_work team = {
        .label = "cases", .n_items = answers->inquiry.n_cases, .item = solve_case, .context = &w};
    STATUS_TRY(team_deal(comm, &team, why));
    team_fill(comm, answers->cases, answers->inquiry.n_cases * sizeof *answers->cases);
    choose(&w);
    if (model->has_fit && model->fit.n_replicates > 1 && w.n_best > 0) {
        STATUS_TRY(solve_replicates(comm, &w, why));
    }
out:
    free(w.best);
    return st;
}

void answers_clear(struct answers *a)
{
    free(a->cases);
    *a = (struct answers){0};
}

enum status answers_conclude(const struct answers *a, struct status_why *why)
{
    const struct inquiry *q = &a->inquiry;
    bool all_absent = true;
    for (size_t i = 0; i < q->n_cases; i++) {
        if (a->cases[i].is_best) {
            return STATUS_OK;
        }
        all_absent = all_absent && a->cases[i].is_absent;
    }
    return status_fail(why, all_absent ? STATUS_INPUT : STATUS_NO, "%s: no answer: %s",
                       q->question->text, a->cases[0].reason);
}
