/** \file answers.h
 * The answers to one question: a line each for the terminal, everything for other programs.
 */
#ifndef JOBS_ANSWERS_H
#define JOBS_ANSWERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "fitting/fit.h"
#include "jobs/inquiry.h"
#include "jobs/model.h"

/** The answer for one combination of levels; plain data without pointers, so that ranks can
 * exchange it. */
struct answers_case {
    bool is_absent; /**< the catalogue lacks a figure: the option is left out */
    bool is_best;   /**< of its scenario */
    struct allocate_answer found;
    char reason[320];              /**< what is absent, or why there is no answer */
    size_t n_replicates, n_solved; /**< of the fit: asked, and with an answer */
    struct fit_interval objective, variables[ALLOCATE_MAX_VARIABLES]; /**< when n_solved > 1 */
};

/** All cases of one question. */
struct answers {
    struct inquiry inquiry;
    struct answers_case *cases; /**< [inquiry.n_cases] */
};

/** Print a question and its answers: the best of each scenario on a line, the others below it. */
void answers_print(FILE *to, const struct answers *a, const struct model *m);

/** The same and all outcomes of each design; the caller owns it. NULL: no memory */
json_t *answers_json(const struct answers *a, const struct model *m);

/** What a reader must know of an answer, as "params at its upper bound; extrapolated"; "" if
 * nothing. \param [out] text  [size] */
void answers_notes(const struct answers *a, size_t index, const struct model *m, char text[],
                   size_t size);

#endif
