#include "inputs/study/settings.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "inputs/study/axis.h"
#include "inputs/study/correction.h"
#include "inputs/study/external.h"
#include "inputs/study/question.h"
#include "inputs/study/value.h"
#include "inputs/text/quantity.h"

/* Fields are reached by their offset. */
static void *field_of(struct study *study, size_t offset)
{
    return (char *)study + offset;
}

static const void *field_in(const struct study *study, size_t offset)
{
    return (const char *)study + offset;
}

static size_t count_in(const struct study *study, const struct keys_row *row)
{
    const size_t *n = field_in(study, row->count);
    return *n;
}

/* Enums of the study are unsigned and of this size. */
_Static_assert(sizeof(enum study_objective) == sizeof(unsigned), "enums are unsigned");

static unsigned choice_in(const struct study *study, const struct keys_row *row)
{
    unsigned choice;
    memcpy(&choice, field_in(study, row->offset), sizeof choice);
    return choice;
}

static enum status read_text(struct study *study, const struct keys_row *row,
                             const struct tree_node *node, struct status_why *why)
{
    const enum status st = value_text(study, node, field_of(study, row->offset), row->size, why);
    /* An empty text would be taken for a key that is not there. */
    return st == STATUS_OK && node->text[0] == '\0'
               ? value_fail(study, node, "expected a text; for none leave the key out", why)
               : st;
}

static enum status read_choice(struct study *study, const struct keys_row *row,
                               const struct tree_node *node, struct status_why *why)
{
    int choice = 0;
    const enum status st = value_choice(study, node, row->choices, &choice, why);
    const unsigned value = (unsigned)choice;
    memcpy(field_of(study, row->offset), &value, sizeof value);
    return st;
}

static enum status read_count(struct study *study, const struct keys_row *row,
                              const struct tree_node *node, struct status_why *why)
{
    return value_count(study, node, &row->range, field_of(study, row->offset), why);
}

static enum status read_number(struct study *study, const struct keys_row *row,
                               const struct tree_node *node, struct status_why *why)
{
    return value_number(study, node, row->unit, &row->range, field_of(study, row->offset), why);
}

/* A list that has 1 to most items. */
static enum status expect_list(const struct study *study, const struct tree_node *node, size_t most,
                               struct status_why *why)
{
    const enum status st = value_expect(study, node, TREE_LIST, why);
    if (st == STATUS_OK && (node->n == 0 || node->n > most)) {
        char expected[64];
        (void)snprintf(expected, sizeof expected, "expected a list of 1 to %zu items", most);
        return value_fail(study, node, expected, why);
    }
    return st;
}

/* Different numbers in a list of at most row->size. */
static enum status read_list(struct study *study, const struct keys_row *row,
                             const struct tree_node *node, double values[], size_t *n,
                             struct status_why *why)
{
    enum status st = expect_list(study, node, row->size, why);
    *n = 0;
    for (const struct tree_node *item = node->first; st == STATUS_OK && item != NULL;
         item = item->next) {
        st = value_number(study, item, row->unit, &row->range, &values[*n], why);
        for (size_t i = 0; st == STATUS_OK && i < *n; i++) {
            if (!(values[i] < values[*n] || values[i] > values[*n])) {
                st = value_fail(study, item, "this value is in the list twice", why);
            }
        }
        (*n)++;
    }
    return st;
}

static enum status read_numbers(struct study *study, const struct keys_row *row,
                                const struct tree_node *node, struct status_why *why)
{
    return read_list(study, row, node, field_of(study, row->offset), field_of(study, row->count),
                     why);
}

static enum status read_grid(struct study *study, const struct keys_row *row,
                             const struct tree_node *node, struct status_why *why)
{
    static const struct keys_row levels = {.path = "fit.start_grid",
                                           .unit = "1",
                                           .range = {-HUGE_VAL, HUGE_VAL, true, true},
                                           .size = STUDY_MAX_LEVELS};
    enum status st = value_expect(study, node, TREE_MAPPING, why);
    (void)row;
    study->n_start_grid = 0;
    for (const struct tree_node *entry = node->first; st == STATUS_OK && entry != NULL;
         entry = entry->next) {
        struct study_levels *to = &study->start_grid[study->n_start_grid];
        if (study->n_start_grid == LAW_MAX_PARAMETERS || strlen(entry->key) >= sizeof to->name) {
            return value_fail(study, entry, "expected at most 24 parameters of short names", why);
        }
        (void)snprintf(to->name, sizeof to->name, "%s", entry->key);
        to->place = value_key_place(entry);
        study->n_start_grid++;
        st = read_list(study, &levels, entry, to->values, &to->n, why);
    }
    return st;
}

/* A column by its name alone, or with its scale. */
static enum status read_column(const struct study *study, const struct tree_node *node,
                               struct study_column *column, struct status_why *why)
{
    static const char *const known[] = {"column", "scale"};
    const struct keys_row *scale = keys_find("runs.columns.NAME.scale");
    enum status st = STATUS_OK;
    column->place = value_place(node);
    column->scale = 1.0;
    if (node->kind == TREE_SCALAR) {
        return value_text(study, node, column->column, sizeof column->column, why);
    }
    st = value_expect(study, node, TREE_MAPPING, why);
    for (const struct tree_node *m = node->first; st == STATUS_OK && m != NULL; m = m->next) {
        if (strcmp(m->key, known[0]) == 0) {
            column->place = value_place(m);
            st = value_text(study, m, column->column, sizeof column->column, why);
        } else if (strcmp(m->key, known[1]) == 0) {
            st = value_number(study, m, scale->unit, &scale->range, &column->scale, why);
        } else {
            st = value_fail_key(study, m, known, 2, why);
        }
    }
    return st != STATUS_OK || column->column[0] != '\0'
               ? st
               : value_fail(study, node, "expected {column: name, scale: number}", why);
}

/* Any name is taken: which ones the law reads is known when it is made. */
static enum status read_columns(struct study *study, const struct keys_row *row,
                                const struct tree_node *node, struct status_why *why)
{
    enum status st = value_expect(study, node, TREE_MAPPING, why);
    (void)row;
    study->n_runs_columns = 0;
    for (const struct tree_node *entry = node->first; st == STATUS_OK && entry != NULL;
         entry = entry->next) {
        struct study_column *column = &study->runs_columns[study->n_runs_columns];
        if (study->n_runs_columns == STUDY_MAX_COLUMNS
            || strlen(entry->key) >= sizeof column->name) {
            return value_fail(study, entry, "expected at most 32 columns of short names", why);
        }
        *column = (struct study_column){.name_place = value_key_place(entry)};
        (void)snprintf(column->name, sizeof column->name, "%s", entry->key);
        study->n_runs_columns++;
        st = read_column(study, entry, column, why);
    }
    return st;
}

static const char *const expected_filter = "expected `column op value` with <, <=, >, >=, == or !=";

/* Cut out text[begin, end) without the blanks around it; whether it is not empty and fits. */
static bool cut(const char *begin, const char *end, char to[], size_t size)
{
    while (begin < end && *begin == ' ') {
        begin++;
    }
    while (end > begin && end[-1] == ' ') {
        end--;
    }
    const size_t length = (size_t)(end - begin);
    if (length == 0 || length >= size) {
        return false;
    }
    memcpy(to, begin, length);
    to[length] = '\0';
    return true;
}

static enum status read_filter(const struct study *study, const struct tree_node *node,
                               struct study_filter *filter, struct status_why *why)
{
    static const char *const ops[] = {"<=", ">=", "==", "!=", "<", ">"};
    char text[STUDY_TEXT_SIZE];
    const enum status st = value_text(study, node, text, sizeof text, why);
    if (st != STATUS_OK) {
        return st;
    }
    const char *at = text + strcspn(text, "<>=!");
    size_t i = 0;
    while (i < sizeof ops / sizeof *ops && strncmp(at, ops[i], strlen(ops[i])) != 0) {
        i++;
    }
    if (i == sizeof ops / sizeof *ops) {
        return value_fail(study, node, expected_filter, why);
    }
    *filter = (struct study_filter){.place = value_place(node)};
    (void)snprintf(filter->op, sizeof filter->op, "%s", ops[i]);
    if (!cut(text, at, filter->column, sizeof filter->column)
        || !cut(at + strlen(ops[i]), text + strlen(text), filter->text, sizeof filter->text)) {
        return value_fail(study, node, expected_filter, why);
    }
    double number;
    if ((filter->op[0] == '<' || filter->op[0] == '>')
        && quantity_number(filter->text, &number) != NULL) {
        return value_fail(study, node, "expected a number after <, <=, > or >=", why);
    }
    return STATUS_OK;
}

static enum status read_filters(struct study *study, const struct keys_row *row,
                                const struct tree_node *node, struct status_why *why)
{
    enum status st = expect_list(study, node, STUDY_MAX_LIST, why);
    (void)row;
    study->n_filters = 0;
    for (const struct tree_node *item = node->first; st == STATUS_OK && item != NULL;
         item = item->next) {
        st = read_filter(study, item, &study->filters[study->n_filters++], why);
    }
    return st;
}

static enum status read_space(struct study *study, const struct keys_row *row,
                              const struct tree_node *node, struct status_why *why)
{
    const char *known[DESIGN_N_INPUTS];
    enum status st = value_expect(study, node, TREE_MAPPING, why);
    (void)row;
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        known[i] = design_field((enum design_input)i)->name;
    }
    for (const struct tree_node *entry = node->first; st == STATUS_OK && entry != NULL;
         entry = entry->next) {
        const enum design_input input = design_find(entry->key);
        if (input == DESIGN_N_INPUTS) {
            return value_fail_key(study, entry, known, DESIGN_N_INPUTS, why);
        }
        study->space_order[study->n_space++] = input;
        st = axis_read(study, input, entry, &study->space[input], why);
    }
    return st;
}

static void outcome_names(const char *names[FOOTPRINT_N_OUTCOMES])
{
    for (int i = 0; i < FOOTPRINT_N_OUTCOMES; i++) {
        names[i] = footprint_field((enum footprint_outcome)i)->name;
    }
}

/* A name in a list of objectives. */
static enum status read_outcome(const struct study *study, const struct tree_node *node,
                                enum footprint_outcome *outcome, struct status_why *why)
{
    char name[STUDY_TEXT_SIZE];
    const enum status st = value_text(study, node, name, sizeof name, why);
    if (st != STATUS_OK) {
        return st;
    }
    *outcome = footprint_find(name);
    if (*outcome != FOOTPRINT_N_OUTCOMES) {
        return STATUS_OK;
    }
    const char *known[FOOTPRINT_N_OUTCOMES];
    outcome_names(known);
    return value_fail_word(study, node, known, FOOTPRINT_N_OUTCOMES, why);
}

static enum status read_objectives(struct study *study, const struct keys_row *row,
                                   const struct tree_node *node, struct status_why *why)
{
    enum status st = expect_list(study, node, FOOTPRINT_N_OUTCOMES, why);
    (void)row;
    study->n_objectives = 0;
    for (const struct tree_node *item = node->first; st == STATUS_OK && item != NULL;
         item = item->next) {
        enum footprint_outcome *outcome = &study->objectives[study->n_objectives];
        st = read_outcome(study, item, outcome, why);
        for (size_t i = 0; st == STATUS_OK && i < study->n_objectives; i++) {
            if (study->objectives[i] == *outcome) {
                st = value_fail(study, item, "this objective is in the list twice", why);
            }
        }
        study->n_objectives++;
    }
    return st;
}

static const char *outcome_unit(enum footprint_outcome outcome)
{
    const char *unit = footprint_field(outcome)->unit;
    return strcmp(unit, "1") == 0 ? "count" : unit; /* devices are counted: 8.8K */
}

static enum status read_limit(const struct study *study, const struct tree_node *node,
                              struct study_limit *limit, struct status_why *why)
{
    static const char *const known[] = {"min", "max"};
    double *const bounds[] = {&limit->lower, &limit->upper};
    enum status st = value_expect(study, node, TREE_MAPPING, why);
    if (st != STATUS_OK) {
        return st;
    }
    limit->lower = -INFINITY;
    limit->upper = INFINITY;
    limit->place = value_place(node);
    for (const struct tree_node *m = node->first; st == STATUS_OK && m != NULL; m = m->next) {
        const int i = strcmp(m->key, known[0]) == 0 ? 0 : strcmp(m->key, known[1]) == 0 ? 1 : -1;
        st = i < 0 ? value_fail_key(study, m, known, 2, why)
                   : value_number(study, m, outcome_unit(limit->outcome), NULL, bounds[i], why);
    }
    if (st == STATUS_OK && node->n == 0) {
        return value_fail(study, node, "expected min or max", why);
    }
    if (st == STATUS_OK && limit->lower > limit->upper) {
        return value_fail(study, node, "min must be at most max", why);
    }
    const char *expected = footprint_expected_bounds(limit->outcome, limit->lower, limit->upper);
    return st == STATUS_OK && expected != NULL ? value_fail(study, node, expected, why) : st;
}

static enum status read_limits(struct study *study, const struct keys_row *row,
                               const struct tree_node *node, struct status_why *why)
{
    const char *known[FOOTPRINT_N_OUTCOMES];
    enum status st = value_expect(study, node, TREE_MAPPING, why);
    (void)row;
    outcome_names(known);
    study->n_limits = 0;
    for (const struct tree_node *entry = node->first; st == STATUS_OK && entry != NULL;
         entry = entry->next) {
        struct study_limit *limit = &study->limits[study->n_limits];
        limit->outcome = footprint_find(entry->key);
        if (limit->outcome == FOOTPRINT_N_OUTCOMES) {
            return value_fail_key(study, entry, known, FOOTPRINT_N_OUTCOMES, why);
        }
        study->n_limits++;
        st = read_limit(study, entry, limit, why);
    }
    return st;
}

/* A number, or a range [from, to]. */
static enum status read_start(const struct study *study, const struct tree_node *node,
                              struct custom_parameter *p, struct status_why *why)
{
    if (node->kind == TREE_SCALAR) {
        const enum status st = value_number(study, node, "1", NULL, &p->start_lower, why);
        p->start_upper = p->start_lower;
        return st;
    }
    enum status st = value_expect(study, node, TREE_LIST, why);
    if (st == STATUS_OK && node->n != 2) {
        return value_fail(study, node, "expected a number or [from, to]", why);
    }
    if (st == STATUS_OK) {
        st = value_number(study, node->first, "1", NULL, &p->start_lower, why);
    }
    return st == STATUS_OK ? value_number(study, node->last, "1", NULL, &p->start_upper, why) : st;
}

static const char *const transforms[] = {"inferred", "log", "plain", NULL};

static enum status read_prior(const struct study *study, const struct tree_node *node,
                              struct study_parameter *p, struct status_why *why)
{
    static const char *const known[] = {"mean", "sd"};
    static const struct keys_range positive = {0, HUGE_VAL, true, true};
    enum status st = value_expect(study, node, TREE_MAPPING, why);
    for (const struct tree_node *m = node->first; st == STATUS_OK && m != NULL; m = m->next) {
        const int i = strcmp(m->key, known[0]) == 0 ? 0 : strcmp(m->key, known[1]) == 0 ? 1 : -1;
        st = i < 0    ? value_fail_key(study, m, known, 2, why)
             : i == 0 ? value_number(study, m, "1", NULL, &p->prior_mean, why)
                      : value_number(study, m, "1", &positive, &p->prior_sd, why);
    }
    if (st == STATUS_OK && (isnan(p->prior_mean) || isnan(p->prior_sd))) {
        return value_fail(study, node, "expected {mean: number, sd: number > 0}", why);
    }
    return st;
}

static enum status read_member(const struct study *study, const struct tree_node *m,
                               struct study_parameter *of, struct status_why *why)
{
    static const char *const known[] = {"lower",     "upper", "fixed", "start",
                                        "transform", "tie",   "prior"};
    struct custom_parameter *p = &of->said;
    double *const numbers[] = {&p->lower, &p->upper, &p->fixed};
    int choice = 0;
    size_t i = 0;
    while (i < sizeof known / sizeof known[0] && strcmp(known[i], m->key) != 0) {
        i++;
    }
    enum status st = STATUS_OK;
    switch (i) {
    case 3:
        return read_start(study, m, p, why);
    case 4:
        st = value_choice(study, m, transforms, &choice, why);
        p->transform = (enum custom_transform)choice;
        return st;
    case 5:
        return value_text(study, m, p->tied_to, sizeof p->tied_to, why);
    case 6:
        return read_prior(study, m, of, why);
    default:
        return i < sizeof numbers / sizeof numbers[0]
                   ? value_number(study, m, "1", NULL, numbers[i], why)
                   : value_fail_key(study, m, known, sizeof known / sizeof known[0], why);
    }
}

/* What is said of parameters by name. \param [out] to  [LAW_MAX_PARAMETERS] */
static enum status read_said(const struct study *study, const struct tree_node *node,
                             struct study_parameter to[], size_t *n, struct status_why *why)
{
    enum status st = value_expect(study, node, TREE_MAPPING, why);
    *n = 0;
    for (const struct tree_node *entry = node->first; st == STATUS_OK && entry != NULL;
         entry = entry->next) {
        if (*n == LAW_MAX_PARAMETERS || strlen(entry->key) >= CUSTOM_NAME_SIZE) {
            return value_fail(study, entry, "expected at most 24 parameters of short names", why);
        }
        struct study_parameter *p = &to[(*n)++];
        *p = (struct study_parameter){.said = custom_parameter(entry->key),
                                      .prior_mean = (double)NAN,
                                      .prior_sd = (double)NAN,
                                      .place = value_key_place(entry)};
        const bool says_nothing =
            entry->kind == TREE_SCALAR && !entry->is_quoted && entry->text[0] == '\0';
        st = says_nothing ? STATUS_OK : value_expect(study, entry, TREE_MAPPING, why);
        for (const struct tree_node *m = says_nothing ? NULL : entry->first;
             st == STATUS_OK && m != NULL; m = m->next) {
            st = read_member(study, m, p, why);
        }
    }
    return st;
}

static enum status read_parameters(struct study *study, const struct keys_row *row,
                                   const struct tree_node *node, struct status_why *why)
{
    (void)row;
    return read_said(study, node, study->law_parameters, &study->n_law_parameters, why);
}

/* {id: name, parameters: {...}}; where a fit starts and how it moves a parameter is the law's own,
 * and only law.parameters makes another law. */
static enum status read_law_said(const struct study *study, const struct tree_node *node,
                                 struct study_law *law, struct status_why *why)
{
    static const char *const known[] = {"id", "parameters"};
    enum status st = value_expect(study, node, TREE_MAPPING, why);
    for (const struct tree_node *m = node->first; st == STATUS_OK && m != NULL; m = m->next) {
        if (strcmp(m->key, known[0]) == 0) {
            st = value_text(study, m, law->id, sizeof law->id, why);
        } else if (strcmp(m->key, known[1]) == 0) {
            st = read_said(study, m, law->parameters, &law->n_parameters, why);
        } else {
            st = value_fail_key(study, m, known, sizeof known / sizeof known[0], why);
        }
    }
    for (size_t i = 0; st == STATUS_OK && i < law->n_parameters; i++) {
        const struct custom_parameter *said = &law->parameters[i].said;
        if (!isnan(said->start_lower) || said->transform != CUSTOM_INFERRED) {
            st = study_fail(study, law->parameters[i].place, "fit.compare", said->name,
                            "start and transform can be said in law.parameters only", why);
        }
    }
    return st == STATUS_OK && law->id[0] == '\0'
               ? value_fail(study, node, "expected {id: law, parameters: {...}}", why)
               : st;
}

static enum status read_laws(struct study *study, const struct keys_row *row,
                             const struct tree_node *node, struct status_why *why)
{
    enum status st = expect_list(study, node, row->size, why);
    study->n_compare = 0;
    for (const struct tree_node *item = node->first; st == STATUS_OK && item != NULL;
         item = item->next) {
        struct study_law *law = &study->compare[study->n_compare];
        *law = (struct study_law){.place = value_place(item)};
        st = item->kind == TREE_SCALAR ? value_text(study, item, law->id, sizeof law->id, why)
                                       : read_law_said(study, item, law, why);
        for (size_t i = 0; st == STATUS_OK && i < study->n_compare; i++) {
            if (strcmp(study->compare[i].id, law->id) == 0) {
                st = value_fail(study, item, "this law is in the list twice", why);
            }
        }
        study->n_compare++;
    }
    return st;
}

static enum status read_questions(struct study *study, const struct keys_row *row,
                                  const struct tree_node *node, struct status_why *why)
{
    enum status st = expect_list(study, node, STUDY_MAX_QUESTIONS, why);
    study->n_questions = 0;
    for (const struct tree_node *item = node->first; st == STATUS_OK && item != NULL;
         item = item->next) {
        char text[STUDY_TEXT_SIZE];
        st = value_text(study, item, text, sizeof text, why);
        if (st == STATUS_OK) {
            st = question_read(study, value_place(item), row->path, text,
                               &study->questions[study->n_questions++], why);
        }
    }
    return st;
}

static enum status read_inputs(struct study *study, const struct keys_row *row,
                               const struct tree_node *node, struct status_why *why)
{
    enum status st = expect_list(study, node, DESIGN_N_INPUTS, why);
    study->n_vary = 0;
    for (const struct tree_node *item = node->first; st == STATUS_OK && item != NULL;
         item = item->next) {
        char text[STUDY_TEXT_SIZE];
        st = value_text(study, item, text, sizeof text, why);
        if (st == STATUS_OK) {
            st = question_read_input(study, value_place(item), row->path, text, study->vary,
                                     &study->n_vary, why);
        }
    }
    return st;
}

static enum status read_any_inputs(struct study *study, const struct keys_row *row,
                                   const struct tree_node *node, struct status_why *why)
{
    const char *known[DESIGN_N_INPUTS];
    enum status st = expect_list(study, node, DESIGN_N_INPUTS, why);
    (void)row;
    study->n_accept_unpriced = 0;
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        known[i] = design_field((enum design_input)i)->name;
    }
    for (const struct tree_node *item = node->first; st == STATUS_OK && item != NULL;
         item = item->next) {
        char text[STUDY_TEXT_SIZE], expected[160];
        st = value_text(study, item, text, sizeof text, why);
        const enum design_input input = st == STATUS_OK ? design_find(text) : DESIGN_N_INPUTS;
        if (st == STATUS_OK && input == DESIGN_N_INPUTS) {
            const char *nearest = study_nearest(text, known, DESIGN_N_INPUTS);
            (void)snprintf(expected, sizeof expected, "unknown; %s%s",
                           nearest != NULL ? "did you mean " : "expected an input of space",
                           nearest != NULL ? nearest : "");
            st = value_fail(study, item, expected, why);
        }
        if (st == STATUS_OK) {
            study->accept_unpriced[study->n_accept_unpriced++] = input;
        }
    }
    return st;
}

static void write_member(FILE *to, const char *name, double value, const char **between)
{
    if (!isnan(value)) {
        (void)fprintf(to, "%s%s: ", *between, name);
        value_write_number(to, value);
        *between = ", ";
    }
}

/* "alpha: {lower: 0.1}" */
static void write_said(FILE *to, const struct study_parameter *of)
{
    const struct custom_parameter *p = &of->said;
    const char *between = "";
    (void)fprintf(to, "%s: {", p->name);
    write_member(to, "lower", p->lower, &between);
    write_member(to, "upper", p->upper, &between);
    if (!isnan(p->start_lower)) {
        (void)fprintf(to, "%sstart: [", between);
        value_write_number(to, p->start_lower);
        (void)fputs(", ", to);
        value_write_number(to, p->start_upper);
        (void)fputc(']', to);
        between = ", ";
    }
    if (p->transform != CUSTOM_INFERRED) {
        (void)fprintf(to, "%stransform: %s", between, transforms[p->transform]);
        between = ", ";
    }
    write_member(to, "fixed", p->fixed, &between);
    if (p->tied_to[0] != '\0') {
        (void)fprintf(to, "%stie: ", between);
        value_write_text(to, p->tied_to);
        between = ", ";
    }
    if (!isnan(of->prior_sd)) {
        (void)fprintf(to, "%sprior: {mean: ", between);
        value_write_number(to, of->prior_mean);
        (void)fputs(", sd: ", to);
        value_write_number(to, of->prior_sd);
        (void)fputc('}', to);
    }
    (void)fputc('}', to);
}

static void write_parameters(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)row;
    for (size_t i = 0; i < study->n_law_parameters; i++) {
        (void)fputs("\n    ", to);
        write_said(to, &study->law_parameters[i]);
    }
}

static enum status read_corrections(struct study *study, const struct keys_row *row,
                                    const struct tree_node *node, struct status_why *why)
{
    enum status st = expect_list(study, node, row->size, why);
    study->n_corrections = 0;
    for (const struct tree_node *item = node->first; st == STATUS_OK && item != NULL;
         item = item->next) {
        st = correction_read(study, item, &study->corrections[study->n_corrections++], why);
    }
    return st;
}

static void write_corrections(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)row;
    for (size_t i = 0; i < study->n_corrections; i++) {
        (void)fputs("\n    - ", to);
        correction_write(to, &study->corrections[i]);
    }
}

static void write_text(FILE *to, const struct study *study, const struct keys_row *row)
{
    value_write_text(to, field_in(study, row->offset));
}

static void write_choice(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)fputs(row->choices[choice_in(study, row)], to);
}

static void write_count(FILE *to, const struct study *study, const struct keys_row *row)
{
    const uint64_t *value = field_in(study, row->offset);
    (void)fprintf(to, "%" PRIu64, *value);
}

static void write_number(FILE *to, const struct study *study, const struct keys_row *row)
{
    const double *value = field_in(study, row->offset);
    value_write_number(to, *value);
}

static void write_list(FILE *to, const double values[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        (void)fputs(i == 0 ? "[" : ", ", to);
        value_write_number(to, values[i]);
    }
    (void)fputc(']', to);
}

static void write_numbers(FILE *to, const struct study *study, const struct keys_row *row)
{
    write_list(to, field_in(study, row->offset), count_in(study, row));
}

static void write_grid(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)row;
    for (size_t i = 0; i < study->n_start_grid; i++) {
        (void)fprintf(to, "\n    %s: ", study->start_grid[i].name);
        write_list(to, study->start_grid[i].values, study->start_grid[i].n);
    }
}

static void write_laws(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)row;
    for (size_t i = 0; i < study->n_compare; i++) {
        const struct study_law *law = &study->compare[i];
        (void)fputs(i == 0 ? "[" : ", ", to);
        if (law->n_parameters == 0) {
            value_write_text(to, law->id);
            continue;
        }
        (void)fputs("{id: ", to);
        value_write_text(to, law->id);
        (void)fputs(", parameters: {", to);
        for (size_t k = 0; k < law->n_parameters; k++) {
            (void)fputs(k == 0 ? "" : ", ", to);
            write_said(to, &law->parameters[k]);
        }
        (void)fputs("}}", to);
    }
    (void)fputc(']', to);
}

static void write_columns(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)row;
    for (size_t i = 0; i < study->n_runs_columns; i++) {
        const struct study_column *c = &study->runs_columns[i];
        (void)fputs("\n    ", to);
        value_write_text(to, c->name);
        (void)fputs(": {column: ", to);
        value_write_text(to, c->column);
        (void)fputs(", scale: ", to);
        value_write_number(to, c->scale);
        (void)fputc('}', to);
    }
}

static void write_filters(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)row;
    for (size_t i = 0; i < study->n_filters; i++) {
        const struct study_filter *f = &study->filters[i];
        char text[sizeof f->column + sizeof f->op + sizeof f->text + 2];
        (void)snprintf(text, sizeof text, "%s %s %s", f->column, f->op, f->text);
        (void)fputs(i == 0 ? "[" : ", ", to);
        value_write_text(to, text);
    }
    (void)fputc(']', to);
}

static void write_space(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)row;
    for (size_t i = 0; i < study->n_space; i++) {
        const enum design_input input = study->space_order[i];
        (void)fprintf(to, "\n  %s: ", design_field(input)->name);
        axis_write(to, &study->space[input]);
    }
}

static void write_questions(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)row;
    for (size_t i = 0; i < study->n_questions; i++) {
        (void)fputs(i == 0 ? "[" : ", ", to);
        value_write_text(to, study->questions[i].text);
    }
    (void)fputc(']', to);
}

static void write_inputs(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)row;
    for (size_t i = 0; i < study->n_vary; i++) {
        (void)fprintf(to, "%s%s", i == 0 ? "[" : ", ", design_field(study->vary[i])->name);
    }
    (void)fputc(']', to);
}

static void write_any_inputs(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)row;
    for (size_t i = 0; i < study->n_accept_unpriced; i++) {
        (void)fprintf(to, "%s%s", i == 0 ? "[" : ", ",
                      design_field(study->accept_unpriced[i])->name);
    }
    (void)fputc(']', to);
}

static void write_objectives(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)row;
    for (size_t i = 0; i < study->n_objectives; i++) {
        (void)fprintf(to, "%s%s", i == 0 ? "[" : ", ", footprint_field(study->objectives[i])->name);
    }
    (void)fputc(']', to);
}

static void write_limits(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)row;
    for (size_t i = 0; i < study->n_limits; i++) {
        const struct study_limit *limit = &study->limits[i];
        const char *between = "";
        (void)fprintf(to, "\n  %s: {", footprint_field(limit->outcome)->name);
        if (isfinite(limit->lower)) {
            (void)fputs("min: ", to);
            value_write_number(to, limit->lower);
            between = ", ";
        }
        if (isfinite(limit->upper)) {
            (void)fprintf(to, "%smax: ", between);
            value_write_number(to, limit->upper);
        }
        (void)fputc('}', to);
    }
}

static enum status read_variables(struct study *study, const struct keys_row *row,
                                  const struct tree_node *node, struct status_why *why)
{
    (void)row;
    return external_read_variables(study, node, why);
}

static enum status read_goals(struct study *study, const struct keys_row *row,
                              const struct tree_node *node, struct status_why *why)
{
    (void)row;
    return external_read_goals(study, node, why);
}

static enum status read_bounds(struct study *study, const struct keys_row *row,
                               const struct tree_node *node, struct status_why *why)
{
    (void)row;
    return external_read_bounds(study, node, why);
}

static enum status read_texts(struct study *study, const struct keys_row *row,
                              const struct tree_node *node, struct status_why *why)
{
    return external_read_texts(study, node, row->size, field_of(study, row->offset),
                               field_of(study, row->count), why);
}

static void write_variables(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)row;
    external_write_variables(to, study);
}

static void write_goals(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)row;
    external_write_goals(to, study);
}

static void write_bounds(FILE *to, const struct study *study, const struct keys_row *row)
{
    (void)row;
    external_write_bounds(to, study);
}

static void write_texts(FILE *to, const struct study *study, const struct keys_row *row)
{
    external_write_texts(to, field_in(study, row->offset), count_in(study, row));
}

static const struct {
    enum status (*read)(struct study *study, const struct keys_row *row,
                        const struct tree_node *node, struct status_why *why);
    void (*write)(FILE *to, const struct study *study, const struct keys_row *row);
} types[KEYS_N_TYPES] = {
    [KEYS_TEXT] = {read_text, write_text},
    [KEYS_CHOICE] = {read_choice, write_choice},
    [KEYS_COUNT] = {read_count, write_count},
    [KEYS_NUMBER] = {read_number, write_number},
    [KEYS_NUMBERS] = {read_numbers, write_numbers},
    [KEYS_LAWS] = {read_laws, write_laws},
    [KEYS_COLUMNS] = {read_columns, write_columns},
    [KEYS_FILTERS] = {read_filters, write_filters},
    [KEYS_SPACE] = {read_space, write_space},
    [KEYS_OBJECTIVES] = {read_objectives, write_objectives},
    [KEYS_LIMITS] = {read_limits, write_limits},
    [KEYS_PARAMETERS] = {read_parameters, write_parameters},
    [KEYS_CORRECTIONS] = {read_corrections, write_corrections},
    [KEYS_QUESTIONS] = {read_questions, write_questions},
    [KEYS_INPUTS] = {read_inputs, write_inputs},
    [KEYS_ANY_INPUTS] = {read_any_inputs, write_any_inputs},
    [KEYS_GRID] = {read_grid, write_grid},
    [KEYS_VARIABLES] = {read_variables, write_variables},
    [KEYS_GOALS] = {read_goals, write_goals},
    [KEYS_BOUNDS] = {read_bounds, write_bounds},
    [KEYS_TEXTS] = {read_texts, write_texts},
};

enum status settings_read(struct study *study, const struct keys_row *row,
                          const struct tree_node *node, struct status_why *why)
{
    STATUS_ASSERT(!row->is_member);
    if (row->place != 0) {
        struct study_place *place = field_of(study, row->place);
        *place = value_place(node);
    }
    return types[row->type].read(study, row, node, why);
}

enum status settings_defaults(struct study *study, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct keys_row *row;
    for (size_t i = 0; st == STATUS_OK && (row = keys_at(i)) != NULL; i++) {
        struct value_default made;
        const struct tree_node *node = row->is_member ? NULL : value_of_default(row, &made);
        st = node != NULL ? settings_read(study, row, node, why) : STATUS_OK;
    }
    return st;
}

bool settings_is_given(const struct study *study, const struct keys_row *row)
{
    if (row->is_member) {
        return false;
    }
    if (row->count != 0) {
        return count_in(study, row) > 0;
    }
    if (row->type == KEYS_TEXT) {
        const char *text = field_in(study, row->offset);
        return text[0] != '\0';
    }
    if (row->type == KEYS_NUMBER && row->initial == NULL) {
        const double *value = field_in(study, row->offset);
        return *value < 0 || *value > 0;
    }
    return true;
}

void settings_write(FILE *to, const struct study *study, const struct keys_row *row)
{
    types[row->type].write(to, study, row);
}
