#include "inputs/law_choice.h"

#include <string.h>

#include "solver/laws/custom.h"
#include "tests/harness.h"

static struct status_why why;
static struct study study;

/* The law of a study with this text. */
static enum status choose(const char *text, const struct law **law)
{
    status_clear(&why);
    HARNESS_ASSERT_OK(study_parse("study.yaml", text, strlen(text), NULL, 0, &study, &why));
    const enum status st = law_choice_make(&study, law, &why);
    study_clear(&study);
    return st;
}

static void test_law_choice_finds_laws_by_id(void)
{
    const struct law *law = NULL;
    HARNESS_ASSERT_OK(choose("law: {id: kaplan_nd}\n", &law));
    CU_ASSERT_PTR_EQUAL(law, law_find("kaplan_nd"));
    HARNESS_ASSERT_OK(choose("law: {parameters: {alpha: {fixed: 0.34}}}\n", &law));
    CU_ASSERT_PTR_EQUAL(law, law_find("chinchilla"));
    HARNESS_ASSERT_FAILS(choose("law: {id: chinchila}\n", &law), STATUS_INPUT,
                         "study.yaml:1:11: law.id: chinchila: no such law; did you mean "
                         "chinchilla?");
}

static void test_law_choice_makes_a_formula_with_what_is_said_of_it(void)
{
    const struct law *law = NULL;
    HARNESS_ASSERT_OK(choose("law:\n"
                             "  formula: accuracy = E + A/params^alpha*exp(-beta*bits)\n"
                             "  inputs: params bits:plain>=3\n"
                             "  parameters:\n"
                             "    E:\n"
                             "    A: {}\n"
                             "    alpha: {lower: 0.05, upper: 1.2, start: 0.35}\n"
                             "    beta: {start: [0.2, 0.4], transform: log}\n",
                             &law));
    CU_ASSERT_PTR_NOT_NULL_FATAL(law);
    CU_ASSERT_STRING_EQUAL(law->id, "formula");
    CU_ASSERT_STRING_EQUAL(law->response, "accuracy");
    CU_ASSERT_STRING_EQUAL(law->inputs[1].name, "bits");
    CU_ASSERT_EQUAL(law->parameters[2].lower, 0.05);
    CU_ASSERT_EQUAL(law->parameters[2].upper, 1.2);
    CU_ASSERT_EQUAL(law->parameters[2].start_lower, 0.35);
    CU_ASSERT_EQUAL(law->parameters[3].start_upper, 0.4);
    CU_ASSERT_EQUAL(law->parameters[3].transform, LAW_LOG);
    CU_ASSERT_EQUAL(law->parameters[0].role, LAW_FLOOR);
}

static void test_law_choice_moves_the_starts_of_a_law_of_the_program(void)
{
    const struct law *law = NULL;
    HARNESS_ASSERT_OK(
        choose("law: {id: kaplan_nd, parameters: {aN: {start: 0.08}, Nc: {upper: 1e15}}}\n", &law));
    CU_ASSERT_PTR_NOT_NULL_FATAL(law);
    CU_ASSERT_STRING_EQUAL(law->id, "kaplan_nd");
    CU_ASSERT_EQUAL(law->parameters[2].start_lower, 0.08);
    CU_ASSERT_EQUAL(law->parameters[0].upper, 1e15);
    CU_ASSERT_EQUAL(law->parameters[0].start_upper, 1e15);
    CU_ASSERT_EQUAL(law->parameters[1].transform, LAW_LOG);
}

static void test_law_choice_errors(void)
{
    static const char *const cases[][2] = {
        {"law:\n  formula: \"loss = E + A/prams^alpha\"\n  parameters: {E: , A: , alpha: }\n",
         "study.yaml:2:26: law.formula: unknown name 'prams', did you mean params?: declare it "
         "under "
         "law.parameters, or under law.inputs if it is a column"},
        {"law:\n  formula: loss = E + A/width^al\n  parameters: {E: , A: , al: }\n",
         "study.yaml:2:25: law.formula: unknown name 'width': declare it under law.parameters"},
        {"law:\n  formula: loss = E + A/prams^alpha\n  parameters: {E: , A: , alpha: }\n",
         "study.yaml:2:25: law.formula: "},
        {"law:\n  formula: loss = E + A/params^alpha\n  parameters: {E: , A: , alpha: , b: }\n",
         "b: the formula does not use this parameter"},
        {"law:\n  parameters: {gamma: {fixed: 1}}\n",
         "study.yaml:2:16: law.parameters: gamma: no parameter of law chinchilla: expected E, A, "
         "B"},
        {"law:\n  formula: loss = E + A/width^al\n  inputs: width:ln\n  parameters: {E: }\n",
         "study.yaml:3:11: law.inputs: width:ln: expected name, name:plain"},
    };
    const struct law *law = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        HARNESS_ASSERT_FAILS(choose(cases[i][0], &law), STATUS_INPUT, cases[i][1]);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"by id", test_law_choice_finds_laws_by_id},
        {"formula", test_law_choice_makes_a_formula_with_what_is_said_of_it},
        {"starts", test_law_choice_moves_the_starts_of_a_law_of_the_program},
        {"errors", test_law_choice_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
