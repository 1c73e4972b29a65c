/** \file outcomes.h
 * Named numbers in what a program wrote: one JSON object, or among other lines such as `loss =
 * 2.385`, `loss: 2.385` and JSON objects of one line. Of several values of a name the last counts.
 */
#ifndef SEARCH_BAYES_OUTCOMES_H
#define SEARCH_BAYES_OUTCOMES_H

#include <stddef.h>

#include "solver/base/status.h"

/** \param [in]  from    what the text is called in messages
 * \param [in]  text    [n]
 * \param [in]  names   [n_names]; other names are passed over
 * \param [out] values  [n_names] finite
 * \return STATUS_OK; STATUS_INPUT: a name without a value, or whose last one is no finite number;
 * STATUS_MEMORY */
enum status outcomes_read(const char *from, const char *text, size_t n, size_t n_names,
                          const char *const names[], double values[], struct status_why *why);

#endif
