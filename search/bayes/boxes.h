/** \file boxes.h
 * The region that no point of a front dominates, below a reference, as boxes that do not overlap:
 * one for each local upper bound of the front (Klamroth, Lacour and Vanderpooten 2015; Lacour,
 * Klamroth and Fonseca 2017; docs/model.md M622, M623). All objectives are minimised.
 */
#ifndef SEARCH_BAYES_BOXES_H
#define SEARCH_BAYES_BOXES_H

#include <stddef.h>
#include <stdint.h>

#include "solver/base/status.h"

enum { BOXES_MOST_OBJECTIVES = 5 };

/** A box is a pair of places in each objective's list of coordinates. Caller's storage. */
struct boxes {
    size_t m;
    size_t n_at[BOXES_MOST_OBJECTIVES];
    double *at[BOXES_MOST_OBJECTIVES]; /**< [n_at] ascending, the first -INFINITY, the last the
                                          reference */
    size_t n;
    uint32_t (*sides)[BOXES_MOST_OBJECTIVES][2]; /**< [n] lower, upper place; lower < upper */
};

/** \param [in]  m          1 to BOXES_MOST_OBJECTIVES
 * \param [in]  points     [n][m] finite, in any order; dominated ones, duplicates and those not
 *                         below the reference are left out; n may be 0
 * \param [in]  reference  [m]
 * \param [out] made       the caller clears it, also after a failure
 * \return STATUS_OK or STATUS_MEMORY */
enum status boxes_create(size_t m, size_t n, const double points[], const double reference[],
                         struct boxes *made, struct status_why *why);
void boxes_clear(struct boxes *b);

#endif
