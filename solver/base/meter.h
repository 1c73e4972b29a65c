/** \file meter.h
 * What a run costs, counted by the run itself: communication, time, memory and items of work of
 * this rank, phase by phase. The counts go into /run of a result, never into its content.
 */
#ifndef SOLVER_BASE_METER_H
#define SOLVER_BASE_METER_H

#include <stddef.h>
#include <stdint.h>

/** A run begins in METER_START, which is also all that belongs to no other phase. */
enum meter_phase {
    METER_START,
    METER_FIT,
    METER_SEARCH,
    METER_MERGE,
    METER_BAND,
    METER_QUALITY, /**< hypervolumes and the thin view */
    METER_WRITE,
    METER_N_PHASES
};
extern const char *const meter_names[METER_N_PHASES];

/** Counts of one phase on this rank. Bytes are those that the program hands to MPI and gets of it:
 * by what way MPI moves them is its own affair, and so are the messages of HDF5. */
struct meter_counts {
    uint64_t collectives;              /**< calls in which all ranks take part */
    uint64_t messages;                 /**< sent to one rank */
    uint64_t sent_byte, received_byte; /**< of both kinds */
    uint64_t items_done;               /**< of work that was dealt */
    uint64_t items_found;              /**< not dealt: recorded by an interrupted run, or another
                                            shard's; counted on rank 0 */
    uint64_t peak_byte;                /**< most memory in use until the phase ended */
    double wall_second, cpu_second;    /**< cpu_second: of the process, waiting included where MPI
                                            waits busily */
    double waiting_second;             /**< in communication */
};

/** Begin a phase, or go on with it. \return the phase that it interrupts, to go back to */
enum meter_phase meter_begin(enum meter_phase phase);

/** Seconds of a clock that never goes back. */
double meter_clock(void);

/** Count communication that began at \a begun of meter_clock and ends now. */
void meter_collective(double begun, size_t sent_byte, size_t received_byte);
void meter_message(double begun, size_t sent_byte, size_t received_byte);
void meter_wait(double begun);

/** Count items of work. */
void meter_items(size_t n_done, size_t n_found);

/** The counts until now. */
void meter_read(struct meter_counts counts[METER_N_PHASES]);

#endif
