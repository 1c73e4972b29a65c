#include "search/optimise/starts.h"

#include <string.h>

#include "tests/harness.h"
#include "tests/search/optimise/problems.h"

static struct status_why why;

static void test_starts_solve_finds_the_cheapest_box(void)
{
    const struct allocate_problem p = problems_box();
    struct view v = view_of(&p);
    struct starts_found found;
    double u[3], x[3];
    status_clear(&why);
    HARNESS_ASSERT_OK(starts_solve(&v, u, &found, &why));
    view_point(&v, u, x);
    for (int i = 0; i < 3; i++) {
        HARNESS_ASSERT_REL(x[i], problems_side(i), 1e-4);
    }
    CU_ASSERT_EQUAL(found.n_starts, 24);
    CU_ASSERT_TRUE(found.n_agree >= 20);
    double again[3];
    HARNESS_ASSERT_OK(starts_solve(&v, again, &found, &why));
    CU_ASSERT_EQUAL(memcmp(u, again, sizeof u), 0);
}

/* Whole units: no derivative tells where to go. */
static void whole(const void *context, const double x[], double values[])
{
    (void)context;
    values[0] = 1.0 + fabs(x[0] - 3.3) + fabs(x[1] - 5.2) + fabs(x[2] - 0.4);
    values[1] = ceil(x[0]) + ceil(x[1]);
}

static void test_starts_solve_survives_steps(void)
{
    const struct allocate_problem p = {
        .n_variables = 3,
        .variables = {{0.0, 9.0, false}, {0.0, 9.0, false}, {0.0, 1.0, false}},
        .n_limits = 1,
        .limits = {{-INFINITY, 8.0}},
        .logarithmic = true,
        .evaluate = whole,
    };
    struct view v = view_of(&p);
    struct starts_found found;
    struct view_value value;
    double u[3];
    HARNESS_ASSERT_OK(starts_solve(&v, u, &found, &why));
    view_evaluate(&v, u, &value);
    CU_ASSERT_TRUE(value.worst <= 0.0);
    /* 3 whole units of the first and 5 of the second: off by .3 and .2 at best. */
    CU_ASSERT_TRUE(value.objective < log(1.6));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"box", test_starts_solve_finds_the_cheapest_box},
        {"steps", test_starts_solve_survives_steps},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
