/** \file footprint.h
 * From a design to its price: compute, device-hours, lifetimes and devices, energy with PUE,
 * operational and embodied carbon, mass (docs/model.md, M10 to M19). Every cost but the compute is
 * a product of three factors with few inputs each, which is what lets the evaluator tabulate it:
 *
 *     compute_flop(params, tokens) * hour_per_flop(device, precision, mfu_ratio, goodput_ratio)
 *         * per_hour(device, lifespan_year, grid, site)
 */
#ifndef SOLVER_FOOTPRINT_H
#define SOLVER_FOOTPRINT_H

#include <stdbool.h>

#include "solver/base/status.h"
#include "solver/design.h"

/** What a design is judged by. loss_nat comes from solver/predict; the others from here. */
enum footprint_outcome {
    FOOTPRINT_LOSS,
    FOOTPRINT_COMPUTE,
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

/** Device-hours that one FLOP takes (M11); NAN when a figure is absent. Reads the inputs
 * FOOTPRINT_HOUR_INPUTS. */
double footprint_hour_per_flop(const struct design *d, const struct hardware_catalogue *c);

#define FOOTPRINT_HOUR_INPUTS                                                                      \
    (1u << DESIGN_DEVICE | 1u << DESIGN_PRECISION | 1u << DESIGN_MFU | 1u << DESIGN_GOODPUT)

/** Outcome of one device-hour, for the outcomes from FOOTPRINT_DEVICE_HOUR on; NAN when a figure is
 * absent. Reads the inputs footprint_per_hour_inputs. */
double footprint_per_hour(enum footprint_outcome o, const struct design *d,
                          const struct hardware_catalogue *c,
                          const struct footprint_options *options);

/** Inputs that footprint_per_hour reads, a bit (1u << input) each. */
unsigned footprint_per_hour_inputs(enum footprint_outcome o);

/** Cost of one FLOP of work under the options of a design, an outcome at a time.
 * \return outcome per FLOP (device-hours, kWh, kg); NAN when a figure that it needs is absent; 1
 * for FOOTPRINT_COMPUTE. FOOTPRINT_LOSS is not a cost; FOOTPRINT_DEVICES has the coefficient of
 * FOOTPRINT_DEVICE_LIFETIME and is rounded up after the multiplication */
double footprint_per_flop(enum footprint_outcome o, const struct design *d,
                          const struct hardware_catalogue *c,
                          const struct footprint_options *options);

/** Say which figure is absent and where it would be filled in, when footprint_per_flop is NAN.
 * \return STATUS_INPUT with the device or place, file, line and column; STATUS_OK if nothing is
 * absent */
enum status footprint_explain(enum footprint_outcome o, const struct design *d,
                              const struct hardware_catalogue *c,
                              const struct footprint_options *options, struct status_why *why);

/** All costs of one design, by the same arithmetic as the evaluator.
 * \param [out] outcome  [FOOTPRINT_N_OUTCOMES]; FOOTPRINT_LOSS is left alone; NAN where a figure is
 * absent */
void footprint_all(const struct design *d, const struct hardware_catalogue *c,
                   const struct footprint_options *options, double outcome[]);

/** Whole devices that hold \a lifetimes of them: rounded up (Falk), with the value itself when it
 * is whole to 12 digits. */
double footprint_devices(double lifetimes);

#endif
