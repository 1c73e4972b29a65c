/** \file corpus.h
 * Of which law and which runs the losses of a frontier file are. Losses of different corpora,
 * tokenizers or laws do not compare, so that frontiers of them are not to be filtered against each
 * other.
 */
#ifndef JOBS_CORPUS_H
#define JOBS_CORPUS_H

#include "inputs/h5.h"

/** Where a frontier united from several studies says it; absent where they are mixed. */
#define CORPUS_UNITED "/run/corpus"
/** Warning of a frontier that was united with --mixed; absent in others. */
#define CORPUS_MIXED "/study/mixed"

/** Say it as text of the form of study_effective, which difference_keys compares: the keys of `law`
 * that choose law, set and corrections, and for each fit a digest of the runs that it used,
 * whatever their order, or of its parameters where the file does not hold the runs.
 * \param [out] text  the caller frees it; empty: the file does not say
 * \return STATUS_OK, STATUS_IO, STATUS_MEMORY */
enum status corpus_read(struct h5 *file, char **text, struct status_why *why);

#endif
