#define _POSIX_C_SOURCE 200809L
#include "inputs/study/correction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

static struct status_why why;

static enum status parse(const char *corrections, struct study *study)
{
    char text[512];
    status_clear(&why);
    (void)snprintf(text, sizeof text, "law:\n  set: besiroglu2024\n  corrections: %s\n",
                   corrections);
    return study_parse("s.yaml", text, strlen(text), NULL, 0, study, &why);
}

static void test_correction_is_an_id_or_a_mapping(void)
{
    struct study s;
    HARNESS_ASSERT_OK(parse("[muennighoff2023, {kind: critical_batch, Bcrit: 4.7e6, exponent: "
                            "0.462}, {set: bergsma2025, Bcrit: 31}, {kind: coverage, from: c.h5, "
                            "source: brown2024}]",
                            &s));
    CU_ASSERT_EQUAL_FATAL(s.n_corrections, 4);
    const struct study_correction *c = s.corrections;
    CU_ASSERT_STRING_EQUAL(c[0].set, "muennighoff2023");
    CU_ASSERT_EQUAL(c[0].n_values, 0);
    CU_ASSERT(c[0].place.line == 3 && c[0].place.column == 17);
    CU_ASSERT_STRING_EQUAL(c[1].kind, "critical_batch");
    CU_ASSERT_STRING_EQUAL(c[1].values[1].name, "exponent");
    CU_ASSERT_EQUAL(c[1].values[1].value, 0.462);
    CU_ASSERT_STRING_EQUAL(c[2].set, "bergsma2025");
    CU_ASSERT_EQUAL(c[2].values[0].value, 31.0);
    CU_ASSERT_STRING_EQUAL(c[3].from, "c.h5");
    CU_ASSERT_STRING_EQUAL(c[3].source, "brown2024");
    study_clear(&s);
}

static void test_correction_reads_back_what_it_writes(void)
{
    struct study s, again;
    char *text = NULL, *same = NULL;
    HARNESS_ASSERT_OK(parse("[kumar2024, {kind: accuracy_sigmoid, a: 0.7, b: 0.25, k: -3, L0: "
                            "2.385}, {kind: coverage, from: c.h5}]",
                            &s));
    HARNESS_ASSERT_OK(study_effective(&s, &text, &why));
    HARNESS_ASSERT_OK(study_parse("again.yaml", text, strlen(text), NULL, 0, &again, &why));
    CU_ASSERT_EQUAL(again.n_corrections, 3);
    CU_ASSERT_EQUAL(again.corrections[1].values[3].value, 2.385);
    HARNESS_ASSERT_OK(study_effective(&again, &same, &why));
    CU_ASSERT_STRING_EQUAL(text, same);
    free(text);
    free(same);
    study_clear(&s);
    study_clear(&again);
}

static void test_correction_errors(void)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"muennighoff2023", "s.yaml:3:16: law.corrections: muennighoff2023: expected a list"},
        {"[{kind: repetitoin, RD: 15}]", "did you mean repetition?"},
        {"[{kind: repetition, Rd: 15}]", "Rd: unknown; did you mean RD?"},
        {"[{kind: repetition, RD: many}]", "RD: many: expected a number"},
        {"[{id: muennighoff2023}]",
         "s.yaml:3:18: law.corrections.id: unknown; expected set, kind, from or source"},
        {"[{kind: repetition, set: muennighoff2023}]", "expected either set or kind"},
        {"[{RD: 15}]", "expected either set or kind"},
        {"[{set: x, a1: 1, a2: 1, a3: 1, a4: 1, a5: 1, a6: 1, a7: 1, a8: 1, a9: 1}]",
         "expected the name of a parameter"},
        {"[[muennighoff2023]]", "expected a mapping, not a list"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct study s;
        HARNESS_ASSERT_FAILS(parse(rows[i].text, &s), STATUS_INPUT, rows[i].message);
        study_clear(&s);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {{"is_an_id_or_a_mapping", test_correction_is_an_id_or_a_mapping},
                           {"reads_back_what_it_writes", test_correction_reads_back_what_it_writes},
                           {"errors", test_correction_errors},
                           CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
