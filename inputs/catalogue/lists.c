#include "inputs/catalogue/lists.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct element_row {
    struct hardware_element e;
    char is_metal[8], stands_for[64];
};
static const struct sheet_field element_fields[] = {
    SHEET_KEY("symbol", struct element_row, e.symbol),
    SHEET_TEXT("name", struct element_row, e.name),
    SHEET_NUMBER("atomic_number", struct element_row, e.atomic_number, false, 1, 1, 200),
    SHEET_NUMBER("density_g_per_cm3", struct element_row, e.density_g_per_cm3, false, 1, 1e-5, 50),
    SHEET_OPTIONAL("is_metal", struct element_row, is_metal),
    SHEET_OPTIONAL("stands_for", struct element_row, stands_for),
    SHEET_TEXT("source", struct element_row, e.source),
    SHEET_NOTE("note"),
};
const struct sheet lists_element_sheet = {.file = "elements.tsv",
                                          .n_fields =
                                              sizeof element_fields / sizeof *element_fields,
                                          .fields = element_fields,
                                          .row_size = sizeof(struct element_row),
                                          .line = offsetof(struct element_row, e.line),
                                          .origin = offsetof(struct element_row, e.file)};

struct class_row {
    struct hardware_class k;
    char members[512];
};
static const struct sheet_field class_fields[] = {
    SHEET_KEY("id", struct class_row, k.id),
    SHEET_TEXT("title", struct class_row, k.title),
    SHEET_NUMBER("density_above_g_per_cm3", struct class_row, k.density_above_g_per_cm3, false, 1,
                 0, 50),
    SHEET_OPTIONAL("members", struct class_row, members),
    SHEET_TEXT("source", struct class_row, k.source),
    SHEET_NOTE("note"),
};
const struct sheet lists_class_sheet = {.file = "classes.tsv",
                                        .n_fields = sizeof class_fields / sizeof *class_fields,
                                        .fields = class_fields,
                                        .row_size = sizeof(struct class_row),
                                        .line = offsetof(struct class_row, k.line),
                                        .origin = offsetof(struct class_row, k.file)};

enum { SYMBOL_SIZE = SHEET_MEMBER_SIZE(struct hardware_element, symbol) };

/* The next word of a list of symbols separated by blanks; false at its end. */
static bool next_symbol(const char **list, char symbol[SYMBOL_SIZE])
{
    *list += strspn(*list, " ");
    const size_t length = strcspn(*list, " ");
    const size_t kept = length < SYMBOL_SIZE ? length : SYMBOL_SIZE - 1;
    memcpy(symbol, *list, kept);
    symbol[kept] = '\0';
    *list += length;
    return length > 0;
}

/* Find each symbol of a list. \param [out] is_in  [c->n_elements] */
static enum status find_symbols(const char *list, const char *column, const char *file, int line,
                                const struct hardware_catalogue *c, bool is_in[],
                                struct status_why *why)
{
    char symbol[SYMBOL_SIZE];
    while (next_symbol(&list, symbol)) {
        const int i = hardware_find_element(c, symbol);
        if (i < 0 || isnan(c->elements[i].atomic_number)) {
            return sheet_fail(file, line, column, symbol,
                              "expected the symbol of an element, from the table of elements", why);
        }
        is_in[i] = true;
    }
    return STATUS_OK;
}

/* A row of the table is an element with its number, or stands for elements. */
static enum status take_element(const struct element_row *row, struct hardware_element *e,
                                struct status_why *why)
{
    *e = row->e;
    if ((row->stands_for[0] != '\0') != isnan(e->atomic_number)) {
        return sheet_fail(e->file, e->line, "stands_for", row->stands_for,
                          "expected either an atomic_number or the symbols that the row stands for",
                          why);
    }
    return isnan(e->atomic_number)
               ? STATUS_OK
               : sheet_yes(row->is_metal, "is_metal", e->file, e->line, &e->is_metal, why);
}

/* Which elements a class holds. \param [in,out] is_in  [c->n_elements] all false */
static enum status find_members(const struct class_row *row, const struct hardware_class *k,
                                const struct hardware_catalogue *c, bool is_in[],
                                struct status_why *why)
{
    if (isnan(k->density_above_g_per_cm3) != (row->members[0] != '\0')) {
        return sheet_fail(k->file, k->line, "members", row->members,
                          "expected either symbols or a density_above_g_per_cm3", why);
    }
    for (size_t i = 0; i < c->n_elements; i++) {
        is_in[i] = c->elements[i].is_metal
                   && c->elements[i].density_g_per_cm3 > k->density_above_g_per_cm3;
    }
    return find_symbols(row->members, "members", k->file, k->line, c, is_in, why);
}

/* Write the members of class \a k into the bits of the elements.
 * \param [in] stands  room for [c->n_elements] */
static enum status mark_members(const struct element_row rows[], const bool is_in[], size_t k,
                                struct hardware_catalogue *c, bool stands[], struct status_why *why)
{
    const uint32_t bit = UINT32_C(1) << k;
    for (size_t i = 0; i < c->n_elements; i++) {
        struct hardware_element *e = &c->elements[i];
        size_t n = 0, n_in = 0;
        memset(stands, 0, c->n_elements * sizeof *stands);
        stands[i] = !isnan(e->atomic_number);
        const enum status st =
            find_symbols(rows[i].stands_for, "stands_for", e->file, e->line, c, stands, why);
        if (st != STATUS_OK) {
            return st;
        }
        for (size_t j = 0; j < c->n_elements; j++) {
            n += stands[j] ? 1 : 0;
            n_in += stands[j] && is_in[j] ? 1 : 0;
        }
        e->classes |= n_in > 0 && n_in == n ? bit : 0;
        e->undecided |= n_in > 0 && n_in < n ? bit : 0;
    }
    return STATUS_OK;
}

enum status lists_take(const void *elements, size_t n_elements, const void *classes,
                       size_t n_classes, double heavy_above_g_per_cm3, struct hardware_catalogue *c,
                       struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct element_row *element_rows = elements;
    const struct class_row *class_rows = classes;
    bool *is_in = calloc(2 * n_elements, sizeof *is_in);
    c->elements = calloc(n_elements, sizeof *c->elements);
    c->classes = calloc(n_classes, sizeof *c->classes);
    if (is_in == NULL || c->elements == NULL || c->classes == NULL) {
        st = status_fail(why, STATUS_MEMORY, "no memory for %zu elements", n_elements);
        goto out;
    }
    c->n_elements = n_elements;
    c->n_classes = n_classes;
    for (size_t i = 0; i < n_elements; i++) {
        STATUS_TRY(take_element(&element_rows[i], &c->elements[i], why));
    }
    for (size_t k = 0; k < n_classes; k++) {
        struct hardware_class *made = &c->classes[k];
        *made = class_rows[k].k;
        if (k == HARDWARE_MAX_CLASSES) {
            st = sheet_fail(made->file, made->line, "id", made->id, "expected at most 32 classes",
                            why);
            goto out;
        }
        if (strcmp(made->id, "heavy") == 0 && heavy_above_g_per_cm3 > 0.0) {
            made->density_above_g_per_cm3 = heavy_above_g_per_cm3;
        }
        STATUS_TRY(find_members(&class_rows[k], made, c, is_in, why));
        STATUS_TRY(mark_members(element_rows, is_in, k, c, is_in + n_elements, why));
    }
out:
    free(is_in);
    return st;
}
