#include "solver/evaluator.h"

#include <stdlib.h>
#include <string.h>

#include "solver/base/rng.h"
#include "solver/base/vmath.h"
#include "solver/evaluator_kernel.h"
#include "solver/survival.h"
#include "tests/harness.h"
#include "tests/solver/catalogue.h"

static struct status_why why;
static struct hardware_catalogue catalogue;
static struct predict_model model;

static const enum footprint_outcome all_outcomes[] = {FOOTPRINT_CARBON,
                                                      FOOTPRINT_LOSS,
                                                      FOOTPRINT_DEVICES,
                                                      FOOTPRINT_COMPUTE,
                                                      FOOTPRINT_ENERGY,
                                                      FOOTPRINT_OPERATIONAL_CARBON,
                                                      FOOTPRINT_DEVICE_HOUR,
                                                      FOOTPRINT_MASS,
                                                      FOOTPRINT_DEVICE_LIFETIME,
                                                      FOOTPRINT_EMBODIED_CARBON,
                                                      FOOTPRINT_TOTAL_FLOP,
                                                      FOOTPRINT_DURATION,
                                                      FOOTPRINT_DEADLINE_FLEET,
                                                      FOOTPRINT_BIT_FLOP,
                                                      FOOTPRINT_DECODE_EFLOP,
                                                      FOOTPRINT_SITE_WATER,
                                                      FOOTPRINT_GRID_WATER,
                                                      FOOTPRINT_WATER,
                                                      FOOTPRINT_COST,
                                                      FOOTPRINT_EWASTE,
                                                      FOOTPRINT_MEMORY,
                                                      FOOTPRINT_MEMORY_DEVICES,
                                                      FOOTPRINT_MEMORY_LOAD,
                                                      FOOTPRINT_SERVING_BYTE,
                                                      FOOTPRINT_SERVING_DEVICES};
enum { N_ALL = sizeof all_outcomes / sizeof *all_outcomes };

static const double besiroglu[] = CATALOGUE_BESIROGLU;

static const double params[] = {0.31e9, 1.07e9, 6.9e9, 70e9, 222e9},
                    tokens[] = {4.1e9, 33e9, 0.3e12, 1.41e12, 2e12, 7.7e12, 13e12},
                    precisions[] = {PRECISION_BF16, PRECISION_FP32, PRECISION_TF32},
                    mfus[] = {0.2, 0.35, 0.41, 0.5}, goodputs[] = {0.66, 1.0},
                    lifespans[] = {1.0, 2.0, 3.7, 6.0},
                    devices[] = {CATALOGUE_H100, CATALOGUE_A100}, served[] = {0.0, 3e12, 41e12},
                    fleets[] = {512.0, 3072.0}, grids[] = {CATALOGUE_USA, CATALOGUE_FRANCE},
                    sites[] = {CATALOGUE_SITE_1_1};

#define AXIS(input, levels)                                                                        \
    {                                                                                              \
        (input), sizeof(levels) / sizeof *(levels), (levels)                                       \
    }

/* All inputs move. The order decides which tables vary in a run and which do not. */
static const struct evaluator_axis options_first[] = {
    AXIS(DESIGN_DEVICE, devices),     AXIS(DESIGN_PRECISION, precisions),
    AXIS(DESIGN_GRID, grids),         AXIS(DESIGN_SITE, sites),
    AXIS(DESIGN_MFU, mfus),           AXIS(DESIGN_GOODPUT, goodputs),
    AXIS(DESIGN_LIFESPAN, lifespans), AXIS(DESIGN_PARAMS, params),
    AXIS(DESIGN_TOKENS, tokens)};
static const struct evaluator_axis options_last[] = {
    AXIS(DESIGN_TOKENS, tokens),      AXIS(DESIGN_PARAMS, params),
    AXIS(DESIGN_LIFESPAN, lifespans), AXIS(DESIGN_GOODPUT, goodputs),
    AXIS(DESIGN_MFU, mfus),           AXIS(DESIGN_SITE, sites),
    AXIS(DESIGN_GRID, grids),         AXIS(DESIGN_PRECISION, precisions),
    AXIS(DESIGN_DEVICE, devices)};

static struct evaluator_options options_of(size_t n_axes, const struct evaluator_axis axes[])
{
    catalogue = catalogue_made_by_hand();
    model = catalogue_model("chinchilla", besiroglu);
    status_clear(&why);
    struct evaluator_options o = {.n_axes = n_axes,
                                  .axes = axes,
                                  .base = design_neutral(),
                                  .model = &model,
                                  .catalogue = &catalogue,
                                  .footprint = footprint_defaults(),
                                  .n_outcomes = N_ALL,
                                  .outcomes = all_outcomes};
    o.base.value[DESIGN_PARAMS] = 7.3e9;
    o.base.value[DESIGN_TOKENS] = 1.1e12;
    o.base.value[DESIGN_MFU] = 0.41;
    o.base.value[DESIGN_LIFESPAN] = 3.7;
    o.base.value[DESIGN_DEVICE] = CATALOGUE_A100;
    o.base.value[DESIGN_GRID] = CATALOGUE_FRANCE;
    o.base.value[DESIGN_SITE] = CATALOGUE_SITE_1_1;
    o.base.value[DESIGN_FLEET] = 1024.0;
    o.base.value[DESIGN_OPTIMIZER] = CATALOGUE_ADAMW;
    o.base.value[DESIGN_DEADLINE] = 33.0;
    return o;
}

static struct evaluator *evaluator_of(const struct evaluator_options *o)
{
    struct evaluator *e = NULL;
    HARNESS_ASSERT_OK(evaluator_create(o, &e, &why));
    STATUS_ASSERT(e != NULL);
    return e;
}

/* All values of an evaluator, evaluated in blocks of \a cut. The caller frees them. */
static double *values_of(const struct evaluator *e, size_t n_outcomes, size_t cut)
{
    const size_t n = (size_t)evaluator_size(e);
    double *values = malloc(n * n_outcomes * sizeof *values);
    STATUS_ASSERT(values != NULL);
    for (size_t i = 0; i < n; i += cut) {
        const size_t length = n - i < cut ? n - i : cut;
        evaluator_block(e, i, length, values + i, n);
    }
    return values;
}

/* The scalar functions are the truth: every configuration agrees with them. */
static void expect_scalar_values(const struct evaluator_options *o)
{
    struct evaluator *e = evaluator_of(o);
    const size_t n = (size_t)evaluator_size(e);
    double *values = values_of(e, o->n_outcomes, n);
    double worst = 0.0;
    for (size_t i = 0; i < n; i++) {
        struct design d;
        double outcome[FOOTPRINT_N_OUTCOMES];
        evaluator_design(e, i, &d);
        footprint_all(&d, o->catalogue, &o->footprint, outcome);
        outcome[FOOTPRINT_LOSS] = predict_loss_nat(o->model, &d);
        for (size_t k = 0; k < o->n_outcomes; k++) {
            const double want = outcome[o->outcomes[k]];
            const double off = fabs(values[k * n + i] / want - 1.0);
            worst = off <= worst ? worst : off; /* a NaN is the worst of all */
        }
    }
    CU_ASSERT(worst <= 1e-13);
    free(values);
    evaluator_destroy(e);
}

#define N_AXES(axes) (sizeof(axes) / sizeof *(axes))

static void test_evaluator_agrees_with_the_scalar_functions(void)
{
    struct evaluator_options first = options_of(N_AXES(options_first), options_first),
                             last = options_of(N_AXES(options_last), options_last);
    expect_scalar_values(&first);
    expect_scalar_values(&last);
    first.footprint.amortisation = FOOTPRINT_UTILISED;
    first.footprint.utilisation_ratio = 0.85;
    first.footprint.power_ratio = 1.1;
    first.footprint.bound = HARDWARE_HI;
    expect_scalar_values(&first);
}

static void test_evaluator_serves_tokens_beside_training(void)
{
    const struct evaluator_axis axes[] = {
        AXIS(DESIGN_PARAMS, params), AXIS(DESIGN_TOKENS, tokens), AXIS(DESIGN_FLEET, fleets),
        AXIS(DESIGN_SERVED_TOKENS, served), AXIS(DESIGN_LIFESPAN, lifespans)};
    struct evaluator_options o = options_of(N_AXES(axes), axes);
    expect_scalar_values(&o);
    o.base.value[DESIGN_SERVING_MFU] = 0.11;
    expect_scalar_values(&o);
}

/* The tables say the same as the blocks, to the bit. */
static void expect_tables_of(const struct evaluator_options *o)
{
    struct evaluator *e = evaluator_of(o);
    const size_t n = (size_t)evaluator_size(e);
    double *values = values_of(e, o->n_outcomes, n);
    size_t n_different = 0;
    for (size_t k = 0; k < o->n_outcomes; k++) {
        struct tables_outcome tables;
        CU_ASSERT(evaluator_tables(e, k, &tables));
        for (size_t i = 0; i < n; i++) {
            size_t levels[DESIGN_N_INPUTS], rest = i;
            for (size_t a = o->n_axes; a-- > 0;) {
                levels[a] = rest % o->axes[a].n;
                rest /= o->axes[a].n;
            }
            const double value = tables_value(&tables, o->n_axes, levels);
            n_different += memcmp(&value, &values[k * n + i], sizeof value) != 0
                           && !(isnan(value) && isnan(values[k * n + i]));
        }
    }
    CU_ASSERT_EQUAL(n_different, 0);
    free(values);
    evaluator_destroy(e);
}

static void test_evaluator_tables_have_the_bits_of_its_blocks(void)
{
    static const double natural[] = CATALOGUE_KAPLAN;
    const struct evaluator_axis serving[] = {AXIS(DESIGN_SERVED_TOKENS, served),
                                             AXIS(DESIGN_PARAMS, params),
                                             AXIS(DESIGN_TOKENS, tokens), AXIS(DESIGN_MFU, mfus)};
    struct evaluator_options o = options_of(N_AXES(options_last), options_last);
    expect_tables_of(&o);
    o = options_of(N_AXES(serving), serving);
    expect_tables_of(&o);
    o = options_of(0, NULL);
    expect_tables_of(&o);

    model = catalogue_model("kaplan_nd", natural); /* a power of a sum */
    struct evaluator *e = evaluator_of(&o);
    struct tables_outcome tables;
    CU_ASSERT(!evaluator_tables(e, 1, &tables)); /* the loss */
    CU_ASSERT(evaluator_tables(e, 0, &tables));
    evaluator_destroy(e);
}

static const double mfu_models[] = {THROUGHPUT_MFU_LLMCARBON, THROUGHPUT_MFU_CONSTANT,
                                    THROUGHPUT_MFU_FRONTIER},
                    scaling_models[] = {THROUGHPUT_SCALING_CONSTANT, THROUGHPUT_SCALING_POWER},
                    goodput_models[] = {THROUGHPUT_GOODPUT_DALY, THROUGHPUT_GOODPUT_CONSTANT},
                    lifespan_models[] = {SURVIVAL_WEIBULL, SURVIVAL_CONSTANT, SURVIVAL_EXPONENTIAL},
                    large[] = {22e9, 70e9, 411e9},
                    optimizers[] = {CATALOGUE_LOW_RANK, CATALOGUE_ADAMW_MASTER};

/* Tokens, and by way of them the batch, that follow from parameters and a ratio: the law and the
 * prices read two axes where they read none. */
static void test_evaluator_follows_formulas(void)
{
    static const double ratios[] = {7.3, 21.0, 66.5, 140.0, 311.0};
    const struct evaluator_axis axes[] = {AXIS(DESIGN_TOKENS_PER_PARAM, ratios),
                                          AXIS(DESIGN_PRECISION, precisions),
                                          AXIS(DESIGN_PARAMS, params), AXIS(DESIGN_MFU, mfus)};
    struct dependent_list list = {0};
    size_t column;
    HARNESS_ASSERT_OK(
        dependent_add(&list, DESIGN_SERVED_TOKENS, "0.37 * tokens", true, &column, &why));
    HARNESS_ASSERT_OK(
        dependent_add(&list, DESIGN_TOKENS, "params * tokens_per_param", false, &column, &why));
    CU_ASSERT_PTR_NULL(dependent_sort(&list));
    struct evaluator_options o = options_of(N_AXES(axes), axes);
    o.dependents = &list;
    o.base.value[DESIGN_TOKENS] = (double)NAN;
    const design_set reads = evaluator_reads(&o, FOOTPRINT_LOSS);
    CU_ASSERT(design_has(reads, DESIGN_TOKENS_PER_PARAM) && design_has(reads, DESIGN_PARAMS));
    CU_ASSERT(!design_has(reads, DESIGN_MFU));
    expect_scalar_values(&o);
    expect_tables_of(&o);
    struct evaluator *e = evaluator_of(&o);
    struct design d;
    evaluator_design(e, evaluator_size(e) - 1, &d);
    CU_ASSERT_DOUBLE_EQUAL(d.value[DESIGN_TOKENS], 222e9 * 311.0, 0);
    CU_ASSERT_DOUBLE_EQUAL(d.value[DESIGN_SERVED_TOKENS], rint(0.37 * 222e9 * 311.0), 0);
    evaluator_destroy(e);
    dependent_clear(&list);
}

/* Beside each other stand levels that read other inputs. */
static void test_evaluator_takes_models_as_axes(void)
{
    const struct evaluator_axis axes[] = {AXIS(DESIGN_PARAMS, large),
                                          AXIS(DESIGN_MFU_MODEL, mfu_models),
                                          AXIS(DESIGN_FLEET, fleets),
                                          AXIS(DESIGN_SCALING_MODEL, scaling_models),
                                          AXIS(DESIGN_MFU, mfus),
                                          AXIS(DESIGN_GOODPUT_MODEL, goodput_models),
                                          AXIS(DESIGN_LIFESPAN_MODEL, lifespan_models),
                                          AXIS(DESIGN_LIFESPAN, lifespans)};
    struct evaluator_options o = options_of(N_AXES(axes), axes);
    expect_scalar_values(&o);
    expect_tables_of(&o);
    for (size_t k = 0; k < N_ALL; k++) {
        const design_set reads = evaluator_reads(&o, all_outcomes[k]);
        const bool has_hours = all_outcomes[k] == FOOTPRINT_ENERGY;
        CU_ASSERT(!has_hours
                  || (design_has(reads, DESIGN_PARAMS) && design_has(reads, DESIGN_FLEET)
                      && design_has(reads, DESIGN_MFU) && design_has(reads, DESIGN_GOODPUT_MODEL)));
    }
    struct evaluator *e = evaluator_of(&o);
    CU_ASSERT(evaluator_is_complete(e));
    evaluator_destroy(e);
}

static void test_evaluator_takes_every_option(void)
{
    static const double prompts[] = {0.0, 311.0}, outputs[] = {77.0, 2048.0},
                        contexts[] = {2048.0, 8192.0};
    const struct evaluator_axis axes[] = {
        AXIS(DESIGN_OPTIMIZER, optimizers), AXIS(DESIGN_SERVED_TOKENS, served),
        AXIS(DESIGN_PROMPT, prompts),       AXIS(DESIGN_PARAMS, params),
        AXIS(DESIGN_CONTEXT, contexts),     AXIS(DESIGN_OUTPUT, outputs),
        AXIS(DESIGN_DEVICE, devices)};
    struct evaluator_options o = options_of(N_AXES(axes), axes);
    o.base.value[DESIGN_SAMPLES] = 3.0;
    o.base.value[DESIGN_CACHED_TOKENS] = 5.5e5;
    o.footprint.attention = FOOTPRINT_ATTENTION;
    o.footprint.activations = MEMORY_ALL;
    o.footprint.serving = FOOTPRINT_SERVING_MEMORY;
    o.footprint.embodied = FOOTPRINT_WITH_SERVER;
    o.footprint.power = FOOTPRINT_SERVER;
    o.footprint.cost = FOOTPRINT_RENTAL;
    o.footprint.progress_ratio = 0.3;
    for (int counting = FOOTPRINT_COUNT_PARAMS; counting <= FOOTPRINT_COUNT_NON_EMBEDDING;
         counting++) {
        o.footprint.counting = (enum footprint_counting)counting;
        expect_scalar_values(&o);
    }
    expect_tables_of(&o);
}

static void add_gap(void *context, uint64_t configuration, uint64_t n)
{
    uint64_t *n_gaps = context;
    (void)configuration;
    *n_gaps += n;
}

/* Every gap is in one of the sets, and what is counted without looking is what is there. */
static void expect_gaps_of(const struct evaluator_options *o, bool told)
{
    struct evaluator *e = evaluator_of(o);
    const size_t n = (size_t)evaluator_size(e);
    double *values = values_of(e, o->n_outcomes, n);
    uint64_t n_gaps = 0, n_undefined = 0;
    for (size_t i = 0; i < n; i++) {
        bool defined = true;
        for (size_t k = 0; k < o->n_outcomes; k++) {
            defined = defined && !isnan(values[k * n + i]);
        }
        n_undefined += !defined;
    }
    CU_ASSERT_EQUAL(evaluator_gaps(e, add_gap, &n_gaps), told);
    CU_ASSERT_EQUAL(n_gaps, told ? n_undefined : 0);
    CU_ASSERT(n_undefined > 0 && n_undefined < n);
    CU_ASSERT(!evaluator_is_complete(e));
    free(values);
    evaluator_destroy(e);
}

/* fp8 has a peak on the H100 alone. */
static void test_evaluator_gives_nan_where_a_combination_has_no_figure(void)
{
    static const double both[] = {PRECISION_BF16, PRECISION_FP8};
    static const enum footprint_outcome hour[] = {FOOTPRINT_DEVICE_HOUR};
    const struct evaluator_axis axes[] = {
        AXIS(DESIGN_DEVICE, devices), AXIS(DESIGN_PRECISION, both), AXIS(DESIGN_PARAMS, params)};
    struct evaluator_options o = options_of(N_AXES(axes), axes);
    o.n_outcomes = 1;
    o.outcomes = hour;
    struct evaluator *e = evaluator_of(&o);
    struct tables_outcome tables;
    CU_ASSERT(!evaluator_is_complete(e));
    CU_ASSERT(evaluator_tables(e, 0, &tables));
    double *values = values_of(e, 1, 7);
    for (size_t i = 0; i < evaluator_size(e); i++) {
        struct design d;
        evaluator_design(e, i, &d);
        CU_ASSERT_EQUAL(isnan(values[i]) != 0, d.value[DESIGN_DEVICE] == CATALOGUE_A100
                                                   && d.value[DESIGN_PRECISION] == PRECISION_FP8);
    }
    free(values);
    evaluator_destroy(e);
    expect_tables_of(&o);
    expect_gaps_of(&o, true);
}

/* Gaps of the law, of a correction, of a figure and of a model of the MFU, together. */
static void test_evaluator_counts_configurations_without_an_outcome(void)
{
    static const double both[] = {PRECISION_FP8, PRECISION_BF16}, unique[] = {0.3e9, 2e9, 40e9},
                        bits[] = {2.0, 4.0, 16.0}, small[] = {0.5e9, 1.9e9, 30e9};
    static const enum footprint_outcome wanted[] = {FOOTPRINT_LOSS, FOOTPRINT_ENERGY,
                                                    FOOTPRINT_COMPUTE};
    const struct evaluator_axis axes[] = {
        AXIS(DESIGN_MFU_MODEL, mfu_models), AXIS(DESIGN_DEVICE, devices),
        AXIS(DESIGN_WEIGHT_BITS, bits),     AXIS(DESIGN_PARAMS, small),
        AXIS(DESIGN_PRECISION, both),       AXIS(DESIGN_UNIQUE_TOKENS, unique),
        AXIS(DESIGN_CACHE_BITS, bits),      AXIS(DESIGN_MFU, mfus)};
    struct evaluator_options o = options_of(N_AXES(axes), axes);
    o.n_outcomes = 3;
    o.outcomes = wanted;
    expect_gaps_of(&o, true);
    expect_tables_of(&o);
    struct correct c = correct_neutral(correct_find("precision"));
    c.values[0] = 2.6745;
    c.values[1] = 0.3037;
    HARNESS_ASSERT_OK(predict_correct(&model, &c, &why));
    const struct evaluator_axis others[] = {
        AXIS(DESIGN_MFU_MODEL, mfu_models), AXIS(DESIGN_DEVICE, devices),
        AXIS(DESIGN_PARAMS, small),         AXIS(DESIGN_PRECISION, both),
        AXIS(DESIGN_TOKENS, tokens),        AXIS(DESIGN_MFU, mfus)};
    o.n_axes = N_AXES(others);
    o.axes = others;
    expect_gaps_of(&o, true);

    struct correct map = correct_neutral(correct_find("accuracy_exponential"));
    map.values[0] = 0.9; /* of a small loss an accuracy above 1 */
    map.values[1] = 2.57;
    map.values[2] = 0.5;
    HARNESS_ASSERT_OK(predict_correct(&model, &map, &why));
    static const enum footprint_outcome accuracy[] = {FOOTPRINT_ACCURACY};
    o.n_outcomes = 1;
    o.outcomes = accuracy;
    expect_gaps_of(&o, false);
}

/* A formula may divide by zero or take the logarithm of what is negative: that is no domain. */
static double no_number(const struct law *law, const double theta[], size_t k, const double x[])
{
    const double value = law_find("chinchilla")->log_term(law, theta, k, x);
    return k == 1 && x[1] < log(5e9) ? (double)NAN : value;
}

static void test_evaluator_tells_no_number_from_no_domain(void)
{
    static const enum footprint_outcome wanted[] = {FOOTPRINT_LOSS};
    const struct evaluator_axis axes[] = {AXIS(DESIGN_PARAMS, params), AXIS(DESIGN_TOKENS, tokens)};
    struct evaluator_options o = options_of(N_AXES(axes), axes);
    struct law law = *model.law;
    struct tables_outcome tables;
    law.log_term = no_number;
    model.law = &law;
    o.n_outcomes = 1;
    o.outcomes = wanted;
    struct evaluator *e = evaluator_of(&o);
    double *values = values_of(e, 1, 64);
    for (size_t i = 0; i < evaluator_size(e); i++) {
        struct design d;
        evaluator_design(e, i, &d);
        const bool wrong = d.value[DESIGN_TOKENS] < 5e9;
        CU_ASSERT_EQUAL(isfinite(values[i]) != 0, !wrong);
        CU_ASSERT_EQUAL(isinf(values[i]) != 0, wrong);
    }
    CU_ASSERT(evaluator_is_complete(e));
    CU_ASSERT(evaluator_tables(e, 0, &tables)); /* which search/exact/bounds.h refuses */
    free(values);
    evaluator_destroy(e);
}

static void test_evaluator_takes_laws_of_any_shape(void)
{
    static const struct {
        const char *law_id;
        double natural[LAW_MAX_PARAMETERS];
    } rows[] = {{"kaplan_nd", CATALOGUE_KAPLAN},
                {"power_compute", {1.62, 873.0, 0.131}},
                {"power_params", {1.71, 91.3, 0.217}},
                {"power_tokens", {1.51, 130.1, 0.193}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct evaluator_options first = options_of(N_AXES(options_first), options_first);
        model = catalogue_model(rows[i].law_id, rows[i].natural);
        expect_scalar_values(&first);
        struct evaluator_options last = options_of(N_AXES(options_last), options_last);
        model = catalogue_model(rows[i].law_id, rows[i].natural);
        expect_scalar_values(&last);
    }
}

/* A law of four terms: the two of Chinchilla halved and given twice. */
static double four_log_term(const struct law *law, const double theta[], size_t k, const double x[])
{
    return law_find("chinchilla")->log_term(law, theta, k % 2, x) - log(2.0);
}

static void test_evaluator_takes_laws_of_four_terms(void)
{
    struct evaluator_options o = options_of(N_AXES(options_first), options_first);
    struct law four = *model.law;
    four.n_terms = 4;
    four.terms[2] = four.terms[0];
    four.terms[3] = four.terms[1];
    four.log_term = four_log_term;
    model.law = &four;
    expect_scalar_values(&o);
}

/* 9001 levels are more than a chunk; two axes of them more than a table may hold. */
enum { N_LONG = 9001 };
static double long_params[N_LONG], long_tokens[N_LONG];

static void fill_long_axes(void)
{
    for (size_t i = 0; i < N_LONG; i++) {
        long_params[i] = 5e7 * exp(1e-3 * (double)i);
        long_tokens[i] = 1.1e9 * exp(0.9e-3 * (double)i);
    }
}

/* Of consecutive configurations \a n at a time, at places all over the space. */
static void expect_scalar_values_at(const struct evaluator_options *o, size_t n, size_t n_places)
{
    double values[N_ALL][1200], outcome[FOOTPRINT_N_OUTCOMES];
    struct evaluator *e = evaluator_of(o);
    STATUS_ASSERT(n <= sizeof *values / sizeof **values);
    double worst = 0.0;
    for (size_t p = 0; p < n_places; p++) {
        const uint64_t begin = (evaluator_size(e) - n) / (n_places - 1) * p;
        evaluator_block(e, begin, n, *values, sizeof *values / sizeof **values);
        for (size_t i = 0; i < n; i++) {
            struct design d;
            evaluator_design(e, begin + i, &d);
            footprint_all(&d, o->catalogue, &o->footprint, outcome);
            outcome[FOOTPRINT_LOSS] = predict_loss_nat(o->model, &d);
            for (size_t k = 0; k < o->n_outcomes; k++) {
                const double off = fabs(values[k][i] / outcome[o->outcomes[k]] - 1.0);
                worst = off <= worst ? worst : off;
            }
        }
    }
    CU_ASSERT(worst <= 1e-13);
    evaluator_destroy(e);
}

static void test_evaluator_computes_in_the_block_what_no_table_holds(void)
{
    static const double natural[] = {1.62, 873.0, 0.131};
    fill_long_axes();
    const struct evaluator_axis axes[] = {AXIS(DESIGN_PARAMS, long_params), AXIS(DESIGN_MFU, mfus),
                                          AXIS(DESIGN_TOKENS, long_tokens)};
    struct evaluator_options o = options_of(N_AXES(axes), axes);
    expect_scalar_values_at(&o, 1100, 7);
    model = catalogue_model("power_compute", natural);
    expect_scalar_values_at(&o, 1100, 7);

    struct evaluator *e = evaluator_of(&o); /* the law's only term reads both long axes */
    CU_ASSERT(evaluator_table_entries(e) < 6 * N_LONG);
    const design_set untabulated = evaluator_untabulated(e);
    CU_ASSERT(design_has(untabulated, DESIGN_PARAMS) && design_has(untabulated, DESIGN_TOKENS));
    evaluator_destroy(e);
}

/* A product of a number and of an axis that is too long for a table. */
static void test_evaluator_takes_an_axis_longer_than_a_table(void)
{
    enum { N = (1 << 22) + 12, N_COSTS = 3 };
    static const enum footprint_outcome costs[N_COSTS] = {FOOTPRINT_ENERGY, FOOTPRINT_MASS,
                                                          FOOTPRINT_COMPUTE};
    double *levels = malloc(N * sizeof *levels);
    STATUS_ASSERT(levels != NULL);
    for (size_t i = 0; i < N; i++) {
        levels[i] = 1.1e9 + 2.3e5 * (double)i;
    }
    const struct evaluator_axis axis = {DESIGN_TOKENS, N, levels};
    struct evaluator_options o = options_of(1, &axis);
    o.n_outcomes = N_COSTS;
    o.outcomes = costs;
    expect_scalar_values_at(&o, 1100, 3);
    free(levels);
}

/* From left to right, as a product of one number after the other. */
static void expect_spread(size_t n, size_t step, size_t n_rates)
{
    enum { MOST = 40, MOST_RATES = 9 };
    static const double rates[MOST_RATES] = {1.37, 0.11, 7.9, 3.3e4, 0.71, 2.9e-5, 5.1, 0.3, 1.9};
    double x[MOST], got[MOST_RATES][MOST], *out[MOST_RATES];
    const struct evaluator_kernel_scaled a = {x, step, 3, {0.37, 1.93e7, 2.71e-3}};
    size_t n_wrong = 0;
    for (size_t i = 0; i < MOST; i++) {
        x[i] = 0.83 * (double)(i + 3);
    }
    for (size_t k = 0; k < MOST_RATES; k++) {
        out[k] = got[k];
    }
    for (int level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        if (vmath_force((enum vmath_level)level) == 0) {
            continue;
        }
        for (size_t k = 0; k < MOST_RATES; k++) {
            got[k][n] = -1.0;
            got[k][0] = -1.0;
        }
        (level == VMATH_V2   ? evaluator_kernel_spread_v2
         : level == VMATH_V3 ? evaluator_kernel_spread_v3
                             : evaluator_kernel_spread_v4)(n, &a, n_rates, rates, out);
        for (size_t k = 0; k < MOST_RATES; k++) {
            for (size_t i = 0; i < n && k < n_rates; i++) {
                const double want = x[i * step] * a.times[0] * a.times[1] * a.times[2] * rates[k];
                n_wrong += memcmp(&got[k][i], &want, sizeof want) != 0;
            }
            n_wrong += got[k][n] > -1.0 || (k >= n_rates && got[k][0] > -1.0);
        }
    }
    CU_ASSERT_EQUAL(n_wrong, 0);
}

static void test_evaluator_kernel_spreads_a_product_over_rates(void)
{
    const enum vmath_level best = vmath_level();
    for (size_t n = 1; n < 40; n += n < 10 ? 1 : 7) {
        for (size_t n_rates = 0; n_rates <= 9; n_rates++) {
            expect_spread(n, n_rates % 2, n_rates);
            expect_spread(n, 1, n_rates);
        }
    }
    CU_ASSERT(vmath_force(best) != 0);
}

static void test_evaluator_cuts_into_blocks_do_not_matter(void)
{
    static const size_t cuts[] = {1, 7, 64, 511, 513, 1000};
    static const double natural[] = CATALOGUE_KAPLAN;
    for (int outer = 0; outer < 2; outer++) {
        struct evaluator_options o = options_of(N_AXES(options_first), options_first);
        if (outer) {
            model = catalogue_model("kaplan_nd", natural);
        }
        struct evaluator *e = evaluator_of(&o);
        const size_t n = (size_t)evaluator_size(e);
        double *whole = values_of(e, N_ALL, n);
        for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
            double *cut = values_of(e, N_ALL, cuts[i]);
            CU_ASSERT_EQUAL(memcmp(cut, whole, n * N_ALL * sizeof *whole), 0);
            free(cut);
        }
        free(whole);
        evaluator_destroy(e);
    }
}

/* The same designs in another order of axes: other tables, other runs, the same bits. */
static void test_evaluator_order_of_the_axes_does_not_matter(void)
{
    const struct evaluator_options first = options_of(N_AXES(options_first), options_first),
                                   last = options_of(N_AXES(options_last), options_last);
    struct evaluator *e = evaluator_of(&first), *f = evaluator_of(&last);
    const size_t n = (size_t)evaluator_size(e);
    CU_ASSERT_EQUAL(evaluator_size(f), n);
    double *values = values_of(e, N_ALL, n), *others = values_of(f, N_ALL, n);
    size_t n_different = 0;
    for (size_t i = 0; i < n; i++) {
        size_t other = 0, rest = i; /* the axes of one are those of the other reversed */
        for (size_t a = N_AXES(options_first); a-- > 0;) {
            other = other * options_first[a].n + rest % options_first[a].n;
            rest /= options_first[a].n;
        }
        for (size_t k = 0; k < N_ALL; k++) {
            n_different += memcmp(&values[k * n + i], &others[k * n + other], sizeof *values) != 0;
        }
    }
    CU_ASSERT_EQUAL(n_different, 0);
    free(values);
    free(others);
    evaluator_destroy(e);
    evaluator_destroy(f);
}

static void test_evaluator_vector_levels_give_the_same_bits(void)
{
    static const double natural[] = CATALOGUE_KAPLAN;
    const enum vmath_level best = vmath_level();
    const struct evaluator_options o = options_of(N_AXES(options_last), options_last);
    model = catalogue_model("kaplan_nd", natural);
    double *values[VMATH_N_LEVELS] = {NULL};
    size_t n = 0;
    for (int level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        if (vmath_force((enum vmath_level)level) != 0) {
            struct evaluator *e = evaluator_of(&o);
            n = (size_t)evaluator_size(e);
            values[level] = values_of(e, N_ALL, n);
            evaluator_destroy(e);
        }
    }
    CU_ASSERT(vmath_force(best) != 0);
    for (int level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        if (values[level] != NULL) {
            CU_ASSERT_EQUAL(memcmp(values[level], values[VMATH_V2], n * N_ALL * sizeof(double)), 0);
        }
    }
    for (int level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        free(values[level]);
    }
}

static void test_evaluator_without_axes_has_one_configuration(void)
{
    struct evaluator_options o = options_of(0, NULL);
    struct evaluator *e = evaluator_of(&o);
    CU_ASSERT_EQUAL(evaluator_size(e), 1);
    evaluator_destroy(e);
    expect_scalar_values(&o);
}

static void test_evaluator_numbers_configurations_last_axis_fastest(void)
{
    const struct evaluator_axis axes[] = {AXIS(DESIGN_DEVICE, devices), AXIS(DESIGN_PARAMS, params),
                                          AXIS(DESIGN_TOKENS, tokens)};
    const struct evaluator_options o = options_of(N_AXES(axes), axes);
    struct evaluator *e = evaluator_of(&o);
    struct design d;
    CU_ASSERT_EQUAL(evaluator_size(e), 2 * 5 * 7);
    evaluator_design(e, (1 * 5 + 3) * 7 + 4, &d);
    CU_ASSERT_EQUAL(d.value[DESIGN_DEVICE], CATALOGUE_A100);
    CU_ASSERT_EQUAL(d.value[DESIGN_PARAMS], 70e9);
    CU_ASSERT_EQUAL(d.value[DESIGN_TOKENS], 2e12);
    CU_ASSERT_EQUAL(d.value[DESIGN_LIFESPAN], 3.7);
    evaluator_destroy(e);
}

static void test_paper_falk2025_devices_in_a_block(void)
{
    static const double lifespan[] = {1.0, 2.0, 3.0, 5.0}, mfu[] = {0.2, 0.35, 0.5};
    static const double published[3][4] = {
        {8800, 4400, 2934, 1760}, {5029, 2515, 1677, 1006}, {3520, 1760, 1174, 704}};
    static const enum footprint_outcome wanted[] = {FOOTPRINT_DEVICES};
    const struct evaluator_axis axes[] = {AXIS(DESIGN_MFU, mfu), AXIS(DESIGN_LIFESPAN, lifespan)};
    struct evaluator_options o = options_of(N_AXES(axes), axes);
    double got[3][4];
    o.base.value[DESIGN_PARAMS] = 222e9;
    o.base.value[DESIGN_TOKENS] = 13e12;
    o.n_outcomes = 1;
    o.outcomes = wanted;
    struct evaluator *e = evaluator_of(&o);
    evaluator_block(e, 0, 12, *got, 12);
    CU_ASSERT_EQUAL(memcmp(got, published, sizeof got), 0);
    evaluator_destroy(e);
}

static void test_evaluator_writes_only_its_part_of_a_row(void)
{
    const struct evaluator_axis axes[] = {AXIS(DESIGN_TOKENS, tokens)};
    const struct evaluator_options o = options_of(N_AXES(axes), axes);
    struct evaluator *e = evaluator_of(&o);
    double values[N_ALL][9];
    for (size_t i = 0; i < sizeof values / sizeof **values; i++) {
        values[i / 9][i % 9] = -1.0;
    }
    evaluator_block(e, 2, 3, *values, 9);
    for (size_t k = 0; k < N_ALL; k++) {
        CU_ASSERT(values[k][2] >= 0.0);
        CU_ASSERT_EQUAL(values[k][3], -1.0);
    }
    evaluator_block(e, 7, 0, *values, 9); /* nothing, at the end */
    evaluator_destroy(e);
}

static void expect_failure(const struct evaluator_options *o, const char *text)
{
    struct evaluator *e = NULL;
    CU_ASSERT_EQUAL(evaluator_create(o, &e, &why), STATUS_INPUT);
    CU_ASSERT_PTR_NULL(e);
    if (!harness_contains(why.message, text)) {
        harness_say(why.message);
        CU_FAIL("another message was expected");
    }
    status_clear(&why);
}

static bool in_narrow_domain(const struct law *law, const double x[])
{
    return x[law_find_input(law, LAW_TOKENS)] < log(5e12);
}

static void test_evaluator_errors(void)
{
    static const double with_tpu[] = {CATALOGUE_TPUV5P}, with_fp8[] = {PRECISION_FP8},
                        with_unknown[] = {CATALOGUE_SITE_UNKNOWN}, with_zero[] = {0.3, 0.0};
    const struct evaluator_axis tpu[] = {AXIS(DESIGN_TOKENS, tokens),
                                         AXIS(DESIGN_DEVICE, with_tpu)},
                                fp8[] = {AXIS(DESIGN_PRECISION, with_fp8)},
                                site[] = {AXIS(DESIGN_SITE, with_unknown)},
                                zero[] = {AXIS(DESIGN_MFU, with_zero)},
                                data[] = {AXIS(DESIGN_TOKENS, tokens)};
    static const enum footprint_outcome mass[] = {FOOTPRINT_MASS}, hour[] = {FOOTPRINT_DEVICE_HOUR},
                                        loss[] = {FOOTPRINT_LOSS}, carbon[] = {FOOTPRINT_CARBON};

    struct evaluator_options o = options_of(N_AXES(tpu), tpu);
    o.n_outcomes = 1;
    o.outcomes = mass;
    expect_failure(&o, "devices.tsv:5: TPUv5p: mass_kg_typical: absent, and mass_kg needs it");
    o.outcomes = hour;
    expect_scalar_values(&o);

    o = options_of(N_AXES(fp8), fp8);
    o.n_outcomes = 1;
    o.outcomes = hour;
    expect_failure(&o, "devices.tsv:3: A100-SXM4-40: peak_tflops_fp8: absent");
    o = options_of(N_AXES(site), site);
    o.n_outcomes = 1;
    o.outcomes = carbon;
    expect_failure(&o, "sites.tsv:4: unknown: pue_ratio: absent, and carbon_kg needs it");
    o.base.value[DESIGN_LIFESPAN] = NAN;
    expect_failure(&o, "lifespan_year: not said, and carbon_kg needs it");
    o = options_of(N_AXES(zero), zero);
    expect_failure(&o, "mfu_ratio: 0: must be in (0, 1]");
    o.base.value[DESIGN_LIFESPAN] = 51.0;
    expect_failure(&o, "lifespan_year: 51: must be in (0, 50]");

    o = options_of(N_AXES(data), data);
    o.base.value[DESIGN_PARAMS] = NAN;
    expect_failure(&o, "params: not said, and carbon_kg needs it");
    o.n_outcomes = 1;
    o.outcomes = loss;
    expect_failure(&o, "params: not said, and loss_nat needs it");
    o.base.value[DESIGN_PARAMS] = 1e9;
    struct law narrow = *model.law;
    narrow.in_domain = in_narrow_domain;
    model.law = &narrow;
    expect_failure(&o, "tokens: 7.7e+12: outside the domain of chinchilla");
}

/* Corrections and the levels of the inputs that they read, some beyond their domains together. */
static const struct {
    const char *kind;
    double values[CORRECT_MAX_PARAMETERS];
} corrections[] = {{"critical_batch", {31.0, 0.462}},
                   {"critical_batch_loss", {2.1e8, 0.21}},
                   {"repetition", {15.387756}},
                   {"quality", {1.37}},
                   {"sparsity", {16.8, 45.0, 0.722, 0.245}},
                   {"precision", {2.6745, 0.3037, 2.2102, 1.4072, 0.9578, 2.4185}},
                   {"excess_params", {5.309743}},
                   {"quantisation", {0.0598, 0.5907, 0.5068, 0.3439, 0.21}},
                   {"accuracy_sigmoid", {0.7, 0.25, -3.3, 2.385}},
                   {"accuracy_exponential", {0.9, 6.1, 1.4}},
                   {"recovery", {0.99, 0.987}},
                   {"coverage", {0.31}},
                   {"ttspm", {0.83}}};
static const double few_params[] = {0.31e9, 6.9e9, 222e9}, few_tokens[] = {4.1e9, 0.3e12, 7.7e12},
                    uniques[] = {1.7e9, 0.9e12, INFINITY}, batches[] = {0.0, 1.7e5, 3.3e7},
                    sparsities[] = {0.0, 0.61}, weight_bits[] = {3.5, 7.0},
                    posts[] = {0.0, 4.0, 8.0}, samples[] = {1.0, 3.0, 250.0};

/* Add what fits of a random choice; an accuracy always, since one is evaluated. */
static void correct_at_random(struct rng *rng)
{
    const size_t n = sizeof corrections / sizeof *corrections;
    for (size_t tries = 0; tries < 12 || !predict_has_accuracy(&model); tries++) {
        const size_t k = rng_below(rng, n);
        struct predict_model more = model;
        struct correct c = correct_neutral(correct_find(corrections[k].kind));
        memcpy(c.values, corrections[k].values, sizeof c.values);
        status_clear(&why);
        if (predict_correct(&more, &c, &why) == STATUS_OK
            && predict_check(&more, &why) == STATUS_OK) {
            model = more;
        }
    }
}

/* All configurations of some choices of corrections and orders of the axes. */
static void test_evaluator_agrees_with_the_scalar_functions_under_corrections(void)
{
    enum { N_CHOICES = 36, N_CORRECTED = 8 };
    static const enum footprint_outcome wanted[] = {FOOTPRINT_ACCURACY, FOOTPRINT_LOSS};
    static const double kaplan[] = CATALOGUE_KAPLAN;
    struct evaluator_axis axes[N_CORRECTED] = {
        AXIS(DESIGN_PARAMS, few_params),     AXIS(DESIGN_TOKENS, few_tokens),
        AXIS(DESIGN_UNIQUE_TOKENS, uniques), AXIS(DESIGN_BATCH, batches),
        AXIS(DESIGN_SPARSITY, sparsities),   AXIS(DESIGN_WEIGHT_BITS, weight_bits),
        AXIS(DESIGN_POST_BITS, posts),       AXIS(DESIGN_SAMPLES, samples)};
    struct rng rng;
    rng_init(&rng, 7, RNG_TEST, 0);
    double worst = 0.0;
    size_t n_evaluated = 0, n_outside = 0, n_wrong = 0;
    for (int choice = 0; choice < N_CHOICES; choice++) {
        const size_t first = rng_below(&rng, N_CORRECTED);
        const struct evaluator_axis moved = axes[first];
        axes[first] = axes[N_CORRECTED - 1];
        axes[N_CORRECTED - 1] = moved;
        struct evaluator_options o = options_of(N_CORRECTED, axes);
        if (choice % 3 == 2) {
            model = catalogue_model("kaplan_nd", kaplan);
        }
        correct_at_random(&rng);
        o.n_outcomes = 2;
        o.outcomes = wanted;
        status_clear(&why);
        struct evaluator *e = evaluator_of(&o);
        const size_t n = (size_t)evaluator_size(e);
        double *values = values_of(e, 2, 347);
        for (size_t i = 0; i < n; i++) {
            struct design d;
            evaluator_design(e, i, &d);
            const double want[] = {predict_accuracy_ratio(&model, &d),
                                   predict_loss_nat(&model, &d)};
            n_outside += isnan(want[0]) != 0;
            n_wrong += isnan(want[0]) == predict_in_domain(&model, &d);
            for (size_t k = 0; k < 2; k++) {
                const double got = values[k * n + i];
                n_wrong += isnan(got) != isnan(want[k]);
                worst = isnan(want[k]) ? worst : fmax(worst, fabs(got / want[k] - 1.0));
            }
        }
        n_evaluated += n;
        free(values);
        evaluator_destroy(e);
    }
    CU_ASSERT(n_evaluated >= 100000);
    CU_ASSERT(n_outside > 0 && n_outside < n_evaluated / 2);
    CU_ASSERT_EQUAL(n_wrong, 0);
    CU_ASSERT(worst <= 1e-12);
}

/* Levels beside which no level of the others helps are refused; others are NAN in the block. */
static void test_evaluator_refuses_levels_outside_the_domain_of_a_correction(void)
{
    static const double bits[] = {2.0, 5.0, 8.0};
    static const enum footprint_outcome accuracy[] = {FOOTPRINT_ACCURACY};
    const struct evaluator_axis axes[] = {AXIS(DESIGN_PARAMS, params),
                                          AXIS(DESIGN_WEIGHT_BITS, bits)};
    struct evaluator_options o = options_of(N_AXES(axes), axes);
    o.n_outcomes = 1;
    o.outcomes = accuracy;
    expect_failure(&o, "accuracy_ratio: the law chinchilla gives a loss: law.corrections needs");
    struct correct precision = correct_neutral(correct_find("precision"));
    precision.values[0] = 2.6745;
    struct correct sigmoid = correct_neutral(correct_find("accuracy_sigmoid"));
    memcpy(sigmoid.values, (const double[]){0.7, 0.25, -3.3, 2.385}, 4 * sizeof(double));
    HARNESS_ASSERT_OK(predict_correct(&model, &precision, &why));
    HARNESS_ASSERT_OK(predict_correct(&model, &sigmoid, &why));
    expect_failure(&o, "weight_bits: 2: outside the domain of precision");
    o.n_axes = 0;
    o.base.value[DESIGN_WEIGHT_BITS] = 2.0;
    expect_failure(&o, "params 7300000000 with tokens 1.1e+12: outside the domain of precision");
}

static void test_evaluator_gives_no_tables_where_the_loss_does_not_exist(void)
{
    /* Half a parameter is left of the smallest model at few bits. */
    static const double small[] = {1.5, 7e9}, bits[] = {3.0, 16.0};
    static const enum footprint_outcome loss[] = {FOOTPRINT_LOSS};
    const struct evaluator_axis axes[] = {AXIS(DESIGN_PARAMS, small),
                                          AXIS(DESIGN_WEIGHT_BITS, bits)};
    struct evaluator_options o = options_of(N_AXES(axes), axes);
    struct tables_outcome tables;
    double values[4];
    o.n_outcomes = 1;
    o.outcomes = loss;
    struct correct c = correct_neutral(correct_find("precision"));
    c.values[0] = 2.6745;
    c.values[1] = 0.3037;
    HARNESS_ASSERT_OK(predict_correct(&model, &c, &why));
    struct evaluator *e = evaluator_of(&o);
    evaluator_block(e, 0, 4, values, 4);
    CU_ASSERT(isnan(values[0]) && values[1] > 0 && values[2] > values[3] && values[3] > 0);
    CU_ASSERT(evaluator_tables(e, 0, &tables));
    evaluator_destroy(e);
    expect_tables_of(&o);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"agrees_with_the_scalar_functions", test_evaluator_agrees_with_the_scalar_functions},
        {"serves_tokens_beside_training", test_evaluator_serves_tokens_beside_training},
        {"tables_have_the_bits_of_its_blocks", test_evaluator_tables_have_the_bits_of_its_blocks},
        {"follows_formulas", test_evaluator_follows_formulas},
        {"takes_models_as_axes", test_evaluator_takes_models_as_axes},
        {"takes_every_option", test_evaluator_takes_every_option},
        {"gives_nan_where_a_combination_has_no_figure",
         test_evaluator_gives_nan_where_a_combination_has_no_figure},
        {"counts_configurations_without_an_outcome",
         test_evaluator_counts_configurations_without_an_outcome},
        {"tells_no_number_from_no_domain", test_evaluator_tells_no_number_from_no_domain},
        {"takes_laws_of_any_shape", test_evaluator_takes_laws_of_any_shape},
        {"takes_laws_of_four_terms", test_evaluator_takes_laws_of_four_terms},
        {"computes_in_the_block_what_no_table_holds",
         test_evaluator_computes_in_the_block_what_no_table_holds},
        {"takes_an_axis_longer_than_a_table", test_evaluator_takes_an_axis_longer_than_a_table},
        {"kernel_spreads_a_product_over_rates", test_evaluator_kernel_spreads_a_product_over_rates},
        {"cuts_into_blocks_do_not_matter", test_evaluator_cuts_into_blocks_do_not_matter},
        {"order_of_the_axes_does_not_matter", test_evaluator_order_of_the_axes_does_not_matter},
        {"vector_levels_give_the_same_bits", test_evaluator_vector_levels_give_the_same_bits},
        {"without_axes_has_one_configuration", test_evaluator_without_axes_has_one_configuration},
        {"numbers_configurations_last_axis_fastest",
         test_evaluator_numbers_configurations_last_axis_fastest},
        {"paper_falk2025_devices_in_a_block", test_paper_falk2025_devices_in_a_block},
        {"writes_only_its_part_of_a_row", test_evaluator_writes_only_its_part_of_a_row},
        {"errors", test_evaluator_errors},
        {"agrees_with_the_scalar_functions_under_corrections",
         test_evaluator_agrees_with_the_scalar_functions_under_corrections},
        {"refuses_levels_outside_the_domain_of_a_correction",
         test_evaluator_refuses_levels_outside_the_domain_of_a_correction},
        {"gives_no_tables_where_the_loss_does_not_exist",
         test_evaluator_gives_no_tables_where_the_loss_does_not_exist},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
