#include "fitting/minimise/held.h"

#include <math.h>
#include <string.h>

enum { HELD_STEPS = 40 }; /* of the secant method for the pivot, which needs three to six */

/* The pivot has been found when the figure is off by at most this, relative; a figure computed from
 * exponentials is not known better. */
#define HELD_SAME 1e-13
/* Steps of the numerical derivatives: errors of 1e-10 and 1e-6 for figures of curvature one. The
 * second matters only for the speed of Newton's method. */
#define HELD_FIRST  1e-5
#define HELD_SECOND 1e-3
/* Nearer to a bound than this, relative, a parameter is no pivot if another one can be. */
#define HELD_AT_BOUND 1e-6

void held_parameter(const struct objective *o, size_t i, struct held *made)
{
    *made = (struct held){.o = o};
    for (size_t j = 0; j < o->law->n_parameters; j++) {
        double unit[LAW_MAX_PARAMETERS] = {0.0};
        double theta[LAW_MAX_PARAMETERS];
        unit[j] = 1.0;
        objective_uncentre(o, unit, theta); /* a linear map */
        made->slope[j] = theta[i];
    }
}

double held_value(const struct held *held, const double z[])
{
    if (held->value != NULL) {
        return held->value(held, z);
    }
    double sum = 0.0;
    for (size_t i = 0; i < held->o->law->n_parameters; i++) {
        sum += held->slope[i] * z[i];
    }
    return sum;
}

/** The figure with z[i] and z[j] moved. */
static double moved(const struct held *held, const double z[], size_t i, double by_i, size_t j,
                    double by_j)
{
    double there[LAW_MAX_PARAMETERS];
    memcpy(there, z, held->o->law->n_parameters * sizeof *there);
    there[i] += by_i;
    there[j] += by_j;
    return held->value(held, there);
}

static void find_slopes(const struct held *held, const double z[], double slope[])
{
    const size_t p = held->o->law->n_parameters;
    memcpy(slope, held->slope, p * sizeof *slope);
    for (size_t i = 0; i < p && held->value != NULL; i++) {
        slope[i] = (moved(held, z, i, HELD_FIRST, i, 0.0) - moved(held, z, i, -HELD_FIRST, i, 0.0))
                   / (2.0 * HELD_FIRST);
    }
}

/** Second derivatives of the figure. \param [out] curve  [p][p] */
static void find_curves(const struct held *held, const double z[], double curve[])
{
    const size_t p = held->o->law->n_parameters;
    const double h = HELD_SECOND;
    memset(curve, 0, p * p * sizeof *curve);
    for (size_t i = 0; i < p && held->value != NULL; i++) {
        for (size_t j = 0; j <= i; j++) {
            const double sum = moved(held, z, i, h, j, h) - moved(held, z, i, h, j, -h)
                               - moved(held, z, i, -h, j, h) + moved(held, z, i, -h, j, -h);
            curve[i * p + j] = curve[j * p + i] = sum / (4.0 * h * h);
        }
    }
}

size_t held_pivot(const struct held *held, const double z[])
{
    const struct objective *o = held->o;
    double slope[LAW_MAX_PARAMETERS];
    size_t best = 0;
    double most = -1.0;
    find_slopes(held, z, slope);
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        const double slack = HELD_AT_BOUND * (1.0 + fabs(z[i]));
        const bool inside = z[i] > o->lower[i] + slack && z[i] < o->upper[i] - slack;
        /* Any slope inside the box counts more than any at a bound. */
        const double weight = fabs(slope[i]) * (inside ? 1.0 : 1e-100);
        if (objective_moves(o, i) && weight > most) {
            most = weight;
            best = i;
        }
    }
    return best;
}

bool held_restore(const struct held *held, size_t pivot, double z[])
{
    const struct objective *o = held->o;
    double slope[LAW_MAX_PARAMETERS];
    find_slopes(held, z, slope);
    double rise = slope[pivot];
    double off = held_value(held, z) - held->target;
    const double same = HELD_SAME * (1.0 + fabs(held->target));
    for (size_t k = 0; k < HELD_STEPS && fabs(off) > same; k++) {
        const double step = -off / rise;
        if (!isfinite(step)) {
            return false;
        }
        z[pivot] += step;
        const double next = held_value(held, z) - held->target;
        rise = fabs(next - off) > 0.0 ? (next - off) / step : rise;
        off = next;
    }
    const double slack = HELD_SAME * (1.0 + fabs(z[pivot]));
    return fabs(off) <= same && z[pivot] >= o->lower[pivot] - slack
           && z[pivot] <= o->upper[pivot] + slack;
}

void held_fold(const struct held *held, size_t pivot, const double z[], struct objective_point *at)
{
    const size_t p = held->o->law->n_parameters;
    double slope[LAW_MAX_PARAMETERS];
    double curve[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    double follow[LAW_MAX_PARAMETERS]; /* derivative of the pivot in each other parameter */
    find_slopes(held, z, slope);
    find_curves(held, z, curve);
    const double multiplier = at->gradient[pivot] / slope[pivot];
    for (size_t i = 0; i < p; i++) {
        follow[i] = i == pivot ? 0.0 : -slope[i] / slope[pivot];
        at->gradient[i] = i == pivot ? 0.0 : at->gradient[i] - multiplier * slope[i];
    }
    for (size_t ij = 0; ij < p * p; ij++) {
        curve[ij] = at->hessian[ij] - multiplier * curve[ij];
    }
    for (size_t ij = 0; ij < p * p; ij++) {
        const size_t i = ij / p;
        const size_t j = ij % p;
        at->hessian[ij] = i == pivot || j == pivot
                              ? 0.0
                              : curve[ij] + follow[i] * curve[pivot * p + j]
                                    + follow[j] * curve[i * p + pivot]
                                    + follow[i] * follow[j] * curve[pivot * p + pivot];
    }
}
