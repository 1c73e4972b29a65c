#include "fitting/approaches_file.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 192, FOLDER_SIZE = 16, N_ESTIMATE = 4 };
#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

static const char *const groups[] = {"/fit/approach1", "/fit/approach2"};
static const char *const axis_names[ISOFLOP_N_AXES] = {"params", "tokens"};
static const char *const estimate_names[N_ESTIMATE] = {"value", "standard_error", "lower", "upper"};

/* A column of a table of structs: of curves, of their vertices, of levels. */
struct column {
    const char *name;
    size_t offset;
    enum { REAL, COUNT, CODE } kind; /* double, size_t, enum */
    const char *unit, *long_name;
};

static const struct column curve_columns[] = {
    {"compute_flop", offsetof(struct isoflop_curve, compute_flop), REAL, "FLOP",
     "geometric mean over the runs"},
    {"n", offsetof(struct isoflop_curve, n), COUNT, "1", "runs"},
};

#define VERTEX(member) offsetof(struct isoflop_vertex, member)
static const struct column vertex_columns[] = {
    {"verdict", VERTEX(verdict), CODE, NULL, "kept, or why not"},
    {"n_sizes", VERTEX(n_sizes), COUNT, "1", "distinct sizes"},
    {"log_centre", VERTEX(log_centre), REAL, "1", "ln of the middle of the sizes tried"},
    {"log_reach", VERTEX(log_reach), REAL, "1", "from there to either end"},
    {"c0", VERTEX(coefficients[0]), REAL, "nat",
     "loss = c0 + c1 x + c2 x^2, x = ln size - log_centre"},
    {"c1", VERTEX(coefficients[1]), REAL, "nat", "linear coefficient"},
    {"c2", VERTEX(coefficients[2]), REAL, "nat", "curvature"},
    {"log_optimum", VERTEX(log_optimum.value), REAL, "1", "ln of the best size"},
    {"log_standard_error", VERTEX(log_optimum.standard_error), REAL, "1", "of log_optimum"},
    {"log_lower", VERTEX(log_optimum.lower), REAL, "1", "lower end of its interval"},
    {"log_upper", VERTEX(log_optimum.upper), REAL, "1", "upper end of its interval"},
    {"loss_nat", VERTEX(loss_nat), REAL, "nat", "at the best size"},
};

#define LEVEL(member) offsetof(struct envelope_level, member)
static const struct column level_columns[] = {
    {"log_compute", LEVEL(log_compute), REAL, "1", "ln of compute in FLOP"},
    {"verdict", LEVEL(verdict), CODE, NULL, "kept, or why not"},
    {"n_sizes", LEVEL(n_sizes), COUNT, "1", "sizes that reach this compute"},
    {"winner", LEVEL(winner), COUNT, "1", "number of the best size, ascending"},
    {"log_params", LEVEL(log_size[ISOFLOP_PARAMS]), REAL, "1", "ln of the best size"},
    {"log_tokens", LEVEL(log_size[ISOFLOP_TOKENS]), REAL, "1", "ln of its tokens"},
    {"loss_nat", LEVEL(loss_nat), REAL, "nat", "of the best"},
};

/* Structs in a row, and where their columns go: <group>/<prefix><name> along <group>/<dimension>.
 */
struct table {
    struct h5 *file;
    const char *group, *folder; /* folder: "" or "/params" */
    const char *dimension;
    size_t n, stride;
    void *first;
};

static void put_path(char path[PATH_SIZE], const char *group, const char *folder, const char *name)
{
    (void)snprintf(path, PATH_SIZE, "%.60s%.60s/%.60s", group, folder, name);
}

static enum status write_column(const struct table *t, const struct column *c,
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    char path[PATH_SIZE], dimension[PATH_SIZE];
    double *reals = malloc((t->n + 1) * sizeof *reals);
    uint64_t *counts = malloc((t->n + 1) * sizeof *counts);
    unsigned char *codes = malloc(t->n + 1);
    if (reals == NULL || counts == NULL || codes == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%s: %zu rows", c->name, t->n);
    }
    STATUS_TRY(h5_agree(t->file, st, why));
    STATUS_ASSERT(reals != NULL && counts != NULL && codes != NULL);
    for (size_t i = 0; i < t->n; i++) {
        const char *at = (const char *)t->first + i * t->stride + c->offset;
        size_t count = 0;
        unsigned code = 0;
        if (c->kind == REAL) {
            memcpy(&reals[i], at, sizeof reals[i]);
        } else if (c->kind == COUNT) {
            memcpy(&count, at, sizeof count);
        } else {
            memcpy(&code, at, sizeof code);
        }
        counts[i] = count;
        codes[i] = (unsigned char)code;
    }
    put_path(path, t->group, t->folder, c->name);
    put_path(dimension, t->group, "", t->dimension);
    const struct {
        enum h5_type type;
        const void *values;
    } kinds[] = {
        [REAL] = {H5_DOUBLE, reals}, [COUNT] = {H5_UINT64, counts}, [CODE] = {H5_UINT8, codes}};
    st = h5_write_array(t->file,
                        &(struct h5_array){.path = path,
                                           .type = kinds[c->kind].type,
                                           .values = kinds[c->kind].values,
                                           .n_dimensions = 1,
                                           .shape = {t->n},
                                           .dimensions = {dimension},
                                           .unit = c->unit,
                                           .long_name = c->long_name},
                        why);
out:
    free(codes);
    free(counts);
    free(reals);
    return st;
}

static enum status write_columns(const struct table *t, const struct column columns[], size_t n,
                                 struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; i < n && st == STATUS_OK; i++) {
        st = write_column(t, &columns[i], why);
    }
    return st;
}

static enum status fail_shape(const char *path, struct status_why *why)
{
    return status_fail(why, STATUS_IO, "%s: has not the shape or the codes expected here", path);
}

static enum status read_numbers(struct h5 *file, const char *path, size_t n, double **values,
                                struct status_why *why)
{
    size_t n_dimensions, shape[3];
    const enum status st = h5_read_array(file, path, values, &n_dimensions, shape, why);
    if (st == STATUS_OK && shape[0] * shape[1] != n) {
        free(*values);
        *values = NULL;
        return fail_shape(path, why);
    }
    return st;
}

static enum status read_columns(const struct table *t, const struct column columns[], size_t n,
                                int n_codes, struct status_why *why)
{
    enum status st = STATUS_OK;
    double *values = NULL;
    char path[PATH_SIZE];
    for (size_t k = 0; k < n; k++) {
        const struct column *c = &columns[k];
        put_path(path, t->group, t->folder, c->name);
        STATUS_TRY(read_numbers(t->file, path, t->n, &values, why));
        for (size_t i = 0; i < t->n; i++) {
            char *at = (char *)t->first + i * t->stride + c->offset;
            if (c->kind == REAL) {
                memcpy(at, &values[i], sizeof values[i]);
                continue;
            }
            if (!(values[i] >= 0.0 && values[i] < 0x1p53)
                || (c->kind == CODE && !(values[i] < n_codes))) {
                st = fail_shape(path, why);
                goto out;
            }
            const size_t count = (size_t)values[i];
            const unsigned code = (unsigned)values[i];
            memcpy(at, c->kind == COUNT ? (const void *)&count : (const void *)&code,
                   c->kind == COUNT ? sizeof count : sizeof code);
        }
        free(values);
        values = NULL;
    }
out:
    free(values);
    return st;
}

/* Power laws in <group>/<axis>_law_*: one row a weighting. */
struct laws {
    struct h5 *file;
    const char *group, *axis;
    size_t n;
    struct isoflop_law *laws; /* [n] */
};

enum { N_INTERVALS = 2 };
static const struct {
    const char *name, *long_name;
    size_t offset;
} intervals[N_INTERVALS] = {
    {"exponent", "size ~ compute^exponent", offsetof(struct isoflop_law, exponent)},
    {"optimum", "best size at target_compute_flop", offsetof(struct isoflop_law, optimum)},
};

static const struct column law_columns[] = {
    {"law_verdict", offsetof(struct isoflop_law, verdict), CODE, NULL, "fitted, or why not"},
    {"law_n", offsetof(struct isoflop_law, n), COUNT, "1", "points"},
};

static struct table law_table(const struct laws *l, char folder[FOLDER_SIZE])
{
    (void)snprintf(folder, FOLDER_SIZE, "/%s", l->axis);
    return (struct table){l->file, l->group, folder, "weighting", l->n, sizeof *l->laws, l->laws};
}

static enum status write_laws(const struct laws *l, struct status_why *why)
{
    enum status st = STATUS_OK;
    char folder[FOLDER_SIZE], path[PATH_SIZE], dimensions[2][PATH_SIZE];
    const char *texts[LINE_N_VERDICTS];
    const struct table t = law_table(l, folder);
    put_path(dimensions[0], l->group, "", "weighting");
    put_path(dimensions[1], l->group, "", "estimate");
    for (size_t k = 0; k < N_INTERVALS; k++) {
        double values[ISOFLOP_N_WEIGHTINGS][N_ESTIMATE];
        for (size_t i = 0; i < l->n; i++) {
            struct fit_interval e;
            memcpy(&e, (const char *)&l->laws[i] + intervals[k].offset, sizeof e);
            memcpy(values[i], (const double[]){e.value, e.standard_error, e.lower, e.upper},
                   sizeof values[i]);
        }
        put_path(path, l->group, folder, intervals[k].name);
        STATUS_TRY(h5_write_array(l->file,
                                  &(struct h5_array){.path = path,
                                                     .type = H5_DOUBLE,
                                                     .values = values,
                                                     .n_dimensions = 2,
                                                     .shape = {l->n, N_ESTIMATE},
                                                     .dimensions = {dimensions[0], dimensions[1]},
                                                     .unit = "1",
                                                     .long_name = intervals[k].long_name},
                                  why));
    }
    STATUS_TRY(write_columns(&t, law_columns, COUNT_OF(law_columns), why));
    for (int v = 0; v < LINE_N_VERDICTS; v++) {
        texts[v] = line_verdict_text((enum line_verdict)v);
    }
    put_path(path, l->group, folder, "law_verdict");
    STATUS_TRY(h5_write_flags(l->file, path, H5_UINT8, LINE_N_VERDICTS, texts, why));
out:
    return st;
}

static enum status read_laws(const struct laws *l, struct status_why *why)
{
    enum status st = STATUS_OK;
    double *values = NULL;
    char folder[FOLDER_SIZE], path[PATH_SIZE];
    const struct table t = law_table(l, folder);
    for (size_t k = 0; k < N_INTERVALS; k++) {
        put_path(path, l->group, folder, intervals[k].name);
        STATUS_TRY(read_numbers(l->file, path, l->n * N_ESTIMATE, &values, why));
        for (size_t i = 0; i < l->n; i++) {
            const double *e = values + i * N_ESTIMATE;
            const struct fit_interval interval = {e[0], e[1], e[2], e[3]};
            memcpy((char *)&l->laws[i] + intervals[k].offset, &interval, sizeof interval);
        }
        free(values);
        values = NULL;
    }
    STATUS_TRY(read_columns(&t, law_columns, COUNT_OF(law_columns), LINE_N_VERDICTS, why));
out:
    free(values);
    return st;
}

/* The dimensions that both groups have beside their rows. */
static enum status write_dimensions(struct h5 *file, const char *group, const char *rows, size_t n,
                                    size_t n_weightings, struct status_why *why)
{
    enum status st = STATUS_OK;
    const char *weightings[ISOFLOP_N_WEIGHTINGS];
    char path[PATH_SIZE], names[PATH_SIZE];
    for (int w = 0; w < ISOFLOP_N_WEIGHTINGS; w++) {
        weightings[w] = isoflop_weighting_name((enum isoflop_weighting)w);
    }
    put_path(path, group, "", rows);
    STATUS_TRY(h5_write_dimension(file, path, n, why));
    put_path(path, group, "", "weighting");
    STATUS_TRY(h5_write_dimension(file, path, n_weightings, why));
    put_path(names, group, "", "weighting_name");
    STATUS_TRY(h5_write_names(file, names, weightings, n_weightings, path, why));
    put_path(path, group, "", "estimate");
    STATUS_TRY(h5_write_dimension(file, path, N_ESTIMATE, why));
    put_path(names, group, "", "estimate_name");
    STATUS_TRY(h5_write_names(file, names, estimate_names, N_ESTIMATE, path, why));
out:
    return st;
}

/* Numbers that are attributes of a group. */
struct attribute {
    const char *name;
    double *value;
};

static enum status write_attributes(struct h5 *file, const char *group,
                                    const struct attribute attributes[], size_t n,
                                    struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; i < n && st == STATUS_OK; i++) {
        st = h5_write_number_attribute(file, group, attributes[i].name, *attributes[i].value, why);
    }
    return st;
}

static enum status read_attributes(struct h5 *file, const char *group,
                                   const struct attribute attributes[], size_t n,
                                   struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; i < n && st == STATUS_OK; i++) {
        st = h5_read_number_attribute(file, group, attributes[i].name, attributes[i].value, why);
    }
    return st;
}

static enum status write_envelope(struct h5 *file, struct envelope *e, struct status_why *why)
{
    enum status st = STATUS_OK;
    const char *const group = groups[0], *texts[ENVELOPE_N_VERDICTS];
    char path[PATH_SIZE];
    const struct table levels = {file,     group, "", "level", e->n_levels, sizeof *e->levels,
                                 e->levels};
    const struct attribute attributes[] = {{"confidence", &e->options.confidence},
                                           {"target_compute_flop", &e->options.target_compute_flop},
                                           {"window", &e->options.window}};
    STATUS_TRY(h5_write_group(file, group, why));
    STATUS_TRY(write_attributes(file, group, attributes, COUNT_OF(attributes), why));
    STATUS_TRY(h5_write_count_attribute(file, group, "n_winners", e->n_winners, why));
    STATUS_TRY(write_dimensions(file, group, "level", e->n_levels, 1, why));
    STATUS_TRY(write_columns(&levels, level_columns, COUNT_OF(level_columns), why));
    for (int v = 0; v < ENVELOPE_N_VERDICTS; v++) {
        texts[v] = envelope_verdict_text((enum envelope_verdict)v);
    }
    put_path(path, group, "", "verdict");
    STATUS_TRY(h5_write_flags(file, path, H5_UINT8, ENVELOPE_N_VERDICTS, texts, why));
    for (int a = 0; a < ISOFLOP_N_AXES; a++) {
        STATUS_TRY(write_laws(&(struct laws){file, group, axis_names[a], 1, &e->laws[a]}, why));
    }
out:
    return st;
}

static enum status write_axis(struct h5 *file, struct isoflop *f, int axis, struct status_why *why)
{
    enum status st = STATUS_OK;
    const char *texts[ISOFLOP_N_VERDICTS];
    char folder[FOLDER_SIZE], path[PATH_SIZE];
    (void)snprintf(folder, sizeof folder, "/%s", axis_names[axis]);
    const struct table vertices = {file,
                                   groups[1],
                                   folder,
                                   "curve",
                                   f->n_curves,
                                   sizeof *f->curves,
                                   &f->curves[0].vertices[axis]};
    STATUS_TRY(write_columns(&vertices, vertex_columns, COUNT_OF(vertex_columns), why));
    for (int v = 0; v < ISOFLOP_N_VERDICTS; v++) {
        texts[v] = isoflop_verdict_text((enum isoflop_verdict)v);
    }
    put_path(path, groups[1], folder, "verdict");
    STATUS_TRY(h5_write_flags(file, path, H5_UINT8, ISOFLOP_N_VERDICTS, texts, why));
    STATUS_TRY(write_laws(
        &(struct laws){file, groups[1], axis_names[axis], ISOFLOP_N_WEIGHTINGS, f->laws[axis]},
        why));
out:
    return st;
}

static enum status write_isoflop(struct h5 *file, struct approaches *a, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct isoflop *f = &a->isoflop;
    const char *const group = groups[1];
    char path[PATH_SIZE], dimension[PATH_SIZE];
    const struct table curves = {file,     group, "", "curve", f->n_curves, sizeof *f->curves,
                                 f->curves};
    const struct attribute attributes[] = {{"confidence", &f->options.confidence},
                                           {"target_compute_flop", &f->options.target_compute_flop},
                                           {"tolerance", &f->options.tolerance},
                                           {"bias_exponent", &a->bias_exponent},
                                           {"bias_params", &a->bias_params}};
    STATUS_TRY(h5_write_group(file, group, why));
    STATUS_TRY(write_attributes(file, group, attributes, COUNT_OF(attributes), why));
    STATUS_TRY(h5_write_text_attribute(file, group, "sentence", a->sentence, why));
    STATUS_TRY(write_dimensions(file, group, "curve", f->n_curves, ISOFLOP_N_WEIGHTINGS, why));
    STATUS_TRY(write_columns(&curves, curve_columns, COUNT_OF(curve_columns), why));
    for (int axis = 0; axis < ISOFLOP_N_AXES; axis++) {
        STATUS_TRY(write_axis(file, f, axis, why));
    }
    put_path(dimension, group, "", "observation");
    put_path(path, group, "", "observation_curve");
    STATUS_TRY(h5_write_dimension(file, dimension, f->n, why));
    STATUS_TRY(h5_write_array(file,
                              &(struct h5_array){.path = path,
                                                 .type = H5_INT32,
                                                 .values = f->curve_of,
                                                 .n_dimensions = 1,
                                                 .shape = {f->n},
                                                 .dimensions = {dimension},
                                                 .long_name = "curve of each observation"},
                              why));
out:
    return st;
}

enum status approaches_file_write(struct h5 *file, const struct approaches *a,
                                  struct status_why *why)
{
    enum status st = STATUS_OK;
    struct approaches copy = *a; /* the tables, used for reading too, point to what may change */
    if (a->has_envelope) {
        STATUS_TRY(write_envelope(file, &copy.envelope, why));
    }
    if (a->has_isoflop) {
        STATUS_TRY(write_isoflop(file, &copy, why));
    }
out:
    return st;
}

/* Number of rows of a table, from the first of its columns. */
static enum status count_rows(struct h5 *file, const char *group, const char *column, size_t *n,
                              struct status_why *why)
{
    char path[PATH_SIZE];
    double *values = NULL;
    size_t n_dimensions, shape[3];
    put_path(path, group, "", column);
    const enum status st = h5_read_array(file, path, &values, &n_dimensions, shape, why);
    *n = st == STATUS_OK ? shape[0] : 0;
    free(values);
    return st;
}

static enum status read_envelope(struct h5 *file, struct envelope *e, struct status_why *why)
{
    enum status st = STATUS_OK;
    const char *const group = groups[0];
    uint64_t n_winners = 0;
    const struct attribute attributes[] = {{"confidence", &e->options.confidence},
                                           {"target_compute_flop", &e->options.target_compute_flop},
                                           {"window", &e->options.window}};
    STATUS_TRY(read_attributes(file, group, attributes, COUNT_OF(attributes), why));
    STATUS_TRY(h5_read_count_attribute(file, group, "n_winners", &n_winners, why));
    e->n_winners = (size_t)n_winners;
    STATUS_TRY(count_rows(file, group, level_columns[0].name, &e->n_levels, why));
    e->options.n_levels = e->n_levels;
    e->levels = calloc(e->n_levels + 1, sizeof *e->levels);
    if (e->levels == NULL) {
        st = status_fail(why, STATUS_MEMORY, "envelope: %zu levels", e->n_levels);
    }
    STATUS_TRY(h5_agree(file, st, why));
    STATUS_ASSERT(e->levels != NULL);
    const struct table levels = {file,     group, "", "level", e->n_levels, sizeof *e->levels,
                                 e->levels};
    STATUS_TRY(
        read_columns(&levels, level_columns, COUNT_OF(level_columns), ENVELOPE_N_VERDICTS, why));
    for (size_t i = 0; i < e->n_levels; i++) {
        e->counts[e->levels[i].verdict]++;
    }
    for (int a = 0; a < ISOFLOP_N_AXES; a++) {
        STATUS_TRY(read_laws(&(struct laws){file, group, axis_names[a], 1, &e->laws[a]}, why));
    }
out:
    return st;
}

static enum status read_axis(struct h5 *file, struct isoflop *f, int axis, struct status_why *why)
{
    char folder[FOLDER_SIZE];
    (void)snprintf(folder, sizeof folder, "/%s", axis_names[axis]);
    const struct table vertices = {file,
                                   groups[1],
                                   folder,
                                   "curve",
                                   f->n_curves,
                                   sizeof *f->curves,
                                   &f->curves[0].vertices[axis]};
    const enum status st =
        read_columns(&vertices, vertex_columns, COUNT_OF(vertex_columns), ISOFLOP_N_VERDICTS, why);
    const struct laws laws = {file, groups[1], axis_names[axis], ISOFLOP_N_WEIGHTINGS,
                              f->laws[axis]};
    return st == STATUS_OK ? read_laws(&laws, why) : st;
}

static enum status read_isoflop(struct h5 *file, struct approaches *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct isoflop *f = &made->isoflop;
    const char *const group = groups[1];
    char *sentence = NULL, path[PATH_SIZE];
    double *curve_of = NULL;
    const struct attribute attributes[] = {{"confidence", &f->options.confidence},
                                           {"target_compute_flop", &f->options.target_compute_flop},
                                           {"tolerance", &f->options.tolerance},
                                           {"bias_exponent", &made->bias_exponent},
                                           {"bias_params", &made->bias_params}};
    STATUS_TRY(read_attributes(file, group, attributes, COUNT_OF(attributes), why));
    STATUS_TRY(h5_read_text_attribute(file, group, "sentence", &sentence, why));
    (void)snprintf(made->sentence, sizeof made->sentence, "%s", sentence);
    STATUS_TRY(count_rows(file, group, curve_columns[0].name, &f->n_curves, why));
    STATUS_TRY(count_rows(file, group, "observation_curve", &f->n, why));
    f->curves = calloc(f->n_curves + 1, sizeof *f->curves);
    f->curve_of = calloc(f->n + 1, sizeof *f->curve_of);
    if (f->curves == NULL || f->curve_of == NULL) {
        st = status_fail(why, STATUS_MEMORY, "isoflop: %zu curves", f->n_curves);
    }
    STATUS_TRY(h5_agree(file, st, why));
    STATUS_ASSERT(f->curves != NULL && f->curve_of != NULL);
    const struct table curves = {file,     group, "", "curve", f->n_curves, sizeof *f->curves,
                                 f->curves};
    STATUS_TRY(read_columns(&curves, curve_columns, COUNT_OF(curve_columns), 0, why));
    for (int axis = 0; axis < ISOFLOP_N_AXES; axis++) {
        STATUS_TRY(read_axis(file, f, axis, why));
    }
    put_path(path, group, "", "observation_curve");
    STATUS_TRY(read_numbers(file, path, f->n, &curve_of, why));
    for (size_t i = 0; i < f->n; i++) {
        f->curve_of[i] = (int)curve_of[i];
    }
out:
    free(curve_of);
    free(sentence);
    return st;
}

enum status approaches_file_read(struct h5 *file, struct approaches *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    *made = (struct approaches){.bias_exponent = NAN, .bias_params = NAN};
    if (h5_exists(file, groups[0])) {
        made->has_envelope = true;
        STATUS_TRY(read_envelope(file, &made->envelope, why));
    }
    if (h5_exists(file, groups[1])) {
        made->has_isoflop = true;
        STATUS_TRY(read_isoflop(file, made, why));
    }
out:
    if (st != STATUS_OK) {
        approaches_clear(made);
    }
    return st;
}
