/** \file forecast.h
 * The interval of a design's loss, twice: of the fitted mean, which says how well the law is known,
 * and of a new run, which scatters around it as the runs of the fit do. The same numbers on the
 * card, in answers and in the rows of a frontier. docs/model.md M712 to M715.
 */
#ifndef JOBS_FORECAST_H
#define JOBS_FORECAST_H

#include "fitting/fit.h"
#include "solver/predict.h"

/** Opaque: the replicates of a fit, the scatter of its runs, and intervals found before. */
struct forecast;

/** NAN where not known: the mean without replicates and without a covariance, a new run without the
 * residuals of the fit, which files before 0.2.0 do not hold. */
struct forecast_interval {
    double mean_lower, mean_upper, lower, upper;
};

/** \param [in] fit  borrowed. \param [in] confidence  of all intervals
 * \return STATUS_OK or STATUS_MEMORY */
enum status forecast_create(const struct fit *fit, double confidence, struct forecast **made,
                            struct status_why *why);
void forecast_destroy(struct forecast *f);

/** Whether intervals of new runs are known at all. */
bool forecast_has_new_run(const struct forecast *f);

/** Intervals of one design. The result does not depend on what was asked before; repeated designs
 * are found in a table. \param [in] m  the model of the fit, with its corrections */
void forecast_make(struct forecast *f, const struct predict_model *m, const struct design *d,
                   struct forecast_interval *made);

#endif
