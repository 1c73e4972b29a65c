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
#include "search/problem.h"

/** The rows of the frontier; every rank holds all of them. Clear with frontier_clear. */
struct frontier {
    size_t n_rows, n_objectives;
    uint64_t *configurations; /**< [n_rows] global index */
    double *objectives; /**< [n_rows][n_objectives] rounded, with their own sign (not negated) */
    /** Over all ranks, of this run; may differ between equal runs. frontier_merge sets the
     * duplicates, the search the others. */
    uint64_t n_evaluated, n_feasible, n_duplicates;
    uint64_t n_survivors; /**< rows gathered before the last filter */
};

/** Unite the local fronts of all ranks: gather their points, let each rank filter its own against
 * all others, gather what is left (docs/model.md, M43).
 * Collective over \a comm.
 * \param [in]  local      [n_scenarios] settled fronts of this rank, objectives minimised; NULL
 * for a level of which this rank has no point
 * \param [in]  n_scenarios  number of scenario levels of problem->space
 * \param [out] made       the same on every rank; the caller clears it
 * \return STATUS_OK or STATUS_MEMORY, agreed on */
enum status frontier_merge(MPI_Comm comm, const struct problem *problem,
                           struct pareto *const local[], size_t n_scenarios, struct frontier *made,
                           struct status_why *why);

/** Unite rows of all ranks of which none removes another: only the order is made.
 * Collective over \a comm.
 * \param [in]  points  [n][n_objectives] minimised and rounded, of this rank's \a n configurations
 * \param [out] made    the same on every rank; the caller clears it
 * \return STATUS_OK or STATUS_MEMORY, agreed on */
enum status frontier_collect(MPI_Comm comm, const struct problem *problem, size_t n,
                             const uint64_t configurations[], const double points[],
                             struct frontier *made, struct status_why *why);
void frontier_clear(struct frontier *f);

#endif
