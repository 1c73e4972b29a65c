/* ranks: 1 3 */
#include "inputs/catalogue/lists.h"

#include "tests/inputs/catalogue/tables.h"

static bool is_in(const struct hardware_catalogue *c, const char *symbol, const char *class_id)
{
    const int e = hardware_find_element(c, symbol), k = hardware_find_class(c, class_id);
    CU_ASSERT_FATAL(e >= 0 && k >= 0);
    return (c->elements[e].classes >> k & 1u) != 0;
}

static struct hardware_content content(const struct hardware_catalogue *c, const char *device,
                                       const char *class_id)
{
    const int d = hardware_find_device(c, device), k = hardware_find_class(c, class_id);
    CU_ASSERT_FATAL(d >= 0 && k >= 0);
    return hardware_class_mass(c, d, k);
}

static void test_lists_hold_the_members_published(void)
{
    static const struct {
        const char *symbol, *class_id;
        bool is_in;
    } wanted[] = {
        {"Cu", "heavy", true},        {"Ti", "heavy", false},       {"Ba", "heavy", false},
        {"Cr", "rohs", false},        {"As", "rohs", false},        {"As", "who", true},
        {"Cu", "epa", true},          {"Co", "epa", false},         {"Co", "atsdr", true},
        {"Ag", "precious", true},     {"Cu", "eu_critical", false}, {"Si", "eu_critical", true},
        {"Cu", "eu_strategic", true}, {"Sn", "conflict", true},     {"Se", "heavy", false}};
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), NULL, &c, &why));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        CU_ASSERT_EQUAL(is_in(&c, wanted[i].symbol, wanted[i].class_id), wanted[i].is_in);
    }
    const struct hardware_element *tin = &c.elements[hardware_find_element(&c, "Sn")];
    CU_ASSERT_STRING_EQUAL(tin->name, "tin");
    HARNESS_ASSERT_REL(tin->atomic_number, 50.0, 0);
    HARNESS_ASSERT_REL(tin->density_g_per_cm3, 7.31, 0);
    registry_clear(&c);
}

/* Sums of a bottom-up account of the A100 over each list, to the digits that its author gives. */
static void test_lists_weigh_the_a100(void)
{
    static const struct {
        const char *class_id;
        double mass_kg, digits;
    } wanted[] = {{"heavy", 1.432, 5e-4}, {"rohs", 0.00005, 1e-9}, {"who", 0.00005, 1e-9},
                  {"epa", 1.288, 5e-4},   {"atsdr", 1.303, 5e-4},  {"precious", 0.0012, 5e-5}};
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), NULL, &c, &why));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const struct hardware_content got = content(&c, "A100-SXM4-40", wanted[i].class_id);
        CU_ASSERT_DOUBLE_EQUAL(got.mass_kg.typical, wanted[i].mass_kg, wanted[i].digits);
        CU_ASSERT_DOUBLE_EQUAL(got.unattributed_kg.typical, 0.090028, 1e-9);
    }
    const struct hardware_content heavy = content(&c, "A100-SXM4-40", "heavy");
    CU_ASSERT_DOUBLE_EQUAL(heavy.mass_kg.typical / 1.560, 0.918, 5e-4);
    CU_ASSERT_EQUAL(heavy.status, HARDWARE_DERIVED); /* that of copper */
    CU_ASSERT_EQUAL(content(&c, "A100-SXM4-40", "precious").status, HARDWARE_PROXY);
    /* No composition, no figure. */
    const struct hardware_content none = content(&c, "MI250X", "heavy");
    CU_ASSERT(isnan(none.mass_kg.typical) && isnan(none.unattributed_kg.hi));
    CU_ASSERT_EQUAL(none.status, HARDWARE_ABSENT);
    registry_clear(&c);
}

/* The abstract's 7 t of toxic elements in 8,800 devices: no list gives it with a copper heat sink.
 */
static void test_paper_falk2025footprints_seven_tonnes_do_not_follow(void)
{
    static const double devices = 8800;
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), NULL, &c, &why));
    const double epa_t = content(&c, "A100-SXM4-40", "epa").mass_kg.typical * devices / 1e3;
    const double who_t = content(&c, "A100-SXM4-40", "who").mass_kg.typical * devices / 1e3;
    CU_ASSERT_DOUBLE_EQUAL(epa_t, 11.3, 0.05);
    CU_ASSERT(who_t < 0.01);
    registry_clear(&c);
}

static void test_lists_follow_the_threshold_of_the_study(void)
{
    static const struct registry_options loose = {.heavy_above_g_per_cm3 = 3.5};
    struct status_why why = {0};
    struct hardware_catalogue c, l;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), NULL, &c, &why));
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), &loose, &l, &why));
    CU_ASSERT(is_in(&l, "Ba", "heavy") && is_in(&l, "Ti", "heavy") && !is_in(&l, "Al", "heavy"));
    CU_ASSERT(is_in(&l, "barium_titanium_class", "heavy"));
    const double more_kg = content(&l, "A100-SXM4-40", "heavy").mass_kg.typical
                           - content(&c, "A100-SXM4-40", "heavy").mass_kg.typical;
    CU_ASSERT_DOUBLE_EQUAL(more_kg, 0.0067, 1e-4); /* Ba 5.1, Ti 1.602, Y .02 g */
    registry_clear(&c);
    registry_clear(&l);
}

/* Barium is on this list and titanium is not: their sum is told apart from the members. */
static void test_lists_tell_undecided_materials_apart(void)
{
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), NULL, &c, &why));
    CU_ASSERT(is_in(&c, "copper_class", "atsdr") && !is_in(&c, "barium_titanium_class", "atsdr"));
    const struct hardware_content got = content(&c, "H100-SXM5-80", "atsdr");
    /* copper 1.09, aluminium .64, nickel .02, silver .0006; the rest .23836 and Ba with Ti .011 */
    CU_ASSERT_DOUBLE_EQUAL(got.mass_kg.typical, 1.7506, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(got.unattributed_kg.typical, 0.24936, 1e-9);
    /* Root sums of squares of the distances to the bounds: 0.64, 0.64, 0.015, 0.0004 below. */
    CU_ASSERT_DOUBLE_EQUAL(got.mass_kg.lo, 1.7506 - sqrt(2 * 0.64 * 0.64 + 0.015 * 0.015 + 16e-8),
                           1e-9);
    registry_clear(&c);
}

#define ELEMENTS_HEAD                                                                              \
    "symbol\tname\tatomic_number\tdensity_g_per_cm3\tis_metal\tstands_for\tsource\n"
#define COPPER       "Cu\tcopper\t29\t8.96\tyes\t\tx\n"
#define GOLD         "Au\tgold\t79\t19.3\tyes\t\tx\n"
#define CLASSES_HEAD "id\ttitle\tdensity_above_g_per_cm3\tmembers\tsource\n"

static void test_lists_errors(void)
{
    struct status_why why = {0};
    struct tables t = {0};
    t.elements = ELEMENTS_HEAD GOLD "Cu\tcopper\t\t8.96\tyes\t\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "elements.tsv:3: stands_for: empty: expected either an atomic_number or");
    t.elements = ELEMENTS_HEAD GOLD "Cu\tcopper\t29\t8.96\tyes\tAu\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "elements.tsv:3: stands_for: Au: expected either an atomic_number or");
    t.elements = ELEMENTS_HEAD GOLD COPPER "brass\tbrass\t\t\t\tCu Zn\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "elements.tsv:4: stands_for: Zn: expected the symbol of an element");
    t.elements = ELEMENTS_HEAD GOLD "Cu\tcopper\t29\t8.96\trather\t\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "elements.tsv:3: is_metal: rather: expected yes or no");
    t.elements = NULL;
    t.classes = CLASSES_HEAD "noble\tNoble\t5\tAu\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "classes.tsv:2: members: Au: expected either symbols or a density");
    t.classes = CLASSES_HEAD "noble\tNoble\t\t\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "classes.tsv:2: members: empty: expected either symbols or a density");
    t.classes = CLASSES_HEAD "noble\tNoble\t\tAu Pt\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "classes.tsv:2: members: Pt: expected the symbol of an element");
    char many[2048] = CLASSES_HEAD;
    for (int i = 0; i <= HARDWARE_MAX_CLASSES; i++) {
        const size_t used = strlen(many);
        (void)snprintf(many + used, sizeof many - used, "c%d\tC\t\tAu\tx\n", i);
    }
    t.classes = many;
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "classes.tsv:34: id: c32: expected at most 32 classes");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"hold_the_members_published", test_lists_hold_the_members_published},
        {"weigh_the_a100", test_lists_weigh_the_a100},
        {"paper_falk2025footprints_seven_tonnes_do_not_follow",
         test_paper_falk2025footprints_seven_tonnes_do_not_follow},
        {"follow_the_threshold_of_the_study", test_lists_follow_the_threshold_of_the_study},
        {"tell_undecided_materials_apart", test_lists_tell_undecided_materials_apart},
        {"errors", test_lists_errors},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
