/** \file items.h
 * Items of work dealt over ranks, each with a result of fixed size that a journal keeps: after an
 * interruption the same calls do only what is missing, at any number of ranks, and end with the
 * same results. The lists of a phase are numbered one after the other in the order of the calls,
 * which therefore may depend on the study alone.
 */
#ifndef INPUTS_ITEMS_H
#define INPUTS_ITEMS_H

#include <mpi.h>
#include <stddef.h>

#include "solver/base/status.h"
#include "solver/base/team.h"

/** Opaque. */
struct items;

/** Open the journal of \a phase in \a folder, as journal_open.
 * Collective over \a comm.
 * \return as journal_open; STATUS_MEMORY; agreed on. items_close releases it */
enum status items_open(MPI_Comm comm, const char *folder, const char *phase, const char *digest,
                       struct items **made, struct status_why *why);

/** Close; the records stay. Collective over the communicator of items_open. NULL allowed. */
void items_close(struct items *items);

/** Do the items of \a work that are neither done nor recorded, and give every rank all results.
 * Collective over \a comm.
 * \param [in]     items    NULL: nothing is recorded
 * \param [in]     work     its item fills the part of \a results that is its own, and nothing else
 * \param [in]     bytes    of each result
 * \param [in,out] results  [work->n_items][bytes] zero bits; those of items marked as done stay so
 * \return as team_deal, or what the journal says; agreed on */
enum status items_deal(MPI_Comm comm, struct items *items, const struct team_work *work,
                       size_t bytes, void *results, struct status_why *why);

#endif
