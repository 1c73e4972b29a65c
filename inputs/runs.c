#include "inputs/runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/study/keys.h"
#include "inputs/text/quantity.h"
#include "inputs/text/table.h"
#include "solver/base/team.h"
#include "solver/base/vmath.h"

/* Operations of training a token, a parameter: C = 6 N D (docs/model.md M10). */
static const double flop_per_param_token = 6;

/* Names under which people write each column; the first that is there is taken. */
enum { MAX_USUAL = 8 };
static const struct {
    const char *key;
    const char *usual[MAX_USUAL];
} columns[STUDY_N_RUN_COLUMNS] = {
    [STUDY_PARAMS] = {"runs.columns.params",
                      {"params", "N", "parameters", "model_size", "n_params", "params_N"}},
    [STUDY_TOKENS] = {"runs.columns.tokens",
                      {"tokens", "D", "training_tokens", "n_tokens", "tokens_D"}},
    [STUDY_COMPUTE] = {"runs.columns.compute_flop",
                       {"compute_flop", "C", "flops", "training_flop", "budget"}},
    [STUDY_LOSS] = {"runs.columns.loss_nat", {"loss_nat", "loss", "val_loss", "final_loss"}},
};

static const char *const reason_texts[] = {
#define RUNS_TEXT(code, text) [code] = (text),
    RUNS_REASONS(RUNS_TEXT)
#undef RUNS_TEXT
};

const char *runs_reason_text(enum runs_reason r)
{
    STATUS_ASSERT((int)r >= 0 && r < RUNS_N_REASONS);
    return reason_texts[r];
}

/* A file being read: its table, and where the study's columns are in it (-1: absent). */
struct reader {
    const struct study *study;
    const struct table *table;
    int column[STUDY_N_RUN_COLUMNS];
    int filter_column[STUDY_MAX_LIST];
    struct runs *made;
    double *values[STUDY_N_RUN_COLUMNS]; /* [n_rows] natural values; rows not used are unset */
    struct status_why *why;
};

/* End of the message for a column that is not in the file. */
static enum status fail_column(const struct reader *r, struct study_place place, const char *key,
                               const char *name)
{
    enum { MAX_SHOWN = 64 };
    const char *known[MAX_SHOWN];
    char all[400], expected[600];
    size_t n = table_n_columns(r->table);
    n = n < MAX_SHOWN ? n : MAX_SHOWN;
    for (size_t i = 0; i < n; i++) {
        known[i] = table_column(r->table, i);
    }
    keys_join(known, n, all, sizeof all);
    const char *nearest = study_nearest(name, known, n);
    (void)snprintf(expected, sizeof expected, "no such column%s%s%s; the file has %s",
                   nearest != NULL ? ", did you mean " : "", nearest != NULL ? nearest : "",
                   nearest != NULL ? "?" : "", all);
    return study_fail(r->study, place, key, name, expected, r->why);
}

static int find_usual(const struct table *t, const char *const usual[MAX_USUAL])
{
    for (int i = 0; i < MAX_USUAL && usual[i] != NULL; i++) {
        const int column = table_find(t, usual[i]);
        if (column >= 0) {
            return column;
        }
    }
    return -1;
}

static enum status find_columns(struct reader *r)
{
    const struct study *s = r->study;
    for (int c = 0; c < STUDY_N_RUN_COLUMNS; c++) {
        const char *name = s->runs_columns[c];
        r->column[c] =
            name[0] != '\0' ? table_find(r->table, name) : find_usual(r->table, columns[c].usual);
        if (name[0] != '\0' && r->column[c] < 0) {
            return fail_column(r, s->runs_columns_places[c], columns[c].key, name);
        }
    }
    for (size_t i = 0; i < s->n_filters; i++) {
        r->filter_column[i] = table_find(r->table, s->filters[i].column);
        if (r->filter_column[i] < 0) {
            return fail_column(r, s->filters[i].place, "runs.where", s->filters[i].column);
        }
    }
    if (r->column[STUDY_LOSS] < 0) {
        return fail_column(r, s->runs_place, columns[STUDY_LOSS].key, "loss_nat");
    }
    if (r->column[STUDY_PARAMS] < 0 && r->column[STUDY_TOKENS] < 0
        && r->column[STUDY_COMPUTE] < 0) {
        return fail_column(r, s->runs_place, columns[STUDY_PARAMS].key, "params");
    }
    return STATUS_OK;
}

static enum status fail_field(const struct reader *r, size_t row, int column, const char *expected)
{
    return status_fail(r->why, STATUS_INPUT, "%s:%d: %s: %.80s: %s", table_name(r->table),
                       table_line(r->table, row), table_column(r->table, (size_t)column),
                       table_field(r->table, row, (size_t)column), expected);
}

/* -1, 0 or 1 as a is smaller than, equal to or larger than b. */
static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

static bool holds(const char *op, int order)
{
    switch (op[0]) {
    case '<':
        return order < 0 || (op[1] == '=' && order == 0);
    case '>':
        return order > 0 || (op[1] == '=' && order == 0);
    case '!':
        return order != 0;
    default:
        return order == 0;
    }
}

/* What one filter says to a row. Numbers are compared as numbers, the rest as text for equality. */
static enum status apply_filter(const struct reader *r, size_t row, size_t filter,
                                enum runs_reason *reason)
{
    const struct study_filter *f = &r->study->filters[filter];
    const int column = r->filter_column[filter];
    const char *field = table_field(r->table, row, (size_t)column);
    double have, want;
    if (field[0] == '\0') {
        *reason = RUNS_EMPTY;
        return STATUS_OK;
    }
    const char *wrong = quantity_number(field, &have);
    if (wrong == NULL && quantity_number(f->text, &want) == NULL) {
        *reason = holds(f->op, compare(have, want)) ? RUNS_USED : RUNS_FILTERED;
        return STATUS_OK;
    }
    if (f->op[0] == '<' || f->op[0] == '>') {
        return fail_field(r, row, column, wrong);
    }
    *reason = holds(f->op, strcmp(field, f->text)) ? RUNS_USED : RUNS_FILTERED;
    return STATUS_OK;
}

static enum status apply_filters(const struct reader *r, size_t row, enum runs_reason *reason)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && *reason == RUNS_USED && i < r->study->n_filters; i++) {
        st = apply_filter(r, row, i, reason);
    }
    return st;
}

/* Read the numbers of a row that the filters let pass. */
static enum status read_numbers(struct reader *r, size_t row, enum runs_reason *reason)
{
    for (int c = 0; c < STUDY_N_RUN_COLUMNS; c++) {
        if (r->column[c] >= 0 && table_field(r->table, row, (size_t)r->column[c])[0] == '\0') {
            *reason = RUNS_EMPTY;
            return STATUS_OK;
        }
    }
    for (int c = 0; c < STUDY_N_RUN_COLUMNS; c++) {
        if (r->column[c] < 0) {
            continue;
        }
        const char *field = table_field(r->table, row, (size_t)r->column[c]);
        double *value = &r->values[c][row];
        const char *wrong = quantity_number(field, value);
        if (wrong == NULL && !(*value > 0)) {
            wrong = "must be > 0";
        }
        if (wrong != NULL) {
            return fail_field(r, row, r->column[c], wrong);
        }
    }
    return STATUS_OK;
}

/* Fill in the one of tokens and compute that the file does not have. */
static enum status derive(struct reader *r, size_t row)
{
    double *const *v = r->values;
    double *derived = NULL;
    if (r->made->tokens_derived) {
        derived = &v[STUDY_TOKENS][row];
        *derived = v[STUDY_COMPUTE][row] / (flop_per_param_token * v[STUDY_PARAMS][row]);
    } else if (r->made->compute_derived) {
        derived = &v[STUDY_COMPUTE][row];
        *derived = flop_per_param_token * v[STUDY_PARAMS][row] * v[STUDY_TOKENS][row];
    }
    if (derived != NULL && !(*derived > 0 && isfinite(*derived))) {
        return fail_field(r, row, r->column[STUDY_PARAMS],
                          "too large or too small with the other columns of this row");
    }
    return STATUS_OK;
}

static enum status read_row(struct reader *r, size_t row)
{
    enum runs_reason reason = RUNS_USED;
    enum status st = apply_filters(r, row, &reason);
    if (st == STATUS_OK && reason == RUNS_USED) {
        st = read_numbers(r, row, &reason);
    }
    if (st == STATUS_OK && reason == RUNS_USED) {
        st = derive(r, row);
    }
    r->made->reasons[row] = (unsigned char)reason;
    return st;
}

static int compare_descending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return compare(*y, *x);
}

/* Mark the rows whose loss is at least the k-th largest of those in use. */
static enum status drop_highest(struct reader *r)
{
    struct runs *made = r->made;
    const double *loss = r->values[STUDY_LOSS];
    const uint64_t k = r->study->drop_highest_loss;
    size_t n = 0;
    if (k == 0) {
        return STATUS_OK;
    }
    double *sorted = malloc((made->n_rows + 1) * sizeof *sorted);
    if (sorted == NULL) {
        return status_fail(r->why, STATUS_MEMORY, "%s: %zu rows", made->file, made->n_rows);
    }
    for (size_t i = 0; i < made->n_rows; i++) {
        if (made->reasons[i] == RUNS_USED) {
            sorted[n++] = loss[i];
        }
    }
    qsort(sorted, n, sizeof *sorted, compare_descending);
    for (size_t i = 0; n > 0 && i < made->n_rows; i++) {
        if (made->reasons[i] == RUNS_USED && (k >= n || loss[i] >= sorted[k - 1])) {
            made->reasons[i] = RUNS_HIGH_LOSS;
        }
    }
    free(sorted);
    return STATUS_OK;
}

static enum status make_room(struct reader *r)
{
    struct runs *made = r->made;
    const size_t room = made->n_rows + 1; /* so that none of them is nothing */
    bool ok = (made->reasons = calloc(room, sizeof *made->reasons)) != NULL;
    for (int c = 0; c < STUDY_N_RUN_COLUMNS; c++) {
        ok = ok && (r->values[c] = calloc(room, sizeof *r->values[c])) != NULL;
    }
    return ok ? STATUS_OK
              : status_fail(r->why, STATUS_MEMORY, "%s: %zu rows", made->file, made->n_rows);
}

/* Keep the rows in use: their logarithms, losses and lines. */
static enum status keep_used(struct reader *r)
{
    static const enum study_column of_input[LAW_N_INPUTS] = {
        [LAW_PARAMS] = STUDY_PARAMS, [LAW_TOKENS] = STUDY_TOKENS, [LAW_COMPUTE] = STUDY_COMPUTE};
    struct runs *made = r->made;
    for (size_t i = 0; i < made->n_rows; i++) {
        const size_t to = made->n;
        made->counts[made->reasons[i]]++;
        if (made->reasons[i] != RUNS_USED) {
            continue;
        }
        for (int c = 0; c < STUDY_N_RUN_COLUMNS; c++) {
            r->values[c][to] = r->values[c][i]; /* to <= i */
        }
        made->n++;
    }
    made->lines = malloc((made->n + 1) * sizeof *made->lines);
    if (made->lines == NULL) {
        return status_fail(r->why, STATUS_MEMORY, "%s: %zu rows", made->file, made->n_rows);
    }
    for (size_t i = 0, to = 0; i < made->n_rows; i++) {
        if (made->reasons[i] == RUNS_USED) {
            made->lines[to++] = table_line(r->table, i);
        }
    }
    made->loss_nat = r->values[STUDY_LOSS];
    r->values[STUDY_LOSS] = NULL;
    for (int i = 0; i < LAW_N_INPUTS; i++) {
        const enum study_column c = of_input[i];
        const bool is_known = r->column[c] >= 0 || (c == STUDY_TOKENS && made->tokens_derived)
                              || (c == STUDY_COMPUTE && made->compute_derived);
        if (is_known) {
            made->log_x[i] = r->values[c];
            r->values[c] = NULL;
            vmath_log(made->n, made->log_x[i], made->log_x[i]);
        }
    }
    return STATUS_OK;
}

static enum status fail_no_rows(const struct reader *r)
{
    const struct runs *made = r->made;
    char text[256] = "";
    for (int i = RUNS_USED + 1; i < RUNS_N_REASONS; i++) {
        const size_t length = strlen(text);
        if (made->counts[i] > 0) {
            (void)snprintf(text + length, sizeof text - length, "; %zu: %s", made->counts[i],
                           runs_reason_text((enum runs_reason)i));
        }
    }
    return status_fail(r->why, STATUS_INPUT, "%s: none of %zu rows is left%s", made->file,
                       made->n_rows, text);
}

static enum status fill(struct reader *r)
{
    enum status st = STATUS_OK;
    struct runs *made = r->made;
    const char *bytes = table_bytes(r->table, &made->n_bytes);

    made->n_rows = table_n_rows(r->table);
    STATUS_TRY(find_columns(r));
    const bool has_params = r->column[STUDY_PARAMS] >= 0;
    const bool has_tokens = r->column[STUDY_TOKENS] >= 0;
    const bool has_compute = r->column[STUDY_COMPUTE] >= 0;
    made->tokens_derived = has_params && has_compute && !has_tokens;
    made->compute_derived = has_params && has_tokens && !has_compute;
    STATUS_TRY(make_room(r));
    for (size_t i = 0; i < made->n_rows; i++) {
        STATUS_TRY(read_row(r, i));
    }
    STATUS_TRY(drop_highest(r));
    STATUS_TRY(keep_used(r));
    if (made->n == 0) {
        STATUS_TRY(fail_no_rows(r));
    }
    made->bytes = malloc(made->n_bytes + 1);
    if (made->bytes == NULL) {
        st = status_fail(r->why, STATUS_MEMORY, "%s: %zu bytes", made->file, made->n_bytes);
        goto out;
    }
    memcpy(made->bytes, bytes, made->n_bytes);
    made->bytes[made->n_bytes] = '\0';
out:
    return st;
}

enum status runs_read(MPI_Comm comm, const struct study *study, struct runs *made,
                      struct status_why *why)
{
    enum status st = STATUS_OK;
    struct table *table = NULL;
    struct reader r = {.study = study, .made = made, .why = why};

    *made = (struct runs){0};
    if (study->runs_file[0] == '\0') {
        return study_fail(study, study->runs_place, "runs.file", NULL,
                          "expected the file of observed runs", why);
    }
    study_path(study, study->runs_file, made->file, sizeof made->file);
    STATUS_TRY(table_read(comm, made->file, &table, why));
    r.table = table;
    STATUS_TRY(team_agree(comm, fill(&r), why));
out:
    for (int c = 0; c < STUDY_N_RUN_COLUMNS; c++) {
        free(r.values[c]);
    }
    table_destroy(table);
    if (st != STATUS_OK) {
        runs_clear(made);
    }
    return st;
}

void runs_clear(struct runs *r)
{
    for (int i = 0; i < LAW_N_INPUTS; i++) {
        free(r->log_x[i]);
    }
    free(r->loss_nat);
    free(r->lines);
    free(r->reasons);
    free(r->bytes);
    *r = (struct runs){0};
}
