#include "fitting/minimise/held.h"

#include <math.h>
#include <string.h>

enum { HELD_STEPS = 100 }; /* for one pivot: the secant needs three to six, halving fifty */

/* The pivot has been found when the figure is off by at most this, relative; a figure computed from
 * exponentials is not known better. */
#define HELD_SAME 1e-13
/* Where a bracket cannot shrink further, this much still counts as found: the rounding of a figure
 * computed from far terms. */
#define HELD_ROUNDED 1e-11
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

static double slope_of(const struct held *held, const double z[], size_t i)
{
    return held->value == NULL
               ? held->slope[i]
               : (moved(held, z, i, HELD_FIRST, i, 0.0) - moved(held, z, i, -HELD_FIRST, i, 0.0))
                     / (2.0 * HELD_FIRST);
}

static void find_slopes(const struct held *held, const double z[], double slope[])
{
    for (size_t i = 0; i < held->o->law->n_parameters; i++) {
        slope[i] = slope_of(held, z, i);
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

/** The parameter on which the figure depends most of those allowed; n_parameters: on none. */
static size_t find_pivot(const struct held *held, const double z[], const bool allowed[])
{
    const struct objective *o = held->o;
    double slope[LAW_MAX_PARAMETERS];
    size_t best = o->law->n_parameters;
    double most = 0.0;
    find_slopes(held, z, slope);
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        const double slack = HELD_AT_BOUND * (1.0 + fabs(z[i]));
        const bool inside = z[i] > o->lower[i] + slack && z[i] < o->upper[i] - slack;
        /* Any slope inside the box counts more than any at a bound. */
        const double weight = fabs(slope[i]) * (inside ? 1.0 : 1e-100);
        if (objective_moves(o, i) && allowed[i] && weight > most) {
            most = weight;
            best = i;
        }
    }
    return best;
}

static void allow_all(bool allowed[])
{
    for (size_t i = 0; i < LAW_MAX_PARAMETERS; i++) {
        allowed[i] = true;
    }
}

size_t held_pivot(const struct held *held, const double z[])
{
    bool allowed[LAW_MAX_PARAMETERS];
    allow_all(allowed);
    const size_t best = find_pivot(held, z, allowed);
    return best < held->o->law->n_parameters ? best : 0;
}

/* The search for the value of one pivot. */
struct bracket {
    double at, off;      /* the last value, at which the figure is off by this much */
    double lower, upper; /* the box, and once the target lies between two values, these */
    bool is_closed;
};

/** The next value of the pivot: by the secant; the middle of a closed bracket where that leaves it
 * or creeps along one side; the bound where the secant leaves the box. */
static double next_value(const struct bracket *b, double rise, size_t step)
{
    const double wanted = b->at - b->off / rise;
    const bool is_inside = wanted > b->lower && wanted < b->upper;
    if (b->is_closed) {
        return is_inside && step % 3 != 2 ? wanted : 0.5 * (b->lower + b->upper);
    }
    return is_inside ? wanted : (rise > 0.0) == (b->off < 0.0) ? b->upper : b->lower;
}

/** Take the figure's distance \a off at \a next into the bracket. */
static void narrow(struct bracket *b, double next, double off)
{
    const bool is_above = next > b->at;
    if ((off < 0.0) != (b->off < 0.0)) {
        b->lower = is_above ? b->at : next;
        b->upper = is_above ? next : b->at;
        b->is_closed = true;
    } else if (b->is_closed) {
        b->lower = is_above ? next : b->lower;
        b->upper = is_above ? b->upper : next;
    }
    b->at = next;
    b->off = off;
}

/** How far the figure is from its target with the pivot at \a *next, which comes half-way back as
 * often as the figure has no value there. */
static double off_at(const struct held *held, size_t pivot, double z[], double from, double *next)
{
    z[pivot] = *next;
    double off = held_value(held, z) - held->target;
    for (size_t k = 0; k < HELD_STEPS && !isfinite(off); k++) {
        *next = 0.5 * (from + *next);
        z[pivot] = *next;
        off = held_value(held, z) - held->target;
    }
    return off;
}

/** Move one pivot to where the figure has its target, or to its bound. */
static enum held_end move_pivot(const struct held *held, size_t pivot, double z[])
{
    const struct objective *o = held->o;
    const double same = HELD_SAME * (1.0 + fabs(held->target));
    const double begun = z[pivot];
    const double off_begun = held_value(held, z) - held->target;
    double rise = slope_of(held, z, pivot);
    struct bracket b = {
        .at = begun, .off = off_begun, .lower = o->lower[pivot], .upper = o->upper[pivot]};
    for (size_t k = 0; k < HELD_STEPS && fabs(b.off) > same; k++) {
        double next = next_value(&b, rise, k);
        if (!b.is_closed && !(fabs(next - b.at) > 0.0)) { /* it stands on its bound */
            z[pivot] = fabs(b.off) < fabs(off_begun) ? b.at : begun;
            return HELD_BOX;
        }
        const double off = off_at(held, pivot, z, b.at, &next);
        if (!isfinite(off) || !(fabs(next - b.at) > 0.0)) {
            break;
        }
        rise = (off - b.off) / (next - b.at);
        narrow(&b, next, off);
    }
    z[pivot] = b.at;
    return fabs(b.off) <= HELD_ROUNDED * (1.0 + fabs(held->target)) ? HELD_FOUND : HELD_LOST;
}

enum held_end held_restore(const struct held *held, size_t *pivot, double z[])
{
    bool allowed[LAW_MAX_PARAMETERS];
    allow_all(allowed);
    enum held_end end = move_pivot(held, *pivot, z);
    while (end == HELD_BOX) {
        allowed[*pivot] = false;
        const size_t next = find_pivot(held, z, allowed);
        if (next == held->o->law->n_parameters) {
            return HELD_BOX;
        }
        *pivot = next;
        end = move_pivot(held, next, z);
    }
    return end;
}

void held_fold(const struct held *held, size_t pivot, const double z[], struct objective_point *at)
{
    const size_t p = held->o->law->n_parameters;
    double slope[LAW_MAX_PARAMETERS] = {0.0};
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
