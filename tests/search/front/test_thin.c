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
    static const double even[] = {0.5, 0.5};
    const size_t knee = thin_knee(2, N_CURVE, points, even);
    CU_ASSERT(knee == N_CURVE / 2 || knee == N_CURVE / 2 - 1);
}

enum { N_KNOWN = 1001, N_SURFACE = 60 };

static size_t knee_of(size_t m, size_t n, const double shares[], double weights[])
{
    double sums[THIN_MOST_SUMS];
    thin_sums(m, n, shares, sums);
    thin_weights(m, sums, weights);
    return thin_knee(m, n, shares, weights);
}

/* Copy a front with further columns: each a copy of a column, plus noise. */
static void widen(size_t m, size_t n, const double shares[], size_t n_more, const size_t more[],
                  double noise, double wide[])
{
    struct rng r;
    rng_init(&r, 9, RNG_TEST, 0);
    for (size_t i = 0; i < n; i++) {
        memcpy(wide + i * (m + n_more), shares + i * m, m * sizeof *wide);
        for (size_t k = 0; k < n_more; k++) {
            const double x = shares[i * m + more[k]] + noise * (rng_uniform(&r) - 0.5);
            wide[i * (m + n_more) + m + k] = fmin(1.0, fmax(0.0, x));
        }
    }
}

/* y = (1 - x)^3 is farthest below x + y = 1 at x = 1 - 3^-1/2. */
static void test_thin_knee_stays_where_costs_are_repeated(void)
{
    static const size_t costs[] = {1, 1, 1};
    static double shares[2 * N_KNOWN], wide[5 * N_KNOWN];
    double weights[5];
    for (size_t i = 0; i < N_KNOWN; i++) {
        shares[2 * i] = (double)i / (N_KNOWN - 1);
        shares[2 * i + 1] = pow(1.0 - shares[2 * i], 3.0);
    }
    const size_t knee = knee_of(2, N_KNOWN, shares, weights);
    CU_ASSERT_EQUAL(knee, 423); /* .42265 of 1000 */
    CU_ASSERT_DOUBLE_EQUAL(weights[0], 0.5, 1e-15);
    for (size_t n_more = 1; n_more <= 3; n_more++) {
        widen(2, N_KNOWN, shares, n_more, costs, 0.0, wide);
        CU_ASSERT_EQUAL(knee_of(2 + n_more, N_KNOWN, wide, weights), knee);
        CU_ASSERT_DOUBLE_EQUAL(weights[0], 0.5, 1e-12);
        widen(2, N_KNOWN, shares, n_more, costs, 0.02, wide); /* correlated by .9996 */
        const size_t near = knee_of(2 + n_more, N_KNOWN, wide, weights);
        CU_ASSERT(near >= knee - 25 && near <= knee + 25);
        CU_ASSERT_DOUBLE_EQUAL(weights[0], 0.5, 0.01);
    }
    static const double alike[] = {0.2, 0.2, 0.2, 0.2, 0.2};
    widen(2, N_KNOWN, shares, 3, costs, 0.0, wide);
    CU_ASSERT(thin_knee(5, N_KNOWN, wide, alike) > 700); /* what weights are for */
}

/* On a^1/2 + b^1/2 + c^1/2 = 1 the sum is least where all are 1/9. */
static void test_thin_knee_of_a_surface_stays_where_a_cost_is_repeated(void)
{
    static const size_t more[] = {2, 0};
    static double shares[3 * N_SURFACE * N_SURFACE], wide[5 * N_SURFACE * N_SURFACE];
    double weights[5];
    size_t n = 0;
    for (size_t i = 0; i < N_SURFACE; i++) {
        for (size_t k = 0; i + k < N_SURFACE; k++, n++) {
            const double a = (double)i / (N_SURFACE - 1), b = (double)k / (N_SURFACE - 1);
            shares[3 * n] = a * a;
            shares[3 * n + 1] = b * b;
            shares[3 * n + 2] = (1.0 - a - b) * (1.0 - a - b);
        }
    }
    const size_t knee = knee_of(3, n, shares, weights);
    for (size_t j = 0; j < 3; j++) {
        CU_ASSERT_DOUBLE_EQUAL(shares[3 * knee + j], 1.0 / 9.0, 0.02);
        CU_ASSERT_DOUBLE_EQUAL(weights[j], 1.0 / 3.0, 1e-3);
    }
    for (size_t n_more = 1; n_more <= 2; n_more++) {
        widen(3, n, shares, n_more, more, 0.0, wide);
        CU_ASSERT_EQUAL(knee_of(3 + n_more, n, wide, weights), knee);
    }
}

static void test_thin_weights_of_parts_add_up_and_leave_constants_out(void)
{
    enum { N = 300 };
    double shares[3 * N], whole[THIN_MOST_SUMS], first[THIN_MOST_SUMS], second[THIN_MOST_SUMS];
    double weights[3];
    struct rng r;
    rng_init(&r, 3, RNG_TEST, 1);
    for (size_t i = 0; i < N; i++) {
        shares[3 * i] = rng_uniform(&r);
        shares[3 * i + 1] = 0.0;
        shares[3 * i + 2] = 1.0 - 0.9 * shares[3 * i];
    }
    thin_sums(3, N, shares, whole);
    thin_sums(3, 77, shares, first);
    thin_sums(3, N - 77, shares + 3 * 77, second);
    for (size_t i = 0; i < THIN_MOST_SUMS; i++) {
        CU_ASSERT_DOUBLE_EQUAL(first[i] + second[i], whole[i], 0.0);
    }
    thin_weights(3, whole, weights);
    CU_ASSERT_DOUBLE_EQUAL(weights[1], 0.0, 0.0);
    CU_ASSERT_DOUBLE_EQUAL(weights[0], 0.5, 1e-6);
    thin_sums(3, 0, shares, whole);
    thin_weights(3, whole, weights);
    CU_ASSERT_DOUBLE_EQUAL(weights[2], 1.0 / 3.0, 1e-15);
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
        {"knee_stays_where_costs_are_repeated", test_thin_knee_stays_where_costs_are_repeated},
        {"knee_of_a_surface_stays_where_a_cost_is_repeated",
         test_thin_knee_of_a_surface_stays_where_a_cost_is_repeated},
        {"weights_of_parts_add_up_and_leave_constants_out",
         test_thin_weights_of_parts_add_up_and_leave_constants_out},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
