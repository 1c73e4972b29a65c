#include "search/front/sweep.h"

#include <stdlib.h>

#include "solver/base/rng.h"
#include "tests/harness.h"

static struct status_why why;

static bool no_larger(size_t n, const double a[], const double b[])
{
    bool all = true;
    for (size_t j = 0; j < n; j++) {
        all = all && a[j] <= b[j];
    }
    return all;
}

/* Each point is removed exactly when one before it is no larger in anything. */
static void check(size_t n, size_t n_points, double spread, bool anticorrelated, uint64_t seed)
{
    struct rng r;
    struct sweep *s = NULL;
    double *x = calloc(n_points * (n + 1), sizeof *x);
    bool *removed = malloc(n_points);
    size_t n_wrong = 0, n_kept = 0, n_least = 0;

    rng_init(&r, seed, RNG_SIMULATE, 0);
    for (size_t i = 0; i < n_points * n; i++) {
        x[i] = 0.37 * (double)(size_t)(rng_uniform(&r) * spread);
    }
    for (size_t i = 0; anticorrelated && n > 1 && i < n_points; i++) {
        x[i * n] = spread - x[i * n + 1] + 0.02 * x[i * n];
    }
    HARNESS_ASSERT_OK(sweep_create(n, &s, &why));
    for (size_t i = 0; i < n_points; i++) {
        bool want = false;
        for (size_t k = 0; k < i && !want; k++) {
            want = !removed[k] && no_larger(n, x + k * n, x + i * n);
        }
        removed[i] = want;
        n_wrong += sweep_removes(s, x + i * n) != want;
        if (!want) {
            HARNESS_ASSERT_OK(sweep_add(s, x + i * n, &why));
            n_kept++;
        }
    }
    CU_ASSERT_EQUAL(n_wrong, 0);

    double *points = NULL;
    size_t n_left = 0;
    HARNESS_ASSERT_OK(sweep_points(s, &points, &n_left, &why));
    CU_ASSERT(n_left <= n_kept);
    for (size_t i = 0; i < n_points; i++) { /* what is left removes all that was offered */
        bool any = false;
        for (size_t k = 0; k < n_left && !any; k++) {
            any = no_larger(n, points + k * n, x + i * n);
        }
        n_least += any;
    }
    CU_ASSERT_EQUAL(n_least, n_points);
    sweep_restart(s);
    CU_ASSERT(!sweep_removes(s, x));
    sweep_destroy(s);
    free(points);
    free(removed);
    free(x);
}

static void test_a_point_goes_when_one_before_is_no_larger(void)
{
    for (size_t n = 1; n <= 7; n++) {
        check(n, 700, 9.0, false, n);
        check(n, 1500, 1e6, false, 20 + n);
    }
}

/* Enough points stay to fill several trees. */
static void test_many_points_stay(void)
{
    check(2, 12000, 1e6, true, 51);
    check(3, 9000, 1e6, true, 52);
}

static void test_without_objectives_the_first_removes_all_others(void)
{
    check(0, 5, 1.0, false, 61);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"a_point_goes_when_one_before_is_no_larger",
         test_a_point_goes_when_one_before_is_no_larger},
        {"many_points_stay", test_many_points_stay},
        {"without_objectives_the_first_removes_all_others",
         test_without_objectives_the_first_removes_all_others},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
