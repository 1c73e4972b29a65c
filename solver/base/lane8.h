/** \file lane8.h
 * Eight doubles worked on at once: the type in which every numerical kernel is written. A kernel is
 * compiled once a vector level (v2: two lanes an instruction and fma in software, v3: four lanes,
 * v4: eight); all operations are elementwise and sums fold in one order, so that the levels give
 * the same bits. The operators + - * / & | ^ ~ and, on lane8_bits, << >> work on the types, also
 * between a vector and a number; for comparisons use the functions below, because gcc 12 takes
 * `a < b` apart into scalars at level v3.
 *
 * A file x_kernel.c includes this header and defines each function as LANE8_NAME(x_kernel_verb);
 * x_kernel.h declares the three variants and x.c picks one by vmath_level().
 */
#ifndef SOLVER_BASE_LANE8_H
#define SOLVER_BASE_LANE8_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__FMA__) || defined(__AVX512F__)
#include <immintrin.h>
#endif

enum { LANE8_N = 8 };

typedef double lane8 __attribute__((vector_size(64)));
typedef int64_t lane8_mask __attribute__((vector_size(64))); /**< 0 or -1: what comparisons give */
typedef uint64_t lane8_bits __attribute__((vector_size(64)));

#define LANE8_INLINE static inline __attribute__((always_inline, unused))

/** \a function with the level of this object appended: vmath_kernel_exp becomes vmath_kernel_exp_v3
 */
#define LANE8_NAME(function)         LANE8_JOIN(function, LANE8_LEVEL)
#define LANE8_JOIN(function, level)  LANE8_JOIN_(function, level)
#define LANE8_JOIN_(function, level) function##_##level

/* At level v3 a lane8 is two registers. gcc 12 keeps each half in its register for operators, but
 * not for copies and comparisons, so these are written by halves. The union costs nothing: both
 * compilers see through it. */
#if defined(__FMA__) && !defined(__AVX512F__)
union lane8_halves {
    lane8 whole;
    __m256d half[2];
};
#define LANE8_BY_HALVES 1
#else
#define LANE8_BY_HALVES 0
#endif

/** Eight values from memory, and to memory, of any alignment. */
LANE8_INLINE lane8 lane8_load(const double x[LANE8_N])
{
#if LANE8_BY_HALVES
    union lane8_halves v;
    v.half[0] = _mm256_loadu_pd(x);
    v.half[1] = _mm256_loadu_pd(x + 4);
    return v.whole;
#else
    lane8 v;
    memcpy(&v, x, sizeof v);
    return v;
#endif
}

LANE8_INLINE void lane8_store(double y[LANE8_N], lane8 v)
{
#if LANE8_BY_HALVES
    const union lane8_halves x = {v};
    _mm256_storeu_pd(y, x.half[0]);
    _mm256_storeu_pd(y + 4, x.half[1]);
#else
    memcpy(y, &v, sizeof v);
#endif
}

/** The first \a n values (n <= 8), the remaining lanes \a rest. */
LANE8_INLINE lane8 lane8_load_part(const double x[], size_t n, double rest)
{
    double padded[LANE8_N];
    for (size_t i = 0; i < LANE8_N; i++) {
        padded[i] = i < n ? x[i] : rest;
    }
    return lane8_load(padded);
}

/** Store the first \a n lanes (n <= 8) only. */
LANE8_INLINE void lane8_store_part(double y[], size_t n, lane8 v)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = v[i];
    }
}

/** The same value in every lane. */
LANE8_INLINE lane8 lane8_set1(double x)
{
    return (lane8){x, x, x, x, x, x, x, x};
}

LANE8_INLINE lane8_bits lane8_set1_bits(uint64_t x)
{
    return (lane8_bits){x, x, x, x, x, x, x, x};
}

/** a * b + c, rounded once. */
LANE8_INLINE lane8 lane8_fma(lane8 a, lane8 b, lane8 c)
{
#if defined(__AVX512F__)
    return (lane8)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif LANE8_BY_HALVES
    const union lane8_halves x = {a}, y = {b}, z = {c};
    union lane8_halves v;
    v.half[0] = _mm256_fmadd_pd(x.half[0], y.half[0], z.half[0]);
    v.half[1] = _mm256_fmadd_pd(x.half[1], y.half[1], z.half[1]);
    return v.whole;
#else
    lane8 v;
    for (int i = 0; i < LANE8_N; i++) {
        v[i] = fma(a[i], b[i], c[i]);
    }
    return v;
#endif
}

/** The comparisons; false where either is NaN. */
#if LANE8_BY_HALVES && !defined(__clang__)
#define LANE8_COMPARE(name, operation, predicate)                                                  \
    LANE8_INLINE lane8_mask name(lane8 a, lane8 b)                                                 \
    {                                                                                              \
        const union lane8_halves x = {a}, y = {b};                                                 \
        union lane8_halves v;                                                                      \
        v.half[0] = _mm256_cmp_pd(x.half[0], y.half[0], predicate);                                \
        v.half[1] = _mm256_cmp_pd(x.half[1], y.half[1], predicate);                                \
        return (lane8_mask)v.whole;                                                                \
    }
#else
#define LANE8_COMPARE(name, operation, predicate)                                                  \
    LANE8_INLINE lane8_mask name(lane8 a, lane8 b)                                                 \
    {                                                                                              \
        return a operation b;                                                                      \
    }
#endif
LANE8_COMPARE(lane8_less, <, _CMP_LT_OQ)
LANE8_COMPARE(lane8_less_equal, <=, _CMP_LE_OQ)
LANE8_COMPARE(lane8_equal, ==, _CMP_EQ_OQ)

/** \a yes where \a mask is set, else \a no. */
LANE8_INLINE lane8 lane8_select(lane8_mask mask, lane8 yes, lane8 no)
{
#if LANE8_BY_HALVES
    const union lane8_halves m = {(lane8)mask}, x = {yes}, y = {no};
    union lane8_halves v;
    v.half[0] = _mm256_blendv_pd(y.half[0], x.half[0], m.half[0]);
    v.half[1] = _mm256_blendv_pd(y.half[1], x.half[1], m.half[1]);
    return v.whole;
#else
    return (lane8)((mask & (lane8_mask)yes) | (~mask & (lane8_mask)no));
#endif
}

/** The smaller of each pair; \a b where either is NaN. One instruction does just this. */
LANE8_INLINE lane8 lane8_min(lane8 a, lane8 b)
{
#if defined(__AVX512F__)
    return (lane8)_mm512_min_pd((__m512d)a, (__m512d)b);
#elif LANE8_BY_HALVES
    const union lane8_halves x = {a}, y = {b};
    union lane8_halves v;
    v.half[0] = _mm256_min_pd(x.half[0], y.half[0]);
    v.half[1] = _mm256_min_pd(x.half[1], y.half[1]);
    return v.whole;
#else
    return lane8_select(lane8_less(a, b), a, b);
#endif
}

/** The larger of each pair; \a b where either is NaN. */
LANE8_INLINE lane8 lane8_max(lane8 a, lane8 b)
{
#if defined(__AVX512F__)
    return (lane8)_mm512_max_pd((__m512d)a, (__m512d)b);
#elif LANE8_BY_HALVES
    const union lane8_halves x = {a}, y = {b};
    union lane8_halves v;
    v.half[0] = _mm256_max_pd(x.half[0], y.half[0]);
    v.half[1] = _mm256_max_pd(x.half[1], y.half[1]);
    return v.whole;
#else
    return lane8_select(lane8_less(b, a), a, b);
#endif
}

/** |a|, also of NaN and -0. */
LANE8_INLINE lane8 lane8_abs(lane8 a)
{
    return (lane8)((lane8_bits)a & lane8_set1_bits(INT64_MAX));
}

/** Sum of the lanes, always folded as ((0+4)+(2+6)) + ((1+5)+(3+7)). */
LANE8_INLINE double lane8_sum(lane8 v)
{
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

/** Eight running totals, zero to begin with. A lane8 that a loop carries along is copied at each
 * turn; halves in a structure stay in their registers. */
struct lane8_total {
#if LANE8_BY_HALVES
    __m256d half[2];
#else
    lane8 whole;
#endif
};

LANE8_INLINE void lane8_add(struct lane8_total *total, lane8 v)
{
#if LANE8_BY_HALVES
    const union lane8_halves x = {v};
    total->half[0] = _mm256_add_pd(total->half[0], x.half[0]);
    total->half[1] = _mm256_add_pd(total->half[1], x.half[1]);
#else
    total->whole += v;
#endif
}

/** The totals themselves. */
LANE8_INLINE lane8 lane8_totals(const struct lane8_total *total)
{
#if LANE8_BY_HALVES
    const union lane8_halves v = {.half = {total->half[0], total->half[1]}};
    return v.whole;
#else
    return total->whole;
#endif
}

/** The lanes of a total, folded as by lane8_sum. */
LANE8_INLINE double lane8_fold(const struct lane8_total *total)
{
    return lane8_sum(lane8_totals(total));
}

/** Whether any lane of a mask is set. */
LANE8_INLINE int lane8_any(lane8_mask m)
{
    return ((m[0] | m[1]) | (m[2] | m[3]) | (m[4] | m[5]) | (m[6] | m[7])) != 0;
}

/* ln 2 in two parts: the first has 42 bits, so that its product with an exponent is exact. */
#define LANE8_LN2_HIGH 0x1.62e42fefa3800p-1
#define LANE8_LN2_LOW  0x1.ef35793c76730p-45
#define LANE8_LOG2_E   0x1.71547652b82fep+0
/* Adding it rounds to an integer, which is then found in the low bits of the sum. */
#define LANE8_ROUNDER 0x1.8p52

/** (exp(r) - 1 - r) / r^2 for |r| <= ln(2) / 2: the near-minimax polynomial (interpolated at
 * Chebyshev nodes with 200 bits; relative error of exp 2^-61), by pairs (Estrin), which makes a
 * short chain of dependent operations. */
LANE8_INLINE lane8 lane8_exp_tail(lane8 r)
{
    const lane8 r2 = r * r, r4 = r2 * r2, r8 = r4 * r4;
    const lane8 q01 = lane8_fma(r, lane8_set1(0x1.5555555555557p-3), lane8_set1(0.5));
    const lane8 q23 =
        lane8_fma(r, lane8_set1(0x1.11111111100dcp-7), lane8_set1(0x1.5555555555556p-5));
    const lane8 q45 =
        lane8_fma(r, lane8_set1(0x1.a01a01abe7fe1p-13), lane8_set1(0x1.6c16c16c162d4p-10));
    const lane8 q67 =
        lane8_fma(r, lane8_set1(0x1.71de0231960ebp-19), lane8_set1(0x1.a01a01a6d889cp-16));
    const lane8 q89 =
        lane8_fma(r, lane8_set1(0x1.af4de97ca4194p-26), lane8_set1(0x1.27e4db646b17ep-22));
    const lane8 q8a = lane8_fma(r2, lane8_set1(0x1.1f730349868cep-29), q89);
    const lane8 q03 = lane8_fma(r2, q23, q01), q47 = lane8_fma(r2, q67, q45);
    return lane8_fma(r8, q8a, lane8_fma(r4, q47, q03));
}

/** exp(x), at most .64 ulp from the true value where that is a normal number (.78 below): x = k ln
 * 2 + r + e, exp(x) = 2^k (1 + r + r^2 q(r) + e) with q of lane8_exp_tail. */
LANE8_INLINE lane8 lane8_exp(lane8 x)
{
    /* Beyond these the result is 0 or infinite anyway, and 2^k stays within two factors. */
    const lane8 bounded = lane8_min(lane8_set1(710.0), lane8_max(lane8_set1(-746.0), x));

    const lane8 rounder = lane8_set1(LANE8_ROUNDER);
    const lane8 k = lane8_fma(bounded, lane8_set1(LANE8_LOG2_E), rounder) - rounder;
    const lane8 coarse = lane8_fma(k, lane8_set1(-LANE8_LN2_HIGH), bounded); /* exact */
    const lane8 r = lane8_fma(k, lane8_set1(-LANE8_LN2_LOW), coarse);
    const lane8 e = lane8_fma(k, lane8_set1(-LANE8_LN2_LOW), coarse - r);

    /* 1 + r with its rounding error, so that only the last addition rounds noticeably. */
    const lane8 sum = 1.0 + r;
    const lane8 lost = r - (sum - 1.0);
    const lane8 y = sum + (lost + lane8_fma(r * r, lane8_exp_tail(r), lane8_fma(e, r, e)));

    /* 2^k as two factors, each a normal number: the second product alone may round or overflow. */
    const lane8 half = lane8_fma(k, lane8_set1(0.5), rounder);
    const lane8 other = (k - (half - rounder)) + rounder;
    const lane8 scale1 = (lane8)(((lane8_bits)half + 1023) << 52);
    const lane8 scale2 = (lane8)(((lane8_bits)other + 1023) << 52);
    return lane8_select(lane8_equal(x, x), y * scale1 * scale2, lane8_set1((double)NAN));
}

/** (2 atanh(s) / s - 2) / z with z = s^2, for 1 + f = (1 + s) / (1 - s) in [sqrt(1/2), sqrt(2)):
 * the near-minimax polynomial (made as for lane8_exp_tail; relative error 2^-57). */
LANE8_INLINE lane8 lane8_log_tail(lane8 z)
{
    const lane8 z2 = z * z;
    const lane8 p01 = lane8_fma(z, lane8_set1(0.3999999999989949), lane8_set1(0.666666666666667));
    const lane8 p23 = lane8_fma(z, lane8_set1(0.22222211133642084), lane8_set1(0.2857142862598255));
    const lane8 p45 = lane8_fma(z, lane8_set1(0.1533171880828007), lane8_set1(0.18182889209266595));
    const lane8 p46 = lane8_fma(z2, lane8_set1(0.14616484198366603), p45);
    return lane8_fma(z2, lane8_fma(z2, p46, p23), p01);
}

/** ln(x), at most .67 ulp from the true value: x = 2^e m with m in [sqrt(1/2), sqrt(2)), f = m - 1,
 * s = f / (2 + f), ln(m) = 2 atanh(s) = f - f^2/2 + s (f^2/2 + z P(z)) with z = s^2 and P of
 * lane8_log_tail. */
LANE8_INLINE lane8 lane8_log(lane8 x)
{
    /* Subnormals are scaled up first. */
    const lane8_mask tiny = lane8_less(x, lane8_set1(0x1p-1022));
    const lane8 scaled = lane8_select(tiny, x * 0x1p54, x);

    /* Exponent and mantissa, the latter centred on 1: bits of sqrt(1/2) instead of 1. */
    const uint64_t bits_of_one = 0x3ff0000000000000U, bits_of_root = 0x3fe6a09e667f3bcdU;
    const lane8_bits bits = (lane8_bits)scaled + (bits_of_one - bits_of_root);
    const lane8 biased = (lane8)((bits >> 52) | lane8_set1_bits(0x4330000000000000U));
    const lane8 k =
        biased - lane8_select(tiny, lane8_set1(0x1p52 + 1023 + 54), lane8_set1(0x1p52 + 1023));
    const lane8 m = (lane8)((bits & 0x000fffffffffffffU) + bits_of_root);

    const lane8 f = m - 1.0;
    const lane8 s = f / (2.0 + f);
    const lane8 z = s * s;

    /* k ln 2 + f - f^2/2 in leading parts and what each addition lost. */
    const lane8 half = 0.5 * f;
    const lane8 square = half * f, square_lost = lane8_fma(half, f, -square);
    const lane8 near = f - square, near_lost = (f - near) - square;
    const lane8 whole = k * LANE8_LN2_HIGH; /* exact */
    const lane8 sum = whole + near, sum_lost = (whole - sum) + near;
    const lane8 rest =
        lane8_fma(s, lane8_fma(z, lane8_log_tail(z), square), near_lost - square_lost);
    const lane8 y = sum + (sum_lost + lane8_fma(k, lane8_set1(LANE8_LN2_LOW), rest));

    const lane8 infinity = lane8_set1((double)INFINITY), zero = lane8_set1(0.0);
    const lane8 special = lane8_select(lane8_equal(x, zero), -infinity, lane8_set1((double)NAN));
    const lane8_mask ordinary = lane8_less(zero, x) & lane8_less(x, infinity);
    return lane8_select(ordinary, y, lane8_select(lane8_equal(x, infinity), x, special));
}

#endif
