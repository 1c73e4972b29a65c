/** \file observed.h
 * The table of observed MFU, published or of a user's own runs: a ratio, or what a run took, from
 * which the ratio follows.
 */
#ifndef INPUTS_CATALOGUE_OBSERVED_H
#define INPUTS_CATALOGUE_OBSERVED_H

#include "inputs/sheet.h"
#include "solver/hardware.h"

extern const struct sheet observed_sheet;

/** Load the observations; a row without a ratio has one computed, of its whole run.
 * \param [in] rows  [n] of observed_sheet
 * \param [in,out] c  with its devices
 * \return STATUS_OK; STATUS_INPUT: an unknown device, format or kind, both a ratio and a time or
 * neither, too little to compute a ratio, a ratio above 1; STATUS_MEMORY */
enum status observed_take(const void *rows, size_t n, struct hardware_catalogue *c,
                          struct status_why *why);

#endif
