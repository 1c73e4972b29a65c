/** \file job.h
 * A job is one row of the table in main.c: a name, a line of help, and a driver that is a sentence
 * in C. The command line is read once, in main.c, by one table of options.
 */
#ifndef JOBS_JOB_H
#define JOBS_JOB_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

#include "inputs/study/study.h"
#include "solver/base/status.h"

enum { JOB_MAX_SETTINGS = 64, JOB_MAX_LIMITS = 16, JOB_MAX_ASKED = 32, JOB_MAX_FILES = 4096 };

/** Bits of the groups of options that a job takes. */
enum {
    JOB_STUDY = 1,
    JOB_OUTPUT = 2,
    JOB_REPORT = 4,
    JOB_QUESTION = 8,
    JOB_DESIGNS = 16,
    JOB_JSON = 32,
    JOB_CSV = 64,
    JOB_SHARD = 256,
    JOB_FILES = 512
};

/** `--max column=value` or `--min column=value`. */
struct job_limit {
    const char *column, *value;
    bool is_maximum;
};

/** The command line as understood; texts are borrowed from it. */
struct job_arguments {
    const char *file;         /**< the study; for report a result file */
    const char *output;       /**< --output; NULL: as the study says */
    bool force;               /**< --force */
    bool verbose;             /**< --verbose */
    bool mixed;               /**< --mixed */
    uint64_t shard, n_shards; /**< --shard, from 1; 0: all of the search */
    size_t n_more;
    const char *more[JOB_MAX_FILES]; /**< files behind the first */
    size_t n_settings;
    struct study_setting settings[JOB_MAX_SETTINGS]; /**< --set */
    size_t n_asked;
    const char *asked[JOB_MAX_ASKED]; /**< --ask */
    const char *designs;              /**< --designs; NULL: none */
    const char *json;                 /**< --json; NULL: none */
    const char *csv;                  /**< --csv; NULL: none */
    const char *plots;                /**< --plots; NULL: none */
    const char *sort;                 /**< --sort; NULL: the first objective */
    size_t n_rows;                    /**< --rows */
    bool has_rows;                    /**< --rows was given */
    bool thin;                        /**< --thin */
    size_t n_limits;
    struct job_limit limits[JOB_MAX_LIMITS];
    int argc; /**< the whole command line, for /run */
    char **argv;
};

/** One job. */
struct job {
    const char *name;
    const char *takes;  /**< "STUDY.yaml" or "RESULT.h5"; in brackets: may be left out */
    const char *help;   /**< one line */
    const char *detail; /**< a paragraph */
    unsigned options;   /**< groups of options that it takes */
    enum status (*run)(MPI_Comm comm, const struct job_arguments *arguments,
                       struct status_why *why);
};

/* The rows of the table in main.c, one a file of this folder. */
extern const struct job check_job, fit_job, frontier_job, evaluate_job, allocate_job, simulate_job,
    report_job, catalogue_job, validate_job, band_job, merge_job, plan_job, rerun_job, bayes_job;

#endif
