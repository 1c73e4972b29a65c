/** \file opened.h
 * Which files this process has read, so that none of them becomes an output. Whoever opens an input
 * notes it here (bytes.h, h5.h); whoever is about to write asks. Files are compared by device and
 * inode: a link, or another spelling of the path, is the same file.
 */
#ifndef INPUTS_TEXT_OPENED_H
#define INPUTS_TEXT_OPENED_H

#include "solver/base/status.h"

/** Note an input that is open. What is no regular file (a pipe, a device) is not noted: it cannot
 * be lost. \return STATUS_OK, STATUS_MEMORY */
enum status opened_note(const char *path, struct status_why *why);

/** Whether \a path may be an output. \return STATUS_OK; STATUS_INPUT naming both paths: it is a
 * file that was noted */
enum status opened_check_output(const char *path, struct status_why *why);

/** Forget everything. */
void opened_clear(void);

#endif
