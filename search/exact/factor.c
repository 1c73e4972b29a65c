#include "search/exact/factor.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/exact/bounds.h"
#include "search/exact/staircase.h"
#include "search/front/rows.h"
#include "search/front/sweep.h"
#include "solver/base/team.h"

enum {
    MOST_OUTCOMES = PROBLEM_MAX_OBJECTIVES + PROBLEM_MAX_CONSTRAINTS,
    MOST_SCALARS = TABLES_MAX_FACTORS + 1
};

/* How the outcomes fall apart: one value, and costs that are work times scalars. */
struct form {
    struct layout layout;
    size_t value;                /* the objective that is no cost */
    size_t n_costs;              /* objectives first */
    size_t costs[MOST_OUTCOMES]; /* their outcomes */
    size_t n_cost_objectives;
    struct tables_outcome work; /* the factors over the core that all costs begin with */
};

static bool reads_core(const struct layout *l, const struct tables_table *t)
{
    bool any = false;
    for (size_t c = 0; c < l->n_core; c++) {
        any = any || t->stride[l->core[c]] != 0;
    }
    return any;
}

/* How many factors of a cost read the core: those it begins with and no other, else 0. */
static size_t work_factors(const struct layout *l, const struct tables_outcome *o)
{
    size_t n = 0;
    if (o->n_products != 1 || o->rounds || (o->has_rate && reads_core(l, &o->rate))) {
        return 0;
    }
    const struct tables_product *p = &o->products[0];
    while (n < p->n && reads_core(l, &p->factors[n])) {
        n++;
    }
    for (size_t f = n; f < p->n; f++) {
        if (reads_core(l, &p->factors[f])) {
            return 0;
        }
    }
    return n;
}

static bool same_tables(const struct tables_outcome *a, const struct tables_outcome *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Whether a cost begins with the work of the others. */
static bool same_work(const struct tables_outcome *work, const struct tables_outcome *o, size_t n)
{
    bool same = work->products[0].n == n;
    for (size_t f = 0; same && f < n; f++) {
        same = work->products[0].factors[f].values == o->products[0].factors[f].values;
    }
    return same;
}

/* Take an outcome that is no cost: the value, or a limit of it. \return false when it is neither */
static bool take_value(const struct problem *p, size_t outcome, struct form *form)
{
    const struct tables_outcome *o = &p->tables[outcome];
    if (form->value == MOST_OUTCOMES && outcome < p->n_objectives && !o->rounds) {
        form->value = outcome;
        return true;
    }
    return outcome >= p->n_objectives && form->value != MOST_OUTCOMES
           && same_tables(o, &p->tables[form->value]);
}

/* Take a cost that begins with \a n factors over the core. \return false when those of another cost
 * differ */
static bool take_cost(const struct problem *p, size_t outcome, size_t n, struct form *form)
{
    const struct tables_outcome *o = &p->tables[outcome];
    if (form->n_costs == 0) {
        form->work = (struct tables_outcome){.n_products = 1, .products = {o->products[0]}};
        form->work.products[0].n = n;
    }
    form->costs[form->n_costs++] = outcome;
    form->n_cost_objectives += outcome < p->n_objectives;
    return same_work(&form->work, o, n);
}

/* \return false when the problem has not this form */
static bool form_make(const struct problem *p, struct form *form)
{
    bool fits = p->tables != NULL && bounds_apply(p);
    memset(form, 0, sizeof *form);
    form->value = MOST_OUTCOMES;
    if (fits) {
        layout_make(p, &form->layout);
    }
    for (size_t i = 0; fits && i < p->n_objectives + p->n_constraints; i++) {
        const size_t n = work_factors(&form->layout, &p->tables[i]);
        fits = (layout_wanted(p, i) & LAYOUT_MORE) == 0
               && (n == 0 ? take_value(p, i, form) : take_cost(p, i, n, form));
    }
    return fits && form->value != MOST_OUTCOMES && form->n_cost_objectives > 0;
}

bool factor_can(const struct problem *problem)
{
    struct form form;
    return form_make(problem, &form);
}

/* An option with the scalars of its costs. */
struct option {
    size_t scenario, class;
    uint64_t index; /* of its configuration of core levels 0 */
    size_t n_scalars[MOST_OUTCOMES];
    double scalars[MOST_OUTCOMES][MOST_SCALARS]; /* [n_costs] */
    size_t n_points; /* of the staircase that meet the constraints: the first */
};

struct factor {
    const struct problem *problem;
    const struct path_options *options;
    struct form form;
    size_t n_options, n_classes, n_scenarios, n_ranges;
    struct option *all; /* [n_options] scenario after scenario */
    size_t *first;      /* [n_scenarios + 1] option of each scenario */
    struct class
    {
        size_t option; /* the first that has it */
        struct staircase stairs;
    } * classes;
    double *cuts; /* [n_scenarios][n_ranges + 1] of the value, from -inf to inf */
    /* Rows of this rank. */
    struct rows rows;
    uint64_t n_seen;
};

/* Where the tables of an outcome are read by an option: equal positions, equal staircases. */
static bool same_place(const struct layout *l, const struct tables_outcome *o, const size_t x[],
                       const size_t y[])
{
    size_t differ = 0;
    for (size_t a = 0; a < l->problem->space->n_axes; a++) {
        bool reads = o->has_rate && o->rate.stride[a] != 0;
        for (size_t p = 0; p < o->n_products; p++) {
            for (size_t f = 0; f < o->products[p].n; f++) {
                reads = reads || o->products[p].factors[f].stride[a] != 0;
            }
        }
        differ += reads && x[a] != y[a];
    }
    return differ == 0;
}

static void option_levels(const struct factor *f, const struct option *o, size_t levels[])
{
    space_levels(f->problem->space, o->index, levels);
}

static double entry(const struct tables_table *t, size_t n_axes, const size_t levels[])
{
    size_t at = 0;
    for (size_t a = 0; a < n_axes; a++) {
        at += t->stride[a] * levels[a];
    }
    return t->values[at];
}

static void take_scalars(const struct factor *f, struct option *o)
{
    size_t levels[SPACE_MAX_AXES] = {0};
    const size_t n_axes = f->problem->space->n_axes;
    option_levels(f, o, levels);
    for (size_t k = 0; k < f->form.n_costs; k++) {
        const struct tables_outcome *cost = &f->problem->tables[f->form.costs[k]];
        o->n_scalars[k] = 0;
        for (size_t i = f->form.work.products[0].n; i < cost->products[0].n; i++) {
            o->scalars[k][o->n_scalars[k]++] = entry(&cost->products[0].factors[i], n_axes, levels);
        }
        if (cost->has_rate) {
            o->scalars[k][o->n_scalars[k]++] = entry(&cost->rate, n_axes, levels);
        }
    }
}

/* Find the class of an option, a new one if no earlier option has it. */
static void classify(struct factor *f, size_t option)
{
    size_t mine[SPACE_MAX_AXES] = {0}, other[SPACE_MAX_AXES] = {0};
    const struct tables_outcome *value = &f->problem->tables[f->form.value];
    size_t c = 0;
    option_levels(f, &f->all[option], mine);
    for (; c < f->n_classes; c++) {
        option_levels(f, &f->all[f->classes[c].option], other);
        if (same_place(&f->form.layout, value, mine, other)
            && same_place(&f->form.layout, &f->form.work, mine, other)) {
            break;
        }
    }
    if (c == f->n_classes) {
        f->classes[f->n_classes++].option = option;
    }
    f->all[option].class = c;
}

static enum status take_scenario(struct factor *f, size_t s, struct status_why *why)
{
    enum status st;
    uint32_t *options = NULL;
    size_t n = 0;
    STATUS_TRY(layout_survivors(&f->form.layout, s, &options, &n, why));
    struct option *more = realloc(f->all, (f->n_options + n + 1) * sizeof *more);
    struct class *classes = realloc(f->classes, (f->n_options + n + 1) * sizeof *classes);
    f->all = more != NULL ? more : f->all;
    f->classes = classes != NULL ? classes : f->classes;
    if (more == NULL || classes == NULL) {
        st = status_fail(why, STATUS_MEMORY, "search: %zu options", f->n_options + n);
    }
    STATUS_TRY(st);
    memset(f->classes + f->n_options, 0, n * sizeof *classes);
    for (size_t k = 0; k < n; k++) {
        size_t levels[SPACE_MAX_AXES] = {0};
        struct option *o = &f->all[f->n_options];
        layout_scenario(&f->form.layout, s, levels);
        layout_option(&f->form.layout, options[k], levels);
        *o = (struct option){.scenario = s, .index = layout_index(&f->form.layout, levels)};
        take_scalars(f, o);
        classify(f, f->n_options++);
    }
    f->first[s + 1] = f->n_options;
out:
    free(options);
    return st;
}

static void clear_stairs(struct factor *f)
{
    for (size_t c = 0; c < f->n_classes; c++) {
        staircase_clear(&f->classes[c].stairs);
    }
}

static void factor_clear(struct factor *f)
{
    clear_stairs(f);
    free(f->all);
    free(f->first);
    free(f->cuts);
    free(f->classes);
    rows_clear(&f->rows);
}

/* \param [out] f  cleared by the caller, also after a failure */
static enum status factor_make(const struct problem *problem, struct factor *f,
                               struct status_why *why)
{
    enum status st = STATUS_OK;
    memset(f, 0, sizeof *f);
    f->problem = problem;
    STATUS_ASSERT(form_make(problem, &f->form));
    f->n_scenarios = (size_t)space_n_scenarios(problem->space);
    f->n_ranges = layout_n_ranges(problem->space);
    f->first = calloc(f->n_scenarios + 1, sizeof *f->first);
    if (f->first == NULL) {
        st = status_fail(why, STATUS_MEMORY, "search: %zu scenario levels", f->n_scenarios);
    }
    STATUS_TRY(st);
    for (size_t s = 0; s < f->n_scenarios; s++) {
        STATUS_TRY(take_scenario(f, s, why));
    }
out:
    return st;
}

enum status factor_n_items(const struct problem *problem, size_t *n, struct status_why *why)
{
    (void)why;
    *n = layout_n_ranges(problem->space) * (size_t)space_n_scenarios(problem->space);
    return STATUS_OK;
}

/* Staircases. */

static double most_value(const struct factor *f)
{
    const struct problem *p = f->problem;
    double most = DBL_MAX; /* what is infinite has no value */
    for (size_t c = 0; c < p->n_constraints; c++) {
        const size_t outcome = p->n_objectives + c;
        bool is_cost = false;
        for (size_t k = 0; k < f->form.n_costs; k++) {
            is_cost = is_cost || f->form.costs[k] == outcome;
        }
        most = is_cost ? most : fmin(most, p->constraints[c].upper);
    }
    return most;
}

static enum status make_stairs(void *context, size_t class, struct status_why *why)
{
    struct factor *f = context;
    size_t levels[SPACE_MAX_AXES] = {0};
    option_levels(f, &f->all[f->classes[class].option], levels);
    return staircase_make(&f->form.layout, &f->problem->tables[f->form.value], &f->form.work,
                          levels, most_value(f), &f->classes[class].stairs, why);
}

/* Give every rank the staircases that each made. Collective. */
static enum status share_stairs(MPI_Comm comm, struct factor *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    for (size_t c = 0; c < f->n_classes; c++) {
        struct staircase *mine = &f->classes[c].stairs;
        void *all = NULL;
        size_t n_bytes = 0;
        STATUS_TRY(
            team_gather(comm, mine->points, mine->n * sizeof *mine->points, &all, &n_bytes, why));
        free(mine->points);
        mine->points = all;
        mine->n = n_bytes / sizeof *mine->points;
    }
out:
    return st;
}

/* Merging. */

static double cost_of(const struct option *o, size_t cost, double work)
{
    for (size_t i = 0; i < o->n_scalars[cost]; i++) {
        work *= o->scalars[cost][i];
    }
    return work;
}

static void costs_of(const struct factor *f, const struct option *o, double work, double costs[])
{
    for (size_t k = 0; k < f->form.n_cost_objectives; k++) {
        costs[k] = cost_of(o, k, work);
    }
    pareto_round(f->form.n_cost_objectives, costs);
}

/* Costs do not fall along a staircase: the points that meet the constraints are the first. */
static size_t count_feasible(const struct factor *f, const struct option *o)
{
    const struct staircase *s = &f->classes[o->class].stairs;
    size_t low = 0, high = s->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        bool feasible = true;
        for (size_t k = f->form.n_cost_objectives; k < f->form.n_costs; k++) {
            const struct problem_constraint *c =
                &f->problem->constraints[f->form.costs[k] - f->problem->n_objectives];
            feasible = feasible && cost_of(o, k, s->points[middle].work) <= c->upper;
        }
        low = feasible ? middle + 1 : low;
        high = feasible ? high : middle;
    }
    return low;
}

/* The first point of a staircase, of those that meet the constraints, whose value is less. */
static size_t find_below(const struct factor *f, const struct option *o, double value)
{
    const struct staircase_point *p = f->classes[o->class].stairs.points;
    size_t low = 0, high = o->n_points;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (p[middle].value < value) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* A point of an option, the value first and one of the costs in its place. */
static void point_of(const struct factor *f, const struct option *o,
                     const struct staircase_point *p, double x[])
{
    double costs[MOST_OUTCOMES];
    costs_of(f, o, p->work, costs);
    for (size_t k = 0; k < f->form.n_cost_objectives; k++) {
        const size_t outcome = f->form.costs[k];
        x[outcome == 0 ? f->form.value : outcome] = costs[k];
    }
    x[0] = p->value + 0.0;
}

/* The points of all options in a range of values, but for those that points of lower values remove:
 * of each option, the least work of these does. \param [in,out] s  empty, then with those */
static enum status gather_range(const struct factor *f, size_t scenario, const double cuts[2],
                                struct sweep *s, struct rows *found, struct status_why *why)
{
    enum status st = STATUS_OK;
    const size_t m = f->problem->n_objectives;
    double x[PROBLEM_MAX_OBJECTIVES];
    size_t n = 0;
    for (size_t k = f->first[scenario]; k < f->first[scenario + 1]; k++) {
        const struct option *o = &f->all[k];
        const size_t below = find_below(f, o, cuts[0]);
        n += below - find_below(f, o, cuts[1]);
        if (below < o->n_points) {
            point_of(f, o, &f->classes[o->class].stairs.points[below], x);
            if (!sweep_removes(s, x + 1)) {
                STATUS_TRY(sweep_add(s, x + 1, why));
            }
        }
    }
    STATUS_TRY(rows_create(m, n, found, why));
    found->n = 0;
    for (size_t k = f->first[scenario]; k < f->first[scenario + 1]; k++) {
        const struct option *o = &f->all[k];
        const struct staircase_point *p = f->classes[o->class].stairs.points;
        const size_t end = find_below(f, o, cuts[0]);
        for (size_t i = find_below(f, o, cuts[1]); i < end; i++) {
            double *to = found->x + found->n * m;
            point_of(f, o, &p[i], to);
            found->indices[found->n] = o->index + p[i].index;
            found->n += !sweep_removes(s, to + 1);
        }
    }
out:
    return st;
}

static enum status do_range(void *context, size_t item, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct factor *f = context;
    const size_t m = f->problem->n_objectives, scenario = item / f->n_ranges;
    const size_t begun = f->rows.n;
    const double *cuts = f->cuts + scenario * (f->n_ranges + 1) + item % f->n_ranges;
    struct rows found = {0};
    struct sweep *s = NULL;
    STATUS_TRY(sweep_create(m - 1, &s, why));
    STATUS_TRY(gather_range(f, scenario, cuts, s, &found, why));
    f->n_seen += found.n;
    STATUS_TRY(rows_sort(m, space_n_decisions(f->problem->space), &found, why));
    STATUS_TRY(rows_reserve(f->problem->n_objectives, f->rows.n + found.n, &f->rows, why));
    for (size_t i = 0; i < found.n; i++) {
        double *x = found.x + i * m;
        if (!sweep_removes(s, x + 1)) {
            STATUS_TRY(sweep_add(s, x + 1, why));
            const double value = x[0];
            x[0] = x[f->form.value];
            x[f->form.value] = value;
            rows_copy(m, &found, i, &f->rows, f->rows.n++);
        }
    }
    if (f->options->record != NULL) {
        STATUS_TRY(f->options->record(f->options->context, item, f->rows.indices + begun,
                                      f->rows.n - begun, why));
    }
out:
    sweep_destroy(s);
    rows_clear(&found);
    return st;
}

static int number_compare(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Ranges of values between which a scenario level's points are equally many. */
static enum status cut_scenario(const struct factor *f, size_t scenario, double cuts[],
                                struct status_why *why)
{
    enum { SAMPLES = 16384 };
    size_t n_points = 0, n = 0;
    for (size_t k = f->first[scenario]; k < f->first[scenario + 1]; k++) {
        n_points += f->all[k].n_points;
    }
    const size_t step = n_points / SAMPLES + 1;
    double *values = malloc((n_points / step + f->n_options + 1) * sizeof *values);
    if (values == NULL) {
        return status_fail(why, STATUS_MEMORY, "search: %d values", SAMPLES);
    }
    for (size_t k = f->first[scenario]; k < f->first[scenario + 1]; k++) {
        for (size_t i = 0; i < f->all[k].n_points; i += step) {
            values[n++] = f->classes[f->all[k].class].stairs.points[i].value;
        }
    }
    qsort(values, n, sizeof *values, number_compare);
    for (size_t r = 0; r <= f->n_ranges; r++) {
        cuts[r] = r == 0                       ? -(double)INFINITY
                  : r == f->n_ranges || n == 0 ? (double)INFINITY
                                               : values[r * n / f->n_ranges];
    }
    free(values);
    return STATUS_OK;
}

static enum status cut_ranges(struct factor *f, struct status_why *why)
{
    enum status st = STATUS_OK;
    f->cuts = malloc(f->n_scenarios * (f->n_ranges + 1) * sizeof *f->cuts);
    if (f->cuts == NULL) {
        st = status_fail(why, STATUS_MEMORY, "search: %zu ranges", f->n_ranges);
    }
    STATUS_TRY(st);
    for (size_t s = 0; s < f->n_scenarios; s++) {
        STATUS_TRY(cut_scenario(f, s, f->cuts + s * (f->n_ranges + 1), why));
    }
out:
    return st;
}

/* The rows of an interrupted run are rows: take this rank's share of them. */
static enum status take_again(struct factor *f, struct team_range share, struct status_why *why)
{
    enum status st = STATUS_OK;
    const struct problem *p = f->problem;
    STATUS_TRY(rows_reserve(p->n_objectives, f->rows.n + (share.end - share.begin), &f->rows, why));
    for (size_t i = share.begin; i < share.end; i++) {
        double values[MOST_OUTCOMES];
        p->evaluate(p->context, f->options->survivors[i], 1, values, 1);
        pareto_round(p->n_objectives, values);
        memcpy(f->rows.x + f->rows.n * p->n_objectives, values, p->n_objectives * sizeof *values);
        f->rows.indices[f->rows.n++] = f->options->survivors[i];
    }
out:
    return st;
}

enum status factor_search(MPI_Comm comm, const struct problem *problem,
                          const struct path_options *options, struct frontier *made,
                          struct status_why *why)
{
    struct factor f;
    struct team_work stairs = {.label = "staircases", .item = make_stairs, .context = &f};
    struct team_work merges = {
        .label = "search", .done = options->done, .item = do_range, .context = &f};
    enum status st;
    memset(made, 0, sizeof *made);
    st = factor_make(problem, &f, why);
    f.options = options;
    STATUS_TRY(team_agree(comm, st, why));
    stairs.n_items = f.n_classes;
    merges.n_items = f.n_scenarios * f.n_ranges;
    STATUS_TRY(team_deal(comm, &stairs, why));
    STATUS_TRY(share_stairs(comm, &f, why));
    for (size_t k = 0; k < f.n_options; k++) {
        f.all[k].n_points = count_feasible(&f, &f.all[k]);
    }
    st = cut_ranges(&f, why);
    st = st != STATUS_OK
             ? st
             : take_again(&f, team_share(options->n_survivors, team_rank(comm), team_size(comm)),
                          why);
    STATUS_TRY(team_agree(comm, st, why));
    STATUS_TRY(team_deal(comm, &merges, why));
    clear_stairs(&f); /* their memory is free for the rows on their way */
    STATUS_TRY(frontier_collect(comm, problem, &f.rows, made, why));
    made->n_evaluated = made->n_feasible = team_sum(comm, f.n_seen);
out:
    factor_clear(&f);
    return st;
}
