#include "fitting/uncertainty/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/minimise/local.h"
#include "fitting/uncertainty/bootstrap.h"
#include "fitting/uncertainty/quantile.h"
#include "solver/base/team.h"
#include "solver/base/vmath.h"
#include "solver/optimum.h"

enum {
    PROFILE_STEPS = 30, /* outwards: at 2.5 times the distance each, twelve decades */
    PROFILE_ROOT = 60,  /* steps to a limit in its bracket; most need five */
    PROFILE_HALF = FIT_PROFILE_POINTS / 2,
    PROFILE_BATCH = 50 /* replicates of one item of the thresholds */
};

/* First step, in standard errors or, without one, absolute; growth of the next ones. */
#define PROFILE_FIRST    0.5
#define PROFILE_UNKNOWN  0.05
#define PROFILE_FAR      0.5 /* of logarithms: standard errors of optima are not always of use */
#define PROFILE_GROWTH   1.3
#define PROFILE_LONGEST  2.5
#define PROFILE_OVERSTEP 1.05
/* A limit is known to this part of its distance from the optimum. */
#define PROFILE_SAME 1e-7

bool profile_is_possible(const struct fit_options *options)
{
    return options->objective == FIT_LEAST_SQUARES
           || options->n_replicates >= PROFILE_LEAST_REPLICATES;
}

size_t profile_count(const struct fit *f)
{
    return f->law->n_parameters + (f->has_optimum ? FIT_N_DERIVED : 0);
}

/* Optimum at the budget of a figure. */
static bool optimum_of(const struct held *held, const double z[], struct optimum *best)
{
    double theta[LAW_MAX_PARAMETERS];
    objective_uncentre(held->o, z, theta);
    return optimum_at(held->o->law, theta, held->compute_flop, best);
}

#define PROFILE_DERIVED(name, expression)                                                          \
    static double derived_##name(const struct held *held, const double z[])                        \
    {                                                                                              \
        struct optimum best;                                                                       \
        return optimum_of(held, z, &best) ? (expression) : (double)NAN;                            \
    }

PROFILE_DERIVED(exponent, best.exponent_params)
PROFILE_DERIVED(params, vmath_log1(best.params))
PROFILE_DERIVED(tokens, vmath_log1(best.tokens))
PROFILE_DERIVED(loss, best.loss_nat)

static const struct {
    double (*value)(const struct held *held, const double z[]);
    bool is_log;
    size_t interval; /* of the fit, for the first step */
} derived[FIT_N_DERIVED] = {
    {derived_exponent, false, offsetof(struct fit, exponent_params)},
    {derived_params, true, offsetof(struct fit, optimum_params)},
    {derived_tokens, true, offsetof(struct fit, optimum_tokens)},
    {derived_loss, false, offsetof(struct fit, optimum_loss_nat)},
};

static bool is_log(const struct fit *f, size_t k)
{
    const size_t p = f->law->n_parameters;
    return k < p ? f->law->parameters[k].transform == LAW_LOG : derived[k - p].is_log;
}

void profile_figure(const struct objective *o, const struct fit *f, size_t k, const double best[],
                    struct held *made)
{
    const size_t p = f->law->n_parameters;
    if (k < p) {
        held_parameter(o, k, made);
    } else {
        *made = (struct held){
            .o = o, .value = derived[k - p].value, .compute_flop = f->options.target_compute_flop};
    }
    made->target = held_value(made, best);
}

double profile_natural(const struct fit *f, size_t k, double held)
{
    return is_log(f, k) ? vmath_exp1(held) : held;
}

const struct fit_interval *profile_estimate(const struct fit *f, size_t k)
{
    const size_t p = f->law->n_parameters;
    return k < p ? &f->natural[k] : (const void *)((const char *)f + derived[k - p].interval);
}

void profile_adopt(struct fit *f)
{
    const size_t p = f->law->n_parameters;
    for (size_t k = 0; k < f->n_profiles; k++) {
        const struct fit_profile *q = &f->profiles[k];
        struct fit_interval *x =
            k < p ? &f->natural[k] : (void *)((char *)f + derived[k - p].interval);
        if (q->limits != FIT_FIXED) {
            x->lower = q->lower;
            x->upper = q->upper;
        }
    }
}

/** Standard error of what is held; NAN if unknown. */
static double error_of(const struct fit *f, size_t k)
{
    const struct fit_interval *x = profile_estimate(f, k);
    return is_log(f, k) ? x->standard_error / x->value : x->standard_error;
}

/** The box leaves figure \a k no room: the study fixed it. */
static bool is_fixed(const struct objective *o, const struct fit *f, size_t k)
{
    return k < f->law->n_parameters && !objective_moves(o, o->root[k]);
}

/* One direction of one figure, away from the optimum. */
struct side {
    double limit;               /* of what is held; NAN where there is none */
    double value[PROFILE_HALF]; /* held, at equal parts of the distance */
    double rise[PROFILE_HALF];
};

/* A walk along a profile. */
struct walk {
    const struct objective *o;
    struct held held;
    double at, objective, threshold;          /* figure and objective of the optimum */
    double near[2], z[2][LAW_MAX_PARAMETERS]; /* the last two points of the curve, newest first */
    bool has_two;
};

/** Rise of the objective with the figure at \a value, from the curve so far; NAN where the figure
 * cannot have it. */
static double rise_at(struct walk *w, double value)
{
    const size_t p = w->o->law->n_parameters;
    const size_t bytes = p * sizeof(double);
    double z[LAW_MAX_PARAMETERS];
    struct local_end end = {.reason = FIT_DIVERGED};
    w->held.target = value;
    memcpy(z, w->z[0], bytes);
    if (w->has_two) { /* along the secant of the curve */
        const double part = (value - w->near[0]) / (w->near[0] - w->near[1]);
        for (size_t i = 0; i < p; i++) {
            z[i] += part * (w->z[0][i] - w->z[1][i]);
        }
        local_minimise_held(w->o, &w->held, z, &end);
    }
    if (end.reason == FIT_DIVERGED) {
        memcpy(z, w->z[0], bytes);
        local_minimise_held(w->o, &w->held, z, &end);
    }
    if (end.reason == FIT_DIVERGED) {
        return (double)NAN;
    }
    w->has_two = fabs(value - w->near[0]) > 0.0;
    if (w->has_two) {
        w->near[1] = w->near[0];
        memcpy(w->z[1], w->z[0], bytes);
    }
    w->near[0] = value;
    memcpy(w->z[0], z, bytes);
    return end.objective - w->objective;
}

/** Least or largest value of the figure in the box, infinite for figures that are not linear. */
static double bound_of(const struct walk *w, double sign)
{
    double sum = 0.0;
    if (w->held.value != NULL) {
        return sign * (double)INFINITY;
    }
    for (size_t i = 0; i < w->o->law->n_parameters; i++) {
        const double slope = w->held.slope[i];
        sum += slope * (slope * sign > 0.0 ? w->o->upper[i] : w->o->lower[i]);
    }
    return sum;
}

/** How far the objective is from the threshold, on a scale on which a parabola is a line. */
static double height(const struct walk *w, double rise)
{
    return sqrt(rise > 0.0 ? rise : 0.0) - sqrt(w->threshold);
}

/** The distance of the limit between \a inside and \a outside by the Illinois variant of false
 * position. */
static double find_root(struct walk *w, double sign, double inside, double h_in, double outside,
                        double h_out)
{
    for (size_t k = 0; k < PROFILE_ROOT && outside - inside > PROFILE_SAME * outside; k++) {
        const double value = inside + (outside - inside) * (h_in / (h_in - h_out));
        const double h = height(w, rise_at(w, w->at + sign * value));
        if (fabs(h) <= PROFILE_SAME * sqrt(w->threshold)) {
            return value;
        }
        if (h < 0.0) {
            inside = value;
            h_in = h;
            h_out *= 0.5;
        } else {
            outside = value;
            h_out = isnan(h) ? h_out : h;
            h_in *= 0.5;
        }
    }
    return 0.5 * (inside + outside);
}

/** The next distance from the optimum, from the rise at the last: where a parabola would reach the
 * threshold and a little further, but neither too near nor too far, and half-way to a wall. */
static double step_out(const struct walk *w, double distance, double rise, double wall)
{
    const double wanted = PROFILE_OVERSTEP * sqrt(w->threshold / (rise > 0.0 ? rise : 0.0));
    const double next = distance
                        * (!(wanted < PROFILE_LONGEST) ? PROFILE_LONGEST
                           : wanted > PROFILE_GROWTH   ? wanted
                                                       : PROFILE_GROWTH);
    return next < wall ? next : 0.5 * (distance + wall);
}

/** Walk outwards until the threshold is passed, the bound is met, or the figure cannot be followed.
 * \param [out] reached  the limit, or how far the curve was followed without one
 * \return whether there is a limit */
static bool find_limit(struct walk *w, double sign, double first, double *reached)
{
    const double bound = fabs(bound_of(w, sign) - w->at);
    double inside = 0.0; /* distances from the optimum: the last one below it, */
    double h_in = -sqrt(w->threshold);
    double wall = (double)INFINITY; /* the least at which the figure has no value, */
    double next = first;            /* and the one to try */
    bool has_limit = false;
    for (size_t k = 0; k < PROFILE_STEPS && inside < bound; k++) {
        next = next < bound ? next : bound;
        const double rise = rise_at(w, w->at + sign * next);
        if (isnan(rise)) {
            wall = next;
            next = 0.5 * (inside + wall);
            continue;
        }
        const double h = height(w, rise);
        if (h >= 0.0) {
            inside = find_root(w, sign, inside, h_in, next, h);
            has_limit = true;
            break;
        }
        inside = next;
        h_in = h;
        next = step_out(w, inside, rise, wall);
    }
    *reached = w->at + sign * inside;
    return has_limit;
}

static void restart_walk(struct walk *w, const double best[])
{
    w->near[0] = w->at;
    w->has_two = false;
    memcpy(w->z[0], best, w->o->law->n_parameters * sizeof *best);
}

/* What the items work with. */
struct work {
    const struct objective *full;
    const double *best;
    const struct fit *f;
    size_t n_figures, n_used, n_batches; /* n_used: replicates of the thresholds */
    double *rises;      /* [n_figures][n_batches * PROFILE_BATCH], the first n_used of each */
    double *thresholds; /* [n_figures] */
    struct side *sides; /* [n_figures][2] */
    struct bootstrap_source *source;
    struct objective *sample;
};

/** Item of a side: 2 figure + direction. */
static enum status follow(void *context, size_t item, struct status_why *why)
{
    const struct work *w = context;
    const size_t k = item / 2;
    const double sign = item % 2 == 0 ? -1.0 : 1.0;
    struct side *side = &w->sides[item];
    struct walk walk = {.o = w->full, .objective = w->f->objective, .threshold = w->thresholds[k]};
    (void)why;
    profile_figure(w->full, w->f, k, w->best, &walk.held);
    walk.at = walk.held.target;
    restart_walk(&walk, w->best);
    const double error = error_of(w->f, k);
    double first = isfinite(error) && error > 0.0 ? PROFILE_FIRST * error : PROFILE_UNKNOWN;
    first = is_log(w->f, k) && first > PROFILE_FAR ? PROFILE_FAR : first;
    double reached = walk.at;
    const bool has_limit = !is_fixed(w->full, w->f, k) && find_limit(&walk, sign, first, &reached);
    side->limit = has_limit ? reached : (double)NAN;
    restart_walk(&walk, w->best);
    for (size_t i = 0; i < PROFILE_HALF; i++) {
        const double part = (double)(i + 1) / (double)PROFILE_HALF;
        side->value[i] = walk.at + part * (reached - walk.at);
        side->rise[i] = rise_at(&walk, side->value[i]);
    }
    return STATUS_OK;
}

/** Rises of the replicates of figure \a k. */
static double *rises_of(const struct work *w, size_t k)
{
    return w->rises + k * w->n_batches * PROFILE_BATCH;
}

/** Item of the thresholds: a batch of replicates of one figure. */
static enum status raise_batch(void *context, size_t item, struct status_why *why)
{
    const struct work *w = context;
    const size_t k = item / w->n_batches;
    const size_t begin = item % w->n_batches * PROFILE_BATCH;
    double *rises = rises_of(w, k);
    struct held held;
    (void)why;
    profile_figure(w->full, w->f, k, w->best, &held);
    for (size_t r = begin; r < begin + PROFILE_BATCH && r < w->n_used; r++) {
        double z[LAW_MAX_PARAMETERS];
        struct local_end end;
        memcpy(z, w->best, w->full->law->n_parameters * sizeof *z);
        bootstrap_source_draw(w->source, r, w->sample);
        local_minimise_held(w->sample, &held, z, &end);
        /* A replicate that cannot be solved counts as one that any threshold leaves out. */
        rises[r] = end.reason == FIT_DIVERGED ? (double)INFINITY
                                              : end.objective - w->f->replicate_objectives[r];
    }
    return STATUS_OK;
}

/** A parameter on its bound stands there in most replicates too, which then rise by nothing when it
 * is held: it takes the median threshold of the other parameters. */
static void replace_at_bounds(struct work *w)
{
    double others[LAW_MAX_PARAMETERS];
    size_t n = 0;
    for (size_t i = 0; i < w->full->law->n_parameters; i++) {
        if (!w->f->at_bound[i]) {
            others[n++] = w->thresholds[i];
        }
    }
    quantile_sort(others, n);
    for (size_t i = 0; i < w->full->law->n_parameters; i++) {
        if (w->f->at_bound[i]) {
            w->thresholds[i] = n > 0 ? quantile_linear(others, n, 0.5) : (double)INFINITY;
        }
    }
}

/** Thresholds from the replicates (M72). */
static enum status raise_replicates(MPI_Comm comm, struct work *w, struct items *items,
                                    struct status_why *why)
{
    const struct team_work all = {.label = "profile thresholds",
                                  .n_items = w->n_figures * w->n_batches,
                                  .item = raise_batch,
                                  .context = w};
    const enum status st =
        items_deal(comm, items, &all, PROFILE_BATCH * sizeof *w->rises, w->rises, why);
    if (st != STATUS_OK) {
        return st;
    }
    for (size_t k = 0; k < w->n_figures; k++) {
        double *rises = rises_of(w, k);
        quantile_sort(rises, w->n_used);
        const double at = quantile_linear(rises, w->n_used, w->f->options.confidence);
        /* Rounding of the objective is no threshold. */
        const double least = PROFILE_SAME * w->f->objective;
        w->thresholds[k] = isnan(at) ? (double)INFINITY : at > least ? at : least;
    }
    replace_at_bounds(w);
    return STATUS_OK;
}

/** What the runs alone add to the objective at the optimum. */
static double objective_of_runs(const struct work *w)
{
    const struct objective *o = w->full;
    double own[LAW_MAX_PARAMETERS];
    double gradient[LAW_MAX_PARAMETERS] = {0.0};
    double hessian[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS] = {0.0};
    memcpy(own, w->best, o->law->n_parameters * sizeof *own);
    objective_tie(o, own);
    return w->f->objective - prior_add(&o->prior, o->law, o->dispersion, own, gradient, hessian);
}

/** Threshold of least squares (M71): t^2 / (n - p) of the objective. */
static void set_student(struct work *w)
{
    const double objective = objective_of_runs(w);
    size_t freedom = w->full->n;
    for (size_t i = 0; i < w->full->law->n_parameters; i++) {
        freedom -= objective_moves(w->full, i);
    }
    const double t = quantile_student(0.5 * (1.0 + w->f->options.confidence), freedom);
    for (size_t k = 0; k < w->n_figures; k++) {
        w->thresholds[k] = t * t / (double)freedom * objective;
    }
}

static enum status prepare(struct work *w, struct status_why *why)
{
    enum status st = STATUS_OK;
    w->rises = calloc(w->n_figures * w->n_batches * PROFILE_BATCH + 1, sizeof *w->rises);
    w->thresholds = calloc(w->n_figures, sizeof *w->thresholds);
    w->sides = calloc(2 * w->n_figures, sizeof *w->sides);
    if (w->rises == NULL || w->thresholds == NULL || w->sides == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu profiles", w->n_figures);
    }
    if (w->n_used > 0) {
        STATUS_TRY(objective_create_like(w->full, &w->sample, why));
        STATUS_TRY(bootstrap_source_create(w->full, w->best, &w->f->options, &w->source, why));
    }
out:
    return st;
}

/** Both sides of figure \a k in one curve of natural values. */
static void join(const struct work *w, size_t k, struct fit_profile *made)
{
    struct held held;
    const struct side *below = &w->sides[2 * k];
    const struct side *above = &w->sides[2 * k + 1];
    const bool has_lower = !isnan(below->limit);
    const bool has_upper = !isnan(above->limit);
    profile_figure(w->full, w->f, k, w->best, &held);
    made->threshold = w->thresholds[k];
    const struct fit_interval *x = profile_estimate(w->f, k);
    const bool has_replicates = w->f->n_replicates >= 2;
    made->bootstrap_lower = has_replicates ? x->lower : (double)NAN;
    made->bootstrap_upper = has_replicates ? x->upper : (double)NAN;
    made->limits = is_fixed(w->full, w->f, k) ? FIT_FIXED
                   : has_lower && has_upper   ? FIT_TWO_SIDED
                   : has_lower                ? FIT_LOWER_ONLY
                   : has_upper                ? FIT_UPPER_ONLY
                                              : FIT_NO_LIMITS;
    made->lower = has_lower ? profile_natural(w->f, k, below->limit) : (double)NAN;
    made->upper = has_upper ? profile_natural(w->f, k, above->limit) : (double)NAN;
    for (size_t i = 0; i < PROFILE_HALF; i++) {
        const size_t left = PROFILE_HALF - 1 - i;
        const size_t right = PROFILE_HALF + 1 + i;
        made->value[left] = profile_natural(w->f, k, below->value[i]);
        made->rise[left] = below->rise[i];
        made->value[right] = profile_natural(w->f, k, above->value[i]);
        made->rise[right] = above->rise[i];
    }
    made->value[PROFILE_HALF] = profile_natural(w->f, k, held.target);
    made->rise[PROFILE_HALF] = 0.0;
}

enum status profile_run(MPI_Comm comm, const struct objective *full, const double best[],
                        const struct fit *f, struct items *items, struct fit_profile made[],
                        struct status_why *why)
{
    STATUS_ASSERT(profile_is_possible(&f->options));
    const bool is_student = f->options.objective == FIT_LEAST_SQUARES;
    struct work w = {.full = full, .best = best, .f = f, .n_figures = profile_count(f)};
    if (!is_student) {
        w.n_used = f->n_replicates < PROFILE_REPLICATES ? f->n_replicates : PROFILE_REPLICATES;
        w.n_batches = (w.n_used + PROFILE_BATCH - 1) / PROFILE_BATCH;
    }
    enum status st = STATUS_OK;
    STATUS_TRY(team_agree(comm, prepare(&w, why), why));
    if (is_student) {
        set_student(&w);
    } else {
        STATUS_TRY(raise_replicates(comm, &w, items, why));
    }
    const struct team_work all = {
        .label = "profiles", .n_items = 2 * w.n_figures, .item = follow, .context = &w};
    STATUS_TRY(items_deal(comm, items, &all, sizeof *w.sides, w.sides, why));
    for (size_t k = 0; k < w.n_figures; k++) {
        join(&w, k, &made[k]);
    }
out:
    bootstrap_source_destroy(w.source);
    objective_destroy(w.sample);
    free(w.sides);
    free(w.thresholds);
    free(w.rises);
    return st;
}
