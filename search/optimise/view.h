/** \file view.h
 * A problem of search/allocate.h as its methods want it: variables in the unit cube, an objective
 * to be minimised, and limits as rows that are at most 0, relative to the limit.
 */
#ifndef SEARCH_OPTIMISE_VIEW_H
#define SEARCH_OPTIMISE_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "search/allocate.h"

enum { VIEW_MAX_ROWS = 2 * ALLOCATE_MAX_LIMITS };

/** Limits are kept when no row exceeds this: rounding of a dozen operations, far below any figure
 * that people state. */
#define VIEW_SLACK 1e-11

enum view_side { VIEW_UPPER, VIEW_LOWER, VIEW_EQUATION };

struct view_row {
    size_t limit;
    enum view_side side;
    double bound;
};

struct view {
    const struct allocate_problem *problem; /**< not owned */
    size_t n_rows;
    struct view_row rows[VIEW_MAX_ROWS];
    size_t evaluations;
};

struct view_value {
    double objective;          /**< to be minimised; INFINITY where a value does not exist */
    double row[VIEW_MAX_ROWS]; /**< ln(value / bound) where both are positive, else their difference
                                  over |bound|; negated for lower bounds */
    double worst;              /**< largest violation; 0 or less: all limits are kept */
};

struct view view_of(const struct allocate_problem *p);

/** The point of the problem at \a u in [0, 1]^n; exact at the bounds. */
void view_point(const struct view *v, const double u[], double x[]);

/** And back. */
void view_coordinates(const struct view *v, const double x[], double u[]);

void view_evaluate(struct view *v, const double u[], struct view_value *value);

/** Whether \a a beats \a b: kept limits first, then the objective; or the smaller violation. */
bool view_is_better(const struct view_value *a, const struct view_value *b);

/** Derivatives by all coordinates: central differences of sixth order, one-sided of second order
 * where a bound is near. \param [out] objective  [n]; \param [out] row  [n_rows][n]
 * \return false where a value on the way does not exist */
bool view_gradient(struct view *v, const double u[], double objective[],
                   double row[VIEW_MAX_ROWS][ALLOCATE_MAX_VARIABLES]);

/** Second derivatives of objective + sum of multiplier * row: differences of differences, so that
 * a direction that changes nothing shows as one.
 * \param [in] multiplier  [n_rows]; \param [out] hessian  [n][ALLOCATE_MAX_VARIABLES]
 * \return as view_gradient; also false where the stencil leaves the cube in a coordinate that is
 * not \a fixed (a bit each; those get zeros) */
bool view_hessian(struct view *v, const double u[], const double multiplier[], unsigned fixed,
                  double hessian[ALLOCATE_MAX_VARIABLES][ALLOCATE_MAX_VARIABLES]);

/** Fill an answer from a point. \param [in] method  that found it */
void view_answer(struct view *v, const double u[], enum allocate_method method,
                 struct allocate_answer *answer);

#endif
