#define _XOPEN_SOURCE 700
/* Fitting 245 simulated runs: one evaluation of value, gradient and Hessian by level against plain
 * libm code, and a fit from 25 starts by variable projection against NLopt's L-BFGS from the same
 * starts. */
#include <math.h>
#include <nlopt.h>
#include <string.h>

#include "fitting/minimise/local.h"
#include "fitting/minimise/objective.h"
#include "fitting/minimise/start.h"
#include "solver/base/vmath.h"
#include "tests/bench/bench.h"
#include "tests/bench/simulated.h"

enum { N_STARTS = 25, LEVELS = 5, N_PARAMETERS = 5 };

/* What is measured, and what comes of it. */
struct work {
    struct objective *o;
    double z[LAW_MAX_PARAMETERS];
    struct objective_point at;
    double ends[N_STARTS];
};

static void evaluate(void *context)
{
    struct work *w = context;
    objective_evaluate(w->o, w->o->delta, w->z, &w->at);
}

/* What a first program would do for each observation. */
static void evaluate_naive(void *context)
{
    struct work *w = context;
    const struct objective *o = w->o;
    const double delta = o->delta;
    memset(&w->at, 0, sizeof w->at);
    for (size_t i = 0; i < o->n; i++) {
        const double x = o->x[0][i];
        const double y = o->x[1][i];
        const double terms[3] = {exp(w->z[0]), exp(w->z[1] - w->z[3] * x),
                                 exp(w->z[2] - w->z[4] * y)};
        const double loss = terms[0] + terms[1] + terms[2];
        const double r = log(loss) - o->target[i];
        const double psi = o->weight[i] * fmax(-delta, fmin(delta, r));
        const double slope = fabs(r) <= delta ? o->weight[i] : 0.0;
        const double s[N_PARAMETERS] = {terms[0] / loss, terms[1] / loss, terms[2] / loss,
                                        -x * terms[1] / loss, -y * terms[2] / loss};
        const size_t term[N_PARAMETERS] = {0, 1, 2, 1, 2};
        const double factor[N_PARAMETERS] = {1.0, 1.0, 1.0, -x, -y};
        w->at.value +=
            o->weight[i] * (fabs(r) <= delta ? 0.5 * r * r : delta * (fabs(r) - 0.5 * delta));
        for (size_t j = 0; j < N_PARAMETERS; j++) {
            w->at.gradient[j] += psi * s[j];
            for (size_t k = 0; k < N_PARAMETERS; k++) {
                const double second =
                    term[j] == term[k] ? factor[j] * factor[k] * terms[term[j]] / loss : 0.0;
                w->at.hessian[j * N_PARAMETERS + k] +=
                    slope * s[j] * s[k] + psi * (second - s[j] * s[k]);
            }
        }
    }
}

static void fit_newton(void *context)
{
    struct work *w = context;
    for (size_t i = 0; i < N_STARTS; i++) {
        double z[LAW_MAX_PARAMETERS];
        struct local_end end;
        start_find(w->o, LEVELS, i, z);
        local_minimise(w->o, false, z, &end);
        w->ends[i] = end.objective;
    }
}

static void fit_lbfgs(void *context)
{
    struct work *w = context;
    for (size_t i = 0; i < N_STARTS; i++) {
        double z[LAW_MAX_PARAMETERS];
        start_find(w->o, LEVELS, i, z);
        w->ends[i] = simulated_lbfgs(w->o, z);
    }
}

static size_t count_best(const double ends[], double best)
{
    size_t n = 0;
    for (size_t i = 0; i < N_STARTS; i++) {
        n += ends[i] <= best * (1.0 + 1e-9);
    }
    return n;
}

static void compare_levels(struct work *w, int k)
{
    const enum vmath_level before = vmath_level();
    for (size_t level = 0; level < VMATH_N_LEVELS; level++) {
        char what[64];
        if (vmath_force((enum vmath_level)level)) {
            (void)snprintf(what, sizeof what, "value, gradient, Hessian a point, %s",
                           vmath_level_name((enum vmath_level)level));
            bench_compare(what, w->o->n, k, evaluate, evaluate_naive, w);
        }
    }
    (void)vmath_force(before);
}

int main(int argc, char **argv)
{
    const int k = argc > 1 ? atoi(argv[1]) : 15;
    struct work w;
    memset(&w, 0, sizeof w);
    struct status_why why;
    status_clear(&why);
    if (vmath_start(&why) != STATUS_OK || simulated_create(&w.o, &why) != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", why.message);
        return EXIT_FAILURE;
    }
    start_find(w.o, LEVELS, 12, w.z);
    bench_heading();
    compare_levels(&w, k);
    bench_compare("fit from 25 starts, L-BFGS as naive", 1, k, fit_newton, fit_lbfgs, &w);
    fit_newton(&w);
    double best = w.ends[0];
    for (size_t i = 0; i < N_STARTS; i++) {
        best = w.ends[i] < best ? w.ends[i] : best;
    }
    const size_t n_newton = count_best(w.ends, best);
    fit_lbfgs(&w);
    (void)printf("starts that reach the optimum: Newton %zu, L-BFGS %zu of %d\n", n_newton,
                 count_best(w.ends, best), N_STARTS);
    objective_destroy(w.o);
    return EXIT_SUCCESS;
}
