/** \file layout.h
 * A problem with tables as options times a core: the decision axes with the most levels are the
 * core, over which boxes are cut; the combinations of the others are options. An option whose
 * tables are nowhere better than those of another one, whatever the core, can be left out: no
 * configuration of it would be on the frontier (docs/model.md M45).
 */
#ifndef SEARCH_EXACT_LAYOUT_H
#define SEARCH_EXACT_LAYOUT_H

#include "search/problem.h"

enum { LAYOUT_MOST_OPTIONS = 4096 };

struct layout {
    const struct problem *problem;       /**< not owned */
    size_t n_core, core[SPACE_MAX_AXES]; /**< positions of axes, increasing */
    size_t n_rest, rest[SPACE_MAX_AXES]; /**< of the other decision axes */
    uint64_t weight[SPACE_MAX_AXES];     /**< configurations from level to level of every axis */
    uint64_t n_options;
};

/** Choose the core. \param [in] problem  with tables */
void layout_make(const struct problem *problem, struct layout *l);

/** Set the levels of the scenario axes, and those of the rest. \param [out] levels  [n_axes] */
void layout_scenario(const struct layout *l, uint64_t scenario, size_t levels[]);
void layout_option(const struct layout *l, uint64_t option, size_t levels[]);

/** Global index of a configuration. */
uint64_t layout_index(const struct layout *l, const size_t levels[]);

/** Whether less, or more, of an outcome helps: what it is minimised or limited by, a bit each. */
enum { LAYOUT_LESS = 1, LAYOUT_MORE = 2 };
unsigned layout_wanted(const struct problem *problem, size_t outcome);

/** The options of a scenario level that can be on its frontier.
 * \param [out] options  new array [*n], ascending; the caller frees it
 * \return STATUS_OK or STATUS_MEMORY */
enum status layout_survivors(const struct layout *l, uint64_t scenario, uint32_t **options,
                             size_t *n, struct status_why *why);

/** Ranges of one objective into which the search of a scenario level is cut, an item each: few for
 * a small space, where each would hold little. */
size_t layout_n_ranges(const struct space *space);

#endif
