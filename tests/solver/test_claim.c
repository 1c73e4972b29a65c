#include "solver/claim.h"

#include <string.h>

#include "tests/harness.h"
#include "tests/solver/catalogue.h"

/* BLOOM on A100s in the United States, at a site with PUE 1.1. */
static struct design a_run(void)
{
    struct design d = design_neutral();
    d.value[DESIGN_PARAMS] = 176.247e9;
    d.value[DESIGN_TOKENS] = 366e9;
    d.value[DESIGN_MFU] = 0.317;
    d.value[DESIGN_LIFESPAN] = 5.0;
    d.value[DESIGN_FLEET] = 384.0;
    d.value[DESIGN_DEVICE] = CATALOGUE_A100;
    d.value[DESIGN_GRID] = CATALOGUE_USA;
    d.value[DESIGN_SITE] = CATALOGUE_SITE_1_1;
    return d;
}

/* A quantity of a subject on the catalogue of the tests, by the refitted Chinchilla. */
static double value_by(const char *name, const struct claim_subject *of)
{
    const struct hardware_catalogue c = catalogue_made_by_hand();
    const struct footprint_options options = footprint_defaults();
    const double natural[] = CATALOGUE_BESIROGLU;
    const struct predict_model model = catalogue_model("chinchilla", natural);
    struct claim_subject s = *of;
    s.catalogue = &c;
    s.options = of->options != NULL ? of->options : &options;
    s.model = of->model != NULL ? of->model : &model;
    CU_ASSERT_FATAL(claim_find(name) >= 0);
    return claim_value(claim_find(name), &s);
}

static double value_of(const char *name, const struct design *d, enum claim_observed observed,
                       double observation)
{
    struct claim_subject s = claim_unobserved();
    s.design = d;
    s.observed[observed] = observation;
    return value_by(name, &s);
}

/* Nothing observed. */
static double plain(const char *name, const struct design *d)
{
    return value_of(name, d, CLAIM_GAIN, NAN);
}

static void test_claim_without_observation_is_the_footprint(void)
{
    const struct design d = a_run();
    const struct hardware_catalogue c = catalogue_made_by_hand();
    const struct footprint_options options = footprint_defaults();
    double outcome[FOOTPRINT_N_OUTCOMES];
    footprint_all(&d, &c, &options, outcome);
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
        if (claim_needs(o) == CLAIM_NO_LAW) {
            const double got = plain(claim_name(o), &d);
            CU_ASSERT(got == outcome[o] || (isnan(got) && isnan(outcome[o])));
        }
    }
}

static void test_claim_follows_from_what_was_observed(void)
{
    const struct design d = a_run();
    const double hour = 1082990.0, kwh = hour * 0.4 * 1.1;
    HARNESS_ASSERT_REL(value_of("energy_kwh", &d, CLAIM_DEVICE_HOUR, hour), kwh, 1e-14);
    HARNESS_ASSERT_REL(value_of("device_hour", &d, CLAIM_ENERGY_KWH, kwh), hour, 1e-14);
    HARNESS_ASSERT_REL(value_of("device_hour", &d, CLAIM_EQUIPMENT_KWH, kwh / 1.1), hour, 1e-14);
    HARNESS_ASSERT_REL(value_of("device_hour", &d, CLAIM_DURATION_HOUR, hour / 384.0), hour, 1e-14);
    HARNESS_ASSERT_REL(value_of("operational_carbon_kg", &d, CLAIM_DEVICE_HOUR, hour), kwh * 0.385,
                       1e-14);
    HARNESS_ASSERT_REL(value_of("water_litre", &d, CLAIM_EQUIPMENT_KWH, 1287e3),
                       1287e3 * (0.55 + 1.1 * 3.142), 1e-14);
    /* Whole devices stay whole; operations do not depend on the time. */
    CU_ASSERT_EQUAL(value_of("devices", &d, CLAIM_DEVICE_HOUR, 5.0 * 8760.0 * 7.01), 8.0);
    HARNESS_ASSERT_REL(value_of("compute_flop", &d, CLAIM_DEVICE_HOUR, hour),
                       6.0 * 176.247e9 * 366e9, 1e-14);
    HARNESS_ASSERT_REL(value_of("mfu_ratio", &d, CLAIM_DEVICE_HOUR, hour), 0.31818, 1e-4);
    CU_ASSERT(isnan(plain("mfu_ratio", &d)));
}

static void test_claim_takes_electricity_where_hours_are_known_too(void)
{
    const struct design d = a_run();
    struct claim_subject s = claim_unobserved();
    const double hour = 1082990.0, kwh = 689842.0;
    s.design = &d;
    s.observed[CLAIM_DEVICE_HOUR] = hour;
    s.observed[CLAIM_ENERGY_KWH] = kwh;
    const double embodied = hour / (5.0 * 8760.0) * 150.0;
    HARNESS_ASSERT_REL(value_by("energy_kwh", &s), kwh, 1e-14);
    HARNESS_ASSERT_REL(value_by("device_hour", &s), hour, 1e-14);
    HARNESS_ASSERT_REL(value_by("embodied_carbon_kg", &s), embodied, 1e-14);
    HARNESS_ASSERT_REL(value_by("carbon_kg", &s), kwh * 0.385 + embodied, 1e-14);
}

static void test_claim_of_serving_follows_from_tokens_a_second(void)
{
    struct design d = a_run();
    struct claim_subject s = claim_unobserved();
    s.design = &d;
    s.observed[CLAIM_TOKEN_RATE] = 4039.0;
    s.observed[CLAIM_INTERVAL_HOUR] = 0.05 / 3600.0;
    d.value[DESIGN_SERVED_TOKENS] = 1e6;
    d.value[DESIGN_TOKENS] = 1.0;
    d.value[DESIGN_PARAMS] = 38e9;
    HARNESS_ASSERT_REL(value_by("device_hour", &s), 1e6 / 4039.0 / 3600.0, 1e-14);
    HARNESS_ASSERT_REL(value_by("mfu_ratio", &s),
                       (6.0 * 38e9 + 2.0 * 38e9 * 1e6) / (1e6 / 4039.0 * 312e12), 1e-13);
    HARNESS_ASSERT_REL(value_by("streams", &s), 201.95, 1e-13);
    CU_ASSERT(isnan(plain("streams", &d)));
}

static void test_claim_of_memory_is_its_part(void)
{
    struct design d = a_run();
    struct footprint_options options = footprint_defaults();
    struct claim_subject s = claim_unobserved();
    options.activations = MEMORY_ALL;
    s.design = &d;
    s.options = &options;
    d.value[DESIGN_WIDTH] = 4096.0;
    d.value[DESIGN_DEPTH] = 37.0;
    d.value[DESIGN_CACHED_TOKENS] = 3e4;
    d.value[DESIGN_POST_CACHE_BITS] = 2.0;
    CU_ASSERT(isnan(value_by("class_mass_kg", &s))); /* no list is asked for */
    HARNESS_ASSERT_REL(value_by("activation_byte", &s),
                       2048.0 * 4096.0 * 37.0 * (34.0 + 5.0 * 2048.0 / 128.0), 1e-13);
    HARNESS_ASSERT_REL(value_by("cache_byte", &s), 3e4 * 2.0 * 37.0 * 4096.0 * 2.0 / 8.0, 1e-13);
}

static void test_claim_of_tokens_for_a_loss_is_the_way_back(void)
{
    struct design d = a_run();
    struct claim_subject s = claim_unobserved();
    s.design = &d;
    s.observed[CLAIM_LOSS_NAT] = plain("loss_nat", &d);
    d.value[DESIGN_TOKENS] = 7.3;
    HARNESS_ASSERT_REL(value_by("tokens_of_loss", &s), 366e9, 1e-11);
    s.observed[CLAIM_LOSS_NAT] = 1.81; /* below the floor */
    CU_ASSERT(isnan(value_by("tokens_of_loss", &s)));
    s.observed[CLAIM_LOSS_NAT] = NAN;
    CU_ASSERT(isnan(value_by("tokens_of_loss", &s)));
}

static void test_claim_reads_a_law_as_two_powers(void)
{
    const struct design d = a_run();
    HARNESS_ASSERT_REL(plain("params_scale", &d), 482.006, 1e-12);
    HARNESS_ASSERT_REL(plain("params_exponent", &d), 0.34781, 1e-12);
    HARNESS_ASSERT_REL(plain("tokens_scale", &d), 2085.434, 1e-12);
    HARNESS_ASSERT_REL(plain("tokens_exponent", &d), 0.36585, 1e-12);
    HARNESS_ASSERT_REL(plain("loss_over_optimum", &d),
                       plain("loss_nat", &d) / plain("optimal_loss_nat", &d), 1e-14);
}

/* Power laws whose response falls with their input, so that one more of it gains less and less. */
static void test_claim_asks_a_law_by_the_names_of_its_inputs(void)
{
    const double natural[] = {0.3, 4.0, 0.7};
    struct law law = *law_find("power_params");
    const struct design d = a_run();
    struct claim_subject s = claim_unobserved();
    law.inputs[0].name = "gpu_hour";
    struct predict_model model = {.law = &law};
    law_transform(&law, natural, model.theta);
    s.design = &d;
    s.model = &model;
    CU_ASSERT(isnan(value_by("law_response", &s))); /* no design has it */
    s.law_inputs[0] = 2385.0;
    HARNESS_ASSERT_REL(value_by("law_response", &s), 0.3 + 4.0 / pow(2385.0, 0.7), 1e-14);
    s.observed[CLAIM_GAIN] = 0.01;
    CU_ASSERT(isnan(value_by("saturation_samples", &s))); /* it reads no samples */
}

static void test_claim_lacking_a_figure_is_nan(void)
{
    struct design d = a_run();
    d.value[DESIGN_SITE] = CATALOGUE_SITE_UNKNOWN;
    CU_ASSERT(isnan(value_of("energy_kwh", &d, CLAIM_DEVICE_HOUR, 7.3)));
    d.value[DESIGN_SITE] = NAN;
    CU_ASSERT(isnan(value_of("device_hour", &d, CLAIM_EQUIPMENT_KWH, 7.3)));
}

static void test_claim_of_a_law_is_its_optimum(void)
{
    struct design d = a_run();
    d.value[DESIGN_PARAMS] = 1e12;
    d.value[DESIGN_TOKENS] = 20e12;
    const double params = plain("optimal_params", &d);
    const double tokens = plain("optimal_tokens", &d);
    HARNESS_ASSERT_REL(params, 1.117e12, 1e-3);
    HARNESS_ASSERT_REL(6.0 * params * tokens, 1.2e26, 1e-12);
    CU_ASSERT(plain("optimal_loss_nat", &d) < plain("loss_nat", &d));
    HARNESS_ASSERT_REL(plain("optimal_exponent_params", &d), 0.36585 / (0.34781 + 0.36585), 1e-12);
    CU_ASSERT_EQUAL(plain("effective_params", &d), 1e12);
    CU_ASSERT_EQUAL(plain("effective_tokens", &d), 20e12);
}

static void test_claim_of_an_input_is_what_the_design_says(void)
{
    const struct design d = a_run();
    CU_ASSERT_EQUAL(plain("tokens", &d), 366e9);
    CU_ASSERT_EQUAL(plain("vocabulary", &d), 32000.0);
    CU_ASSERT_STRING_EQUAL(claim_unit(claim_find("lifespan_year")), "year");
    CU_ASSERT_EQUAL(claim_needs(claim_find("tokens")), CLAIM_NO_LAW);
    HARNESS_ASSERT_REL(plain("optimal_token_ratio", &d),
                       plain("optimal_tokens", &d) / plain("optimal_params", &d), 1e-14);
}

static void test_claim_forms_compare_two_values(void)
{
    CU_ASSERT_EQUAL(claim_formed(CLAIM_VALUE, 2.5, 7.0), 2.5);
    CU_ASSERT_EQUAL(claim_formed(CLAIM_RATIO, 2.5, 10.0), 0.25);
    CU_ASSERT_EQUAL(claim_formed(CLAIM_CUT, 2.5, 10.0), 0.75);
    CU_ASSERT_EQUAL(claim_formed(CLAIM_RISE, 12.5, 10.0), 0.25);
    CU_ASSERT_EQUAL(claim_formed(CLAIM_DIFFERENCE, 12.5, 10.0), 2.5);
}

static void test_claim_names_are_found_and_differ(void)
{
    for (int q = 0; q < claim_n_quantities(); q++) {
        const int found = claim_find(claim_name(q));
        const bool hidden = strcmp(claim_name(q), "mfu_ratio") == 0; /* that of an observed run */
        CU_ASSERT(hidden ? found <= q : found == q);
        CU_ASSERT_STRING_EQUAL(claim_name(found), claim_name(q));
    }
    CU_ASSERT_EQUAL(claim_find("happiness"), -1);
    CU_ASSERT_EQUAL(claim_needs(FOOTPRINT_LOSS), CLAIM_LAW_OF_LOSS);
    CU_ASSERT_EQUAL(claim_needs(FOOTPRINT_ENERGY), CLAIM_NO_LAW);
    CU_ASSERT_EQUAL(claim_needs(claim_find("law_response")), CLAIM_ANY_LAW);
    CU_ASSERT_STRING_EQUAL(claim_form_name(CLAIM_RISE), "rise");
    CU_ASSERT_STRING_EQUAL(claim_observed_name(CLAIM_EQUIPMENT_KWH), "equipment_kwh");
    CU_ASSERT_STRING_EQUAL(claim_observed_unit(CLAIM_EQUIPMENT_KWH), "kWh");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"a claim without an observation is the footprint",
         test_claim_without_observation_is_the_footprint},
        {"a claim follows from what was observed", test_claim_follows_from_what_was_observed},
        {"electricity goes before hours", test_claim_takes_electricity_where_hours_are_known_too},
        {"serving follows from its rate", test_claim_of_serving_follows_from_tokens_a_second},
        {"a claim of memory is its part", test_claim_of_memory_is_its_part},
        {"tokens for a loss", test_claim_of_tokens_for_a_loss_is_the_way_back},
        {"a law as two powers", test_claim_reads_a_law_as_two_powers},
        {"a law is asked by names", test_claim_asks_a_law_by_the_names_of_its_inputs},
        {"a claim that lacks a figure is NAN", test_claim_lacking_a_figure_is_nan},
        {"a claim of a law is its optimum", test_claim_of_a_law_is_its_optimum},
        {"an input is what the design says", test_claim_of_an_input_is_what_the_design_says},
        {"forms compare two values", test_claim_forms_compare_two_values},
        {"names are found and differ", test_claim_names_are_found_and_differ},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
