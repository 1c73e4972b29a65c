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

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"pick_takes_the_bound_asked_for", test_hardware_pick_takes_the_bound_asked_for},
        {"names_are_those_of_the_files", test_hardware_names_are_those_of_the_files},
        {"find_gives_the_row_or_minus_one", test_hardware_find_gives_the_row_or_minus_one},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
