#include "jobs/pricing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/corrections.h"
#include "inputs/registry.h"
#include "solver/base/log.h"

void pricing_ask(struct pricing *p, const struct price_target *target)
{
    STATUS_ASSERT(p->n_targets < PRICE_MOST_TARGETS);
    p->targets[p->n_targets++] = *target;
}

void pricing_limit(struct pricing *p, enum footprint_outcome outcome, double lower, double upper)
{
    const bool has_lower = !(isinf(lower) && lower < 0.0),
               has_upper = !(isinf(upper) && upper > 0.0);
    pricing_ask(p, &(struct price_target){.outcome = outcome,
                                          .better = has_lower && has_upper ? PRICE_EITHER
                                                    : has_lower            ? PRICE_MORE
                                                                           : PRICE_LESS});
}

void pricing_names(design_set inputs, char text[], size_t size)
{
    text[0] = '\0';
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const size_t used = strlen(text);
        if (design_has(inputs, (enum design_input)i)) {
            (void)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
                           design_field((enum design_input)i)->name);
        }
    }
}

/* A list of words with a head before the first. */
static void add_word(char text[], size_t size, const char *head, bool *is_begun, const char *word)
{
    const size_t used = strlen(text);
    (void)snprintf(text + used, size - used, "%s%s%s",
                   *is_begun  ? ", "
                   : used > 0 ? "; "
                              : "",
                   *is_begun ? "" : head, word);
    *is_begun = true;
}

/* Whether a correction can stand beside the law and the corrections of the model. */
static bool fits(const struct predict_model *model, const struct correct *c)
{
    struct predict_model with = *model;
    struct status_why why;
    status_clear(&why);
    return predict_correct(&with, c, &why) == STATUS_OK && predict_check(&with, &why) == STATUS_OK;
}

enum status pricing_remedies(MPI_Comm comm, const struct predict_model *model,
                             enum design_input input, char text[], size_t size,
                             struct status_why *why)
{
    struct correct *corrections = NULL;
    struct law_set *sets = NULL;
    size_t n = 0, n_sets = 0;
    static const char *const heads[] = {"law.corrections ", "beside another law law.corrections "};
    bool in_laws = false, in_keys = false;
    enum status st = corrections_read(comm, registry_folder(), &corrections, &n, why);
    STATUS_TRY(st);
    STATUS_TRY(registry_read_laws(comm, registry_folder(), &sets, &n_sets, why));
    text[0] = '\0';
    for (int pass = 0; pass < 2; pass++) {
        bool is_begun = false;
        for (size_t i = 0; i < n; i++) {
            if (design_has(price_corrected(corrections[i].kind), input)
                && fits(model, &corrections[i]) == (pass == 0)) {
                add_word(text, size, heads[pass], &is_begun, corrections[i].id);
            }
        }
    }
    for (size_t i = 0; i < n_sets; i++) {
        if (strcmp(sets[i].law->response, LAW_LOSS_NAT) == 0
            && design_has(price_in_law(sets[i].law), input)) {
            add_word(text, size, "law.set ", &in_laws, sets[i].id);
        }
    }
    if (price_row(input)->by != NULL) {
        add_word(text, size, "", &in_keys, price_row(input)->by);
    }
    if (text[0] == '\0') {
        (void)snprintf(text, size, "nothing published here");
    }
out:
    free(sets);
    free(corrections);
    return st;
}

static bool accepts(const struct study *study, enum design_input input)
{
    for (size_t i = 0; i < study->n_accept_unpriced; i++) {
        if (study->accept_unpriced[i] == input) {
            return true;
        }
    }
    return false;
}

static enum status refuse(MPI_Comm comm, const struct pricing *p, size_t axis,
                          const struct price_gain *gain, struct status_why *why)
{
    char remedies[480], expected[800], levels[32];
    const enum design_input input = p->axes[axis].input;
    const struct design_field *field = design_field(input);
    const struct price_target *of = &p->targets[gain->target];
    const enum status st =
        pricing_remedies(comm, p->subject.model, input, remedies, sizeof remedies, why);
    if (st != STATUS_OK) {
        return st;
    }
    (void)snprintf(levels, sizeof levels, "%zu levels", p->axes[axis].n);
    (void)snprintf(expected, sizeof expected,
                   "%s of it makes %s better and nothing that is asked for worse; what prices it: "
                   "%s; else give one value, make it a scenario or write accept_unpriced: [%s]",
                   field->kind == DESIGN_CATEGORY ? "one level"
                   : gain->by_more                ? "more"
                                                  : "less",
                   of->is_input ? design_field(of->input)->name
                                : footprint_field(of->outcome)->name,
                   remedies, field->name);
    return p->question != NULL
               ? study_fail(p->study, p->places[axis], p->question, field->name, expected, why)
               : study_fail(p->study, p->places[axis], p->keys[axis], levels, expected, why);
}

enum status pricing_check(MPI_Comm comm, const struct pricing *p, design_set *accepted,
                          struct status_why *why)
{
    *accepted = 0;
    for (size_t a = 0; a < p->n_axes; a++) {
        const enum design_input input = p->axes[a].input;
        if (!p->decides[a] || price_row(input)->kind == PRICE_ALTERNATIVE) {
            continue;
        }
        const struct price_gain gain =
            price_weigh(&p->subject, &p->base, p->n_axes, p->axes, a, p->n_targets, p->targets);
        if (gain.is_free && !accepts(p->study, input)) {
            return refuse(comm, p, a, &gain, why);
        }
        *accepted |= gain.is_free ? DESIGN_BIT(input) : 0;
    }
    return STATUS_OK;
}

enum status pricing_tell(MPI_Comm comm, const struct price_subject *subject, size_t n,
                         const struct design designs[], design_set said, struct status_why *why)
{
    char names[512], remedies[480];
    design_set read = 0, unpriced = 0;
    for (size_t i = 0; i < n; i++) {
        read |= price_reads(subject, &designs[i]);
        unpriced |= price_unpaid(subject, &designs[i]);
    }
    if ((said & ~read) != 0) {
        pricing_names(said & ~read, names, sizeof names);
        log_line(LOG_WARNING, "no law, correction, cost or formula in use reads %s", names);
    }
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const enum design_input input = (enum design_input)i;
        if (!design_has(unpriced, input)) {
            continue;
        }
        const enum status st =
            pricing_remedies(comm, subject->model, input, remedies, sizeof remedies, why);
        if (st != STATUS_OK) {
            return st;
        }
        log_line(LOG_WARNING, "%s is unpriced: no outcome is worse for it; what prices it: %s",
                 design_field(input)->name, remedies);
    }
    return STATUS_OK;
}
