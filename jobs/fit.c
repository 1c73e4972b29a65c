#include <stdlib.h>
#include <string.h>

#include "fitting/approaches_file.h"
#include "fitting/fit_file.h"
#include "jobs/checks.h"
#include "jobs/job.h"
#include "jobs/model.h"
#include "jobs/result.h"
#include "jobs/summary.h"
#include "solver/base/escape.h"
#include "solver/base/meter.h"
#include "solver/base/team.h"

static enum status write(MPI_Comm comm, const struct result *result, const struct model *model,
                         const struct approaches *approaches, const struct checks *checks,
                         struct status_why *why)
{
    enum status st = STATUS_OK;
    struct h5 *file = NULL;
    (void)meter_begin(METER_WRITE);
    STATUS_TRY(h5_create(comm, result->path, &file, why));
    STATUS_TRY(result_write_study(file, result, why));
    STATUS_TRY(fit_file_write(file, &model->fit, &model->runs, why));
    STATUS_TRY(approaches_file_write(file, approaches, why));
    STATUS_TRY(checks_write(file, checks, model, why));
    st = result_finish(comm, file, result, why);
    file = NULL;
out:
    h5_abandon(file);
    return st;
}

static enum status run(MPI_Comm comm, const struct job_arguments *arguments, struct status_why *why)
{
    struct study study;
    struct result result = {0};
    struct model model = {0};
    struct approaches approaches = {0};
    struct checks *checks = NULL;
    char *findings = NULL;
    enum status st =
        study_read(comm, arguments->file, arguments->settings, arguments->n_settings, &study, why);
    if (st != STATUS_OK) {
        return st;
    }
    if (study.runs_file[0] == '\0' || study.law_set[0] != '\0' || study.law_from[0] != '\0') {
        st = study_fail(&study, study.runs_place, "runs.file", study.runs_file,
                        "fit needs runs and no law.set or law.from", why);
        goto out;
    }
    STATUS_TRY(result_begin(comm, &study, arguments, "fit", ".fit.h5", &result, why));
    if (result.is_complete) {
        goto out;
    }
    STATUS_TRY(result_begin_records(comm, &result, why));
    (void)meter_begin(METER_FIT);
    STATUS_TRY(
        model_make(comm, &study, MODEL_REPLICATES, result.journal, result.digest, &model, why));
    STATUS_TRY(team_agree(comm, model_compare(&study, &model, &approaches, why), why));
    STATUS_TRY(checks_run(comm, &study, &model, result.journal, result.digest, &checks, why));
    result.findings[0] = &model.findings;
    findings = plausible_text(result.findings, 1);
    st =
        findings == NULL ? status_fail(why, STATUS_MEMORY, "%s: findings", result.path) : STATUS_OK;
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(write(comm, &result, &model, &approaches, checks, why));
    if (team_rank(comm) == 0 && findings != NULL) {
        summary_fit(stdout, &model.fit, &model.runs);
        summary_findings(stdout, findings);
        checks_print(stdout, checks);
        summary_approaches(stdout, &model.fit, &approaches);
        escape_fprint(stdout, "\n");
        summary_verdict(stdout, &model.fit);
    }
out:
    free(findings);
    approaches_clear(&approaches);
    checks_destroy(checks);
    model_clear(&model);
    result_end(comm, &result, st);
    study_clear(&study);
    return st;
}

const struct job fit_job = {
    .name = "fit",
    .takes = "STUDY.yaml",
    .help = "fit the study's law to its runs",
    .detail =
        "Reads the runs, finds the optimum of the stated objective from many starts, resamples\n"
        "it over the ranks, says which parameters the data identify, predicts runs that it did\n"
        "not see, and shows how the answer moves under other choices and laws. Writes\n"
        "/fit/<law> with every start and replicate (docs/formats.md) and prints a summary.",
    .options = JOB_STUDY | JOB_OUTPUT,
    .run = run,
};
