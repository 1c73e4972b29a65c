/** \file band_file.h
 * A band in HDF5: group /frontier/band of a result file (docs/formats.md), one dataset a column,
 * the rows of the frontier first and in its order.
 */
#ifndef SEARCH_FRONT_BAND_FILE_H
#define SEARCH_FRONT_BAND_FILE_H

#include "inputs/h5.h"
#include "search/front/band.h"
#include "search/front/frontier_file.h"

/** Write /frontier/band; /frontier must be there. Each rank writes its own rows.
 * Collective over \a comm, the one that \a file was made with.
 * \return STATUS_OK, STATUS_IO, STATUS_MEMORY, agreed on */
enum status band_file_write(MPI_Comm comm, struct h5 *file, const struct problem *problem,
                            const struct band *band, struct status_why *why);

/** Add what the band says of the rows of a frontier that was read, as columns of the role
 * FRONTIER_FILE_BAND; nothing where the file holds no band. Collective as h5.h says.
 * \return STATUS_OK, STATUS_IO (other rows than those of the frontier), STATUS_MEMORY */
enum status band_file_join(struct h5 *file, struct frontier_file_table *table,
                           struct status_why *why);

#endif
