/** \file document.h
 * What jobs write for programs: JSON, with null for a number that is not known.
 */
#ifndef JOBS_DOCUMENT_H
#define JOBS_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>

#include "solver/base/status.h"

/** Put a member, whose reference is taken over. \return false without memory */
bool document_put(json_t *object, const char *name, json_t *value);
bool document_put_number(json_t *object, const char *name, double value);
bool document_put_text(json_t *object, const char *name, const char *text);

/** Write to a file, or to the standard output for "-", and let go of the reference.
 * \param [in] root  NULL: there was no memory
 * \return STATUS_OK, STATUS_MEMORY; otherwise as textfile_write */
enum status document_write(const char *path, json_t *root, struct status_why *why);

#endif
