/* ranks: 1 2 3 5 */
#define _XOPEN_SOURCE 700
#include "search/bayes/driver.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "solver/base/interrupt.h"
#include "solver/base/meter.h"
#include "solver/base/team.h"
#include "tests/harness.h"

enum { N_VARIABLES = 3, LAG = 4 };

static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ b[i]) * 1099511628211u; /* FNV-1a */
    }
    return hash;
}

/* In place of the real one: designs that depend on every bit of what they are made from, so that
 * two searches agree only if each design was made from the same. */
enum status propose_design(const struct propose_problem *problem, uint64_t id, size_t n_results,
                           const struct propose_result results[], size_t n_pending,
                           const double pending[], struct propose_state *state, double u[],
                           struct status_why *why)
{
    static const uint64_t n_designs = 60;
    const size_t n_imported = n_results + n_pending - (size_t)id;
    CU_ASSERT_EQUAL(n_pending, id < LAG ? id : LAG - 1);
    uint64_t hash = mix(problem->seed, &id, sizeof id);
    for (size_t i = 0; i < n_results; i++) {
        CU_ASSERT(i < n_imported || results[i].id == i - n_imported);
        hash = mix(hash, &results[i].outcome, sizeof results[i].outcome);
        hash = mix(hash, results[i].u, sizeof results[i].u);
        hash = mix(hash, results[i].objectives, sizeof results[i].objectives);
        hash = mix(hash, results[i].limits, sizeof results[i].limits);
    }
    hash = mix(hash, pending, n_pending * N_VARIABLES * sizeof *pending);
    hash = mix(hash, state, sizeof *state);
    state->n_learnt += 1 + hash % 7;
    for (size_t i = 0; i < N_VARIABLES; i++) {
        hash = mix(hash, &i, sizeof i);
        u[i] = (double)(hash >> 11) * 0x1p-53;
    }
    return id < n_designs ? STATUS_OK : status_fail(why, STATUS_NO, "all designs are made");
}

/* And the share grows at every third result. */
enum status propose_hypervolume(const struct propose_problem *problem, size_t n_results,
                                const struct propose_result results[], double *share,
                                struct status_why *why)
{
    (void)problem;
    (void)results;
    (void)why;
    *share = 1.0 - 1.0 / (1.0 + (double)(n_results / 3));
    return STATUS_OK;
}

static struct status_why why;

/* Evaluations of a few milliseconds, another number of them on each rank and in each run; some fail
 * always, some once, some are lost once. */
struct trainer {
    uint64_t salt;
    uint64_t id;
    uint32_t attempt;
    double values[N_VARIABLES];
    double ends; /* of the clock */
    bool has_lost, fails_always;
    uint64_t stops_at;             /* asks for an interruption at this design */
    size_t n_begun, fills_disk_at; /* from this one on nothing can be written */
};

static enum driver_progress begin(void *context, uint64_t id, uint32_t attempt,
                                  const double values[], struct status_why *failure)
{
    struct trainer *t = context;
    const uint64_t delay = mix(t->salt, &id, sizeof id) >> 40;
    t->id = id;
    t->attempt = attempt;
    if (++t->n_begun == t->fills_disk_at) {
        struct rlimit limit;
        CU_ASSERT_EQUAL(getrlimit(RLIMIT_FSIZE, &limit), 0);
        limit.rlim_cur = 1;
        CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
    }
    t->ends = meter_clock() + 1e-6 * (double)(delay % 4000);
    memcpy(t->values, values, sizeof t->values);
    if (id == t->stops_at) {
        interrupt_request();
    }
    if (id % 11 == 7 || t->fails_always) {
        (void)status_fail(failure, STATUS_INPUT, "no place for it");
        return DRIVER_FAILED;
    }
    return DRIVER_RUNNING;
}

static enum driver_progress poll(void *context, double outcomes[], struct status_why *failure)
{
    struct trainer *t = context;
    if (meter_clock() < t->ends) {
        return DRIVER_RUNNING;
    }
    if (t->id % 9 == 5 && t->attempt == 1) {
        (void)status_fail(failure, STATUS_INPUT, "the first attempt fails");
        return DRIVER_FAILED;
    }
    if (t->id % 13 == 4 && !t->has_lost) {
        t->has_lost = true;
        return DRIVER_LOST;
    }
    outcomes[0] = t->values[0] + 2.0 * t->values[1];
    outcomes[1] = t->values[2] - t->values[0] + 1.0;
    return DRIVER_DONE;
}

static void cancel(void *context)
{
    (void)context;
}

static struct propose_problem problem_of(void)
{
    struct propose_problem p = {.n_variables = N_VARIABLES,
                                .n_objectives = 1,
                                .objectives = {{.name = "loss"}},
                                .n_limits = 1,
                                .limits = {{.name = "memory"}},
                                .seed = 41,
                                .n_initial = 2,
                                .lag = LAG};
    for (size_t i = 0; i < N_VARIABLES; i++) {
        p.variables[i] = (struct variable){.lower = -1.0, .upper = 2.5};
    }
    return p;
}

static struct driver_options options_of(uint64_t evaluations)
{
    return (struct driver_options){
        .stop = {.evaluations = evaluations}, .n_retries = 1, .grace_seconds = 5.0};
}

/* One call of the search on this rank. */
static enum status search(const char *name, struct trainer *trainer,
                          const struct driver_options *options, struct driver_log *log)
{
    const struct propose_problem p = problem_of();
    const struct driver_evaluator e = {"trainer", begin, poll, cancel, trainer};
    return driver_search(harness_comm(), &p, &e, options, harness_path(name), "ab12", log, &why);
}

static struct trainer trainer_of(uint64_t run)
{
    const int rank = team_rank(harness_comm());
    return (struct trainer){.salt = mix(mix(1, &run, sizeof run), &rank, sizeof rank),
                            .stops_at = UINT64_MAX,
                            .fills_disk_at = SIZE_MAX};
}

/* All that may not depend on ranks, delays and interruptions. */
static uint64_t digest_of_log(const struct driver_log *log)
{
    uint64_t hash = mix(1, &log->n, sizeof log->n);
    for (size_t i = 0; i < log->n; i++) {
        const struct driver_evaluation *e = &log->evaluations[i];
        hash = mix(hash, &e->result, sizeof e->result);
        hash = mix(hash, &e->is_recovered, sizeof e->is_recovered);
        hash = mix(hash, &e->attempts, sizeof e->attempts);
        hash = mix(hash, e->message, sizeof e->message);
        hash = mix(hash, &log->states[i], sizeof log->states[i]);
        hash = mix(hash, &log->hypervolume[i], sizeof log->hypervolume[i]);
    }
    return mix(hash, log->stopped_by, strlen(log->stopped_by));
}

static void check_log(const struct driver_log *log, size_t n)
{
    CU_ASSERT_EQUAL(log->n, n);
    for (size_t i = 0; i < log->n; i++) {
        const struct driver_evaluation *e = &log->evaluations[i];
        const bool fails = i % 11 == 7;
        CU_ASSERT_EQUAL(e->result.id, i);
        CU_ASSERT_EQUAL(e->result.outcome, fails ? PROPOSE_FAILED : PROPOSE_DONE);
        CU_ASSERT_EQUAL(e->attempts, fails || i % 9 == 5 ? 2 : 1);
        CU_ASSERT_STRING_EQUAL(e->message, fails        ? "no place for it"
                                           : i % 9 == 5 ? "the first attempt fails"
                                                        : "");
        CU_ASSERT(e->worker >= 0 && e->worker < team_size(harness_comm()));
    }
}

/* The digest of a whole search of 41 evaluations, found once on one rank by this program: that
 * other numbers of ranks find the same is the test. */
static const uint64_t digest_of_41 = 1238709995745893708u;

static void test_driver_makes_the_same_search_whatever_the_delays(void)
{
    uint64_t digest = 0;
    for (uint64_t run = 0; run < 3; run++) {
        char name[32];
        struct driver_log log;
        struct trainer t = trainer_of(run);
        const struct driver_options options = options_of(41);
        (void)snprintf(name, sizeof name, "same%d", (int)run);
        HARNESS_ASSERT_OK(search(name, &t, &options, &log));
        check_log(&log, 41);
        CU_ASSERT_STRING_EQUAL(log.stopped_by, "evaluations");
        digest = run == 0 ? digest_of_log(&log) : digest;
        CU_ASSERT_EQUAL(digest_of_log(&log), digest);
        driver_clear(&log);
    }
    if (digest != digest_of_41) {
        char text[64];
        (void)snprintf(text, sizeof text, "digest %llu", (unsigned long long)digest);
        harness_say(text);
        CU_FAIL("another search than on one rank");
    }
}

/* Asked to stop at every third design or so, on whichever rank has it, and begun again until the
 * end. */
static void test_driver_goes_on_after_interruptions(void)
{
    struct driver_log log;
    const struct driver_options options = options_of(41);
    enum status st = STATUS_CHECKPOINTED;
    for (uint64_t run = 0; st == STATUS_CHECKPOINTED && run < 40; run++) {
        struct trainer t = trainer_of(run + 10);
        t.stops_at = 3 * run;
        status_clear(&why);
        st = search("interrupted", &t, &options, &log);
        interrupt_clear();
        CU_ASSERT(st == STATUS_OK || harness_contains(why.message, "bayes: stopped on request"));
    }
    CU_ASSERT_EQUAL(st, STATUS_OK);
    check_log(&log, 41);
    CU_ASSERT_EQUAL(digest_of_log(&log), digest_of_41);
    driver_clear(&log);
    /* Nothing is left to do. */
    struct trainer t = trainer_of(99);
    status_clear(&why);
    HARNESS_ASSERT_OK(search("interrupted", &t, &options, &log));
    CU_ASSERT_EQUAL(t.n_begun, 0);
    CU_ASSERT_EQUAL(digest_of_log(&log), digest_of_41);
    driver_clear(&log);
}

static void test_driver_loses_what_outlasts_the_grace(void)
{
    struct driver_log log;
    struct driver_options options = options_of(41);
    options.grace_seconds = 0.0;
    struct trainer t = trainer_of(5);
    t.stops_at = 20;
    CU_ASSERT_EQUAL(search("lost", &t, &options, &log), STATUS_CHECKPOINTED);
    interrupt_clear();
    status_clear(&why);
    struct trainer u = trainer_of(6);
    HARNESS_ASSERT_OK(search("lost", &u, &options, &log));
    CU_ASSERT_EQUAL(digest_of_log(&log), digest_of_41);
    driver_clear(&log);
}

static void test_driver_stops_for_its_reasons(void)
{
    struct driver_log log;
    struct driver_options options = options_of(0);
    struct trainer t = trainer_of(7);
    HARNESS_ASSERT_OK(search("all", &t, &options, &log));
    CU_ASSERT_STRING_EQUAL(log.stopped_by, "exhausted");
    check_log(&log, 60);
    driver_clear(&log);
    /* The share is .875 after 21 results; designs are made from those of 4 before. */
    options.stop.hypervolume = 0.875;
    t = trainer_of(8);
    HARNESS_ASSERT_OK(search("volume", &t, &options, &log));
    CU_ASSERT_STRING_EQUAL(log.stopped_by, "hypervolume");
    check_log(&log, 21 + LAG - 1);
    driver_clear(&log);
    /* It gains at every third result, first after the designs that begin the search. */
    options.stop.hypervolume = (double)NAN;
    options.stop.stagnation = 3;
    t = trainer_of(9);
    HARNESS_ASSERT_OK(search("no stagnation", &t, &options, &log));
    CU_ASSERT_STRING_EQUAL(log.stopped_by, "exhausted");
    driver_clear(&log);
    options.stop.stagnation = 2;
    t = trainer_of(10);
    HARNESS_ASSERT_OK(search("stagnation", &t, &options, &log));
    CU_ASSERT_STRING_EQUAL(log.stopped_by, "stagnation");
    check_log(&log, 5 + LAG - 1);
    driver_clear(&log);
    options.stop.stagnation = 0;
    options.stop.seconds = 1e-9;
    t = trainer_of(11);
    HARNESS_ASSERT_OK(search("seconds", &t, &options, &log));
    CU_ASSERT_STRING_EQUAL(log.stopped_by, "seconds");
    check_log(&log, 0);
    driver_clear(&log);
}

/* Without one value among the first designs the search ends, with as many as are under way then; an
 * earlier evaluation that has a value keeps it going. */
static void test_driver_ends_when_the_first_designs_all_fail(void)
{
    struct driver_log log;
    struct driver_options options = options_of(41);
    for (int i = 0; i < 2; i++) { /* made-up values are none */
        options.on_failure = i == 0 ? DRIVER_SKIP : DRIVER_RECOVER;
        struct trainer t = trainer_of(30);
        t.fails_always = true;
        HARNESS_ASSERT_OK(search(i == 0 ? "failures" : "recovered failures", &t, &options, &log));
        CU_ASSERT_STRING_EQUAL(log.stopped_by, "failures");
        CU_ASSERT_EQUAL(log.n, 2 + LAG - 1);
        driver_clear(&log);
    }
    struct propose_result past = {.outcome = PROPOSE_DONE, .objectives = {3.7}};
    options.on_failure = DRIVER_SKIP;
    options.n_imported = 1;
    options.imported = &past;
    struct trainer t = trainer_of(31);
    t.fails_always = true;
    HARNESS_ASSERT_OK(search("failures after a success", &t, &options, &log));
    CU_ASSERT_STRING_EQUAL(log.stopped_by, "evaluations");
    CU_ASSERT_EQUAL(log.n, 41);
    driver_clear(&log);
}

static void test_driver_counts_the_seconds_of_all_runs(void)
{
    struct driver_log log;
    struct driver_options options = options_of(41);
    struct trainer t = trainer_of(12);
    t.stops_at = 9;
    CU_ASSERT_EQUAL(search("time", &t, &options, &log), STATUS_CHECKPOINTED);
    interrupt_clear();
    status_clear(&why);
    options.stop.seconds = 1e-4; /* less than what the first run took */
    struct trainer u = trainer_of(13);
    HARNESS_ASSERT_OK(search("time", &u, &options, &log));
    CU_ASSERT_STRING_EQUAL(log.stopped_by, "seconds");
    CU_ASSERT_EQUAL(u.n_begun, 0);
    CU_ASSERT(log.n >= 9 - LAG && log.n <= 9 + LAG);
    check_log(&log, log.n);
    driver_clear(&log);
}

static void test_driver_aborts_on_failure_and_keeps_the_rest(void)
{
    struct driver_log log;
    struct driver_options options = options_of(41);
    options.on_failure = DRIVER_ABORT;
    struct trainer t = trainer_of(14);
    HARNESS_ASSERT_FAILS(search("abort", &t, &options, &log), STATUS_INPUT,
                         "evaluation 7 failed: no place for it; all others are recorded");
    CU_ASSERT_EQUAL(log.n, 0);
    options.on_failure = DRIVER_SKIP; /* as if it were mended */
    struct trainer u = trainer_of(15);
    HARNESS_ASSERT_OK(search("abort", &u, &options, &log));
    CU_ASSERT_EQUAL(digest_of_log(&log), digest_of_41);
    driver_clear(&log);
}

static void test_driver_recovers_and_imports(void)
{
    struct driver_log log;
    struct propose_result imported[2];
    memset(imported, 0, sizeof imported);
    imported[1].objectives[0] = 3.5;
    struct driver_options options = options_of(12);
    options.on_failure = DRIVER_RECOVER;
    options.recover[0] = 99.5;
    options.recover[1] = -1.5;
    options.n_imported = 2;
    options.imported = imported;
    struct trainer t = trainer_of(16);
    HARNESS_ASSERT_OK(search("recover", &t, &options, &log));
    CU_ASSERT_EQUAL(log.n, 12);
    CU_ASSERT(log.evaluations[7].is_recovered);
    CU_ASSERT_DOUBLE_EQUAL(log.evaluations[7].result.objectives[0], 99.5, 0);
    CU_ASSERT_DOUBLE_EQUAL(log.evaluations[7].result.limits[0], -1.5, 0);
    CU_ASSERT_FALSE(log.evaluations[6].is_recovered);
    CU_ASSERT_DOUBLE_EQUAL(log.hypervolume[0], 0.5, 0); /* imported ones count */
    driver_clear(&log);
}

/* The disk of one rank is full from some design on; what was recorded before stays. */
static void test_driver_ends_when_a_rank_cannot_record(void)
{
    struct driver_log log;
    struct rlimit before;
    const struct driver_options options = options_of(41);
    struct trainer t = trainer_of(17);
    const bool is_last = team_rank(harness_comm()) == team_size(harness_comm()) - 1;
    t.fills_disk_at = is_last ? 3 : SIZE_MAX;
    CU_ASSERT_EQUAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    HARNESS_ASSERT_FAILS(search("full", &t, &options, &log), STATUS_IO, "cannot write");
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
    struct trainer u = trainer_of(18);
    HARNESS_ASSERT_OK(search("full", &u, &options, &log));
    CU_ASSERT_EQUAL(digest_of_log(&log), digest_of_41);
    driver_clear(&log);
    struct trainer v = trainer_of(19);
    HARNESS_ASSERT_FAILS(search("no/such/folder", &v, &options, &log), STATUS_IO,
                         "cannot make the folder");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"makes_the_same_search_whatever_the_delays",
         test_driver_makes_the_same_search_whatever_the_delays},
        {"goes_on_after_interruptions", test_driver_goes_on_after_interruptions},
        {"loses_what_outlasts_the_grace", test_driver_loses_what_outlasts_the_grace},
        {"stops_for_its_reasons", test_driver_stops_for_its_reasons},
        {"ends_when_the_first_designs_all_fail", test_driver_ends_when_the_first_designs_all_fail},
        {"counts_the_seconds_of_all_runs", test_driver_counts_the_seconds_of_all_runs},
        {"aborts_on_failure_and_keeps_the_rest", test_driver_aborts_on_failure_and_keeps_the_rest},
        {"recovers_and_imports", test_driver_recovers_and_imports},
        {"ends_when_a_rank_cannot_record", test_driver_ends_when_a_rank_cannot_record},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
