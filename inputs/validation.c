#include "inputs/validation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/registry.h"
#include "inputs/sheet.h"
#include "inputs/study/keys.h"
#include "inputs/text/quantity.h"

#define TEXT(column, member) SHEET_TEXT(column, struct validation_row, member)
static const struct sheet_field fields[] = {
    SHEET_KEY("id", struct validation_row, id),
    TEXT("source", source),
    TEXT("title", title),
    TEXT("quantity", quantity_name),
    SHEET_OPTIONAL("form", struct validation_row, form_name),
    TEXT("given", given),
    SHEET_OPTIONAL("against", struct validation_row, against),
    SHEET_NUMBER("published", struct validation_row, published, true, 1, -1e40, 1e40),
    SHEET_NUMBER("tolerance", struct validation_row, tolerance, true, 1, 0, 1),
    TEXT("expected", expected_name),
    SHEET_NUMBER("instead", struct validation_row, instead, false, 1, -1e40, 1e40),
    SHEET_OPTIONAL("note", struct validation_row, note),
};
static const struct sheet sheet = {.file = "validation.tsv",
                                   .n_fields = sizeof fields / sizeof *fields,
                                   .fields = fields,
                                   .row_size = sizeof(struct validation_row),
                                   .line = offsetof(struct validation_row, line),
                                   .origin = offsetof(struct validation_row, file)};

static enum status fail(const struct validation_row *row, const char *column, const char *value,
                        const char *expected, struct status_why *why)
{
    return sheet_fail(row->file, row->line, column, value, expected, why);
}

static enum status take(struct validation_row *row, struct status_why *why)
{
    row->quantity = claim_find(row->quantity_name);
    if (row->quantity < 0) {
        enum { MOST = 128 };
        const char *known[MOST];
        int n = 0;
        for (; n < claim_n_quantities() && n < MOST; n++) {
            known[n] = claim_name(n);
        }
        return sheet_fail_unknown(row->file, row->line, "quantity", row->quantity_name,
                                  "expected an outcome of a study", known, (size_t)n, why);
    }
    int form = CLAIM_VALUE;
    while (row->form_name[0] != '\0' && form < CLAIM_N_FORMS
           && strcmp(row->form_name, claim_form_name((enum claim_form)form)) != 0) {
        form++;
    }
    if (form == CLAIM_N_FORMS) {
        return fail(row, "form", row->form_name, "expected value, ratio, cut, rise or difference",
                    why);
    }
    row->form = (enum claim_form)form;
    if ((row->form == CLAIM_VALUE) != (row->against[0] == '\0')) {
        return fail(row, "against", row->against,
                    "expected where two values are compared, and only there", why);
    }
    static const char *const words[] = {[VALIDATION_AGREES] = "agrees",
                                        [VALIDATION_ARITHMETIC] = "arithmetic",
                                        [VALIDATION_DIFFERS] = "differs"};
    int expected = 0;
    while (expected < VALIDATION_UNEXPECTED && strcmp(row->expected_name, words[expected]) != 0) {
        expected++;
    }
    if (expected == VALIDATION_UNEXPECTED) {
        return fail(row, "expected", row->expected_name, "expected agrees, arithmetic or differs",
                    why);
    }
    row->expected = (enum validation_verdict)expected;
    const bool differs = row->expected == VALIDATION_DIFFERS;
    if (differs == isnan(row->instead)) {
        return fail(row, "instead", row->expected_name,
                    "expected the figure that the models give where it differs, and only there",
                    why);
    }
    if (differs && row->note[0] == '\0') {
        return fail(row, "note", row->note, "expected the reason why the figure differs", why);
    }
    return STATUS_OK;
}

enum status validation_read(MPI_Comm comm, const char *path, struct validation_row **rows,
                            size_t *n, struct status_why *why)
{
    void *read = NULL;
    enum status st = sheet_read_own(comm, &sheet, path, NULL, &read, n, why);
    struct validation_row *made = read;
    for (size_t i = 0; st == STATUS_OK && i < *n; i++) {
        st = take(&made[i], why);
    }
    if (st != STATUS_OK) {
        free(made);
        made = NULL;
    }
    *rows = made;
    return st;
}

/* The words of a row, sorted by what they speak of. */
enum { MOST_SETTINGS = 48, WORDS_SIZE = 1024, PATH_SIZE = 64 };
struct words {
    char text[WORDS_SIZE]; /* keys and values end in it */
    size_t n;
    struct study_setting all[MOST_SETTINGS];
    size_t n_settings;
    struct study_setting settings[MOST_SETTINGS]; /* those for the study */
    char paths[MOST_SETTINGS][PATH_SIZE];         /* of inputs, as the study has them */
};

static char *trim(char *text)
{
    text += strspn(text, " ");
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == ' ') {
        text[--n] = '\0';
    }
    return text;
}

static enum status split(const struct validation_row *row, bool with_against, struct words *w,
                         struct status_why *why)
{
    (void)snprintf(w->text, sizeof w->text, "%s;%s", row->given, with_against ? row->against : "");
    for (char *at = w->text, *next; at != NULL; at = next) {
        next = strchr(at, ';');
        if (next != NULL) {
            *next++ = '\0';
        }
        char *word = trim(at), *equals = strchr(word, '=');
        if (word[0] == '\0') {
            continue;
        }
        if (equals == NULL || equals == word || w->n == MOST_SETTINGS) {
            return fail(row, "given", word, "expected up to 48 key=value, separated by ;", why);
        }
        *equals = '\0';
        w->all[w->n++] = (struct study_setting){trim(word), trim(equals + 1)};
    }
    return STATUS_OK;
}

/* The tables of which a row may give figures: the word before the dot, and the input that chooses
 * the row. */
static const struct {
    enum hardware_table table;
    enum design_input input;
} given_tables[] = {{HARDWARE_DEVICES, DESIGN_DEVICE},
                    {HARDWARE_GRIDS, DESIGN_GRID},
                    {HARDWARE_SITES, DESIGN_SITE}};
enum { N_GIVEN_TABLES = sizeof given_tables / sizeof *given_tables };

/* Which of them a key speaks of, or -1. \param [out] column  behind the dot */
static int table_of(const char *key, const char **column)
{
    for (int t = 0; t < N_GIVEN_TABLES; t++) {
        const char *name = hardware_table_name(given_tables[t].table);
        const size_t n = strlen(name);
        if (strncmp(key, name, n) == 0 && key[n] == '.') {
            *column = key + n + 1;
            return t;
        }
    }
    return -1;
}

static const char observed_prefix[] = "observed.", law_input_prefix[] = "input.";
static const char parts_key[] = "parts", ask_key[] = "ask", class_key[] = "class";

/* What follows a prefix of a key, or NULL. */
static const char *behind(const char *key, const char *prefix)
{
    const size_t n = strlen(prefix);
    return strncmp(key, prefix, n) == 0 ? key + n : NULL;
}

static enum status take_observed(const struct validation_row *row, const char *key,
                                 const char *value, struct validation_subject *s,
                                 struct status_why *why)
{
    const char *names[CLAIM_N_OBSERVED];
    char all[200], expected[240];
    for (int i = 0; i < CLAIM_N_OBSERVED; i++) {
        const enum claim_observed o = (enum claim_observed)i;
        names[i] = claim_observed_name(o);
        if (strcmp(key, names[i]) == 0) {
            const char *wanted =
                quantity_parse(value, claim_observed_unit(o), &s->claim.observed[o]);
            return wanted == NULL ? STATUS_OK : fail(row, key, value, wanted, why);
        }
    }
    keys_join(names, CLAIM_N_OBSERVED, all, sizeof all);
    (void)snprintf(expected, sizeof expected, "expected %s", all);
    return fail(row, "observed", key, expected, why);
}

/* Which law has it is known when the model is made. */
static enum status take_law_input(const struct validation_row *row, const char *key,
                                  const char *value, struct validation_subject *s,
                                  struct status_why *why)
{
    struct validation_law_input *made = &s->law_inputs[s->n_law_inputs];
    if (s->n_law_inputs == LAW_MAX_INPUTS || strlen(key) >= sizeof made->name) {
        return fail(row, "input", key, "expected up to 8 inputs of a law", why);
    }
    s->n_law_inputs++;
    (void)snprintf(made->name, sizeof made->name, "%s", key);
    const char *wanted = quantity_parse(value, "count", &made->value);
    return wanted == NULL ? STATUS_OK : fail(row, key, value, wanted, why);
}

static enum status take_ask(const struct validation_row *row, const char *key, const char *value,
                            struct validation_subject *s, struct status_why *why)
{
    if (strlen(value) >= sizeof s->ask) {
        return fail(row, key, value, "expected at most 255 characters", why);
    }
    (void)snprintf(s->ask, sizeof s->ask, "%s", value);
    return STATUS_OK;
}

/* Whether a figure depends on the section of a study to which the key belongs. */
static bool is_read(const char *key)
{
    static const char *const sections[] = {"space.", "runs.",      "law.",
                                           "fit.",   "footprint.", "catalogue."};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        if (behind(key, sections[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* Read the catalogue anew for a row that says something of it. */
static enum status read_own(MPI_Comm comm, const struct words *w, struct validation_subject *made,
                            struct status_why *why)
{
    for (size_t i = 0; i < w->n_settings; i++) {
        made->has_own |= behind(w->settings[i].path, "catalogue.") != NULL;
    }
    return made->has_own ? registry_read_study(comm, &made->study, &made->own, why) : STATUS_OK;
}

/* What is no figure of a table and none of the words below goes to the study, inputs under
 * `space`. */
static enum status sort_words(const struct validation_row *row, struct words *w,
                              struct validation_subject *s, struct status_why *why)
{
    const char *column;
    enum status st = STATUS_OK;
    for (size_t i = 0; i < w->n && st == STATUS_OK; i++) {
        const char *key = w->all[i].path, *value = w->all[i].value;
        const char *observed = behind(key, observed_prefix);
        const char *law_input = behind(key, law_input_prefix);
        if (observed != NULL) {
            st = take_observed(row, observed, value, s, why);
        } else if (law_input != NULL) {
            st = take_law_input(row, law_input, value, s, why);
        } else if (strcmp(key, ask_key) == 0) {
            st = take_ask(row, key, value, s, why);
        } else if (table_of(key, &column) < 0 && strcmp(key, parts_key) != 0
                   && strcmp(key, class_key) != 0) {
            const bool is_input = strchr(key, '.') == NULL;
            if (!is_input && !is_read(key)) {
                return status_fail(why, STATUS_INPUT,
                                   "%s:%d: %s: no figure reads it: expected an input, or a key of "
                                   "runs, law, fit, footprint or catalogue",
                                   row->file, row->line, key);
            }
            (void)snprintf(w->paths[w->n_settings], PATH_SIZE, "%s%s", is_input ? "space." : "",
                           key);
            w->settings[w->n_settings] = (struct study_setting){w->paths[w->n_settings], value};
            w->n_settings++;
        }
    }
    return st;
}

/* The one value of each input of the study. */
static enum status bind_design(const struct validation_row *row,
                               const struct hardware_catalogue *catalogue,
                               struct validation_subject *s, struct status_why *why)
{
    s->design = design_neutral();
    for (size_t k = 0; k < s->study.n_space; k++) {
        const enum design_input input = s->study.space_order[k];
        const struct study_axis *entry = &s->study.space[input];
        const char *name = design_field(input)->name;
        if (entry->is_axis || entry->formula != NULL) {
            return fail(row, "given", name, "expected one value", why);
        }
        if (entry->labels == NULL) {
            s->design.value[input] = entry->values[0];
            continue;
        }
        const int code = design_find_category(catalogue, input, entry->labels[0]);
        if (code < 0) {
            return fail(row, name, entry->labels[0], "unknown", why);
        }
        s->design.value[input] = code;
    }
    return STATUS_OK;
}

/* A device, grid and site of the subject's own: copies of the rows that the design names, empty
 * where it names none. */
static void own_rows(const struct hardware_catalogue *c, struct validation_subject *s)
{
    const int device = design_code(&s->design, DESIGN_DEVICE);
    const int grid = design_code(&s->design, DESIGN_GRID);
    const int site = design_code(&s->design, DESIGN_SITE);
    s->catalogue = *c;
    registry_blank(HARDWARE_DEVICES, &s->device);
    registry_blank(HARDWARE_GRIDS, &s->grid);
    registry_blank(HARDWARE_SITES, &s->site);
    if (device >= 0) {
        s->device = c->devices[device];
    }
    if (grid >= 0) {
        s->grid = c->grids[grid];
    }
    if (site >= 0) {
        s->site = c->sites[site];
    }
    s->catalogue.devices = &s->device;
    s->catalogue.grids = &s->grid;
    s->catalogue.sites = &s->site;
    s->catalogue.n_devices = s->catalogue.n_grids = s->catalogue.n_sites = 1;
    for (int t = 0; t < N_GIVEN_TABLES; t++) {
        s->design.value[given_tables[t].input] = 0;
    }
}

static enum status take_figures(const struct validation_row *row, const struct words *w,
                                struct validation_subject *s, struct status_why *why)
{
    void *const rows[N_GIVEN_TABLES] = {&s->device, &s->grid, &s->site};
    enum status st = STATUS_OK;
    for (size_t i = 0; i < w->n && st == STATUS_OK; i++) {
        const char *column;
        const int t = table_of(w->all[i].path, &column);
        if (t >= 0) {
            st = registry_set(given_tables[t].table, rows[t], column, w->all[i].value, row->file,
                              row->line, why);
        }
    }
    return st;
}

/* The embodied carbon of the device as the sum of parts, and the list of elements asked for. */
static enum status take_names(const struct validation_row *row, const struct words *w,
                              const struct validation_tables *tables, struct validation_subject *s,
                              struct status_why *why)
{
    for (size_t i = 0; i < w->n; i++) {
        const char *key = w->all[i].path, *value = w->all[i].value;
        if (strcmp(key, parts_key) == 0) {
            const double kg = parts_embodied_kg(tables->parts, tables->n_parts, value);
            if (isnan(kg)) {
                return fail(row, key, value, "expected a name of parts.tsv", why);
            }
            s->device.embodied_carbon_kg = (struct hardware_interval){kg, kg, kg};
        } else if (strcmp(key, class_key) == 0) {
            s->claim.element_class = hardware_find_class(tables->catalogue, value);
            if (s->claim.element_class < 0) {
                return fail(row, key, value, "expected a list of classes.tsv", why);
            }
        }
    }
    return STATUS_OK;
}

enum status validation_bind(MPI_Comm comm, const struct validation_row *row, bool with_against,
                            const struct validation_tables *tables, struct validation_subject *made,
                            struct status_why *why)
{
    struct status_why said;
    enum status st;
    struct words *w = calloc(1, sizeof *w);
    memset(made, 0, sizeof *made);
    if (w == NULL) {
        return status_fail(why, STATUS_MEMORY, "%s:%d: no memory", row->file, row->line);
    }
    STATUS_TRY(split(row, with_against, w, why));
    made->claim = claim_unobserved();
    STATUS_TRY(sort_words(row, w, made, why));
    status_clear(&said);
    st = study_parse(row->file, "", 0, w->settings, w->n_settings, &made->study, &said);
    if (st != STATUS_OK) {
        (void)status_fail(why, st, "%.600s:%d: %.400s", row->file, row->line, said.message);
        goto out;
    }
    STATUS_TRY(read_own(comm, w, made, why));
    struct validation_tables mine = *tables;
    mine.catalogue = made->has_own ? &made->own : tables->catalogue;
    STATUS_TRY(bind_design(row, mine.catalogue, made, why));
    own_rows(mine.catalogue, made);
    STATUS_TRY(take_figures(row, w, made, why));
    STATUS_TRY(take_names(row, w, &mine, made, why));
    made->claim.design = &made->design;
    made->claim.catalogue = &made->catalogue;
    made->claim.options = &made->study.footprint;
out:
    if (st != STATUS_OK) {
        validation_clear(made);
    }
    free(w);
    return st;
}

void validation_clear(struct validation_subject *s)
{
    study_clear(&s->study);
    registry_clear(&s->own);
    memset(s, 0, sizeof *s);
}

double validation_error(const struct validation_row *row, double computed)
{
    return computed / row->published - 1.0;
}

/* Figures known instead are written with four digits or more. */
static const double instead_to = 1e-3;

static bool is_near(double computed, double figure, double tolerance)
{
    return fabs(computed - figure) <= tolerance * fabs(figure);
}

const char *validation_verdict_name(enum validation_verdict v)
{
    static const char *const names[VALIDATION_N_VERDICTS] = {
        [VALIDATION_AGREES] = "agrees",
        [VALIDATION_ARITHMETIC] = "arithmetic",
        [VALIDATION_DIFFERS] = "differs, as known",
        [VALIDATION_UNEXPECTED] = "UNEXPECTED"};
    STATUS_ASSERT((int)v >= 0 && v < VALIDATION_N_VERDICTS);
    return names[v];
}

enum validation_verdict validation_judge(const struct validation_row *row, double computed)
{
    const bool agrees = is_near(computed, row->published, row->tolerance);
    if (row->expected != VALIDATION_DIFFERS) {
        return agrees ? row->expected : VALIDATION_UNEXPECTED;
    }
    return !agrees && is_near(computed, row->instead, instead_to) ? VALIDATION_DIFFERS
                                                                  : VALIDATION_UNEXPECTED;
}
