/** \file rehearsal.h
 * What `check` says of a Bayesian search before anything is paid for.
 */
#ifndef JOBS_REHEARSAL_H
#define JOBS_REHEARSAL_H

#include <mpi.h>

#include "inputs/study/study.h"
#include "solver/base/status.h"

/** Bind a search by a command or a table and print it, with the command line of its first design.
 * Collective over \a comm.
 * \param [in] path  of the result
 * \return as searching_make and searching_first */
enum status rehearsal_print(MPI_Comm comm, const struct study *study, const char *path,
                            struct status_why *why);

/** Warn when a study asks for a Bayesian search of the model, which the exact search evaluates in
 * no time. \param [in] nanoseconds  that a configuration takes */
void rehearsal_warn(const struct study *study, double nanoseconds);

#endif
