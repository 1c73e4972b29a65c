#define _POSIX_C_SOURCE 200809L
#include "inputs/study/study.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "inputs/study/axis.h"
#include "inputs/study/dependents.h"
#include "inputs/study/external.h"
#include "inputs/study/keys.h"
#include "inputs/study/settings.h"
#include "inputs/study/value.h"
#include "inputs/text/bytes.h"
#include "inputs/text/tree.h"
#include "solver/base/team.h"

/* A mapping that is a section of the table: its members are keys or sections. */
static enum status read_section(struct study *study, const struct tree_node *section,
                                struct status_why *why)
{
    char path[256], names[KEYS_MAX_MEMBERS][KEYS_NAME_SIZE];
    const char *known[KEYS_MAX_MEMBERS];
    enum status st = value_expect(study, section, TREE_MAPPING, why);
    tree_path(section, path, sizeof path);
    const size_t n = keys_members(path, names);
    for (size_t i = 0; i < n; i++) {
        known[i] = names[i];
    }
    for (const struct tree_node *m = section->first; st == STATUS_OK && m != NULL; m = m->next) {
        char below[KEYS_MAX_MEMBERS][KEYS_NAME_SIZE];
        tree_path(m, path, sizeof path);
        const struct keys_row *row = keys_find(path);
        if (row != NULL && !row->is_member) {
            st = settings_read(study, row, m, why);
        } else if (row == NULL && keys_members(path, below) > 0) {
            st = read_section(study, m, why);
        } else {
            st = value_fail_key(study, m, known, n, why);
        }
    }
    return st;
}

/* One budget at most, and ranges that ascend. */
static enum status check_plan(const struct study *s, struct status_why *why)
{
    const struct {
        const char *key;
        const struct study_range *range;
    } ranges[] = {{"plan.params", &s->plan_params}, {"plan.tokens", &s->plan_tokens}};
    size_t n_budgets = 0;
    for (size_t i = 0; i < STUDY_N_BUDGETS; i++) {
        n_budgets += s->plan_budget[i] > 0.0;
        if (s->plan_budget[i] > 0.0 && n_budgets > 1) {
            return study_fail(s, s->plan_budget_places[i], "plan.budget", NULL,
                              "given twice: expected one of compute_flop, device_hour, energy_kwh "
                              "and cost_usd",
                              why);
        }
    }
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const struct study_range *r = ranges[i].range;
        if (r->from > 0.0 && r->to > 0.0 && r->from > r->to) {
            return study_fail(s, r->place, ranges[i].key, NULL, "from is above to", why);
        }
    }
    return STATUS_OK;
}

/* Rules that hold between keys. */
static enum status check_together(const struct study *s, struct status_why *why)
{
    if (s->law_set[0] != '\0' && s->law_from[0] != '\0') {
        return study_fail(s, s->law_from_place, "law.from", s->law_from,
                          "law.set is given too: expected one of them", why);
    }
    if (s->law_set[0] != '\0' && s->law_id_place.line != 0) {
        return study_fail(s, s->law_id_place, "law.id", s->law_id,
                          "law.set says which law it is: leave law.id out", why);
    }
    if (s->law_formula[0] != '\0' && (s->law_set[0] != '\0' || s->law_from[0] != '\0')) {
        return study_fail(s, s->law_formula_place, "law.formula", s->law_formula,
                          "law.set or law.from is given too: expected one of them", why);
    }
    if (s->law_inputs[0] != '\0' && s->law_formula[0] == '\0') {
        return study_fail(s, s->law_inputs_place, "law.inputs", s->law_inputs,
                          "law.formula is not given: only a formula needs its inputs named", why);
    }
    enum status st = check_plan(s, why);
    for (size_t i = 0; st == STATUS_OK && i < s->n_approaches; i++) {
        char text[32];
        if (s->approaches[i] < rint(s->approaches[i])
            || s->approaches[i] > rint(s->approaches[i])) {
            (void)snprintf(text, sizeof text, "%g", s->approaches[i]);
            return study_fail(s, s->approaches_place, "fit.approaches", text,
                              "expected whole numbers: 1, 2 or 3", why);
        }
    }
    return st;
}

bool study_wants_approach(const struct study *study, int approach)
{
    bool wants = approach == 3;
    for (size_t i = 0; i < study->n_approaches; i++) {
        wants = wants || (int)study->approaches[i] == approach;
    }
    return wants;
}

/* Fill study, whose file and text are set. */
static enum status fill(struct study *study, const struct study_setting settings[],
                        size_t n_settings, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct tree_node *root = NULL;

    STATUS_TRY(settings_defaults(study, why));
    STATUS_TRY(tree_parse(study->file, study->text, study->n_text, &root, why));
    STATUS_TRY(value_expect(study, root, TREE_MAPPING, why));
    if (root->n == 0 && n_settings == 0) {
        st = status_fail(why, STATUS_INPUT, "%s: empty: expected a study", study->file);
        goto out;
    }
    for (size_t i = 0; i < n_settings; i++) {
        STATUS_TRY(tree_set(root, settings[i].path, settings[i].value, why));
    }
    STATUS_TRY(read_section(study, root, why));
    STATUS_TRY(check_together(study, why));
    STATUS_TRY(dependents_bind(study, why));
out:
    tree_destroy(root);
    return st;
}

/* Takes over text, also on failure. */
static enum status make(const char *name, char *text, size_t n,
                        const struct study_setting settings[], size_t n_settings,
                        struct study *study, struct status_why *why)
{
    enum status st = STATUS_OK;
    memset(study, 0, sizeof *study);
    study->text = text;
    study->n_text = n;
    if (text == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%s: %zu bytes", name, n);
    } else if (strlen(name) >= sizeof study->file) {
        st = status_fail(why, STATUS_INPUT, "%.80s...: the path is too long", name);
    } else {
        (void)snprintf(study->file, sizeof study->file, "%s", name);
        st = fill(study, settings, n_settings, why);
    }
    if (st != STATUS_OK) {
        study_clear(study);
    }
    return st;
}

enum status study_read(MPI_Comm comm, const char *path, const struct study_setting settings[],
                       size_t n_settings, struct study *study, struct status_why *why)
{
    char *text;
    size_t n;
    memset(study, 0, sizeof *study);
    const enum status st = bytes_read(comm, path, &text, &n, why);
    return st != STATUS_OK
               ? st
               : team_agree(comm, make(path, text, n, settings, n_settings, study, why), why);
}

enum status study_parse(const char *name, const char *text, size_t n,
                        const struct study_setting settings[], size_t n_settings,
                        struct study *study, struct status_why *why)
{
    char *copy = malloc(n + 1);
    if (copy != NULL) {
        memcpy(copy, text, n);
        copy[n] = '\0';
    }
    return make(name, copy, n, settings, n_settings, study, why);
}

void study_clear(struct study *study)
{
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        axis_clear(&study->space[i]);
    }
    dependent_clear(&study->dependents);
    external_clear(study);
    free(study->text);
    memset(study, 0, sizeof *study);
}

enum status study_fail(const struct study *study, struct study_place place, const char *key,
                       const char *value, const char *expected, struct status_why *why)
{
    enum { LONGEST = 80 }; /* enough of a value to find it */
    char where[64] = "", shown[LONGEST + 8] = "", message[2 * STATUS_MESSAGE_SIZE];
    if (place.line > 0) {
        (void)snprintf(where, sizeof where, ":%d:%d", place.line, place.column);
    }
    if (value != NULL && value[0] != '\0') {
        (void)snprintf(shown, sizeof shown, "%.*s%s: ", LONGEST, value,
                       strlen(value) > LONGEST ? "..." : "");
    }
    (void)snprintf(message, sizeof message, "%s%s: %s%s%s%s",
                   place.line < 0 ? "--set" : study->file, where, key, key[0] != '\0' ? ": " : "",
                   shown, expected);
    for (char *c = message; *c != '\0'; c++) { /* a message is one line */
        *c = (char)((unsigned char)*c < ' ' ? ' ' : *c);
    }
    return status_fail(why, STATUS_INPUT, "%s", message);
}

struct study_place study_place_in(const struct study *study, struct study_place place,
                                  size_t column)
{
    const char *at = study->text;
    if (place.line <= 0 || column == 0 || at == NULL) {
        return place;
    }
    for (int line = 1; at != NULL && line < place.line; line++) {
        at = strchr(at, '\n');
        at = at != NULL ? at + 1 : NULL;
    }
    const bool quoted = at != NULL && strlen(at) >= (size_t)place.column
                        && strchr("\"'", at[place.column - 1]) != NULL;
    place.column += (int)column - 1 + (quoted ? 1 : 0);
    return place;
}

void study_path(const struct study *study, const char *written, char path[], size_t size)
{
    const char *slash = strrchr(study->file, '/');
    const int folder = written[0] == '/' || slash == NULL ? 0 : (int)(slash - study->file) + 1;
    (void)snprintf(path, size, "%.*s%s", folder, study->file, written);
}

/* Lines `  section:` that lead to path and were not written for the path before. */
static void write_sections(FILE *to, const char *path, const char *before)
{
    const char *begin = path;
    int depth = 0;
    for (const char *dot = strchr(path, '.'); dot != NULL; dot = strchr(begin, '.')) {
        const size_t length = (size_t)(dot - path) + 1;
        if (strncmp(path, before, length) != 0) {
            (void)fprintf(to, "%*s%.*s:\n", 2 * depth, "", (int)(dot - begin), begin);
        }
        begin = dot + 1;
        depth++;
    }
    (void)fprintf(to, "%*s%s: ", 2 * depth, "", begin);
}

/* law.id is a default that law.set and law.formula overrule. */
static bool is_in_effect(const struct study *study, const struct keys_row *row)
{
    return settings_is_given(study, row)
           && !((study->law_set[0] != '\0'
                 || (study->law_formula[0] != '\0' && study->law_id_place.line == 0))
                && strcmp(row->path, "law.id") == 0);
}

/* How much of a study is written: all; what a result depends on; what restart records depend on. */
enum extent { ALL, OF_RESULT, OF_RECORDS };

static bool is_within(const struct keys_row *row, enum extent extent)
{
    return extent == ALL
           || (strcmp(row->path, "output") != 0 && (extent == OF_RESULT || !row->is_conduct));
}

static enum status write_effective(const struct study *study, enum extent extent, char **text,
                                   struct status_why *why)
{
    size_t n = 0;
    const char *before = "";
    const struct keys_row *row;
    *text = NULL;
    FILE *to = open_memstream(text, &n);
    if (to == NULL) {
        return status_fail(why, STATUS_MEMORY, "%s: no room for the study", study->file);
    }
    for (size_t i = 0; (row = keys_at(i)) != NULL; i++) {
        if (is_in_effect(study, row) && is_within(row, extent)) {
            write_sections(to, row->path, before);
            settings_write(to, study, row);
            (void)fputc('\n', to);
            before = row->path;
        }
    }
    if (fclose(to) != 0) {
        free(*text);
        *text = NULL;
        return status_fail(why, STATUS_MEMORY, "%s: no room for the study", study->file);
    }
    return STATUS_OK;
}

enum status study_effective(const struct study *study, char **text, struct status_why *why)
{
    return write_effective(study, ALL, text, why);
}

static enum status make_digest(const struct study *study, enum extent extent,
                               char digest[DIGEST_SIZE], struct status_why *why)
{
    char *text;
    const enum status st = write_effective(study, extent, &text, why);
    if (st == STATUS_OK) {
        digest_of(text, strlen(text), digest);
        free(text);
    }
    return st;
}

enum status study_digest(const struct study *study, char digest[DIGEST_SIZE],
                         struct status_why *why)
{
    return make_digest(study, OF_RESULT, digest, why);
}

enum status study_records_digest(const struct study *study, char digest[DIGEST_SIZE],
                                 struct status_why *why)
{
    return make_digest(study, OF_RECORDS, digest, why);
}

/* Unit and default of a row for people. */
static void describe(const struct keys_row *row, char text[], size_t size)
{
    char type[128];
    keys_type_text(row, type, sizeof type);
    const bool has_unit = row->unit != NULL && strcmp(row->unit, "1") != 0;
    (void)snprintf(text, size, "%s%s%s%s", type, has_unit ? " in " : "", has_unit ? row->unit : "",
                   row->initial != NULL ? ", default " : "");
    if (row->initial != NULL) {
        const size_t length = strlen(text);
        (void)snprintf(text + length, size - length, "%s", row->initial);
    }
}

void study_print_keys(FILE *to)
{
    const struct keys_row *row;
    for (size_t i = 0; (row = keys_at(i)) != NULL; i++) {
        char text[256];
        describe(row, text, sizeof text);
        (void)fprintf(to, "  %-28s %s\n  %-28s   %s\n", row->path, text, "", row->help);
    }
}

/* The row's range without the first words of its message, which a table does not need. */
static void print_range(FILE *to, const struct keys_row *row)
{
    static const char *const lead[] = {"must be in ", "must be "};
    char range[64] = "";
    const char *shown = range;
    if (row->range.upper > row->range.lower) {
        keys_range_text(&row->range, range, sizeof range);
    }
    for (size_t i = 0; i < sizeof lead / sizeof *lead && shown == range; i++) {
        shown += strncmp(range, lead[i], strlen(lead[i])) == 0 ? strlen(lead[i]) : 0;
    }
    (void)fprintf(to, " %s |", shown);
}

void study_print_page(FILE *to)
{
    const struct keys_row *row;
    (void)fputs("# Keys of a study\n\n"
                "A study is one YAML file. Every key is optional unless a job needs it. `--set "
                "path=value` on the command line\noverrides the file. This page is printed from "
                "the table in `inputs/study/keys.c`.\n\n"
                "| key | value | unit | default | range | meaning |\n"
                "|---|---|---|---|---|---|\n",
                to);
    for (size_t i = 0; (row = keys_at(i)) != NULL; i++) {
        char type[128];
        keys_type_text(row, type, sizeof type);
        (void)fprintf(to, "| `%s` | %s | %s | %s |", row->path, type,
                      row->unit != NULL ? row->unit : "", row->initial != NULL ? row->initial : "");
        print_range(to, row);
        (void)fprintf(to, " %s |\n", row->help);
    }
    (void)fputs("\n`INPUT` is one of:\n\n| input | unit | range | meaning |\n|---|---|---|---|\n",
                to);
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const struct design_field *f = design_field((enum design_input)i);
        if (f->kind == DESIGN_CATEGORY) {
            (void)fprintf(to, "| `%s` | a name | | %s |\n", f->name, f->long_name);
        } else {
            (void)fprintf(to, "| `%s` | %s | %c%.10g, %.10g]%s | %s |\n", f->name,
                          f->counts ? "count" : f->unit,
                          f->lower > 0 || f->neutral <= 0 ? '[' : '(', f->lower, f->upper,
                          isinf(f->neutral) ? " or inf" : "", f->long_name);
        }
    }
    (void)fputs("\n`kind` of a correction is one of, in the order in which they are applied:\n\n"
                "| kind | parameters | meaning |\n|---|---|---|\n",
                to);
    const struct correct_kind *kind;
    for (size_t i = 0; (kind = correct_at(i)) != NULL; i++) {
        (void)fprintf(to, "| `%s` |", kind->name);
        for (size_t k = 0; k < kind->n_parameters; k++) {
            const struct correct_parameter *p = &kind->parameters[k];
            (void)fprintf(to, " `%s` in [%g, %g]%s", p->name, p->lower, p->upper,
                          k + 1 < kind->n_parameters ? "," : "");
        }
        (void)fprintf(to, " | %s |\n", kind->title);
    }
    (void)fputs("\n`OUTCOME` is one of:\n\n| outcome | unit | meaning |\n|---|---|---|\n", to);
    for (int i = 0; i < FOOTPRINT_N_OUTCOMES; i++) {
        const struct footprint_field *f = footprint_field((enum footprint_outcome)i);
        (void)fprintf(to, "| `%s` | %s | %s |\n", f->name, f->unit, f->long_name);
    }
}

/* Damerau-Levenshtein distance in which no part is edited twice: insertions, deletions,
 * replacements and swaps of neighbours. Words longer than the limit are taken as far apart. */
static size_t distance(const char *a, const char *b)
{
    enum { LONGEST = 64 };
    const size_t n = strlen(a), m = strlen(b);
    if (n > LONGEST || m > LONGEST) {
        return n + m;
    }
    size_t rows[3][LONGEST + 1]; /* of the prefixes of a with two, one and no letters less */
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= m; j++) {
        last[j] = before[j] = j;
    }
    for (size_t i = 1; i <= n; i++) {
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            best = last[j] + 1 < best ? last[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]
                && before[j - 2] + 1 < best) {
                best = before[j - 2] + 1;
            }
            now[j] = best;
        }
        size_t *const oldest = before;
        before = last;
        last = now;
        now = oldest;
    }
    return last[m];
}

/* Whether two words begin alike in their first \a n letters, large or small. */
static bool begins(const char *word, const char *with, size_t n)
{
    return strncasecmp(word, with, n) == 0;
}

/* How a word stands in a name as a whole part, as mfu in mfu_ratio and H100 in H100-SXM5-80. The
 * nearer the smaller; NO_PART: it does not. */
enum part { SAME_LETTERS, FIRST_PART, BEGINNING, LATER_PART, NO_PART };

static enum part part_of(const char *word, const char *name)
{
    enum { FEWEST_LETTERS = 3 };
    const size_t n = strlen(word), length = strlen(name);
    if (n > length || n == 0) {
        return NO_PART;
    }
    if (begins(name, word, n)) {
        const bool ends = isalnum((unsigned char)name[n]) == 0;
        return n == length                       ? SAME_LETTERS
               : ends && n + 1 >= FEWEST_LETTERS ? FIRST_PART
               : n >= FEWEST_LETTERS             ? BEGINNING
                                                 : NO_PART;
    }
    for (size_t i = 1; i + n <= length && n >= FEWEST_LETTERS; i++) {
        if (isalnum((unsigned char)name[i - 1]) == 0 && begins(name + i, word, n)
            && isalnum((unsigned char)name[i + n]) == 0) {
            return LATER_PART;
        }
    }
    return NO_PART;
}

/* The first name of which the word is the nearest part; NULL: of none, or no nearer than \a below.
 */
static const char *nearest_part(const char *word, const char *const known[], size_t n,
                                enum part below)
{
    const char *nearest = NULL;
    for (size_t i = 0; i < n; i++) {
        const enum part part = part_of(word, known[i]);
        if (part < below) {
            below = part;
            nearest = known[i];
        }
    }
    return nearest;
}

/* The name of fewest slips, no more than \a most. */
static const char *nearest_slip(const char *word, const char *const known[], size_t n, size_t most)
{
    const size_t length = strlen(word);
    size_t best = most;
    const char *nearest = NULL;
    for (size_t i = 0; i < n; i++) {
        STATUS_ASSERT(known[i] != NULL);
        const size_t d = distance(word, known[i]);
        if (d < strlen(known[i]) && d < length && (d < best || (d == best && nearest == NULL))) {
            best = d;
            nearest = known[i];
        }
    }
    return nearest;
}

const char *study_nearest(const char *word, const char *const known[], size_t n)
{
    enum { FEWEST = 2 }; /* two slips are a slip of the hand, even in a short word */
    const size_t third = strlen(word) / 3;
    const char *nearest = nearest_part(word, known, n, BEGINNING);
    if (nearest == NULL) {
        nearest = nearest_slip(word, known, n, 1);
    }
    if (nearest == NULL) {
        nearest = nearest_part(word, known, n, NO_PART);
    }
    return nearest != NULL ? nearest
                           : nearest_slip(word, known, n, third > FEWEST ? third : FEWEST);
}
