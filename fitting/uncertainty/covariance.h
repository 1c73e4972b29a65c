/** \file covariance.h
 * Standard errors from one fit, without resampling: the sandwich covariance of an M-estimator,
 * B^-1 M B^-1 with M = sum psi^2 J^T J and B = sum psi' J^T J over the observations (Huber 1967,
 * White 1980). It lets the noise differ between observations, as it does between small and large
 * models. Where psi' says nothing at the few residuals inside delta, the density of residuals near
 * zero stands for it (Powell 1991). docs/model.md M37, M38.
 */
#ifndef FITTING_UNCERTAINTY_COVARIANCE_H
#define FITTING_UNCERTAINTY_COVARIANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "fitting/minimise/objective.h"

/** Covariance of the natural values at \a z.
 * \param [in]  residual    [o->n] at z; \param [in] noise  robust deviation of these
 * \param [out] covariance  [p][p]; all NAN where the information is singular, and the rows and
 * columns of parameters at a bound NAN */
void covariance_find(const struct objective *o, const double z[], const double residual[],
                     double noise, const bool at_bound[], double covariance[]);

/** How many parameters the data determine beside the priors, trace(B^-1 B_data): as many as move
 * without priors, fewer the more these say; one for each that stands on a bound (M77).
 * \param [in] residual, noise, at_bound  as covariance_find
 * \return NAN where the information is singular */
double covariance_effective(const struct objective *o, const double z[], const double residual[],
                            double noise, const bool at_bound[]);

/** Standard error of a function of the natural values by its gradient, taken by central
 * differences. \param [in] value  the function; NAN allowed \return NAN if unknown */
double covariance_of(const struct law *law, const double natural[], const double covariance[],
                     double (*value)(const struct law *law, const double natural[], void *context),
                     void *context);

#endif
