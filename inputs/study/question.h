/** \file question.h
 * One question of allocate.questions, or of --ask, as people write it:
 *
 *     minimise energy_kwh at loss_nat <= 2.0, duration_day <= 30 d over params, tokens
 */
#ifndef INPUTS_STUDY_QUESTION_H
#define INPUTS_STUDY_QUESTION_H

#include "inputs/study/study.h"

/** Read a question. The words are minimise or maximise, what, `at` and limits, `over` and inputs;
 * the last two parts may be missing. What is minimised or limited is an outcome or an input that is
 * a number; values take units as everywhere in a study, and `given` is that of the design as the
 * study gives it. \param [in] place, key  for messages
 * \return STATUS_OK or STATUS_INPUT with what was expected and the nearest known name */
enum status question_read(const struct study *study, struct study_place place, const char *key,
                          const char *text, struct study_question *question,
                          struct status_why *why);

/** Read the name of an input that may move and add it to a list, where it is not yet.
 * \param [in,out] inputs  [DESIGN_N_INPUTS], of which *n are there */
enum status question_read_input(const struct study *study, struct study_place place,
                                const char *key, const char *text, enum design_input inputs[],
                                size_t *n, struct status_why *why);

/** Name of what a question speaks of, and its unit as quantity_parse takes it. */
const char *question_name(const struct study_target *target);
const char *question_unit(const struct study_target *target);

#endif
