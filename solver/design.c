#include "solver/design.h"

#include <math.h>
#include <string.h>

/* Counts up to this stay far from the ends of double after every multiplication. */
#define LARGEST_COUNT         1e18
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
    [DESIGN_WEIGHT_BITS] = BITS("weight_bits", "bits of a weight in training; 0: of the precision"),
    [DESIGN_ACTIVATION_BITS] =
        BITS("activation_bits", "bits of an activation in training; 0: of the precision"),
    [DESIGN_CACHE_BITS] = BITS("cache_bits", "bits of a key or value; 0: of the precision"),
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
    return status_fail(why, STATUS_INPUT, "%s: %.12g: must be in %c%g, %g]", f->name, value,
                       f->lower == 0.0 ? '(' : '[', f->lower, f->upper);
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
    return d->value[input] > 0.0 ? d->value[input]
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
           | (is_bits(input)                  ? DESIGN_BIT(DESIGN_PRECISION)
              : input == DESIGN_UNIQUE_TOKENS ? DESIGN_BIT(DESIGN_TOKENS)
                                              : 0);
}

int design_code(const struct design *d, enum design_input input)
{
    STATUS_ASSERT(design_field(input)->kind == DESIGN_CATEGORY);
    return isnan(d->value[input]) ? -1 : (int)d->value[input];
}

const char *design_category(const struct hardware_catalogue *c, enum design_input input, int code)
{
    STATUS_ASSERT(code >= 0 && code < design_n_categories(c, input));
    return input == DESIGN_PRECISION ? precision_name((enum precision)code)
           : input == DESIGN_DEVICE  ? c->devices[code].id
           : input == DESIGN_GRID    ? c->grids[code].id
                                     : c->sites[code].id;
}

int design_n_categories(const struct hardware_catalogue *c, enum design_input input)
{
    STATUS_ASSERT(design_field(input)->kind == DESIGN_CATEGORY);
    return input == DESIGN_PRECISION ? (int)PRECISION_N
           : input == DESIGN_DEVICE  ? (int)c->n_devices
           : input == DESIGN_GRID    ? (int)c->n_grids
                                     : (int)c->n_sites;
}

int design_find_category(const struct hardware_catalogue *c, enum design_input input,
                         const char *id)
{
    STATUS_ASSERT(design_field(input)->kind == DESIGN_CATEGORY);
    if (input == DESIGN_PRECISION) {
        const enum precision p = precision_find(id);
        return p == PRECISION_N ? -1 : (int)p;
    }
    return input == DESIGN_DEVICE ? hardware_find_device(c, id)
           : input == DESIGN_GRID ? hardware_find_grid(c, id)
                                  : hardware_find_site(c, id);
}
