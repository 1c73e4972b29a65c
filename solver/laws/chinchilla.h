/** \file chinchilla.h
 * loss = E + A / params^alpha + B / tokens^beta: Hoffmann et al. 2022 (arXiv:2203.15556), approach
 * 3, eq. 2. docs/model.md M1.
 */
#ifndef SOLVER_LAWS_CHINCHILLA_H
#define SOLVER_LAWS_CHINCHILLA_H

#include "solver/laws/law.h"

extern const struct law chinchilla_law;

#endif
