/** \file process.h
 * A program of the user, run beside this one: in a process group of its own, with a time limit
 * after which the whole group ends, asked and then polled, so that whoever waits for it can do
 * something else too. It never outlives this process: a small shell, which leads the group and is
 * there before the program, watches a socket that closes when this process is gone, however it
 * went, and then ends the group. A rank of MPI may start programs that use MPI themselves: what
 * names the rank to its own MPI library stays here, and so does the binding to its core. Not for
 * several threads.
 */
#ifndef SEARCH_BAYES_PROCESS_H
#define SEARCH_BAYES_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "solver/base/status.h"

struct process_options {
    const char *const *words;    /**< of the command, ended by NULL; the first without a slash is
                                    looked    for in PATH, else it is a path from the root */
    const char *folder;          /**< where it runs; a path from the root, as are the two below */
    const char *output, *errors; /**< files for what it prints; replaced */
    size_t n_settings;
    const char *const *settings; /**< [n_settings] "NAME=value" for its environment */
    double timeout_seconds;      /**< 0: none */
    double grace_seconds;        /**< between SIGTERM and SIGKILL */
};

/** Opaque: one program at a time. */
struct process;

/** \param [out] made  the caller destroys it. \return STATUS_OK or STATUS_MEMORY */
enum status process_create(struct process **made, struct status_why *why);

/** Cancels what still runs. NULL allowed. */
void process_destroy(struct process *p);

/** Start a program. \return STATUS_OK; STATUS_INPUT when it cannot be run; STATUS_LIBRARY when the
 * shell that watches cannot; STATUS_MEMORY */
enum status process_begin(struct process *p, const struct process_options *options,
                          struct status_why *why);

/** How the last program ended. */
struct process_end {
    bool timed_out;
    int code;   /**< exit code; -1 when a signal ended it */
    int signal; /**< that ended it; 0 when none did */
};

/** Whether the program has ended, at once; ends it when its time is up. What is left of its group
 * when the program itself has ended is killed. \param [out] end  set when it has */
bool process_ended(struct process *p, struct process_end *end);

/** End the program and its group: SIGTERM, the grace, SIGKILL. Waits for it. Safe when none runs.
 */
void process_cancel(struct process *p);

/** Whether a variable of the environment, as "NAME=value", belongs to the MPI rank alone and is not
 * handed on. */
bool process_is_own(const char *setting);

#endif
