#include "fitting/approach/envelope.h"

#include <string.h>

#include "tests/fitting/observations.h"

static struct status_why why;
static struct observations runs;

static struct envelope approach(size_t n_levels, double target_compute_flop)
{
    const struct isoflop_data data = {
        .n = runs.n,
        .log_size = {runs.log_x[OBSERVED_PARAMS], runs.log_x[OBSERVED_TOKENS]},
        .log_compute = runs.log_x[OBSERVED_COMPUTE],
        .loss_nat = runs.loss_nat};
    struct envelope made;
    HARNESS_ASSERT_OK(envelope_run(
        &data,
        &(struct envelope_options){
            .n_levels = n_levels, .confidence = 0.9, .target_compute_flop = target_compute_flop},
        &made, &why));
    return made;
}

/* Training curves of many sizes of the law E = 1.7, A = 400, B = 410 and both exponents .34, so
 * that the best size is (C A / 6 B)^(1/2) nearly: a = .5. Each curve is dense in tokens. */
static void make_curves(size_t n_sizes)
{
    runs.n = 0;
    for (size_t s = 0; s < n_sizes; s++) {
        const double params = 3e7 * exp(5.5 * (double)s / (double)(n_sizes - 1));
        for (size_t i = 0; i < 60; i++) {
            const double tokens = 2e8 * exp(7.5 * (double)i / 59.0);
            const double loss = 1.7 + 400.0 * pow(params, -0.34) + 410.0 * pow(tokens, -0.34);
            observations_add(&runs, params, tokens, loss);
        }
    }
}

static void test_envelope_of_training_curves_finds_the_best_size(void)
{
    make_curves(33);
    struct envelope e = approach(0, 1e22);
    const double best = pow(400.0 / 410.0, 1.0 / 0.68) * sqrt(1e22 / 6.0);
    CU_ASSERT_EQUAL(e.n_levels, ENVELOPE_LEVELS);
    CU_ASSERT_EQUAL(e.laws[ISOFLOP_PARAMS].verdict, LINE_FITTED);
    CU_ASSERT_DOUBLE_EQUAL(e.laws[ISOFLOP_PARAMS].exponent.value, 0.5, 0.01);
    CU_ASSERT_DOUBLE_EQUAL(e.laws[ISOFLOP_TOKENS].exponent.value, 0.5, 0.01);
    HARNESS_ASSERT_REL(e.laws[ISOFLOP_PARAMS].optimum.value, best, 0.06);
    CU_ASSERT_TRUE(e.laws[ISOFLOP_PARAMS].optimum.lower < best
                   && best < e.laws[ISOFLOP_PARAMS].optimum.upper);
    CU_ASSERT_TRUE(e.n_winners > 15 && e.n_winners < 33);
    /* The best of each level is the size next to the true best, in steps of exp(5.5 / 32). */
    for (size_t i = 0; i < e.n_levels; i++) {
        const struct envelope_level *l = &e.levels[i];
        const double truth = log(400.0 / 410.0) / 0.68 + 0.5 * (l->log_compute - log(6.0));
        CU_ASSERT_TRUE(l->verdict != ENVELOPE_KEPT
                       || fabs(l->log_size[ISOFLOP_PARAMS] - truth) < 0.6 * 5.5 / 32.0);
        /* Along a curve tokens are compute / (6 params), between its rows too. */
        CU_ASSERT_TRUE(l->verdict != ENVELOPE_KEPT
                       || fabs(l->log_size[ISOFLOP_PARAMS] + l->log_size[ISOFLOP_TOKENS] + log(6.0)
                               - l->log_compute)
                              < 1e-9);
    }
    envelope_clear(&e);
}

/* Where the best would be smaller or larger than all sizes tried, the level is refused. */
static void test_envelope_refuses_the_edges(void)
{
    make_curves(9);
    struct envelope e = approach(200, 0.0);
    CU_ASSERT_TRUE(e.counts[ENVELOPE_EDGE] > 0);
    CU_ASSERT_TRUE(e.counts[ENVELOPE_TOO_FEW] > 0);
    CU_ASSERT_EQUAL(e.levels[0].verdict, ENVELOPE_TOO_FEW);
    CU_ASSERT_EQUAL(e.levels[199].verdict, ENVELOPE_TOO_FEW);
    for (size_t i = 0; i < e.n_levels; i++) {
        const struct envelope_level *l = &e.levels[i];
        CU_ASSERT_TRUE(l->verdict != ENVELOPE_KEPT
                       || (l->log_size[ISOFLOP_PARAMS] > log(3.1e7)
                           && l->log_size[ISOFLOP_PARAMS] < log(2.9e7) + 5.5));
    }
    size_t sum = 0;
    for (int v = 0; v < ENVELOPE_N_VERDICTS; v++) {
        sum += e.counts[v];
        CU_ASSERT_TRUE(strlen(envelope_verdict_text((enum envelope_verdict)v)) > 0);
    }
    CU_ASSERT_EQUAL(sum, e.n_levels);
    envelope_clear(&e);
}

/* Final points at separate budgets: the best of each, nothing between them. */
static void test_envelope_of_final_points_takes_the_best_of_each_budget(void)
{
    runs.n = 0;
    for (size_t b = 0; b < 4; b++) {
        const double compute = 3e19 * pow(4.0, (double)b), best = 0.31 * pow(compute, 0.487);
        for (size_t i = 0; i < 5; i++) {
            const double x = -1.0 + 0.5 * (double)i;
            const double params = best * exp(x);
            observations_add(&runs, params, compute / (6.0 * params),
                             2.9 - 0.1 * (double)b + 0.03 * x * x);
        }
    }
    struct envelope e = approach(601, 7.7e23);
    CU_ASSERT_EQUAL(e.n_winners, 4);
    /* Steps of ln 64 / 600: 7 of them lie within .05 of a budget on either side of it. */
    CU_ASSERT_EQUAL(e.counts[ENVELOPE_KEPT], 8 + 15 + 15 + 8);
    CU_ASSERT_EQUAL(e.counts[ENVELOPE_EMPTY], 601 - 46);
    CU_ASSERT_DOUBLE_EQUAL(e.laws[ISOFLOP_PARAMS].exponent.value, 0.487, 0.005);
    HARNESS_ASSERT_REL(e.laws[ISOFLOP_PARAMS].optimum.value, 0.31 * pow(7.7e23, 0.487), 0.05);
    envelope_clear(&e);
}

/* Two budgets: at one the smallest of five sizes is best, at the other the largest. */
static void test_envelope_refuses_either_edge(void)
{
    runs.n = 0;
    for (size_t b = 0; b < 2; b++) {
        const double compute = b == 0 ? 3e19 : 4e20;
        for (size_t i = 0; i < 5; i++) {
            const double params = 1e8 * exp(0.4 * (double)i + 0.1 * (double)b);
            const double rise = b == 0 ? 0.1 * (double)i : -0.1 * (double)i;
            observations_add(&runs, params, compute / (6.0 * params), 2.9 - 0.1 * (double)b + rise);
        }
    }
    struct envelope e = approach(2, 0.0);
    CU_ASSERT_EQUAL(e.counts[ENVELOPE_EDGE], 2);
    CU_ASSERT_EQUAL(e.laws[ISOFLOP_PARAMS].verdict, LINE_TOO_FEW);
    envelope_clear(&e);
}

/* A budget whose best is no better than a smaller one's adds nothing. */
static void test_envelope_refuses_what_less_compute_has_reached(void)
{
    runs.n = 0;
    for (size_t b = 0; b < 3; b++) {
        const double compute = 3e19 * pow(4.0, (double)b);
        for (size_t i = 0; i < 5; i++) {
            const double x = -1.0 + 0.5 * (double)i;
            const double params = 0.31 * pow(compute, 0.487) * exp(x);
            observations_add(&runs, params, compute / (6.0 * params),
                             (b == 2 ? 3.1 : 2.9 - 0.1 * (double)b) + 0.03 * x * x);
        }
    }
    struct envelope e = approach(301, 0.0);
    CU_ASSERT_TRUE(e.counts[ENVELOPE_ABOVE] > 0);
    CU_ASSERT_EQUAL(e.n_winners, 2);
    CU_ASSERT_EQUAL(e.laws[ISOFLOP_PARAMS].verdict, LINE_EXACT);
    CU_ASSERT_TRUE(isnan(e.laws[ISOFLOP_PARAMS].exponent.lower));
    CU_ASSERT_TRUE(e.options.target_compute_flop < 1.3e20);
    envelope_clear(&e);
}

/* Worse runs beside the best, at the same size and compute, change nothing. */
static void test_envelope_takes_the_best_of_equal_runs(void)
{
    make_curves(9);
    struct envelope alone = approach(300, 1e22);
    const size_t n = runs.n;
    for (size_t i = 0; i < n; i += 3) {
        observations_add(&runs, exp(runs.log_x[OBSERVED_PARAMS][i]), 1.0, runs.loss_nat[i] + 0.2);
        for (size_t x = 0; x < OBSERVED_N; x++) {
            runs.log_x[x][runs.n - 1] = runs.log_x[x][i];
        }
    }
    struct envelope beside = approach(300, 1e22);
    HARNESS_ASSERT_REL(beside.laws[ISOFLOP_PARAMS].exponent.value,
                       alone.laws[ISOFLOP_PARAMS].exponent.value, 1e-14);
    envelope_clear(&alone);
    envelope_clear(&beside);
}

static void test_envelope_of_one_run_refuses_all(void)
{
    runs.n = 0;
    observations_add(&runs, 3e8, 6e9, 2.9);
    struct envelope e = approach(10, 0.0);
    CU_ASSERT_EQUAL(e.counts[ENVELOPE_TOO_FEW], 10);
    CU_ASSERT_EQUAL(e.laws[ISOFLOP_PARAMS].verdict, LINE_TOO_FEW);
    CU_ASSERT_TRUE(isnan(e.laws[ISOFLOP_PARAMS].optimum.value));
    envelope_clear(&e);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"training_curves", test_envelope_of_training_curves_finds_the_best_size},
        {"edges", test_envelope_refuses_the_edges},
        {"either_edge", test_envelope_refuses_either_edge},
        {"final_points", test_envelope_of_final_points_takes_the_best_of_each_budget},
        {"less_compute", test_envelope_refuses_what_less_compute_has_reached},
        {"equal_runs", test_envelope_takes_the_best_of_equal_runs},
        {"one_run", test_envelope_of_one_run_refuses_all},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
