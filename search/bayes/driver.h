/** \file driver.h
 * The Bayesian search over ranks: designs are made in the order of their numbers, evaluated by
 * whichever rank is free, and recorded. Design k waits for the results of all designs up to k - W
 * and uses exactly those, so ranks, delays and restarts change nothing but the time. The journal is
 * the state of the search. Rank 0 makes the designs and evaluates too.
 */
#ifndef SEARCH_BAYES_DRIVER_H
#define SEARCH_BAYES_DRIVER_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "search/bayes/propose.h"
#include "solver/base/status.h"

/** How an attempt to evaluate a design stands. */
enum driver_progress {
    DRIVER_RUNNING,
    DRIVER_DONE,   /**< values are in */
    DRIVER_FAILED, /**< and \a why says how */
    DRIVER_LOST    /**< the machine took it away: to be done again under the same id */
};

/** Whatever evaluates designs: the model, a user's command, a table; later a batch system. It is
 * begun and then asked, so a rank can wait for a process and for messages at once. Each rank has
 * one of its own and at most one evaluation under way. Not collective. */
struct driver_evaluator {
    const char *name; /**< "model", "command", "replay" */
    /** Begin an attempt. \param [in] attempt  from 1, also for a design that was lost before.
     * \param [in] values  [n_variables]; only until it returns
     * \return DRIVER_RUNNING, or DRIVER_FAILED with \a why */
    enum driver_progress (*begin)(void *context, uint64_t id, uint32_t attempt,
                                  const double values[], struct status_why *why);
    /** How it stands now; at once. \param [out] outcomes  [n_objectives + n_limits] when done
     * \param [out] why  when failed: what happened, one line */
    enum driver_progress (*poll)(void *context, double outcomes[], struct status_why *why);
    /** End what is under way, within seconds; safe when there is nothing. */
    void (*cancel)(void *context);
    void *context;
};

/** When to stop beginning evaluations; 0 or NAN: not by this. Those begun are waited for. A search
 * also stops when its first n_initial results, and all imported ones, have no value. */
struct driver_stop {
    uint64_t evaluations;
    double seconds;      /**< of the clock, over all runs of the search; results differ by it */
    double hypervolume;  /**< share of the box */
    uint64_t stagnation; /**< results in the order of id without a gain of 1e-4 of the box, counted
                            from n_initial on */
};

/** What to do when all attempts at a design have failed. */
enum driver_policy {
    DRIVER_SKIP,   /**< record it as failed and go on */
    DRIVER_ABORT,  /**< end the search: the design is done again by the next run */
    DRIVER_RECOVER /**< record stated values, marked as such */
};

/** How much of the message of a failure is kept. */
enum { DRIVER_MESSAGE_SIZE = 256 };

/** What happened to one design. */
struct driver_evaluation {
    struct propose_result result;
    bool is_recovered; /**< the values are those of driver_options */
    double seconds;    /**< of the last attempt */
    int32_t worker;    /**< rank that did it */
    uint32_t attempts;
    char message[DRIVER_MESSAGE_SIZE]; /**< of its last failure; "" when there was none */
};

struct driver_log {
    size_t n;
    struct driver_evaluation *evaluations; /**< [n] by id, from 0 */
    struct propose_state *states;          /**< [n] with which each design was made */
    double *hypervolume;    /**< [n] share of the box after this result and those before */
    const char *stopped_by; /**< "evaluations", "seconds", "hypervolume", "stagnation";
                               "exhausted": every design that is allowed was made; "failures":
                               none of the first designs has a value */
    double search_seconds;  /**< spent by this run making designs; same on all ranks */
};

struct driver_options {
    struct driver_stop stop;
    enum driver_policy on_failure;
    uint32_t n_retries; /**< further attempts after a failed one */
    double recover[PROPOSE_MAX_OBJECTIVES + PROPOSE_MAX_LIMITS]; /**< for DRIVER_RECOVER */
    double grace_seconds; /**< how long running evaluations go on after a request to stop */
    size_t n_imported;
    const struct propose_result *imported; /**< [n_imported] earlier evaluations: a warm start */
};

/** Search until a reason to stop.
 * Collective over \a comm.
 * \param [in]  evaluator  of this rank
 * \param [in]  folder, digest  of the journal, as journal_open
 * \param [out] log        the same on every rank; cleared by driver_clear
 * \return STATUS_OK; STATUS_CHECKPOINTED when asked to stop: evaluations that did not end within
 * the grace are lost, everything else is recorded and the same call goes on from it; STATUS_INPUT:
 * an evaluation failed and the policy is to abort, or no design is left; STATUS_IO, STATUS_MEMORY;
 * agreed on */
enum status driver_search(MPI_Comm comm, const struct propose_problem *problem,
                          const struct driver_evaluator *evaluator,
                          const struct driver_options *options, const char *folder,
                          const char *digest, struct driver_log *log, struct status_why *why);
void driver_clear(struct driver_log *log);

#endif
