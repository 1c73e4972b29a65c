/** \file scatter.h
 * How new runs scatter around a law: the residuals of its runs, each divided by what the fit left
 * of it (leverage) and by the scatter of the runs of its size, so that all are one sample; and the
 * quantiles of a residual of that sample on top of an error of the law. docs/model.md M712 to M715.
 */
#ifndef FITTING_UNCERTAINTY_SCATTER_H
#define FITTING_UNCERTAINTY_SCATTER_H

#include <stdbool.h>
#include <stddef.h>

#include "fitting/minimise/objective.h"
#include "solver/base/status.h"

/** Most groups of runs by predicted response, and runs that each has at least. */
enum { SCATTER_MAX_GROUPS = 4, SCATTER_GROUP = 50 };

/** Open, so that it can be written; made by scatter_find or scatter_create. */
struct scatter {
    bool is_log;      /**< residuals are of logarithms */
    size_t n;         /**< runs */
    size_t n_free;    /**< parameters that the fit moved, below n */
    double *fitted;   /**< [n] ascending, predicted response */
    double *residual; /**< [n] observed less predicted, studentised, in standard errors */
    double *error;    /**< [n] standard error of the residual, 1 where not known */
    double *sample;   /**< [n] the same residuals over the scale of their group, ascending */
    size_t n_groups;
    double centre[SCATTER_MAX_GROUPS]; /**< median ln fitted of each group, ascending */
    double
        log_scale[SCATTER_MAX_GROUPS]; /**< ln of the absolute residual of which 68 % are below */
};

/** From the columns of a file; they are copied, in any order.
 * \return STATUS_OK; STATUS_INPUT: no more runs than \a n_free, or a value that is not finite;
 * STATUS_MEMORY */
enum status scatter_create(bool is_log, size_t n, size_t n_free, const double fitted[],
                           const double residual[], const double error[], struct scatter **made,
                           struct status_why *why);

/** Residuals of the runs at the optimum \a z. \return as scatter_create */
enum status scatter_find(const struct objective *o, const double z[], const bool at_bound[],
                         struct scatter **made, struct status_why *why);
void scatter_destroy(struct scatter *s);

/** One standard deviation of a new run whose predicted response is \a fitted, in the unit of the
 * residuals: by interpolation between the groups, and that of the end group beyond them. */
double scatter_scale(const struct scatter *s, double fitted);

/** Quantiles of a new run around the law, in units of scatter_scale, for ratios of the error of the
 * law to it. */
enum { SCATTER_RATIOS = 33 };
struct scatter_table {
    double z;                                            /**< normal quantile of the tail, > 0 */
    double lower[SCATTER_RATIOS], upper[SCATTER_RATIOS]; /**< over 1 + ratio */
};
enum status scatter_tabulate(const struct scatter *s, double confidence, struct scatter_table *made,
                             struct status_why *why);

/** The interval of a new run.
 * \param [in] fitted, mean_lower, mean_upper  of the law, positive where residuals are of
 * logarithms \param [out] lower, upper  outside those of the mean */
void scatter_interval(const struct scatter *s, const struct scatter_table *t, double fitted,
                      double mean_lower, double mean_upper, double *lower, double *upper);

#endif
