#include "inputs/law_choice.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "inputs/forms.h"
#include "inputs/study/keys.h"

enum status law_choice_find(const struct study *study, struct study_place place, const char *key,
                            const char *id, const struct law **law, struct status_why *why)
{
    const char *ids[LAW_MAX_ADDED];
    char expected[1024] = "expected a law:";
    size_t n = 0;
    *law = law_find(id);
    if (*law != NULL) {
        return STATUS_OK;
    }
    for (; n < LAW_MAX_ADDED && law_at(n) != NULL; n++) {
        const size_t used = strlen(expected);
        ids[n] = law_at(n)->id;
        (void)snprintf(expected + used, sizeof expected - used, " %s", ids[n]);
    }
    const char *nearest = study_nearest(id, ids, n);
    if (nearest != NULL) {
        (void)snprintf(expected, sizeof expected, "no such law; did you mean %s?", nearest);
    }
    return study_fail(study, place, key, id, expected, why);
}

/* What a law of the program would be made from as a formula: its equation and its bounds. */
static void describe(const struct law *law, struct custom_source *s)
{
    STATUS_ASSERT(law != NULL);
    const struct custom_source *own = custom_source_of(law);
    if (own != NULL) {
        *s = *own;
        return;
    }
    (void)snprintf(s->id, sizeof s->id, "%s", law->id);
    (void)snprintf(s->title, sizeof s->title, "%s", law->title);
    (void)snprintf(s->source, sizeof s->source, "%s", law->source);
    (void)snprintf(s->text, sizeof s->text, "%s", law->equation);
    (void)snprintf(s->response_unit, sizeof s->response_unit, "%s", law->response_unit);
    s->n_inputs = law->n_inputs;
    for (size_t i = 0; i < law->n_inputs; i++) {
        s->inputs[i].logarithmic = law->inputs[i].logarithmic;
        s->inputs[i].least = law->inputs[i].logarithmic ? 1.0 : (double)-INFINITY;
        (void)snprintf(s->inputs[i].name, sizeof s->inputs[i].name, "%s", law->inputs[i].name);
    }
    s->n_parameters = law->n_parameters;
    for (size_t i = 0; i < law->n_parameters; i++) {
        const struct law_parameter *from = &law->parameters[i];
        struct custom_parameter *p = &s->parameters[i];
        *p = custom_parameter(from->name);
        p->transform = from->transform == LAW_LOG ? CUSTOM_LOG : CUSTOM_PLAIN;
        p->lower = from->lower;
        p->upper = from->upper;
        p->start_lower = from->start_lower;
        p->start_upper = from->start_upper;
    }
}

static void overlay_number(double said, double *to)
{
    *to = isnan(said) ? *to : said;
}

/* Change what the study says of a parameter; starts that do not fit new bounds follow them. */
static void overlay(const struct custom_parameter *said, struct custom_parameter *to)
{
    overlay_number(said->lower, &to->lower);
    overlay_number(said->upper, &to->upper);
    if (!isnan(said->start_lower)) {
        to->start_lower = said->start_lower;
        to->start_upper = said->start_upper;
    } else if (to->start_lower < to->lower || to->start_upper > to->upper) {
        to->start_lower = fmax(to->start_lower, to->lower);
        to->start_upper = fmin(to->start_upper, to->upper);
        if (to->start_lower > to->start_upper) {
            to->start_lower = to->lower;
            to->start_upper = to->upper;
        }
    }
    to->transform = said->transform != CUSTOM_INFERRED ? said->transform : to->transform;
}

/* law.parameters over the parameters of a law of the program. */
static enum status change(const struct study *study, struct custom_source *s,
                          struct status_why *why)
{
    const char *known[LAW_MAX_PARAMETERS] = {NULL};
    STATUS_ASSERT(s->n_parameters <= LAW_MAX_PARAMETERS);
    for (size_t i = 0; i < s->n_parameters; i++) {
        known[i] = s->parameters[i].name;
    }
    for (size_t i = 0; i < study->n_law_parameters; i++) {
        const struct custom_parameter *said = &study->law_parameters[i].said;
        size_t k = 0;
        while (k < s->n_parameters && strcmp(s->parameters[k].name, said->name) != 0) {
            k++;
        }
        if (k == s->n_parameters) {
            char expected[256], all[160];
            keys_join(known, s->n_parameters, all, sizeof all);
            (void)snprintf(expected, sizeof expected, "no parameter of law %s: expected %s", s->id,
                           all);
            return study_fail(study, study->law_parameters[i].place, "law.parameters", said->name,
                              expected, why);
        }
        overlay(said, &s->parameters[k]);
    }
    return STATUS_OK;
}

static enum status from_formula(const struct study *study, struct custom_source *s,
                                struct status_why *why)
{
    const char *words =
        study->law_inputs[0] != '\0' ? study->law_inputs : "params>=1 tokens>=1 compute_flop>=1";
    struct status_why inner;
    const bool named = study->law_id_place.line != 0;
    (void)snprintf(s->id, sizeof s->id, "%.47s", named ? study->law_id : "formula");
    (void)snprintf(s->title, sizeof s->title, "Law of the study");
    (void)snprintf(s->source, sizeof s->source, "none");
    (void)snprintf(s->text, sizeof s->text, "%s", study->law_formula);
    (void)snprintf(s->response_unit, sizeof s->response_unit, "1");
    s->n_parameters = study->n_law_parameters;
    for (size_t i = 0; i < s->n_parameters; i++) {
        s->parameters[i] = study->law_parameters[i].said;
    }
    status_clear(&inner);
    if (forms_inputs(words, s, &inner) != STATUS_OK) {
        return study_fail(study, study->law_inputs_place, "law.inputs", NULL, inner.message, why);
    }
    return STATUS_OK;
}

/* Whether the study says of a parameter what only another law can hold; bounds, fixed and tied
 * values and priors are options of the fit. */
static bool needs_another_law(const struct study *study)
{
    for (size_t i = 0; i < study->n_law_parameters; i++) {
        const struct custom_parameter *said = &study->law_parameters[i].said;
        if (!isnan(said->start_lower) || said->transform != CUSTOM_INFERRED) {
            return true;
        }
    }
    return false;
}

/* Say where a name that a formula does not know belongs. */
static void help_with_name(const struct custom_source *s, const char *message, char text[],
                           size_t size)
{
    static const char lead[] = "unknown name '";
    const char *known[LAW_MAX_INPUTS + LAW_MAX_PARAMETERS];
    char name[CUSTOM_NAME_SIZE];
    size_t n = 0;
    (void)snprintf(text, size, "%s", message);
    if (strncmp(message, lead, strlen(lead)) != 0) {
        return;
    }
    message += strlen(lead);
    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(message, "'"), message);
    for (size_t i = 0; i < s->n_inputs; i++) {
        known[n++] = s->inputs[i].name;
    }
    for (size_t i = 0; i < s->n_parameters; i++) {
        known[n++] = s->parameters[i].name;
    }
    const char *nearest = study_nearest(name, known, n);
    (void)snprintf(text, size,
                   "unknown name '%s'%s%s%s: declare it under law.parameters, or under law.inputs "
                   "if it is a column",
                   name, nearest != NULL ? ", did you mean " : "", nearest != NULL ? nearest : "",
                   nearest != NULL ? "?" : "");
}

static enum status fail(const struct study *study, const struct custom_source *s, size_t column,
                        enum status st, const char *message, struct status_why *why)
{
    if (study->law_formula[0] == '\0') {
        return study_fail(study, study->law_parameters[0].place, "law.parameters", NULL, message,
                          why);
    }
    char text[STATUS_MESSAGE_SIZE];
    const char *rest = column > 0 ? strstr(message, ": ") : NULL; /* the place says the column */
    help_with_name(s, rest != NULL ? rest + 2 : message, text, sizeof text);
    return st == STATUS_INPUT
               ? study_fail(study, study_place_in(study, study->law_formula_place, column),
                            "law.formula", NULL, text, why)
               : status_fail(why, st, "%s", message);
}

enum status law_choice_make(const struct study *study, const struct law **made,
                            struct status_why *why)
{
    struct custom_source source = {.n_inputs = 0};
    struct status_why inner;
    struct law *law = NULL;
    size_t column = 0;
    enum status st = STATUS_OK;
    *made = NULL;
    if (study->law_formula[0] != '\0') {
        st = from_formula(study, &source, why);
    } else {
        st = law_choice_find(study, study->law_id_place, "law.id", study->law_id, made, why);
        if (st != STATUS_OK) {
            return st;
        }
        describe(*made, &source);
        st = change(study, &source, why);
        if (st == STATUS_OK && !needs_another_law(study)) {
            return st;
        }
    }
    if (st != STATUS_OK) {
        *made = NULL;
        return st;
    }
    for (size_t i = 0; i < source.n_parameters; i++) { /* held by the fit, not by the law */
        source.parameters[i].fixed = (double)NAN;
        source.parameters[i].tied_to[0] = '\0';
    }
    status_clear(&inner);
    *made = NULL;
    st = custom_create(&source, &law, &column, &inner);
    if (st != STATUS_OK) {
        return fail(study, &source, column, st, inner.message, why);
    }
    if (!law_add(law)) {
        custom_destroy(law);
        return status_fail(why, STATUS_INPUT, "too many laws");
    }
    *made = law;
    return STATUS_OK;
}
