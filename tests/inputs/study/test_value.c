#define _POSIX_C_SOURCE 200809L
#include "inputs/study/value.h"

#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

static struct status_why why;
static const struct study study = {.file = "s.yaml"};

/* One node, the value of the key x. */
static struct tree_node *node_of(const char *yaml)
{
    struct tree_node *root = NULL;
    CU_ASSERT_EQUAL(tree_parse("s.yaml", yaml, strlen(yaml), &root, &why), STATUS_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    return root;
}

static void test_value_count_reads_whole_numbers_exactly(void)
{
    static const struct {
        const char *yaml;
        uint64_t value;
    } good[] = {{"x: 18446744073709551615", UINT64_MAX},
                {"x: 4K", 4000},
                {"x: 1e3", 1000},
                {"x: 0", 0},
                {"x: 2.5M", 2500000}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct tree_node *root = node_of(good[i].yaml);
        uint64_t value = 17;
        HARNESS_ASSERT_OK(value_count(&study, root->first, NULL, &value, &why));
        CU_ASSERT_EQUAL(value, good[i].value);
        tree_destroy(root);
    }
    static const char *const bad[] = {"x: -3", "x: 1.5", "x: 1e16", "x: 99999999999999999999",
                                      "x: 3 W"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct tree_node *root = node_of(bad[i]);
        uint64_t value = 17;
        HARNESS_ASSERT_FAILS(value_count(&study, root->first, NULL, &value, &why), STATUS_INPUT,
                             "s.yaml:1:4: x: ");
        tree_destroy(root);
    }
}

static void test_value_number_checks_unit_and_range(void)
{
    const struct keys_range range = {0, 10, true, false};
    double value = 17;
    struct tree_node *root = node_of("x: 30 month");
    HARNESS_ASSERT_OK(value_number(&study, root->first, "year", &range, &value, &why));
    CU_ASSERT_DOUBLE_EQUAL(value, 2.5, 0);
    HARNESS_ASSERT_FAILS(value_number(&study, root->first, "kg", &range, &value, &why),
                         STATUS_INPUT, "s.yaml:1:4: x: 30 month: expected a mass");
    HARNESS_ASSERT_FAILS(value_number(&study, root->first, "hour", &range, &value, &why),
                         STATUS_INPUT, "s.yaml:1:4: x: 30 month: must be in (0, 10]");
    tree_destroy(root);
}

static void test_value_text_is_one_short_line(void)
{
    char text[6];
    struct tree_node *root = node_of("x: abcde\ny: abcdef\nz: \"a\\tb\"\nw: ''\nv: \"\\u2028\"");
    const struct tree_node *x = root->first;
    HARNESS_ASSERT_OK(value_text(&study, x, text, sizeof text, &why));
    CU_ASSERT_STRING_EQUAL(text, "abcde");
    HARNESS_ASSERT_FAILS(value_text(&study, x->next, text, sizeof text, &why), STATUS_INPUT,
                         "s.yaml:2:4: y: abcdef: must have at most 5 bytes");
    HARNESS_ASSERT_FAILS(value_text(&study, x->next->next, text, sizeof text, &why), STATUS_INPUT,
                         "z: a b: expected one line");
    HARNESS_ASSERT_OK(value_text(&study, x->next->next->next, text, sizeof text, &why));
    CU_ASSERT_STRING_EQUAL(text, "");
    HARNESS_ASSERT_FAILS(value_text(&study, root->last, text, sizeof text, &why), STATUS_INPUT,
                         "expected one line");
    tree_destroy(root);
}

static void test_value_choice_is_the_index_of_the_word(void)
{
    static const char *const words[] = {"lo", "typical", "hi", NULL};
    int choice = 17;
    struct tree_node *root = node_of("x: hi\ny: high\nz:\n");
    HARNESS_ASSERT_OK(value_choice(&study, root->first, words, &choice, &why));
    CU_ASSERT_EQUAL(choice, 2);
    HARNESS_ASSERT_FAILS(value_choice(&study, root->first->next, words, &choice, &why),
                         STATUS_INPUT, "y: high: expected lo, typical or hi");
    HARNESS_ASSERT_FAILS(value_choice(&study, root->last, words, &choice, &why), STATUS_INPUT,
                         "z: expected a value; leave the key out for the default");
    HARNESS_ASSERT_FAILS(value_expect(&study, root->last, TREE_LIST, &why), STATUS_INPUT,
                         "z: expected a list, not nothing");
    CU_ASSERT_EQUAL(choice, 2);
    tree_destroy(root);
}

static void test_value_of_default_is_a_node_without_a_place(void)
{
    struct value_default made;
    const struct tree_node *node = value_of_default(keys_find("fit.delta"), &made);
    CU_ASSERT_PTR_NOT_NULL_FATAL(node);
    CU_ASSERT_STRING_EQUAL(node->text, "1e-3");
    CU_ASSERT_EQUAL(value_place(node).line, 0);
    CU_ASSERT_PTR_NULL(value_of_default(keys_find("runs.file"), &made));
}

static void test_value_written_reads_back_to_the_same_bits(void)
{
    static const double numbers[] = {
        0.1, 1.0 / 3, 5.76e23, 1e-310, 123456789012345680.0, -2.385, 1e22, 0.30000000000000004};
    char *text = NULL;
    size_t n = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        FILE *to = open_memstream(&text, &n);
        CU_ASSERT_PTR_NOT_NULL_FATAL(to);
        value_write_number(to, numbers[i]);
        CU_ASSERT_EQUAL(fclose(to), 0);
        CU_ASSERT_DOUBLE_EQUAL(strtod(text, NULL), numbers[i], 0);
        free(text);
    }
    FILE *to = open_memstream(&text, &n);
    CU_ASSERT_PTR_NOT_NULL_FATAL(to);
    value_write_number(to, 0.1);
    value_write_text(to, "a\\\"b");
    CU_ASSERT_EQUAL(fclose(to), 0);
    CU_ASSERT_STRING_EQUAL(text, "0.1\"a\\\\\\\"b\"");
    free(text);
}

static void test_value_fail_key_names_the_nearest_or_all(void)
{
    static const char *const known[] = {"minimum", "maximum"};
    struct tree_node *root = node_of("mininum: 3\nother: 4\n");
    HARNESS_ASSERT_FAILS(value_fail_key(&study, root->first, known, 2, &why), STATUS_INPUT,
                         "s.yaml:1:1: mininum: unknown; did you mean minimum?");
    HARNESS_ASSERT_FAILS(value_fail_key(&study, root->last, known, 2, &why), STATUS_INPUT,
                         "s.yaml:2:1: other: unknown; expected minimum or maximum");
    tree_destroy(root);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"count_reads_whole_numbers_exactly", test_value_count_reads_whole_numbers_exactly},
        {"number_checks_unit_and_range", test_value_number_checks_unit_and_range},
        {"text_is_one_short_line", test_value_text_is_one_short_line},
        {"choice_is_the_index_of_the_word", test_value_choice_is_the_index_of_the_word},
        {"of_default_is_a_node_without_a_place", test_value_of_default_is_a_node_without_a_place},
        {"written_reads_back_to_the_same_bits", test_value_written_reads_back_to_the_same_bits},
        {"fail_key_names_the_nearest_or_all", test_value_fail_key_names_the_nearest_or_all},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
