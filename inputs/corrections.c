#include "inputs/corrections.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/sheet.h"
#include "inputs/study/keys.h"
#include "solver/base/team.h"

/* Inputs of which the table has ranges. */
enum { RANGE_PARAMS, RANGE_TOKENS, RANGE_WEIGHT_BITS, N_RANGES };
static const enum design_input range_inputs[N_RANGES] = {[RANGE_PARAMS] = DESIGN_PARAMS,
                                                         [RANGE_TOKENS] = DESIGN_TOKENS,
                                                         [RANGE_WEIGHT_BITS] = DESIGN_WEIGHT_BITS};

struct correction_row {
    char id[CORRECT_ID_SIZE], kind[CORRECT_ID_SIZE], title[160], parameters[256],
        source[SHEET_MEMBER_SIZE(struct correct, source)], fitted_with[160];
    double lower[N_RANGES], upper[N_RANGES];
    int line;
};

#define RANGE(name, code, most)                                                                    \
    SHEET_NUMBER(name "_lower", struct correction_row, lower[code], false, 1, 0, most),            \
        SHEET_NUMBER(name "_upper", struct correction_row, upper[code], false, 1, 0, most)

static const struct sheet_field correction_fields[] = {
    SHEET_KEY("id", struct correction_row, id),
    SHEET_TEXT("kind", struct correction_row, kind),
    SHEET_TEXT("title", struct correction_row, title),
    SHEET_TEXT("parameters", struct correction_row, parameters),
    RANGE("params", RANGE_PARAMS, 1e18),
    RANGE("tokens", RANGE_TOKENS, 1e18),
    RANGE("weight_bits", RANGE_WEIGHT_BITS, 64),
    SHEET_TEXT("source", struct correction_row, source),
    SHEET_TEXT("fitted_with", struct correction_row, fitted_with),
    SHEET_NOTE("note"),
};
static const struct sheet correction_sheet = {.file = "corrections.tsv",
                                              .n_fields = sizeof correction_fields
                                                          / sizeof *correction_fields,
                                              .fields = correction_fields,
                                              .row_size = sizeof(struct correction_row),
                                              .line = offsetof(struct correction_row, line)};

/* One word name=value. */
static enum status parameter_take(const char *file, int line, char *word, struct correct *c,
                                  struct status_why *why)
{
    const char *known[CORRECT_MAX_PARAMETERS];
    char *equals = strchr(word, '=');
    if (equals == NULL) {
        return sheet_fail(file, line, "parameters", word, "expected name=value", why);
    }
    *equals = '\0';
    const int i = correct_find_parameter(c->kind, word);
    if (i < 0) {
        for (size_t k = 0; k < c->kind->n_parameters; k++) {
            known[k] = c->kind->parameters[k].name;
        }
        return sheet_fail_unknown(file, line, "parameters", word, "no parameter of this kind",
                                  known, c->kind->n_parameters, why);
    }
    const struct sheet_field as_field = {.column = word,
                                         .required = true,
                                         .scale = 1,
                                         .minimum = c->kind->parameters[i].lower,
                                         .maximum = c->kind->parameters[i].upper};
    return sheet_number(&as_field, equals + 1, file, line, &c->values[i], why);
}

static enum status row_take(const char *file, struct correction_row *row, struct correct *c,
                            struct status_why *why)
{
    const struct correct_kind *kind = correct_find(row->kind);
    if (kind == NULL) {
        return sheet_fail(file, row->line, "kind", row->kind, "no such kind of correction", why);
    }
    *c = correct_neutral(kind);
    memcpy(c->id, row->id, sizeof c->id);
    memcpy(c->source, row->source, sizeof c->source);
    for (size_t i = 0; i < N_RANGES; i++) {
        const double lower = row->lower[i], upper = row->upper[i];
        if (lower > upper) {
            return sheet_fail(file, row->line, design_field(range_inputs[i])->name, row->id,
                              "expected lower <= upper", why);
        }
        if (!isnan(lower) || !isnan(upper)) {
            c->ranges[c->n_ranges++] =
                (struct correct_range){range_inputs[i], isnan(lower) ? 0.0 : lower,
                                       isnan(upper) ? (double)INFINITY : upper};
        }
    }
    char *rest = row->parameters;
    while (*(rest += strspn(rest, " ")) != '\0') {
        char *word = rest;
        rest += strcspn(rest, " ");
        if (*rest != '\0') {
            *rest++ = '\0';
        }
        const enum status st = parameter_take(file, row->line, word, c, why);
        if (st != STATUS_OK) {
            return st;
        }
    }
    return STATUS_OK;
}

enum status corrections_read(MPI_Comm comm, const char *folder, struct correct **made, size_t *n,
                             struct status_why *why)
{
    void *rows = NULL;
    char file[1024];
    *made = NULL;
    enum status st = sheet_read(comm, &correction_sheet, folder, file, sizeof file, &rows, n, why);
    if (st != STATUS_OK) {
        return st;
    }
    *made = calloc(*n, sizeof **made);
    if (*made == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%s: %zu rows", file, *n);
    }
    for (size_t i = 0; st == STATUS_OK && i < *n; i++) {
        st = row_take(file, (struct correction_row *)rows + i, &(*made)[i], why);
    }
    free(rows);
    st = team_agree(comm, st, why);
    if (st != STATUS_OK) {
        free(*made);
        *made = NULL;
    }
    return st;
}

static enum status fail_unknown(const struct study *study, const struct study_correction *entry,
                                const struct correct published[], size_t n, struct status_why *why)
{
    enum { MOST = 128 };
    const char *known[MOST];
    char all[900], expected[1000];
    for (size_t i = 0; i < n && i < MOST; i++) {
        known[i] = published[i].id;
    }
    const char *nearest = study_nearest(entry->set, known, n < MOST ? n : MOST);
    keys_join(known, n < MOST ? n : MOST, all, sizeof all);
    (void)snprintf(expected, sizeof expected,
                   nearest != NULL ? "unknown; did you mean %s?" : "unknown; expected %s",
                   nearest != NULL ? nearest : all);
    return study_fail(study, entry->place, "law.corrections", entry->set, expected, why);
}

enum status corrections_choose(const struct study *study, const struct study_correction *entry,
                               const struct correct published[], size_t n, struct correct *made,
                               struct status_why *why)
{
    if (entry->kind[0] != '\0') {
        *made = correct_neutral(correct_find(entry->kind));
    } else {
        size_t i = 0;
        while (i < n && strcmp(published[i].id, entry->set) != 0) {
            i++;
        }
        if (i == n) {
            return fail_unknown(study, entry, published, n, why);
        }
        *made = published[i];
    }
    if (entry->source[0] != '\0') {
        (void)snprintf(made->source, sizeof made->source, "%s", entry->source);
    }
    for (size_t i = 0; i < entry->n_values; i++) {
        const int k = correct_find_parameter(made->kind, entry->values[i].name);
        if (k < 0) {
            return study_fail(study, entry->values[i].place, "law.corrections",
                              entry->values[i].name, "no parameter of this correction", why);
        }
        made->values[k] = entry->values[i].value;
    }
    return STATUS_OK;
}
