/** \file boxtree.h
 * A static eight-ary tree of bounding boxes over points, for the question "does one of these points
 * dominate that one?" Each node splits its points at medians along the objective that spreads most,
 * measured by the spread of all points, so that objectives of any scale count alike.
 */
#ifndef SEARCH_FRONT_BOXTREE_H
#define SEARCH_FRONT_BOXTREE_H

#include "search/front/dominance.h"
#include "solver/base/status.h"

/** Caller's storage; building again reuses its memory. */
struct boxtree {
    size_t m;
    struct dominance_tree view;
    size_t n_nodes, n_leaves; /**< room */
    double *corners, *leaves;
    int32_t *children;
    size_t *first;
};

void boxtree_init(struct boxtree *t);
void boxtree_clear(struct boxtree *t);

/** Build over \a n points, any of which may dominate or equal others.
 * \param [in]     m        number of objectives, 1 to 8
 * \param [in,out] points   [n][m] finite; put into the order of the tree
 * \param [in,out] indices  [n] reordered alike; borrowed until the next build: the tree reads it
 * \return STATUS_OK or STATUS_MEMORY (the tree is then empty) */
enum status boxtree_build(struct boxtree *t, size_t m, size_t n, double points[],
                          uint64_t indices[], struct status_why *why);

/** dominance_query on this tree; none for an empty one. */
enum dominance_verdict boxtree_query(const struct boxtree *t, const double point[], uint64_t index,
                                     size_t *equal);

#endif
