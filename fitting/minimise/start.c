#include "fitting/minimise/start.h"

#include <gsl/gsl_qrng.h>
#include <math.h>
#include <string.h>

#include "fitting/minimise/dense.h"
#include "solver/base/status.h"
#include "solver/base/vmath.h"

enum { START_MAX_COLUMNS = LAW_MAX_PARAMETERS + 1, START_MAX_SETS = 9 };

/* A coefficient that the projection finds to be 0 starts at this value: small against any loss, but
 * a start from which its logarithm can still be moved. */
#define START_SMALLEST_NAT 1e-3
/* Added to the diagonal of the scaled normal equations: collinear columns, as x^-alpha at tiny
 * alpha beside the floor, still give a start. */
#define START_RIDGE 1e-9

/** Whether starts differ in this parameter. */
static bool is_searched(const struct law_parameter *p)
{
    return p->role == LAW_EXPONENT && p->start_lower < p->start_upper;
}

size_t start_count(const struct law *law, size_t levels)
{
    size_t n = 1;
    for (size_t i = 0; i < law->n_parameters && n < START_MOST; i++) {
        n *= is_searched(&law->parameters[i]) ? levels : 1;
    }
    return n < START_MOST ? n : START_MOST;
}

/** Normal equations of the least squares in what is linear. */
struct normal {
    size_t n;
    double matrix[START_MAX_COLUMNS * START_MAX_COLUMNS];
    double right[START_MAX_COLUMNS];
    bool is_signed[START_MAX_COLUMNS]; /**< may be negative */
};

/** Add observation \a i: \a wanted is what the columns should add up to. */
static void add_row(const struct objective *o, size_t i, double scale, const double column[],
                    double wanted, struct normal *eq)
{
    const double per_square = 1.0 / (o->error[i] * o->error[i]);
    for (size_t j = 0; j < eq->n; j++) {
        const double weighted = o->weight[i] * per_square * scale * column[j];
        eq->right[j] += weighted * scale * wanted;
        for (size_t k = 0; k < eq->n; k++) {
            eq->matrix[j * eq->n + k] += weighted * scale * column[k];
        }
    }
}

/** Inputs of an observation. */
static void find_x(const struct objective *o, size_t i, double x[])
{
    for (size_t j = 0; j < o->law->n_inputs; j++) {
        x[j] = o->x[j][i];
    }
}

/** Columns are terms of scale one, and 1 for the floor. */
static void add_observation(const struct objective *o, const double z[], double outer, size_t i,
                            struct normal *eq)
{
    double x[LAW_MAX_INPUTS];
    double column[START_MAX_COLUMNS];
    find_x(o, i, x);
    for (size_t k = 0; k < o->law->n_terms; k++) {
        column[k] = vmath_exp1(o->law->log_term(o->law, z, k, x));
    }
    column[o->law->n_terms] = 1.0;
    /* What the sum of the terms should be: the response with its outer exponent undone. */
    const double wanted = vmath_exp1(vmath_log1(o->response[i]) / outer);
    add_row(o, i, o->residual == FIT_LOG ? 1.0 / wanted : 1.0, column, wanted, eq);
}

/** Best solution >= 0 where it must be: of all subsets of columns whose own solution is so, the one
 * that explains most. Of many columns only the whole set is tried. \param [out] coefficient  [n] */
static void solve_nonnegative(const struct normal *eq, double coefficient[])
{
    const size_t n = eq->n;
    double best = -1.0;
    memset(coefficient, 0, n * sizeof *coefficient);
    const size_t last = ((size_t)1 << n) - 1;
    for (size_t set = n <= START_MAX_SETS ? 1 : last; set <= last; set++) {
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
            positive = positive && (x[j] > 0.0 || eq->is_signed[index[j]] || n > START_MAX_SETS);
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

/** Inside the box. */
static void clamp(const struct objective *o, double z[])
{
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        z[i] = z[i] < o->lower[i] ? o->lower[i] : z[i] > o->upper[i] ? o->upper[i] : z[i];
    }
}

/** Projection for laws that do not have all their terms as logarithms: the columns are the
 * derivatives by the linear parameters, taken where these are 1. */
static void project_linear(const struct objective *o, double z[])
{
    const struct law *law = o->law;
    size_t index[LAW_MAX_PARAMETERS];
    struct normal eq = {.n = 0};
    for (size_t i = 0; i < law->n_parameters; i++) {
        if (law->parameters[i].role != LAW_EXPONENT) {
            const bool is_log = law->parameters[i].transform == LAW_LOG;
            z[i] = is_log ? 0.0 : 1.0;
            eq.is_signed[eq.n] = !is_log;
            index[eq.n++] = i;
        }
    }
    if (eq.n == 0) {
        return;
    }
    for (size_t i = 0; i < o->n; i++) {
        double x[LAW_MAX_INPUTS];
        double d_z[LAW_MAX_PARAMETERS];
        double column[START_MAX_COLUMNS];
        find_x(o, i, x);
        double rest = law->value(law, z, x, d_z, NULL, NULL);
        for (size_t j = 0; j < eq.n; j++) {
            column[j] = d_z[index[j]];
            rest -= column[j];
        }
        if (isfinite(rest)) {
            const double scale = o->residual == FIT_LOG ? 1.0 / o->response[i] : 1.0;
            add_row(o, i, scale, column, o->response[i] - rest, &eq);
        }
    }
    double coefficient[START_MAX_COLUMNS] = {0.0};
    solve_nonnegative(&eq, coefficient);
    for (size_t j = 0; j < eq.n; j++) {
        const double value = coefficient[j];
        z[index[j]] = eq.is_signed[j]
                          ? value
                          : vmath_log1(value > START_SMALLEST_NAT ? value : START_SMALLEST_NAT);
    }
}

void start_project(const struct objective *o, double z[])
{
    if (o->law->log_term == NULL) {
        project_linear(o, z);
        clamp(o, z);
        return;
    }
    const struct law *law = o->law;
    size_t scales[LAW_MAX_PARAMETERS] = {0};
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
    double coefficient[START_MAX_COLUMNS] = {0.0};
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
    clamp(o, z);
}

/** Coordinates in [0, 1) of start \a i among \a n parameters searched: midpoints of the cells of a
 * grid, or a point of a Sobol sequence where the grid would be too large. */
static void find_parts(const struct law *law, size_t levels, size_t i, size_t n, double part[])
{
    size_t grid = 1;
    for (size_t k = 0; k < n && grid <= START_MOST; k++) {
        grid *= levels;
    }
    gsl_qrng *sobol = NULL;
    if (grid > START_MOST) {
        sobol = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)n);
    }
    STATUS_ASSERT(i < start_count(law, levels));
    for (size_t k = 0; sobol != NULL && k <= i; k++) {
        (void)gsl_qrng_get(sobol, part);
    }
    for (size_t k = 0; sobol == NULL && k < n; k++) {
        part[k] = ((double)(i % levels) + 0.5) / (double)levels;
        i /= levels;
    }
    gsl_qrng_free(sobol);
}

void start_find(const struct objective *o, size_t levels, size_t i, double z[])
{
    const struct law *law = o->law;
    double lower[LAW_MAX_PARAMETERS] = {0.0}, upper[LAW_MAX_PARAMETERS] = {0.0};
    double part[LAW_MAX_PARAMETERS] = {0.0};
    size_t n = 0;
    for (size_t j = 0; j < law->n_parameters; j++) {
        lower[j] = law->parameters[j].start_lower;
        upper[j] = law->parameters[j].start_upper;
        n += is_searched(&law->parameters[j]);
    }
    law_transform(law, lower, lower);
    law_transform(law, upper, upper);
    find_parts(law, levels, i, n, part);
    for (size_t j = 0, k = 0; j < law->n_parameters; j++) {
        const bool is_exponent = law->parameters[j].role == LAW_EXPONENT;
        const double at = is_searched(&law->parameters[j]) ? part[k++] : 0.0;
        const double drawn = is_exponent ? lower[j] + at * (upper[j] - lower[j]) : 0.0;
        /* What is fixed or tied must be so before the linear parameters are projected. */
        z[j] = is_exponent && drawn < o->lower[j]   ? o->lower[j]
               : is_exponent && drawn > o->upper[j] ? o->upper[j]
                                                    : drawn;
    }
    objective_tie(o, z);
    start_project(o, z);
}
