#include "fitting/minimise/objective.h"

#include "solver/base/vmath.h"
#include "solver/laws/custom.h"
#include "tests/fitting/observations.h"

static struct observations runs;
static const double planted[] = {1.723, 387.1, 1219.4, 0.3371, 0.3493};

/** Objective of simulated runs; 6 * 9 + 1 rows, so that the last block is not full. */
static struct objective *make(const char *law, enum fit_objective kind, enum fit_residual residual)
{
    struct objective *o = NULL;
    struct status_why why;
    struct fit_options options = observations_options(law);
    options.objective = kind;
    options.residual = residual;
    observations_simulate("chinchilla", planted, 9, 0.02, 3, &runs);
    observations_add(&runs, 3.3e8, 7.7e9, 2.913);
    const struct fit_data data = observations_data(&runs, options.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    return o;
}

/** A point near, not at, the planted one. */
static void near_planted(const struct objective *o, double z[])
{
    law_transform(o->law, planted, z);
    z[0] += 0.013;
    z[1] -= 0.11;
    z[4] += 0.007;
    objective_centre(o, z, z);
}

/** Add a law given as text, once. \param [in] log  parameter whose logarithm is fitted, or none */
static void add_formula(const char *id, const char *text, size_t n, const char *const names[],
                        size_t log)
{
    struct custom_source s = {
        .n_inputs = 3,
        .inputs = {{"params", true, 1.0}, {"tokens", true, 1.0}, {"compute_flop", true, 1.0}},
        .n_parameters = n};
    struct law *law = NULL;
    struct status_why why;
    size_t column;
    (void)snprintf(s.id, sizeof s.id, "%s", id);
    (void)snprintf(s.text, sizeof s.text, "%s", text);
    for (size_t i = 0; i < n; i++) {
        s.parameters[i] = custom_parameter(names[i]);
        s.parameters[i].transform = i == log ? CUSTOM_LOG : CUSTOM_INFERRED;
    }
    status_clear(&why);
    if (law_find(id) == NULL) {
        HARNESS_ASSERT_OK(custom_create(&s, &law, &column, &why));
        CU_ASSERT_TRUE_FATAL(law_add(law));
    }
}

/** Chinchilla's law, which a logarithm for an exponent keeps from being recognised, and a sum of
 * three power terms, which is recognised. */
static void add_formulas(void)
{
    static const char *const names[] = {"E", "A", "B", "alpha", "beta"};
    static const char *const more[] = {"E", "A", "B", "C", "alpha", "beta", "gamma"};
    add_formula("shifted", "loss = E + A/params^alpha + B/tokens^beta", 5, names, 4);
    add_formula("three", "loss = E + C/compute_flop^gamma + A/params^alpha + B/tokens^beta", 7,
                more, 7);
}

/** A point near the runs for Kaplan's law. */
static void near_kaplan(const struct objective *o, double z[])
{
    const double natural[] = {8.9e12, 3.1e13, 0.094, 0.115};
    law_transform(o->law, natural, z);
    objective_centre(o, z, z);
}

static void check_derivatives(const struct objective *o, double delta, const double z[])
{
    const size_t p = o->law->n_parameters;
    struct objective_point at;
    objective_evaluate(o, delta, z, &at);
    for (size_t i = 0; i < p; i++) {
        const double step = 1e-6;
        double up[LAW_MAX_PARAMETERS];
        double down[LAW_MAX_PARAMETERS];
        struct objective_point above;
        struct objective_point below;
        memcpy(up, z, p * sizeof *up);
        memcpy(down, z, p * sizeof *down);
        up[i] += step;
        down[i] -= step;
        objective_evaluate(o, delta, up, &above);
        objective_evaluate(o, delta, down, &below);
        const double slope = (above.value - below.value) / (2.0 * step);
        CU_ASSERT_DOUBLE_EQUAL(at.gradient[i], slope, 1e-7 * (fabs(slope) + at.value));
        for (size_t j = 0; j < p; j++) {
            const double curve = (above.gradient[j] - below.gradient[j]) / (2.0 * step);
            CU_ASSERT_DOUBLE_EQUAL(at.hessian[i * p + j], curve, 1e-5 * (fabs(curve) + at.value));
        }
    }
}

static void test_objective_derivatives_match_central_differences(void)
{
    const enum fit_residual spaces[] = {FIT_LOG, FIT_LINEAR};
    for (size_t k = 0; k < 2; k++) {
        double z[LAW_MAX_PARAMETERS];
        struct objective *o = make("chinchilla", FIT_HUBER, spaces[k]);
        near_planted(o, z);
        CU_ASSERT_TRUE(o->has_kernel);
        check_derivatives(o, 0.011, z);
        check_derivatives(o, (double)INFINITY, z);
        objective_destroy(o);
        o = make("kaplan_nd", FIT_HUBER, spaces[k]);
        near_kaplan(o, z);
        CU_ASSERT_FALSE(o->has_kernel);
        check_derivatives(o, 0.011, z);
        objective_destroy(o);
    }
}

/** Rows with weights, errors and asymmetry, and what the options say of parameters. */
static struct objective *make_general(const char *law, enum fit_objective kind,
                                      enum fit_residual residual, bool has_errors,
                                      const struct fit_parameter_option parameters[])
{
    static double weight[OBSERVATIONS_MAX];
    static double error[OBSERVATIONS_MAX];
    struct objective *o = NULL;
    struct status_why why;
    struct fit_options options = observations_options(law);
    options.objective = kind;
    options.residual = residual;
    options.over_prediction = 3.7;
    options.prior_noise = 0.013;
    memcpy(options.parameters, parameters, sizeof options.parameters);
    observations_simulate("chinchilla", planted, 9, 0.02, 3, &runs);
    observations_add(&runs, 3.3e8, 7.7e9, 2.913);
    struct fit_data data = observations_data(&runs, options.law);
    for (size_t i = 0; i < runs.n; i++) {
        weight[i] = 0.3 + 0.41 * (double)(i % 5);
        error[i] = 0.011 + 0.004 * (double)(i % 7);
    }
    data.weight = weight;
    data.error = has_errors ? error : NULL;
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    return o;
}

static const struct fit_parameter_option no_options[LAW_MAX_PARAMETERS];

/* E has a prior, A a fixed value, beta follows alpha, which is bounded and has a prior. */
static const struct fit_parameter_option all_options[LAW_MAX_PARAMETERS] = {
    {.prior_mean = 1.9, .prior_sd = 0.13},
    {.fixed = true, .value = 371.0},
    {.prior_mean = 1100.0, .prior_sd = 217.0},
    {.bounded = true, .lower = 0.21, .upper = 5.0, .prior_mean = 0.31, .prior_sd = 0.02},
    {.tied = true, .tied_to = 3}};

static void compare(size_t p, const struct objective_point *a, const struct objective_point *b)
{
    HARNESS_ASSERT_REL(a->value, b->value, 1e-13);
    for (size_t i = 0; i < p; i++) {
        CU_ASSERT_DOUBLE_EQUAL(a->gradient[i], b->gradient[i],
                               1e-12 * (fabs(b->gradient[i]) + b->value));
    }
    for (size_t i = 0; i < p * p; i++) {
        CU_ASSERT_DOUBLE_EQUAL(a->hessian[i], b->hessian[i],
                               1e-12 * (fabs(b->hessian[i]) + b->value));
    }
}

/** A point near the runs for the sum of three terms. */
static void near_three(const struct objective *o, double z[])
{
    const double natural[] = {1.69, 291.0, 1102.0, 85.3, 0.331, 0.352, 0.141};
    law_transform(o->law, natural, z);
    objective_centre(o, z, z);
}

static void test_objective_any_number_of_terms_has_the_kernel(void)
{
    add_formulas();
    for (int residual = FIT_LOG; residual <= FIT_LINEAR; residual++) {
        double z[LAW_MAX_PARAMETERS];
        struct objective_point fast;
        struct objective_point plain;
        struct objective *o = make("three", FIT_HUBER, (enum fit_residual)residual);
        CU_ASSERT_TRUE(o->has_kernel);
        near_three(o, z);
        check_derivatives(o, 0.011, z);
        objective_evaluate(o, 0.011, z, &fast);
        objective_evaluate_plain(o, 0.011, z, &plain);
        compare(o->law->n_parameters, &fast, &plain);
        objective_destroy(o);
    }
}

static void test_objective_general_rows_have_exact_derivatives(void)
{
    const enum fit_residual spaces[] = {FIT_LOG, FIT_LINEAR};
    for (size_t k = 0; k < 8; k++) {
        double z[LAW_MAX_PARAMETERS];
        struct objective_point fast;
        struct objective_point plain;
        const bool has_errors = k / 2 % 2 == 0;
        const struct fit_parameter_option *of = k / 4 == 0 ? no_options : all_options;
        const double delta = has_errors ? 0.9 : 0.011;
        struct objective *o = make_general("chinchilla", FIT_HUBER, spaces[k % 2], has_errors, of);
        near_planted(o, z);
        check_derivatives(o, delta, z);
        check_derivatives(o, (double)INFINITY, z);
        objective_evaluate(o, delta, z, &fast);
        objective_evaluate_plain(o, delta, z, &plain);
        compare(5, &fast, &plain);
        objective_destroy(o);
        o = make_general("kaplan_nd", FIT_HUBER, spaces[k % 2], has_errors, no_options);
        near_kaplan(o, z);
        check_derivatives(o, delta, z);
        objective_destroy(o);
    }
}

/* By hand: weights, the factor of over-prediction, errors, and the prior of a log-likelihood. */
static void test_objective_general_value_is_the_weighted_sum(void)
{
    const enum fit_objective kinds[] = {FIT_HUBER, FIT_LAD, FIT_LEAST_SQUARES};
    for (size_t k = 0; k < 3; k++) {
        double z[LAW_MAX_PARAMETERS];
        double theta[LAW_MAX_PARAMETERS];
        double natural[LAW_MAX_PARAMETERS];
        double r[OBSERVATIONS_MAX];
        struct objective *o = make_general("chinchilla", kinds[k], FIT_LOG, true, all_options);
        near_planted(o, z);
        z[4] = 99.0; /* tied: not read */
        objective_residuals(o, z, r);
        objective_uncentre(o, z, theta);
        CU_ASSERT_EQUAL(theta[4], theta[3]);
        law_natural(o->law, theta, natural);
        double sum = 0.0;
        for (size_t i = 0; i < o->n; i++) {
            const double predicted = natural[0]
                                     + natural[1] / pow(exp(runs.log_x[0][i]), natural[3])
                                     + natural[2] / pow(exp(runs.log_x[1][i]), natural[3]);
            const double error = (0.011 + 0.004 * (double)(i % 7)) / runs.loss_nat[i];
            const double own = (log(predicted) - log(runs.loss_nat[i])) / error;
            const double size = fabs(own);
            const double weight = (0.3 + 0.41 * (double)(i % 5)) * (own > 0.0 ? 3.7 : 1.0);
            CU_ASSERT_DOUBLE_EQUAL(r[i], own, 1e-10);
            sum += weight
                   * (k == 1                  ? size
                      : k == 0 && size > 1e-3 ? 1e-3 * (size - 0.5e-3)
                                              : 0.5 * size * size);
        }
        for (size_t i = 0; i < 5; i++) {
            const struct fit_parameter_option *of = &all_options[i];
            const double deviation = (natural[i] - of->prior_mean) / of->prior_sd;
            sum += of->prior_sd > 0.0 ? 0.5 * o->dispersion * deviation * deviation : 0.0;
        }
        HARNESS_ASSERT_REL(objective_value(o, z), sum, 1e-10);
        objective_destroy(o);
    }
}

static void test_objective_options_shape_the_box(void)
{
    struct objective *o = make_general("chinchilla", FIT_HUBER, FIT_LOG, true, all_options);
    CU_ASSERT_DOUBLE_EQUAL(o->lower[1], log(371.0), 1e-14);
    CU_ASSERT_EQUAL(o->upper[1], o->lower[1]);
    CU_ASSERT_EQUAL(o->lower[3], 0.21);
    CU_ASSERT_EQUAL(o->upper[3], o->law->parameters[3].upper); /* not 5: the law's holds */
    CU_ASSERT_FALSE(objective_moves(o, 1) || objective_moves(o, 4));
    CU_ASSERT_TRUE(objective_moves(o, 0) && objective_moves(o, 2) && objective_moves(o, 3));
    CU_ASSERT_EQUAL(o->centre[0], 0.0); /* A and B are spoken of as they are */
    CU_ASSERT_EQUAL(o->centre[1], 0.0);
    objective_destroy(o);
}

static void test_objective_kernel_and_plain_path_agree(void)
{
    const enum fit_residual spaces[] = {FIT_LOG, FIT_LINEAR};
    const double deltas[] = {1e-4, 0.01, 0.5, (double)INFINITY};
    for (size_t k = 0; k < 2; k++) {
        double z[LAW_MAX_PARAMETERS];
        struct objective *o = make("chinchilla", FIT_HUBER, spaces[k]);
        near_planted(o, z);
        for (size_t i = 0; i < o->n; i++) {
            o->weight[i] = (double)(i % 4);
        }
        for (size_t i = 0; i < sizeof deltas / sizeof deltas[0]; i++) {
            struct objective_point fast;
            struct objective_point plain;
            objective_evaluate(o, deltas[i], z, &fast);
            objective_evaluate_plain(o, deltas[i], z, &plain);
            compare(5, &fast, &plain);
        }
        objective_destroy(o);
    }
}

static void check_levels(struct objective *o)
{
    double z[LAW_MAX_PARAMETERS];
    struct objective_point first;
    const enum vmath_level before = vmath_level();
    near_planted(o, z);
    CU_ASSERT_TRUE(vmath_force(VMATH_V2));
    memset(&first, 0, sizeof first);
    objective_evaluate(o, 1e-3, z, &first);
    for (size_t level = 0; level < VMATH_N_LEVELS; level++) {
        for (int order = OBJECTIVE_VALUE; order <= OBJECTIVE_HESSIAN; order++) {
            if (vmath_force((enum vmath_level)level)) {
                struct objective_point other = first;
                memset(&other.value, 0, sizeof other.value);
                objective_evaluate_order(o, (enum objective_order)order, 1e-3, z, &other);
                CU_ASSERT_EQUAL(memcmp(&first, &other, sizeof first), 0);
            }
        }
    }
    CU_ASSERT_TRUE(vmath_force(before));
    objective_destroy(o);
}

/* A lower order leaves the higher derivatives as they were, and what it finds has the same bits. */
static void test_objective_has_the_same_bits_on_all_levels_and_orders(void)
{
    add_formulas();
    check_levels(make("chinchilla", FIT_HUBER, FIT_LOG));
    check_levels(make_general("chinchilla", FIT_HUBER, FIT_LOG, true, all_options));
    check_levels(make_general("chinchilla", FIT_HUBER, FIT_LINEAR, false, no_options));
    check_levels(make("shifted", FIT_HUBER, FIT_LOG));
    check_levels(make_general("shifted", FIT_HUBER, FIT_LINEAR, true, all_options));
}

/* Each order finds what is its own, not what stood there. */
static void test_objective_orders_find_their_derivatives(void)
{
    static const char *const laws[] = {"chinchilla", "shifted", "kaplan_nd"};
    add_formulas();
    for (size_t k = 0; k < 3; k++) {
        struct objective *o = make(laws[k], FIT_HUBER, FIT_LOG);
        const size_t p = o->law->n_parameters;
        struct objective_point whole, part = {.value = 7.0};
        double z[LAW_MAX_PARAMETERS];
        if (k < 2) {
            near_planted(o, z);
        } else {
            near_kaplan(o, z);
        }
        objective_evaluate(o, 1e-2, z, &whole);
        objective_evaluate_order(o, OBJECTIVE_VALUE, 1e-2, z, &part);
        CU_ASSERT_EQUAL(part.value, whole.value);
        CU_ASSERT_EQUAL(part.gradient[p - 1], 0.0);
        objective_evaluate_order(o, OBJECTIVE_GRADIENT, 1e-2, z, &part);
        CU_ASSERT_EQUAL(memcmp(part.gradient, whole.gradient, p * sizeof(double)), 0);
        CU_ASSERT_EQUAL(part.hessian[p * p - 1], 0.0);
        objective_destroy(o);
    }
}

/* Where a term leaves the range of numbers the sum stays finite, and NaN comes through: a
 * minimisation must see that a step led nowhere. */
static void test_objective_far_values_are_finite_or_nan(void)
{
    add_formulas();
    for (size_t k = 0; k < 2; k++) {
        struct objective *o = make(k == 0 ? "chinchilla" : "shifted", FIT_HUBER, FIT_LOG);
        struct objective_point at;
        double z[LAW_MAX_PARAMETERS];
        near_planted(o, z);
        z[1] = -1e4;
        objective_evaluate(o, 1e-3, z, &at);
        CU_ASSERT_TRUE(isfinite(at.value) && at.gradient[1] < 1e-300);
        z[1] = (double)NAN;
        objective_evaluate(o, 1e-3, z, &at);
        CU_ASSERT_TRUE(isnan(at.value) && isnan(objective_value(o, z)));
        objective_destroy(o);
    }
    struct objective *o = make("chinchilla", FIT_HUBER, FIT_LOG);
    double z[LAW_MAX_PARAMETERS];
    near_planted(o, z);
    z[2] = 1e4;
    CU_ASSERT_DOUBLE_EQUAL(objective_value(o, z), 1e-3 * 55.0 * 699.0, 1.0);
    objective_destroy(o);
}

static void test_objective_value_is_the_sum_of_rho(void)
{
    double z[LAW_MAX_PARAMETERS];
    double r[OBSERVATIONS_MAX];
    struct objective *huber = make("chinchilla", FIT_HUBER, FIT_LOG);
    struct objective *lad = make("chinchilla", FIT_LAD, FIT_LOG);
    struct objective *squares = make("chinchilla", FIT_LEAST_SQUARES, FIT_LOG);
    double sums[3] = {0.0, 0.0, 0.0};
    near_planted(huber, z);
    objective_residuals(huber, z, r);
    for (size_t i = 0; i < huber->n; i++) {
        const double size = fabs(r[i]);
        sums[0] += size <= 1e-3 ? 0.5 * size * size : 1e-3 * (size - 0.5e-3);
        sums[1] += size;
        sums[2] += 0.5 * size * size;
        double d_z[LAW_MAX_PARAMETERS];
        CU_ASSERT_DOUBLE_EQUAL(objective_row(huber, z, i, d_z), r[i], 1e-14);
    }
    HARNESS_ASSERT_REL(objective_value(huber, z), sums[0], 1e-13);
    HARNESS_ASSERT_REL(objective_value(lad, z), sums[1], 1e-13);
    HARNESS_ASSERT_REL(objective_value(squares, z), sums[2], 1e-13);
    objective_destroy(huber);
    objective_destroy(lad);
    objective_destroy(squares);
}

static void test_objective_centring_is_undone(void)
{
    double z[LAW_MAX_PARAMETERS];
    double theta[LAW_MAX_PARAMETERS];
    struct objective *o = make("chinchilla", FIT_HUBER, FIT_LOG);
    law_transform(o->law, planted, theta);
    objective_centre(o, theta, z);
    /* z of a scale is ln of the term at the centre of the data. */
    CU_ASSERT_DOUBLE_EQUAL(z[1], log(387.1) - 0.3371 * o->centre[0], 1e-13);
    CU_ASSERT_EQUAL(z[3], theta[3]);
    objective_uncentre(o, z, z);
    for (size_t i = 0; i < 5; i++) {
        CU_ASSERT_DOUBLE_EQUAL(z[i], theta[i], 1e-13);
    }
    objective_destroy(o);
}

static void test_objective_resample_equals_repeated_rows(void)
{
    struct objective *o = make_general("chinchilla", FIT_HUBER, FIT_LOG, true, all_options);
    struct objective *sample = NULL;
    struct status_why why;
    struct objective_point weighted;
    struct objective_point compact;
    unsigned count[OBSERVATIONS_MAX];
    double z[LAW_MAX_PARAMETERS];
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create_like(o, &sample, &why));
    near_planted(o, z);
    size_t n_kept = 0;
    for (size_t i = 0; i < o->n; i++) {
        count[i] = (unsigned)(i * i % 3);
        n_kept += count[i] > 0;
    }
    objective_resample(o, count, sample);
    CU_ASSERT_EQUAL(sample->n, n_kept);
    for (size_t i = 0; i < o->n; i++) {
        o->weight[i] *= (double)count[i];
    }
    objective_evaluate(o, 1e-2, z, &weighted);
    objective_evaluate(sample, 1e-2, z, &compact);
    compare(5, &compact, &weighted);
    objective_destroy(o);
    objective_destroy(sample);
}

static void check_blocks(struct objective *o, double delta)
{
    struct objective_point blocks, plain;
    double z[LAW_MAX_PARAMETERS];
    CU_ASSERT_PTR_NOT_NULL(o->block);
    near_planted(o, z);
    objective_evaluate(o, delta, z, &blocks);
    objective_evaluate_plain(o, delta, z, &plain);
    HARNESS_ASSERT_REL(blocks.value, plain.value, 1e-13);
    for (size_t i = 0; i < 5; i++) {
        CU_ASSERT_DOUBLE_EQUAL(blocks.gradient[i], plain.gradient[i],
                               1e-11 * fabs(plain.gradient[i]));
        for (size_t j = 0; j < 5; j++) {
            const double size = sqrt(fabs(plain.hessian[i * 6] * plain.hessian[j * 6]));
            CU_ASSERT_DOUBLE_EQUAL(blocks.hessian[i * 5 + j], plain.hessian[i * 5 + j],
                                   1e-11 * size);
        }
    }
    objective_destroy(o);
}

static void test_objective_blocks_equal_single_rows(void)
{
    add_formulas();
    for (int k = FIT_LOG; k <= FIT_LINEAR; k++) {
        const enum fit_residual residual = (enum fit_residual)k;
        check_blocks(make("shifted", FIT_HUBER, residual), 0.01);
        check_blocks(make_general("shifted", FIT_HUBER, residual, true, no_options), 0.9);
        check_blocks(make_general("shifted", FIT_HUBER, residual, false, no_options), 0.01);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"derivatives", test_objective_derivatives_match_central_differences},
        {"kernel", test_objective_kernel_and_plain_path_agree},
        {"levels and orders", test_objective_has_the_same_bits_on_all_levels_and_orders},
        {"orders", test_objective_orders_find_their_derivatives},
        {"far values", test_objective_far_values_are_finite_or_nan},
        {"value", test_objective_value_is_the_sum_of_rho},
        {"any number of terms", test_objective_any_number_of_terms_has_the_kernel},
        {"general derivatives", test_objective_general_rows_have_exact_derivatives},
        {"general value", test_objective_general_value_is_the_weighted_sum},
        {"box", test_objective_options_shape_the_box},
        {"centring", test_objective_centring_is_undone},
        {"resample", test_objective_resample_equals_repeated_rows},
        {"blocks", test_objective_blocks_equal_single_rows},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
