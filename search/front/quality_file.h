/** \file quality_file.h
 * The quality of a frontier in HDF5: /search/hypervolume, the box as attributes of the objectives,
 * and /frontier/thin (docs/formats.md).
 */
#ifndef SEARCH_FRONT_QUALITY_FILE_H
#define SEARCH_FRONT_QUALITY_FILE_H

#include "inputs/h5.h"
#include "search/front/quality.h"

/** Measure, and write beside what frontier_file_write wrote. Collective over \a comm, the one that
 * \a file was made with.
 * \param [out] measured  what was written, cleared by the caller; NULL: not wanted
 * \return STATUS_OK, STATUS_IO, STATUS_MEMORY, agreed on */
enum status quality_file_add(MPI_Comm comm, struct h5 *file, const struct problem *problem,
                             const struct frontier *frontier, const struct quality_box *box,
                             const struct quality_options *options, struct quality *measured,
                             struct status_why *why);

/** Read it back; a file without it gives none of it. Collective as h5.h says.
 * \param [out] made  cleared by the caller (quality_clear); empty on failure
 * \return STATUS_OK, STATUS_IO, STATUS_MEMORY */
enum status quality_file_read(struct h5 *file, struct quality *made, struct status_why *why);

/** The box and what was asked for, for the objectives named in \a problem.
 * \return STATUS_OK, STATUS_IO, STATUS_MEMORY */
enum status quality_file_read_terms(struct h5 *file, const struct problem *problem,
                                    struct quality_box *box, struct quality_options *options,
                                    struct status_why *why);

#endif
