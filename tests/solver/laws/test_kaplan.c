#include "solver/laws/kaplan.h"

#include "tests/solver/laws/derivatives.h"

/* Kaplan et al. 2020, table 2: Nc, Dc, aN, aD. */
static const double published[] = {6.4e13, 1.8e13, 0.076, 0.103};

static void test_paper_kaplan2020_loss(void)
{
    CU_ASSERT_DOUBLE_EQUAL(derivatives_loss(&kaplan_law, published, 1e9, 1e10), 2.41965, 5e-6);
}

/* "An 8x larger model needs only 5x more data": the two terms keep their ratio at D ~ N^(aN/aD). */
static void test_paper_kaplan2020_data_grow_slower_than_models(void)
{
    double theta[LAW_MAX_PARAMETERS];
    law_transform(&kaplan_law, published, theta);
    const double small[] = {log(1e9), log(1e10)};
    const double large[] = {log(8e9), log(1e10) + 0.076 / 0.103 * log(8.0)};
    const double change = (kaplan_law.log_term(&kaplan_law, theta, 0, large)
                           - kaplan_law.log_term(&kaplan_law, theta, 1, large))
                          - (kaplan_law.log_term(&kaplan_law, theta, 0, small)
                             - kaplan_law.log_term(&kaplan_law, theta, 1, small));
    CU_ASSERT_DOUBLE_EQUAL(change, 0.0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(pow(8.0, 0.076 / 0.103), 4.64, 5e-3);
}

static void test_kaplan_derivatives_match_central_differences(void)
{
    const double x[] = {20.31, 23.17};
    derivatives_check(&kaplan_law, published, x);
    const double other[] = {3.1e9, 2.7e11, 0.31, 0.083};
    derivatives_check(&kaplan_law, other, x);
}

static void test_kaplan_is_the_family_of_terms_and_outer_exponent(void)
{
    double theta[LAW_MAX_PARAMETERS];
    law_transform(&kaplan_law, published, theta);
    const double x[] = {19.4, 24.1};
    const double sum = exp(kaplan_law.log_term(&kaplan_law, theta, 0, x))
                       + exp(kaplan_law.log_term(&kaplan_law, theta, 1, x));
    HARNESS_ASSERT_REL(kaplan_law.offset(&kaplan_law, theta)
                           + pow(sum, kaplan_law.outer(&kaplan_law, theta)),
                       kaplan_law.value(&kaplan_law, theta, x, NULL, NULL, NULL), 1e-14);
    CU_ASSERT_EQUAL(kaplan_law.offset(&kaplan_law, theta), 0.0);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"published loss", test_paper_kaplan2020_loss},
        {"8x needs 5x", test_paper_kaplan2020_data_grow_slower_than_models},
        {"derivatives", test_kaplan_derivatives_match_central_differences},
        {"family", test_kaplan_is_the_family_of_terms_and_outer_exponent},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
