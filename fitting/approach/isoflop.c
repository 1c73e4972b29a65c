#include "fitting/approach/isoflop.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/uncertainty/student.h"
#include "solver/base/vmath.h"

static const char *const verdict_texts[] = {
#define ISOFLOP_TEXT(code, text) [code] = (text),
    ISOFLOP_VERDICTS(ISOFLOP_TEXT)
#undef ISOFLOP_TEXT
};

const char *isoflop_verdict_text(enum isoflop_verdict v)
{
    STATUS_ASSERT((int)v >= 0 && v < ISOFLOP_N_VERDICTS);
    return verdict_texts[v];
}

bool isoflop_is_kept(enum isoflop_verdict v)
{
    return v < ISOFLOP_TOO_FEW;
}

const char *isoflop_weighting_name(enum isoflop_weighting w)
{
    static const char *const names[] = {[ISOFLOP_EQUAL] = "equal", [ISOFLOP_WEIGHTED] = "weighted"};
    return names[w];
}

/* A curve as wide as this many tolerances is no curve of one budget: its runs are only near their
 * neighbours. */
static const double widest = 5.0;

/* Logarithms of sizes nearer than this are one size; a parabola through them would be noise. */
static const double same_size = 1e-6;

/* Curvature over the range of sizes, as a share of the loss, that rounding can make. */
static const double rounding = 1e-12;

/* The points of one curve: x in [-1, 1] over the sizes tried. */
struct points {
    size_t n;
    double *x, *loss; /* [n] */
    double *sorted;   /* [n] scratch */
};

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Scale the logarithms of sizes in p->x to [-1, 1] and count the distinct ones. */
static void scale(struct points *p, struct isoflop_vertex *v)
{
    memcpy(p->sorted, p->x, p->n * sizeof *p->x);
    qsort(p->sorted, p->n, sizeof *p->sorted, compare);
    v->n_sizes = 1;
    for (size_t i = 1; i < p->n; i++) {
        v->n_sizes += p->sorted[i] - p->sorted[i - 1] > same_size ? 1 : 0;
    }
    v->log_centre = 0.5 * (p->sorted[0] + p->sorted[p->n - 1]);
    v->log_reach = 0.5 * (p->sorted[p->n - 1] - p->sorted[0]);
    for (size_t i = 0; i < p->n && v->n_sizes > 1; i++) {
        p->x[i] = (p->x[i] - v->log_centre) / v->log_reach;
    }
}

/* The parabola in polynomials that are orthogonal on the points: 1, x - shift and
 * (x - shift) (x - turn) - level. Their coefficients are independent, which makes the vertex a
 * plain ratio of two estimates. */
struct parabola {
    double shift, turn, level;
    double mean, slope, curvature;
    double slope_variance, curvature_variance; /* NAN without a degree of freedom */
};

static double bend(const struct parabola *f, double x)
{
    return (x - f->shift) * (x - f->turn) - f->level;
}

static double height(const struct parabola *f, double x)
{
    return f->mean + f->slope * (x - f->shift) + f->curvature * bend(f, x);
}

static void fit_parabola(const struct points *p, struct parabola *f)
{
    double squares[2] = {0.0, 0.0}, cube = 0.0, residual = 0.0;
    const double n = (double)p->n;
    memset(f, 0, sizeof *f);
    for (size_t i = 0; i < p->n; i++) {
        f->shift += p->x[i] / n;
        f->mean += p->loss[i] / n;
    }
    for (size_t i = 0; i < p->n; i++) {
        const double d = p->x[i] - f->shift;
        squares[0] += d * d;
        cube += d * d * p->x[i];
        f->slope += d * (p->loss[i] - f->mean);
    }
    f->slope /= squares[0];
    f->turn = cube / squares[0];
    f->level = squares[0] / n;
    for (size_t i = 0; i < p->n; i++) {
        const double b = bend(f, p->x[i]);
        squares[1] += b * b;
        f->curvature += b * (p->loss[i] - f->mean);
    }
    f->curvature /= squares[1];
    for (size_t i = 0; i < p->n; i++) {
        const double r = p->loss[i] - height(f, p->x[i]);
        residual += r * r;
    }
    const double variance = p->n > 3 ? residual / (n - 3.0) : (double)NAN;
    f->slope_variance = variance / squares[0];
    f->curvature_variance = variance / squares[1];
}

/* Fieller's interval of the ratio slope / curvature. \return false where it has no bounds. */
static bool bound_ratio(const struct parabola *f, double student, double *lower, double *upper)
{
    const double t2 = student * student;
    const double product = f->slope * f->curvature;
    const double top = f->slope * f->slope - t2 * f->slope_variance;
    const double bottom = f->curvature * f->curvature - t2 * f->curvature_variance;
    if (!(bottom > 0.0)) {
        return false;
    }
    const double root = sqrt(fmax(product * product - bottom * top, 0.0));
    *lower = (product - root) / bottom;
    *upper = (product + root) / bottom;
    return true;
}

/* The least loss of the parabola, and how well it is known. */
static void find_vertex(const struct points *p, const struct parabola *f, double confidence,
                        struct isoflop_vertex *v)
{
    const double ratio = f->slope / f->curvature, middle = 0.5 * (f->shift + f->turn);
    const double x = middle - 0.5 * ratio;
    double lower, upper;

    v->loss_nat = height(f, x);
    v->log_optimum = (struct fit_interval){v->log_centre + v->log_reach * x, NAN, NAN, NAN};
    v->verdict = fabs(x) > 1.0 + same_size ? ISOFLOP_OUTSIDE : ISOFLOP_KEPT;
    if (p->n <= 3) {
        v->verdict = v->verdict == ISOFLOP_KEPT ? ISOFLOP_EXACT : v->verdict;
        return;
    }
    v->log_optimum.standard_error =
        0.5 * v->log_reach * sqrt(f->slope_variance + ratio * ratio * f->curvature_variance)
        / f->curvature;
    if (bound_ratio(f, student_quantile(confidence, p->n - 3), &lower, &upper)) {
        v->log_optimum.lower = v->log_centre + v->log_reach * (middle - 0.5 * upper);
        v->log_optimum.upper = v->log_centre + v->log_reach * (middle - 0.5 * lower);
    } else {
        v->log_optimum.lower = -INFINITY;
        v->log_optimum.upper = INFINITY;
        v->verdict = v->verdict == ISOFLOP_KEPT ? ISOFLOP_UNBOUNDED : v->verdict;
    }
}

static void judge(struct points *p, bool is_spread, double confidence, struct isoflop_vertex *v)
{
    struct parabola f;
    *v = (struct isoflop_vertex){.verdict = ISOFLOP_TOO_FEW,
                                 .coefficients = {NAN, NAN, NAN},
                                 .log_optimum = {NAN, NAN, NAN, NAN},
                                 .loss_nat = NAN};
    scale(p, v);
    if (v->n_sizes < 3) {
        return;
    }
    fit_parabola(p, &f);
    const double reach = v->log_reach;
    v->coefficients[0] = height(&f, 0.0);
    v->coefficients[1] = (f.slope - f.curvature * (f.shift + f.turn)) / reach;
    v->coefficients[2] = f.curvature / (reach * reach);
    if (is_spread) {
        v->verdict = ISOFLOP_SPREAD;
    } else if (!(f.curvature > rounding * f.mean)) {
        v->verdict = ISOFLOP_NO_MINIMUM;
    } else {
        find_vertex(p, &f, confidence, v);
    }
}

/* A run by its compute; equal ones stay in the order of the file, so that sums are the same. */
struct place {
    double log_compute;
    size_t run;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    const int order = compare(&x->log_compute, &y->log_compute);
    return order != 0 ? order : (x->run > y->run) - (x->run < y->run);
}

static void judge_curve(const struct isoflop_data *data, const struct place places[],
                        const struct isoflop_options *o, struct points *p, struct isoflop_curve *c)
{
    double sum = 0.0;
    for (size_t i = 0; i < c->n; i++) {
        sum += places[i].log_compute - places[0].log_compute;
    }
    /* From the first, so that equal budgets come out as they went in. */
    c->compute_flop = vmath_exp1(places[0].log_compute + sum / (double)c->n);
    const double width = places[c->n - 1].log_compute - places[0].log_compute;
    for (int a = 0; a < ISOFLOP_N_AXES; a++) {
        p->n = c->n;
        for (size_t i = 0; i < c->n; i++) {
            p->x[i] = data->log_size[a][places[i].run];
            p->loss[i] = data->loss_nat[places[i].run];
        }
        judge(p, width > widest * o->tolerance, o->confidence, &c->vertices[a]);
    }
}

/* Cut the runs, sorted by compute, where neighbours are further apart than the tolerance. */
static void make_curves(const struct isoflop_data *data, const struct place places[],
                        struct points *p, struct isoflop *made)
{
    for (size_t begin = 0, end; begin < data->n; begin = end) {
        struct isoflop_curve *c = &made->curves[made->n_curves];
        for (end = begin + 1;
             end < data->n
             && places[end].log_compute - places[end - 1].log_compute <= made->options.tolerance;
             end++) {
        }
        for (size_t i = begin; i < end; i++) {
            made->curve_of[places[i].run] = (int)made->n_curves;
        }
        c->n = end - begin;
        judge_curve(data, places + begin, &made->options, p, c);
        made->n_curves++;
    }
}

/* The power law through the vertices kept. \param [out] x, y, errors  [n_curves] scratch */
static void fit_law(struct isoflop *f, enum isoflop_axis axis, enum isoflop_weighting weighting,
                    struct points *scratch)
{
    double *const x = scratch->x, *const y = scratch->loss, *const errors = scratch->sorted;
    struct isoflop_law *law = &f->laws[axis][weighting];
    size_t n = 0;
    for (size_t i = 0; i < f->n_curves; i++) {
        const struct isoflop_vertex *v = &f->curves[i].vertices[axis];
        if (isoflop_is_kept(v->verdict)
            && (weighting == ISOFLOP_EQUAL || isfinite(v->log_optimum.standard_error))) {
            x[n] = vmath_log1(f->curves[i].compute_flop);
            y[n] = v->log_optimum.value;
            errors[n++] = v->log_optimum.standard_error;
        }
    }
    const struct line line =
        line_fit(n, x, y,
                 &(struct line_options){.errors = weighting == ISOFLOP_WEIGHTED ? errors : NULL,
                                        .n_independent = n,
                                        .confidence = f->options.confidence});
    law->n = n;
    law->verdict = line.verdict;
    law->exponent = line_slope(&line);
    law->optimum = line_exponential(line_at(&line, vmath_log1(f->options.target_compute_flop)));
}

static double largest_kept(const struct isoflop *f)
{
    for (size_t i = f->n_curves; i-- > 0;) {
        if (isoflop_is_kept(f->curves[i].vertices[ISOFLOP_PARAMS].verdict)) {
            return f->curves[i].compute_flop;
        }
    }
    return NAN;
}

enum status isoflop_run(const struct isoflop_data *data, const struct isoflop_options *options,
                        struct isoflop *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = data->n;
    STATUS_ASSERT(n > 0 && n < INT32_MAX);
    struct place *places = malloc(n * sizeof *places);
    double *room = malloc(3 * n * sizeof *room);
    *made = (struct isoflop){.options = *options, .n = n};
    made->curves = calloc(n, sizeof *made->curves);
    made->curve_of = calloc(n, sizeof *made->curve_of);
    if (places == NULL || room == NULL || made->curves == NULL || made->curve_of == NULL) {
        st = status_fail(why, STATUS_MEMORY, "isoflop: %zu runs", n);
        goto out;
    }
    struct points points = {n, room, room + n, room + 2 * n};
    for (size_t i = 0; i < n; i++) {
        places[i] = (struct place){data->log_compute[i], i};
    }
    qsort(places, n, sizeof *places, compare_places);
    made->options.tolerance = options->tolerance > 0.0 ? options->tolerance : ISOFLOP_TOLERANCE;
    make_curves(data, places, &points, made);
    if (!(options->target_compute_flop > 0.0)) {
        made->options.target_compute_flop = largest_kept(made);
    }
    for (int a = 0; a < ISOFLOP_N_AXES; a++) {
        for (int w = 0; w < ISOFLOP_N_WEIGHTINGS; w++) {
            fit_law(made, (enum isoflop_axis)a, (enum isoflop_weighting)w, &points);
        }
    }
out:
    free(room);
    free(places);
    if (st != STATUS_OK) {
        isoflop_clear(made);
    }
    return st;
}

void isoflop_clear(struct isoflop *f)
{
    free(f->curves);
    free(f->curve_of);
    memset(f, 0, sizeof *f);
}

size_t isoflop_n_refused(const struct isoflop *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_curves; i++) {
        const struct isoflop_vertex *v = f->curves[i].vertices;
        n +=
            isoflop_is_kept(v[ISOFLOP_PARAMS].verdict) && isoflop_is_kept(v[ISOFLOP_TOKENS].verdict)
                ? 0
                : 1;
    }
    return n;
}
