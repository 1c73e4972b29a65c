#include "solver/footprint.h"

#include <math.h>
#include <string.h>

#include "solver/base/units.h"
#include "solver/figure.h"
#include "solver/survival.h"

/* Forward and backward pass: 2 and 4 operations a parameter and token (kaplan2020). */
#define FLOP_PER_PARAM_AND_TOKEN 6.0
/* The forward pass alone. */
#define FLOP_PER_PARAM_AND_SERVED_TOKEN 2.0

/* A lifetime this close to a whole number is that number: far above the rounding of the dozen
 * operations before it, far below one device in any fleet. */
static const double whole_to = 1e-12;

static const double absent = NAN; /* the macro is a float */

/* What a figure of a design needs to be computed. */
struct subject {
    struct figure_reader *r;
    const struct footprint_options *options;
};

static double input(const struct subject *s, enum design_input i)
{
    return figure_input(s->r, i);
}

static double figure(const struct subject *s, enum figure f)
{
    return figure_of(s->r, f);
}

static struct shape shape(const struct subject *s)
{
    s->r->inputs |= SHAPE_INPUTS;
    return shape_of(s->r->d, s->options->embeddings);
}

/* Rates: outcome of one unit of the base. */

static double one(const struct subject *s)
{
    (void)s;
    return 1.0;
}

static double widest_of(const struct subject *s)
{
    static const enum design_input operands[] = {DESIGN_WEIGHT_BITS, DESIGN_ACTIVATION_BITS,
                                                 DESIGN_CACHE_BITS};
    static const double full_bits = 16.0;
    double widest = 0.0;
    for (size_t i = 0; i < sizeof operands / sizeof *operands; i++) {
        s->r->inputs |= design_behind(operands[i]);
        widest = fmax(widest, design_bits(s->r->d, operands[i]));
    }
    return widest / full_bits;
}

static double day_of(const struct subject *s)
{
    return 1.0 / (input(s, DESIGN_FLEET) * UNITS_HOUR_PER_DAY);
}

static double fleet_of(const struct subject *s)
{
    return 1.0 / (input(s, DESIGN_DEADLINE) * UNITS_HOUR_PER_DAY);
}

static double deadline_use_of(const struct subject *s)
{
    return 1.0 / (input(s, DESIGN_FLEET) * input(s, DESIGN_DEADLINE) * UNITS_HOUR_PER_DAY);
}

static double lifetime_of(const struct subject *s)
{
    const struct footprint_options *o = s->options;
    const double share = o->amortisation == FOOTPRINT_UTILISED ? o->utilisation_ratio : 1.0;
    const double service_year =
        survival_service_year((enum survival_model)figure_code(s->r, DESIGN_LIFESPAN_MODEL),
                              input(s, DESIGN_LIFESPAN), o->mean_life_year, o->life_shape);
    return 1.0 / (service_year * UNITS_HOUR_PER_YEAR * share);
}

/* Kilowatts of the equipment for the work of one device. */
static double kilowatt_of(const struct subject *s)
{
    const struct footprint_options *o = s->options;
    const double ageing =
        o->progress_ratio > 0.0
            ? throughput_ageing_ratio(input(s, DESIGN_LIFESPAN), o->progress_ratio)
            : 1.0;
    if (o->power == FOOTPRINT_MEASURED) {
        return figure(s, FIGURE_MEASURED_POWER) / UNITS_WATT_PER_KW * ageing;
    }
    const double server_watt = o->power == FOOTPRINT_SERVER ? figure(s, FIGURE_SERVER_POWER) : 0.0;
    return (figure(s, FIGURE_POWER) + server_watt) / UNITS_WATT_PER_KW * o->power_ratio * ageing;
}

static double energy_of(const struct subject *s)
{
    return kilowatt_of(s) * figure(s, FIGURE_PUE);
}

static double operational_of(const struct subject *s)
{
    return energy_of(s) * figure(s, FIGURE_GRID_CARBON);
}

static double embodied_share_of(const struct subject *s)
{
    const double server_kg =
        s->options->embodied == FOOTPRINT_WITH_SERVER ? figure(s, FIGURE_SERVER_EMBODIED) : 0.0;
    return lifetime_of(s) * (figure(s, FIGURE_EMBODIED) + server_kg);
}

static double carbon_of(const struct subject *s)
{
    return operational_of(s) + embodied_share_of(s);
}

/* Cooling on the site follows the equipment, without PUE (li2023). */
static double site_water_of(const struct subject *s)
{
    return kilowatt_of(s) * figure(s, FIGURE_SITE_WATER);
}

static double grid_water_of(const struct subject *s)
{
    return energy_of(s) * figure(s, FIGURE_GRID_WATER);
}

static double water_of(const struct subject *s)
{
    return site_water_of(s) + grid_water_of(s);
}

/* A rent has the electricity in it. */
static double cost_of(const struct subject *s)
{
    if (s->options->cost == FOOTPRINT_RENTAL) {
        return figure(s, FIGURE_RENTAL);
    }
    return lifetime_of(s) * figure(s, FIGURE_PRICE) * figure(s, FIGURE_SERVER_PRICE_RATIO)
           + energy_of(s) * figure(s, FIGURE_GRID_PRICE);
}

static double mass_share_of(const struct subject *s)
{
    return lifetime_of(s) * figure(s, FIGURE_MASS);
}

static double ewaste_of(const struct subject *s)
{
    return lifetime_of(s) * (figure(s, FIGURE_MASS) + figure(s, FIGURE_SERVER_MASS));
}

static double device_of_byte(const struct subject *s)
{
    return 1.0 / figure(s, FIGURE_MEMORY);
}

static double load_of_byte(const struct subject *s)
{
    return 1.0 / (figure(s, FIGURE_MEMORY) * input(s, DESIGN_FLEET));
}

static double body_of(const struct subject *s)
{
    return shape(s).body_params;
}

/* The outcomes: their columns, bases and rates. */
static const struct {
    struct footprint_field field;
    enum footprint_base base;
    bool rounds;
    double (*rate)(const struct subject *s);
} outcomes[FOOTPRINT_N_OUTCOMES] = {
    [FOOTPRINT_LOSS] = {{"loss_nat", "nat", "cross-entropy loss a token"},
                        FOOTPRINT_OF_LAW,
                        false,
                        NULL},
    [FOOTPRINT_ACCURACY] = {{"accuracy_ratio", "1", "share of the questions answered rightly"},
                            FOOTPRINT_OF_LAW,
                            false,
                            NULL},
    [FOOTPRINT_COMPUTE] = {{"compute_flop", "FLOP", "operations of training"},
                           FOOTPRINT_OF_TRAINING_FLOP,
                           false,
                           one},
    [FOOTPRINT_BIT_FLOP] = {{"compute_bit_flop", "FLOP",
                             "operations of training times bits over 16, of the widest operand"},
                            FOOTPRINT_OF_TRAINING_FLOP,
                            false,
                            widest_of},
    [FOOTPRINT_TOTAL_FLOP] = {{"total_flop", "FLOP", "operations of training and of serving"},
                              FOOTPRINT_OF_TOTAL_FLOP,
                              false,
                              one},
    [FOOTPRINT_DECODE_EFLOP] = {{"decode_eflop", "FLOP",
                                 "operations of answering, and what reading its cache costs"},
                                FOOTPRINT_OF_DECODE_EFLOP,
                                false,
                                one},
    [FOOTPRINT_DURATION] = {{"duration_day", "day", "time from start to end of training"},
                            FOOTPRINT_OF_TRAINING_HOUR,
                            false,
                            day_of},
    [FOOTPRINT_DEADLINE_FLEET] = {{"deadline_fleet", "1",
                                   "whole devices at the same time that meet the deadline"},
                                  FOOTPRINT_OF_TRAINING_HOUR,
                                  true,
                                  fleet_of},
    [FOOTPRINT_DEVICE_HOUR] = {{"device_hour", "hour", "time of all devices together"},
                               FOOTPRINT_OF_TOTAL_HOUR,
                               false,
                               one},
    [FOOTPRINT_DEVICE_LIFETIME] = {{"device_lifetime", "1", "device lives used up"},
                                   FOOTPRINT_OF_TOTAL_HOUR,
                                   false,
                                   lifetime_of},
    [FOOTPRINT_DEVICES] = {{"devices", "1", "device lives used up, rounded up"},
                           FOOTPRINT_OF_TOTAL_HOUR,
                           true,
                           lifetime_of},
    [FOOTPRINT_ENERGY] = {{"energy_kwh", "kWh", "electricity, PUE included"},
                          FOOTPRINT_OF_TOTAL_HOUR,
                          false,
                          energy_of},
    [FOOTPRINT_OPERATIONAL_CARBON] = {{"operational_carbon_kg", "kg",
                                       "CO2 equivalent of the electricity"},
                                      FOOTPRINT_OF_TOTAL_HOUR,
                                      false,
                                      operational_of},
    [FOOTPRINT_EMBODIED_CARBON] = {{"embodied_carbon_kg", "kg",
                                    "CO2 equivalent of making the device lives used up"},
                                   FOOTPRINT_OF_TOTAL_HOUR,
                                   false,
                                   embodied_share_of},
    [FOOTPRINT_CARBON] = {{"carbon_kg", "kg", "CO2 equivalent, operational and embodied"},
                          FOOTPRINT_OF_TOTAL_HOUR,
                          false,
                          carbon_of},
    [FOOTPRINT_SITE_WATER] = {{"site_water_litre", "litre", "water evaporated on the site"},
                              FOOTPRINT_OF_TOTAL_HOUR,
                              false,
                              site_water_of},
    [FOOTPRINT_GRID_WATER] = {{"grid_water_litre", "litre",
                               "water consumed in making the electricity"},
                              FOOTPRINT_OF_TOTAL_HOUR,
                              false,
                              grid_water_of},
    [FOOTPRINT_WATER] = {{"water_litre", "litre", "water consumed on and off the site"},
                         FOOTPRINT_OF_TOTAL_HOUR,
                         false,
                         water_of},
    [FOOTPRINT_COST] = {{"cost_usd", "USD", "devices, bought or rented, and electricity"},
                        FOOTPRINT_OF_TOTAL_HOUR,
                        false,
                        cost_of},
    [FOOTPRINT_MASS] = {{"mass_kg", "kg", "hardware mass of the device lives used up"},
                        FOOTPRINT_OF_TOTAL_HOUR,
                        false,
                        mass_share_of},
    [FOOTPRINT_EWASTE] = {{"ewaste_kg", "kg",
                           "mass of the device lives used up, with the rest of their servers"},
                          FOOTPRINT_OF_TOTAL_HOUR,
                          false,
                          ewaste_of},
    [FOOTPRINT_MEMORY] = {{"memory_byte", "byte", "device memory that training needs"},
                          FOOTPRINT_OF_MEMORY,
                          false,
                          one},
    [FOOTPRINT_MEMORY_DEVICES] = {{"memory_devices", "1",
                                   "fewest whole devices whose memory holds the training"},
                                  FOOTPRINT_OF_MEMORY,
                                  true,
                                  device_of_byte},
    [FOOTPRINT_MEMORY_LOAD] = {{"memory_load_ratio", "1",
                                "memory that training needs over that of the fleet"},
                               FOOTPRINT_OF_MEMORY,
                               false,
                               load_of_byte},
    [FOOTPRINT_SERVING_BYTE] = {{"serving_memory_byte", "byte",
                                 "device memory of one copy in use, with its cache"},
                                FOOTPRINT_OF_SERVING_BYTE,
                                false,
                                one},
    [FOOTPRINT_SERVING_DEVICES] = {{"serving_devices", "1",
                                    "fewest whole devices whose memory holds one copy in use"},
                                   FOOTPRINT_OF_SERVING_BYTE,
                                   true,
                                   device_of_byte},
    [FOOTPRINT_BODY_PARAMS] = {{"body_params", "1", "parameters outside the vocabulary"},
                               FOOTPRINT_OF_DESIGN,
                               false,
                               body_of},
    [FOOTPRINT_DEADLINE_USE] = {{"deadline_use_ratio", "1",
                                 "time of training over the time in which it must end"},
                                FOOTPRINT_OF_TRAINING_HOUR,
                                false,
                                deadline_use_of},
};

/* Factors of work. */

/* Parameters whose operations count for each token. */
static double counted_of(const struct subject *s)
{
    switch (s->options->counting) {
    case FOOTPRINT_COUNT_LAST_LAYER: {
        const struct shape of = shape(s);
        return of.body_params + of.vocabulary_params;
    }
    case FOOTPRINT_COUNT_NON_EMBEDDING:
        return shape(s).body_params;
    case FOOTPRINT_COUNT_GIVEN:
        return input(s, DESIGN_FLOP_PER_TOKEN) / FLOP_PER_PARAM_AND_TOKEN;
    case FOOTPRINT_COUNT_PARAMS:
        break;
    }
    return input(s, DESIGN_PARAMS);
}

/* Operations of attention forward, for a token that attends to \a others: a product with their keys
 * and one with their values, two operations an entry. */
static double attention_of(const struct subject *s, double others)
{
    if (s->options->attention == FOOTPRINT_NO_ATTENTION) {
        return 0.0;
    }
    const struct shape of = shape(s);
    return 4.0 * of.depth * of.width * others;
}

/* A need of all layers in the mean: those without a window have the \a full one. */
static double over_layers(const struct subject *s, double full, double in_window)
{
    const double share = input(s, DESIGN_FULL_LAYERS);
    return in_window < full ? share * full + (1.0 - share) * in_window : full;
}

/* Every token is held to attend to its whole sequence, as training code computes and papers count
 * (deepseek2024); the backward pass is twice the forward pass. */
static double flop_per_token_of(const struct subject *s)
{
    const double reach = s->options->attention == FOOTPRINT_ATTENTION
                             ? over_layers(s, input(s, DESIGN_CONTEXT), input(s, DESIGN_WINDOW))
                             : 0.0;
    return footprint_compute_flop(counted_of(s), 1.0) + 3.0 * attention_of(s, reach);
}

static double tokens_of(const struct subject *s)
{
    return input(s, DESIGN_TOKENS);
}

/* Hours that one operation takes at a throughput of \a mfu_ratio in bf16. */
static double hour_at(const struct subject *s, double mfu_ratio)
{
    return 1.0
           / (figure(s, FIGURE_PEAK) * (mfu_ratio * figure(s, FIGURE_MFU_FACTOR))
              * input(s, DESIGN_GOODPUT) * UNITS_SECOND_PER_HOUR);
}

static enum throughput_mfu mfu_model_of(const struct subject *s)
{
    return (enum throughput_mfu)figure_code(s->r, DESIGN_MFU_MODEL);
}

/* With a model of the MFU, that of full throughput; the rest is the slowdown. */
static double hour_per_flop_of(const struct subject *s)
{
    const bool said = mfu_model_of(s) == THROUGHPUT_MFU_CONSTANT;
    return hour_at(s, said ? input(s, DESIGN_MFU) : 1.0);
}

static double slowdown_of(const struct subject *s)
{
    const enum throughput_mfu mfu = mfu_model_of(s);
    const enum throughput_scaling scaling =
        (enum throughput_scaling)figure_code(s->r, DESIGN_SCALING_MODEL);
    const enum throughput_goodput goodput =
        (enum throughput_goodput)figure_code(s->r, DESIGN_GOODPUT_MODEL);
    double ratio = 1.0;
    if (mfu != THROUGHPUT_MFU_CONSTANT) {
        ratio *= throughput_mfu_ratio(mfu, input(s, DESIGN_PARAMS));
    }
    if (scaling != THROUGHPUT_SCALING_CONSTANT) {
        ratio *= throughput_scaling_ratio(scaling, input(s, DESIGN_FLEET));
    }
    if (goodput != THROUGHPUT_GOODPUT_CONSTANT) {
        ratio *= throughput_goodput_ratio(goodput, input(s, DESIGN_FLEET), &s->options->failures);
    }
    return 1.0 / ratio;
}

/* A question has a prompt and one answer a sample. */
struct question {
    double prompt, output, samples;
};

static struct question question_of(const struct subject *s)
{
    return (struct question){input(s, DESIGN_PROMPT), input(s, DESIGN_OUTPUT),
                             input(s, DESIGN_SAMPLES)};
}

/* Demand in questions gives both; in tokens it is shared as the tokens of a question are. */
static double prefill_tokens_of(const struct subject *s)
{
    const struct question q = question_of(s);
    const double served = input(s, DESIGN_SERVED_TOKENS);
    const double questions = input(s, DESIGN_SERVED_QUESTIONS);
    if (questions > 0.0) {
        return questions * q.prompt;
    }
    return q.prompt > 0.0 ? served * (q.prompt / (q.prompt + q.samples * q.output)) : 0.0;
}

static double decode_tokens_of(const struct subject *s)
{
    const struct question q = question_of(s);
    const double served = input(s, DESIGN_SERVED_TOKENS);
    const double questions = input(s, DESIGN_SERVED_QUESTIONS);
    const double answers = q.samples * q.output;
    if (questions > 0.0) {
        return questions * answers;
    }
    return q.prompt > 0.0 ? served * (answers / (q.prompt + answers)) : served;
}

static double forward_flop_of(const struct subject *s)
{
    return FLOP_PER_PARAM_AND_SERVED_TOKEN * counted_of(s);
}

/* The tokens that one of \a length behind \a from others attends to in the mean: those before it in
 * its sequence, or the window (kinetics2025). */
static double reach_of(const struct subject *s, double from, double length)
{
    const double full = from + 0.5 * length, window = input(s, DESIGN_WINDOW);
    const double beyond = window - from;
    const double in_window = beyond >= length ? full
                             : beyond > 0.0   ? window - 0.5 * beyond * beyond / length
                                              : window;
    return over_layers(s, full, in_window);
}

static double prefill_flop_per_token_of(const struct subject *s)
{
    return forward_flop_of(s) + attention_of(s, reach_of(s, 0.0, question_of(s).prompt));
}

static double decode_flop_per_token_of(const struct subject *s)
{
    const struct question q = question_of(s);
    return forward_flop_of(s) + attention_of(s, reach_of(s, q.prompt, q.output));
}

static double training_mfu_of(const struct subject *s)
{
    const enum throughput_mfu model = mfu_model_of(s);
    return model == THROUGHPUT_MFU_CONSTANT ? input(s, DESIGN_MFU)
                                            : throughput_mfu_ratio(model, input(s, DESIGN_PARAMS));
}

static double serving_mfu_of(const struct subject *s)
{
    const double said = input(s, DESIGN_SERVING_MFU), training = training_mfu_of(s);
    return said > 0.0 ? said : training;
}

static double prefill_hour_per_flop_of(const struct subject *s)
{
    const double said = input(s, DESIGN_PREFILL_MFU), serving = serving_mfu_of(s);
    return hour_at(s, said > 0.0 ? said : serving);
}

static double decode_hour_per_flop_of(const struct subject *s)
{
    return hour_at(s, serving_mfu_of(s));
}

/* Bits of something in training or in use, which may follow the precision. */
static double bits_of(const struct subject *s, enum design_input i)
{
    const bool post = i == DESIGN_POST_BITS || i == DESIGN_POST_CACHE_BITS;
    s->r->inputs |= design_behind(i);
    if (post) {
        s->r->inputs |=
            design_behind(i == DESIGN_POST_BITS ? DESIGN_WEIGHT_BITS : DESIGN_CACHE_BITS);
    }
    return post ? design_post_bits(s->r->d, i) : design_bits(s->r->d, i);
}

static double cache_byte_of(const struct subject *s)
{
    const struct shape of = shape(s);
    return memory_cache_byte_per_token(&of, input(s, DESIGN_CACHE_RATIO),
                                       bits_of(s, DESIGN_POST_CACHE_BITS));
}

/* The samples of a question share the reading of its prompt (kinetics2025). */
static double cache_byte_per_token_of(const struct subject *s)
{
    const struct question q = question_of(s);
    const double own = reach_of(s, 0.0, q.output),
                 of_prompt = reach_of(s, q.prompt, q.output) - own;
    return cache_byte_of(s) * (of_prompt / q.samples + own);
}

/* Layers with a window hold no more than that of each sequence: a prompt with its answer, or a
 * training sequence where these are not said. */
static double held_byte_of(const struct subject *s)
{
    const struct question q = question_of(s);
    const double said = q.prompt + q.output, context = input(s, DESIGN_CONTEXT);
    const double sequence = said > 0.0 ? said : context;
    return cache_byte_of(s) * over_layers(s, 1.0, input(s, DESIGN_WINDOW) / sequence);
}

static double hour_per_byte_of(const struct subject *s)
{
    return 1.0 / (figure(s, FIGURE_BANDWIDTH) * input(s, DESIGN_GOODPUT) * UNITS_SECOND_PER_HOUR);
}

static double flop_per_byte_of(const struct subject *s)
{
    return s->options->flop_per_byte;
}

static double stored_params_of(const struct subject *s)
{
    return input(s, DESIGN_PARAMS) * input(s, DESIGN_TOTAL_RATIO);
}

/* Gradients have the format of activations. */
static double training_byte_per_param_of(const struct subject *s)
{
    return memory_training_byte_per_param(bits_of(s, DESIGN_WEIGHT_BITS),
                                          bits_of(s, DESIGN_ACTIVATION_BITS),
                                          figure(s, FIGURE_STATE));
}

static double activations_of(const struct subject *s)
{
    const struct shape of = shape(s);
    const double context = input(s, DESIGN_CONTEXT), said = input(s, DESIGN_MICROBATCH);
    return memory_activation_byte(s->options->activations, said > 0.0 ? said : context, context,
                                  &of, bits_of(s, DESIGN_ACTIVATION_BITS));
}

static double used_byte_per_param_of(const struct subject *s)
{
    return bits_of(s, DESIGN_POST_BITS) / UNITS_BIT_PER_BYTE;
}

static double held_tokens_of(const struct subject *s)
{
    return input(s, DESIGN_CACHED_TOKENS);
}

static double (*const factors[FOOTPRINT_RATE])(const struct subject *s) = {
    [FOOTPRINT_FLOP_PER_TOKEN] = flop_per_token_of,
    [FOOTPRINT_TOKENS] = tokens_of,
    [FOOTPRINT_HOUR_PER_FLOP] = hour_per_flop_of,
    [FOOTPRINT_SLOWDOWN] = slowdown_of,
    [FOOTPRINT_PREFILL_FLOP_PER_TOKEN] = prefill_flop_per_token_of,
    [FOOTPRINT_PREFILL_TOKENS] = prefill_tokens_of,
    [FOOTPRINT_PREFILL_HOUR_PER_FLOP] = prefill_hour_per_flop_of,
    [FOOTPRINT_DECODE_FLOP_PER_TOKEN] = decode_flop_per_token_of,
    [FOOTPRINT_DECODE_TOKENS] = decode_tokens_of,
    [FOOTPRINT_DECODE_HOUR_PER_FLOP] = decode_hour_per_flop_of,
    [FOOTPRINT_CACHE_BYTE_PER_TOKEN] = cache_byte_per_token_of,
    [FOOTPRINT_HOUR_PER_BYTE] = hour_per_byte_of,
    [FOOTPRINT_FLOP_PER_BYTE] = flop_per_byte_of,
    [FOOTPRINT_STORED_PARAMS] = stored_params_of,
    [FOOTPRINT_TRAINING_BYTE_PER_PARAM] = training_byte_per_param_of,
    [FOOTPRINT_ACTIVATIONS] = activations_of,
    [FOOTPRINT_USED_BYTE_PER_PARAM] = used_byte_per_param_of,
    [FOOTPRINT_HELD_BYTE_PER_TOKEN] = held_byte_of,
    [FOOTPRINT_HELD_TOKENS] = held_tokens_of,
};

static const struct footprint_product_row products[FOOTPRINT_N_PRODUCTS] = {
    [FOOTPRINT_TRAINING_FLOP] = {FOOTPRINT_NO_PRODUCT,
                                 2,
                                 {FOOTPRINT_FLOP_PER_TOKEN, FOOTPRINT_TOKENS},
                                 false},
    [FOOTPRINT_TRAINING_HOUR] = {FOOTPRINT_TRAINING_FLOP,
                                 2,
                                 {FOOTPRINT_HOUR_PER_FLOP, FOOTPRINT_SLOWDOWN},
                                 false},
    [FOOTPRINT_PREFILL_FLOP] = {FOOTPRINT_NO_PRODUCT,
                                2,
                                {FOOTPRINT_PREFILL_FLOP_PER_TOKEN, FOOTPRINT_PREFILL_TOKENS},
                                true},
    [FOOTPRINT_PREFILL_HOUR] = {FOOTPRINT_PREFILL_FLOP, 1, {FOOTPRINT_PREFILL_HOUR_PER_FLOP}, true},
    [FOOTPRINT_DECODE_FLOP] = {FOOTPRINT_NO_PRODUCT,
                               2,
                               {FOOTPRINT_DECODE_FLOP_PER_TOKEN, FOOTPRINT_DECODE_TOKENS},
                               true},
    [FOOTPRINT_DECODE_HOUR] = {FOOTPRINT_DECODE_FLOP, 1, {FOOTPRINT_DECODE_HOUR_PER_FLOP}, true},
    [FOOTPRINT_CACHE_BYTE] = {FOOTPRINT_NO_PRODUCT,
                              2,
                              {FOOTPRINT_CACHE_BYTE_PER_TOKEN, FOOTPRINT_DECODE_TOKENS},
                              true},
    [FOOTPRINT_CACHE_HOUR] = {FOOTPRINT_CACHE_BYTE, 1, {FOOTPRINT_HOUR_PER_BYTE}, true},
    [FOOTPRINT_CACHE_EFLOP] = {FOOTPRINT_CACHE_BYTE, 1, {FOOTPRINT_FLOP_PER_BYTE}, true},
    [FOOTPRINT_STATE_BYTE] = {FOOTPRINT_NO_PRODUCT,
                              2,
                              {FOOTPRINT_STORED_PARAMS, FOOTPRINT_TRAINING_BYTE_PER_PARAM},
                              false},
    [FOOTPRINT_ACTIVATION_BYTE] = {FOOTPRINT_NO_PRODUCT, 1, {FOOTPRINT_ACTIVATIONS}, false},
    [FOOTPRINT_USED_WEIGHT_BYTE] = {FOOTPRINT_NO_PRODUCT,
                                    2,
                                    {FOOTPRINT_STORED_PARAMS, FOOTPRINT_USED_BYTE_PER_PARAM},
                                    false},
    [FOOTPRINT_HELD_CACHE_BYTE] = {FOOTPRINT_NO_PRODUCT,
                                   2,
                                   {FOOTPRINT_HELD_BYTE_PER_TOKEN, FOOTPRINT_HELD_TOKENS},
                                   false},
};

/* The products of each base, from left to right; those missing are FOOTPRINT_NO_PRODUCT. */
enum { MOST_PRODUCTS = 4 };
#define NONE FOOTPRINT_NO_PRODUCT
static const enum footprint_product bases[FOOTPRINT_N_BASES][MOST_PRODUCTS] = {
    [FOOTPRINT_OF_LAW] = {NONE, NONE, NONE, NONE},
    [FOOTPRINT_OF_DESIGN] = {NONE, NONE, NONE, NONE},
    [FOOTPRINT_OF_TRAINING_FLOP] = {FOOTPRINT_TRAINING_FLOP, NONE, NONE, NONE},
    [FOOTPRINT_OF_TOTAL_FLOP] = {FOOTPRINT_TRAINING_FLOP, FOOTPRINT_PREFILL_FLOP,
                                 FOOTPRINT_DECODE_FLOP, NONE},
    [FOOTPRINT_OF_DECODE_EFLOP] = {FOOTPRINT_DECODE_FLOP, FOOTPRINT_CACHE_EFLOP, NONE, NONE},
    [FOOTPRINT_OF_TRAINING_HOUR] = {FOOTPRINT_TRAINING_HOUR, NONE, NONE, NONE},
    [FOOTPRINT_OF_TOTAL_HOUR] = {FOOTPRINT_TRAINING_HOUR, FOOTPRINT_PREFILL_HOUR,
                                 FOOTPRINT_DECODE_HOUR, FOOTPRINT_CACHE_HOUR},
    [FOOTPRINT_OF_MEMORY] = {FOOTPRINT_STATE_BYTE, FOOTPRINT_ACTIVATION_BYTE, NONE, NONE},
    [FOOTPRINT_OF_SERVING_BYTE] = {FOOTPRINT_USED_WEIGHT_BYTE, FOOTPRINT_HELD_CACHE_BYTE, NONE,
                                   NONE},
};
#undef NONE

const struct footprint_field *footprint_field(enum footprint_outcome o)
{
    STATUS_ASSERT((int)o >= 0 && o < FOOTPRINT_N_OUTCOMES);
    return &outcomes[o].field;
}

const char *footprint_expected_bounds(enum footprint_outcome o, double lower, double upper)
{
    /* Nothing served, a grid without carbon, a device without a price: these may be nothing. */
    static const bool can_be_none[FOOTPRINT_N_OUTCOMES] = {
        [FOOTPRINT_DECODE_EFLOP] = true,
        [FOOTPRINT_SERVING_BYTE] = true,
        [FOOTPRINT_SERVING_DEVICES] = true,
        [FOOTPRINT_COST] = true,
        [FOOTPRINT_OPERATIONAL_CARBON] = true,
        [FOOTPRINT_EMBODIED_CARBON] = true,
        [FOOTPRINT_CARBON] = true,
        [FOOTPRINT_SITE_WATER] = true,
        [FOOTPRINT_GRID_WATER] = true,
        [FOOTPRINT_WATER] = true,
        [FOOTPRINT_EWASTE] = true,
    };
    const bool is_bounded = isfinite(lower) || isfinite(upper);
    STATUS_ASSERT((int)o >= 0 && o < FOOTPRINT_N_OUTCOMES);
    if (o == FOOTPRINT_LOSS || !is_bounded) {
        return NULL; /* normalised losses are negative */
    }
    if (o == FOOTPRINT_ACCURACY) {
        return (isfinite(lower) && (lower < 0.0 || lower >= 1.0))
                       || (isfinite(upper) && (upper <= 0.0 || upper > 1.0))
                   ? "must be a share of the questions, between 0 and 1; in percent, divide by 100"
                   : NULL;
    }
    if (upper < 0.0 || (isfinite(lower) && lower < 0.0)) {
        return "must not be negative: no design has less than none";
    }
    return upper <= 0.0 && !can_be_none[o] ? "must be above 0: every training takes some" : NULL;
}

enum footprint_outcome footprint_find(const char *name)
{
    int o = 0;
    while (o < FOOTPRINT_N_OUTCOMES && strcmp(outcomes[o].field.name, name) != 0) {
        o++;
    }
    return (enum footprint_outcome)o;
}

static const char *const amortisations[] = {[FOOTPRINT_BUSY] = "busy",
                                            [FOOTPRINT_UTILISED] = "utilised",
                                            [FOOTPRINT_CALENDAR] = "calendar"};
enum { N_AMORTISATIONS = sizeof amortisations / sizeof *amortisations };

const char *footprint_amortisation_name(enum footprint_amortisation a)
{
    STATUS_ASSERT((int)a >= 0 && (int)a < N_AMORTISATIONS);
    return amortisations[a];
}

int footprint_find_amortisation(const char *name)
{
    for (int a = 0; a < N_AMORTISATIONS; a++) {
        if (strcmp(amortisations[a], name) == 0) {
            return a;
        }
    }
    return -1;
}

struct footprint_options footprint_defaults(void)
{
    return (struct footprint_options){
        .amortisation = FOOTPRINT_BUSY,
        .utilisation_ratio = 1.0,
        .power = FOOTPRINT_RATED,
        .power_ratio = 1.0,
        .bound = HARDWARE_TYPICAL,
        .embodied = FOOTPRINT_DEVICE_ALONE,
        .cost = FOOTPRINT_PURCHASE,
        .counting = FOOTPRINT_COUNT_PARAMS,
        .attention = FOOTPRINT_NO_ATTENTION,
        .embeddings = SHAPE_UNTIED,
        .serving = FOOTPRINT_SERVING_COMPUTE,
        .flop_per_byte = 562.5, /* kinetics2025 */
        .mean_life_year = 5.0,
        .life_shape = 5.0,
        .progress_ratio = 0.0,
        .failures = throughput_default_failures(),
        .activations = MEMORY_NO_ACTIVATIONS,
    };
}

double footprint_compute_flop(double params, double tokens)
{
    return FLOP_PER_PARAM_AND_TOKEN * params * tokens;
}

enum footprint_base footprint_base(enum footprint_outcome o)
{
    STATUS_ASSERT((int)o >= 0 && o < FOOTPRINT_N_OUTCOMES);
    return outcomes[o].base;
}

bool footprint_maximises(enum footprint_outcome o)
{
    return o == FOOTPRINT_ACCURACY;
}

bool footprint_rounds(enum footprint_outcome o)
{
    STATUS_ASSERT((int)o >= 0 && o < FOOTPRINT_N_OUTCOMES);
    return outcomes[o].rounds;
}

const struct footprint_product_row *footprint_product(enum footprint_product p)
{
    STATUS_ASSERT((int)p >= 0 && p < FOOTPRINT_N_PRODUCTS);
    return &products[p];
}

int footprint_base_products(enum footprint_base base, bool serves,
                            const struct footprint_options *options, enum footprint_product list[])
{
    int n = 0;
    for (int i = 0; i < MOST_PRODUCTS; i++) {
        const enum footprint_product p = bases[base][i];
        const bool counts =
            p != FOOTPRINT_NO_PRODUCT && (serves || !products[p].serves)
            && (p != FOOTPRINT_CACHE_HOUR || options->serving == FOOTPRINT_SERVING_MEMORY)
            && (p != FOOTPRINT_ACTIVATION_BYTE || options->activations != MEMORY_NO_ACTIVATIONS);
        if (counts) {
            list[n++] = p;
        }
    }
    return n;
}

static double evaluate(enum footprint_factor f, enum footprint_outcome o, const struct subject *s)
{
    return f == FOOTPRINT_RATE ? outcomes[o].rate(s) : factors[f](s);
}

static struct figure_reader reader_of(const struct design *d, const struct hardware_catalogue *c,
                                      const struct footprint_options *options)
{
    return (struct figure_reader){.d = d, .c = c, .bound = options->bound};
}

double footprint_factor(enum footprint_factor f, enum footprint_outcome o, const struct design *d,
                        const struct hardware_catalogue *c, const struct footprint_options *options)
{
    struct figure_reader r = reader_of(d, c, options);
    const struct subject s = {&r, options};
    return evaluate(f, o, &s);
}

design_set footprint_factor_reads(enum footprint_factor f, enum footprint_outcome o,
                                  const struct design *d, const struct hardware_catalogue *c,
                                  const struct footprint_options *options)
{
    struct figure_reader r = reader_of(d, c, options);
    const struct subject s = {&r, options};
    (void)evaluate(f, o, &s);
    return r.inputs;
}

static double product_value(enum footprint_product p, const struct subject *s)
{
    const struct footprint_product_row *row = &products[p];
    double value = row->of == FOOTPRINT_NO_PRODUCT ? 1.0 : product_value(row->of, s);
    for (int i = 0; i < row->n; i++) {
        value *= factors[row->factors[i]](s);
    }
    return value;
}

static double base_value(enum footprint_base base, const struct subject *s)
{
    const bool serves = design_serves(s->r->d);
    enum footprint_product list[FOOTPRINT_N_PRODUCTS];
    const int n = footprint_base_products(base, serves, s->options, list);
    double value = base == FOOTPRINT_OF_DESIGN ? 1.0 : 0.0;
    for (int i = 0; i < n; i++) {
        value += product_value(list[i], s);
    }
    return value;
}

static double outcome_value(enum footprint_outcome o, const struct subject *s)
{
    if (outcomes[o].base == FOOTPRINT_OF_LAW) {
        return absent;
    }
    const double value = base_value(outcomes[o].base, s) * outcomes[o].rate(s);
    return outcomes[o].rounds ? footprint_devices(value) : value;
}

design_set footprint_reads(enum footprint_outcome o, const struct design *d,
                           const struct hardware_catalogue *c,
                           const struct footprint_options *options)
{
    struct figure_reader r = reader_of(d, c, options);
    const struct subject s = {&r, options};
    (void)outcome_value(o, &s);
    return r.inputs;
}

enum status footprint_explain(enum footprint_outcome o, const struct design *d,
                              const struct hardware_catalogue *c,
                              const struct footprint_options *options, struct status_why *why)
{
    struct figure_reader r = reader_of(d, c, options);
    const struct subject s = {&r, options};
    (void)outcome_value(o, &s);
    return figure_explain(&r, outcomes[o].field.name, why);
}

void footprint_all(const struct design *d, const struct hardware_catalogue *c,
                   const struct footprint_options *options, double outcome[])
{
    struct figure_reader r = reader_of(d, c, options);
    const struct subject s = {&r, options};
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
        if (outcomes[o].base != FOOTPRINT_OF_LAW) {
            outcome[o] = outcome_value((enum footprint_outcome)o, &s);
        }
    }
}

double footprint_devices(double lifetimes)
{
    const double nearest = rint(lifetimes);
    return fabs(lifetimes - nearest) <= whole_to * lifetimes ? nearest : ceil(lifetimes);
}
