/** \file thin.h
 * A few points that stand for a front of many, beside it and never instead of it: one a box of a
 * coarse grid, the k that cover the most hypervolume, and the knee (docs/model.md M293 to M295).
 * Objectives are compared as shares of the front's own extent, on logarithms where all its values
 * are positive and the largest is ten times the least or more.
 */
#ifndef SEARCH_FRONT_THIN_H
#define SEARCH_FRONT_THIN_H

#include <stddef.h>
#include <stdint.h>

#include "search/problem.h"
#include "solver/base/status.h"

/** Bring a front into shares: 0 is its least and 1 its greatest value of an objective; 0 for all
 * where they are the same.
 * \param [in]  points  [n][m] minimised
 * \param [out] shares  [n][m] */
void thin_shares(size_t m, size_t n, const double points[], double shares[]);

/** The same for some points of a front whose least and greatest values are known.
 * \param [in]  least, greatest  [m] */
void thin_shares_within(size_t m, const double least[], const double greatest[], size_t n,
                        const double points[], double shares[]);

/** One point a box: of the boxes of edge \a epsilon, those that no other box dominates, each with
 * the point nearest to its least corner, of equals the first. \param [in]  shares  [n][m] of a
 * front, from thin_shares. \param [in] epsilon  in (0, 1] \param [out] chosen  [n] room; positions,
 * ascending. \param [out] n_chosen \return STATUS_OK or STATUS_MEMORY */
enum status thin_boxes(size_t m, size_t n, const double shares[], double epsilon, size_t chosen[],
                       size_t *n_chosen, struct status_why *why);

/** Up to \a k points, each in turn the one that adds most to the hypervolume below 1.1 in every
 * share; of equals the first.
 * \param [in]  m  1 to 4. \param [out] chosen  [k] room; positions in the order chosen
 * \return STATUS_OK or STATUS_MEMORY */
enum status thin_greedy(size_t m, size_t n, const double shares[], size_t k, size_t chosen[],
                        size_t *n_chosen, struct status_why *why);

/** Sums over the points of a front that say how alike its objectives are: whole numbers, so that
 * the sums of parts of a front, up to 2^25 points, can be added in any order.
 * \param [out] sums  [THIN_MOST_SUMS] */
enum { THIN_MOST_SUMS = 1 + PROBLEM_MAX_OBJECTIVES * (PROBLEM_MAX_OBJECTIVES + 3) / 2 };
void thin_sums(size_t m, size_t n, const double shares[], double sums[]);

/** How much each objective counts for the knee (docs/model.md M295): together 1, and objectives
 * that rise and fall together share what one of them alone would have.
 * \param [in] sums  of thin_sums. \param [out] weights  [m]. Source: [leinster2016]. */
void thin_weights(size_t m, const double sums[], double weights[]);

/** The point farthest below the weighted plane through the ends of the axes: least weighted sum of
 * shares; of equals the first. \param [in] n  at least 1 */
size_t thin_knee(size_t m, size_t n, const double shares[], const double weights[]);

#endif
