/** \file envelope.h
 * Approach 1 of Hoffmann et al. 2022: at each of many levels of compute the run with the least
 * loss, and a power law through these. Rows of one size at several computes are a training curve
 * (or final points that serve as one) and are interpolated; a single row counts near its compute. A
 * level that cannot say which size is best there is refused with its reason. docs/model.md M54.
 */
#ifndef FITTING_APPROACH_ENVELOPE_H
#define FITTING_APPROACH_ENVELOPE_H

#include <stddef.h>

#include "fitting/approach/isoflop.h"

/** What a level says. */
#define ENVELOPE_VERDICTS(X)                                                                       \
    X(ENVELOPE_KEPT, "kept")                                                                       \
    X(ENVELOPE_EMPTY, "refused: no run reaches this compute")                                      \
    X(ENVELOPE_TOO_FEW, "refused: fewer than three sizes at this compute")                         \
    X(ENVELOPE_EDGE, "refused: the best is the smallest or largest size at this compute")          \
    X(ENVELOPE_ABOVE, "refused: less compute has reached a lower loss")

enum envelope_verdict {
#define ENVELOPE_ENUM(code, text) code,
    ENVELOPE_VERDICTS(ENVELOPE_ENUM)
#undef ENVELOPE_ENUM
        ENVELOPE_N_VERDICTS
};

const char *envelope_verdict_text(enum envelope_verdict v);

struct envelope_options {
    size_t n_levels; /**< log-spaced from the least to the largest compute; 0: ENVELOPE_LEVELS */
    double window;   /**< a single row counts at levels within it, of ln compute; at least half a
                        step; 0: ISOFLOP_TOLERANCE */
    double confidence;
    double target_compute_flop; /**< 0: the largest level kept, which then stands in the result */
};
/** As many as in Hoffmann et al. 2022. */
enum { ENVELOPE_LEVELS = 1500 };

struct envelope_level {
    double log_compute;
    enum envelope_verdict verdict;
    size_t n_sizes;                            /**< that reach this compute */
    size_t winner;                             /**< number of the size, ascending; 0 where empty */
    double log_size[ISOFLOP_N_AXES], loss_nat; /**< of the best; NAN where empty */
};

/** Open; cleared by envelope_clear. */
struct envelope {
    struct envelope_options options;
    size_t n_levels;
    struct envelope_level *levels;
    size_t counts[ENVELOPE_N_VERDICTS];
    size_t n_winners;                        /**< different sizes among the levels kept */
    struct isoflop_law laws[ISOFLOP_N_AXES]; /**< their intervals rest on n_winners points */
};

/** Find the envelope and fit its power law. \return STATUS_OK or STATUS_MEMORY */
enum status envelope_run(const struct isoflop_data *data, const struct envelope_options *options,
                         struct envelope *made, struct status_why *why);
void envelope_clear(struct envelope *e);

#endif
