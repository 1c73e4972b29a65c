/** \file allocate.h
 * The best value of one outcome over a few continuous variables, with limits on other outcomes: the
 * compute-optimal model, and all inverse questions. The problem is a callback: this module knows no
 * footprint. Three ways give the same answer: a closed form where the problem has one, nested
 * one-dimensional searches, and NLopt from many starts; docs/model.md M230 to M235.
 */
#ifndef SEARCH_ALLOCATE_H
#define SEARCH_ALLOCATE_H

#include <stdbool.h>
#include <stddef.h>

#include "solver/base/status.h"

enum { ALLOCATE_MAX_VARIABLES = 8, ALLOCATE_MAX_LIMITS = 12, ALLOCATE_MAX_NESTED = 2 };

/** A variable moves between its bounds, both included; evenly in its logarithm if that is said. */
struct allocate_variable {
    double lower, upper; /**< finite, lower < upper; positive when logarithmic */
    bool logarithmic;
};

/** An outcome stays inside bounds, both included: -INFINITY and INFINITY where there is none; equal
 * bounds make an equation. */
struct allocate_limit {
    double lower, upper;
};

struct allocate_problem {
    size_t n_variables; /**< 0: the values at the one point there is are the answer */
    struct allocate_variable variables[ALLOCATE_MAX_VARIABLES];
    size_t n_limits;
    struct allocate_limit limits[ALLOCATE_MAX_LIMITS];
    bool maximise;
    bool logarithmic; /**< the objective is positive and is searched in its logarithm */
    /** Values at a point inside the bounds. \param [in] x  [n_variables]; \param [out] values  [1 +
     * n_limits] the objective, then the limited outcomes; NAN where there is none */
    void (*evaluate)(const void *context, const double x[], double values[]);
    /** The optimum if only the objective and the first limit mattered; NULL: no closed form.
     * \param [out] x  [n_variables]; \return false: none here */
    bool (*closed_form)(const void *context, double x[]);
    const void *context; /**< not owned */
};

enum allocate_method {
    ALLOCATE_AUTO,        /**< the first of the others that applies */
    ALLOCATE_CLOSED_FORM, /**< checked against bounds and limits */
    ALLOCATE_BRENT,       /**< nested one-dimensional searches; at most ALLOCATE_MAX_NESTED */
    ALLOCATE_NLOPT        /**< SLSQP from many starts, COBYLA where it fails, ISRES for a start */
};

const char *allocate_method_name(enum allocate_method m);

enum allocate_reason {
    ALLOCATE_SOLVED,
    ALLOCATE_INFEASIBLE, /**< no point meets the limits; x is the one found that misses them least
                          */
    ALLOCATE_NO_METHOD   /**< the method asked for does not apply */
};

struct allocate_answer {
    enum allocate_reason reason;
    enum allocate_method method;
    double x[ALLOCATE_MAX_VARIABLES];
    double values[1 + ALLOCATE_MAX_LIMITS]; /**< as evaluate gives them */
    double residual;   /**< largest violation of a limit, relative to it; 0 when all are kept */
    unsigned at_lower; /**< bit i: variable i ends on its lower bound */
    unsigned at_upper;
    unsigned binding; /**< bit k: limit k holds with equality */
    unsigned flat;    /**< bit i: variable i moves along a direction that changes nothing to second
                         order; only known when polished */
    bool is_polished; /**< Newton's method on the conditions of an optimum has converged */
    size_t n_starts, n_agree; /**< of NLopt: starts, and how many reach this value to 1e-6 */
    size_t evaluations;
};

/** Solve. Not collective; deterministic.
 * \return STATUS_OK, also when infeasible; STATUS_LIBRARY or STATUS_MEMORY */
enum status allocate_solve(const struct allocate_problem *p, enum allocate_method method,
                           struct allocate_answer *answer, struct status_why *why);

/** Solve a problem that differs little from one with a known answer, by Newton's method from there;
 * when that leads nowhere or the binding limits change, solve anew. */
enum status allocate_follow(const struct allocate_problem *p, const struct allocate_answer *near,
                            struct allocate_answer *answer, struct status_why *why);

/** Why there is no answer: the value nearest to limit \a k that can be reached while all other
 * limits are kept. ALLOCATE_INFEASIBLE: the others alone cannot be kept.
 * \param [in]  failed  the answer of \a p
 * \param [out] answer  its values are those of \a p */
enum status allocate_relax(const struct allocate_problem *p, const struct allocate_answer *failed,
                           size_t k, struct allocate_answer *answer, struct status_why *why);

#endif
