/** \file bootstrap.h
 * How far a law's numbers would move with other runs of the same kind: resample the runs, whole
 * groups of them, or their residuals with replacement, fit again, many times. A replicate is solved
 * by Newton's method from the optimum of all runs, in microseconds; every sixteenth is solved again
 * from a grid of starts, and if the two differ too often all are solved robustly, from a few starts
 * each, and checked again: the agreement told is that of the pass whose replicates these are.
 * docs/model.md M30, M31, M84; Efron 1979.
 */
#ifndef FITTING_UNCERTAINTY_BOOTSTRAP_H
#define FITTING_UNCERTAINTY_BOOTSTRAP_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

#include "fitting/fit.h"
#include "fitting/minimise/objective.h"

/** Every replicate of an index divisible by this is checked, robust_check. */
enum { BOOTSTRAP_CHECK_EACH = 16 };

/** Share of checked replicates that must agree; below it all are solved again, robustly. */
#define BOOTSTRAP_AGREEMENT 0.99

/** How replicates were solved: from the optimum of all runs, or by robust_minimise. */
enum bootstrap_pass { BOOTSTRAP_WARM, BOOTSTRAP_ROBUST };

/** Replicates; [n_replicates] rows. Freed by bootstrap_clear or handed to a struct fit. */
struct bootstrap {
    size_t n_replicates;
    double *replicates;        /**< [n_replicates][n_parameters] natural values */
    double *objectives;        /**< [n_replicates] */
    enum bootstrap_pass pass;  /**< that made them */
    size_t n_checked, n_agree; /**< of that pass */
};

/** Draw how often each of \a n observations enters replicate \a r.
 * The keyed stream (seed, RNG_BOOTSTRAP, r).
 * \param [out] count  [n] sums to n */
void bootstrap_draw_keyed(uint64_t seed, size_t r, size_t n, unsigned count[]);

/** Opaque: a stream of indices as numpy's RandomState(seed).randint draws them. */
struct bootstrap_numpy;

/** \param [in] seed  in [1, 2^32): GSL reads 0 as another seed. NULL: no memory */
struct bootstrap_numpy *bootstrap_numpy_create(uint64_t seed);
void bootstrap_numpy_destroy(struct bootstrap_numpy *s);

/** The next index in [0, n): 32 bits of the Mersenne twister under the smallest mask of ones that
 * covers n - 1, drawn again while not below n. \param [in] n  in [1, 2^32] */
uint32_t bootstrap_numpy_below(struct bootstrap_numpy *s, uint64_t n);

/** Opaque: makes the resampled data of any replicate, as fit_options.bootstrap says. */
struct bootstrap_source;

/** \param [in] full, best  observations and their optimum z; both kept until the end
 * \return STATUS_OK or STATUS_MEMORY; bootstrap_source_destroy frees it */
enum status bootstrap_source_create(const struct objective *full, const double best[],
                                    const struct fit_options *options,
                                    struct bootstrap_source **made, struct status_why *why);
void bootstrap_source_destroy(struct bootstrap_source *s);

/** Fill \a sample with the data of replicate \a r. Cheapest in ascending order of r.
 * \param [out] sample  made by objective_create_like(full) */
void bootstrap_source_draw(struct bootstrap_source *s, size_t r, struct objective *sample);

/** Run the replicates in batches of FIT_BATCH, dealt over ranks.
 * Collective over \a comm; the same on every rank and at any number of ranks.
 * \param [in] optima   [n_optima][n_parameters] of \a full in its coordinates z, the best first
 * \param [in] restart  NULL allowed; batch i of the robust pass is item i + number of batches. The
 * objective of a record is negated where a check beat the solution, so that a resumed run counts
 * the same agreement
 * \return STATUS_OK, STATUS_CHECKPOINTED, STATUS_MEMORY, or what restart->record returns */
enum status bootstrap_run(MPI_Comm comm, const struct objective *full, const double optima[],
                          size_t n_optima, const struct fit_options *options,
                          const struct fit_restart *restart, struct bootstrap *made,
                          struct status_why *why);
void bootstrap_clear(struct bootstrap *b);

#endif
