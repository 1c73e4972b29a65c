#include "search/optimise/newton.h"

#include "tests/harness.h"
#include "tests/search/optimise/problems.h"

/* The cheapest box, with a side moved by a factor at constant volume. */
static void near_box(const struct view *v, double factor, double u[])
{
    const double x[] = {problems_side(0) * factor, problems_side(1) / factor, problems_side(2)};
    view_coordinates(v, x, u);
}

static void test_newton_polish_finds_the_last_digits(void)
{
    const struct allocate_problem p = problems_box();
    struct view v = view_of(&p);
    double u[3], x[3];
    unsigned flat = 7;
    near_box(&v, 1.0003, u);
    CU_ASSERT_TRUE(newton_polish(&v, u, &flat));
    view_point(&v, u, x);
    for (int i = 0; i < 3; i++) {
        HARNESS_ASSERT_REL(x[i], problems_side(i), 1e-11);
    }
    CU_ASSERT_EQUAL(flat, 0);
}

static void test_newton_follow_goes_to_the_changed_problem(void)
{
    struct allocate_problem p = problems_box();
    struct view v = view_of(&p);
    double u[3], x[3];
    unsigned flat;
    near_box(&v, 1.0, u);
    p.limits[0].lower *= 1.3;
    v = view_of(&p);
    CU_ASSERT_TRUE(newton_follow(&v, u, 1, &flat));
    view_point(&v, u, x);
    HARNESS_ASSERT_REL(x[1], problems_side(1) * cbrt(1.3), 1e-11);
    /* A limit that would have to push: the cheapest box never wants to be at most this large. */
    p.limits[0] = (struct allocate_limit){-INFINITY, PROBLEMS_VOLUME};
    v = view_of(&p);
    near_box(&v, 1.0, u);
    CU_ASSERT_FALSE(newton_follow(&v, u, 1, &flat));
}

/* Only the product of the first two matters. */
static void product(const void *context, const double x[], double values[])
{
    const double log_product = log(x[0] * x[1]);
    (void)context;
    values[0] = 2.0 + (log_product - 0.4) * (log_product - 0.4) + (x[2] - 1.1) * (x[2] - 1.1);
}

static void test_newton_polish_names_what_can_move_together(void)
{
    const struct allocate_problem p = {
        .n_variables = 3,
        .variables = {{0.1, 10.0, true}, {0.1, 10.0, true}, {0.0, 3.0, false}},
        .logarithmic = true,
        .evaluate = product,
    };
    struct view v = view_of(&p);
    const double start[] = {2.0, exp(0.4) / 2.0 * 1.001, 1.1003};
    double u[3];
    unsigned flat = 0;
    view_coordinates(&v, start, u);
    CU_ASSERT_TRUE(newton_polish(&v, u, &flat));
    CU_ASSERT_EQUAL(flat, 3);
}

/* The third at least so much, and a limit on the others that happens to hold with equality. */
static void third_alone(const void *context, const double x[], double values[])
{
    (void)context;
    values[0] = x[2];
    values[1] = x[2] * x[0] * x[1];
    values[2] = x[0] * x[1];
    values[3] = x[0];
}

static void test_newton_polish_looks_beyond_limits_that_hold_nothing(void)
{
    const struct allocate_problem p = {
        .n_variables = 3,
        .variables = {{0.1, 10.0, true}, {0.1, 10.0, true}, {0.1, 30.0, true}},
        .n_limits = 3,
        .limits = {{5.0, INFINITY}, {2.5, 2.5}, {-INFINITY, 1.7}},
        .logarithmic = true,
        .evaluate = third_alone,
    };
    struct view v = view_of(&p);
    const double corner[] = {1.7, 2.5 / 1.7, 2.0};
    double u[3];
    unsigned flat = 0;
    view_coordinates(&v, corner, u);
    CU_ASSERT_TRUE(newton_polish(&v, u, &flat));
    CU_ASSERT_EQUAL(flat, 3);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"polish", test_newton_polish_finds_the_last_digits},
        {"follow", test_newton_follow_goes_to_the_changed_problem},
        {"idle_limits", test_newton_polish_looks_beyond_limits_that_hold_nothing},
        {"flat", test_newton_polish_names_what_can_move_together},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
