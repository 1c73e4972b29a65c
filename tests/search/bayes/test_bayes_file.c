/* ranks: 1 3 */
#include "search/bayes/bayes_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search/bayes/replay.h"
#include "search/front/frontier_file.h"
#include "tests/harness.h"

enum { N = 7 };

static struct status_why why;
static const char *const labels[] = {"adam", "sgd"};
static const double widths[] = {2, 3, 8.5};

/* Minimise the loss, maximise the speed; the memory must stay below 80. */
static struct propose_problem problem_of(void)
{
    return (struct propose_problem){
        .n_variables = 3,
        .variables =
            {{.name = "lr", .unit = "1/step", .lower = 1e-4, .upper = 0.1, .is_log = true},
             {.name = "width", .kind = VARIABLE_ORDINAL, .n_levels = 3, .values = widths},
             {.name = "optimizer", .kind = VARIABLE_CATEGORICAL, .n_levels = 2, .labels = labels}},
        .n_objectives = 2,
        .objectives = {{.name = "loss", .unit = "nat"}, {.name = "speed", .maximise = true}},
        .n_limits = 2,
        .limits = {{.name = "memory", .lower = -INFINITY, .upper = 80},
                   {.name = "loss", .lower = 0.25, .upper = 3}},
        .n_initial = 4,
        .lag = 8,
    };
}

/* Seven evaluations: each place says why it is, or is not, on the frontier. */
static struct driver_evaluation evaluations[N];
static struct propose_state states[N];
static double hypervolume[N];

static struct driver_log log_of(double seconds)
{
    static const struct {
        double loss, speed, memory;
        enum propose_outcome outcome;
        bool is_recovered;
    } told[N] = {
        {2.5, 10, 50, PROPOSE_DONE, false},   /* on it */
        {2.0, 7.5, 80, PROPOSE_DONE, false},  /* on it, at the limit */
        {2.6, 9, 50, PROPOSE_DONE, false},    /* worse than the first in both */
        {1.0, 99, 80.5, PROPOSE_DONE, false}, /* too large */
        {0, 0, 0, PROPOSE_FAILED, false},     {0.5, 99, 1, PROPOSE_DONE, true}, /* made up */
        {2.5, 10, 40, PROPOSE_DONE, false}, /* as good as the first, later */
    };
    const struct propose_problem p = problem_of();
    for (size_t i = 0; i < N; i++) {
        struct driver_evaluation *e = &evaluations[i];
        memset(e, 0, sizeof *e);
        e->result.id = i;
        e->result.outcome = told[i].outcome;
        e->result.objectives[0] = told[i].loss;
        e->result.objectives[1] = told[i].speed;
        e->result.limits[0] = told[i].memory;
        e->result.limits[1] = told[i].loss;
        e->is_recovered = told[i].is_recovered;
        e->result.u[0] = 0.05 + 0.13 * (double)i;
        e->result.u[1] = 0.3 * (double)(i % 3);
        e->result.u[2] = i % 2 == 0 ? 0.1 : 0.9;
        variable_snap(3, p.variables, e->result.u);
        e->seconds = seconds + (double)i;
        e->worker = (int32_t)i % 3;
        e->attempts = 2;
        (void)snprintf(e->message, sizeof e->message, "%s",
                       told[i].outcome == PROPOSE_FAILED ? "exit code 3: boom" : "");
        memset(&states[i], 0, sizeof states[i]);
        states[i].n_learnt = i < 4 ? 0 : i < 6 ? 3 : 5;
        for (size_t k = 0; k < 3; k++) { /* loss, speed, memory */
            states[i].hyper[k].log_variance = 0.25 + (double)k + (double)states[i].n_learnt;
            states[i].hyper[k].log_nugget = -7.5;
            states[i].hyper[k].log_length[2] = 0.5 * (double)k - 1.25;
        }
        hypervolume[i] = 0.1 * (double)(i + 1);
    }
    return (struct driver_log){.n = N,
                               .evaluations = evaluations,
                               .states = states,
                               .hypervolume = hypervolume,
                               .stopped_by = "evaluations",
                               .search_seconds = 0.5 * seconds};
}

static struct propose_result imported_of(void)
{
    struct propose_result r;
    const struct propose_problem p = problem_of();
    memset(&r, 0, sizeof r);
    r.objectives[0] = 1.5;
    r.objectives[1] = 2.385;
    r.limits[0] = 60;
    r.limits[1] = 1.5;
    r.u[0] = 0.77;
    variable_snap(3, p.variables, r.u);
    return r;
}

static void write_file(const char *path, const struct driver_log *log, size_t n_imported,
                       size_t *n_rows, char digest[DIGEST_SIZE])
{
    struct h5 *file = NULL;
    const struct propose_problem p = problem_of();
    const struct propose_result imported = imported_of();
    const struct bayes_file_content content = {.problem = &p,
                                               .evaluator = "command",
                                               .n_imported = n_imported,
                                               .imported = &imported,
                                               .log = log};
    HARNESS_ASSERT_OK(h5_create(harness_comm(), path, &file, &why));
    HARNESS_ASSERT_OK(bayes_file_write(harness_comm(), file, &content, n_rows, &why));
    HARNESS_ASSERT_OK(h5_commit(file, digest, &why));
}

static struct h5 *open_file(const char *path)
{
    struct h5 *file = NULL;
    HARNESS_ASSERT_OK(h5_open(harness_comm(), path, &file, &why));
    return file;
}

static void check_numbers(struct h5 *file, const char *path, size_t n, const double expected[])
{
    double *values = NULL;
    size_t n_dimensions, shape[3];
    HARNESS_ASSERT_OK(h5_read_array(file, path, &values, &n_dimensions, shape, &why));
    CU_ASSERT_EQUAL(shape[0] * shape[1], n);
    for (size_t i = 0; values != NULL && i < n; i++) {
        if (isnan(expected[i])) {
            CU_ASSERT(isnan(values[i]));
        } else {
            HARNESS_ASSERT_REL(values[i], expected[i], 1e-12);
        }
    }
    free(values);
}

static void test_bayes_file_keeps_every_evaluation(void)
{
    char digest[DIGEST_SIZE], *text = NULL;
    uint64_t count;
    double bound = 0.0;
    size_t n_rows;
    const struct driver_log log = log_of(1.0);
    write_file(harness_path("all.h5"), &log, 1, &n_rows, digest);
    struct h5 *file = open_file(harness_path("all.h5"));
    const double nan = (double)NAN;
    const double loss[] = {1.5, 2.5, 2.0, 2.6, 1.0, nan, 0.5, 2.5};
    const double status[] = {0, 0, 0, 0, 1, 2, 3, 0}, width[] = {2, 2, 2, 3, 2, 2, 3, 2};
    const double volume[] = {nan, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7};
    const double optimizer[] = {0, 0, 1, 0, 1, 0, 1, 0}, worker[] = {-1, 0, 1, 2, 0, 1, 2, 0};
    const double seconds[] = {nan, 1, 2, 3, 4, 5, 6, 7};
    check_numbers(file, "/search/evaluations/loss", N + 1, loss);
    check_numbers(file, "/search/evaluations/status", N + 1, status);
    check_numbers(file, "/search/evaluations/width", N + 1, width);
    check_numbers(file, "/search/evaluations/optimizer", N + 1, optimizer);
    check_numbers(file, "/search/evaluations/hypervolume", N + 1, volume);
    check_numbers(file, "/run/evaluations/worker", N + 1, worker);
    check_numbers(file, "/run/evaluations/seconds", N + 1, seconds);
    HARNESS_ASSERT_OK(
        h5_read_text_attribute(file, "/search/evaluations/status", "flag_meanings", &text, &why));
    CU_ASSERT_STRING_EQUAL(text, "feasible infeasible failed recovered");
    free(text);
    HARNESS_ASSERT_OK(
        h5_read_number_attribute(file, "/search/evaluations/loss", "upper", &bound, &why));
    CU_ASSERT_DOUBLE_EQUAL(bound, 3, 0); /* an objective with bounds has one column */
    HARNESS_ASSERT_OK(h5_read_count_attribute(file, "/search", "n_infeasible", &count, &why));
    CU_ASSERT_EQUAL(count, 1);
    HARNESS_ASSERT_OK(h5_read_count_attribute(file, "/search", "n_recovered", &count, &why));
    CU_ASSERT_EQUAL(count, 1);
    CU_ASSERT(h5_exists(file, "/run/evaluations/message"));
    h5_close(file);
}

static void test_bayes_file_keeps_what_was_learnt(void)
{
    char digest[DIGEST_SIZE];
    const struct driver_log log = log_of(1.0);
    write_file(harness_path("model.h5"), &log, 1, NULL, digest);
    struct h5 *file = open_file(harness_path("model.h5"));
    const double n_learnt[] = {3, 5}, rows[] = {5, 7}, variance[] = {4.25, 6.25};
    const double length[] = {0, 0, -0.25, 0, 0, -0.25};
    check_numbers(file, "/search/model/n_learnt", 2, n_learnt);
    check_numbers(file, "/search/model/first_evaluation", 2, rows);
    check_numbers(file, "/search/model/speed_log_variance", 2, variance);
    check_numbers(file, "/search/model/memory_log_length", 6, length);
    h5_close(file);
}

/* What `report` reads, with the same columns, order and attributes as of any search. */
static void test_bayes_file_has_a_frontier(void)
{
    char digest[DIGEST_SIZE];
    size_t n_rows;
    struct frontier_file_table t;
    const struct driver_log log = log_of(1.0);
    write_file(harness_path("front.h5"), &log, 1, &n_rows, digest);
    CU_ASSERT_EQUAL(n_rows, 3);
    struct h5 *file = open_file(harness_path("front.h5"));
    HARNESS_ASSERT_OK(frontier_file_read(file, &t, &why));
    CU_ASSERT_EQUAL(t.n_rows, 3);
    CU_ASSERT_EQUAL_FATAL(t.n_columns, 7);
    CU_ASSERT_STRING_EQUAL(t.names[0], "configuration");
    CU_ASSERT_STRING_EQUAL(t.names[3], "optimizer");
    CU_ASSERT_STRING_EQUAL(t.meanings[3][1], "sgd");
    CU_ASSERT_EQUAL(t.roles[2], FRONTIER_FILE_DECISION);
    CU_ASSERT_EQUAL(t.roles[5], FRONTIER_FILE_OBJECTIVE);
    CU_ASSERT_EQUAL(t.roles[6], FRONTIER_FILE_OTHER);
    const double rows[] = {0, 2, 1}, losses[] = {1.5, 2.0, 2.5}, speeds[] = {2.385, 7.5, 10};
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_DOUBLE_EQUAL(t.values[0][i], rows[i], 0);
        CU_ASSERT_DOUBLE_EQUAL(t.values[4][i], losses[i], 0);
        HARNESS_ASSERT_REL(t.values[5][i], speeds[i], 1e-12);
    }
    frontier_file_clear(&t);
    h5_close(file);
}

static void test_bayes_file_digest_is_of_the_search_alone(void)
{
    char first[DIGEST_SIZE], second[DIGEST_SIZE], third[DIGEST_SIZE];
    struct driver_log log = log_of(1.0);
    write_file(harness_path("a.h5"), &log, 0, NULL, first);
    log = log_of(2.5); /* another time, on other ranks, after other failures */
    evaluations[0].worker = 7;
    evaluations[1].attempts = 9;
    evaluations[4].message[0] = '\0';
    write_file(harness_path("b.h5"), &log, 0, NULL, second);
    CU_ASSERT_STRING_EQUAL(first, second);
    hypervolume[3] += 1e-15;
    write_file(harness_path("c.h5"), &log, 0, NULL, third);
    CU_ASSERT_STRING_NOT_EQUAL(first, third);
}

/* A later search begins with it: failed ones come back as failed, recovered ones too. */
static void test_bayes_file_reads_back_as_a_table(void)
{
    char digest[DIGEST_SIZE];
    const struct driver_log log = log_of(1.0);
    const struct propose_problem p = problem_of();
    struct table *table = NULL;
    struct replay *replay = NULL;
    write_file(harness_path("again.h5"), &log, 1, NULL, digest);
    struct h5 *file = open_file(harness_path("again.h5"));
    HARNESS_ASSERT_OK(bayes_file_read(file, "again.h5", &table, &why));
    h5_close(file);
    CU_ASSERT_EQUAL(table_n_rows(table), N + 1);
    CU_ASSERT_EQUAL(table_n_columns(table), 6);
    HARNESS_ASSERT_OK(replay_create(&p, table, &replay, &why));
    CU_ASSERT_EQUAL_FATAL(replay_n(replay), N + 1);
    for (size_t i = 0; i < N; i++) {
        const struct propose_result *r = &replay_results(replay)[i + 1];
        const struct driver_evaluation *e = &evaluations[i];
        CU_ASSERT_EQUAL(r->outcome, i == 4 || i == 5 ? PROPOSE_FAILED : PROPOSE_DONE);
        for (size_t k = 0; k < 3; k++) {
            HARNESS_ASSERT_REL(r->u[k], e->result.u[k], 1e-12);
        }
        if (r->outcome == PROPOSE_DONE) {
            CU_ASSERT_DOUBLE_EQUAL(r->objectives[1], e->result.objectives[1], 0);
            CU_ASSERT_DOUBLE_EQUAL(r->limits[0], e->result.limits[0], 0);
        }
    }
    replay_destroy(replay);
    table_destroy(table);
}

static void test_bayes_file_of_nothing(void)
{
    char digest[DIGEST_SIZE];
    size_t n_rows = 99;
    struct table *table = NULL;
    struct driver_log log = log_of(1.0);
    log.n = 0;
    write_file(harness_path("none.h5"), &log, 0, &n_rows, digest);
    CU_ASSERT_EQUAL(n_rows, 0);
    struct h5 *file = NULL;
    HARNESS_ASSERT_OK(h5_create(harness_comm(), harness_path("other.h5"), &file, &why));
    HARNESS_ASSERT_OK(h5_write_group(file, "/fit", &why));
    HARNESS_ASSERT_OK(h5_commit(file, digest, &why));
    file = open_file(harness_path("other.h5"));
    HARNESS_ASSERT_FAILS(bayes_file_read(file, "other.h5", &table, &why), STATUS_INPUT,
                         "other.h5: holds no Bayesian search");
    h5_close(file);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"keeps_every_evaluation", test_bayes_file_keeps_every_evaluation},
        {"keeps_what_was_learnt", test_bayes_file_keeps_what_was_learnt},
        {"has_a_frontier", test_bayes_file_has_a_frontier},
        {"digest_is_of_the_search_alone", test_bayes_file_digest_is_of_the_search_alone},
        {"reads_back_as_a_table", test_bayes_file_reads_back_as_a_table},
        {"of_nothing", test_bayes_file_of_nothing},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
