#include "solver/design.h"

#include "tests/harness.h"
#include "tests/solver/catalogue.h"

static struct status_why why;

static void test_design_every_name_finds_its_input(void)
{
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const enum design_input input = (enum design_input)i;
        CU_ASSERT_EQUAL(design_find(design_field(input)->name), input);
    }
    CU_ASSERT_EQUAL(design_find("mfu_ratio"), DESIGN_MFU);
    CU_ASSERT_EQUAL(design_find("lifespan_year"), DESIGN_LIFESPAN);
    CU_ASSERT_EQUAL(design_find("mfu"), DESIGN_N_INPUTS);
}

static void test_design_neutral_says_only_what_is_sensible(void)
{
    const struct design d = design_neutral();
    CU_ASSERT_EQUAL(d.value[DESIGN_GOODPUT], 1.0);
    CU_ASSERT_EQUAL(design_code(&d, DESIGN_PRECISION), PRECISION_BF16);
    static const enum design_input silent[] = {DESIGN_PARAMS,   DESIGN_TOKENS, DESIGN_MFU,
                                               DESIGN_LIFESPAN, DESIGN_DEVICE, DESIGN_GRID,
                                               DESIGN_SITE};
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
        CU_ASSERT(isnan(d.value[silent[i]]));
    }
    CU_ASSERT_EQUAL(design_code(&d, DESIGN_DEVICE), -1);
}

static void test_design_check_keeps_to_the_range(void)
{
    status_clear(&why);
    HARNESS_ASSERT_OK(design_check(DESIGN_PARAMS, 1e18, &why));
    HARNESS_ASSERT_OK(design_check(DESIGN_PARAMS, 0.25, &why));
    HARNESS_ASSERT_OK(design_check(DESIGN_MFU, 1.0, &why));
    HARNESS_ASSERT_OK(design_check(DESIGN_LIFESPAN, 50.0, &why));
    HARNESS_ASSERT_FAILS(design_check(DESIGN_PARAMS, 0.0, &why), STATUS_INPUT,
                         "params: 0: must be in (0, 1e+18]");
    HARNESS_ASSERT_FAILS(design_check(DESIGN_MFU, 1.7, &why), STATUS_INPUT,
                         "mfu_ratio: 1.7: must be in (0, 1]");
    HARNESS_ASSERT_FAILS(design_check(DESIGN_LIFESPAN, 50.5, &why), STATUS_INPUT,
                         "lifespan_year: 50.5: must be in (0, 50]");
    HARNESS_ASSERT_FAILS(design_check(DESIGN_GOODPUT, NAN, &why), STATUS_INPUT,
                         "goodput_ratio: nan");
}

static void test_design_categories_are_rows_of_the_catalogue(void)
{
    const struct hardware_catalogue c = catalogue_made_by_hand();
    static const enum design_input categories[] = {DESIGN_PRECISION, DESIGN_DEVICE, DESIGN_GRID,
                                                   DESIGN_SITE};
    static const int counts[] = {PRECISION_N, CATALOGUE_N_DEVICES, CATALOGUE_N_GRIDS,
                                 CATALOGUE_N_SITES};
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++) {
        CU_ASSERT_EQUAL(design_n_categories(&c, categories[i]), counts[i]);
        for (int code = 0; code < counts[i]; code++) {
            const char *id = design_category(&c, categories[i], code);
            CU_ASSERT_EQUAL(design_find_category(&c, categories[i], id), code);
        }
        CU_ASSERT_EQUAL(design_find_category(&c, categories[i], "none"), -1);
    }
    CU_ASSERT_STRING_EQUAL(design_category(&c, DESIGN_DEVICE, CATALOGUE_H100), "H100-SXM5-80");
    CU_ASSERT_EQUAL(design_find_category(&c, DESIGN_PRECISION, "fp16"), PRECISION_BF16);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"every_name_finds_its_input", test_design_every_name_finds_its_input},
        {"neutral_says_only_what_is_sensible", test_design_neutral_says_only_what_is_sensible},
        {"check_keeps_to_the_range", test_design_check_keeps_to_the_range},
        {"categories_are_rows_of_the_catalogue", test_design_categories_are_rows_of_the_catalogue},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
