/* ranks: 1 3 4 */
#include "search/front/quality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/front/hypervolume.h"
#include "search/front/thin.h"
#include "solver/base/team.h"
#include "tests/harness.h"
#include "tests/search/front/problems.h"

static struct status_why why;

enum { MOST = 130000 };

/* A space of so many scenario levels and decisions, and objectives a, b, ...; b is made large. */
static void make_problem(size_t n_scenarios, size_t n_decisions, size_t m, struct space *s,
                         struct problem *p)
{
    memset(s, 0, sizeof *s);
    s->n_axes = 2;
    s->axes[0] = (struct space_axis){.name = "level", .role = SPACE_SCENARIO, .n = n_scenarios};
    s->axes[1] = (struct space_axis){.name = "choice", .role = SPACE_DECISION, .n = n_decisions};
    memset(p, 0, sizeof *p);
    p->space = s;
    p->n_objectives = m;
    for (size_t j = 0; j < m; j++) {
        p->objectives[j].name[0] = (char)('a' + j);
    }
    p->objectives[1].maximise = true;
}

/* Rows of the frontier that this rank of \a comm holds, of \a n rows in all. */
static void share_rows(MPI_Comm comm, size_t m, size_t n, uint64_t *configurations,
                       double *objectives, struct frontier *f)
{
    const struct team_range mine = team_share(n, team_rank(comm), team_size(comm));
    *f = (struct frontier){.n_rows = n,
                           .n_objectives = m,
                           .first = mine.begin,
                           .n_mine = mine.end - mine.begin,
                           .configurations = configurations + mine.begin,
                           .objectives = objectives + mine.begin * m};
}

static uint64_t configurations[MOST];
static double objectives[MOST * 5];

/* Two levels on the curves a b = const; untidy, the second level of one row. */
static void test_the_volume_is_that_of_the_shares_of_the_box(void)
{
    struct space s;
    struct problem p;
    struct frontier f;
    struct quality q;
    const struct quality_box box = {.ideal = {1.0, 7.0}, .reference = {100.0, 3.0}};
    make_problem(3, 10, 2, &s, &p);
    const double x[3][2] = {{10.0, 4.0}, {31.0, 6.5}, {1.7, 5.0}};
    const uint64_t index[3] = {2, 9, 23};
    memcpy(objectives, x, sizeof x);
    memcpy(configurations, index, sizeof index);
    share_rows(harness_comm(), 2, 3, configurations, objectives, &f);
    HARNESS_ASSERT_OK(
        quality_measure(harness_comm(), &p, &f, &box, &(struct quality_options){0}, &q, &why));
    CU_ASSERT_EQUAL(q.n_levels, 3);
    CU_ASSERT_EQUAL(q.n_picks, 0);
    /* a spans two decades: (1 - .5) x 1/4; from 1.4914 on, of b the part from 4 to 6.5. */
    const double first = 0.5 * 0.25 + (1.0 - log10(31.0) / 2.0) * 2.5 / 4.0;
    CU_ASSERT_DOUBLE_EQUAL(q.volumes[0], first, 1e-14);
    CU_ASSERT_EQUAL(q.volumes[1], 0.0);
    CU_ASSERT_DOUBLE_EQUAL(q.volumes[2], (1.0 - log10(1.7) / 2.0) * 0.5, 1e-14);
    CU_ASSERT_EQUAL(q.standard_errors[0], 0.0);
    quality_clear(&q);
}

/* A front of random rows on a simplex, so that none dominates another, level after level. */
static void make_front(size_t m, size_t n_levels, size_t n_decisions, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double rest = 1.0;
        configurations[i] = i * n_levels / n * n_decisions + i;
        for (size_t j = 0; j < m; j++) {
            const double u = (double)(problems_hash(i * m + j) % 1000003u) / 1000003.0;
            double x = j + 1 < m ? rest * u : rest;
            rest -= x;
            objectives[i * m + j] = j == 1 ? -1.0 - x : 1.0 + x;
        }
    }
}

static void check_same(const struct quality *a, const struct quality *b)
{
    CU_ASSERT_EQUAL(a->n_levels, b->n_levels);
    CU_ASSERT_EQUAL_FATAL(a->n_picks, b->n_picks);
    CU_ASSERT(memcmp(a->volumes, b->volumes, a->n_levels * sizeof *a->volumes) == 0);
    CU_ASSERT(memcmp(a->standard_errors, b->standard_errors, a->n_levels * sizeof *a->volumes)
              == 0);
    size_t n_same = 0;
    for (size_t i = 0; i < a->n_picks; i++) {
        n_same += a->picks[i].row == b->picks[i].row && a->picks[i].order == b->picks[i].order
                  && a->picks[i].is_box == b->picks[i].is_box
                  && a->picks[i].is_knee == b->picks[i].is_knee;
    }
    CU_ASSERT_EQUAL(n_same, a->n_picks);
}

/* The same as one rank finds alone: small and large, exact and sampled, levels within and across
 * ranks. */
static void test_any_number_of_ranks_gives_the_same(void)
{
    static const struct {
        size_t m, n_levels, n;
    } cases[] = {{2, 5, 37}, {3, 1, 2000}, {4, 7, 1000}, {5, 2, 800}, {2, 1, MOST}};
    const struct quality_options options = {.n_points = 5, .epsilon = 0.2, .seed = 3};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const size_t m = cases[k].m, n = cases[k].n;
        struct space s;
        struct problem p;
        struct frontier f;
        struct quality together, alone;
        struct quality_box box;
        for (size_t j = 0; j < m; j++) {
            box.ideal[j] = j == 1 ? -1.0 : 1.0;
            box.reference[j] = j == 1 ? -2.0 : 2.0;
        }
        make_problem(cases[k].n_levels, n, m, &s, &p);
        make_front(m, cases[k].n_levels, n, n);
        share_rows(harness_comm(), m, n, configurations, objectives, &f);
        HARNESS_ASSERT_OK(quality_measure(harness_comm(), &p, &f, &box, &options, &together, &why));
        share_rows(MPI_COMM_SELF, m, n, configurations, objectives, &f);
        HARNESS_ASSERT_OK(quality_measure(MPI_COMM_SELF, &p, &f, &box, &options, &alone, &why));
        check_same(&together, &alone);
        CU_ASSERT_EQUAL(together.standard_errors[0] > 0.0, m > HYPERVOLUME_MOST_EXACT);
        CU_ASSERT(together.volumes[cases[k].n_levels - 1] > 0.0);
        quality_clear(&together);
        quality_clear(&alone);
    }
}

/* Of each level: what thin.h chooses of it. */
static void test_the_picks_are_those_of_each_level(void)
{
    enum { M = 3, LEVELS = 2, N = 300, HALF = N / LEVELS };
    const struct quality_options options = {.n_points = 4, .epsilon = 0.25};
    const struct quality_box box = {.ideal = {1, -1, 1}, .reference = {2, -2, 2}};
    struct space s;
    struct problem p;
    struct frontier f;
    struct quality q;
    double points[HALF * M], shares[HALF * M], sums[THIN_MOST_SUMS], weights[M];
    size_t greedy[4], boxes[HALF], n_greedy, n_boxes, n_marked = 0;
    make_problem(LEVELS, N, M, &s, &p);
    make_front(M, LEVELS, N, N);
    share_rows(harness_comm(), M, N, configurations, objectives, &f);
    HARNESS_ASSERT_OK(quality_measure(harness_comm(), &p, &f, &box, &options, &q, &why));
    for (size_t i = 0; i < HALF * M; i++) {
        const double x = objectives[HALF * M + i];
        points[i] = i % M == 1 ? -x : x;
    }
    thin_shares(M, HALF, points, shares);
    thin_sums(M, HALF, shares, sums);
    thin_weights(M, sums, weights);
    HARNESS_ASSERT_OK(thin_greedy(M, HALF, shares, 4, greedy, &n_greedy, &why));
    HARNESS_ASSERT_OK(thin_boxes(M, HALF, shares, 0.25, boxes, &n_boxes, &why));
    for (size_t i = 0; i < q.n_picks; i++) {
        CU_ASSERT(i == 0 || q.picks[i - 1].row < q.picks[i].row);
        if (q.picks[i].row < HALF) {
            continue;
        }
        const size_t at = (size_t)q.picks[i].row - HALF;
        CU_ASSERT(q.picks[i].order == 0 || greedy[q.picks[i].order - 1] == at);
        CU_ASSERT_EQUAL(q.picks[i].is_knee, thin_knee(M, HALF, shares, weights) == at);
        n_marked += q.picks[i].order > 0;
        n_boxes -= q.picks[i].is_box;
    }
    CU_ASSERT_EQUAL(n_marked, n_greedy);
    CU_ASSERT_EQUAL(n_boxes, 0);
    quality_clear(&q);
}

/* In five objectives one point has a box of known volume. */
static void test_a_sampled_volume_is_within_its_error(void)
{
    const struct quality_box box = {.ideal = {0, 1, 0, 0, 0}, .reference = {1, 0, 1, 1, 1}};
    const double x[5] = {0.1, 0.83, 0.2, 0.07, 0.31};
    struct space s;
    struct problem p;
    struct frontier f;
    struct quality q;
    make_problem(1, 10, 5, &s, &p);
    memcpy(objectives, x, sizeof x);
    configurations[0] = 4;
    share_rows(harness_comm(), 5, 1, configurations, objectives, &f);
    HARNESS_ASSERT_OK(
        quality_measure(harness_comm(), &p, &f, &box, &(struct quality_options){0}, &q, &why));
    CU_ASSERT(0.0 < q.standard_errors[0] && q.standard_errors[0] < 0.0023);
    CU_ASSERT_DOUBLE_EQUAL(q.volumes[0], 0.9 * 0.83 * 0.8 * 0.93 * 0.69,
                           4.0 * q.standard_errors[0]);
    quality_clear(&q);
}

/* b has no value at the first choice. */
static void evaluate(const void *context, uint64_t begin, size_t n, double values[], size_t stride)
{
    const struct space *s = context;
    for (size_t i = 0; i < n; i++) {
        size_t levels[SPACE_MAX_AXES];
        space_levels(s, begin + i, levels);
        values[i] = 1.5 * (double)levels[1] - 0.25 * (double)levels[0];
        values[stride + i] = levels[1] == 0 ? (double)INFINITY : 7.0 / (double)levels[1];
    }
}

static void test_the_box_is_that_of_the_space(void)
{
    struct space s;
    struct problem p;
    struct quality_box box;
    make_problem(3, 11, 2, &s, &p);
    p.evaluate = evaluate;
    p.context = &s;
    quality_box_make(&p, &box);
    CU_ASSERT_EQUAL(box.ideal[0], -0.5);
    CU_ASSERT_EQUAL(box.reference[0], 15.0);
    CU_ASSERT_EQUAL(box.ideal[1], 0.7); /* of the corners with a value */
    CU_ASSERT_EQUAL(box.reference[1], 0.7);

    /* With tables, the least and greatest of the sum of products. */
    const double levels[3] = {2.0, 1.5, 3.0};
    double choices[11], offsets[11];
    for (size_t i = 0; i < 11; i++) {
        choices[i] = i == 4 ? (double)NAN : 5.0 + fabs((double)i - 6.0);
        offsets[i] = -(double)i;
    }
    struct tables_outcome tables[2] = {{.n_products = 2}, {.n_products = 1}};
    tables[0].products[0] = (struct tables_product){
        2, {{.values = levels, .stride = {1, 0}}, {.values = choices, .stride = {0, 1}}}};
    tables[0].products[1] = (struct tables_product){1, {{.values = offsets, .stride = {0, 1}}}};
    tables[1].products[0] = (struct tables_product){1, {{.values = choices, .stride = {0, 1}}}};
    tables[1].has_rate = true;
    tables[1].rate = (struct tables_table){.values = levels, .stride = {1, 0}};
    p.tables = tables;
    quality_box_make(&p, &box);
    CU_ASSERT_EQUAL(box.ideal[0], 1.5 * 5.0 - 10.0);
    CU_ASSERT_EQUAL(box.reference[0], 3.0 * 11.0);
    CU_ASSERT_EQUAL(box.ideal[1], 3.0 * 11.0); /* made large */
    CU_ASSERT_EQUAL(box.reference[1], 1.5 * 5.0);
}

static void test_an_empty_frontier_has_none(void)
{
    const struct quality_options options = {.n_points = 3, .epsilon = 0.1};
    const struct quality_box box = {.ideal = {0, 1}, .reference = {1, 0}};
    struct space s;
    struct problem p;
    struct frontier f;
    struct quality q;
    make_problem(2, 10, 2, &s, &p);
    share_rows(harness_comm(), 2, 0, configurations, objectives, &f);
    HARNESS_ASSERT_OK(quality_measure(harness_comm(), &p, &f, &box, &options, &q, &why));
    CU_ASSERT(q.volumes[0] == 0.0 && q.volumes[1] == 0.0);
    CU_ASSERT_EQUAL(q.n_picks, 0);
    quality_clear(&q);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"the volume is that of the shares of the box",
         test_the_volume_is_that_of_the_shares_of_the_box},
        {"any number of ranks gives the same", test_any_number_of_ranks_gives_the_same},
        {"the picks are those of each level", test_the_picks_are_those_of_each_level},
        {"a sampled volume is within its error", test_a_sampled_volume_is_within_its_error},
        {"the box is that of the space", test_the_box_is_that_of_the_space},
        {"an empty frontier has none", test_an_empty_frontier_has_none},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
