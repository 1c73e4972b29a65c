#include "fitting/minimise/general.h"

#include "fitting/minimise/local.h"
#include "fitting/minimise/start.h"
#include "tests/fitting/observations.h"

static struct observations runs;
static const double planted[] = {1.723, 387.1, 1219.4, 0.3371, 0.3493};

static struct objective *make(const struct fit_options *options)
{
    struct objective *o = NULL;
    struct status_why why;
    observations_simulate("chinchilla", planted, 9, 0.013, 23, &runs);
    const struct fit_data data = observations_data(&runs, options->law);
    status_clear(&why);
    HARNESS_ASSERT_OK(objective_create(&data, options, &o, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    return o;
}

/* Both solvers end at the same optimum of each objective, also where a bound or a tie holds. */
static void test_general_solvers_agree(void)
{
    static const enum fit_objective kinds[] = {FIT_HUBER, FIT_LAD, FIT_LEAST_SQUARES};
    for (size_t k = 0; k < 9; k++) {
        struct fit_options options = observations_options("chinchilla");
        options.objective = kinds[k % 3];
        if (k / 3 == 1) {
            options.parameters[0] =
                (struct fit_parameter_option){.bounded = true, .lower = 1.75, .upper = 3.0};
        } else if (k / 3 == 2) {
            options.parameters[4] = (struct fit_parameter_option){.tied = true, .tied_to = 3};
        }
        struct objective *o = make(&options);
        double z[2][LAW_MAX_PARAMETERS];
        struct general_end ends[2];
        for (size_t i = 0; i < 2; i++) {
            start_find(o, 5, 12, z[i]);
            general_minimise(o, i == 0 ? FIT_NEWTON : FIT_NLOPT, z[i], &ends[i]);
            CU_ASSERT_DOUBLE_EQUAL(objective_value(o, z[i]), ends[i].objective, 1e-15);
        }
        CU_ASSERT_EQUAL(ends[0].solver, FIT_NEWTON);
        CU_ASSERT_EQUAL(ends[1].solver, FIT_NLOPT);
        HARNESS_ASSERT_REL(ends[1].objective, ends[0].objective, 1e-9);
        CU_ASSERT_NOT_EQUAL(ends[1].reason, FIT_DIVERGED);
        CU_ASSERT_TRUE(k / 3 != 1 || exp(z[1][0]) >= 1.75 * (1.0 - 1e-12));
        CU_ASSERT_TRUE(k / 3 != 2 || z[1][3] == z[1][4]);
        objective_destroy(o);
    }
}

/* A law without second derivatives: Newton's method finds no step at all and stays where it
 * starts. */
static double (*right_value)(const struct law *law, const double theta[], const double x[],
                             double d_theta[], double d2_theta[], double d_x[]);

static double blind_value(const struct law *law, const double theta[], const double x[],
                          double d_theta[], double d2_theta[], double d_x[])
{
    const double value = right_value(law, theta, x, d_theta, d2_theta, d_x);
    for (size_t i = 0; d2_theta != NULL && i < law->n_parameters * law->n_parameters; i++) {
        d2_theta[i] = (double)NAN;
    }
    return value;
}

static void test_general_falls_back_where_newton_fails(void)
{
    const struct fit_options options = observations_options("chinchilla");
    struct objective *o = make(&options);
    double z[LAW_MAX_PARAMETERS], best[LAW_MAX_PARAMETERS], alone[LAW_MAX_PARAMETERS];
    struct general_end right, end;
    struct local_end newton;
    start_find(o, 5, 12, best);
    general_minimise(o, FIT_NEWTON, best, &right);
    CU_ASSERT_EQUAL(right.newton, FIT_CONVERGED);
    CU_ASSERT_EQUAL(right.solver, FIT_NEWTON);

    struct law blind = *o->law;
    right_value = blind.value;
    blind.value = blind_value;
    blind.block = NULL;
    o->law = &blind;
    o->has_kernel = false;
    start_find(o, 5, 12, z);
    memcpy(alone, z, sizeof alone);
    local_minimise(o, false, alone, &newton);
    CU_ASSERT_EQUAL(newton.reason, FIT_STALLED);
    CU_ASSERT_TRUE(newton.objective > 1.1 * right.objective);
    general_minimise(o, FIT_NEWTON, z, &end);
    CU_ASSERT_EQUAL(end.solver, FIT_NLOPT);
    CU_ASSERT_EQUAL(end.newton, FIT_STALLED);
    CU_ASSERT_NOT_EQUAL(end.reason, FIT_DIVERGED);
    HARNESS_ASSERT_REL(end.objective, right.objective, 1e-3);
    objective_destroy(o);
}

/* Where the law has no value there is nothing for either to begin from. */
static void test_general_says_where_there_is_no_value(void)
{
    const struct fit_options options = observations_options("chinchilla");
    struct objective *o = make(&options);
    double z[LAW_MAX_PARAMETERS];
    struct general_end end;
    start_find(o, 5, 12, z);
    o->target[3] = (double)NAN;
    for (size_t i = 0; i < 2; i++) {
        general_minimise(o, i == 0 ? FIT_NEWTON : FIT_NLOPT, z, &end);
        CU_ASSERT_EQUAL(end.reason, FIT_DIVERGED);
    }
    objective_destroy(o);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"agree", test_general_solvers_agree},
        {"fall back", test_general_falls_back_where_newton_fails},
        {"no value", test_general_says_where_there_is_no_value},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
