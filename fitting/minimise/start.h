/** \file start.h
 * Where minimisations begin: variable projection. For given exponents a law is linear in its floor
 * and scales, so that these follow exactly from a non-negative least-squares problem of at most
 * five unknowns, solved over all its active sets; only the exponents need a design
 * (Golub and Pereyra 1973; docs/model.md M29, M65). All 25 such starts reach the optimum of the
 * Chinchilla data; of a grid in all five parameters 8 to 63 % do.
 *
 * The exponents that a design varies are those that the data move: none that is fixed or follows
 * another, so that no two starts are the same.
 */
#ifndef FITTING_MINIMISE_START_H
#define FITTING_MINIMISE_START_H

#include <stddef.h>
#include <stdint.h>

#include "fitting/minimise/objective.h"

/** Up to this many exponents have a grid; of more, this many points of a Sobol sequence are looked
 * at, and these many minimised from. */
enum { START_MOST_GRIDDED = 4, START_SOBOL_POINTS = 2048, START_SOBOL_CHOSEN = 256 };

/** Starts around the best end of the others, for each exponent that moves. */
enum { START_NEAR = 3 };

/** Starts, by number. */
struct start_design {
    enum fit_design kind;
    size_t n;        /**< starts: all points, unless some are chosen */
    size_t n_all;    /**< points: cells of the study's grid times those beside it */
    size_t n_points; /**< over the exponents that the study gives no levels */
    size_t n_levels; /**< of each in their grid; 0: points of a scrambled Sobol sequence */
    uint64_t seed;   /**< of the sequence */
    const struct fit_parameter_option *given; /**< [n_parameters] with the study's levels; NULL:
                                                 none; not owned */
    const size_t *chosen; /**< [n] ascending, the points to start at; NULL: all; not owned */
    const double *around; /**< [n_parameters] the points lie around this z; NULL: in the usual
                             range; not owned */
};

/** The starts of a fit: the levels that the study gives, crossed with options->n_starts points over
 * the other exponents, or, when that is 0, with a grid of 25 levels of one exponent, 5 of two and 3
 * of three and four, or START_SOBOL_POINTS points over more. Of these n is START_SOBOL_CHOSEN at
 * most, and start_choose says which. */
void start_plan(const struct objective *o, const struct fit_options *options,
                struct start_design *made);

/** At most \a most starts for a quick search: the finest grid that is no more, or points of the
 * sequence where two levels of each exponent would be. */
void start_plan_few(const struct objective *o, size_t most, struct start_design *made);

/** Starts around \a z: exponents at points of a sequence in a box of three tenths of the range
 * of starts, as far as the bounds allow. None where no exponent moves.
 * \param [in] z  [n_parameters] kept until the last start */
void start_plan_near(const struct objective *o, uint64_t seed, const double z[],
                     struct start_design *made);

/** Choose where to start among all points of a design: three quarters have the lowest objective,
 * and one is of the first of the others, so that a basin whose points look poor is visited too.
 * \param [in]  value   [design->n_all] objective at the points, NAN or infinity where there is none
 * \param [out] chosen  [design->n] ascending
 * \return STATUS_OK or STATUS_MEMORY */
enum status start_choose(const struct start_design *design, const double value[], size_t chosen[],
                         struct status_why *why);

/** Start \a i of a design: exponents at the midpoints of equal parts of their range of starts (in
 * theta, inside the bounds) or at a point of the sequence; floor and scales by projection.
 * \param [in]  i  in [0, design->n)
 * \param [out] z  [n_parameters] inside the box of \a o */
void start_at(const struct objective *o, const struct start_design *design, size_t i, double z[]);

/** Start \a i, modulo their number, of the grid with \a levels of each exponent that moves. */
void start_find(const struct objective *o, size_t levels, size_t i, double z[]);

/** Best floor and scales >= 0 for the exponents in \a z, in least squares of the relative residual
 * (FIT_LOG) or the residual (FIT_LINEAR). What is fixed stays so.
 * \param [in,out] z  [n_parameters] exponents are read, the others replaced */
void start_project(const struct objective *o, double z[]);

#endif
