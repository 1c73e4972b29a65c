#include "search/bayes/replay.h"

#include <string.h>

#include "tests/harness.h"

static struct status_why why;

static bool is_below_ten(const void *context, const double values[])
{
    (void)context;
    return values[1] < 10.0;
}

/* A learning rate, a width of three levels and an optimizer; a loss to minimise on a logarithmic
 * scale, and a memory that only an evaluation reveals. */
static struct propose_problem problem_of(void)
{
    static const double widths[] = {2, 3, 8.5};
    static const char *const labels[] = {"adam", "sgd"};
    return (struct propose_problem){
        .n_variables = 3,
        .variables =
            {{.name = "lr", .lower = 1e-4, .upper = 0.1, .is_log = true},
             {.name = "width", .kind = VARIABLE_ORDINAL, .n_levels = 3, .values = widths},
             {.name = "optimizer", .kind = VARIABLE_CATEGORICAL, .n_levels = 2, .labels = labels}},
        .n_objectives = 1,
        .objectives = {{.name = "loss", .is_log = true}},
        .n_limits = 1,
        .limits = {{.name = "memory"}},
        .is_allowed = is_below_ten,
    };
}

static enum status make(const struct propose_problem *p, const char *text, struct replay **made)
{
    struct table *table = NULL;
    HARNESS_ASSERT_OK(table_parse("past.csv", text, strlen(text), &table, &why));
    const enum status st = replay_create(p, table, made, &why);
    table_destroy(table);
    return st;
}

static void test_replay_keeps_the_designs_of_the_problem(void)
{
    const struct propose_problem p = problem_of();
    struct replay *r = NULL;
    HARNESS_ASSERT_OK(make(&p,
                           "note,memory,loss,optimizer,width,lr\n"
                           "first,10.5,2.385,sgd,8.5,0.0037\n"
                           "the same design,11,7,sgd,8.5,3.7e-3\n"
                           "no such width,10,2,sgd,4,0.0037\n"
                           "no such optimizer,10,2,lion,3,0.0037\n"
                           "beyond,10,2,sgd,3,0.2\n"
                           "nothing,10,2,sgd,,0.2\n"
                           "no memory,,2.5,adam,3,0.0037\n",
                           &r));
    CU_ASSERT_EQUAL(replay_n(r), 2);
    const struct propose_result *rows = replay_results(r);
    CU_ASSERT_EQUAL(rows[0].outcome, PROPOSE_DONE);
    CU_ASSERT_DOUBLE_EQUAL(rows[0].objectives[0], 2.385, 0);
    CU_ASSERT_DOUBLE_EQUAL(rows[0].limits[0], 10.5, 0);
    HARNESS_ASSERT_REL(variable_value(&p.variables[0], rows[0].u[0]), 0.0037, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(variable_value(&p.variables[1], rows[0].u[1]), 8.5, 0);
    CU_ASSERT_DOUBLE_EQUAL(variable_value(&p.variables[2], rows[0].u[2]), 1, 0);
    CU_ASSERT_EQUAL(rows[1].outcome, PROPOSE_FAILED);
    CU_ASSERT_EQUAL(rows[1].id, 1);
    replay_destroy(r);
    /* What the problem forbids is no design of it either. */
    struct propose_problem wide = p;
    static const double widths[] = {2, 3, 12};
    wide.variables[1].values = widths;
    HARNESS_ASSERT_FAILS(make(&wide, "memory,loss,optimizer,width,lr\n1,2,sgd,12,0.0037\n", &r),
                         STATUS_INPUT, "past.csv: none of its 1 rows is a design of this search");
    replay_destroy(NULL);
}

static void test_replay_evaluates_rows_alone(void)
{
    const struct propose_problem p = problem_of();
    struct replay *r = NULL;
    HARNESS_ASSERT_OK(make(&p,
                           "memory,loss,optimizer,width,lr\n"
                           "10.5,2.385,sgd,8.5,0.0037\n"
                           "11.5,2.5,sgd,2,0.0037\n"
                           ",2.5,adam,3,0.0037\n",
                           &r));
    const struct driver_evaluator e = replay_evaluator(r);
    const double there[] = {0.0037 * (1 + 1e-12), 2, 1}, empty[] = {0.0037, 3, 0},
                 absent[] = {0.0038, 2, 1};
    double outcomes[2];
    CU_ASSERT(replay_allows(r, there));
    CU_ASSERT(replay_allows(r, empty));
    CU_ASSERT_FALSE(replay_allows(r, absent));
    CU_ASSERT_EQUAL(e.begin(e.context, 7, 1, there, &why), DRIVER_RUNNING);
    CU_ASSERT_EQUAL(e.poll(e.context, outcomes, &why), DRIVER_DONE);
    CU_ASSERT_DOUBLE_EQUAL(outcomes[0], 2.5, 0);
    CU_ASSERT_DOUBLE_EQUAL(outcomes[1], 11.5, 0);
    CU_ASSERT_EQUAL(e.begin(e.context, 8, 1, empty, &why), DRIVER_RUNNING);
    CU_ASSERT_EQUAL(e.poll(e.context, outcomes, &why), DRIVER_FAILED);
    CU_ASSERT(harness_contains(why.message, "a row without outcomes"));
    status_clear(&why);
    CU_ASSERT_EQUAL(e.begin(e.context, 9, 1, absent, &why), DRIVER_FAILED);
    CU_ASSERT(harness_contains(why.message, "no row with this design"));
    status_clear(&why);
    e.cancel(e.context);
    replay_destroy(r);
}

static void test_replay_errors(void)
{
    const struct propose_problem p = problem_of();
    struct replay *r = NULL;
    HARNESS_ASSERT_FAILS(make(&p, "loss,optimizer,width,lr\n2,sgd,2,0.01\n", &r), STATUS_INPUT,
                         "past.csv: no column called memory");
    HARNESS_ASSERT_FAILS(make(&p, "memory,loss,optimizer,width\n1,2,sgd,2\n", &r), STATUS_INPUT,
                         "past.csv: no column called lr");
    HARNESS_ASSERT_FAILS(make(&p, "memory,loss,optimizer,width,lr\n1,2x,sgd,2,0.01\n", &r),
                         STATUS_INPUT, "past.csv:2:2: loss: 2x: expected a number");
    HARNESS_ASSERT_FAILS(make(&p, "memory,loss,optimizer,width,lr\n1,2,sgd,b,0.01\n", &r),
                         STATUS_INPUT, "past.csv:2:4: width: b: expected a number");
    HARNESS_ASSERT_FAILS(make(&p, "memory,loss,optimizer,width,lr\n1,0,sgd,2,0.01\n", &r),
                         STATUS_INPUT, "past.csv:2:2: loss: 0: must be > 0");
    CU_ASSERT_PTR_NULL(r);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"keeps_the_designs_of_the_problem", test_replay_keeps_the_designs_of_the_problem},
        {"evaluates_rows_alone", test_replay_evaluates_rows_alone},
        {"errors", test_replay_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
