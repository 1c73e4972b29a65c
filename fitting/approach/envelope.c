#include "fitting/approach/envelope.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/vmath.h"

static const char *const verdict_texts[] = {
#define ENVELOPE_TEXT(code, text) [code] = (text),
    ENVELOPE_VERDICTS(ENVELOPE_TEXT)
#undef ENVELOPE_TEXT
};

const char *envelope_verdict_text(enum envelope_verdict v)
{
    STATUS_ASSERT((int)v >= 0 && v < ENVELOPE_N_VERDICTS);
    return verdict_texts[v];
}

/* Logarithms of sizes nearer than this are one size. */
static const double same_size = 1e-6;

/* A row, to be sorted by size, then compute, then loss. */
struct row {
    double log_params, log_tokens, log_compute, loss;
};

/* Rows of one size, ascending in compute. */
struct curve {
    size_t begin, end;
};

static int order_of(double a, double b)
{
    return (a > b) - (a < b);
}

static int compare_sizes(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return order_of(x->log_params, y->log_params);
}

static int compare_computes(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    const int order = order_of(x->log_compute, y->log_compute);
    return order != 0 ? order : order_of(x->loss, y->loss);
}

/* Sort a curve by compute; of runs at the same compute only the best counts. */
static void sort_curve(struct row rows[], struct curve *c)
{
    size_t end = c->begin + 1;
    qsort(rows + c->begin, c->end - c->begin, sizeof *rows, compare_computes);
    for (size_t i = c->begin + 1; i < c->end; i++) {
        if (rows[i].log_compute > rows[end - 1].log_compute) {
            rows[end++] = rows[i];
        }
    }
    c->end = end;
}

/* Sort the rows into curves. \param [out] curves  [n]; \return how many */
static size_t make_curves(size_t n, struct row rows[], struct curve curves[])
{
    size_t n_curves = 0;
    qsort(rows, n, sizeof *rows, compare_sizes);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || rows[i].log_params - rows[i - 1].log_params > same_size) {
            curves[n_curves++] = (struct curve){i, i};
        }
        curves[n_curves - 1].end = i + 1;
    }
    for (size_t c = 0; c < n_curves; c++) {
        sort_curve(rows, &curves[c]);
    }
    return n_curves;
}

/* What a curve says at a level. \return false when it does not reach it */
static bool at_level(const struct row rows[], struct curve c, double level, double window,
                     struct row *found)
{
    size_t low = c.begin, high = c.end; /* the first row above the level */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (rows[middle].log_compute <= level) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low > c.begin && low < c.end) {
        const struct row *a = &rows[low - 1], *b = &rows[low];
        const double share = (level - a->log_compute) / (b->log_compute - a->log_compute);
        *found = *a;
        found->loss += share * (b->loss - a->loss);
        found->log_tokens += share * (b->log_tokens - a->log_tokens);
        return true;
    }
    *found = rows[low > c.begin ? low - 1 : low];
    return fabs(found->log_compute - level) <= window;
}

static void judge(const struct row rows[], const struct curve curves[], size_t n_curves,
                  double window, struct envelope_level *l)
{
    size_t first = 0, last = 0;
    l->loss_nat = INFINITY;
    for (size_t c = 0; c < n_curves; c++) {
        struct row here;
        if (!at_level(rows, curves[c], l->log_compute, window, &here)) {
            continue;
        }
        first = l->n_sizes == 0 ? c : first;
        last = c;
        l->n_sizes++;
        if (here.loss < l->loss_nat) {
            l->loss_nat = here.loss;
            l->winner = c;
            l->log_size[ISOFLOP_PARAMS] = here.log_params;
            l->log_size[ISOFLOP_TOKENS] = here.log_tokens;
        }
    }
    const bool is_edge = l->winner == first || l->winner == last;
    l->verdict = l->n_sizes == 0  ? ENVELOPE_EMPTY
                 : l->n_sizes < 3 ? ENVELOPE_TOO_FEW
                 : is_edge        ? ENVELOPE_EDGE
                                  : ENVELOPE_KEPT;
    if (l->n_sizes == 0) {
        l->loss_nat = l->log_size[ISOFLOP_PARAMS] = l->log_size[ISOFLOP_TOKENS] = NAN;
    }
}

static void judge_levels(const struct row rows[], const struct curve curves[], size_t n_curves,
                         double step, struct envelope *e)
{
    const double window = fmax(e->options.window, 0.5 * step);
    double least = INFINITY;
    for (size_t i = 0; i < e->n_levels; i++) {
        struct envelope_level *l = &e->levels[i];
        judge(rows, curves, n_curves, window, l);
        /* The same rows seen from the next level are no loss above themselves. */
        if (l->verdict == ENVELOPE_KEPT && l->loss_nat > least) {
            l->verdict = ENVELOPE_ABOVE;
        }
        least = fmin(least, l->loss_nat);
        e->counts[l->verdict]++;
    }
}

/* Different sizes among the levels kept. */
static size_t count_winners(const struct envelope *e, size_t n_curves, unsigned char seen[])
{
    size_t n = 0;
    memset(seen, 0, n_curves);
    for (size_t i = 0; i < e->n_levels; i++) {
        const struct envelope_level *l = &e->levels[i];
        if (l->verdict == ENVELOPE_KEPT && seen[l->winner] == 0) {
            seen[l->winner] = 1;
            n++;
        }
    }
    return n;
}

/* \param [out] x, y  [n_levels] scratch */
static void fit_laws(struct envelope *e, double x[], double y[])
{
    for (int a = 0; a < ISOFLOP_N_AXES; a++) {
        size_t n = 0;
        for (size_t i = 0; i < e->n_levels; i++) {
            if (e->levels[i].verdict == ENVELOPE_KEPT) {
                x[n] = e->levels[i].log_compute;
                y[n++] = e->levels[i].log_size[a];
            }
        }
        if (a == 0 && !(e->options.target_compute_flop > 0.0)) {
            e->options.target_compute_flop = n > 0 ? vmath_exp1(x[n - 1]) : (double)NAN;
        }
        /* One winner at two computes is no trend. */
        const size_t n_points = e->n_winners < 2 ? 0 : n;
        const struct line line =
            line_fit(n_points, x, y,
                     &(struct line_options){.n_independent = e->n_winners,
                                            .confidence = e->options.confidence});
        e->laws[a] = (struct isoflop_law){.verdict = line.verdict,
                                          .n = n,
                                          .exponent = line_slope(&line),
                                          .optimum = line_exponential(line_at(
                                              &line, vmath_log1(e->options.target_compute_flop)))};
    }
}

enum status envelope_run(const struct isoflop_data *data, const struct envelope_options *options,
                         struct envelope *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = data->n;
    *made = (struct envelope){.options = *options};
    struct envelope_options *o = &made->options;
    o->n_levels = o->n_levels > 1 ? o->n_levels : ENVELOPE_LEVELS;
    o->window = o->window > 0.0 ? o->window : ISOFLOP_TOLERANCE;
    made->n_levels = o->n_levels;
    made->levels = calloc(made->n_levels, sizeof *made->levels);
    struct row *rows = malloc((n + 1) * sizeof *rows);
    struct curve *curves = malloc((n + 1) * sizeof *curves);
    double *scratch = malloc(2 * made->n_levels * sizeof *scratch);
    unsigned char *seen = malloc(n + 1);
    if (made->levels == NULL || rows == NULL || curves == NULL || scratch == NULL || seen == NULL) {
        st = status_fail(why, STATUS_MEMORY, "envelope: %zu runs", n);
        goto out;
    }
    double least = INFINITY, largest = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        rows[i] = (struct row){data->log_size[ISOFLOP_PARAMS][i], data->log_size[ISOFLOP_TOKENS][i],
                               data->log_compute[i], data->loss_nat[i]};
        least = fmin(least, data->log_compute[i]);
        largest = fmax(largest, data->log_compute[i]);
    }
    const double step = (largest - least) / (double)(made->n_levels - 1);
    for (size_t i = 0; i < made->n_levels; i++) {
        made->levels[i].log_compute = least + step * (double)i;
    }
    const size_t n_curves = make_curves(n, rows, curves);
    judge_levels(rows, curves, n_curves, step, made);
    made->n_winners = count_winners(made, n_curves, seen);
    fit_laws(made, scratch, scratch + made->n_levels);
out:
    free(seen);
    free(scratch);
    free(curves);
    free(rows);
    if (st != STATUS_OK) {
        envelope_clear(made);
    }
    return st;
}

void envelope_clear(struct envelope *e)
{
    free(e->levels);
    memset(e, 0, sizeof *e);
}
