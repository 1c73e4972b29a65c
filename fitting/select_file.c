#include "fitting/select_file.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 256, LIST_SIZE = 4096 };

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

/** Figures that are attributes. */
struct field {
    const char *name;
    size_t offset;
};

static const struct field numbers[] = {
    {"noise_scale", offsetof(struct select, criteria.noise_scale)},
    {"effective_parameters", offsetof(struct select, criteria.effective)},
    {"log_likelihood", offsetof(struct select, criteria.log_likelihood)},
    {"aic", offsetof(struct select, criteria.aic)},
    {"aicc", offsetof(struct select, criteria.aicc)},
    {"bic", offsetof(struct select, criteria.bic)},
    {"fold_root_mean_square", offsetof(struct select, folds.root_mean_square)},
    {"fold_mean", offsetof(struct select, folds.mean)},
    {"held_out_share", offsetof(struct select, held_out_share)},
    {"held_out_root_mean_square", offsetof(struct select, largest.root_mean_square)},
    {"held_out_mean", offsetof(struct select, largest.mean)},
    {"extrapolation_ratio", offsetof(struct select, extrapolation_ratio)},
    {"target_ratio", offsetof(struct select, target_ratio)},
};

static const struct field counts[] = {
    {"n_parameters", offsetof(struct select, criteria.n_parameters)},
    {"n_folds", offsetof(struct select, n_folds)},
    {"fold_n", offsetof(struct select, folds.n_held)},
    {"fold_n_fit", offsetof(struct select, folds.n_fit)},
    {"held_out_n_fit", offsetof(struct select, largest.n_fit)},
    {"held_out_n", offsetof(struct select, largest.n_held)},
};

/** One array of a group. */
struct array {
    const char *name;
    enum h5_type type;
    const void *values;
    size_t shape[2];
    const char *dimensions[2];
    const char *unit, *long_name;
};

static const char *join(const char *group, const char *name, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%.*s/%.100s", PATH_SIZE / 2, group, name);
    return path;
}

static enum status put_arrays(struct h5 *file, const char *group, const struct array arrays[],
                              size_t n, struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; i < n && st == STATUS_OK; i++) {
        char path[PATH_SIZE], dimensions[2][PATH_SIZE];
        const struct array *a = &arrays[i];
        struct h5_array whole = {.path = join(group, a->name, path),
                                 .type = a->type,
                                 .values = a->values,
                                 .unit = a->unit,
                                 .long_name = a->long_name};
        for (size_t j = 0; j < 2 && a->dimensions[j] != NULL; j++) {
            whole.shape[j] = a->shape[j];
            whole.dimensions[j] = join(group, a->dimensions[j], dimensions[j]);
            whole.n_dimensions++;
        }
        st = h5_write_array(file, &whole, why);
    }
    return st;
}

static enum status put_dimension(struct h5 *file, const char *group, const char *name, size_t n,
                                 struct status_why *why)
{
    char path[PATH_SIZE];
    return h5_write_dimension(file, join(group, name, path), n, why);
}

static enum status put_names(struct h5 *file, const char *group, const char *name,
                             const char *const names[], size_t n, const char *dimension,
                             struct status_why *why)
{
    char path[PATH_SIZE], over[PATH_SIZE];
    return h5_write_names(file, join(group, name, path), names, n, join(group, dimension, over),
                          why);
}

/** Names as one attribute, separated by semicolons: easier to read back than characters. */
static enum status put_list(struct h5 *file, const char *group, const char *attribute,
                            const char *const names[], size_t n, struct status_why *why)
{
    char list[LIST_SIZE] = "";
    size_t used = 0;
    for (size_t i = 0; i < n && used < sizeof list; i++) {
        used +=
            (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ";" : "", names[i]);
    }
    return h5_write_text_attribute(file, group, attribute, list, why);
}

enum status select_file_write(struct h5 *file, const struct select *s, struct status_why *why)
{
    enum status st = STATUS_OK;
    char group[PATH_SIZE];
    const char *const texts[][2] = {
        {"rows_digest", s->rows_digest},
        {"criteria_rule", select_rule_name(s->criteria.rule)},
        {"fold_outcome", select_outcome_name(s->folds.outcome)},
        {"held_out_outcome", select_outcome_name(s->largest.outcome)},
    };
    const size_t n = s->n;
    const struct array arrays[] = {
        {"fold", H5_UINT8, s->fold, {n}, {"observation"}, NULL, "fold that holds the run"},
        {"fold_error",
         H5_DOUBLE,
         s->fold_error,
         {n},
         {"observation"},
         "1",
         "ln predicted - ln observed, by the fit without the fold"},
        {"held_out_error",
         H5_DOUBLE,
         s->largest_error,
         {n},
         {"observation"},
         "1",
         "ln predicted - ln observed, by the fit without the runs of most compute"},
        {"fold_mean_square",
         H5_DOUBLE,
         s->fold_mean_square,
         {s->n_folds},
         {"fold_number"},
         "1",
         "mean square of fold_error in the fold"},
    };
    (void)snprintf(group, sizeof group, "/fit/%.64s/checks", s->law->id);
    STATUS_TRY(h5_write_group(file, group, why));
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        STATUS_TRY(h5_write_text_attribute(file, group, texts[i][0], texts[i][1], why));
    }
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const double *value = (const void *)((const char *)s + numbers[i].offset);
        STATUS_TRY(h5_write_number_attribute(file, group, numbers[i].name, *value, why));
    }
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        const size_t *value = (const void *)((const char *)s + counts[i].offset);
        STATUS_TRY(h5_write_count_attribute(file, group, counts[i].name, *value, why));
    }
    STATUS_TRY(put_dimension(file, group, "observation", n, why));
    STATUS_TRY(put_dimension(file, group, "fold_number", s->n_folds, why));
    STATUS_TRY(put_arrays(file, group, arrays, COUNT_OF(arrays), why));
out:
    return st;
}

enum status select_file_write_sensitivity(struct h5 *file, const struct sensitivity *s,
                                          struct status_why *why)
{
    enum { COLUMNS = 5, N = SENSITIVITY_MAX_ROWS };
    enum status st = STATUS_OK;
    char group[PATH_SIZE];
    const char *whats[N], *names[LAW_MAX_PARAMETERS];
    double columns[COLUMNS][N], natural[N * LAW_MAX_PARAMETERS];
    uint64_t used[N];
    const size_t n = s->n_rows, p = s->law->n_parameters;

    for (size_t i = 0; i < n; i++) {
        const struct sensitivity_row *r = &s->rows[i];
        const double figures[COLUMNS] = {r->objective, r->exponent_params, r->optimum_params,
                                         r->optimum_tokens, r->optimum_loss};
        whats[i] = r->what;
        used[i] = r->n;
        for (size_t k = 0; k < COLUMNS; k++) {
            columns[k][i] = figures[k];
        }
        memcpy(natural + i * p, r->natural, p * sizeof *natural);
    }
    for (size_t i = 0; i < p; i++) {
        names[i] = s->law->parameters[i].name;
    }
    const struct array arrays[] = {
        {"n", H5_UINT64, used, {n}, {"choice"}, "1", "runs fitted; 0: no fit"},
        {"objective", H5_DOUBLE, columns[0], {n}, {"choice"}, NULL, "objective, in its own units"},
        {"exponent_params",
         H5_DOUBLE,
         columns[1],
         {n},
         {"choice"},
         "1",
         "a in params ~ compute^a at the optimum"},
        {"optimum_params",
         H5_DOUBLE,
         columns[2],
         {n},
         {"choice"},
         "1",
         "best parameters at target_compute_flop"},
        {"optimum_tokens",
         H5_DOUBLE,
         columns[3],
         {n},
         {"choice"},
         "1",
         "best tokens at target_compute_flop"},
        {"optimum_loss_nat",
         H5_DOUBLE,
         columns[4],
         {n},
         {"choice"},
         "nat",
         "loss of the best at target_compute_flop"},
        {"value",
         H5_DOUBLE,
         natural,
         {n, p},
         {"choice", "parameter"},
         NULL,
         "optimum, natural values"},
    };
    (void)snprintf(group, sizeof group, "/fit/%.64s/sensitivity", s->law->id);
    STATUS_TRY(h5_write_group(file, group, why));
    STATUS_TRY(put_dimension(file, group, "choice", n, why));
    STATUS_TRY(put_dimension(file, group, "parameter", p, why));
    STATUS_TRY(put_names(file, group, "what", whats, n, "choice", why));
    STATUS_TRY(put_list(file, group, "choices", whats, n, why));
    STATUS_TRY(put_names(file, group, "parameter_name", names, p, "parameter", why));
    STATUS_TRY(put_arrays(file, group, arrays, COUNT_OF(arrays), why));
out:
    return st;
}

enum status select_file_write_comparison(struct h5 *file, const struct fit fits[],
                                         const struct select of[],
                                         const struct select_comparison *c, struct status_why *why)
{
    enum { COLUMNS = 6 };
    enum status st = STATUS_OK;
    const char *names[SELECT_MAX_LAWS] = {NULL};
    double columns[COLUMNS][SELECT_MAX_LAWS];
    uint64_t n_parameters[SELECT_MAX_LAWS];
    unsigned char identified[SELECT_MAX_LAWS], tied[SELECT_MAX_LAWS];
    const size_t n = c->n;

    for (size_t i = 0; i < n; i++) {
        const double figures[COLUMNS] = {
            fits[i].objective,  of[i].criteria.aic,           of[i].criteria.aicc,
            of[i].criteria.bic, of[i].folds.root_mean_square, of[i].largest.root_mean_square};
        for (size_t k = 0; k < COLUMNS; k++) {
            columns[k][i] = figures[k];
        }
        names[i] = fits[i].law->id;
        n_parameters[i] = of[i].criteria.n_parameters - 1; /* the last is the noise */
        identified[i] = fits[i].identified;
        tied[i] = c->is_tied[i];
    }
    const struct array arrays[] = {
        {"n_parameters", H5_UINT64, n_parameters, {n}, {"law"}, "1", "parameters that moved"},
        {"objective", H5_DOUBLE, columns[0], {n}, {"law"}, NULL, "objective at the optimum"},
        {"aic", H5_DOUBLE, columns[1], {n}, {"law"}, "1", "criterion of Akaike"},
        {"aicc", H5_DOUBLE, columns[2], {n}, {"law"}, "1", "the same for small samples"},
        {"bic", H5_DOUBLE, columns[3], {n}, {"law"}, "1", "criterion of Schwarz"},
        {"fold_root_mean_square",
         H5_DOUBLE,
         columns[4],
         {n},
         {"law"},
         "1",
         "error of prediction over the folds, of ln"},
        {"held_out_root_mean_square",
         H5_DOUBLE,
         columns[5],
         {n},
         {"law"},
         "1",
         "error of prediction of the runs of most compute, of ln"},
        {"identified", H5_UINT8, identified, {n}, {"law"}, NULL, "1: the data identify the law"},
        {"difference",
         H5_DOUBLE,
         c->difference,
         {n},
         {"law"},
         "1",
         "mean square over the folds less the lowest"},
        {"difference_error",
         H5_DOUBLE,
         c->difference_error,
         {n},
         {"law"},
         "1",
         "standard error of the difference"},
        {"tied",
         H5_UINT8,
         tied,
         {n},
         {"law"},
         NULL,
         "1: not above the lowest by more than the standard error"},
    };
    STATUS_TRY(h5_write_text_attribute(file, "/fit", "law", names[0], why));
    STATUS_TRY(h5_write_group(file, "/fit/compare", why));
    STATUS_TRY(h5_write_text_attribute(file, "/fit/compare", "best",
                                       c->best < n ? names[c->best] : "", why));
    STATUS_TRY(h5_write_count_attribute(file, "/fit/compare", "lowest", c->lowest, why));
    STATUS_TRY(put_list(file, "/fit/compare", "laws", names, n, why));
    STATUS_TRY(put_dimension(file, "/fit/compare", "law", n, why));
    STATUS_TRY(put_names(file, "/fit/compare", "law_name", names, n, "law", why));
    STATUS_TRY(put_arrays(file, "/fit/compare", arrays, COUNT_OF(arrays), why));
out:
    return st;
}

/** Names of a list into rows of \a size characters. \param [out] n  how many, at most \a most */
static enum status get_list(struct h5 *file, const char *group, const char *attribute, char *to,
                            size_t stride, size_t size, size_t most, size_t *n,
                            struct status_why *why)
{
    char *list = NULL;
    *n = 0;
    const enum status st = h5_read_text_attribute(file, group, attribute, &list, why);
    if (st != STATUS_OK) {
        return st;
    }
    for (const char *at = list; *at != '\0' && *n < most; (*n)++) {
        const size_t length = strcspn(at, ";");
        (void)snprintf(to + *n * stride, size, "%.*s", (int)length, at);
        at += length;
        at += *at == ';' ? 1 : 0;
    }
    free(list);
    return STATUS_OK;
}

/** The place of an attribute's word among \a n names, the last where it is none of the others. */
static enum status get_word(struct h5 *file, const char *group, const char *attribute,
                            const char *(*name)(int code), int last, int *code,
                            struct status_why *why)
{
    char *text = NULL;
    const enum status st = h5_read_text_attribute(file, group, attribute, &text, why);
    *code = 0;
    while (st == STATUS_OK && *code < last && strcmp(text, name(*code)) != 0) {
        (*code)++;
    }
    free(text);
    return st;
}

static const char *name_of_outcome(int code)
{
    return select_outcome_name((enum select_outcome)code);
}

static const char *name_of_rule(int code)
{
    return select_rule_name((enum select_rule)code);
}

static enum status get_words(struct h5 *file, const char *group, struct select *s,
                             struct status_why *why)
{
    enum status st = STATUS_OK;
    int fold = 0, largest = 0, rule = 0;
    STATUS_TRY(get_word(file, group, "fold_outcome", name_of_outcome, SELECT_FAILED, &fold, why));
    STATUS_TRY(
        get_word(file, group, "held_out_outcome", name_of_outcome, SELECT_FAILED, &largest, why));
    STATUS_TRY(get_word(file, group, "criteria_rule", name_of_rule, SELECT_NO_NOISE, &rule, why));
    s->folds.outcome = (enum select_outcome)fold;
    s->largest.outcome = (enum select_outcome)largest;
    s->criteria.rule = (enum select_rule)rule;
out:
    return st;
}

enum status select_file_read(struct h5 *file, const struct law *law, bool *is_there,
                             struct select *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    char group[PATH_SIZE];
    memset(made, 0, sizeof *made);
    made->law = law;
    (void)snprintf(group, sizeof group, "/fit/%.64s/checks", law->id);
    *is_there = h5_exists(file, group);
    if (!*is_there) {
        return STATUS_OK;
    }
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        double *to = (void *)((char *)made + numbers[i].offset);
        STATUS_TRY(h5_read_number_attribute(file, group, numbers[i].name, to, why));
    }
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        uint64_t count;
        size_t *to = (void *)((char *)made + counts[i].offset);
        STATUS_TRY(h5_read_count_attribute(file, group, counts[i].name, &count, why));
        *to = (size_t)count;
    }
    STATUS_TRY(get_words(file, group, made, why));
out:
    return st;
}

/** A column of \a n figures of a group. */
static enum status get_column(struct h5 *file, const char *group, const char *name, size_t n,
                              double to[], struct status_why *why)
{
    char path[PATH_SIZE];
    double *values = NULL;
    size_t n_dimensions, shape[3];
    const enum status st =
        h5_read_array(file, join(group, name, path), &values, &n_dimensions, shape, why);
    if (st != STATUS_OK) {
        return st;
    }
    if (shape[0] * shape[1] != n) {
        free(values);
        return status_fail(why, STATUS_IO, "%s: has %zu values, not %zu", path, shape[0] * shape[1],
                           n);
    }
    memcpy(to, values, n * sizeof *to);
    free(values);
    return STATUS_OK;
}

enum status select_file_read_sensitivity(struct h5 *file, const struct fit *f, bool *is_there,
                                         struct sensitivity *made, struct status_why *why)
{
    static const char *const names[] = {"n",
                                        "objective",
                                        "exponent_params",
                                        "optimum_params",
                                        "optimum_tokens",
                                        "optimum_loss_nat"};
    enum { N = SENSITIVITY_MAX_ROWS };
    enum status st = STATUS_OK;
    char group[PATH_SIZE];
    double columns[COUNT_OF(names)][N], natural[N * LAW_MAX_PARAMETERS];
    const size_t p = f->law->n_parameters;
    memset(made, 0, sizeof *made);
    made->law = f->law;
    made->has_optimum = f->has_optimum;
    (void)snprintf(group, sizeof group, "/fit/%.64s/sensitivity", f->law->id);
    *is_there = h5_exists(file, group);
    if (!*is_there) {
        return STATUS_OK;
    }
    STATUS_TRY(get_list(file, group, "choices", made->rows[0].what, sizeof made->rows[0],
                        sizeof made->rows[0].what, N, &made->n_rows, why));
    for (size_t k = 0; k < COUNT_OF(names); k++) {
        STATUS_TRY(get_column(file, group, names[k], made->n_rows, columns[k], why));
    }
    STATUS_TRY(get_column(file, group, "value", made->n_rows * p, natural, why));
    for (size_t i = 0; i < made->n_rows; i++) {
        struct sensitivity_row *r = &made->rows[i];
        r->n = (size_t)columns[0][i];
        r->objective = columns[1][i];
        r->exponent_params = columns[2][i];
        r->optimum_params = columns[3][i];
        r->optimum_tokens = columns[4][i];
        r->optimum_loss = columns[5][i];
        memcpy(r->natural, natural + i * p, p * sizeof *natural);
    }
out:
    return st;
}

enum status select_file_read_comparison(struct h5 *file, bool *is_there,
                                        char laws[][SELECT_ID_SIZE], struct select_comparison *made,
                                        struct status_why *why)
{
    enum status st = STATUS_OK;
    const char *group = "/fit/compare";
    double tied[SELECT_MAX_LAWS];
    uint64_t lowest = 0;
    size_t n_tied = 0;
    memset(made, 0, sizeof *made);
    *is_there = h5_exists(file, group);
    if (!*is_there) {
        return STATUS_OK;
    }
    STATUS_TRY(get_list(file, group, "laws", laws[0], SELECT_ID_SIZE, SELECT_ID_SIZE,
                        SELECT_MAX_LAWS, &made->n, why));
    STATUS_TRY(h5_read_count_attribute(file, group, "lowest", &lowest, why));
    STATUS_TRY(get_column(file, group, "difference", made->n, made->difference, why));
    STATUS_TRY(get_column(file, group, "difference_error", made->n, made->difference_error, why));
    STATUS_TRY(get_column(file, group, "tied", made->n, tied, why));
    made->lowest = (size_t)lowest;
    for (size_t i = 0; i < made->n; i++) {
        made->is_tied[i] = tied[i] > 0.0;
        n_tied += made->is_tied[i];
    }
    made->best = n_tied == 1 ? made->lowest : made->n;
out:
    return st;
}
