/** \file vertex.h
 * Least absolute deviations to the last digit. Their optimum is a vertex: as many residuals are
 * zero as there are free parameters. Because a law is not linear, neighbouring vertices can each be
 * a minimum, parts in 1e5 apart; so from the vertex found the search walks along its edges to
 * better ones until none is better. docs/model.md M28.
 */
#ifndef FITTING_MINIMISE_VERTEX_H
#define FITTING_MINIMISE_VERTEX_H

#include <stdbool.h>
#include <stddef.h>

#include "fitting/minimise/objective.h"

/** Walk from \a z, near a minimum of the sum of absolute residuals, to the best vertex found.
 * \param [in]     is_free  [n_parameters] parameters that may move; the others stand on a bound
 * \param [in,out] z        only changed to a point of smaller sum
 * \return true when z is a vertex that meets the condition of a minimum; false when there is none
 * (fewer rows than parameters, equal rows) and z was left as it was */
bool vertex_descend(const struct objective *o, const bool is_free[], double z[]);

#endif
