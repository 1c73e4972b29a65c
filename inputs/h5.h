/** \file h5.h
 * The one door to HDF5. Writing is collective and goes to a temporary name: a file with its final
 * name is whole. Files follow netCDF-4 conventions (dimension scales, `units`, `long_name`), have
 * no object times, and each chunk is written by one rank in its own collective call, so equal
 * content gives equal bytes at any number of ranks. Disk space is reserved before each write, so a
 * full disk is an error message on all ranks and never a rank lost inside the library. The content
 * digest (SHA-256) covers everything outside the group /run, whatever the order. Reading is done by
 * rank 0 and broadcast.
 */
#ifndef INPUTS_H5_H
#define INPUTS_H5_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inputs/text/digest.h"
#include "solver/base/status.h"

/** Opaque; open for writing or for reading. */
struct h5;

/** Kinds of number in a dataset. */
enum h5_type { H5_DOUBLE, H5_UINT64, H5_INT32, H5_UINT8 };

/** Choose, before MPI_Init, how Open MPI opens files: without the shared file pointers that nothing
 * here uses. By default it keeps one in a named semaphore, and the semaphore that a killed rank
 * leaves behind would hang each later run with an output of that name. A choice that the user has
 * made (OMPI_MCA_sharedfp, mpiexec --mca) stays. */
void h5_prepare(void);

/** Whether \a path can be written: its folder is there and takes new files, and it is no folder
 * itself. For the start of a job, before any work. Collective over \a comm.
 * \return STATUS_OK or STATUS_INPUT, agreed on */
enum status h5_check_output(MPI_Comm comm, const char *path, struct status_why *why);

/** Begin a file that will be \a path when committed.
 * Collective over \a comm, which must stay valid until the file is closed.
 * \return STATUS_OK or STATUS_IO naming the path and the reason; agreed on */
enum status h5_create(MPI_Comm comm, const char *path, struct h5 **made, struct status_why *why);

/** Finish: write /run/content_digest and /run/head_digest (unless SOURCE_DATE_EPOCH is set: then
 * there is no /run), flush, read back what was written, sync, rename. Collective. Destroys \a file
 * in every case; on failure nothing is left under either name. \param [out] digest  NULL allowed */
enum status h5_commit(struct h5 *file, char digest[DIGEST_SIZE], struct status_why *why);

/** Give up: close and remove the temporary file. Collective. NULL is allowed. */
void h5_abandon(struct h5 *file);

/** Make a failure of this rank everybody's, as team_agree does, over the ranks of the file: for
 * callers that can fail alone between two of the calls here. */
enum status h5_agree(struct h5 *file, enum status mine, struct status_why *why);
#ifdef __clang_analyzer__
/* Lets the analyzer see that a failure stays one. */
static inline enum status h5_agree_seen(struct h5 *file, enum status mine, struct status_why *why)
{
    return mine != STATUS_OK ? mine : h5_agree(file, mine, why);
}
#define h5_agree(file, mine, why) h5_agree_seen(file, mine, why)
#endif

/** The functions below are collective, are called with the same arguments on all ranks (but for the
 * values of columns), make the groups on the way, and return STATUS_OK, STATUS_IO or STATUS_MEMORY,
 * agreed on. Values under /run are dropped when SOURCE_DATE_EPOCH is set. */

/** Group, empty unless something is written into it. */
enum status h5_write_group(struct h5 *file, const char *path, struct status_why *why);

/** Attributes of a group or dataset that exists ("/" for the file). Text is fixed-length,
 * null-terminated. */
enum status h5_write_text_attribute(struct h5 *file, const char *object, const char *name,
                                    const char *text, struct status_why *why);
enum status h5_write_number_attribute(struct h5 *file, const char *object, const char *name,
                                      double value, struct status_why *why);
enum status h5_write_count_attribute(struct h5 *file, const char *object, const char *name,
                                     uint64_t value, struct status_why *why);

/** Categories of a dataset of codes 0 to n - 1, as CF flags (flag_values, flag_meanings); blanks
 * inside a word become `_`. \param [in] type  of the dataset: H5_INT32 or H5_UINT8 */
enum status h5_write_flags(struct h5 *file, const char *object, enum h5_type type, size_t n,
                           const char *const meanings[], struct status_why *why);

/** Text as a scalar fixed-length string dataset; files as they are as a 1-D dataset of bytes. */
enum status h5_write_text(struct h5 *file, const char *path, const char *text,
                          struct status_why *why);
enum status h5_write_bytes(struct h5 *file, const char *path, const void *bytes, size_t n,
                           struct status_why *why);

/** List of names as characters [n][longest name], the netCDF way; the second dimension is made too,
 * as PATH_length. \param [in] dimension  path of one written before with \a n; NULL: none */
enum status h5_write_names(struct h5 *file, const char *path, const char *const names[], size_t n,
                           const char *dimension, struct status_why *why);

/** A dimension (netCDF-4 sense): a dataset 0 ... n - 1 of that name, with the dimension-scale
 * attributes. */
enum status h5_write_dimension(struct h5 *file, const char *path, size_t n, struct status_why *why);

/** One array, the same on all ranks; rank 0 to 3 dimensions, row-major. */
struct h5_array {
    const char *path; /**< "/fit/chinchilla/replicates" */
    enum h5_type type;
    const void *values;
    size_t n_dimensions;
    size_t shape[3];
    const char *dimensions[3]; /**< paths of dimensions written before, attached as scales: all of
                                  them, or all NULL */
    const char *unit;          /**< NULL: no `units` */
    const char *long_name;     /**< NULL: none */
};
enum status h5_write_array(struct h5 *file, const struct h5_array *a, struct status_why *why);

/** One column of a long table, each rank giving the rows that h5_column_share names.
 * Chunked, shuffled and deflated. */
struct h5_column {
    const char *path;
    enum h5_type type;
    const void *values; /**< [rows of this rank] */
    size_t n_rows;      /**< of all ranks; 0 is fine */
    const char *dimension;
    const char *unit, *long_name;
    /* Categories, as CF flags; n_flags = 0: none. */
    size_t n_flags;
    const char *const *flag_meanings; /**< [n_flags] words; code i means word i */
};
enum status h5_write_column(struct h5 *file, const struct h5_column *c, struct status_why *why);

/** First row and end of the rows that \a rank of \a size gives to a column of \a n_rows: whole
 * chunks. */
void h5_column_share(size_t n_rows, int rank, int size, size_t *begin, size_t *end);

/** Open to read, and recompute the content digest: a file that was damaged or changed is refused.
 * Of a file beyond 64 MB what stands outside the columns is compared at once (/run/head_digest),
 * and a chunk of a column, by its checksum, when it is read. Collective over \a comm, as is every
 * function below: rank 0 reads and all receive. \return STATUS_OK; STATUS_INPUT (missing,
 * unreadable, no HDF5 file); STATUS_IO (damaged); agreed on
 */
enum status h5_open(MPI_Comm comm, const char *path, struct h5 **made, struct status_why *why);
void h5_close(struct h5 *file);

bool h5_exists(struct h5 *file, const char *path);
bool h5_has_attribute(struct h5 *file, const char *object, const char *name);

/** Names of the members of a group, in the order in which they were written (by name in files that
 * do not keep it). \param [out] names  [*n] one block with its strings, freed by one free() */
enum status h5_read_members(struct h5 *file, const char *path, char ***names, size_t *n,
                            struct status_why *why);

/** Text of a scalar string dataset or of a text attribute; the caller frees it. */
enum status h5_read_text(struct h5 *file, const char *path, char **text, struct status_why *why);
enum status h5_read_text_attribute(struct h5 *file, const char *object, const char *name,
                                   char **text, struct status_why *why);
enum status h5_read_number_attribute(struct h5 *file, const char *object, const char *name,
                                     double *value, struct status_why *why);
enum status h5_read_count_attribute(struct h5 *file, const char *object, const char *name,
                                    uint64_t *value, struct status_why *why);

/** A numeric dataset, converted to double, whole. \param [out] values  new, freed by the caller.
 * \param [out] shape [3], 1 where there is no dimension */
enum status h5_read_array(struct h5 *file, const char *path, double **values, size_t *n_dimensions,
                          size_t shape[3], struct status_why *why);

/** Type and length of a column, and \a n of its rows from \a first on, for a file that was opened
 * on a communicator of one rank. \param [out] values  [n] of \a type; numbers are converted.
 * \return STATUS_OK or STATUS_IO */
enum status h5_read_type(struct h5 *file, const char *path, enum h5_type *type, size_t *n_rows,
                         struct status_why *why);
enum status h5_read_rows(struct h5 *file, const char *path, enum h5_type type, size_t first,
                         size_t n, void *values, struct status_why *why);

/** Copy a dataset, or a group with all that is below, to the same path of another file, so that the
 * content digest is what writing it anew would give; and attributes of an object that is in both.
 * Collective over the ranks of \a to; each has opened the same file \a from on a communicator of
 * one rank.
 * \param [in] without  names of attributes left out, ended by NULL; NULL: none
 * \return STATUS_OK, STATUS_IO, STATUS_MEMORY, agreed on over the ranks of \a to */
enum status h5_copy(struct h5 *to, struct h5 *from, const char *path, struct status_why *why);
enum status h5_copy_attributes(struct h5 *to, struct h5 *from, const char *object,
                               const char *const without[], struct status_why *why);

/** Bytes of a dataset of bytes; the caller frees. */
enum status h5_read_bytes(struct h5 *file, const char *path, char **bytes, size_t *n,
                          struct status_why *why);

#endif
