#include "search/exact/staircase.h"

#include <float.h>

#include "tests/harness.h"
#include "tests/search/exact/random_problem.h"

static struct status_why why;
static struct random_problem made;

/* Whether point a removes point b (staircase.h). */
static bool removes(const struct staircase_point *a, const struct staircase_point *b)
{
    return a->work <= b->work && a->value <= b->value
           && (a->value < b->value || a->work * (1.0 + 0x1p-37) < b->work || a->index < b->index);
}

/* Every point of the core, by the tables themselves. */
static size_t all_points(const struct layout *l, const struct tables_outcome *value,
                         const struct tables_outcome *work, double most,
                         struct staircase_point points[])
{
    size_t levels[SPACE_MAX_AXES] = {0}, n = 0;
    const size_t n_axes = made.space.n_axes;
    for (size_t i = 0; i < made.space.axes[l->core[0]].n; i++) {
        for (size_t j = 0; j < made.space.axes[l->core[1]].n; j++) {
            levels[l->core[0]] = i;
            levels[l->core[1]] = j;
            struct staircase_point *p = &points[n];
            p->value = tables_value(value, n_axes, levels);
            p->work = tables_value(work, n_axes, levels);
            p->index = layout_index(l, levels);
            n += p->value <= most && !isnan(p->work);
            pareto_round(1, &p->value);
        }
    }
    return n;
}

static void test_staircase_is_what_no_point_removes(void)
{
    static struct staircase_point points[1 << 12];
    for (uint64_t seed = 1; seed <= 60; seed++) {
        const size_t levels[SPACE_MAX_AXES] = {0};
        struct layout l;
        struct staircase got;
        random_factored(seed, &made);
        if (seed % 2 == 0) {
            random_gaps(seed, &made);
        }
        size_t value = 0, cost = 0;
        while (made.tables[value].n_products != 2) {
            value++;
        }
        while (made.tables[cost].n_products != 1) {
            cost++;
        }
        struct tables_outcome work = {.n_products = 1, .products = {made.tables[cost].products[0]}};
        work.products[0].n = 2;
        const double most = seed % 3 == 0 ? 9.0 : DBL_MAX;
        layout_make(&made.problem, &l);
        HARNESS_ASSERT_OK(staircase_make(&l, &made.tables[value], &work, levels, most, &got, &why));
        const size_t n = all_points(&l, &made.tables[value], &work, most, points);
        size_t n_left = 0;
        for (size_t i = 0; i < n; i++) {
            bool removed = false;
            for (size_t k = 0; k < n && !removed; k++) {
                removed = k != i && removes(&points[k], &points[i]);
            }
            bool found = false;
            for (size_t k = 0; k < got.n && !found; k++) {
                found = got.points[k].index == points[i].index;
            }
            CU_ASSERT_EQUAL(found, !removed);
            n_left += !removed;
        }
        CU_ASSERT_EQUAL(got.n, n_left);
        for (size_t k = 1; k < got.n; k++) {
            CU_ASSERT(got.points[k - 1].work <= got.points[k].work);
            CU_ASSERT(got.points[k - 1].value >= got.points[k].value);
        }
        staircase_clear(&got);
        space_clear(&made.space);
    }
}

/* Works that differ by less than 40 bits show: the lower index stays beside the smaller work. */
static void test_staircase_keeps_works_that_rounding_makes_equal(void)
{
    enum { N = 40 };
    double value[N], work[N];
    const size_t levels[SPACE_MAX_AXES] = {0};
    const struct tables_outcome values = {.n_products = 1, .products = {{1, {{value, {1}}}}}};
    const struct tables_outcome works = {.n_products = 1, .products = {{1, {{work, {1}}}}}};
    const struct problem p = {.space = &made.space, .n_objectives = 1, .tables = &values};
    space_init(&made.space);
    problems_axis(&made.space, "a", SPACE_DECISION, 1, 2, N);
    for (size_t i = 0; i < N; i++) {
        value[i] = i < 2 ? 1.5 : 4.0 + (double)i;
        work[i] = 10.0 + (double)i;
    }
    for (int k = 0; k < 2; k++) {
        struct layout l;
        struct staircase got;
        work[1] = 3.3;
        work[0] = work[1] * (1.0 + (k == 0 ? 1e-13 : 1e-9));
        layout_make(&p, &l);
        HARNESS_ASSERT_OK(
            staircase_make(&l, &values, &works, levels, (double)INFINITY, &got, &why));
        CU_ASSERT_EQUAL(got.n, k == 0 ? 2 : 1);
        CU_ASSERT_EQUAL(got.points[0].index, 1);
        staircase_clear(&got);
    }
    space_clear(&made.space);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {{"is_what_no_point_removes", test_staircase_is_what_no_point_removes},
                           {"keeps_works_that_rounding_makes_equal",
                            test_staircase_keeps_works_that_rounding_makes_equal},
                           CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
