#include "search/optimise/view.h"

#include <math.h>
#include <string.h>

#include "solver/base/vmath.h"

/* Step of differences: in logarithms, or as a part of a quarter of the range of a linear variable.
 * At sixth order the truncation of power laws is below rounding. */
static const double difference_step = 0.02, range_of_linear = 4.0;
/* Closer to a bound than this part of a step, differences are one-sided. */
static const double near_bound = 1e-3;
/* Within this of a bound, a coordinate is on it. */
static const double on_bound = 1e-9;
/* A row this close to zero binds. */
static const double binds_to = 1e-7;

/* Length of a variable's range in the measure of the steps. */
static double length_of(const struct allocate_variable *x)
{
    return x->logarithmic ? vmath_log1(x->upper / x->lower) : range_of_linear;
}

struct view view_of(const struct allocate_problem *p)
{
    struct view v = {.problem = p};
    STATUS_ASSERT(p->n_variables <= ALLOCATE_MAX_VARIABLES);
    STATUS_ASSERT(p->n_limits <= ALLOCATE_MAX_LIMITS);
    for (size_t i = 0; i < p->n_variables; i++) {
        const struct allocate_variable *x = &p->variables[i];
        STATUS_ASSERT(isfinite(x->lower) && isfinite(x->upper) && x->lower < x->upper);
        STATUS_ASSERT(!x->logarithmic || x->lower > 0.0);
    }
    for (size_t k = 0; k < p->n_limits; k++) {
        const struct allocate_limit *limit = &p->limits[k];
        if (limit->lower >= limit->upper) {
            v.rows[v.n_rows++] = (struct view_row){k, VIEW_EQUATION, limit->upper};
            continue;
        }
        if (isfinite(limit->upper)) {
            v.rows[v.n_rows++] = (struct view_row){k, VIEW_UPPER, limit->upper};
        }
        if (isfinite(limit->lower)) {
            v.rows[v.n_rows++] = (struct view_row){k, VIEW_LOWER, limit->lower};
        }
    }
    return v;
}

void view_point(const struct view *v, const double u[], double x[])
{
    for (size_t i = 0; i < v->problem->n_variables; i++) {
        const struct allocate_variable *of = &v->problem->variables[i];
        if (u[i] <= 0.0) {
            x[i] = of->lower;
        } else if (u[i] >= 1.0) {
            x[i] = of->upper;
        } else if (of->logarithmic) {
            x[i] = vmath_exp1(vmath_log1(of->lower) + u[i] * vmath_log1(of->upper / of->lower));
        } else {
            x[i] = of->lower + u[i] * (of->upper - of->lower);
        }
    }
}

void view_coordinates(const struct view *v, const double x[], double u[])
{
    for (size_t i = 0; i < v->problem->n_variables; i++) {
        const struct allocate_variable *of = &v->problem->variables[i];
        u[i] = of->logarithmic ? vmath_log1(x[i] / of->lower) / vmath_log1(of->upper / of->lower)
                               : (x[i] - of->lower) / (of->upper - of->lower);
    }
}

/* How far a value is above a bound. */
static double above(double value, double bound)
{
    if (value > 0.0 && bound > 0.0) {
        return vmath_log1(value / bound);
    }
    return (value - bound) / (fabs(bound) > 0.0 ? fabs(bound) : 1.0);
}

static void judge(const struct view *v, const double values[], struct view_value *value)
{
    const struct allocate_problem *p = v->problem;
    const double objective = p->logarithmic ? vmath_log1(values[0]) : values[0];
    value->objective = p->maximise ? -objective : objective;
    value->worst = v->n_rows > 0 ? (double)-INFINITY : 0.0;
    for (size_t k = 0; k < v->n_rows; k++) {
        const struct view_row *row = &v->rows[k];
        const double by = above(values[1 + row->limit], row->bound);
        value->row[k] = row->side == VIEW_LOWER ? -by : by;
        const double violation = row->side == VIEW_EQUATION ? fabs(by) : value->row[k];
        value->worst = violation <= value->worst ? value->worst : violation; /* NAN stays */
    }
    if (!isfinite(value->objective) || isnan(value->worst)) {
        value->objective = (double)INFINITY;
        value->worst = (double)INFINITY;
    }
}

void view_evaluate(struct view *v, const double u[], struct view_value *value)
{
    double x[ALLOCATE_MAX_VARIABLES], values[1 + ALLOCATE_MAX_LIMITS];
    view_point(v, u, x);
    v->problem->evaluate(v->problem->context, x, values);
    v->evaluations++;
    judge(v, values, value);
}

bool view_is_better(const struct view_value *a, const struct view_value *b)
{
    const bool a_keeps = a->worst <= VIEW_SLACK, b_keeps = b->worst <= VIEW_SLACK;
    if (a_keeps != b_keeps) {
        return a_keeps;
    }
    return a_keeps ? a->objective < b->objective : a->worst < b->worst;
}

/* Evaluate with coordinate i moved by \a by. */
static bool shifted(struct view *v, double u[], size_t i, double by, struct view_value *value)
{
    const double before = u[i];
    u[i] += by;
    view_evaluate(v, u, value);
    u[i] = before;
    return isfinite(value->objective) && isfinite(value->worst);
}

/* Weights of differences: the derivative is the sum of weight * f(u + offset * step) / step. */
struct stencil {
    size_t n;
    double offset[6], weight[6];
};

static const struct stencil central = {
    6, {-3, -2, -1, 1, 2, 3}, {-1.0 / 60, 3.0 / 20, -3.0 / 4, 3.0 / 4, -3.0 / 20, 1.0 / 60}};
static const struct stencil forward = {3, {0, 1, 2}, {-1.5, 2, -0.5}};
static const struct stencil backward = {3, {0, -1, -2}, {1.5, -2, 0.5}};

bool view_gradient(struct view *v, const double u[], double objective[],
                   double row[VIEW_MAX_ROWS][ALLOCATE_MAX_VARIABLES])
{
    double at[ALLOCATE_MAX_VARIABLES];
    const size_t n = v->problem->n_variables;
    memcpy(at, u, n * sizeof *at);
    for (size_t i = 0; i < n; i++) {
        const double wanted = difference_step / length_of(&v->problem->variables[i]);
        const double room = fmin(u[i], 1.0 - u[i]) / 3.0;
        const bool fits = room > near_bound * wanted;
        const double step = fits ? fmin(room, wanted) : near_bound * wanted;
        const struct stencil *s = fits ? &central : u[i] < 0.5 ? &forward : &backward;
        objective[i] = 0.0;
        for (size_t k = 0; k < v->n_rows; k++) {
            row[k][i] = 0.0;
        }
        for (size_t j = 0; j < s->n; j++) {
            struct view_value value;
            if (!shifted(v, at, i, s->offset[j] * step, &value)) {
                return false;
            }
            objective[i] += s->weight[j] / step * value.objective;
            for (size_t k = 0; k < v->n_rows; k++) {
                row[k][i] += s->weight[j] / step * value.row[k];
            }
        }
    }
    return true;
}

/* objective + sum of multiplier * row with coordinates i and j moved. */
static double lagrangian(struct view *v, double u[], const double multiplier[], size_t i, double by,
                         size_t j, double and_by)
{
    struct view_value value;
    const double before = u[i];
    u[i] += by;
    const bool exists = shifted(v, u, j, and_by, &value);
    u[i] = before;
    double sum = exists ? value.objective : (double)NAN;
    for (size_t k = 0; k < v->n_rows; k++) {
        sum += multiplier[k] * value.row[k];
    }
    return sum;
}

bool view_hessian(struct view *v, const double u[], const double multiplier[], unsigned fixed,
                  double hessian[ALLOCATE_MAX_VARIABLES][ALLOCATE_MAX_VARIABLES])
{
    double at[ALLOCATE_MAX_VARIABLES], step[ALLOCATE_MAX_VARIABLES];
    const size_t n = v->problem->n_variables, reach = central.n; /* twice three steps */
    memcpy(at, u, n * sizeof *at);
    memset(hessian, 0, sizeof(double[ALLOCATE_MAX_VARIABLES][ALLOCATE_MAX_VARIABLES]));
    for (size_t i = 0; i < n; i++) {
        const double wanted = difference_step / length_of(&v->problem->variables[i]);
        step[i] = fmin(wanted, fmin(u[i], 1.0 - u[i]) / (double)reach);
        if ((fixed >> i & 1u) == 0 && step[i] < near_bound * wanted) {
            return false;
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            if ((fixed >> i & 1u) != 0 || (fixed >> j & 1u) != 0) {
                continue;
            }
            double sum = 0.0;
            for (size_t k = 0; k < central.n * central.n; k++) {
                const size_t a = k / central.n, b = k % central.n;
                sum += central.weight[a] * central.weight[b]
                       * lagrangian(v, at, multiplier, i, central.offset[a] * step[i], j,
                                    central.offset[b] * step[j]);
            }
            hessian[i][j] = hessian[j][i] = sum / (step[i] * step[j]);
            if (!isfinite(sum)) {
                return false;
            }
        }
    }
    return true;
}

void view_answer(struct view *v, const double u[], enum allocate_method method,
                 struct allocate_answer *answer)
{
    const struct allocate_problem *p = v->problem;
    struct view_value value;
    memset(answer, 0, sizeof *answer);
    view_point(v, u, answer->x);
    p->evaluate(p->context, answer->x, answer->values);
    judge(v, answer->values, &value);
    answer->method = method;
    answer->reason = value.worst <= VIEW_SLACK ? ALLOCATE_SOLVED : ALLOCATE_INFEASIBLE;
    answer->residual = value.worst > 0.0 ? value.worst : 0.0;
    for (size_t i = 0; i < p->n_variables; i++) {
        answer->at_lower |= u[i] <= on_bound ? 1u << i : 0u;
        answer->at_upper |= u[i] >= 1.0 - on_bound ? 1u << i : 0u;
    }
    for (size_t k = 0; k < v->n_rows; k++) {
        answer->binding |= fabs(value.row[k]) <= binds_to ? 1u << v->rows[k].limit : 0u;
    }
    answer->evaluations = ++v->evaluations;
}
