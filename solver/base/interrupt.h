/** \file interrupt.h
 * A polite request to stop: SIGUSR1, SIGUSR2, SIGINT or SIGTERM sets a flag, the long phases look
 * at it between items, save what they have and return STATUS_CHECKPOINTED.
 */
#ifndef SOLVER_BASE_INTERRUPT_H
#define SOLVER_BASE_INTERRUPT_H

#include <stdbool.h>

/** Catch the signals from now on; a second SIGINT ends the process at once. */
void interrupt_catch(void);

/** Whether this process was asked to stop. Ranks may differ: agree before acting on it. */
bool interrupt_requested(void);

/** Ask, as the signals do; for tests and for callers that have run out of time. */
void interrupt_request(void);

/** Forget the request. */
void interrupt_clear(void);

#endif
