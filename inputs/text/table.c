#include "inputs/text/table.h"

#include <csv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/text/bytes.h"
#include "solver/base/team.h"

struct table {
    char *name;
    char *bytes; /* [n_bytes] the file */
    size_t n_bytes;
    char *text; /* all fields, each ended by a zero */
    size_t n_columns, n_rows;
    size_t *fields; /* [1 + n_rows][n_columns] where each field begins in text; row 0: the header */
    int *lines;     /* [1 + n_rows] */
};

/* State of reading, shared with libcsv's callbacks, which cannot fail: they note the first failure
 * in status. */
struct reader {
    struct table *t;
    struct status_why *why;
    enum status status;
    int line;        /* of the text being parsed */
    int row_line;    /* where the open row begins */
    bool row_ended;  /* by the text parsed last */
    size_t n_text;   /* used of t->text */
    size_t n_fields; /* of all rows so far */
    size_t n_in_row;
    size_t room_fields, room_rows;
    size_t n_rows; /* with the header */
};

/* Make room for one more element, doubling. */
static bool grow(void **array, size_t *room, size_t used, size_t element)
{
    enum { FIRST = 64 };
    if (used < *room) {
        return true;
    }
    const size_t more = *room == 0 ? FIRST : *room * 2;
    void *larger = realloc(*array, more * element);
    if (larger == NULL) {
        return false;
    }
    *array = larger;
    *room = more;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void fail_memory(struct reader *r)
{
    r->status = status_fail(r->why, STATUS_MEMORY, "%s:%d: no room", r->t->name, r->line);
}

/* libcsv: a field is complete. The text of all fields with their ends never exceeds the file's. */
static void take_field(void *field, size_t length, void *context)
{
    struct reader *r = context;
    const char *text = field;
    void *fields = r->t->fields;
    if (r->status != STATUS_OK) {
        return;
    }
    if (!grow(&fields, &r->room_fields, r->n_fields, sizeof *r->t->fields)) {
        fail_memory(r);
        return;
    }
    r->t->fields = fields;
    while (length > 0 && is_blank(text[0])) {
        text++;
        length--;
    }
    while (length > 0 && is_blank(text[length - 1])) {
        length--;
    }
    r->t->fields[r->n_fields++] = r->n_text;
    memcpy(r->t->text + r->n_text, text, length);
    r->t->text[r->n_text + length] = '\0';
    r->n_text += length + 1;
    r->n_in_row++;
}

/* libcsv: a row is complete. */
static void take_row(int end, void *context)
{
    struct reader *r = context;
    void *lines = r->t->lines;
    (void)end;
    r->row_ended = true;
    if (r->status != STATUS_OK) {
        return;
    }
    if (!grow(&lines, &r->room_rows, r->n_rows, sizeof *r->t->lines)) {
        fail_memory(r);
        return;
    }
    r->t->lines = lines;
    if (r->n_rows == 0) {
        r->t->n_columns = r->n_in_row;
    } else if (r->n_in_row != r->t->n_columns) {
        const char *first = r->t->text + r->t->fields[r->n_fields - r->n_in_row];
        r->status =
            status_fail(r->why, STATUS_INPUT, "%s:%d: %zu fields where the header has %zu%s",
                        r->t->name, r->row_line, r->n_in_row, r->t->n_columns,
                        first[0] == '#' ? "; a line that begins with # is a comment only "
                                          "before the header"
                                        : "");
        return;
    }
    r->t->lines[r->n_rows++] = r->row_line;
    r->n_in_row = 0;
}

/* Length of the line at text with its end: LF, CR LF or, in old files, CR. */
static size_t line_length(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\n') {
            return i + 1;
        }
        if (text[i] == '\r') {
            return i + 1 < n && text[i + 1] == '\n' ? i + 2 : i + 1;
        }
    }
    return n;
}

static bool line_is_blank(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!is_blank(text[i])) {
            return false;
        }
    }
    return true;
}

/* What libcsv does not take. */
static enum status refuse_line(struct reader *r, struct csv_parser *parser)
{
    return csv_error(parser) == CSV_ENOMEM
               ? status_fail(r->why, STATUS_MEMORY, "%s:%d: no room", r->t->name, r->line)
               : status_fail(r->why, STATUS_INPUT,
                             "%s:%d: a stray quote (a quoted field is \"...\", a quote inside it "
                             "\"\")",
                             r->t->name, r->line);
}

/* Feed the lines one by one, so that every row knows its line. A `#` begins a comment only before
 * the header: below it the name of a run may begin so. */
static enum status parse_lines(struct reader *r, struct csv_parser *parser, const char *text,
                               size_t n)
{
    bool inside_row = false, has_header = false;
    r->row_line = 1;
    while (n > 0 && r->status == STATUS_OK) {
        const size_t length = line_length(text, n);
        const bool is_comment = !has_header && text[0] == '#';
        const bool skip = is_comment || (!inside_row && line_is_blank(text, length));
        r->line++;
        if (!skip) {
            if (!has_header) {
                csv_set_delim(parser, memchr(text, '\t', length) != NULL ? CSV_TAB : CSV_COMMA);
                has_header = true;
            }
            r->row_line = inside_row ? r->row_line : r->line;
            r->row_ended = false;
            if (csv_parse(parser, text, length, take_field, take_row, r) != length) {
                return refuse_line(r, parser);
            }
            inside_row = !r->row_ended;
        }
        text += length;
        n -= length;
    }
    if (r->status == STATUS_OK && csv_fini(parser, take_field, take_row, r) != 0) {
        return status_fail(r->why, STATUS_INPUT, "%s:%d: a quote opened in this row is not closed",
                           r->t->name, r->row_line);
    }
    return r->status;
}

static enum status check_header(const struct table *t, struct status_why *why)
{
    for (size_t i = 0; i < t->n_columns; i++) {
        const char *name = table_column(t, i);
        if (name[0] == '\0') {
            return status_fail(why, STATUS_INPUT, "%s:%d: column %zu has no name", t->name,
                               t->lines[0], i + 1);
        }
        if ((size_t)table_find(t, name) != i) {
            return status_fail(why, STATUS_INPUT, "%s:%d: column %s is there twice", t->name,
                               t->lines[0], name);
        }
    }
    return STATUS_OK;
}

static char *copy_bytes(const char *text, size_t n)
{
    char *copy = malloc(n + 1);
    if (copy != NULL) {
        memcpy(copy, text, n);
        copy[n] = '\0';
    }
    return copy;
}

static int line_of(const char *text, const char *at)
{
    int line = 1;
    for (; text < at; text++) {
        line += *text == '\n';
    }
    return line;
}

/* Parse t->bytes. */
static enum status fill(struct table *t, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct csv_parser parser;
    struct reader r = {.t = t, .why = why};
    static const char mark[] = "\xef\xbb\xbf"; /* UTF-8 byte order mark */
    const size_t skip = t->n_bytes >= 3 && memcmp(t->bytes, mark, 3) == 0 ? 3 : 0;

    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0) {
        return status_fail(why, STATUS_LIBRARY, "libcsv does not start");
    }
    const char *nul = memchr(t->bytes, '\0', t->n_bytes);
    if (nul != NULL) {
        st = status_fail(why, STATUS_INPUT, "%s:%d: a zero byte: not a text file", t->name,
                         line_of(t->bytes, nul));
        goto out;
    }
    t->text = malloc(t->n_bytes + 2);
    if (t->text == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%s: %zu bytes", t->name, t->n_bytes);
        goto out;
    }
    STATUS_TRY(parse_lines(&r, &parser, t->bytes + skip, t->n_bytes - skip));
    if (r.n_rows == 0) {
        st = status_fail(why, STATUS_INPUT, "%s: empty: expected a header line", t->name);
        goto out;
    }
    t->n_rows = r.n_rows - 1;
    STATUS_TRY(check_header(t, why));
out:
    csv_free(&parser);
    return st;
}

/* Takes over bytes, also on failure. */
static enum status make(const char *name, char *bytes, size_t n, struct table **made,
                        struct status_why *why)
{
    enum status st = STATUS_OK;
    struct table *t = calloc(1, sizeof *t);

    *made = NULL;
    if (t == NULL || bytes == NULL || (t->name = copy_bytes(name, strlen(name))) == NULL) {
        free(t);
        free(bytes);
        return status_fail(why, STATUS_MEMORY, "%s: %zu bytes", name, n);
    }
    t->bytes = bytes;
    t->n_bytes = n;
    STATUS_TRY(fill(t, why));
    *made = t;
    t = NULL;
out:
    table_destroy(t);
    return st;
}

enum status table_read(MPI_Comm comm, const char *path, struct table **made, struct status_why *why)
{
    char *bytes;
    size_t n;
    *made = NULL;
    const enum status st = bytes_read(comm, path, &bytes, &n, why);
    return st != STATUS_OK ? st : team_agree(comm, make(path, bytes, n, made, why), why);
}

enum status table_parse(const char *name, const char *text, size_t n, struct table **made,
                        struct status_why *why)
{
    return make(name, copy_bytes(text, n), n, made, why);
}

void table_destroy(struct table *t)
{
    if (t != NULL) {
        free(t->name);
        free(t->bytes);
        free(t->text);
        free(t->fields);
        free(t->lines);
        free(t);
    }
}

const char *table_name(const struct table *t)
{
    return t->name;
}

size_t table_n_rows(const struct table *t)
{
    return t->n_rows;
}

size_t table_n_columns(const struct table *t)
{
    return t->n_columns;
}

const char *table_column(const struct table *t, size_t column)
{
    STATUS_ASSERT(column < t->n_columns);
    return t->text + t->fields[column];
}

const char *table_bytes(const struct table *t, size_t *n)
{
    *n = t->n_bytes;
    return t->bytes;
}

int table_find(const struct table *t, const char *name)
{
    for (size_t i = 0; i < t->n_columns; i++) {
        if (strcmp(table_column(t, i), name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

const char *table_field(const struct table *t, size_t row, size_t column)
{
    STATUS_ASSERT(row < t->n_rows && column < t->n_columns);
    return t->text + t->fields[(row + 1) * t->n_columns + column];
}

int table_line(const struct table *t, size_t row)
{
    STATUS_ASSERT(row < t->n_rows);
    return t->lines[row + 1];
}
