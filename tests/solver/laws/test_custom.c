#include "solver/laws/custom.h"

#include <string.h>

#include "tests/solver/laws/derivatives.h"

static struct status_why why;
static size_t column;

/* A source with two logarithmic inputs and one that is not. */
static struct custom_source source(const char *text, size_t n, const char *const parameters[])
{
    struct custom_source s = {.id = "by_hand", .title = "By hand", .source = "none"};
    (void)snprintf(s.text, sizeof s.text, "%s", text);
    s.inputs[0] = (struct custom_input){"params", true, -INFINITY};
    s.inputs[1] = (struct custom_input){"tokens", true, 1.0};
    s.inputs[2] = (struct custom_input){"bits", false, 3.0};
    s.n_inputs = 3;
    for (size_t i = 0; i < n; i++) {
        s.parameters[s.n_parameters++] = custom_parameter(parameters[i]);
    }
    status_clear(&why);
    return s;
}

static const char *const names[] = {"E", "A", "B", "alpha", "beta"};
static const char chinchilla[] = "loss = E + A/params^alpha + B*tokens^(-beta)";

static void test_custom_law_of_power_terms_is_the_built_in_one(void)
{
    const struct custom_source s = source(chinchilla, 5, names);
    const struct law *built_in = law_find("chinchilla");
    const double natural[] = {1.817218, 477.8259, 2143.4174, 0.34731, 0.367172};
    const double x[] = {20.31, 23.17};
    double theta[LAW_MAX_PARAMETERS];
    struct law *law = NULL;
    HARNESS_ASSERT_OK(custom_create(&s, &law, &column, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(law);
    CU_ASSERT_EQUAL(law->n_inputs, 2);
    CU_ASSERT_STRING_EQUAL(law->response, "loss_nat");
    CU_ASSERT_EQUAL(law->floor, 0);
    for (size_t i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(law->parameters[i].role, built_in->parameters[i].role);
        CU_ASSERT_EQUAL(law->parameters[i].transform, built_in->parameters[i].transform);
        CU_ASSERT_EQUAL(law->parameters[i].upper, built_in->parameters[i].upper);
    }
    for (size_t k = 0; k < 2; k++) {
        CU_ASSERT_EQUAL(law->terms[k].scale, built_in->terms[k].scale);
        CU_ASSERT_EQUAL(law->terms[k].exponent, built_in->terms[k].exponent);
    }
    law_transform(law, natural, theta);
    CU_ASSERT_EQUAL(law->value(law, theta, x, NULL, NULL, NULL),
                    built_in->value(built_in, theta, x, NULL, NULL, NULL));
    CU_ASSERT_PTR_NULL(law->block);
    custom_destroy(law);
}

static void test_custom_law_of_another_shape_has_exact_derivatives(void)
{
    static const char *const others[] = {"E", "A", "g", "alpha", "q", "n"};
    struct custom_source s =
        source("accuracy = E - A*params^(-alpha)*(1 - exp(n - bits/g))^q*log(tokens)", 6, others);
    const double natural[] = {1.3, 31.0, 2.1, 0.27, 0.8, 0.4};
    const double x[] = {17.1, 22.3, 4.5};
    struct law *law = NULL;
    s.parameters[1].transform = CUSTOM_PLAIN;
    HARNESS_ASSERT_OK(custom_create(&s, &law, &column, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(law);
    CU_ASSERT_STRING_EQUAL(law->response, "accuracy");
    CU_ASSERT_EQUAL(law->parameters[1].role, LAW_SCALE);
    CU_ASSERT_EQUAL(law->parameters[1].transform, LAW_PLAIN);
    CU_ASSERT_EQUAL(law->parameters[2].role, LAW_EXPONENT);
    CU_ASSERT_PTR_NULL(law->log_term);
    derivatives_check(law, natural, x);
    /* Terms and offset add up, and blocks give the same bits. */
    double theta[LAW_MAX_PARAMETERS], value[1];
    const double *columns[] = {&x[0], &x[1], &x[2]};
    law_transform(law, natural, theta);
    law_values(law, theta, 1, columns, value);
    CU_ASSERT_EQUAL(value[0], law->value(law, theta, x, NULL, NULL, NULL));
    CU_ASSERT_EQUAL(value[0], law->offset(law, theta) + law->term(law, theta, 0, x));
    HARNESS_ASSERT_REL(value[0],
                       1.3 - 31.0 * exp(-0.27 * 17.1) * pow(1.0 - exp(0.4 - 4.5 / 2.1), 0.8) * 22.3,
                       1e-13);
    const double outside[] = {17.1, 22.3, 2.9}, missing[] = {NAN, 22.3, 4.5};
    CU_ASSERT_TRUE(law->in_domain(law, x));
    CU_ASSERT_FALSE(law->in_domain(law, outside));
    CU_ASSERT_FALSE(law->in_domain(law, missing));
    custom_destroy(law);
}

static void test_custom_parameters_may_be_fixed_and_tied(void)
{
    struct custom_source s = source(chinchilla, 5, names);
    struct law *law = NULL;
    const double natural[] = {477.8, 2143.4, 0.35}, x[] = {20.31, 23.17};
    s.parameters[0].fixed = 1.75;
    (void)snprintf(s.parameters[4].tied_to, CUSTOM_NAME_SIZE, "alpha");
    HARNESS_ASSERT_OK(custom_create(&s, &law, &column, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(law);
    CU_ASSERT_EQUAL(law->n_parameters, 3);
    CU_ASSERT_STRING_EQUAL(law->equation, chinchilla);
    derivatives_check(law, natural, x);
    double theta[LAW_MAX_PARAMETERS];
    law_transform(law, natural, theta);
    HARNESS_ASSERT_REL(law->value(law, theta, x, NULL, NULL, NULL),
                       1.75 + 477.8 * exp(-0.35 * 20.31) + 2143.4 * exp(-0.35 * 23.17), 1e-14);
    custom_destroy(law);
}

static void test_custom_parameters_under_a_kink_are_no_scales(void)
{
    /* Pieces of a straight line have no second derivatives, but least squares would take one piece
     * for all: such parameters are searched for, with the bounds and logarithms of scales. */
    static const char *const kinked[] = {"E", "guess", "A", "alpha"};
    const struct custom_source s = source("loss = E + min(guess, A/params^alpha)", 4, kinked);
    struct law *law = NULL;
    HARNESS_ASSERT_OK(custom_create(&s, &law, &column, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(law);
    CU_ASSERT_EQUAL(law->floor, 0);
    CU_ASSERT_EQUAL(law->parameters[0].role, LAW_FLOOR);
    CU_ASSERT_EQUAL(law->parameters[1].role, LAW_EXPONENT);
    CU_ASSERT_EQUAL(law->parameters[2].role, LAW_EXPONENT);
    CU_ASSERT_EQUAL(law->parameters[2].transform, LAW_LOG);
    CU_ASSERT_EQUAL(law->parameters[2].upper, 1e45);
    CU_ASSERT_EQUAL(law->parameters[3].transform, LAW_PLAIN);
    custom_destroy(law);
}

static void test_custom_errors(void)
{
    struct law *law = NULL;
    struct custom_source s = source("loss = E + A/prams^alpha", 5, names);
    HARNESS_ASSERT_FAILS(custom_create(&s, &law, &column, &why), STATUS_INPUT, "prams");
    CU_ASSERT_EQUAL(column, 14);
    s = source("loss = E + A", 2, names);
    HARNESS_ASSERT_FAILS(custom_create(&s, &law, &column, &why), STATUS_INPUT,
                         "the formula reads no input");
    CU_ASSERT_EQUAL(column, 0);
    s = source(chinchilla, 5, names);
    s.parameters[3].lower = 3.0;
    HARNESS_ASSERT_FAILS(custom_create(&s, &law, &column, &why), STATUS_INPUT,
                         "alpha: bounds 3 and 2: expected lower < upper");
    s = source(chinchilla, 5, names);
    s.parameters[3].start_lower = 2.5;
    status_clear(&why);
    HARNESS_ASSERT_FAILS(custom_create(&s, &law, &column, &why), STATUS_INPUT,
                         "alpha: start 2.5..2.5: expected inside 0.01..2");
    CU_ASSERT_PTR_NULL(law);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"power terms", test_custom_law_of_power_terms_is_the_built_in_one},
        {"another shape", test_custom_law_of_another_shape_has_exact_derivatives},
        {"fixed and tied", test_custom_parameters_may_be_fixed_and_tied},
        {"kinks", test_custom_parameters_under_a_kink_are_no_scales},
        {"errors", test_custom_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
