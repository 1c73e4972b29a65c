/** \file answers_view.h
 * Answers for people, a line each, and for other programs, whole.
 */
#ifndef JOBS_ANSWERS_VIEW_H
#define JOBS_ANSWERS_VIEW_H

#include <jansson.h>
#include <stdio.h>

#include "jobs/answers.h"

/** Print a question and its answers: the best of each scenario on a line, the others below it. */
void answers_view_print(FILE *to, const struct answers *a, const struct model *m);

/** The same and all outcomes of each design; the caller owns it. NULL: no memory */
json_t *answers_view_json(const struct answers *a, const struct model *m);

/** What a reader must know of an answer, as "params at its upper bound; extrapolated"; "" if
 * nothing. \param [out] text  [size] */
void answers_view_notes(const struct answers *a, size_t index, const struct model *m, char text[],
                        size_t size);

/** The notes that say that the question, not the answer, is at fault: inputs that end on a bound or
 * can move without changing the answer. */
void answers_view_trouble(const struct answers *a, size_t index, char text[], size_t size);

#endif
