#include "inputs/study/difference.h"

#include <string.h>

#include "tests/harness.h"

static const char before[] = "title: \"runs: a sweep\"\n"
                             "seed: 42\n"
                             "fit:\n"
                             "  objective: huber\n"
                             "  delta: 0.001\n"
                             "space: \n"
                             "  params: {from: 1, to: 9, steps: 4}\n"
                             "objectives: [loss_nat]\n";

static void test_difference_names_keys_with_their_values(void)
{
    char text[256];
    difference_keys(before, before, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "");
    difference_keys(before,
                    "title: \"runs: a sweep\"\n"
                    "seed: 43\n"
                    "fit:\n"
                    "  objective: huber\n"
                    "  delta: 0.01\n"
                    "  folds: 5\n"
                    "space:\n"
                    "  params: {from: 1, to: 9, steps: 5}\n",
                    text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "seed (42, now 43), fit.delta (0.001, now 0.01), space.params "
                                 "({from: 1, to: 9, steps: 4}, now {from: 1, to: 9, steps: 5}), "
                                 "objectives (no longer said), fit.folds (not said before)");
}

/* A key of the same name in another section is another key; what finds no room is cut. */
static void test_difference_tells_sections_apart_and_keeps_to_its_room(void)
{
    char text[24];
    difference_keys("a:\n  seed: 1\nb:\n  seed: 2\n", "a:\n  seed: 1\nb:\n  seed: 3\n", text,
                    sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "b.seed (2, now 3)");
    difference_keys(before, "", text, sizeof text);
    CU_ASSERT_EQUAL(strlen(text), sizeof text - 1);
    difference_keys("", "", text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"names keys with their values", test_difference_names_keys_with_their_values},
        {"tells sections apart and keeps to its room",
         test_difference_tells_sections_apart_and_keeps_to_its_room},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
