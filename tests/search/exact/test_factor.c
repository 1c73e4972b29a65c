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
                           {"factored_refuses_other_forms", test_factored_refuses_other_forms},
                           CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
