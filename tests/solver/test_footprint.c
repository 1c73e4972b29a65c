#include "solver/footprint.h"

#include "solver/base/rng.h"
#include "solver/survival.h"

#include "tests/harness.h"
#include "tests/solver/catalogue.h"

static struct status_why why;

/* Training on A100s in bf16 without stalls, in France, at a site without overhead. */
static struct design on_a100(double params, double tokens, double mfu_ratio, double lifespan_year)
{
    struct design d = design_neutral();
    d.value[DESIGN_PARAMS] = params;
    d.value[DESIGN_TOKENS] = tokens;
    d.value[DESIGN_MFU] = mfu_ratio;
    d.value[DESIGN_LIFESPAN] = lifespan_year;
    d.value[DESIGN_DEVICE] = CATALOGUE_A100;
    d.value[DESIGN_GRID] = CATALOGUE_FRANCE;
    d.value[DESIGN_SITE] = CATALOGUE_SITE_NO_OVERHEAD;
    d.value[DESIGN_OPTIMIZER] = CATALOGUE_ADAMW;
    return d;
}

static double outcome_of(enum footprint_outcome o, struct design d,
                         struct footprint_options options)
{
    const struct hardware_catalogue c = catalogue_made_by_hand();
    double outcome[FOOTPRINT_N_OUTCOMES];
    footprint_all(&d, &c, &options, outcome);
    return outcome[o];
}

static double devices_of(double params, double tokens, double mfu_ratio, double lifespan_year)
{
    return outcome_of(FOOTPRINT_DEVICES, on_a100(params, tokens, mfu_ratio, lifespan_year),
                      footprint_defaults());
}

/* A run known by its hours: the compute that fills them at peak. */
static struct design with_hours(double device_hour, enum precision precision, int device,
                                double peak_flop_per_second)
{
    struct design d = on_a100(1e9, device_hour * 3600.0 * peak_flop_per_second / 6e9, 1.0, 6.0);
    d.value[DESIGN_DEVICE] = device;
    d.value[DESIGN_PRECISION] = precision;
    return d;
}

static const double gpt4_params = 222e9, gpt4_tokens = 13e12;

static void test_paper_falk2025_gpt4_devices(void)
{
    CU_ASSERT_EQUAL(devices_of(gpt4_params, gpt4_tokens, 0.20, 1.0), 8800.0);
    CU_ASSERT_EQUAL(devices_of(gpt4_params, gpt4_tokens, 0.35, 2.0), 2515.0);
    CU_ASSERT_EQUAL(devices_of(gpt4_params, gpt4_tokens, 0.20, 5.0), 1760.0);
    CU_ASSERT_EQUAL(devices_of(gpt4_params, gpt4_tokens, 0.50, 2.0), 1760.0);
    CU_ASSERT_EQUAL(devices_of(gpt4_params, gpt4_tokens, 0.50, 3.0), 1174.0);
    CU_ASSERT_EQUAL(devices_of(gpt4_params, gpt4_tokens, 0.30, 5.0), 1174.0);
    CU_ASSERT_EQUAL(devices_of(gpt4_params, gpt4_tokens, 0.25, 6.0), 1174.0);
}

static void test_paper_falk2025_other_models(void)
{
    CU_ASSERT_EQUAL(devices_of(200e9, 4e12, 0.35, 2.0), 697.0);
    CU_ASSERT_EQUAL(devices_of(123e9, 2e12, 0.35, 2.0), 215.0);
    CU_ASSERT_EQUAL(devices_of(70e9, 2e12, 0.35, 2.0), 122.0);
    CU_ASSERT_EQUAL(devices_of(175e9, 300e9, 0.35, 2.0), 46.0);
}

/* Readings of the paper that must not come out: they protect against fudging. */
static void test_paper_falk2025_expected_mismatches(void)
{
    CU_ASSERT_EQUAL(devices_of(gpt4_params, gpt4_tokens, 0.60, 3.0), 978.0); /* not 1,174 */
    CU_ASSERT_EQUAL(devices_of(12e9, 300e9, 0.35, 2.0), 4.0);                /* Pythia, not 32 */
    CU_ASSERT_EQUAL(devices_of(12e9, 3e12, 0.35, 2.0), 32.0);             /* ten times the data */
    CU_ASSERT_EQUAL(devices_of(2.1e25 / 6e12, 1e12, 0.20, 1.0), 10672.0); /* Epoch's compute */
}

static void test_paper_falk2025_mass_of_gpt4(void)
{
    struct footprint_options options = footprint_defaults();
    options.bound = HARDWARE_LO;
    const struct design d = on_a100(gpt4_params, gpt4_tokens, 0.35, 2.0);
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_MASS, d, options), 3750.0, 1e-3);
    options.bound = HARDWARE_TYPICAL;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_MASS, d, options), 3923.4, 1e-3);
}

static void test_footprint_mass_uses_unrounded_lifetimes(void)
{
    const struct design d = on_a100(12e9, 300e9, 0.35, 2.0);
    const double lifetimes = outcome_of(FOOTPRINT_DEVICE_LIFETIME, d, footprint_defaults());
    HARNESS_ASSERT_REL(lifetimes, 6 * 12e9 * 300e9 / (312e12 * 0.35 * 2 * 31536000.0), 1e-14);
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_MASS, d, footprint_defaults()), lifetimes * 1.56,
                       1e-14);
}

static void test_paper_luccioni2022_bloom(void)
{
    struct footprint_options options = footprint_defaults();
    const struct design d = with_hours(1082990.0, PRECISION_BF16, CATALOGUE_A100, 312e12);
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_ENERGY, d, options), 433196.0, 1e-12);
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_OPERATIONAL_CARBON, d, options), 24690.0, 3e-4);
    options.amortisation = FOOTPRINT_UTILISED;
    options.utilisation_ratio = 0.85;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_EMBODIED_CARBON, d, options), 3640.0, 2e-3);
}

static void test_paper_touvron2023_llama2_carbon(void)
{
    static const struct {
        double device_hour, power_ratio, carbon_kg;
    } rows[] = {{184320.0, 1.0, 31220.0},
                {368640.0, 1.0, 62440.0},
                {1038336.0, 350.0 / 400.0, 153920.0},
                {1720320.0, 1.0, 291420.0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct footprint_options options = footprint_defaults();
        options.power_ratio = rows[i].power_ratio;
        struct design d = with_hours(rows[i].device_hour, PRECISION_BF16, CATALOGUE_A100, 312e12);
        d.value[DESIGN_SITE] = CATALOGUE_SITE_1_1;
        d.value[DESIGN_GRID] = CATALOGUE_USA;
        HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_OPERATIONAL_CARBON, d, options), rows[i].carbon_kg,
                           1e-3);
    }
}

/* 10,000 V100 at 24.6 of 125 TFLOP/s and a measured 330 W, PUE 1.1: 1,287 MWh and 14.8 days. */
static void test_paper_patterson2021_gpt3_energy(void)
{
    struct design d = on_a100(175e9, 300e9, 24.6 / 125.0, 4.0);
    d.value[DESIGN_DEVICE] = CATALOGUE_V100;
    d.value[DESIGN_SITE] = CATALOGUE_SITE_1_1;
    struct footprint_options options = footprint_defaults();
    options.power_ratio = 330.0 / 300.0;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_ENERGY, d, options), 1287e3, 0.02);
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_DEVICE_HOUR, d, options), 10000 * 14.8 * 24, 0.02);
}

static void test_footprint_precision_enters_once_through_peak_and_mfu(void)
{
    struct design d = on_a100(7.3e9, 1.1e12, 0.41, 3.7);
    d.value[DESIGN_DEVICE] = CATALOGUE_H100;
    d.value[DESIGN_PRECISION] = PRECISION_FP8;
    const struct footprint_options options = footprint_defaults();
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_DEVICE_HOUR, d, options),
                       6 * 7.3e9 * 1.1e12 / (1978.9e12 * 0.41 * 0.665 * 3600), 1e-14);
    CU_ASSERT_EQUAL(outcome_of(FOOTPRINT_COMPUTE, d, options), 6 * 7.3e9 * 1.1e12);
}

static void test_footprint_goodput_lengthens_and_pue_enters_once(void)
{
    struct design d = on_a100(7.3e9, 1.1e12, 0.41, 3.7);
    const struct footprint_options options = footprint_defaults();
    const double energy_kwh = outcome_of(FOOTPRINT_ENERGY, d, options);
    d.value[DESIGN_SITE] = CATALOGUE_SITE_1_1;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_ENERGY, d, options), 1.1 * energy_kwh, 1e-14);
    d.value[DESIGN_GOODPUT] = 0.66;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_ENERGY, d, options), 1.1 * energy_kwh / 0.66, 1e-14);
}

static void test_footprint_carbon_is_operational_plus_embodied(void)
{
    const struct design d = on_a100(7.3e9, 1.1e12, 0.41, 3.7);
    struct footprint_options options = footprint_defaults();
    options.bound = HARDWARE_HI;
    const double hour = outcome_of(FOOTPRINT_DEVICE_HOUR, d, options);
    const double operational = hour * 0.4 * 0.057, embodied = hour / (3.7 * 8760) * 271.0;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_OPERATIONAL_CARBON, d, options), operational, 1e-14);
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_EMBODIED_CARBON, d, options), embodied, 1e-14);
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_CARBON, d, options), operational + embodied, 1e-14);
}

static void test_footprint_amortisation_charges_what_its_name_says(void)
{
    const struct design d = on_a100(7.3e9, 1.1e12, 0.41, 3.7);
    struct footprint_options options = footprint_defaults();
    const double busy = outcome_of(FOOTPRINT_DEVICE_LIFETIME, d, options);
    options.utilisation_ratio = 0.85; /* read by `utilised` alone */
    CU_ASSERT_EQUAL(outcome_of(FOOTPRINT_DEVICE_LIFETIME, d, options), busy);
    options.amortisation = FOOTPRINT_CALENDAR;
    CU_ASSERT_EQUAL(outcome_of(FOOTPRINT_DEVICE_LIFETIME, d, options), busy);
    options.amortisation = FOOTPRINT_UTILISED;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_DEVICE_LIFETIME, d, options), busy / 0.85, 1e-14);
    for (int a = FOOTPRINT_BUSY; a <= FOOTPRINT_CALENDAR; a++) {
        const char *name = footprint_amortisation_name((enum footprint_amortisation)a);
        CU_ASSERT_EQUAL(footprint_find_amortisation(name), a);
    }
    CU_ASSERT_EQUAL(footprint_find_amortisation("idle"), -1);
}

static void test_footprint_devices_rounds_up_but_keeps_whole_values(void)
{
    CU_ASSERT_EQUAL(footprint_devices(2514.1), 2515.0);
    CU_ASSERT_EQUAL(footprint_devices(2515.0), 2515.0);
    CU_ASSERT_EQUAL(footprint_devices(2515.0 * (1.0 + 5e-13)), 2515.0);
    CU_ASSERT_EQUAL(footprint_devices(2515.0 * (1.0 - 5e-13)), 2515.0);
    CU_ASSERT_EQUAL(footprint_devices(2515.0 * (1.0 + 5e-12)), 2516.0);
    CU_ASSERT_EQUAL(footprint_devices(3e-15), 1.0);
    CU_ASSERT_EQUAL(footprint_devices(0.0), 0.0);
    CU_ASSERT_EQUAL(footprint_devices(1e300), 1e300);
    CU_ASSERT(isnan(footprint_devices(NAN)));
}

/* A design in which everything differs from \a on_a100. */
static struct design everything_else(void)
{
    struct design other = on_a100(9.1e9, 2.2e12, 0.33, 4.1);
    other.value[DESIGN_DEVICE] = CATALOGUE_H100;
    other.value[DESIGN_GRID] = CATALOGUE_USA;
    other.value[DESIGN_SITE] = CATALOGUE_SITE_1_1;
    other.value[DESIGN_GOODPUT] = 0.9;
    other.value[DESIGN_PRECISION] = PRECISION_FP32;
    other.value[DESIGN_SERVED_TOKENS] = 5.5e13;
    other.value[DESIGN_SERVING_MFU] = 0.21;
    other.value[DESIGN_FLEET] = 3072.0;
    other.value[DESIGN_DEADLINE] = 41.0;
    other.value[DESIGN_OPTIMIZER] = CATALOGUE_ADAMW_MASTER;
    other.value[DESIGN_TOTAL_RATIO] = 1.7;
    other.value[DESIGN_CACHED_TOKENS] = 4321.0;
    other.value[DESIGN_TRAINING_BITS] = 23.0;
    other.value[DESIGN_WINDOW] = 777.0;
    other.value[DESIGN_FULL_LAYERS] = 0.3;
    return other;
}

static void test_footprint_training_bits_are_those_of_all_that_is_not_said(void)
{
    struct design d = on_a100(7.3e9, 1.1e12, 0.41, 3.7);
    const struct footprint_options options = footprint_defaults();
    const double flop = 6.0 * 7.3e9 * 1.1e12;
    d.value[DESIGN_TRAINING_BITS] = 7.25;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_BIT_FLOP, d, options), flop * 7.25 / 16.0, 1e-14);
    d.value[DESIGN_ACTIVATION_BITS] = 9.5; /* the widest counts */
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_BIT_FLOP, d, options), flop * 9.5 / 16.0, 1e-14);
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_COMPUTE, d, options), flop, 1e-15);
    CU_ASSERT_EQUAL(design_bits(&d, DESIGN_WEIGHT_BITS), 7.25);
    CU_ASSERT_EQUAL(design_post_bits(&d, DESIGN_POST_CACHE_BITS), 7.25);
    CU_ASSERT(design_has(design_behind(DESIGN_CACHE_BITS), DESIGN_TRAINING_BITS));
}

static void test_footprint_body_is_what_the_vocabulary_leaves(void)
{
    struct design d = on_a100(7.3e9, 1.1e12, 0.41, 3.7);
    struct footprint_options options = footprint_defaults();
    d.value[DESIGN_WIDTH] = 4096.0;
    d.value[DESIGN_VOCABULARY] = 51200.0;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_BODY_PARAMS, d, options),
                       7.3e9 - 2.0 * 4096.0 * 51200.0, 1e-14);
    options.embeddings = SHAPE_TIED;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_BODY_PARAMS, d, options), 7.3e9 - 4096.0 * 51200.0,
                       1e-14);
    d.value[DESIGN_VOCABULARY] = 2e6; /* more than all parameters */
    CU_ASSERT(isnan(outcome_of(FOOTPRINT_BODY_PARAMS, d, options)));
}

static void test_footprint_factors_read_the_inputs_they_name(void)
{
    const struct hardware_catalogue c = catalogue_made_by_hand();
    struct footprint_options options = footprint_defaults();
    options.activations = MEMORY_ALL;
    struct design d = on_a100(7.3e9, 1.1e12, 0.41, 3.7);
    const struct design other = everything_else();
    d.value[DESIGN_SERVED_TOKENS] = 1e12;
    d.value[DESIGN_FLEET] = 512.0;
    d.value[DESIGN_DEADLINE] = 90.0;
    d.value[DESIGN_PROMPT] = 200.0;
    d.value[DESIGN_OUTPUT] = 1611.0;
    /* Read only to decide between others, and models, which are the same in both designs. */
    const design_set may_stay =
        SHAPE_INPUTS | DESIGN_BIT(DESIGN_SERVING_MFU) | DESIGN_BIT(DESIGN_PREFILL_MFU)
        | DESIGN_BIT(DESIGN_PROMPT) | DESIGN_BIT(DESIGN_OUTPUT) | DESIGN_BIT(DESIGN_SAMPLES)
        | DESIGN_BIT(DESIGN_WEIGHT_BITS) | DESIGN_BIT(DESIGN_ACTIVATION_BITS)
        | DESIGN_BIT(DESIGN_CACHE_BITS) | DESIGN_BIT(DESIGN_POST_CACHE_BITS)
        | DESIGN_BIT(DESIGN_CONTEXT) | DESIGN_BIT(DESIGN_MICROBATCH) | DESIGN_BIT(DESIGN_POST_BITS)
        | DESIGN_BIT(DESIGN_CACHE_RATIO) | DESIGN_BIT(DESIGN_MFU) | DESIGN_BIT(DESIGN_MFU_MODEL)
        | DESIGN_BIT(DESIGN_SCALING_MODEL) | DESIGN_BIT(DESIGN_GOODPUT_MODEL)
        | DESIGN_BIT(DESIGN_LIFESPAN_MODEL) | DESIGN_BIT(DESIGN_FULL_LAYERS)
        | DESIGN_BIT(DESIGN_WINDOW) | DESIGN_BIT(DESIGN_SERVED_QUESTIONS);
    for (int i = 0; i < FOOTPRINT_RATE + FOOTPRINT_N_OUTCOMES; i++) {
        const enum footprint_factor f =
            i < FOOTPRINT_RATE ? (enum footprint_factor)i : FOOTPRINT_RATE;
        const enum footprint_outcome o = (enum footprint_outcome)(i - (int)f);
        if (f == FOOTPRINT_RATE && footprint_base(o) == FOOTPRINT_OF_LAW) {
            continue;
        }
        for (int k = 0; k < DESIGN_N_INPUTS; k++) {
            struct design moved = d;
            moved.value[k] = other.value[k];
            const bool moves = footprint_factor(f, o, &moved, &c, &options)
                               != footprint_factor(f, o, &d, &c, &options);
            const design_set reads = footprint_factor_reads(f, o, &d, &c, &options);
            CU_ASSERT(moves == false || design_has(reads, (enum design_input)k));
            CU_ASSERT(moves == true || !design_has(reads, (enum design_input)k)
                      || design_has(may_stay, (enum design_input)k));
        }
    }
}

static void test_footprint_serving_adds_two_operations_a_parameter_and_token(void)
{
    struct design d = on_a100(7.3e9, 1.1e12, 0.41, 3.7);
    const struct footprint_options options = footprint_defaults();
    const double training_hour = outcome_of(FOOTPRINT_DEVICE_HOUR, d, options);
    CU_ASSERT_EQUAL(outcome_of(FOOTPRINT_TOTAL_FLOP, d, options),
                    outcome_of(FOOTPRINT_COMPUTE, d, options));
    d.value[DESIGN_SERVED_TOKENS] = 3.3e12; /* as much work again */
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_TOTAL_FLOP, d, options), 2 * 6 * 7.3e9 * 1.1e12, 1e-14);
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_DEVICE_HOUR, d, options), 2 * training_hour, 1e-14);
    CU_ASSERT_EQUAL(outcome_of(FOOTPRINT_COMPUTE, d, options), 6 * 7.3e9 * 1.1e12);
    d.value[DESIGN_SERVING_MFU] = 0.205; /* half the throughput */
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_DEVICE_HOUR, d, options), 3 * training_hour, 1e-14);
}

/* 1.2e26 operations on 3,072 MI250X at 31.96 % take 10.12 years (arXiv:2312.12705, recomputed). */
static void test_footprint_fleet_and_deadline_are_two_sides_of_one_duration(void)
{
    const struct hardware_catalogue c = catalogue_made_by_hand();
    const struct footprint_options options = footprint_defaults();
    struct design d = on_a100(1e12, 20e12, 0.3196 * 383.0 / 312.0, 5.0);
    double outcome[FOOTPRINT_N_OUTCOMES];
    d.value[DESIGN_FLEET] = 3072.0;
    d.value[DESIGN_DEADLINE] = 10.12 * 365.0;
    footprint_all(&d, &c, &options, outcome);
    HARNESS_ASSERT_REL(outcome[FOOTPRINT_DURATION], 10.12 * 365.0, 1e-3);
    d.value[DESIGN_DEADLINE] = outcome[FOOTPRINT_DURATION];
    CU_ASSERT_EQUAL(outcome_of(FOOTPRINT_DEADLINE_FLEET, d, options), 3072.0);
    d.value[DESIGN_DEADLINE] *= 1.0 - 1e-6;
    CU_ASSERT_EQUAL(outcome_of(FOOTPRINT_DEADLINE_FLEET, d, options), 3073.0);
}

/* Kilowatt-hours of the equipment that a site and a grid turn into water (docs/model.md M161). The
 * worst row, Ireland, is off by .032 %, as its inputs are printed: half a digit of its .02 litre on
 * the site alone is .28 %. */
static void test_paper_li2023_water_of_gpt3(void)
{
    static const struct {
        double site, pue, grid, megalitre;
    } rows[] = {{0.55, 1.17, 3.142, 5.439}, {0.06, 1.12, 2.309, 3.406},  {0.74, 1.35, 2.233, 4.833},
                {0.25, 1.28, 1.287, 2.442}, {0.95, 1.15, 9.501, 15.285}, {0.14, 1.14, 2.385, 3.679},
                {0.13, 1.11, 2.574, 3.845}, {0.012, 1.12, 4.259, 6.154}, {0.01, 1.12, 4.542, 6.561},
                {0.0, 1.43, 3.445, 6.34},   {0.02, 1.19, 1.476, 2.287},  {0.056, 1.12, 5.3, 7.711},
                {0.09, 1.16, 6.019, 9.101}};
    const struct footprint_options options = footprint_defaults();
    const struct design d = with_hours(1287e3 / 0.4, PRECISION_BF16, CATALOGUE_A100, 312e12);
    struct hardware_catalogue c = catalogue_made_by_hand();
    double outcome[FOOTPRINT_N_OUTCOMES];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hardware_site site = {
            .id = "here", .pue_ratio = rows[i].pue, .water_litre_per_kwh = rows[i].site};
        struct hardware_grid grid = {.id = "there", .water_litre_per_kwh = rows[i].grid};
        c.sites = &site;
        c.grids = &grid;
        footprint_all(&d, &c, &options, outcome);
        HARNESS_ASSERT_REL(outcome[FOOTPRINT_WATER], rows[i].megalitre * 1e6, 3.2e-4);
        HARNESS_ASSERT_REL(outcome[FOOTPRINT_SITE_WATER] + outcome[FOOTPRINT_GRID_WATER],
                           outcome[FOOTPRINT_WATER], 1e-14);
        if (i == 0) {
            HARNESS_ASSERT_REL(outcome[FOOTPRINT_SITE_WATER], 0.708e6, 3e-4);
            HARNESS_ASSERT_REL(outcome[FOOTPRINT_GRID_WATER], 4.731e6, 3e-4);
        }
    }
}

/* Answers of 16,384 tokens to questions of 200, 14.77 billion parameters in 40 layers of 40 heads
 * of 128 with 8 heads of keys and values. */
static void test_paper_kinetics2025_cost_of_an_answer(void)
{
    struct footprint_options options = footprint_defaults();
    options.attention = FOOTPRINT_ATTENTION;
    struct design d = on_a100(14.77e9, 1e12, 0.4, 4.0);
    d.value[DESIGN_WIDTH] = 5120.0;
    d.value[DESIGN_DEPTH] = 40.0;
    d.value[DESIGN_CACHE_RATIO] = 8.0 / 40.0;
    d.value[DESIGN_PROMPT] = 200.0;
    d.value[DESIGN_OUTPUT] = 16384.0;
    d.value[DESIGN_SERVED_TOKENS] = 200.0 + 16384.0;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_DECODE_EFLOP, d, options), 5.966e14 + 1.267e16, 5e-4);
    options.flop_per_byte = 0.0;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_DECODE_EFLOP, d, options), 5.966e14, 5e-4);
    const double one_answer = outcome_of(FOOTPRINT_DECODE_EFLOP, d, options);
    d.value[DESIGN_SAMPLES] = 3.0;
    d.value[DESIGN_SERVED_TOKENS] = 200.0 + 3.0 * 16384.0;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_DECODE_EFLOP, d, options), 3.0 * one_answer, 1e-14);
    options.flop_per_byte = 1.0;
    d.value[DESIGN_POST_CACHE_BITS] = 4.0; /* a quarter of the traffic; the prompt is shared */
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_DECODE_EFLOP, d, options) - 3.0 * one_answer,
                       0.25 * 2.0 * (2.0 * 200.0 + 3.0 * 16384.0) * 16384.0 * 1024.0 * 40.0, 1e-6);
}

/* Bytes that an answer of 16,384 tokens to 200 reads, token by token, where a quarter of the layers
 * reaches back to all and the others to \a window tokens at most. */
static double bytes_read(double window, double samples)
{
    const double byte = 2.0 * 16.0 / 8.0 * 1024.0 * 40.0; /* keys and values of a token */
    double all = 0.0, own = 0.0;
    for (int t = 0; t < 16384; t++) {
        const double at = t + 0.5;
        all += 0.25 * (200.0 + at) + 0.75 * fmin(window, 200.0 + at);
        own += 0.25 * at + 0.75 * fmin(window, at);
    }
    return byte * ((all - own) / samples + own);
}

static void test_footprint_windows_end_what_an_answer_reads(void)
{
    static const double windows[] = {150.0, 1024.5, 9211.0, 16500.0, 20000.0};
    struct footprint_options options = footprint_defaults();
    struct design d = on_a100(14.77e9, 1e12, 0.4, 4.0);
    d.value[DESIGN_WIDTH] = 5120.0;
    d.value[DESIGN_DEPTH] = 40.0;
    d.value[DESIGN_CACHE_RATIO] = 8.0 / 40.0;
    d.value[DESIGN_PROMPT] = 200.0;
    d.value[DESIGN_OUTPUT] = 16384.0;
    d.value[DESIGN_SAMPLES] = 3.0;
    d.value[DESIGN_SERVED_TOKENS] = 200.0 + 3.0 * 16384.0;
    d.value[DESIGN_FULL_LAYERS] = 0.25;
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        d.value[DESIGN_WINDOW] = windows[i];
        options.flop_per_byte = 0.0;
        const double flop = outcome_of(FOOTPRINT_DECODE_EFLOP, d, options);
        options.flop_per_byte = 1000.0;
        HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_DECODE_EFLOP, d, options) - flop,
                           3000.0 * bytes_read(windows[i], 3.0), 1e-6);
    }
    /* A third of the layers holds 128 K tokens, the others 9.2 K of them (ge2024). */
    d.value[DESIGN_CACHED_TOKENS] = 128e3;
    d.value[DESIGN_PROMPT] = 1e3;
    d.value[DESIGN_OUTPUT] = 127e3;
    d.value[DESIGN_WINDOW] = 9.2e3;
    d.value[DESIGN_FULL_LAYERS] = 1.0 / 3.0;
    const double held = outcome_of(FOOTPRINT_SERVING_BYTE, d, options) - 2.0 * 14.77e9;
    HARNESS_ASSERT_REL(held, (1.0 / 3.0 + 2.0 / 3.0 * 9.2 / 128.0) * 128e3 * 4.0 * 1024.0 * 40.0,
                       1e-12);
}

static void test_footprint_windows_end_attention_in_training(void)
{
    struct footprint_options options = footprint_defaults();
    struct design d = on_a100(7.3e9, 1.0, 0.4, 4.0);
    const double plain = outcome_of(FOOTPRINT_COMPUTE, d, options);
    options.attention = FOOTPRINT_ATTENTION;
    d.value[DESIGN_CONTEXT] = 4096.0;
    const double full = outcome_of(FOOTPRINT_COMPUTE, d, options) - plain;
    d.value[DESIGN_WINDOW] = 512.0;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_COMPUTE, d, options) - plain, full / 8.0, 1e-7);
    d.value[DESIGN_FULL_LAYERS] = 0.5;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_COMPUTE, d, options) - plain, full * 9.0 / 16.0, 1e-7);
    d.value[DESIGN_WINDOW] = 5000.0;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_COMPUTE, d, options) - plain, full, 1e-15);
}

/* 72 layers width^2 + 12 layers width context operations a token (deepseek2024). */
static void test_paper_deepseek2024_operations_of_a_token(void)
{
    struct footprint_options options = footprint_defaults();
    struct design d = on_a100(67e9, 1.0, 0.4, 4.0);
    d.value[DESIGN_WIDTH] = 8192.0;
    d.value[DESIGN_CONTEXT] = 4096.0;
    d.value[DESIGN_VOCABULARY] = 102400.0;
    options.counting = FOOTPRINT_COUNT_NON_EMBEDDING;
    options.attention = FOOTPRINT_ATTENTION;
    const struct shape s = shape_of(&d, SHAPE_UNTIED);
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_COMPUTE, d, options),
                       72.0 * s.depth * 8192.0 * 8192.0 + 12.0 * s.depth * 8192.0 * 4096.0, 1e-13);
    options.attention = FOOTPRINT_NO_ATTENTION;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_COMPUTE, d, options),
                       6.0 * (67e9 - 2.0 * 8192.0 * 102400.0), 1e-13);
    options.counting = FOOTPRINT_COUNT_LAST_LAYER;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_COMPUTE, d, options), 6.0 * (67e9 - 8192.0 * 102400.0),
                       1e-13);
    options.embeddings = SHAPE_TIED;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_COMPUTE, d, options), 6.0 * 67e9, 1e-13);
    options.counting = FOOTPRINT_COUNT_GIVEN;
    d.value[DESIGN_FLOP_PER_TOKEN] = 4.2e11;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_COMPUTE, d, options), 4.2e11, 1e-14);
}

static void test_footprint_memory_decides_how_many_devices_hold_a_design(void)
{
    struct footprint_options options = footprint_defaults();
    struct design d = on_a100(175e9, 1e12, 0.4, 4.0);
    d.value[DESIGN_OPTIMIZER] = CATALOGUE_ADAMW_MASTER;
    d.value[DESIGN_FLEET] = 56.0;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_MEMORY, d, options), 2800e9, 1e-14);
    CU_ASSERT_EQUAL(outcome_of(FOOTPRINT_MEMORY_DEVICES, d, options), 70.0);
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_MEMORY_LOAD, d, options), 70.0 / 56.0, 1e-14);
    d.value[DESIGN_TOTAL_RATIO] = 2.0;
    CU_ASSERT_EQUAL(outcome_of(FOOTPRINT_MEMORY_DEVICES, d, options), 140.0);
    options.activations = MEMORY_RECOMPUTED;
    CU_ASSERT(outcome_of(FOOTPRINT_MEMORY, d, options) > 5600e9);
    d.value[DESIGN_PARAMS] = 13e9;
    d.value[DESIGN_TOTAL_RATIO] = 1.0;
    d.value[DESIGN_DEVICE] = CATALOGUE_H100;
    options.activations = MEMORY_NO_ACTIVATIONS;
    d.value[DESIGN_OPTIMIZER] = CATALOGUE_ADAMW;
    CU_ASSERT_EQUAL(outcome_of(FOOTPRINT_MEMORY_DEVICES, d, options), 2.0);
    d.value[DESIGN_OPTIMIZER] = CATALOGUE_LOW_RANK;
    CU_ASSERT_EQUAL(outcome_of(FOOTPRINT_MEMORY_DEVICES, d, options), 1.0);
}

/* 30 billion parameters at 8 bits and 60 billion at 4 are 30 GB. */
static void test_footprint_memory_in_use_follows_bits_and_cache(void)
{
    const struct footprint_options options = footprint_defaults();
    struct design d = on_a100(30e9, 1e12, 0.4, 4.0);
    d.value[DESIGN_POST_BITS] = 8.0;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_SERVING_BYTE, d, options), 30e9, 1e-14);
    d.value[DESIGN_PARAMS] = 60e9;
    d.value[DESIGN_POST_BITS] = 4.0;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_SERVING_BYTE, d, options), 30e9, 1e-14);
    CU_ASSERT_EQUAL(outcome_of(FOOTPRINT_SERVING_DEVICES, d, options), 1.0);
    d.value[DESIGN_WIDTH] = 8192.0;
    d.value[DESIGN_DEPTH] = 80.0;
    d.value[DESIGN_CACHED_TOKENS] = 1e4;
    d.value[DESIGN_CACHE_RATIO] = 0.125;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_SERVING_BYTE, d, options),
                       30e9 + 1e4 * 2 * 2 * 80 * 1024.0, 1e-14);
}

/* Four eighths of a server for 1,000 hours (docs/model.md M160, M162, M163). */
static void test_footprint_money_waste_and_servers(void)
{
    struct footprint_options options = footprint_defaults();
    const struct design d = with_hours(1000.0, PRECISION_BF16, CATALOGUE_A100, 312e12);
    const double lives = 1000.0 / (6.0 * 8760.0);
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_COST, d, options),
                       lives * 15000.0 * 1.66 + 1000.0 * 0.4 * 0.12, 1e-13);
    options.cost = FOOTPRINT_RENTAL;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_COST, d, options), 1290.0, 1e-13);
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_EWASTE, d, options), lives * (1.56 + 13.835), 1e-13);
    options.power = FOOTPRINT_SERVER;
    options.power_ratio = 0.75;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_ENERGY, d, options), 1000.0 * 0.8125 * 0.75, 1e-13);
    options.power = FOOTPRINT_MEASURED;
    CU_ASSERT(isnan(outcome_of(FOOTPRINT_ENERGY, d, options)));
    options.embodied = FOOTPRINT_WITH_SERVER;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_EMBODIED_CARBON, d, options), lives * 462.5, 1e-13);
    options.power = FOOTPRINT_RATED;
    options.power_ratio = 1.0;
    options.progress_ratio = 0.3;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_ENERGY, d, options),
                       400.0 * throughput_ageing_ratio(6.0, 0.3), 1e-13);
}

/* Models in which throughput and life depend on sizes, fleets and years. */
static void test_footprint_models_let_mfu_goodput_and_lifespan_trade(void)
{
    const struct footprint_options options = footprint_defaults();
    struct design d = on_a100(175e9, 1e12, 0.3614, 5.0);
    d.value[DESIGN_FLEET] = 16384.0;
    const double hour = outcome_of(FOOTPRINT_DEVICE_HOUR, d, options);
    const double lives = outcome_of(FOOTPRINT_DEVICE_LIFETIME, d, options);
    d.value[DESIGN_MFU_MODEL] = THROUGHPUT_MFU_FRONTIER;
    d.value[DESIGN_MFU] = NAN;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_DEVICE_HOUR, d, options), hour, 1e-13);
    d.value[DESIGN_GOODPUT_MODEL] = THROUGHPUT_GOODPUT_DALY;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_DEVICE_HOUR, d, options), hour / 0.900, 1e-3);
    d.value[DESIGN_GOODPUT_MODEL] = THROUGHPUT_GOODPUT_CONSTANT;
    d.value[DESIGN_SCALING_MODEL] = THROUGHPUT_SCALING_POWER;
    d.value[DESIGN_FLEET] = 384.0;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_DEVICE_HOUR, d, options), hour / 0.94, 1e-3);
    d.value[DESIGN_SCALING_MODEL] = THROUGHPUT_SCALING_CONSTANT;
    d.value[DESIGN_LIFESPAN_MODEL] = SURVIVAL_EXPONENTIAL;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_DEVICE_LIFETIME, d, options), lives * 5.0 / 3.16, 1e-3);
    d.value[DESIGN_LIFESPAN_MODEL] = SURVIVAL_WEIBULL;
    HARNESS_ASSERT_REL(outcome_of(FOOTPRINT_DEVICE_LIFETIME, d, options), lives * 5.0 / 4.54, 1e-3);
    d.value[DESIGN_PARAMS] = 2e12; /* beyond what was observed */
    CU_ASSERT(isnan(outcome_of(FOOTPRINT_DEVICE_HOUR, d, options)));
}

/* A number of its range, by its logarithm, or its neutral value. */
static double any_value(struct rng *r, enum design_input input)
{
    const struct design_field *f = design_field(input);
    const double lower = f->lower > 0.0 ? f->lower : fmin(1e-3, 1e-3 * f->upper);
    const double neutral = isfinite(f->neutral) ? f->neutral : f->upper;
    return rng_below(r, 4) == 0 ? neutral : lower * pow(f->upper / lower, rng_uniform(r));
}

/* Any design but for the shape, which the rule gives, on the hardware of on_a100. */
static struct design any_design(struct rng *r)
{
    struct design d = on_a100(1e9, 1e9, 0.4, 3.0);
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        if (design_field((enum design_input)i)->kind == DESIGN_NUMBER) {
            d.value[i] = any_value(r, (enum design_input)i);
        }
    }
    d.value[DESIGN_WIDTH] = 0.0;
    return d;
}

static size_t differs(double value, double wanted)
{
    return fabs(value - wanted) <= 1e-13 * fabs(wanted) ? 0 : 1; /* NAN differs */
}

/* Hours, devices and sums agree; what stands outside the equipment, PUE, enters once and only what
 * is drawn from the grid; the precision enters the time once and the operations not at all. */
static void test_footprint_is_consistent_on_the_whole_domain(void)
{
    static const double more_pue = 1.37, fp32_over_bf16 = 312.0 / 19.5;
    struct hardware_catalogue c = catalogue_made_by_hand(), hot = c;
    const struct footprint_options options = footprint_defaults();
    struct hardware_site sites[2] = {{.id = "a", .pue_ratio = 1.1, .water_litre_per_kwh = 0.55},
                                     {.id = "b", .water_litre_per_kwh = 0.55}};
    struct hardware_grid grid = {.id = "g", .carbon_kg_per_kwh = 0.4, .water_litre_per_kwh = 3.1};
    struct rng r;
    rng_init(&r, 2386, RNG_TEST, 0);
    sites[1].pue_ratio = sites[0].pue_ratio * more_pue;
    c.grids = hot.grids = &grid;
    c.sites = &sites[0];
    hot.sites = &sites[1];
    size_t n_wrong = 0;
    for (int k = 0; k < 5000; k++) {
        struct design d = any_design(&r), wide;
        double one[FOOTPRINT_N_OUTCOMES], hotter[FOOTPRINT_N_OUTCOMES], slow[FOOTPRINT_N_OUTCOMES];
        d.value[DESIGN_SERVED_TOKENS] = d.value[DESIGN_SERVED_QUESTIONS] = 0.0;
        d.value[DESIGN_SITE] = d.value[DESIGN_GRID] = 0.0;
        wide = d;
        wide.value[DESIGN_PRECISION] = PRECISION_FP32;
        footprint_all(&d, &c, &options, one);
        footprint_all(&d, &hot, &options, hotter);
        footprint_all(&wide, &c, &options, slow);
        const double hour = one[FOOTPRINT_DEVICE_HOUR];
        n_wrong += differs(one[FOOTPRINT_DURATION] * 24.0 * d.value[DESIGN_FLEET], hour);
        n_wrong +=
            differs(one[FOOTPRINT_DEVICE_LIFETIME] * d.value[DESIGN_LIFESPAN] * 8760.0, hour);
        n_wrong += differs(one[FOOTPRINT_COMPUTE] / hour / 3600.0,
                           312e12 * d.value[DESIGN_MFU] * d.value[DESIGN_GOODPUT]);
        n_wrong += differs(one[FOOTPRINT_CARBON],
                           one[FOOTPRINT_OPERATIONAL_CARBON] + one[FOOTPRINT_EMBODIED_CARBON]);
        n_wrong +=
            differs(one[FOOTPRINT_WATER], one[FOOTPRINT_SITE_WATER] + one[FOOTPRINT_GRID_WATER]);
        n_wrong += differs(one[FOOTPRINT_TOTAL_FLOP], one[FOOTPRINT_COMPUTE]);
        n_wrong += differs(hotter[FOOTPRINT_ENERGY], more_pue * one[FOOTPRINT_ENERGY]);
        n_wrong += differs(hotter[FOOTPRINT_GRID_WATER], more_pue * one[FOOTPRINT_GRID_WATER]);
        n_wrong += differs(hotter[FOOTPRINT_OPERATIONAL_CARBON],
                           more_pue * one[FOOTPRINT_OPERATIONAL_CARBON]);
        n_wrong += differs(hotter[FOOTPRINT_SITE_WATER], one[FOOTPRINT_SITE_WATER]);
        n_wrong += differs(hotter[FOOTPRINT_EMBODIED_CARBON], one[FOOTPRINT_EMBODIED_CARBON]);
        n_wrong += differs(hotter[FOOTPRINT_DEVICE_HOUR], hour);
        n_wrong += differs(slow[FOOTPRINT_COMPUTE], one[FOOTPRINT_COMPUTE]);
        n_wrong += differs(slow[FOOTPRINT_DEVICE_HOUR], fp32_over_bf16 * hour);
        n_wrong += differs(slow[FOOTPRINT_MASS], fp32_over_bf16 * one[FOOTPRINT_MASS]);
    }
    CU_ASSERT_EQUAL(n_wrong, 0);
}

/* On all of the domain, but where a vocabulary is larger than its model, every price is a number;
 * twice the lifespan is half the devices, however they are used. */
static void test_footprint_is_a_number_on_the_whole_domain(void)
{
    const struct hardware_catalogue c = catalogue_made_by_hand();
    struct footprint_options options = footprint_defaults();
    struct rng r;
    rng_init(&r, 2385, RNG_TEST, 0);
    options.attention = FOOTPRINT_ATTENTION;
    options.activations = MEMORY_ALL;
    options.serving = FOOTPRINT_SERVING_MEMORY;
    options.counting = FOOTPRINT_COUNT_LAST_LAYER;
    size_t n_wrong = 0;
    for (int k = 0; k < 20000; k++) {
        struct design d = any_design(&r);
        d.value[DESIGN_LIFESPAN] = fmin(d.value[DESIGN_LIFESPAN], 25.0);
        struct design kept = d;
        kept.value[DESIGN_LIFESPAN] *= 2.0;
        double outcome[FOOTPRINT_N_OUTCOMES], longer[FOOTPRINT_N_OUTCOMES];
        footprint_all(&d, &c, &options, outcome);
        footprint_all(&kept, &c, &options, longer);
        for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
            n_wrong += footprint_base((enum footprint_outcome)o) != FOOTPRINT_OF_LAW
                       && !(isfinite(outcome[o]) && outcome[o] >= 0.0);
        }
        n_wrong += !(
            fabs(2.0 * longer[FOOTPRINT_DEVICE_LIFETIME] / outcome[FOOTPRINT_DEVICE_LIFETIME] - 1.0)
            < 1e-14);
        n_wrong += !(
            fabs(outcome[FOOTPRINT_CARBON]
                     / (outcome[FOOTPRINT_OPERATIONAL_CARBON] + outcome[FOOTPRINT_EMBODIED_CARBON])
                 - 1.0)
            < 1e-13);
    }
    CU_ASSERT_EQUAL(n_wrong, 0);
}

static void test_footprint_names_find_their_outcomes(void)
{
    for (int i = 0; i < FOOTPRINT_N_OUTCOMES; i++) {
        const enum footprint_outcome o = (enum footprint_outcome)i;
        CU_ASSERT_EQUAL(footprint_find(footprint_field(o)->name), o);
    }
    CU_ASSERT_EQUAL(footprint_find("energy_kwh"), FOOTPRINT_ENERGY);
    CU_ASSERT_EQUAL(footprint_find("price_of_fame"), FOOTPRINT_N_OUTCOMES);
}

/* What is absent is NAN, and explained with file, line and column. */
static void expect_absent(enum footprint_outcome o, struct design d, const char *text)
{
    const struct hardware_catalogue c = catalogue_made_by_hand();
    const struct footprint_options options = footprint_defaults();
    CU_ASSERT(isnan(outcome_of(o, d, options)));
    status_clear(&why);
    CU_ASSERT_EQUAL(footprint_explain(o, &d, &c, &options, &why), STATUS_INPUT);
    if (!harness_contains(why.message, text)) {
        harness_say(why.message);
        CU_FAIL("the message names another figure");
    }
}

static struct design with(struct design d, enum design_input input, double value)
{
    d.value[input] = value;
    return d;
}

static void test_footprint_absent_figures_are_named(void)
{
    const struct design d = on_a100(7.3e9, 1.1e12, 0.41, 3.7);
    const struct design tpu = with(d, DESIGN_DEVICE, CATALOGUE_TPUV5P);
    expect_absent(FOOTPRINT_ENERGY, tpu,
                  "devices.tsv:5: TPUv5p: power_watt: absent, and energy_kwh needs it");
    expect_absent(FOOTPRINT_MASS, tpu, "devices.tsv:5: TPUv5p: mass_kg_typical: absent");
    expect_absent(FOOTPRINT_EMBODIED_CARBON, tpu,
                  "devices.tsv:5: TPUv5p: embodied_carbon_kg_typical: absent");
    expect_absent(FOOTPRINT_DEVICE_HOUR, with(d, DESIGN_PRECISION, PRECISION_FP8),
                  "devices.tsv:3: A100-SXM4-40: peak_tflops_fp8: absent");
    expect_absent(FOOTPRINT_DEVICES, with(d, DESIGN_PRECISION, PRECISION_INT8),
                  "formats.tsv: int8: mfu_factor: absent");
    expect_absent(FOOTPRINT_OPERATIONAL_CARBON, with(d, DESIGN_GRID, CATALOGUE_NOWHERE),
                  "grids.tsv:9: nowhere: carbon_kg_per_kwh: absent");
    expect_absent(FOOTPRINT_CARBON, with(d, DESIGN_SITE, CATALOGUE_SITE_UNKNOWN),
                  "sites.tsv:4: unknown: pue_ratio: absent, and carbon_kg needs it");
    expect_absent(FOOTPRINT_ENERGY, with(d, DESIGN_SITE, NAN),
                  "site: not said, and energy_kwh needs it");
    expect_absent(FOOTPRINT_MASS, with(d, DESIGN_LIFESPAN, NAN), "lifespan_year: not said");
    expect_absent(FOOTPRINT_DEVICE_HOUR, with(d, DESIGN_DEVICE, NAN), "device: not said");
    expect_absent(FOOTPRINT_DEVICE_HOUR, with(d, DESIGN_PRECISION, NAN), "precision: not said");
}

static void test_footprint_what_is_not_needed_may_be_absent(void)
{
    const struct hardware_catalogue c = catalogue_made_by_hand();
    const struct footprint_options options = footprint_defaults();
    struct design d = on_a100(7.3e9, 1.1e12, 0.41, 3.7);
    d = with(with(d, DESIGN_SITE, NAN), DESIGN_GRID, NAN);
    status_clear(&why);
    HARNESS_ASSERT_OK(footprint_explain(FOOTPRINT_MASS, &d, &c, &options, &why));
    HARNESS_ASSERT_OK(footprint_explain(FOOTPRINT_COMPUTE, &d, &c, &options, &why));
    CU_ASSERT(isfinite(outcome_of(FOOTPRINT_MASS, d, options)));
    CU_ASSERT(isfinite(outcome_of(FOOTPRINT_EMBODIED_CARBON, d, options)));
    d = with(with(d, DESIGN_DEVICE, CATALOGUE_TPUV5P), DESIGN_LIFESPAN, NAN);
    HARNESS_ASSERT_OK(footprint_explain(FOOTPRINT_DEVICE_HOUR, &d, &c, &options, &why));
    CU_ASSERT(isfinite(outcome_of(FOOTPRINT_DEVICE_HOUR, d, options)));
}

static void test_footprint_bounds_make_sense_for_every_outcome(void)
{
    static const double none = (double)INFINITY;
    size_t n_never_zero = 0;
    for (int i = 0; i < FOOTPRINT_N_OUTCOMES; i++) {
        const enum footprint_outcome o = (enum footprint_outcome)i;
        CU_ASSERT_PTR_NULL(footprint_expected_bounds(o, -none, 0.37));
        CU_ASSERT_PTR_NULL(footprint_expected_bounds(o, 0.37, none));
        CU_ASSERT_PTR_NULL(footprint_expected_bounds(o, (double)NAN, (double)NAN));
        CU_ASSERT_EQUAL(footprint_expected_bounds(o, -none, -1.5) == NULL, o == FOOTPRINT_LOSS);
        CU_ASSERT_EQUAL(footprint_expected_bounds(o, -1.5, none) == NULL, o == FOOTPRINT_LOSS);
        n_never_zero += footprint_expected_bounds(o, -none, 0.0) != NULL;
    }
    /* All but the loss, and what a grid, a device without a price or nothing served may make 0. */
    CU_ASSERT_EQUAL(n_never_zero, FOOTPRINT_N_OUTCOMES - 1 - 11);
    CU_ASSERT_PTR_NOT_NULL(footprint_expected_bounds(FOOTPRINT_ACCURACY, 95.0, none));
    CU_ASSERT_PTR_NOT_NULL(footprint_expected_bounds(FOOTPRINT_ENERGY, -none, 0.0));
    CU_ASSERT_PTR_NULL(footprint_expected_bounds(FOOTPRINT_COST, -none, 0.0));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"bounds_make_sense_for_every_outcome", test_footprint_bounds_make_sense_for_every_outcome},
        {"paper_falk2025_gpt4_devices", test_paper_falk2025_gpt4_devices},
        {"paper_falk2025_other_models", test_paper_falk2025_other_models},
        {"paper_falk2025_expected_mismatches", test_paper_falk2025_expected_mismatches},
        {"paper_falk2025_mass_of_gpt4", test_paper_falk2025_mass_of_gpt4},
        {"mass_uses_unrounded_lifetimes", test_footprint_mass_uses_unrounded_lifetimes},
        {"paper_luccioni2022_bloom", test_paper_luccioni2022_bloom},
        {"paper_touvron2023_llama2_carbon", test_paper_touvron2023_llama2_carbon},
        {"paper_patterson2021_gpt3_energy", test_paper_patterson2021_gpt3_energy},
        {"precision_enters_once_through_peak_and_mfu",
         test_footprint_precision_enters_once_through_peak_and_mfu},
        {"goodput_lengthens_and_pue_enters_once",
         test_footprint_goodput_lengthens_and_pue_enters_once},
        {"carbon_is_operational_plus_embodied", test_footprint_carbon_is_operational_plus_embodied},
        {"amortisation_charges_what_its_name_says",
         test_footprint_amortisation_charges_what_its_name_says},
        {"devices_rounds_up_but_keeps_whole_values",
         test_footprint_devices_rounds_up_but_keeps_whole_values},
        {"training_bits_are_those_of_all_that_is_not_said",
         test_footprint_training_bits_are_those_of_all_that_is_not_said},
        {"body_is_what_the_vocabulary_leaves", test_footprint_body_is_what_the_vocabulary_leaves},
        {"factors_read_the_inputs_they_name", test_footprint_factors_read_the_inputs_they_name},
        {"serving_adds_two_operations_a_parameter_and_token",
         test_footprint_serving_adds_two_operations_a_parameter_and_token},
        {"fleet_and_deadline_are_two_sides_of_one_duration",
         test_footprint_fleet_and_deadline_are_two_sides_of_one_duration},
        {"paper_li2023_water_of_gpt3", test_paper_li2023_water_of_gpt3},
        {"paper_kinetics2025_cost_of_an_answer", test_paper_kinetics2025_cost_of_an_answer},
        {"windows_end_what_an_answer_reads", test_footprint_windows_end_what_an_answer_reads},
        {"windows_end_attention_in_training", test_footprint_windows_end_attention_in_training},
        {"paper_deepseek2024_operations_of_a_token", test_paper_deepseek2024_operations_of_a_token},
        {"memory_decides_how_many_devices_hold_a_design",
         test_footprint_memory_decides_how_many_devices_hold_a_design},
        {"memory_in_use_follows_bits_and_cache",
         test_footprint_memory_in_use_follows_bits_and_cache},
        {"money_waste_and_servers", test_footprint_money_waste_and_servers},
        {"models_let_mfu_goodput_and_lifespan_trade",
         test_footprint_models_let_mfu_goodput_and_lifespan_trade},
        {"is_consistent_on_the_whole_domain", test_footprint_is_consistent_on_the_whole_domain},
        {"is_a_number_on_the_whole_domain", test_footprint_is_a_number_on_the_whole_domain},
        {"names_find_their_outcomes", test_footprint_names_find_their_outcomes},
        {"absent_figures_are_named", test_footprint_absent_figures_are_named},
        {"what_is_not_needed_may_be_absent", test_footprint_what_is_not_needed_may_be_absent},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
