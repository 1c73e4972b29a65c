#include "search/front/lowest.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LEAF = 8, DEEPEST = 64 };

struct lowest_node {
    size_t begin, end; /* points */
    size_t upper;      /* node of the second half; the first half follows at once; 0: a leaf */
    double value;      /* least of all */
};

static void swap_points(struct lowest *l, size_t i, size_t k)
{
    const double value = l->values[i];
    l->values[i] = l->values[k];
    l->values[k] = value;
    for (size_t c = 0; c < l->m; c++) {
        const double cost = l->costs[i * l->m + c];
        l->costs[i * l->m + c] = l->costs[k * l->m + c];
        l->costs[k * l->m + c] = cost;
    }
}

/* Reorder points [begin, end) so that none before the middle costs more than one behind it: Hoare's
 * selection, which ends with what lies between i and k in its place. */
static void split(struct lowest *l, size_t begin, size_t end, size_t cost)
{
    const size_t middle = begin + (end - begin) / 2, m = l->m;
    while (begin + 1 < end) {
        const double pivot = l->costs[middle * m + cost];
        size_t i = begin, k = end;
        do {
            while (l->costs[i * m + cost] < pivot) {
                i++;
            }
            while (l->costs[(k - 1) * m + cost] > pivot) {
                k--;
            }
            if (i < k) {
                swap_points(l, i++, --k);
            }
        } while (i < k);
        begin = k <= middle ? i : begin;
        end = middle < i ? k : end;
    }
}

static void build(struct lowest *l, size_t begin, size_t end, size_t depth)
{
    struct lowest_node *node = &l->nodes[l->n_nodes];
    double *corner = l->corners + l->n_nodes++ * l->m;
    *node = (struct lowest_node){.begin = begin, .end = end, .value = (double)INFINITY};
    for (size_t c = 0; c < l->m; c++) {
        corner[c] = (double)INFINITY;
    }
    for (size_t i = begin; i < end; i++) {
        node->value = fmin(node->value, l->values[i]);
        for (size_t c = 0; c < l->m; c++) {
            corner[c] = fmin(corner[c], l->costs[i * l->m + c]);
        }
    }
    if (end - begin > LEAF && l->m > 0) {
        const size_t middle = begin + (end - begin) / 2;
        split(l, begin, end, depth % l->m);
        build(l, begin, middle, depth + 1);
        node->upper = l->n_nodes;
        build(l, middle, end, depth + 1);
    }
}

enum status lowest_create(size_t m, size_t n, const double costs[], const double values[],
                          struct lowest *made, struct status_why *why)
{
    const size_t most_nodes = n / (LEAF / 2) * 2 + 1;
    *made = (struct lowest){.m = m, .n = n};
    made->costs = malloc((n * m + 1) * sizeof *made->costs);
    made->values = malloc((n + 1) * sizeof *made->values);
    made->nodes = malloc(most_nodes * sizeof *made->nodes);
    made->corners = malloc((most_nodes * m + 1) * sizeof *made->corners);
    if (made->costs == NULL || made->values == NULL || made->nodes == NULL
        || made->corners == NULL) {
        return status_fail(why, STATUS_MEMORY, "a tree over %zu points", n);
    }
    memcpy(made->costs, costs, n * m * sizeof *costs);
    memcpy(made->values, values, n * sizeof *values);
    if (n > 0) {
        build(made, 0, n, 0);
    }
    return STATUS_OK;
}

void lowest_clear(struct lowest *l)
{
    free(l->costs);
    free(l->values);
    free(l->nodes);
    free(l->corners);
    memset(l, 0, sizeof *l);
}

static bool is_within(size_t m, const double a[], const double costs[])
{
    bool all = true;
    for (size_t c = 0; c < m; c++) {
        all = all && a[c] <= costs[c];
    }
    return all;
}

double lowest_at(const struct lowest *l, const double costs[], double most)
{
    size_t stack[DEEPEST], n = 0;
    if (l->n_nodes > 0) {
        stack[n++] = 0;
    }
    while (n > 0) {
        const size_t at = stack[--n];
        const struct lowest_node *node = &l->nodes[at];
        if (!(node->value < most) || !is_within(l->m, l->corners + at * l->m, costs)) {
            continue;
        }
        if (node->upper != 0) { /* the better half comes first */
            const bool upper_first = l->nodes[node->upper].value < l->nodes[at + 1].value;
            stack[n++] = upper_first ? at + 1 : node->upper;
            stack[n++] = upper_first ? node->upper : at + 1;
            continue;
        }
        for (size_t i = node->begin; i < node->end; i++) {
            if (l->values[i] < most && is_within(l->m, l->costs + i * l->m, costs)) {
                most = l->values[i];
            }
        }
    }
    return most;
}
