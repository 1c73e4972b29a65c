#include "search/bayes/normal_kernel.h"

#include "solver/base/lane8.h"

/* 1 / sqrt(2 pi) and ln sqrt(2 pi). */
#define DENSITY_AT_0    0x1.9884533d43651p-2
#define LOG_SQRT_TWO_PI 0x1.d67f1c864beb5p-1
#define FARTHEST        1e150

/* The continued fraction K(x) = 1 / (x + 2 / (x + 3 / (x + ...))), x >= 0, from which both tails
 * follow without cancellation: Phi(-x) = phi(x) / (x + K) and psi(-x) = phi(x) K / (x + K). With t
 * = (x - 4) / (x + 4), (x + 2) K(x) is a polynomial in t: interpolated at the Chebyshev nodes with
 * 40 digits, relative error 9e-17 over all x. Even and odd powers are two chains. */
LANE8_INLINE lane8 fraction(lane8 x)
{
    static const double c[14][2] = {
        {0x1.5a8856c3f514dp+0, -0x1.bde3be7b04a01p-2},
        {0x1.83bcc323b85f9p-8, 0x1.3582660c71e66p-3},
        {-0x1.637cbe5bac5eep-4, -0x1.3008a06ea0744p-7},
        {0x1.0785d74bc3fd3p-5, -0x1.f7b92f916205ep-8},
        {-0x1.18b57b74e7a40p-7, 0x1.3dc7388e0699ep-8},
        {0x1.c04f400e9a322p-10, -0x1.009ad2ff8de60p-9},
        {-0x1.6faa38c669dc2p-13, 0x1.53a63efb72f3ep-11},
        {-0x1.a81ecf8afae19p-15, -0x1.8416e1f732204p-13},
        {0x1.57e50b81eb952p-15, 0x1.7cc4e384b5847p-15},
        {-0x1.211933a1774cbp-16, -0x1.2d60aec8ea617p-17},
        {0x1.73ccfbc76b1fcp-18, 0x1.34d5563eac75fp-20},
        {-0x1.77a901e999c6bp-20, 0x1.1bcb7b013329ep-26},
        {0x1.0d03e6bd48890p-22, -0x1.77f6e43b69cd9p-25},
        {-0x1.91c34d0ad2635p-26, 0x1.d6571ae8c76efp-28},
    };
    const lane8 t = (x - 4.0) / (x + 4.0), square = t * t;
    lane8 even = lane8_set1(c[13][0]), odd = lane8_set1(c[13][1]);
    for (int i = 12; i >= 0; i--) {
        even = lane8_fma(even, square, lane8_set1(c[i][0]));
        odd = lane8_fma(odd, square, lane8_set1(c[i][1]));
    }
    return lane8_fma(odd, t, even) / (x + 2.0);
}

/* phi(x), with what squaring loses. */
LANE8_INLINE lane8 density(lane8 x)
{
    const lane8 square = x * x, lost = lane8_fma(x, x, -square);
    const lane8 power = lane8_exp(-0.5 * square);
    return DENSITY_AT_0 * lane8_fma(power, -0.5 * lost, power);
}

LANE8_INLINE lane8 log_density(lane8 x)
{
    return lane8_fma(-0.5 * x, x, lane8_set1(-LOG_SQRT_TWO_PI));
}

LANE8_INLINE lane8 magnitude(lane8 z)
{
    return lane8_min(lane8_abs(z), lane8_set1(FARTHEST));
}

/* ln(1 + y), y > -1: the logarithm of the rounded sum, and what rounding lost (Kahan). */
LANE8_INLINE lane8 log1p_lane(lane8 y)
{
    const lane8 sum = 1.0 + y;
    return lane8_log(sum) + (y - (sum - 1.0)) / sum;
}

/* Above 0 the other tail is taken from 1. */
LANE8_INLINE lane8 log_cdf(lane8 z)
{
    const lane8 x = magnitude(z), mills = 1.0 / (x + fraction(x));
    const lane8 above = log1p_lane(-(density(x) * mills));
    const lane8 below = log_density(x) + lane8_log(mills);
    return lane8_select(lane8_less(z, lane8_set1(0.0)), below, above);
}

/* The one of [a, b] and its mirror image that is not all above 0, as ln Phi(b) + ln(1 - e^(ln
 * Phi(a)
 * - ln Phi(b))). */
LANE8_INLINE lane8 log_between(lane8 a, lane8 b)
{
    const lane8_mask mirrored = lane8_less(lane8_set1(0.0), a);
    const lane8 low = log_cdf(lane8_select(mirrored, -b, a));
    const lane8 high = log_cdf(lane8_select(mirrored, -a, b));
    const lane8 share = lane8_max(1.0 - lane8_exp(low - high), lane8_set1(0x1p-53));
    return high + lane8_log(share);
}

/* psi(z) - max(z, 0) over the density. */
LANE8_INLINE lane8 tail_gain(lane8 x)
{
    const lane8 k = fraction(x);
    return k / (x + k);
}

LANE8_INLINE lane8 gain(lane8 z)
{
    const lane8 x = magnitude(z);
    return lane8_fma(density(x), tail_gain(x), lane8_max(z, lane8_set1(0.0)));
}

LANE8_INLINE lane8 log_gain(lane8 z)
{
    const lane8 x = magnitude(z), tail = tail_gain(x);
    const lane8_mask below = lane8_less(z, lane8_set1(0.0));
    const lane8 linear = lane8_select(below, tail, lane8_fma(density(x), tail, x));
    return lane8_log(linear) + lane8_select(below, log_density(x), lane8_set1(0.0));
}

/* Apply a function of lane8 to an array; the last, incomplete eight go through a padded copy. */
#define MAP(function)                                                                              \
    do {                                                                                           \
        for (size_t i = 0; i < n; i += LANE8_N) {                                                  \
            const size_t k = n - i < LANE8_N ? n - i : LANE8_N;                                    \
            lane8_store_part(y + i, k, function(lane8_load_part(z + i, k, 0.0)));                  \
        }                                                                                          \
    } while (0)

void LANE8_NAME(normal_kernel_log_cdf)(size_t n, const double z[], double y[])
{
    MAP(log_cdf);
}

void LANE8_NAME(normal_kernel_log_between)(size_t n, const double a[], const double b[], double y[])
{
    for (size_t i = 0; i < n; i += LANE8_N) {
        const size_t k = n - i < LANE8_N ? n - i : LANE8_N;
        const lane8 low = lane8_load_part(a + i, k, -1.0), high = lane8_load_part(b + i, k, 1.0);
        lane8_store_part(y + i, k, log_between(low, high));
    }
}

void LANE8_NAME(normal_kernel_gain)(size_t n, const double z[], double y[])
{
    MAP(gain);
}

void LANE8_NAME(normal_kernel_log_gain)(size_t n, const double z[], double y[])
{
    MAP(log_gain);
}
