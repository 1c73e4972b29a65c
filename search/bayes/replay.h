/** \file replay.h
 * Evaluations that were done before, as a table: each row a design and its outcomes. They are what
 * a search begins with (a warm start), or all that it can have: then designs that the table has not
 * are no candidates, so that it never fails for want of a row.
 */
#ifndef SEARCH_BAYES_REPLAY_H
#define SEARCH_BAYES_REPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "inputs/text/table.h"
#include "search/bayes/driver.h"
#include "search/bayes/propose.h"
#include "solver/base/status.h"

/** Opaque. */
struct replay;

/** Find the columns of the variables, objectives and limits by their names, and read all rows. A
 * row with an empty outcome is an evaluation that failed. Rows whose design is not one of the
 * problem are left out, and of rows with the same design all but the first. \param [in] problem
 * variables, objectives and limits; borrowed \param [in] table    borrowed during the call \return
 * STATUS_OK; STATUS_INPUT: a column is missing, a field is neither empty nor a number (or a
 * category of that variable), no row is left; STATUS_MEMORY */
enum status replay_create(const struct propose_problem *problem, const struct table *table,
                          struct replay **made, struct status_why *why);
void replay_destroy(struct replay *r);

/** Rows that are left, as results; the number of each is its place here. Borrowed. */
size_t replay_n(const struct replay *r);
const struct propose_result *replay_results(const struct replay *r);

/** Whether the table has a design: for propose_problem, with the replay as context.
 * \param [in] values  [n_variables] */
bool replay_allows(const void *replay, const double values[]);

/** The evaluator, which borrows \a r. */
struct driver_evaluator replay_evaluator(struct replay *r);

#endif
