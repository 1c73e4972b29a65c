/** \file figure.h
 * The figures of the catalogue behind a price: where each is written down, and how it is read for a
 * design. Every price is computed through a reader, which notes what was read: so the inputs and
 * the figures that a price depends on are never listed by hand.
 */
#ifndef SOLVER_FIGURE_H
#define SOLVER_FIGURE_H

#include <stdbool.h>
#include <stdint.h>

#include "solver/base/status.h"
#include "solver/design.h"

enum figure {
    FIGURE_PEAK,       /**< dense, FLOP/s, of the device in the precision */
    FIGURE_MFU_FACTOR, /**< of the precision */
    FIGURE_POWER,
    FIGURE_MEASURED_POWER,
    FIGURE_SERVER_POWER,
    FIGURE_MEMORY,
    FIGURE_BANDWIDTH,
    FIGURE_MASS,
    FIGURE_SERVER_MASS,
    FIGURE_EMBODIED,
    FIGURE_SERVER_EMBODIED,
    FIGURE_PRICE,
    FIGURE_SERVER_PRICE_RATIO,
    FIGURE_RENTAL,
    FIGURE_PUE,
    FIGURE_SITE_WATER,
    FIGURE_GRID_CARBON,
    FIGURE_GRID_WATER,
    FIGURE_GRID_PRICE,
    FIGURE_STATE, /**< bytes of an optimizer a parameter */
    FIGURE_N
};

/** What a price reads, and what it has read so far. */
struct figure_reader {
    const struct design *d;
    const struct hardware_catalogue *c;
    enum hardware_bound bound; /**< of the figures that are intervals */
    design_set inputs;         /**< read: of the design */
    uint32_t figures;          /**< read: a bit each */
};

/** A number of the design; NAN when not said. Where it decides between two others, both must be
 * read, so that what is read does not depend on numbers. */
double figure_input(struct figure_reader *r, enum design_input input);

/** The code of a category, or -1. */
int figure_code(struct figure_reader *r, enum design_input input);

/** A figure for the device, precision, grid or site of the design; NAN when these are not said or
 * the figure is absent. */
double figure_of(struct figure_reader *r, enum figure f);

/** Say what of everything read is missing: an input that is not said, or the file, line and column
 * of an absent figure.
 * \param [in] needed_by  name of the price. \return STATUS_INPUT; STATUS_OK if nothing is */
enum status figure_explain(const struct figure_reader *r, const char *needed_by,
                           struct status_why *why);

#endif
