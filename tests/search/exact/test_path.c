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
    if (n > 0) {
        memcpy(m->survivors + m->n, survivors, n * sizeof *survivors);
    }
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

/* Items 0 to n - 1 in an order drawn. */
static void shuffle(struct rng *r, size_t n, size_t order[])
{
    for (size_t i = 0; i < n; i++) {
        const size_t k = random_below(r, i + 1);
        order[i] = i;
        order[i] = order[k];
        order[k] = i;
    }
}

/* Do the items one by one in the order given, each by a search that leaves out all others and is
 * told what those before have left. */
static void search_in_order(const struct path *path, const struct problem *p, size_t n_items,
                            const size_t order[], struct frontier *got)
{
    static struct memory before, memory;
    unsigned char *done = malloc(n_items);
    memset(done, 1, n_items);
    memory.n = 0;
    for (size_t i = 0; i < n_items; i++) {
        before = memory;
        done[order[i]] = 0;
        const struct path_options options = {.done = done,
                                             .survivors = before.survivors,
                                             .n_survivors = before.n,
                                             .record = remember,
                                             .context = &memory};
        HARNESS_ASSERT_OK(path->search(harness_comm(), p, &options, got, &why));
        done[order[i]] = 1;
        if (i + 1 < n_items) {
            frontier_clear(got);
        }
    }
    free(done);
}

static void test_the_order_of_the_items_does_not_matter(void)
{
    enum { MOST_ITEMS = 64 };
    struct rng r;
    size_t n_shuffled[PATH_N] = {0}, order[MOST_ITEMS];
    rng_init(&r, 7, RNG_TEST, 0);
    for (uint64_t seed = 100; seed < 160; seed++) {
        if (seed % 2 == 0) {
            random_factored(seed, &made);
        } else {
            random_problem(seed, 21, &made);
        }
        for (int kind = seed % 2 == 0 ? PATH_FACTORED : PATH_BOUNDED; kind < PATH_N; kind++) {
            const struct path *path = path_choose(&made.problem, (enum path_kind)kind, &why);
            struct frontier whole, got;
            size_t n_items = 0;
            HARNESS_ASSERT_OK(path->n_items(&made.problem, &n_items, &why));
            if (n_items < 2 || n_items > MOST_ITEMS) {
                continue;
            }
            brute_frontier(&made.problem, &whole);
            shuffle(&r, n_items, order);
            search_in_order(path, &made.problem, n_items, order, &got);
            CU_ASSERT(brute_same_rows(&got, &whole));
            n_shuffled[kind]++;
            frontier_clear(&whole);
            frontier_clear(&got);
        }
        space_clear(&made.space);
    }
    CU_ASSERT(n_shuffled[PATH_FACTORED] > 5 && n_shuffled[PATH_BOUNDED] > 10
              && n_shuffled[PATH_STREAMING] > 10);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"path_is_the_fastest_that_can", test_path_is_the_fastest_that_can},
        {"path_resumes_to_the_same_rows", test_path_resumes_to_the_same_rows},
        {"the_order_of_the_items_does_not_matter", test_the_order_of_the_items_does_not_matter},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
