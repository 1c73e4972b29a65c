#include "search/front/boxtree.h"

#include <stdlib.h>
#include <string.h>

#include "solver/base/rng.h"
#include "tests/harness.h"
#include "tests/search/front/brute.h"

static struct status_why why;

/* What the tree should say, from its own rows. */
static enum dominance_verdict verdict(size_t m, size_t n, const double rows[],
                                      const uint64_t indices[], const double q[], uint64_t index)
{
    enum dominance_verdict v = DOMINANCE_NONE;
    for (size_t i = 0; i < n; i++) {
        if (brute_removes(m, rows + i * m, 0, q, 1)
            && memcmp(rows + i * m, q, m * sizeof *q) != 0) {
            return DOMINANCE_DOMINATED;
        }
        if (memcmp(rows + i * m, q, m * sizeof *q) == 0 && indices[i] < index) {
            v = DOMINANCE_DUPLICATE;
        }
    }
    return v;
}

static void compare(size_t m, size_t n, int levels, uint64_t seed)
{
    double *rows = malloc(n * m * sizeof *rows);
    uint64_t *indices = malloc(n * sizeof *indices);
    struct boxtree t;
    struct rng r;

    boxtree_init(&t);
    rng_init(&r, 3, RNG_TEST, seed);
    for (size_t i = 0; i < n * m; i++) {
        rows[i] = (double)(int)(rng_uniform(&r) * levels) * (i % m == 0 ? 1e6 : 0.01);
    }
    for (size_t i = 0; i < n; i++) {
        indices[i] = 1000 + i;
    }
    HARNESS_ASSERT_OK(boxtree_build(&t, m, n, rows, indices, &why));
    size_t n_wrong = 0;
    for (size_t k = 0; k < 400; k++) {
        double q[DOMINANCE_MAX_OBJECTIVES];
        size_t equal;
        const size_t like = rng_below(&r, n);
        for (size_t j = 0; j < m; j++) {
            const double below = (double)(rng_below(&r, 4) == 0) * (j == 0 ? 1e6 : 0.01);
            q[j] = rows[like * m + j] - (k % 2 == 0 ? below : 0);
        }
        const uint64_t index = 1000 + rng_below(&r, n);
        const enum dominance_verdict v = boxtree_query(&t, q, index, &equal);
        n_wrong += v != verdict(m, n, rows, indices, q, index);
        n_wrong += v == DOMINANCE_NONE && equal != SIZE_MAX
                   && (memcmp(rows + equal * m, q, m * sizeof *q) != 0 || indices[equal] < index);
    }
    CU_ASSERT_EQUAL(n_wrong, 0);
    boxtree_clear(&t);
    free(indices);
    free(rows);
}

static void test_tree_answers_as_a_scan_does(void)
{
    const size_t sizes[] = {1, 2, 16, 17, 33, 128, 129, 700, 5000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (size_t m = 1; m <= 8; m++) {
            compare(m, sizes[s], m < 3 ? 2000 : 6, s * 10 + m);
        }
    }
}

static void test_tree_can_be_built_again_and_is_empty_before(void)
{
    double rows[] = {2.5, 3.5};
    uint64_t indices[] = {7};
    const double q[] = {2.5, 3.75};
    struct boxtree t;
    size_t equal = 0;

    boxtree_init(&t);
    CU_ASSERT_EQUAL(boxtree_query(&t, q, 0, &equal), DOMINANCE_NONE);
    CU_ASSERT_EQUAL(equal, SIZE_MAX);
    HARNESS_ASSERT_OK(boxtree_build(&t, 2, 1, rows, indices, &why));
    CU_ASSERT_EQUAL(boxtree_query(&t, q, 0, &equal), DOMINANCE_DOMINATED);
    HARNESS_ASSERT_OK(boxtree_build(&t, 1, 1, rows + 1, indices, &why));
    CU_ASSERT_EQUAL(boxtree_query(&t, q, 0, &equal), DOMINANCE_NONE);
    CU_ASSERT_EQUAL(boxtree_query(&t, q + 1, 0, &equal), DOMINANCE_DOMINATED);
    HARNESS_ASSERT_OK(boxtree_build(&t, 1, 0, rows, indices, &why));
    CU_ASSERT_EQUAL(boxtree_query(&t, q + 1, 0, &equal), DOMINANCE_NONE);
    boxtree_clear(&t);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"tree_answers_as_a_scan_does", test_tree_answers_as_a_scan_does},
        {"tree_can_be_built_again_and_is_empty_before",
         test_tree_can_be_built_again_and_is_empty_before},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
