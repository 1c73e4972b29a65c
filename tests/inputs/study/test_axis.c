#define _POSIX_C_SOURCE 200809L
#include "inputs/study/axis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

static struct status_why why;
static const struct study study = {.file = "s.yaml"};

/* Read `NAME: ENTRY` as an entry of space. */
static enum status read_axis(const char *yaml, struct study_axis *axis)
{
    char text[512];
    struct tree_node *root = NULL;
    (void)snprintf(text, sizeof text, "space:\n  %s\n", yaml);
    enum status st = tree_parse("s.yaml", text, strlen(text), &root, &why);
    CU_ASSERT_EQUAL(st, STATUS_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    const struct tree_node *entry = root->first->first;
    st = axis_read(&study, design_find(entry->key), entry, axis, &why);
    tree_destroy(root);
    return st;
}

static void test_axis_range_of_a_count_is_logarithmic_with_exact_ends(void)
{
    struct study_axis a;
    HARNESS_ASSERT_OK(read_axis("params: {from: 1.3B, to: 70B, steps: 5}", &a));
    CU_ASSERT(a.is_axis && a.is_range && a.n == 5 && a.scale == STUDY_LOG);
    CU_ASSERT_EQUAL(a.role, STUDY_DECISION);
    CU_ASSERT_DOUBLE_EQUAL(a.values[0], 1.3e9, 0);
    CU_ASSERT_DOUBLE_EQUAL(a.values[4], 70e9, 0);
    HARNESS_ASSERT_REL(a.values[1], 1.3e9 * pow(70 / 1.3, .25), 1e-14);
    HARNESS_ASSERT_REL(a.values[2], 1.3e9 * sqrt(70 / 1.3), 1e-14);
    CU_ASSERT(a.value_places[3].line == 2 && a.value_places[3].column == a.place.column);
    axis_clear(&a);
    CU_ASSERT(!a.given && a.values == NULL);
    HARNESS_ASSERT_OK(read_axis("params: {from: 1.3B, to: 70B}", &a));
    CU_ASSERT_EQUAL(a.n, 100);
    axis_clear(&a);
    HARNESS_ASSERT_OK(read_axis("tokens: {from: 1T, to: 2T, steps: 1}", &a));
    CU_ASSERT(a.n == 1 && a.is_axis);
    CU_ASSERT_DOUBLE_EQUAL(a.values[0], 1e12, 0);
    axis_clear(&a);
}

static void test_axis_range_of_a_ratio_is_linear(void)
{
    struct study_axis a;
    HARNESS_ASSERT_OK(read_axis("mfu_ratio: {from: 0.2, to: 60 %, steps: 5, role: scenario}", &a));
    CU_ASSERT_EQUAL(a.scale, STUDY_LINEAR);
    CU_ASSERT_EQUAL(a.role, STUDY_SCENARIO);
    HARNESS_ASSERT_REL(a.values[1], .3, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(a.values[4], .6, 0);
    axis_clear(&a);
    HARNESS_ASSERT_OK(read_axis("lifespan_year: {from: 1, to: 16, steps: 3, scale: log}", &a));
    HARNESS_ASSERT_REL(a.values[1], 4.0, 1e-14);
    axis_clear(&a);
}

static void test_axis_integers_are_whole_and_differ(void)
{
    static const double log_grid[] = {1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64};
    static const double stepped[] = {7, 10, 13, 16};
    struct study_axis a;
    HARNESS_ASSERT_OK(read_axis("experts: {from: 1, to: 64, steps: 13, integer: true}", &a));
    CU_ASSERT_EQUAL_FATAL(a.n, 12); /* 1, 1.41, 2, 2.83 ...: 1.41 is 1 */
    for (size_t i = 0; i < a.n; i++) {
        CU_ASSERT_DOUBLE_EQUAL(a.values[i], log_grid[i], 0);
    }
    axis_clear(&a);
    HARNESS_ASSERT_OK(read_axis("depth: {from: 7, to: 18, step: 3, integer: true}", &a));
    CU_ASSERT_EQUAL_FATAL(a.n, 4);
    for (size_t i = 0; i < a.n; i++) {
        CU_ASSERT_DOUBLE_EQUAL(a.values[i], stepped[i], 0);
    }
    axis_clear(&a);
    HARNESS_ASSERT_OK(read_axis(
        "params: {from: 9007199254740987, to: 9007199254740992, step: 1, integer: true}", &a));
    CU_ASSERT_EQUAL_FATAL(a.n, 6);
    CU_ASSERT_DOUBLE_EQUAL(a.values[4], 9007199254740991.0, 0);
    axis_clear(&a);
}

static void test_axis_draws_by_weight_and_key(void)
{
    enum { N_DRAWS = 20000 };
    static const double wanted[] = {0.1, 0.6, 0.05, 0.25};
    struct study_axis a, plain;
    size_t counts[4] = {0}, n_same = 0;
    HARNESS_ASSERT_OK(read_axis(
        "mfu_ratio: {values: [0.5, 0.3, 0.4, 0.2], role: draw, weights: [2, 12, 1, 5]}", &a));
    HARNESS_ASSERT_OK(read_axis("device: {values: [A, B, C, D, E], role: draw}", &plain));
    CU_ASSERT_EQUAL(axis_typical(&a), 1);
    CU_ASSERT_EQUAL(axis_typical(&plain), 2);
    for (uint64_t k = 1; k <= N_DRAWS; k++) {
        const size_t level = axis_drawn(&a, DESIGN_MFU, 7, k);
        counts[level]++;
        n_same += level == axis_drawn(&a, DESIGN_GOODPUT, 7, k);
        CU_ASSERT_EQUAL(level, axis_drawn(&a, DESIGN_MFU, 7, k));
    }
    double same = 0.0;
    for (size_t i = 0; i < 4; i++) {
        const double sd = sqrt(wanted[i] * (1.0 - wanted[i]) / N_DRAWS);
        CU_ASSERT_DOUBLE_EQUAL((double)counts[i] / N_DRAWS, wanted[i], 4.0 * sd);
        same += wanted[i] * wanted[i];
    }
    CU_ASSERT_DOUBLE_EQUAL((double)n_same / N_DRAWS, same, 0.015); /* other axes draw their own */
    axis_clear(&a);
    axis_clear(&plain);
}

static void test_axis_written_reads_back(void)
{
    static const char *const entries[][2] = {
        {"params: 7B", "7000000000"},
        {"grid: USA", "\"USA\""},
        {"lifespan_year: [2, 30 month]", "{values: [2, 2.5], role: decision}"},
        {"device: {values: [A, B C], role: scenario}",
         "{values: [\"A\", \"B C\"], role: scenario}"},
        {"tokens: {from: 1B, to: 2B, steps: 3}",
         "{from: 1000000000, to: 2000000000, steps: 3, scale: log, role: decision}"},
        {"tokens: {from: 1, to: 9, steps: 300, integer: true}",
         "{from: 1, to: 9, steps: 300, scale: log, integer: true, role: decision}"},
        {"depth: {from: 9, to: 96, step: 3, integer: true, role: scenario}",
         "{from: 9, to: 96, step: 3, integer: true, role: scenario}"},
        {"mfu_ratio: {values: [0.3, 0.5], weights: [1, 2.5], role: draw}",
         "{values: [0.3, 0.5], role: draw, weights: [1, 2.5]}"},
        {"grid: {values: [USA], role: scenario, combine: worst}",
         "{values: [\"USA\"], role: scenario, combine: worst}"},
        {"depth: {formula: \"width / 128\", integer: true}",
         "{formula: \"width / 128\", integer: true}"},
    };
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        struct study_axis a;
        char *text = NULL;
        size_t n = 0;
        HARNESS_ASSERT_OK(read_axis(entries[i][0], &a));
        FILE *to = open_memstream(&text, &n);
        CU_ASSERT_PTR_NOT_NULL_FATAL(to);
        axis_write(to, &a);
        CU_ASSERT_EQUAL(fclose(to), 0);
        CU_ASSERT_STRING_EQUAL(text, entries[i][1]);
        free(text);
        axis_clear(&a);
    }
}

static void test_axis_errors(void)
{
    static const struct {
        const char *entry, *message;
    } bad[] = {
        {"mfu_ratio: 1.7", "s.yaml:2:14: space.mfu_ratio: 1.7: must be in (0, 1]"},
        {"mfu_ratio: [0.3, 0]", "s.yaml:2:20: space.mfu_ratio: 0: must be in (0, 1]"},
        {"lifespan_year: 30 kg",
         "s.yaml:2:18: space.lifespan_year: 30 kg: expected a time: s, min, h, d, week, month, y"},
        {"lifespan_year: nan", "nan: expected a finite number"},
        {"params: [7B, 7e9]", "s.yaml:2:16: space.params: 7e9: this level is in the list twice"},
        {"device: [A, B, A]", "space.device: A: this level is in the list twice"},
        {"device: []", "expected a list of 1 to 4096 levels"},
        {"device: [[A]]", "space.device: expected one value, not a list"},
        {"device: ''", "space.device: expected a name"},
        {"device:", "space.device: expected a value"},
        {"device: {from: A, to: B}", "names have no range"},
        {"params: {from: 1B}", "space.params: expected from and to, or values"},
        {"params: {}", "space.params: expected from and to, or values"},
        {"params: {from: 2B, to: 1B}", "space.params.to: 1B: must be larger than from"},
        {"params: {from: 2B, to: 2B}", "space.params.to: 2B: must be larger than from"},
        {"params: {from: 0, to: 2B}", "space.params.from: 0: must be in (0, "},
        {"params: {from: 1, to: 2B, steps: 0}", "params.steps: 0: must be in [1, 1000000]"},
        {"params: {from: 1, to: 2B, steps: 1000001}", "1000001: must be in [1, 1000000]"},
        {"params: {from: 1, to: 2B, steps: 2.5}", "steps: 2.5: expected a whole number"},
        {"params: {from: 1, to: 2B, scale: sqrt}", "scale: sqrt: expected log or linear"},
        {"params: {from: 1, to: 2B, role: rôle}", "expected decision, scenario or draw"},
        {"params: {values: [1, 2], weights: [1, 2]}", "belongs to a draw: add role: draw"},
        {"params: {values: [1, 2], weights: [1], role: draw}", "expected one number for each"},
        {"params: {from: 1, to: 2, steps: 2, weights: [1, 2], role: draw}", "one number for each"},
        {"params: {values: [1, 2], weights: [1, 0], role: draw}", "0: must be > 0"},
        {"params: {values: [1, 2], combine: worst}", "is of scenarios: add role: scenario"},
        {"params: {from: 1, to: 2B, stepp: 3}", "params.stepp: unknown; did you mean steps?"},
        {"params: {from: 1, to: 2B, step: 3}", "step: 3: is between whole levels: add integer"},
        {"params: {from: 1, to: 9, step: 2.5, integer: true}", "2.5: expected a whole number"},
        {"params: {from: 1, to: 9, step: 3, steps: 3, integer: true}", "3: goes without step"},
        {"params: {from: 1, to: 9, step: 3, scale: log, integer: true}", "log: goes without step"},
        {"params: {from: 1, to: 2B, step: 1, integer: true}", "makes more than 1000000 levels"},
        {"params: {from: 1.5, to: 2B, integer: true}", "1.5: expected a whole number"},
        {"params: {from: 1, to: 9007199254740993.5, integer: true}",
         "params.to: 9007199254740993.5: must be at most 2^53"},
        {"params: {values: [1, 9007199254740994], integer: true}", "must be at most 2^53"},
        {"device: {values: [A], integer: true}", "names are no numbers"},
        {"params: {values: [1], steps: 3}", "params.steps: 3: belongs to a range"},
        {"params: {values: 1}", "space.params.values: 1: expected a list, not one value"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct study_axis a;
        CU_ASSERT_EQUAL(read_axis(bad[i].entry, &a), STATUS_INPUT);
        axis_clear(&a);
        if (!harness_contains(why.message, bad[i].message)) {
            harness_say(why.message);
            harness_say(bad[i].message);
            CU_FAIL("another message");
        }
        status_clear(&why);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"range_of_a_count_is_logarithmic_with_exact_ends",
         test_axis_range_of_a_count_is_logarithmic_with_exact_ends},
        {"range_of_a_ratio_is_linear", test_axis_range_of_a_ratio_is_linear},
        {"integers_are_whole_and_differ", test_axis_integers_are_whole_and_differ},
        {"draws_by_weight_and_key", test_axis_draws_by_weight_and_key},
        {"written_reads_back", test_axis_written_reads_back},
        {"errors", test_axis_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
