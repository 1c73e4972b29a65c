/** \file external.h
 * What a study says of evaluations outside of this program (its section `bayes`): variables,
 * objectives and limits by names of the user's own, and lists of texts.
 */
#ifndef INPUTS_STUDY_EXTERNAL_H
#define INPUTS_STUDY_EXTERNAL_H

#include <stdio.h>

#include "inputs/study/study.h"
#include "inputs/text/tree.h"

/** Read a mapping from names to variables: {from: 1e-4, to: 0.1, scale: log}, {values: [1, 2]},
 * [1, 2] or [adam, sgd]. \return STATUS_OK, STATUS_INPUT, STATUS_MEMORY */
enum status external_read_variables(struct study *study, const struct tree_node *node,
                                    struct status_why *why);

/** Read a mapping from names to objectives, {sense: maximise, scale: log, ...}.
 * \return STATUS_OK, STATUS_INPUT */
enum status external_read_goals(struct study *study, const struct tree_node *node,
                                struct status_why *why);

/** Read a mapping from names to limits, {max: 80}. \return STATUS_OK, STATUS_INPUT */
enum status external_read_bounds(struct study *study, const struct tree_node *node,
                                 struct status_why *why);

/** Read a list of 1 to \a most texts. \param [out] texts  [most] \param [out] n
 * \return STATUS_OK, STATUS_INPUT */
enum status external_read_texts(const struct study *study, const struct tree_node *node,
                                size_t most, struct study_text texts[], size_t *n,
                                struct status_why *why);

/** Write what was read so that it reads back to the same. */
void external_write_variables(FILE *to, const struct study *study);
void external_write_goals(FILE *to, const struct study *study);
void external_write_bounds(FILE *to, const struct study *study);
void external_write_texts(FILE *to, const struct study_text texts[], size_t n);

void external_clear(struct study *study);

#endif
