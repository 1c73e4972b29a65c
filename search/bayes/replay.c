#include "search/bayes/replay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/text/quantity.h"

struct replay {
    const struct propose_problem *problem;
    size_t n;
    struct propose_result *results; /* [n] */
    double *values;                 /* [n][n_variables] of their designs */
    size_t at;                      /* row that is being evaluated; n: none */
};

/* Numbers come from text and go through the unit cube; more digits than these mean nothing. */
static bool is_same(double a, double b)
{
    static const double tolerance = 1e-9;
    return fabs(a - b) <= tolerance * fmax(fabs(a), fabs(b));
}

static size_t find(const struct replay *r, const double values[])
{
    const size_t n_variables = r->problem->n_variables;
    for (size_t i = 0; i < r->n; i++) {
        size_t k = 0;
        while (k < n_variables && is_same(r->values[i * n_variables + k], values[k])) {
            k++;
        }
        if (k == n_variables) {
            return i;
        }
    }
    return r->n;
}

/* Where the variables, objectives and limits are in the table. */
struct columns {
    int variables[VARIABLE_MOST], objectives[PROPOSE_MAX_OBJECTIVES], limits[PROPOSE_MAX_LIMITS];
};

static enum status find_column(const struct table *table, const char *name, int *column,
                               struct status_why *why)
{
    *column = table_find(table, name);
    return *column >= 0
               ? STATUS_OK
               : status_fail(why, STATUS_INPUT, "%s: no column called %s", table_name(table), name);
}

static enum status find_columns(const struct propose_problem *p, const struct table *table,
                                struct columns *c, struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < p->n_variables; i++) {
        st = find_column(table, p->variables[i].name, &c->variables[i], why);
    }
    for (size_t i = 0; st == STATUS_OK && i < p->n_objectives; i++) {
        st = find_column(table, p->objectives[i].name, &c->objectives[i], why);
    }
    for (size_t i = 0; st == STATUS_OK && i < p->n_limits; i++) {
        st = find_column(table, p->limits[i].name, &c->limits[i], why);
    }
    return st;
}

/* A number, or NAN for an empty field. */
static enum status read_number(const struct table *table, size_t row, int column, double *value,
                               struct status_why *why)
{
    const char *text = table_field(table, row, (size_t)column);
    *value = (double)NAN;
    const char *expected = text[0] != '\0' ? quantity_number(text, value) : NULL;
    return expected == NULL ? STATUS_OK
                            : status_fail(why, STATUS_INPUT, "%s:%d:%d: %s: %s: %s",
                                          table_name(table), table_line(table, row), column + 1,
                                          table_column(table, (size_t)column), text, expected);
}

/* The value of a variable, or NAN where the field is empty or names no category. */
static enum status read_variable(const struct table *table, size_t row, int column,
                                 const struct variable *v, double *value, struct status_why *why)
{
    if (v->kind != VARIABLE_CATEGORICAL) {
        return read_number(table, row, column, value, why);
    }
    const char *text = table_field(table, row, (size_t)column);
    *value = (double)NAN;
    for (size_t i = 0; i < v->n_levels; i++) {
        if (strcmp(v->labels[i], text) == 0) {
            *value = (double)i;
        }
    }
    return STATUS_OK;
}

/* Read the design of a row; whether it is one of the problem. */
static enum status read_design(const struct replay *r, const struct table *table, size_t row,
                               const struct columns *c, double values[],
                               struct propose_result *result, bool *is_known,
                               struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct propose_problem *p = r->problem;
    *is_known = true;
    for (size_t i = 0; st == STATUS_OK && i < p->n_variables; i++) {
        const struct variable *v = &p->variables[i];
        st = read_variable(table, row, c->variables[i], v, &values[i], why);
        if (st == STATUS_OK && !isnan(values[i])) {
            result->u[i] = variable_coordinate(v, values[i]);
            variable_snap(1, v, &result->u[i]);
        }
        *is_known =
            *is_known && !isnan(values[i]) && is_same(variable_value(v, result->u[i]), values[i]);
    }
    *is_known = *is_known && (p->is_allowed == NULL || p->is_allowed(p->context, values));
    return st;
}

static enum status read_outcomes(const struct replay *r, const struct table *table, size_t row,
                                 const struct columns *c, struct propose_result *result,
                                 struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct propose_problem *p = r->problem;
    result->outcome = PROPOSE_DONE;
    for (size_t i = 0; st == STATUS_OK && i < p->n_objectives + p->n_limits; i++) {
        const bool is_objective = i < p->n_objectives;
        const size_t k = is_objective ? i : i - p->n_objectives;
        double *value = is_objective ? &result->objectives[k] : &result->limits[k];
        const int column = is_objective ? c->objectives[k] : c->limits[k];
        st = read_number(table, row, column, value, why);
        const bool is_positive = *value > 0.0;
        if (st == STATUS_OK && is_objective && p->objectives[k].is_log && !isnan(*value)
            && !is_positive) {
            return status_fail(why, STATUS_INPUT,
                               "%s:%d:%d: %s: %s: must be > 0: it has scale: log",
                               table_name(table), table_line(table, row), column + 1,
                               p->objectives[k].name, table_field(table, row, (size_t)column));
        }
        if (isnan(*value)) {
            result->outcome = PROPOSE_FAILED;
        }
    }
    return st;
}

static enum status read_rows(struct replay *r, const struct table *table, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct columns c = {0};
    STATUS_TRY(find_columns(r->problem, table, &c, why));
    for (size_t row = 0; row < table_n_rows(table); row++) {
        struct propose_result *result = &r->results[r->n];
        double *values = r->values + r->n * r->problem->n_variables;
        bool is_known;
        memset(result, 0, sizeof *result);
        STATUS_TRY(read_design(r, table, row, &c, values, result, &is_known, why));
        STATUS_TRY(read_outcomes(r, table, row, &c, result, why));
        if (is_known && find(r, values) == r->n) {
            result->id = r->n++;
        }
    }
    if (r->n == 0) {
        st = status_fail(why, STATUS_INPUT, "%s: none of its %zu rows is a design of this search",
                         table_name(table), table_n_rows(table));
    }
out:
    return st;
}

enum status replay_create(const struct propose_problem *problem, const struct table *table,
                          struct replay **made, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = table_n_rows(table) + 1;
    struct replay *r = calloc(1, sizeof *r);
    *made = NULL;
    if (r != NULL) {
        r->problem = problem;
        r->results = malloc(n * sizeof *r->results);
        r->values = malloc(n * (problem->n_variables + 1) * sizeof *r->values);
    }
    if (r == NULL || r->results == NULL || r->values == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%s: %zu rows", table_name(table), n);
        goto out;
    }
    STATUS_TRY(read_rows(r, table, why));
    r->at = r->n;
    *made = r;
    r = NULL;
out:
    replay_destroy(r);
    return st;
}

void replay_destroy(struct replay *r)
{
    if (r != NULL) {
        free(r->values);
        free(r->results);
        free(r);
    }
}

size_t replay_n(const struct replay *r)
{
    return r->n;
}

const struct propose_result *replay_results(const struct replay *r)
{
    return r->results;
}

bool replay_allows(const void *replay, const double values[])
{
    const struct replay *r = replay;
    return find(r, values) < r->n;
}

static enum driver_progress begin(void *context, uint64_t id, uint32_t attempt,
                                  const double values[], struct status_why *why)
{
    struct replay *r = context;
    (void)id;
    (void)attempt;
    r->at = find(r, values);
    if (r->at == r->n) {
        (void)status_fail(why, STATUS_INPUT, "the table has no row with this design");
        return DRIVER_FAILED;
    }
    return DRIVER_RUNNING;
}

static enum driver_progress poll(void *context, double outcomes[], struct status_why *why)
{
    const struct replay *r = context;
    const struct propose_problem *p = r->problem;
    const struct propose_result *row = &r->results[r->at];
    if (row->outcome == PROPOSE_FAILED) {
        (void)status_fail(why, STATUS_INPUT,
                          "the table has a row without outcomes for this design");
        return DRIVER_FAILED;
    }
    memcpy(outcomes, row->objectives, p->n_objectives * sizeof *outcomes);
    memcpy(outcomes + p->n_objectives, row->limits, p->n_limits * sizeof *outcomes);
    return DRIVER_DONE;
}

static void cancel(void *context)
{
    (void)context;
}

struct driver_evaluator replay_evaluator(struct replay *r)
{
    return (struct driver_evaluator){"replay", begin, poll, cancel, r};
}
