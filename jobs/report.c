#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/approaches_file.h"
#include "fitting/fit_file.h"
#include "inputs/h5.h"
#include "jobs/checks.h"
#include "jobs/corpus.h"
#include "jobs/frontier.h"
#include "jobs/job.h"
#include "jobs/picture.h"
#include "jobs/plot.h"
#include "jobs/result.h"
#include "jobs/selection.h"
#include "jobs/summary.h"
#include "jobs/textfile.h"
#include "search/front/band_file.h"
#include "search/front/frontier_file.h"
#include "search/front/quality_file.h"
#include "search/front/trace_file.h"
#include "solver/base/escape.h"
#include "solver/base/log.h"
#include "solver/base/team.h"

/* The interval of a row's loss: of a new run, since that is what will be seen. */
static bool is_of_new_run(const struct frontier_file_table *t, size_t column)
{
    return strcmp(t->names[column], "loss_nat_lo") == 0
           || strcmp(t->names[column], "loss_nat_hi") == 0;
}

static bool is_shown(const struct frontier_file_table *t, size_t column)
{
    return t->roles[column] == FRONTIER_FILE_DECISION || t->roles[column] == FRONTIER_FILE_OBJECTIVE
           || t->roles[column] == FRONTIER_FILE_SCENARIO || t->roles[column] == FRONTIER_FILE_BAND
           || is_of_new_run(t, column);
}

static bool is_flagged(const struct frontier_file_table *t, size_t row)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        if (t->roles[c] == FRONTIER_FILE_FLAG && t->values[c][row] != 0.0) {
            return true;
        }
    }
    return false;
}

static size_t width_of(const struct frontier_file_table *t, size_t column)
{
    size_t width = strlen(t->names[column]);
    for (size_t i = 0; t->meanings[column] != NULL && t->meanings[column][i] != NULL; i++) {
        const size_t here = strlen(t->meanings[column][i]);
        width = here > width ? here : width;
    }
    enum { NARROWEST = 9 };
    return width < NARROWEST ? NARROWEST : width;
}

static void print_row(const struct frontier_file_table *t, size_t row)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        char text[64];
        if (is_shown(t, c)) {
            escape_print("  %*s", (int)width_of(t, c),
                         selection_cell(t, c, row, text, sizeof text));
        }
    }
    escape_print("%s\n", is_flagged(t, row) ? "  *" : "");
}

/* What the columns and the mark of rows mean. */
static void print_notes(const struct frontier_file_table *t, bool flagged)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        if (strcmp(t->names[c], "loss_nat_lo") == 0) {
            escape_fprint(stdout, "loss_nat_lo and loss_nat_hi: interval of a new run; --csv has "
                                  "that of the mean too\n");
        }
    }
    if (flagged) {
        escape_print("* flagged:");
        for (size_t c = 0; c < t->n_columns; c++) {
            if (t->roles[c] == FRONTIER_FILE_FLAG) {
                escape_print(" %s;", t->long_names[c]);
            }
        }
        escape_print(" the flag columns of --csv say which\n");
    }
}

/* Rows of each level: without limits spread evenly over it; with limits the first, which is the
 * best. */
static void print_table(const struct job_arguments *a, const struct selection *s)
{
    const struct frontier_file_table *t = s->table;
    const bool picks = a->n_limits > 0;
    size_t per_level = a->n_rows / s->n_levels;
    const size_t fewest = picks ? 1 : 3; /* both ends and the middle */
    per_level = per_level < fewest ? fewest : per_level;
    bool flagged = false;

    escape_print("%zu of %zu rows, in %zu scenario level%s", s->n, t->n_rows, s->n_levels,
                 s->n_levels == 1 ? "" : "s");
    escape_print(picks ? "; the first %zu of each by %s:\n" : "; %zu of each, spread along %s:\n",
                 per_level, t->names[s->sort]);
    for (size_t c = 0; c < t->n_columns; c++) {
        if (is_shown(t, c)) {
            escape_print("  %*s", (int)width_of(t, c), t->names[c]);
        }
    }
    escape_print("\n");
    for (size_t level = 0; level < s->n_levels; level++) {
        const size_t begin = s->level_begins[level], n = s->level_begins[level + 1] - begin;
        const size_t shown = n < per_level ? n : per_level;
        for (size_t i = 0; i < shown; i++) {
            const size_t at = picks || shown < 2 ? i : i * (n - 1) / (shown - 1);
            print_row(t, s->rows[begin + at]);
            flagged = flagged || is_flagged(t, s->rows[begin + at]);
        }
    }
    print_notes(t, flagged);
}

/* How much of the study's box the frontier covers: of one level, or the range over all. */
static void print_quality(const struct quality *q)
{
    double least = INFINITY, greatest = 0.0, error = 0.0;
    for (size_t i = 0; i < q->n_levels; i++) {
        least = fmin(least, q->volumes[i]);
        greatest = fmax(greatest, q->volumes[i]);
        error = fmax(error, q->standard_errors[i]);
    }
    if (q->n_levels == 0) {
        return;
    }
    escape_print("hypervolume: %.4g", least);
    if (q->n_levels > 1) {
        escape_print(" to %.4g", greatest);
    }
    escape_print(error > 0.0 ? " of the study's box, sampled (standard error %.2g)\n"
                             : " of the study's box, exact\n",
                 error);
}

/* Objectives that are another one times a constant. */
static enum status print_multiples(struct h5 *file, const struct frontier_file_table *table,
                                   struct status_why *why)
{
    struct space space;
    struct problem p = {.space = &space};
    struct quality_box box;
    struct quality_options ignored;
    space_init(&space);
    for (size_t c = 0; c < table->n_columns && p.n_objectives < PROBLEM_MAX_OBJECTIVES; c++) {
        if (table->roles[c] == FRONTIER_FILE_OBJECTIVE) {
            struct problem_objective *o = &p.objectives[p.n_objectives++];
            (void)snprintf(o->name, sizeof o->name, "%s", table->names[c]);
        }
    }
    const enum status st = quality_file_read_terms(file, &p, &box, &ignored, why);
    if (st == STATUS_OK) {
        summary_multiples(stdout, &p, box.multiples);
    }
    return st;
}

/* How soon rank 0 covered nearly all of what the frontier covers, or sooner: samples may be few. */
static enum status print_trace(struct h5 *file, struct status_why *why)
{
    static const double nearly = 0.99;
    enum status st = STATUS_OK;
    struct trace_sample *s = NULL;
    size_t n = 0, first = 0;
    STATUS_TRY(trace_file_read(file, &s, &n, why));
    while (first + 1 < n && s[first].volume < nearly * s[n - 1].volume) {
        first++;
    }
    if (n > 1) {
        escape_print(
            "trace: rank 0 had 99 %% of the hypervolume within %.3g s of a search of %.3g s, "
            "by %zu samples\n",
            s[first].second, s[n - 1].second, n);
    }
out:
    free(s);
    return st;
}

/* What the thin view says of each row; NULL where there is none. */
static enum status mark_rows(const struct quality *q, size_t n_rows, unsigned char **marks,
                             struct status_why *why)
{
    *marks = q->n_picks > 0 ? calloc(n_rows + 1, 1) : NULL;
    if (q->n_picks > 0 && *marks == NULL) {
        return status_fail(why, STATUS_MEMORY, "%zu rows", n_rows);
    }
    for (size_t i = 0; i < q->n_picks; i++) {
        if (q->picks[i].row >= n_rows) {
            return status_fail(why, STATUS_IO, "/frontier/thin/point: %zu: there is no row %llu", i,
                               (unsigned long long)q->picks[i].row);
        }
        (*marks)[q->picks[i].row] =
            q->picks[i].is_knee ? SELECTION_THIN | SELECTION_KNEE : SELECTION_THIN;
    }
    return STATUS_OK;
}

/* The indices as they are in the file: a double holds them up to 2^53 alone. */
static enum status read_configurations(struct h5 *file, struct selection *s, struct status_why *why)
{
    const size_t n = s->table->n_rows;
    s->configurations = malloc((n + 1) * sizeof *s->configurations);
    return s->configurations == NULL ? status_fail(why, STATUS_MEMORY, "%zu rows", n)
                                     : h5_read_rows(file, "/frontier/configuration", H5_UINT64, 0,
                                                    n, s->configurations, why);
}

/* The frontier of worst values, where there is one: all of it, whatever the limits, which may be of
 * columns that it does not have. */
static enum status report_worst(struct h5 *file, const struct job_arguments *a,
                                struct status_why *why)
{
    static const char group[] = "/frontier/worst";
    const struct job_arguments all = {.file = a->file, .n_rows = a->n_rows};
    struct frontier_file_table table = {0};
    struct selection s = {0};
    char *over = NULL;
    enum status st = STATUS_OK;

    if (!h5_exists(file, group)) {
        return st;
    }
    STATUS_TRY(frontier_file_read_group(file, group, &table, why));
    STATUS_TRY(h5_read_text_attribute(file, group, "over", &over, why));
    escape_print("\nworst values over %s: ", over);
    if (table.n_rows == 0) {
        escape_print("no configuration is feasible in all levels\n");
        goto out;
    }
    STATUS_TRY(selection_make(&all, &table, NULL, &s, why));
    print_table(&all, &s);
out:
    free(over);
    selection_clear(&s);
    frontier_file_clear(&table);
    return st;
}

/* What the limits have to do with a frontier without rows. */
static enum status print_limits(struct h5 *file, struct status_why *why)
{
    char *text = NULL;
    if (!h5_exists(file, FRONTIER_LIMITS)) {
        return STATUS_OK;
    }
    const enum status st = h5_read_text(file, FRONTIER_LIMITS, &text, why);
    if (st == STATUS_OK) {
        escape_lines(stdout, text);
    }
    free(text);
    return st;
}

static void say_drawn(const struct job_arguments *a, const char *name, bool is_drawn)
{
    if (is_drawn) {
        log_line(LOG_INFO, "report plot=%s/%s.svg plot=%s/%s.png", a->plots, name, a->plots, name);
    } else {
        log_line(LOG_WARNING, "--plots: nothing to draw of the %s: %s", name,
                 strcmp(name, "fit") == 0 ? "the file holds no runs"
                                          : "it has one objective alone");
    }
}

/* What looks wrong in the data. */
static enum status print_findings(struct h5 *file, struct status_why *why)
{
    char *text = NULL;
    if (!h5_exists(file, RESULT_FINDINGS)) {
        return STATUS_OK;
    }
    const enum status st = h5_read_text(file, RESULT_FINDINGS, &text, why);
    if (st == STATUS_OK) {
        summary_findings(stdout, text);
    }
    free(text);
    return st;
}

/* Whether the rows compare. */
static enum status print_mixed(struct h5 *file, struct status_why *why)
{
    char *text = NULL;
    if (!h5_exists(file, CORPUS_MIXED)) {
        return STATUS_OK;
    }
    const enum status st = h5_read_text(file, CORPUS_MIXED, &text, why);
    if (st == STATUS_OK) {
        escape_print("warning: %s\n", text);
    }
    free(text);
    return st;
}

/* Everything about the frontier of the file. */
static enum status report_frontier(struct h5 *file, const struct job_arguments *a,
                                   struct status_why *why)
{
    struct frontier_file_table table = {0};
    struct selection s = {0};
    struct quality quality = {0};
    unsigned char *marks = NULL;
    bool is_drawn = false;
    enum status st = STATUS_OK;

    STATUS_TRY(print_mixed(file, why));
    STATUS_TRY(frontier_file_read(file, &table, why));
    STATUS_TRY(quality_file_read(file, &quality, why));
    STATUS_TRY(mark_rows(&quality, table.n_rows, &marks, why));
    STATUS_TRY(band_file_join(file, &table, why));
    if (table.n_rows == 0) {
        escape_print("the frontier is empty: no configuration is feasible\n");
        STATUS_TRY(print_limits(file, why));
        s.table = &table;
        st = a->csv != NULL ? selection_write_csv(&s, a->csv, why) : STATUS_OK;
        goto out;
    }
    STATUS_TRY(selection_make(a, &table, marks, &s, why));
    STATUS_TRY(read_configurations(file, &s, why));
    print_table(a, &s);
    print_quality(&quality);
    if (quality.n_levels > 0) {
        STATUS_TRY(print_multiples(file, &table, why));
    }
    STATUS_TRY(print_trace(file, why));
    if (a->csv != NULL) {
        STATUS_TRY(selection_write_csv(&s, a->csv, why));
    }
    if (a->plots != NULL) {
        STATUS_TRY(picture_frontier(&s, a->plots, &is_drawn, why));
        say_drawn(a, "frontier", is_drawn);
    }
out:
    selection_clear(&s);
    free(marks);
    quality_clear(&quality);
    frontier_file_clear(&table);
    return st;
}

static enum status report_fit(struct h5 *file, const struct job_arguments *a,
                              struct status_why *why)
{
    struct fit fit = {0};
    struct approaches approaches = {0};
    struct checks *checks = NULL;
    bool is_drawn = false;
    enum status st = fit_file_read(file, NULL, &fit, why);
    if (st != STATUS_OK) {
        return st;
    }
    STATUS_TRY(approaches_file_read(file, &approaches, why));
    STATUS_TRY(checks_read(file, &fit, &checks, why));
    summary_fit(stdout, &fit, NULL);
    STATUS_TRY(print_findings(file, why));
    checks_print(stdout, checks);
    summary_approaches(stdout, &fit, &approaches);
    escape_print("\n");
    summary_verdict(stdout, &fit);
    escape_print("\n");
    if (a->plots != NULL) {
        st = picture_fit(file, &fit, &approaches.isoflop, a->plots, &is_drawn, why);
        say_drawn(a, "fit", is_drawn);
    }
out:
    approaches_clear(&approaches);
    checks_destroy(checks);
    fit_clear(&fit);
    return st;
}

/* What the options ask for must be in the file, and what they write must not be there yet. */
static enum status check_options(const struct job_arguments *a, bool has_fit, bool has_frontier,
                                 struct status_why *why)
{
    const struct {
        const char *name;
        bool is_given;
    } of_rows[] = {{"--max and --min", a->n_limits > 0},
                   {"--sort", a->sort != NULL},
                   {"--thin", a->thin},
                   {"--rows", a->has_rows},
                   {"--csv", a->csv != NULL}};
    enum status st = STATUS_OK;
    for (size_t i = 0; !has_frontier && i < sizeof of_rows / sizeof *of_rows; i++) {
        if (of_rows[i].is_given) {
            return status_fail(why, STATUS_INPUT,
                               "%s: of the rows of a frontier, and %s holds a fit alone",
                               of_rows[i].name, a->file);
        }
    }
    if (a->csv != NULL) {
        st = textfile_check(a->csv, a->force, why);
    }
    if (st == STATUS_OK && a->plots != NULL && has_fit) {
        st = plot_check(a->plots, "fit", a->force, why);
    }
    if (st == STATUS_OK && a->plots != NULL && has_frontier) {
        st = plot_check(a->plots, "frontier", a->force, why);
    }
    return st;
}

/* Reading is collective and cheap: every rank would print, so rank 0 works alone on a communicator
 * of its own. */
static enum status run(MPI_Comm comm, const struct job_arguments *arguments, struct status_why *why)
{
    struct h5 *file = NULL;
    enum status st = STATUS_OK;
    if (team_rank(comm) == 0) {
        STATUS_TRY(h5_open(MPI_COMM_SELF, arguments->file, &file, why));
        const bool has_fit = h5_exists(file, "/fit"), has_frontier = h5_exists(file, "/frontier");
        if (!has_fit && !has_frontier) {
            st = status_fail(why, STATUS_INPUT, "%s: holds neither a fit nor a frontier",
                             arguments->file);
            goto out;
        }
        STATUS_TRY(check_options(arguments, has_fit, has_frontier, why));
        if (has_fit) {
            STATUS_TRY(report_fit(file, arguments, why));
        }
        if (!has_fit) {
            STATUS_TRY(print_findings(file, why));
        }
        if (has_frontier) {
            STATUS_TRY(report_frontier(file, arguments, why));
            STATUS_TRY(report_worst(file, arguments, why));
        }
    }
out:
    h5_close(file);
    return team_agree(comm, st, why);
}

const struct job report_job = {
    .name = "report",
    .takes = "RESULT.h5",
    .help = "tables, CSV and pictures of a result",
    .detail = "Prints the fit and the frontier of a result file. Limits pick rows, as\n"
              "  scalefront report quickstart.h5 --max energy_kwh=1GWh --max params=70B\n"
              "which shows the best of each scenario level; exit code 6 says that there is none.",
    .options = JOB_REPORT,
    .run = run,
};
