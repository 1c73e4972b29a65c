/** \file infeasible.h
 * Says of a search without a feasible configuration what its limits have to do with that.
 */
#ifndef JOBS_INFEASIBLE_H
#define JOBS_INFEASIBLE_H

#include <mpi.h>

#include "jobs/allocation.h"

/** One line for each limit of the study: how many configurations break it, how many break it alone,
 * and the nearest value that is reached while the other limits are kept.
 * Collective over \a comm.
 * \param [out] text  lines, "" without limits; the caller frees it; NULL on failure
 * \return as limits_explain (search/limits.h) */
enum status infeasible_describe(MPI_Comm comm, const struct allocation *a, char **text,
                                struct status_why *why);

#endif
