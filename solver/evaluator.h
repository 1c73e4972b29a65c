/** \file evaluator.h
 * Batches of designs to outcomes. Made once from a law, a catalogue and the axes of a space; every
 * term of the law and every cost coefficient is tabulated over the axes that it reads; blocks of
 * consecutive configurations are then sums and products of table entries. Blocks cannot fail: all
 * was validated when the evaluator was made.
 */
#ifndef SOLVER_EVALUATOR_H
#define SOLVER_EVALUATOR_H

#include <stddef.h>
#include <stdint.h>

#include "solver/base/status.h"
#include "solver/dependent.h"
#include "solver/design.h"
#include "solver/footprint.h"
#include "solver/predict.h"
#include "solver/tables.h"

/** One axis: the input it moves and its levels (numbers, or category codes). */
struct evaluator_axis {
    enum design_input input;
    size_t n;
    const double *values; /**< [n]; not owned; must outlive the evaluator */
};

struct evaluator_options {
    size_t n_axes; /**< at most DESIGN_N_INPUTS; no input twice */
    const struct evaluator_axis
        *axes; /**< [n_axes] slowest first: configuration = mixed radix number, last axis fastest */
    struct design base;                      /**< values of the inputs that are no axis */
    const struct dependent_list *dependents; /**< inputs that follow from others, sorted; not owned;
                                                NULL: none */
    const struct predict_model *model; /**< not owned; NULL if no loss or accuracy is wanted */
    const struct hardware_catalogue *catalogue; /**< not owned */
    struct footprint_options footprint;
    size_t n_outcomes;                      /**< at most FOOTPRINT_N_OUTCOMES */
    const enum footprint_outcome *outcomes; /**< [n_outcomes] in the order of the columns wanted */
};

/** Opaque. */
struct evaluator;

/** \param [out] made  the caller destroys it
 * \return STATUS_OK, STATUS_MEMORY, or STATUS_INPUT: a number outside the range of its input, an
 * input that an outcome reads is neither said by the base nor moved by an axis, an outcome needs a
 * figure that every combination of devices, grids and other categories lacks (the last is named,
 * with file, line and column), the law and its corrections do not fit each other or give no
 * accuracy, or an axis level lies outside their domain. Where only some combinations lack a figure,
 * and outside the domain of the law, a correction or a model, the outcome is NAN; a value inside
 * the domain that is no finite number is infinite. */
enum status evaluator_create(const struct evaluator_options *o, struct evaluator **made,
                             struct status_why *why);
void evaluator_destroy(struct evaluator *e);

/** Inputs that an outcome of any configuration of \a o reads, with those that they follow from; the
 * catalogue and, for the loss, a model that passed predict_check must be set. */
design_set evaluator_reads(const struct evaluator_options *o, enum footprint_outcome outcome);

/** Number of configurations: the product of the axes' levels. */
uint64_t evaluator_size(const struct evaluator *e);

/** Outcomes of configurations begin, begin + 1, ..., begin + n - 1.
 * \param [out] outcomes  [n_outcomes][stride], row-major; the first \a n of each row are written
 * \param [in]  stride    at least \a n */
void evaluator_block(const struct evaluator *e, uint64_t begin, size_t n, double outcomes[],
                     size_t stride);

/** The design of one configuration. */
void evaluator_design(const struct evaluator *e, uint64_t configuration, struct design *d);

/** An outcome as sums of products of tables over the axes in their order.
 * \param [in]  outcome  position among the outcomes wanted
 * \param [out] made     borrows from the evaluator
 * \return false where it has no such form: the law is no plain sum of terms, or a table would be
 * too large */
bool evaluator_tables(const struct evaluator *e, size_t outcome, struct tables_outcome *made);

/** What is read by the first term or coefficient that has too many entries for a table; 0: all have
 * their tables. */
design_set evaluator_untabulated(const struct evaluator *e);

/** Whether every outcome of every configuration is known to be a number: no figure is absent, and
 * the domains of law, corrections and models hold all. */
bool evaluator_is_complete(const struct evaluator *e);

/** Call \a visit for sets of configurations with an outcome of NAN: all that have the levels of
 * \a configuration on the axes that decide, \a n of them; every such configuration is in one set.
 * \return false, and none is visited, where tables do not tell: of an accuracy, where a table would
 * be too large, or of more than 4,194,304 combinations of levels that decide */
bool evaluator_gaps(const struct evaluator *e,
                    void (*visit)(void *context, uint64_t configuration, uint64_t n),
                    void *context);

/** Table entries held, for estimates of memory. */
size_t evaluator_table_entries(const struct evaluator *e);

#endif
