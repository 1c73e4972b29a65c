/* ranks: 1 3 */
#include "inputs/catalogue/composition.h"

#include "tests/inputs/catalogue/tables.h"

static void test_composition_sums_components_to_the_mass_of_the_device(void)
{
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), NULL, &c, &why));
    static const struct {
        const char *id;
        double mass_kg, named_kg;
    } wanted[] = {{"A100-SXM4-40", 1.560, 1.469972}, {"H100-SXM5-80", 2.200, 1.96164}};
    for (size_t d = 0; d < sizeof wanted / sizeof *wanted; d++) {
        const struct hardware *h = tables_device(&c, wanted[d].id);
        double sum_kg = 0;
        enum hardware_status status;
        for (size_t i = 0; i < h->n_materials; i++) {
            sum_kg += h->materials[i].mass_kg.typical;
        }
        CU_ASSERT_DOUBLE_EQUAL(sum_kg, wanted[d].mass_kg, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(sum_kg - tables_material(h, "unattributed", &status).typical,
                               wanted[d].named_kg, 1e-9);
    }
    registry_clear(&c);
}

/* Totals of a bottom-up account of the A100, rounded to three or four digits by its author; its
 * widths are root sums of squares of those of the components. */
static void test_composition_joins_widths_by_root_sum_of_squares(void)
{
    static const struct {
        const char *symbol;
        double lo_g, typical_g, hi_g;
        enum hardware_status status;
    } wanted[] = {
        {"Cu", 1180, 1261.32, 1330, HARDWARE_DERIVED},
        {"Fe", 44.6, 88.55, 144, HARDWARE_PROXY},
        {"Sn", 18.4, 53.41, 168.9, HARDWARE_DERIVED},
        {"Si", 13.1, 16.75, 21.99, HARDWARE_PROXY},
        {"Ni", 8.74, 16.15, 32.59, HARDWARE_PROXY},
        {"Al", 4.84, 8.3, 25.11, HARDWARE_PROXY},
        {"Cr", 2.34, 6.3, 18.64, HARDWARE_PROXY},
        {"Ba", 1.96, 5.1, 9.749, HARDWARE_PROXY},
        {"Ca", 2.45, 4.8, 6.2, HARDWARE_PROXY},
        {"Zn", 1.34, 2.9, 12.95, HARDWARE_PROXY},
        {"Ti", 0.502, 1.602, 3.202, HARDWARE_PROXY},
        {"Mn", 0.374, 1.27, 5.579, HARDWARE_PROXY},
        {"Ag", 0.279, 1.183, 1.973, HARDWARE_PROXY},
        {"B", 0.321, 0.63, 0.957, HARDWARE_PROXY},
        {"Ta", 0.000999, 0.601, 3.001, HARDWARE_PROXY},
        {"P", 0.0838, 0.4, 1.206, HARDWARE_PROXY},
        {"Sb", 0, 0.3, 2, HARDWARE_PROXY},
        {"Mg", 0.077, 0.23, 0.6361, HARDWARE_PROXY},
        {"Pb", 0, 0.05, 0.5, HARDWARE_PROXY},
        {"Au", 0.0194, 0.028, 0.08379, HARDWARE_PROXY},
        {"Pd", 0.000586, 0.002, 0.02429, HARDWARE_PROXY},
        {"W", 0, 0.005, 0.02, HARDWARE_PROXY},
        {"Bi", 0, 0, 60, HARDWARE_PROXY},
        {"In", 0, 0, 3, HARDWARE_PROXY},
        {"unattributed", 45.37, 90.028, 254.99, HARDWARE_DERIVED},
    };
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), NULL, &c, &why));
    const struct hardware *h = tables_device(&c, "A100-SXM4-40");
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        static const double digits = 4e-3, nothing_g = 1e-12;
        enum hardware_status status;
        const struct hardware_interval m = tables_material(h, wanted[i].symbol, &status);
        CU_ASSERT_DOUBLE_EQUAL(m.lo * 1e3, wanted[i].lo_g, digits * wanted[i].lo_g + nothing_g);
        CU_ASSERT_DOUBLE_EQUAL(m.typical * 1e3, wanted[i].typical_g, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(m.hi * 1e3, wanted[i].hi_g, digits * wanted[i].hi_g);
        CU_ASSERT_EQUAL(status, wanted[i].status);
    }
    registry_clear(&c);
}

/* The abstract orders the elements by mass: copper, iron, tin, silicon, nickel. */
static void test_paper_falk2025footprints_order_and_copper_of_gpt4(void)
{
    static const char *const order[] = {"Cu", "Fe", "Sn", "Si", "Ni", "Ba", "Zn"};
    static const double baseline_devices = 2515;
    struct status_why why = {0};
    struct hardware_catalogue c;
    enum hardware_status status;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), NULL, &c, &why));
    const struct hardware *h = tables_device(&c, "A100-SXM4-40");
    for (size_t i = 1; i < sizeof order / sizeof *order; i++) {
        CU_ASSERT(tables_material(h, order[i - 1], &status).typical
                  > tables_material(h, order[i], &status).typical);
    }
    const struct hardware_interval copper = tables_material(h, "Cu", &status);
    CU_ASSERT_DOUBLE_EQUAL(copper.lo * baseline_devices, 2965, 5);
    CU_ASSERT_DOUBLE_EQUAL(copper.typical * baseline_devices, 3172.2198, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(copper.hi * baseline_devices, 3345, 5);
    registry_clear(&c);
}

/* The reading of a device that has but one is that one. */
static void test_composition_follows_the_reading(void)
{
    static const struct registry_options literal = {.reading = HARDWARE_READING_B};
    struct status_why why = {0};
    struct hardware_catalogue c;
    enum hardware_status status;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), &literal, &c, &why));
    CU_ASSERT_EQUAL(c.reading, HARDWARE_READING_B);
    const struct hardware *a100 = tables_device(&c, "A100-SXM4-40");
    const struct hardware_interval copper = tables_material(a100, "Cu", &status);
    CU_ASSERT_EQUAL(a100->n_materials, 8);
    HARNESS_ASSERT_REL(copper.lo, 0.541, 1e-12);
    HARNESS_ASSERT_REL(copper.typical, 0.675, 1e-12);
    HARNESS_ASSERT_REL(copper.hi, 0.791, 1e-12);
    CU_ASSERT_EQUAL(tables_device(&c, "H100-SXM5-80")->n_materials, 11);
    registry_clear(&c);
}

static void test_composition_keeps_absent_materials_as_absent(void)
{
    struct status_why why = {0};
    struct hardware_catalogue c;
    enum hardware_status status;
    HARNESS_ASSERT_OK(tables_read((struct tables){0}, NULL, &c, &why));
    const struct hardware *h = tables_device(&c, "Abacus");
    CU_ASSERT_EQUAL(h->n_materials, 3);
    CU_ASSERT(isnan(tables_material(h, "Au", &status).typical));
    CU_ASSERT_EQUAL(status, HARDWARE_ABSENT);
    const struct hardware_interval copper = tables_material(h, "Cu", &status);
    CU_ASSERT_EQUAL(status, HARDWARE_PROXY);     /* the frame is the larger part */
    HARNESS_ASSERT_REL(copper.lo, 0.190, 1e-12); /* 240 - (40^2 + 30^2)^(1/2) */
    HARNESS_ASSERT_REL(copper.typical, 0.240, 1e-12);
    HARNESS_ASSERT_REL(copper.hi, 0.266, 1e-12); /* 240 + (10^2 + 24^2)^(1/2) */
    CU_ASSERT(isnan(c.formats[PRECISION_FP4].mfu_factor));
    registry_clear(&c);
}

static void test_composition_errors(void)
{
    struct status_why why = {0};
    struct tables t = {0};
    t.materials = TABLES_MATERIALS_HEAD "Abacus\tA\tframe\tCu\t100\t249.99\t260\tcast\tx\tproxy\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "materials.tsv:2: typical_g: 249.99: the rows of Abacus, reading A, must "
                         "sum to its mass_kg_typical, 250 g");
    t.materials = TABLES_MATERIALS "Abacus\tB\tall\tCu\t100\t200\t260\tcast\tx\tproxy\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "the rows of Abacus, reading B, must");
    t.materials = TABLES_MATERIALS "Abakus\tA\tall\tCu\t100\t200\t260\tcast\tx\tproxy\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "materials.tsv:6: device: Abakus: expected");
    t.materials = TABLES_MATERIALS "Abacus\tC\tall\tCu\t100\t200\t260\tcast\tx\tproxy\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT, "reading: C: expected A or B");
    t.materials = TABLES_MATERIALS "Abacus\tA\tall\tCu\t100\t200\t260\tcast\tx\tguess\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "status: guess: expected published");
    t.materials = TABLES_MATERIALS "Abacus\tA\tall\tCu\t100\t99\t260\tcast\tx\tproxy\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "typical_g: Cu: expected lo <= typical");
    t.materials = TABLES_MATERIALS "Abacus\tA\tall\tCu\t\t99\t260\tcast\tx\tproxy\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "typical_g: Cu: expected lo <= typical");
    t.materials = TABLES_MATERIALS "Abacus\tA\tall\tCu\t\t\t260\tcast\tx\tabsent\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT, "all empty if absent");
    t.materials = TABLES_MATERIALS "Abacus\tA\tbeads\tCu\t70\t100\t124\tcast\tx\tproxy\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "materials.tsv:6: device: Abacus: the same");
    t.materials = TABLES_MATERIALS "Abacus\tA\tbeads\tKu\t70\t100\t124\tcast\tx\tproxy\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "materials.tsv:6: symbol: Ku: expected a symbol of the table of elements");
    t.materials = NULL;
    t.devices = TABLES_DEVICES_HEAD "Abacus\tSumer\t1.5\t3.1\t6.3\t\t\t\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "mass_kg_typical: absent, but ");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"sums_components_to_the_mass_of_the_device",
         test_composition_sums_components_to_the_mass_of_the_device},
        {"joins_widths_by_root_sum_of_squares",
         test_composition_joins_widths_by_root_sum_of_squares},
        {"paper_falk2025footprints_order_and_copper_of_gpt4",
         test_paper_falk2025footprints_order_and_copper_of_gpt4},
        {"follows_the_reading", test_composition_follows_the_reading},
        {"keeps_absent_materials_as_absent", test_composition_keeps_absent_materials_as_absent},
        {"errors", test_composition_errors},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
