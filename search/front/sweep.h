/** \file sweep.h
 * A front kept while points come in an order in which each can be removed only by one before it, as
 * in canonical order: what the first objective says is said by the order, so only the others are
 * compared, and of the points gone by only those count that are least in these others. Where the
 * first objective alone pulls against the rest, these are few, however long the front is.
 */
#ifndef SEARCH_FRONT_SWEEP_H
#define SEARCH_FRONT_SWEEP_H

#include <stdbool.h>
#include <stddef.h>

#include "solver/base/status.h"

/** Opaque. */
struct sweep;

/** \param [in] n  objectives compared, 0 to 8. \param [out] made  the caller destroys it */
enum status sweep_create(size_t n, struct sweep **made, struct status_why *why);
void sweep_destroy(struct sweep *s);

/** Forget all points. */
void sweep_restart(struct sweep *s);

/** Whether a point offered before is no larger than \a point in every objective compared.
 * \param [in] point  [n] without a negative zero */
bool sweep_removes(const struct sweep *s, const double point[]);

/** Take in a point that none offered before removes.
 * \return STATUS_OK or STATUS_MEMORY */
enum status sweep_add(struct sweep *s, const double point[], struct status_why *why);

/** The points that still count, perhaps among some that do not.
 * \param [out] points  new array [*n_points][n]; the caller frees it */
enum status sweep_points(const struct sweep *s, double **points, size_t *n_points,
                         struct status_why *why);

#endif
