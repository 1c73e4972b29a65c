#include "jobs/allocation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/registry.h"
#include "inputs/study/axis.h"
#include "jobs/observed.h"
#include "jobs/pricing.h"
#include "solver/base/log.h"
#include "solver/base/team.h"
#include "solver/throughput.h"

/* What an outcome of any configuration reads itself: that depends on the levels of categories, of
 * each by itself. */
static design_set read_by(const struct allocation *a, enum footprint_outcome o)
{
    struct design d = design_neutral();
    design_set all = 0;
    static const enum design_input demands[] = {DESIGN_SERVED_TOKENS, DESIGN_SERVED_QUESTIONS};
    if (footprint_base(o) == FOOTPRINT_OF_LAW) {
        return o == FOOTPRINT_LOSS ? predict_reads(a->model) : predict_accuracy_reads(a->model);
    }
    for (size_t i = 0; i < sizeof demands / sizeof *demands; i++) {
        const struct study_axis *served = &a->study->space[demands[i]];
        if (served->given) {
            const bool follows = served->formula != NULL; /* more than none, then */
            d.value[demands[i]] = follows ? 1.0 : served->values[served->n - 1];
        }
    }
    for (size_t k = 0; k < a->study->n_space; k++) {
        const enum design_input input = a->study->space_order[k];
        const struct study_axis *entry = &a->study->space[input];
        for (size_t i = 0; entry->labels != NULL && i < entry->n; i++) {
            const int code = design_find_category(&a->catalogue, input, entry->labels[i]);
            if (code >= 0) {
                d.value[input] = code;
                all |= footprint_reads(o, &d, &a->catalogue, &a->study->footprint);
            }
        }
    }
    return all | footprint_reads(o, &d, &a->catalogue, &a->study->footprint);
}

design_set allocation_inputs_of(const struct allocation *a, enum footprint_outcome outcome)
{
    return dependent_behind(&a->study->dependents, read_by(a, outcome));
}

bool allocation_gives(const struct allocation *a, enum design_input input)
{
    return a->study->space[input].given || !isnan(design_field(input)->neutral);
}

bool allocation_can(const struct allocation *a, enum footprint_outcome outcome)
{
    const design_set inputs = allocation_inputs_of(a, outcome);
    if (outcome == FOOTPRINT_ACCURACY && !predict_has_accuracy(a->model)) {
        return false;
    }
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        if (design_has(inputs, (enum design_input)i)
            && !allocation_gives(a, (enum design_input)i)) {
            return false;
        }
    }
    return true;
}

bool allocation_reads(const struct allocation *a, enum design_input input)
{
    for (size_t i = 0; i < a->n_outcomes; i++) {
        if (design_has(allocation_inputs_of(a, a->outcomes[i]), input)) {
            return true;
        }
    }
    return false;
}

/* The inputs of an outcome that nothing gives. */
static design_set missing_for(const struct allocation *a, enum footprint_outcome outcome)
{
    const design_set inputs = allocation_inputs_of(a, outcome);
    design_set missing = 0;
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        missing |=
            design_has(inputs, (enum design_input)i) && !allocation_gives(a, (enum design_input)i)
                ? DESIGN_BIT(i)
                : 0;
    }
    return missing;
}

/* Every outcome that is asked for has its inputs; those that miss are told together. */
static enum status check_inputs(const struct allocation *a, struct status_why *why)
{
    char key[512] = "", expected[512] = "needed for ";
    design_set missing = 0;
    for (size_t k = 0; k < a->n_outcomes; k++) {
        missing |= missing_for(a, a->outcomes[k]);
    }
    if (missing == 0) {
        return STATUS_OK;
    }
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const size_t used = strlen(key);
        if (design_has(missing, (enum design_input)i)) {
            (void)snprintf(key + used, sizeof key - used, "%sspace.%s", used > 0 ? ", " : "",
                           design_field((enum design_input)i)->name);
        }
    }
    bool is_first = true;
    for (size_t k = 0; k < a->n_outcomes; k++) {
        const size_t used = strlen(expected);
        if (missing_for(a, a->outcomes[k]) != 0) {
            (void)snprintf(expected + used, sizeof expected - used, "%s%s", is_first ? "" : ", ",
                           footprint_field(a->outcomes[k])->name);
            is_first = false;
        }
    }
    return study_fail(a->study, a->study->objectives_place, key, "missing", expected, why);
}

/* Codes of the categories of one entry. \param [out] codes [axis->n] */
static enum status look_up(const struct allocation *a, enum design_input input,
                           const struct study_axis *axis, double codes[], struct status_why *why)
{
    for (size_t i = 0; i < axis->n; i++) {
        const int code = design_find_category(&a->catalogue, input, axis->labels[i]);
        if (code < 0) {
            enum { MOST = 128 };
            const char *known[MOST];
            size_t n = 0;
            for (int k = 0; k < design_n_categories(&a->catalogue, input) && n < MOST; k++) {
                known[n++] = design_category(&a->catalogue, input, k);
            }
            char key[64], expected[640];
            (void)snprintf(key, sizeof key, "space.%s", design_field(input)->name);
            const char *nearest = study_nearest(axis->labels[i], known, n);
            if (nearest != NULL) {
                (void)snprintf(expected, sizeof expected, "unknown; did you mean %s?", nearest);
            } else {
                (void)snprintf(expected, sizeof expected, "unknown; expected one of");
                for (size_t k = 0; k < n; k++) {
                    const size_t used = strlen(expected);
                    (void)snprintf(expected + used, sizeof expected - used, " %s", known[k]);
                }
            }
            return study_fail(a->study, axis->value_places[i], key, axis->labels[i], expected, why);
        }
        codes[i] = code;
    }
    return STATUS_OK;
}

static bool is_draw(const struct study_axis *entry)
{
    return entry->is_axis && entry->role == STUDY_DRAW;
}

/* A draw axis stands at the level that is typical of it. */
static enum status bind_draw(struct allocation *a, enum design_input input, struct status_why *why)
{
    enum { MOST_CATEGORIES = 256 };
    const struct study_axis *entry = &a->study->space[input];
    const size_t typical = axis_typical(entry);
    double codes[MOST_CATEGORIES];
    if (entry->labels == NULL) {
        a->base.value[input] = entry->values[typical];
        return STATUS_OK;
    }
    STATUS_ASSERT(entry->n <= MOST_CATEGORIES);
    const enum status st = look_up(a, input, entry, codes, why);
    a->base.value[input] = st == STATUS_OK ? codes[typical] : (double)NAN;
    return st;
}

static enum status add_axis(struct allocation *a, enum design_input input, struct status_why *why)
{
    enum { MOST_CATEGORIES = 256 };
    const struct study_axis *entry = &a->study->space[input];
    const struct design_field *field = design_field(input);
    double codes[MOST_CATEGORIES];
    struct space_axis axis = {
        .role = entry->role == STUDY_SCENARIO ? SPACE_SCENARIO : SPACE_DECISION,
        .kind = field->kind == DESIGN_CATEGORY ? SPACE_CATEGORY : SPACE_NUMBER,
        .n = entry->n,
        .values = entry->values,
        .labels = entry->labels,
    };
    (void)snprintf(axis.name, sizeof axis.name, "%s", field->name);
    (void)snprintf(axis.unit, sizeof axis.unit, "%s", field->unit);
    (void)snprintf(axis.long_name, sizeof axis.long_name, "%s", field->long_name);
    if (field->kind == DESIGN_CATEGORY) {
        STATUS_ASSERT(entry->n <= MOST_CATEGORIES);
        const enum status st = look_up(a, input, entry, codes, why);
        if (st != STATUS_OK) {
            return st;
        }
        axis.values = codes;
    }
    return space_add(&a->space, &axis, why);
}

static bool is_said(const struct study_axis *entry)
{
    return entry->formula != NULL || (entry->given && (entry->n > 1 || entry->values[0] > 0.0));
}

const char allocation_samples_free[] =
    "served_tokens fixes the demand, so that more samples would cost nothing: state it as "
    "served_questions";

/* The demand is stated once, and so that samples have their price. */
static enum status check_demand(const struct study *study, struct status_why *why)
{
    const struct study_axis *questions = &study->space[DESIGN_SERVED_QUESTIONS];
    const struct study_axis *samples = &study->space[DESIGN_SAMPLES];
    const bool in_tokens = is_said(&study->space[DESIGN_SERVED_TOKENS]);
    if (in_tokens && is_said(questions)) {
        return study_fail(study, questions->place, "space.served_questions", NULL,
                          "served_tokens is given too: expected one of them", why);
    }
    if (in_tokens && (samples->n > 1 || samples->formula != NULL)) {
        return study_fail(study, samples->place, "space.samples", NULL, allocation_samples_free,
                          why);
    }
    if (is_said(questions) && !is_said(&study->space[DESIGN_OUTPUT])) {
        return study_fail(study, questions->place, "space.served_questions", NULL,
                          "needs output_tokens, the tokens of an answer", why);
    }
    return STATUS_OK;
}

/* Axes in index order and the values of all other inputs. */
static enum status bind_space(struct allocation *a, struct status_why *why)
{
    const struct study *study = a->study;
    const enum status demand = check_demand(study, why);
    if (demand != STATUS_OK) {
        return demand;
    }
    a->base = design_neutral();
    for (size_t k = 0; k < study->n_space; k++) {
        const enum design_input input = study->space_order[k];
        const struct study_axis *entry = &study->space[input];
        enum status st = STATUS_OK;
        if (is_draw(entry)) {
            st = bind_draw(a, input, why);
        } else if (entry->is_axis) {
            st = add_axis(a, input, why);
        } else if (entry->labels != NULL) {
            st = look_up(a, input, entry, &a->base.value[input], why);
        } else if (entry->formula == NULL) {
            a->base.value[input] = entry->values[0];
        }
        if (st != STATUS_OK) {
            return st;
        }
    }
    for (size_t i = 0; i < a->space.n_axes; i++) {
        a->inputs[i] = design_find(a->space.axes[i].name);
        a->axes[i] =
            (struct evaluator_axis){a->inputs[i], a->space.axes[i].n, a->space.axes[i].values};
    }
    return STATUS_OK;
}

bool allocation_has_deadline(const struct study *study)
{
    return study->space[DESIGN_DEADLINE].given && study->space[DESIGN_FLEET].given;
}

static void bind_outcomes(struct allocation *a)
{
    const struct study *study = a->study;
    struct problem *p = &a->problem;
    for (size_t i = 0; i < study->n_objectives; i++) {
        const struct footprint_field *field = footprint_field(study->objectives[i]);
        struct problem_objective *o = &p->objectives[p->n_objectives++];
        (void)snprintf(o->name, sizeof o->name, "%s", field->name);
        (void)snprintf(o->unit, sizeof o->unit, "%s", field->unit);
        (void)snprintf(o->long_name, sizeof o->long_name, "%s", field->long_name);
        o->maximise = footprint_maximises(study->objectives[i]);
        a->outcomes[a->n_outcomes++] = study->objectives[i];
    }
    for (size_t i = 0; i < study->n_limits; i++) {
        const struct footprint_field *field = footprint_field(study->limits[i].outcome);
        struct problem_constraint *c = &p->constraints[p->n_constraints++];
        (void)snprintf(c->name, sizeof c->name, "%s", field->name);
        (void)snprintf(c->unit, sizeof c->unit, "%s", field->unit);
        c->lower = study->limits[i].lower;
        c->upper = study->limits[i].upper;
        a->outcomes[a->n_outcomes++] = study->limits[i].outcome;
    }
    if (allocation_has_deadline(study)) {
        const struct footprint_field *field = footprint_field(FOOTPRINT_DEADLINE_USE);
        struct problem_constraint *c = &p->constraints[p->n_constraints++];
        (void)snprintf(c->name, sizeof c->name, "%s", field->name);
        (void)snprintf(c->unit, sizeof c->unit, "%s", field->unit);
        c->lower = (double)-INFINITY;
        c->upper = 1.0;
        a->outcomes[a->n_outcomes++] = FOOTPRINT_DEADLINE_USE;
    }
}

static void evaluate(const void *context, uint64_t begin, size_t n, double values[], size_t stride)
{
    evaluator_block(context, begin, n, values, stride);
}

/* Absent figures. */

/* The axes of categories that prices read, walked over all combinations of their levels. */
struct walk {
    size_t n_axes, axes[DESIGN_N_INPUTS]; /* of the space */
    uint64_t n;                           /* combinations */
};

static struct walk walk_over(const struct allocation *a)
{
    struct walk w = {.n = 1};
    for (size_t i = 0; i < a->space.n_axes; i++) {
        if (a->space.axes[i].kind == SPACE_CATEGORY && allocation_reads(a, a->inputs[i])) {
            w.axes[w.n_axes++] = i;
            w.n *= a->space.axes[i].n;
        }
    }
    return w;
}

/* Levels of a combination. \param [out] levels  [w->n_axes]. \param [in,out] d  given them */
static void walk_to(const struct allocation *a, const struct walk *w, uint64_t combination,
                    size_t levels[], struct design *d)
{
    for (size_t i = w->n_axes; i-- > 0;) {
        const struct space_axis *axis = &a->space.axes[w->axes[i]];
        levels[i] = (size_t)(combination % axis->n);
        combination /= axis->n;
        d->value[a->inputs[w->axes[i]]] = axis->values[levels[i]];
    }
}

/* Whether all prices of a design have their figures; else why not. */
static enum status has_figures(const struct allocation *a, const struct design *d,
                               struct status_why *why)
{
    enum status st = STATUS_OK;
    status_clear(why);
    for (size_t k = 0; st == STATUS_OK && k < a->n_outcomes; k++) {
        if (footprint_base(a->outcomes[k]) != FOOTPRINT_OF_LAW) {
            st = footprint_explain(a->outcomes[k], d, &a->catalogue, &a->study->footprint, why);
        }
    }
    return st;
}

/* A message without the folder of the file that it begins with, which differs between machines. */
static const char *without_folder(const char *message)
{
    const char *file = message;
    for (const char *c = message; *c != '\0' && *c != ':'; c++) {
        file = *c == '/' ? c + 1 : file;
    }
    return file;
}

/* Leave a level out, by name. */
static void remove_level(struct allocation *a, size_t axis, size_t level, const char *reason)
{
    struct space_axis *x = &a->space.axes[axis];
    if (a->n_removed < ALLOCATION_MAX_REMOVED) {
        struct allocation_removed *r = &a->removed[a->n_removed++];
        r->input = a->inputs[axis];
        (void)snprintf(r->level, sizeof r->level, "%.*s", HARDWARE_ID_SIZE - 1, x->labels[level]);
        (void)snprintf(r->reason, sizeof r->reason, "%s", without_folder(reason));
    }
    log_line(LOG_WARNING, "space.%s: %s is left out: %s", x->name, x->labels[level], reason);
    free(x->labels[level]);
    x->n--;
    memmove(x->labels + level, x->labels + level + 1, (x->n - level) * sizeof *x->labels);
    memmove(x->values + level, x->values + level + 1, (x->n - level) * sizeof *x->values);
}

/* The first reason for which a level of an axis is not in use. */
static void reason_against(const struct allocation *a, const struct walk *w, size_t axis,
                           size_t level, struct design d, struct status_why *why)
{
    size_t levels[DESIGN_N_INPUTS] = {0};
    for (uint64_t i = 0; i < w->n; i++) {
        walk_to(a, w, i, levels, &d);
        if (levels[axis] == level && has_figures(a, &d, why) != STATUS_OK) {
            return;
        }
    }
}

/* Leave out the levels of categories in no combination with all figures; what remains in single
 * combinations is counted and will be infeasible.
 * \return STATUS_INPUT where nothing is left */
static enum status remove_absent(struct allocation *a, struct status_why *why)
{
    enum { MOST_LEVELS = 256 };
    static const uint64_t most = 1000000; /* beyond, configurations are infeasible one by one */
    bool used[DESIGN_N_INPUTS][MOST_LEVELS] = {{false}};
    const struct walk w = walk_over(a);
    struct design d = a->base;
    size_t levels[DESIGN_N_INPUTS] = {0};
    uint64_t n_complete = 0;
    for (size_t i = 0; i < a->space.n_axes; i++) {
        d.value[a->inputs[i]] = a->space.axes[i].values[a->space.axes[i].n - 1];
    }
    dependent_apply(&a->study->dependents, 0, &d);
    const struct design last = d;
    struct status_why absent;
    for (uint64_t i = 0; w.n <= most && i < w.n; i++) {
        walk_to(a, &w, i, levels, &d);
        if (has_figures(a, &d, &absent) == STATUS_OK) {
            n_complete++;
            for (size_t k = 0; k < w.n_axes; k++) {
                used[k][levels[k]] = true;
            }
        }
    }
    if (w.n > most) {
        return STATUS_OK;
    }
    uint64_t n_left = 1;
    for (size_t k = w.n_axes; n_complete > 0 && k-- > 0;) {
        for (size_t level = a->space.axes[w.axes[k]].n; level-- > 0;) {
            if (!used[k][level]) {
                const struct walk now = walk_over(a);
                reason_against(a, &now, k, level, last, &absent);
                remove_level(a, w.axes[k], level, absent.message);
                a->axes[w.axes[k]].n--;
            }
        }
        n_left *= a->space.axes[w.axes[k]].n;
    }
    if (n_complete == 0) {
        return status_fail(why, STATUS_INPUT, "%s%s", absent.message,
                           w.n > 1 ? "; every other combination lacks a figure too" : "");
    }
    a->n_absent = (n_left - n_complete) * (space_size(&a->space) / n_left);
    if (a->n_absent > 0) {
        log_line(LOG_WARNING, "%llu of %llu configurations lack a figure and are infeasible",
                 (unsigned long long)a->n_absent, (unsigned long long)space_size(&a->space));
    }
    return STATUS_OK;
}

/* The classes of elements whose mass the study wants as columns. */
static enum status take_classes(struct allocation *a, struct status_why *why)
{
    const struct study *study = a->study;
    const char *next = study->class_columns;
    for (next += strspn(next, " "); *next != '\0'; next += strspn(next, " ")) {
        char id[HARDWARE_ID_SIZE], known[512] = "unknown; expected";
        const size_t n = strcspn(next, " ");
        (void)snprintf(id, sizeof id, "%.*s", (int)n, next);
        const int class = hardware_find_class(&a->catalogue, id);
        for (size_t i = 0; i < a->catalogue.n_classes; i++) {
            const size_t used = strlen(known);
            (void)snprintf(known + used, sizeof known - used, " %s", a->catalogue.classes[i].id);
        }
        const bool fits = a->n_classes < HARDWARE_MAX_CLASSES;
        if (class < 0 || !fits || !allocation_can(a, FOOTPRINT_DEVICE_LIFETIME)) {
            return study_fail(study, study->class_columns_place, "catalogue.class_columns", id,
                              class < 0 ? known
                              : fits    ? "needs what device_lifetime needs: a device and its use"
                                        : "too many",
                              why);
        }
        a->classes[a->n_classes++] = class;
        next += n;
    }
    return STATUS_OK;
}

/* The tables behind the problem, where every outcome has them. */
static void bind_tables(struct allocation *a)
{
    bool all = true;
    for (size_t i = 0; i < a->n_outcomes; i++) {
        all = evaluator_tables(a->evaluator, i, &a->tables[i]) && all;
    }
    a->problem.tables = all ? a->tables : NULL;
}

/* The evaluator and the problem that it solves. \param [in] space, catalogue  must outlive them */
static enum status bind_evaluator(struct allocation *a, const struct space *space,
                                  const struct hardware_catalogue *catalogue,
                                  struct status_why *why)
{
    const struct evaluator_options options = {
        .n_axes = a->space.n_axes,
        .axes = a->axes,
        .base = a->base,
        .dependents = &a->study->dependents,
        .model = a->model,
        .catalogue = catalogue,
        .footprint = a->study->footprint,
        .n_outcomes = a->n_outcomes,
        .outcomes = a->outcomes,
    };
    const enum status st = evaluator_create(&options, &a->evaluator, why);
    if (st == STATUS_OK) {
        a->problem.space = space;
        a->problem.evaluate = evaluate;
        a->problem.context = a->evaluator;
        a->problem.is_partial = !evaluator_is_complete(a->evaluator);
        bind_tables(a);
    }
    return st;
}

/* Domains. */

/* Sets of configurations that lie outside one. */
struct domain {
    struct allocation *allocation;
    struct design example;
};

/* What says nothing of a design that has all figures. */
static const char *says_nothing(const struct allocation *a, const struct design *d)
{
    const int mfu = design_code(d, DESIGN_MFU_MODEL);
    bool predicts = false;
    for (size_t k = 0; k < a->n_outcomes; k++) {
        predicts = predicts || footprint_base(a->outcomes[k]) == FOOTPRINT_OF_LAW;
    }
    if (predicts && !predict_in_domain(a->model, d)) {
        return predict_outside(a->model, d);
    }
    return mfu > THROUGHPUT_MFU_CONSTANT
                   && isnan(throughput_mfu_ratio((enum throughput_mfu)mfu, d->value[DESIGN_PARAMS]))
               ? throughput_mfu_name(mfu)
               : "a model of scaling or goodput, or of the shape";
}

static void visit_gap(void *context, uint64_t configuration, uint64_t n)
{
    struct domain *domain = context;
    struct allocation *a = domain->allocation;
    struct status_why absent;
    struct design d;
    evaluator_design(a->evaluator, configuration, &d);
    if (a->n_absent == 0 || has_figures(a, &d, &absent) == STATUS_OK) {
        domain->example = a->n_domain == 0 ? d : domain->example;
        a->n_domain += n;
    }
}

/* Count what lies outside, and say outside of what.
 * \return STATUS_INPUT where that is everything */
static enum status count_domain(struct allocation *a, struct status_why *why)
{
    struct domain domain = {.allocation = a};
    a->knows_domain = evaluator_gaps(a->evaluator, visit_gap, &domain);
    if (a->n_domain > 0 && a->n_domain + a->n_absent >= space_size(&a->space)) {
        char expected[160];
        (void)snprintf(expected, sizeof expected,
                       "no configuration of the space has them: the first lies outside the domain "
                       "of %s",
                       says_nothing(a, &domain.example));
        return study_fail(a->study, a->study->objectives_place, "objectives", NULL, expected, why);
    }
    if (a->n_domain > 0) {
        log_line(LOG_WARNING,
                 "%llu of %llu configurations lie outside a domain and are infeasible, the first "
                 "outside that of %s",
                 (unsigned long long)a->n_domain, (unsigned long long)space_size(&a->space),
                 says_nothing(a, &domain.example));
    }
    return STATUS_OK;
}

/* A failure that begins with the name of an input, as `weight_bits: 2: outside ...`, at its place
 * in the study; others as they are. */
static enum status fail_at_input(const struct allocation *a, enum status st,
                                 const struct status_why *inner, struct status_why *why)
{
    char name[64], key[80];
    const size_t n = strcspn(inner->message, ":");
    (void)snprintf(name, sizeof name, "%.*s", (int)n, inner->message);
    const enum design_input input = design_find(name);
    if (st != STATUS_INPUT || input == DESIGN_N_INPUTS || inner->message[n] == '\0') {
        return status_fail(why, st, "%s", inner->message);
    }
    (void)snprintf(key, sizeof key, "space.%s", name);
    return study_fail(a->study, a->study->space[input].place, key, NULL, inner->message + n + 2,
                      why);
}

/* Say which axes are too long together for a table, without which no path but streaming goes. */
static void tell_untabulated(const struct allocation *a)
{
    const design_set inputs = evaluator_untabulated(a->evaluator);
    char names[256] = "";
    for (size_t i = 0; i < a->space.n_axes; i++) {
        const size_t used = strlen(names);
        if (design_has(inputs, a->inputs[i])) {
            (void)snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? " x " : "",
                           a->space.axes[i].name);
        }
    }
    if (inputs != 0) {
        log_line(LOG_INFO, "no table of %s: too many levels; every configuration is streamed",
                 names);
    }
}

/* An axis of which every level comes to the same is refused: it would only repeat each row. */
static enum status check_read(const struct allocation *a, struct status_why *why)
{
    for (size_t k = 0; k < a->study->n_space; k++) {
        const enum design_input input = a->study->space_order[k];
        const struct study_axis *entry = &a->study->space[input];
        char key[64];
        (void)snprintf(key, sizeof key, "space.%s", design_field(input)->name);
        if (entry->is_axis && entry->n > 1 && !allocation_reads(a, input)) {
            return study_fail(a->study, entry->place, key, NULL,
                              "no objective, constraint, law or correction reads it, so that every "
                              "level comes to the same: give one value, or ask for what reads it",
                              why);
        }
    }
    return STATUS_OK;
}

static enum status bind(struct allocation *a, struct status_why *why)
{
    struct status_why inner = {0};
    enum status st = STATUS_OK;

    if (a->study->n_objectives == 0) {
        return study_fail(a->study, a->study->objectives_place, "objectives", "missing",
                          "expected a list such as [loss_nat, energy_kwh]", why);
    }
    if (a->study->n_objectives > PROBLEM_MAX_OBJECTIVES) {
        return study_fail(a->study, a->study->objectives_place, "objectives", "too many",
                          "expected at most 8", why);
    }
    STATUS_TRY(predict_check(a->model, why));
    bind_outcomes(a);
    STATUS_TRY(check_inputs(a, why));
    STATUS_TRY(bind_space(a, why));
    STATUS_TRY(check_read(a, why));
    STATUS_TRY(take_classes(a, why));
    STATUS_TRY(remove_absent(a, why));
    st = bind_evaluator(a, &a->space, &a->catalogue, &inner);
    if (st != STATUS_OK) {
        st = fail_at_input(a, st, &inner, why);
    }
    STATUS_TRY(st);
    tell_untabulated(a);
    STATUS_TRY(count_domain(a, why));
out:
    return st;
}

/* The space alone. */
static enum status bind_open(struct allocation *a, struct status_why *why)
{
    const enum status st = predict_check(a->model, why);
    return st == STATUS_OK ? bind_space(a, why) : st;
}

static enum status make(MPI_Comm comm, const struct study *study, const struct predict_model *model,
                        enum status (*how)(struct allocation *a, struct status_why *why),
                        struct allocation *made, struct status_why *why)
{
    memset(made, 0, sizeof *made);
    made->study = study;
    made->model = model;
    space_init(&made->space);
    enum status st = registry_read_study(comm, study, &made->catalogue, why);
    if (st == STATUS_OK) {
        plausible_catalogue(study, &made->catalogue, registry_folder(), &made->findings);
    }
    if (st == STATUS_OK) {
        st = team_agree(comm, how(made, why), why);
        if (st != STATUS_OK) {
            allocation_clear(made);
        }
    }
    return st;
}

/* The decisions, and what they are judged by. */
static struct pricing pricing_of(const struct allocation *a)
{
    const struct study *study = a->study;
    struct pricing p = {.study = study, .subject = allocation_subject(a), .base = a->base};
    for (size_t i = 0; i < a->space.n_axes; i++) {
        p.axes[i] = (struct price_axis){a->inputs[i], a->axes[i].n, a->axes[i].values};
        p.decides[i] = a->space.axes[i].role == SPACE_DECISION;
        p.places[i] = study->space[a->inputs[i]].place;
        (void)snprintf(p.keys[i], sizeof p.keys[i], "space.%s", a->space.axes[i].name);
    }
    p.n_axes = a->space.n_axes;
    for (size_t i = 0; i < study->n_objectives; i++) {
        pricing_ask(&p, &(struct price_target){.outcome = study->objectives[i],
                                               .better = footprint_maximises(study->objectives[i])
                                                             ? PRICE_MORE
                                                             : PRICE_LESS});
    }
    for (size_t i = 0; i < study->n_limits; i++) {
        pricing_limit(&p, study->limits[i].outcome, study->limits[i].lower, study->limits[i].upper);
    }
    if (allocation_has_deadline(study)) {
        pricing_limit(&p, FOOTPRINT_DEADLINE_USE, (double)-INFINITY, 1.0);
    }
    return p;
}

enum status allocation_make(MPI_Comm comm, const struct study *study,
                            const struct predict_model *model, struct allocation *made,
                            struct status_why *why)
{
    enum status st = observed_refuse(study, why);
    if (st == STATUS_OK) {
        st = make(comm, study, model, bind, made, why);
    }
    if (st == STATUS_OK) {
        const struct pricing p = pricing_of(made);
        st = pricing_check(comm, &p, &made->accepted, why);
        if (st != STATUS_OK) {
            allocation_clear(made);
        }
    }
    return st;
}

enum status allocation_open(MPI_Comm comm, const struct study *study,
                            const struct predict_model *model, struct allocation *made,
                            struct status_why *why)
{
    return make(comm, study, model, bind_open, made, why);
}

/* Put draw axes at their levels of draw \a k. */
static void draw_levels(struct allocation *a, uint64_t k)
{
    for (size_t i = 0; i < a->study->n_space; i++) {
        const enum design_input input = a->study->space_order[i];
        const struct study_axis *entry = &a->study->space[input];
        if (is_draw(entry)) {
            const size_t level = axis_drawn(entry, input, a->study->seed, k);
            a->base.value[input] =
                entry->labels == NULL
                    ? entry->values[level]
                    : design_find_category(&a->catalogue, input, entry->labels[level]);
        }
    }
}

enum status allocation_draw(const struct allocation *a, const struct predict_model *model,
                            const struct hardware_catalogue *catalogue, uint64_t k,
                            struct allocation *made, struct status_why *why)
{
    *made = *a;
    made->model = model;
    made->catalogue = *catalogue;
    made->evaluator = NULL;
    draw_levels(made, k);
    return bind_evaluator(made, &a->space, catalogue, why);
}

void allocation_draw_clear(struct allocation *made)
{
    evaluator_destroy(made->evaluator);
    memset(made, 0, sizeof *made);
}

void allocation_clear(struct allocation *a)
{
    evaluator_destroy(a->evaluator);
    space_clear(&a->space);
    registry_clear(&a->catalogue);
    memset(a, 0, sizeof *a);
}

struct price_subject allocation_subject(const struct allocation *a)
{
    return (struct price_subject){.model = a->model,
                                  .catalogue = &a->catalogue,
                                  .options = &a->study->footprint,
                                  .dependents = &a->study->dependents};
}

design_set allocation_said(const struct study *study)
{
    design_set all = 0;
    for (size_t k = 0; k < study->n_space; k++) {
        all |= DESIGN_BIT(study->space_order[k]);
    }
    return all;
}

bool allocation_is_unpriced(const struct allocation *a, const struct design *d)
{
    const struct price_subject subject = allocation_subject(a);
    return a->accepted != 0 || price_unpaid(&subject, d) != 0;
}

void allocation_price(const struct allocation *a, const struct predict_model *model,
                      const struct design *d, double outcome[])
{
    struct price_subject subject = allocation_subject(a);
    subject.model = model;
    price_outcomes(&subject, d, outcome);
}

void allocation_outcomes(const struct allocation *a, uint64_t configuration, struct design *d,
                         double outcome[])
{
    evaluator_design(a->evaluator, configuration, d);
    allocation_price(a, a->model, d, outcome);
}
