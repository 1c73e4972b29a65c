#include "fitting/minimise/local.h"

#include <math.h>
#include <string.h>

#include "fitting/minimise/dense.h"
#include "fitting/minimise/vertex.h"

/* A stage is over when the decrease that Newton's step promises is this part of the value: coarse
 * for the stages on the way, at the rounding of the sum for the last. */
#define LOCAL_COARSE          1e-3
#define LOCAL_FINE            1e-15
#define LOCAL_COARSE_OF_DELTA 1e-2
/* With a figure held: its rise is compared to a threshold of parts in a hundred of the value. */
#define LOCAL_HELD      1e-12
#define LOCAL_HELD_SAME 1e-9 /* beyond, the figure could not be brought to its value */
enum { LOCAL_LIMIT = 400 };  /* evaluations a stage; the hardest set seen needed 90 */

/* Damping: first value after a failure, when to call it zero, and when to give up. */
#define LOCAL_DAMPING_FIRST 1e-3
#define LOCAL_DAMPING_SMALL 1e-9
#define LOCAL_DAMPING_LAST  1e14

/* Deltas of a cold start, in units of the residual: from least squares to the size of a good fit's
 * residuals, then by a constant ratio, then these multiples of the delta wanted. */
static const double local_deltas[] = {0.5, 0.03};
#define LOCAL_DELTA_FIRST 0.01
#define LOCAL_DELTA_RATIO 0.4
static const double local_factors[] = {4.0, 2.0, 1.0};
/* Least absolute deviations: the delta falls by this factor a stage to the last one, at which the
 * sum is that of absolute values to the last digits of any observation. */
#define LOCAL_LAD_FIRST  1e-3
#define LOCAL_LAD_FACTOR 0.25
#define LOCAL_LAD_LAST   1e-9
#define LOCAL_LAD_HELD   1e-5 /* with a figure held: the sum is then known to parts in 1e6 */

/** State of a stage. */
struct descent {
    const struct objective *o;
    const struct held *held; /* NULL: nothing is held */
    size_t pivot;            /* follows from the others when a figure is held */
    enum held_end begun;     /* whether the figure could have its value */
    double delta, tolerance;
    double damping;
    double *z;
    struct objective_point points[2];
    struct objective_point *at, *there; /* at z, and at the point tried */
    bool is_free[LAW_MAX_PARAMETERS];
    size_t n_evaluations;
};

static double clamp(double x, double lower, double upper)
{
    return x < lower ? lower : x > upper ? upper : x;
}

/** Free are the parameters inside the box, and those on a bound that the gradient leads away. */
static void find_free(struct descent *s)
{
    for (size_t i = 0; i < s->o->law->n_parameters; i++) {
        const bool below = s->z[i] <= s->o->lower[i] && s->at->gradient[i] >= 0.0;
        const bool above = s->z[i] >= s->o->upper[i] && s->at->gradient[i] <= 0.0;
        const bool is_pivot = s->held != NULL && i == s->pivot;
        s->is_free[i] = !below && !above && !is_pivot && objective_moves(s->o, i);
    }
}

/** Damped Newton step of the free parameters; 0 for the others.
 * \return false when no damping makes the matrix positive definite */
static bool find_step(struct descent *s, double step[])
{
    const size_t p = s->o->law->n_parameters;
    size_t index[LAW_MAX_PARAMETERS];
    size_t m = 0;
    for (size_t i = 0; i < p; i++) {
        step[i] = 0.0;
        if (s->is_free[i]) {
            index[m++] = i;
        }
    }
    while (s->damping < LOCAL_DAMPING_LAST) {
        double matrix[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
        double x[LAW_MAX_PARAMETERS];
        for (size_t i = 0; i < m; i++) {
            for (size_t j = 0; j < m; j++) {
                matrix[i * m + j] = s->at->hessian[index[i] * p + index[j]];
            }
            /* Scaled by the diagonal, so that the units of a parameter do not matter. */
            const double size = fabs(matrix[i * m + i]);
            matrix[i * m + i] += s->damping * (size > 1e-12 ? size : 1e-12);
            x[i] = -s->at->gradient[index[i]];
        }
        if (dense_solve(m, matrix, x)) {
            for (size_t i = 0; i < m; i++) {
                step[index[i]] = x[i];
            }
            return true;
        }
        s->damping = s->damping < LOCAL_DAMPING_FIRST ? LOCAL_DAMPING_FIRST : 4.0 * s->damping;
    }
    return false;
}

/** Decrease that the quadratic model promises for \a step. \param [out] slope  -gradient step */
static double promise(const struct descent *s, const double step[], double *slope)
{
    const size_t p = s->o->law->n_parameters;
    double linear = 0.0;
    double square = 0.0;
    for (size_t i = 0; i < p; i++) {
        linear += s->at->gradient[i] * step[i];
        for (size_t j = 0; j < p; j++) {
            square += step[i] * s->at->hessian[i * p + j] * step[j];
        }
    }
    *slope = -linear;
    return -(linear + 0.5 * square);
}

/** Adapt the damping to how well the model foretold the change. */
static void adapt(struct descent *s, bool accepted, double ratio)
{
    if (!accepted) {
        s->damping = s->damping < LOCAL_DAMPING_FIRST ? LOCAL_DAMPING_FIRST : 4.0 * s->damping;
    } else if (ratio > 0.75) {
        s->damping = s->damping < LOCAL_DAMPING_SMALL ? 0.0 : 0.1 * s->damping;
    } else if (ratio < 0.25) {
        s->damping = s->damping < 1e-6 ? 1e-6 : 3.0 * s->damping;
    }
}

/** Derivatives of the function that is minimised, where a figure is held. The pivot is chosen anew:
 * one that has met its bound becomes a parameter like the others, held there as long as the
 * gradient wants. */
static void fold(struct descent *s)
{
    if (s->held != NULL) {
        s->pivot = held_pivot(s->held, s->z);
        held_fold(s->held, s->pivot, s->z, s->at);
    }
}

/** First point of a stage. \return false when the objective or the figure held has no value */
static bool begin(struct descent *s)
{
    if (s->held != NULL) {
        size_t pivot = held_pivot(s->held, s->z);
        s->begun = held_restore(s->held, &pivot, s->z);
        if (s->begun != HELD_FOUND) {
            return false;
        }
    }
    objective_evaluate(s->o, s->delta, s->z, s->at);
    s->n_evaluations++;
    fold(s);
    return isfinite(s->at->value);
}

/** Value at \a next, moved to where a figure held has its value; infinity where it has none. */
static double try_point(struct descent *s, double next[])
{
    size_t pivot = s->pivot;
    if (s->held != NULL && held_restore(s->held, &pivot, next) != HELD_FOUND) {
        return (double)INFINITY;
    }
    objective_evaluate(s->o, s->delta, next, s->there);
    s->n_evaluations++;
    return s->there->value;
}

/** Make the point tried, \a next, the present one. */
static void take(struct descent *s, const double next[])
{
    struct objective_point *const before = s->at;
    memcpy(s->z, next, s->o->law->n_parameters * sizeof *next);
    s->at = s->there;
    s->there = before;
    fold(s);
}

/** Newton's method at one delta. */
static enum fit_reason descend(struct descent *s)
{
    const size_t p = s->o->law->n_parameters;
    if (!begin(s)) {
        return FIT_DIVERGED;
    }
    for (size_t k = 0; k < LOCAL_LIMIT; k++) {
        double step[LAW_MAX_PARAMETERS];
        double next[LAW_MAX_PARAMETERS];
        double slope = 0.0;
        find_free(s);
        if (!find_step(s, step)) {
            return FIT_STALLED;
        }
        const double promised = promise(s, step, &slope);
        if (slope <= s->tolerance * s->at->value) {
            return FIT_CONVERGED;
        }
        for (size_t i = 0; i < p; i++) {
            next[i] = clamp(s->z[i] + step[i], s->o->lower[i], s->o->upper[i]);
        }
        const double value = try_point(s, next);
        const bool accepted = value < s->at->value;
        adapt(s, accepted, (s->at->value - value) / promised);
        if (accepted) {
            take(s, next);
        } else if (s->damping > LOCAL_DAMPING_LAST) {
            return FIT_STALLED;
        }
    }
    return FIT_LIMIT;
}

/** One stage; keeps \a z when it diverges. */
static enum fit_reason stage(struct descent *s, double delta, bool is_last)
{
    s->delta = delta;
    const double coarse = LOCAL_COARSE_OF_DELTA * delta;
    const double fine = s->held != NULL ? LOCAL_HELD : LOCAL_FINE;
    s->tolerance = is_last ? fine : coarse < LOCAL_COARSE ? coarse : LOCAL_COARSE;
    s->damping = 0.0;
    return descend(s);
}

/** From near least squares down to multiples of \a delta, and to delta itself if \a is_last. */
static enum fit_reason continue_down(struct descent *s, double delta, bool is_last)
{
    enum fit_reason reason = FIT_CONVERGED;
    const double near = local_factors[0] * delta;
    const double unit = s->o->unit;
    for (size_t i = 0; i < sizeof local_deltas / sizeof local_deltas[0]; i++) {
        if (unit * local_deltas[i] > near) {
            (void)stage(s, unit * local_deltas[i], false);
        }
    }
    for (double d = unit * LOCAL_DELTA_FIRST; d > 1.25 * near; d *= LOCAL_DELTA_RATIO) {
        (void)stage(s, d, false);
    }
    const size_t n = sizeof local_factors / sizeof local_factors[0];
    for (size_t i = 0; i < n; i++) {
        reason = stage(s, local_factors[i] * delta, is_last && i + 1 == n);
    }
    return reason;
}

static enum fit_reason minimise_lad(struct descent *s, bool warm)
{
    enum fit_reason reason = FIT_CONVERGED;
    if (!warm) {
        (void)continue_down(s, s->o->unit * LOCAL_LAD_FIRST, false);
    }
    const double last = s->o->unit * (s->held != NULL ? LOCAL_LAD_HELD : LOCAL_LAD_LAST);
    for (double delta = s->o->unit * LOCAL_LAD_FIRST; delta > last; delta *= LOCAL_LAD_FACTOR) {
        reason = stage(s, delta * LOCAL_LAD_FACTOR, delta * LOCAL_LAD_FACTOR <= last);
    }
    if (s->o->prior.any) {
        return reason; /* a prior is smooth: its balance with the residuals is no vertex */
    }
    if (s->held != NULL) {
        return reason; /* the vertices of the problem with a figure held are others */
    }
    find_free(s);
    return vertex_descend(s->o, s->is_free, s->z) ? FIT_CONVERGED : reason;
}

/** Put each parameter that may be 0, of which the logarithm only nears it, there where that is no
 * worse. */
static void try_zeros(const struct objective *o, double z[])
{
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        const bool may_be_zero = o->law->parameters[i].transform == LAW_LOG
                                 && o->lower[i] <= LAW_LOG_ZERO && objective_moves(o, i);
        const double kept = z[i];
        const double before = may_be_zero ? objective_value(o, z) : 0.0;
        if (may_be_zero) {
            z[i] = o->lower[i];
            objective_tie(o, z);
            z[i] = objective_value(o, z) <= before ? z[i] : kept;
            objective_tie(o, z);
        }
    }
}

static void minimise(const struct objective *o, const struct held *held, bool warm, double z[],
                     struct local_end *end)
{
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        z[i] = clamp(z[i], o->lower[i], o->upper[i]);
    }
    struct descent s = {.o = o, .held = held, .z = z};
    s.at = &s.points[0];
    s.there = &s.points[1];
    if (o->kind == FIT_LAD) {
        end->reason = minimise_lad(&s, warm);
    } else if (warm || o->kind == FIT_LEAST_SQUARES) {
        end->reason = stage(&s, o->delta, true);
    } else {
        end->reason = continue_down(&s, o->delta, true);
    }
    objective_tie(o, z);
    if (held == NULL) {
        try_zeros(o, z);
    }
    end->objective = objective_value(o, z);
    end->n_evaluations = s.n_evaluations;
    end->held = s.begun;
    if (!isfinite(end->objective)) {
        end->reason = FIT_DIVERGED;
    }
}

void local_minimise(const struct objective *o, bool warm, double z[], struct local_end *end)
{
    minimise(o, NULL, warm, z, end);
}

void local_minimise_held(const struct objective *o, const struct held *held, bool warm, double z[],
                         struct local_end *end)
{
    minimise(o, held, warm, z, end);
    const double off = fabs(held_value(held, z) - held->target);
    if (!(off <= LOCAL_HELD_SAME * (1.0 + fabs(held->target)))) {
        end->reason = FIT_DIVERGED;
    }
}

void local_bounds(const struct objective *o, const double z[], bool at_bound[])
{
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        const size_t root = o->root[i];
        at_bound[i] =
            objective_moves(o, root) && (z[root] <= o->lower[root] || z[root] >= o->upper[root]);
    }
}
