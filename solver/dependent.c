#include "solver/dependent.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solver/formula/formula.h"
#include "solver/formula/formula_bounds.h"

_Static_assert(DESIGN_N_INPUTS <= 64, "a formula tells its inputs by a bit each");

static enum status compile(const char *text, struct formula **made, size_t *column,
                           struct status_why *why)
{
    const char *inputs[DESIGN_N_INPUTS];
    static const char *const no_parameter = "";
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        inputs[i] = design_field((enum design_input)i)->name;
    }
    const struct formula_names names = {
        .n_inputs = DESIGN_N_INPUTS, .inputs = inputs, .parameters = &no_parameter};
    return formula_compile(text, &names, made, column, why);
}

/* A category has no number to compute with. */
static enum status check_numbers(design_set reads, struct status_why *why)
{
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const struct design_field *field = design_field((enum design_input)i);
        if (design_has(reads, (enum design_input)i) && field->kind == DESIGN_CATEGORY) {
            return status_fail(why, STATUS_INPUT, "'%s' is a name, not a number", field->name);
        }
    }
    return STATUS_OK;
}

enum status dependent_add(struct dependent_list *list, enum design_input input, const char *text,
                          bool is_integer, size_t *column, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct formula *formula = NULL;
    struct dependent made = {.input = input, .is_integer = is_integer};

    STATUS_ASSERT(list->n < DESIGN_N_INPUTS);
    *column = 0;
    STATUS_TRY(compile(text, &formula, column, why));
    made.reads = formula_inputs(formula);
    STATUS_TRY(check_numbers(made.reads, why));
    STATUS_TRY(formula_differentiate(formula, FORMULA_VALUE, 0, NULL, &made.program, why));
    made.workspace = malloc(formula_program_workspace(made.program) * sizeof *made.workspace);
    if (made.workspace == NULL) {
        st = status_fail(why, STATUS_MEMORY, "the formula of %s", design_field(input)->name);
        goto out;
    }
    formula_program_prepare(made.program, NULL, made.workspace);
    list->all[list->n++] = made;
    made.program = NULL;
out:
    formula_program_destroy(made.program);
    formula_destroy(formula);
    return st;
}

void dependent_clear(struct dependent_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        formula_program_destroy(list->all[i].program);
        free(list->all[i].workspace);
    }
    list->n = 0;
}

design_set dependent_inputs(const struct dependent_list *list)
{
    design_set all = 0;
    for (size_t i = 0; i < list->n; i++) {
        all |= DESIGN_BIT(list->all[i].input);
    }
    return all;
}

/* Of inputs behind which there is always another one from \a first on, one that is behind itself:
 * whoever walks back from one of them comes to it. */
static const struct dependent *on_cycle(const struct dependent_list *list, size_t first)
{
    size_t at = first;
    for (size_t step = 0; step < list->n; step++) {
        size_t next = first;
        while (!design_has(list->all[at].reads, list->all[next].input)) {
            next++;
        }
        at = next;
    }
    return &list->all[at];
}

const struct dependent *dependent_sort(struct dependent_list *list)
{
    for (size_t n_sorted = 0; n_sorted < list->n; n_sorted++) {
        design_set open = 0;
        for (size_t i = n_sorted; i < list->n; i++) {
            open |= DESIGN_BIT(list->all[i].input);
        }
        size_t next = n_sorted;
        while (next < list->n && (list->all[next].reads & open) != 0) {
            next++;
        }
        if (next == list->n) {
            return on_cycle(list, n_sorted);
        }
        const struct dependent found = list->all[next];
        memmove(&list->all[n_sorted + 1], &list->all[n_sorted],
                (next - n_sorted) * sizeof *list->all);
        list->all[n_sorted] = found;
    }
    return NULL;
}

design_set dependent_behind(const struct dependent_list *list, design_set inputs)
{
    for (size_t i = list->n; i-- > 0;) {
        inputs |= design_has(inputs, list->all[i].input) ? list->all[i].reads : 0;
    }
    return inputs;
}

void dependent_apply(const struct dependent_list *list, design_set held, struct design *d)
{
    const double *columns[DESIGN_N_INPUTS];
    for (int i = 0; list->n > 0 && i < DESIGN_N_INPUTS; i++) {
        columns[i] = &d->value[i];
    }
    for (size_t i = 0; i < list->n; i++) {
        const struct dependent *f = &list->all[i];
        double value, *const output = &value;
        if (!design_has(held, f->input)) {
            formula_program_run(f->program, 1, columns, &output, f->workspace);
            d->value[f->input] = f->is_integer ? rint(value) : value;
        }
    }
}

void dependent_bounds(const struct dependent_list *list, struct design *lower, struct design *upper)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct dependent *f = &list->all[i];
        double low, high;
        formula_bounds_find(f->program, lower->value, upper->value, &low, &high, f->workspace);
        lower->value[f->input] = f->is_integer ? rint(low) : low;
        upper->value[f->input] = f->is_integer ? rint(high) : high;
    }
}
