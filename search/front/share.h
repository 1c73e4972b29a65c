/** \file share.h
 * Rows spread over ranks: sorted in canonical order over all of them, filtered there, and dealt out
 * as the columns of a file want them (docs/model.md M43). No rank ever holds them all.
 */
#ifndef SEARCH_FRONT_SHARE_H
#define SEARCH_FRONT_SHARE_H

#include <mpi.h>

#include "search/front/rows.h"

/** Objectives, and configurations of a scenario level. */
struct share_shape {
    size_t m;
    uint64_t n_decisions;
};

/** Sort over the ranks: afterwards each holds a range of the canonical order, behind those of lower
 * ranks, each configuration once. Rows that are equal but for the index meet on one rank.
 * Collective over \a comm.
 * \return STATUS_OK or STATUS_MEMORY, agreed on */
enum status share_sort(MPI_Comm comm, const struct share_shape *shape, struct rows *mine,
                       struct status_why *why);

/** Keep those of this rank's rows that no row of any rank removes.
 * Collective over \a comm, on rows sorted by share_sort.
 * \param [in,out] n_duplicates  counts those that went because an equal row has a lower index
 * \return STATUS_OK or STATUS_MEMORY, agreed on */
enum status share_filter(MPI_Comm comm, const struct share_shape *shape, struct rows *mine,
                         uint64_t *n_duplicates, struct status_why *why);

/** Move sorted rows so that each rank holds those that h5_column_share gives it.
 * Collective over \a comm.
 * \param [out] n_rows  of all ranks. \param [out] first  of this rank
 * \return STATUS_OK or STATUS_MEMORY, agreed on */
enum status share_deal(MPI_Comm comm, const struct share_shape *shape, struct rows *mine,
                       size_t *n_rows, size_t *first, struct status_why *why);

#endif
