/** \file published.h
 * A published figure, recomputed: what its row gives is bound, its law made, its question answered,
 * and what comes out is judged.
 */
#ifndef JOBS_PUBLISHED_H
#define JOBS_PUBLISHED_H

#include <mpi.h>

#include "inputs/validation.h"

/** A figure computed. */
struct published {
    double value;
    enum validation_verdict verdict;
};

/** Compute the figure of a row. Collective over \a comm (reads laws).
 * \return STATUS_OK; STATUS_INPUT with file, line and what the row lacks; agreed on */
enum status published_compute(MPI_Comm comm, const struct validation_row *row,
                              const struct validation_tables *tables, struct published *made,
                              struct status_why *why);

#endif
