/** \file quality.h
 * How much of what a study could have reached its frontier covers, one hypervolume a scenario level
 * in the box of the study, and the few rows that stand for the many (docs/model.md M296, M297). The
 * same on every rank and at any number of ranks.
 */
#ifndef SEARCH_FRONT_QUALITY_H
#define SEARCH_FRONT_QUALITY_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

#include "search/front/frontier.h"
#include "search/front/multiples.h"
#include "search/problem.h"

/** Best and worst value of each objective over the space, with their own sign. It comes from the
 * space, never from the frontier, so that frontiers of one study can be compared. */
struct quality_box {
    double ideal[PROBLEM_MAX_OBJECTIVES], reference[PROBLEM_MAX_OBJECTIVES];
    /** Objectives that are another one times a constant: volumes, knees and choices are of the
     * others alone. */
    struct multiple multiples[PROBLEM_MAX_OBJECTIVES];
};

/** From the least and greatest finite entries of the problem's tables, where it has these, else
 * from the corners of its space. Not collective: the same on every rank. */
void quality_box_make(const struct problem *problem, struct quality_box *made);

/** The objectives that are no multiple of another. \param [out] which  [n_objectives] at most
 * \return how many */
size_t quality_box_independent(const struct quality_box *box, size_t n_objectives, size_t which[]);

/** Place of a value of an objective, own sign, in the box: 0 at the ideal, 1 at the reference, on
 * logarithms where the box is positive and spans a factor of ten (docs/model.md M296). */
double quality_share(const struct quality_box *box, size_t objective, double x);

/** Up to so many rows of a level the greedy choice is among all of them; above, among those that
 * the boxes choose. Without boxes these are of QUALITY_EPSILON. */
enum { QUALITY_MOST_GREEDY = 100000 };
#define QUALITY_EPSILON .01

/** What a study asks for; zero: none of it. */
struct quality_options {
    size_t n_points; /**< of the greedy choice; needs at most HYPERVOLUME_MOST_EXACT objectives */
    double epsilon;  /**< edge of a box */
    uint64_t seed;   /**< of the samples */
};

/** A row that stands for others. */
struct quality_pick {
    uint64_t row;            /**< of the frontier */
    uint32_t order;          /**< of the greedy choice within its level, from 1; 0: not of it */
    uint8_t is_box, is_knee; /**< of its level */
};

/** Cleared by quality_clear. */
struct quality {
    size_t n_levels;
    double *volumes, *standard_errors; /**< [n_levels] shares of the box; 0: exact */
    size_t n_picks;
    struct quality_pick *picks; /**< [n_picks] ascending in row */
};

/** Collective over \a comm.
 * \param [in]  f     with rows in canonical order
 * \param [out] made  the same on every rank; cleared by the caller
 * \return STATUS_OK or STATUS_MEMORY, agreed on */
enum status quality_measure(MPI_Comm comm, const struct problem *problem, const struct frontier *f,
                            const struct quality_box *box, const struct quality_options *options,
                            struct quality *made, struct status_why *why);
void quality_clear(struct quality *q);

#endif
