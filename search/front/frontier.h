/** \file frontier.h
 * The Pareto frontier over all ranks: one front a scenario level, merged from what each rank found,
 * in canonical order: scenario level, objectives as minimised, global index.
 */
#ifndef SEARCH_FRONT_FRONTIER_H
#define SEARCH_FRONT_FRONTIER_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

#include "search/front/pareto.h"
#include "search/front/rows.h"
#include "search/problem.h"

/** The rows of the frontier, each on one rank: rank after rank whole chunks of a file's columns, as
 * h5_column_share deals them. Clear with frontier_clear. */
struct frontier {
    size_t n_rows, n_objectives; /**< rows of all ranks */
    size_t first, n_mine;        /**< rows first ... first + n_mine - 1 are on this rank */
    uint64_t *configurations;    /**< [n_mine] global index */
    double *objectives; /**< [n_mine][n_objectives] rounded, with their own sign (not negated) */
    /** Over all ranks, of this run; may differ between equal runs. frontier_merge sets the
     * duplicates, the search the others. */
    uint64_t n_evaluated, n_feasible, n_undefined, n_duplicates;
    uint64_t n_survivors; /**< rows of all ranks before the last filter */
};

/** Up to so many survivors are gathered on every rank; more are spread over the ranks
 * (docs/model.md M43). The rows are the same. */
enum { FRONTIER_MOST_GATHERED = 1000000 };

/** Unite the local fronts of all ranks: what a front of any rank removes goes.
 * Collective over \a comm.
 * \param [in,out] local      [n_scenarios] settled fronts of this rank, objectives minimised; NULL
 * for a level of which this rank has no point. They are destroyed, so that their memory is free
 * for the rows, and left NULL
 * \param [in]  n_scenarios   number of scenario levels of problem->space
 * \param [in]  most_gathered  FRONTIER_MOST_GATHERED, but in tests
 * \param [out] made          the caller clears it
 * \return STATUS_OK or STATUS_MEMORY, agreed on */
enum status frontier_merge(MPI_Comm comm, const struct problem *problem, struct pareto *local[],
                           size_t n_scenarios, size_t most_gathered, struct frontier *made,
                           struct status_why *why);

/** Unite rows of all ranks, many as a rule: they stay spread over the ranks, and what another one
 * removes goes. The rows are those of frontier_merge.
 * Collective over \a comm.
 * \param [in]     lead  objective to sweep along: that without which the fewest rows would be left
 * \param [in,out] mine  of this rank, minimised and rounded; taken over and left empty
 * \param [out]    made  the caller clears it
 * \return STATUS_OK or STATUS_MEMORY, agreed on */
enum status frontier_sweep(MPI_Comm comm, const struct problem *problem, size_t lead,
                           struct rows *mine, struct frontier *made, struct status_why *why);

/** Unite rows of all ranks of which none removes another: only the order is made.
 * Collective over \a comm.
 * \param [in,out] mine  of this rank, minimised and rounded; taken over and left empty
 * \param [out]    made  the caller clears it
 * \return STATUS_OK or STATUS_MEMORY, agreed on */
enum status frontier_collect(MPI_Comm comm, const struct problem *problem, struct rows *mine,
                             struct frontier *made, struct status_why *why);
void frontier_clear(struct frontier *f);

#endif
