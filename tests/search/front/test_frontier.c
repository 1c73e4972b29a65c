/* ranks: 1 2 3 4 7 */
#include "search/front/frontier.h"

#include "solver/base/team.h"
#include "tests/harness.h"
#include "tests/search/front/brute.h"
#include "tests/search/front/problems.h"

static struct status_why why;

enum { MOST_LEVELS = 8 };

/* Which rank offers a configuration: any rule must give the same rows. */
enum deal { SCATTERED, LAST_ONLY, BY_LEVEL };

static int owner(enum deal deal, const struct space *s, uint64_t i, int size)
{
    switch (deal) {
    case SCATTERED:
        return (int)(problems_hash(i) % (uint64_t)size);
    case BY_LEVEL:
        return (int)(i / space_n_decisions(s) % (uint64_t)size);
    case LAST_ONLY:
        break;
    }
    return size - 1;
}

static void merge(const struct problem *p, enum deal deal, size_t most_gathered,
                  struct frontier *made)
{
    const size_t n_scenarios = (size_t)space_n_scenarios(p->space);
    const int rank = team_rank(harness_comm()), size = team_size(harness_comm());
    struct pareto *local[MOST_LEVELS] = {NULL};
    double x[PROBLEM_MAX_OBJECTIVES];

    for (uint64_t i = space_size(p->space); i-- > 0;) { /* backwards: order must not matter */
        if (owner(deal, p->space, i, size) != rank || !brute_evaluate(p, i, x)) {
            continue;
        }
        struct pareto **front = &local[i / space_n_decisions(p->space)];
        if (*front == NULL) {
            HARNESS_ASSERT_OK(pareto_create(p->n_objectives, front, &why));
        }
        HARNESS_ASSERT_OK(pareto_offer(*front, 1, x, 1, NULL, i, &why));
    }
    for (size_t s = 0; s < n_scenarios; s++) {
        if (local[s] != NULL) {
            HARNESS_ASSERT_OK(pareto_settle(local[s], &why));
        }
    }
    HARNESS_ASSERT_OK(
        frontier_merge(harness_comm(), p, local, n_scenarios, most_gathered, made, &why));
    for (size_t s = 0; s < n_scenarios; s++) {
        CU_ASSERT_PTR_NULL(local[s]);
    }
}

static void check(size_t m, size_t n_levels, size_t n_decisions, uint64_t seed, uint64_t n_values)
{
    struct space space;
    const struct problems_hashed h = {seed, n_values, m};
    struct problem p = {
        .space = &space, .n_objectives = m, .evaluate = problems_evaluate_hashed, .context = &h};
    struct frontier want, got;

    space_init(&space);
    problems_axis(&space, "decision", SPACE_DECISION, 1, 2, n_decisions);
    problems_axis(&space, "scenario", SPACE_SCENARIO, 1, 2, n_levels);
    p.objectives[m - 1].maximise = true;
    brute_frontier(&p, &want);
    const enum deal deals[] = {SCATTERED, LAST_ONLY, BY_LEVEL};
    for (size_t d = 0; d < 6; d++) {
        merge(&p, deals[d % 3], d < 3 ? FRONTIER_MOST_GATHERED : 0, &got);
        CU_ASSERT(brute_same_rows(&got, &want));
        CU_ASSERT(got.n_survivors >= got.n_rows);
        frontier_clear(&got);
    }
    frontier_clear(&want);
    space_clear(&space);
}

static void test_merged_rows_equal_brute_force(void)
{
    for (size_t m = 1; m <= PROBLEM_MAX_OBJECTIVES; m++) {
        check(m, 1, 300, 10 + m, 8);
        check(m, 5, 90, 20 + m, 1000000);
        check(m, 3, 150, 30 + m, 4);
    }
    check(3, 2, 1500, 41, 1 << 20);
}

static void test_ranks_without_points_take_part(void)
{
    check(3, 1, 1, 51, 5);
    check(2, 2, 2, 52, 5);
}

/* All configurations equal in all objectives: one row a level, the lowest index. */
static void test_duplicates_are_counted_and_the_lowest_index_stays(void)
{
    struct space space;
    const struct problems_hashed h = {3, 1, 2};
    const struct problem p = {
        .space = &space, .n_objectives = 2, .evaluate = problems_evaluate_hashed, .context = &h};
    struct frontier got;

    space_init(&space);
    problems_axis(&space, "scenario", SPACE_SCENARIO, 1, 2, 3);
    problems_axis(&space, "decision", SPACE_DECISION, 1, 2, 40);
    for (size_t way = 0; way < 2; way++) {
        merge(&p, SCATTERED, way == 0 ? FRONTIER_MOST_GATHERED : 0, &got);
        CU_ASSERT_EQUAL(got.n_rows, 3);
        for (size_t i = 0; i < got.n_mine; i++) {
            CU_ASSERT_EQUAL(got.configurations[i], (got.first + i) * 40);
        }
        CU_ASSERT_EQUAL(got.n_duplicates, 3 * 39);
        frontier_clear(&got);
    }
    space_clear(&space);
}

static void test_nothing_feasible_gives_no_rows(void)
{
    struct space space;
    const struct problems_hashed h = {3, 9, 3};
    const struct problem p = {.space = &space,
                              .n_objectives = 2,
                              .n_constraints = 1,
                              .constraints = {{.lower = 50, .upper = 60}},
                              .evaluate = problems_evaluate_hashed,
                              .context = &h};
    struct frontier got;

    space_init(&space);
    problems_axis(&space, "decision", SPACE_DECISION, 1, 2, 40);
    merge(&p, SCATTERED, 0, &got);
    CU_ASSERT_EQUAL(got.n_rows, 0);
    CU_ASSERT_PTR_NOT_NULL(got.configurations);
    frontier_clear(&got);
    CU_ASSERT_PTR_NULL(got.configurations);
    space_clear(&space);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"merged_rows_equal_brute_force", test_merged_rows_equal_brute_force},
        {"ranks_without_points_take_part", test_ranks_without_points_take_part},
        {"duplicates_are_counted_and_the_lowest_index_stays",
         test_duplicates_are_counted_and_the_lowest_index_stays},
        {"nothing_feasible_gives_no_rows", test_nothing_feasible_gives_no_rows},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
