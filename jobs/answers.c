#include "jobs/answers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/uncertainty/quantile.h"
#include "inputs/study/question.h"
#include "jobs/summary.h"
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

static const char *limit_name(const struct inquiry *q, size_t k)
{
    return footprint_field(q->limits[k].outcome)->name;
}

/* " (params, tokens at their upper bounds)": what else stands in the way. */
static void name_bounds(const struct inquiry *q, const struct answers_nearest *nearest, char text[],
                        size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < q->n_variables && used < size; i++) {
        const bool low = (nearest->at_lower >> i & 1u) != 0;
        if (low || (nearest->at_upper >> i & 1u) != 0) {
            used += (size_t)snprintf(text + used, size - used, "%s%s at its %s bound",
                                     used > 0 ? ", " : " with ",
                                     design_field(q->variables[i])->name, low ? "lower" : "upper");
        }
    }
}

/* "loss_nat cannot be less than 2.0184 nat while the other limits are kept" */
static void say_nearest(const struct inquiry *q, size_t k, bool short_of,
                        const struct answers_nearest *nearest, char text[], size_t size)
{
    char bounds[160];
    name_bounds(q, nearest, bounds, sizeof bounds);
    (void)snprintf(text, size, "%s cannot be %s than %.6g %s%s%s", limit_name(q, k),
                   short_of ? "more" : "less", nearest->value,
                   footprint_field(q->limits[k].outcome)->unit,
                   q->n_limits > 1 ? " while the other limits are kept" : "", bounds);
}

/* Whether a limit asks for more than there is, not for less: from the value of the best try. */
static bool is_short_of(const struct inquiry *q, size_t k, double value)
{
    return !isfinite(q->limits[k].upper) || value < q->limits[k].lower;
}

/* What each limit would have to be for the others to be kept, in figures and in words. */
static enum status explain(const struct inquiry *q, const struct allocate_problem *p,
                           struct answers_case *c, struct status_why *why)
{
    size_t used = 0;
    (void)snprintf(c->reason, sizeof c->reason, "the limits exclude each other");
    for (size_t k = 0; k < p->n_limits; k++) {
        struct allocate_answer nearest;
        char text[320];
        const enum status st = allocate_relax(p, &c->found, k, &nearest, why);
        if (st != STATUS_OK) {
            return st;
        }
        const bool solved = nearest.reason == ALLOCATE_SOLVED;
        c->nearest[k] = (struct answers_nearest){
            .value = solved ? nearest.values[1 + k] : (double)NAN,
            .at_lower = nearest.at_lower,
            .at_upper = nearest.at_upper,
        };
        if (solved && used < sizeof c->reason) {
            say_nearest(q, k, is_short_of(q, k, c->found.values[1 + k]), &c->nearest[k], text,
                        sizeof text);
            used += (size_t)snprintf(c->reason + used, sizeof c->reason - used, "%s%s",
                                     used > 0 ? "; or " : "", text);
        }
    }
    return STATUS_OK;
}

/* A limit on the loss that no params and tokens reach: known without a search. */
static bool is_below_floor(const struct inquiry *q, const struct inquiry_case *one,
                           struct answers_case *c)
{
    c->floor_nat = inquiry_floor(one);
    for (size_t k = 0; k < q->n_limits; k++) {
        if (q->limits[k].outcome == FOOTPRINT_LOSS && one->limits[k].upper <= c->floor_nat) {
            (void)snprintf(c->reason, sizeof c->reason,
                           "loss_nat cannot be %.6g nat or less: by the law %s it stays above %.6g "
                           "nat, its irreducible loss, however large params and tokens are",
                           one->limits[k].upper, one->model->law->id, c->floor_nat);
            return true;
        }
    }
    c->floor_nat = (double)NAN;
    return false;
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
    for (size_t k = 0; k < w->answers->inquiry.n_limits; k++) {
        c->nearest[k].value = (double)NAN;
    }
    if (is_below_floor(&w->answers->inquiry, &one, c)) {
        c->found.reason = ALLOCATE_INFEASIBLE;
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
    STATUS_TRY(inquiry_price(comm, &answers->inquiry, &answers->accepted, why));
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

void answers_levels(const struct answers *a, size_t index, char text[], size_t size)
{
    const struct inquiry *q = &a->inquiry;
    size_t levels[SPACE_MAX_AXES], used = 0;
    inquiry_levels(q, index, levels);
    text[0] = '\0';
    for (size_t i = 0; i < q->n_axes && used < size; i++) {
        const struct space_axis *axis = &q->allocation->space.axes[q->axes[i]];
        char number[32];
        used += (size_t)snprintf(
            text + used, size - used, "%s%s=%s", i > 0 ? ", " : "", axis->name,
            axis->kind == SPACE_CATEGORY
                ? axis->labels[levels[i]]
                : summary_number(axis->values[levels[i]], true, number, sizeof number));
    }
}

/* The case that comes nearest to a limit; n_cases: none keeps the others. */
static size_t nearest_to(const struct answers *a, size_t k)
{
    size_t best = a->inquiry.n_cases;
    for (size_t i = 0; i < a->inquiry.n_cases; i++) {
        const double value = a->cases[i].nearest[k].value;
        if (a->cases[i].is_absent || isnan(value)) {
            continue;
        }
        const bool short_of = is_short_of(&a->inquiry, k, value);
        if (best == a->inquiry.n_cases
            || (short_of ? value > a->cases[best].nearest[k].value
                         : value < a->cases[best].nearest[k].value)) {
            best = i;
        }
    }
    return best;
}

/* The case with the lowest floor of those that a limit on the loss rules out, else the first that
 * lacks no figure. */
static size_t first_reason(const struct answers *a)
{
    size_t best = a->inquiry.n_cases;
    for (size_t i = 0; i < a->inquiry.n_cases; i++) {
        const struct answers_case *c = &a->cases[i];
        if (!c->is_absent
            && (best == a->inquiry.n_cases || c->floor_nat < a->cases[best].floor_nat)) {
            best = i;
        }
    }
    return best < a->inquiry.n_cases ? best : 0;
}

/* For each limit the best over all cases. \return whether there is any */
static bool say_best(const struct answers *a, char text[], size_t size)
{
    const struct inquiry *q = &a->inquiry;
    size_t used = 0;
    for (size_t k = 0; k < q->n_limits && used < size; k++) {
        const size_t i = nearest_to(a, k);
        char nearest[320], levels[256];
        if (i == q->n_cases) {
            continue;
        }
        say_nearest(q, k, is_short_of(q, k, a->cases[i].nearest[k].value), &a->cases[i].nearest[k],
                    nearest, sizeof nearest);
        answers_levels(a, i, levels, sizeof levels);
        used += (size_t)snprintf(text + used, size - used, "%s%s%s%s%s", used > 0 ? "; or " : "",
                                 nearest, levels[0] != '\0' ? " (best of all: " : "", levels,
                                 levels[0] != '\0' ? ")" : "");
    }
    return used > 0;
}

enum status answers_conclude(const struct answers *a, struct status_why *why)
{
    const struct inquiry *q = &a->inquiry;
    char best[STATUS_MESSAGE_SIZE];
    bool all_absent = true;
    for (size_t i = 0; i < q->n_cases; i++) {
        if (a->cases[i].is_best) {
            return STATUS_OK;
        }
        all_absent = all_absent && a->cases[i].is_absent;
    }
    const bool has_best = !all_absent && say_best(a, best, sizeof best);
    return status_fail(why, all_absent ? STATUS_INPUT : STATUS_NO, "%s: no answer: %s",
                       q->question->text, has_best ? best : a->cases[first_reason(a)].reason);
}
