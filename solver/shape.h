/** \file shape.h
 * The shape of a transformer: its width, its depth and the parameters outside the vocabulary, as
 * said by a design or by a rule of its parameters (docs/model.md M152, M153).
 */
#ifndef SOLVER_SHAPE_H
#define SOLVER_SHAPE_H

#include "solver/design.h"

/** Matrices of the vocabulary that the parameters contain. */
enum shape_embeddings {
    SHAPE_UNTIED, /**< one that embeds and one that predicts */
    SHAPE_TIED    /**< one for both */
};

struct shape {
    double body_params;       /**< parameters outside the vocabulary */
    double vocabulary_params; /**< of one matrix of the vocabulary */
    double width, depth;      /**< not rounded */
};

/** The shape of the parameters used for each token. All NAN where the vocabulary alone has as many
 * parameters as the model. */
struct shape shape_of(const struct design *d, enum shape_embeddings embeddings);

/** Inputs that it reads. */
#define SHAPE_INPUTS                                                                               \
    (DESIGN_BIT(DESIGN_PARAMS) | DESIGN_BIT(DESIGN_WIDTH) | DESIGN_BIT(DESIGN_DEPTH)               \
     | DESIGN_BIT(DESIGN_VOCABULARY))

#endif
