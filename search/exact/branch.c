#include "search/exact/branch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/exact/layout.h"
#include "search/exact/pyramid.h"
#include "solver/base/team.h"

enum {
    WANTED_ITEMS = 4096, /* so that there is work for many ranks */
    SEED_POINTS = 65536, /* of the coarse grid a scenario level */
    MOST_OUTCOMES = PROBLEM_MAX_OBJECTIVES + PROBLEM_MAX_CONSTRAINTS,
    MOST_PYRAMIDS = MOST_OUTCOMES * (TABLES_MAX_PRODUCTS * TABLES_MAX_FACTORS + 1),
    MOST_BOXES = 1024 /* on the stack: two a halving of each axis */
};

/* A box of one option. */
struct box {
    struct pyramid_node nodes[SPACE_MAX_AXES]; /* [n_core] */
};

/* An outcome whose tables are pyramids, by number. */
struct outcome {
    size_t n_products;
    struct {
        size_t n, factors[TABLES_MAX_FACTORS];
    } products[TABLES_MAX_PRODUCTS];
    bool has_rate, rounds;
    size_t rate;
};

/* The options of one scenario level that are searched. */
struct scenario {
    uint32_t *options; /* [n_options] ascending */
    size_t n_options;
    size_t first_item;
    struct pareto *front; /* NULL: not begun */
};

struct branch {
    const struct problem *problem;
    const struct path_options *options;
    struct layout layout;
    size_t n_outcomes, n_objectives;
    struct outcome outcomes[MOST_OUTCOMES];
    unsigned wanted[MOST_OUTCOMES];
    size_t n_pyramids;
    struct pyramid pyramids[MOST_PYRAMIDS];
    const double *sources[MOST_PYRAMIDS]; /* the tables they were made from */
    double spread[SPACE_MAX_AXES];        /* [n_core] of the tables along an axis, as a logarithm */
    size_t n_scenarios;
    struct scenario *scenarios;
    size_t n_blocks;                           /* of the core, an item each for every option */
    size_t n_cuts[SPACE_MAX_AXES];             /* [n_core] */
    struct pyramid_node *cuts[SPACE_MAX_AXES]; /* [n_cuts] */
    size_t *leaves[SPACE_MAX_AXES];            /* [n] number of the node of each level */

    /* of the option at work */
    size_t levels[SPACE_MAX_AXES];
    uint64_t index; /* of its configuration of core levels 0 */
    const double *least[MOST_PYRAMIDS], *greatest[MOST_PYRAMIDS];

    uint64_t *accepted; /* configurations of the item that entered the front */
    size_t n_accepted, room;
    uint64_t n_evaluated, n_feasible;
};

static bool all_finite(const struct tables_table *t, const struct space *s)
{
    size_t n = 1;
    for (size_t a = 0; a < s->n_axes; a++) {
        n += t->stride[a] * (s->axes[a].n - 1); /* the last entry */
    }
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(t->values[i])) {
            return false;
        }
    }
    return true;
}

bool branch_can(const struct problem *p)
{
    for (size_t i = 0; p->tables != NULL && i < p->n_objectives + p->n_constraints; i++) {
        const struct tables_outcome *o = &p->tables[i];
        for (size_t k = 0; k < o->n_products; k++) {
            for (size_t f = 0; f < o->products[k].n; f++) {
                if (!all_finite(&o->products[k].factors[f], p->space)) {
                    return false;
                }
            }
        }
        if (o->has_rate && !all_finite(&o->rate, p->space)) {
            return false;
        }
    }
    return p->tables != NULL;
}

/* Setting up. */

/* The pyramid of a table; tables that several outcomes share have one. */
static enum status take_table(struct branch *b, const struct tables_table *t, size_t *number,
                              struct status_why *why)
{
    for (*number = 0; *number < b->n_pyramids; ++*number) {
        if (b->sources[*number] == t->values) {
            return STATUS_OK;
        }
    }
    b->sources[*number] = t->values;
    b->n_pyramids++;
    return pyramid_create(t, b->problem->space, b->layout.n_core, b->layout.core,
                          &b->pyramids[*number], why);
}

static enum status take_outcome(struct branch *b, size_t i, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct tables_outcome *from = &b->problem->tables[i];
    struct outcome *o = &b->outcomes[i];
    o->n_products = from->n_products;
    o->has_rate = from->has_rate;
    o->rounds = from->rounds;
    for (size_t p = 0; p < from->n_products; p++) {
        o->products[p].n = from->products[p].n;
        for (size_t f = 0; f < from->products[p].n; f++) {
            STATUS_TRY(
                take_table(b, &from->products[p].factors[f], &o->products[p].factors[f], why));
        }
    }
    if (from->has_rate) {
        STATUS_TRY(take_table(b, &from->rate, &o->rate, why));
    }
    b->wanted[i] = layout_wanted(b->problem, i);
out:
    return st;
}

/* How much the tables change along each core axis: boxes are halved where they are widest in this
 * measure. */
static void measure_spreads(struct branch *b)
{
    for (size_t c = 0; c < b->layout.n_core; c++) {
        for (size_t k = 0; k < b->n_pyramids; k++) {
            const struct pyramid *p = &b->pyramids[k];
            const double least = p->least[0], greatest = p->greatest[0]; /* of the whole core */
            const bool reads = p->node_stride[c] != 0 && least > 0.0;
            const double spread = reads ? log(greatest / least) : 0.0;
            b->spread[c] = fmax(b->spread[c], spread);
        }
        b->spread[c] = b->spread[c] > 0.0 ? b->spread[c] : 1.0;
    }
}

static void number_leaves(struct pyramid_node node, size_t leaves[])
{
    if (node.end - node.begin == 1) {
        leaves[node.begin] = node.number;
        return;
    }
    number_leaves(pyramid_lower(node), leaves);
    number_leaves(pyramid_upper(node), leaves);
}

/* Cut every core axis into nodes, the longest first, until there are enough blocks. */
static enum status cut_core(struct branch *b, size_t wanted, struct status_why *why)
{
    const struct space *s = b->problem->space;
    for (size_t c = 0; c < b->layout.n_core; c++) {
        const size_t n = s->axes[b->layout.core[c]].n;
        b->cuts[c] = malloc(n * sizeof *b->cuts[c]);
        b->leaves[c] = malloc(n * sizeof *b->leaves[c]);
        if (b->cuts[c] == NULL || b->leaves[c] == NULL) {
            return status_fail(why, STATUS_MEMORY, "search: %zu levels", n);
        }
        b->cuts[c][0] = pyramid_root(n);
        b->n_cuts[c] = 1;
        number_leaves(pyramid_root(n), b->leaves[c]);
    }
    b->n_blocks = 1;
    while (b->layout.n_core > 0 && b->n_blocks < wanted) {
        size_t longest = 0;
        for (size_t c = 1; c < b->layout.n_core; c++) {
            const size_t n = b->cuts[c][0].end - b->cuts[c][0].begin;
            longest = n > b->cuts[longest][0].end - b->cuts[longest][0].begin ? c : longest;
        }
        if (b->cuts[longest][0].end - b->cuts[longest][0].begin < 2) {
            break; /* the first node is never the longer half */
        }
        for (size_t i = b->n_cuts[longest]; i-- > 0;) {
            const struct pyramid_node node = b->cuts[longest][i];
            b->cuts[longest][2 * i] = pyramid_lower(node);
            b->cuts[longest][2 * i + 1] = pyramid_upper(node);
        }
        b->n_cuts[longest] *= 2;
        b->n_blocks *= 2;
    }
    return STATUS_OK;
}

/* Number the items: scenario level, option, block of the core. */
static enum status number_items(struct branch *b, size_t *n_items, struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t n_options = 0;
    b->n_scenarios = (size_t)space_n_scenarios(b->problem->space);
    b->scenarios = calloc(b->n_scenarios, sizeof *b->scenarios);
    if (b->scenarios == NULL) {
        st = status_fail(why, STATUS_MEMORY, "search: %zu scenario levels", b->n_scenarios);
    }
    STATUS_TRY(st);
    for (size_t s = 0; s < b->n_scenarios; s++) {
        STATUS_TRY(layout_survivors(&b->layout, s, &b->scenarios[s].options,
                                    &b->scenarios[s].n_options, why));
        n_options += b->scenarios[s].n_options;
    }
    STATUS_TRY(cut_core(b, WANTED_ITEMS / n_options, why));
    *n_items = 0;
    for (size_t s = 0; s < b->n_scenarios; s++) {
        b->scenarios[s].first_item = *n_items;
        *n_items += b->scenarios[s].n_options * b->n_blocks;
    }
out:
    return st;
}

static void branch_clear(struct branch *b)
{
    if (b == NULL) {
        return;
    }
    for (size_t s = 0; b->scenarios != NULL && s < b->n_scenarios; s++) {
        pareto_destroy(b->scenarios[s].front);
        free(b->scenarios[s].options);
    }
    for (size_t k = 0; k < b->n_pyramids; k++) {
        pyramid_clear(&b->pyramids[k]);
    }
    for (size_t c = 0; c < b->layout.n_core; c++) {
        free(b->cuts[c]);
        free(b->leaves[c]);
    }
    free(b->scenarios);
    free(b->accepted);
    free(b);
}

/* \param [out] made  the caller clears it, also after a failure */
static enum status branch_create(const struct problem *problem, struct branch **made,
                                 size_t *n_items, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct branch *b = *made = calloc(1, sizeof *b);
    if (b == NULL) {
        return status_fail(why, STATUS_MEMORY, "search: %zu bytes", sizeof *b);
    }
    STATUS_ASSERT(branch_can(problem));
    b->problem = problem;
    b->n_objectives = problem->n_objectives;
    b->n_outcomes = problem->n_objectives + problem->n_constraints;
    layout_make(problem, &b->layout);
    for (size_t i = 0; i < b->n_outcomes; i++) {
        STATUS_TRY(take_outcome(b, i, why));
    }
    measure_spreads(b);
    STATUS_TRY(number_items(b, n_items, why));
out:
    return st;
}

enum status branch_n_items(const struct problem *problem, size_t *n, struct status_why *why)
{
    struct branch *b = NULL;
    const enum status st = branch_create(problem, &b, n, why);
    branch_clear(b);
    return st;
}

/* Bounds. */

/* Work on one option of a scenario level from now on. */
static void choose_option(struct branch *b, size_t scenario, uint32_t option)
{
    memset(b->levels, 0, sizeof b->levels);
    layout_scenario(&b->layout, scenario, b->levels);
    layout_option(&b->layout, option, b->levels);
    b->index = layout_index(&b->layout, b->levels);
    for (size_t k = 0; k < b->n_pyramids; k++) {
        size_t at = 0;
        for (size_t a = 0; a < b->problem->space->n_axes; a++) {
            at += b->pyramids[k].stride[a] * b->levels[a];
        }
        b->least[k] = b->pyramids[k].least + at;
        b->greatest[k] = b->pyramids[k].greatest + at;
    }
}

/* The expression of an outcome (solver/tables.h) over entries of pyramids. */
static double outcome_at(const struct outcome *o, const double x[])
{
    double sum = 0.0;
    for (size_t p = 0; p < o->n_products; p++) {
        double value = x[o->products[p].factors[0]];
        for (size_t f = 1; f < o->products[p].n; f++) {
            value *= x[o->products[p].factors[f]];
        }
        sum = p == 0 ? value : sum + value;
    }
    const double value = o->has_rate ? sum * x[o->rate] : sum;
    return o->rounds ? footprint_devices(value) : value;
}

static void read_entries(const struct branch *b, const double *const tables[],
                         const size_t numbers[], double x[])
{
    for (size_t k = 0; k < b->n_pyramids; k++) {
        size_t at = 0;
        for (size_t c = 0; c < b->layout.n_core; c++) {
            at += b->pyramids[k].node_stride[c] * numbers[c];
        }
        x[k] = tables[k][at];
    }
}

/* The objectives in the form that is compared, from values as they are. */
static void make_comparable(const struct branch *b, double point[])
{
    pareto_round(b->n_objectives, point);
    for (size_t i = 0; i < b->n_objectives; i++) {
        point[i] = (b->wanted[i] == LAYOUT_MORE ? -point[i] : point[i]) + 0.0;
    }
}

/* The best values that a box can have.
 * \param [in]  numbers  [n_core] of its nodes
 * \param [out] point    [n_objectives] comparable
 * \return false when no configuration of the box can be feasible */
static bool bound(const struct branch *b, const size_t numbers[], double point[])
{
    double least[MOST_PYRAMIDS], greatest[MOST_PYRAMIDS];
    bool any_more = false;
    for (size_t i = 0; i < b->n_outcomes; i++) {
        any_more = any_more || (b->wanted[i] & LAYOUT_MORE) != 0;
    }
    read_entries(b, b->least, numbers, least);
    if (any_more) {
        read_entries(b, b->greatest, numbers, greatest);
    }
    for (size_t i = 0; i < b->n_outcomes; i++) {
        const struct outcome *o = &b->outcomes[i];
        const bool less = (b->wanted[i] & LAYOUT_LESS) != 0;
        const bool more = (b->wanted[i] & LAYOUT_MORE) != 0;
        if (i < b->n_objectives) {
            point[i] = outcome_at(o, more ? greatest : least);
            continue;
        }
        const struct problem_constraint *c = &b->problem->constraints[i - b->n_objectives];
        if ((less && !(outcome_at(o, least) <= c->upper))
            || (more && !(outcome_at(o, greatest) >= c->lower))) {
            return false;
        }
    }
    make_comparable(b, point);
    return true;
}

/* The search of one item. */

static enum status accept(struct branch *b, uint64_t index, struct status_why *why)
{
    if (b->options == NULL || b->options->record == NULL) {
        return STATUS_OK;
    }
    if (b->n_accepted == b->room) {
        const size_t room = 2 * b->room + 1024;
        uint64_t *more = realloc(b->accepted, room * sizeof *more);
        if (more == NULL) {
            return status_fail(why, STATUS_MEMORY, "search: %zu configurations", room);
        }
        b->accepted = more;
        b->room = room;
    }
    b->accepted[b->n_accepted++] = index;
    return STATUS_OK;
}

/* One configuration, by the numbers of its nodes: its bound is its value. */
static enum status visit(struct branch *b, struct pareto *front, const size_t numbers[],
                         uint64_t index, struct status_why *why)
{
    enum status st = STATUS_OK;
    double point[PROBLEM_MAX_OBJECTIVES];
    b->n_evaluated++;
    if (!bound(b, numbers, point)) {
        return STATUS_OK;
    }
    b->n_feasible++;
    if (pareto_verdict(front, point, index) != DOMINANCE_NONE) {
        return STATUS_OK;
    }
    STATUS_TRY(pareto_offer(front, 1, point, 1, &index, 0, why));
    STATUS_TRY(accept(b, index, why));
out:
    return st;
}

/* The core axis along which a box is widest, or n_core if it is one configuration. */
static size_t widest(const struct branch *b, const struct box *box)
{
    size_t best = b->layout.n_core;
    double most = 0.0;
    for (size_t c = 0; c < b->layout.n_core; c++) {
        const struct pyramid_node *n = &box->nodes[c];
        const size_t steps = b->problem->space->axes[b->layout.core[c]].n;
        const double width = b->spread[c] * (double)(n->end - n->begin) / (double)steps;
        if (n->end - n->begin > 1 && width > most) {
            most = width;
            best = c;
        }
    }
    return best;
}

static enum status search_box(struct branch *b, struct pareto *front, const struct box *whole,
                              struct status_why *why)
{
    enum status st = STATUS_OK;
    struct box stack[MOST_BOXES];
    size_t n = 0;
    stack[n++] = *whole;
    while (n > 0) {
        const struct box box = stack[--n];
        size_t numbers[SPACE_MAX_AXES];
        uint64_t index = b->index;
        double point[PROBLEM_MAX_OBJECTIVES];
        for (size_t c = 0; c < b->layout.n_core; c++) {
            numbers[c] = box.nodes[c].number;
            index += b->layout.weight[b->layout.core[c]] * box.nodes[c].begin;
        }
        const size_t c = widest(b, &box);
        if (c == b->layout.n_core) {
            STATUS_TRY(visit(b, front, numbers, index, why));
        } else if (bound(b, numbers, point)
                   && pareto_verdict(front, point, index) == DOMINANCE_NONE) {
            STATUS_ASSERT(n + 2 <= MOST_BOXES);
            stack[n] = stack[n + 1] = box;
            stack[n++].nodes[c] = pyramid_upper(box.nodes[c]);
            stack[n++].nodes[c] = pyramid_lower(box.nodes[c]);
        }
    }
out:
    return st;
}

/* A coarse grid over the core for every option: the same points on every rank. */
static enum status seed_option(struct branch *b, struct pareto *front, size_t a_axis,
                               struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t numbers[SPACE_MAX_AXES], at[SPACE_MAX_AXES] = {0}, n_points = 1;
    size_t n_steps[SPACE_MAX_AXES];
    for (size_t c = 0; c < b->layout.n_core; c++) {
        const size_t n = b->problem->space->axes[b->layout.core[c]].n;
        n_steps[c] = n < a_axis ? n : a_axis;
        n_points *= n_steps[c];
    }
    for (size_t k = 0; k < n_points; k++) {
        uint64_t index = b->index;
        size_t rest = k;
        for (size_t c = b->layout.n_core; c-- > 0;) {
            const size_t n = b->problem->space->axes[b->layout.core[c]].n;
            const size_t step = rest % n_steps[c];
            rest /= n_steps[c];
            at[c] = n_steps[c] > 1 ? step * (n - 1) / (n_steps[c] - 1) : n / 2;
            numbers[c] = b->leaves[c][at[c]];
            index += b->layout.weight[b->layout.core[c]] * at[c];
        }
        double point[PROBLEM_MAX_OBJECTIVES];
        if (bound(b, numbers, point)) {
            STATUS_TRY(pareto_offer(front, 1, point, 1, &index, 0, why));
        }
    }
out:
    return st;
}

/* Levels of a core axis in the coarse grid: at least 2, so that it has corners. */
static size_t seed_levels(const struct branch *b, size_t n_options)
{
    size_t levels = 2;
    if (b->layout.n_core > 0) {
        const double share = (double)SEED_POINTS / (double)n_options;
        const double most = floor(pow(share, 1.0 / (double)b->layout.n_core));
        levels = most > 2.0 ? (size_t)most : levels;
    }
    return levels;
}

static enum status begin_scenario(struct branch *b, size_t s, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct scenario *scenario = &b->scenarios[s];
    if (scenario->front != NULL) {
        return STATUS_OK;
    }
    STATUS_TRY(pareto_create(b->n_objectives, &scenario->front, why));
    for (size_t k = 0; k < scenario->n_options; k++) {
        choose_option(b, s, scenario->options[k]);
        STATUS_TRY(seed_option(b, scenario->front, seed_levels(b, scenario->n_options), why));
    }
    STATUS_TRY(pareto_settle(scenario->front, why));
out:
    return st;
}

static size_t scenario_of_item(const struct branch *b, size_t item)
{
    size_t low = 0, high = b->n_scenarios;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (b->scenarios[middle].first_item <= item) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static enum status do_item(void *context, size_t item, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct branch *b = context;
    const size_t s = scenario_of_item(b, item);
    const size_t in_scenario = item - b->scenarios[s].first_item;
    size_t block = in_scenario % b->n_blocks;
    struct box box;
    STATUS_TRY(begin_scenario(b, s, why));
    choose_option(b, s, b->scenarios[s].options[in_scenario / b->n_blocks]);
    for (size_t c = b->layout.n_core; c-- > 0;) {
        box.nodes[c] = b->cuts[c][block % b->n_cuts[c]];
        block /= b->n_cuts[c];
    }
    b->n_accepted = 0;
    STATUS_TRY(search_box(b, b->scenarios[s].front, &box, why));
    if (b->options->record != NULL) {
        STATUS_TRY(b->options->record(b->options->context, item, b->accepted, b->n_accepted, why));
    }
out:
    return st;
}

/* Offer this rank's share of the survivors of an interrupted run. */
static enum status offer_again(struct branch *b, struct team_range share, struct status_why *why)
{
    enum status st = STATUS_OK;
    const uint64_t n_decisions = space_n_decisions(b->problem->space);
    for (size_t i = share.begin; i < share.end; i++) {
        const uint64_t index = b->options->survivors[i];
        const size_t s = (size_t)(index / n_decisions);
        size_t levels[SPACE_MAX_AXES] = {0}, numbers[SPACE_MAX_AXES];
        uint64_t option = 0;
        STATUS_TRY(begin_scenario(b, s, why));
        space_levels(b->problem->space, index, levels);
        for (size_t r = 0; r < b->layout.n_rest; r++) {
            option =
                option * b->problem->space->axes[b->layout.rest[r]].n + levels[b->layout.rest[r]];
        }
        choose_option(b, s, (uint32_t)option);
        for (size_t c = 0; c < b->layout.n_core; c++) {
            numbers[c] = b->leaves[c][levels[b->layout.core[c]]];
        }
        STATUS_TRY(visit(b, b->scenarios[s].front, numbers, index, why));
    }
    b->n_evaluated = b->n_feasible = 0; /* counted by the run that found them */
out:
    return st;
}

static enum status merge(MPI_Comm comm, struct branch *b, struct frontier *made,
                         struct status_why *why)
{
    enum status st = STATUS_OK;
    struct pareto **fronts = calloc(b->n_scenarios, sizeof(struct pareto *));
    if (fronts == NULL) {
        st = status_fail(why, STATUS_MEMORY, "search: %zu scenario levels", b->n_scenarios);
    }
    for (size_t s = 0; st == STATUS_OK && s < b->n_scenarios; s++) {
        fronts[s] = b->scenarios[s].front;
        b->scenarios[s].front = NULL;
        st = fronts[s] != NULL ? pareto_settle(fronts[s], why) : STATUS_OK;
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(frontier_merge(comm, b->problem, fronts, b->n_scenarios, FRONTIER_MOST_GATHERED,
                              made, why));
    made->n_evaluated = team_sum(comm, b->n_evaluated);
    made->n_feasible = team_sum(comm, b->n_feasible);
out:
    for (size_t s = 0; fronts != NULL && s < b->n_scenarios; s++) {
        pareto_destroy(fronts[s]);
    }
    free(fronts);
    return st;
}

enum status branch_search(MPI_Comm comm, const struct problem *problem,
                          const struct path_options *options, struct frontier *made,
                          struct status_why *why)
{
    struct branch *b = NULL;
    struct team_work work = {.label = "search", .done = options->done, .item = do_item};
    enum status st;
    memset(made, 0, sizeof *made);
    st = branch_create(problem, &b, &work.n_items, why);
    if (st == STATUS_OK) {
        b->options = options;
        work.context = b;
        st =
            offer_again(b, team_share(options->n_survivors, team_rank(comm), team_size(comm)), why);
    }
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(team_deal(comm, &work, why));
    STATUS_TRY(merge(comm, b, made, why));
out:
    branch_clear(b);
    return st;
}
