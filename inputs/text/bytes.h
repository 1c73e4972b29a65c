/** \file bytes.h
 * A text file as bytes in memory: rank 0 reads, all receive. Studies and tables come through here.
 */
#ifndef INPUTS_TEXT_BYTES_H
#define INPUTS_TEXT_BYTES_H

#include <mpi.h>
#include <stddef.h>

#include "solver/base/status.h"

enum { BYTES_LIMIT = 256 * 1024 * 1024 }; /* larger inputs do not belong in text */

/** Read the file \a path.
 * Collective over \a comm.
 * \param [out] bytes  new, [*n] and a zero byte that is not counted; the caller frees it; NULL on
 *                     failure
 * \return STATUS_OK; STATUS_INPUT when the file is missing, unreadable or beyond BYTES_LIMIT;
 *         STATUS_MEMORY; agreed on */
enum status bytes_read(MPI_Comm comm, const char *path, char **bytes, size_t *n,
                       struct status_why *why);

#endif
