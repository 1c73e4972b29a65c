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
    double lower[LAW_N_INPUTS], upper[LAW_N_INPUTS]; /**< natural units */
    char name[64]; /**< "fit of runs.csv" or the id of a published set */
};

/** Inputs of a design that a law, or one of its terms, reads: a bit (1u << input) each. */
unsigned predict_design_inputs(const struct law *law);
unsigned predict_term_inputs(const struct law_term *term);

/** Natural logarithms of the law's inputs; compute is 6 N D (docs/model.md M7).
 * \param [out] log_x  [LAW_N_INPUTS] */
void predict_inputs(const struct design *d, double log_x[]);

/** Loss in nat. */
double predict_loss_nat(const struct predict_model *m, const struct design *d);

/** Whether any input that the law reads lies outside the model's range. */
bool predict_extrapolates(const struct predict_model *m, const struct design *d);

#endif
