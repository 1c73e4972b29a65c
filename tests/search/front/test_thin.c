#include "search/front/thin.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "search/front/hypervolume.h"
#include "solver/base/rng.h"
#include "tests/harness.h"

static struct status_why why;

/* Twenty points of the curve y = 1 / x, from 1 to 100 in both. */
enum { N_CURVE = 20 };
static void curve(double points[])
{
    for (size_t i = 0; i < N_CURVE; i++) {
        points[2 * i] = pow(100.0, (double)i / (N_CURVE - 1));
        points[2 * i + 1] = 100.0 / points[2 * i];
    }
}

static void test_thin_shares_are_logarithms_of_long_ranges_only(void)
{
    static const double points[] = {1.0, 5.0, 2.0, 10.0, 6.0, 2.0, 100.0, 7.0, 2.0};
    double shares[9];
    thin_shares(3, 3, points, shares);
    CU_ASSERT_EQUAL(shares[0], 0.0);
    CU_ASSERT_DOUBLE_EQUAL(shares[3], 0.5, 1e-15);
    CU_ASSERT_EQUAL(shares[6], 1.0);
    CU_ASSERT_EQUAL(shares[4], 0.5);
    CU_ASSERT_EQUAL(shares[2] + shares[5] + shares[8], 0.0);
}

static void test_thin_boxes_keep_one_point_a_box_and_no_dominated_box(void)
{
    double points[2 * N_CURVE], shares[2 * N_CURVE];
    size_t chosen[N_CURVE], n;
    curve(points);
    thin_shares(2, N_CURVE, points, shares);
    HARNESS_ASSERT_OK(thin_boxes(2, N_CURVE, shares, 1e-3, chosen, &n, &why));
    CU_ASSERT_EQUAL(n, N_CURVE); /* finer than the points lie apart */
    HARNESS_ASSERT_OK(thin_boxes(2, N_CURVE, shares, 0.25, chosen, &n, &why));
    CU_ASSERT(n >= 4 && n <= 5);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            const double *a = shares + 2 * chosen[i], *b = shares + 2 * chosen[k];
            const bool left = floor(a[0] / 0.25) <= floor(b[0] / 0.25);
            const bool below = floor(a[1] / 0.25) <= floor(b[1] / 0.25);
            CU_ASSERT(i == k || !left || !below);
        }
    }
}

/* The greedy choice against adding every point in turn. */
static void test_thin_greedy_takes_what_adds_most(void)
{
    enum { N = 40, K = 6 };
    static const double reference[] = {1.1, 1.1, 1.1, 1.1};
    for (size_t m = 2; m <= 4; m++) {
        double shares[N * 4], set[K * 4];
        size_t chosen[K], n;
        struct rng r;
        rng_init(&r, 5, RNG_TEST, m);
        for (size_t i = 0; i < N * m; i++) {
            shares[i] = rng_uniform(&r);
        }
        HARNESS_ASSERT_OK(thin_greedy(m, N, shares, K, chosen, &n, &why));
        CU_ASSERT_EQUAL(n, K);
        for (size_t k = 0; k < n; k++) {
            double best = -1.0, found = -1.0;
            for (size_t i = 0; i < N; i++) {
                double volume = 0.0;
                memcpy(set + k * m, shares + i * m, m * sizeof *set);
                HARNESS_ASSERT_OK(hypervolume_exact(m, k + 1, set, reference, &volume, &why));
                best = fmax(best, volume);
                found = i == chosen[k] ? volume : found;
            }
            CU_ASSERT_DOUBLE_EQUAL(found, best, 1e-12);
            memcpy(set + k * m, shares + chosen[k] * m, m * sizeof *set);
        }
    }
}

static void test_thin_greedy_stops_when_nothing_is_added(void)
{
    static const double shares[] = {0.0, 1.0, 1.0, 0.0, 0.0, 1.0}; /* the third is the first */
    size_t chosen[5], n;
    HARNESS_ASSERT_OK(thin_greedy(2, 3, shares, 5, chosen, &n, &why));
    CU_ASSERT_EQUAL(n, 2);
    HARNESS_ASSERT_OK(thin_greedy(2, 0, shares, 5, chosen, &n, &why));
    CU_ASSERT_EQUAL(n, 0);
}

static void test_thin_knee_is_where_the_front_bends(void)
{
    double points[2 * N_CURVE];
    curve(points); /* as they are: 1 / x bends at 10 */
    for (size_t i = 0; i < 2 * N_CURVE; i++) {
        points[i] /= 100.0;
    }
    const size_t knee = thin_knee(2, N_CURVE, points);
    CU_ASSERT(knee == N_CURVE / 2 || knee == N_CURVE / 2 - 1);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"shares_are_logarithms_of_long_ranges_only",
         test_thin_shares_are_logarithms_of_long_ranges_only},
        {"boxes_keep_one_point_a_box_and_no_dominated_box",
         test_thin_boxes_keep_one_point_a_box_and_no_dominated_box},
        {"greedy_takes_what_adds_most", test_thin_greedy_takes_what_adds_most},
        {"greedy_stops_when_nothing_is_added", test_thin_greedy_stops_when_nothing_is_added},
        {"knee_is_where_the_front_bends", test_thin_knee_is_where_the_front_bends},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
