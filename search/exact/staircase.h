/** \file staircase.h
 * The front of two quantities over the core of a problem, value and work, both sums of products of
 * tables and both to be small (docs/model.md M47). Boxes of the core are halved level by level and
 * go when, by their bounds, a point found before is no worse in work and better in value.
 */
#ifndef SEARCH_EXACT_STAIRCASE_H
#define SEARCH_EXACT_STAIRCASE_H

#include "search/exact/layout.h"

/** One point of the core. */
struct staircase_point {
    double work;    /**< as computed */
    double value;   /**< rounded to 40 bits */
    uint64_t index; /**< what its core levels add to the global index */
};

/** Ascending in work, so never ascending in value. A point is there unless another one has no
 * larger work, no larger value, and either a smaller value, a clearly smaller work (by more than
 * 2^-37) or a lower index: whatever the works are multiplied by, rounding to 40 bits leaves no
 * other point on a frontier. */
struct staircase {
    size_t n;
    struct staircase_point *points;
};

/** \param [in] value, work  outcomes; rounding up is not allowed
 * \param [in] levels  [n_axes] of the axes outside the core
 * \param [in] most    finite; points of a larger value, not rounded, do not count, nor those of
 * which a table has NaN
 * \param [out] made   cleared by the caller
 * \return STATUS_OK or STATUS_MEMORY */
enum status staircase_make(const struct layout *l, const struct tables_outcome *value,
                           const struct tables_outcome *work, const size_t levels[], double most,
                           struct staircase *made, struct status_why *why);
void staircase_clear(struct staircase *s);

#endif
