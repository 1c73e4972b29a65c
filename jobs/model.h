/** \file model.h
 * From a study to a law with its numbers, by the way that the study names: published coefficients,
 * a fit file, a fit of its runs, or numbers that it says itself.
 */
#ifndef JOBS_MODEL_H
#define JOBS_MODEL_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

#include "fitting/approaches.h"
#include "fitting/fit.h"
#include "inputs/plausible.h"
#include "inputs/runs.h"
#include "inputs/study/study.h"
#include "jobs/forecast.h"
#include "solver/predict.h"

/** A law with its numbers and what they come from. Cleared by model_clear. */
struct model {
    struct predict_model predict;
    bool has_runs, has_fit;
    struct runs runs;          /**< when has_runs */
    struct fit fit;            /**< when has_fit: fitted here, or read from law.from */
    struct plausible findings; /**< of the runs and of the fit made here */
    struct forecast *forecast; /**< intervals of losses; NULL without a fit */
    size_t n_laws; /**< fitted to the runs or to be: law.id, then those of fit.compare */
    const struct law *laws[1 + STUDY_MAX_COMPARE];
};

/** How much of the uncertainty is wanted. */
enum model_effort {
    MODEL_POINT,     /**< the optimum only: no bootstrap */
    MODEL_REPLICATES /**< with the replicates that the study asks for */
};

/** Make the model of a study.
 * Collective over \a comm.
 * \param [in] journal  folder of restart records; NULL: none are kept
 * \param [in] digest   of everything the result depends on; for the journal
 * \return as study, runs, registry and fit say; agreed on */
enum status model_make(MPI_Comm comm, const struct study *study, enum model_effort effort,
                       const char *journal, const char *digest, struct model *made,
                       struct status_why *why);
void model_clear(struct model *m);

/** The approaches that the study asks for beside the fit of a model that has runs.
 * \return STATUS_OK; STATUS_INPUT (the runs give no params, tokens or compute, or no loss);
 * STATUS_MEMORY */
enum status model_compare(const struct study *study, const struct model *m, struct approaches *made,
                          struct status_why *why);

/** What the study says of the parameters of law \a i of the model.
 * \param [out] options  [LAW_MAX_PARAMETERS]
 * \return STATUS_OK or STATUS_INPUT: says something of what is no parameter of the law */
enum status model_parameters(const struct study *study, const struct model *m, size_t i,
                             struct fit_parameter_option options[], struct status_why *why);

/** The runs as \a law reads them; borrowed from the model. */
struct fit_data model_data(const struct model *m, const struct law *law);

#endif
