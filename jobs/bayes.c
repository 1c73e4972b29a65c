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

/* Whether two messages say the same but for their numbers: of a design, a line, a time. */
static bool is_alike(const char *a, const char *b)
{
    static const char digits[] = "0123456789.";
    while (*a != '\0' && *b != '\0') {
        const size_t n_a = strspn(a, digits), n_b = strspn(b, digits);
        if (*a != *b && (n_a == 0 || n_b == 0)) {
            return false;
        }
        a += n_a > 0 && n_b > 0 ? n_a : 1;
        b += n_a > 0 && n_b > 0 ? n_b : 1;
    }
    return *a == *b;
}

/* The message that most evaluations ended with. \param [out] n  how many */
static const char *commonest_failure(const struct driver_log *log, size_t *n)
{
    const char *found = "";
    *n = 0;
    for (size_t i = 0; i < log->n; i++) {
        size_t n_alike = 0;
        for (size_t k = 0; k < log->n && log->evaluations[i].message[0] != '\0'; k++) {
            n_alike += is_alike(log->evaluations[i].message, log->evaluations[k].message);
        }
        if (n_alike > *n) {
            *n = n_alike;
            found = log->evaluations[i].message;
        }
    }
    return found;
}

/* A search without a value, or without a design that keeps the limits, is the answer no. */
static enum status answer(const char *path, const struct searching *s, const struct driver_log *log,
                          size_t n_rows, struct status_why *why)
{
    size_t n_good = 0, n_alike = 0;
    for (size_t i = 0; i < s->options.n_imported; i++) {
        n_good += s->options.imported[i].outcome == PROPOSE_DONE;
    }
    for (size_t i = 0; i < log->n; i++) {
        const struct driver_evaluation *e = &log->evaluations[i];
        n_good += e->result.outcome == PROPOSE_DONE && !e->is_recovered;
    }
    if (log->n + s->options.n_imported == 0) {
        return status_fail(why, STATUS_NO, "%s: nothing was evaluated: stopped by %s", path,
                           log->stopped_by);
    }
    if (n_good == 0) {
        const char *failure = commonest_failure(log, &n_alike);
        return status_fail(why, STATUS_NO,
                           "%s: all %zu evaluations failed, %zu of them alike: %s; mend the cause "
                           "and run the same command with --force",
                           path, log->n, n_alike, failure);
    }
    return n_rows > 0
               ? STATUS_OK
               : status_fail(why, STATUS_NO, "%s: none of %zu evaluated designs keeps the limits",
                             path, n_good);
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
        if (result.is_empty) {
            st = status_fail(why, STATUS_NO,
                             "%s: no design has values within the limits; --force searches again",
                             result.path);
        }
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
    st = answer(result.path, &searching, &log, n_rows, why);
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
        "interrupted or killed, the same command goes on where it stopped. Exit code 6: no design "
        "has\n"
        "values within the limits; the search ends when all of its first designs have failed.",
    .options = JOB_STUDY | JOB_OUTPUT,
    .run = run,
};
