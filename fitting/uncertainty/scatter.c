#include "fitting/uncertainty/scatter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/minimise/dense.h"
#include "fitting/uncertainty/quantile.h"
#include "solver/base/vmath.h"

/* Share of normal values within one standard deviation. */
static const double within_one = 0.6826894921370859;

/* Least share of its error that the fit leaves of a residual: of a run that alone decides a
 * parameter nothing is left, and nothing can be told. */
static const double least_left = 0.1;

struct run {
    double fitted, residual, error;
};

static int compare_runs(const void *left, const void *right)
{
    const struct run *a = left, *b = right;
    const double x[] = {a->fitted, a->residual, a->error}, y[] = {b->fitted, b->residual, b->error};
    for (int i = 0; i < 3; i++) {
        if (x[i] < y[i] || x[i] > y[i]) {
            return x[i] < y[i] ? -1 : 1;
        }
    }
    return 0;
}

static double size_of(const struct scatter *s, double fitted)
{
    return s->is_log ? vmath_log1(fitted) : fitted;
}

/* Interpolate what each group has; \a values of the groups in ascending order of their centres. */
static double between(const struct scatter *s, const double values[], double at)
{
    size_t k = 0;
    while (k < s->n_groups && s->centre[k] < at) {
        k++;
    }
    if (k == 0 || k == s->n_groups) {
        return values[k == 0 ? 0 : s->n_groups - 1];
    }
    const double width = s->centre[k] - s->centre[k - 1];
    const double share = width > 0.0 ? (at - s->centre[k - 1]) / width : 1.0;
    return values[k - 1] + share * (values[k] - values[k - 1]);
}

/* Scales of the groups, and the sample. \param storage  [2 n] */
static void find_groups(struct scatter *s, double storage[])
{
    /* Rounding, where data are exact. */
    static const double least = 1e-300;
    double log_unit[SCATTER_MAX_GROUPS]; /* of the residuals in standard errors */
    const size_t most = s->n / SCATTER_GROUP;
    s->n_groups = most < 1 ? 1 : most < SCATTER_MAX_GROUPS ? most : SCATTER_MAX_GROUPS;
    for (size_t g = 0; g < s->n_groups; g++) {
        const size_t begin = g * s->n / s->n_groups, end = (g + 1) * s->n / s->n_groups;
        const size_t n = end - begin;
        double *size = storage, *error = storage + n;
        for (size_t i = begin; i < end; i++) {
            size[i - begin] = fabs(s->residual[i]);
            error[i - begin] = s->error[i];
        }
        quantile_sort(size, n);
        quantile_sort(error, n);
        const double unit = quantile_linear(size, n, within_one);
        log_unit[g] = vmath_log1(unit > least ? unit : least);
        s->log_scale[g] = log_unit[g] + vmath_log1(quantile_linear(error, n, 0.5));
        s->centre[g] = size_of(s, quantile_linear(s->fitted + begin, n, 0.5));
    }
    for (size_t i = 0; i < s->n; i++) {
        const double unit = between(s, log_unit, size_of(s, s->fitted[i]));
        s->sample[i] = s->residual[i] * vmath_exp1(-unit);
    }
    quantile_sort(s->sample, s->n);
}

enum status scatter_create(bool is_log, size_t n, size_t n_free, const double fitted[],
                           const double residual[], const double error[], struct scatter **made,
                           struct status_why *why)
{
    enum status st = STATUS_OK;
    *made = NULL;
    if (n <= n_free) {
        return status_fail(why, STATUS_INPUT, "%zu runs: expected more than %zu free parameters", n,
                           n_free);
    }
    struct scatter *s = calloc(1, sizeof *s);
    struct run *runs = malloc(n * sizeof *runs);
    double *storage = malloc(2 * n * sizeof *storage);
    double *columns = malloc(4 * n * sizeof *columns);
    if (s == NULL || runs == NULL || storage == NULL || columns == NULL) {
        free(columns);
        free(s);
        st = status_fail(why, STATUS_MEMORY, "no memory for %zu residuals", n);
        goto out;
    }
    *s = (struct scatter){.is_log = is_log,
                          .n = n,
                          .n_free = n_free,
                          .fitted = columns,
                          .residual = columns + n,
                          .error = columns + 2 * n,
                          .sample = columns + 3 * n};
    for (size_t i = 0; i < n; i++) {
        runs[i] = (struct run){fitted[i], residual[i], error[i]};
        const bool is_good = isfinite(fitted[i]) && isfinite(residual[i]) && isfinite(error[i])
                             && error[i] > 0.0 && (!is_log || fitted[i] > 0.0);
        if (!is_good) {
            scatter_destroy(s);
            st = status_fail(why, STATUS_INPUT,
                             "run %zu: fitted %g, residual %g, error %g: must be finite", i,
                             fitted[i], residual[i], error[i]);
            goto out;
        }
    }
    qsort(runs, n, sizeof *runs, compare_runs);
    for (size_t i = 0; i < n; i++) {
        s->fitted[i] = runs[i].fitted;
        s->residual[i] = runs[i].residual;
        s->error[i] = runs[i].error;
    }
    find_groups(s, storage);
    *made = s;
out:
    free(runs);
    free(storage);
    return st;
}

void scatter_destroy(struct scatter *s)
{
    if (s != NULL) {
        free(s->fitted);
        free(s);
    }
}

/* The free coordinates, and the inverse of their information in columns of length 1. */
struct hat {
    size_t m, index[LAW_MAX_PARAMETERS];
    double length[LAW_MAX_PARAMETERS];
    double inverse[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
    bool is_known;
};

static void find_hat(const struct objective *o, const double z[], const bool at_bound[],
                     struct hat *h)
{
    double information[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS] = {0.0};
    *h = (struct hat){0};
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        if (!at_bound[i] && objective_moves(o, i)) {
            h->index[h->m++] = i;
        }
    }
    const size_t m = h->m;
    for (size_t i = 0; i < o->n; i++) {
        double d_z[LAW_MAX_PARAMETERS] = {0.0};
        (void)objective_row(o, z, i, d_z);
        for (size_t jk = 0; jk < m * m; jk++) {
            information[jk] += o->weight[i] * d_z[h->index[jk / m]] * d_z[h->index[jk % m]];
        }
    }
    for (size_t j = 0; j < m; j++) {
        h->length[j] = sqrt(information[j * m + j]);
    }
    for (size_t jk = 0; jk < m * m; jk++) {
        information[jk] /= h->length[jk / m] * h->length[jk % m];
    }
    h->is_known = m > 0 && dense_invert(m, information, h->inverse);
}

/* What share of its own error a run takes into the fit; the mean share where it cannot be told. */
static double leverage_of(const struct objective *o, const double z[], const struct hat *h,
                          size_t i)
{
    double d_z[LAW_MAX_PARAMETERS] = {0.0}, sum = 0.0;
    const size_t m = h->m;
    if (!h->is_known) {
        return (double)m / (double)o->n;
    }
    (void)objective_row(o, z, i, d_z);
    for (size_t jk = 0; jk < m * m; jk++) {
        sum += d_z[h->index[jk / m]] / h->length[jk / m] * h->inverse[jk] * d_z[h->index[jk % m]]
               / h->length[jk % m];
    }
    return o->weight[i] * sum;
}

enum status scatter_find(const struct objective *o, const double z[], const bool at_bound[],
                         struct scatter **made, struct status_why *why)
{
    const size_t n = o->n;
    const bool is_log = o->residual == FIT_LOG;
    struct hat hat;
    double *fitted = malloc(2 * n * sizeof *fitted);
    *made = NULL;
    if (fitted == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu residuals", n);
    }
    double *residual = fitted + n;
    objective_residuals(o, z, residual);
    find_hat(o, z, at_bound, &hat);
    for (size_t i = 0; i < n; i++) {
        const double left = 1.0 - leverage_of(o, z, &hat, i);
        const double predicted = o->target[i] + residual[i] * o->error[i];
        fitted[i] = is_log ? vmath_exp1(predicted) : predicted;
        residual[i] = -residual[i] / sqrt(left > least_left ? left : least_left);
    }
    const enum status st = scatter_create(is_log, n, hat.m, fitted, residual, o->error, made, why);
    free(fitted);
    return st;
}

double scatter_scale(const struct scatter *s, double fitted)
{
    return vmath_exp1(between(s, s->log_scale, size_of(s, fitted)));
}

/* Ratio of entry \a i of a table: 0 to infinity. */
static double ratio_of(size_t i)
{
    const double share = (double)i / (SCATTER_RATIOS - 1);
    return share / (1.0 - share);
}

/* Points of the residual and of the normal error that are combined. */
enum { POINTS = 256, NORMALS = 64 };

enum status scatter_tabulate(const struct scatter *s, double confidence, struct scatter_table *made,
                             struct status_why *why)
{
    const double tail = 0.5 * (1.0 - confidence);
    const size_t n_points = s->n < POINTS ? s->n : POINTS;
    double *all = malloc(n_points * NORMALS * sizeof *all);
    if (all == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for quantiles of new runs");
    }
    made->z = quantile_normal(1.0 - tail);
    /* M714: the scale is known from few runs, and so is the shape. */
    const double student = quantile_student(1.0 - tail, s->n - s->n_free) / made->z;
    const double smooth = vmath_exp1(-0.4 * vmath_log1((double)s->n));
    double normal[NORMALS];
    for (size_t k = 0; k < NORMALS; k++) {
        normal[k] = quantile_normal(((double)k + 0.5) / NORMALS);
    }
    for (size_t i = 0; i + 1 < SCATTER_RATIOS; i++) {
        const double ratio = ratio_of(i), width = sqrt(ratio * ratio + smooth * smooth);
        for (size_t j = 0; j < n_points; j++) {
            const double share = n_points > 1 ? (double)j / (double)(n_points - 1) : 0.0;
            const double middle = (0.5 + share * (double)(n_points - 1)) / (double)n_points;
            const double u =
                s->n <= POINTS ? s->sample[j] : quantile_linear(s->sample, s->n, middle);
            for (size_t k = 0; k < NORMALS; k++) {
                all[j * NORMALS + k] = student * u + width * normal[k];
            }
        }
        quantile_sort(all, n_points * NORMALS);
        made->lower[i] = quantile_linear(all, n_points * NORMALS, tail) / (1.0 + ratio);
        made->upper[i] = quantile_linear(all, n_points * NORMALS, 1.0 - tail) / (1.0 + ratio);
    }
    made->lower[SCATTER_RATIOS - 1] = -made->z;
    made->upper[SCATTER_RATIOS - 1] = made->z;
    free(all);
    return STATUS_OK;
}

static double look_up(const double values[], double ratio)
{
    const double at = ratio / (1.0 + ratio) * (SCATTER_RATIOS - 1);
    size_t i = (size_t)at;
    i = i < SCATTER_RATIOS - 1 ? i : SCATTER_RATIOS - 2;
    const double share = at - (double)i;
    return (values[i] + share * (values[i + 1] - values[i])) * (1.0 + ratio);
}

void scatter_interval(const struct scatter *s, const struct scatter_table *t, double fitted,
                      double mean_lower, double mean_upper, double *lower, double *upper)
{
    const double scale = scatter_scale(s, fitted), at = size_of(s, fitted);
    const double below = at - size_of(s, mean_lower), above = size_of(s, mean_upper) - at;
    if (!isfinite(below) || !isfinite(above)) {
        *lower = mean_lower;
        *upper = mean_upper;
        return;
    }
    const double low = at + scale * look_up(t->lower, fmax(below, 0.0) / (t->z * scale));
    const double high = at + scale * look_up(t->upper, fmax(above, 0.0) / (t->z * scale));
    *lower = fmin(s->is_log ? vmath_exp1(low) : low, mean_lower);
    *upper = fmax(s->is_log ? vmath_exp1(high) : high, mean_upper);
}
