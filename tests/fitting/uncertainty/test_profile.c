/* ranks: 1 3 */
#include "fitting/uncertainty/profile.h"

#include "fitting/minimise/local.h"
#include "fitting/minimise/start.h"
#include "fitting/uncertainty/quantile.h"
#include "tests/fitting/observations.h"

static struct observations runs; /* large: not on the stack */
static struct status_why why;

static enum status fit_runs(MPI_Comm comm, const struct fit_options *options, struct fit *f)
{
    const struct fit_data data = observations_data(&runs, options->law);
    status_clear(&why);
    return fit_run(comm, &data, options, NULL, f, &why);
}

static struct fit_options profiled(enum fit_objective objective, size_t n_replicates)
{
    struct fit_options options = observations_options("chinchilla");
    options.objective = objective;
    options.n_replicates = n_replicates;
    options.profile = true;
    options.confidence = 0.9;
    return options;
}

static bool is_two_sided(const struct fit_profile *q)
{
    return q->lower_end == FIT_END_LIMIT && q->upper_end == FIT_END_LIMIT;
}

/** Least objective over a grid of cold starts with parameter \a i, a coordinate of \a o, held. */
static double brute_force(struct objective *o, size_t i, double z_i)
{
    const double lower = o->lower[i];
    const double upper = o->upper[i];
    double best = INFINITY;
    o->lower[i] = o->upper[i] = z_i;
    for (size_t k = 0; k < 25; k++) {
        double z[LAW_MAX_PARAMETERS];
        struct local_end end;
        start_find(o, 5, k, z);
        local_minimise(o, false, z, &end);
        best = end.objective < best ? end.objective : best;
    }
    o->lower[i] = lower;
    o->upper[i] = upper;
    return best;
}

/** The curve and the limits of E, alpha and beta on the runs of Besiroglu et al. 2024. */
static void test_profile_is_what_many_starts_find(void)
{
    static const enum fit_objective kinds[] = {FIT_HUBER, FIT_LEAST_SQUARES};
    static const size_t parameters[] = {0, 3, 4};
    if (!observations_epoch(false, &runs)) {
        return;
    }
    for (size_t k = 0; k < 2; k++) {
        struct fit f;
        struct objective *o = NULL;
        const struct fit_options options = profiled(kinds[k], 200);
        const struct fit_data data = observations_data(&runs, options.law);
        status_clear(&why);
        HARNESS_ASSERT_OK(fit_runs(harness_comm(), &options, &f));
        HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
        CU_ASSERT_EQUAL_FATAL(f.n_profiles, 9);
        for (size_t j = 0; j < 3; j++) {
            const struct fit_profile *p = &f.profiles[parameters[j]];
            CU_ASSERT_TRUE(is_two_sided(p));
            HARNESS_ASSERT_REL(p->value[0], p->lower, 1e-12);
            HARNESS_ASSERT_REL(p->value[FIT_PROFILE_POINTS - 1], p->upper, 1e-12);
            for (size_t i = 0; i < FIT_PROFILE_POINTS; i += 2) {
                const double held = j == 0 ? log(p->value[i]) : p->value[i];
                const double rise = brute_force(o, parameters[j], held) - f.objective;
                CU_ASSERT_DOUBLE_EQUAL(p->rise[i], rise, 1e-5 * p->threshold);
            }
            HARNESS_ASSERT_REL(p->rise[0], p->threshold, 1e-6);
            HARNESS_ASSERT_REL(p->rise[FIT_PROFILE_POINTS - 1], p->threshold, 1e-6);
        }
        objective_destroy(o);
        fit_clear(&f);
    }
}

/** With linear residuals and the exponent fixed, E + A x^-alpha is linear in E and A: the limits
 * are value -+ t standard errors, of a line through n points. */
static void test_profile_of_a_linear_problem_is_the_exact_interval(void)
{
    static const double natural[] = {1.713, 412.3, 0.3391};
    const double alpha = 0.3391;
    struct objective *o = NULL;
    struct fit f = {.law = law_find("power_params"), .options = profiled(FIT_LEAST_SQUARES, 0)};
    struct fit_profile made[3];
    struct local_end end;
    double z[LAW_MAX_PARAMETERS];
    observations_simulate("power_params", natural, 5, 0.02, 11, &runs);
    f.options.law = f.law;
    f.options.residual = FIT_LINEAR;
    const struct fit_data data = observations_data(&runs, f.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &f.options, &o, &why));
    o->lower[2] = o->upper[2] = alpha;
    start_find(o, 25, 12, z);
    local_minimise(o, false, z, &end);
    f.objective = end.objective;
    for (size_t i = 0; i < 3; i++) {
        f.natural[i].standard_error = (double)NAN;
    }
    double n = 0.0, sx = 0.0, sxx = 0.0, sy = 0.0, sxy = 0.0, ss = 0.0;
    for (size_t i = 0; i < runs.n; i++) {
        const double x = exp(-alpha * runs.log_x[0][i]);
        n += 1.0;
        sx += x;
        sxx += x * x;
        sy += runs.loss_nat[i];
        sxy += x * runs.loss_nat[i];
    }
    const double determinant = n * sxx - sx * sx;
    const double scale = (n * sxy - sx * sy) / determinant;
    const double floor_nat = (sxx * sy - sx * sxy) / determinant;
    for (size_t i = 0; i < runs.n; i++) {
        const double r = runs.loss_nat[i] - floor_nat - scale * exp(-alpha * runs.log_x[0][i]);
        ss += r * r;
    }
    const double variance = ss / (n - 2.0);
    const double t = quantile_student(0.95, runs.n - 2);
    HARNESS_ASSERT_OK(profile_run(harness_comm(), o, z, &f, NULL, made, &why));
    const double reach[] = {t * sqrt(variance * sxx / determinant),
                            t * sqrt(variance * n / determinant)};
    const double value[] = {floor_nat, scale};
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT_TRUE(is_two_sided(&made[i]));
        HARNESS_ASSERT_REL(made[i].lower, value[i] - reach[i], 1e-6);
        HARNESS_ASSERT_REL(made[i].upper, value[i] + reach[i], 1e-6);
        HARNESS_ASSERT_REL(made[i].value[FIT_PROFILE_POINTS / 2], value[i], 1e-6);
    }
    CU_ASSERT_EQUAL(made[2].lower_end, FIT_END_FIXED);
    CU_ASSERT_EQUAL(made[2].upper_end, FIT_END_FIXED);
    CU_ASSERT_TRUE(isnan(made[2].lower) && isnan(made[2].upper));
    objective_destroy(o);
}

enum { HELD_ALPHA = 3, HELD_BETA = 4 };

/** Linear residuals and both exponents fixed: E, A and B enter linearly. */
static struct fit_options linear_options(const double natural[])
{
    struct fit_options options = profiled(FIT_LEAST_SQUARES, 0);
    options.residual = FIT_LINEAR;
    for (size_t i = HELD_ALPHA; i <= HELD_BETA; i++) {
        options.parameters[i] = (struct fit_parameter_option){.fixed = true, .value = natural[i]};
    }
    return options;
}

/* Least squares of E + b t: sums of the columns 1 and t. */
struct line {
    double matrix[2][2], right[2], value[2], variance[2]; /* variance in units of the noise's */
};

/** t = params^-alpha + ratio tokens^-beta. \return the sum of squared residuals */
static double solve_line(const double natural[], double ratio, double prior_mean,
                         double prior_weight, struct line *l)
{
    double sum = 0.0;
    *l = (struct line){.matrix = {{0.0}, {0.0, prior_weight}},
                       .right = {0.0, prior_weight * prior_mean}};
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < runs.n; i++) {
            const double t = exp(-natural[HELD_ALPHA] * runs.log_x[0][i])
                             + ratio * exp(-natural[HELD_BETA] * runs.log_x[1][i]);
            const double y = runs.loss_nat[i];
            if (pass == 1) {
                sum += pow(y - l->value[0] - l->value[1] * t, 2.0);
                continue;
            }
            l->matrix[0][0] += 1.0;
            l->matrix[0][1] += t;
            l->matrix[1][1] += t * t;
            l->right[0] += y;
            l->right[1] += y * t;
        }
        double(*m)[2] = l->matrix;
        const double determinant = m[0][0] * m[1][1] - m[0][1] * m[0][1];
        l->value[0] = (m[1][1] * l->right[0] - m[0][1] * l->right[1]) / determinant;
        l->value[1] = (m[0][0] * l->right[1] - m[0][1] * l->right[0]) / determinant;
        l->variance[0] = m[1][1] / determinant;
        l->variance[1] = m[0][0] / determinant;
    }
    return sum;
}

/** The limits of parameter \a i are those of coefficient \a k of the line. */
static void check_limits(const struct fit *f, size_t i, const struct line *l, size_t k, double sum)
{
    const double freedom = (double)(runs.n - 2);
    const double reach = quantile_student(0.95, runs.n - 2) * sqrt(sum / freedom * l->variance[k]);
    CU_ASSERT_TRUE(is_two_sided(&f->profiles[i]));
    HARNESS_ASSERT_REL(f->natural[i].value, l->value[k], 1e-6);
    HARNESS_ASSERT_REL(f->natural[i].lower, l->value[k] - reach, 1e-5);
    HARNESS_ASSERT_REL(f->natural[i].upper, l->value[k] + reach, 1e-5);
}

static const double even[] = {1.713, 381.9, 381.9, 0.3391, 0.3391};

/** A and B tied: one coefficient of the sum of both terms. */
static void test_profile_of_tied_parameters_is_that_of_their_sum(void)
{
    struct fit f;
    struct line l;
    struct fit_options options = linear_options(even);
    options.parameters[2] = (struct fit_parameter_option){.tied = true, .tied_to = 1};
    observations_simulate("chinchilla", even, 7, 0.01, 15, &runs);
    HARNESS_ASSERT_OK(fit_runs(harness_comm(), &options, &f));
    const double sum = solve_line(even, 1.0, 0.0, 0.0, &l);
    check_limits(&f, 0, &l, 0, sum);
    check_limits(&f, 1, &l, 1, sum);
    check_limits(&f, 2, &l, 1, sum);
    CU_ASSERT_EQUAL(f.profiles[HELD_ALPHA].lower_end, FIT_END_FIXED);
    CU_ASSERT_EQUAL(f.verdicts[HELD_ALPHA], FIT_HELD);
    HARNESS_ASSERT_REL(f.natural[HELD_ALPHA].lower, even[HELD_ALPHA], 1e-14);
    fit_clear(&f);
}

/** A prior of a coefficient is one more observation of it: the limits are those of the posterior,
 * with the scale of the noise that the runs show. */
static void test_profile_with_a_prior_is_as_wide_as_the_posterior(void)
{
    const double sds[] = {31.0, 7.7, 1.3}; /* the runs alone give about 5 */
    observations_simulate("chinchilla", even, 7, 0.01, 15, &runs);
    for (size_t k = 0; k < 3; k++) {
        struct fit f;
        struct line l;
        struct fit_options options = linear_options(even);
        options.parameters[2] = (struct fit_parameter_option){.tied = true, .tied_to = 1};
        options.parameters[1] =
            (struct fit_parameter_option){.prior_mean = 355.7, .prior_sd = sds[k]};
        HARNESS_ASSERT_OK(fit_runs(harness_comm(), &options, &f));
        const double ratio = f.options.prior_noise / sds[k];
        const double sum = solve_line(even, 1.0, 355.7, ratio * ratio, &l);
        check_limits(&f, 0, &l, 0, sum);
        check_limits(&f, 1, &l, 1, sum);
        fit_clear(&f);
    }
}

/** A bound inside the interval leaves no limit on its side and moves that on the other by nothing.
 */
static void test_profile_has_no_limit_where_a_bound_stands(void)
{
    struct fit f;
    struct line l;
    struct fit_options options = linear_options(even);
    options.parameters[2] = (struct fit_parameter_option){.tied = true, .tied_to = 1};
    observations_simulate("chinchilla", even, 7, 0.01, 15, &runs);
    const double sum = solve_line(even, 1.0, 0.0, 0.0, &l);
    const double error = sqrt(sum / (double)(runs.n - 2) * l.variance[0]);
    const double reach = quantile_student(0.95, runs.n - 2) * error;
    options.parameters[0] = (struct fit_parameter_option){
        .bounded = true, .lower = l.value[0] - 0.4 * error, .upper = 9.0};
    HARNESS_ASSERT_OK(fit_runs(harness_comm(), &options, &f));
    CU_ASSERT_EQUAL(f.profiles[0].lower_end, FIT_END_AT_BOUND);
    CU_ASSERT_EQUAL(f.profiles[0].upper_end, FIT_END_LIMIT);
    CU_ASSERT_TRUE(isnan(f.natural[0].lower));
    HARNESS_ASSERT_REL(f.natural[0].upper, l.value[0] + reach, 1e-5);
    HARNESS_ASSERT_REL(f.profiles[0].value[0], l.value[0] - 0.4 * error, 1e-6);
    CU_ASSERT_EQUAL(f.verdicts[0], FIT_NOT_IDENTIFIED);
    fit_clear(&f);
}

/** Fits of Huber keep what the replicates say beside what the profile says. */
static void test_profile_gives_the_intervals_and_keeps_those_of_the_replicates(void)
{
    struct fit with, without;
    struct fit_options options = profiled(FIT_HUBER, 120);
    observations_simulate("chinchilla", even, 5, 0.01, 6, &runs);
    HARNESS_ASSERT_OK(fit_runs(harness_comm(), &options, &with));
    options.profile = false;
    HARNESS_ASSERT_OK(fit_runs(harness_comm(), &options, &without));
    CU_ASSERT_STRING_EQUAL(fit_interval_source(&with), "profile");
    CU_ASSERT_STRING_EQUAL(fit_interval_source(&without), "bootstrap");
    for (size_t k = 0; k < with.n_profiles; k++) {
        const struct fit_profile *q = &with.profiles[k];
        const struct fit_interval *mine = profile_estimate(&with, k);
        const struct fit_interval *other = profile_estimate(&without, k);
        CU_ASSERT_EQUAL(q->bootstrap_lower, other->lower);
        CU_ASSERT_EQUAL(q->bootstrap_upper, other->upper);
        CU_ASSERT_EQUAL(mine->standard_error, other->standard_error);
        CU_ASSERT_TRUE(mine->lower == q->lower || isnan(q->lower));
        CU_ASSERT_TRUE(mine->upper == q->upper || isnan(q->upper));
    }
    fit_clear(&with);
    fit_clear(&without);
}

/** N* D* = C / 6, so their limits mirror each other; and what is held is what is reported. */
static void test_profile_of_the_optimum(void)
{
    static const double natural[] = {1.713, 412.3, 1381.9, 0.3391, 0.3317};
    struct fit f;
    struct fit_options options = profiled(FIT_LEAST_SQUARES, 0);
    options.target_compute_flop = 5.76e23;
    observations_simulate("chinchilla", natural, 9, 0.01, 5, &runs);
    HARNESS_ASSERT_OK(fit_runs(harness_comm(), &options, &f));
    CU_ASSERT_EQUAL_FATAL(f.n_profiles, 9);
    const struct fit_profile *p = &f.profiles[5];
    HARNESS_ASSERT_REL(p[1].lower * p[2].upper, 5.76e23 / 6.0, 1e-5);
    HARNESS_ASSERT_REL(p[1].upper * p[2].lower, 5.76e23 / 6.0, 1e-5);
    HARNESS_ASSERT_REL(p[0].value[FIT_PROFILE_POINTS / 2], f.exponent_params.value, 1e-12);
    HARNESS_ASSERT_REL(p[1].value[FIT_PROFILE_POINTS / 2], f.optimum_params.value, 1e-12);
    HARNESS_ASSERT_REL(p[3].value[FIT_PROFILE_POINTS / 2], f.optimum_loss_nat.value, 1e-12);
    for (size_t k = 0; k < 4; k++) { /* the truth of the simulation is a = .4945 and so on */
        CU_ASSERT_TRUE(is_two_sided(&p[k]));
        CU_ASSERT_TRUE(p[k].lower < p[k].value[FIT_PROFILE_POINTS / 2]
                       && p[k].upper > p[k].value[FIT_PROFILE_POINTS / 2]);
    }
    fit_clear(&f);
}

/* Twelve simulated runs with 3 % noise: params, tokens, loss. The pivot of N* ran out of the box on
 * them, and its upper side was said to have no limit. */
static const double twelve[12][3] = {
    {297229000, 32332000000, 2.65227}, {100456000, 9954580000, 3.06252},
    {5729450000, 5199620000, 2.5659},  {646928000, 4791880000, 2.90096},
    {325393000, 91553800000, 2.75872}, {1340100000, 2313260000, 2.82687},
    {718990000, 41434500000, 2.45734}, {86706800, 11533100000, 3.13771},
    {3929550000, 7581280000, 2.62074}, {805751000, 11926800000, 2.46365},
    {59847500, 16709100000, 2.9864},   {1119130000, 893554000, 3.35538}};

/** \param [in] swaps  give tokens for params and params for tokens */
static void fit_twelve(bool swaps, enum fit_objective objective, struct fit *f)
{
    struct fit_options options = profiled(objective, objective == FIT_HUBER ? 100 : 0);
    options.confidence = 0.95;
    runs.n = 0;
    for (size_t i = 0; i < 12; i++) {
        observations_add(&runs, twelve[i][swaps], twelve[i][1 - swaps], twelve[i][2]);
    }
    HARNESS_ASSERT_OK(fit_runs(harness_comm(), &options, f));
}

/** By scipy 1.10 (least_squares with the figure pulled to its value, brentq for the limit). */
static void test_profile_has_the_limits_that_scipy_finds(void)
{
    struct fit f;
    fit_twelve(false, FIT_LEAST_SQUARES, &f);
    HARNESS_ASSERT_REL(f.objective, 0.0068206235135, 1e-9);
    HARNESS_ASSERT_REL(f.exponent_params.value, 0.65678280, 1e-6);
    HARNESS_ASSERT_REL(f.exponent_params.lower, 0.28445617, 1e-5);
    HARNESS_ASSERT_REL(f.exponent_params.upper, 0.96455369, 1e-5);
    HARNESS_ASSERT_REL(f.optimum_params.value, 1850208633.0, 1e-6);
    CU_ASSERT_TRUE(is_two_sided(&f.profiles[6]));
    CU_ASSERT_TRUE(is_two_sided(&f.profiles[7]));
    CU_ASSERT_TRUE(is_two_sided(&f.profiles[8]));
    CU_ASSERT_EQUAL(f.profiles[0].lower_end, FIT_END_AT_BOUND); /* E reaches 1e-4 below it */
    HARNESS_ASSERT_REL(f.profiles[0].value[0], 1e-4, 1e-9);
    fit_clear(&f);
}

/** The law is the same with its inputs and terms swapped: a becomes b = 1 - a, N* becomes D*. */
static void test_profile_of_swapped_inputs_mirrors(void)
{
    static const enum fit_objective kinds[] = {FIT_HUBER, FIT_LEAST_SQUARES};
    static const size_t swapped[] = {0, 2, 1, 4, 3};
    for (size_t k = 0; k < 2; k++) {
        struct fit f, g;
        fit_twelve(false, kinds[k], &f);
        fit_twelve(true, kinds[k], &g);
        const struct fit_profile *p = &f.profiles[5], *q = &g.profiles[5];
        const double product = f.options.target_compute_flop / 6.0;
        HARNESS_ASSERT_REL(p[0].lower + q[0].upper, 1.0, 1e-5);
        HARNESS_ASSERT_REL(p[0].upper + q[0].lower, 1.0, 1e-5);
        HARNESS_ASSERT_REL(p[1].lower, q[2].lower, 1e-4);
        HARNESS_ASSERT_REL(p[1].upper, q[2].upper, 1e-4);
        HARNESS_ASSERT_REL(p[1].lower * p[2].upper, product, 1e-12);
        HARNESS_ASSERT_REL(p[1].upper * p[2].lower, product, 1e-12);
        HARNESS_ASSERT_REL(p[1].lower * q[1].upper, product, 1e-4);
        HARNESS_ASSERT_REL(p[3].lower, q[3].lower, 1e-5);
        HARNESS_ASSERT_REL(p[3].upper, q[3].upper, 1e-5);
        for (size_t i = 0; i < 5; i++) {
            const struct fit_profile *one = &f.profiles[i], *other = &g.profiles[swapped[i]];
            CU_ASSERT_EQUAL(one->lower_end, other->lower_end);
            CU_ASSERT_EQUAL(one->upper_end, other->upper_end);
            if (one->upper_end == FIT_END_LIMIT) {
                HARNESS_ASSERT_REL(one->upper, other->upper, 1e-4);
            }
        }
        fit_clear(&f);
        fit_clear(&g);
    }
}

/** The curve of every figure ends at its limits and rises towards them. */
static void test_profile_rises_towards_its_limits(void)
{
    struct fit f;
    fit_twelve(false, FIT_HUBER, &f);
    for (size_t k = 0; k < f.n_profiles; k++) {
        const struct fit_profile *q = &f.profiles[k];
        const double *rise = q->rise;
        const size_t last = FIT_PROFILE_POINTS - 1;
        for (size_t i = 0; i < last / 2; i++) {
            CU_ASSERT_TRUE(rise[i] >= rise[i + 1] - 1e-9 * q->threshold);
            CU_ASSERT_TRUE(rise[last - i] >= rise[last - i - 1] - 1e-9 * q->threshold);
        }
        if (q->lower_end == FIT_END_LIMIT) {
            HARNESS_ASSERT_REL(rise[0], q->threshold, 1e-5);
        }
        if (q->upper_end == FIT_END_LIMIT) {
            HARNESS_ASSERT_REL(rise[last], q->threshold, 1e-5);
        }
    }
    fit_clear(&f);
}

/** The runs on the Pile do not tell a floor from none: E has an upper limit at most. */
static void test_profile_is_one_sided_where_the_data_set_no_limit(void)
{
    const struct observations_columns columns = {
        .params = "params", .tokens = "tokens", .loss = "loss_nat"};
    if (!observations_read(harness_source("inputs/data/runs_pile.tsv"), &columns, &runs)) {
        return;
    }
    struct fit f;
    const struct fit_options options = profiled(FIT_HUBER, 100);
    HARNESS_ASSERT_OK(fit_runs(harness_comm(), &options, &f));
    CU_ASSERT_EQUAL(f.profiles[0].lower_end, FIT_END_AT_BOUND);
    CU_ASSERT_TRUE(isnan(f.profiles[0].lower));
    CU_ASSERT_TRUE(f.at_bound[0]);
    /* Being on its bound in the replicates too does not make it certain. */
    CU_ASSERT_TRUE(!(f.profiles[0].upper < 0.01));
    HARNESS_ASSERT_REL(f.profiles[6].lower * f.profiles[7].upper,
                       f.options.target_compute_flop / 6.0, 1e-4);
    fit_clear(&f);
}

static void test_profile_is_the_same_at_any_number_of_ranks(void)
{
    static const double natural[] = {1.713, 412.3, 1381.9, 0.3391, 0.3317};
    const struct fit_options options = profiled(FIT_HUBER, 120);
    struct fit here;
    struct fit alone;
    observations_simulate("chinchilla", natural, 5, 0.01, 6, &runs);
    HARNESS_ASSERT_OK(fit_runs(harness_comm(), &options, &here));
    HARNESS_ASSERT_OK(fit_runs(MPI_COMM_SELF, &options, &alone));
    CU_ASSERT_EQUAL_FATAL(here.n_profiles, alone.n_profiles);
    CU_ASSERT_EQUAL(memcmp(here.profiles, alone.profiles, here.n_profiles * sizeof *here.profiles),
                    0);
    fit_clear(&here);
    fit_clear(&alone);
}

static void test_profile_needs_a_threshold(void)
{
    const struct fit_options few = profiled(FIT_LAD, PROFILE_LEAST_REPLICATES - 1);
    const struct fit_options enough = profiled(FIT_LAD, PROFILE_LEAST_REPLICATES);
    const struct fit_options squares = profiled(FIT_LEAST_SQUARES, 0);
    CU_ASSERT_FALSE(profile_is_possible(&few));
    CU_ASSERT_TRUE(profile_is_possible(&enough));
    CU_ASSERT_TRUE(profile_is_possible(&squares));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"needs brute force", test_profile_is_what_many_starts_find},
        {"linear", test_profile_of_a_linear_problem_is_the_exact_interval},
        {"tied", test_profile_of_tied_parameters_is_that_of_their_sum},
        {"prior", test_profile_with_a_prior_is_as_wide_as_the_posterior},
        {"bound", test_profile_has_no_limit_where_a_bound_stands},
        {"both", test_profile_gives_the_intervals_and_keeps_those_of_the_replicates},
        {"optimum", test_profile_of_the_optimum},
        {"scipy", test_profile_has_the_limits_that_scipy_finds},
        {"swapped", test_profile_of_swapped_inputs_mirrors},
        {"rising", test_profile_rises_towards_its_limits},
        {"one-sided", test_profile_is_one_sided_where_the_data_set_no_limit},
        {"ranks", test_profile_is_the_same_at_any_number_of_ranks},
        {"threshold", test_profile_needs_a_threshold},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
