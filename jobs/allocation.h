/** \file allocation.h
 * Binds a study to a search: its `space` to axes and an evaluator, its objectives and constraints
 * to a problem. This is the only place where the search and the footprint meet.
 */
#ifndef JOBS_ALLOCATION_H
#define JOBS_ALLOCATION_H

#include <mpi.h>
#include <stdbool.h>

#include "inputs/plausible.h"
#include "inputs/study/study.h"
#include "search/problem.h"
#include "solver/evaluator.h"
#include "solver/predict.h"
#include "solver/price.h"

enum { ALLOCATION_MAX_REMOVED = 128 };

/** A level that was left out, and why. */
struct allocation_removed {
    enum design_input input;
    char level[HARDWARE_ID_SIZE];
    char reason[STATUS_MESSAGE_SIZE]; /**< file, line and column to fill */
};

/** Everything bound; open, cleared by allocation_clear. Borrows the study and the model. */
struct allocation {
    const struct study *study;
    const struct predict_model *model;
    struct hardware_catalogue catalogue;
    struct plausible findings; /**< of the catalogue */
    struct space space;
    enum design_input inputs[DESIGN_N_INPUTS]; /**< [space.n_axes] input of each axis */
    struct evaluator_axis axes[DESIGN_N_INPUTS];
    struct design base; /**< inputs that are no axis; neutral or NAN where nothing is said */
    struct evaluator *evaluator; /**< objectives, then constraints */
    enum footprint_outcome outcomes[2 * FOOTPRINT_N_OUTCOMES];
    size_t n_outcomes;
    struct problem problem;
    size_t n_removed; /**< levels of categories that no configuration has all figures for */
    struct allocation_removed removed[ALLOCATION_MAX_REMOVED];
    uint64_t n_absent; /**< configurations that are infeasible because a figure is absent */
    /** Configurations with all figures that are infeasible because they lie outside the domain of
     * the law, a correction or a model. */
    bool knows_domain; /**< whether their number is known without evaluating all */
    uint64_t n_domain;
    design_set accepted; /**< decisions that nothing pays for and that the study accepts */
    struct tables_outcome tables[2 * FOOTPRINT_N_OUTCOMES]; /**< [n_outcomes], if all have them */
    size_t n_classes;                  /**< whose mass the study wants as columns */
    int classes[HARDWARE_MAX_CLASSES]; /**< [n_classes] of the catalogue */
};

/** Bind. Collective over \a comm (reads the catalogue).
 * \param [in] model  the law with its numbers; must outlive the allocation
 * \return STATUS_OK; STATUS_INPUT: an unknown device, grid, site or precision, an input that an
 *         objective needs and the study does not give, an absent figure; agreed on */
enum status allocation_make(MPI_Comm comm, const struct study *study,
                            const struct predict_model *model, struct allocation *made,
                            struct status_why *why);
void allocation_clear(struct allocation *a);

/** The same problem with other figures: of a replicate of the fit, or of a drawn catalogue; and
 * with the levels that draw \a k takes on the draw axes of the study. \param [in]  a, model,
 * catalogue  must outlive \a made, which borrows all but its evaluator \param [out] made  cleared
 * by allocation_draw_clear \return as evaluator_create */
enum status allocation_draw(const struct allocation *a, const struct predict_model *model,
                            const struct hardware_catalogue *catalogue, uint64_t k,
                            struct allocation *made, struct status_why *why);
void allocation_draw_clear(struct allocation *made);

/** Bind the space alone, without objectives, constraints and an evaluator: for questions, which
 * name their own. Collective over \a comm. \return as allocation_make */
enum status allocation_open(MPI_Comm comm, const struct study *study,
                            const struct predict_model *model, struct allocation *made,
                            struct status_why *why);

/** The inputs that an outcome reads. */
design_set allocation_inputs_of(const struct allocation *a, enum footprint_outcome outcome);

/** Whether the study or the table of inputs gives a value. */
bool allocation_gives(const struct allocation *a, enum design_input input);

/** Whether the study gives every input that an outcome reads. */
bool allocation_can(const struct allocation *a, enum footprint_outcome outcome);

/** Whether anything that the study asks for (objectives, constraints) reads an input. */
bool allocation_reads(const struct allocation *a, enum design_input input);

/** What designs of the allocation are judged by; borrows from it. */
struct price_subject allocation_subject(const struct allocation *a);

/** Whether deadline_day is a limit: the fleet is given too, so that the time follows (M725). */
bool allocation_has_deadline(const struct study *study);

/** Why a demand in tokens is refused where samples move. */
extern const char allocation_samples_free[];

/** Inputs that a study gives in space. */
design_set allocation_said(const struct study *study);

/** Whether a row is flagged unpriced: a decision that is accepted so, or a choice of the design
 * that nothing pays for (docs/model.md M721). */
bool allocation_is_unpriced(const struct allocation *a, const struct design *d);

/** All outcomes of one configuration, loss included.
 * \param [out] d        the design. \param [out] outcome  [FOOTPRINT_N_OUTCOMES] NAN where it
 * cannot be computed */
void allocation_outcomes(const struct allocation *a, uint64_t configuration, struct design *d,
                         double outcome[]);

/** The same of any design, by a model that need not be that of the allocation. */
void allocation_price(const struct allocation *a, const struct predict_model *model,
                      const struct design *d, double outcome[]);

#endif
