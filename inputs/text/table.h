/** \file table.h
 * Delimited text: comma or tab separated, quoted fields, `#` comment lines before the header, one
 * header line. Below the header every line that is not blank is a row or part of one, also where it
 * begins with `#`. Read whole into memory by libcsv; every field knows its line, for messages.
 */
#ifndef INPUTS_TEXT_TABLE_H
#define INPUTS_TEXT_TABLE_H

#include <mpi.h>
#include <stddef.h>

#include "solver/base/status.h"

/** Opaque. */
struct table;

/** Read a file. Rank 0 reads, all receive. Collective over \a comm.
 * \return STATUS_OK; STATUS_INPUT (missing or unreadable file, empty file, no header, a column name
 *         twice or empty, a row with another number of fields, a broken quote, a NUL byte), with
 * file and line; STATUS_MEMORY; agreed on. Files beyond 256 MB are refused */
enum status table_read(MPI_Comm comm, const char *path, struct table **made,
                       struct status_why *why);

/** Parse text in memory, \a name standing for the file in messages. Not collective. */
enum status table_parse(const char *name, const char *text, size_t n, struct table **made,
                        struct status_why *why);
void table_destroy(struct table *t);

const char *table_name(const struct table *t);
size_t table_n_rows(const struct table *t);
size_t table_n_columns(const struct table *t);
const char *table_column(const struct table *t, size_t column);

/** The bytes of the file as read, for checksums and for embedding. Borrowed. */
const char *table_bytes(const struct table *t, size_t *n);

/** Index of the column called \a name, or -1. */
int table_find(const struct table *t, const char *name);

/** Field as text, surrounding blanks removed; never NULL. Borrowed. */
const char *table_field(const struct table *t, size_t row, size_t column);

/** Line of a row in the file, counted from 1. */
int table_line(const struct table *t, size_t row);

#endif
