#include "fitting/select.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/minimise/objective.h"
#include "fitting/refit.h"
#include "fitting/uncertainty/covariance.h"
#include "solver/base/rng.h"
#include "solver/base/team.h"
#include "solver/base/vmath.h"

#define SELECT_PI 3.14159265358979323846

/* Huber's density is Gauss's to the last digit when its linear tails begin here, in sigmas. */
#define SELECT_GAUSS 10.0
#define SELECT_SAME  1e-16 /* of the interval of a bisection */

const char *select_rule_name(enum select_rule r)
{
    static const char *const names[] = {"likelihood", "weighted", "penalised", "no_noise"};
    STATUS_ASSERT((size_t)r < sizeof names / sizeof names[0]);
    return names[r];
}

const char *select_outcome_name(enum select_outcome o)
{
    static const char *const names[] = {"done", "off", "few_rows", "no_compute", "failed"};
    STATUS_ASSERT((size_t)o < sizeof names / sizeof names[0]);
    return names[o];
}

/** Integral of exp(-u^2 / 2) from 0 to \a c, over exp(-c^2 / 2): a series of positive terms
 * (marsaglia2004; docs/model.md M57). */
static double scaled_integral(double c)
{
    double sum = c;
    double last = 0.0;
    double term = c;
    for (double odd = 3.0; sum > last; odd += 2.0) {
        last = sum;
        term *= c * c / odd;
        sum += term;
    }
    return sum;
}

/** One side of Huber's density, whose tails begin \a c sigmas from 0: the integral of exp(-rho(r) /
 * sigma^2) over r > 0 in sigmas, and the mean of rho(r) / sigma^2 on it: 1/2 is Gauss's, 1 is
 * Laplace's. */
static void find_side(double c, double *integral, double *mean_rho)
{
    if (c >= SELECT_GAUSS) {
        *integral = sqrt(0.5 * SELECT_PI);
        *mean_rho = 0.5;
        return;
    }
    const double inside = scaled_integral(c);
    *integral = (inside + 1.0 / c) * vmath_exp1(-0.5 * c * c);
    *mean_rho = 0.5 * (inside + 2.0 / c) / (inside + 1.0 / c);
}

/** Integral of exp(-w rho(r) / sigma^2) over all r, w being \a over where r > 0, and the mean of w
 * rho(r) / sigma^2 under that density (M76): rho times w is Huber's of sigma / sqrt(w). */
static void find_density(double delta, double sigma, double over, double *integral,
                         double *mean_rho)
{
    const double narrow = sigma / sqrt(over);
    double below, above, mean_below, mean_above;
    find_side(delta / sigma, &below, &mean_below);
    find_side(delta / narrow, &above, &mean_above);
    below *= sigma;
    above *= narrow;
    *integral = below + above;
    *mean_rho = (below * mean_below + above * mean_above) / (below + above);
}

/** The sigma of the greatest likelihood when rho averages \a mean: that of mean = sigma^2
 * mean_rho, which lies between sqrt(mean) and sqrt(2 mean). */
static double huber_scale(double delta, double over, double mean)
{
    double lower = mean;
    double upper = 2.0 * mean;
    while (upper - lower > SELECT_SAME * upper) {
        const double middle = lower + 0.5 * (upper - lower);
        double integral, mean_rho;
        if (middle <= lower || middle >= upper) {
            break;
        }
        find_density(delta, sqrt(middle), over, &integral, &mean_rho);
        if (middle * mean_rho < mean) {
            lower = middle;
        } else {
            upper = middle;
        }
    }
    return sqrt(upper);
}

/** What the likelihood is taken from. */
struct evidence {
    size_t n;          /* rows */
    double objective;  /* of the data alone, with weights of mean 1 */
    double log_errors; /* sum of ln of the known errors, so weighted: 0 without */
    double effective;  /* parameters, without the scale of the noise */
};

static void find_criteria(const struct fit_options *options, const struct evidence *e,
                          struct select_criteria *made)
{
    const double rows = (double)e->n;
    const double mean = e->objective / rows;
    const double k = e->effective + 1.0;
    const double over = options->over_prediction > 0.0 ? options->over_prediction : 1.0;
    const double nan = (double)NAN;
    *made = (struct select_criteria){
        SELECT_LIKELIHOOD, refit_n_free(options) + 1, k, nan, nan, nan, nan, nan};
    if (!(mean > 0.0) || !isfinite(mean)) {
        made->rule = SELECT_NO_NOISE;
        return;
    }
    double minus_log; /* of the likelihood a row */
    if (options->objective == FIT_LAD) {
        made->noise_scale = mean;
        minus_log = vmath_log1(mean * (1.0 + 1.0 / over)) + 1.0;
    } else {
        const double delta = options->objective == FIT_HUBER ? options->delta : (double)INFINITY;
        const double sigma = huber_scale(delta, over, mean);
        double integral, mean_rho;
        find_density(delta, sigma, over, &integral, &mean_rho);
        made->noise_scale = sigma;
        minus_log = vmath_log1(integral) + mean / (sigma * sigma);
    }
    made->log_likelihood = -rows * minus_log - e->log_errors;
    made->aic = 2.0 * k - 2.0 * made->log_likelihood;
    made->aicc = rows > k + 1.0 ? made->aic + 2.0 * k * (k + 1.0) / (rows - k - 1.0) : nan;
    made->bic = k * vmath_log1(rows) - 2.0 * made->log_likelihood;
}

void select_criteria(const struct fit_options *options, size_t n, double objective,
                     struct select_criteria *made)
{
    const struct evidence e = {n, objective, 0.0, (double)refit_n_free(options)};
    find_criteria(options, &e, made);
}

/** Take the priors out of the objective, and what they determine out of the parameters (M77). */
static enum status take_priors(const struct objective *o, const double z[], const struct fit *f,
                               struct evidence *e, struct status_why *why)
{
    double own[LAW_MAX_PARAMETERS];
    double gradient[LAW_MAX_PARAMETERS] = {0.0};
    double hessian[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS] = {0.0};
    double *residual = malloc(o->n * sizeof *residual);
    if (residual == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu residuals", o->n);
    }
    memcpy(own, z, f->law->n_parameters * sizeof *own);
    objective_tie(o, own);
    objective_residuals(o, z, residual);
    e->objective -= prior_add(&o->prior, o->law, o->dispersion, own, gradient, hessian);
    e->effective = covariance_effective(o, z, residual, f->noise_floor, f->at_bound);
    free(residual);
    return STATUS_OK;
}

/** Criteria of a fit with whatever weights, errors and priors it has. */
static enum status rate_fit(const struct fit_data *data, const struct fit *f,
                            struct select_criteria *made, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct objective *o = NULL;
    double z[LAW_MAX_PARAMETERS];
    double weights = 0.0;
    const bool has_priors = refit_has_priors(&f->options);
    struct evidence e = {f->n, f->objective, 0.0, (double)refit_n_free(&f->options)};
    STATUS_TRY(objective_create(data, &f->options, &o, why));
    if (has_priors) {
        objective_set_noise(o, f->options.prior_noise);
        objective_centre(o, f->theta, z);
        STATUS_TRY(take_priors(o, z, f, &e, why));
    }
    for (size_t i = 0; i < o->n; i++) {
        weights += o->weight[i];
        e.log_errors += o->has_errors ? o->weight[i] * vmath_log1(o->error[i]) : 0.0;
    }
    e.objective *= (double)o->n / weights;
    e.log_errors *= (double)o->n / weights;
    find_criteria(&f->options, &e, made);
    if (made->rule != SELECT_NO_NOISE) {
        made->rule = has_priors             ? SELECT_PENALISED
                     : data->weight != NULL ? SELECT_WEIGHTED
                                            : SELECT_LIKELIHOOD;
    }
out:
    objective_destroy(o);
    return st;
}

/** What the items work with. Item i < n_folds leaves out fold i, the one after it the largest. */
struct work {
    const struct fit_data *data;
    const struct fit *f;
    struct select *s;
    bool *is_largest;     /* [n] */
    struct refit *refits; /* [n_folds + 1] */
};

static bool is_left_out(const struct work *w, size_t item, size_t row)
{
    return item < w->s->n_folds ? w->s->fold[row] == item : w->is_largest[row];
}

static enum status run_item(void *context, size_t item, struct status_why *why)
{
    struct work *w = context;
    bool *left_out = malloc(w->data->n * sizeof *left_out);
    if (left_out == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu rows", w->data->n);
    }
    for (size_t i = 0; i < w->data->n; i++) {
        left_out[i] = is_left_out(w, item, i);
    }
    const enum status st =
        refit_solve(w->data, &w->f->options, w->f->theta, left_out, &w->refits[item], why);
    free(left_out);
    return st;
}

/** Errors of the rows that a refit has not seen. */
static enum status predict(const struct work *w, struct status_why *why)
{
    const size_t n = w->data->n;
    enum status st = STATUS_OK;
    double *error = malloc(n * sizeof *error);
    if (error == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu held-out errors", n);
    }
    for (size_t item = 0; item <= w->s->n_folds && st == STATUS_OK; item++) {
        double *to = item < w->s->n_folds ? w->s->fold_error : w->s->largest_error;
        if (w->refits[item].solved) {
            st = refit_errors(w->data, &w->f->options, w->refits[item].theta, error, why);
        }
        for (size_t i = 0; w->refits[item].solved && st == STATUS_OK && i < n; i++) {
            to[i] = is_left_out(w, item, i) ? error[i] : to[i];
        }
    }
    free(error);
    return st;
}

/** Shuffle the rows by the stream (seed, folds, 0) and deal them to the folds in turn. */
static enum status draw_folds(uint64_t seed, struct select *s, struct status_why *why)
{
    struct rng stream;
    size_t *order = malloc(s->n * sizeof *order);
    if (order == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu rows", s->n);
    }
    rng_init(&stream, seed, RNG_FOLDS, 0);
    for (size_t i = 0; i < s->n; i++) {
        const size_t j = rng_below(&stream, i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    for (size_t i = 0; s->n_folds > 0 && i < s->n; i++) {
        s->fold[order[i]] = (unsigned char)(i % s->n_folds);
    }
    free(order);
    return STATUS_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/** Mark the share of the rows with most compute, and all that tie with the least of them, so that
 * no budget is on both sides. */
static enum status mark_largest(struct work *w, const double log_compute[], struct status_why *why)
{
    struct select *s = w->s;
    const size_t n_held = (size_t)(s->held_out_share * (double)s->n);
    if (n_held == 0 || log_compute == NULL) {
        s->largest.outcome = s->held_out_share > 0.0 && log_compute == NULL ? SELECT_NO_COMPUTE
                             : s->held_out_share > 0.0                      ? SELECT_FEW_ROWS
                                                                            : SELECT_OFF;
        return STATUS_OK;
    }
    double *sorted = malloc(s->n * sizeof *sorted);
    if (sorted == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for %zu rows", s->n);
    }
    memcpy(sorted, log_compute, s->n * sizeof *sorted);
    qsort(sorted, s->n, sizeof *sorted, compare_numbers);
    const double least = sorted[s->n - n_held];
    double fitted = -(double)INFINITY;
    for (size_t i = 0; i < s->n; i++) {
        w->is_largest[i] = log_compute[i] >= least;
        s->largest.n_held += w->is_largest[i];
        fitted = !w->is_largest[i] && log_compute[i] > fitted ? log_compute[i] : fitted;
    }
    s->largest.n_fit = s->n - s->largest.n_held;
    if (s->largest.n_fit <= refit_n_free(&w->f->options)) {
        s->largest.outcome = SELECT_FEW_ROWS;
    } else {
        s->extrapolation_ratio = vmath_exp1(sorted[s->n - 1] - fitted);
    }
    free(sorted);
    return STATUS_OK;
}

static enum status prepare(struct work *w, const struct select_options *options,
                           struct status_why *why)
{
    struct select *s = w->s;
    s->fold = calloc(s->n, sizeof *s->fold);
    s->fold_error = calloc(s->n, sizeof *s->fold_error);
    s->largest_error = calloc(s->n, sizeof *s->largest_error);
    s->fold_mean_square = calloc(s->n_folds + 1, sizeof *s->fold_mean_square);
    w->is_largest = calloc(s->n, sizeof *w->is_largest);
    w->refits = calloc(s->n_folds + 1, sizeof *w->refits);
    if (s->fold == NULL || s->fold_error == NULL || s->largest_error == NULL
        || s->fold_mean_square == NULL || w->is_largest == NULL || w->refits == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for the checks of %zu rows", s->n);
    }
    enum status st = draw_folds(w->f->options.seed, s, why);
    if (st == STATUS_OK) {
        st = mark_largest(w, options->log_compute, why);
    }
    if (s->n_folds > 0) {
        s->folds.n_held = s->n;
        s->folds.n_fit = s->n - (s->n + s->n_folds - 1) / s->n_folds;
    }
    const bool suffice = s->folds.n_fit > refit_n_free(&w->f->options) && s->n_folds <= s->n;
    s->folds.outcome = s->n_folds == 0 ? SELECT_OFF : suffice ? SELECT_DONE : SELECT_FEW_ROWS;
    s->target_ratio = (double)NAN;
    for (size_t i = 0; options->log_compute != NULL && i < s->n; i++) {
        const double ratio =
            w->f->options.target_compute_flop / vmath_exp1(options->log_compute[i]);
        s->target_ratio = !(s->target_ratio <= ratio) ? ratio : s->target_ratio;
    }
    return st;
}

/** Root mean square and mean over the rows \a held; NAN for the others. */
static void sum_up(size_t n, const bool held[], double error[], struct select_errors *e)
{
    double square = 0.0;
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (e->outcome != SELECT_DONE || (held != NULL && !held[i])) {
            error[i] = (double)NAN;
        } else {
            square += error[i] * error[i];
            sum += error[i];
        }
    }
    const bool done = e->outcome == SELECT_DONE;
    e->root_mean_square = done ? sqrt(square / (double)e->n_held) : (double)NAN;
    e->mean = done ? sum / (double)e->n_held : (double)NAN;
}

/** Figures from the errors that all ranks now have. */
static void finish(const struct work *w)
{
    struct select *s = w->s;
    for (size_t item = 0; item <= s->n_folds; item++) {
        struct select_errors *e = item < s->n_folds ? &s->folds : &s->largest;
        if (e->outcome == SELECT_DONE && !w->refits[item].solved) {
            e->outcome = SELECT_FAILED;
        }
    }
    sum_up(s->n, NULL, s->fold_error, &s->folds);
    sum_up(s->n, w->is_largest, s->largest_error, &s->largest);
    for (size_t fold = 0; fold < s->n_folds; fold++) {
        size_t n = 0;
        for (size_t i = 0; i < s->n; i++) {
            if (s->fold[i] == fold) {
                s->fold_mean_square[fold] += s->fold_error[i] * s->fold_error[i];
                n++;
            }
        }
        s->fold_mean_square[fold] /= (double)n;
    }
}

static enum status check_options(const struct select_options *options, struct status_why *why)
{
    if (options->n_folds == 1 || options->n_folds > UINT8_MAX) {
        return status_fail(why, STATUS_INPUT, "fit.folds: %zu: must be 0 or from 2 to %d",
                           options->n_folds, UINT8_MAX);
    }
    if (!(options->held_out_share >= 0.0 && options->held_out_share < 1.0)) {
        return status_fail(why, STATUS_INPUT, "fit.held_out_share: %g: must be in [0, 1)",
                           options->held_out_share);
    }
    return STATUS_OK;
}

/** All items whose rows suffice, then every rank has all errors. */
static enum status deal(MPI_Comm comm, struct work *w, struct items *items, struct status_why *why)
{
    struct select *s = w->s;
    unsigned char skip[UINT8_MAX + 1] = {0};
    memset(skip, s->folds.outcome != SELECT_DONE, s->n_folds);
    skip[s->n_folds] = s->largest.outcome != SELECT_DONE;
    const struct team_work all = {.label = "held-out",
                                  .n_items = s->n_folds + 1,
                                  .done = skip,
                                  .item = run_item,
                                  .context = w};
    const enum status st = items_deal(comm, items, &all, sizeof *w->refits, w->refits, why);
    return st == STATUS_OK ? team_agree(comm, predict(w, why), why) : st;
}

enum status select_run(MPI_Comm comm, const struct fit_data *data, const struct fit *f,
                       const struct select_options *options, struct select *made,
                       struct status_why *why)
{
    struct work w = {.data = data, .f = f, .s = made};
    enum status st = STATUS_OK;
    *made = (struct select){.law = f->law,
                            .residual = f->options.residual,
                            .n = data->n,
                            .n_folds = options->n_folds,
                            .held_out_share = options->held_out_share,
                            .extrapolation_ratio = (double)NAN};
    STATUS_TRY(check_options(options, why));
    digest_of(data->response, data->n * sizeof *data->response, made->rows_digest);
    STATUS_TRY(team_agree(comm, rate_fit(data, f, &made->criteria, why), why));
    STATUS_TRY(team_agree(comm, prepare(&w, options, why), why));
    STATUS_TRY(deal(comm, &w, options->items, why));
    finish(&w);
out:
    free(w.is_largest);
    free(w.refits);
    if (st != STATUS_OK) {
        select_clear(made);
    }
    return st;
}

void select_clear(struct select *s)
{
    free(s->fold);
    free(s->fold_error);
    free(s->fold_mean_square);
    free(s->largest_error);
    memset(s, 0, sizeof *s);
}

static enum status check_comparable(const struct select *a, const struct select *b,
                                    struct status_why *why)
{
    if (a->n != b->n || strcmp(a->rows_digest, b->rows_digest) != 0) {
        return status_fail(why, STATUS_INPUT,
                           "laws %s and %s are fitted to different rows (%zu and %zu): their "
                           "errors and criteria do not compare",
                           a->law->id, b->law->id, a->n, b->n);
    }
    if (a->residual != b->residual) {
        return status_fail(why, STATUS_INPUT,
                           "laws %s and %s are fitted to %s and %s residuals: likelihoods in "
                           "different units do not compare",
                           a->law->id, b->law->id, fit_residual_name(a->residual),
                           fit_residual_name(b->residual));
    }
    if (a->n_folds != b->n_folds || (a->n_folds > 0 && memcmp(a->fold, b->fold, a->n) != 0)) {
        return status_fail(why, STATUS_INPUT,
                           "laws %s and %s are checked on different folds: use one seed and one "
                           "number of folds",
                           a->law->id, b->law->id);
    }
    return STATUS_OK;
}

/** Mean difference of the mean squares of two laws over the folds, and its standard error. */
static void compare_folds(const struct select *s, const struct select *lowest, double *difference,
                          double *error)
{
    const double n = (double)s->n_folds;
    double sum = 0.0;
    double square = 0.0;
    for (size_t k = 0; k < s->n_folds; k++) {
        sum += s->fold_mean_square[k] - lowest->fold_mean_square[k];
    }
    *difference = sum / n;
    for (size_t k = 0; k < s->n_folds; k++) {
        const double d = s->fold_mean_square[k] - lowest->fold_mean_square[k] - *difference;
        square += d * d;
    }
    *error = sqrt(square / (n * (n - 1.0)));
}

static double mean_of_folds(const struct select *s)
{
    double sum = 0.0;
    for (size_t k = 0; k < s->n_folds; k++) {
        sum += s->fold_mean_square[k];
    }
    return s->folds.outcome == SELECT_DONE ? sum / (double)s->n_folds : (double)NAN;
}

enum status select_compare(const struct select of[], size_t n, struct select_comparison *made,
                           struct status_why *why)
{
    STATUS_ASSERT(n >= 1 && n <= SELECT_MAX_LAWS);
    *made = (struct select_comparison){.n = n, .lowest = n, .best = n};
    for (size_t i = 1; i < n; i++) {
        const enum status st = check_comparable(&of[0], &of[i], why);
        if (st != STATUS_OK) {
            return st;
        }
    }
    double least = (double)INFINITY;
    for (size_t i = 0; i < n; i++) {
        const double mean = mean_of_folds(&of[i]);
        made->difference[i] = made->difference_error[i] = (double)NAN;
        if (mean < least) {
            least = mean;
            made->lowest = i;
        }
    }
    size_t n_tied = 0;
    for (size_t i = 0; made->lowest < n && i < n; i++) {
        if (of[i].folds.outcome == SELECT_DONE) {
            compare_folds(&of[i], &of[made->lowest], &made->difference[i],
                          &made->difference_error[i]);
            made->is_tied[i] = made->difference[i] <= made->difference_error[i];
            n_tied += made->is_tied[i];
        }
    }
    made->best = n_tied == 1 && n > 1 ? made->lowest : n;
    return STATUS_OK;
}
