/** \file registry.h
 * The tables under inputs/data: devices, formats, grids, sites, materials, published laws. Each row
 * carries the key of its source in docs/sources.bib. A field out of range, an unknown column, a
 * sparse peak, or materials that do not sum to the device's mass are refused with file and line.
 */
#ifndef INPUTS_REGISTRY_H
#define INPUTS_REGISTRY_H

#include <mpi.h>
#include <stddef.h>

#include "solver/base/status.h"
#include "solver/hardware.h"
#include "solver/laws/law.h"

/** Folder of the shipped tables: SCALEFRONT_DATA when set, else the folder installed or built with
 * the program. */
const char *registry_folder(void);

/** Read devices.tsv, formats.tsv, grids.tsv, sites.tsv and materials.tsv of \a folder.
 * Collective over \a comm. \param [out] made  cleared by registry_clear
 * \return STATUS_OK, STATUS_INPUT, STATUS_MEMORY, agreed on */
enum status registry_read(MPI_Comm comm, const char *folder, struct hardware_catalogue *made,
                          struct status_why *why);
void registry_clear(struct hardware_catalogue *c);

/** Read laws.tsv: published coefficients at full precision. Laws that are formulas must have been
 * read before (forms_read).
 * \param [out] sets  new array [*n]; the caller frees it */
enum status registry_read_laws(MPI_Comm comm, const char *folder, struct law_set **sets, size_t *n,
                               struct status_why *why);

/** The set called \a id, or NULL. */
const struct law_set *registry_find_law(const struct law_set sets[], size_t n, const char *id);

#endif
