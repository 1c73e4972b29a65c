#include "search/bayes/seen.h"

#include "tests/harness.h"

static struct propose_problem make_problem(void)
{
    return (struct propose_problem){
        .n_variables = 1,
        .n_objectives = 2,
        .objectives = {{.maximise = true, .ideal = NAN, .reference = 0.25},
                       {.is_log = true, .ideal = 0.5, .reference = NAN}},
        .n_limits = 1,
        .limits = {{.lower = -(double)INFINITY, .upper = 3.7}},
        .n_initial = 3,
    };
}

static struct propose_result done(double first, double second, double limit)
{
    return (struct propose_result){
        .outcome = PROPOSE_DONE, .objectives = {first, second}, .limits = {limit}};
}

static void test_seen_values_are_minimised_and_logarithms(void)
{
    const struct propose_problem problem = make_problem();
    const struct propose_result result = done(0.83, 7.2, 3.9);
    double values[3];
    CU_ASSERT(seen_values(&problem, &result, values));
    CU_ASSERT_EQUAL(values[0], -0.83);
    HARNESS_ASSERT_REL(values[1], log(7.2), 1e-15);
    CU_ASSERT_EQUAL(values[2], 3.9);
}

static void test_seen_counts_what_has_no_value_as_failed(void)
{
    const struct propose_problem problem = make_problem();
    const struct propose_result results[] = {{.outcome = PROPOSE_FAILED, .objectives = {0.4, 2.2}},
                                             done(0.83, -7.2, 1.0),
                                             done(0.83, 0.0, 1.0),
                                             done(NAN, 7.2, 1.0),
                                             done(0.83, 7.2, (double)INFINITY)};
    double values[3];
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        CU_ASSERT_FALSE(seen_values(&problem, &results[i], values));
    }
}

static void test_seen_limits_include_their_bounds(void)
{
    const struct propose_problem problem = make_problem();
    const double at[] = {3.7}, above[] = {3.7000001}, below[] = {-1e300};
    CU_ASSERT(seen_is_within(&problem, at));
    CU_ASSERT_FALSE(seen_is_within(&problem, above));
    CU_ASSERT(seen_is_within(&problem, below));
}

static void test_seen_box_comes_from_the_problem_or_the_first_that_were_done(void)
{
    const struct propose_problem problem = make_problem();
    /* The third that was done is the fourth; the last does not count. */
    const struct propose_result results[] = {done(0.3, 2.0, 0.0),
                                             {.outcome = PROPOSE_FAILED},
                                             done(0.9, 5.0, 9.0),
                                             done(0.6, 11.0, 0.0),
                                             done(7.0, 900.0, 0.0)};
    double ideal[2], reference[2];
    seen_box(&problem, 5, results, ideal, reference);
    HARNESS_ASSERT_REL(ideal[0], -0.9 - 0.1 * 0.6, 1e-14);
    CU_ASSERT_EQUAL(reference[0], -0.25);
    HARNESS_ASSERT_REL(ideal[1], log(0.5), 1e-14);
    HARNESS_ASSERT_REL(reference[1], log(11.0) + 0.1 * log(11.0 / 2.0), 1e-14);
}

static void test_seen_box_is_never_empty(void)
{
    const struct propose_problem problem = {
        .n_objectives = 1, .objectives = {{.ideal = NAN, .reference = NAN}}, .n_initial = 2};
    const struct propose_result same[] = {done(-4.0, 0.0, 0.0), done(-4.0, 0.0, 0.0)};
    double ideal, reference;
    seen_box(&problem, 2, same, &ideal, &reference);
    CU_ASSERT(ideal < -4.0 && -4.0 < reference);
    seen_box(&problem, 0, same, &ideal, &reference);
    CU_ASSERT(ideal < reference);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"minimised and logarithms", test_seen_values_are_minimised_and_logarithms},
        {"no value is failed", test_seen_counts_what_has_no_value_as_failed},
        {"limits include bounds", test_seen_limits_include_their_bounds},
        {"box", test_seen_box_comes_from_the_problem_or_the_first_that_were_done},
        {"box never empty", test_seen_box_is_never_empty},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
