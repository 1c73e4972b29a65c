#include "fitting/minimise/vertex.h"

#include <math.h>
#include <string.h>

#include "fitting/minimise/dense.h"

enum {
    VERTEX_BREAKS = 6, /* vertices tried along an edge: the ridges between minima are this wide */
    VERTEX_MOVES = 200,
    VERTEX_STEPS = 8 /* of Newton's method, which doubles its digits at each */
};

/* Newton's method on the zero residuals is over when no parameter moves more than this. */
#define VERTEX_MOVED 1e-14
/* Slack of the multipliers, by rounding, and the least gain worth a move. */
#define VERTEX_SLACK 1e-9
#define VERTEX_GAIN  1e-13

/** A vertex: the rows whose residuals are zero, at z. */
struct vertex {
    size_t m; /* rows, and free parameters */
    size_t rows[LAW_MAX_PARAMETERS];
    size_t index[LAW_MAX_PARAMETERS]; /* of the free parameters */
    double z[LAW_MAX_PARAMETERS];
    double sum; /* of absolute residuals */
};

/** Residuals and their gradients at a vertex, in the scratch columns of the objective. */
static double *residual_of(const struct objective *o)
{
    return o->scratch;
}

static double *gradient_of(const struct objective *o, size_t row)
{
    return o->scratch + o->capacity + row * LAW_MAX_PARAMETERS;
}

/** Move v->z to where the residuals of v->rows are zero. \return false when it is not nearby */
static bool reach(const struct objective *o, struct vertex *v)
{
    const size_t m = v->m;
    for (size_t k = 0; k < VERTEX_STEPS; k++) {
        double matrix[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
        double x[LAW_MAX_PARAMETERS];
        double moved = 0.0;
        for (size_t i = 0; i < m; i++) {
            double d_z[LAW_MAX_PARAMETERS];
            x[i] = -objective_row(o, v->z, v->rows[i], d_z);
            for (size_t j = 0; j < m; j++) {
                matrix[i * m + j] = d_z[v->index[j]];
            }
        }
        if (!dense_eliminate(m, matrix, x)) {
            return false;
        }
        for (size_t j = 0; j < m; j++) {
            const size_t i = v->index[j];
            v->z[i] += x[j];
            if (v->z[i] < o->lower[i] || v->z[i] > o->upper[i]) {
                return false;
            }
            moved = fabs(x[j]) > moved ? fabs(x[j]) : moved;
        }
        if (moved < VERTEX_MOVED) {
            break;
        }
    }
    v->sum = objective_value(o, v->z);
    return isfinite(v->sum);
}

/** Fill the scratch columns at v->z. */
static void linearise(const struct objective *o, const struct vertex *v)
{
    for (size_t i = 0; i < o->n; i++) {
        residual_of(o)[i] = objective_row(o, v->z, i, gradient_of(o, i));
    }
}

/** The rows with the smallest residuals. \return false when there are too few */
static bool choose_rows(const struct objective *o, struct vertex *v)
{
    if (o->n < v->m) {
        return false;
    }
    linearise(o, v);
    for (size_t k = 0; k < v->m; k++) {
        size_t best = o->n;
        for (size_t i = 0; i < o->n; i++) {
            bool taken = false;
            for (size_t j = 0; j < k; j++) {
                taken = taken || v->rows[j] == i;
            }
            if (!taken && (best == o->n || fabs(residual_of(o)[i]) < fabs(residual_of(o)[best]))) {
                best = i;
            }
        }
        v->rows[k] = best;
    }
    return true;
}

static bool has_row(const struct vertex *v, size_t row)
{
    for (size_t k = 0; k < v->m; k++) {
        if (v->rows[k] == row) {
            return true;
        }
    }
    return false;
}

/** Direction along which the residual of row \a k grows by 1 and the other zero ones stay. */
static bool edge(const struct objective *o, const struct vertex *v, size_t k, double direction[])
{
    double matrix[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    for (size_t i = 0; i < v->m; i++) {
        direction[i] = i == k ? 1.0 : 0.0;
        for (size_t j = 0; j < v->m; j++) {
            matrix[i * v->m + j] = gradient_of(o, v->rows[i])[v->index[j]];
        }
    }
    return dense_eliminate(v->m, matrix, direction);
}

/** The rows whose residuals are the next to become zero along sign * direction, by the linear
 * model. \param [out] row, distance  [VERTEX_BREAKS] ascending \return how many */
static size_t next_zeros(const struct objective *o, const struct vertex *v,
                         const double direction[], double sign, size_t row[], double distance[])
{
    size_t n = 0;
    for (size_t i = 0; i < o->n; i++) {
        double slope = 0.0;
        for (size_t j = 0; j < v->m; j++) {
            slope += sign * gradient_of(o, i)[v->index[j]] * direction[j];
        }
        const double t = -residual_of(o)[i] / slope;
        if (!(t > 0.0) || !isfinite(t) || has_row(v, i)) {
            continue;
        }
        size_t at = n < VERTEX_BREAKS ? n++ : VERTEX_BREAKS;
        while (at > 0 && distance[at - 1] > t) {
            if (at < VERTEX_BREAKS) {
                distance[at] = distance[at - 1];
                row[at] = row[at - 1];
            }
            at--;
        }
        if (at < VERTEX_BREAKS) {
            distance[at] = t;
            row[at] = i;
        }
    }
    return n;
}

/** The best of the vertices along the edges of \a v. \return false when none is better */
static bool find_better(const struct objective *o, const struct vertex *v, struct vertex *better)
{
    *better = *v;
    linearise(o, v);
    for (size_t k = 0; k < 2 * v->m; k++) {
        const double sign = k % 2 == 0 ? 1.0 : -1.0;
        double direction[LAW_MAX_PARAMETERS];
        size_t row[VERTEX_BREAKS];
        double distance[VERTEX_BREAKS];
        if (!edge(o, v, k / 2, direction)) {
            return false;
        }
        const size_t n = next_zeros(o, v, direction, sign, row, distance);
        for (size_t i = 0; i < n; i++) {
            struct vertex other = *v;
            other.rows[k / 2] = row[i];
            for (size_t j = 0; j < v->m; j++) {
                other.z[v->index[j]] += sign * distance[i] * direction[j];
            }
            if (reach(o, &other) && other.sum < better->sum) {
                *better = other;
            }
        }
    }
    return better->sum < v->sum * (1.0 - VERTEX_GAIN);
}

/** Whether the multipliers of the zero residuals stay within their weights (the upper one times the
 * factor of over-prediction): the condition of a
 * minimum, 0 in the subdifferential. */
static bool is_minimal(const struct objective *o, const struct vertex *v)
{
    const size_t m = v->m;
    double matrix[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS] = {0.0};
    double x[LAW_MAX_PARAMETERS] = {0.0};
    linearise(o, v);
    for (size_t i = 0; i < o->n; i++) {
        const double pull = o->weight[i] * (residual_of(o)[i] > 0.0 ? o->over_prediction : -1.0);
        for (size_t j = 0; j < m && !has_row(v, i); j++) {
            x[j] -= pull * gradient_of(o, i)[v->index[j]];
        }
    }
    for (size_t k = 0; k < m; k++) {
        for (size_t j = 0; j < m; j++) {
            matrix[j * m + k] = gradient_of(o, v->rows[k])[v->index[j]];
        }
    }
    if (!dense_eliminate(m, matrix, x)) {
        return false;
    }
    for (size_t k = 0; k < m; k++) {
        const double most = o->weight[v->rows[k]] * (1.0 + VERTEX_SLACK);
        if (x[k] > most * o->over_prediction || x[k] < -most) {
            return false;
        }
    }
    return true;
}

bool vertex_descend(const struct objective *o, const bool is_free[], double z[])
{
    struct vertex v = {.m = 0};
    memcpy(v.z, z, o->law->n_parameters * sizeof *z);
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        if (is_free[i]) {
            v.index[v.m++] = i;
        }
    }
    const double before = objective_value(o, z);
    if (v.m == 0 || !choose_rows(o, &v) || !reach(o, &v)) {
        return false;
    }
    struct vertex better;
    for (size_t k = 0; k < VERTEX_MOVES && find_better(o, &v, &better); k++) {
        v = better;
    }
    if (!(v.sum <= before)) {
        return false;
    }
    memcpy(z, v.z, o->law->n_parameters * sizeof *z);
    return is_minimal(o, &v);
}
