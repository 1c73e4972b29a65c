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

/** At the final delta from the first step: continuation leads to one basin what lies in many. */
static void go_directly(const struct objective *o, double z[], struct general_end *end)
{
    struct local_end newton;
    local_minimise(o, true, z, &newton);
    *end = (struct general_end){newton.objective, newton.reason, FIT_NEWTON, newton.reason,
                                newton.n_evaluations};
}

static void minimise_from(const struct work *w, size_t i)
{
    struct fit_start *s = &w->starts[i];
    double z[LAW_MAX_PARAMETERS];
    struct general_end end;
    start_at(w->o, w->design, i, z);
    objective_uncentre(w->o, z, s->start);
    if (w->design->around != NULL && w->solver == FIT_NEWTON) {
        go_directly(w->o, z, &end);
    } else {
        general_minimise(w->o, w->solver, z, &end);
    }
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

/** What the blocks of points work with. */
struct look {
    const struct objective *o;
    const struct start_design *all;
    double *value; /* [blocks][MULTISTART_LOOK] */
};

static enum status look_at_block(void *context, size_t block, struct status_why *why)
{
    const struct look *l = context;
    (void)why;
    const size_t begin = block * MULTISTART_LOOK;
    for (size_t i = begin; i < begin + MULTISTART_LOOK && i < l->all->n; i++) {
        double z[LAW_MAX_PARAMETERS];
        start_at(l->o, l->all, i, z);
        l->value[i] = objective_value(l->o, z);
    }
    return STATUS_OK;
}

enum status multistart_choose(MPI_Comm comm, const struct objective *o, struct start_design *design,
                              size_t chosen[], struct status_why *why)
{
    if (design->n == design->n_all) {
        return STATUS_OK;
    }
    struct start_design all = *design;
    all.n = design->n_all;
    const size_t n_blocks = (all.n + MULTISTART_LOOK - 1) / MULTISTART_LOOK;
    struct look l = {o, &all, calloc(n_blocks * MULTISTART_LOOK, sizeof *l.value)};
    const struct team_work work = {
        .label = "points", .n_items = n_blocks, .item = look_at_block, .context = &l};
    enum status st = l.value != NULL
                         ? STATUS_OK
                         : status_fail(why, STATUS_MEMORY, "no memory for %zu points", all.n);
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(items_deal(comm, NULL, &work, MULTISTART_LOOK * sizeof *l.value, l.value, why));
    STATUS_TRY(team_agree(comm, start_choose(design, l.value, chosen, why), why));
    design->chosen = chosen;
out:
    free(l.value);
    return st;
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
    *best = multistart_best(starts, n);
    if (*best == n) {
        st = status_fail(why, STATUS_NO, "law %s: none of %zu starts led to a finite value",
                         o->law->id, n);
    }
out:
    free(w.starts);
    return st;
}

size_t multistart_best(const struct fit_start starts[], size_t n)
{
    size_t best = n;
    for (size_t i = 0; i < n; i++) {
        if (starts[i].reason != FIT_DIVERGED
            && (best == n || starts[i].objective < starts[best].objective)) {
            best = i;
        }
    }
    return best;
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

double multistart_exact(enum fit_objective kind, size_t n)
{
    const double residual = 1e-13;
    return (double)n * (kind == FIT_LAD ? residual : 0.5 * residual * residual);
}

bool multistart_agrees(double objective, double least, double exact)
{
    return objective <= least * (1.0 + MULTISTART_SAME) || objective <= exact;
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

/** Whether an end is as good as the optimum at \a lowest, or ends beside it. */
static bool is_same(const struct fit_start *lowest, const struct fit_start *end,
                    size_t n_parameters, double exact)
{
    if (multistart_agrees(end->objective, lowest->objective, exact)) {
        return true;
    }
    bool near = end->objective <= lowest->objective * (1.0 + MULTISTART_NEAR);
    for (size_t i = 0; near && i < n_parameters; i++) {
        const double at = lowest->theta[i];
        near = fabs(end->theta[i] - at) <= MULTISTART_NEAR_THETA * (1.0 + fabs(at));
    }
    return near;
}

/** The optimum that an end belongs to; \a n when to none. Those too low to be it are not asked. */
static size_t find_optimum(const struct fit_start starts[], const size_t lowest[], size_t n,
                           const struct fit_start *end, size_t n_parameters, double exact)
{
    for (size_t k = n; k-- > 0;) {
        const struct fit_start *other = &starts[lowest[k]];
        if (is_same(other, end, n_parameters, exact)) {
            return k;
        }
        if (end->objective > other->objective * (1.0 + MULTISTART_NEAR)) {
            break;
        }
    }
    return n;
}

enum status multistart_optima(const struct fit_start starts[], size_t n, size_t n_parameters,
                              double exact, struct fit_optimum optima[], size_t *n_all,
                              struct status_why *why)
{
    struct ranked *ends = malloc((n + 1) * sizeof *ends);
    size_t *lowest = calloc(n + 1, sizeof *lowest); /* start of the lowest end of each optimum */
    size_t n_ends = 0;
    *n_all = 0;
    memset(optima, 0, FIT_MAX_OPTIMA * sizeof *optima);
    if (ends == NULL || lowest == NULL) {
        free(ends);
        free(lowest);
        return status_fail(why, STATUS_MEMORY, "no memory for the ends of %zu starts", n);
    }
    for (size_t i = 0; i < n; i++) {
        if (starts[i].reason != FIT_DIVERGED) {
            ends[n_ends++] = (struct ranked){starts[i].objective, i};
        }
    }
    qsort(ends, n_ends, sizeof *ends, compare_ranked);
    for (size_t i = 0; i < n_ends; i++) {
        const struct fit_start *end = &starts[ends[i].start];
        if (i > 0 && end->reason == FIT_LIMIT) {
            continue; /* on its way, to nobody knows where */
        }
        const size_t k = find_optimum(starts, lowest, *n_all, end, n_parameters, exact);
        if (k == *n_all) {
            lowest[(*n_all)++] = ends[i].start;
        }
        if (k < FIT_MAX_OPTIMA) {
            struct fit_optimum *to = &optima[k];
            if (to->n_starts++ == 0) {
                to->objective = end->objective;
                memcpy(to->theta, end->theta, n_parameters * sizeof *to->theta);
            }
        }
    }
    free(ends);
    free(lowest);
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
