#include "solver/laws/power.h"

#include "tests/solver/laws/derivatives.h"

static void test_power_derivatives_match_central_differences(void)
{
    const double natural[] = {0.73, 11.9, 0.066};
    const double x[] = {20.31, 23.17, 45.3};
    derivatives_check(&power_law_params, natural, &x[0]);
    derivatives_check(&power_law_tokens, natural, &x[1]);
    derivatives_check(&power_law_compute, natural, &x[2]);
}

/* Hestness et al. 2017: word language models, error 11.9 m^-0.066 without a floor. */
static void test_paper_hestness2017_word_model(void)
{
    const double natural[] = {1e-4, 11.9, 0.066};
    CU_ASSERT_DOUBLE_EQUAL(derivatives_loss(&power_law_tokens, natural, 1e9, 1e9), 3.0307 + 1e-4,
                           5e-5);
}

static void test_power_rows_read_their_own_input(void)
{
    const double natural[] = {1.1, 50.0, 0.21};
    const double params = derivatives_loss(&power_law_params, natural, 3e8, 7e9);
    const double tokens = derivatives_loss(&power_law_tokens, natural, 3e8, 7e9);
    HARNESS_ASSERT_REL(params, 1.1 + 50.0 * pow(3e8, -0.21), 1e-14);
    HARNESS_ASSERT_REL(tokens, 1.1 + 50.0 * pow(7e9, -0.21), 1e-14);
    CU_ASSERT_STRING_EQUAL(power_law_compute.inputs[0].name, "compute_flop");
    CU_ASSERT_STRING_EQUAL(power_law_params.id, "power_params");
    CU_ASSERT_STRING_EQUAL(power_law_tokens.equation, "loss = E + A/tokens^alpha");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"derivatives", test_power_derivatives_match_central_differences},
        {"word model", test_paper_hestness2017_word_model},
        {"inputs", test_power_rows_read_their_own_input},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
