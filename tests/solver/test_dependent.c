#include "solver/dependent.h"

#include <math.h>

#include "tests/harness.h"

static struct status_why why;

static void add(struct dependent_list *list, enum design_input input, const char *text,
                bool is_integer)
{
    size_t column;
    HARNESS_ASSERT_OK(dependent_add(list, input, text, is_integer, &column, &why));
}

/* tokens from params by way of the batch, which comes last in the list. */
static struct dependent_list chain(void)
{
    struct dependent_list list = {0};
    add(&list, DESIGN_TOKENS, "17.5 * batch_tokens * tokens_per_param", false);
    add(&list, DESIGN_DEPTH, "12", false);
    add(&list, DESIGN_BATCH, "3.1 * params^0.5", true);
    CU_ASSERT_PTR_NULL(dependent_sort(&list));
    return list;
}

static void test_dependent_values_follow_in_order(void)
{
    struct dependent_list list = chain();
    struct design d = design_neutral();
    d.value[DESIGN_PARAMS] = 2.385e9;
    d.value[DESIGN_TOKENS_PER_PARAM] = 19.7;
    dependent_apply(&list, 0, &d);
    const double batch = rint(3.1 * sqrt(2.385e9));
    CU_ASSERT_DOUBLE_EQUAL(d.value[DESIGN_BATCH], batch, 0);
    HARNESS_ASSERT_REL(d.value[DESIGN_TOKENS], 17.5 * batch * 19.7, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(d.value[DESIGN_DEPTH], 12.0, 0);
    d.value[DESIGN_BATCH] = 1e6;
    dependent_apply(&list, DESIGN_BIT(DESIGN_BATCH), &d);
    CU_ASSERT_DOUBLE_EQUAL(d.value[DESIGN_BATCH], 1e6, 0);
    HARNESS_ASSERT_REL(d.value[DESIGN_TOKENS], 17.5e6 * 19.7, 1e-15);
    dependent_clear(&list);
}

static void test_dependent_sets_hold_all_that_is_behind(void)
{
    struct dependent_list list = chain();
    CU_ASSERT_EQUAL(dependent_inputs(&list), DESIGN_BIT(DESIGN_TOKENS) | DESIGN_BIT(DESIGN_BATCH)
                                                 | DESIGN_BIT(DESIGN_DEPTH));
    CU_ASSERT_EQUAL(dependent_behind(&list, DESIGN_BIT(DESIGN_TOKENS) | DESIGN_BIT(DESIGN_MFU)),
                    DESIGN_BIT(DESIGN_TOKENS) | DESIGN_BIT(DESIGN_BATCH) | DESIGN_BIT(DESIGN_PARAMS)
                        | DESIGN_BIT(DESIGN_TOKENS_PER_PARAM) | DESIGN_BIT(DESIGN_MFU));
    CU_ASSERT_EQUAL(dependent_behind(&list, DESIGN_BIT(DESIGN_DEPTH)), DESIGN_BIT(DESIGN_DEPTH));
    dependent_clear(&list);
}

static void test_dependent_bounds_hold_every_value(void)
{
    struct dependent_list list = chain();
    struct design lower = design_neutral(), upper = design_neutral();
    lower.value[DESIGN_PARAMS] = 1.3e8;
    upper.value[DESIGN_PARAMS] = 7.7e11;
    lower.value[DESIGN_TOKENS_PER_PARAM] = 2.4;
    upper.value[DESIGN_TOKENS_PER_PARAM] = 333.0;
    dependent_bounds(&list, &lower, &upper);
    for (int i = 0; i <= 40; i++) {
        struct design d = design_neutral();
        d.value[DESIGN_PARAMS] = 1.3e8 * pow(7.7e11 / 1.3e8, i / 40.0);
        d.value[DESIGN_TOKENS_PER_PARAM] = 2.4 + (333.0 - 2.4) * (i % 7) / 6.0;
        dependent_apply(&list, 0, &d);
        CU_ASSERT(lower.value[DESIGN_TOKENS] <= d.value[DESIGN_TOKENS]
                  && d.value[DESIGN_TOKENS] <= upper.value[DESIGN_TOKENS]);
        CU_ASSERT(lower.value[DESIGN_BATCH] <= d.value[DESIGN_BATCH]
                  && d.value[DESIGN_BATCH] <= upper.value[DESIGN_BATCH]);
    }
    dependent_clear(&list);
}

static void test_dependent_cycles_name_one_that_is_on_them(void)
{
    struct dependent_list list = {0};
    add(&list, DESIGN_TOKENS, "20 * params", false); /* hangs on the cycle, is not on it */
    add(&list, DESIGN_PARAMS, "width^2", false);
    add(&list, DESIGN_WIDTH, "aspect_ratio * depth", false);
    add(&list, DESIGN_DEPTH, "params / 1e9", false);
    const struct dependent *cyclic = dependent_sort(&list);
    CU_ASSERT_PTR_NOT_NULL_FATAL(cyclic);
    CU_ASSERT(cyclic->input != DESIGN_TOKENS);
    dependent_clear(&list);
}

static void test_dependent_errors(void)
{
    struct dependent_list list = {0};
    size_t column;
    HARNESS_ASSERT_FAILS(dependent_add(&list, DESIGN_TOKENS, "20 * parms", false, &column, &why),
                         STATUS_INPUT, "unknown name 'parms'");
    CU_ASSERT_EQUAL(column, 6);
    HARNESS_ASSERT_FAILS(dependent_add(&list, DESIGN_TOKENS, "20 * (params", false, &column, &why),
                         STATUS_INPUT, "column 13");
    HARNESS_ASSERT_FAILS(dependent_add(&list, DESIGN_TOKENS, "params + grid", false, &column, &why),
                         STATUS_INPUT, "'grid' is a name, not a number");
    CU_ASSERT_EQUAL(list.n, 0);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"values_follow_in_order", test_dependent_values_follow_in_order},
        {"sets_hold_all_that_is_behind", test_dependent_sets_hold_all_that_is_behind},
        {"bounds_hold_every_value", test_dependent_bounds_hold_every_value},
        {"cycles_name_one_that_is_on_them", test_dependent_cycles_name_one_that_is_on_them},
        {"errors", test_dependent_errors},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
