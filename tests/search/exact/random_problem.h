/** \file random_problem.h
 * Random problems made of tables: any number of axes, some of them scenarios, outcomes that are
 * sums of products with many ties, rounded up or not, maximised or not, constraints. What the exact
 * paths are held against is brute force over the same tables. */
#ifndef TESTS_SEARCH_EXACT_RANDOM_PROBLEM_H
#define TESTS_SEARCH_EXACT_RANDOM_PROBLEM_H

#include "solver/base/rng.h"
#include "tests/search/front/brute.h"
#include "tests/search/front/problems.h"

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

#endif
