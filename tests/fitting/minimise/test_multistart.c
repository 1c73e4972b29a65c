/* ranks: 1 3 */
#include "fitting/minimise/multistart.h"

#include "fitting/minimise/start.h"
#include "tests/fitting/observations.h"

static struct observations runs;
static const double planted[] = {1.723, 387.1, 1219.4, 0.3371, 0.3493};

static void test_multistart_all_starts_agree_on_well_designed_runs(void)
{
    struct objective *o = NULL;
    struct status_why why;
    struct fit_start starts[25];
    size_t best = 99;
    struct start_design design;
    struct fit_optimum optima[FIT_MAX_OPTIMA];
    size_t n_optima = 0;
    const struct fit_options options = observations_options("chinchilla");
    observations_simulate("chinchilla", planted, 9, 0.01, 23, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    start_plan(o, &options, &design);
    CU_ASSERT_EQUAL_FATAL(design.n, 25);
    HARNESS_ASSERT_OK(
        multistart_run(harness_comm(), o, &design, FIT_NEWTON, NULL, starts, &best, &why));
    CU_ASSERT_TRUE(best < 25);
    HARNESS_ASSERT_OK(multistart_optima(starts, 25, 5, 0.0, optima, &n_optima, &why));
    CU_ASSERT_EQUAL(n_optima, 1);
    CU_ASSERT_EQUAL(optima[0].n_starts, 25);
    CU_ASSERT_EQUAL(optima[0].objective, starts[best].objective);
    HARNESS_ASSERT_REL(optima[0].theta[3], starts[best].theta[3], 1e-12);
    for (size_t i = 0; i < 25; i++) {
        CU_ASSERT_TRUE(starts[i].objective >= starts[best].objective);
        CU_ASSERT_TRUE(starts[i].n_evaluations > 0);
        HARNESS_ASSERT_REL(starts[i].theta[3], starts[best].theta[3], 1e-6);
        CU_ASSERT_DOUBLE_EQUAL(starts[i].start[3], 0.18 + 0.16 * (double)(i % 5), 1e-14);
    }
    objective_destroy(o);
}

/* Ends within 1e-9 of the lowest of an optimum are that optimum, and so are those beside it, within
 * 1e-3 of it and at nearly its parameters; those that diverged or met their limit are none. */
static void test_multistart_optima_are_distinct_and_counted(void)
{
    struct fit_start starts[12] = {{.objective = 2.0},
                                   {.objective = 1.0, .theta = {7.5}},
                                   {.objective = 1.0 + 1e-10, .theta = {8.5}},
                                   {.objective = 1.5},
                                   {.objective = 0.5, .reason = FIT_DIVERGED},
                                   {.objective = 1.5 + 1e-9},
                                   {.objective = 1.5 + 1e-8, .theta = {0.3}},
                                   {.objective = 1.0 + 9e-4, .theta = {7.55}},
                                   {.objective = 1.0 + 1.1e-3, .theta = {7.55}},
                                   {.objective = 1.0 + 9e-4, .theta = {7.4}},
                                   {.objective = 1.7, .reason = FIT_LIMIT}};
    struct fit_optimum optima[FIT_MAX_OPTIMA];
    struct status_why why;
    size_t n = 99;
    status_clear(&why);
    HARNESS_ASSERT_OK(multistart_optima(starts, 11, 1, 0.0, optima, &n, &why));
    CU_ASSERT_EQUAL(n, 6);
    const double objectives[] = {1.0, 1.0 + 9e-4, 1.0 + 1.1e-3, 1.5, 1.5 + 1e-8, 2.0};
    const size_t counts[] = {3, 1, 1, 2, 1, 1};
    for (size_t i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(optima[i].objective, objectives[i]);
        CU_ASSERT_EQUAL(optima[i].n_starts, counts[i]);
    }
    CU_ASSERT_EQUAL(optima[0].theta[0], 7.5);
    for (size_t i = 0; i < 12; i++) {
        starts[i] = (struct fit_start){.objective = 3.0 - 0.1 * (double)i};
    }
    HARNESS_ASSERT_OK(multistart_optima(starts, 12, 1, 0.0, optima, &n, &why));
    CU_ASSERT_EQUAL(n, 12);
    CU_ASSERT_EQUAL(optima[FIT_MAX_OPTIMA - 1].objective, starts[4].objective);
}

/* Two ends with a barrier between them: its height is what a scan of the segment finds. */
static void test_multistart_ridge_is_the_highest_point_of_the_way_to_the_runner_up(void)
{
    struct objective *o = NULL;
    struct status_why why;
    struct fit_optimum ends[2] = {{.objective = 0.0}};
    const double natural[2][5] = {{1.723, 387.1, 1219.4, 0.3371, 0.3493},
                                  {1.9, 700.0, 4000.0, 0.37, 0.41}};
    const struct fit_options options = observations_options("chinchilla");
    observations_simulate("chinchilla", planted, 9, 0.01, 23, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    double z[2][LAW_MAX_PARAMETERS];
    for (size_t k = 0; k < 2; k++) {
        law_transform(o->law, natural[k], ends[k].theta);
        objective_centre(o, ends[k].theta, z[k]);
        ends[k].objective = objective_value(o, z[k]);
    }
    CU_ASSERT_TRUE(ends[0].objective < ends[1].objective);
    double highest = ends[1].objective;
    for (size_t k = 0; k <= 1000; k++) {
        double at[LAW_MAX_PARAMETERS] = {0.0};
        for (size_t i = 0; i < 5; i++) {
            at[i] = z[0][i] + 1e-3 * (double)k * (z[1][i] - z[0][i]);
        }
        const double value = objective_value(o, at);
        highest = value > highest ? value : highest;
    }
    HARNESS_ASSERT_REL(multistart_ridge(o, &ends[0], &ends[1]), highest / ends[0].objective - 1.0,
                       1e-3);
    objective_destroy(o);
}

static void test_multistart_improve_keeps_what_it_cannot_better(void)
{
    struct objective *o = NULL;
    struct status_why why;
    const struct fit_options options = observations_options("chinchilla");
    observations_simulate("chinchilla", planted, 9, 0.01, 29, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    double z[LAW_MAX_PARAMETERS] = {0.0};
    const double best = multistart_improve(o, 25, INFINITY, z);
    HARNESS_ASSERT_REL(objective_value(o, z), best, 1e-12);
    CU_ASSERT_TRUE(best > 0.0);
    const double before = z[3];
    CU_ASSERT_EQUAL(multistart_improve(o, 4, 0.5 * best, z), 0.5 * best);
    CU_ASSERT_EQUAL(z[3], before);
    z[3] = 0.9;
    HARNESS_ASSERT_REL(multistart_improve(o, 4, 2.0 * best, z), best, 1e-9);
    HARNESS_ASSERT_REL(z[3], before, 1e-6);
    objective_destroy(o);
}

/** y = E + A cos(w x): least squares of the frequency w has an optimum about every 2 pi over the
 * range of x, of which one is right. */
static double wave_value(const struct law *law, const double theta[], const double x[],
                         double d_theta[], double d2_theta[], double d_x[])
{
    const double a = exp(theta[1]);
    const double c = a * cos(theta[2] * x[0]);
    const double s = a * sin(theta[2] * x[0]);
    (void)law;
    if (d_theta != NULL) {
        memcpy(d_theta, (double[]){1.0, c, -x[0] * s}, 3 * sizeof *d_theta);
    }
    if (d2_theta != NULL) {
        const double cross = -x[0] * s;
        memcpy(d2_theta, (double[]){0.0, 0.0, 0.0, 0.0, c, cross, 0.0, cross, -x[0] * x[0] * c},
               9 * sizeof *d2_theta);
    }
    if (d_x != NULL) {
        d_x[0] = -theta[2] * s;
    }
    return theta[0] + c;
}

enum { WAVE_N = 41, WAVE_STARTS = 59 };

static const struct law wave = {
    .id = "wave",
    .n_inputs = 1,
    .inputs = {{"x", false}},
    .n_parameters = 3,
    .parameters = {{"E", "1", LAW_PLAIN, LAW_FLOOR, -10.0, 10.0, 0.0, 1.0},
                   {"A", "1", LAW_LOG, LAW_SCALE, 1e-3, 1e3, 1.0, 1.0},
                   {"w", "1", LAW_PLAIN, LAW_EXPONENT, 0.5, 30.0, 1.0, 25.0}},
    .n_terms = 1,
    .terms = {{"wave", 1u, -1, -1}},
    .floor = 0,
    .value = wave_value,
};

/* One start ends in a wrong optimum; 59 find the planted one, list the wrong ones in order, and
 * are the same on one rank and on many. */
static void test_multistart_finds_the_planted_of_many_optima(void)
{
    static const double planted_wave[] = {0.731, 0.5213, 7.319}; /* E, ln A, w */
    struct fit_options options = {
        .law = &wave, .objective = FIT_LEAST_SQUARES, .residual = FIT_LINEAR, .seed = 3};
    struct fit_start one[1], starts[WAVE_STARTS], alone[WAVE_STARTS];
    struct fit_optimum optima[FIT_MAX_OPTIMA];
    struct start_design design;
    struct objective *o = NULL;
    struct status_why why;
    double x[WAVE_N], y[WAVE_N];
    size_t best = 0;
    size_t n_optima = 0;
    for (size_t i = 0; i < WAVE_N; i++) {
        x[i] = 0.017 + 0.0813 * (double)i;
        y[i] = wave_value(&wave, planted_wave, &x[i], NULL, NULL, NULL);
    }
    const struct fit_data data = {.n = WAVE_N, .x = {x}, .response = y};
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    options.n_starts = 1;
    start_plan(o, &options, &design);
    HARNESS_ASSERT_OK(
        multistart_run(harness_comm(), o, &design, FIT_NEWTON, NULL, one, &best, &why));
    CU_ASSERT_TRUE(one[0].objective > 0.1);

    options.n_starts = WAVE_STARTS;
    start_plan(o, &options, &design);
    HARNESS_ASSERT_OK(
        multistart_run(harness_comm(), o, &design, FIT_NEWTON, NULL, starts, &best, &why));
    CU_ASSERT_TRUE(starts[best].objective < 1e-20);
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_DOUBLE_EQUAL(starts[best].theta[i], planted_wave[i], 1e-9);
    }
    HARNESS_ASSERT_OK(multistart_optima(starts, WAVE_STARTS, 3, 0.0, optima, &n_optima, &why));
    CU_ASSERT_TRUE(n_optima >= 5);
    CU_ASSERT_TRUE(optima[1].objective > 0.1);
    size_t n_here = 0;
    for (size_t i = 0; i < WAVE_STARTS; i++) {
        n_here += starts[i].objective >= optima[2].objective * (1.0 - 1e-8)
                  && starts[i].objective <= optima[2].objective * (1.0 + 1e-8);
    }
    CU_ASSERT_EQUAL(optima[2].n_starts, n_here);
    HARNESS_ASSERT_OK(
        multistart_run(MPI_COMM_SELF, o, &design, FIT_NEWTON, NULL, alone, &best, &why));
    CU_ASSERT_TRUE(memcmp(starts, alone, sizeof starts) == 0);
    objective_destroy(o);
}

/* Of 300 points 40 are chosen, the same on any number of ranks, the thirty
 * lowest among them. */
static void test_multistart_choose_finds_the_points_of_least_objective(void)
{
    enum { N_ALL = 300, N = 40 };
    struct fit_options options = observations_options("chinchilla");
    struct objective *o = NULL;
    struct status_why why;
    struct start_design design, all;
    size_t chosen[N], best = 0, n_lowest = 0;
    struct fit_start starts[N];
    double z[LAW_MAX_PARAMETERS], value[N_ALL];
    options.n_starts = N_ALL;
    observations_simulate("chinchilla", planted, 9, 0.01, 23, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    start_plan(o, &options, &all);
    CU_ASSERT_EQUAL(all.n, N_ALL);
    design = all;
    HARNESS_ASSERT_OK(multistart_choose(harness_comm(), o, &design, chosen, &why));
    CU_ASSERT_PTR_NULL(design.chosen); /* nothing to choose */
    design.n = N;
    HARNESS_ASSERT_OK(multistart_choose(harness_comm(), o, &design, chosen, &why));
    for (size_t i = 0; i < N_ALL; i++) {
        start_at(o, &all, i, z);
        value[i] = objective_value(o, z);
    }
    for (size_t i = 0; i < N; i++) {
        size_t n_lower = 0;
        CU_ASSERT_TRUE(i == 0 || chosen[i] > chosen[i - 1]);
        start_at(o, &design, i, z);
        CU_ASSERT_EQUAL(objective_value(o, z), value[chosen[i]]);
        for (size_t k = 0; k < N_ALL; k++) {
            n_lower += value[k] < value[chosen[i]];
        }
        n_lowest += n_lower < 30;
    }
    CU_ASSERT_EQUAL(n_lowest, 30);
    HARNESS_ASSERT_OK(
        multistart_run(harness_comm(), o, &design, FIT_NEWTON, NULL, starts, &best, &why));
    CU_ASSERT_EQUAL(best, multistart_best(starts, N));
    objective_destroy(o);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"agree", test_multistart_all_starts_agree_on_well_designed_runs},
        {"optima", test_multistart_optima_are_distinct_and_counted},
        {"ridge", test_multistart_ridge_is_the_highest_point_of_the_way_to_the_runner_up},
        {"many optima", test_multistart_finds_the_planted_of_many_optima},
        {"improve", test_multistart_improve_keeps_what_it_cannot_better},
        {"choose", test_multistart_choose_finds_the_points_of_least_objective},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
