#include "inputs/study/external.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/study/value.h"
#include "inputs/text/quantity.h"

static const char *const scales[] = {[STUDY_LOG] = "log", [STUDY_LINEAR] = "linear", NULL};
static const char *const senses[] = {"minimise", "maximise", NULL};

/* Members of a mapping that are read alike, each by its kind. */
enum member_kind { NUMBER, TEXT, SCALE, SENSE };

struct member {
    const char *name;
    enum member_kind kind;
    size_t offset;
};

static enum status read_member(const struct study *study, const struct tree_node *m,
                               const struct member *member, void *to, struct status_why *why)
{
    void *field = (char *)to + member->offset;
    int choice = 0;
    enum status st;
    switch (member->kind) {
    case NUMBER:
        return value_number(study, m, "count", NULL, field, why);
    case TEXT:
        return value_text(study, m, field, STUDY_NAME_SIZE, why);
    case SCALE:
        st = value_choice(study, m, scales, &choice, why);
        *(enum study_scale *)field = (enum study_scale)choice;
        return st;
    case SENSE:
    default:
        st = value_choice(study, m, senses, &choice, why);
        *(bool *)field = choice == 1;
        return st;
    }
}

/* Read the members that the table knows and no others. */
static enum status read_members(const struct study *study, const struct tree_node *node,
                                const struct member members[], size_t n, void *to,
                                struct status_why *why)
{
    enum { MOST = 16 };
    const char *known[MOST];
    enum status st = value_expect(study, node, TREE_MAPPING, why);
    STATUS_ASSERT(n <= MOST);
    for (size_t i = 0; i < n; i++) {
        known[i] = members[i].name;
    }
    for (const struct tree_node *m = node->first; st == STATUS_OK && m != NULL; m = m->next) {
        size_t i = 0;
        while (i < n && strcmp(known[i], m->key) != 0) {
            i++;
        }
        st = i == n ? value_fail_key(study, m, known, n, why)
                    : read_member(study, m, &members[i], to, why);
    }
    return st;
}

/* A name that formulas, placeholders and variables of the environment can carry. */
static enum status read_name(const struct study *study, const struct tree_node *entry,
                             char name[STUDY_NAME_SIZE], struct status_why *why)
{
    const char *key = entry->key;
    bool fits = strlen(key) < STUDY_NAME_SIZE && (isalpha((unsigned char)key[0]) || key[0] == '_');
    for (const char *c = key; fits && *c != '\0'; c++) {
        fits = isalnum((unsigned char)*c) || *c == '_';
    }
    if (!fits) {
        return study_fail(study, value_key_place(entry), key, NULL,
                          "expected a name of at most 39 letters, digits and _", why);
    }
    memcpy(name, key, strlen(key) + 1);
    return STATUS_OK;
}

/* Whether the items of a list are all numbers; names otherwise. */
static bool are_numbers(const struct tree_node *list)
{
    double value;
    for (const struct tree_node *item = list->first; item != NULL; item = item->next) {
        if (item->kind != TREE_SCALAR || item->is_quoted
            || quantity_parse(item->text, "count", &value) != NULL) {
            return false;
        }
    }
    return true;
}

static enum status read_level(const struct study *study, const struct tree_node *item,
                              struct study_variable *v, size_t i, struct status_why *why)
{
    enum status st = v->values != NULL
                         ? value_number(study, item, "count", NULL, &v->values[i], why)
                         : value_text(study, item, v->labels[i], STUDY_NAME_SIZE, why);
    if (st == STATUS_OK && v->labels != NULL
        && (v->labels[i][0] == '\0' || strpbrk(v->labels[i], " \t") != NULL)) {
        st = value_fail(study, item, "expected a name without blanks", why);
    }
    for (size_t k = 0; st == STATUS_OK && k < i; k++) {
        const bool is_twice = v->labels != NULL
                                  ? strcmp(v->labels[i], v->labels[k]) == 0
                                  : !(v->values[i] < v->values[k] || v->values[i] > v->values[k]);
        if (is_twice) {
            st = value_fail(study, item, "this level is in the list twice", why);
        }
    }
    return st;
}

static int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static enum status read_levels(const struct study *study, const struct tree_node *list,
                               struct study_variable *v, struct status_why *why)
{
    enum status st = value_expect(study, list, TREE_LIST, why);
    if (st != STATUS_OK) {
        return st;
    }
    if (list->n == 0 || list->n > STUDY_MAX_VARIABLE_LEVELS) {
        return value_fail(study, list, "expected a list of 1 to 1024 levels", why);
    }
    const bool numbers = are_numbers(list);
    v->values = numbers ? malloc(list->n * sizeof *v->values) : NULL;
    v->labels = numbers ? NULL : malloc(list->n * sizeof *v->labels);
    if (v->values == NULL && v->labels == NULL) {
        return status_fail(why, STATUS_MEMORY, "%s: %zu levels", v->name, list->n);
    }
    for (const struct tree_node *item = list->first; st == STATUS_OK && item != NULL;
         item = item->next) {
        st = read_level(study, item, v, v->n++, why);
    }
    if (numbers && st == STATUS_OK) {
        qsort(v->values, v->n, sizeof *v->values, compare_numbers);
    }
    return st;
}

static enum status read_range(const struct study *study, const struct tree_node *node,
                              struct study_variable *v, struct status_why *why)
{
    if (isnan(v->from) || isnan(v->to)) {
        return value_fail(study, node, "expected from and to, or values", why);
    }
    if (!(v->from < v->to)) {
        return value_fail(study, tree_find(node, "to"), "must be larger than from", why);
    }
    return v->scale == STUDY_LOG && !(v->from > 0.0) ? value_fail(
               study, tree_find(node, "from"), "must be > 0 on a logarithmic scale", why)
                                                     : STATUS_OK;
}

/* {from: a, to: b, scale: log, unit: m} or {values: [...], unit: m}. */
static enum status read_variable(const struct study *study, const struct tree_node *node,
                                 struct study_variable *v, struct status_why *why)
{
    static const struct member of_range[] = {
        {"from", NUMBER, offsetof(struct study_variable, from)},
        {"to", NUMBER, offsetof(struct study_variable, to)},
        {"scale", SCALE, offsetof(struct study_variable, scale)},
        {"unit", TEXT, offsetof(struct study_variable, unit)},
    };
    static const char *const of_list[] = {"values", "unit"};
    if (node->kind == TREE_LIST) {
        return read_levels(study, node, v, why);
    }
    const struct tree_node *values = node->kind == TREE_MAPPING ? tree_find(node, "values") : NULL;
    if (values == NULL) {
        const enum status st =
            read_members(study, node, of_range, sizeof of_range / sizeof *of_range, v, why);
        return st == STATUS_OK ? read_range(study, node, v, why) : st;
    }
    enum status st = STATUS_OK;
    for (const struct tree_node *m = node->first; st == STATUS_OK && m != NULL; m = m->next) {
        st = m == values                   ? read_levels(study, m, v, why)
             : strcmp(m->key, "unit") == 0 ? value_text(study, m, v->unit, STUDY_NAME_SIZE, why)
                                           : value_fail_key(study, m, of_list, 2, why);
    }
    return st;
}

/* Begin a mapping of named entries: room for \a most of them. */
static enum status expect_entries(const struct study *study, const struct tree_node *node,
                                  size_t most, struct status_why *why)
{
    const enum status st = value_expect(study, node, TREE_MAPPING, why);
    if (st == STATUS_OK && (node->n == 0 || node->n > most)) {
        char expected[64];
        (void)snprintf(expected, sizeof expected, "expected 1 to %zu names", most);
        return value_fail(study, node, expected, why);
    }
    return st;
}

static void clear_variables(struct study *study)
{
    for (size_t i = 0; i < study->n_variables; i++) {
        free(study->variables[i].values);
        free(study->variables[i].labels);
    }
    study->n_variables = 0;
}

enum status external_read_variables(struct study *study, const struct tree_node *node,
                                    struct status_why *why)
{
    enum status st = expect_entries(study, node, STUDY_MAX_VARIABLES, why);
    clear_variables(study);
    for (const struct tree_node *entry = node->first; st == STATUS_OK && entry != NULL;
         entry = entry->next) {
        struct study_variable *v = &study->variables[study->n_variables++];
        *v = (struct study_variable){.scale = STUDY_LINEAR,
                                     .from = (double)NAN,
                                     .to = (double)NAN,
                                     .place = value_place(entry)};
        st = read_name(study, entry, v->name, why);
        if (st == STATUS_OK) {
            st = read_variable(study, entry, v, why);
        }
    }
    return st;
}

static const struct member of_goal[] = {
    {"sense", SENSE, offsetof(struct study_goal, maximise)},
    {"scale", SCALE, offsetof(struct study_goal, scale)},
    {"reference", NUMBER, offsetof(struct study_goal, reference)},
    {"ideal", NUMBER, offsetof(struct study_goal, ideal)},
    {"noise_sd", NUMBER, offsetof(struct study_goal, noise_sd)},
    {"recover", NUMBER, offsetof(struct study_goal, recover)},
    {"unit", TEXT, offsetof(struct study_goal, unit)},
};

/* Reference and ideal must leave a box between them, on the scale of the objective. */
static enum status check_goal(const struct study *study, const struct tree_node *node,
                              const struct study_goal *g, struct status_why *why)
{
    const double better = g->maximise ? -g->ideal : g->ideal;
    const double worse = g->maximise ? -g->reference : g->reference;
    if (isnan(g->ideal) != isnan(g->reference)) {
        return value_fail(study, node, "ideal and reference go together", why);
    }
    if (!isnan(g->ideal) && !(better < worse)) {
        return value_fail(
            study, node,
            g->maximise ? "ideal must be above reference" : "ideal must be below reference", why);
    }
    if (g->scale == STUDY_LOG && (g->ideal <= 0.0 || g->reference <= 0.0 || g->recover <= 0.0)) {
        return value_fail(study, node, "on a logarithmic scale all values must be > 0", why);
    }
    return g->noise_sd < 0.0 ? value_fail(study, node, "noise_sd must be at least 0", why)
                             : STATUS_OK;
}

enum status external_read_goals(struct study *study, const struct tree_node *node,
                                struct status_why *why)
{
    enum status st = expect_entries(study, node, STUDY_MAX_GOALS, why);
    study->n_goals = 0;
    for (const struct tree_node *entry = node->first; st == STATUS_OK && entry != NULL;
         entry = entry->next) {
        struct study_goal *g = &study->goals[study->n_goals++];
        const bool says_nothing =
            entry->kind == TREE_SCALAR && !entry->is_quoted && entry->text[0] == '\0';
        *g = (struct study_goal){.scale = STUDY_LINEAR,
                                 .reference = (double)NAN,
                                 .ideal = (double)NAN,
                                 .recover = (double)NAN,
                                 .place = value_place(entry)};
        st = read_name(study, entry, g->name, why);
        if (st == STATUS_OK && !says_nothing) {
            st = read_members(study, entry, of_goal, sizeof of_goal / sizeof *of_goal, g, why);
        }
        if (st == STATUS_OK) {
            st = check_goal(study, entry, g, why);
        }
    }
    return st;
}

static const struct member of_bound[] = {
    {"min", NUMBER, offsetof(struct study_bound, lower)},
    {"max", NUMBER, offsetof(struct study_bound, upper)},
    {"recover", NUMBER, offsetof(struct study_bound, recover)},
    {"unit", TEXT, offsetof(struct study_bound, unit)},
};

enum status external_read_bounds(struct study *study, const struct tree_node *node,
                                 struct status_why *why)
{
    enum status st = expect_entries(study, node, STUDY_MAX_BOUNDS, why);
    study->n_bounds = 0;
    for (const struct tree_node *entry = node->first; st == STATUS_OK && entry != NULL;
         entry = entry->next) {
        struct study_bound *b = &study->bounds[study->n_bounds++];
        *b = (struct study_bound){.lower = (double)-INFINITY,
                                  .upper = (double)INFINITY,
                                  .recover = (double)NAN,
                                  .place = value_place(entry)};
        st = read_name(study, entry, b->name, why);
        if (st == STATUS_OK) {
            st = read_members(study, entry, of_bound, sizeof of_bound / sizeof *of_bound, b, why);
        }
        if (st == STATUS_OK && isinf(b->lower) && isinf(b->upper)) {
            st = value_fail(study, entry, "expected min or max", why);
        }
        if (st == STATUS_OK && b->lower > b->upper) {
            st = value_fail(study, entry, "min must be at most max", why);
        }
    }
    return st;
}

enum status external_read_texts(const struct study *study, const struct tree_node *node,
                                size_t most, struct study_text texts[], size_t *n,
                                struct status_why *why)
{
    enum status st = value_expect(study, node, TREE_LIST, why);
    *n = 0;
    if (st == STATUS_OK && (node->n == 0 || node->n > most)) {
        char expected[64];
        (void)snprintf(expected, sizeof expected, "expected a list of 1 to %zu texts", most);
        return value_fail(study, node, expected, why);
    }
    for (const struct tree_node *item = node->first; st == STATUS_OK && item != NULL;
         item = item->next) {
        struct study_text *to = &texts[(*n)++];
        to->place = value_place(item);
        st = value_text(study, item, to->text, sizeof to->text, why);
    }
    return st;
}

static void write_member(FILE *to, const char *name, double value, const char **between)
{
    if (isfinite(value)) {
        (void)fprintf(to, "%s%s: ", *between, name);
        value_write_number(to, value);
        *between = ", ";
    }
}

static void write_unit(FILE *to, const char *unit, const char **between)
{
    if (unit[0] != '\0') {
        (void)fprintf(to, "%sunit: ", *between);
        value_write_text(to, unit);
        *between = ", ";
    }
}

void external_write_variables(FILE *to, const struct study *study)
{
    for (size_t i = 0; i < study->n_variables; i++) {
        const struct study_variable *v = &study->variables[i];
        const char *between = "";
        (void)fprintf(to, "\n    %s: {", v->name);
        if (v->n == 0) {
            write_member(to, "from", v->from, &between);
            write_member(to, "to", v->to, &between);
            (void)fprintf(to, ", scale: %s", scales[v->scale]);
        } else {
            (void)fputs("values: ", to);
            between = ", ";
        }
        for (size_t k = 0; k < v->n; k++) {
            (void)fputs(k == 0 ? "[" : ", ", to);
            if (v->values != NULL) {
                value_write_number(to, v->values[k]);
            } else {
                value_write_text(to, v->labels[k]);
            }
        }
        (void)fputs(v->n > 0 ? "]" : "", to);
        write_unit(to, v->unit, &between);
        (void)fputc('}', to);
    }
}

void external_write_goals(FILE *to, const struct study *study)
{
    for (size_t i = 0; i < study->n_goals; i++) {
        const struct study_goal *g = &study->goals[i];
        const char *between = ", ";
        (void)fprintf(to, "\n    %s: {sense: %s, scale: %s", g->name, senses[g->maximise],
                      scales[g->scale]);
        write_member(to, "reference", g->reference, &between);
        write_member(to, "ideal", g->ideal, &between);
        write_member(to, "noise_sd", g->noise_sd, &between);
        write_member(to, "recover", g->recover, &between);
        write_unit(to, g->unit, &between);
        (void)fputc('}', to);
    }
}

void external_write_bounds(FILE *to, const struct study *study)
{
    for (size_t i = 0; i < study->n_bounds; i++) {
        const struct study_bound *b = &study->bounds[i];
        const char *between = "";
        (void)fprintf(to, "\n    %s: {", b->name);
        write_member(to, "min", b->lower, &between);
        write_member(to, "max", b->upper, &between);
        write_member(to, "recover", b->recover, &between);
        write_unit(to, b->unit, &between);
        (void)fputc('}', to);
    }
}

void external_write_texts(FILE *to, const struct study_text texts[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        (void)fputs(i == 0 ? "[" : ", ", to);
        value_write_text(to, texts[i].text);
    }
    (void)fputc(']', to);
}

void external_clear(struct study *study)
{
    clear_variables(study);
}
