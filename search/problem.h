/** \file problem.h
 * What a search needs to know and nothing more: axes, objectives, constraints and a callback that
 * evaluates consecutive configurations. It knows no footprint: the same search runs on test
 * problems with known fronts.
 */
#ifndef SEARCH_PROBLEM_H
#define SEARCH_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "search/space.h"
#include "solver/tables.h"

enum { PROBLEM_MAX_OBJECTIVES = 8, PROBLEM_MAX_CONSTRAINTS = 16 };

/** A named outcome that competes. */
struct problem_objective {
    char name[SPACE_NAME_SIZE], unit[SPACE_NAME_SIZE], long_name[96];
    bool maximise;
};

/** A named outcome that must stay inside bounds, both included; -INFINITY and INFINITY where there
 * is none. NaN is outside of any bounds. */
struct problem_constraint {
    char name[SPACE_NAME_SIZE], unit[SPACE_NAME_SIZE];
    double lower, upper;
};

struct problem {
    const struct space *space; /**< not owned */
    size_t n_objectives;
    struct problem_objective objectives[PROBLEM_MAX_OBJECTIVES];
    size_t n_constraints;
    struct problem_constraint constraints[PROBLEM_MAX_CONSTRAINTS];
    /** Whether an outcome may be NaN, in the tables too: its configuration is undefined, as outside
     * the domain of a law, and infeasible whichever outcome it is. Where this is false, an
     * objective of NaN is an error as an infinite one always is. */
    bool is_partial;
    /** Values of configurations begin ... begin + n - 1. Must be deterministic, callable from any
     * rank, and finite for feasible configurations. \param [out] values  [n_objectives +
     * n_constraints][stride], objectives first, as they are (not negated) */
    void (*evaluate)(const void *context, uint64_t begin, size_t n, double values[], size_t stride);
    const void *context; /**< not owned */
    /** [n_objectives + n_constraints] the same values as tables over the axes of the space, with
     * the same bits, or NULL where not every outcome has that form; not owned. With them boxes of
     * configurations can be bounded (search/exact/branch.h) and problems taken apart
     * (search/exact/factor.h). */
    const struct tables_outcome *tables;
};

#endif
