#define _POSIX_C_SOURCE 200809L
#include "solver/base/escape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

static char *written;
static size_t n_written;

static FILE *begin(void)
{
    free(written);
    written = NULL;
    FILE *f = open_memstream(&written, &n_written);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    return f;
}

static const char *end(FILE *f)
{
    CU_ASSERT_EQUAL(fclose(f), 0);
    return written;
}

static const char *shown(const char *text)
{
    static char to[256];
    return escape_text(text, to, sizeof to);
}

static void test_escape_text_is_one_line_that_does_nothing_to_a_terminal(void)
{
    CU_ASSERT_STRING_EQUAL(shown("a\nb\tc\rd"), "a\\nb\\tc\\rd");
    CU_ASSERT_STRING_EQUAL(shown("\033[2Jx\177"), "\\x1b[2Jx\\x7f");
    CU_ASSERT_STRING_EQUAL(shown("\001"), "\\x01");
    CU_ASSERT_STRING_EQUAL(shown("\302\233"
                                 "31m"),
                           "\\u009b31m");                         /* CSI in one character */
    CU_ASSERT_STRING_EQUAL(shown("a\342\200\256b"), "a\\u202eb"); /* right to left */
    CU_ASSERT_STRING_EQUAL(shown("\342\201\246\357\273\277"), "\\u2066\\ufeff");
    CU_ASSERT_STRING_EQUAL(shown("\342\200\250"), "\\u2028");
}

static void test_escape_text_leaves_names_as_they_are(void)
{
    static const char name[] =
        "N\302\260 7 \"a\", 'b' \\n $(x) `y` %s {z} \316\262 \360\237\231\202 ~";
    CU_ASSERT_STRING_EQUAL(shown(name), name);
    CU_ASSERT_STRING_EQUAL(shown(""), "");
}

static void test_escape_text_is_idempotent(void)
{
    char once[64], twice[64];
    (void)escape_text("a\n\xff\342\200\256", once, sizeof once);
    CU_ASSERT_STRING_EQUAL(escape_text(once, twice, sizeof twice), once);
}

/* RFC 3629: truncated, alone, longer than needed, a surrogate, beyond the last code. */
static void test_escape_text_shows_what_is_not_utf8(void)
{
    CU_ASSERT_STRING_EQUAL(shown("a\xff"), "a\\xff");
    CU_ASSERT_STRING_EQUAL(shown("\xe2\x80"), "\\xe2\\x80");
    CU_ASSERT_STRING_EQUAL(shown("\x80z"), "\\x80z");
    CU_ASSERT_STRING_EQUAL(shown("\xc0\xaf"), "\\xc0\\xaf");
    CU_ASSERT_STRING_EQUAL(shown("\xed\xa0\x80"), "\\xed\\xa0\\x80");
    CU_ASSERT_STRING_EQUAL(shown("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
    CU_ASSERT_STRING_EQUAL(shown("\xf4\x8f\xbf\xbd"), "\xf4\x8f\xbf\xbd");
}

static void test_escape_text_cuts_between_characters(void)
{
    char small[6];
    CU_ASSERT_STRING_EQUAL(escape_text("ab\n\n", small, sizeof small), "ab\\n");
    CU_ASSERT_STRING_EQUAL(escape_text("abc\316\262\316\262", small, sizeof small), "abc\316\262");
    CU_ASSERT_STRING_EQUAL(escape_text("abcdefgh", small, sizeof small), "abcde");
    char room[ESCAPE_ROOM(2)];
    CU_ASSERT_STRING_EQUAL(escape_text("\xff\xfe", room, sizeof room), "\\xff\\xfe");
}

static void test_escape_fprint_keeps_the_breaks_of_the_format_alone(void)
{
    FILE *f = begin();
    escape_fprint(f, "%s: %d\n\t%s\n", "a\nb", 7, "c\td\033");
    CU_ASSERT_STRING_EQUAL(end(f), "a\\nb: 7\n\tc\\td\\x1b\n");
    f = begin();
    escape_fprint(f, "%s%s\n", "\n", "\r");
    CU_ASSERT_STRING_EQUAL(end(f), "\\n\\r\n");
    f = begin();
    escape_fprint(f, "\n%5.2f %s \316\262\n\n", 2.385, "plain");
    CU_ASSERT_STRING_EQUAL(end(f), "\n 2.38 plain \316\262\n\n");
}

static void test_escape_fprint_has_no_longest_text(void)
{
    enum { N = 3000 };
    char longest[N + 1], expected[2 * N + 8] = "";
    for (size_t i = 0; i < N; i++) {
        longest[i] = i % 3 == 0 ? '\n' : 'x';
        (void)strcat(expected, i % 3 == 0 ? "\\n" : "x");
    }
    longest[N] = '\0';
    FILE *f = begin();
    escape_fprint(f, "%s\n", longest);
    CU_ASSERT_STRING_EQUAL(end(f), strcat(expected, "\n"));
}

static void test_escape_lines_keeps_the_lines(void)
{
    FILE *f = begin();
    escape_lines(f, "a\033b\n\tc\n");
    CU_ASSERT_STRING_EQUAL(end(f), "a\\x1bb\n\\tc\n");
}

static const char *cell(const char *text)
{
    FILE *f = begin();
    escape_csv(f, text);
    return end(f);
}

static void test_escape_csv_is_one_cell_and_no_formula(void)
{
    CU_ASSERT_STRING_EQUAL(cell("plain name"), "plain name");
    CU_ASSERT_STRING_EQUAL(cell("a,b"), "\"a,b\"");
    CU_ASSERT_STRING_EQUAL(cell("say \"x\""), "\"say \"\"x\"\"\"");
    CU_ASSERT_STRING_EQUAL(cell(" a"), "\" a\"");
    CU_ASSERT_STRING_EQUAL(cell("a\r\nb"), "a\\r\\nb");
    CU_ASSERT_STRING_EQUAL(cell("=1+2"), "'=1+2");
    CU_ASSERT_STRING_EQUAL(cell("@f"), "'@f");
    CU_ASSERT_STRING_EQUAL(cell("+a"), "'+a");
    CU_ASSERT_STRING_EQUAL(cell("-b,c"), "\"'-b,c\"");
    CU_ASSERT_STRING_EQUAL(cell("\t=1"), "\\t=1");
    CU_ASSERT_STRING_EQUAL(cell(""), "");
}

static void test_escape_csv_leaves_numbers(void)
{
    CU_ASSERT_STRING_EQUAL(cell("-1.5"), "-1.5");
    CU_ASSERT_STRING_EQUAL(cell("+2e-7"), "+2e-7");
    CU_ASSERT_STRING_EQUAL(cell("-1.5+cmd"), "'-1.5+cmd");
}

static void test_escape_gnuplot_is_a_string_in_which_nothing_is_replaced(void)
{
    FILE *f = begin();
    escape_gnuplot(f, "it's `touch x` $(y) \"z\" \\n\n\033\342\200\256\xff{a}_@");
    CU_ASSERT_STRING_EQUAL(end(f), "'it''s `touch x` $(y) \"z\" \\n{a}_@'");
}

static void test_escape_yaml_escapes_what_a_quoted_string_folds(void)
{
    FILE *f = begin();
    escape_yaml(f, "a \"b\" \\c\nd\033 \302\205\316\262");
    CU_ASSERT_STRING_EQUAL(end(f), "\"a \\\"b\\\" \\\\c\\nd\\x1b \\u0085\316\262\"");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"text: one line", test_escape_text_is_one_line_that_does_nothing_to_a_terminal},
        {"text: names stay", test_escape_text_leaves_names_as_they_are},
        {"text: idempotent", test_escape_text_is_idempotent},
        {"text: not UTF-8", test_escape_text_shows_what_is_not_utf8},
        {"text: cut", test_escape_text_cuts_between_characters},
        {"print: breaks of the format", test_escape_fprint_keeps_the_breaks_of_the_format_alone},
        {"print: long", test_escape_fprint_has_no_longest_text},
        {"lines", test_escape_lines_keeps_the_lines},
        {"csv: one cell", test_escape_csv_is_one_cell_and_no_formula},
        {"csv: numbers", test_escape_csv_leaves_numbers},
        {"gnuplot", test_escape_gnuplot_is_a_string_in_which_nothing_is_replaced},
        {"yaml", test_escape_yaml_escapes_what_a_quoted_string_folds},
        CU_TEST_INFO_NULL,
    };
    const int failed = harness_main(argc, argv, tests);
    free(written);
    return failed;
}
