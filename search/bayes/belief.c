#include "search/bayes/belief.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/bayes/ehvi.h"
#include "search/bayes/normal.h"
#include "search/bayes/parego.h"
#include "search/bayes/seen.h"
#include "solver/base/vmath.h"

/* Beyond this boxes are too many (docs/model.md M626). */
enum { MOST_FRONT = 500 };

/* Designs whose limits look best, while none is feasible. */
enum { MOST_HOPEFUL = 10 };

enum { MOST_PROCESSES = PROPOSE_MAX_OBJECTIVES + PROPOSE_MAX_LIMITS + 1 };

/* Noise that is learnt counts from a hundredth of the spread of the values on: that of a front may
 * be a tenth of it. Outcomes without noise are learnt to have less, but for their first results. */
static const double noise_variance = 1e-4;

/* What the improvement is measured by. */
enum goal { GOAL_VOLUME, GOAL_SCALAR, GOAL_FEASIBLE };

/* Evaluations as the processes take them. */
struct records {
    size_t n_done, n_all;
    double *done_u; /* [n_done][n_variables] */
    double *done_y; /* [n_outcomes][room] */
    double *all_u;  /* [n_all][n_variables] failed ones too */
    double *label;  /* [n_all] 1 where done, else 0 */
    double *noise;  /* [n_objectives][room] known standard deviations */
    size_t room;
};

struct belief {
    const struct propose_problem *problem; /* not owned */
    size_t d, n_outcomes;                  /* variables; objectives and limits */
    size_t n_processes;                    /* outcomes, and success if something has failed */
    struct gp *process[MOST_PROCESSES];
    bool is_noisy[MOST_PROCESSES];
    size_t n_parents;
    double *parents; /* [n_parents][d] */
    enum goal goal;
    struct ehvi *ehvi;
    struct parego parego;
};

static enum status no_memory(struct status_why *why)
{
    return status_fail(why, STATUS_MEMORY, "Bayesian search: out of memory");
}

static void records_clear(struct records *r)
{
    free(r->done_u);
    free(r->done_y);
    free(r->all_u);
    free(r->label);
    free(r->noise);
}

static enum status records_create(const struct propose_problem *problem, size_t n,
                                  const struct propose_result results[], struct records *r,
                                  struct status_why *why)
{
    const size_t d = problem->n_variables, m = problem->n_objectives;
    const size_t n_outcomes = m + problem->n_limits;
    double values[MOST_PROCESSES];
    *r = (struct records){.n_all = n,
                          .room = n,
                          .done_u = malloc(n * d * sizeof *r->done_u),
                          .done_y = malloc(n * n_outcomes * sizeof *r->done_y),
                          .all_u = malloc(n * d * sizeof *r->all_u),
                          .label = malloc(n * sizeof *r->label),
                          .noise = malloc(n * m * sizeof *r->noise)};
    if (r->done_u == NULL || r->done_y == NULL || r->all_u == NULL || r->label == NULL
        || r->noise == NULL) {
        return no_memory(why);
    }
    for (size_t i = 0; i < n; i++) {
        const bool is_done = seen_values(problem, &results[i], values);
        memcpy(r->all_u + i * d, results[i].u, d * sizeof *r->all_u);
        r->label[i] = is_done ? 1.0 : 0.0;
        for (size_t j = 0; j < m; j++) {
            r->noise[j * n + i] = problem->objectives[j].noise_sd;
        }
        if (is_done) {
            memcpy(r->done_u + r->n_done * d, results[i].u, d * sizeof *r->done_u);
            for (size_t j = 0; j < n_outcomes; j++) {
                r->done_y[j * n + r->n_done] = values[j];
            }
            r->n_done++;
        }
    }
    return STATUS_OK;
}

/* The data of process \a k: the latest results. */
static struct gp_data data_of(const struct belief *b, const struct records *r, size_t k)
{
    const bool is_success = k == b->n_outcomes;
    const size_t n = is_success ? r->n_all : r->n_done;
    const size_t first = n > BELIEF_MOST_RESULTS ? n - BELIEF_MOST_RESULTS : 0;
    const bool is_noise_known =
        k < b->problem->n_objectives && b->problem->objectives[k].noise_sd > 0.0;
    return (struct gp_data){
        .n_variables = b->d,
        .variables = b->problem->variables,
        .n = n - first,
        .u = (is_success ? r->all_u : r->done_u) + first * b->d,
        .y = (is_success ? r->label : r->done_y + k * r->room) + first,
        .noise_sd = is_noise_known ? r->noise + k * r->room : NULL,
    };
}

/* Whether hyper-parameters were ever learnt: then the nugget is below 1. */
static bool is_learnt(const struct gp_hyper *hyper)
{
    return hyper->log_nugget < 0.0;
}

/* Results between two times of learning, when there are \a n. Few results teach much, and are cheap
 * to learn from; learning each time lifts the hypervolume of DTLZ2 after 100 evaluations by .01. */
static size_t learning_interval(size_t n, size_t lag)
{
    enum { ALWAYS = 100, OFTEN = 500, SELDOM = 5 };
    return n <= ALWAYS ? 1 : n <= OFTEN ? lag : SELDOM * lag;
}

/* Learn hyper-parameters again when that is due, and condition the processes. */
static enum status condition(struct belief *b, const struct records *r, struct propose_state *state,
                             struct status_why *why)
{
    enum status st = STATUS_OK;
    const bool is_due =
        state->n_learnt == 0
        || r->n_all >= state->n_learnt + learning_interval(r->n_all, b->problem->lag);
    for (size_t k = 0; k < b->n_processes; k++) {
        const struct gp_data data = data_of(b, r, k);
        struct gp_hyper *hyper = &state->hyper[k];
        if (is_due) {
            const struct gp_hyper before = *hyper;
            STATUS_TRY(gp_learn(&data, is_learnt(&before) ? &before : NULL, hyper, why));
        }
        const struct gp_hyper start = gp_default(b->d);
        const struct gp_hyper *use = is_learnt(hyper) ? hyper : &start;
        STATUS_TRY(gp_create(&data, use, &b->process[k], why));
        b->is_noisy[k] = k < b->n_outcomes
                         && (data.noise_sd != NULL || vmath_exp1(use->log_nugget) > noise_variance);
    }
    state->n_learnt = is_due ? r->n_all : state->n_learnt;

out:
    return st;
}

/* Designs that are evaluated or under way, with outcomes as far as they are believed. */
struct designs {
    size_t n, n_done;
    double *u;         /* [n][d] done, then pending */
    double *y;         /* [n_outcomes][n] */
    bool *is_feasible; /* [n] */
    double *work;      /* [n] */
    double *front;     /* [n][n_objectives] feasible ones */
    size_t *row;       /* [n] of each point of front */
    size_t n_front;
};

static void designs_clear(struct designs *x)
{
    free(x->u);
    free(x->y);
    free(x->is_feasible);
    free(x->work);
    free(x->front);
    free(x->row);
}

/* A lucky draw must not rule: where an outcome is noisy, it is what the process expects. A design
 * under way is what the processes expect, which believe it from then on. */
static enum status expect(struct belief *b, const struct records *r, struct designs *x,
                          struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t k = 0; k < b->n_outcomes; k++) {
        double *y = x->y + k * x->n;
        const size_t first = b->is_noisy[k] ? 0 : x->n_done;
        memcpy(y, r->done_y + k * r->room, x->n_done * sizeof *y);
        STATUS_TRY(
            gp_predict(b->process[k], x->n - first, x->u + first * b->d, y + first, x->work, why));
    }
    for (size_t i = x->n_done; i < x->n; i++) {
        for (size_t k = 0; k < b->n_processes; k++) {
            STATUS_TRY(gp_believe(b->process[k], x->u + i * b->d, why));
        }
    }

out:
    return st;
}

static enum status designs_create(struct belief *b, const struct records *r, size_t n_pending,
                                  const double pending[], struct designs *x, struct status_why *why)
{
    const size_t n = r->n_done + n_pending, m = b->problem->n_objectives;
    enum status st = STATUS_OK;
    *x = (struct designs){.n = n,
                          .n_done = r->n_done,
                          .u = malloc(n * b->d * sizeof *x->u),
                          .y = malloc(n * b->n_outcomes * sizeof *x->y),
                          .is_feasible = malloc(n * sizeof *x->is_feasible),
                          .work = malloc(2 * n * sizeof *x->work),
                          .front = malloc(n * m * sizeof *x->front),
                          .row = malloc(n * sizeof *x->row)};
    if (x->u == NULL || x->y == NULL || x->is_feasible == NULL || x->work == NULL
        || x->front == NULL || x->row == NULL) {
        return no_memory(why);
    }
    memcpy(x->u, r->done_u, r->n_done * b->d * sizeof *x->u);
    if (n_pending > 0) {
        memcpy(x->u + r->n_done * b->d, pending, n_pending * b->d * sizeof *x->u);
    }
    for (size_t i = 0; i < n; i++) {
        x->work[i] = 1.0;
    }
    if (b->n_processes > b->n_outcomes) {
        STATUS_TRY(gp_predict(b->process[b->n_outcomes], n_pending, x->u + r->n_done * b->d,
                              x->work + r->n_done, x->work + n, why));
    }
    for (size_t i = 0; i < n; i++) {
        x->is_feasible[i] = x->work[i] >= 0.5;
    }
    STATUS_TRY(expect(b, r, x, why));
    for (size_t i = 0; i < n; i++) {
        double limits[PROPOSE_MAX_LIMITS];
        for (size_t k = m; k < b->n_outcomes; k++) {
            limits[k - m] = x->y[k * n + i];
        }
        x->is_feasible[i] = x->is_feasible[i] && seen_is_within(b->problem, limits);
        if (x->is_feasible[i]) {
            for (size_t k = 0; k < m; k++) {
                x->front[x->n_front * m + k] = x->y[k * n + i];
            }
            x->row[x->n_front++] = i;
        }
    }

out:
    return st;
}

static bool is_no_worse(size_t m, const double a[], const double b[])
{
    for (size_t j = 0; j < m; j++) {
        if (a[j] > b[j]) {
            return false;
        }
    }
    return true;
}

/* Keep the points that no other is better than, of equal ones the first. */
static void keep_front(size_t m, struct designs *x)
{
    size_t n_kept = 0;
    for (size_t i = 0; i < x->n_front; i++) {
        const double *p = x->front + i * m;
        bool stays = true;
        for (size_t k = 0; stays && k < x->n_front; k++) {
            const double *q = x->front + k * m;
            stays = k == i || !is_no_worse(m, q, p) || (k > i && is_no_worse(m, p, q));
        }
        x->work[i] = stays ? 1.0 : 0.0;
    }
    for (size_t i = 0; i < x->n_front; i++) {
        if (x->work[i] > 0.5) {
            memmove(x->front + n_kept * m, x->front + i * m, m * sizeof *x->front);
            x->row[n_kept++] = x->row[i];
        }
    }
    x->n_front = n_kept;
}

/* Add ln of the probability of being feasible. \param [out] mean, sd, z  [n] room each */
static enum status add_feasibility(const struct belief *b, size_t n, const double u[],
                                   double *const work[3], double value[], struct status_why *why)
{
    const size_t m = b->problem->n_objectives;
    enum status st = STATUS_OK;
    double *mean = work[0], *sd = work[1], *z = work[2];
    for (size_t k = m; k < b->n_processes; k++) {
        STATUS_TRY(gp_predict(b->process[k], n, u, mean, sd, why));
        if (k == b->n_outcomes) {
            for (size_t i = 0; i < n; i++) {
                z[i] = (mean[i] - 0.5) / sd[i];
            }
            normal_log_cdf(n, z, z);
        } else {
            const struct propose_limit *limit = &b->problem->limits[k - m];
            for (size_t i = 0; i < n; i++) {
                z[i] = (limit->lower - mean[i]) / sd[i];
                mean[i] = (limit->upper - mean[i]) / sd[i];
            }
            normal_log_between(n, z, mean, z);
        }
        for (size_t i = 0; i < n; i++) {
            value[i] += z[i];
        }
    }

out:
    return st;
}

/* Parents without a front: the designs that are likeliest to be feasible. */
static enum status find_hopeful(const struct belief *b, struct designs *x, struct status_why *why)
{
    double *const work = malloc(4 * x->n * sizeof *work);
    if (work == NULL) {
        return no_memory(why);
    }
    double *value = work + 3 * x->n, *const parts[3] = {work, work + x->n, work + 2 * x->n};
    for (size_t i = 0; i < x->n; i++) {
        value[i] = 0.0;
    }
    const enum status st = add_feasibility(b, x->n, x->u, parts, value, why);
    for (size_t k = 0; st == STATUS_OK && k < MOST_HOPEFUL && k < x->n; k++) {
        size_t best = 0;
        for (size_t i = 1; i < x->n; i++) {
            best = value[i] > value[best] ? i : best;
        }
        value[best] = -(double)INFINITY;
        x->row[x->n_front++] = best;
    }
    free(work);
    return st;
}

/* The front, the goal and the parents. */
static enum status aim(struct belief *b, uint64_t id, size_t n_results,
                       const struct propose_result results[], struct designs *x,
                       struct status_why *why)
{
    const size_t m = b->problem->n_objectives;
    double ideal[PROPOSE_MAX_OBJECTIVES], reference[PROPOSE_MAX_OBJECTIVES];
    enum status st = STATUS_OK;
    seen_box(b->problem, n_results, results, ideal, reference);
    keep_front(m, x);
    if (x->n_front == 0) {
        b->goal = GOAL_FEASIBLE;
        STATUS_TRY(find_hopeful(b, x, why));
    } else if (m > EHVI_MOST_OBJECTIVES || x->n_front > MOST_FRONT) {
        b->goal = GOAL_SCALAR;
        parego_init(&b->parego, b->problem->seed, id, m, x->n_front, x->front, ideal, reference);
    } else {
        b->goal = GOAL_VOLUME;
        STATUS_TRY(ehvi_create(m, x->n_front, x->front, reference, &b->ehvi, why));
    }
    b->n_parents = x->n_front;
    b->parents = malloc((x->n_front * b->d + 1) * sizeof *b->parents);
    if (b->parents == NULL) {
        st = no_memory(why);
        goto out;
    }
    for (size_t i = 0; i < x->n_front; i++) {
        memcpy(b->parents + i * b->d, x->u + x->row[i] * b->d, b->d * sizeof *b->parents);
    }

out:
    return st;
}

enum status belief_create(const struct propose_problem *problem, uint64_t id, size_t n_results,
                          const struct propose_result results[], size_t n_pending,
                          const double pending[], struct propose_state *state, struct belief **made,
                          struct status_why *why)
{
    enum status st = STATUS_OK;
    struct records r = {0};
    struct designs x = {0};
    struct belief *b = calloc(1, sizeof *b);
    *made = NULL;
    if (b == NULL) {
        return no_memory(why);
    }
    b->problem = problem;
    b->d = problem->n_variables;
    b->n_outcomes = problem->n_objectives + problem->n_limits;
    STATUS_TRY(records_create(problem, n_results, results, &r, why));
    b->n_processes = b->n_outcomes + (r.n_done < r.n_all ? 1 : 0);
    STATUS_TRY(condition(b, &r, state, why));
    STATUS_TRY(designs_create(b, &r, n_pending, pending, &x, why));
    STATUS_TRY(aim(b, id, n_results, results, &x, why));
    *made = b;
    b = NULL;

out:
    designs_clear(&x);
    records_clear(&r);
    belief_destroy(b);
    return st;
}

void belief_destroy(struct belief *b)
{
    if (b != NULL) {
        for (size_t k = 0; k < b->n_processes; k++) {
            gp_destroy(b->process[k]);
        }
        ehvi_destroy(b->ehvi);
        free(b->parents);
        free(b);
    }
}

size_t belief_parents(const struct belief *b, const double **parents)
{
    *parents = b->parents;
    return b->n_parents;
}

/* \param [out] mean, sd  [n][n_objectives] \param [out] work  [n] twice */
static enum status predict_objectives(const struct belief *b, size_t n, const double u[],
                                      double mean[], double sd[], double *const work[3],
                                      struct status_why *why)
{
    const size_t m = b->problem->n_objectives;
    enum status st = STATUS_OK;
    for (size_t k = 0; k < m; k++) {
        STATUS_TRY(gp_predict(b->process[k], n, u, work[0], work[1], why));
        for (size_t i = 0; i < n; i++) {
            mean[i * m + k] = work[0][i];
            sd[i * m + k] = work[1][i];
        }
    }

out:
    return st;
}

enum status belief_value(const struct belief *b, size_t n, const double u[], double value[],
                         struct status_why *why)
{
    const size_t m = b->problem->n_objectives;
    enum status st = STATUS_OK;
    double *const room = malloc((2 * m + 3) * n * sizeof *room);
    if (room == NULL) {
        return no_memory(why);
    }
    double *mean = room, *sd = room + n * m;
    double *const work[3] = {sd + n * m, sd + n * m + n, sd + n * m + 2 * n};
    if (b->goal == GOAL_FEASIBLE) {
        memset(value, 0, n * sizeof *value);
    } else {
        STATUS_TRY(predict_objectives(b, n, u, mean, sd, work, why));
        if (b->goal == GOAL_VOLUME) {
            STATUS_TRY(ehvi_log(b->ehvi, n, mean, sd, value, why));
        } else {
            parego_log(&b->parego, n, mean, sd, value);
        }
    }
    STATUS_TRY(add_feasibility(b, n, u, work, value, why));

out:
    free(room);
    return st;
}
