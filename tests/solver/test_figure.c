#include "solver/figure.h"

#include "tests/harness.h"
#include "tests/solver/catalogue.h"

static struct status_why why;

static struct design on_h100(void)
{
    struct design d = design_neutral();
    d.value[DESIGN_DEVICE] = CATALOGUE_H100;
    d.value[DESIGN_GRID] = CATALOGUE_USA;
    d.value[DESIGN_SITE] = CATALOGUE_SITE_1_1;
    d.value[DESIGN_PRECISION] = PRECISION_FP8;
    return d;
}

static void test_figures_are_those_of_the_rows(void)
{
    static const struct {
        enum figure f;
        double value;
    } rows[] = {{FIGURE_PEAK, 1978.9e12},
                {FIGURE_MFU_FACTOR, 0.665},
                {FIGURE_POWER, 700.0},
                {FIGURE_MEASURED_POWER, 650.0},
                {FIGURE_SERVER_POWER, 575.0},
                {FIGURE_MEMORY, 80e9},
                {FIGURE_BANDWIDTH, 3350e9},
                {FIGURE_MASS, 1.9},
                {FIGURE_SERVER_MASS, 14.106},
                {FIGURE_EMBODIED, 572.0},
                {FIGURE_SERVER_EMBODIED, 712.5},
                {FIGURE_PRICE, 33819.0},
                {FIGURE_SERVER_PRICE_RATIO, 1.64},
                {FIGURE_RENTAL, 3.95},
                {FIGURE_PUE, 1.1},
                {FIGURE_SITE_WATER, 0.55},
                {FIGURE_GRID_CARBON, 0.385},
                {FIGURE_GRID_WATER, 3.142},
                {FIGURE_GRID_PRICE, 0.0806}};
    const struct hardware_catalogue c = catalogue_made_by_hand();
    const struct design d = on_h100();
    struct figure_reader r = {.d = &d, .c = &c, .bound = HARDWARE_HI};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CU_ASSERT_EQUAL(figure_of(&r, rows[i].f), rows[i].value);
        CU_ASSERT((r.figures >> rows[i].f & 1u) == 1u);
    }
    CU_ASSERT_EQUAL(r.inputs, DESIGN_BIT(DESIGN_DEVICE) | DESIGN_BIT(DESIGN_PRECISION)
                                  | DESIGN_BIT(DESIGN_SITE) | DESIGN_BIT(DESIGN_GRID));
}

static void test_figure_reader_notes_what_it_reads_and_nothing_else(void)
{
    const struct hardware_catalogue c = catalogue_made_by_hand();
    const struct design d = on_h100();
    struct figure_reader r = {.d = &d, .c = &c, .bound = HARDWARE_LO};
    CU_ASSERT_EQUAL(figure_of(&r, FIGURE_EMBODIED), 164.0);
    CU_ASSERT_EQUAL(r.inputs, DESIGN_BIT(DESIGN_DEVICE));
    CU_ASSERT_EQUAL(figure_input(&r, DESIGN_GOODPUT), 1.0);
    CU_ASSERT_EQUAL(figure_code(&r, DESIGN_GRID), CATALOGUE_USA);
    CU_ASSERT_EQUAL(r.inputs, DESIGN_BIT(DESIGN_DEVICE) | DESIGN_BIT(DESIGN_GOODPUT)
                                  | DESIGN_BIT(DESIGN_GRID));
    CU_ASSERT_EQUAL(r.figures, 1u << FIGURE_EMBODIED);
}

static void test_figure_explain_names_the_row_and_the_column(void)
{
    const struct hardware_catalogue c = catalogue_made_by_hand();
    struct design d = on_h100();
    struct figure_reader r = {.d = &d, .c = &c, .bound = HARDWARE_TYPICAL};
    (void)figure_of(&r, FIGURE_GRID_WATER);
    status_clear(&why);
    HARNESS_ASSERT_OK(figure_explain(&r, "water_litre", &why));
    d.value[DESIGN_GRID] = CATALOGUE_NOWHERE;
    CU_ASSERT_EQUAL(figure_explain(&r, "water_litre", &why), STATUS_INPUT);
    CU_ASSERT(harness_contains(why.message, "grids.tsv:9: nowhere: water_litre_per_kwh: absent, "
                                            "and water_litre needs it"));
    status_clear(&why);
    d.value[DESIGN_GRID] = (double)NAN;
    CU_ASSERT_EQUAL(figure_explain(&r, "water_litre", &why), STATUS_INPUT);
    CU_ASSERT(harness_contains(why.message, "grid: not said, and water_litre needs it"));
    CU_ASSERT(isnan(figure_of(&r, FIGURE_GRID_WATER)));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"are_those_of_the_rows", test_figures_are_those_of_the_rows},
        {"reader_notes_what_it_reads_and_nothing_else",
         test_figure_reader_notes_what_it_reads_and_nothing_else},
        {"explain_names_the_row_and_the_column", test_figure_explain_names_the_row_and_the_column},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
