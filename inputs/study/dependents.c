#include "inputs/study/dependents.h"

#include <math.h>
#include <string.h>

/* More combinations of levels than this are checked by bounds alone. */
enum { MOST_COMBINATIONS = 1 << 22 };

static const struct study_axis *entry_of(const struct study *study, enum design_input input)
{
    return &study->space[input];
}

static void key_of(enum design_input input, char key[], size_t size)
{
    (void)snprintf(key, size, "space.%s.formula", design_field(input)->name);
}

/* A message about the formula of an input; \a column of its text, or 0. */
static enum status fail(const struct study *study, enum design_input input, size_t column,
                        const char *message, struct status_why *why)
{
    enum { SHOWN = 80 };
    char key[64], text[SHOWN + 1];
    const struct study_axis *entry = entry_of(study, input);
    key_of(input, key, sizeof key);
    (void)snprintf(text, sizeof text, "%.*s", SHOWN, entry->formula);
    return study_fail(study, study_place_in(study, entry->place, column), key, text, message, why);
}

/* What a message of the compiler says, without the column, which the place says, and with the
 * nearest input where a name is unknown. */
static void explain(const char *message, char text[], size_t size)
{
    static const char lead[] = "unknown name '";
    const char *known[DESIGN_N_INPUTS], *nearest = NULL;
    const char *rest = strstr(message, ": ");
    char name[64];
    rest = strncmp(message, "column ", 7) == 0 && rest != NULL ? rest + 2 : message;
    if (strncmp(rest, lead, strlen(lead)) == 0) {
        for (int i = 0; i < DESIGN_N_INPUTS; i++) {
            known[i] = design_field((enum design_input)i)->name;
        }
        const char *at = rest + strlen(lead);
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "'"), at);
        nearest = study_nearest(name, known, DESIGN_N_INPUTS);
    }
    (void)snprintf(text, size, "%.900s%s%s%s", rest, nearest != NULL ? "; did you mean " : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}

static enum status compile(struct study *study, enum design_input input, struct status_why *why)
{
    const struct study_axis *entry = entry_of(study, input);
    struct status_why inner;
    char text[STATUS_MESSAGE_SIZE];
    size_t column = 0;
    status_clear(&inner);
    const enum status st = dependent_add(&study->dependents, input, entry->formula,
                                         entry->is_integer, &column, &inner);
    if (st != STATUS_INPUT) {
        return st == STATUS_OK ? st : status_fail(why, st, "%s", inner.message);
    }
    explain(inner.message, text, sizeof text);
    return fail(study, input, column, text, why);
}

/* The levels that the formulas are checked over. */
struct levels {
    const struct study *study;
    size_t n_axes;
    enum design_input axes[DESIGN_N_INPUTS];
    double n; /* combinations */
};

/* The axes behind an input, and whether everything else behind it has a value. */
static enum status find_levels(const struct study *study, enum design_input input,
                               const struct design *base, struct levels *l, struct status_why *why)
{
    const design_set behind = dependent_behind(&study->dependents, DESIGN_BIT(input))
                              & ~dependent_inputs(&study->dependents);
    *l = (struct levels){.study = study, .n = 1};
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const struct study_axis *entry = entry_of(study, (enum design_input)i);
        if (!design_has(behind, (enum design_input)i)) {
            continue;
        }
        if (entry->is_axis) {
            l->axes[l->n_axes++] = (enum design_input)i;
            l->n *= (double)entry->n;
        } else if (!isfinite(base->value[i])) {
            char message[96];
            (void)snprintf(message, sizeof message, "space gives no %s",
                           design_field((enum design_input)i)->name);
            return fail(study, input, 0, message, why);
        }
    }
    return STATUS_OK;
}

/* Whether a value that follows is one that the input may have. */
static bool is_allowed(enum design_input input, double value)
{
    struct status_why ignored;
    status_clear(&ignored);
    return value > 0.0 && isfinite(value) && design_check(input, value, &ignored) == STATUS_OK;
}

static enum status fail_value(const struct levels *l, enum design_input input,
                              const struct design *d, struct status_why *why)
{
    const struct design_field *field = design_field(input);
    char message[STATUS_MESSAGE_SIZE / 2];
    int used = snprintf(message, sizeof message, "is %.12g", d->value[input]);
    for (size_t k = 0; k < l->n_axes && used < (int)sizeof message; k++) {
        used +=
            snprintf(message + used, sizeof message - (size_t)used, "%s %s=%.12g",
                     k == 0 ? " at" : ",", design_field(l->axes[k])->name, d->value[l->axes[k]]);
    }
    if (used < (int)sizeof message) {
        (void)snprintf(message + used, sizeof message - (size_t)used, ": must be in %c%g, %g]",
                       field->lower > 0.0 ? '[' : '(', field->lower, field->upper);
    }
    return fail(l->study, input, 0, message, why);
}

static enum status check_each(const struct levels *l, enum design_input input, struct design d,
                              struct status_why *why)
{
    for (uint64_t i = 0; i < (uint64_t)l->n; i++) {
        uint64_t rest = i;
        for (size_t k = l->n_axes; k-- > 0;) {
            const struct study_axis *axis = entry_of(l->study, l->axes[k]);
            d.value[l->axes[k]] = axis->values[rest % axis->n];
            rest /= axis->n;
        }
        dependent_apply(&l->study->dependents, 0, &d);
        if (!is_allowed(input, d.value[input])) {
            return fail_value(l, input, &d, why);
        }
    }
    return STATUS_OK;
}

static enum status check_bounds(const struct levels *l, enum design_input input,
                                const struct design *base, struct status_why *why)
{
    struct design lower = *base, upper = *base;
    for (size_t k = 0; k < l->n_axes; k++) {
        const struct study_axis *axis = entry_of(l->study, l->axes[k]);
        double *least = &lower.value[l->axes[k]], *most = &upper.value[l->axes[k]];
        *least = *most = axis->values[0];
        for (size_t i = 1; i < axis->n; i++) {
            *least = fmin(*least, axis->values[i]);
            *most = fmax(*most, axis->values[i]);
        }
    }
    dependent_bounds(&l->study->dependents, &lower, &upper);
    if (is_allowed(input, lower.value[input]) && is_allowed(input, upper.value[input])) {
        return STATUS_OK;
    }
    char message[200];
    (void)snprintf(
        message, sizeof message,
        "may be anything from %.6g to %.6g over %.3g combinations of levels, too many to "
        "try each",
        lower.value[input], upper.value[input], l->n);
    return fail(l->study, input, 0, message, why);
}

enum status dependents_bind(struct study *study, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct design base = design_neutral();

    for (size_t k = 0; k < study->n_space; k++) {
        const enum design_input input = study->space_order[k];
        const struct study_axis *entry = entry_of(study, input);
        if (entry->formula != NULL) {
            STATUS_TRY(compile(study, input, why));
        } else if (!entry->is_axis && entry->values != NULL) {
            base.value[input] = entry->values[0];
        }
    }
    const struct dependent *cyclic = dependent_sort(&study->dependents);
    if (cyclic != NULL) {
        STATUS_TRY(fail(study, cyclic->input, 0, "follows from itself", why));
    }
    for (size_t i = 0; i < study->dependents.n; i++) {
        const enum design_input input = study->dependents.all[i].input;
        struct levels levels;
        STATUS_TRY(find_levels(study, input, &base, &levels, why));
        STATUS_TRY(levels.n <= MOST_COMBINATIONS ? check_each(&levels, input, base, why)
                                                 : check_bounds(&levels, input, &base, why));
    }
out:
    return st;
}
