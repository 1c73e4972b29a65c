/* ranks: 1 3 */
#define _POSIX_C_SOURCE 200809L
#include "solver/base/meter.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "solver/base/team.h"
#include "tests/harness.h"

static struct status_why why;
static struct meter_counts before[METER_N_PHASES], after[METER_N_PHASES];

static void check_traffic(enum meter_phase p, uint64_t n_calls, uint64_t sent, uint64_t received)
{
    CU_ASSERT_EQUAL(after[p].collectives - before[p].collectives, n_calls);
    CU_ASSERT_EQUAL(after[p].sent_byte - before[p].sent_byte, sent);
    CU_ASSERT_EQUAL(after[p].received_byte - before[p].received_byte, received);
}

static void test_collectives_count_what_a_rank_gives_and_gets(void)
{
    MPI_Comm comm = harness_comm();
    const size_t rank = (size_t)team_rank(comm), others = (size_t)team_size(comm) - 1;
    const bool alone = others == 0, gives = rank == others;
    char bytes[2385] = {0};

    (void)meter_begin(METER_BAND);
    meter_read(before);
    team_spread(comm, (int)others, bytes, sizeof bytes);
    meter_read(after);
    check_traffic(METER_BAND, !alone, gives && !alone ? 2385 : 0, gives ? 0 : 2385);

    meter_read(before);
    (void)team_sum(comm, 7);
    (void)team_max(comm, 2.385);
    (void)team_before(comm, 3);
    team_meet(comm);
    meter_read(after);
    check_traffic(METER_BAND, alone ? 0 : 4, alone ? 0 : 24, alone ? 0 : 24);

    meter_read(before);
    team_fill(comm, bytes, 31);
    meter_read(after);
    check_traffic(METER_BAND, !alone, alone ? 0 : 31, alone ? 0 : 31);

    /* Rank r gives r + 2 bytes: two agreements and the lengths come first. */
    void *all = NULL;
    size_t n_all = 0;
    meter_read(before);
    HARNESS_ASSERT_OK(team_gather(comm, bytes, rank + 2, &all, &n_all, &why));
    meter_read(after);
    free(all);
    check_traffic(METER_BAND, alone ? 0 : 3 + others + 1, alone ? 0 : 16 + 8 + rank + 2,
                  alone ? 0 : 16 + 8 * others + n_all - (rank + 2));
    (void)meter_begin(METER_START);
}

static void test_messages_go_to_one_rank(void)
{
    MPI_Comm comm = harness_comm();
    const int size = team_size(comm), rank = team_rank(comm);
    const char bytes[64] = {0};
    size_t n_to[16] = {0}, n_got = 0;
    void *got = NULL;

    for (int r = 0; r < size; r++) { /* r bytes to rank r: rank 0 gets none */
        n_to[r] = (size_t)r;
    }
    (void)meter_begin(METER_SEARCH);
    meter_read(before);
    HARNESS_ASSERT_OK(team_exchange(comm, bytes, n_to, &got, &n_got, &why));
    meter_read(after);
    (void)meter_begin(METER_START);
    free(got);
    const uint64_t n_messages = after[METER_SEARCH].messages - before[METER_SEARCH].messages;
    CU_ASSERT_EQUAL(n_messages, (uint64_t)(size - 1 - (rank > 0)) * (size > 1));
    /* 16 bytes of two agreements, and the lengths. */
    const size_t small = size > 1 ? 16 + 8 * (size_t)(size - 1) : 0;
    const size_t to_others = (size_t)(size * (size - 1) / 2 - rank);
    check_traffic(METER_SEARCH, size > 1 ? 3 : 0, small + to_others,
                  small + (size_t)(rank * (size - 1)));
}

static enum status do_nothing(void *context, size_t item, struct status_why *reason)
{
    (void)context;
    (void)item;
    (void)reason;
    return STATUS_OK;
}

static void test_items_done_and_found_are_counted_once(void)
{
    MPI_Comm comm = harness_comm();
    const unsigned char done[9] = {0, 1, 0, 0, 1, 1, 0, 0, 1};
    const struct team_work work = {.label = "test", .n_items = 9, .done = done, .item = do_nothing};
    (void)meter_begin(METER_FIT);
    meter_read(before);
    HARNESS_ASSERT_OK(team_deal(comm, &work, &why));
    meter_read(after);
    (void)meter_begin(METER_START);
    CU_ASSERT_EQUAL(team_sum(comm, after[METER_FIT].items_done - before[METER_FIT].items_done), 5);
    CU_ASSERT_EQUAL(team_sum(comm, after[METER_FIT].items_found - before[METER_FIT].items_found),
                    4);
    /* A worker asks for each of its items and once in vain; both ends count what they send. */
    const uint64_t sent = team_sum(comm, after[METER_FIT].messages - before[METER_FIT].messages);
    CU_ASSERT_EQUAL(sent % 2, 0);
    CU_ASSERT(team_size(comm) == 1 ? sent == 0 : sent >= 2 * (uint64_t)(team_size(comm) - 1));
}

static void test_time_and_memory_belong_to_the_phase_at_work(void)
{
    enum { N = 40000000 };
    CU_ASSERT_EQUAL(meter_begin(METER_MERGE), METER_START);
    meter_read(before);
    (void)nanosleep(&(struct timespec){0, 50000000}, NULL);
    CU_ASSERT_EQUAL(meter_begin(METER_WRITE), METER_MERGE);
    char *block = malloc(N);
    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    memset(block, 1, N);
    volatile double sum = 0;
    for (size_t i = 0; i < N; i++) {
        sum += block[i];
    }
    CU_ASSERT(sum > 1.0);
    free(block);
    const double begun = meter_clock();
    (void)nanosleep(&(struct timespec){0, 20000000}, NULL);
    meter_wait(begun);
    meter_read(after);
    (void)meter_begin(METER_START);
    const struct meter_counts *slept = &after[METER_MERGE], *worked = &after[METER_WRITE];
    CU_ASSERT(slept->wall_second - before[METER_MERGE].wall_second >= 0.05);
    CU_ASSERT(slept->cpu_second - before[METER_MERGE].cpu_second < 0.05);
    CU_ASSERT(worked->cpu_second - before[METER_WRITE].cpu_second > 0.002);
    CU_ASSERT(worked->wall_second > worked->waiting_second);
    CU_ASSERT(worked->waiting_second - before[METER_WRITE].waiting_second >= 0.02);
    CU_ASSERT(worked->peak_byte >= slept->peak_byte && worked->peak_byte > N);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"collectives_count_what_a_rank_gives_and_gets",
         test_collectives_count_what_a_rank_gives_and_gets},
        {"messages_go_to_one_rank", test_messages_go_to_one_rank},
        {"items_done_and_found_are_counted_once", test_items_done_and_found_are_counted_once},
        {"time_and_memory_belong_to_the_phase_at_work",
         test_time_and_memory_belong_to_the_phase_at_work},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
