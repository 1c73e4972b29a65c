#include "search/exact/layout.h"

#include "tests/harness.h"
#include "tests/search/exact/random_problem.h"

static struct status_why why;
static struct random_problem made;

static void test_layout_keeps_every_option_of_the_frontier(void)
{
    size_t n_left_out = 0;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        struct layout l;
        struct frontier want;
        random_problem(seed, 7, &made);
        layout_make(&made.problem, &l);
        brute_frontier(&made.problem, &want);
        for (uint64_t s = 0; s < space_n_scenarios(&made.space); s++) {
            uint32_t *options = NULL;
            size_t n = 0;
            HARNESS_ASSERT_OK(layout_survivors(&l, s, &options, &n, &why));
            n_left_out += l.n_options - n;
            for (size_t i = 0; i < want.n_rows; i++) {
                size_t levels[SPACE_MAX_AXES] = {0}, again[SPACE_MAX_AXES];
                if (want.configurations[i] / space_n_decisions(&made.space) != s) {
                    continue;
                }
                bool found = false;
                space_levels(&made.space, want.configurations[i], levels);
                CU_ASSERT_EQUAL(layout_index(&l, levels), want.configurations[i]);
                for (size_t k = 0; k < n && !found; k++) {
                    memcpy(again, levels, sizeof again);
                    layout_option(&l, options[k], again);
                    layout_scenario(&l, s, again);
                    found = memcmp(again, levels, sizeof again) == 0;
                }
                CU_ASSERT(found);
            }
            free(options);
        }
        frontier_clear(&want);
        space_clear(&made.space);
    }
    CU_ASSERT(n_left_out > 0);
}

static void test_layout_takes_long_axes_for_the_core(void)
{
    struct layout l;
    static const double one = 1.0;
    const struct tables_outcome tables = {.n_products = 1, .products = {{1, {{&one, {0}}}}}};
    struct space s;
    space_init(&s);
    problems_axis(&s, "params", SPACE_DECISION, 1, 2, 400);
    problems_axis(&s, "device", SPACE_DECISION, 1, 2, 6);
    problems_axis(&s, "tokens", SPACE_DECISION, 1, 2, 300);
    problems_axis(&s, "mfu", SPACE_SCENARIO, 1, 2, 90);
    const struct problem p = {.space = &s, .n_objectives = 1, .tables = &tables};
    layout_make(&p, &l);
    CU_ASSERT_EQUAL(l.n_core, 2);
    CU_ASSERT_STRING_EQUAL(s.axes[l.core[0]].name, "params");
    CU_ASSERT_STRING_EQUAL(s.axes[l.core[1]].name, "tokens");
    CU_ASSERT_EQUAL(l.n_options, 6);
    space_clear(&s);
}

/* What rounding to 40 bits hides is no reason to prefer an option: then the lower index stays. */
static void test_layout_keeps_options_that_rounding_makes_equal(void)
{
    double by_size[40], by_device[2] = {1.0, 1.0};
    struct space s;
    struct layout l;
    struct frontier want;
    space_init(&s);
    problems_axis(&s, "device", SPACE_DECISION, 1, 2, 2);
    problems_axis(&s, "params", SPACE_DECISION, 1, 2, 40);
    for (size_t i = 0; i < 40; i++) {
        by_size[i] = 3.7 + (double)i;
    }
    made.tables[0] = (struct tables_outcome){
        .n_products = 1, .products = {{2, {{by_size, {0, 1}}, {by_device, {1, 0}}}}}};
    made.space = s;
    const struct problem p = {.space = &made.space,
                              .n_objectives = 1,
                              .evaluate = random_evaluate,
                              .context = &made,
                              .tables = made.tables};
    made.problem = p;
    layout_make(&p, &l);
    for (int k = 0; k < 2; k++) {
        uint32_t *options = NULL;
        size_t n = 0;
        by_device[0] = 1.0 + (k == 0 ? 1e-13 : 1e-9); /* the first is dearer */
        HARNESS_ASSERT_OK(layout_survivors(&l, 0, &options, &n, &why));
        CU_ASSERT_EQUAL(n, k == 0 ? 2 : 1);
        CU_ASSERT_EQUAL(options[0], k == 0 ? 0 : 1);
        brute_frontier(&p, &want);
        CU_ASSERT_EQUAL(want.configurations[0], k == 0 ? 0 : 40);
        frontier_clear(&want);
        free(options);
    }
    space_clear(&made.space);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"keeps_every_option_of_the_frontier", test_layout_keeps_every_option_of_the_frontier},
        {"keeps_options_that_rounding_makes_equal",
         test_layout_keeps_options_that_rounding_makes_equal},
        {"takes_long_axes_for_the_core", test_layout_takes_long_axes_for_the_core},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
