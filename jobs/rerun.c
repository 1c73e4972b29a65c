#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inputs/h5.h"
#include "inputs/registry.h"
#include "jobs/job.h"
#include "jobs/result.h"
#include "solver/base/escape.h"
#include "solver/base/team.h"

static const struct job *const repeated[] = {&fit_job, &frontier_job, &band_job};

enum {
    N_REPEATED = sizeof repeated / sizeof *repeated,
    PATH_SIZE = 2048,
    FOLDERS_UP = 8 /* a study may name inputs so many folders above its own */
};

/* What a result says of how it was made; texts are owned. */
struct recipe {
    const struct job *job;
    char *content, *effective, *file, *lines;
    char **names; /* [n] of the embedded inputs, in the order in which they were read */
    size_t n;
    struct study_setting settings[JOB_MAX_SETTINGS];
    size_t n_settings;
};

static void recipe_clear(struct recipe *r)
{
    free(r->content);
    free(r->effective);
    free(r->file);
    free(r->lines);
    free(r->names);
}

/* KEY=VALUE lines, taken apart in place. */
static void take_settings(struct recipe *r)
{
    for (char *line = r->lines;
         line != NULL && *line != '\0' && r->n_settings < JOB_MAX_SETTINGS;) {
        char *end = strchr(line, '\n'), *equals = strchr(line, '=');
        if (end != NULL) {
            *end = '\0';
        }
        if (equals != NULL) {
            *equals = '\0';
            r->settings[r->n_settings++] = (struct study_setting){line, equals + 1};
        }
        line = end != NULL ? end + 1 : NULL;
    }
}

/* \param [out] r  cleared by the caller, also after a failure */
static enum status recipe_read(struct h5 *file, const char *path, struct recipe *r,
                               struct status_why *why)
{
    static const char own[] = "scalefront " SCALEFRONT_VERSION;
    enum status st = STATUS_OK;
    char *source = NULL, *job = NULL;
    if (!h5_exists(file, "/study/files") || !h5_exists(file, "/study/effective")) {
        return status_fail(why, STATUS_INPUT, "%s: holds no study to run again", path);
    }
    if (!h5_exists(file, "/run/content_digest")) {
        return status_fail(why, STATUS_INPUT, "%s: holds no content digest to compare with", path);
    }
    if (h5_has_attribute(file, "/search", "shard")) {
        return status_fail(why, STATUS_INPUT, "%s: is a part of a search: merge the parts first",
                           path);
    }
    STATUS_TRY(h5_read_text_attribute(file, "/", "source", &source, why));
    STATUS_TRY(h5_read_text_attribute(file, "/study", "job", &job, why));
    for (size_t i = 0; i < N_REPEATED; i++) {
        r->job = strcmp(repeated[i]->name, job) == 0 ? repeated[i] : r->job;
    }
    if (strcmp(source, own) != 0) {
        st = status_fail(why, STATUS_INPUT, "%s: made by %s; this is %s", path, source, own);
    } else if (r->job == NULL) {
        st = status_fail(why, STATUS_INPUT, "%s: made by the job %s, which is not repeated", path,
                         job);
    }
    STATUS_TRY(st);
    STATUS_TRY(h5_read_text(file, "/run/content_digest", &r->content, why));
    STATUS_TRY(h5_read_text_attribute(file, "/study", "file", &r->file, why));
    STATUS_TRY(h5_read_text(file, "/study/effective", &r->effective, why));
    STATUS_TRY(h5_read_members(file, "/study/files", &r->names, &r->n, why));
    if (h5_exists(file, "/study/settings")) {
        STATUS_TRY(h5_read_text(file, "/study/settings", &r->lines, why));
        take_settings(r);
    }
out:
    free(source);
    free(job);
    return st;
}

/* Make the folders above a path. */
static enum status make_folders(const char *path, struct status_why *why)
{
    char folder[PATH_SIZE];
    (void)snprintf(folder, sizeof folder, "%s", path);
    for (char *at = folder + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
            return status_fail(why, STATUS_IO, "%s: cannot make the folder", folder);
        }
        *at = '/';
    }
    return STATUS_OK;
}

static enum status write_file(const char *path, const char *bytes, size_t n, struct status_why *why)
{
    enum status st = make_folders(path, why);
    FILE *to = st == STATUS_OK ? fopen(path, "wb") : NULL;
    if (st == STATUS_OK && (to == NULL || fwrite(bytes, 1, n, to) != n)) {
        st = status_fail(why, STATUS_IO, "%s: cannot write", path);
    }
    if (to != NULL && fclose(to) != 0 && st == STATUS_OK) {
        st = status_fail(why, STATUS_IO, "%s: cannot write", path);
    }
    return st;
}

/* An input that the study names by an absolute path is read there: it must hold the same bytes. */
static enum status check_absolute(const char *path, const char *bytes, size_t n,
                                  struct status_why *why)
{
    FILE *from = fopen(path, "rb");
    bool same = from != NULL;
    for (size_t i = 0; same && i < n; i++) {
        same = getc(from) == (unsigned char)bytes[i];
    }
    same = same && getc(from) == EOF;
    if (from != NULL) {
        (void)fclose(from);
    }
    return same ? STATUS_OK
                : status_fail(why, STATUS_INPUT,
                              "%s: the study names it by this absolute path, where the bytes that "
                              "it was made from are no more",
                              path);
}

/* Put every embedded input where the study, in \a folder, looks for it. */
static enum status unpack(MPI_Comm comm, struct h5 *file, const struct recipe *r,
                          const char *folder, const char *study_path, struct status_why *why)
{
    enum status st;
    struct study study;
    char paths[RESULT_MAX_INPUTS][RESULT_PATH_SIZE];
    st = study_parse(study_path, r->effective, strlen(r->effective), NULL, 0, &study, why);
    if (st != STATUS_OK) {
        return st;
    }
    const size_t n = result_inputs(&study, paths);
    if (n != r->n) {
        st =
            status_fail(why, STATUS_INPUT, "it embeds %zu inputs where its study has %zu", r->n, n);
    }
    STATUS_TRY(st);
    for (size_t i = 0; i < n; i++) {
        char name[PATH_SIZE], *bytes = NULL;
        size_t n_bytes = 0;
        (void)snprintf(name, sizeof name, "/study/files/%s", r->names[i]);
        STATUS_TRY(h5_read_bytes(file, name, &bytes, &n_bytes, why));
        if (team_rank(comm) == 0) {
            st = strncmp(paths[i], folder, strlen(folder)) == 0
                     ? write_file(paths[i], bytes, n_bytes, why)
                     : check_absolute(paths[i], bytes, n_bytes, why);
        }
        free(bytes);
        STATUS_TRY(team_agree(comm, st, why));
    }
out:
    study_clear(&study);
    return st;
}

/* Whether a dataset holds the same in both files; what is neither numbers nor text counts as same.
 */
static bool same_content(struct h5 *a, struct h5 *b, const char *path)
{
    struct status_why ignored;
    double *x = NULL, *y = NULL;
    char *text = NULL, *other = NULL;
    size_t n_dimensions, n[3], m[3];
    bool same = true;
    status_clear(&ignored);
    if (h5_read_array(a, path, &x, &n_dimensions, n, &ignored) == STATUS_OK) {
        same = h5_read_array(b, path, &y, &n_dimensions, m, &ignored) == STATUS_OK
               && memcmp(n, m, sizeof n) == 0 && memcmp(x, y, n[0] * n[1] * n[2] * sizeof *x) == 0;
    } else if (h5_read_text(a, path, &text, &ignored) == STATUS_OK) {
        same = h5_read_text(b, path, &other, &ignored) == STATUS_OK && strcmp(text, other) == 0;
    }
    free(other);
    free(text);
    free(y);
    free(x);
    return same;
}

/* The first dataset below \a path in \a a that differs in \a b, outside /run. Collective.
 * \param [in,out] found  [PATH_SIZE] "" until one is found */
static void find_difference(struct h5 *a, struct h5 *b, const char *path, char found[])
{
    struct status_why ignored;
    char **names = NULL;
    size_t n = 0;
    status_clear(&ignored);
    if (!h5_exists(b, path)) {
        (void)snprintf(found, PATH_SIZE, "%s", path);
    } else if (h5_read_members(a, path, &names, &n, &ignored) != STATUS_OK) {
        (void)snprintf(found, PATH_SIZE, "%s", same_content(a, b, path) ? "" : path);
    }
    for (size_t i = 0; found[0] == '\0' && i < n; i++) {
        char below[PATH_SIZE];
        const bool is_root = path[1] == '\0';
        const int length = snprintf(below, sizeof below, "%s/%s", is_root ? "" : path, names[i]);
        if (length < PATH_SIZE && strcmp(below, "/run") != 0) {
            find_difference(a, b, below, found);
        }
    }
    free(names);
}

/* Compare the digests and say what came out. */
static enum status compare(MPI_Comm comm, struct h5 *old, const struct recipe *r, const char *path,
                           const char *again, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct h5 *new = NULL;
    char *content = NULL, found[PATH_SIZE] = "";
    STATUS_TRY(h5_open(comm, again, &new, why));
    STATUS_TRY(h5_read_text(new, "/run/content_digest", &content, why));
    const bool same = strcmp(content, r->content) == 0;
    if (!same) {
        find_difference(old, new, "/", found);
    }
    if (team_rank(comm) == 0) {
        escape_print("content digest of %s\n  then %s\n  now  %s\n", path, r->content, content);
    }
    if (!same) {
        st = status_fail(why, STATUS_NO, "%s: repeated, it differs first in %s", path,
                         found[0] != '\0' ? found : "an attribute or a list of names");
    }
out:
    free(content);
    h5_close(new);
    return st;
}

/* A folder of its own in the working directory, which all ranks see. Collective. */
static enum status make_own_folder(MPI_Comm comm, char folder[PATH_SIZE], struct status_why *why)
{
    enum status st = STATUS_OK;
    memset(folder, 0, PATH_SIZE);
    if (team_rank(comm) == 0) {
        (void)snprintf(folder, PATH_SIZE, "rerun.XXXXXX");
        if (mkdtemp(folder) == NULL) {
            memset(folder, 0, PATH_SIZE);
            st = status_fail(why, STATUS_INPUT,
                             "the working directory takes no folder: rerun needs one for a while");
        }
    }
    team_fill(comm, folder, PATH_SIZE);
    return team_agree(comm, st, why);
}

/* The shipped tables that results do not embed are those of the program. */
static enum status link_tables(const char *shipped, const char *folder, struct status_why *why)
{
    enum status st = STATUS_OK;
    char from[PATH_SIZE], to[2 * PATH_SIZE];
    DIR *all = realpath(shipped, from) != NULL ? opendir(from) : NULL;
    const size_t length = strlen(from);
    if (all == NULL) {
        return status_fail(why, STATUS_IO, "%s: cannot open", shipped);
    }
    for (const struct dirent *entry; st == STATUS_OK && (entry = readdir(all)) != NULL;) {
        (void)snprintf(from + length, sizeof from - length, "/%s", entry->d_name);
        (void)snprintf(to, sizeof to, "%s/%s", folder, entry->d_name);
        if (strstr(entry->d_name, ".tsv") != NULL && symlink(from, to) != 0 && errno != EEXIST) {
            st = status_fail(why, STATUS_IO, "%s: cannot link", to);
        }
    }
    (void)closedir(all);
    return st;
}

/* Repeat the job in a folder and compare. Collective. */
static enum status repeat(MPI_Comm comm, struct h5 *old, const struct recipe *r,
                          const struct job_arguments *arguments, const char *folder,
                          struct status_why *why)
{
    enum status st = STATUS_OK;
    char shipped[PATH_SIZE], data[PATH_SIZE], study[PATH_SIZE], again[PATH_SIZE];
    size_t used = (size_t)snprintf(study, sizeof study, "%s", folder);
    (void)snprintf(shipped, sizeof shipped, "%s", registry_folder());
    (void)snprintf(data, sizeof data, "%.1000s/data", folder);
    (void)snprintf(again, sizeof again, "%.1000s/again.h5", folder);
    for (int up = 0; up < FOLDERS_UP; up++) {
        used += (size_t)snprintf(study + used, sizeof study - used, "/d");
    }
    (void)snprintf(study + used, sizeof study - used, "/%s", r->file);
    if (setenv("SCALEFRONT_DATA", data, 1) != 0) {
        st = status_fail(why, STATUS_MEMORY, "the environment is full");
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(unpack(comm, old, r, folder, study, why));
    st = team_rank(comm) == 0 ? link_tables(shipped, data, why) : STATUS_OK;
    STATUS_TRY(team_agree(comm, st, why));
    struct job_arguments own = *arguments;
    own.file = study;
    own.output = again;
    own.n_settings = r->n_settings;
    memcpy(own.settings, r->settings, sizeof own.settings);
    st = r->job->run(comm, &own, why);
    if (st
        == STATUS_NO) { /* an answer as any other; what is asked here is whether it is the same */
        status_clear(why);
        st = STATUS_OK;
    }
    STATUS_TRY(st);
    STATUS_TRY(compare(comm, old, r, arguments->file, again, why));
out:
    return st;
}

static int remove_entry(const char *path, const struct stat *entry, int kind, struct FTW *where)
{
    (void)entry;
    (void)kind;
    (void)where;
    return remove(path);
}

static enum status run(MPI_Comm comm, const struct job_arguments *arguments, struct status_why *why)
{
    enum { OPEN_FOLDERS = 16 };
    enum status st = STATUS_OK;
    struct h5 *old = NULL;
    struct recipe recipe = {0};
    char folder[PATH_SIZE] = "";
    STATUS_TRY(h5_open(comm, arguments->file, &old, why));
    STATUS_TRY(recipe_read(old, arguments->file, &recipe, why));
    STATUS_TRY(make_own_folder(comm, folder, why));
    STATUS_TRY(repeat(comm, old, &recipe, arguments, folder, why));
out:
    if (team_rank(comm) == 0 && folder[0] != '\0') {
        (void)nftw(folder, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
    }
    recipe_clear(&recipe);
    h5_close(old);
    return st;
}

const struct job rerun_job = {
    .name = "rerun",
    .takes = "RESULT.h5",
    .help = "repeat a result from what it embeds, and compare",
    .detail =
        "Unpacks the study and the inputs that a result of fit, frontier or band embeds into a\n"
        "folder of its own in the working directory, repeats the job there, compares the content\n"
        "digests and removes the folder. Exit code 6: they differ; the first dataset that does is\n"
        "named. A result of another version is refused.",
    .options = 0,
    .run = run,
};
