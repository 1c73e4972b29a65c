/** \file parego.h
 * Expected improvement of an augmented Chebyshev scalarisation (ParEGO: Knowles 2006) under one
 * random set of weights a design: what stands for the hypervolume where a front has too many
 * objectives or points for its boxes. The objectives keep their own processes, of which the
 * scalarisation is a function (Daulton, Balandat and Bakshy 2020). docs/model.md M626.
 */
#ifndef SEARCH_BAYES_PAREGO_H
#define SEARCH_BAYES_PAREGO_H

#include <stddef.h>

#include "search/bayes/propose.h"
#include "solver/base/status.h"

/** Plain data. */
struct parego {
    size_t m;
    double weight[PROPOSE_MAX_OBJECTIVES]; /**< over the range between ideal and reference */
    double ideal[PROPOSE_MAX_OBJECTIVES];
    double best; /**< least scalarised value of the front; INFINITY without one */
};

/** \param [in]  seed, id          name the weights
 * \param [in]  points            [n][m] finite; n may be 0
 * \param [in]  ideal, reference  [m] */
void parego_init(struct parego *p, uint64_t seed, uint64_t id, size_t m, size_t n,
                 const double points[], const double ideal[], const double reference[]);

/** The scalarised value of a point. */
double parego_scalar(const struct parego *p, const double point[]);

/** ln of the expected improvement of \a n designs below the best, or below the reference where
 * there is none. \param [in] mean, sd  [n][m]; sd > 0 \param [out] value  [n] finite */
void parego_log(const struct parego *p, size_t n, const double mean[], const double sd[],
                double value[]);

#endif
