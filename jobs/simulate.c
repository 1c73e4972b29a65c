#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "inputs/registry.h"
#include "jobs/job.h"
#include "jobs/result.h"
#include "jobs/textfile.h"
#include "search/space.h"
#include "solver/base/escape.h"
#include "solver/base/log.h"
#include "solver/base/rng.h"
#include "solver/base/team.h"
#include "solver/base/vmath.h"
#include "solver/footprint.h"
#include "solver/optimum.h"
#include "solver/predict.h"

/* One isoFLOP curve: models around the optimum of the budget, tokens so that 6 N D is the budget.
 */
static enum status write_curve(FILE *f, const struct study *study, const struct law_set *set,
                               const double theta[], size_t budget, struct status_why *why)
{
    const double compute_flop = study->budgets_flop[budget];
    const size_t n = (size_t)study->simulate_points;
    struct optimum best;
    double *params = malloc(n * sizeof *params);
    if (params == NULL) {
        return status_fail(why, STATUS_MEMORY, "%zu points", n);
    }
    if (!optimum_at(set->law, theta, compute_flop, &best)) {
        free(params);
        return study_fail(study, study->simulate_set_place, "simulate.set", study->simulate_set,
                          "a law of params and tokens with a closed-form optimum is needed", why);
    }
    space_log(best.params / study->simulate_span, best.params * study->simulate_span, n, params);
    for (size_t i = 0; i < n; i++) {
        const struct predict_model model = {.law = set->law};
        struct rng r;
        double x[LAW_MAX_INPUTS];
        const double whole = round(params[i]);
        const double tokens = round(compute_flop / footprint_compute_flop(whole, 1.0));
        struct design d = design_neutral();
        d.value[DESIGN_PARAMS] = whole;
        d.value[DESIGN_TOKENS] = tokens;
        predict_inputs(&model, &d, x);
        rng_init(&r, study->seed, RNG_SIMULATE, budget * n + i);
        const double noise = vmath_exp1(study->simulate_noise * rng_normal(&r));
        const double loss_nat = set->law->value(set->law, theta, x, NULL, NULL, NULL) * noise;
        escape_fprint(f, "%.0f,%.0f,%.6e,%.6f,%.3e\n", whole, tokens,
                      footprint_compute_flop(whole, tokens), loss_nat, compute_flop);
    }
    free(params);
    return STATUS_OK;
}

/* What write_sweep reads. */
struct sweep {
    const struct study *study;
    const struct law_set *set;
};

static enum status write_sweep(FILE *f, const void *context, struct status_why *why)
{
    const struct sweep *sweep = context;
    const struct study *study = sweep->study;
    const struct law_set *set = sweep->set;
    double theta[LAW_MAX_PARAMETERS];
    law_transform(set->law, set->natural, theta);
    escape_fprint(
        f,
        "# SIMULATED training runs, not observations: isoFLOP curves of the published law\n"
        "# %s (%s) with log-normal noise of %g, seed %llu, by scalefront %s.\n"
        "params,tokens,compute_flop,loss_nat,budget_flop\n",
        set->id, set->law->equation, study->simulate_noise, (unsigned long long)study->seed,
        SCALEFRONT_VERSION);
    for (size_t b = 0; b < study->n_budgets; b++) {
        const enum status st = write_curve(f, study, set, theta, b, why);
        if (st != STATUS_OK) {
            return st;
        }
    }
    return STATUS_OK;
}

static enum status check(const struct study *study, const struct law_set *set, const char *path,
                         bool force, struct status_why *why)
{
    if (set == NULL) {
        return study_fail(study, study->simulate_set_place, "simulate.set", study->simulate_set,
                          "expected the id of a published set of inputs/data/laws.tsv", why);
    }
    if (study->n_budgets == 0) {
        return study_fail(study, study->simulate_set_place, "simulate.budgets_flop", "missing",
                          "expected a list such as [1e18, 3e18]", why);
    }
    return textfile_check(path, force, why);
}

static enum status run(MPI_Comm comm, const struct job_arguments *arguments, struct status_why *why)
{
    struct study study;
    struct law_set *sets = NULL;
    size_t n_sets = 0;
    char path[1024];
    enum status st =
        study_read(comm, arguments->file, arguments->settings, arguments->n_settings, &study, why);
    if (st != STATUS_OK) {
        return st;
    }
    study.output[0] = '\0'; /* that key names the result of a fit or a search */
    result_path(&study, arguments, "_runs.csv", path, sizeof path);
    STATUS_TRY(registry_read_laws(comm, registry_folder(), &sets, &n_sets, why));
    if (team_rank(comm) == 0) {
        const struct law_set *set = registry_find_law(sets, n_sets, study.simulate_set);
        st = check(&study, set, path, arguments->force, why);
        if (st == STATUS_OK) {
            const struct sweep sweep = {&study, set};
            st = textfile_write(path, write_sweep, &sweep, why);
        }
    }
    STATUS_TRY(team_agree(comm, st, why));
    log_line(LOG_INFO, "simulate set=%s rows=%zu file=%s", study.simulate_set,
             study.n_budgets * (size_t)study.simulate_points, path);
out:
    free(sets);
    study_clear(&study);
    return st;
}

const struct job simulate_job = {
    .name = "simulate",
    .takes = "STUDY.yaml",
    .help = "write a labelled synthetic isoFLOP sweep from a published law",
    .detail =
        "Writes a CSV of simulated training runs: for each budget of simulate.budgets_flop models\n"
        "around its optimum, losses from the published set simulate.set with log-normal noise.\n"
        "The same seed gives the same file. For trials of a fit and for planning a sweep.",
    .options = JOB_STUDY | JOB_OUTPUT,
    .run = run,
};
