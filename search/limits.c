#include "search/limits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/exact/path.h"
#include "solver/base/team.h"

enum { MOST_OUTCOMES = PROBLEM_MAX_OBJECTIVES + PROBLEM_MAX_CONSTRAINTS, BLOCK = 256 };
/* Items of the count: more than ranks, so that all have work. */
enum { N_ITEMS = 1024 };

/* Counts of one rank. */
struct count {
    const struct problem *problem;
    uint64_t n_seen, step; /* configurations looked at, and from each to the next */
    uint64_t n_undefined;
    uint64_t n_broken[PROBLEM_MAX_CONSTRAINTS], n_alone[PROBLEM_MAX_CONSTRAINTS];
};

/* One configuration: the limits that it breaks. */
static void count_one(struct count *c, const double values[], size_t stride)
{
    const struct problem *p = c->problem;
    size_t n_broken = 0, last = 0;
    for (size_t k = 0; k < p->n_objectives + p->n_constraints; k++) {
        if (isnan(values[k * stride])) {
            c->n_undefined++;
            return;
        }
    }
    for (size_t k = 0; k < p->n_constraints; k++) {
        const double x = values[(p->n_objectives + k) * stride];
        if (!(p->constraints[k].lower <= x && x <= p->constraints[k].upper)) {
            c->n_broken[k]++;
            n_broken++;
            last = k;
        }
    }
    c->n_alone[last] += n_broken == 1;
}

/* a * b modulo m, for a and b below m < 2^63. */
static uint64_t times(uint64_t a, uint64_t b, uint64_t m)
{
    uint64_t product = 0;
    for (; b > 0; b >>= 1, a = (a << 1) % m) {
        product = (b & 1u) != 0 ? (product + a) % m : product;
    }
    return product;
}

static uint64_t divisor(uint64_t a, uint64_t b)
{
    while (b > 0) {
        const uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* A step without a divisor in common with the size, near the golden part of it: any number of such
 * steps, modulo the size, are spread evenly over it and over each axis. */
static uint64_t golden_step(uint64_t size)
{
    static const double golden = 0.6180339887498949;
    uint64_t step = (uint64_t)(golden * (double)size) | 1u;
    while (divisor(size, step) != 1) {
        step += 2;
    }
    return step % size;
}

/* Item of the count: configurations one after the other, or a part of the sample. */
static enum status count_item(void *context, size_t item, struct status_why *why)
{
    struct count *c = context;
    const uint64_t n = c->n_seen;
    const uint64_t begin = n / N_ITEMS * item + (item < n % N_ITEMS ? item : n % N_ITEMS);
    const uint64_t end = begin + n / N_ITEMS + (item < n % N_ITEMS);
    const uint64_t size = space_size(c->problem->space);
    const size_t block = c->step == 1 ? BLOCK : 1;
    double values[MOST_OUTCOMES * BLOCK];
    uint64_t at = c->step == 1 ? begin : times(begin, c->step, size);
    (void)why;
    for (uint64_t i = begin; i < end; i += block) {
        const size_t here = end - i < block ? (size_t)(end - i) : block;
        c->problem->evaluate(c->problem->context, at, here, values, block);
        for (size_t k = 0; k < here; k++) {
            count_one(c, values + k, block);
        }
        at = c->step == 1 ? at + here : (at + c->step) % size;
    }
    return STATUS_OK;
}

/* The outcome of one limit as the only objective, the other limits being kept. */
struct other {
    const struct problem *of;
    size_t order[MOST_OUTCOMES]; /* outcome of `of` that each outcome of this problem is */
    size_t n;
    struct problem problem;
    struct tables_outcome *tables;
};

static void evaluate_other(const void *context, uint64_t begin, size_t n, double values[],
                           size_t stride)
{
    const struct other *o = context;
    const size_t n_all = o->of->n_objectives + o->of->n_constraints;
    double all[MOST_OUTCOMES * BLOCK];
    for (size_t i = 0; i < n; i += BLOCK) {
        const size_t here = n - i < BLOCK ? n - i : BLOCK;
        STATUS_ASSERT(n_all <= MOST_OUTCOMES);
        o->of->evaluate(o->of->context, begin + i, here, all, BLOCK);
        for (size_t k = 0; k < o->n; k++) {
            memcpy(values + k * stride + i, all + o->order[k] * BLOCK, here * sizeof *values);
        }
    }
}

/* There is room for all limits; what a problem of the most limits has beyond them is not kept. */
static void keep_within(struct other *o, size_t outcome, double lower, double upper)
{
    const size_t n = o->problem.n_constraints;
    if (n < PROBLEM_MAX_CONSTRAINTS) {
        o->problem.constraints[n] = (struct problem_constraint){.lower = lower, .upper = upper};
        o->problem.n_constraints = n + 1;
        o->order[o->n++] = outcome;
    }
}

/* A search for the value nearest to a limit. */
struct wanted {
    size_t limit;
    bool
        below; /* the largest of the values below its upper bound, else the least above the lower */
    bool alone; /* the other limits do not matter */
};

static enum status other_make(const struct problem *p, const struct wanted *w, struct other *o,
                              struct status_why *why)
{
    const struct problem_constraint *c = &p->constraints[w->limit];
    *o = (struct other){.of = p, .problem = *p, .n = 1};
    o->order[0] = p->n_objectives + w->limit;
    o->problem.n_objectives = 1;
    o->problem.n_constraints = 0;
    o->problem.objectives[0] = (struct problem_objective){.maximise = w->below};
    /* Within one bound, as near to the other as can be: inside the limit or outside. */
    keep_within(o, o->order[0], w->below ? -(double)INFINITY : c->lower,
                w->below ? c->upper : (double)INFINITY);
    for (size_t k = 0; !w->alone && k < p->n_constraints; k++) {
        if (k != w->limit) {
            keep_within(o, p->n_objectives + k, p->constraints[k].lower, p->constraints[k].upper);
        }
    }
    /* What has no value of another outcome is no configuration at all. */
    for (size_t k = 0; p->is_partial && k < p->n_objectives + p->n_constraints; k++) {
        if (k < p->n_objectives || w->alone) {
            keep_within(o, k, -(double)INFINITY, (double)INFINITY);
        }
    }
    o->problem.evaluate = evaluate_other;
    o->problem.context = o;
    if (p->tables != NULL) {
        o->tables = malloc(o->n * sizeof *o->tables);
        if (o->tables == NULL) {
            return status_fail(why, STATUS_MEMORY, "no memory for a search of one limit");
        }
        for (size_t k = 0; k < o->n; k++) {
            o->tables[k] = p->tables[o->order[k]];
        }
    }
    o->problem.tables = o->tables;
    return STATUS_OK;
}

/* \param [out] nearest  NAN where there is none */
static enum status search_one(MPI_Comm comm, const struct problem *p, const struct wanted *w,
                              double *nearest, struct status_why *why)
{
    const struct path_options options = {0};
    struct frontier frontier = {0};
    struct other other = {0};
    enum status st = STATUS_OK;
    STATUS_TRY(team_agree(comm, other_make(p, w, &other, why), why));
    const struct path *path = path_choose(&other.problem, PATH_AUTO, why);
    STATUS_TRY(path == NULL ? STATUS_INPUT : STATUS_OK);
    STATUS_TRY(path->search(comm, &other.problem, &options, &frontier, why));
    double most = -(double)INFINITY; /* of what is maximised */
    for (size_t i = 0; i < frontier.n_mine; i++) {
        most = fmax(most, w->below ? frontier.objectives[i] : -frontier.objectives[i]);
    }
    most = team_max(comm, most);
    *nearest = !isfinite(most) ? (double)NAN : w->below ? most : -most;
out:
    frontier_clear(&frontier);
    free(other.tables);
    return st;
}

/* How far a value is outside a limit. */
static double excess(const struct problem_constraint *c, double x)
{
    return fmax(0.0, fmax(c->lower - x, x - c->upper));
}

/* The nearest value from either side. */
static enum status find_nearest(MPI_Comm comm, const struct problem *p, size_t limit, bool alone,
                                double *nearest, struct status_why *why)
{
    const struct problem_constraint *c = &p->constraints[limit];
    double from[2] = {(double)NAN, (double)NAN};
    enum status st = STATUS_OK;
    for (int side = 0; side < 2; side++) {
        const struct wanted w = {.limit = limit, .below = side == 1, .alone = alone};
        if (isfinite(side == 0 ? c->upper : c->lower)) {
            STATUS_TRY(search_one(comm, p, &w, &from[side], why));
        }
    }
    const bool is_first =
        isnan(from[1]) || (!isnan(from[0]) && excess(c, from[0]) <= excess(c, from[1]));
    *nearest = from[is_first ? 0 : 1];
out:
    return st;
}

enum status limits_explain(MPI_Comm comm, const struct problem *problem, uint64_t most_counted,
                           struct limits_report *made, struct status_why *why)
{
    const uint64_t size = space_size(problem->space);
    struct count c = {.problem = problem, .n_seen = size, .step = 1};
    enum status st = STATUS_OK;
    *made = (struct limits_report){.is_sample = size > most_counted};
    if (made->is_sample) {
        c.n_seen = most_counted < LIMITS_SAMPLE ? most_counted : LIMITS_SAMPLE;
        c.step = golden_step(size);
    }
    const struct team_work work = {
        .label = "limits", .n_items = N_ITEMS, .item = count_item, .context = &c};
    STATUS_TRY(team_deal(comm, &work, why));
    made->n_seen = c.n_seen;
    made->n_undefined = team_sum(comm, c.n_undefined);
    for (size_t k = 0; k < problem->n_constraints; k++) {
        struct limits_row *row = &made->rows[k];
        row->n_broken = team_sum(comm, c.n_broken[k]);
        row->n_alone = team_sum(comm, c.n_alone[k]);
        STATUS_TRY(find_nearest(comm, problem, k, true, &row->reached, why));
        STATUS_TRY(find_nearest(comm, problem, k, false, &row->nearest, why));
    }
out:
    return st;
}
