/** \file sobol.h
 * Points of a Sobol sequence, which fill a box of many dimensions evenly at any number of points:
 * any point at once, so that ranks share them by index, and scrambled as Owen does, so that the
 * seed moves the points and none lies on a face of the box. docs/model.md M63, M64.
 */
#ifndef FITTING_MINIMISE_SOBOL_H
#define FITTING_MINIMISE_SOBOL_H

#include <stddef.h>
#include <stdint.h>

/** Dimensions that there are direction numbers for: the parameters of a law. */
enum { SOBOL_MAX_DIMENSIONS = 24 };

/** Coordinate of point \a index, not scrambled, in units of 2^-32; point 0 is 0 everywhere. In the
 * Gray-code order of Joe and Kuo's program. \param [in] dimension  in [0, SOBOL_MAX_DIMENSIONS) */
uint32_t sobol_bits(uint32_t index, size_t dimension);

/** The same after Owen's nested scrambling: each binary digit is flipped or not by a coin that
 * depends on the seed, the dimension and the digits before it. */
uint32_t sobol_scrambled_bits(uint64_t seed, uint32_t index, size_t dimension);

/** Point \a index of the scrambled sequence. \param [out] part  [n], in (0, 1) */
void sobol_point(uint64_t seed, uint32_t index, size_t n, double part[]);

#endif
