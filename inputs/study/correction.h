/** \file correction.h
 * Entries of a study's `law.corrections`: the id of published coefficients, or a mapping that names
 * those or a kind of correction (solver/correct.h) and says numbers of its own.
 */
#ifndef INPUTS_STUDY_CORRECTION_H
#define INPUTS_STUDY_CORRECTION_H

#include <stdio.h>

#include "inputs/study/study.h"
#include "inputs/text/tree.h"

/** Read one entry of the list. \return STATUS_OK or STATUS_INPUT with the nearest known word */
enum status correction_read(const struct study *study, const struct tree_node *node,
                            struct study_correction *correction, struct status_why *why);

/** Write the entry as one YAML value that reads back to the same entry. */
void correction_write(FILE *to, const struct study_correction *correction);

#endif
