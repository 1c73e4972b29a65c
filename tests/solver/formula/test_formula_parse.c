#define _XOPEN_SOURCE 700
#include "solver/formula/formula_parse.h"

#include <stdio.h>
#include <string.h>

#include "solver/base/rng.h"
#include "tests/harness.h"

static struct formula_parse_scope scope_of_n_and_a(void)
{
    return (struct formula_parse_scope){
        .n_inputs = 1, .n_parameters = 1, .inputs = {{"N", false}}, .parameters = {{"A", false}}};
}

/* The value of a text without names; NaN if it is none. */
static double constant_of(const char *text)
{
    struct formula_parse_scope scope = {0};
    struct formula_graph g;
    struct status_why why;
    formula_graph_id root = 0;
    size_t column;
    double value = (double)NAN;
    status_clear(&why);
    formula_graph_init(&g);
    HARNESS_ASSERT_OK(formula_parse_text(text, &scope, &g, &root, &column, &why));
    CU_ASSERT(formula_graph_is_constant(&g, root, &value));
    formula_graph_clear(&g);
    return value;
}

static void test_formula_parse_precedence(void)
{
    static const struct {
        const char *text;
        double want;
    } rows[] = {
        {"1 + 2*3", 7.},     {"(1 + 2)*3", 9.}, {"7 - 2 - 3", 2.},
        {"7 - (2 - 3)", 8.}, {"24/4/3", 2.},    {"24/4*3", 18.},
        {"2^3^2", 512.},     {"(2^3)^2", 64.},  {"-3^2", -9.},
        {"(-3)^2", 9.},      {"2^-2", .25},     {"2^--2", 4.},
        {"2*-3", -6.},       {"1--1", 2.},      {"-+-4", 4.},
        {"-2^2*3", -12.},    {"12/2^2", 3.},    {" \t1.5e1\n+ .5 + 2. + 1E-1 ", 17.6},
        {"y_2 = 3*5", 15.},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        HARNESS_ASSERT_REL(constant_of(rows[i].text), rows[i].want, 1e-15);
    }
}

static void test_formula_parse_functions(void)
{
    static const struct {
        const char *text;
        double want;
    } rows[] = {
        {"exp(1.3)", 3.6692966676192444},
        {"log(2.385)", .8691991243403044},
        {"log10(2385)", 3.3774883833761327},
        {"log2(10)", 3.321928094887362},
        {"sqrt(2.385)", 1.54434452114805},
        {"expm1(1e-9)", 1.0000000005e-9},
        {"log1p(1e-9)", 9.999999995e-10},
        {"abs(-2.385)", 2.385},
        {"tanh(.7)", .6043677771171636},
        {"logistic(-.7)", .3318122278318339},
        {"pow(2.385, 1.7)", 4.382584028955339},
        {"min(3, 2, 4)", 2.},
        {"max(3, 2 , 4, -1)", 4.},
        {"2*pi", 6.283185307179586},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        HARNESS_ASSERT_REL(constant_of(rows[i].text), rows[i].want, 2e-15);
    }
}

static void test_formula_parse_errors_have_a_column(void)
{
    static const struct {
        const char *text;
        size_t column;
        const char *message;
    } rows[] = {
        {"", 1, "column 1: expected a number, a name or '(', found the end"},
        {"N +", 4, "found the end"},
        {"N + * A", 5, "expected a number, a name or '(', found '*'"},
        {"(N + A", 7, "expected an operator or ')', found the end"},
        {"N + A)", 6, "expected an operator or the end, found ')'"},
        {"N A", 3, "expected an operator or the end, found 'A'"},
        {"2 N", 3, "found 'N'"},
        {"70B*N", 3, "'B' does not go on a number"},
        {"1.2.3", 4, "'.' does not go on a number"},
        {"1e*2", 2, "'e' does not go on a number"},
        {"N + .", 5, "expected a number"},
        {"N + nn/A", 5, "unknown name 'nn'"},
        {"A*e", 3, "unknown name 'e'"},
        {"sin(N)", 1, "unknown function 'sin'"},
        {"A*N(3)", 3, "unknown function 'N'"},
        {"1 + exp", 8, "expected '(' behind the name of a function, found the end"},
        {"exp()", 5, "expected a number"},
        {"exp(N, A)", 6, "expected ')', found ','"},
        {"pow(N)", 6, "expected ',' and another argument, found ')'"},
        {"pow(N, A, 2)", 9, "expected ')', found ','"},
        {"min(N, A", 9, "expected ',' or ')', found the end"},
        {"N = ", 5, "found the end"},
        {"y == N", 4, "found '='"},
        {"pi = N", 1, "'pi' has a meaning already"},
        {"exp = N", 1, "'exp' has a meaning already"},
        {"N = A = 2", 7, "expected an operator or the end, found '='"},
        {"N + A % 2", 7, "found '%'"},
        {"N + \xc2\xb2", 5, "a character beyond ASCII"},
        {"A + 1/0", 6, "the value is infinite"},
        {"A*log(-2)", 3, "the value is not a number"},
        {"N*(-8)^(1/3)", 7, "the value is not a number"},
        {"1e999", 1, "the value is infinite"},
        {"A + 1234567890123456789012345678901234567890123456789012345678901234567890", 5,
         "a number has at most 63 characters"},
        {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqr", 1,
         "a name has at most 63 characters"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct formula_parse_scope scope = scope_of_n_and_a();
        struct formula_graph g;
        struct status_why why;
        formula_graph_id root;
        size_t column = 0;
        status_clear(&why);
        formula_graph_init(&g);
        CU_ASSERT_EQUAL(formula_parse_text(rows[i].text, &scope, &g, &root, &column, &why),
                        STATUS_INPUT);
        CU_ASSERT_EQUAL(column, rows[i].column);
        CU_ASSERT(harness_contains(why.message, rows[i].message));
        if (column != rows[i].column || !harness_contains(why.message, rows[i].message)) {
            harness_say(rows[i].text);
            harness_say(why.message);
        }
        formula_graph_clear(&g);
    }
}

static enum status parse_only(const char *text, struct formula_parse_scope *scope, size_t *column,
                              struct status_why *why)
{
    struct formula_graph g;
    formula_graph_id root;
    formula_graph_init(&g);
    const enum status st = formula_parse_text(text, scope, &g, &root, column, why);
    formula_graph_clear(&g);
    return st;
}

static void test_formula_parse_errors_beyond_the_limits(void)
{
    struct status_why why;
    struct formula_parse_scope scope = scope_of_n_and_a();
    static char text[FORMULA_PARSE_MAX_LENGTH + 2];
    size_t column;
    status_clear(&why);
    memset(text, ' ', sizeof text - 1);
    text[FORMULA_PARSE_MAX_LENGTH - 1] = '1';
    text[FORMULA_PARSE_MAX_LENGTH] = '\0';
    HARNESS_ASSERT_OK(parse_only(text, &scope, &column, &why));
    text[FORMULA_PARSE_MAX_LENGTH] = ' ';
    HARNESS_ASSERT_FAILS(parse_only(text, &scope, &column, &why), STATUS_INPUT,
                         "at most 4096 characters");
    static const char *const openings[] = {"(", "-", "abs(", "2^"};
    for (size_t k = 0; k < sizeof openings / sizeof *openings; k++) {
        text[0] = '\0';
        for (size_t i = 0; i < 1000; i++) {
            (void)strcat(text, openings[k]);
        }
        HARNESS_ASSERT_FAILS(parse_only(text, &scope, &column, &why), STATUS_INPUT,
                             "nested more than 64 deep");
    }
    text[0] = '0';
    text[1] = '\0';
    scope = (struct formula_parse_scope){.collects_parameters = true};
    for (size_t i = 0; i < 65; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "+p%zu", i);
        (void)strcat(text, name);
    }
    HARNESS_ASSERT_FAILS(parse_only(text, &scope, &column, &why), STATUS_INPUT,
                         "more than 64 parameters");
}

static void test_formula_parse_collects_names_in_order(void)
{
    struct status_why why;
    struct formula_parse_scope scope = scope_of_n_and_a();
    size_t column;
    status_clear(&why);
    scope.collects_parameters = true;
    HARNESS_ASSERT_OK(parse_only("loss=b_1 + A/N^_c + b_1*e", &scope, &column, &why));
    CU_ASSERT_STRING_EQUAL(scope.result, "loss");
    CU_ASSERT_EQUAL_FATAL(scope.n_parameters, 4);
    CU_ASSERT_STRING_EQUAL(scope.parameters[0].text, "A");
    CU_ASSERT_STRING_EQUAL(scope.parameters[1].text, "b_1");
    CU_ASSERT_STRING_EQUAL(scope.parameters[2].text, "_c");
    CU_ASSERT_STRING_EQUAL(scope.parameters[3].text, "e");
    CU_ASSERT(formula_parse_is_name("log_x") && !formula_parse_is_name("log")
              && !formula_parse_is_name("2x") && !formula_parse_is_name("")
              && !formula_parse_is_name("a b"));
}

/* A text with characters changed, left out and repeated either parses or fails with a column in the
 * text; the sanitizers watch. */
static void test_formula_parse_survives_damaged_texts(void)
{
    static const char *const seeds[] = {
        "loss = E + A/N^alpha + B/D^beta",
        "min(N, (A/.5e3)^(1/x)*U)*(1 - r*expm1(-(N/min(2,x) - 1)/r))^-16",
        "log10(pow(N, -2)) + tanh(-x)^0.5 - max(1, 2, abs(3 - pi))/logistic(N)",
    };
    static const char letters[] = "()+-*/^,=. eE019NAxpi_minexp\t%\xff";
    struct rng r;
    rng_init(&r, 2385, RNG_TEST, 0);
    for (size_t i = 0; i < 30000; i++) {
        char text[128];
        struct formula_parse_scope scope = scope_of_n_and_a();
        struct status_why why;
        size_t column;
        (void)strcpy(text, seeds[rng_below(&r, 3)]);
        for (uint32_t k = 1 + rng_below(&r, 6); k > 0; k--) {
            const size_t n = strlen(text), at = n == 0 ? 0 : rng_below(&r, n);
            if (n > 0 && rng_below(&r, 3) == 0) {
                memmove(text + at, text + at + 1, n - at);
            } else if (n > 0) {
                text[at] = letters[rng_below(&r, sizeof letters - 1)];
            }
        }
        status_clear(&why);
        scope.collects_parameters = rng_below(&r, 2) == 0;
        const enum status st = parse_only(text, &scope, &column, &why);
        CU_ASSERT(st == STATUS_OK
                  || (st == STATUS_INPUT && column >= 1 && column <= strlen(text) + 1));
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"precedence", test_formula_parse_precedence},
        {"functions", test_formula_parse_functions},
        {"errors have a column", test_formula_parse_errors_have_a_column},
        {"errors beyond the limits", test_formula_parse_errors_beyond_the_limits},
        {"collects names in order", test_formula_parse_collects_names_in_order},
        {"survives damaged texts", test_formula_parse_survives_damaged_texts},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
