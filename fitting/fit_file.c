#define _POSIX_C_SOURCE 200809L
#include "fitting/fit_file.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/uncertainty/scatter.h"
#include "inputs/forms.h"
#include "solver/base/vmath.h"

enum {
    PATH_SIZE = 256,
    N_REASONS = FIT_DIVERGED + 1,
    N_VERDICTS = FIT_HELD + 1,
    N_SOLVERS = FIT_NLOPT + 1
};

/* Figures of a fit that are attributes of its group; read and written by the same tables. */
struct field {
    const char *name;
    size_t offset;
};

static const struct field numbers[] = {
    {"delta", offsetof(struct fit, options.delta)},
    {"confidence", offsetof(struct fit, options.confidence)},
    {"target_compute_flop", offsetof(struct fit, options.target_compute_flop)},
    {"objective_value", offsetof(struct fit, objective)},
    {"gradient_norm", offsetof(struct fit, gradient_norm)},
    {"condition", offsetof(struct fit, condition)},
    {"runner_up", offsetof(struct fit, runner_up)},
    {"ridge_rise", offsetof(struct fit, ridge_rise)},
    {"over_prediction", offsetof(struct fit, options.over_prediction)},
    {"noise_floor", offsetof(struct fit, noise_floor)},
    {"prior_noise", offsetof(struct fit, options.prior_noise)},
};

static const struct field counts[] = {
    {"n", offsetof(struct fit, n)},
    {"n_starts", offsetof(struct fit, n_starts)},
    {"n_starts_wanted", offsetof(struct fit, options.n_starts)},
    {"n_points", offsetof(struct fit, n_points)},
    {"n_near", offsetof(struct fit, n_near)},
    {"n_agree", offsetof(struct fit, n_agree)},
    {"n_near_agree", offsetof(struct fit, n_near_agree)},
    {"n_fallback", offsetof(struct fit, n_fallback)},
    {"n_optima", offsetof(struct fit, n_optima)},
    {"n_replicates", offsetof(struct fit, n_replicates)},
    {"n_replicates_wanted", offsetof(struct fit, options.n_replicates)},
    {"n_replicates_agree", offsetof(struct fit, n_replicates_agree)},
    {"n_replicates_checked", offsetof(struct fit, n_replicates_checked)},
    {"n_profiles", offsetof(struct fit, n_profiles)},
};

static const struct field flags[] = {
    {"identified", offsetof(struct fit, identified)},
    {"has_optimum", offsetof(struct fit, has_optimum)},
    {"profile", offsetof(struct fit, options.profile)},
    {"replicates_robust", offsetof(struct fit, replicates_robust)},
};

/* Estimates beside the parameters, each with its four figures. */
static const struct {
    const char *name;
    size_t offset;
    const char *unit, *long_name;
} estimates[] = {
    {"exponent_params", offsetof(struct fit, exponent_params), "1",
     "a in params ~ compute^a at the optimum"},
    {"optimum_params", offsetof(struct fit, optimum_params), "1",
     "best parameters at target_compute_flop"},
    {"optimum_tokens", offsetof(struct fit, optimum_tokens), "1",
     "best tokens at target_compute_flop"},
    {"optimum_loss_nat", offsetof(struct fit, optimum_loss_nat), "nat",
     "loss of the best at target_compute_flop"},
};

static const char *const estimate_names[] = {"value", "standard_error", "lower", "upper"};

enum { MAX_PROFILES = LAW_MAX_PARAMETERS + FIT_N_DERIVED };

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

static const void *field_of(const struct fit *f, size_t offset)
{
    return (const char *)f + offset;
}

/* An array to be written beside the others; dimensions by the last part of their path. */
struct array {
    const char *name;
    enum h5_type type;
    const void *values;
    size_t shape[2];
    const char *dimensions[2];
    const char *unit, *long_name;
};

/* The file and the group "/fit/<law>". */
struct place {
    struct h5 *file;
    char group[PATH_SIZE];
};

static const char *path_of(const struct place *p, const char *name, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%.*s/%s", PATH_SIZE / 2, p->group, name);
    return path;
}

static enum status put_array(const struct place *p, const struct array *a, struct status_why *why)
{
    char path[PATH_SIZE], dimensions[2][PATH_SIZE];
    struct h5_array whole = {.path = path_of(p, a->name, path),
                             .type = a->type,
                             .values = a->values,
                             .unit = a->unit,
                             .long_name = a->long_name};
    for (size_t i = 0; i < 2 && a->dimensions[i] != NULL; i++) {
        whole.shape[i] = a->shape[i];
        whole.dimensions[i] = path_of(p, a->dimensions[i], dimensions[i]);
        whole.n_dimensions++;
    }
    return h5_write_array(p->file, &whole, why);
}

static enum status put_arrays(const struct place *p, const struct array arrays[], size_t n,
                              struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; i < n && st == STATUS_OK; i++) {
        st = put_array(p, &arrays[i], why);
    }
    return st;
}

static enum status put_dimension(const struct place *p, const char *name, size_t n,
                                 struct status_why *why)
{
    char path[PATH_SIZE];
    return h5_write_dimension(p->file, path_of(p, name, path), n, why);
}

static enum status put_names(const struct place *p, const char *name, const char *const names[],
                             size_t n, const char *dimension, struct status_why *why)
{
    char path[PATH_SIZE], over[PATH_SIZE];
    return h5_write_names(p->file, path_of(p, name, path), names, n, path_of(p, dimension, over),
                          why);
}

static enum status put_attributes(const struct place *p, const struct fit *f,
                                  struct status_why *why)
{
    enum status st = STATUS_OK;
    char inputs[PATH_SIZE] = "built in", parameters[2 * CUSTOM_TEXT_SIZE] = "built in";
    const struct custom_source *formula = custom_source_of(f->law);
    if (formula != NULL) {
        forms_print_inputs(formula, inputs, sizeof inputs);
        forms_print_parameters(formula, parameters, sizeof parameters);
    }
    const char *const texts[][2] = {
        {"law", f->law->id},
        {"response", f->law->response},
        {"response_unit", f->law->response_unit},
        {"formula_inputs", inputs},
        {"formula_parameters", parameters},
        {"title", f->law->title},
        {"equation", f->law->equation},
        {"source", f->law->source},
        {"objective", fit_objective_name(f->options.objective)},
        {"residual", fit_residual_name(f->options.residual)},
        {"resampling", fit_resampling_name(f->options.resampling)},
        {"bootstrap", fit_bootstrap_name(f->options.bootstrap)},
        {"interval", fit_interval_source(f)},
        {"start_design", fit_design_name(f->design)},
        {"solver", fit_solver_name(f->options.solver)},
        {"sentence", f->sentence},
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        STATUS_TRY(h5_write_text_attribute(p->file, p->group, texts[i][0], texts[i][1], why));
    }
    STATUS_TRY(h5_write_count_attribute(p->file, p->group, "seed", f->options.seed, why));
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const double *value = field_of(f, numbers[i].offset);
        STATUS_TRY(h5_write_number_attribute(p->file, p->group, numbers[i].name, *value, why));
    }
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        const size_t *value = field_of(f, counts[i].offset);
        STATUS_TRY(h5_write_count_attribute(p->file, p->group, counts[i].name, *value, why));
    }
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        const bool *value = field_of(f, flags[i].offset);
        STATUS_TRY(h5_write_count_attribute(p->file, p->group, flags[i].name, *value, why));
    }
out:
    return st;
}

static enum status put_parameters(const struct place *p, const struct fit *f,
                                  struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = f->law->n_parameters;
    const char *names[LAW_MAX_PARAMETERS], *units[LAW_MAX_PARAMETERS], *verdicts[N_VERDICTS];
    double figures[4][LAW_MAX_PARAMETERS];
    unsigned char at_bound[LAW_MAX_PARAMETERS], verdict[LAW_MAX_PARAMETERS];
    char path[PATH_SIZE];

    for (size_t i = 0; i < n; i++) {
        names[i] = f->law->parameters[i].name;
        units[i] = f->law->parameters[i].unit;
        figures[0][i] = f->natural[i].value;
        figures[1][i] = f->natural[i].standard_error;
        figures[2][i] = f->natural[i].lower;
        figures[3][i] = f->natural[i].upper;
        at_bound[i] = f->at_bound[i];
        verdict[i] = (unsigned char)f->verdicts[i];
    }
    for (int v = 0; v < N_VERDICTS; v++) {
        verdicts[v] = fit_verdict_name((enum fit_verdict)v);
    }
    const struct array arrays[] = {
        {"value", H5_DOUBLE, figures[0], {n}, {"parameter"}, NULL, "optimum, natural values"},
        {"standard_error", H5_DOUBLE, figures[1], {n}, {"parameter"}, NULL, "standard error"},
        {"lower", H5_DOUBLE, figures[2], {n}, {"parameter"}, NULL, "lower end of the interval"},
        {"upper", H5_DOUBLE, figures[3], {n}, {"parameter"}, NULL, "upper end of the interval"},
        {"theta", H5_DOUBLE, f->theta, {n}, {"parameter"}, NULL, "optimum, transformed values"},
        {"at_bound", H5_UINT8, at_bound, {n}, {"parameter"}, NULL, "1: the fit met a bound"},
        {"verdict", H5_UINT8, verdict, {n}, {"parameter"}, NULL, "what the data know of it"},
        {"covariance",
         H5_DOUBLE,
         f->covariance,
         {n, n},
         {"parameter", "other_parameter"},
         NULL,
         "Gauss-Newton covariance of the natural values"},
        {"eigenvalue",
         H5_DOUBLE,
         f->eigenvalues,
         {n},
         {"direction"},
         NULL,
         "eigenvalues of the scaled Fisher information"},
    };
    STATUS_TRY(put_dimension(p, "parameter", n, why));
    STATUS_TRY(put_dimension(p, "other_parameter", n, why));
    STATUS_TRY(put_dimension(p, "direction", n, why));
    STATUS_TRY(put_names(p, "parameter_name", names, n, "parameter", why));
    STATUS_TRY(put_names(p, "parameter_unit", units, n, "parameter", why));
    STATUS_TRY(put_arrays(p, arrays, COUNT_OF(arrays), why));
    STATUS_TRY(
        h5_write_flags(p->file, path_of(p, "verdict", path), H5_UINT8, N_VERDICTS, verdicts, why));
out:
    return st;
}

/* What the study said of each parameter beside the law, a column each. */
struct option_columns {
    double lower[LAW_MAX_PARAMETERS], upper[LAW_MAX_PARAMETERS];
    double prior_mean[LAW_MAX_PARAMETERS], prior_sd[LAW_MAX_PARAMETERS];
    unsigned char fixed[LAW_MAX_PARAMETERS], tied_to[LAW_MAX_PARAMETERS];
};

static enum status put_options(const struct place *p, const struct fit *f, struct status_why *why)
{
    const size_t n = f->law->n_parameters;
    struct option_columns c;
    for (size_t i = 0; i < n; i++) {
        const struct fit_parameter_option *option = &f->options.parameters[i];
        const bool has_prior = option->prior_sd > 0.0;
        c.fixed[i] = option->fixed;
        c.tied_to[i] = (unsigned char)(option->tied ? option->tied_to : i);
        c.lower[i] = option->bounded && !isnan(option->lower) ? option->lower : (double)-INFINITY;
        c.upper[i] = option->bounded && !isnan(option->upper) ? option->upper : (double)INFINITY;
        c.prior_mean[i] = has_prior ? option->prior_mean : (double)NAN;
        c.prior_sd[i] = has_prior ? option->prior_sd : (double)NAN;
    }
    const struct array arrays[] = {
        {"fixed", H5_UINT8, c.fixed, {n}, {"parameter"}, NULL, "1: held at its value"},
        {"tied_to", H5_UINT8, c.tied_to, {n}, {"parameter"}, NULL, "equal to this one, from 0"},
        {"bound_lower", H5_DOUBLE, c.lower, {n}, {"parameter"}, NULL, "least value, by the study"},
        {"bound_upper", H5_DOUBLE, c.upper, {n}, {"parameter"}, NULL, "largest, by the study"},
        {"prior_mean", H5_DOUBLE, c.prior_mean, {n}, {"parameter"}, NULL, "NaN: no prior"},
        {"prior_sd", H5_DOUBLE, c.prior_sd, {n}, {"parameter"}, NULL, "NaN: no prior"},
    };
    return put_arrays(p, arrays, COUNT_OF(arrays), why);
}

/* Estimates at the target, and the range of the observations. */
static enum status put_estimates(const struct place *p, const struct fit *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = f->law->n_inputs;
    const char *inputs[LAW_MAX_INPUTS];
    const struct array arrays[] = {
        {"range_lower", H5_DOUBLE, f->lower, {n}, {"input"}, NULL, "least observed"},
        {"range_upper", H5_DOUBLE, f->upper, {n}, {"input"}, NULL, "largest observed"},
    };
    for (size_t i = 0; i < n; i++) {
        inputs[i] = f->law->inputs[i].name;
    }
    STATUS_TRY(put_dimension(p, "estimate", COUNT_OF(estimate_names), why));
    STATUS_TRY(
        put_names(p, "estimate_name", estimate_names, COUNT_OF(estimate_names), "estimate", why));
    for (size_t i = 0; i < COUNT_OF(estimates); i++) {
        const struct fit_interval *e = field_of(f, estimates[i].offset);
        const double figures[] = {e->value, e->standard_error, e->lower, e->upper};
        const struct array array = {estimates[i].name,     H5_DOUBLE,    figures,
                                    {COUNT_OF(figures)},   {"estimate"}, estimates[i].unit,
                                    estimates[i].long_name};
        STATUS_TRY(put_array(p, &array, why));
    }
    STATUS_TRY(put_dimension(p, "input", n, why));
    STATUS_TRY(put_names(p, "input_name", inputs, n, "input", why));
    STATUS_TRY(put_arrays(p, arrays, COUNT_OF(arrays), why));
out:
    return st;
}

/* Columns of the starts, in one block. */
struct start_columns {
    double *from, *theta, *objective;        /* [n][n_parameters], [n][n_parameters], [n] */
    uint64_t *n_evaluations;                 /* [n] */
    unsigned char *reason, *solver, *newton; /* [n] */
};

static enum status make_start_columns(const struct fit *f, struct start_columns *s,
                                      struct status_why *why)
{
    const size_t n = f->n_starts + f->n_near, k = f->law->n_parameters;
    s->from = malloc((n * k + 1) * sizeof *s->from);
    s->theta = malloc((n * k + 1) * sizeof *s->theta);
    s->objective = malloc((n + 1) * sizeof *s->objective);
    s->n_evaluations = malloc((n + 1) * sizeof *s->n_evaluations);
    s->reason = malloc(3 * n + 1);
    if (s->from == NULL || s->theta == NULL || s->objective == NULL || s->n_evaluations == NULL
        || s->reason == NULL) {
        return status_fail(why, STATUS_MEMORY, "fit: %zu starts", n);
    }
    s->solver = s->reason + n;
    s->newton = s->solver + n;
    for (size_t i = 0; i < n; i++) {
        const struct fit_start *start = &f->starts[i];
        memcpy(s->from + i * k, start->start, k * sizeof *s->from);
        memcpy(s->theta + i * k, start->theta, k * sizeof *s->theta);
        s->objective[i] = start->objective;
        s->n_evaluations[i] = start->n_evaluations;
        s->reason[i] = (unsigned char)start->reason;
        s->solver[i] = (unsigned char)start->solver;
        s->newton[i] = (unsigned char)start->newton;
    }
    return STATUS_OK;
}

static enum status put_starts(const struct place *p, const struct fit *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = f->n_starts + f->n_near, k = f->law->n_parameters;
    struct start_columns s = {0};
    const char *reasons[N_REASONS], *solvers[N_SOLVERS];
    char path[PATH_SIZE];

    st = make_start_columns(f, &s, why);
    STATUS_TRY(h5_agree(p->file, st, why));
    for (int r = 0; r < N_REASONS; r++) {
        reasons[r] = fit_reason_name((enum fit_reason)r);
    }
    for (int i = 0; i < N_SOLVERS; i++) {
        solvers[i] = fit_solver_name((enum fit_solver)i);
    }
    const struct array arrays[] = {
        {"start_from", H5_DOUBLE, s.from, {n, k}, {"start", "parameter"}, NULL, "theta at start"},
        {"start_theta", H5_DOUBLE, s.theta, {n, k}, {"start", "parameter"}, NULL, "theta at end"},
        {"start_objective", H5_DOUBLE, s.objective, {n}, {"start"}, NULL, "objective at the end"},
        {"start_reason", H5_UINT8, s.reason, {n}, {"start"}, NULL, "how the start ended"},
        {"start_solver", H5_UINT8, s.solver, {n}, {"start"}, NULL, "whose end it is"},
        {"start_newton", H5_UINT8, s.newton, {n}, {"start"}, NULL, "how Newton's method ended"},
        {"start_evaluations", H5_UINT64, s.n_evaluations, {n}, {"start"}, NULL, "evaluations"},
    };
    STATUS_TRY(put_dimension(p, "start", n, why));
    STATUS_TRY(put_arrays(p, arrays, COUNT_OF(arrays), why));
    STATUS_TRY(h5_write_flags(p->file, path_of(p, "start_reason", path), H5_UINT8, N_REASONS,
                              reasons, why));
    STATUS_TRY(h5_write_flags(p->file, path_of(p, "start_newton", path), H5_UINT8, N_REASONS,
                              reasons, why));
    STATUS_TRY(h5_write_flags(p->file, path_of(p, "start_solver", path), H5_UINT8, N_SOLVERS,
                              solvers, why));
out:
    free(s.reason);
    free(s.n_evaluations);
    free(s.objective);
    free(s.theta);
    free(s.from);
    return st;
}

static size_t n_listed(const struct fit *f)
{
    return f->n_optima < FIT_MAX_OPTIMA ? f->n_optima : FIT_MAX_OPTIMA;
}

/* The best distinct ends of the starts. */
static enum status put_optima(const struct place *p, const struct fit *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = n_listed(f), k = f->law->n_parameters;
    double objective[FIT_MAX_OPTIMA], theta[FIT_MAX_OPTIMA * LAW_MAX_PARAMETERS];
    uint64_t n_starts[FIT_MAX_OPTIMA];

    for (size_t i = 0; i < n; i++) {
        objective[i] = f->optima[i].objective;
        n_starts[i] = f->optima[i].n_starts;
        memcpy(theta + i * k, f->optima[i].theta, k * sizeof *theta);
    }
    const struct array arrays[] = {
        {"optimum_objective", H5_DOUBLE, objective, {n}, {"optimum"}, NULL, "ascending"},
        {"optimum_starts", H5_UINT64, n_starts, {n}, {"optimum"}, NULL, "starts that reached it"},
        {"optimum_theta", H5_DOUBLE, theta, {n, k}, {"optimum", "parameter"}, NULL, "theta there"},
    };
    STATUS_TRY(put_dimension(p, "optimum", n, why));
    STATUS_TRY(put_arrays(p, arrays, COUNT_OF(arrays), why));
out:
    return st;
}

static enum status put_replicates(const struct place *p, const struct fit *f,
                                  struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = f->replicates != NULL ? f->n_replicates : 0;
    const struct array arrays[] = {
        {"replicates",
         H5_DOUBLE,
         f->replicates,
         {n, f->law->n_parameters},
         {"replicate", "parameter"},
         NULL,
         "optimum of each resampled data set, natural values"},
        {"replicate_objective",
         H5_DOUBLE,
         f->replicate_objectives,
         {n},
         {"replicate"},
         NULL,
         "objective of each replicate"},
    };
    STATUS_TRY(put_dimension(p, "replicate", n, why));
    STATUS_TRY(put_arrays(p, arrays, COUNT_OF(arrays), why));
out:
    return st;
}

/* Columns of the profiles, one a field. */
struct profile_columns {
    double lower[MAX_PROFILES], upper[MAX_PROFILES], threshold[MAX_PROFILES];
    double bootstrap_lower[MAX_PROFILES], bootstrap_upper[MAX_PROFILES];
    unsigned char lower_end[MAX_PROFILES], upper_end[MAX_PROFILES];
    double value[MAX_PROFILES][FIT_PROFILE_POINTS], rise[MAX_PROFILES][FIT_PROFILE_POINTS];
};

static void fill_profile_columns(const struct fit *f, struct profile_columns *c)
{
    for (size_t k = 0; k < f->n_profiles; k++) {
        const struct fit_profile *q = &f->profiles[k];
        c->lower[k] = q->lower;
        c->upper[k] = q->upper;
        c->threshold[k] = q->threshold;
        c->bootstrap_lower[k] = q->bootstrap_lower;
        c->bootstrap_upper[k] = q->bootstrap_upper;
        c->lower_end[k] = (unsigned char)q->lower_end;
        c->upper_end[k] = (unsigned char)q->upper_end;
        memcpy(c->value[k], q->value, sizeof q->value);
        memcpy(c->rise[k], q->rise, sizeof q->rise);
    }
}

/* Profiles, where there are any. */
static enum status put_profiles(const struct place *p, const struct fit *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = f->n_profiles, points = FIT_PROFILE_POINTS;
    const char *names[MAX_PROFILES], *ends[FIT_N_ENDS];
    const char *by_replicates = "percentile of the replicates; NaN: no replicates";
    struct profile_columns c;
    char path[PATH_SIZE];

    if (n == 0) {
        return STATUS_OK;
    }
    fill_profile_columns(f, &c);
    for (size_t k = 0; k < n; k++) {
        names[k] = k < f->law->n_parameters ? f->law->parameters[k].name
                                            : estimates[k - f->law->n_parameters].name;
    }
    for (int i = 0; i < FIT_N_ENDS; i++) {
        ends[i] = fit_end_name((enum fit_end)i);
    }
    const struct array arrays[] = {
        {"profile_lower",
         H5_DOUBLE,
         c.lower,
         {n},
         {"figure"},
         NULL,
         "lower limit; NaN: see profile_lower_end"},
        {"profile_upper",
         H5_DOUBLE,
         c.upper,
         {n},
         {"figure"},
         NULL,
         "upper limit; NaN: see profile_upper_end"},
        {"profile_lower_end", H5_UINT8, c.lower_end, {n}, {"figure"}, NULL, "what ends the side"},
        {"profile_upper_end", H5_UINT8, c.upper_end, {n}, {"figure"}, NULL, "what ends the side"},
        {"bootstrap_lower", H5_DOUBLE, c.bootstrap_lower, {n}, {"figure"}, NULL, by_replicates},
        {"bootstrap_upper", H5_DOUBLE, c.bootstrap_upper, {n}, {"figure"}, NULL, by_replicates},
        {"profile_threshold",
         H5_DOUBLE,
         c.threshold,
         {n},
         {"figure"},
         NULL,
         "rise of the objective at a limit"},
        {"profile_value",
         H5_DOUBLE,
         c.value,
         {n, points},
         {"figure", "profile_point"},
         NULL,
         "value at which the figure is held"},
        {"profile_rise",
         H5_DOUBLE,
         c.rise,
         {n, points},
         {"figure", "profile_point"},
         NULL,
         "objective minimised over all else, less that of the optimum"},
    };
    STATUS_TRY(put_dimension(p, "figure", n, why));
    STATUS_TRY(put_dimension(p, "profile_point", points, why));
    STATUS_TRY(put_names(p, "figure_name", names, n, "figure", why));
    STATUS_TRY(put_arrays(p, arrays, COUNT_OF(arrays), why));
    STATUS_TRY(h5_write_flags(p->file, path_of(p, "profile_lower_end", path), H5_UINT8, FIT_N_ENDS,
                              ends, why));
    STATUS_TRY(h5_write_flags(p->file, path_of(p, "profile_upper_end", path), H5_UINT8, FIT_N_ENDS,
                              ends, why));
out:
    return st;
}

/* The fate of each row of the file. */
static enum status put_rows(const struct place *p, const struct runs *runs, struct status_why *why)
{
    enum status st = STATUS_OK;
    const char *reasons[RUNS_N_REASONS];
    char path[PATH_SIZE];
    const struct array array = {"row_reason", H5_UINT8, runs->reasons,     {runs->n_rows},
                                {"row"},      NULL,     "fate of each row"};

    for (int r = 0; r < RUNS_N_REASONS; r++) {
        reasons[r] = runs_reason_text((enum runs_reason)r);
    }
    /* Its name alone: where the folder lies is no part of the content. */
    const char *slash = strrchr(runs->file, '/');
    STATUS_TRY(h5_write_text_attribute(p->file, p->group, "runs_file",
                                       slash != NULL ? slash + 1 : runs->file, why));
    STATUS_TRY(
        h5_write_count_attribute(p->file, p->group, "tokens_derived", runs->tokens_derived, why));
    STATUS_TRY(
        h5_write_count_attribute(p->file, p->group, "compute_derived", runs->compute_derived, why));
    STATUS_TRY(put_dimension(p, "row", runs->n_rows, why));
    STATUS_TRY(put_array(p, &array, why));
    STATUS_TRY(h5_write_flags(p->file, path_of(p, "row_reason", path), H5_UINT8, RUNS_N_REASONS,
                              reasons, why));
out:
    return st;
}

/* The rows used, as numbers, with what the law says of them: enough for a plot. */
static enum status put_observations(const struct place *p, const struct fit *f,
                                    const struct runs *runs, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = runs->n;
    const double *x[LAW_MAX_INPUTS];
    double *values = malloc((n + 1) * sizeof *values);
    int32_t *lines = malloc((n + 1) * sizeof *lines);
    char name[PATH_SIZE / 3], fitted[PATH_SIZE / 3];

    if (values == NULL || lines == NULL) {
        st = status_fail(why, STATUS_MEMORY, "fit: %zu observations", n);
    }
    STATUS_TRY(h5_agree(p->file, st, why));
    STATUS_ASSERT(values != NULL && lines != NULL);
    for (size_t i = 0; i < n; i++) {
        lines[i] = runs->lines[i];
    }
    const struct array lines_array = {
        "observation_line", H5_INT32, lines, {n}, {"observation"}, NULL, "line of the file"};
    STATUS_TRY(put_dimension(p, "observation", n, why));
    STATUS_TRY(put_array(p, &lines_array, why));
    for (size_t i = 0; i < runs->n_columns; i++) {
        const struct runs_column *column = &runs->columns[i];
        (void)snprintf(name, sizeof name, "observation_%.63s", column->name);
        const struct array array = {
            name, H5_DOUBLE,       column->values,
            {n},  {"observation"}, strcmp(column->name, LAW_COMPUTE) == 0 ? "FLOP" : "1",
            NULL};
        STATUS_TRY(put_array(p, &array, why));
    }
    for (size_t i = 0; i < f->law->n_inputs; i++) {
        x[i] = runs_input(runs, &f->law->inputs[i]);
        STATUS_ASSERT(x[i] != NULL);
    }
    (void)snprintf(name, sizeof name, "observation_%.63s", f->law->response);
    (void)snprintf(fitted, sizeof fitted, "fitted_%.63s", f->law->response);
    const char *unit = f->law->response_unit;
    const struct array responses[] = {
        {name, H5_DOUBLE, runs->response.values, {n}, {"observation"}, unit, "response observed"},
        {fitted, H5_DOUBLE, values, {n}, {"observation"}, unit, "response by the fit"},
    };
    law_values(f->law, f->theta, n, x, values);
    STATUS_TRY(put_arrays(p, responses, COUNT_OF(responses), why));
out:
    free(lines);
    free(values);
    return st;
}

/* The runs at the ends of the hull, natural units. */
static enum status put_support(const struct place *p, const struct fit *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = f->support != NULL ? support_size(f->support) : 0, d = f->law->n_inputs;
    if (n == 0) {
        return STATUS_OK;
    }
    double *points = malloc(n * d * sizeof *points);
    if (points == NULL) {
        st = status_fail(why, STATUS_MEMORY, "fit: hull of %zu runs", n);
    }
    STATUS_TRY(h5_agree(p->file, st, why));
    for (size_t i = 0; i < n; i++) {
        support_point(f->support, i, points + i * d);
    }
    const struct array array = {"support",
                                H5_DOUBLE,
                                points,
                                {n, d},
                                {"support_point", "input"},
                                "1",
                                "runs that span the hull of all, in the inputs of the law"};
    STATUS_TRY(put_dimension(p, "support_point", n, why));
    STATUS_TRY(put_array(p, &array, why));
    STATUS_TRY(h5_write_count_attribute(p->file, p->group, "n_support", n, why));
out:
    free(points);
    return st;
}

/* Residuals of the runs, from which those of new runs are drawn. */
static enum status put_scatter(const struct place *p, const struct fit *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct scatter *s = f->scatter;
    if (s == NULL) {
        return STATUS_OK;
    }
    const char *unit = s->is_log ? "1" : f->law->response_unit;
    const struct array arrays[] = {
        {"scatter_fitted",
         H5_DOUBLE,
         s->fitted,
         {s->n},
         {"scatter_run"},
         f->law->response_unit,
         "response by the fit, ascending"},
        {"scatter_residual",
         H5_DOUBLE,
         s->residual,
         {s->n},
         {"scatter_run"},
         NULL,
         "observed less predicted, studentised, over its error"},
        {"scatter_error",
         H5_DOUBLE,
         s->error,
         {s->n},
         {"scatter_run"},
         unit,
         "standard error of the residual; 1 where not known"},
    };
    STATUS_TRY(put_dimension(p, "scatter_run", s->n, why));
    STATUS_TRY(put_arrays(p, arrays, COUNT_OF(arrays), why));
    STATUS_TRY(h5_write_count_attribute(p->file, p->group, "n_scatter", s->n, why));
    STATUS_TRY(h5_write_count_attribute(p->file, p->group, "n_scatter_free", s->n_free, why));
out:
    return st;
}

enum status fit_file_write(struct h5 *file, const struct fit *f, const struct runs *runs,
                           struct status_why *why)
{
    enum status st = STATUS_OK;
    struct place p = {.file = file};

    (void)snprintf(p.group, sizeof p.group, "/fit/%.64s", f->law->id);
    STATUS_TRY(h5_write_group(file, p.group, why));
    STATUS_TRY(put_attributes(&p, f, why));
    STATUS_TRY(put_parameters(&p, f, why));
    STATUS_TRY(put_options(&p, f, why));
    STATUS_TRY(put_estimates(&p, f, why));
    STATUS_TRY(put_support(&p, f, why));
    STATUS_TRY(put_scatter(&p, f, why));
    STATUS_TRY(put_starts(&p, f, why));
    STATUS_TRY(put_optima(&p, f, why));
    STATUS_TRY(put_replicates(&p, f, why));
    STATUS_TRY(put_profiles(&p, f, why));
    if (runs != NULL) {
        STATUS_TRY(put_rows(&p, runs, why));
        STATUS_TRY(put_observations(&p, f, runs, why));
    }
out:
    return st;
}

/* Of the members of /fit those that are fits of a law; the other approaches stand beside them. */
static size_t keep_laws(struct h5 *file, char *members[], size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        char group[PATH_SIZE];
        (void)snprintf(group, sizeof group, "/fit/%.64s", members[i]);
        if (h5_has_attribute(file, group, "law")) {
            members[kept++] = members[i];
        }
    }
    return kept;
}

/* Copy a text attribute of the group. */
static enum status get_text(const struct place *p, const char *name, char to[], size_t size,
                            struct status_why *why)
{
    char *text = NULL;
    const enum status st = h5_read_text_attribute(p->file, p->group, name, &text, why);
    if (st == STATUS_OK) {
        (void)snprintf(to, size, "%s", text);
    }
    free(text);
    return st;
}

/* The law of the group: built in, or compiled again from the file's own description, because its
 * table or study may have changed since. */
static enum status find_law(const struct place *p, const char *id, const struct law **law,
                            struct status_why *why)
{
    struct custom_source s = {.n_inputs = 0};
    char inputs[PATH_SIZE], parameters[2 * CUSTOM_TEXT_SIZE];
    struct law *made = NULL;
    size_t column;
    enum status st = STATUS_OK;
    STATUS_TRY(get_text(p, "formula_inputs", inputs, sizeof inputs, why));
    *law = law_find(id);
    if (strcmp(inputs, "built in") == 0) {
        goto out;
    }
    (void)snprintf(s.id, sizeof s.id, "%s", id);
    STATUS_TRY(get_text(p, "formula_parameters", parameters, sizeof parameters, why));
    STATUS_TRY(get_text(p, "title", s.title, sizeof s.title, why));
    STATUS_TRY(get_text(p, "source", s.source, sizeof s.source, why));
    STATUS_TRY(get_text(p, "equation", s.text, sizeof s.text, why));
    STATUS_TRY(get_text(p, "response_unit", s.response_unit, sizeof s.response_unit, why));
    STATUS_TRY(forms_inputs(inputs, &s, why));
    STATUS_TRY(forms_parameters(parameters, &s, why));
    STATUS_TRY(custom_create(&s, &made, &column, why));
    if (!law_add(made)) {
        custom_destroy(made);
        st = status_fail(why, STATUS_INPUT, "%s: too many laws", id);
    }
    *law = made;
out:
    return st;
}

/* The group of the law wanted, of the one that others were held against, or of the only one. */
static enum status choose_law(struct h5 *file, const char *law_id, struct place *p,
                              const struct law **law, struct status_why *why)
{
    enum status st = STATUS_OK;
    char **members = NULL, list[STATUS_MESSAGE_SIZE / 2] = "";
    size_t n = 0, used = 0;
    const char *id = law_id;
    char *main_law = NULL;

    if (!h5_exists(file, "/fit")) {
        return status_fail(why, STATUS_INPUT, "the file holds no fit (no group /fit)");
    }
    STATUS_TRY(h5_read_members(file, "/fit", &members, &n, why));
    n = keep_laws(file, members, n);
    if (h5_has_attribute(file, "/fit", "law")) {
        STATUS_TRY(h5_read_text_attribute(file, "/fit", "law", &main_law, why));
    }
    id = id == NULL || id[0] == '\0' ? main_law : id;
    for (size_t i = 0; i < n && used < sizeof list; i++) {
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
                                 members[i]);
    }
    if (id == NULL && n != 1) {
        st = status_fail(why, STATUS_INPUT, "the file holds fits of %zu laws; name one of: %s", n,
                         list);
        goto out;
    }
    id = id == NULL ? members[0] : id;
    (void)snprintf(p->group, sizeof p->group, "/fit/%.64s", id);
    if (h5_exists(file, p->group)) {
        STATUS_TRY(find_law(p, id, law, why));
    }
    if (*law == NULL) {
        st = status_fail(why, STATUS_INPUT, "%s: the file holds no fit of this law; it has: %s", id,
                         list);
    }
out:
    free(main_law);
    free(members);
    return st;
}

/* Names of the values of an enumeration, told by their number. */
static const char *objective_name(int code)
{
    return fit_objective_name((enum fit_objective)code);
}

static const char *residual_name(int code)
{
    return fit_residual_name((enum fit_residual)code);
}

static const char *resampling_name(int code)
{
    return fit_resampling_name((enum fit_resampling)code);
}

static const char *bootstrap_name(int code)
{
    return fit_bootstrap_name((enum fit_bootstrap)code);
}

static const char *design_name(int code)
{
    return fit_design_name((enum fit_design)code);
}

static const char *solver_name(int code)
{
    return fit_solver_name((enum fit_solver)code);
}

static enum status get_choice(const struct place *p, const char *attribute, int n,
                              const char *(*name)(int code), int *code, struct status_why *why)
{
    enum status st = STATUS_OK;
    char *text = NULL;

    STATUS_TRY(h5_read_text_attribute(p->file, p->group, attribute, &text, why));
    for (*code = 0; *code < n && strcmp(text, name(*code)) != 0; ++*code) {
        continue;
    }
    if (*code == n) {
        st = status_fail(why, STATUS_INPUT,
                         "%s: %s: %s: unknown here; was it written by a later "
                         "version?",
                         p->group, attribute, text);
    }
out:
    free(text);
    return st;
}

static enum status get_attributes(const struct place *p, struct fit *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    int code;
    uint64_t count;
    char *sentence = NULL;

    STATUS_TRY(get_choice(p, "objective", FIT_LEAST_SQUARES + 1, objective_name, &code, why));
    f->options.objective = (enum fit_objective)code;
    STATUS_TRY(get_choice(p, "residual", FIT_LINEAR + 1, residual_name, &code, why));
    f->options.residual = (enum fit_residual)code;
    STATUS_TRY(get_choice(p, "resampling", FIT_NUMPY_MT19937 + 1, resampling_name, &code, why));
    f->options.resampling = (enum fit_resampling)code;
    STATUS_TRY(get_choice(p, "bootstrap", FIT_CLUSTER + 1, bootstrap_name, &code, why));
    f->options.bootstrap = (enum fit_bootstrap)code;
    STATUS_TRY(get_choice(p, "start_design", FIT_STUDY_GRID + 1, design_name, &code, why));
    f->design = (enum fit_design)code;
    STATUS_TRY(get_choice(p, "solver", N_SOLVERS, solver_name, &code, why));
    f->options.solver = (enum fit_solver)code;
    STATUS_TRY(h5_read_count_attribute(p->file, p->group, "seed", &f->options.seed, why));
    STATUS_TRY(h5_read_text_attribute(p->file, p->group, "sentence", &sentence, why));
    (void)snprintf(f->sentence, sizeof f->sentence, "%s", sentence);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        double *to = (void *)((char *)f + numbers[i].offset);
        STATUS_TRY(h5_read_number_attribute(p->file, p->group, numbers[i].name, to, why));
    }
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        size_t *to = (void *)((char *)f + counts[i].offset);
        STATUS_TRY(h5_read_count_attribute(p->file, p->group, counts[i].name, &count, why));
        *to = (size_t)count;
    }
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        bool *to = (void *)((char *)f + flags[i].offset);
        STATUS_TRY(h5_read_count_attribute(p->file, p->group, flags[i].name, &count, why));
        *to = count != 0;
    }
out:
    free(sentence);
    return st;
}

/* Read an array that must have this shape; second = 0: one dimension. */
static enum status get_array(const struct place *p, const char *name, size_t first, size_t second,
                             double **values, struct status_why *why)
{
    char path[PATH_SIZE];
    size_t n, shape[3];
    const enum status st = h5_read_array(p->file, path_of(p, name, path), values, &n, shape, why);
    if (st != STATUS_OK) {
        return st;
    }
    if (n != (second > 0 ? 2 : 1) || shape[0] != first || (second > 0 && shape[1] != second)) {
        free(*values);
        *values = NULL;
        return status_fail(why, STATUS_IO, "%s: has not the shape that the fit's counts ask for",
                           path);
    }
    return STATUS_OK;
}

/* As get_array, into storage of the caller. */
static enum status get_into(const struct place *p, const char *name, size_t first, size_t second,
                            double to[], struct status_why *why)
{
    double *values = NULL;
    const enum status st = get_array(p, name, first, second, &values, why);
    if (st == STATUS_OK) {
        memcpy(to, values, first * (second > 0 ? second : 1) * sizeof *to);
    }
    free(values);
    return st;
}

/* A file whose digest was renewed after a change, or that has none, is still refused where a figure
 * cannot be one. */
static enum status check_finite(const struct place *p, const char *name, size_t n,
                                const double values[], struct status_why *why)
{
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i])) {
            return status_fail(why, STATUS_IO,
                               "%s/%s: damaged: %g at %zu, expected a finite number", p->group,
                               name, values[i], i);
        }
    }
    return STATUS_OK;
}

static enum status check_ranges(const struct place *p, const struct fit *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; i < f->law->n_parameters; i++) {
        const double value = f->natural[i].value, theta = f->theta[i];
        STATUS_TRY(check_finite(p, "value", 1, &value, why));
        if (value != 0.0 || !isinf(theta) || theta > 0.0) { /* the logarithm of 0 is allowed */
            STATUS_TRY(check_finite(p, "theta", 1, &theta, why));
        }
    }
    STATUS_TRY(check_finite(p, "range_lower", f->law->n_inputs, f->lower, why));
    STATUS_TRY(check_finite(p, "range_upper", f->law->n_inputs, f->upper, why));
out:
    return st;
}

static enum status get_parameters(const struct place *p, struct fit *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = f->law->n_parameters;
    double figures[6][LAW_MAX_PARAMETERS];
    static const char *const names[] = {"value", "standard_error", "lower",
                                        "upper", "at_bound",       "verdict"};

    for (size_t k = 0; k < COUNT_OF(names); k++) {
        STATUS_TRY(get_into(p, names[k], n, 0, figures[k], why));
    }
    for (size_t i = 0; i < n; i++) {
        f->natural[i] =
            (struct fit_interval){figures[0][i], figures[1][i], figures[2][i], figures[3][i]};
        f->at_bound[i] = figures[4][i] != 0;
        if (!(figures[5][i] < N_VERDICTS)) {
            st = status_fail(why, STATUS_IO, "%s/verdict: %g is no verdict", p->group,
                             figures[5][i]);
            goto out;
        }
        f->verdicts[i] = (enum fit_verdict)figures[5][i];
    }
    STATUS_TRY(get_into(p, "theta", n, 0, f->theta, why));
    STATUS_TRY(get_into(p, "covariance", n, n, f->covariance, why));
    STATUS_TRY(get_into(p, "eigenvalue", n, 0, f->eigenvalues, why));
    STATUS_TRY(get_into(p, "range_lower", f->law->n_inputs, 0, f->lower, why));
    STATUS_TRY(get_into(p, "range_upper", f->law->n_inputs, 0, f->upper, why));
    for (size_t i = 0; i < COUNT_OF(estimates); i++) {
        struct fit_interval *to = (void *)((char *)f + estimates[i].offset);
        double e[COUNT_OF(estimate_names)];
        STATUS_TRY(get_into(p, estimates[i].name, COUNT_OF(estimate_names), 0, e, why));
        *to = (struct fit_interval){e[0], e[1], e[2], e[3]};
    }
out:
    return st;
}

static enum status get_options(const struct place *p, struct fit *f, struct status_why *why)
{
    static const char *const names[] = {"fixed",       "tied_to",    "bound_lower",
                                        "bound_upper", "prior_mean", "prior_sd"};
    enum status st = STATUS_OK;
    const size_t n = f->law->n_parameters;
    double columns[COUNT_OF(names)][LAW_MAX_PARAMETERS];

    for (size_t k = 0; k < COUNT_OF(names); k++) {
        STATUS_TRY(get_into(p, names[k], n, 0, columns[k], why));
    }
    for (size_t i = 0; i < n; i++) {
        if (!(columns[1][i] < (double)n)) {
            st = status_fail(why, STATUS_IO, "%s/tied_to: %g is no parameter", p->group,
                             columns[1][i]);
            goto out;
        }
        struct fit_parameter_option *option = &f->options.parameters[i];
        option->fixed = columns[0][i] > 0.0;
        option->value = option->fixed ? f->natural[i].value : 0.0;
        option->tied_to = (size_t)columns[1][i];
        option->tied = option->tied_to != i;
        option->tied_to = option->tied ? option->tied_to : 0;
        option->bounded = isfinite(columns[2][i]) || isfinite(columns[3][i]);
        option->lower = !option->bounded          ? 0.0
                        : isfinite(columns[2][i]) ? columns[2][i]
                                                  : (double)NAN;
        option->upper = !option->bounded          ? 0.0
                        : isfinite(columns[3][i]) ? columns[3][i]
                                                  : (double)NAN;
        option->prior_sd = isnan(columns[5][i]) ? 0.0 : columns[5][i];
        option->prior_mean = option->prior_sd > 0.0 ? columns[4][i] : 0.0;
    }
out:
    return st;
}

/* Columns of the starts, all of numbers; the first two are wide. */
enum { FROM, THETA, OBJECTIVE, EVALUATIONS, REASON, SOLVER, NEWTON, N_START_COLUMNS };

static enum status get_start(const struct place *p, double *const columns[], size_t i, size_t k,
                             struct fit_start *s, struct status_why *why)
{
    static const struct {
        int column, n;
        const char *what;
    } codes[] = {{REASON, N_REASONS, "start_reason"},
                 {SOLVER, N_SOLVERS, "start_solver"},
                 {NEWTON, N_REASONS, "start_newton"}};
    for (size_t c = 0; c < COUNT_OF(codes); c++) {
        const double code = columns[codes[c].column][i];
        if (!(code < codes[c].n)) {
            return status_fail(why, STATUS_IO, "%s/%s: %g is none of its meanings", p->group,
                               codes[c].what, code);
        }
    }
    memcpy(s->start, columns[FROM] + i * k, k * sizeof *s->start);
    memcpy(s->theta, columns[THETA] + i * k, k * sizeof *s->theta);
    s->objective = columns[OBJECTIVE][i];
    s->n_evaluations = (size_t)columns[EVALUATIONS][i];
    s->reason = (enum fit_reason)columns[REASON][i];
    s->solver = (enum fit_solver)columns[SOLVER][i];
    s->newton = (enum fit_reason)columns[NEWTON][i];
    return STATUS_OK;
}

static enum status get_starts(const struct place *p, struct fit *f, struct status_why *why)
{
    static const char *const names[N_START_COLUMNS] = {
        [FROM] = "start_from",           [THETA] = "start_theta",
        [OBJECTIVE] = "start_objective", [EVALUATIONS] = "start_evaluations",
        [REASON] = "start_reason",       [SOLVER] = "start_solver",
        [NEWTON] = "start_newton"};
    enum status st = STATUS_OK;
    const size_t n = f->n_starts + f->n_near, k = f->law->n_parameters;
    double *columns[N_START_COLUMNS] = {NULL};

    for (int c = 0; c < N_START_COLUMNS; c++) {
        STATUS_TRY(get_array(p, names[c], n, c <= THETA ? k : 0, &columns[c], why));
    }
    f->starts = calloc(n + 1, sizeof *f->starts);
    if (f->starts == NULL) {
        st = status_fail(why, STATUS_MEMORY, "fit: %zu starts", n);
    }
    STATUS_TRY(h5_agree(p->file, st, why));
    for (size_t i = 0; i < n; i++) {
        STATUS_TRY(get_start(p, columns, i, k, &f->starts[i], why));
    }
out:
    for (int c = 0; c < N_START_COLUMNS; c++) {
        free(columns[c]);
    }
    return st;
}

static enum status get_optima(const struct place *p, struct fit *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = n_listed(f), k = f->law->n_parameters;
    double objective[FIT_MAX_OPTIMA], n_starts[FIT_MAX_OPTIMA];
    double theta[FIT_MAX_OPTIMA * LAW_MAX_PARAMETERS];

    STATUS_TRY(get_into(p, "optimum_objective", n, 0, objective, why));
    STATUS_TRY(get_into(p, "optimum_starts", n, 0, n_starts, why));
    STATUS_TRY(get_into(p, "optimum_theta", n, k, theta, why));
    for (size_t i = 0; i < n; i++) {
        f->optima[i].objective = objective[i];
        f->optima[i].n_starts = (size_t)n_starts[i];
        memcpy(f->optima[i].theta, theta + i * k, k * sizeof *theta);
    }
out:
    return st;
}

/* What ends one side of each profile. Version 0.1.0 did not tell: a side without a limit is then
 * one that could not be followed. */
static enum status get_ends(const struct place *p, const char *name, const double limit[], size_t n,
                            double ends[], struct status_why *why)
{
    char path[PATH_SIZE];
    if (!h5_exists(p->file, path_of(p, name, path))) {
        for (size_t k = 0; k < n; k++) {
            ends[k] = isnan(limit[k]) ? FIT_END_NOT_FOLLOWED : FIT_END_LIMIT;
        }
        return STATUS_OK;
    }
    enum status st = get_into(p, name, n, 0, ends, why);
    for (size_t k = 0; st == STATUS_OK && k < n; k++) {
        if (!(ends[k] < FIT_N_ENDS)) {
            st = status_fail(why, STATUS_IO, "%s/%s: %g: unknown", p->group, name, ends[k]);
        }
    }
    return st;
}

static enum status get_profiles(const struct place *p, struct fit *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n = f->n_profiles, points = FIT_PROFILE_POINTS;
    double lower[MAX_PROFILES], upper[MAX_PROFILES], threshold[MAX_PROFILES];
    double lower_end[MAX_PROFILES], upper_end[MAX_PROFILES];
    double bootstrap_lower[MAX_PROFILES], bootstrap_upper[MAX_PROFILES];
    double value[MAX_PROFILES * FIT_PROFILE_POINTS], rise[MAX_PROFILES * FIT_PROFILE_POINTS];

    if (n == 0) {
        return STATUS_OK;
    }
    if (n > MAX_PROFILES) {
        return status_fail(why, STATUS_IO, "%s/n_profiles: %zu: more than a law has", p->group, n);
    }
    STATUS_TRY(get_into(p, "profile_lower", n, 0, lower, why));
    STATUS_TRY(get_into(p, "profile_upper", n, 0, upper, why));
    STATUS_TRY(get_into(p, "profile_threshold", n, 0, threshold, why));
    STATUS_TRY(get_ends(p, "profile_lower_end", lower, n, lower_end, why));
    STATUS_TRY(get_ends(p, "profile_upper_end", upper, n, upper_end, why));
    STATUS_TRY(get_into(p, "bootstrap_lower", n, 0, bootstrap_lower, why));
    STATUS_TRY(get_into(p, "bootstrap_upper", n, 0, bootstrap_upper, why));
    STATUS_TRY(get_into(p, "profile_value", n, points, value, why));
    STATUS_TRY(get_into(p, "profile_rise", n, points, rise, why));
    f->profiles = calloc(n, sizeof *f->profiles);
    if (f->profiles == NULL) {
        st = status_fail(why, STATUS_MEMORY, "fit: %zu profiles", n);
    }
    STATUS_TRY(h5_agree(p->file, st, why));
    for (size_t k = 0; k < n; k++) {
        struct fit_profile *q = &f->profiles[k];
        q->lower_end = (enum fit_end)lower_end[k];
        q->upper_end = (enum fit_end)upper_end[k];
        q->lower = lower[k];
        q->upper = upper[k];
        q->threshold = threshold[k];
        q->bootstrap_lower = bootstrap_lower[k];
        q->bootstrap_upper = bootstrap_upper[k];
        memcpy(q->value, value + k * points, sizeof q->value);
        memcpy(q->rise, rise + k * points, sizeof q->rise);
    }
out:
    return st;
}

/* The hull; files of versions before 0.2.0 have ranges alone. */
static enum status get_support(const struct place *p, struct fit *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t d = f->law->n_inputs;
    uint64_t n = 0;
    char path[PATH_SIZE];
    double *points = NULL, *turned = NULL;
    const double *columns[LAW_MAX_INPUTS];
    if (!h5_exists(p->file, path_of(p, "support", path))) {
        return STATUS_OK;
    }
    STATUS_TRY(h5_read_count_attribute(p->file, p->group, "n_support", &n, why));
    if (n == 0) {
        st = status_fail(why, STATUS_IO, "%s: 0 runs: expected at least one", path);
        goto out;
    }
    STATUS_TRY(get_array(p, "support", (size_t)n, d, &points, why));
    turned = malloc((size_t)n * d * sizeof *turned);
    if (turned == NULL) {
        st = status_fail(why, STATUS_MEMORY, "fit: hull of %zu runs", (size_t)n);
    }
    STATUS_TRY(h5_agree(p->file, st, why));
    for (size_t j = 0; j < d; j++) {
        for (size_t i = 0; i < n; i++) {
            turned[j * n + i] = points[i * d + j];
            if (!isfinite(points[i * d + j])) {
                st = status_fail(why, STATUS_IO, "%s: %g: must be finite", path, points[i * d + j]);
                goto out;
            }
        }
        columns[j] = turned + j * n;
    }
    st = support_create(d, (size_t)n, columns, &f->support, why);
    STATUS_TRY(h5_agree(p->file, st, why));
out:
    free(points);
    free(turned);
    return st;
}

/* What new runs scatter by; files of versions before 0.2.0 do not have it. */
static enum status get_scatter(const struct place *p, struct fit *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    uint64_t n = 0, n_free = 0;
    char path[PATH_SIZE];
    double *fitted = NULL, *residual = NULL, *error = NULL;
    struct status_why inner;
    if (!h5_exists(p->file, path_of(p, "scatter_residual", path))) {
        return STATUS_OK;
    }
    STATUS_TRY(h5_read_count_attribute(p->file, p->group, "n_scatter", &n, why));
    STATUS_TRY(h5_read_count_attribute(p->file, p->group, "n_scatter_free", &n_free, why));
    STATUS_TRY(get_array(p, "scatter_fitted", (size_t)n, 0, &fitted, why));
    STATUS_TRY(get_array(p, "scatter_residual", (size_t)n, 0, &residual, why));
    STATUS_TRY(get_array(p, "scatter_error", (size_t)n, 0, &error, why));
    status_clear(&inner);
    st = scatter_create(f->options.residual == FIT_LOG, (size_t)n, (size_t)n_free, fitted, residual,
                        error, &f->scatter, &inner);
    if (st != STATUS_OK) {
        st = status_fail(why, st == STATUS_INPUT ? STATUS_IO : st, "%s: %.600s", path,
                         inner.message);
    }
    STATUS_TRY(h5_agree(p->file, st, why));
out:
    free(fitted);
    free(residual);
    free(error);
    return st;
}

enum status fit_file_read(struct h5 *file, const char *law_id, struct fit *made,
                          struct status_why *why)
{
    enum status st = STATUS_OK;
    struct place p = {.file = file};

    memset(made, 0, sizeof *made);
    STATUS_TRY(choose_law(file, law_id, &p, &made->law, why));
    made->options.law = made->law;
    STATUS_TRY(get_attributes(&p, made, why));
    STATUS_TRY(get_parameters(&p, made, why));
    STATUS_TRY(check_ranges(&p, made, why));
    STATUS_TRY(get_options(&p, made, why));
    STATUS_TRY(get_starts(&p, made, why));
    STATUS_TRY(get_optima(&p, made, why));
    STATUS_TRY(get_profiles(&p, made, why));
    STATUS_TRY(get_support(&p, made, why));
    STATUS_TRY(get_scatter(&p, made, why));
    if (made->n_replicates > 0) {
        STATUS_TRY(get_array(&p, "replicates", made->n_replicates, made->law->n_parameters,
                             &made->replicates, why));
        STATUS_TRY(get_array(&p, "replicate_objective", made->n_replicates, 0,
                             &made->replicate_objectives, why));
    }
out:
    if (st != STATUS_OK) {
        fit_clear(made);
    }
    return st;
}
