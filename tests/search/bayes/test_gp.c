#define _POSIX_C_SOURCE 200809L

#include "search/bayes/gp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/rng.h"
#include "solver/base/vmath.h"
#include "tests/harness.h"

enum { MOST_DATA = 60, MOST_DESIGNS = 40 };

/** A case with storage of its own. */
struct example {
    size_t d, n, n_designs;
    struct variable variables[VARIABLE_MOST];
    double u[MOST_DATA * VARIABLE_MOST], y[MOST_DATA], noise[MOST_DATA];
    double designs[MOST_DESIGNS * VARIABLE_MOST];
    struct gp_hyper hyper;
};

static struct gp_data data_of(const struct example *e)
{
    return (struct gp_data){e->d, e->variables, e->n, e->u, e->y, e->noise};
}

static void draw_designs(const struct example *e, struct rng *r, size_t n, double u[])
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < e->d; j++) {
            u[i * e->d + j] = rng_uniform(r);
        }
        variable_snap(e->d, e->variables, u + i * e->d);
    }
}

/* Five variables, of all kinds, and an outcome that bends with each. */
static void make_mixed(struct example *e)
{
    struct rng r;
    rng_init(&r, 3, RNG_TEST, 1);
    *e = (struct example){.d = 5, .n = MOST_DATA, .n_designs = MOST_DESIGNS};
    e->variables[0] = e->variables[3] =
        (struct variable){.kind = VARIABLE_CONTINUOUS, .upper = 1.0};
    e->variables[1] = (struct variable){.kind = VARIABLE_CATEGORICAL, .n_levels = 4};
    e->variables[2] = (struct variable){.kind = VARIABLE_ORDINAL, .n_levels = 7};
    e->variables[4] = (struct variable){.kind = VARIABLE_CATEGORICAL, .n_levels = 2};
    e->hyper = (struct gp_hyper){0.4, -5.2, {-0.9, -0.4, 0.3, 0.1, -1.6}};
    draw_designs(e, &r, e->n, e->u);
    draw_designs(e, &r, e->n_designs, e->designs);
    for (size_t i = 0; i < e->n; i++) {
        const double *u = e->u + i * e->d;
        e->noise[i] = 40.0 * rng_uniform(&r);
        e->y[i] = 5e3 + 700.0 * sin(5.0 * u[0] + 2.0 * u[1]) + 300.0 * u[2] * u[3] + 90.0 * u[4]
                  + e->noise[i] * rng_normal(&r);
    }
}

/* What scikit-learn 1.2.1 says of a small case (oracle_gp.py prints these digits). */
static void test_gp_agrees_with_printed_digits_of_scikit_learn(void)
{
    static const struct variable variables[] = {{.kind = VARIABLE_CONTINUOUS, .upper = 1.0},
                                                {.kind = VARIABLE_CONTINUOUS, .upper = 1.0},
                                                {.kind = VARIABLE_CATEGORICAL, .n_levels = 3}};
    static const double u[] = {0.13,    0.3,     0.5 / 3, 0.92,    0.1,  0.5,  0.41,
                               0.7,     2.5 / 3, 0.55,    0.9,     0.5,  0.08, 0.5,
                               2.5 / 3, 0.71,    0.3,     0.5 / 3, 0.71, 0.3,  0.5 / 3};
    static const double y[] = {-41.5, 13.25, -7.75, 22.125, -30.5, 3.5, 5.25};
    static const double noise[] = {0.2, 0.2, 0.05, 1.5, 0.2, 0.4, 0.4};
    static const double designs[] = {0.3, 0.5, 0.5, 0.92, 0.1, 0.5, 0.999, 0.9, 0.5 / 3};
    static const double means[] = {2.473046397390795, 13.250967111172429, 4.0129279638213893};
    static const double sds[] = {15.950164224476099, 2.4448483036075692, 19.36197273205438};
    static const double left_out[] = {
        -1.2118229968687795,  -0.0035867019711931917, 0.18928618883475493, 0.97035418100869897,
        -0.45268014926749922, -0.46232618506621642,   0.53121251082400511};
    const struct gp_data data = {3, variables, 7, u, y, noise};
    const struct gp_hyper hyper = {log(1.7), log(0.013), {log(0.45), log(1.9), log(0.8)}};
    double mean[3], sd[3], residual[7];
    struct status_why why = {0};
    struct gp *gp;
    HARNESS_ASSERT_OK(gp_create(&data, &hyper, &gp, &why));
    HARNESS_ASSERT_OK(gp_predict(gp, 3, designs, mean, sd, &why));
    HARNESS_ASSERT_OK(gp_leave_out(gp, residual, &why));
    for (size_t i = 0; i < 3; i++) {
        HARNESS_ASSERT_REL(mean[i], means[i], 1e-12);
        HARNESS_ASSERT_REL(sd[i], sds[i], 1e-12);
    }
    for (size_t i = 0; i < 7; i++) {
        CU_ASSERT_DOUBLE_EQUAL(residual[i], left_out[i], 1e-12);
    }
    gp_destroy(gp);
}

/* Logarithm of the priors, as docs/model.md (M603) states them. */
static double log_prior(const struct example *e)
{
    double sum = -0.5 * pow(e->hyper.log_variance / 2.0, 2.0);
    for (size_t i = 0; i < e->d; i++) {
        sum -= 0.5 * pow((e->hyper.log_length[i] - log(0.7)) / 2.0, 2.0);
    }
    return sum;
}

/* The file that oracle_gp.py reads. */
static const char *describe(const struct example *e)
{
    static char text[1 << 17];
    size_t at = (size_t)sprintf(text, "%zu %zu %zu\n", e->d, e->n, e->n_designs);
    for (size_t i = 0; i < e->d; i++) {
        const bool is_number = e->variables[i].kind != VARIABLE_CATEGORICAL;
        at += (size_t)sprintf(text + at, "%zu ", is_number ? 0 : e->variables[i].n_levels);
    }
    at += (size_t)sprintf(text + at, "\n%.17g %.17g", exp(e->hyper.log_variance),
                          exp(e->hyper.log_nugget));
    for (size_t i = 0; i < e->d; i++) {
        at += (size_t)sprintf(text + at, " %.17g", exp(e->hyper.log_length[i]));
    }
    for (size_t i = 0; i < e->n + e->n_designs; i++) {
        const double *u = i < e->n ? e->u + i * e->d : e->designs + (i - e->n) * e->d;
        for (size_t j = 0; j < e->d; j++) {
            at += (size_t)sprintf(text + at, "%c%.17g", j == 0 ? '\n' : ' ', u[j]);
        }
        if (i < e->n) {
            at += (size_t)sprintf(text + at, " %.17g %.17g", e->noise[i], e->y[i]);
        }
    }
    return text;
}

static void test_gp_agrees_with_scikit_learn_where_it_is_installed(void)
{
    static struct example e;
    static double wanted[2 * MOST_DESIGNS + MOST_DATA + 3 + VARIABLE_MOST];
    double mean[MOST_DESIGNS], sd[MOST_DESIGNS], residual[MOST_DATA], value;
    double gradient[2 + VARIABLE_MOST];
    struct status_why why = {0};
    struct gp *gp;
    make_mixed(&e);
    const size_t n_wanted = 2 * e.n_designs + e.n + 3 + e.d;
    char command[2048];
    (void)snprintf(command, sizeof command, "/usr/bin/python3 '%s' '%s' 2>/dev/null",
                   harness_source("tests/search/bayes/oracle_gp.py"),
                   harness_file("oracle.txt", describe(&e)));
    if (system("/usr/bin/python3 -c 'import sklearn' 2>/dev/null") != 0) {
        harness_skip("scikit-learn is not installed (Debian: python3-sklearn)");
        return;
    }
    FILE *oracle = popen(command, "r");
    size_t n_read = 0;
    while (oracle != NULL && n_read < n_wanted && fscanf(oracle, "%lf", &wanted[n_read]) == 1) {
        n_read++;
    }
    CU_ASSERT_EQUAL_FATAL(n_read, n_wanted);
    CU_ASSERT_EQUAL(pclose(oracle), 0);

    const struct gp_data data = data_of(&e);
    HARNESS_ASSERT_OK(gp_create(&data, &e.hyper, &gp, &why));
    HARNESS_ASSERT_OK(gp_predict(gp, e.n_designs, e.designs, mean, sd, &why));
    HARNESS_ASSERT_OK(gp_leave_out(gp, residual, &why));
    HARNESS_ASSERT_OK(gp_evidence(&data, &e.hyper, &value, gradient, &why));
    gp_destroy(gp);
    for (size_t i = 0; i < e.n_designs; i++) {
        HARNESS_ASSERT_REL(mean[i], wanted[2 * i], 1e-10);
        HARNESS_ASSERT_REL(sd[i], wanted[2 * i + 1], 1e-10);
    }
    const double *left_out = wanted + 2 * e.n_designs, *evidence = left_out + e.n;
    for (size_t i = 0; i < e.n; i++) {
        CU_ASSERT_DOUBLE_EQUAL(residual[i], left_out[i], 1e-10);
    }
    HARNESS_ASSERT_REL(value - log_prior(&e), evidence[0], 1e-10);
    for (size_t i = 0; i < 2 + e.d; i++) {
        const double by_prior = i == 0   ? -e.hyper.log_variance / 4.0
                                : i == 1 ? 0.0
                                         : -(e.hyper.log_length[i - 2] - log(0.7)) / 4.0;
        CU_ASSERT_DOUBLE_EQUAL(gradient[i] - by_prior, evidence[1 + i], 1e-8);
    }
}

static double *parameter(struct gp_hyper *h, size_t i)
{
    return i == 0 ? &h->log_variance : i == 1 ? &h->log_nugget : &h->log_length[i - 2];
}

static void test_gp_evidence_slopes_are_central_differences(void)
{
    static struct example e;
    static const double h = 1e-3, times[] = {1.0, -1.0, 2.0, -2.0};
    struct status_why why = {0};
    double gradient[2 + VARIABLE_MOST], value;
    make_mixed(&e);
    const struct gp_data data = data_of(&e);
    HARNESS_ASSERT_OK(gp_evidence(&data, &e.hyper, &value, gradient, &why));
    for (size_t i = 0; i < 2 + e.d; i++) {
        double at[4];
        for (size_t k = 0; k < 4; k++) {
            struct gp_hyper moved = e.hyper;
            *parameter(&moved, i) += times[k] * h;
            HARNESS_ASSERT_OK(gp_evidence(&data, &moved, &at[k], NULL, &why));
        }
        const double near = (at[0] - at[1]) / (2.0 * h), far = (at[2] - at[3]) / (4.0 * h);
        CU_ASSERT_DOUBLE_EQUAL(gradient[i], (4.0 * near - far) / 3.0, 1e-8);
    }
}

/* Standard deviation of values about their mean: the unit of what the process sees. */
static double spread(size_t n, const double y[])
{
    double mean = 0.0, square = 0.0;
    for (size_t i = 0; i < n; i++) {
        mean += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        square += (y[i] - mean) * (y[i] - mean) / (double)n;
    }
    return sqrt(square);
}

static void test_gp_learn_finds_lengths_and_noise(void)
{
    static struct example e;
    static const double noise = 0.03;
    struct status_why why = {0};
    struct gp_hyper learnt, again;
    struct rng r;
    double gradient[2 + VARIABLE_MOST], value, warm_value;
    rng_init(&r, 4, RNG_TEST, 2);
    e = (struct example){.d = 3, .n = MOST_DATA};
    for (size_t i = 0; i < e.d; i++) {
        e.variables[i] = (struct variable){.kind = VARIABLE_CONTINUOUS, .upper = 1.0};
    }
    draw_designs(&e, &r, e.n, e.u);
    for (size_t i = 0; i < e.n;
         i++) { /* quick in the first, slow in the second, not in the third */
        const double *u = e.u + i * e.d;
        e.y[i] = sin(7.0 * u[0]) + 0.8 * u[1] + noise * rng_normal(&r);
    }
    struct gp_data data = data_of(&e);
    data.noise_sd = NULL;
    HARNESS_ASSERT_OK(gp_learn(&data, NULL, &learnt, &why));
    CU_ASSERT_TRUE(exp(learnt.log_length[0]) < 1.0);
    CU_ASSERT_TRUE(learnt.log_length[0] + 0.7 < learnt.log_length[1]);
    CU_ASSERT_TRUE(learnt.log_length[1] + 0.7 < learnt.log_length[2]);
    HARNESS_ASSERT_REL(exp(0.5 * learnt.log_nugget) * spread(e.n, e.y), noise, 0.3);

    HARNESS_ASSERT_OK(gp_evidence(&data, &learnt, &value, gradient, &why));
    for (size_t i = 0; i < 2 + e.d; i++) { /* the top is flat */
        CU_ASSERT_DOUBLE_EQUAL(gradient[i], 0.0, 0.02);
    }
    HARNESS_ASSERT_OK(gp_learn(&data, &learnt, &again, &why));
    HARNESS_ASSERT_OK(gp_evidence(&data, &again, &warm_value, NULL, &why));
    CU_ASSERT_TRUE(warm_value >= value);
}

struct answers {
    struct gp_hyper learnt;
    double mean[MOST_DESIGNS], sd[MOST_DESIGNS];
};

static void answer(const struct example *e, struct answers *a)
{
    const struct gp_data data = data_of(e);
    struct status_why why = {0};
    struct gp *gp;
    memset(a, 0, sizeof *a);
    HARNESS_ASSERT_OK(gp_learn(&data, NULL, &a->learnt, &why));
    HARNESS_ASSERT_OK(gp_create(&data, &a->learnt, &gp, &why));
    HARNESS_ASSERT_OK(gp_believe(gp, e->designs, &why));
    HARNESS_ASSERT_OK(gp_predict(gp, e->n_designs, e->designs, a->mean, a->sd, &why));
    gp_destroy(gp);
}

static void test_gp_gives_the_same_bits_again_and_on_every_level(void)
{
    static struct example e;
    static struct answers first, other;
    const enum vmath_level before = vmath_level();
    make_mixed(&e);
    answer(&e, &first);
    for (enum vmath_level level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        if (vmath_force(level)) {
            answer(&e, &other);
            CU_ASSERT_EQUAL(memcmp(&first, &other, sizeof first), 0);
        }
    }
    CU_ASSERT_TRUE(vmath_force(before));
}

static void test_gp_believe_keeps_the_mean_and_shrinks_the_spread(void)
{
    enum { KNOWN = 45 };
    static struct example e;
    struct status_why why = {0};
    double mean[MOST_DESIGNS], sd[MOST_DESIGNS], mean_after[MOST_DESIGNS], sd_after[MOST_DESIGNS];
    double sd_all[MOST_DESIGNS], mean_all[MOST_DESIGNS], residual[MOST_DATA], again[MOST_DATA];
    struct gp *gp, *all;
    make_mixed(&e);
    struct gp_data data = data_of(&e);
    data.noise_sd = NULL; /* a believed design has the noise of the nugget */
    HARNESS_ASSERT_OK(gp_create(&data, &e.hyper, &all, &why));
    data.n = KNOWN;
    HARNESS_ASSERT_OK(gp_create(&data, &e.hyper, &gp, &why));
    HARNESS_ASSERT_OK(gp_predict(gp, e.n_designs, e.designs, mean, sd, &why));
    HARNESS_ASSERT_OK(gp_leave_out(gp, residual, &why));
    for (size_t i = KNOWN; i < e.n; i++) {
        HARNESS_ASSERT_OK(gp_believe(gp, e.u + i * e.d, &why));
    }
    HARNESS_ASSERT_OK(gp_predict(gp, e.n_designs, e.designs, mean_after, sd_after, &why));
    HARNESS_ASSERT_OK(gp_leave_out(gp, again, &why));
    HARNESS_ASSERT_OK(gp_predict(all, e.n_designs, e.designs, mean_all, sd_all, &why));
    /* The spread does not depend on the values, but for their unit. */
    const double unit = spread(KNOWN, e.y) / spread(e.n, e.y);
    for (size_t i = 0; i < e.n_designs; i++) {
        CU_ASSERT_EQUAL(mean_after[i], mean[i]);
        CU_ASSERT_TRUE(sd_after[i] < sd[i]);
        HARNESS_ASSERT_REL(sd_after[i], sd_all[i] * unit, 1e-11);
    }
    CU_ASSERT_EQUAL(memcmp(again, residual, KNOWN * sizeof *again), 0);
    gp_destroy(gp);
    gp_destroy(all);
}

/* Learn, believe and predict; everything must be a number. */
static void go_through(const struct example *e)
{
    static double mean[MOST_DESIGNS], sd[MOST_DESIGNS], residual[MOST_DATA];
    struct gp_data data = data_of(e);
    struct status_why why = {0};
    struct gp_hyper learnt;
    struct gp *gp;
    data.noise_sd = NULL;
    HARNESS_ASSERT_OK(gp_learn(&data, NULL, &learnt, &why));
    HARNESS_ASSERT_OK(gp_create(&data, &learnt, &gp, &why));
    HARNESS_ASSERT_OK(gp_leave_out(gp, residual, &why));
    for (int i = 0; i < 5; i++) {
        HARNESS_ASSERT_OK(gp_believe(gp, e->u, &why));
    }
    HARNESS_ASSERT_OK(gp_predict(gp, e->n_designs, e->designs, mean, sd, &why));
    HARNESS_ASSERT_OK(gp_predict(gp, 1, e->u, mean, sd, &why)); /* at a design that is known */
    for (size_t i = 0; i < e->n_designs; i++) {
        CU_ASSERT_TRUE(isfinite(mean[i]) && isfinite(sd[i]) && sd[i] > 0.0);
    }
    for (size_t i = 0; i < e->n; i++) {
        CU_ASSERT_TRUE(isfinite(residual[i]));
    }
    gp_destroy(gp);
}

static void test_gp_stands_ill_conditioned_data(void)
{
    static struct example e;
    make_mixed(&e);
    e.n = 1;
    go_through(&e);
    e.n = 2;
    memcpy(e.u + e.d, e.u, e.d * sizeof *e.u); /* the same design, two values */
    go_through(&e);
    make_mixed(&e);
    for (size_t i = 0; i < e.n; i++) { /* three designs over and over, without noise */
        memcpy(e.u + i * e.d, e.u + i % 3 * e.d, e.d * sizeof *e.u);
        e.y[i] = e.y[i % 3];
    }
    go_through(&e);
    for (size_t i = 0; i < e.n; i++) {
        e.y[i] = -7.7e-5; /* the same value everywhere */
    }
    go_through(&e);
    memset(e.y, 0, sizeof e.y);
    go_through(&e);
    make_mixed(&e);
    for (size_t i = 0; i < e.n; i++) {
        e.y[i] *= i % 2 ? 2.3e304 : -2.1e304; /* 1e308 */
    }
    go_through(&e);
    make_mixed(&e);
    for (size_t i = 0; i < e.n; i++) {
        e.y[i] *= 1e-310; /* subnormal */
    }
    go_through(&e);
}

static void test_gp_stands_as_many_variables_as_there_may_be(void)
{
    static struct example e;
    struct rng r;
    rng_init(&r, 8, RNG_TEST, 3);
    e = (struct example){.d = VARIABLE_MOST, .n = 20, .n_designs = MOST_DESIGNS};
    for (size_t i = 0; i < e.d; i++) {
        e.variables[i] =
            (struct variable){.kind = (enum variable_kind)(i % 3), .upper = 1.0, .n_levels = 2 + i};
    }
    draw_designs(&e, &r, e.n, e.u);
    draw_designs(&e, &r, e.n_designs, e.designs);
    for (size_t i = 0; i < e.n; i++) {
        e.y[i] = pow(e.u[i * e.d], 3.0) - e.u[i * e.d + 5] + 3.7;
    }
    go_through(&e);
}

static void test_gp_errors(void)
{
    static struct example e;
    struct status_why why = {0};
    struct gp *gp;
    double value;
    make_mixed(&e);
    struct gp_data data = data_of(&e);
    data.noise_sd = NULL;
    memcpy(e.u + 4 * e.d, e.u, e.d * sizeof *e.u); /* a design twice, and no noise */
    e.hyper.log_nugget = -800.0;
    HARNESS_ASSERT_FAILS(gp_create(&data, &e.hyper, &gp, &why), STATUS_LIBRARY,
                         "covariance of 60 designs is not positive definite");
    HARNESS_ASSERT_FAILS(gp_evidence(&data, &e.hyper, &value, NULL, &why), STATUS_LIBRARY,
                         "not positive definite");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"printed digits of scikit-learn", test_gp_agrees_with_printed_digits_of_scikit_learn},
        {"needs scikit-learn", test_gp_agrees_with_scikit_learn_where_it_is_installed},
        {"evidence slopes", test_gp_evidence_slopes_are_central_differences},
        {"learn finds lengths and noise", test_gp_learn_finds_lengths_and_noise},
        {"same bits on every level", test_gp_gives_the_same_bits_again_and_on_every_level},
        {"believe", test_gp_believe_keeps_the_mean_and_shrinks_the_spread},
        {"ill-conditioned data", test_gp_stands_ill_conditioned_data},
        {"many variables", test_gp_stands_as_many_variables_as_there_may_be},
        {"errors", test_gp_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
