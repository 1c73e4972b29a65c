/** \file hypervolume.h
 * The volume that a front dominates below a reference point, all objectives minimised: exact for up
 * to four objectives, sampled with a stated error above (docs/model.md M290 to M292).
 */
#ifndef SEARCH_FRONT_HYPERVOLUME_H
#define SEARCH_FRONT_HYPERVOLUME_H

#include <stddef.h>
#include <stdint.h>

#include "solver/base/status.h"

enum { HYPERVOLUME_MOST_EXACT = 4 };

/** \param [in]  m       1 to HYPERVOLUME_MOST_EXACT
 * \param [in]  points  [n][m] finite, in any order; some may dominate others or lie beyond the
 *                      reference
 * \param [in]  reference  [m]
 * \param [out] volume  0 for no point; depends on the set of points alone
 * \return STATUS_OK or STATUS_MEMORY */
enum status hypervolume_exact(size_t m, size_t n, const double points[], const double reference[],
                              double *volume, struct status_why *why);

/** Mark which of \a n_samples points drawn evenly between \a ideal and \a reference are dominated
 * by one of the points. \param [out] hit  [n_samples] 1 or 0 \return STATUS_OK or STATUS_MEMORY */
enum status hypervolume_mark(size_t m, size_t n, const double points[], const double ideal[],
                             const double reference[], uint64_t seed, size_t n_samples,
                             unsigned char hit[], struct status_why *why);

/** The estimate that such marks make. */
void hypervolume_estimate(size_t m, const double ideal[], const double reference[],
                          size_t n_samples, const unsigned char hit[], double *volume,
                          double *standard_error);

/** An estimate from \a n_samples points drawn evenly between \a ideal and \a reference.
 * \param [in]  m  1 to 8. \param [in] ideal  [m] no greater than any point
 * \param [out] volume, standard_error
 * \return STATUS_OK or STATUS_MEMORY */
enum status hypervolume_sample(size_t m, size_t n, const double points[], const double ideal[],
                               const double reference[], uint64_t seed, size_t n_samples,
                               double *volume, double *standard_error, struct status_why *why);

#endif
