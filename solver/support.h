/** \file support.h
 * Where the data of a law lie: the convex hull of its runs in the logarithms of what the law reads.
 * Says of any point whether the runs surround it and, if not, how far outside it lies. The hull in
 * params and tokens bounds compute and tokens per parameter too, which ranges of single inputs do
 * not. docs/model.md M710 and M711.
 */
#ifndef SOLVER_SUPPORT_H
#define SOLVER_SUPPORT_H

#include <stddef.h>

#include "solver/base/status.h"

enum { SUPPORT_MAX_INPUTS = 8 };

/** Opaque: the runs at the ends of the hull. */
struct support;

/** Keep of \a n runs those that the hull needs; the same whatever the order of the runs.
 * \param [in]  n_inputs  in [1, SUPPORT_MAX_INPUTS]
 * \param [in]  n         at least 1
 * \param [in]  values    [n_inputs][n] finite, natural units
 * \param [out] made      support_destroy frees it
 * \return STATUS_OK or STATUS_MEMORY */
enum status support_create(size_t n_inputs, size_t n, const double *const values[],
                           struct support **made, struct status_why *why);
void support_destroy(struct support *s);

/** Runs that were kept, and one of them. \param [out] natural  [n_inputs] */
size_t support_size(const struct support *s);
void support_point(const struct support *s, size_t i, double natural[]);

/** Extrapolation ratio of a point: the least product of factors by which its inputs must change for
 * it to lie in the hull (M711). Exactly 1 inside and on the edge, up to rounding. An input of which
 * some run is not positive counts by its value over its range instead of its logarithm.
 * \param [in] natural  [n_inputs]
 * \return at least 1; INFINITY where no factor leads into the hull; NAN where an input is NAN */
double support_ratio(const struct support *s, const double natural[]);

#endif
