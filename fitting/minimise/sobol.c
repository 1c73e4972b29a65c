#include "fitting/minimise/sobol.h"

#include <stdbool.h>

#include "solver/base/rng.h"
#include "solver/base/status.h"

enum { SOBOL_BITS = 32, SOBOL_MAX_DEGREE = 7 };

/* Primitive polynomials, their highest and lowest coefficient included, and first direction
 * numbers: the first rows of new-joe-kuo-6.21201 (joe2008). */
static const struct {
    unsigned polynomial;
    unsigned first[SOBOL_MAX_DEGREE];
} sobol_table[SOBOL_MAX_DIMENSIONS] = {
    {1, {0}}, /* the first dimension reverses the bits of the index */
    {3, {1}},
    {7, {1, 3}},
    {11, {1, 3, 1}},
    {13, {1, 1, 1}},
    {19, {1, 1, 3, 3}},
    {25, {1, 3, 5, 13}},
    {37, {1, 1, 5, 5, 17}},
    {41, {1, 1, 5, 5, 5}},
    {47, {1, 1, 7, 11, 19}},
    {55, {1, 1, 5, 1, 1}},
    {59, {1, 1, 1, 3, 11}},
    {61, {1, 3, 5, 5, 31}},
    {67, {1, 3, 3, 9, 7, 49}},
    {91, {1, 1, 1, 15, 21, 21}},
    {97, {1, 3, 1, 13, 27, 49}},
    {103, {1, 1, 1, 15, 7, 5}},
    {109, {1, 3, 1, 15, 13, 25}},
    {115, {1, 1, 5, 5, 19, 61}},
    {131, {1, 3, 7, 11, 23, 15, 103}},
    {137, {1, 3, 7, 13, 13, 15, 69}},
    {143, {1, 1, 3, 13, 7, 35, 63}},
    {145, {1, 3, 5, 9, 1, 25, 53}},
    {157, {1, 3, 1, 13, 9, 35, 107}},
};

/** Direction numbers of a dimension, by the recurrence of its polynomial (bratley1988). */
static void find_directions(size_t dimension, uint32_t direction[SOBOL_BITS])
{
    const unsigned polynomial = sobol_table[dimension].polynomial;
    unsigned degree = 0;
    while (polynomial >> (degree + 1) != 0) {
        degree++;
    }
    for (unsigned k = 0; k < SOBOL_BITS; k++) {
        if (degree == 0) {
            direction[k] = UINT32_C(1) << (SOBOL_BITS - 1 - k);
            continue;
        }
        if (k < degree) {
            direction[k] = (uint32_t)sobol_table[dimension].first[k] << (SOBOL_BITS - 1 - k);
            continue;
        }
        direction[k] = direction[k - degree] ^ (direction[k - degree] >> degree);
        for (unsigned i = 1; i < degree; i++) {
            const bool has = (polynomial >> (degree - i) & 1u) != 0;
            direction[k] ^= has ? direction[k - i] : 0;
        }
    }
}

uint32_t sobol_bits(uint32_t index, size_t dimension)
{
    STATUS_ASSERT(dimension < SOBOL_MAX_DIMENSIONS);
    uint32_t direction[SOBOL_BITS];
    find_directions(dimension, direction);
    const uint32_t gray = index ^ (index >> 1);
    uint32_t bits = 0;
    for (unsigned k = 0; k < SOBOL_BITS; k++) {
        bits ^= (gray >> k & 1u) != 0 ? direction[k] : 0;
    }
    return bits;
}

uint32_t sobol_scrambled_bits(uint64_t seed, uint32_t index, size_t dimension)
{
    const uint32_t bits = sobol_bits(index, dimension);
    uint32_t scrambled = bits;
    for (unsigned k = 0; k < SOBOL_BITS; k++) {
        /* The digits before the k-th, one coin for each node of the tree of digits. */
        const uint64_t before = k == 0 ? 0 : bits >> (SOBOL_BITS - k);
        const uint64_t node = (UINT64_C(1) << k) | before;
        struct rng coin;
        rng_init(&coin, seed, RNG_STARTS, ((uint64_t)dimension << (SOBOL_BITS + 1)) | node);
        scrambled ^= (rng_bits(&coin) & 1u) << (SOBOL_BITS - 1 - k);
    }
    return scrambled;
}

void sobol_point(uint64_t seed, uint32_t index, size_t n, double part[])
{
    for (size_t j = 0; j < n; j++) {
        part[j] = ((double)sobol_scrambled_bits(seed, index, j) + 0.5) * 0x1p-32;
    }
}
