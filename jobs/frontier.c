#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/fit_file.h"
#include "inputs/journal.h"
#include "jobs/allocation.h"
#include "jobs/columns.h"
#include "jobs/draws.h"
#include "jobs/frontier.h"
#include "jobs/infeasible.h"
#include "jobs/job.h"
#include "jobs/model.h"
#include "jobs/result.h"
#include "jobs/summary.h"
#include "search/exact/path.h"
#include "search/front/band_file.h"
#include "search/front/frontier_file.h"
#include "search/front/hypervolume.h"
#include "search/front/quality_file.h"
#include "search/front/trace_file.h"
#include "search/worst.h"
#include "solver/base/escape.h"
#include "solver/base/log.h"
#include "solver/base/meter.h"
#include "solver/base/team.h"

/* What an interrupted run left of the search. */
struct recorded {
    struct journal *journal;
    unsigned char *done; /* [number of items] */
    uint64_t *survivors; /* [n_survivors] */
    size_t n_survivors;
};

static enum status append_item(void *context, size_t item, const uint64_t survivors[], size_t n,
                               struct status_why *why)
{
    return journal_append(context, item, survivors, n * sizeof *survivors, why);
}

static enum status recall(struct recorded *r, size_t n_items, struct status_why *why)
{
    size_t n = 0;
    for (size_t i = 0; i < journal_n_records(r->journal); i++) {
        n += journal_record(r->journal, i)->n / sizeof *r->survivors;
    }
    r->done = calloc(n_items, 1);
    r->survivors = malloc((n > 0 ? n : 1) * sizeof *r->survivors);
    if (r->done == NULL || r->survivors == NULL) {
        return status_fail(why, STATUS_MEMORY, "%zu recorded configurations", n);
    }
    for (size_t i = 0; i < journal_n_records(r->journal); i++) {
        const struct journal_record *record = journal_record(r->journal, i);
        if (record->item < n_items) {
            const size_t here = record->n / sizeof *r->survivors;
            memcpy(r->survivors + r->n_survivors, record->bytes, here * sizeof *r->survivors);
            r->n_survivors += here;
            r->done[record->item] = 1;
        }
    }
    return STATUS_OK;
}

/* The trace that rank 0 keeps of the search: about TRACE_SAMPLES samples, where the path has
 * something to sample. */
static enum status begin_trace(MPI_Comm comm, const struct problem *problem,
                               const struct path *path, const struct quality_box *box,
                               size_t n_items, struct trace **trace, struct status_why *why)
{
    enum { TRACE_SAMPLES = 32 };
    const size_t every = n_items / (TRACE_SAMPLES * (size_t)team_size(comm));
    if (team_rank(comm) > 0 || path->kind == PATH_FACTORED || problem->n_objectives < 2
        || problem->n_objectives > HYPERVOLUME_MOST_EXACT) {
        return STATUS_OK;
    }
    return trace_create(problem, box, every > 0 ? every : 1, trace, why);
}

/* What is searched, and how it is watched. */
struct sought {
    const char *name; /* of the records that it keeps */
    const struct problem *problem;
    const struct path *path;
    const struct quality_box *box; /* of its trace; NULL: not traced */
    struct trace *trace;           /* made for the caller on rank 0, where it can be */
};

static enum status search(MPI_Comm comm, const struct result *result, struct sought *sought,
                          struct frontier *frontier, struct status_why *why)
{
    const struct problem *problem = sought->problem;
    const struct path *path = sought->path;
    struct recorded recorded = {0};
    enum status st = STATUS_OK;
    size_t n_items = 0;

    STATUS_TRY(team_agree(comm, path->n_items(problem, &n_items, why), why));
    STATUS_TRY(
        journal_open(comm, result->journal, sought->name, result->digest, &recorded.journal, why));
    st = recall(&recorded, n_items, why);
    if (st == STATUS_OK && sought->box != NULL) {
        st = begin_trace(comm, problem, path, sought->box, n_items, &sought->trace, why);
    }
    STATUS_TRY(team_agree(comm, st, why));
    const struct job_arguments *a = result->arguments;
    for (size_t i = 0; a->n_shards > 0 && i < n_items; i++) {
        const bool is_others = i % a->n_shards != a->shard - 1;
        recorded.done[i] = (unsigned char)(recorded.done[i] != 0 || is_others);
    }
    const struct path_options options = {
        .done = recorded.done,
        .survivors = recorded.survivors,
        .n_survivors = recorded.n_survivors,
        .record = append_item,
        .context = recorded.journal,
        .trace = sought->trace,
    };
    STATUS_TRY(path->search(comm, problem, &options, frontier, why));
    if (sought->trace != NULL) {
        trace_end(sought->trace, frontier->n_rows);
    }
out:
    journal_close(recorded.journal);
    free(recorded.survivors);
    free(recorded.done);
    return st;
}

/* What a search has done, as one line. */
static void log_search(const struct allocation *allocation, const struct path *path,
                       const struct frontier *frontier)
{
    log_line(LOG_INFO,
             "search path=%s configurations=%llu absent=%llu %s=%llu evaluated=%llu feasible=%llu "
             "rows=%zu",
             path_names[path->kind], (unsigned long long)space_size(&allocation->space),
             (unsigned long long)allocation->n_absent,
             allocation->knows_domain ? "domain" : "undefined",
             (unsigned long long)(allocation->knows_domain ? allocation->n_domain
                                                           : frontier->n_undefined),
             (unsigned long long)frontier->n_evaluated, (unsigned long long)frontier->n_feasible,
             frontier->n_rows);
}

/* The frontier of worst values over the scenarios that a study combines; zero: it combines none. */
struct robust {
    struct worst *worst;
    const struct path *path;
    struct frontier frontier;
    char over[256]; /* the axes, for people */
};

static void robust_clear(struct robust *r)
{
    frontier_clear(&r->frontier);
    worst_destroy(r->worst);
}

/* The scenario axes that a study combines. \param [out] combined  [n_axes] */
static bool find_combined(const struct allocation *a, bool combined[], char over[], size_t size)
{
    bool any = false;
    over[0] = '\0';
    for (size_t i = 0; i < a->space.n_axes; i++) {
        const size_t used = strlen(over);
        combined[i] = a->study->space[a->inputs[i]].combine == STUDY_WORST;
        if (combined[i]) {
            (void)snprintf(over + used, size - used, "%s%s", any ? ", " : "",
                           a->space.axes[i].name);
        }
        any = any || combined[i];
    }
    return any;
}

/* A path that the study forces may be none for worst values: these then take their own. */
static enum status search_worst(MPI_Comm comm, const struct result *result,
                                const struct allocation *a, struct robust *r,
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    bool combined[SPACE_MAX_AXES];
    if (!find_combined(a, combined, r->over, sizeof r->over)) {
        return st;
    }
    if (result->arguments->n_shards > 0) {
        return status_fail(why, STATUS_INPUT,
                           "--shard: not with combine: worst: merging knows one frontier a level");
    }
    STATUS_TRY(team_agree(comm, worst_create(&a->problem, combined, &r->worst, why), why));
    const struct problem *problem = worst_problem(r->worst);
    r->path = path_choose(problem, (enum path_kind)a->study->path, why);
    if (r->path == NULL) {
        status_clear(why);
        r->path = path_choose(problem, PATH_AUTO, why);
    }
    STATUS_TRY(r->path == NULL ? STATUS_INPUT : STATUS_OK);
    struct sought sought = {.name = "worst", .problem = problem, .path = r->path};
    STATUS_TRY(search(comm, result, &sought, &r->frontier, why));
    log_line(LOG_INFO, "worst path=%s configurations=%llu evaluated=%llu feasible=%llu rows=%zu",
             path_names[r->path->kind], (unsigned long long)space_size(problem->space),
             (unsigned long long)r->frontier.n_evaluated,
             (unsigned long long)r->frontier.n_feasible, r->frontier.n_rows);
out:
    return st;
}

static enum status write_worst(MPI_Comm comm, struct h5 *file, const struct allocation *a,
                               const struct robust *r, struct status_why *why)
{
    static const char group[] = "/frontier/worst";
    enum status st = STATUS_OK;
    struct columns columns;
    if (r->worst == NULL) {
        return st;
    }
    columns_make_worst(a, worst_problem(r->worst), &columns);
    const struct frontier_file_content content = {
        .problem = worst_problem(r->worst),
        .frontier = &r->frontier,
        .n_columns = columns.n,
        .columns = columns.columns,
        .fill = columns_fill_worst,
        .context = &columns,
        .path_name = path_names[r->path->kind],
        .group = group,
    };
    STATUS_TRY(frontier_file_write(comm, file, &content, why));
    STATUS_TRY(h5_write_text_attribute(file, group, "over", r->over, why));
out:
    return st;
}

/* Configurations outside a domain or without a figure, and levels left out: one line a level, as
 * the log says it. */
static enum status write_removed(struct h5 *file, const struct allocation *a,
                                 struct status_why *why)
{
    enum { LINE_SIZE = STATUS_MESSAGE_SIZE + 128 };
    enum status st = h5_write_count_attribute(file, "/search", "n_absent", a->n_absent, why);
    if (st == STATUS_OK && a->knows_domain) {
        st = h5_write_count_attribute(file, "/search", "n_domain", a->n_domain, why);
    }
    if (st != STATUS_OK || a->n_removed == 0) {
        return st;
    }
    char *text = malloc(a->n_removed * LINE_SIZE);
    if (text == NULL) {
        return status_fail(why, STATUS_MEMORY, "%zu levels left out", a->n_removed);
    }
    size_t at = 0;
    for (size_t i = 0; i < a->n_removed; i++) {
        const struct allocation_removed *r = &a->removed[i];
        at += (size_t)snprintf(text + at, LINE_SIZE, "%s: %s: %s\n", design_field(r->input)->name,
                               r->level, r->reason);
    }
    st = h5_write_text(file, "/search/removed", text, why);
    free(text);
    return st;
}

/* What `merge` asks of a file. */
static enum status write_shard(struct h5 *file, const struct job_arguments *a,
                               struct status_why *why)
{
    enum status st = STATUS_OK;
    if (a->n_shards > 0) {
        STATUS_TRY(h5_write_count_attribute(file, "/search", "shard", a->shard, why));
        STATUS_TRY(h5_write_count_attribute(file, "/search", "n_shards", a->n_shards, why));
    }
out:
    return st;
}

static enum status write(MPI_Comm comm, const struct result *result, const struct model *model,
                         const struct allocation *allocation, const struct sought *sought,
                         const struct frontier *frontier, const struct robust *robust,
                         const struct band *band, const char *limits, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct h5 *file = NULL;
    struct columns columns;
    struct quality measured = {0};
    const struct quality_options quality = {.n_points = (size_t)result->study->thin_points,
                                            .epsilon = result->study->thin_epsilon,
                                            .seed = result->study->seed};
    columns_make(allocation, model->forecast, &columns);
    const struct frontier_file_content content = {
        .problem = &allocation->problem,
        .frontier = frontier,
        .n_columns = columns.n,
        .columns = columns.columns,
        .fill = columns_fill,
        .context = &columns,
        .n_flags = COLUMNS_N_FLAGS,
        .flags = columns.flags,
        .fill_flags = columns_fill_flags,
        .path_name = path_names[sought->path->kind],
    };
    struct result known = *result;
    known.findings[0] = &model->findings;
    known.findings[1] = &allocation->findings;
    (void)meter_begin(METER_WRITE);
    STATUS_TRY(h5_create(comm, result->path, &file, why));
    STATUS_TRY(result_write_study(file, &known, why));
    if (model->has_fit) {
        STATUS_TRY(fit_file_write(file, &model->fit, model->has_runs ? &model->runs : NULL, why));
    }
    STATUS_TRY(frontier_file_write(comm, file, &content, why));
    STATUS_TRY(write_worst(comm, file, allocation, robust, why));
    STATUS_TRY(write_removed(file, allocation, why));
    if (limits != NULL) {
        STATUS_TRY(h5_write_text(file, FRONTIER_LIMITS, limits, why));
    }
    STATUS_TRY(write_shard(file, result->arguments, why));
    STATUS_TRY(quality_file_add(comm, file, &allocation->problem, frontier, sought->box, &quality,
                                &measured, why));
    if (sought->trace != NULL) {
        trace_complete(sought->trace, &measured);
    }
    STATUS_TRY(trace_file_write(comm, file, sought->trace, why));
    if (band->n_draws > 0) {
        STATUS_TRY(band_file_write(comm, file, &allocation->problem, band, why));
    }
    st = result_finish(comm, file, result, why);
    file = NULL;
out:
    quality_clear(&measured);
    h5_abandon(file);
    return st;
}

static void print_band(const struct band *band)
{
    double least = INFINITY, most = 0.0;
    for (size_t i = 0; i < band->n_frontier; i++) {
        least = fmin(least, band->rows[i].epsilon);
        most = fmax(most, band->rows[i].epsilon);
    }
    escape_print("%zu rows in its band over %zu draws", band->n_rows, band->n_draws);
    if (band->n_frontier > 0) {
        escape_print("; as good as the best is a regret of at most %s, %.3g to %.3g nat",
                     band->tolerance_name, least, most);
    }
    escape_print("\n");
    if (band->n_cut > 0) {
        escape_print("%zu more configurations were on frontiers of draws and are not looked at: "
                     "band.candidates of each scenario level were\n",
                     band->n_cut);
    }
}

/* What a person wants to hear at the end. */
static void print_end(const struct result *result, const struct model *model,
                      const struct allocation *allocation, const struct frontier *frontier,
                      const struct robust *robust, const struct band *band,
                      const struct quality_box *box)
{
    if (model->has_fit) {
        summary_verdict(stdout, &model->fit);
    }
    escape_print("%zu rows on the frontier of %llu configurations: %s\n", frontier->n_rows,
                 (unsigned long long)space_size(&allocation->space), result->path);
    summary_multiples(stdout, &allocation->problem, box->multiples);
    if (robust->worst != NULL) {
        escape_print("%zu rows on the frontier of worst values over %s\n", robust->frontier.n_rows,
                     robust->over);
    }
    if (band->n_draws > 0) {
        print_band(band);
    }
    escape_print("See them with: scalefront report %s --plots plots\n", result->path);
}

/* A frontier without rows is an answer too: no, and why; of a shard it says nothing. */
static enum status answer(const struct result *result, const struct allocation *a,
                          const struct frontier *frontier, struct status_why *why)
{
    if (frontier->n_rows > 0 || result->arguments->n_shards > 0) {
        return STATUS_OK;
    }
    const uint64_t n_left = space_size(&a->space) - a->n_absent - a->n_domain;
    return status_fail(why, STATUS_NO,
                       "%s: no configuration is feasible: %llu lack a figure, %llu lie outside a "
                       "domain, %llu break a constraint%s",
                       result->path, (unsigned long long)a->n_absent,
                       (unsigned long long)a->n_domain, (unsigned long long)n_left,
                       a->knows_domain ? "" : " or lie outside a domain");
}

enum status frontier_run(MPI_Comm comm, const struct job_arguments *arguments, bool with_band,
                         struct status_why *why)
{
    struct study study;
    struct result result = {0};
    struct model model = {0};
    struct allocation allocation = {0};
    struct frontier frontier = {0};
    struct robust robust = {0};
    struct band band = {0};
    struct quality_box box;
    struct sought sought = {.name = "search", .problem = &allocation.problem, .box = &box};
    size_t n_draws = 0;
    char *limits = NULL;
    enum status st =
        study_read(comm, arguments->file, arguments->settings, arguments->n_settings, &study, why);
    if (st != STATUS_OK) {
        return st;
    }
    STATUS_TRY(result_begin(comm, &study, arguments, with_band ? "band" : "frontier", ".h5",
                            &result, why));
    if (result.is_complete) {
        if (result.is_empty && arguments->n_shards == 0) {
            st = status_fail(why, STATUS_NO, "%s: no configuration is feasible: `report` says why",
                             result.path);
        }
        goto out;
    }
    STATUS_TRY(result_begin_records(comm, &result, why));
    (void)meter_begin(METER_FIT);
    STATUS_TRY(
        model_make(comm, &study, MODEL_REPLICATES, result.journal, result.digest, &model, why));
    (void)meter_begin(METER_SEARCH);
    STATUS_TRY(draws_count(&study, &model, with_band, &n_draws, why));
    if (n_draws > 0 && arguments->n_shards > 0) { /* a band looks at the whole frontier */
        st = status_fail(why, STATUS_INPUT,
                         "--shard: not with band.draws: a shard has only part of the frontier");
    }
    STATUS_TRY(st);
    STATUS_TRY(allocation_make(comm, &study, &model.predict, &allocation, why));
    quality_box_make(&allocation.problem, &box);
    sought.path = path_choose(&allocation.problem, (enum path_kind)study.path, why);
    if (sought.path == NULL) {
        st = STATUS_INPUT;
    }
    STATUS_TRY(st);
    STATUS_TRY(search(comm, &result, &sought, &frontier, why));
    log_search(&allocation, sought.path, &frontier);
    STATUS_TRY(search_worst(comm, &result, &allocation, &robust, why));
    if (n_draws > 0) {
        (void)meter_begin(METER_BAND);
        STATUS_TRY(draws_band(comm, &allocation, &model, n_draws, &frontier, result.journal,
                              result.digest, &band, why));
    }
    if (frontier.n_rows == 0 && study.n_limits > 0) { /* of the whole space, also from a shard */
        STATUS_TRY(infeasible_describe(comm, &allocation, &limits, why));
    }
    STATUS_TRY(
        write(comm, &result, &model, &allocation, &sought, &frontier, &robust, &band, limits, why));
    if (team_rank(comm) == 0) {
        print_end(&result, &model, &allocation, &frontier, &robust, &band, &box);
        escape_lines(stdout, limits != NULL && arguments->n_shards == 0 ? limits : "");
    }
    st = answer(&result, &allocation, &frontier, why);
out:
    free(limits);
    trace_destroy(sought.trace);
    band_clear(&band);
    robust_clear(&robust);
    frontier_clear(&frontier);
    allocation_clear(&allocation);
    model_clear(&model);
    result_end(comm, &result, st);
    study_clear(&study);
    return st;
}

static enum status run(MPI_Comm comm, const struct job_arguments *arguments, struct status_why *why)
{
    return frontier_run(comm, arguments, false, why);
}

const struct job frontier_job = {
    .name = "frontier",
    .takes = "STUDY.yaml",
    .help = "fit, then search, then write the exact Pareto frontier",
    .detail =
        "Fits the study's law (or takes published coefficients or an earlier fit), evaluates "
        "every\n"
        "configuration of its space and writes the exact Pareto frontier of its objectives, one a\n"
        "scenario level, to an HDF5 file that opens in Python, Julia and R (docs/formats.md).\n"
        "Interrupted (exit code 85), the same command goes on where it stopped. Exit code 6: no\n"
        "configuration is feasible; the file is written and says why.",
    .options = JOB_STUDY | JOB_OUTPUT | JOB_SHARD,
    .run = run,
};
