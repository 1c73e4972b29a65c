/* ranks: 1 3 */
#include "search/limits.h"

#include <math.h>

#include "tests/harness.h"
#include "tests/search/exact/random_problem.h"
#include "tests/search/front/brute.h"

static struct status_why why;
static struct random_problem made;

/* Which limits a configuration breaks, each by its own comparison; -1: it has not all outcomes. */
static int broken_of(const struct problem *p, const double values[], bool broken[])
{
    int n = 0;
    for (size_t k = 0; k < p->n_objectives + p->n_constraints; k++) {
        if (isnan(values[k])) {
            return -1;
        }
    }
    for (size_t k = 0; k < p->n_constraints; k++) {
        const double x = values[p->n_objectives + k];
        broken[k] = x < p->constraints[k].lower || x > p->constraints[k].upper;
        n += broken[k];
    }
    return n;
}

static double distance(const struct problem_constraint *c, double x)
{
    return x < c->lower ? c->lower - x : x > c->upper ? x - c->upper : 0.0;
}

/* The report by brute force, of the nearest values their distance; whether the problem has a
 * feasible configuration. */
static bool brute_report(const struct problem *p, struct limits_report *expected)
{
    bool feasible = false;
    *expected = (struct limits_report){.n_seen = space_size(p->space)};
    for (size_t k = 0; k < p->n_constraints; k++) {
        expected->rows[k].reached = expected->rows[k].nearest = (double)INFINITY;
    }
    for (uint64_t i = 0; i < expected->n_seen; i++) {
        double values[PROBLEM_MAX_OBJECTIVES + PROBLEM_MAX_CONSTRAINTS];
        bool broken[PROBLEM_MAX_CONSTRAINTS] = {false};
        p->evaluate(p->context, i, 1, values, 1);
        const int n = broken_of(p, values, broken);
        expected->n_undefined += n < 0;
        feasible = feasible || n == 0;
        for (size_t k = 0; n > 0 && k < p->n_constraints; k++) {
            struct limits_row *row = &expected->rows[k];
            const double far = distance(&p->constraints[k], values[p->n_objectives + k]);
            row->n_broken += broken[k];
            row->n_alone += broken[k] && n == 1;
            row->reached = fmin(row->reached, far);
            row->nearest = broken[k] && n == 1 ? fmin(row->nearest, far) : row->nearest;
        }
    }
    return feasible;
}

/* Whether a value is as near to its limit as expected, to the rounding of objectives. */
static bool is_as_near(const struct problem_constraint *c, double got, double expected)
{
    return isfinite(expected) ? fabs(distance(c, got) - expected) <= 1e-11 * fabs(got) : isnan(got);
}

/* Limits that exclude each other: outcomes of the objectives limited to parts of their ranges. */
static void limit_hard(struct rng *r, struct problem *p)
{
    for (size_t k = 0; k < p->n_constraints; k++) {
        struct problem_constraint *c = &p->constraints[k];
        const double at = 3.0 * rng_uniform(r);
        switch (random_below(r, 3)) {
        case 0:
            c->lower = at;
            c->upper = (double)INFINITY;
            break;
        case 1:
            c->lower = -(double)INFINITY;
            c->upper = at;
            break;
        default: /* a gap that few values hit */
            c->lower = at;
            c->upper = at * 1.001;
        }
    }
}

static void test_limits_are_counted_as_by_brute_force(void)
{
    size_t n_infeasible = 0, n_alone = 0, n_unreachable = 0;
    struct rng r;
    rng_init(&r, 11, RNG_TEST, 0);
    for (uint64_t seed = 200; seed < 350; seed++) {
        struct limits_report got, expected;
        random_problem(seed, 7, &made);
        if (seed % 3 == 0) {
            random_gaps(seed, &made);
        }
        limit_hard(&r, &made.problem);
        if (made.problem.n_constraints > 0 && !brute_report(&made.problem, &expected)) {
            n_infeasible++;
            HARNESS_ASSERT_OK(
                limits_explain(harness_comm(), &made.problem, LIMITS_MOST_COUNTED, &got, &why));
            CU_ASSERT(got.n_seen == expected.n_seen && !got.is_sample);
            CU_ASSERT_EQUAL(got.n_undefined, expected.n_undefined);
            for (size_t k = 0; k < made.problem.n_constraints; k++) {
                const struct limits_row *a = &got.rows[k], *b = &expected.rows[k];
                CU_ASSERT_EQUAL(a->n_broken, b->n_broken);
                CU_ASSERT_EQUAL(a->n_alone, b->n_alone);
                CU_ASSERT(is_as_near(&made.problem.constraints[k], a->reached, b->reached));
                CU_ASSERT(is_as_near(&made.problem.constraints[k], a->nearest, b->nearest));
                n_alone += b->n_alone > 0;
                n_unreachable += isfinite(b->nearest) ? 0 : 1;
            }
        }
        space_clear(&made.space);
    }
    CU_ASSERT(n_infeasible > 50 && n_alone > 30 && n_unreachable > 30);
}

/* One axis of 1,000 levels beside one of 7: the outcome is the level of the first. */
static void evaluate_grid(const void *context, uint64_t begin, size_t n, double values[],
                          size_t stride)
{
    (void)context;
    for (size_t i = 0; i < n; i++) {
        values[i] = 1.0;
        values[stride + i] = (double)((begin + i) / 7 + 1);
        values[2 * stride + i] = (double)((begin + i) % 7 + 1);
    }
}

static void test_a_sample_of_a_large_space_is_even(void)
{
    enum { N_FIRST = 1000, N_SECOND = 7, MOST = 3000 };
    static double first[N_FIRST], second[N_SECOND];
    struct space space = {.n_axes = 2};
    struct limits_report got;
    for (size_t i = 0; i < N_FIRST; i++) {
        first[i] = (double)(i + 1);
    }
    for (size_t i = 0; i < N_SECOND; i++) {
        second[i] = (double)(i + 1);
    }
    space.axes[0] = (struct space_axis){.name = "first", .values = first, .n = N_FIRST};
    space.axes[1] = (struct space_axis){.name = "second", .values = second, .n = N_SECOND};
    const struct problem p = {.space = &space,
                              .n_objectives = 1,
                              .n_constraints = 2,
                              .constraints = {{.lower = -(double)INFINITY, .upper = 250.0},
                                              {.lower = 7.5, .upper = (double)INFINITY}},
                              .evaluate = evaluate_grid};
    HARNESS_ASSERT_OK(limits_explain(harness_comm(), &p, MOST, &got, &why));
    CU_ASSERT(got.is_sample && got.n_seen == MOST);
    /* Three quarters break the first limit; even means far below the sampling error of 24. */
    CU_ASSERT(fabs((double)got.rows[0].n_broken - 0.75 * MOST) < 6.0);
    CU_ASSERT(got.rows[1].n_broken == MOST && got.rows[0].n_alone == 0);
    CU_ASSERT(isnan(got.rows[0].nearest) && fabs(got.rows[0].reached - 1.0) < 1e-9);
    CU_ASSERT(fabs(got.rows[1].nearest - 7.0) < 1e-9);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"limits_are_counted_as_by_brute_force", test_limits_are_counted_as_by_brute_force},
        {"a_sample_of_a_large_space_is_even", test_a_sample_of_a_large_space_is_even},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
