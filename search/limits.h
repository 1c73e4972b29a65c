/** \file limits.h
 * Why a search has no feasible configuration: how many configurations break each limit, how many
 * break it alone, and the nearest value that can be reached, alone and while all other limits are
 * kept.
 */
#ifndef SEARCH_LIMITS_H
#define SEARCH_LIMITS_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "search/problem.h"

/** What is known of one limit. */
struct limits_row {
    uint64_t n_broken; /**< configurations looked at that break it */
    uint64_t n_alone;  /**< and keep all other limits */
    double reached;    /**< the value nearest to the limit of all configurations, a value within
                          the limit included; NAN where none has the outcome */
    double nearest;    /**< the same of the configurations that keep all other limits */
};

struct limits_report {
    uint64_t n_seen;      /**< configurations looked at: all, or a sample of large spaces */
    uint64_t n_undefined; /**< of these, without an outcome; they count for no limit */
    bool is_sample;
    struct limits_row rows[PROBLEM_MAX_CONSTRAINTS]; /**< [problem->n_constraints] */
};

/** Spaces of more configurations are sampled: LIMITS_SAMPLE of them, evenly spread. */
enum { LIMITS_MOST_COUNTED = 10000000, LIMITS_SAMPLE = 1000000 };

/** Report on every limit of a problem without a feasible configuration. The values are
 * exact for a space of any size: each is a search for one outcome, by the paths of path.h.
 * Collective over \a comm; the same on every rank and at any number of ranks.
 * \param [in]  most_counted  LIMITS_MOST_COUNTED, but in tests
 * \return STATUS_OK, STATUS_CHECKPOINTED, STATUS_INPUT or STATUS_MEMORY as the paths, agreed on */
enum status limits_explain(MPI_Comm comm, const struct problem *problem, uint64_t most_counted,
                           struct limits_report *made, struct status_why *why);

#endif
