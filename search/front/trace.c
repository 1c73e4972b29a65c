#include "search/front/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/front/hypervolume.h"
#include "solver/base/meter.h"

/* What samples may take of the time of a search, and in any case. */
static const double most_share = 0.01, free_second = 0.01;

/* What a thousand rows take, by the number of objectives: expected of the first sample. */
static const double first_seconds[HYPERVOLUME_MOST_EXACT + 1] = {0, 4e-4, 4e-4, 4e-4, 2e-3};
enum { FIRST_ROWS = 1000 };

struct trace {
    const struct problem *problem; /* not owned */
    struct quality_box box;
    size_t n_independent, independent[HYPERVOLUME_MOST_EXACT]; /* objectives of the volume */
    size_t every, n_levels;
    uint64_t items, next;     /* done; a sample is due at */
    double begun, due;        /* clock: of the search, and when a sample fell due */
    double spent;             /* seconds on samples */
    double last_second;       /* of the last sample */
    size_t last_rows;         /* and its rows */
    struct trace_sample *all; /* [n] and room for the last one */
    size_t n, room;
};

/* Make room for one sample more, and the last one. */
static enum status reserve(struct trace *t, struct status_why *why)
{
    if (t->n + 2 > t->room) {
        const size_t room = 2 * t->room + 64;
        struct trace_sample *all = realloc(t->all, room * sizeof *all);
        if (all == NULL) {
            return status_fail(why, STATUS_MEMORY, "trace of %zu samples", room);
        }
        t->all = all;
        t->room = room;
    }
    return STATUS_OK;
}

void trace_destroy(struct trace *t)
{
    if (t != NULL) {
        free(t->all);
    }
    free(t);
}

enum status trace_create(const struct problem *problem, const struct quality_box *box, size_t every,
                         struct trace **made, struct status_why *why)
{
    STATUS_ASSERT(problem->n_objectives <= HYPERVOLUME_MOST_EXACT && every > 0);
    *made = malloc(sizeof **made);
    if (*made == NULL) {
        return status_fail(why, STATUS_MEMORY, "trace: %zu bytes", sizeof **made);
    }
    **made = (struct trace){.problem = problem,
                            .box = *box,
                            .every = every,
                            .n_levels = (size_t)space_n_scenarios(problem->space),
                            .next = every,
                            .begun = meter_clock(),
                            .last_rows = FIRST_ROWS};
    (*made)->n_independent =
        quality_box_independent(box, problem->n_objectives, (*made)->independent);
    (*made)->last_second = first_seconds[(*made)->n_independent];
    if (reserve(*made, why) != STATUS_OK) {
        trace_destroy(*made);
        *made = NULL;
        return STATUS_MEMORY;
    }
    return STATUS_OK;
}

bool trace_is_due(struct trace *t)
{
    if (t == NULL || ++t->items < t->next) {
        return false;
    }
    t->next = t->items + t->every;
    t->due = meter_clock();
    return true;
}

/* A volume takes time that grows with the rows, in four objectives with their square. */
bool trace_affords(struct trace *t, size_t n_rows)
{
    const double now = meter_clock(), growth = (double)n_rows / (double)t->last_rows;
    const double power = t->n_independent == HYPERVOLUME_MOST_EXACT ? 2.0 : 1.0;
    const double expected = t->last_second * pow(fmax(growth, 1.0), power);
    const bool afforded =
        t->spent + expected + (now - t->due) <= free_second + most_share * (now - t->begun);
    t->spent += afforded ? 0.0 : now - t->due;
    return afforded;
}

/* Places of the rows in the box, those of a scenario level together. \param [out] shares
 * [n][n_independent]
 * \param [out] ends  [n_levels] of each level */
static void place(const struct trace *t, const struct rows *found, double shares[], size_t ends[])
{
    const struct problem *p = t->problem;
    const size_t m = p->n_objectives;
    const uint64_t n_decisions = space_n_decisions(p->space);
    memset(ends, 0, t->n_levels * sizeof *ends);
    for (size_t i = 0; i < found->n; i++) {
        const size_t level = (size_t)(found->indices[i] / n_decisions);
        if (level + 1 < t->n_levels) {
            ends[level + 1]++; /* the begin of the next */
        }
    }
    for (size_t level = 1; level < t->n_levels; level++) {
        ends[level] += ends[level - 1];
    }
    for (size_t i = 0; i < found->n; i++) { /* a begin moves on to the end */
        const size_t at = ends[found->indices[i] / n_decisions]++;
        for (size_t k = 0; k < t->n_independent; k++) {
            const size_t j = t->independent[k];
            const double x = found->x[i * m + j];
            shares[at * t->n_independent + k] =
                quality_share(&t->box, j, p->objectives[j].maximise ? -x : x);
        }
    }
}

/* Mean over the levels. */
static enum status measure(const struct trace *t, const struct rows *found, double *volume,
                           struct status_why *why)
{
    static const double reference[HYPERVOLUME_MOST_EXACT] = {1.0, 1.0, 1.0, 1.0};
    enum status st = STATUS_OK;
    const size_t m = t->n_independent;
    double *shares = malloc((found->n * m + 1) * sizeof *shares);
    size_t *ends = malloc(t->n_levels * sizeof *ends);
    double sum = 0.0;
    if (shares == NULL || ends == NULL) {
        st = status_fail(why, STATUS_MEMORY, "trace of %zu rows", found->n);
    }
    STATUS_TRY(st);
    place(t, found, shares, ends);
    for (size_t level = 0; level < t->n_levels; level++) {
        const size_t begin = level > 0 ? ends[level - 1] : 0;
        double one;
        STATUS_TRY(
            hypervolume_exact(m, ends[level] - begin, shares + begin * m, reference, &one, why));
        sum += one;
    }
    *volume = sum / (double)t->n_levels;
out:
    free(shares);
    free(ends);
    return st;
}

enum status trace_take(struct trace *t, const struct rows *found, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct trace_sample s = {
        .second = t->due - t->begun, .items = t->items, .rows = (uint64_t)found->n};
    STATUS_TRY(measure(t, found, &s.volume, why));
    if (t->n > 0) { /* what is found only grows; rounding may say otherwise in the last digit */
        s.volume = fmax(s.volume, t->all[t->n - 1].volume);
    }
    STATUS_TRY(reserve(t, why));
    t->all[t->n++] = s;
    t->last_second = meter_clock() - t->due;
    t->last_rows = found->n > FIRST_ROWS ? found->n : FIRST_ROWS;
    t->spent += t->last_second;
out:
    return st;
}

void trace_end(struct trace *t, size_t n_rows)
{
    t->all[t->n++] = (struct trace_sample){
        .second = meter_clock() - t->begun, .items = t->items, .rows = (uint64_t)n_rows};
}

void trace_complete(struct trace *t, const struct quality *q)
{
    double sum = 0.0;
    STATUS_ASSERT(t->n > 0 && q->n_levels == t->n_levels);
    for (size_t level = 0; level < q->n_levels; level++) {
        sum += q->volumes[level];
    }
    t->all[t->n - 1].volume = sum / (double)q->n_levels;
}

const struct trace_sample *trace_samples(const struct trace *t, size_t *n)
{
    *n = t->n;
    return t->all;
}
