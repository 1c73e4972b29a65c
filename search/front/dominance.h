/** \file dominance.h
 * Eight-lane dominance tests: one point against many, many points against a few. They are the inner
 * loops of pareto and boxtree, compiled once a vector level (dominance_kernel.c) and unrolled for
 * each number of objectives. They only compare, so every level gives the same answers.
 */
#ifndef SEARCH_FRONT_DOMINANCE_H
#define SEARCH_FRONT_DOMINANCE_H

#include <stddef.h>
#include <stdint.h>

enum {
    DOMINANCE_LANES = 8,           /**< points compared at once */
    DOMINANCE_LEAF = 16,           /**< points of a leaf */
    DOMINANCE_MAX_OBJECTIVES = 8,  /**< unrolled variants */
    DOMINANCE_NOWHERE = INT32_MIN, /**< a child that does not exist */
    DOMINANCE_MAX_DEPTH = 32,      /**< of a tree: 8^32 points are beyond any memory */
};

/** A static tree of boxes over points (boxtree.h builds it): each node has eight children, each a
 * node or a leaf of up to DOMINANCE_LEAF points. All arrays are borrowed; m is the number of
 * objectives. */
struct dominance_tree {
    size_t n_points;
    const double *corners;   /**< [n_nodes][2][m][8] least and greatest corner of each child */
    const int32_t *children; /**< [n_nodes][8] node, or -1 - leaf, or DOMINANCE_NOWHERE */
    const double *leaves;    /**< [n_leaves][m][DOMINANCE_LEAF], unused places INFINITY */
    const size_t *first;     /**< [n_leaves] position of a leaf's first point */
    const uint64_t *indices; /**< [n_points] by position */
};

/** What a tree says about a point. */
enum dominance_verdict {
    DOMINANCE_NONE,      /**< nothing in the tree removes it */
    DOMINANCE_DOMINATED, /**< some point is no worse in all and better in one objective */
    DOMINANCE_DUPLICATE  /**< some point equals it and has a lower index */
};

/** Whether a point of \a tree removes \a point.
 * \param [in]  m      number of objectives, 1 to 8
 * \param [in]  point  [m]
 * \param [in]  index  of \a point; a tree point equal in all removes it only by a lower index
 * \param [out] equal  position of a tree point that equals \a point and has its index or a higher
 *                     one, else SIZE_MAX; set after DOMINANCE_NONE only */
enum dominance_verdict dominance_query(size_t m, const struct dominance_tree *tree,
                                       const double point[], uint64_t index, size_t *equal);

/** Positions of the points that no killer dominates strictly.
 * \param [in]  killers  [n_killers][m]
 * \param [in]  x        [m][stride], n points
 * \param [out] alive    [n] room; positions in increasing order
 * \return number of positions */
size_t dominance_kill(size_t m, size_t n_killers, const double killers[], size_t n,
                      const double x[], size_t stride, uint32_t alive[]);

/** Which of \a n points \a killer is no worse than, in all objectives.
 * \param [in]  x     [m][stride], n points, n a multiple of 8
 * \param [out] bits  [n / 8] bit i of byte k stands for point 8 k + i */
void dominance_cover(size_t m, const double killer[], size_t n, const double x[], size_t stride,
                     uint8_t bits[]);

/** What \a n points, in any order, say about \a point; an index counts as lower.
 * \param [in] window  [ceil(n / 8)][m][8]; what unused places hold does not matter */
enum dominance_verdict dominance_scan(size_t m, size_t n, const double window[],
                                      const double point[]);

/** The first of \a n points of a window that \a point is no larger than in all objectives.
 * \return its place, or n: there is none */
size_t dominance_find_covered(size_t m, size_t n, const double window[], const double point[]);

/** Put a point into place \a at of a window. */
void dominance_place(size_t m, size_t at, const double point[], double window[]);

#endif
