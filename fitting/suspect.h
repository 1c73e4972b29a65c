/** \file suspect.h
 * What the residuals of a fit say about its data: rows far outside, and columns of the file by
 * which the residuals split though the law does not read them, so that rows of one value are no
 * independent observations. Findings go to inputs/plausible.h.
 */
#ifndef FITTING_SUSPECT_H
#define FITTING_SUSPECT_H

#include <stdbool.h>
#include <stddef.h>

#include "fitting/fit.h"
#include "inputs/plausible.h"

/** One-way analysis of variance of values in groups. */
struct suspect_split {
    double intraclass; /**< correlation of two values of one group: (MSB - MSW) / (MSB + (m - 1)
                          MSW) with the mean size m of a group, corrected for unequal ones */
    double p;          /**< of the F test that the groups have one mean */
    double mean_size;  /**< m */
    double sd_between; /**< sqrt((MSB - MSW) / m), 0 where MSB is below MSW */
};

/** \param [in] level  [n] in [0, n_levels), each level in use; 2 <= n_levels < n
 * \return all NAN where there is nothing to compare: every value is the same. Source: Fisher 1925,
 * docs/model.md M740, M741 */
struct suspect_split suspect_split(size_t n, const double value[], size_t n_levels,
                                   const size_t level[]);

/** Add what is suspect: a note of the worst three rows; warnings of rows beyond the threshold of
 * noise floors, and of the column by which the residuals split most. Where they split and the
 * replicates do not draw groups of that column, the fit is not identified and its sentence says so:
 * its intervals count rows as independent.
 * \param [in] data  that f was fitted to, of runs
 * \return STATUS_OK or STATUS_MEMORY */
enum status suspect_fit(const struct study *study, const struct runs *runs,
                        const struct fit_data *data, struct fit *f, struct plausible *list,
                        struct status_why *why);

#endif
