/** \file branch.h
 * The bounded path: boxes of configurations are bounded through the tables of the problem and go
 * unevaluated when a point found before dominates their bound (docs/model.md M45, M46). Exact for
 * any problem with tables; the answer, row for row, is that of stream.h.
 */
#ifndef SEARCH_EXACT_BRANCH_H
#define SEARCH_EXACT_BRANCH_H

#include <mpi.h>
#include <stdbool.h>

#include "search/exact/path.h"
#include "search/problem.h"

/** Whether a problem can be bounded: every outcome has tables, without a value that is not finite.
 */
bool branch_can(const struct problem *problem);

/** Number of items the search is cut into; depends on the problem alone.
 * \return STATUS_OK or STATUS_MEMORY */
enum status branch_n_items(const struct problem *problem, size_t *n, struct status_why *why);

/** As stream_search, with items for blocks. */
enum status branch_search(MPI_Comm comm, const struct problem *problem,
                          const struct path_options *options, struct frontier *made,
                          struct status_why *why);

#endif
