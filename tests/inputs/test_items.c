/* ranks: 1 3 */
#include "inputs/items.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/harness.h"

static struct status_why why;
static const char digest[] = "6d1f00aa";

enum { N = 9, WIDTH = 2 };

/* A list whose results are told by their number; it fails at one item, and counts. */
struct list {
    double results[N][WIDTH];
    size_t fails_at, n_done;
};

static enum status fill(void *context, size_t item, struct status_why *reason)
{
    struct list *l = context;
    if (item == l->fails_at) {
        return status_fail(reason, STATUS_IO, "item %zu failed", item);
    }
    l->results[item][0] = sqrt(2.385 + (double)item);
    l->results[item][1] = -(double)item;
    l->n_done++;
    return STATUS_OK;
}

static enum status deal(MPI_Comm comm, struct items *items, struct list *l,
                        const unsigned char done[], size_t fails_at)
{
    memset(l, 0, sizeof *l);
    l->fails_at = fails_at;
    const struct team_work work = {
        .label = "test", .n_items = N, .done = done, .item = fill, .context = l};
    return items_deal(comm, items, &work, sizeof l->results[0], l->results, &why);
}

static void check_results(const struct list *l, size_t first)
{
    for (size_t i = first; i < N; i++) {
        CU_ASSERT_EQUAL(l->results[i][0], sqrt(2.385 + (double)i));
        CU_ASSERT_EQUAL(l->results[i][1], -(double)i);
    }
}

static struct items *open_items(MPI_Comm comm, const char *folder)
{
    struct items *items = NULL;
    HARNESS_ASSERT_OK(items_open(comm, folder, "checks", digest, &items, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(items);
    return items;
}

static void test_items_without_a_journal_are_dealt_and_filled(void)
{
    struct list l;
    const unsigned char done[N] = {1};
    status_clear(&why);
    HARNESS_ASSERT_OK(deal(harness_comm(), NULL, &l, done, N));
    check_results(&l, 1);
    CU_ASSERT_EQUAL(l.results[0][0], 0.0);
    CU_ASSERT_EQUAL(team_sum(harness_comm(), l.n_done), N - 1);
}

/** The second of two lists fails half-way: all of the first and the part done of the second are
 * taken up, on another number of ranks. */
static void test_items_recorded_are_not_done_again(void)
{
    struct list l;
    char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s", harness_path("resumed"));
    status_clear(&why);
    struct items *items = open_items(harness_comm(), folder);
    HARNESS_ASSERT_OK(deal(harness_comm(), items, &l, NULL, N));
    check_results(&l, 0);
    HARNESS_ASSERT_FAILS(deal(harness_comm(), items, &l, NULL, 5), STATUS_IO, "item 5 failed");
    const size_t n_begun = (size_t)team_sum(harness_comm(), l.n_done);
    items_close(items);
    if (team_rank(harness_comm()) == 0) {
        items = open_items(MPI_COMM_SELF, folder);
        HARNESS_ASSERT_OK(deal(MPI_COMM_SELF, items, &l, NULL, N));
        CU_ASSERT_EQUAL(l.n_done, 0);
        check_results(&l, 0);
        HARNESS_ASSERT_OK(deal(MPI_COMM_SELF, items, &l, NULL, N));
        CU_ASSERT_EQUAL(l.n_done, N - n_begun);
        check_results(&l, 0);
        items_close(items);
    }
    (void)team_sum(harness_comm(), 0);
    items = open_items(harness_comm(), folder);
    HARNESS_ASSERT_OK(deal(harness_comm(), items, &l, NULL, N));
    HARNESS_ASSERT_OK(deal(harness_comm(), items, &l, NULL, N));
    CU_ASSERT_EQUAL(l.n_done, 0);
    check_results(&l, 0);
    /* A third list has records of neither. */
    HARNESS_ASSERT_OK(deal(harness_comm(), items, &l, NULL, N));
    CU_ASSERT_EQUAL(team_sum(harness_comm(), l.n_done), N);
    items_close(items);
}

static void test_items_of_another_digest_are_refused(void)
{
    struct list l;
    struct items *items = open_items(harness_comm(), harness_path("other"));
    status_clear(&why);
    HARNESS_ASSERT_OK(deal(harness_comm(), items, &l, NULL, N));
    items_close(items);
    HARNESS_ASSERT_FAILS(
        items_open(harness_comm(), harness_path("other"), "checks", "6d1f00ab", &items, &why),
        STATUS_INPUT, "restart records of another study");
    CU_ASSERT_PTR_NULL(items);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"no journal", test_items_without_a_journal_are_dealt_and_filled},
        {"resume", test_items_recorded_are_not_done_again},
        {"digest", test_items_of_another_digest_are_refused},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
