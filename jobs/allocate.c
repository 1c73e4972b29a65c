#include <jansson.h>
#include <stdio.h>

#include "inputs/study/question.h"
#include "jobs/answers_view.h"
#include "jobs/document.h"
#include "jobs/job.h"
#include "jobs/observed.h"
#include "jobs/result.h"
#include "solver/base/team.h"

/* The questions of the command line follow those of the study. */
static enum status add_asked(struct study *study, const struct job_arguments *arguments,
                             struct status_why *why)
{
    const struct study_place nowhere = {0, 0};
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < arguments->n_asked; i++) {
        if (study->n_questions == STUDY_MAX_QUESTIONS) {
            return study_fail(study, nowhere, "--ask", arguments->asked[i],
                              "at most 32 questions with those of the study", why);
        }
        st = question_read(study, nowhere, "--ask", arguments->asked[i],
                           &study->questions[study->n_questions++], why);
    }
    if (st == STATUS_OK && study->n_questions == 0) {
        return study_fail(study, nowhere, "allocate.questions", NULL,
                          "missing: expected a list such as [minimise loss_nat at compute_flop <= "
                          "1e24], or --ask",
                          why);
    }
    return st;
}

static enum status write_json(const char *path, const struct answers all[], size_t n,
                              const struct model *m, struct status_why *why)
{
    json_t *root = json_object(), *list = json_array();
    bool ok = json_object_set_new(root, "version", json_string(SCALEFRONT_VERSION)) == 0
              && json_object_set_new(root, "law", json_string(m->predict.law->id)) == 0
              && json_object_set_new(root, "coefficients", json_string(m->predict.name)) == 0
              && json_object_set_new(root, "questions", list) == 0;
    for (size_t i = 0; ok && i < n; i++) {
        ok = json_array_append_new(list, answers_view_json(&all[i], m)) == 0;
    }
    if (!ok) {
        json_decref(root);
        root = NULL;
    }
    return document_write(path, root, why);
}

static enum status run(MPI_Comm comm, const struct job_arguments *arguments, struct status_why *why)
{
    struct study study;
    struct model model = {0};
    struct allocation allocation = {0};
    struct answers all[STUDY_MAX_QUESTIONS] = {0};
    size_t n = 0;
    enum status st =
        study_read(comm, arguments->file, arguments->settings, arguments->n_settings, &study, why);
    if (st != STATUS_OK) {
        return st;
    }
    STATUS_TRY(observed_refuse(&study, why));
    STATUS_TRY(add_asked(&study, arguments, why));
    STATUS_TRY(result_check_texts(comm, &study, arguments, NULL, why));
    STATUS_TRY(model_make(comm, &study, MODEL_REPLICATES, NULL, NULL, &model, why));
    STATUS_TRY(allocation_open(comm, &study, &model.predict, &allocation, why));
    for (; n < study.n_questions; n++) {
        STATUS_TRY(answers_make(comm, &allocation, &study.questions[n], &model, &all[n], why));
        if (team_rank(comm) == 0) {
            answers_view_print(stdout, &all[n], &model);
        }
    }
    if (arguments->json != NULL && team_rank(comm) == 0) {
        st = write_json(arguments->json, all, n, &model, why);
    }
    STATUS_TRY(team_agree(comm, st, why));
    for (size_t i = 0; i < n; i++) {
        STATUS_TRY(answers_conclude(&all[i], why));
    }
out:
    for (size_t i = 0; i < STUDY_MAX_QUESTIONS; i++) {
        answers_clear(&all[i]);
    }
    allocation_clear(&allocation);
    model_clear(&model);
    study_clear(&study);
    return st;
}

const struct job allocate_job = {
    .name = "allocate",
    .takes = "STUDY.yaml",
    .help = "the best design for a budget, or the least budget for a target",
    .detail =
        "Solves the questions of the study (allocate.questions) and of --ask, each for every\n"
        "combination of levels that it depends on, and prints a line an answer, with intervals\n"
        "over the fit's replicates. Exit code 6: a question has no answer.\n"
        "  scalefront allocate quickstart.yaml --ask 'minimise loss_nat at compute_flop <= 1e24'\n"
        "  scalefront allocate quickstart.yaml --ask 'minimise energy_kwh at loss_nat <= 2.0'",
    .options = JOB_STUDY | JOB_QUESTION | JOB_JSON,
    .run = run,
};
