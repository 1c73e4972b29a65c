/** \file survival.h
 * How long a device serves when some fail before they are retired: the expected years of service
 * are the integral of the survival function up to the lifespan planned (docs/model.md M170, M171).
 */
#ifndef SOLVER_SURVIVAL_H
#define SOLVER_SURVIVAL_H

/** Which survival function. */
enum survival_model {
    SURVIVAL_CONSTANT,    /**< every device serves its whole lifespan */
    SURVIVAL_EXPONENTIAL, /**< failures at a constant rate: Weibull of shape 1 */
    SURVIVAL_WEIBULL,     /**< failures that come with age: Weibull of a stated shape */
    SURVIVAL_N
};

const char *survival_name(int model);

/** Expected years of service of a device that is retired after \a lifespan_year.
 * \param [in] mean_year  mean life without retirement; > 0. \param [in] shape  of Weibull; > 0
 * \return at most \a lifespan_year and \a mean_year, increasing in the lifespan */
double survival_service_year(enum survival_model model, double lifespan_year, double mean_year,
                             double shape);

#endif
