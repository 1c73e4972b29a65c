/** \file starts.h
 * Any number of variables: NLopt from many starts in the unit cube. SLSQP with differences as
 * gradients from each; COBYLA from the best when no start ends well, as where outcomes are steps;
 * ISRES for a first point that keeps the limits when there is none.
 */
#ifndef SEARCH_OPTIMISE_STARTS_H
#define SEARCH_OPTIMISE_STARTS_H

#include "search/optimise/view.h"

struct starts_found {
    size_t n_starts;
    size_t n_agree; /**< ends within 1e-6 of the best objective that keep the limits */
};

/** \param [out] u  [n_variables] the best point
 * \return STATUS_OK, STATUS_MEMORY or STATUS_LIBRARY */
enum status starts_solve(struct view *v, double u[], struct starts_found *found,
                         struct status_why *why);

#endif
