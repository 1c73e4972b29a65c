#include "fitting/minimise/prior.h"

#include "tests/harness.h"

/* Closed forms for normal residuals: E psi' = erf(k / sqrt 2), and E psi^2 from the moments of the
 * normal distribution cut at k = delta / noise. */
static void test_prior_dispersion_is_that_of_normal_residuals(void)
{
    const double pi = 3.14159265358979323846;
    const double deltas[] = {1e-4, 0.0123, 0.021, 0.07};
    const double noise = 0.0173;
    for (size_t i = 0; i < sizeof deltas / sizeof deltas[0]; i++) {
        const double k = deltas[i] / noise;
        const double inside = erf(k / sqrt(2.0));
        const double square =
            inside - k * sqrt(2.0 / pi) * exp(-0.5 * k * k) + k * k * (1.0 - inside);
        HARNESS_ASSERT_REL(prior_dispersion(FIT_HUBER, deltas[i], 1.0, noise),
                           noise * noise * square / inside, 1e-8);
        HARNESS_ASSERT_REL(prior_inefficiency(FIT_HUBER, deltas[i], 1.0, noise),
                           square / (inside * inside), 1e-8);
    }
    HARNESS_ASSERT_REL(prior_dispersion(FIT_LEAST_SQUARES, (double)INFINITY, 1.0, noise),
                       noise * noise, 1e-8);
    /* The mean absolute deviation times pi / 2: sigma sqrt(pi / 2). */
    HARNESS_ASSERT_REL(prior_dispersion(FIT_LAD, 0.0, 1.0, noise), noise * sqrt(pi / 2.0), 1e-14);
    /* Huber's sum at a small delta is delta times that of absolute values. */
    HARNESS_ASSERT_REL(prior_dispersion(FIT_HUBER, 1e-7, 1.0, noise),
                       1e-7 * prior_dispersion(FIT_LAD, 0.0, 1.0, noise), 1e-5);
    HARNESS_ASSERT_REL(prior_dispersion(FIT_LAD, 0.0, 3.0, noise), 2.5 * noise * sqrt(pi / 2.0),
                       1e-14);
    CU_ASSERT_EQUAL(prior_dispersion(FIT_HUBER, 1e-3, 1.0, 0.0), 0.0);
}

/* Huber 1964: 95 % efficient at a delta of 1.345 deviations. The variance of the median is pi / 2
 * times that of the mean. */
static void test_paper_huber1964_inefficiency(void)
{
    CU_ASSERT_DOUBLE_EQUAL(prior_inefficiency(FIT_HUBER, 1.345 * 0.0173, 1.0, 0.0173), 1.0 / 0.95,
                           5e-5);
    HARNESS_ASSERT_REL(prior_inefficiency(FIT_LEAST_SQUARES, 1e-3, 1.0, 0.0173), 1.0, 1e-8);
    HARNESS_ASSERT_REL(prior_inefficiency(FIT_LAD, 1e-3, 1.0, 0.0173), 1.57079632679, 1e-11);
    HARNESS_ASSERT_REL(prior_inefficiency(FIT_LAD, 0.0, 3.0, 0.0173), 1.57079632679 * 1.25, 1e-11);
}

static double prior_sum(const struct prior *p, const struct law *law, const double theta[],
                        double gradient[])
{
    double hessian[25] = {0.0};
    memset(gradient, 0, 5 * sizeof *gradient);
    return prior_add(p, law, 0.37, theta, gradient, hessian);
}

static void test_prior_add_adds_exact_derivatives(void)
{
    const struct law *law = law_find("chinchilla");
    const struct prior p = {
        .any = true, .mean = {1.61, 0.0, 1200.0, 0.0, 0.31}, .sd = {0.11, 0.0, 190.0, 0.0, 0.017}};
    const double natural[] = {1.723, 387.1, 1219.4, 0.3371, 0.3493};
    double theta[LAW_MAX_PARAMETERS];
    double gradient[5] = {1.0, 2.0, 3.0, 4.0, 5.0};
    double hessian[25] = {0.0};
    law_transform(law, natural, theta);
    double expected = 0.0;
    for (size_t i = 0; i < 5; i++) {
        const double deviation = p.sd[i] > 0.0 ? (natural[i] - p.mean[i]) / p.sd[i] : 0.0;
        expected += 0.37 * 0.5 * deviation * deviation;
    }
    HARNESS_ASSERT_REL(prior_add(&p, law, 0.37, theta, gradient, hessian), expected, 1e-12);
    CU_ASSERT_EQUAL(gradient[1], 2.0);
    CU_ASSERT_EQUAL(gradient[3], 4.0);
    for (size_t i = 0; i < 5; i++) {
        const double step = 1e-6;
        double up[5];
        double down[5];
        const double at = theta[i];
        theta[i] = at + step;
        const double above = prior_sum(&p, law, theta, up);
        theta[i] = at - step;
        const double below = prior_sum(&p, law, theta, down);
        theta[i] = at;
        CU_ASSERT_DOUBLE_EQUAL(gradient[i] - (double)(i + 1), (above - below) / (2.0 * step), 1e-6);
        for (size_t j = 0; j < 5; j++) {
            const double curve = (up[j] - down[j]) / (2.0 * step);
            CU_ASSERT_DOUBLE_EQUAL(hessian[5 * i + j], curve, 1e-6 * (1.0 + fabs(curve)));
        }
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"dispersion", test_prior_dispersion_is_that_of_normal_residuals},
        {"inefficiency", test_paper_huber1964_inefficiency},
        {"derivatives", test_prior_add_adds_exact_derivatives},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
