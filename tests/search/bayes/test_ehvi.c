#define _XOPEN_SOURCE 700
#include "search/bayes/ehvi.h"

#include <stdlib.h>
#include <string.h>

#include "search/bayes/normal.h"
#include "solver/base/rng.h"
#include "solver/base/vmath.h"
#include "tests/harness.h"

enum { M = EHVI_MOST_OBJECTIVES };

static struct status_why why;

static const double reference[M] = {1.1, 0.97, 1.04, 1.0, 0.9};

/* Mutually non-dominated, in the first two, three and four objectives. */
static const double front[6][4] = {{0.12, 0.81, 0.55, 0.71}, {0.33, 0.62, 0.41, 0.52},
                                   {0.47, 0.31, 0.77, 0.64}, {0.69, 0.27, 0.36, 0.83},
                                   {0.88, 0.11, 0.62, 0.29}, {0.95, 0.09, 0.21, 0.43}};

static struct ehvi *create(size_t m, size_t n)
{
    struct ehvi *e = NULL;
    double points[6 * 4];
    for (size_t i = 0; i < n; i++) {
        memcpy(points + i * m, front[i], m * sizeof *points);
    }
    HARNESS_ASSERT_OK(ehvi_create(m, n, points, reference, &e, &why));
    return e;
}

static double log_at(const struct ehvi *e, const double mean[], const double sd[])
{
    double value = NAN;
    HARNESS_ASSERT_OK(ehvi_log(e, 1, mean, sd, &value, &why));
    return value;
}

/* What y adds to the first n points of the front: the box above it, less what they dominate there,
 * by inclusion and exclusion. */
static double gain_of(size_t m, size_t n, const double y[])
{
    double volume = 0.0;
    for (unsigned subset = 0; subset < 1u << n; subset++) {
        double part = 1.0;
        for (size_t j = 0; j < m; j++) {
            double corner = y[j];
            for (size_t i = 0; i < n; i++) {
                corner = (subset >> i & 1u) != 0 ? fmax(corner, front[i][j]) : corner;
            }
            part *= fmax(0.0, reference[j] - corner);
        }
        volume += __builtin_popcount(subset) % 2 != 0 ? -part : part;
    }
    return volume;
}

/* Nodes and weights for the expectation over one normal variable of what is smooth between the
 * coordinates of the front: Gauss-Legendre with five nodes on pieces of at most half a deviation.
 */
struct rule {
    size_t n;
    double x[2000], weight[2000];
};

static void rule_add(struct rule *q, double from, double to, double mean, double sd)
{
    static const double node[] = {-0.9061798459386640, -0.5384693101056831, 0.0, 0.5384693101056831,
                                  0.9061798459386640};
    static const double weight[] = {0.2369268850561891, 0.4786286704993665, 0.5688888888888889,
                                    0.4786286704993665, 0.2369268850561891};
    const size_t n = (size_t)ceil(2.0 * (to - from) / sd);
    for (size_t i = 0; i < n; i++) {
        const double half = 0.5 * (to - from) / (double)n;
        const double centre = from + half * (double)(2 * i + 1);
        for (size_t k = 0; k < 5; k++) {
            const double x = centre + half * node[k], z = (x - mean) / sd;
            q->x[q->n] = x;
            q->weight[q->n++] = half * weight[k] * exp(-0.5 * z * z) / (sd * sqrt(2 * M_PI));
        }
    }
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void rule_make(size_t n, size_t j, double mean, double sd, struct rule *q)
{
    double at[8] = {mean - 8.5 * sd, reference[j]};
    for (size_t i = 0; i < n; i++) {
        at[i + 2] = front[i][j];
    }
    qsort(at, n + 2, sizeof *at, compare);
    q->n = 0;
    for (size_t i = 0; i + 1 < n + 2; i++) {
        const double from = fmax(at[i], mean - 8.5 * sd), to = fmin(at[i + 1], mean + 8.5 * sd);
        if (to > from) {
            rule_add(q, from, to, mean, sd);
        }
    }
}

static void test_ehvi_agrees_with_quadrature_in_two_objectives(void)
{
    static const double mean[][2] = {{0.4, 0.35}, {0.05, 0.9}, {1.0, 1.2}, {-0.3, -0.2}};
    static const double sd[][2] = {{0.13, 0.21}, {0.32, 0.07}, {0.4, 0.55}, {0.61, 0.29}};
    static struct rule q[2];
    struct ehvi *e = create(2, 6);
    for (size_t k = 0; k < 4; k++) {
        double expected = 0.0;
        for (size_t j = 0; j < 2; j++) {
            rule_make(6, j, mean[k][j], sd[k][j], &q[j]);
        }
        for (size_t a = 0; a < q[0].n; a++) {
            for (size_t b = 0; b < q[1].n; b++) {
                const double y[] = {q[0].x[a], q[1].x[b]};
                expected += q[0].weight[a] * q[1].weight[b] * gain_of(2, 6, y);
            }
        }
        HARNESS_ASSERT_REL(exp(log_at(e, mean[k], sd[k])), expected, 1e-9);
    }
    ehvi_destroy(e);
}

static void test_ehvi_agrees_with_quadrature_in_three_objectives(void)
{
    static const double mean[][3] = {{0.42, 0.37, 0.51}, {0.81, 1.1, 0.2}};
    static const double sd[][3] = {{0.23, 0.31, 0.27}, {0.31, 0.42, 0.53}};
    static struct rule q[3];
    struct ehvi *e = create(3, 4);
    for (size_t k = 0; k < 2; k++) {
        double expected = 0.0;
        for (size_t j = 0; j < 3; j++) {
            rule_make(4, j, mean[k][j], sd[k][j], &q[j]);
        }
        for (size_t a = 0; a < q[0].n; a++) {
            for (size_t b = 0; b < q[1].n; b++) {
                for (size_t c = 0; c < q[2].n; c++) {
                    const double y[] = {q[0].x[a], q[1].x[b], q[2].x[c]};
                    expected += q[0].weight[a] * q[1].weight[b] * q[2].weight[c] * gain_of(3, 4, y);
                }
            }
        }
        HARNESS_ASSERT_REL(exp(log_at(e, mean[k], sd[k])), expected, 1e-8);
    }
    ehvi_destroy(e);
}

static void test_ehvi_agrees_with_sampling_in_four_objectives(void)
{
    enum { N = 100000 };
    static const double mean[] = {0.45, 0.41, 0.52, 0.61}, sd[] = {0.11, 0.24, 0.17, 0.2};
    struct ehvi *e = create(4, 6);
    struct rng r;
    double sum = 0.0, squares = 0.0;
    rng_init(&r, 5, RNG_TEST, 0);
    for (int i = 0; i < N; i++) {
        double y[4];
        for (size_t j = 0; j < 4; j++) {
            y[j] = mean[j] + sd[j] * rng_normal(&r);
        }
        const double gain = gain_of(4, 6, y);
        sum += gain;
        squares += gain * gain;
    }
    const double average = sum / N;
    const double error = sqrt((squares / N - average * average) / N);
    CU_ASSERT_DOUBLE_EQUAL(exp(log_at(e, mean, sd)), average, 4 * error);
    CU_ASSERT(error < 0.01 * average);
    ehvi_destroy(e);
}

static void test_ehvi_of_one_objective_is_the_expected_improvement(void)
{
    static const double y[] = {0.7, 0.4, 0.4, 1.3};
    const double mean = 0.52, sd = 0.19, z = (0.4 - mean) / sd;
    struct ehvi *e = NULL;
    HARNESS_ASSERT_OK(ehvi_create(1, 4, y, reference, &e, &why));
    const double expected =
        (0.4 - mean) * 0.5 * erfc(-z / sqrt(2.0)) + sd * exp(-0.5 * z * z) / sqrt(2 * M_PI);
    HARNESS_ASSERT_REL(log_at(e, &mean, &sd), log(expected), 1e-13);
    ehvi_destroy(e);
}

/* psi of standard deviation s at a, in long doubles, which reach down to 1e-4932. */
static long double long_gain(double a, double mean, double s)
{
    const long double z = ((long double)a - (long double)mean) / (long double)s;
    const long double tail = 0.5L * erfcl(fabsl(z) * sqrtl(0.5L));
    const long double cdf = z < 0 ? tail : 1 - tail;
    return (long double)s * (z * cdf + expl(-0.5L * z * z) / sqrtl(2 * acosl(-1.0L)));
}

static void test_ehvi_far_behind_the_front_is_exact(void)
{
    /* 8 to 60 deviations behind: from 1e-16 to 1e-1500. The front's steps in two objectives. */
    struct ehvi *e = create(2, 6);
    for (double distance = 8.0; distance < 60.0; distance += 1.7) {
        const double mean[] = {0.5, 0.5}, sd[] = {0.19 / distance, 0.17 / distance};
        long double expected = 0.0L;
        for (size_t i = 0; i <= 6; i++) {
            const double to = i < 6 ? front[i][0] : reference[0];
            const double top = i > 0 ? front[i - 1][1] : reference[1];
            const long double from = i > 0 ? long_gain(front[i - 1][0], mean[0], sd[0]) : 0.0L;
            expected += (long_gain(to, mean[0], sd[0]) - from) * long_gain(top, mean[1], sd[1]);
        }
        HARNESS_ASSERT_REL(log_at(e, mean, sd), (double)logl(expected), 1e-12);
    }
    ehvi_destroy(e);
}

static void test_ehvi_stays_finite_and_points_to_the_front(void)
{
    for (size_t m = 1; m <= 4; m++) {
        struct ehvi *e = create(m, 6);
        double last = -(double)INFINITY;
        for (double away = 1e30; away > 1e-3; away /= 7.3) {
            double mean[M], sd[M];
            for (size_t j = 0; j < m; j++) {
                mean[j] = reference[j] + away;
                sd[j] = 0.01;
            }
            const double value = log_at(e, mean, sd);
            CU_ASSERT(isfinite(value) && value > last);
            last = value;
        }
        /* Certain outcomes: the gain itself, or hardly anything. */
        const double better[] = {0.2, 0.2, 0.2, 0.2}, tiny[] = {1e-30, 1e-30, 1e-30, 1e-30};
        if (m > 1) {
            HARNESS_ASSERT_REL(exp(log_at(e, better, tiny)), gain_of(m, 6, better), 1e-9);
        }
        CU_ASSERT(isfinite(log_at(e, reference, tiny)));
        ehvi_destroy(e);
    }
}

static void test_ehvi_of_five_objectives_without_a_front_is_a_product(void)
{
    const double mean[] = {0.3, 1.2, 0.8, 2.0, 0.1}, sd[] = {0.2, 0.4, 0.1, 0.3, 0.7};
    struct ehvi *e = NULL;
    HARNESS_ASSERT_OK(ehvi_create(5, 0, NULL, reference, &e, &why));
    double expected = 0.0;
    for (size_t j = 0; j < 5; j++) {
        const double z = (reference[j] - mean[j]) / sd[j];
        double log_gain;
        normal_log_gain(1, &z, &log_gain);
        expected += log_gain + log(sd[j]);
    }
    CU_ASSERT_EQUAL(ehvi_n_boxes(e), 1);
    HARNESS_ASSERT_REL(log_at(e, mean, sd), expected, 1e-13);
    ehvi_destroy(e);
}

static void test_ehvi_of_a_design_does_not_depend_on_the_others_nor_on_the_level(void)
{
    enum { N = 203 };
    static double mean[N * 4], sd[N * 4], first[N], value[N];
    struct ehvi *e = create(4, 6);
    struct rng r;
    rng_init(&r, 6, RNG_TEST, 0);
    for (size_t i = 0; i < N * 4; i++) {
        mean[i] = 3 * rng_uniform(&r) - 0.5;
        sd[i] = pow(10.0, -3 * rng_uniform(&r));
    }
    const enum vmath_level before = vmath_level();
    for (enum vmath_level level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        if (!vmath_force(level)) {
            continue;
        }
        HARNESS_ASSERT_OK(ehvi_log(e, N, mean, sd, value, &why));
        if (level == VMATH_V2) {
            memcpy(first, value, sizeof value);
        }
        CU_ASSERT(memcmp(first, value, sizeof value) == 0);
    }
    CU_ASSERT(vmath_force(before));
    for (size_t i = 0; i < N; i++) {
        CU_ASSERT_EQUAL(log_at(e, mean + i * 4, sd + i * 4), first[i]);
    }
    ehvi_destroy(e);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"quadrature, two objectives", test_ehvi_agrees_with_quadrature_in_two_objectives},
        {"quadrature, three objectives", test_ehvi_agrees_with_quadrature_in_three_objectives},
        {"sampling, four objectives", test_ehvi_agrees_with_sampling_in_four_objectives},
        {"one objective", test_ehvi_of_one_objective_is_the_expected_improvement},
        {"far behind the front", test_ehvi_far_behind_the_front_is_exact},
        {"finite and pointing", test_ehvi_stays_finite_and_points_to_the_front},
        {"five objectives", test_ehvi_of_five_objectives_without_a_front_is_a_product},
        {"same alone and on levels",
         test_ehvi_of_a_design_does_not_depend_on_the_others_nor_on_the_level},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
