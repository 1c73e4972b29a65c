/** \file robust.h
 * The optimum of data that resemble others whose optima are known: a replicate, solved as surely as
 * from a whole grid of starts at a fraction of the cost. A few starts of different kinds are tried
 * in a fixed order until enough of them end at the lowest value found. docs/model.md M84, M85.
 */
#ifndef FITTING_MINIMISE_ROBUST_H
#define FITTING_MINIMISE_ROBUST_H

#include <stddef.h>

#include "fitting/minimise/objective.h"

/** Optima of the whole data from which a replicate starts, at most. */
enum { ROBUST_MOST_SEEDS = 4 };

/** How a search ended. */
struct robust_end {
    double objective; /**< infinity when nothing finite was found */
    size_t n_tried;   /**< minimisations */
    size_t n_agree;   /**< that ended at the objective, to MULTISTART_SAME */
};

/** Minimise from the best known optimum, directly and by continuation, from the other optima, then
 * from those points of a small design of starts that have the lowest objective, best first, each
 * by continuation and, while that does not take long, directly; stop after two points or more when
 * three ends agree, or after four; for least absolute deviations after twelve.
 * \param [in]  seeds  [n_seeds][n_parameters] coordinates of \a o, the best optimum first
 * \param [out] z      [n_parameters] the lowest end */
void robust_minimise(const struct objective *o, const double seeds[], size_t n_seeds, double z[],
                     struct robust_end *end);

/** Better \a z by all points of the design, each directly and by continuation: what
 * robust_minimise is checked against.
 * \param [in]     objective  at z; infinity when z is nothing yet
 * \return the objective at z */
double robust_check(const struct objective *o, double objective, double z[]);

#endif
