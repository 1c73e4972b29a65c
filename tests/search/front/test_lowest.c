#include "search/front/lowest.h"

#include <stdlib.h>

#include "solver/base/rng.h"
#include "tests/harness.h"

static struct status_why why;

enum { MOST = 700, MOST_COSTS = 8 };

static double scan(size_t m, size_t n, const double costs[], const double values[],
                   const double at[], double most)
{
    for (size_t i = 0; i < n; i++) {
        size_t n_within = 0;
        for (size_t c = 0; c < m; c++) {
            n_within += costs[i * m + c] <= at[c];
        }
        most = n_within == m && values[i] < most ? values[i] : most;
    }
    return most;
}

/* \param n_different  values that a cost can have: few make ties */
static void check(size_t m, size_t n, size_t n_different, uint64_t seed)
{
    static double costs[MOST * MOST_COSTS], values[MOST];
    struct lowest l;
    struct rng r;
    rng_init(&r, seed, RNG_TEST, n);
    for (size_t i = 0; i < n * m; i++) {
        costs[i] = 0.37 * (double)rng_below(&r, n_different) - 1.1;
    }
    for (size_t i = 0; i < n; i++) {
        values[i] = 2.385 + (double)rng_below(&r, n_different);
    }
    HARNESS_ASSERT_OK(lowest_create(m, n, costs, values, &l, &why));
    for (size_t k = 0; k < 300; k++) {
        double at[MOST_COSTS];
        for (size_t c = 0; c < m; c++) {
            at[c] = 0.37 * (double)rng_below(&r, n_different) - (k % 2 == 0 ? 1.1 : 1.0);
        }
        const double most = k % 3 == 0 ? (double)INFINITY : values[k % (n + 1) < n ? k % n : 0];
        CU_ASSERT_EQUAL(lowest_at(&l, at, most), scan(m, n, costs, values, at, most));
    }
    lowest_clear(&l);
}

static void test_lowest_at_agrees_with_a_look_at_every_point(void)
{
    static const size_t sizes[] = {1, 2, 7, 8, 9, 17, 64, 333, MOST};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (size_t m = 0; m <= MOST_COSTS; m++) {
            check(m, sizes[i], 3, 100 * m + i);
            check(m, sizes[i], 100000, 100 * m + i);
        }
    }
}

static void test_lowest_of_nothing_is_what_is_known(void)
{
    struct lowest l;
    const double at[] = {1.5, 2.5};
    HARNESS_ASSERT_OK(lowest_create(2, 0, at, at, &l, &why));
    CU_ASSERT_EQUAL(lowest_at(&l, at, 3.25), 3.25);
    lowest_clear(&l);
}

static void test_lowest_at_takes_an_equal_cost(void)
{
    struct lowest l;
    const double costs[] = {4.25, 7.5}, values[] = {1.75};
    const double less[] = {4.25, 7.499999};
    HARNESS_ASSERT_OK(lowest_create(2, 1, costs, values, &l, &why));
    CU_ASSERT_EQUAL(lowest_at(&l, costs, 2.0), 1.75);
    CU_ASSERT_EQUAL(lowest_at(&l, less, 2.0), 2.0);
    lowest_clear(&l);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"at_agrees_with_a_look_at_every_point", test_lowest_at_agrees_with_a_look_at_every_point},
        {"of_nothing_is_what_is_known", test_lowest_of_nothing_is_what_is_known},
        {"at_takes_an_equal_cost", test_lowest_at_takes_an_equal_cost},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
