#define _POSIX_C_SOURCE 200809L
#include "search/front/frontier_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/team.h"

enum { PATH_SIZE = 256, PIECE = 1024 /* rows that are filled at once */ };

static const char *const main_group = "/frontier";

/* The path of a member of a group. */
static void path_of(const char *group, const char *name, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/%s", group, name);
}

/* Attribute `role` of a column. */
static const struct {
    const char *name;
    enum frontier_file_role role;
} roles[] = {
    {"index", FRONTIER_FILE_OTHER},        {"scenario", FRONTIER_FILE_SCENARIO},
    {"decision", FRONTIER_FILE_DECISION},  {"objective", FRONTIER_FILE_OBJECTIVE},
    {"outcome", FRONTIER_FILE_OTHER},      {"flag", FRONTIER_FILE_FLAG},
    {"dependent", FRONTIER_FILE_DECISION}, {"slack", FRONTIER_FILE_OTHER},
};

/* What is being written: the rows of this rank and room for one column of them. */
struct writing {
    MPI_Comm comm;
    struct h5 *file;
    const char *group;
    const struct frontier *frontier;
    const struct space *space;
    size_t n_at_once; /* further columns held */
    double *numbers;  /* [n_at_once][n_mine] */
    double *piece;    /* [columns of the fill][PIECE] */
    int32_t *codes;   /* [n_mine] */
    unsigned char *bits;
};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static enum status prepare(struct writing *w, const struct frontier_file_content *c,
                           struct status_why *why)
{
    const size_t n = w->frontier->n_mine;
    const size_t n_columns = larger(larger(c->n_columns, c->n_flags), 1);
    const size_t most = c->most_numbers > 0 ? c->most_numbers : FRONTIER_FILE_MOST_NUMBERS;
    const size_t fits = most / (n + 1);
    w->n_at_once = fits < 1 ? 1 : fits < n_columns ? fits : n_columns;
    w->numbers = malloc((n * w->n_at_once + 1) * sizeof *w->numbers);
    w->piece = malloc(n_columns * PIECE * sizeof *w->piece);
    w->codes = malloc((n + 1) * sizeof *w->codes);
    w->bits = malloc(n + 1);
    if (w->numbers == NULL || w->piece == NULL || w->codes == NULL || w->bits == NULL) {
        return status_fail(why, STATUS_MEMORY, "frontier: columns of %zu rows", n);
    }
    return STATUS_OK;
}

/* Write one column of the group with its role; values are those of this rank. */
static enum status put(struct writing *w, struct h5_column *column, const char *name,
                       const char *role, struct status_why *why)
{
    enum status st = STATUS_OK;
    char path[PATH_SIZE], point_path[PATH_SIZE];

    path_of(w->group, name, path);
    path_of(w->group, "point", point_path);
    column->path = path;
    column->n_rows = w->frontier->n_rows;
    column->dimension = point_path;
    STATUS_TRY(h5_write_column(w->file, column, why));
    STATUS_TRY(h5_write_text_attribute(w->file, path, "role", role, why));
out:
    column->path = column->dimension = NULL; /* the paths end with this function */
    return st;
}

static const char *text_or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : NULL;
}

static enum status put_axis(struct writing *w, size_t a, struct status_why *why)
{
    const struct space_axis *axis = &w->space->axes[a];
    const char *role = axis->role == SPACE_SCENARIO ? "scenario" : "decision";
    uint64_t weight = 1; /* configurations from level to level */
    struct h5_column column = {.unit = text_or_null(axis->unit),
                               .long_name = text_or_null(axis->long_name)};

    for (size_t after = a + 1; after < w->space->n_axes; after++) {
        weight *= w->space->axes[after].n;
    }
    for (size_t i = 0; i < w->frontier->n_mine; i++) {
        const size_t level = (size_t)(w->frontier->configurations[i] / weight % axis->n);
        w->codes[i] = (int32_t)level;
        w->numbers[i] = axis->values[level];
    }
    if (axis->labels != NULL) { /* codes are levels of the axis: the file explains itself */
        column.type = H5_INT32;
        column.values = w->codes;
        column.n_flags = axis->n;
        column.flag_meanings = (const char *const *)axis->labels;
    } else {
        column.type = H5_DOUBLE;
        column.values = w->numbers;
    }
    return put(w, &column, axis->name, role, why);
}

static enum status put_objective(struct writing *w, const struct problem_objective *objective,
                                 size_t k, struct status_why *why)
{
    enum status st = STATUS_OK;
    char path[PATH_SIZE];
    struct h5_column column = {.type = H5_DOUBLE,
                               .values = w->numbers,
                               .unit = text_or_null(objective->unit),
                               .long_name = text_or_null(objective->long_name)};

    for (size_t i = 0; i < w->frontier->n_mine; i++) {
        w->numbers[i] = w->frontier->objectives[i * w->frontier->n_objectives + k];
    }
    STATUS_TRY(put(w, &column, objective->name, "objective", why));
    path_of(w->group, objective->name, path);
    STATUS_TRY(h5_write_text_attribute(w->file, path, "sense",
                                       objective->maximise ? "maximise" : "minimise", why));
out:
    return st;
}

/* Fill as many of the further columns as are held, from \a first on. */
static void fill_some(struct writing *w, frontier_file_fill *fill, const void *context,
                      size_t n_columns, size_t first)
{
    const size_t n = w->frontier->n_mine, left = n_columns - first;
    const size_t n_held = left < w->n_at_once ? left : w->n_at_once;
    for (size_t begin = 0; begin < n; begin += PIECE) {
        const size_t here = n - begin < PIECE ? n - begin : PIECE;
        fill(context, here, w->frontier->configurations + begin, w->piece);
        for (size_t k = 0; k < n_held; k++) {
            memcpy(w->numbers + k * n + begin, w->piece + (first + k) * here,
                   here * sizeof *w->numbers);
        }
    }
}

/* The further columns, or the flags. */
static enum status put_filled(struct writing *w, frontier_file_fill *fill, const void *context,
                              size_t n_columns, const struct frontier_file_column columns[],
                              bool are_flags, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = w->frontier->n_mine;
    char name[PATH_SIZE / 2];

    for (size_t k = 0; k < n_columns; k++) {
        if (k % w->n_at_once == 0) {
            fill_some(w, fill, context, n_columns, k);
        }
        const double *values = w->numbers + k % w->n_at_once * n;
        struct h5_column column = {.type = are_flags ? H5_UINT8 : H5_DOUBLE,
                                   .values = values,
                                   .unit = text_or_null(columns[k].unit),
                                   .long_name = text_or_null(columns[k].long_name)};
        if (are_flags) {
            for (size_t i = 0; i < n; i++) {
                w->bits[i] = values[i] != 0;
            }
            column.values = w->bits;
        }
        (void)snprintf(name, sizeof name, "%s%s", are_flags ? "flag_" : "", columns[k].name);
        const char *role = columns[k].role != NULL ? columns[k].role
                           : are_flags             ? "flag"
                                                   : "outcome";
        STATUS_TRY(put(w, &column, name, role, why));
    }
out:
    return st;
}

static enum status write_counts(struct h5 *file, const struct frontier_file_content *c,
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct frontier *f = c->frontier;
    const struct space *space = c->problem->space;
    const char *search = c->group != NULL ? c->group : "/search";
    const char *of = c->group != NULL ? strrchr(c->group, '/') + 1 : "";
    const struct {
        const char *group, *name;
        uint64_t value;
    } counts[] = {
        {search, "n_configurations", space_size(space)},
        {search, "n_scenarios", space_n_scenarios(space)},
        {search, "n_decisions", space_n_decisions(space)},
        {search, "n_rows", f->n_rows},
        {"/run", "n_evaluated", f->n_evaluated},
        {"/run", "n_feasible", f->n_feasible},
        {"/run", "n_undefined", f->n_undefined},
        {"/run", "n_duplicates", f->n_duplicates},
        {"/run", "n_survivors", f->n_survivors},
    };
    STATUS_TRY(h5_write_group(file, search, why));
    STATUS_TRY(h5_write_group(file, "/run", why));
    STATUS_TRY(h5_write_text_attribute(file, search, "path", c->path_name, why));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        char name[PATH_SIZE];
        const bool is_of_run = counts[i].group != search;
        (void)snprintf(name, sizeof name, "%s%s%s", is_of_run ? of : "",
                       is_of_run && of[0] != '\0' ? "_" : "", counts[i].name);
        STATUS_TRY(h5_write_count_attribute(file, counts[i].group, name, counts[i].value, why));
    }
out:
    return st;
}

enum status frontier_file_write(MPI_Comm comm, struct h5 *file,
                                const struct frontier_file_content *c, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct problem *problem = c->problem;
    struct writing w = {.comm = comm,
                        .file = file,
                        .group = c->group != NULL ? c->group : main_group,
                        .frontier = c->frontier,
                        .space = problem->space};
    char point_path[PATH_SIZE];

    path_of(w.group, "point", point_path);
    st = prepare(&w, c, why);
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(h5_write_group(file, w.group, why));
    if (c->group == NULL) { /* of another group it is one of its counts */
        STATUS_TRY(h5_write_count_attribute(file, w.group, "n_scenarios",
                                            space_n_scenarios(problem->space), why));
    }
    STATUS_TRY(h5_write_count_attribute(file, w.group, "n_objectives", problem->n_objectives, why));
    STATUS_TRY(h5_write_dimension(file, point_path, c->frontier->n_rows, why));
    struct h5_column index = {.type = H5_UINT64,
                              .values = c->frontier->configurations,
                              .long_name = "global index of the configuration"};
    STATUS_TRY(put(&w, &index, "configuration", "index", why));
    for (size_t a = 0; a < problem->space->n_axes; a++) {
        STATUS_TRY(put_axis(&w, a, why));
    }
    for (size_t k = 0; k < problem->n_objectives; k++) {
        STATUS_TRY(put_objective(&w, &problem->objectives[k], k, why));
    }
    STATUS_TRY(put_filled(&w, c->fill, c->context, c->n_columns, c->columns, false, why));
    STATUS_TRY(put_filled(&w, c->fill_flags, c->context, c->n_flags, c->flags, true, why));
    STATUS_TRY(write_counts(file, c, why));
out:
    free(w.bits);
    free(w.codes);
    free(w.piece);
    free(w.numbers);
    return st;
}

void frontier_file_clear(struct frontier_file_table *t)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        free(t->names[c]);
        free(t->units[c]);
        free(t->long_names[c]);
        free(t->values[c]);
        free(t->meanings[c]);
    }
    free(t->names);
    free(t->units);
    free(t->long_names);
    free(t->values);
    free(t->meanings);
    free(t->roles);
    memset(t, 0, sizeof *t);
}

static enum status make_room(struct frontier_file_table *t, size_t n, struct status_why *why)
{
    memset(t, 0, sizeof *t);
    t->names = calloc(n + FRONTIER_FILE_SPARE, sizeof *t->names);
    t->units = calloc(n + FRONTIER_FILE_SPARE, sizeof *t->units);
    t->long_names = calloc(n + FRONTIER_FILE_SPARE, sizeof *t->long_names);
    t->values = calloc(n + FRONTIER_FILE_SPARE, sizeof *t->values);
    t->meanings = calloc(n + FRONTIER_FILE_SPARE, sizeof *t->meanings);
    t->roles = calloc(n + FRONTIER_FILE_SPARE, sizeof *t->roles);
    return t->names != NULL && t->units != NULL && t->long_names != NULL && t->values != NULL
                   && t->meanings != NULL && t->roles != NULL
               ? STATUS_OK
               : status_fail(why, STATUS_MEMORY, "frontier: %zu columns", n);
}

/* A text attribute, or "" where there is none. */
static enum status read_text(struct h5 *file, const char *path, const char *name, char **text,
                             struct status_why *why)
{
    if (h5_has_attribute(file, path, name)) {
        return h5_read_text_attribute(file, path, name, text, why);
    }
    *text = calloc(1, 1);
    return h5_agree(
        file, *text != NULL ? STATUS_OK : status_fail(why, STATUS_MEMORY, "%s: %s", path, name),
        why);
}

/* Words separated by blanks as one block: the list, ended by NULL, then the words. */
static char **split_words(const char *text, size_t *n)
{
    const size_t length = strlen(text);
    *n = 1;
    for (const char *c = text; *c != '\0'; c++) {
        *n += *c == ' ';
    }
    char **list = malloc((*n + 1) * sizeof *list + length + 1);
    if (list != NULL) {
        char *words = (char *)(list + *n + 1);
        memcpy(words, text, length + 1);
        for (size_t i = 0; i < *n; i++) {
            list[i] = words;
            words += strcspn(words, " ");
            *words++ = '\0';
        }
        list[*n] = NULL;
    }
    return list;
}

/* The names of a column's codes, when it has some; its values are then made sure to be codes. */
static enum status read_meanings(struct h5 *file, const char *path, size_t n_rows,
                                 const double values[], char ***meanings, struct status_why *why)
{
    enum status st = STATUS_OK;
    char *text = NULL;
    size_t n;

    STATUS_TRY(read_text(file, path, "flag_meanings", &text, why));
    if (text[0] == '\0') {
        goto out;
    }
    *meanings = split_words(text, &n);
    if (*meanings == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%s: %zu names", path, n);
    }
    STATUS_TRY(h5_agree(file, st, why));
    for (size_t i = 0; i < n_rows; i++) {
        if (!(values[i] >= 0 && values[i] < (double)n && values[i] == (double)(size_t)values[i])) {
            st = status_fail(why, STATUS_IO, "%s: row %zu: %g is no code of its %zu categories",
                             path, i, values[i], n);
            goto out;
        }
    }
out:
    free(text);
    return st;
}

/* Read one member of /frontier into column t->n_columns, which counts from here on. */
static enum status read_column(struct h5 *file, const char *name, const char *path,
                               struct frontier_file_table *t, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t c = t->n_columns++;
    char *role = NULL;
    size_t n_dimensions, shape[3];

    STATUS_TRY(h5_read_array(file, path, &t->values[c], &n_dimensions, shape, why));
    if (n_dimensions != 1 || (c > 0 && shape[0] != t->n_rows)) {
        st = status_fail(why, STATUS_IO, "%s: has not the rows of the other columns", path);
        goto out;
    }
    t->n_rows = shape[0];
    t->names[c] = strdup(name);
    if (t->names[c] == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%s", path);
    }
    STATUS_TRY(h5_agree(file, st, why));
    STATUS_TRY(read_text(file, path, "units", &t->units[c], why));
    STATUS_TRY(read_text(file, path, "long_name", &t->long_names[c], why));
    STATUS_TRY(read_meanings(file, path, t->n_rows, t->values[c], &t->meanings[c], why));
    STATUS_TRY(read_text(file, path, "role", &role, why));
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (strcmp(role, roles[i].name) == 0) {
            t->roles[c] = (unsigned char)roles[i].role;
        }
    }
out:
    free(role);
    return st;
}

enum status frontier_file_read_group(struct h5 *file, const char *group,
                                     struct frontier_file_table *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    char **members = NULL, path[PATH_SIZE];
    size_t n = 0;

    memset(made, 0, sizeof *made);
    path_of(group, "point", path);
    if (!h5_exists(file, path)) {
        return status_fail(why, STATUS_INPUT, "the file holds no frontier (no %s)", path);
    }
    STATUS_TRY(h5_read_members(file, group, &members, &n, why));
    st = make_room(made, n, why);
    STATUS_TRY(h5_agree(file, st, why));
    for (size_t i = 0; i < n; i++) {
        path_of(group, members[i], path);
        if (h5_has_attribute(file, path, "role")) { /* the dimension and groups have none */
            STATUS_TRY(read_column(file, members[i], path, made, why));
        }
    }
out:
    free(members);
    if (st != STATUS_OK) {
        frontier_file_clear(made);
    }
    return st;
}

enum status frontier_file_read(struct h5 *file, struct frontier_file_table *made,
                               struct status_why *why)
{
    return frontier_file_read_group(file, main_group, made, why);
}
