/** \file sensitivity.h
 * How the answer moves when what the analyst chose is chosen otherwise: the objective, its delta,
 * the residual space, the rows. The objective decides the answer (docs/model.md M21), so a fit
 * shows its answers under the others beside its own. docs/model.md, Checks of a fit.
 */
#ifndef FITTING_SENSITIVITY_H
#define FITTING_SENSITIVITY_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

#include "fitting/fit.h"
#include "inputs/items.h"

enum { SENSITIVITY_TENTHS = 10, SENSITIVITY_MAX_ROWS = 32, SENSITIVITY_TEXT_SIZE = 64 };

/** One choice and its answers; NAN where there is none. */
struct sensitivity_row {
    char what[SENSITIVITY_TEXT_SIZE]; /**< "as stated", "delta x 10", "without the 5 highest"
                                       */
    size_t n;         /**< rows used; 0: the choice cannot be made with these rows */
    double objective; /**< in its own units: not to be compared between rows */
    double natural[LAW_MAX_PARAMETERS];
    double exponent_params;                              /**< a */
    double optimum_params, optimum_tokens, optimum_loss; /**< at target_compute_flop */
};

/** The table; the first row is the fit itself. Plain data. */
struct sensitivity {
    const struct law *law;
    bool has_optimum; /**< the law has an optimum at a compute: the last four figures */
    size_t n_rows;
    struct sensitivity_row rows[SENSITIVITY_MAX_ROWS];
};

/** Fit again under every other choice; each is an item of work.
 * Collective over \a comm; the same on every rank and for any number of ranks.
 * \param [in] data         what \a f was fitted to
 * \param [in] log_compute  [data->n] ln compute_flop; NULL: not known, no tenths are left out
 * \param [in] items        where the work is recorded; NULL: nowhere
 * \return STATUS_OK; STATUS_MEMORY; STATUS_CHECKPOINTED; agreed on */
enum status sensitivity_run(MPI_Comm comm, const struct fit_data *data, const struct fit *f,
                            const double log_compute[], struct items *items,
                            struct sensitivity *made, struct status_why *why);

#endif
