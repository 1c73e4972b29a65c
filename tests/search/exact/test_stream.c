/* ranks: 1 2 3 4 7 */
#include "search/exact/stream.h"

#include "solver/base/interrupt.h"
#include "solver/base/team.h"
#include "tests/harness.h"
#include "tests/search/front/brute.h"
#include "tests/search/front/problems.h"

static struct status_why why;
static const struct path_options plain;

/* A space of 7 * 2 levels of scenarios and 1,183 decisions: several blocks, which end within
 * levels. */
static void make_space(struct space *s)
{
    space_init(s);
    problems_axis(s, "params", SPACE_DECISION, 1, 7.5, 13);
    problems_axis(s, "mfu", SPACE_SCENARIO, 0.2, 0.61, 7);
    problems_axis(s, "tokens", SPACE_DECISION, 1, 7.5, 91);
    problems_axis(s, "lifespan", SPACE_SCENARIO, 1, 4, 2);
}

static void check_against_brute_force(const struct problem *p)
{
    struct frontier want, got;
    brute_frontier(p, &want);
    HARNESS_ASSERT_OK(stream_search(harness_comm(), p, &plain, &got, &why));
    CU_ASSERT(brute_same_rows(&got, &want));
    CU_ASSERT_EQUAL(got.n_evaluated, space_size(p->space));
    CU_ASSERT_EQUAL(got.n_feasible, want.n_feasible);
    frontier_clear(&got);
    frontier_clear(&want);
}

static void test_streamed_rows_equal_brute_force(void)
{
    struct space space;
    make_space(&space);
    CU_ASSERT(stream_n_blocks(&space) >= 7);
    for (size_t m = 1; m <= 6; m++) {
        for (uint64_t n_values = 5; n_values < 2000000; n_values *= 400) {
            const struct problems_hashed h = {m, n_values, m};
            struct problem p = {.space = &space,
                                .n_objectives = m,
                                .evaluate = problems_evaluate_hashed,
                                .context = &h};
            check_against_brute_force(&p);
            p.objectives[0].maximise = true;
            check_against_brute_force(&p);
        }
    }
    space_clear(&space);
}

static void test_constraints_and_missing_values_make_infeasible(void)
{
    struct space space;
    const struct problems_hashed h = {8, 100, 5};
    struct problem p = {
        .space = &space,
        .n_objectives = 3,
        .n_constraints = 2,
        .constraints = {{.lower = -1.1, .upper = 20}, {.lower = 3.0, .upper = (double)INFINITY}},
        .evaluate = problems_evaluate_hashed,
        .context = &h};
    make_space(&space);
    check_against_brute_force(&p);
    p.constraints[0].upper = -1.0; /* one level of a hundred is left */
    check_against_brute_force(&p);
    p.constraints[0].lower = 1e9; /* nothing */
    check_against_brute_force(&p);
    space_clear(&space);
}

static void test_small_spaces_leave_ranks_idle(void)
{
    struct space space;
    const struct problems_hashed h = {9, 4, 2};
    const struct problem p = {
        .space = &space, .n_objectives = 2, .evaluate = problems_evaluate_hashed, .context = &h};
    space_init(&space);
    CU_ASSERT_EQUAL(stream_n_blocks(&space), 1);
    check_against_brute_force(&p); /* no axis: one configuration */
    problems_axis(&space, "params", SPACE_DECISION, 1, 2, 10);
    CU_ASSERT_EQUAL(stream_n_blocks(&space), 1);
    check_against_brute_force(&p);
    space_clear(&space);
}

static void test_thousands_of_scenario_levels(void)
{
    struct space space;
    const struct problems_hashed h = {10, 3, 2};
    const struct problem p = {
        .space = &space, .n_objectives = 2, .evaluate = problems_evaluate_hashed, .context = &h};
    space_init(&space);
    problems_axis(&space, "life", SPACE_SCENARIO, 1, 2, 5000);
    problems_axis(&space, "params", SPACE_DECISION, 1, 2, 3);
    check_against_brute_force(&p);
    space_clear(&space);
}

/* A problem of the literature on a grid, and its front on one rank. */
struct known {
    struct space space;
    struct problems_known context;
    struct problem problem;
    struct frontier front;
};

/* \param [in] n  levels of the first variable, of the second and of each of two more */
static void find_front(enum problems_kind kind, const size_t n[3], struct known *k)
{
    const bool is_zdt = problems_n_objectives(kind) == 2;
    /* The variables behind the first ones are best at 0, of DTLZ1 and DTLZ2 at a half. */
    const double low = kind == PROBLEMS_ZDT4 ? -5 : 0;
    const double high = kind == PROBLEMS_ZDT4 ? 5 : 1;
    const bool has_corner = is_zdt || kind == PROBLEMS_DTLZ7; /* where many are the same point */
    memset(k, 0, sizeof *k);
    space_init(&k->space);
    problems_axis(&k->space, "x1", SPACE_DECISION, has_corner ? 0 : 0.01, has_corner ? 1 : 0.97,
                  n[0]);
    problems_axis(&k->space, "x2", SPACE_DECISION,
                  is_zdt       ? low
                  : has_corner ? 0
                               : 0.03,
                  is_zdt       ? high
                  : has_corner ? 1
                               : 0.99,
                  n[1]);
    problems_axis(&k->space, "x3", SPACE_DECISION, low, high, n[2]);
    problems_axis(&k->space, "x4", SPACE_DECISION, low, high, n[2]);
    k->context = (struct problems_known){&k->space, kind};
    k->problem = (struct problem){.space = &k->space,
                                  .n_objectives = problems_n_objectives(kind),
                                  .evaluate = problems_evaluate_known,
                                  .context = &k->context};
    check_against_brute_force(&k->problem);
    HARNESS_ASSERT_OK(stream_search(harness_comm(), &k->problem, &plain, &k->front, &why));
}

static void forget(struct known *k)
{
    frontier_clear(&k->front);
    space_clear(&k->space);
}

static void test_paper_zdt_fronts(void)
{
    static const struct {
        enum problems_kind kind;
        size_t n[3], n_rows; /* where g is 1, every x1; of ZDT6 the ends are the same point */
    } cases[] = {{PROBLEMS_ZDT1, {83, 5, 4}, 83},
                 {PROBLEMS_ZDT2, {83, 4, 5}, 83},
                 {PROBLEMS_ZDT4, {71, 21, 5}, 71},
                 {PROBLEMS_ZDT6, {102, 4, 3}, 101}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct known k;
        find_front(cases[c].kind, cases[c].n, &k);
        CU_ASSERT_EQUAL(k.front.n_rows, cases[c].n_rows);
        for (size_t i = 0; i < k.front.n_mine; i++) {
            const double f1 = k.front.objectives[2 * i], f2 = k.front.objectives[2 * i + 1];
            const bool is_concave =
                cases[c].kind == PROBLEMS_ZDT2 || cases[c].kind == PROBLEMS_ZDT6;
            CU_ASSERT_DOUBLE_EQUAL(f2, is_concave ? 1 - f1 * f1 : 1 - sqrt(f1), 1e-11);
            CU_ASSERT(cases[c].kind != PROBLEMS_ZDT6 || f1 >= 0.2807753191);
        }
        forget(&k);
    }
}

/* Whether x lies in one of the intervals, each longer by \a margin at its upper end (shorter, where
 * that is negative): on a grid the best point of an interval is only near its end. */
static bool is_within(double x, size_t n, const double intervals[][2], double margin)
{
    bool within = false;
    for (size_t i = 0; i < n; i++) {
        within =
            within || (intervals[i][0] - fmax(margin, 0.0) <= x && x <= intervals[i][1] + margin);
    }
    return within;
}

/* Fronts in pieces: the intervals are those of the papers. */
static void test_paper_disconnected_fronts(void)
{
    static const double zdt3[][2] = {{0, 0.0830015349},
                                     {0.1822287280, 0.2577623634},
                                     {0.4093136748, 0.4538821041},
                                     {0.6183967944, 0.6525117038},
                                     {0.8233317983, 0.8518328654}};
    static const double dtlz7[][2] = {{0, 0.2514118360}, {0.6316265307, 0.8594008566}};
    struct known k;
    size_t n_inside = 0;
    find_front(PROBLEMS_ZDT3, (size_t[]){1001, 2, 2}, &k);
    for (size_t i = 0; i < k.front.n_mine; i++) {
        const double f1 = k.front.objectives[2 * i];
        CU_ASSERT(is_within(f1, 5, zdt3, 0.002));
        n_inside += is_within(f1, 5, zdt3, 0.0);
    }
    size_t n_wanted = 0;
    for (size_t i = 0; i <= 1000; i++) {
        n_wanted += is_within((double)i / 1000, 5, zdt3, 0.0);
    }
    CU_ASSERT_EQUAL(team_sum(harness_comm(), n_inside), n_wanted);
    forget(&k);

    find_front(PROBLEMS_DTLZ7, (size_t[]){41, 61, 2}, &k);
    n_inside = n_wanted = 0;
    for (size_t i = 0; i < k.front.n_mine; i++) {
        const double *f = k.front.objectives + 3 * i;
        CU_ASSERT(is_within(f[0], 2, dtlz7, 0.03) && is_within(f[1], 2, dtlz7, 0.03));
        n_inside += is_within(f[0], 2, dtlz7, 0.0) && is_within(f[1], 2, dtlz7, 0.0);
    }
    for (size_t i = 0; i < 41 * 61; i++) {
        n_wanted += is_within((double)(i / 61) / 40, 2, dtlz7, 0.0)
                    && is_within((double)(i % 61) / 60, 2, dtlz7, 0.0);
    }
    CU_ASSERT_EQUAL(team_sum(harness_comm(), n_inside), n_wanted);
    forget(&k);
}

static void test_paper_dtlz_fronts(void)
{
    struct known k;
    find_front(PROBLEMS_DTLZ1, (size_t[]){19, 23, 5}, &k);
    CU_ASSERT_EQUAL(k.front.n_rows, 19 * 23); /* x3 = x4 = 1/2, every x1 and x2 */
    for (size_t i = 0; i < k.front.n_mine; i++) {
        const double *f = k.front.objectives + 3 * i;
        CU_ASSERT_DOUBLE_EQUAL(f[0] + f[1] + f[2], 0.5, 1e-11);
    }
    forget(&k);
    find_front(PROBLEMS_DTLZ2, (size_t[]){19, 23, 5}, &k);
    CU_ASSERT_EQUAL(k.front.n_rows, 19 * 23);
    for (size_t i = 0; i < k.front.n_mine; i++) {
        const double *f = k.front.objectives + 3 * i;
        CU_ASSERT_DOUBLE_EQUAL(f[0] * f[0] + f[1] * f[1] + f[2] * f[2], 1, 1e-11);
    }
    forget(&k);
}

/* Hashed values, one of them spoiled. */
struct spoiled {
    struct problems_hashed hashed;
    uint64_t configuration;
    size_t outcome;
    double value;
    int rank; /* -1: on any */
};

static void evaluate_spoiled(const void *context, uint64_t begin, size_t n, double values[],
                             size_t stride)
{
    const struct spoiled *s = context;
    problems_evaluate_hashed(&s->hashed, begin, n, values, stride);
    if (begin <= s->configuration && s->configuration < begin + n
        && (s->rank < 0 || s->rank == team_rank(harness_comm()))) {
        values[s->outcome * stride + (s->configuration - begin)] = s->value;
    }
}

static void test_stream_errors(void)
{
    struct space space;
    struct frontier got;
    struct spoiled s = {{11, 50, 3}, 0, 1, (double)NAN, -1};
    struct problem p = {.space = &space,
                        .n_objectives = 2,
                        .objectives = {{.name = "loss_nat"}, {.name = "energy_kwh"}},
                        .n_constraints = 1,
                        .constraints = {{.lower = -2, .upper = 99}},
                        .evaluate = evaluate_spoiled,
                        .context = &s};
    make_space(&space);
    s.configuration = space_size(&space) - 1;
    HARNESS_ASSERT_FAILS(
        stream_search(harness_comm(), &p, &plain, &got, &why), STATUS_INPUT,
        "objective energy_kwh is not a number where it must be finite: configuration 16561 "
        "(mfu=0.61, lifespan=4, params=7.5, tokens=7.5)");
    CU_ASSERT_EQUAL(got.n_rows, 0);
    s.configuration = 0;
    s.outcome = 0;
    s.value = -(double)INFINITY;
    HARNESS_ASSERT_FAILS(stream_search(harness_comm(), &p, &plain, &got, &why), STATUS_INPUT,
                         "objective loss_nat is infinite where it must be finite: configuration 0 "
                         "(mfu=0.2, lifespan=1, params=1, tokens=1)");
    p.is_partial = true; /* an infinite objective is an error all the same */
    HARNESS_ASSERT_FAILS(stream_search(harness_comm(), &p, &plain, &got, &why), STATUS_INPUT,
                         "objective loss_nat is infinite where it must be finite");
    space_clear(&space);
}

/* Whichever outcome is NaN: the configuration is counted, and no row. */
static void test_stream_leaves_undefined_configurations_out(void)
{
    struct space space;
    struct frontier got;
    struct spoiled s = {{11, 50, 3}, 0, 0, (double)NAN, -1};
    struct problem p = {.space = &space,
                        .n_objectives = 2,
                        .objectives = {{.name = "loss_nat"}, {.name = "energy_kwh"}},
                        .n_constraints = 1,
                        .constraints = {{.lower = -2, .upper = (double)INFINITY}},
                        .is_partial = true,
                        .evaluate = evaluate_spoiled,
                        .context = &s};
    make_space(&space);
    HARNESS_ASSERT_OK(stream_search(harness_comm(), &p, &plain, &got, &why));
    STATUS_ASSERT(got.n_undefined == 1);
    frontier_clear(&got);
    for (s.outcome = 0; s.outcome < 3; s.outcome++) {
        for (s.configuration = 0; s.configuration < space_size(&space); s.configuration += 4001) {
            check_against_brute_force(&p);
            HARNESS_ASSERT_OK(stream_search(harness_comm(), &p, &plain, &got, &why));
            CU_ASSERT_EQUAL(got.n_undefined, 1);
            frontier_clear(&got);
        }
    }
    space_clear(&space);
}

/* The survivors of an earlier run are shared out by rank, so that this fails on one rank alone. */
static void test_a_failure_on_the_last_rank_only_stops_all(void)
{
    struct space space;
    struct frontier got;
    enum { N_SURVIVORS = 70 };
    uint64_t survivors[N_SURVIVORS];
    struct spoiled s = {{12, 50, 2}, 2 * N_SURVIVORS - 2, 0, (double)NAN, -1};
    const struct problem p = {.space = &space,
                              .n_objectives = 2,
                              .objectives = {{.name = "loss_nat"}, {.name = "energy_kwh"}},
                              .evaluate = evaluate_spoiled,
                              .context = &s};
    make_space(&space);
    for (size_t i = 0; i < N_SURVIVORS; i++) {
        survivors[i] = 2 * i;
    }
    unsigned char *done = malloc(stream_n_blocks(&space));
    memset(done, 1, stream_n_blocks(&space));
    const struct path_options options = {
        .done = done, .survivors = survivors, .n_survivors = N_SURVIVORS};
    s.rank = team_size(harness_comm()) - 1;
    HARNESS_ASSERT_FAILS(stream_search(harness_comm(), &p, &options, &got, &why), STATUS_INPUT,
                         "objective loss_nat is not a number");
    free(done);
    space_clear(&space);
}

/* A journal in memory: what the ranks recorded. */
struct journal {
    unsigned char *done;
    uint64_t *survivors;
    size_t n, stop_after, n_blocks_here;
};

static enum status keep_record(void *context, size_t block, const uint64_t survivors[], size_t n,
                               struct status_why *reason)
{
    struct journal *j = context;
    (void)reason;
    CU_ASSERT_EQUAL(j->done[block], 0);
    j->done[block] = 1;
    memcpy(j->survivors + j->n, survivors, n * sizeof *survivors);
    j->n += n;
    if (++j->n_blocks_here == j->stop_after) {
        interrupt_request();
    }
    return STATUS_OK;
}

/* Run until each rank has done \a stop_after blocks or is told to stop; unite the journals. */
static enum status run_part(const struct problem *p, struct journal *j, size_t stop_after,
                            struct frontier *got)
{
    void *all = NULL;
    size_t n_bytes, n_known = j->n;
    uint64_t *known = malloc((n_known + 1) * sizeof *known);
    unsigned char *done = malloc(stream_n_blocks(p->space));

    memcpy(known, j->survivors, n_known * sizeof *known);
    memcpy(done, j->done, stream_n_blocks(p->space));
    const struct path_options options = {.done = done,
                                         .survivors = known,
                                         .n_survivors = n_known,
                                         .record = keep_record,
                                         .context = j};
    j->stop_after = stop_after;
    j->n_blocks_here = 0;
    const enum status st = stream_search(harness_comm(), p, &options, got, &why);
    interrupt_clear();
    status_clear(&why);
    HARNESS_ASSERT_OK(team_gather(harness_comm(), j->survivors + n_known,
                                  (j->n - n_known) * sizeof *known, &all, &n_bytes, &why));
    memcpy(j->survivors + n_known, all, n_bytes);
    j->n = n_known + n_bytes / sizeof *known;
    team_fill(harness_comm(), j->done, stream_n_blocks(p->space));
    free(all);
    free(done);
    free(known);
    return st;
}

static void check_resume(const struct problem *p)
{
    struct frontier want, got;
    const size_t n_blocks = stream_n_blocks(p->space);
    struct journal j = {.done = calloc(n_blocks, 1)};
    size_t n_parts = 1;

    j.survivors = malloc(3 * (size_t)space_size(p->space) * sizeof *j.survivors);
    brute_frontier(p, &want);
    while (run_part(p, &j, 1, &got) == STATUS_CHECKPOINTED && n_parts < 100) {
        CU_ASSERT_EQUAL(got.n_rows, 0);
        n_parts++;
    }
    CU_ASSERT(n_parts > 1);
    CU_ASSERT(brute_same_rows(&got, &want));
    CU_ASSERT(j.n >= want.n_rows);
    CU_ASSERT(j.n < space_size(p->space) / 4); /* not simply everything */
    frontier_clear(&got);

    /* Survivors listed twice, and of blocks that are not marked as done, change nothing. */
    memcpy(j.survivors + j.n, j.survivors, j.n * sizeof *j.survivors);
    j.n *= 2;
    j.done[1] = 0;
    j.done[n_blocks - 1] = 0;
    CU_ASSERT_EQUAL(run_part(p, &j, SIZE_MAX, &got), STATUS_OK);
    CU_ASSERT(brute_same_rows(&got, &want));
    frontier_clear(&got);
    frontier_clear(&want);
    free(j.survivors);
    free(j.done);
}

static void test_interrupted_and_resumed_rows_are_the_same(void)
{
    struct space space;
    make_space(&space);
    for (uint64_t n_values = 30; n_values < 2000000; n_values *= 400) {
        const struct problems_hashed h = {14, n_values, 3};
        const struct problem p = {.space = &space,
                                  .n_objectives = 3,
                                  .objectives = {{.maximise = true}},
                                  .evaluate = problems_evaluate_hashed,
                                  .context = &h};
        check_resume(&p);
    }
    space_clear(&space);
}

static enum status refuse_record(void *context, size_t block, const uint64_t survivors[], size_t n,
                                 struct status_why *reason)
{
    (void)context;
    (void)survivors;
    (void)n;
    return block == 3 ? status_fail(reason, STATUS_IO, "disk full at block 3") : STATUS_OK;
}

static void test_a_failing_record_stops_all(void)
{
    struct space space;
    struct frontier got;
    const struct problems_hashed h = {15, 40, 2};
    const struct problem p = {
        .space = &space, .n_objectives = 2, .evaluate = problems_evaluate_hashed, .context = &h};
    const struct path_options options = {.record = refuse_record};
    make_space(&space);
    HARNESS_ASSERT_FAILS(stream_search(harness_comm(), &p, &options, &got, &why), STATUS_IO,
                         "disk full at block 3");
    space_clear(&space);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"streamed_rows_equal_brute_force", test_streamed_rows_equal_brute_force},
        {"constraints_and_missing_values_make_infeasible",
         test_constraints_and_missing_values_make_infeasible},
        {"small_spaces_leave_ranks_idle", test_small_spaces_leave_ranks_idle},
        {"thousands_of_scenario_levels", test_thousands_of_scenario_levels},
        {"paper_zdt_fronts", test_paper_zdt_fronts},
        {"paper_disconnected_fronts", test_paper_disconnected_fronts},
        {"paper_dtlz_fronts", test_paper_dtlz_fronts},
        {"stream_errors", test_stream_errors},
        {"stream_leaves_undefined_configurations_out",
         test_stream_leaves_undefined_configurations_out},
        {"a_failure_on_the_last_rank_only_stops_all",
         test_a_failure_on_the_last_rank_only_stops_all},
        {"interrupted_and_resumed_rows_are_the_same",
         test_interrupted_and_resumed_rows_are_the_same},
        {"a_failing_record_stops_all", test_a_failing_record_stops_all},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
