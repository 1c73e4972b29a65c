#include "fitting/minimise/start.h"

#include "fitting/minimise/sobol.h"
#include "tests/fitting/observations.h"

static struct observations runs;
static const double planted[] = {1.723, 387.1, 1219.4, 0.3371, 0.3493};

static struct objective *make(const char *id, const double natural[], enum fit_residual residual)
{
    struct objective *o = NULL;
    struct status_why why;
    struct fit_options options = observations_options(id);
    options.residual = residual;
    observations_simulate(id, natural, 7, 0.0, 3, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    return o;
}

/** At the true exponents the projection returns the truth. */
static void check_truth(const char *id, const double natural[], enum fit_residual residual)
{
    struct objective *o = make(id, natural, residual);
    double truth[LAW_MAX_PARAMETERS];
    double z[LAW_MAX_PARAMETERS];
    law_transform(o->law, natural, truth);
    objective_centre(o, truth, truth);
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        z[i] = o->law->parameters[i].role == LAW_EXPONENT ? truth[i] : -77.0;
    }
    start_project(o, z);
    for (size_t i = 0; i < o->law->n_parameters; i++) {
        CU_ASSERT_DOUBLE_EQUAL(z[i], truth[i], 1e-5);
    }
    objective_destroy(o);
}

static void test_start_project_is_exact_at_the_true_exponents(void)
{
    const double kaplan[] = {6.4e13, 1.8e13, 0.076, 0.103};
    const double power[] = {1.31, 211.0, 0.287};
    check_truth("chinchilla", planted, FIT_LOG);
    check_truth("chinchilla", planted, FIT_LINEAR);
    check_truth("kaplan_nd", kaplan, FIT_LOG);
    check_truth("power_params", power, FIT_LOG);
}

/* Exponents too small want a negative floor: it is held at zero, then at its smallest start. */
static void test_start_project_keeps_coefficients_nonnegative(void)
{
    struct objective *o = make("chinchilla", planted, FIT_LOG);
    double z[] = {0.0, 0.0, 0.0, 0.05, 0.03};
    start_project(o, z);
    CU_ASSERT_DOUBLE_EQUAL(z[0], log(1e-3), 1e-12);
    /* The others are best beside it: the relative residuals grow when either moves. */
    double sums[5];
    for (size_t k = 0; k < 5; k++) {
        double moved[] = {z[0], z[1], z[2], z[3], z[4]};
        moved[1 + k / 2 % 2] += k == 4 ? 0.0 : k % 2 == 0 ? 0.02 : -0.02;
        sums[k] = 0.0;
        for (size_t i = 0; i < o->n; i++) {
            double d_z[LAW_MAX_PARAMETERS];
            const double r = exp(objective_row(o, moved, i, d_z)) - 1.0;
            sums[k] += r * r;
        }
    }
    for (size_t k = 0; k < 4; k++) {
        CU_ASSERT_TRUE(sums[k] > sums[4]);
    }
    objective_destroy(o);
}

static void test_start_grid_covers_the_ranges_of_exponents(void)
{
    struct objective *o = make("chinchilla", planted, FIT_LOG);
    double z[LAW_MAX_PARAMETERS];
    const struct fit_options options = observations_options("chinchilla");
    struct start_design design;
    start_plan(o, &options, &design);
    CU_ASSERT_EQUAL(design.kind, FIT_GRID);
    CU_ASSERT_EQUAL(design.n, 25);
    start_at(o, &design, 13, z);
    CU_ASSERT_DOUBLE_EQUAL(z[3], 0.66, 1e-14);
    start_find(o, 5, 0, z);
    CU_ASSERT_DOUBLE_EQUAL(z[3], 0.18, 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(z[4], 0.18, 1e-14);
    start_find(o, 5, 13, z);
    CU_ASSERT_DOUBLE_EQUAL(z[3], 0.66, 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(z[4], 0.50, 1e-14);
    for (size_t i = 0; i < 25; i++) {
        start_find(o, 5, i, z);
        for (size_t j = 0; j < 5; j++) {
            CU_ASSERT_TRUE(z[j] >= o->lower[j] && z[j] <= o->upper[j]);
        }
    }
    objective_destroy(o);
}

/* What is fixed, bounded or tied is so at every start, and the projection knows it. */
static void test_start_find_keeps_what_options_say(void)
{
    struct objective *o = NULL;
    struct status_why why;
    struct fit_options options = observations_options("chinchilla");
    options.parameters[3] =
        (struct fit_parameter_option){.bounded = true, .lower = 0.3, .upper = 0.35};
    options.parameters[4] = (struct fit_parameter_option){.tied = true, .tied_to = 3};
    options.parameters[0] = (struct fit_parameter_option){.fixed = true, .value = 1.713};
    observations_simulate("chinchilla", planted, 7, 0.0, 3, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    for (size_t i = 0; i < 5; i++) {
        double z[LAW_MAX_PARAMETERS];
        start_find(o, 5, i, z);
        CU_ASSERT_TRUE(z[3] >= 0.3 && z[3] <= 0.35);
        CU_ASSERT_EQUAL(z[4], z[3]);
        CU_ASSERT_DOUBLE_EQUAL(z[0], log(1.713), 1e-14);
        CU_ASSERT_TRUE(objective_value(o, z) < 0.1);
    }
    objective_destroy(o);
}

/** An objective whose options are those that \a change makes. */
static struct objective *make_with(const struct fit_options *options)
{
    struct objective *o = NULL;
    struct status_why why;
    const struct fit_data data = observations_data(&runs, options->law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, options, &o, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    return o;
}

/* What is fixed or follows another is no reason for more starts: each start is another one. */
static void test_start_plan_counts_only_what_moves(void)
{
    struct fit_options options = observations_options("chinchilla");
    struct start_design design;
    observations_simulate("chinchilla", planted, 7, 0.0, 3, &runs);
    options.parameters[4] = (struct fit_parameter_option){.tied = true, .tied_to = 3};
    struct objective *o = make_with(&options);
    start_plan(o, &options, &design);
    CU_ASSERT_EQUAL(design.n, 25); /* 25 levels of the one that is left */
    double z[25][LAW_MAX_PARAMETERS];
    for (size_t i = 0; i < 25; i++) {
        start_at(o, &design, i, z[i]);
        CU_ASSERT_EQUAL(z[i][3], z[i][4]);
        CU_ASSERT_TRUE(i == 0 || z[i][3] > z[i - 1][3]);
    }
    objective_destroy(o);
    options.parameters[3] = (struct fit_parameter_option){.fixed = true, .value = 0.337};
    o = make_with(&options);
    start_plan(o, &options, &design);
    CU_ASSERT_EQUAL(design.n, 1);
    options.n_starts = 40;
    start_plan(o, &options, &design);
    CU_ASSERT_EQUAL(design.n, 1);
    objective_destroy(o);
}

/* A number of starts is that many points of the sequence of the seed, inside the ranges. */
static void test_start_plan_takes_points_of_the_sequence(void)
{
    struct fit_options options = observations_options("chinchilla");
    struct start_design design;
    double z[LAW_MAX_PARAMETERS];
    double part[2];
    observations_simulate("chinchilla", planted, 7, 0.0, 3, &runs);
    options.n_starts = 37;
    options.seed = 19;
    struct objective *o = make_with(&options);
    start_plan(o, &options, &design);
    CU_ASSERT_EQUAL(design.kind, FIT_SOBOL);
    CU_ASSERT_EQUAL(design.n, 37);
    start_at(o, &design, 36, z);
    sobol_point(19, 36, 2, part);
    CU_ASSERT_DOUBLE_EQUAL(z[3], 0.1 + 0.8 * part[0], 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(z[4], 0.1 + 0.8 * part[1], 1e-14);
    objective_destroy(o);
}

/* Levels of the study are crossed with each other and with what is usual for the rest; the
 * projection takes a floor or a scale that has levels as it is. */
static void test_start_plan_crosses_the_levels_of_the_study(void)
{
    struct fit_options options = observations_options("chinchilla");
    struct start_design design;
    observations_simulate("chinchilla", planted, 7, 0.0, 3, &runs);
    options.parameters[3].n_levels = 3;
    memcpy(options.parameters[3].levels, (double[]){0.21, 0.3371, 0.52}, 3 * sizeof(double));
    options.parameters[0].n_levels = 2;
    memcpy(options.parameters[0].levels, (double[]){1.4, 1.723}, 2 * sizeof(double));
    struct objective *o = make_with(&options);
    start_plan(o, &options, &design);
    CU_ASSERT_EQUAL(design.kind, FIT_STUDY_GRID);
    CU_ASSERT_EQUAL(design.n, 2 * 3 * 25);
    size_t seen[2][3] = {{0}};
    double best = INFINITY;
    for (size_t i = 0; i < design.n; i++) {
        double z[LAW_MAX_PARAMETERS];
        start_at(o, &design, i, z);
        const size_t e = fabs(exp(z[0]) - 1.4) < 1e-12 ? 0 : 1;
        const size_t a = fabs(z[3] - 0.21) < 1e-14 ? 0 : fabs(z[3] - 0.52) < 1e-14 ? 2 : 1;
        CU_ASSERT_DOUBLE_EQUAL(exp(z[0]), options.parameters[0].levels[e], 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(z[3], options.parameters[3].levels[a], 1e-14);
        seen[e][a]++;
        const double value = objective_value(o, z);
        best = value < best ? value : best;
    }
    for (size_t k = 0; k < 6; k++) {
        CU_ASSERT_EQUAL(seen[k / 3][k % 3], 25);
    }
    options.n_starts = 4;
    start_plan(o, &options, &design);
    CU_ASSERT_EQUAL(design.n, 2 * 3 * 4);
    objective_destroy(o);
    /* With the true floor and both true exponents the two scales follow exactly. */
    options.parameters[4].n_levels = 1;
    options.parameters[4].levels[0] = planted[4];
    options.parameters[3].levels[0] = planted[3];
    options.parameters[0].levels[0] = planted[0];
    options.parameters[3].n_levels = options.parameters[0].n_levels = 1;
    o = make_with(&options);
    start_plan(o, &options, &design);
    double z[LAW_MAX_PARAMETERS], theta[LAW_MAX_PARAMETERS];
    CU_ASSERT_EQUAL(design.n, 4 - 3);
    start_at(o, &design, 0, z);
    objective_uncentre(o, z, theta);
    HARNESS_ASSERT_REL(exp(theta[1]), planted[1], 1e-6);
    HARNESS_ASSERT_REL(exp(theta[2]), planted[2], 1e-6);
    objective_destroy(o);
}

/* A scale with a level is a number of the law, not of the centred problem. */
static void test_start_at_moves_given_scales_to_the_centre(void)
{
    struct fit_options options = observations_options("chinchilla");
    struct start_design design;
    double z[LAW_MAX_PARAMETERS], theta[LAW_MAX_PARAMETERS];
    observations_simulate("chinchilla", planted, 7, 0.0, 3, &runs);
    options.parameters[1].n_levels = 1;
    options.parameters[1].levels[0] = 387.1;
    options.n_starts = 9;
    struct objective *o = make_with(&options);
    CU_ASSERT_TRUE(o->centre[0] > 1.0);
    start_plan(o, &options, &design);
    start_at(o, &design, 5, z);
    objective_uncentre(o, z, theta);
    HARNESS_ASSERT_REL(exp(theta[1]), 387.1, 1e-12);
    objective_destroy(o);
}

/* Around a point: its exponents lie in a small box there, inside the bounds, and the scales follow;
 * three starts for each exponent that moves. */
static void test_start_plan_near_stays_around_the_point(void)
{
    struct fit_options options = observations_options("chinchilla");
    struct start_design near;
    double z[LAW_MAX_PARAMETERS], at[LAW_MAX_PARAMETERS], truth[LAW_MAX_PARAMETERS];
    observations_simulate("chinchilla", planted, 7, 0.0, 3, &runs);
    struct objective *o = make_with(&options);
    law_transform(o->law, planted, truth);
    objective_centre(o, truth, at);
    at[4] = 0.02; /* the box reaches beyond the bound .01 */
    start_plan_near(o, 7, at, &near);
    CU_ASSERT_EQUAL(near.n, 6);
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < near.n; i++) {
        start_at(o, &near, i, z);
        CU_ASSERT_TRUE(fabs(z[3] - at[3]) <= 0.5 * 0.3 * 0.8);
        CU_ASSERT_TRUE(z[4] >= 0.01 && z[4] <= at[4] + 0.5 * 0.3 * 0.8);
        CU_ASSERT_TRUE(isfinite(objective_value(o, z)));
        least = z[3] < least ? z[3] : least;
        most = z[3] > most ? z[3] : most;
    }
    CU_ASSERT_TRUE(most - least > 0.1);
    objective_destroy(o);
    options.parameters[3] = (struct fit_parameter_option){.fixed = true, .value = 0.3};
    options.parameters[4] = (struct fit_parameter_option){.fixed = true, .value = 0.3};
    o = make_with(&options);
    start_plan_near(o, 7, at, &near);
    CU_ASSERT_EQUAL(near.n, 0);
    objective_destroy(o);
}

/* Of ten points four are chosen: the three lowest and the first of the others. */
static void test_start_choose_takes_the_lowest_and_some_others(void)
{
    const double value[10] = {7.0, NAN, 3.0, 9.0, 3.0, INFINITY, 1.5, 3.0, 8.0, 4.0};
    const struct start_design design = {.n = 4, .n_all = 10};
    struct status_why why;
    size_t chosen[4];
    status_clear(&why);
    HARNESS_ASSERT_OK(start_choose(&design, value, chosen, &why));
    const size_t expected[4] = {0, 2, 4, 6};
    for (size_t i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(chosen[i], expected[i]);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"truth", test_start_project_is_exact_at_the_true_exponents},
        {"nonnegative", test_start_project_keeps_coefficients_nonnegative},
        {"grid", test_start_grid_covers_the_ranges_of_exponents},
        {"options", test_start_find_keeps_what_options_say},
        {"distinct", test_start_plan_counts_only_what_moves},
        {"sequence", test_start_plan_takes_points_of_the_sequence},
        {"levels", test_start_plan_crosses_the_levels_of_the_study},
        {"given scale", test_start_at_moves_given_scales_to_the_centre},
        {"near", test_start_plan_near_stays_around_the_point},
        {"choose", test_start_choose_takes_the_lowest_and_some_others},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
