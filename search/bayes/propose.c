#include "search/bayes/propose.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/bayes/belief.h"
#include "search/bayes/pool.h"
#include "search/bayes/seen.h"
#include "search/front/hypervolume.h"

/* Candidates by where they come from, and local rounds about the best (docs/model.md M629). */
enum {
    N_SAMPLED = 512,
    N_PERTURBED = 768,
    N_CROSSED = 256,
    N_CENTRES = 8,
    N_ROUNDS = 4,
    N_AROUND = 24,
    N_POOL = N_SAMPLED + N_PERTURBED + N_CROSSED,
    N_CANDIDATES = N_POOL + N_ROUNDS * N_CENTRES * N_AROUND
};

/* A space of levels of so many designs is looked at whole. */
enum { MOST_ENUMERATED = N_CANDIDATES };

/* Steps of the local rounds, as shares of a variable's range. */
static const double first_scale = 0.1, shrink = 0.35;

/* Designs that are evaluated or pending. \return [n_results + n_pending][n_variables], or NULL
 * without memory; the caller frees it */
static double *list_taken(const struct propose_problem *problem, size_t n_results,
                          const struct propose_result results[], size_t n_pending,
                          const double pending[])
{
    const size_t d = problem->n_variables;
    double *taken = malloc(((n_results + n_pending) * d + 1) * sizeof *taken);
    if (taken != NULL) {
        for (size_t i = 0; i < n_results; i++) {
            memcpy(taken + i * d, results[i].u, d * sizeof *taken);
        }
        if (n_pending > 0) {
            memcpy(taken + n_results * d, pending, n_pending * d * sizeof *taken);
        }
    }
    return taken;
}

/* Where noise is stated, evaluating a design again tells something. Noise that is learnt does not
 * say so surely enough: what a process cannot explain looks like noise too. */
static bool is_noisy(const struct propose_problem *problem)
{
    bool is = false;
    for (size_t j = 0; j < problem->n_objectives; j++) {
        is = is || problem->objectives[j].noise_sd > 0.0;
    }
    return is;
}

/* A search begins with Sobol points, until there are enough for a model. */
static bool is_beginning(const struct propose_problem *problem, size_t n_results,
                         const struct propose_result results[], size_t n_pending)
{
    double values[PROPOSE_MAX_OBJECTIVES + PROPOSE_MAX_LIMITS];
    size_t n_done = 0;
    for (size_t i = 0; i < n_results && n_done < 2; i++) {
        n_done += seen_values(problem, &results[i], values);
    }
    return n_results + n_pending < problem->n_initial || n_done < 2;
}

/* Candidates and what they are worth. */
struct trial {
    const struct belief *belief; /* not owned */
    struct pool pool;
    double *value; /* [pool.room] of the first n_valued */
    size_t n_valued;
};

static enum status value_new(struct trial *t, struct status_why *why)
{
    const size_t first = t->n_valued, d = t->pool.problem->n_variables;
    t->n_valued = t->pool.n;
    return t->n_valued == first ? STATUS_OK
                                : belief_value(t->belief, t->n_valued - first,
                                               t->pool.u + first * d, t->value + first, why);
}

/* The best of candidates [begin, end), of equal ones the first; end when there is none. */
static size_t best_of(const struct trial *t, size_t begin, size_t end)
{
    size_t best = begin;
    for (size_t i = begin; i < end; i++) {
        best = t->value[i] > t->value[best] ? i : best;
    }
    return best;
}

/* The best candidates so far, in the order of their values. \return how many */
static size_t find_centres(struct trial *t, size_t centres[N_CENTRES])
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_valued; i++) {
        size_t at = n;
        while (at > 0 && t->value[i] > t->value[centres[at - 1]]) {
            at--;
        }
        if (at < N_CENTRES) {
            n = n < N_CENTRES ? n + 1 : n;
            memmove(centres + at + 1, centres + at, (n - 1 - at) * sizeof *centres);
            centres[at] = i;
        }
    }
    return n;
}

/* Each centre looks about and moves to the best design it finds, in ever smaller steps. */
static enum status refine(struct trial *t, struct status_why *why)
{
    enum status st = STATUS_OK;
    size_t centres[N_CENTRES], ends[N_CENTRES];
    const size_t n = find_centres(t, centres), d = t->pool.problem->n_variables;
    double scale = first_scale;
    for (int round = 0; round < N_ROUNDS; round++, scale *= shrink) {
        const size_t begin = t->pool.n;
        for (size_t c = 0; c < n; c++) {
            pool_surround(&t->pool, N_AROUND, t->pool.u + centres[c] * d, scale);
            ends[c] = t->pool.n;
        }
        STATUS_TRY(value_new(t, why));
        for (size_t c = 0; c < n; c++) {
            const size_t from = c > 0 ? ends[c - 1] : begin;
            const size_t best = best_of(t, from, ends[c]);
            if (from < ends[c] && t->value[best] > t->value[centres[c]]) {
                centres[c] = best;
            }
        }
    }

out:
    return st;
}

static enum status find_best(struct trial *t, double u[], struct status_why *why)
{
    enum status st = STATUS_OK;
    const double *parents;
    const size_t n_parents = belief_parents(t->belief, &parents);
    const size_t d = t->pool.problem->n_variables;
    if (pool_enumerate(&t->pool, MOST_ENUMERATED)) {
        STATUS_TRY(value_new(t, why));
    } else {
        pool_sample(&t->pool, N_SAMPLED);
        pool_perturb(&t->pool, N_PERTURBED, n_parents, parents);
        pool_cross(&t->pool, N_CROSSED, n_parents, parents);
        STATUS_TRY(value_new(t, why));
        STATUS_TRY(refine(t, why));
    }
    if (t->n_valued == 0) {
        STATUS_TRY(pool_first(&t->pool, u, why));
    } else {
        memcpy(u, t->pool.u + best_of(t, 0, t->n_valued) * d, d * sizeof *u);
    }

out:
    return st;
}

enum status propose_design(const struct propose_problem *problem, uint64_t id, size_t n_results,
                           const struct propose_result results[], size_t n_pending,
                           const double pending[], struct propose_state *state, double u[],
                           struct status_why *why)
{
    enum status st = STATUS_OK;
    struct belief *belief = NULL;
    struct trial t = {.value = malloc(N_CANDIDATES * sizeof *t.value)};
    double *taken = list_taken(problem, n_results, results, n_pending, pending);
    if (t.value == NULL || taken == NULL) {
        st = status_fail(why, STATUS_MEMORY, "Bayesian search: out of memory");
        goto out;
    }
    const size_t n_taken = is_noisy(problem) ? 0 : n_results + n_pending;
    STATUS_TRY(pool_create(problem, id, n_taken, taken, N_CANDIDATES, &t.pool, why));
    if (is_beginning(problem, n_results, results, n_pending)) {
        STATUS_TRY(pool_first(&t.pool, u, why));
        goto out;
    }
    STATUS_TRY(
        belief_create(problem, id, n_results, results, n_pending, pending, state, &belief, why));
    t.belief = belief;
    STATUS_TRY(find_best(&t, u, why));

out:
    belief_destroy(belief);
    pool_clear(&t.pool);
    free(t.value);
    free(taken);
    return st;
}

/* Samples where the volume is not exact: an error of at most .0016 of the box. */
enum { N_SAMPLES = 100000 };

enum status propose_hypervolume(const struct propose_problem *problem, size_t n_results,
                                const struct propose_result results[], double *share,
                                struct status_why *why)
{
    const size_t m = problem->n_objectives;
    double ideal[PROPOSE_MAX_OBJECTIVES], reference[PROPOSE_MAX_OBJECTIVES], whole = 1.0, error;
    double values[PROPOSE_MAX_OBJECTIVES + PROPOSE_MAX_LIMITS];
    enum status st = STATUS_OK;
    double *points = malloc((n_results * m + 1) * sizeof *points);
    size_t n = 0;
    if (points == NULL) {
        return status_fail(why, STATUS_MEMORY, "Bayesian search: out of memory");
    }
    seen_box(problem, n_results, results, ideal, reference);
    for (size_t j = 0; j < m; j++) {
        whole *= reference[j] - ideal[j];
    }
    for (size_t i = 0; i < n_results; i++) {
        if (seen_values(problem, &results[i], values) && seen_is_within(problem, values + m)) {
            for (size_t j = 0; j < m; j++) {
                points[n * m + j] = fmax(ideal[j], values[j]);
            }
            n++;
        }
    }
    if (m <= HYPERVOLUME_MOST_EXACT) {
        STATUS_TRY(hypervolume_exact(m, n, points, reference, share, why));
    } else {
        STATUS_TRY(hypervolume_sample(m, n, points, ideal, reference, problem->seed, N_SAMPLES,
                                      share, &error, why));
    }
    *share /= whole;

out:
    free(points);
    return st;
}
