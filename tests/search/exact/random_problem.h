/** \file random_problem.h
 * Random problems made of tables: any number of axes, some of them scenarios, outcomes that are
 * sums of products with many ties, rounded up or not, maximised or not, constraints. What the exact
 * paths are held against is brute force over the same tables. */
#ifndef TESTS_SEARCH_EXACT_RANDOM_PROBLEM_H
#define TESTS_SEARCH_EXACT_RANDOM_PROBLEM_H

#include "solver/base/rng.h"
#include "solver/evaluator.h"
#include "tests/search/front/brute.h"
#include "tests/search/front/problems.h"
#include "tests/solver/catalogue.h"

enum { RANDOM_MAX_OUTCOMES = 8, RANDOM_MAX_ENTRIES = 4096 };

/** Storage of one problem; the entries of all its tables lie in one pool. */
struct random_problem {
    struct space space;
    struct problem problem;
    struct tables_outcome tables[RANDOM_MAX_OUTCOMES];
    size_t n_entries;
    double entries[1 << 17];
};

static inline void random_evaluate(const void *context, uint64_t begin, size_t n, double values[],
                                   size_t stride)
{
    const struct random_problem *p = context;
    size_t levels[SPACE_MAX_AXES];
    for (size_t i = 0; i < n; i++) {
        space_levels(&p->space, begin + i, levels);
        for (size_t k = 0; k < p->problem.n_objectives + p->problem.n_constraints; k++) {
            values[k * stride + i] = tables_value(&p->tables[k], p->space.n_axes, levels);
        }
    }
}

static inline size_t random_below(struct rng *r, size_t n)
{
    const size_t k = (size_t)(rng_uniform(r) * (double)n);
    return k < n ? k : n - 1;
}

/** A table over about \a most of the axes. */
static inline struct tables_table random_table(struct random_problem *p, struct rng *r, size_t most)
{
    struct tables_table t = {.values = p->entries + p->n_entries};
    size_t n = 1;
    for (size_t k = 0; k < most; k++) {
        const size_t a = random_below(r, p->space.n_axes);
        if (t.stride[a] == 0 && n * p->space.axes[a].n <= RANDOM_MAX_ENTRIES) {
            t.stride[a] = n;
            n *= p->space.axes[a].n;
        }
    }
    const double scale = rng_uniform(r) < 0.5 ? 1.0 : 0.37; /* whole numbers tie, others round */
    const size_t n_values = rng_uniform(r) < 0.5 ? 4 : 50;
    const bool slopes = rng_uniform(r) < 0.5;
    for (size_t i = 0; i < n; i++) {
        const double noise = 1.0 + (double)random_below(r, n_values);
        p->entries[p->n_entries + i] = scale * (slopes ? noise + 0.5 * (double)i : noise);
    }
    p->n_entries += n;
    STATUS_ASSERT(p->n_entries <= sizeof p->entries / sizeof *p->entries);
    return t;
}

static inline void random_outcome(struct random_problem *p, struct rng *r, struct tables_outcome *o)
{
    memset(o, 0, sizeof *o);
    o->n_products = 1 + random_below(r, 3);
    for (size_t k = 0; k < o->n_products; k++) {
        o->products[k].n = 1 + random_below(r, TABLES_MAX_FACTORS);
        for (size_t f = 0; f < o->products[k].n; f++) {
            o->products[k].factors[f] = random_table(p, r, 1 + random_below(r, 3));
        }
    }
    o->has_rate = rng_uniform(r) < 0.5;
    if (o->has_rate) {
        o->rate = random_table(p, r, 2);
    }
    o->rounds = rng_uniform(r) < 0.25;
}

/** \param [in] most_levels  of an axis. The caller clears p->space. */
static inline void random_problem(uint64_t seed, size_t most_levels, struct random_problem *p)
{
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    struct rng r;
    rng_init(&r, seed, RNG_SIMULATE, 0);
    p->n_entries = 0;
    space_init(&p->space);
    const size_t n_axes = 1 + random_below(&r, 5);
    for (size_t a = 0; a < n_axes; a++) {
        const bool scenario = rng_uniform(&r) < 0.2;
        problems_axis(&p->space, names[a], scenario ? SPACE_SCENARIO : SPACE_DECISION, 1, 9,
                      1 + random_below(&r, scenario ? 3 : most_levels));
    }
    p->problem = (struct problem){.space = &p->space,
                                  .n_objectives = 1 + random_below(&r, 4),
                                  .n_constraints = random_below(&r, 3),
                                  .evaluate = random_evaluate,
                                  .context = p,
                                  .tables = p->tables};
    for (size_t k = 0; k < p->problem.n_objectives + p->problem.n_constraints; k++) {
        random_outcome(p, &r, &p->tables[k]);
    }
    for (size_t k = 0; k < p->problem.n_objectives; k++) {
        p->problem.objectives[k].maximise = rng_uniform(&r) < 0.25;
    }
    for (size_t k = 0; k < p->problem.n_constraints; k++) {
        double values[RANDOM_MAX_OUTCOMES];
        struct problem_constraint *c = &p->problem.constraints[k];
        const uint64_t somewhere = random_below(&r, (size_t)space_size(&p->space));
        random_evaluate(p, somewhere, 1, values, 1);
        const double edge = values[p->problem.n_objectives + k];
        const bool upper = rng_uniform(&r) < 0.7;
        c->upper = upper ? edge : (double)INFINITY;
        c->lower = upper ? -(double)INFINITY : edge;
    }
}

/** Make entries of the tables NaN, a few in a hundred, so that configurations are undefined. */
static inline void random_gaps(uint64_t seed, struct random_problem *p)
{
    struct rng r;
    rng_init(&r, seed, RNG_SIMULATE, 3);
    const double share = 0.1 * rng_uniform(&r);
    for (size_t i = 0; i < p->n_entries; i++) {
        p->entries[i] = rng_uniform(&r) < share ? (double)NAN : p->entries[i];
    }
    p->problem.is_partial = true;
}

/** A table over the axes of a set, a bit each. */
static inline struct tables_table random_over(struct random_problem *p, struct rng *r,
                                              unsigned axes)
{
    struct tables_table t = {.values = p->entries + p->n_entries};
    size_t n = 1;
    for (size_t a = 0; a < p->space.n_axes; a++) {
        if ((axes >> a & 1u) != 0) {
            t.stride[a] = n;
            n *= p->space.axes[a].n;
        }
    }
    const bool whole = rng_uniform(r) < 0.4;  /* many ties */
    const bool powers = rng_uniform(r) < 0.4; /* works that are equal but for rounding */
    const double noise = rng_uniform(r) < 0.5 ? 2e-13 : 0.0; /* less than what is compared */
    for (size_t i = 0; i < n; i++) {
        const double step = (double)random_below(r, 40);
        const double entry = whole    ? 1.0 + step
                             : powers ? exp(0.1 * step)
                                      : 1.0 + 10.0 * rng_uniform(r);
        p->entries[p->n_entries + i] = entry * (1.0 + noise * (double)random_below(r, 3));
    }
    p->n_entries += n;
    STATUS_ASSERT(p->n_entries <= sizeof p->entries / sizeof *p->entries);
    return t;
}

/** A problem of the form of search/exact/factor.h: a value that is a sum over the long axes a and
 * b, costs that are work of a and b times figures of c, d and the scenario e. */
static inline void random_factored(uint64_t seed, struct random_problem *p)
{
    static const char *const names[] = {"e", "a", "b", "c", "d"};
    struct rng r;
    rng_init(&r, seed, RNG_SIMULATE, 2);
    p->n_entries = 0;
    space_init(&p->space);
    for (size_t k = 0; k < 5; k++) {
        const bool is_long = names[k][0] <= 'b';
        problems_axis(&p->space, names[k], k == 0 ? SPACE_SCENARIO : SPACE_DECISION, 1, 9,
                      is_long ? 32 + random_below(&r, 30) : 1 + random_below(&r, 3));
    }
    const unsigned e = 1, a = 2, b = 4, c = 8, d = 16;
    p->problem = (struct problem){.space = &p->space,
                                  .n_objectives = 2 + random_below(&r, 3),
                                  .n_constraints = random_below(&r, 3),
                                  .evaluate = random_evaluate,
                                  .context = p,
                                  .tables = p->tables};
    memset(p->tables, 0, sizeof p->tables);
    const size_t value = random_below(&r, p->problem.n_objectives);
    p->tables[value].n_products = 2;
    p->tables[value].products[0] =
        (struct tables_product){1, {random_over(p, &r, rng_uniform(&r) < 0.5 ? a | c : a)}};
    p->tables[value].products[1] = (struct tables_product){1, {random_over(p, &r, b)}};
    const struct tables_table flop = random_over(p, &r, a), tokens = random_over(p, &r, b);
    const struct tables_table hour = random_over(p, &r, c | d | e);
    for (size_t k = 0; k < p->problem.n_objectives + p->problem.n_constraints; k++) {
        const bool limits_value = k >= p->problem.n_objectives && rng_uniform(&r) < 0.3;
        if (limits_value) {
            p->tables[k] = p->tables[value];
        } else if (k != value) {
            const bool work_alone = rng_uniform(&r) < 0.3;
            p->tables[k] =
                (struct tables_outcome){.n_products = 1,
                                        .products = {{work_alone ? 2 : 3, {flop, tokens, hour}}},
                                        .has_rate = !work_alone};
            if (!work_alone) {
                p->tables[k].rate = random_over(p, &r, d | e);
            }
        }
        if (k >= p->problem.n_objectives) {
            double values[RANDOM_MAX_OUTCOMES];
            random_evaluate(p, random_below(&r, (size_t)space_size(&p->space)), 1, values, 1);
            p->problem.constraints[k - p->problem.n_objectives] =
                (struct problem_constraint){.lower = -(double)INFINITY, .upper = values[k]};
        }
    }
}

/** A problem of a real evaluator, with inputs that follow from others by random formulas and axes
 * of whole levels: what a study can say, with the tables that the evaluator makes of it. */
struct random_evaluated {
    struct space space;
    struct problem problem;
    struct tables_outcome tables[RANDOM_MAX_OUTCOMES];
    struct hardware_catalogue catalogue;
    struct predict_model model;
    struct dependent_list dependents;
    struct evaluator_axis axes[SPACE_MAX_AXES];
    struct evaluator *evaluator;
    enum footprint_outcome outcomes[RANDOM_MAX_OUTCOMES];
};

static inline void random_evaluated_block(const void *context, uint64_t begin, size_t n,
                                          double values[], size_t stride)
{
    evaluator_block(((const struct random_evaluated *)context)->evaluator, begin, n, values,
                    stride);
}

/* An axis of an input: whole levels, all different, or levels of a constant ratio. */
static inline void random_evaluated_axis(struct random_evaluated *p, struct rng *r,
                                         enum design_input input, double from, double to, size_t n,
                                         bool whole)
{
    struct status_why why = {STATUS_OK, ""};
    struct space_axis axis = {.role = rng_uniform(r) < 0.15 ? SPACE_SCENARIO : SPACE_DECISION};
    double levels[64];
    (void)snprintf(axis.name, sizeof axis.name, "%s", design_field(input)->name);
    space_log(from, to, n, levels);
    for (size_t i = 0; i < n; i++) {
        const double level = whole ? rint(levels[i]) : levels[i];
        if (axis.n == 0 || level > levels[axis.n - 1]) {
            levels[axis.n++] = level;
        }
    }
    axis.values = levels;
    HARNESS_ASSERT_OK(space_add(&p->space, &axis, &why));
}

static inline void random_evaluated_follow(struct random_evaluated *p, enum design_input input,
                                           const char *text, bool whole)
{
    struct status_why why = {STATUS_OK, ""};
    size_t column;
    HARNESS_ASSERT_OK(dependent_add(&p->dependents, input, text, whole, &column, &why));
}

/* Tokens follow from a ratio or a budget, perhaps served tokens from them. */
static inline void random_evaluated_space(struct random_evaluated *p, struct rng *r,
                                          size_t most_levels)
{
    const bool by_ratio = rng_uniform(r) < 0.6;
    random_evaluated_axis(p, r, DESIGN_PARAMS, 1.3e8, 9.1e10, 2 + random_below(r, most_levels - 1),
                          rng_uniform(r) < 0.5);
    if (by_ratio) {
        random_evaluated_axis(p, r, DESIGN_TOKENS_PER_PARAM, 2, 200,
                              2 + random_below(r, most_levels - 1), rng_uniform(r) < 0.7);
    } else {
        random_evaluated_axis(p, r, DESIGN_BUDGET, 1e20, 3e24, 2 + random_below(r, most_levels - 1),
                              false);
    }
    random_evaluated_follow(p, DESIGN_TOKENS,
                            by_ratio ? "params * tokens_per_param" : "budget_flop / (6 * params)",
                            rng_uniform(r) < 0.5);
    if (rng_uniform(r) < 0.4) {
        random_evaluated_follow(p, DESIGN_SERVED_TOKENS, "3.7 * tokens", true);
    }
    if (rng_uniform(r) < 0.5) {
        random_evaluated_axis(p, r, DESIGN_MFU, 0.2, 0.6, 1 + random_below(r, 4), false);
    }
    if (rng_uniform(r) < 0.5) {
        random_evaluated_axis(p, r, DESIGN_LIFESPAN, 1, 9, 1 + random_below(r, 5), true);
    }
    STATUS_ASSERT(dependent_sort(&p->dependents) == NULL);
    for (size_t a = 0; a < p->space.n_axes; a++) {
        p->axes[a] = (struct evaluator_axis){design_find(p->space.axes[a].name), p->space.axes[a].n,
                                             p->space.axes[a].values};
    }
}

/** \param [in] most_levels  of an axis, at least 2, at most 64. Cleared by random_evaluated_clear.
 */
static inline void random_evaluated(uint64_t seed, size_t most_levels, struct random_evaluated *p)
{
    static const double besiroglu[] = CATALOGUE_BESIROGLU;
    static const enum footprint_outcome wanted[] = {
        FOOTPRINT_LOSS,   FOOTPRINT_DEVICE_HOUR, FOOTPRINT_CARBON, FOOTPRINT_DEVICES,
        FOOTPRINT_ENERGY, FOOTPRINT_TOTAL_FLOP,  FOOTPRINT_MASS,   FOOTPRINT_COST};
    struct status_why why = {STATUS_OK, ""};
    struct rng r;
    rng_init(&r, seed, RNG_SIMULATE, 5);
    memset(p, 0, sizeof *p);
    p->catalogue = catalogue_made_by_hand();
    p->model = catalogue_model("chinchilla", besiroglu);
    random_evaluated_space(p, &r, most_levels);
    p->problem = (struct problem){.space = &p->space,
                                  .n_objectives = 2 + random_below(&r, 2),
                                  .n_constraints = random_below(&r, 3),
                                  .evaluate = random_evaluated_block,
                                  .context = p};
    const size_t n = p->problem.n_objectives + p->problem.n_constraints;
    for (size_t k = 0; k < n; k++) {
        p->outcomes[k] = k == 0 ? FOOTPRINT_LOSS : wanted[random_below(&r, 8)];
    }
    struct evaluator_options o = {.n_axes = p->space.n_axes,
                                  .axes = p->axes,
                                  .base = design_neutral(),
                                  .dependents = &p->dependents,
                                  .model = &p->model,
                                  .catalogue = &p->catalogue,
                                  .footprint = footprint_defaults(),
                                  .n_outcomes = n,
                                  .outcomes = p->outcomes};
    o.base.value[DESIGN_MFU] = 0.41;
    o.base.value[DESIGN_LIFESPAN] = 3.7;
    o.base.value[DESIGN_DEVICE] = CATALOGUE_A100;
    o.base.value[DESIGN_GRID] = CATALOGUE_FRANCE;
    o.base.value[DESIGN_SITE] = CATALOGUE_SITE_1_1;
    o.base.value[DESIGN_FLEET] = 1024.0;
    HARNESS_ASSERT_OK(evaluator_create(&o, &p->evaluator, &why));
    bool all = true;
    for (size_t k = 0; k < n; k++) {
        all = evaluator_tables(p->evaluator, k, &p->tables[k]) && all;
    }
    p->problem.tables = all ? p->tables : NULL;
    for (size_t k = 0; k < p->problem.n_constraints; k++) {
        double values[RANDOM_MAX_OUTCOMES];
        random_evaluated_block(p, random_below(&r, (size_t)space_size(&p->space)), 1, values, 1);
        p->problem.constraints[k] = (struct problem_constraint){
            .lower = -(double)INFINITY, .upper = values[p->problem.n_objectives + k]};
    }
}

static inline void random_evaluated_clear(struct random_evaluated *p)
{
    evaluator_destroy(p->evaluator);
    dependent_clear(&p->dependents);
    space_clear(&p->space);
}

#endif
