/** \file composition.h
 * The table of materials: grams of each material in the components of a device, in one reading of
 * what is published. The components are summed to what the catalogue holds of the device.
 */
#ifndef INPUTS_CATALOGUE_COMPOSITION_H
#define INPUTS_CATALOGUE_COMPOSITION_H

#include "inputs/sheet.h"
#include "solver/hardware.h"

extern const struct sheet composition_sheet;

/** Check all rows and load those of \a reading into the devices; a device without rows in it has
 * the other's, if there are any. \param [in,out] rows  [n] of composition_sheet \param [in,out] c
 * with its devices and elements \return STATUS_OK; STATUS_INPUT: an unknown device, reading, symbol
 * or status, bounds out of order, or a composition that does not sum to the mass of its device */
enum status composition_take(void *rows, size_t n, enum hardware_reading reading,
                             struct hardware_catalogue *c, struct status_why *why);

#endif
