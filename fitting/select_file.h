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

/** Read back what a summary shows. Each says whether the group is there; without it the result is
 * cleared. The errors of single runs are not read. \return STATUS_OK; STATUS_IO; STATUS_INPUT */
enum status select_file_read(struct h5 *file, const struct law *law, bool *is_there,
                             struct select *made, struct status_why *why);
enum status select_file_read_sensitivity(struct h5 *file, const struct fit *f, bool *is_there,
                                         struct sensitivity *made, struct status_why *why);

/** \param [out] laws  [SELECT_MAX_LAWS] ids of the laws compared, of SELECT_ID_SIZE characters */
enum { SELECT_ID_SIZE = 64 };
enum status select_file_read_comparison(struct h5 *file, bool *is_there,
                                        char laws[][SELECT_ID_SIZE], struct select_comparison *made,
                                        struct status_why *why);

#endif
