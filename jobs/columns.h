/** \file columns.h
 * What the rows of a frontier carry beyond axes and objectives: inputs that follow from others,
 * outcomes that do not compete, how far each constraint is from binding, and warnings.
 */
#ifndef JOBS_COLUMNS_H
#define JOBS_COLUMNS_H

#include "jobs/allocation.h"
#include "jobs/forecast.h"
#include "search/front/frontier_file.h"

/** Flags of the prediction, and those of the price. */
enum { COLUMNS_FLAG_PRECISION = PREDICT_N_FLAGS, COLUMNS_FLAG_UNPRICED, COLUMNS_N_FLAGS };

/** The mass of a class of elements has a typical value and bounds. */
enum { COLUMNS_OF_CLASS = 3 };

enum { COLUMNS_MOST_SLACKS = 2 * PROBLEM_MAX_CONSTRAINTS };

enum {
    COLUMNS_OF_LOSS = 5,
    COLUMNS_MOST = COLUMNS_OF_LOSS + DESIGN_N_INPUTS + FOOTPRINT_N_OUTCOMES
                   + COLUMNS_OF_CLASS * HARDWARE_MAX_CLASSES + COLUMNS_MOST_SLACKS
};

/** Writes the name of a column of a class: class_heavy_kg, or with _lo or _hi behind.
 * \param [in] side  0: typical, 1: lo, 2: hi. \param [out] name  [size], returned */
const char *columns_class_name(const struct hardware_class *class, size_t side, char name[],
                               size_t size);

/** Kilograms of a class in the lives of a device, unrounded as those of the outcome mass_kg; NAN
 * without a composition. \param [out] kg  typical, lo, hi */
void columns_class_mass(const struct hardware_catalogue *catalogue, const struct design *d,
                        double device_lifetime, int class, double kg[COLUMNS_OF_CLASS]);

/** One bound of a constraint. */
struct columns_slack {
    size_t constraint; /**< of the problem */
    bool is_upper;
    char name[SPACE_NAME_SIZE + 16], long_name[SPACE_NAME_SIZE + 32];
};

/** Open; borrows the allocation and the problem. The columns are the dependent inputs, the
 * outcomes, the extrapolation ratio and the intervals of the loss where these can be told, the
 * masses of classes, the slacks. */
struct columns {
    const struct allocation *allocation;
    const struct problem *problem; /**< that of the allocation, or of worst values */
    size_t n_dependents, n_outcomes, n_slacks, n;
    bool has_loss;
    struct forecast *forecast; /**< of the loss; NULL: no interval */
    enum design_input dependents[DESIGN_N_INPUTS];
    enum footprint_outcome outcomes[FOOTPRINT_N_OUTCOMES];
    struct columns_slack slacks[COLUMNS_MOST_SLACKS];
    struct {
        char name[HARDWARE_ID_SIZE + 16], long_name[192];
    } classes[COLUMNS_OF_CLASS * HARDWARE_MAX_CLASSES];
    struct frontier_file_column columns[COLUMNS_MOST]; /**< [n] */
    struct frontier_file_column flags[COLUMNS_N_FLAGS];
};

/** Choose those that the study allows to compute. \param [in] forecast  borrowed; NULL: there is no
 * fit. \param [out] c  stays where it is: its columns
 * point into it */
void columns_make(const struct allocation *a, struct forecast *forecast, struct columns *c);

/** The same for worst values, whose configurations have no level on some scenario axes: the
 * dependent inputs that read none of them, and the slacks. \param [in] problem  of search/worst.h
 */
void columns_make_worst(const struct allocation *a, const struct problem *problem,
                        struct columns *c);

/** Fill columns, those of worst values, and flags; \a context is a struct columns. As
 * frontier_file_fill. */
void columns_fill(const void *context, size_t n, const uint64_t configurations[], double values[]);
void columns_fill_worst(const void *context, size_t n, const uint64_t configurations[],
                        double values[]);
void columns_fill_flags(const void *context, size_t n, const uint64_t configurations[],
                        double values[]);

#endif
