/** \file job.h
 * A job is one row of the table in main.c: a name, a line of help, and a driver that is a sentence
 * in C. The command line is read once, in main.c, by one table of options.
 */
#ifndef JOBS_JOB_H
#define JOBS_JOB_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

#include "inputs/study.h"
#include "solver/base/status.h"

enum { JOB_MAX_SETTINGS = 64, JOB_MAX_LIMITS = 16 };

/** The command line as understood. */
struct job_arguments {
    const char *file;   /**< the study; for report a result file */
    const char *output; /**< --output PATH; NULL: as the study says */
    bool force;         /**< --force: replace an existing output of another digest */
    size_t n_settings;
    struct study_setting settings[JOB_MAX_SETTINGS]; /**< --set path=value */
    /* report */
    const char *csv;   /**< --csv PATH */
    const char *plots; /**< --plots FOLDER */
    size_t n_rows;     /**< --rows N, of the table on the terminal */
    size_t n_limits;
    struct {
        const char *column, *value;
        bool is_maximum;
    } limits[JOB_MAX_LIMITS]; /**< --max column=value, --min column=value */
    const char *sort;         /**< --sort column */
    int argc;                 /**< the whole command line, for /run */
    char **argv;
};

/** One job. */
struct job {
    const char *name;
    const char *takes;  /**< "STUDY.yaml" or "RESULT.h5" */
    const char *help;   /**< one line */
    const char *detail; /**< a paragraph */
    unsigned options;   /**< bits of the options that it takes */
    enum status (*run)(MPI_Comm comm, const struct job_arguments *arguments,
                       struct status_why *why);
};

#endif
