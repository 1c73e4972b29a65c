/** \file rng.h
 * Random numbers by counter: Philox 4x32-10 (Salmon et al. 2011). A stream is named by (seed,
 * purpose, item), so that an item draws the same numbers on any rank, in any order, after any
 * restart. No state is shared.
 */
#ifndef SOLVER_BASE_RNG_H
#define SOLVER_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/** What a stream is for; part of its key, so purposes never share numbers. Append only. */
enum rng_purpose {
    RNG_TEST,
    RNG_BOOTSTRAP,
    RNG_STARTS,
    RNG_SIMULATE,
    RNG_FOLDS,
    RNG_SAMPLE,
    RNG_ALLOCATE,
    RNG_CATALOGUE,
    RNG_PROPOSE,
    RNG_LEVEL
};

/** One stream; caller's storage, plain data. */
struct rng {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t block[4];
    unsigned n_left; /**< unused words of block */
};

/** One block of Philox 4x32-10. Known answers: tests/solver/base/test_rng.c. */
void rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/** Begin stream (seed, purpose, item): the key is mixed from seed and purpose, the counter is item
 * and number of the draw. */
void rng_init(struct rng *r, uint64_t seed, enum rng_purpose purpose, uint64_t item);

/** 32 random bits. */
uint32_t rng_bits(struct rng *r);

/** Uniform in (0, 1), never 0 nor 1: the middles of 2^52 equal intervals. */
double rng_uniform(struct rng *r);

/** Uniform integer in [0, n), without bias (Lemire's rejection); n >= 1, n <= 2^32. */
uint32_t rng_below(struct rng *r, uint64_t n);

/** Standard normal, by the polar method of Marsaglia and Bray (1964). It needs a logarithm, taken
 * from vmath, and a square root, which IEEE 754 rounds correctly; so the same bits everywhere. */
double rng_normal(struct rng *r);

#endif
