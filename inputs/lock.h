/** \file lock.h
 * One writer a result. The lock of a result covers its file, the temporary file and the restart
 * records beside it. It is a file PATH.lock, locked in the kernel, so that nothing of a killed
 * owner holds; and it names its owner, who gives a sign of life from time to time. Where the file
 * system has no locks, or has them for one computer only, the sign of life decides: an owner who is
 * silent for a minute has lost the lock. docs/running.md, Two runs of one result.
 */
#ifndef INPUTS_LOCK_H
#define INPUTS_LOCK_H

#include <mpi.h>
#include <stdbool.h>

#include "solver/base/status.h"

/** Opaque. */
struct lock;

/** How long is waited, and for what. */
struct lock_terms {
    double lapse_seconds; /**< silence after which an owner of another computer counts as dead */
    double beat_seconds;  /**< between two signs of life */
    double wait_seconds;  /**< for another owner to end or to lapse; 0: fail at once */
    bool without_kernel;  /**< go by signs of life alone, as on a file system without locks */
};

/** The terms of the jobs: a lapse of 60 s, a sign of life each 10 s, and no waiting, but in a Slurm
 * job that was requeued (SLURM_RESTART_COUNT), which waits until the lock of its earlier run must
 * have lapsed. Not collective. */
struct lock_terms lock_default_terms(void);

/** Take the lock of the result \a path. Collective over \a comm, whose ranks hold it together: rank
 * 0 acts.
 * \param [in]  terms  NULL: lock_default_terms
 * \param [out] made   ended by lock_release; NULL on failure
 * \return STATUS_OK; STATUS_BUSY naming who holds it; STATUS_INPUT when the folder takes no file;
 *         STATUS_CHECKPOINTED when asked to stop while waiting; STATUS_IO, STATUS_MEMORY,
 *         STATUS_LIBRARY; agreed on */
enum status lock_take(MPI_Comm comm, const char *path, const struct lock_terms *terms,
                      struct lock **made, struct status_why *why);

/** Whether the lock is still held: an owner that slept for longer than the lapse may have lost it.
 * To be asked before the result gets its name. Collective over the ranks of lock_take.
 * \return STATUS_OK or STATUS_BUSY, agreed on */
enum status lock_check(struct lock *lock, struct status_why *why);

/** Give the lock back and remove its file. Collective over the ranks of lock_take, of which none
 * may write after it. NULL is allowed, on all ranks. */
void lock_release(struct lock *lock);

#endif
