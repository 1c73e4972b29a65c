/** \file fit_file.h
 * A fit in HDF5: group /fit/<law> of a result file (docs/formats.md), written and read back with
 * its replicates.
 */
#ifndef FITTING_FIT_FILE_H
#define FITTING_FIT_FILE_H

#include "fitting/fit.h"
#include "inputs/h5.h"
#include "inputs/runs.h"

/** Write /fit/<law id>. Collective as h5.h says.
 * \param [in] runs  the rows behind the fit: used and dropped with reason; NULL when only
 * coefficients are known */
enum status fit_file_write(struct h5 *file, const struct fit *f, const struct runs *runs,
                           struct status_why *why);

/** Read a fit back: law, optimum, intervals, replicates, ranges, identifiability, starts.
 * \param [in] law_id  NULL or "": the only one in the file
 * \return STATUS_OK; STATUS_INPUT (no such law in the file; names those there are); STATUS_IO */
enum status fit_file_read(struct h5 *file, const char *law_id, struct fit *made,
                          struct status_why *why);

#endif
