/* ranks: 1 3 */
#include "inputs/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

struct ore {
    char id[8], mine[8];
    double grade_ratio; /* from per cent */
    double depth_metre;
    int line;
};

static const struct sheet_field ore_fields[] = {
    SHEET_KEY("id", struct ore, id),
    SHEET_KEY("mine", struct ore, mine),
    SHEET_NUMBER("grade_percent", struct ore, grade_ratio, true, 0.01, 0.5, 71.25),
    SHEET_NUMBER("depth_metre", struct ore, depth_metre, false, 1, -20, 4000),
    SHEET_NOTE("note"),
};
static const struct sheet ore_sheet = {"ores.tsv",
                                       sizeof ore_fields / sizeof *ore_fields,
                                       ore_fields,
                                       sizeof(struct ore),
                                       offsetof(struct ore, line),
                                       0};

static char path[1100];

static enum status read_ores(const char *text, struct ore **ores, size_t *n, struct status_why *why)
{
    void *rows = NULL;
    (void)harness_file("ores.tsv", text);
    char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s", harness_path(""));
    const enum status st =
        sheet_read(harness_comm(), &ore_sheet, folder, path, sizeof path, &rows, n, why);
    *ores = rows;
    return st;
}

static enum status refuse(const char *text, struct status_why *why)
{
    struct ore *ores = NULL;
    size_t n = 0;
    const enum status st = read_ores(text, &ores, &n, why);
    free(ores);
    return st;
}

static void test_sheet_read_converts_units_and_keeps_lines(void)
{
    struct status_why why = {0};
    struct ore *ores = NULL;
    size_t n = 0;
    HARNESS_ASSERT_OK(read_ores("# a comment\nmine\tdepth_metre\tid\tgrade_percent\tnote\n"
                                "Kiruna\t1365.5\tFe\t63.7\tdeep\nAitik\t\tCu\t0.5\t\n",
                                &ores, &n, &why));
    CU_ASSERT_EQUAL_FATAL(n, 2);
    CU_ASSERT_STRING_EQUAL(ores[0].id, "Fe");
    CU_ASSERT_STRING_EQUAL(ores[1].mine, "Aitik");
    HARNESS_ASSERT_REL(ores[0].grade_ratio, 0.637, 1e-15);
    HARNESS_ASSERT_REL(ores[1].grade_ratio, 0.005, 1e-15);
    HARNESS_ASSERT_REL(ores[0].depth_metre, 1365.5, 1e-15);
    CU_ASSERT(isnan(ores[1].depth_metre));
    CU_ASSERT_EQUAL(ores[0].line, 3);
    CU_ASSERT_EQUAL(ores[1].line, 4);
    free(ores);
}

static void test_sheet_read_lets_optional_columns_be_absent(void)
{
    struct status_why why = {0};
    struct ore *ores = NULL;
    size_t n = 0;
    HARNESS_ASSERT_OK(
        read_ores("id\tmine\tgrade_percent\nCu\tAitik\t0.9\nCu\tLaver\t1.3\n", &ores, &n, &why));
    CU_ASSERT_EQUAL_FATAL(n, 2);
    CU_ASSERT(isnan(ores[0].depth_metre));
    free(ores);
}

/* Rows of one mine belong together. */
struct sample {
    char mine[8], id[8];
    const char *file;
    int line;
};
static const struct sheet_field sample_fields[] = {
    SHEET_GROUP("mine", struct sample, mine),
    SHEET_KEY("id", struct sample, id),
};
static const struct sheet sample_sheet = {.file = "samples.tsv",
                                          .n_fields = 2,
                                          .fields = sample_fields,
                                          .row_size = sizeof(struct sample),
                                          .line = offsetof(struct sample, line),
                                          .origin = offsetof(struct sample, file)};

static void test_sheet_read_own_replaces_groups_and_adds_others(void)
{
    static const char *const wanted[] = {"Kiruna Fe 2", "Aitik Ag 2", "Laver Cu 3"};
    struct status_why why = {0};
    void *rows = NULL;
    size_t n = 0;
    char shipped[1100], own[1100], text[64];
    (void)snprintf(shipped, sizeof shipped, "%s",
                   harness_file("samples.tsv", "mine\tid\nKiruna\tFe\nAitik\tCu\nAitik\tAu\n"));
    (void)snprintf(own, sizeof own, "%s",
                   harness_file("own.tsv", "id\tmine\nAg\tAitik\nCu\tLaver\n"));
    HARNESS_ASSERT_OK(sheet_read_own(harness_comm(), &sample_sheet, shipped, own, &rows, &n, &why));
    CU_ASSERT_EQUAL_FATAL(n, 3);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const struct sample *s = (const struct sample *)rows + i;
        (void)snprintf(text, sizeof text, "%s %s %d", s->mine, s->id, s->line);
        CU_ASSERT_STRING_EQUAL(text, wanted[i]);
        CU_ASSERT_PTR_EQUAL(s->file, i == 0 ? shipped : own);
    }
    free(rows);
    HARNESS_ASSERT_OK(
        sheet_read_own(harness_comm(), &sample_sheet, shipped, NULL, &rows, &n, &why));
    CU_ASSERT_EQUAL(n, 3);
    free(rows);
}

/* Without groups the keys together tell which row is replaced. */
static void test_sheet_read_own_replaces_rows_of_the_same_keys(void)
{
    struct status_why why = {0};
    void *rows = NULL;
    size_t n = 0;
    char shipped[1100], own[1100];
    (void)snprintf(shipped, sizeof shipped, "%s",
                   harness_file("ores.tsv", "id\tmine\tgrade_percent\tdepth_metre\n"
                                            "Cu\tAitik\t0.9\t11\nCu\tLaver\t1.3\t12\n"));
    (void)snprintf(own, sizeof own, "%s",
                   harness_file("own.tsv", "id\tmine\tgrade_percent\nCu\tLaver\t1.7\n"));
    HARNESS_ASSERT_OK(sheet_read_own(harness_comm(), &ore_sheet, shipped, own, &rows, &n, &why));
    const struct ore *ores = rows;
    CU_ASSERT_EQUAL_FATAL(n, 2);
    CU_ASSERT_STRING_EQUAL(ores[0].mine, "Aitik");
    HARNESS_ASSERT_REL(ores[1].grade_ratio, 0.017, 1e-14);
    CU_ASSERT(isnan(ores[1].depth_metre));
    free(rows);
    rows = NULL;
    (void)snprintf(own, sizeof own, "%s", harness_file("own.tsv", "id\tmine\nCu\tLaver\n"));
    HARNESS_ASSERT_FAILS(sheet_read_own(harness_comm(), &ore_sheet, shipped, own, &rows, &n, &why),
                         STATUS_INPUT, "own.tsv: column grade_percent: missing");
    CU_ASSERT_PTR_NULL(rows);
}

static void test_sheet_yes_knows_two_words(void)
{
    struct status_why why = {0};
    bool yes = false;
    HARNESS_ASSERT_OK(sheet_yes("yes", "is_open", "ores.tsv", 3, &yes, &why));
    CU_ASSERT(yes);
    HARNESS_ASSERT_OK(sheet_yes("no", "is_open", "ores.tsv", 3, &yes, &why));
    CU_ASSERT(!yes);
    HARNESS_ASSERT_FAILS(sheet_yes("", "is_open", "ores.tsv", 3, &yes, &why), STATUS_INPUT,
                         "ores.tsv:3: is_open: empty: expected yes or no");
}

static void test_sheet_errors(void)
{
    struct status_why why = {0};
    HARNESS_ASSERT_FAILS(refuse("id\tmine\tgrade_procent\nCu\tAitik\t0.9\n", &why), STATUS_INPUT,
                         "ores.tsv: column: grade_procent: unknown; did you mean grade_percent");
    HARNESS_ASSERT_FAILS(refuse("id\tmine\tgrade_percent\tx\nCu\tAitik\t0.9\t1\n", &why),
                         STATUS_INPUT, "column: x: unknown");
    HARNESS_ASSERT_FAILS(refuse("id\tgrade_percent\nCu\t0.9\n", &why), STATUS_INPUT,
                         "ores.tsv: column mine: missing");
    HARNESS_ASSERT_FAILS(refuse("id\tmine\tgrade_percent\n", &why), STATUS_INPUT,
                         "ores.tsv: no row below the header");
    HARNESS_ASSERT_FAILS(refuse("id\tmine\tgrade_percent\nCu\t\t0.9\n", &why), STATUS_INPUT,
                         "ores.tsv:2: mine: empty: expected a text");
    HARNESS_ASSERT_FAILS(refuse("id\tmine\tgrade_percent\nCu\tBoliden-N\t0.9\n", &why),
                         STATUS_INPUT, "ores.tsv:2: mine: Boliden-N: expected at most 7 bytes");
    HARNESS_ASSERT_FAILS(refuse("id\tmine\tgrade_percent\nCu\tAitik\t\n", &why), STATUS_INPUT,
                         "ores.tsv:2: grade_percent: empty: expected a number");
    HARNESS_ASSERT_FAILS(refuse("id\tmine\tgrade_percent\nCu\tAitik\t0.9x\n", &why), STATUS_INPUT,
                         "ores.tsv:2: grade_percent: 0.9x: ");
    HARNESS_ASSERT_FAILS(refuse("id\tmine\tgrade_percent\nCu\tAitik\t71.26\n", &why), STATUS_INPUT,
                         "grade_percent: 71.26: expected a number from 0.5 to 71.25");
    HARNESS_ASSERT_FAILS(refuse("id\tmine\tgrade_percent\tdepth_metre\nCu\tAitik\t0.49\t1\n", &why),
                         STATUS_INPUT, "grade_percent: 0.49: expected");
    HARNESS_ASSERT_FAILS(
        refuse("id\tmine\tgrade_percent\nCu\tAitik\t1\nFe\tAitik\t2\nCu\tAitik\t3\n", &why),
        STATUS_INPUT, "ores.tsv:4: id: Cu: the same row as line 2");
}

static void test_sheet_errors_of_the_folder(void)
{
    struct status_why why = {0};
    void *rows = NULL;
    size_t n = 0;
    char small[8];
    HARNESS_ASSERT_FAILS(
        sheet_read(harness_comm(), &ore_sheet, "folder", small, sizeof small, &rows, &n, &why),
        STATUS_INPUT, "too long a name");
    HARNESS_ASSERT_FAILS(sheet_read(harness_comm(), &ore_sheet, "/nowhere/at/all", path,
                                    sizeof path, &rows, &n, &why),
                         STATUS_INPUT, "/nowhere/at/all/ores.tsv");
    CU_ASSERT_PTR_NULL(rows);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"converts_units_and_keeps_lines", test_sheet_read_converts_units_and_keeps_lines},
        {"lets_optional_columns_be_absent", test_sheet_read_lets_optional_columns_be_absent},
        {"read_own_replaces_groups_and_adds_others",
         test_sheet_read_own_replaces_groups_and_adds_others},
        {"read_own_replaces_rows_of_the_same_keys",
         test_sheet_read_own_replaces_rows_of_the_same_keys},
        {"yes_knows_two_words", test_sheet_yes_knows_two_words},
        {"errors", test_sheet_errors},
        {"errors_of_the_folder", test_sheet_errors_of_the_folder},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
