#include "fitting/approaches.h"

#include <string.h>

#include "solver/optimum.h"
#include "tests/fitting/observations.h"

static struct status_why why;
static struct observations runs;
static double fitted[OBSERVATIONS_MAX];

/* A fit that found these values exactly, to 3e23 FLOP, and a sweep of its law with this noise. */
static void make_fit(const double natural[], double noise, struct fit *f)
{
    struct optimum best;
    observations_simulate("chinchilla", natural, 9, noise, 3, &runs);
    *f = (struct fit){.law = law_find("chinchilla"),
                      .options = observations_options("chinchilla"),
                      .has_optimum = true};
    f->options.target_compute_flop = 3e23;
    law_transform(f->law, natural, f->theta);
    CU_ASSERT_TRUE_FATAL(optimum_at(f->law, f->theta, 3e23, &best));
    f->exponent_params.value = best.exponent_params;
    f->optimum_params.value = best.params;
    const struct fit_data data = observations_data(&runs, f->law);
    law_values(f->law, f->theta, runs.n, data.x, fitted);
}

static struct isoflop_data data_of(const struct observations *o)
{
    return (struct isoflop_data){.n = o->n,
                                 .log_size = {o->log_x[OBSERVED_PARAMS], o->log_x[OBSERVED_TOKENS]},
                                 .log_compute = o->log_x[OBSERVED_COMPUTE],
                                 .loss_nat = o->loss_nat};
}

static struct approaches run(const struct fit *f, bool envelope, bool isoflop)
{
    const struct isoflop_data data = data_of(&runs);
    struct approaches made;
    HARNESS_ASSERT_OK(approaches_run(f, &data, fitted,
                                     &(struct approaches_options){envelope, isoflop}, &made, &why));
    return made;
}

/* Equal exponents make curves that are symmetric about their best; unequal ones do not, and the
 * bias is what approach 2 shows on noise-free runs. */
static void test_approaches_measure_the_bias_of_parabolas(void)
{
    static const double even[] = {1.69, 406.4, 410.7, 0.33, 0.33};
    static const double uneven[] = {1.69, 40.4, 4107.0, 0.21, 0.41};
    struct fit f;
    make_fit(even, 0.01, &f);
    struct approaches a = run(&f, false, true);
    const double bias_even = fabs(a.bias_exponent);
    CU_ASSERT_TRUE(bias_even < 1e-9);
    approaches_clear(&a);

    make_fit(uneven, 0.0, &f);
    a = run(&f, false, true);
    const struct isoflop_law *law = &a.isoflop.laws[ISOFLOP_PARAMS][ISOFLOP_EQUAL];
    /* A twentieth of N* for no reason in the data. */
    CU_ASSERT_TRUE(a.bias_params < 0.96 && a.bias_exponent > 0.005);
    HARNESS_ASSERT_REL(law->exponent.value, f.exponent_params.value + a.bias_exponent, 1e-12);
    HARNESS_ASSERT_REL(law->optimum.value, f.optimum_params.value * a.bias_params, 1e-12);
    CU_ASSERT_TRUE(harness_contains(a.sentence, "2603.22339"));
    CU_ASSERT_TRUE(harness_contains(a.sentence, "at 3e+23 FLOP"));
    CU_ASSERT_TRUE(harness_contains(a.sentence, a.bias_params < 1.0 ? "too low" : "too high"));
    approaches_clear(&a);
}

static void test_approaches_are_those_asked_for(void)
{
    static const double natural[] = {1.69, 406.4, 410.7, 0.34, 0.28};
    struct fit f;
    make_fit(natural, 0.003, &f);
    struct approaches a = run(&f, true, true);
    CU_ASSERT_TRUE(a.has_envelope && a.has_isoflop);
    HARNESS_ASSERT_REL(a.envelope.options.target_compute_flop, 3e23, 1e-15);
    HARNESS_ASSERT_REL(a.isoflop.options.confidence, 0.95, 1e-15);
    CU_ASSERT_EQUAL(a.isoflop.n_curves, 6);
    CU_ASSERT_EQUAL(isoflop_n_refused(&a.isoflop), 0);
    CU_ASSERT_EQUAL(a.envelope.laws[ISOFLOP_PARAMS].verdict, LINE_FITTED);
    approaches_clear(&a);
    CU_ASSERT_FALSE(a.has_envelope || a.has_isoflop);

    a = run(&f, true, false);
    CU_ASSERT_TRUE(a.has_envelope && !a.has_isoflop);
    CU_ASSERT_EQUAL(strlen(a.sentence), 0);
    approaches_clear(&a);
    a = run(&f, false, false);
    CU_ASSERT_FALSE(a.has_envelope || a.has_isoflop);
    approaches_clear(&a);
}

/* A law without an optimum has nothing to be compared with: the bias is named, not measured. */
static void test_approaches_name_the_bias_without_an_optimum(void)
{
    static const double natural[] = {1.69, 406.4, 410.7, 0.34, 0.28};
    struct fit f;
    make_fit(natural, 0.003, &f);
    f.has_optimum = false;
    struct approaches a = run(&f, false, true);
    CU_ASSERT_TRUE(isnan(a.bias_exponent) && isnan(a.bias_params));
    CU_ASSERT_TRUE(harness_contains(a.sentence, "biased even without noise"));
    CU_ASSERT_FALSE(harness_contains(a.sentence, "Here"));
    approaches_clear(&a);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"bias", test_approaches_measure_the_bias_of_parabolas},
        {"asked_for", test_approaches_are_those_asked_for},
        {"without_optimum", test_approaches_name_the_bias_without_an_optimum},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
