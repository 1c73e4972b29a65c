/** \file degenerate.h
 * Axes of a study that cannot be told apart: everything asked for depends on one combination of
 * them alone, as the mass does on mfu_ratio * lifespan_year.
 */
#ifndef JOBS_DEGENERATE_H
#define JOBS_DEGENERATE_H

#include <stdbool.h>

#include "jobs/allocation.h"

/** Whether all objectives and constraints read two axes, numbers both, only through first *
 * second^power, to first order at sample designs.
 * \param [in]  i, j    axes of the space
 * \param [out] power   finite, not 0
 * \param [out] parted  an outcome of the study's inputs, not asked for, that tells them apart;
 *                      FOOTPRINT_N_OUTCOMES: none */
bool degenerate_pair(const struct allocation *a, size_t i, size_t j, double *power,
                     enum footprint_outcome *parted);

#endif
