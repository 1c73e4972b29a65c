/** \file band.h
 * A frontier under uncertainty. A draw is the same problem with other figures: a replicate of the
 * fit, perhaps with a drawn catalogue. For every row of the point frontier, and for configurations
 * that are often as good, the band says how much is lost where a draw is the truth (docs/model.md
 * M260 to M265): the regret, against the draw's own exact frontier.
 */
#ifndef SEARCH_FRONT_BAND_H
#define SEARCH_FRONT_BAND_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

#include "search/front/frontier.h"
#include "search/problem.h"

enum { BAND_N_QUANTILES = 5 };

/** Shares of the draws in which the regret is at most the quantile. */
extern const double band_shares[BAND_N_QUANTILES];

struct band_options {
    const struct problem *point;     /**< the problem at the point estimate */
    const struct frontier *frontier; /**< of it, spread over the ranks */
    size_t objective;                /**< whose regret: minimised; the others are costs */
    size_t n_draws;                  /**< numbered from 1 */
    double epsilon; /**< a row is within if its regret is at most this; 0: as tolerance says */
    /** The regret that counts as none at a configuration, at least 0. Deterministic. */
    double (*tolerance)(const void *context, uint64_t configuration);
    const char *tolerance_name; /**< what that regret is, for people; static */
    double keep;                /**< least probability_within of rows off the frontier */
    size_t most_candidates;     /**< of a scenario level, to be looked at beside the frontier */
    /** The problem of a draw and its exact frontier. Deterministic; called on one rank, must not
     * communicate. \param [out] problem  borrowed until the next call; the same space
     * \param [out] made  all rows; the caller clears it */
    enum status (*draw)(void *context, size_t k, const struct problem **problem,
                        struct frontier *made, struct status_why *why);
    void *context;
    const char *journal; /**< folder of restart records; NULL: none are kept */
    const char *digest;  /**< of all that the band depends on */
};

/** One row of the band. */
struct band_row {
    uint64_t configuration;
    double value;                    /**< of the objective at the point estimate, rounded */
    double epsilon;                  /**< tolerance of the row */
    double regret[BAND_N_QUANTILES]; /**< over the draws in which it is feasible; NAN: none */
    double within;     /**< share of the draws: feasible, with a regret of at most epsilon */
    double feasible;   /**< share of the draws */
    double membership; /**< share of the draws on whose frontier it is */
};

/** Every rank holds all of it; cleared by band_clear. */
struct band {
    size_t n_draws;
    size_t n_rows;     /**< first those of the frontier, in its order, then others by index */
    size_t n_frontier; /**< rows of the frontier */
    struct band_row *rows;
    size_t n_candidates; /**< looked at beside the frontier */
    size_t n_cut; /**< seen on frontiers of draws and left out: most_candidates was reached */
    bool all_candidates;        /**< they were all configurations there are */
    const char *tolerance_name; /**< of the options */
};

/** Find the band. Draws are dealt over the ranks, and kept in the journal one by one.
 * Collective over \a comm; the same bits at any number of ranks.
 * \return STATUS_OK; STATUS_INPUT (more rows times draws than are held, or what draw says);
 * STATUS_CHECKPOINTED; STATUS_MEMORY; agreed on */
enum status band_make(MPI_Comm comm, const struct band_options *options, struct band *made,
                      struct status_why *why);
void band_clear(struct band *b);

#endif
