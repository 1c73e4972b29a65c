/** \file select_file.h
 * The checks of fits in HDF5: groups /fit/<law>/checks, /fit/<law>/sensitivity and /fit/compare
 * (docs/formats.md).
 */
#ifndef FITTING_SELECT_FILE_H
#define FITTING_SELECT_FILE_H

#include "fitting/select.h"
#include "fitting/sensitivity.h"
#include "inputs/h5.h"

/** Write /fit/<law>/checks. Collective as h5.h says, as are the others. */
enum status select_file_write(struct h5 *file, const struct select *s, struct status_why *why);

/** Write /fit/<law>/sensitivity. */
enum status select_file_write_sensitivity(struct h5 *file, const struct sensitivity *s,
                                          struct status_why *why);

/** Write /fit/compare, and name the first law in attribute `law` of /fit: the one that is meant
 * when a reader names none.
 * \param [in] fits  [c->n]; \param [in] of  [c->n] their checks */
enum status select_file_write_comparison(struct h5 *file, const struct fit fits[],
                                         const struct select of[],
                                         const struct select_comparison *c, struct status_why *why);

#endif
