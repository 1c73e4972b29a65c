#include "search/optimise/newton.h"

#include <gsl/gsl_linalg.h>
#include <math.h>
#include <string.h>

enum { MOST_UNKNOWNS = ALLOCATE_MAX_VARIABLES + VIEW_MAX_ROWS };

/* Within this of a bound a coordinate is held; a row this near zero binds. */
static const double on_bound = 1e-9, binds_to = 1e-6;
/* A singular value below this share of the largest is zero: differences have ten digits. */
static const double singular = 1e-8;
/* Part of the unit cube: the longest step, and the last. */
static const double longest = 0.05, last = 1e-13;

struct system {
    struct view *v;
    double u[ALLOCATE_MAX_VARIABLES];
    size_t n_free, n_active;
    size_t free[ALLOCATE_MAX_VARIABLES], active[VIEW_MAX_ROWS];
    unsigned held; /* coordinates on a bound */
    double multiplier[VIEW_MAX_ROWS];
    double hessian[ALLOCATE_MAX_VARIABLES][ALLOCATE_MAX_VARIABLES];
    double gradient[ALLOCATE_MAX_VARIABLES];
    double jacobian[VIEW_MAX_ROWS][ALLOCATE_MAX_VARIABLES];
    struct view_value value;
    unsigned flat;
};

/* The coordinates that move and the rows that hold as equations.
 * \param [in] binding  limits, a bit each; NULL: those whose rows are near zero */
static void choose(struct system *s, const unsigned *binding)
{
    s->n_free = s->n_active = 0;
    s->held = 0;
    for (size_t i = 0; i < s->v->problem->n_variables; i++) {
        if (s->u[i] <= on_bound || s->u[i] >= 1.0 - on_bound) {
            s->held |= 1u << i;
        } else {
            s->free[s->n_free++] = i;
        }
    }
    for (size_t k = 0; k < s->v->n_rows; k++) {
        const bool binds = binding != NULL ? (*binding >> s->v->rows[k].limit & 1u) != 0
                                           : fabs(s->value.row[k]) <= binds_to;
        if (s->v->rows[k].side == VIEW_EQUATION || binds) {
            s->active[s->n_active++] = k;
        }
    }
}

/* [H J^T; J 0] [step; multipliers] = [-gradient; -rows], of least norm where it is singular.
 * \param [out] solution  [n_free + n_active] */
static bool solve(struct system *s, double solution[])
{
    const size_t n = s->n_free, m = s->n_active, size = n + m;
    double of_matrix[MOST_UNKNOWNS * MOST_UNKNOWNS] = {0}, of_v[MOST_UNKNOWNS * MOST_UNKNOWNS];
    double of_s[MOST_UNKNOWNS], of_work[MOST_UNKNOWNS], of_right[MOST_UNKNOWNS];
    gsl_matrix_view matrix = gsl_matrix_view_array(of_matrix, size, size);
    gsl_matrix_view right_vectors = gsl_matrix_view_array(of_v, size, size);
    gsl_vector_view values = gsl_vector_view_array(of_s, size);
    gsl_vector_view work = gsl_vector_view_array(of_work, size);
    gsl_vector_view right = gsl_vector_view_array(of_right, size);
    gsl_vector_view unknown = gsl_vector_view_array(solution, size);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            of_matrix[i * size + j] = s->hessian[s->free[i]][s->free[j]];
        }
        for (size_t k = 0; k < m; k++) {
            const double slope = s->jacobian[s->active[k]][s->free[i]];
            of_matrix[i * size + n + k] = of_matrix[(n + k) * size + i] = slope;
        }
        of_right[i] = -s->gradient[s->free[i]];
    }
    for (size_t k = 0; k < m; k++) {
        of_right[n + k] = -s->value.row[s->active[k]];
    }
    if (gsl_linalg_SV_decomp(&matrix.matrix, &right_vectors.matrix, &values.vector, &work.vector)
        != 0) {
        return false;
    }
    static const double takes_part = 0.05;
    s->flat = 0;
    for (size_t j = 0; j < size; j++) {
        if (of_s[j] <= singular * of_s[0]) {
            of_s[j] = 0.0;
            for (size_t i = 0; i < n; i++) {
                s->flat |= fabs(of_v[i * size + j]) > takes_part ? 1u << s->free[i] : 0u;
            }
        }
    }
    return gsl_linalg_SV_solve(&matrix.matrix, &right_vectors.matrix, &values.vector, &right.vector,
                               &unknown.vector)
           == 0;
}

/* One step. \param [out] length  largest change of a coordinate */
static bool step(struct system *s, bool first, double *length)
{
    double solution[MOST_UNKNOWNS];
    if (!view_gradient(s->v, s->u, s->gradient, s->jacobian)) {
        return false;
    }
    if (first) { /* multipliers by least squares: the step of a unit Hessian */
        memset(s->hessian, 0, sizeof s->hessian);
        for (size_t i = 0; i < ALLOCATE_MAX_VARIABLES; i++) {
            s->hessian[i][i] = 1.0;
        }
        if (!solve(s, solution)) {
            return false;
        }
        for (size_t k = 0; k < s->n_active; k++) {
            s->multiplier[s->active[k]] = solution[s->n_free + k];
        }
    }
    if (!view_hessian(s->v, s->u, s->multiplier, s->held, s->hessian) || !solve(s, solution)) {
        return false;
    }
    *length = 0.0;
    for (size_t i = 0; i < s->n_free; i++) {
        *length = fmax(*length, fabs(solution[i]));
    }
    const double shrink = *length > longest ? longest / *length : 1.0;
    for (size_t i = 0; i < s->n_free; i++) {
        double *u = &s->u[s->free[i]];
        *u += shrink * solution[i];
        if (!(*u > 0.0 && *u < 1.0)) {
            return false;
        }
    }
    for (size_t k = 0; k < s->n_active; k++) {
        s->multiplier[s->active[k]] = solution[s->n_free + k];
    }
    view_evaluate(s->v, s->u, &s->value);
    return isfinite(s->value.objective);
}

/* Multipliers of limits and slopes at bounds point outwards. */
static bool signs_are_right(const struct system *s)
{
    static const double slack = 1e-7;
    for (size_t i = 0; i < s->n_active; i++) {
        const size_t k = s->active[i];
        if (s->v->rows[k].side != VIEW_EQUATION && s->multiplier[k] < -slack) {
            return false;
        }
    }
    for (size_t i = 0; i < s->v->problem->n_variables; i++) {
        double slope = s->gradient[i];
        for (size_t k = 0; k < s->v->n_rows; k++) {
            slope += s->multiplier[k] * s->jacobian[k][i];
        }
        if ((s->held >> i & 1u) != 0 && (s->u[i] < 0.5 ? slope < -slack : slope > slack)) {
            return false;
        }
    }
    return true;
}

/* A limit that binds without pushing holds nothing: what is flat without such limits is flat. */
static void look_beyond_idle_limits(struct system *s)
{
    static const double idle = 1e-9;
    double solution[MOST_UNKNOWNS];
    size_t n = 0;
    for (size_t i = 0; i < s->n_active; i++) {
        const size_t k = s->active[i];
        if (s->v->rows[k].side == VIEW_EQUATION || fabs(s->multiplier[k]) > idle) {
            s->active[n++] = k;
        }
    }
    if (n < s->n_active) {
        s->n_active = n;
        (void)solve(s, solution);
    }
}

/* Newton's method from s->u. \return whether it converged to a point that keeps the limits */
static bool converge(struct system *s, const unsigned *binding)
{
    enum { MOST = 30 };
    static const double rounding = 1e3; /* times the last step: no progress below it is needed */
    double length = 0.0, length_before = (double)INFINITY;
    view_evaluate(s->v, s->u, &s->value);
    choose(s, binding);
    if (s->n_active > s->n_free || s->n_free == 0 || !isfinite(s->value.objective)) {
        return false;
    }
    for (int i = 0; i < MOST; i++) {
        if (!step(s, i == 0, &length)) {
            return false;
        }
        if (length <= last || (length <= rounding * last && length >= length_before)) {
            break;
        }
        length_before = length;
    }
    if (!(length <= rounding * last && s->value.worst <= VIEW_SLACK && signs_are_right(s))) {
        return false;
    }
    look_beyond_idle_limits(s);
    return true;
}

bool newton_follow(struct view *v, double u[], unsigned binding, unsigned *flat)
{
    struct system s = {.v = v};
    memcpy(s.u, u, v->problem->n_variables * sizeof *u);
    if (!converge(&s, &binding)) {
        return false;
    }
    memcpy(u, s.u, v->problem->n_variables * sizeof *u);
    *flat = s.flat;
    return true;
}

bool newton_polish(struct view *v, double u[], unsigned *flat)
{
    static const double worse = 1e-9; /* of an objective: what comparing values can tell */
    struct system s = {.v = v};
    struct view_value before;
    view_evaluate(v, u, &before);
    memcpy(s.u, u, v->problem->n_variables * sizeof *u);
    if (!converge(&s, NULL)
        || (before.worst <= VIEW_SLACK
            && s.value.objective > before.objective + worse * fmax(1.0, fabs(before.objective)))) {
        return false;
    }
    memcpy(u, s.u, v->problem->n_variables * sizeof *u);
    *flat = s.flat;
    return true;
}
