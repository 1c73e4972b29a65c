#include "fitting/uncertainty/covariance.h"

#include <math.h>
#include <string.h>

#include "fitting/minimise/dense.h"

/* Bandwidth in which the density of residuals at zero is counted, in units of their robust
 * deviation: wide enough for tens of residuals in the smallest fits, narrow enough that a normal
 * density is within 4 % of its peak. */
#define COVARIANCE_BANDWIDTH 0.5
/* Least band: residuals of noise-free data are rounding, and all count as zero. */
#define COVARIANCE_BAND_LEAST 1e-12

/** psi^2 and psi' of one residual of weight 1; \a band is half the width in which psi' is spread
 * where delta is too small to count in (the fit itself puts as many residuals at zero as it has
 * parameters). */
static void find_psi(const struct objective *o, double residual, double band, double *square,
                     double *slope)
{
    const double size = fabs(residual);
    if (o->kind == FIT_LAD) { /* psi is the sign: its slope is a delta function of weight 2 */
        *square = 1.0;
        *slope = size <= band ? 1.0 / band : 0.0;
        return;
    }
    const double psi = size < o->delta ? size : o->delta;
    *square = psi * psi;
    *slope =
        o->delta > band ? (size <= o->delta ? 1.0 : 0.0) : (size <= band ? o->delta / band : 0.0);
}

/** Derivative of natural value \a i in z \a j. */
static double derivative(const struct objective *o, const double natural[], size_t i, size_t j)
{
    double unit[LAW_MAX_PARAMETERS] = {0.0};
    double theta[LAW_MAX_PARAMETERS];
    unit[j] = 1.0;
    objective_uncentre(o, unit, theta); /* a linear map */
    return theta[i] * (o->law->parameters[i].transform == LAW_LOG ? natural[i] : 1.0);
}

/** The free coordinates and, in these divided by \a length, the bread and meat of the sandwich. */
struct sandwich {
    size_t m;
    size_t index[LAW_MAX_PARAMETERS]; /* in z */
    double length[LAW_MAX_PARAMETERS];
    double bread[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS]; /* [m][m] */
    double meat[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
};

/** What the data make of it, without the priors. */
static void fill_sandwich(const struct objective *o, const double z[], const double residual[],
                          double noise, const bool at_bound[], struct sandwich *s)
{
    const double wide = COVARIANCE_BANDWIDTH * noise;
    const double band = wide > COVARIANCE_BAND_LEAST ? wide : COVARIANCE_BAND_LEAST;
    *s = (struct sandwich){0};
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        if (!at_bound[i] && objective_moves(o, i)) {
            s->index[s->m++] = i;
        }
    }
    const size_t m = s->m;
    for (size_t i = 0; i < o->n; i++) {
        double d_z[LAW_MAX_PARAMETERS];
        (void)objective_row(o, z, i, d_z);
        for (size_t j = 0; j < m; j++) {
            s->length[j] += d_z[s->index[j]] * d_z[s->index[j]];
        }
    }
    for (size_t j = 0; j < m; j++) {
        s->length[j] = sqrt(s->length[j]);
    }
    for (size_t i = 0; i < o->n; i++) {
        double d_z[LAW_MAX_PARAMETERS];
        double square = 0.0;
        double slope = 0.0;
        (void)objective_row(o, z, i, d_z);
        find_psi(o, residual[i], band, &square, &slope);
        const double weight = o->weight[i] * (residual[i] > 0.0 ? o->over_prediction : 1.0);
        square *= weight * weight;
        slope *= weight;
        for (size_t jk = 0; jk < m * m; jk++) {
            const double product = d_z[s->index[jk / m]] / s->length[jk / m] * d_z[s->index[jk % m]]
                                   / s->length[jk % m];
            s->bread[jk] += slope * product;
            s->meat[jk] += square * product;
        }
    }
}

/** Priors are observations of known error: their curvature, and the variance of their slopes. */
static void add_priors(const struct objective *o, const double z[], struct sandwich *s)
{
    const size_t p = o->law->n_parameters;
    double own[LAW_MAX_PARAMETERS];
    double gradient[LAW_MAX_PARAMETERS] = {0.0};
    double hessian[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS] = {0.0};
    if (!o->prior.any) {
        return;
    }
    memcpy(own, z, p * sizeof *own);
    objective_tie(o, own);
    (void)prior_add(&o->prior, o->law, o->dispersion, own, gradient, hessian);
    for (size_t j = 0; j < s->m; j++) {
        for (size_t i = 0; i < p; i++) {
            const double part = o->root[i] == s->index[j]
                                    ? hessian[i * p + i] / (s->length[j] * s->length[j])
                                    : 0.0;
            s->bread[j * s->m + j] += part;
            s->meat[j * s->m + j] += o->dispersion * part;
        }
    }
}

/** Covariance of the free z; 0 for those at a bound. \return false when singular */
static bool covariance_of_z(const struct objective *o, const double z[], const double residual[],
                            double noise, const bool at_bound[], double cz[])
{
    const size_t p = o->law->n_parameters;
    struct sandwich s;
    double inverse[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    size_t n_held = 0; /* by the options, not by the data */
    for (size_t i = 0; i < p; i++) {
        n_held += !objective_moves(o, i);
    }
    fill_sandwich(o, z, residual, noise, at_bound, &s);
    add_priors(o, z, &s);
    const size_t m = s.m;
    if (!dense_invert(m, s.bread, inverse)) {
        return false;
    }
    memset(cz, 0, p * p * sizeof *cz);
    const double freedom = (double)o->n / (double)(o->n + n_held - p);
    for (size_t ij = 0; ij < m * m; ij++) {
        double sum = 0.0;
        for (size_t kl = 0; kl < m * m; kl++) {
            sum += inverse[ij / m * m + kl / m] * s.meat[kl] * inverse[kl % m * m + ij % m];
        }
        cz[s.index[ij / m] * p + s.index[ij % m]] =
            freedom * sum / (s.length[ij / m] * s.length[ij % m]);
    }
    return true;
}

double covariance_effective(const struct objective *o, const double z[], const double residual[],
                            double noise, const bool at_bound[])
{
    struct sandwich data;
    struct sandwich all;
    double inverse[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    double sum = 0.0;
    fill_sandwich(o, z, residual, noise, at_bound, &data);
    all = data;
    add_priors(o, z, &all);
    const size_t m = data.m;
    if (!dense_invert(m, all.bread, inverse)) {
        return (double)NAN;
    }
    for (size_t ij = 0; ij < m * m; ij++) {
        sum += inverse[ij] * data.bread[ij % m * m + ij / m];
    }
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        sum += at_bound[i] && objective_moves(o, i) ? 1.0 : 0.0;
    }
    return sum;
}

void covariance_find(const struct objective *o, const double z[], const double residual[],
                     double noise, const bool at_bound[], double covariance[])
{
    const size_t p = o->law->n_parameters;
    double natural[LAW_MAX_PARAMETERS];
    double cz[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS] = {0.0};
    objective_uncentre(o, z, natural);
    law_natural(o->law, natural, natural);
    const bool regular = covariance_of_z(o, z, residual, noise, at_bound, cz);
    for (size_t ij = 0; ij < p * p; ij++) {
        const size_t i = ij / p;
        const size_t j = ij % p;
        double sum = regular && !at_bound[i] && !at_bound[j] ? 0.0 : (double)NAN;
        for (size_t kl = 0; kl < p * p; kl++) {
            sum += derivative(o, natural, i, kl / p) * cz[kl] * derivative(o, natural, j, kl % p);
        }
        covariance[ij] = sum;
    }
}

double covariance_of(const struct law *law, const double natural[], const double covariance[],
                     double (*value)(const struct law *law, const double natural[], void *context),
                     void *context)
{
    const size_t p = law->n_parameters;
    const double part = 1e-5; /* of the value: error 1e-10 of the curve and 1e-11 of rounding */
    double slope[LAW_MAX_PARAMETERS];
    for (size_t i = 0; i < p; i++) {
        double moved[LAW_MAX_PARAMETERS];
        memcpy(moved, natural, p * sizeof *moved);
        moved[i] = natural[i] * (1.0 + part);
        const double above = value(law, moved, context);
        moved[i] = natural[i] * (1.0 - part);
        slope[i] = (above - value(law, moved, context)) / (2.0 * part * natural[i]);
    }
    double sum = 0.0;
    for (size_t ij = 0; ij < p * p; ij++) {
        const double slopes = slope[ij / p] * slope[ij % p];
        /* What does not depend on a parameter of unknown covariance is known. */
        sum += fabs(slopes) > 0.0 ? slopes * covariance[ij] : 0.0;
    }
    return sqrt(sum);
}
