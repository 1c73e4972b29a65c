/** \file propose.h
 * The next design of a Bayesian search: a function of the problem, the results that are in, the
 * designs that are under way, the number of the design, and nothing else; so the same search gives
 * the same designs at any number of ranks, in any order of arrival, after any restart. Scrambled
 * Sobol points first, then the design of greatest expected hypervolume improvement times the
 * probability of feasibility, designs under way being believed (docs/model.md, Bayesian search).
 */
#ifndef SEARCH_BAYES_PROPOSE_H
#define SEARCH_BAYES_PROPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "search/bayes/gp.h"
#include "search/bayes/variable.h"
#include "solver/base/status.h"

enum { PROPOSE_MAX_OBJECTIVES = 8, PROPOSE_MAX_LIMITS = 16, PROPOSE_NAME_SIZE = 40 };

/** A named outcome of an evaluation: an objective, or one that must stay inside bounds that only
 * the evaluation reveals. */
struct propose_objective {
    char name[PROPOSE_NAME_SIZE], unit[PROPOSE_NAME_SIZE];
    bool maximise;
    bool is_log;             /**< positive; the process and the volume see its logarithm */
    double ideal, reference; /**< of the hypervolume, its own unit and sense; NAN: reference from
                                the results of the first designs (their worst, a tenth of their
                                range beyond), ideal likewise */
    double noise_sd; /**< known standard deviation of an evaluation, unit of what the process sees;
                        0: unknown, learnt */
};

struct propose_limit {
    char name[PROPOSE_NAME_SIZE], unit[PROPOSE_NAME_SIZE];
    double lower, upper; /**< -INFINITY, INFINITY where there is none; both included */
};

struct propose_problem {
    size_t n_variables;
    struct variable variables[VARIABLE_MOST];
    size_t n_objectives; /**< 1 to PROPOSE_MAX_OBJECTIVES */
    struct propose_objective objectives[PROPOSE_MAX_OBJECTIVES];
    size_t n_limits; /**< outcomes with bounds, known after an evaluation only */
    struct propose_limit limits[PROPOSE_MAX_LIMITS];
    /** Whether a design may be evaluated at all; constraints known beforehand. NULL: every one may.
     * \param [in] values  [n_variables] as variable_value gives */
    bool (*is_allowed)(const void *context, const double values[]);
    const void *context;
    uint64_t seed;
    size_t n_initial; /**< Sobol designs before the first model; >= 2 */
    size_t lag;       /**< W >= 1: design k is made from exactly the results with id <= k - W */
};

/** How an evaluation ended. Lost ones (the machine took the process away) are no results: they are
 * done again under the same id. */
enum propose_outcome {
    PROPOSE_DONE,   /**< objectives and limits have values */
    PROPOSE_FAILED, /**< no values: an infeasible label at that design, never a made-up objective */
    PROPOSE_N_OUTCOMES
};

struct propose_result {
    uint64_t id; /**< from 0; results imported from elsewhere come before all others */
    enum propose_outcome outcome;
    double u[VARIABLE_MOST];                   /**< [n_variables] snapped */
    double objectives[PROPOSE_MAX_OBJECTIVES]; /**< [n_objectives] as evaluated, own sense */
    double limits[PROPOSE_MAX_LIMITS];         /**< [n_limits] */
};

/** What was learnt so far, carried from one design to the next and recorded with it: plain data,
 * zeroed before the first design. */
struct propose_state {
    uint64_t n_learnt; /**< results that the hyper-parameters were learnt from; 0: none yet */
    struct gp_hyper hyper[PROPOSE_MAX_OBJECTIVES + PROPOSE_MAX_LIMITS + 1]; /**< objectives, limits,
                                                              and success where one has failed */
};

/** Design number \a id.
 * \param [in]     results  [n_results] imported ones and those with id + lag <= the number asked
 *                          for, in order of id
 * \param [in]     pending  [n_pending][n_variables] designs made before and not among the results,
 *                          in order of id
 * \param [in,out] state    of the design before; hyper-parameters are learnt again with each
 *                          design up to 100 results, each `lag` designs up to 500, then each fifth
 *                          of these times
 * \param [out]    u  [n_variables] snapped; allowed; none of those evaluated or pending, unless
 *                    the problem states that objectives are noisy
 * \return STATUS_OK; STATUS_NO when all allowed designs have been evaluated or are pending and
 * no noise is stated: nothing is left to propose, now or later; STATUS_INPUT when no allowed
 * design is found; STATUS_MEMORY */
enum status propose_design(const struct propose_problem *problem, uint64_t id, size_t n_results,
                           const struct propose_result results[], size_t n_pending,
                           const double pending[], struct propose_state *state, double u[],
                           struct status_why *why);

/** Share of the box between ideal and reference that the feasible results dominate, in what the
 * process sees; exact up to four objectives. Ideal and reference as the problem states them, else
 * of the first n_initial results. \return STATUS_OK or STATUS_MEMORY */
enum status propose_hypervolume(const struct propose_problem *problem, size_t n_results,
                                const struct propose_result results[], double *share,
                                struct status_why *why);

#endif
