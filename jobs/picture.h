/** \file picture.h
 * The two pictures of a result: the frontier, and the fit.
 */
#ifndef JOBS_PICTURE_H
#define JOBS_PICTURE_H

#include "fitting/approach/isoflop.h"
#include "fitting/fit.h"
#include "inputs/h5.h"
#include "jobs/selection.h"

/** Draw FOLDER/frontier.svg and .png: the first objective against up to three others, a colour a
 * scenario level. \param [out] is_drawn  false: there is one objective alone */
enum status picture_frontier(const struct selection *s, const char *folder, bool *is_drawn,
                             struct status_why *why);

/** Draw FOLDER/fit.svg and .png: observed losses with the law's best at each compute, the
 * residuals, and the parabolas of approach 2. Reads the observations from the file; draws nothing
 * when it holds none. \param [in] isoflop  n_curves = 0: none \param [out] is_drawn */
enum status picture_fit(struct h5 *file, const struct fit *f, const struct isoflop *isoflop,
                        const char *folder, bool *is_drawn, struct status_why *why);

#endif
