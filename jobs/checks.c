#include "jobs/checks.h"

#include <stdlib.h>
#include <string.h>

#include "fitting/fit_file.h"
#include "fitting/select_file.h"
#include "jobs/summary.h"
#include "solver/base/log.h"
#include "solver/base/team.h"

struct checks {
    size_t n; /* laws fitted: that of the model, then those it is held against */
    struct fit fits[1 + STUDY_MAX_COMPARE]; /* the first is the model's, shared */
    struct select selects[1 + STUDY_MAX_COMPARE];
    bool has_sensitivity;
    struct sensitivity sensitivity;
    struct select_comparison comparison;
};

/* One law: its fit, unless it is the model's, and its checks. */
static enum status check_law(MPI_Comm comm, const struct study *study, const struct model *m,
                             const struct select_options *options, struct checks *c, size_t i,
                             struct status_why *why)
{
    const struct fit_data data = model_data(m, m->laws[i]);
    enum status st = STATUS_OK;
    if (i == 0) {
        c->fits[0] = m->fit;
    } else {
        struct fit_options other = m->fit.options;
        other.law = m->laws[i];
        other.n_replicates = 0;
        other.bootstrap = FIT_CASE;
        other.prior_noise = 0.0;
        other.profile = false;
        st = model_parameters(study, m, i, other.parameters, why);
        const struct fit_restart restart = {.items = options->items};
        st = st == STATUS_OK ? fit_run(comm, &data, &other, &restart, &c->fits[i], why) : st;
    }
    if (st == STATUS_OK) {
        st = select_run(comm, &data, &c->fits[i], options, &c->selects[i], why);
    }
    return st;
}

enum status checks_run(MPI_Comm comm, const struct study *study, const struct model *model,
                       const char *journal, const char *digest, struct checks **made,
                       struct status_why *why)
{
    enum status st = STATUS_OK;
    struct checks *c = calloc(1, sizeof *c);
    const struct runs_column *compute = runs_find(&model->runs, LAW_COMPUTE);
    struct select_options options = {.n_folds = (size_t)study->folds,
                                     .held_out_share = study->held_out_share,
                                     .log_compute = compute != NULL ? compute->logs : NULL};
    if (c == NULL) {
        st = status_fail(why, STATUS_MEMORY, "no memory for the checks of a fit");
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_ASSERT(c != NULL);
    if (journal != NULL) {
        STATUS_TRY(items_open(comm, journal, "checks", digest, &options.items, why));
    }
    for (; c->n < model->n_laws; c->n++) {
        STATUS_TRY(check_law(comm, study, model, &options, c, c->n, why));
    }
    STATUS_TRY(select_compare(c->selects, c->n, &c->comparison, why));
    c->has_sensitivity = study->sensitivity == STUDY_SENSITIVITY_TABLE;
    if (c->has_sensitivity) {
        const struct fit_data data = model_data(model, model->laws[0]);
        STATUS_TRY(sensitivity_run(comm, &data, &model->fit, options.log_compute, options.items,
                                   &c->sensitivity, why));
    }
    log_line(LOG_INFO, "checks laws=%zu folds=%zu held_out=%zu choices=%zu", c->n,
             c->selects[0].n_folds, c->selects[0].largest.n_held, c->sensitivity.n_rows);
out:
    items_close(options.items);
    if (st != STATUS_OK) {
        checks_destroy(c);
        c = NULL;
    }
    *made = c;
    return st;
}

void checks_destroy(struct checks *c)
{
    for (size_t i = 0; c != NULL && i < 1 + STUDY_MAX_COMPARE; i++) {
        select_clear(&c->selects[i]);
        if (i > 0) {
            fit_clear(&c->fits[i]);
        }
    }
    free(c);
}

enum status checks_write(struct h5 *file, const struct checks *c, const struct model *model,
                         struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; i < c->n; i++) {
        if (i > 0) {
            STATUS_TRY(fit_file_write(file, &c->fits[i], &model->runs, why));
        }
        STATUS_TRY(select_file_write(file, &c->selects[i], why));
    }
    if (c->has_sensitivity) {
        STATUS_TRY(select_file_write_sensitivity(file, &c->sensitivity, why));
    }
    if (c->n > 1) {
        STATUS_TRY(select_file_write_comparison(file, c->fits, c->selects, &c->comparison, why));
    }
out:
    return st;
}

/* The other laws of a comparison, with their checks. */
static enum status read_others(struct h5 *file, struct checks *c, struct status_why *why)
{
    enum status st = STATUS_OK;
    bool is_there = false;
    char laws[SELECT_MAX_LAWS][SELECT_ID_SIZE];
    STATUS_TRY(select_file_read_comparison(file, &is_there, laws, &c->comparison, why));
    for (; is_there && c->n < c->comparison.n; c->n++) {
        struct fit *f = &c->fits[c->n];
        STATUS_TRY(fit_file_read(file, laws[c->n], f, why));
        STATUS_TRY(select_file_read(file, f->law, &is_there, &c->selects[c->n], why));
    }
out:
    return st;
}

enum status checks_read(struct h5 *file, const struct fit *fit, struct checks **made,
                        struct status_why *why)
{
    enum status st = STATUS_OK;
    bool is_there = false;
    struct checks *c = calloc(1, sizeof *c);
    *made = NULL;
    if (c == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for the checks of a fit");
    }
    c->fits[0] = *fit;
    c->n = 1;
    STATUS_TRY(select_file_read(file, fit->law, &is_there, &c->selects[0], why));
    if (is_there) {
        STATUS_TRY(
            select_file_read_sensitivity(file, fit, &c->has_sensitivity, &c->sensitivity, why));
        STATUS_TRY(read_others(file, c, why));
        *made = c;
        c = NULL;
    }
out:
    checks_destroy(c);
    return st;
}

void checks_print(FILE *to, const struct checks *c)
{
    if (c == NULL) {
        return;
    }
    summary_checks(to, &c->fits[0], &c->selects[0]);
    if (c->has_sensitivity) {
        summary_sensitivity(to, &c->sensitivity);
    }
    if (c->n > 1) {
        summary_comparison(to, c->fits, c->selects, &c->comparison);
    }
}
