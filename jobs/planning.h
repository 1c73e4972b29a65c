/** \file planning.h
 * Binds a study and its fit to search/plan: candidate runs priced by the footprint, what each would
 * tell about the law, and what the plan leaves unknown. docs/model.md M300 to M310.
 */
#ifndef JOBS_PLANNING_H
#define JOBS_PLANNING_H

#include <mpi.h>
#include <stdbool.h>

#include "fitting/uncertainty/inform.h"
#include "inputs/study/study.h"
#include "jobs/allocation.h"
#include "jobs/model.h"
#include "search/plan.h"
#include "search/regret.h"

/** A run that may be planned. */
struct planning_run {
    double params, tokens, compute_flop;
    double cost;                   /**< in the unit of the budget */
    double loss_nat, lower, upper; /**< what it is expected to show before any planned run */
};

/** What one step of the plan does beside the target. */
struct planning_step {
    size_t settles; /**< the parameter of the law that it settles most */
    double factor;  /**< its standard deviation after over before */
};

/** What the plan does to the regret, where that is the target. */
struct planning_regret {
    struct regret *after;    /**< [plan.n + 1] after so many runs; NULL: another target */
    double *saved_flop;      /**< [plan.n] of the target's compute, by each run */
    double exact_nat;        /**< of today's choice, the replicates being true; NAN without any */
    double by_curvature_nat; /**< the same to lowest order */
};

/** Everything bound. Borrows the study and the model; cleared by planning_clear. */
struct planning {
    const struct study *study;
    const struct model *model;
    struct allocation allocation;
    struct design base; /**< what all runs share */
    struct inform inform;
    enum inform_target target;
    bool is_regret;      /**< the target is what errors of INFORM_PARAMS cost */
    size_t parameter;    /**< of INFORM_PARAMETER */
    double compute_flop; /**< of the target */
    enum footprint_outcome currency;
    double budget, confidence;
    double noise;  /**< standard deviation of the residual of a new run */
    double excess; /**< factor of the noise that a fit by the objective works with, M305 */
    double value;  /**< of the target at the optimum, as inform_aim gives it */
    size_t n_runs;
    struct planning_run *runs;                      /**< [n_runs] candidates within the budget */
    size_t n_draws;                                 /**< the optimum and replicates of the fit */
    double *information, *rows, *gradients, *costs; /**< of the plan_problem */
    double *weights, *slopes; /**< [n_draws] half the curvature and slope at the optimum, M308 */
    struct plan_problem problem;
    struct plan plan;
    struct planning_step *steps; /**< [plan.n] */
    struct planning_regret regret;
    bool open_before[LAW_MAX_PARAMETERS], open_after[LAW_MAX_PARAMETERS]; /**< by parameter, M304 */
};

/** Plan. Collective over \a comm; every rank holds the result, which it computes itself.
 * \return STATUS_OK; STATUS_INPUT with the place in the study: no budget, an unknown target, a law
 * without the optimum that the target is of, no range of candidates, no noise, a price whose inputs
 * or figures are absent; STATUS_NO: no candidate is within the budget; STATUS_MEMORY; agreed on */
enum status planning_make(MPI_Comm comm, const struct study *study, const struct model *model,
                          struct planning *made, struct status_why *why);
void planning_clear(struct planning *p);

/** The target's interval after the first \a n <= plan.n runs of the plan, as people read it: not in
 * logarithms. The value of a regret is its mean. */
struct fit_interval planning_interval(const struct planning *p, size_t n);

/** Spread after the first \a n runs. */
double planning_spread(const struct planning *p, size_t n);

#endif
