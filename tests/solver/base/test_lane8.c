/* The helpers as the plain compiler flags build them; what exp and log use of the other levels is
 * compared bit by bit in test_vmath.c. Vectors never cross a call that is not inlined. */
#pragma GCC diagnostic ignored "-Wpsabi"

#include "solver/base/lane8.h"

#include "tests/harness.h"

static const double nan_value = (double)NAN, inf = (double)INFINITY;

static void test_lane8_load_and_store_any_alignment(void)
{
    double from[LANE8_N + 1], to[LANE8_N + 2];
    for (int i = 0; i <= LANE8_N; i++) {
        from[i] = 2.385 * i - 3.1;
        to[i] = -1.0;
    }
    lane8_store(to + 1, lane8_load(from + 1));
    CU_ASSERT_EQUAL(to[0], -1.0);
    CU_ASSERT_EQUAL(memcmp(to + 1, from + 1, LANE8_N * sizeof *to), 0);
}

static void test_lane8_parts_touch_nothing_beyond(void)
{
    static const double from[3] = {1.25, -7.5, 0.3};
    double to[LANE8_N];
    for (size_t n = 0; n <= 3; n++) {
        const lane8 v = lane8_load_part(from, n, 9.5);
        for (size_t i = 0; i < LANE8_N; i++) {
            CU_ASSERT_EQUAL(v[i], i < n ? from[i] : 9.5);
            to[i] = -1.0;
        }
        lane8_store_part(to, n, v);
        for (size_t i = 0; i < LANE8_N; i++) {
            CU_ASSERT_EQUAL(to[i], i < n ? from[i] : -1.0);
        }
    }
}

static void test_lane8_fma_rounds_once(void)
{
    const double a = 1.0 + 0x1p-30;
    const lane8 square = lane8_fma(lane8_set1(a), lane8_set1(a), lane8_set1(-1.0));
    const lane8 lost = lane8_fma(lane8_set1(a), lane8_set1(a), lane8_set1(-(a * a)));
    CU_ASSERT_EQUAL(square[5], 0x1p-29 + 0x1p-60);
    CU_ASSERT_EQUAL(lost[2], 0x1p-60);
}

static void test_lane8_comparisons_and_nan(void)
{
    const lane8 a = {1.5, 2.5, -0.0, nan_value, 3.0, inf, -inf, -4.0};
    const lane8 b = {2.5, 1.5, 0.0, 1.0, nan_value, inf, inf, -4.0};
    static const int less[] = {1, 0, 0, 0, 0, 0, 1, 0}, less_equal[] = {1, 0, 1, 0, 0, 1, 1, 1},
                     equal[] = {0, 0, 1, 0, 0, 1, 0, 1};
    const lane8_mask is_less = lane8_less(a, b), is_less_equal = lane8_less_equal(a, b),
                     is_equal = lane8_equal(a, b);
    for (int i = 0; i < LANE8_N; i++) {
        CU_ASSERT_EQUAL(is_less[i], -less[i]);
        CU_ASSERT_EQUAL(is_less_equal[i], -less_equal[i]);
        CU_ASSERT_EQUAL(is_equal[i], -equal[i]);
    }
    CU_ASSERT_TRUE(lane8_any(is_less));
    CU_ASSERT_FALSE(lane8_any(lane8_less(a, a)));
    CU_ASSERT_TRUE(lane8_any((lane8_mask){0, 0, 0, 0, 0, 0, 0, -1}));
}

static void test_lane8_select_min_max_abs(void)
{
    const lane8 a = {1.5, 2.5, -3.5, nan_value, 3.0, inf, -inf, -4.0};
    const lane8 b = {2.5, 1.5, 3.25, 1.0, nan_value, 7.0, -8.0, 4.0};
    const lane8 chosen = lane8_select((lane8_mask){-1, 0, -1, 0, 0, -1, 0, -1}, a, b);
    const lane8 low = lane8_min(a, b), high = lane8_max(a, b), size = lane8_abs(a);
    static const double of_chosen[] = {1.5,  1.5, -3.5, 1.0, (double)NAN, (double)INFINITY,
                                       -8.0, -4.0};
    for (int i = 0; i < LANE8_N; i++) {
        CU_ASSERT_EQUAL(memcmp((const double[]){chosen[i]}, of_chosen + i, sizeof(double)), 0);
        if (i != 3 && i != 4) {
            CU_ASSERT_EQUAL(low[i], fmin(a[i], b[i]));
            CU_ASSERT_EQUAL(high[i], fmax(a[i], b[i]));
            CU_ASSERT_EQUAL(size[i], fabs(a[i]));
        }
    }
    /* NaN on either side gives the second argument. */
    CU_ASSERT_EQUAL(low[3], 1.0);
    CU_ASSERT_EQUAL(high[3], 1.0);
    CU_ASSERT_TRUE(isnan(low[4]) && isnan(high[4]));
}

/* Values for which every other order of additions gives another sum. */
static void test_lane8_sum_folds_in_one_order(void)
{
    static const double v[] = {1e16, 3.7, -1.1, 2.9, 1.0, -1e16, 0.7, 5.3};
    CU_ASSERT_EQUAL(lane8_sum(lane8_load(v)),
                    ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7])));
    CU_ASSERT_NOT_EQUAL(lane8_sum(lane8_load(v)),
                        ((((((v[0] + v[1]) + v[2]) + v[3]) + v[4]) + v[5]) + v[6]) + v[7]);
}

static void test_lane8_totals_are_those_of_each_lane(void)
{
    static const double v[] = {1e16, 3.7, -1.1, 2.9, 1.0, -1e16, 0.7, 5.3};
    struct lane8_total total = {0};
    CU_ASSERT_EQUAL(lane8_fold(&total), 0.0);
    lane8_add(&total, lane8_load(v));
    lane8_add(&total, 0.3 * lane8_load(v));
    CU_ASSERT_EQUAL(lane8_fold(&total), lane8_sum(lane8_load(v) + 0.3 * lane8_load(v)));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"load and store any alignment", test_lane8_load_and_store_any_alignment},
        {"parts touch nothing beyond", test_lane8_parts_touch_nothing_beyond},
        {"fma rounds once", test_lane8_fma_rounds_once},
        {"comparisons and NaN", test_lane8_comparisons_and_nan},
        {"select, min, max, abs", test_lane8_select_min_max_abs},
        {"sum folds in one order", test_lane8_sum_folds_in_one_order},
        {"totals are those of each lane", test_lane8_totals_are_those_of_each_lane},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
