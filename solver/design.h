/** \file design.h
 * One candidate allocation: what is trained, on how much data, on which hardware and where. A
 * design is a record of numbers indexed by enum design_input; categories are indices into the
 * catalogue, codes of enum precision or models of solver/throughput and solver/survival. The table
 * of inputs is the only list of them: it serves studies, axes, messages and result files.
 */
#ifndef SOLVER_DESIGN_H
#define SOLVER_DESIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "solver/base/status.h"
#include "solver/hardware.h"

enum design_input {
    DESIGN_PARAMS,
    DESIGN_TOKENS,
    DESIGN_PRECISION,
    DESIGN_MFU,
    DESIGN_GOODPUT,
    DESIGN_LIFESPAN,
    DESIGN_DEVICE,
    DESIGN_GRID,
    DESIGN_SITE,
    DESIGN_UNIQUE_TOKENS,
    DESIGN_BATCH,
    DESIGN_EXPERTS,
    DESIGN_SPARSITY,
    DESIGN_WEIGHT_BITS,
    DESIGN_ACTIVATION_BITS,
    DESIGN_CACHE_BITS,
    DESIGN_TRAINING_BITS,
    DESIGN_POST_BITS,
    DESIGN_SAMPLES,
    DESIGN_SERVED_TOKENS,
    DESIGN_SERVING_MFU,
    DESIGN_FLEET,
    DESIGN_DEADLINE,
    DESIGN_WIDTH,
    DESIGN_DEPTH,
    DESIGN_VOCABULARY,
    DESIGN_CONTEXT,
    DESIGN_TOTAL_RATIO,
    DESIGN_FLOP_PER_TOKEN,
    DESIGN_MICROBATCH,
    DESIGN_PROMPT,
    DESIGN_OUTPUT,
    DESIGN_PREFILL_MFU,
    DESIGN_CACHE_RATIO,
    DESIGN_CACHED_TOKENS,
    DESIGN_WINDOW,
    DESIGN_FULL_LAYERS,
    DESIGN_POST_CACHE_BITS,
    DESIGN_MFU_MODEL,
    DESIGN_SCALING_MODEL,
    DESIGN_GOODPUT_MODEL,
    DESIGN_LIFESPAN_MODEL,
    DESIGN_OPTIMIZER,
    DESIGN_TOKENS_PER_PARAM, /* these three are read by formulas of other inputs alone */
    DESIGN_ASPECT,
    DESIGN_BUDGET,
    DESIGN_SERVED_QUESTIONS,
    DESIGN_N_INPUTS
};

/** A set of inputs, a bit each. */
typedef uint64_t design_set;
#define DESIGN_BIT(input) ((design_set)1 << (input))

/** Whether a set holds an input. */
static inline bool design_has(design_set set, enum design_input input)
{
    return (set >> input & 1) != 0;
}

enum design_kind { DESIGN_NUMBER, DESIGN_CATEGORY };

/** One row of the table of inputs. */
struct design_field {
    const char *name; /**< "params", "mfu_ratio", "lifespan_year", "device", ... */
    const char *unit; /**< UDUNITS-like: "1", "year"; "" for categories */
    const char *long_name;
    enum design_kind kind;
    bool counts;         /**< a count: 70B and 1.4T are understood */
    double lower, upper; /**< allowed range, for numbers; lower itself is excluded when 0 */
    double neutral; /**< value when the study says nothing, inside the range or not; NAN: must be
                       said if needed */
};

/** Row of an input. */
const struct design_field *design_field(enum design_input input);

/** The input called \a name, or DESIGN_N_INPUTS. */
enum design_input design_find(const char *name);

struct design {
    double value[DESIGN_N_INPUTS];
};

/** Every input at its neutral value. */
struct design design_neutral(void);

/** Whether \a value is allowed for an input that is a number: inside its range, or neutral.
 * \return STATUS_OK, or STATUS_INPUT naming the input, the value and its range */
enum status design_check(enum design_input input, double value, struct status_why *why);

/** Bits of the weights, activations or cache while training (DESIGN_WEIGHT_BITS and the two after
 * it): as said, or DESIGN_TRAINING_BITS, or those of the precision. NAN when none is said. */
double design_bits(const struct design *d, enum design_input input);

/** A number as laws read it: of the tokens that differ at most all of them, bits by design_bits,
 * the others as they are; and the inputs behind it. */
double design_read(const struct design *d, enum design_input input);
design_set design_behind(enum design_input input);

/** Bits of a weight, or of a cached key or value, in use (DESIGN_POST_BITS,
 * DESIGN_POST_CACHE_BITS): as said, or as in training. */
double design_post_bits(const struct design *d, enum design_input input);

/** Whether a design serves any tokens, said as tokens or as questions. */
bool design_serves(const struct design *d);

/** Code of a category, or -1 when the design does not say it. */
int design_code(const struct design *d, enum design_input input);

/** Text of a category value: the device's, grid's or site's id or the precision's name.
 * \return a borrowed string, valid as long as the catalogue */
const char *design_category(const struct hardware_catalogue *c, enum design_input input, int code);

/** Number of categories of an input. */
int design_n_categories(const struct hardware_catalogue *c, enum design_input input);

/** Code of the category called \a id, or -1. */
int design_find_category(const struct hardware_catalogue *c, enum design_input input,
                         const char *id);

#endif
