#include "solver/predict.h"

#include <stdio.h>
#include <string.h>

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

/* A law of width and depth takes them from the shape rule where a design does not say them. */
static void test_predict_shape_not_said_is_that_of_the_rule(void)
{
    struct law law = *law_find("chinchilla");
    struct predict_model m = model_of(&law);
    struct design d = at(7.3e9, 1.1e12);
    double x[LAW_MAX_INPUTS];
    law.inputs[0].name = "width";
    law.inputs[1].name = "depth";
    CU_ASSERT(design_has(predict_reads(&m), DESIGN_PARAMS));
    CU_ASSERT(design_has(predict_reads(&m), DESIGN_VOCABULARY));
    for (int tied = 0; tied < 2; tied++) {
        m.embeddings = tied != 0 ? SHAPE_TIED : SHAPE_UNTIED;
        predict_inputs(&m, &d, x);
        const double width = exp(x[0]), depth = exp(x[1]);
        HARNESS_ASSERT_REL(12.0 * depth * width * width
                               + (tied != 0 ? 1.0 : 2.0) * d.value[DESIGN_VOCABULARY] * width,
                           7.3e9, 1e-12);
        HARNESS_ASSERT_REL(width / depth, 39.2, 1e-12);
    }
    d.value[DESIGN_WIDTH] = 1024.0;
    d.value[DESIGN_DEPTH] = 28.0;
    predict_inputs(&m, &d, x);
    HARNESS_ASSERT_REL(x[0], log(1024.0), 1e-15);
    HARNESS_ASSERT_REL(x[1], log(28.0), 1e-15);
}

/* A law of the body and the vocabulary takes them from the shape; its loss may be normalised. */
static void test_predict_vocabulary_is_part_of_the_shape(void)
{
    struct status_why why;
    struct law law = *law_find("chinchilla");
    struct predict_model m = model_of(&law);
    struct design d = at(7.3e9, 1.1e12);
    double x[LAW_MAX_INPUTS];
    law.inputs[0].name = "body_params";
    law.inputs[1].name = "vocabulary_params";
    law.response = LAW_NORMALISED_LOSS_NAT;
    HARNESS_ASSERT_OK(predict_check(&m, &why));
    CU_ASSERT(design_has(predict_reads(&m), DESIGN_VOCABULARY));
    CU_ASSERT(design_has(predict_reads(&m), DESIGN_WIDTH));
    d.value[DESIGN_WIDTH] = 4096.0;
    d.value[DESIGN_VOCABULARY] = 51200.0;
    predict_inputs(&m, &d, x);
    HARNESS_ASSERT_REL(exp(x[0]), 7.3e9 - 2.0 * 4096.0 * 51200.0, 1e-13);
    HARNESS_ASSERT_REL(exp(x[1]), 4096.0 * 51200.0, 1e-13);
    d.value[DESIGN_VOCABULARY] = 2e6; /* more than all parameters */
    CU_ASSERT(isnan(predict_loss_nat(&m, &d)));
    CU_ASSERT_FALSE(predict_in_domain(&m, &d));
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

static struct status_why why;

/* Both inputs are inside their ranges where the compute is far above that of every run. */
static void test_predict_flags_compute_above_that_of_all_runs(void)
{
    static const double params[] = {1e8, 1e8, 1e9}, tokens[] = {1e9, 2e10, 2e9};
    const double *const values[] = {params, tokens};
    const double natural[] = CATALOGUE_BESIROGLU;
    struct predict_model m = catalogue_model("chinchilla", natural);
    struct support *support = NULL;
    m.lower[0] = 1e8;
    m.upper[0] = 1e9;
    m.lower[1] = 1e9;
    m.upper[1] = 2e10;
    const struct design corner = at(1e9, 2e10), inside = at(3e8, 3e9);
    CU_ASSERT_EQUAL(predict_extrapolation_ratio(&m, &corner), 1.0); /* by the ranges alone */
    HARNESS_ASSERT_OK(support_create(2, 3, values, &support, &why));
    m.support = support;
    HARNESS_ASSERT_REL(predict_extrapolation_ratio(&m, &corner), 10.0, 1e-9);
    CU_ASSERT_EQUAL(predict_flags(&m, &corner), 1u << PREDICT_EXTRAPOLATED);
    CU_ASSERT_EQUAL(predict_extrapolation_ratio(&m, &inside), 1.0);
    CU_ASSERT_EQUAL(predict_flags(&m, &inside), 0);
    support_destroy(support);
}

/* Corrections. */

static struct correct correct_of(const char *kind, const double values[], const char *source)
{
    struct correct c = correct_neutral(correct_find(kind));
    (void)snprintf(c.source, sizeof c.source, "%s", source);
    memcpy(c.values, values, sizeof c.values);
    return c;
}

static void add(struct predict_model *m, const char *kind, const double values[],
                const char *source)
{
    const struct correct c = correct_of(kind, values, source);
    status_clear(&why);
    HARNESS_ASSERT_OK(predict_correct(m, &c, &why));
    HARNESS_ASSERT_OK(predict_check(m, &why));
}

static const double repetition[CORRECT_MAX_PARAMETERS] = {15.387756},
                    excess[CORRECT_MAX_PARAMETERS] = {5.309743},
                    bits[CORRECT_MAX_PARAMETERS] = {2.6745, 0.3037, 2.2102, 1.4072, 0.9578, 2.4185},
                    ptq[CORRECT_MAX_PARAMETERS] = {0.0598, 0.5907, 0.5068, 0.3439, INFINITY},
                    sigmoid[CORRECT_MAX_PARAMETERS] = {0.7, 0.25, -3.3, 2.385},
                    coverage[CORRECT_MAX_PARAMETERS] = {0.31};

static struct predict_model model_from(const char *law_id, const double natural[],
                                       const char *source)
{
    struct predict_model m = catalogue_model(law_id, natural);
    (void)snprintf(m.source, sizeof m.source, "%s", source);
    return m;
}

static struct predict_model muennighoff(void)
{
    static const double natural[] = CATALOGUE_MUENNIGHOFF;
    struct predict_model m = model_from("chinchilla", natural, "muennighoff2023");
    add(&m, "excess_params", excess, "muennighoff2023");
    add(&m, "repetition", repetition, "muennighoff2023");
    return m;
}

static double loss_repeated(double params, double tokens, double unique)
{
    const struct predict_model m = muennighoff();
    struct design d = at(params, tokens);
    d.value[DESIGN_UNIQUE_TOKENS] = unique;
    return predict_loss_nat(&m, &d);
}

/* The least value of a function with one minimum, and where it lies. */
static double minimise(double (*f)(const void *context, double x), const void *context, double from,
                       double to, double *least)
{
    static const double golden = 0.6180339887498949, width = 1e-11;
    double a = to - golden * (to - from), b = from + golden * (to - from);
    double at_a = f(context, a), at_b = f(context, b);
    while (to - from > width * fabs(to)) {
        if (at_a < at_b) {
            to = b;
            b = a;
            at_b = at_a;
            a = to - golden * (to - from);
            at_a = f(context, a);
        } else {
            from = a;
            a = b;
            at_a = at_b;
            b = from + golden * (to - from);
            at_b = f(context, b);
        }
    }
    *least = fmin(at_a, at_b);
    return 0.5 * (from + to);
}

static double loss_at_budget(const void *context, double log_params)
{
    const double *budget = context;
    const double params = exp(log_params);
    return loss_repeated(params, *budget / (6.0 * params), 25e9);
}

/* The two losses that the repository prints, and its optimum of 25e9 unique tokens at 1e22. */
static void test_paper_muennighoff2023_losses_and_optimum(void)
{
    static const double budget = 1e22;
    double least;
    HARNESS_ASSERT_REL(loss_repeated(6.34e9, 242e9, 25e9), 2.2256440889984477, 1e-12);
    HARNESS_ASSERT_REL(loss_repeated(8.67e9, 178e9, 25e9), 2.2269634075087867, 1e-12);
    const double params = exp(minimise(loss_at_budget, &budget, log(1e9), log(1e11), &least));
    HARNESS_ASSERT_REL(params, 7.02616e9, 1e-5);
    HARNESS_ASSERT_REL(budget / (6.0 * params), 2.37209e11, 1e-5);
    HARNESS_ASSERT_REL(least, 2.22212927, 3e-9);
    CU_ASSERT_DOUBLE_EQUAL(loss_repeated(2.8e9, 55e9, 55e9 / 4) - loss_repeated(2.8e9, 55e9, 55e9),
                           0.0234, 0.5e-4);
}

static struct predict_model kumar(void)
{
    static const double natural[] = CATALOGUE_KUMAR;
    struct predict_model m = model_from("chinchilla", natural, "kumar2024");
    add(&m, "precision", bits, "kumar2024");
    return m;
}

static struct design with_bits(double params, double tokens, double n_bits)
{
    struct design d = at(params, tokens);
    d.value[DESIGN_WEIGHT_BITS] = d.value[DESIGN_ACTIVATION_BITS] = d.value[DESIGN_CACHE_BITS] =
        n_bits;
    return d;
}

struct bit_budget {
    struct predict_model model;
    double compute_bit_flop, bits;
};

static double loss_of_size(const void *context, double log_params)
{
    const struct bit_budget *b = context;
    const double product = 16.0 * b->compute_bit_flop / (6.0 * b->bits);
    const struct design d = with_bits(exp(log_params), product / exp(log_params), b->bits);
    return predict_loss_nat(&b->model, &d);
}

static double loss_of_bits(const void *context, double n_bits)
{
    struct bit_budget b = *(const struct bit_budget *)context;
    double least;
    b.bits = n_bits;
    (void)minimise(loss_of_size, &b, log(1e6), log(1e12), &least);
    return least;
}

/* compute_bit_flop = 6 N D P / 16 is what Kumar et al. call compute. */
static void test_paper_kumar2024_best_bits_are_seven_at_any_budget(void)
{
    for (double budget = 3e19; budget < 1e24; budget *= 1e2) {
        const struct bit_budget b = {.model = kumar(), .compute_bit_flop = budget};
        double least;
        CU_ASSERT_DOUBLE_EQUAL(minimise(loss_of_bits, &b, 4.0, 16.0, &least), 7.002, 0.5e-3);
    }
}

static void test_paper_kumar2024_losses(void)
{
    struct predict_model m = kumar();
    const struct design wide = with_bits(220e6, 26e9, 16), narrow = with_bits(220e6, 26e9, 8);
    CU_ASSERT_DOUBLE_EQUAL(predict_loss_nat(&m, &wide), 3.19759, 0.5e-5);
    CU_ASSERT_DOUBLE_EQUAL(predict_loss_nat(&m, &narrow), 3.22711, 0.5e-5);
}

static double loss_of_tokens(const void *context, double log_tokens)
{
    const struct predict_model *m = context;
    struct design d = at(1e9, exp(log_tokens));
    d.value[DESIGN_POST_BITS] = 3.0;
    return predict_loss_nat(m, &d);
}

/* Beyond 5.45e10 tokens more of them hurt a model of 1e9 parameters quantised to 3 bits. */
static void test_paper_kumar2024_data_beyond_which_quantised_models_get_worse(void)
{
    static const double natural[] = CATALOGUE_KUMAR;
    struct predict_model m = model_from("chinchilla", natural, "kumar2024");
    double least;
    add(&m, "quantisation", ptq, "kumar2024");
    HARNESS_ASSERT_REL(exp(minimise(loss_of_tokens, &m, log(1e9), log(1e13), &least)), 5.45e10,
                       1e-3);
}

/* With outer exponents too, what is added is added to the loss. */
static void test_predict_adds_to_the_loss_of_any_law(void)
{
    const double natural[] = CATALOGUE_KAPLAN;
    struct predict_model m = model_from("kaplan_nd", natural, CORRECT_OWN);
    struct design d = at(1e9, 1e11);
    const double before = predict_loss_nat(&m, &d);
    add(&m, "quantisation", ptq, CORRECT_OWN);
    HARNESS_ASSERT_REL(predict_loss_nat(&m, &d), before, 0);
    d.value[DESIGN_POST_BITS] = 3.0;
    CU_ASSERT_DOUBLE_EQUAL(predict_loss_nat(&m, &d) - before, 0.1124, 0.5e-4);
    CU_ASSERT_EQUAL(predict_n_terms(&m), 3);
    CU_ASSERT(design_has(predict_term_reads(&m, 2), DESIGN_POST_BITS));
    CU_ASSERT(!design_has(predict_term_reads(&m, 1), DESIGN_POST_BITS));
}

/* Batch, then repetition: the tokens that a batch wastes are not repeated. Precision, then excess.
 */
static void test_predict_applies_corrections_in_the_order_of_the_pipeline(void)
{
    static const double fixed[CORRECT_MAX_PARAMETERS] = {4.1e6, 0.0};
    struct predict_model m = muennighoff();
    struct design d = with_bits(6.34e9, 242e9, 5.0);
    d.value[DESIGN_UNIQUE_TOKENS] = 25e9;
    d.value[DESIGN_BATCH] = 1.3e6;
    add(&m, "precision", bits, "kumar2024");
    add(&m, "critical_batch", fixed, CORRECT_OWN);
    CU_ASSERT_STRING_EQUAL(m.corrections[0].id, "critical_batch");
    CU_ASSERT_STRING_EQUAL(m.corrections[3].id, "excess_params");
    const double least = 242e9 / (1.0 + 1.3 / 4.1), again = least / 25e9 - 1.0;
    HARNESS_ASSERT_REL(predict_effective_tokens(&m, &d),
                       25e9 * (1.0 + 15.387756 * (1.0 - exp(-again / 15.387756))), 1e-12);
    const double effective = 6.34e9 * predict_correction(&m, 2, &d);
    struct design same = at(effective, 242e9);
    same.value[DESIGN_UNIQUE_TOKENS] = 25e9;
    const struct predict_model plain = muennighoff();
    HARNESS_ASSERT_REL(predict_effective_params(&m, &d), predict_effective_params(&plain, &same),
                       1e-12);
}

static void test_predict_accuracy_follows_the_loss(void)
{
    struct predict_model m = muennighoff();
    struct design d = at(1e9, 1e11);
    CU_ASSERT(!predict_has_accuracy(&m));
    CU_ASSERT(isnan(predict_accuracy_ratio(&m, &d)));
    add(&m, "accuracy_sigmoid", sigmoid, CORRECT_OWN);
    add(&m, "coverage", coverage, CORRECT_OWN);
    d.value[DESIGN_SAMPLES] = 20.0;
    const double one = 0.25 + 0.7 / (1.0 + exp(3.3 * (predict_loss_nat(&m, &d) - 2.385)));
    HARNESS_ASSERT_REL(predict_accuracy_ratio(&m, &d), pow(one, pow(20.0, -0.31)), 1e-14);
    CU_ASSERT(design_has(predict_accuracy_reads(&m), DESIGN_SAMPLES));
    CU_ASSERT(!design_has(predict_reads(&m), DESIGN_SAMPLES));
}

static void test_predict_says_what_lies_outside(void)
{
    struct predict_model m = kumar();
    struct design d = with_bits(1e9, 1e11, 3.5);
    CU_ASSERT(!predict_in_domain(&m, &d));
    CU_ASSERT(isnan(predict_loss_nat(&m, &d)));
    CU_ASSERT_STRING_EQUAL(predict_outside(&m, &d), "precision");
    d = with_bits(1e9, 1e11, 4.5);
    CU_ASSERT(predict_in_domain(&m, &d));
    d = with_bits(1.1, 1e11, 4.5); /* less than one effective parameter */
    CU_ASSERT_STRING_EQUAL(predict_outside(&m, &d), "chinchilla");
    CU_ASSERT(isnan(predict_term(&m, 0, &d)) && !isnan(predict_term(&m, 1, &d)));
}

enum {
    EXTRAPOLATED = 1u << PREDICT_EXTRAPOLATED,
    TRANSPLANTED = 1u << PREDICT_TRANSPLANTED,
    UNVALIDATED = 1u << PREDICT_UNVALIDATED_COMPOSITION
};

static void test_predict_flags_rows_that_a_correction_touches(void)
{
    struct predict_model m = muennighoff();
    struct design d = at(1e8, 2e11); /* below the best size: no excess */
    CU_ASSERT_EQUAL(predict_flags(&m, &d), 0);
    d.value[DESIGN_UNIQUE_TOKENS] = 5e10;
    CU_ASSERT_EQUAL(predict_flags(&m, &d), 0); /* both of one paper, fitted together */
    add(&m, "precision", bits, "kumar2024");
    CU_ASSERT_EQUAL(predict_flags(&m, &d), TRANSPLANTED | UNVALIDATED);
    d.value[DESIGN_UNIQUE_TOKENS] = INFINITY;
    CU_ASSERT_EQUAL(predict_flags(&m, &d), TRANSPLANTED); /* nothing is repeated */
    m.corrections[1].n_ranges = 1;
    m.corrections[1].ranges[0] = (struct correct_range){DESIGN_TOKENS, 0, 2.6e10};
    CU_ASSERT_EQUAL(predict_flags(&m, &d), TRANSPLANTED | EXTRAPOLATED);
    CU_ASSERT_STRING_EQUAL(predict_flag_field(PREDICT_UNVALIDATED_COMPOSITION)->name,
                           "unvalidated_composition");
}

static void test_predict_flags_quantisation_beside_its_own_precision_as_joint(void)
{
    struct predict_model m = kumar();
    struct design d = with_bits(1e9, 1e10, 8.0);
    add(&m, "quantisation", ptq, "kumar2024");
    d.value[DESIGN_POST_BITS] = 4.0;
    CU_ASSERT_EQUAL(predict_flags(&m, &d), 0);
    add(&m, "repetition", repetition, "muennighoff2023");
    d.value[DESIGN_UNIQUE_TOKENS] = 1e9;
    CU_ASSERT_EQUAL(predict_flags(&m, &d), TRANSPLANTED | UNVALIDATED);
}

static void test_predict_refuses_corrections_that_do_not_fit(void)
{
    static const double natural[] = CATALOGUE_BESIROGLU, one_input[] = {1.62, 873.0, 0.131},
                        epc[CORRECT_MAX_PARAMETERS] = {-0.082, -0.108, 0.009, 1.847, 314.478},
                        r[CORRECT_MAX_PARAMETERS] = {0.99, 0.987},
                        batch[CORRECT_MAX_PARAMETERS] = {31.0, 0.462},
                        batch_loss[CORRECT_MAX_PARAMETERS] = {2.1e8, 0.21};
    const struct {
        const char *law_id;
        const double *natural;
        const char *first, *kind;
        const double *first_values, *values;
        const char *message;
    } rows[] = {
        {"chinchilla", natural, NULL, "quantisation", NULL, ptq, "holds nats of its own paper"},
        {"chinchilla", natural, NULL, "accuracy_sigmoid", NULL, sigmoid, "nats of its own paper"},
        {"chinchilla", natural, NULL, "experts_epc", NULL, epc, "cannot feed a law that reads"},
        {"chinchilla", natural, NULL, "coverage", NULL, coverage, "needs an accuracy before it"},
        {"power_params", one_input, NULL, "repetition", NULL, repetition, "changes the tokens"},
        {"power_compute", one_input, NULL, "precision", NULL, bits, "changes the params"},
        {"power_params", one_input, NULL, "excess_params", NULL, excess,
         "one power term in params"},
        {"chinchilla", natural, "repetition", "repetition", repetition, repetition, "twice"},
        {"chinchilla", natural, "critical_batch", "critical_batch_loss", batch, batch_loss,
         "critical_batch and critical_batch_loss: the same thing twice"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct predict_model m = model_from(rows[i].law_id, rows[i].natural, "besiroglu2024");
        if (rows[i].first != NULL) {
            add(&m, rows[i].first, rows[i].first_values, "another2024");
        }
        const struct correct c = correct_of(rows[i].kind, rows[i].values, "another2024");
        status_clear(&why);
        enum status st = predict_correct(&m, &c, &why);
        st = st == STATUS_OK ? predict_check(&m, &why) : st;
        HARNESS_ASSERT_FAILS(st, STATUS_INPUT, rows[i].message);
    }
    /* Quantised weights count in the loss or in the accuracy. */
    struct predict_model m = model_from("chinchilla", natural, CORRECT_OWN);
    add(&m, "accuracy_sigmoid", sigmoid, CORRECT_OWN);
    add(&m, "quantisation", ptq, CORRECT_OWN);
    const struct correct c = correct_of("recovery", r, "kurtic2024");
    HARNESS_ASSERT_OK(predict_correct(&m, &c, &why));
    HARNESS_ASSERT_FAILS(predict_check(&m, &why), STATUS_INPUT, "both count the same thing");
}

/* What a law reads itself is not corrected a second time. */
static void test_predict_refuses_to_count_twice(void)
{
    struct law repeated = *law_find("chinchilla");
    repeated.inputs[repeated.n_inputs++] = (struct law_input){"unique_tokens", true};
    struct predict_model m = model_of(&repeated);
    const struct correct c = correct_of("repetition", repetition, CORRECT_OWN);
    status_clear(&why);
    HARNESS_ASSERT_OK(predict_correct(&m, &c, &why));
    HARNESS_ASSERT_FAILS(predict_check(&m, &why), STATUS_INPUT,
                         "would count a second time what the law reads itself");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"inputs_are_logarithms_and_compute_is_6nd",
         test_predict_inputs_are_logarithms_and_compute_is_6nd},
        {"inputs_not_said_are_neutral", test_predict_inputs_not_said_are_neutral},
        {"shape_not_said_is_that_of_the_rule", test_predict_shape_not_said_is_that_of_the_rule},
        {"vocabulary_is_part_of_the_shape", test_predict_vocabulary_is_part_of_the_shape},
        {"refuses_laws_that_no_design_can_be_given_to",
         test_predict_refuses_laws_that_no_design_can_be_given_to},
        {"paper_hoffmann2022_losses", test_paper_hoffmann2022_losses},
        {"paper_kaplan2020_loss", test_paper_kaplan2020_loss},
        {"power_law_reads_compute", test_predict_power_law_reads_compute},
        {"names_the_inputs_behind_a_law_and_a_term",
         test_predict_names_the_inputs_behind_a_law_and_a_term},
        {"flags_compute_above_that_of_all_runs", test_predict_flags_compute_above_that_of_all_runs},
        {"extrapolates_outside_the_range_of_any_input_read",
         test_predict_extrapolates_outside_the_range_of_any_input_read},
        {"paper_muennighoff2023_losses_and_optimum", test_paper_muennighoff2023_losses_and_optimum},
        {"paper_kumar2024_best_bits_are_seven_at_any_budget",
         test_paper_kumar2024_best_bits_are_seven_at_any_budget},
        {"paper_kumar2024_losses", test_paper_kumar2024_losses},
        {"paper_kumar2024_data_beyond_which_quantised_models_get_worse",
         test_paper_kumar2024_data_beyond_which_quantised_models_get_worse},
        {"adds_to_the_loss_of_any_law", test_predict_adds_to_the_loss_of_any_law},
        {"applies_corrections_in_the_order_of_the_pipeline",
         test_predict_applies_corrections_in_the_order_of_the_pipeline},
        {"accuracy_follows_the_loss", test_predict_accuracy_follows_the_loss},
        {"says_what_lies_outside", test_predict_says_what_lies_outside},
        {"flags_rows_that_a_correction_touches", test_predict_flags_rows_that_a_correction_touches},
        {"flags_quantisation_beside_its_own_precision_as_joint",
         test_predict_flags_quantisation_beside_its_own_precision_as_joint},
        {"refuses_corrections_that_do_not_fit", test_predict_refuses_corrections_that_do_not_fit},
        {"refuses_to_count_twice", test_predict_refuses_to_count_twice},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
