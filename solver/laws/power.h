/** \file power.h
 * loss = E + A / x^alpha in one input: Henighan et al. 2020 (arXiv:2010.14701), eq. 1.1, with the
 * scale written as a factor. docs/model.md M2.
 */
#ifndef SOLVER_LAWS_POWER_H
#define SOLVER_LAWS_POWER_H

#include "solver/laws/law.h"

extern const struct law power_law_params, power_law_tokens, power_law_compute;

#endif
