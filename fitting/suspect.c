#include "fitting/suspect.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Residuals closer to the law than this, relative to the response, are nobody's concern. */
static const double harmless = 0.01;
/* The same for a difference between groups, in which no single row stands out. */
static const double harmless_between = 0.001;
/* Largest p of a split that is told: several columns are tried. */
static const double largest_p = 1e-6;

struct suspect_split suspect_split(size_t n, const double value[], size_t n_levels,
                                   const size_t level[])
{
    struct suspect_split s = {NAN, NAN, NAN, NAN};
    double *sums = calloc(2 * n_levels, sizeof *sums), grand = 0.0;
    STATUS_ASSERT(n_levels >= 2 && n_levels < n);
    if (sums == NULL) {
        return s;
    }
    double *counts = sums + n_levels;
    for (size_t i = 0; i < n; i++) {
        sums[level[i]] += value[i];
        counts[level[i]] += 1.0;
        grand += value[i] / (double)n;
    }
    double within = 0.0, between = 0.0, squares = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double rest = value[i] - sums[level[i]] / counts[level[i]];
        within += rest * rest;
    }
    for (size_t k = 0; k < n_levels; k++) {
        const double rest = sums[k] / counts[k] - grand;
        between += counts[k] * rest * rest;
        squares += counts[k] * counts[k];
    }
    free(sums);
    const double free_between = (double)(n_levels - 1), free_within = (double)(n - n_levels);
    const double msb = between / free_between, msw = within / free_within;
    s.mean_size = ((double)n - squares / (double)n) / free_between;
    if (!(msb > 0.0) && !(msw > 0.0)) {
        return s;
    }
    s.intraclass = (msb - msw) / (msb + (s.mean_size - 1.0) * msw);
    s.p = msw > 0.0 ? gsl_cdf_fdist_Q(msb / msw, free_between, free_within) : 0.0;
    s.sd_between = msb > msw ? sqrt((msb - msw) / s.mean_size) : 0.0;
    return s;
}

/* The residuals of a fit. */
struct residuals {
    size_t n;
    double *relative; /* [n] ln of response over fitted, or their difference over the fitted */
    double *floors;   /* [n] in noise floors */
    double *fitted;   /* [n] */
};

static bool find_residuals(const struct fit_data *data, const struct fit *f, struct residuals *r)
{
    /* A law that passes through its data has a noise floor of rounding. */
    static const double rounding = 1e-9;
    r->n = data->n;
    r->relative = calloc(data->n, sizeof *r->relative);
    r->floors = calloc(data->n, sizeof *r->floors);
    r->fitted = calloc(data->n, sizeof *r->fitted);
    if (r->relative == NULL || r->floors == NULL || r->fitted == NULL) {
        return false;
    }
    law_values(f->law, f->theta, data->n, data->x, r->fitted);
    for (size_t i = 0; i < data->n; i++) {
        const double y = data->response[i], error = data->error != NULL ? data->error[i] : 1.0;
        const bool is_log = f->options.residual == FIT_LOG;
        const double residual = is_log ? log(y) - log(r->fitted[i]) : y - r->fitted[i];
        const double unit = data->error == NULL ? 1.0 : is_log ? error / y : error;
        r->relative[i] = is_log ? residual : residual / fabs(r->fitted[i]);
        r->floors[i] = fabs(residual) / unit / fmax(f->noise_floor, rounding);
    }
    return true;
}

static void clear(struct residuals *r)
{
    free(r->relative);
    free(r->floors);
    free(r->fitted);
}

/* "loss_nat 36.1 is 10 times what the law says (820 noise floors)" */
static void tell_row(const struct runs *runs, const struct residuals *r, size_t i, char text[],
                     size_t size)
{
    const double ratio = runs->response.values[i] / r->fitted[i];
    char size_of[48];
    if (ratio > 1.5 || ratio < 0.6) {
        (void)snprintf(size_of, sizeof size_of, "%.3g times", ratio);
    } else {
        (void)snprintf(size_of, sizeof size_of, "%.3g %% %s", 100.0 * fabs(ratio - 1.0),
                       ratio > 1.0 ? "above" : "below");
    }
    (void)snprintf(text, size, "%.4g is %s what the law says (%.3g noise floors)",
                   runs->response.values[i], size_of, r->floors[i]);
}

enum { N_WORST = 3 };

/* The rows with the largest residuals in noise floors. \return how many there are */
static size_t find_worst(const struct residuals *r, size_t worst[N_WORST])
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        size_t at = n;
        while (at > 0 && r->floors[i] > r->floors[worst[at - 1]]) {
            at--;
        }
        n += n < N_WORST;
        for (size_t k = n; k > at + 1; k--) {
            worst[k - 1] = worst[k - 2];
        }
        if (at < n) {
            worst[at] = i;
        }
    }
    return n;
}

static void tell_outliers(const struct study *study, const struct runs *runs,
                          const struct residuals *r, struct plausible *list)
{
    size_t worst[N_WORST] = {0}, n_outside = 0, used = 0;
    const size_t n = find_worst(r, worst);
    char text[400] = "", row[120];
    for (size_t i = 0; i < r->n; i++) {
        n_outside += r->floors[i] > plausible_threshold(PLAUSIBLE_OUTLIER)
                     && fabs(r->relative[i]) > harmless;
    }
    for (size_t k = 0; k < n && used < sizeof text; k++) {
        tell_row(runs, r, worst[k], row, sizeof row);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s:%d: %s", k > 0 ? "; " : "",
                                 plausible_file(runs->file), runs->lines[worst[k]], row);
    }
    if (n_outside == 0) {
        plausible_note(list, PLAUSIBLE_OUTLIER, n, "largest residuals of %s: %s",
                       runs->response.name, text);
        return;
    }
    tell_row(runs, r, worst[0], row, sizeof row);
    plausible_warn(study, list, PLAUSIBLE_OUTLIER, n_outside,
                   "%s:%d: %s: %s; %zu row%s beyond %g noise floors", plausible_file(runs->file),
                   runs->lines[worst[0]], runs->response.source, row, n_outside,
                   n_outside == 1 ? "" : "s", plausible_threshold(PLAUSIBLE_OUTLIER));
    plausible_note(list, PLAUSIBLE_OUTLIER, n, "largest residuals of %s: %s", runs->response.name,
                   text);
}

/* The sentence of a fit whose rows are not independent. */
static void doubt(struct fit *f, const struct runs_group *g, double intraclass)
{
    char old[sizeof f->sentence];
    (void)snprintf(old, sizeof old, "%s", f->sentence);
    f->identified = false;
    (void)snprintf(
        f->sentence, sizeof f->sentence,
        "NOT JUDGED: the residuals split by %s (intraclass correlation %.2f), so that "
        "the rows are not independent and all intervals are too narrow. As if they were: "
        "%.360s",
        g->name, intraclass, old);
}

static void tell_split(const struct study *study, const struct runs *runs,
                       const struct residuals *r, struct fit *f, struct plausible *list)
{
    const struct runs_group *best = NULL;
    struct suspect_split most = {0};
    size_t n_splitting = 0;
    for (size_t g = 0; g < runs->n_groups; g++) {
        const struct runs_group *group = &runs->groups[g];
        const struct suspect_split s =
            suspect_split(r->n, r->relative, group->n_levels, group->levels);
        const bool is_drawn =
            study->bootstrap == STUDY_CLUSTER && strcmp(group->name, study->cluster) == 0;
        if (is_drawn || !(s.p < largest_p) || !(s.sd_between > harmless_between)
            || !(s.intraclass > plausible_threshold(PLAUSIBLE_SPLIT))) {
            continue;
        }
        n_splitting++;
        if (best == NULL || s.intraclass > most.intraclass) {
            best = group;
            most = s;
        }
    }
    if (best == NULL) {
        return;
    }
    char others[48] = "";
    if (n_splitting > 1) {
        (void)snprintf(others, sizeof others, ", and by %zu other column%s", n_splitting - 1,
                       n_splitting == 2 ? "" : "s");
    }
    plausible_warn(study, list, PLAUSIBLE_SPLIT, n_splitting,
                   "%s: the residuals split by column %s, which the law does not read: %zu values, "
                   "about %.3g rows each, intraclass correlation %.2f%s; rows of one value are not "
                   "independent, so that intervals are too narrow: fit.cluster: %s with "
                   "fit.bootstrap: cluster counts each value once, runs.where keeps one",
                   plausible_file(runs->file), best->name, best->n_levels, most.mean_size,
                   most.intraclass, others, best->name);
    if (!plausible_is_accepted(study, PLAUSIBLE_SPLIT)) {
        doubt(f, best, most.intraclass);
    }
}

enum status suspect_fit(const struct study *study, const struct runs *runs,
                        const struct fit_data *data, struct fit *f, struct plausible *list,
                        struct status_why *why)
{
    struct residuals r = {0};
    const bool ok = find_residuals(data, f, &r);
    if (ok) {
        tell_outliers(study, runs, &r, list);
        tell_split(study, runs, &r, f, list);
    }
    clear(&r);
    return ok ? STATUS_OK
              : status_fail(why, STATUS_MEMORY, "%s: residuals of %zu rows", runs->file, data->n);
}
