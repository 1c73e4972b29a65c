#include "search/exact/bounds.h"

#include "tests/harness.h"
#include "tests/search/exact/random_problem.h"

static struct status_why why;
static struct random_problem made;
static struct bounds bounds;

/* A random box: of each core axis a node some halvings down. */
static void random_box(struct rng *r, struct pyramid_node nodes[])
{
    for (size_t c = 0; c < bounds.layout.n_core; c++) {
        nodes[c] = pyramid_root(made.space.axes[bounds.layout.core[c]].n);
        for (size_t k = random_below(r, 6); k > 0 && nodes[c].end - nodes[c].begin > 1; k--) {
            nodes[c] = rng_uniform(r) < 0.5 ? pyramid_lower(nodes[c]) : pyramid_upper(nodes[c]);
        }
    }
}

/* Whether a configuration keeps to the bounds of its box. */
static bool keeps(const double best[], const double worst[], bool feasible, const double x[],
                  bool x_feasible)
{
    bool all = feasible || !x_feasible;
    for (size_t i = 0; x_feasible && feasible && i < bounds.n_objectives; i++) {
        all = all && best[i] <= x[i] && x[i] <= worst[i];
    }
    return all;
}

/* Configurations of a box, drawn. */
static size_t count_outside(struct rng *r, const struct pyramid_node nodes[], size_t levels[],
                            const size_t at[])
{
    double best[PROBLEM_MAX_OBJECTIVES] = {0}, worst[PROBLEM_MAX_OBJECTIVES] = {0};
    uint32_t numbers[SPACE_MAX_AXES] = {0};
    size_t n_outside = 0;
    for (size_t c = 0; c < bounds.layout.n_core; c++) {
        numbers[c] = (uint32_t)nodes[c].number;
    }
    const bool feasible = bounds_best(&bounds, at, numbers, best);
    for (size_t i = 0; i < bounds.n_objectives; i++) {
        worst[i] = bounds_worst(&bounds, at, numbers, i);
    }
    for (size_t k = 0; k < 12; k++) {
        double x[PROBLEM_MAX_OBJECTIVES] = {0};
        for (size_t c = 0; c < bounds.layout.n_core; c++) {
            levels[bounds.layout.core[c]] =
                nodes[c].begin + random_below(r, nodes[c].end - nodes[c].begin);
        }
        const bool x_feasible =
            brute_evaluate(&made.problem, layout_index(&bounds.layout, levels), x);
        n_outside += !keeps(best, worst, feasible, x, x_feasible);
    }
    return n_outside;
}

static void test_no_value_in_a_box_is_beyond_its_bounds(void)
{
    struct rng r;
    size_t n_outside = 0;
    rng_init(&r, 17, RNG_SIMULATE, 3);
    for (uint64_t seed = 1; seed <= 400; seed++) {
        random_problem(4000 + seed, 61, &made);
        HARNESS_ASSERT_OK(bounds_create(&made.problem, &bounds, &why));
        for (size_t k = 0; k < 250; k++) { /* 1e5 boxes */
            struct pyramid_node nodes[SPACE_MAX_AXES] = {{0}};
            size_t levels[SPACE_MAX_AXES] = {0}, at[BOUNDS_MOST_PYRAMIDS] = {0};
            layout_scenario(&bounds.layout,
                            random_below(&r, (size_t)space_n_scenarios(&made.space)), levels);
            layout_option(&bounds.layout, random_below(&r, (size_t)bounds.layout.n_options),
                          levels);
            bounds_place(&bounds, levels, at);
            random_box(&r, nodes);
            n_outside += count_outside(&r, nodes, levels, at);
        }
        bounds_clear(&bounds);
        space_clear(&made.space);
    }
    CU_ASSERT_EQUAL(n_outside, 0);
}

static void test_a_box_of_nothing_but_nan_is_infeasible(void)
{
    double entries[4] = {2.385, (double)NAN, (double)NAN, (double)NAN};
    struct tables_outcome tables[1] = {
        {.n_products = 1, .products = {{1, {{.values = entries, .stride = {1}}}}}}};
    struct problem p = {
        .space = &made.space, .n_objectives = 1, .evaluate = random_evaluate, .tables = tables};
    double point[1];
    const size_t at[1] = {0};
    space_init(&made.space);
    problems_axis(&made.space, "a", SPACE_DECISION, 1, 4, 4);
    CU_ASSERT(!bounds_apply(&p));
    p.is_partial = true;
    CU_ASSERT(bounds_apply(&p));
    for (int maximise = 0; maximise < 2; maximise++) {
        p.objectives[0].maximise = maximise == 1;
        HARNESS_ASSERT_OK(bounds_create(&p, &bounds, &why));
        const struct pyramid_node root = pyramid_root(4);
        uint32_t number = (uint32_t)root.number;
        if (bounds.layout.n_core == 1) {
            CU_ASSERT(bounds_best(&bounds, at, &number, point));
            CU_ASSERT_DOUBLE_EQUAL(point[0], maximise == 1 ? -2.385 : 2.385, 1e-11);
            number = (uint32_t)pyramid_upper(root).number;
            CU_ASSERT(!bounds_best(&bounds, at, &number, point));
        } else { /* a short axis makes options */
            const size_t second[1] = {1};
            CU_ASSERT(bounds_best(&bounds, at, &number, point));
            CU_ASSERT(!bounds_best(&bounds, second, &number, point));
        }
        bounds_clear(&bounds);
    }
    entries[2] = (double)INFINITY;
    CU_ASSERT(!bounds_apply(&p));
    entries[2] = 1.7e308; /* finite, but not when rounded up in a sum */
    CU_ASSERT(bounds_apply(&p));
    tables[0].n_products = 2;
    tables[0].products[1] = tables[0].products[0];
    CU_ASSERT(!bounds_apply(&p));
    space_clear(&made.space);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"no_value_in_a_box_is_beyond_its_bounds", test_no_value_in_a_box_is_beyond_its_bounds},
        {"a_box_of_nothing_but_nan_is_infeasible", test_a_box_of_nothing_but_nan_is_infeasible},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
