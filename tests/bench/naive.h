/** \file naive.h
 * What a first program does for each configuration: plain C with pow and divisions, one after the
 * other. It shares nothing with the program but the figures that it is given.
 */
#ifndef TESTS_BENCH_NAIVE_H
#define TESTS_BENCH_NAIVE_H

#include <stddef.h>

/** loss = e + (a params^-alpha + b tokens^-beta)^outer */
struct naive_law {
    double e, a, b, alpha, beta, outer;
};

/** Figures of a machine and of how it is used. */
struct naive_option {
    double peak_flop_per_second, mfu_ratio, power_watt, pue_ratio, grid_kg_per_kwh, lifespan_year,
        mass_kg, embodied_kg;
};

/** Loss, energy, mass and carbon of one configuration. \param [out] values  [4][stride] */
void naive_evaluate(const struct naive_law *law, const struct naive_option *o, double params,
                    double tokens, double values[], size_t stride);

#endif
