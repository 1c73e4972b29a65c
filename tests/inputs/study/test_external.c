#define _POSIX_C_SOURCE 200809L
#include "inputs/study/external.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

static struct status_why why;

static enum status parse(const char *text, struct study *study)
{
    status_clear(&why);
    return study_parse("s.yaml", text, strlen(text), NULL, 0, study, &why);
}

static const char whole[] =
    "bayes:\n"
    "  evaluator: command\n"
    "  variables:\n"
    "    lr: {from: 1e-4, to: 0.1, scale: log, unit: \"1/step\"}\n"
    "    params: {from: 70M, to: 1.4B}\n"
    "    width: [300, 64, 128.5]\n"
    "    optimizer: {values: [sgd, adam], unit: kind}\n"
    "    bits: [\"8\", \"16\"]\n"
    "  objectives:\n"
    "    loss:\n"
    "    speed: {sense: maximise, scale: log, ideal: 9.5, reference: 2K, noise_sd: .25}\n"
    "    hours: {recover: 7.5, unit: hour}\n"
    "  limits: {memory: {max: 80, unit: GB}, heat: {min: -2.5, max: 3, recover: 1}}\n"
    "  constraints: [\"lr * width <= 10\", \"lr < 1\"]\n"
    "  command: [./train.sh, \"--lr={lr}\", 7, \"a \\\"b\\\" \\\\n\"]\n"
    "  timeout_hour: 30 min\n"
    "  on_failure: recover\n";

static void test_external_reads_what_a_study_says(void)
{
    struct study s;
    char *text = strdup(whole);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    char *ideal = strstr(text, "9.5, reference: 2K");
    static const char swapped[] = "2K , reference: 95";
    memcpy(ideal, swapped, sizeof swapped - 1);
    HARNESS_ASSERT_OK(parse(text, &s));
    free(text);
    CU_ASSERT_EQUAL(s.evaluator, STUDY_BY_COMMAND);
    CU_ASSERT_EQUAL_FATAL(s.n_variables, 5);
    const struct study_variable *v = s.variables;
    CU_ASSERT_STRING_EQUAL(v[0].name, "lr");
    CU_ASSERT_STRING_EQUAL(v[0].unit, "1/step");
    CU_ASSERT(v[0].n == 0 && v[0].scale == STUDY_LOG && v[1].scale == STUDY_LINEAR);
    CU_ASSERT_DOUBLE_EQUAL(v[0].from, 1e-4, 0);
    CU_ASSERT_DOUBLE_EQUAL(v[1].to, 1.4e9, 0);
    CU_ASSERT(v[0].place.line == 4 && v[0].place.column == 9);
    CU_ASSERT_EQUAL_FATAL(v[2].n, 3);
    CU_ASSERT_DOUBLE_EQUAL(v[2].values[0], 64, 0); /* in their order as numbers */
    CU_ASSERT_DOUBLE_EQUAL(v[2].values[1], 128.5, 0);
    CU_ASSERT_DOUBLE_EQUAL(v[2].values[2], 300, 0);
    CU_ASSERT_EQUAL_FATAL(v[3].n, 2);
    CU_ASSERT_STRING_EQUAL(v[3].labels[0], "sgd"); /* names stay as written */
    CU_ASSERT_STRING_EQUAL(v[3].unit, "kind");
    CU_ASSERT_PTR_NULL(v[4].values); /* numbers in quotes are names */
    CU_ASSERT_STRING_EQUAL(v[4].labels[1], "16");
    CU_ASSERT_EQUAL_FATAL(s.n_goals, 3);
    CU_ASSERT(!s.goals[0].maximise && s.goals[0].scale == STUDY_LINEAR);
    CU_ASSERT(isnan(s.goals[0].ideal) && isnan(s.goals[0].recover));
    CU_ASSERT(s.goals[1].maximise && s.goals[1].scale == STUDY_LOG);
    CU_ASSERT_DOUBLE_EQUAL(s.goals[1].ideal, 2000, 0);
    CU_ASSERT_DOUBLE_EQUAL(s.goals[1].noise_sd, 0.25, 0);
    CU_ASSERT_DOUBLE_EQUAL(s.goals[2].recover, 7.5, 0);
    CU_ASSERT_EQUAL_FATAL(s.n_bounds, 2);
    CU_ASSERT(isinf(s.bounds[0].lower) && isnan(s.bounds[0].recover));
    CU_ASSERT_DOUBLE_EQUAL(s.bounds[0].upper, 80, 0);
    CU_ASSERT_DOUBLE_EQUAL(s.bounds[1].lower, -2.5, 0);
    CU_ASSERT_DOUBLE_EQUAL(s.bounds[1].recover, 1, 0);
    CU_ASSERT_EQUAL_FATAL(s.n_rules, 2);
    CU_ASSERT_STRING_EQUAL(s.rules[1].text, "lr < 1");
    CU_ASSERT(s.rules[1].place.line == 14 && s.rules[1].place.column == 37);
    CU_ASSERT_EQUAL_FATAL(s.n_words, 4);
    CU_ASSERT_STRING_EQUAL(s.words[2].text, "7");
    CU_ASSERT_STRING_EQUAL(s.words[3].text, "a \"b\" \\n");
    CU_ASSERT_DOUBLE_EQUAL(s.timeout_hour, 0.5, 1e-15);
    CU_ASSERT_EQUAL(s.on_failure, STUDY_RECOVER);
    study_clear(&s);
}

static void test_external_reads_back_what_it_writes(void)
{
    struct study s, again;
    char *text = NULL, *same = NULL;
    HARNESS_ASSERT_FAILS(parse(whole, &s), STATUS_INPUT,
                         "s.yaml:11:12: bayes.objectives.speed: ideal must be above reference");
    HARNESS_ASSERT_OK(parse("bayes: {variables: {lr: {from: 0.1, to: 3, unit: m}, w: [3, 1.7], o: "
                            "[b, a]}, objectives: {loss: {}, speed: {sense: maximise, scale: log, "
                            "ideal: 7, reference: 2.385, recover: 3, noise_sd: 0.1, unit: u}}, "
                            "limits: {m: {max: 8, recover: 1, unit: GB}}, constraints: [lr < w], "
                            "command: [sh, \"-c\", 'echo \"\\{lr}\"']}",
                            &s));
    HARNESS_ASSERT_OK(study_effective(&s, &text, &why));
    HARNESS_ASSERT_OK(study_parse("again.yaml", text, strlen(text), NULL, 0, &again, &why));
    CU_ASSERT_EQUAL(again.n_variables, 3);
    CU_ASSERT_STRING_EQUAL(again.variables[2].labels[0], "b");
    CU_ASSERT_DOUBLE_EQUAL(again.goals[1].reference, 2.385, 0);
    CU_ASSERT_STRING_EQUAL(again.words[2].text, "echo \"\\{lr}\"");
    HARNESS_ASSERT_OK(study_effective(&again, &same, &why));
    CU_ASSERT_STRING_EQUAL(text, same);
    free(text);
    free(same);
    study_clear(&s);
    study_clear(&again);
}

static void expect(const char *bayes, const char *message)
{
    struct study s;
    char text[512];
    (void)snprintf(text, sizeof text, "bayes: {%s}\n", bayes);
    CU_ASSERT_EQUAL(parse(text, &s), STATUS_INPUT);
    if (!harness_contains(why.message, message)) {
        harness_say(why.message);
        CU_FAIL("another message was expected");
    }
}

static void test_external_errors(void)
{
    expect("variables: {}", "s.yaml:1:20: bayes.variables: expected 1 to 24 names");
    expect("variables: [lr]", "bayes.variables: expected a mapping, not a list");
    expect("variables: {1r: [1]}", "s.yaml:1:21: 1r: expected a name of at most 39 letters");
    expect("variables: {\"l r\": [1]}", "l r: expected a name of at most 39 letters");
    expect("variables: {lr: 3}", "bayes.variables.lr: 3: expected a mapping");
    expect("variables: {lr: {from: 1}}", "bayes.variables.lr: expected from and to, or values");
    expect("variables: {lr: {from: 1, to: 1}}",
           "s.yaml:1:39: bayes.variables.lr.to: 1: must be larger than from");
    expect("variables: {lr: {from: 0, to: 1, scale: log}}",
           "bayes.variables.lr.from: 0: must be > 0 on a logarithmic scale");
    expect("variables: {lr: {form: 1, to: 2}}", "bayes.variables.lr.form: unknown; did you mean "
                                                "from?");
    expect("variables: {lr: {values: [1], to: 2}}", "bayes.variables.lr.to: unknown; expected "
                                                    "values or unit");
    expect("variables: {w: [1, 2, 1.0]}", "s.yaml:1:31: bayes.variables.w: 1.0: this level is in "
                                          "the list twice");
    expect("variables: {w: [a, b, a]}", "bayes.variables.w: a: this level is in the list twice");
    expect("variables: {w: [a, \"b c\"]}", "b c: expected a name without blanks");
    expect("variables: {w: []}", "bayes.variables.w: expected a list of 1 to 1024 levels");
    expect("objectives: {loss: {sens: maximise}}", "unknown; did you mean sense?");
    expect("objectives: {loss: {ideal: 3}}", "ideal and reference go together");
    expect("objectives: {loss: {ideal: 3, reference: 2}}", "ideal must be below reference");
    expect("objectives: {loss: {scale: log, ideal: 0, reference: 2}}",
           "on a logarithmic scale all values must be > 0");
    expect("objectives: {loss: {noise_sd: -1}}", "noise_sd must be at least 0");
    expect("objectives: 7", "bayes.objectives: 7: expected a mapping");
    expect("limits: {memory: {}}", "bayes.limits.memory: expected min or max");
    expect("limits: {memory: {min: 2, max: 1}}", "min must be at most max");
    expect("limits: {memory: {max: much}}", "bayes.limits.memory.max: much: expected a count");
    expect("command: train.sh", "bayes.command: train.sh: expected a list");
    expect("command: []", "bayes.command: expected a list of 1 to 64 texts");
    expect("evaluator: trainer", "bayes.evaluator: trainer: expected model, command or "
                                 "replay");
    expect("lag: 0", "bayes.lag: 0: must be in [1, 1000]");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"reads_what_a_study_says", test_external_reads_what_a_study_says},
        {"reads_back_what_it_writes", test_external_reads_back_what_it_writes},
        {"errors", test_external_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
