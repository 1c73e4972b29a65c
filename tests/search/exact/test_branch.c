/* ranks: 1 2 3 */
#include "search/exact/branch.h"

#include "search/exact/stream.h"
#include "tests/harness.h"
#include "tests/search/exact/random_problem.h"

static struct status_why why;
static const struct path_options plain;
static struct random_problem made;

static void check_against_brute_force(const struct problem *p)
{
    struct frontier want, got;
    brute_frontier(p, &want);
    HARNESS_ASSERT_OK(branch_search(harness_comm(), p, &plain, &got, &why));
    CU_ASSERT(brute_same_rows(&got, &want));
    frontier_clear(&got);
    frontier_clear(&want);
}

static void test_bounded_rows_equal_brute_force(void)
{
    for (uint64_t seed = 1; seed <= 250; seed++) {
        random_problem(seed, 9, &made);
        check_against_brute_force(&made.problem);
        space_clear(&made.space);
    }
}

static void test_bounded_rows_of_partial_problems_equal_brute_force(void)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        random_problem(seed, 9, &made);
        random_gaps(seed, &made);
        check_against_brute_force(&made.problem);
        space_clear(&made.space);
    }
}

/* Axes long enough to be cut, so that boxes are bounded and pruned. */
static void test_bounded_rows_of_long_axes_equal_the_streamed(void)
{
    uint64_t n_evaluated = 0, n_all = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct frontier want, got;
        random_problem(1000 + seed, 61, &made);
        if (seed % 8 == 0) {
            random_gaps(seed, &made);
        }
        if (space_size(&made.space) < 2000000) {
            HARNESS_ASSERT_OK(stream_search(harness_comm(), &made.problem, &plain, &want, &why));
            HARNESS_ASSERT_OK(branch_search(harness_comm(), &made.problem, &plain, &got, &why));
            CU_ASSERT(brute_same_rows(&got, &want));
            n_evaluated += got.n_evaluated;
            n_all += space_size(&made.space);
            frontier_clear(&got);
            frontier_clear(&want);
        }
        space_clear(&made.space);
    }
    CU_ASSERT(n_evaluated < n_all / 10);
}

/* Inputs that follow from others, and whole levels. */
static void test_bounded_rows_of_dependent_inputs_equal_brute_force(void)
{
    static struct random_evaluated evaluated;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        random_evaluated(seed, 11, &evaluated);
        CU_ASSERT_PTR_NOT_NULL_FATAL(evaluated.problem.tables);
        check_against_brute_force(&evaluated.problem);
        random_evaluated_clear(&evaluated);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {{"bounded_rows_equal_brute_force", test_bounded_rows_equal_brute_force},
                           {"bounded_rows_of_partial_problems_equal_brute_force",
                            test_bounded_rows_of_partial_problems_equal_brute_force},
                           {"bounded_rows_of_long_axes_equal_the_streamed",
                            test_bounded_rows_of_long_axes_equal_the_streamed},
                           {"bounded_rows_of_dependent_inputs_equal_brute_force",
                            test_bounded_rows_of_dependent_inputs_equal_brute_force},
                           CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
