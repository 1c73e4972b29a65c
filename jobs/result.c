#define _POSIX_C_SOURCE 200809L
#include "jobs/result.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "inputs/journal.h"
#include "inputs/meter_file.h"
#include "inputs/registry.h"
#include "inputs/study/difference.h"
#include "inputs/text/bytes.h"
#include "inputs/text/opened.h"
#include "jobs/textfile.h"
#include "solver/base/log.h"
#include "solver/base/team.h"
#include "solver/base/vmath.h"

static double now_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static enum status add_input(MPI_Comm comm, struct result *r, const char *path,
                             struct status_why *why)
{
    STATUS_ASSERT(r->n_inputs < RESULT_MAX_INPUTS);
    struct result_input *input = &r->inputs[r->n_inputs];
    const char *slash = strrchr(path, '/');

    (void)snprintf(input->name, sizeof input->name, "%.200s", slash != NULL ? slash + 1 : path);
    for (size_t i = 0; i < r->n_inputs; i++) {
        if (strcmp(r->inputs[i].name, input->name) == 0) {
            (void)snprintf(input->name, sizeof input->name, "%zu_%.200s", r->n_inputs,
                           slash != NULL ? slash + 1 : path);
        }
    }
    r->n_inputs++;
    return bytes_read(comm, path, &input->bytes, &input->n, why);
}

static void list_shipped(const char *name, size_t *n, char paths[][RESULT_PATH_SIZE])
{
    STATUS_ASSERT(*n < RESULT_MAX_INPUTS);
    (void)snprintf(paths[(*n)++], RESULT_PATH_SIZE, "%s/%s.tsv", registry_folder(), name);
}

/* What the study names, if it does. */
static void list_own(const struct study *study, const char *written, size_t *n,
                     char paths[][RESULT_PATH_SIZE])
{
    if (written[0] != '\0') {
        STATUS_ASSERT(*n < RESULT_MAX_INPUTS);
        study_path(study, written, paths[(*n)++], RESULT_PATH_SIZE);
    }
}

size_t result_inputs(const struct study *study, char paths[][RESULT_PATH_SIZE])
{
    size_t n = 1;
    (void)snprintf(paths[0], RESULT_PATH_SIZE, "%s", study->file);
    list_own(study, study->runs_file, &n, paths);
    list_own(study, study->law_from, &n, paths);
    list_own(study, study->bayes_table, &n, paths);
    list_own(study, study->bayes_import, &n, paths);
    for (int t = 0; t < HARDWARE_N_TABLES; t++) {
        list_shipped(hardware_table_name((enum hardware_table)t), &n, paths);
        list_own(study, study->catalogue_files[t], &n, paths);
    }
    for (size_t i = 0; i < study->n_corrections; i++) {
        list_own(study, study->corrections[i].from, &n, paths);
    }
    list_shipped("laws", &n, paths);
    if (study->n_corrections > 0) {
        list_shipped("corrections", &n, paths);
    }
    return n;
}

enum status result_check_texts(MPI_Comm comm, const struct study *study,
                               const struct job_arguments *arguments, const char *path,
                               struct status_why *why)
{
    char paths[RESULT_MAX_INPUTS][RESULT_PATH_SIZE];
    const size_t n = result_inputs(study, paths);
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < n; i++) {
        st = opened_note(paths[i], why);
    }
    st = team_agree(comm, st, why);
    return st == STATUS_OK ? textfile_check_all(comm, arguments, path, why) : st;
}

static enum status add_inputs(MPI_Comm comm, struct result *r, struct status_why *why)
{
    enum status st = STATUS_OK;
    char paths[RESULT_MAX_INPUTS][RESULT_PATH_SIZE];
    const size_t n = result_inputs(r->study, paths);
    for (size_t i = 0; i < n; i++) {
        STATUS_TRY(add_input(comm, r, paths[i], why));
    }
out:
    return st;
}

/* KEY=VALUE lines of the command line. */
static enum status write_settings(struct h5 *file, const struct job_arguments *a,
                                  struct status_why *why)
{
    size_t size = 1, used = 0;
    for (size_t i = 0; i < a->n_settings; i++) {
        size += strlen(a->settings[i].path) + strlen(a->settings[i].value) + 2;
    }
    char *text = malloc(size);
    if (text == NULL) {
        return status_fail(why, STATUS_MEMORY, "%zu settings", a->n_settings);
    }
    for (size_t i = 0; i < a->n_settings; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s=%s\n", a->settings[i].path,
                                 a->settings[i].value);
    }
    const enum status st =
        a->n_settings > 0 ? h5_write_text(file, "/study/settings", text, why) : STATUS_OK;
    free(text);
    return st;
}

/* The digest of everything that the result depends on. The study enters as understood, by its own
 * digest, so that comments and order in it do not matter; the other inputs byte by byte. */
static void make_digest(const struct result *r, const char *study, char digest[DIGEST_SIZE])
{
    char file[DIGEST_SIZE], text[RESULT_MAX_INPUTS * 400 + 400];
    size_t used = (size_t)snprintf(text, sizeof text, "scalefront %s\njob %s\nstudy %s\n",
                                   SCALEFRONT_VERSION, r->job, study);
    for (size_t i = 1; i < r->n_inputs; i++) {
        digest_of(r->inputs[i].bytes, r->inputs[i].n, file);
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s %s\n", r->inputs[i].name, file);
    }
    digest_of(text, used, digest);
}

static enum status make_digests(struct result *r, struct status_why *why)
{
    char study[DIGEST_SIZE], records[DIGEST_SIZE];
    enum status st = study_digest(r->study, study, why);
    if (st == STATUS_OK) {
        st = study_records_digest(r->study, records, why);
    }
    if (st == STATUS_OK) {
        make_digest(r, study, r->digest);
        make_digest(r, records, r->records_digest);
    }
    return st;
}

void result_path(const struct study *study, const struct job_arguments *arguments,
                 const char *suffix, char path[], size_t size)
{
    const char *given = arguments->output != NULL ? arguments->output : study->output;
    if (given[0] != '\0') {
        (void)snprintf(path, size, "%s", given);
    } else {
        const char *slash = strrchr(study->file, '/');
        const char *stem = slash != NULL ? slash + 1 : study->file;
        const char *dot = strrchr(stem, '.');
        const int length = dot != NULL && dot != stem ? (int)(dot - stem) : (int)strlen(stem);
        (void)snprintf(path, size, "%.*s%s", length, stem, suffix);
    }
}

/* Put the shard before the suffix: frontier.3of16.h5. */
static void name_shard(const struct job_arguments *a, char path[], size_t size)
{
    char suffix[64] = "";
    char *slash = strrchr(path, '/');
    char *dot = strrchr(slash != NULL ? slash : path, '.');
    if (a->n_shards > 0) {
        if (dot != NULL) {
            (void)snprintf(suffix, sizeof suffix, "%.60s", dot);
            *dot = '\0';
        }
        const size_t used = strlen(path);
        (void)snprintf(path + used, size - used, ".%lluof%llu%s", (unsigned long long)a->shard,
                       (unsigned long long)a->n_shards, suffix);
    }
}

/* Whether a file is there, and whether it was made from the same inputs. */
static enum status look_at_existing(MPI_Comm comm, struct result *r, struct status_why *why)
{
    bool there[2] = {false, false};
    if (team_rank(comm) == 0) {
        there[0] = access(r->path, F_OK) == 0;
        there[1] = access(r->journal, F_OK) == 0;
    }
    team_fill(comm, there, sizeof there);
    r->had_records = there[1];
    if (!there[0]) {
        return STATUS_OK;
    }
    struct h5 *old = NULL;
    char *digest = NULL;
    uint64_t n_rows = 0;
    struct status_why ignored;
    status_clear(&ignored);
    if (h5_open(comm, r->path, &old, &ignored) == STATUS_OK
        && h5_read_text_attribute(old, "/study", "digest", &digest, &ignored) == STATUS_OK) {
        r->is_complete =
            strcmp(digest, r->digest) == 0
            && h5_has_attribute(old, "/search", "shard") == (r->arguments->n_shards > 0);
        r->is_empty =
            r->is_complete && h5_has_attribute(old, "/search", "n_rows")
            && h5_read_count_attribute(old, "/search", "n_rows", &n_rows, &ignored) == STATUS_OK
            && n_rows == 0;
    }
    free(digest);
    h5_close(old);
    if (r->is_complete || r->arguments->force) {
        return STATUS_OK;
    }
    return status_fail(why, STATUS_INPUT,
                       "%s: exists, from another study, inputs or version; --force replaces it, "
                       "--output names another",
                       r->path);
}

/* What the restart records beside a result are of: its digest, a line, and the study as understood.
 */
static void records_path(const struct result *r, char path[], size_t size)
{
    (void)snprintf(path, size, "%s/study", r->journal);
}

/* Refuse the records of another study by the keys that differ; other inputs and versions are left
 * to the journal. \param [in] begun  of the run that began them; effective: of this one */
static enum status compare_records(const struct result *r, const char *begun, const char *effective,
                                   struct status_why *why)
{
    char keys[STATUS_MESSAGE_SIZE / 2];
    const char *study = strchr(begun, '\n');
    if (study == NULL || strncmp(begun, r->digest, (size_t)(study - begun)) == 0) {
        return STATUS_OK;
    }
    difference_keys(study + 1, effective, keys, sizeof keys);
    return keys[0] == '\0'
               ? STATUS_OK
               : status_fail(why, STATUS_INPUT,
                             "%s: restart records of another study, which differs in %s; to begin "
                             "anew remove them: rm -r '%s'",
                             r->journal, keys, r->journal);
}

/* Rank 0: say beside the records what they are of. */
static enum status note_study(const struct result *r, const char *effective, struct status_why *why)
{
    char path[sizeof r->journal + 16];
    FILE *f = NULL;
    records_path(r, path, sizeof path);
    if (mkdir(r->journal, 0777) == 0 || errno == EEXIST) {
        f = textfile_create(path);
    }
    const char *const parts[] = {r->digest, "\n", effective};
    bool written = f != NULL;
    for (size_t i = 0; written && i < sizeof parts / sizeof *parts; i++) {
        const char *bytes = parts[i];
        written = fwrite(bytes, 1, strlen(bytes), f) == strlen(bytes);
    }
    written = (f == NULL || fclose(f) == 0) && written;
    return written ? STATUS_OK
                   : status_fail(why, STATUS_IO, "%s: cannot write: %s", path, strerror(errno));
}

enum status result_begin_records(MPI_Comm comm, const struct result *r, struct status_why *why)
{
    enum status st = STATUS_OK;
    char path[sizeof r->journal + 16];
    char *effective = NULL, *begun = NULL;
    size_t n = 0;
    bool has_note = false;
    records_path(r, path, sizeof path);
    if (team_rank(comm) == 0) {
        has_note = access(path, F_OK) == 0;
    }
    team_fill(comm, &has_note, sizeof has_note);
    STATUS_TRY(team_agree(comm, study_effective(r->study, &effective, why), why));
    if (has_note) {
        STATUS_TRY(bytes_read(comm, path, &begun, &n, why));
        STATUS_TRY(compare_records(r, begun, effective, why));
    } else if (team_rank(comm) == 0 && !r->had_records) {
        st = note_study(r, effective, why);
    }
    STATUS_TRY(team_agree(comm, st, why));
out:
    free(begun);
    free(effective);
    return st;
}

/* Whether a note is of a digest, or of anything where that is NULL. */
static bool is_note_of(const char *path, const char *digest)
{
    char found[DIGEST_SIZE] = "";
    FILE *f = digest != NULL ? fopen(path, "r") : NULL;
    if (f != NULL) {
        (void)fread(found, 1, sizeof found - 1, f);
        (void)fclose(f);
    }
    return digest == NULL || strcmp(found, digest) == 0;
}

/* \param [in] digest  as journal_remove */
static enum status remove_records(MPI_Comm comm, const struct result *r, const char *digest,
                                  struct status_why *why)
{
    char path[sizeof r->journal + 16];
    records_path(r, path, sizeof path);
    if (team_rank(comm) == 0 && is_note_of(path, digest)) {
        (void)unlink(path);
    }
    return journal_remove(comm, r->journal, digest, why);
}

static void clear(struct result *r)
{
    lock_release(r->lock);
    for (size_t i = 0; i < r->n_inputs; i++) {
        free(r->inputs[i].bytes);
    }
    memset(r, 0, sizeof *r);
}

enum status result_begin(MPI_Comm comm, const struct study *study,
                         const struct job_arguments *arguments, const char *job, const char *suffix,
                         struct result *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    memset(made, 0, sizeof *made);
    made->study = study;
    made->arguments = arguments;
    made->job = job;
    made->begun_seconds = now_seconds();
    result_path(study, arguments, suffix, made->path, sizeof made->path);
    name_shard(arguments, made->path, sizeof made->path);
    (void)snprintf(made->journal, sizeof made->journal, "%s.journal", made->path);
    STATUS_TRY(add_inputs(comm, made, why));
    STATUS_TRY(team_agree(comm, make_digests(made, why), why));
    st = team_rank(comm) == 0 ? opened_check_output(made->path, why) : STATUS_OK;
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(look_at_existing(comm, made, why));
    if (!made->is_complete) {
        STATUS_TRY(lock_take(comm, made->path, NULL, &made->lock, why));
        STATUS_TRY(look_at_existing(comm, made, why)); /* another run may just have ended */
    }
    if (made->is_complete) {
        log_line(LOG_INFO, "%s already complete file=%s", job, made->path);
        /* A run may have been killed between the two. */
        STATUS_TRY(remove_records(comm, made, made->digest, why));
        goto out;
    }
    STATUS_TRY(h5_check_output(comm, made->path, why));
out:
    if (st != STATUS_OK) {
        clear(made);
    }
    return st;
}

enum status result_write_study(struct h5 *file, const struct result *r, struct status_why *why)
{
    enum status st = STATUS_OK;
    char *effective = NULL, *findings = plausible_text(r->findings, 2);

    st = findings == NULL ? status_fail(why, STATUS_MEMORY, "%s: findings", r->path) : STATUS_OK;
    STATUS_TRY(h5_agree(file, st, why));
    STATUS_ASSERT(findings != NULL);
    STATUS_TRY(h5_write_text_attribute(file, "/", "Conventions", "CF-1.8", why));
    STATUS_TRY(h5_write_text_attribute(file, "/", "title", r->study->title, why));
    STATUS_TRY(h5_write_text_attribute(file, "/", "source", "scalefront " SCALEFRONT_VERSION, why));
    STATUS_TRY(study_effective(r->study, &effective, why));
    STATUS_TRY(h5_write_group(file, "/study", why));
    STATUS_TRY(h5_write_text_attribute(file, "/study", "digest", r->digest, why));
    STATUS_TRY(h5_write_text_attribute(file, "/study", "job", r->job, why));
    STATUS_TRY(h5_write_text(file, "/study/effective", effective, why));
    if (findings[0] != '\0') {
        STATUS_TRY(h5_write_text(file, RESULT_FINDINGS, findings, why));
    }
    STATUS_TRY(write_settings(file, r->arguments, why));
    for (size_t i = 0; i < r->n_inputs; i++) {
        char path[400], digest[DIGEST_SIZE];
        const struct result_input *input = &r->inputs[i];
        (void)snprintf(path, sizeof path, "/study/files/%s", input->name);
        digest_of(input->bytes, input->n, digest);
        STATUS_TRY(h5_write_bytes(file, path, input->bytes, input->n, why));
        STATUS_TRY(h5_write_text_attribute(file, path, "sha256", digest, why));
    }
    STATUS_TRY(h5_write_text_attribute(file, "/study", "file", r->inputs[0].name, why));
out:
    free(effective);
    free(findings);
    return st;
}

static void join_command(const struct job_arguments *a, char text[], size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < a->argc && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? " " : "", a->argv[i]);
    }
}

static enum status write_run(MPI_Comm comm, struct h5 *file, const struct result *r,
                             struct status_why *why)
{
    enum status st = STATUS_OK;
    char command[2048], host[256] = "", when[64] = "";
    const time_t now = time(NULL);
    struct tm utc;

    /* Only rank 0 knows its host and clock; the others write what it says. */
    if (team_rank(comm) == 0) {
        (void)gethostname(host, sizeof host - 1);
        if (gmtime_r(&now, &utc) != NULL) {
            (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
        }
    }
    team_fill(comm, host, sizeof host);
    team_fill(comm, when, sizeof when);
    const double seconds = team_max(comm, now_seconds() - r->begun_seconds);
    join_command(r->arguments, command, sizeof command);
    STATUS_TRY(h5_write_group(file, "/run", why));
    STATUS_TRY(h5_write_text_attribute(file, "/run", "command", command, why));
    STATUS_TRY(h5_write_text_attribute(file, "/run", "host", host, why));
    STATUS_TRY(h5_write_text_attribute(file, "/run", "finished", when, why));
    STATUS_TRY(h5_write_text_attribute(file, "/run", "vector_level",
                                       vmath_level_name(vmath_level()), why));
    STATUS_TRY(h5_write_count_attribute(file, "/run", "ranks", (uint64_t)team_size(comm), why));
    STATUS_TRY(h5_write_number_attribute(file, "/run", "seconds", seconds, why));
    STATUS_TRY(meter_file_write(comm, file, why));
out:
    return st;
}

enum status result_finish(MPI_Comm comm, struct h5 *file, const struct result *r,
                          struct status_why *why)
{
    char digest[DIGEST_SIZE];
    enum status st = write_run(comm, file, r, why);
    if (st == STATUS_OK) {
        st = lock_check(r->lock, why);
    }
    if (st != STATUS_OK) {
        h5_abandon(file);
        return st;
    }
    st = h5_commit(file, digest, why);
    if (st == STATUS_OK) {
        st = remove_records(comm, r, NULL, why);
    }
    if (st == STATUS_OK) {
        log_line(LOG_INFO, "result file=%s content_digest=%.16s", r->path, digest);
    }
    return st;
}

void result_end(MPI_Comm comm, struct result *r, enum status st)
{
    if (st == STATUS_INPUT && r->journal[0] != '\0' && !r->had_records) {
        struct status_why ignored; /* the input error is what the user needs to hear */
        status_clear(&ignored);
        (void)remove_records(comm, r, NULL, &ignored);
    }
    clear(r);
}
