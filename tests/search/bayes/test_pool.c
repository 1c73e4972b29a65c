#include "search/bayes/pool.h"

#include "tests/harness.h"
#include "tests/search/bayes/searches.h"

enum { ROOM = 500 };

static struct status_why why;

static const double levels[] = {4.0, 8.0, 16.0, 32.0};
static const char *const names[] = {"red", "green", "blue"};

static struct propose_problem make_problem(void)
{
    return (struct propose_problem){
        .n_variables = 3,
        .variables = {searches_continuous(-1.0, 3.0), searches_ordinal(4, levels),
                      searches_categorical(3, names)},
        .seed = 5,
    };
}

/* Twelve designs. */
static struct propose_problem make_small(void)
{
    return (struct propose_problem){
        .n_variables = 2,
        .variables = {searches_ordinal(4, levels), searches_categorical(3, names)},
        .seed = 5,
    };
}

static struct pool make_pool(const struct propose_problem *problem, size_t n_taken,
                             const double taken[])
{
    struct pool p;
    HARNESS_ASSERT_OK(pool_create(problem, 11, n_taken, taken, ROOM, &p, &why));
    return p;
}

static bool is_below_16(const void *context, const double values[])
{
    (void)context;
    return values[1] < 16.0;
}

static bool is_never(const void *context, const double values[])
{
    (void)context, (void)values;
    return false;
}

/* Every candidate is snapped, allowed and not the taken one. */
static void check(const struct pool *p)
{
    for (size_t i = 0; i < p->n; i++) {
        double u[3], x[3];
        memcpy(u, p->u + i * 3, sizeof u);
        variable_snap(3, p->problem->variables, u);
        CU_ASSERT(memcmp(u, p->u + i * 3, sizeof u) == 0);
        for (size_t k = 0; k < 3; k++) {
            x[k] = variable_value(&p->problem->variables[k], u[k]);
        }
        CU_ASSERT(is_below_16(NULL, x));
        CU_ASSERT(memcmp(u, p->taken, sizeof u) != 0);
    }
}

static void test_pool_makes_allowed_free_designs_in_every_way(void)
{
    struct propose_problem problem = make_problem();
    problem.is_allowed = is_below_16;
    /* A corner that steps are cut off at. */
    const double taken[] = {0.0, 0.125, 1.0 / 6.0};
    const double parents[] = {0.0, 0.125, 1.0 / 6.0, 0.731, 0.375, 0.5};
    struct pool p = make_pool(&problem, 1, taken);
    size_t n = 0;
    pool_sample(&p, 100);
    CU_ASSERT_EQUAL(p.n, 100);
    check(&p);
    n = p.n;
    pool_perturb(&p, 100, 2, parents);
    CU_ASSERT(p.n > n + 50 && p.n <= n + 100);
    n = p.n;
    pool_cross(&p, 100, 2, parents);
    CU_ASSERT(p.n > n + 20 && p.n <= n + 100);
    n = p.n;
    pool_surround(&p, 100, parents + 3, 0.01);
    CU_ASSERT(p.n > n + 20 && p.n <= n + 100);
    for (size_t i = n; i < p.n; i++) {
        const double *u = p.u + i * 3;
        CU_ASSERT_DOUBLE_EQUAL(u[0], parents[3], 0.06);
        CU_ASSERT(u[0] != parents[3] || u[1] != parents[4] || u[2] != parents[5]);
    }
    check(&p);
    pool_sample(&p, ROOM);
    CU_ASSERT_EQUAL(p.n, ROOM);
    pool_clear(&p);
}

static void test_pool_without_parents_stays_empty(void)
{
    const struct propose_problem problem = make_problem();
    struct pool p = make_pool(&problem, 0, NULL);
    const double alone[] = {0.3, 0.125, 0.5};
    pool_perturb(&p, 10, 0, NULL);
    pool_cross(&p, 10, 1, alone);
    CU_ASSERT_EQUAL(p.n, 0);
    pool_clear(&p);
}

static void test_pool_repeats_itself_and_differs_between_designs(void)
{
    const struct propose_problem problem = make_problem();
    struct pool p = make_pool(&problem, 0, NULL), q = make_pool(&problem, 0, NULL), other;
    HARNESS_ASSERT_OK(pool_create(&problem, 12, 0, NULL, ROOM, &other, &why));
    pool_sample(&p, 50);
    pool_sample(&q, 50);
    pool_sample(&other, 50);
    CU_ASSERT(memcmp(p.u, q.u, 150 * sizeof *p.u) == 0);
    CU_ASSERT(memcmp(p.u, other.u, 150 * sizeof *p.u) != 0);
    pool_clear(&p);
    pool_clear(&q);
    pool_clear(&other);
}

static void test_pool_lists_small_spaces_whole(void)
{
    const struct propose_problem small = make_small(), open = make_problem();
    const double taken[] = {0.375, 0.5};
    struct pool p = make_pool(&small, 1, taken);
    CU_ASSERT_FALSE(pool_enumerate(&p, 11));
    CU_ASSERT(pool_enumerate(&p, 12));
    CU_ASSERT_EQUAL(p.n, 11);
    for (size_t i = 0; i < p.n; i++) {
        for (size_t k = 0; k < i; k++) {
            CU_ASSERT(memcmp(p.u + i * 2, p.u + k * 2, 2 * sizeof *p.u) != 0);
        }
    }
    pool_clear(&p);
    p = make_pool(&open, 0, NULL);
    CU_ASSERT_FALSE(pool_enumerate(&p, 1000000));
    CU_ASSERT_EQUAL(p.n, 0);
    pool_clear(&p);
}

static void test_pool_finds_every_design_once_then_says_no(void)
{
    const struct propose_problem problem = make_small();
    double taken[13 * 2] = {0};
    for (size_t n = 0; n <= 12; n++) {
        struct pool p = make_pool(&problem, n, taken);
        if (n < 12) {
            HARNESS_ASSERT_OK(pool_first(&p, taken + n * 2, &why));
        } else {
            HARNESS_ASSERT_FAILS(pool_first(&p, taken + n * 2, &why), STATUS_NO,
                                 "all allowed designs have been evaluated");
        }
        for (size_t k = 0; n < 12 && k < n; k++) {
            CU_ASSERT(memcmp(taken + n * 2, taken + k * 2, 2 * sizeof *taken) != 0);
        }
        pool_clear(&p);
    }
}

static void test_pool_errors(void)
{
    struct propose_problem small = make_small(), open = make_problem();
    double u[3];
    small.is_allowed = open.is_allowed = is_never;
    struct pool p = make_pool(&small, 0, NULL);
    HARNESS_ASSERT_FAILS(pool_first(&p, u, &why), STATUS_INPUT,
                         "none of the 12 designs is allowed");
    pool_sample(&p, 10);
    CU_ASSERT_EQUAL(p.n, 0);
    pool_clear(&p);
    p = make_pool(&open, 0, NULL);
    HARNESS_ASSERT_FAILS(pool_first(&p, u, &why), STATUS_INPUT, "no allowed design among");
    pool_clear(&p);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"allowed and free", test_pool_makes_allowed_free_designs_in_every_way},
        {"no parents", test_pool_without_parents_stays_empty},
        {"repeats itself", test_pool_repeats_itself_and_differs_between_designs},
        {"small spaces", test_pool_lists_small_spaces_whole},
        {"every design once", test_pool_finds_every_design_once_then_says_no},
        {"errors", test_pool_errors},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
