#include "solver/base/rng.h"

#include <string.h>

#include "solver/base/vmath.h"
#include "tests/harness.h"

/* The vectors published with Random123 (kat_vectors, philox 4x32 10): zeros, ones, digits of pi. */
static void test_rng_philox_known_answers(void)
{
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } rows[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t out[4];
        rng_philox(rows[i].counter, rows[i].key, out);
        CU_ASSERT_EQUAL(memcmp(out, rows[i].out, sizeof out), 0);
    }
}

static void test_rng_stream_reads_the_blocks_in_order(void)
{
    struct rng r;
    rng_init(&r, 2385, RNG_TEST, 0x100000007U);
    for (uint32_t draw = 0; draw < 5; draw++) {
        uint32_t out[4];
        rng_philox((const uint32_t[]){draw, 0, 7, 1}, r.key, out);
        for (int i = 0; i < 4; i++) {
            CU_ASSERT_EQUAL(rng_bits(&r), out[i]);
        }
    }
    r.counter[0] = UINT32_MAX; /* the draw carries into its second word, never into the item */
    (void)rng_bits(&r);
    CU_ASSERT_EQUAL(r.counter[0], 0);
    CU_ASSERT_EQUAL(r.counter[1], 1);
    CU_ASSERT_EQUAL(r.counter[2], 7);
}

static void test_rng_same_stream_again(void)
{
    struct rng a, b;
    rng_init(&a, 41, RNG_BOOTSTRAP, 12);
    rng_init(&b, 41, RNG_BOOTSTRAP, 12);
    for (int i = 0; i < 1000; i++) {
        const double x = i % 3 == 0 ? rng_uniform(&a) : rng_normal(&a);
        const double y = i % 3 == 0 ? rng_uniform(&b) : rng_normal(&b);
        CU_ASSERT_EQUAL(x, y);
        CU_ASSERT_EQUAL(rng_below(&a, 240), rng_below(&b, 240));
    }
    CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof a), 0);
}

/* Correlation of n uniform numbers of two streams; its standard error is 1 / sqrt(n). */
static double correlation(struct rng *a, struct rng *b, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
        sum += (rng_uniform(a) - 0.5) * (rng_uniform(b) - 0.5);
    }
    return 12.0 * sum / n;
}

static void test_rng_neighbouring_streams_are_independent(void)
{
    enum { N = 40000 };
    static const struct {
        uint64_t seed;
        enum rng_purpose purpose;
        uint64_t item;
    } others[] = {
        {8, RNG_BOOTSTRAP, 3}, {6, RNG_BOOTSTRAP, 3}, {7, RNG_STARTS, 3},
        {7, RNG_TEST, 3},      {7, RNG_BOOTSTRAP, 4}, {7, RNG_BOOTSTRAP, 0x100000003U},
        {8, RNG_TEST, 3},      {6, RNG_STARTS, 3},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct rng a, b;
        int n_equal = 0;
        rng_init(&a, 7, RNG_BOOTSTRAP, 3);
        rng_init(&b, others[i].seed, others[i].purpose, others[i].item);
        for (int k = 0; k < 64; k++) {
            n_equal += rng_bits(&a) == rng_bits(&b);
        }
        CU_ASSERT_EQUAL(n_equal, 0);
        CU_ASSERT(fabs(correlation(&a, &b, N)) < 4.5 / sqrt(N));
    }
}

static void test_rng_uniform_fills_the_unit_interval(void)
{
    enum { N = 200000 };
    struct rng r;
    double low = 1.0, high = 0.0, sum = 0.0, squares = 0.0;
    rng_init(&r, 1, RNG_TEST, 0);
    for (int i = 0; i < N; i++) {
        const double u = rng_uniform(&r);
        CU_ASSERT_FATAL(0.0 < u && u < 1.0);
        low = fmin(low, u);
        high = fmax(high, u);
        sum += u;
        squares += u * u;
    }
    CU_ASSERT(low < 1e-4 && high > 1.0 - 1e-4);
    CU_ASSERT_DOUBLE_EQUAL(sum / N, 0.5, 4.5 * sqrt(1.0 / 12.0 / N));
    CU_ASSERT_DOUBLE_EQUAL(squares / N, 1.0 / 3.0, 4.5 * sqrt(4.0 / 45.0 / N));
}

static void test_rng_uniform_ends_lie_inside(void)
{
    struct rng r = {.n_left = 2, .block = {0, 0, 0, 0}};
    CU_ASSERT_EQUAL(rng_uniform(&r), 0x1p-53);
    r = (struct rng){.n_left = 2, .block = {0, 0, UINT32_MAX, UINT32_MAX}};
    CU_ASSERT_EQUAL(rng_uniform(&r), 1.0 - 0x1p-53);
}

static void test_rng_below_is_even(void)
{
    enum { N_CELLS = 240, N = 480000 };
    static int counts[N_CELLS];
    struct rng r;
    double chi_square = 0.0;
    const double mean = (double)N / N_CELLS;
    rng_init(&r, 3, RNG_BOOTSTRAP, 17);
    for (int i = 0; i < N; i++) {
        const uint32_t k = rng_below(&r, N_CELLS);
        CU_ASSERT_FATAL(k < N_CELLS);
        counts[k]++;
    }
    for (int k = 0; k < N_CELLS; k++) {
        chi_square += (counts[k] - mean) * (counts[k] - mean) / mean;
    }
    /* 239 degrees of freedom: mean 239, standard deviation sqrt(478); both too much and too little
     * would be wrong. */
    CU_ASSERT_DOUBLE_EQUAL(chi_square, N_CELLS - 1, 4.0 * sqrt(2.0 * (N_CELLS - 1)));
}

/* With n = 3 * 2^30, multiplying without rejection would give one in three results twice as often
 * as the others: those divisible by three. */
static void test_rng_below_rejects_without_bias(void)
{
    enum { N = 60000 };
    struct rng r;
    int n_divisible = 0;
    rng_init(&r, 5, RNG_FOLDS, 2);
    for (int i = 0; i < N; i++) {
        n_divisible += rng_below(&r, (uint64_t)3 << 30) % 3 == 0;
    }
    CU_ASSERT_DOUBLE_EQUAL(n_divisible, N / 3.0, 4.5 * sqrt(N * 2.0 / 9.0));
}

static void test_rng_below_ends_of_its_range(void)
{
    struct rng r, same;
    rng_init(&r, 9, RNG_TEST, 1);
    for (int i = 0; i < 20; i++) {
        CU_ASSERT_EQUAL(rng_below(&r, 1), 0);
    }
    same = r;
    CU_ASSERT_EQUAL(rng_below(&r, (uint64_t)1 << 32), rng_bits(&same));
}

static void test_rng_normal_moments(void)
{
    enum { N = 200000, N_MOMENTS = 6 };
    static const double moments[] = {0.0, 1.0, 0.0, 3.0, 0.0, 15.0};
    static const double variances[] = {1.0, 2.0, 15.0, 96.0, 945.0, 10170.0};
    double sums[N_MOMENTS] = {0.0};
    int n_beyond_2 = 0;
    struct rng r;
    rng_init(&r, 11, RNG_SIMULATE, 0);
    for (int i = 0; i < N; i++) {
        const double x = rng_normal(&r);
        double power = 1.0;
        n_beyond_2 += fabs(x) > 2.0;
        for (int k = 0; k < N_MOMENTS; k++) {
            power *= x;
            sums[k] += power;
        }
    }
    for (int k = 0; k < N_MOMENTS; k++) {
        CU_ASSERT_DOUBLE_EQUAL(sums[k] / N, moments[k], 4.5 * sqrt(variances[k] / N));
    }
    const double share = 0.0455002638963584; /* erfc(sqrt(2)) */
    CU_ASSERT_DOUBLE_EQUAL(n_beyond_2, N * share, 4.5 * sqrt(N * share));
}

static void test_rng_normal_is_the_same_on_every_level(void)
{
    const enum vmath_level before = vmath_level();
    double first[100] = {0};
    for (enum vmath_level level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        struct rng r;
        if (!vmath_force(level)) {
            continue;
        }
        rng_init(&r, 13, RNG_SIMULATE, 8);
        for (int i = 0; i < 100; i++) {
            const double x = rng_normal(&r);
            first[i] = level == VMATH_V2 ? x : first[i];
            CU_ASSERT_EQUAL(x, first[i]);
        }
    }
    (void)vmath_force(before);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"philox known answers", test_rng_philox_known_answers},
        {"stream reads the blocks in order", test_rng_stream_reads_the_blocks_in_order},
        {"same stream again", test_rng_same_stream_again},
        {"neighbouring streams are independent", test_rng_neighbouring_streams_are_independent},
        {"uniform fills the unit interval", test_rng_uniform_fills_the_unit_interval},
        {"uniform ends lie inside", test_rng_uniform_ends_lie_inside},
        {"below is even", test_rng_below_is_even},
        {"below rejects without bias", test_rng_below_rejects_without_bias},
        {"below ends of its range", test_rng_below_ends_of_its_range},
        {"normal moments", test_rng_normal_moments},
        {"normal is the same on every level", test_rng_normal_is_the_same_on_every_level},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
