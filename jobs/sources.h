/** \file sources.h
 * The frontier files that are to be united: checked to belong together, and read by rows. They are
 * either all the shards of one study or frontiers of several studies with the same objectives and
 * scenario axes. Every rank opens every file by itself.
 */
#ifndef JOBS_SOURCES_H
#define JOBS_SOURCES_H

#include <mpi.h>
#include <stdbool.h>

#include "inputs/h5.h"
#include "search/problem.h"

/** One file. */
struct source {
    const char *path; /* not owned */
    struct h5 *file;
    size_t n_rows, first; /**< rows, and those of the files before */
    uint64_t n_decisions, shard, n_shards;
    size_t n_levels;
    size_t *levels; /**< [n_levels] of the union, by its own scenario level; NULL for shards */
};

/** A column that all files have. */
struct source_column {
    char *name, *role;
    enum h5_type type;
    size_t n_meanings; /**< of all files together; 0: no category */
    char **meanings;   /**< [n_meanings] */
    int32_t **codes;   /**< [n_sources][own code] position in meanings, */
    size_t *n_codes;   /**< [n_sources] of so many */
};

/** Cleared by sources_clear. */
struct sources {
    size_t n;
    struct source *sources;
    bool are_shards;
    char *corpus;         /**< of studies with one (corpus.h); NULL: of shards */
    char difference[700]; /**< of several: what differs in which two files; else empty */
    size_t n_columns;
    struct source_column *columns;
    struct space space;     /**< as many scenario levels, and configurations of each, as needed */
    struct problem problem; /**< its objectives; nothing can be evaluated */
};

/** Open and check. Collective over \a comm.
 * \param [in] paths  [n] borrowed
 * \param [in] mixed  whether the losses may be of different corpora
 * \return STATUS_OK; STATUS_INPUT: a file cannot be read, holds no frontier, is given twice, a
 * shard is missing or of another study, the objectives, scenario axes or corpora differ; STATUS_IO;
 * STATUS_MEMORY; agreed on */
enum status sources_open(MPI_Comm comm, const char *const paths[], size_t n, bool mixed,
                         struct sources *made, struct status_why *why);
void sources_clear(struct sources *s);

/** What orders and names rows \a begin to \a begin + \a n of a file among those of all: their
 * configurations, for shards; else level and position. \param [out] keys  [n] indices into space */
enum status sources_keys(const struct sources *s, size_t source, size_t begin, size_t n,
                         uint64_t keys[], struct status_why *why);

/** Objectives of these rows, minimised. \param [out] x  [n][n_objectives] */
enum status sources_points(const struct sources *s, size_t source, size_t begin, size_t n,
                           double x[], struct status_why *why);

/** Values of a column in these rows; codes are those of all files. \param [out] values  [n] of the
 * column's type */
enum status sources_values(const struct sources *s, size_t source, size_t column, size_t begin,
                           size_t n, void *values, struct status_why *why);

/** Bytes of one value. */
size_t sources_size(enum h5_type type);

#endif
