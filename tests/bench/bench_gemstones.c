#define _XOPEN_SOURCE 700
/* The law of four variables, E + W/w^omega + H/d^eta + A/N^alpha + B/D^beta, on the 220 Gemstones
 * runs before cooldown, at delta 1e-4: seconds of the whole fit on one core, and its objective
 * beside that of the published coefficients, which come from 4.05 million starts
 * (McLeish et al. 2025). */
#include "fitting/minimise/objective.h"
#include "inputs/forms.h"
#include "inputs/registry.h"
#include "solver/base/vmath.h"
#include "tests/bench/bench.h"
#include "tests/fitting/observations.h"

enum { MOST = 256, N_COLUMNS = 5 };

static const char *const data_name = "gemstones/wandb_df_for_fitting_hot.jsonl";
static const char *const published = "mcleish2025_wdnd";

/* The inputs of the law in its order, as logarithms, and the loss. */
struct runs {
    size_t n;
    double columns[N_COLUMNS][MOST];
};

/* \return false when the observations are not there */
static bool read_runs(struct runs *runs)
{
    static const char *const keys[N_COLUMNS] = {
        "\"width\":", "\"depth\":", "\"params_active_precise\":", "\"tokens\":", "\"final_loss\":"};
    const char *path = harness_data(data_name);
    FILE *file = path != NULL ? fopen(path, "r") : NULL;
    char line[1024];
    runs->n = 0;
    if (file == NULL) {
        return false;
    }
    while (runs->n < MOST && fgets(line, sizeof line, file) != NULL) {
        for (size_t j = 0; j < N_COLUMNS; j++) {
            const double value = observations_json(line, keys[j]);
            runs->columns[j][runs->n] = j + 1 < N_COLUMNS ? log(value) : value;
        }
        runs->n++;
    }
    (void)fclose(file);
    return true;
}

/* The objective of the published coefficients on the same rows. */
static enum status find_published(const struct fit_data *data, const struct fit_options *options,
                                  double *objective, struct status_why *why)
{
    struct objective *o = NULL;
    struct law_set *sets = NULL;
    size_t n = 0;
    double z[LAW_MAX_PARAMETERS];
    enum status st = registry_read_laws(MPI_COMM_WORLD, registry_folder(), &sets, &n, why);
    const struct law_set *set = registry_find_law(sets, n, published);
    if (st == STATUS_OK && set == NULL) {
        st = status_fail(why, STATUS_INPUT, "no published coefficients %s", published);
    }
    if (st == STATUS_OK) {
        st = objective_create(data, options, &o, why);
    }
    if (st == STATUS_OK) {
        law_transform(options->law, set->natural, z);
        objective_centre(o, z, z);
        *objective = objective_value(o, z);
    }
    objective_destroy(o);
    free(sets);
    return st;
}

static enum status compare(const struct runs *runs, struct status_why *why)
{
    const struct fit_data data = {
        .n = runs->n,
        .x = {runs->columns[0], runs->columns[1], runs->columns[2], runs->columns[3]},
        .response = runs->columns[4]};
    struct fit_options options = observations_options("gemstones_wdnd");
    options.delta = 1e-4;
    double theirs = 0.0;
    struct fit fit;
    const enum status st = find_published(&data, &options, &theirs, why);
    if (st != STATUS_OK) {
        return st;
    }
    const double begun = bench_seconds();
    const enum status ended = fit_run(MPI_COMM_WORLD, &data, &options, NULL, &fit, why);
    const double seconds = bench_seconds() - begun;
    if (ended != STATUS_OK) {
        return ended;
    }
    (void)printf("fit of %zu rows from %zu starts: %.3g s; objective %.9g, published %.9g "
                 "(%.4f of it); %zu starts agree\n",
                 fit.n, fit.n_starts, seconds, fit.objective, theirs, fit.objective / theirs,
                 fit.n_agree);
    for (size_t i = 0; i < options.law->n_parameters; i++) {
        (void)printf(" %s %.6g", options.law->parameters[i].name, fit.natural[i].value);
    }
    (void)printf("\n");
    fit_clear(&fit);
    return STATUS_OK;
}

int main(int argc, char **argv)
{
    static struct runs runs;
    struct status_why why;
    status_clear(&why);
    MPI_Init(&argc, &argv);
    enum status st = vmath_start(&why);
    if (st == STATUS_OK && read_runs(&runs)) {
        st = forms_read(MPI_COMM_WORLD, registry_folder(), &why);
        st = st == STATUS_OK ? compare(&runs, &why) : st;
    }
    if (st != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", why.message);
    }
    MPI_Finalize();
    return st == STATUS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
