/** \file isoflop.h
 * Approach 2 of Hoffmann et al. 2022: runs of equal compute form a curve, a parabola of the loss in
 * the logarithm of the size gives the best size of each budget, and a power law leads through
 * these. A curve that cannot say where its best lies is refused with its reason, and the others go
 * on. docs/model.md M51 to M54.
 */
#ifndef FITTING_APPROACH_ISOFLOP_H
#define FITTING_APPROACH_ISOFLOP_H

#include <stdbool.h>
#include <stddef.h>

#include "fitting/approach/line.h"

/** Which size a parabola is in. */
enum isoflop_axis { ISOFLOP_PARAMS, ISOFLOP_TOKENS, ISOFLOP_N_AXES };

/** What a curve says: kept as it is, kept with a warning, or refused. */
#define ISOFLOP_VERDICTS(X)                                                                        \
    X(ISOFLOP_KEPT, "kept")                                                                        \
    X(ISOFLOP_EXACT, "kept: no interval, as many runs as a parabola needs")                        \
    X(ISOFLOP_UNBOUNDED, "kept: interval without bounds, the curvature is within the noise")       \
    X(ISOFLOP_OUTSIDE, "kept: the least lies outside the sizes tried")                             \
    X(ISOFLOP_TOO_FEW, "refused: fewer than three sizes")                                          \
    X(ISOFLOP_SPREAD, "refused: no common budget, its computes form a continuum")                  \
    X(ISOFLOP_NO_MINIMUM, "refused: negative curvature, so no least loss")

enum isoflop_verdict {
#define ISOFLOP_ENUM(code, text) code,
    ISOFLOP_VERDICTS(ISOFLOP_ENUM)
#undef ISOFLOP_ENUM
        ISOFLOP_N_VERDICTS
};

const char *isoflop_verdict_text(enum isoflop_verdict v);

/** Whether the vertex enters the power law. */
bool isoflop_is_kept(enum isoflop_verdict v);

/** Runs, in logarithms; borrowed. */
struct isoflop_data {
    size_t n;
    const double *log_size[ISOFLOP_N_AXES]; /**< [n] ln params, ln tokens */
    const double *log_compute;              /**< [n] */
    const double *loss_nat;                 /**< [n] */
};

struct isoflop_options {
    double tolerance; /**< of ln compute: runs nearer than this to a neighbour share its budget; 0:
                         ISOFLOP_TOLERANCE */
    double confidence;
    double target_compute_flop; /**< 0: the largest budget kept, which then stands in the result */
};
/** Runs aim at a budget and miss it by a few per cent; published budgets are 20 % apart or more. */
#define ISOFLOP_TOLERANCE 0.05

/** The parabola of a curve: loss = c0 + c1 x + c2 x^2, x = ln size - log_centre. */
struct isoflop_vertex {
    enum isoflop_verdict verdict;
    size_t n_sizes;                  /**< distinct */
    double log_centre;               /**< middle of the sizes tried */
    double log_reach;                /**< from there to either end */
    double coefficients[3];          /**< NAN when there are too few sizes */
    struct fit_interval log_optimum; /**< of ln size; Fieller's, infinite where unbounded; NAN
                                        where refused */
    double loss_nat;                 /**< at the vertex; NAN where refused */
};

struct isoflop_curve {
    double compute_flop; /**< geometric mean over the runs */
    size_t n;            /**< runs */
    struct isoflop_vertex vertices[ISOFLOP_N_AXES];
};

/** How the vertices weigh in the power law. */
enum isoflop_weighting { ISOFLOP_EQUAL, ISOFLOP_WEIGHTED, ISOFLOP_N_WEIGHTINGS };
const char *isoflop_weighting_name(enum isoflop_weighting w);

/** Size ~ compute^exponent through the vertices kept; ISOFLOP_WEIGHTED: by the inverse squares of
 * their standard errors, without those that have none. */
struct isoflop_law {
    enum line_verdict verdict;
    size_t n;
    struct fit_interval exponent, optimum; /**< optimum: at the target; NAN where refused */
};

/** Open; cleared by isoflop_clear. */
struct isoflop {
    struct isoflop_options options;
    size_t n_curves;
    struct isoflop_curve *curves; /**< [n_curves] by compute */
    size_t n;
    int *curve_of; /**< [n] of each run */
    struct isoflop_law laws[ISOFLOP_N_AXES][ISOFLOP_N_WEIGHTINGS];
};

/** Group the runs, fit the parabolas and the power laws. \return STATUS_OK or STATUS_MEMORY */
enum status isoflop_run(const struct isoflop_data *data, const struct isoflop_options *options,
                        struct isoflop *made, struct status_why *why);
void isoflop_clear(struct isoflop *f);

/** Curves refused for either size. */
size_t isoflop_n_refused(const struct isoflop *f);

#endif
