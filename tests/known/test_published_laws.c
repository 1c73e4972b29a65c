/* Figures that papers print, or that follow from the coefficients that they print, from the tables
 * of laws and of coefficient sets as shipped. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/forms.h"
#include "inputs/registry.h"
#include "solver/base/rng.h"
#include "solver/claim.h"
#include "tests/harness.h"

static struct status_why why;
static struct law_set *sets;
static size_t n_sets;

static void read_tables(void)
{
    if (sets == NULL) {
        const char *folder = harness_source("inputs/data");
        HARNESS_ASSERT_OK(forms_read(harness_comm(), folder, &why));
        HARNESS_ASSERT_OK(registry_read_laws(harness_comm(), folder, &sets, &n_sets, &why));
    }
}

/* A law with coefficients in theta, from the table or given. */
struct case_of {
    const struct law *law;
    double theta[LAW_MAX_PARAMETERS];
};

static struct case_of given(const char *id, const double natural[])
{
    struct case_of made = {.law = NULL};
    read_tables();
    made.law = law_find(id);
    CU_ASSERT_PTR_NOT_NULL_FATAL(made.law);
    law_transform(made.law, natural, made.theta);
    return made;
}

static struct case_of published(const char *id)
{
    read_tables();
    const struct law_set *set = registry_find_law(sets, n_sets, id);
    if (set == NULL) {
        harness_say(id);
        CU_FAIL_FATAL("no such set");
        abort(); /* not reached: for the analyzer */
    }
    return given(set->law->id, set->natural);
}

/* The natural value of a parameter. */
static double parameter(const struct case_of *c, const char *name)
{
    double natural[LAW_MAX_PARAMETERS] = {0.0};
    const int i = law_find_parameter(c->law, name);
    law_natural(c->law, c->theta, natural);
    CU_ASSERT_FATAL(i >= 0);
    return natural[i];
}

/* \param [in]  inputs  natural, in the order of the law
 * \param [out] slopes  by the inputs as the law takes them, or NULL */
static double at(const struct case_of *c, const double inputs[], double slopes[])
{
    double x[LAW_MAX_INPUTS] = {0.0};
    for (size_t i = 0; i < c->law->n_inputs; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.*): callers give every input of the law they name */
        x[i] = c->law->inputs[i].logarithmic ? log(inputs[i]) : inputs[i];
    }
    return c->law->value(c->law, c->theta, x, NULL, NULL, slopes);
}

/* Published coefficients, inputs in the order of the law, and the figure to half of its last digit.
 */
static const struct {
    const char *set;
    double inputs[4], wanted, tolerance;
} figures[] = {
    {"kaplan2020_n", {1.5e9}, 2.3036, 5e-5},
    {"kaplan2020_d", {22e9}, 2.0992, 5e-5},
    {"kaplan2020_nd", {1e9, 1e10}, 2.41965, 5e-6},
    {"kaplan2020_c", {8.64e19}, 2.6581, 5e-5}, /* (3.1e8 PF-days / 1 PF-day)^.05 */
    {"kaplan2020_batch", {3.0}, 1.12e6, 5e3},
    {"kaplan2020_params_c", {5.76e23}, 8.0e11, 5e9},
    {"kaplan2020_tokens_c", {8.64e19}, 2e10, 1e2},
    {"porian2024_lr", {1e9}, 2.129e-3, 5e-7},
    {"porian2024_batch", {1e9}, 1.609e6, 5e2},
    {"deepseek2024_tokens_c", {1e21}, 5.695e10, 5e6},
    {"deepseek2024_lr", {1e21}, 7.39e-4, 5e-7},
    {"deepseek2024_batch", {1e21}, 2.160e6, 5e2},
    {"gemstones2025_hot_params_c", {1e21}, 1.784e9, 5e5},
    {"gemstones2025_hot_tokens_c", {1e21}, 8.401e10, 5e6},
    {"gemstones2025_cool_params_c", {1e21}, 1.861e9, 5e5},
    {"gemstones2025_cool_tokens_c", {1e21}, 8.117e10, 5e6},
    {"mcleish2025_wdnd", {1024, 28, 5e8, 1e11}, 2.78318, 5e-6},
    {"grattafiori2024_tokens_c", {3.8e25}, 1.629e13, 5e9},
    {"caballero2022_figure1", {1}, 4659.998, 5e-4},
    {"caballero2022_figure1", {1e6}, 1972.323, 5e-4},
    {"caballero2022_figure1", {1e10}, 27.7221, 5e-5},
    {"caballero2022_figure1", {1e16}, 0.698613, 5e-7},
    {"caballero2022_figure1", {1e22}, 0.00862675, 5e-9},
    {"muennighoff2023", {6.34e9, 242e9, 25e9}, 2.2256440889984477, 1e-9},
    {"muennighoff2023", {8.67e9, 178e9, 25e9}, 2.2269634075087867, 1e-9},
    {"muennighoff2023", {7.02616e9, 2.37209e11, 25e9}, 2.22212927, 5e-8},
    {"kim2025_params", {0.15e9}, 3.7762, 5e-5},
    {"kim2025_params", {0.3e9}, 3.6007, 5e-5},
    {"kim2025_params", {0.6e9}, 3.5142, 5e-5},
    {"kim2025_params", {1.4e9}, 3.4655, 5e-5},
    {"kumar2024_ptq", {1e9, 1e11, 3}, 0.1124, 5e-5},
    {"kumar2024_ptq", {1e9, 1e11, 4}, 0.02068, 5e-6},
    {"kumar2024_ptq", {1e9, 1e11, 5}, 0.003804, 1e-6},
    {"ludziejewski2025", {1e9, 2e10, 1}, 2.57760, 5e-6},
    {"ludziejewski2025", {1e9, 2e10, 8}, 2.50878, 5e-6},
    {"li2025_lr", {1e9, 1e11}, 1.6325e-3, 5e-8},
    {"li2025_lr", {7e9, 1.4e12}, 9.166e-4, 5e-8},
    {"li2025_batch", {1e11}, 1.1077e6, 6e1},
    {"li2025_batch", {1.4e12}, 4.999e6, 5e2},
    {"bjorck2024_lr", {1e9, 1e11}, 3.551e-4, 5e-8},
    {"bergsma2025_timescale", {1, 20}, 0.2236, 5e-5},
};

static void test_published_coefficients_give_published_figures(void)
{
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        const struct case_of c = published(figures[i].set);
        const double got = at(&c, figures[i].inputs, NULL);
        if (!(fabs(got - figures[i].wanted) <= figures[i].tolerance)) {
            char text[128];
            (void)snprintf(text, sizeof text, "%s: %.10g", figures[i].set, got);
            harness_say(text);
            CU_FAIL("not the published figure");
        }
    }
}

/* Two inputs of one set, and the ratio of what it predicts there. */
static const struct {
    const char *set;
    double from[3], to[3], ratio, tolerance;
} ratios[] = {
    {"kumar2024_ptq", {1e9, 1e11, 4}, {1e9, 2e11, 4}, 1.4209, 5e-5},
    {"kumar2024_ptq", {2e9, 1e11, 4}, {1e9, 1e11, 4}, 1.2692, 5e-5},
    {"kumar2024_ptq", {1e9, 1e11, 4}, {1e9, 1e12, 4}, 3.2122, 5e-5},
    {"bjorck2024_lr", {1e9, 1e11}, {1e9, 2e11}, 0.801, 5e-4},
    {"xiao2024", {0}, {3.3 * 30.4375}, 2.0, 1e-10},
    {"sardana2024", {30e9, 1.556e12}, {16.41e9, 3.265e12}, 1.0, 5e-5},
    {"sardana2024", {70e9, 4.255e12}, {41.55e9, 7.923e12}, 1.0, 5e-5},
};

static void test_published_coefficients_give_published_ratios(void)
{
    for (size_t i = 0; i < sizeof ratios / sizeof ratios[0]; i++) {
        const struct case_of c = published(ratios[i].set);
        const double got = at(&c, ratios[i].to, NULL) / at(&c, ratios[i].from, NULL);
        CU_ASSERT_DOUBLE_EQUAL(got, ratios[i].ratio, ratios[i].tolerance);
    }
    /* Densing, per day: 3.3 months; doubling in 3.5 of them is a factor of 10.8 a year. */
    const struct case_of density = published("xiao2024");
    CU_ASSERT_DOUBLE_EQUAL(parameter(&density, "A"), 0.00690, 5e-6);
    const struct case_of slower = given("density", (double[]){1.0, log(2) / (3.5 * 30.4375)});
    CU_ASSERT_DOUBLE_EQUAL(at(&slower, (double[]){365.25}, NULL), 10.8, 0.05);
}

/* Forms of which only parts are published. */
static void test_paper_hestness2017_power_region(void)
{
    const struct case_of words = given("hestness", (double[]){50, 0, 11.9, 0.066});
    CU_ASSERT_DOUBLE_EQUAL(at(&words, (double[]){1e9}, NULL), 3.0307, 5e-5);
    CU_ASSERT_DOUBLE_EQUAL(at(&words, (double[]){1e10}, NULL) / at(&words, (double[]){1e9}, NULL),
                           0.859, 5e-4);
    const struct case_of images = given("hestness", (double[]){0.97, 0, 7.3, 0.309});
    CU_ASSERT_DOUBLE_EQUAL(at(&images, (double[]){1e7}, NULL) / at(&images, (double[]){1e6}, NULL),
                           0.491, 5e-4);
    CU_ASSERT_EQUAL(at(&images, (double[]){2}, NULL), 0.97); /* no better than a guess */
}

static void test_paper_kaplan2020_allocation(void)
{
    const struct case_of ns = published("kaplan2020_ns"), batch = published("kaplan2020_batch");
    const double aN = parameter(&ns, "aN"), aS = parameter(&ns, "aS");
    CU_ASSERT_DOUBLE_EQUAL(aN / aS, 0.101, 5e-4);
    CU_ASSERT_DOUBLE_EQUAL(1 / (1 / aS + 1 / parameter(&batch, "aB") + 1 / aN), 0.0525, 5e-5);
    /* Training stops where another step helps as much as another parameter: at aN/aS above the
     * converged loss. */
    const double converged = at(&ns, (double[]){1e9, 1e300}, NULL);
    const double steps = parameter(&ns, "Sc") / pow(aN / aS * converged, 1 / aS);
    double slopes[2];
    HARNESS_ASSERT_REL(at(&ns, (double[]){1e9, steps}, slopes), (1 + aN / aS) * converged, 1e-12);
    HARNESS_ASSERT_REL(slopes[0], slopes[1], 1e-12);
}

static void test_paper_kaplan2020_is_the_family_with_an_outer_exponent(void)
{
    const double aN = 0.076, aD = 0.103;
    const double natural[] = {1e-4, pow(6.4e13, aN), pow(1.8e13, aD), aN, aD, aD};
    const struct case_of outer = given("chinchilla_outer", natural);
    const struct case_of kaplan = published("kaplan2020_nd");
    for (double n = 2.3e7; n < 1e12; n *= 13) {
        const double inputs[] = {n, 1.7e10};
        HARNESS_ASSERT_REL(at(&outer, inputs, NULL) - 1e-4, at(&kaplan, inputs, NULL), 1e-13);
    }
}

static void test_paper_sardana2024_first_order_condition(void)
{
    /* dL/dlnN over dL/dlnD = 1 + D_inf / (3 D) where training and serving cost least. */
    const struct case_of c = published("sardana2024");
    double slopes[2];
    (void)at(&c, (double[]){16.41e9, 3.265e12}, slopes);
    CU_ASSERT_DOUBLE_EQUAL(slopes[0] / slopes[1], 1 + 5e12 / (3 * 3.265e12), 1e-3);
    (void)at(&c, (double[]){41.55e9, 7.923e12}, slopes);
    CU_ASSERT_DOUBLE_EQUAL(slopes[0] / slopes[1], 1 + 1e13 / (3 * 7.923e12), 1e-3);
}

static void test_paper_gadre2024_is_tied_chinchilla_by_compute_and_multiplier(void)
{
    const struct case_of base = published("muennighoff2023_base");
    const double alpha = parameter(&base, "alpha"), h = alpha / 2;
    const double a = parameter(&base, "A") * pow(6, h), b = parameter(&base, "B") * pow(6, h);
    const double compute = 1e21, multiplier = 20;
    const double params = sqrt(compute / (6 * multiplier));
    const double loss = parameter(&base, "E")
                        + (a * pow(multiplier, h) + b * pow(multiplier, -h)) * pow(compute, -h);
    CU_ASSERT_DOUBLE_EQUAL(loss, 2.34769, 5e-6);
    HARNESS_ASSERT_REL(at(&base, (double[]){params, multiplier * params}, NULL), loss, 1e-13);
    CU_ASSERT_DOUBLE_EQUAL(pow(b / a, 1 / (2 * h)), 19.613, 5e-4);
}

static void test_paper_muennighoff2023_worth_of_repeated_tokens(void)
{
    static const double wanted[][2] = {{4, 0.9314}, {16, 0.6614}, {40, 0.3792}}; /* epochs, D'/D */
    const struct case_of c = published("muennighoff2023");
    const double params = 1e8, tokens = 4e11; /* so few parameters that none are in excess */
    const double alpha = parameter(&c, "alpha");
    for (size_t i = 0; i < 3; i++) {
        const double loss = at(&c, (double[]){params, tokens, tokens / wanted[i][0]}, NULL);
        const double term = loss - parameter(&c, "E") - parameter(&c, "A") * pow(params, -alpha);
        const double worth = pow(term / parameter(&c, "B"), -1 / alpha);
        CU_ASSERT_DOUBLE_EQUAL(worth / tokens, wanted[i][1], 5e-5);
    }
    /* Four epochs are nearly as good as unique tokens. */
    const double repeated = at(&c, (double[]){2.8e9, 55e9, 55e9 / 4}, NULL);
    const double unique = at(&c, (double[]){2.8e9, 55e9, 55e9}, NULL);
    CU_ASSERT_DOUBLE_EQUAL(repeated - unique, 0.0234, 5e-5);
    /* Excess parameters aside, unique tokens give the base law. */
    const struct case_of base = published("muennighoff2023_base");
    HARNESS_ASSERT_REL(at(&c, (double[]){1e8, 20e9, 20e9}, NULL),
                       at(&base, (double[]){1e8, 20e9}, NULL), 1e-9);
}

/* The factor on parameters of precision, all tensors at \a bits or the weights alone. */
static double precision_factor(const struct case_of *c, double bits, bool weights_alone)
{
    const double params = 3e8, tokens = 1.7e10, others = weights_alone ? 1e3 : bits;
    const double alpha = parameter(c, "alpha");
    const double loss = at(c, (double[]){params, tokens, bits, others, others}, NULL);
    const double term = loss - parameter(c, "E") - parameter(c, "B") * pow(tokens, -alpha);
    return pow(term / parameter(c, "A"), -1 / alpha) / params;
}

static void test_paper_kumar2024_precision(void)
{
    const struct case_of c = published("kumar2024");
    static const double weights[][2] = {{8, 0.9320}, {4, 0.6964}};
    static const double all[][2] = {{16, 0.9937}, {8, 0.8278}, {7, 0.7404}};
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT_DOUBLE_EQUAL(precision_factor(&c, weights[i][0], true), weights[i][1], 5e-5);
    }
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_DOUBLE_EQUAL(precision_factor(&c, all[i][0], false), all[i][1], 5e-5);
    }
    CU_ASSERT_DOUBLE_EQUAL(at(&c, (double[]){220e6, 26e9, 16, 16, 16}, NULL), 3.19759, 5e-6);
    CU_ASSERT_DOUBLE_EQUAL(at(&c, (double[]){220e6, 26e9, 8, 8, 8}, NULL), 3.22711, 5e-6);
    /* Cost grows with the bits: most effective parameters a bit at 7.002, the "7-8 bits". */
    const double best = precision_factor(&c, 7.002, false) / 7.002;
    for (double step = 0.01; step < 4; step *= 2) {
        CU_ASSERT(precision_factor(&c, 7.002 - step / 2, false) / (7.002 - step / 2) < best);
        CU_ASSERT(precision_factor(&c, 7.002 + step, false) / (7.002 + step) < best);
    }
    const double low[] = {log(220e6), log(26e9), 2.5, 16, 16};
    CU_ASSERT_FALSE(c.law->in_domain(c.law, low));
}

/* Table 4 of the paper: for a number of experts the law is m N^mu + n D^nu + c. */
static void test_paper_ludziejewski2025_reduces_to_chinchilla(void)
{
    static const double table[][5] = {
        {1, 30.3640, -0.1817, 53.9838, -0.1965},   {2, 27.7982, -0.1780, 66.8401, -0.2065},
        {4, 24.8462, -0.1731, 87.7022, -0.2192},   {8, 21.8330, -0.1676, 119.9126, -0.2338},
        {16, 19.0159, -0.1617, 167.5073, -0.2494}, {32, 16.5424, -0.1557, 234.6726, -0.2652},
    };
    const struct case_of c = published("ludziejewski2025");
    const double floor_nat = parameter(&c, "c"), endless = 1e300;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        double slopes[3];
        const double m = at(&c, (double[]){1, endless, table[i][0]}, slopes) - floor_nat;
        HARNESS_ASSERT_REL(m, table[i][1], 2e-3);
        CU_ASSERT_DOUBLE_EQUAL(slopes[0] / m, table[i][2], 1.5e-4);
        const double n = at(&c, (double[]){endless, 1, table[i][0]}, slopes) - floor_nat;
        HARNESS_ASSERT_REL(n, table[i][3], 4e-3);
        CU_ASSERT_DOUBLE_EQUAL(slopes[1] / n, table[i][4], 1.5e-4);
    }
}

static void test_paper_clark2022_effective_parameters(void)
{
    static const char *const techniques[] = {"clark2022_sbase", "clark2022_rlr", "clark2022_hash"};
    for (size_t i = 0; i < 3; i++) {
        const struct case_of c = published(techniques[i]);
        const double Es = parameter(&c, "Es"), Em = parameter(&c, "Em"), b = parameter(&c, "b");
        const double experts = 128, params = 5e6;
        const double Eh = 1 / (1 / (experts - 1 + 1 / (1 / Es - 1 / Em)) + 1 / Em);
        const double here = parameter(&c, "a") + parameter(&c, "c") * log10(Eh);
        const double one = parameter(&c, "a") + parameter(&c, "c") * log10(Es);
        const double dense = pow(params, here / one) * pow(Eh / Es, b / one);
        HARNESS_ASSERT_REL(at(&c, (double[]){dense, 1}, NULL),
                           at(&c, (double[]){params, experts}, NULL), 1e-12);
        if (i == 0) {
            CU_ASSERT_DOUBLE_EQUAL(dense, 5.18e7, 5e4); /* the paper: about 55M */
        }
    }
}

static void test_paper_krajewski2024_granularity(void)
{
    const struct case_of c = published("krajewski2024");
    const double rise =
        at(&c, (double[]){1e9, 2e10, 1}, NULL) - at(&c, (double[]){1e9, 2e10, 16}, NULL);
    CU_ASSERT_DOUBLE_EQUAL(rise, 0.1549, 5e-5);
    const struct case_of dense = published("krajewski2024_dense");
    CU_ASSERT_DOUBLE_EQUAL(at(&dense, (double[]){1e9, 2e10}, NULL), 2.98, 5e-3);
    CU_ASSERT_DOUBLE_EQUAL(at(&c, (double[]){1e9, 2e10, 1}, NULL), 3.28, 5e-3);
}

static void test_paper_frantar2023_gain(void)
{
    static const struct {
        const char *set;
        double gain;
    } cases[] = {{"frantar2023_t5", 2.160}, {"frantar2023_vit", 2.172}};
    for (size_t i = 0; i < 2; i++) {
        /* Parameters of a dense model with the same loss: the ratio of the factors to 1/bN. */
        const struct case_of c = published(cases[i].set);
        const double aS = parameter(&c, "aS"), cS = parameter(&c, "cS");
        const double sparse = aS * pow(0.25, parameter(&c, "bS")) + cS;
        const double gain = pow((aS + cS) / sparse, 1 / parameter(&c, "bN"));
        CU_ASSERT_DOUBLE_EQUAL(gain, cases[i].gain, 5e-4);
        HARNESS_ASSERT_REL(at(&c, (double[]){1e8, 1e11, 0.75}, NULL),
                           at(&c, (double[]){1e8 * gain, 1e11, 0}, NULL), 1e-12);
    }
}

/* Slope of the loss by ln V where compute and body are held: tokens pay for the vocabulary. The
 * compute is that of the first approach. */
static double vocabulary_slope(const struct case_of *c, double body, double width, double size)
{
    const double compute = pow(body / exp(-2.484651), 2), vocabulary = size * width;
    const double all = body + vocabulary;
    double slopes[3];
    (void)at(c, (double[]){body, vocabulary, compute / (6 * all)}, slopes);
    return slopes[1] - slopes[2] * vocabulary / all;
}

static void test_paper_tao2024_best_vocabulary_is_where_the_slope_turns(void)
{
    static const double wanted[][3] = {
        {70e9, 8192, 217961}, {7e9, 4096, 59548}, {2.87e9, 3200, 35272}};
    const struct case_of c = published("tao2024");
    for (size_t i = 0; i < 3; i++) {
        const double below = vocabulary_slope(&c, wanted[i][0], wanted[i][1], wanted[i][2] - 1);
        const double above = vocabulary_slope(&c, wanted[i][0], wanted[i][1], wanted[i][2] + 1);
        CU_ASSERT(below < 0 && above > 0);
    }
}

static void test_paper_mccandlish2018_critical_batch_doubles_the_tokens(void)
{
    const struct case_of c = given("critical_batch", (double[]){3.7e9, 1.3e6});
    HARNESS_ASSERT_REL(at(&c, (double[]){1.3e6}, NULL), 7.4e9, 1e-15);
}

static void test_paper_khatri2025_saturates_at_its_asymptote(void)
{
    const struct case_of c = given("scalerl", (double[]){0.30, 0.645, 8000, 1.70});
    CU_ASSERT_DOUBLE_EQUAL(at(&c, (double[]){2000}, NULL), 0.32985, 5e-6);
    CU_ASSERT_DOUBLE_EQUAL(at(&c, (double[]){8000}, NULL), 0.4725, 5e-5);
    CU_ASSERT_DOUBLE_EQUAL(at(&c, (double[]){50000}, NULL), 0.63035, 5e-6);
}

static void test_paper_wang2025ttspm_saturation(void)
{
    /* Samples, single success rate: the first at which one more adds at most .01. */
    static const double wanted[][2] = {{9, 0.3}, {20, 0.1}};
    for (size_t i = 0; i < 2; i++) {
        const struct case_of c = given("ttspm", (double[]){0.8, wanted[i][1]});
        const struct design d = design_neutral();
        struct predict_model model = {.law = c.law};
        struct claim_subject s = claim_unobserved();
        double n = 0;
        while (at(&c, (double[]){n + 1}, NULL) - at(&c, (double[]){n}, NULL) > 0.01) {
            n++;
        }
        CU_ASSERT_EQUAL(n, wanted[i][0]);
        /* ... which the program finds without a walk. */
        memcpy(model.theta, c.theta, sizeof model.theta);
        s.design = &d;
        s.model = &model;
        s.observed[CLAIM_GAIN] = 0.01;
        CU_ASSERT_EQUAL(claim_value(claim_find("saturation_samples"), &s), n);
        s.observed[CLAIM_GAIN] = 0.25; /* more than the first sample adds */
        CU_ASSERT_EQUAL(claim_value(claim_find("saturation_samples"), &s), 0.0);
    }
}

static void test_paper_brown2024_coverage(void)
{
    /* SWE-bench Lite: 15.9 % of the issues with one sample, 56 % with 250. */
    const double a = -log(0.159), b = log(a / -log(0.56)) / log(250);
    const struct case_of c = given("coverage", (double[]){a, b});
    CU_ASSERT_DOUBLE_EQUAL(at(&c, (double[]){1}, NULL), 0.159, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(at(&c, (double[]){250}, NULL), 0.56, 1e-12);
    /* ln of -ln coverage is a line in ln samples. */
    const double middle = at(&c, (double[]){sqrt(250)}, NULL);
    HARNESS_ASSERT_REL(log(-log(middle)), (log(-log(0.159)) + log(-log(0.56))) / 2, 1e-12);
}

static void test_accuracy_forms_at_their_marks(void)
{
    /* Halfway between floor and ceiling at L0, where the slope is a k / 4. */
    const struct case_of c = given("accuracy_sigmoid", (double[]){0.61, 0.24, -3.1, 1.9});
    double slopes[1];
    CU_ASSERT_DOUBLE_EQUAL(at(&c, (double[]){1.9}, slopes), 0.24 + 0.61 / 2, 1e-15);
    HARNESS_ASSERT_REL(slopes[0], 0.61 * -3.1 / 4, 1e-14);
    const struct case_of error = given("accuracy_exponential", (double[]){0.75, 2.3, 0.7});
    CU_ASSERT_DOUBLE_EQUAL(at(&error, (double[]){2.0}, NULL), 0.75 - 2.3 * exp(-1.4), 1e-15);
    const struct case_of logit = given("accuracy_logit", (double[]){-31.2, 0.63});
    const double p = at(&logit, (double[]){3.3e21}, NULL);
    CU_ASSERT_DOUBLE_EQUAL(log(p / (1 - p)), -31.2 + 0.63 * log(3.3e21), 1e-12);
}

static void test_every_shipped_set_is_inside_the_bounds_of_its_law(void)
{
    read_tables();
    for (size_t i = 0; i < n_sets; i++) {
        const struct law *law = sets[i].law;
        for (size_t j = 0; j < law->n_parameters; j++) {
            const double value = sets[i].natural[j];
            if (!(value >= law->parameters[j].lower && value <= law->parameters[j].upper)) {
                harness_say(sets[i].id);
                harness_say(law->parameters[j].name);
                CU_FAIL("a fit could not find this");
            }
        }
    }
    free(sets);
    sets = NULL;
}

/* A place in the range of a set, one in four times at an end of it. Where nothing is published, the
 * range is that of the input of designs, or what anyone would ask. */
static double anywhere(struct rng *r, const struct law_set *set, size_t input)
{
    static const double least = 1e-3, most = 1e15, most_of_no_design = 1e3;
    const struct law_input *of = &set->law->inputs[input];
    const enum design_input d = design_find(of->name);
    const bool is_input = d != DESIGN_N_INPUTS && design_field(d)->kind == DESIGN_NUMBER;
    const double lower =
        fmax(fmax(set->lower[input], is_input ? design_field(d)->lower : 0.0), least);
    const double upper = fmin(fmin(set->upper[input], is_input ? design_field(d)->upper : most),
                              is_input || of->logarithmic ? most : most_of_no_design);
    const double share = rng_below(r, 4) == 0 ? (double)rng_below(r, 2) : rng_uniform(r);
    const double value = exp(log(lower) + share * (log(upper) - log(lower)));
    const double inside = fmin(fmax(value, lower), upper);
    return of->logarithmic ? log(inside) : inside;
}

/* No NaN on all of what the set says it was seen in, ends included, and nothing beyond the guard.
 */
static void test_every_shipped_set_says_a_number_in_its_range(void)
{
    enum { N_POINTS = 300 };
    struct rng r;
    read_tables();
    rng_init(&r, 2385, RNG_TEST, 1);
    for (size_t s = 0; s < n_sets; s++) {
        const struct law *law = sets[s].law;
        double theta[LAW_MAX_PARAMETERS], x[LAW_MAX_INPUTS], response = 0.0;
        const double *columns[LAW_MAX_INPUTS];
        size_t n_inside = 0, n_wrong = 0;
        law_transform(law, sets[s].natural, theta);
        for (size_t k = 0; k < N_POINTS; k++) {
            for (size_t i = 0; i < law->n_inputs; i++) {
                x[i] = anywhere(&r, &sets[s], i);
                columns[i] = &x[i];
            }
            const bool inside = law->in_domain(law, x);
            law_values(law, theta, 1, columns, &response);
            n_inside += inside;
            n_wrong += inside && !isfinite(response);
            for (size_t i = 0; i < law->n_inputs; i++) {
                const double kept = x[i];
                x[i] = k % 2 == 0 ? (double)NAN : (double)INFINITY;
                n_wrong += law->in_domain(law, x);
                x[i] = kept;
            }
        }
        if (n_wrong > 0 || n_inside == 0) {
            harness_say(sets[s].id);
        }
        CU_ASSERT_EQUAL(n_wrong, 0);
        CU_ASSERT(n_inside > 0);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"figures", test_published_coefficients_give_published_figures},
        {"ratios", test_published_coefficients_give_published_ratios},
        {"hestness", test_paper_hestness2017_power_region},
        {"kaplan", test_paper_kaplan2020_allocation},
        {"outer", test_paper_kaplan2020_is_the_family_with_an_outer_exponent},
        {"sardana", test_paper_sardana2024_first_order_condition},
        {"gadre", test_paper_gadre2024_is_tied_chinchilla_by_compute_and_multiplier},
        {"repetition", test_paper_muennighoff2023_worth_of_repeated_tokens},
        {"precision", test_paper_kumar2024_precision},
        {"experts", test_paper_ludziejewski2025_reduces_to_chinchilla},
        {"routed", test_paper_clark2022_effective_parameters},
        {"granularity", test_paper_krajewski2024_granularity},
        {"sparsity", test_paper_frantar2023_gain},
        {"vocabulary", test_paper_tao2024_best_vocabulary_is_where_the_slope_turns},
        {"batch", test_paper_mccandlish2018_critical_batch_doubles_the_tokens},
        {"scalerl", test_paper_khatri2025_saturates_at_its_asymptote},
        {"ttspm", test_paper_wang2025ttspm_saturation},
        {"coverage", test_paper_brown2024_coverage},
        {"accuracy", test_accuracy_forms_at_their_marks},
        {"numbers", test_every_shipped_set_says_a_number_in_its_range},
        {"bounds", test_every_shipped_set_is_inside_the_bounds_of_its_law},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
