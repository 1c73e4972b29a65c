#include "inputs/study/dependents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

static struct status_why why;

static enum status parse(const char *space, struct study *study)
{
    char text[1024];
    (void)snprintf(text, sizeof text, "title: t\nspace:\n%s", space);
    return study_parse("s.yaml", text, strlen(text), NULL, 0, study, &why);
}

static void test_dependents_are_no_axes_and_follow_in_order(void)
{
    struct study s;
    HARNESS_ASSERT_OK(parse("  tokens: {formula: \"params * tokens_per_param\"}\n"
                            "  tokens_per_param: {from: 1, to: 100, steps: 9, integer: true}\n"
                            "  params: [1B, 2.385B]\n"
                            "  batch_tokens: {formula: tokens / 7000, integer: true}\n",
                            &s));
    CU_ASSERT(!s.space[DESIGN_TOKENS].is_axis && s.space[DESIGN_TOKENS].n == 0);
    CU_ASSERT_EQUAL_FATAL(s.dependents.n, 2);
    CU_ASSERT_EQUAL(s.dependents.all[1].input, DESIGN_BATCH);
    CU_ASSERT(s.dependents.all[1].is_integer && !s.dependents.all[0].is_integer);
    study_clear(&s);
}

static void test_dependents_written_read_back(void)
{
    struct study s, again;
    char *text = NULL, *text_again = NULL;
    HARNESS_ASSERT_OK(parse("  params: {from: 1, to: 40, steps: 12, integer: true}\n"
                            "  depth: {from: 3, to: 12, step: 4, integer: true, role: scenario}\n"
                            "  tokens: {formula: \"20*params\", integer: true}\n",
                            &s));
    HARNESS_ASSERT_OK(study_effective(&s, &text, &why));
    CU_ASSERT(harness_contains(text, "tokens: {formula: \"20*params\", integer: true}"));
    HARNESS_ASSERT_OK(study_parse("e.yaml", text, strlen(text), NULL, 0, &again, &why));
    HARNESS_ASSERT_OK(study_effective(&again, &text_again, &why));
    CU_ASSERT_STRING_EQUAL(text, text_again);
    CU_ASSERT_EQUAL(again.space[DESIGN_PARAMS].n, s.space[DESIGN_PARAMS].n);
    CU_ASSERT_EQUAL(again.dependents.n, 1);
    free(text);
    free(text_again);
    study_clear(&s);
    study_clear(&again);
}

static void test_dependents_of_too_many_levels_are_bounded(void)
{
    struct study s;
    HARNESS_ASSERT_OK(parse("  params: {from: 1B, to: 10B, steps: 5000}\n"
                            "  tokens_per_param: {from: 5, to: 200, steps: 5000}\n"
                            "  tokens: {formula: \"params*tokens_per_param\"}\n",
                            &s));
    study_clear(&s);
    HARNESS_ASSERT_FAILS(parse("  params: {from: 1B, to: 10B, steps: 5000}\n"
                               "  tokens_per_param: {from: 5, to: 200, steps: 5000}\n"
                               "  tokens: {formula: \"params*(tokens_per_param - 6)\"}\n",
                               &s),
                         STATUS_INPUT, "may be anything from -1e+10 to 1.94e+12 over 2.5e+07");
}

static void test_dependents_errors(void)
{
    static const struct {
        const char *space, *message;
    } bad[] = {
        {"  params: [1B]\n  tokens: {formula: \"20 * parms\"}\n",
         "s.yaml:4:27: space.tokens.formula: 20 * parms: unknown name 'parms'; did you mean "
         "params?"},
        {"  params: [1B]\n  tokens: {formula: 20 * parms}\n", "s.yaml:4:26: space.tokens.formula"},
        {"  params: {formula: tokens/20}\n  tokens: {formula: 20*params}\n",
         "s.yaml:3:21: space.params.formula: tokens/20: follows from itself"},
        {"  params: {formula: params}\n", "follows from itself"},
        {"  params: [1B, 8B]\n  tokens: {formula: 9e10 - 20*params}\n",
         "9e10 - 20*params: is -70000000000 at params=8000000000: must be in (0, 1e+18]"},
        {"  params: [1B, 8B]\n  tokens: {formula: log(params - 2e9)}\n",
         "is nan at params=1000000000"},
        {"  params: [1B, 8B]\n  tokens: {formula: 1e9 / (params - 8e9)}\n", "is -"},
        {"  params: [8B]\n  tokens: {formula: 1 / (params - 8e9)}\n", "is inf at params"},
        {"  params: [8B]\n  tokens: {formula: 1e30*params}\n", "must be in (0, 1e+18]"},
        {"  params: [8B]\n  tokens: {formula: params/1e11, integer: true}\n", "is 0 at params"},
        {"  tokens: {formula: 20*params}\n",
         "s.yaml:3:21: space.tokens.formula: 20*params: space gives no params"},
        {"  grid: [USA]\n  tokens: {formula: 20*grid}\n", "'grid' is a name, not a number"},
        {"  grid: {formula: params}\n", "names follow no formula"},
        {"  tokens: {formula: 3, from: 1}\n", "belongs to levels, but a formula is given"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct study s;
        HARNESS_ASSERT_FAILS(parse(bad[i].space, &s), STATUS_INPUT, bad[i].message);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"are_no_axes_and_follow_in_order", test_dependents_are_no_axes_and_follow_in_order},
        {"written_read_back", test_dependents_written_read_back},
        {"of_too_many_levels_are_bounded", test_dependents_of_too_many_levels_are_bounded},
        {"errors", test_dependents_errors},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
