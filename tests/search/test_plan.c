/* ranks: 1 3 */
#include "search/plan.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "fitting/minimise/dense.h"
#include "fitting/uncertainty/inform.h"
#include "solver/base/rng.h"
#include "tests/harness.h"

enum { MOST = 441, MOST_P = 5, DRAWS = 3 };

/* A problem and the room for it. */
struct example {
    struct plan_problem p;
    double information[DRAWS * MOST_P * MOST_P], rows[DRAWS * MOST * MOST_P],
        target[DRAWS * MOST_P];
    double cost[MOST];
};

static struct example *example_of(size_t n_parameters, size_t n_candidates, size_t n_draws)
{
    static struct example e;
    memset(&e, 0, sizeof e);
    e.p = (struct plan_problem){.n_parameters = n_parameters,
                                .n_candidates = n_candidates,
                                .n_draws = n_draws,
                                .information = e.information,
                                .rows = e.rows,
                                .target = e.target,
                                .cost = e.cost,
                                .budget = (double)INFINITY,
                                .n_runs = 6,
                                .n_repeats = 1,
                                .worth = 0.1};
    return &e;
}

/* y = a + b x at 11 points of [-1, 1], each as often as one likes; next to nothing known before. */
static struct example *line_with(const double target[2])
{
    struct example *e = example_of(2, 11, 1);
    for (size_t j = 0; j < e->p.n_candidates; j++) {
        e->rows[2 * j] = 1.0;
        e->rows[2 * j + 1] = ((double)j - 5.0) / 5.0;
        e->cost[j] = 1.0;
    }
    e->information[0] = e->information[3] = 1e-6;
    memcpy(e->target, target, 2 * sizeof *target);
    return e;
}

static size_t count_of(const struct plan *plan, size_t candidate)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->n; i++) {
        n += plan->steps[i].candidate == candidate;
    }
    return n;
}

static void test_plan_for_a_slope_runs_both_ends_alike(void)
{
    struct status_why why = {0};
    const double slope[] = {0.0, 1.0};
    struct example *e = line_with(slope);
    struct plan plan;
    e->p.n_repeats = e->p.n_runs = 8;
    HARNESS_ASSERT_OK(plan_choose(&e->p, &plan, &why));
    CU_ASSERT_EQUAL(plan.n, 8);
    CU_ASSERT_EQUAL(count_of(&plan, 0), 4);
    CU_ASSERT_EQUAL(count_of(&plan, 10), 4);
    CU_ASSERT_DOUBLE_EQUAL(plan.steps[7].spread, log(1.0 / sqrt(8.0)), 1e-6);
    plan_clear(&plan);
}

/* Hoel and Levine 1964: beyond the ends, weights as the sizes of Lagrange's polynomials there. */
static void test_plan_for_an_extrapolated_line_weighs_the_ends_as_lagrange(void)
{
    struct status_why why = {0};
    const double beyond[] = {1.0, 2.3};
    struct example *e = line_with(beyond);
    struct plan plan;
    e->p.n_repeats = e->p.n_runs = 46;
    HARNESS_ASSERT_OK(plan_choose(&e->p, &plan, &why));
    CU_ASSERT_EQUAL(count_of(&plan, 0), 13);
    CU_ASSERT_EQUAL(count_of(&plan, 10), 33);
    CU_ASSERT_DOUBLE_EQUAL(plan.steps[45].spread, log(2.3 / sqrt(46.0)), 1e-6);
    plan_clear(&plan);
}

static struct example *random_example(size_t n_candidates, uint64_t item)
{
    struct example *e = example_of(3, n_candidates, DRAWS);
    struct rng stream;
    rng_init(&stream, 731, RNG_TEST, item);
    for (size_t d = 0; d < DRAWS; d++) {
        for (size_t i = 0; i < 3; i++) {
            e->information[9 * d + 4 * i] = 0.05 + 0.3 * rng_uniform(&stream);
            e->target[3 * d + i] = rng_normal(&stream);
        }
    }
    for (size_t k = 0; k < DRAWS * n_candidates * 3; k++) {
        e->rows[k] = rng_normal(&stream);
    }
    for (size_t j = 0; j < n_candidates; j++) {
        e->cost[j] = exp(rng_normal(&stream));
    }
    return e;
}

/* Of all subsets of the candidates that the limits allow. */
static double least_spread(const struct plan_problem *p)
{
    double least = plan_spread(p, NULL, 0);
    for (unsigned set = 1; set < 1u << p->n_candidates; set++) {
        size_t chosen[16], n = 0;
        double cost = 0.0;
        for (size_t j = 0; j < p->n_candidates; j++) {
            if ((set >> j & 1) != 0) {
                chosen[n++] = j;
                cost += p->cost[j];
            }
        }
        if (n <= p->n_runs && cost <= p->budget) {
            least = fmin(least, plan_spread(p, chosen, n));
        }
    }
    return least;
}

static void test_plan_is_near_the_best_of_all_subsets_and_never_worse_than_greedy(void)
{
    enum { TRIALS = 30 };
    struct status_why why = {0};
    size_t n_best = 0, n_exchanges = 0;
    for (uint64_t i = 0; i < TRIALS; i++) {
        struct example *e = random_example(10, i);
        struct plan plan;
        e->p.n_runs = 4;
        e->p.budget = i % 2 == 0 ? 3.7 : 1e3;
        HARNESS_ASSERT_OK(plan_choose(&e->p, &plan, &why));
        const double found = plan.steps[plan.n - 1].spread, least = least_spread(&e->p);
        CU_ASSERT(found <= plan.spread_greedy + 1e-12);
        CU_ASSERT(found >= least - 1e-12);
        CU_ASSERT(found - least < 0.1 * (plan.spread_before - least));
        CU_ASSERT(plan.cost <= e->p.budget);
        n_best += found <= least + 1e-9;
        n_exchanges += plan.n_exchanges;
        plan_clear(&plan);
    }
    CU_ASSERT(n_best >= TRIALS * 8 / 10);
    CU_ASSERT(n_exchanges > 0);
}

static void test_plan_of_one_run_takes_the_one_that_leaves_least(void)
{
    enum { TRIALS = 30, CANDIDATES = 40 };
    static const double weight[DRAWS] = {0.37, 11.3, 2.1};
    struct status_why why = {0};
    for (uint64_t i = 0; i < TRIALS; i++) {
        struct example *e = random_example(CANDIDATES, 1000 + i);
        struct plan plan;
        double least = (double)INFINITY;
        e->p.n_runs = 1;
        e->p.weight = i % 3 == 0 ? NULL : weight;
        HARNESS_ASSERT_OK(plan_choose(&e->p, &plan, &why));
        for (size_t j = 0; j < CANDIDATES; j++) {
            least = fmin(least, plan_spread(&e->p, &j, 1));
        }
        CU_ASSERT_DOUBLE_EQUAL(plan.steps[0].spread, least, 1e-12);
        plan_clear(&plan);
    }
}

static void test_plan_steps_add_up_and_pay_most_first(void)
{
    struct status_why why = {0};
    struct example *e = random_example(40, 77);
    struct plan plan;
    size_t chosen[12], n_worth = 0;
    double cost = 0.0;
    e->p.n_runs = 12;
    e->p.budget = 9.3;
    HARNESS_ASSERT_OK(plan_choose(&e->p, &plan, &why));
    CU_ASSERT_DOUBLE_EQUAL(plan.spread_before, plan_spread(&e->p, NULL, 0), 1e-12);
    double before = plan.spread_before;
    for (size_t i = 0; i < plan.n; i++) {
        const struct plan_step *s = &plan.steps[i];
        chosen[i] = s->candidate;
        cost += e->cost[s->candidate];
        CU_ASSERT_EQUAL(count_of(&plan, s->candidate), 1);
        CU_ASSERT_DOUBLE_EQUAL(s->spread, plan_spread(&e->p, chosen, i + 1), 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(s->gain, before - s->spread, 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(
            s->share, s->gain / e->cost[s->candidate] * cost / (plan.spread_before - s->spread),
            1e-9);
        n_worth = s->share >= e->p.worth ? i + 1 : n_worth;
        before = s->spread;
    }
    CU_ASSERT_DOUBLE_EQUAL(plan.cost, cost, 1e-12);
    CU_ASSERT_EQUAL(plan.n_worth, n_worth);
    plan_clear(&plan);
}

/* Two draws that disagree on what matters: the plan serves both, a plan for one leaves the other.
 */
static void test_plan_is_for_all_draws_not_for_one(void)
{
    struct status_why why = {0};
    struct example *e = example_of(2, 4, 2);
    struct plan plan;
    for (size_t k = 0; k < 4; k++) {
        for (size_t d = 0; d < 2; d++) {
            e->rows[2 * (4 * d + k) + k % 2] = 3.0;
        }
        e->cost[k] = 2.385;
    }
    for (size_t d = 0; d < 2; d++) {
        e->information[4 * d] = e->information[4 * d + 3] = 1.0;
        e->target[2 * d + d] = 1.0;
    }
    e->p.n_runs = 2;
    HARNESS_ASSERT_OK(plan_choose(&e->p, &plan, &why));
    CU_ASSERT_EQUAL((plan.steps[0].candidate + plan.steps[1].candidate) % 2, 1);
    plan_clear(&plan);
    e->p.n_draws = 1;
    e->target[0] = 0.4; /* that the size of a figure does not matter */
    HARNESS_ASSERT_OK(plan_choose(&e->p, &plan, &why));
    CU_ASSERT_EQUAL(plan.steps[0].candidate % 2, 0);
    CU_ASSERT_EQUAL(plan.n, 2);
    CU_ASSERT_EQUAL(plan.steps[1].candidate % 2, 0);
    plan_clear(&plan);
}

/* Draw 1 knows three times as much, and its errors cost a hundred times as much: by logarithms
 * both draws count alike, by the expected loss only draw 1 does. */
static void test_plan_with_weights_serves_the_draw_that_loses_most(void)
{
    struct status_why why = {0};
    struct example *e = example_of(2, 4, 2);
    const double weight[] = {0.037, 3.7};
    struct plan plan;
    for (size_t k = 0; k < 4; k++) {
        for (size_t d = 0; d < 2; d++) {
            e->rows[2 * (4 * d + k) + k % 2] = 3.0;
        }
        e->cost[k] = 2.385;
    }
    for (size_t d = 0; d < 2; d++) {
        e->information[4 * d] = e->information[4 * d + 3] = d == 0 ? 1.0 : 3.0;
        e->target[2 * d + d] = 1.0;
    }
    e->p.n_runs = 2;
    e->p.weight = weight;
    HARNESS_ASSERT_OK(plan_choose(&e->p, &plan, &why));
    CU_ASSERT_EQUAL(plan.n, 2);
    for (size_t i = 0; i < plan.n; i++) {
        CU_ASSERT_EQUAL(plan.steps[i].candidate % 2, 1);
    }
    HARNESS_ASSERT_REL(exp(2.0 * plan.spread_before), 0.5 * (0.037 + 3.7 / 3.0), 1e-12);
    HARNESS_ASSERT_REL(exp(2.0 * plan.steps[1].spread), 0.5 * (0.037 + 3.7 / 21.0), 1e-12);
    HARNESS_ASSERT_REL(plan_variance(&e->p, 1, NULL, 0), 1.0 / 3.0, 1e-14);
    plan_clear(&plan);
}

/* A loss h (x - c)^2 / 2 of which c = g theta is the best x, theta as drawn from what is known; the
 * x chosen is g times the mean of theta after the planned runs. */
static void test_plan_expects_the_loss_that_simulated_choices_have(void)
{
    enum { TRIALS = 40000, P = 3 };
    struct status_why why = {0};
    struct example *e = random_example(12, 41);
    struct plan plan;
    struct rng stream;
    const double half_h = 0.83;
    double covariance[P * P], sum[P * P], loss = 0.0;
    e->p.n_draws = 1;
    e->p.weight = &half_h;
    e->p.n_runs = 5;
    HARNESS_ASSERT_OK(plan_choose(&e->p, &plan, &why));
    memcpy(sum, e->information, sizeof sum);
    for (size_t k = 0; k < plan.n * P * P; k++) {
        const double *row = e->rows + plan.steps[k / (P * P)].candidate * P;
        sum[k % (P * P)] += row[k / P % P] * row[k % P];
    }
    CU_ASSERT_TRUE_FATAL(dense_invert(P, sum, covariance));
    rng_init(&stream, 521, RNG_TEST, 0);
    for (size_t t = 0; t < TRIALS; t++) {
        double theta[P], seen[P] = {0.0}, off = 0.0;
        for (size_t i = 0; i < P; i++) {
            theta[i] = rng_normal(&stream) / sqrt(e->information[(P + 1) * i]);
        }
        for (size_t k = 0; k < plan.n; k++) {
            const double *row = e->rows + plan.steps[k].candidate * P;
            const double y =
                row[0] * theta[0] + row[1] * theta[1] + row[2] * theta[2] + rng_normal(&stream);
            for (size_t i = 0; i < P; i++) {
                seen[i] += row[i] * y;
            }
        }
        for (size_t i = 0; i < P; i++) {
            const double *c = covariance + P * i;
            off += e->target[i] * (c[0] * seen[0] + c[1] * seen[1] + c[2] * seen[2] - theta[i]);
        }
        loss += half_h * off * off / TRIALS;
    }
    HARNESS_ASSERT_REL(exp(2.0 * plan.steps[plan.n - 1].spread), loss, 0.03);
    plan_clear(&plan);
}

/* Runs with 20 tokens a parameter only: the terms of params and tokens are nearly one power, and
 * no run of the same kind parts them. */
static void test_plan_leaves_the_frontier_to_part_the_exponents(void)
{
    enum { SIDE = 21, N = SIDE * SIDE };
    const double natural[] = {1.8172, 482.01, 2085.43, 0.3478, 0.3658};
    const struct law *law = law_find("chinchilla");
    const struct fit_parameter_option said[LAW_MAX_PARAMETERS] = {{0}};
    struct status_why why = {0};
    struct example *e = example_of(5, N, 1);
    double theta[LAW_MAX_PARAMETERS], row[LAW_MAX_PARAMETERS], a, farthest = 0.0;
    double tokens_of[N];
    struct inform inform;
    struct plan plan;

    law_transform(law, natural, theta);
    inform_open(law, FIT_LOG, said, theta, &inform);
    inform_begin(&inform, e->information);
    for (size_t i = 0; i < 40; i++) {
        const double log_params = log(5e7) + 0.12 * (double)i;
        const double x[] = {log_params, log_params + log(20.0)};
        CU_ASSERT(inform_row(&inform, theta, x, 0.01, row));
        inform_add(&inform, 1.0, row, e->information);
    }
    for (size_t j = 0; j < N; j++) {
        const double log_params = log(5e7) + 0.25 * (double)(j % SIDE);
        tokens_of[j] = log(20.0) + 0.4 * ((double)(j / SIDE) - 10.0);
        const double x[] = {log_params, log_params + tokens_of[j]};
        CU_ASSERT(inform_row(&inform, theta, x, 0.01, e->rows + 5 * j));
        e->cost[j] = 6.0 * exp(x[0] + x[1]) / 1e18;
    }
    CU_ASSERT(inform_aim(&inform, INFORM_EXPONENT, 0, 1e24, theta, &a, e->target));
    e->p.budget = 300.0;
    HARNESS_ASSERT_OK(plan_choose(&e->p, &plan, &why));
    for (size_t i = 0; i < plan.n; i++) {
        farthest = fmax(farthest, fabs(tokens_of[plan.steps[i].candidate] - log(20.0)));
    }
    CU_ASSERT(farthest > log(8.0));
    const double off = plan.steps[plan.n - 1].spread, before = plan.spread_before;
    plan_clear(&plan);
    for (size_t j = 0; j < N; j++) {
        e->cost[j] = j / SIDE == 10 ? e->cost[j] : 1e9;
    }
    HARNESS_ASSERT_OK(plan_choose(&e->p, &plan, &why));
    CU_ASSERT(before - off > 5.0 * (before - plan.steps[plan.n - 1].spread));
    CU_ASSERT(exp(before - off) > 4.0);
    plan_clear(&plan);
}

static void test_plan_errors(void)
{
    struct status_why why = {0};
    struct example *e = random_example(5, 3);
    struct plan plan;
    e->p.budget = 1e-9;
    HARNESS_ASSERT_OK(plan_choose(&e->p, &plan, &why));
    CU_ASSERT_EQUAL(plan.n, 0);
    CU_ASSERT_EQUAL(plan.cost, 0.0);
    plan_clear(&plan);
    e->information[9 + 4] = -1.0;
    HARNESS_ASSERT_FAILS(plan_choose(&e->p, &plan, &why), STATUS_INPUT, "not positive definite");
    CU_ASSERT(isnan(plan_spread(&e->p, NULL, 0)));
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"slope", test_plan_for_a_slope_runs_both_ends_alike},
        {"extrapolated line", test_plan_for_an_extrapolated_line_weighs_the_ends_as_lagrange},
        {"subsets", test_plan_is_near_the_best_of_all_subsets_and_never_worse_than_greedy},
        {"one run", test_plan_of_one_run_takes_the_one_that_leaves_least},
        {"steps", test_plan_steps_add_up_and_pay_most_first},
        {"draws", test_plan_is_for_all_draws_not_for_one},
        {"weights", test_plan_with_weights_serves_the_draw_that_loses_most},
        {"simulated choices", test_plan_expects_the_loss_that_simulated_choices_have},
        {"off the frontier", test_plan_leaves_the_frontier_to_part_the_exponents},
        {"errors", test_plan_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
