#include "jobs/inquiry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "inputs/study/question.h"
#include "jobs/pricing.h"
#include "solver/optimum.h"

enum { MOST_CASES = 4096 };

static enum status fail(const struct inquiry *q, const char *value, const char *expected,
                        struct status_why *why)
{
    return study_fail(q->allocation->study, q->question->place, q->question->text, value, expected,
                      why);
}

static bool varies(const struct inquiry *q, enum design_input input)
{
    for (size_t i = 0; i < q->n_variables; i++) {
        if (q->variables[i] == input) {
            return true;
        }
    }
    return false;
}

/* Bounds of an input that moves: the least and the largest level of the study, else its range in
 * the table of inputs, from a hundredth where that is open at 0. */
static struct allocate_variable range_of(const struct study *study, enum design_input input)
{
    static const double least = 0.01, wide = 1e3;
    const struct design_field *field = design_field(input);
    const struct study_axis *axis = &study->space[input];
    struct allocate_variable v = {.upper = field->upper};
    if (axis->given && axis->n > 1) {
        v.lower = v.upper = axis->values[0];
        for (size_t i = 1; i < axis->n; i++) {
            v.lower = fmin(v.lower, axis->values[i]);
            v.upper = fmax(v.upper, axis->values[i]);
        }
    } else {
        v.lower = field->lower > 0.0 ? field->lower : field->counts ? 1.0 : least;
    }
    v.logarithmic = v.lower > 0.0 && (field->counts || v.upper / v.lower > wide);
    return v;
}

/* Whether an input is what a formula of others gives. */
static bool follows(const struct inquiry *q, enum design_input input)
{
    return design_has(dependent_inputs(&q->allocation->study->dependents), input);
}

/* Whether the study lists the values that an input may take: it moves from one to another of them,
 * each of which makes a case, and to nothing between. */
static bool is_list(const struct inquiry *q, enum design_input input)
{
    const struct study_axis *axis = &q->allocation->study->space[input];
    return axis->given && axis->n > 1 && !axis->is_range;
}

static enum status add_variable(struct inquiry *q, enum design_input input, struct status_why *why)
{
    if (is_list(q, input)) {
        return STATUS_OK;
    }
    if (q->n_variables == ALLOCATE_MAX_VARIABLES) {
        return fail(q, "over", "at most 8 inputs can move", why);
    }
    if (follows(q, input)) {
        return fail(q, design_field(input)->name, "follows a formula: move what that reads", why);
    }
    q->ranges[q->n_variables] = range_of(q->allocation->study, input);
    q->variables[q->n_variables++] = input;
    return STATUS_OK;
}

/* allocate.vary, or params and tokens where the study leaves them open. */
static enum status add_default_variables(struct inquiry *q, struct status_why *why)
{
    static const enum design_input usual[] = {DESIGN_PARAMS, DESIGN_TOKENS};
    const struct study *study = q->allocation->study;
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < study->n_vary; i++) {
        st = add_variable(q, study->vary[i], why);
    }
    for (size_t i = 0; st == STATUS_OK && study->n_vary == 0 && i < 2; i++) {
        const struct study_axis *axis = &study->space[usual[i]];
        const bool is_held = axis->given && (axis->n == 1 || axis->formula != NULL);
        st = is_held ? STATUS_OK : add_variable(q, usual[i], why);
    }
    return st;
}

static enum status add_variables(struct inquiry *q, struct status_why *why)
{
    const struct study_question *said = q->question;
    enum status st = said->n_vary == 0 ? add_default_variables(q, why) : STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < said->n_vary; i++) {
        st = add_variable(q, said->vary[i], why);
    }
    if (st == STATUS_OK && said->target.is_input && !varies(q, said->target.input)
        && !follows(q, said->target.input)) {
        st = add_variable(q, said->target.input, why);
    }
    return st;
}

/* A limit on an input holds it, or narrows the range in which it moves. */
static enum status limit_input(struct inquiry *q, enum design_input input, double lower,
                               double upper, struct status_why *why)
{
    const char *name = design_field(input)->name;
    size_t i = 0;
    while (i < q->n_variables && q->variables[i] != input) {
        i++;
    }
    if (follows(q, input)) {
        return fail(q, name, "follows a formula: limit what that reads", why);
    }
    if (lower >= upper) {
        const enum status st = design_check(input, upper, why);
        q->base.value[input] = upper;
        if (i < q->n_variables) {
            q->n_variables--;
            for (; i < q->n_variables; i++) {
                q->variables[i] = q->variables[i + 1];
                q->ranges[i] = q->ranges[i + 1];
            }
        }
        return st;
    }
    if (is_list(q, input)) {
        return STATUS_OK; /* inquiry_explain leaves out the levels beyond */
    }
    if (i == q->n_variables) {
        return fail(q, name, "is limited but does not move: name it after `over`", why);
    }
    q->ranges[i].lower = fmax(q->ranges[i].lower, lower);
    q->ranges[i].upper = fmin(q->ranges[i].upper, upper);
    if (q->ranges[i].lower >= q->ranges[i].upper) {
        return fail(q, name, "leaves no room between its bounds in the study and in the question",
                    why);
    }
    return STATUS_OK;
}

/* Whether the study gives an input, or the question holds or moves it. */
static bool is_given(const struct inquiry *q, enum design_input input)
{
    return q->allocation->study->space[input].given || varies(q, input)
           || !isnan(q->base.value[input]);
}

static enum status limit_outcome(struct inquiry *q, enum footprint_outcome outcome, double lower,
                                 double upper, struct status_why *why)
{
    if (q->n_limits == ALLOCATE_MAX_LIMITS) {
        return fail(q, "at", "at most 12 limits together with those of the study", why);
    }
    q->limits[q->n_limits].outcome = outcome;
    q->limits[q->n_limits].lower = lower;
    q->limits[q->n_limits].upper = upper;
    q->n_limits++;
    return STATUS_OK;
}

static enum status add_limits(struct inquiry *q, struct status_why *why)
{
    const struct study *study = q->allocation->study;
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < q->question->n_limits; i++) {
        const struct study_target *of = &q->question->limits[i].of;
        const double lower = q->question->limits[i].lower, upper = q->question->limits[i].upper;
        st = of->is_input ? limit_input(q, of->input, lower, upper, why)
                          : limit_outcome(q, of->outcome, lower, upper, why);
    }
    for (size_t i = 0; st == STATUS_OK && i < study->n_limits; i++) {
        const struct study_limit *limit = &study->limits[i];
        st = limit_outcome(q, limit->outcome, limit->lower, limit->upper, why);
    }
    if (st == STATUS_OK && is_given(q, DESIGN_DEADLINE) && is_given(q, DESIGN_FLEET)) {
        st = limit_outcome(q, FOOTPRINT_DEADLINE_USE, (double)-INFINITY, 1.0, why);
    }
    return st;
}

/* Inputs that an outcome reads, with serving when the served tokens move. */
static design_set reads_of(const struct inquiry *q, enum footprint_outcome o)
{
    const struct allocation *a = q->allocation;
    struct design d = q->base;
    if (varies(q, DESIGN_SERVED_TOKENS)) {
        d.value[DESIGN_SERVED_TOKENS] = 1.0;
    }
    if (varies(q, DESIGN_SERVED_QUESTIONS)) {
        d.value[DESIGN_SERVED_QUESTIONS] = 1.0;
    }
    return allocation_inputs_of(a, o)
           | (footprint_base(o) == FOOTPRINT_OF_LAW
                  ? 0
                  : footprint_reads(o, &d, &a->catalogue, &a->study->footprint));
}

bool inquiry_reads(const struct inquiry *q, enum design_input input)
{
    const struct study_target *target = &q->question->target;
    bool reads =
        target->is_input ? target->input == input : design_has(reads_of(q, target->outcome), input);
    for (size_t k = 0; k < q->n_limits; k++) {
        reads = reads || design_has(reads_of(q, q->limits[k].outcome), input);
    }
    return reads;
}

/* Every input that is read is known; those that are not are told together. */
static enum status check_known(const struct inquiry *q, struct status_why *why)
{
    char names[512], expected[160];
    design_set missing = 0;
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const enum design_input input = (enum design_input)i;
        if (inquiry_reads(q, input) && !varies(q, input) && !follows(q, input)
            && isnan(q->base.value[i])) {
            missing |= DESIGN_BIT(i);
        }
    }
    if (missing == 0) {
        return STATUS_OK;
    }
    pricing_names(missing, names, sizeof names);
    const bool is_one = (missing & (missing - 1)) == 0;
    (void)snprintf(expected, sizeof expected, "%s in space, or move %s after `over`",
                   is_one ? "is needed: give it" : "are needed: give them",
                   is_one ? "it, if it is a number," : "those that are numbers");
    return fail(q, names, expected, why);
}

/* The levels that make cases: axes that do not move and that the question reads, scenarios first as
 * in the space. */
static enum status add_axes(struct inquiry *q, struct status_why *why)
{
    const struct allocation *a = q->allocation;
    q->n_cases = q->n_scenarios = 1;
    for (size_t i = 0; i < a->space.n_axes; i++) {
        const struct space_axis *axis = &a->space.axes[i];
        const enum design_input input = a->inputs[i];
        q->base.value[input] = isnan(q->base.value[input]) ? axis->values[0] : q->base.value[input];
        if (varies(q, input) || !inquiry_reads(q, input)) {
            continue;
        }
        bool held = false;
        for (size_t k = 0; k < q->question->n_limits; k++) {
            const struct study_target *of = &q->question->limits[k].of;
            held = held
                   || (of->is_input && of->input == input
                       && q->question->limits[k].lower >= q->question->limits[k].upper);
        }
        if (held) {
            continue;
        }
        if (axis->n > MOST_CASES / q->n_cases) {
            return fail(q, axis->name,
                        "has too many levels to try: give it as a range and name it after `over`",
                        why);
        }
        q->axes[q->n_axes++] = i;
        q->n_cases *= axis->n;
        q->n_scenarios *= axis->role == SPACE_SCENARIO ? axis->n : 1;
    }
    return check_known(q, why);
}

/* A limit at the value of the design as given needs all of it, also what moves. */
static enum status check_given(const struct inquiry *q, struct status_why *why)
{
    for (size_t k = 0; k < q->n_limits; k++) {
        const bool as_given = isnan(q->limits[k].lower) || isnan(q->limits[k].upper);
        for (int i = 0; as_given && i < DESIGN_N_INPUTS; i++) {
            const enum design_input input = (enum design_input)i;
            if (varies(q, input) && design_has(reads_of(q, q->limits[k].outcome), input)
                && isnan(q->allocation->base.value[i])) {
                return fail(q, design_field(input)->name,
                            "needs one value in space: a limit is that of the design as given",
                            why);
            }
        }
    }
    return STATUS_OK;
}

enum status inquiry_make(const struct allocation *a, const struct study_question *question,
                         struct inquiry *made, struct status_why *why)
{
    memset(made, 0, sizeof *made);
    made->question = question;
    made->allocation = a;
    made->base = a->base;
    enum status st = add_variables(made, why);
    if (st == STATUS_OK) {
        st = add_limits(made, why);
    }
    if (st == STATUS_OK && varies(made, DESIGN_SAMPLES)
        && (varies(made, DESIGN_SERVED_TOKENS) || a->base.value[DESIGN_SERVED_TOKENS] > 0.0)) {
        st = fail(made, "samples", allocation_samples_free, why);
    }
    if (st == STATUS_OK) {
        st = add_axes(made, why);
    }
    if (st == STATUS_OK && made->n_variables == 0 && made->n_cases == 1) {
        st = fail(made, "over", "nothing moves: all inputs are held at one value", why);
    }
    for (size_t i = 0; st == STATUS_OK && question->n_vary > 0 && i < made->n_variables; i++) {
        if (!inquiry_reads(made, made->variables[i])) {
            st = fail(made, design_field(made->variables[i])->name,
                      "moves, but nothing that is asked for reads it", why);
        }
    }
    return st == STATUS_OK ? check_given(made, why) : st;
}

void inquiry_levels(const struct inquiry *q, size_t index, size_t levels[])
{
    for (size_t i = q->n_axes; i-- > 0;) {
        const size_t n = q->allocation->space.axes[q->axes[i]].n;
        levels[i] = index % n;
        index /= n;
    }
}

struct inquiry_case inquiry_case_at(const struct inquiry *q, size_t index,
                                    const struct predict_model *model)
{
    struct inquiry_case c = {.inquiry = q, .model = model, .base = q->base};
    size_t levels[SPACE_MAX_AXES];
    inquiry_levels(q, index, levels);
    for (size_t i = 0; i < q->n_axes; i++) {
        const size_t axis = q->axes[i];
        c.base.value[q->allocation->inputs[axis]] =
            q->allocation->space.axes[axis].values[levels[i]];
    }
    struct design given_design = c.base;
    double outcome[FOOTPRINT_N_OUTCOMES];
    dependent_apply(&q->allocation->study->dependents, 0, &given_design);
    allocation_price(q->allocation, model, &given_design, outcome);
    for (size_t k = 0; k < q->n_limits; k++) {
        const double lower = q->limits[k].lower, upper = q->limits[k].upper;
        const double given = outcome[q->limits[k].outcome];
        c.limits[k] =
            (struct allocate_limit){isnan(lower) ? given : lower, isnan(upper) ? given : upper};
    }
    return c;
}

struct design inquiry_design(const struct inquiry_case *c, const double x[])
{
    struct design d = c->base;
    for (size_t i = 0; i < c->inquiry->n_variables; i++) {
        d.value[c->inquiry->variables[i]] = x[i];
    }
    dependent_apply(&c->inquiry->allocation->study->dependents, 0, &d);
    return d;
}

/* Whether a level of a list lies within what the question limits its input to. */
static enum status check_levels(const struct inquiry_case *c, struct status_why *why)
{
    const struct study_question *said = c->inquiry->question;
    for (size_t k = 0; k < said->n_limits; k++) {
        const struct study_target *of = &said->limits[k].of;
        if (of->is_input && is_list(c->inquiry, of->input)
            && !(said->limits[k].lower <= c->base.value[of->input]
                 && c->base.value[of->input] <= said->limits[k].upper)) {
            return status_fail(why, STATUS_INPUT, "%s = %g is not within the limit",
                               design_field(of->input)->name, c->base.value[of->input]);
        }
    }
    return STATUS_OK;
}

enum status inquiry_explain(const struct inquiry_case *c, struct status_why *why)
{
    const struct inquiry *q = c->inquiry;
    const struct allocation *a = q->allocation;
    double x[ALLOCATE_MAX_VARIABLES] = {0.0};
    enum status st = check_levels(c, why);
    for (size_t i = 0; i < q->n_variables; i++) {
        x[i] = q->ranges[i].upper;
    }
    const struct design d = inquiry_design(c, x);
    const struct study_target *target = &q->question->target;
    for (size_t k = 0; st == STATUS_OK && k < q->n_limits + 1; k++) {
        if (k == 0 && target->is_input) {
            continue;
        }
        const enum footprint_outcome o = k == 0 ? target->outcome : q->limits[k - 1].outcome;
        if (footprint_base(o) != FOOTPRINT_OF_LAW) {
            st = footprint_explain(o, &d, &a->catalogue, &a->study->footprint, why);
        }
        const struct allocate_limit *limit = k > 0 ? &c->limits[k - 1] : NULL;
        if (st == STATUS_OK && limit != NULL && (isnan(limit->lower) || isnan(limit->upper))) {
            st = status_fail(why, STATUS_INPUT, "the design as given has no %s",
                             footprint_field(o)->name);
        }
    }
    return st;
}

static void evaluate(const void *context, const double x[], double values[])
{
    const struct inquiry_case *c = context;
    const struct inquiry *q = c->inquiry;
    const struct study_target *target = &q->question->target;
    double outcome[FOOTPRINT_N_OUTCOMES];
    const struct design d = inquiry_design(c, x);
    allocation_price(q->allocation, c->model, &d, outcome);
    values[0] = target->is_input ? d.value[target->input] : outcome[target->outcome];
    for (size_t k = 0; k < q->n_limits; k++) {
        values[1 + k] = outcome[q->limits[k].outcome];
    }
}

/* The factor of an outcome that is proportional to params * tokens and to nothing else that moves;
 * NAN when it is not. Seen from its values, so that no rule about outcomes stands twice. */
static double factor_of(const struct inquiry_case *c, const double values_at[], size_t of)
{
    static const double far = 3.7, equal_to = 1e-12;
    const double *x = values_at;
    double first = 0.0;
    for (int i = 0; i < 4; i++) {
        const double at[] = {(i & 1) != 0 ? far * x[0] : x[0], (i & 2) != 0 ? far * x[1] : x[1]};
        double values[1 + ALLOCATE_MAX_LIMITS];
        evaluate(c, at, values);
        const double factor = values[of] / (at[0] * at[1]);
        first = i == 0 ? factor : first;
        if (!(fabs(factor - first) <= equal_to * first)) {
            return (double)NAN;
        }
    }
    return first;
}

double inquiry_floor(const struct inquiry_case *c)
{
    const struct inquiry *q = c->inquiry;
    double x[ALLOCATE_MAX_VARIABLES], of_law[LAW_MAX_INPUTS];
    struct optimum_form form;
    for (size_t i = 0; i < q->n_variables; i++) {
        /* What the floor depends on must not move. */
        const enum design_input input = q->variables[i];
        if (input != DESIGN_PARAMS && input != DESIGN_TOKENS) {
            return (double)NAN;
        }
        x[i] = q->ranges[i].upper;
    }
    const struct design d = inquiry_design(c, x);
    predict_inputs(c->model, &d, of_law);
    return optimum_read(c->model->law, c->model->theta, of_law, &form) && form.outer > 0.0
               ? form.offset
               : (double)NAN;
}

/* The loss at a cost, or the cost at a loss, by M5 and M230. */
static bool closed_form(const void *context, double x[])
{
    static const double equal_to = 1e-11, anywhere[] = {1e9, 2e10};
    const struct inquiry_case *c = context;
    const struct inquiry *q = c->inquiry;
    const struct study_target *target = &q->question->target;
    if (q->n_variables != 2 || q->variables[0] != DESIGN_PARAMS || q->variables[1] != DESIGN_TOKENS
        || q->n_limits == 0 || target->is_input || q->question->maximise) {
        return false;
    }
    const bool from_cost = target->outcome == FOOTPRINT_LOSS;
    if (!from_cost && q->limits[0].outcome != FOOTPRINT_LOSS) {
        return false;
    }
    double of_law[LAW_MAX_INPUTS], values[1 + ALLOCATE_MAX_LIMITS];
    struct optimum_form form;
    struct optimum best;
    const struct design d = inquiry_design(c, anywhere);
    const double factor = factor_of(c, anywhere, from_cost ? 1 : 0);
    predict_inputs(c->model, &d, of_law);
    if (!(factor > 0.0) || !isfinite(c->limits[0].upper)
        || !optimum_read(c->model->law, c->model->theta, of_law, &form)) {
        return false;
    }
    if (from_cost) {
        if (!(c->limits[0].upper / factor > 0.0)) {
            return false; /* no design is free */
        }
        optimum_of_product(&form, c->limits[0].upper / factor, &best);
    } else if (!optimum_of_loss(&form, c->limits[0].upper, &best)) {
        return false;
    }
    x[0] = best.params;
    x[1] = best.tokens;
    /* What the program predicts there is the law alone: no correction stands between. */
    evaluate(c, x, values);
    return fabs(values[from_cost ? 0 : 1] - best.loss_nat) <= equal_to * best.loss_nat;
}

/* Normalised losses are negative and have no logarithm. */
static bool is_positive(const struct study_target *target, const struct predict_model *model)
{
    return target->is_input || target->outcome != FOOTPRINT_LOSS
           || strcmp(model->law->response, LAW_NORMALISED_LOSS_NAT) != 0;
}

struct allocate_problem inquiry_problem(const struct inquiry_case *c)
{
    const struct inquiry *q = c->inquiry;
    struct allocate_problem p = {
        .n_variables = q->n_variables,
        .n_limits = q->n_limits,
        .maximise = q->question->maximise,
        .logarithmic = is_positive(&q->question->target, c->model),
        .evaluate = evaluate,
        .closed_form = closed_form,
        .context = c,
    };
    memcpy(p.variables, q->ranges, q->n_variables * sizeof *q->ranges);
    memcpy(p.limits, c->limits, q->n_limits * sizeof *c->limits);
    return p;
}

/* Levels that stand for the range of a variable. \param [out] levels  [VARIABLE_LEVELS] */
enum { VARIABLE_LEVELS = 17 };

static void levels_of(const struct allocate_variable *v, double levels[])
{
    if (v->logarithmic) {
        space_log(v->lower, v->upper, VARIABLE_LEVELS, levels);
    } else {
        space_linear(v->lower, v->upper, VARIABLE_LEVELS, levels);
    }
}

static void add_decision(struct pricing *p, const struct inquiry *q, struct price_axis axis,
                         bool decides)
{
    p->axes[p->n_axes] = axis;
    p->decides[p->n_axes] = decides;
    p->places[p->n_axes] = q->question->place;
    p->n_axes++;
}

enum status inquiry_price(MPI_Comm comm, const struct inquiry *q, design_set *accepted,
                          struct status_why *why)
{
    const struct allocation *a = q->allocation;
    const struct study_target *target = &q->question->target;
    double levels[ALLOCATE_MAX_VARIABLES][VARIABLE_LEVELS];
    struct pricing p = {.study = a->study,
                        .subject = allocation_subject(a),
                        .base = q->base,
                        .question = q->question->text};
    for (size_t i = 0; i < q->n_variables; i++) {
        levels_of(&q->ranges[i], levels[i]);
        add_decision(&p, q, (struct price_axis){q->variables[i], VARIABLE_LEVELS, levels[i]}, true);
    }
    for (size_t i = 0; i < q->n_axes; i++) {
        const struct evaluator_axis *axis = &a->axes[q->axes[i]];
        add_decision(&p, q, (struct price_axis){axis->input, axis->n, axis->values},
                     a->space.axes[q->axes[i]].role == SPACE_DECISION);
    }
    pricing_ask(&p,
                &(struct price_target){.is_input = target->is_input,
                                       .outcome = target->outcome,
                                       .input = target->input,
                                       .better = q->question->maximise ? PRICE_MORE : PRICE_LESS});
    for (size_t k = 0; k < q->n_limits; k++) {
        pricing_limit(&p, q->limits[k].outcome, q->limits[k].lower, q->limits[k].upper);
    }
    return pricing_check(comm, &p, accepted, why);
}
