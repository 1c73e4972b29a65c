#include "solver/base/rng.h"

#include <math.h>

#include "solver/base/status.h"
#include "solver/base/vmath.h"

enum { N_WORDS = 4, N_ROUNDS = 10 };

static uint32_t high_word(uint64_t x)
{
    return (uint32_t)(x >> 32);
}

static uint32_t low_word(uint64_t x)
{
    return (uint32_t)x;
}

/* Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3: multipliers that
 * mix best, and key steps from the golden ratio and the square root of three. */
void rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    static const uint64_t multiplier0 = 0xd2511f53U, multiplier1 = 0xcd9e8d57U;
    static const uint32_t step0 = 0x9e3779b9U, step1 = 0xbb67ae85U;
    uint32_t a = counter[0], b = counter[1], c = counter[2], d = counter[3];
    uint32_t key0 = key[0], key1 = key[1];
    for (int round = 0; round < N_ROUNDS; round++) {
        const uint64_t product0 = multiplier0 * a, product1 = multiplier1 * c;
        a = high_word(product1) ^ b ^ key0;
        b = low_word(product1);
        c = high_word(product0) ^ d ^ key1;
        d = low_word(product0);
        key0 += step0;
        key1 += step1;
    }
    out[0] = a;
    out[1] = b;
    out[2] = c;
    out[3] = d;
}

/* The finaliser of splitmix64 (Steele et al. 2014): one to one, and every input bit reaches every
 * output bit. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

void rng_init(struct rng *r, uint64_t seed, enum rng_purpose purpose, uint64_t item)
{
    const uint64_t key = mix(mix(seed) + (uint64_t)purpose);
    *r = (struct rng){
        .key = {low_word(key), high_word(key)},
        .counter = {0, 0, low_word(item), high_word(item)}, /* draw, draw, item, item */
    };
}

uint32_t rng_bits(struct rng *r)
{
    if (r->n_left == 0) {
        rng_philox(r->counter, r->key, r->block);
        r->n_left = N_WORDS;
        r->counter[0]++;
        r->counter[1] += r->counter[0] == 0;
    }
    return r->block[N_WORDS - r->n_left--];
}

double rng_uniform(struct rng *r)
{
    const uint64_t high = rng_bits(r), low = rng_bits(r);
    const uint64_t bits52 = (high << 20) | (low >> 12);
    return ((double)bits52 + 0.5) * 0x1p-52;
}

/* Lemire 2019, "Fast random integer generation in an interval", algorithm 5. */
uint32_t rng_below(struct rng *r, uint64_t n)
{
    STATUS_ASSERT(1 <= n && n <= (uint64_t)1 << 32);
    uint64_t product = rng_bits(r) * n;
    if (low_word(product) < n) {
        const uint64_t too_low = (((uint64_t)1 << 32) - n) % n;
        while (low_word(product) < too_low) {
            product = rng_bits(r) * n;
        }
    }
    return high_word(product);
}

double rng_normal(struct rng *r)
{
    double u, square;
    do {
        const double v = 2.0 * rng_uniform(r) - 1.0;
        u = 2.0 * rng_uniform(r) - 1.0;
        square = u * u + v * v;
    } while (square >= 1.0);
    /* Never 0: the uniform numbers are odd multiples of 2^-53, so u and v are not 0. */
    return u * sqrt(-2.0 * vmath_log1(square) / square);
}
