#include <stdio.h>
#include <string.h>

#include "inputs/h5.h"
#include "jobs/job.h"
#include "jobs/model.h"
#include "jobs/result.h"
#include "jobs/searching.h"
#include "search/bayes/bayes_file.h"
#include "solver/base/escape.h"
#include "solver/base/log.h"
#include "solver/base/meter.h"
#include "solver/base/team.h"

static enum status search(MPI_Comm comm, const struct result *result, const struct searching *s,
                          struct driver_log *log, struct status_why *why)
{
    const enum meter_phase before = meter_begin(METER_SEARCH);
    const enum status st = driver_search(comm, &s->problem, &s->evaluator, &s->options,
                                         result->journal, result->records_digest, log, why);
    (void)meter_begin(before);
    if (st == STATUS_OK) {
        log_line(LOG_INFO, "bayes evaluator=%s evaluations=%zu imported=%zu stopped_by=%s",
                 s->evaluator.name, log->n, s->options.n_imported, log->stopped_by);
    }
    return st;
}

static enum status write(MPI_Comm comm, const struct result *result, const struct searching *s,
                         const struct driver_log *log, size_t *n_rows, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct h5 *file = NULL;
    const struct bayes_file_content content = {.problem = &s->problem,
                                               .evaluator = s->evaluator.name,
                                               .n_imported = s->options.n_imported,
                                               .imported = s->options.imported,
                                               .log = log};
    STATUS_TRY(h5_create(comm, result->path, &file, why));
    STATUS_TRY(result_write_study(file, result, why));
    STATUS_TRY(bayes_file_write(comm, file, &content, n_rows, why));
    st = result_finish(comm, file, result, why);
    file = NULL;
out:
    h5_abandon(file);
    return st;
}

static void print_end(const struct result *result, const struct driver_log *log, size_t n_rows,
                      const char *folder)
{
    size_t n_failed = 0, n_recovered = 0;
    for (size_t i = 0; i < log->n; i++) {
        n_failed += log->evaluations[i].result.outcome == PROPOSE_FAILED;
        n_recovered += log->evaluations[i].is_recovered;
    }
    escape_print("%zu evaluations, %zu on the frontier", log->n, n_rows);
    if (n_failed + n_recovered > 0) {
        escape_print(", %zu failed", n_failed + n_recovered);
    }
    if (log->n > 0) {
        escape_print("; %.4g of the box is covered", log->hypervolume[log->n - 1]);
    }
    escape_print("; stopped by %s: %s\n", log->stopped_by, result->path);
    if (n_failed + n_recovered > 0 && result->study->evaluator == STUDY_BY_COMMAND) {
        escape_print("What failed is kept in %s\n", folder);
    }
    escape_print("See them with: scalefront report %s --plots plots\n", result->path);
}

static enum status run(MPI_Comm comm, const struct job_arguments *arguments, struct status_why *why)
{
    struct study study;
    struct result result = {0};
    struct model model = {0};
    struct searching searching = {0};
    struct driver_log log = {0};
    char folder[1200];
    size_t n_rows = 0;
    enum status st =
        study_read(comm, arguments->file, arguments->settings, arguments->n_settings, &study, why);
    if (st != STATUS_OK) {
        return st;
    }
    STATUS_TRY(result_begin(comm, &study, arguments, "bayes", ".h5", &result, why));
    if (result.is_complete) {
        goto out;
    }
    if (study.evaluator == STUDY_BY_MODEL) {
        STATUS_TRY(
            model_make(comm, &study, MODEL_POINT, result.journal, result.digest, &model, why));
    }
    searching_folder(result.path, folder, sizeof folder);
    STATUS_TRY(searching_make(comm, &study, &model.predict, folder, &searching, why));
    result.had_records = true; /* they may have been paid for: only a result removes them */
    STATUS_TRY(search(comm, &result, &searching, &log, why));
    STATUS_TRY(write(comm, &result, &searching, &log, &n_rows, why));
    if (team_rank(comm) == 0) {
        print_end(&result, &log, n_rows, folder);
    }
out:
    driver_clear(&log);
    searching_clear(&searching);
    model_clear(&model);
    result_end(comm, &result, st);
    study_clear(&study);
    return st;
}

const struct job bayes_job = {
    .name = "bayes",
    .takes = "STUDY.yaml",
    .help = "search with few expensive evaluations: a command of one's own",
    .detail =
        "Looks for the Pareto frontier in about a hundred evaluations, each by a command of the\n"
        "user (bayes.command), by a row of a table (bayes.table) or by the model; models of the\n"
        "outcomes choose the next designs. Each rank evaluates one design at a time; the designs\n"
        "are the same at any number of ranks. Every result is recorded before it is used:\n"
        "interrupted or killed, the same command goes on where it stopped.",
    .options = JOB_STUDY | JOB_OUTPUT,
    .run = run,
};
