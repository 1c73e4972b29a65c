/** \file textfile.h
 * A result that is text or a picture: written under a temporary name and renamed when complete, so
 * that a file with its final name is whole. No input of the run is replaced, and another file only
 * when the user said so. A device or a pipe is no file: it is written to directly.
 */
#ifndef JOBS_TEXTFILE_H
#define JOBS_TEXTFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "jobs/job.h"
#include "solver/base/status.h"

/** Whether a result may go to \a path. \return STATUS_OK; STATUS_INPUT: it is a folder or an input
 * (opened.h), or it exists and \a force is not given */
enum status textfile_check(const char *path, bool force, struct status_why *why);

/** textfile_check of all of \a path, --csv and --json, before work begins. Collective over \a comm.
 * \param [in] path  NULL: none */
enum status textfile_check_all(MPI_Comm comm, const struct job_arguments *arguments,
                               const char *path, struct status_why *why);

/** Create a file anew: what has its name is removed, and a link is not followed. \return NULL:
 * errno says why */
FILE *textfile_create(const char *path);

/** Write a file; what it replaces was checked before. Not collective: one rank writes.
 * \param [in] write  writes the content; errors of the stream are seen to here
 * \return STATUS_OK; STATUS_INPUT: cannot be created, or is an input; STATUS_IO; or as \a write
 * says
 */
enum status textfile_write(const char *path,
                           enum status (*write)(FILE *f, const void *context,
                                                struct status_why *why),
                           const void *context, struct status_why *why);

#endif
