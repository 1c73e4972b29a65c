/** \file select.h
 * How good a fitted law is, and which of several laws is better: information criteria from the
 * likelihood that the objective states, and errors of prediction on rows that the fit did not see.
 * A prediction is held against a run that exists; a projection, for which none does, has no error
 * here, only the ratio by which it extrapolates. docs/model.md, Checks of a fit.
 */
#ifndef FITTING_SELECT_H
#define FITTING_SELECT_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

#include "fitting/fit.h"
#include "inputs/items.h"
#include "inputs/text/digest.h"

enum { SELECT_MAX_LAWS = 16 };

/** Where the criteria of a fit come from (docs/model.md M56, M75 to M77). */
enum select_rule {
    SELECT_LIKELIHOOD, /**< the greatest likelihood that the objective states */
    SELECT_WEIGHTED,   /**< the same with rows that count by their weights, of mean 1 */
    SELECT_PENALISED,  /**< the likelihood where the priors put the optimum, which count as the
                          parameters that they leave to the data; weighted if there are weights */
    SELECT_NO_NOISE    /**< none: the law passes through every row, the likelihood has no bound */
};
const char *select_rule_name(enum select_rule r);

/** Information criteria; NAN by SELECT_NO_NOISE, aicc also with too few rows. */
struct select_criteria {
    enum select_rule rule;
    size_t n_parameters; /**< those that the fit moves and the scale of the noise */
    double effective;    /**< the same, less what priors say (M77): the number that is charged */
    double noise_scale;  /**< sigma of Gauss and Huber, b of Laplace, in units of the residual,
                            which are standard errors where these are known */
    double log_likelihood, aic, aicc, bic;
};

/** Whether held-out errors were computed. */
enum select_outcome {
    SELECT_DONE,
    SELECT_OFF,        /**< not asked for */
    SELECT_FEW_ROWS,   /**< a fit would have no more rows than parameters, or a fold no row */
    SELECT_NO_COMPUTE, /**< the runs do not tell their compute */
    SELECT_FAILED      /**< a fit without the rows led to no finite value */
};
const char *select_outcome_name(enum select_outcome o);

/** Errors ln predicted - ln observed of rows left out of the fit that predicts them. */
struct select_errors {
    enum select_outcome outcome;
    size_t n_fit, n_held;          /**< rows fitted (the fewest of all folds) and predicted */
    double root_mean_square, mean; /**< mean > 0: predicts too high */
};

struct select_options {
    size_t n_folds;            /**< 0: no folds; else 2 or more */
    double held_out_share;     /**< share of the rows, those of most compute; 0: none */
    const double *log_compute; /**< [n] ln compute_flop; NULL: not known */
    struct items *items;       /**< where the work is recorded; NULL: nowhere */
};

/** The checks of one fit; cleared by select_clear. */
struct select {
    const struct law *law;
    enum fit_residual residual;
    size_t n;
    char rows_digest[DIGEST_SIZE]; /**< of the observed responses in their order */
    struct select_criteria criteria;
    size_t n_folds;
    struct select_errors folds;
    unsigned char *fold;      /**< [n] which fold holds the row; 0 without folds */
    double *fold_error;       /**< [n] by the fit without the row's fold; NAN without folds */
    double *fold_mean_square; /**< [n_folds] */
    struct select_errors largest;
    double *largest_error;      /**< [n] by the fit without the largest; NAN for rows fitted */
    double held_out_share;      /**< as asked */
    double extrapolation_ratio; /**< largest compute predicted / largest compute fitted */
    double target_ratio; /**< target_compute_flop / largest compute of the runs: above 1 what is
                            said there is a projection; NAN when unknown */
};

/** Criteria from the objective at the optimum of rows without weights, errors or priors.
 * \param [in] n  rows */
void select_criteria(const struct fit_options *options, size_t n, double objective,
                     struct select_criteria *made);

/** Check a fit.
 * Collective over \a comm; the same on every rank and for any number of ranks.
 * \param [in] data  what \a f was fitted to
 * \return STATUS_OK; STATUS_INPUT (options out of range); STATUS_MEMORY; STATUS_CHECKPOINTED;
 * agreed on */
enum status select_run(MPI_Comm comm, const struct fit_data *data, const struct fit *f,
                       const struct select_options *options, struct select *made,
                       struct status_why *why);
void select_clear(struct select *s);

/** Laws beside each other, by the mean square of the errors over the same folds. */
struct select_comparison {
    size_t n;
    size_t lowest;                            /**< law of the lowest error; n: no folds */
    double difference[SELECT_MAX_LAWS];       /**< mean square less the lowest */
    double difference_error[SELECT_MAX_LAWS]; /**< its standard error, over the folds in pairs */
    bool is_tied[SELECT_MAX_LAWS]; /**< not above the lowest by more than the standard error */
    size_t best;                   /**< the only law that is tied; n: none stands out */
};

/** Compare fits.
 * \param [in] of  [n] 1 to SELECT_MAX_LAWS
 * \return STATUS_OK; STATUS_INPUT: different rows or residual spaces, whose likelihoods and errors
 * do not compare; names the laws */
enum status select_compare(const struct select of[], size_t n, struct select_comparison *made,
                           struct status_why *why);

#endif
