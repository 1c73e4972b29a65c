/** \file trace_file.h
 * The trace of a search in HDF5, /run/trace (docs/formats.md): outside of the content digest.
 */
#ifndef SEARCH_FRONT_TRACE_FILE_H
#define SEARCH_FRONT_TRACE_FILE_H

#include <mpi.h>

#include "inputs/h5.h"
#include "search/front/trace.h"

/** Write what rank 0 saw. Collective over \a comm and as h5.h says.
 * \param [in] t  of rank 0; not looked at elsewhere. NULL there: nothing is written */
enum status trace_file_write(MPI_Comm comm, struct h5 *file, const struct trace *t,
                             struct status_why *why);

/** Read it back; none where a file has no trace.
 * \param [out] samples  new array [*n], freed by the caller; NULL where there is none */
enum status trace_file_read(struct h5 *file, struct trace_sample **samples, size_t *n,
                            struct status_why *why);

#endif
