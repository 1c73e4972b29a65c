#include "search/bayes/belief.h"

#include "search/bayes/ehvi.h"
#include "search/bayes/normal.h"
#include "solver/base/rng.h"
#include "tests/harness.h"
#include "tests/search/bayes/searches.h"

enum { N = 24, N_TESTS = 40 };

static struct status_why why;

/* Two objectives in conflict along x, and one limit that x + y must keep. */
static void smooth(const double x[], struct propose_result *r)
{
    r->objectives[0] = x[0] * x[0] + 0.3 * x[1];
    r->objectives[1] = (1.0 - x[0]) * (1.0 - x[0]) + 0.4 * x[1] * x[1];
    r->limits[0] = x[0] + x[1];
}

static struct propose_problem make_problem(void)
{
    return (struct propose_problem){
        .n_variables = 2,
        .variables = {searches_continuous(0.0, 1.0), searches_continuous(0.0, 1.0)},
        .n_objectives = 2,
        .objectives = {{.ideal = 0.0, .reference = 1.3}, {.ideal = 0.0, .reference = 1.4}},
        .seed = 3,
        .n_initial = 5,
        .lag = 4,
    };
}

static void draw_designs(size_t n, uint64_t stream, double u[])
{
    struct rng r;
    rng_init(&r, 21, RNG_TEST, stream);
    for (size_t i = 0; i < 2 * n; i++) {
        u[i] = rng_uniform(&r);
    }
}

static void evaluate(const struct propose_problem *problem, size_t n, struct propose_result r[])
{
    double u[2 * N];
    draw_designs(n, 0, u);
    for (size_t i = 0; i < n; i++) {
        memcpy(r[i].u, u + 2 * i, 2 * sizeof *u);
        searches_evaluate(problem, smooth, i, &r[i]);
    }
}

static struct belief *believe(const struct propose_problem *problem,
                              const struct propose_result r[], size_t n_pending,
                              const double pending[], struct propose_state *state)
{
    struct belief *b = NULL;
    HARNESS_ASSERT_OK(belief_create(problem, N, N, r, n_pending, pending, state, &b, &why));
    return b;
}

/* The process of one outcome of the results, by the module's own hyper-parameters. */
static struct gp *process(const struct propose_problem *problem, size_t n, const double u[],
                          const double y[], const struct gp_hyper *hyper)
{
    const struct gp_data data = {
        .n_variables = 2, .variables = problem->variables, .n = n, .u = u, .y = y};
    struct gp *gp = NULL;
    HARNESS_ASSERT_OK(gp_create(&data, hyper, &gp, &why));
    return gp;
}

static void test_belief_value_is_improvement_and_feasibility(void)
{
    struct propose_problem problem = make_problem();
    struct propose_state state = {0};
    struct propose_result r[N] = {0};
    double u[2 * N], y[3][N], at[2 * N_TESTS], mean[3][N_TESTS], sd[3][N_TESTS];
    double front[2 * N], value[N_TESTS];
    size_t n_front = 0;
    problem.n_limits = 1;
    problem.limits[0] = (struct propose_limit){.lower = 0.4, .upper = 1.1};
    evaluate(&problem, N, r);
    struct belief *b = believe(&problem, r, 0, NULL, &state);
    for (size_t i = 0; i < N; i++) {
        memcpy(u + 2 * i, r[i].u, 2 * sizeof *u);
        y[0][i] = r[i].objectives[0];
        y[1][i] = r[i].objectives[1];
        y[2][i] = r[i].limits[0];
        if (y[2][i] >= 0.4 && y[2][i] <= 1.1) {
            front[2 * n_front] = y[0][i];
            front[2 * n_front++ + 1] = y[1][i];
        }
    }
    draw_designs(N_TESTS, 1, at);
    for (size_t k = 0; k < 3; k++) {
        struct gp *gp = process(&problem, N, u, y[k], &state.hyper[k]);
        HARNESS_ASSERT_OK(gp_predict(gp, N_TESTS, at, mean[k], sd[k], &why));
        gp_destroy(gp);
    }
    const double reference[] = {1.3, 1.4};
    struct ehvi *e = NULL;
    HARNESS_ASSERT_OK(ehvi_create(2, n_front, front, reference, &e, &why));
    HARNESS_ASSERT_OK(belief_value(b, N_TESTS, at, value, &why));
    for (size_t i = 0; i < N_TESTS; i++) {
        const double m[] = {mean[0][i], mean[1][i]}, s[] = {sd[0][i], sd[1][i]};
        const double low = (0.4 - mean[2][i]) / sd[2][i], high = (1.1 - mean[2][i]) / sd[2][i];
        double expected, feasible;
        HARNESS_ASSERT_OK(ehvi_log(e, 1, m, s, &expected, &why));
        normal_log_between(1, &low, &high, &feasible);
        HARNESS_ASSERT_REL(value[i], expected + feasible, 1e-12);
    }
    ehvi_destroy(e);
    belief_destroy(b);
}

static void test_belief_learns_always_then_each_lag_then_seldom(void)
{
    enum { LARGE = 530 };
    static const size_t learnt[][3] = {/* learnt before, results, learnt after */
                                       {0, 20, 20},     {20, 21, 21},    {99, 100, 100},
                                       {100, 103, 100}, {100, 104, 104}, {496, 499, 496},
                                       {500, 519, 500}, {500, 520, 520}};
    struct propose_problem problem = make_problem();
    static struct propose_result r[LARGE];
    problem.n_objectives = 1;
    for (size_t i = 0; i < LARGE; i++) {
        /* All at one place, where there is nothing to learn: the fast way. */
        r[i] = (struct propose_result){.outcome = PROPOSE_DONE, .u = {0.5, 0.5}};
    }
    for (size_t k = 0; k < sizeof learnt / sizeof *learnt; k++) {
        struct propose_state state = {.n_learnt = learnt[k][0]}, before;
        state.hyper[0] = gp_default(2);
        before = state;
        struct belief *b = NULL;
        HARNESS_ASSERT_OK(belief_create(&problem, 0, learnt[k][1], r, 0, NULL, &state, &b, &why));
        CU_ASSERT_EQUAL(state.n_learnt, learnt[k][2]);
        CU_ASSERT(learnt[k][0] != learnt[k][2] || memcmp(&state, &before, sizeof state) == 0);
        belief_destroy(b);
    }
}

static void test_belief_in_designs_under_way_takes_their_worth(void)
{
    const struct propose_problem problem = make_problem();
    struct propose_state state = {0};
    struct propose_result r[N] = {0};
    evaluate(&problem, N, r);
    const double where[] = {0.45, 0.02}, near[] = {0.46, 0.02};
    double before, after, remote[2], far[] = {0.98, 0.01};
    struct belief *b = believe(&problem, r, 0, NULL, &state);
    HARNESS_ASSERT_OK(belief_value(b, 1, near, &before, &why));
    HARNESS_ASSERT_OK(belief_value(b, 1, far, &remote[0], &why));
    belief_destroy(b);
    b = believe(&problem, r, 1, where, &state);
    HARNESS_ASSERT_OK(belief_value(b, 1, near, &after, &why));
    HARNESS_ASSERT_OK(belief_value(b, 1, far, &remote[1], &why));
    CU_ASSERT(after < before - 1.0);
    CU_ASSERT_DOUBLE_EQUAL(remote[0], remote[1], 0.5);
    belief_destroy(b);
}

static void test_belief_avoids_where_evaluations_fail(void)
{
    const struct propose_problem problem = make_problem();
    struct propose_state state = {0};
    struct propose_result r[N] = {0};
    evaluate(&problem, N, r);
    for (size_t i = 0; i < N; i++) {
        if (r[i].u[0] > 0.5) {
            r[i].outcome = PROPOSE_FAILED;
            r[i].objectives[0] = NAN;
        }
    }
    struct belief *b = believe(&problem, r, 0, NULL, &state);
    const double *parents;
    const size_t n = belief_parents(b, &parents);
    for (size_t i = 0; i < n; i++) {
        CU_ASSERT(parents[2 * i] <= 0.5);
    }
    /* Without knowledge of failures the second objective would be best at 1. */
    const double u[] = {0.45, 0.05, 0.95, 0.05};
    double value[2];
    HARNESS_ASSERT_OK(belief_value(b, 2, u, value, &why));
    CU_ASSERT(value[0] > value[1]);
    CU_ASSERT(state.hyper[2].log_nugget < 0.0);
    belief_destroy(b);
}

static void test_belief_seeks_what_is_feasible_while_nothing_is(void)
{
    struct propose_problem problem = make_problem();
    struct propose_state state = {0};
    struct propose_result r[N] = {0};
    problem.n_limits = 1;
    problem.limits[0] = (struct propose_limit){.lower = 1.97, .upper = (double)INFINITY};
    evaluate(&problem, N, r);
    struct belief *b = believe(&problem, r, 0, NULL, &state);
    const double *parents;
    const double u[] = {0.99, 0.995, 0.5, 0.5, 0.1, 0.1};
    double value[3];
    CU_ASSERT_EQUAL(belief_parents(b, &parents), 10);
    CU_ASSERT(parents[0] + parents[1] > 1.4);
    HARNESS_ASSERT_OK(belief_value(b, 3, u, value, &why));
    CU_ASSERT(value[0] > fmax(value[1], value[2]));
    CU_ASSERT(value[0] > -3.0 && value[0] <= 0.0);
    belief_destroy(b);
}

static void test_belief_lets_no_lucky_draw_rule(void)
{
    struct propose_problem problem = make_problem();
    struct propose_result r[N] = {0};
    evaluate(&problem, N, r);
    /* One evaluation in the middle that beats all others in both objectives. */
    r[7].u[0] = r[7].u[1] = 0.5;
    r[7].objectives[0] = r[7].objectives[1] = -0.9;
    for (int noisy = 0; noisy < 2; noisy++) {
        struct propose_state state = {0};
        const double *parents;
        for (size_t j = 0; j < 2; j++) {
            problem.objectives[j].ideal = -1.0;
            state.hyper[j] = gp_default(2);
            state.hyper[j].log_nugget = noisy ? -3.0 : -13.0;
        }
        state.n_learnt = N; /* nothing to be learnt */
        struct belief *b = believe(&problem, r, 0, NULL, &state);
        CU_ASSERT(noisy ? belief_parents(b, &parents) > 1 : belief_parents(b, &parents) == 1);
        belief_destroy(b);
    }
}

static void test_belief_takes_more_objectives_than_boxes_can(void)
{
    struct propose_problem problem = make_problem();
    struct propose_state state = {0};
    struct propose_result r[N] = {0};
    double u[2 * N_TESTS], value[N_TESTS], other[N_TESTS];
    problem.n_objectives = 6;
    evaluate(&problem, N, r);
    for (size_t j = 2; j < 6; j++) {
        problem.objectives[j] = (struct propose_objective){.ideal = NAN, .reference = NAN};
        for (size_t i = 0; i < N; i++) {
            r[i].objectives[j] = fabs(r[i].u[0] - 0.2 * (double)j) + r[i].u[1];
        }
    }
    draw_designs(N_TESTS, 2, u);
    struct belief *b = believe(&problem, r, 0, NULL, &state);
    HARNESS_ASSERT_OK(belief_value(b, N_TESTS, u, value, &why));
    belief_destroy(b);
    HARNESS_ASSERT_OK(belief_create(&problem, N + 1, N, r, 0, NULL, &state, &b, &why));
    HARNESS_ASSERT_OK(belief_value(b, N_TESTS, u, other, &why));
    belief_destroy(b);
    size_t n_different = 0;
    for (size_t i = 0; i < N_TESTS; i++) {
        CU_ASSERT(isfinite(value[i]));
        n_different += value[i] != other[i];
    }
    CU_ASSERT_EQUAL(n_different, N_TESTS); /* each design has weights of its own */
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"improvement and feasibility", test_belief_value_is_improvement_and_feasibility},
        {"learns at its times", test_belief_learns_always_then_each_lag_then_seldom},
        {"designs under way", test_belief_in_designs_under_way_takes_their_worth},
        {"failures", test_belief_avoids_where_evaluations_fail},
        {"nothing feasible", test_belief_seeks_what_is_feasible_while_nothing_is},
        {"lucky draw", test_belief_lets_no_lucky_draw_rule},
        {"six objectives", test_belief_takes_more_objectives_than_boxes_can},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
