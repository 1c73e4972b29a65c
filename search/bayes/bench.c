#include "search/bayes/bench.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "solver/base/interrupt.h"
#include "solver/base/meter.h"

static void begin_attempt(struct bench *b)
{
    struct driver_evaluation *e = &b->evaluation;
    double values[VARIABLE_MOST];
    struct status_why why;
    status_clear(&why);
    for (size_t i = 0; i < b->problem->n_variables; i++) {
        values[i] = variable_value(&b->problem->variables[i], e->result.u[i]);
    }
    e->attempts++;
    b->begun_second = meter_clock();
    b->has_failed =
        b->evaluator->begin(b->evaluator->context, e->result.id, e->attempts, values, &why)
        == DRIVER_FAILED;
    if (b->has_failed) {
        (void)snprintf(e->message, sizeof e->message, "%.*s", DRIVER_MESSAGE_SIZE - 1, why.message);
    }
}

void bench_begin(struct bench *b, const struct propose_result *result)
{
    STATUS_ASSERT(!b->is_busy);
    memset(&b->evaluation, 0, sizeof b->evaluation); /* padding too: it is recorded as it is */
    b->evaluation.result.id = result->id;
    memcpy(b->evaluation.result.u, result->u, sizeof result->u);
    b->evaluation.worker = b->worker;
    b->is_busy = true;
    begin_attempt(b);
}

/* Put values where the result has them; whether each is one that the search can use. */
static bool take_values(struct bench *b, const double values[], struct status_why *why)
{
    const struct propose_problem *p = b->problem;
    struct propose_result *r = &b->evaluation.result;
    for (size_t i = 0; i < p->n_objectives; i++) {
        const struct propose_objective *o = &p->objectives[i];
        if (!isfinite(values[i]) || (o->is_log && !(values[i] > 0.0))) {
            (void)status_fail(why, STATUS_INPUT, "%s: %g: expected a finite number%s", o->name,
                              values[i], o->is_log ? " > 0: its scale is log" : "");
            return false;
        }
        r->objectives[i] = values[i];
    }
    for (size_t i = 0; i < p->n_limits; i++) {
        if (!isfinite(values[p->n_objectives + i])) {
            (void)status_fail(why, STATUS_INPUT, "%s: %g: expected a finite number",
                              p->limits[i].name, values[p->n_objectives + i]);
            return false;
        }
        r->limits[i] = values[p->n_objectives + i];
    }
    r->outcome = PROPOSE_DONE;
    return true;
}

/* Ask the evaluator. Values that cannot be used are a failure like any other. */
static enum driver_progress ask(struct bench *b)
{
    double values[PROPOSE_MAX_OBJECTIVES + PROPOSE_MAX_LIMITS];
    struct driver_evaluation *e = &b->evaluation;
    struct status_why why;
    enum driver_progress progress = DRIVER_FAILED;
    if (!b->has_failed) {
        status_clear(&why);
        progress = b->evaluator->poll(b->evaluator->context, values, &why);
        if (progress == DRIVER_DONE && !take_values(b, values, &why)) {
            progress = DRIVER_FAILED;
        }
        if (progress == DRIVER_FAILED) {
            (void)snprintf(e->message, sizeof e->message, "%.*s", DRIVER_MESSAGE_SIZE - 1,
                           why.message);
        }
    }
    e->seconds = meter_clock() - b->begun_second;
    return progress;
}

/* All attempts have failed. */
static enum driver_progress apply_policy(struct bench *b)
{
    struct driver_evaluation *e = &b->evaluation;
    struct status_why ignored;
    e->result.outcome = PROPOSE_FAILED;
    memset(e->result.objectives, 0, sizeof e->result.objectives);
    memset(e->result.limits, 0, sizeof e->result.limits);
    if (b->options->on_failure == DRIVER_ABORT) {
        return DRIVER_FAILED;
    }
    if (b->options->on_failure == DRIVER_RECOVER) {
        status_clear(&ignored);
        e->is_recovered = take_values(b, b->options->recover, &ignored);
    }
    return DRIVER_DONE;
}

enum driver_progress bench_look(struct bench *b)
{
    STATUS_ASSERT(b->is_busy);
    enum driver_progress progress = ask(b);
    if (progress == DRIVER_RUNNING) {
        if (!b->is_stopping || meter_clock() < b->stop_second) {
            return DRIVER_RUNNING;
        }
        b->evaluator->cancel(b->evaluator->context);
        progress = DRIVER_LOST;
    }
    if (progress == DRIVER_FAILED && (b->is_stopping || interrupt_requested())) {
        progress = DRIVER_LOST;
    }
    if (progress == DRIVER_FAILED && b->evaluation.attempts <= b->options->n_retries) {
        begin_attempt(b);
        return DRIVER_RUNNING;
    }
    b->is_busy = false;
    return progress == DRIVER_FAILED ? apply_policy(b) : progress;
}

void bench_stop(struct bench *b, double grace_seconds)
{
    b->is_stopping = true;
    b->stop_second = meter_clock() + grace_seconds;
}
