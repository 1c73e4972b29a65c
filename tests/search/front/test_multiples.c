#include "search/front/multiples.h"

#include <math.h>
#include <stdlib.h>

#include "tests/harness.h"
#include "tests/search/front/problems.h"

enum { N_AXIS = 41, N_LEVELS = 3, N_OBJECTIVES = 7 };

/* Of work: itself; 2.385 times it, by a factor of the level; the same with a last digit more in one
 * configuration; its square root; what is to be large; the negative; another. */
static double bump;

static void evaluate(const void *context, uint64_t begin, size_t n, double values[], size_t stride)
{
    const struct space *s = context;
    for (size_t i = 0; i < n; i++) {
        size_t levels[SPACE_MAX_AXES];
        space_levels(s, begin + i, levels);
        const double x = 1.3 + (double)levels[1], y = 2.7 + (double)(levels[2] * levels[2]);
        const double factor = 2.385 / (1.7 + (double)levels[0]);
        const double all[N_OBJECTIVES] = {
            x * y,       x * y * factor, x * y * 3.1 * (levels[1] == 40 ? 1.0 + bump : 1.0),
            sqrt(x * y), x * y,          -x * y,
            x * y * y};
        for (size_t k = 0; k < N_OBJECTIVES; k++) {
            values[k * stride + i] = all[k];
        }
    }
}

static void find(double at_one, struct multiple made[])
{
    struct space s;
    space_init(&s);
    problems_axis(&s, "place", SPACE_SCENARIO, 1, 3, N_LEVELS);
    problems_axis(&s, "x", SPACE_DECISION, 1, 9, N_AXIS);
    problems_axis(&s, "y", SPACE_DECISION, 1, 9, N_AXIS);
    struct problem p = {.space = &s,
                        .n_objectives = N_OBJECTIVES,
                        .objectives = {[4] = {.maximise = true}},
                        .evaluate = evaluate,
                        .context = &s};
    bump = at_one;
    multiples_find(&p, made);
    space_clear(&s);
}

static void test_multiples_are_those_by_one_constant_in_each_level(void)
{
    struct multiple made[N_OBJECTIVES];
    find(0.0, made);
    CU_ASSERT(!made[0].is);
    CU_ASSERT(made[1].is && made[1].of == 0);
    CU_ASSERT_DOUBLE_EQUAL(made[1].least, 2.385 / 3.7, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(made[1].greatest, 2.385 / 1.7, 1e-12);
    CU_ASSERT(made[2].is && made[2].of == 0);
    CU_ASSERT_DOUBLE_EQUAL(made[2].least, 3.1, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(made[2].greatest, 3.1, 1e-12);
    for (size_t k = 3; k < N_OBJECTIVES; k++) {
        CU_ASSERT(!made[k].is);
    }
}

static void test_multiples_differ_by_no_more_than_rounding(void)
{
    struct multiple made[N_OBJECTIVES];
    find(2e-15, made);
    CU_ASSERT(made[2].is);
    find(1e-11, made);
    CU_ASSERT(made[1].is && !made[2].is);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"one_constant_a_level", test_multiples_are_those_by_one_constant_in_each_level},
        {"rounding", test_multiples_differ_by_no_more_than_rounding},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
