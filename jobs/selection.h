/** \file selection.h
 * Rows of a frontier that was read back: picked by limits, grouped by scenario level, sorted,
 * written as CSV.
 */
#ifndef JOBS_SELECTION_H
#define JOBS_SELECTION_H

#include <stddef.h>

#include "jobs/job.h"
#include "search/front/frontier_file.h"

/** The rows picked, by scenario level, then by the sort column. Cleared by selection_clear. */
struct selection {
    const struct frontier_file_table *table; /**< not owned */
    size_t sort;                             /**< column */
    size_t n;
    size_t *rows;               /**< [n] of the table */
    size_t n_levels;            /**< scenario levels among them */
    size_t *level_begins;       /**< [n_levels + 1] into rows */
    uint64_t *configurations;   /**< [table rows] exact; NULL: as the table has them */
    const unsigned char *marks; /**< [table rows] enum selection_mark, not owned; NULL: none */
};

/** Of the rows that stand for many: whether a row is one, and whether it is a knee. */
enum selection_mark { SELECTION_THIN = 1, SELECTION_KNEE = 2 };

/** Pick rows by the limits and the sort column of the command line, and with --thin by their marks.
 * \param [in] marks  [t->n_rows] NULL: none; stays alive as long as the selection
 * \return STATUS_OK; STATUS_INPUT (no such column, a limit that is no number or has the wrong
 * unit); STATUS_NO: no row is within the limits; STATUS_MEMORY */
enum status selection_make(const struct job_arguments *a, const struct frontier_file_table *t,
                           const unsigned char marks[], struct selection *s,
                           struct status_why *why);
void selection_clear(struct selection *s);

/** Write all columns of the picked rows. \return STATUS_OK, STATUS_INPUT (cannot open), STATUS_IO
 */
enum status selection_write_csv(const struct selection *s, const char *path,
                                struct status_why *why);

/** A value for people: the name of a category, 70B for a count, else four digits. \param [out] text
 * [size], returned */
const char *selection_cell(const struct frontier_file_table *t, size_t column, size_t row,
                           char text[], size_t size);

/** Name of the scenario level of a row, as "A100-SXM4-40, mfu_ratio 0.3"; empty without scenarios.
 */
void selection_name_level(const struct frontier_file_table *t, size_t row, char text[],
                          size_t size);

/** The first column that is an objective. */
size_t selection_first_objective(const struct frontier_file_table *t);

#endif
