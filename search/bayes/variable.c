#include "search/bayes/variable.h"

#include <math.h>

#include "solver/base/status.h"
#include "solver/base/vmath.h"

/* Also of what is not a number: the lower end. */
static double clamp(double x, double lower, double upper)
{
    return !(x > lower) ? lower : x > upper ? upper : x;
}

static double centre(size_t level, size_t n_levels)
{
    return ((double)level + 0.5) / (double)n_levels;
}

size_t variable_level(const struct variable *v, double u)
{
    STATUS_ASSERT(v->kind != VARIABLE_CONTINUOUS && v->n_levels >= 1);
    const size_t level = (size_t)(clamp(u, 0.0, 1.0) * (double)v->n_levels);
    return level < v->n_levels ? level : v->n_levels - 1;
}

void variable_snap(size_t n, const struct variable variables[], double u[])
{
    for (size_t i = 0; i < n; i++) {
        const struct variable *v = &variables[i];
        u[i] = v->kind == VARIABLE_CONTINUOUS ? clamp(u[i], 0.0, 1.0)
                                              : centre(variable_level(v, u[i]), v->n_levels);
    }
}

double variable_value(const struct variable *v, double u)
{
    if (v->kind != VARIABLE_CONTINUOUS) {
        const size_t level = variable_level(v, u);
        return v->kind == VARIABLE_ORDINAL ? v->values[level] : (double)level;
    }
    /* The ends themselves, not through a rounded formula. */
    if (!(u > 0.0) || u >= 1.0) {
        return u >= 1.0 ? v->upper : v->lower;
    }
    const double value =
        v->is_log ? vmath_exp1((1.0 - u) * vmath_log1(v->lower) + u * vmath_log1(v->upper))
                  : (1.0 - u) * v->lower + u * v->upper;
    return clamp(value, v->lower, v->upper);
}

/* The level whose value is nearest, of two as near the lower. */
static size_t nearest_level(const struct variable *v, double value)
{
    if (v->kind == VARIABLE_CATEGORICAL) {
        return (size_t)(clamp(value, 0.0, (double)(v->n_levels - 1)) + 0.5);
    }
    size_t best = 0;
    for (size_t i = 1; i < v->n_levels; i++) {
        best = fabs(v->values[i] - value) < fabs(v->values[best] - value) ? i : best;
    }
    return best;
}

double variable_coordinate(const struct variable *v, double value)
{
    if (v->kind != VARIABLE_CONTINUOUS) {
        return centre(nearest_level(v, value), v->n_levels);
    }
    if (!(value > v->lower) || value >= v->upper) {
        return value >= v->upper ? 1.0 : 0.0;
    }
    if (v->is_log) {
        const double from = vmath_log1(v->lower), to = vmath_log1(v->upper);
        return clamp((vmath_log1(value) - from) / (to - from), 0.0, 1.0);
    }
    /* Halves, because the width of a wide range may overflow. */
    return clamp((0.5 * value - 0.5 * v->lower) / (0.5 * v->upper - 0.5 * v->lower), 0.0, 1.0);
}
