#include "jobs/picture.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/plot.h"
#include "search/space.h"
#include "solver/optimum.h"

static void label_axis(const struct frontier_file_table *t, size_t c, char text[], size_t size)
{
    (void)snprintf(text, size, "%s (%s)", t->long_names[c],
                   strcmp(t->units[c], "1") == 0 ? t->names[c] : t->units[c]);
}

enum { MOST_PANELS = 3, LABEL_SIZE = 160 };

/* One objective against another, with all the texts that it needs. */
struct scatter {
    char title[LABEL_SIZE], x_label[LABEL_SIZE], y_label[LABEL_SIZE];
    struct plot_line *lines; /* [2 n_levels]: fronts, then their knees */
    double *x, *y;           /* [n rows] */
};

static void clear_scatter(struct scatter *a)
{
    free(a->lines);
    free(a->x);
    free(a->y);
}

static enum status make_scatter(const struct selection *s, size_t x, size_t y,
                                char labels[][LABEL_SIZE], struct scatter *made,
                                struct plot_panel *panel, struct status_why *why)
{
    const struct frontier_file_table *t = s->table;
    made->lines = calloc(2 * s->n_levels, sizeof *made->lines);
    made->x = malloc(s->n * sizeof *made->x);
    made->y = malloc(s->n * sizeof *made->y);
    if (made->lines == NULL || made->x == NULL || made->y == NULL) {
        return status_fail(why, STATUS_MEMORY, "a plot of %zu rows", s->n);
    }
    for (size_t i = 0; i < s->n; i++) {
        made->x[i] = t->values[x][s->rows[i]];
        made->y[i] = t->values[y][s->rows[i]];
    }
    for (size_t k = 0; k < s->n_levels; k++) {
        const size_t begin = s->level_begins[k];
        made->lines[k] = (struct plot_line){
            .label = labels[k][0] != '\0' ? labels[k] : NULL,
            .n = s->level_begins[k + 1] - begin,
            .x = made->x + begin,
            .y = made->y + begin,
            .shape = PLOT_DOTS,
            .colour = k + 1,
        };
    }
    size_t n_lines = s->n_levels;
    for (size_t i = 0; s->marks != NULL && i < s->n; i++) {
        if ((s->marks[s->rows[i]] & SELECTION_KNEE) != 0 && n_lines < 2 * s->n_levels) {
            made->lines[n_lines] = (struct plot_line){
                .n = 1, .x = made->x + i, .y = made->y + i, .shape = PLOT_POINTS};
            for (size_t k = 0; k < s->n_levels; k++) {
                made->lines[n_lines].colour =
                    s->level_begins[k] <= i ? k + 1 : made->lines[n_lines].colour;
            }
            n_lines++;
        }
    }
    label_axis(t, x, made->x_label, LABEL_SIZE);
    label_axis(t, y, made->y_label, LABEL_SIZE);
    (void)snprintf(made->title, LABEL_SIZE, "Pareto frontier: %s against %s", t->names[y],
                   t->names[x]);
    *panel = (struct plot_panel){.title = made->title,
                                 .x_label = made->x_label,
                                 .y_label = made->y_label,
                                 .log_x = 1,
                                 .n_lines = n_lines,
                                 .lines = made->lines};
    return STATUS_OK;
}

enum status picture_frontier(const struct selection *s, const char *folder, bool *is_drawn,
                             struct status_why *why)
{
    const struct frontier_file_table *t = s->table;
    const size_t y = selection_first_objective(t);
    struct plot_panel panels[MOST_PANELS] = {0};
    struct scatter scatters[MOST_PANELS] = {0};
    *is_drawn = false;
    char(*labels)[LABEL_SIZE] = calloc(s->n_levels, sizeof *labels);
    size_t n_panels = 0;
    enum status st = STATUS_OK;

    if (labels == NULL) {
        return status_fail(why, STATUS_MEMORY, "%zu labels", s->n_levels);
    }
    for (size_t k = 0; k < s->n_levels; k++) {
        selection_name_level(t, s->rows[s->level_begins[k]], labels[k], LABEL_SIZE);
    }
    for (size_t x = 0; x < t->n_columns && n_panels < MOST_PANELS; x++) {
        if (t->roles[x] == FRONTIER_FILE_OBJECTIVE && x != y) {
            n_panels++;
            STATUS_TRY(
                make_scatter(s, x, y, labels, &scatters[n_panels - 1], &panels[n_panels - 1], why));
        }
    }
    if (n_panels > 0) {
        st = plot_draw(folder, "frontier", panels, n_panels, why);
        *is_drawn = st == STATUS_OK;
    }
out:
    for (size_t i = 0; i < n_panels; i++) {
        clear_scatter(&scatters[i]);
    }
    free(labels);
    return st;
}

/* The observations of a fit file along one axis. */
struct observed {
    size_t n;
    const char *label;             /* of the axis */
    double *x, *response, *fitted; /* [n] */
};

static enum status read_column(struct h5 *file, const struct fit *f, const char *name,
                               double **values, size_t *n, struct status_why *why)
{
    char path[160];
    size_t n_dimensions, shape[3];
    (void)snprintf(path, sizeof path, "/fit/%s/%s", f->law->id, name);
    const enum status st = h5_read_array(file, path, values, &n_dimensions, shape, why);
    *n = st == STATUS_OK ? shape[0] : 0;
    return st;
}

/* Compute where it is known, else the first input that is. */
static enum status read_observed(struct h5 *file, const struct fit *f, struct observed *o,
                                 struct status_why *why)
{
    const char *const order[] = {LAW_COMPUTE, LAW_PARAMS, LAW_TOKENS, f->law->inputs[0].name};
    char name[64], path[160];
    enum status st = STATUS_OK;
    for (size_t i = 0; i < sizeof order / sizeof *order && o->x == NULL; i++) {
        (void)snprintf(name, sizeof name, "observation_%s", order[i]);
        (void)snprintf(path, sizeof path, "/fit/%s/%s", f->law->id, name);
        if (h5_exists(file, path)) {
            o->label = i == 0 ? "compute (FLOP)" : order[i];
            STATUS_TRY(read_column(file, f, name, &o->x, &o->n, why));
        }
    }
    if (o->x != NULL) {
        (void)snprintf(name, sizeof name, "observation_%s", f->law->response);
        STATUS_TRY(read_column(file, f, name, &o->response, &o->n, why));
        (void)snprintf(name, sizeof name, "fitted_%s", f->law->response);
        STATUS_TRY(read_column(file, f, name, &o->fitted, &o->n, why));
    }
out:
    return st;
}

/* Least loss of the law over the range of compute seen. \param [out] loss [n]; \return points made
 */
static size_t trace_optimum(const struct fit *f, const struct observed *o, size_t n, double x[],
                            double loss[])
{
    double low = INFINITY, high = 0.0;
    for (size_t i = 0; i < o->n; i++) {
        low = fmin(low, o->x[i]);
        high = fmax(high, o->x[i]);
    }
    space_log(low, high, n, x);
    for (size_t i = 0; i < n; i++) {
        struct optimum best;
        if (!optimum_at(f->law, f->theta, x[i], &best)) {
            return 0;
        }
        loss[i] = best.loss_nat;
    }
    return n;
}

/* The curves of approach 2: their runs, and the parabola through these where there is one. */
struct parabolas {
    size_t n_lines;
    struct plot_line *lines; /* [2 n_curves] */
    double *x, *y;           /* [n runs + N_PARABOLA n_curves] */
};

enum { N_PARABOLA = 40 };

static void clear_parabolas(struct parabolas *p)
{
    free(p->lines);
    free(p->x);
    free(p->y);
}

/* Add a line of n points that begin at x and y. */
static void add_line(struct parabolas *p, size_t n, const double *x, const double *y, bool is_curve,
                     size_t curve)
{
    p->lines[p->n_lines++] = (struct plot_line){
        .n = n, .x = x, .y = y, .shape = is_curve ? PLOT_CURVE : PLOT_POINTS, .colour = curve + 1};
}

static void trace_parabola(const struct isoflop_vertex *v, double x[], double y[])
{
    for (size_t i = 0; i < N_PARABOLA; i++) {
        const double d = v->log_reach * (2.0 * (double)i / (N_PARABOLA - 1) - 1.0);
        x[i] = exp(v->log_centre + d);
        y[i] = v->coefficients[0] + d * (v->coefficients[1] + d * v->coefficients[2]);
    }
}

static enum status make_parabolas(const struct isoflop *f, const double params[],
                                  const double loss[], struct parabolas *made,
                                  struct status_why *why)
{
    const size_t room = f->n + N_PARABOLA * f->n_curves + 1;
    made->lines = calloc(2 * f->n_curves + 1, sizeof *made->lines);
    made->x = malloc(room * sizeof *made->x);
    made->y = malloc(room * sizeof *made->y);
    if (made->lines == NULL || made->x == NULL || made->y == NULL) {
        return status_fail(why, STATUS_MEMORY, "a plot of %zu curves", f->n_curves);
    }
    double *x = made->x, *y = made->y;
    for (size_t c = 0; c < f->n_curves; c++) {
        const struct isoflop_vertex *v = &f->curves[c].vertices[ISOFLOP_PARAMS];
        size_t n = 0;
        for (size_t i = 0; i < f->n; i++) {
            if ((size_t)f->curve_of[i] == c) {
                x[n] = params[i];
                y[n++] = loss[i];
            }
        }
        if (n > 0) {
            add_line(made, n, x, y, false, c);
        }
        x += n;
        y += n;
        if (isoflop_is_kept(v->verdict)) {
            trace_parabola(v, x, y);
            add_line(made, N_PARABOLA, x, y, true, c);
            x += N_PARABOLA;
            y += N_PARABOLA;
        }
    }
    return STATUS_OK;
}

/* As make_parabolas, with the runs of the file; no lines when there are no curves. */
static enum status read_parabolas(struct h5 *file, const struct fit *f,
                                  const struct isoflop *isoflop, const struct observed *o,
                                  struct parabolas *made, struct status_why *why)
{
    double *params = NULL;
    size_t n;
    if (isoflop->n_curves == 0) {
        return STATUS_OK;
    }
    enum status st = read_column(file, f, "observation_params", &params, &n, why);
    if (st == STATUS_OK && (n != isoflop->n || n != o->n)) {
        st = status_fail(why, STATUS_IO, "approach 2 is not of the observations of the fit");
    }
    if (st == STATUS_OK) {
        st = make_parabolas(isoflop, params, o->response, made, why);
    }
    free(params);
    return st;
}

enum status picture_fit(struct h5 *file, const struct fit *f, const struct isoflop *isoflop,
                        const char *folder, bool *is_drawn, struct status_why *why)
{
    enum { N_CURVE = 100 };
    struct observed o = {0};
    struct parabolas parabolas = {0};
    double curve_x[N_CURVE], curve_loss[N_CURVE];
    double *residuals = NULL;
    size_t n_curve = 0;
    enum status st = STATUS_OK;

    *is_drawn = false;
    STATUS_TRY(read_observed(file, f, &o, why));
    if (o.x == NULL) {
        goto out;
    }
    STATUS_TRY(read_parabolas(file, f, isoflop, &o, &parabolas, why));
    residuals = malloc(o.n * sizeof *residuals);
    if (residuals == NULL) {
        st = status_fail(why, STATUS_MEMORY, "a plot of %zu observations", o.n);
        goto out;
    }
    for (size_t i = 0; i < o.n; i++) {
        residuals[i] = 100.0 * (o.response[i] / o.fitted[i] - 1.0);
    }
    if (f->has_optimum) {
        n_curve = trace_optimum(f, &o, N_CURVE, curve_x, curve_loss);
    }
    const struct plot_line losses[] = {
        {"observed", o.n, o.x, o.response, PLOT_POINTS, 0},
        {"the law at these inputs", o.n, o.x, o.fitted, PLOT_POINTS, 0},
        {"the law's best at this compute", n_curve, curve_x, curve_loss, PLOT_CURVE, 0},
    };
    const struct plot_line deviations[] = {{NULL, o.n, o.x, residuals, PLOT_POINTS, 0}};
    const struct plot_panel panels[] = {
        {"Observed and fitted loss", o.label, "loss (nat)", 1, 0, n_curve > 0 ? 3 : 2, losses},
        {"Residuals", o.label, "observed over fitted loss, deviation in %", 1, 0, 1, deviations},
        {"Approach 2: runs of equal compute", LAW_PARAMS, "loss (nat)", 1, 0, parabolas.n_lines,
         parabolas.lines},
    };
    st = plot_draw(folder, "fit", panels, parabolas.n_lines > 0 ? 3 : 2, why);
    *is_drawn = st == STATUS_OK;
out:
    clear_parabolas(&parabolas);
    free(residuals);
    free(o.fitted);
    free(o.response);
    free(o.x);
    return st;
}
