/** \file registry.h
 * The tables under inputs/data, which make the catalogue of solver/hardware, and published laws.
 * Each row carries the key of its source in docs/sources.bib. A field out of range, an unknown
 * column, a sparse peak, or materials that do not sum to the device's mass are refused with file
 * and line.
 */
#ifndef INPUTS_REGISTRY_H
#define INPUTS_REGISTRY_H

#include <mpi.h>
#include <stddef.h>

#include "inputs/study/study.h"
#include "solver/base/status.h"
#include "solver/hardware.h"
#include "solver/laws/law.h"

/** Folder of the shipped tables: SCALEFRONT_DATA when set, else the folder installed or built with
 * the program. */
const char *registry_folder(void);

enum { REGISTRY_PATH_SIZE = 2048 };

/** What a user puts beside the shipped tables, and how they are read. Begins as zero. */
struct registry_options {
    char own[HARDWARE_N_TABLES]
            [REGISTRY_PATH_SIZE]; /**< a table of the user's, by its path; or "" */
    enum hardware_reading reading;
    double heavy_above_g_per_cm3; /**< threshold of the class `heavy`; 0: as the table says */
};

/** Read the tables of \a folder and those of the user.
 * Collective over \a comm.
 * \param [in] options  NULL: the shipped tables alone
 * \param [out] made    cleared by registry_clear
 * \return STATUS_OK, STATUS_INPUT, STATUS_MEMORY, agreed on */
enum status registry_read(MPI_Comm comm, const char *folder, const struct registry_options *options,
                          struct hardware_catalogue *made, struct status_why *why);

/** The shipped tables and those that the study names under `catalogue`. Like registry_read. */
enum status registry_read_study(MPI_Comm comm, const struct study *study,
                                struct hardware_catalogue *made, struct status_why *why);
void registry_clear(struct hardware_catalogue *c);

/** A device, grid or site of which nothing is known: all figures NAN.
 * \param [in] table  HARDWARE_DEVICES, HARDWARE_GRIDS or HARDWARE_SITES; \param [out] row  of it */
void registry_blank(enum hardware_table table, void *row);

/** Set one figure of a device, grid or site by its column, in the unit and range of the table.
 * \param [in] file, line  where it is said, for messages
 * \return STATUS_OK, or STATUS_INPUT: no such column, or a value that it does not take */
enum status registry_set(enum hardware_table table, void *row, const char *column,
                         const char *value, const char *file, int line, struct status_why *why);

/** Read laws.tsv: published coefficients at full precision. Laws that are formulas must have been
 * read before (forms_read).
 * \param [out] sets  new array [*n]; the caller frees it */
enum status registry_read_laws(MPI_Comm comm, const char *folder, struct law_set **sets, size_t *n,
                               struct status_why *why);

/** The set called \a id, or NULL. */
const struct law_set *registry_find_law(const struct law_set sets[], size_t n, const char *id);

#endif
