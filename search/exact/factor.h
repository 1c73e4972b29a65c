/** \file factor.h
 * The factored path: where every objective but one is a work of the core times a number of the
 * option, the frontier is found from the staircases of (the one objective, work), one a class of
 * options, united in the order of the value (docs/model.md M47). The answer, row for row, is that
 * of stream.h.
 */
#ifndef SEARCH_EXACT_FACTOR_H
#define SEARCH_EXACT_FACTOR_H

#include "search/exact/path.h"

/** Whether a problem has that form: objectives are minimised; all but one, and all constraints but
 * those on that one, are single products with the same factors over the core and others that do not
 * read it, not rounded up; constraints are upper bounds. */
bool factor_can(const struct problem *problem);

/** An item is a range of the value of a scenario level. \return STATUS_OK or STATUS_MEMORY */
enum status factor_n_items(const struct problem *problem, size_t *n, struct status_why *why);

/** As path.h says. */
enum status factor_search(MPI_Comm comm, const struct problem *problem,
                          const struct path_options *options, struct frontier *made,
                          struct status_why *why);

#endif
