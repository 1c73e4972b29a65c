#include "search/front/quality_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/log.h"
#include "solver/base/meter.h"

static const char level_path[] = "/search/level", pick_path[] = "/frontier/thin/pick";
static const char volume_path[] = "/search/hypervolume",
                  error_path[] = "/search/hypervolume_standard_error";

enum { PATH_SIZE = 128 };

/* What an objective is of another one. */
static enum status write_multiple(struct h5 *file, const char *path, const struct problem *problem,
                                  const struct multiple *m, struct status_why *why)
{
    enum status st = STATUS_OK;
    if (m->is) {
        STATUS_TRY(h5_write_text_attribute(file, path, "multiple_of",
                                           problem->objectives[m->of].name, why));
        STATUS_TRY(h5_write_number_attribute(file, path, "factor_least", m->least, why));
        STATUS_TRY(h5_write_number_attribute(file, path, "factor_greatest", m->greatest, why));
    }
out:
    return st;
}

static enum status read_multiple(struct h5 *file, const char *path, const struct problem *problem,
                                 struct multiple *m, struct status_why *why)
{
    enum status st = STATUS_OK;
    char *of = NULL;
    *m = (struct multiple){0};
    if (!h5_has_attribute(file, path, "multiple_of")) {
        return STATUS_OK;
    }
    STATUS_TRY(h5_read_text_attribute(file, path, "multiple_of", &of, why));
    STATUS_TRY(h5_read_number_attribute(file, path, "factor_least", &m->least, why));
    STATUS_TRY(h5_read_number_attribute(file, path, "factor_greatest", &m->greatest, why));
    for (size_t j = 0; j < problem->n_objectives; j++) {
        if (strcmp(problem->objectives[j].name, of) == 0) {
            m->of = j;
            m->is = true;
        }
    }
out:
    free(of);
    return st;
}

static enum status write_box(struct h5 *file, const struct problem *problem,
                             const struct quality_box *box, struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t j = 0; j < problem->n_objectives; j++) {
        char path[PATH_SIZE];
        (void)snprintf(path, sizeof path, "/frontier/%s", problem->objectives[j].name);
        STATUS_TRY(h5_write_number_attribute(file, path, "ideal", box->ideal[j], why));
        STATUS_TRY(h5_write_number_attribute(file, path, "reference", box->reference[j], why));
        STATUS_TRY(write_multiple(file, path, problem, &box->multiples[j], why));
    }
out:
    return st;
}

/* The columns of the picks, each an array of its own. */
struct columns {
    uint64_t *rows;
    int32_t *orders;
    uint8_t *boxes, *knees;
};

static enum status columns_make(const struct quality *q, struct columns *c, struct status_why *why)
{
    const size_t n = q->n_picks + 1;
    c->rows = malloc(n * sizeof *c->rows);
    c->orders = malloc(n * sizeof *c->orders);
    c->boxes = malloc(n * sizeof *c->boxes);
    c->knees = malloc(n * sizeof *c->knees);
    if (c->rows == NULL || c->orders == NULL || c->boxes == NULL || c->knees == NULL) {
        return status_fail(why, STATUS_MEMORY, "thinning to %zu points", q->n_picks);
    }
    for (size_t i = 0; i < q->n_picks; i++) {
        c->rows[i] = q->picks[i].row;
        c->orders[i] = (int32_t)q->picks[i].order;
        c->boxes[i] = q->picks[i].is_box;
        c->knees[i] = q->picks[i].is_knee;
    }
    return STATUS_OK;
}

static void columns_clear(struct columns *c)
{
    free(c->rows);
    free(c->orders);
    free(c->boxes);
    free(c->knees);
}

static enum status write_thin(struct h5 *file, const struct quality_options *options,
                              const struct quality *q, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct columns c = {0};

    STATUS_TRY(h5_agree(file, columns_make(q, &c, why), why));
    const struct h5_array arrays[] = {
        {"/frontier/thin/point", H5_UINT64, c.rows, .long_name = "row of the frontier"},
        {"/frontier/thin/order", H5_INT32, c.orders,
         .long_name = "order of the greedy choice by hypervolume within its scenario level, from "
                      "1; 0: not chosen"},
        {"/frontier/thin/is_box", H5_UINT8, c.boxes,
         .long_name = "stands for a box of edge epsilon"},
        {"/frontier/thin/is_knee", H5_UINT8, c.knees,
         .long_name = "the knee of its scenario level"},
    };
    STATUS_TRY(h5_write_group(file, "/frontier/thin", why));
    STATUS_TRY(h5_write_count_attribute(file, "/frontier/thin", "points", options->n_points, why));
    STATUS_TRY(h5_write_number_attribute(file, "/frontier/thin", "epsilon", options->epsilon, why));
    STATUS_TRY(
        h5_write_count_attribute(file, "/frontier/thin", "most_greedy", QUALITY_MOST_GREEDY, why));
    STATUS_TRY(h5_write_dimension(file, pick_path, q->n_picks, why));
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        struct h5_array a = arrays[i];
        a.n_dimensions = 1;
        a.shape[0] = q->n_picks;
        a.dimensions[0] = pick_path;
        STATUS_TRY(h5_write_array(file, &a, why));
    }
out:
    columns_clear(&c);
    return st;
}

static enum status write_quality(struct h5 *file, const struct problem *problem,
                                 const struct quality_box *box,
                                 const struct quality_options *options, const struct quality *q,
                                 struct status_why *why)
{
    enum status st = STATUS_OK;
    STATUS_TRY(write_box(file, problem, box, why));
    STATUS_TRY(h5_write_count_attribute(file, "/search", "seed", options->seed, why));
    STATUS_TRY(h5_write_dimension(file, level_path, q->n_levels, why));
    const struct h5_array volumes = {
        .path = volume_path,
        .type = H5_DOUBLE,
        .values = q->volumes,
        .n_dimensions = 1,
        .shape = {q->n_levels},
        .dimensions = {level_path},
        .unit = "1",
        .long_name = "share of the box from ideal to reference that the frontier dominates",
    };
    STATUS_TRY(h5_write_array(file, &volumes, why));
    struct h5_array errors = volumes;
    errors.path = error_path;
    errors.values = q->standard_errors;
    errors.long_name = "standard error of the hypervolume; 0: exact";
    STATUS_TRY(h5_write_array(file, &errors, why));
    if (options->n_points > 0 || options->epsilon > 0.0) {
        STATUS_TRY(write_thin(file, options, q, why));
    }
out:
    return st;
}

enum status quality_file_add(MPI_Comm comm, struct h5 *file, const struct problem *problem,
                             const struct frontier *frontier, const struct quality_box *box,
                             const struct quality_options *options, struct quality *measured,
                             struct status_why *why)
{
    enum status st = STATUS_OK;
    struct quality q = {0};
    const enum meter_phase before = meter_begin(METER_QUALITY);
    st = quality_measure(comm, problem, frontier, box, options, &q, why);
    (void)meter_begin(before);
    STATUS_TRY(st);
    STATUS_TRY(write_quality(file, problem, box, options, &q, why));
    log_line(LOG_INFO, "quality hypervolume=%.6g levels=%zu thin=%zu", q.volumes[0], q.n_levels,
             q.n_picks);
    if (measured != NULL) {
        *measured = q;
        return st;
    }
out:
    quality_clear(&q);
    return st;
}

/* A column of as many numbers as those before. */
static enum status read_column(struct h5 *file, const char *path, size_t n, double **values,
                               struct status_why *why)
{
    size_t n_dimensions, shape[3];
    const enum status st = h5_read_array(file, path, values, &n_dimensions, shape, why);
    if (st == STATUS_OK && (n_dimensions != 1 || shape[0] != n)) {
        return status_fail(why, STATUS_IO, "%s: has not %zu values", path, n);
    }
    return st;
}

static enum status read_length(struct h5 *file, const char *path, size_t *n, struct status_why *why)
{
    double *values = NULL;
    size_t n_dimensions, shape[3] = {0};
    const enum status st = h5_read_array(file, path, &values, &n_dimensions, shape, why);
    *n = shape[0];
    free(values);
    return st;
}

static enum status read_picks(struct h5 *file, struct quality *q, struct status_why *why)
{
    static const char *const paths[] = {"/frontier/thin/point", "/frontier/thin/order",
                                        "/frontier/thin/is_box", "/frontier/thin/is_knee"};
    enum { N_COLUMNS = sizeof paths / sizeof *paths };
    double *columns[N_COLUMNS] = {NULL};
    enum status st = STATUS_OK;

    STATUS_TRY(read_length(file, pick_path, &q->n_picks, why));
    for (size_t k = 0; k < N_COLUMNS; k++) {
        STATUS_TRY(read_column(file, paths[k], q->n_picks, &columns[k], why));
    }
    q->picks = calloc(q->n_picks + 1, sizeof *q->picks);
    if (q->picks == NULL) {
        st = status_fail(why, STATUS_MEMORY, "thinning to %zu points", q->n_picks);
    }
    STATUS_TRY(h5_agree(file, st, why));
    for (size_t i = 0; i < q->n_picks; i++) {
        q->picks[i] = (struct quality_pick){
            .row = (uint64_t)columns[0][i],
            .order = (uint32_t)columns[1][i],
            .is_box = columns[2][i] != 0.0,
            .is_knee = columns[3][i] != 0.0,
        };
    }
out:
    for (size_t k = 0; k < N_COLUMNS; k++) {
        free(columns[k]);
    }
    return st;
}

enum status quality_file_read(struct h5 *file, struct quality *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    memset(made, 0, sizeof *made);
    if (h5_exists(file, volume_path)) {
        STATUS_TRY(read_length(file, level_path, &made->n_levels, why));
        STATUS_TRY(read_column(file, volume_path, made->n_levels, &made->volumes, why));
        STATUS_TRY(read_column(file, error_path, made->n_levels, &made->standard_errors, why));
    }
    if (h5_exists(file, pick_path)) {
        STATUS_TRY(read_picks(file, made, why));
    }
out:
    if (st != STATUS_OK) {
        quality_clear(made);
    }
    return st;
}

enum status quality_file_read_terms(struct h5 *file, const struct problem *problem,
                                    struct quality_box *box, struct quality_options *options,
                                    struct status_why *why)
{
    enum status st = STATUS_OK;
    uint64_t n_points = 0;
    memset(options, 0, sizeof *options);
    for (size_t j = 0; j < problem->n_objectives; j++) {
        char path[PATH_SIZE];
        (void)snprintf(path, sizeof path, "/frontier/%s", problem->objectives[j].name);
        STATUS_TRY(h5_read_number_attribute(file, path, "ideal", &box->ideal[j], why));
        STATUS_TRY(h5_read_number_attribute(file, path, "reference", &box->reference[j], why));
        STATUS_TRY(read_multiple(file, path, problem, &box->multiples[j], why));
    }
    STATUS_TRY(h5_read_count_attribute(file, "/search", "seed", &options->seed, why));
    if (h5_exists(file, pick_path)) {
        STATUS_TRY(h5_read_count_attribute(file, "/frontier/thin", "points", &n_points, why));
        STATUS_TRY(
            h5_read_number_attribute(file, "/frontier/thin", "epsilon", &options->epsilon, why));
        options->n_points = (size_t)n_points;
    }
out:
    return st;
}
