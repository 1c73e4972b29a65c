/** \file correct.h
 * Corrections of a law: what a choice that the law does not know does to its effective tokens, to
 * its effective parameters, to the loss or to the accuracy (docs/model.md M200 to M213). Kinds are
 * rows of one table, in the order of the pipeline
 *
 *     batch, repetition, quality, experts, sparsity, precision, excess parameters: effective inputs
 *     the law: loss; quantisation after training: added; accuracy of the loss; recovery; samples
 *
 * and every kind is neutral where the design says nothing of its input. A value of NAN says that
 * the kind knows nothing of the design: it lies outside its domain.
 */
#ifndef SOLVER_CORRECT_H
#define SOLVER_CORRECT_H

#include <stdbool.h>
#include <stddef.h>

#include "solver/design.h"
#include "solver/laws/law.h"

enum { CORRECT_MAX_PARAMETERS = 8, CORRECT_MAX_RANGES = 6, CORRECT_ID_SIZE = 48 };

/** Where a correction stands in the pipeline; at most one of each stage. */
enum correct_stage {
    CORRECT_BATCH,
    CORRECT_REPETITION,
    CORRECT_QUALITY,
    CORRECT_EXPERTS,
    CORRECT_SPARSITY,
    CORRECT_PRECISION,
    CORRECT_EXCESS,
    CORRECT_QUANTISATION,
    CORRECT_ACCURACY,
    CORRECT_RECOVERY,
    CORRECT_SAMPLES,
    CORRECT_N_STAGES
};

/** What a correction changes, and what its value is. */
enum correct_target {
    CORRECT_OF_TOKENS,  /**< a factor of the effective tokens */
    CORRECT_OF_PARAMS,  /**< a factor of the effective parameters */
    CORRECT_OF_LOSS,    /**< nats added to the loss */
    CORRECT_OF_ACCURACY /**< a weight of the function correct_map */
};

/** One parameter of a kind. */
struct correct_parameter {
    const char *name;
    double lower, upper; /**< allowed, both included */
    double neutral;      /**< when it is not said; NAN: must be said */
};

/** Where a correction is asked for its value. */
struct correct_point {
    const struct law *law; /**< the law corrected */
    const double *theta;   /**< [law->n_parameters] of it */
    const struct design *design;
    double params, tokens; /**< the effective ones so far, of what the correction changes; those of
                              the design for the other, and the effective parameters beside the
                              design's tokens for what is added to the loss */
};

/** One row of the table of kinds. */
struct correct_kind {
    const char *name; /**< "repetition", as in studies */
    const char *title;
    enum correct_stage stage;
    enum correct_target target;
    bool is_absolute;  /**< in nats of one corpus and tokeniser: belongs to the law of its paper */
    design_set reads;  /**< beside the effective inputs of the law */
    design_set models; /**< inputs whose effect this is: nothing else may read them too */
    size_t n_parameters;
    struct correct_parameter parameters[CORRECT_MAX_PARAMETERS];
    /** Whether it can be used with a law; NULL: with any that reads what it changes.
     * \return NULL, or why not */
    const char *(*refuses)(const struct law *law, const double theta[]);
    /** NAN outside the domain; NULL for maps without a weight. */
    double (*value)(const struct correct_point *at, const double p[]);
    /** For CORRECT_OF_ACCURACY: see correct_map. */
    void (*map)(const double p[], size_t n, const double x[], const double *weight, size_t step,
                double y[]);
};

/** Range of an input in the data behind coefficients, natural units. */
struct correct_range {
    enum design_input input;
    double lower, upper;
};

/** A correction with its numbers. Plain data. */
struct correct {
    char id[CORRECT_ID_SIZE]; /**< of the published coefficients, or the kind */
    char source[64];          /**< keys of docs/sources.bib, separated by ';'; CORRECT_OWN: the
                                 study's own numbers */
    const struct correct_kind *kind;
    double values[CORRECT_MAX_PARAMETERS]; /**< [kind->n_parameters] */
    size_t n_ranges;
    struct correct_range ranges[CORRECT_MAX_RANGES];
};

/** Source of numbers that the study says or fits itself. */
#define CORRECT_OWN "study"

/** The \a i-th kind, or NULL past the end; the kind called \a name, or NULL. */
const struct correct_kind *correct_at(size_t i);
const struct correct_kind *correct_find(const char *name);

/** Position of a parameter of a kind, or -1. */
int correct_find_parameter(const struct correct_kind *kind, const char *name);

/** Nothing said: neutral values, NAN where the kind wants them said. */
struct correct correct_neutral(const struct correct_kind *kind);

/** Whether all values are said and allowed.
 * \return STATUS_OK, or STATUS_INPUT naming the correction, the parameter and its range */
enum status correct_check(const struct correct *c, struct status_why *why);

/** Its value at a point; 1 for a map without a weight. */
double correct_value(const struct correct *c, const struct correct_point *at);

/** Accuracies of \a n losses or, after the first map, of accuracies, by vmath; the same bits at all
 * vector levels and in all cuts. NAN where the map gives no share of 1.
 * \param [in]  weight  what correct_value says of each, \a step (0 or 1) apart
 * \param [out] y       may be \a x */
void correct_map(const struct correct *c, size_t n, const double x[], const double *weight,
                 size_t step, double y[]);

/** By which factor \a x lies outside a range: at least 1, exactly 1 inside and, whatever the
 * rounding, on an end; INFINITY where none leads inside; NAN where \a x is NAN. */
double correct_range_ratio(double x, double lower, double upper);

/** The product of the factors by which the design lies outside the ranges of the correction's data.
 */
double correct_extrapolation_ratio(const struct correct *c, const struct design *d);

/** Whether two sources, keys separated by ';', share a key. */
bool correct_same_paper(const char *source, const char *other);

/** Whether stages were fitted together, or are used one after the other as they were fitted:
 * docs/model.md M213. */
bool correct_is_joint(enum correct_stage a, enum correct_stage b);

#endif
