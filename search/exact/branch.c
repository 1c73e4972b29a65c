#include "search/exact/branch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/exact/bounds.h"
#include "search/front/rows.h"
#include "search/front/sweep.h"
#include "solver/base/team.h"

enum {
    N_BUCKETS = 1024,    /* parts of a range */
    SEED_POINTS = 32768, /* of the coarse grid a scenario level */
    MOST_LOOSE = 512     /* points of a bucket that are not compared before it is complete */
};

static const uint32_t nowhere = UINT32_MAX; /* ends a list of boxes */

/* The options of one scenario level that are searched, and where its ranges are cut. */
struct scenario {
    size_t n_options;
    uint32_t *options;   /* [n_options] ascending */
    size_t *at;          /* [n_options][n_pyramids] */
    uint64_t *indices;   /* [n_options] of the configuration of core levels 0 */
    size_t lead;         /* the objective along which is swept */
    struct rows seeds;   /* the front of the coarse grid, leading objective first, ascending */
    double *cuts;        /* [n_ranges + 1] from -inf to inf */
    double least, most;  /* of the leading objective among the seeds */
    size_t next_range;   /* what the sweep holds comes from ranges below */
    size_t n_seeds_used; /* seeds that the sweep holds */
    struct sweep *sweep; /* NULL: not begun */
};

/* Boxes that wait until the leading objective has come to their bound, as lists in one block: of
 * each the next, the option, then number, begin and end of the node on each core axis. */
struct queue {
    size_t width, room; /* entries of a box; boxes */
    uint32_t *boxes;
    uint32_t n_used, free, heads[N_BUCKETS];
};

struct branch {
    const struct problem *problem;
    const struct path_options *options;
    struct bounds bounds;
    size_t m, n_scenarios, n_ranges;
    struct scenario *scenarios;
    struct queue queue;
    struct rows rows; /* found by this rank, objectives in the order of the problem */
    /* Points of the bucket at work, the leading objective first; the front of them once they are
     * many, as where the leading objective has few values. */
    struct rows bucket;
    struct pareto *crowd; /* NULL: they are few */
    uint64_t n_evaluated, n_feasible;
};

bool branch_can(const struct problem *p)
{
    return p->tables != NULL && bounds_apply(p);
}

/* Setting up. */

enum status branch_n_items(const struct problem *problem, size_t *n, struct status_why *why)
{
    (void)why;
    *n = layout_n_ranges(problem->space) * (size_t)space_n_scenarios(problem->space);
    return STATUS_OK;
}

static void branch_clear(struct branch *b)
{
    for (size_t s = 0; b->scenarios != NULL && s < b->n_scenarios; s++) {
        struct scenario *scenario = &b->scenarios[s];
        free(scenario->options);
        free(scenario->at);
        free(scenario->indices);
        free(scenario->cuts);
        rows_clear(&scenario->seeds);
        sweep_destroy(scenario->sweep);
    }
    free(b->scenarios);
    free(b->queue.boxes);
    rows_clear(&b->rows);
    rows_clear(&b->bucket);
    pareto_destroy(b->crowd);
    bounds_clear(&b->bounds);
}

/* \param [out] b  the caller clears it, also after a failure */
static enum status branch_create(const struct problem *problem, const struct path_options *options,
                                 struct branch *b, struct status_why *why)
{
    enum status st = STATUS_OK;
    memset(b, 0, sizeof *b);
    STATUS_ASSERT(branch_can(problem));
    b->problem = problem;
    b->options = options;
    b->m = problem->n_objectives;
    b->n_scenarios = (size_t)space_n_scenarios(problem->space);
    b->n_ranges = layout_n_ranges(problem->space);
    STATUS_TRY(bounds_create(problem, &b->bounds, why));
    b->queue.width = 2 + 3 * b->bounds.layout.n_core;
    b->queue.free = nowhere;
    b->scenarios = calloc(b->n_scenarios, sizeof *b->scenarios);
    if (b->scenarios == NULL) {
        st = status_fail(why, STATUS_MEMORY, "search: %zu scenario levels", b->n_scenarios);
    }
    STATUS_TRY(st);
out:
    return st;
}

/* Exchange the leading objective with the first one. */
static void swap_lead(size_t lead, double point[])
{
    const double x = point[0];
    point[0] = point[lead];
    point[lead] = x;
}

/* The coarse grid. */

/* Steps of the grid along each core axis: at least 2, so that it has corners. */
static size_t seed_steps(const struct branch *b, size_t n_options)
{
    const double share = (double)SEED_POINTS / (double)n_options;
    const size_t n_core = b->bounds.layout.n_core;
    const double most = n_core > 0 ? floor(pow(share, 1.0 / (double)n_core)) : 1.0;
    return most > 2.0 ? (size_t)most : 2;
}

/* Offer the grid of one option: the same points on every rank. */
static enum status seed_option(const struct branch *b, const struct scenario *s, size_t option,
                               struct pareto *front, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct layout *l = &b->bounds.layout;
    const size_t a_axis = seed_steps(b, s->n_options);
    size_t n_points = 1, n_steps[SPACE_MAX_AXES];
    for (size_t c = 0; c < l->n_core; c++) {
        const size_t n = b->problem->space->axes[l->core[c]].n;
        n_steps[c] = n < a_axis ? n : a_axis;
        n_points *= n_steps[c];
    }
    for (size_t k = 0; k < n_points; k++) {
        uint32_t numbers[SPACE_MAX_AXES];
        double point[PROBLEM_MAX_OBJECTIVES];
        uint64_t index = s->indices[option];
        size_t rest = k;
        for (size_t c = l->n_core; c-- > 0;) {
            const size_t n = b->problem->space->axes[l->core[c]].n, step = rest % n_steps[c];
            const size_t level = n_steps[c] > 1 ? step * (n - 1) / (n_steps[c] - 1) : n / 2;
            rest /= n_steps[c];
            numbers[c] = b->bounds.leaves[c][level];
            index += l->weight[l->core[c]] * level;
        }
        if (bounds_best(&b->bounds, s->at + option * b->bounds.n_pyramids, numbers, point)) {
            STATUS_TRY(pareto_offer(front, 1, point, 1, &index, 0, why));
        }
    }
out:
    return st;
}

/* How many points of a front are least in the objectives other than one. */
static enum status count_rest(const struct pareto *front, size_t m, size_t lead, size_t *n,
                              struct status_why *why)
{
    enum status st;
    struct pareto *rest = NULL;
    STATUS_TRY(pareto_create(m > 1 ? m - 1 : 1, &rest, why));
    for (size_t i = 0; i < pareto_size(front); i++) {
        double point[PROBLEM_MAX_OBJECTIVES] = {0};
        memcpy(point, pareto_point(front, i), m * sizeof *point);
        swap_lead(lead, point);
        const uint64_t index = pareto_index(front, i);
        STATUS_TRY(pareto_offer(rest, 1, m > 1 ? point + 1 : (double[]){0.0}, 1, &index, 0, why));
    }
    STATUS_TRY(pareto_settle(rest, why));
    *n = pareto_size(rest);
out:
    pareto_destroy(rest);
    return st;
}

/* Sweep along the objective without which the fewest points would be left: comparisons with what
 * is behind the sweep are then fewest. */
static enum status choose_lead(const struct branch *b, const struct pareto *front,
                               struct scenario *s, struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t fewest = SIZE_MAX, n = 0;
    for (size_t lead = 0; lead < b->m; lead++) {
        STATUS_TRY(count_rest(front, b->m, lead, &n, why));
        s->lead = n < fewest ? lead : s->lead;
        fewest = n < fewest ? n : fewest;
    }
out:
    return st;
}

/* The seeds in the order of the sweep, and ranges that hold as many of them each. */
static enum status take_seeds(const struct branch *b, const struct pareto *front,
                              struct scenario *s, struct status_why *why)
{
    enum status st;
    const size_t n = pareto_size(front), m = b->m;
    STATUS_TRY(rows_create(m, n, &s->seeds, why));
    for (size_t i = 0; i < n; i++) {
        s->seeds.indices[i] = pareto_index(front, i);
        memcpy(s->seeds.x + i * m, pareto_point(front, i), m * sizeof *s->seeds.x);
        swap_lead(s->lead, s->seeds.x + i * m);
    }
    STATUS_TRY(rows_sort(m, space_n_decisions(b->problem->space), &s->seeds, why));
    s->least = n > 0 ? s->seeds.x[0] : 0.0;
    s->most = n > 0 ? s->seeds.x[(n - 1) * m] : 0.0;
    s->cuts = malloc((b->n_ranges + 1) * sizeof *s->cuts);
    if (s->cuts == NULL) {
        st = status_fail(why, STATUS_MEMORY, "search: %zu ranges", b->n_ranges);
    }
    STATUS_TRY(st);
    for (size_t r = 0; r <= b->n_ranges; r++) {
        s->cuts[r] = r == 0                       ? -(double)INFINITY
                     : r == b->n_ranges || n == 0 ? (double)INFINITY
                                                  : s->seeds.x[r * n / b->n_ranges * m];
    }
out:
    return st;
}

static enum status take_options(const struct branch *b, size_t scenario, struct scenario *s,
                                struct status_why *why)
{
    enum status st;
    const struct layout *l = &b->bounds.layout;
    STATUS_TRY(layout_survivors(l, scenario, &s->options, &s->n_options, why));
    s->at = malloc((s->n_options * b->bounds.n_pyramids + 1) * sizeof *s->at);
    s->indices = malloc((s->n_options + 1) * sizeof *s->indices);
    if (s->at == NULL || s->indices == NULL) {
        st = status_fail(why, STATUS_MEMORY, "search: %zu options", s->n_options);
    }
    STATUS_TRY(st);
    for (size_t k = 0; k < s->n_options; k++) {
        size_t levels[SPACE_MAX_AXES] = {0};
        layout_scenario(l, scenario, levels);
        layout_option(l, s->options[k], levels);
        s->indices[k] = layout_index(l, levels);
        bounds_place(&b->bounds, levels, s->at + k * b->bounds.n_pyramids);
    }
out:
    return st;
}

static enum status begin_scenario(struct branch *b, size_t scenario, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct scenario *s = &b->scenarios[scenario];
    struct pareto *front = NULL;
    if (s->sweep != NULL) {
        return STATUS_OK;
    }
    STATUS_TRY(take_options(b, scenario, s, why));
    STATUS_TRY(pareto_create(b->m, &front, why));
    for (size_t k = 0; k < s->n_options; k++) {
        STATUS_TRY(seed_option(b, s, k, front, why));
    }
    STATUS_TRY(pareto_settle(front, why));
    STATUS_TRY(choose_lead(b, front, s, why));
    STATUS_TRY(take_seeds(b, front, s, why));
    STATUS_TRY(sweep_create(b->m - 1, &s->sweep, why));
out:
    pareto_destroy(front);
    return st;
}

/* The queue. */

static uint32_t *box_at(const struct queue *q, uint32_t box)
{
    return q->boxes + (size_t)box * q->width;
}

/* \param [out] box  its entries behind the first are for the caller to fill */
static enum status queue_push(struct queue *q, size_t bucket, uint32_t *box, struct status_why *why)
{
    *box = q->free;
    if (*box != nowhere) {
        q->free = box_at(q, *box)[0];
    } else {
        if (q->n_used == q->room) {
            const size_t room = q->room + q->room / 2 + 4096;
            uint32_t *boxes = realloc(q->boxes, room * q->width * sizeof *boxes);
            if (boxes == NULL || room >= nowhere) {
                q->boxes = boxes != NULL ? boxes : q->boxes;
                return status_fail(why, STATUS_MEMORY, "search: %zu boxes", room);
            }
            q->boxes = boxes;
            q->room = room;
        }
        *box = q->n_used++;
    }
    box_at(q, *box)[0] = q->heads[bucket];
    q->heads[bucket] = *box;
    return STATUS_OK;
}

/* Take a box out; its entries stay until the next push. */
static const uint32_t *queue_pop(struct queue *q, size_t bucket)
{
    const uint32_t box = q->heads[bucket];
    uint32_t *entries = box_at(q, box);
    q->heads[bucket] = entries[0];
    entries[0] = q->free;
    q->free = box;
    return entries;
}

/* The search of one range. */

/* A range of the leading objective at work. */
struct range {
    struct scenario *s;
    double begin, end;   /* begin <= x < end */
    double from, a_unit; /* buckets */
    size_t bucket;       /* the current one */
};

static size_t bucket_of(const struct range *r, double x)
{
    const double at = (x - r->from) * r->a_unit;
    const size_t bucket = !(at > 0.0) ? 0 : at < N_BUCKETS ? (size_t)at : N_BUCKETS - 1;
    return bucket > r->bucket ? bucket : r->bucket;
}

/* The lowest index in a box. \param box  number, begin, end of its nodes */
static uint64_t first_index(const struct branch *b, const struct range *r, uint32_t option,
                            const uint32_t box[])
{
    const struct layout *l = &b->bounds.layout;
    uint64_t index = r->s->indices[option];
    for (size_t c = 0; c < l->n_core; c++) {
        index += l->weight[l->core[c]] * box[l->n_core + c];
    }
    return index;
}

/* The best that a box can be, the leading objective first.
 * \return false when something found before removes it all, or nothing in it is feasible */
static bool may_hold(const struct branch *b, const struct range *r, uint32_t option,
                     const uint32_t box[], double point[])
{
    const size_t *at = r->s->at + option * b->bounds.n_pyramids;
    if (!bounds_best(&b->bounds, at, box, point)) {
        return false;
    }
    swap_lead(r->s->lead, point);
    return !sweep_removes(r->s->sweep, point + 1)
           && (b->crowd == NULL
               || pareto_verdict(b->crowd, point, first_index(b, r, option, box))
                      == DOMINANCE_NONE);
}

/* Queue a box unless nothing in it can be a row of the range. */
static enum status consider(struct branch *b, const struct range *r, uint32_t option,
                            const uint32_t box[], struct status_why *why)
{
    enum status st;
    const size_t *at = r->s->at + option * b->bounds.n_pyramids, n_core = b->bounds.layout.n_core;
    double point[PROBLEM_MAX_OBJECTIVES];
    uint32_t made = nowhere;
    if (!may_hold(b, r, option, box, point) || point[0] >= r->end
        || (r->begin > -(double)INFINITY
            && bounds_worst(&b->bounds, at, box, r->s->lead) < r->begin)) {
        return STATUS_OK;
    }
    STATUS_TRY(queue_push(&b->queue, bucket_of(r, point[0]), &made, why));
    uint32_t *entries = box_at(&b->queue, made);
    entries[1] = option;
    memcpy(entries + 2, box, 3 * n_core * sizeof *box);
out:
    return st;
}

/* The core axis along which a box is widest, or n_core if it is one configuration. */
static size_t widest(const struct bounds *b, const uint32_t box[])
{
    const size_t n_core = b->layout.n_core;
    size_t best = n_core;
    double most = 0.0;
    for (size_t c = 0; c < n_core; c++) {
        const uint32_t n = box[2 * n_core + c] - box[n_core + c];
        const size_t steps = b->layout.problem->space->axes[b->layout.core[c]].n;
        const double width = b->spread[c] * (double)n / (double)steps;
        if (n > 1 && width > most) {
            most = width;
            best = c;
        }
    }
    return best;
}

static enum status add_half(struct branch *b, const struct range *r, uint32_t option,
                            uint32_t box[], size_t c, struct pyramid_node half,
                            struct status_why *why)
{
    const size_t n_core = b->bounds.layout.n_core;
    box[c] = (uint32_t)half.number;
    box[n_core + c] = (uint32_t)half.begin;
    box[2 * n_core + c] = (uint32_t)half.end;
    return consider(b, r, option, box, why);
}

/* A point more in the bucket at work. */
static enum status visit(struct branch *b, const double point[], uint64_t index,
                         struct status_why *why)
{
    enum status st = STATUS_OK;
    b->n_evaluated++;
    b->n_feasible++;
    if (b->crowd != NULL) {
        return pareto_offer(b->crowd, 1, point, 1, &index, 0, why);
    }
    STATUS_TRY(rows_reserve(b->m, b->bucket.n + 1, &b->bucket, why));
    memcpy(b->bucket.x + b->bucket.n * b->m, point, b->m * sizeof *point);
    b->bucket.indices[b->bucket.n++] = index;
    if (b->bucket.n == MOST_LOOSE) {
        STATUS_TRY(pareto_create(b->m, &b->crowd, why));
        for (size_t i = 0; i < b->bucket.n; i++) {
            STATUS_TRY(pareto_offer(b->crowd, 1, b->bucket.x + i * b->m, 1, b->bucket.indices + i,
                                    0, why));
        }
        STATUS_TRY(pareto_settle(b->crowd, why));
        b->bucket.n = 0;
    }
out:
    return st;
}

/* The points of a crowd are those of the bucket again. */
static enum status disperse(struct branch *b, struct status_why *why)
{
    enum status st;
    STATUS_TRY(pareto_settle(b->crowd, why));
    for (size_t i = 0; i < pareto_size(b->crowd); i++) {
        STATUS_TRY(rows_reserve(b->m, b->bucket.n + 1, &b->bucket, why));
        memcpy(b->bucket.x + b->bucket.n * b->m, pareto_point(b->crowd, i),
               b->m * sizeof *b->bucket.x);
        b->bucket.indices[b->bucket.n++] = pareto_index(b->crowd, i);
    }
    pareto_destroy(b->crowd);
    b->crowd = NULL;
out:
    return st;
}

/* Halve the boxes of the current bucket until there are only points. */
static enum status empty_bucket(struct branch *b, const struct range *r, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t n_core = b->bounds.layout.n_core;
    while (b->queue.heads[r->bucket] != nowhere) {
        uint32_t box[3 * SPACE_MAX_AXES + 1] = {0}, half[3 * SPACE_MAX_AXES + 1];
        const uint32_t *entries = queue_pop(&b->queue, r->bucket);
        const uint32_t option = entries[1];
        memcpy(box, entries + 2, 3 * n_core * sizeof *box);
        double point[PROBLEM_MAX_OBJECTIVES];
        if (!may_hold(b, r, option, box, point)) {
            continue; /* since it was queued */
        }
        const size_t c = widest(&b->bounds, box);
        if (c == n_core) {
            STATUS_TRY(visit(b, point, first_index(b, r, option, box), why));
            continue;
        }
        /* Whole boxes are queued. NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage) */
        const struct pyramid_node node = {box[c], box[n_core + c], box[2 * n_core + c]};
        memcpy(half, box, 3 * n_core * sizeof *box);
        STATUS_TRY(add_half(b, r, option, half, c, pyramid_lower(node), why));
        STATUS_TRY(add_half(b, r, option, half, c, pyramid_upper(node), why));
    }
out:
    return st;
}

/* Sweep over the points of the current bucket; what stays is a row. */
static enum status take_rows(struct branch *b, const struct range *r, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t m = b->m;
    if (b->crowd != NULL) {
        STATUS_TRY(disperse(b, why));
    }
    if (b->bucket.n == 0) {
        return STATUS_OK;
    }
    STATUS_TRY(rows_sort(m, space_n_decisions(b->problem->space), &b->bucket, why));
    for (size_t i = 0; i < b->bucket.n; i++) {
        double *x = b->bucket.x + i * m;
        if (sweep_removes(r->s->sweep, x + 1)) {
            continue;
        }
        STATUS_TRY(sweep_add(r->s->sweep, x + 1, why));
        STATUS_TRY(rows_reserve(m, b->rows.n + 1, &b->rows, why));
        swap_lead(r->s->lead, x);
        rows_copy(m, &b->bucket, i, &b->rows, b->rows.n++);
    }
    b->bucket.n = 0;
out:
    return st;
}

/* Bring what is known of smaller values of the leading objective into the sweep. */
static enum status prepare_sweep(const struct branch *b, struct scenario *s, size_t number,
                                 struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t end = s->n_seeds_used;
    if (number < s->next_range) {
        sweep_restart(s->sweep);
        s->n_seeds_used = end = 0;
    }
    while (end < s->seeds.n && s->seeds.x[end * b->m] < s->cuts[number]) {
        end++;
    }
    for (size_t i = end; i-- > s->n_seeds_used;) { /* the last ones remove most of the others */
        const double *rest = s->seeds.x + i * b->m + 1;
        if (!sweep_removes(s->sweep, rest)) {
            STATUS_TRY(sweep_add(s->sweep, rest, why));
        }
    }
    s->n_seeds_used = end;
    s->next_range = number + 1;
out:
    return st;
}

static enum status search_range(struct branch *b, struct scenario *s, size_t number,
                                struct status_why *why)
{
    enum status st = STATUS_OK;
    struct range r = {.s = s, .begin = s->cuts[number], .end = s->cuts[number + 1]};
    const struct layout *l = &b->bounds.layout;
    const double to = r.end < s->most ? r.end : s->most;
    uint32_t box[3 * SPACE_MAX_AXES + 1] = {0};
    r.from = r.begin > s->least ? r.begin : s->least;
    r.a_unit = to > r.from ? N_BUCKETS / (to - r.from) : 0.0;
    STATUS_TRY(prepare_sweep(b, s, number, why));
    memset(b->queue.heads, 0xff, sizeof b->queue.heads); /* nowhere */
    for (size_t c = 0; c < l->n_core; c++) {
        box[2 * l->n_core + c] = (uint32_t)b->problem->space->axes[l->core[c]].n;
    }
    for (uint32_t option = 0; option < s->n_options; option++) {
        STATUS_TRY(consider(b, &r, option, box, why));
    }
    for (; r.bucket < N_BUCKETS; r.bucket++) {
        STATUS_TRY(empty_bucket(b, &r, why));
        STATUS_TRY(take_rows(b, &r, why));
    }
out:
    return st;
}

static enum status do_item(void *context, size_t item, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct branch *b = context;
    const size_t begun = b->rows.n, scenario = item / b->n_ranges;
    STATUS_TRY(begin_scenario(b, scenario, why));
    STATUS_TRY(search_range(b, &b->scenarios[scenario], item % b->n_ranges, why));
    if (b->options->record != NULL) {
        STATUS_TRY(b->options->record(b->options->context, item, b->rows.indices + begun,
                                      b->rows.n - begun, why));
    }
    if (trace_is_due(b->options->trace) && trace_affords(b->options->trace, b->rows.n)) {
        STATUS_TRY(trace_take(b->options->trace, &b->rows, why));
    }
out:
    return st;
}

/* The rows of an interrupted run: take this rank's share of them. */
static enum status take_again(struct branch *b, struct team_range share, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct layout *l = &b->bounds.layout;
    for (size_t i = share.begin; i < share.end; i++) {
        size_t levels[SPACE_MAX_AXES] = {0}, at[BOUNDS_MOST_PYRAMIDS];
        uint32_t numbers[SPACE_MAX_AXES];
        space_levels(b->problem->space, b->options->survivors[i], levels);
        bounds_place(&b->bounds, levels, at);
        for (size_t c = 0; c < l->n_core; c++) {
            numbers[c] = b->bounds.leaves[c][levels[l->core[c]]];
        }
        STATUS_TRY(rows_reserve(b->m, b->rows.n + 1, &b->rows, why));
        if (bounds_best(&b->bounds, at, numbers, b->rows.x + b->rows.n * b->m)) {
            b->rows.indices[b->rows.n++] = b->options->survivors[i];
        }
    }
out:
    return st;
}

enum status branch_search(MPI_Comm comm, const struct problem *problem,
                          const struct path_options *options, struct frontier *made,
                          struct status_why *why)
{
    struct branch *b = malloc(sizeof *b);
    struct team_work work = {
        .label = "search", .done = options->done, .item = do_item, .context = b};
    enum status st = b != NULL ? branch_create(problem, options, b, why)
                               : status_fail(why, STATUS_MEMORY, "search: %zu bytes", sizeof *b);
    memset(made, 0, sizeof *made);
    if (st == STATUS_OK) {
        st = take_again(b, team_share(options->n_survivors, team_rank(comm), team_size(comm)), why);
    }
    st = st == STATUS_OK ? begin_scenario(b, 0, why) : st;
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(branch_n_items(problem, &work.n_items, why));
    STATUS_TRY(team_deal(comm, &work, why));
    STATUS_TRY(frontier_sweep(comm, problem, b->scenarios[0].lead, &b->rows, made, why));
    made->n_evaluated = team_sum(comm, b->n_evaluated);
    made->n_feasible = team_sum(comm, b->n_feasible);
out:
    if (b != NULL) {
        branch_clear(b);
    }
    free(b);
    return st;
}
