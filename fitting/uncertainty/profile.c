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
    PROFILE_STEPS = 90, /* outwards; most sides need four, one that nears a wall forty */
    PROFILE_ROOT = 60,  /* steps to a limit in its bracket; most need five */
    PROFILE_AGAIN = 3,  /* times that a minimisation is taken up again */
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
/* Standard errors below this part of the value are the rounding of replicates on a bound. */
#define PROFILE_NO_SPREAD 1e-9
/* From a value of 0 the first step of a logarithm leads to 1e-40. */
#define PROFILE_FROM_ZERO 598.0
/* Flat is a side without a limit this far out: a factor of 1e12 of what is held by its logarithm;
 * this many first steps, and this many times the value, of the rest. */
#define PROFILE_FLAT_LOG   27.631
#define PROFILE_FLAT_STEPS 1e6
#define PROFILE_FLAT_TIMES 1e3
/* A wall is known to this part of its distance from the optimum. */
#define PROFILE_WALL 1e-3
/* A bracket that closes on a point where the rise is lower than the threshold by more than this
 * part holds no limit: another valley was met outside. */
#define PROFILE_JUMP 1e-3
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

/* Places of N* and D* in it. */
enum { PROFILE_PARAMS = 1, PROFILE_TOKENS };

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
        if (q->lower_end != FIT_END_FIXED) {
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

/** N* D* is the budget's product, so the profile of D* is that of N* seen in a mirror. */
static bool is_mirror(const struct fit *f, size_t k)
{
    return k == f->law->n_parameters + PROFILE_TOKENS;
}

/* One direction of one figure, away from the optimum. */
struct side {
    double end;                 /* enum fit_end, as items are numbers */
    double reached;             /* of what is held: the limit, or how far the curve was followed */
    double value[PROFILE_HALF]; /* held, at equal parts of the distance */
    double rise[PROFILE_HALF];
};

/* A point of a profile: a distance of the figure from its optimum, the rise there, and z. */
struct point {
    double distance, rise;
    double z[LAW_MAX_PARAMETERS];
};

/* A walk along one side of a profile. */
struct walk {
    const struct objective *o;
    struct held held;
    double at, objective, threshold; /* figure and objective of the optimum */
    double sign;                     /* of the side */
    struct point inside, before;     /* the last point below the threshold, and the one before it */
    struct point outside;            /* a point above it */
    bool has_before, has_outside;
    enum held_end failed; /* why the last point could not be had */
};

/** Minimise from \a start, as often again as the limit of evaluations asks for, and keep the end in
 * \a best if it is lower. */
static void try_start(struct walk *w, bool warm, const double start[], struct point *best)
{
    const size_t bytes = w->o->law->n_parameters * sizeof(double);
    double z[LAW_MAX_PARAMETERS];
    struct local_end end;
    memcpy(z, start, bytes);
    local_minimise_held(w->o, &w->held, warm, z, &end);
    for (size_t k = 0; k < PROFILE_AGAIN && end.reason == FIT_LIMIT; k++) {
        local_minimise_held(w->o, &w->held, true, z, &end);
    }
    const double rise = end.objective - w->objective;
    /* An end short of its minimum shows that the rise is below the threshold, not that it is above.
     */
    if (end.reason == FIT_DIVERGED || (end.reason == FIT_LIMIT && rise >= w->threshold)) {
        w->failed = end.held == HELD_BOX ? HELD_BOX : HELD_LOST;
    } else if (!(rise >= best->rise)) {
        best->rise = rise;
        memcpy(best->z, z, bytes);
    }
}

/** The point of the curve at \a distance, the least that is reached from several starts: along the
 * secant of the last two points, from the last one by continuation in delta, and from the point
 * outside. Its rise is NAN where the figure cannot be had. */
static struct point point_at(struct walk *w, double distance)
{
    const size_t p = w->o->law->n_parameters;
    struct point made = {.distance = distance, .rise = (double)NAN};
    w->held.target = w->at + w->sign * distance;
    const double apart = w->inside.distance - w->before.distance;
    if (w->has_before && apart > 0.0) {
        const double part = (distance - w->inside.distance) / apart;
        double z[LAW_MAX_PARAMETERS];
        for (size_t i = 0; i < p; i++) {
            z[i] = w->inside.z[i] + part * (w->inside.z[i] - w->before.z[i]);
        }
        try_start(w, true, z, &made);
    }
    try_start(w, false, w->inside.z, &made);
    if (w->has_outside) {
        try_start(w, true, w->outside.z, &made);
    }
    return made;
}

/** Take a point below the threshold as the last one. */
static void move_in(struct walk *w, const struct point *to)
{
    w->before = w->inside;
    w->inside = *to;
    w->has_before = true;
}

/** Least or largest value of the figure in the box, infinite for figures that are not linear. */
static double bound_of(const struct walk *w)
{
    const double sign = w->sign;
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

/** Narrow the bracket of the last point inside and the point outside by the Illinois variant of
 * false position until the limit is known. \return its distance; NAN when the curve turns out to
 * stay below the threshold at the point outside, which is then the last one inside */
static double find_root(struct walk *w)
{
    double h_in = height(w, w->inside.rise);
    double h_out = height(w, w->outside.rise);
    int last = 0; /* the end that moved: -1 inside, 1 outside */
    const double small = PROFILE_SAME * sqrt(w->threshold);
    for (size_t k = 0; k < PROFILE_ROOT; k++) {
        const double in = w->inside.distance, out = w->outside.distance;
        if (out - in <= PROFILE_SAME * out) {
            break;
        }
        const struct point p = point_at(w, in + (out - in) * (h_in / (h_in - h_out)));
        if (isnan(p.rise)) {
            break;
        }
        const double h = height(w, p.rise);
        if (fabs(h) <= small) {
            w->outside = p;
            return p.distance;
        }
        if (h < 0.0) {
            move_in(w, &p);
            h_in = h;
            h_out *= last < 0 ? 0.5 : 1.0;
            last = -1;
        } else {
            w->outside = p;
            h_out = h;
            h_in *= last > 0 ? 0.5 : 1.0;
            last = 1;
        }
    }
    const struct point again = point_at(w, w->outside.distance);
    if (again.rise < w->threshold * (1.0 - PROFILE_JUMP)) {
        move_in(w, &again);
        w->has_outside = false;
        return (double)NAN;
    }
    return w->outside.distance;
}

/** The next distance from the optimum, from the rise at the last: where a parabola would reach the
 * threshold and a little further, but neither too near nor too far. */
static double step_out(const struct walk *w, double distance, double rise)
{
    const double wanted = PROFILE_OVERSTEP * sqrt(w->threshold / (rise > 0.0 ? rise : 0.0));
    return distance
           * (!(wanted < PROFILE_LONGEST) ? PROFILE_LONGEST
              : wanted > PROFILE_GROWTH   ? wanted
                                          : PROFILE_GROWTH);
}

/* What ends a walk. */
struct reach {
    double wall;        /* the least distance at which the figure could not be had; or infinite */
    double bound, flat; /* where the box ends, and where a curve is called flat */
};

/** The next distance to try. A point beyond a wall is tried again from nearer to it, as what failed
 * may have been the start. */
static double next_distance(const struct walk *w, const struct reach *r)
{
    const double next =
        isfinite(r->wall) ? r->wall : step_out(w, w->inside.distance, w->inside.rise);
    return next < r->bound ? next : r->bound;
}

/** Walk outwards until the threshold is passed, the curve is flat, the box ends, or the figure
 * cannot be followed. \param [out] distance  of the limit, or of the last point without one */
static enum fit_end find_limit(struct walk *w, double first, double flat, double *distance)
{
    struct reach r = {.wall = (double)INFINITY, .bound = fabs(bound_of(w) - w->at), .flat = flat};
    double next = first < r.bound ? first : r.bound;
    enum fit_end end = FIT_END_NOT_FOLLOWED;
    for (size_t k = 0; k < PROFILE_STEPS; k++) {
        const double inside = *distance = w->inside.distance;
        if (inside >= r.bound) {
            return FIT_END_AT_BOUND;
        }
        if (inside >= r.flat) {
            return FIT_END_FLAT;
        }
        if (isfinite(r.wall) && r.wall - inside <= PROFILE_WALL * r.wall) {
            break;
        }
        const struct point p = point_at(w, next);
        if (isnan(p.rise)) {
            end = w->failed == HELD_BOX ? FIT_END_AT_BOUND : FIT_END_NOT_FOLLOWED;
            r.wall = next;
            next = 0.5 * (inside + r.wall);
            continue;
        }
        r.wall = next < r.wall ? r.wall : (double)INFINITY;
        if (p.rise < w->threshold) {
            move_in(w, &p);
        } else {
            w->outside = p;
            w->has_outside = true;
            *distance = find_root(w);
            if (!isnan(*distance)) {
                return FIT_END_LIMIT;
            }
        }
        next = next_distance(w, &r);
    }
    return end;
}

static void restart_walk(struct walk *w, const double best[])
{
    w->inside = (struct point){.distance = 0.0};
    w->has_before = false;
    memcpy(w->inside.z, best, w->o->law->n_parameters * sizeof *best);
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
    struct side *side = &w->sides[item];
    struct walk walk = {.o = w->full,
                        .objective = w->f->objective,
                        .threshold = w->thresholds[k],
                        .sign = item % 2 == 0 ? -1.0 : 1.0};
    (void)why;
    if (is_mirror(w->f, k)) {
        return STATUS_OK;
    }
    profile_figure(w->full, w->f, k, w->best, &walk.held);
    walk.at = walk.held.target;
    restart_walk(&walk, w->best);
    const double error = error_of(w->f, k);
    const bool is_known = isfinite(error) && error > PROFILE_NO_SPREAD * (1.0 + fabs(walk.at));
    double first = is_known ? PROFILE_FIRST * error : PROFILE_UNKNOWN;
    first = is_log(w->f, k) && first > PROFILE_FAR ? PROFILE_FAR : first;
    const bool is_zero = is_log(w->f, k) && walk.at <= LAW_LOG_ZERO;
    first = is_zero ? PROFILE_FROM_ZERO : first;
    const double far = PROFILE_FLAT_TIMES * (1.0 + fabs(walk.at));
    const double flat = is_zero                            ? (double)INFINITY
                        : is_log(w->f, k)                  ? PROFILE_FLAT_LOG
                        : PROFILE_FLAT_STEPS * first > far ? PROFILE_FLAT_STEPS * first
                                                           : far;
    double distance = 0.0;
    const enum fit_end end =
        is_fixed(w->full, w->f, k) ? FIT_END_FIXED : find_limit(&walk, first, flat, &distance);
    side->end = (double)end;
    side->reached = walk.at + walk.sign * distance;
    walk.outside = end == FIT_END_LIMIT ? walk.outside : walk.inside;
    walk.has_outside = true;
    restart_walk(&walk, w->best);
    for (size_t i = 0; i < PROFILE_HALF; i++) {
        const struct point p = point_at(&walk, (double)(i + 1) / (double)PROFILE_HALF * distance);
        side->value[i] = walk.at + walk.sign * p.distance;
        side->rise[i] = p.rise;
        if (!isnan(p.rise)) {
            move_in(&walk, &p);
        }
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
    if (is_mirror(w->f, k)) {
        return STATUS_OK;
    }
    profile_figure(w->full, w->f, k, w->best, &held);
    for (size_t r = begin; r < begin + PROFILE_BATCH && r < w->n_used; r++) {
        double z[LAW_MAX_PARAMETERS];
        struct local_end end;
        memcpy(z, w->best, w->full->law->n_parameters * sizeof *z);
        bootstrap_source_draw(w->source, r, w->sample);
        local_minimise_held(w->sample, &held, true, z, &end);
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

/** D*, of which nothing was followed, from N*: ln D* = ln (N* D*) - ln N*. */
static void mirror_tokens(struct work *w)
{
    const size_t params = w->f->law->n_parameters + PROFILE_PARAMS;
    const size_t tokens = w->f->law->n_parameters + PROFILE_TOKENS;
    struct held of_params, of_tokens;
    profile_figure(w->full, w->f, params, w->best, &of_params);
    profile_figure(w->full, w->f, tokens, w->best, &of_tokens);
    const double log_product = of_params.target + of_tokens.target;
    w->thresholds[tokens] = w->thresholds[params];
    for (size_t s = 0; s < 2; s++) {
        struct side *to = &w->sides[2 * tokens + s];
        *to = w->sides[2 * params + 1 - s];
        to->reached = log_product - to->reached;
        for (size_t i = 0; i < PROFILE_HALF; i++) {
            to->value[i] = log_product - to->value[i];
        }
    }
}

/** The limit of a side in natural values; NAN: it has none. */
static double limit_of(const struct fit *f, size_t k, const struct side *s)
{
    return (enum fit_end)s->end == FIT_END_LIMIT ? profile_natural(f, k, s->reached) : (double)NAN;
}

/** Both sides of figure \a k in one curve of natural values. */
static void join(const struct work *w, size_t k, struct fit_profile *made)
{
    struct held held;
    const struct side *below = &w->sides[2 * k];
    const struct side *above = &w->sides[2 * k + 1];
    profile_figure(w->full, w->f, k, w->best, &held);
    made->threshold = w->thresholds[k];
    const struct fit_interval *x = profile_estimate(w->f, k);
    const bool has_replicates = w->f->n_replicates >= 2;
    made->bootstrap_lower = has_replicates ? x->lower : (double)NAN;
    made->bootstrap_upper = has_replicates ? x->upper : (double)NAN;
    made->lower_end = (enum fit_end)below->end;
    made->upper_end = (enum fit_end)above->end;
    made->lower = limit_of(w->f, k, below);
    made->upper = limit_of(w->f, k, above);
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
    if (f->has_optimum) {
        mirror_tokens(&w);
    }
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
