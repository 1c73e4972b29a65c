/** \file bounds.h
 * What the outcomes of a box of configurations can be at best, from the least and greatest entries
 * of their tables over it (docs/model.md M46). Rounding is monotone, so a bound is never beyond a
 * value in the box as computed.
 */
#ifndef SEARCH_EXACT_BOUNDS_H
#define SEARCH_EXACT_BOUNDS_H

#include <stdbool.h>

#include "search/exact/layout.h"
#include "search/exact/pyramid.h"

enum {
    BOUNDS_MOST_OUTCOMES = PROBLEM_MAX_OBJECTIVES + PROBLEM_MAX_CONSTRAINTS,
    BOUNDS_MOST_PYRAMIDS = BOUNDS_MOST_OUTCOMES * (TABLES_MAX_PRODUCTS * TABLES_MAX_FACTORS + 1)
};

/** An outcome whose tables are pyramids, by number. */
struct bounds_outcome {
    size_t n_products;
    struct {
        size_t n, factors[TABLES_MAX_FACTORS];
    } products[TABLES_MAX_PRODUCTS];
    bool has_rate, rounds;
    size_t rate;
};

/** Caller's storage; open for reading. */
struct bounds {
    struct layout layout;
    size_t n_objectives, n_outcomes;
    struct bounds_outcome outcomes[BOUNDS_MOST_OUTCOMES];
    unsigned wanted[BOUNDS_MOST_OUTCOMES]; /**< layout_wanted */
    bool any_more;                         /**< whether more of any outcome is wanted */
    size_t n_pyramids;
    struct pyramid pyramids[BOUNDS_MOST_PYRAMIDS];
    const double *sources[BOUNDS_MOST_PYRAMIDS]; /**< the tables they were made from */
    double spread[SPACE_MAX_AXES];    /**< [n_core] of the tables along an axis, as a logarithm */
    uint32_t *leaves[SPACE_MAX_AXES]; /**< [n_core][levels] number of the node of each level */
};

/** Whether the outcomes can be bounded by their tables: every entry is finite, or NaN in a problem
 * that is partial, and no outcome made of them overflows. */
bool bounds_apply(const struct problem *problem);

/** \param [in] problem  with tables; must outlive the bounds. \param [out] b  cleared by the
 * caller, also after a failure
 * \return STATUS_OK or STATUS_MEMORY */
enum status bounds_create(const struct problem *problem, struct bounds *b, struct status_why *why);
void bounds_clear(struct bounds *b);

/** Where the entries of an option lie in each pyramid.
 * \param [in] levels  [n_axes] of the axes outside the core. \param [out] at  [n_pyramids] */
void bounds_place(const struct bounds *b, const size_t levels[], size_t at[]);

/** The best values that a box can have; those of the configuration, if it is one.
 * \param [in]  at       [n_pyramids] of the option
 * \param [in]  numbers  [n_core] of its nodes
 * \param [out] point    [n_objectives] as compared: minimised, rounded to 40 bits
 * \return false when no configuration of the box can be feasible */
bool bounds_best(const struct bounds *b, const size_t at[], const uint32_t numbers[],
                 double point[]);

/** The worst value of one objective that a box can have, as compared. */
double bounds_worst(const struct bounds *b, const size_t at[], const uint32_t numbers[],
                    size_t objective);

#endif
