#include "solver/memory.h"

#include "tests/harness.h"

/* 13 billion parameters: 156 GB with AdamW, 52 GB with low-rank states, which a card of 80 GB
 * holds; 175 billion at 16 bytes on 70 cards of 40 GB; 10^12 at 16 bytes on 125 of 128 GB. */
static void test_paper_zhu2024_bytes_a_parameter(void)
{
    HARNESS_ASSERT_REL(13e9 * memory_training_byte_per_param(16.0, 16.0, 8.0), 156e9, 1e-15);
    HARNESS_ASSERT_REL(13e9 * memory_training_byte_per_param(16.0, 16.0, 0.0), 52e9, 1e-15);
    HARNESS_ASSERT_REL(175e9 * memory_training_byte_per_param(16.0, 16.0, 12.0), 70 * 40e9, 1e-15);
    HARNESS_ASSERT_REL(1e12 * memory_training_byte_per_param(16.0, 16.0, 12.0), 125 * 128e9, 1e-15);
    HARNESS_ASSERT_REL(memory_training_byte_per_param(8.0, 32.0, 2.5), 7.5, 1e-15);
}

/* GPT-3: 96 layers of width 12288 with sequences of 2048, where attention is 80 beside 34. */
static void test_paper_korthikanti2022_activations(void)
{
    const struct shape gpt3 = {
        .body_params = 174e9, .vocabulary_params = 6e8, .width = 12288.0, .depth = 96.0};
    const double unit = 2048.0 * 12288.0;
    HARNESS_ASSERT_REL(memory_activation_byte(MEMORY_ALL, 2048.0, 2048.0, &gpt3, 16.0),
                       96.0 * 114.0 * unit, 1e-14);
    HARNESS_ASSERT_REL(memory_activation_byte(MEMORY_SELECTIVE, 2048.0, 2048.0, &gpt3, 16.0),
                       96.0 * 34.0 * unit, 1e-14);
    HARNESS_ASSERT_REL(memory_activation_byte(MEMORY_RECOMPUTED, 2048.0, 2048.0, &gpt3, 16.0),
                       (96.0 * 2.0 + 114.0) * unit, 1e-14);
    CU_ASSERT_EQUAL(memory_activation_byte(MEMORY_NO_ACTIVATIONS, 2048.0, 2048.0, &gpt3, 16.0),
                    0.0);
    HARNESS_ASSERT_REL(memory_activation_byte(MEMORY_ALL, 3.0 * 2048.0, 2048.0, &gpt3, 8.0),
                       1.5 * 96.0 * 114.0 * unit, 1e-14);
}

static void test_memory_cache_holds_keys_and_values(void)
{
    const struct shape s = {.width = 5120.0, .depth = 40.0};
    HARNESS_ASSERT_REL(memory_cache_byte_per_token(&s, 0.2, 16.0), 2 * 2 * 8 * 128 * 40.0, 1e-14);
    HARNESS_ASSERT_REL(memory_cache_byte_per_token(&s, 0.2, 2.0), 2 * 8 * 128 * 10.0, 1e-14);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"paper_zhu2024_bytes_a_parameter", test_paper_zhu2024_bytes_a_parameter},
        {"paper_korthikanti2022_activations", test_paper_korthikanti2022_activations},
        {"cache_holds_keys_and_values", test_memory_cache_holds_keys_and_values},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
