#define _POSIX_C_SOURCE 200809L
#include "search/front/pareto.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/front/boxtree.h"
#include "search/front/rows.h"

/* Measured choices; they change the speed, never the result. */
enum {
    CHUNK = 1024,       /* points offered to the killers at once */
    LEAST_BUFFER = 256, /* survivors collected before a flush */
    SCAN_MOST = 1024,   /* points of a batch compared each with each; above, through a tree */
    SCAN_STEP = 512,    /* first part of a larger batch */
    N_RECENT = 16,      /* buffered points that a new offer is compared with */
    MOST_KILLERS = 64,
    SAMPLE = 512,          /* offers that killers are chosen for */
    MOST_CANDIDATES = 512, /* members that killers are chosen from */
    LEAST_SHARE = 400,     /* a killer must remove at least 1/400 of the sample */
    FIRST_PICK = 2048,     /* offers before killers are chosen first, */
    PICK_GROWTH = 4,       /* later at this ratio, */
    LAST_PERIOD = 1 << 22  /* but at least once in so many offers, for streams that drift */
};

struct pareto {
    size_t m;
    struct rows members; /* mutually non-dominated, in the order of the tree */
    struct boxtree tree; /* over the members; may hold lower indices written through it */
    struct rows buffer;  /* offers that no member removes, not yet compared with each other */
    struct rows spare;   /* storage of flushes */
    /* The last points that went into the buffer: in a grid, neighbours dominate each other. */
    double recent[N_RECENT * DOMINANCE_MAX_OBJECTIVES]; /* a window, written round and round */
    size_t n_recent, next_recent;
    uint64_t n_duplicates;

    double killers[MOST_KILLERS * DOMINANCE_MAX_OBJECTIVES]; /* [n_killers][m] copies of members */
    size_t n_killers;
    double *sample; /* [m][SAMPLE] offers spread over the time since the last choice */
    size_t n_sample;
    uint64_t n_offered, next_sample, next_pick, step; /* in offers */
};

/* Room must have been reserved. */
static void rows_append(struct rows *a, size_t m, size_t n, const double x[],
                        const uint64_t indices[])
{
    memcpy(a->x + a->n * m, x, n * m * sizeof *x);
    memcpy(a->indices + a->n, indices, n * sizeof *indices);
    a->n += n;
}

enum status pareto_create(size_t n_objectives, struct pareto **made, struct status_why *why)
{
    enum status st = STATUS_OK;

    STATUS_ASSERT(1 <= n_objectives && n_objectives <= DOMINANCE_MAX_OBJECTIVES);
    *made = NULL;
    struct pareto *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return status_fail(why, STATUS_MEMORY, "Pareto front: %zu bytes", sizeof *p);
    }
    p->m = n_objectives;
    p->next_pick = FIRST_PICK;
    p->step = FIRST_PICK / SAMPLE;
    boxtree_init(&p->tree);
    p->sample = malloc(p->m * SAMPLE * sizeof *p->sample);
    if (p->sample == NULL) {
        st = status_fail(why, STATUS_MEMORY, "Pareto front: sample of %d points", SAMPLE);
    }
    STATUS_TRY(st);
    STATUS_TRY(rows_reserve(p->m, LEAST_BUFFER, &p->buffer, why));
    *made = p;
out:
    if (st != STATUS_OK) {
        pareto_destroy(p);
    }
    return st;
}

void pareto_destroy(struct pareto *p)
{
    if (p == NULL) {
        return;
    }
    rows_clear(&p->members);
    rows_clear(&p->buffer);
    rows_clear(&p->spare);
    boxtree_clear(&p->tree);
    free(p->sample);
    free(p);
}

/* One point of a batch in its order: by the sum of its scaled objectives, then by the objectives,
 * then by index. A point can be dominated only by one that comes before it, since the sum, rounded
 * or not, is monotone in every objective; and equal points are neighbours, the lowest index first.
 */
struct key {
    double sum;
    const double *x;
    uint64_t index;
    size_t m;
};

static int key_compare(const void *left, const void *right)
{
    const struct key *a = left, *b = right;
    if (a->sum != b->sum) {
        return a->sum < b->sum ? -1 : 1;
    }
    for (size_t j = 0; j < a->m; j++) {
        if (a->x[j] != b->x[j]) {
            return a->x[j] < b->x[j] ? -1 : 1;
        }
    }
    return (a->index > b->index) - (a->index < b->index);
}

static void keys_fill(const struct rows *batch, size_t m, struct key keys[])
{
    double least[DOMINANCE_MAX_OBJECTIVES], half_spread[DOMINANCE_MAX_OBJECTIVES];

    for (size_t j = 0; j < m; j++) {
        double low = batch->x[j], high = low;
        for (size_t i = 1; i < batch->n; i++) {
            const double x = batch->x[i * m + j];
            low = x < low ? x : low;
            high = x > high ? x : high;
        }
        least[j] = low;
        half_spread[j] = high / 2 - low / 2; /* halves, so that it is finite */
    }
    for (size_t i = 0; i < batch->n; i++) {
        const double *x = batch->x + i * m;
        double sum = 0;
        for (size_t j = 0; j < m; j++) {
            sum += half_spread[j] > 0 ? (x[j] / 2 - least[j] / 2) / half_spread[j] : 0;
        }
        keys[i] = (struct key){sum, x, batch->indices[i], m};
    }
}

/* What the filter of a batch needs: room for the accepted points in eight-lane order. */
struct batch {
    size_t m;
    double *window; /* [SCAN_MOST / 8][m][8] */
    uint64_t n_duplicates;
};

/* Keep the non-dominated of at most SCAN_MOST sorted keys by comparing each with those accepted. */
static size_t filter_by_scan(struct batch *b, struct key keys[], size_t n)
{
    const size_t m = b->m;
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++) {
        const enum dominance_verdict v = dominance_scan(m, n_kept, b->window, keys[i].x);
        if (v != DOMINANCE_NONE) {
            b->n_duplicates += v == DOMINANCE_DUPLICATE && keys[i].index != keys[n_kept - 1].index;
            continue;
        }
        dominance_place(m, n_kept, keys[i].x, b->window);
        keys[n_kept++] = keys[i];
    }
    return n_kept;
}

/* A tree over the points of keys. */
static enum status tree_of_keys(size_t m, const struct key keys[], size_t n, struct rows *rows,
                                struct boxtree *tree, struct status_why *why)
{
    enum status st = STATUS_OK;
    STATUS_TRY(rows_reserve(m, n, rows, why));
    rows->n = 0;
    for (size_t i = 0; i < n; i++) {
        rows_append(rows, m, 1, keys[i].x, &keys[i].index);
    }
    STATUS_TRY(boxtree_build(tree, m, n, rows->x, rows->indices, why));
out:
    return st;
}

/* Keep the non-dominated of sorted keys: in parts that grow with the number accepted, each filtered
 * through a tree over those accepted before, then within itself. */
static enum status filter(struct batch *b, struct key keys[], size_t *n, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct boxtree tree;
    struct rows rows = {0};
    size_t n_kept = 0;

    boxtree_init(&tree);
    if (*n <= SCAN_MOST) {
        *n = filter_by_scan(b, keys, *n);
        goto out;
    }
    for (size_t done = 0; done < *n;) {
        const size_t part = n_kept < SCAN_STEP ? SCAN_STEP : n_kept;
        const size_t end = *n - done < part ? *n : done + part;
        size_t n_part = 0, equal;
        for (; done < end; done++) {
            const enum dominance_verdict v =
                boxtree_query(&tree, keys[done].x, keys[done].index, &equal);
            b->n_duplicates += v == DOMINANCE_DUPLICATE;
            if (v == DOMINANCE_NONE && equal == SIZE_MAX) {
                keys[n_kept + n_part++] = keys[done];
            }
        }
        STATUS_TRY(filter(b, keys + n_kept, &n_part, why));
        n_kept += n_part;
        if (done < *n) {
            STATUS_TRY(tree_of_keys(b->m, keys, n_kept, &rows, &tree, why));
        }
    }
    *n = n_kept;
out:
    boxtree_clear(&tree);
    rows_clear(&rows);
    return st;
}

/* Reduce the buffer to its own front. */
static enum status filter_buffer(struct pareto *p, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct batch b = {.m = p->m};
    size_t n = p->buffer.n;
    struct key *keys = malloc(n * sizeof *keys);

    b.window = aligned_alloc(64, SCAN_MOST * p->m * sizeof *b.window);
    if (keys == NULL || b.window == NULL) {
        st = status_fail(why, STATUS_MEMORY, "Pareto front: %zu points to sort", n);
    }
    STATUS_TRY(st);
    keys_fill(&p->buffer, p->m, keys);
    qsort(keys, n, sizeof *keys, key_compare);
    STATUS_TRY(filter(&b, keys, &n, why));
    p->n_duplicates += b.n_duplicates;
    STATUS_TRY(rows_reserve(p->m, n, &p->spare, why));
    p->spare.n = 0;
    for (size_t i = 0; i < n; i++) {
        rows_append(&p->spare, p->m, 1, keys[i].x, &keys[i].index);
    }
    const struct rows filtered = p->spare;
    p->spare = p->buffer;
    p->buffer = filtered;
out:
    free(b.window);
    free(keys);
    return st;
}

/* Remove the members that a point of the filtered buffer dominates. None equals one: an offer that
 * equals a member never reaches the buffer. */
static enum status filter_members(struct pareto *p, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct boxtree tree;
    struct rows *const a = &p->members;
    size_t n_kept = 0, equal;

    boxtree_init(&tree);
    STATUS_TRY(boxtree_build(&tree, p->m, p->buffer.n, p->buffer.x, p->buffer.indices, why));
    for (size_t i = 0; i < a->n; i++) {
        const double *x = a->x + i * p->m;
        if (boxtree_query(&tree, x, a->indices[i], &equal) != DOMINANCE_NONE) {
            continue;
        }
        if (n_kept < i) {
            memcpy(a->x + n_kept * p->m, x, p->m * sizeof *x);
            a->indices[n_kept] = a->indices[i];
        }
        n_kept++;
    }
    a->n = n_kept;
out:
    boxtree_clear(&tree);
    return st;
}

/* How many offers are collected: as many as there are members, so that a flush, which costs about
 * one look at every member, is shared by that many offers. */
static size_t buffer_limit(const struct pareto *p)
{
    return p->members.n < LEAST_BUFFER ? LEAST_BUFFER : p->members.n;
}

enum status pareto_settle(struct pareto *p, struct status_why *why)
{
    enum status st = STATUS_OK;

    if (p->buffer.n == 0) {
        return STATUS_OK;
    }
    STATUS_TRY(filter_buffer(p, why));
    STATUS_TRY(filter_members(p, why));
    STATUS_TRY(rows_reserve(p->m, p->members.n + p->buffer.n, &p->members, why));
    rows_append(&p->members, p->m, p->buffer.n, p->buffer.x, p->buffer.indices);
    p->buffer.n = 0;
    STATUS_TRY(boxtree_build(&p->tree, p->m, p->members.n, p->members.x, p->members.indices, why));
    STATUS_TRY(rows_reserve(p->m, buffer_limit(p), &p->buffer, why));
out:
    return st;
}

/* The candidate that covers most of what is left of the sample, by lazy evaluation: a count only
 * falls, so a candidate whose last count does not exceed the best is not counted again. */
static size_t best_candidate(size_t n, uint64_t covers[][SAMPLE / 64], unsigned counts[],
                             const uint64_t left[])
{
    size_t best = 0;
    unsigned most = 0;
    for (size_t c = 0; c < n; c++) {
        if (counts[c] <= most) {
            continue;
        }
        unsigned n_here = 0;
        for (size_t w = 0; w < SAMPLE / 64; w++) {
            n_here += (unsigned)__builtin_popcountll(covers[c][w] & left[w]);
        }
        counts[c] = n_here;
        if (n_here > most) {
            most = n_here;
            best = c;
        }
    }
    return best;
}

/* Choose killers: members that between them dominate most of the recent offers, greedily. They stay
 * valid for ever: a member goes only when another dominates it. */
static enum status pick_killers(struct pareto *p, struct status_why *why)
{
    const size_t n = p->members.n < MOST_CANDIDATES ? p->members.n : MOST_CANDIDATES;
    const size_t m = p->m;
    struct work {
        uint64_t covers[MOST_CANDIDATES][SAMPLE / 64], left[SAMPLE / 64];
        unsigned counts[MOST_CANDIDATES];
    } *w = malloc(sizeof *w);

    if (w == NULL) {
        return status_fail(why, STATUS_MEMORY, "Pareto front: %zu bytes", sizeof *w);
    }
    for (size_t c = 0; c < n; c++) {
        dominance_cover(m, p->members.x + c * p->members.n / n * m, SAMPLE, p->sample, SAMPLE,
                        (uint8_t *)w->covers[c]);
        w->counts[c] = SAMPLE;
    }
    memset(w->left, 0xff, sizeof w->left);
    p->n_killers = 0;
    while (p->n_killers < MOST_KILLERS && n > 0) {
        const size_t best = best_candidate(n, w->covers, w->counts, w->left);
        if (w->counts[best] * LEAST_SHARE < SAMPLE) {
            break;
        }
        memcpy(p->killers + p->n_killers++ * m, p->members.x + best * p->members.n / n * m,
               m * sizeof(double));
        for (size_t k = 0; k < SAMPLE / 64; k++) {
            w->left[k] &= ~w->covers[best][k];
        }
        w->counts[best] = 0;
    }
    free(w);
    return STATUS_OK;
}

/* A number that looks random, to keep the sample out of step with the axes of a grid (the finaliser
 * of splitmix64). */
static uint64_t scramble(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
    x = (x ^ x >> 27) * 0x94d049bb133111ebU;
    return x ^ x >> 31;
}

/* Take the sample's share of a chunk; choose killers when their time has come. */
static enum status observe(struct pareto *p, size_t n, const double x[], size_t stride,
                           struct status_why *why)
{
    enum status st = STATUS_OK;

    for (; p->next_sample < p->n_offered + n && p->n_sample < SAMPLE; p->n_sample++) {
        const size_t i = (size_t)(p->next_sample - p->n_offered);
        for (size_t j = 0; j < p->m; j++) {
            p->sample[j * SAMPLE + p->n_sample] = x[j * stride + i];
        }
        p->next_sample += 1 + scramble(p->next_sample + p->step) % (2 * p->step - 1);
    }
    p->n_offered += n;
    if (p->n_offered >= p->next_pick && p->n_sample == SAMPLE) {
        const uint64_t period = (PICK_GROWTH - 1) * p->n_offered;
        STATUS_TRY(pick_killers(p, why));
        p->step = (period < LAST_PERIOD ? period : LAST_PERIOD) / SAMPLE;
        p->next_pick = p->n_offered + p->step * SAMPLE;
        p->next_sample = p->n_offered;
        p->n_sample = 0;
    }
out:
    return st;
}

/* Offer one point that no killer dominates. */
static enum status offer_one(struct pareto *p, const double x[], uint64_t index,
                             struct status_why *why)
{
    size_t equal;

    if (dominance_scan(p->m, p->n_recent, p->recent, x) == DOMINANCE_DOMINATED) {
        return STATUS_OK;
    }
    const enum dominance_verdict v = boxtree_query(&p->tree, x, index, &equal);
    if (v != DOMINANCE_NONE) {
        p->n_duplicates += v == DOMINANCE_DUPLICATE;
        return STATUS_OK;
    }
    if (equal != SIZE_MAX) { /* the member gives way to the lower index, or is offered again */
        p->n_duplicates += p->members.indices[equal] != index;
        p->members.indices[equal] = index;
        return STATUS_OK;
    }
    rows_append(&p->buffer, p->m, 1, x, &index);
    dominance_place(p->m, p->next_recent, x, p->recent);
    p->next_recent = (p->next_recent + 1) % N_RECENT;
    p->n_recent += p->n_recent < N_RECENT;
    return p->buffer.n < buffer_limit(p) ? STATUS_OK : pareto_settle(p, why);
}

enum status pareto_offer(struct pareto *p, size_t n, const double objectives[], size_t stride,
                         const uint64_t indices[], uint64_t first, struct status_why *why)
{
    enum status st = STATUS_OK;
    uint32_t alive[CHUNK];
    double x[DOMINANCE_MAX_OBJECTIVES];

    for (size_t begin = 0; begin < n; begin += CHUNK) {
        const double *columns = objectives + begin;
        const size_t here = n - begin < CHUNK ? n - begin : CHUNK;
        STATUS_TRY(observe(p, here, columns, stride, why));
        const size_t n_alive =
            dominance_kill(p->m, p->n_killers, p->killers, here, columns, stride, alive);
        for (size_t a = 0; a < n_alive; a++) {
            const size_t i = alive[a];
            for (size_t j = 0; j < p->m; j++) {
                x[j] = columns[j * stride + i] + 0.0; /* -0 becomes 0: equal points, equal bits */
            }
            STATUS_TRY(
                offer_one(p, x, indices != NULL ? indices[begin + i] : first + begin + i, why));
        }
    }
out:
    return st;
}

enum dominance_verdict pareto_verdict(const struct pareto *p, const double point[], uint64_t index)
{
    size_t equal;
    return dominance_scan(p->m, p->n_recent, p->recent, point) == DOMINANCE_DOMINATED
               ? DOMINANCE_DOMINATED
               : boxtree_query(&p->tree, point, index, &equal);
}

size_t pareto_size(const struct pareto *p)
{
    STATUS_ASSERT(p->buffer.n == 0);
    return p->members.n;
}

const double *pareto_point(const struct pareto *p, size_t i)
{
    STATUS_ASSERT(i < p->members.n);
    return p->members.x + i * p->m;
}

uint64_t pareto_index(const struct pareto *p, size_t i)
{
    STATUS_ASSERT(i < p->members.n);
    return p->members.indices[i];
}

uint64_t pareto_n_duplicates(const struct pareto *p)
{
    return p->n_duplicates;
}

static size_t find_between(const struct rows *a, uint64_t begin, uint64_t end, size_t n_found,
                           size_t most, uint64_t found[])
{
    for (size_t i = 0; i < a->n; i++) {
        if (begin <= a->indices[i] && a->indices[i] < end) {
            if (n_found < most) {
                found[n_found] = a->indices[i];
            }
            n_found++;
        }
    }
    return n_found;
}

size_t pareto_between(const struct pareto *p, uint64_t begin, uint64_t end, size_t most,
                      uint64_t found[])
{
    const size_t n = find_between(&p->members, begin, end, 0, most, found);
    return find_between(&p->buffer, begin, end, n, most, found);
}

void pareto_round(size_t n, double values[])
{
    /* 13 of the 52 stored bits go; what is added carries into the exponent where it must. */
    const uint64_t lost = (UINT64_C(1) << 13) - 1, half = UINT64_C(1) << 12;
    const uint64_t exponent = UINT64_C(0x7ff) << 52, least_normal = UINT64_C(1) << 52;
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        const uint64_t odd = bits >> 13 & 1;
        const uint64_t rounded = (bits + (half - 1) + odd) & ~lost;
        const uint64_t biased = bits & exponent;
        bits = biased < least_normal || biased == exponent ? bits : rounded;
        memcpy(&values[i], &bits, sizeof bits);
    }
}
