#define _XOPEN_SOURCE 700
/* One bootstrap replicate of 245 simulated runs, from the optimum of all runs: compaction and
 * Newton's method with the exact Hessian against NLopt's L-BFGS on the same resample. Then, on runs
 * that are many and good, few and noisy, and few and not identified: a replicate solved from the
 * optimum alone and one solved robustly, each held against the best known of 72 minimisations from
 * a full grid. */
#include <string.h>

#include "fitting/minimise/local.h"
#include "fitting/minimise/objective.h"
#include "fitting/minimise/robust.h"
#include "fitting/minimise/start.h"
#include "fitting/uncertainty/bootstrap.h"
#include "solver/base/vmath.h"
#include "tests/bench/bench.h"
#include "tests/bench/simulated.h"
#include "tests/fitting/observations.h"

enum { N_REPLICATES = 4000, N_A_CALL = 16, N_HELD = 240, GRID = 6 };

struct work {
    struct objective *o, *sample;
    double best[LAW_MAX_PARAMETERS];
    size_t next; /* replicate */
    double ends[N_REPLICATES];
};

static void resample(struct work *w, size_t r)
{
    unsigned count[SIMULATED_N];
    bootstrap_draw_keyed(42, r, w->o->n, count);
    objective_resample(w->o, count, w->sample);
}

static double newton(struct work *w, size_t r)
{
    double z[LAW_MAX_PARAMETERS];
    struct local_end end;
    resample(w, r);
    memcpy(z, w->best, sizeof z);
    local_minimise(w->sample, true, z, &end);
    return end.objective;
}

static double lbfgs(struct work *w, size_t r)
{
    double z[LAW_MAX_PARAMETERS];
    resample(w, r);
    memcpy(z, w->best, sizeof z);
    return simulated_lbfgs(w->sample, z);
}

static void some_newton(void *context)
{
    struct work *w = context;
    for (size_t i = 0; i < N_A_CALL; i++) {
        w->ends[w->next] = newton(w, w->next);
        w->next = (w->next + 1) % N_REPLICATES;
    }
}

static void all_newton(void *context)
{
    struct work *w = context;
    for (size_t r = 0; r < N_REPLICATES; r++) {
        w->ends[r] = newton(w, r);
    }
}

static void some_lbfgs(void *context)
{
    struct work *w = context;
    for (size_t i = 0; i < N_A_CALL; i++) {
        w->ends[w->next] = lbfgs(w, w->next);
        w->next = (w->next + 1) % N_REPLICATES;
    }
}

/* The lowest of both ways from each start of the grid, and of \a known. */
static double best_known(const struct objective *o, double known)
{
    for (size_t i = 0; i < (size_t)2 * GRID * GRID; i++) {
        double z[LAW_MAX_PARAMETERS];
        struct local_end end;
        start_find(o, GRID, i / 2, z);
        local_minimise(o, i % 2 == 0, z, &end);
        known = end.reason != FIT_DIVERGED && end.objective < known ? end.objective : known;
    }
    return known;
}

static double solve_warm(const struct objective *o, const double best[])
{
    double z[LAW_MAX_PARAMETERS];
    struct local_end end;
    memcpy(z, best, o->law->n_parameters * sizeof *z);
    local_minimise(o, true, z, &end);
    return end.reason == FIT_DIVERGED ? (double)INFINITY : end.objective;
}

static double solve_robust(const struct objective *o, const double best[])
{
    double z[LAW_MAX_PARAMETERS];
    struct robust_end end;
    robust_minimise(o, best, 1, z, &end);
    return end.objective;
}

/* Milliseconds a replicate and the share that is the best known, of both ways to solve one. */
static enum status hold_against_grid(const char *what, const struct observations *runs,
                                     struct status_why *why)
{
    double (*const ways[])(const struct objective *o, const double best[]) = {solve_warm,
                                                                              solve_robust};
    static unsigned count[OBSERVATIONS_MAX];
    const struct fit_options options = observations_options("chinchilla");
    const struct fit_data data = observations_data(runs, options.law);
    struct objective *o = NULL, *sample = NULL;
    double best[LAW_MAX_PARAMETERS];
    double seconds[2] = {0.0};
    size_t n_known[2] = {0};
    enum status st = objective_create(&data, &options, &o, why);
    st = st == STATUS_OK ? objective_create_like(o, &sample, why) : st;
    if (st == STATUS_OK) {
        start_find(o, 5, 12, best);
        (void)robust_check(o, (double)INFINITY, best);
    }
    for (size_t r = 0; st == STATUS_OK && r < N_HELD; r++) {
        double ends[2];
        bootstrap_draw_keyed(42, r, o->n, count);
        objective_resample(o, count, sample);
        for (size_t k = 0; k < 2; k++) {
            const double begun = bench_seconds();
            ends[k] = ways[k](sample, best);
            seconds[k] += bench_seconds() - begun;
        }
        const double known = best_known(sample, ends[0] < ends[1] ? ends[0] : ends[1]);
        for (size_t k = 0; k < 2; k++) {
            n_known[k] += ends[k] <= known * (1.0 + 1e-9);
        }
    }
    for (size_t k = 0; st == STATUS_OK && k < 2; k++) {
        (void)printf("%s, %zu runs, %s: %.3g ms a replicate, %.1f %% of %d the best known\n", what,
                     o->n, k == 0 ? "warm" : "robust", 1e3 * seconds[k] / N_HELD,
                     100.0 * (double)n_known[k] / N_HELD, N_HELD);
    }
    objective_destroy(sample);
    objective_destroy(o);
    return st;
}

/* Read the columns of a table, tokens from the compute where \a tokens is NULL.
 * \return STATUS_OK, also without a table, when there are no runs */
static enum status read_runs(const char *path, const struct observations_columns *c,
                             struct observations *runs, struct status_why *why)
{
    struct table *t = NULL;
    runs->n = 0;
    const enum status st = path != NULL ? table_read(MPI_COMM_WORLD, path, &t, why) : STATUS_OK;
    for (size_t i = 0; t != NULL && i < table_n_rows(t); i++) {
        const double params = observations_field(t, i, c->params);
        const double tokens = c->tokens != NULL
                                  ? observations_field(t, i, c->tokens)
                                  : observations_field(t, i, c->compute) / (6.0 * params);
        observations_add(runs, params, tokens, observations_field(t, i, c->loss));
    }
    table_destroy(t);
    return st;
}

static enum status hold_all(struct status_why *why)
{
    static const double natural[] = {1.8172, 482.01, 2085.43, 0.3478, 0.3658};
    static const struct observations_columns epoch = {
        .params = "Model Size", .compute = "Training FLOP", .loss = "loss"};
    static const struct observations_columns pile = {
        .params = "params", .tokens = "tokens", .loss = "loss_nat"};
    static struct observations runs;
    enum status st = STATUS_OK;
    STATUS_TRY(
        read_runs(harness_data("epoch_chinchilla/svg_extracted_data.csv"), &epoch, &runs, why));
    if (runs.n > 0) {
        observations_drop_highest(&runs, 5);
    } else {
        observations_simulate("chinchilla", natural, 40, 0.01, 5, &runs);
    }
    STATUS_TRY(hold_against_grid("many", &runs, why));
    observations_simulate("chinchilla", natural, 10, 0.03, 5, &runs);
    STATUS_TRY(hold_against_grid("noisy", &runs, why));
    STATUS_TRY(read_runs(harness_source("inputs/data/runs_pile.tsv"), &pile, &runs, why));
    STATUS_TRY(hold_against_grid("Pile", &runs, why));
out:
    return st;
}

static void compare_solvers(struct work *w, int k)
{
    struct local_end end;
    size_t n_newton = 0;
    size_t n_lbfgs = 0;
    double seconds = (double)INFINITY;
    start_find(w->o, 5, 12, w->best);
    local_minimise(w->o, false, w->best, &end);
    bench_heading();
    bench_compare("one replicate, L-BFGS as naive", N_A_CALL, k, some_newton, some_lbfgs, w);
    for (int i = 0; i < k || i == 0; i++) {
        const double each = bench_time(all_newton, w, 1);
        seconds = each < seconds ? each : seconds;
    }
    for (size_t r = 0; r < N_REPLICATES; r++) {
        const double other = lbfgs(w, r);
        n_newton += w->ends[r] <= other * (1.0 + 1e-9);
        n_lbfgs += other <= w->ends[r] * (1.0 + 1e-9);
    }
    (void)printf(
        "%d replicates in %.3g ms; not beaten by the other: Newton %.2f %%, L-BFGS %.2f %%\n",
        N_REPLICATES, 1e3 * seconds, 100.0 * (double)n_newton / N_REPLICATES,
        100.0 * (double)n_lbfgs / N_REPLICATES);
}

int main(int argc, char **argv)
{
    const int k = argc > 1 ? atoi(argv[1]) : 15;
    static struct work w;
    struct status_why why;
    status_clear(&why);
    MPI_Init(&argc, &argv); /* the readers of runs are collective */
    enum status st = vmath_start(&why);
    st = st == STATUS_OK ? simulated_create(&w.o, &why) : st;
    st = st == STATUS_OK ? objective_create_like(w.o, &w.sample, &why) : st;
    if (st == STATUS_OK) {
        compare_solvers(&w, k);
        st = hold_all(&why);
    }
    if (st != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", why.message);
    }
    objective_destroy(w.o);
    objective_destroy(w.sample);
    MPI_Finalize();
    return st == STATUS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
