/** \file branch.h
 * The bounded path: boxes of configurations are bounded through the tables of the problem, wait
 * until a sweep along one objective has come to their bound, and go unevaluated when a row found
 * before is no worse in the others (docs/model.md M45, M46, M251). Exact for any problem with
 * tables; the answer, row for row, is that of stream.h.
 */
#ifndef SEARCH_EXACT_BRANCH_H
#define SEARCH_EXACT_BRANCH_H

#include <mpi.h>
#include <stdbool.h>

#include "search/exact/path.h"
#include "search/problem.h"

/** Whether a problem can be bounded: every outcome has tables that bounds_apply to. */
bool branch_can(const struct problem *problem);

/** An item is a range of the leading objective of a scenario level.
 * \return STATUS_OK or STATUS_MEMORY */
enum status branch_n_items(const struct problem *problem, size_t *n, struct status_why *why);

/** As stream_search, with items for blocks. */
enum status branch_search(MPI_Comm comm, const struct problem *problem,
                          const struct path_options *options, struct frontier *made,
                          struct status_why *why);

#endif
