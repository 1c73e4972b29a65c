/** \file pool.h
 * Candidates for the next design of a Bayesian search: allowed, not taken already, drawn anew or
 * made from designs that are known to be good.
 */
#ifndef SEARCH_BAYES_POOL_H
#define SEARCH_BAYES_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "search/bayes/propose.h"
#include "solver/base/rng.h"
#include "solver/base/status.h"

/** Caller's storage; plain data but for u. */
struct pool {
    const struct propose_problem *problem; /* not owned */
    size_t n_taken;
    const double *taken; /* not owned; [n_taken][n_variables] not to be proposed again */
    struct rng rng;
    size_t n, room;
    double *u; /**< [n][n_variables] snapped */
};

/** An empty pool with the stream of numbers of design \a id. \param [in] room  most candidates
 * \return STATUS_OK or STATUS_MEMORY; cleared by the caller, also after a failure */
enum status pool_create(const struct propose_problem *problem, uint64_t id, size_t n_taken,
                        const double taken[], size_t room, struct pool *made,
                        struct status_why *why);
void pool_clear(struct pool *p);

/** Add a design after snapping it, if it is allowed and free. \param [in,out] u  [n_variables]
 * \return whether it was added */
bool pool_offer(struct pool *p, double u[]);

/** Offer \a n points of a Sobol sequence of this design's own, from the first one on. */
void pool_sample(struct pool *p, size_t n);

/** Offer \a n designs near one of \a n_parents, each at a distance between the coarsest and the
 * finest that makes sense. \param [in] parents  [n_parents][n_variables] */
void pool_perturb(struct pool *p, size_t n, size_t n_parents, const double parents[]);

/** Offer \a n designs between and beyond two of \a n_parents >= 2. */
void pool_cross(struct pool *p, size_t n, size_t n_parents, const double parents[]);

/** Offer \a n designs that differ from \a centre by about \a scale in some variables; levels by one
 * step or a few. */
void pool_surround(struct pool *p, size_t n, const double centre[], double scale);

/** Every free design of a space of levels alone, if it has at most \a most designs, free or not.
 * \return whether it has */
bool pool_enumerate(struct pool *p, size_t most);

/** The first free design of the search's own Sobol sequence, else of the space in its order.
 * \param [out] u  [n_variables]
 * \return STATUS_OK; STATUS_NO when a space of levels is seen to have allowed designs, all taken;
 * STATUS_INPUT when no allowed design is found */
enum status pool_first(const struct pool *p, double u[], struct status_why *why);

#endif
