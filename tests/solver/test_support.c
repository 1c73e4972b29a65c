#include "solver/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/rng.h"
#include "tests/harness.h"

static struct status_why why;

static struct support *of(size_t d, size_t n, const double *const values[])
{
    struct support *s = NULL;
    status_clear(&why);
    HARNESS_ASSERT_OK(support_create(d, n, values, &s, &why));
    return s;
}

/* Three corners: compute is bounded though neither input is at its end. */
static void test_support_ratio_of_a_triangle_is_that_of_each_edge(void)
{
    static const double params[] = {1e7, 1e9, 1e7, 3e7}, tokens[] = {1e9, 1e9, 1e11, 2e9};
    const double *const values[] = {params, tokens};
    struct support *s = of(2, 4, values);
    CU_ASSERT_EQUAL(support_size(s), 3);
    CU_ASSERT_EQUAL(support_ratio(s, (const double[]){3e7, 2e9}), 1.0);
    CU_ASSERT_EQUAL(support_ratio(s, (const double[]){1e8, 1e10}), 1.0); /* on the edge */
    HARNESS_ASSERT_REL(support_ratio(s, (const double[]){1e9, 1e11}), 100.0, 1e-9);
    HARNESS_ASSERT_REL(support_ratio(s, (const double[]){2.385e9, 1e9}), 2.385, 1e-9);
    HARNESS_ASSERT_REL(support_ratio(s, (const double[]){5e6, 0.25e9}), 8.0, 1e-9);
    HARNESS_ASSERT_REL(support_ratio(s, (const double[]){1e8, 5e8}), 2.0, 1e-9);
    CU_ASSERT(isinf(support_ratio(s, (const double[]){0.0, 1e9})));
    CU_ASSERT(isnan(support_ratio(s, (const double[]){(double)NAN, 1e9})));
    support_destroy(s);
}

/* All runs at 20 tokens per parameter: any other ratio is outside by as much as it differs. */
static void test_support_of_runs_on_a_line_has_no_width(void)
{
    static const double params[] = {1e7, 1e8, 4e8, 1e9}, tokens[] = {2e8, 2e9, 8e9, 2e10};
    const double *const values[] = {params, tokens};
    struct support *s = of(2, 4, values);
    CU_ASSERT_EQUAL(support_size(s), 2);
    CU_ASSERT_EQUAL(support_ratio(s, (const double[]){2.385e8, 2.385e8 * 20.0}), 1.0);
    HARNESS_ASSERT_REL(support_ratio(s, (const double[]){1e8, 6e9}), 3.0, 1e-9);
    HARNESS_ASSERT_REL(support_ratio(s, (const double[]){5e9, 1e11}), 25.0, 1e-9);
    support_destroy(s);
    s = of(2, 1, values); /* a single run */
    CU_ASSERT_EQUAL(support_ratio(s, (const double[]){1e7, 2e8}), 1.0);
    HARNESS_ASSERT_REL(support_ratio(s, (const double[]){2e7, 1e8}), 4.0, 1e-9);
    support_destroy(s);
}

/* An input of which a run is 0 has no logarithm: its range is the unit. */
static void test_support_counts_inputs_with_zeros_by_their_range(void)
{
    static const double sparsity[] = {0.0, 0.25, 0.5}, params[] = {1e8, 1e8, 1e8};
    const double *const values[] = {sparsity, params};
    struct support *s = of(2, 3, values);
    CU_ASSERT_EQUAL(support_ratio(s, (const double[]){0.31, 1e8}), 1.0);
    HARNESS_ASSERT_REL(support_ratio(s, (const double[]){0.75, 1e8}), exp(0.5), 1e-9);
    HARNESS_ASSERT_REL(support_ratio(s, (const double[]){0.75, 3e8}), 3.0 * exp(0.5), 1e-9);
    support_destroy(s);
}

enum { CLOUD = 40 };

/* Independent: the distance is the greatest over directions w with |w_i| <= 1 of w.x less the
 * hull's end along w; a fine grid of directions comes close from below. */
static double by_directions(double at[CLOUD][3], const double x[3])
{
    enum { STEPS = 160 };
    double greatest = 0.0;
    for (int face = 0; face < 6; face++) {
        for (int i = 0; i <= STEPS * STEPS + 2 * STEPS; i++) {
            double w[3], end = -(double)INFINITY, here = 0.0;
            w[face / 2] = face % 2 == 0 ? 1.0 : -1.0;
            w[(face / 2 + 1) % 3] = -1.0 + 2.0 * (i / (STEPS + 1)) / STEPS;
            w[(face / 2 + 2) % 3] = -1.0 + 2.0 * (i % (STEPS + 1)) / STEPS;
            for (int k = 0; k < CLOUD; k++) {
                const double along = w[0] * at[k][0] + w[1] * at[k][1] + w[2] * at[k][2];
                end = along > end ? along : end;
            }
            for (int c = 0; c < 3; c++) {
                here += w[c] * x[c];
            }
            greatest = here - end > greatest ? here - end : greatest;
        }
    }
    return greatest;
}

static void test_support_ratio_is_the_dual_distance_in_three_inputs(void)
{
    double at[CLOUD][3], columns[3][CLOUD];
    struct rng r;
    size_t n_inside = 0, n_outside = 0;
    rng_init(&r, 11, RNG_SAMPLE, 0);
    for (int k = 0; k < CLOUD; k++) {
        for (int c = 0; c < 3; c++) {
            at[k][c] = rng_normal(&r);
            columns[c][k] = exp(at[k][c]);
        }
    }
    const double *const values[] = {columns[0], columns[1], columns[2]};
    struct support *s = of(3, CLOUD, values);
    for (int i = 0; i < 60; i++) {
        double x[3], natural[3];
        for (int c = 0; c < 3; c++) {
            x[c] = 1.7 * rng_normal(&r);
            natural[c] = exp(x[c]);
        }
        const double got = log(support_ratio(s, natural)), want = by_directions(at, x);
        CU_ASSERT(got > want - 1e-9 && got < want + 0.02);
        n_inside += got <= 0.0;
        n_outside += got > 0.0;
    }
    CU_ASSERT(n_inside > 5 && n_outside > 5);
    support_destroy(s);
}

static void test_support_is_the_same_in_any_order_of_runs(void)
{
    double params[2][CLOUD], tokens[2][CLOUD];
    struct rng r;
    rng_init(&r, 23, RNG_SAMPLE, 0);
    for (int k = 0; k < CLOUD; k++) {
        const int to = (k * 17 + 5) % CLOUD;
        params[0][k] = params[1][to] = exp(18.0 + rng_normal(&r));
        tokens[0][k] = tokens[1][to] = exp(21.0 + 1.3 * rng_normal(&r));
    }
    const double *const first[] = {params[0], tokens[0]}, *const second[] = {params[1], tokens[1]};
    struct support *a = of(2, CLOUD, first), *b = of(2, CLOUD, second);
    CU_ASSERT_EQUAL_FATAL(support_size(a), support_size(b));
    size_t n_different = 0;
    for (int i = 0; i < 100; i++) {
        const double x[] = {exp(18.0 + 2.0 * rng_normal(&r)), exp(21.0 + 2.0 * rng_normal(&r))};
        const double one = support_ratio(a, x), other = support_ratio(b, x);
        n_different += memcmp(&one, &other, sizeof one) != 0;
    }
    CU_ASSERT_EQUAL(n_different, 0);
    for (size_t k = 0; k < CLOUD; k++) { /* no run is outside its own hull */
        n_different += support_ratio(a, (const double[]){params[0][k], tokens[0][k]}) > 1.0;
    }
    CU_ASSERT_EQUAL(n_different, 0);
    support_destroy(a);
    support_destroy(b);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"ratio_of_a_triangle_is_that_of_each_edge",
         test_support_ratio_of_a_triangle_is_that_of_each_edge},
        {"of_runs_on_a_line_has_no_width", test_support_of_runs_on_a_line_has_no_width},
        {"counts_inputs_with_zeros_by_their_range",
         test_support_counts_inputs_with_zeros_by_their_range},
        {"ratio_is_the_dual_distance_in_three_inputs",
         test_support_ratio_is_the_dual_distance_in_three_inputs},
        {"is_the_same_in_any_order_of_runs", test_support_is_the_same_in_any_order_of_runs},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
