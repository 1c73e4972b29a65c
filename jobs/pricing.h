/** \file pricing.h
 * The decisions of a study held against what pays for them: a decision that makes something better
 * and nothing that is asked for worse is refused, with what would price it (docs/model.md M722).
 */
#ifndef JOBS_PRICING_H
#define JOBS_PRICING_H

#include <mpi.h>

#include "inputs/study/study.h"
#include "solver/price.h"

/** What is chosen and what it is judged by; open. */
struct pricing {
    const struct study *study;
    struct price_subject subject;
    struct design base;
    const char *question; /**< text whose decisions these are; NULL: the study's */
    size_t n_axes;
    struct price_axis axes[DESIGN_N_INPUTS];
    bool decides[DESIGN_N_INPUTS];              /**< [n_axes] whether its levels compete */
    struct study_place places[DESIGN_N_INPUTS]; /**< [n_axes] */
    char keys[DESIGN_N_INPUTS][64];             /**< [n_axes] for messages: "space.params" */
    size_t n_targets;
    struct price_target targets[PRICE_MOST_TARGETS];
};

/** Add an objective or a question's target, and a limit with -INFINITY or INFINITY where it is
 * open.
 */
void pricing_ask(struct pricing *p, const struct price_target *target);
void pricing_limit(struct pricing *p, enum footprint_outcome outcome, double lower, double upper);

/** Refuse the first decision that nothing pays for and that the study does not accept.
 * Collective over \a comm where something is refused, which all ranks find alike.
 * \param [out] accepted  those that nothing pays for and the study accepts
 * \return STATUS_OK; STATUS_INPUT at the place of the decision */
enum status pricing_check(MPI_Comm comm, const struct pricing *p, design_set *accepted,
                          struct status_why *why);

/** What would make something pay for an input: ids of published corrections, those that go with the
 * model first, of published laws, and keys. Collective over \a comm (reads tables).
 * \param [out] text  [size] words for a message; "nothing published here" where there is
 * nothing */
enum status pricing_remedies(MPI_Comm comm, const struct predict_model *model,
                             enum design_input input, char text[], size_t size,
                             struct status_why *why);

/** Warn of inputs that nothing reads, and of choices that nothing pays for, with what would.
 * Collective over \a comm (reads tables).
 * \param [in] designs  [n]
 * \param [in] said     inputs that the study or a table of designs gives */
enum status pricing_tell(MPI_Comm comm, const struct price_subject *subject, size_t n,
                         const struct design designs[], design_set said, struct status_why *why);

/** Names of a set, as "post_bits, experts". \param [out] text  [size] */
void pricing_names(design_set inputs, char text[], size_t size);

#endif
