#include "search/optimise/nested.h"

#include "tests/harness.h"

static double quartic(void *context, double x)
{
    ++*(int *)context;
    return pow(x - 0.337, 4.0) + 0.21 * (x - 0.337) * (x - 0.337);
}

static double falling(void *context, double x)
{
    ++*(int *)context;
    return -x;
}

static void test_nested_minimise_finds_minima_inside_and_at_ends(void)
{
    int n = 0;
    CU_ASSERT_DOUBLE_EQUAL(nested_minimise(quartic, &n, -1.3, 0.9), 0.337, 1e-7);
    CU_ASSERT_TRUE(n < 40);
    CU_ASSERT_DOUBLE_EQUAL(nested_minimise(falling, &n, 0.2, 0.7), 0.7, 1e-7);
}

/* (x - 3)^2 + (y - 2)^2 with whole units of y bought: ceil(y) <= 2, and x + y in a window. */
static void stepped(const void *context, const double x[], double values[])
{
    (void)context;
    values[0] = (x[0] - 3.0) * (x[0] - 3.0) + (x[1] - 2.7) * (x[1] - 2.7);
    values[1] = ceil(x[1]);
    values[2] = x[0] + x[1];
}

static void test_nested_solve_meets_steps_and_windows(void)
{
    const struct allocate_problem p = {
        .n_variables = 2,
        .variables = {{0.0, 10.0, false}, {0.0, 10.0, false}},
        .n_limits = 2,
        .limits = {{-INFINITY, 2.0}, {5.3, 5.4}},
        .evaluate = stepped,
    };
    struct view v = view_of(&p);
    double u[2], x[2];
    nested_solve(&v, u);
    view_point(&v, u, x);
    CU_ASSERT_TRUE(x[1] <= 2.0 && x[0] + x[1] >= 5.3 - 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(x[1], 2.0, 1e-12); /* the last bit that is still two whole units */
    CU_ASSERT_DOUBLE_EQUAL(x[0], 3.3, 1e-7);
}

/* Two valleys; the deeper is the right one. */
static void two_valleys(const void *context, const double x[], double values[])
{
    (void)context;
    values[0] =
        1.0 - 0.8 * exp(-pow((x[0] - 2.0) / 0.7, 2.0)) - 0.9 * exp(-pow((x[0] - 7.1) / 0.6, 2.0));
    values[1] = x[0] * x[0];
}

static void test_nested_solve_takes_the_deeper_valley_within_limits(void)
{
    struct allocate_problem p = {
        .n_variables = 1, .variables = {{0.0, 10.0, false}}, .evaluate = two_valleys};
    struct view v = view_of(&p);
    double u, x;
    nested_solve(&v, &u);
    view_point(&v, &u, &x);
    CU_ASSERT_DOUBLE_EQUAL(x, 7.1, 1e-6);
    p.n_limits = 1;
    p.limits[0] = (struct allocate_limit){-INFINITY, 36.0};
    v = view_of(&p);
    nested_solve(&v, &u);
    view_point(&v, &u, &x);
    CU_ASSERT_DOUBLE_EQUAL(x, 2.0, 1e-6);
    p.limits[0] = (struct allocate_limit){30.03, 30.03}; /* an equation leaves one point */
    v = view_of(&p);
    nested_solve(&v, &u);
    view_point(&v, &u, &x);
    HARNESS_ASSERT_REL(x, sqrt(30.03), 1e-14);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"minimise", test_nested_minimise_finds_minima_inside_and_at_ends},
        {"steps", test_nested_solve_meets_steps_and_windows},
        {"valleys", test_nested_solve_takes_the_deeper_valley_within_limits},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
