#define _POSIX_C_SOURCE 200809L
#include "search/front/boxtree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, MOST_NODES = INT32_MAX / 2 / DOMINANCE_LANES };

/* What one build carries from node to node. */
struct builder {
    struct boxtree *tree;
    double *points;
    uint64_t *indices;
    double scale[DOMINANCE_MAX_OBJECTIVES]; /* 1 / spread of all points; 0 if there is none */
    int32_t n_nodes, n_leaves;
};

void boxtree_init(struct boxtree *t)
{
    memset(t, 0, sizeof *t);
}

void boxtree_clear(struct boxtree *t)
{
    free(t->corners);
    free(t->leaves);
    free(t->children);
    free(t->first);
    boxtree_init(t);
}

/* Where the range is cut for its two halves; a range that fits a leaf is not. */
static size_t cut(size_t begin, size_t end)
{
    return end - begin > DOMINANCE_LEAF ? begin + (end - begin) / 2 : end;
}

/* Nodes and leaves of a tree over n points; the sizes of the parts depend on n alone. */
static void count(size_t n, size_t *n_nodes, size_t *n_leaves)
{
    size_t edges[DOMINANCE_LANES + 1] = {[DOMINANCE_LANES] = n};
    ++*n_nodes;
    for (size_t step = DOMINANCE_LANES / 2; step > 0; step /= 2) {
        for (size_t c = step; c < DOMINANCE_LANES; c += 2 * step) {
            edges[c] = cut(edges[c - step], edges[c + step]);
        }
    }
    for (size_t c = 0; c < DOMINANCE_LANES; c++) {
        const size_t size = edges[c + 1] - edges[c];
        if (size > DOMINANCE_LEAF) {
            count(size, n_nodes, n_leaves);
        } else {
            *n_leaves += size > 0;
        }
    }
}

static void swap_points(struct builder *b, ptrdiff_t i, ptrdiff_t k)
{
    const ptrdiff_t m = (ptrdiff_t)b->tree->m;
    for (ptrdiff_t j = 0; j < m; j++) {
        const double x = b->points[i * m + j];
        b->points[i * m + j] = b->points[k * m + j];
        b->points[k * m + j] = x;
    }
    const uint64_t index = b->indices[i];
    b->indices[i] = b->indices[k];
    b->indices[k] = index;
}

static void corners_of(const struct builder *b, size_t begin, size_t end, double least[],
                       double greatest[])
{
    const size_t m = b->tree->m;
    for (size_t j = 0; j < m; j++) {
        least[j] = (double)INFINITY;
        greatest[j] = -(double)INFINITY;
    }
    for (size_t i = begin; i < end; i++) {
        for (size_t j = 0; j < m; j++) {
            const double x = b->points[i * m + j];
            least[j] = x < least[j] ? x : least[j];
            greatest[j] = x > greatest[j] ? x : greatest[j];
        }
    }
}

/* The objective along which points begin ... end - 1 spread most. */
static size_t widest(const struct builder *b, size_t begin, size_t end)
{
    double least[DOMINANCE_MAX_OBJECTIVES], greatest[DOMINANCE_MAX_OBJECTIVES], most = -1;
    size_t axis = 0;
    corners_of(b, begin, end, least, greatest);
    for (size_t j = 0; j < b->tree->m; j++) {
        const double spread = (greatest[j] - least[j]) * b->scale[j];
        if (spread > most) {
            most = spread;
            axis = j;
        }
    }
    return axis;
}

/* Reorder so that no point before \a middle exceeds one behind it along the widest objective:
 * Hoare's selection; equal values are swapped too, so that many of them do not slow it down. */
static void halve(struct builder *b, size_t begin, size_t middle, size_t end)
{
    const ptrdiff_t m = (ptrdiff_t)b->tree->m, want = (ptrdiff_t)middle;
    const double *x = b->points + widest(b, begin, end);
    ptrdiff_t left = (ptrdiff_t)begin, right = (ptrdiff_t)end - 1;
    while (left < right) {
        const double pivot = x[(left + (right - left) / 2) * m];
        ptrdiff_t i = left, k = right;
        while (i <= k) {
            while (x[i * m] < pivot) {
                i++;
            }
            while (x[k * m] > pivot) {
                k--;
            }
            if (i <= k) {
                swap_points(b, i++, k--);
            }
        }
        if (want <= k) {
            right = k;
        } else if (want >= i) {
            left = i;
        } else {
            return;
        }
    }
}

static int32_t build_leaf(struct builder *b, size_t begin, size_t end)
{
    const size_t m = b->tree->m, leaf = (size_t)b->n_leaves++;
    double *columns = b->tree->leaves + leaf * m * DOMINANCE_LEAF;
    for (size_t j = 0; j < m; j++) {
        for (size_t i = 0; i < DOMINANCE_LEAF; i++) {
            columns[j * DOMINANCE_LEAF + i] =
                begin + i < end ? b->points[(begin + i) * m + j] : (double)INFINITY;
        }
    }
    b->tree->first[leaf] = begin;
    return -1 - (int32_t)leaf;
}

static int32_t build_node(struct builder *b, size_t begin, size_t end)
{
    const int32_t node = b->n_nodes++;
    const size_t m = b->tree->m;
    double *corners = b->tree->corners + (size_t)node * 2 * m * DOMINANCE_LANES;
    size_t edges[DOMINANCE_LANES + 1] = {begin, [DOMINANCE_LANES] = end};

    for (size_t step = DOMINANCE_LANES / 2; step > 0; step /= 2) {
        for (size_t c = step; c < DOMINANCE_LANES; c += 2 * step) {
            edges[c] = cut(edges[c - step], edges[c + step]);
            if (edges[c] < edges[c + step]) {
                halve(b, edges[c - step], edges[c], edges[c + step]);
            }
        }
    }
    for (size_t c = 0; c < DOMINANCE_LANES; c++) {
        const size_t size = edges[c + 1] - edges[c];
        double least[DOMINANCE_MAX_OBJECTIVES], greatest[DOMINANCE_MAX_OBJECTIVES];
        corners_of(b, edges[c], edges[c + 1], least, greatest);
        for (size_t j = 0; j < m; j++) {
            corners[j * DOMINANCE_LANES + c] = least[j];
            corners[(m + j) * DOMINANCE_LANES + c] = size > 0 ? greatest[j] : (double)INFINITY;
        }
        b->tree->children[(size_t)node * DOMINANCE_LANES + c] =
            size == 0                ? DOMINANCE_NOWHERE
            : size <= DOMINANCE_LEAF ? build_leaf(b, edges[c], edges[c + 1])
                                     : build_node(b, edges[c], edges[c + 1]);
    }
    return node;
}

/* Room for at least so many nodes and leaves; what the tree held is lost. */
static enum status reserve(struct boxtree *t, size_t n_nodes, size_t n_leaves,
                           struct status_why *why)
{
    if (n_nodes <= t->n_nodes && n_leaves <= t->n_leaves) {
        return STATUS_OK;
    }
    const size_t m = t->m;
    boxtree_clear(t);
    t->m = m;
    n_nodes += n_nodes / 2;
    n_leaves += n_leaves / 2;
    const size_t corner_bytes = n_nodes * 2 * m * DOMINANCE_LANES * sizeof(double);
    const size_t leaf_bytes = n_leaves * m * DOMINANCE_LEAF * sizeof(double);
    t->corners = aligned_alloc(ALIGNMENT, corner_bytes);
    t->leaves = aligned_alloc(ALIGNMENT, leaf_bytes);
    t->children = malloc(n_nodes * DOMINANCE_LANES * sizeof *t->children);
    t->first = malloc(n_leaves * sizeof *t->first);
    if (t->corners == NULL || t->leaves == NULL || t->children == NULL || t->first == NULL) {
        boxtree_clear(t);
        return status_fail(why, STATUS_MEMORY, "filter tree: %zu bytes", corner_bytes + leaf_bytes);
    }
    t->n_nodes = n_nodes;
    t->n_leaves = n_leaves;
    return STATUS_OK;
}

enum status boxtree_build(struct boxtree *t, size_t m, size_t n, double points[],
                          uint64_t indices[], struct status_why *why)
{
    size_t n_nodes = 0, n_leaves = 0;
    struct builder b = {.tree = t, .points = points, .indices = indices};
    double least[DOMINANCE_MAX_OBJECTIVES], greatest[DOMINANCE_MAX_OBJECTIVES];

    STATUS_ASSERT(1 <= m && m <= DOMINANCE_MAX_OBJECTIVES);
    if (m != t->m) {
        boxtree_clear(t);
        t->m = m;
    }
    memset(&t->view, 0, sizeof t->view);
    if (n == 0) {
        return STATUS_OK;
    }
    count(n, &n_nodes, &n_leaves);
    if (n_leaves > MOST_NODES) {
        return status_fail(why, STATUS_MEMORY, "filter tree: %zu points are too many", n);
    }
    const enum status st = reserve(t, n_nodes, n_leaves, why);
    if (st != STATUS_OK) {
        return st;
    }
    corners_of(&b, 0, n, least, greatest);
    for (size_t j = 0; j < m; j++) {
        const double scale = 1 / (greatest[j] - least[j]);
        b.scale[j] = isfinite(scale) ? scale : 0;
    }
    (void)build_node(&b, 0, n);
    t->view = (struct dominance_tree){n, t->corners, t->children, t->leaves, t->first, indices};
    return STATUS_OK;
}

enum dominance_verdict boxtree_query(const struct boxtree *t, const double point[], uint64_t index,
                                     size_t *equal)
{
    if (t->view.n_points == 0) {
        *equal = SIZE_MAX;
        return DOMINANCE_NONE;
    }
    return dominance_query(t->m, &t->view, point, index, equal);
}
