#include "search/optimise/starts.h"

#include <math.h>
#include <nlopt.h>
#include <string.h>

#include "solver/base/rng.h"

enum { STARTS_PER_VARIABLE = 8, MOST_STARTS = STARTS_PER_VARIABLE * ALLOCATE_MAX_VARIABLES };

/* Values that do not exist are this bad: an infinity would stop the algorithms. */
static const double out_of_reach = 1e6;
/* Limits are kept by the algorithms to this; Newton's method finds the rest. */
static const double kept_to = 1e-10;

static double finite_or_bad(double value)
{
    return isfinite(value) ? value : out_of_reach;
}

static double objective(unsigned n, const double u[], double gradient[], void *context)
{
    struct view *v = context;
    struct view_value value;
    (void)n;
    if (gradient != NULL) {
        double rows[VIEW_MAX_ROWS][ALLOCATE_MAX_VARIABLES];
        if (!view_gradient(v, u, gradient, rows)) {
            memset(gradient, 0, n * sizeof *gradient);
        }
    }
    view_evaluate(v, u, &value);
    return finite_or_bad(value.objective);
}

/* All rows of one kind, for NLopt's constraints of many values. */
struct kind {
    struct view *v;
    bool equations;
};

static void rows_of(unsigned m, double *result, unsigned n, const double *u, double *gradient,
                    void *context)
{
    const struct kind *kind = context;
    struct view *v = kind->v;
    struct view_value value;
    double slope[ALLOCATE_MAX_VARIABLES], rows[VIEW_MAX_ROWS][ALLOCATE_MAX_VARIABLES];
    const bool sloped = gradient != NULL && view_gradient(v, u, slope, rows);
    unsigned i = 0;
    view_evaluate(v, u, &value);
    for (size_t k = 0; k < v->n_rows && i < m; k++) {
        if ((v->rows[k].side == VIEW_EQUATION) != kind->equations) {
            continue;
        }
        result[i] = isfinite(value.worst) ? finite_or_bad(value.row[k]) : out_of_reach;
        for (unsigned j = 0; gradient != NULL && j < n; j++) {
            gradient[i * n + j] = sloped ? rows[k][j] : 0.0;
        }
        i++;
    }
}

/* One run of an algorithm from u. How it ends does not matter: the point it leaves is judged. */
static enum status run(struct view *v, nlopt_algorithm algorithm, int most, double u[],
                       struct status_why *why)
{
    const unsigned n = (unsigned)v->problem->n_variables;
    struct kind kinds[] = {{v, false}, {v, true}};
    double tolerance[VIEW_MAX_ROWS], from[ALLOCATE_MAX_VARIABLES] = {0}, value;
    unsigned counts[2] = {0, 0};
    nlopt_opt opt = nlopt_create(algorithm, n);
    if (opt == NULL) {
        return status_fail(why, STATUS_MEMORY, "NLopt: no memory for %u variables", n);
    }
    for (size_t k = 0; k < v->n_rows; k++) {
        counts[v->rows[k].side == VIEW_EQUATION]++;
        tolerance[k] = kept_to;
    }
    memcpy(from, u, n * sizeof *from);
    int set = nlopt_set_lower_bounds1(opt, 0.0) + nlopt_set_upper_bounds1(opt, 1.0)
              + nlopt_set_min_objective(opt, objective, v) + nlopt_set_maxeval(opt, most)
              + nlopt_set_xtol_rel(opt, 1e-12) + nlopt_set_ftol_rel(opt, 1e-15);
    enum { SETTINGS = 6 };
    if (counts[0] > 0) {
        set += nlopt_add_inequality_mconstraint(opt, counts[0], rows_of, &kinds[0], tolerance) - 1;
    }
    if (counts[1] > 0) {
        set += nlopt_add_equality_mconstraint(opt, counts[1], rows_of, &kinds[1], tolerance) - 1;
    }
    if (set != SETTINGS) {
        nlopt_destroy(opt);
        return status_fail(why, STATUS_LIBRARY, "NLopt: %s refuses the problem",
                           nlopt_algorithm_name(algorithm));
    }
    (void)nlopt_optimize(opt, u, &value);
    nlopt_destroy(opt);
    for (unsigned i = 0; i < n; i++) {
        u[i] = isfinite(u[i]) ? fmin(1.0, fmax(0.0, u[i])) : from[i];
    }
    return STATUS_OK;
}

/* The point with the limits kept to the tolerance of the algorithms counts as keeping them. */
static void judge(struct view *v, const double u[], struct view_value *value)
{
    static const double times = 10.0;
    view_evaluate(v, u, value);
    if (value->worst <= times * kept_to) {
        value->worst = fmin(value->worst, 0.0);
    }
}

static enum status improve(struct view *v, nlopt_algorithm algorithm, int most, double u[],
                           struct view_value *best, struct status_why *why)
{
    double at[ALLOCATE_MAX_VARIABLES] = {0};
    struct view_value value;
    memcpy(at, u, v->problem->n_variables * sizeof *at);
    const enum status st = run(v, algorithm, most, at, why);
    if (st == STATUS_OK) {
        judge(v, at, &value);
        if (view_is_better(&value, best)) {
            *best = value;
            memcpy(u, at, v->problem->n_variables * sizeof *at);
        }
    }
    return st;
}

enum status starts_solve(struct view *v, double u[], struct starts_found *found,
                         struct status_why *why)
{
    enum { GRADIENT_STEPS = 200, SIMPLEX_STEPS = 2000, GLOBAL_STEPS = 20000 };
    static const double agrees = 1e-6;
    const size_t n = v->problem->n_variables, n_starts = STARTS_PER_VARIABLE * n;
    double ends[MOST_STARTS];
    struct view_value best = {.objective = (double)INFINITY, .worst = (double)INFINITY};
    enum status st = STATUS_OK;

    for (size_t i = 0; i < n_starts; i++) {
        struct rng draws;
        struct view_value value;
        double at[ALLOCATE_MAX_VARIABLES];
        rng_init(&draws, 0, RNG_ALLOCATE, i);
        for (size_t k = 0; k < n; k++) {
            at[k] = rng_uniform(&draws);
        }
        STATUS_TRY(run(v, NLOPT_LD_SLSQP, GRADIENT_STEPS, at, why));
        judge(v, at, &value);
        ends[i] = value.worst <= VIEW_SLACK ? value.objective : (double)INFINITY;
        if (i == 0 || view_is_better(&value, &best)) {
            best = value;
            memcpy(u, at, n * sizeof *at);
        }
    }
    if (best.worst > VIEW_SLACK) {
        nlopt_srand(1);
        STATUS_TRY(improve(v, NLOPT_GN_ISRES, GLOBAL_STEPS, u, &best, why));
        STATUS_TRY(improve(v, NLOPT_LD_SLSQP, GRADIENT_STEPS, u, &best, why));
    }
    STATUS_TRY(improve(v, NLOPT_LN_COBYLA, SIMPLEX_STEPS, u, &best, why));
    found->n_starts = n_starts;
    found->n_agree = 0;
    for (size_t i = 0; i < n_starts; i++) {
        found->n_agree +=
            ends[i] - best.objective <= agrees * fmax(1.0, fabs(best.objective)) ? 1 : 0;
    }
out:
    return st;
}
