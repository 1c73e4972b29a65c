#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include "search/bayes/bayes_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search/front/pareto.h"
#include "solver/base/team.h"

enum {
    PATH_SIZE = 256,
    MOST_COLUMNS = VARIABLE_MOST + PROPOSE_MAX_OBJECTIVES + PROPOSE_MAX_LIMITS
};

static const char evaluations[] = "/search/evaluations", points[] = "/frontier";

/* Of an evaluation. */
enum state { FEASIBLE, INFEASIBLE, FAILED, RECOVERED, N_STATES };
static const char *const state_names[N_STATES] = {"feasible", "infeasible", "failed", "recovered"};

/* All that is written, row by row: imported evaluations first. */
struct rows {
    MPI_Comm comm;
    struct h5 *file;
    const struct bayes_file_content *c;
    size_t n;
    const struct propose_result **results; /* [n] */
    unsigned char *states;                 /* [n] enum state */
    size_t n_front;
    uint64_t *front; /* [n_front] rows on the frontier, in canonical order */
    double *numbers; /* [n] a column */
    int32_t *codes;  /* [n] likewise */
};

/* What is left out of any digest. */
static const struct driver_evaluation *evaluation_of(const struct rows *r, size_t row)
{
    return row < r->c->n_imported ? NULL : &r->c->log->evaluations[row - r->c->n_imported];
}

static enum state state_of(const struct propose_problem *p, const struct propose_result *result,
                           bool is_recovered)
{
    if (result->outcome != PROPOSE_DONE) {
        return FAILED;
    }
    for (size_t i = 0; i < p->n_limits && !is_recovered; i++) {
        if (!(result->limits[i] >= p->limits[i].lower && result->limits[i] <= p->limits[i].upper)) {
            return INFEASIBLE;
        }
    }
    return is_recovered ? RECOVERED : FEASIBLE;
}

/* An objective as fronts compare it. */
static double minimised(const struct propose_problem *p, const struct propose_result *result,
                        size_t k)
{
    double value = result->objectives[k];
    pareto_round(1, &value);
    return p->objectives[k].maximise ? -value : value;
}

/* A row of the frontier with its objectives as minimised, zero behind the last. */
struct place {
    double values[PROPOSE_MAX_OBJECTIVES];
    uint64_t row;
};

/* Canonical order: objectives, then the row. */
static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    for (size_t k = 0; k < PROPOSE_MAX_OBJECTIVES; k++) {
        if (x->values[k] < y->values[k] || x->values[k] > y->values[k]) {
            return x->values[k] < y->values[k] ? -1 : 1;
        }
    }
    return x->row < y->row ? -1 : x->row > y->row;
}

static struct place place_of(const struct rows *r, uint64_t row)
{
    struct place place = {.row = row};
    for (size_t k = 0; k < r->c->problem->n_objectives; k++) {
        place.values[k] = minimised(r->c->problem, r->results[row], k);
    }
    return place;
}

/* The feasible evaluations that no other one beats; recovered values are nobody's. */
static enum status find_front(struct rows *r, struct status_why *why)
{
    struct pareto *front = NULL;
    struct place *places = malloc((r->n + 1) * sizeof *places);
    enum status st = pareto_create(r->c->problem->n_objectives, &front, why);
    if (places == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%zu evaluations", r->n);
    }
    for (size_t i = 0; st == STATUS_OK && i < r->n; i++) {
        const struct place place = place_of(r, i);
        if (r->states[i] == FEASIBLE) {
            st = pareto_offer(front, 1, place.values, 1, &place.row, 0, why);
        }
    }
    if (st == STATUS_OK && (st = pareto_settle(front, why)) == STATUS_OK) {
        r->n_front = pareto_size(front);
        for (size_t i = 0; i < r->n_front; i++) {
            places[i] = place_of(r, pareto_index(front, i));
        }
        qsort(places, r->n_front, sizeof *places, compare_places);
        for (size_t i = 0; i < r->n_front; i++) {
            r->front[i] = places[i].row;
        }
    }
    pareto_destroy(front);
    free(places);
    return st;
}

static enum status prepare(struct rows *r, struct status_why *why)
{
    const struct bayes_file_content *c = r->c;
    r->n = c->n_imported + c->log->n;
    r->results = malloc((r->n + 1) * sizeof *r->results);
    r->states = malloc(r->n + 1);
    r->front = malloc((r->n + 1) * sizeof *r->front);
    r->numbers = malloc((r->n + 1) * sizeof *r->numbers);
    r->codes = malloc((r->n + 1) * sizeof *r->codes);
    if (r->results == NULL || r->states == NULL || r->front == NULL || r->numbers == NULL
        || r->codes == NULL) {
        return status_fail(why, STATUS_MEMORY, "%zu evaluations", r->n);
    }
    for (size_t i = 0; i < r->n; i++) {
        const struct driver_evaluation *e = evaluation_of(r, i);
        r->results[i] = e == NULL ? &c->imported[i] : &e->result;
        r->states[i] =
            (unsigned char)state_of(c->problem, r->results[i], e != NULL && e->is_recovered);
    }
    return find_front(r, why);
}

static const char *text_or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

/* One column of a group. \param [in] values  [rows of the group] on every rank, of \a size bytes
 * each */
static enum status put(struct rows *r, const char *group, struct h5_column *column,
                       const void *values, size_t size, const char *name, const char *role,
                       struct status_why *why)
{
    enum status st = STATUS_OK;
    char path[PATH_SIZE], dimension[PATH_SIZE];
    size_t begin, end;
    const bool is_front = group == points;
    column->n_rows = is_front ? r->n_front : r->n;
    h5_column_share(column->n_rows, team_rank(r->comm), team_size(r->comm), &begin, &end);
    column->values = (const char *)values + begin * size;
    (void)snprintf(path, sizeof path, "%s/%s", group, name);
    (void)snprintf(dimension, sizeof dimension, "%s/%s", is_front ? points : evaluations,
                   is_front ? "point" : "evaluation");
    column->path = path;
    column->dimension = dimension;
    STATUS_TRY(h5_write_column(r->file, column, why));
    STATUS_TRY(h5_write_text_attribute(r->file, path, "role", role, why));
out:
    column->path = column->dimension = NULL; /* they end with this function */
    return st;
}

/* The result in row \a i of a group. */
static const struct propose_result *result_in(const struct rows *r, const char *group, size_t i)
{
    return r->results[group == points ? r->front[i] : i];
}

static enum status put_variable(struct rows *r, const char *group, size_t k, struct status_why *why)
{
    const struct variable *v = &r->c->problem->variables[k];
    const size_t n = group == points ? r->n_front : r->n;
    const bool has_names = v->kind == VARIABLE_CATEGORICAL;
    struct h5_column column = {.type = has_names ? H5_INT32 : H5_DOUBLE,
                               .unit = text_or_null(v->unit),
                               .n_flags = has_names ? v->n_levels : 0,
                               .flag_meanings = v->labels};
    for (size_t i = 0; i < n; i++) {
        r->numbers[i] = variable_value(v, result_in(r, group, i)->u[k]);
        r->codes[i] = has_names ? (int32_t)r->numbers[i] : 0;
    }
    return has_names
               ? put(r, group, &column, r->codes, sizeof *r->codes, v->name, "decision", why)
               : put(r, group, &column, r->numbers, sizeof *r->numbers, v->name, "decision", why);
}

static enum status put_objective(struct rows *r, const char *group, size_t k,
                                 struct status_why *why)
{
    enum status st = STATUS_OK;
    char path[PATH_SIZE];
    const struct propose_objective *o = &r->c->problem->objectives[k];
    struct h5_column column = {.type = H5_DOUBLE, .unit = text_or_null(o->unit)};
    for (size_t i = 0; i < (group == points ? r->n_front : r->n); i++) {
        const struct propose_result *result = result_in(r, group, i);
        r->numbers[i] = result->outcome == PROPOSE_DONE ? result->objectives[k] : (double)NAN;
    }
    if (group == points) {
        pareto_round(r->n_front, r->numbers);
    }
    STATUS_TRY(put(r, group, &column, r->numbers, sizeof *r->numbers, o->name, "objective", why));
    (void)snprintf(path, sizeof path, "%s/%s", group, o->name);
    STATUS_TRY(h5_write_text_attribute(r->file, path, "sense",
                                       o->maximise ? "maximise" : "minimise", why));
out:
    return st;
}

/* Whether an objective has bounds too: then it has one column. */
static bool is_objective(const struct propose_problem *p, const char *name)
{
    for (size_t k = 0; k < p->n_objectives; k++) {
        if (strcmp(p->objectives[k].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static enum status put_limit(struct rows *r, const char *group, size_t k, struct status_why *why)
{
    enum status st = STATUS_OK;
    char path[PATH_SIZE];
    const struct propose_limit *l = &r->c->problem->limits[k];
    struct h5_column column = {.type = H5_DOUBLE, .unit = text_or_null(l->unit)};
    for (size_t i = 0; i < (group == points ? r->n_front : r->n); i++) {
        const struct propose_result *result = result_in(r, group, i);
        r->numbers[i] = result->outcome == PROPOSE_DONE ? result->limits[k] : (double)NAN;
    }
    if (!is_objective(r->c->problem, l->name)) {
        STATUS_TRY(put(r, group, &column, r->numbers, sizeof *r->numbers, l->name, "outcome", why));
    }
    (void)snprintf(path, sizeof path, "%s/%s", group, l->name);
    if (isfinite(l->lower)) {
        STATUS_TRY(h5_write_number_attribute(r->file, path, "lower", l->lower, why));
    }
    if (isfinite(l->upper)) {
        STATUS_TRY(h5_write_number_attribute(r->file, path, "upper", l->upper, why));
    }
out:
    return st;
}

/* Designs and outcomes, of all evaluations or of those on the frontier. */
static enum status put_results(struct rows *r, const char *group, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct propose_problem *p = r->c->problem;
    for (size_t k = 0; k < p->n_variables; k++) {
        STATUS_TRY(put_variable(r, group, k, why));
    }
    for (size_t k = 0; k < p->n_objectives; k++) {
        STATUS_TRY(put_objective(r, group, k, why));
    }
    for (size_t k = 0; k < p->n_limits; k++) {
        STATUS_TRY(put_limit(r, group, k, why));
    }
out:
    return st;
}

static enum status write_evaluations(struct rows *r, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct h5_column column = {.type = H5_UINT8,
                               .long_name = "how it ended",
                               .n_flags = N_STATES,
                               .flag_meanings = state_names};
    STATUS_TRY(h5_write_group(r->file, evaluations, why));
    STATUS_TRY(h5_write_dimension(r->file, "/search/evaluations/evaluation", r->n, why));
    STATUS_TRY(put_results(r, evaluations, why));
    STATUS_TRY(put(r, evaluations, &column, r->states, 1, "status", "outcome", why));
    for (size_t i = 0; i < r->n; i++) {
        const size_t id = i - r->c->n_imported;
        r->numbers[i] = i < r->c->n_imported ? (double)NAN : r->c->log->hypervolume[id];
    }
    column = (struct h5_column){.type = H5_DOUBLE,
                                .unit = "1",
                                .long_name = "share of the box that is covered after this "
                                             "evaluation and those before"};
    STATUS_TRY(put(r, evaluations, &column, r->numbers, sizeof *r->numbers, "hypervolume",
                   "outcome", why));
out:
    return st;
}

/* What differs between equal searches. */
static enum status write_run(struct rows *r, struct status_why *why)
{
    static const char group[] = "/run/evaluations";
    enum status st = STATUS_OK;
    const char **messages = malloc((r->n + 1) * sizeof *messages);
    struct h5_column seconds = {.type = H5_DOUBLE, .unit = "s", .long_name = "of the last attempt"},
                     worker = {.type = H5_INT32, .long_name = "rank that did it"},
                     attempts = {.type = H5_INT32};
    bool any = false;
    if (messages == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%zu messages", r->n);
    }
    STATUS_TRY(team_agree(r->comm, st, why));
    STATUS_TRY(h5_write_group(r->file, group, why));
    for (size_t i = 0; i < r->n; i++) {
        const struct driver_evaluation *e = evaluation_of(r, i);
        r->numbers[i] = e != NULL ? e->seconds : (double)NAN;
        r->codes[i] = e != NULL ? e->worker : -1;
        messages[i] = e != NULL ? e->message : "";
        any = any || messages[i][0] != '\0';
    }
    STATUS_TRY(put(r, group, &seconds, r->numbers, sizeof *r->numbers, "seconds", "outcome", why));
    STATUS_TRY(put(r, group, &worker, r->codes, sizeof *r->codes, "worker", "outcome", why));
    for (size_t i = 0; i < r->n; i++) {
        const struct driver_evaluation *e = evaluation_of(r, i);
        r->codes[i] = e != NULL ? (int32_t)e->attempts : 0;
    }
    STATUS_TRY(put(r, group, &attempts, r->codes, sizeof *r->codes, "attempts", "outcome", why));
    if (any) {
        STATUS_TRY(h5_write_names(r->file, "/run/evaluations/message", messages, r->n,
                                  "/search/evaluations/evaluation", why));
    }
    STATUS_TRY(h5_write_number_attribute(r->file, "/run", "search_seconds",
                                         r->c->log->search_seconds, why));
out:
    free(messages);
    return st;
}

/* The rows at which hyper-parameters were learnt anew. \param [out] rows  [log->n] of the log */
static size_t find_learnings(const struct driver_log *log, size_t learnings[])
{
    size_t n = 0;
    uint64_t last = 0;
    for (size_t i = 0; i < log->n; i++) {
        if (log->states[i].n_learnt > 0 && log->states[i].n_learnt != last) {
            last = log->states[i].n_learnt;
            learnings[n++] = i;
        }
    }
    return n;
}

/* Hyper-parameters of one outcome at every learning: [n] each, lengths [n][n_variables]. */
static enum status write_hyper(struct rows *r, const char *name, size_t which, size_t n,
                               const size_t learnings[], struct status_why *why)
{
    static const struct {
        const char *name;
        size_t offset;
    } scalars[] = {{"log_variance", offsetof(struct gp_hyper, log_variance)},
                   {"log_nugget", offsetof(struct gp_hyper, log_nugget)}};
    enum status st = STATUS_OK;
    const size_t n_variables = r->c->problem->n_variables;
    char path[PATH_SIZE];
    double *values = malloc((n * n_variables + 1) * sizeof *values);
    if (values == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%zu learnings", n);
    }
    STATUS_TRY(team_agree(r->comm, st, why));
    for (size_t s = 0; s < sizeof scalars / sizeof *scalars; s++) {
        for (size_t i = 0; i < n; i++) {
            const struct gp_hyper *hyper = &r->c->log->states[learnings[i]].hyper[which];
            memcpy(&values[i], (const char *)hyper + scalars[s].offset, sizeof *values);
        }
        (void)snprintf(path, sizeof path, "/search/model/%s_%s", name, scalars[s].name);
        const struct h5_array array = {.path = path,
                                       .type = H5_DOUBLE,
                                       .values = values,
                                       .n_dimensions = 1,
                                       .shape = {n},
                                       .dimensions = {"/search/model/learning"},
                                       .long_name = "of standardised values"};
        STATUS_TRY(h5_write_array(r->file, &array, why));
    }
    for (size_t i = 0; i < n; i++) {
        const struct gp_hyper *hyper = &r->c->log->states[learnings[i]].hyper[which];
        memcpy(values + i * n_variables, hyper->log_length, n_variables * sizeof *values);
    }
    (void)snprintf(path, sizeof path, "/search/model/%s_log_length", name);
    const struct h5_array array = {
        .path = path,
        .type = H5_DOUBLE,
        .values = values,
        .n_dimensions = 2,
        .shape = {n, n_variables},
        .dimensions = {"/search/model/learning", "/search/model/variable"},
        .long_name = "in the unit cube; of a category ln theta"};
    STATUS_TRY(h5_write_array(r->file, &array, why));
out:
    free(values);
    return st;
}

/* The models: their hyper-parameters, each time they were learnt. */
static enum status write_model(struct rows *r, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct propose_problem *p = r->c->problem;
    const struct driver_log *log = r->c->log;
    const char *names[VARIABLE_MOST];
    uint64_t *counts = malloc((2 * log->n + 1) * sizeof *counts);
    size_t *learnings = malloc((log->n + 1) * sizeof *learnings);
    size_t n = 0;
    if (counts == NULL || learnings == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%zu evaluations", log->n);
    }
    STATUS_TRY(team_agree(r->comm, st, why));
    n = find_learnings(log, learnings);
    for (size_t i = 0; i < n; i++) {
        counts[i] = log->states[learnings[i]].n_learnt;
        counts[log->n + i] = r->c->n_imported + learnings[i];
    }
    for (size_t i = 0; i < p->n_variables; i++) {
        names[i] = p->variables[i].name;
    }
    STATUS_TRY(h5_write_group(r->file, "/search/model", why));
    STATUS_TRY(h5_write_dimension(r->file, "/search/model/learning", n, why));
    STATUS_TRY(h5_write_dimension(r->file, "/search/model/variable", p->n_variables, why));
    STATUS_TRY(h5_write_names(r->file, "/search/model/variable_name", names, p->n_variables,
                              "/search/model/variable", why));
    const struct h5_array arrays[] = {
        {.path = "/search/model/n_learnt",
         .type = H5_UINT64,
         .values = counts,
         .n_dimensions = 1,
         .shape = {n},
         .dimensions = {"/search/model/learning"},
         .long_name = "results that it was learnt from"},
        {.path = "/search/model/first_evaluation",
         .type = H5_UINT64,
         .values = counts + log->n,
         .n_dimensions = 1,
         .shape = {n},
         .dimensions = {"/search/model/learning"},
         .long_name = "row of the first evaluation that was made with it"},
    };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        STATUS_TRY(h5_write_array(r->file, &arrays[i], why));
    }
    for (size_t k = 0; k < p->n_objectives; k++) {
        STATUS_TRY(write_hyper(r, p->objectives[k].name, k, n, learnings, why));
    }
    for (size_t k = 0; k < p->n_limits; k++) {
        if (is_objective(p, p->limits[k].name)) {
            continue; /* learnt twice from the same values, on another scale perhaps */
        }
        STATUS_TRY(write_hyper(r, p->limits[k].name, p->n_objectives + k, n, learnings, why));
    }
out:
    free(learnings);
    free(counts);
    return st;
}

static enum status write_frontier(struct rows *r, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct h5_column index = {.type = H5_UINT64, .long_name = "row of /search/evaluations"};
    STATUS_TRY(h5_write_group(r->file, points, why));
    STATUS_TRY(h5_write_count_attribute(r->file, points, "n_scenarios", 1, why));
    STATUS_TRY(h5_write_count_attribute(r->file, points, "n_objectives",
                                        r->c->problem->n_objectives, why));
    STATUS_TRY(h5_write_dimension(r->file, "/frontier/point", r->n_front, why));
    STATUS_TRY(put(r, points, &index, r->front, sizeof *r->front, "configuration", "index", why));
    STATUS_TRY(put_results(r, points, why));
out:
    return st;
}

static enum status write_counts(struct rows *r, struct status_why *why)
{
    enum status st = STATUS_OK;
    uint64_t n[N_STATES] = {0};
    for (size_t i = 0; i < r->n; i++) {
        n[r->states[i]]++;
    }
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {
        {"n_evaluations", r->n},
        {"n_imported", r->c->n_imported},
        {"n_feasible", n[FEASIBLE]},
        {"n_infeasible", n[INFEASIBLE]},
        {"n_failed", n[FAILED]},
        {"n_recovered", n[RECOVERED]},
        {"n_rows", r->n_front},
        {"lag", r->c->problem->lag},
        {"n_initial", r->c->problem->n_initial},
    };
    STATUS_TRY(h5_write_group(r->file, "/search", why));
    STATUS_TRY(h5_write_group(r->file, "/run", why));
    STATUS_TRY(h5_write_text_attribute(r->file, "/search", "path", "bayes", why));
    STATUS_TRY(h5_write_text_attribute(r->file, "/search", "evaluator", r->c->evaluator, why));
    STATUS_TRY(
        h5_write_text_attribute(r->file, "/search", "stopped_by", r->c->log->stopped_by, why));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        STATUS_TRY(
            h5_write_count_attribute(r->file, "/search", counts[i].name, counts[i].value, why));
    }
out:
    return st;
}

enum status bayes_file_write(MPI_Comm comm, struct h5 *file, const struct bayes_file_content *c,
                             size_t *n_rows, struct status_why *why)
{
    struct rows r = {.comm = comm, .file = file, .c = c};
    enum status st = prepare(&r, why);
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(write_counts(&r, why));
    STATUS_TRY(write_evaluations(&r, why));
    STATUS_TRY(write_model(&r, why));
    STATUS_TRY(write_frontier(&r, why));
    STATUS_TRY(write_run(&r, why));
    if (n_rows != NULL) {
        *n_rows = r.n_front;
    }
out:
    free(r.codes);
    free(r.numbers);
    free(r.front);
    free(r.states);
    free(r.results);
    return st;
}

/* One column read back. */
struct column {
    const char *name;
    bool is_design;
    double *values;
    char *meanings; /* words separated by blanks; NULL: numbers */
};

/* Read the member \a name when it is a variable, an objective or a limit. */
static enum status read_column(struct h5 *file, const char *name, struct column columns[],
                               size_t *n, size_t *n_rows, struct status_why *why)
{
    enum status st = STATUS_OK;
    char path[PATH_SIZE], *role = NULL;
    size_t n_dimensions, shape[3];
    struct column *c = &columns[*n];
    (void)snprintf(path, sizeof path, "%s/%s", evaluations, name);
    if (!h5_has_attribute(file, path, "role") || strcmp(name, "hypervolume") == 0) {
        return STATUS_OK;
    }
    if (*n == MOST_COLUMNS + 1) {
        return status_fail(why, STATUS_IO, "%s: too many columns", evaluations);
    }
    *c = (struct column){.name = name};
    ++*n;
    STATUS_TRY(h5_read_text_attribute(file, path, "role", &role, why));
    c->is_design = strcmp(role, "decision") == 0;
    STATUS_TRY(h5_read_array(file, path, &c->values, &n_dimensions, shape, why));
    if (n_dimensions != 1 || (*n > 1 && shape[0] != *n_rows)) {
        st = status_fail(why, STATUS_IO, "%s: has not the rows of the other columns", path);
    }
    *n_rows = shape[0];
    if (st == STATUS_OK && c->is_design && h5_has_attribute(file, path, "flag_meanings")) {
        st = h5_read_text_attribute(file, path, "flag_meanings", &c->meanings, why);
    }
out:
    free(role);
    return st;
}

/* The word at place \a code. */
static void print_word(FILE *to, const char *words, double code)
{
    for (size_t i = 0; (double)i < code && *words != '\0'; i++) {
        words += strcspn(words, " ");
        words += *words == ' ';
    }
    (void)fprintf(to, "%.*s", (int)strcspn(words, " "), words);
}

static void print_row(FILE *to, const struct column columns[], size_t n, size_t row,
                      const double states[])
{
    const bool has_outcomes = states[row] < FAILED;
    const char *between = "";
    for (size_t i = 0; i < n; i++) {
        const struct column *c = &columns[i];
        if (c->values == states) {
            continue;
        }
        (void)fputs(between, to);
        between = ",";
        if (c->meanings != NULL) {
            print_word(to, c->meanings, c->values[row]);
        } else if (c->is_design || has_outcomes) {
            (void)fprintf(to, "%.17g", c->values[row]);
        }
    }
    (void)fputc('\n', to);
}

/* The columns as a table of text, which whoever reads tables takes as any other. */
static enum status make_table(const char *name, const struct column columns[], size_t n,
                              size_t n_rows, struct table **made, struct status_why *why)
{
    char *text = NULL;
    size_t length = 0;
    const double *states = NULL;
    const char *between = "";
    FILE *to = open_memstream(&text, &length);
    if (to == NULL) {
        return status_fail(why, STATUS_MEMORY, "%s: no memory", name);
    }
    for (size_t i = 0; i < n; i++) {
        if (strcmp(columns[i].name, "status") == 0) {
            states = columns[i].values;
        } else {
            (void)fprintf(to, "%s%s", between, columns[i].name);
            between = ",";
        }
    }
    (void)fputc('\n', to);
    for (size_t row = 0; states != NULL && row < n_rows; row++) {
        print_row(to, columns, n, row, states);
    }
    enum status st =
        fclose(to) == 0 ? STATUS_OK : status_fail(why, STATUS_MEMORY, "%s: no memory", name);
    if (st == STATUS_OK && states == NULL) {
        st = status_fail(why, STATUS_IO, "%s: %s has no status", name, evaluations);
    }
    if (st == STATUS_OK) {
        st = table_parse(name, text, length, made, why);
    }
    free(text);
    return st;
}

enum status bayes_file_read(struct h5 *file, const char *name, struct table **made,
                            struct status_why *why)
{
    enum status st = STATUS_OK;
    struct column columns[MOST_COLUMNS + 1];
    char **members = NULL;
    size_t n_members = 0, n = 0, n_rows = 0;
    *made = NULL;
    if (!h5_exists(file, evaluations)) {
        return status_fail(why, STATUS_INPUT, "%s: holds no Bayesian search (no %s)", name,
                           evaluations);
    }
    STATUS_TRY(h5_read_members(file, evaluations, &members, &n_members, why));
    for (size_t i = 0; i < n_members; i++) {
        STATUS_TRY(read_column(file, members[i], columns, &n, &n_rows, why));
    }
    st = make_table(name, columns, n, n_rows, made, why);
    STATUS_TRY(h5_agree(file, st, why));
out:
    for (size_t i = 0; i < n; i++) {
        free(columns[i].values);
        free(columns[i].meanings);
    }
    free(members);
    return st;
}
