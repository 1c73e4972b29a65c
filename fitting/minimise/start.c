#include "fitting/minimise/start.h"

#include <string.h>

#include "fitting/minimise/dense.h"
#include "solver/base/status.h"
#include "solver/base/vmath.h"

enum { START_MAX_COLUMNS = LAW_MAX_TERMS + 1 }; /* the terms and the floor */

/* A coefficient that the projection finds to be 0 starts at this value: small against any loss, but
 * a start from which its logarithm can still be moved. */
#define START_SMALLEST_NAT 1e-3
/* Added to the diagonal of the scaled normal equations: collinear columns, as x^-alpha at tiny
 * alpha beside the floor, still give a start. */
#define START_RIDGE 1e-9

size_t start_count(const struct law *law, size_t levels)
{
    size_t n = 1;
    for (size_t i = 0; i < law->n_parameters; i++) {
        n *= law->parameters[i].role == LAW_EXPONENT ? levels : 1;
    }
    return n;
}

/** Normal equations of the non-negative least squares. */
struct normal {
    size_t n;
    double matrix[START_MAX_COLUMNS * START_MAX_COLUMNS];
    double right[START_MAX_COLUMNS];
};

/** Add observation \a i: columns are terms of scale one, and 1 for the floor. */
static void add_observation(const struct objective *o, const double z[], double outer, size_t i,
                            struct normal *eq)
{
    double x[LAW_MAX_INPUTS];
    double column[START_MAX_COLUMNS];
    for (size_t j = 0; j < o->law->n_inputs; j++) {
        x[j] = o->x[j][i];
    }
    for (size_t k = 0; k < o->law->n_terms; k++) {
        column[k] = vmath_exp1(o->law->log_term(o->law, z, k, x));
    }
    column[o->law->n_terms] = 1.0;
    /* What the sum of the terms should be: the loss with its outer exponent undone. */
    const double wanted = vmath_exp1(vmath_log1(o->response[i]) / outer);
    const double scale = o->residual == FIT_LOG ? 1.0 / wanted : 1.0;
    for (size_t j = 0; j < eq->n; j++) {
        const double weighted = o->weight[i] * scale * column[j];
        eq->right[j] += weighted * scale * wanted;
        for (size_t k = 0; k < eq->n; k++) {
            eq->matrix[j * eq->n + k] += weighted * scale * column[k];
        }
    }
}

/** Best solution >= 0: of all subsets of columns whose own solution is positive, the one that
 * explains most. \param [out] coefficient  [n] */
static void solve_nonnegative(const struct normal *eq, double coefficient[])
{
    const size_t n = eq->n;
    double best = -1.0;
    memset(coefficient, 0, n * sizeof *coefficient);
    for (size_t set = 1; set < (size_t)1 << n; set++) {
        double matrix[START_MAX_COLUMNS * START_MAX_COLUMNS];
        double x[START_MAX_COLUMNS];
        size_t index[START_MAX_COLUMNS];
        size_t m = 0;
        for (size_t j = 0; j < n; j++) {
            if ((set >> j & 1u) != 0) {
                index[m++] = j;
            }
        }
        for (size_t j = 0; j < m; j++) {
            for (size_t k = 0; k < m; k++) {
                matrix[j * m + k] = eq->matrix[index[j] * n + index[k]];
            }
            matrix[j * m + j] *= 1.0 + START_RIDGE;
            x[j] = eq->right[index[j]];
        }
        if (!dense_solve(m, matrix, x)) {
            continue;
        }
        double explained = 0.0; /* decrease of the sum of squares from that of no model */
        bool positive = true;
        for (size_t j = 0; j < m; j++) {
            explained += x[j] * eq->right[index[j]];
            positive = positive && x[j] > 0.0;
        }
        if (positive && explained > best) {
            best = explained;
            memset(coefficient, 0, n * sizeof *coefficient);
            for (size_t j = 0; j < m; j++) {
                coefficient[index[j]] = x[j];
            }
        }
    }
}

/** Put \a coefficient into the theta of the scale of term \a k, in whose theta ln of the term is
 * linear but not always with slope 1 (Kaplan's Nc has aN/aD). */
static void set_scale(const struct objective *o, size_t k, size_t parameter, double coefficient,
                      double z[])
{
    const double origin[LAW_MAX_INPUTS] = {0.0};
    z[parameter] = 0.0;
    const double at_zero = o->law->log_term(o->law, z, k, origin);
    z[parameter] = 1.0;
    const double slope = o->law->log_term(o->law, z, k, origin) - at_zero;
    z[parameter] = vmath_log1(coefficient) / slope;
}

void start_project(const struct objective *o, double z[])
{
    const struct law *law = o->law;
    size_t scales[LAW_MAX_PARAMETERS];
    size_t n_scales = 0;
    for (size_t i = 0; i < law->n_parameters; i++) {
        if (law->parameters[i].role == LAW_SCALE) {
            z[i] = 0.0;
            scales[n_scales++] = i;
        }
    }
    STATUS_ASSERT(n_scales == law->n_terms);
    struct normal eq = {.n = law->n_terms + (law->floor >= 0 ? 1 : 0)};
    const double outer = law->outer(law, z);
    for (size_t i = 0; i < o->n; i++) {
        add_observation(o, z, outer, i, &eq);
    }
    double coefficient[START_MAX_COLUMNS];
    solve_nonnegative(&eq, coefficient);
    for (size_t j = 0; j < eq.n; j++) {
        /* An outer exponent makes the columns' unit another than nat: any tiny value will do. */
        const double least = law->floor >= 0 ? START_SMALLEST_NAT : 1e-300;
        coefficient[j] = coefficient[j] > least ? coefficient[j] : least;
    }
    for (size_t k = 0; k < law->n_terms; k++) {
        set_scale(o, k, scales[k], coefficient[k], z);
    }
    if (law->floor >= 0) {
        z[law->floor] = vmath_log1(coefficient[law->n_terms]);
    }
    for (size_t i = 0; i < law->n_parameters; i++) {
        z[i] = z[i] < o->lower[i] ? o->lower[i] : z[i] > o->upper[i] ? o->upper[i] : z[i];
    }
}

void start_find(const struct objective *o, size_t levels, size_t i, double z[])
{
    STATUS_ASSERT(i < start_count(o->law, levels));
    for (size_t j = 0; j < o->law->n_parameters; j++) {
        const struct law_parameter *p = &o->law->parameters[j];
        z[j] = 0.0;
        if (p->role == LAW_EXPONENT) {
            STATUS_ASSERT(p->transform == LAW_PLAIN);
            const double part = ((double)(i % levels) + 0.5) / (double)levels;
            z[j] = p->start_lower + part * (p->start_upper - p->start_lower);
            i /= levels;
        }
    }
    start_project(o, z);
}
