/** \file summary.h
 * A fit in words and tables for the terminal, the same after `fit` and in `report`.
 */
#ifndef JOBS_SUMMARY_H
#define JOBS_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "fitting/approaches.h"
#include "fitting/fit.h"
#include "fitting/select.h"
#include "fitting/sensitivity.h"
#include "inputs/runs.h"
#include "search/front/multiples.h"

/** Data, objective, agreement of starts, optimum with intervals and what is said of each parameter.
 * \param [in] runs  the rows behind the fit; NULL when not at hand */
void summary_fit(FILE *to, const struct fit *f, const struct runs *runs);

/** What looks wrong in the data, plausible_text: a paragraph a line. Nothing for "". */
void summary_findings(FILE *to, const char *text);

/** Approaches 1 and 2: one line a curve, then all approaches side by side and the bias in words.
 * Prints nothing when there are none. */
void summary_approaches(FILE *to, const struct fit *f, const struct approaches *a);
/** Criteria, held-out errors, and how far the target lies beyond the runs. */
void summary_checks(FILE *to, const struct fit *f, const struct select *s);

/** The table of other choices. */
void summary_sensitivity(FILE *to, const struct sensitivity *s);

/** Several laws, a row each; `*` marks what is not worse than the lowest by more than its error. */
void summary_comparison(FILE *to, const struct fit fits[], const struct select of[],
                        const struct select_comparison *c);

/** Objectives that are another one times a constant, a line each, and which ones the quality of a
 * frontier is of; nothing when there are none. \param [in] m  [p->n_objectives] */
void summary_multiples(FILE *to, const struct problem *p, const struct multiple m[]);

/** The verdict in one line: what a summary ends with. */
void summary_verdict(FILE *to, const struct fit *f);

/** A text in lines of at most \a width columns, each behind \a indent blanks. */
void summary_wrap(FILE *to, const char *text, int indent, int width);

/** A number for people: 4 significant digits, with K, M, B, T for counts when \a counts; a whole
 * count below a million has all its digits.
 * \param [out] text  [size], returned */
const char *summary_number(double value, bool counts, char text[], size_t size);

#endif
