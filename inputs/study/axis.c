#include "inputs/study/axis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/study/keys.h"
#include "inputs/study/value.h"
#include "inputs/text/quantity.h"
#include "solver/base/rng.h"
#include "solver/base/vmath.h"

/* What reading one entry needs throughout. */
struct reader {
    const struct study *study;
    const struct design_field *field;
    struct study_axis *axis;
    struct status_why *why;
};

static const char *unit_of(const struct design_field *field)
{
    return field->counts ? "count" : field->unit;
}

static struct keys_range range_of(const struct design_field *field)
{
    const bool open = !(field->lower < 0 || field->lower > 0);
    return (struct keys_range){field->lower, field->upper, open, false};
}

const char *axis_number(const struct design_field *field, const char *text, double *value)
{
    if (isinf(field->neutral) && strcmp(text, "inf") == 0) {
        *value = field->neutral;
        return NULL;
    }
    return quantity_parse(text, unit_of(field), value);
}

/* A level may also be what the input has when nothing is said of it: 0 for some, inf for others. */
static enum status read_number(const struct reader *r, const struct tree_node *node, double *value)
{
    struct keys_range range = range_of(r->field);
    range.lower_open = range.lower_open && !(r->field->neutral <= range.lower);
    const bool is_neutral = node->kind == TREE_SCALAR && isinf(r->field->neutral)
                            && axis_number(r->field, node->text, value) == NULL && isinf(*value);
    return is_neutral ? STATUS_OK
                      : value_number(r->study, node, unit_of(r->field), &range, value, r->why);
}

static enum status make_room(struct reader *r, size_t n, bool numbers)
{
    struct study_axis *a = r->axis;
    a->n = n;
    a->value_places = calloc(n, sizeof *a->value_places);
    if (numbers) {
        a->values = calloc(n, sizeof *a->values);
    } else {
        a->labels = calloc(n, sizeof *a->labels);
    }
    return a->value_places == NULL || (a->values == NULL && a->labels == NULL)
               ? status_fail(r->why, STATUS_MEMORY, "%s: %zu levels", r->field->name, n)
               : STATUS_OK;
}

static bool levels_equal(const struct study_axis *a, size_t i, size_t j)
{
    /* Labels are all there. NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
    return a->labels != NULL ? strcmp(a->labels[i], a->labels[j]) == 0
                             : !(a->values[i] < a->values[j] || a->values[i] > a->values[j]);
}

/* Beyond this a double is not one whole number any more. */
static const double most_whole = 0x1p53;

/* A number of an integer axis. */
static enum status check_whole(const struct reader *r, const struct tree_node *node, double value)
{
    return !r->axis->is_integer ? STATUS_OK
           : fabs(value) > most_whole
               ? value_fail(r->study, node,
                            "must be at most 2^53, up to which whole numbers are exact", r->why)
           : rint(value) < value || rint(value) > value
               ? value_fail(r->study, node, "expected a whole number: integer is true", r->why)
               : STATUS_OK;
}

/* Read one level into slot i and compare it with those before. */
static enum status read_level(struct reader *r, const struct tree_node *node, size_t i)
{
    enum { LABEL_SIZE = 128 };
    struct study_axis *a = r->axis;
    enum status st;
    if (a->values != NULL) {
        st = read_number(r, node, &a->values[i]);
        st = st == STATUS_OK ? check_whole(r, node, a->values[i]) : st;
    } else {
        char label[LABEL_SIZE];
        st = value_text(r->study, node, label, sizeof label, r->why);
        if (st == STATUS_OK && label[0] == '\0') {
            st = value_fail(r->study, node, "expected a name", r->why);
        }
        if (st == STATUS_OK && (a->labels[i] = malloc(sizeof label)) == NULL) {
            st = status_fail(r->why, STATUS_MEMORY, "%s: no room", r->field->name);
        }
        if (st == STATUS_OK) {
            memcpy(a->labels[i], label, sizeof label);
        }
    }
    a->value_places[i] = value_place(node);
    for (size_t j = 0; st == STATUS_OK && j < i; j++) {
        if (levels_equal(a, i, j)) {
            st = value_fail(r->study, node, "this level is in the list twice", r->why);
        }
    }
    return st;
}

static enum status read_list(struct reader *r, const struct tree_node *list)
{
    enum { MOST = 4096 }; /* people write lists; longer axes are ranges */
    enum status st = value_expect(r->study, list, TREE_LIST, r->why);
    if (st != STATUS_OK) {
        return st;
    }
    if (list->n == 0 || list->n > MOST) {
        return value_fail(r->study, list, "expected a list of 1 to 4096 levels", r->why);
    }
    st = make_room(r, list->n, r->field->kind == DESIGN_NUMBER);
    size_t i = 0;
    for (const struct tree_node *item = list->first; st == STATUS_OK && item != NULL;
         item = item->next) {
        st = read_level(r, item, i++);
    }
    return st;
}

/* Round the levels of a range, which go up; those that come out alike are one. */
static void make_whole(struct study_axis *a)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++) {
        const double level = rint(a->values[i]);
        if (n == 0 || level > a->values[n - 1]) {
            a->values[n++] = level;
        }
    }
    a->n = n;
}

/* The levels of a range. The ends are exactly as written, the rest by vmath, so that grids are the
 * same bits on every machine. */
static void expand(struct study_axis *a)
{
    if (a->step > 0) {
        for (size_t i = 0; i < a->n; i++) {
            a->values[i] = a->from + a->step * (double)i;
        }
        return;
    }
    const double last = (double)(a->n - 1);
    const double log_from = a->scale == STUDY_LOG ? vmath_log1(a->from) : 0;
    const double log_to = a->scale == STUDY_LOG ? vmath_log1(a->to) : 0;
    a->values[0] = a->from;
    for (size_t i = 1; i < a->n; i++) {
        const double share = (double)i / last;
        a->values[i] = a->scale == STUDY_LOG ? vmath_exp1(log_from + share * (log_to - log_from))
                                             : a->from + share * (a->to - a->from);
    }
    if (a->n > 1) {
        a->values[a->n - 1] = a->to;
    }
    if (a->is_integer) {
        make_whole(a);
    }
}

/* The member of an entry that the row describes, or its default; NULL when there is neither. */
static const struct tree_node *member(const struct tree_node *entry, const struct keys_row *row,
                                      struct value_default *initial)
{
    STATUS_ASSERT(row != NULL);
    const struct tree_node *found = tree_find(entry, strrchr(row->path, '.') + 1);
    return found != NULL ? found : value_of_default(row, initial);
}

static enum status read_choice(struct reader *r, const struct tree_node *entry, const char *path,
                               int *choice)
{
    struct value_default initial;
    const struct keys_row *row = keys_find(path);
    const struct tree_node *node = member(entry, row, &initial);
    return node == NULL ? STATUS_OK : value_choice(r->study, node, row->choices, choice, r->why);
}

/* Members that do not go with what an entry is. */
static enum status refuse(const struct reader *r, const struct tree_node *entry,
                          const char *const names[], size_t n, const char *expected)
{
    for (size_t i = 0; i < n; i++) {
        const struct tree_node *extra = tree_find(entry, names[i]);
        if (extra != NULL) {
            return value_fail(r->study, extra, expected, r->why);
        }
    }
    return STATUS_OK;
}

/* The step between the whole levels of a range, and how many it makes. */
static enum status read_step(struct reader *r, const struct tree_node *entry, uint64_t *steps)
{
    static const char *const of_others[] = {"steps", "scale"};
    struct study_axis *a = r->axis;
    const struct keys_row *row = keys_find("space.INPUT.steps");
    const struct keys_range range = {1, most_whole, false, false};
    const struct tree_node *node = tree_find(entry, "step");
    enum status st = refuse(r, entry, of_others, 2, "goes without step");
    if (st == STATUS_OK && !a->is_integer) {
        return value_fail(r->study, node, "is between whole levels: add integer: true", r->why);
    }
    if (st == STATUS_OK) {
        st = value_number(r->study, node, unit_of(r->field), &range, &a->step, r->why);
    }
    if (st == STATUS_OK) {
        st = check_whole(r, node, a->step);
    }
    const double n = st == STATUS_OK ? floor((a->to - a->from) / a->step) + 1 : 1;
    if (n > row->range.upper) {
        return value_fail(r->study, node, "makes more than 1000000 levels", r->why);
    }
    *steps = (uint64_t)n;
    return st;
}

static enum status read_steps(struct reader *r, const struct tree_node *entry, uint64_t *steps)
{
    struct value_default initial;
    const struct keys_row *row = keys_find("space.INPUT.steps");
    return tree_find(entry, "step") != NULL
               ? read_step(r, entry, steps)
               : value_count(r->study, member(entry, row, &initial), &row->range, steps, r->why);
}

static enum status read_end(struct reader *r, const struct tree_node *entry, const char *name,
                            double *value)
{
    const struct keys_range range = range_of(r->field);
    const struct tree_node *node = tree_find(entry, name);
    if (node == NULL) {
        return value_fail(r->study, entry, "expected from and to, or values", r->why);
    }
    const enum status st = value_number(r->study, node, unit_of(r->field), &range, value, r->why);
    return st == STATUS_OK ? check_whole(r, node, *value) : st;
}

static enum status read_range(struct reader *r, const struct tree_node *entry)
{
    struct study_axis *a = r->axis;
    uint64_t steps = 0;
    int scale = r->field->counts ? STUDY_LOG : STUDY_LINEAR;
    enum status st = STATUS_OK;

    if (r->field->kind == DESIGN_CATEGORY) {
        return value_fail(r->study, entry, "expected values: [...]: names have no range", r->why);
    }
    STATUS_TRY(read_end(r, entry, "from", &a->from));
    STATUS_TRY(read_end(r, entry, "to", &a->to));
    STATUS_TRY(read_steps(r, entry, &steps));
    STATUS_TRY(read_choice(r, entry, "space.INPUT.scale", &scale));
    if (!(a->from < a->to)) {
        STATUS_TRY(
            value_fail(r->study, tree_find(entry, "to"), "must be larger than from", r->why));
    }
    if (scale == STUDY_LOG && !(a->from > 0)) {
        STATUS_TRY(value_fail(r->study, tree_find(entry, "from"),
                              "must be > 0 on a logarithmic scale", r->why));
    }
    STATUS_TRY(make_room(r, (size_t)steps, true));
    a->is_range = true;
    a->steps = a->n;
    a->scale = (enum study_scale)scale;
    for (size_t i = 0; i < a->n; i++) {
        a->value_places[i] = a->place;
    }
    expand(a);
out:
    return st;
}

/* How often each level is drawn. */
static enum status read_weights(struct reader *r, const struct tree_node *weights)
{
    static const struct keys_range positive = {0, HUGE_VAL, true, true};
    struct study_axis *a = r->axis;
    enum status st = value_expect(r->study, weights, TREE_LIST, r->why);
    if (st == STATUS_OK && a->role != STUDY_DRAW) {
        st = value_fail(r->study, weights, "belongs to a draw: add role: draw", r->why);
    }
    if (st == STATUS_OK && (a->is_range || weights->n != a->n)) {
        st = value_fail(r->study, weights, "expected one number for each of values", r->why);
    }
    if (st == STATUS_OK && (a->weights = calloc(a->n, sizeof *a->weights)) == NULL) {
        st = status_fail(r->why, STATUS_MEMORY, "%s: no room", r->field->name);
    }
    size_t i = 0;
    for (const struct tree_node *item = weights->first; st == STATUS_OK && item != NULL;
         item = item->next) {
        st = value_number(r->study, item, "1", &positive, &a->weights[i++], r->why);
    }
    return st;
}

/* The text of what follows from other inputs; inputs/study/dependents.c compiles it. */
static enum status read_formula(struct reader *r, const struct tree_node *entry,
                                const struct tree_node *formula)
{
    static const char *const of_levels[] = {"values", "from", "to",      "steps",  "step",
                                            "scale",  "role", "combine", "weights"};
    struct study_axis *a = r->axis;
    enum status st = refuse(r, entry, of_levels, sizeof of_levels / sizeof *of_levels,
                            "belongs to levels, but a formula is given");
    if (st == STATUS_OK && r->field->kind == DESIGN_CATEGORY) {
        st = value_fail(r->study, formula, "names follow no formula", r->why);
    }
    if (st == STATUS_OK && (a->formula = malloc(CUSTOM_TEXT_SIZE)) == NULL) {
        st = status_fail(r->why, STATUS_MEMORY, "%s: no room", r->field->name);
    }
    a->is_axis = false;
    a->place = value_place(formula);
    return st == STATUS_OK ? value_text(r->study, formula, a->formula, CUSTOM_TEXT_SIZE, r->why)
                           : st;
}

static enum status check_members(const struct reader *r, const struct tree_node *entry)
{
    char names[KEYS_MAX_MEMBERS][KEYS_NAME_SIZE];
    const char *known[KEYS_MAX_MEMBERS];
    const size_t n = keys_members("space.INPUT", names);
    for (size_t i = 0; i < n; i++) {
        known[i] = names[i];
    }
    for (const struct tree_node *m = entry->first; m != NULL; m = m->next) {
        size_t i = 0;
        while (i < n && strcmp(names[i], m->key) != 0) {
            i++;
        }
        if (i == n) {
            return value_fail_key(r->study, m, known, n, r->why);
        }
    }
    return STATUS_OK;
}

static enum status read_mapping(struct reader *r, const struct tree_node *entry)
{
    static const char *const of_range[] = {"from", "to", "steps", "step", "scale"};
    const struct tree_node *values = tree_find(entry, "values");
    const struct tree_node *formula = tree_find(entry, "formula");
    int role = STUDY_DECISION, is_integer = STUDY_FALSE, combine = STUDY_EACH;
    enum status st = STATUS_OK;

    STATUS_TRY(check_members(r, entry));
    STATUS_TRY(read_choice(r, entry, "space.INPUT.role", &role));
    STATUS_TRY(read_choice(r, entry, "space.INPUT.integer", &is_integer));
    STATUS_TRY(read_choice(r, entry, "space.INPUT.combine", &combine));
    r->axis->role = (enum study_role)role;
    r->axis->combine = (enum study_combine)combine;
    if (combine == STUDY_WORST && role != STUDY_SCENARIO) {
        STATUS_TRY(value_fail(r->study, tree_find(entry, "combine"),
                              "is of scenarios: add role: scenario", r->why));
    }
    r->axis->is_integer = is_integer == STUDY_TRUE;
    if (r->axis->is_integer && r->field->kind == DESIGN_CATEGORY) {
        STATUS_TRY(
            value_fail(r->study, tree_find(entry, "integer"), "names are no numbers", r->why));
    }
    if (formula != NULL) {
        return read_formula(r, entry, formula);
    }
    const struct tree_node *weights = tree_find(entry, "weights");
    if (values == NULL) {
        STATUS_TRY(read_range(r, entry));
    } else {
        STATUS_TRY(refuse(r, entry, of_range, sizeof of_range / sizeof *of_range,
                          "belongs to a range, but values are given"));
        STATUS_TRY(read_list(r, values));
    }
    if (weights != NULL) {
        STATUS_TRY(read_weights(r, weights));
    }
out:
    return st;
}

enum status axis_read(const struct study *study, enum design_input input,
                      const struct tree_node *node, struct study_axis *axis, struct status_why *why)
{
    struct reader r = {study, design_field(input), axis, why};
    *axis = (struct study_axis){.given = true,
                                .is_axis = node->kind != TREE_SCALAR,
                                .role = STUDY_DECISION,
                                .place = value_place(node)};
    if (node->kind == TREE_MAPPING) {
        return read_mapping(&r, node);
    }
    if (node->kind == TREE_LIST) {
        return read_list(&r, node);
    }
    const enum status st = make_room(&r, 1, r.field->kind == DESIGN_NUMBER);
    return st != STATUS_OK ? st : read_level(&r, node, 0);
}

static void write_level(FILE *to, const struct study_axis *a, size_t i)
{
    if (a->labels != NULL) {
        value_write_text(to, a->labels[i]);
    } else {
        value_write_number(to, a->values[i]);
    }
}

static const char *choice_name(const char *path, unsigned choice)
{
    const struct keys_row *row = keys_find(path);
    STATUS_ASSERT(row != NULL);
    return row->choices[choice];
}

static void write_levels(FILE *to, const struct study_axis *a)
{
    if (!a->is_range) {
        (void)fputs("values: [", to);
        for (size_t i = 0; i < a->n; i++) {
            (void)fputs(i > 0 ? ", " : "", to);
            write_level(to, a, i);
        }
        (void)fputs("]", to);
        return;
    }
    (void)fputs("from: ", to);
    value_write_number(to, a->from);
    (void)fputs(", to: ", to);
    value_write_number(to, a->to);
    if (a->step > 0) {
        (void)fputs(", step: ", to);
        value_write_number(to, a->step);
    } else {
        (void)fprintf(to, ", steps: %zu, scale: %s", a->steps,
                      choice_name("space.INPUT.scale", a->scale));
    }
}

void axis_write(FILE *to, const struct study_axis *a)
{
    if (!a->is_axis && a->formula == NULL) {
        write_level(to, a, 0);
        return;
    }
    (void)fputc('{', to);
    if (a->formula != NULL) {
        (void)fputs("formula: ", to);
        value_write_text(to, a->formula);
    } else {
        write_levels(to, a);
    }
    if (a->is_integer) {
        (void)fputs(", integer: true", to);
    }
    if (a->is_axis) {
        (void)fprintf(to, ", role: %s", choice_name("space.INPUT.role", a->role));
    }
    for (size_t i = 0; a->weights != NULL && i < a->n; i++) {
        (void)fputs(i == 0 ? ", weights: [" : ", ", to);
        value_write_number(to, a->weights[i]);
        (void)fputs(i + 1 == a->n ? "]" : "", to);
    }
    if (a->combine == STUDY_WORST) {
        (void)fputs(", combine: worst", to);
    }
    (void)fputc('}', to);
}

/* The first level up to which a share of the weight lies. */
static size_t level_at(const struct study_axis *a, double share)
{
    double whole = 0.0, sofar = 0.0;
    size_t level = 0;
    for (size_t i = 0; i < a->n; i++) {
        whole += a->weights != NULL ? a->weights[i] : 1.0;
    }
    for (;; level++) {
        sofar += a->weights != NULL ? a->weights[level] : 1.0;
        if (sofar >= share * whole || level + 1 == a->n) {
            return level;
        }
    }
}

size_t axis_typical(const struct study_axis *axis)
{
    return level_at(axis, 0.5);
}

size_t axis_drawn(const struct study_axis *axis, enum design_input input, uint64_t seed, uint64_t k)
{
    enum { INPUT_BITS = 8 }; /* of the key of a stream */
    struct rng r;
    rng_init(&r, seed, RNG_LEVEL, k << INPUT_BITS | (uint64_t)input);
    return level_at(axis, rng_uniform(&r));
}

void axis_clear(struct study_axis *axis)
{
    for (size_t i = 0; axis->labels != NULL && i < axis->n; i++) {
        free(axis->labels[i]);
    }
    free(axis->labels);
    free(axis->values);
    free(axis->value_places);
    free(axis->formula);
    free(axis->weights);
    *axis = (struct study_axis){0};
}
