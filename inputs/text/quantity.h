/** \file quantity.h
 * Numbers as people write them: `70B`, `1.4T`, `6e25 FLOP`, `30 d`, `400 W`. Checked to the last
 * character; the unit must fit what is asked for.
 */
#ifndef INPUTS_TEXT_QUANTITY_H
#define INPUTS_TEXT_QUANTITY_H

#include "solver/base/status.h"

/** Read a plain number to the last character; no suffix, no NaN, no infinity (overflow included).
 * \return NULL, or a borrowed text that ends a message, as "expected a number"; then \a value is
 *         left alone */
const char *quantity_number(const char *text, double *value);

/** Read a number with an optional unit and convert it to \a unit.
 * \param [in] unit  unit wanted: "1" (plain or with %), "count", "FLOP", "hour", "day", "year",
 *                   "kWh", "W", "kg", "litre", "USD", "nat", "byte", "kg/kWh"; with any other only
 *                   plain numbers are understood. K, M, B and T stand for 1e3 to 1e12 before a unit
 *                   or instead of one (not for losses and intensities; no T for masses, whose t is
 * a tonne, no B for memory). A number without a unit is taken to be in \a unit \return NULL, or a
 * borrowed text that ends a message and names the units understood, as "expected a mass: g, kg, t,
 * kt, Mt"; then \a value is left alone */
const char *quantity_parse(const char *text, const char *unit, double *value);

#endif
