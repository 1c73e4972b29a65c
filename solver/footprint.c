#include "solver/footprint.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "solver/base/units.h"

/* Forward and backward pass: 2 and 4 operations a parameter and token (kaplan2020). */
#define FLOP_PER_PARAM_AND_TOKEN 6.0

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

#define INPUT(name)  (1u << DESIGN_##name)
#define FIGURE(name) (1u << (name))

/* Outcome of one device-hour (docs/model.md M12 to M18). */

static double hour_of(const struct subject *s)
{
    (void)s;
    return 1.0;
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
#define HOUR_FIGURES       (FIGURE(PEAK) | FIGURE(MFU_FACTOR))
#define ENERGY_FIGURES     (HOUR_FIGURES | FIGURE(POWER) | FIGURE(PUE))

/* The outcomes: their columns, the inputs of per_hour, the figures of the catalogue behind them. */
static const struct {
    struct footprint_field field;
    double (*per_hour)(const struct subject *s);
    unsigned inputs, figures;
} outcomes[FOOTPRINT_N_OUTCOMES] = {
    [FOOTPRINT_LOSS] = {{"loss_nat", "nat", "cross-entropy loss a token"}, NULL, 0, 0},
    [FOOTPRINT_COMPUTE] = {{"compute_flop", "FLOP", "operations of training"}, NULL, 0, 0},
    [FOOTPRINT_DEVICE_HOUR] = {{"device_hour", "hour", "time of all devices together"},
                               hour_of,
                               0,
                               HOUR_FIGURES},
    [FOOTPRINT_DEVICE_LIFETIME] = {{"device_lifetime", "1", "device lives used up"},
                                   lifetime_of,
                                   INPUT(LIFESPAN),
                                   HOUR_FIGURES},
    [FOOTPRINT_DEVICES] = {{"devices", "1", "device lives used up, rounded up"},
                           lifetime_of,
                           INPUT(LIFESPAN),
                           HOUR_FIGURES},
    [FOOTPRINT_ENERGY] = {{"energy_kwh", "kWh", "electricity of training, PUE included"},
                          energy_of,
                          ENERGY_INPUTS,
                          ENERGY_FIGURES},
    [FOOTPRINT_OPERATIONAL_CARBON] = {{"operational_carbon_kg", "kg",
                                       "CO2 equivalent of the electricity"},
                                      operational_of,
                                      OPERATIONAL_INPUTS,
                                      ENERGY_FIGURES | FIGURE(GRID_CARBON)},
    [FOOTPRINT_EMBODIED_CARBON] = {{"embodied_carbon_kg", "kg",
                                    "CO2 equivalent of making the device lives used up"},
                                   embodied_share_of,
                                   AMORTISED_INPUTS,
                                   HOUR_FIGURES | FIGURE(EMBODIED)},
    [FOOTPRINT_CARBON] = {{"carbon_kg", "kg", "CO2 equivalent, operational and embodied"},
                          carbon_of,
                          /* They share inputs. NOLINTNEXTLINE(misc-redundant-expression) */
                          OPERATIONAL_INPUTS | AMORTISED_INPUTS,
                          ENERGY_FIGURES | FIGURE(GRID_CARBON) | FIGURE(EMBODIED)},
    [FOOTPRINT_MASS] = {{"mass_kg", "kg", "hardware mass of the device lives used up"},
                        mass_share_of,
                        AMORTISED_INPUTS,
                        HOUR_FIGURES | FIGURE(MASS)},
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

double footprint_hour_per_flop(const struct design *d, const struct hardware_catalogue *c)
{
    const struct subject s = {d, c, NULL};
    const double mfu_ratio = d->value[DESIGN_MFU] * mfu_factor_of(&s);
    return 1.0 / (peak_of(&s) * mfu_ratio * d->value[DESIGN_GOODPUT] * UNITS_SECOND_PER_HOUR);
}

double footprint_per_hour(enum footprint_outcome o, const struct design *d,
                          const struct hardware_catalogue *c,
                          const struct footprint_options *options)
{
    const struct subject s = {d, c, options};
    STATUS_ASSERT(o >= FOOTPRINT_DEVICE_HOUR && o < FOOTPRINT_N_OUTCOMES);
    return outcomes[o].per_hour(&s);
}

unsigned footprint_per_hour_inputs(enum footprint_outcome o)
{
    STATUS_ASSERT(o >= FOOTPRINT_DEVICE_HOUR && o < FOOTPRINT_N_OUTCOMES);
    return outcomes[o].inputs;
}

double footprint_per_flop(enum footprint_outcome o, const struct design *d,
                          const struct hardware_catalogue *c,
                          const struct footprint_options *options)
{
    STATUS_ASSERT(o != FOOTPRINT_LOSS);
    return o == FOOTPRINT_COMPUTE
               ? 1.0
               : footprint_hour_per_flop(d, c) * footprint_per_hour(o, d, c, options);
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
    STATUS_ASSERT(o != FOOTPRINT_LOSS && o < FOOTPRINT_N_OUTCOMES);
    const struct subject s = {d, c, options};
    if (o == FOOTPRINT_COMPUTE) {
        return STATUS_OK;
    }
    const unsigned inputs = FOOTPRINT_HOUR_INPUTS | outcomes[o].inputs;
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        if ((inputs >> i & 1u) != 0 && isnan(d->value[i])) {
            return status_fail(why, STATUS_INPUT, "%s: not said, and %s needs it",
                               design_field((enum design_input)i)->name, outcomes[o].field.name);
        }
    }
    for (int i = 0; i < N_FIGURES; i++) {
        if ((outcomes[o].figures >> i & 1u) != 0 && isnan(figures[i].value(&s))) {
            return explain_figure(o, i, &s, why);
        }
    }
    return STATUS_OK;
}

void footprint_all(const struct design *d, const struct hardware_catalogue *c,
                   const struct footprint_options *options, double outcome[])
{
    const double compute_flop =
        footprint_compute_flop(d->value[DESIGN_PARAMS], d->value[DESIGN_TOKENS]);
    const double device_hour = compute_flop * footprint_hour_per_flop(d, c);
    outcome[FOOTPRINT_COMPUTE] = compute_flop;
    for (int o = FOOTPRINT_DEVICE_HOUR; o < FOOTPRINT_N_OUTCOMES; o++) {
        outcome[o] = device_hour * footprint_per_hour((enum footprint_outcome)o, d, c, options);
    }
    outcome[FOOTPRINT_DEVICES] = footprint_devices(outcome[FOOTPRINT_DEVICES]);
}

double footprint_devices(double lifetimes)
{
    const double nearest = rint(lifetimes);
    return fabs(lifetimes - nearest) <= whole_to * lifetimes ? nearest : ceil(lifetimes);
}
