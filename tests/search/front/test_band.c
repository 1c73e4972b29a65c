/* ranks: 1 3 */
#include "search/front/band.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/team.h"
#include "tests/harness.h"
#include "tests/search/front/brute.h"
#include "tests/search/front/problems.h"

static struct status_why why;

enum { N_AXIS = 9, N_SCENARIOS = 2, N_OBJECTIVES = 3, N_OUTCOMES = 4, N_DRAWS = 23 };

/* 2 scenario levels of 9 x 9 x 3 configurations. The loss is a law whose exponents move with the
 * draw by `spread`, the costs are whole numbers with many ties, and the constraint moves too. */
struct world {
    struct space space;
    struct problem problem; /* of draw k */
    double spread;
    size_t k;
    uint64_t n_asked; /* draws that were made on this rank */
};

static void evaluate(const void *context, uint64_t begin, size_t n, double values[], size_t stride)
{
    const struct world *w = context;
    const double a = w->spread * (double)(problems_hash(w->k * 2) % 1000) / 1000.0;
    const double b = w->spread * (double)(problems_hash(w->k * 2 + 1) % 1000) / 1000.0;
    for (size_t i = 0; i < n; i++) {
        size_t levels[SPACE_MAX_AXES];
        space_levels(&w->space, begin + i, levels);
        const double x = 1.0 + (double)levels[1], y = 1.0 + (double)levels[2];
        const double option = 1.0 + (double)levels[3];
        values[i] = 1.69 + pow(x, -0.3 - a) + 1.3 * pow(y, -0.4 - b) + 0.01 * (double)levels[0];
        values[stride + i] = x * y * option;
        values[2 * stride + i] = x * y / option + (double)levels[0];
        values[3 * stride + i] = x + y * (1.0 + 0.1 * a);
    }
}

static void world_make(double spread, struct world *w)
{
    static const char *const names[] = {"scenario", "x", "y", "option"};
    static const size_t n[] = {N_SCENARIOS, N_AXIS, N_AXIS, 3};
    *w = (struct world){.spread = spread};
    space_init(&w->space);
    for (size_t a = 0; a < 4; a++) {
        problems_axis(&w->space, names[a], a == 0 ? SPACE_SCENARIO : SPACE_DECISION, 1, 9, n[a]);
    }
    w->problem = (struct problem){
        .space = &w->space,
        .n_objectives = N_OBJECTIVES,
        .objectives = {{.name = "loss_nat"}, {.name = "cost"}, {.name = "other"}},
        .n_constraints = 1,
        .constraints = {{.name = "size", .lower = -(double)INFINITY, .upper = 14.2}},
        .evaluate = evaluate,
        .context = w};
}

static enum status draw(void *context, size_t k, const struct problem **problem,
                        struct frontier *made, struct status_why *unused)
{
    struct world *w = context;
    (void)unused;
    w->k = k;
    w->n_asked++;
    brute_frontier(&w->problem, made);
    made->n_mine = made->n_rows;
    *problem = &w->problem;
    return STATUS_OK;
}

/* A hundredth of the loss at the point estimate. */
static double tolerance(const void *context, uint64_t configuration)
{
    struct world point = *(const struct world *)context;
    double x[N_OBJECTIVES];
    point.k = 0;
    point.problem.context = &point;
    point.problem.space = &point.space;
    (void)brute_evaluate(&point.problem, configuration, x);
    return 0.01 * x[0];
}

/* The frontier of the point estimate with its rows dealt over the ranks. */
static void share_rows(struct frontier *f)
{
    const struct team_range share =
        team_share(f->n_rows, team_rank(harness_comm()), team_size(harness_comm()));
    f->first = share.begin;
    f->n_mine = share.end - share.begin;
    memmove(f->configurations, f->configurations + f->first, f->n_mine * sizeof(uint64_t));
    memmove(f->objectives, f->objectives + f->first * N_OBJECTIVES,
            f->n_mine * N_OBJECTIVES * sizeof(double));
}

static struct band_options options_of(struct world *w, const struct world *point,
                                      const struct frontier *f)
{
    return (struct band_options){.point = &point->problem,
                                 .frontier = f,
                                 .n_draws = N_DRAWS,
                                 .tolerance = tolerance,
                                 .tolerance_name = "a hundredth",
                                 .keep = 0.05,
                                 .most_candidates = 1000,
                                 .draw = draw,
                                 .context = w};
}

static struct band find(double spread, size_t most_candidates, const char *journal)
{
    struct world point, w;
    struct frontier f;
    struct band band;
    world_make(spread, &point);
    world_make(spread, &w);
    brute_frontier(&point.problem, &f);
    share_rows(&f);
    struct band_options options = options_of(&w, &point, &f);
    options.most_candidates = most_candidates;
    options.journal = journal;
    options.digest = "0123";
    HARNESS_ASSERT_OK(band_make(harness_comm(), &options, &band, &why));
    frontier_clear(&f);
    space_clear(&w.space);
    space_clear(&point.space);
    return band;
}

/* Regret of a configuration in the draw of \a w by looking at all of its level; NAN: infeasible. */
static double brute_regret(const struct world *w, uint64_t i)
{
    double x[N_OBJECTIVES], other[N_OBJECTIVES];
    const uint64_t n = space_n_decisions(&w->space), begin = i / n * n;
    if (!brute_evaluate(&w->problem, i, x)) {
        return (double)NAN;
    }
    double best = x[0];
    for (uint64_t k = begin; k < begin + n; k++) {
        if (brute_evaluate(&w->problem, k, other) && other[1] <= x[1] && other[2] <= x[2]) {
            best = fmin(best, other[0]);
        }
    }
    return x[0] - best;
}

static int compare(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

/* All that the band says of one configuration. */
static struct band_row brute_row(struct world *w, uint64_t configuration)
{
    struct band_row row = {.configuration = configuration};
    double regrets[N_DRAWS], x[N_OBJECTIVES];
    size_t n = 0;
    w->k = 0;
    (void)brute_evaluate(&w->problem, configuration, x);
    row.value = x[0];
    row.epsilon = 0.01 * x[0];
    for (size_t k = 1; k <= N_DRAWS; k++) {
        struct frontier f;
        w->k = k;
        const double regret = brute_regret(w, configuration);
        brute_frontier(&w->problem, &f);
        for (size_t i = 0; i < f.n_rows; i++) {
            row.membership += (f.configurations[i] == configuration) / (double)N_DRAWS;
        }
        frontier_clear(&f);
        if (!isnan(regret)) {
            regrets[n++] = regret;
            row.within += (regret <= row.epsilon) / (double)N_DRAWS;
        }
    }
    row.feasible = (double)n / (double)N_DRAWS;
    qsort(regrets, n, sizeof *regrets, compare);
    row.regret[2] = n > 0 ? 0.5 * (regrets[(n - 1) / 2] + regrets[n / 2]) : (double)NAN;
    return row;
}

static void check_row(const struct band_row *got, const struct band_row *want)
{
    static const double close = 1e-6; /* regrets are kept to 24 bits */
    CU_ASSERT_EQUAL(got->value, want->value);
    CU_ASSERT_EQUAL(got->epsilon, want->epsilon);
    CU_ASSERT_DOUBLE_EQUAL(got->within, want->within, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(got->feasible, want->feasible, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(got->membership, want->membership, 1e-12);
    if (isnan(want->regret[2])) {
        CU_ASSERT(isnan(got->regret[0]) && isnan(got->regret[2]) && isnan(got->regret[4]));
    } else {
        CU_ASSERT_DOUBLE_EQUAL(got->regret[2], want->regret[2], close);
        CU_ASSERT(0.0 <= got->regret[0] && got->regret[0] <= got->regret[1]
                  && got->regret[1] <= got->regret[2] && got->regret[2] <= got->regret[3]
                  && got->regret[3] <= got->regret[4]);
    }
}

static void test_band_rows_are_those_of_brute_force(void)
{
    struct world w, point;
    struct frontier f;
    world_make(0.25, &w);
    world_make(0.25, &point);
    brute_frontier(&point.problem, &f);
    struct band band = find(0.25, 1000, NULL);
    CU_ASSERT(band.all_candidates);
    CU_ASSERT_EQUAL(band.n_frontier, f.n_rows);
    size_t next = f.n_rows;
    for (size_t i = 0; i < f.n_rows; i++) {
        const struct band_row row = brute_row(&w, f.configurations[i]);
        CU_ASSERT_EQUAL(band.rows[i].configuration, row.configuration);
        check_row(&band.rows[i], &row);
    }
    for (uint64_t i = 0; i < space_size(&w.space); i++) {
        bool on_frontier = false;
        for (size_t k = 0; k < f.n_rows; k++) {
            on_frontier = on_frontier || f.configurations[k] == i;
        }
        const struct band_row row = brute_row(&w, i);
        if (!on_frontier && row.within >= 0.05) {
            CU_ASSERT(next < band.n_rows && band.rows[next].configuration == i);
            check_row(&band.rows[next], &row);
            next++;
        }
    }
    CU_ASSERT_EQUAL(next, band.n_rows);
    CU_ASSERT(next > f.n_rows);
    band_clear(&band);
    frontier_clear(&f);
    space_clear(&w.space);
    space_clear(&point.space);
}

static void test_band_of_draws_that_are_all_the_same_has_no_regret(void)
{
    struct band band = find(0.0, 1000, NULL);
    CU_ASSERT(band.n_frontier > 20);
    for (size_t i = 0; i < band.n_frontier; i++) {
        CU_ASSERT_EQUAL(band.rows[i].membership, 1.0);
        CU_ASSERT_EQUAL(band.rows[i].within, 1.0);
        CU_ASSERT_EQUAL(band.rows[i].feasible, 1.0);
        CU_ASSERT_EQUAL(band.rows[i].regret[4], 0.0);
    }
    for (size_t i = band.n_frontier; i < band.n_rows; i++) {
        CU_ASSERT_EQUAL(band.rows[i].membership, 0.0);
        CU_ASSERT_EQUAL(band.rows[i].within, 1.0);
    }
    band_clear(&band);
}

static void test_band_looks_at_the_most_frequent_of_each_level_and_counts_the_others(void)
{
    enum { MOST = 7 };
    struct band all = find(0.25, 1000, NULL), band = find(0.25, MOST, NULL);
    const uint64_t n_decisions = N_AXIS * N_AXIS * 3;
    CU_ASSERT(all.all_candidates && !band.all_candidates);
    CU_ASSERT_EQUAL(all.n_cut, 0);
    CU_ASSERT_EQUAL(band.n_candidates, N_SCENARIOS * MOST);
    CU_ASSERT_EQUAL(band.n_frontier, all.n_frontier);
    CU_ASSERT_EQUAL(memcmp(band.rows, all.rows, all.n_frontier * sizeof *all.rows), 0);
    /* All draws are scouts here, so none that was left out is on more frontiers of its level. */
    double least[N_SCENARIOS] = {1.0, 1.0};
    size_t n[N_SCENARIOS] = {0}, n_seen = 0;
    for (size_t i = band.n_frontier; i < band.n_rows; i++) {
        const size_t level = (size_t)(band.rows[i].configuration / n_decisions);
        least[level] = fmin(least[level], band.rows[i].membership);
        n[level]++;
    }
    CU_ASSERT(n[0] == MOST && n[1] == MOST);
    for (size_t i = all.n_frontier, k = band.n_frontier; i < all.n_rows; i++) {
        n_seen += all.rows[i].membership > 0.0;
        if (k < band.n_rows && band.rows[k].configuration == all.rows[i].configuration) {
            CU_ASSERT_EQUAL(memcmp(&band.rows[k], &all.rows[i], sizeof *all.rows), 0);
            k++;
        } else {
            CU_ASSERT(all.rows[i].membership <= least[all.rows[i].configuration / n_decisions]);
        }
    }
    CU_ASSERT_EQUAL(band.n_cut, n_seen - N_SCENARIOS * MOST);
    CU_ASSERT(band.n_cut > 0);
    band_clear(&band);
    band_clear(&all);
}

static void test_band_goes_on_from_its_journal(void)
{
    char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s", harness_path("band.journal"));
    struct band first = find(0.25, 11, folder), again = find(0.25, 11, folder);
    CU_ASSERT_EQUAL(first.n_rows, again.n_rows);
    CU_ASSERT_EQUAL(memcmp(first.rows, again.rows, first.n_rows * sizeof *first.rows), 0);
    band_clear(&first);
    band_clear(&again);
}

static void test_band_errors(void)
{
    struct world point, w;
    struct frontier f;
    struct band band;
    world_make(0.25, &point);
    world_make(0.25, &w);
    brute_frontier(&point.problem, &f);
    share_rows(&f);
    struct band_options options = options_of(&w, &point, &f);
    options.n_draws = (size_t)1 << 40;
    HARNESS_ASSERT_FAILS(band_make(harness_comm(), &options, &band, &why), STATUS_INPUT,
                         "fewer draws, or longer steps");
    CU_ASSERT_PTR_NULL(band.rows);
    frontier_clear(&f);
    space_clear(&w.space);
    space_clear(&point.space);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"rows_are_those_of_brute_force", test_band_rows_are_those_of_brute_force},
        {"of_equal_draws_has_no_regret", test_band_of_draws_that_are_all_the_same_has_no_regret},
        {"of_a_large_space",
         test_band_looks_at_the_most_frequent_of_each_level_and_counts_the_others},
        {"goes_on_from_its_journal", test_band_goes_on_from_its_journal},
        {"errors", test_band_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
