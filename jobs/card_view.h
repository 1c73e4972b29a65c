/** \file card_view.h
 * A card for people, for programs (JSON), and as a row of a table (CSV).
 */
#ifndef JOBS_CARD_VIEW_H
#define JOBS_CARD_VIEW_H

#include <jansson.h>
#include <stdio.h>

#include "jobs/card.h"
#include "solver/laws/law.h"

/** Print a card, at most 100 columns wide.
 * \param [in] fit   NULL: the law was not fitted. \param [in] sets  [n_sets] published laws, whose
 * advice on batch and learning rate is printed */
void card_view_print(FILE *to, const struct card *c, const struct fit *fit,
                     const struct law_set sets[], size_t n_sets);

/** A card as an object; the caller owns the reference. NULL: no memory. */
json_t *card_view_json(const struct card *c);

/** The names of columns, and one row of them: the design, each outcome with its bounds, the mass of
 * each class of elements with its bounds and status, flags. */
void card_view_csv_head(FILE *to, const struct hardware_catalogue *catalogue);
void card_view_csv_row(FILE *to, const struct card *c);

#endif
