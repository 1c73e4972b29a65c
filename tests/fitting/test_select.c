/* ranks: 1 3 */
#include "fitting/select.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fitting/observations.h"

static struct observations runs;
static struct status_why why;
static const double planted[] = {1.723, 387.1, 1219.4, 0.3371, 0.3493};

static struct select_options options_of(size_t n_folds, double share)
{
    return (struct select_options){
        .n_folds = n_folds, .held_out_share = share, .log_compute = runs.log_x[OBSERVED_COMPUTE]};
}

/** Fit and check. */
static enum status check(MPI_Comm comm, const struct fit_options *options,
                         const struct select_options *wanted, struct select *s)
{
    struct fit f;
    const struct fit_data data = observations_data(&runs, options->law);
    status_clear(&why);
    HARNESS_ASSERT_OK(fit_run(comm, &data, options, NULL, &f, &why));
    const enum status st = select_run(comm, &data, &f, wanted, s, &why);
    fit_clear(&f);
    return st;
}

/* sum of ln density, by numerical integration of the density's normaliser; over_prediction \a w. */
static double log_likelihood_plain(size_t n, double sum_of_rho, double delta, double w,
                                   double sigma)
{
    const size_t steps = 400000;
    const double width = 60.0 * (sigma + sigma * sigma / delta);
    double integral = 0.0;
    for (size_t i = 0; i < steps; i++) {
        const double r = ((double)i + 0.5) / (double)steps * width;
        const double rho = r < delta ? 0.5 * r * r : delta * (r - 0.5 * delta);
        const double density = exp(-rho / (sigma * sigma)) + exp(-w * rho / (sigma * sigma));
        integral += width / (double)steps * density;
    }
    return -sum_of_rho / (sigma * sigma) - (double)n * log(integral);
}

static void test_select_criteria_of_huber_are_those_of_the_greatest_likelihood(void)
{
    struct fit_options options = observations_options("chinchilla");
    const double deltas[] = {0.004, 0.03, 0.7, 0.004, 0.03, 0.7};
    for (size_t i = 0; i < 6; i++) {
        struct select_criteria c;
        const double w = i < 3 ? 1.0 : 9.7;
        options.delta = deltas[i];
        options.over_prediction = i < 3 ? 0.0 : w;
        const double sum = deltas[i] * 0.385; /* 77 rows */
        select_criteria(&options, 77, sum, &c);
        const double at = log_likelihood_plain(77, sum, deltas[i], w, c.noise_scale);
        CU_ASSERT_DOUBLE_EQUAL(c.log_likelihood, at, 2e-3);
        CU_ASSERT_TRUE(at > log_likelihood_plain(77, sum, deltas[i], w, 1.05 * c.noise_scale));
        CU_ASSERT_TRUE(at > log_likelihood_plain(77, sum, deltas[i], w, 0.95 * c.noise_scale));
    }
}

static void test_select_criteria_have_the_closed_forms_at_both_ends(void)
{
    struct select_criteria c, huber;
    struct fit_options options = observations_options("chinchilla");
    options.objective = FIT_LEAST_SQUARES;
    select_criteria(&options, 61, 0.0385, &c);
    const double variance = 2.0 * 0.0385 / 61.0;
    const double log_likelihood = -0.5 * 61.0 * (log(2.0 * acos(-1.0) * variance) + 1.0);
    HARNESS_ASSERT_REL(c.noise_scale, sqrt(variance), 1e-14);
    HARNESS_ASSERT_REL(c.log_likelihood, log_likelihood, 1e-13);
    CU_ASSERT_EQUAL(c.n_parameters, 6);
    HARNESS_ASSERT_REL(c.aic, 12.0 - 2.0 * log_likelihood, 1e-13);
    HARNESS_ASSERT_REL(c.aicc, 12.0 - 2.0 * log_likelihood + 2.0 * 6.0 * 7.0 / 54.0, 1e-13);
    HARNESS_ASSERT_REL(c.bic, 6.0 * log(61.0) - 2.0 * log_likelihood, 1e-13);
    options.objective = FIT_HUBER;
    options.delta = 9.99 * sqrt(variance); /* the last before Gauss is taken */
    select_criteria(&options, 61, 0.0385, &huber);
    HARNESS_ASSERT_REL(huber.log_likelihood, c.log_likelihood, 1e-12);

    options.objective = FIT_LAD;
    select_criteria(&options, 61, 0.731, &c);
    HARNESS_ASSERT_REL(c.log_likelihood, -61.0 * (log(2.0 * 0.731 / 61.0) + 1.0), 1e-13);
    options.over_prediction = 10.0; /* the integral of the density is b (1 + 1 / 10) */
    select_criteria(&options, 61, 0.731, &huber);
    HARNESS_ASSERT_REL(huber.log_likelihood, -61.0 * (log(1.1 * 0.731 / 61.0) + 1.0), 1e-13);
    options.over_prediction = 1.0;
    options.objective = FIT_HUBER;
    options.delta = 1e-9; /* its sum is delta times that of Laplace */
    select_criteria(&options, 61, 0.731e-9, &huber);
    HARNESS_ASSERT_REL(huber.log_likelihood, c.log_likelihood, 1e-6);
}

static void test_select_criteria_are_absent_where_not_defined(void)
{
    struct select_criteria c;
    const struct fit_options options = observations_options("chinchilla");
    select_criteria(&options, 61, 0.0, &c);
    CU_ASSERT_TRUE(isnan(c.aic) && isnan(c.bic));
    CU_ASSERT_EQUAL(c.rule, SELECT_NO_NOISE);
    CU_ASSERT_STRING_EQUAL(select_rule_name(c.rule), "no_noise");
    select_criteria(&options, 7, 0.01, &c);
    CU_ASSERT_TRUE(isnan(c.aicc) && isfinite(c.aic));
}

/** Fit the runs with these columns and rate the fit. */
static struct select_criteria rate(const struct fit_options *options, const double weight[],
                                   const double error[], struct fit *f)
{
    struct select s;
    const struct select_options wanted = options_of(0, 0.0);
    struct fit_data data = observations_data(&runs, options->law);
    data.weight = weight;
    data.error = error;
    status_clear(&why);
    HARNESS_ASSERT_OK(fit_run(harness_comm(), &data, options, NULL, f, &why));
    HARNESS_ASSERT_OK(select_run(harness_comm(), &data, f, &wanted, &s, &why));
    const struct select_criteria c = s.criteria;
    select_clear(&s);
    return c;
}

static void test_select_criteria_count_what_moves(void)
{
    struct fit f;
    struct fit_options options = observations_options("chinchilla");
    observations_simulate("chinchilla", planted, 9, 0.01, 97, &runs);
    options.parameters[0] = (struct fit_parameter_option){.fixed = true, .value = 1.7};
    options.parameters[4] = (struct fit_parameter_option){.tied = true, .tied_to = 3};
    const struct select_criteria c = rate(&options, NULL, NULL, &f);
    CU_ASSERT_EQUAL(c.rule, SELECT_LIKELIHOOD);
    CU_ASSERT_EQUAL(c.n_parameters, 4);
    CU_ASSERT_EQUAL(c.effective, 4.0);
    HARNESS_ASSERT_REL(c.bic, 4.0 * log(54.0) - 2.0 * c.log_likelihood, 1e-13);
    fit_clear(&f);
}

/** A common factor of the weights says nothing, and a known error that all rows share is found by
 * the scale of the noise: both leave the likelihood of the plain fit. */
static void test_select_criteria_of_weights_and_errors_are_those_of_equal_rows(void)
{
    double weights[54], errors[54];
    struct fit f;
    static const enum fit_objective kinds[] = {FIT_LEAST_SQUARES, FIT_LAD, FIT_HUBER};
    observations_simulate("chinchilla", planted, 9, 0.01, 97, &runs);
    for (size_t k = 0; k < 3; k++) {
        struct fit_options options = observations_options("chinchilla");
        options.objective = kinds[k];
        const struct select_criteria plain = rate(&options, NULL, NULL, &f);
        if (kinds[k] == FIT_LAD) { /* the scale of Laplace's law is the mean of what is summed */
            HARNESS_ASSERT_REL(plain.noise_scale, f.objective / 54.0, 1e-13);
        }
        fit_clear(&f);
        for (size_t i = 0; i < 54; i++) {
            weights[i] = 3.85;
            errors[i] = 0.0123 * runs.loss_nat[i];
        }
        const struct select_criteria weighed = rate(&options, weights, NULL, &f);
        fit_clear(&f);
        CU_ASSERT_EQUAL(weighed.rule, SELECT_WEIGHTED);
        CU_ASSERT_DOUBLE_EQUAL(weighed.bic, plain.bic, 1e-6);
        options.delta /= 0.0123;
        const struct select_criteria known = rate(&options, NULL, errors, &f);
        fit_clear(&f);
        CU_ASSERT_EQUAL(known.rule, SELECT_LIKELIHOOD);
        CU_ASSERT_DOUBLE_EQUAL(known.aic, plain.aic, 1e-6);
        HARNESS_ASSERT_REL(known.noise_scale * 0.0123, plain.noise_scale, 1e-6);
    }
    /* Unequal weights: sigma^2 = sum w r^2 / sum w. */
    struct fit_options options = observations_options("chinchilla");
    options.objective = FIT_LEAST_SQUARES;
    double sum = 0.0;
    for (size_t i = 0; i < 54; i++) {
        weights[i] = 0.7 + 0.31 * (double)(i % 4);
        sum += weights[i];
    }
    const struct select_criteria c = rate(&options, weights, NULL, &f);
    HARNESS_ASSERT_REL(c.noise_scale, sqrt(2.0 * f.objective / sum), 1e-12);
    HARNESS_ASSERT_REL(c.log_likelihood, -27.0 * (log(4.0 * acos(-1.0) * f.objective / sum) + 1.0),
                       1e-12);
    fit_clear(&f);
}

/** E alone moves: z = ln E, data information n E^2 (linear residuals), prior phi (E^2 + (E - mean)
 * E) / sd^2. A prior that says nothing leaves one parameter, one that says all leaves none. */
static void test_select_criteria_charge_what_priors_leave(void)
{
    static const double sds[] = {1e3, 0.0041, 1e-7};
    observations_simulate("chinchilla", planted, 9, 0.01, 97, &runs);
    for (size_t k = 0; k < 3; k++) {
        struct fit f;
        struct fit_options options = observations_options("chinchilla");
        options.objective = FIT_LEAST_SQUARES;
        options.residual = FIT_LINEAR;
        for (size_t i = 1; i < 5; i++) {
            options.parameters[i] =
                (struct fit_parameter_option){.fixed = true, .value = planted[i]};
        }
        options.parameters[0] =
            (struct fit_parameter_option){.prior_mean = 1.71, .prior_sd = sds[k]};
        const struct select_criteria c = rate(&options, NULL, NULL, &f);
        const double noise = f.options.prior_noise;
        const double value = f.natural[0].value;
        const double deviation = (value - 1.71) / sds[k];
        const double prior =
            noise * noise * (value * value / (sds[k] * sds[k]) + deviation * value / sds[k]);
        const double data = 54.0 * value * value;
        CU_ASSERT_EQUAL(c.rule, SELECT_PENALISED);
        CU_ASSERT_EQUAL(c.n_parameters, 2);
        CU_ASSERT_DOUBLE_EQUAL(c.effective, 1.0 + data / (data + prior), 1e-9);
        const double sum = f.objective - 0.5 * noise * noise * deviation * deviation;
        HARNESS_ASSERT_REL(c.noise_scale, sqrt(2.0 * sum / 54.0), 1e-9);
        HARNESS_ASSERT_REL(c.aic, 2.0 * c.effective - 2.0 * c.log_likelihood, 1e-12);
        fit_clear(&f);
    }
}

/** Four rows are enough for two parameters that move, in every fold of five. */
static void test_select_needs_rows_for_what_moves_only(void)
{
    struct select s;
    struct fit_options options = observations_options("chinchilla");
    const struct select_options wanted = options_of(5, 0.0);
    observations_simulate("chinchilla", planted, 9, 0.0, 61, &runs);
    runs.n = 5;
    options.parameters[0] = (struct fit_parameter_option){.fixed = true, .value = planted[0]};
    options.parameters[2] = (struct fit_parameter_option){.fixed = true, .value = planted[2]};
    options.parameters[4] = (struct fit_parameter_option){.fixed = true, .value = planted[4]};
    HARNESS_ASSERT_OK(check(harness_comm(), &options, &wanted, &s));
    CU_ASSERT_EQUAL(s.folds.outcome, SELECT_DONE);
    CU_ASSERT_EQUAL(s.folds.n_fit, 4);
    CU_ASSERT_TRUE(s.folds.root_mean_square < 1e-4);
    select_clear(&s);
}

static void test_select_errors_are_those_of_refits(void)
{
    struct select s;
    struct fit f;
    static struct observations all;
    const struct fit_options options = observations_options("chinchilla");
    const struct select_options wanted = options_of(4, 0.2);
    observations_simulate("chinchilla", planted, 9, 0.01, 59, &runs);
    HARNESS_ASSERT_OK(check(harness_comm(), &options, &wanted, &s));
    CU_ASSERT_EQUAL(s.folds.outcome, SELECT_DONE);
    CU_ASSERT_EQUAL(s.folds.n_fit, 40);
    CU_ASSERT_EQUAL(s.folds.n_held, 54);
    size_t sizes[4] = {0};
    double square = 0.0;
    for (size_t i = 0; i < s.n; i++) {
        sizes[s.fold[i]]++;
        square += s.fold_error[i] * s.fold_error[i];
    }
    for (size_t k = 0; k < 4; k++) {
        CU_ASSERT_TRUE(sizes[k] == 13 || sizes[k] == 14);
    }
    HARNESS_ASSERT_REL(s.folds.root_mean_square, sqrt(square / 54.0), 1e-13);
    CU_ASSERT_TRUE(s.folds.root_mean_square > 0.008 && s.folds.root_mean_square < 0.014);
    /* Fold 2 by hand: fit the others, predict its rows. */
    memcpy(&all, &runs, sizeof all);
    runs.n = 0;
    for (size_t i = 0; i < all.n; i++) {
        if (s.fold[i] != 2) {
            observations_add(&runs, exp(all.log_x[0][i]), exp(all.log_x[1][i]), all.loss_nat[i]);
        }
    }
    const struct fit_data data = observations_data(&runs, options.law);
    HARNESS_ASSERT_OK(fit_run(harness_comm(), &data, &options, NULL, &f, &why));
    for (size_t i = 0; i < all.n; i++) {
        if (s.fold[i] == 2) {
            const double x[] = {all.log_x[0][i], all.log_x[1][i]};
            const double loss = f.law->value(f.law, f.theta, x, NULL, NULL, NULL);
            CU_ASSERT_DOUBLE_EQUAL(s.fold_error[i], log(loss / all.loss_nat[i]), 1e-7);
        }
    }
    fit_clear(&f);
    select_clear(&s);
}

static void test_select_holds_out_the_largest_with_their_ties(void)
{
    struct select s;
    struct fit_options options = observations_options("chinchilla");
    const struct select_options wanted = options_of(0, 0.2);
    observations_simulate("chinchilla", planted, 9, 0.0, 61, &runs);
    for (size_t i = 0; i < 54; i++) { /* budgets exactly equal */
        runs.log_x[OBSERVED_COMPUTE][i] = 42.0 + 1.1 * (double)(i / 9);
    }
    for (size_t i = 36; i < 54; i++) {
        runs.loss_nat[i] /= 1.0385; /* the law of the small predicts too high */
    }
    options.target_compute_flop = 1e23;
    HARNESS_ASSERT_OK(check(harness_comm(), &options, &wanted, &s));
    CU_ASSERT_EQUAL(s.folds.outcome, SELECT_OFF);
    CU_ASSERT_TRUE(isnan(s.folds.root_mean_square) && isnan(s.fold_error[3]));
    CU_ASSERT_EQUAL(s.largest.outcome, SELECT_DONE);
    CU_ASSERT_EQUAL(s.largest.n_held, 18); /* 10 asked for: two budgets of nine */
    CU_ASSERT_EQUAL(s.largest.n_fit, 36);
    CU_ASSERT_DOUBLE_EQUAL(s.largest.mean, log(1.0385), 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(s.largest.root_mean_square, log(1.0385), 1e-6);
    HARNESS_ASSERT_REL(s.extrapolation_ratio, exp(2.2), 1e-12);
    HARNESS_ASSERT_REL(s.target_ratio, 1e23 / exp(47.5), 1e-12);
    CU_ASSERT_TRUE(isnan(s.largest_error[35]));
    CU_ASSERT_DOUBLE_EQUAL(s.largest_error[36], log(1.0385), 1e-6);
    select_clear(&s);
}

static void test_select_says_why_there_is_no_error(void)
{
    struct select s;
    const struct fit_options options = observations_options("chinchilla");
    struct select_options wanted = options_of(3, 0.5);
    observations_simulate("chinchilla", planted, 9, 0.01, 67, &runs);
    runs.n = 7;
    HARNESS_ASSERT_OK(check(harness_comm(), &options, &wanted, &s));
    CU_ASSERT_EQUAL(s.folds.outcome, SELECT_FEW_ROWS);
    CU_ASSERT_EQUAL(s.largest.outcome, SELECT_FEW_ROWS);
    CU_ASSERT_TRUE(isnan(s.folds.mean) && isnan(s.largest.root_mean_square));
    select_clear(&s);
    wanted.log_compute = NULL;
    HARNESS_ASSERT_OK(check(harness_comm(), &options, &wanted, &s));
    CU_ASSERT_EQUAL(s.largest.outcome, SELECT_NO_COMPUTE);
    CU_ASSERT_TRUE(isnan(s.target_ratio));
    CU_ASSERT_STRING_EQUAL(select_outcome_name(s.largest.outcome), "no_compute");
    select_clear(&s);
    wanted.n_folds = 1;
    HARNESS_ASSERT_FAILS(check(harness_comm(), &options, &wanted, &s), STATUS_INPUT,
                         "fit.folds: 1: must be 0 or from 2 to 255");
    wanted.n_folds = 8;
    HARNESS_ASSERT_OK(check(harness_comm(), &options, &wanted, &s));
    CU_ASSERT_EQUAL(s.folds.outcome, SELECT_FEW_ROWS);
    CU_ASSERT_TRUE(isnan(s.folds.mean) && isnan(s.fold_mean_square[7]));
    select_clear(&s);
    wanted.n_folds = 0;
    wanted.held_out_share = 1.0;
    HARNESS_ASSERT_FAILS(check(harness_comm(), &options, &wanted, &s), STATUS_INPUT,
                         "fit.held_out_share: 1: must be in [0, 1)");
}

static void test_select_is_the_same_on_all_ranks(void)
{
    struct select alone, together;
    const struct fit_options options = observations_options("chinchilla");
    const struct select_options wanted = options_of(5, 0.2);
    observations_simulate("chinchilla", planted, 9, 0.01, 71, &runs);
    HARNESS_ASSERT_OK(check(MPI_COMM_SELF, &options, &wanted, &alone));
    HARNESS_ASSERT_OK(check(harness_comm(), &options, &wanted, &together));
    const size_t bytes = 54 * sizeof(double);
    CU_ASSERT_EQUAL(memcmp(alone.fold_error, together.fold_error, bytes), 0);
    CU_ASSERT_EQUAL(memcmp(alone.largest_error, together.largest_error, bytes), 0);
    CU_ASSERT_EQUAL(memcmp(alone.fold, together.fold, 54), 0);
    CU_ASSERT_EQUAL(memcmp(&alone.criteria, &together.criteria, sizeof alone.criteria), 0);
    select_clear(&alone);
    select_clear(&together);
}

static void test_select_compare_marks_what_stands_out(void)
{
    enum { N = 3 };
    static const char *const ids[N] = {"power_tokens", "chinchilla", "kaplan_nd"};
    struct select s[N];
    struct select_comparison c;
    const struct select_options wanted = options_of(6, 0.2);
    observations_simulate("chinchilla", planted, 9, 0.01, 73, &runs);
    for (size_t i = 0; i < N; i++) {
        const struct fit_options options = observations_options(ids[i]);
        HARNESS_ASSERT_OK(check(harness_comm(), &options, &wanted, &s[i]));
    }
    HARNESS_ASSERT_OK(select_compare(s, N, &c, &why));
    CU_ASSERT_EQUAL(c.lowest, 1);
    CU_ASSERT_FALSE(c.is_tied[0]); /* tokens alone explain far less */
    CU_ASSERT_TRUE(c.difference[0] > 3.0 * c.difference_error[0]);
    CU_ASSERT_EQUAL(c.difference[1], 0.0);
    CU_ASSERT_TRUE(s[1].criteria.aicc < s[0].criteria.aicc - 50.0);
    CU_ASSERT_EQUAL(c.best, c.is_tied[2] ? 3 : 1);
    /* The same law twice is a tie. */
    const struct select twice[] = {s[1], s[1]};
    HARNESS_ASSERT_OK(select_compare(twice, 2, &c, &why));
    CU_ASSERT_TRUE(c.is_tied[0] && c.is_tied[1]);
    CU_ASSERT_EQUAL(c.best, 2);
    const struct select two[] = {s[0], s[1]};
    HARNESS_ASSERT_OK(select_compare(two, 2, &c, &why));
    CU_ASSERT_EQUAL(c.best, 1);
    for (size_t i = 0; i < N; i++) {
        select_clear(&s[i]);
    }
}

static void test_select_compare_refuses_what_does_not_compare(void)
{
    struct select s[2];
    struct select_comparison c;
    struct fit_options options = observations_options("chinchilla");
    struct select_options wanted = options_of(0, 0.0);
    observations_simulate("chinchilla", planted, 9, 0.01, 79, &runs);
    HARNESS_ASSERT_OK(check(harness_comm(), &options, &wanted, &s[0]));
    options = observations_options("kaplan_nd");
    runs.loss_nat[17] += 1e-6;
    HARNESS_ASSERT_OK(check(harness_comm(), &options, &wanted, &s[1]));
    HARNESS_ASSERT_FAILS(select_compare(s, 2, &c, &why), STATUS_INPUT,
                         "laws chinchilla and kaplan_nd are fitted to different rows (54 and 54)");
    select_clear(&s[0]);
    options.residual = FIT_LINEAR;
    HARNESS_ASSERT_OK(check(harness_comm(), &options, &wanted, &s[0]));
    HARNESS_ASSERT_FAILS(select_compare(s, 2, &c, &why), STATUS_INPUT, "linear and log residuals");
    select_clear(&s[0]);
    wanted.n_folds = 4;
    options.residual = FIT_LOG;
    HARNESS_ASSERT_OK(check(harness_comm(), &options, &wanted, &s[0]));
    HARNESS_ASSERT_FAILS(select_compare(s, 2, &c, &why), STATUS_INPUT, "different folds");
    select_clear(&s[1]);
    options.seed = 43;
    HARNESS_ASSERT_OK(check(harness_comm(), &options, &wanted, &s[1]));
    HARNESS_ASSERT_FAILS(select_compare(s, 2, &c, &why), STATUS_INPUT, "different folds");
    select_clear(&s[0]);
    select_clear(&s[1]);
}

static void test_real_runs_are_predicted_from_the_smaller(void)
{
    if (!observations_epoch(false, &runs)) {
        return;
    }
    struct select s;
    const struct fit_options options = observations_options("chinchilla");
    const struct select_options wanted = options_of(5, 0.2);
    HARNESS_ASSERT_OK(check(harness_comm(), &options, &wanted, &s));
    CU_ASSERT_EQUAL(s.largest.outcome, SELECT_DONE);
    CU_ASSERT_TRUE(s.largest.root_mean_square < 0.02);
    CU_ASSERT_TRUE(fabs(s.largest.mean) < s.largest.root_mean_square);
    CU_ASSERT_TRUE(s.extrapolation_ratio > 3.0);
    CU_ASSERT_TRUE(s.folds.root_mean_square < 0.02);
    select_clear(&s);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"huber", test_select_criteria_of_huber_are_those_of_the_greatest_likelihood},
        {"closed forms", test_select_criteria_have_the_closed_forms_at_both_ends},
        {"absent", test_select_criteria_are_absent_where_not_defined},
        {"moves", test_select_criteria_count_what_moves},
        {"weights and errors", test_select_criteria_of_weights_and_errors_are_those_of_equal_rows},
        {"priors", test_select_criteria_charge_what_priors_leave},
        {"free rows", test_select_needs_rows_for_what_moves_only},
        {"refits", test_select_errors_are_those_of_refits},
        {"largest", test_select_holds_out_the_largest_with_their_ties},
        {"why", test_select_says_why_there_is_no_error},
        {"same bits", test_select_is_the_same_on_all_ranks},
        {"compare", test_select_compare_marks_what_stands_out},
        {"refuse", test_select_compare_refuses_what_does_not_compare},
        {"needs real", test_real_runs_are_predicted_from_the_smaller},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
