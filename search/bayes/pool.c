#include "search/bayes/pool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/minimise/sobol.h"
#include "solver/base/vmath.h"

/* Sobol points that are tried before a space counts as closed. */
enum { MOST_TRIES = 1 << 17 };

/* Designs of a space of levels that are looked at one by one. */
enum { MOST_DESIGNS = 1 << 22 };

enum status pool_create(const struct propose_problem *problem, uint64_t id, size_t n_taken,
                        const double taken[], size_t room, struct pool *made,
                        struct status_why *why)
{
    *made = (struct pool){.problem = problem, .n_taken = n_taken, .taken = taken, .room = room};
    rng_init(&made->rng, problem->seed, RNG_PROPOSE, id);
    made->u = malloc((room * problem->n_variables + 1) * sizeof *made->u);
    return made->u != NULL ? STATUS_OK
                           : status_fail(why, STATUS_MEMORY, "no memory for %zu candidates", room);
}

void pool_clear(struct pool *p)
{
    free(p->u);
    memset(p, 0, sizeof *p);
}

static bool is_allowed(const struct pool *p, const double u[])
{
    const struct propose_problem *problem = p->problem;
    double values[VARIABLE_MOST];
    if (problem->is_allowed == NULL) {
        return true;
    }
    for (size_t i = 0; i < problem->n_variables; i++) {
        values[i] = variable_value(&problem->variables[i], u[i]);
    }
    return problem->is_allowed(problem->context, values);
}

static bool is_free(const struct pool *p, const double u[])
{
    const size_t d = p->problem->n_variables;
    for (size_t i = 0; i < p->n_taken; i++) {
        size_t n_equal = 0;
        while (n_equal < d && p->taken[i * d + n_equal] == u[n_equal]) {
            n_equal++;
        }
        if (n_equal == d) {
            return false;
        }
    }
    return true;
}

bool pool_offer(struct pool *p, double u[])
{
    const size_t d = p->problem->n_variables;
    variable_snap(d, p->problem->variables, u);
    if (p->n == p->room || !is_free(p, u) || !is_allowed(p, u)) {
        return false;
    }
    memcpy(p->u + p->n * d, u, d * sizeof *u);
    p->n++;
    return true;
}

void pool_sample(struct pool *p, size_t n)
{
    /* Of a space that allows little, more points are tried. */
    enum { MOST_A_POINT = 64 };
    double u[VARIABLE_MOST];
    const uint64_t high = rng_bits(&p->rng);
    const uint64_t seed = high << 32 | rng_bits(&p->rng);
    size_t n_added = 0;
    for (size_t i = 0; i < MOST_A_POINT * n && n_added < n; i++) {
        sobol_point(seed, (uint32_t)i, p->problem->n_variables, u);
        n_added += pool_offer(p, u);
    }
}

/* One step of one coordinate: of levels at least to the next one, turned round at the end, of
 * categories to any other. */
static double stepped(struct rng *r, const struct variable *v, double u, double scale)
{
    if (v->kind == VARIABLE_CONTINUOUS) {
        return u + scale * rng_normal(r);
    }
    const double n = (double)v->n_levels;
    if (v->n_levels == 1) {
        return u;
    }
    if (v->kind == VARIABLE_CATEGORICAL) {
        const size_t away = 1 + rng_below(r, v->n_levels - 1);
        return ((double)((variable_level(v, u) + away) % v->n_levels) + 0.5) / n;
    }
    const double z = scale * n * rng_normal(r), step = copysign(fmax(1.0, round(fabs(z))), z) / n;
    return u + step > 0.0 && u + step < 1.0 ? u + step : u - step;
}

/* Each coordinate moves with probability \a chance, one of them surely. */
static void step(struct pool *p, const double from[], double scale, double chance, double u[])
{
    const size_t d = p->problem->n_variables, sure = rng_below(&p->rng, d);
    for (size_t i = 0; i < d; i++) {
        const bool moves = rng_uniform(&p->rng) < chance || i == sure;
        u[i] = moves ? stepped(&p->rng, &p->problem->variables[i], from[i], scale) : from[i];
    }
}

/* Few coordinates or all of them: both kinds of step find what the other misses. */
static double chance(struct pool *p)
{
    const double least = 1.0 / (double)p->problem->n_variables;
    const double r = rng_uniform(&p->rng);
    return r < 0.5 ? least : r < 0.75 ? fmax(least, 0.35) : 1.0;
}

void pool_perturb(struct pool *p, size_t n, size_t n_parents, const double parents[])
{
    static const double log_finest = -5.5, log_coarsest = -1.2;
    double u[VARIABLE_MOST];
    for (size_t i = 0; i < n && n_parents > 0; i++) {
        const double *parent = parents + rng_below(&p->rng, n_parents) * p->problem->n_variables;
        const double share = rng_uniform(&p->rng);
        const double scale = vmath_exp1(log_finest + share * (log_coarsest - log_finest));
        step(p, parent, scale, chance(p), u);
        (void)pool_offer(p, u);
    }
}

void pool_cross(struct pool *p, size_t n, size_t n_parents, const double parents[])
{
    const size_t d = p->problem->n_variables;
    double u[VARIABLE_MOST];
    for (size_t i = 0; i < n && n_parents > 1; i++) {
        const size_t a = rng_below(&p->rng, n_parents);
        const size_t b = (a + 1 + rng_below(&p->rng, n_parents - 1)) % n_parents;
        const double between = 1.5 * rng_uniform(&p->rng) - 0.25;
        const bool is_blend = rng_uniform(&p->rng) < 0.5;
        for (size_t k = 0; k < d; k++) {
            const double x = parents[a * d + k], y = parents[b * d + k];
            const bool first = rng_uniform(&p->rng) < 0.5;
            const bool is_level = p->problem->variables[k].kind == VARIABLE_CATEGORICAL;
            u[k] = is_blend && !is_level ? x + between * (y - x) : first ? x : y;
        }
        (void)pool_offer(p, u);
    }
}

void pool_surround(struct pool *p, size_t n, const double centre[], double scale)
{
    double u[VARIABLE_MOST];
    for (size_t i = 0; i < n; i++) {
        step(p, centre, scale, chance(p), u);
        (void)pool_offer(p, u);
    }
}

/* Number of designs of a space of levels; 0 for one with a continuous variable or more than
 * \a most. */
static size_t count(const struct propose_problem *problem, size_t most)
{
    size_t n = 1;
    for (size_t i = 0; i < problem->n_variables; i++) {
        const struct variable *v = &problem->variables[i];
        if (v->kind == VARIABLE_CONTINUOUS || v->n_levels > most / n) {
            return 0;
        }
        n *= v->n_levels;
    }
    return n;
}

/* Design \a k of a space of levels; the last variable changes fastest. */
static void design_at(const struct propose_problem *problem, size_t k, double u[])
{
    for (size_t i = problem->n_variables; i-- > 0;) {
        const size_t n = problem->variables[i].n_levels;
        u[i] = ((double)(k % n) + 0.5) / (double)n;
        k /= n;
    }
    variable_snap(problem->n_variables, problem->variables, u);
}

bool pool_enumerate(struct pool *p, size_t most)
{
    const size_t n = count(p->problem, most);
    double u[VARIABLE_MOST];
    for (size_t k = 0; k < n; k++) {
        design_at(p->problem, k, u);
        (void)pool_offer(p, u);
    }
    return n > 0;
}

enum status pool_first(const struct pool *p, double u[], struct status_why *why)
{
    const struct propose_problem *problem = p->problem;
    const size_t n = count(problem, MOST_DESIGNS);
    bool is_open = false;
    for (uint32_t i = 0; i < MOST_TRIES && (n == 0 || i < n); i++) {
        sobol_point(problem->seed, i, problem->n_variables, u);
        variable_snap(problem->n_variables, problem->variables, u);
        if (is_free(p, u) && is_allowed(p, u)) {
            return STATUS_OK;
        }
    }
    for (size_t k = 0; k < n; k++) {
        design_at(problem, k, u);
        const bool may = is_allowed(p, u);
        if (may && is_free(p, u)) {
            return STATUS_OK;
        }
        is_open = is_open || may;
    }
    if (is_open) {
        return status_fail(why, STATUS_NO, "all allowed designs have been evaluated");
    }
    return n > 0 ? status_fail(why, STATUS_INPUT, "none of the %zu designs is allowed", n)
                 : status_fail(why, STATUS_INPUT, "no allowed design among %d tried",
                               (int)MOST_TRIES);
}
