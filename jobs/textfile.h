/** \file textfile.h
 * A result that is text: written under a temporary name and renamed when complete, so that a file
 * with its final name is whole.
 */
#ifndef JOBS_TEXTFILE_H
#define JOBS_TEXTFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "solver/base/status.h"

/** Whether a result may go to \a path. \return STATUS_OK; STATUS_INPUT: it exists and \a force is
 * not said */
enum status textfile_check(const char *path, bool force, struct status_why *why);

/** Create a file anew: what has its name is removed, and a link is not followed. \return NULL:
 * errno says why */
FILE *textfile_create(const char *path);

/** Write a file. Not collective: one rank writes.
 * \param [in] write  writes the content; errors of the stream are seen to here
 * \return STATUS_OK; STATUS_INPUT: cannot be created; STATUS_IO; or as \a write says */
enum status textfile_write(const char *path,
                           enum status (*write)(FILE *f, const void *context,
                                                struct status_why *why),
                           const void *context, struct status_why *why);

#endif
