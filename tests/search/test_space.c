#include "search/space.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

static struct status_why why;

static void add(struct space *s, const char *name, enum space_role role, size_t n)
{
    struct space_axis axis = {.role = role, .kind = SPACE_NUMBER, .n = n};
    (void)snprintf(axis.name, sizeof axis.name, "%s", name);
    axis.values = malloc((n > 0 ? n : 1) * sizeof *axis.values);
    space_linear(2.385, 19.7, n > 0 ? n : 1, axis.values);
    HARNESS_ASSERT_OK(space_add(s, &axis, &why));
    free(axis.values);
}

static void test_scenario_axes_come_first_in_the_index(void)
{
    struct space s;
    size_t levels[SPACE_MAX_AXES];

    space_init(&s);
    add(&s, "params", SPACE_DECISION, 7);
    add(&s, "mfu", SPACE_SCENARIO, 3);
    add(&s, "tokens", SPACE_DECISION, 5);
    add(&s, "lifespan", SPACE_SCENARIO, 2);
    const char *const order[] = {"mfu", "lifespan", "params", "tokens"};
    for (size_t a = 0; a < 4; a++) {
        CU_ASSERT_STRING_EQUAL(s.axes[a].name, order[a]);
    }
    CU_ASSERT_EQUAL(space_size(&s), 210);
    CU_ASSERT_EQUAL(space_n_scenarios(&s), 6);
    CU_ASSERT_EQUAL(space_n_decisions(&s), 35);
    uint64_t configuration = 0;
    for (size_t m = 0; m < 3; m++) {
        for (size_t l = 0; l < 2; l++) {
            for (size_t p = 0; p < 7; p++) {
                for (size_t t = 0; t < 5; t++) {
                    space_levels(&s, configuration, levels);
                    CU_ASSERT(levels[0] == m && levels[1] == l && levels[2] == p && levels[3] == t);
                    CU_ASSERT_EQUAL(configuration / space_n_decisions(&s), m * 2 + l);
                    configuration++;
                }
            }
        }
    }
    space_clear(&s);
    CU_ASSERT_EQUAL(s.n_axes, 0);
    CU_ASSERT_EQUAL(space_size(&s), 1);
}

static void test_space_copies_levels_and_labels(void)
{
    double codes[] = {3, 11};
    char half[] = "bf16", quarter[] = "fp8";
    char *labels[] = {half, quarter};
    struct space_axis axis = {.name = "precision", .kind = SPACE_CATEGORY, .n = 2, .values = codes};
    struct space s;
    char text[64];

    space_init(&s);
    axis.labels = labels;
    HARNESS_ASSERT_OK(space_add(&s, &axis, &why));
    add(&s, "tokens", SPACE_DECISION, 3);
    codes[0] = 99;
    quarter[0] = 'x';
    CU_ASSERT_EQUAL(s.axes[0].values[0], 3);
    space_describe(&s, 3, sizeof text, text);
    CU_ASSERT_STRING_EQUAL(text, "precision=fp8, tokens=2.385");
    space_describe(&s, 3, 12, text);
    CU_ASSERT_STRING_EQUAL(text, "precision=f");
    space_clear(&s);
}

static void test_up_to_1e18_configurations(void)
{
    struct space s;
    size_t levels[SPACE_MAX_AXES];
    double few[1000];
    struct space_axis axis = {.name = "last", .kind = SPACE_NUMBER, .n = 1, .values = few};

    space_init(&s);
    space_linear(1, 7, 1000, few);
    const char *const names[] = {"a", "b", "c", "d", "e", "f"};
    for (size_t a = 0; a < 6; a++) {
        add(&s, names[a], SPACE_DECISION, 1000);
    }
    CU_ASSERT_EQUAL(space_size(&s), 1000000000000000000U);
    space_levels(&s, 123456789012345678U, levels);
    const size_t want[] = {123, 456, 789, 12, 345, 678};
    CU_ASSERT(memcmp(levels, want, sizeof want) == 0);
    HARNESS_ASSERT_OK(space_add(&s, &axis, &why));
    (void)strcpy(axis.name, "more");
    axis.n = 2;
    HARNESS_ASSERT_FAILS(space_add(&s, &axis, &why), STATUS_INPUT,
                         "axis more: its 2 levels make more than 1e18 configurations");
    space_clear(&s);
}

static void test_space_errors(void)
{
    double values[] = {1.5, 2.5};
    struct space_axis axis = {.name = "params", .kind = SPACE_NUMBER, .n = 0, .values = values};
    struct space s;

    space_init(&s);
    HARNESS_ASSERT_FAILS(space_add(&s, &axis, &why), STATUS_INPUT, "axis params: has no level");
    axis.n = 2;
    HARNESS_ASSERT_OK(space_add(&s, &axis, &why));
    axis.role = SPACE_SCENARIO;
    HARNESS_ASSERT_FAILS(space_add(&s, &axis, &why), STATUS_INPUT, "axis params: given twice");
    axis.n = 1;
    for (int a = 1; a < SPACE_MAX_AXES; a++) {
        (void)snprintf(axis.name, sizeof axis.name, "axis_%d", a);
        HARNESS_ASSERT_OK(space_add(&s, &axis, &why));
    }
    (void)strcpy(axis.name, "excess");
    HARNESS_ASSERT_FAILS(space_add(&s, &axis, &why), STATUS_INPUT, "axis excess: more than 16");
    CU_ASSERT_EQUAL(space_size(&s), 2);
    space_clear(&s);
}

static void test_linear_levels_are_even_and_end_exactly(void)
{
    double v[12];

    space_linear(0.17, 9.31, 12, v);
    CU_ASSERT(v[0] == 0.17 && v[11] == 9.31);
    for (size_t i = 0; i < 12; i++) {
        HARNESS_ASSERT_REL(v[i], 0.17 + 9.14 * (double)i / 11, 1e-14);
    }
    space_linear(0.17, 9.31, 1, v);
    CU_ASSERT_EQUAL(v[0], 0.17);
    space_linear(0.17, 9.31, 2, v);
    CU_ASSERT(v[0] == 0.17 && v[1] == 9.31);
}

static void test_log_levels_have_a_constant_ratio_and_end_exactly(void)
{
    double v[41];

    space_log(7.3e7, 2.9e13, 41, v);
    CU_ASSERT(v[0] == 7.3e7 && v[40] == 2.9e13);
    const double ratio = pow(2.9e13 / 7.3e7, 1.0 / 40);
    for (size_t i = 1; i < 41; i++) {
        HARNESS_ASSERT_REL(v[i] / v[i - 1], ratio, 2e-14);
    }
    space_log(3.7, 0.2, 3, v); /* downwards */
    CU_ASSERT(v[0] == 3.7 && v[2] == 0.2);
    HARNESS_ASSERT_REL(v[1], sqrt(3.7 * 0.2), 1e-14);
    space_log(3.7, 0.2, 1, v);
    CU_ASSERT_EQUAL(v[0], 3.7);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"scenario_axes_come_first_in_the_index", test_scenario_axes_come_first_in_the_index},
        {"space_copies_levels_and_labels", test_space_copies_levels_and_labels},
        {"up_to_1e18_configurations", test_up_to_1e18_configurations},
        {"space_errors", test_space_errors},
        {"linear_levels_are_even_and_end_exactly", test_linear_levels_are_even_and_end_exactly},
        {"log_levels_have_a_constant_ratio_and_end_exactly",
         test_log_levels_have_a_constant_ratio_and_end_exactly},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
