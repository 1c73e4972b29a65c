#include "fitting/refit.h"

#include "tests/fitting/observations.h"

static struct observations runs;
static struct status_why why;
static const double planted[] = {1.723, 387.1, 1219.4, 0.3371, 0.3493};

static void test_refit_reaches_the_optimum_from_a_bad_start(void)
{
    struct fit f;
    struct refit r;
    const struct fit_options options = observations_options("chinchilla");
    const double bad[] = {-1.0, 3.0, 2.0, 0.9, 0.12};
    observations_simulate("chinchilla", planted, 9, 0.01, 31, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    HARNESS_ASSERT_OK(fit_run(harness_comm(), &data, &options, NULL, &f, &why));
    HARNESS_ASSERT_OK(refit_solve(&data, &options, bad, NULL, &r, &why));
    CU_ASSERT_TRUE(r.solved);
    CU_ASSERT_EQUAL(r.n, 54);
    HARNESS_ASSERT_REL(r.objective, f.objective, 1e-12);
    for (size_t i = 0; i < 5; i++) {
        HARNESS_ASSERT_REL(r.theta[i], f.theta[i], 1e-6);
    }
    fit_clear(&f);
}

static void test_refit_leaves_out_what_is_left_out(void)
{
    struct refit r;
    double error[54];
    bool left_out[54] = {false};
    const struct fit_options options = observations_options("chinchilla");
    observations_simulate("chinchilla", planted, 9, 0.0, 31, &runs);
    for (size_t i = 0; i < 54; i += 7) { /* rows that would pull the fit away */
        left_out[i] = true;
        runs.loss_nat[i] *= 1.385;
    }
    const struct fit_data data = observations_data(&runs, options.law);
    double theta[LAW_MAX_PARAMETERS];
    law_transform(options.law, planted, theta);
    theta[0] += 0.05;
    HARNESS_ASSERT_OK(refit_solve(&data, &options, theta, left_out, &r, &why));
    CU_ASSERT_EQUAL(r.n, 46);
    HARNESS_ASSERT_OK(refit_errors(&data, &options, r.theta, error, &why));
    for (size_t i = 0; i < 54; i++) {
        CU_ASSERT_DOUBLE_EQUAL(error[i], left_out[i] ? -log(1.385) : 0.0, 1e-9);
    }
}

static void test_refit_errors_are_of_logarithms_in_any_residual_space(void)
{
    double log_error[54], linear_error[54], theta[LAW_MAX_PARAMETERS];
    struct fit_options options = observations_options("chinchilla");
    observations_simulate("chinchilla", planted, 9, 0.05, 37, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    law_transform(options.law, planted, theta);
    HARNESS_ASSERT_OK(refit_errors(&data, &options, theta, log_error, &why));
    options.residual = FIT_LINEAR;
    runs.loss_nat[3] = -0.25;
    HARNESS_ASSERT_OK(refit_errors(&data, &options, theta, linear_error, &why));
    for (size_t i = 0; i < 54; i++) {
        if (i == 3) {
            CU_ASSERT_TRUE(isnan(linear_error[i]));
        } else {
            CU_ASSERT_DOUBLE_EQUAL(linear_error[i], log_error[i], 1e-14);
        }
    }
}

static void test_refit_errors_are_not_in_standard_errors(void)
{
    double error[54], plain[54], known[54], theta[LAW_MAX_PARAMETERS];
    const struct fit_options options = observations_options("chinchilla");
    observations_simulate("chinchilla", planted, 9, 0.05, 37, &runs);
    struct fit_data data = observations_data(&runs, options.law);
    law_transform(options.law, planted, theta);
    HARNESS_ASSERT_OK(refit_errors(&data, &options, theta, plain, &why));
    for (size_t i = 0; i < 54; i++) {
        known[i] = 0.01 + 0.002 * (double)(i % 7);
    }
    data.error = known;
    HARNESS_ASSERT_OK(refit_errors(&data, &options, theta, error, &why));
    for (size_t i = 0; i < 54; i++) {
        CU_ASSERT_DOUBLE_EQUAL(error[i], plain[i], 1e-14);
    }
}

static void test_refit_keeps_the_priors(void)
{
    struct fit f;
    struct refit r;
    struct fit_options options = observations_options("chinchilla");
    observations_simulate("chinchilla", planted, 9, 0.02, 41, &runs);
    options.parameters[3] = (struct fit_parameter_option){.prior_mean = 0.5, .prior_sd = 0.01};
    const struct fit_data data = observations_data(&runs, options.law);
    HARNESS_ASSERT_OK(fit_run(harness_comm(), &data, &options, NULL, &f, &why));
    CU_ASSERT_TRUE(refit_has_priors(&f.options));
    CU_ASSERT_EQUAL(refit_n_free(&f.options), 5);
    HARNESS_ASSERT_OK(refit_solve(&data, &f.options, f.theta, NULL, &r, &why));
    HARNESS_ASSERT_REL(r.objective, f.objective, 1e-9);
    HARNESS_ASSERT_REL(r.theta[3], f.theta[3], 1e-5);
    fit_clear(&f);
}

static void test_refit_is_not_solved_without_more_rows_than_parameters(void)
{
    struct refit r;
    bool left_out[54];
    const struct fit_options options = observations_options("chinchilla");
    observations_simulate("chinchilla", planted, 9, 0.01, 31, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    double theta[LAW_MAX_PARAMETERS];
    law_transform(options.law, planted, theta);
    for (size_t i = 0; i < 54; i++) {
        left_out[i] = i % 11 != 2;
    }
    HARNESS_ASSERT_OK(refit_solve(&data, &options, theta, left_out, &r, &why));
    CU_ASSERT_FALSE(r.solved);
    CU_ASSERT_EQUAL(r.n, 5);
    CU_ASSERT_TRUE(isnan(r.objective));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"optimum", test_refit_reaches_the_optimum_from_a_bad_start},
        {"left out", test_refit_leaves_out_what_is_left_out},
        {"errors", test_refit_errors_are_of_logarithms_in_any_residual_space},
        {"known errors", test_refit_errors_are_not_in_standard_errors},
        {"priors", test_refit_keeps_the_priors},
        {"few rows", test_refit_is_not_solved_without_more_rows_than_parameters},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
