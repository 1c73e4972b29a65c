/** \file answers.h
 * The answers to one question: a case for each combination of levels that it depends on, solved on
 * all ranks together, with intervals over the replicates of a fit.
 */
#ifndef JOBS_ANSWERS_H
#define JOBS_ANSWERS_H

#include <stdbool.h>

#include "fitting/fit.h"
#include "jobs/inquiry.h"
#include "jobs/model.h"

/** How near to one limit a case comes while all its other limits are kept. */
struct answers_nearest {
    double value;                /**< NAN: the other limits cannot be kept either */
    unsigned at_lower, at_upper; /**< bit i: variable i is at that bound there */
};

/** The answer for one combination of levels; plain data without pointers, so that ranks can
 * exchange it. */
struct answers_case {
    bool is_absent; /**< the catalogue lacks a figure: the option is left out */
    bool is_best;   /**< of its scenario */
    struct allocate_answer found;
    char reason[320]; /**< what is absent, or why there is no answer */
    /** Without an answer: [inquiry.n_limits]; and what the law cannot reach with any params and
     * tokens, where a limit asks for that, else NAN. */
    struct answers_nearest nearest[ALLOCATE_MAX_LIMITS];
    double floor_nat;
    size_t n_replicates, n_solved; /**< of the fit: asked, and with an answer */
    struct fit_interval objective, variables[ALLOCATE_MAX_VARIABLES]; /**< when n_solved > 1 */
};

/** All cases of one question. */
struct answers {
    struct inquiry inquiry;
    struct answers_case *cases; /**< [inquiry.n_cases] */
    design_set accepted;        /**< what moves, that nothing pays for and that the study accepts */
};

/** Solve a question by the method of the study. Collective over \a comm.
 * \param [in]  model  with replicates of its fit: intervals are made
 * \param [out] answers  borrows the allocation and the question; cleared by answers_clear, also
 * after a failure \return as inquiry_make and allocate_solve say; agreed on */
enum status answers_make(MPI_Comm comm, const struct allocation *allocation,
                         const struct study_question *question, const struct model *model,
                         struct answers *answers, struct status_why *why);
void answers_clear(struct answers *a);

/** The levels of a case, as "device=A100-SXM4-40, mfu_ratio=0.4"; "" when there is one case. */
void answers_levels(const struct answers *a, size_t index, char text[], size_t size);

/** Whether any case has an answer.
 * \return STATUS_OK; STATUS_NO with, for each limit, the best that any case reaches; STATUS_INPUT
 * when every case lacks a figure of the catalogue */
enum status answers_conclude(const struct answers *a, struct status_why *why);

#endif
