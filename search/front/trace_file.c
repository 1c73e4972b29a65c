#include "search/front/trace_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "solver/base/team.h"

static const char dimension[] = "/run/trace/sample";

/* A column: doubles, of which all counts of a trace are exact ones. */
struct field {
    const char *path, *unit, *long_name;
    double (*value)(const struct trace_sample *s);
};

static double second_of(const struct trace_sample *s)
{
    return s->second;
}

static double items_of(const struct trace_sample *s)
{
    return (double)s->items;
}

static double rows_of(const struct trace_sample *s)
{
    return (double)s->rows;
}

static double volume_of(const struct trace_sample *s)
{
    return s->volume;
}

enum { SECOND, ITEMS, ROWS, VOLUME, N_FIELDS };

static const struct field fields[N_FIELDS] = {
    [SECOND] = {"/run/trace/second", "s", "time since the search began", second_of},
    [ITEMS] = {"/run/trace/items", "1", "items of the search done by rank 0", items_of},
    [ROWS] = {"/run/trace/rows", "1", "rows held by rank 0; at the end: of the frontier", rows_of},
    [VOLUME] = {"/run/trace/hypervolume", "1",
                "share of the box that they dominate, mean over the scenario levels", volume_of},
};

enum status trace_file_write(MPI_Comm comm, struct h5 *file, const struct trace *t,
                             struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct trace_sample *seen = NULL;
    double *values = NULL;
    size_t n = 0;
    if (team_rank(comm) == 0 && t != NULL) {
        seen = trace_samples(t, &n);
    }
    team_spread(comm, 0, &n, sizeof n);
    if (n == 0) {
        return st;
    }
    values = malloc(n * sizeof *values);
    if (values == NULL) {
        st = status_fail(why, STATUS_MEMORY, "trace of %zu samples", n);
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(h5_write_dimension(file, dimension, n, why));
    for (size_t f = 0; f < N_FIELDS; f++) {
        for (size_t i = 0; seen != NULL && i < n; i++) {
            values[i] = fields[f].value(&seen[i]);
        }
        team_spread(comm, 0, values, n * sizeof *values);
        const struct h5_array array = {.path = fields[f].path,
                                       .type = H5_DOUBLE,
                                       .values = values,
                                       .n_dimensions = 1,
                                       .shape = {n},
                                       .dimensions = {dimension},
                                       .unit = fields[f].unit,
                                       .long_name = fields[f].long_name};
        STATUS_TRY(h5_write_array(file, &array, why));
    }
out:
    free(values);
    return st;
}

enum status trace_file_read(struct h5 *file, struct trace_sample **samples, size_t *n,
                            struct status_why *why)
{
    enum status st = STATUS_OK;
    double *columns[N_FIELDS] = {NULL};
    size_t n_dimensions, shape[3];
    *samples = NULL;
    *n = 0;
    if (!h5_exists(file, dimension)) {
        return st;
    }
    for (size_t f = 0; f < N_FIELDS; f++) {
        STATUS_TRY(h5_read_array(file, fields[f].path, &columns[f], &n_dimensions, shape, why));
        if (n_dimensions != 1 || shape[0] == 0 || (f > 0 && shape[0] != *n)) {
            st = status_fail(why, STATUS_IO, "%s: is no column of a trace", fields[f].path);
            goto out;
        }
        *n = shape[0];
    }
    *samples = malloc(*n * sizeof **samples);
    if (*samples == NULL) {
        st = status_fail(why, STATUS_MEMORY, "trace of %zu samples", *n);
        goto out;
    }
    for (size_t i = 0; i < *n; i++) {
        (*samples)[i] = (struct trace_sample){.second = columns[SECOND][i],
                                              .items = (uint64_t)columns[ITEMS][i],
                                              .rows = (uint64_t)columns[ROWS][i],
                                              .volume = columns[VOLUME][i]};
    }
out:
    for (size_t f = 0; f < N_FIELDS; f++) {
        free(columns[f]);
    }
    *n = st == STATUS_OK ? *n : 0;
    return st;
}
