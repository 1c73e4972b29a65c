#include "search/bayes/variable.h"

#include "solver/base/rng.h"
#include "tests/harness.h"

static const double batches[] = {16.0, 40.0, 48.0, 300.0};
static const char *const formats[] = {"fp32", "bf16", "fp8"};
static const struct variable all[] = {
    {.name = "rate", .kind = VARIABLE_CONTINUOUS, .lower = -1.7, .upper = 4.1},
    {.name = "params", .kind = VARIABLE_CONTINUOUS, .lower = 1.3e6, .upper = 7e10, .is_log = true},
    {.name = "batch", .kind = VARIABLE_ORDINAL, .n_levels = 4, .values = batches},
    {.name = "format", .kind = VARIABLE_CATEGORICAL, .n_levels = 3, .labels = formats},
};
enum { N = sizeof all / sizeof *all };

static void test_variable_value_is_exact_at_the_bounds_and_even_between(void)
{
    CU_ASSERT_EQUAL(variable_value(&all[0], 0.0), -1.7);
    CU_ASSERT_EQUAL(variable_value(&all[0], 1.0), 4.1);
    CU_ASSERT_DOUBLE_EQUAL(variable_value(&all[0], 0.3), 0.04, 1e-15);
    CU_ASSERT_EQUAL(variable_value(&all[1], 0.0), 1.3e6);
    CU_ASSERT_EQUAL(variable_value(&all[1], 1.0), 7e10);
    HARNESS_ASSERT_REL(variable_value(&all[1], 0.5), sqrt(1.3e6 * 7e10), 1e-14);
    /* A width beyond the largest number. */
    const struct variable wide = {.kind = VARIABLE_CONTINUOUS, .lower = -1.5e308, .upper = 1.7e308};
    HARNESS_ASSERT_REL(variable_value(&wide, 0.75), 0.9e308, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(variable_coordinate(&wide, 0.9e308), 0.75, 1e-15);
}

static void test_variable_level_cuts_the_line_into_equal_cells(void)
{
    static const double u[] = {-0.4, 0.0, 0.249, 0.2501, 0.74, 0.7501, 1.0, 1.9};
    static const size_t level[] = {0, 0, 0, 1, 2, 3, 3, 3};
    for (size_t i = 0; i < sizeof level / sizeof *level; i++) {
        CU_ASSERT_EQUAL(variable_level(&all[2], u[i]), level[i]);
    }
    CU_ASSERT_EQUAL(variable_level(&all[2], (double)NAN), 0);
    CU_ASSERT_EQUAL(variable_value(&all[2], 0.6), 48.0);
    CU_ASSERT_EQUAL(variable_value(&all[3], 0.6), 1.0);
}

static void test_variable_snap_gives_what_exists_and_is_idempotent(void)
{
    double u[N] = {1.2, -0.1, 0.6, 0.99}, again[N];
    static const double wanted[N] = {1.0, 0.0, 2.5 / 4.0, 2.5 / 3.0};
    variable_snap(N, all, u);
    for (size_t i = 0; i < N; i++) {
        CU_ASSERT_EQUAL(u[i], wanted[i]);
    }
    struct rng r;
    rng_init(&r, 5, RNG_TEST, 0);
    for (int k = 0; k < 1000; k++) {
        for (size_t i = 0; i < N; i++) {
            u[i] = 1.2 * rng_uniform(&r) - 0.1;
        }
        variable_snap(N, all, u);
        memcpy(again, u, sizeof u);
        variable_snap(N, all, again);
        CU_ASSERT_EQUAL(memcmp(again, u, sizeof u), 0);
    }
    /* Of any number of levels. */
    for (size_t n = 1; n < 2000; n++) {
        const struct variable v = {.kind = VARIABLE_CATEGORICAL, .n_levels = n};
        for (size_t k = 0; k < n; k += 1 + n / 7) {
            CU_ASSERT_EQUAL(variable_level(&v, variable_coordinate(&v, (double)k)), k);
        }
    }
}

static void test_variable_coordinate_leads_back(void)
{
    struct rng r;
    rng_init(&r, 6, RNG_TEST, 0);
    for (int k = 0; k < 1000; k++) {
        const double u = rng_uniform(&r);
        for (size_t i = 0; i < 2; i++) {
            const double back = variable_coordinate(&all[i], variable_value(&all[i], u));
            CU_ASSERT_DOUBLE_EQUAL(back, u, 1e-14);
        }
    }
    for (size_t i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(variable_coordinate(&all[2], batches[i]), ((double)i + 0.5) / 4.0);
    }
    CU_ASSERT_EQUAL(variable_coordinate(&all[3], 2.0), 2.5 / 3.0);
}

static void test_variable_coordinate_goes_to_the_nearest_value_that_exists(void)
{
    static const struct {
        size_t variable;
        double value, u;
    } cases[] = {
        {0, -3.0, 0.0},       {0, 17.0, 1.0},       {0, (double)NAN, 0.0}, {1, 0.0, 0.0},
        {1, -4.0, 0.0},       {1, 1e12, 1.0},       {2, 1.0, 0.5 / 4.0},   {2, 43.9, 1.5 / 4.0},
        {2, 44.0, 1.5 / 4.0}, {2, 44.1, 2.5 / 4.0}, {2, 1e9, 3.5 / 4.0},   {3, -1.0, 0.5 / 3.0},
        {3, 7.0, 2.5 / 3.0},  {3, 1.2, 1.5 / 3.0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CU_ASSERT_EQUAL(variable_coordinate(&all[cases[i].variable], cases[i].value), cases[i].u);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"value is exact at the bounds and even between",
         test_variable_value_is_exact_at_the_bounds_and_even_between},
        {"level cuts the line into equal cells",
         test_variable_level_cuts_the_line_into_equal_cells},
        {"snap gives what exists and is idempotent",
         test_variable_snap_gives_what_exists_and_is_idempotent},
        {"coordinate leads back", test_variable_coordinate_leads_back},
        {"coordinate goes to the nearest value that exists",
         test_variable_coordinate_goes_to_the_nearest_value_that_exists},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
