/* ranks: 1 3 */
#include "fitting/minimise/multistart.h"

#include "fitting/minimise/start.h"
#include "tests/fitting/observations.h"

static struct observations runs;
static const double planted[] = {1.723, 387.1, 1219.4, 0.3371, 0.3493};

static void test_multistart_levels_give_about_25_starts(void)
{
    const char *const ids[] = {"chinchilla", "kaplan_nd", "power_tokens"};
    for (size_t i = 0; i < 3; i++) {
        const struct law *law = law_find(ids[i]);
        CU_ASSERT_EQUAL(start_count(law, multistart_levels(law)), 25);
    }
}

static void test_multistart_all_starts_agree_on_well_designed_runs(void)
{
    struct objective *o = NULL;
    struct status_why why;
    struct fit_start starts[25];
    size_t best = 99;
    double runner_up = 0.0;
    const struct fit_options options = observations_options("chinchilla");
    observations_simulate("chinchilla", planted, 9, 0.01, 23, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    HARNESS_ASSERT_OK(multistart_run(harness_comm(), o, starts, &best, &why));
    CU_ASSERT_TRUE(best < 25);
    CU_ASSERT_EQUAL(multistart_agreement(starts, 25, best, &runner_up), 25);
    CU_ASSERT_TRUE(isnan(runner_up));
    for (size_t i = 0; i < 25; i++) {
        CU_ASSERT_TRUE(starts[i].objective >= starts[best].objective);
        CU_ASSERT_TRUE(starts[i].n_evaluations > 0);
        HARNESS_ASSERT_REL(starts[i].theta[3], starts[best].theta[3], 1e-6);
        CU_ASSERT_DOUBLE_EQUAL(starts[i].start[3], 0.18 + 0.16 * (double)(i % 5), 1e-14);
    }
    objective_destroy(o);
}

static void test_multistart_agreement_names_the_runner_up(void)
{
    struct fit_start starts[5] = {{.objective = 2.0},
                                  {.objective = 1.0},
                                  {.objective = 1.0 + 1e-10},
                                  {.objective = 1.5},
                                  {.objective = 0.5, .reason = FIT_DIVERGED}};
    double runner_up = 0.0;
    CU_ASSERT_EQUAL(multistart_agreement(starts, 5, 1, &runner_up), 2);
    CU_ASSERT_EQUAL(runner_up, 1.5);
}

/* Two ends with a barrier between them: its height is what a scan of the segment finds. */
static void test_multistart_ridge_is_the_highest_point_of_the_way_to_the_runner_up(void)
{
    struct objective *o = NULL;
    struct status_why why;
    struct fit_start starts[3] = {{.objective = 0.0}};
    const double ends[3][5] = {{1.723, 387.1, 1219.4, 0.3371, 0.3493},
                               {1.9, 700.0, 4000.0, 0.37, 0.41},
                               {1.2, 90.0, 300.0, 0.25, 0.27}};
    const struct fit_options options = observations_options("chinchilla");
    observations_simulate("chinchilla", planted, 9, 0.01, 23, &runs);
    const struct fit_data data = observations_data(&runs, options.law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, &options, &o, &why));
    double z[3][LAW_MAX_PARAMETERS];
    for (size_t k = 0; k < 3; k++) {
        law_transform(o->law, ends[k], starts[k].theta);
        objective_centre(o, starts[k].theta, z[k]);
        starts[k].objective = objective_value(o, z[k]);
    }
    CU_ASSERT_TRUE(starts[0].objective < starts[1].objective);
    const size_t second = starts[1].objective < starts[2].objective ? 1 : 2;
    double highest = starts[second].objective;
    for (size_t k = 0; k <= 1000; k++) {
        double at[LAW_MAX_PARAMETERS] = {0.0};
        for (size_t i = 0; i < 5; i++) {
            at[i] = z[0][i] + 1e-3 * (double)k * (z[second][i] - z[0][i]);
        }
        const double value = objective_value(o, at);
        highest = value > highest ? value : highest;
    }
    HARNESS_ASSERT_REL(multistart_ridge(o, starts, 3, 0), highest / starts[0].objective - 1.0,
                       1e-3);
    CU_ASSERT_TRUE(isnan(multistart_ridge(o, starts, 1, 0)));
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

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"levels", test_multistart_levels_give_about_25_starts},
        {"agree", test_multistart_all_starts_agree_on_well_designed_runs},
        {"runner-up", test_multistart_agreement_names_the_runner_up},
        {"ridge", test_multistart_ridge_is_the_highest_point_of_the_way_to_the_runner_up},
        {"improve", test_multistart_improve_keeps_what_it_cannot_better},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
