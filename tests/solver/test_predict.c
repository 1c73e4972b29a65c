#include "solver/predict.h"

#include "solver/footprint.h"
#include "tests/harness.h"
#include "tests/solver/catalogue.h"

static struct design at(double params, double tokens)
{
    struct design d = design_neutral();
    d.value[DESIGN_PARAMS] = params;
    d.value[DESIGN_TOKENS] = tokens;
    return d;
}

static double loss_of(const char *law_id, const double natural[], double params, double tokens)
{
    const struct predict_model m = catalogue_model(law_id, natural);
    const struct design d = at(params, tokens);
    return predict_loss_nat(&m, &d);
}

static struct predict_model model_of(const struct law *law)
{
    return (struct predict_model){.law = law};
}

static void test_predict_inputs_are_logarithms_and_compute_is_6nd(void)
{
    double x[LAW_MAX_INPUTS];
    struct law law = *law_find("chinchilla");
    const struct design d = at(7.3e9, 1.1e12);
    struct predict_model m = model_of(&law);
    predict_inputs(&m, &d, x);
    HARNESS_ASSERT_REL(x[0], log(7.3e9), 1e-15);
    HARNESS_ASSERT_REL(x[1], log(1.1e12), 1e-15);
    law.inputs[1].logarithmic = false;
    predict_inputs(&m, &d, x);
    HARNESS_ASSERT_REL(x[1], 1.1e12, 0);
    m = model_of(law_find("power_compute"));
    predict_inputs(&m, &d, x);
    HARNESS_ASSERT_REL(x[0], log(6 * 7.3e9 * 1.1e12), 1e-15);
}

/* The inputs of a law by name, with what stands for those that nobody said. */
static void test_predict_inputs_not_said_are_neutral(void)
{
    static const struct {
        const char *name;
        double neutral, said;
        enum design_input input;
    } rows[] = {{"unique_tokens", 1.1e12, 2e11, DESIGN_UNIQUE_TOKENS},
                {"active_params", 7.3e9, 7.3e9, DESIGN_PARAMS},
                {"weight_bits", 8, 5, DESIGN_WEIGHT_BITS},
                {"cache_bits", 8, 4, DESIGN_CACHE_BITS},
                {"experts", 1, 64, DESIGN_EXPERTS},
                {"samples", 1, 250, DESIGN_SAMPLES},
                {"sparsity_ratio", 0, 0.75, DESIGN_SPARSITY}};
    struct law law = *law_find("power_params");
    const struct predict_model m = model_of(&law);
    struct status_why why;
    double x[LAW_MAX_INPUTS];
    law.inputs[0].logarithmic = false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct design d = at(7.3e9, 1.1e12);
        d.value[DESIGN_PRECISION] = PRECISION_FP8;
        law.inputs[0].name = rows[i].name;
        HARNESS_ASSERT_OK(predict_check(&m, &why));
        CU_ASSERT(design_has(predict_reads(&m), rows[i].input));
        predict_inputs(&m, &d, x);
        HARNESS_ASSERT_REL(x[0], rows[i].neutral, 0);
        d.value[rows[i].input] = rows[i].said;
        predict_inputs(&m, &d, x);
        HARNESS_ASSERT_REL(x[0], rows[i].said, 0);
    }
}

static void test_predict_refuses_laws_that_no_design_can_be_given_to(void)
{
    struct status_why why;
    struct law law = *law_find("chinchilla");
    const struct predict_model m = model_of(&law);
    status_clear(&why);
    HARNESS_ASSERT_OK(predict_check(&m, &why));
    law.inputs[1].name = "moon_phase";
    HARNESS_ASSERT_FAILS(predict_check(&m, &why), STATUS_INPUT,
                         "law chinchilla reads moon_phase, which no design has");
    status_clear(&why);
    law = *law_find("power_compute");
    law.response = "accuracy_ratio";
    HARNESS_ASSERT_FAILS(predict_check(&m, &why), STATUS_INPUT,
                         "law power_compute predicts accuracy_ratio, not loss_nat");
}

/* Printed to five decimals. */
static void test_paper_hoffmann2022_losses(void)
{
    static const double half_digit = 0.5e-5;
    const double rounded[] = CATALOGUE_HOFFMANN_ROUNDED, tex[] = CATALOGUE_HOFFMANN_TEX;
    CU_ASSERT_DOUBLE_EQUAL(loss_of("chinchilla", rounded, 70e9, 1.4e12), 1.93665, half_digit);
    CU_ASSERT_DOUBLE_EQUAL(loss_of("chinchilla", tex, 70e9, 1.4e12), 1.92085, half_digit);
    CU_ASSERT_DOUBLE_EQUAL(loss_of("chinchilla", rounded, 280e9, 300e9), 1.99326, half_digit);
}

static void test_paper_kaplan2020_loss(void)
{
    const double natural[] = CATALOGUE_KAPLAN;
    CU_ASSERT_DOUBLE_EQUAL(loss_of("kaplan_nd", natural, 1e9, 1e10), 2.41965, 0.5e-5);
}

static void test_predict_power_law_reads_compute(void)
{
    const double natural[] = {1.62, 873.0, 0.131};
    HARNESS_ASSERT_REL(loss_of("power_compute", natural, 7.3e9, 1.1e12),
                       1.62 + 873.0 * pow(6 * 7.3e9 * 1.1e12, -0.131), 1e-13);
}

static design_set reads_of(const char *law_id)
{
    const struct predict_model m = model_of(law_find(law_id));
    return predict_reads(&m);
}

static void test_predict_names_the_inputs_behind_a_law_and_a_term(void)
{
    const design_set params = DESIGN_BIT(DESIGN_PARAMS), tokens = DESIGN_BIT(DESIGN_TOKENS);
    CU_ASSERT_EQUAL(reads_of("power_params"), params);
    CU_ASSERT_EQUAL(reads_of("power_tokens"), tokens);
    CU_ASSERT_EQUAL(reads_of("power_compute"), params | tokens);
    CU_ASSERT_EQUAL(reads_of("chinchilla"), params | tokens);
    const struct predict_model m = model_of(law_find("chinchilla"));
    CU_ASSERT_EQUAL(predict_term_reads(&m, 0), params);
    CU_ASSERT_EQUAL(predict_term_reads(&m, 1), tokens);
}

static void test_predict_extrapolates_outside_the_range_of_any_input_read(void)
{
    const double natural[] = CATALOGUE_BESIROGLU, of_compute[] = {1.62, 873.0, 0.131};
    struct predict_model m = catalogue_model("chinchilla", natural);
    m.lower[0] = 5e7;
    m.upper[0] = 16e9;
    m.lower[1] = 1e9;
    m.upper[1] = 5e11;
    const struct design inside = at(16e9, 1e9), small = at(4.9e7, 1e10), large = at(17e9, 1e10),
                        brief = at(1e9, 0.9e9), far = at(1e9, 5.1e11);
    CU_ASSERT_EQUAL(predict_flags(&m, &inside), 0);
    CU_ASSERT_EQUAL(predict_flags(&m, &small), 1u << PREDICT_EXTRAPOLATED);
    CU_ASSERT_EQUAL(predict_flags(&m, &large), 1u << PREDICT_EXTRAPOLATED);
    CU_ASSERT_EQUAL(predict_flags(&m, &brief), 1u << PREDICT_EXTRAPOLATED);
    CU_ASSERT_EQUAL(predict_flags(&m, &far), 1u << PREDICT_EXTRAPOLATED);
    m = catalogue_model("power_compute", of_compute);
    m.lower[0] = 1e19;
    m.upper[0] = 1e21;
    const struct design beyond = at(1e10, 1e12);
    CU_ASSERT_EQUAL(predict_flags(&m, &beyond), 1u << PREDICT_EXTRAPOLATED);
    CU_ASSERT_EQUAL(predict_flags(&m, &inside), 0);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"inputs_are_logarithms_and_compute_is_6nd",
         test_predict_inputs_are_logarithms_and_compute_is_6nd},
        {"inputs_not_said_are_neutral", test_predict_inputs_not_said_are_neutral},
        {"refuses_laws_that_no_design_can_be_given_to",
         test_predict_refuses_laws_that_no_design_can_be_given_to},
        {"paper_hoffmann2022_losses", test_paper_hoffmann2022_losses},
        {"paper_kaplan2020_loss", test_paper_kaplan2020_loss},
        {"power_law_reads_compute", test_predict_power_law_reads_compute},
        {"names_the_inputs_behind_a_law_and_a_term",
         test_predict_names_the_inputs_behind_a_law_and_a_term},
        {"extrapolates_outside_the_range_of_any_input_read",
         test_predict_extrapolates_outside_the_range_of_any_input_read},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
