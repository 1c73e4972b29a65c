#define _XOPEN_SOURCE 700
#include "solver/base/vmath.h"

#include <float.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

enum { BLOCK = 1003 /* not a multiple of eight */, N_BLOCKS = 1000 };

/* Weyl sequence with a mixing step (splitmix64): points that no kernel was tuned for. */
static uint64_t next_bits(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static double next_between(uint64_t *state, double low, double high)
{
    return low + (high - low) * ((double)(next_bits(state) >> 11) * 0x1p-53);
}

static double from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint64_t to_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Distance of got from the truth in units of the last place of a double as large as the truth. */
static double ulps(double got, long double truth)
{
    int exponent;
    (void)frexpl(truth, &exponent);
    const int last_place = exponent - DBL_MANT_DIG > -1074 ? exponent - DBL_MANT_DIG : -1074;
    return (double)(fabsl((long double)got - truth) / ldexpl(1.0L, last_place));
}

/* One way to draw an argument. */
typedef double draw_fn(uint64_t *state);

static double draw_all(uint64_t *state)
{
    return next_between(state, -745.0, 709.7);
}

static double draw_normal_result(uint64_t *state)
{
    return next_between(state, -708.3, 709.7);
}

static double draw_small(uint64_t *state)
{
    return next_between(state, -1.1, 1.1);
}

static double draw_subnormal_result(uint64_t *state)
{
    return next_between(state, -745.2, -708.3);
}

static double draw_tiny(uint64_t *state)
{
    return ldexp(next_between(state, -1.0, 1.0), -(int)(next_bits(state) % 80));
}

static double draw_positive(uint64_t *state)
{
    return from_bits(next_bits(state) % 0x7ff0000000000000U);
}

static double draw_near_one(uint64_t *state)
{
    return 1.0 + draw_tiny(state) / 2.1;
}

static double draw_around_root(uint64_t *state)
{
    return ldexp(next_between(state, .70, .715), (int)(next_bits(state) % 5) - 2);
}

static double draw_subnormal(uint64_t *state)
{
    return from_bits(next_bits(state) >> (12 + next_bits(state) % 50)) + 0x1p-1074;
}

/* The largest error of f in ulp over BLOCK * N_BLOCKS points. */
static double worst(void (*f)(size_t, const double[], double[]), long double (*truth)(long double),
                    draw_fn *draw)
{
    static double x[BLOCK], y[BLOCK];
    uint64_t state = 2385;
    double most = 0.0;
    for (int b = 0; b < N_BLOCKS; b++) {
        for (int i = 0; i < BLOCK; i++) {
            x[i] = draw(&state);
        }
        f(BLOCK, x, y);
        for (int i = 0; i < BLOCK; i++) {
            most = fmax(most, ulps(y[i], truth((long double)x[i])));
        }
    }
    return most;
}

static void test_vmath_exp_is_accurate(void)
{
    static const struct {
        const char *what;
        draw_fn *draw;
        double limit_ulp;
    } rows[] = {
        {"all", draw_all, .78},
        {"normal results", draw_normal_result, .64},
        {"|x| < 1.1", draw_small, .64},
        {"tiny x", draw_tiny, .64},
        {"subnormal results", draw_subnormal_result, .78}, /* rounded twice */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double most = worst(vmath_exp, expl, rows[i].draw);
        (void)printf("\n    exp, %s: at most %.4f ulp ", rows[i].what, most);
        CU_ASSERT(most <= rows[i].limit_ulp);
    }
}

static void test_vmath_log_is_accurate(void)
{
    static const struct {
        const char *what;
        draw_fn *draw;
    } rows[] = {
        {"all positive", draw_positive},
        {"near 1", draw_near_one},
        {"around sqrt(1/2) 2^k", draw_around_root},
        {"subnormal x", draw_subnormal},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double most = worst(vmath_log, logl, rows[i].draw);
        (void)printf("\n    log, %s: at most %.4f ulp ", rows[i].what, most);
        CU_ASSERT(most <= .67);
    }
}

static void test_vmath_special_values(void)
{
    const double nan_plain = from_bits(0x7ff8000000000000U);
    static const double inf = (double)INFINITY;
    const struct {
        double (*f)(double);
        double x, y;
    } rows[] = {
        {vmath_exp1, 0.0, 1.0},
        {vmath_exp1, -0.0, 1.0},
        {vmath_exp1, inf, inf},
        {vmath_exp1, -inf, 0.0},
        {vmath_exp1, 1e300, inf},
        {vmath_exp1, -1e300, 0.0},
        {vmath_exp1, 0x1.62e42fefa39efp+9, 0x1.fffffffffff2ap+1023}, /* the last finite result */
        {vmath_exp1, 0x1.62e42fefa39f0p+9, inf},
        {vmath_exp1, -0x1.74910d52d3051p+9, 0x1p-1074}, /* the last positive result */
        {vmath_exp1, -0x1.74910d52d3052p+9, 0.0},
        {vmath_exp1, (double)NAN, nan_plain},
        {vmath_exp1, -(double)NAN, nan_plain},
        {vmath_exp1, 0x1p-1074, 1.0},
        {vmath_log1, 1.0, 0.0},
        {vmath_log1, 0.0, -inf},
        {vmath_log1, -0.0, -inf},
        {vmath_log1, inf, inf},
        {vmath_log1, -inf, nan_plain},
        {vmath_log1, -2.385, nan_plain},
        {vmath_log1, -0x1p-1074, nan_plain},
        {vmath_log1, (double)NAN, nan_plain},
        {vmath_log1, from_bits(0xfff8000000000123U), nan_plain},
        {vmath_log1, 0x1p-1074, -0x1.74385446d71c3p+9},
        {vmath_log1, DBL_MAX, 0x1.62e42fefa39efp+9},
        {vmath_log1, 2.0, 0x1.62e42fefa39efp-1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double got = rows[i].f(rows[i].x);
        if (to_bits(got) != to_bits(rows[i].y)) {
            (void)printf("\n    row %zu: f(%a) = %a, not %a ", i, rows[i].x, got, rows[i].y);
            CU_FAIL("special value");
        }
    }
}

/* Arguments of all kinds: any bits at all, so NaN, infinities, subnormals, both signs; then the
 * range where exp is interesting. */
static void fill_arguments(double x[], size_t n)
{
    uint64_t state = 77;
    for (size_t i = 0; i < n; i++) {
        x[i] = i % 2 == 0 ? from_bits(next_bits(&state)) : next_between(&state, -750.0, 715.0);
    }
}

/* The bits of \a level against those of the lowest, and those of one value at a time. */
static void compare_level(enum vmath_level level)
{
    enum { N = 200003 };
    const enum vmath_level before = vmath_level();
    if (!vmath_force(level)) {
        char text[64];
        (void)snprintf(text, sizeof text, "this processor lacks %s", vmath_level_name(level));
        harness_skip(text);
        return;
    }
    double *x = malloc(5 * N * sizeof *x);
    STATUS_ASSERT(x != NULL);
    double *e = x + N, *l = x + 2 * N, *e_again = x + 3 * N, *l_again = x + 4 * N;
    fill_arguments(x, N);
    CU_ASSERT_EQUAL(vmath_level(), level);
    vmath_exp(N, x, e_again);
    vmath_log(N, x, l_again);
    CU_ASSERT(vmath_force(VMATH_V2));
    vmath_exp(N, x, e);
    vmath_log(N, x, l);
    CU_ASSERT_EQUAL(memcmp(e_again, e, N * sizeof *x), 0);
    CU_ASSERT_EQUAL(memcmp(l_again, l, N * sizeof *x), 0);
    for (size_t i = 0; i < N; i += 41) {
        CU_ASSERT_EQUAL(to_bits(vmath_exp1(x[i])), to_bits(e_again[i]));
        CU_ASSERT_EQUAL(to_bits(vmath_log1(x[i])), to_bits(l_again[i]));
    }
    (void)vmath_force(before);
    free(x);
}

static void test_vmath_v2_gives_the_bits_of_one_value_at_a_time(void)
{
    compare_level(VMATH_V2);
}

static void test_vmath_v3_gives_the_same_bits(void)
{
    compare_level(VMATH_V3);
}

static void test_vmath_v4_gives_the_same_bits(void)
{
    compare_level(VMATH_V4);
}

/* Compilers differ more than processors: this digest was taken from gcc 12 and holds for clang. */
static void test_vmath_bits_are_those_of_every_build(void)
{
    enum { N = 100000 };
    static double x[N], y[N];
    const uint64_t wanted = 0xef6575a52e610228U;
    uint64_t digest = 0xcbf29ce484222325U; /* FNV-1a */
    fill_arguments(x, N);
    for (int f = 0; f < 2; f++) {
        (f == 0 ? vmath_exp : vmath_log)(N, x, y);
        for (size_t i = 0; i < N; i++) {
            digest = (digest ^ to_bits(y[i])) * 0x100000001b3U;
        }
    }
    CU_ASSERT_EQUAL(digest, wanted);
    if (digest != wanted) {
        (void)printf("\n    digest %#llx ", (unsigned long long)digest);
    }
}

static void test_vmath_arrays_of_any_length_and_in_place(void)
{
    enum { MOST = 27 };
    double x[MOST + 1], y[MOST + 1];
    for (size_t n = 0; n <= MOST; n++) {
        for (size_t i = 0; i <= MOST; i++) {
            x[i] = y[i] = 2.385 + .73 * (double)i;
        }
        vmath_exp(n, y, y);
        vmath_log(n, y, y);
        for (size_t i = 0; i < n; i++) {
            CU_ASSERT_EQUAL(y[i], vmath_log1(vmath_exp1(x[i])));
            CU_ASSERT_DOUBLE_EQUAL(y[i], x[i], 1e-15 * x[i]);
        }
        for (size_t i = n; i <= MOST; i++) {
            CU_ASSERT_EQUAL(y[i], x[i]); /* untouched */
        }
    }
}

static void test_vmath_isa_variable(void)
{
    struct status_why why;
    status_clear(&why);
    const enum vmath_level before = vmath_level();
    for (enum vmath_level level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        const int available = vmath_force(level);
        (void)setenv("SCALEFRONT_ISA", vmath_level_name(level), 1);
        if (available) {
            HARNESS_ASSERT_OK(vmath_start(&why));
            CU_ASSERT_EQUAL(vmath_level(), level);
        } else {
            HARNESS_ASSERT_FAILS(vmath_start(&why), STATUS_INPUT, "this processor goes up to");
        }
    }
    (void)setenv("SCALEFRONT_ISA", "avx2", 1);
    HARNESS_ASSERT_FAILS(vmath_start(&why), STATUS_INPUT,
                         "SCALEFRONT_ISA: avx2: must be v2, v3 or v4");
    (void)setenv("SCALEFRONT_ISA", "", 1);
    HARNESS_ASSERT_OK(vmath_start(&why));
    (void)unsetenv("SCALEFRONT_ISA");
    (void)vmath_force(VMATH_V2);
    HARNESS_ASSERT_OK(vmath_start(&why));
    CU_ASSERT(vmath_level() == VMATH_V2 || vmath_level() == before);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"exp is accurate", test_vmath_exp_is_accurate},
        {"log is accurate", test_vmath_log_is_accurate},
        {"special values", test_vmath_special_values},
        {"level v2", test_vmath_v2_gives_the_bits_of_one_value_at_a_time},
        {"needs v3", test_vmath_v3_gives_the_same_bits},
        {"needs v4", test_vmath_v4_gives_the_same_bits},
        {"bits are those of every build", test_vmath_bits_are_those_of_every_build},
        {"arrays of any length and in place", test_vmath_arrays_of_any_length_and_in_place},
        {"isa variable", test_vmath_isa_variable},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
