/** \file corrections.h
 * Corrections of a law as a study wants them: published coefficients, rows of
 * inputs/data/corrections.tsv, and the study's own numbers over or without them.
 */
#ifndef INPUTS_CORRECTIONS_H
#define INPUTS_CORRECTIONS_H

#include <mpi.h>
#include <stddef.h>

#include "inputs/study/study.h"
#include "solver/correct.h"

/** Read corrections.tsv. Parameters that are not published are left at their neutral values, NAN
 * where the kind wants them said. Collective over \a comm.
 * \param [out] made  new array [*n]; the caller frees it
 * \return STATUS_OK, STATUS_INPUT with file and line, STATUS_MEMORY, agreed on */
enum status corrections_read(MPI_Comm comm, const char *folder, struct correct **made, size_t *n,
                             struct status_why *why);

/** One entry of law.corrections with its numbers, all but those that it takes from a fit.
 * \param [in] published  [n] of corrections_read
 * \return STATUS_OK, or STATUS_INPUT with the place: an unknown id, kind or parameter */
enum status corrections_choose(const struct study *study, const struct study_correction *entry,
                               const struct correct published[], size_t n, struct correct *made,
                               struct status_why *why);

#endif
