#include "fitting/approach/line.h"

#include <string.h>

#include "tests/harness.h"

static struct line_options plain(size_t n)
{
    return (struct line_options){.n_independent = n, .confidence = 0.95};
}

/* Worked by hand: means 2.75 and 3.425, moment 8.75, products 5.825. */
static void test_line_has_the_textbook_numbers(void)
{
    const double x[] = {1.0, 2.0, 3.0, 5.0}, y[] = {2.1, 3.2, 3.5, 4.9};
    const struct line_options o = plain(4);
    const struct line l = line_fit(4, x, y, &o);
    CU_ASSERT_EQUAL(l.verdict, LINE_FITTED);
    const struct fit_interval slope = line_slope(&l), at = line_at(&l, 4.0);
    HARNESS_ASSERT_REL(slope.value, 5.825 / 8.75, 1e-14);
    /* Residual sum = 3.9875 - 5.825^2 / 8.75, two degrees of freedom, t = 4.30265. */
    const double variance = (3.9875 - 5.825 * 5.825 / 8.75) / 2.0;
    HARNESS_ASSERT_REL(slope.standard_error, sqrt(variance / 8.75), 1e-12);
    HARNESS_ASSERT_REL(slope.upper - slope.value, 4.3026527297 * slope.standard_error, 1e-9);
    HARNESS_ASSERT_REL(at.value, 3.425 + 1.25 * 5.825 / 8.75, 1e-14);
    HARNESS_ASSERT_REL(at.standard_error, sqrt(variance * (0.25 + 1.25 * 1.25 / 8.75)), 1e-12);
    const struct fit_interval natural = line_exponential(at);
    HARNESS_ASSERT_REL(natural.value, exp(at.value), 1e-14);
    HARNESS_ASSERT_REL(natural.lower, exp(at.lower), 1e-14);
    HARNESS_ASSERT_REL(natural.standard_error, natural.value * at.standard_error, 1e-14);
}

static void test_line_weighs_by_the_errors(void)
{
    const double x[] = {0.0, 1.0, 2.0, 3.0}, y[] = {1.0, 1.5, 2.0, 9.0};
    const double errors[] = {0.1, 0.1, 0.1, 1e4};
    struct line_options o = plain(4);
    o.errors = errors;
    const struct line l = line_fit(4, x, y, &o);
    HARNESS_ASSERT_REL(line_slope(&l).value, 0.5, 1e-6);
    /* On a line, so the stated errors hold: moment 2 / 0.01. */
    HARNESS_ASSERT_REL(line_slope(&l).standard_error, sqrt(0.01 / 2.0), 1e-6);
}

/* Three times the same points say no more than once. */
static void test_line_does_not_gain_by_repeated_points(void)
{
    double x[12], y[12];
    const double once_x[] = {1.0, 2.0, 3.0, 5.0}, once_y[] = {2.1, 3.2, 3.5, 4.9};
    for (size_t i = 0; i < 12; i++) {
        x[i] = once_x[i % 4];
        y[i] = once_y[i % 4];
    }
    const struct line_options o = plain(4);
    const struct line once = line_fit(4, once_x, once_y, &o), thrice = line_fit(12, x, y, &o);
    HARNESS_ASSERT_REL(line_slope(&thrice).value, line_slope(&once).value, 1e-13);
    HARNESS_ASSERT_REL(line_slope(&thrice).standard_error, line_slope(&once).standard_error, 1e-12);
    HARNESS_ASSERT_REL(line_at(&thrice, 7.0).upper, line_at(&once, 7.0).upper, 1e-12);
}

static void test_line_says_what_it_cannot(void)
{
    const double x[] = {2.5, 2.5, 4.0}, y[] = {1.0, 2.0, 3.5};
    struct line_options o = plain(2);
    struct line l = line_fit(2, x, y, &o);
    CU_ASSERT_EQUAL(l.verdict, LINE_TOO_FEW);
    CU_ASSERT_TRUE(isnan(line_slope(&l).value) && isnan(line_at(&l, 3.0).value));
    l = line_fit(2, x + 1, y + 1, &o);
    CU_ASSERT_EQUAL(l.verdict, LINE_EXACT);
    HARNESS_ASSERT_REL(line_slope(&l).value, 1.0, 1e-15);
    CU_ASSERT_TRUE(isnan(line_slope(&l).lower));
    o = plain(0);
    CU_ASSERT_EQUAL(line_fit(0, x, y, &o).verdict, LINE_TOO_FEW);
    for (int v = 0; v < LINE_N_VERDICTS; v++) {
        CU_ASSERT_TRUE(strlen(line_verdict_text((enum line_verdict)v)) > 0);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"textbook", test_line_has_the_textbook_numbers},
        {"weighs", test_line_weighs_by_the_errors},
        {"repeated", test_line_does_not_gain_by_repeated_points},
        {"cannot", test_line_says_what_it_cannot},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
