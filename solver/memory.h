/** \file memory.h
 * Bytes that a model needs on devices: weights, gradients and optimizer states, activations, and
 * the keys and values that answers are made from (docs/model.md M172 to M176).
 */
#ifndef SOLVER_MEMORY_H
#define SOLVER_MEMORY_H

#include "solver/shape.h"

/** Which activations are held for the backward pass. */
enum memory_activations {
    MEMORY_NO_ACTIVATIONS, /**< not counted: the least that a design needs */
    MEMORY_ALL,
    MEMORY_SELECTIVE, /**< all but those of attention, which are computed again */
    MEMORY_RECOMPUTED /**< the inputs of each layer, and one layer at a time in full */
};

/** Bytes a parameter in training: its weight, its gradient, and what the optimizer keeps. */
double memory_training_byte_per_param(double weight_bits, double gradient_bits,
                                      double state_byte_per_param);

/** Bytes of the activations of \a tokens in sequences of \a context tokens. Source: Korthikanti et
 * al. 2022, equations 1 to 4, for heads of 128. */
double memory_activation_byte(enum memory_activations kind, double tokens, double context,
                              const struct shape *shape, double bits);

/** Bytes of the keys and values of one token.
 * \param [in] cache_ratio  heads of keys and values over heads */
double memory_cache_byte_per_token(const struct shape *shape, double cache_ratio, double bits);

#endif
