#include "search/bayes/matern.h"

#include <string.h>

#include "solver/base/rng.h"
#include "solver/base/vmath.h"
#include "tests/harness.h"

/* Categories in the middle, so that places are another order than variables. */
static const struct variable all[] = {
    {.kind = VARIABLE_CONTINUOUS, .upper = 1.0}, {.kind = VARIABLE_CATEGORICAL, .n_levels = 3},
    {.kind = VARIABLE_ORDINAL, .n_levels = 5},   {.kind = VARIABLE_CATEGORICAL, .n_levels = 2},
    {.kind = VARIABLE_CONTINUOUS, .upper = 1.0},
};
enum { D = sizeof all / sizeof *all, N = 300 };
static const double log_variance = 0.83, log_length[D] = {-0.7, 0.2, 0.4, -1.1, -0.2};

/* The formula as Rasmussen and Williams (2006, eq. 4.17) print it, by libm. */
static double formula(double log_s2, const double log_l[D], const double a[D], const double b[D])
{
    double square = 0.0, apart = 0.0;
    for (size_t i = 0; i < D; i++) {
        if (all[i].kind == VARIABLE_CATEGORICAL) {
            apart += a[i] != b[i] ? exp(log_l[i]) : 0.0;
        } else {
            square += pow((a[i] - b[i]) / exp(log_l[i]), 2.0);
        }
    }
    const double r = sqrt(square);
    return exp(log_s2) * (1.0 + sqrt(5.0) * r + 5.0 * r * r / 3.0) * exp(-sqrt(5.0) * r)
           * exp(-apart);
}

static void draw(uint64_t item, double u[D])
{
    struct rng r;
    rng_init(&r, 17, RNG_TEST, item);
    for (size_t i = 0; i < D; i++) {
        u[i] = rng_uniform(&r);
    }
    variable_snap(D, all, u);
}

struct case_data {
    double u[N][D], places[N][D], w[N];
    double at_u[D], at[D];
};

static void make(struct case_data *c, const struct matern *m)
{
    struct rng r;
    rng_init(&r, 18, RNG_TEST, 0);
    for (size_t i = 0; i < N; i++) {
        draw(i, c->u[i]);
        c->w[i] = rng_normal(&r);
    }
    draw(N, c->at_u);
    memcpy(c->u[7], c->at_u, sizeof c->at_u); /* the same design: no distance */
    for (size_t i = 0; i < N; i++) {
        matern_place(m, c->u[i], c->places[i]);
    }
    matern_place(m, c->at_u, c->at);
}

static void test_matern_row_is_the_printed_formula(void)
{
    static struct case_data c;
    struct matern m;
    double k[N];
    matern_init(&m, D, all);
    matern_set(&m, log_variance, log_length);
    make(&c, &m);
    matern_row(&m, c.at, N, c.places[0], k);
    for (size_t i = 0; i < N; i++) {
        HARNESS_ASSERT_REL(k[i], formula(log_variance, log_length, c.at_u, c.u[i]), 1e-14);
    }
    HARNESS_ASSERT_REL(k[7], exp(log_variance), 1e-15);
}

/* sum_i w_i k_i of the formula, with one hyper-parameter moved. */
static double moved(const struct case_data *c, size_t parameter, double by)
{
    double log_s2 = log_variance, log_l[D], sum = 0.0;
    memcpy(log_l, log_length, sizeof log_l);
    *(parameter == D ? &log_s2 : &log_l[parameter]) += by;
    for (size_t i = 0; i < N; i++) {
        sum += c->w[i] * formula(log_s2, log_l, c->at_u, c->u[i]);
    }
    return sum;
}

static void test_matern_slope_is_the_central_difference(void)
{
    static struct case_data c;
    static const double h = 1e-4;
    struct matern m;
    double slope[D] = {0.31}; /* added to what is there */
    matern_init(&m, D, all);
    matern_set(&m, log_variance, log_length);
    make(&c, &m);
    const double by_variance = matern_slope(&m, c.at, N, c.places[0], c.w, slope);
    slope[0] -= 0.31;
    for (size_t i = 0; i <= D; i++) {
        const double near = (moved(&c, i, h) - moved(&c, i, -h)) / (2.0 * h);
        const double far = (moved(&c, i, 2.0 * h) - moved(&c, i, -2.0 * h)) / (4.0 * h);
        HARNESS_ASSERT_REL(i == D ? by_variance : slope[i], (4.0 * near - far) / 3.0, 1e-9);
    }
}

static void test_matern_gives_the_same_bits_on_every_level(void)
{
    static struct case_data c;
    static double k[VMATH_N_LEVELS][N];
    const enum vmath_level before = vmath_level();
    for (enum vmath_level level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        struct matern m;
        if (!vmath_force(level)) {
            continue;
        }
        matern_init(&m, D, all);
        matern_set(&m, log_variance, log_length);
        make(&c, &m);
        matern_row(&m, c.at, N, c.places[0], k[level]);
        CU_ASSERT_EQUAL(memcmp(k[level], k[VMATH_V2], sizeof k[level]), 0);
    }
    CU_ASSERT_TRUE(vmath_force(before));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"row is the printed formula", test_matern_row_is_the_printed_formula},
        {"slope is the central difference", test_matern_slope_is_the_central_difference},
        {"same bits on every level", test_matern_gives_the_same_bits_on_every_level},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
