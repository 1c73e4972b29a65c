/** \file meter_file.h
 * The counts of a run (solver/base/meter.h) in its result, /run/meter: a row a rank, a column a
 * phase.
 */
#ifndef INPUTS_METER_FILE_H
#define INPUTS_METER_FILE_H

#include <mpi.h>

#include "inputs/h5.h"

/** Write the counts until now of all ranks, and say them at level debug: sums over the ranks;
 * collectives of one, of seconds and memory the most. Collective over \a comm and as h5.h says. */
enum status meter_file_write(MPI_Comm comm, struct h5 *file, struct status_why *why);

#endif
