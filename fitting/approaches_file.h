/** \file approaches_file.h
 * Approaches 1 and 2 in HDF5: groups /fit/approach1 and /fit/approach2 of a result file
 * (docs/formats.md), written and read back.
 */
#ifndef FITTING_APPROACHES_FILE_H
#define FITTING_APPROACHES_FILE_H

#include "fitting/approaches.h"
#include "inputs/h5.h"

/** Write the groups of the approaches that were run. Collective as h5.h says. */
enum status approaches_file_write(struct h5 *file, const struct approaches *a,
                                  struct status_why *why);

/** Read back what is there; neither is fine. \return STATUS_OK, STATUS_IO or STATUS_MEMORY */
enum status approaches_file_read(struct h5 *file, struct approaches *made, struct status_why *why);

#endif
