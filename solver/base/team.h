/** \file team.h
 * Working together across MPI ranks. Every function that takes an MPI_Comm is collective over it;
 * outside this file only jobs/main.c calls MPI, and HDF5 by itself. What goes over is counted
 * (meter.h). The answer of a phase may not depend on the number of ranks:
 * items are numbered by the study, results are combined in item order.
 */
#ifndef SOLVER_BASE_TEAM_H
#define SOLVER_BASE_TEAM_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "solver/base/status.h"

/** Half-open range of the items of one rank. */
struct team_range {
    size_t begin, end;
};

/** The share of \a rank when \a n items are cut into \a size contiguous pieces whose lengths differ
 * by at most one. Not collective. */
struct team_range team_share(size_t n, int rank, int size);

/** Rank and size of \a comm. Not communicating. */
int team_rank(MPI_Comm comm);
int team_size(MPI_Comm comm);

/** Make a local failure everybody's failure.
 * Collective over \a comm. Call it before the next communication of a phase in which one rank alone
 * can fail, so that all ranks take the same branch and none waits for ever.
 * \param [in]     mine  outcome on this rank
 * \param [in,out] why   on failure every rank ends with the message of the lowest rank among those
 *                       with the gravest status
 * \return the gravest status over all ranks, the same on every rank */
enum status team_agree(MPI_Comm comm, enum status mine, struct status_why *why);
#ifdef __clang_analyzer__
/* Lets the analyzer see that a failure stays one. */
static inline enum status team_agree_seen(MPI_Comm comm, enum status mine, struct status_why *why)
{
    return mine != STATUS_OK ? mine : team_agree(comm, mine, why);
}
#define team_agree(comm, mine, why) team_agree_seen(comm, mine, why)
#endif

/** Give every rank the bytes of rank 0.
 * Collective over \a comm.
 * \param [in,out] bytes  rank 0: [*n]; others: replaced by a new copy that the caller frees, NULL
 * on failure; one more byte, a zero, follows its last \param [in,out] n      number of bytes
 * \return STATUS_OK or STATUS_MEMORY, agreed on */
enum status team_broadcast(MPI_Comm comm, char **bytes, size_t *n, struct status_why *why);

/** Complete an array of which every element was filled by exactly one rank and is all zero bits on
 * the others.
 * Collective over \a comm; cannot fail.
 * \param [in,out] data  [n_bytes], as many on every rank */
void team_fill(MPI_Comm comm, void *data, size_t n_bytes);

/** Gather blocks of different lengths on every rank, in rank order.
 * Collective over \a comm.
 * \param [in]  mine    [n_mine] bytes of this rank; may be NULL if \a n_mine is 0
 * \param [out] all     new array, [*n_all]; the caller frees it; NULL on failure
 * \param [out] n_all   sum of \a n_mine over the ranks
 * \return STATUS_OK or STATUS_MEMORY, agreed on */
enum status team_gather(MPI_Comm comm, const void *mine, size_t n_mine, void **all, size_t *n_all,
                        struct status_why *why);

/** Give each rank its part of the bytes of every rank, in rank order of their givers.
 * Collective over \a comm.
 * \param [in]  mine   the parts one behind the other
 * \param [in]  n_to   [size] bytes of each part
 * \param [out] got    new array, [*n_got]; the caller frees it; NULL on failure
 * \return STATUS_OK or STATUS_MEMORY, agreed on */
enum status team_exchange(MPI_Comm comm, const void *mine, const size_t n_to[], void **got,
                          size_t *n_got, struct status_why *why);

/** Give every rank \a n bytes of rank \a from, as many on every rank.
 * Collective over \a comm; cannot fail. \param [in,out] bytes  [n] */
void team_spread(MPI_Comm comm, int from, void *bytes, size_t n);

/** Sum over all ranks. Collective over \a comm. */
uint64_t team_sum(MPI_Comm comm, uint64_t mine);

/** Largest over all ranks. Collective over \a comm. */
double team_max(MPI_Comm comm, double mine);

/** Sum over the ranks before this one; 0 on rank 0. Collective over \a comm. */
uint64_t team_before(MPI_Comm comm, uint64_t mine);

/** Wait until every rank is here. Collective over \a comm. */
void team_meet(MPI_Comm comm);

/** Letters from rank to rank, of any length, sent and looked for without ever waiting: for ranks
 * that have something else to watch at the same time. Opaque. */
struct team_post;

/** Collective over \a comm. \param [out] made  closed by team_post_close
 * \return STATUS_OK or STATUS_MEMORY, agreed on */
enum status team_post_open(MPI_Comm comm, struct team_post **made, struct status_why *why);

/** Send a copy of \a n bytes to another rank. Letters of one sender arrive in their order.
 * \return STATUS_OK or STATUS_MEMORY */
enum status team_post_send(struct team_post *post, int to, const void *bytes, size_t n,
                           struct status_why *why);

/** Take a letter that has arrived. \param [out] bytes  [most]; no letter may be longer
 * \param [out] from, n  NULL allowed. \return false when there is none */
bool team_post_take(struct team_post *post, int *from, void *bytes, size_t most, size_t *n);

/** Every letter sent must have been taken. Collective over the ranks of team_post_open, which sleep
 * while they wait for each other. NULL is allowed, on all ranks. */
void team_post_close(struct team_post *post);

/** Sleep for a moment, a longer one each time, up to a millisecond: for loops that look around and
 * found nothing to do. \param [in,out] slept  0: begin anew */
void team_rest(long *slept);

/** A list of items to be done once each, on any rank, in any order. */
struct team_work {
    const char *label; /**< of the progress line */
    size_t n_items;    /**< the same on every rank */
    /** [n_items] nonzero: done already, skip; the same on every rank, not to be changed by `item`;
     * NULL: none */
    const unsigned char *done;
    /** Does one item on this rank; must not communicate. A failure stops all ranks. */
    enum status (*item)(void *context, size_t item, struct status_why *why);
    void *context;
};

/** Hand the items to the ranks as these become free; rank 0 works too. Waiting ranks sleep. An item
 * should take milliseconds or more, and rank 0 answers only between its own items.
 * Collective over \a comm; ranks without an item are fine.
 * \return STATUS_OK when all items are done; STATUS_CHECKPOINTED when some are not because a rank
 *         was asked to stop (see interrupt.h): items begun were finished; else the gravest failure,
 *         after which items begun elsewhere were finished too; agreed on */
enum status team_deal(MPI_Comm comm, const struct team_work *work, struct status_why *why);

#endif
