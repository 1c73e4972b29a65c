/** \file searching.h
 * Binds a study to a Bayesian search: its variables, objectives, limits and constraints, and what
 * evaluates them: the model, a command of the user or a table.
 */
#ifndef JOBS_SEARCHING_H
#define JOBS_SEARCHING_H

#include <mpi.h>
#include <stdbool.h>

#include "inputs/study/study.h"
#include "jobs/allocation.h"
#include "search/bayes/command.h"
#include "search/bayes/driver.h"
#include "search/bayes/propose.h"
#include "search/bayes/replay.h"
#include "solver/formula/formula_program.h"

/** A constraint: how much its left side exceeds its right one, or may not equal it. */
struct searching_rule {
    struct formula_program *sides[2];
    double *workspaces[2];
    bool is_less, is_strict; /**< left < right; else left > right; strict: not equal either */
};

/** Everything bound; open, cleared by searching_clear, not to be moved. Borrows the study and the
 * model. */
struct searching {
    const struct study *study;
    struct propose_problem problem;
    const char **labels[STUDY_MAX_VARIABLES]; /**< of categories of bayes.variables */
    double *levels[STUDY_MAX_VARIABLES]; /**< of ordinal variables that are no list of the study */
    size_t n_rules;
    struct searching_rule rules[STUDY_MAX_RULES];
    const struct predict_model *model; /**< NULL: another evaluator */
    struct allocation allocation;      /**< with a model */
    enum design_input inputs[STUDY_MAX_VARIABLES];
    double outcomes[PROPOSE_MAX_OBJECTIVES + PROPOSE_MAX_LIMITS]; /**< of the design at hand */
    struct replay *replay, *imported;
    struct command *command;
    char study_folder[1024];
    const char *names[PROPOSE_MAX_OBJECTIVES + PROPOSE_MAX_LIMITS], *words[STUDY_MAX_WORDS];
    struct driver_evaluator evaluator;
    struct driver_options options;
};

/** Bind. Collective over \a comm (reads tables).
 * \param [in] model   for evaluator: model; else NULL
 * \param [in] folder  of the evaluations of a command; must outlive the search
 * \return STATUS_OK; STATUS_INPUT with the place in the study; STATUS_IO, STATUS_MEMORY; agreed on
 */
enum status searching_make(MPI_Comm comm, const struct study *study,
                           const struct predict_model *model, const char *folder,
                           struct searching *made, struct status_why *why);
void searching_clear(struct searching *s);

/** Where the evaluations of a command run, beside the result \a path. \param [out] folder  [size]
 */
void searching_folder(const char *path, char folder[], size_t size);

/** The first design that the search will evaluate.
 * \param [out] values  [n_variables] \return as propose_design */
enum status searching_first(const struct searching *s, double values[], struct status_why *why);

#endif
