#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
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
#include "solver/base/log.h"
#include "solver/base/team.h"

static const struct job *const repeated[] = {&fit_job, &frontier_job, &band_job};

enum {
    N_REPEATED = sizeof repeated / sizeof *repeated,
    PATH_SIZE = 2048,
    FOLDERS_UP = 8, /* a study may name inputs so many folders above its own */
    MOST_COMPONENTS = 128
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

/* Whether a name is one component of a path that leads down: a file may claim any. */
static bool is_plain(const char *name)
{
    return name[0] != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0
           && strlen(name) <= NAME_MAX && strchr(name, '/') == NULL;
}

static enum status check_names(const char *path, const struct recipe *r, struct status_why *why)
{
    const char *wrong = is_plain(r->file) ? NULL : r->file;
    for (size_t i = 0; i < r->n; i++) {
        wrong = wrong == NULL && !is_plain(r->names[i]) ? r->names[i] : wrong;
    }
    return wrong == NULL ? STATUS_OK
                         : status_fail(why, STATUS_INPUT,
                                       "%s: embeds a file named '%s'; expected a name without "
                                       "folders",
                                       path, wrong);
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
        st = status_fail(why, STATUS_INPUT, "%s: made by the job %s, which is not repeated%s", path,
                         job, strcmp(job, "bayes") == 0 ? ": rerun starts no commands" : "");
    }
    STATUS_TRY(st);
    STATUS_TRY(h5_read_text(file, "/run/content_digest", &r->content, why));
    STATUS_TRY(h5_read_text_attribute(file, "/study", "file", &r->file, why));
    STATUS_TRY(h5_read_text(file, "/study/effective", &r->effective, why));
    STATUS_TRY(h5_read_members(file, "/study/files", &r->names, &r->n, why));
    STATUS_TRY(check_names(path, r, why));
    if (h5_exists(file, "/study/settings")) {
        STATUS_TRY(h5_read_text(file, "/study/settings", &r->lines, why));
        take_settings(r);
    }
out:
    free(source);
    free(job);
    return st;
}

/* The path without `.` and `..`, as a list of components that is ended by an empty one.
 * \param [in,out] path  taken apart in place. \return false: it leads out of where it begins */
static bool take_components(char path[], const char *components[MOST_COMPONENTS])
{
    size_t n = 0;
    char *rest = NULL;
    for (char *name = strtok_r(path, "/", &rest); name != NULL; name = strtok_r(NULL, "/", &rest)) {
        if (strcmp(name, "..") == 0) {
            if (n == 0) {
                return false;
            }
            n--;
        } else if (strcmp(name, ".") != 0) {
            if (n + 1 == MOST_COMPONENTS || strlen(name) > NAME_MAX) {
                return false;
            }
            components[n++] = name;
        }
    }
    components[n] = "";
    return n > 0;
}

/* Open a file below a folder for reading or for writing anew, one component after the other, so
 * that no link is followed and nothing outside is reached. \return a descriptor, or -1 with errno
 */
static int open_below(const char *folder, const char *const components[], bool writes)
{
    enum { FOLDER_MODE = 0777, FILE_MODE = 0666 };
    int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (; at >= 0 && components[1][0] != '\0'; components++) {
        int below = -1;
        if (!writes || mkdirat(at, components[0], FOLDER_MODE) == 0 || errno == EEXIST) {
            below = openat(at, components[0], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        }
        const int error = errno;
        (void)close(at);
        errno = error;
        at = below;
    }
    if (at < 0) {
        return -1;
    }
    const int flags = writes ? O_WRONLY | O_CREAT | O_EXCL : O_RDONLY | O_NONBLOCK;
    const int made = openat(at, components[0], flags | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    const int error = errno;
    (void)close(at);
    errno = error;
    return made;
}

/* Whether a regular file holds these bytes and no others. Closes the descriptor. */
static bool holds(int descriptor, const char *bytes, size_t n)
{
    struct stat info;
    FILE *from = descriptor >= 0 ? fdopen(descriptor, "rb") : NULL;
    bool same = from != NULL && fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode);
    for (size_t i = 0; same && i < n; i++) {
        same = getc(from) == (unsigned char)bytes[i];
    }
    same = same && getc(from) == EOF;
    if (from != NULL) {
        (void)fclose(from);
    } else if (descriptor >= 0) {
        (void)close(descriptor);
    }
    return same;
}

/* Write an embedded file below the folder. A study may name one file for two purposes: the second
 * time it must hold the same. \param [in] path  begins with the folder */
static enum status write_file(const char *folder, const char *path, const char *bytes, size_t n,
                              struct status_why *why)
{
    char below[PATH_SIZE];
    const char *components[MOST_COMPONENTS];
    (void)snprintf(below, sizeof below, "%s", path + strlen(folder) + 1);
    if (strlen(path) >= PATH_SIZE || !take_components(below, components)) {
        return status_fail(why, STATUS_INPUT,
                           "its study names the input %s, which leads out of the folder in which "
                           "it is repeated",
                           path + strlen(folder) + 1);
    }
    const int made = open_below(folder, components, true);
    if (made < 0 && errno == EEXIST && holds(open_below(folder, components, false), bytes, n)) {
        return STATUS_OK;
    }
    FILE *to = made >= 0 ? fdopen(made, "wb") : NULL;
    bool ok = to != NULL && fwrite(bytes, 1, n, to) == n;
    ok = (to == NULL || fclose(to) == 0) && ok;
    return ok ? STATUS_OK
              : status_fail(why, STATUS_IO, "%s: cannot write: %s", path, strerror(errno));
}

/* An input that the study names by an absolute path is read there: it must hold the same bytes. */
static enum status check_absolute(const char *path, const char *bytes, size_t n,
                                  struct status_why *why)
{
    return holds(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), bytes, n)
               ? STATUS_OK
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
            const size_t length = strlen(folder);
            st = strncmp(paths[i], folder, length) == 0 && paths[i][length] == '/'
                     ? write_file(folder, paths[i], bytes, n_bytes, why)
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

/* Run a job without what it prints: it would name files that are gone at the end. Collective. */
static enum status run_quietly(MPI_Comm comm, const struct job *job,
                               const struct job_arguments *arguments, struct status_why *why)
{
    const int rank = team_rank(comm);
    (void)fflush(stdout);
    const int kept = dup(STDOUT_FILENO), none = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (kept >= 0 && none >= 0) {
        (void)dup2(none, STDOUT_FILENO);
    }
    log_start(rank, LOG_ERROR);
    const enum status st = job->run(comm, arguments, why);
    log_start(rank, LOG_INFO);
    (void)fflush(stdout);
    if (kept >= 0) {
        (void)dup2(kept, STDOUT_FILENO);
        (void)close(kept);
    }
    if (none >= 0) {
        (void)close(none);
    }
    return st;
}

/* Take the names of the folder out of a message: what is left are the names of the study, as it was
 * when the result was made. */
static void leave_out(const char *folder, char message[])
{
    char inner[PATH_SIZE];
    size_t used = (size_t)snprintf(inner, sizeof inner, "%s/", folder);
    for (int up = 0; up < FOLDERS_UP; up++) {
        used += (size_t)snprintf(inner + used, sizeof inner - used, "d/");
    }
    const size_t shorter = strlen(folder) + 1;
    for (char *at = message; (at = strstr(at, folder)) != NULL;) {
        const size_t n = strncmp(at, inner, used) == 0      ? used
                         : strncmp(at, inner, shorter) == 0 ? shorter
                                                            : 0;
        memmove(at, at + n, strlen(at + n) + 1);
        at += n == 0;
    }
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
    st = run_quietly(comm, r->job, &own, why);
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
    log_line(LOG_INFO, "rerun job=%s file=%s inputs=%zu", recipe.job->name, arguments->file,
             recipe.n);
    STATUS_TRY(make_own_folder(comm, folder, why));
    STATUS_TRY(repeat(comm, old, &recipe, arguments, folder, why));
out:
    if (st != STATUS_OK && folder[0] != '\0') {
        leave_out(folder, why->message);
    }
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
