#include "solver/hardware.h"

#include "tests/harness.h"
#include "tests/solver/catalogue.h"

static void test_hardware_pick_takes_the_bound_asked_for(void)
{
    const struct hardware_interval i = {127.6, 150.25, 271.0};
    CU_ASSERT_EQUAL(hardware_pick(i, HARDWARE_LO), 127.6);
    CU_ASSERT_EQUAL(hardware_pick(i, HARDWARE_TYPICAL), 150.25);
    CU_ASSERT_EQUAL(hardware_pick(i, HARDWARE_HI), 271.0);
    CU_ASSERT(isnan(hardware_pick((struct hardware_interval){1.0, NAN, 2.0}, HARDWARE_TYPICAL)));
}

static void test_hardware_names_are_those_of_the_files(void)
{
    CU_ASSERT_STRING_EQUAL(hardware_bound_name(HARDWARE_LO), "lo");
    CU_ASSERT_STRING_EQUAL(hardware_bound_name(HARDWARE_TYPICAL), "typical");
    CU_ASSERT_STRING_EQUAL(hardware_bound_name(HARDWARE_HI), "hi");
    CU_ASSERT_STRING_EQUAL(hardware_status_name(HARDWARE_PUBLISHED), "published");
    CU_ASSERT_STRING_EQUAL(hardware_status_name(HARDWARE_DERIVED), "derived");
    CU_ASSERT_STRING_EQUAL(hardware_status_name(HARDWARE_PROXY), "proxy");
    CU_ASSERT_STRING_EQUAL(hardware_status_name(HARDWARE_ABSENT), "absent");
}

static void test_hardware_find_gives_the_row_or_minus_one(void)
{
    const struct hardware_catalogue c = catalogue_made_by_hand();
    CU_ASSERT_EQUAL(hardware_find_device(&c, "V100-SXM2-32"), CATALOGUE_V100);
    CU_ASSERT_EQUAL(hardware_find_device(&c, "TPUv5p"), CATALOGUE_TPUV5P);
    CU_ASSERT_EQUAL(hardware_find_device(&c, "A100"), -1);
    CU_ASSERT_EQUAL(hardware_find_grid(&c, "USA"), CATALOGUE_USA);
    CU_ASSERT_EQUAL(hardware_find_grid(&c, "llama"), -1);
    CU_ASSERT_EQUAL(hardware_find_site(&c, "llama"), CATALOGUE_SITE_1_1);
    CU_ASSERT_EQUAL(hardware_find_site(&c, ""), -1);
}

static void test_hardware_names_rows_and_tables(void)
{
    struct hardware_catalogue c = catalogue_made_by_hand();
    struct status_why why = {0};
    char text[64];
    CU_ASSERT_STRING_EQUAL(hardware_table_name(HARDWARE_MATERIALS), "materials");
    CU_ASSERT_STRING_EQUAL(hardware_reading_name(HARDWARE_READING_B), "B");
    CU_ASSERT_STRING_EQUAL(hardware_id(&c, HARDWARE_GRIDS, CATALOGUE_USA), "USA");
    CU_ASSERT_EQUAL(hardware_n_rows(&c, HARDWARE_SITES), CATALOGUE_N_SITES);
    CU_ASSERT_EQUAL(hardware_n_rows(&c, HARDWARE_MATERIALS), 0);
    CU_ASSERT_PTR_EQUAL(hardware_row(&c, HARDWARE_DEVICES, 2), &c.devices[2]);
    CU_ASSERT_STRING_EQUAL(hardware_id(&c, HARDWARE_FORMATS, PRECISION_FP8), "fp8");
    hardware_row_text(&c, HARDWARE_FORMATS, PRECISION_INT8, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "formats.tsv: int8");
    c.sites[CATALOGUE_SITE_1_1].file = "mine.tsv";
    hardware_row_text(&c, HARDWARE_SITES, CATALOGUE_SITE_1_1, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "mine.tsv:3: llama");
    HARNESS_ASSERT_FAILS(hardware_fail_absent(&c, HARDWARE_SITES, CATALOGUE_SITE_1_1,
                                              "water_litre_per_kwh", "water_litre", &why),
                         STATUS_INPUT,
                         "mine.tsv:3: llama: water_litre_per_kwh: absent, and water_litre needs "
                         "it: fill it in or leave this option out");
}

/* LLaMA 65B: 6 x 65.2e9 x 1.4e12 operations in 1,022,362 hours of an A100. */
static void test_hardware_mfu_of_a_run(void)
{
    CU_ASSERT_DOUBLE_EQUAL(hardware_mfu_of(6 * 65.2e9 * 1.4e12, 1022362, 312e12), 0.476941, 5e-7);
    CU_ASSERT(isnan(hardware_mfu_of(1e20, NAN, 312e12)));
}

static void test_hardware_sums_join_distances_by_squares(void)
{
    struct hardware_sum s = {0};
    hardware_sum_add(&s, (struct hardware_interval){0.7, 1.0, 1.5});
    hardware_sum_add(&s, (struct hardware_interval){1.6, 2.0, 3.2});
    const struct hardware_interval i = hardware_sum_interval(&s);
    HARNESS_ASSERT_REL(i.lo, 2.5, 1e-15);
    HARNESS_ASSERT_REL(i.typical, 3.0, 0);
    HARNESS_ASSERT_REL(i.hi, 4.3, 1e-15);
}

/* Three elements, two of them members; one row stands for a member and one that is not. */
static void test_hardware_class_mass_tells_what_is_not_attributed(void)
{
    struct hardware_element elements[] = {{.symbol = "Cu", .classes = 2},
                                          {.symbol = "Au", .classes = 3},
                                          {.symbol = "Fe"},
                                          {.symbol = "mix", .undecided = 2}};
    struct hardware_class classes[] = {{.id = "noble"}, {.id = "red"}};
    struct hardware device = {
        .mass_kg = {1.9, 2.0, 2.4},
        .n_materials = 6,
        .materials = {{"Cu", 0, {0.2, 0.5, 0.9}, HARDWARE_PROXY},
                      {"Au", 1, {0.03, 0.07, 0.1}, HARDWARE_PUBLISHED},
                      {"Fe", 2, {1.0, 1.1, 1.2}, HARDWARE_PUBLISHED},
                      {"mix", 3, {0.01, 0.02, 0.05}, HARDWARE_PROXY},
                      {"Au", 1, CATALOGUE_ABSENT, HARDWARE_ABSENT},
                      {"unattributed", -1, {0.1, 0.3, 0.7}, HARDWARE_DERIVED}}};
    const struct hardware_catalogue c = {.n_devices = 1,
                                         .devices = &device,
                                         .n_elements = 4,
                                         .elements = elements,
                                         .n_classes = 2,
                                         .classes = classes};
    const struct hardware_content red = hardware_class_mass(&c, 0, 1);
    HARNESS_ASSERT_REL(red.mass_kg.typical, 0.57, 1e-15);
    HARNESS_ASSERT_REL(red.mass_kg.lo, 0.57 - sqrt(0.09 + 0.0016), 1e-14);
    HARNESS_ASSERT_REL(red.mass_kg.hi, 0.57 + sqrt(0.16 + 0.0009), 1e-14);
    HARNESS_ASSERT_REL(red.unattributed_kg.typical, 0.32, 1e-15);
    CU_ASSERT_EQUAL(red.status, HARDWARE_PROXY);
    const struct hardware_content noble = hardware_class_mass(&c, 0, 0);
    HARNESS_ASSERT_REL(noble.mass_kg.lo, 0.03, 1e-14);
    HARNESS_ASSERT_REL(noble.unattributed_kg.typical, 0.3, 1e-15); /* mix holds nothing noble */
    CU_ASSERT_EQUAL(noble.status, HARDWARE_PUBLISHED);
    device.mass_kg.hi = 0.9;
    HARNESS_ASSERT_REL(hardware_class_mass(&c, 0, 1).mass_kg.hi, 0.9, 0);
    CU_ASSERT_EQUAL(hardware_find_class(&c, "red"), 1);
    CU_ASSERT_EQUAL(hardware_find_element(&c, "mix"), 3);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"pick_takes_the_bound_asked_for", test_hardware_pick_takes_the_bound_asked_for},
        {"names_are_those_of_the_files", test_hardware_names_are_those_of_the_files},
        {"find_gives_the_row_or_minus_one", test_hardware_find_gives_the_row_or_minus_one},
        {"names_rows_and_tables", test_hardware_names_rows_and_tables},
        {"mfu_of_a_run", test_hardware_mfu_of_a_run},
        {"sums_join_distances_by_squares", test_hardware_sums_join_distances_by_squares},
        {"class_mass_tells_what_is_not_attributed",
         test_hardware_class_mass_tells_what_is_not_attributed},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
