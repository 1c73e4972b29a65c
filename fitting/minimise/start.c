#include "fitting/minimise/start.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/minimise/dense.h"
#include "fitting/minimise/sobol.h"
#include "solver/base/status.h"
#include "solver/base/vmath.h"
#include "solver/laws/terms.h"

enum { START_MAX_COLUMNS = LAW_MAX_PARAMETERS + 1, START_MAX_SETS = 9 };

/* A coefficient that the projection finds to be 0 starts at this value: small against any loss, but
 * a start from which its logarithm can still be moved. */
#define START_SMALLEST_NAT 1e-3
/* Added to the diagonal of the scaled normal equations: collinear columns, as x^-alpha at tiny
 * alpha beside the floor, still give a start. */
#define START_RIDGE 1e-9

/* Part of the range of starts that those around the best end lie in. */
#define START_NEAR_PART 0.3

/* Levels of the grid, by number of exponents. */
static const size_t start_levels[START_MOST_GRIDDED + 1] = {1, 25, 5, 3, 3};

/** Normal equations of the least squares in what is linear. */
struct normal {
    size_t n;
    double matrix[START_MAX_COLUMNS * START_MAX_COLUMNS];
    double right[START_MAX_COLUMNS];
    bool is_signed[START_MAX_COLUMNS];   /**< may be negative */
    size_t parameter[START_MAX_COLUMNS]; /**< that the column is of */
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

/** The parameters that multiply the terms, in order of these. */
static void find_scales(const struct law *law, size_t scale[])
{
    size_t n = 0;
    for (size_t i = 0; i < law->n_parameters; i++) {
        if (law->parameters[i].role == LAW_SCALE) {
            STATUS_ASSERT(n < law->n_terms);
            scale[n++] = i;
        }
    }
    STATUS_ASSERT(n == law->n_terms);
}

/** Columns are terms of scale one, and 1 for the floor; what is held goes to the other side. */
static void add_observation(const struct objective *o, const size_t scale[], const bool held[],
                            const double z[], size_t i, struct normal *eq)
{
    const struct law *law = o->law;
    double x[LAW_MAX_INPUTS];
    double column[START_MAX_COLUMNS];
    double rest = 0.0;
    size_t n = 0;
    find_x(o, i, x);
    for (size_t k = 0; k < law->n_terms; k++) {
        const double term = vmath_exp1(law->log_term(law, z, k, x));
        if (held[scale[k]]) {
            rest += term;
        } else {
            column[n++] = term;
        }
    }
    if (law->floor >= 0 && held[law->floor]) {
        rest += vmath_exp1(z[law->floor]);
    } else if (law->floor >= 0) {
        column[n++] = 1.0;
    }
    STATUS_ASSERT(n == eq->n);
    /* What the sum of the terms should be: the response with its outer exponent undone. */
    const double wanted = law->outer == terms_outer
                              ? o->response[i]
                              : vmath_exp1(vmath_log1(o->response[i]) / law->outer(law, z));
    add_row(o, i, o->residual == FIT_LOG ? 1.0 / wanted : 1.0, column, wanted - rest, eq);
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
static void project_linear(const struct objective *o, const bool held[], double z[])
{
    const struct law *law = o->law;
    struct normal eq = {.n = 0};
    for (size_t i = 0; i < law->n_parameters; i++) {
        if (law->parameters[i].role != LAW_EXPONENT && !held[i]) {
            const bool is_log = law->parameters[i].transform == LAW_LOG;
            z[i] = is_log ? 0.0 : 1.0;
            eq.is_signed[eq.n] = !is_log;
            eq.parameter[eq.n++] = i;
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
            column[j] = d_z[eq.parameter[j]];
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
        z[eq.parameter[j]] =
            eq.is_signed[j] ? value
                            : vmath_log1(value > START_SMALLEST_NAT ? value : START_SMALLEST_NAT);
    }
}

/** Projection for laws whose terms are known as logarithms. */
static void project_terms(const struct objective *o, const bool held[], double z[])
{
    const struct law *law = o->law;
    size_t scale[LAW_MAX_TERMS] = {0};
    size_t term[START_MAX_COLUMNS] = {0}; /* of each column */
    struct normal eq = {.n = 0};
    find_scales(law, scale);
    for (size_t k = 0; k < law->n_terms; k++) {
        if (!held[scale[k]]) {
            z[scale[k]] = 0.0;
            term[eq.n] = k;
            eq.parameter[eq.n++] = scale[k];
        }
    }
    const size_t n_scales = eq.n;
    if (law->floor >= 0 && !held[law->floor]) {
        eq.parameter[eq.n++] = (size_t)law->floor;
    }
    for (size_t i = 0; i < o->n; i++) {
        add_observation(o, scale, held, z, i, &eq);
    }
    double coefficient[START_MAX_COLUMNS] = {0.0};
    solve_nonnegative(&eq, coefficient);
    for (size_t j = 0; j < eq.n; j++) {
        /* An outer exponent makes the columns' unit another than nat: any tiny value will do. */
        const double least = law->floor >= 0 ? START_SMALLEST_NAT : 1e-300;
        const double value = coefficient[j] > least ? coefficient[j] : least;
        if (j < n_scales) {
            set_scale(o, term[j], eq.parameter[j], value, z);
        } else {
            z[eq.parameter[j]] = vmath_log1(value);
        }
    }
}

static void project(const struct objective *o, const bool held[], double z[])
{
    if (o->law->log_term != NULL) {
        project_terms(o, held, z);
    } else {
        project_linear(o, held, z);
    }
    clamp(o, z);
}

/** Whether the options fix parameter \a i. */
static bool is_fixed(const struct objective *o, size_t i)
{
    return o->upper[i] <= o->lower[i];
}

void start_project(const struct objective *o, double z[])
{
    bool held[LAW_MAX_PARAMETERS] = {false};
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        held[i] = is_fixed(o, i);
        z[i] = held[i] ? o->lower[i] : z[i];
    }
    project(o, held, z);
}

static bool has_levels(const struct start_design *design, size_t i)
{
    return design->given != NULL && design->given[i].n_levels > 0;
}

/** Range of starts of each parameter in theta, inside the box; of one value where starts do not
 * differ in it. */
struct ranges {
    double lower[LAW_MAX_PARAMETERS], upper[LAW_MAX_PARAMETERS];
    bool is_searched[LAW_MAX_PARAMETERS];
    size_t n_searched;
};

static double between(double x, double lower, double upper)
{
    return x < lower ? lower : x > upper ? upper : x;
}

static void find_ranges(const struct objective *o, const struct start_design *design,
                        struct ranges *r)
{
    const struct law *law = o->law;
    memset(r, 0, sizeof *r);
    for (size_t i = 0; i < law->n_parameters; i++) {
        r->lower[i] = law->parameters[i].start_lower;
        r->upper[i] = law->parameters[i].start_upper;
    }
    law_transform(law, r->lower, r->lower);
    law_transform(law, r->upper, r->upper);
    for (size_t i = 0; i < law->n_parameters; i++) {
        if (law->parameters[i].role != LAW_EXPONENT) {
            continue;
        }
        const bool is_range = r->lower[i] < r->upper[i];
        r->lower[i] = between(r->lower[i], o->lower[i], o->upper[i]);
        r->upper[i] = between(r->upper[i], o->lower[i], o->upper[i]);
        if (is_range && r->lower[i] >= r->upper[i] && isfinite(o->upper[i] - o->lower[i])) {
            /* The study's bounds exclude the usual range: theirs takes its place. */
            r->lower[i] = o->lower[i];
            r->upper[i] = o->upper[i];
        }
        r->is_searched[i] =
            objective_moves(o, i) && !has_levels(design, i) && r->lower[i] < r->upper[i];
        r->n_searched += r->is_searched[i];
    }
}

/** \a levels to the power of \a n, or \a most + 1 where it is more. */
static size_t power(size_t levels, size_t n, size_t most)
{
    size_t count = 1;
    for (size_t k = 0; k < n && count <= most; k++) {
        count *= levels;
    }
    return count <= most ? count : most + 1;
}

void start_plan(const struct objective *o, const struct fit_options *options,
                struct start_design *made)
{
    struct ranges r;
    *made = (struct start_design){.seed = options->seed, .given = options->parameters};
    find_ranges(o, made, &r);
    size_t n_cells = 1;
    for (size_t i = 0; i < o->law->n_parameters && n_cells <= FIT_MAX_STARTS; i++) {
        n_cells *= has_levels(made, i) ? made->given[i].n_levels : 1;
    }
    if (r.n_searched <= START_MOST_GRIDDED && (options->n_starts == 0 || r.n_searched == 0)) {
        made->n_levels = start_levels[r.n_searched];
        made->n_points = power(made->n_levels, r.n_searched, FIT_MAX_STARTS);
    } else {
        made->n_points = options->n_starts > 0 ? options->n_starts : START_SOBOL_POINTS;
    }
    made->n = made->n_all = n_cells * made->n_points;
    made->kind = n_cells > 1 ? FIT_STUDY_GRID : made->n_levels > 0 ? FIT_GRID : FIT_SOBOL;
    if (made->n_levels == 0 && options->n_starts == 0 && made->n > START_SOBOL_CHOSEN) {
        made->n = START_SOBOL_CHOSEN;
    }
}

void start_plan_near(const struct objective *o, uint64_t seed, const double z[],
                     struct start_design *made)
{
    struct ranges r;
    *made = (struct start_design){.kind = FIT_SOBOL, .seed = seed, .around = z};
    find_ranges(o, made, &r);
    made->n = made->n_all = made->n_points = START_NEAR * r.n_searched;
}

/** A point with its objective; the earlier first among equals. */
struct looked_at {
    double value;
    size_t point;
};

static int compare_values(const void *a, const void *b)
{
    const struct looked_at *p = a;
    const struct looked_at *q = b;
    if (p->value < q->value || p->value > q->value) {
        return p->value < q->value ? -1 : 1;
    }
    return (p->point > q->point) - (p->point < q->point);
}

enum status start_choose(const struct start_design *design, const double value[], size_t chosen[],
                         struct status_why *why)
{
    const size_t n = design->n_all;
    struct looked_at *all = malloc((n + 1) * sizeof *all);
    bool *takes = calloc(n + 1, sizeof *takes);
    if (all == NULL || takes == NULL) {
        free(all);
        free(takes);
        return status_fail(why, STATUS_MEMORY, "no memory to choose among %zu starts", n);
    }
    for (size_t i = 0; i < n; i++) {
        all[i] = (struct looked_at){isfinite(value[i]) ? value[i] : (double)INFINITY, i};
    }
    qsort(all, n, sizeof *all, compare_values);
    const size_t n_lowest = design->n - design->n / 4;
    size_t n_others = design->n - n_lowest;
    for (size_t i = 0; i < n_lowest; i++) {
        takes[all[i].point] = true;
    }
    for (size_t i = 0; i < n && n_others > 0; i++) {
        n_others -= !takes[i];
        takes[i] = true;
    }
    for (size_t i = 0, k = 0; i < n; i++) {
        if (takes[i]) {
            chosen[k++] = i;
        }
    }
    free(all);
    free(takes);
    return STATUS_OK;
}

void start_plan_few(const struct objective *o, size_t most, struct start_design *made)
{
    struct ranges r;
    *made = (struct start_design){.n_points = 1, .n_levels = 1};
    find_ranges(o, made, &r);
    if (r.n_searched > 0) {
        while (power(made->n_levels + 1, r.n_searched, most) <= most) {
            made->n_levels++;
        }
        made->n_levels = made->n_levels > 1 ? made->n_levels : 0;
        made->n_points = made->n_levels > 0 ? power(made->n_levels, r.n_searched, most) : most;
    }
    made->n = made->n_all = made->n_points;
    made->kind = made->n_levels > 0 ? FIT_GRID : FIT_SOBOL;
}

/** Coordinates in (0, 1) of point \a i among \a n exponents searched. */
static void find_parts(const struct start_design *design, size_t i, size_t n, double part[])
{
    if (design->n_levels == 0) {
        sobol_point(design->seed, (uint32_t)i, n, part);
        return;
    }
    const size_t levels = design->n_levels;
    for (size_t k = 0; k < n; k++) {
        part[k] = ((double)(i % levels) + 0.5) / (double)levels;
        i /= levels;
    }
}

/** Put the levels of cell \a i of the study's grid into natural values. */
static void set_levels(const struct start_design *design, size_t i, size_t p, double natural[])
{
    for (size_t j = 0; j < p; j++) {
        if (has_levels(design, j)) {
            natural[j] = design->given[j].levels[i % design->given[j].n_levels];
            i /= design->given[j].n_levels;
        }
    }
}

/** Range of starts around a point instead of the usual one. */
static void move_ranges(const struct objective *o, const double around[], struct ranges *r)
{
    for (size_t j = 0; j < o->law->n_parameters; j++) {
        if (r->is_searched[j]) {
            const double far = 0.5 * START_NEAR_PART * (r->upper[j] - r->lower[j]);
            r->lower[j] = between(around[j] - far, o->lower[j], o->upper[j]);
            r->upper[j] = between(around[j] + far, o->lower[j], o->upper[j]);
        }
    }
}

void start_at(const struct objective *o, const struct start_design *design, size_t i, double z[])
{
    STATUS_ASSERT(i < design->n);
    i = design->chosen != NULL ? design->chosen[i] : i;
    const struct law *law = o->law;
    struct ranges r;
    double part[LAW_MAX_PARAMETERS] = {0.0};
    double theta[LAW_MAX_PARAMETERS];
    bool held[LAW_MAX_PARAMETERS] = {false};
    find_ranges(o, design, &r);
    if (design->around != NULL) {
        move_ranges(o, design->around, &r);
    }
    find_parts(design, i % design->n_points, r.n_searched, part);
    for (size_t j = 0; j < law->n_parameters; j++) {
        theta[j] = 1.0;
    }
    set_levels(design, i / design->n_points, law->n_parameters, theta);
    law_transform(law, theta, theta);
    for (size_t j = 0, k = 0; j < law->n_parameters; j++) {
        held[j] = has_levels(design, j) || is_fixed(o, j);
        if (is_fixed(o, j)) {
            theta[j] = o->lower[j];
        } else if (law->parameters[j].role == LAW_EXPONENT && !has_levels(design, j)) {
            const double at = r.is_searched[j] ? part[k++] : 0.0;
            theta[j] = r.lower[j] + at * (r.upper[j] - r.lower[j]);
        }
    }
    /* What is tied must be so before the linear parameters are projected. */
    objective_tie(o, theta);
    objective_centre(o, theta, z);
    project(o, held, z);
}

void start_find(const struct objective *o, size_t levels, size_t i, double z[])
{
    struct ranges r;
    struct start_design design = {.kind = FIT_GRID, .n_levels = levels};
    find_ranges(o, &design, &r);
    design.n = design.n_all = design.n_points = power(levels, r.n_searched, FIT_MAX_STARTS);
    start_at(o, &design, i % design.n, z);
}
