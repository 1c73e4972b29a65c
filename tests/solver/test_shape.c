#include "solver/shape.h"

#include "tests/harness.h"
#include "tests/solver/catalogue.h"

static struct design of_params(double params)
{
    struct design d = design_neutral();
    d.value[DESIGN_PARAMS] = params;
    return d;
}

/* N_T = N + 47491 N^(1/3) for a vocabulary of 32 thousand, one matrix (pearce2024). */
static void test_paper_pearce2024_parameters_of_the_vocabulary(void)
{
    static const double bodies[] = {1e6, 3.7e8, 7.3e9, 175e9};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const struct design d = of_params(bodies[i] + 47491.0 * cbrt(bodies[i]));
        const struct shape s = shape_of(&d, SHAPE_TIED);
        HARNESS_ASSERT_REL(s.body_params, bodies[i], 1e-3);
        HARNESS_ASSERT_REL(s.width / s.depth, 39.2, 1e-12);
        HARNESS_ASSERT_REL(s.body_params + s.vocabulary_params, d.value[DESIGN_PARAMS], 1e-12);
    }
}

static void test_shape_rule_is_a_solution_at_every_size(void)
{
    double before = 0.0;
    for (double params = 1.0; params < 2e18; params *= 7.3) {
        const struct design d = of_params(params);
        const struct shape s = shape_of(&d, SHAPE_UNTIED);
        HARNESS_ASSERT_REL(s.body_params + 2.0 * s.vocabulary_params, params, 1e-12);
        HARNESS_ASSERT_REL(s.body_params, 12.0 * s.depth * s.width * s.width, 1e-12);
        CU_ASSERT(s.body_params > 0.0 && s.width > before);
        before = s.width;
    }
}

static void test_shape_takes_what_is_said(void)
{
    struct design d = of_params(14.77e9);
    d.value[DESIGN_DEPTH] = 40.0;
    struct shape s = shape_of(&d, SHAPE_UNTIED);
    CU_ASSERT_EQUAL(s.depth, 40.0);
    HARNESS_ASSERT_REL(s.body_params + 2.0 * s.vocabulary_params, 14.77e9, 1e-12);
    HARNESS_ASSERT_REL(s.body_params, 12.0 * 40.0 * s.width * s.width, 1e-12);
    d.value[DESIGN_WIDTH] = 5120.0;
    d.value[DESIGN_VOCABULARY] = 151936.0;
    s = shape_of(&d, SHAPE_UNTIED);
    CU_ASSERT_EQUAL(s.width, 5120.0);
    CU_ASSERT_EQUAL(s.depth, 40.0);
    HARNESS_ASSERT_REL(s.body_params, 14.77e9 - 2.0 * 5120.0 * 151936.0, 1e-14);
    d.value[DESIGN_DEPTH] = 0.0;
    s = shape_of(&d, SHAPE_TIED);
    HARNESS_ASSERT_REL(s.depth, (14.77e9 - 5120.0 * 151936.0) / (12.0 * 5120.0 * 5120.0), 1e-14);
}

static void test_shape_of_a_vocabulary_alone_is_none(void)
{
    struct design d = of_params(1e6);
    d.value[DESIGN_WIDTH] = 512.0;
    const struct shape s = shape_of(&d, SHAPE_TIED);
    CU_ASSERT(isnan(s.width) && isnan(s.depth) && isnan(s.body_params));
    CU_ASSERT(isnan(s.vocabulary_params));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"paper_pearce2024_parameters_of_the_vocabulary",
         test_paper_pearce2024_parameters_of_the_vocabulary},
        {"rule_is_a_solution_at_every_size", test_shape_rule_is_a_solution_at_every_size},
        {"takes_what_is_said", test_shape_takes_what_is_said},
        {"of_a_vocabulary_alone_is_none", test_shape_of_a_vocabulary_alone_is_none},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
