/* ranks: 1 3 */
#include "inputs/validation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/registry.h"
#include "tests/harness.h"

static struct status_why why;

#define HEAD                                                                                       \
    "id\tsource\ttitle\tquantity\tform\tgiven\tagainst\tpublished\ttolerance\texpected\tinstead\t" \
    "note\n"

static char shipped[1024];
static struct parts_row *parts;
static size_t n_parts;

static void read_catalogue(struct hardware_catalogue *c)
{
    (void)snprintf(shipped, sizeof shipped, "%s", harness_source("inputs/data"));
    HARNESS_ASSERT_OK(registry_read(harness_comm(), shipped, NULL, c, &why));
    HARNESS_ASSERT_OK(parts_read(harness_comm(), shipped, &parts, &n_parts, &why));
}

static void clear(struct hardware_catalogue *c)
{
    free(parts);
    registry_clear(c);
}

static double side_of(const struct validation_row *row, bool with_against,
                      const struct hardware_catalogue *c)
{
    static struct validation_subject s;
    double value = NAN;
    const struct validation_tables tables = {c, parts, n_parts};
    HARNESS_ASSERT_OK(validation_bind(harness_comm(), row, with_against, &tables, &s, &why));
    if (why.code == STATUS_OK) {
        value = claim_value(row->quantity, &s.claim);
    }
    validation_clear(&s);
    return value;
}

static double computed_of(const struct validation_row *row, const struct hardware_catalogue *c)
{
    const double value = side_of(row, false, c);
    return claim_formed(row->form, value, row->form == CLAIM_VALUE ? 1.0 : side_of(row, true, c));
}

static void test_validation_shipped_figures_come_out_as_expected(void)
{
    struct hardware_catalogue c;
    struct validation_row *rows = NULL;
    size_t n = 0, n_differ = 0, n_computed = 0;
    char path[1100];
    read_catalogue(&c);
    (void)snprintf(path, sizeof path, "%s/validation.tsv", shipped);
    HARNESS_ASSERT_OK(validation_read(harness_comm(), path, &rows, &n, &why));
    for (size_t i = 0; i < n; i++) {
        if (claim_needs(rows[i].quantity) != CLAIM_NO_LAW
            || strstr(rows[i].given, "ask=") != NULL) {
            continue; /* tests/end_to_end/test_validate.sh */
        }
        const double computed = computed_of(&rows[i], &c);
        const enum validation_verdict verdict = validation_judge(&rows[i], computed);
        if (verdict == VALIDATION_UNEXPECTED) {
            char text[160];
            (void)snprintf(text, sizeof text, "%s: published %g, computed %g", rows[i].id,
                           rows[i].published, computed);
            harness_say(text);
        }
        CU_ASSERT(verdict != VALIDATION_UNEXPECTED);
        CU_ASSERT_EQUAL(verdict, rows[i].expected);
        n_computed++;
        n_differ += verdict == VALIDATION_DIFFERS;
    }
    CU_ASSERT(n_computed >= 90);
    CU_ASSERT(n_differ >= 8);
    free(rows);
    clear(&c);
}

/* The rows of a table with one row, whose columns behind the title are given. */
static enum status read_one(const char *behind, struct validation_row **rows)
{
    char text[1400];
    size_t n;
    (void)snprintf(text, sizeof text, HEAD "X1\tfalk2025footprints\tit\t%s\n", behind);
    const char *path = harness_file("own.tsv", text);
    static char kept[1024];
    (void)snprintf(kept, sizeof kept, "%s", path);
    return validation_read(harness_comm(), kept, rows, &n, &why);
}

static void test_validation_figures_stand_in_the_place_of_the_tables(void)
{
    struct hardware_catalogue c;
    struct validation_row *rows = NULL;
    read_catalogue(&c);
    HARNESS_ASSERT_OK(read_one("energy_kwh\t\tobserved.device_hour=7.3; device=A100-SXM4-40; "
                               "fleet_devices=1; devices.power_watt=431; sites.pue_ratio=1.17\t\t"
                               "3.681\t1e-3\tagrees\t\t",
                               &rows));
    HARNESS_ASSERT_REL(computed_of(&rows[0], &c), 7.3 * 0.431 * 1.17, 1e-14);
    CU_ASSERT_EQUAL(c.devices[hardware_find_device(&c, "A100-SXM4-40")].power_watt, 400.0);
    free(rows);
    clear(&c);
}

static void test_validation_judges(void)
{
    struct validation_row row = {.published = 200.0, .tolerance = 0.01};
    CU_ASSERT_EQUAL(validation_judge(&row, 201.9), VALIDATION_AGREES);
    CU_ASSERT_EQUAL(validation_judge(&row, 197.9), VALIDATION_UNEXPECTED);
    CU_ASSERT_EQUAL(validation_judge(&row, NAN), VALIDATION_UNEXPECTED);
    HARNESS_ASSERT_REL(validation_error(&row, 197.0), -0.015, 1e-12);
    row.expected = VALIDATION_ARITHMETIC;
    CU_ASSERT_EQUAL(validation_judge(&row, 201.9), VALIDATION_ARITHMETIC);
    CU_ASSERT_EQUAL(validation_judge(&row, 197.9), VALIDATION_UNEXPECTED);
    row.expected = VALIDATION_DIFFERS;
    row.instead = 150.0;
    CU_ASSERT_EQUAL(validation_judge(&row, 150.1), VALIDATION_DIFFERS);
    CU_ASSERT_EQUAL(validation_judge(&row, 151.0), VALIDATION_UNEXPECTED);
    CU_ASSERT_EQUAL(validation_judge(&row, 200.1), VALIDATION_UNEXPECTED);
    CU_ASSERT_STRING_EQUAL(validation_verdict_name(VALIDATION_DIFFERS), "differs, as known");
}

static void test_validation_read_errors(void)
{
    static const struct {
        const char *behind, *message;
    } cases[] = {
        {"energy_kw\t\tparams=1\t\t1\t0\tagrees\t\t",
         "own.tsv:2: quantity: energy_kw: expected an outcome of a study; did you mean energy_kwh"},
        {"energy_kwh\tdiff\tparams=1\t\t1\t0\tagrees\t\t", "form: diff: expected value, ratio"},
        {"energy_kwh\tcut\tparams=1\t\t1\t0\tagrees\t\t", "against: empty"},
        {"energy_kwh\t\tparams=1\ttokens=2\t1\t0\tagrees\t\t",
         "against: tokens=2: expected where two"},
        {"energy_kwh\t\tparams=1\t\t1\t0\tmaybe\t\t",
         "expected: maybe: expected agrees, arithmetic or"},
        {"energy_kwh\t\tparams=1\t\t1\t0\tdiffers\t\twhy", "instead: differs: expected the figure"},
        {"energy_kwh\t\tparams=1\t\t1\t0\tagrees\t3\t", "instead: agrees: expected the figure"},
        {"energy_kwh\t\tparams=1\t\t1\t0\tdiffers\t3\t", "note: empty: expected the reason"},
        {"energy_kwh\t\tparams=1\t\t1\t2\tagrees\t\t", "tolerance: 2: expected a number from 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct validation_row *rows = NULL;
        HARNESS_ASSERT_FAILS(read_one(cases[i].behind, &rows), STATUS_INPUT, cases[i].message);
        CU_ASSERT_PTR_NULL(rows);
    }
}

static void test_validation_bind_errors(void)
{
    static const struct {
        const char *given, *message;
    } cases[] = {
        {"params", "own.tsv:2: given: params: expected up to 48 key=value"},
        {"params=1; parms=3", "own.tsv:2: --set: space.parms: unknown; did you mean params"},
        {"params=-1", "space.params: -1: must be in"},
        {"params=[1, 2]", "given: params: expected one value"},
        {"device=A100", "own.tsv:2: device: A100: unknown"},
        {"params=1; devices.power_wat=3", "own.tsv:2: devices: power_wat: expected a column"},
        {"params=1; devices.power_watt=-3", "own.tsv:2: power_watt: -3: expected a number from 1"},
        {"params=1; observed.device_hour=three", "own.tsv:2: device_hour: three: expected"},
        {"params=1; parts=A100", "own.tsv:2: parts: A100: expected a name of parts.tsv"},
        {"params=1; class=lead", "own.tsv:2: class: lead: expected a list of classes.tsv"},
        {"params=1; observed.joy=3", "own.tsv:2: observed: joy: expected device_hour, duration_"},
        {"params=1; input.day=soon", "own.tsv:2: day: soon: expected"},
    };
    struct hardware_catalogue c;
    read_catalogue(&c);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct validation_subject s;
        struct validation_row *rows = NULL;
        char behind[400];
        (void)snprintf(behind, sizeof behind, "energy_kwh\t\t%s\t\t1\t0\tagrees\t\t",
                       cases[i].given);
        HARNESS_ASSERT_OK(read_one(behind, &rows));
        const struct validation_tables tables = {&c, parts, n_parts};
        HARNESS_ASSERT_FAILS(validation_bind(harness_comm(), &rows[0], false, &tables, &s, &why),
                             STATUS_INPUT, cases[i].message);
        free(rows);
    }
    clear(&c);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"shipped figures come out as expected",
         test_validation_shipped_figures_come_out_as_expected},
        {"figures stand in the place of the tables",
         test_validation_figures_stand_in_the_place_of_the_tables},
        {"a figure is judged", test_validation_judges},
        {"reading fails with the place", test_validation_read_errors},
        {"binding fails with the place", test_validation_bind_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
