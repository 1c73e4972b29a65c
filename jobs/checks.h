/** \file checks.h
 * What a reviewer asks of a fit before believing it: how it predicts runs that it did not see, how
 * the answer moves under other choices, and whether another law does better.
 */
#ifndef JOBS_CHECKS_H
#define JOBS_CHECKS_H

#include <mpi.h>
#include <stdio.h>

#include "inputs/h5.h"
#include "inputs/study/study.h"
#include "jobs/model.h"

struct checks;

/** Run the checks that the study asks for on the fit of the model, and fit the other laws.
 * Collective over \a comm.
 * \param [in]  model  has runs and a fit; stays alive as long as the checks
 * \param [in]  journal, digest  as model_make
 * \param [out] made   destroyed by checks_destroy
 * \return as fit_run, select_run and select_compare say; agreed on */
enum status checks_run(MPI_Comm comm, const struct study *study, const struct model *model,
                       const char *journal, const char *digest, struct checks **made,
                       struct status_why *why);
void checks_destroy(struct checks *c);

/** Write /fit/<law>/checks and /sensitivity, the other laws, and /fit/compare. Collective as h5.h
 * says. */
enum status checks_write(struct h5 *file, const struct checks *c, const struct model *model,
                         struct status_why *why);

/** Read the checks of \a fit back from a result file, where it has them.
 * \param [out] made  NULL when the file has none; shares what \a fit holds; destroyed by
 * checks_destroy */
enum status checks_read(struct h5 *file, const struct fit *fit, struct checks **made,
                        struct status_why *why);

/** Compact tables for the terminal. \param [in] c  NULL: none */
void checks_print(FILE *to, const struct checks *c);

#endif
