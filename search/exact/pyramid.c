#include "search/exact/pyramid.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct pyramid_node pyramid_root(size_t n_levels)
{
    return (struct pyramid_node){0, 0, n_levels};
}

static size_t middle(struct pyramid_node node)
{
    return node.begin + (node.end - node.begin) / 2;
}

struct pyramid_node pyramid_lower(struct pyramid_node node)
{
    return (struct pyramid_node){node.number + 1, node.begin, middle(node)};
}

struct pyramid_node pyramid_upper(struct pyramid_node node)
{
    const size_t n_lower = middle(node) - node.begin;
    return (struct pyramid_node){node.number + 2 * n_lower, middle(node), node.end};
}

void pyramid_clear(struct pyramid *p)
{
    free(p->least);
    free(p->greatest);
    memset(p, 0, sizeof *p);
}

/* Which of the core axes an axis is, or n_core. */
static size_t core_of(size_t n_core, const size_t core[], size_t axis)
{
    size_t c = 0;
    while (c < n_core && core[c] != axis) {
        c++;
    }
    return c;
}

/* What a pyramid is filled from. */
struct source {
    const struct tables_table *table;
    const struct space *space;
    const size_t *core;
};

/* Copy the entries of the table to the nodes of single levels, axis after axis.
 * \param [in] from, to  entries reached by the axes before \a axis */
static void fill_leaves(const struct source *s, size_t axis, size_t from, size_t to,
                        struct pyramid *p);

/* The nodes below one of axis \a axis, core axis \a c. */
static void fill_axis(const struct source *s, size_t axis, size_t c, struct pyramid_node node,
                      size_t from, size_t to, struct pyramid *p)
{
    if (node.end - node.begin > 1) {
        fill_axis(s, axis, c, pyramid_lower(node), from, to, p);
        fill_axis(s, axis, c, pyramid_upper(node), from, to, p);
    } else {
        fill_leaves(s, axis + 1, from + s->table->stride[axis] * node.begin,
                    to + p->node_stride[c] * node.number, p);
    }
}

static void fill_leaves(const struct source *s, size_t axis, size_t from, size_t to,
                        struct pyramid *p)
{
    while (axis < s->space->n_axes && s->table->stride[axis] == 0) {
        axis++;
    }
    if (axis == s->space->n_axes) {
        const double x = s->table->values[from];
        p->least[to] = isnan(x) ? (double)INFINITY : x;
        p->greatest[to] = isnan(x) ? -(double)INFINITY : x;
        return;
    }
    const size_t n = s->space->axes[axis].n, c = core_of(p->n_core, s->core, axis);
    if (c < p->n_core) {
        fill_axis(s, axis, c, pyramid_root(n), from, to, p);
        return;
    }
    for (size_t level = 0; level < n; level++) {
        fill_leaves(s, axis + 1, from + s->table->stride[axis] * level,
                    to + p->stride[axis] * level, p);
    }
}

/* Make each node of core axis \a c from its halves, for every entry of the axes behind it. */
static void combine(struct pyramid *p, size_t c, struct pyramid_node node, size_t at)
{
    if (node.end - node.begin == 1) {
        return;
    }
    const struct pyramid_node lower = pyramid_lower(node), upper = pyramid_upper(node);
    const size_t run = p->node_stride[c];
    combine(p, c, lower, at);
    combine(p, c, upper, at);
    const size_t a = at + lower.number * run, b = at + upper.number * run;
    for (size_t i = 0; i < run; i++) {
        p->least[at + node.number * run + i] = fmin(p->least[a + i], p->least[b + i]);
        p->greatest[at + node.number * run + i] = fmax(p->greatest[a + i], p->greatest[b + i]);
    }
}

/* Lay the entries out: axes that are not core first, nodes of the last core axis fastest. */
static void lay_out(const struct tables_table *table, const struct space *space, size_t n_core,
                    const size_t core[], struct pyramid *p)
{
    p->n_core = n_core;
    p->n_entries = 1;
    for (size_t c = n_core; c-- > 0;) {
        const bool reads = table->stride[core[c]] != 0;
        p->node_stride[c] = reads ? p->n_entries : 0;
        p->n_entries *= reads ? 2 * space->axes[core[c]].n - 1 : 1;
    }
    for (size_t a = space->n_axes; a-- > 0;) {
        const bool reads = table->stride[a] != 0 && core_of(n_core, core, a) == n_core;
        p->stride[a] = reads ? p->n_entries : 0;
        p->n_entries *= reads ? space->axes[a].n : 1;
    }
}

enum status pyramid_create(const struct tables_table *table, const struct space *space,
                           size_t n_core, const size_t core[], struct pyramid *made,
                           struct status_why *why)
{
    const struct source source = {table, space, core};
    memset(made, 0, sizeof *made);
    lay_out(table, space, n_core, core, made);
    made->least = malloc(made->n_entries * sizeof *made->least);
    made->greatest = malloc(made->n_entries * sizeof *made->greatest);
    if (made->least == NULL || made->greatest == NULL) {
        pyramid_clear(made);
        return status_fail(why, STATUS_MEMORY, "search: bounds of %zu entries", made->n_entries);
    }
    for (size_t i = 0; i < made->n_entries; i++) {
        made->least[i] = (double)INFINITY;
        made->greatest[i] = -(double)INFINITY;
    }
    fill_leaves(&source, 0, 0, 0, made);
    for (size_t c = 0; c < n_core; c++) {
        const size_t n = space->axes[core[c]].n;
        const size_t whole = made->node_stride[c] * (2 * n - 1);
        for (size_t at = 0; whole > 0 && at < made->n_entries; at += whole) {
            combine(made, c, pyramid_root(n), at);
        }
    }
    return STATUS_OK;
}
