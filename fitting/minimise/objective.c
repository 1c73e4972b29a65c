#include "fitting/minimise/objective.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solver/base/vmath.h"
#include "solver/laws/terms.h"

/* Huber's sum over delta at this delta is that of absolute residuals to the last digit. */
#define OBJECTIVE_TINY 1e-18

/* The two inner loops by vector level. */
static const struct {
    double (*evaluate)(OBJECTIVE_KERNEL_ARGUMENTS);
    double (*add)(OBJECTIVE_KERNEL_ADD_ARGUMENTS);
} objective_kernels[VMATH_N_LEVELS] = {
    {objective_kernel_evaluate_v2, objective_kernel_add_v2},
    {objective_kernel_evaluate_v3, objective_kernel_add_v3},
    {objective_kernel_evaluate_v4, objective_kernel_add_v4},
};

/** Whether \a law is a sum of power terms in which scale - exponent * x may be centred. */
static bool is_power_sum(const struct law *law)
{
    for (size_t k = 0; k < law->n_terms; k++) {
        if (law->terms[k].scale < 0) {
            return false;
        }
    }
    return true;
}

static void set_kernel(struct objective *o)
{
    const struct law *law = o->law;
    o->has_kernel =
        law->value == terms_value && law->floor >= 0 && law->n_parameters == 1 + 2 * law->n_terms;
    if (!o->has_kernel) {
        return;
    }
    o->map[0] = (size_t)law->floor;
    for (size_t k = 0; k < law->n_terms; k++) {
        o->map[1 + k] = (size_t)law->terms[k].scale;
        o->map[1 + law->n_terms + k] = (size_t)law->terms[k].exponent;
    }
}

/** Whether \a option says something about theta, so that it must be a coordinate. */
static bool names_theta(const struct fit_parameter_option *option)
{
    return option->fixed || option->tied || option->bounded || option->prior_sd > 0.0;
}

/** Whether the term may be moved to the centre of the data. */
static bool is_centred(const struct fit_options *options, const struct law_term *term)
{
    const int scale = term->scale;
    bool named = names_theta(&options->parameters[scale]);
    for (size_t i = 0; i < options->law->n_parameters; i++) {
        const struct fit_parameter_option *option = &options->parameters[i];
        named = named || (option->tied && option->tied_to == (size_t)scale);
    }
    return !named;
}

/** Inputs that may be centred: those of terms of which none forbids it. */
static void find_centred(const struct fit_options *options, bool centred[])
{
    const struct law *law = options->law;
    for (size_t j = 0; j < law->n_inputs; j++) {
        centred[j] = is_power_sum(law);
    }
    for (size_t k = 0; is_power_sum(law) && k < law->n_terms; k++) {
        const size_t j = terms_input(&law->terms[k]);
        centred[j] = centred[j] && is_centred(options, &law->terms[k]);
    }
}

/** The box of z: the law's bounds, those of terms at the centre, then what the options say. */
static void set_box(const struct fit_options *options, const bool centred[], struct objective *o)
{
    double lower[LAW_MAX_PARAMETERS] = {0.0};
    double upper[LAW_MAX_PARAMETERS] = {0.0};
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        lower[i] = o->law->parameters[i].lower;
        upper[i] = o->law->parameters[i].upper;
    }
    for (size_t k = 0; k < o->law->n_terms; k++) {
        const int scale = o->law->terms[k].scale;
        if (is_power_sum(o->law) && centred[terms_input(&o->law->terms[k])]) {
            lower[scale] = OBJECTIVE_TERM_LOWER_NAT;
            upper[scale] = OBJECTIVE_TERM_UPPER_NAT;
        }
    }
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        const struct fit_parameter_option *option = &options->parameters[i];
        if (option->bounded) {
            fit_bounds(o->law, i, option, &lower[i], &upper[i]);
        }
        if (option->fixed) {
            lower[i] = upper[i] = option->value;
        }
    }
    law_transform(o->law, lower, o->lower);
    law_transform(o->law, upper, o->upper);
}

/** Ties and priors. */
static void set_parameters(const struct fit_options *options, struct objective *o)
{
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        const struct fit_parameter_option *option = &options->parameters[i];
        o->root[i] = option->tied ? option->tied_to : i;
        o->n_tied += option->tied;
        o->prior.mean[i] = option->prior_mean;
        o->prior.sd[i] = option->prior_sd;
        o->prior.any = o->prior.any || option->prior_sd > 0.0;
    }
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        const size_t root = o->root[i];
        o->lower[root] = o->lower[i] > o->lower[root] ? o->lower[i] : o->lower[root];
        o->upper[root] = o->upper[i] < o->upper[root] ? o->upper[i] : o->upper[root];
    }
}

/** Empty object with room for \a capacity observations. */
static enum status objective_new(const struct law *law, size_t capacity, struct objective **made,
                                 struct status_why *why)
{
    struct objective *o = calloc(1, sizeof *o);
    *made = o;
    if (o == NULL) {
        return status_fail(why, STATUS_MEMORY, "no memory for the objective of a fit");
    }
    o->law = law;
    o->capacity = capacity;
    double **const columns[] = {&o->response, &o->target, &o->weight, &o->error};
    bool whole = true;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        *columns[i] = calloc(capacity, sizeof **columns[i]);
        whole = whole && *columns[i] != NULL;
    }
    o->scratch = calloc(capacity, (1 + LAW_MAX_PARAMETERS) * sizeof *o->scratch);
    whole = whole && o->scratch != NULL;
    if (law->block != NULL) {
        const size_t p = law->n_parameters;
        o->block = calloc((1 + p + p * (p + 1) / 2) * OBJECTIVE_BLOCK, sizeof *o->block);
        whole = whole && o->block != NULL;
    }
    for (size_t i = 0; i < law->n_inputs; i++) {
        o->x[i] = calloc(capacity, sizeof(double));
        whole = whole && o->x[i] != NULL;
    }
    if (!whole) {
        objective_destroy(o);
        *made = NULL;
        return status_fail(why, STATUS_MEMORY, "no memory for a fit of %zu observations", capacity);
    }
    return STATUS_OK;
}

/** Fill the columns from n to the next multiple of eight with copies of weight 0. */
static void pad(struct objective *o)
{
    for (size_t i = o->n; i % OBJECTIVE_KERNEL_BLOCK != 0; i++) {
        for (size_t j = 0; j < o->law->n_inputs; j++) {
            o->x[j][i] = o->x[j][0];
        }
        o->response[i] = o->response[0];
        o->target[i] = o->target[0];
        o->error[i] = o->error[0];
        o->weight[i] = 0.0;
    }
}

/** Copy inputs, less their mean where they may be centred. */
static void set_inputs(const struct fit_data *data, const bool centred[], struct objective *o)
{
    for (size_t j = 0; j < o->law->n_inputs; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < o->n; i++) {
            sum += data->x[j][i];
        }
        o->centre[j] = centred[j] ? sum / (double)o->n : 0.0;
        for (size_t i = 0; i < o->n; i++) {
            o->x[j][i] = data->x[j][i] - o->centre[j];
        }
    }
}

/** Copy responses, weights and errors. */
static void set_rows(const struct fit_data *data, struct objective *o)
{
    double log_sum = 0.0;
    for (size_t i = 0; i < o->n; i++) {
        o->response[i] = data->response[i];
        o->target[i] = data->response[i];
        o->weight[i] = data->weight != NULL ? data->weight[i] : 1.0;
        o->error[i] = data->error != NULL ? data->error[i] : 1.0;
        if (data->error != NULL && o->residual == FIT_LOG) {
            o->error[i] /= data->response[i]; /* of ln response, to first order */
        }
        log_sum += vmath_log1(o->error[i]);
    }
    o->has_errors = data->error != NULL;
    o->unit = o->has_errors ? vmath_exp1(-log_sum / (double)o->n) : 1.0;
    if (o->residual == FIT_LOG) {
        vmath_log(o->n, o->response, o->target);
    }
}

enum status objective_create(const struct fit_data *data, const struct fit_options *options,
                             struct objective **made, struct status_why *why)
{
    STATUS_ASSERT(data->n > 0);
    const struct law *law = options->law;
    const size_t capacity =
        (data->n + OBJECTIVE_KERNEL_BLOCK - 1) / OBJECTIVE_KERNEL_BLOCK * OBJECTIVE_KERNEL_BLOCK;
    const enum status st = objective_new(law, capacity, made, why);
    if (st != STATUS_OK) {
        return st;
    }
    struct objective *o = *made;
    bool centred[LAW_MAX_INPUTS] = {false};
    o->kind = options->objective;
    o->residual = options->residual;
    o->delta = o->kind == FIT_HUBER           ? options->delta
               : o->kind == FIT_LEAST_SQUARES ? (double)INFINITY
                                              : 0.0;
    o->over_prediction = options->over_prediction > 0.0 ? options->over_prediction : 1.0;
    o->n = data->n;
    find_centred(options, centred);
    set_inputs(data, centred, o);
    set_rows(data, o);
    pad(o);
    set_kernel(o);
    set_box(options, centred, o);
    set_parameters(options, o);
    objective_set_noise(o, options->prior_noise);
    return STATUS_OK;
}

void objective_set_noise(struct objective *o, double noise)
{
    o->dispersion =
        prior_dispersion(o->kind, o->delta, o->over_prediction, o->has_errors ? 1.0 : noise);
}

enum status objective_create_like(const struct objective *full, struct objective **made,
                                  struct status_why *why)
{
    const enum status st = objective_new(full->law, full->capacity, made, why);
    if (st != STATUS_OK) {
        return st;
    }
    /* All but the columns, which stay those of the copy. */
    struct objective *o = *made;
    const struct objective columns = *o;
    *o = *full;
    memcpy(o->x, columns.x, sizeof o->x);
    o->response = columns.response;
    o->target = columns.target;
    o->weight = columns.weight;
    o->error = columns.error;
    o->block = columns.block;
    o->scratch = columns.scratch;
    o->n = 0;
    memcpy(o->error, full->error, o->capacity * sizeof *o->error);
    return STATUS_OK;
}

void objective_destroy(struct objective *o)
{
    if (o == NULL) {
        return;
    }
    for (size_t i = 0; i < LAW_MAX_INPUTS; i++) {
        free(o->x[i]);
    }
    free(o->response);
    free(o->target);
    free(o->weight);
    free(o->error);
    free(o->scratch);
    free(o->block);
    free(o);
}

void objective_resample(const struct objective *full, const unsigned count[],
                        struct objective *sample)
{
    size_t k = 0;
    for (size_t i = 0; i < full->n; i++) {
        if (count[i] == 0) {
            continue;
        }
        for (size_t j = 0; j < full->law->n_inputs; j++) {
            sample->x[j][k] = full->x[j][i];
        }
        sample->response[k] = full->response[i];
        sample->target[k] = full->target[i];
        sample->weight[k] = full->weight[i] * (double)count[i];
        sample->error[k] = full->error[i];
        k++;
    }
    STATUS_ASSERT(k > 0);
    sample->n = k;
    pad(sample);
}

void objective_replace(const struct objective *full, const double target[],
                       struct objective *sample)
{
    for (size_t j = 0; j < full->law->n_inputs; j++) {
        memcpy(sample->x[j], full->x[j], full->n * sizeof(double));
    }
    memcpy(sample->weight, full->weight, full->n * sizeof(double));
    memcpy(sample->error, full->error, full->n * sizeof(double));
    memcpy(sample->target, target, full->n * sizeof(double));
    memcpy(sample->response, target, full->n * sizeof(double));
    if (full->residual == FIT_LOG) {
        vmath_exp(full->n, target, sample->response);
    }
    sample->n = full->n;
    pad(sample);
}

/** z = theta with each scale moved by sign * exponent * centre. */
static void move_scales(const struct objective *o, double sign, const double from[], double to[])
{
    const struct law *law = o->law;
    double moved[LAW_MAX_PARAMETERS];
    memcpy(moved, from, law->n_parameters * sizeof *moved);
    for (size_t k = 0; k < law->n_terms; k++) {
        const struct law_term *t = &law->terms[k];
        if (t->scale >= 0) {
            moved[t->scale] += sign * from[t->exponent] * o->centre[terms_input(t)];
        }
    }
    memcpy(to, moved, law->n_parameters * sizeof *to);
}

void objective_centre(const struct objective *o, const double theta[], double z[])
{
    move_scales(o, -1.0, theta, z);
}

void objective_uncentre(const struct objective *o, const double z[], double theta[])
{
    double own[LAW_MAX_PARAMETERS];
    memcpy(own, z, o->law->n_parameters * sizeof *own);
    objective_tie(o, own);
    move_scales(o, 1.0, own, theta);
}

bool objective_moves(const struct objective *o, size_t i)
{
    return o->root[i] == i && o->lower[i] < o->upper[i];
}

void objective_tie(const struct objective *o, double z[])
{
    for (size_t i = 0; o->n_tied > 0 && i < o->law->n_parameters; i++) {
        z[i] = z[o->root[i]];
    }
}

/** Whether rows differ by more than their weights, or by the sign of the residual. */
static bool has_rows(const struct objective *o)
{
    return o->has_errors || o->over_prediction < 1.0 || o->over_prediction > 1.0;
}

/** \a n observations, padded, from \a first on, as the kernels take them; without inputs. */
static struct objective_kernel_data rows_of(const struct objective *o, size_t first, size_t n)
{
    return (struct objective_kernel_data){
        .n = (n + OBJECTIVE_KERNEL_BLOCK - 1) / OBJECTIVE_KERNEL_BLOCK * OBJECTIVE_KERNEL_BLOCK,
        .target = o->target + first,
        .weight = o->weight + first,
        .is_linear = o->residual == FIT_LINEAR,
        .error = has_rows(o) ? o->error + first : NULL,
        .over_prediction = o->over_prediction,
    };
}

static void evaluate_kernel(const struct objective *o, enum objective_order order, double delta,
                            const double z[], struct objective_point *at)
{
    enum { MOST = OBJECTIVE_KERNEL_P };
    const size_t p = o->law->n_parameters;
    double own_z[MOST];
    double gradient[MOST];
    double hessian[MOST * MOST];
    for (size_t i = 0; i < p; i++) {
        own_z[i] = z[o->map[i]];
    }
    struct objective_kernel_data d = rows_of(o, 0, o->n);
    d.n_terms = o->law->n_terms;
    for (size_t k = 0; k < d.n_terms; k++) {
        d.x[k] = o->x[terms_input(&o->law->terms[k])];
    }
    at->value = objective_kernels[vmath_level()].evaluate(
        &d, own_z, vmath_exp1(own_z[0]), delta, order >= OBJECTIVE_GRADIENT ? gradient : NULL,
        order >= OBJECTIVE_HESSIAN ? hessian : NULL);
    for (size_t i = 0; order >= OBJECTIVE_GRADIENT && i < p; i++) {
        at->gradient[o->map[i]] = gradient[i];
        for (size_t j = 0; order >= OBJECTIVE_HESSIAN && j < p; j++) {
            at->hessian[o->map[i] * p + o->map[j]] = hessian[i * p + j];
        }
    }
}

/** Residual of ln predicted, from the derivatives of predicted to those of its logarithm. */
static double take_logarithm(size_t p, double value, double target, double d_z[], double d2_z[])
{
    for (size_t j = 0; j < p; j++) {
        d_z[j] /= value;
    }
    for (size_t j = 0; d2_z != NULL && j < p * p; j++) {
        d2_z[j] = d2_z[j] / value - d_z[j / p] * d_z[j % p];
    }
    return vmath_log1(value) - target;
}

/** Residual with its first and second derivatives; \a d2_z may be NULL. Ties are not folded. */
static double row_derivatives(const struct objective *o, const double z[], size_t i, double d_z[],
                              double d2_z[])
{
    const size_t p = o->law->n_parameters;
    double x[LAW_MAX_INPUTS];
    for (size_t j = 0; j < o->law->n_inputs; j++) {
        x[j] = o->x[j][i];
    }
    const double value = o->law->value(o->law, z, x, d_z, d2_z, NULL);
    const double r = o->residual == FIT_LINEAR ? value - o->target[i]
                                               : take_logarithm(p, value, o->target[i], d_z, d2_z);
    for (size_t j = 0; o->has_errors && j < p; j++) {
        d_z[j] /= o->error[i];
    }
    for (size_t j = 0; o->has_errors && d2_z != NULL && j < p * p; j++) {
        d2_z[j] /= o->error[i];
    }
    return r / o->error[i];
}

/** Zero what is added up to \a order. */
static void clear(size_t p, enum objective_order order, struct objective_point *at)
{
    at->value = 0.0;
    if (order >= OBJECTIVE_GRADIENT) {
        memset(at->gradient, 0, p * sizeof *at->gradient);
    }
    if (order >= OBJECTIVE_HESSIAN) {
        memset(at->hessian, 0, p * p * sizeof *at->hessian);
    }
}

static void evaluate_plain(const struct objective *o, enum objective_order order, double delta,
                           const double z[], struct objective_point *at)
{
    const size_t n_first = order >= OBJECTIVE_GRADIENT ? o->law->n_parameters : 0;
    const size_t n_second = order >= OBJECTIVE_HESSIAN ? n_first : 0;
    clear(o->law->n_parameters, order, at);
    for (size_t i = 0; i < o->n; i++) {
        double d_z[LAW_MAX_PARAMETERS];
        double d2_z[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];
        const double r = row_derivatives(o, z, i, d_z, n_second > 0 ? d2_z : NULL);
        const double weight = o->weight[i] * (r > 0.0 ? o->over_prediction : 1.0);
        const double size = fabs(r);
        const double inside = size < delta ? size : delta;
        const double psi = weight * (r < -delta ? -delta : r > delta ? delta : r);
        const double slope = size <= delta ? weight : 0.0;
        at->value += weight * (isnan(r) ? r : inside * (size - 0.5 * inside));
        for (size_t j = 0; j < n_first; j++) {
            at->gradient[j] += psi * d_z[j];
            for (size_t k = 0; k < n_second; k++) {
                at->hessian[j * n_second + k] +=
                    slope * d_z[j] * d_z[k] + psi * d2_z[j * n_second + k];
            }
        }
    }
}

/** By the law's block function, OBJECTIVE_BLOCK observations at a time. */
static void evaluate_blocks(const struct objective *o, enum objective_order order, double delta,
                            const double z[], struct objective_point *at)
{
    enum { MOST = 1 + LAW_MAX_PARAMETERS + LAW_MAX_PARAMETERS * (LAW_MAX_PARAMETERS + 1) / 2 };
    const size_t p = o->law->n_parameters;
    double *out[MOST];
    for (size_t i = 0; i < 1 + p + p * (p + 1) / 2; i++) {
        out[i] = o->block + i * OBJECTIVE_BLOCK;
    }
    clear(p, order, at);
    for (size_t first = 0; first < o->n; first += OBJECTIVE_BLOCK) {
        const size_t n = o->n - first < OBJECTIVE_BLOCK ? o->n - first : OBJECTIVE_BLOCK;
        const struct objective_kernel_data d = rows_of(o, first, n);
        const double *x[LAW_MAX_INPUTS] = {NULL};
        for (size_t j = 0; j < o->law->n_inputs; j++) {
            x[j] = o->x[j] + first;
        }
        o->law->block(o->law, z, (size_t)order, d.n, x, out);
        at->value += objective_kernels[vmath_level()].add(
            &d, p, out, delta, order >= OBJECTIVE_GRADIENT ? at->gradient : NULL,
            order >= OBJECTIVE_HESSIAN ? at->hessian : NULL);
    }
    for (size_t i = 0; order >= OBJECTIVE_HESSIAN && i < p * p; i++) {
        at->hessian[i] = i / p < i % p ? at->hessian[i % p * p + i / p] : at->hessian[i];
    }
}

/** Add derivatives in tied parameters to those in the parameters that they follow. */
static void fold_ties(const struct objective *o, enum objective_order order,
                      struct objective_point *at)
{
    const size_t p = order >= OBJECTIVE_GRADIENT ? o->law->n_parameters : 0;
    const size_t n_second = order >= OBJECTIVE_HESSIAN ? p : 0;
    for (size_t i = 0; i < p; i++) {
        const size_t root = o->root[i];
        if (root == i) {
            continue;
        }
        at->gradient[root] += at->gradient[i];
        at->gradient[i] = 0.0;
        for (size_t j = 0; j < n_second; j++) {
            at->hessian[root * p + j] += at->hessian[i * p + j];
            at->hessian[i * p + j] = 0.0;
        }
        for (size_t j = 0; j < n_second; j++) {
            at->hessian[j * p + root] += at->hessian[j * p + i];
            at->hessian[j * p + i] = 0.0;
        }
    }
}

typedef void (*evaluation)(const struct objective *o, enum objective_order order, double delta,
                           const double z[], struct objective_point *at);

/** The sum over the runs by \a rows, the priors, and ties. */
static void evaluate(const struct objective *o, evaluation rows, enum objective_order order,
                     double delta, const double z[], struct objective_point *at)
{
    double own[LAW_MAX_PARAMETERS];
    memcpy(own, z, o->law->n_parameters * sizeof *own);
    objective_tie(o, own);
    rows(o, order, delta, own, at);
    if (o->prior.any) {
        /* The Huber sum of absolute deviations is delta times their sum. */
        const double factor = o->dispersion * (o->kind == FIT_LAD ? delta : 1.0);
        at->value += prior_add(&o->prior, o->law, factor, own,
                               order >= OBJECTIVE_GRADIENT ? at->gradient : NULL,
                               order >= OBJECTIVE_HESSIAN ? at->hessian : NULL);
    }
    if (o->n_tied > 0) {
        fold_ties(o, order, at);
    }
}

void objective_evaluate_plain(const struct objective *o, double delta, const double z[],
                              struct objective_point *at)
{
    evaluate(o, evaluate_plain, OBJECTIVE_HESSIAN, delta, z, at);
}

void objective_evaluate_order(const struct objective *o, enum objective_order order, double delta,
                              const double z[], struct objective_point *at)
{
    const evaluation rows = o->has_kernel      ? evaluate_kernel
                            : o->block != NULL ? evaluate_blocks
                                               : evaluate_plain;
    evaluate(o, rows, order, delta, z, at);
}

void objective_evaluate(const struct objective *o, double delta, const double z[],
                        struct objective_point *at)
{
    objective_evaluate_order(o, OBJECTIVE_HESSIAN, delta, z, at);
}

double objective_row(const struct objective *o, const double z[], size_t i, double d_z[])
{
    double own[LAW_MAX_PARAMETERS];
    memcpy(own, z, o->law->n_parameters * sizeof *own);
    objective_tie(o, own);
    const double r = row_derivatives(o, own, i, d_z, NULL);
    for (size_t j = 0; o->n_tied > 0 && j < o->law->n_parameters; j++) {
        if (o->root[j] != j) {
            d_z[o->root[j]] += d_z[j];
            d_z[j] = 0.0;
        }
    }
    return r;
}

void objective_residuals(const struct objective *o, const double z[], double residual[])
{
    const double *columns[LAW_MAX_INPUTS];
    double own[LAW_MAX_PARAMETERS];
    memcpy(own, z, o->law->n_parameters * sizeof *own);
    objective_tie(o, own);
    memcpy(columns, o->x, sizeof columns);
    law_values(o->law, own, o->n, columns, residual);
    if (o->residual == FIT_LOG) {
        vmath_log(o->n, residual, residual);
    }
    for (size_t i = 0; i < o->n; i++) {
        residual[i] = (residual[i] - o->target[i]) / o->error[i];
    }
}

double objective_value(const struct objective *o, const double z[])
{
    struct objective_point at;
    objective_evaluate_order(o, OBJECTIVE_VALUE, o->kind == FIT_LAD ? OBJECTIVE_TINY : o->delta, z,
                             &at);
    return o->kind == FIT_LAD ? at.value / OBJECTIVE_TINY : at.value;
}
