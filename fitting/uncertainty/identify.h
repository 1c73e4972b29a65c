/** \file identify.h
 * Which parameters the data determine. The Fisher information of the centred fit, its columns
 * scaled to length one, has eigenvalues near 0 in directions along which the parameters can move
 * together without changing the predictions; a parameter's independence is the part of its column
 * that no combination of the others imitates (docs/model.md M33 to M36).
 */
#ifndef FITTING_UNCERTAINTY_IDENTIFY_H
#define FITTING_UNCERTAINTY_IDENTIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "fitting/fit.h"
#include "fitting/minimise/objective.h"

/** Information at one point, in the coordinates z of the objective. */
struct identify {
    size_t p;
    double length[LAW_MAX_PARAMETERS]; /**< of the Jacobian's columns, before scaling */
    double scaled[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS];  /**< [p][p] J^T J of scaled columns */
    double eigenvalues[LAW_MAX_PARAMETERS];                  /**< descending; they sum to p */
    double vectors[LAW_MAX_PARAMETERS * LAW_MAX_PARAMETERS]; /**< [p][p] row k belongs to
                                                                eigenvalue k, largest element > 0 */
    double independence[LAW_MAX_PARAMETERS]; /**< in [0, 1]; 0: the others imitate it */
    double condition;                        /**< of the scaled Jacobian; inf if singular */
};

/** \return STATUS_OK or STATUS_MEMORY */
enum status identify_find(const struct objective *o, const double z[], struct identify *made,
                          struct status_why *why);

/** An eigenvalue below this part of the largest is a direction that the data do not see:
 * predictions change by less than 1e-5 of what the columns themselves do. */
#define IDENTIFY_BLIND 1e-10

/** What is known of one parameter, besides the information. */
struct identify_evidence {
    bool at_bound; /**< the optimum stands on a bound, or the parameter trades off with one that
                      does: its interval then holds only because of that bound */
    double bound_ratio;           /**< share of replicates at a bound; 0 without replicates */
    struct fit_interval interval; /**< of the natural value; bounds NAN if unknown */
};

/** Verdict on parameter \a i. Not identified: at a bound, or in a quarter of the replicates; or its
 * interval is unknown or wider than twice its value; or the data are blind in a direction in which
 * it takes part. Weak: at a bound in one replicate of forty, or the interval is wider than half the
 * value. A scale is its term extrapolated to one parameter or token, where its exponent makes up
 * for it: it is weak when its interval spans a factor of 10, and never lost for its width. */
enum fit_verdict identify_verdict(const struct law *law, size_t i, const struct identify *info,
                                  const struct identify_evidence *evidence);

/** Which parameters trade off in the direction of the smallest eigenvalue: those with at least .3
 * of the largest share, and with a power term's scale its exponent and the reverse, because at
 * centred inputs the two are one curve. \param [out] takes_part  [n_parameters] */
void identify_direction(const struct law *law, const struct identify *info, bool takes_part[]);

/** Names of the parameters marked: "alpha", "alpha and beta", "E, alpha and beta".
 * \param [out] text  [size] */
void identify_names(const struct law *law, const bool marked[], char text[], size_t size);

/** The verdict in plain words, from a fit that is otherwise complete. Sets f->sentence. */
void identify_describe(struct fit *f, const struct identify *info);

#endif
