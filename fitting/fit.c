#include "fitting/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/minimise/local.h"
#include "fitting/minimise/multistart.h"
#include "fitting/minimise/objective.h"
#include "fitting/minimise/start.h"
#include "fitting/uncertainty/bootstrap.h"
#include "fitting/uncertainty/covariance.h"
#include "fitting/uncertainty/identify.h"
#include "fitting/uncertainty/profile.h"
#include "fitting/uncertainty/quantile.h"
#include "fitting/uncertainty/scatter.h"
#include "solver/base/team.h"
#include "solver/base/vmath.h"
#include "solver/footprint.h"

/* A replicate's parameter within this part of a bound stands on it: storing the natural value and
 * taking its logarithm again costs a few last digits. */
#define FIT_ON_BOUND 1e-9

/** A name from a table, checked. */
static const char *name_of(const char *const names[], size_t n, size_t i)
{
    STATUS_ASSERT(i < n);
    return names[i];
}

const char *fit_objective_name(enum fit_objective o)
{
    static const char *const names[] = {"huber", "lad", "least_squares"};
    return name_of(names, sizeof names / sizeof names[0], (size_t)o);
}

const char *fit_residual_name(enum fit_residual r)
{
    static const char *const names[] = {"log", "linear"};
    return name_of(names, sizeof names / sizeof names[0], (size_t)r);
}

const char *fit_design_name(enum fit_design d)
{
    static const char *const names[] = {"grid", "sobol", "study_grid"};
    return name_of(names, sizeof names / sizeof names[0], (size_t)d);
}

const char *fit_solver_name(enum fit_solver s)
{
    static const char *const names[] = {"newton", "nlopt"};
    return name_of(names, sizeof names / sizeof names[0], (size_t)s);
}

const char *fit_resampling_name(enum fit_resampling r)
{
    static const char *const names[] = {"keyed", "numpy_mt19937"};
    return name_of(names, sizeof names / sizeof names[0], (size_t)r);
}

const char *fit_reason_name(enum fit_reason r)
{
    static const char *const names[] = {"converged", "stalled", "limit", "diverged"};
    return name_of(names, sizeof names / sizeof names[0], (size_t)r);
}

const char *fit_verdict_name(enum fit_verdict v)
{
    static const char *const names[] = {"identified", "weak", "not_identified", "fixed"};
    return name_of(names, sizeof names / sizeof names[0], (size_t)v);
}

const char *fit_bootstrap_name(enum fit_bootstrap b)
{
    static const char *const names[] = {"case", "residual", "cluster"};
    return name_of(names, sizeof names / sizeof names[0], (size_t)b);
}

const char *fit_end_name(enum fit_end e)
{
    static const char *const names[] = {"limit", "flat", "at_bound", "not_followed", "fixed"};
    return name_of(names, sizeof names / sizeof names[0], (size_t)e);
}

const char *fit_interval_source(const struct fit *f)
{
    return f->n_profiles > 0 ? "profile" : f->n_replicates >= 2 ? "bootstrap" : "covariance";
}

void fit_bounds(const struct law *law, size_t i, const struct fit_parameter_option *option,
                double *lower, double *upper)
{
    *lower = option->bounded && !isnan(option->lower) ? option->lower : law->parameters[i].lower;
    *upper = option->bounded && !isnan(option->upper) ? option->upper : law->parameters[i].upper;
}

/** Inputs of one observation, for counting the distinct ones. */
struct point {
    double x[LAW_MAX_INPUTS];
};

static int compare_points(const void *a, const void *b)
{
    const struct point *p = a;
    const struct point *q = b;
    for (size_t i = 0; i < LAW_MAX_INPUTS; i++) {
        if (p->x[i] < q->x[i] || p->x[i] > q->x[i]) {
            return p->x[i] < q->x[i] ? -1 : 1;
        }
    }
    return 0;
}

/** Parameters left to the data: neither fixed nor tied. */
static size_t n_moving(const struct fit_options *options)
{
    size_t n = 0;
    for (size_t i = 0; i < options->law->n_parameters; i++) {
        n += !options->parameters[i].fixed && !options->parameters[i].tied;
    }
    return n;
}

/** Refuse rows at fewer distinct inputs than there are parameters. */
static enum status check_distinct(const struct fit_data *data, const struct fit_options *options,
                                  struct status_why *why)
{
    const struct law *law = options->law;
    struct point *points = calloc(data->n, sizeof *points);
    if (points == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu observations", data->n);
    }
    for (size_t i = 0; i < data->n; i++) {
        for (size_t j = 0; j < law->n_inputs; j++) {
            points[i].x[j] = data->x[j][i];
        }
    }
    qsort(points, data->n, sizeof *points, compare_points);
    size_t n_distinct = 1;
    for (size_t i = 1; i < data->n; i++) {
        n_distinct += compare_points(&points[i - 1], &points[i]) != 0;
    }
    free(points);
    return n_distinct >= n_moving(options)
               ? STATUS_OK
               : status_fail(why, STATUS_INPUT,
                             "%zu usable rows at only %zu distinct inputs cannot determine the %zu "
                             "parameters of law %s",
                             data->n, n_distinct, n_moving(options), law->id);
}

/** Refuse a column of weights or errors with a value that is not positive. */
static enum status check_positive(const double column[], size_t n, const char *what,
                                  struct status_why *why)
{
    for (size_t i = 0; column != NULL && i < n; i++) {
        if (!(column[i] > 0.0) || !isfinite(column[i])) {
            return status_fail(why, STATUS_INPUT, "usable row %zu: %s %g: must be positive", i + 1,
                               what, column[i]);
        }
    }
    return STATUS_OK;
}

static enum status check_rows(const struct fit_data *data, const struct fit_options *options,
                              struct status_why *why)
{
    const struct law *law = options->law;
    for (size_t j = 0; j < law->n_inputs; j++) {
        if (data->x[j] == NULL) {
            return status_fail(why, STATUS_INPUT, "law %s reads %s, which the runs do not give",
                               law->id, law->inputs[j].name);
        }
    }
    if (data->n <= n_moving(options)) {
        return status_fail(
            why, STATUS_INPUT,
            "%zu usable rows cannot determine the %zu parameters of law %s: at least "
            "%zu are needed",
            data->n, n_moving(options), law->id, n_moving(options) + 1);
    }
    for (size_t i = 0; i < data->n; i++) {
        double x[LAW_MAX_INPUTS];
        for (size_t j = 0; j < law->n_inputs; j++) {
            x[j] = data->x[j][i];
        }
        if (!law->in_domain(law, x)) {
            return status_fail(why, STATUS_INPUT,
                               "usable row %zu lies outside the domain of law %s: every input must "
                               "be finite and at least 1",
                               i + 1, law->id);
        }
        const double response = data->response[i];
        if (!isfinite(response) || (options->residual == FIT_LOG && !(response > 0.0))) {
            return status_fail(why, STATUS_INPUT, "usable row %zu: %s %g: must be %s", i + 1,
                               law->response, response,
                               options->residual == FIT_LOG
                                   ? "positive, as residuals are of its logarithm"
                                   : "finite");
        }
    }
    enum status st = check_positive(data->weight, data->n, "weight", why);
    if (st == STATUS_OK) {
        st = check_positive(data->error, data->n, "standard error", why);
    }
    return st == STATUS_OK ? check_distinct(data, options, why) : st;
}

/** Refuse a tie that has no meaning. */
static enum status check_tie(const struct fit_options *options, size_t i, struct status_why *why)
{
    const struct law *law = options->law;
    const struct fit_parameter_option *option = &options->parameters[i];
    const char *name = law->parameters[i].name;
    STATUS_ASSERT(option->tied_to < law->n_parameters);
    const struct law_parameter *root = &law->parameters[option->tied_to];
    if (option->tied_to == i || options->parameters[option->tied_to].tied || option->fixed) {
        return status_fail(
            why, STATUS_INPUT,
            "law.parameters.%s: tied to %s: must be another parameter that is itself "
            "not tied, and %s not fixed",
            name, root->name, name);
    }
    return root->transform == law->parameters[i].transform
               ? STATUS_OK
               : status_fail(
                   why, STATUS_INPUT,
                   "law.parameters.%s: tied to %s: one is fitted by its logarithm and the "
                   "other is not",
                   name, root->name);
}

/** Refuse levels of starts that are no values of parameter \a i. */
static enum status check_levels(const struct fit_options *options, size_t i, double lower,
                                double upper, struct status_why *why)
{
    const struct law_parameter *q = &options->law->parameters[i];
    const struct fit_parameter_option *option = &options->parameters[i];
    STATUS_ASSERT(option->n_levels <= FIT_MAX_LEVELS);
    if (option->n_levels > 0 && (option->fixed || option->tied)) {
        return status_fail(why, STATUS_INPUT, "fit.start_grid.%s: is %s, so starts cannot vary it",
                           q->name, option->fixed ? "fixed" : "tied");
    }
    for (size_t k = 0; k < option->n_levels; k++) {
        const double level = option->levels[k];
        if (!(level >= lower && level <= upper)) {
            return status_fail(why, STATUS_INPUT, "fit.start_grid.%s: %g: must be in [%g, %g]",
                               q->name, level, lower, upper);
        }
    }
    return STATUS_OK;
}

/** Refuse what the options say of parameter \a i if it cannot hold. */
static enum status check_parameter(const struct fit_options *options, size_t i,
                                   struct status_why *why)
{
    const struct law_parameter *q = &options->law->parameters[i];
    const struct fit_parameter_option *option = &options->parameters[i];
    const bool is_log = q->transform == LAW_LOG;
    if (option->fixed && (!isfinite(option->value) || (is_log && option->value < 0.0))) {
        return status_fail(why, STATUS_INPUT, "law.parameters.%s: fixed at %g: must be %s", q->name,
                           option->value, is_log ? "0 or positive" : "finite");
    }
    double lower, upper;
    fit_bounds(options->law, i, option, &lower, &upper);
    if (option->bounded && (!(lower < upper) || (is_log && lower < 0.0))) {
        return status_fail(
            why, STATUS_INPUT, "law.parameters.%s: bounds [%g, %g]: must %s", q->name, lower, upper,
            is_log && lower < 0.0 ? "be 0 or positive, as it is fitted by its logarithm"
                                  : "ascend; what is not said is the bound of the law");
    }
    if (!(option->prior_sd >= 0.0) || !isfinite(option->prior_sd)
        || !isfinite(option->prior_mean)) {
        return status_fail(why, STATUS_INPUT,
                           "law.parameters.%s: prior %g +- %g: must be finite, its deviation "
                           "positive",
                           q->name, option->prior_mean, option->prior_sd);
    }
    const enum status st = check_levels(options, i, lower, upper, why);
    return st == STATUS_OK && option->tied ? check_tie(options, i, why) : st;
}

static enum status check_options(const struct fit_options *options, struct status_why *why)
{
    STATUS_ASSERT(options->law != NULL);
    if (options->n_replicates > 0 && options->bootstrap == FIT_CLUSTER
        && (options->cluster == NULL || options->n_clusters < 2)) {
        return status_fail(why, STATUS_INPUT,
                           "fit.bootstrap: cluster: needs at least two groups of runs to draw "
                           "from; these have %zu",
                           options->n_clusters);
    }
    if (options->objective == FIT_HUBER && !(options->delta > 0.0 && isfinite(options->delta))) {
        return status_fail(why, STATUS_INPUT, "fit.delta: %g: must be positive", options->delta);
    }
    if (!(options->over_prediction >= 0.0) || !isfinite(options->over_prediction)) {
        return status_fail(why, STATUS_INPUT, "fit.over_prediction: %g: must be positive",
                           options->over_prediction);
    }
    for (size_t i = 0; i < options->law->n_parameters; i++) {
        const enum status st = check_parameter(options, i, why);
        if (st != STATUS_OK) {
            return st;
        }
    }
    if (!(options->confidence > 0.0 && options->confidence < 1.0)) {
        return status_fail(why, STATUS_INPUT, "fit.confidence: %g: must be in (0, 1)",
                           options->confidence);
    }
    if (options->n_replicates > 0 && options->resampling == FIT_NUMPY_MT19937
        && (options->seed == 0 || options->seed > UINT32_MAX)) {
        return status_fail(why, STATUS_INPUT,
                           "seed: %llu: resampling numpy_mt19937 takes a seed from 1 to %u",
                           (unsigned long long)options->seed, UINT32_MAX);
    }
    return STATUS_OK;
}

/** Natural range of every input, and the hull of all. */
static enum status find_ranges(const struct fit_data *data, struct fit *f, struct status_why *why)
{
    const size_t d = f->law->n_inputs;
    const double *columns[LAW_MAX_INPUTS];
    double *natural = malloc(data->n * d * sizeof *natural);
    if (natural == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu observations", data->n);
    }
    for (size_t j = 0; j < d; j++) {
        const bool is_log = f->law->inputs[j].logarithmic;
        double lower = data->x[j][0];
        double upper = lower;
        for (size_t i = 1; i < data->n; i++) {
            lower = data->x[j][i] < lower ? data->x[j][i] : lower;
            upper = data->x[j][i] > upper ? data->x[j][i] : upper;
        }
        f->lower[j] = is_log ? vmath_exp1(lower) : lower;
        f->upper[j] = is_log ? vmath_exp1(upper) : upper;
        for (size_t i = 0; i < data->n; i++) {
            const double x = data->x[j][i];
            natural[j * data->n + i] = is_log ? vmath_exp1(x) : x;
        }
        columns[j] = natural + j * data->n;
    }
    const enum status st = support_create(d, data->n, columns, &f->support, why);
    free(natural);
    return st;
}

/** Scale the priors by the residuals at \a theta. */
static enum status learn_noise(struct objective *o, struct fit *f, const double theta[],
                               struct status_why *why)
{
    double z[LAW_MAX_PARAMETERS];
    double *residual = malloc(o->n * sizeof *residual);
    if (residual == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu residuals", o->n);
    }
    objective_centre(o, theta, z);
    objective_residuals(o, z, residual);
    f->options.prior_noise = quantile_robust_deviation(residual, o->n);
    objective_set_noise(o, f->options.prior_noise);
    free(residual);
    return STATUS_OK;
}

/** Starts around the best end so far, behind the others. */
static enum status run_near(MPI_Comm comm, const struct objective *o, struct items *items,
                            struct fit *f, size_t *best, struct status_why *why)
{
    double z[LAW_MAX_PARAMETERS];
    struct start_design near;
    size_t best_near = 0;
    objective_centre(o, f->starts[*best].theta, z);
    start_plan_near(o, f->options.seed, z, &near);
    f->n_near = near.n;
    if (near.n == 0) {
        return STATUS_OK;
    }
    const enum status st = multistart_run(comm, o, &near, f->options.solver, items,
                                          f->starts + f->n_starts, &best_near, why);
    *best = multistart_best(f->starts, f->n_starts + f->n_near);
    return st == STATUS_NO ? STATUS_OK : st; /* that none of these has a value says nothing */
}

/** The best of many starts, twice where priors must first learn the noise. \param [out] best  index
 * of the best start */
static enum status run_starts(MPI_Comm comm, struct objective *o, struct items *items,
                              struct fit *f, size_t *best, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct start_design design;
    start_plan(o, &f->options, &design);
    f->design = design.kind;
    if (design.n_all > FIT_MAX_STARTS) {
        return status_fail(why, STATUS_INPUT, "fit.start_grid: more than %d starts",
                           FIT_MAX_STARTS);
    }
    f->n_starts = design.n;
    f->n_points = design.n_all;
    f->starts = calloc(design.n + (size_t)START_NEAR * LAW_MAX_PARAMETERS, sizeof *f->starts);
    size_t *chosen = calloc(design.n, sizeof *chosen);
    st = f->starts != NULL && chosen != NULL
             ? STATUS_OK
             : status_fail(why, STATUS_MEMORY, "no memory for the starts of a fit");
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(multistart_choose(comm, o, &design, chosen, why));
    STATUS_TRY(multistart_run(comm, o, &design, f->options.solver, items, f->starts, best, why));
    if (o->prior.any && !(o->dispersion > 0.0)) {
        /* What the priors weigh against is the noise that the runs show without them. */
        STATUS_TRY(team_agree(comm, learn_noise(o, f, f->starts[*best].theta, why), why));
        STATUS_TRY(
            multistart_run(comm, o, &design, f->options.solver, items, f->starts, best, why));
    }
    STATUS_TRY(run_near(comm, o, items, f, best, why));
out:
    free(chosen);
    return st;
}

/** How many starts agree, what the others reached, and how flat it is between. */
static enum status compare_starts(const struct objective *o, struct fit *f, struct status_why *why)
{
    const double exact = multistart_exact(f->options.objective, f->n);
    const enum status st =
        multistart_optima(f->starts, f->n_starts + f->n_near, f->law->n_parameters, exact,
                          f->optima, &f->n_optima, why);
    const bool has_other = st == STATUS_OK && f->n_optima > 1;
    for (size_t i = 0; i < f->n_starts + f->n_near; i++) {
        const bool agrees = f->starts[i].reason != FIT_DIVERGED
                            && multistart_agrees(f->starts[i].objective, f->objective, exact);
        f->n_agree += agrees && i < f->n_starts;
        f->n_near_agree += agrees && i >= f->n_starts;
    }
    f->runner_up = has_other ? f->optima[1].objective : (double)NAN;
    f->ridge_rise = has_other ? multistart_ridge(o, &f->optima[0], &f->optima[1]) : (double)NAN;
    f->n_fallback = 0;
    for (size_t i = 0; f->options.solver == FIT_NEWTON && i < f->n_starts; i++) {
        f->n_fallback += f->starts[i].solver == FIT_NLOPT;
    }
    return st;
}

/** The optimum from many starts. \param [out] z  its centred coordinates */
static enum status find_optimum(MPI_Comm comm, struct objective *o, struct items *items,
                                struct fit *f, double z[], struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t best = 0;
    STATUS_TRY(run_starts(comm, o, items, f, &best, why));
    memcpy(f->theta, f->starts[best].theta, sizeof f->theta);
    f->objective = f->starts[best].objective;
    STATUS_TRY(team_agree(comm, compare_starts(o, f, why), why));
    objective_centre(o, f->theta, z);
    /* The last digit lost by moving to theta and back must not take z off a bound. */
    for (size_t i = 0; i < f->law->n_parameters; i++) {
        const double slack = FIT_ON_BOUND * (1.0 + fabs(z[i]));
        z[i] = z[i] <= o->lower[i] + slack   ? o->lower[i]
               : z[i] >= o->upper[i] - slack ? o->upper[i]
                                             : z[i];
    }
    local_bounds(o, z, f->at_bound);
out:
    return st;
}

/** Norm of the gradient in the free z over the objective; NAN for least absolute deviations, whose
 * optimum is a vertex and has no gradient. */
static double find_gradient_norm(const struct objective *o, const double z[], const struct fit *f)
{
    struct objective_point at;
    double sum = 0.0;
    if (o->kind == FIT_LAD) {
        return (double)NAN;
    }
    objective_evaluate(o, o->delta, z, &at);
    for (size_t i = 0; i < f->law->n_parameters; i++) {
        const bool is_free = !f->at_bound[i] && objective_moves(o, i);
        sum += is_free ? at.gradient[i] * at.gradient[i] : 0.0;
    }
    return at.value > 0.0 ? sqrt(sum) / at.value : 0.0;
}

/** Information, noise floor and covariance at the optimum. */
static enum status find_covariance(const struct objective *o, const double z[], struct fit *f,
                                   struct identify *info, struct status_why *why)
{
    double *residual = malloc(2 * o->n * sizeof *residual);
    if (residual == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu residuals", o->n);
    }
    double *sorted = residual + o->n;
    objective_residuals(o, z, residual);
    memcpy(sorted, residual, o->n * sizeof *sorted);
    f->noise_floor = quantile_robust_deviation(sorted, o->n);
    const enum status st = identify_find(o, z, info, why);
    if (st == STATUS_OK) {
        covariance_find(o, z, residual, f->noise_floor, f->at_bound, f->covariance);
        memcpy(f->eigenvalues, info->eigenvalues, sizeof f->eigenvalues);
        f->condition = info->condition;
        f->gradient_norm = find_gradient_norm(o, z, f);
    }
    free(residual);
    return st == STATUS_OK ? scatter_find(o, z, f->at_bound, &f->scatter, why) : st;
}

/** A figure computed from natural values, for the intervals of all that derive from them. */
typedef double (*figure)(const struct law *law, const double natural[], void *context);

static bool optimum_of(const struct law *law, const double natural[], const double *compute_flop,
                       struct optimum *best)
{
    double theta[LAW_MAX_PARAMETERS];
    law_transform(law, natural, theta);
    return optimum_at(law, theta, *compute_flop, best);
}

#define FIT_FIGURE(name, member)                                                                   \
    static double figure_##name(const struct law *law, const double natural[], void *context)      \
    {                                                                                              \
        struct optimum best;                                                                       \
        return optimum_of(law, natural, context, &best) ? best.member : (double)NAN;               \
    }

FIT_FIGURE(exponent, exponent_params)
FIT_FIGURE(params, params)
FIT_FIGURE(tokens, tokens)
FIT_FIGURE(loss, loss_nat)

/** One parameter itself; context points to its index. */
static double figure_parameter(const struct law *law, const double natural[], void *context)
{
    (void)law;
    return natural[*(const size_t *)context];
}

/** Interval of a figure from the replicates, else from the covariance. \param [out] column  room
 * for the replicates */
static struct fit_interval find_interval(const struct fit *f, const double natural[], figure value,
                                         void *context, bool is_log, double column[])
{
    const size_t p = f->law->n_parameters;
    const double at = value(f->law, natural, context);
    if (f->n_replicates < 2) {
        const double error = covariance_of(f->law, natural, f->covariance, value, context);
        return quantile_interval_normal(at, error, f->options.confidence, is_log);
    }
    for (size_t r = 0; r < f->n_replicates; r++) {
        column[r] = value(f->law, f->replicates + r * p, context);
    }
    return quantile_interval(at, column, f->n_replicates, f->options.confidence);
}

static enum status find_intervals(struct fit *f, struct status_why *why)
{
    double natural[LAW_MAX_PARAMETERS];
    double *column = malloc((f->n_replicates + 1) * sizeof *column);
    if (column == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu replicates", f->n_replicates);
    }
    law_natural(f->law, f->theta, natural);
    for (size_t i = 0; i < f->law->n_parameters; i++) {
        const bool is_log = f->law->parameters[i].transform == LAW_LOG;
        f->natural[i] = find_interval(f, natural, figure_parameter, &i, is_log, column);
    }
    struct optimum best;
    double *compute_flop = &f->options.target_compute_flop;
    f->has_optimum = optimum_of(f->law, natural, compute_flop, &best);
    const struct {
        figure value;
        bool is_log;
        struct fit_interval *interval;
    } figures[] = {{figure_exponent, false, &f->exponent_params},
                   {figure_params, true, &f->optimum_params},
                   {figure_tokens, true, &f->optimum_tokens},
                   {figure_loss, false, &f->optimum_loss_nat}};
    for (size_t k = 0; k < sizeof figures / sizeof figures[0]; k++) {
        const double nan = (double)NAN;
        *figures[k].interval = f->has_optimum
                                   ? find_interval(f, natural, figures[k].value, compute_flop,
                                                   figures[k].is_log, column)
                                   : (struct fit_interval){nan, nan, nan, nan};
    }
    free(column);
    return STATUS_OK;
}

/** Share of the replicates in which each parameter stands on a bound of the box. */
static void find_bound_ratios(const struct objective *o, const struct fit *f, double ratio[])
{
    const size_t p = f->law->n_parameters;
    memset(ratio, 0, p * sizeof *ratio);
    for (size_t r = 0; r < f->n_replicates; r++) {
        double z[LAW_MAX_PARAMETERS];
        law_transform(f->law, f->replicates + r * p, z);
        objective_centre(o, z, z);
        for (size_t i = 0; i < p; i++) {
            const double slack = FIT_ON_BOUND * (1.0 + fabs(z[i]));
            const bool on_bound = z[i] <= o->lower[i] + slack || z[i] >= o->upper[i] - slack;
            ratio[i] += on_bound && objective_moves(o, i) ? 1.0 / (double)f->n_replicates : 0.0;
        }
    }
}

static void find_verdicts(const struct objective *o, const struct identify *info, struct fit *f)
{
    double ratio[LAW_MAX_PARAMETERS];
    bool part[LAW_MAX_PARAMETERS];
    bool is_held = false; /* a bound, not the data, holds the weakest direction */
    find_bound_ratios(o, f, ratio);
    identify_direction(f->law, info, part);
    for (size_t i = 0; i < f->law->n_parameters; i++) {
        is_held = is_held || (part[i] && f->at_bound[i]);
    }
    f->identified = true;
    for (size_t i = 0; i < f->law->n_parameters; i++) {
        const struct identify_evidence evidence = {.at_bound = f->at_bound[i]
                                                               || (is_held && part[o->root[i]]),
                                                   .bound_ratio = ratio[o->root[i]],
                                                   .interval = f->natural[i]};
        f->verdicts[i] = f->options.parameters[o->root[i]].fixed
                             ? FIT_HELD
                             : identify_verdict(f->law, o->root[i], info, &evidence);
        f->identified = f->identified && f->verdicts[i] != FIT_NOT_IDENTIFIED;
    }
    identify_describe(f, info);
}

/** Replicates into \a f, which owns them from then on. */
static enum status resample(MPI_Comm comm, const struct objective *o, const double z[],
                            const struct fit_restart *restart, struct fit *f,
                            struct status_why *why)
{
    if (f->options.n_replicates == 0) {
        return STATUS_OK;
    }
    struct bootstrap b;
    double optima[FIT_MAX_OPTIMA * LAW_MAX_PARAMETERS];
    const size_t p = f->law->n_parameters;
    const size_t n_optima = f->n_optima < FIT_MAX_OPTIMA ? f->n_optima : FIT_MAX_OPTIMA;
    for (size_t k = 1; k < n_optima; k++) {
        objective_centre(o, f->optima[k].theta, optima + k * p);
    }
    memcpy(optima, z, p * sizeof *optima);
    const enum status st = bootstrap_run(comm, o, optima, n_optima, &f->options, restart, &b, why);
    f->n_replicates = b.n_replicates;
    f->replicates = b.replicates;
    f->replicate_objectives = b.objectives;
    f->n_replicates_checked = b.n_checked;
    f->n_replicates_agree = b.n_agree;
    f->replicates_robust = b.pass == BOOTSTRAP_ROBUST;
    return st;
}

/** Profiles of all figures, where a threshold can be told; their limits become the intervals. */
static enum status follow_profiles(MPI_Comm comm, const struct objective *o, const double z[],
                                   struct items *items, struct fit *f, struct status_why *why)
{
    if (!f->options.profile || !profile_is_possible(&f->options)) {
        return STATUS_OK;
    }
    enum status st = STATUS_OK;
    f->n_profiles = profile_count(f);
    f->profiles = calloc(f->n_profiles, sizeof *f->profiles);
    if (f->profiles == NULL) {
        st = status_fail(why, STATUS_MEMORY, "no memory for the profiles of a fit");
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(profile_run(comm, o, z, f, items, f->profiles, why));
    profile_adopt(f);
out:
    return st;
}

/** Where the optimum is reported when the caller names no compute: at the largest seen. */
static void choose_target(const struct fit_data *data, struct fit *f)
{
    const int params = law_find_input(f->law, LAW_PARAMS);
    const int tokens = law_find_input(f->law, LAW_TOKENS);
    if (f->options.target_compute_flop > 0.0 || params < 0 || tokens < 0
        || !f->law->inputs[params].logarithmic || !f->law->inputs[tokens].logarithmic) {
        return;
    }
    double largest = 0.0;
    for (size_t i = 0; i < data->n; i++) {
        const double product = data->x[params][i] + data->x[tokens][i];
        largest = product > largest ? product : largest;
    }
    f->options.target_compute_flop = footprint_compute_flop(vmath_exp1(largest), 1.0);
}

enum status fit_run(MPI_Comm comm, const struct fit_data *data, const struct fit_options *options,
                    const struct fit_restart *restart, struct fit *made, struct status_why *why)
{
    struct objective *o = NULL;
    struct identify info;
    double z[LAW_MAX_PARAMETERS] = {0.0};
    enum status st = STATUS_OK;
    memset(made, 0, sizeof *made);
    made->law = options->law;
    made->options = *options;
    made->n = data->n;
    STATUS_TRY(check_options(options, why));
    STATUS_TRY(team_agree(comm, check_rows(data, options, why), why));
    STATUS_TRY(team_agree(comm, objective_create(data, options, &o, why), why));
    STATUS_TRY(team_agree(comm, find_ranges(data, made, why), why));
    choose_target(data, made);
    struct items *items = restart != NULL ? restart->items : NULL;
    STATUS_TRY(find_optimum(comm, o, items, made, z, why));
    STATUS_TRY(team_agree(comm, find_covariance(o, z, made, &info, why), why));
    STATUS_TRY(resample(comm, o, z, restart, made, why));
    STATUS_TRY(team_agree(comm, find_intervals(made, why), why));
    STATUS_TRY(follow_profiles(comm, o, z, items, made, why));
    made->options.cluster = NULL;
    find_verdicts(o, &info, made);
out:
    objective_destroy(o);
    if (st != STATUS_OK) {
        fit_clear(made);
    }
    return st;
}

void fit_clear(struct fit *f)
{
    free(f->starts);
    free(f->profiles);
    free(f->replicates);
    free(f->replicate_objectives);
    scatter_destroy(f->scatter);
    support_destroy(f->support);
    memset(f, 0, sizeof *f);
}
