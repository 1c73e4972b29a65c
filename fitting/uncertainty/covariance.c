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

/** Bread and meat of the sandwich in the free z, columns divided by \a length. */
static void find_sandwich(const struct objective *o, const double z[], const double residual[],
                          double band, const size_t index[], size_t m, const double length[],
                          double bread[], double meat[])
{
    memset(bread, 0, m * m * sizeof *bread);
    memset(meat, 0, m * m * sizeof *meat);
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
            const double product =
                d_z[index[jk / m]] / length[jk / m] * d_z[index[jk % m]] / length[jk % m];
            bread[jk] += slope * product;
            meat[jk] += square * product;
        }
    }
}

/** Priors are observations of known error: their curvature, and the variance of their slopes. */
static void add_priors(const struct objective *o, const double z[], const size_t index[], size_t m,
                       const double length[], double bread[], double meat[])
{
    const size_t p = o->law->n_parameters;
    double own[LAW_MAX_PARAMETERS];
    double gradient[LAW_MAX_PARAMETERS] = {0.0};
    double hessian[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS] = {0.0};
    memcpy(own, z, p * sizeof *own);
    objective_tie(o, own);
    (void)prior_add(&o->prior, o->law, o->dispersion, own, gradient, hessian);
    for (size_t j = 0; j < m; j++) {
        for (size_t i = 0; i < p; i++) {
            const double part =
                o->root[i] == index[j] ? hessian[i * p + i] / (length[j] * length[j]) : 0.0;
            bread[j * m + j] += part;
            meat[j * m + j] += o->dispersion * part;
        }
    }
}

/** Covariance of the free z; 0 for those at a bound. \return false when singular */
static bool covariance_of_z(const struct objective *o, const double z[], const double residual[],
                            double noise, const bool at_bound[], double cz[])
{
    const size_t p = o->law->n_parameters;
    size_t index[LAW_MAX_PARAMETERS];
    double length[LAW_MAX_PARAMETERS] = {0.0};
    size_t m = 0;
    size_t n_held = 0; /* by the options, not by the data */
    for (size_t i = 0; i < p; i++) {
        if (!at_bound[i] && objective_moves(o, i)) {
            index[m++] = i;
        }
        n_held += !objective_moves(o, i);
    }
    for (size_t i = 0; i < o->n; i++) {
        double d_z[LAW_MAX_PARAMETERS];
        (void)objective_row(o, z, i, d_z);
        for (size_t j = 0; j < m; j++) {
            length[j] += d_z[index[j]] * d_z[index[j]];
        }
    }
    for (size_t j = 0; j < m; j++) {
        length[j] = sqrt(length[j]);
    }
    double bread[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    double meat[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    double inverse[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    const double band = COVARIANCE_BANDWIDTH * noise;
    find_sandwich(o, z, residual, band > COVARIANCE_BAND_LEAST ? band : COVARIANCE_BAND_LEAST,
                  index, m, length, bread, meat);
    if (o->prior.any) {
        add_priors(o, z, index, m, length, bread, meat);
    }
    if (!dense_invert(m, bread, inverse)) {
        return false;
    }
    memset(cz, 0, p * p * sizeof *cz);
    const double freedom = (double)o->n / (double)(o->n + n_held - p);
    for (size_t ij = 0; ij < m * m; ij++) {
        double sum = 0.0;
        for (size_t kl = 0; kl < m * m; kl++) {
            sum += inverse[ij / m * m + kl / m] * meat[kl] * inverse[kl % m * m + ij % m];
        }
        cz[index[ij / m] * p + index[ij % m]] = freedom * sum / (length[ij / m] * length[ij % m]);
    }
    return true;
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
