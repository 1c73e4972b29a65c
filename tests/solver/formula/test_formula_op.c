#include "solver/formula/formula_op.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "solver/base/rng.h"
#include "solver/base/vmath.h"
#include "tests/harness.h"

static double apply(enum formula_op op, double a, double b)
{
    return formula_op_apply(op, a, b, 0.);
}

/* Distance from the truth in units of the last place of a double as large as the truth. */
static double ulps(double got, long double truth)
{
    int exponent;
    (void)frexpl(truth, &exponent);
    const int last_place = exponent - DBL_MANT_DIG > -1074 ? exponent - DBL_MANT_DIG : -1074;
    return (double)(fabsl((long double)got - truth) / ldexpl(1.0L, last_place));
}

static long double logistic_true(long double x)
{
    return 1.0L / (1.0L + expl(-x));
}

static double draw_moderate(struct rng *r)
{
    return -8. + 16. * rng_uniform(r);
}

static double draw_tiny(struct rng *r)
{
    const double x = ldexp(.5 + .5 * rng_uniform(r), -(int)rng_below(r, 90));
    return rng_below(r, 2) == 0 ? x * .99 : -x * .99;
}

static double draw_wide(struct rng *r)
{
    return -700. + 1400. * rng_uniform(r);
}

static double draw_positive(struct rng *r)
{
    return ldexp(1. + rng_uniform(r), (int)rng_below(r, 2000) - 1000);
}

static void test_formula_op_is_accurate_to_half_its_widening(void)
{
    static const struct {
        const char *what;
        enum formula_op op;
        long double (*truth)(long double);
        double (*draw)(struct rng *r);
        double limit_ulp;
    } rows[] = {
        {"exp, wide", FORMULA_OP_EXP, expl, draw_wide, 1.},
        {"log, positive", FORMULA_OP_LOG, logl, draw_positive, 1.},
        {"sqrt, positive", FORMULA_OP_SQRT, sqrtl, draw_positive, .51},
        {"expm1, moderate", FORMULA_OP_EXPM1, expm1l, draw_moderate, 3.},
        {"expm1, tiny", FORMULA_OP_EXPM1, expm1l, draw_tiny, 3.},
        {"expm1, wide", FORMULA_OP_EXPM1, expm1l, draw_wide, 2.},
        {"log1p, tiny", FORMULA_OP_LOG1P, log1pl, draw_tiny, 3.},
        {"log1p, positive", FORMULA_OP_LOG1P, log1pl, draw_positive, 3.},
        {"tanh, moderate", FORMULA_OP_TANH, tanhl, draw_moderate, 4.},
        {"tanh, tiny", FORMULA_OP_TANH, tanhl, draw_tiny, 4.},
        {"logistic, moderate", FORMULA_OP_LOGISTIC, logistic_true, draw_moderate, 3.},
        {"logistic, wide", FORMULA_OP_LOGISTIC, logistic_true, draw_wide, 3.},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct rng r;
        rng_init(&r, 2385, RNG_TEST, k);
        double most = 0.;
        for (int i = 0; i < 50000; i++) {
            const double x = rows[k].draw(&r);
            most = fmax(most, ulps(apply(rows[k].op, x, 0.), rows[k].truth((long double)x)));
        }
        (void)printf("\n    %s: at most %.3f ulp ", rows[k].what, most);
        CU_ASSERT(most <= rows[k].limit_ulp);
        CU_ASSERT(rows[k].op == FORMULA_OP_SQRT || 2. * most <= formula_op_ulps(rows[k].op));
    }
}

static void test_formula_op_has_the_limits_of_its_function(void)
{
    const double infinity = (double)INFINITY;
    static const enum formula_op odd[] = {FORMULA_OP_EXPM1, FORMULA_OP_LOG1P, FORMULA_OP_TANH};
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT(signbit(apply(odd[i], -0., 0.)));
        CU_ASSERT_EQUAL(fpclassify(apply(odd[i], 0., 0.)), FP_ZERO);
        HARNESS_ASSERT_REL(apply(odd[i], 3e-310, 0.), 3e-310, 1e-12);
    }
    for (enum formula_op op = FORMULA_OP_SQRT; op <= FORMULA_OP_LOGISTIC; op++) {
        CU_ASSERT(isnan(apply(op, (double)NAN, 0.)));
    }
    HARNESS_ASSERT_REL(apply(FORMULA_OP_EXPM1, -infinity, 0.), -1., 0.);
    HARNESS_ASSERT_REL(apply(FORMULA_OP_EXPM1, 1., 0.), 1.718281828459045, 4e-16);
    CU_ASSERT(isinf(apply(FORMULA_OP_EXPM1, 710., 0.)));
    CU_ASSERT(isinf(apply(FORMULA_OP_EXPM1, infinity, 0.)));
    CU_ASSERT(isinf(apply(FORMULA_OP_LOG1P, -1., 0.)));
    CU_ASSERT(isnan(apply(FORMULA_OP_LOG1P, -1.001, 0.)));
    CU_ASSERT(isinf(apply(FORMULA_OP_LOG1P, infinity, 0.)));
    HARNESS_ASSERT_REL(apply(FORMULA_OP_LOG1P, 1e308, 0.), 709.1962086421661, 1e-15);
    HARNESS_ASSERT_REL(apply(FORMULA_OP_TANH, 800., 0.), 1., 0.);
    HARNESS_ASSERT_REL(apply(FORMULA_OP_TANH, -infinity, 0.), -1., 0.);
    HARNESS_ASSERT_REL(apply(FORMULA_OP_LOGISTIC, -800., 0.), 0., 0.);
    HARNESS_ASSERT_REL(apply(FORMULA_OP_LOGISTIC, 800., 0.), 1., 0.);
    CU_ASSERT(isnan(apply(FORMULA_OP_SQRT, -2.385, 0.)));
}

static void test_formula_op_keeps_what_is_not_a_number(void)
{
    const double nothing = (double)NAN;
    for (enum formula_op op = FORMULA_OP_MIN; op <= FORMULA_OP_MAX; op++) {
        CU_ASSERT(isnan(apply(op, nothing, 2.385)));
        CU_ASSERT(isnan(apply(op, 2.385, nothing)));
    }
    HARNESS_ASSERT_REL(apply(FORMULA_OP_MIN, -1.7, 2.385), -1.7, 0.);
    HARNESS_ASSERT_REL(apply(FORMULA_OP_MAX, -1.7, 2.385), 2.385, 0.);
    HARNESS_ASSERT_REL(apply(FORMULA_OP_LESS, nothing, 2.385), 0., 0.);
    HARNESS_ASSERT_REL(apply(FORMULA_OP_LESS, 2.385, 2.4), 1., 0.);
    HARNESS_ASSERT_REL(formula_op_apply(FORMULA_OP_SELECT, 1., 7., 9.), 7., 0.);
    HARNESS_ASSERT_REL(formula_op_apply(FORMULA_OP_SELECT, 0., 7., 9.), 9., 0.);
}

static void test_formula_op_gives_the_same_bits_on_every_level(void)
{
    const enum vmath_level kept = vmath_level();
    for (enum formula_op op = 0; op < FORMULA_OP_N; op++) {
        struct rng r;
        rng_init(&r, 71, RNG_TEST, (uint64_t)op);
        for (int i = 0; i < 500; i++) {
            const double x[3] = {draw_moderate(&r), draw_tiny(&r), draw_moderate(&r)};
            CU_ASSERT(vmath_force(VMATH_V2));
            const double want = formula_op_apply(op, x[0], x[1], x[2]);
            for (enum vmath_level l = VMATH_V3; l < VMATH_N_LEVELS && vmath_force(l); l++) {
                const double got = formula_op_apply(op, x[0], x[1], x[2]);
                CU_ASSERT(memcmp(&got, &want, sizeof got) == 0 || (isnan(got) && isnan(want)));
            }
        }
    }
    CU_ASSERT(vmath_force(kept));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"is accurate to half its widening", test_formula_op_is_accurate_to_half_its_widening},
        {"has the limits of its function", test_formula_op_has_the_limits_of_its_function},
        {"keeps what is not a number", test_formula_op_keeps_what_is_not_a_number},
        {"gives the same bits on every level", test_formula_op_gives_the_same_bits_on_every_level},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
