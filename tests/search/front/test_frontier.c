/* ranks: 1 2 3 4 7 */
#include "search/front/frontier.h"

#include "inputs/h5.h"
#include "solver/base/meter.h"
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

/* Two objectives of which one falls where the other rises: all are on the front. */
static void evaluate_line(const void *context, uint64_t begin, size_t n, double values[],
                          size_t stride)
{
    (void)context;
    for (size_t i = 0; i < n; i++) {
        values[i] = 2.385 + (double)(begin + i);
        values[stride + i] = -(double)(begin + i);
    }
}

static const struct problem line = {.n_objectives = 2, .evaluate = evaluate_line};
static const size_t row_bytes = 3 * sizeof(double); /* of two objectives and the index */

/* Counts of the merge of all ranks since \a before, and for the next time. */
static struct meter_counts merge_counts(struct meter_counts *before)
{
    struct meter_counts now[METER_N_PHASES], sum = {0};
    meter_read(now);
    const struct meter_counts *m = &now[METER_MERGE];
    sum.collectives = m->collectives - before->collectives; /* the same on all ranks */
    sum.messages = team_sum(harness_comm(), m->messages - before->messages);
    sum.sent_byte = team_sum(harness_comm(), m->sent_byte - before->sent_byte);
    sum.received_byte = team_sum(harness_comm(), m->received_byte - before->received_byte);
    *before = *m;
    return sum;
}

static void test_a_merge_of_few_rows_costs_what_the_model_says(void)
{
    enum { N = 4000 };
    struct space space;
    struct problem p = line;
    struct frontier got;
    struct meter_counts before = {0};
    const double size = team_size(harness_comm());

    space_init(&space);
    problems_axis(&space, "decision", SPACE_DECISION, 1, 2, N);
    p.space = &space;
    (void)merge_counts(&before);
    merge(&p, SCATTERED, N, &got);
    CU_ASSERT_EQUAL(got.n_rows, N);
    CU_ASSERT_EQUAL(got.n_survivors, N); /* each was one before the last filter too */
    frontier_clear(&got);
    const struct meter_counts cost = merge_counts(&before);
    CU_ASSERT_EQUAL(cost.messages, 0);
    /* Survivors, then rows, of each rank to all others; agreements are the rest. */
    const double want = (size - 1) * 2 * N * (double)row_bytes;
    CU_ASSERT((double)cost.received_byte >= want);
    CU_ASSERT((double)cost.received_byte <= 1.02 * want);
    CU_ASSERT(cost.collectives <= 20 + 4 * (uint64_t)size);
    space_clear(&space);
}

/* Rows that the dealing of chunks moves, when each rank has as many of the sorted ones. */
static double count_dealt(size_t n, int size)
{
    double moved = 0;
    for (int r = 0; r < size; r++) {
        const struct team_range has = team_share(n, r, size);
        size_t begin, end;
        h5_column_share(n, r, size, &begin, &end);
        const size_t low = begin > has.begin ? begin : has.begin;
        const size_t high = end < has.end ? end : has.end;
        moved += (double)(has.end - has.begin) - (high > low ? (double)(high - low) : 0.0);
    }
    return moved;
}

static void test_a_merge_of_many_rows_costs_what_the_model_says(void)
{
    enum { N = 200001 };
    struct space space;
    struct problem p = line;
    struct frontier got;
    struct rows mine = {0};
    struct meter_counts before = {0};
    const int rank = team_rank(harness_comm()), size = team_size(harness_comm());

    space_init(&space);
    problems_axis(&space, "decision", SPACE_DECISION, 1, 2, N);
    p.space = &space;
    HARNESS_ASSERT_OK(rows_create(2, N, &mine, &why));
    mine.n = 0;
    for (uint64_t i = 0; i < N; i++) {
        if (owner(SCATTERED, &space, i, size) == rank) {
            mine.indices[mine.n] = i;
            evaluate_line(NULL, i, 1, mine.x + 2 * mine.n++, 1);
        }
    }
    (void)merge_counts(&before);
    HARNESS_ASSERT_OK(frontier_sweep(harness_comm(), &p, 0, &mine, &got, &why));
    CU_ASSERT_EQUAL(got.n_rows, N);
    CU_ASSERT_EQUAL(got.n_survivors, N); /* each was one before the last filter too */
    frontier_clear(&got);
    const struct meter_counts cost = merge_counts(&before);
    /* Scattered rows go to their places in the order, and then to those of their chunks. */
    const double ranks = size;
    const double moved = N * (ranks - 1) / ranks + count_dealt(N, size);
    /* Samples go to all; 64 a rank. */
    const double samples = 64 * ranks * (ranks - 1);
    CU_ASSERT_DOUBLE_EQUAL((double)cost.received_byte, (moved + samples) * (double)row_bytes,
                           0.05 * (moved + samples) * (double)row_bytes);
    /* Two moves, each of the indices and of one objective after the other. */
    CU_ASSERT(cost.messages <= 2 * (2 + 1) * (uint64_t)(size * (size - 1)));
    CU_ASSERT(size == 1 || cost.messages >= 2 * (uint64_t)(size * (size - 1)));
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
        {"a_merge_of_few_rows_costs_what_the_model_says",
         test_a_merge_of_few_rows_costs_what_the_model_says},
        {"a_merge_of_many_rows_costs_what_the_model_says",
         test_a_merge_of_many_rows_costs_what_the_model_says},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
