#include "solver/laws/chinchilla.h"

#include "tests/solver/laws/derivatives.h"

/* Hoffmann et al. 2022: as printed, and as the TeX source has it, E, A, B, alpha, beta. */
static const double rounded[] = {1.69, 406.4, 410.7, 0.34, 0.28};

static void test_paper_hoffmann2022_losses(void)
{
    const double tex[] = {exp(0.5267228), exp(6.0073404), exp(6.0179186), 0.33917084, 0.2849083};
    CU_ASSERT_DOUBLE_EQUAL(derivatives_loss(&chinchilla_law, rounded, 70e9, 1.4e12), 1.93665, 5e-6);
    CU_ASSERT_DOUBLE_EQUAL(derivatives_loss(&chinchilla_law, tex, 70e9, 1.4e12), 1.92085, 5e-6);
    CU_ASSERT_DOUBLE_EQUAL(derivatives_loss(&chinchilla_law, rounded, 280e9, 300e9), 1.99326, 5e-6);
}

static void test_chinchilla_derivatives_match_central_differences(void)
{
    const double natural[] = {1.817218, 477.8259, 2143.4174, 0.34731, 0.367172};
    const double x[] = {20.31, 23.17};
    derivatives_check(&chinchilla_law, natural, x);
    const double small[] = {17.9, 20.2};
    derivatives_check(&chinchilla_law, rounded, small);
}

static void test_chinchilla_terms_add_up_to_the_loss(void)
{
    double theta[LAW_MAX_PARAMETERS];
    law_transform(&chinchilla_law, rounded, theta);
    const double x[] = {19.4, 24.1};
    const double sum = exp(chinchilla_law.log_term(&chinchilla_law, theta, 0, x))
                       + exp(chinchilla_law.log_term(&chinchilla_law, theta, 1, x));
    HARNESS_ASSERT_REL(chinchilla_law.offset(&chinchilla_law, theta) + sum,
                       chinchilla_law.value(&chinchilla_law, theta, x, NULL, NULL, NULL), 1e-15);
    CU_ASSERT_EQUAL(chinchilla_law.outer(&chinchilla_law, theta), 1.0);
}

static void test_chinchilla_says_nothing_below_one_unit(void)
{
    const double good[] = {19.4, 24.1};
    const double negative[] = {19.4, -0.3};
    const double missing[] = {NAN, 24.1};
    CU_ASSERT_TRUE(chinchilla_law.in_domain(&chinchilla_law, good));
    CU_ASSERT_FALSE(chinchilla_law.in_domain(&chinchilla_law, negative));
    CU_ASSERT_FALSE(chinchilla_law.in_domain(&chinchilla_law, missing));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"published losses", test_paper_hoffmann2022_losses},
        {"derivatives", test_chinchilla_derivatives_match_central_differences},
        {"terms", test_chinchilla_terms_add_up_to_the_loss},
        {"domain", test_chinchilla_says_nothing_below_one_unit},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
