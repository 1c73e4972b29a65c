#include "fitting/uncertainty/covariance.h"

#include "fitting/minimise/local.h"
#include "fitting/uncertainty/quantile.h"
#include "tests/fitting/observations.h"

static struct observations runs;
static const double planted[] = {1.723, 387.1, 1219.4, 0.3371, 0.3493};

/** Fit and covariance of simulated runs. \param [out] natural  of the fit */
static void find(enum fit_objective kind, size_t per_budget, uint64_t item, const bool at_bound[],
                 double natural[], double covariance[])
{
    struct objective *o = NULL;
    struct status_why why;
    struct local_end end;
    double residual[OBSERVATIONS_MAX];
    double sorted[OBSERVATIONS_MAX];
    double z[LAW_MAX_PARAMETERS];
    struct fit_options options = observations_options("chinchilla");
    options.objective = kind;
    observations_simulate("chinchilla", planted, per_budget, 0.005, item, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    law_transform(o->law, planted, z);
    objective_centre(o, z, z);
    local_minimise(o, false, z, &end);
    objective_residuals(o, z, residual);
    memcpy(sorted, residual, sizeof sorted);
    covariance_find(o, z, residual, quantile_robust_deviation(sorted, o->n), at_bound, covariance);
    objective_uncentre(o, z, z);
    law_natural(o->law, z, natural);
    objective_destroy(o);
}

static const bool no_bound[LAW_MAX_PARAMETERS] = {false};

/* The spread of 60 simulated fits against the standard error that each reports. */
static void test_covariance_is_the_spread_of_repeated_studies(void)
{
    enum { STUDIES = 60 };
    const enum fit_objective kinds[] = {FIT_LEAST_SQUARES, FIT_HUBER, FIT_LAD};
    for (size_t k = 0; k < 3; k++) {
        double values[5][STUDIES];
        double errors[5] = {0.0};
        for (size_t s = 0; s < STUDIES; s++) {
            double natural[LAW_MAX_PARAMETERS];
            double covariance[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
            find(kinds[k], 20, 500 + s, no_bound, natural, covariance);
            for (size_t i = 0; i < 5; i++) {
                values[i][s] = natural[i];
                errors[i] += sqrt(covariance[i * 5 + i]) / STUDIES;
            }
        }
        for (size_t i = 0; i < 5; i++) { /* a spread of 60 is known to 9 % */
            const double ratio = errors[i] / quantile_deviation(values[i], STUDIES);
            CU_ASSERT_TRUE(ratio > 0.7 && ratio < 1.4);
        }
    }
}

static void test_covariance_is_unknown_only_at_a_bound(void)
{
    const bool bound[LAW_MAX_PARAMETERS] = {true};
    double natural[LAW_MAX_PARAMETERS];
    double covariance[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    find(FIT_HUBER, 9, 3, bound, natural, covariance);
    CU_ASSERT_TRUE(isnan(covariance[0]) && isnan(covariance[3]) && isnan(covariance[15]));
    for (size_t i = 1; i < 5; i++) {
        CU_ASSERT_TRUE(covariance[i * 5 + i] > 0.0);
        HARNESS_ASSERT_REL(covariance[5 + i], covariance[i * 5 + 1], 1e-9);
    }
}

/** Product of two parameters, and one of them. */
static double product(const struct law *law, const double natural[], void *context)
{
    (void)law;
    (void)context;
    return natural[1] * natural[2];
}

static double second(const struct law *law, const double natural[], void *context)
{
    (void)law;
    (void)context;
    return natural[1];
}

static void test_covariance_of_a_function_follows_its_gradient(void)
{
    const struct law *law = law_find("power_tokens");
    const double natural[] = {1.5, 20.0, 0.3};
    const double covariance[] = {NAN, NAN, NAN, NAN, 4.0, 0.05, NAN, 0.05, 0.01};
    /* d = (x2, x1): 4 x2^2 + 2 * .05 x1 x2 + .01 x1^2. */
    const double variance = 4.0 * 0.09 + 0.1 * 6.0 + 0.01 * 400.0;
    HARNESS_ASSERT_REL(covariance_of(law, natural, covariance, product, NULL), sqrt(variance),
                       1e-8);
    HARNESS_ASSERT_REL(covariance_of(law, natural, covariance, second, NULL), 2.0, 1e-8);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"spread", test_covariance_is_the_spread_of_repeated_studies},
        {"bound", test_covariance_is_unknown_only_at_a_bound},
        {"function", test_covariance_of_a_function_follows_its_gradient},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
