/** \file runs.h
 * Observed training runs: parameters, tokens, compute and loss, from a CSV or TSV file by the
 * study's column mapping and filters. Every row that is not used is counted with its reason.
 */
#ifndef INPUTS_RUNS_H
#define INPUTS_RUNS_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

#include "inputs/study/study.h"
#include "solver/base/status.h"
#include "solver/laws/law.h"

/** Why a row was dropped; RUNS_USED for the rows that stay. */
#define RUNS_REASONS(X)                                                                            \
    X(RUNS_USED, "used")                                                                           \
    X(RUNS_FILTERED, "filtered by runs.where")                                                     \
    X(RUNS_HIGH_LOSS, "among the highest losses (runs.drop_highest_loss)")                         \
    X(RUNS_EMPTY, "a field is empty")

enum runs_reason {
#define RUNS_ENUM(code, text) code,
    RUNS_REASONS(RUNS_ENUM)
#undef RUNS_ENUM
        RUNS_N_REASONS
};

const char *runs_reason_text(enum runs_reason r);

/** Rows used, in file order, and the fate of all rows. Open; cleared by runs_clear. */
struct runs {
    size_t n;                    /**< rows used */
    double *log_x[LAW_N_INPUTS]; /**< [n] ln params, ln tokens, ln compute_flop; NULL where the file
                                    does not say */
    double *loss_nat;            /**< [n] > 0 */
    int *lines;                  /**< [n] in the file */
    size_t n_rows;               /**< rows of the file */
    unsigned char *reasons;      /**< [n_rows] enum runs_reason */
    size_t counts[RUNS_N_REASONS];
    bool tokens_derived;  /**< tokens = compute / (6 params), not a column */
    bool compute_derived; /**< compute = 6 params tokens */
    char file[1024];
    char *bytes; /**< [n_bytes] the file as read, for embedding */
    size_t n_bytes;
};

/** Read the runs that \a study names.
 * Collective over \a comm. tokens = compute_flop / (6 params) when there is no token column, and
 * compute_flop = 6 params tokens when there is no such column. \return STATUS_OK; STATUS_INPUT with
 * file, line and column: missing file, empty file, missing column (with the columns there are),
 * text in a number column, NaN, infinite, zero or negative value, no row left; STATUS_MEMORY;
 * agreed on */
enum status runs_read(MPI_Comm comm, const struct study *study, struct runs *made,
                      struct status_why *why);
void runs_clear(struct runs *r);

#endif
