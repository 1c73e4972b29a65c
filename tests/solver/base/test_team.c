/* ranks: 1 3 4 */
#define _XOPEN_SOURCE 700
#include "solver/base/team.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "solver/base/interrupt.h"
#include "solver/base/rng.h"
#include "tests/harness.h"

static int my_rank(void)
{
    return team_rank(harness_comm());
}

static int last_rank(void)
{
    return team_size(harness_comm()) - 1;
}

static void test_team_share_cuts_evenly(void)
{
    for (size_t n = 0; n <= 23; n++) {
        for (int size = 1; size <= 7; size++) {
            size_t next = 0;
            for (int rank = 0; rank < size; rank++) {
                const struct team_range r = team_share(n, rank, size);
                CU_ASSERT_EQUAL(r.begin, next);
                CU_ASSERT(r.end - r.begin == n / (size_t)size
                          || r.end - r.begin == n / (size_t)size + 1);
                next = r.end;
            }
            CU_ASSERT_EQUAL(next, n);
        }
    }
}

static void test_team_agree_on_success_leaves_why_alone(void)
{
    struct status_why why = {STATUS_OK, "as before"};
    CU_ASSERT_EQUAL(team_agree(harness_comm(), STATUS_OK, &why), STATUS_OK);
    CU_ASSERT_STRING_EQUAL(why.message, "as before");
}

static void test_team_agree_failure_on_the_last_rank_reaches_all(void)
{
    struct status_why why;
    enum status st = STATUS_OK;
    status_clear(&why);
    if (my_rank() == last_rank()) {
        st = status_fail(&why, STATUS_IO, "runs.csv: rank %d cannot read", last_rank());
    }
    CU_ASSERT_EQUAL(team_agree(harness_comm(), st, &why), STATUS_IO);
    CU_ASSERT_EQUAL(why.code, STATUS_IO);
    char expected[64];
    (void)snprintf(expected, sizeof expected, "runs.csv: rank %d cannot read", last_rank());
    CU_ASSERT_STRING_EQUAL(why.message, expected);
}

static void test_team_agree_gravest_wins_then_lowest_rank(void)
{
    static const enum status codes[] = {STATUS_INPUT, STATUS_MEMORY, STATUS_MEMORY, STATUS_NO};
    static const char *const wanted[] = {"from rank 0", "from rank 1", "from rank 1",
                                         "from rank 1"};
    struct status_why why;
    status_clear(&why);
    const enum status st = status_fail(&why, codes[my_rank()], "from rank %d", my_rank());
    const enum status gravest = last_rank() == 0 ? STATUS_INPUT : STATUS_MEMORY;
    HARNESS_ASSERT_FAILS(team_agree(harness_comm(), st, &why), gravest, "from rank");
    (void)status_fail(&why, codes[my_rank()], "from rank %d", my_rank());
    (void)team_agree(harness_comm(), codes[my_rank()], &why);
    CU_ASSERT_STRING_EQUAL(why.message, wanted[last_rank()]);
    CU_ASSERT_EQUAL(why.code, gravest);
}

static void test_team_broadcast_gives_bytes_of_rank_0(void)
{
    static const char text[] = "laws:\n  - chinchilla\0after a zero";
    static const size_t lengths[] = {0, 1, sizeof text - 1};
    struct status_why why;
    status_clear(&why);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char *bytes = NULL;
        size_t n = 999; /* untidy on purpose where it is output */
        if (my_rank() == 0) {
            n = lengths[i];
            bytes = malloc(n + 1);
            CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
            memcpy(bytes, text, n);
            bytes[n] = '\0';
        }
        HARNESS_ASSERT_OK(team_broadcast(harness_comm(), &bytes, &n, &why));
        CU_ASSERT_EQUAL_FATAL(n, lengths[i]);
        CU_ASSERT_EQUAL(memcmp(bytes, text, n), 0);
        CU_ASSERT_EQUAL(bytes[n], '\0');
        free(bytes);
    }
}

static void test_team_fill_completes_an_array(void)
{
    double data[23];
    memset(data, 0, sizeof data);
    const struct team_range mine = team_share(23, my_rank(), last_rank() + 1);
    for (size_t i = mine.begin; i < mine.end; i++) {
        data[i] = -2.385 / (double)(i + 3);
    }
    team_fill(harness_comm(), data, sizeof data);
    for (size_t i = 0; i < 23; i++) {
        CU_ASSERT_EQUAL(data[i], -2.385 / (double)(i + 3));
    }
    team_fill(harness_comm(), NULL, 0);
}

/* Rank r gives 3 r bytes, so rank 0 gives none. */
static void test_team_gather_in_rank_order_with_an_idle_rank(void)
{
    struct status_why why;
    unsigned char mine[16], *all = NULL;
    void *gathered = NULL;
    size_t n_all = 0, at = 0;
    const size_t n_mine = 3 * (size_t)my_rank();
    status_clear(&why);
    memset(mine, 'a' + my_rank(), sizeof mine);
    HARNESS_ASSERT_OK(
        team_gather(harness_comm(), n_mine > 0 ? mine : NULL, n_mine, &gathered, &n_all, &why));
    all = gathered;
    for (int r = 0; r <= last_rank(); r++) {
        for (int i = 0; i < 3 * r; i++) {
            CU_ASSERT_EQUAL(all[at], 'a' + r);
            at++;
        }
    }
    CU_ASSERT_EQUAL(n_all, at);
    free(gathered);
}

/* Rank r sends (r + 1) (to + 2) numbers to each rank but itself. */
static void test_team_exchange_gives_each_rank_its_parts_in_rank_order(void)
{
    const int rank = team_rank(harness_comm()), size = team_size(harness_comm());
    size_t *n_to = malloc((size_t)size * sizeof *n_to), n = 0, n_got = 0, at = 0;
    int *mine = malloc((size_t)(size * (rank + 1) * (size + 2)) * sizeof *mine);
    void *got = NULL;
    struct status_why why = {STATUS_OK, ""};
    for (int to = 0; to < size; to++) {
        const size_t here = to == rank ? 0 : (size_t)((rank + 1) * (to + 2));
        n_to[to] = here * sizeof *mine;
        for (size_t i = 0; i < here; i++) {
            mine[n++] = 1000 * rank + 10 * to + (int)(i % 10);
        }
    }
    HARNESS_ASSERT_OK(team_exchange(harness_comm(), mine, n_to, &got, &n_got, &why));
    const int *all = got;
    for (int from = 0; from < size; from++) {
        const size_t here = from == rank ? 0 : (size_t)((from + 1) * (rank + 2));
        for (size_t i = 0; i < here; i++) {
            CU_ASSERT_EQUAL(all[at++], 1000 * from + 10 * rank + (int)(i % 10));
        }
    }
    CU_ASSERT_EQUAL(n_got, at * sizeof *mine);
    free(got);
    free(mine);
    free(n_to);
}

static void test_team_spread_gives_all_the_bytes_of_one_rank(void)
{
    const int last = team_size(harness_comm()) - 1;
    uint64_t x[2] = {(uint64_t)team_rank(harness_comm()), 7};
    team_spread(harness_comm(), last, x, sizeof x);
    CU_ASSERT_EQUAL(x[0], (uint64_t)last);
    CU_ASSERT_EQUAL(x[1], 7);
}

static void test_team_gather_of_nothing(void)
{
    struct status_why why;
    void *all = NULL;
    size_t n_all = 7;
    status_clear(&why);
    HARNESS_ASSERT_OK(team_gather(harness_comm(), NULL, 0, &all, &n_all, &why));
    CU_ASSERT_EQUAL(n_all, 0);
    CU_ASSERT_PTR_NOT_NULL(all);
    free(all);
}

static void test_team_sum_before_max(void)
{
    static const uint64_t values[] = {5, 0, (uint64_t)1 << 40, 17};
    uint64_t sum = 0, before = 0;
    for (int r = 0; r <= last_rank(); r++) {
        before = r == my_rank() ? sum : before;
        sum += values[r];
    }
    CU_ASSERT_EQUAL(team_sum(harness_comm(), values[my_rank()]), sum);
    CU_ASSERT_EQUAL(team_before(harness_comm(), values[my_rank()]), before);
    CU_ASSERT_EQUAL(team_max(harness_comm(), -3.5 - (double)my_rank()), -3.5);
    CU_ASSERT_EQUAL(team_max(harness_comm(), -3.5 + (double)my_rank()), -3.5 + last_rank());
}

enum { MOST_ITEMS = 1000 };

/* What the items of a deal leave behind on this rank, and how they misbehave. */
struct chores {
    unsigned char times[MOST_ITEMS]; /* that the item was done here */
    uint64_t value[MOST_ITEMS];
    long milliseconds;   /* that an item takes */
    int interrupts_item; /* the item that asks to stop; -1: none */
    int fails_item;      /* the item that fails; -1: none */
    int fails_rank;      /* the rank on which every item fails; -1: none */
};

static void pause_milliseconds(long ms)
{
    (void)nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

static enum status do_item(void *context, size_t item, struct status_why *why)
{
    struct chores *b = context;
    struct rng r;
    if (b->milliseconds > 0) {
        pause_milliseconds(b->milliseconds);
    }
    if ((int)item == b->fails_item || my_rank() == b->fails_rank) {
        return status_fail(why, STATUS_LIBRARY, "item %zu does not converge", item);
    }
    if ((int)item == b->interrupts_item) {
        interrupt_request();
    }
    rng_init(&r, 2385, RNG_TEST, item);
    b->times[item]++;
    b->value[item] = rng_bits(&r);
    return STATUS_OK;
}

static struct chores well_behaved(void)
{
    return (struct chores){.interrupts_item = -1, .fails_item = -1, .fails_rank = -1};
}

static enum status deal(struct chores *b, size_t n, const unsigned char done[],
                        struct status_why *why)
{
    const struct team_work work = {
        .label = "test", .n_items = n, .done = done, .item = do_item, .context = b};
    return team_deal(harness_comm(), &work, why);
}

/* How often each item was done on all ranks together. */
static void add_times(const struct chores *b, size_t n, unsigned char times[])
{
    for (size_t i = 0; i < n; i++) {
        times[i] = (unsigned char)(times[i] + team_sum(harness_comm(), b->times[i]));
    }
}

static size_t count_times(const struct chores *b, size_t n)
{
    size_t mine = 0;
    for (size_t i = 0; i < n; i++) {
        mine += b->times[i];
    }
    return (size_t)team_sum(harness_comm(), mine);
}

static void test_team_deal_does_each_item_once(void)
{
    static const size_t sizes[] = {0, 1, 2, 3, 5, 17, 200};
    struct status_why why;
    status_clear(&why);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const size_t n = sizes[k];
        struct chores b = well_behaved();
        unsigned char times[MOST_ITEMS] = {0};
        HARNESS_ASSERT_OK(deal(&b, n, NULL, &why));
        add_times(&b, n, times);
        for (size_t i = 0; i < n; i++) {
            CU_ASSERT_EQUAL(times[i], 1);
        }
    }
}

static void test_team_deal_skips_what_is_done(void)
{
    enum { N = 100 };
    struct status_why why;
    status_clear(&why);
    /* Of every (k + 1) items the first k are done: none of them, half, two thirds ... all. */
    for (size_t k = 0; k <= 4; k++) {
        struct chores b = well_behaved();
        unsigned char done[N], times[N] = {0};
        for (size_t i = 0; i < N; i++) {
            done[i] = k == 4 || i % (k + 1) < k;
        }
        HARNESS_ASSERT_OK(deal(&b, N, done, &why));
        add_times(&b, N, times);
        for (size_t i = 0; i < N; i++) {
            CU_ASSERT_EQUAL(times[i], done[i] ? 0 : 1);
        }
    }
}

static void test_team_deal_uses_every_rank(void)
{
    enum { N = 40 };
    struct status_why why;
    struct chores b = well_behaved();
    size_t mine = 0;
    status_clear(&why);
    b.milliseconds = 5;
    HARNESS_ASSERT_OK(deal(&b, N, NULL, &why));
    for (size_t i = 0; i < N; i++) {
        mine += b.times[i];
    }
    CU_ASSERT(mine > 0);
}

/* The same numbers whoever did the item: compared with those of one rank, made here. */
static void test_team_deal_result_is_independent_of_ranks(void)
{
    struct status_why why;
    struct chores b = well_behaved(), alone = well_behaved();
    status_clear(&why);
    HARNESS_ASSERT_OK(deal(&b, MOST_ITEMS, NULL, &why));
    team_fill(harness_comm(), b.value, sizeof b.value);
    for (size_t i = 0; i < MOST_ITEMS; i++) {
        HARNESS_ASSERT_OK(do_item(&alone, i, &why));
    }
    CU_ASSERT_EQUAL(memcmp(b.value, alone.value, sizeof b.value), 0);
}

/* No message may stray from one deal into the next, however short they are. */
static void test_team_deal_many_short_deals_in_a_row(void)
{
    struct status_why why;
    status_clear(&why);
    for (size_t k = 0; k < 150; k++) {
        struct chores b = well_behaved();
        const size_t n = k % 7;
        HARNESS_ASSERT_OK(deal(&b, n, NULL, &why));
        CU_ASSERT_EQUAL(count_times(&b, n), n);
    }
}

static void test_team_deal_failure_of_one_item_reaches_all(void)
{
    enum { N = 60 };
    static const int items[] = {0, 1, 31, N - 1};
    struct status_why why;
    for (size_t k = 0; k < sizeof items / sizeof *items; k++) {
        struct chores b = well_behaved();
        char message[64];
        status_clear(&why);
        b.fails_item = items[k];
        CU_ASSERT_EQUAL(deal(&b, N, NULL, &why), STATUS_LIBRARY);
        (void)snprintf(message, sizeof message, "item %d does not converge", items[k]);
        CU_ASSERT_STRING_EQUAL(why.message, message);
        CU_ASSERT_EQUAL(b.times[items[k]], 0);
    }
}

static void test_team_deal_failure_on_the_last_rank_stops_the_others(void)
{
    enum { N = MOST_ITEMS };
    struct status_why why;
    struct chores b = well_behaved();
    status_clear(&why);
    b.milliseconds = 2;
    b.fails_rank = last_rank();
    HARNESS_ASSERT_FAILS(deal(&b, N, NULL, &why), STATUS_LIBRARY, "does not converge");
    CU_ASSERT(count_times(&b, N) < N / 2);
}

static void test_team_deal_interrupt_on_one_rank_stops_all(void)
{
    enum { N = 300 };
    struct status_why why;
    for (int who = 0; who <= last_rank(); who++) {
        struct chores b = well_behaved(), rest = well_behaved();
        unsigned char done[N] = {0}, times[N] = {0};
        status_clear(&why);
        b.milliseconds = 1;
        if (my_rank() == who) {
            interrupt_request();
        }
        HARNESS_ASSERT_FAILS(deal(&b, N, NULL, &why), STATUS_CHECKPOINTED, "stopped on request");
        CU_ASSERT_EQUAL(interrupt_requested(), my_rank() == who);
        interrupt_clear();
        /* Run the same command again: what was left is done, nothing twice. */
        add_times(&b, N, done);
        HARNESS_ASSERT_OK(deal(&rest, N, done, &why));
        memcpy(times, done, sizeof times);
        add_times(&rest, N, times);
        for (size_t i = 0; i < N; i++) {
            CU_ASSERT_EQUAL(times[i], 1);
        }
    }
}

static void test_team_deal_interrupt_within_an_item_finishes_it(void)
{
    enum { N = 300 };
    struct status_why why;
    struct chores b = well_behaved();
    unsigned char times[N] = {0};
    status_clear(&why);
    b.milliseconds = 1;
    b.interrupts_item = 12;
    HARNESS_ASSERT_FAILS(deal(&b, N, NULL, &why), STATUS_CHECKPOINTED, "of 300 items are done");
    interrupt_clear();
    add_times(&b, N, times);
    CU_ASSERT_EQUAL(times[12], 1);
    CU_ASSERT_EQUAL(times[N - 1], 0);
}

static void test_team_deal_interrupt_in_the_last_item_leaves_nothing_to_do(void)
{
    struct status_why why;
    struct chores b = well_behaved();
    status_clear(&why);
    b.interrupts_item = 0;
    HARNESS_ASSERT_OK(deal(&b, 1, NULL, &why));
    interrupt_clear();
    if (my_rank() == last_rank()) {
        interrupt_request();
    }
    HARNESS_ASSERT_OK(deal(&b, 0, NULL, &why));
    interrupt_clear();
}

/* Every rank sends to every other more than MPI buffers before anybody takes anything. */
static void test_team_post_sends_without_waiting(void)
{
    enum { N = 300000, ROUNDS = 3 };
    struct team_post *post = NULL;
    struct status_why why;
    const int size = team_size(harness_comm());
    int *letter = malloc(N * sizeof *letter), from, n_left = ROUNDS * (size - 1);
    int *taken = calloc((size_t)size, sizeof *taken);
    size_t n;
    long slept = 0;
    status_clear(&why);
    CU_ASSERT_FATAL(letter != NULL && taken != NULL);
    HARNESS_ASSERT_OK(team_post_open(harness_comm(), &post, &why));
    for (int round = 0; round < ROUNDS; round++) {
        for (int to = 0; to < size; to++) {
            for (int i = 0; i < N; i++) {
                letter[i] = 7 * my_rank() + 3 * round + i;
            }
            if (to != my_rank()) {
                HARNESS_ASSERT_OK(
                    team_post_send(post, to, letter, (size_t)(N - round) * sizeof *letter, &why));
            }
        }
    }
    while (n_left > 0) {
        if (!team_post_take(post, &from, letter, N * sizeof *letter, &n)) {
            team_rest(&slept);
            continue;
        }
        const int round = taken[from]++; /* those of one sender come in their order */
        CU_ASSERT_EQUAL(n, (size_t)(N - round) * sizeof *letter);
        CU_ASSERT_EQUAL(letter[0], 7 * from + 3 * round);
        CU_ASSERT_EQUAL(letter[N - ROUNDS], 7 * from + 3 * round + N - ROUNDS);
        n_left--;
    }
    CU_ASSERT_FALSE(team_post_take(post, NULL, letter, N * sizeof *letter, NULL));
    team_post_close(post);
    team_post_close(NULL);
    free(taken);
    free(letter);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"share cuts evenly", test_team_share_cuts_evenly},
        {"agree on success leaves why alone", test_team_agree_on_success_leaves_why_alone},
        {"agree failure on the last rank", test_team_agree_failure_on_the_last_rank_reaches_all},
        {"agree gravest wins", test_team_agree_gravest_wins_then_lowest_rank},
        {"broadcast gives bytes of rank 0", test_team_broadcast_gives_bytes_of_rank_0},
        {"fill completes an array", test_team_fill_completes_an_array},
        {"gather in rank order", test_team_gather_in_rank_order_with_an_idle_rank},
        {"gather of nothing", test_team_gather_of_nothing},
        {"exchange gives each rank its parts in rank order",
         test_team_exchange_gives_each_rank_its_parts_in_rank_order},
        {"spread gives all the bytes of one rank",
         test_team_spread_gives_all_the_bytes_of_one_rank},
        {"sum, before, max", test_team_sum_before_max},
        {"deal does each item once", test_team_deal_does_each_item_once},
        {"deal skips what is done", test_team_deal_skips_what_is_done},
        {"deal uses every rank", test_team_deal_uses_every_rank},
        {"deal independent of ranks", test_team_deal_result_is_independent_of_ranks},
        {"many short deals in a row", test_team_deal_many_short_deals_in_a_row},
        {"deal failure of one item", test_team_deal_failure_of_one_item_reaches_all},
        {"deal failure stops the others", test_team_deal_failure_on_the_last_rank_stops_the_others},
        {"deal interrupt on one rank", test_team_deal_interrupt_on_one_rank_stops_all},
        {"deal interrupt within an item", test_team_deal_interrupt_within_an_item_finishes_it},
        {"deal interrupt in the last item",
         test_team_deal_interrupt_in_the_last_item_leaves_nothing_to_do},
        {"post sends without waiting", test_team_post_sends_without_waiting},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
