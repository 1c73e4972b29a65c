#include "search/plan.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/minimise/dense.h"
#include "solver/base/vmath.h"

/* Covariance and figure of each draw after a set of observations. */
struct state {
    double *covariance; /* [n_draws][p][p] */
    double *lever;      /* [n_draws][p] covariance times target */
    double *variance;   /* [n_draws] of the figure */
    double total;       /* over draws, of what tally adds up */
};

/* A set under work. */
struct set {
    size_t n;
    size_t *chosen; /* [n_runs] */
    double cost, spread;
};

struct work {
    const struct plan_problem *p;
    struct state state;
    size_t *times; /* [n_candidates] how often each is in the set */
    struct set now, best;
    size_t n_exchanges;
};

/* Fewer draws or parameters than these loops take would be a bug of the caller. */
static void check(const struct plan_problem *p)
{
    STATUS_ASSERT(p->n_parameters >= 1 && p->n_parameters <= PLAN_MAX_PARAMETERS);
    STATUS_ASSERT(p->n_draws >= 1 && p->n_runs >= 1 && p->n_repeats >= 1);
}

static double dot(size_t n, const double a[], const double b[])
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

static const double *row_of(const struct plan_problem *p, size_t draw, size_t candidate)
{
    return p->rows + (draw * p->n_candidates + candidate) * p->n_parameters;
}

/* M300: invert the information of one draw with all rows of a set, but for the one at `without`. */
static bool invert(const struct plan_problem *p, size_t draw, const size_t chosen[],
                   size_t n_chosen, size_t without, double covariance[])
{
    const size_t n = p->n_parameters;
    double sum[PLAN_MAX_PARAMETERS * PLAN_MAX_PARAMETERS];
    memcpy(sum, p->information + draw * n * n, n * n * sizeof *sum);
    for (size_t k = 0; k < n_chosen; k++) {
        const double *row = row_of(p, draw, chosen[k]);
        for (size_t i = 0; k != without && i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                sum[i * n + j] += row[i] * row[j];
            }
        }
    }
    return dense_invert(n, sum, covariance);
}

/* Variance of the figure in one draw. \param [out] lever  [p] */
static double aim(const struct plan_problem *p, size_t draw, const double covariance[],
                  double lever[])
{
    const size_t n = p->n_parameters;
    for (size_t i = 0; i < n; i++) {
        lever[i] = dot(n, covariance + i * n, p->target + draw * n);
    }
    return dot(n, lever, p->target + draw * n);
}

/* What a draw adds to the sum that the spread is made of. */
static double tally(const struct plan_problem *p, size_t draw, double variance)
{
    return p->weight != NULL ? p->weight[draw] * variance : vmath_log1(variance);
}

static double spread_of(const struct plan_problem *p, double total)
{
    const double mean = total / (double)p->n_draws;
    return 0.5 * (p->weight != NULL ? vmath_log1(mean) : mean);
}

/* The state after a set, which is built anew so that rounding does not pile up.
 * \return its spread; NAN where some information is singular */
static double restart(const struct plan_problem *p, const struct set *set, size_t without,
                      struct state *s)
{
    const size_t n = p->n_parameters;
    s->total = 0.0;
    for (size_t d = 0; d < p->n_draws; d++) {
        if (!invert(p, d, set->chosen, set->n, without, s->covariance + d * n * n)) {
            return (double)NAN;
        }
        s->variance[d] = aim(p, d, s->covariance + d * n * n, s->lever + d * n);
        s->total += tally(p, d, s->variance[d]);
    }
    return spread_of(p, s->total);
}

/* M301: what one more observation lowers the spread by, from a rank-one update of each draw. */
static double gain_of(const struct plan_problem *p, const struct state *s, size_t candidate)
{
    const size_t n = p->n_parameters;
    double sum = 0.0;
    for (size_t d = 0; d < p->n_draws; d++) {
        const double *row = row_of(p, d, candidate);
        const double *covariance = s->covariance + d * n * n;
        double own = 1.0;
        for (size_t i = 0; i < n; i++) {
            own += row[i] * dot(n, covariance + i * n, row);
        }
        const double along = dot(n, s->lever + d * n, row);
        const double less = along * along / own;
        sum += p->weight != NULL ? p->weight[d] * less : -vmath_log1(1.0 - less / s->variance[d]);
    }
    return p->weight != NULL ? -0.5 * vmath_log1(1.0 - sum / s->total)
                             : 0.5 * sum / (double)p->n_draws;
}

/* The candidate of most gain / cost^power that may be added at a cost of at most `most`.
 * \return n_candidates: none gains anything */
static size_t best_of(const struct work *w, double most, double power, double *gain)
{
    const struct plan_problem *p = w->p;
    size_t best = p->n_candidates;
    double best_score = 0.0;
    for (size_t j = 0; j < p->n_candidates; j++) {
        if (!(p->cost[j] <= most) || w->times[j] >= p->n_repeats) {
            continue;
        }
        const double its = gain_of(p, &w->state, j);
        const double score = power > 0.0 ? its * vmath_exp1(-power * vmath_log1(p->cost[j])) : its;
        if (score > best_score) {
            best_score = score;
            best = j;
            *gain = its;
        }
    }
    return best;
}

static void add(struct work *w, size_t candidate)
{
    w->now.chosen[w->now.n++] = candidate;
    w->now.cost += w->p->cost[candidate];
    w->times[candidate]++;
}

/* Sums anew, in order: adding and taking away by turns would leave the rounding of the way. */
static void sum_cost(struct work *w)
{
    w->now.cost = 0.0;
    for (size_t k = 0; k < w->now.n; k++) {
        w->now.cost += w->p->cost[w->now.chosen[k]];
    }
}

/* Add while something gains, each of at most `most`. */
static void grow(struct work *w, double most, double power)
{
    const struct plan_problem *p = w->p;
    w->now.spread = restart(p, &w->now, SIZE_MAX, &w->state);
    while (!isnan(w->now.spread) && w->now.n < p->n_runs) {
        double gain = 0.0;
        const size_t j = best_of(w, fmin(most, p->budget - w->now.cost), power, &gain);
        if (j == p->n_candidates) {
            return;
        }
        add(w, j);
        w->now.spread = restart(p, &w->now, SIZE_MAX, &w->state);
    }
}

/* Put the best affordable candidate in the place of one of the set. \return whether that differs
 * and is better by more than rounding */
static bool exchange_one(struct work *w, size_t k)
{
    static const double least = 1e-9;
    const struct plan_problem *p = w->p;
    const size_t old = w->now.chosen[k];
    double gain = 0.0;
    const double without = restart(p, &w->now, k, &w->state);
    w->times[old]--;
    const size_t j = isnan(without)
                         ? p->n_candidates
                         : best_of(w, p->budget - (w->now.cost - p->cost[old]), 0.0, &gain);
    const bool better = j < p->n_candidates && without - gain < w->now.spread - least;
    w->now.chosen[k] = better ? j : old;
    w->times[w->now.chosen[k]]++;
    if (better) {
        sum_cost(w);
        w->now.spread = restart(p, &w->now, SIZE_MAX, &w->state);
        w->n_exchanges++;
    }
    return better;
}

/* M302: exchange until a whole round changes nothing; the spread falls each time, so it ends. */
static void exchange(struct work *w)
{
    enum { MOST_ROUNDS = 100 };
    bool changed = true;
    for (size_t round = 0; changed && round < MOST_ROUNDS; round++) {
        changed = false;
        for (size_t k = 0; k < w->now.n; k++) {
            changed = exchange_one(w, k) || changed;
        }
        grow(w, (double)INFINITY, 0.0);
    }
}

static void keep_if_better(struct work *w)
{
    if (w->best.n == 0 || w->now.spread < w->best.spread) {
        w->best.n = w->now.n;
        w->best.cost = w->now.cost;
        w->best.spread = w->now.spread;
        memcpy(w->best.chosen, w->now.chosen, w->now.n * sizeof *w->now.chosen);
    }
}

/* One greedy set and its exchanges. */
static void attempt(struct work *w, double most, double power, double *greedy)
{
    memset(w->times, 0, w->p->n_candidates * sizeof *w->times);
    w->now.n = 0;
    w->now.cost = 0.0;
    grow(w, most, power);
    *greedy = fmin(*greedy, w->now.spread);
    exchange(w);
    keep_if_better(w);
}

/* M303: order the best set by gain for cost, and say which steps are worth theirs. */
static void put_in_order(struct work *w, struct plan *made)
{
    const struct plan_problem *p = w->p;
    double gained = 0.0;
    memset(w->times, 0, p->n_candidates * sizeof *w->times);
    w->now.n = 0;
    w->now.cost = 0.0;
    w->now.spread = made->spread_before;
    (void)restart(p, &w->now, SIZE_MAX, &w->state);
    for (size_t n = 0; n < w->best.n; n++) {
        size_t best = n;
        double best_score = -1.0;
        for (size_t k = n; k < w->best.n; k++) {
            const size_t j = w->best.chosen[k];
            const double score = gain_of(p, &w->state, j) / p->cost[j];
            if (score > best_score) {
                best_score = score;
                best = k;
            }
        }
        const size_t j = w->best.chosen[best];
        w->best.chosen[best] = w->best.chosen[n];
        w->best.chosen[n] = j;
        add(w, j);
        const double before = w->now.spread;
        w->now.spread = restart(p, &w->now, SIZE_MAX, &w->state);
        gained += before - w->now.spread;
        made->steps[n] = (struct plan_step){
            .candidate = j,
            .gain = before - w->now.spread,
            .spread = w->now.spread,
            .share = (before - w->now.spread) / p->cost[j] * w->now.cost / gained,
        };
        if (made->steps[n].share >= p->worth) {
            made->n_worth = n + 1;
        }
    }
    made->n = w->best.n;
    made->cost = w->now.cost;
}

static enum status make_room(const struct plan_problem *p, struct work *w, struct plan *made,
                             struct status_why *why)
{
    const size_t n = p->n_parameters;
    w->state.covariance = calloc(p->n_draws * n * n, sizeof *w->state.covariance);
    w->state.lever = calloc(p->n_draws * n, sizeof *w->state.lever);
    w->state.variance = calloc(p->n_draws, sizeof *w->state.variance);
    w->times = calloc(p->n_candidates + 1, sizeof *w->times);
    w->now.chosen = malloc(p->n_runs * sizeof *w->now.chosen);
    w->best.chosen = malloc(p->n_runs * sizeof *w->best.chosen);
    made->steps = calloc(p->n_runs, sizeof *made->steps);
    const bool all = w->state.covariance != NULL && w->state.lever != NULL
                     && w->state.variance != NULL && w->times != NULL && w->now.chosen != NULL
                     && w->best.chosen != NULL && made->steps != NULL;
    return all ? STATUS_OK
               : status_fail(why, STATUS_MEMORY, "plan of %zu runs with %zu draws", p->n_runs,
                             p->n_draws);
}

static void clear_state(struct state *s)
{
    free(s->covariance);
    free(s->lever);
    free(s->variance);
}

enum status plan_choose(const struct plan_problem *p, struct plan *made, struct status_why *why)
{
    static const double powers[] = {0.5, 1.0};
    struct work w = {.p = p};
    enum status st = STATUS_OK;

    check(p);
    memset(made, 0, sizeof *made);
    STATUS_TRY(make_room(p, &w, made, why));
    made->spread_before = restart(p, &w.now, SIZE_MAX, &w.state);
    if (isnan(made->spread_before)) {
        st = status_fail(why, STATUS_INPUT,
                         "the information before the runs is not positive definite");
        goto out;
    }
    made->spread_greedy = made->spread_before;
    /* One costly run, or many for the same: which is better only trying tells. */
    for (size_t cut = 1; cut == 1 || (cut <= p->n_runs && isfinite(p->budget)); cut *= 2) {
        attempt(&w, p->budget / (double)cut, 0.0, &made->spread_greedy);
    }
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++) {
        attempt(&w, (double)INFINITY, powers[i], &made->spread_greedy);
    }
    made->n_exchanges = w.n_exchanges;
    put_in_order(&w, made);
out:
    clear_state(&w.state);
    free(w.times);
    free(w.now.chosen);
    free(w.best.chosen);
    if (st != STATUS_OK) {
        plan_clear(made);
    }
    return st;
}

void plan_clear(struct plan *plan)
{
    free(plan->steps);
    memset(plan, 0, sizeof *plan);
}

double plan_spread(const struct plan_problem *p, const size_t chosen[], size_t n)
{
    double total = 0.0;
    for (size_t d = 0; d < p->n_draws; d++) {
        const double variance = plan_variance(p, d, chosen, n);
        if (isnan(variance)) {
            return variance;
        }
        total += tally(p, d, variance);
    }
    return spread_of(p, total);
}

double plan_variance(const struct plan_problem *p, size_t draw, const size_t chosen[], size_t n)
{
    double covariance[PLAN_MAX_PARAMETERS * PLAN_MAX_PARAMETERS], lever[PLAN_MAX_PARAMETERS];
    check(p);
    return invert(p, draw, chosen, n, SIZE_MAX, covariance) ? aim(p, draw, covariance, lever)
                                                            : (double)NAN;
}
