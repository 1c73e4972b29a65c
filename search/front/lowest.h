/** \file lowest.h
 * The lowest value among points that cost no more than a given one: a static tree of boxes over
 * points of several costs and one value, split at medians of one cost after the other.
 */
#ifndef SEARCH_FRONT_LOWEST_H
#define SEARCH_FRONT_LOWEST_H

#include <stddef.h>

#include "solver/base/status.h"

/** A range of points with its least costs and value. */
struct lowest_node;

/** Caller's storage. */
struct lowest {
    size_t m, n; /**< costs and points */
    double *costs, *values;
    size_t n_nodes;
    struct lowest_node *nodes;
    double *corners; /**< [n_nodes][m] least costs */
};

/** Build over \a n points.
 * \param [in]  m       number of costs, 0 to 8
 * \param [in]  costs   [n][m] without NaN
 * \param [in]  values  [n] without NaN
 * \param [out] made    copies the points; cleared by the caller, also after a failure
 * \return STATUS_OK or STATUS_MEMORY */
enum status lowest_create(size_t m, size_t n, const double costs[], const double values[],
                          struct lowest *made, struct status_why *why);
void lowest_clear(struct lowest *l);

/** The lowest value of points that are at most \a costs in each cost, or \a most where none of them
 * is below it. The nearer \a most is, the sooner the answer comes.
 * \param [in] costs  [m] */
double lowest_at(const struct lowest *l, const double costs[], double most);

#endif
