/** \file stream.h
 * The streaming path: every configuration is evaluated, block by block, and offered to the front of
 * its scenario level. Exact for any problem; the other exact paths prune.
 */
#ifndef SEARCH_EXACT_STREAM_H
#define SEARCH_EXACT_STREAM_H

#include <mpi.h>

#include "search/exact/path.h"
#include "search/front/frontier.h"
#include "search/problem.h"

/** Number of blocks a space is cut into: runs of equal length of the global index, at most 65,536
 * configurations each. Depends on the space alone. */
size_t stream_n_blocks(const struct space *space);

/** The exact frontier (docs/model.md, M40 to M44).
 * Collective over \a comm.
 * \param [out] made  the caller clears it (frontier_clear)
 * \return STATUS_OK; STATUS_INPUT naming the objective and configuration where a value of a
 * feasible configuration is not finite; STATUS_CHECKPOINTED; STATUS_MEMORY; agreed on */
enum status stream_search(MPI_Comm comm, const struct problem *problem,
                          const struct path_options *options, struct frontier *made,
                          struct status_why *why);

#endif
