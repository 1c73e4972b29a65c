#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/registry.h"
#include "inputs/study/axis.h"
#include "inputs/text/table.h"
#include "jobs/allocation.h"
#include "jobs/card_view.h"
#include "jobs/document.h"
#include "jobs/job.h"
#include "jobs/model.h"
#include "jobs/observed.h"
#include "jobs/pricing.h"
#include "jobs/result.h"
#include "jobs/textfile.h"
#include "solver/base/escape.h"
#include "solver/base/team.h"

/* The designs asked for: that of the study, or the rows of a table over it. */
struct designs {
    const struct study *study;
    const struct hardware_catalogue *catalogue;
    struct table *table; /* NULL: the study's */
    size_t n;
    struct design *all; /* [n] */
};

/* An axis of one level is a value; of more the table, or the user, must choose. */
static enum status check_single(const struct designs *designs, struct status_why *why)
{
    const struct study *study = designs->study;
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const struct study_axis *axis = &study->space[i];
        const char *name = design_field((enum design_input)i)->name;
        const bool in_table = designs->table != NULL && table_find(designs->table, name) >= 0;
        if (axis->given && axis->n > 1 && !in_table) {
            char key[64], levels[32], expected[160];
            (void)snprintf(key, sizeof key, "space.%s", name);
            (void)snprintf(levels, sizeof levels, "%zu levels", axis->n);
            (void)snprintf(expected, sizeof expected,
                           "evaluate wants one value: --set space.%s=VALUE, or a column of "
                           "--designs",
                           name);
            return study_fail(study, axis->place, key, levels, expected, why);
        }
    }
    return STATUS_OK;
}

/* `file:line:column: key: value: expected`; columns are counted from 1. */
static enum status fail_cell(const struct designs *designs, int line, size_t column,
                             const char *value, const char *expected, struct status_why *why)
{
    return status_fail(why, STATUS_INPUT, "%s:%d:%zu: %s: %s: %s", table_name(designs->table), line,
                       column + 1, table_column(designs->table, column),
                       value[0] != '\0' ? value : "empty", expected);
}

static enum status check_columns(const struct designs *designs, struct status_why *why)
{
    const char *known[DESIGN_N_INPUTS];
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        known[i] = design_field((enum design_input)i)->name;
    }
    for (size_t k = 0; k < table_n_columns(designs->table); k++) {
        const char *name = table_column(designs->table, k);
        if (design_find(name) == DESIGN_N_INPUTS) {
            const char *nearest = study_nearest(name, known, DESIGN_N_INPUTS);
            return status_fail(why, STATUS_INPUT, "%s:%d:%zu: %s: %s%s", table_name(designs->table),
                               table_line(designs->table, 0) - 1, k + 1, name,
                               nearest != NULL ? "unknown; did you mean "
                                               : "expected the name of an input; docs/study.md "
                                                 "lists them",
                               nearest != NULL ? nearest : "");
        }
    }
    return STATUS_OK;
}

static enum status read_cell(const struct designs *designs, size_t row, size_t column,
                             struct design *d, struct status_why *why)
{
    const enum design_input input = design_find(table_column(designs->table, column));
    const struct design_field *field = design_field(input);
    const char *text = table_field(designs->table, row, column);
    const int line = table_line(designs->table, row);
    const struct study_axis *axis = &designs->study->space[input];
    if (text[0] == '\0') {
        return axis->given && axis->n > 1 ? fail_cell(
                   designs, line, column, text, "expected a value: the study has several", why)
                                          : STATUS_OK;
    }
    if (field->kind == DESIGN_CATEGORY) {
        const int code = design_find_category(designs->catalogue, input, text);
        d->value[input] = code;
        return code >= 0 ? STATUS_OK
                         : fail_cell(designs, line, column, text,
                                     "unknown; expected a name of the "
                                     "catalogue or of a model",
                                     why);
    }
    const char *expected = axis_number(field, text, &d->value[input]);
    if (expected != NULL) {
        return fail_cell(designs, line, column, text, expected, why);
    }
    struct status_why range;
    status_clear(&range);
    return design_check(input, d->value[input], &range) == STATUS_OK
               ? STATUS_OK
               : status_fail(why, STATUS_INPUT, "%s:%d:%zu: %.500s", table_name(designs->table),
                             line, column + 1, range.message);
}

/* The inputs that a row of the table gives. */
static design_set said_in(const struct designs *designs, size_t row)
{
    design_set said = 0;
    for (size_t k = 0; k < table_n_columns(designs->table); k++) {
        const bool says = table_field(designs->table, row, k)[0] != '\0';
        said |= says ? DESIGN_BIT(design_find(table_column(designs->table, k))) : 0;
    }
    return said;
}

/* Samples that differ between rows have no price where the demand is in tokens. */
static enum status check_samples(const struct designs *designs, struct status_why *why)
{
    const int column = table_find(designs->table, design_field(DESIGN_SAMPLES)->name);
    for (size_t i = 1; column >= 0 && i < designs->n; i++) {
        const double *first = designs->all[0].value, *value = designs->all[i].value;
        const bool moves = value[DESIGN_SAMPLES] < first[DESIGN_SAMPLES]
                           || value[DESIGN_SAMPLES] > first[DESIGN_SAMPLES];
        if (moves && value[DESIGN_SERVED_TOKENS] > 0.0) {
            return fail_cell(designs, table_line(designs->table, i), (size_t)column,
                             table_field(designs->table, i, (size_t)column),
                             allocation_samples_free, why);
        }
    }
    return STATUS_OK;
}

static enum status read_rows(struct designs *designs, struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < designs->n; i++) {
        for (size_t k = 0; st == STATUS_OK && k < table_n_columns(designs->table); k++) {
            st = read_cell(designs, i, k, &designs->all[i], why);
        }
        dependent_apply(&designs->study->dependents, said_in(designs, i), &designs->all[i]);
    }
    return st == STATUS_OK ? check_samples(designs, why) : st;
}

/* The design of the study, with the first level of what the table decides. */
static struct design study_design(const struct allocation *a)
{
    struct design d = a->base;
    for (size_t i = 0; i < a->space.n_axes; i++) {
        d.value[a->inputs[i]] = a->axes[i].values[0];
    }
    dependent_apply(&a->study->dependents, 0, &d);
    return d;
}

/* A card shows what is absent, but not what the study wants and its law can never give. */
static enum status check_objectives(const struct study *study, const struct predict_model *m,
                                    struct status_why *why)
{
    for (size_t i = 0; i < study->n_objectives; i++) {
        if (study->objectives[i] == FOOTPRINT_ACCURACY && !predict_has_accuracy(m)) {
            return study_fail(study, study->objectives_place, "objectives", "accuracy_ratio",
                              "law.corrections needs accuracy_sigmoid or accuracy_exponential",
                              why);
        }
    }
    return STATUS_OK;
}

/* \param [in,out] designs  study, catalogue and table set */
static enum status bind(const struct allocation *a, struct designs *designs, struct status_why *why)
{
    enum status st = designs->table != NULL ? check_columns(designs, why) : STATUS_OK;
    if (st == STATUS_OK) {
        st = check_single(designs, why);
    }
    if (st != STATUS_OK) {
        return st;
    }
    designs->n = designs->table != NULL ? table_n_rows(designs->table) : 1;
    designs->all = malloc((designs->n + 1) * sizeof *designs->all);
    if (designs->all == NULL) {
        return status_fail(why, STATUS_MEMORY, "%zu designs", designs->n);
    }
    for (size_t i = 0; i < designs->n; i++) {
        designs->all[i] = study_design(a);
    }
    return designs->table != NULL ? read_rows(designs, why) : STATUS_OK;
}

static json_t *document_of(const struct study *study, const struct model *m, json_t *cards)
{
    json_t *root = json_object();
    const bool ok = document_put_text(root, "version", SCALEFRONT_VERSION)
                    && document_put_text(root, "title", study->title)
                    && document_put_text(root, "law", m->predict.law->id)
                    && document_put_text(root, "coefficients", m->predict.name);
    if (!document_put(root, "designs", cards) || !ok) {
        json_decref(root);
        return NULL;
    }
    return root;
}

/* What write_csv reads. */
struct judged {
    const struct card_judge *judge;
    const struct designs *designs;
    struct card *card; /* room for one */
};

static enum status write_csv(FILE *to, const void *context, struct status_why *why)
{
    const struct judged *all = context;
    const struct designs *designs = all->designs;
    (void)why;
    card_view_csv_head(to, designs->catalogue);
    for (size_t i = 0; i < designs->n; i++) {
        card_make(all->judge, &designs->all[i], all->card);
        card_view_csv_row(to, all->card);
    }
    return STATUS_OK;
}

static enum status write_json(const char *path, const struct card_judge *judge,
                              const struct designs *designs, const struct model *m,
                              struct card *card, struct status_why *why)
{
    json_t *cards = json_array();
    for (size_t i = 0; i < designs->n; i++) {
        card_make(judge, &designs->all[i], card);
        if (json_array_append_new(cards, card_view_json(card)) != 0) {
            json_decref(cards);
            return status_fail(why, STATUS_MEMORY, "%s: no memory", path);
        }
    }
    return document_write(path, document_of(designs->study, m, cards), why);
}

/* What was asked for, in its form. */
static enum status show(const struct job_arguments *arguments, const struct designs *designs,
                        const struct card_judge *judge, const struct model *m,
                        const struct law_set sets[], size_t n_sets, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct card *card = malloc(sizeof *card);
    if (card == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for a card");
    }
    const bool prints_json = arguments->json != NULL && strcmp(arguments->json, "-") == 0;
    if (arguments->json != NULL) {
        STATUS_TRY(write_json(arguments->json, judge, designs, m, card, why));
    }
    if (arguments->csv != NULL || (designs->table != NULL && !prints_json)) {
        const struct judged all = {judge, designs, card};
        STATUS_TRY(arguments->csv != NULL ? textfile_write(arguments->csv, write_csv, &all, why)
                                          : write_csv(stdout, &all, why));
    }
    if (designs->table == NULL && !prints_json) {
        if (designs->study->title[0] != '\0') {
            escape_print("%s\n\n", designs->study->title);
        }
        card_make(judge, &designs->all[0], card);
        card_view_print(stdout, card, m->has_fit ? &m->fit : NULL, sets, n_sets);
    }
out:
    free(card);
    return st;
}

/* The inputs that the study or the table gives. */
static design_set said(const struct designs *designs)
{
    design_set all = allocation_said(designs->study);
    for (size_t i = 0; designs->table != NULL && i < designs->n; i++) {
        all |= said_in(designs, i);
    }
    return all;
}

static enum status run(MPI_Comm comm, const struct job_arguments *arguments, struct status_why *why)
{
    struct study study;
    struct model model = {0};
    struct allocation allocation = {0};
    struct designs designs = {0};
    struct card_judge *judge = NULL;
    struct law_set *sets = NULL;
    size_t n_sets = 0;
    enum status st =
        study_read(comm, arguments->file, arguments->settings, arguments->n_settings, &study, why);
    if (st != STATUS_OK) {
        return st;
    }
    if (arguments->designs != NULL) {
        STATUS_TRY(table_read(comm, arguments->designs, &designs.table, why));
    }
    STATUS_TRY(result_check_texts(comm, &study, arguments, NULL, why));
    STATUS_TRY(model_make(comm, &study, MODEL_REPLICATES, NULL, NULL, &model, why));
    STATUS_TRY(predict_check(&model.predict, why));
    STATUS_TRY(check_objectives(&study, &model.predict, why));
    STATUS_TRY(allocation_open(comm, &study, &model.predict, &allocation, why));
    STATUS_TRY(registry_read_laws(comm, registry_folder(), &sets, &n_sets, why));
    designs.study = &study;
    designs.catalogue = &allocation.catalogue;
    STATUS_TRY(team_agree(comm, bind(&allocation, &designs, why), why));
    if (designs.table != NULL) {
        STATUS_TRY(observed_refuse(&study, why));
    } else {
        STATUS_TRY(observed_apply(&study, &allocation.catalogue, &designs.all[0], why));
    }
    const struct price_subject subject = allocation_subject(&allocation);
    STATUS_TRY(pricing_tell(comm, &subject, designs.n, designs.all, said(&designs), why));
    if (team_rank(comm) == 0) {
        st = card_judge_create(&study, &model, &allocation.catalogue, &judge, why);
        if (st == STATUS_OK) {
            st = show(arguments, &designs, judge, &model, sets, n_sets, why);
        }
    }
    st = team_agree(comm, st, why);
out:
    card_judge_destroy(judge);
    free(designs.all);
    table_destroy(designs.table);
    free(sets);
    allocation_clear(&allocation);
    model_clear(&model);
    study_clear(&study);
    return st;
}

const struct job evaluate_job = {
    .name = "evaluate",
    .takes = "STUDY.yaml",
    .help = "one design, or a table of them: loss and the whole price",
    .detail =
        "Prints the loss, the whole price, memory and materials of one design, with intervals "
        "over\n"
        "the replicates of the fit and the bounds of the catalogue, what makes them wide, what "
        "each\n"
        "correction of the law does, what published laws advise for batch and learning rate, and\n"
        "sources. Axes of the study need one value:\n"
        "  scalefront evaluate quickstart.yaml --set space.params=7B --set space.tokens=2T ...\n"
        "With --designs, a row for each design of a CSV whose columns are inputs; an empty field "
        "is\n"
        "as in the study.",
    .options = JOB_STUDY | JOB_DESIGNS | JOB_JSON | JOB_CSV,
    .run = run,
};
