#include "fitting/minimise/general.h"

#include <math.h>
#include <nlopt.h>
#include <stdbool.h>
#include <string.h>

#include "fitting/minimise/local.h"

/* What the line search sees where the law has no value: above any sum, and finite. */
#define GENERAL_NOWHERE 1e30
/* SLSQP only has to reach the basin: Newton's method then goes to the last digits. */
#define GENERAL_VALUE_TOLERANCE 1e-13
#define GENERAL_STEP_TOLERANCE  1e-11
/* Newton's method that stalls below this slope, of the logarithm of the sum in any coordinate, is
 * at rounding; where it fails the slope is of order one. */
#define GENERAL_FLAT 1e-4
enum { GENERAL_LIMIT = 2000 }; /* evaluations a stage; 24 parameters need some hundreds */

/* Deltas of Huber's sum, in residuals of 1 nat, as Newton's continuation: a line search stops at
 * the kinks of a small delta. For least absolute deviations the last is where Newton takes over. */
static const double general_deltas[] = {0.5, 0.03, 1e-2, 4e-3};
#define GENERAL_LAD_DELTA 1e-3

/** What NLopt calls back with. */
struct call {
    const struct objective *o;
    double delta, scale;
    size_t n_evaluations;
};

static double find_value(unsigned n, const double z[], double gradient[], void *context)
{
    struct call *c = context;
    struct objective_point at;
    objective_evaluate_order(c->o, OBJECTIVE_GRADIENT, c->delta, z, &at);
    c->n_evaluations++;
    const bool is_there = isfinite(at.value);
    for (unsigned i = 0; gradient != NULL && i < n; i++) {
        gradient[i] = is_there && isfinite(at.gradient[i]) ? c->scale * at.gradient[i] : 0.0;
    }
    return is_there ? c->scale * at.value : GENERAL_NOWHERE;
}

/** How NLopt's code is to be called. */
static enum fit_reason reason_of(nlopt_result code)
{
    return code == NLOPT_MAXEVAL_REACHED    ? FIT_LIMIT
           : code > 0                       ? FIT_CONVERGED
           : code == NLOPT_ROUNDOFF_LIMITED ? FIT_STALLED
                                            : FIT_DIVERGED;
}

/** One stage of SLSQP. Its tolerances are absolute in part, so the sum is scaled to 1 at the start.
 * \param [in,out] z  unchanged where there is no value */
static enum fit_reason stage(struct call *c, double delta, double z[])
{
    const struct objective *o = c->o;
    const unsigned n = (unsigned)o->law->n_parameters;
    double lower[LAW_MAX_PARAMETERS];
    double upper[LAW_MAX_PARAMETERS];
    double value = 0.0;
    c->delta = delta;
    c->scale = 1.0;
    const double first = find_value(n, z, NULL, c);
    if (!(first > 0.0) || first >= GENERAL_NOWHERE) {
        return first <= 0.0 ? FIT_CONVERGED : FIT_DIVERGED;
    }
    c->scale = 1.0 / first;
    for (unsigned i = 0; i < n; i++) {
        /* What does not move is a box of no width, which NLopt leaves out. */
        lower[i] = objective_moves(o, i) ? o->lower[i] : z[i];
        upper[i] = objective_moves(o, i) ? o->upper[i] : z[i];
    }
    nlopt_opt solver = nlopt_create(NLOPT_LD_SLSQP, n);
    if (solver == NULL) {
        return FIT_DIVERGED;
    }
    double end[LAW_MAX_PARAMETERS];
    memcpy(end, z, n * sizeof *end);
    (void)nlopt_set_min_objective(solver, find_value, c);
    (void)nlopt_set_lower_bounds(solver, lower);
    (void)nlopt_set_upper_bounds(solver, upper);
    (void)nlopt_set_ftol_rel(solver, GENERAL_VALUE_TOLERANCE);
    (void)nlopt_set_xtol_rel(solver, GENERAL_STEP_TOLERANCE);
    (void)nlopt_set_maxeval(solver, GENERAL_LIMIT);
    const enum fit_reason reason = reason_of(nlopt_optimize(solver, end, &value));
    nlopt_destroy(solver);
    if (value <= 1.0) {
        memcpy(z, end, n * sizeof *end);
    }
    return reason;
}

/** Through falling deltas to the last. */
static enum fit_reason minimise_nlopt(struct call *c, double z[])
{
    const struct objective *o = c->o;
    const double last = o->kind == FIT_LAD ? o->unit * GENERAL_LAD_DELTA : o->delta;
    for (size_t i = 0; i < sizeof general_deltas / sizeof general_deltas[0]; i++) {
        if (o->unit * general_deltas[i] > last) {
            (void)stage(c, o->unit * general_deltas[i], z);
        }
    }
    return stage(c, last, z);
}

/** NLopt, then Newton's method from its end, kept where that is lower. */
static void second_solver(const struct objective *o, double z[], struct general_end *end)
{
    struct call c = {.o = o};
    struct local_end polished;
    double polish[LAW_MAX_PARAMETERS];
    end->solver = FIT_NLOPT;
    end->reason = minimise_nlopt(&c, z);
    objective_tie(o, z);
    end->objective = objective_value(o, z);
    memcpy(polish, z, sizeof polish);
    local_minimise(o, true, polish, &polished);
    end->n_evaluations += c.n_evaluations + polished.n_evaluations;
    if (polished.reason != FIT_DIVERGED && !(polished.objective > end->objective)) {
        memcpy(z, polish, o->law->n_parameters * sizeof *z);
        end->objective = polished.objective;
        end->reason = polished.reason == FIT_LIMIT ? end->reason : polished.reason;
    }
    end->newton = polished.reason;
    if (!isfinite(end->objective)) {
        end->reason = FIT_DIVERGED;
    }
}

/** Into the box, and ties kept. */
static void enter(const struct objective *o, double z[])
{
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        z[i] = z[i] < o->lower[i] ? o->lower[i] : z[i] > o->upper[i] ? o->upper[i] : z[i];
    }
    objective_tie(o, z);
}

/** Whether Newton's method gave up where it should not: no value, its limit, or no step downhill
 * where the slope is not flat (of least absolute deviations there is none at the optimum). */
static bool has_failed(const struct objective *o, const double z[], const struct local_end *newton)
{
    if (newton->reason != FIT_STALLED || o->kind == FIT_LAD) {
        return newton->reason == FIT_LIMIT || newton->reason == FIT_DIVERGED;
    }
    struct objective_point at;
    double square = 0.0;
    objective_evaluate_order(o, OBJECTIVE_GRADIENT, o->delta, z, &at);
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        const bool leads_out = (z[i] <= o->lower[i] && at.gradient[i] >= 0.0)
                               || (z[i] >= o->upper[i] && at.gradient[i] <= 0.0);
        square += objective_moves(o, i) && !leads_out ? at.gradient[i] * at.gradient[i] : 0.0;
    }
    return !(sqrt(square) <= GENERAL_FLAT * at.value);
}

void general_minimise(const struct objective *o, enum fit_solver wanted, double z[],
                      struct general_end *end)
{
    double start[LAW_MAX_PARAMETERS] = {0.0};
    struct local_end newton;
    enter(o, z);
    *end = (struct general_end){.objective = (double)INFINITY, .reason = FIT_DIVERGED};
    if (wanted == FIT_NLOPT) {
        second_solver(o, z, end);
        return;
    }
    memcpy(start, z, o->law->n_parameters * sizeof *z);
    local_minimise(o, false, z, &newton);
    *end = (struct general_end){newton.objective, newton.reason, FIT_NEWTON, newton.reason,
                                newton.n_evaluations};
    if (!has_failed(o, z, &newton)) {
        return;
    }
    struct general_end other = {.n_evaluations = newton.n_evaluations};
    second_solver(o, start, &other);
    end->n_evaluations = other.n_evaluations;
    if (other.reason != FIT_DIVERGED
        && (newton.reason == FIT_DIVERGED || other.objective < newton.objective)) {
        memcpy(z, start, o->law->n_parameters * sizeof *z);
        other.newton = newton.reason;
        *end = other;
    }
}
