#include "search/regret.h"

#include <stdlib.h>

#include "solver/base/rng.h"
#include "solver/optimum.h"
#include "tests/harness.h"

/* Of chi-squared with one degree of freedom: 5 and 95 % (Abramowitz and Stegun 1964, table 26.8).
 */
static void test_regret_of_one_draw_is_a_multiple_of_chi_squared(void)
{
    const struct regret_draw draw = {2.385e-3, 0.071};
    const struct regret made = regret_of(&draw, 1, 0.9);
    HARNESS_ASSERT_REL(made.expected_nat, 2.385e-3, 1e-15);
    HARNESS_ASSERT_REL(made.lower_nat, 2.385e-3 * 0.00393214, 1e-5);
    HARNESS_ASSERT_REL(made.upper_nat, 2.385e-3 * 3.84145882, 1e-8);
    HARNESS_ASSERT_REL(made.wasted_compute_ratio, 1.0 - exp(-2.385e-3 / 0.071), 1e-12);
    const struct regret_draw unknown[] = {draw, {(double)INFINITY, 0.071}};
    CU_ASSERT(isnan(regret_of(unknown, 2, 0.9).upper_nat));
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void test_regret_mixes_draws_as_a_sample_does(void)
{
    enum { DRAWS = 3, SAMPLE = 30000 };
    static const struct regret_draw draws[DRAWS] = {{3.1e-3, 0.05}, {7.7e-2, 0.11}, {4.4e-5, 0.02}};
    static double sample[DRAWS * SAMPLE];
    const struct regret made = regret_of(draws, DRAWS, 0.8);
    struct rng stream;
    double sum = 0.0;
    rng_init(&stream, 519, RNG_TEST, 0);
    for (size_t i = 0; i < DRAWS * SAMPLE; i++) {
        const double z = rng_normal(&stream);
        sample[i] = draws[i % DRAWS].expected_nat * z * z;
        sum += sample[i];
    }
    qsort(sample, DRAWS * SAMPLE, sizeof *sample, by_value);
    HARNESS_ASSERT_REL(made.expected_nat, sum / (DRAWS * SAMPLE), 0.02);
    HARNESS_ASSERT_REL(made.lower_nat, sample[DRAWS * SAMPLE / 10], 0.08);
    HARNESS_ASSERT_REL(made.upper_nat, sample[DRAWS * SAMPLE / 10 * 9], 0.03);
}

/* The optimum of Chinchilla's law is known to .4 in ln N: a normal error costs, in closed form, the
 * loss with the two exponentials at their lognormal means; a sample of exact regrets agrees. */
static void test_regret_of_chinchilla_is_nearly_that_of_its_curvature(void)
{
    enum { SAMPLE = 40000 };
    const double natural[] = {1.8172, 482.01, 2085.43, 0.3478, 0.3658}, sd = 0.4;
    const struct law *law = law_find("chinchilla");
    double theta[LAW_MAX_PARAMETERS], sum = 0.0;
    struct optimum best;
    struct rng stream;
    law_transform(law, natural, theta);
    CU_ASSERT_TRUE_FATAL(optimum_at(law, theta, 5.76e23, &best));
    rng_init(&stream, 520, RNG_TEST, 0);
    for (size_t i = 0; i < SAMPLE; i++) {
        const double params = best.params * exp(sd * rng_normal(&stream));
        sum += optimum_regret(law, theta, 5.76e23, params) / SAMPLE;
    }
    const double a = best.exponent_params, b = best.exponent_tokens;
    const double exact = (best.loss_nat - natural[0])
                         * (a * exp(0.5 * pow(natural[3] * sd, 2.0))
                            + b * exp(0.5 * pow(natural[4] * sd, 2.0)) - 1.0);
    HARNESS_ASSERT_REL(sum, exact, 0.03);
    const struct regret_draw draw = {0.5 * best.curvature_nat * sd * sd, best.slope_nat};
    HARNESS_ASSERT_REL(regret_of(&draw, 1, 0.9).expected_nat, exact, 0.01);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"one draw", test_regret_of_one_draw_is_a_multiple_of_chi_squared},
        {"draws", test_regret_mixes_draws_as_a_sample_does},
        {"chinchilla", test_regret_of_chinchilla_is_nearly_that_of_its_curvature},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
