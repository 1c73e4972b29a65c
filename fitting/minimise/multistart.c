#include "fitting/minimise/multistart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/minimise/general.h"
#include "fitting/minimise/local.h"
#include "solver/base/team.h"

/** What the blocks of starts work with. */
struct work {
    const struct objective *o;
    const struct start_design *design;
    enum fit_solver solver;
    struct fit_start *starts; /* [blocks][MULTISTART_BLOCK] */
};

static void minimise_from(const struct work *w, size_t i)
{
    struct fit_start *s = &w->starts[i];
    double z[LAW_MAX_PARAMETERS];
    struct general_end end;
    start_at(w->o, w->design, i, z);
    objective_uncentre(w->o, z, s->start);
    general_minimise(w->o, w->solver, z, &end);
    objective_uncentre(w->o, z, s->theta);
    s->objective = end.objective;
    s->reason = end.reason;
    s->solver = end.solver;
    s->newton = end.newton;
    s->n_evaluations = end.n_evaluations;
}

static enum status run_block(void *context, size_t block, struct status_why *why)
{
    const struct work *w = context;
    (void)why;
    const size_t begin = block * MULTISTART_BLOCK;
    for (size_t i = begin; i < begin + MULTISTART_BLOCK && i < w->design->n; i++) {
        minimise_from(w, i);
    }
    return STATUS_OK;
}

enum status multistart_run(MPI_Comm comm, const struct objective *o,
                           const struct start_design *design, enum fit_solver solver,
                           struct items *items, struct fit_start starts[], size_t *best,
                           struct status_why *why)
{
    const size_t n = design->n;
    const size_t n_blocks = (n + MULTISTART_BLOCK - 1) / MULTISTART_BLOCK;
    struct work w = {o, design, solver, calloc(n_blocks * MULTISTART_BLOCK, sizeof *starts)};
    const struct team_work all = {
        .label = "starts", .n_items = n_blocks, .item = run_block, .context = &w};
    enum status st = w.starts != NULL
                         ? STATUS_OK
                         : status_fail(why, STATUS_MEMORY, "no memory for %zu starts", n);
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(items_deal(comm, items, &all, MULTISTART_BLOCK * sizeof *starts, w.starts, why));
    memcpy(starts, w.starts, n * sizeof *starts);
    *best = n;
    for (size_t i = 0; i < n; i++) {
        if (starts[i].reason != FIT_DIVERGED
            && (*best == n || starts[i].objective < starts[*best].objective)) {
            *best = i;
        }
    }
    if (*best == n) {
        st = status_fail(why, STATUS_NO, "law %s: none of %zu starts led to a finite value",
                         o->law->id, n);
    }
out:
    free(w.starts);
    return st;
}

double multistart_improve(const struct objective *o, size_t most, double objective, double z[])
{
    struct start_design design;
    start_plan_few(o, most, &design);
    for (size_t i = 0; i < design.n; i++) {
        double other[LAW_MAX_PARAMETERS];
        struct local_end end;
        start_at(o, &design, i, other);
        local_minimise(o, false, other, &end);
        if (end.reason != FIT_DIVERGED && end.objective < objective) {
            objective = end.objective;
            memcpy(z, other, o->law->n_parameters * sizeof *z);
        }
    }
    return objective;
}

/** An end to be sorted by its objective, the earlier start first among equals. */
struct ranked {
    double objective;
    size_t start;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *p = a;
    const struct ranked *q = b;
    if (p->objective < q->objective || p->objective > q->objective) {
        return p->objective < q->objective ? -1 : 1;
    }
    return (p->start > q->start) - (p->start < q->start);
}

enum status multistart_optima(const struct fit_start starts[], size_t n, size_t n_parameters,
                              struct fit_optimum optima[], size_t *n_all, struct status_why *why)
{
    struct ranked *ends = malloc((n + 1) * sizeof *ends);
    if (ends == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for the ends of %zu starts", n);
    }
    size_t n_ends = 0;
    for (size_t i = 0; i < n; i++) {
        if (starts[i].reason != FIT_DIVERGED) {
            ends[n_ends++] = (struct ranked){starts[i].objective, i};
        }
    }
    qsort(ends, n_ends, sizeof *ends, compare_ranked);
    double lowest = 0.0;
    memset(optima, 0, FIT_MAX_OPTIMA * sizeof *optima);
    *n_all = 0;
    for (size_t k = 0; k < n_ends; k++) {
        const bool is_new = k == 0 || ends[k].objective > lowest * (1.0 + MULTISTART_SAME);
        if (is_new) {
            lowest = ends[k].objective;
            ++*n_all;
        }
        if (*n_all > FIT_MAX_OPTIMA) {
            continue;
        }
        struct fit_optimum *to = &optima[*n_all - 1];
        if (is_new) {
            to->objective = lowest;
            memcpy(to->theta, starts[ends[k].start].theta, n_parameters * sizeof *to->theta);
        }
        to->n_starts++;
    }
    free(ends);
    return STATUS_OK;
}

double multistart_ridge(const struct objective *o, const struct fit_optimum *best,
                        const struct fit_optimum *other)
{
    double a[LAW_MAX_PARAMETERS];
    double b[LAW_MAX_PARAMETERS];
    objective_centre(o, best->theta, a);
    objective_centre(o, other->theta, b);
    double highest = other->objective;
    for (size_t k = 1; k < MULTISTART_SEGMENT; k++) {
        const double t = (double)k / MULTISTART_SEGMENT;
        double z[LAW_MAX_PARAMETERS];
        for (size_t i = 0; i < o->law->n_parameters; i++) {
            z[i] = a[i] + t * (b[i] - a[i]);
        }
        const double value = objective_value(o, z);
        highest = value > highest ? value : highest;
    }
    return highest / best->objective - 1.0;
}
