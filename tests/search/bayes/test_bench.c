#include "search/bayes/bench.h"

#include <string.h>

#include "solver/base/interrupt.h"
#include "tests/harness.h"

/* An evaluator that does what the test says. */
static struct {
    enum driver_progress begins, polls[8]; /* the i-th poll of all attempts */
    size_t n_polls;
    double outcomes[3];
    uint32_t n_begun, n_cancelled;
    double values[2]; /* of the last design */
} script;

static enum driver_progress begin(void *context, uint64_t id, uint32_t attempt,
                                  const double values[], struct status_why *why)
{
    (void)context;
    CU_ASSERT_EQUAL(id, 17);
    CU_ASSERT_EQUAL(attempt, ++script.n_begun);
    memcpy(script.values, values, sizeof script.values);
    if (script.begins == DRIVER_FAILED) {
        (void)status_fail(why, STATUS_IO, "attempt %u: no folder", (unsigned)attempt);
    }
    return script.begins;
}

static enum driver_progress poll(void *context, double outcomes[], struct status_why *why)
{
    (void)context;
    const enum driver_progress progress = script.polls[script.n_polls++];
    if (progress == DRIVER_FAILED) {
        (void)status_fail(why, STATUS_INPUT, "attempt %u: exit code 3", (unsigned)script.n_begun);
    } else if (progress == DRIVER_DONE) {
        memcpy(outcomes, script.outcomes, sizeof script.outcomes);
    }
    return progress;
}

static void cancel(void *context)
{
    (void)context;
    script.n_cancelled++;
}

static const struct driver_evaluator evaluator = {"script", begin, poll, cancel, NULL};
static struct driver_options options;
static struct propose_problem problem;

/* A bench that has begun design 17. */
static struct bench bench_of(const enum driver_progress polls[], size_t n)
{
    static const double levels[] = {3, 8.5};
    memset(&script, 0, sizeof script);
    memcpy(script.polls, polls, n * sizeof *polls);
    script.outcomes[0] = 2.385;
    script.outcomes[1] = 0.25;
    script.outcomes[2] = -7.5;
    problem = (struct propose_problem){
        .n_variables = 2,
        .variables = {{.name = "lr", .lower = 1, .upper = 100, .is_log = true},
                      {.kind = VARIABLE_ORDINAL, .n_levels = 2, .values = levels}},
        .n_objectives = 2,
        .objectives = {{.name = "loss"}, {.name = "hours", .is_log = true}},
        .n_limits = 1,
        .limits = {{.name = "memory"}},
    };
    return (struct bench){
        .problem = &problem, .evaluator = &evaluator, .options = &options, .worker = 5};
}

static const struct propose_result design = {.id = 17, .u = {0.5, 0.75}};

static enum driver_progress look_until_end(struct bench *b)
{
    enum driver_progress progress = DRIVER_RUNNING;
    bench_begin(b, &design);
    while (progress == DRIVER_RUNNING && script.n_polls < 8 && script.n_begun < 8) {
        progress = bench_look(b);
    }
    return progress;
}

static void test_bench_gives_a_whole_evaluation(void)
{
    const enum driver_progress polls[] = {DRIVER_RUNNING, DRIVER_RUNNING, DRIVER_DONE};
    options = (struct driver_options){.n_retries = 2};
    struct bench b = bench_of(polls, 3);
    CU_ASSERT_EQUAL(look_until_end(&b), DRIVER_DONE);
    CU_ASSERT_FALSE(b.is_busy);
    const struct driver_evaluation *e = &b.evaluation;
    HARNESS_ASSERT_REL(script.values[0], 10.0, 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(script.values[1], 8.5, 0);
    CU_ASSERT_EQUAL(e->result.id, 17);
    CU_ASSERT_EQUAL(e->result.outcome, PROPOSE_DONE);
    CU_ASSERT_DOUBLE_EQUAL(e->result.u[1], 0.75, 0);
    CU_ASSERT_DOUBLE_EQUAL(e->result.objectives[0], 2.385, 0);
    CU_ASSERT_DOUBLE_EQUAL(e->result.objectives[1], 0.25, 0);
    CU_ASSERT_DOUBLE_EQUAL(e->result.limits[0], -7.5, 0);
    CU_ASSERT_EQUAL(e->worker, 5);
    CU_ASSERT_EQUAL(e->attempts, 1);
    CU_ASSERT_STRING_EQUAL(e->message, "");
    CU_ASSERT_FALSE(e->is_recovered);
    CU_ASSERT(e->seconds >= 0.0 && e->seconds < 10.0);
}

static void test_bench_tries_again_and_then_skips(void)
{
    const enum driver_progress polls[] = {DRIVER_FAILED, DRIVER_RUNNING, DRIVER_DONE},
                               worse[] = {DRIVER_FAILED, DRIVER_FAILED, DRIVER_FAILED};
    options = (struct driver_options){.n_retries = 2};
    struct bench b = bench_of(polls, 3);
    CU_ASSERT_EQUAL(look_until_end(&b), DRIVER_DONE);
    CU_ASSERT_EQUAL(b.evaluation.attempts, 2);
    CU_ASSERT_EQUAL(b.evaluation.result.outcome, PROPOSE_DONE);
    CU_ASSERT_STRING_EQUAL(b.evaluation.message, "attempt 1: exit code 3");
    b = bench_of(worse, 3);
    CU_ASSERT_EQUAL(look_until_end(&b), DRIVER_DONE);
    CU_ASSERT_EQUAL(b.evaluation.attempts, 3);
    CU_ASSERT_EQUAL(b.evaluation.result.outcome, PROPOSE_FAILED);
    CU_ASSERT_STRING_EQUAL(b.evaluation.message, "attempt 3: exit code 3");
    b = bench_of(worse, 0); /* attempts that cannot even begin */
    script.begins = DRIVER_FAILED;
    CU_ASSERT_EQUAL(look_until_end(&b), DRIVER_DONE);
    CU_ASSERT_EQUAL(b.evaluation.attempts, 3);
    CU_ASSERT_EQUAL(script.n_polls, 0);
    CU_ASSERT_STRING_EQUAL(b.evaluation.message, "attempt 3: no folder");
}

static void test_bench_aborts_or_recovers_as_told(void)
{
    const enum driver_progress polls[] = {DRIVER_FAILED};
    options = (struct driver_options){.on_failure = DRIVER_ABORT};
    struct bench b = bench_of(polls, 1);
    CU_ASSERT_EQUAL(look_until_end(&b), DRIVER_FAILED);
    CU_ASSERT_STRING_EQUAL(b.evaluation.message, "attempt 1: exit code 3");
    options = (struct driver_options){.on_failure = DRIVER_RECOVER, .recover = {9, 8, 7}};
    b = bench_of(polls, 1);
    CU_ASSERT_EQUAL(look_until_end(&b), DRIVER_DONE);
    CU_ASSERT(b.evaluation.is_recovered);
    CU_ASSERT_EQUAL(b.evaluation.result.outcome, PROPOSE_DONE);
    CU_ASSERT_DOUBLE_EQUAL(b.evaluation.result.objectives[1], 8, 0);
    CU_ASSERT_DOUBLE_EQUAL(b.evaluation.result.limits[0], 7, 0);
    CU_ASSERT_STRING_EQUAL(b.evaluation.message, "attempt 1: exit code 3");
}

static void expect_refusal(size_t outcome, double value, const char *message)
{
    const enum driver_progress polls[] = {DRIVER_DONE};
    options = (struct driver_options){.on_failure = DRIVER_SKIP};
    struct bench b = bench_of(polls, 1);
    script.outcomes[outcome] = value;
    CU_ASSERT_EQUAL(look_until_end(&b), DRIVER_DONE);
    CU_ASSERT_EQUAL(b.evaluation.result.outcome, PROPOSE_FAILED);
    CU_ASSERT_DOUBLE_EQUAL(b.evaluation.result.objectives[0], 0, 0);
    CU_ASSERT_STRING_EQUAL(b.evaluation.message, message);
}

static void test_bench_refuses_values_that_the_search_cannot_use(void)
{
    expect_refusal(0, (double)NAN, "loss: nan: expected a finite number");
    expect_refusal(1, 0.0, "hours: 0: expected a finite number > 0: its scale is log");
    expect_refusal(2, (double)-INFINITY, "memory: -inf: expected a finite number");
}

static void test_bench_loses_what_outlasts_a_request_to_stop(void)
{
    const enum driver_progress running[8] = {DRIVER_RUNNING},
                               done[] = {DRIVER_RUNNING, DRIVER_DONE},
                               failed[] = {DRIVER_RUNNING, DRIVER_FAILED}, lost[] = {DRIVER_LOST};
    options = (struct driver_options){.n_retries = 2};
    struct bench b = bench_of(done, 2);
    bench_stop(&b, 60.0); /* it ends within the grace */
    CU_ASSERT_EQUAL(look_until_end(&b), DRIVER_DONE);
    CU_ASSERT_EQUAL(script.n_cancelled, 0);
    b = bench_of(running, 8);
    bench_stop(&b, 0.0);
    CU_ASSERT_EQUAL(look_until_end(&b), DRIVER_LOST);
    CU_ASSERT_EQUAL(script.n_cancelled, 1);
    CU_ASSERT_EQUAL(script.n_polls, 1);
    b = bench_of(failed, 2); /* perhaps because the request has come to it too */
    bench_stop(&b, 60.0);
    CU_ASSERT_EQUAL(look_until_end(&b), DRIVER_LOST);
    CU_ASSERT_EQUAL(script.n_begun, 1);
    b = bench_of(failed, 2);
    interrupt_request();
    CU_ASSERT_EQUAL(look_until_end(&b), DRIVER_LOST);
    interrupt_clear();
    b = bench_of(lost, 1); /* the evaluator says so itself */
    CU_ASSERT_EQUAL(look_until_end(&b), DRIVER_LOST);
    CU_ASSERT_FALSE(b.is_busy);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"gives_a_whole_evaluation", test_bench_gives_a_whole_evaluation},
        {"tries_again_and_then_skips", test_bench_tries_again_and_then_skips},
        {"aborts_or_recovers_as_told", test_bench_aborts_or_recovers_as_told},
        {"refuses_values_that_the_search_cannot_use",
         test_bench_refuses_values_that_the_search_cannot_use},
        {"loses_what_outlasts_a_request_to_stop", test_bench_loses_what_outlasts_a_request_to_stop},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
