/** \file path.h
 * The exact ways through a space, one row of a table each: streaming evaluates every configuration,
 * bounded prunes boxes, factored takes objectives apart. All give the same rows; a study may force
 * one.
 */
#ifndef SEARCH_EXACT_PATH_H
#define SEARCH_EXACT_PATH_H

#include <mpi.h>
#include <stdbool.h>

#include "search/front/frontier.h"
#include "search/front/trace.h"
#include "search/problem.h"

/** What a search may do besides its result; a zeroed struct is fine. Its work is cut into items
 * that depend on the problem alone. */
struct path_options {
    /** [n_items] nonzero: done by an interrupted run, skip; the same on every rank. NULL: none. */
    const unsigned char *done;
    /** [n_survivors] what `record` was given for the done items, in any order; the same on every
     * rank. They are evaluated again, each by one rank. */
    const uint64_t *survivors;
    size_t n_survivors;
    /** Called after each item on the rank that did it, with configurations of the item, all those
     * among them that can be on the frontier; NULL: none. */
    enum status (*record)(void *context, size_t item, const uint64_t survivors[], size_t n,
                          struct status_why *why);
    void *context;
    /** What this rank has found is sampled into it between items; NULL: not. The factored path has
     * nothing to sample: its items make rows of the frontier at their end alone. */
    struct trace *trace;
};

/** In the order in which a study's choice numbers them, and the names that it uses. */
enum path_kind { PATH_AUTO, PATH_FACTORED, PATH_BOUNDED, PATH_STREAMING, PATH_N };
extern const char *const path_names[PATH_N + 1]; /**< ended by NULL */

struct path {
    enum path_kind kind;
    /** Whether the problem has what the path needs. */
    bool (*can)(const struct problem *problem);
    /** Number of items. \return STATUS_OK or STATUS_MEMORY */
    enum status (*n_items)(const struct problem *problem, size_t *n, struct status_why *why);
    /** The exact frontier (docs/model.md, M40 to M46).
     * Collective over \a comm. \param [out] made  the caller clears it (frontier_clear)
     * \return STATUS_OK; STATUS_INPUT naming the objective and configuration where a value of a
     * feasible configuration is not finite; STATUS_CHECKPOINTED; STATUS_MEMORY; agreed on */
    enum status (*search)(MPI_Comm comm, const struct problem *problem,
                          const struct path_options *options, struct frontier *made,
                          struct status_why *why);
};

/** The path for a problem: the one asked for, or the fastest that can. Tables are compared with the
 * evaluation at some configurations first; where they differ they are not used, and a line says so.
 * Not collective: the same on every rank.
 * \return NULL when the one asked for cannot, with the reason */
const struct path *path_choose(const struct problem *problem, enum path_kind wanted,
                               struct status_why *why);

#endif
