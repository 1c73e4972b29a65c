/** \file kaplan.h
 * loss = [(Nc/params)^(aN/aD) + Dc/tokens]^aD: Kaplan et al. 2020 (arXiv:2001.08361), eq. 1.5, with
 * parameters counted without embeddings. docs/model.md M3.
 */
#ifndef SOLVER_LAWS_KAPLAN_H
#define SOLVER_LAWS_KAPLAN_H

#include "solver/laws/law.h"

extern const struct law kaplan_law;

#endif
