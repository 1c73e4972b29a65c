#include <gsl/gsl_errno.h>
#include <hdf5.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/forms.h"
#include "inputs/h5.h"
#include "inputs/registry.h"
#include "inputs/text/quantity.h"
#include "jobs/job.h"
#include "solver/base/escape.h"
#include "solver/base/interrupt.h"
#include "solver/base/log.h"
#include "solver/base/meter.h"
#include "solver/base/team.h"
#include "solver/base/vmath.h"

/* Adding a job adds a row here, its file, and its line in README.md. */
static const struct job *const jobs[] = {&check_job,     &fit_job,      &frontier_job, &band_job,
                                         &evaluate_job,  &allocate_job, &simulate_job, &report_job,
                                         &catalogue_job, &validate_job, &merge_job,    &plan_job,
                                         &rerun_job,     &bayes_job};

enum { N_JOBS = sizeof jobs / sizeof *jobs };

/* One option of the command line. `set` returns NULL, or what was expected of the value. */
struct option {
    const char *name, *value, *help; /* value: what it is called in the help; NULL: takes none */
    unsigned bit;
    const char *(*set)(struct job_arguments *a, char *value);
};

static const char *set_output(struct job_arguments *a, char *value)
{
    a->output = value;
    return NULL;
}

static const char *set_force(struct job_arguments *a, char *value)
{
    (void)value;
    a->force = true;
    return NULL;
}

static const char *set_verbose(struct job_arguments *a, char *value)
{
    (void)value;
    a->verbose = true;
    return NULL;
}

static const char *set_mixed(struct job_arguments *a, char *value)
{
    (void)value;
    a->mixed = true;
    return NULL;
}

static const char *set_shard(struct job_arguments *a, char *value)
{
    enum { MOST_SHARDS = 1000000 };
    char *slash = value, *end = value;
    const unsigned long long shard = strtoull(value, &slash, 10);
    const unsigned long long n = *slash == '/' ? strtoull(slash + 1, &end, 10) : 0;
    if (strspn(value, "0123456789/") != strlen(value) || *end != '\0' || shard < 1 || shard > n
        || n > MOST_SHARDS) {
        return "I/N, one part of N, as 3/16";
    }
    a->shard = shard;
    a->n_shards = n;
    return NULL;
}

static const char *set_setting(struct job_arguments *a, char *value)
{
    char *equals = strchr(value, '=');
    if (equals == NULL || equals == value) {
        return "KEY=VALUE, as space.params.steps=50";
    }
    if (a->n_settings == JOB_MAX_SETTINGS) {
        return "at most 64 settings";
    }
    *equals = '\0';
    a->settings[a->n_settings++] = (struct study_setting){value, equals + 1};
    return NULL;
}

static const char *set_asked(struct job_arguments *a, char *value)
{
    if (a->n_asked == JOB_MAX_ASKED) {
        return "at most 32 questions";
    }
    a->asked[a->n_asked++] = value;
    return NULL;
}

static const char *set_designs(struct job_arguments *a, char *value)
{
    a->designs = value;
    return NULL;
}

static const char *set_json(struct job_arguments *a, char *value)
{
    a->json = value;
    return NULL;
}

static const char *set_csv(struct job_arguments *a, char *value)
{
    a->csv = value;
    return NULL;
}

static const char *set_plots(struct job_arguments *a, char *value)
{
    a->plots = value;
    return NULL;
}

static const char *set_rows(struct job_arguments *a, char *value)
{
    static const double most = 1e9;
    double rows;
    if (quantity_number(value, &rows) != NULL || rows < 0.0 || rows > most
        || (double)(size_t)rows < rows) {
        return "a whole number from 0 to 1e9";
    }
    a->n_rows = (size_t)rows;
    a->has_rows = true;
    return NULL;
}

static const char *set_thin(struct job_arguments *a, char *value)
{
    (void)value;
    a->thin = true;
    return NULL;
}

static const char *set_sort(struct job_arguments *a, char *value)
{
    a->sort = value;
    return NULL;
}

static const char *add_limit(struct job_arguments *a, char *value, bool is_maximum)
{
    char *equals = strchr(value, '=');
    if (equals == NULL || equals == value) {
        return "COLUMN=VALUE, as energy_kwh=1e6";
    }
    if (a->n_limits == JOB_MAX_LIMITS) {
        return "at most 16 limits";
    }
    *equals = '\0';
    a->limits[a->n_limits++] = (struct job_limit){value, equals + 1, is_maximum};
    return NULL;
}

static const char *set_maximum(struct job_arguments *a, char *value)
{
    return add_limit(a, value, true);
}

static const char *set_minimum(struct job_arguments *a, char *value)
{
    return add_limit(a, value, false);
}

static const struct option options[] = {
    {"--set", "KEY=VALUE", "override a key of the study; may be repeated", JOB_STUDY, set_setting},
    {"--output", "PATH", "result file instead of the study's", JOB_OUTPUT, set_output},
    {"--force", NULL, "replace existing files and a result of other inputs",
     JOB_OUTPUT | JOB_FILES | JOB_QUESTION | JOB_JSON | JOB_CSV | JOB_REPORT, set_force},
    {"--verbose", NULL, "say what each phase cost: messages, bytes, seconds, memory",
     JOB_OUTPUT | JOB_FILES, set_verbose},
    {"--shard", "I/N", "search only part I of N, for `merge`", JOB_SHARD, set_shard},
    {"--mixed", NULL, "unite frontiers whose losses are of different laws or runs, with a warning",
     JOB_FILES, set_mixed},
    {"--ask", "QUESTION", "one more question; may be repeated", JOB_QUESTION, set_asked},
    {"--designs", "PATH", "a CSV of designs, one a row; columns are inputs", JOB_DESIGNS,
     set_designs},
    {"--json", "PATH", "write what is answered as JSON; evaluate, validate: - for the terminal",
     JOB_QUESTION | JOB_JSON, set_json},
    {"--max", "COLUMN=VALUE", "only rows at most this; units are understood", JOB_REPORT,
     set_maximum},
    {"--min", "COLUMN=VALUE", "only rows at least this", JOB_REPORT, set_minimum},
    {"--sort", "COLUMN", "order of the rows; default: the first objective", JOB_REPORT, set_sort},
    {"--thin", NULL, "only the rows that stand for the others", JOB_REPORT, set_thin},
    {"--rows", "N", "rows shown on the terminal; default 12", JOB_REPORT, set_rows},
    {"--csv", "PATH", "write all selected rows as CSV", JOB_REPORT | JOB_CSV, set_csv},
    {"--plots", "FOLDER", "draw the frontier and the fit as SVG and PNG (gnuplot)", JOB_REPORT,
     set_plots},
};

enum { N_OPTIONS = sizeof options / sizeof *options };

static void print_help(void)
{
    escape_print(
        "scalefront " SCALEFRONT_VERSION
        ": fits scaling laws and finds the exact Pareto frontier of training allocations\n\n"
        "usage: scalefront JOB FILE [options]    (under mpiexec for several ranks)\n\njobs:\n");
    for (size_t i = 0; i < N_JOBS; i++) {
        escape_print("  %-9s %-11s %s\n", jobs[i]->name, jobs[i]->takes, jobs[i]->help);
    }
    escape_print("\n  scalefront JOB --help   what a job does and its options\n"
                 "  scalefront --keys       the keys of a study file\n"
                 "  scalefront --keys-page  the same as the page docs/study.md\n"
                 "  scalefront --version\n\n"
                 "exit codes: 0 done, 1 bug or lost rank, 2 input to mend, 3 read or write, "
                 "4 memory, 5 library, 6 answered no, "
                 "7 another run is writing it, 85 checkpointed: run again\n");
}

static void print_job_help(const struct job *job)
{
    escape_print("usage: scalefront %s %s [options]\n\n%s\n\noptions:\n", job->name, job->takes,
                 job->detail);
    for (size_t i = 0; i < N_OPTIONS; i++) {
        if ((options[i].bit & job->options) != 0) {
            char left[64];
            (void)snprintf(left, sizeof left, "%s %s", options[i].name,
                           options[i].value != NULL ? options[i].value : "");
            escape_print("  %-22s %s\n", left, options[i].help);
        }
    }
}

static const struct job *find_job(const char *name, struct status_why *why)
{
    const char *names[N_JOBS];
    for (size_t i = 0; i < N_JOBS; i++) {
        names[i] = jobs[i]->name;
        if (strcmp(name, names[i]) == 0) {
            return jobs[i];
        }
    }
    const char *nearest = study_nearest(name, names, N_JOBS);
    if (nearest != NULL) {
        (void)status_fail(why, STATUS_INPUT, "%s: no such job; did you mean %s?", name, nearest);
    } else {
        (void)status_fail(why, STATUS_INPUT, "%s: no such job; scalefront --help lists them", name);
    }
    return NULL;
}

static const struct option *find_option(const struct job *job, const char *name,
                                        struct status_why *why)
{
    const char *names[N_OPTIONS];
    size_t n = 0;
    for (size_t i = 0; i < N_OPTIONS; i++) {
        if ((options[i].bit & job->options) == 0) {
            continue;
        }
        names[n++] = options[i].name;
        if (strcmp(name, options[i].name) == 0) {
            return &options[i];
        }
    }
    const char *nearest = study_nearest(name, names, n);
    (void)status_fail(why, STATUS_INPUT, "%s: no such option of %s%s%s", name, job->name,
                      nearest != NULL ? "; did you mean " : "; see scalefront JOB --help",
                      nearest != NULL ? nearest : "");
    return NULL;
}

/* Read one option at argv[*i], with its value after `=` or in the next word. */
static enum status read_option(const struct job *job, int argc, char **argv, int *i,
                               struct job_arguments *a, struct status_why *why)
{
    char *word = argv[*i], *value = NULL;
    char name[64];
    const size_t length = strcspn(word, "=");
    (void)snprintf(name, sizeof name, "%.*s", (int)length, word);
    const struct option *option = find_option(job, name, why);
    if (option == NULL) {
        return STATUS_INPUT;
    }
    if (word[length] == '=') {
        value = word + length + 1;
        if (option->value == NULL) {
            return status_fail(why, STATUS_INPUT, "%s: takes no value", name);
        }
    } else if (option->value != NULL) {
        if (*i + 1 == argc) {
            return status_fail(why, STATUS_INPUT, "%s: expected %s", name, option->value);
        }
        value = argv[++*i];
    }
    char as_given[128];
    (void)snprintf(as_given, sizeof as_given, "%s", value != NULL ? value : "");
    const char *expected =
        value != NULL && value[0] == '\0' ? option->value : option->set(a, value);
    if (expected != NULL) {
        return status_fail(why, STATUS_INPUT, "%s: %s: expected %s", name, as_given, expected);
    }
    return STATUS_OK;
}

static enum status read_arguments(const struct job *job, int argc, char **argv,
                                  struct job_arguments *a, struct status_why *why)
{
    enum { DEFAULT_ROWS = 12 };
    memset(a, 0, sizeof *a);
    a->argc = argc;
    a->argv = argv;
    a->n_rows = DEFAULT_ROWS;
    for (int i = 2; i < argc; i++) {
        if (argv[i][0] == '-' && argv[i][1] != '\0') {
            const enum status st = read_option(job, argc, argv, &i, a, why);
            if (st != STATUS_OK) {
                return st;
            }
        } else if (argv[i][0] == '\0') {
            return status_fail(why, STATUS_INPUT, "%s: expected %s, and not an empty name",
                               job->name, job->takes);
        } else if (a->file == NULL) {
            a->file = argv[i];
        } else if ((job->options & JOB_FILES) != 0) {
            if (a->n_more == JOB_MAX_FILES) {
                return status_fail(why, STATUS_INPUT, "%s: at most %d files", argv[i],
                                   JOB_MAX_FILES);
            }
            a->more[a->n_more++] = argv[i];
        } else {
            return status_fail(why, STATUS_INPUT, "%s: one file only; %s was given before", argv[i],
                               a->file);
        }
    }
    const bool writes = (job->options & (JOB_OUTPUT | JOB_FILES)) != 0 || a->csv != NULL
                        || a->plots != NULL || (a->json != NULL && strcmp(a->json, "-") != 0);
    if (a->force && !writes) {
        return status_fail(why, STATUS_INPUT,
                           "--force: this command writes no file that it could replace");
    }
    const bool is_optional = job->takes[0] == '[';
    if (a->file == NULL && !is_optional) {
        return status_fail(why, STATUS_INPUT, "%s: expected a file: scalefront %s %s", job->name,
                           job->name, job->takes);
    }
    return STATUS_OK;
}

static bool wants(int argc, char **argv, const char *option)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], option) == 0) {
            return true;
        }
    }
    return false;
}

/* Options that print something and end. Returns whether it was one. */
static bool print_and_end(int argc, char **argv, int rank, struct status_why *why)
{
    const bool help = argc < 2 || wants(argc, argv, "--help") || wants(argc, argv, "-h");
    if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
        if (rank == 0) {
            escape_print("scalefront " SCALEFRONT_VERSION "\n");
        }
    } else if (argc >= 2 && strcmp(argv[1], "--keys") == 0) {
        if (rank == 0) {
            study_print_keys(stdout);
        }
    } else if (argc >= 2 && strcmp(argv[1], "--keys-page") == 0) {
        if (rank == 0) {
            study_print_page(stdout);
        }
    } else if (help) {
        const struct job *job = argc >= 2 && argv[1][0] != '-' ? find_job(argv[1], why) : NULL;
        if (rank == 0 && job != NULL) {
            print_job_help(job);
        } else if (rank == 0 && why->code == STATUS_OK) {
            print_help();
        }
    } else {
        return false;
    }
    return true;
}

/* Sections of a study that some jobs read and others do not. A study has sections for several jobs,
 * but a key on the command line is meant for this one. */
static void note_unread(const struct job *job, const struct job_arguments *a)
{
    static const struct {
        const char *section, *jobs;
    } readers[] = {{"simulate.", "check and simulate"},    {"plan.", "check and plan"},
                   {"allocate.", "check and allocate"},    {"bayes.", "check and bayes"},
                   {"band.", "check, frontier and band"},  {"thin.", "frontier and band"},
                   {"search.", "check, frontier and band"}};
    for (size_t i = 0; i < a->n_settings; i++) {
        const char *key = a->settings[i].path;
        for (size_t k = 0; k < sizeof readers / sizeof *readers; k++) {
            if (strncmp(key, readers[k].section, strlen(readers[k].section)) == 0
                && strstr(readers[k].jobs, job->name) == NULL) {
                log_line(LOG_WARNING, "--set %s: %s does not read it, but %s do", key, job->name,
                         readers[k].jobs);
            }
        }
    }
}

/* Ranks of different builds or processors could give different bits; refuse a mixed set. Compares a
 * digest of the version, the compiler and 1,000 results of vmath. */
static enum status check_same_build(MPI_Comm comm, struct status_why *why)
{
    enum { N = 500 };
    static const double smallest = 1e-3, ratio = 1.0273; /* about 1e-3 to 7e2 */
    struct {
        double results[2 * N];
        char build[128];
    } mine;
    char digest[DIGEST_SIZE], inverse[DIGEST_SIZE], others[2 * DIGEST_SIZE];
    double x[N];

    memset(&mine, 0, sizeof mine);
    x[0] = smallest;
    for (int i = 1; i < N; i++) {
        x[i] = x[i - 1] * ratio;
    }
    vmath_exp(N, x, mine.results);
    vmath_log(N, x, mine.results + N);
    (void)snprintf(mine.build, sizeof mine.build, SCALEFRONT_VERSION " %s", __VERSION__);
    digest_of(&mine, sizeof mine, digest);
    /* The union of the bits of all ranks is this rank's own, and so is that of the complements. */
    for (int i = 0; i < DIGEST_SIZE; i++) {
        inverse[i] = (char)~digest[i];
    }
    memcpy(others, digest, DIGEST_SIZE);
    memcpy(others + DIGEST_SIZE, inverse, DIGEST_SIZE);
    team_fill(comm, others, sizeof others);
    const bool same = memcmp(others, digest, DIGEST_SIZE) == 0
                      && memcmp(others + DIGEST_SIZE, inverse, DIGEST_SIZE) == 0;
    enum status st = STATUS_OK;
    if (!same) {
        st = status_fail(why, STATUS_INPUT,
                         "the ranks run different builds or vector arithmetic; give all the same "
                         "program");
    }
    return team_agree(comm, st, why);
}

/* Hand over whole lines: what is written to standard output and standard error then never meets in
 * the middle of a line, where both go to one file or terminal. */
static void keep_lines_whole(void)
{
    static char out[1 << 16], err[1 << 13];
    (void)setvbuf(stdout, out, _IOLBF, sizeof out);
    (void)setvbuf(stderr, err, _IOLBF, sizeof err);
}

/* A launcher that speaks another protocol than this MPI starts N programs, each of which takes
 * itself for rank 0 of 1, does all of the work and writes the same result. The launchers say in the
 * environment how many they start. */
static enum status check_world(MPI_Comm comm, struct status_why *why)
{
    static const struct {
        const char *variable, *remedy;
    } launchers[] = {
        {"SLURM_STEP_NUM_TASKS", "start it with srun --mpi=pmix"},
        {"OMPI_COMM_WORLD_SIZE", "start it with the mpiexec of the MPI that it was built with"},
        {"PMI_SIZE", "start it with the mpiexec of the MPI that it was built with"},
    };
    for (size_t i = 0; team_size(comm) == 1 && i < sizeof launchers / sizeof *launchers; i++) {
        const char *value = getenv(launchers[i].variable);
        if (value != NULL && strtol(value, NULL, 10) > 1) {
            return status_fail(why, STATUS_INPUT,
                               "%s: %s: the launcher started so many ranks, and each sees itself "
                               "alone: %s",
                               launchers[i].variable, value, launchers[i].remedy);
        }
    }
    return STATUS_OK;
}

/* All ranks are the same, and all laws are known, before a job begins. */
static enum status run_job(MPI_Comm comm, const struct job *job,
                           const struct job_arguments *arguments, struct status_why *why)
{
    enum status st = STATUS_OK;
    note_unread(job, arguments);
    STATUS_TRY(check_world(comm, why));
    STATUS_TRY(team_agree(comm, vmath_start(why), why));
    STATUS_TRY(check_same_build(comm, why));
    STATUS_TRY(forms_read(comm, registry_folder(), why));
    st = job->run(comm, arguments, why);
out:
    return st;
}

int main(int argc, char **argv)
{
    struct status_why why;
    struct job_arguments arguments;
    MPI_Comm comm;

    keep_lines_whole();
    (void)meter_begin(METER_START);
    interrupt_catch(); /* before MPI: a signal while MPI starts is a request too */
    h5_prepare();
    MPI_Init(&argc, &argv);
    MPI_Comm_dup(MPI_COMM_WORLD, &comm);
    const int rank = team_rank(comm);
    (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    (void)gsl_set_error_handler_off();
    status_clear(&why);
    log_start(rank, LOG_INFO);

    enum status st = STATUS_OK;
    if (!print_and_end(argc, argv, rank, &why)) {
        const struct job *job = find_job(argv[1], &why);
        st = why.code;
        if (job != NULL) {
            st = read_arguments(job, argc, argv, &arguments, &why);
            log_start(rank, st == STATUS_OK && arguments.verbose ? LOG_DEBUG : LOG_INFO);
        }
        if (st == STATUS_OK && job != NULL) {
            st = run_job(comm, job, &arguments, &why);
        }
    }
    st = team_agree(comm, st != STATUS_OK ? st : why.code, &why);
    if (rank == 0 && (fflush(stdout) != 0 || ferror(stdout) != 0) && st == STATUS_OK) {
        st = status_fail(&why, STATUS_IO, "standard output: cannot write");
    }
    if (st != STATUS_OK && rank == 0) {
        escape_fprint(stderr, "scalefront: %s\n", why.message);
    }
    MPI_Comm_free(&comm);
    MPI_Finalize();
    return status_exit_code(st);
}
