/** \file frontier_file.h
 * A frontier in HDF5: groups /frontier and /search of a result file and the counts of /run
 * (docs/formats.md), netCDF-4 conventions, one dataset a column.
 */
#ifndef SEARCH_FRONT_FRONTIER_FILE_H
#define SEARCH_FRONT_FRONTIER_FILE_H

#include "inputs/h5.h"
#include "search/front/frontier.h"

/** A further column of the frontier, computed for given rows on the rank that writes them. */
struct frontier_file_column {
    const char *name, *unit, *long_name;
    const char *role; /**< NULL: "outcome", or of flags "flag" */
};

/** What fills the further columns: values of \a n configurations.
 * \param [out] values  [n_columns][n] */
typedef void frontier_file_fill(const void *context, size_t n, const uint64_t configurations[],
                                double values[]);

/** Numbers of further columns that a rank holds at a time, half a GiB: where they are more, rows
 * are filled again for some columns after the others. */
enum { FRONTIER_FILE_MOST_NUMBERS = 1 << 26 };

struct frontier_file_content {
    const struct problem *problem;
    const struct frontier *frontier;
    size_t n_columns; /**< outcomes beyond the objectives */
    const struct frontier_file_column *columns;
    frontier_file_fill *fill;
    const void *context;
    size_t n_flags; /**< 0/1 columns "flag_<name>": extrapolated, ... */
    const struct frontier_file_column *flags;
    frontier_file_fill *fill_flags; /**< nonzero: set */
    const char *path_name;          /**< "streaming", ... */
    size_t most_numbers;            /**< 0: FRONTIER_FILE_MOST_NUMBERS; others in tests */
    /** NULL: "/frontier", and its counts go to /search and /run; else a group in it,
     * "/frontier/worst". The counts of such a group are attributes of it and, with its name before
     * theirs, of /run. */
    const char *group;
};

/** Write /frontier, /search and, as attributes of /run, the counts that may differ between equal
 * runs. Each rank fills and writes its own rows.
 * Collective over \a comm, the one that \a file was made with.
 * \return STATUS_OK, STATUS_IO, STATUS_MEMORY, agreed on */
enum status frontier_file_write(MPI_Comm comm, struct h5 *file,
                                const struct frontier_file_content *c, struct status_why *why);

/** Columns that others may add to a table (search/front/band_file.h). */
enum { FRONTIER_FILE_SPARE = 4 };

/** A frontier read back as columns, in the order of the file, "configuration" first. Texts that the
 * file does not have are "". Open; cleared by frontier_file_clear. */
struct frontier_file_table {
    size_t n_rows, n_columns;
    char **names, **units, **long_names; /**< [n_columns] */
    double **values;                     /**< [n_columns][n_rows] */
    char ***meanings;     /**< [n_columns] NULL, or names of the codes, ended by NULL: then all
                             values are whole and in range */
    unsigned char *roles; /**< [n_columns] enum frontier_file_role */
};
enum frontier_file_role {
    FRONTIER_FILE_OTHER,
    FRONTIER_FILE_SCENARIO,
    FRONTIER_FILE_DECISION,
    FRONTIER_FILE_OBJECTIVE,
    FRONTIER_FILE_FLAG,
    FRONTIER_FILE_BAND /**< of band_file_join */
};

/** Read /frontier. Collective as h5.h says.
 * \param [out] made  cleared by the caller; empty on failure
 * \return STATUS_OK, STATUS_INPUT (the file holds no frontier), STATUS_IO, STATUS_MEMORY */
enum status frontier_file_read(struct h5 *file, struct frontier_file_table *made,
                               struct status_why *why);

/** The same of a group in it, "/frontier/worst". */
enum status frontier_file_read_group(struct h5 *file, const char *group,
                                     struct frontier_file_table *made, struct status_why *why);
void frontier_file_clear(struct frontier_file_table *t);

#endif
