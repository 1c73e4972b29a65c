/** \file forms.h
 * Laws that are rows of a table, inputs/data/forms.tsv: a formula with its inputs and parameters,
 * compiled when read. The same words describe a formula law in a fit file, so that a fit can be
 * used without the study it was made with.
 *
 * An input is a word `name`, `name:plain` where it is not taken by its logarithm, and then perhaps
 * `>=3`, the end of its domain. A parameter is `name`, `name[lower,upper]` or
 * `name[lower,upper;start_lower,start_upper]`, then perhaps `:log` or `:plain`, then perhaps
 * `=0.34` or `=beta` where it is fixed or tied.
 */
#ifndef INPUTS_FORMS_H
#define INPUTS_FORMS_H

#include <mpi.h>

#include "solver/base/status.h"
#include "solver/laws/custom.h"

/** Read words into source->inputs or source->parameters, replacing what was there.
 * \return STATUS_OK, or STATUS_INPUT naming the word */
enum status forms_inputs(const char *words, struct custom_source *source, struct status_why *why);
enum status forms_parameters(const char *words, struct custom_source *source,
                             struct status_why *why);

/** Write words that read to the same. \param [out] words  [size] */
void forms_print_inputs(const struct custom_source *source, char words[], size_t size);
void forms_print_parameters(const struct custom_source *source, char words[], size_t size);

/** Read the table of \a folder and add its laws (law_add), but for those that are there already.
 * Collective over \a comm. \return STATUS_OK; STATUS_INPUT with file and line; STATUS_MEMORY;
 * agreed on */
enum status forms_read(MPI_Comm comm, const char *folder, struct status_why *why);

#endif
