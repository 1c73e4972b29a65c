/** \file footprint.h
 * From a design to its price: compute, device-hours, lifetimes and devices, energy with PUE,
 * carbon, water, money, mass, device memory (docs/model.md, M10 to M19 and M150 to M175). Every
 * outcome but those of the law is
 *
 *     base * rate, perhaps rounded up
 *
 * where the base is a quantity of work: a sum of products of factors, computed from left to right.
 * Rates and factors read few inputs each; they are what the evaluator tabulates.
 */
#ifndef SOLVER_FOOTPRINT_H
#define SOLVER_FOOTPRINT_H

#include <stdbool.h>

#include "solver/base/status.h"
#include "solver/design.h"
#include "solver/memory.h"
#include "solver/shape.h"
#include "solver/throughput.h"

/** What a design is judged by. The first two come from solver/predict; the others from here. */
enum footprint_outcome {
    FOOTPRINT_LOSS,
    FOOTPRINT_ACCURACY,
    FOOTPRINT_COMPUTE,
    FOOTPRINT_BIT_FLOP,
    FOOTPRINT_TOTAL_FLOP,
    FOOTPRINT_DECODE_EFLOP,
    FOOTPRINT_DURATION,
    FOOTPRINT_DEADLINE_FLEET,
    FOOTPRINT_DEVICE_HOUR,
    FOOTPRINT_DEVICE_LIFETIME,
    FOOTPRINT_DEVICES,
    FOOTPRINT_ENERGY,
    FOOTPRINT_OPERATIONAL_CARBON,
    FOOTPRINT_EMBODIED_CARBON,
    FOOTPRINT_CARBON,
    FOOTPRINT_SITE_WATER,
    FOOTPRINT_GRID_WATER,
    FOOTPRINT_WATER,
    FOOTPRINT_COST,
    FOOTPRINT_MASS,
    FOOTPRINT_EWASTE,
    FOOTPRINT_MEMORY,
    FOOTPRINT_MEMORY_DEVICES,
    FOOTPRINT_MEMORY_LOAD,
    FOOTPRINT_SERVING_BYTE,
    FOOTPRINT_SERVING_DEVICES,
    FOOTPRINT_BODY_PARAMS,
    FOOTPRINT_DEADLINE_USE,
    FOOTPRINT_N_OUTCOMES
};

/** The quantity of work that an outcome is proportional to. */
enum footprint_base {
    FOOTPRINT_OF_LAW,    /**< none: the law gives it */
    FOOTPRINT_OF_DESIGN, /**< none: the rate is the outcome */
    FOOTPRINT_OF_TRAINING_FLOP,
    FOOTPRINT_OF_TOTAL_FLOP,    /**< training and serving */
    FOOTPRINT_OF_DECODE_EFLOP,  /**< operations of answering, and those that memory traffic costs */
    FOOTPRINT_OF_TRAINING_HOUR, /**< device-hours */
    FOOTPRINT_OF_TOTAL_HOUR,    /**< device-hours of training and serving */
    FOOTPRINT_OF_MEMORY,        /**< bytes of training */
    FOOTPRINT_OF_SERVING_BYTE,  /**< bytes of one copy in use */
    FOOTPRINT_N_BASES
};

/** The products of factors that bases are sums of. */
enum footprint_product {
    FOOTPRINT_TRAINING_FLOP,
    FOOTPRINT_TRAINING_HOUR,
    FOOTPRINT_PREFILL_FLOP,
    FOOTPRINT_PREFILL_HOUR,
    FOOTPRINT_DECODE_FLOP,
    FOOTPRINT_DECODE_HOUR,
    FOOTPRINT_CACHE_BYTE,
    FOOTPRINT_CACHE_HOUR,
    FOOTPRINT_CACHE_EFLOP,
    FOOTPRINT_STATE_BYTE,
    FOOTPRINT_ACTIVATION_BYTE,
    FOOTPRINT_USED_WEIGHT_BYTE,
    FOOTPRINT_HELD_CACHE_BYTE,
    FOOTPRINT_N_PRODUCTS,
    FOOTPRINT_NO_PRODUCT = -1
};

/** The factors of work and outcomes. */
enum footprint_factor {
    FOOTPRINT_FLOP_PER_TOKEN,
    FOOTPRINT_TOKENS,
    FOOTPRINT_HOUR_PER_FLOP,
    FOOTPRINT_SLOWDOWN, /**< of models in which throughput depends on the size of model and fleet */
    FOOTPRINT_PREFILL_FLOP_PER_TOKEN,
    FOOTPRINT_PREFILL_TOKENS,
    FOOTPRINT_PREFILL_HOUR_PER_FLOP,
    FOOTPRINT_DECODE_FLOP_PER_TOKEN,
    FOOTPRINT_DECODE_TOKENS,
    FOOTPRINT_DECODE_HOUR_PER_FLOP,
    FOOTPRINT_CACHE_BYTE_PER_TOKEN,
    FOOTPRINT_HOUR_PER_BYTE,
    FOOTPRINT_FLOP_PER_BYTE,
    FOOTPRINT_STORED_PARAMS,
    FOOTPRINT_TRAINING_BYTE_PER_PARAM,
    FOOTPRINT_ACTIVATIONS,
    FOOTPRINT_USED_BYTE_PER_PARAM,
    FOOTPRINT_HELD_BYTE_PER_TOKEN,
    FOOTPRINT_HELD_TOKENS,
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

/** What a limit of an outcome must be, where no design could meet it or every design does: "must be
 * above 0: every training takes some". \param [in] lower, upper  infinite, or NAN: not given.
 * \return NULL when the bounds make sense; not to be freed */
const char *footprint_expected_bounds(enum footprint_outcome o, double lower, double upper);

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

/** Where the power at the wall comes from (docs/model.md M158). */
enum footprint_power {
    FOOTPRINT_RATED,   /**< a share of the device's rated power */
    FOOTPRINT_SERVER,  /**< of the rated power with that of the rest of the server */
    FOOTPRINT_MEASURED /**< the mean draw of whole systems, measured */
};

/** What is made and thrown away with a device (docs/model.md M160). */
enum footprint_boundary { FOOTPRINT_DEVICE_ALONE, FOOTPRINT_WITH_SERVER };

/** How devices are paid for (docs/model.md M162). */
enum footprint_payment { FOOTPRINT_PURCHASE, FOOTPRINT_RENTAL };

/** Which operations of a token count (docs/model.md M154). */
enum footprint_counting {
    FOOTPRINT_COUNT_PARAMS,        /**< those of all parameters */
    FOOTPRINT_COUNT_LAST_LAYER,    /**< those of the body and of the prediction */
    FOOTPRINT_COUNT_NON_EMBEDDING, /**< those of the body */
    FOOTPRINT_COUNT_GIVEN          /**< flop_per_token, as the design says */
};

enum footprint_attention { FOOTPRINT_NO_ATTENTION, FOOTPRINT_ATTENTION };

/** What the time of serving a token depends on (docs/model.md M157). */
enum footprint_serving {
    FOOTPRINT_SERVING_COMPUTE, /**< operations alone */
    FOOTPRINT_SERVING_MEMORY   /**< and reading the cache of keys and values */
};

struct footprint_options {
    enum footprint_amortisation amortisation;
    double
        utilisation_ratio; /**< share of the life that is work, for FOOTPRINT_UTILISED; in (0, 1] */
    enum footprint_power power;
    double power_ratio;        /**< mean draw over rated power; 1 is the TDP convention; > 0 */
    enum hardware_bound bound; /**< of mass and embodied carbon */
    enum footprint_boundary embodied; /**< of the embodied carbon */
    enum footprint_payment cost;
    enum footprint_counting counting;
    enum footprint_attention attention; /**< whether operations of attention between tokens count */
    enum shape_embeddings embeddings;
    enum footprint_serving serving;
    double flop_per_byte; /**< operations that reading a byte costs, in decode_eflop; >= 0 */
    double mean_life_year, life_shape; /**< of lifespan models; > 0 */
    double progress_ratio; /**< growth a year of the operations a joule of new devices; >= 0 */
    struct throughput_failures failures;
    enum memory_activations activations;
};

/** TDP convention, busy amortisation, typical values, 6 N D, purchase. */
struct footprint_options footprint_defaults(void);

/** Operations of training: 6 N D (docs/model.md M10). \return FLOP */
double footprint_compute_flop(double params, double tokens);

/** What an outcome is proportional to, and whether it is rounded up to whole ones. */
enum footprint_base footprint_base(enum footprint_outcome o);
bool footprint_rounds(enum footprint_outcome o);

/** Whether more of it is better. */
bool footprint_maximises(enum footprint_outcome o);

/** A product: the factors from left to right, behind those of another product. */
struct footprint_product_row {
    enum footprint_product of; /**< or FOOTPRINT_NO_PRODUCT */
    int n;
    enum footprint_factor factors[2];
    bool serves; /**< zero without served tokens, and then not looked at */
};

const struct footprint_product_row *footprint_product(enum footprint_product p);

/** The products of a base that count, from left to right; none for FOOTPRINT_OF_LAW and
 * FOOTPRINT_OF_DESIGN. Without any the base of the others is 0.
 * \param [in]  serves  whether tokens are served
 * \param [out] list    [FOOTPRINT_N_PRODUCTS]. \return their number */
int footprint_base_products(enum footprint_base base, bool serves,
                            const struct footprint_options *options, enum footprint_product list[]);

/** One factor of a design; NAN when a figure that it needs is absent, or where a model says
 * nothing.
 * \param [in] o  of FOOTPRINT_RATE; not read for the others */
double footprint_factor(enum footprint_factor f, enum footprint_outcome o, const struct design *d,
                        const struct hardware_catalogue *c,
                        const struct footprint_options *options);

/** Inputs that a factor, or an outcome, reads of designs with the categories of \a d, and with
 * served tokens if \a d has any; none for outcomes of the law. Numbers do not matter. */
design_set footprint_factor_reads(enum footprint_factor f, enum footprint_outcome o,
                                  const struct design *d, const struct hardware_catalogue *c,
                                  const struct footprint_options *options);
design_set footprint_reads(enum footprint_outcome o, const struct design *d,
                           const struct hardware_catalogue *c,
                           const struct footprint_options *options);

/** Say which figure is absent and where it would be filled in, when an outcome is NAN.
 * \return STATUS_INPUT with the device or place, file, line and column; STATUS_OK if nothing is
 * absent: an outcome that is NAN all the same lies outside the domain of a model */
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
