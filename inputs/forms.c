#include "inputs/forms.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/sheet.h"
#include "inputs/text/quantity.h"
#include "solver/base/team.h"

struct form_row {
    char id[SHEET_MEMBER_SIZE(struct custom_source, id)];
    char title[SHEET_MEMBER_SIZE(struct custom_source, title)];
    char formula[CUSTOM_TEXT_SIZE];
    char unit[SHEET_MEMBER_SIZE(struct custom_source, response_unit)];
    char inputs[256], parameters[CUSTOM_TEXT_SIZE];
    char source[SHEET_MEMBER_SIZE(struct custom_source, source)];
    int line;
};
static const struct sheet_field form_fields[] = {
    SHEET_KEY("id", struct form_row, id),
    SHEET_TEXT("title", struct form_row, title),
    SHEET_TEXT("formula", struct form_row, formula),
    SHEET_TEXT("response_unit", struct form_row, unit),
    SHEET_TEXT("inputs", struct form_row, inputs),
    SHEET_TEXT("parameters", struct form_row, parameters),
    SHEET_TEXT("source", struct form_row, source),
    SHEET_NOTE("note"),
};
static const struct sheet form_sheet = {"forms.tsv",
                                        sizeof form_fields / sizeof form_fields[0],
                                        form_fields,
                                        sizeof(struct form_row),
                                        offsetof(struct form_row, line),
                                        0};

/* Cut the next word off \a rest. \return whether there is one that fits */
static bool next_word(const char **rest, char word[], size_t size)
{
    *rest += strspn(*rest, " ");
    const size_t n = strcspn(*rest, " ");
    (void)snprintf(word, size, "%.*s", (int)n, *rest);
    *rest += n;
    return n > 0;
}

/* A number as a whole text. */
static bool number(const char *text, double *value)
{
    return quantity_number(text, value) == NULL;
}

static bool take_input(char word[], struct custom_input *input)
{
    *input = (struct custom_input){.logarithmic = true, .least = -INFINITY};
    char *domain = strstr(word, ">=");
    if (domain != NULL) {
        *domain = '\0';
        if (!number(domain + 2, &input->least)) {
            return false;
        }
    }
    char *form = strchr(word, ':');
    if (form != NULL) {
        *form = '\0';
        if (strcmp(form + 1, "plain") != 0) {
            return false;
        }
        input->logarithmic = false;
    }
    const int n = snprintf(input->name, sizeof input->name, "%s", word);
    return n > 0 && (size_t)n < sizeof input->name;
}

enum status forms_inputs(const char *words, struct custom_source *source, struct status_why *why)
{
    char word[2 * CUSTOM_NAME_SIZE], kept[sizeof word];
    source->n_inputs = 0;
    for (const char *rest = words; next_word(&rest, word, sizeof word);) {
        memcpy(kept, word, sizeof kept);
        if (source->n_inputs == LAW_MAX_INPUTS) {
            return status_fail(why, STATUS_INPUT, "%s: more than %d inputs", kept, LAW_MAX_INPUTS);
        }
        if (!take_input(word, &source->inputs[source->n_inputs++])) {
            return status_fail(why, STATUS_INPUT,
                               "%s: expected name, name:plain or name:plain>=number", kept);
        }
    }
    return STATUS_OK;
}

/* The numbers between brackets: two bounds, then perhaps two ends of the range of starts. */
static bool take_numbers(char text[], struct custom_parameter *p)
{
    double *const to[] = {&p->lower, &p->upper, &p->start_lower, &p->start_upper};
    size_t i = 0;
    for (char *at = text; at != NULL && i < sizeof to / sizeof to[0]; i++) {
        char *end = strpbrk(at, ",;");
        const bool right = end == NULL || (*end == ';') == (i == 1);
        if (end != NULL) {
            *end++ = '\0';
        }
        if (!right || !number(at, to[i])) {
            return false;
        }
        at = end;
    }
    return i == 2 || i == 4;
}

static bool take_parameter(char word[], struct custom_parameter *p)
{
    static const char *const forms[] = {
        [CUSTOM_INFERRED] = "", [CUSTOM_LOG] = ":log", [CUSTOM_PLAIN] = ":plain"};
    char *held = strchr(word, '=');
    if (held != NULL) {
        *held++ = '\0';
    }
    const size_t n = strcspn(word, "[:");
    char *bracket = word[n] == '[' ? word + n : NULL;
    char *end = bracket != NULL ? strchr(bracket, ']') : NULL;
    const char *form = bracket == NULL ? word + n : end != NULL ? end + 1 : "?";
    char name[CUSTOM_NAME_SIZE];
    (void)snprintf(name, sizeof name, "%.*s", (int)n, word);
    *p = custom_parameter(name);
    size_t i = 0;
    while (i < sizeof forms / sizeof forms[0] && strcmp(forms[i], form) != 0) {
        i++;
    }
    p->transform = (enum custom_transform)i;
    if (held != NULL && !number(held, &p->fixed)) {
        (void)snprintf(p->tied_to, sizeof p->tied_to, "%.63s", held);
    }
    if (n == 0 || n >= sizeof name || i == sizeof forms / sizeof forms[0]) {
        return false;
    }
    if (bracket == NULL) {
        return true;
    }
    *end = '\0';
    return take_numbers(bracket + 1, p);
}

enum status forms_parameters(const char *words, struct custom_source *source,
                             struct status_why *why)
{
    char word[256], kept[sizeof word];
    source->n_parameters = 0;
    for (const char *rest = words; next_word(&rest, word, sizeof word);) {
        memcpy(kept, word, sizeof kept);
        if (source->n_parameters == LAW_MAX_PARAMETERS) {
            return status_fail(why, STATUS_INPUT, "%s: more than %d parameters", kept,
                               LAW_MAX_PARAMETERS);
        }
        if (!take_parameter(word, &source->parameters[source->n_parameters++])) {
            return status_fail(
                why, STATUS_INPUT,
                "%s: expected name, name[lower,upper] or "
                "name[lower,upper;start_lower,start_upper], then :log or :plain, then "
                "=number or =name",
                kept);
        }
    }
    return STATUS_OK;
}

/* Append to a text of \a size bytes; what does not fit is cut. */
__attribute__((format(printf, 3, 4))) static void append(char text[], size_t size,
                                                         const char *format, ...)
{
    const size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

void forms_print_inputs(const struct custom_source *source, char words[], size_t size)
{
    words[0] = '\0';
    for (size_t i = 0; i < source->n_inputs; i++) {
        const struct custom_input *input = &source->inputs[i];
        append(words, size, "%s%s%s", i > 0 ? " " : "", input->name,
               input->logarithmic ? "" : ":plain");
        if (isfinite(input->least)) {
            append(words, size, ">=%.17g", input->least);
        }
    }
}

void forms_print_parameters(const struct custom_source *source, char words[], size_t size)
{
    static const char *const forms[] = {
        [CUSTOM_INFERRED] = "", [CUSTOM_LOG] = ":log", [CUSTOM_PLAIN] = ":plain"};
    words[0] = '\0';
    for (size_t i = 0; i < source->n_parameters; i++) {
        const struct custom_parameter *p = &source->parameters[i];
        append(words, size, "%s%s", i > 0 ? " " : "", p->name);
        if (!isnan(p->lower) && !isnan(p->upper)) {
            append(words, size, "[%.17g,%.17g", p->lower, p->upper);
            if (!isnan(p->start_lower)) {
                append(words, size, ";%.17g,%.17g", p->start_lower, p->start_upper);
            }
            append(words, size, "]");
        }
        append(words, size, "%s", forms[p->transform]);
        if (!isnan(p->fixed)) {
            append(words, size, "=%.17g", p->fixed);
        } else if (p->tied_to[0] != '\0') {
            append(words, size, "=%s", p->tied_to);
        }
    }
}

/* Compile one row. */
static enum status form_take(const char *file, const struct form_row *row, struct status_why *why)
{
    struct custom_source source = {.n_inputs = 0};
    struct status_why inner;
    struct law *law = NULL;
    size_t column = 0;
    const char *key = "inputs";
    status_clear(&inner);
    memcpy(source.id, row->id, sizeof source.id);
    memcpy(source.title, row->title, sizeof source.title);
    memcpy(source.source, row->source, sizeof source.source);
    memcpy(source.text, row->formula, sizeof source.text);
    memcpy(source.response_unit, row->unit, sizeof source.response_unit);
    enum status st = forms_inputs(row->inputs, &source, &inner);
    if (st == STATUS_OK) {
        key = "parameters";
        st = forms_parameters(row->parameters, &source, &inner);
    }
    if (st == STATUS_OK) {
        key = "formula";
        st = custom_create(&source, &law, &column, &inner);
    }
    if (st != STATUS_OK) {
        return status_fail(why, st, "%s:%d: %s: %s: %.300s", file, row->line, key, row->id,
                           inner.message);
    }
    if (!law_add(law)) {
        custom_destroy(law);
        return sheet_fail(file, row->line, "id", row->id, "too many laws", why);
    }
    return STATUS_OK;
}

enum status forms_read(MPI_Comm comm, const char *folder, struct status_why *why)
{
    void *rows = NULL;
    size_t n = 0;
    char file[1024];
    enum status st = sheet_read(comm, &form_sheet, folder, file, sizeof file, &rows, &n, why);
    if (st != STATUS_OK) {
        return st;
    }
    for (size_t i = 0; st == STATUS_OK && i < n; i++) {
        const struct form_row *row = (const struct form_row *)rows + i;
        st = law_find(row->id) == NULL ? form_take(file, row, why) : STATUS_OK;
    }
    free(rows);
    return team_agree(comm, st, why);
}
