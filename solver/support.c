#include "solver/support.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/vmath.h"

/* Distances in the logarithms below which a point is on the edge: values computed there are inside
 * whatever their rounding. */
static const double edge = 1e-9;

/* Rows of the linear program of a distance: a balance for each input, and the weights' sum. */
enum { MOST_ROWS = SUPPORT_MAX_INPUTS + 1 };

struct support {
    size_t n_inputs, n;
    bool is_log[SUPPORT_MAX_INPUTS];
    double scale[SUPPORT_MAX_INPUTS]; /* of the inputs that are not logarithmic */
    double *natural;                  /* [n][n_inputs] */
    double *at;                       /* [n][n_inputs] coordinates */
};

static double coordinate(const struct support *s, size_t i, double value)
{
    return s->is_log[i] ? vmath_log1(value) : value / s->scale[i];
}

/* The least sum of |x - hull| over the coordinates: minimise sum(p + q) over weights w, p, q >= 0
 * with sum_j w_j at_j + p - q = x and sum_j w_j = 1, by the revised simplex method. Columns are the
 * points, then p, then q of each coordinate. */
struct program {
    const struct support *s;
    const double *x;
    size_t n_rows;
    size_t basis[MOST_ROWS];              /* column of each row */
    double value[MOST_ROWS];              /* of these, >= 0 */
    double inverse[MOST_ROWS][MOST_ROWS]; /* of the basis */
};

static double cost_of(const struct program *p, size_t column)
{
    return column < p->s->n ? 0.0 : 1.0;
}

static double entry(const struct program *p, size_t column, size_t row)
{
    const size_t d = p->s->n_inputs;
    if (column < p->s->n) {
        return row < d ? p->s->at[column * d + row] - p->x[row] : 1.0;
    }
    const size_t k = column - p->s->n;
    return k % d == row ? (k < d ? 1.0 : -1.0) : 0.0;
}

/* All weight on the nearest point, and what is left in p or q. */
static void begin(struct program *p)
{
    const size_t d = p->s->n_inputs;
    size_t nearest = 0;
    double least = (double)INFINITY;
    for (size_t j = 0; j < p->s->n; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < d; i++) {
            sum += fabs(entry(p, j, i));
        }
        if (sum < least) {
            least = sum;
            nearest = j;
        }
    }
    memset(p->inverse, 0, sizeof p->inverse);
    p->n_rows = d + 1;
    for (size_t i = 0; i < d; i++) {
        const double off = entry(p, nearest, i); /* p - q = -off */
        const double sign = off > 0.0 ? -1.0 : 1.0;
        p->basis[i] = p->s->n + i + (off > 0.0 ? d : 0);
        p->value[i] = fabs(off);
        p->inverse[i][i] = sign;
        p->inverse[i][d] = -sign * off;
    }
    p->basis[d] = nearest;
    p->value[d] = 1.0;
    p->inverse[d][d] = 1.0;
}

/* The column that lowers the sum fastest, or the first that does. \return n_columns: none does */
static size_t find_entering(const struct program *p, bool first)
{
    static const double gain = 1e-12;
    const size_t d = p->s->n_inputs, n_columns = p->s->n + 2 * d;
    double price[MOST_ROWS] = {0.0}, best = -gain;
    size_t found = n_columns;
    for (size_t r = 0; r < p->n_rows; r++) {
        for (size_t k = 0; k < p->n_rows; k++) {
            price[k] += cost_of(p, p->basis[r]) * p->inverse[r][k];
        }
    }
    for (size_t c = 0; c < n_columns; c++) {
        double reduced = cost_of(p, c);
        if (c < p->s->n) {
            reduced -= price[d];
            for (size_t i = 0; i < d; i++) {
                reduced -= price[i] * (p->s->at[c * d + i] - p->x[i]);
            }
        } else {
            const size_t k = c - p->s->n;
            reduced -= k < d ? price[k] : -price[k - d];
        }
        if (reduced < best) {
            best = reduced;
            found = c;
            if (first) {
                return found;
            }
        }
    }
    return found;
}

/* Put a column into the basis. \return false where no row limits it, which rounding alone does */
static bool pivot(struct program *p, size_t entering)
{
    static const double least = 1e-11;
    const size_t m = p->n_rows;
    double direction[MOST_ROWS] = {0.0}, step = (double)INFINITY;
    size_t leaving = m;
    for (size_t r = 0; r < m; r++) {
        for (size_t k = 0; k < m; k++) {
            direction[r] += p->inverse[r][k] * entry(p, entering, k);
        }
        const double ratio = direction[r] > least ? p->value[r] / direction[r] : (double)INFINITY;
        if (ratio < step || (leaving < m && !(ratio > step) && p->basis[r] < p->basis[leaving])) {
            step = ratio;
            leaving = r;
        }
    }
    if (leaving == m) {
        return false;
    }
    for (size_t k = 0; k < m; k++) {
        p->inverse[leaving][k] /= direction[leaving];
    }
    for (size_t r = 0; r < m; r++) {
        if (r == leaving) {
            continue;
        }
        for (size_t k = 0; k < m; k++) {
            p->inverse[r][k] -= direction[r] * p->inverse[leaving][k];
        }
        const double left = p->value[r] - step * direction[r];
        p->value[r] = left > 0.0 ? left : 0.0;
    }
    p->value[leaving] = step;
    p->basis[leaving] = entering;
    return true;
}

static double sum_of(const struct program *p)
{
    double sum = 0.0;
    for (size_t r = 0; r < p->n_rows; r++) {
        sum += cost_of(p, p->basis[r]) * p->value[r];
    }
    return sum;
}

/* \param [in] x  [n_inputs] coordinates */
static double distance(const struct support *s, const double x[])
{
    enum { FASTEST = 64, MOST = 4096 }; /* steps; the first column that gains cannot cycle */
    struct program p = {.s = s, .x = x};
    begin(&p);
    double sum = sum_of(&p);
    for (int step = 0; step < MOST && sum > edge; step++) {
        const size_t entering = find_entering(&p, step >= FASTEST);
        if (entering == s->n + 2 * s->n_inputs || !pivot(&p, entering)) {
            break;
        }
        sum = sum_of(&p);
    }
    return sum > edge ? sum : 0.0;
}

static void choose_coordinates(struct support *s, size_t n, const double *const values[])
{
    for (size_t i = 0; i < s->n_inputs; i++) {
        double lower = values[i][0], upper = values[i][0];
        for (size_t k = 1; k < n; k++) {
            lower = values[i][k] < lower ? values[i][k] : lower;
            upper = values[i][k] > upper ? values[i][k] : upper;
        }
        s->is_log[i] = lower > 0.0;
        s->scale[i] = upper > lower ? upper - lower : 1.0;
    }
}

static void keep(struct support *s, const double natural[], const double at[])
{
    memcpy(s->natural + s->n * s->n_inputs, natural, s->n_inputs * sizeof *natural);
    memcpy(s->at + s->n * s->n_inputs, at, s->n_inputs * sizeof *at);
    s->n++;
}

/* Keep the ends along coordinate \a i with \a factor times coordinate \a j. */
static void keep_ends(struct support *s, size_t n, const double natural[], const double at[],
                      size_t i, size_t j, double factor)
{
    const size_t d = s->n_inputs;
    for (int side = -1; side <= 1; side += 2) {
        size_t best = 0;
        double greatest = -(double)INFINITY;
        for (size_t k = 0; k < n; k++) {
            const double along = side * (at[k * d + i] + factor * at[k * d + j]);
            if (along > greatest) {
                greatest = along;
                best = k;
            }
        }
        if (s->n == 0 || distance(s, at + best * d) > 0.0) {
            keep(s, natural + best * d, at + best * d);
        }
    }
}

/* Runs are compared by the widest directions first, so that few that the hull does not need are
 * kept; then each that lies outside what is kept joins it. */
static void keep_hull(struct support *s, size_t n, const double natural[], const double at[])
{
    const size_t d = s->n_inputs;
    for (size_t i = 0; i < d; i++) {
        keep_ends(s, n, natural, at, i, i, 0.0);
        for (size_t j = 0; j < i; j++) {
            keep_ends(s, n, natural, at, i, j, 1.0);
            keep_ends(s, n, natural, at, i, j, -1.0);
        }
    }
    for (size_t k = 0; k < n; k++) {
        if (distance(s, at + k * d) > 0.0) {
            keep(s, natural + k * d, at + k * d);
        }
    }
}

/* A run to be sorted. */
struct row {
    size_t n;
    double natural[SUPPORT_MAX_INPUTS];
};

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    for (size_t i = 0; i < a->n; i++) {
        if (a->natural[i] < b->natural[i] || a->natural[i] > b->natural[i]) {
            return a->natural[i] < b->natural[i] ? -1 : 1;
        }
    }
    return 0;
}

enum status support_create(size_t n_inputs, size_t n, const double *const values[],
                           struct support **made, struct status_why *why)
{
    STATUS_ASSERT(n_inputs >= 1 && n_inputs <= SUPPORT_MAX_INPUTS && n >= 1);
    struct support *s = calloc(1, sizeof *s);
    struct row *rows = calloc(n, sizeof *rows);
    double *natural = malloc(2 * n * n_inputs * sizeof *natural);
    enum status st = STATUS_OK;
    *made = NULL;
    if (s != NULL) {
        s->n_inputs = n_inputs;
        s->natural = malloc(n * n_inputs * sizeof *s->natural);
        s->at = malloc(n * n_inputs * sizeof *s->at);
    }
    if (s == NULL || rows == NULL || natural == NULL || s->natural == NULL || s->at == NULL) {
        support_destroy(s);
        st = status_fail(why, STATUS_MEMORY, "no memory for the hull of %zu runs", n);
        goto out;
    }
    choose_coordinates(s, n, values);
    for (size_t k = 0; k < n; k++) {
        rows[k].n = n_inputs;
        for (size_t i = 0; i < n_inputs; i++) {
            rows[k].natural[i] = values[i][k];
        }
    }
    qsort(rows, n, sizeof *rows, compare_rows);
    double *at = natural + n * n_inputs;
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < n_inputs; i++) {
            natural[k * n_inputs + i] = rows[k].natural[i];
            at[k * n_inputs + i] = coordinate(s, i, rows[k].natural[i]);
        }
    }
    keep_hull(s, n, natural, at);
    *made = s;
out:
    free(rows);
    free(natural);
    return st;
}

void support_destroy(struct support *s)
{
    if (s != NULL) {
        free(s->natural);
        free(s->at);
        free(s);
    }
}

size_t support_size(const struct support *s)
{
    return s->n;
}

void support_point(const struct support *s, size_t i, double natural[])
{
    STATUS_ASSERT(i < s->n);
    memcpy(natural, s->natural + i * s->n_inputs, s->n_inputs * sizeof *natural);
}

double support_ratio(const struct support *s, const double natural[])
{
    double x[SUPPORT_MAX_INPUTS];
    bool is_beyond = false;
    for (size_t i = 0; i < s->n_inputs; i++) {
        if (isnan(natural[i])) {
            return natural[i];
        }
        is_beyond = is_beyond || isinf(natural[i]) || (s->is_log[i] && !(natural[i] > 0.0));
        x[i] = coordinate(s, i, natural[i]);
    }
    if (is_beyond) {
        return (double)INFINITY;
    }
    const double off = distance(s, x);
    return off > 0.0 ? vmath_exp1(off) : 1.0;
}
