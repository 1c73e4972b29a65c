#include "inputs/plausible.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "solver/base/log.h"
#include "solver/base/units.h"

static const struct {
    const char *name;
    double threshold;
} checks[PLAUSIBLE_N] = {
#define PLAUSIBLE_ROW(code, name, threshold, compared) [code] = {name, threshold},
    PLAUSIBLE_CHECKS(PLAUSIBLE_ROW)
#undef PLAUSIBLE_ROW
};

const char *plausible_name(enum plausible_check c)
{
    return checks[c].name;
}

double plausible_threshold(enum plausible_check c)
{
    return checks[c].threshold;
}

enum status plausible_check_accepted(const struct study *study, struct status_why *why)
{
    const char *known[PLAUSIBLE_N];
    for (int c = 0; c < PLAUSIBLE_N; c++) {
        known[c] = checks[c].name;
    }
    for (size_t i = 0; i < study->n_accepted; i++) {
        const struct study_text *word = &study->accepted[i];
        int c = 0;
        while (c < PLAUSIBLE_N && strcmp(word->text, known[c]) != 0) {
            c++;
        }
        if (c == PLAUSIBLE_N) {
            char expected[160];
            const char *nearest = study_nearest(word->text, known, PLAUSIBLE_N);
            (void)snprintf(expected, sizeof expected, "no check of that name%s%s%s",
                           nearest != NULL ? ", did you mean " : "", nearest != NULL ? nearest : "",
                           nearest != NULL ? "?" : "; docs/formats.md lists them");
            return study_fail(study, word->place, "accept", word->text, expected, why);
        }
    }
    return STATUS_OK;
}

bool plausible_is_accepted(const struct study *study, enum plausible_check c)
{
    for (size_t i = 0; i < study->n_accepted; i++) {
        if (strcmp(study->accepted[i].text, checks[c].name) == 0) {
            return true;
        }
    }
    return false;
}

const char *plausible_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static struct plausible_finding *add(struct plausible *list, enum plausible_check c, size_t n)
{
    STATUS_ASSERT(list->n < PLAUSIBLE_MOST);
    struct plausible_finding *f = &list->all[list->n++];
    *f = (struct plausible_finding){.check = c, .n = n};
    return f;
}

void plausible_warn(const struct study *study, struct plausible *list, enum plausible_check c,
                    size_t n, const char *format, ...)
{
    static bool was_said[PLAUSIBLE_N]; /* several parts of a job read the same tables */
    va_list arguments;
    if (plausible_is_accepted(study, c)) {
        return;
    }
    struct plausible_finding *f = add(list, c, n);
    va_start(arguments, format);
    (void)vsnprintf(f->text, sizeof f->text, format, arguments);
    va_end(arguments);
    if (!was_said[c]) {
        log_line(LOG_WARNING, "%s: %s (accept: [%s] if it is right)", checks[c].name, f->text,
                 checks[c].name);
    }
    was_said[c] = true;
}

void plausible_note(struct plausible *list, enum plausible_check c, size_t n, const char *format,
                    ...)
{
    va_list arguments;
    struct plausible_finding *f = add(list, c, n);
    f->is_note = true;
    va_start(arguments, format);
    (void)vsnprintf(f->text, sizeof f->text, format, arguments);
    va_end(arguments);
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Median of n >= 1 values. \return false without memory */
static bool find_median(const double values[], size_t n, double *median)
{
    double *sorted = malloc(n * sizeof *sorted);
    if (sorted == NULL) {
        return false;
    }
    memcpy(sorted, values, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare);
    *median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0;
    free(sorted);
    return true;
}

/* What the file says of compute against what its params and tokens say. */
static bool check_compute(const struct study *study, const struct runs *r, struct plausible *list)
{
    const double limit = plausible_threshold(PLAUSIBLE_COMPUTE);
    const struct runs_column *params = runs_find(r, LAW_PARAMS), *tokens = runs_find(r, LAW_TOKENS),
                             *compute = runs_find(r, LAW_COMPUTE);
    if (params == NULL || tokens == NULL || compute == NULL || r->tokens_derived
        || r->compute_derived) {
        return true;
    }
    double *ratio = malloc(r->n * sizeof *ratio), median = NAN;
    if (ratio == NULL) {
        return false;
    }
    size_t n_outside = 0, worst = 0, least = 0, most = 0;
    for (size_t i = 0; i < r->n; i++) {
        ratio[i] = compute->values[i] / (6.0 * params->values[i] * tokens->values[i]);
        n_outside += ratio[i] > limit || ratio[i] < 1.0 / limit;
        worst = fabs(log(ratio[i])) > fabs(log(ratio[worst])) ? i : worst;
        least = ratio[i] < ratio[least] ? i : least;
        most = ratio[i] > ratio[most] ? i : most;
    }
    const bool ok = find_median(ratio, r->n, &median);
    char hint[160] = "";
    const double power = rint(-log10(median));
    if (ok && fabs(power) >= 1.0 && fabs(log10(median) + power) < 0.1) {
        (void)snprintf(hint, sizeof hint,
                       "; is a unit forgotten? runs.columns: {compute_flop: {column: %s, scale: "
                       "1e%.0f}}",
                       compute->source, power);
    }
    if (ok && n_outside > 0) {
        plausible_warn(study, list, PLAUSIBLE_COMPUTE, n_outside,
                       "%s:%d: compute / (6 params tokens) is outside %g to %g in %zu of %zu rows: "
                       "median %.4g, from %.4g to %.4g%s",
                       plausible_file(r->file), r->lines[worst], 1.0 / limit, limit, n_outside,
                       r->n, median, ratio[least], ratio[most], hint);
    }
    free(ratio);
    return ok;
}

/* Models of fewer than 1e5 parameters, or fewer than 1e6 tokens. */
static void check_size(const struct study *study, const struct runs *r, const char *name,
                       enum plausible_check check, struct plausible *list)
{
    const struct runs_column *c = runs_find(r, name);
    if (c == NULL || c->source[0] == '\0') {
        return;
    }
    size_t largest = 0;
    for (size_t i = 0; i < r->n; i++) {
        largest = c->values[i] > c->values[largest] ? i : largest;
    }
    if (c->values[largest] < plausible_threshold(check)) {
        plausible_warn(study, list, check, r->n,
                       "%s:%d: the largest %s are %.4g; are these millions? runs.columns: {%s: "
                       "{column: %s, scale: 1e6}}",
                       plausible_file(r->file), r->lines[largest], name, c->values[largest], name,
                       c->source);
    }
}

static bool has_word(const char *text, const char *const words[], size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const size_t length = strlen(words[k]);
        for (const char *at = text; *at != '\0'; at++) {
            if (strncasecmp(at, words[k], length) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Losses that are no cross-entropy a token in nat. */
static bool check_loss(const struct study *study, const struct runs *r, struct plausible *list)
{
    static const char *const bits[] = {"bpb", "bpc", "bpt", "bits"};
    static const char *const perplexities[] = {"ppl", "perplex"};
    double median = NAN;
    if (strcmp(r->response.name, LAW_LOSS_NAT) != 0) {
        return true;
    }
    if (!find_median(r->response.values, r->n, &median)) {
        return false;
    }
    const char *column = r->response.source;
    const bool is_as_written = !(r->response.scale < 1.0 || r->response.scale > 1.0);
    if (median > plausible_threshold(PLAUSIBLE_PERPLEXITY)
        || (is_as_written && has_word(column, perplexities, 2))) {
        plausible_warn(
            study, list, PLAUSIBLE_PERPLEXITY, r->n,
            "%s: the losses in column %s, median %.4g, look like perplexity; the loss in "
            "nat is its natural logarithm",
            plausible_file(r->file), column, median);
    } else if (median < plausible_threshold(PLAUSIBLE_BITS)
               || (is_as_written && has_word(column, bits, 4))) {
        plausible_warn(study, list, PLAUSIBLE_BITS, r->n,
                       "%s: the losses in column %s, median %.4g, look like bits, or like bits a "
                       "byte; from bits a token to nat: runs.columns: {loss_nat: {column: %s, "
                       "scale: 0.693147}}",
                       plausible_file(r->file), column, median, column);
    }
    return true;
}

/* A row as a text of numbers, to be sorted. */
struct row {
    const double *values;
    size_t n, at;
};

static int compare_rows(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    for (size_t k = 0; k < x->n; k++) {
        const int order = compare(&x->values[k], &y->values[k]);
        if (order != 0) {
            return order;
        }
    }
    return (x->at > y->at) - (x->at < y->at);
}

static bool same(const struct row *x, const struct row *y, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (compare(&x->values[k], &y->values[k]) != 0) {
            return false;
        }
    }
    return true;
}

/* Rows that repeat another, of rows sorted by all columns. */
static void check_equal(const struct study *study, const struct runs *r, const struct row rows[],
                        size_t n_columns, struct plausible *list)
{
    size_t n_equal = 0, first = 0, of = 0;
    for (size_t i = 1, begin = 0; i < r->n; i++) {
        if (!same(&rows[i], &rows[begin], n_columns)) {
            begin = i;
            continue;
        }
        if (n_equal++ == 0 || rows[i].at < first) {
            first = rows[i].at;
            of = rows[begin].at;
        }
    }
    if (n_equal > 0) {
        plausible_warn(study, list, PLAUSIBLE_EQUAL_ROWS, n_equal,
                       "%s:%d: %zu of %zu rows repeat another exactly, this one that of line %d; a "
                       "row that is there twice counts twice, and intervals become too narrow",
                       plausible_file(r->file), r->lines[first], n_equal, r->n, r->lines[of]);
    }
}

/* Rows of one input whose responses differ, of rows sorted by the inputs. */
static void check_spread(const struct study *study, const struct runs *r, const struct row rows[],
                         size_t n_inputs, struct plausible *list)
{
    size_t n_distinct = 0, n_wide = 0, worst = 0;
    double widest = 0.0;
    for (size_t begin = 0, end; begin < r->n; begin = end) {
        double least = r->response.values[rows[begin].at], most = least;
        for (end = begin + 1; end < r->n && same(&rows[end], &rows[begin], n_inputs); end++) {
            least = fmin(least, r->response.values[rows[end].at]);
            most = fmax(most, r->response.values[rows[end].at]);
        }
        const double spread = least > 0.0 ? most / least - 1.0 : 0.0;
        n_distinct++;
        n_wide += spread > plausible_threshold(PLAUSIBLE_SPREAD) ? end - begin : 0;
        if (spread > widest) {
            widest = spread;
            worst = rows[begin].at;
        }
    }
    if (n_wide > 0) {
        plausible_warn(study, list, PLAUSIBLE_SPREAD, n_wide,
                       "%s:%d: %zu rows at %zu different inputs of the law, and %s of one input "
                       "differ by up to %.3g %%: something that the law does not read moves them; "
                       "keep the rows that it is of by runs.where",
                       plausible_file(r->file), r->lines[worst], r->n, n_distinct, r->response.name,
                       100.0 * widest);
    }
}

/* Rows side by side: the inputs of the law, then the response and all other columns. */
static bool check_rows(const struct study *study, const struct runs *r, const struct law *law,
                       struct plausible *list)
{
    const size_t width = law->n_inputs + 1 + r->n_columns;
    double *values = malloc(r->n * width * sizeof *values);
    struct row *rows = malloc(r->n * sizeof *rows);
    const bool ok = values != NULL && rows != NULL;
    for (size_t i = 0; ok && i < r->n; i++) {
        double *row = values + i * width;
        for (size_t k = 0; k < law->n_inputs; k++) {
            const double *x = runs_input(r, &law->inputs[k]);
            row[k] = x != NULL ? x[i] : 0.0;
        }
        row[law->n_inputs] = r->response.values[i];
        for (size_t k = 0; k < r->n_columns; k++) {
            row[law->n_inputs + 1 + k] = r->columns[k].values[i];
        }
        rows[i] = (struct row){row, width, i};
    }
    if (ok) {
        qsort(rows, r->n, sizeof *rows, compare_rows);
        check_equal(study, r, rows, width, list);
        check_spread(study, r, rows, law->n_inputs, list);
    }
    free(values);
    free(rows);
    return ok;
}

enum status plausible_runs(const struct study *study, const struct runs *runs,
                           const struct law *law, struct plausible *list, struct status_why *why)
{
    bool ok = check_compute(study, runs, list);
    check_size(study, runs, LAW_PARAMS, PLAUSIBLE_PARAMS, list);
    check_size(study, runs, LAW_TOKENS, PLAUSIBLE_TOKENS, list);
    ok = ok && check_loss(study, runs, list) && check_rows(study, runs, law, list);
    return ok ? STATUS_OK : status_fail(why, STATUS_MEMORY, "%s: %zu rows", runs->file, runs->n);
}

/* Whether a row is of the shipped tables. */
static bool is_shipped(const char *file, const char *folder)
{
    return file == NULL || strncmp(file, folder, strlen(folder)) == 0;
}

/* The MFU that runs of the user's have by their time. */
static void check_mfu(const struct study *study, const struct hardware_catalogue *c,
                      const char *folder, struct plausible *list)
{
    const struct hardware_mfu *low = NULL, *half = NULL;
    size_t n_low = 0, n_half = 0;
    for (size_t i = 0; i < c->n_mfu; i++) {
        const struct hardware_mfu *m = &c->mfu[i];
        if (!m->is_computed || is_shipped(m->file, folder)) {
            continue;
        }
        if (m->mfu_ratio < plausible_threshold(PLAUSIBLE_LOW_MFU)) {
            low = low == NULL ? m : low;
            n_low++;
        }
        if (strncmp(m->device, "MI250", 5) == 0
            && 2.0 * m->mfu_ratio < plausible_threshold(PLAUSIBLE_HALF_DEVICES)) {
            half = half == NULL ? m : half;
            n_half++;
        }
    }
    if (low != NULL) {
        const double hourly = low->mfu_ratio * UNITS_SECOND_PER_HOUR;
        char hint[96] = "";
        if (hourly <= 1.0 && hourly >= plausible_threshold(PLAUSIBLE_LOW_MFU)) {
            (void)snprintf(hint, sizeof hint, "; is the time in seconds? Then it is %.4g", hourly);
        }
        plausible_warn(study, list, PLAUSIBLE_LOW_MFU, n_low,
                       "%s:%d: %s: the MFU of %zu run%s is below %g, here %.3g%s",
                       plausible_file(low->file), low->line, low->id, n_low, n_low == 1 ? "" : "s",
                       plausible_threshold(PLAUSIBLE_LOW_MFU), low->mfu_ratio, hint);
    }
    if (half != NULL) {
        plausible_warn(
            study, list, PLAUSIBLE_HALF_DEVICES, n_half,
            "%s:%d: %s: a row of %s is a card of two dies, and what Slurm calls a GPU is "
            "one die: if the %g devices are dies, give half as many, and the MFU is %.4g "
            "instead of %.4g",
            plausible_file(half->file), half->line, half->id, half->device, half->devices,
            2.0 * half->mfu_ratio, half->mfu_ratio);
    }
}

/* Best peak per watt of a format among the shipped devices; 0 where none has it. */
static double best_peak(const struct hardware_catalogue *c, const char *folder, int precision)
{
    double best = 0.0;
    for (size_t i = 0; i < c->n_devices; i++) {
        const struct hardware *h = &c->devices[i];
        if (is_shipped(h->file, folder)) {
            best = fmax(best, h->peak_flop_per_second[precision] / h->power_watt);
        }
    }
    return best;
}

static void check_peaks(const struct study *study, const struct hardware_catalogue *c,
                        const char *folder, struct plausible *list)
{
    const double limit = plausible_threshold(PLAUSIBLE_PEAK);
    size_t n = 0;
    char place[480] = "";
    for (size_t i = 0; i < c->n_devices; i++) {
        const struct hardware *h = &c->devices[i];
        for (int p = 0; p < PRECISION_N && !is_shipped(h->file, folder); p++) {
            const double best = best_peak(c, folder, p);
            const double ratio = h->peak_flop_per_second[p] / h->power_watt / best;
            if (best > 0.0 && ratio > limit) {
                if (n++ == 0) {
                    (void)snprintf(
                        place, sizeof place,
                        "%.200s:%d: %s: peak_tflops_%s over power_watt is %.3g times the "
                        "best of the shipped devices; is it a sparse peak, or the power "
                        "of a part? Dense peaks count",
                        plausible_file(h->file), h->line, h->id, precision_name((enum precision)p),
                        ratio);
                }
                break;
            }
        }
    }
    if (n > 0) {
        plausible_warn(study, list, PLAUSIBLE_PEAK, n, "%s", place);
    }
}

void plausible_catalogue(const struct study *study, const struct hardware_catalogue *c,
                         const char *folder, struct plausible *list)
{
    check_mfu(study, c, folder, list);
    check_peaks(study, c, folder, list);
}

char *plausible_text(const struct plausible *const lists[], size_t n_lists)
{
    size_t size = 1, used = 0;
    for (size_t k = 0; k < n_lists; k++) {
        size += lists[k] == NULL ? 0 : lists[k]->n * (sizeof lists[k]->all[0].text + 64);
    }
    char *text = calloc(1, size);
    for (size_t k = 0; text != NULL && k < n_lists; k++) {
        for (size_t i = 0; lists[k] != NULL && i < lists[k]->n; i++) {
            const struct plausible_finding *f = &lists[k]->all[i];
            used +=
                (size_t)snprintf(text + used, size - used, "%s%s: %zu: %s\n",
                                 f->is_note ? "note " : "", checks[f->check].name, f->n, f->text);
        }
    }
    return text;
}
