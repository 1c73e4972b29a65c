#include "jobs/answers_view.h"

#include <math.h>
#include <string.h>

#include "inputs/study/question.h"
#include "jobs/summary.h"
#include "solver/base/escape.h"

/* Add a note of up to three parts to a text, after "; " where there is something already. */
static void append(char text[], size_t size, const char *a, const char *b, const char *c)
{
    const size_t used = strlen(text);
    (void)snprintf(text + used, size - used, "%s%s%s%s", used > 0 ? "; " : "", a, b, c);
}

static const char *variable_name(const struct answers *a, size_t i)
{
    return design_field(a->inquiry.variables[i])->name;
}

static struct design design_of(const struct answers *a, size_t index, const struct model *m)
{
    const struct inquiry_case c = inquiry_case_at(&a->inquiry, index, &m->predict);
    return inquiry_design(&c, a->cases[index].found.x);
}

static bool is_unpriced(const struct answers *a, const struct design *d)
{
    return a->accepted != 0 || allocation_is_unpriced(a->inquiry.allocation, d);
}

static bool is_optimistic(const struct answers *a, const struct design *d)
{
    const int code = design_code(d, DESIGN_PRECISION);
    return code >= 0 && inquiry_reads(&a->inquiry, DESIGN_PRECISION)
           && a->inquiry.allocation->catalogue.formats[code].is_bound;
}

/* Names of the variables in a set. */
static void names_of(const struct answers *a, unsigned set, char text[], size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < a->inquiry.n_variables; i++) {
        if ((set >> i & 1u) != 0) {
            const size_t used = strlen(text);
            (void)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
                           variable_name(a, i));
        }
    }
}

void answers_view_trouble(const struct answers *a, size_t index, char text[], size_t size)
{
    const struct allocate_answer *found = &a->cases[index].found;
    char names[160];
    text[0] = '\0';
    for (size_t i = 0; i < a->inquiry.n_variables; i++) {
        const bool low = (found->at_lower >> i & 1u) != 0;
        const bool high = (found->at_upper >> i & 1u) != 0;
        if (low || high) {
            append(text, size, variable_name(a, i), " at its ",
                   low ? "lower bound" : "upper bound");
        }
    }
    if (found->flat != 0) {
        names_of(a, found->flat, names, sizeof names);
        append(text, size, "degenerate: ", names, " can move without changing the answer");
    }
}

void answers_view_notes(const struct answers *a, size_t index, const struct model *m, char text[],
                        size_t size)
{
    const struct design d = design_of(a, index, m);
    const unsigned flags = predict_flags(&m->predict, &d);
    char ratio[32];
    (void)snprintf(ratio, sizeof ratio, " %.3g-fold", predict_extrapolation_ratio(&m->predict, &d));
    answers_view_trouble(a, index, text, size);
    for (int f = 0; f < PREDICT_N_FLAGS; f++) {
        if ((flags >> f & 1u) != 0) {
            append(text, size, predict_flag_field((enum predict_flag)f)->name, "",
                   f == PREDICT_EXTRAPOLATED ? ratio : "");
        }
    }
    if (is_unpriced(a, &d)) {
        append(text, size, "unpriced", "", "");
    }
    if (is_optimistic(a, &d)) {
        append(text, size, "optimistic_precision", "", "");
    }
    if (m->has_fit && !m->fit.identified) {
        append(text, size, "not_identified", "", "");
    }
}

/* A value with its unit and its interval over the replicates, as people read it. */
static void print_value(FILE *to, const char *name, double value, const char *unit,
                        const struct fit_interval *interval)
{
    const bool counts = strcmp(unit, "count") == 0;
    char text[32], lower[32], upper[32];
    escape_fprint(to, "%s %s%s%s", name, summary_number(value, counts, text, sizeof text),
                  counts || strcmp(unit, "1") == 0 ? "" : " ",
                  counts || strcmp(unit, "1") == 0 ? "" : unit);
    if (interval != NULL) {
        escape_fprint(to, " (%s .. %s)",
                      summary_number(interval->lower, counts, lower, sizeof lower),
                      summary_number(interval->upper, counts, upper, sizeof upper));
    }
}

static void print_method(FILE *to, const struct answers_case *c)
{
    escape_fprint(to, "  [%s, residual %.1g", allocate_method_name(c->found.method),
                  c->found.residual);
    if (c->found.n_starts > 0) {
        escape_fprint(to, ", %zu of %zu starts agree", c->found.n_agree, c->found.n_starts);
    }
    if (c->n_replicates > 0 && c->n_solved < c->n_replicates) {
        escape_fprint(to, ", %zu of %zu replicates have an answer", c->n_solved, c->n_replicates);
    }
    escape_fprint(to, "]");
}

static bool is_of_loss(const struct inquiry *q)
{
    return !q->question->target.is_input && q->question->target.outcome == FOOTPRINT_LOSS;
}

/* Intervals of the loss of the design found; NAN where not known. */
static struct forecast_interval forecast_of(const struct answers *a, size_t index,
                                            const struct model *m)
{
    const double none = NAN; /* the macro is a float */
    struct forecast_interval i = {none, none, none, none};
    const struct design d = design_of(a, index, m);
    if (m->forecast != NULL) {
        forecast_make(m->forecast, &m->predict, &d, &i);
    }
    return i;
}

/* The range after the value is that of the best loss, a mean: a new run scatters around it. */
static void print_forecast(FILE *to, const struct answers *a, size_t index, const struct model *m)
{
    const struct forecast_interval i = forecast_of(a, index, m);
    char lower[32], upper[32];
    if (!isnan(i.lower)) {
        escape_fprint(to, "; loss_nat of a new run %s .. %s",
                      summary_number(i.lower, false, lower, sizeof lower),
                      summary_number(i.upper, false, upper, sizeof upper));
    }
}

static void print_case(FILE *to, const struct answers *a, size_t index, const struct model *m)
{
    const struct inquiry *q = &a->inquiry;
    const struct answers_case *c = &a->cases[index];
    const bool alone = q->n_cases == q->n_scenarios;
    char notes[512], levels[256];
    answers_levels(a, index, levels, sizeof levels);
    escape_fprint(to, "  %s%s%s",
                  alone        ? ""
                  : c->is_best ? "* "
                               : "  ",
                  levels, levels[0] != '\0' ? ": " : "");
    if (c->is_absent) {
        escape_fprint(to, "left out: %s\n", c->reason);
        return;
    }
    if (c->found.reason != ALLOCATE_SOLVED) {
        escape_fprint(to, "no answer: %s\n", c->reason);
        return;
    }
    const bool has_interval = c->n_solved > 1;
    print_value(to, question_name(&q->question->target), c->found.values[0],
                question_unit(&q->question->target), has_interval ? &c->objective : NULL);
    for (size_t i = 0; i < q->n_variables; i++) {
        const struct study_target of = {.is_input = true, .input = q->variables[i]};
        if (q->question->target.is_input && q->question->target.input == of.input) {
            continue;
        }
        escape_fprint(to, ", ");
        print_value(to, variable_name(a, i), c->found.x[i], question_unit(&of),
                    has_interval ? &c->variables[i] : NULL);
    }
    if (is_of_loss(q)) {
        print_forecast(to, a, index, m);
    }
    print_method(to, c);
    answers_view_notes(a, index, m, notes, sizeof notes);
    escape_fprint(to, "%s%s\n", notes[0] != '\0' ? "  " : "", notes);
}

void answers_view_print(FILE *to, const struct answers *a, const struct model *m)
{
    const size_t n = a->inquiry.n_cases / a->inquiry.n_scenarios;
    escape_fprint(to, "%s\n", a->inquiry.question->text);
    for (size_t s = 0; s < a->inquiry.n_scenarios; s++) {
        for (int best = 1; best >= 0; best--) {
            for (size_t i = s * n; i < (s + 1) * n; i++) {
                if (a->cases[i].is_best == (best == 1)) {
                    print_case(to, a, i, m);
                }
            }
        }
    }
}

/* Put a member, unless memory has run out; JSON knows no NaN and no infinity. */
static bool put(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0;
}

static bool put_number(json_t *object, const char *name, double value)
{
    return put(object, name, isfinite(value) ? json_real(value) : json_null());
}

static json_t *number_json(double value, const char *unit, const struct fit_interval *interval)
{
    json_t *o = json_object();
    bool ok = put_number(o, "value", value) && put(o, "unit", json_string(unit));
    if (interval != NULL) {
        ok = ok && put_number(o, "lower", interval->lower)
             && put_number(o, "upper", interval->upper);
    }
    if (!ok) {
        json_decref(o);
        return NULL;
    }
    return o;
}

static json_t *range_json(double lower, double upper)
{
    json_t *o = json_object();
    if (!put_number(o, "lower", lower) || !put_number(o, "upper", upper)) {
        json_decref(o);
        return NULL;
    }
    return o;
}

/* Of the design found, held fixed; null where not known. */
static json_t *forecast_json(struct forecast_interval i)
{
    json_t *o = json_object();
    if (!put(o, "new_run", range_json(i.lower, i.upper))
        || !put(o, "mean", range_json(i.mean_lower, i.mean_upper))) {
        json_decref(o);
        return NULL;
    }
    return o;
}

static json_t *levels_json(const struct answers *a, size_t index)
{
    const struct inquiry *q = &a->inquiry;
    size_t levels[SPACE_MAX_AXES];
    json_t *o = json_object();
    inquiry_levels(q, index, levels);
    for (size_t i = 0; i < q->n_axes; i++) {
        const struct space_axis *axis = &q->allocation->space.axes[q->axes[i]];
        const size_t level = levels[i];
        (void)put(o, axis->name,
                  axis->kind == SPACE_CATEGORY ? json_string(axis->labels[level])
                                               : json_real(axis->values[level]));
    }
    return o;
}

/* Names of the members of a set of limits or variables. */
static json_t *set_json(const struct answers *a, unsigned set, bool of_limits)
{
    const struct inquiry *q = &a->inquiry;
    json_t *list = json_array();
    for (size_t i = 0; i < (of_limits ? q->n_limits : q->n_variables); i++) {
        if ((set >> i & 1u) != 0) {
            (void)json_array_append_new(
                list, json_string(of_limits ? footprint_field(q->limits[i].outcome)->name
                                            : variable_name(a, i)));
        }
    }
    return list;
}

static json_t *outcomes_json(const struct answers *a, const struct design *d, const struct model *m)
{
    double outcome[FOOTPRINT_N_OUTCOMES];
    json_t *o = json_object();
    allocation_price(a->inquiry.allocation, &m->predict, d, outcome);
    for (int i = 0; i < FOOTPRINT_N_OUTCOMES; i++) {
        if (isfinite(outcome[i])) {
            (void)put_number(o, footprint_field((enum footprint_outcome)i)->name, outcome[i]);
        }
    }
    return o;
}

static bool put_flags(json_t *o, unsigned flags)
{
    bool ok = true;
    for (int f = 0; f < PREDICT_N_FLAGS; f++) {
        ok = ok
             && put(o, predict_flag_field((enum predict_flag)f)->name,
                    json_boolean((flags >> f & 1u) != 0));
    }
    return ok;
}

static bool put_found(json_t *o, const struct answers *a, size_t index, const struct model *m)
{
    const struct inquiry *q = &a->inquiry;
    const struct answers_case *c = &a->cases[index];
    const struct allocate_answer *f = &c->found;
    const struct design d = design_of(a, index, m);
    const bool has_interval = c->n_solved > 1;
    json_t *variables = json_object();
    for (size_t i = 0; i < q->n_variables; i++) {
        const struct study_target of = {.is_input = true, .input = q->variables[i]};
        (void)put(variables, variable_name(a, i),
                  number_json(f->x[i], question_unit(&of), has_interval ? &c->variables[i] : NULL));
    }
    return put(o, "objective",
               number_json(f->values[0], question_unit(&q->question->target),
                           has_interval ? &c->objective : NULL))
           && put(o, "variables", variables)
           && put(o, "method", json_string(allocate_method_name(f->method)))
           && put_number(o, "residual", f->residual)
           && put(o, "evaluations", json_integer((json_int_t)f->evaluations))
           && put(o, "polished", json_boolean(f->is_polished))
           && put(o, "starts", json_integer((json_int_t)f->n_starts))
           && put(o, "starts_agree", json_integer((json_int_t)f->n_agree))
           && put(o, "replicates", json_integer((json_int_t)c->n_replicates))
           && put(o, "replicates_solved", json_integer((json_int_t)c->n_solved))
           && put(o, "binding", set_json(a, f->binding, true))
           && put(o, "at_lower_bound", set_json(a, f->at_lower, false))
           && put(o, "at_upper_bound", set_json(a, f->at_upper, false))
           && put(o, "degenerate", set_json(a, f->flat, false))
           && put_flags(o, predict_flags(&m->predict, &d))
           && put(o, "loss_nat_interval", forecast_json(forecast_of(a, index, m)))
           && put_number(o, "extrapolation_ratio", predict_extrapolation_ratio(&m->predict, &d))
           && put(o, "unpriced", json_boolean(is_unpriced(a, &d)))
           && put(o, "optimistic_precision", json_boolean(is_optimistic(a, &d)))
           && put(o, "outcomes", outcomes_json(a, &d, m));
}

json_t *answers_view_json(const struct answers *a, const struct model *m)
{
    json_t *o = json_object(), *list = json_array();
    bool ok = put(o, "question", json_string(a->inquiry.question->text)) && put(o, "answers", list);
    for (size_t i = 0; ok && i < a->inquiry.n_cases; i++) {
        const struct answers_case *c = &a->cases[i];
        const bool solved = !c->is_absent && c->found.reason == ALLOCATE_SOLVED;
        json_t *one = json_object();
        ok = json_array_append_new(list, one) == 0 && put(one, "levels", levels_json(a, i))
             && put(one, "solved", json_boolean(solved))
             && put(one, "best", json_boolean(c->is_best))
             && (solved ? put_found(one, a, i, m) : put(one, "reason", json_string(c->reason)));
    }
    if (!ok) {
        json_decref(o);
        return NULL;
    }
    return o;
}
