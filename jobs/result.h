/** \file result.h
 * The result file of a job around its content: where it goes, whether it is there already, the
 * group /study with every input embedded, the group /run, and the folder of restart records beside
 * it.
 */
#ifndef JOBS_RESULT_H
#define JOBS_RESULT_H

#include <mpi.h>
#include <stdbool.h>

#include "inputs/h5.h"
#include "inputs/lock.h"
#include "inputs/plausible.h"
#include "inputs/study/study.h"
#include "jobs/job.h"

/** Text of what looks wrong in the data, plausible_text; absent where nothing does. */
#define RESULT_FINDINGS "/study/findings"

enum { RESULT_MAX_INPUTS = 48, RESULT_PATH_SIZE = 2048 };

/** One input file as it was read. */
struct result_input {
    char name[256]; /**< last part of its path, unique in the result */
    char *bytes;
    size_t n;
};

/** Open; cleared by result_clear. */
struct result {
    char path[1024], journal[1100];   /**< the file, and the folder of its restart records */
    char digest[DIGEST_SIZE];         /**< of job, version, study and inputs */
    char records_digest[DIGEST_SIZE]; /**< the same, with study_records_digest of the study */
    bool is_complete;                 /**< the file is there, made from the same: nothing to do */
    bool is_empty;                    /**< it is complete and says that its frontier has no row */
    bool had_records;                 /**< restart records were there before this run */
    struct lock *lock;                /**< of the path; NULL where nothing is written */
    const char *job;
    const struct study *study;
    const struct plausible *findings[2]; /**< of the runs, of the catalogue; NULL: none */
    const struct job_arguments *arguments;
    double begun_seconds;
    size_t n_inputs;
    struct result_input inputs[RESULT_MAX_INPUTS];
};

/** Paths of the inputs that a result of a study embeds, in their order, the study first.
 * \param [out] paths  [RESULT_MAX_INPUTS]. \return how many */
size_t result_inputs(const struct study *study, char paths[][RESULT_PATH_SIZE]);

/** Before work begins: none of the files that a job is about to write is an input of its study, or
 * there already without --force (textfile_check_all). Collective over \a comm.
 * \param [in] path  an output besides --csv and --json; NULL: none
 * \return STATUS_OK, STATUS_INPUT, STATUS_MEMORY; agreed on */
enum status result_check_texts(MPI_Comm comm, const struct study *study,
                               const struct job_arguments *arguments, const char *path,
                               struct status_why *why);

/** Where a job writes: --output, else the study's output, else the study's name with \a suffix in
 * the working directory. \param [out] path  [size] */
void result_path(const struct study *study, const struct job_arguments *arguments,
                 const char *suffix, char path[], size_t size);

/** Decide where the result goes and whether work is needed, and if so take the lock of the result,
 * which result_end gives back. Collective over \a comm.
 * \param [in] job     its name
 * \param [in] suffix  of the default name, ".h5" or ".fit.h5"
 * \return STATUS_OK; STATUS_INPUT: an input file is missing, the folder is missing or not writable,
 * another file is there and --force was not given; STATUS_BUSY: another run is writing it;
 * STATUS_IO; agreed on */
enum status result_begin(MPI_Comm comm, const struct study *study,
                         const struct job_arguments *arguments, const char *job, const char *suffix,
                         struct result *made, struct status_why *why);

/** For records of \a r->digest: those that are there must be of this study, and where none are, a
 * note says what they will be of. Collective over \a comm.
 * \return STATUS_OK; STATUS_INPUT naming the keys that differ; STATUS_IO; agreed on */
enum status result_begin_records(MPI_Comm comm, const struct result *r, struct status_why *why);

/** Write /study. Collective as h5.h says. */
enum status result_write_study(struct h5 *file, const struct result *r, struct status_why *why);

/** Write the common part of /run, see that the lock is still held, commit the file, remove the
 * restart records and say so. Collective. Destroys \a file in every case. */
enum status result_finish(MPI_Comm comm, struct h5 *file, const struct result *r,
                          struct status_why *why);

/** Release, give the lock back, and after an input error remove the restart records that this run
 * began: the mended study has another digest and would be refused. Collective over \a comm. \param
 * [in] st  how the job ends */
void result_end(MPI_Comm comm, struct result *r, enum status st);

#endif
