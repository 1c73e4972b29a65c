/** \file plausible.h
 * What looks wrong in data that can be read: units forgotten, columns that contradict each other,
 * rows that are there twice. A table of checks, each with its threshold; what one finds is a
 * warning, one line with its name and how many rows it is about, on standard error and in the
 * result file. The key `accept` of a study names checks whose finding is right as it is.
 */
#ifndef INPUTS_PLAUSIBLE_H
#define INPUTS_PLAUSIBLE_H

#include <stdbool.h>
#include <stddef.h>

#include "inputs/runs.h"
#include "inputs/study/study.h"
#include "solver/hardware.h"

/** The checks: code, name in `accept`, threshold, and what is compared with it. */
#define PLAUSIBLE_CHECKS(X)                                                                        \
    X(PLAUSIBLE_COMPUTE, "compute_ratio", 2, "compute / (6 params tokens), or its inverse")        \
    X(PLAUSIBLE_PARAMS, "small_params", 1e5, "largest params")                                     \
    X(PLAUSIBLE_TOKENS, "small_tokens", 1e6, "largest tokens")                                     \
    X(PLAUSIBLE_PERPLEXITY, "perplexity", 12, "median loss in nat")                                \
    X(PLAUSIBLE_BITS, "bits", 0.5, "median loss in nat, or a column named after bits")             \
    X(PLAUSIBLE_EQUAL_ROWS, "equal_rows", 1, "rows that repeat another in all that is read")       \
    X(PLAUSIBLE_SPREAD, "input_spread", 0.03, "spread of the response among rows of one input")    \
    X(PLAUSIBLE_OUTLIER, "outlier", 10, "residual of a row in noise floors")                       \
    X(PLAUSIBLE_SPLIT, "residual_split", 0.5, "intraclass correlation of the residuals")           \
    X(PLAUSIBLE_LOW_MFU, "low_mfu", 0.01, "MFU computed of a run")                                 \
    X(PLAUSIBLE_HALF_DEVICES, "half_devices", 0.5, "twice the MFU of devices that hold two dies")  \
    X(PLAUSIBLE_PEAK, "peak_per_watt", 1.25, "peak per watt over the best of the shipped devices")

enum plausible_check {
#define PLAUSIBLE_ENUM(code, name, threshold, compared) code,
    PLAUSIBLE_CHECKS(PLAUSIBLE_ENUM)
#undef PLAUSIBLE_ENUM
        PLAUSIBLE_N
};

const char *plausible_name(enum plausible_check c);
double plausible_threshold(enum plausible_check c);

/** One line. */
struct plausible_finding {
    enum plausible_check check;
    bool is_note; /**< worth knowing, and not suspected: kept in the file, not on standard error */
    size_t n;     /**< rows, or columns, that it is about */
    char text[480];
};

/** What was found: at most one warning of each check, and notes. */
enum { PLAUSIBLE_MOST = 2 * PLAUSIBLE_N };
struct plausible {
    size_t n;
    struct plausible_finding all[PLAUSIBLE_MOST];
};

/** \return STATUS_OK, or STATUS_INPUT: the study accepts what is no check */
enum status plausible_check_accepted(const struct study *study, struct status_why *why);

/** Whether the study takes the findings of a check as right. */
bool plausible_is_accepted(const struct study *study, enum plausible_check c);

/** Last part of a path: findings are part of a result, which must not depend on the folder in which
 * the program runs. Borrowed from \a path. */
const char *plausible_file(const char *path);

/** Add a warning, and print it once per run of the program; does nothing where the study accepts
 * the check. */
void plausible_warn(const struct study *study, struct plausible *list, enum plausible_check c,
                    size_t n, const char *format, ...) __attribute__((format(printf, 5, 6)));

/** Add a note. */
void plausible_note(struct plausible *list, enum plausible_check c, size_t n, const char *format,
                    ...) __attribute__((format(printf, 4, 5)));

/** Checks of the rows in use. \param [in] law  that is fitted to them
 * \return STATUS_OK or STATUS_MEMORY */
enum status plausible_runs(const struct study *study, const struct runs *runs,
                           const struct law *law, struct plausible *list, struct status_why *why);

/** Checks of the devices and observed runs that a study adds to the shipped ones.
 * \param [in] folder  of the shipped tables, whose rows are not suspected */
void plausible_catalogue(const struct study *study, const struct hardware_catalogue *c,
                         const char *folder, struct plausible *list);

/** The findings as text, a line each: `name: count: sentence`. \param [out] text  new; NULL without
 * memory; the caller frees it */
char *plausible_text(const struct plausible *const lists[], size_t n_lists);

#endif
