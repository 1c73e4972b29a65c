#define _POSIX_C_SOURCE 200809L
#include "inputs/study/settings.h"

#include <stdlib.h>
#include <string.h>

#include "inputs/study/axis.h"
#include "tests/harness.h"

static struct status_why why;

static void test_settings_defaults_fit_their_own_rows(void)
{
    struct study s = {.file = "s.yaml"};
    HARNESS_ASSERT_OK(settings_defaults(&s, &why));
    const struct keys_row *row;
    for (size_t i = 0; (row = keys_at(i)) != NULL; i++) {
        CU_ASSERT(settings_is_given(&s, row) == (row->initial != NULL && !row->is_member));
    }
    CU_ASSERT_EQUAL(s.simulate_points, 9);
    CU_ASSERT_DOUBLE_EQUAL(s.simulate_span, 8, 0);
}

static void test_settings_written_are_what_was_read(void)
{
    static const char *const cases[][3] = {
        {"title", "it's", "\"it's\""},
        {"seed", "0012", "12"},
        {"fit.objective", "lad", "lad"},
        {"fit.target_compute_flop", "1 PF-day", "8.64e+19"},
        {"simulate.budgets_flop", "[1e18, 3 EFLOP]", "[1e+18, 3e+18]"},
        {"fit.compare", "[kaplan_nd, x.y]", "[\"kaplan_nd\", \"x.y\"]"},
        {"fit.compare", "[a, {id: b, parameters: {E: {fixed: 1}, x: {tie: y, upper: 2}}}]",
         "[\"a\", {id: \"b\", parameters: {E: {fixed: 1}, x: {upper: 2, tie: \"y\"}}}]"},
        {"runs.where", "['a<3', b   !=  c d ]", "[\"a < 3\", \"b != c d\"]"},
        {"objectives", "[mass_kg, loss_nat]", "[mass_kg, loss_nat]"},
        {"constraints", "{energy_kwh: {max: 1 GWh, min: 2}}",
         "\n  energy_kwh: {min: 2, max: 1000000}"},
        {"law.parameters", "{E: , a: {prior: {mean: 1, sd: .2}, tie: b, start: 2, transform: log}}",
         "\n    E: {}\n    a: {start: [2, 2], transform: log, tie: \"b\", prior: {mean: 1, sd: "
         "0.2}}"},
        {"space", "{site: X, params: [3]}",
         "\n  site: \"X\"\n  params: {values: [3], role: decision}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct study s = {.file = "s.yaml"};
        struct tree_node *root = NULL;
        char *text = NULL;
        size_t n = 0;
        const struct keys_row *row = keys_find(cases[i][0]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(row);
        HARNESS_ASSERT_OK(tree_parse("s.yaml", cases[i][1], strlen(cases[i][1]), &root, &why));
        CU_ASSERT(!settings_is_given(&s, row) || row->initial != NULL);
        HARNESS_ASSERT_OK(settings_read(&s, row, root, &why));
        CU_ASSERT(settings_is_given(&s, row));
        FILE *to = open_memstream(&text, &n);
        CU_ASSERT_PTR_NOT_NULL_FATAL(to);
        settings_write(to, &s, row);
        CU_ASSERT_EQUAL(fclose(to), 0);
        CU_ASSERT_STRING_EQUAL(text, cases[i][2]);
        free(text);
        tree_destroy(root);
        for (int j = 0; j < DESIGN_N_INPUTS; j++) {
            axis_clear(&s.space[j]);
        }
    }
}

static void test_settings_errors(void)
{
    static const char *const cases[][3] = {
        {"objectives", "[]", "s.yaml:1:1: expected a list of 1 to "},
        {"simulate.budgets_flop", "[0]", "0: must be > 0"},
        {"fit.compare", "[a, b, a]", "s.yaml:1:8: a: this law is in the list twice"},
        {"fit.compare", "[a, {id: b}, {id: b, parameters: {}}]", "this law is in the list twice"},
        {"fit.compare", "[{parameters: {E: {}}}]", "expected {id: law, parameters: {...}}"},
        {"fit.compare", "[{id: b, limits: 3}]", "limits"},
        {"fit.compare", "[{id: b, parameters: {E: {start: 3}}}]",
         "s.yaml:1:23: fit.compare: E: start and transform can be said in law.parameters only"},
        {"fit.compare", "kaplan_nd", "expected a list, not one value"},
        {"simulate.budgets_flop", "3", "expected a list, not one value"},
        {"runs.where", "[[x]]", "expected one value, not a list"},
        {"constraints", "[energy_kwh]", "expected a mapping, not a list"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct study s = {.file = "s.yaml"};
        struct tree_node *root = NULL;
        HARNESS_ASSERT_OK(tree_parse("s.yaml", cases[i][1], strlen(cases[i][1]), &root, &why));
        CU_ASSERT_EQUAL(settings_read(&s, keys_find(cases[i][0]), root, &why), STATUS_INPUT);
        if (!harness_contains(why.message, cases[i][2])) {
            harness_say(why.message);
            CU_FAIL("another message");
        }
        status_clear(&why);
        tree_destroy(root);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"defaults_fit_their_own_rows", test_settings_defaults_fit_their_own_rows},
        {"written_are_what_was_read", test_settings_written_are_what_was_read},
        {"errors", test_settings_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
