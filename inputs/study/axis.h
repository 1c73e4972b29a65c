/** \file axis.h
 * Entries of a study's `space`: a fixed value, a list of levels, a range or a formula, for one
 * input of a design. Reading checks unit and range by the table of inputs and expands ranges;
 * formulas are compiled once all entries are read (dependents.h).
 */
#ifndef INPUTS_STUDY_AXIS_H
#define INPUTS_STUDY_AXIS_H

#include <stdio.h>

#include "inputs/study/study.h"
#include "inputs/text/tree.h"

/** Read the entry of \a input. \param [out] axis  cleared by axis_clear, also on failure
 * \return STATUS_OK, STATUS_INPUT, STATUS_MEMORY */
enum status axis_read(const struct study *study, enum design_input input,
                      const struct tree_node *node, struct study_axis *axis,
                      struct status_why *why);

/** A number of an input as a user writes it, with a unit or suffix; "inf" where that is what the
 * input has when nothing is said of it. The range is not checked.
 * \return NULL, or what was expected */
const char *axis_number(const struct design_field *field, const char *text, double *value);

/** The level of a draw that stands for all: the first up to which half of the weight lies. */
size_t axis_typical(const struct study_axis *axis);

/** The level that draw \a k takes: keyed by (seed, input, k), so that no other axis changes it. */
size_t axis_drawn(const struct study_axis *axis, enum design_input input, uint64_t seed,
                  uint64_t k);

/** Write the entry as one YAML value that reads back to the same axis. */
void axis_write(FILE *to, const struct study_axis *axis);

void axis_clear(struct study_axis *axis);

#endif
