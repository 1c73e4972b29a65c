/** \file multiples.h
 * Objectives that are another one times a constant in each scenario level: they never trade off
 * with it, and a hypervolume that counts both counts one thing twice (docs/model.md M731).
 */
#ifndef SEARCH_FRONT_MULTIPLES_H
#define SEARCH_FRONT_MULTIPLES_H

#include <stdbool.h>
#include <stddef.h>

#include "search/problem.h"

/** What an objective is of an earlier one; zero: no multiple of any. */
struct multiple {
    bool is;
    size_t of;              /**< an objective that is no multiple itself */
    double least, greatest; /**< the constant, over the scenario levels; positive */
};

/** Ratios of objectives agree to this share: that of rounding in the last digits of a product, far
 * below the 40 bits that objectives are compared by. */
#define MULTIPLES_TOLERANCE 1e-13

/** Find them from up to 512 configurations, spread evenly, of each of up to 256 scenario levels.
 * Not collective: the same on every rank. \param [out] made  [problem->n_objectives] */
void multiples_find(const struct problem *problem, struct multiple made[]);

#endif
