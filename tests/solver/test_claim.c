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

static double value_of(const char *name, const struct design *d, enum claim_observed observed,
                       double observation)
{
    const struct hardware_catalogue c = catalogue_made_by_hand();
    const struct footprint_options options = footprint_defaults();
    const double natural[] = CATALOGUE_BESIROGLU;
    const struct predict_model model = catalogue_model("chinchilla", natural);
    const struct claim_subject s = {.design = d,
                                    .catalogue = &c,
                                    .options = &options,
                                    .model = &model,
                                    .observed = observed,
                                    .observation = observation};
    CU_ASSERT_FATAL(claim_find(name) >= 0);
    return claim_value(claim_find(name), &s);
}

static void test_claim_without_observation_is_the_footprint(void)
{
    const struct design d = a_run();
    const struct hardware_catalogue c = catalogue_made_by_hand();
    const struct footprint_options options = footprint_defaults();
    double outcome[FOOTPRINT_N_OUTCOMES];
    footprint_all(&d, &c, &options, outcome);
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
        if (!claim_needs_model(o)) {
            const double got = value_of(claim_name(o), &d, CLAIM_NOT_OBSERVED, 0.0);
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
    CU_ASSERT(isnan(value_of("mfu_ratio", &d, CLAIM_NOT_OBSERVED, 0.0)));
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
    const double params = value_of("optimal_params", &d, CLAIM_NOT_OBSERVED, 0.0);
    const double tokens = value_of("optimal_tokens", &d, CLAIM_NOT_OBSERVED, 0.0);
    HARNESS_ASSERT_REL(params, 1.117e12, 1e-3);
    HARNESS_ASSERT_REL(6.0 * params * tokens, 1.2e26, 1e-12);
    CU_ASSERT(value_of("optimal_loss_nat", &d, CLAIM_NOT_OBSERVED, 0.0)
              < value_of("loss_nat", &d, CLAIM_NOT_OBSERVED, 0.0));
    HARNESS_ASSERT_REL(value_of("optimal_exponent_params", &d, CLAIM_NOT_OBSERVED, 0.0),
                       0.36585 / (0.34781 + 0.36585), 1e-12);
    CU_ASSERT_EQUAL(value_of("effective_params", &d, CLAIM_NOT_OBSERVED, 0.0), 1e12);
    CU_ASSERT_EQUAL(value_of("effective_tokens", &d, CLAIM_NOT_OBSERVED, 0.0), 20e12);
}

static void test_claim_forms_compare_two_values(void)
{
    CU_ASSERT_EQUAL(claim_formed(CLAIM_VALUE, 2.5, 7.0), 2.5);
    CU_ASSERT_EQUAL(claim_formed(CLAIM_RATIO, 2.5, 10.0), 0.25);
    CU_ASSERT_EQUAL(claim_formed(CLAIM_CUT, 2.5, 10.0), 0.75);
    CU_ASSERT_EQUAL(claim_formed(CLAIM_RISE, 12.5, 10.0), 0.25);
}

static void test_claim_names_are_found_and_differ(void)
{
    for (int q = 0; q < claim_n_quantities(); q++) {
        CU_ASSERT_EQUAL(claim_find(claim_name(q)), q);
        CU_ASSERT(claim_unit(q)[0] != '\0');
    }
    CU_ASSERT_EQUAL(claim_find("happiness"), -1);
    CU_ASSERT(claim_needs_model(FOOTPRINT_LOSS) && !claim_needs_model(FOOTPRINT_ENERGY));
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
        {"a claim that lacks a figure is NAN", test_claim_lacking_a_figure_is_nan},
        {"a claim of a law is its optimum", test_claim_of_a_law_is_its_optimum},
        {"forms compare two values", test_claim_forms_compare_two_values},
        {"names are found and differ", test_claim_names_are_found_and_differ},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
