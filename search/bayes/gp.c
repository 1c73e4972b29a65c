#include "search/bayes/gp.h"

#include <float.h>
#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <nlopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "search/bayes/gp_kernel.h"
#include "search/bayes/matern.h"
#include "solver/base/vmath.h"

/* Hyper-parameters as one vector: variance, nugget, lengths; all logarithms. */
enum { AT_VARIANCE, AT_NUGGET, AT_LENGTH, GP_MOST = AT_LENGTH + VARIABLE_MOST };

/* What is known of a logarithm before any value is: normal about its mean within bounds. */
struct prior {
    double lower, upper, mean, sd;
};
#define LN_1E1  2.302585092994046
#define LN_P7   (-0.35667494393873245) /* ln 0.7 */
#define LN_1EM3 (-6.907755278982137)

/* docs/model.md M603. The bounds keep the matrix far from singular: its condition stays below
 * variance n / nugget = 1e9 n. */
static const struct prior prior_variance = {-3.0 * LN_1E1, 3.0 * LN_1E1, 0.0, 2.0};
static const struct prior prior_nugget = {-6.0 * LN_1E1, -LN_1E1, 0.0, (double)INFINITY};
static const struct prior prior_length = {-2.0 * LN_1E1, 2.0 * LN_1E1, LN_P7, 2.0};
static const struct prior prior_theta = {-4.0 * LN_1E1, LN_1E1, LN_P7, 2.0};

struct gp {
    size_t n_data, n, room; /* data, with believed designs, allocated */
    struct matern matern;
    double nugget;
    double mean, scale; /* y = mean + scale z */
    double centre;      /* the constant mean of z */
    double log_determinant;
    double *places;    /* [room][n_variables] */
    double *z, *noise; /* [n_data] standardised; noise is a variance */
    double *weights;   /* [room] K^-1 (z - centre); 0 of believed designs */
    double *factor;    /* [room][room] K = L L^T: L in the lower triangle */
};

static enum status no_memory(struct status_why *why, size_t n)
{
    return status_fail(why, STATUS_MEMORY, "Gaussian process: no memory for %zu designs", n);
}

static enum status not_positive(struct status_why *why, size_t n)
{
    return status_fail(why, STATUS_LIBRARY,
                       "Gaussian process: the covariance of %zu designs is not positive definite",
                       n);
}

static gsl_matrix_view factor_view(const struct gp *gp, size_t n)
{
    return gsl_matrix_view_array_with_tda(gp->factor, n, n, gp->room);
}

/* Mean 0 and standard deviation 1. Shares of the largest value, because the squares of huge values
 * overflow. A spread below the rounding of a sum is none: the unit is then the value itself. */
static void standardise(struct gp *gp, const struct gp_data *data)
{
    static const double no_spread = 1e-12;
    /* More noise than this tells nothing, and keeps the matrix finite. */
    static const double most_noise = 1e6;
    double largest = 0.0, mean = 0.0, square = 0.0;
    for (size_t i = 0; i < data->n; i++) {
        STATUS_ASSERT(isfinite(data->y[i]));
        largest = fmax(largest, fabs(data->y[i]));
    }
    largest = largest > 0.0 ? largest : 1.0;
    for (size_t i = 0; i < data->n; i++) {
        mean += data->y[i] / largest / (double)data->n;
    }
    for (size_t i = 0; i < data->n; i++) {
        const double off = data->y[i] / largest - mean;
        square += off * off / (double)data->n;
    }
    const double spread = sqrt(square) > no_spread ? sqrt(square) : 1.0;
    gp->mean = mean * largest;
    gp->scale = fmax(spread * largest, DBL_MIN);
    for (size_t i = 0; i < data->n; i++) {
        const double sd = data->noise_sd == NULL ? 0.0 : data->noise_sd[i] / gp->scale;
        gp->z[i] = (data->y[i] / largest - mean) / spread;
        gp->noise[i] = fmin(sd, most_noise) * fmin(sd, most_noise);
    }
}

void gp_destroy(struct gp *gp)
{
    if (gp != NULL) {
        free(gp->places);
        free(gp->z);
        free(gp->noise);
        free(gp->weights);
        free(gp->factor);
        free(gp);
    }
}

/* Room for more designs; what is there keeps its place. */
static enum status reserve(struct gp *gp, size_t room, struct status_why *why)
{
    const size_t d = gp->matern.n_variables;
    double *places = malloc(room * d * sizeof *places);
    double *weights = malloc(room * sizeof *weights);
    double *factor = malloc(room * room * sizeof *factor);
    if (places == NULL || weights == NULL || factor == NULL) {
        free(places);
        free(weights);
        free(factor);
        return no_memory(why, room);
    }
    for (size_t i = 0; i < gp->n; i++) {
        memcpy(places + i * d, gp->places + i * d, d * sizeof *places);
        weights[i] = gp->weights[i];
        memcpy(factor + i * room, gp->factor + i * gp->room, (i + 1) * sizeof *factor);
    }
    free(gp->places);
    free(gp->weights);
    free(gp->factor);
    gp->places = places;
    gp->weights = weights;
    gp->factor = factor;
    gp->room = room;
    return STATUS_OK;
}

/* Take the data in; conditioned on them by condition(). */
static enum status begin(const struct gp_data *data, struct gp **made, struct status_why *why)
{
    STATUS_ASSERT(data->n >= 1);
    enum status st = STATUS_OK;
    struct gp *gp = calloc(1, sizeof *gp);
    *made = NULL;
    if (gp == NULL) {
        return no_memory(why, data->n);
    }
    matern_init(&gp->matern, data->n_variables, data->variables);
    STATUS_TRY(reserve(gp, data->n, why));
    gp->z = malloc(data->n * sizeof *gp->z);
    gp->noise = malloc(data->n * sizeof *gp->noise);
    if (gp->z == NULL || gp->noise == NULL) {
        st = no_memory(why, data->n);
        goto out;
    }
    gp->n = gp->n_data = data->n;
    for (size_t i = 0; i < gp->n; i++) {
        matern_place(&gp->matern, data->u + i * data->n_variables,
                     gp->places + i * data->n_variables);
    }
    standardise(gp, data);
    *made = gp;
out:
    if (st != STATUS_OK) {
        gp_destroy(gp);
    }
    return st;
}

/* The mean that makes the values most likely, sum(K^-1 z) / sum(K^-1 1), and K^-1 (z - mean).
 * \param [out] work  [n] */
static void weigh(struct gp *gp, const gsl_matrix *factor, double work[])
{
    double sum_z = 0.0, sum_1 = 0.0;
    for (size_t i = 0; i < gp->n; i++) {
        gp->weights[i] = gp->z[i];
        work[i] = 1.0;
    }
    gsl_vector_view z = gsl_vector_view_array(gp->weights, gp->n);
    gsl_vector_view ones = gsl_vector_view_array(work, gp->n);
    (void)gsl_linalg_cholesky_svx(factor, &z.vector);
    (void)gsl_linalg_cholesky_svx(factor, &ones.vector);
    for (size_t i = 0; i < gp->n; i++) {
        sum_z += gp->weights[i];
        sum_1 += work[i];
    }
    gp->centre = sum_z / sum_1;
    for (size_t i = 0; i < gp->n; i++) {
        gp->weights[i] -= gp->centre * work[i];
    }
}

/* Factor the covariance of the data under \a hyper. \param [out] work  [n]
 * \return whether it is positive definite */
static bool condition(struct gp *gp, const struct gp_hyper *hyper, double work[])
{
    const size_t n = gp->n, d = gp->matern.n_variables;
    matern_set(&gp->matern, hyper->log_variance, hyper->log_length);
    gp->nugget = vmath_exp1(hyper->log_nugget);
    for (size_t i = 0; i < n; i++) {
        double *row = gp->factor + i * gp->room;
        matern_row(&gp->matern, gp->places + i * d, i + 1, gp->places, row);
        row[i] += gp->nugget + gp->noise[i];
    }
    gsl_matrix_view factor = factor_view(gp, n);
    if (gsl_linalg_cholesky_decomp1(&factor.matrix) != GSL_SUCCESS) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        work[i] = gp->factor[i * gp->room + i];
    }
    vmath_log(n, work, work);
    gp->log_determinant = 0.0;
    for (size_t i = 0; i < n; i++) {
        gp->log_determinant += 2.0 * work[i];
    }
    weigh(gp, &factor.matrix, work);
    return isfinite(gp->log_determinant) && isfinite(gp->centre);
}

static void unpack(size_t n_variables, const double p[], struct gp_hyper *hyper)
{
    *hyper = (struct gp_hyper){.log_variance = p[AT_VARIANCE], .log_nugget = p[AT_NUGGET]};
    memcpy(hyper->log_length, p + AT_LENGTH, n_variables * sizeof *p);
}

static void pack(size_t n_variables, const struct gp_hyper *hyper, double p[])
{
    p[AT_VARIANCE] = hyper->log_variance;
    p[AT_NUGGET] = hyper->log_nugget;
    memcpy(p + AT_LENGTH, hyper->log_length, n_variables * sizeof *p);
}

static const struct prior *prior_at(const struct gp_data *data, size_t i)
{
    return i == AT_VARIANCE                                              ? &prior_variance
           : i == AT_NUGGET                                              ? &prior_nugget
           : data->variables[i - AT_LENGTH].kind == VARIABLE_CATEGORICAL ? &prior_theta
                                                                         : &prior_length;
}

struct gp_hyper gp_default(size_t n_variables)
{
    struct gp_hyper hyper = {.log_variance = prior_variance.mean, .log_nugget = LN_1EM3};
    STATUS_ASSERT(n_variables <= VARIABLE_MOST);
    for (size_t i = 0; i < n_variables; i++) {
        hyper.log_length[i] = prior_length.mean;
    }
    return hyper;
}

/* Evidence of one set of data under many hyper-parameters. */
struct trial {
    const struct gp_data *data; /* not owned */
    struct gp *gp;
    double *inverse; /* [n][n] */
    double *work;    /* [n] */
    double best;     /* the highest value so far, and where */
    double best_p[GP_MOST];
};

static void trial_end(struct trial *t)
{
    gp_destroy(t->gp);
    free(t->inverse);
    free(t->work);
}

static enum status trial_begin(const struct gp_data *data, struct trial *t, struct status_why *why)
{
    *t = (struct trial){.data = data, .best = -(double)INFINITY};
    enum status st = begin(data, &t->gp, why);
    if (st == STATUS_OK) {
        t->inverse = malloc(data->n * data->n * sizeof *t->inverse);
        t->work = malloc(data->n * sizeof *t->work);
        if (t->inverse == NULL || t->work == NULL) {
            st = no_memory(why, data->n);
        }
    }
    if (st != STATUS_OK) {
        trial_end(t);
    }
    return st;
}

/* Half the trace of (a a^T - K^-1) dK, with a = K^-1 (z - centre), for each hyper-parameter. The
 * matrices are symmetric: pairs count twice, the diagonal once. */
static void add_slopes(const struct trial *t, double gradient[])
{
    const struct gp *gp = t->gp;
    const size_t n = gp->n, d = gp->matern.n_variables;
    gsl_matrix_view inverse = gsl_matrix_view_array(t->inverse, n, n);
    for (size_t i = 0; i < n; i++) {
        memcpy(t->inverse + i * n, gp->factor + i * gp->room, n * sizeof *t->inverse);
    }
    (void)gsl_linalg_cholesky_invert(&inverse.matrix);
    for (size_t i = 0; i < n; i++) {
        const double *row = t->inverse + i * n;
        for (size_t j = 0; j < i; j++) {
            t->work[j] = gp->weights[i] * gp->weights[j] - row[j];
        }
        const double own = 0.5 * (gp->weights[i] * gp->weights[i] - row[i]);
        gradient[AT_VARIANCE] += own * gp->matern.variance
                                 + matern_slope(&gp->matern, gp->places + i * d, i, gp->places,
                                                t->work, gradient + AT_LENGTH);
        gradient[AT_NUGGET] += own * gp->nugget;
    }
}

/* \param [out] gradient  [AT_LENGTH + n_variables] or NULL. \return whether there is a value */
static bool evaluate(struct trial *t, const double p[], double *value, double gradient[])
{
    static const double log_2pi = 1.8378770664093453;
    struct gp *gp = t->gp;
    const size_t n_parameters = AT_LENGTH + t->data->n_variables;
    struct gp_hyper hyper;
    unpack(t->data->n_variables, p, &hyper);
    if (!condition(gp, &hyper, t->work)) {
        return false;
    }
    double fit = 0.0;
    for (size_t i = 0; i < gp->n; i++) {
        fit += (gp->z[i] - gp->centre) * gp->weights[i];
    }
    *value = -0.5 * (fit + gp->log_determinant + (double)gp->n * log_2pi);
    for (size_t i = 0; i < n_parameters; i++) {
        const struct prior *prior = prior_at(t->data, i);
        const double off = (p[i] - prior->mean) / prior->sd;
        *value -= 0.5 * off * off;
        if (gradient != NULL) {
            gradient[i] = -off / prior->sd;
        }
    }
    if (gradient != NULL) {
        add_slopes(t, gradient);
    }
    return isfinite(*value);
}

enum status gp_evidence(const struct gp_data *data, const struct gp_hyper *hyper, double *value,
                        double gradient[], struct status_why *why)
{
    struct trial t;
    double p[GP_MOST];
    enum status st = trial_begin(data, &t, why);
    if (st != STATUS_OK) {
        return st;
    }
    pack(data->n_variables, hyper, p);
    if (!evaluate(&t, p, value, gradient)) {
        st = not_positive(why, data->n);
    }
    trial_end(&t);
    return st;
}

/* What NLopt minimises; the best of all evaluations is kept, however its search ends. */
static double minus_evidence(unsigned n, const double p[], double gradient[], void *context)
{
    static const double nowhere = 1e30; /* worse than any value, and finite */
    struct trial *t = context;
    double value;
    if (!evaluate(t, p, &value, gradient)) {
        memset(gradient, 0, n * sizeof *gradient);
        return nowhere;
    }
    if (value > t->best) {
        t->best = value;
        memcpy(t->best_p, p, n * sizeof *p);
    }
    for (unsigned i = 0; i < n; i++) {
        gradient[i] = -gradient[i];
    }
    return -value;
}

/* One local search. How it ends does not matter: every evaluation was judged. */
static enum status climb(struct trial *t, const struct gp_hyper *from, struct status_why *why)
{
    /* A thousandth of a nat changes nothing; less is asked for because a short step is not yet the
     * end: at 1e-3 some searches stopped on their way. */
    static const double enough = 1e-4;
    enum { MOST = 150 };
    const unsigned n = AT_LENGTH + (unsigned)t->data->n_variables;
    double p[GP_MOST], lower[GP_MOST], upper[GP_MOST], value;
    nlopt_opt solver = nlopt_create(NLOPT_LD_LBFGS, n);
    if (solver == NULL) {
        return no_memory(why, t->data->n);
    }
    pack(t->data->n_variables, from, p);
    for (size_t i = 0; i < n; i++) {
        const struct prior *prior = prior_at(t->data, i);
        lower[i] = prior->lower;
        upper[i] = prior->upper;
        p[i] = fmin(upper[i], fmax(lower[i], p[i]));
    }
    (void)nlopt_set_min_objective(solver, minus_evidence, t);
    (void)nlopt_set_lower_bounds(solver, lower);
    (void)nlopt_set_upper_bounds(solver, upper);
    (void)nlopt_set_ftol_abs(solver, enough);
    (void)nlopt_set_maxeval(solver, MOST);
    (void)nlopt_optimize(solver, p, &value);
    nlopt_destroy(solver);
    return STATUS_OK;
}

enum status gp_learn(const struct gp_data *data, const struct gp_hyper *warm,
                     struct gp_hyper *learnt, struct status_why *why)
{
    const struct gp_hyper start = gp_default(data->n_variables);
    struct trial t;
    enum status st = trial_begin(data, &t, why);
    if (st != STATUS_OK) {
        return st;
    }
    pack(data->n_variables, warm == NULL ? &start : warm, t.best_p);
    if (warm != NULL) {
        STATUS_TRY(climb(&t, warm, why));
    }
    STATUS_TRY(climb(&t, &start, why));
    unpack(data->n_variables, t.best_p, learnt);
out:
    trial_end(&t);
    return st;
}

enum status gp_create(const struct gp_data *data, const struct gp_hyper *hyper, struct gp **made,
                      struct status_why *why)
{
    struct gp *gp = NULL;
    enum status st = STATUS_OK;
    double *work = malloc(data->n * sizeof *work);
    *made = NULL;
    if (work == NULL) {
        return no_memory(why, data->n);
    }
    STATUS_TRY(begin(data, &gp, why));
    if (!condition(gp, hyper, work)) {
        st = not_positive(why, data->n);
        goto out;
    }
    *made = gp;
    gp = NULL;
out:
    gp_destroy(gp);
    free(work);
    return st;
}

enum status gp_leave_out(const struct gp *gp, double residual[], struct status_why *why)
{
    const size_t n = gp->n_data;
    gsl_matrix *inverse = gsl_matrix_alloc(n, n);
    if (inverse == NULL) {
        return no_memory(why, n);
    }
    /* The factor of the data alone is the leading block of the factor of all. */
    const gsl_matrix_view factor = factor_view(gp, n);
    (void)gsl_matrix_memcpy(inverse, &factor.matrix);
    (void)gsl_linalg_cholesky_invert(inverse);
    for (size_t i = 0; i < n; i++) {
        residual[i] = gp->weights[i] / sqrt(gsl_matrix_get(inverse, i, i));
    }
    gsl_matrix_free(inverse);
    return STATUS_OK;
}

enum status gp_believe(struct gp *gp, const double u[], struct status_why *why)
{
    const size_t n = gp->n;
    if (n == gp->room) {
        const enum status st = reserve(gp, n + n / 2 + 8, why);
        if (st != STATUS_OK) {
            return st;
        }
    }
    /* One more row of the factor: L l = k, and what is left of the design's own variance. */
    double *place = gp->places + n * gp->matern.n_variables;
    double *row = gp->factor + n * gp->room;
    matern_place(&gp->matern, u, place);
    matern_row(&gp->matern, place, n, gp->places, row);
    const gsl_matrix_view factor = factor_view(gp, n);
    gsl_vector_view view = gsl_vector_view_array(row, n);
    (void)gsl_blas_dtrsv(CblasLower, CblasNoTrans, CblasNonUnit, &factor.matrix, &view.vector);
    double left = gp->matern.variance + gp->nugget;
    for (size_t i = 0; i < n; i++) {
        left -= row[i] * row[i];
    }
    if (!(left > 0.0)) {
        return not_positive(why, n + 1);
    }
    row[n] = sqrt(left);
    gp->weights[n] = 0.0; /* its value is what was expected there: the mean does not move */
    gp->n++;
    return STATUS_OK;
}

/* Triangular systems of a block of designs at once. GSL's BLAS, which goes one by one, took half of
 * a search's time here. */
static void solve(size_t n, const double l[], size_t stride, double k[],
                  double square[GP_KERNEL_WIDTH])
{
    static void (*const levels[VMATH_N_LEVELS])(size_t, const double[], size_t, double[],
                                                double[]) = {
        [VMATH_V2] = gp_kernel_solve_v2,
        [VMATH_V3] = gp_kernel_solve_v3,
        [VMATH_V4] = gp_kernel_solve_v4,
    };
    levels[vmath_level()](n, l, stride, k, square);
}

/* \param [out] block  [n][GP_KERNEL_WIDTH], \param [out] row  [n] */
static void predict_block(const struct gp *gp, size_t n_designs, const double u[], double mean[],
                          double sd[], double block[], double row[])
{
    /* A difference of nearly equal numbers: less than its rounding cannot be told from none. */
    static const double least_share = 1e-12;
    const size_t n = gp->n, d = gp->matern.n_variables;
    const double variance = gp->matern.variance;
    double explained[GP_KERNEL_WIDTH];
    memset(block, 0, n * GP_KERNEL_WIDTH * sizeof *block);
    for (size_t c = 0; c < n_designs; c++) {
        double place[VARIABLE_MOST], sum = 0.0;
        matern_place(&gp->matern, u + c * d, place);
        matern_row(&gp->matern, place, n, gp->places, row);
        for (size_t i = 0; i < n; i++) {
            sum += row[i] * gp->weights[i];
            block[i * GP_KERNEL_WIDTH + c] = row[i];
        }
        mean[c] = gp->mean + gp->scale * (gp->centre + sum);
    }
    solve(n, gp->factor, gp->room, block, explained);
    for (size_t c = 0; c < n_designs; c++) {
        sd[c] = gp->scale * sqrt(fmax(variance - explained[c], least_share * variance));
    }
}

enum status gp_predict(const struct gp *gp, size_t n, const double u[], double mean[], double sd[],
                       struct status_why *why)
{
    double *block = malloc(gp->n * (GP_KERNEL_WIDTH + 1) * sizeof *block);
    if (block == NULL) {
        return no_memory(why, gp->n);
    }
    for (size_t begin_at = 0; begin_at < n; begin_at += GP_KERNEL_WIDTH) {
        const size_t size = n - begin_at < GP_KERNEL_WIDTH ? n - begin_at : GP_KERNEL_WIDTH;
        predict_block(gp, size, u + begin_at * gp->matern.n_variables, mean + begin_at,
                      sd + begin_at, block, block + gp->n * GP_KERNEL_WIDTH);
    }
    free(block);
    return STATUS_OK;
}
