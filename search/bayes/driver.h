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

#include "inputs/journal.h"
#include "search/bayes/propose.h"
#include "solver/base/status.h"

/** How one attempt to evaluate stands. */
enum driver_progress {
    DRIVER_RUNNING,
    DRIVER_DONE,   /**< values are in */
    DRIVER_FAILED, /**< and \a why says how */
    DRIVER_LOST    /**< taken away by a stop: to be done again under the same id */
};

/** Whatever evaluates designs: the model, a user's command, a table; later a batch system. It is
 * begun and then asked, so a rank can wait for a process and for messages at once. Each rank has
 * one of its own and at most one evaluation under way. Not collective. */
struct driver_evaluator {
    const char *name; /**< "model", "command", "replay" */
    /** Begin the evaluation of design \a id. \param [in] values  [n_variables] */
    enum driver_progress (*begin)(void *context, uint64_t id, const double values[]);
    /** How it stands now; at once. \param [out] outcomes  [n_objectives + n_limits] when done
     * \param [out] why  when failed: what happened, one line */
    enum driver_progress (*poll)(void *context, double outcomes[], struct status_why *why);
    /** End what is under way; safe when there is nothing. */
    void (*cancel)(void *context);
    void *context;
};

/** When to stop; 0 or NAN: not by this. */
struct driver_stop {
    uint64_t evaluations;
    double seconds;      /**< of the clock, over all runs of the search; results differ by it */
    double hypervolume;  /**< share of the box */
    uint64_t stagnation; /**< results without a gain of 1e-4 of the box */
};

/** What happened to one design; the order is that of id. */
struct driver_evaluation {
    struct propose_result result;
    double seconds; /**< of the evaluation */
    int32_t worker; /**< rank that did it */
    uint32_t attempts;
    double hypervolume;         /**< share after this result */
    char message[128];          /**< of a failed one */
    struct propose_state state; /**< with which the design was made */
};

struct driver_log {
    size_t n;
    struct driver_evaluation *evaluations; /**< [n] the same on every rank, but for nothing */
    const char *stopped_by; /**< "evaluations", "seconds", "hypervolume", "stagnation" */
    double search_seconds;  /**< spent making designs */
};

/** What to do when an evaluation fails. */
enum driver_policy { DRIVER_SKIP, DRIVER_ABORT };

struct driver_options {
    struct driver_stop stop;
    enum driver_policy on_failure;
    size_t n_imported;
    const struct propose_result *imported; /**< [n_imported] earlier evaluations: a warm start */
};

/** Search until a reason to stop.
 * Collective over \a comm.
 * \param [in]  evaluator  of this rank
 * \param [in]  folder, digest  of the journal, as journal_open
 * \param [out] log        cleared by driver_clear
 * \return STATUS_OK; STATUS_CHECKPOINTED when asked to stop (records are durable, the same call
 * goes on from them); STATUS_INPUT, STATUS_IO, STATUS_MEMORY; agreed on */
enum status driver_search(MPI_Comm comm, const struct propose_problem *problem,
                          const struct driver_evaluator *evaluator,
                          const struct driver_options *options, const char *folder,
                          const char *digest, struct driver_log *log, struct status_why *why);
void driver_clear(struct driver_log *log);

#endif
