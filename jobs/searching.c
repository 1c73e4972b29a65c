#define _POSIX_C_SOURCE 200809L
#include "jobs/searching.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "inputs/h5.h"
#include "inputs/text/table.h"
#include "search/bayes/bayes_file.h"
#include "solver/base/log.h"
#include "solver/base/team.h"
#include "solver/base/units.h"
#include "solver/formula/formula.h"

static enum status fail(const struct searching *s, struct study_place place, const char *key,
                        const char *value, const char *expected, struct status_why *why)
{
    return study_fail(s->study, place, key, value, expected, why);
}

/* Constraints. */

static double side_of(const struct searching_rule *rule, int side, size_t n_variables,
                      const double values[])
{
    const double *columns[VARIABLE_MOST];
    double result;
    double *const output = &result;
    for (size_t i = 0; i < n_variables; i++) {
        columns[i] = &values[i];
    }
    formula_program_run(rule->sides[side], 1, columns, &output, rule->workspaces[side]);
    return result;
}

static bool holds(const struct searching_rule *rule, size_t n_variables, const double values[])
{
    const double left = side_of(rule, 0, n_variables, values);
    const double right = side_of(rule, 1, n_variables, values);
    const bool is_beyond = rule->is_less ? left < right : left > right;
    const bool is_beside = rule->is_less ? left <= right : left >= right;
    return rule->is_strict ? is_beyond : is_beside;
}

static struct design design_of(const struct searching *s, const double values[])
{
    struct design d = s->allocation.base;
    for (size_t i = 0; i < s->allocation.space.n_axes; i++) {
        d.value[s->allocation.inputs[i]] = s->allocation.space.axes[i].values[0];
    }
    for (size_t i = 0; i < s->problem.n_variables; i++) {
        d.value[s->inputs[i]] = values[i];
        for (size_t a = 0; a < s->allocation.space.n_axes; a++) {
            const struct space_axis *axis = &s->allocation.space.axes[a];
            if (s->allocation.inputs[a] == s->inputs[i] && axis->kind == SPACE_CATEGORY) {
                d.value[s->inputs[i]] = axis->values[(size_t)values[i]];
            }
        }
    }
    dependent_apply(&s->study->dependents, 0, &d);
    return d;
}

/* Whether a design may be evaluated: the constraints, the domain of the law, the rows of a table.
 */
static bool allows(const void *context, const double values[])
{
    const struct searching *s = context;
    for (size_t i = 0; i < s->n_rules; i++) {
        if (!holds(&s->rules[i], s->problem.n_variables, values)) {
            return false;
        }
    }
    if (s->model != NULL) {
        const struct design d = design_of(s, values);
        return predict_in_domain(s->model, &d);
    }
    return s->replay == NULL || replay_allows(s->replay, values);
}

static enum status compile_side(struct searching *s, const struct study_text *text,
                                const char *part, int side, struct searching_rule *rule,
                                struct status_why *why)
{
    const char *inputs[VARIABLE_MOST];
    static const char *const none[1] = {NULL};
    struct formula *formula = NULL;
    struct status_why wrong;
    size_t column;
    for (size_t i = 0; i < s->problem.n_variables; i++) {
        inputs[i] = s->problem.variables[i].name;
    }
    const struct formula_names names = {
        .n_inputs = s->problem.n_variables, .inputs = inputs, .parameters = none};
    status_clear(&wrong);
    enum status st = formula_compile(part, &names, &formula, &column, &wrong);
    if (st == STATUS_OK) {
        st = formula_differentiate(formula, FORMULA_VALUE, 0, NULL, &rule->sides[side], &wrong);
    }
    formula_destroy(formula);
    if (st != STATUS_OK) {
        return fail(s, text->place, "bayes.constraints", text->text, wrong.message, why);
    }
    rule->workspaces[side] =
        malloc(formula_program_workspace(rule->sides[side]) * sizeof *rule->workspaces[side]);
    if (rule->workspaces[side] == NULL) {
        return status_fail(why, STATUS_MEMORY, "%s: no memory", text->text);
    }
    formula_program_prepare(rule->sides[side], NULL, rule->workspaces[side]);
    return STATUS_OK;
}

static enum status bind_rule(struct searching *s, const struct study_text *text,
                             struct status_why *why)
{
    struct searching_rule *rule = &s->rules[s->n_rules++];
    char parts[sizeof text->text];
    memcpy(parts, text->text, sizeof parts);
    char *op = strpbrk(parts, "<>");
    if (op == NULL) {
        return fail(s, text->place, "bayes.constraints", text->text,
                    "expected `FORMULA <= FORMULA`, or <, >= or >", why);
    }
    rule->is_less = *op == '<';
    rule->is_strict = op[1] != '=';
    *op = '\0';
    const enum status st = compile_side(s, text, parts, 0, rule, why);
    return st == STATUS_OK ? compile_side(s, text, op + (rule->is_strict ? 1 : 2), 1, rule, why)
                           : st;
}

/* Variables. */

static int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Copy numbers, sort them, and keep each once. */
static enum status take_levels(struct searching *s, struct variable *v, size_t n,
                               const double values[], struct status_why *why)
{
    const size_t k = s->problem.n_variables - 1;
    double *levels = malloc((n + 1) * sizeof *levels);
    if (levels == NULL) {
        return status_fail(why, STATUS_MEMORY, "%s: %zu levels", v->name, n);
    }
    memcpy(levels, values, n * sizeof *levels);
    qsort(levels, n, sizeof *levels, compare_numbers);
    v->n_levels = 0;
    for (size_t i = 0; i < n; i++) {
        if (v->n_levels == 0 || levels[i] > levels[v->n_levels - 1]) {
            levels[v->n_levels++] = levels[i];
        }
    }
    v->kind = VARIABLE_ORDINAL;
    v->values = s->levels[k] = levels;
    return STATUS_OK;
}

static struct variable *add_variable(struct searching *s, const char *name, const char *unit)
{
    struct variable *v = &s->problem.variables[s->problem.n_variables++];
    memset(v, 0, sizeof *v);
    (void)snprintf(v->name, sizeof v->name, "%s", name);
    (void)snprintf(v->unit, sizeof v->unit, "%s", unit);
    return v;
}

/* The values that a table has of a variable, within its range. */
static enum status levels_of_table(struct searching *s, const struct study_variable *from,
                                   const struct table *table, struct variable *v,
                                   struct status_why *why)
{
    const int column = table_find(table, from->name);
    size_t n = 0;
    double *values = malloc((table_n_rows(table) + 1) * sizeof *values);
    if (values == NULL) {
        return status_fail(why, STATUS_MEMORY, "%s: %zu rows", from->name, table_n_rows(table));
    }
    for (size_t row = 0; column >= 0 && row < table_n_rows(table); row++) {
        char *end;
        const char *text = table_field(table, row, (size_t)column);
        const double value = strtod(text, &end);
        if (end != text && *end == '\0' && value >= from->from && value <= from->to) {
            values[n++] = value;
        }
    }
    enum status st = STATUS_OK;
    if (n == 0) {
        char expected[256];
        (void)snprintf(expected, sizeof expected, "no value of %.100s lies between from and to",
                       table_name(table));
        st = fail(s, from->place, "bayes.variables", from->name, expected, why);
    } else {
        st = take_levels(s, v, n, values, why);
    }
    free(values);
    return st;
}

static enum status bind_variable(struct searching *s, const struct study_variable *from,
                                 const struct table *table, struct status_why *why)
{
    const size_t k = s->problem.n_variables;
    struct variable *v = add_variable(s, from->name, from->unit);
    if (from->n == 0 && table != NULL) {
        return levels_of_table(s, from, table, v, why);
    }
    if (from->n == 0) {
        v->lower = from->from;
        v->upper = from->to;
        v->is_log = from->scale == STUDY_LOG;
        return STATUS_OK;
    }
    v->n_levels = from->n;
    v->kind = from->labels != NULL ? VARIABLE_CATEGORICAL : VARIABLE_ORDINAL;
    v->values = from->values;
    if (from->labels != NULL) {
        s->labels[k] = malloc(from->n * sizeof *s->labels[k]);
        if (s->labels[k] == NULL) {
            return status_fail(why, STATUS_MEMORY, "%s: %zu levels", from->name, from->n);
        }
        for (size_t i = 0; i < from->n; i++) {
            s->labels[k][i] = from->labels[i];
        }
        v->labels = s->labels[k];
    }
    return STATUS_OK;
}

/* An axis of space. One of a single level is no variable. */
static enum status bind_axis(struct searching *s, size_t a, struct status_why *why)
{
    const struct space_axis *axis = &s->allocation.space.axes[a];
    const struct study_axis *entry = &s->study->space[s->allocation.inputs[a]];
    const size_t k = s->problem.n_variables;
    char key[64];
    (void)snprintf(key, sizeof key, "space.%s", axis->name);
    if (axis->n == 1) {
        return STATUS_OK;
    }
    if (axis->role == SPACE_SCENARIO) {
        return fail(s, entry->place, key, NULL,
                    "a Bayesian search is of one scenario: give one value, or role: decision", why);
    }
    if (k == STUDY_MAX_VARIABLES || axis->n > STUDY_MAX_VARIABLE_LEVELS) {
        return fail(s, entry->place, key, NULL,
                    "a Bayesian search has at most 24 variables of at most 1024 levels", why);
    }
    struct variable *v = add_variable(s, axis->name, axis->unit);
    s->inputs[k] = s->allocation.inputs[a];
    if (axis->kind == SPACE_CATEGORY) {
        v->kind = VARIABLE_CATEGORICAL;
        v->n_levels = axis->n;
        v->labels = (const char *const *)axis->labels;
        return STATUS_OK;
    }
    if (!entry->is_range || entry->is_integer) {
        return take_levels(s, v, axis->n, axis->values, why);
    }
    v->lower = entry->from;
    v->upper = entry->to;
    v->is_log = entry->scale == STUDY_LOG;
    return STATUS_OK;
}

/* Objectives and limits. */

static struct propose_objective *add_objective(struct searching *s, const char *name,
                                               const char *unit, bool maximise, bool is_log)
{
    struct propose_objective *o = &s->problem.objectives[s->problem.n_objectives++];
    memset(o, 0, sizeof *o);
    (void)snprintf(o->name, sizeof o->name, "%s", name);
    (void)snprintf(o->unit, sizeof o->unit, "%s", unit);
    o->maximise = maximise;
    o->is_log = is_log;
    o->ideal = o->reference = (double)NAN;
    return o;
}

static struct propose_limit *add_limit(struct searching *s, const char *name, const char *unit,
                                       double lower, double upper)
{
    struct propose_limit *l = &s->problem.limits[s->problem.n_limits++];
    memset(l, 0, sizeof *l);
    (void)snprintf(l->name, sizeof l->name, "%s", name);
    (void)snprintf(l->unit, sizeof l->unit, "%s", unit);
    l->lower = lower;
    l->upper = upper;
    return l;
}

static void take_goal(const struct study_goal *g, struct propose_objective *o)
{
    o->maximise = g->maximise;
    o->is_log = g->scale == STUDY_LOG;
    o->ideal = g->ideal;
    o->reference = g->reference;
    o->noise_sd = g->noise_sd;
}

static void bind_outcomes(struct searching *s)
{
    const struct study *study = s->study;
    for (size_t i = 0; i < study->n_goals; i++) {
        const struct study_goal *g = &study->goals[i];
        take_goal(g, add_objective(s, g->name, g->unit, g->maximise, false));
        s->options.recover[i] = g->recover;
    }
    for (size_t i = 0; i < study->n_bounds; i++) {
        const struct study_bound *b = &study->bounds[i];
        (void)add_limit(s, b->name, b->unit, b->lower, b->upper);
        s->options.recover[study->n_goals + i] = b->recover;
    }
}

/* Those of the study's model; bayes.objectives may say more of some. Costs span decades, losses and
 * shares do not. */
static enum status bind_model_outcomes(struct searching *s, struct status_why *why)
{
    const struct problem *p = &s->allocation.problem;
    if (p->n_constraints > PROPOSE_MAX_LIMITS) {
        return status_fail(why, STATUS_INPUT, "%s: constraints: expected at most 16",
                           s->study->file);
    }
    for (size_t i = 0; i < p->n_objectives; i++) {
        const enum footprint_outcome outcome = s->allocation.outcomes[i];
        (void)add_objective(s, p->objectives[i].name, p->objectives[i].unit,
                            p->objectives[i].maximise,
                            outcome != FOOTPRINT_LOSS && outcome != FOOTPRINT_ACCURACY
                                && strstr(p->objectives[i].name, "_ratio") == NULL);
    }
    for (size_t i = 0; i < p->n_constraints; i++) {
        const struct problem_constraint *c = &p->constraints[i];
        (void)add_limit(s, c->name, c->unit, c->lower, c->upper);
    }
    for (size_t i = 0; i < s->study->n_goals; i++) {
        const struct study_goal *g = &s->study->goals[i];
        size_t k = 0;
        while (k < p->n_objectives && strcmp(p->objectives[k].name, g->name) != 0) {
            k++;
        }
        if (k == p->n_objectives) {
            return fail(s, g->place, "bayes.objectives", g->name,
                        "with evaluator: model expected one of objectives", why);
        }
        take_goal(g, &s->problem.objectives[k]);
    }
    return STATUS_OK;
}

/* What is said of a study with another evaluator than the one that needs it. */
static enum status check_needs(const struct searching *s, struct status_why *why)
{
    const struct study *study = s->study;
    const enum study_evaluator by = study->evaluator;
    const struct study_place here = study->evaluator_place;
    const struct {
        bool is_said, is_needed;
        const char *key, *expected;
    } needs[] = {
        {study->n_variables > 0, by != STUDY_BY_MODEL, "bayes.variables",
         "{name: {from: a, to: b}, ...}"},
        {study->n_goals > 0, by != STUDY_BY_MODEL, "bayes.objectives", "{name: {}, ...}"},
        {study->n_words > 0, by == STUDY_BY_COMMAND, "bayes.command", "[program, word, ...]"},
        {study->bayes_table[0] != '\0', by == STUDY_BY_TABLE, "bayes.table", "a CSV file"},
    };
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        if (needs[i].is_needed && !needs[i].is_said) {
            char expected[96];
            (void)snprintf(expected, sizeof expected, "expected %s", needs[i].expected);
            return fail(s, here, needs[i].key, "missing", expected, why);
        }
    }
    if (by == STUDY_BY_MODEL && study->n_variables > 0) {
        return fail(s, study->variables_place, "bayes.variables", NULL,
                    "with evaluator: model the variables are those of space", why);
    }
    if (by == STUDY_BY_MODEL && study->n_bounds > 0) {
        return fail(s, study->bounds_place, "bayes.limits", NULL,
                    "with evaluator: model limits are said in constraints", why);
    }
    return STATUS_OK;
}

/* Names become members of a file, columns of a table, words of a command and, with SCALEFRONT_ in
 * front, variables of its environment. */
static enum status check_names(const struct searching *s, struct status_why *why)
{
    enum { MOST = STUDY_MAX_VARIABLES + STUDY_MAX_GOALS + STUDY_MAX_BOUNDS };
    static const char *const reserved[] = {"status", "hypervolume", "evaluation", "configuration",
                                           "point",  "id",          "attempt",    "folder",
                                           "design", "study",       "output",     "isa"};
    struct {
        const char *name;
        struct study_place place;
    } all[MOST];
    size_t n = 0;
    for (size_t i = 0; i < s->study->n_variables; i++, n++) {
        all[n].name = s->study->variables[i].name;
        all[n].place = s->study->variables[i].place;
    }
    for (size_t i = 0; i < s->study->n_goals; i++, n++) {
        all[n].name = s->study->goals[i].name;
        all[n].place = s->study->goals[i].place;
    }
    for (size_t i = 0; i < s->study->n_bounds; i++, n++) {
        all[n].name = s->study->bounds[i].name;
        all[n].place = s->study->bounds[i].place;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < sizeof reserved / sizeof *reserved; k++) {
            if (strcasecmp(all[i].name, reserved[k]) == 0) {
                return fail(s, all[i].place, "bayes", all[i].name, "has a meaning of its own here",
                            why);
            }
        }
        for (size_t k = 0; k < i; k++) {
            if (strcmp(all[i].name, all[k].name) == 0) {
                return fail(s, all[i].place, "bayes", all[i].name,
                            "is the name of two of variables, objectives and limits", why);
            }
        }
    }
    return STATUS_OK;
}

/* The model as evaluator. */

static enum driver_progress begin_model(void *context, uint64_t id, uint32_t attempt,
                                        const double values[], struct status_why *why)
{
    struct searching *s = context;
    double all[FOOTPRINT_N_OUTCOMES];
    const struct design d = design_of(s, values);
    (void)id;
    (void)attempt;
    (void)why;
    allocation_price(&s->allocation, s->model, &d, all);
    for (size_t i = 0; i < s->allocation.n_outcomes; i++) {
        s->outcomes[i] = all[s->allocation.outcomes[i]];
    }
    return DRIVER_RUNNING;
}

static enum driver_progress poll_model(void *context, double outcomes[], struct status_why *why)
{
    const struct searching *s = context;
    (void)why;
    memcpy(outcomes, s->outcomes, s->allocation.n_outcomes * sizeof *outcomes);
    return DRIVER_DONE;
}

static void cancel_model(void *context)
{
    (void)context;
}

static enum status bind_model(MPI_Comm comm, struct searching *s, struct status_why *why)
{
    enum status st = allocation_make(comm, s->study, s->model, &s->allocation, why);
    for (size_t a = 0; st == STATUS_OK && a < s->allocation.space.n_axes; a++) {
        st = bind_axis(s, a, why);
    }
    if (st == STATUS_OK && s->problem.n_variables == 0) {
        st = fail(s, s->study->evaluator_place, "space", NULL,
                  "a Bayesian search needs a range or a list in it", why);
    }
    if (st == STATUS_OK) {
        st = bind_model_outcomes(s, why);
    }
    s->evaluator = (struct driver_evaluator){"model", begin_model, poll_model, cancel_model, s};
    return st;
}

/* The command runs in a folder of its own: files beside the study are not there. */
static void warn_of_misplaced(const struct searching *s)
{
    const struct study *study = s->study;
    for (size_t i = command_misplaced(s->command, 0); i < study->n_words;
         i = command_misplaced(s->command, i + 1)) {
        const char *word = study->words[i].text;
        log_line(LOG_WARNING,
                 "%s:%d:%d: bayes.command: %s lies beside the study, but the command runs in a "
                 "folder of its own: write {study}/%s",
                 study->file, study->words_place.line, study->words_place.column, word, word);
    }
}

static enum status bind_command(struct searching *s, const char *folder, struct status_why *why)
{
    const struct study *study = s->study;
    struct status_why wrong;
    const size_t n_objectives = s->problem.n_objectives;
    study_path(study, ".", s->study_folder, sizeof s->study_folder);
    for (size_t i = 0; i < n_objectives; i++) {
        s->names[i] = s->problem.objectives[i].name;
    }
    for (size_t i = 0; i < s->problem.n_limits; i++) {
        s->names[n_objectives + i] = s->problem.limits[i].name;
    }
    for (size_t i = 0; i < study->n_words; i++) {
        s->words[i] = study->words[i].text;
    }
    const struct command_options options = {
        .n_variables = s->problem.n_variables,
        .variables = s->problem.variables,
        .n_outcomes = n_objectives + s->problem.n_limits,
        .outcomes = s->names,
        .n_words = study->n_words,
        .words = s->words,
        .study_folder = s->study_folder,
        .folder = folder,
        .output = study->bayes_output,
        .timeout_seconds = study->timeout_hour * UNITS_SECOND_PER_HOUR,
        .grace_seconds = study->kill_after_hour * UNITS_SECOND_PER_HOUR,
        .keeps_folders = study->keep_folders == STUDY_TRUE,
    };
    status_clear(&wrong);
    const enum status st = command_create(&options, &s->command, &wrong);
    if (st != STATUS_OK) {
        return st == STATUS_INPUT
                   ? fail(s, study->words_place, "bayes.command", NULL, wrong.message, why)
                   : status_fail(why, st, "%s", wrong.message);
    }
    s->evaluator = command_evaluator(s->command);
    warn_of_misplaced(s);
    return STATUS_OK;
}

static enum status read_past(MPI_Comm comm, const char *path, struct table **made,
                             struct status_why *why)
{
    const char *suffix = strrchr(path, '.');
    struct h5 *file = NULL;
    if (suffix == NULL || strcmp(suffix, ".h5") != 0) {
        return table_read(comm, path, made, why);
    }
    enum status st = h5_open(comm, path, &file, why);
    if (st == STATUS_OK) {
        st = bayes_file_read(file, path, made, why);
    }
    h5_close(file);
    return st;
}

/* Earlier evaluations. */
static enum status bind_import(MPI_Comm comm, struct searching *s, struct status_why *why)
{
    char path[2048];
    struct table *table = NULL;
    if (s->study->bayes_import[0] == '\0') {
        return STATUS_OK;
    }
    study_path(s->study, s->study->bayes_import, path, sizeof path);
    enum status st = read_past(comm, path, &table, why);
    if (st == STATUS_OK) {
        st = team_agree(comm, replay_create(&s->problem, table, &s->imported, why), why);
    }
    if (st == STATUS_OK) {
        s->options.n_imported = replay_n(s->imported);
        s->options.imported = replay_results(s->imported);
        log_line(LOG_INFO, "bayes imported rows=%zu of=%zu file=%s", s->options.n_imported,
                 table_n_rows(table), path);
    }
    table_destroy(table);
    return st;
}

static enum status bind_options(struct searching *s, struct status_why *why)
{
    const struct study *study = s->study;
    struct driver_options *o = &s->options;
    o->stop = (struct driver_stop){.evaluations = study->bayes_evaluations,
                                   .seconds = study->bayes_time_hour * UNITS_SECOND_PER_HOUR,
                                   .hypervolume = study->bayes_hypervolume,
                                   .stagnation = study->bayes_stagnation};
    o->on_failure = study->on_failure == STUDY_SKIP    ? DRIVER_SKIP
                    : study->on_failure == STUDY_ABORT ? DRIVER_ABORT
                                                       : DRIVER_RECOVER;
    o->n_retries = (uint32_t)study->retries;
    o->grace_seconds = study->grace_hour * UNITS_SECOND_PER_HOUR;
    for (size_t i = 0; i < s->problem.n_objectives + s->problem.n_limits; i++) {
        const bool is_objective = i < s->problem.n_objectives;
        if (o->on_failure == DRIVER_RECOVER && (isnan(o->recover[i]) || s->model != NULL)) {
            return fail(s, study->on_failure_place, "bayes.on_failure",
                        is_objective ? s->problem.objectives[i].name
                                     : s->problem.limits[i - s->problem.n_objectives].name,
                        "recover: expected a value to recover it with, as {recover: 9.5}", why);
        }
    }
    if (o->stop.evaluations == 0 && !(o->stop.seconds > 0.0) && !(o->stop.hypervolume > 0.0)
        && o->stop.stagnation == 0) {
        return fail(s, study->evaluator_place, "bayes.evaluations", "0",
                    "nothing else ends the search: give time_hour, hypervolume or stagnation", why);
    }
    return STATUS_OK;
}

/* Variables and outcomes that the study names itself. \param [in] table  NULL: no replay */
static enum status bind_named(struct searching *s, const struct table *table,
                              struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < s->study->n_variables; i++) {
        st = bind_variable(s, &s->study->variables[i], table, why);
    }
    bind_outcomes(s);
    return st;
}

/* The problem with its constraints; then what needs both. */
static enum status bind(MPI_Comm comm, struct searching *s, const char *folder,
                        const struct table *table, struct status_why *why)
{
    enum status st = STATUS_OK;
    if (s->model != NULL) {
        STATUS_TRY(bind_model(comm, s, why));
    } else {
        STATUS_TRY(bind_named(s, table, why));
    }
    for (size_t i = 0; i < s->study->n_rules; i++) {
        STATUS_TRY(bind_rule(s, &s->study->rules[i], why));
    }
    s->problem.is_allowed = s->n_rules > 0 || s->model != NULL || table != NULL ? allows : NULL;
    s->problem.context = s;
    s->problem.seed = s->study->seed;
    s->problem.lag = (size_t)s->study->bayes_lag;
    s->problem.n_initial = s->study->bayes_initial > 0 ? (size_t)s->study->bayes_initial
                                                       : 2 * s->problem.n_variables + 2;
    STATUS_TRY(bind_options(s, why));
    if (table != NULL) {
        STATUS_TRY(replay_create(&s->problem, table, &s->replay, why));
        s->evaluator = replay_evaluator(s->replay);
    } else if (s->model == NULL) {
        STATUS_TRY(bind_command(s, folder, why));
    }
out:
    return st;
}

enum status searching_make(MPI_Comm comm, const struct study *study,
                           const struct predict_model *model, const char *folder,
                           struct searching *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct table *table = NULL;
    char path[2048];
    memset(made, 0, sizeof *made);
    made->study = study;
    made->model = study->evaluator == STUDY_BY_MODEL ? model : NULL;
    STATUS_TRY(check_needs(made, why));
    STATUS_TRY(check_names(made, why));
    if (study->evaluator == STUDY_BY_TABLE) {
        study_path(study, study->bayes_table, path, sizeof path);
        STATUS_TRY(table_read(comm, path, &table, why));
    }
    STATUS_TRY(team_agree(comm, bind(comm, made, folder, table, why), why));
    STATUS_TRY(bind_import(comm, made, why));
out:
    table_destroy(table);
    if (st != STATUS_OK) {
        searching_clear(made);
    }
    return st;
}

void searching_clear(struct searching *s)
{
    command_destroy(s->command);
    replay_destroy(s->replay);
    replay_destroy(s->imported);
    if (s->model != NULL) {
        allocation_clear(&s->allocation);
    }
    for (size_t i = 0; i < s->n_rules; i++) {
        for (int side = 0; side < 2; side++) {
            formula_program_destroy(s->rules[i].sides[side]);
            free(s->rules[i].workspaces[side]);
        }
    }
    for (size_t i = 0; i < STUDY_MAX_VARIABLES; i++) {
        free(s->levels[i]);
        free(s->labels[i]);
    }
    memset(s, 0, sizeof *s);
}

void searching_folder(const char *path, char folder[], size_t size)
{
    (void)snprintf(folder, size, "%s.evaluations", path);
}

enum status searching_first(const struct searching *s, double values[], struct status_why *why)
{
    struct propose_state *state = calloc(1, sizeof *state);
    double u[VARIABLE_MOST];
    if (state == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for a design");
    }
    const enum status st = propose_design(&s->problem, 0, s->options.n_imported,
                                          s->options.imported, 0, NULL, state, u, why);
    for (size_t i = 0; st == STATUS_OK && i < s->problem.n_variables; i++) {
        values[i] = variable_value(&s->problem.variables[i], u[i]);
    }
    free(state);
    return st;
}
