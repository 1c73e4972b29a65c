#include "jobs/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/fit_file.h"
#include "fitting/suspect.h"
#include "inputs/corrections.h"
#include "inputs/items.h"
#include "inputs/journal.h"
#include "inputs/law_choice.h"
#include "inputs/registry.h"
#include "inputs/study/keys.h"
#include "solver/base/log.h"
#include "solver/base/team.h"

/* A published set of coefficients. */
static enum status from_set(MPI_Comm comm, const struct study *study, struct model *m,
                            struct status_why *why)
{
    struct law_set *sets = NULL;
    size_t n_sets = 0;
    enum status st = registry_read_laws(comm, registry_folder(), &sets, &n_sets, why);
    if (st != STATUS_OK) {
        return st;
    }
    const struct law_set *set = registry_find_law(sets, n_sets, study->law_set);
    if (set == NULL) {
        enum { MOST = 256 };
        char expected[512] = "expected a published set:";
        const char *known[MOST];
        size_t n_known = 0;
        for (size_t i = 0; i < n_sets; i++) {
            const size_t used = strlen(expected);
            (void)snprintf(expected + used, sizeof expected - used, " %s", sets[i].id);
            if (n_known < MOST) {
                known[n_known++] = sets[i].id;
            }
        }
        const char *nearest = study_nearest(study->law_set, known, n_known);
        if (nearest != NULL) {
            (void)snprintf(expected, sizeof expected, "unknown; did you mean %s?", nearest);
        }
        st = study_fail(study, study->law_set_place, "law.set", study->law_set, expected, why);
    } else {
        struct predict_model *p = &m->predict;
        p->law = set->law;
        law_transform(set->law, set->natural, p->theta);
        memcpy(p->lower, set->lower, sizeof p->lower);
        memcpy(p->upper, set->upper, sizeof p->upper);
        (void)snprintf(p->name, sizeof p->name, "%s", set->id);
        (void)snprintf(p->source, sizeof p->source, "%s", set->source);
    }
    free(sets);
    return st;
}

static void adopt_fit(struct model *m, const char *name)
{
    struct predict_model *p = &m->predict;
    p->law = m->fit.law;
    memcpy(p->theta, m->fit.theta, sizeof p->theta);
    memcpy(p->lower, m->fit.lower, sizeof p->lower);
    memcpy(p->upper, m->fit.upper, sizeof p->upper);
    p->support = m->fit.support;
    (void)snprintf(p->name, sizeof p->name, "fit of %.55s", name);
    (void)snprintf(p->source, sizeof p->source, "%s", CORRECT_OWN);
}

static enum status from_file(MPI_Comm comm, const struct study *study, struct model *m,
                             struct status_why *why)
{
    char path[2048];
    struct h5 *file = NULL;
    enum status st = STATUS_OK;

    study_path(study, study->law_from, path, sizeof path);
    STATUS_TRY(h5_open(comm, path, &file, why));
    const bool named = study->law_id_place.line != 0;
    STATUS_TRY(fit_file_read(file, named ? study->law_id : NULL, &m->fit, why));
    m->has_fit = true;
    adopt_fit(m, study->law_from);
out:
    h5_close(file);
    return st;
}

/* Batches of replicates that an earlier, interrupted run left in the journal. */
struct recorded {
    struct journal *journal;
    unsigned char *done; /* [FIT_PASSES][n_batches] */
    double *results;     /* [FIT_PASSES][n_replicates][n_values] */
};

static enum status append_batch(void *context, size_t item, const double results[], size_t n_values,
                                struct status_why *why)
{
    return journal_append(context, item, results, n_values * sizeof *results, why);
}

static enum status open_record(MPI_Comm comm, const char *folder, const char *digest,
                               const struct fit_options *options, struct recorded *r,
                               struct status_why *why)
{
    const size_t n_values = options->law->n_parameters + 1;
    const size_t n_batches = (options->n_replicates + FIT_BATCH - 1) / FIT_BATCH;
    enum status st = journal_open(comm, folder, "bootstrap", digest, &r->journal, why);
    if (st != STATUS_OK) {
        return st;
    }
    r->done = calloc(FIT_PASSES * n_batches, 1);
    r->results = calloc(FIT_PASSES * options->n_replicates * n_values, sizeof *r->results);
    if (r->done == NULL || r->results == NULL) {
        return status_fail(why, STATUS_MEMORY, "%zu replicates", options->n_replicates);
    }
    for (size_t i = 0; i < journal_n_records(r->journal); i++) {
        const struct journal_record *record = journal_record(r->journal, i);
        if (record->item >= FIT_PASSES * n_batches) {
            continue;
        }
        const size_t pass = (size_t)record->item / n_batches;
        const size_t first = (size_t)record->item % n_batches * FIT_BATCH;
        const size_t left = options->n_replicates - first;
        const size_t bytes = (left < FIT_BATCH ? left : FIT_BATCH) * n_values * sizeof *r->results;
        if (record->n == bytes) {
            memcpy(r->results + (pass * options->n_replicates + first) * n_values, record->bytes,
                   bytes);
            r->done[record->item] = 1;
        }
    }
    return STATUS_OK;
}

struct fit_data model_data(const struct model *m, const struct law *law)
{
    struct fit_data data = {.n = m->runs.n, .response = m->runs.response.values};
    for (size_t i = 0; i < law->n_inputs; i++) {
        data.x[i] = runs_input(&m->runs, &law->inputs[i]);
    }
    const struct runs_column *weight = runs_find(&m->runs, RUNS_WEIGHT);
    const struct runs_column *error = runs_find(&m->runs, RUNS_ERROR);
    data.weight = weight != NULL ? weight->values : NULL;
    data.error = error != NULL ? error->values : NULL;
    return data;
}

/* What \a said says of the parameters of a law, as options of the fit. */
static enum status hold_parameters(const struct study *study, const char *key,
                                   const struct law *law, const struct study_parameter said[],
                                   size_t n, struct fit_parameter_option options[],
                                   struct status_why *why)
{
    for (size_t i = 0; i < n; i++) {
        const struct study_parameter *p = &said[i];
        const int k = law_find_parameter(law, p->said.name);
        const bool is_tied = p->said.tied_to[0] != '\0';
        const int root = is_tied ? law_find_parameter(law, p->said.tied_to) : 0;
        if (k < 0 || root < 0) {
            return study_fail(
                study, p->place, key, p->said.name,
                k < 0 ? "no parameter of the law" : "tied to what is no parameter of the law", why);
        }
        struct fit_parameter_option *option = &options[k];
        option->fixed = !isnan(p->said.fixed);
        option->value = option->fixed ? p->said.fixed : 0.0;
        option->tied = is_tied;
        option->tied_to = (size_t)root;
        option->bounded = !isnan(p->said.lower) || !isnan(p->said.upper);
        option->lower = p->said.lower;
        option->upper = p->said.upper;
        if (!isnan(p->prior_sd)) {
            option->prior_mean = p->prior_mean;
            option->prior_sd = p->prior_sd;
        }
    }
    return STATUS_OK;
}

/* What fit.start_grid says, as options of the fit. */
static enum status set_levels(const struct study *study, const struct law *law,
                              struct fit_parameter_option options[], struct status_why *why)
{
    _Static_assert((int)STUDY_MAX_LEVELS == (int)FIT_MAX_LEVELS, "one copies the other");
    for (size_t i = 0; i < study->n_start_grid; i++) {
        const struct study_levels *said = &study->start_grid[i];
        const int k = law_find_parameter(law, said->name);
        if (k < 0) {
            const char *names[LAW_MAX_PARAMETERS];
            char all[400], expected[512];
            for (size_t j = 0; j < law->n_parameters; j++) {
                names[j] = law->parameters[j].name;
            }
            keys_join(names, law->n_parameters, all, sizeof all);
            (void)snprintf(expected, sizeof expected, "no parameter of law %.63s; expected %s",
                           law->id, all);
            return study_fail(study, said->place, "fit.start_grid", said->name, expected, why);
        }
        options[k].n_levels = said->n;
        memcpy(options[k].levels, said->values, said->n * sizeof *said->values);
    }
    return STATUS_OK;
}

enum status model_parameters(const struct study *study, const struct model *m, size_t i,
                             struct fit_parameter_option options[], struct status_why *why)
{
    const struct study_law *other = i > 0 ? &study->compare[i - 1] : NULL;
    memset(options, 0, LAW_MAX_PARAMETERS * sizeof *options);
    return other == NULL
               ? hold_parameters(study, "law.parameters", m->laws[0], study->law_parameters,
                                 study->n_law_parameters, options, why)
               : hold_parameters(study, "fit.compare", m->laws[i], other->parameters,
                                 other->n_parameters, options, why);
}

/* law.id and the laws of fit.compare; what is said of their parameters must fit them. */
static enum status find_laws(const struct study *study, struct model *m, struct status_why *why)
{
    struct fit_parameter_option options[LAW_MAX_PARAMETERS];
    enum status st = law_choice_make(study, &m->laws[0], why);
    m->n_laws = 1;
    for (size_t i = 0; st == STATUS_OK && i < study->n_compare; i++) {
        const struct study_law *other = &study->compare[i];
        st = law_choice_find(study, other->place, "fit.compare", other->id, &m->laws[m->n_laws],
                             why);
        if (st == STATUS_OK && strcmp(m->laws[m->n_laws]->id, m->laws[0]->id) == 0) {
            st = study_fail(study, other->place, "fit.compare", other->id,
                            "is the law of the study, which is compared anyway", why);
        }
        m->n_laws += st == STATUS_OK;
    }
    for (size_t i = 0; st == STATUS_OK && i < m->n_laws; i++) {
        st = model_parameters(study, m, i, options, why);
    }
    return st;
}

/* A law whose numbers the study says itself: all parameters are fixed. */
static enum status from_study(const struct study *study, struct model *m, struct status_why *why)
{
    struct fit_parameter_option options[LAW_MAX_PARAMETERS];
    double natural[LAW_MAX_PARAMETERS];
    struct predict_model *p = &m->predict;
    enum status st = find_laws(study, m, why);
    if (st == STATUS_OK) {
        st = model_parameters(study, m, 0, options, why);
    }
    for (size_t k = 0; st == STATUS_OK && k < m->laws[0]->n_parameters; k++) {
        const struct law_parameter *parameter = &m->laws[0]->parameters[k];
        char key[128], range[96];
        (void)snprintf(key, sizeof key, "law.parameters.%.63s.fixed", parameter->name);
        (void)snprintf(range, sizeof range, "must be in [%g, %g]", parameter->lower,
                       parameter->upper);
        natural[k] = options[k].value;
        if (!options[k].fixed) {
            st = study_fail(study, study->law_id_place, key, "missing",
                            "without runs to fit, every parameter needs its value", why);
        } else if (!(natural[k] >= parameter->lower && natural[k] <= parameter->upper)
                   && !(parameter->transform == LAW_LOG && fabs(natural[k]) <= 0.0)) {
            st = study_fail(study, study->law_id_place, key, NULL, range, why);
        }
    }
    if (st != STATUS_OK) {
        return st;
    }
    p->law = m->laws[0];
    law_transform(p->law, natural, p->theta);
    for (size_t i = 0; i < p->law->n_inputs; i++) { /* nothing is known of any data behind it */
        p->lower[i] = -(double)INFINITY;
        p->upper[i] = (double)INFINITY;
    }
    (void)snprintf(p->name, sizeof p->name, "numbers of the study");
    (void)snprintf(p->source, sizeof p->source, "%s", CORRECT_OWN);
    return STATUS_OK;
}

/* The largest compute that the runs tell; 0 where they tell none. */
static double largest_compute(const struct runs *runs)
{
    const struct runs_column *compute = runs_find(runs, LAW_COMPUTE);
    double largest = 0.0;
    for (size_t i = 0; compute != NULL && !runs->compute_derived && i < runs->n; i++) {
        largest = fmax(largest, compute->values[i]);
    }
    return largest;
}

static enum status from_runs(MPI_Comm comm, const struct study *study, enum model_effort effort,
                             const char *journal, const char *digest, struct model *m,
                             struct status_why *why)
{
    enum status st = STATUS_OK;
    struct recorded recorded = {0};
    struct items *profiles = NULL;

    STATUS_TRY(find_laws(study, m, why));
    const struct law *law = m->laws[0];
    STATUS_TRY(runs_read(comm, study, m->laws, m->n_laws, &m->runs, why));
    m->has_runs = true;
    log_line(LOG_INFO, "runs file=%s rows=%zu used=%zu", study->runs_file, m->runs.n_rows,
             m->runs.n);
    STATUS_TRY(plausible_runs(study, &m->runs, law, &m->findings, why));

    if (study->bootstrap == STUDY_CLUSTER && m->runs.n_clusters < 2) {
        st = study_fail(study, study->bootstrap_place, "fit.bootstrap", "cluster",
                        "needs fit.cluster, a column that tells at least two groups of runs", why);
        goto out;
    }
    const struct fit_data data = model_data(m, law);
    struct fit_options options = {
        .law = law,
        .objective = (enum fit_objective)study->objective,
        .residual = (enum fit_residual)study->residual,
        .delta = study->delta,
        .over_prediction = study->over_prediction,
        .n_starts = study->starts,
        .solver = (enum fit_solver)study->solver,
        .seed = study->seed,
        .n_replicates = effort == MODEL_REPLICATES ? study->replicates : 0,
        .resampling = (enum fit_resampling)study->resampling,
        .bootstrap = (enum fit_bootstrap)study->bootstrap,
        .cluster = m->runs.clusters,
        .n_clusters = m->runs.n_clusters,
        .profile = study->profile == STUDY_TRUE && effort == MODEL_REPLICATES,
        .confidence = study->confidence,
        .target_compute_flop = study->target_compute_flop > 0.0 ? study->target_compute_flop
                                                                : largest_compute(&m->runs),
    };
    STATUS_TRY(model_parameters(study, m, 0, options.parameters, why));
    STATUS_TRY(set_levels(study, law, options.parameters, why));
    struct fit_restart restart = {0};
    if (journal != NULL) {
        STATUS_TRY(items_open(comm, journal, "profiles", digest, &profiles, why));
    }
    const bool keeps = journal != NULL && options.n_replicates > 0;
    if (keeps) {
        STATUS_TRY(
            team_agree(comm, open_record(comm, journal, digest, &options, &recorded, why), why));
        restart = (struct fit_restart){.done = recorded.done,
                                       .results = recorded.results,
                                       .record = append_batch,
                                       .context = recorded.journal};
    }
    restart.items = profiles;
    STATUS_TRY(fit_run(comm, &data, &options, &restart, &m->fit, why));
    m->has_fit = true;
    STATUS_TRY(suspect_fit(study, &m->runs, &data, &m->fit, &m->findings, why));
    adopt_fit(m, study->runs_file);
    log_line(LOG_INFO,
             "fit law=%s objective=%.10g starts=%zu agree=%zu replicates=%zu identified=%s",
             law->id, m->fit.objective, m->fit.n_starts, m->fit.n_agree, m->fit.n_replicates,
             m->fit.identified ? "yes" : "no");
out:
    items_close(profiles);
    journal_close(recorded.journal);
    free(recorded.results);
    free(recorded.done);
    return st;
}

/* The parameters of a correction that a fit of the study's has by the same names. */
static enum status take_fit(MPI_Comm comm, const struct study *study,
                            const struct study_correction *entry, struct correct *c,
                            struct status_why *why)
{
    char path[2048];
    struct h5 *file = NULL;
    struct fit fit;
    double natural[LAW_MAX_PARAMETERS];
    size_t n_taken = 0;
    enum status st = STATUS_OK;

    study_path(study, entry->from, path, sizeof path);
    STATUS_TRY(h5_open(comm, path, &file, why));
    STATUS_TRY(fit_file_read(file, NULL, &fit, why));
    law_natural(fit.law, fit.theta, natural);
    for (size_t i = 0; i < fit.law->n_parameters; i++) {
        const int k = correct_find_parameter(c->kind, fit.law->parameters[i].name);
        if (k >= 0) {
            c->values[k] = natural[i];
            n_taken++;
        }
    }
    if (n_taken == 0) {
        char expected[160];
        (void)snprintf(expected, sizeof expected, "its law %s has no parameter of %s", fit.law->id,
                       c->kind->name);
        st = study_fail(study, entry->place, "law.corrections", entry->from, expected, why);
    }
    fit_clear(&fit);
out:
    h5_close(file);
    return st;
}

/* Add the corrections of the study, each as it is written, and hold them against the law. */
static enum status add_corrections(MPI_Comm comm, const struct study *study,
                                   struct predict_model *m, struct status_why *why)
{
    struct correct *published = NULL;
    size_t n = 0;
    struct status_why inner;
    enum status st = corrections_read(comm, registry_folder(), &published, &n, why);
    for (size_t i = 0; st == STATUS_OK && i < study->n_corrections; i++) {
        const struct study_correction *entry = &study->corrections[i];
        struct correct c;
        status_clear(&inner);
        st = corrections_choose(study, entry, published, n, &c, why);
        if (st == STATUS_OK && entry->from[0] != '\0') {
            st = take_fit(comm, study, entry, &c, why);
        }
        if (st == STATUS_OK && predict_correct(m, &c, &inner) != STATUS_OK) {
            st = study_fail(study, entry->place, "law.corrections", NULL, inner.message, why);
        }
    }
    status_clear(&inner);
    if (st == STATUS_OK && predict_check(m, &inner) != STATUS_OK) {
        st = study_fail(study, study->corrections_place, "law.corrections", NULL, inner.message,
                        why);
    }
    free(published);
    return st;
}

enum status model_make(MPI_Comm comm, const struct study *study, enum model_effort effort,
                       const char *journal, const char *digest, struct model *made,
                       struct status_why *why)
{
    memset(made, 0, sizeof *made);
    enum status st = plausible_check_accepted(study, why);
    if (st != STATUS_OK) {
        return st;
    }
    if (study->law_set[0] != '\0') {
        st = from_set(comm, study, made, why);
    } else if (study->law_from[0] != '\0') {
        st = from_file(comm, study, made, why);
    } else if (study->runs_file[0] != '\0') {
        st = from_runs(comm, study, effort, journal, digest, made, why);
    } else if (study->n_law_parameters > 0) {
        st = from_study(study, made, why);
    } else {
        st = study_fail(study, (struct study_place){0, 0}, "runs.file", "missing",
                        "expected runs to fit (runs.file), a published set (law.set), a fit "
                        "(law.from) or the numbers of law.id (law.parameters)",
                        why);
    }
    made->predict.embeddings = study->footprint.embeddings;
    made->predict.at_budget = study->space[DESIGN_BUDGET].given && made->predict.law != NULL
                              && law_find_input(made->predict.law, LAW_COMPUTE) >= 0;
    st = team_agree(comm, st, why);
    if (st == STATUS_OK && study->n_corrections > 0) {
        st = team_agree(comm, add_corrections(comm, study, &made->predict, why), why);
    }
    if (st == STATUS_OK && made->has_fit) {
        st = forecast_create(&made->fit, study->confidence, &made->forecast, why);
        st = team_agree(comm, st, why);
    }
    if (st != STATUS_OK) {
        model_clear(made);
    }
    return st;
}

void model_clear(struct model *m)
{
    forecast_destroy(m->forecast);
    if (m->has_fit) {
        fit_clear(&m->fit);
    }
    if (m->has_runs) {
        runs_clear(&m->runs);
    }
    memset(m, 0, sizeof *m);
}

static const double *logs_of(const struct runs *runs, const char *name)
{
    const struct runs_column *column = runs_find(runs, name);
    return column != NULL ? column->logs : NULL;
}

static int compare_numbers(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Compute of the runs as the law counts it, 6 params tokens: what the file says, divided by the
 * median of its ratio to that, so that rows of one budget stay together and all approaches speak of
 * one compute. \param [out] log_compute  [n] */
static void scale_compute(const struct runs *runs, double log_compute[])
{
    static const double rounding = 1e-3; /* budgets are written with few digits */
    const double *params = logs_of(runs, LAW_PARAMS), *tokens = logs_of(runs, LAW_TOKENS),
                 *compute = logs_of(runs, LAW_COMPUTE);
    STATUS_ASSERT(params != NULL && tokens != NULL && compute != NULL);
    for (size_t i = 0; i < runs->n; i++) {
        log_compute[i] = compute[i] - log(6.0) - params[i] - tokens[i];
    }
    qsort(log_compute, runs->n, sizeof *log_compute, compare_numbers);
    const double median = (log_compute[(runs->n - 1) / 2] + log_compute[runs->n / 2]) / 2.0;
    for (size_t i = 0; i < runs->n; i++) {
        log_compute[i] = compute[i] - (fabs(median) > rounding ? median : 0.0);
    }
}

enum status model_compare(const struct study *study, const struct model *m, struct approaches *made,
                          struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct law *law = m->fit.law;
    const struct approaches_options options = {.envelope = study_wants_approach(study, 1),
                                               .isoflop = study_wants_approach(study, 2)};
    struct isoflop_data data = {
        .n = m->runs.n,
        .log_size = {logs_of(&m->runs, LAW_PARAMS), logs_of(&m->runs, LAW_TOKENS)},
        .log_compute = logs_of(&m->runs, LAW_COMPUTE),
        .loss_nat = m->runs.response.values};
    const double *x[LAW_MAX_INPUTS];
    double *fitted = NULL, *log_compute = NULL;

    *made = (struct approaches){0};
    if (!options.envelope && !options.isoflop) {
        return STATUS_OK;
    }
    if (data.log_size[ISOFLOP_PARAMS] == NULL || data.log_size[ISOFLOP_TOKENS] == NULL
        || data.log_compute == NULL || strcmp(m->runs.response.name, LAW_LOSS_NAT) != 0) {
        return study_fail(study, study->approaches_place, "fit.approaches", NULL,
                          "1 and 2 need runs with params, a loss, and tokens or compute_flop", why);
    }
    fitted = malloc((data.n + 1) * sizeof *fitted);
    log_compute = malloc((data.n + 1) * sizeof *log_compute);
    if (fitted == NULL || log_compute == NULL) {
        st = status_fail(why, STATUS_MEMORY, "%zu runs", data.n);
        goto out;
    }
    scale_compute(&m->runs, log_compute);
    data.log_compute = log_compute;
    for (size_t i = 0; i < law->n_inputs; i++) {
        x[i] = runs_input(&m->runs, &law->inputs[i]);
    }
    law_values(law, m->fit.theta, data.n, x, fitted);
    st = approaches_run(&m->fit, &data, fitted, &options, made, why);
out:
    free(log_compute);
    free(fitted);
    return st;
}
