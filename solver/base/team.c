#define _POSIX_C_SOURCE 200809L
#include "solver/base/team.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "solver/base/interrupt.h"
#include "solver/base/log.h"
#include "solver/base/meter.h"

/* MPI counts are int: longer transfers go in pieces of this many bytes. */
static const size_t piece_bytes = (size_t)1 << 28;

struct team_range team_share(size_t n, int rank, int size)
{
    STATUS_ASSERT(0 <= rank && rank < size);
    const size_t r = (size_t)rank, p = (size_t)size;
    const size_t base = n / p, extra = n % p;
    const size_t begin = r * base + (r < extra ? r : extra);
    return (struct team_range){begin, begin + base + (r < extra ? 1 : 0)};
}

int team_rank(MPI_Comm comm)
{
    int rank;
    MPI_Comm_rank(comm, &rank);
    return rank;
}

int team_size(MPI_Comm comm)
{
    int size;
    MPI_Comm_size(comm, &size);
    return size;
}

/* Count a call in which all ranks took part: what this rank gave to the others, and got of them. */
static void count(MPI_Comm comm, double begun, size_t sent, size_t received)
{
    if (team_size(comm) > 1) {
        meter_collective(begun, sent, received);
    }
}

/* Give every rank bytes of one, few enough for a count of MPI. */
static void spread_piece(MPI_Comm comm, int from, void *bytes, size_t n)
{
    const double begun = meter_clock();
    const bool gives = team_rank(comm) == from;
    MPI_Bcast(bytes, (int)n, MPI_BYTE, from, comm);
    count(comm, begun, gives ? n : 0, gives ? 0 : n);
}

/* In parentheses: for the analyzer it is a macro too. */
enum status(team_agree)(MPI_Comm comm, enum status mine, struct status_why *why)
{
    const int rank = team_rank(comm);
    struct {
        int status, rank;
    } local = {-(int)mine, rank}, global;

    /* The smallest of -status is the gravest; MINLOC picks the lowest rank that has it. */
    const double begun = meter_clock();
    MPI_Allreduce(&local, &global, 1, MPI_2INT, MPI_MINLOC, comm);
    count(comm, begun, sizeof local, sizeof global);
    const enum status gravest = (enum status) - global.status;
    if (gravest != STATUS_OK) {
        spread_piece(comm, global.rank, why->message, STATUS_MESSAGE_SIZE);
        why->code = gravest;
    }
    return gravest;
}

enum status team_broadcast(MPI_Comm comm, char **bytes, size_t *n, struct status_why *why)
{
    enum status st = STATUS_OK;
    const int rank = team_rank(comm);
    uint64_t length = *n;

    spread_piece(comm, 0, &length, sizeof length);
    if (rank != 0) {
        *n = (size_t)length;
        *bytes = malloc(*n + 1);
        if (*bytes == NULL) {
            st = status_fail(why, STATUS_MEMORY, "team_broadcast: %zu bytes", *n);
        } else {
            (*bytes)[*n] = '\0';
        }
    }
    STATUS_TRY(team_agree(comm, st, why));
    team_spread(comm, 0, *bytes, *n);
out:
    if (st != STATUS_OK && rank != 0) {
        free(*bytes);
        *bytes = NULL;
        *n = 0;
    }
    return st;
}

void team_fill(MPI_Comm comm, void *data, size_t n_bytes)
{
    char *bytes = data;
    for (size_t begin = 0; begin < n_bytes; begin += piece_bytes) {
        const size_t length = n_bytes - begin < piece_bytes ? n_bytes - begin : piece_bytes;
        const double begun = meter_clock();
        MPI_Allreduce(MPI_IN_PLACE, bytes + begin, (int)length, MPI_BYTE, MPI_BOR, comm);
        count(comm, begun, length, length);
    }
}

enum status team_gather(MPI_Comm comm, const void *mine, size_t n_mine, void **all, size_t *n_all,
                        struct status_why *why)
{
    enum status st = STATUS_OK;
    const int size = team_size(comm);
    uint64_t *lengths = NULL;
    const uint64_t length = n_mine;

    *all = NULL;
    *n_all = 0;
    lengths = malloc((size_t)size * sizeof *lengths);
    if (lengths == NULL) {
        st = status_fail(why, STATUS_MEMORY, "team_gather: %d lengths", size);
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_ASSERT(lengths != NULL);
    const double begun = meter_clock();
    MPI_Allgather(&length, 1, MPI_UINT64_T, lengths, 1, MPI_UINT64_T, comm);
    count(comm, begun, sizeof length, (size_t)(size - 1) * sizeof length);
    for (int r = 0; r < size; r++) {
        *n_all += (size_t)lengths[r];
    }
    *all = malloc(*n_all > 0 ? *n_all : 1);
    if (*all == NULL) {
        st = status_fail(why, STATUS_MEMORY, "team_gather: %zu bytes", *n_all);
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_ASSERT(*all != NULL);
    char *to = *all;
    for (int r = 0; r < size; r++) {
        for (uint64_t begin = 0; begin < lengths[r]; begin += piece_bytes) {
            const uint64_t left = lengths[r] - begin;
            const size_t n = left < piece_bytes ? (size_t)left : piece_bytes;
            if (r == team_rank(comm)) {
                memcpy(to, (const char *)mine + begin, n);
            }
            spread_piece(comm, r, to, n);
            to += n;
        }
    }
out:
    if (st != STATUS_OK) {
        free(*all);
        *all = NULL;
        *n_all = 0;
    }
    free(lengths);
    return st;
}

/* Bytes from one rank and to another, in pieces; each may have more of them than the other. */
static void send_and_receive(MPI_Comm comm, const char *give, uint64_t n_give, int to, char *take,
                             uint64_t n_take, int from)
{
    enum { TAG = 1 };
    for (uint64_t begin = 0; begin < n_give || begin < n_take; begin += piece_bytes) {
        const uint64_t give_left = n_give > begin ? n_give - begin : 0;
        const uint64_t take_left = n_take > begin ? n_take - begin : 0;
        const int n_out = (int)(give_left < piece_bytes ? give_left : piece_bytes);
        const int n_in = (int)(take_left < piece_bytes ? take_left : piece_bytes);
        const double begun = meter_clock();
        MPI_Sendrecv(n_out > 0 ? give + begin : NULL, n_out, MPI_BYTE,
                     n_out > 0 ? to : MPI_PROC_NULL, TAG, n_in > 0 ? take + begin : NULL, n_in,
                     MPI_BYTE, n_in > 0 ? from : MPI_PROC_NULL, TAG, comm, MPI_STATUS_IGNORE);
        if (to != team_rank(comm)) { /* and from neither */
            meter_message(begun, (size_t)n_out, (size_t)n_in);
        }
    }
}

enum status team_exchange(MPI_Comm comm, const void *mine, const size_t n_to[], void **got,
                          size_t *n_got, struct status_why *why)
{
    enum status st = STATUS_OK;
    const int size = team_size(comm), rank = team_rank(comm);
    uint64_t *lengths = malloc(2 * (size_t)size * sizeof *lengths);
    uint64_t *const from = lengths != NULL ? lengths + size : NULL;

    *got = NULL;
    *n_got = 0;
    if (lengths == NULL) {
        st = status_fail(why, STATUS_MEMORY, "team_exchange: %d lengths", size);
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_ASSERT(lengths != NULL);
    for (int r = 0; r < size; r++) {
        lengths[r] = n_to[r];
    }
    const double begun = meter_clock();
    MPI_Alltoall(lengths, 1, MPI_UINT64_T, from, 1, MPI_UINT64_T, comm);
    count(comm, begun, (size_t)(size - 1) * sizeof *lengths, (size_t)(size - 1) * sizeof *from);
    for (int r = 0; r < size; r++) {
        *n_got += (size_t)from[r];
    }
    *got = malloc(*n_got > 0 ? *n_got : 1);
    if (*got == NULL) {
        st = status_fail(why, STATUS_MEMORY, "team_exchange: %zu bytes", *n_got);
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_ASSERT(*got != NULL);
    for (int step = 0; step < size; step++) {
        const int to = (rank + step) % size, giver = (rank - step + size) % size;
        size_t give_at = 0, take_at = 0;
        for (int r = 0; r < to; r++) {
            give_at += n_to[r];
        }
        for (int r = 0; r < giver; r++) {
            take_at += (size_t)from[r];
        }
        send_and_receive(comm, (const char *)mine + give_at, lengths[to], to,
                         (char *)*got + take_at, from[giver], giver);
    }
out:
    if (st != STATUS_OK) {
        free(*got);
        *got = NULL;
        *n_got = 0;
    }
    free(lengths);
    return st;
}

void team_spread(MPI_Comm comm, int from, void *bytes, size_t n)
{
    for (size_t begin = 0; begin < n; begin += piece_bytes) {
        const size_t here = n - begin < piece_bytes ? n - begin : piece_bytes;
        spread_piece(comm, from, (char *)bytes + begin, here);
    }
}

uint64_t team_sum(MPI_Comm comm, uint64_t mine)
{
    const double begun = meter_clock();
    uint64_t all;
    MPI_Allreduce(&mine, &all, 1, MPI_UINT64_T, MPI_SUM, comm);
    count(comm, begun, sizeof mine, sizeof all);
    return all;
}

double team_max(MPI_Comm comm, double mine)
{
    const double begun = meter_clock();
    double all;
    MPI_Allreduce(&mine, &all, 1, MPI_DOUBLE, MPI_MAX, comm);
    count(comm, begun, sizeof mine, sizeof all);
    return all;
}

uint64_t team_before(MPI_Comm comm, uint64_t mine)
{
    const double begun = meter_clock();
    uint64_t before = 0;
    MPI_Exscan(&mine, &before, 1, MPI_UINT64_T, MPI_SUM, comm);
    count(comm, begun, sizeof mine, sizeof before);
    return team_rank(comm) == 0 ? 0 : before;
}

void team_meet(MPI_Comm comm)
{
    const double begun = meter_clock();
    MPI_Barrier(comm);
    count(comm, begun, 0, 0);
}

/* Dealing: rank 0 keeps the next item. A worker asks for its next item before it begins the current
 * one, so that rank 0, which works too and answers only between its own items, is rarely waited
 * for. Every request gets exactly one answer, and a worker asks no more once told that nothing is
 * left; with the meeting at the end no message can stray into the next deal. */

enum { TAG_ASK = 71, TAG_GIVE = 72 };

/* What a worker sends: how many items it has finished since it last asked, and whether it wants no
 * more because it failed or was asked to stop. */
struct ask {
    uint64_t n_finished;
    uint64_t gives_up;
};

/* What rank 0 knows. */
struct dealer {
    const struct team_work *work;
    size_t next;   /* first item not yet given */
    size_t n_done; /* of all ranks, as far as they have told */
    int n_waiting; /* workers that were not yet told that nothing is left */
    bool stopping;
};

static const uint64_t no_item = UINT64_MAX;

/* Sleep, longer each time up to a millisecond: an answer to an item of microseconds comes at once,
 * one that takes minutes shall not cost a core. */
static void sleep_longer(long *nanoseconds)
{
    static const long first = 2000, last = 1000000;
    *nanoseconds = *nanoseconds < first ? first : 2 * *nanoseconds;
    *nanoseconds = *nanoseconds > last ? last : *nanoseconds;
    (void)nanosleep(&(struct timespec){0, *nanoseconds}, NULL);
}

/* Wait for a request without keeping the core busy. */
static void wait_sleeping(MPI_Request *request)
{
    const double begun = meter_clock();
    long slept = 0;
    for (int arrived = 0;;) {
        MPI_Test(request, &arrived, MPI_STATUS_IGNORE);
        if (arrived) {
            meter_wait(begun);
            return;
        }
        sleep_longer(&slept);
    }
}

/* A barrier in which waiting ranks sleep. */
static void meet_sleeping(MPI_Comm comm)
{
    MPI_Request all;
    MPI_Ibarrier(comm, &all);
    wait_sleeping(&all);
    count(comm, meter_clock(), 0, 0);
}

static bool is_done(const struct team_work *work, size_t item)
{
    return work->done != NULL && work->done[item] != 0;
}

static size_t count_done(const struct team_work *work)
{
    size_t n = 0;
    for (size_t i = 0; work->done != NULL && i < work->n_items; i++) {
        n += work->done[i] != 0;
    }
    return n;
}

static uint64_t next_item(struct dealer *d)
{
    while (d->next < d->work->n_items && is_done(d->work, d->next)) {
        d->next++;
    }
    return d->stopping || d->next >= d->work->n_items ? no_item : d->next++;
}

/* Rank 0: answer every request that has arrived. Returns whether there was one. */
static bool answer_requests(MPI_Comm comm, struct dealer *d)
{
    bool any = false;
    d->stopping = d->stopping || interrupt_requested();
    while (d->n_waiting > 0) { /* none asks once told, and probing may give the core away */
        const double begun = meter_clock();
        int arrived;
        MPI_Status from;
        struct ask ask;
        MPI_Iprobe(MPI_ANY_SOURCE, TAG_ASK, comm, &arrived, &from);
        if (!arrived) {
            return any;
        }
        MPI_Recv(&ask, 2, MPI_UINT64_T, from.MPI_SOURCE, TAG_ASK, comm, MPI_STATUS_IGNORE);
        any = true;
        d->n_done += (size_t)ask.n_finished;
        d->stopping = d->stopping || ask.gives_up != 0;
        const uint64_t item = next_item(d);
        if (item == no_item) {
            d->n_waiting--;
        }
        MPI_Send(&item, 1, MPI_UINT64_T, from.MPI_SOURCE, TAG_GIVE, comm);
        meter_message(begun, sizeof item, sizeof ask);
        log_progress(d->n_done);
    }
    return any;
}

/* Both kinds of rank count in *n_mine the items that they have finished. */

static enum status deal_as_first(MPI_Comm comm, const struct team_work *work, size_t n_before,
                                 uint64_t *n_mine, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct dealer d = {.work = work, .n_done = n_before, .n_waiting = team_size(comm) - 1};

    log_progress_begin(work->label, work->n_items);
    for (;;) {
        (void)answer_requests(comm, &d);
        const uint64_t item = next_item(&d);
        if (item == no_item) {
            break;
        }
        st = work->item(work->context, (size_t)item, why);
        if (st != STATUS_OK) {
            d.stopping = true;
            break;
        }
        ++*n_mine;
        d.n_done++;
        log_progress(d.n_done);
    }
    for (long slept = 0; d.n_waiting > 0;) {
        if (answer_requests(comm, &d)) {
            slept = 0;
        } else {
            const double begun = meter_clock();
            sleep_longer(&slept);
            meter_wait(begun);
        }
    }
    log_progress_end();
    return st;
}

/* Ask for an item, which will come to \a item. */
static void ask_for(MPI_Comm comm, const struct ask *ask, uint64_t *item, MPI_Request *coming)
{
    const double begun = meter_clock();
    MPI_Irecv(item, 1, MPI_UINT64_T, 0, TAG_GIVE, comm, coming);
    MPI_Send(ask, 2, MPI_UINT64_T, 0, TAG_ASK, comm);
    meter_message(begun, sizeof *ask, sizeof *item);
}

static enum status deal_as_worker(MPI_Comm comm, const struct team_work *work, uint64_t *n_mine,
                                  struct status_why *why)
{
    enum status st = STATUS_OK;
    uint64_t current = no_item, next = no_item;
    struct ask ask = {0, interrupt_requested()};
    MPI_Request coming = MPI_REQUEST_NULL;

    ask_for(comm, &ask, &current, &coming);
    wait_sleeping(&coming);
    while (current != no_item) {
        /* After a failure or a request to stop the item at hand is left undone. */
        const bool gives_up = st != STATUS_OK || interrupt_requested();
        ask.gives_up = gives_up;
        ask_for(comm, &ask, &next, &coming);
        ask.n_finished = 0;
        if (!gives_up) {
            st = work->item(work->context, (size_t)current, why);
            ask.n_finished = st == STATUS_OK;
            *n_mine += ask.n_finished;
        }
        wait_sleeping(&coming);
        current = next;
    }
    return st;
}

enum status team_deal(MPI_Comm comm, const struct team_work *work, struct status_why *why)
{
    static int depth = 0; /* an item may deal out items of its own, on its own communicator */
    const size_t n_before = count_done(work);
    uint64_t n_mine = 0;
    depth++;
    enum status st = team_rank(comm) == 0 ? deal_as_first(comm, work, n_before, &n_mine, why)
                                          : deal_as_worker(comm, work, &n_mine, why);
    depth--;
    meet_sleeping(comm);
    if (depth == 0) {
        meter_items((size_t)n_mine, team_rank(comm) == 0 ? n_before : 0);
    }
    /* The count decides, not the flags: these may rise on some ranks after the last item. */
    const uint64_t n_done = n_before + team_sum(comm, n_mine);
    if (st == STATUS_OK && n_done < work->n_items) {
        st = status_fail(why, STATUS_CHECKPOINTED,
                         "%s: stopped on request, %zu of %zu items are done", work->label,
                         (size_t)n_done, work->n_items);
    }
    return team_agree(comm, st, why);
}

/* Letters: each is an MPI_Isend of a copy that waits in a list until MPI has it. */

enum { TAG_LETTER = 73 };

struct letter {
    struct letter *next;
    MPI_Request sending;
    char bytes[];
};

struct team_post {
    MPI_Comm comm; /* of the letters alone */
    struct letter *sending;
};

enum status team_post_open(MPI_Comm comm, struct team_post **made, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct team_post *post = calloc(1, sizeof *post);
    if (post == NULL) {
        st = status_fail(why, STATUS_MEMORY, "no memory for letters");
    }
    st = team_agree(comm, st, why);
    if (st != STATUS_OK) {
        free(post);
        post = NULL;
    } else {
        MPI_Comm_dup(comm, &post->comm);
    }
    *made = post;
    return st;
}

/* Let go of the letters that MPI has. */
static void forget_sent(struct team_post *post)
{
    for (struct letter **at = &post->sending; *at != NULL;) {
        struct letter *letter = *at;
        int is_sent;
        MPI_Test(&letter->sending, &is_sent, MPI_STATUS_IGNORE);
        if (is_sent) {
            *at = letter->next;
            free(letter);
        } else {
            at = &letter->next;
        }
    }
}

enum status team_post_send(struct team_post *post, int to, const void *bytes, size_t n,
                           struct status_why *why)
{
    STATUS_ASSERT(n <= piece_bytes);
    const double begun = meter_clock();
    struct letter *letter = malloc(sizeof *letter + n);
    forget_sent(post);
    if (letter == NULL) {
        return status_fail(why, STATUS_MEMORY, "a letter of %zu bytes", n);
    }
    memcpy(letter->bytes, bytes, n);
    letter->next = post->sending;
    post->sending = letter;
    MPI_Isend(letter->bytes, (int)n, MPI_BYTE, to, TAG_LETTER, post->comm, &letter->sending);
    meter_message(begun, n, 0);
    return STATUS_OK;
}

bool team_post_take(struct team_post *post, int *from, void *bytes, size_t most, size_t *n)
{
    int has_arrived, length;
    MPI_Status status;
    const double begun = meter_clock();
    forget_sent(post);
    MPI_Iprobe(MPI_ANY_SOURCE, TAG_LETTER, post->comm, &has_arrived, &status);
    if (!has_arrived) {
        return false;
    }
    MPI_Get_count(&status, MPI_BYTE, &length);
    STATUS_ASSERT(length >= 0 && (size_t)length <= most);
    MPI_Recv(bytes, length, MPI_BYTE, status.MPI_SOURCE, TAG_LETTER, post->comm, MPI_STATUS_IGNORE);
    meter_message(begun, 0, (size_t)length);
    if (from != NULL) {
        *from = status.MPI_SOURCE;
    }
    if (n != NULL) {
        *n = (size_t)length;
    }
    return true;
}

void team_post_close(struct team_post *post)
{
    if (post == NULL) {
        return;
    }
    while (post->sending != NULL) {
        wait_sleeping(&post->sending->sending);
        forget_sent(post);
    }
    meet_sleeping(post->comm);
    MPI_Comm_free(&post->comm);
    free(post);
}

void team_rest(long *slept)
{
    const double begun = meter_clock();
    sleep_longer(slept);
    meter_wait(begun);
}
