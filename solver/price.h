/** \file price.h
 * What a choice buys, and what pays for it. A search finds every input that makes something better
 * and nothing worse, and runs to its end: such an answer is only as true as the law, corrections
 * and costs that read the input. Whether something pays is seen from the outcomes themselves, so it
 * is never listed by hand; the table below says only what kind of choice each input is
 * (docs/model.md M720 to M723).
 */
#ifndef SOLVER_PRICE_H
#define SOLVER_PRICE_H

#include <stdbool.h>
#include <stddef.h>

#include "solver/dependent.h"
#include "solver/design.h"
#include "solver/footprint.h"
#include "solver/predict.h"

enum price_kind {
    PRICE_FACT,        /**< of the work, the place or the model's shape: one value is no gain */
    PRICE_ALTERNATIVE, /**< things that exist, with all their figures: one may be best in all */
    PRICE_CHOICE /**< changes what the model can do: any value but the reference has a price */
};

/** In which direction an input makes outcomes better, law and corrections apart. */
enum price_side { PRICE_NEITHER, PRICE_LESS, PRICE_MORE, PRICE_EITHER };

struct price_row {
    enum price_kind kind;
    enum price_side cheap;
    const char *by; /**< keys of studies that make something pay, beside laws and corrections; NULL:
                       none */
};

const struct price_row *price_row(enum design_input input);

/** What designs are judged by. Borrows all. */
struct price_subject {
    const struct predict_model *model; /**< has passed predict_check */
    const struct hardware_catalogue *catalogue;
    const struct footprint_options *options;
    const struct dependent_list *dependents; /**< sorted */
};

/** All outcomes of a design. \param [out] outcome  [FOOTPRINT_N_OUTCOMES] NAN where it cannot be
 * computed */
void price_outcomes(const struct price_subject *s, const struct design *d, double outcome[]);

/** Inputs that any outcome of designs like \a d reads, with those that they follow from. */
design_set price_reads(const struct price_subject *s, const struct design *d);

/** Choices of a design that nothing pays for: with the input at its reference no outcome would be
 * better, or no outcome reads the input at all (M721). */
design_set price_unpaid(const struct price_subject *s, const struct design *d);

/** What is asked of designs: an outcome or an input, and which way is better. */
struct price_target {
    bool is_input;
    enum footprint_outcome outcome;
    enum design_input input;
    enum price_side better; /**< PRICE_LESS or PRICE_MORE; PRICE_EITHER: held, each way is worse */
};

/** Levels over which an input is chosen. */
struct price_axis {
    enum design_input input;
    size_t n;             /**< at least 1 */
    const double *values; /**< [n] */
};

/** An input that makes a target better and none worse. */
struct price_gain {
    bool is_free;
    size_t target; /**< that gets better */
    bool by_more;  /**< by the larger of two levels */
};

/** Whether an axis is free: over designs spread through the space, some of its levels make a target
 * better than others do and none makes any worse (M722). A number that has its best between two
 * levels is not. Deterministic.
 * \param [in] base     of the inputs that are no axis
 * \param [in] axes     [n_axes] at most DESIGN_N_INPUTS; \a axis is a position among them
 * \param [in] targets  [n_targets] at most PRICE_MOST_TARGETS */
enum { PRICE_MOST_TARGETS = 2 * FOOTPRINT_N_OUTCOMES };
struct price_gain price_weigh(const struct price_subject *s, const struct design *base,
                              size_t n_axes, const struct price_axis axes[], size_t axis,
                              size_t n_targets, const struct price_target targets[]);

/** Inputs whose effect a kind of correction, or a law, gives; params and tokens left out. */
design_set price_corrected(const struct correct_kind *kind);
design_set price_in_law(const struct law *law);

#endif
