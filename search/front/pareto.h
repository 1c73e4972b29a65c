/** \file pareto.h
 * A set of mutually non-dominated points, all objectives minimised, kept under a stream of offers:
 * "killer" points first, then an eight-ary box tree, then a buffer that is flushed when full
 * (docs/model.md, Search, M42). Of points equal in all objectives the lowest index stays, whatever
 * the order of the offers, so the set depends on the points alone.
 */
#ifndef SEARCH_FRONT_PARETO_H
#define SEARCH_FRONT_PARETO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "search/front/dominance.h"
#include "solver/base/status.h"

/** Opaque. */
struct pareto;

/** \param [in] n_objectives  1 to 8. \param [out] made  empty set; the caller destroys it */
enum status pareto_create(size_t n_objectives, struct pareto **made, struct status_why *why);
void pareto_destroy(struct pareto *p);

/** Offer a block of points.
 * \param [in] objectives  [n_objectives][stride], row-major, minimised, finite, already rounded
 * \param [in] indices     [n] global index of each; NULL: first, first + 1, ...
 * A point offered again with the same index changes nothing.
 * \return STATUS_OK or STATUS_MEMORY */
enum status pareto_offer(struct pareto *p, size_t n, const double objectives[], size_t stride,
                         const uint64_t indices[], uint64_t first, struct status_why *why);

/** What the set says about a point, or about a box whose every point is no better than \a point and
 * whose indices are at least \a index: dominated or duplicate, it can be left out. Offers still
 * buffered are mostly not looked at.
 * \param [in] point  [n_objectives] rounded, without a negative zero */
enum dominance_verdict pareto_verdict(const struct pareto *p, const double point[], uint64_t index);

/** Bring the buffered offers in; afterwards size and rows are those of the exact front. */
enum status pareto_settle(struct pareto *p, struct status_why *why);

/** Number of points; the set must be settled. */
size_t pareto_size(const struct pareto *p);

/** Point \a i of the settled set, in no particular order. \return [n_objectives], borrowed until
 * the next offer */
const double *pareto_point(const struct pareto *p, size_t i);
uint64_t pareto_index(const struct pareto *p, size_t i);

/** Points offered that equalled a member and went because of their higher index; counted by offers
 * and settles so far. */
uint64_t pareto_n_duplicates(const struct pareto *p);

/** Indices in [begin, end) of members and of buffered offers, in no particular order; the set need
 * not be settled, then some may be dominated by others of it.
 * \param [out] found  [most]; more are counted, not stored
 * \return how many there are */
size_t pareto_between(const struct pareto *p, uint64_t begin, uint64_t end, size_t most,
                      uint64_t found[]);

/** Round to 40 significant bits, half to even, in place (9e-13 relative): what is compared and
 * stored, so that configurations of the same cost compare equal. Infinities, NaN and subnormal
 * numbers stay; the largest finite numbers become infinite, as rounding has it. Source:
 * docs/model.md (M41). */
void pareto_round(size_t n, double values[]);

#endif
