#include "inputs/study/question.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "inputs/text/quantity.h"

static const char *const expected_form =
    "expected `minimise WHAT at WHAT <= VALUE, ... over INPUT, ...`";

/* A question being read, and what its messages need. */
struct reader {
    const struct study *study;
    struct study_place place;
    const char *key;
    struct study_question *q;
    struct status_why *why;
};

static enum status fail(const struct reader *r, const char *part, const char *expected)
{
    return study_fail(r->study, r->place, r->key, part, expected, r->why);
}

const char *question_name(const struct study_target *target)
{
    return target->is_input ? design_field(target->input)->name
                            : footprint_field(target->outcome)->name;
}

const char *question_unit(const struct study_target *target)
{
    if (target->is_input) {
        const struct design_field *field = design_field(target->input);
        return field->counts ? "count" : field->unit;
    }
    const struct footprint_field *field = footprint_field(target->outcome);
    const bool is_ratio = strstr(field->name, "_ratio") != NULL;
    return strcmp(field->unit, "1") == 0 && !is_ratio ? "count" : field->unit;
}

/* Cut the blanks off both ends, in place. */
static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t n = strlen(text);
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t')) {
        text[--n] = '\0';
    }
    return text;
}

/* Cut off what follows \a word and return it; NULL when the word is not there. */
static char *cut_after(char *text, const char *word)
{
    char *at = strstr(text, word);
    if (at == NULL) {
        return NULL;
    }
    *at = '\0';
    return trim(at + strlen(word));
}

/* Find a name among the inputs that are numbers and, unless only inputs are wanted, the outcomes.
 */
static enum status find_target(const struct reader *r, const char *name, bool input_only,
                               struct study_target *target)
{
    const char *known[DESIGN_N_INPUTS + FOOTPRINT_N_OUTCOMES];
    size_t n = 0;
    char expected[160];
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        if (design_field((enum design_input)i)->kind == DESIGN_NUMBER) {
            known[n++] = design_field((enum design_input)i)->name;
        }
    }
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES && !input_only; o++) {
        known[n++] = footprint_field((enum footprint_outcome)o)->name;
    }
    *target = (struct study_target){.outcome = footprint_find(name), .input = design_find(name)};
    target->is_input = target->input != DESIGN_N_INPUTS;
    if (target->is_input && design_field(target->input)->kind == DESIGN_CATEGORY) {
        return fail(r, name, "a name cannot be varied: list its levels in space");
    }
    if (target->is_input || (!input_only && target->outcome != FOOTPRINT_N_OUTCOMES)) {
        return STATUS_OK;
    }
    const char *nearest = study_nearest(name, known, n);
    if (nearest != NULL) {
        (void)snprintf(expected, sizeof expected, "unknown; did you mean %s?", nearest);
    }
    return fail(r, name,
                nearest != NULL ? expected
                : input_only    ? "unknown; expected an input that is a number"
                                : "unknown; expected an outcome or an input");
}

static enum status read_limit(const struct reader *r, char *text)
{
    static const char *const ops[] = {"<=", ">=", "="};
    enum { AT_MOST, AT_LEAST, EQUAL, N_OPS };
    struct study_question *q = r->q;
    size_t op = 0;
    char *value = NULL;
    while (op < N_OPS && (value = cut_after(text, ops[op])) == NULL) {
        op++;
    }
    if (value == NULL) {
        return fail(r, text, "expected <=, >= or = and a value");
    }
    if (q->n_limits == STUDY_MAX_QUESTION_LIMITS) {
        return fail(r, text, "expected at most 8 limits");
    }
    double number = NAN;
    struct study_target target;
    const enum status st = find_target(r, trim(text), false, &target);
    if (st != STATUS_OK) {
        return st;
    }
    const bool as_given = strcmp(value, "given") == 0;
    const char *expected = !as_given ? quantity_parse(value, question_unit(&target), &number)
                           : target.is_input
                               ? "is for outcomes: an input is as given where it does not move"
                               : NULL;
    const double lower = op == AT_MOST ? (double)-INFINITY : number;
    const double upper = op == AT_LEAST ? (double)INFINITY : number;
    if (expected == NULL && !target.is_input) {
        expected = footprint_expected_bounds(target.outcome, lower, upper);
    }
    if (expected != NULL) {
        char limit[STUDY_TEXT_SIZE];
        (void)snprintf(limit, sizeof limit, "%s %s %s", question_name(&target), ops[op], value);
        return fail(r, limit, expected);
    }
    q->limits[q->n_limits].of = target;
    q->limits[q->n_limits].lower = lower;
    q->limits[q->n_limits].upper = upper;
    q->n_limits++;
    return STATUS_OK;
}

static enum status add_input(const struct reader *r, const char *text, enum design_input inputs[],
                             size_t *n)
{
    struct study_target target;
    const enum status st = find_target(r, text, true, &target);
    for (size_t i = 0; st == STATUS_OK && i < *n; i++) {
        if (inputs[i] == target.input) {
            return fail(r, text, "this input is there twice");
        }
    }
    if (st == STATUS_OK) {
        inputs[(*n)++] = target.input;
    }
    return st;
}

enum status question_read_input(const struct study *study, struct study_place place,
                                const char *key, const char *text, enum design_input inputs[],
                                size_t *n, struct status_why *why)
{
    const struct reader r = {study, place, key, NULL, why};
    return add_input(&r, text, inputs, n);
}

static enum status read_vary(const struct reader *r, char *text)
{
    return add_input(r, text, r->q->vary, &r->q->n_vary);
}

/* Each part between commas. */
static enum status read_list(const struct reader *r, char *list,
                             enum status (*read)(const struct reader *r, char *text))
{
    enum status st = STATUS_OK;
    while (st == STATUS_OK && list != NULL) {
        char *rest = cut_after(list, ",");
        st = read(r, trim(list));
        list = rest;
    }
    return st;
}

enum status question_read(const struct study *study, struct study_place place, const char *key,
                          const char *text, struct study_question *question, struct status_why *why)
{
    static const struct {
        const char *word;
        bool maximise;
    } verbs[] = {
        {"minimise ", false}, {"minimize ", false}, {"maximise ", true}, {"maximize ", true}};
    const struct reader r = {study, place, key, question, why};
    char storage[STUDY_TEXT_SIZE], *rest = NULL;
    memset(question, 0, sizeof *question);
    question->place = place;
    if (strlen(text) >= sizeof storage) {
        return fail(&r, text, "expected at most 255 characters");
    }
    (void)snprintf(question->text, sizeof question->text, "%s", text);
    (void)snprintf(storage, sizeof storage, "%s", text);
    char *what = trim(storage);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs && rest == NULL; i++) {
        if (strncmp(what, verbs[i].word, strlen(verbs[i].word)) == 0) {
            rest = what + strlen(verbs[i].word);
            question->maximise = verbs[i].maximise;
        }
    }
    if (rest == NULL) {
        return fail(&r, text, expected_form);
    }
    char *over = cut_after(rest, " over ");
    char *at = cut_after(rest, " at ");
    enum status st = find_target(&r, trim(rest), false, &question->target);
    if (st == STATUS_OK) {
        st = read_list(&r, at, read_limit);
    }
    return st == STATUS_OK ? read_list(&r, over, read_vary) : st;
}
