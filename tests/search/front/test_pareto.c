#include "search/front/pareto.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/rng.h"
#include "solver/base/vmath.h"
#include "tests/harness.h"
#include "tests/search/front/brute.h"

static struct status_why why;

/* Kinds of point sets: ties come from few levels an objective. */
enum kind { UNIFORM, LEVELS, SHELL, SCALES, FLAT, N_KINDS };

static double draw(struct rng *r, enum kind kind, size_t j)
{
    const double u = rng_uniform(r);
    switch (kind) {
    case LEVELS:
        return (double)(int)(u * 7) * 0.37 - 1.1;
    case SCALES: /* objectives of very different size, negative ones, and zeros of both signs */
        return j == 0 ? (double)((int)(u * 9) - 4) * 1e-7 : (u < 0.1 ? -0.0 : u * 3e11 - 1e11);
    case FLAT: /* the first objective never differs */
        return j == 0 ? 2.385 : (double)(int)(u * 40);
    case UNIFORM:
    case SHELL:
    case N_KINDS:
        break;
    }
    return u;
}

static void fill(uint64_t seed, enum kind kind, size_t m, size_t n, double x[])
{
    struct rng r;
    rng_init(&r, 20260711, RNG_TEST, seed);
    for (size_t i = 0; i < n; i++) {
        double square = 0;
        for (size_t j = 0; j < m; j++) {
            x[i * m + j] = draw(&r, kind, j);
            square += x[i * m + j] * x[i * m + j];
        }
        for (size_t j = 0; kind == SHELL && j < m; j++) {
            x[i * m + j] /= sqrt(square) * (1 - 0.1 * rng_uniform(&r));
        }
        /* One in six repeats an earlier point. */
        if (i > 0 && rng_below(&r, 6) == 0) {
            memcpy(x + i * m, x + rng_below(&r, i) * m, m * sizeof *x);
        }
    }
}

static void shuffle(struct rng *r, size_t n, uint64_t order[])
{
    for (size_t i = 0; i < n; i++) {
        order[i] = i;
    }
    for (size_t i = n; i > 1; i--) {
        const size_t k = rng_below(r, i);
        const uint64_t t = order[i - 1];
        order[i - 1] = order[k];
        order[k] = t;
    }
}

/* Offer the rows of x in the given order, cut into blocks of random length. */
static void offer_all(struct pareto *p, struct rng *r, size_t m, size_t n, const double x[],
                      const uint64_t order[], size_t longest)
{
    const size_t stride = longest + 3;
    double *columns = malloc(m * stride * sizeof *columns);
    for (size_t done = 0; done < n;) {
        size_t here = 1 + rng_below(r, longest);
        here = here < n - done ? here : n - done;
        for (size_t i = 0; i < here; i++) {
            for (size_t j = 0; j < m; j++) {
                columns[j * stride + i] = x[order[done + i] * m + j];
            }
        }
        HARNESS_ASSERT_OK(pareto_offer(p, here, columns, stride, order + done, 0, &why));
        done += here;
        if (rng_below(r, 8) == 0) { /* so that small sets meet members too, not the buffer only */
            HARNESS_ASSERT_OK(pareto_settle(p, &why));
        }
    }
    free(columns);
}

/* Whether the settled set holds exactly the marked rows, each with its own objectives. */
static bool holds_exactly(const struct pareto *p, size_t m, size_t n, const double x[],
                          const bool on_front[], size_t n_front)
{
    bool *seen = calloc(n, sizeof *seen);
    bool same = pareto_size(p) == n_front;
    for (size_t i = 0; i < pareto_size(p); i++) {
        const uint64_t index = pareto_index(p, i);
        same = same && index < n && on_front[index] && !seen[index];
        for (size_t j = 0; same && j < m; j++) {
            same = pareto_point(p, i)[j] == x[index * m + j];
        }
        if (index < n) {
            seen[index] = true;
        }
    }
    free(seen);
    return same;
}

static bool agrees_with_brute_force(uint64_t seed, enum kind kind, size_t m, size_t n)
{
    double *x = malloc(n * m * sizeof *x);
    bool *on_front = malloc(n * sizeof *on_front);
    uint64_t *order = malloc(n * sizeof *order);
    struct pareto *p = NULL;
    struct rng r;
    bool same = true;

    fill(seed, kind, m, n, x);
    const size_t n_front = brute_front(m, n, x, on_front);
    rng_init(&r, 77, RNG_TEST, seed);
    for (size_t i = 0; i < n; i++) {
        order[i] = i;
    }
    for (int round = 0; round < 3; round++) { /* in index order, then in two others */
        HARNESS_ASSERT_OK(pareto_create(m, &p, &why));
        offer_all(p, &r, m, n, x, order, round == 1 ? 7 : 3000);
        HARNESS_ASSERT_OK(pareto_settle(p, &why));
        same = same && holds_exactly(p, m, n, x, on_front, n_front);
        pareto_destroy(p);
        shuffle(&r, n, order);
    }
    free(order);
    free(on_front);
    free(x);
    return same;
}

static void test_pareto_is_the_front_of_random_sets(void)
{
    uint64_t seed = 0;
    for (size_t m = 2; m <= 6; m++) {
        for (int kind = 0; kind < N_KINDS; kind++) {
            for (size_t k = 0; k < 9; k++) {
                const size_t n = 1 + 37 * k * k + k;
                CU_ASSERT(agrees_with_brute_force(seed++, (enum kind)kind, m, n));
            }
        }
    }
    for (int kind = 0; kind < N_KINDS; kind++) {
        CU_ASSERT(agrees_with_brute_force(seed++, (enum kind)kind, 1, 500));
        CU_ASSERT(agrees_with_brute_force(seed++, (enum kind)kind, 7, 700));
        CU_ASSERT(agrees_with_brute_force(seed++, (enum kind)kind, 8, 700));
    }
}

/* Large enough for killers, deep trees and recursive batches. */
static void test_pareto_is_the_front_of_large_sets(void)
{
    CU_ASSERT(agrees_with_brute_force(1001, UNIFORM, 3, 20000));
    CU_ASSERT(agrees_with_brute_force(1002, LEVELS, 4, 20000));
    CU_ASSERT(agrees_with_brute_force(1003, SHELL, 3, 6000));
    CU_ASSERT(agrees_with_brute_force(1004, SHELL, 5, 5000));
    CU_ASSERT(agrees_with_brute_force(1005, SCALES, 2, 20000));
}

static void test_every_vector_level_gives_the_same_front(void)
{
    const enum vmath_level usual = vmath_level();
    for (int level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        if (vmath_force((enum vmath_level)level)) {
            CU_ASSERT(agrees_with_brute_force(2001, LEVELS, 4, 4001));
            CU_ASSERT(agrees_with_brute_force(2002, SHELL, 3, 4001));
        }
    }
    (void)vmath_force(usual);
}

static void test_the_lowest_index_of_equal_points_stays(void)
{
    const double columns[] = {2.5, 2.5, 2.5, 1.5, 3.5, 3.5, 3.5, 4.5}; /* [2][4] */
    const uint64_t falling[] = {40, 30, 20, 50};
    struct pareto *p = NULL;

    HARNESS_ASSERT_OK(pareto_create(2, &p, &why));
    HARNESS_ASSERT_OK(pareto_offer(p, 4, columns, 4, falling, 0, &why));
    HARNESS_ASSERT_OK(pareto_settle(p, &why));
    CU_ASSERT_EQUAL(pareto_size(p), 2);
    CU_ASSERT_EQUAL(pareto_n_duplicates(p), 2);
    HARNESS_ASSERT_OK(pareto_offer(p, 1, columns, 4, NULL, 25, &why)); /* goes */
    HARNESS_ASSERT_OK(pareto_offer(p, 1, columns, 4, NULL, 11, &why)); /* replaces 20 */
    HARNESS_ASSERT_OK(pareto_offer(p, 1, columns, 4, NULL, 12, &why)); /* goes */
    HARNESS_ASSERT_OK(pareto_settle(p, &why));
    CU_ASSERT_EQUAL(pareto_size(p), 2);
    CU_ASSERT_EQUAL(pareto_n_duplicates(p), 5);
    uint64_t sum = 0;
    for (size_t i = 0; i < 2; i++) {
        sum += pareto_index(p, i);
    }
    CU_ASSERT_EQUAL(sum, 50 + 11);
    pareto_destroy(p);
}

static void test_a_point_offered_again_changes_nothing(void)
{
    enum { N = 3000 };
    double columns[2 * N];
    struct pareto *p = NULL;

    for (size_t i = 0; i < N; i++) { /* all on the front */
        columns[i] = (double)i * 0.25;
        columns[N + i] = 7.5 - columns[i];
    }
    HARNESS_ASSERT_OK(pareto_create(2, &p, &why));
    for (int round = 0; round < 3; round++) { /* into the buffer twice, then with members there */
        HARNESS_ASSERT_OK(pareto_offer(p, round == 2 ? N : 100, columns, N, NULL, 9, &why));
    }
    HARNESS_ASSERT_OK(pareto_offer(p, N, columns, N, NULL, 9, &why));
    HARNESS_ASSERT_OK(pareto_settle(p, &why));
    CU_ASSERT_EQUAL(pareto_size(p), N);
    CU_ASSERT_EQUAL(pareto_n_duplicates(p), 0);
    pareto_destroy(p);
}

static void test_pareto_between_finds_members_and_offers(void)
{
    const double columns[] = {1, 2, 3, 9, 3, 2, 1, 9}; /* [2][4] the last is dominated */
    struct pareto *p = NULL;
    uint64_t found[4];

    HARNESS_ASSERT_OK(pareto_create(2, &p, &why));
    HARNESS_ASSERT_OK(pareto_offer(p, 2, columns, 4, NULL, 100, &why));
    HARNESS_ASSERT_OK(pareto_settle(p, &why));
    HARNESS_ASSERT_OK(pareto_offer(p, 2, columns + 2, 4, NULL, 102, &why));
    CU_ASSERT_EQUAL(pareto_between(p, 101, 104, 4, found), 2); /* 103 fell to a member */
    CU_ASSERT(found[0] + found[1] == 203);
    CU_ASSERT_EQUAL(pareto_between(p, 0, 500, 0, NULL), 3);
    CU_ASSERT_EQUAL(pareto_between(p, 0, 100, 4, found), 0);
    pareto_destroy(p);
}

/* The nearest number of 40 significant bits, by the floating-point division of the value. */
static double rounded_by_scaling(double x)
{
    int exponent;
    const double mantissa = frexp(x, &exponent);
    return ldexp(nearbyint(ldexp(mantissa, 40)), exponent - 40);
}

static void test_pareto_round_keeps_40_bits_half_to_even(void)
{
    const double unit = 0x1p-39; /* last bit kept of 1.x */
    double x[] = {1 + 0.5 * unit, 1 + 1.5 * unit, 1 + 0.6 * unit,    -2.385, 2 - 0.25 * unit,
                  0.1 + 0.2,      6.02214076e23,  -(1 + 0.5 * unit), 0};
    double want[9];
    for (size_t i = 0; i < 9; i++) {
        want[i] = rounded_by_scaling(x[i]);
    }
    pareto_round(9, x);
    CU_ASSERT(x[0] == 1 && x[1] == 1 + 2 * unit && x[2] == 1 + unit && x[4] == 2);
    for (size_t i = 0; i < 9; i++) {
        CU_ASSERT_EQUAL(x[i], want[i]);
    }
    struct rng r;
    rng_init(&r, 5, RNG_TEST, 0);
    for (int i = 0; i < 20000; i++) {
        double y = (rng_uniform(&r) - 0.5) * ldexp(1, (int)rng_below(&r, 600) - 300);
        const double z = rounded_by_scaling(y);
        pareto_round(1, &y);
        CU_ASSERT_EQUAL(y, z);
        pareto_round(1, &y);
        CU_ASSERT_EQUAL(y, z);
    }
}

static void test_pareto_round_leaves_what_is_not_a_normal_number(void)
{
    double x[] = {(double)INFINITY, -(double)INFINITY, (double)NAN, 0x1.8p-1070, -0.0, DBL_MAX};
    pareto_round(6, x);
    CU_ASSERT(x[0] == (double)INFINITY && x[1] == -(double)INFINITY && isnan(x[2]));
    CU_ASSERT(x[3] == 0x1.8p-1070 && x[4] == 0 && signbit(x[4]));
    CU_ASSERT(isinf(x[5])); /* nearer to 2^1024 than to any number of 40 bits */
}

static void test_pareto_of_nothing_is_empty(void)
{
    struct pareto *p = NULL;
    HARNESS_ASSERT_OK(pareto_create(8, &p, &why));
    HARNESS_ASSERT_OK(pareto_offer(p, 0, NULL, 0, NULL, 0, &why));
    HARNESS_ASSERT_OK(pareto_settle(p, &why));
    CU_ASSERT_EQUAL(pareto_size(p), 0);
    pareto_destroy(p);
    pareto_destroy(NULL);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"pareto_is_the_front_of_random_sets", test_pareto_is_the_front_of_random_sets},
        {"pareto_is_the_front_of_large_sets", test_pareto_is_the_front_of_large_sets},
        {"every_vector_level_gives_the_same_front", test_every_vector_level_gives_the_same_front},
        {"the_lowest_index_of_equal_points_stays", test_the_lowest_index_of_equal_points_stays},
        {"a_point_offered_again_changes_nothing", test_a_point_offered_again_changes_nothing},
        {"pareto_between_finds_members_and_offers", test_pareto_between_finds_members_and_offers},
        {"pareto_round_keeps_40_bits_half_to_even", test_pareto_round_keeps_40_bits_half_to_even},
        {"pareto_round_leaves_what_is_not_a_normal_number",
         test_pareto_round_leaves_what_is_not_a_normal_number},
        {"pareto_of_nothing_is_empty", test_pareto_of_nothing_is_empty},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
