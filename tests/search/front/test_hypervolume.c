#include "search/front/hypervolume.h"

#include <stdlib.h>
#include <string.h>

#include "solver/base/rng.h"
#include "solver/base/vmath.h"
#include "tests/harness.h"

static struct status_why why;

static double exact(size_t m, size_t n, const double points[], const double reference[])
{
    double volume = NAN;
    HARNESS_ASSERT_OK(hypervolume_exact(m, n, points, reference, &volume, &why));
    return volume;
}

/* Inclusion and exclusion over all subsets: the volume by its definition. */
static double by_subsets(size_t m, size_t n, const double points[], const double reference[])
{
    double volume = 0.0;
    for (unsigned subset = 1; subset < 1u << n; subset++) {
        double part = 1.0;
        for (size_t j = 0; j < m; j++) {
            double corner = -(double)INFINITY;
            for (size_t i = 0; i < n; i++) {
                corner = (subset >> i & 1u) != 0 ? fmax(corner, points[i * m + j]) : corner;
            }
            part *= fmax(0.0, reference[j] - corner);
        }
        volume += __builtin_popcount(subset) % 2 != 0 ? part : -part;
    }
    return volume;
}

static void test_hypervolume_of_few_points_by_hand(void)
{
    static const double reference[] = {4.0, 5.0, 3.0, 2.0};
    static const double one[] = {1.0, 2.0, 1.0, 1.5};
    static const double two[] = {1.0, 3.0, 2.0, 1.0}; /* two points of two objectives */
    CU_ASSERT_EQUAL(exact(1, 1, one, reference), 3.0);
    CU_ASSERT_EQUAL(exact(2, 1, one, reference), 9.0);
    CU_ASSERT_EQUAL(exact(3, 1, one, reference), 18.0);
    CU_ASSERT_EQUAL(exact(4, 1, one, reference), 9.0);
    CU_ASSERT_EQUAL(exact(2, 2, two, reference), 3.0 * 2.0 + 2.0 * 4.0 - 2.0 * 2.0);
    CU_ASSERT_EQUAL(exact(2, 0, two, reference), 0.0);
    CU_ASSERT_EQUAL(exact(1, 4, two, reference), 3.0);
}

/* Three objectives by the sweep of stairs, thousands of steps long, and as four of which the last
 * is always the same. */
static void test_hypervolume_of_long_stairs_agrees_with_that_of_slices(void)
{
    enum { N = 6000 };
    static const double reference[] = {1.0, 1.0, 1.0, 1.0};
    double *three = malloc(3 * N * sizeof *three), *four = calloc(4 * N, sizeof *four);
    struct rng r;
    CU_ASSERT_FATAL(three != NULL && four != NULL);
    for (int spread = 0; spread < 3; spread++) {
        rng_init(&r, 12, RNG_TEST, (uint64_t)spread);
        for (size_t i = 0; i < N; i++) {
            double *x = three + 3 * i;
            x[0] = spread == 2 ? (double)rng_below(&r, 700) / 700.0 : rng_uniform(&r);
            x[1] = (1.0 - x[0]) * (1.0 - 0.1 * spread * rng_uniform(&r));
            x[2] = rng_uniform(&r);
            memcpy(four + 4 * i, x, 3 * sizeof *x);
        }
        HARNESS_ASSERT_REL(exact(3, N, three, reference), exact(4, N, four, reference), 1e-12);
    }
    free(three);
    free(four);
}

static void test_hypervolume_agrees_with_inclusion_and_exclusion(void)
{
    static const double reference[] = {0.9, 1.0, 0.95, 0.8};
    struct rng r;
    rng_init(&r, 11, RNG_TEST, 0);
    for (size_t m = 1; m <= HYPERVOLUME_MOST_EXACT; m++) {
        for (int k = 0; k < 200; k++) {
            double points[10 * HYPERVOLUME_MOST_EXACT];
            const size_t n = 1 + rng_below(&r, 10);
            const double levels =
                k % 2 == 0 ? 5.0 : 1e6; /* with ties and duplicates, and without */
            for (size_t i = 0; i < n * m; i++) {
                points[i] = floor(rng_uniform(&r) * levels) / levels;
            }
            CU_ASSERT_DOUBLE_EQUAL(exact(m, n, points, reference),
                                   by_subsets(m, n, points, reference), 1e-12);
        }
    }
}

enum { N_SPHERE = 3000 };

/* Points on the part of the unit sphere where all coordinates are positive. */
static void sphere(size_t m, double points[])
{
    struct rng r;
    rng_init(&r, 12, RNG_TEST, m);
    for (size_t i = 0; i < N_SPHERE; i++) {
        double length = 0.0;
        for (size_t j = 0; j < m; j++) {
            points[i * m + j] = fabs(rng_normal(&r));
            length += points[i * m + j] * points[i * m + j];
        }
        for (size_t j = 0; j < m; j++) {
            points[i * m + j] /= sqrt(length);
        }
    }
}

static void test_hypervolume_of_a_sphere_and_its_sample_agree(void)
{
    static const double ideal[5] = {0}, reference[] = {1.1, 1.1, 1.1, 1.1, 1.1};
    static double points[N_SPHERE * 5];
    /* What lies inside the unit ball's part: pi / 4, pi / 6, pi^2 / 32. */
    static const double inside[] = {0, 0, 0.785398163, 0.523598776, 0.308425138};
    for (size_t m = 2; m <= 5; m++) {
        double volume, error, all = 1.0;
        sphere(m, points);
        HARNESS_ASSERT_OK(hypervolume_sample(m, N_SPHERE, points, ideal, reference, 7, 40000,
                                             &volume, &error, &why));
        for (size_t j = 0; j < m; j++) {
            all *= 1.1;
        }
        CU_ASSERT(error > 0.0 && error < 0.01);
        if (m <= HYPERVOLUME_MOST_EXACT) {
            const double found = exact(m, N_SPHERE, points, reference);
            CU_ASSERT(fabs(found - volume) < 4.0 * error);
            CU_ASSERT(found < all - inside[m]);
            CU_ASSERT(found > all - inside[m] - (m == 4 ? 0.12 : 0.03));
        }
    }
}

static void test_hypervolume_order_and_vector_level_do_not_matter(void)
{
    static const double reference[] = {1.1, 1.1, 1.1, 1.1};
    static double points[N_SPHERE * 4], shuffled[N_SPHERE * 4];
    const enum vmath_level best = vmath_level();
    for (size_t m = 3; m <= 4; m++) {
        sphere(m, points);
        for (size_t i = 0; i < N_SPHERE; i++) { /* 7 has no factor in common with the number */
            memcpy(shuffled + i * 7 % N_SPHERE * m, points + i * m, m * sizeof *points);
        }
        const double volume = exact(m, N_SPHERE, points, reference);
        CU_ASSERT_EQUAL(exact(m, N_SPHERE, shuffled, reference), volume);
        for (int level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
            if (vmath_force((enum vmath_level)level) != 0) {
                CU_ASSERT_EQUAL(exact(m, N_SPHERE, points, reference), volume);
            }
        }
        CU_ASSERT(vmath_force(best) != 0);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"of_few_points_by_hand", test_hypervolume_of_few_points_by_hand},
        {"agrees_with_inclusion_and_exclusion",
         test_hypervolume_agrees_with_inclusion_and_exclusion},
        {"of_long_stairs_agrees_with_that_of_slices",
         test_hypervolume_of_long_stairs_agrees_with_that_of_slices},
        {"of_a_sphere_and_its_sample_agree", test_hypervolume_of_a_sphere_and_its_sample_agree},
        {"order_and_vector_level_do_not_matter",
         test_hypervolume_order_and_vector_level_do_not_matter},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
