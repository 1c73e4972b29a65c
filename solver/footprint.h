/** \file footprint.h
 * From a design to its price: compute, device-hours, lifetimes and devices, energy with PUE,
 * operational and embodied carbon, mass (docs/model.md, M10 to M19). Every outcome but those of the
 * law is
 *
 *     base * rate, perhaps rounded up
 *
 * where the base is a quantity of work and the rate has few inputs. Work is
 *
 *     training_flop = flop_per_token * tokens             training_hour = training_flop *
 * hour_per_flop serving_flop  = serving_flop_per_token * served_tokens   serving_hour = ... *
 * serving_hour_per_flop
 *
 * These factors are what the evaluator tabulates, each over the inputs that it reads.
 */
#ifndef SOLVER_FOOTPRINT_H
#define SOLVER_FOOTPRINT_H

#include <stdbool.h>

#include "solver/base/status.h"
#include "solver/design.h"

/** What a design is judged by. The first two come from solver/predict; the others from here. */
enum footprint_outcome {
    FOOTPRINT_LOSS,
    FOOTPRINT_ACCURACY,
    FOOTPRINT_COMPUTE,
    FOOTPRINT_TOTAL_FLOP,
    FOOTPRINT_DURATION,
    FOOTPRINT_DEADLINE_FLEET,
    FOOTPRINT_DEVICE_HOUR,
    FOOTPRINT_DEVICE_LIFETIME,
    FOOTPRINT_DEVICES,
    FOOTPRINT_ENERGY,
    FOOTPRINT_OPERATIONAL_CARBON,
    FOOTPRINT_EMBODIED_CARBON,
    FOOTPRINT_CARBON,
    FOOTPRINT_MASS,
    FOOTPRINT_N_OUTCOMES
};

/** The quantity of work that an outcome is proportional to. */
enum footprint_base {
    FOOTPRINT_OF_LAW,    /**< none: the law gives it */
    FOOTPRINT_OF_DESIGN, /**< none: the rate is the outcome */
    FOOTPRINT_OF_TRAINING_FLOP,
    FOOTPRINT_OF_TOTAL_FLOP,    /**< training and serving */
    FOOTPRINT_OF_TRAINING_HOUR, /**< device-hours */
    FOOTPRINT_OF_TOTAL_HOUR     /**< device-hours of training and serving */
};

/** The factors of work and outcomes. */
enum footprint_factor {
    FOOTPRINT_FLOP_PER_TOKEN,
    FOOTPRINT_TOKENS,
    FOOTPRINT_HOUR_PER_FLOP,
    FOOTPRINT_SERVING_FLOP_PER_TOKEN,
    FOOTPRINT_SERVED_TOKENS,
    FOOTPRINT_SERVING_HOUR_PER_FLOP,
    FOOTPRINT_RATE
};

struct footprint_field {
    const char *name; /**< "energy_kwh" */
    const char *unit; /**< "kWh" */
    const char *long_name;
};

const struct footprint_field *footprint_field(enum footprint_outcome o);

/** The outcome called \a name, or FOOTPRINT_N_OUTCOMES. */
enum footprint_outcome footprint_find(const char *name);

/** Which hours of a device's life carry its embodied burden (docs/model.md M14). */
enum footprint_amortisation {
    FOOTPRINT_BUSY,     /**< all of the life is work (Falk) */
    FOOTPRINT_UTILISED, /**< a stated share of it (BLOOM: .85) */
    FOOTPRINT_CALENDAR  /**< the calendar time held, over the calendar life: idle life outside the
                           training is not charged to it (SCI) */
};

const char *footprint_amortisation_name(enum footprint_amortisation a);

/** The way called \a name ("busy", "utilised", "calendar"), or -1. */
int footprint_find_amortisation(const char *name);

struct footprint_options {
    enum footprint_amortisation amortisation;
    double
        utilisation_ratio; /**< share of the life that is work, for FOOTPRINT_UTILISED; in (0, 1] */
    double power_ratio;    /**< mean draw over TDP; 1 is the TDP convention; > 0 */
    enum hardware_bound bound; /**< of mass and embodied carbon */
};

/** TDP convention, busy amortisation, typical values. */
struct footprint_options footprint_defaults(void);

/** Operations of training: 6 N D (docs/model.md M10). \return FLOP */
double footprint_compute_flop(double params, double tokens);

/** What an outcome is proportional to, and whether it is rounded up to whole ones. */
enum footprint_base footprint_base(enum footprint_outcome o);
bool footprint_rounds(enum footprint_outcome o);

/** Whether more of it is better. */
bool footprint_maximises(enum footprint_outcome o);

/** Whether a base is made with a factor, and whether that is one of serving: without served tokens
 * these do not count. */
bool footprint_is_of(enum footprint_base base, enum footprint_factor f);
bool footprint_is_serving(enum footprint_factor f);

/** One factor of a design; NAN when a figure that it needs is absent.
 * \param [in] o  of FOOTPRINT_RATE; not read for the others */
double footprint_factor(enum footprint_factor f, enum footprint_outcome o, const struct design *d,
                        const struct hardware_catalogue *c,
                        const struct footprint_options *options);

/** Inputs that a factor reads of designs with the choices of model that \a d makes. */
design_set footprint_factor_reads(enum footprint_factor f, enum footprint_outcome o,
                                  const struct design *d, const struct footprint_options *options);

/** Inputs that an outcome reads: those of its base and of its rate; none for outcomes of the law.
 */
design_set footprint_reads(enum footprint_outcome o, const struct design *d,
                           const struct footprint_options *options);

/** Say which figure is absent and where it would be filled in, when an outcome is NAN.
 * \return STATUS_INPUT with the device or place, file, line and column; STATUS_OK if nothing is
 * absent */
enum status footprint_explain(enum footprint_outcome o, const struct design *d,
                              const struct hardware_catalogue *c,
                              const struct footprint_options *options, struct status_why *why);

/** All costs of one design, by the same arithmetic as the evaluator.
 * \param [out] outcome  [FOOTPRINT_N_OUTCOMES]; outcomes of the law are left alone; NAN where a
 * figure is absent */
void footprint_all(const struct design *d, const struct hardware_catalogue *c,
                   const struct footprint_options *options, double outcome[]);

/** Whole devices that hold \a lifetimes of them: rounded up (Falk), with the value itself when it
 * is whole to 12 digits. */
double footprint_devices(double lifetimes);

#endif
