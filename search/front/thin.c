#include "search/front/thin.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "search/front/hypervolume.h"
#include "search/front/pareto.h"
#include "solver/base/vmath.h"

static const double reference_share = 1.1;

void thin_shares_within(size_t m, const double least[], const double greatest[], size_t n,
                        const double points[], double shares[])
{
    static const double long_range = 10.0;
    for (size_t j = 0; j < m; j++) {
        const bool logarithmic = least[j] > 0.0 && greatest[j] >= long_range * least[j];
        const double from = logarithmic ? vmath_log1(least[j]) : least[j];
        const double extent = (logarithmic ? vmath_log1(greatest[j]) : greatest[j]) - from;
        for (size_t i = 0; i < n; i++) {
            const double x = points[i * m + j];
            shares[i * m + j] =
                extent > 0.0 ? ((logarithmic ? vmath_log1(x) : x) - from) / extent : 0.0;
        }
    }
}

void thin_shares(size_t m, size_t n, const double points[], double shares[])
{
    double least[DOMINANCE_MAX_OBJECTIVES], greatest[DOMINANCE_MAX_OBJECTIVES];
    for (size_t j = 0; j < m; j++) {
        least[j] = (double)INFINITY;
        greatest[j] = -(double)INFINITY;
        for (size_t i = 0; i < n; i++) {
            least[j] = fmin(least[j], points[i * m + j]);
            greatest[j] = fmax(greatest[j], points[i * m + j]);
        }
    }
    thin_shares_within(m, least, greatest, n, points, shares);
}

/* A point with its box and its distance from the box's least corner. */
struct boxed {
    size_t m, at;
    double box[DOMINANCE_MAX_OBJECTIVES], distance;
};

static int boxed_compare(const void *left, const void *right)
{
    const struct boxed *a = left, *b = right;
    for (size_t j = 0; j < a->m; j++) {
        if (a->box[j] != b->box[j]) {
            return a->box[j] < b->box[j] ? -1 : 1;
        }
    }
    if (a->distance != b->distance) {
        return a->distance < b->distance ? -1 : 1;
    }
    return (a->at > b->at) - (a->at < b->at);
}

static bool same_box(const struct boxed *a, const struct boxed *b)
{
    return memcmp(a->box, b->box, a->m * sizeof *a->box) == 0;
}

static int position_compare(const void *left, const void *right)
{
    const size_t a = *(const size_t *)left, b = *(const size_t *)right;
    return (a > b) - (a < b);
}

enum status thin_boxes(size_t m, size_t n, const double shares[], double epsilon, size_t chosen[],
                       size_t *n_chosen, struct status_why *why)
{
    enum status st = STATUS_OK;
    struct pareto *front = NULL;
    struct boxed *all = calloc(n + 1, sizeof *all);
    *n_chosen = 0;
    if (all == NULL) {
        st = status_fail(why, STATUS_MEMORY, "thinning of %zu points", n);
    }
    STATUS_TRY(st);
    for (size_t i = 0; i < n; i++) {
        all[i].m = m;
        all[i].at = i;
        for (size_t j = 0; j < m; j++) {
            const double edge = floor(shares[i * m + j] / epsilon);
            const double beyond = shares[i * m + j] / epsilon - edge;
            all[i].box[j] = edge;
            all[i].distance += beyond * beyond;
        }
    }
    qsort(all, n, sizeof *all, boxed_compare);
    STATUS_TRY(pareto_create(m, &front, why));
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !same_box(&all[i], &all[i - 1])) {
            const uint64_t at = all[i].at;
            STATUS_TRY(pareto_offer(front, 1, all[i].box, 1, &at, 0, why));
        }
    }
    STATUS_TRY(pareto_settle(front, why));
    *n_chosen = pareto_size(front);
    for (size_t i = 0; i < *n_chosen; i++) {
        chosen[i] = (size_t)pareto_index(front, i);
    }
    qsort(chosen, *n_chosen, sizeof *chosen, position_compare);
out:
    pareto_destroy(front);
    free(all);
    return st;
}

/* What a point would add to the volume of those chosen: its own box less the part of it that these
 * dominate. \param [out] clipped  [n_chosen][m] room */
static enum status gain_of(size_t m, const double shares[], size_t point, size_t n_chosen,
                           const size_t chosen[], double clipped[], double *gain,
                           struct status_why *why)
{
    double reference[DOMINANCE_MAX_OBJECTIVES], box = 1.0, covered = 0.0;
    for (size_t j = 0; j < m; j++) {
        reference[j] = reference_share;
        box *= reference_share - shares[point * m + j];
    }
    for (size_t i = 0; i < n_chosen; i++) {
        for (size_t j = 0; j < m; j++) {
            clipped[i * m + j] = fmax(shares[chosen[i] * m + j], shares[point * m + j]);
        }
    }
    const enum status st = hypervolume_exact(m, n_chosen, clipped, reference, &covered, why);
    *gain = box - covered;
    return st;
}

/* A point that may be chosen, in a heap whose first has the most gain, of equals the lowest place.
 */
struct offer {
    double gain;
    size_t at, fresh; /* fresh: how many were chosen when the gain was found */
};

static bool is_better(const struct offer *a, const struct offer *b)
{
    return a->gain > b->gain || (!(a->gain < b->gain) && a->at < b->at);
}

/* Move an offer down until none below it is better. */
static void sink(struct offer heap[], size_t n, size_t i)
{
    const struct offer moved = heap[i];
    for (size_t below; (below = 2 * i + 1) < n; i = below) {
        below += below + 1 < n && is_better(&heap[below + 1], &heap[below]);
        if (!is_better(&heap[below], &moved)) {
            break;
        }
        heap[i] = heap[below];
    }
    heap[i] = moved;
}

enum status thin_greedy(size_t m, size_t n, const double shares[], size_t k, size_t chosen[],
                        size_t *n_chosen, struct status_why *why)
{
    enum status st = STATUS_OK;
    /* A gain only falls as more is chosen, so one found earlier is an upper bound of it. */
    struct offer *heap = malloc((n + 1) * sizeof *heap);
    double *clipped = malloc((k + 1) * m * sizeof *clipped);

    *n_chosen = 0;
    if (heap == NULL || clipped == NULL) {
        st = status_fail(why, STATUS_MEMORY, "thinning of %zu points", n);
    }
    STATUS_TRY(st);
    for (size_t i = 0; i < n; i++) {
        heap[i] = (struct offer){.at = i};
        STATUS_TRY(gain_of(m, shares, i, 0, chosen, clipped, &heap[i].gain, why));
    }
    for (size_t i = n / 2; i-- > 0;) {
        sink(heap, n, i);
    }
    while (*n_chosen < k && n > 0 && heap[0].gain > 0.0) {
        struct offer *best = &heap[0];
        if (best->fresh == *n_chosen) {
            chosen[(*n_chosen)++] = best->at;
            best->gain = 0.0;
        } else {
            STATUS_TRY(gain_of(m, shares, best->at, *n_chosen, chosen, clipped, &best->gain, why));
            best->fresh = *n_chosen;
        }
        sink(heap, n, 0);
    }
out:
    free(heap);
    free(clipped);
    return st;
}

/* Steps of a share: products of two, added 2^25 times, are whole numbers that a double holds. */
static const double steps = 16384.0;

void thin_sums(size_t m, size_t n, const double shares[], double sums[])
{
    memset(sums, 0, THIN_MOST_SUMS * sizeof *sums);
    for (size_t i = 0; i < n; i++) {
        double x[PROBLEM_MAX_OBJECTIVES], *at = sums + 1;
        sums[0] += 1.0;
        for (size_t j = 0; j < m; j++) {
            x[j] = rint(steps * shares[i * m + j]);
            *at++ += x[j];
        }
        for (size_t j = 0; j < m; j++) {
            for (size_t k = 0; k <= j; k++) {
                *at++ += x[j] * x[k];
            }
        }
    }
}

/* Covariance of two objectives, k <= j. */
static double covariance(size_t m, const double sums[], size_t j, size_t k)
{
    const double *second = sums + 1 + m;
    return second[j * (j + 1) / 2 + k] / sums[0] - sums[1 + j] / sums[0] * (sums[1 + k] / sums[0]);
}

/* How alike objectives are: 1 where they rise and fall together, 0 where one falls as the other
 * rises; 1/16 where they have nothing to do with each other. */
static double likeness(size_t m, const double sums[], size_t j, size_t k)
{
    const double spread = covariance(m, sums, j, j) * covariance(m, sums, k, k);
    const double r = fmax(-1.0, fmin(1.0, covariance(m, sums, j, k) / sqrt(spread)));
    const double half = 0.5 * (1.0 + r);
    return half * half * half * half;
}

/* Cholesky factors of the likenesses of the objectives in use; one that others before it say
 * already is taken out of use. \param [out] l  [m][m] */
static void factorise(size_t m, const double sums[], bool in_use[], double l[])
{
    static const double said_already = 1e-9;
    for (size_t j = 0; j < m; j++) {
        double pivot = 1.0;
        for (size_t k = 0; in_use[j] && k < j; k++) {
            double x = in_use[k] ? likeness(m, sums, j, k) : 0.0;
            for (size_t i = 0; i < k; i++) {
                x -= in_use[i] ? l[j * m + i] * l[k * m + i] : 0.0;
            }
            l[j * m + k] = in_use[k] ? x / l[k * m + k] : 0.0;
            pivot -= l[j * m + k] * l[j * m + k];
        }
        in_use[j] = in_use[j] && pivot > said_already;
        l[j * m + j] = in_use[j] ? sqrt(pivot) : 0.0;
    }
}

/* Solve likenesses * weights = 1 among the objectives in use. */
static void solve(size_t m, const double l[], const bool in_use[], double weights[])
{
    for (size_t j = 0; j < m; j++) {
        double x = 1.0;
        for (size_t k = 0; k < j; k++) {
            x -= in_use[k] ? l[j * m + k] * weights[k] : 0.0;
        }
        weights[j] = in_use[j] ? x / l[j * m + j] : 0.0;
    }
    for (size_t j = m; j-- > 0;) {
        for (size_t k = j + 1; k < m; k++) {
            weights[j] -= in_use[k] && in_use[j] ? l[k * m + j] * weights[k] : 0.0;
        }
        weights[j] = in_use[j] ? weights[j] / l[j * m + j] : 0.0;
    }
}

void thin_weights(size_t m, const double sums[], double weights[])
{
    static const double least_spread = 1.0; /* of a step: less is a constant, rounded */
    bool in_use[PROBLEM_MAX_OBJECTIVES];
    double l[PROBLEM_MAX_OBJECTIVES * PROBLEM_MAX_OBJECTIVES];
    for (size_t j = 0; j < m; j++) {
        in_use[j] = sums[0] > 0.0 && covariance(m, sums, j, j) > least_spread;
    }
    for (size_t least = 0; least < m;) { /* at most m times: each leaves one more out */
        factorise(m, sums, in_use, l);
        solve(m, l, in_use, weights);
        least = 0;
        for (size_t j = 1; j < m; j++) {
            least = weights[j] < weights[least] ? j : least;
        }
        if (weights[least] >= 0.0) {
            break;
        }
        in_use[least] = false;
    }
    double sum = 0.0;
    for (size_t j = 0; j < m; j++) {
        sum += weights[j];
    }
    for (size_t j = 0; j < m; j++) {
        weights[j] = sum > 0.0 ? weights[j] / sum : 1.0 / (double)m;
    }
}

size_t thin_knee(size_t m, size_t n, const double shares[], const double weights[])
{
    size_t knee = 0;
    double least = (double)INFINITY;
    for (size_t i = 0; i < n; i++) {
        double sum = 0.0;
        for (size_t j = 0; j < m; j++) {
            sum += weights[j] * shares[i * m + j];
        }
        if (sum < least) {
            least = sum;
            knee = i;
        }
    }
    return knee;
}
