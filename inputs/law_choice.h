/** \file law_choice.h
 * The law that a study wants fitted: one of the program by law.id, with the starts and transforms
 * of law.parameters, or law.formula.
 */
#ifndef INPUTS_LAW_CHOICE_H
#define INPUTS_LAW_CHOICE_H

#include "inputs/study/study.h"
#include "solver/laws/law.h"

/** The law called \a id, as the study's \a key at \a place wants it; not a formula of the study.
 * \return STATUS_OK, or STATUS_INPUT naming the nearest law or all of them */
enum status law_choice_find(const struct study *study, struct study_place place, const char *key,
                            const char *id, const struct law **law, struct status_why *why);

/** Make the law. Not collective, the same on every rank. A formula lives as long as the program.
 * \return STATUS_OK; STATUS_INPUT with the place in the study, in a formula that of the mistake;
 * STATUS_MEMORY */
enum status law_choice_make(const struct study *study, const struct law **made,
                            struct status_why *why);

#endif
