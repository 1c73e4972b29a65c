#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/registry.h"
#include "inputs/validation.h"
#include "jobs/document.h"
#include "jobs/job.h"
#include "jobs/published.h"
#include "jobs/summary.h"
#include "jobs/textfile.h"
#include "solver/base/escape.h"
#include "solver/base/team.h"

static void print_row(const struct validation_row *row, const struct published *r)
{
    escape_print("  %-13s %-23s %11.6g %11.6g %+8.4f %6.3g  %s\n", row->id, row->quantity_name,
                 row->published, r->value, validation_error(row, r->value), row->tolerance,
                 validation_verdict_name(r->verdict));
}

static void print_reasons(const struct validation_row rows[], const struct published all[],
                          size_t n, bool expected)
{
    enum { INDENT = 16, WIDTH = 100 };
    for (size_t i = 0; i < n; i++) {
        const bool is_known = all[i].verdict == VALIDATION_DIFFERS;
        if (expected ? is_known : all[i].verdict == VALIDATION_UNEXPECTED) {
            escape_print("  %-13s %s: %.6g, published %.6g\n", rows[i].id, rows[i].title,
                         all[i].value, rows[i].published);
            summary_wrap(stdout, rows[i].note, INDENT, WIDTH);
        }
    }
}

static void print_table(const struct validation_row rows[], const struct published all[], size_t n)
{
    size_t counts[VALIDATION_N_VERDICTS] = {0};
    const char *source = "";
    escape_print("  %-13s %-23s %11s %11s %8s %6s  verdict\n", "id", "quantity", "published",
                 "computed", "error", "within");
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].source, source) != 0) {
            source = rows[i].source;
            escape_print("%s\n", source);
        }
        print_row(&rows[i], &all[i]);
        counts[all[i].verdict]++;
    }
    if (counts[VALIDATION_DIFFERS] > 0) {
        escape_print("\nreadings known not to reproduce, and why\n");
        print_reasons(rows, all, n, true);
    }
    if (counts[VALIDATION_UNEXPECTED] > 0) {
        escape_print("\nunexpected\n");
        print_reasons(rows, all, n, false);
    }
    escape_print("\n%zu figures: %zu agree, %zu are arithmetic on their own inputs, %zu differ as "
                 "known, %zu unexpected\n",
                 n, counts[VALIDATION_AGREES], counts[VALIDATION_ARITHMETIC],
                 counts[VALIDATION_DIFFERS], counts[VALIDATION_UNEXPECTED]);
}

static json_t *document_of(const struct validation_row rows[], const struct published all[],
                           size_t n)
{
    json_t *root = json_object(), *list = json_array();
    bool ok = document_put_text(root, "version", SCALEFRONT_VERSION)
              && document_put(root, "figures", list);
    for (size_t i = 0; ok && i < n; i++) {
        const struct validation_row *row = &rows[i];
        json_t *o = json_object();
        ok = json_array_append_new(list, o) == 0 && document_put_text(o, "id", row->id)
             && document_put_text(o, "source", row->source)
             && document_put_text(o, "title", row->title)
             && document_put_text(o, "quantity", row->quantity_name)
             && document_put_text(o, "unit",
                                  row->form == CLAIM_VALUE ? claim_unit(row->quantity) : "1")
             && document_put_text(o, "form", claim_form_name(row->form))
             && document_put_text(o, "given", row->given)
             && document_put_text(o, "against", row->against)
             && document_put_number(o, "published", row->published)
             && document_put_number(o, "computed", all[i].value)
             && document_put_number(o, "relative_error", validation_error(row, all[i].value))
             && document_put_number(o, "tolerance", row->tolerance)
             && document_put_text(o, "verdict", validation_verdict_name(all[i].verdict))
             && document_put_text(o, "note", row->note);
    }
    if (!ok) {
        json_decref(root);
        return NULL;
    }
    return root;
}

static enum status run(MPI_Comm comm, const struct job_arguments *arguments, struct status_why *why)
{
    char shipped[REGISTRY_PATH_SIZE];
    struct hardware_catalogue catalogue = {0};
    struct validation_row *rows = NULL;
    struct parts_row *parts = NULL;
    struct published *all = NULL;
    size_t n = 0, n_parts = 0, n_unexpected = 0;
    enum status st;

    (void)snprintf(shipped, sizeof shipped, "%s/validation.tsv", registry_folder());
    const char *path = arguments->file != NULL ? arguments->file : shipped;
    STATUS_TRY(registry_read(comm, registry_folder(), NULL, &catalogue, why));
    STATUS_TRY(parts_read(comm, registry_folder(), &parts, &n_parts, why));
    STATUS_TRY(validation_read(comm, path, &rows, &n, why));
    STATUS_TRY(textfile_check_all(comm, arguments, NULL, why));
    const struct validation_tables tables = {&catalogue, parts, n_parts};
    all = calloc(n, sizeof *all);
    st = all == NULL ? status_fail(why, STATUS_MEMORY, "%s: %zu rows", path, n) : STATUS_OK;
    STATUS_TRY(team_agree(comm, st, why));
    for (size_t i = 0; i < n; i++) {
        STATUS_TRY(published_compute(comm, &rows[i], &tables, &all[i], why));
        n_unexpected += all[i].verdict == VALIDATION_UNEXPECTED;
    }
    const bool prints_json = arguments->json != NULL && strcmp(arguments->json, "-") == 0;
    if (team_rank(comm) == 0 && !prints_json) {
        print_table(rows, all, n);
    }
    if (team_rank(comm) == 0 && arguments->json != NULL) {
        st = document_write(arguments->json, document_of(rows, all, n), why);
    }
    STATUS_TRY(team_agree(comm, st, why));
    if (n_unexpected > 0) {
        st = status_fail(why, STATUS_NO, "%s: %zu figures did not come out as expected", path,
                         n_unexpected);
    }
out:
    free(all);
    free(rows);
    free(parts);
    registry_clear(&catalogue);
    return st;
}

const struct job validate_job = {
    .name = "validate",
    .takes = "[TABLE.tsv]",
    .help = "published figures, recomputed by the models of this program",
    .detail =
        "Computes every figure of inputs/data/validation.tsv, or of a table of your own with the\n"
        "same columns, from what its row gives, and holds it against what was published. Figures\n"
        "that test no model, since an input came from them, are counted as arithmetic. Readings\n"
        "of papers that are known not to reproduce are listed with the reason. Exit code 6: a\n"
        "figure did not come out as expected.",
    .options = JOB_JSON,
    .run = run,
};
