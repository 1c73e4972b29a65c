#include "solver/design.h"

#include <math.h>
#include <string.h>

#include "solver/survival.h"
#include "solver/throughput.h"

/* Counts up to this stay far from the ends of double after every multiplication. */
#define LARGEST_COUNT         1e18
#define LARGEST_BUDGET_FLOP   1e40
#define LONGEST_LIFESPAN_YEAR 50.0
#define LONGEST_DEADLINE_DAY  1e5
#define MOST_BITS             64.0

#define BITS(name, what)                                                                           \
    {                                                                                              \
        name, "1", what, DESIGN_NUMBER, false, 0.0, MOST_BITS, 0.0                                 \
    }

static const struct design_field fields[DESIGN_N_INPUTS] = {
    [DESIGN_PARAMS] = {"params", "1", "parameters used for each token", DESIGN_NUMBER, true, 0.0,
                       LARGEST_COUNT, NAN},
    [DESIGN_TOKENS] = {"tokens", "1", "training tokens", DESIGN_NUMBER, true, 0.0, LARGEST_COUNT,
                       NAN},
    [DESIGN_PRECISION] = {"precision", "", "number format of the arithmetic", DESIGN_CATEGORY,
                          false, 0.0, 0.0, PRECISION_BF16},
    [DESIGN_MFU] = {"mfu_ratio", "1", "steady bf16 throughput over the dense bf16 peak",
                    DESIGN_NUMBER, false, 0.0, 1.0, NAN},
    [DESIGN_GOODPUT] = {"goodput_ratio", "1", "share of the time held that is steady training",
                        DESIGN_NUMBER, false, 0.0, 1.0, 1.0},
    [DESIGN_LIFESPAN] = {"lifespan_year", "year", "time a device is kept", DESIGN_NUMBER, false,
                         0.0, LONGEST_LIFESPAN_YEAR, NAN},
    [DESIGN_DEVICE] = {"device", "", "accelerator", DESIGN_CATEGORY, false, 0.0, 0.0, NAN},
    [DESIGN_GRID] = {"grid", "", "electricity of the region", DESIGN_CATEGORY, false, 0.0, 0.0,
                     NAN},
    [DESIGN_SITE] = {"site", "", "data centre", DESIGN_CATEGORY, false, 0.0, 0.0, NAN},
    [DESIGN_UNIQUE_TOKENS] = {"unique_tokens", "1", "training tokens that differ; inf: all",
                              DESIGN_NUMBER, true, 0.0, LARGEST_COUNT, (double)INFINITY},
    [DESIGN_BATCH] = {"batch_tokens", "1", "tokens of a batch; 0: far below the critical batch",
                      DESIGN_NUMBER, true, 0.0, LARGEST_COUNT, 0.0},
    [DESIGN_EXPERTS] = {"experts", "1", "experts among which the router chooses", DESIGN_NUMBER,
                        true, 1.0, 1e6, 1.0},
    [DESIGN_SPARSITY] = {"sparsity_ratio", "1", "share of the weights that are zero", DESIGN_NUMBER,
                         false, 0.0, 0.999, 0.0},
    [DESIGN_WEIGHT_BITS] = BITS("weight_bits", "bits of a weight in training; 0: training_bits"),
    [DESIGN_ACTIVATION_BITS] =
        BITS("activation_bits", "bits of an activation in training; 0: training_bits"),
    [DESIGN_CACHE_BITS] = BITS("cache_bits", "bits of a key or value; 0: training_bits"),
    [DESIGN_TRAINING_BITS] = BITS("training_bits", "bits of weights, activations, keys and values "
                                                   "in training; 0: of the precision"),
    [DESIGN_POST_BITS] = BITS("post_bits", "bits of a weight in use; 0: as trained"),
    [DESIGN_SAMPLES] = {"samples", "1", "answers drawn for each question", DESIGN_NUMBER, true, 1.0,
                        1e12, 1.0},
    [DESIGN_SERVED_TOKENS] = {"served_tokens", "1", "tokens of inference over the deployment",
                              DESIGN_NUMBER, true, 0.0, LARGEST_COUNT, 0.0},
    [DESIGN_SERVING_MFU] = {"serving_mfu_ratio", "1",
                            "steady bf16 throughput of inference over the dense bf16 peak; 0: "
                            "mfu_ratio",
                            DESIGN_NUMBER, false, 0.0, 1.0, 0.0},
    [DESIGN_FLEET] = {"fleet_devices", "1", "devices that train at the same time", DESIGN_NUMBER,
                      true, 1.0, LARGEST_COUNT, NAN},
    [DESIGN_DEADLINE] = {"deadline_day", "day", "time in which training must end", DESIGN_NUMBER,
                         false, 0.0, LONGEST_DEADLINE_DAY, NAN},
    [DESIGN_WIDTH] = {"width", "1", "width of the residual stream; 0: by the shape rule",
                      DESIGN_NUMBER, true, 0.0, 1e9, 0.0},
    [DESIGN_DEPTH] = {"depth", "1", "layers; 0: by the shape rule", DESIGN_NUMBER, true, 0.0, 1e6,
                      0.0},
    /* The vocabulary and the sequences of pearce2024 and porian2024. */
    [DESIGN_VOCABULARY] = {"vocabulary", "1", "entries of the vocabulary", DESIGN_NUMBER, true, 0.0,
                           1e9, 32000.0},
    [DESIGN_CONTEXT] = {"context_tokens", "1", "tokens of a training sequence", DESIGN_NUMBER, true,
                        0.0, 1e9, 2048.0},
    [DESIGN_TOTAL_RATIO] = {"total_ratio", "1",
                            "parameters held over those used for each token (experts)",
                            DESIGN_NUMBER, false, 1.0, 1e6, 1.0},
    [DESIGN_FLOP_PER_TOKEN] = {"flop_per_token", "FLOP",
                               "operations of training a token, for counting: given", DESIGN_NUMBER,
                               false, 0.0, LARGEST_COUNT, NAN},
    [DESIGN_MICROBATCH] = {"microbatch_tokens", "1",
                           "tokens whose activations are held at one time; 0: one sequence",
                           DESIGN_NUMBER, true, 0.0, LARGEST_COUNT, 0.0},
    [DESIGN_PROMPT] = {"prompt_tokens", "1", "tokens of a question, read before it is answered",
                       DESIGN_NUMBER, true, 0.0, 1e9, 0.0},
    [DESIGN_OUTPUT] = {"output_tokens", "1", "tokens of an answer; 0 with no prompt: any",
                       DESIGN_NUMBER, true, 0.0, 1e9, 0.0},
    [DESIGN_PREFILL_MFU] = {"prefill_mfu_ratio", "1",
                            "steady bf16 throughput of reading prompts over the dense bf16 peak; "
                            "0: serving_mfu_ratio",
                            DESIGN_NUMBER, false, 0.0, 1.0, 0.0},
    [DESIGN_CACHE_RATIO] = {"cache_ratio", "1", "heads of keys and values over heads",
                            DESIGN_NUMBER, false, 0.0, 1.0, 1.0},
    [DESIGN_CACHED_TOKENS] = {"cached_tokens", "1",
                              "tokens whose keys and values are held at one time in use",
                              DESIGN_NUMBER, true, 0.0, LARGEST_COUNT, 0.0},
    [DESIGN_WINDOW] = {"window_tokens", "1", "last tokens that attention reaches back to; inf: all",
                       DESIGN_NUMBER, true, 0.0, LARGEST_COUNT, (double)INFINITY},
    [DESIGN_FULL_LAYERS] = {"full_layer_ratio", "1", "share of the layers that have no such window",
                            DESIGN_NUMBER, false, 0.0, 1.0, 0.0},
    [DESIGN_POST_CACHE_BITS] =
        BITS("post_cache_bits", "bits of a key or value in use; 0: as trained"),
    [DESIGN_MFU_MODEL] = {"mfu_model", "", "what gives the MFU of training", DESIGN_CATEGORY, false,
                          0.0, 0.0, THROUGHPUT_MFU_CONSTANT},
    [DESIGN_SCALING_MODEL] = {"scaling_model", "", "what more devices at once do to the MFU",
                              DESIGN_CATEGORY, false, 0.0, 0.0, THROUGHPUT_SCALING_CONSTANT},
    [DESIGN_GOODPUT_MODEL] = {"goodput_model", "", "what failures of devices do to the goodput",
                              DESIGN_CATEGORY, false, 0.0, 0.0, THROUGHPUT_GOODPUT_CONSTANT},
    [DESIGN_LIFESPAN_MODEL] = {"lifespan_model", "", "how devices end before their lifespan",
                               DESIGN_CATEGORY, false, 0.0, 0.0, SURVIVAL_CONSTANT},
    [DESIGN_OPTIMIZER] = {"optimizer", "", "what is kept of each parameter while training",
                          DESIGN_CATEGORY, false, 0.0, 0.0, NAN},
    [DESIGN_TOKENS_PER_PARAM] = {"tokens_per_param", "1",
                                 "for formulas: training tokens for each parameter", DESIGN_NUMBER,
                                 false, 0.0, LARGEST_COUNT, NAN},
    [DESIGN_ASPECT] = {"aspect_ratio", "1", "for formulas: width over depth", DESIGN_NUMBER, false,
                       0.0, LARGEST_COUNT, NAN},
    [DESIGN_BUDGET] = {"budget_flop", "FLOP",
                       "operations that may be spent, for formulas and for laws in compute_flop",
                       DESIGN_NUMBER, false, 0.0, LARGEST_BUDGET_FLOP, NAN},
    [DESIGN_SERVED_QUESTIONS] = {"served_questions", "1",
                                 "questions answered over the deployment: each has prompt_tokens "
                                 "and, for each of samples, output_tokens",
                                 DESIGN_NUMBER, true, 0.0, LARGEST_COUNT, 0.0},
};

const struct design_field *design_field(enum design_input input)
{
    STATUS_ASSERT((int)input >= 0 && input < DESIGN_N_INPUTS);
    return &fields[input];
}

enum design_input design_find(const char *name)
{
    int i = 0;
    while (i < DESIGN_N_INPUTS && strcmp(fields[i].name, name) != 0) {
        i++;
    }
    return (enum design_input)i;
}

struct design design_neutral(void)
{
    struct design d;
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        d.value[i] = fields[i].neutral;
    }
    return d;
}

enum status design_check(enum design_input input, double value, struct status_why *why)
{
    const struct design_field *f = design_field(input);
    STATUS_ASSERT(f->kind == DESIGN_NUMBER);
    const bool above = f->lower == 0.0 ? value > 0.0 : value >= f->lower;
    const bool neutral = value >= f->neutral && value <= f->neutral;
    if (neutral || (above && value <= f->upper)) {
        return STATUS_OK;
    }
    return status_fail(why, STATUS_INPUT, "%s: %.12g: must be in %c%g, %g]%s", f->name, value,
                       f->lower == 0.0 && !(f->neutral <= 0.0) ? '(' : '[', f->lower, f->upper,
                       isinf(f->neutral) ? ", or inf" : "");
}

static bool is_bits(enum design_input input)
{
    return input == DESIGN_WEIGHT_BITS || input == DESIGN_ACTIVATION_BITS
           || input == DESIGN_CACHE_BITS;
}

double design_bits(const struct design *d, enum design_input input)
{
    STATUS_ASSERT(is_bits(input));
    const int precision = design_code(d, DESIGN_PRECISION);
    const double together = d->value[DESIGN_TRAINING_BITS];
    return d->value[input] > 0.0 ? d->value[input]
           : together > 0.0      ? together
           : precision < 0       ? (double)NAN
                                 : precision_bits((enum precision)precision);
}

double design_read(const struct design *d, enum design_input input)
{
    return is_bits(input)                  ? design_bits(d, input)
           : input == DESIGN_UNIQUE_TOKENS ? fmin(d->value[input], d->value[DESIGN_TOKENS])
                                           : d->value[input];
}

design_set design_behind(enum design_input input)
{
    return DESIGN_BIT(input)
           | (is_bits(input) ? DESIGN_BIT(DESIGN_TRAINING_BITS) | DESIGN_BIT(DESIGN_PRECISION)
              : input == DESIGN_UNIQUE_TOKENS ? DESIGN_BIT(DESIGN_TOKENS)
                                              : 0);
}

double design_post_bits(const struct design *d, enum design_input input)
{
    STATUS_ASSERT(input == DESIGN_POST_BITS || input == DESIGN_POST_CACHE_BITS);
    return d->value[input] > 0.0
               ? d->value[input]
               : design_bits(d, input == DESIGN_POST_BITS ? DESIGN_WEIGHT_BITS : DESIGN_CACHE_BITS);
}

bool design_serves(const struct design *d)
{
    return d->value[DESIGN_SERVED_TOKENS] > 0.0 || d->value[DESIGN_SERVED_QUESTIONS] > 0.0;
}

int design_code(const struct design *d, enum design_input input)
{
    STATUS_ASSERT(design_field(input)->kind == DESIGN_CATEGORY);
    return isnan(d->value[input]) ? -1 : (int)d->value[input];
}

/* Categories. */

static int n_precisions(const struct hardware_catalogue *c)
{
    (void)c;
    return PRECISION_N;
}

static const char *precision_id(const struct hardware_catalogue *c, int code)
{
    (void)c;
    return precision_name((enum precision)code);
}

/* The rows of a table of the catalogue as categories. */
#define ROWS(name, table)                                                                          \
    static int n_##table(const struct hardware_catalogue *c)                                       \
    {                                                                                              \
        return (int)c->n_##table;                                                                  \
    }                                                                                              \
    static const char *name##_id(const struct hardware_catalogue *c, int code)                     \
    {                                                                                              \
        return c->table[code].id;                                                                  \
    }

/* The models of one kind. */
#define MODELS(kind, count, names)                                                                 \
    static int n_##kind(const struct hardware_catalogue *c)                                        \
    {                                                                                              \
        (void)c;                                                                                   \
        return (int)(count);                                                                       \
    }                                                                                              \
    static const char *kind##_id(const struct hardware_catalogue *c, int code)                     \
    {                                                                                              \
        (void)c;                                                                                   \
        return names(code);                                                                        \
    }

ROWS(device, devices)
ROWS(grid, grids)
ROWS(site, sites)
ROWS(optimizer, optimizers)
MODELS(mfu_model, THROUGHPUT_N_MFU, throughput_mfu_name)
MODELS(scaling_model, THROUGHPUT_N_SCALING, throughput_scaling_name)
MODELS(goodput_model, THROUGHPUT_N_GOODPUT, throughput_goodput_name)
MODELS(lifespan_model, SURVIVAL_N, survival_name)

/* The categories of each input that is one. */
static const struct {
    int (*n)(const struct hardware_catalogue *c);
    const char *(*id)(const struct hardware_catalogue *c, int code);
} categories[DESIGN_N_INPUTS] = {
    [DESIGN_PRECISION] = {n_precisions, precision_id},
    [DESIGN_DEVICE] = {n_devices, device_id},
    [DESIGN_GRID] = {n_grids, grid_id},
    [DESIGN_SITE] = {n_sites, site_id},
    [DESIGN_OPTIMIZER] = {n_optimizers, optimizer_id},
    [DESIGN_MFU_MODEL] = {n_mfu_model, mfu_model_id},
    [DESIGN_SCALING_MODEL] = {n_scaling_model, scaling_model_id},
    [DESIGN_GOODPUT_MODEL] = {n_goodput_model, goodput_model_id},
    [DESIGN_LIFESPAN_MODEL] = {n_lifespan_model, lifespan_model_id},
};

const char *design_category(const struct hardware_catalogue *c, enum design_input input, int code)
{
    STATUS_ASSERT(code >= 0 && code < design_n_categories(c, input));
    return categories[input].id(c, code);
}

int design_n_categories(const struct hardware_catalogue *c, enum design_input input)
{
    STATUS_ASSERT(design_field(input)->kind == DESIGN_CATEGORY);
    return categories[input].n(c);
}

int design_find_category(const struct hardware_catalogue *c, enum design_input input,
                         const char *id)
{
    if (input == DESIGN_PRECISION) { /* some have two names */
        const enum precision p = precision_find(id);
        return p == PRECISION_N ? -1 : (int)p;
    }
    for (int code = 0; code < design_n_categories(c, input); code++) {
        if (strcmp(design_category(c, input, code), id) == 0) {
            return code;
        }
    }
    return -1;
}
