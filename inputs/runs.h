/** \file runs.h
 * Observed training runs: parameters, tokens, compute, any other column that a law reads, and the
 * response, most often a loss, from a CSV or TSV file by the study's column mapping and filters.
 * Every row that is not used is counted with its reason.
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

enum { RUNS_MAX_COLUMNS = 32 };

/** Columns that are there only where runs.columns names them, as weight and loss_error. */
#define RUNS_WEIGHT "run_weight"
#define RUNS_ERROR  "loss_error"

/** One quantity, [n]. */
struct runs_column {
    char name[64];
    char source[64]; /**< its column in the file, cut; "" where it is derived */
    double scale;    /**< from the file to the values */
    double *values;  /**< as in the file, or derived */
    double *logs;    /**< their natural logarithms; NULL where any value is not positive */
};

/** A column of the file that nothing reads, by which rows can be told apart. */
struct runs_group {
    char name[64];
    size_t n_levels; /**< different texts, from 2 to half the rows */
    size_t *levels;  /**< [n] of each row, numbered in order of their texts */
};
enum { RUNS_MAX_GROUPS = 32 };

/** Rows used, in file order, and the fate of all rows. Open; cleared by runs_clear. */
struct runs {
    size_t n; /**< rows used */
    size_t n_columns;
    struct runs_column columns[RUNS_MAX_COLUMNS]; /**< params, tokens and compute_flop where known,
                                                     then those that laws read */
    struct runs_column response;                  /**< what the laws predict */
    int *lines;                                   /**< [n] in the file */
    size_t n_rows;                                /**< rows of the file */
    unsigned char *reasons;                       /**< [n_rows] enum runs_reason */
    size_t counts[RUNS_N_REASONS];
    size_t *clusters; /**< [n] group of each row by fit.cluster, numbered in order of appearance;
                         NULL without it */
    size_t n_clusters;
    size_t n_groups;
    struct runs_group groups[RUNS_MAX_GROUPS]; /**< the first of them in the file */
    bool tokens_derived;                       /**< tokens = compute / (6 params), not a column */
    bool compute_derived;                      /**< compute = 6 params tokens */
    char file[1024];
    char *bytes; /**< [n_bytes] the file as read, for embedding */
    size_t n_bytes;
};

/** Read the runs that \a study names, with every column that one of \a laws reads.
 * Collective over \a comm. tokens = compute_flop / (6 params) when there is no token column, and
 * compute_flop = 6 params tokens when there is no such column.
 * \param [in] laws  [n_laws] all of one response; with none it is loss_nat
 * \return STATUS_OK; STATUS_INPUT with file, line and column: missing file, empty file, missing
 * column (with the columns there are), text in a number column, NaN, infinite value, value not
 * positive where params, tokens, compute, a loss or a logarithm must be, a value outside the domain
 * of a law, an accuracy above 1, no row left; or two responses; STATUS_MEMORY; agreed on */
enum status runs_read(MPI_Comm comm, const struct study *study, const struct law *const laws[],
                      size_t n_laws, struct runs *made, struct status_why *why);

/** The column called \a name, or NULL. */
const struct runs_column *runs_find(const struct runs *r, const char *name);

/** [n] values of an input as a law takes it, logarithmic or not; NULL where the runs do not give
 * it. */
const double *runs_input(const struct runs *r, const struct law_input *input);

void runs_clear(struct runs *r);

#endif
