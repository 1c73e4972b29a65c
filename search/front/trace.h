/** \file trace.h
 * How fast a search came to what its frontier covers: samples, while it runs, of the hypervolume of
 * what one rank has found. A record of this run and machine, never of the result: another number of
 * ranks finds the same rows in another order (docs/model.md M652).
 */
#ifndef SEARCH_FRONT_TRACE_H
#define SEARCH_FRONT_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "search/front/quality.h"
#include "search/front/rows.h"
#include "search/problem.h"
#include "solver/base/status.h"

/** Opaque. */
struct trace;

struct trace_sample {
    double second;  /**< since the search began */
    uint64_t items; /**< done by this rank in this run */
    uint64_t rows;  /**< held by this rank; of the last sample: of the frontier */
    double volume;  /**< share of the box, mean over the scenario levels; never less than before */
};

/** Begin with the search.
 * \param [in]  problem  of 1 to HYPERVOLUME_MOST_EXACT objectives; stays the caller's
 * \param [in]  box      of the problem; copied
 * \param [in]  every    items of this rank from one sample to the next, at least 1
 * \param [out] made     the caller destroys it
 * \return STATUS_OK or STATUS_MEMORY */
enum status trace_create(const struct problem *problem, const struct quality_box *box, size_t every,
                         struct trace **made, struct status_why *why);
void trace_destroy(struct trace *t);

/** Count one item that this rank has done. \param [in,out] t  NULL: never due
 * \return whether a sample is due */
bool trace_is_due(struct trace *t);

/** Whether a sample of so many rows leaves all of them together within a hundredth of the time
 * since the search began, and a hundredth of a second, by what the last one took. A sample that is
 * not afforded is left out. */
bool trace_affords(struct trace *t, size_t n_rows);

/** Take a sample that is due and afforded.
 * \param [in] found  what this rank holds, minimised, in any order; none or some may remove others
 * \return STATUS_OK or STATUS_MEMORY */
enum status trace_take(struct trace *t, const struct rows *found, struct status_why *why);

/** End with the search: the last sample, whose volume is that of the frontier as its quality has
 * it, which trace_complete fills in. Once only. */
void trace_end(struct trace *t, size_t n_rows);
void trace_complete(struct trace *t, const struct quality *q);

/** \return [*n] borrowed until the next sample */
const struct trace_sample *trace_samples(const struct trace *t, size_t *n);

#endif
