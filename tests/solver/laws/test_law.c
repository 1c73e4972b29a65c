#include "solver/laws/law.h"

#include <string.h>

#include "tests/harness.h"

/** A point well inside the bounds of every parameter, in natural values. */
static void middle(const struct law *law, double natural[])
{
    for (size_t i = 0; i < law->n_parameters; i++) {
        const struct law_parameter *p = &law->parameters[i];
        natural[i] = sqrt(p->start_lower * p->start_upper);
    }
}

static void test_law_find_returns_rows_by_id(void)
{
    static const char *const ids[] = {"chinchilla", "kaplan_nd", "power_params", "power_tokens",
                                      "power_compute"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        const struct law *law = law_find(ids[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(law);
        CU_ASSERT_STRING_EQUAL(law->id, ids[i]);
        CU_ASSERT_PTR_EQUAL(law, law_at(i));
    }
    CU_ASSERT_PTR_NULL(law_find("chinchila"));
    CU_ASSERT_PTR_NULL(law_at(sizeof ids / sizeof ids[0]));
}

static void check_parameters(const struct law *law)
{
    size_t n_scales = 0;
    for (size_t i = 0; i < law->n_parameters; i++) {
        const struct law_parameter *p = &law->parameters[i];
        CU_ASSERT_TRUE(p->lower < p->start_lower && p->start_lower < p->start_upper
                       && p->start_upper < p->upper);
        CU_ASSERT_TRUE(p->transform == LAW_PLAIN || p->lower > 0.0);
        n_scales += p->role == LAW_SCALE;
        CU_ASSERT_EQUAL(p->role == LAW_FLOOR, (int)i == law->floor);
    }
    CU_ASSERT_EQUAL(n_scales, law->n_terms);
}

static void check_terms(const struct law *law)
{
    for (size_t k = 0; k < law->n_terms; k++) {
        const struct law_term *t = &law->terms[k];
        CU_ASSERT_EQUAL(t->inputs >> law->n_inputs, 0u);
        CU_ASSERT_NOT_EQUAL(t->inputs, 0u);
        CU_ASSERT_EQUAL(t->scale < 0, t->exponent < 0);
        if (t->scale >= 0) {
            CU_ASSERT_EQUAL(law->parameters[t->scale].role, LAW_SCALE);
            CU_ASSERT_EQUAL(law->parameters[t->exponent].role, LAW_EXPONENT);
            CU_ASSERT_EQUAL(law->parameters[t->exponent].transform, LAW_PLAIN);
        }
    }
}

static void test_law_rows_are_consistent(void)
{
    const struct law *law = NULL;
    for (size_t i = 0; (law = law_at(i)) != NULL; i++) {
        CU_ASSERT_TRUE(law->n_parameters <= LAW_MAX_PARAMETERS);
        CU_ASSERT_TRUE(law->n_terms <= LAW_MAX_TERMS);
        CU_ASSERT_PTR_NOT_NULL(law->title);
        CU_ASSERT_PTR_NOT_NULL(law->source);
        CU_ASSERT_PTR_NOT_NULL(law->equation);
        check_parameters(law);
        check_terms(law);
    }
}

static void test_law_transform_and_natural_are_inverse(void)
{
    const struct law *law = law_find("chinchilla");
    const double natural[] = {1.817218, 477.8259, 2143.4174, 0.34731, 0.367172};
    double theta[LAW_MAX_PARAMETERS];
    law_transform(law, natural, theta);
    HARNESS_ASSERT_REL(theta[1], log(477.8259), 1e-15);
    CU_ASSERT_EQUAL(theta[3], 0.34731);
    law_natural(law, theta, theta);
    for (size_t i = 0; i < law->n_parameters; i++) {
        HARNESS_ASSERT_REL(theta[i], natural[i], 1e-14);
    }
}

static void test_law_values_equal_single_values(void)
{
    enum { N = 1003 }; /* several blocks and a rest */
    double columns[2][N];
    for (size_t i = 0; i < N; i++) {
        columns[0][i] = 16.1 + 0.0113 * (double)i;
        columns[1][i] = 27.9 - 0.0071 * (double)i;
    }
    const double *const x[] = {columns[0], columns[1]};
    const struct law *law = NULL;
    for (size_t k = 0; (law = law_at(k)) != NULL; k++) {
        double natural[LAW_MAX_PARAMETERS];
        double theta[LAW_MAX_PARAMETERS];
        double losses[N];
        middle(law, natural);
        law_transform(law, natural, theta);
        STATUS_ASSERT(law->n_inputs <= 2);
        law_values(law, theta, N, x, losses);
        size_t n_differ = 0;
        for (size_t i = 0; i < N; i++) {
            const double at[] = {columns[0][i], columns[1][i]};
            const double one = law->value(law, theta, at, NULL, NULL, NULL);
            n_differ += memcmp(&one, &losses[i], sizeof one) != 0;
        }
        CU_ASSERT_EQUAL(n_differ, 0);
    }
}

static void test_law_find_input_gives_positions_by_name(void)
{
    const struct law *law = law_find("chinchilla");
    CU_ASSERT_EQUAL(law_find_input(law, "params"), 0);
    CU_ASSERT_EQUAL(law_find_input(law, "tokens"), 1);
    CU_ASSERT_EQUAL(law_find_input(law, "compute_flop"), -1);
    CU_ASSERT_EQUAL(law_find_input(law_find("power_compute"), "compute_flop"), 0);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"find", test_law_find_returns_rows_by_id},
        {"rows", test_law_rows_are_consistent},
        {"transform", test_law_transform_and_natural_are_inverse},
        {"values", test_law_values_equal_single_values},
        {"inputs", test_law_find_input_gives_positions_by_name},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
