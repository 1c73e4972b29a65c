/** \file ehvi.h
 * Expected improvement of the hypervolume, exact: how much a design whose outcomes are independent
 * normal variables is expected to add to the volume that a front dominates. The region that the
 * front leaves is cut into boxes (boxes.h), in each the expectation is a product of one-dimensional
 * ones. Logarithms, so that flat regions still point somewhere. With one objective it is the
 * expected improvement. docs/model.md M624, M625.
 */
#ifndef SEARCH_BAYES_EHVI_H
#define SEARCH_BAYES_EHVI_H

#include <stddef.h>

#include "search/bayes/boxes.h"
#include "solver/base/status.h"

enum { EHVI_MOST_OBJECTIVES = BOXES_MOST_OBJECTIVES };

/** Opaque. */
struct ehvi;

/** \param [in]  m          1 to EHVI_MOST_OBJECTIVES, minimised
 * \param [in]  points     [n][m] finite, in any order; dominated ones and those beyond the
 *                         reference are left out; n may be 0
 * \param [in]  reference  [m]
 * \param [out] made       the caller destroys it
 * \return STATUS_OK or STATUS_MEMORY */
enum status ehvi_create(size_t m, size_t n, const double points[], const double reference[],
                        struct ehvi **made, struct status_why *why);
void ehvi_destroy(struct ehvi *e);

/** Boxes that the region was cut into. */
size_t ehvi_n_boxes(const struct ehvi *e);

/** ln of the expected improvement of \a n designs; finite, however small the improvement.
 * \param [in]  mean, sd  [n][m]; sd > 0
 * \param [out] value     [n]
 * \return STATUS_OK or STATUS_MEMORY */
enum status ehvi_log(const struct ehvi *e, size_t n, const double mean[], const double sd[],
                     double value[], struct status_why *why);

#endif
