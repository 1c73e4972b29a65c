#include "search/bayes/parego.h"

#include <string.h>

#include "solver/base/rng.h"
#include "solver/base/vmath.h"
#include "tests/harness.h"

enum { M = PROPOSE_MAX_OBJECTIVES };

static const double ideal[M] = {0.1, -2.0, 5.0, 0.0, 1.0, -1.0, 0.3, 0.2};
static const double reference[M] = {1.2, 3.5, 9.1, 0.7, 4.0, 1.0, 0.9, 2.2};
static const double points[3][M] = {{0.4, 1.0, 6.0, 0.3, 1.5, 0.2, 0.5, 0.9},
                                    {0.9, -1.0, 7.0, 0.2, 2.5, 0.1, 0.6, 0.6},
                                    {0.2, 2.0, 8.0, 0.6, 1.2, -0.6, 0.4, 1.9}};

static struct parego make(size_t m, uint64_t id)
{
    struct parego p;
    double x[3 * M];
    for (size_t i = 0; i < 3; i++) {
        memcpy(x + i * m, points[i], m * sizeof *x);
    }
    parego_init(&p, 17, id, m, 3, x, ideal, reference);
    return p;
}

static void test_parego_weighs_shares_of_the_box(void)
{
    double mean_weight[3] = {0};
    for (uint64_t id = 0; id < 2000; id++) {
        const struct parego p = make(3, id);
        double sum = 0.0, best = (double)INFINITY;
        for (size_t j = 0; j < 3; j++) {
            const double weight = p.weight[j] * (reference[j] - ideal[j]);
            sum += weight;
            mean_weight[j] += weight / 2000;
        }
        CU_ASSERT_DOUBLE_EQUAL(sum, 1.0, 1e-14);
        for (size_t i = 0; i < 3; i++) {
            double greatest = 0.0, total = 0.0;
            for (size_t j = 0; j < 3; j++) {
                const double share = p.weight[j] * (points[i][j] - ideal[j]);
                greatest = fmax(greatest, share);
                total += share;
            }
            best = fmin(best, greatest + 0.05 * total);
        }
        HARNESS_ASSERT_REL(p.best, best, 1e-14);
    }
    for (size_t j = 0; j < 3; j++) {
        /* Even on the simplex: mean 1/3, standard deviation sqrt(1/18). */
        CU_ASSERT_DOUBLE_EQUAL(mean_weight[j], 1.0 / 3.0, 4 * sqrt(1.0 / 18.0 / 2000));
    }
}

/* The expected improvement by sampling, with the sum at its mean as M626 has it. */
static double sampled(const struct parego *p, const double mean[], const double sd[], double *error)
{
    enum { N = 100000 };
    struct rng r;
    double sum_of_means = 0.0, sum = 0.0, squares = 0.0;
    rng_init(&r, 8, RNG_TEST, 0);
    for (size_t j = 0; j < p->m; j++) {
        sum_of_means += p->weight[j] * (mean[j] - p->ideal[j]);
    }
    for (int i = 0; i < N; i++) {
        double greatest = -(double)INFINITY;
        for (size_t j = 0; j < p->m; j++) {
            const double y = mean[j] + sd[j] * rng_normal(&r);
            greatest = fmax(greatest, p->weight[j] * (y - p->ideal[j]));
        }
        const double gain = fmax(0.0, p->best - greatest - 0.05 * sum_of_means);
        sum += gain;
        squares += gain * gain;
    }
    *error = sqrt((squares / N - sum / N * sum / N) / N);
    return sum / N;
}

static void test_parego_agrees_with_sampling(void)
{
    struct rng r;
    rng_init(&r, 9, RNG_TEST, 0);
    for (uint64_t id = 0; id < 12; id++) {
        const size_t m = 2 + id % (M - 1);
        const struct parego p = make(m, id);
        double mean[M] = {0}, sd[M] = {0}, value, error;
        for (size_t j = 0; j < m; j++) {
            const double range = reference[j] - ideal[j];
            mean[j] = ideal[j] + range * (0.1 + 0.3 * rng_uniform(&r));
            sd[j] = range * (0.02 + 0.3 * rng_uniform(&r));
        }
        parego_log(&p, 1, mean, sd, &value);
        const double expected = sampled(&p, mean, sd, &error);
        CU_ASSERT_DOUBLE_EQUAL(exp(value), expected, 4 * error + 1e-9);
    }
}

static void test_parego_knows_what_is_certain(void)
{
    const struct parego p = make(6, 3);
    const double mean[] = {0.15, -1.5, 5.2, 0.05, 1.1, -0.9};
    const double sd[] = {1e-9, 1e-9, 1e-9, 1e-9, 1e-9, 1e-9};
    double value;
    parego_log(&p, 1, mean, sd, &value);
    HARNESS_ASSERT_REL(exp(value), p.best - parego_scalar(&p, mean), 1e-6);
}

static void test_parego_stays_finite_and_points_to_the_front(void)
{
    const struct parego p = make(7, 4);
    double last = -(double)INFINITY;
    for (double away = 1e20; away > 1e-3; away /= 6.1) {
        double mean[M], sd[M], value;
        for (size_t j = 0; j < 7; j++) {
            mean[j] = reference[j] + away;
            sd[j] = 0.01;
        }
        parego_log(&p, 1, mean, sd, &value);
        CU_ASSERT(isfinite(value) && value > last);
        last = value;
    }
}

static void test_parego_gives_the_same_bits_on_every_level(void)
{
    double first = 0.0, value;
    const enum vmath_level before = vmath_level();
    for (enum vmath_level level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        if (!vmath_force(level)) {
            continue;
        }
        const struct parego p = make(8, 5);
        parego_log(&p, 1, points[1], points[0], &value); /* any positive numbers will do for sd */
        first = level == VMATH_V2 ? value : first;
        CU_ASSERT_EQUAL(value, first);
    }
    CU_ASSERT(vmath_force(before));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"weighs shares", test_parego_weighs_shares_of_the_box},
        {"agrees with sampling", test_parego_agrees_with_sampling},
        {"certain", test_parego_knows_what_is_certain},
        {"finite and pointing", test_parego_stays_finite_and_points_to_the_front},
        {"same bits on every level", test_parego_gives_the_same_bits_on_every_level},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
