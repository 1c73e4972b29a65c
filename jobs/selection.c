#include "jobs/selection.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/text/quantity.h"
#include "jobs/summary.h"
#include "jobs/textfile.h"
#include "solver/base/escape.h"
#include "solver/base/log.h"

static const struct selection *sorting; /* qsort has no context */

static int compare_scenarios(const struct frontier_file_table *t, size_t a, size_t b)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        if (t->roles[c] == FRONTIER_FILE_SCENARIO && t->values[c][a] != t->values[c][b]) {
            return t->values[c][a] < t->values[c][b] ? -1 : 1;
        }
    }
    return 0;
}

static int compare_rows(const void *left, const void *right)
{
    const size_t a = *(const size_t *)left, b = *(const size_t *)right;
    const int scenarios = compare_scenarios(sorting->table, a, b);
    if (scenarios != 0) {
        return scenarios;
    }
    const double *key = sorting->table->values[sorting->sort];
    return key[a] != key[b] ? (key[a] < key[b] ? -1 : 1) : (a > b) - (a < b);
}

static enum status find_column(const struct frontier_file_table *t, const char *option,
                               const char *name, size_t *column, struct status_why *why)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        if (strcmp(t->names[c], name) == 0) {
            *column = c;
            return STATUS_OK;
        }
    }
    const char *nearest = study_nearest(name, (const char *const *)t->names, t->n_columns);
    return status_fail(why, STATUS_INPUT, "%s: %s: no such column%s%s", option, name,
                       nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "");
}

/* A limit as a column and a number; units as in a study, names of categories are compared as codes.
 */
struct limit {
    size_t column;
    double value;
    bool is_maximum;
};

static enum status read_limits(const struct job_arguments *a, const struct frontier_file_table *t,
                               struct limit limits[], struct status_why *why)
{
    for (size_t i = 0; i < a->n_limits; i++) {
        const char *option = a->limits[i].is_maximum ? "--max" : "--min";
        enum status st = find_column(t, option, a->limits[i].column, &limits[i].column, why);
        if (st != STATUS_OK) {
            return st;
        }
        const char *unit = t->units[limits[i].column];
        const char *expected =
            quantity_parse(a->limits[i].value, unit[0] != '\0' ? unit : "1", &limits[i].value);
        if (expected != NULL) {
            return status_fail(why, STATUS_INPUT, "%s: %s: %s: %s", option, a->limits[i].column,
                               a->limits[i].value, expected);
        }
        limits[i].is_maximum = a->limits[i].is_maximum;
    }
    return STATUS_OK;
}

static bool within(const struct frontier_file_table *t, size_t row, const struct limit limits[],
                   size_t n_limits)
{
    for (size_t i = 0; i < n_limits; i++) {
        const double value = t->values[limits[i].column][row];
        if (limits[i].is_maximum ? !(value <= limits[i].value) : !(value >= limits[i].value)) {
            return false;
        }
    }
    return true;
}

size_t selection_first_objective(const struct frontier_file_table *t)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        if (t->roles[c] == FRONTIER_FILE_OBJECTIVE) {
            return c;
        }
    }
    return 0;
}

enum status selection_make(const struct job_arguments *a, const struct frontier_file_table *t,
                           const unsigned char marks[], struct selection *s, struct status_why *why)
{
    struct limit limits[JOB_MAX_LIMITS];
    enum status st = STATUS_OK;

    memset(s, 0, sizeof *s);
    s->table = t;
    s->marks = marks;
    if (a->thin && marks == NULL) {
        return status_fail(why, STATUS_INPUT, "--thin: %s holds no /frontier/thin", a->file);
    }
    s->sort = selection_first_objective(t);
    if (a->sort != NULL) {
        STATUS_TRY(find_column(t, "--sort", a->sort, &s->sort, why));
    }
    STATUS_TRY(read_limits(a, t, limits, why));
    s->rows = malloc((t->n_rows + 1) * sizeof *s->rows);
    s->level_begins = malloc((t->n_rows + 2) * sizeof *s->level_begins);
    if (s->rows == NULL || s->level_begins == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%zu rows", t->n_rows);
        goto out;
    }
    for (size_t row = 0; row < t->n_rows; row++) {
        if (within(t, row, limits, a->n_limits)
            && (!a->thin || (marks != NULL && marks[row] != 0))) {
            s->rows[s->n++] = row;
        }
    }
    if (s->n == 0) {
        st = status_fail(why, STATUS_NO, "%s: none of the %zu rows is within the limits", a->file,
                         t->n_rows);
        goto out;
    }
    sorting = s;
    qsort(s->rows, s->n, sizeof *s->rows, compare_rows);
    for (size_t i = 0; i < s->n; i++) {
        if (i == 0 || compare_scenarios(t, s->rows[i - 1], s->rows[i]) != 0) {
            s->level_begins[s->n_levels++] = i;
        }
    }
    s->level_begins[s->n_levels] = s->n;
out:
    if (st != STATUS_OK) {
        selection_clear(s);
    }
    return st;
}

void selection_clear(struct selection *s)
{
    free(s->level_begins);
    free(s->configurations);
    free(s->rows);
    memset(s, 0, sizeof *s);
}

const char *selection_cell(const struct frontier_file_table *t, size_t column, size_t row,
                           char text[], size_t size)
{
    const double value = t->values[column][row];
    if (t->meanings[column] != NULL) {
        (void)snprintf(text, size, "%s", t->meanings[column][(size_t)value]);
        return text;
    }
    const bool counts =
        strcmp(t->names[column], "params") == 0 || strcmp(t->names[column], "tokens") == 0;
    return summary_number(value, counts, text, size);
}

/* Nothing for an absent value, which every reader of CSV takes for missing. */
static void write_cell(FILE *f, const struct selection *s, size_t column, size_t row)
{
    static const double most_whole = 0x1p53;
    const struct frontier_file_table *t = s->table;
    const double value = t->values[column][row];
    escape_fprint(f, "%s", column > 0 ? "," : "");
    if (s->configurations != NULL && strcmp(t->names[column], "configuration") == 0) {
        escape_fprint(f, "%" PRIu64, s->configurations[row]);
    } else if (t->meanings[column] != NULL) {
        escape_csv(f, t->meanings[column][(size_t)value]);
    } else if (!isnan(value) && fabs(value) <= most_whole && !(fabs(value - rint(value)) > 0.0)) {
        escape_fprint(f, "%.0f", value);
    } else if (!isnan(value)) {
        escape_fprint(f, "%.12g", value);
    }
}

static enum status write_csv(FILE *f, const void *context, struct status_why *why)
{
    const struct selection *s = context;
    const struct frontier_file_table *t = s->table;
    (void)why;
    for (size_t c = 0; c < t->n_columns; c++) {
        escape_fprint(f, "%s", c > 0 ? "," : "");
        escape_csv(f, t->names[c]);
    }
    escape_fprint(f, "\n");
    for (size_t i = 0; i < s->n; i++) {
        for (size_t c = 0; c < t->n_columns; c++) {
            write_cell(f, s, c, s->rows[i]);
        }
        escape_fprint(f, "\n");
    }
    return STATUS_OK;
}

enum status selection_write_csv(const struct selection *s, const char *path, struct status_why *why)
{
    const enum status st = textfile_write(path, write_csv, s, why);
    if (st == STATUS_OK) {
        log_line(LOG_INFO, "report rows=%zu csv=%s", s->n, path);
    }
    return st;
}

/* "A100-SXM4-40, mfu_ratio 0.3": the scenario level of a row. */
void selection_name_level(const struct frontier_file_table *t, size_t row, char text[], size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t c = 0; c < t->n_columns && used < size; c++) {
        char value[64];
        if (t->roles[c] == FRONTIER_FILE_SCENARIO) {
            used += (size_t)snprintf(text + used, size - used, "%s%s%s%s", used > 0 ? ", " : "",
                                     t->meanings[c] != NULL ? "" : t->names[c],
                                     t->meanings[c] != NULL ? "" : " ",
                                     selection_cell(t, c, row, value, sizeof value));
        }
    }
}
