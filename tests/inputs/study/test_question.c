#include "inputs/study/question.h"

#include <string.h>

#include "tests/harness.h"

static struct status_why why;
static const struct study study = {.file = "s.yaml"};
static const struct study_place place = {7, 5};

static enum status read(const char *text, struct study_question *q)
{
    return question_read(&study, place, "allocate.questions", text, q, &why);
}

static void test_question_reads_all_parts(void)
{
    struct study_question q;
    status_clear(&why);
    HARNESS_ASSERT_OK(read("minimise energy_kwh at loss_nat <= 2.03, duration_day<=30 d, "
                           "params >= 7B, device_lifetime = 1.5K over params, tokens , mfu_ratio",
                           &q));
    CU_ASSERT_FALSE(q.maximise || q.target.is_input);
    CU_ASSERT_EQUAL(q.target.outcome, FOOTPRINT_ENERGY);
    CU_ASSERT_EQUAL_FATAL(q.n_limits, 4);
    CU_ASSERT_EQUAL(q.limits[0].of.outcome, FOOTPRINT_LOSS);
    CU_ASSERT_TRUE(isinf(q.limits[0].lower));
    CU_ASSERT_EQUAL(q.limits[0].upper, 2.03);
    CU_ASSERT_EQUAL(q.limits[1].upper, 30.0);
    CU_ASSERT_TRUE(q.limits[2].of.is_input && isinf(q.limits[2].upper));
    CU_ASSERT_EQUAL(q.limits[2].lower, 7e9);
    CU_ASSERT_EQUAL(q.limits[3].lower, 1500.0);
    CU_ASSERT_EQUAL(q.limits[3].upper, 1500.0);
    CU_ASSERT_EQUAL_FATAL(q.n_vary, 3);
    CU_ASSERT_EQUAL(q.vary[2], DESIGN_MFU);
    HARNESS_ASSERT_OK(read("maximize lifespan_year", &q));
    CU_ASSERT_TRUE(q.maximise && q.target.is_input && q.n_limits == 0 && q.n_vary == 0);
    CU_ASSERT_STRING_EQUAL(question_name(&q.target), "lifespan_year");
    CU_ASSERT_STRING_EQUAL(question_unit(&q.target), "year");
    HARNESS_ASSERT_OK(read("minimise mass_kg at mfu_ratio >= 35 %", &q));
    HARNESS_ASSERT_REL(q.limits[0].lower, 0.35, 1e-15);
    HARNESS_ASSERT_OK(read("minimise total_flop at loss_nat <= given, cost_usd = given", &q));
    CU_ASSERT(isinf(q.limits[0].lower) && isnan(q.limits[0].upper));
    CU_ASSERT(isnan(q.limits[1].lower) && isnan(q.limits[1].upper));
}

static void test_question_errors(void)
{
    struct study_question q;
    status_clear(&why);
    HARNESS_ASSERT_FAILS(read("least energy_kwh", &q), STATUS_INPUT,
                         "s.yaml:7:5: allocate.questions: least energy_kwh: expected `minimise");
    HARNESS_ASSERT_FAILS(read("minimise energy_kw", &q), STATUS_INPUT, "did you mean energy_kwh?");
    HARNESS_ASSERT_FAILS(read("minimise loss_nat at compute_flop < 3", &q), STATUS_INPUT,
                         "expected <=, >= or = and a value");
    HARNESS_ASSERT_FAILS(read("minimise loss_nat at compute_flop <= 3 kg", &q), STATUS_INPUT,
                         "3 kg: expected an amount of compute");
    HARNESS_ASSERT_FAILS(read("minimise loss_nat over energy_kwh", &q), STATUS_INPUT,
                         "expected an input that is a number");
    HARNESS_ASSERT_FAILS(read("minimise loss_nat over device", &q), STATUS_INPUT,
                         "list its levels in space");
    HARNESS_ASSERT_FAILS(read("minimise loss_nat over params, params", &q), STATUS_INPUT,
                         "this input is there twice");
    HARNESS_ASSERT_FAILS(read("minimise loss_nat at params <= given", &q), STATUS_INPUT,
                         "given: is for outcomes");
    HARNESS_ASSERT_FAILS(read("minimise loss_nat at", &q), STATUS_INPUT, "unknown");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {{"parts", test_question_reads_all_parts},
                           {"errors", test_question_errors},
                           CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
