#define _POSIX_C_SOURCE 200809L
#include "jobs/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/text/digest.h"
#include "solver/base/escape.h"

enum { PATH_SIZE = 512 };

/* Whether a line of the section `law` chooses what the loss is of. */
static bool is_of_loss(const char *line)
{
    static const char *const keys[] = {"  id:", "  set:", "  formula:", "  inputs:", NULL};
    for (size_t i = 0; keys[i] != NULL; i++) {
        if (strncmp(line, keys[i], strlen(keys[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* The keys of the section `law` that count; corrections, a list of lines, become one line. */
static void write_law(const char *effective, FILE *f)
{
    bool is_law = false, is_list = false;
    escape_fprint(f, "law:\n");
    for (const char *line = effective; *line != '\0';) {
        const size_t n = strcspn(line, "\n");
        if (line[0] != ' ') {
            is_law = strncmp(line, "law:", 4) == 0;
        }
        const bool is_item = strncmp(line, "    - ", 6) == 0;
        if (is_list && !is_item) {
            escape_fprint(f, "\n");
            is_list = false;
        }
        if (is_law && is_of_loss(line)) {
            escape_fprint(f, "%.*s\n", (int)n, line);
        } else if (is_law && strncmp(line, "  corrections:", 14) == 0) {
            escape_fprint(f, "%.*s", (int)n, line);
            is_list = true;
        } else if (is_list) {
            escape_fprint(f, "%.*s ", (int)n - 6, line + 6);
        }
        line += n + (line[n] == '\n');
    }
    if (is_list) {
        escape_fprint(f, "\n");
    }
}

/* Fit files that corrections were read from, by their content. */
static enum status write_files(struct h5 *file, const char *law, FILE *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    char path[PATH_SIZE], **members = NULL, *digest = NULL;
    size_t n = 0;
    STATUS_TRY(h5_read_members(file, "/study/files", &members, &n, why));
    escape_fprint(f, "files:\n");
    for (size_t i = 0; i < n; i++) {
        const char *end = strrchr(members[i], '.');
        if (end == NULL || strcmp(end, ".h5") != 0 || strstr(law, members[i]) == NULL) {
            continue;
        }
        (void)snprintf(path, sizeof path, "/study/files/%s", members[i]);
        STATUS_TRY(h5_read_text_attribute(file, path, "sha256", &digest, why));
        escape_fprint(f, "  %s: %s\n", members[i], digest);
        free(digest);
        digest = NULL;
    }
out:
    free(digest);
    free(members);
    return st;
}

static int compare_raw(const void *a, const void *b)
{
    return memcmp(a, b, DIGEST_RAW_SIZE);
}

/* Digest of the rows of a table, whatever their order. \param [in] x  [n_columns][n_rows] */
static enum status digest_rows(const double x[], size_t n_rows, size_t n_columns,
                               char digest[DIGEST_SIZE], struct status_why *why)
{
    unsigned char *raw = malloc((n_rows + 1) * DIGEST_RAW_SIZE);
    double *row = malloc((n_columns + 1) * sizeof *row);
    const bool has_room = raw != NULL && row != NULL;
    for (size_t i = 0; has_room && i < n_rows; i++) {
        for (size_t k = 0; k < n_columns; k++) {
            row[k] = x[k * n_rows + i];
        }
        digest_raw(row, n_columns * sizeof *row, raw + i * DIGEST_RAW_SIZE);
    }
    if (has_room) {
        qsort(raw, n_rows, DIGEST_RAW_SIZE, compare_raw);
        digest_of(raw, n_rows * DIGEST_RAW_SIZE, digest);
    }
    free(raw);
    free(row);
    return has_room ? STATUS_OK : status_fail(why, STATUS_MEMORY, "%zu runs", n_rows);
}

/* Whether a dataset of a fit is a column of its runs; lines of a file are no part of them. */
static bool is_of_runs(const char *name)
{
    return strncmp(name, "observation_", 12) == 0 && strcmp(name, "observation_line") != 0
           && strstr(name, "_name") == NULL;
}

/* One fit: the runs that it used, else its parameters. */
static enum status write_fit(struct h5 *file, const char *fit, FILE *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    char path[PATH_SIZE], digest[DIGEST_SIZE], **members = NULL;
    double *x = NULL;
    size_t n = 0, n_rows = 0, n_columns = 0;
    enum h5_type type;
    (void)snprintf(path, sizeof path, "/fit/%s", fit);
    STATUS_TRY(h5_read_members(file, path, &members, &n, why));
    for (int pass = 0; pass < 2 && n_columns == 0; pass++) {
        for (size_t i = 0; i < n; i++) {
            if (pass == 0 ? !is_of_runs(members[i]) : strcmp(members[i], "value") != 0) {
                continue;
            }
            (void)snprintf(path, sizeof path, "/fit/%s/%s", fit, members[i]);
            STATUS_TRY(h5_read_type(file, path, &type, &n_rows, why));
            double *more = realloc(x, (n_columns + 1) * (n_rows + 1) * sizeof *x);
            if (more == NULL) {
                st = status_fail(why, STATUS_MEMORY, "%s: %zu runs", path, n_rows);
                goto out;
            }
            x = more;
            STATUS_TRY(h5_read_rows(file, path, H5_DOUBLE, 0, n_rows, x + n_columns * n_rows, why));
            n_columns++;
        }
        if (n_columns > 0) {
            STATUS_TRY(digest_rows(x, n_rows, n_columns, digest, why));
            escape_fprint(f, "  %s.%s: %zu with SHA-256 %.16s\n", fit,
                          pass == 0 ? "runs" : "parameters", n_rows, digest);
        }
    }
out:
    free(x);
    free(members);
    return st;
}

static enum status write_corpus(struct h5 *file, FILE *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    char *effective = NULL, **fits = NULL;
    size_t n = 0;
    STATUS_TRY(h5_read_text(file, "/study/effective", &effective, why));
    write_law(effective, f);
    if (h5_exists(file, "/study/files") && strstr(effective, "  corrections:") != NULL) {
        STATUS_TRY(write_files(file, strstr(effective, "  corrections:"), f, why));
    }
    if (h5_exists(file, "/fit")) {
        STATUS_TRY(h5_read_members(file, "/fit", &fits, &n, why));
        escape_fprint(f, "fit:\n");
    }
    for (size_t i = 0; i < n; i++) {
        STATUS_TRY(write_fit(file, fits[i], f, why));
    }
out:
    free(effective);
    free(fits);
    return st;
}

enum status corpus_read(struct h5 *file, char **text, struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t size = 0;
    *text = NULL;
    if (h5_exists(file, CORPUS_UNITED)) {
        return h5_read_text(file, CORPUS_UNITED, text, why);
    }
    FILE *f = open_memstream(text, &size);
    if (f == NULL) {
        return status_fail(why, STATUS_MEMORY, "the law of a frontier");
    }
    if (h5_exists(file, "/study/effective")) {
        st = write_corpus(file, f, why);
    }
    if (fclose(f) != 0 && st == STATUS_OK) {
        st = status_fail(why, STATUS_MEMORY, "the law of a frontier");
    }
    if (st != STATUS_OK) {
        free(*text);
        *text = NULL;
    }
    return st;
}
