/** \file space.h
 * The configurations of a search: the product of axes. A decision axis has levels that compete; a
 * scenario axis is not the planner's choice: there is one frontier a level and never a comparison
 * across. A configuration has one global index: scenario axes first (slowest), then decision axes,
 * each group in the order of the study, the last axis fastest. So index / n_decisions is the
 * scenario level.
 */
#ifndef SEARCH_SPACE_H
#define SEARCH_SPACE_H

#include <stddef.h>
#include <stdint.h>

#include "solver/base/status.h"

enum space_role { SPACE_DECISION, SPACE_SCENARIO };
enum space_kind { SPACE_NUMBER, SPACE_CATEGORY };

enum { SPACE_MAX_AXES = 16, SPACE_NAME_SIZE = 40 };

/** One axis; \a values and \a labels are owned by the space once added. */
struct space_axis {
    char name[SPACE_NAME_SIZE], unit[SPACE_NAME_SIZE];
    char long_name[96];
    enum space_role role;
    enum space_kind kind;
    size_t n;
    double *values; /**< [n] numbers, or category codes */
    char **labels;  /**< [n] names of categories; NULL for numbers */
};

/** Open struct; storage of the caller. */
struct space {
    size_t n_axes; /**< in index order: scenarios before decisions */
    struct space_axis axes[SPACE_MAX_AXES];
};

void space_init(struct space *s);
void space_clear(struct space *s);

/** Add an axis behind those of the same role; copies \a values and \a labels.
 * \return STATUS_OK, STATUS_MEMORY, or STATUS_INPUT (no level, too many axes, a name twice, more
 * than 1e18 configurations) */
enum status space_add(struct space *s, const struct space_axis *axis, struct status_why *why);

/** \a n levels from \a from to \a to, both included exactly, evenly or by a constant ratio (both
 * ends positive); n >= 1, and a single level is \a from. The same bits on every machine. \param
 * [out] values  [n] Source: docs/model.md (M40). */
void space_linear(double from, double to, size_t n, double values[]);
void space_log(double from, double to, size_t n, double values[]);

/** Numbers of configurations, of scenario levels and of configurations a scenario level; 1 for a
 * space without axes (of that role). */
uint64_t space_size(const struct space *s);
uint64_t space_n_scenarios(const struct space *s);
uint64_t space_n_decisions(const struct space *s);

/** Level on every axis of a configuration. \param [out] levels [n_axes] */
void space_levels(const struct space *s, uint64_t configuration, size_t levels[]);

/** A configuration as people read it: "params=1e+09, precision=fp8"; cut where \a size ends.
 * \param [out] text  [size] */
void space_describe(const struct space *s, uint64_t configuration, size_t size, char text[]);

#endif
