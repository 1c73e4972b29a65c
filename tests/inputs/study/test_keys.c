#include "inputs/study/keys.h"

#include <string.h>

#include "inputs/study/study.h"
#include "tests/harness.h"

static void test_keys_are_named_once_and_stay_inside_the_study(void)
{
    size_t n = 0;
    for (const struct keys_row *row; (row = keys_at(n)) != NULL; n++) {
        CU_ASSERT(keys_find(row->path) == row);
        CU_ASSERT(row->is_member == (row->offset == 0));
        CU_ASSERT(row->offset < sizeof(struct study) && row->place < sizeof(struct study));
        CU_ASSERT(row->help != NULL && strchr(row->help, '|') == NULL);
        CU_ASSERT((row->type == KEYS_CHOICE) == (row->choices != NULL));
        CU_ASSERT(row->is_member || row->type != KEYS_TEXT || row->size > 0);
        CU_ASSERT(row->is_member || row->type != KEYS_NUMBER || row->unit != NULL);
    }
    CU_ASSERT(n > 30);
    CU_ASSERT_PTR_NULL(keys_find("runs"));
    CU_ASSERT_PTR_NULL(keys_find("fit.delt"));
}

static void test_keys_members_lists_one_level(void)
{
    char names[KEYS_MAX_MEMBERS][KEYS_NAME_SIZE];
    CU_ASSERT_EQUAL(keys_members("runs", names), 4);
    CU_ASSERT_STRING_EQUAL(names[0], "file");
    CU_ASSERT_STRING_EQUAL(names[1], "columns");
    CU_ASSERT_STRING_EQUAL(names[3], "drop_highest_loss");
    CU_ASSERT_EQUAL(keys_members("runs.columns", names), 7);
    CU_ASSERT_EQUAL(keys_members("space.INPUT", names), 11);
    CU_ASSERT_EQUAL(keys_members("", names), 21);
    CU_ASSERT_STRING_EQUAL(names[20], "output");
    CU_ASSERT_EQUAL(keys_members("run", names), 0);
    CU_ASSERT_EQUAL(keys_members("title", names), 0);
}

static void test_keys_ranges_are_checked_and_said(void)
{
    static const struct {
        struct keys_range range;
        double inside, outside;
        const char *text;
    } cases[] = {
        {{0, 1, true, false}, 1, 0, "must be in (0, 1]"},
        {{0, 1, true, true}, .5, 1, "must be in (0, 1)"},
        {{1, 1e6, false, false}, 1, 1e6 + 1, "must be in [1, 1000000]"},
        {{0, INFINITY, true, true}, 1e300, 0, "must be > 0"},
        {{2.5, INFINITY, false, true}, 2.5, 2.4, "must be at least 2.5"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64];
        CU_ASSERT(keys_in_range(&cases[i].range, cases[i].inside));
        CU_ASSERT(!keys_in_range(&cases[i].range, cases[i].outside));
        keys_range_text(&cases[i].range, text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, cases[i].text);
    }
}

static void test_keys_join_reads_as_a_sentence(void)
{
    static const char *const words[] = {"one", "two", "three"};
    char text[32];
    keys_join(words, 3, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "one, two or three");
    keys_join(words, 2, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "one or two");
    keys_join(words, 1, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "one");
    keys_join(words, 3, text, 8);
    CU_ASSERT_STRING_EQUAL(text, "one, tw");
    keys_join(words, 0, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "");
    keys_type_text(keys_find("fit.objective"), text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "huber, lad or least_squares");
    keys_type_text(keys_find("simulate.budgets_flop"), text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "list");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"are_named_once_and_stay_inside_the_study",
         test_keys_are_named_once_and_stay_inside_the_study},
        {"members_lists_one_level", test_keys_members_lists_one_level},
        {"ranges_are_checked_and_said", test_keys_ranges_are_checked_and_said},
        {"join_reads_as_a_sentence", test_keys_join_reads_as_a_sentence},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
