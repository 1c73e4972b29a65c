#include "solver/throughput.h"

#include <math.h>

#include "tests/harness.h"

/* 133.8, 142.0 and 163 TFLOP/s of 312: the fits of faiz2023 at their ends and at a vertex. */
static void test_paper_faiz2023_throughput(void)
{
    HARNESS_ASSERT_REL(throughput_mfu_ratio(THROUGHPUT_MFU_LLMCARBON, 19.2e9), 133.807 / 312.0,
                       1e-5);
    HARNESS_ASSERT_REL(throughput_mfu_ratio(THROUGHPUT_MFU_LLMCARBON, 9.5565e9), 142.010 / 312.0,
                       1e-5);
    HARNESS_ASSERT_REL(throughput_mfu_ratio(THROUGHPUT_MFU_LLMCARBON, 1e12), 163.066 / 312.0, 1e-5);
    CU_ASSERT(isnan(throughput_mfu_ratio(THROUGHPUT_MFU_LLMCARBON, 1.6e9)));
    CU_ASSERT(isnan(throughput_mfu_ratio(THROUGHPUT_MFU_LLMCARBON, 1.01e12)));
}

static void test_paper_dash2023_throughput(void)
{
    HARNESS_ASSERT_REL(throughput_mfu_ratio(THROUGHPUT_MFU_FRONTIER, 22e9), 0.3838, 1e-14);
    HARNESS_ASSERT_REL(throughput_mfu_ratio(THROUGHPUT_MFU_FRONTIER, 175e9), 0.3614, 1e-14);
    HARNESS_ASSERT_REL(throughput_mfu_ratio(THROUGHPUT_MFU_FRONTIER, 1e12), 0.3196, 1e-14);
    HARNESS_ASSERT_REL(throughput_mfu_ratio(THROUGHPUT_MFU_FRONTIER, sqrt(175e9 * 1e12)),
                       0.5 * (0.3614 + 0.3196), 1e-13);
    CU_ASSERT(isnan(throughput_mfu_ratio(THROUGHPUT_MFU_FRONTIER, 21.9e9)));
    CU_ASSERT(isnan(throughput_mfu_ratio(THROUGHPUT_MFU_FRONTIER, 1.01e12)));
}

/* .94 at 384 devices of those that 8 reach. */
static void test_paper_xu2025_scaling(void)
{
    HARNESS_ASSERT_REL(throughput_scaling_ratio(THROUGHPUT_SCALING_POWER, 384.0), 0.94, 1e-3);
    CU_ASSERT_EQUAL(throughput_scaling_ratio(THROUGHPUT_SCALING_POWER, 8.0), 1.0);
    CU_ASSERT_EQUAL(throughput_scaling_ratio(THROUGHPUT_SCALING_POWER, 1.0), 1.0);
    CU_ASSERT(isnan(throughput_scaling_ratio(THROUGHPUT_SCALING_POWER, 0.5)));
    CU_ASSERT_EQUAL(throughput_scaling_ratio(THROUGHPUT_SCALING_CONSTANT, (double)NAN), 1.0);
}

/* 43 % on 8,192 and 41 % on 16,384 H100s. */
static void test_paper_grattafiori2024_scaling(void)
{
    HARNESS_ASSERT_REL(throughput_scaling_ratio(THROUGHPUT_SCALING_LLAMA, 16384.0), 0.41 / 0.43,
                       1e-14);
    HARNESS_ASSERT_REL(throughput_scaling_ratio(THROUGHPUT_SCALING_LLAMA, 8192.0 * sqrt(2.0)),
                       0.42 / 0.43, 1e-12);
    HARNESS_ASSERT_REL(throughput_scaling_ratio(THROUGHPUT_SCALING_LLAMA, 8192.0), 1.0, 1e-14);
    CU_ASSERT_EQUAL(throughput_scaling_ratio(THROUGHPUT_SCALING_LLAMA, 512.0), 1.0);
    CU_ASSERT(isnan(throughput_scaling_ratio(THROUGHPUT_SCALING_LLAMA, 16385.0)));
    CU_ASSERT(isnan(throughput_scaling_ratio(THROUGHPUT_SCALING_LLAMA, 0.5)));
    CU_ASSERT_STRING_EQUAL(throughput_scaling_name(THROUGHPUT_SCALING_LLAMA), "llama");
}

/* Checkpoints of 5 minutes: 117, 57 and 9.1 minutes apart when failures are 24 h, 6 h and 15
 * minutes apart. */
static void test_paper_daly2006_intervals(void)
{
    HARNESS_ASSERT_REL(60.0 * throughput_checkpoint_interval_hour(24.0, 5.0 / 60.0), 117.0, 4e-3);
    HARNESS_ASSERT_REL(60.0 * throughput_checkpoint_interval_hour(6.0, 5.0 / 60.0), 57.0, 9e-3);
    HARNESS_ASSERT_REL(60.0 * throughput_checkpoint_interval_hour(0.25, 5.0 / 60.0), 9.1, 5e-3);
    CU_ASSERT_EQUAL(throughput_checkpoint_interval_hour(0.02, 0.05), 0.02);
}

/* Nothing near the interval loses less than it, and the loss is Young's sqrt(2 d / M) + R / M where
 * failures are rare. */
static void test_throughput_goodput_is_that_of_the_best_interval(void)
{
    const struct throughput_failures f = {
        .per_device_hour = 2.385e-5, .checkpoint_hour = 0.03, .restart_hour = 0.21};
    const double devices = 4097.0, mean = 1.0 / (f.per_device_hour * devices);
    const double ratio = throughput_goodput_ratio(THROUGHPUT_GOODPUT_DALY, devices, &f);
    double best = 0.0;
    for (double t = 0.05; t < 3.0 * mean; t *= 1.01) {
        best = fmax(best,
                    t / mean * exp(-f.restart_hour / mean) / expm1((t + f.checkpoint_hour) / mean));
    }
    HARNESS_ASSERT_REL(ratio, best, 1e-4);
    const double rare = throughput_goodput_ratio(THROUGHPUT_GOODPUT_DALY, 2.0, &f);
    const double rare_mean = 1.0 / (f.per_device_hour * 2.0);
    HARNESS_ASSERT_REL(
        1.0 - rare, sqrt(2.0 * f.checkpoint_hour / rare_mean) + f.restart_hour / rare_mean, 0.02);
}

/* "more than 90 % of the time" on 16,384 devices. */
static void test_paper_grattafiori2024_goodput(void)
{
    const struct throughput_failures f = throughput_default_failures();
    HARNESS_ASSERT_REL(1.0 / f.per_device_hour, 45558.0, 1e-4);
    HARNESS_ASSERT_REL(throughput_goodput_ratio(THROUGHPUT_GOODPUT_DALY, 16384.0, &f), 0.900, 1e-3);
}

static void test_throughput_goodput_falls_with_the_fleet_until_nothing_is_left(void)
{
    const struct throughput_failures f = throughput_default_failures();
    double before = 1.0, devices = 1.0;
    for (; devices < 1e9; devices *= 1.7) {
        const double ratio = throughput_goodput_ratio(THROUGHPUT_GOODPUT_DALY, devices, &f);
        if (isnan(ratio)) {
            break;
        }
        CU_ASSERT(ratio > 0.0 && ratio < before);
        before = ratio;
    }
    CU_ASSERT(devices > 1e5 && devices < 1e8 && before < 0.01);
    CU_ASSERT(isnan(throughput_goodput_ratio(THROUGHPUT_GOODPUT_DALY, 1e18, &f)));
    CU_ASSERT(isnan(throughput_goodput_ratio(THROUGHPUT_GOODPUT_DALY, 0.9, &f)));
    CU_ASSERT_EQUAL(throughput_goodput_ratio(THROUGHPUT_GOODPUT_CONSTANT, 1e9, &f), 1.0);
}

/* A fleet of ages 0 to 4 when the newest do 1.3 times as much a joule each year. */
static void test_throughput_old_devices_need_more_energy_for_the_same_work(void)
{
    enum { N = 100000 };
    double work = 0.0;
    for (int i = 0; i < N; i++) {
        work += pow(1.3, -4.0 * (i + 0.5) / N) / N;
    }
    HARNESS_ASSERT_REL(throughput_ageing_ratio(4.0, 0.3), 1.0 / work, 1e-9);
    CU_ASSERT_EQUAL(throughput_ageing_ratio(4.0, 0.0), 1.0);
    HARNESS_ASSERT_REL(throughput_ageing_ratio(1e-9, 0.3), 1.0, 1e-8);
}

static void test_throughput_models_have_names(void)
{
    CU_ASSERT_STRING_EQUAL(throughput_mfu_name(THROUGHPUT_MFU_CONSTANT), "constant");
    CU_ASSERT_STRING_EQUAL(throughput_mfu_name(THROUGHPUT_MFU_FRONTIER), "frontier");
    CU_ASSERT_STRING_EQUAL(throughput_scaling_name(THROUGHPUT_SCALING_POWER), "power");
    CU_ASSERT_STRING_EQUAL(throughput_goodput_name(THROUGHPUT_GOODPUT_DALY), "daly");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {{"paper_faiz2023_throughput", test_paper_faiz2023_throughput},
                           {"paper_dash2023_throughput", test_paper_dash2023_throughput},
                           {"paper_xu2025_scaling", test_paper_xu2025_scaling},
                           {"paper_grattafiori2024_scaling", test_paper_grattafiori2024_scaling},
                           {"paper_daly2006_intervals", test_paper_daly2006_intervals},
                           {"goodput_is_that_of_the_best_interval",
                            test_throughput_goodput_is_that_of_the_best_interval},
                           {"paper_grattafiori2024_goodput", test_paper_grattafiori2024_goodput},
                           {"goodput_falls_with_the_fleet_until_nothing_is_left",
                            test_throughput_goodput_falls_with_the_fleet_until_nothing_is_left},
                           {"old_devices_need_more_energy_for_the_same_work",
                            test_throughput_old_devices_need_more_energy_for_the_same_work},
                           {"models_have_names", test_throughput_models_have_names},
                           CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
