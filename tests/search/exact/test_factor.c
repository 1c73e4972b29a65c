/* ranks: 1 2 3 */
#include "search/exact/factor.h"

#include "search/exact/branch.h"
#include "search/exact/stream.h"
#include "tests/harness.h"
#include "tests/search/exact/random_problem.h"

static struct status_why why;
static const struct path_options plain;
static struct random_problem made;

static void test_factored_rows_equal_the_streamed_and_the_bounded(void)
{
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct frontier want, got, bounded;
        random_factored(seed, &made);
        STATUS_ASSERT(factor_can(&made.problem));
        HARNESS_ASSERT_OK(stream_search(harness_comm(), &made.problem, &plain, &want, &why));
        HARNESS_ASSERT_OK(factor_search(harness_comm(), &made.problem, &plain, &got, &why));
        HARNESS_ASSERT_OK(branch_search(harness_comm(), &made.problem, &plain, &bounded, &why));
        CU_ASSERT(brute_same_rows(&got, &want));
        CU_ASSERT(brute_same_rows(&bounded, &want));
        frontier_clear(&want);
        frontier_clear(&got);
        frontier_clear(&bounded);
        space_clear(&made.space);
    }
}

/* Gaps in the value, in the work and in the figures of options. */
static void test_rows_of_partial_problems_are_equal_on_all_paths(void)
{
    uint64_t n_undefined = 0, n_rows = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct frontier want, streamed, got, bounded;
        random_factored(seed, &made);
        CU_ASSERT(factor_can(&made.problem));
        random_gaps(seed, &made);
        CU_ASSERT(factor_can(&made.problem));
        HARNESS_ASSERT_OK(stream_search(harness_comm(), &made.problem, &plain, &streamed, &why));
        HARNESS_ASSERT_OK(factor_search(harness_comm(), &made.problem, &plain, &got, &why));
        HARNESS_ASSERT_OK(branch_search(harness_comm(), &made.problem, &plain, &bounded, &why));
        if (seed % 10 == 0) { /* every pair of configurations takes long */
            brute_frontier(&made.problem, &want);
            CU_ASSERT(brute_same_rows(&streamed, &want));
            frontier_clear(&want);
        }
        CU_ASSERT(brute_same_rows(&got, &streamed));
        CU_ASSERT(brute_same_rows(&bounded, &streamed));
        n_undefined += streamed.n_undefined;
        n_rows += streamed.n_rows;
        made.problem.is_partial = false; /* then NaN is an error, which tables do not show */
        CU_ASSERT(streamed.n_undefined == 0 || !factor_can(&made.problem));
        CU_ASSERT(streamed.n_undefined == 0 || !branch_can(&made.problem));
        frontier_clear(&streamed);
        frontier_clear(&got);
        frontier_clear(&bounded);
        space_clear(&made.space);
    }
    CU_ASSERT(n_undefined > 0 && n_rows > 60);
}

static void test_factored_refuses_other_forms(void)
{
    random_factored(7, &made);
    struct problem p = made.problem;
    size_t cost = 0;
    while (made.tables[cost].n_products != 1) {
        cost++;
    }
    CU_ASSERT(factor_can(&p));
    p.objectives[cost].maximise = true;
    CU_ASSERT(!factor_can(&p));
    p.objectives[cost].maximise = false;
    made.tables[cost].rounds = true;
    CU_ASSERT(!factor_can(&p));
    made.tables[cost].rounds = false;
    p.n_constraints = 1;
    made.tables[p.n_objectives] = made.tables[cost];
    p.constraints[0] = (struct problem_constraint){.lower = 3.0, .upper = (double)INFINITY};
    CU_ASSERT(!factor_can(&p));
    p.constraints[0] = (struct problem_constraint){.lower = -(double)INFINITY, .upper = 3.0};
    CU_ASSERT(factor_can(&p));
    p.tables = NULL;
    CU_ASSERT(!factor_can(&p));
    space_clear(&made.space);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {{"factored_rows_equal_the_streamed_and_the_bounded",
                            test_factored_rows_equal_the_streamed_and_the_bounded},
                           {"rows_of_partial_problems_are_equal_on_all_paths",
                            test_rows_of_partial_problems_are_equal_on_all_paths},
                           {"factored_refuses_other_forms", test_factored_refuses_other_forms},
                           CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
