#include "solver/survival.h"

#include <math.h>

#include "tests/harness.h"

/* Weibull of mean 5 years: 3.16 and 4.54 years of service by year 5. */
static void test_survival_of_a_mean_of_five_years(void)
{
    HARNESS_ASSERT_REL(survival_service_year(SURVIVAL_EXPONENTIAL, 5.0, 5.0, 5.0), 3.16, 1e-3);
    HARNESS_ASSERT_REL(survival_service_year(SURVIVAL_WEIBULL, 5.0, 5.0, 5.0), 4.54, 1e-3);
    HARNESS_ASSERT_REL(survival_service_year(SURVIVAL_EXPONENTIAL, 5.0, 5.0, 5.0),
                       5.0 * (1.0 - exp(-1.0)), 1e-14);
    CU_ASSERT_EQUAL(survival_service_year(SURVIVAL_CONSTANT, 3.7, 5.0, 5.0), 3.7);
}

/* The integral by Simpson's rule. */
static double simpson(double year, double mean_year, double shape)
{
    enum { N = 4000 };
    const double scale = mean_year / tgamma(1.0 + 1.0 / shape), h = year / N;
    double sum = 0.0;
    for (int i = 0; i <= N; i++) {
        const double weight = i == 0 || i == N ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
        sum += weight * exp(-pow(i * h / scale, shape));
    }
    return sum * h / 3.0;
}

static void test_survival_is_the_integral_of_weibull(void)
{
    static const double shapes[] = {1.0, 1.7, 2.385, 5.0, 9.0}, years[] = {0.3, 2.9, 5.0, 11.0};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        for (size_t k = 0; k < sizeof years / sizeof *years; k++) {
            HARNESS_ASSERT_REL(survival_service_year(SURVIVAL_WEIBULL, years[k], 4.1, shapes[i]),
                               simpson(years[k], 4.1, shapes[i]), 1e-9);
        }
    }
}

static void test_survival_serves_at_most_the_lifespan_and_the_mean(void)
{
    static const double shapes[] = {0.31, 1.0, 5.0, 40.0};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        double before = 0.0;
        for (double year = 1e-6; year < 60.0; year *= 1.5) {
            const double served = survival_service_year(SURVIVAL_WEIBULL, year, 5.0, shapes[i]);
            CU_ASSERT(served >= before && served <= year * (1.0 + 1e-12) && served <= 5.0);
            before = served;
        }
        if (shapes[i] >= 1.0) {
            HARNESS_ASSERT_REL(before, 5.0, 1e-4);
        }
    }
}

static void test_survival_models_have_names(void)
{
    CU_ASSERT_STRING_EQUAL(survival_name(SURVIVAL_CONSTANT), "constant");
    CU_ASSERT_STRING_EQUAL(survival_name(SURVIVAL_EXPONENTIAL), "exponential");
    CU_ASSERT_STRING_EQUAL(survival_name(SURVIVAL_WEIBULL), "weibull");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {{"of_a_mean_of_five_years", test_survival_of_a_mean_of_five_years},
                           {"is_the_integral_of_weibull", test_survival_is_the_integral_of_weibull},
                           {"serves_at_most_the_lifespan_and_the_mean",
                            test_survival_serves_at_most_the_lifespan_and_the_mean},
                           {"models_have_names", test_survival_models_have_names},
                           CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
