/** \file bayes_file.h
 * A Bayesian search in HDF5: every evaluation and what the search knew, /search; the best of them,
 * /frontier, as any other search writes it; and what differs between equal searches, /run
 * (docs/formats.md).
 */
#ifndef SEARCH_BAYES_BAYES_FILE_H
#define SEARCH_BAYES_BAYES_FILE_H

#include "inputs/h5.h"
#include "inputs/text/table.h"
#include "search/bayes/driver.h"
#include "search/bayes/propose.h"

struct bayes_file_content {
    const struct propose_problem *problem;
    const char *evaluator; /**< "model", "command", "replay" */
    size_t n_imported;
    const struct propose_result *imported; /**< [n_imported] */
    const struct driver_log *log;
};

/** Write it. \param [out] n_rows  of the frontier; NULL allowed
 * Collective over \a comm, the one that \a file was made with.
 * \return STATUS_OK, STATUS_IO, STATUS_MEMORY, agreed on */
enum status bayes_file_write(MPI_Comm comm, struct h5 *file, const struct bayes_file_content *c,
                             size_t *n_rows, struct status_why *why);

/** Read the evaluations of a search as a table: a column each for its variables, objectives and
 * limits; outcomes of those that failed, recovered ones too, are empty. Collective as h5.h says.
 * \param [in]  name  what the table is called in messages
 * \param [out] made  the caller destroys it
 * \return STATUS_OK; STATUS_INPUT: the file holds no such search; STATUS_IO, STATUS_MEMORY */
enum status bayes_file_read(struct h5 *file, const char *name, struct table **made,
                            struct status_why *why);

#endif
