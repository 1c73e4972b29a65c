/** \file parts.h
 * Devices and shares of servers as sums of parts, each a size times the carbon of a unit of it:
 * silicon by its area, memory by its capacity (inputs/data/parts.tsv; docs/model.md M286).
 */
#ifndef INPUTS_PARTS_H
#define INPUTS_PARTS_H

#include <mpi.h>
#include <stddef.h>

#include "solver/base/status.h"

struct parts_row {
    char whole[48]; /**< what it is a part of */
    char part[48];
    double count; /**< for each device */
    double size;  /**< in `unit` */
    char unit[8]; /**< "cm2", "GB", "piece" */
    double kg_per_unit;
    char source[64];
    int line;
};

/** Read parts.tsv. Collective over \a comm.
 * \param [out] rows  new array [*n]; the caller frees it
 * \return STATUS_OK, STATUS_INPUT with file and line, STATUS_MEMORY; agreed on */
enum status parts_read(MPI_Comm comm, const char *folder, struct parts_row **rows, size_t *n,
                       struct status_why *why);

/** Embodied carbon of all parts of \a whole for each device; NAN: there is none of the name. */
double parts_embodied_kg(const struct parts_row rows[], size_t n, const char *whole);

#endif
