#define _POSIX_C_SOURCE 200809L
#include "search/front/band_file.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/team.h"

static const char group[] = "/frontier/band", row_path[] = "/frontier/band/row";

enum { PATH_SIZE = 128 };

/* The columns that are numbers. */
static const struct {
    const char *name, *unit, *long_name;
    size_t offset; /* in struct band_row */
    bool joins;    /* is shown beside the frontier */
} columns[] = {
    {"loss_nat", "nat", "loss at the point estimate", offsetof(struct band_row, value), false},
    {"epsilon_nat", "nat", "regret that counts as none", offsetof(struct band_row, epsilon), false},
    {"regret_nat_05", "nat", "regret: .05 quantile over the draws in which it is feasible",
     offsetof(struct band_row, regret[0]), false},
    {"regret_nat_25", "nat", "regret: .25 quantile", offsetof(struct band_row, regret[1]), false},
    {"regret_nat_50", "nat", "regret: median", offsetof(struct band_row, regret[2]), true},
    {"regret_nat_75", "nat", "regret: .75 quantile", offsetof(struct band_row, regret[3]), false},
    {"regret_nat_95", "nat", "regret: .95 quantile", offsetof(struct band_row, regret[4]), true},
    {"probability_within", "1", "share of draws with a regret of at most epsilon_nat",
     offsetof(struct band_row, within), true},
    {"probability_feasible", "1", "share of draws in which the constraints hold",
     offsetof(struct band_row, feasible), false},
    {"membership", "1", "share of draws on whose frontier it is; depends on the steps of the grid",
     offsetof(struct band_row, membership), false},
};

enum { N_COLUMNS = sizeof columns / sizeof *columns };

struct writing {
    struct h5 *file;
    const struct space *space;
    const struct band *band;
    size_t begin, end; /* rows of this rank */
    uint64_t *indices; /* [end - begin] one column at a time */
    double *numbers;
    int32_t *codes;
    unsigned char *bits;
};

static enum status put(const struct writing *w, const char *name, struct h5_column column,
                       struct status_why *why)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/%s", group, name);
    column.path = path;
    column.n_rows = w->band->n_rows;
    column.dimension = row_path;
    return h5_write_column(w->file, &column, why);
}

static enum status put_axis(const struct writing *w, size_t a, struct status_why *why)
{
    const struct space_axis *axis = &w->space->axes[a];
    const bool is_named = axis->labels != NULL;
    for (size_t i = w->begin; i < w->end; i++) {
        size_t levels[SPACE_MAX_AXES];
        space_levels(w->space, w->band->rows[i].configuration, levels);
        w->codes[i - w->begin] = (int32_t)levels[a];
        w->numbers[i - w->begin] = axis->values[levels[a]];
    }
    const struct h5_column column = {
        .type = is_named ? H5_INT32 : H5_DOUBLE,
        .values = is_named ? (const void *)w->codes : (const void *)w->numbers,
        .unit = axis->unit[0] != '\0' ? axis->unit : NULL,
        .long_name = axis->long_name[0] != '\0' ? axis->long_name : NULL,
        .n_flags = is_named ? axis->n : 0,
        .flag_meanings = (const char *const *)axis->labels,
    };
    return put(w, axis->name, column, why);
}

static enum status put_number(const struct writing *w, size_t c, struct status_why *why)
{
    for (size_t i = w->begin; i < w->end; i++) {
        memcpy(&w->numbers[i - w->begin], (const char *)&w->band->rows[i] + columns[c].offset,
               sizeof *w->numbers);
    }
    const struct h5_column column = {.type = H5_DOUBLE,
                                     .values = w->numbers,
                                     .unit = columns[c].unit,
                                     .long_name = columns[c].long_name};
    return put(w, columns[c].name, column, why);
}

static enum status put_identity(const struct writing *w, struct status_why *why)
{
    for (size_t i = w->begin; i < w->end; i++) {
        w->indices[i - w->begin] = w->band->rows[i].configuration;
        w->bits[i - w->begin] = i < w->band->n_frontier;
    }
    const struct h5_column index = {
        .type = H5_UINT64, .values = w->indices, .long_name = "global index of the configuration"};
    const struct h5_column flag = {
        .type = H5_UINT8, .values = w->bits, .long_name = "on the frontier of the point estimate"};
    const enum status st = put(w, "configuration", index, why);
    return st == STATUS_OK ? put(w, "on_frontier", flag, why) : st;
}

static enum status put_counts(struct h5 *file, const struct band *band, struct status_why *why)
{
    enum status st = STATUS_OK;
    STATUS_TRY(h5_write_group(file, group, why));
    STATUS_TRY(h5_write_count_attribute(file, group, "n_draws", band->n_draws, why));
    STATUS_TRY(h5_write_count_attribute(file, group, "n_frontier", band->n_frontier, why));
    STATUS_TRY(h5_write_count_attribute(file, group, "n_candidates", band->n_candidates, why));
    STATUS_TRY(h5_write_count_attribute(file, group, "n_cut", band->n_cut, why));
    STATUS_TRY(h5_write_text_attribute(file, group, "candidates",
                                       band->all_candidates ? "all configurations"
                                                            : "in each scenario level, most often "
                                                              "on the frontiers of the first draws",
                                       why));
    STATUS_TRY(h5_write_text_attribute(file, group, "epsilon", band->tolerance_name, why));
out:
    return st;
}

enum status band_file_write(MPI_Comm comm, struct h5 *file, const struct problem *problem,
                            const struct band *band, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct writing w = {.file = file, .space = problem->space, .band = band};
    h5_column_share(band->n_rows, team_rank(comm), team_size(comm), &w.begin, &w.end);
    const size_t n = w.end - w.begin + 1;
    w.indices = malloc(n * sizeof *w.indices);
    w.numbers = malloc(n * sizeof *w.numbers);
    w.codes = malloc(n * sizeof *w.codes);
    w.bits = malloc(n);
    if (w.indices == NULL || w.numbers == NULL || w.codes == NULL || w.bits == NULL) {
        st = status_fail(why, STATUS_MEMORY, "band: columns of %zu rows", n);
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(put_counts(file, band, why));
    STATUS_TRY(h5_write_dimension(file, row_path, band->n_rows, why));
    STATUS_TRY(put_identity(&w, why));
    for (size_t a = 0; a < problem->space->n_axes; a++) {
        STATUS_TRY(put_axis(&w, a, why));
    }
    for (size_t c = 0; c < N_COLUMNS; c++) {
        STATUS_TRY(put_number(&w, c, why));
    }
out:
    free(w.bits);
    free(w.codes);
    free(w.numbers);
    free(w.indices);
    return st;
}

/* \param [in] values  taken over */
static enum status add_column(struct frontier_file_table *t, size_t c, double *values,
                              struct status_why *why)
{
    const size_t at = t->n_columns++;
    t->values[at] = values;
    t->meanings[at] = NULL;
    t->roles[at] = FRONTIER_FILE_BAND;
    t->names[at] = strdup(columns[c].name);
    t->units[at] = strdup(columns[c].unit);
    t->long_names[at] = strdup(columns[c].long_name);
    return t->names[at] != NULL && t->units[at] != NULL && t->long_names[at] != NULL
               ? STATUS_OK
               : status_fail(why, STATUS_MEMORY, "frontier: %zu columns", t->n_columns);
}

enum status band_file_join(struct h5 *file, struct frontier_file_table *table,
                           struct status_why *why)
{
    enum status st = STATUS_OK;
    uint64_t n_frontier = 0;
    if (!h5_exists(file, group)) {
        return STATUS_OK;
    }
    STATUS_TRY(h5_read_count_attribute(file, group, "n_frontier", &n_frontier, why));
    for (size_t c = 0; c < N_COLUMNS; c++) {
        char path[PATH_SIZE];
        double *values = NULL;
        size_t n_dimensions, shape[3];
        if (!columns[c].joins) {
            continue;
        }
        (void)snprintf(path, sizeof path, "%s/%s", group, columns[c].name);
        STATUS_TRY(h5_read_array(file, path, &values, &n_dimensions, shape, why));
        if (n_dimensions != 1 || n_frontier != table->n_rows || shape[0] < table->n_rows) {
            free(values);
            st = status_fail(why, STATUS_IO, "%s: has not the rows of the frontier", path);
            goto out;
        }
        STATUS_TRY(h5_agree(file, add_column(table, c, values, why), why));
    }
out:
    return st;
}
