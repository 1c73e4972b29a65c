/** \file pyramid.h
 * Least and greatest entries of a table over boxes of core axes. A core axis of n levels is halved
 * again and again; the 2 n - 1 ranges that come up are its nodes, numbered from the whole
 * downwards: a node of levels [begin, end) with the number i has its lower half at i + 1 and its
 * upper half behind all of those. A box is a node on each core axis.
 */
#ifndef SEARCH_EXACT_PYRAMID_H
#define SEARCH_EXACT_PYRAMID_H

#include <stddef.h>

#include "search/space.h"
#include "solver/base/status.h"
#include "solver/tables.h"

/** A range of levels of one core axis. */
struct pyramid_node {
    size_t number, begin, end;
};

struct pyramid_node pyramid_root(size_t n_levels);

/** The halves of a node of two levels or more; the lower one has the smaller half. */
struct pyramid_node pyramid_lower(struct pyramid_node node);
struct pyramid_node pyramid_upper(struct pyramid_node node);

/** One table over the nodes of the core axes that it reads and the levels of the other axes. */
struct pyramid {
    size_t n_core;
    size_t stride[SPACE_MAX_AXES];      /**< [n_axes] of the axes that are not core: entries from
                                           level to level; 0: not read */
    size_t node_stride[SPACE_MAX_AXES]; /**< [n_core] entries from node to node; 0: not read */
    size_t n_entries;
    double *least, *greatest; /**< [n_entries] without NaN, where there are others: +inf and -inf
                                 over nothing but NaN */
};

/** \param [in] core  [n_core] positions of the core axes among those of the space, increasing
 * \param [out] made  cleared by the caller
 * \return STATUS_OK or STATUS_MEMORY */
enum status pyramid_create(const struct tables_table *table, const struct space *space,
                           size_t n_core, const size_t core[], struct pyramid *made,
                           struct status_why *why);
void pyramid_clear(struct pyramid *p);

#endif
