/* ranks: 1 3 */
#include "search/front/trace.h"

#include <string.h>

#include "search/exact/branch.h"
#include "search/exact/stream.h"
#include "search/front/hypervolume.h"
#include "solver/base/team.h"
#include "tests/harness.h"
#include "tests/search/exact/random_problem.h"
#include "tests/search/front/problems.h"

static struct status_why why;
static struct random_problem made;

/* Two scenario levels of six designs, the second objective maximised. */
static void make_problem(struct space *s, struct problem *p)
{
    space_init(s);
    problems_axis(s, "place", SPACE_SCENARIO, 1, 2, 2);
    problems_axis(s, "size", SPACE_DECISION, 1.3, 12.1, 6);
    *p = (struct problem){.space = s,
                          .n_objectives = 2,
                          .objectives = {{.name = "loss_nat", .unit = "nat"},
                                         {.name = "accuracy_ratio", .maximise = true}}};
}

static const struct quality_box box = {.ideal = {1.7, 0.93}, .reference = {3.9, 0.1}};

static void test_a_sample_is_the_mean_of_the_levels(void)
{
    uint64_t indices[4] = {8, 2, 7, 3};
    double x[8] = {2.2, -0.6, 2.1, -0.41, 1.8, -0.2, 2.5, -0.3}; /* the last one adds nothing */
    const struct rows found = {.n = 4, .indices = indices, .x = x};
    const double area = 2.2 * 0.83, first = (3.9 - 2.1) * 0.31;
    const double second = (3.9 - 1.8) * 0.1 + (3.9 - 2.2) * 0.4;
    struct space s;
    struct problem p;
    struct trace *t = NULL;
    size_t n;
    make_problem(&s, &p);
    HARNESS_ASSERT_OK(trace_create(&p, &box, 2, &t, &why));
    CU_ASSERT(!trace_is_due(t) && trace_is_due(t) && !trace_is_due(t) && trace_is_due(t));
    HARNESS_ASSERT_OK(trace_take(t, &found, &why));
    const struct rows less = {.n = 1, .indices = indices, .x = x};
    HARNESS_ASSERT_OK(trace_take(t, &less, &why)); /* no search does this */
    trace_end(t, 17);
    double volumes[2] = {0.25, 0.5};
    const struct quality q = {.n_levels = 2, .volumes = volumes};
    trace_complete(t, &q);
    const struct trace_sample *all = trace_samples(t, &n);
    CU_ASSERT_EQUAL(n, 3);
    CU_ASSERT_DOUBLE_EQUAL(all[0].volume, (first + second) / area / 2, 1e-14);
    CU_ASSERT(all[0].items == 4 && all[0].rows == 4);
    CU_ASSERT_EQUAL(all[1].volume, all[0].volume);
    CU_ASSERT(all[2].volume == 0.375 && all[2].rows == 17 && all[2].second >= all[0].second);
    trace_destroy(t);
    space_clear(&s);
}

static void test_no_trace_is_never_due_and_a_long_sample_not_afforded(void)
{
    struct space s;
    struct problem p;
    struct trace *t = NULL;
    make_problem(&s, &p);
    CU_ASSERT(!trace_is_due(NULL));
    HARNESS_ASSERT_OK(trace_create(&p, &box, 1, &t, &why));
    CU_ASSERT(trace_is_due(t));
    CU_ASSERT(trace_affords(t, 1000));
    CU_ASSERT(!trace_affords(t, 100000000));
    trace_destroy(t);
    space_clear(&s);
}

typedef enum status search(MPI_Comm comm, const struct problem *problem,
                           const struct path_options *options, struct frontier *found,
                           struct status_why *reason);

/* Search with a trace on rank 0: the rows are the same, and no sample covers less than the one
 * before or more than the frontier. \return the samples taken before the last one */
static size_t check_search(search *path, const struct problem *p, size_t n_items)
{
    const bool is_first = team_rank(harness_comm()) == 0, is_alone = team_size(harness_comm()) == 1;
    const struct path_options plain = {0};
    const struct quality_options none = {0};
    struct path_options traced = {0};
    struct frontier want, got;
    struct quality_box own;
    struct quality q;
    size_t n = 0;
    quality_box_make(p, &own);
    if (is_first) {
        HARNESS_ASSERT_OK(trace_create(p, &own, 1, &traced.trace, &why));
    }
    HARNESS_ASSERT_OK(path(harness_comm(), p, &plain, &want, &why));
    HARNESS_ASSERT_OK(path(harness_comm(), p, &traced, &got, &why));
    CU_ASSERT(
        got.n_mine == want.n_mine
        && memcmp(got.configurations, want.configurations, got.n_mine * sizeof *got.configurations)
               == 0);
    HARNESS_ASSERT_OK(quality_measure(harness_comm(), p, &got, &own, &none, &q, &why));
    if (is_first) {
        trace_end(traced.trace, got.n_rows);
        trace_complete(traced.trace, &q);
        const struct trace_sample *all = trace_samples(traced.trace, &n);
        for (size_t i = 1; i < n; i++) {
            CU_ASSERT(all[i].volume >= all[i - 1].volume - (i + 1 < n ? 0.0 : 1e-12));
            CU_ASSERT(all[i].second >= all[i - 1].second && all[i].items >= all[i - 1].items);
        }
        if (is_alone && n > 1 && all[n - 2].items == n_items) { /* nothing was left to find */
            CU_ASSERT_DOUBLE_EQUAL(all[n - 2].volume, all[n - 1].volume, 1e-12);
        }
        CU_ASSERT(all[n - 1].rows == got.n_rows && (!is_alone || all[n - 1].items == n_items));
    }
    quality_clear(&q);
    frontier_clear(&got);
    frontier_clear(&want);
    trace_destroy(traced.trace);
    return n > 0 ? n - 1 : 0;
}

static void test_a_streamed_trace_rises_to_the_frontier(void)
{
    static const enum problems_kind kinds[] = {PROBLEMS_ZDT1, PROBLEMS_ZDT3, PROBLEMS_DTLZ2};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct space s;
        const struct problems_known known = {&s, kinds[k]};
        struct problem p = {.space = &s,
                            .n_objectives = problems_n_objectives(kinds[k]),
                            .evaluate = problems_evaluate_known,
                            .context = &known};
        space_init(&s);
        problems_axis(&s, "x1", SPACE_DECISION, 1, 0, 31); /* the best come last */
        problems_axis(&s, "x2", SPACE_DECISION, 1, 0, 29);
        problems_axis(&s, "x3", SPACE_DECISION, 1, 0, 23);
        const size_t n = check_search(stream_search, &p, stream_n_blocks(&s));
        CU_ASSERT(n > 0 || team_size(harness_comm()) > 1);
        space_clear(&s);
    }
}

static void test_a_bounded_trace_rises_to_the_frontier(void)
{
    size_t n_samples = 0;
    for (uint64_t seed = 1; seed <= 15; seed++) {
        size_t n_items;
        random_problem(2000 + seed, 23, &made);
        if (made.problem.n_objectives <= HYPERVOLUME_MOST_EXACT) {
            HARNESS_ASSERT_OK(branch_n_items(&made.problem, &n_items, &why));
            n_samples += check_search(branch_search, &made.problem, n_items);
        }
        space_clear(&made.space);
    }
    CU_ASSERT(n_samples > 0 || team_rank(harness_comm()) > 0);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"a sample is the mean of the levels", test_a_sample_is_the_mean_of_the_levels},
        {"no trace is never due and a long sample not afforded",
         test_no_trace_is_never_due_and_a_long_sample_not_afforded},
        {"a streamed trace rises to the frontier", test_a_streamed_trace_rises_to_the_frontier},
        {"a bounded trace rises to the frontier", test_a_bounded_trace_rises_to_the_frontier},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
