#define _XOPEN_SOURCE 700
/* One bootstrap replicate of 245 simulated runs, from the optimum of all runs: compaction and
 * Newton's method with the exact Hessian against NLopt's L-BFGS on the same resample. */
#include <string.h>

#include "fitting/minimise/local.h"
#include "fitting/minimise/objective.h"
#include "fitting/minimise/start.h"
#include "fitting/uncertainty/bootstrap.h"
#include "solver/base/vmath.h"
#include "tests/bench/bench.h"
#include "tests/bench/simulated.h"

enum { N_REPLICATES = 4000, N_A_CALL = 16 };

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

int main(int argc, char **argv)
{
    const int k = argc > 1 ? atoi(argv[1]) : 15;
    static struct work w;
    struct status_why why;
    struct local_end end;
    status_clear(&why);
    if (vmath_start(&why) != STATUS_OK || simulated_create(&w.o, &why) != STATUS_OK
        || objective_create_like(w.o, &w.sample, &why) != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", why.message);
        return EXIT_FAILURE;
    }
    start_find(w.o, 5, 12, w.best);
    local_minimise(w.o, false, w.best, &end);
    bench_heading();
    bench_compare("one replicate, L-BFGS as naive", N_A_CALL, k, some_newton, some_lbfgs, &w);
    size_t n_newton = 0;
    size_t n_lbfgs = 0;
    double seconds = (double)INFINITY;
    for (int i = 0; i < k || i == 0; i++) {
        const double each = bench_time(all_newton, &w, 1);
        seconds = each < seconds ? each : seconds;
    }
    for (size_t r = 0; r < N_REPLICATES; r++) {
        const double other = lbfgs(&w, r);
        n_newton += w.ends[r] <= other * (1.0 + 1e-9);
        n_lbfgs += other <= w.ends[r] * (1.0 + 1e-9);
    }
    (void)printf(
        "%d replicates in %.3g ms; not beaten by the other: Newton %.2f %%, L-BFGS %.2f %%\n",
        N_REPLICATES, 1e3 * seconds, 100.0 * (double)n_newton / N_REPLICATES,
        100.0 * (double)n_lbfgs / N_REPLICATES);
    objective_destroy(w.o);
    objective_destroy(w.sample);
    return EXIT_SUCCESS;
}
