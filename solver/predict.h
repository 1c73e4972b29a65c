/** \file predict.h
 * From a design to its loss: maps the design's inputs to those of a law and says whether the point
 * lies outside the range of the data behind the coefficients.
 */
#ifndef SOLVER_PREDICT_H
#define SOLVER_PREDICT_H

#include <stdbool.h>

#include "solver/design.h"
#include "solver/laws/law.h"

/** A law with its numbers, fitted or published, and the range in which it was seen. Plain data. */
struct predict_model {
    const struct law *law;
    double theta[LAW_MAX_PARAMETERS];
    double lower[LAW_MAX_INPUTS],
        upper[LAW_MAX_INPUTS]; /**< [n_inputs] of the law, natural units */
    char name[64];             /**< "fit of runs.csv" or the id of a published set */
};

/** Whether designs can be given to the law of a model.
 * \return STATUS_OK, or STATUS_INPUT naming the input that no design has, or the response that is
 * not a loss: such laws can be fitted only */
enum status predict_check(const struct predict_model *m, struct status_why *why);

/** Inputs of a design that the loss, or the \a k-th term of its law, reads. The model, as that of
 * the functions below, has passed predict_check. */
design_set predict_reads(const struct predict_model *m);
design_set predict_term_reads(const struct predict_model *m, size_t k);

/** The law's inputs as its functions take them (docs/model.md M7): those of the design by name;
 * compute_flop is 6 N D, active_params the params, unique_tokens at most the tokens, and bits that
 * are not said those of the precision.
 * \param [out] x  [n_inputs] */
void predict_inputs(const struct predict_model *m, const struct design *d, double x[]);

/** Loss in nat. */
double predict_loss_nat(const struct predict_model *m, const struct design *d);

/** Whether any input that the law reads lies outside the model's range. */
bool predict_extrapolates(const struct predict_model *m, const struct design *d);

#endif
