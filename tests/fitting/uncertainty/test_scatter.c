#include "fitting/uncertainty/scatter.h"

#include <math.h>
#include <stdlib.h>

#include "fitting/uncertainty/quantile.h"
#include "solver/base/rng.h"
#include "tests/harness.h"

static struct status_why why;

enum { N = 4000 };

/* Normal residuals whose deviation grows from .01 to .04 with the response. */
static struct scatter *of_normal(size_t n, size_t n_free)
{
    static double fitted[N], residual[N], error[N];
    struct scatter *s = NULL;
    struct rng r;
    rng_init(&r, 7, RNG_SAMPLE, n);
    for (size_t i = 0; i < n; i++) {
        const double share = (double)i / (double)n;
        fitted[i] = 2.0 + share;
        error[i] = 1.0;
        residual[i] = (0.01 + 0.03 * share) * rng_normal(&r);
    }
    status_clear(&why);
    HARNESS_ASSERT_OK(scatter_create(true, n, n_free, fitted, residual, error, &s, &why));
    return s;
}

static void test_scatter_follows_the_size_of_runs(void)
{
    struct scatter *s = of_normal(N, 5);
    CU_ASSERT_EQUAL(s->n_groups, SCATTER_MAX_GROUPS);
    HARNESS_ASSERT_REL(scatter_scale(s, 2.5), 0.025, 0.05);
    HARNESS_ASSERT_REL(scatter_scale(s, 2.125), 0.01 + 0.03 / 8.0, 0.05);
    HARNESS_ASSERT_REL(scatter_scale(s, 7.0), 0.01 + 0.03 * 7.0 / 8.0, 0.05); /* the end group's */
    scatter_destroy(s);
}

/* Of normal residuals the interval is normal: half of it the root of the squares of both parts. */
static void test_scatter_interval_adds_the_errors_of_law_and_run(void)
{
    struct scatter *s = of_normal(N, 5);
    struct scatter_table t;
    status_clear(&why);
    HARNESS_ASSERT_OK(scatter_tabulate(s, 0.95, &t, &why));
    const double scale = scatter_scale(s, 2.5);
    static const double ratios[] = {0.0, 0.3, 1.0, 2.385, 20.0};
    for (size_t i = 0; i < sizeof ratios / sizeof *ratios; i++) {
        const double half = 1.959964 * ratios[i] * scale;
        double lower, upper;
        scatter_interval(s, &t, 2.5, 2.5 * exp(-half), 2.5 * exp(half), &lower, &upper);
        const double want = 1.959964 * scale * sqrt(1.0 + ratios[i] * ratios[i]);
        HARNESS_ASSERT_REL(log(upper / 2.5), want, 0.05);
        HARNESS_ASSERT_REL(log(2.5 / lower), want, 0.05);
    }
    scatter_destroy(s);
}

/* One run in fifty is far above: the interval reaches up to it, and not down. */
static void test_scatter_keeps_outliers_on_their_side(void)
{
    static double fitted[N], residual[N], error[N];
    struct scatter *s = NULL;
    struct scatter_table t;
    struct rng r;
    double lower, upper;
    rng_init(&r, 3, RNG_SAMPLE, 0);
    for (size_t i = 0; i < N; i++) {
        fitted[i] = 2.0;
        error[i] = 1.0;
        residual[i] = i % 20 == 0 ? 0.5 : 0.01 * rng_normal(&r);
    }
    status_clear(&why);
    HARNESS_ASSERT_OK(scatter_create(false, N, 5, fitted, residual, error, &s, &why));
    HARNESS_ASSERT_OK(scatter_tabulate(s, 0.95, &t, &why));
    scatter_interval(s, &t, 2.0, 2.0, 2.0, &lower, &upper);
    HARNESS_ASSERT_REL(upper - 2.0, 0.5, 0.05);
    CU_ASSERT(2.0 - lower > 0.018 && 2.0 - lower < 0.024);
    scatter_destroy(s);
}

/* Intervals from twelve normal runs and a mean known as well as these tell hold the next run as
 * often as they say. */
static void test_scatter_of_few_runs_is_as_wide_as_students(void)
{
    enum { FEW = 12, TRIALS = 300 };
    double fitted[FEW], residual[FEW], error[FEW];
    struct rng r;
    size_t n_inside = 0;
    rng_init(&r, 5, RNG_SAMPLE, 0);
    for (size_t k = 0; k < TRIALS; k++) {
        struct scatter *s = NULL;
        struct scatter_table t;
        double mean = 0.0, lower, upper;
        for (size_t i = 0; i < FEW; i++) {
            residual[i] = rng_normal(&r);
            mean += residual[i] / FEW;
        }
        for (size_t i = 0; i < FEW; i++) {
            residual[i] = (residual[i] - mean) / sqrt(1.0 - 1.0 / FEW);
            fitted[i] = mean;
            error[i] = 1.0;
        }
        status_clear(&why);
        HARNESS_ASSERT_OK(scatter_create(false, FEW, 1, fitted, residual, error, &s, &why));
        HARNESS_ASSERT_OK(scatter_tabulate(s, 0.95, &t, &why));
        const double half = 2.201 * quantile_deviation(residual, FEW) / sqrt(FEW);
        scatter_interval(s, &t, mean, mean - half, mean + half, &lower, &upper);
        const double next = rng_normal(&r);
        n_inside += next >= lower && next <= upper;
        scatter_destroy(s);
    }
    const double share = (double)n_inside / TRIALS;
    CU_ASSERT(share > 0.915 && share < 0.985);
}

static void test_scatter_errors(void)
{
    const double fitted[] = {2.0, 2.1, 2.2}, residual[] = {0.1, (double)NAN, 0.2};
    const double error[] = {1.0, 1.0, 1.0}, whole[] = {0.1, -0.1, 0.2};
    struct scatter *s = NULL;
    status_clear(&why);
    HARNESS_ASSERT_FAILS(scatter_create(true, 3, 1, fitted, residual, error, &s, &why),
                         STATUS_INPUT, "must be finite");
    status_clear(&why);
    HARNESS_ASSERT_FAILS(scatter_create(true, 3, 3, fitted, whole, error, &s, &why), STATUS_INPUT,
                         "3 runs: expected more than 3 free parameters");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"follows_the_size_of_runs", test_scatter_follows_the_size_of_runs},
        {"interval_adds_the_errors_of_law_and_run",
         test_scatter_interval_adds_the_errors_of_law_and_run},
        {"keeps_outliers_on_their_side", test_scatter_keeps_outliers_on_their_side},
        {"of_few_runs_is_as_wide_as_students", test_scatter_of_few_runs_is_as_wide_as_students},
        {"errors", test_scatter_errors},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
