/** \file dependents.h
 * The formulas of a study's `space`: compiled, put in order, and checked over all levels of what
 * they follow from.
 */
#ifndef INPUTS_STUDY_DEPENDENTS_H
#define INPUTS_STUDY_DEPENDENTS_H

#include "inputs/study/study.h"

/** Fill study->dependents from the entries of its space, which are read.
 * \return STATUS_OK; STATUS_INPUT with the place in the study: syntax, an unknown name or a
 * category, an input that follows from itself, an input without a value, or a value that is not
 * positive, not finite or outside of the range of its input; STATUS_MEMORY */
enum status dependents_bind(struct study *study, struct status_why *why);

#endif
