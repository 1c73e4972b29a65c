/** \file draws.h
 * Binds the draws of a study, replicates of its fit and drawn catalogues, to the band of its
 * frontier.
 */
#ifndef JOBS_DRAWS_H
#define JOBS_DRAWS_H

#include "jobs/allocation.h"
#include "jobs/model.h"
#include "search/front/band.h"

/** Whether a study asks for a band, or \a asked is set, and how many draws it has; what can be
 * refused is refused here, before the search. Not collective.
 * \param [out] n_draws  0: no band
 * \return STATUS_OK, or STATUS_INPUT: a draw axis without a band, no loss among the objectives, no
 * replicates or fewer than asked for */
enum status draws_count(const struct study *study, const struct model *model, bool asked,
                        size_t *n_draws, struct status_why *why);

/** The band of a frontier.
 * Collective over \a comm.
 * \param [in] n_draws  of draws_count, at least 1
 * \param [in] journal, digest  of the result, for restart
 * \return as band_make */
enum status draws_band(MPI_Comm comm, const struct allocation *allocation,
                       const struct model *model, size_t n_draws, const struct frontier *frontier,
                       const char *journal, const char *digest, struct band *made,
                       struct status_why *why);

#endif
