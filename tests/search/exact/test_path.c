#include "search/exact/path.h"

#include "tests/harness.h"
#include "tests/search/exact/random_problem.h"

static struct status_why why;
static struct random_problem made;

static void wrong_evaluate(const void *context, uint64_t begin, size_t n, double values[],
                           size_t stride)
{
    random_evaluate(context, begin, n, values, stride);
    values[0] *= 1.0 + 1e-15;
}

static void test_path_is_the_fastest_that_can(void)
{
    random_problem(3, 9, &made);
    struct problem p = made.problem;
    CU_ASSERT_EQUAL(path_choose(&p, PATH_AUTO, &why)->kind, PATH_BOUNDED);
    CU_ASSERT_EQUAL(path_choose(&p, PATH_STREAMING, &why)->kind, PATH_STREAMING);
    p.evaluate = wrong_evaluate;
    CU_ASSERT_EQUAL(path_choose(&p, PATH_AUTO, &why)->kind, PATH_STREAMING);
    p.tables = NULL;
    CU_ASSERT_EQUAL(path_choose(&p, PATH_AUTO, &why)->kind, PATH_STREAMING);
    CU_ASSERT_PTR_NULL(path_choose(&p, PATH_BOUNDED, &why));
    CU_ASSERT(harness_contains(why.message, "search.path: bounded: not for this study"));
    space_clear(&made.space);
}

/* Every item of an interrupted search is left out, its survivors are offered again: the rows are
 * those of the whole search. */
struct memory {
    uint64_t survivors[1 << 16];
    size_t n;
};

static enum status remember(void *context, size_t item, const uint64_t survivors[], size_t n,
                            struct status_why *reason)
{
    struct memory *m = context;
    (void)item;
    (void)reason;
    STATUS_ASSERT(m->n + n <= sizeof m->survivors / sizeof *m->survivors);
    memcpy(m->survivors + m->n, survivors, n * sizeof *survivors);
    m->n += n;
    return STATUS_OK;
}

static void test_path_resumes_to_the_same_rows(void)
{
    static struct memory memory;
    for (uint64_t seed = 20; seed < 40; seed++) {
        if (seed % 2 == 0) {
            random_factored(seed, &made);
        } else {
            random_problem(seed, 9, &made);
        }
        for (int kind = seed % 2 == 0 ? PATH_FACTORED : PATH_BOUNDED; kind < PATH_N; kind++) {
            const struct path *path = path_choose(&made.problem, (enum path_kind)kind, &why);
            struct frontier whole, resumed;
            size_t n_items = 0;
            memory.n = 0;
            const struct path_options first = {.record = remember, .context = &memory};
            HARNESS_ASSERT_OK(path->n_items(&made.problem, &n_items, &why));
            HARNESS_ASSERT_OK(path->search(harness_comm(), &made.problem, &first, &whole, &why));
            unsigned char *done = malloc(n_items);
            memset(done, 1, n_items);
            const struct path_options second = {
                .done = done, .survivors = memory.survivors, .n_survivors = memory.n};
            HARNESS_ASSERT_OK(path->search(harness_comm(), &made.problem, &second, &resumed, &why));
            CU_ASSERT(brute_same_rows(&resumed, &whole));
            CU_ASSERT_EQUAL(resumed.n_evaluated, 0);
            frontier_clear(&whole);
            frontier_clear(&resumed);
            free(done);
        }
        space_clear(&made.space);
    }
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {{"path_is_the_fastest_that_can", test_path_is_the_fastest_that_can},
                           {"path_resumes_to_the_same_rows", test_path_resumes_to_the_same_rows},
                           CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
