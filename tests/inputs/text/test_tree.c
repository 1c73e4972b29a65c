#include "inputs/text/tree.h"

#include <string.h>

#include "tests/harness.h"

static struct status_why why;

static enum status parse(const char *text, struct tree_node **root)
{
    return tree_parse("s.yaml", text, strlen(text), root, &why);
}

static void test_tree_knows_line_and_column_of_every_value(void)
{
    struct tree_node *root = NULL;
    HARNESS_ASSERT_OK(parse("# comment\n"
                            "runs:\n"
                            "  file: \"a b.csv\"   # more\n"
                            "  where: [x < 5, 'y > 2']\n"
                            "k\xc3\xa9: {a: 1, b: }\n",
                            &root));
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    CU_ASSERT_EQUAL(root->kind, TREE_MAPPING);
    CU_ASSERT_EQUAL(root->n, 2);
    const struct tree_node *runs = tree_find(root, "runs");
    CU_ASSERT_PTR_NOT_NULL_FATAL(runs);
    const struct tree_node *file = tree_find(runs, "file");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_STRING_EQUAL(file->text, "a b.csv");
    CU_ASSERT(file->is_quoted);
    CU_ASSERT(file->line == 3 && file->column == 9);
    CU_ASSERT(file->key_line == 3 && file->key_column == 3);
    const struct tree_node *where = tree_find(runs, "where");
    CU_ASSERT_PTR_NOT_NULL_FATAL(where);
    CU_ASSERT_EQUAL(where->kind, TREE_LIST);
    CU_ASSERT_EQUAL(where->n, 2);
    CU_ASSERT_STRING_EQUAL(where->first->text, "x < 5");
    CU_ASSERT(where->first->next == where->last && where->last->column == 18);
    char path[64];
    tree_path(where->last, path, sizeof path);
    CU_ASSERT_STRING_EQUAL(path, "runs.where");
    tree_path(file, path, 8);
    CU_ASSERT_STRING_EQUAL(path, "runs.fi");
    /* Columns count characters, not bytes. */
    const struct tree_node *b = tree_find(tree_find(root, "k\xc3\xa9"), "b");
    CU_ASSERT_PTR_NOT_NULL_FATAL(b);
    CU_ASSERT(b->kind == TREE_SCALAR && b->text[0] == '\0' && !b->is_quoted);
    CU_ASSERT(b->key_line == 5 && b->key_column == 12);
    CU_ASSERT_PTR_NULL(tree_find(root, "file"));
    CU_ASSERT_PTR_NULL(tree_find(file, "file"));
    tree_destroy(root);
}

static void test_tree_takes_an_empty_text_as_an_empty_mapping(void)
{
    static const char *const texts[] = {"", "\n\n", "# nothing\n", "---\n...\n", "\xef\xbb\xbf"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct tree_node *root = NULL;
        const enum status st = parse(texts[i], &root);
        CU_ASSERT_EQUAL(st, STATUS_OK);
        /* A document that is there but empty is one empty value. */
        CU_ASSERT(root != NULL && root->n == 0);
        tree_destroy(root);
    }
    tree_destroy(NULL);
}

static void test_tree_set_replaces_and_adds(void)
{
    struct tree_node *root = NULL;
    HARNESS_ASSERT_OK(
        parse("space:\n  params: {from: 1, to: 2}\nseed: 4\nobjectives: [a]\n", &root));
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    HARNESS_ASSERT_OK(tree_set(root, "space.params.to", "70B", &why));
    HARNESS_ASSERT_OK(tree_set(root, "seed", "5", &why)); /* has neighbours on both sides */
    HARNESS_ASSERT_OK(tree_set(root, "space.tokens.from", "'1 B'", &why));
    HARNESS_ASSERT_OK(tree_set(root, "objectives", "[b, {c: d}]", &why));
    HARNESS_ASSERT_OK(tree_set(root, "law", "{}", &why));
    const struct tree_node *params = tree_find(tree_find(root, "space"), "params");
    CU_ASSERT_EQUAL(params->n, 2);
    CU_ASSERT_STRING_EQUAL(tree_find(params, "from")->text, "1");
    CU_ASSERT_EQUAL(tree_find(params, "from")->line, 2);
    CU_ASSERT_STRING_EQUAL(tree_find(params, "to")->text, "70B");
    CU_ASSERT_EQUAL(tree_find(params, "to")->line, TREE_ON_COMMAND_LINE);
    const struct tree_node *from = tree_find(tree_find(tree_find(root, "space"), "tokens"), "from");
    CU_ASSERT_PTR_NOT_NULL_FATAL(from);
    CU_ASSERT_STRING_EQUAL(from->text, "1 B");
    CU_ASSERT_EQUAL(from->parent->key_line, TREE_ON_COMMAND_LINE);
    CU_ASSERT_STRING_EQUAL(tree_find(root, "seed")->text, "5");
    const struct tree_node *objectives = tree_find(root, "objectives");
    CU_ASSERT_PTR_NOT_NULL_FATAL(objectives);
    CU_ASSERT_EQUAL(objectives->n, 2);
    CU_ASSERT_EQUAL(objectives->last->first->line, TREE_ON_COMMAND_LINE);
    char path[64];
    tree_path(objectives->last->first, path, sizeof path);
    CU_ASSERT_STRING_EQUAL(path, "objectives.c");
    CU_ASSERT_EQUAL(root->n, 4);
    CU_ASSERT_EQUAL(tree_find(root, "law")->kind, TREE_MAPPING);
    tree_destroy(root);
}

static void test_tree_errors(void)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"a: 1\nb: 2\na: 3\n", "s.yaml:3:1: a: given twice, first in line 1"},
        {"r:\n  a: {x: 1, x: 2}\n", "s.yaml:2:13: r.a.x: given twice, first in line 2"},
        {"a: &here 1\n", "s.yaml:1:4: anchors, aliases and tags are not used here"},
        {"a: 1\nb: *here\n", "s.yaml:2:4: anchors, aliases and tags are not used here"},
        {"a: !!int 1\n", "s.yaml:1:4: anchors, aliases and tags"},
        {"a: !x [1]\n", "s.yaml:1:4: anchors, aliases and tags"},
        {"!x a: 1\n", "s.yaml:1:1: anchors, aliases and tags"},
        {"? [a]\n: 1\n", "s.yaml:1:3: expected a key, as in `key: value`"},
        {": 1\n", "s.yaml:1:1: YAML: did not find expected key while parsing a block mapping"},
        {"a: {[b]: 1}\n", "s.yaml:1:5: expected a key"},
        {"a: {'': 1}\n", "s.yaml:1:5: expected a key"},
        {"\"a\\nb\": 1\n", "s.yaml:1:1: expected a key"},
        {"\"a\\0b\": 1\n", "s.yaml:1:1: expected a key"},
        {"a: 1\n---\nb: 2\n", "s.yaml:2:1: a second document begins here"},
        {"a:\n\tb: 1\n", "s.yaml:2:1: a tab cannot indent YAML: use spaces"},
        {"a: [1, 2\nb: 3\n", "s.yaml:2:2: YAML: did not find expected ',' or ']'"},
        {"a: \"x\n", "s.yaml:2:1: YAML: found unexpected end of stream"},
        {"a: 1\nb: \xff\n", "s.yaml:2:4: expected UTF-8 text"},
        {"a: \x01\n", "s.yaml:1:4: expected UTF-8 text"},
        {"a: \"x\\0y\"\n", "s.yaml:1:4: a zero character in a text"},
        {"[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", "s.yaml:1:18: nested too deeply"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct tree_node *root = NULL;
        CU_ASSERT_EQUAL(parse(bad[i].text, &root), STATUS_INPUT);
        CU_ASSERT_PTR_NULL(root);
        if (!harness_contains(why.message, bad[i].message)) {
            harness_say(why.message);
            harness_say(bad[i].message);
            CU_FAIL("another message");
        }
        status_clear(&why);
    }
}

static void test_tree_set_errors(void)
{
    struct tree_node *root = NULL;
    HARNESS_ASSERT_OK(parse("seed: 4\nruns: {file: x}\n", &root));
    HARNESS_ASSERT_FAILS(tree_set(root, "seed.low", "3", &why), STATUS_INPUT,
                         "--set: seed.low: seed is one value, not a mapping");
    HARNESS_ASSERT_FAILS(tree_set(root, "runs.file.x", "3", &why), STATUS_INPUT,
                         "runs.file is one value");
    HARNESS_ASSERT_FAILS(tree_set(root, "runs..file", "3", &why), STATUS_INPUT, "expected a path");
    HARNESS_ASSERT_FAILS(tree_set(root, "", "3", &why), STATUS_INPUT, "expected a path");
    HARNESS_ASSERT_FAILS(tree_set(root, "seed", "", &why), STATUS_INPUT,
                         "--set: seed: expected a value");
    HARNESS_ASSERT_FAILS(tree_set(root, "seed", "[1", &why), STATUS_INPUT, "--set: seed:");
    CU_ASSERT_STRING_EQUAL(tree_find(root, "seed")->text, "4");
    tree_destroy(root);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"knows_line_and_column_of_every_value", test_tree_knows_line_and_column_of_every_value},
        {"takes_an_empty_text_as_an_empty_mapping",
         test_tree_takes_an_empty_text_as_an_empty_mapping},
        {"set_replaces_and_adds", test_tree_set_replaces_and_adds},
        {"errors", test_tree_errors},
        {"set_errors", test_tree_set_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
