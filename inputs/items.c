#include "inputs/items.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/journal.h"

struct items {
    struct journal *journal;
    uint64_t next; /* number in the journal of the first item of the next list */
};

enum status items_open(MPI_Comm comm, const char *folder, const char *phase, const char *digest,
                       struct items **made, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct items *items = calloc(1, sizeof *items);
    *made = NULL;
    if (items == NULL) {
        st = status_fail(why, STATUS_MEMORY, "no memory for the records of %s", phase);
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(journal_open(comm, folder, phase, digest, &items->journal, why));
    *made = items;
    items = NULL;
out:
    free(items);
    return st;
}

void items_close(struct items *items)
{
    if (items != NULL) {
        journal_close(items->journal);
        free(items);
    }
}

/* A list being dealt. */
struct list {
    const struct items *items;
    const struct team_work *work;
    size_t bytes;
    char *results;
};

static enum status do_item(void *context, size_t item, struct status_why *why)
{
    const struct list *l = context;
    const enum status st = l->work->item(l->work->context, item, why);
    return st == STATUS_OK ? journal_append(l->items->journal, l->items->next + item,
                                            l->results + item * l->bytes, l->bytes, why)
                           : st;
}

/* Take up the results of an earlier run: rank 0 keeps them, all know that they are done. */
static void take_records(MPI_Comm comm, const struct list *l, unsigned char done[])
{
    const struct journal *journal = l->items->journal;
    for (size_t i = 0; i < journal_n_records(journal); i++) {
        const struct journal_record *r = journal_record(journal, i);
        const uint64_t item = r->item - l->items->next; /* wraps around for those before */
        if (item >= l->work->n_items || r->n != l->bytes || done[item] != 0) {
            continue;
        }
        done[item] = 1;
        if (team_rank(comm) == 0) {
            memcpy(l->results + item * l->bytes, r->bytes, r->n);
        }
    }
}

enum status items_deal(MPI_Comm comm, struct items *items, const struct team_work *work,
                       size_t bytes, void *results, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct list l = {items, work, bytes, results};
    struct team_work all = *work;
    unsigned char *done = NULL;
    if (items != NULL) {
        done = calloc(work->n_items + 1, 1);
        if (done == NULL) {
            st = status_fail(why, STATUS_MEMORY, "no memory for %zu items", work->n_items);
        }
        STATUS_TRY(team_agree(comm, st, why));
        if (work->done != NULL) {
            memcpy(done, work->done, work->n_items);
        }
        take_records(comm, &l, done);
        all.done = done;
        all.item = do_item;
        all.context = &l;
    }
    STATUS_TRY(team_deal(comm, &all, why));
    team_fill(comm, results, work->n_items * bytes);
    if (items != NULL) {
        items->next += work->n_items;
    }
out:
    free(done);
    return st;
}
