/** \file claim.h
 * What a paper says in one figure, as the model has it: an outcome of a design, or of a run that
 * was observed, alone or against another (docs/model.md M280 to M283).
 */
#ifndef SOLVER_CLAIM_H
#define SOLVER_CLAIM_H

#include "solver/footprint.h"
#include "solver/predict.h"

/** What was measured of a run, so that it need not be predicted, or what a figure asks for. */
enum claim_observed {
    CLAIM_DEVICE_HOUR,   /**< of all devices together */
    CLAIM_DURATION_HOUR, /**< of the fleet that the design names */
    CLAIM_TOKEN_RATE,    /**< tokens that a device serves in a second */
    CLAIM_ENERGY_KWH,    /**< PUE included */
    CLAIM_EQUIPMENT_KWH, /**< without PUE */
    CLAIM_INTERVAL_HOUR, /**< between two tokens of one answer */
    CLAIM_LOSS_NAT,      /**< a loss to be reached */
    CLAIM_GAIN,          /**< least gain for which one more sample is drawn */
    CLAIM_N_OBSERVED
};

/** "device_hour", "duration_hour", ... */
const char *claim_observed_name(enum claim_observed o);

/** Its unit, as inputs/text/quantity.h reads it. */
const char *claim_observed_unit(enum claim_observed o);

/** A design, what it is priced by, and what was observed of it. Borrows all but numbers. */
struct claim_subject {
    const struct design *design;
    const struct hardware_catalogue *catalogue;
    const struct footprint_options *options;
    int element_class;                 /**< row of the catalogue's classes; -1: none */
    const struct predict_model *model; /**< NULL: no law */
    double observed[CLAIM_N_OBSERVED]; /**< NAN: not observed */
    double law_inputs[LAW_MAX_INPUTS]; /**< natural; NAN: as the design has it */
};

/** Nothing bound, observed or said. */
struct claim_subject claim_unobserved(void);

/** Number of the quantity called \a name, below claim_n_quantities: the outcomes of
 * solver/footprint.h, then those of the table in claim.c, then inputs of the design, of which
 * those called as one before are hidden; or -1. */
int claim_find(const char *name);
int claim_n_quantities(void);
const char *claim_name(int quantity);
const char *claim_unit(int quantity);

/** The law that a quantity needs. */
enum claim_law {
    CLAIM_NO_LAW,
    CLAIM_ANY_LAW,    /**< whatever it predicts, and whether designs have what it reads or not */
    CLAIM_LAW_OF_LOSS /**< one that predict_check passes */
};

enum claim_law claim_needs(int quantity);

/** A quantity of a subject. NAN where a figure or an input that it needs is absent. Of an observed
 * run the hours are those observed, and what depends on them follows; energy and what follows from
 * it are those observed where both are. */
double claim_value(int quantity, const struct claim_subject *s);

/** How two values make the figure that a paper prints. */
enum claim_form {
    CLAIM_VALUE,      /**< the first */
    CLAIM_RATIO,      /**< the first over the second */
    CLAIM_CUT,        /**< 1 less that ratio */
    CLAIM_RISE,       /**< that ratio less 1 */
    CLAIM_DIFFERENCE, /**< the first less the second */
    CLAIM_N_FORMS
};

const char *claim_form_name(enum claim_form f);
double claim_formed(enum claim_form f, double value, double against);

#endif
