#include "search/bayes/boxes.h"

#include <stdbool.h>
#include <stdlib.h>

#include "search/front/hypervolume.h"
#include "solver/base/rng.h"
#include "tests/harness.h"

enum { M = BOXES_MOST_OBJECTIVES, MOST = 60 };

static struct status_why why;

static const double reference[M] = {0.9, 1.0, 0.95, 0.83, 1.07};

/* Points in [0, 1), some beyond the reference; on few levels, many tie in an objective or in all.
 * Drawn inside a shell, so that many are on the front. */
static void draw_points(struct rng *r, size_t m, size_t n, double n_levels, double x[])
{
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < m; j++) {
            x[i * m + j] = rng_uniform(r);
            sum += x[i * m + j];
        }
        for (size_t j = 0; j < m; j++) {
            const double scaled = x[i * m + j] * (0.45 * (double)m + 0.1 * rng_uniform(r)) / sum;
            x[i * m + j] = floor(fmin(scaled, 0.999) * n_levels) / n_levels;
        }
    }
}

static double coordinate(const struct boxes *b, size_t i, size_t j, int side)
{
    return b->at[j][b->sides[i][j][side]];
}

static void test_boxes_and_what_the_front_dominates_fill_the_whole(void)
{
    struct rng r;
    rng_init(&r, 3, RNG_TEST, 0);
    for (int k = 0; k < 300; k++) {
        double x[MOST * M], dominated, free_volume = 0.0, whole = 1.0;
        const size_t m = 1 + rng_below(&r, HYPERVOLUME_MOST_EXACT), n = rng_below(&r, MOST);
        struct boxes b;
        draw_points(&r, m, n, k % 2 == 0 ? 7.0 : 1e6, x);
        HARNESS_ASSERT_OK(hypervolume_exact(m, n, x, reference, &dominated, &why));
        HARNESS_ASSERT_OK(boxes_create(m, n, x, reference, &b, &why));
        for (size_t i = 0; i < b.n; i++) {
            double volume = 1.0;
            for (size_t j = 0; j < m; j++) {
                const double low = fmax(0.0, coordinate(&b, i, j, 0)); /* the ideal is 0 */
                volume *= fmax(0.0, coordinate(&b, i, j, 1) - low);
            }
            free_volume += volume;
        }
        for (size_t j = 0; j < m; j++) {
            whole *= reference[j];
        }
        HARNESS_ASSERT_REL(free_volume + dominated, whole, 1e-12);
        boxes_clear(&b);
    }
}

static bool is_dominated(size_t m, size_t n, const double x[], const double y[])
{
    for (size_t i = 0; i < n; i++) {
        size_t n_no_worse = 0;
        for (size_t j = 0; j < m; j++) {
            n_no_worse += x[i * m + j] <= y[j];
        }
        if (n_no_worse == m) {
            return true;
        }
    }
    return false;
}

static void test_boxes_hold_each_free_place_once(void)
{
    struct rng r;
    rng_init(&r, 4, RNG_TEST, 0);
    for (int k = 0; k < 60; k++) {
        double x[MOST * M], y[M];
        const size_t m = 1 + (size_t)k % M, n = rng_below(&r, 30);
        struct boxes b;
        draw_points(&r, m, n, k % 2 == 0 ? 5.0 : 1e6, x);
        HARNESS_ASSERT_OK(boxes_create(m, n, x, reference, &b, &why));
        for (int s = 0; s < 500; s++) {
            size_t n_holding = 0;
            for (size_t j = 0; j < m; j++) {
                y[j] = reference[j] * (1.2 * rng_uniform(&r) - 0.2);
            }
            for (size_t i = 0; i < b.n; i++) {
                size_t n_inside = 0;
                for (size_t j = 0; j < m; j++) {
                    n_inside += coordinate(&b, i, j, 0) <= y[j] && y[j] < coordinate(&b, i, j, 1);
                }
                n_holding += n_inside == m;
            }
            CU_ASSERT_EQUAL(n_holding, is_dominated(m, n, x, y) ? 0 : 1);
        }
        boxes_clear(&b);
    }
}

static void test_boxes_leave_out_what_adds_nothing(void)
{
    /* A duplicate, a dominated point, one on the reference and one beyond it. */
    static const double x[] = {0.2, 0.6, 0.5, 0.3, 0.2, 0.6, 0.55, 0.3, 0.9, 0.1, 0.1, 1.4};
    struct boxes b;
    HARNESS_ASSERT_OK(boxes_create(2, 6, x, reference, &b, &why));
    CU_ASSERT_EQUAL(b.n, 3);
    CU_ASSERT_EQUAL(b.n_at[0], 4);
    CU_ASSERT_EQUAL(b.n_at[1], 4);
    boxes_clear(&b);
    HARNESS_ASSERT_OK(boxes_create(3, 0, x, reference, &b, &why));
    CU_ASSERT_EQUAL(b.n, 1);
    for (size_t j = 0; j < 3; j++) {
        CU_ASSERT(isinf(coordinate(&b, 0, j, 0)));
        CU_ASSERT_EQUAL(coordinate(&b, 0, j, 1), reference[j]);
    }
    boxes_clear(&b);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"fill the whole", test_boxes_and_what_the_front_dominates_fill_the_whole},
        {"each free place once", test_boxes_hold_each_free_place_once},
        {"leave out what adds nothing", test_boxes_leave_out_what_adds_nothing},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
