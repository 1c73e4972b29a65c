#include "fitting/uncertainty/inform.h"

#include <string.h>

#include "fitting/minimise/dense.h"
#include "solver/base/rng.h"
#include "tests/harness.h"

static const double natural[] = {1.8172, 482.01, 2085.43, 0.3478, 0.3658};

static const struct law *planted(double theta[])
{
    const struct law *law = law_find("chinchilla");
    law_transform(law, natural, theta);
    return law;
}

static void test_inform_row_is_the_derivative_in_deviations_of_the_noise(void)
{
    const struct fit_parameter_option said[LAW_MAX_PARAMETERS] = {{0}};
    const double x[] = {log(7.3e8), log(2.1e10)}, step = 1e-5;
    double theta[LAW_MAX_PARAMETERS], rows[2][LAW_MAX_PARAMETERS];
    const struct law *law = planted(theta);
    struct inform inform;
    for (int linear = 0; linear < 2; linear++) {
        inform_open(law, linear == 0 ? FIT_LOG : FIT_LINEAR, said, theta, &inform);
        CU_ASSERT_EQUAL(inform.n, 5);
        CU_ASSERT(inform_row(&inform, theta, x, 0.013, rows[linear]));
    }
    for (size_t i = 0; i < 5; i++) {
        double side[2];
        for (int s = 0; s < 2; s++) {
            double at[LAW_MAX_PARAMETERS];
            memcpy(at, theta, sizeof at);
            at[i] += s == 0 ? step : -step;
            side[s] = law->value(law, at, x, NULL, NULL, NULL);
        }
        const double slope = (side[0] - side[1]) / (2.0 * step);
        HARNESS_ASSERT_REL(rows[1][i], slope / 0.013, 1e-6);
        HARNESS_ASSERT_REL(rows[0][i], slope / 0.013 / law->value(law, theta, x, NULL, NULL, NULL),
                           1e-6);
    }
    const double outside[] = {-3.0, 20.0};
    CU_ASSERT_FALSE(inform_row(&inform, theta, outside, 0.013, rows[0]));
}

/* With beta tied to alpha and E fixed, three coordinates are left, and alpha moves both. */
static void test_inform_moves_what_the_fit_moves(void)
{
    struct fit_parameter_option said[LAW_MAX_PARAMETERS] = {{0}},
                                nothing[LAW_MAX_PARAMETERS] = {{0}};
    const double x[] = {log(7.3e8), log(2.1e10)};
    double theta[LAW_MAX_PARAMETERS], row[LAW_MAX_PARAMETERS], all[LAW_MAX_PARAMETERS];
    double information[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    const struct law *law = planted(theta);
    struct inform inform, free_one;
    said[0].fixed = true;
    said[4].tied = true;
    said[4].tied_to = 3;
    said[1].prior_sd = 48.2;
    inform_open(law, FIT_LOG, said, theta, &inform);
    inform_open(law, FIT_LOG, nothing, theta, &free_one);
    CU_ASSERT_EQUAL(inform.n, 3);
    CU_ASSERT(inform_row(&inform, theta, x, 0.013, row));
    CU_ASSERT(inform_row(&free_one, theta, x, 0.013, all));
    HARNESS_ASSERT_REL(row[0], all[1], 1e-14);
    HARNESS_ASSERT_REL(row[2], all[3] + all[4], 1e-14);
    inform_begin(&inform, information);
    HARNESS_ASSERT_REL(information[0], pow(482.01 / 48.2, 2.0), 1e-12);
    HARNESS_ASSERT_REL(information[4], pow(log(1e6), -2.0), 1e-12);
    HARNESS_ASSERT_REL(information[8], 1.0 / 0.64, 1e-12);
    CU_ASSERT_EQUAL(information[1], 0.0);
}

/* d ln N* / d theta by hand: ln N* = ln G + a ln(C / 6), G = (alpha A / (beta B))^(1 / (alpha +
 * beta)), a = beta / (alpha + beta). */
static void test_inform_aims_at_the_optimum(void)
{
    const struct fit_parameter_option said[LAW_MAX_PARAMETERS] = {{0}};
    const double alpha = natural[3], beta = natural[4], sum = alpha + beta;
    const double log_work = log(5.76e23 / 6.0);
    const double log_ratio = log(alpha * natural[1] / (beta * natural[2]));
    double theta[LAW_MAX_PARAMETERS], gradient[LAW_MAX_PARAMETERS], value;
    struct inform inform;
    inform_open(planted(theta), FIT_LOG, said, theta, &inform);
    CU_ASSERT(inform_aim(&inform, INFORM_PARAMS, 0, 5.76e23, theta, &value, gradient));
    HARNESS_ASSERT_REL(value, log_ratio / sum + beta / sum * log_work, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(gradient[0], 0.0, 1e-9);
    HARNESS_ASSERT_REL(gradient[1], 1.0 / sum, 1e-8);
    HARNESS_ASSERT_REL(gradient[2], -1.0 / sum, 1e-8);
    HARNESS_ASSERT_REL(
        gradient[3], 1.0 / (alpha * sum) - log_ratio / (sum * sum) - beta / (sum * sum) * log_work,
        1e-8);
    CU_ASSERT(inform_aim(&inform, INFORM_EXPONENT, 0, 5.76e23, theta, &value, gradient));
    HARNESS_ASSERT_REL(value, beta / sum, 1e-14);
    HARNESS_ASSERT_REL(gradient[3], -beta / (sum * sum), 1e-8);
    HARNESS_ASSERT_REL(gradient[4], alpha / (sum * sum), 1e-8);
    CU_ASSERT(inform_aim(&inform, INFORM_PARAMETER, 2, 0.0, theta, &value, gradient));
    HARNESS_ASSERT_REL(gradient[2], 1.0, 1e-9);
    CU_ASSERT(inform_is_log(&inform, INFORM_PARAMETER, 2));
    CU_ASSERT_FALSE(inform_is_log(&inform, INFORM_PARAMETER, 3));
    CU_ASSERT(inform_is_log(&inform, INFORM_TOKENS, 0));
    CU_ASSERT_FALSE(inform_is_log(&inform, INFORM_LOSS, 0));
}

/* Envelope theorem: at the optimum the loss moves with theta as at fixed params and tokens. */
static void test_inform_aims_at_the_loss(void)
{
    const struct fit_parameter_option said[LAW_MAX_PARAMETERS] = {{0}};
    double theta[LAW_MAX_PARAMETERS], gradient[LAW_MAX_PARAMETERS], d[LAW_MAX_PARAMETERS], value;
    const struct law *law = planted(theta);
    struct inform inform;
    struct optimum best;
    inform_open(law, FIT_LOG, said, theta, &inform);
    CU_ASSERT(optimum_at(law, theta, 1e24, &best));
    CU_ASSERT(inform_aim(&inform, INFORM_LOSS, 0, 1e24, theta, &value, gradient));
    const double x[] = {log(best.params), log(best.tokens)};
    (void)law->value(law, theta, x, d, NULL, NULL);
    for (size_t i = 0; i < 5; i++) {
        HARNESS_ASSERT_REL(gradient[i], d[i], 1e-6);
    }
}

static void test_inform_takes_replicates_for_their_covariance(void)
{
    enum { N = 4000 };
    static double replicates[N * 5];
    const struct fit_parameter_option said[LAW_MAX_PARAMETERS] = {{0}};
    const double sd[] = {0.01, 0.2, 0.3, 0.02, 0.03};
    double theta[LAW_MAX_PARAMETERS], at[LAW_MAX_PARAMETERS];
    double information[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS],
        covariance[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    const struct law *law = planted(theta);
    struct inform inform;
    struct rng stream;
    rng_init(&stream, 917, RNG_TEST, 0);
    for (size_t r = 0; r < N; r++) {
        for (size_t i = 0; i < 5; i++) {
            at[i] = theta[i] + sd[i] * rng_normal(&stream);
        }
        law_natural(law, at, replicates + 5 * r);
    }
    inform_open(law, FIT_LOG, said, theta, &inform);
    inform_begin(&inform, information);
    CU_ASSERT(inform_add_replicates(&inform, replicates, N, information));
    CU_ASSERT(dense_invert(5, information, covariance));
    for (size_t i = 0; i < 5; i++) {
        HARNESS_ASSERT_REL(sqrt(covariance[6 * i]), sd[i], 0.05);
    }
    for (size_t r = 0; r < N; r++) {
        replicates[5 * r] = natural[0];
    }
    CU_ASSERT_FALSE(inform_add_replicates(&inform, replicates, N, information));
    CU_ASSERT_FALSE(inform_add_replicates(&inform, replicates, 1, information));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"row", test_inform_row_is_the_derivative_in_deviations_of_the_noise},
        {"free", test_inform_moves_what_the_fit_moves},
        {"optimum", test_inform_aims_at_the_optimum},
        {"loss", test_inform_aims_at_the_loss},
        {"replicates", test_inform_takes_replicates_for_their_covariance},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
