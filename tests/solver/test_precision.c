#include "solver/precision.h"

#include "tests/harness.h"

static void test_precision_every_name_finds_its_own_code(void)
{
    static const int bits[] = {[PRECISION_FP32] = 32, [PRECISION_TF32] = 19, [PRECISION_BF16] = 16,
                               [PRECISION_FP8] = 8,   [PRECISION_INT8] = 8,  [PRECISION_FP4] = 4};
    for (int p = 0; p < PRECISION_N; p++) {
        const enum precision code = (enum precision)p;
        CU_ASSERT_EQUAL(precision_find(precision_name(code)), code);
        CU_ASSERT_EQUAL(precision_bits(code), bits[p]);
    }
    CU_ASSERT_STRING_EQUAL(precision_name(PRECISION_INT8), "int8");
}

static void test_precision_fp16_counts_as_bf16(void)
{
    CU_ASSERT_EQUAL(precision_find("fp16"), PRECISION_BF16);
}

static void test_precision_unknown_names_are_not_found(void)
{
    CU_ASSERT_EQUAL(precision_find("BF16"), PRECISION_N);
    CU_ASSERT_EQUAL(precision_find(""), PRECISION_N);
    CU_ASSERT_EQUAL(precision_find("fp"), PRECISION_N);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"every_name_finds_its_own_code", test_precision_every_name_finds_its_own_code},
        {"fp16_counts_as_bf16", test_precision_fp16_counts_as_bf16},
        {"unknown_names_are_not_found", test_precision_unknown_names_are_not_found},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
