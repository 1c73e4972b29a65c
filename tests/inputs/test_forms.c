/* ranks: 1 3 */
#include "inputs/forms.h"

#include <string.h>

#include "tests/harness.h"
#include "tests/solver/laws/derivatives.h"

static struct status_why why;

static void test_forms_read_adds_every_row_of_the_shipped_table(void)
{
    status_clear(&why);
    HARNESS_ASSERT_OK(forms_read(harness_comm(), harness_source("inputs/data"), &why));
    const struct law *law = law_find("moe_joint");
    CU_ASSERT_PTR_NOT_NULL_FATAL(law);
    CU_ASSERT_EQUAL(law->n_parameters, 11);
    CU_ASSERT_EQUAL(law->n_inputs, 3);
    CU_ASSERT_STRING_EQUAL(law_find("accuracy_sigmoid")->response, "accuracy_ratio");
}

/* Halfway between its bounds of starts, in theta; the middle of the domain of its inputs. */
static void middle(const struct law *law, double natural[], double x[])
{
    double lower[LAW_MAX_PARAMETERS], upper[LAW_MAX_PARAMETERS];
    for (size_t i = 0; i < law->n_parameters; i++) {
        lower[i] = law->parameters[i].start_lower;
        upper[i] = law->parameters[i].start_upper;
    }
    law_transform(law, lower, lower);
    law_transform(law, upper, upper);
    for (size_t i = 0; i < law->n_parameters; i++) {
        lower[i] += (0.41 + 0.013 * (double)i) * (upper[i] - lower[i]);
    }
    law_natural(law, lower, natural);
    for (size_t i = 0; i < law->n_inputs; i++) {
        const double least = custom_source_of(law)->inputs[i].least;
        const double value = 4.3 + 0.7 * (double)i;
        x[i] = law->inputs[i].logarithmic ? value : value + (least > 0.0 ? least : 0.0);
        x[i] = strcmp(law->inputs[i].name, "sparsity_ratio") == 0 ? 0.37 : x[i];
    }
}

static void test_forms_derivatives_match_central_differences(void)
{
    const struct law *law = NULL;
    size_t n = 0;
    for (size_t i = 0; (law = law_at(i)) != NULL; i++) {
        double natural[LAW_MAX_PARAMETERS], x[LAW_MAX_INPUTS];
        if (custom_source_of(law) != NULL) {
            const unsigned failures = CU_get_number_of_failures();
            middle(law, natural, x);
            CU_ASSERT(law->in_domain(law, x));
            derivatives_check(law, natural, x);
            if (CU_get_number_of_failures() != failures) {
                harness_say(law->id);
            }
            n++;
        }
    }
    CU_ASSERT(n >= 30);
}

/* One input of a known answer. */
static double at(const char *id, const double natural[], const double inputs[])
{
    const struct law *law = law_find(id);
    double theta[LAW_MAX_PARAMETERS] = {0.0}, x[LAW_MAX_INPUTS] = {0.0};
    CU_ASSERT_PTR_NOT_NULL_FATAL(law);
    STATUS_ASSERT(law != NULL);
    law_transform(law, natural, theta);
    for (size_t i = 0; i < law->n_inputs; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.*): callers give every input of the law they name */
        x[i] = law->inputs[i].logarithmic ? log(inputs[i]) : inputs[i];
    }
    return law->value(law, theta, x, NULL, NULL, NULL);
}

static void test_paper_kaplan2020_one_input(void)
{
    CU_ASSERT_DOUBLE_EQUAL(at("kaplan_n", (double[]){8.8e13, 0.076}, (double[]){1.5e9}), 2.3036,
                           5e-5);
    CU_ASSERT_DOUBLE_EQUAL(at("kaplan_d", (double[]){5.4e13, 0.095}, (double[]){22e9}), 2.0992,
                           5e-5);
    /* Stopping at aN/aS of the converged loss. */
    HARNESS_ASSERT_REL(
        at("kaplan_ns", (double[]){6.5e13, 2.1e3, 0.077, 0.76}, (double[]){1e9, 1e30}),
        pow(6.5e4, 0.077), 1e-12);
}

static void test_paper_kaplan2020_is_the_family_with_an_outer_exponent(void)
{
    const double aN = 0.076, aD = 0.103;
    const double natural[] = {1e-4, pow(6.4e13, aN), pow(1.8e13, aD), aN, aD, aD};
    CU_ASSERT_DOUBLE_EQUAL(at("chinchilla_outer", natural, (double[]){1e9, 1e10}) - 1e-4, 2.41965,
                           5e-6);
}

/* Muennighoff et al. 2023, from the digits of their repository. */
static void test_paper_muennighoff2023_losses(void)
{
    const double natural[] = {exp(0.6254804), exp(6.255414), exp(7.3049974),
                              0.3526596,      15.387756,     5.309743};
    HARNESS_ASSERT_REL(at("data_constrained", natural, (double[]){6.34e9, 242e9, 25e9}),
                       2.2256440889984477, 1e-12);
    HARNESS_ASSERT_REL(at("data_constrained", natural, (double[]){8.67e9, 178e9, 25e9}),
                       2.2269634075087867, 1e-12);
    /* Without repetition it is the base law. */
    HARNESS_ASSERT_REL(at("data_constrained", natural, (double[]){1e9, 20e9, 25e9}),
                       at("chinchilla_tied", natural, (double[]){1e9, 20e9}), 1e-3);
}

static void test_paper_kumar2024_losses(void)
{
    const double natural[] = {2.7648, 4.299e3, 1.806e4, 0.4965, 2.6745,
                              0.3037, 2.2102,  1.4072,  0.9578, 2.4185};
    const double half = 8, full = 16;
    CU_ASSERT_DOUBLE_EQUAL(at("precision", natural, (double[]){220e6, 26e9, full, full, full}),
                           3.19759, 1e-4);
    CU_ASSERT_DOUBLE_EQUAL(at("precision", natural, (double[]){220e6, 26e9, half, half, half}),
                           3.22711, 1e-4);
    const double ptq[] = {0.0598, 0.5907, 0.5068, 0.3439};
    CU_ASSERT_DOUBLE_EQUAL(at("precision_ptq", ptq, (double[]){1e9, 1e11, 3}), 0.1124, 5e-5);
    CU_ASSERT_DOUBLE_EQUAL(at("precision_ptq", ptq, (double[]){1e9, 1e11, 4}), 0.02068, 5e-6);
    CU_ASSERT_DOUBLE_EQUAL(at("precision_ptq", ptq, (double[]){1e9, 1e11, 5}), 0.003804, 1e-6);
    const double low[] = {log(220e6), log(26e9), 2.5, 16, 16};
    CU_ASSERT_FALSE(law_find("precision")->in_domain(law_find("precision"), low));
}

static void test_paper_ludziejewski2025_losses(void)
{
    const double natural[] = {1.3637,  35.91,  35.98,   -0.1889, -0.2285, 0.0098,
                              -0.1775, 0.5529, -0.0259, 2.0732,  290.4521};
    CU_ASSERT_DOUBLE_EQUAL(at("moe_joint", natural, (double[]){1e9, 2e10, 1}), 2.57760, 5e-6);
    CU_ASSERT_DOUBLE_EQUAL(at("moe_joint", natural, (double[]){1e9, 2e10, 8}), 2.50878, 5e-6);
}

static void test_paper_caballero2022_curve(void)
{
    const double natural[] = {1e-3,   4.66e3, 0.05,  0.49, 3e6,  1.1,
                              -0.811, 1e14,   1.425, 2.1,  2e20, 0.05};
    CU_ASSERT_DOUBLE_EQUAL(at("bnsl3", natural, (double[]){1}), 4659.998, 5e-4);
    CU_ASSERT_DOUBLE_EQUAL(at("bnsl3", natural, (double[]){1e6}), 1972.323, 5e-4);
    CU_ASSERT_DOUBLE_EQUAL(at("bnsl3", natural, (double[]){1e10}), 27.7221, 5e-5);
    CU_ASSERT_DOUBLE_EQUAL(at("bnsl3", natural, (double[]){1e16}), 0.698613, 5e-7);
    CU_ASSERT_DOUBLE_EQUAL(at("bnsl3", natural, (double[]){1e22}), 0.00862675, 5e-9);
}

static void test_scalerl_saturates_at_its_asymptote(void)
{
    const double natural[] = {0.30, 0.645, 8000, 1.70};
    CU_ASSERT_DOUBLE_EQUAL(at("scalerl", natural, (double[]){2000}), 0.32985, 5e-6);
    CU_ASSERT_DOUBLE_EQUAL(at("scalerl", natural, (double[]){8000}), 0.4725, 5e-5);
    CU_ASSERT_DOUBLE_EQUAL(at("scalerl", natural, (double[]){50000}), 0.63035, 5e-6);
}

static void test_paper_gemstones_and_step_law(void)
{
    const double gemstones[] = {exp(0.392458), exp(1.452011),  exp(-0.078102),
                                exp(7.970033), exp(10.059426), 0.244691,
                                0.387152,      0.500084,       0.476106};
    CU_ASSERT_DOUBLE_EQUAL(at("gemstones_wdnd", gemstones, (double[]){1024, 28, 5e8, 1e11}),
                           2.78318, 5e-6);
    CU_ASSERT_EQUAL(law_find("gemstones_wdnd")->log_term != NULL, true);
    CU_ASSERT_DOUBLE_EQUAL(
        at("learning_rate_nd", (double[]){1.79, -0.713, 0.307}, (double[]){1e9, 1e11}), 1.6325e-3,
        5e-8);
    CU_ASSERT_DOUBLE_EQUAL(at("batch_d", (double[]){0.58, 0.571}, (double[]){1e11}), 1.1077e6, 60.);
    CU_ASSERT_DOUBLE_EQUAL(at("timescale", (double[]){1.084, 0.527}, (double[]){1, 20}), 0.2236,
                           5e-5);
}

static void test_paper_frantar2023_gain(void)
{
    /* Parameters of a dense model with the same loss: the ratio of the factors to 1/bN. */
    const double t5[] = {0.651, 16.8, 45.0, 0.722, 0.245, 6.90e8, 0.203};
    const double gain = pow((16.8 + 45.0) / (16.8 * pow(0.25, 0.722) + 45.0), 1.0 / 0.245);
    CU_ASSERT_DOUBLE_EQUAL(gain, 2.160, 5e-4);
    HARNESS_ASSERT_REL(at("sparsity", t5, (double[]){1e8, 1e11, 0.75}),
                       at("sparsity", t5, (double[]){1e8 * gain, 1e11, 0}), 1e-12);
}

static void test_forms_errors(void)
{
    static const char head[] =
        "id\ttitle\tformula\tresponse_unit\tinputs\tparameters\tsource\tnote\n";
    static const struct {
        const char *row, *message;
    } rows[] = {
        {"a\tt\tloss = E + A/prams^al\tnat\tparams\tE A al\tnone\t\n",
         "forms.tsv:2: formula: a: column 14: "},
        {"a\tt\tloss = E + A/params^al\tnat\tparams\tE A al[2,1]\tnone\t\n",
         "al: bounds 2 and 1: expected lower < upper"},
        {"a\tt\tloss = E + A/params^al\tnat\tparams\tE A al(2)\tnone\t\n",
         "'al(2)': a formula cannot use this as a name"},
        {"a\tt\tloss = E + A/params^al\tnat\tparams:ln\tE A al\tnone\t\n",
         "params:ln: expected name, name:plain"},
        {"a\tt\tloss = E + A/params^al\tnat\tparams\tE A al B\tnone\t\n",
         "B: the formula does not use this parameter"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512], folder[1024];
        (void)snprintf(text, sizeof text, "%s%s", head, rows[i].row);
        (void)snprintf(folder, sizeof folder, "%s", harness_file("forms.tsv", text));
        *strrchr(folder, '/') = '\0';
        status_clear(&why);
        HARNESS_ASSERT_FAILS(forms_read(harness_comm(), folder, &why), STATUS_INPUT,
                             rows[i].message);
    }
}

static void test_forms_words_read_back(void)
{
    static const char parameters[] = "E A[1,20]:log alpha[0.125,2;0.25,0.5] n:plain b=0.25 c=alpha";
    static const char inputs[] = "params bits:plain>=3 day:plain";
    struct custom_source s = {.n_inputs = 0};
    char text[256];
    status_clear(&why);
    HARNESS_ASSERT_OK(forms_inputs(inputs, &s, &why));
    HARNESS_ASSERT_OK(forms_parameters(parameters, &s, &why));
    forms_print_inputs(&s, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, inputs);
    forms_print_parameters(&s, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, parameters);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"shipped", test_forms_read_adds_every_row_of_the_shipped_table},
        {"derivatives", test_forms_derivatives_match_central_differences},
        {"kaplan", test_paper_kaplan2020_one_input},
        {"outer", test_paper_kaplan2020_is_the_family_with_an_outer_exponent},
        {"muennighoff", test_paper_muennighoff2023_losses},
        {"kumar", test_paper_kumar2024_losses},
        {"experts", test_paper_ludziejewski2025_losses},
        {"breaks", test_paper_caballero2022_curve},
        {"scalerl", test_scalerl_saturates_at_its_asymptote},
        {"gemstones", test_paper_gemstones_and_step_law},
        {"sparsity", test_paper_frantar2023_gain},
        {"errors", test_forms_errors},
        {"words", test_forms_words_read_back},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
