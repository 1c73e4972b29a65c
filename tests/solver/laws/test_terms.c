#include "solver/laws/terms.h"

#include <string.h>

#include "solver/laws/chinchilla.h"
#include "solver/laws/kaplan.h"
#include "tests/harness.h"

static void test_terms_log_is_linear_in_theta(void)
{
    const double theta[] = {0.6, 6.2, 7.7, 0.35, 0.37};
    const double x[] = {20.0, 24.0};
    CU_ASSERT_DOUBLE_EQUAL(terms_log(&chinchilla_law, theta, 0, x), 6.2 - 7.0, 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(terms_log(&chinchilla_law, theta, 1, x), 7.7 - 8.88, 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(terms_offset(&chinchilla_law, theta), exp(0.6), 1e-15);
    CU_ASSERT_EQUAL(terms_outer(&chinchilla_law, theta), 1.0);
}

static void test_terms_of_a_law_without_a_floor_have_none(void)
{
    struct law law;
    memcpy(&law, &chinchilla_law, sizeof law);
    law.floor = -1;
    const double theta[] = {0.6, 6.2, 7.7, 0.35, 0.37};
    const double x[] = {20.0, 24.0};
    double d[LAW_MAX_PARAMETERS];
    const double with = terms_value(&chinchilla_law, theta, x, NULL, NULL, NULL);
    const double without = terms_value(&law, theta, x, d, NULL, NULL);
    HARNESS_ASSERT_REL(with - without, exp(0.6), 1e-14);
    CU_ASSERT_EQUAL(d[0], 0.0);
    CU_ASSERT_EQUAL(terms_offset(&kaplan_law, theta), 0.0);
}

static void test_terms_domain_asks_for_finite_inputs_of_one_unit(void)
{
    const double least[] = {0.0, 24.1};
    const double too_large[] = {INFINITY, 24.1};
    const double too_small[] = {3.0, -0.1};
    CU_ASSERT_TRUE(terms_in_domain(&chinchilla_law, least));
    CU_ASSERT_FALSE(terms_in_domain(&chinchilla_law, too_small));
    CU_ASSERT_FALSE(terms_in_domain(&chinchilla_law, too_large));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"logarithm", test_terms_log_is_linear_in_theta},
        {"no floor", test_terms_of_a_law_without_a_floor_have_none},
        {"domain", test_terms_domain_asks_for_finite_inputs_of_one_unit},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
