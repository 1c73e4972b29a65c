#include "search/bayes/outcomes.h"

#include <stdio.h>
#include <string.h>

#include "tests/harness.h"

static const char *const names[] = {"loss", "energy_kwh"};
static double values[2];
static struct status_why why;

static enum status read_text(const char *text)
{
    return outcomes_read("stdout", text, strlen(text), 2, names, values, &why);
}

static void expect(const char *text, double loss, double energy)
{
    HARNESS_ASSERT_OK(read_text(text));
    CU_ASSERT_DOUBLE_EQUAL(values[0], loss, 0);
    CU_ASSERT_DOUBLE_EQUAL(values[1], energy, 0);
}

static void test_outcomes_read_takes_json_and_lines(void)
{
    expect("{\"loss\": 2.385, \"energy_kwh\": 7, \"note\": \"x\"}", 2.385, 7);
    expect("{\n  \"energy_kwh\": 1e-3,\n  \"loss\": \"2.5\"\n}\n", 2.5, 1e-3);
    expect("loss=2.385\nenergy_kwh=7", 2.385, 7);
    expect(" loss :\t2.385 \r\nenergy_kwh = -7e2\r\n", 2.385, -700);
    /* Among the messages of a program, the last of each name. */
    expect("epoch 1 loss: 9\nloss: 3.5\nnoise\n{\"energy_kwh\": 4}\nloss: 3.25\nmy_loss: 1\n", 3.25,
           4);
    expect("loss = abc\nloss = 1.5\nenergy_kwh = 2\n", 1.5, 2);
}

static void test_outcomes_errors(void)
{
    HARNESS_ASSERT_FAILS(read_text(""), STATUS_INPUT, "stdout: no value of loss");
    HARNESS_ASSERT_FAILS(read_text("loss = 1\nloss2 = 3\n"), STATUS_INPUT,
                         "stdout: no value of energy_kwh");
    HARNESS_ASSERT_FAILS(read_text("x\nloss = 2.3x\nenergy_kwh = 1"), STATUS_INPUT,
                         "stdout:2: loss: 2.3x: expected a finite number");
    HARNESS_ASSERT_FAILS(read_text("loss = nan\nenergy_kwh = 1"), STATUS_INPUT,
                         "stdout:1: loss: nan: expected a finite number");
    HARNESS_ASSERT_FAILS(read_text("loss = 1\nenergy_kwh =\n"), STATUS_INPUT,
                         "stdout:2: energy_kwh: empty: expected a finite number");
    HARNESS_ASSERT_FAILS(read_text("{\"loss\": null, \"energy_kwh\": 1}"), STATUS_INPUT,
                         "stdout: loss: null: expected");
    HARNESS_ASSERT_FAILS(read_text("{\"loss\": [1], \"energy_kwh\": 1}"), STATUS_INPUT,
                         "stdout: loss: a list: expected");
    HARNESS_ASSERT_FAILS(read_text("{\"loss\": 1, \"energy_kwh\": \"Infinity\"}"), STATUS_INPUT,
                         "energy_kwh: Infinity: expected a finite number");
    /* What Python writes for NaN is no JSON. */
    HARNESS_ASSERT_FAILS(read_text("{\"loss\": NaN, \"energy_kwh\": 1}\n"), STATUS_INPUT,
                         "stdout: no value of loss; line 1 is no JSON: ");
    HARNESS_ASSERT_FAILS(read_text("\xff\xfe{\x01\n=\n:\n\n"), STATUS_INPUT, "no value of loss");
}

/* A number that does not fit what messages show is no number here. */
static void test_outcomes_read_refuses_endless_numbers(void)
{
    char text[400] = "energy_kwh = 1\nloss = 1.";
    const size_t length = strlen(text);
    memset(text + length, '0', sizeof text - 1 - length);
    text[sizeof text - 1] = '\0';
    HARNESS_ASSERT_FAILS(read_text(text), STATUS_INPUT, "stdout:2: loss: 1.000");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"read_takes_json_and_lines", test_outcomes_read_takes_json_and_lines},
        {"errors", test_outcomes_errors},
        {"read_refuses_endless_numbers", test_outcomes_read_refuses_endless_numbers},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
