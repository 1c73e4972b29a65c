#include "inputs/sheet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/study/study.h"
#include "inputs/text/quantity.h"
#include "inputs/text/table.h"
#include "solver/base/team.h"

enum status sheet_fail(const char *file, int line, const char *column, const char *value,
                       const char *expected, struct status_why *why)
{
    return status_fail(why, STATUS_INPUT, "%s:%d: %s: %s: %s", file, line, column,
                       value[0] == '\0' ? "empty" : value, expected);
}

enum status sheet_fail_unknown(const char *file, int line, const char *what, const char *word,
                               const char *expected, const char *const known[], size_t n,
                               struct status_why *why)
{
    const char *nearest = study_nearest(word, known, n);
    char place[16] = "";
    if (line > 0) {
        (void)snprintf(place, sizeof place, ":%d", line);
    }
    return status_fail(why, STATUS_INPUT, "%s%s: %s: %s: %s%s%s", file, place, what, word, expected,
                       nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest);
}

static const struct sheet_field *find_field(const struct sheet *s, const char *column)
{
    for (size_t i = 0; i < s->n_fields; i++) {
        if (strcmp(s->fields[i].column, column) == 0) {
            return &s->fields[i];
        }
    }
    return NULL;
}

/* Every column is known and no required one is missing. */
static enum status check_columns(const struct sheet *s, const struct table *t,
                                 struct status_why *why)
{
    const char *known[SHEET_MAX_FIELDS];
    STATUS_ASSERT(s->n_fields <= SHEET_MAX_FIELDS);
    for (size_t i = 0; i < s->n_fields; i++) {
        known[i] = s->fields[i].column;
    }
    for (size_t c = 0; c < table_n_columns(t); c++) {
        const char *column = table_column(t, c);
        if (find_field(s, column) == NULL) {
            return sheet_fail_unknown(table_name(t), 0, "column", column, "unknown", known,
                                      s->n_fields, why);
        }
    }
    for (size_t i = 0; i < s->n_fields; i++) {
        if (s->fields[i].required && table_find(t, known[i]) < 0) {
            return status_fail(why, STATUS_INPUT, "%s: column %s: missing", table_name(t),
                               known[i]);
        }
    }
    return STATUS_OK;
}

static enum status read_text(const struct sheet_field *f, const char *value, const char *file,
                             int line, char *member, struct status_why *why)
{
    if (f->required && value[0] == '\0') {
        return sheet_fail(file, line, f->column, value, "expected a text", why);
    }
    const size_t length = strlen(value);
    if (length >= f->size) {
        char expected[64];
        (void)snprintf(expected, sizeof expected, "expected at most %zu bytes", f->size - 1);
        return sheet_fail(file, line, f->column, value, expected, why);
    }
    memcpy(member, value, length + 1);
    return STATUS_OK;
}

enum status sheet_number(const struct sheet_field *f, const char *value, const char *file, int line,
                         double *member, struct status_why *why)
{
    if (value[0] == '\0') {
        *member = NAN;
        return f->required ? sheet_fail(file, line, f->column, value, "expected a number", why)
                           : STATUS_OK;
    }
    double number;
    const char *expected = quantity_number(value, &number);
    if (expected != NULL) {
        return sheet_fail(file, line, f->column, value, expected, why);
    }
    if (number < f->minimum || number > f->maximum) {
        char range[96];
        (void)snprintf(range, sizeof range, "expected a number from %g to %g", f->minimum,
                       f->maximum);
        return sheet_fail(file, line, f->column, value, range, why);
    }
    *member = number * f->scale;
    return STATUS_OK;
}

enum status sheet_yes(const char *value, const char *column, const char *file, int line, bool *yes,
                      struct status_why *why)
{
    *yes = strcmp(value, "yes") == 0;
    return *yes || strcmp(value, "no") == 0
               ? STATUS_OK
               : sheet_fail(file, line, column, value, "expected yes or no", why);
}

/* Fields that the file lacks are read as empty. */
static enum status read_row(const struct sheet *s, const struct table *t, size_t row,
                            const char *path, char *made, struct status_why *why)
{
    const int line = table_line(t, row);
    memcpy(made + s->line, &line, sizeof line);
    if (s->origin != 0) {
        memcpy(made + s->origin, &path, sizeof path);
    }
    for (size_t i = 0; i < s->n_fields; i++) {
        const struct sheet_field *f = &s->fields[i];
        const int column = table_find(t, f->column);
        const char *value = column < 0 ? "" : table_field(t, row, (size_t)column);
        enum status st = STATUS_OK;
        if (f->kind == SHEET_KIND_NUMBER) {
            double number = NAN;
            st = sheet_number(f, value, table_name(t), line, &number, why);
            memcpy(made + f->offset, &number, sizeof number);
        } else if (f->kind != SHEET_KIND_NOTE) {
            st = read_text(f, value, table_name(t), line, made + f->offset, why);
        }
        if (st != STATUS_OK) {
            return st;
        }
    }
    return STATUS_OK;
}

/* Whether two rows agree in all texts of the kinds from SHEET_KIND_GROUP to \a last. */
static bool same_up_to(const struct sheet *s, enum sheet_kind last, const char *a, const char *b)
{
    for (size_t i = 0; i < s->n_fields; i++) {
        const struct sheet_field *f = &s->fields[i];
        if (f->kind <= last && strcmp(a + f->offset, b + f->offset) != 0) {
            return false;
        }
    }
    return true;
}

/* No row repeats the keys of an earlier one. */
static enum status check_keys(const struct sheet *s, const char *file, const char *rows, size_t row,
                              struct status_why *why)
{
    const char *mine = rows + row * s->row_size;
    int line, first;
    memcpy(&line, mine + s->line, sizeof line);
    for (size_t i = 0; i < row; i++) {
        const char *other = rows + i * s->row_size;
        if (same_up_to(s, SHEET_KIND_KEY, mine, other)) {
            memcpy(&first, other + s->line, sizeof first);
            return status_fail(why, STATUS_INPUT, "%s:%d: %s: %s: the same row as line %d", file,
                               line, s->fields[0].column, mine + s->fields[0].offset, first);
        }
    }
    return STATUS_OK;
}

static enum status read_rows(const struct sheet *s, const struct table *t, const char *path,
                             void **rows, size_t *n, struct status_why *why)
{
    enum status st = check_columns(s, t, why);
    if (st != STATUS_OK) {
        return st;
    }
    const size_t n_rows = table_n_rows(t);
    if (n_rows == 0) {
        return status_fail(why, STATUS_INPUT, "%s: no row below the header", table_name(t));
    }
    char *made = calloc(n_rows, s->row_size);
    if (made == NULL) {
        return status_fail(why, STATUS_MEMORY, "%s: no memory for %zu rows", table_name(t), n_rows);
    }
    for (size_t i = 0; i < n_rows && st == STATUS_OK; i++) {
        st = read_row(s, t, i, path, made + i * s->row_size, why);
        if (st == STATUS_OK) {
            st = check_keys(s, table_name(t), made, i, why);
        }
    }
    if (st != STATUS_OK) {
        free(made);
        return st;
    }
    *rows = made;
    *n = n_rows;
    return STATUS_OK;
}

static enum status read_file(MPI_Comm comm, const struct sheet *s, const char *path, void **rows,
                             size_t *n, struct status_why *why)
{
    enum status st;
    struct table *t = NULL;
    STATUS_TRY(table_read(comm, path, &t, why));
    st = read_rows(s, t, path, rows, n, why);
    STATUS_TRY(team_agree(comm, st, why));
out:
    table_destroy(t);
    return st;
}

enum status sheet_read(MPI_Comm comm, const struct sheet *s, const char *folder, char path[],
                       size_t size, void **rows, size_t *n, struct status_why *why)
{
    enum status st = STATUS_OK;
    const int length = snprintf(path, size, "%s/%s", folder, s->file);
    if (length < 0 || (size_t)length >= size) {
        st = status_fail(why, STATUS_INPUT, "%s: the folder of tables has too long a name", folder);
    }
    STATUS_TRY(team_agree(comm, st, why));
    st = read_file(comm, s, path, rows, n, why);
out:
    return st;
}

/* The kind of texts in which a user's row and those that it replaces agree. */
static enum sheet_kind unit_of(const struct sheet *s)
{
    for (size_t i = 0; i < s->n_fields; i++) {
        if (s->fields[i].kind == SHEET_KIND_GROUP) {
            return SHEET_KIND_GROUP;
        }
    }
    return SHEET_KIND_KEY;
}

/* Put the user's rows behind those shipped rows that they do not replace. */
static enum status merge(const struct sheet *s, const char *shipped, size_t n_shipped,
                         const char *own, size_t n_own, void **rows, size_t *n,
                         struct status_why *why)
{
    const enum sheet_kind unit = unit_of(s);
    char *made = calloc(n_shipped + n_own, s->row_size);
    if (made == NULL) {
        return status_fail(why, STATUS_MEMORY, "%s: no memory for %zu rows", s->file,
                           n_shipped + n_own);
    }
    *n = 0;
    for (size_t i = 0; i < n_shipped; i++) {
        size_t k = 0;
        while (k < n_own
               && !same_up_to(s, unit, shipped + i * s->row_size, own + k * s->row_size)) {
            k++;
        }
        if (k == n_own) {
            memcpy(made + (*n)++ * s->row_size, shipped + i * s->row_size, s->row_size);
        }
    }
    memcpy(made + *n * s->row_size, own, n_own * s->row_size);
    *n += n_own;
    *rows = made;
    return STATUS_OK;
}

enum status sheet_read_own(MPI_Comm comm, const struct sheet *s, const char *path, const char *own,
                           void **rows, size_t *n, struct status_why *why)
{
    enum status st;
    void *shipped = NULL, *mine = NULL;
    size_t n_shipped = 0, n_mine = 0;
    if (own == NULL) {
        return read_file(comm, s, path, rows, n, why);
    }
    STATUS_TRY(read_file(comm, s, path, &shipped, &n_shipped, why));
    STATUS_TRY(read_file(comm, s, own, &mine, &n_mine, why));
    st = merge(s, shipped, n_shipped, mine, n_mine, rows, n, why);
    STATUS_TRY(team_agree(comm, st, why));
out:
    free(shipped);
    free(mine);
    return st;
}
