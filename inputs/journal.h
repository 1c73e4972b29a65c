/** \file journal.h
 * Restart records. A long phase is a list of numbered items; the journal keeps each result as a
 * record (item, length, bytes, CRC-32C) in one append-only segment a rank, so that the same command
 * goes on where it stopped, at any number of ranks. A journal begins with a digest of study, inputs
 * and version; with another digest it is refused. Each opening compacts what was there into a new
 * generation (temporary, fsync, rename) and keeps the one before. docs/formats.md, Journal.
 */
#ifndef INPUTS_JOURNAL_H
#define INPUTS_JOURNAL_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

#include "solver/base/status.h"

/** Opaque. */
struct journal;

/** One record read back; \a bytes is borrowed from the journal. */
struct journal_record {
    uint64_t item;
    size_t n;
    const void *bytes;
};

/** CRC-32C (Castagnoli); check value of "123456789" is e3069283. */
uint32_t journal_crc32c(const void *bytes, size_t n);

/** Open the journal in folder \a path, made when missing; read the records of all segments of an
 * earlier run, dropping a torn tail; begin a new segment for this rank.
 * Collective over \a comm.
 * \param [in] phase   "bootstrap", "stream": part of the segments' names
 * \param [in] digest  hexadecimal; of everything that the results depend on
 * \return STATUS_OK; STATUS_INPUT when the records are of another digest; STATUS_IO; agreed on */
enum status journal_open(MPI_Comm comm, const char *path, const char *phase, const char *digest,
                         struct journal **made, struct status_why *why);

/** Records of the earlier run, in item order, one an item (the first whole one). Borrowed. */
size_t journal_n_records(const struct journal *j);
const struct journal_record *journal_record(const struct journal *j, size_t i);

/** Append a record. Written at once, synced each 5 s and by journal_sync. Not collective. */
enum status journal_append(struct journal *j, uint64_t item, const void *bytes, size_t n,
                           struct status_why *why);

/** Make all records so far durable. Not collective. */
enum status journal_sync(struct journal *j, struct status_why *why);

/** Close; records stay. Collective. NULL allowed. */
void journal_close(struct journal *j);

/** Remove the journals of all phases in folder \a path: the result is written. Collective over \a
 * comm. \param [in] digest  only those of it; NULL: whatever they are of */
enum status journal_remove(MPI_Comm comm, const char *path, const char *digest,
                           struct status_why *why);

#endif
