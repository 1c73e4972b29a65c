/** \file bench.h
 * Where one rank evaluates: one design at a time, as often as the options allow, until it has an
 * outcome or the rank is asked to stop. What evaluators give is checked here.
 */
#ifndef SEARCH_BAYES_BENCH_H
#define SEARCH_BAYES_BENCH_H

#include <stdbool.h>

#include "search/bayes/driver.h"

/** Open; zeroed but for the four that come first. */
struct bench {
    const struct propose_problem *problem;
    const struct driver_evaluator *evaluator;
    const struct driver_options *options;
    int32_t worker; /**< this rank */
    bool is_busy;
    bool is_stopping;                    /**< asked to stop; for good */
    double stop_second;                  /**< of the clock: when its grace ends */
    double begun_second;                 /**< of the attempt at hand */
    bool has_failed;                     /**< the attempt could not even begin */
    struct driver_evaluation evaluation; /**< at hand, or that has ended */
};

/** Begin a design. The bench must be free. \param [in] result  id and u are taken */
void bench_begin(struct bench *b, const struct propose_result *result);

/** How the design stands, at once; anything but DRIVER_RUNNING leaves the bench free.
 * DRIVER_DONE: b->evaluation is complete, also for a design that failed and is skipped or
 * recovered. DRIVER_FAILED: so is it, and the policy is to abort. DRIVER_LOST: it must be done
 * again; so is whatever fails after a request to stop, which may have come to the evaluation too.
 */
enum driver_progress bench_look(struct bench *b);

/** Ask to stop: what is under way may end within \a grace_seconds, and is lost after that. */
void bench_stop(struct bench *b, double grace_seconds);

#endif
