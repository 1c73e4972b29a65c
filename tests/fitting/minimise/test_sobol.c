#include "fitting/minimise/sobol.h"

#include <math.h>
#include <string.h>

#include "tests/harness.h"

/* The first points that Joe and Kuo's program prints with new-joe-kuo-6.21201 (joe2008), and two
 * later ones by SciPy 1.10's qmc.Sobol(24, scramble=False), which reads the same table. */
static void test_paper_joe2008_points_before_scrambling(void)
{
    static const size_t dimensions[] = {0, 1, 2, 3, 9, 23};
    static const struct {
        uint32_t index;
        double part[6];
    } known[] = {
        {0, {0.0, 0.0, 0.0, 0.0, 0.0, 0.0}},
        {1, {0.5, 0.5, 0.5, 0.5, 0.5, 0.5}},
        {2, {0.75, 0.25, 0.25, 0.25, 0.75, 0.25}},
        {3, {0.25, 0.75, 0.75, 0.75, 0.25, 0.75}},
        {4, {0.375, 0.375, 0.625, 0.875, 0.625, 0.875}},
        {5, {0.875, 0.875, 0.125, 0.375, 0.125, 0.375}},
        {7, {0.125, 0.625, 0.375, 0.125, 0.875, 0.125}},
        {100, {0.4140625, 0.2578125, 0.7734375, 0.7265625, 0.6953125, 0.4921875}},
        {1023,
         {0.0009765625, 0.7529296875, 0.6123046875, 0.1455078125, 0.8505859375, 0.1962890625}},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        for (size_t k = 0; k < 6; k++) {
            CU_ASSERT_EQUAL(ldexp(sobol_bits(known[i].index, dimensions[k]), -32),
                            known[i].part[k]);
        }
    }
}

/* Scrambled or not, each of the first 2^m points has an interval of length 2^-m for itself, in
 * every dimension. */
static void test_sobol_scrambling_keeps_the_points_apart(void)
{
    enum { M = 7, N = 1 << M };
    for (size_t j = 0; j < SOBOL_MAX_DIMENSIONS; j++) {
        unsigned char plain[N] = {0}, scrambled[N] = {0};
        for (uint32_t i = 0; i < N; i++) {
            plain[sobol_bits(i, j) >> (32 - M)]++;
            scrambled[sobol_scrambled_bits(5, i, j) >> (32 - M)]++;
        }
        for (size_t k = 0; k < N; k++) {
            CU_ASSERT_EQUAL(plain[k], 1);
            CU_ASSERT_EQUAL(scrambled[k], 1);
        }
    }
}

/* Owen's scrambling is nested: two points that agree in their first digits do so afterwards, and
 * differ at the first digit where they did. */
static void test_sobol_scrambling_is_nested(void)
{
    for (size_t j = 0; j < 6; j++) {
        for (uint32_t i = 1; i < 200; i++) {
            const uint32_t before = sobol_bits(i, j) ^ sobol_bits(i / 2, j);
            const uint32_t after =
                sobol_scrambled_bits(8, i, j) ^ sobol_scrambled_bits(8, i / 2, j);
            CU_ASSERT_EQUAL(ilogb(before), ilogb(after));
        }
    }
}

/* A scrambled point is uniform: over seeds its mean and variance are those of a uniform number,
 * and those of two dimensions do not go together. */
static void test_sobol_scrambled_points_are_uniform_over_seeds(void)
{
    enum { N_SEEDS = 4000 };
    double sum[2] = {0.0}, square[2] = {0.0}, product = 0.0;
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        double part[2];
        sobol_point(seed, 37, 2, part);
        for (size_t j = 0; j < 2; j++) {
            CU_ASSERT_TRUE(part[j] > 0.0 && part[j] < 1.0);
            sum[j] += (part[j] - 0.5) / N_SEEDS;
            square[j] += (part[j] - 0.5) * (part[j] - 0.5) / N_SEEDS;
        }
        product += (part[0] - 0.5) * (part[1] - 0.5) / N_SEEDS;
    }
    for (size_t j = 0; j < 2; j++) {
        CU_ASSERT_DOUBLE_EQUAL(sum[j], 0.0, 4.0 * sqrt(1.0 / 12.0 / N_SEEDS));
        CU_ASSERT_DOUBLE_EQUAL(square[j], 1.0 / 12.0, 4.0 * sqrt(1.0 / 180.0 / N_SEEDS));
    }
    CU_ASSERT_DOUBLE_EQUAL(product, 0.0, 4.0 / 12.0 / sqrt(N_SEEDS));
}

static void test_sobol_seed_moves_the_points(void)
{
    double a[3], b[3], again[3];
    sobol_point(11, 6, 3, a);
    sobol_point(12, 6, 3, b);
    sobol_point(11, 6, 3, again);
    CU_ASSERT_TRUE(memcmp(a, b, sizeof a) != 0);
    CU_ASSERT_TRUE(memcmp(a, again, sizeof a) == 0);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"joe and kuo", test_paper_joe2008_points_before_scrambling},
        {"apart", test_sobol_scrambling_keeps_the_points_apart},
        {"nested", test_sobol_scrambling_is_nested},
        {"uniform", test_sobol_scrambled_points_are_uniform_over_seeds},
        {"seed", test_sobol_seed_moves_the_points},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
