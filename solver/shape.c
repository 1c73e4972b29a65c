#include "solver/shape.h"

#include <math.h>

#include "solver/base/vmath.h"

/* A layer of width d holds 4 d^2 in attention and 8 d^2 behind it (kaplan2020). */
static const double params_per_square = 12.0;
/* Width over depth of the models of pearce2024. */
static const double aspect = 39.2;

/* The positive x with x^3 + c x = n: the left side is increasing and convex, so that Newton's
 * method falls towards it from any point above. */
static double cubic_root(double c, double n)
{
    enum { ENOUGH = 100 };
    double x = fmin(vmath_exp1(vmath_log1(n) / 3.0), n / c);
    for (int i = 0; i < ENOUGH; i++) {
        const double next = x - ((x * x + c) * x - n) / (3.0 * x * x + c);
        if (!(next < x)) {
            break;
        }
        x = next;
    }
    return x;
}

/* The width that a design does not say. The body is 12 depth width^2, beside `matrices` times the
 * vocabulary times the width; the depth is as said or width / aspect. */
static double width_of(const struct design *d, double matrices)
{
    const double params = d->value[DESIGN_PARAMS], depth = d->value[DESIGN_DEPTH];
    const double embedding = matrices * d->value[DESIGN_VOCABULARY];
    if (depth > 0.0) {
        /* 12 depth w^2 + embedding w = params, without the cancellation of the textbook's root. */
        const double square = params_per_square * depth;
        return 2.0 * params / (embedding + sqrt(embedding * embedding + 4.0 * square * params));
    }
    const double scale = params_per_square / aspect;
    return cubic_root(embedding / scale, params / scale);
}

struct shape shape_of(const struct design *d, enum shape_embeddings embeddings)
{
    const double matrices = embeddings == SHAPE_TIED ? 1.0 : 2.0;
    const double depth = d->value[DESIGN_DEPTH];
    struct shape s;
    if (d->value[DESIGN_WIDTH] > 0.0) {
        s.width = d->value[DESIGN_WIDTH];
        s.vocabulary_params = d->value[DESIGN_VOCABULARY] * s.width;
        s.body_params = d->value[DESIGN_PARAMS] - matrices * s.vocabulary_params;
        s.depth = depth > 0.0 ? depth : s.body_params / (params_per_square * s.width * s.width);
    } else {
        s.width = width_of(d, matrices);
        s.vocabulary_params = d->value[DESIGN_VOCABULARY] * s.width;
        s.depth = depth > 0.0 ? depth : s.width / aspect;
        s.body_params = params_per_square * s.depth * s.width * s.width;
    }
    if (!(s.body_params > 0.0)) {
        const double none = NAN;
        return (struct shape){none, none, none, none};
    }
    return s;
}
