#include "solver/correct.h"

#include <string.h>

#include "solver/base/vmath.h"
#include "tests/harness.h"
#include "tests/solver/catalogue.h"

static struct status_why why;

static struct correct correct_of(const char *kind, const double values[])
{
    struct correct c = correct_neutral(correct_find(kind));
    memcpy(c.values, values, sizeof c.values);
    status_clear(&why);
    HARNESS_ASSERT_OK(correct_check(&c, &why));
    return c;
}

static double value_with(const struct predict_model *m, const char *kind, const double values[],
                         const struct design *d)
{
    const struct correct c = correct_of(kind, values);
    const struct correct_point at = {.law = m->law,
                                     .theta = m->theta,
                                     .design = d,
                                     .params = d->value[DESIGN_PARAMS],
                                     .tokens = d->value[DESIGN_TOKENS]};
    return correct_value(&c, &at);
}

static const double muennighoff[] = CATALOGUE_MUENNIGHOFF, besiroglu[] = CATALOGUE_BESIROGLU;

static double value_of(const char *kind, const double values[], const struct design *d)
{
    const struct predict_model m = catalogue_model("chinchilla", muennighoff);
    return value_with(&m, kind, values, d);
}

static struct design at(double params, double tokens)
{
    struct design d = design_neutral();
    d.value[DESIGN_PARAMS] = params;
    d.value[DESIGN_TOKENS] = tokens;
    return d;
}

static double map_of(const char *kind, const double values[], double x, double weight)
{
    const struct correct c = correct_of(kind, values);
    double y;
    correct_map(&c, 1, &x, &weight, 0, &y);
    return y;
}

/* Nothing said of its input, no effect: bf16 has its 16 bits, so it is left out. */
static void test_correct_is_neutral_where_nothing_is_said(void)
{
    const struct design d = at(7.1e9, 1.3e12);
    const double batch[CORRECT_MAX_PARAMETERS] = {3.1e5, 0.3},
                 batch_loss[CORRECT_MAX_PARAMETERS] = {2.1e8, 0.21},
                 repetition[CORRECT_MAX_PARAMETERS] = {15.387756},
                 sparsity[CORRECT_MAX_PARAMETERS] = {16.8, 45.0, 0.722, 0.245},
                 epc[CORRECT_MAX_PARAMETERS] = {-0.082, -0.108, 0.009, 1.847, 314.478},
                 ptq[CORRECT_MAX_PARAMETERS] = {0.0598, 0.5907, 0.5068, 0.3439, INFINITY},
                 none[CORRECT_MAX_PARAMETERS] = {0.0};
    CU_ASSERT_EQUAL(value_of("critical_batch", batch, &d), 1.0);
    CU_ASSERT_EQUAL(value_of("critical_batch_loss", batch_loss, &d), 1.0);
    CU_ASSERT_EQUAL(value_of("repetition", repetition, &d), 1.0);
    HARNESS_ASSERT_REL(value_of("sparsity", sparsity, &d), 1.0, 1e-15);
    HARNESS_ASSERT_REL(value_of("experts_epc", epc, &d), 1.0, 1e-15);
    CU_ASSERT_EQUAL(value_of("precision", none, &d), 1.0);
    CU_ASSERT_EQUAL(value_of("quantisation", ptq, &d), 0.0);
    CU_ASSERT_EQUAL(map_of("coverage", (const double[CORRECT_MAX_PARAMETERS]){0.4}, 0.37, 1.0),
                    0.37);
    HARNESS_ASSERT_REL(map_of("ttspm", (const double[CORRECT_MAX_PARAMETERS]){0.83}, 0.37, 1.0),
                       0.37, 1e-15);
}

/* D = Dmin + B Dmin / Bcrit(Dmin): the value solves it, and doubling at B = Bcrit costs half. */
static void test_paper_mccandlish2018_batch_at_the_critical_one_doubles_the_tokens(void)
{
    struct design d = at(1e9, 2.6e11);
    d.value[DESIGN_BATCH] = 3.7e6;
    const double fixed[CORRECT_MAX_PARAMETERS] = {3.7e6, 0.0},
                 power_law[CORRECT_MAX_PARAMETERS] = {31.0, 0.462};
    HARNESS_ASSERT_REL(value_of("critical_batch", fixed, &d), 0.5, 1e-14);
    for (double batch = 1.7e4; batch < 1e11; batch *= 7.3) {
        d.value[DESIGN_BATCH] = batch;
        const double least = 2.6e11 * value_of("critical_batch", power_law, &d);
        const double critical = 31.0 * pow(least, 0.462);
        HARNESS_ASSERT_REL(least * (1.0 + batch / critical), 2.6e11, 1e-13);
    }
}

/* The same with the critical batch of the loss that the least tokens reach. */
static void test_paper_kaplan2020_critical_batch_follows_the_loss(void)
{
    const double kaplan[] = CATALOGUE_KAPLAN, of_loss[CORRECT_MAX_PARAMETERS] = {2.1e8, 0.21};
    const struct predict_model m = catalogue_model("kaplan_nd", kaplan);
    struct design d = at(1e9, 2.6e11);
    d.value[DESIGN_BATCH] = 5.24288e5;
    struct design least = d;
    least.value[DESIGN_TOKENS] *= value_with(&m, "critical_batch_loss", of_loss, &d);
    const double critical = 2.1e8 / pow(predict_loss_nat(&m, &least), 1.0 / 0.21);
    HARNESS_ASSERT_REL(least.value[DESIGN_TOKENS] * (1.0 + 5.24288e5 / critical), 2.6e11, 1e-13);
    CU_ASSERT_DOUBLE_EQUAL(2.1e8 / pow(3.0, 1.0 / 0.21), 1.12e6, 5e3);
}

static void test_paper_muennighoff2023_worth_of_repeated_tokens(void)
{
    static const struct {
        double epochs, worth;
    } rows[] = {{4, .9314}, {16, .6614}, {40, .3792}};
    const double rd[CORRECT_MAX_PARAMETERS] = {15.387756};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct design d = at(1e9, rows[i].epochs * 25e9);
        d.value[DESIGN_UNIQUE_TOKENS] = 25e9;
        CU_ASSERT_DOUBLE_EQUAL(value_of("repetition", rd, &d), rows[i].worth, 0.5e-4);
    }
    struct design forever = at(1e9, 25e15);
    forever.value[DESIGN_UNIQUE_TOKENS] = 25e9;
    HARNESS_ASSERT_REL(1e6 * value_of("repetition", rd, &forever), 16.387756, 1e-9);
}

/* U_N = G^2 U with G^2 = .050987, and no penalty below it. */
static void test_paper_muennighoff2023_excess_begins_at_the_best_size(void)
{
    const double rn[CORRECT_MAX_PARAMETERS] = {5.309743};
    struct design d = at(0.050985 * 25e9, 242e9);
    d.value[DESIGN_UNIQUE_TOKENS] = 25e9;
    CU_ASSERT_EQUAL(value_of("excess_params", rn, &d), 1.0);
    d.value[DESIGN_PARAMS] = 0.051 * 25e9;
    CU_ASSERT(value_of("excess_params", rn, &d) < 1.0);
    d.value[DESIGN_PARAMS] = 6.34e9;
    const double best = 0.0509870 * 25e9, excess = 6.34e9 / best - 1.0;
    HARNESS_ASSERT_REL(6.34e9 * value_of("excess_params", rn, &d),
                       best * (1.0 + 5.309743 * (1.0 - exp(-excess / 5.309743))), 1e-5);
}

#define KUMAR_W      2.6745, 0.3037
#define KUMAR_A      2.2102, 1.4072
#define KUMAR_K      0.9578, 2.4185
#define KUMAR_NO_TWO 0.0, 0.0, 0.0, 0.0

static void test_paper_kumar2024_precision_factors(void)
{
    static const double with_offset[CORRECT_MAX_PARAMETERS] = {KUMAR_W, KUMAR_NO_TWO},
                        without[CORRECT_MAX_PARAMETERS] = {2.6745, 0, KUMAR_NO_TWO},
                        all[CORRECT_MAX_PARAMETERS] = {KUMAR_W, KUMAR_A, KUMAR_K};
    const struct {
        const double *values;
        double bits, factor;
    } rows[] = {{without, 16, .9975},    {without, 8, .9498}, {without, 6, .8939},
                {without, 4, .7759},     {without, 3, .6743}, {with_offset, 8, .9320},
                {with_offset, 4, .6964}, {all, 8, .8278},     {all, 7, .7404},
                {all, 16, .9937}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct design d = at(1e9, 1e11);
        d.value[DESIGN_WEIGHT_BITS] = d.value[DESIGN_ACTIVATION_BITS] = d.value[DESIGN_CACHE_BITS] =
            rows[i].bits;
        CU_ASSERT_DOUBLE_EQUAL(value_of("precision", rows[i].values, &d), rows[i].factor, 0.5e-4);
    }
}

/* Beside a law of runs in 16 bits, 16 bits change nothing and fewer take what they take of 16. */
static void test_correct_precision_is_relative_to_the_bits_of_the_law(void)
{
    static const double all[CORRECT_MAX_PARAMETERS] = {KUMAR_W, KUMAR_A, KUMAR_K};
    double relative[CORRECT_MAX_PARAMETERS] = {KUMAR_W, KUMAR_A, KUMAR_K, 16.0};
    struct design d = at(1e9, 1e11);
    d.value[DESIGN_TRAINING_BITS] = 16.0;
    const double at_16 = value_of("precision", all, &d);
    CU_ASSERT_EQUAL(value_of("precision", relative, &d), 1.0);
    d.value[DESIGN_TRAINING_BITS] = 7.0;
    HARNESS_ASSERT_REL(value_of("precision", relative, &d), value_of("precision", all, &d) / at_16,
                       1e-15);
}

static void test_correct_precision_ends_where_training_diverged(void)
{
    static const double all[CORRECT_MAX_PARAMETERS] = {KUMAR_W, KUMAR_A, KUMAR_K};
    static const double weights[CORRECT_MAX_PARAMETERS] = {KUMAR_W, KUMAR_NO_TWO};
    struct design d = at(1e9, 1e11);
    d.value[DESIGN_WEIGHT_BITS] = 3.0;
    CU_ASSERT(value_of("precision", all, &d) > 0.0);
    d.value[DESIGN_ACTIVATION_BITS] = 3.9;
    CU_ASSERT(isnan(value_of("precision", all, &d)));
    CU_ASSERT(value_of("precision", weights, &d) > 0.0); /* nothing said of activations */
    d.value[DESIGN_WEIGHT_BITS] = 2.9;
    CU_ASSERT(isnan(value_of("precision", weights, &d)));
}

static void test_paper_kumar2024_loss_added_by_quantisation(void)
{
    static const double ptq[CORRECT_MAX_PARAMETERS] = {0.0598, 0.5907, 0.5068, 0.3439, INFINITY};
    static const struct {
        double bits, added, half_digit;
    } rows[] = {{3, .1124, .5e-4}, {4, .02068, .5e-5}, {5, .003804, 1e-6}};
    struct design d = at(1e9, 1e11);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        d.value[DESIGN_POST_BITS] = rows[i].bits;
        CU_ASSERT_DOUBLE_EQUAL(value_of("quantisation", ptq, &d), rows[i].added,
                               rows[i].half_digit);
    }
    const double before = value_of("quantisation", ptq, &d);
    d.value[DESIGN_TOKENS] = 2e11;
    CU_ASSERT_DOUBLE_EQUAL(value_of("quantisation", ptq, &d) / before, 1.4209, 0.5e-4);
    d.value[DESIGN_TOKENS] = 1e12;
    CU_ASSERT_DOUBLE_EQUAL(value_of("quantisation", ptq, &d) / before, 3.2122, 0.5e-4);
    d = at(2e9, 1e11);
    d.value[DESIGN_POST_BITS] = 5.0;
    CU_ASSERT_DOUBLE_EQUAL(before / value_of("quantisation", ptq, &d), 1.2692, 0.5e-4);
    d.value[DESIGN_POST_BITS] = 16.0; /* as trained */
    CU_ASSERT_EQUAL(value_of("quantisation", ptq, &d), 0.0);
    const double bounded[CORRECT_MAX_PARAMETERS] = {0.0598, 0.5907, 0.5068, 0.3439, 0.21};
    d.value[DESIGN_POST_BITS] = 5.0;
    HARNESS_ASSERT_REL(value_of("quantisation", bounded, &d) / value_of("quantisation", ptq, &d),
                       1.0 - exp(-0.21 * 11.0), 1e-14);
}

static void test_paper_frantar2023_dense_equivalent_of_sparse_weights(void)
{
    static const double t5[CORRECT_MAX_PARAMETERS] = {16.8, 45.0, 0.722, 0.245},
                        vit[CORRECT_MAX_PARAMETERS] = {294, 468, 0.821, 0.392};
    struct design d = at(1e9, 1e11);
    d.value[DESIGN_SPARSITY] = 0.75;
    CU_ASSERT_DOUBLE_EQUAL(value_of("sparsity", t5, &d), 2.160, 0.5e-3);
    CU_ASSERT_DOUBLE_EQUAL(value_of("sparsity", vit, &d), 2.172, 0.5e-3);
}

static void test_paper_clark2022_effective_parameter_count(void)
{
    static const double s_base[CORRECT_MAX_PARAMETERS] = {-0.082, -0.108, 0.009, 1.847, 314.478};
    struct design d = at(5e6, 1.3e11);
    d.value[DESIGN_EXPERTS] = 128.0;
    CU_ASSERT_DOUBLE_EQUAL(5e6 * value_of("experts_epc", s_base, &d), 5.18e7, 0.5e5);
}

static void test_correct_accuracies_are_those_of_their_forms(void)
{
    static const double sigmoid[CORRECT_MAX_PARAMETERS] = {0.71, 0.25, -3.3, 2.1},
                        exponential[CORRECT_MAX_PARAMETERS] = {0.9, 3.1, 1.4};
    HARNESS_ASSERT_REL(map_of("accuracy_sigmoid", sigmoid, 1.93, 1),
                       0.25 + 0.71 / (1 + exp(3.3 * (1.93 - 2.1))), 1e-15);
    HARNESS_ASSERT_REL(map_of("accuracy_exponential", exponential, 1.93, 1),
                       0.1 + 3.1 * exp(-1.4 * 1.93), 1e-15);
    CU_ASSERT(isnan(map_of("accuracy_exponential", exponential, 0.3, 1))); /* 2.1 of 1 */
}

static void test_paper_kurtic2024_recovery_of_quantised_weights(void)
{
    static const double recovery[CORRECT_MAX_PARAMETERS] = {0.993, 0.987};
    struct design d = at(8e9, 15e12);
    CU_ASSERT_EQUAL(value_of("recovery", recovery, &d), 1.0);
    d.value[DESIGN_POST_BITS] = 8.0;
    CU_ASSERT_EQUAL(value_of("recovery", recovery, &d), 0.993);
    d.value[DESIGN_POST_BITS] = 4.0;
    CU_ASSERT_EQUAL(value_of("recovery", recovery, &d), 0.987);
    d.value[DESIGN_POST_BITS] = 3.0;
    CU_ASSERT(isnan(value_of("recovery", recovery, &d)));
    HARNESS_ASSERT_REL(map_of("recovery", recovery, 0.7406, 0.993), 0.7354, 1e-4);
}

static double coverage(double accuracy, double samples, double b)
{
    struct design d = at(1e9, 1e11);
    d.value[DESIGN_SAMPLES] = samples;
    const double values[CORRECT_MAX_PARAMETERS] = {b};
    return map_of("coverage", values, accuracy, value_of("coverage", values, &d));
}

/* SWE-bench Lite: 15.9 % of one sample, 56 % of 250; the curve through both. */
static void test_paper_brown2024_coverage(void)
{
    const double b = log(log(0.159) / log(0.56)) / log(250.0);
    HARNESS_ASSERT_REL(coverage(0.159, 250.0, b), 0.56, 1e-14);
    HARNESS_ASSERT_REL(coverage(0.159, 10.0, b), exp(log(0.159) / pow(10.0, b)), 1e-14);
    CU_ASSERT_EQUAL(coverage(0.0, 10.0, b), 0.0);
}

/* The first n whose gain Fmax p (1 - p)^n is below .01. */
static int saturation(double p)
{
    static const double fmax[CORRECT_MAX_PARAMETERS] = {0.8};
    struct design d = at(1e9, 1e11);
    double before = 0.8 * p;
    for (int n = 1;; n++) {
        d.value[DESIGN_SAMPLES] = n + 1.0;
        const double score = map_of("ttspm", fmax, 0.8 * p, value_of("ttspm", fmax, &d));
        if (score - before <= 0.01) {
            return n;
        }
        before = score;
    }
}

static void test_paper_wang2025ttspm_saturates(void)
{
    CU_ASSERT_EQUAL(saturation(0.3), 9);
    CU_ASSERT_EQUAL(saturation(0.1), 20);
    CU_ASSERT(isnan(map_of("ttspm", (const double[CORRECT_MAX_PARAMETERS]){0.8}, 0.81, 3.0)));
}

/* Cuts, strides and vector levels do not matter. */
static void test_correct_maps_give_the_same_bits_everywhere(void)
{
    enum { N = 203 };
    static const struct {
        const char *kind;
        double values[CORRECT_MAX_PARAMETERS], from, to;
    } rows[] = {{"accuracy_sigmoid", {0.71, 0.25, -3.3, 2.1}, 1.5, 4.1},
                {"accuracy_exponential", {0.9, 3.1, 1.4}, 1.5, 4.1},
                {"recovery", {0.993, 0.987}, 0.01, 0.99},
                {"coverage", {0.41}, 0.01, 0.99},
                {"ttspm", {0.97}, 0.01, 0.96}};
    const enum vmath_level best = vmath_level();
    double x[N], w[N], y[N], z;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const struct correct c = correct_of(rows[k].kind, rows[k].values);
        for (size_t i = 0; i < N; i++) {
            x[i] = rows[k].from + (rows[k].to - rows[k].from) * (double)i / N;
            w[i] = 1.0 / (1.0 + (double)(i % 7));
        }
        correct_map(&c, N, x, w, 1, y);
        size_t n_different = 0;
        for (int level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
            for (size_t i = 0; vmath_force((enum vmath_level)level) != 0 && i < N; i++) {
                correct_map(&c, 1, &x[i], &w[i], 0, &z);
                n_different += memcmp(&z, &y[i], sizeof z) != 0;
            }
        }
        CU_ASSERT_EQUAL(n_different, 0);
        CU_ASSERT(vmath_force(best) != 0);
    }
}

static void test_correct_extrapolates_outside_its_ranges(void)
{
    struct correct c = correct_of("repetition", (const double[CORRECT_MAX_PARAMETERS]){15.4});
    struct design d = at(1e9, 2e11);
    CU_ASSERT_EQUAL(correct_extrapolation_ratio(&c, &d), 1.0);
    c.n_ranges = 2;
    c.ranges[0] = (struct correct_range){DESIGN_TOKENS, 0.0, 9e11};
    c.ranges[1] = (struct correct_range){DESIGN_WEIGHT_BITS, 16.0, 16.0};
    CU_ASSERT_EQUAL(correct_extrapolation_ratio(&c, &d), 1.0); /* bf16 */
    d.value[DESIGN_PRECISION] = PRECISION_FP8;
    HARNESS_ASSERT_REL(correct_extrapolation_ratio(&c, &d), 2.0, 1e-12);
    d.value[DESIGN_TOKENS] = 2.7e12;
    HARNESS_ASSERT_REL(correct_extrapolation_ratio(&c, &d), 6.0, 1e-12);
    d = at(1e9, 9.1e11);
    HARNESS_ASSERT_REL(correct_extrapolation_ratio(&c, &d), 9.1 / 9.0, 1e-12);
    CU_ASSERT(isinf(correct_range_ratio(0.0, 1.0, 2.0)));
    CU_ASSERT(isnan(correct_range_ratio((double)NAN, 1.0, 2.0)));
}

static void test_correct_papers_share_a_key(void)
{
    CU_ASSERT(correct_same_paper("hoffmann2022;besiroglu2024", "besiroglu2024"));
    CU_ASSERT(correct_same_paper("kumar2024", "x;kumar2024"));
    CU_ASSERT(!correct_same_paper("kumar2024", "kumar202"));
    CU_ASSERT(!correct_same_paper("kumar2024", "muennighoff2023"));
    CU_ASSERT(!correct_same_paper("", ""));
}

static void test_correct_knows_what_was_fitted_together(void)
{
    CU_ASSERT(correct_is_joint(CORRECT_EXCESS, CORRECT_REPETITION));
    CU_ASSERT(correct_is_joint(CORRECT_PRECISION, CORRECT_QUANTISATION));
    CU_ASSERT(correct_is_joint(CORRECT_SAMPLES, CORRECT_ACCURACY));
    CU_ASSERT(!correct_is_joint(CORRECT_PRECISION, CORRECT_REPETITION));
    CU_ASSERT(!correct_is_joint(CORRECT_BATCH, CORRECT_PRECISION));
    CU_ASSERT(correct_is_joint(CORRECT_SAMPLES, CORRECT_REPETITION));
    CU_ASSERT(!correct_is_joint(CORRECT_SAMPLES, CORRECT_RECOVERY));
    CU_ASSERT(!correct_is_joint(CORRECT_REPETITION, CORRECT_QUANTISATION));
}

static void test_correct_errors(void)
{
    struct correct c = correct_neutral(correct_find("repetition"));
    status_clear(&why);
    HARNESS_ASSERT_FAILS(correct_check(&c, &why), STATUS_INPUT,
                         "correction repetition: RD: no value is published: give one");
    c.values[0] = -3.0;
    status_clear(&why);
    HARNESS_ASSERT_FAILS(correct_check(&c, &why), STATUS_INPUT,
                         "correction repetition: RD: -3: must be in [0.001, 1e+06]");
    CU_ASSERT_PTR_NULL(correct_find("repetitions"));
    CU_ASSERT_EQUAL(correct_find_parameter(c.kind, "RD"), 0);
    CU_ASSERT_EQUAL(correct_find_parameter(c.kind, "rd"), -1);
}

/* The table stands in the order of the pipeline, and what it says of laws holds. */
static void test_correct_kinds_refuse_laws_that_they_do_not_fit(void)
{
    const struct predict_model chinchilla = catalogue_model("chinchilla", besiroglu);
    const struct predict_model of_params =
        catalogue_model("power_params", (const double[CORRECT_MAX_PARAMETERS]){1.62, 873.0, 0.131});
    for (size_t i = 1; correct_at(i) != NULL; i++) {
        CU_ASSERT(correct_at(i)->stage >= correct_at(i - 1)->stage);
    }
    const struct correct_kind *epc = correct_find("experts_epc"),
                              *excess = correct_find("excess_params"),
                              *batch = correct_find("critical_batch_loss");
    CU_ASSERT_PTR_NOT_NULL(epc->refuses(chinchilla.law, chinchilla.theta));
    CU_ASSERT_PTR_NULL(epc->refuses(of_params.law, of_params.theta));
    CU_ASSERT_PTR_NULL(excess->refuses(chinchilla.law, chinchilla.theta));
    CU_ASSERT_PTR_NOT_NULL(excess->refuses(of_params.law, of_params.theta));
    CU_ASSERT_PTR_NULL(batch->refuses(chinchilla.law, chinchilla.theta));
    CU_ASSERT_PTR_NOT_NULL(batch->refuses(law_find("power_compute"), of_params.theta));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"is_neutral_where_nothing_is_said", test_correct_is_neutral_where_nothing_is_said},
        {"paper_mccandlish2018_batch_at_the_critical_one_doubles_the_tokens",
         test_paper_mccandlish2018_batch_at_the_critical_one_doubles_the_tokens},
        {"paper_kaplan2020_critical_batch_follows_the_loss",
         test_paper_kaplan2020_critical_batch_follows_the_loss},
        {"paper_muennighoff2023_worth_of_repeated_tokens",
         test_paper_muennighoff2023_worth_of_repeated_tokens},
        {"paper_muennighoff2023_excess_begins_at_the_best_size",
         test_paper_muennighoff2023_excess_begins_at_the_best_size},
        {"paper_kumar2024_precision_factors", test_paper_kumar2024_precision_factors},
        {"precision_is_relative_to_the_bits_of_the_law",
         test_correct_precision_is_relative_to_the_bits_of_the_law},
        {"precision_ends_where_training_diverged",
         test_correct_precision_ends_where_training_diverged},
        {"paper_kumar2024_loss_added_by_quantisation",
         test_paper_kumar2024_loss_added_by_quantisation},
        {"paper_frantar2023_dense_equivalent_of_sparse_weights",
         test_paper_frantar2023_dense_equivalent_of_sparse_weights},
        {"paper_clark2022_effective_parameter_count",
         test_paper_clark2022_effective_parameter_count},
        {"accuracies_are_those_of_their_forms", test_correct_accuracies_are_those_of_their_forms},
        {"paper_kurtic2024_recovery_of_quantised_weights",
         test_paper_kurtic2024_recovery_of_quantised_weights},
        {"paper_brown2024_coverage", test_paper_brown2024_coverage},
        {"paper_wang2025ttspm_saturates", test_paper_wang2025ttspm_saturates},
        {"maps_give_the_same_bits_everywhere", test_correct_maps_give_the_same_bits_everywhere},
        {"extrapolates_outside_its_ranges", test_correct_extrapolates_outside_its_ranges},
        {"papers_share_a_key", test_correct_papers_share_a_key},
        {"knows_what_was_fitted_together", test_correct_knows_what_was_fitted_together},
        {"errors", test_correct_errors},
        {"kinds_refuse_laws_that_they_do_not_fit",
         test_correct_kinds_refuse_laws_that_they_do_not_fit},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
