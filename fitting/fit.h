/** \file fit.h
 * The one entry point of estimation: from observed runs to a law's numbers with their uncertainty.
 * Finds the optimum of the stated objective from many starts, says how many agree, resamples it
 * over ranks, and says which parameters the data identify. docs/model.md, Fitting.
 */
#ifndef FITTING_FIT_H
#define FITTING_FIT_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inputs/items.h"
#include "solver/base/status.h"
#include "solver/laws/law.h"
#include "solver/optimum.h"
#include "solver/support.h"

struct fit_parameter_option;
/** The bounds that hold for parameter \a i of a law: those said, else those of the law. */
void fit_bounds(const struct law *law, size_t i, const struct fit_parameter_option *option,
                double *lower, double *upper);
struct scatter;

/** What is minimised: the sum (never the mean) over runs of rho(residual). */
enum fit_objective { FIT_HUBER, FIT_LAD, FIT_LEAST_SQUARES };
enum fit_residual {
    FIT_LOG,
    FIT_LINEAR
}; /* ln response - ln predicted, or response -
     predicted */
enum fit_resampling { FIT_KEYED, FIT_NUMPY_MT19937 };

/** What a replicate resamples: runs, residuals on the fitted values, or whole groups of runs. */
enum fit_bootstrap { FIT_CASE, FIT_RESIDUAL, FIT_CLUSTER };

/** How the starts of a fit were chosen: a grid over the exponents, with all that is linear from
 * variable projection; a scrambled Sobol sequence over them; or the study's own levels, each
 * crossed with one of these over the exponents that it does not name. */
enum fit_design { FIT_GRID, FIT_SOBOL, FIT_STUDY_GRID };

/** What minimises from a start; fitting/minimise/general.h. */
enum fit_solver { FIT_NEWTON, FIT_NLOPT };

const char *fit_design_name(enum fit_design d);
const char *fit_solver_name(enum fit_solver s);
const char *fit_objective_name(enum fit_objective o);
const char *fit_residual_name(enum fit_residual r);
const char *fit_resampling_name(enum fit_resampling r);
const char *fit_bootstrap_name(enum fit_bootstrap b);

/** Observations; all borrowed. */
struct fit_data {
    size_t n;
    const double *x[LAW_MAX_INPUTS]; /**< [n] in the order and form of the law's inputs; NULL where
                                        not known */
    const double *response;          /**< [n] finite; > 0 where residuals are logarithmic */
    const double *weight;            /**< [n] > 0, of each row in the sum; NULL: 1 each */
    const double *error; /**< [n] > 0, standard error of each response, in its unit: residuals are
                            divided by it, relative to the response where they are logarithmic;
                            delta is then in standard errors. NULL: unknown */
};

/** Most starts of a fit, most levels of a parameter among them, most optima listed. */
enum { FIT_MAX_STARTS = 100000, FIT_MAX_LEVELS = 16, FIT_MAX_OPTIMA = 8 };

/** What the study says of one parameter beside the law; all zero: nothing. Natural values. */
struct fit_parameter_option {
    bool fixed;
    double value; /**< of a fixed parameter; may lie outside the bounds of the law, and be 0 */
    bool tied;
    size_t tied_to; /**< equal to this parameter, which has the same transform and is not tied */
    bool bounded;
    double lower, upper; /**< each instead of the law's, narrower or wider; NAN: the law's. 0 is
                            allowed where theta is a logarithm (LAW_LOG_ZERO) */
    double prior_mean;
    double prior_sd; /**< > 0: Gaussian prior, fitting/minimise/prior.h; 0: none */
    size_t n_levels; /**< values at which starts have it; 0: as the law says */
    double levels[FIT_MAX_LEVELS];
};

struct fit_options {
    const struct law *law;
    enum fit_objective objective;
    enum fit_residual residual;
    double delta;           /**< of Huber, in units of the residual */
    double over_prediction; /**< factor of rho where the law predicts too much; 0 stands for 1 */
    struct fit_parameter_option parameters[LAW_MAX_PARAMETERS];
    double prior_noise; /**< standard deviation of the residuals that scales the priors; 0: the
                           robust one of a fit without them, which then stands here in the fit */
    size_t n_starts;    /**< points of a Sobol sequence over the exponents without levels, each a
                           start; 0: as many as their number asks for, fitting/minimise/start.h */
    enum fit_solver solver;
    uint64_t seed;
    size_t n_replicates; /**< 0: no bootstrap */
    enum fit_resampling resampling;
    enum fit_bootstrap bootstrap;
    const size_t *cluster; /**< [n] group of each observation, in [0, n_clusters), for
                              FIT_CLUSTER; borrowed, and NULL in the fit made */
    size_t n_clusters;     /**< at least 2 for FIT_CLUSTER */
    bool profile;          /**< follow the profile of every figure, fitting/uncertainty/profile.h */
    double confidence;     /**< of the intervals */
    double target_compute_flop; /**< N*, D* and loss are reported there with intervals; 0: at the
                                   largest compute of the data, which then stands here in the fit */
};

/** How one local minimisation ended. */
enum fit_reason {
    FIT_CONVERGED, /**< step and gradient below tolerance */
    FIT_STALLED,   /**< no further decrease in floating point */
    FIT_LIMIT,     /**< evaluation limit */
    FIT_DIVERGED   /**< non-finite value; never the best */
};
const char *fit_reason_name(enum fit_reason r);

/** One start's end. theta in transformed values. */
struct fit_start {
    double start[LAW_MAX_PARAMETERS], theta[LAW_MAX_PARAMETERS];
    double objective;
    enum fit_reason reason;
    enum fit_solver solver; /**< whose end this is */
    enum fit_reason newton; /**< how Newton's method ended, which decides whether NLopt is asked */
    size_t n_evaluations;
};

/** An optimum that starts reached. theta in transformed values. */
struct fit_optimum {
    double objective;
    size_t n_starts; /**< that ended there */
    double theta[LAW_MAX_PARAMETERS];
};

/** An estimate with its interval; NAN where not computed, or where the data set no limit. The
 * interval is by the profile where there is one, else by the replicates, else by the covariance
 * (docs/model.md M78); fit_interval_source tells. The standard error is never by the profile. */
struct fit_interval {
    double value, standard_error, lower, upper;
};

/** How well the data know a parameter; one that the study fixed they are not asked. */
enum fit_verdict { FIT_IDENTIFIED, FIT_WEAK, FIT_NOT_IDENTIFIED, FIT_HELD };
const char *fit_verdict_name(enum fit_verdict v);

/** How one side of a profile ends (docs/model.md M700). Only the first two say something about the
 * data: a limit, or that the curve stays below the threshold to a stated far distance. */
enum fit_end {
    FIT_END_LIMIT,
    FIT_END_FLAT,
    FIT_END_AT_BOUND,     /**< the bounds of the parameters let the figure go no further */
    FIT_END_NOT_FOLLOWED, /**< the minimisation failed: nothing is known beyond */
    FIT_END_FIXED,
    FIT_N_ENDS
};
const char *fit_end_name(enum fit_end e);

/** Profile of one figure: the objective minimised over all else while the figure has a value. */
enum { FIT_PROFILE_POINTS = 17 };
struct fit_profile {
    enum fit_end lower_end, upper_end;
    double lower, upper;                     /**< NAN where the side ends otherwise */
    double threshold;                        /**< rise of the objective at the limits */
    double bootstrap_lower, bootstrap_upper; /**< what the replicates say instead; NAN if none */
    double value[FIT_PROFILE_POINTS], rise[FIT_PROFILE_POINTS]; /**< the curve, ascending, between
        the limits, and as far as it was followed where there is none; the middle is the optimum */
};

/** The figures that have profiles after the parameters: a, N*, D* and the loss at the target. */
enum { FIT_N_DERIVED = 4 };

/** The whole result; every rank holds it. Cleared by fit_clear. */
struct fit {
    const struct law *law;
    struct fit_options options;
    size_t n;                         /**< observations */
    double theta[LAW_MAX_PARAMETERS]; /**< transformed optimum */
    double objective;
    double gradient_norm; /**< of the objective in the free centred coordinates over the objective;
                             NAN for FIT_LAD, whose optimum is a vertex */
    double condition;     /**< of the (centred, column-scaled) Jacobian */
    bool at_bound[LAW_MAX_PARAMETERS];
    size_t n_starts;          /**< cold ones, from all over the usual range */
    size_t n_points;          /**< looked at to choose these; n_starts when none was left out */
    size_t n_near;            /**< starts around the best of their ends, after them in the array */
    struct fit_start *starts; /**< [n_starts + n_near] in start order */
    enum fit_design design;   /**< of the cold starts */
    size_t n_agree;           /**< cold starts within 1e-9 relative of the best objective */
    size_t n_near_agree;      /**< the same of those around */
    size_t n_fallback; /**< cold starts whose end is NLopt's because Newton's method failed */
    size_t n_optima;   /**< distinct ends that did not diverge */
    struct fit_optimum optima[FIT_MAX_OPTIMA]; /**< the best of them, ascending */
    double runner_up;  /**< next distinct optimum's objective; NAN if none */
    double ridge_rise; /**< greatest rise on the way to it, multistart_ridge; NAN if none */
    struct fit_interval natural[LAW_MAX_PARAMETERS];
    double covariance[LAW_MAX_PARAMETERS
                      * LAW_MAX_PARAMETERS]; /**< of natural values, fitting/covariance.h,
                                                [n_parameters][n_parameters]; NAN if singular and
                                                for parameters at a bound */
    size_t n_replicates;
    double *replicates;           /**< [n_replicates][n_parameters] natural values; NULL if none */
    double *replicate_objectives; /**< [n_replicates] */
    bool replicates_robust;    /**< each was solved from several starts, because too few solutions
                                  from the optimum alone stood the check */
    size_t n_replicates_agree; /**< of those checked, where the check from a grid of starts found
                                  nothing lower */
    size_t n_replicates_checked;
    size_t n_profiles; /**< 0, n_parameters, or n_parameters + FIT_N_DERIVED with an optimum */
    struct fit_profile *profiles; /**< [n_profiles]; NULL if none */
    enum fit_verdict verdicts[LAW_MAX_PARAMETERS];
    double eigenvalues[LAW_MAX_PARAMETERS]; /**< of the scaled Fisher information, descending */
    bool identified;    /**< the law as a whole: no parameter is FIT_NOT_IDENTIFIED */
    char sentence[640]; /**< the verdict in plain words; always set */
    bool has_optimum;   /**< the two below are meaningful */
    struct fit_interval exponent_params; /**< a */
    struct fit_interval optimum_params, optimum_tokens,
        optimum_loss_nat; /**< at target_compute_flop */
    double noise_floor;   /**< robust standard deviation of the residuals (1.4826 MAD); of the
                             residuals in standard errors where these are known, about 1 if they are
                             right; weights do not enter it */
    double lower[LAW_MAX_INPUTS],
        upper[LAW_MAX_INPUTS]; /**< [n_inputs] range of the observations, natural units */
    struct scatter *scatter; /**< of new runs around the law, fitting/uncertainty/scatter.h; NULL in
                                a fit read from a file that has none */
    struct support *support; /**< their hull in the inputs of the law; NULL in a fit read from a
                                file that has none */
};

/** What the intervals of \a f are by: "profile", "bootstrap" or "covariance". */
const char *fit_interval_source(const struct fit *f);

/** Restart hooks; NULL members are fine. A bootstrap item is a batch of FIT_BATCH replicates, first
 * of the warm pass and then of the robust one, which may not be needed. */
enum { FIT_BATCH = 64, FIT_PASSES = 2 };
struct fit_restart {
    const unsigned char *done; /**< [FIT_PASSES][batches] nonzero: results below hold it */
    const double *results;     /**< [FIT_PASSES][n_replicates][n_parameters + 1] natural values and
                                  objective of the done batches, as recorded: the objective is
                                  negative where a check beat the solution */
    enum status (*record)(void *context, size_t item, const double results[], size_t n_values,
                          struct status_why *why);
    void *context;
    struct items *items; /**< of the starts and the profiles, inputs/items.h; NULL: they are not
                            recorded */
};

/** Fit a law.
 * Collective over \a comm; the same result on every rank and for any number of ranks.
 * \param [in] restart  NULL: no restart
 * \return STATUS_OK; STATUS_INPUT (no more rows than parameters, or fewer distinct inputs: says how
 * many; an input that the law reads is not in the data; a row outside the law's domain or without a
 * positive loss; an option out of range); STATUS_NO (no start led to a finite value);
 * STATUS_CHECKPOINTED; STATUS_MEMORY; agreed on */
enum status fit_run(MPI_Comm comm, const struct fit_data *data, const struct fit_options *options,
                    const struct fit_restart *restart, struct fit *made, struct status_why *why);
void fit_clear(struct fit *f);

#endif
