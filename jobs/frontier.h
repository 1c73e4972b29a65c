/** \file frontier.h
 * The way from a study to its frontier, alone or with its band.
 */
#ifndef JOBS_FRONTIER_H
#define JOBS_FRONTIER_H

#include <mpi.h>
#include <stdbool.h>

#include "jobs/job.h"

/** Path in a result file of what limits have to do with a frontier without rows: text, a line for
 * each limit (jobs/infeasible.h). */
#define FRONTIER_LIMITS "/search/limits"

/** Fit, search and write the frontier; with its band where the study gives band.draws, or always.
 * Collective over \a comm. \return as what it calls; STATUS_NO: no configuration is feasible, the
 * file is written all the same; agreed on */
enum status frontier_run(MPI_Comm comm, const struct job_arguments *arguments, bool with_band,
                         struct status_why *why);

#endif
