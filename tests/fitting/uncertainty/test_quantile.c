#include "fitting/uncertainty/quantile.h"

#include "tests/harness.h"

static void test_quantile_linear_is_that_of_numpy(void)
{
    const double x[] = {1.5, 2.25, 4.0, 8.5, 9.0};
    CU_ASSERT_EQUAL(quantile_linear(x, 5, 0.0), 1.5);
    CU_ASSERT_EQUAL(quantile_linear(x, 5, 1.0), 9.0);
    CU_ASSERT_EQUAL(quantile_linear(x, 5, 0.5), 4.0);
    CU_ASSERT_DOUBLE_EQUAL(quantile_linear(x, 5, 0.1), 1.8, 1e-15);   /* numpy.quantile */
    CU_ASSERT_DOUBLE_EQUAL(quantile_linear(x, 5, 0.93), 8.86, 1e-14); /* numpy.quantile */
    CU_ASSERT_EQUAL(quantile_linear(x, 1, 0.7), 1.5);
}

static void test_quantile_deviation_divides_by_one_less(void)
{
    const double x[] = {2.0, 4.5, 3.1};
    CU_ASSERT_DOUBLE_EQUAL(quantile_deviation(x, 3), 1.2529964086141667, 1e-15);
    CU_ASSERT_TRUE(isnan(quantile_deviation(x, 1)));
}

static void test_quantile_robust_deviation_ignores_an_outlier(void)
{
    double x[] = {1.0, 2.0, 1e9, 4.0, 5.5};
    /* Median 4; distances 3, 2, 1e9, 0, 1.5; their median 2. */
    CU_ASSERT_DOUBLE_EQUAL(quantile_robust_deviation(x, 5), 2.0 * 1.4826022185056018, 1e-14);
}

static void test_quantile_normal_has_tabulated_values(void)
{
    CU_ASSERT_DOUBLE_EQUAL(quantile_normal(0.975), 1.959963984540054, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(quantile_normal(0.9), 1.2815515655446004, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(quantile_normal(0.001), -3.090232306167814, 1e-11);
    CU_ASSERT_DOUBLE_EQUAL(quantile_normal(0.5), 0.0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(quantile_normal(1.0 - 1e-9), 5.997807015, 1e-6);
}

static void test_quantile_student_has_tabulated_values(void)
{
    HARNESS_ASSERT_REL(quantile_student(0.975, 1), 12.706204736174698, 1e-9);
    HARNESS_ASSERT_REL(quantile_student(0.95, 2), 2.919985580355516, 1e-9);
    HARNESS_ASSERT_REL(quantile_student(0.975, 7), 2.364624251592785, 1e-9);
    HARNESS_ASSERT_REL(quantile_student(0.05, 28), -1.701130934265931, 1e-9);
    HARNESS_ASSERT_REL(quantile_student(0.975, 235), 1.9701100622681, 1e-9);
    HARNESS_ASSERT_REL(quantile_student(0.9, 100000), quantile_normal(0.9), 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(quantile_student(0.5, 9), 0.0, 1e-9);
}

static void test_quantile_intervals(void)
{
    double x[] = {3.0, 1.0, 2.0, 5.0, 4.0};
    const struct fit_interval a = quantile_interval(2.9, x, 5, 0.5);
    CU_ASSERT_EQUAL(a.value, 2.9);
    CU_ASSERT_EQUAL(a.lower, 2.0);
    CU_ASSERT_EQUAL(a.upper, 4.0);
    HARNESS_ASSERT_REL(a.standard_error, sqrt(2.5), 1e-15);
    const struct fit_interval b = quantile_interval_normal(7.0, 0.5, 0.95, false);
    HARNESS_ASSERT_REL(b.lower, 7.0 - 0.979981992270027, 1e-12);
    HARNESS_ASSERT_REL(b.upper, 7.0 + 0.979981992270027, 1e-12);
    const struct fit_interval c = quantile_interval_normal(7.0, 7.0, 0.95, true);
    HARNESS_ASSERT_REL(c.lower * c.upper, 49.0, 1e-12);
    HARNESS_ASSERT_REL(log(c.upper / 7.0), 1.959963984540054, 1e-12);
    CU_ASSERT_TRUE(isnan(quantile_interval_normal(7.0, NAN, 0.95, true).lower));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"linear", test_quantile_linear_is_that_of_numpy},
        {"deviation", test_quantile_deviation_divides_by_one_less},
        {"robust", test_quantile_robust_deviation_ignores_an_outlier},
        {"normal", test_quantile_normal_has_tabulated_values},
        {"student", test_quantile_student_has_tabulated_values},
        {"intervals", test_quantile_intervals},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
