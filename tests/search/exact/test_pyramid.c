#include "search/exact/pyramid.h"

#include "tests/harness.h"
#include "tests/search/exact/random_problem.h"

static struct status_why why;
static struct random_problem made;

/* A random node of an axis. */
static struct pyramid_node node_of(struct rng *r, size_t n)
{
    struct pyramid_node node = pyramid_root(n);
    while (node.end - node.begin > 1 && rng_uniform(r) < 0.8) {
        node = rng_uniform(r) < 0.5 ? pyramid_lower(node) : pyramid_upper(node);
    }
    return node;
}

/* Least and greatest of a table over the levels of a box, one by one. */
static void scan(const struct tables_table *t, const struct pyramid_node nodes[], size_t axis,
                 size_t at, double *least, double *greatest)
{
    if (axis == made.space.n_axes) {
        const double x = t->values[at];
        *least = fmin(*least, x);
        *greatest = fmax(*greatest, x);
        return;
    }
    for (size_t level = nodes[axis].begin; level < nodes[axis].end; level++) {
        scan(t, nodes, axis + 1, at + t->stride[axis] * level, least, greatest);
    }
}

static void test_pyramid_bounds_are_those_of_all_levels(void)
{
    struct rng r;
    rng_init(&r, 5, RNG_SIMULATE, 1);
    for (uint64_t seed = 1; seed <= 60; seed++) {
        random_problem(seed, 23, &made);
        const struct space *s = &made.space;
        struct tables_table t = made.tables[0].products[0].factors[0];
        size_t core[SPACE_MAX_AXES], n_core = 0;
        struct pyramid_node nodes[SPACE_MAX_AXES];
        struct pyramid p;
        if (seed % 3 == 0) {
            made.entries[0] = NAN; /* the first entry of the first table */
        }
        for (size_t a = 0; a < s->n_axes; a++) {
            if (rng_uniform(&r) < 0.6) {
                core[n_core++] = a;
            }
        }
        HARNESS_ASSERT_OK(pyramid_create(&t, s, n_core, core, &p, &why));
        for (int k = 0; k < 40; k++) {
            size_t at = 0, c = 0;
            double least = (double)INFINITY, greatest = -(double)INFINITY;
            for (size_t a = 0; a < s->n_axes; a++) {
                const bool in_core = c < n_core && core[c] == a;
                const size_t level = random_below(&r, s->axes[a].n);
                nodes[a] = in_core ? node_of(&r, s->axes[a].n)
                                   : (struct pyramid_node){0, level, level + 1};
                at += in_core ? p.node_stride[c++] * nodes[a].number : p.stride[a] * level;
            }
            scan(&t, nodes, 0, 0, &least, &greatest);
            CU_ASSERT_EQUAL(p.least[at], least);
            CU_ASSERT_EQUAL(p.greatest[at], greatest);
        }
        pyramid_clear(&p);
        space_clear(&made.space);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"bounds_are_those_of_all_levels", test_pyramid_bounds_are_those_of_all_levels},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
