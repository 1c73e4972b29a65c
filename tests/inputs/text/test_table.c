/* ranks: 1 3 */
#include "inputs/text/table.h"

#include <string.h>

#include "tests/harness.h"
#include "tests/inputs/mutate.h"

static struct status_why why;

static enum status parse(const char *text, struct table **made)
{
    return table_parse("t.csv", text, strlen(text), made, &why);
}

static void assert_field(const struct table *t, size_t row, size_t column, const char *want)
{
    CU_ASSERT_STRING_EQUAL(table_field(t, row, column), want);
}

static void test_table_reads_comma_separated_text(void)
{
    struct table *t = NULL;
    const char text[] = "N,loss,note\n7e9, 2.385 ,\"a, \"\"b\"\"\"\n70e9,1.97,\n";
    HARNESS_ASSERT_OK(parse(text, &t));
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_EQUAL(table_n_rows(t), 2);
    CU_ASSERT_EQUAL(table_n_columns(t), 3);
    CU_ASSERT_STRING_EQUAL(table_name(t), "t.csv");
    CU_ASSERT_STRING_EQUAL(table_column(t, 1), "loss");
    CU_ASSERT_EQUAL(table_find(t, "note"), 2);
    CU_ASSERT_EQUAL(table_find(t, "Note"), -1);
    assert_field(t, 0, 1, "2.385");
    assert_field(t, 0, 2, "a, \"b\"");
    assert_field(t, 1, 2, "");
    CU_ASSERT_EQUAL(table_line(t, 0), 2);
    CU_ASSERT_EQUAL(table_line(t, 1), 3);
    size_t n = 0;
    CU_ASSERT_STRING_EQUAL(table_bytes(t, &n), text);
    CU_ASSERT_EQUAL(n, strlen(text));
    table_destroy(t);
}

static void test_table_takes_a_tab_in_the_header_as_separator(void)
{
    struct table *t = NULL;
    HARNESS_ASSERT_OK(parse("id\tname, long\tkg\nA100\tone, two\t\nB\t\t3\n", &t));
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_EQUAL(table_n_columns(t), 3);
    CU_ASSERT_EQUAL(table_find(t, "name, long"), 1);
    assert_field(t, 0, 1, "one, two");
    assert_field(t, 0, 2, "");
    assert_field(t, 1, 1, "");
    assert_field(t, 1, 2, "3");
    table_destroy(t);
}

static void test_table_keeps_lines_right_through_comments_and_quoted_newlines(void)
{
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    for (size_t e = 0; e < sizeof ends / sizeof *ends; e++) {
        static const char *const lines[] = {
            "# a, comment \"", "",     "a,b", "1,\"two",       "# still two", "",
            "end\"",           "#2,x", "  ",  "3,#no comment", "\"#4\",y",    "4,5"};
        char text[256] = "\xef\xbb\xbf";
        for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
            (void)strcat(text, lines[i]);
            (void)strcat(text, ends[e]);
        }
        struct table *t = NULL;
        HARNESS_ASSERT_OK(parse(text, &t));
        CU_ASSERT_PTR_NOT_NULL_FATAL(t);
        static const int at[] = {4, 8, 10, 11, 12};
        CU_ASSERT_EQUAL_FATAL(table_n_rows(t), 5);
        CU_ASSERT_EQUAL(table_find(t, "a"), 0);
        for (size_t row = 0; row < 5; row++) {
            CU_ASSERT_EQUAL(table_line(t, row), at[row]);
        }
        CU_ASSERT_PTR_NOT_NULL(strstr(table_field(t, 0, 1), "# still two"));
        assert_field(t, 1, 0, "#2");
        assert_field(t, 2, 1, "#no comment");
        assert_field(t, 3, 0, "#4");
        assert_field(t, 4, 1, "5");
        table_destroy(t);
    }
}

static void test_table_needs_no_newline_at_the_end(void)
{
    struct table *t = NULL;
    HARNESS_ASSERT_OK(parse("a,b\n1,22", &t));
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    assert_field(t, 0, 1, "22");
    table_destroy(t);
    HARNESS_ASSERT_OK(parse("a", &t));
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_EQUAL(table_n_rows(t), 0);
    CU_ASSERT_EQUAL(table_n_columns(t), 1);
    table_destroy(t);
    HARNESS_ASSERT_OK(parse("a,b\n,", &t));
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_EQUAL(table_n_rows(t), 1);
    assert_field(t, 0, 0, "");
    assert_field(t, 0, 1, "");
    table_destroy(t);
}

static void test_table_reads_the_same_on_all_ranks(void)
{
    struct table *t = NULL;
    HARNESS_ASSERT_OK(
        table_read(harness_comm(), harness_file("runs.csv", "N,loss\n5e9,2.4\n"), &t, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    assert_field(t, 0, 1, "2.4");
    CU_ASSERT_PTR_NOT_NULL(strstr(table_name(t), "runs.csv"));
    table_destroy(t);
}

static void test_table_reads_quoted_real_observations(void)
{
    const char *path = harness_data("epoch_chinchilla/svg_extracted_data.csv");
    if (path == NULL) {
        return;
    }
    struct table *t = NULL;
    HARNESS_ASSERT_OK(table_read(harness_comm(), path, &t, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_EQUAL(table_n_rows(t), 245);
    CU_ASSERT_EQUAL(table_find(t, "Training FLOP"), 4);
    assert_field(t, 0, 6, "5.005581996196243");
    table_destroy(t);
}

static void test_table_survives_damaged_text(void)
{
    enum { N = 4000 };
    static const char text[] = "# a comment\nN,D,loss,\"a \"\"note\"\"\"\r\n"
                               "1e9,2e10,2.5,\"two\nlines\"\n7e8,3e10,2.6,\n\n"
                               "#9,1e10,2.4,y\n1.3e9,1e11,2.31,x\n";
    size_t n_read = 0, n_silent = 0;
    for (uint64_t i = 0; i < N; i++) {
        char damaged[MUTATE_SIZE];
        struct table *t = NULL;
        const size_t n = mutate(text, i, damaged);
        if (table_parse("t.csv", damaged, n, &t, &why) == STATUS_OK) {
            n_read++;
            int last = 0;
            for (size_t row = 0; row < table_n_rows(t); row++) {
                CU_ASSERT(table_line(t, row) > last);
                last = table_line(t, row);
                n_silent += strlen(table_field(t, row, table_n_columns(t) - 1)) > n;
            }
        } else {
            n_silent += why.code != STATUS_INPUT || strncmp(why.message, "t.csv:", 6) != 0;
        }
        table_destroy(t);
        status_clear(&why);
    }
    CU_ASSERT(n_read > N / 20 && n_read < N);
    CU_ASSERT_EQUAL(n_silent, 0);
}

static void test_table_errors(void)
{
    struct table *t = NULL;
    HARNESS_ASSERT_FAILS(parse("", &t), STATUS_INPUT, "t.csv: empty: expected a header");
    CU_ASSERT_PTR_NULL(t);
    HARNESS_ASSERT_FAILS(parse("# only\n\n  \n", &t), STATUS_INPUT, "expected a header line");
    HARNESS_ASSERT_FAILS(parse("a,b\n1,2\n\n3\n", &t), STATUS_INPUT,
                         "t.csv:4: 1 fields where the header has 2");
    HARNESS_ASSERT_FAILS(parse("a,b\n1,2,3\n", &t), STATUS_INPUT, "t.csv:2: 3 fields");
    HARNESS_ASSERT_FAILS(parse("a,b\n1,2\n# the rest\n", &t), STATUS_INPUT,
                         "t.csv:3: 1 fields where the header has 2; a line that begins with # is a "
                         "comment only before the header");
    HARNESS_ASSERT_FAILS(parse("\na,b,a\n", &t), STATUS_INPUT, "t.csv:2: column a is there twice");
    HARNESS_ASSERT_FAILS(parse("a,,b\n", &t), STATUS_INPUT, "t.csv:1: column 2 has no name");
    HARNESS_ASSERT_FAILS(parse("a,b\n1,x\"y\"\n", &t), STATUS_INPUT, "t.csv:2: a stray quote");
    HARNESS_ASSERT_FAILS(parse("a,b\n1,\"x\"y\n", &t), STATUS_INPUT, "t.csv:2: a stray quote");
    HARNESS_ASSERT_FAILS(parse("a,b\n1,2\n3,\"x\n\n5,6\n", &t), STATUS_INPUT,
                         "t.csv:3: a quote opened in this row is not closed");
    HARNESS_ASSERT_FAILS(table_parse("z", "a,b\n1,\0002\n", 9, &t, &why), STATUS_INPUT,
                         "z:2: a zero byte");
    HARNESS_ASSERT_FAILS(table_read(harness_comm(), "/nowhere/x.csv", &t, &why), STATUS_INPUT,
                         "/nowhere/x.csv: cannot open: No such file");
    CU_ASSERT_PTR_NULL(t);
    table_destroy(NULL);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"reads_comma_separated_text", test_table_reads_comma_separated_text},
        {"takes_a_tab_in_the_header_as_separator",
         test_table_takes_a_tab_in_the_header_as_separator},
        {"keeps_lines_right_through_comments_and_quoted_newlines",
         test_table_keeps_lines_right_through_comments_and_quoted_newlines},
        {"needs_no_newline_at_the_end", test_table_needs_no_newline_at_the_end},
        {"reads_the_same_on_all_ranks", test_table_reads_the_same_on_all_ranks},
        {"needs reads_quoted_real_observations", test_table_reads_quoted_real_observations},
        {"survives_damaged_text", test_table_survives_damaged_text},
        {"errors", test_table_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
