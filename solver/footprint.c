#include "solver/footprint.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "solver/base/units.h"

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
    const struct design *d;
    const struct hardware_catalogue *c;
    const struct footprint_options *options;
};

static const struct hardware *device_of(const struct subject *s)
{
    const int code = design_code(s->d, DESIGN_DEVICE);
    return code < 0 ? NULL : &s->c->devices[code];
}

static double peak_of(const struct subject *s)
{
    const struct hardware *device = device_of(s);
    const int p = design_code(s->d, DESIGN_PRECISION);
    return device == NULL || p < 0 ? absent : device->peak_flop_per_second[p];
}

static double mfu_factor_of(const struct subject *s)
{
    const int p = design_code(s->d, DESIGN_PRECISION);
    return p < 0 ? absent : s->c->formats[p].mfu_factor;
}

static double power_of(const struct subject *s)
{
    const struct hardware *device = device_of(s);
    return device == NULL ? absent : device->power_watt;
}

static double pue_of(const struct subject *s)
{
    const int code = design_code(s->d, DESIGN_SITE);
    return code < 0 ? absent : s->c->sites[code].pue_ratio;
}

static double grid_carbon_of(const struct subject *s)
{
    const int code = design_code(s->d, DESIGN_GRID);
    return code < 0 ? absent : s->c->grids[code].carbon_kg_per_kwh;
}

static double embodied_of(const struct subject *s)
{
    const struct hardware *device = device_of(s);
    return device == NULL ? absent : hardware_pick(device->embodied_carbon_kg, s->options->bound);
}

static double mass_of(const struct subject *s)
{
    const struct hardware *device = device_of(s);
    return device == NULL ? absent : hardware_pick(device->mass_kg, s->options->bound);
}

/* What follows the name in the column of a figure. */
enum suffix { SUFFIX_NONE, SUFFIX_PRECISION, SUFFIX_BOUND };

enum figure { PEAK, MFU_FACTOR, POWER, PUE, GRID_CARBON, EMBODIED, MASS, N_FIGURES };

/* The figures of the catalogue: where each is written down and how it is read. */
static const struct {
    double (*value)(const struct subject *s);
    enum design_input table; /* whose row holds it */
    const char *column;
    enum suffix suffix;
} figures[N_FIGURES] = {
    [PEAK] = {peak_of, DESIGN_DEVICE, "peak_tflops_", SUFFIX_PRECISION},
    [MFU_FACTOR] = {mfu_factor_of, DESIGN_PRECISION, "mfu_factor", SUFFIX_NONE},
    [POWER] = {power_of, DESIGN_DEVICE, "power_watt", SUFFIX_NONE},
    [PUE] = {pue_of, DESIGN_SITE, "pue_ratio", SUFFIX_NONE},
    [GRID_CARBON] = {grid_carbon_of, DESIGN_GRID, "carbon_kg_per_kwh", SUFFIX_NONE},
    [EMBODIED] = {embodied_of, DESIGN_DEVICE, "embodied_carbon_kg_", SUFFIX_BOUND},
    [MASS] = {mass_of, DESIGN_DEVICE, "mass_kg_", SUFFIX_BOUND},
};

#define INPUT(name)  DESIGN_BIT(DESIGN_##name)
#define FIGURE(name) (1u << (name))

/* Rates: outcome of one unit of the base (docs/model.md M12 to M20). */

static double one(const struct subject *s)
{
    (void)s;
    return 1.0;
}

static double day_of(const struct subject *s)
{
    return 1.0 / (s->d->value[DESIGN_FLEET] * UNITS_HOUR_PER_DAY);
}

static double fleet_of(const struct subject *s)
{
    return 1.0 / (s->d->value[DESIGN_DEADLINE] * UNITS_HOUR_PER_DAY);
}

static double lifetime_of(const struct subject *s)
{
    const double share =
        s->options->amortisation == FOOTPRINT_UTILISED ? s->options->utilisation_ratio : 1.0;
    return 1.0 / (s->d->value[DESIGN_LIFESPAN] * UNITS_HOUR_PER_YEAR * share);
}

static double energy_of(const struct subject *s)
{
    return power_of(s) / UNITS_WATT_PER_KW * s->options->power_ratio * pue_of(s);
}

static double operational_of(const struct subject *s)
{
    return energy_of(s) * grid_carbon_of(s);
}

static double embodied_share_of(const struct subject *s)
{
    return lifetime_of(s) * embodied_of(s);
}

static double carbon_of(const struct subject *s)
{
    return operational_of(s) + embodied_share_of(s);
}

static double mass_share_of(const struct subject *s)
{
    return lifetime_of(s) * mass_of(s);
}

#define ENERGY_INPUTS      (INPUT(DEVICE) | INPUT(SITE))
#define OPERATIONAL_INPUTS (ENERGY_INPUTS | INPUT(GRID))
#define AMORTISED_INPUTS   (INPUT(DEVICE) | INPUT(LIFESPAN))
#define ENERGY_FIGURES     (FIGURE(POWER) | FIGURE(PUE))

/* The outcomes: their columns, bases and rates; the inputs of the rate and the figures of the
 * catalogue behind it. */
static const struct {
    struct footprint_field field;
    enum footprint_base base;
    bool rounds;
    double (*rate)(const struct subject *s);
    design_set inputs;
    unsigned figures;
} outcomes[FOOTPRINT_N_OUTCOMES] = {
    [FOOTPRINT_LOSS] =
        {{"loss_nat", "nat", "cross-entropy loss a token"}, FOOTPRINT_OF_LAW, false, NULL, 0, 0},
    [FOOTPRINT_ACCURACY] = {{"accuracy_ratio", "1", "share of the questions answered rightly"},
                            FOOTPRINT_OF_LAW,
                            false,
                            NULL,
                            0,
                            0},
    [FOOTPRINT_COMPUTE] = {{"compute_flop", "FLOP", "operations of training"},
                           FOOTPRINT_OF_TRAINING_FLOP,
                           false,
                           one,
                           0,
                           0},
    [FOOTPRINT_TOTAL_FLOP] = {{"total_flop", "FLOP", "operations of training and of serving"},
                              FOOTPRINT_OF_TOTAL_FLOP,
                              false,
                              one,
                              0,
                              0},
    [FOOTPRINT_DURATION] = {{"duration_day", "day", "time from start to end of training"},
                            FOOTPRINT_OF_TRAINING_HOUR,
                            false,
                            day_of,
                            INPUT(FLEET),
                            0},
    [FOOTPRINT_DEADLINE_FLEET] = {{"deadline_fleet", "1",
                                   "whole devices at the same time that meet the deadline"},
                                  FOOTPRINT_OF_TRAINING_HOUR,
                                  true,
                                  fleet_of,
                                  INPUT(DEADLINE),
                                  0},
    [FOOTPRINT_DEVICE_HOUR] = {{"device_hour", "hour", "time of all devices together"},
                               FOOTPRINT_OF_TOTAL_HOUR,
                               false,
                               one,
                               0,
                               0},
    [FOOTPRINT_DEVICE_LIFETIME] = {{"device_lifetime", "1", "device lives used up"},
                                   FOOTPRINT_OF_TOTAL_HOUR,
                                   false,
                                   lifetime_of,
                                   INPUT(LIFESPAN),
                                   0},
    [FOOTPRINT_DEVICES] = {{"devices", "1", "device lives used up, rounded up"},
                           FOOTPRINT_OF_TOTAL_HOUR,
                           true,
                           lifetime_of,
                           INPUT(LIFESPAN),
                           0},
    [FOOTPRINT_ENERGY] = {{"energy_kwh", "kWh", "electricity, PUE included"},
                          FOOTPRINT_OF_TOTAL_HOUR,
                          false,
                          energy_of,
                          ENERGY_INPUTS,
                          ENERGY_FIGURES},
    [FOOTPRINT_OPERATIONAL_CARBON] = {{"operational_carbon_kg", "kg",
                                       "CO2 equivalent of the electricity"},
                                      FOOTPRINT_OF_TOTAL_HOUR,
                                      false,
                                      operational_of,
                                      OPERATIONAL_INPUTS,
                                      ENERGY_FIGURES | FIGURE(GRID_CARBON)},
    [FOOTPRINT_EMBODIED_CARBON] = {{"embodied_carbon_kg", "kg",
                                    "CO2 equivalent of making the device lives used up"},
                                   FOOTPRINT_OF_TOTAL_HOUR,
                                   false,
                                   embodied_share_of,
                                   AMORTISED_INPUTS,
                                   FIGURE(EMBODIED)},
    [FOOTPRINT_CARBON] = {{"carbon_kg", "kg", "CO2 equivalent, operational and embodied"},
                          FOOTPRINT_OF_TOTAL_HOUR,
                          false,
                          carbon_of,
                          /* They share inputs. NOLINTNEXTLINE(misc-redundant-expression) */
                          OPERATIONAL_INPUTS | AMORTISED_INPUTS,
                          ENERGY_FIGURES | FIGURE(GRID_CARBON) | FIGURE(EMBODIED)},
    [FOOTPRINT_MASS] = {{"mass_kg", "kg", "hardware mass of the device lives used up"},
                        FOOTPRINT_OF_TOTAL_HOUR,
                        false,
                        mass_share_of,
                        AMORTISED_INPUTS,
                        FIGURE(MASS)},
};

/* Factors of work. */

static double flop_per_token_of(const struct subject *s)
{
    return footprint_compute_flop(s->d->value[DESIGN_PARAMS], 1.0);
}

static double tokens_of(const struct subject *s)
{
    return s->d->value[DESIGN_TOKENS];
}

/* Hours that one operation takes at a throughput of \a mfu_ratio in bf16. */
static double hour_at(const struct subject *s, double mfu_ratio)
{
    return 1.0
           / (peak_of(s) * (mfu_ratio * mfu_factor_of(s)) * s->d->value[DESIGN_GOODPUT]
              * UNITS_SECOND_PER_HOUR);
}

static double hour_per_flop_of(const struct subject *s)
{
    return hour_at(s, s->d->value[DESIGN_MFU]);
}

static double serving_flop_per_token_of(const struct subject *s)
{
    return FLOP_PER_PARAM_AND_SERVED_TOKEN * s->d->value[DESIGN_PARAMS];
}

static double served_tokens_of(const struct subject *s)
{
    return s->d->value[DESIGN_SERVED_TOKENS];
}

static double serving_hour_per_flop_of(const struct subject *s)
{
    const double said = s->d->value[DESIGN_SERVING_MFU];
    return hour_at(s, said > 0.0 ? said : s->d->value[DESIGN_MFU]);
}

#define HOUR_INPUTS  (INPUT(DEVICE) | INPUT(PRECISION) | INPUT(MFU) | INPUT(GOODPUT))
#define HOUR_FIGURES (FIGURE(PEAK) | FIGURE(MFU_FACTOR))

static const struct {
    double (*value)(const struct subject *s);
    design_set inputs;
    unsigned figures;
} factors[FOOTPRINT_RATE] = {
    [FOOTPRINT_FLOP_PER_TOKEN] = {flop_per_token_of, INPUT(PARAMS), 0},
    [FOOTPRINT_TOKENS] = {tokens_of, INPUT(TOKENS), 0},
    [FOOTPRINT_HOUR_PER_FLOP] = {hour_per_flop_of, HOUR_INPUTS, HOUR_FIGURES},
    [FOOTPRINT_SERVING_FLOP_PER_TOKEN] = {serving_flop_per_token_of, INPUT(PARAMS), 0},
    [FOOTPRINT_SERVED_TOKENS] = {served_tokens_of, INPUT(SERVED_TOKENS), 0},
    [FOOTPRINT_SERVING_HOUR_PER_FLOP] = {serving_hour_per_flop_of, HOUR_INPUTS | INPUT(SERVING_MFU),
                                         HOUR_FIGURES},
};

#define TRAINING_FLOP_FACTORS (1u << FOOTPRINT_FLOP_PER_TOKEN | 1u << FOOTPRINT_TOKENS)
#define TOTAL_FLOP_FACTORS                                                                         \
    (TRAINING_FLOP_FACTORS | 1u << FOOTPRINT_SERVING_FLOP_PER_TOKEN | 1u << FOOTPRINT_SERVED_TOKENS)

/* The factors of each base, a bit each. */
static const unsigned base_factors[] = {
    [FOOTPRINT_OF_LAW] = 0,
    [FOOTPRINT_OF_DESIGN] = 0,
    [FOOTPRINT_OF_TRAINING_FLOP] = TRAINING_FLOP_FACTORS,
    [FOOTPRINT_OF_TOTAL_FLOP] = TOTAL_FLOP_FACTORS,
    [FOOTPRINT_OF_TRAINING_HOUR] = TRAINING_FLOP_FACTORS | 1u << FOOTPRINT_HOUR_PER_FLOP,
    [FOOTPRINT_OF_TOTAL_HOUR] =
        TOTAL_FLOP_FACTORS | 1u << FOOTPRINT_HOUR_PER_FLOP | 1u << FOOTPRINT_SERVING_HOUR_PER_FLOP,
};

const struct footprint_field *footprint_field(enum footprint_outcome o)
{
    STATUS_ASSERT((int)o >= 0 && o < FOOTPRINT_N_OUTCOMES);
    return &outcomes[o].field;
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
    return (struct footprint_options){.amortisation = FOOTPRINT_BUSY,
                                      .utilisation_ratio = 1.0,
                                      .power_ratio = 1.0,
                                      .bound = HARDWARE_TYPICAL};
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

double footprint_factor(enum footprint_factor f, enum footprint_outcome o, const struct design *d,
                        const struct hardware_catalogue *c, const struct footprint_options *options)
{
    const struct subject s = {d, c, options};
    return f == FOOTPRINT_RATE ? outcomes[o].rate(&s) : factors[f].value(&s);
}

design_set footprint_factor_reads(enum footprint_factor f, enum footprint_outcome o,
                                  const struct design *d, const struct footprint_options *options)
{
    (void)d;
    (void)options;
    return f == FOOTPRINT_RATE ? outcomes[o].inputs : factors[f].inputs;
}

bool footprint_is_of(enum footprint_base base, enum footprint_factor f)
{
    return (base_factors[base] >> f & 1u) != 0;
}

bool footprint_is_serving(enum footprint_factor f)
{
    return f == FOOTPRINT_SERVING_FLOP_PER_TOKEN || f == FOOTPRINT_SERVED_TOKENS
           || f == FOOTPRINT_SERVING_HOUR_PER_FLOP;
}

/* Whether a factor counts in an outcome of a design. */
static bool counts(enum footprint_factor f, enum footprint_outcome o, const struct design *d)
{
    return footprint_is_of(outcomes[o].base, f)
           && (f == FOOTPRINT_SERVED_TOKENS || !footprint_is_serving(f)
               || d->value[DESIGN_SERVED_TOKENS] > 0.0);
}

design_set footprint_reads(enum footprint_outcome o, const struct design *d,
                           const struct footprint_options *options)
{
    design_set all = outcomes[o].inputs;
    for (int f = 0; f < FOOTPRINT_RATE; f++) {
        all |= counts((enum footprint_factor)f, o, d)
                   ? footprint_factor_reads((enum footprint_factor)f, o, d, options)
                   : 0;
    }
    return all;
}

/* Where the row of a figure stands: file, line, id. */
static void name_row(const struct subject *s, enum design_input table, char row[], size_t size)
{
    const struct hardware_catalogue *c = s->c;
    const int code = design_code(s->d, table);
    const char *id = design_category(c, table, code);
    if (table == DESIGN_PRECISION) {
        (void)snprintf(row, size, "table of formats: %s", id);
    } else if (table == DESIGN_DEVICE) {
        (void)snprintf(row, size, "%s:%d: %s", c->devices_file, c->devices[code].line, id);
    } else if (table == DESIGN_GRID) {
        (void)snprintf(row, size, "%s:%d: %s", c->grids_file, c->grids[code].line, id);
    } else {
        (void)snprintf(row, size, "%s:%d: %s", c->sites_file, c->sites[code].line, id);
    }
}

static enum status explain_figure(enum footprint_outcome o, int figure, const struct subject *s,
                                  struct status_why *why)
{
    char row[384];
    name_row(s, figures[figure].table, row, sizeof row);
    const char *suffix = "";
    if (figures[figure].suffix == SUFFIX_PRECISION) {
        suffix = precision_name((enum precision)design_code(s->d, DESIGN_PRECISION));
    } else if (figures[figure].suffix == SUFFIX_BOUND) {
        suffix = hardware_bound_name(s->options->bound);
    }
    return status_fail(why, STATUS_INPUT,
                       "%s: %s%s: absent, and %s needs it: fill it in or leave this option out",
                       row, figures[figure].column, suffix, outcomes[o].field.name);
}

enum status footprint_explain(enum footprint_outcome o, const struct design *d,
                              const struct hardware_catalogue *c,
                              const struct footprint_options *options, struct status_why *why)
{
    const struct subject s = {d, c, options};
    const design_set reads = footprint_reads(o, d, options);
    unsigned needed = outcomes[o].figures;
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        if (design_has(reads, (enum design_input)i) && isnan(d->value[i])) {
            return status_fail(why, STATUS_INPUT, "%s: not said, and %s needs it",
                               design_field((enum design_input)i)->name, outcomes[o].field.name);
        }
    }
    for (int f = 0; f < FOOTPRINT_RATE; f++) {
        needed |= counts((enum footprint_factor)f, o, d) ? factors[f].figures : 0;
    }
    for (int i = 0; i < N_FIGURES; i++) {
        if ((needed >> i & 1u) != 0 && isnan(figures[i].value(&s))) {
            return explain_figure(o, i, &s, why);
        }
    }
    return STATUS_OK;
}

void footprint_all(const struct design *d, const struct hardware_catalogue *c,
                   const struct footprint_options *options, double outcome[])
{
    const struct subject s = {d, c, options};
    double base[] = {[FOOTPRINT_OF_LAW] = absent,
                     [FOOTPRINT_OF_DESIGN] = 1.0,
                     [FOOTPRINT_OF_TOTAL_HOUR] = absent};
    const double training_flop = flop_per_token_of(&s) * tokens_of(&s);
    const double training_hour = training_flop * hour_per_flop_of(&s);
    base[FOOTPRINT_OF_TRAINING_FLOP] = base[FOOTPRINT_OF_TOTAL_FLOP] = training_flop;
    base[FOOTPRINT_OF_TRAINING_HOUR] = base[FOOTPRINT_OF_TOTAL_HOUR] = training_hour;
    if (d->value[DESIGN_SERVED_TOKENS] > 0.0) {
        const double serving_flop = serving_flop_per_token_of(&s) * served_tokens_of(&s);
        base[FOOTPRINT_OF_TOTAL_FLOP] += serving_flop;
        base[FOOTPRINT_OF_TOTAL_HOUR] += serving_flop * serving_hour_per_flop_of(&s);
    }
    for (int o = 0; o < FOOTPRINT_N_OUTCOMES; o++) {
        if (outcomes[o].base != FOOTPRINT_OF_LAW) {
            const double value = base[outcomes[o].base] * outcomes[o].rate(&s);
            outcome[o] = outcomes[o].rounds ? footprint_devices(value) : value;
        }
    }
}

double footprint_devices(double lifetimes)
{
    const double nearest = rint(lifetimes);
    return fabs(lifetimes - nearest) <= whole_to * lifetimes ? nearest : ceil(lifetimes);
}
