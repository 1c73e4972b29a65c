#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/registry.h"
#include "jobs/allocation.h"
#include "jobs/job.h"
#include "jobs/model.h"
#include "jobs/summary.h"
#include "solver/base/team.h"
#include "solver/optimum.h"

/* An axis of one level is a value; of more the user must choose. */
static enum status check_single(const struct study *study, struct status_why *why)
{
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const struct study_axis *axis = &study->space[i];
        if (axis->given && axis->n > 1) {
            char key[64], levels[32], expected[160];
            const char *name = design_field((enum design_input)i)->name;
            (void)snprintf(key, sizeof key, "space.%s", name);
            (void)snprintf(levels, sizeof levels, "%zu levels", axis->n);
            (void)snprintf(expected, sizeof expected,
                           "evaluate wants one value: --set space.%s=VALUE", name);
            return study_fail(study, axis->place, key, levels, expected, why);
        }
    }
    return STATUS_OK;
}

static void print_design(const struct allocation *a, const struct design *d)
{
    (void)printf("design\n");
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const struct design_field *field = design_field((enum design_input)i);
        char text[64];
        if (isnan(d->value[i])) {
            continue;
        }
        if (field->kind == DESIGN_CATEGORY) {
            (void)snprintf(text, sizeof text, "%s",
                           design_category(&a->catalogue, (enum design_input)i, (int)d->value[i]));
        } else {
            (void)summary_number(d->value[i], field->counts, text, sizeof text);
        }
        (void)printf("  %-24s %14s %s\n", field->name, text,
                     field->counts || strcmp(field->unit, "1") == 0 ? "" : field->unit);
    }
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Interval of the loss over the replicates of the fit. */
static void print_loss_interval(const struct model *m, const struct design *d)
{
    if (!m->has_fit || m->fit.n_replicates < 2) {
        return;
    }
    const size_t n = m->fit.n_replicates, p = m->fit.law->n_parameters;
    double *losses = malloc(n * sizeof *losses);
    if (losses == NULL) {
        return; /* the card is complete without it */
    }
    struct predict_model replicate = m->predict;
    for (size_t k = 0; k < n; k++) {
        law_transform(m->fit.law, m->fit.replicates + k * p, replicate.theta);
        losses[k] = predict_loss_nat(&replicate, d);
    }
    qsort(losses, n, sizeof *losses, compare_doubles);
    const double tail = 0.5 * (1.0 - m->fit.options.confidence);
    const size_t low = (size_t)floor(tail * (double)(n - 1));
    (void)printf("  %-24s %14.5g .. %.5g (%g %% of the fit's replicates)\n", "", losses[low],
                 losses[n - 1 - low], 100.0 * m->fit.options.confidence);
    free(losses);
}

static void print_outcomes(const struct allocation *a, const struct model *m,
                           const struct design *d, const double outcome[])
{
    (void)printf("\nprice\n");
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
        char text[32];
        if (!allocation_can(a, (enum footprint_outcome)o)) {
            continue;
        }
        const struct footprint_field *field = footprint_field((enum footprint_outcome)o);
        if (isnan(outcome[o])) {
            (void)snprintf(text, sizeof text, "absent");
        } else {
            (void)snprintf(text, sizeof text, o == FOOTPRINT_DEVICES ? "%.0f" : "%.5g", outcome[o]);
        }
        (void)printf("  %-24s %14s %s\n", field->name, text,
                     strcmp(field->unit, "1") == 0 ? "" : field->unit);
        if (o == FOOTPRINT_LOSS) {
            print_loss_interval(m, d);
        }
    }
    struct optimum best;
    if (optimum_at(m->predict.law, m->predict.theta, outcome[FOOTPRINT_COMPUTE], &best)) {
        char params[32], tokens[32];
        (void)printf("  the same compute at its best%s: %s params, %s tokens, loss %.5g nat\n",
                     m->predict.n_corrections > 0 ? ", without corrections" : "",
                     summary_number(best.params, true, params, sizeof params),
                     summary_number(best.tokens, true, tokens, sizeof tokens), best.loss_nat);
    }
}

/* Heaviest first; what no source attributes last. */
static int compare_materials(const void *left, const void *right)
{
    const struct hardware_material *a = left, *b = right;
    const bool a_last = strcmp(a->symbol, "unattributed") == 0;
    const bool b_last = strcmp(b->symbol, "unattributed") == 0;
    if (a_last != b_last) {
        return a_last ? 1 : -1;
    }
    const double x = a->mass_kg.typical, y = b->mass_kg.typical;
    return (x < y) - (x > y);
}

/* Kilograms of each material, as intervals, for the devices counted whole (Falk). */
static void print_materials(const struct allocation *a, const struct design *d,
                            const double outcome[])
{
    const int code = isnan(d->value[DESIGN_DEVICE]) ? -1 : (int)d->value[DESIGN_DEVICE];
    if (code < 0 || !allocation_can(a, FOOTPRINT_DEVICES)) {
        return;
    }
    const struct hardware *h = &a->catalogue.devices[code];
    const double devices = outcome[FOOTPRINT_DEVICES];
    if (h->n_materials == 0) {
        (void)printf("\nmaterials: no composition of %s is in the catalogue\n", h->id);
        return;
    }
    (void)printf("\nmaterials of %.0f whole %s, kg\n  %-16s %12s %12s %12s  status\n", devices,
                 h->id, "", "lo", "typical", "hi");
    struct hardware_material sorted[HARDWARE_MAX_MATERIALS];
    memcpy(sorted, h->materials, h->n_materials * sizeof *sorted);
    qsort(sorted, h->n_materials, sizeof *sorted, compare_materials);
    for (size_t i = 0; i < h->n_materials; i++) {
        const struct hardware_material *m = &sorted[i];
        (void)printf("  %-16s %12.4g %12.4g %12.4g  %s\n", m->symbol, devices * m->mass_kg.lo,
                     devices * m->mass_kg.typical, devices * m->mass_kg.hi,
                     hardware_status_name(m->status));
    }
    (void)printf("  %-16s %12s %12.4g %12s  mass of the devices\n", "sum", "",
                 devices * h->mass_kg.typical, "");
}

/* What the corrections make of the design, each with its factor and its paper. */
static void print_corrections(const struct predict_model *m, const struct design *d)
{
    static const char *const what[] = {[CORRECT_OF_TOKENS] = "tokens x",
                                       [CORRECT_OF_PARAMS] = "params x",
                                       [CORRECT_OF_LOSS] = "loss +",
                                       [CORRECT_OF_ACCURACY] = "accuracy"};
    if (m->n_corrections == 0) {
        return;
    }
    (void)printf("\ncorrections\n");
    for (size_t i = 0; i < m->n_corrections; i++) {
        const struct correct *c = &m->corrections[i];
        char value[32] = "";
        if (c->kind->value != NULL) {
            (void)snprintf(value, sizeof value, "%.5g", predict_correction(m, i, d));
        }
        (void)printf("  %-24s %14s  %s %s (%s)\n", c->id, value, what[c->kind->target],
                     c->kind->name, c->source);
    }
    char params[32], tokens[32];
    (void)printf("  the law sees %s params, %s tokens\n",
                 summary_number(predict_effective_params(m, d), true, params, sizeof params),
                 summary_number(predict_effective_tokens(m, d), true, tokens, sizeof tokens));
}

/* What published laws of hyper-parameters say of the design, each by its own way of counting. */
static void print_advice(const struct law_set sets[], size_t n_sets, const struct design *d)
{
    static const char *const responses[] = {"learning_rate", "batch_tokens", "timescale"};
    (void)printf("\nadvice of published laws\n");
    for (size_t k = 0; k < sizeof responses / sizeof *responses; k++) {
        for (size_t i = 0; i < n_sets; i++) {
            struct predict_model m = {.law = sets[i].law};
            law_transform(m.law, sets[i].natural, m.theta);
            const double value =
                strcmp(m.law->response, responses[k]) == 0 ? predict_response(&m, d) : (double)NAN;
            if (!isnan(value)) {
                (void)printf("  %-24s %14.5g  %s\n", responses[k], value, sets[i].id);
            }
        }
    }
}

static void print_card(const struct study *study, const struct allocation *a, const struct model *m,
                       const struct law_set sets[], size_t n_sets)
{
    struct design d;
    double outcome[FOOTPRINT_N_OUTCOMES];
    allocation_outcomes(a, 0, &d, outcome);
    if (study->title[0] != '\0') {
        (void)printf("%s\n\n", study->title);
    }
    print_design(a, &d);
    (void)printf("  %-24s %s (%s)\n", "law", m->predict.law->id, m->predict.name);
    print_corrections(&m->predict, &d);
    print_outcomes(a, m, &d, outcome);
    print_materials(a, &d, outcome);
    print_advice(sets, n_sets, &d);
    (void)printf("\nflags\n");
    bool any = false;
    const unsigned flags = predict_flags(&m->predict, &d);
    for (unsigned f = 0; f < PREDICT_N_FLAGS; f++) {
        if ((flags >> f & 1u) != 0) {
            const struct predict_flag_field *field = predict_flag_field((enum predict_flag)f);
            (void)printf("  %s: %s\n", field->name, field->long_name);
            any = true;
        }
    }
    if (a->catalogue.formats[(int)d.value[DESIGN_PRECISION]].is_bound) {
        (void)printf("  optimistic_precision: the MFU of this format is a published upper bound\n");
        any = true;
    }
    if (allocation_can(a, FOOTPRINT_MEMORY_LOAD) && outcome[FOOTPRINT_MEMORY_LOAD] > 1.0) {
        (void)printf("  infeasible: training needs the memory of %.0f devices, of which the fleet "
                     "has %.0f\n",
                     outcome[FOOTPRINT_MEMORY_DEVICES], d.value[DESIGN_FLEET]);
        any = true;
    }
    if (m->has_fit && !m->fit.identified) {
        (void)printf("  not_identified: ");
        summary_verdict(stdout, &m->fit);
        any = true;
    }
    if (!any) {
        (void)printf("  none\n");
    }
}

static enum status run(MPI_Comm comm, const struct job_arguments *arguments, struct status_why *why)
{
    struct study study;
    struct model model = {0};
    struct allocation allocation = {0};
    struct law_set *sets = NULL;
    size_t n_sets = 0;
    enum status st =
        study_read(comm, arguments->file, arguments->settings, arguments->n_settings, &study, why);
    if (st != STATUS_OK) {
        return st;
    }
    STATUS_TRY(check_single(&study, why));
    STATUS_TRY(model_make(comm, &study, MODEL_REPLICATES, NULL, NULL, &model, why));
    STATUS_TRY(allocation_make(comm, &study, &model.predict, &allocation, why));
    STATUS_TRY(registry_read_laws(comm, registry_folder(), &sets, &n_sets, why));
    if (team_rank(comm) == 0) {
        print_card(&study, &allocation, &model, sets, n_sets);
    }
out:
    free(sets);
    allocation_clear(&allocation);
    model_clear(&model);
    study_clear(&study);
    return st;
}

const struct job evaluate_job = {
    .name = "evaluate",
    .takes = "STUDY.yaml",
    .help = "one design: its loss and its whole price, as a card",
    .detail =
        "Prints the loss with its interval, compute, device-hours, lifetimes and devices, energy,\n"
        "carbon, mass and materials of one design, what each correction of the law does, and what\n"
        "published laws advise for its batch and learning rate. Axes of the study need one value:\n"
        "  scalefront evaluate quickstart.yaml --set space.params=7B --set space.tokens=2T ...",
    .options = JOB_STUDY,
    .run = run,
};
