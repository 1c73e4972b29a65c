#include "search/bayes/propose.h"

#include "solver/base/vmath.h"
#include "tests/harness.h"
#include "tests/search/bayes/searches.h"

enum { MOST = 60 };

static struct status_why why;

static const double levels[] = {4.0, 8.0, 16.0, 32.0};
static const char *const names[] = {"red", "green", "blue"};

/* ZDT1 (Zitzler, Deb and Thiele 2000) of four variables. */
static void zdt1(const double x[], struct propose_result *r)
{
    const double g = 1.0 + 3.0 * (x[1] + x[2] + x[3]);
    r->objectives[0] = x[0];
    r->objectives[1] = g * (1.0 - sqrt(x[0] / g));
}

static struct propose_problem make_zdt1(uint64_t seed)
{
    struct propose_problem problem = {
        .n_variables = 4,
        .n_objectives = 2,
        .objectives = {{.ideal = 0.0, .reference = 1.1}, {.ideal = 0.0, .reference = 1.1}},
        .seed = seed,
        .n_initial = 10,
        .lag = 4,
    };
    for (size_t i = 0; i < problem.n_variables; i++) {
        problem.variables[i] = searches_continuous(0.0, 1.0);
    }
    return problem;
}

/* Every kind of variable; green and 16 are best. */
static void mixed(const double x[], struct propose_result *r)
{
    static const double penalty[] = {0.4, 0.0, 0.9};
    const double rest = penalty[(size_t)x[2]] + fabs(log2(x[1]) - 4.0);
    r->objectives[0] = x[0] + rest;
    r->objectives[1] = (1.0 - x[0]) * (1.0 - x[0]) + rest + log10(x[3]);
    r->limits[0] = x[0];
}

static struct propose_problem make_mixed(void)
{
    struct propose_problem problem = {
        .n_variables = 4,
        .variables = {searches_continuous(0.0, 1.0), searches_ordinal(4, levels),
                      searches_categorical(3, names), searches_continuous(1.0, 100.0)},
        .n_objectives = 2,
        .objectives = {{.ideal = NAN, .reference = NAN}, {.ideal = NAN, .reference = NAN}},
        .seed = 2,
        .n_initial = 8,
        .lag = 3,
    };
    problem.variables[3].is_log = true;
    return problem;
}

static double share(const struct propose_problem *problem, size_t n,
                    const struct propose_result r[])
{
    double value = NAN;
    HARNESS_ASSERT_OK(propose_hypervolume(problem, n, r, &value, &why));
    return value;
}

static void check_no_repeats(const struct propose_problem *problem, size_t n,
                             const struct propose_result r[])
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            CU_ASSERT(memcmp(r[i].u, r[k].u, problem->n_variables * sizeof *r->u) != 0);
        }
    }
}

static void test_propose_finds_the_front_of_a_small_problem(void)
{
    /* 1.21 - 1/3 of 1.21 is the whole; Sobol points alone reach about a tenth of it. */
    const double best = (1.21 - 1.0 / 3.0) / 1.21;
    const struct propose_problem problem = make_zdt1(1);
    struct propose_state state = {0};
    struct propose_result r[MOST] = {0};
    HARNESS_ASSERT_OK(searches_run(&problem, zdt1, 0, 32, &state, r, &why));
    CU_ASSERT(share(&problem, 10, r) < 0.5 * best);
    CU_ASSERT(share(&problem, 32, r) > 0.93 * best);
    CU_ASSERT(share(&problem, 32, r) < best);
    check_no_repeats(&problem, 32, r);
}

static void test_propose_is_a_function_of_its_arguments(void)
{
    enum { BEGIN = 12, END = 16 };
    const struct propose_problem problem = make_mixed();
    struct propose_result r[END], again[END];
    const enum vmath_level before = vmath_level();
    for (enum vmath_level level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        struct propose_state state = {0}, resumed;
        if (!vmath_force(level)) {
            continue;
        }
        HARNESS_ASSERT_OK(searches_run(&problem, mixed, 0, BEGIN, &state, again, &why));
        resumed = state;
        HARNESS_ASSERT_OK(searches_run(&problem, mixed, BEGIN, END, &state, again, &why));
        /* From the middle on, as after a restart. */
        HARNESS_ASSERT_OK(searches_run(&problem, mixed, BEGIN, END, &resumed, again, &why));
        CU_ASSERT(memcmp(&state, &resumed, sizeof state) == 0);
        for (size_t i = 0; i < END; i++) {
            r[i] = level == VMATH_V2 ? again[i] : r[i];
            CU_ASSERT(memcmp(r[i].u, again[i].u, 4 * sizeof *r[i].u) == 0);
        }
    }
    CU_ASSERT(vmath_force(before));
}

static void test_propose_differs_by_seed(void)
{
    const struct propose_problem one = make_zdt1(1), two = make_zdt1(2);
    struct propose_state state = {0};
    double a[4], b[4];
    HARNESS_ASSERT_OK(propose_design(&one, 0, 0, NULL, 0, NULL, &state, a, &why));
    HARNESS_ASSERT_OK(propose_design(&two, 0, 0, NULL, 0, NULL, &state, b, &why));
    CU_ASSERT(memcmp(a, b, sizeof a) != 0);
}

static void test_propose_handles_every_kind_of_variable(void)
{
    const struct propose_problem problem = make_mixed();
    struct propose_state state = {0};
    struct propose_result r[MOST] = {0};
    size_t n_best = 0;
    HARNESS_ASSERT_OK(searches_run(&problem, mixed, 0, 40, &state, r, &why));
    check_no_repeats(&problem, 40, r);
    for (size_t i = 0; i < 40; i++) {
        double u[4];
        memcpy(u, r[i].u, sizeof u);
        variable_snap(4, problem.variables, u);
        CU_ASSERT(memcmp(u, r[i].u, sizeof u) == 0);
        n_best += i >= 20 && variable_level(&problem.variables[1], u[1]) == 2
                  && variable_level(&problem.variables[2], u[2]) == 1;
    }
    CU_ASSERT(n_best >= 10); /* of twenty; a twelfth of all designs */
}

/* A thin band. */
static bool is_in_band(const void *context, const double values[])
{
    const double *width = context;
    return fabs(values[0] - values[1]) < *width;
}

static void test_propose_never_makes_a_design_that_is_not_allowed(void)
{
    static const double width = 0.02;
    struct propose_problem problem = make_zdt1(3);
    struct propose_state state = {0};
    struct propose_result r[MOST] = {0};
    problem.is_allowed = is_in_band;
    problem.context = &width;
    HARNESS_ASSERT_OK(searches_run(&problem, zdt1, 0, 25, &state, r, &why));
    for (size_t i = 0; i < 25; i++) {
        CU_ASSERT(is_in_band(&width, r[i].u));
    }
    check_no_repeats(&problem, 25, r);
}

static void test_propose_ends_when_all_designs_were_made(void)
{
    struct propose_problem problem = {
        .n_variables = 2,
        .variables = {searches_ordinal(4, levels), searches_categorical(3, names)},
        .n_objectives = 1,
        .objectives = {{.ideal = NAN, .reference = NAN}},
        .seed = 2,
        .n_initial = 4,
        .lag = 2,
    };
    struct propose_state state = {0};
    struct propose_result r[MOST] = {0};
    for (size_t i = 0; i < 12; i++) {
        HARNESS_ASSERT_OK(propose_design(&problem, i, i, r, 0, NULL, &state, r[i].u, &why));
        r[i].objectives[0] = r[i].u[0] - 0.5 * r[i].u[1];
    }
    check_no_repeats(&problem, 12, r);
    HARNESS_ASSERT_FAILS(propose_design(&problem, 12, 12, r, 0, NULL, &state, r[12].u, &why),
                         STATUS_NO, "all allowed designs have been evaluated");
    /* Noisy ones may be looked at again. */
    problem.objectives[0].noise_sd = 0.1;
    HARNESS_ASSERT_OK(propose_design(&problem, 12, 12, r, 0, NULL, &state, r[12].u, &why));
}

/* Nothing works. */
static void fail(const double x[], struct propose_result *r)
{
    (void)x;
    r->outcome = PROPOSE_FAILED;
}

/* Works in one corner. */
static void fail_mostly(const double x[], struct propose_result *r)
{
    zdt1(x, r);
    r->outcome = x[0] < 0.4 && x[1] < 0.6 ? PROPOSE_DONE : PROPOSE_FAILED;
}

static void test_propose_goes_on_through_failures(void)
{
    const struct propose_problem problem = make_zdt1(4);
    struct propose_state state = {0};
    struct propose_result r[MOST] = {0};
    HARNESS_ASSERT_OK(searches_run(&problem, fail, 0, 30, &state, r, &why));
    check_no_repeats(&problem, 30, r);
    CU_ASSERT_EQUAL(share(&problem, 30, r), 0.0);
    memset(&state, 0, sizeof state);
    HARNESS_ASSERT_OK(searches_run(&problem, fail_mostly, 0, 50, &state, r, &why));
    size_t n_done = 0;
    for (size_t i = 20; i < 50; i++) {
        n_done += r[i].outcome == PROPOSE_DONE;
    }
    CU_ASSERT(n_done >= 15); /* a quarter of the space would give seven */
}

static void same(const double x[], struct propose_result *r)
{
    (void)x;
    r->objectives[0] = 2.385;
    r->objectives[1] = -1.7e5;
}

static void test_propose_survives_constant_objectives(void)
{
    struct propose_problem problem = make_zdt1(5);
    struct propose_state state = {0};
    struct propose_result r[MOST] = {0};
    for (size_t j = 0; j < 2; j++) {
        problem.objectives[j].ideal = problem.objectives[j].reference = NAN;
    }
    HARNESS_ASSERT_OK(searches_run(&problem, same, 0, 25, &state, r, &why));
    check_no_repeats(&problem, 25, r);
}

static void test_propose_begins_with_sobol_points_unless_results_are_given(void)
{
    const struct propose_problem problem = make_zdt1(6);
    struct propose_state state = {0};
    struct propose_result r[MOST] = {0};
    double u[4];
    /* Designs below n_initial do not depend on values; nothing is learnt. */
    HARNESS_ASSERT_OK(searches_run(&problem, zdt1, 0, 10, &state, r, &why));
    CU_ASSERT_EQUAL(state.n_learnt, 0);
    for (size_t i = 0; i < 9; i++) {
        struct propose_result *other = &r[10 + i];
        memcpy(other->u, r[i].u, sizeof r[i].u);
        searches_evaluate(&problem, same, i, other);
    }
    HARNESS_ASSERT_OK(propose_design(&problem, 9, 9, r + 10, 0, NULL, &state, u, &why));
    CU_ASSERT(memcmp(u, r[9].u, sizeof u) == 0);
    /* Ten imported results: the first design is already made by a model. */
    HARNESS_ASSERT_OK(propose_design(&problem, 0, 10, r, 0, NULL, &state, u, &why));
    CU_ASSERT_EQUAL(state.n_learnt, 10);
}

static void test_propose_finds_the_least_of_one_objective(void)
{
    struct propose_problem problem = make_zdt1(7);
    struct propose_state state = {0};
    struct propose_result r[MOST] = {0};
    double least = (double)INFINITY;
    problem.n_objectives = 1; /* x[0], maximised: the corner */
    problem.objectives[0] =
        (struct propose_objective){.maximise = true, .ideal = NAN, .reference = NAN};
    HARNESS_ASSERT_OK(searches_run(&problem, zdt1, 0, 20, &state, r, &why));
    for (size_t i = 0; i < 20; i++) {
        least = fmin(least, 1.0 - r[i].objectives[0]);
    }
    CU_ASSERT(least < 1e-3);
}

static void test_propose_hypervolume_counts_feasible_results_inside_the_box(void)
{
    struct propose_problem problem = make_zdt1(8);
    const struct propose_result r[] = {
        {.outcome = PROPOSE_DONE, .objectives = {0.6, 0.5}, .limits = {1.0}},
        {.outcome = PROPOSE_DONE, .objectives = {0.2, -0.3}, .limits = {5.0}}, /* outside */
        {.outcome = PROPOSE_FAILED, .objectives = {0.0, 0.0}, .limits = {1.0}},
        {.outcome = PROPOSE_DONE, .objectives = {0.9, -0.7}, .limits = {2.0}},
    };
    problem.n_limits = 1;
    problem.limits[0] = (struct propose_limit){.lower = 1.0, .upper = 3.0};
    /* The last is better than the ideal in its second objective, which counts to the ideal. */
    HARNESS_ASSERT_REL(share(&problem, 4, r), (0.5 * 0.6 + 0.2 * 0.5) / 1.21, 1e-14);
    CU_ASSERT_EQUAL(share(&problem, 0, r), 0.0);
    /* Six objectives are sampled. */
    problem.n_objectives = 6;
    problem.n_limits = 0;
    struct propose_result six = {.outcome = PROPOSE_DONE};
    for (size_t j = 0; j < 6; j++) {
        problem.objectives[j] = (struct propose_objective){.ideal = 0.0, .reference = 2.0};
        six.objectives[j] = 0.1 * (double)(j + 1);
    }
    const double exact = 1.9 * 1.8 * 1.7 * 1.6 * 1.5 * 1.4 / 64.0;
    CU_ASSERT_DOUBLE_EQUAL(share(&problem, 1, &six), exact, 0.0065); /* four standard errors */
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"small problem", test_propose_finds_the_front_of_a_small_problem},
        {"function of its arguments", test_propose_is_a_function_of_its_arguments},
        {"differs by seed", test_propose_differs_by_seed},
        {"every kind of variable", test_propose_handles_every_kind_of_variable},
        {"allowed", test_propose_never_makes_a_design_that_is_not_allowed},
        {"all designs made", test_propose_ends_when_all_designs_were_made},
        {"failures", test_propose_goes_on_through_failures},
        {"constant objectives", test_propose_survives_constant_objectives},
        {"beginning", test_propose_begins_with_sobol_points_unless_results_are_given},
        {"one objective", test_propose_finds_the_least_of_one_objective},
        {"hypervolume", test_propose_hypervolume_counts_feasible_results_inside_the_box},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
