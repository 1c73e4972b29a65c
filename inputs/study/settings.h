/** \file settings.h
 * One key of a study: read by its row of the table into struct study, written back as YAML.
 */
#ifndef INPUTS_STUDY_SETTINGS_H
#define INPUTS_STUDY_SETTINGS_H

#include <stdbool.h>
#include <stdio.h>

#include "inputs/study/keys.h"
#include "inputs/study/study.h"
#include "inputs/text/tree.h"

/** Read a node into the field that the row describes.
 * \return STATUS_OK, STATUS_INPUT, STATUS_MEMORY */
enum status settings_read(struct study *study, const struct keys_row *row,
                          const struct tree_node *node, struct status_why *why);

/** Fill the fields of all rows that have a default. \return STATUS_OK; anything else is a bug of
 * the table */
enum status settings_defaults(struct study *study, struct status_why *why);

/** Whether the field says anything: what has no default and was not given does not. */
bool settings_is_given(const struct study *study, const struct keys_row *row);

/** Write the value so that it reads back to the same field: on the line of its key, or, for
 * mappings, on lines below it. */
void settings_write(FILE *to, const struct study *study, const struct keys_row *row);

#endif
