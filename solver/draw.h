/** \file draw.h
 * A catalogue as it may be: each figure that is published or estimated with bounds is drawn between
 * them, one number a row and field, the same for all configurations.
 */
#ifndef SOLVER_DRAW_H
#define SOLVER_DRAW_H

#include <stdint.h>

#include "solver/base/rng.h"
#include "solver/hardware.h"

/** A number of an interval: half the weight on each side of the typical value, log-uniform on the
 * side. NAN without a typical value; the typical value on a side without a bound. The same draws
 * are taken from \a r in every case. Source: docs/model.md (M260). */
double draw_interval(struct hardware_interval i, struct rng *r);

/** Draw \a k of a catalogue: its intervals are single numbers; draw 0 is the catalogue itself. A
 * number is keyed by (seed, row, field, k).
 * \param [in]  c     must outlive \a made, which borrows all but the devices
 * \param [out] made  cleared by draw_clear, and by nothing else
 * \return STATUS_OK or STATUS_MEMORY */
enum status draw_catalogue(const struct hardware_catalogue *c, uint64_t seed, uint64_t k,
                           struct hardware_catalogue *made, struct status_why *why);
void draw_clear(struct hardware_catalogue *made);

#endif
