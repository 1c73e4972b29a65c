#define _XOPEN_SOURCE 700 /* nftw */
#include "search/bayes/command.h"

#include <errno.h>
#include <ftw.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "search/bayes/outcomes.h"
#include "search/bayes/process.h"

enum { TEXT_SIZE = 2 * PATH_MAX, VALUE_SIZE = 64, N_FIXED_SETTINGS = 6 };

/* More of what a command writes is not looked at: its end is where the outcomes are. */
enum { MOST_READ = 1 << 20 };

static const char printed[] = "stdout";

struct command {
    struct command_options options;
    char study_folder[PATH_MAX], folder[PATH_MAX]; /* from the root */
    struct process *process;
    uint64_t id; /* of the attempt at hand */
    uint32_t attempt;
    char attempt_folder[TEXT_SIZE];
    char design[TEXT_SIZE], output[TEXT_SIZE], complaints[TEXT_SIZE], prints[TEXT_SIZE],
        failure[TEXT_SIZE];   /* in it */
    char (*texts)[TEXT_SIZE]; /* [n_words + n_variables + N_FIXED_SETTINGS] words, then settings */
    const char **words;       /* [n_words + 1] into texts */
    const char **settings;    /* [n_variables + N_FIXED_SETTINGS] */
};

/* A value as people write it: names of categories, whole numbers without a point, others with as
 * many digits as give them back. */
static const char *value_text(const struct variable *v, double value, char text[VALUE_SIZE])
{
    enum { FEWEST = 15, MOST = 17 };
    static const double most_whole = 0x1p53;
    if (v->kind == VARIABLE_CATEGORICAL) {
        return v->labels[(size_t)value];
    }
    if (fabs(value) < most_whole && !(value < rint(value) || value > rint(value))) {
        (void)snprintf(text, VALUE_SIZE, "%.0f", value);
        return text;
    }
    for (int n = FEWEST; n <= MOST; n++) {
        (void)snprintf(text, VALUE_SIZE, "%.*g", n, value);
        const double back = strtod(text, NULL);
        if (!(back < value || back > value)) {
            break;
        }
    }
    return text;
}

/* What a placeholder stands for; NULL for one that is unknown. */
static const char *placeholder(const struct command *c, const char *name, size_t n,
                               const double values[], char text[VALUE_SIZE])
{
    const struct {
        const char *name, *value;
    } fixed[] = {{"folder", c->attempt_folder}, {"design", c->design}, {"study", c->study_folder}};
    for (size_t i = 0; i < c->options.n_variables; i++) {
        const struct variable *v = &c->options.variables[i];
        if (strlen(v->name) == n && strncmp(v->name, name, n) == 0) {
            return value_text(v, values[i], text);
        }
    }
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        if (strlen(fixed[i].name) == n && strncmp(fixed[i].name, name, n) == 0) {
            return fixed[i].value;
        }
    }
    const bool is_id = n == 2 && strncmp(name, "id", n) == 0;
    if (!is_id && !(n == strlen("attempt") && strncmp(name, "attempt", n) == 0)) {
        return NULL;
    }
    (void)snprintf(text, VALUE_SIZE, "%llu",
                   is_id ? (unsigned long long)c->id : (unsigned long long)c->attempt);
    return text;
}

/* Put the design into a word. \return STATUS_OK or STATUS_INPUT */
static enum status expand(const struct command *c, const char *word, const double values[],
                          char made[TEXT_SIZE], struct status_why *why)
{
    size_t used = 0;
    for (const char *at = word; *at != '\0' && used < TEXT_SIZE;) {
        const bool is_doubled = (*at == '{' || *at == '}') && at[1] == *at;
        if ((*at != '{' && *at != '}') || is_doubled) {
            made[used++] = *at;
            at += is_doubled ? 2 : 1;
            continue;
        }
        const size_t n = strcspn(at, "}") - 1;
        if (*at == '}' || at[n + 1] == '\0') {
            return status_fail(why, STATUS_INPUT,
                               "%s: a brace without its partner; {{ and }} stand for braces", word);
        }
        char text[VALUE_SIZE];
        const char *value = placeholder(c, at + 1, n, values, text);
        if (value == NULL) {
            return status_fail(why, STATUS_INPUT,
                               "%s: {%.*s} is unknown; expected a variable, id, attempt, folder, "
                               "design or study",
                               word, (int)n, at + 1);
        }
        const size_t length = strlen(value), room = TEXT_SIZE - used;
        memcpy(made + used, value, length < room ? length : room);
        used += length;
        at += n + 2;
    }
    if (used >= TEXT_SIZE) {
        return status_fail(why, STATUS_INPUT, "%.80s...: too long", word);
    }
    made[used] = '\0';
    return STATUS_OK;
}

/* All words of a design; a program written with a slash is found from the study. */
static enum status expand_all(struct command *c, const double values[], struct status_why *why)
{
    enum status st = STATUS_OK;
    char program[TEXT_SIZE];
    for (size_t i = 0; st == STATUS_OK && i < c->options.n_words; i++) {
        st = expand(c, c->options.words[i], values, c->texts[i], why);
    }
    if (st == STATUS_OK && c->texts[0][0] != '/' && strchr(c->texts[0], '/') != NULL) {
        memcpy(program, c->texts[0], sizeof program);
        if (snprintf(c->texts[0], TEXT_SIZE, "%s/%.*s", c->study_folder, TEXT_SIZE - PATH_MAX - 2,
                     program)
            >= TEXT_SIZE) {
            return status_fail(why, STATUS_INPUT, "%.80s...: too long", program);
        }
    }
    return st;
}

/* Whether a program can be run, so that a mistyped name costs no evaluation. */
static enum status check_program(const char *program, struct status_why *why)
{
    const char *path = getenv("PATH");
    char file[TEXT_SIZE];
    struct stat info;
    if (strchr(program, '/') != NULL) {
        return access(program, X_OK) == 0 && stat(program, &info) == 0 && S_ISREG(info.st_mode)
                   ? STATUS_OK
                   : status_fail(why, STATUS_INPUT, "%s: no program that can be run", program);
    }
    for (const char *at = path != NULL ? path : "/bin:/usr/bin"; *at != '\0';) {
        const size_t n = strcspn(at, ":");
        (void)snprintf(file, sizeof file, "%.*s/%.255s", (int)(n < PATH_MAX ? n : 0), at, program);
        if (access(file, X_OK) == 0) {
            return STATUS_OK;
        }
        at += n + (at[n] == ':');
    }
    return status_fail(why, STATUS_INPUT, "%s: no such program in PATH", program);
}

/* The path of a file in the folder of the attempt at hand. */
static void set_path(const struct command *c, const char *name, char path[TEXT_SIZE])
{
    (void)snprintf(path, TEXT_SIZE, "%.*s/%.255s", TEXT_SIZE - 300, c->attempt_folder, name);
}

static void set_attempt(struct command *c, uint64_t id, uint32_t attempt)
{
    c->id = id;
    c->attempt = attempt;
    (void)snprintf(c->attempt_folder, sizeof c->attempt_folder, "%s/%llu.%lu", c->folder,
                   (unsigned long long)id, (unsigned long)attempt);
    set_path(c, "design.json", c->design);
    set_path(c, printed, c->prints);
    set_path(c, "stderr", c->complaints);
    set_path(c, "failure", c->failure);
    set_path(c, c->options.output[0] != '\0' ? c->options.output : printed, c->output);
}

static enum status make_folders(struct command *c, struct status_why *why)
{
    const struct command_options *o = &c->options;
    if (mkdir(o->folder, 0777) != 0 && errno != EEXIST) {
        return status_fail(why, STATUS_INPUT, "%s: cannot make the folder: %s", o->folder,
                           strerror(errno));
    }
    if (realpath(o->folder, c->folder) == NULL
        || realpath(o->study_folder[0] != '\0' ? o->study_folder : ".", c->study_folder) == NULL) {
        return status_fail(why, STATUS_INPUT, "%s, %s: no such folder", o->folder, o->study_folder);
    }
    return STATUS_OK;
}

enum status command_create(const struct command_options *options, struct command **made,
                           struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n_settings = options->n_variables + N_FIXED_SETTINGS;
    struct command *c = calloc(1, sizeof *c);
    double *values = calloc(options->n_variables + 1, sizeof *values);

    *made = NULL;
    if (c == NULL || values == NULL) {
        st = status_fail(why, STATUS_MEMORY, "no memory for a command");
        goto out;
    }
    c->options = *options;
    c->texts = calloc(options->n_words + n_settings, sizeof *c->texts);
    c->words = calloc(options->n_words + 1, sizeof *c->words);
    c->settings = calloc(n_settings, sizeof *c->settings);
    if (c->texts == NULL || c->words == NULL || c->settings == NULL) {
        st = status_fail(why, STATUS_MEMORY, "no memory for a command");
        goto out;
    }
    for (size_t i = 0; i < options->n_words; i++) {
        c->words[i] = c->texts[i];
    }
    for (size_t i = 0; i < n_settings; i++) {
        c->settings[i] = c->texts[options->n_words + i];
    }
    for (size_t i = 0; i < options->n_variables; i++) {
        values[i] = variable_value(&options->variables[i], 0.0);
    }
    STATUS_TRY(make_folders(c, why));
    set_attempt(c, 0, 1);
    STATUS_TRY(expand_all(c, values, why));
    STATUS_TRY(check_program(c->texts[0], why));
    STATUS_TRY(process_create(&c->process, why));
    *made = c;
    c = NULL;
out:
    command_destroy(c);
    free(values);
    return st;
}

void command_destroy(struct command *c)
{
    if (c == NULL) {
        return;
    }
    process_destroy(c->process);
    (void)rmdir(c->folder); /* when nothing was kept */
    free(c->settings);
    free(c->words);
    free(c->texts);
    free(c);
}

/* The design for whoever prefers a file; the caller frees it; NULL without memory. */
static char *design_text(const struct command *c, const double values[])
{
    char *made = NULL, text[VALUE_SIZE];
    size_t n = 0;
    FILE *f = open_memstream(&made, &n);
    if (f == NULL) {
        return NULL;
    }
    (void)fprintf(f, "{\"id\": %llu", (unsigned long long)c->id);
    for (size_t i = 0; i < c->options.n_variables; i++) {
        const struct variable *v = &c->options.variables[i];
        const char *value = value_text(v, values[i], text);
        (void)fprintf(f, ",\n \"%s\": ", v->name);
        if (v->kind == VARIABLE_CATEGORICAL) {
            json_t *string = json_string(value);
            (void)json_dumpf(string, f, JSON_ENCODE_ANY);
            json_decref(string);
        } else {
            (void)fputs(value, f);
        }
    }
    (void)fputs("}\n", f);
    const bool failed = ferror(f) != 0;
    if (fclose(f) != 0 || failed) {
        free(made);
        made = NULL;
    }
    return made;
}

static bool write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    if (f == NULL) {
        return false;
    }
    const bool is_written = fputs(text, f) >= 0;
    return fclose(f) == 0 && is_written;
}

static void make_settings(struct command *c, const double values[])
{
    const size_t first = c->options.n_words, n = c->options.n_variables;
    char text[VALUE_SIZE];
    for (size_t i = 0; i < n; i++) {
        const struct variable *v = &c->options.variables[i];
        (void)snprintf(c->texts[first + i], TEXT_SIZE, "SCALEFRONT_%s=%s", v->name,
                       value_text(v, values[i], text));
    }
    char(*fixed)[TEXT_SIZE] = c->texts + first + n;
    enum { LONGEST = TEXT_SIZE - 64 };
    (void)snprintf(fixed[0], TEXT_SIZE, "SCALEFRONT_ID=%llu", (unsigned long long)c->id);
    (void)snprintf(fixed[1], TEXT_SIZE, "SCALEFRONT_ATTEMPT=%lu", (unsigned long)c->attempt);
    (void)snprintf(fixed[2], TEXT_SIZE, "SCALEFRONT_FOLDER=%.*s", LONGEST, c->attempt_folder);
    (void)snprintf(fixed[3], TEXT_SIZE, "SCALEFRONT_DESIGN=%.*s", LONGEST, c->design);
    (void)snprintf(fixed[4], TEXT_SIZE, "SCALEFRONT_OUTPUT=%.*s", LONGEST, c->output);
    (void)snprintf(fixed[5], TEXT_SIZE, "SCALEFRONT_STUDY=%.*s", LONGEST, c->study_folder);
}

/* The end of a file, with a zero byte behind it; NULL when there is none or no memory. */
static char *read_end(const char *path, size_t *n)
{
    char *text = NULL;
    FILE *f = fopen(path, "rb");
    *n = 0;
    if (f != NULL && fseek(f, 0, SEEK_END) == 0) {
        const long size = ftell(f);
        const long begin = size > MOST_READ ? size - MOST_READ : 0;
        text = malloc(MOST_READ + 1);
        if (text != NULL && size >= 0 && fseek(f, begin, SEEK_SET) == 0) {
            *n = fread(text, 1, MOST_READ, f);
            text[*n] = '\0';
        } else {
            free(text);
            text = NULL;
        }
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return text;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    (void)remove(path); /* what cannot be removed stays */
    return 0;
}

static void remove_folder(const char *folder)
{
    enum { MOST_OPEN = 16 };
    (void)nftw(folder, remove_entry, MOST_OPEN, FTW_DEPTH | FTW_PHYS);
}

/* Make the folder of an attempt and put the design there. It may be there: what an attempt at this
 * design that was lost has saved stays, so that the command can go on from it, but for its
 * outcomes; that of another search, or of an attempt that failed, goes. \return 0 or an errno */
static int make_folder(const struct command *c, const char *design)
{
    size_t n = 0;
    char *found = read_end(c->design, &n);
    const bool is_same = found != NULL && strcmp(found, design) == 0;
    free(found);
    if (!is_same || access(c->failure, F_OK) == 0) {
        remove_folder(c->attempt_folder);
    }
    if ((mkdir(c->attempt_folder, 0777) != 0 && errno != EEXIST)
        || (unlink(c->output) != 0 && errno != ENOENT) || !write_text(c->design, design)) {
        return errno;
    }
    return 0;
}

static enum driver_progress begin(void *context, uint64_t id, uint32_t attempt,
                                  const double values[], struct status_why *why)
{
    struct command *c = context;
    set_attempt(c, id, attempt);
    if (expand_all(c, values, why) != STATUS_OK) {
        return DRIVER_FAILED;
    }
    make_settings(c, values);
    char *design = design_text(c, values);
    const int error = design != NULL ? make_folder(c, design) : ENOMEM;
    free(design);
    if (error != 0) {
        (void)status_fail(why, STATUS_IO, "%s: cannot write: %s", c->attempt_folder,
                          strerror(error));
        return DRIVER_FAILED;
    }
    const struct process_options o = {.words = c->words,
                                      .folder = c->attempt_folder,
                                      .output = c->prints,
                                      .errors = c->complaints,
                                      .n_settings = c->options.n_variables + N_FIXED_SETTINGS,
                                      .settings = c->settings,
                                      .timeout_seconds = c->options.timeout_seconds,
                                      .grace_seconds = c->options.grace_seconds};
    return process_begin(c->process, &o, why) == STATUS_OK ? DRIVER_RUNNING : DRIVER_FAILED;
}

/* The last line of what the command complained of; mostly it says why. \param [out] line  [size] */
static void last_complaint(const struct command *c, size_t size, char line[])
{
    size_t n = 0;
    line[0] = '\0';
    char *text = read_end(c->complaints, &n);
    while (n > 0 && (unsigned char)text[n - 1] <= ' ') {
        text[--n] = '\0';
    }
    size_t begin = n;
    while (begin > 0 && text[begin - 1] != '\n' && text[begin - 1] != '\r') {
        begin--;
    }
    if (n > begin) {
        (void)snprintf(line, size, ": %s", text + begin);
        for (char *at = line; *at != '\0'; at++) {
            *at = (char)((unsigned char)*at < ' ' ? ' ' : *at);
        }
    }
    free(text);
}

static enum status read_outcomes(const struct command *c, double outcomes[], struct status_why *why)
{
    const struct command_options *o = &c->options;
    const char *name = o->output[0] != '\0' ? o->output : printed;
    size_t n = 0;
    char *text = read_end(c->output, &n);
    if (text == NULL) {
        return status_fail(why, STATUS_INPUT, "%s: the command has not written it", name);
    }
    const enum status st = outcomes_read(name, text, n, o->n_outcomes, o->outcomes, outcomes, why);
    free(text);
    return st;
}

static enum driver_progress poll(void *context, double outcomes[], struct status_why *why)
{
    enum { LINE_SIZE = 160 };
    struct command *c = context;
    struct process_end end;
    char line[LINE_SIZE];
    if (!process_ended(c->process, &end)) {
        return DRIVER_RUNNING;
    }
    last_complaint(c, sizeof line, line);
    if (end.timed_out) {
        (void)status_fail(why, STATUS_INPUT, "stopped after %g s%s", c->options.timeout_seconds,
                          line);
    } else if (end.signal != 0) {
        (void)status_fail(why, STATUS_INPUT, "ended by signal %d (%s)%s", end.signal,
                          strsignal(end.signal), line);
    } else if (end.code != 0) {
        (void)status_fail(why, STATUS_INPUT, "exit code %d%s", end.code, line);
    } else if (read_outcomes(c, outcomes, why) == STATUS_OK) {
        if (!c->options.keeps_folders) {
            remove_folder(c->attempt_folder);
        }
        return DRIVER_DONE;
    }
    (void)write_text(c->failure, why->message); /* if it can: the log has it too */
    return DRIVER_FAILED;
}

static void cancel(void *context)
{
    struct command *c = context;
    process_cancel(c->process);
}

struct driver_evaluator command_evaluator(struct command *c)
{
    return (struct driver_evaluator){"command", begin, poll, cancel, c};
}

/* A word as a shell takes it back. */
static size_t quote(const char *word, size_t size, char text[])
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+=./:,@%";
    size_t used = 0;
    if (word[0] != '\0' && strspn(word, plain) == strlen(word)) {
        return (size_t)snprintf(text, size, "%s", word);
    }
    used += (size_t)snprintf(text, size, "'");
    for (const char *at = word; *at != '\0' && used < size; at++) {
        const char one[2] = {*at, '\0'};
        used += (size_t)snprintf(text + used, size - used, "%s", *at == '\'' ? "'\\''" : one);
    }
    return used < size ? used + (size_t)snprintf(text + used, size - used, "'") : used;
}

size_t command_misplaced(const struct command *c, size_t from)
{
    size_t i = from;
    for (; i < c->options.n_words; i++) {
        const char *word = c->options.words[i];
        char path[TEXT_SIZE];
        const bool is_program = i == 0; /* looked for from the study, or in PATH */
        if (is_program || word[0] == '/' || word[0] == '\0' || strchr(word, '{') != NULL) {
            continue;
        }
        (void)snprintf(path, sizeof path, "%.*s/%.255s", TEXT_SIZE - 300, c->study_folder, word);
        if (access(path, F_OK) == 0) {
            break;
        }
    }
    return i;
}

void command_line(const struct command *c, uint64_t id, const double values[], size_t size,
                  char text[])
{
    struct command copy = *c;
    struct status_why ignored;
    char word[TEXT_SIZE];
    size_t used = 0;
    status_clear(&ignored);
    set_attempt(&copy, id, 1);
    text[0] = '\0';
    for (size_t i = 0; i < c->options.n_words && used < size; i++) {
        if (expand(&copy, c->options.words[i], values, word, &ignored) == STATUS_OK) {
            used += i > 0 ? (size_t)snprintf(text + used, size - used, " ") : 0;
            used += used < size ? quote(word, size - used, text + used) : 0;
        }
    }
}
