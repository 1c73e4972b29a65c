/** \file inquiry.h
 * Binds a question of a study to search/allocate: which inputs move and between which bounds, which
 * outcomes are wanted, and one case for each combination of levels that the question depends on.
 */
#ifndef JOBS_INQUIRY_H
#define JOBS_INQUIRY_H

#include <stdbool.h>

#include "jobs/allocation.h"
#include "search/allocate.h"

/** A question bound; plain data that borrows the study and the allocation. */
struct inquiry {
    const struct study_question *question;
    const struct allocation *allocation;
    size_t n_variables;
    enum design_input variables[ALLOCATE_MAX_VARIABLES];
    struct allocate_variable ranges[ALLOCATE_MAX_VARIABLES];
    size_t n_limits; /**< on outcomes: those of the question, then the study's constraints */
    struct {
        enum footprint_outcome outcome;
        double lower, upper; /**< NAN: the value of the design as given */
    } limits[ALLOCATE_MAX_LIMITS];
    size_t n_axes;
    size_t axes[SPACE_MAX_AXES]; /**< [n_axes] of allocation->space, whose levels make the cases */
    size_t n_cases, n_scenarios; /**< cases / scenarios is the number that compete */
    struct design base;
};

/** One combination of levels, and the model that judges it; the context of an allocate_problem. */
struct inquiry_case {
    const struct inquiry *inquiry;
    const struct predict_model *model;
    struct design base; /**< all but the variables; these as the study gives them, if it does */
    struct allocate_limit limits[ALLOCATE_MAX_LIMITS]; /**< [inquiry->n_limits] */
};

/** Bind. Not collective.
 * \return STATUS_OK; STATUS_INPUT: an input that moves twice, is limited without moving, is needed
 * and not given; too many variables or cases */
enum status inquiry_make(const struct allocation *a, const struct study_question *question,
                         struct inquiry *made, struct status_why *why);

/** Levels on the axes of a case. \param [out] levels  [n_axes] */
void inquiry_levels(const struct inquiry *q, size_t index, size_t levels[]);

/** The index-th case; those of one scenario are consecutive. */
struct inquiry_case inquiry_case_at(const struct inquiry *q, size_t index,
                                    const struct predict_model *model);

/** Which figure of the catalogue a case lacks.
 * \return STATUS_OK: none; else STATUS_INPUT with file, line and column, or with a limit that the
 * design as given has no value for */
enum status inquiry_explain(const struct inquiry_case *c, struct status_why *why);

/** What the loss of a case stays above, however large params and tokens are: the part of the law
 * that reads neither (M230). NAN when the law is no sum of such a part and falling powers of them.
 */
double inquiry_floor(const struct inquiry_case *c);

/** The problem of a case, which borrows it. */
struct allocate_problem inquiry_problem(const struct inquiry_case *c);

/** Refuse a question whose moving inputs, or competing levels, make something better and nothing
 * that is asked for worse, unless the study accepts it (docs/model.md M722). Collective over \a
 * comm, as pricing_check. \param [out] accepted  as pricing_check */
enum status inquiry_price(MPI_Comm comm, const struct inquiry *q, design_set *accepted,
                          struct status_why *why);

/** The design at a point. */
struct design inquiry_design(const struct inquiry_case *c, const double x[]);

/** Whether an outcome is read by a question, as its objective or in a limit. */
bool inquiry_reads(const struct inquiry *q, enum design_input input);

#endif
