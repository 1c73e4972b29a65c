#include "solver/memory.h"

#include "solver/base/units.h"

double memory_training_byte_per_param(double weight_bits, double gradient_bits,
                                      double state_byte_per_param)
{
    return (weight_bits + gradient_bits) / UNITS_BIT_PER_BYTE + state_byte_per_param;
}

double memory_activation_byte(enum memory_activations kind, double tokens, double context,
                              const struct shape *shape, double bits)
{
    /* Bytes a token, layer and unit of width where an activation has 16 bits: the dense parts, the
     * input alone, and for each other token of a sequence attention in heads of 128. */
    static const double dense = 34.0, input = 2.0, attention = 5.0 / 128.0, full_bits = 16.0;
    const double whole = dense + attention * context;
    double layers = 0.0;
    switch (kind) {
    case MEMORY_ALL:
        layers = shape->depth * whole;
        break;
    case MEMORY_SELECTIVE:
        layers = shape->depth * dense;
        break;
    case MEMORY_RECOMPUTED:
        layers = shape->depth * input + whole;
        break;
    case MEMORY_NO_ACTIVATIONS:
        break;
    }
    return tokens * shape->width * layers * (bits / full_bits);
}

double memory_cache_byte_per_token(const struct shape *shape, double cache_ratio, double bits)
{
    static const double keys_and_values = 2.0;
    return keys_and_values * shape->depth * shape->width * cache_ratio
           * (bits / UNITS_BIT_PER_BYTE);
}
