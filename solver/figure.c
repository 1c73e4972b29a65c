#include "solver/figure.h"

#include <math.h>
#include <stdio.h>

/* What follows the name in the column of a figure. */
enum suffix { SUFFIX_NONE, SUFFIX_PRECISION, SUFFIX_BOUND };

static double peak_of(const struct figure_reader *r, int device)
{
    const int p = design_code(r->d, DESIGN_PRECISION);
    return p < 0 ? (double)NAN : r->c->devices[device].peak_flop_per_second[p];
}

static double mfu_factor_of(const struct figure_reader *r, int precision)
{
    return r->c->formats[precision].mfu_factor;
}

/* A number and an interval of a row. */
#define NUMBER(name, table, member)                                                                \
    static double name##_of(const struct figure_reader *r, int row)                                \
    {                                                                                              \
        return r->c->table[row].member;                                                            \
    }
#define INTERVAL(name, table, member)                                                              \
    static double name##_of(const struct figure_reader *r, int row)                                \
    {                                                                                              \
        return hardware_pick(r->c->table[row].member, r->bound);                                   \
    }

NUMBER(power, devices, power_watt)
NUMBER(measured_power, devices, measured_power_watt)
NUMBER(server_power, devices, server_power_watt)
NUMBER(memory, devices, memory_byte)
NUMBER(bandwidth, devices, bandwidth_byte_per_second)
INTERVAL(mass, devices, mass_kg)
NUMBER(server_mass, devices, server_mass_kg)
INTERVAL(embodied, devices, embodied_carbon_kg)
INTERVAL(server_embodied, devices, server_embodied_carbon_kg)
NUMBER(price, devices, price_usd)
NUMBER(server_price_ratio, devices, server_price_ratio)
NUMBER(rental, devices, rental_usd_per_hour)
NUMBER(pue, sites, pue_ratio)
NUMBER(site_water, sites, water_litre_per_kwh)
NUMBER(grid_carbon, grids, carbon_kg_per_kwh)
NUMBER(grid_water, grids, water_litre_per_kwh)
NUMBER(grid_price, grids, price_usd_per_kwh)
NUMBER(state, optimizers, state_byte_per_param)

/* Where each is written down and how it is read. */
static const struct {
    double (*value)(const struct figure_reader *r, int row);
    enum hardware_table table;
    enum design_input input; /* whose code is the row */
    const char *column;
    enum suffix suffix;
} figures[FIGURE_N] = {
    [FIGURE_PEAK] = {peak_of, HARDWARE_DEVICES, DESIGN_DEVICE, "peak_tflops_", SUFFIX_PRECISION},
    [FIGURE_MFU_FACTOR] = {mfu_factor_of, HARDWARE_FORMATS, DESIGN_PRECISION, "mfu_factor",
                           SUFFIX_NONE},
    [FIGURE_POWER] = {power_of, HARDWARE_DEVICES, DESIGN_DEVICE, "power_watt", SUFFIX_NONE},
    [FIGURE_MEASURED_POWER] = {measured_power_of, HARDWARE_DEVICES, DESIGN_DEVICE,
                               "measured_power_watt", SUFFIX_NONE},
    [FIGURE_SERVER_POWER] = {server_power_of, HARDWARE_DEVICES, DESIGN_DEVICE, "server_power_watt",
                             SUFFIX_NONE},
    [FIGURE_MEMORY] = {memory_of, HARDWARE_DEVICES, DESIGN_DEVICE, "memory_gb", SUFFIX_NONE},
    [FIGURE_BANDWIDTH] = {bandwidth_of, HARDWARE_DEVICES, DESIGN_DEVICE,
                          "bandwidth_byte_per_second", SUFFIX_NONE},
    [FIGURE_MASS] = {mass_of, HARDWARE_DEVICES, DESIGN_DEVICE, "mass_kg_", SUFFIX_BOUND},
    [FIGURE_SERVER_MASS] = {server_mass_of, HARDWARE_DEVICES, DESIGN_DEVICE, "server_mass_kg",
                            SUFFIX_NONE},
    [FIGURE_EMBODIED] = {embodied_of, HARDWARE_DEVICES, DESIGN_DEVICE, "embodied_carbon_kg_",
                         SUFFIX_BOUND},
    [FIGURE_SERVER_EMBODIED] = {server_embodied_of, HARDWARE_DEVICES, DESIGN_DEVICE,
                                "server_embodied_carbon_kg_", SUFFIX_BOUND},
    [FIGURE_PRICE] = {price_of, HARDWARE_DEVICES, DESIGN_DEVICE, "price_usd", SUFFIX_NONE},
    [FIGURE_SERVER_PRICE_RATIO] = {server_price_ratio_of, HARDWARE_DEVICES, DESIGN_DEVICE,
                                   "server_price_ratio", SUFFIX_NONE},
    [FIGURE_RENTAL] = {rental_of, HARDWARE_DEVICES, DESIGN_DEVICE, "rental_usd_per_hour",
                       SUFFIX_NONE},
    [FIGURE_PUE] = {pue_of, HARDWARE_SITES, DESIGN_SITE, "pue_ratio", SUFFIX_NONE},
    [FIGURE_SITE_WATER] = {site_water_of, HARDWARE_SITES, DESIGN_SITE, "water_litre_per_kwh",
                           SUFFIX_NONE},
    [FIGURE_GRID_CARBON] = {grid_carbon_of, HARDWARE_GRIDS, DESIGN_GRID, "carbon_kg_per_kwh",
                            SUFFIX_NONE},
    [FIGURE_GRID_WATER] = {grid_water_of, HARDWARE_GRIDS, DESIGN_GRID, "water_litre_per_kwh",
                           SUFFIX_NONE},
    [FIGURE_GRID_PRICE] = {grid_price_of, HARDWARE_GRIDS, DESIGN_GRID, "price_usd_per_kwh",
                           SUFFIX_NONE},
    [FIGURE_STATE] = {state_of, HARDWARE_OPTIMIZERS, DESIGN_OPTIMIZER, "state_byte_per_param",
                      SUFFIX_NONE},
};

double figure_input(struct figure_reader *r, enum design_input input)
{
    r->inputs |= DESIGN_BIT(input);
    return r->d->value[input];
}

int figure_code(struct figure_reader *r, enum design_input input)
{
    r->inputs |= DESIGN_BIT(input);
    return design_code(r->d, input);
}

static double read(const struct figure_reader *r, enum figure f)
{
    const int row = design_code(r->d, figures[f].input);
    return row < 0 ? (double)NAN : figures[f].value(r, row);
}

double figure_of(struct figure_reader *r, enum figure f)
{
    r->figures |= 1u << f;
    r->inputs |= DESIGN_BIT(figures[f].input);
    r->inputs |= figures[f].suffix == SUFFIX_PRECISION ? DESIGN_BIT(DESIGN_PRECISION) : 0;
    return read(r, f);
}

static enum status explain_absent(const struct figure_reader *r, enum figure f,
                                  const char *needed_by, struct status_why *why)
{
    char column[64];
    const int p = design_code(r->d, DESIGN_PRECISION);
    const char *suffix = figures[f].suffix == SUFFIX_PRECISION ? precision_name((enum precision)p)
                         : figures[f].suffix == SUFFIX_BOUND   ? hardware_bound_name(r->bound)
                                                               : "";
    (void)snprintf(column, sizeof column, "%s%s", figures[f].column, suffix);
    return hardware_fail_absent(r->c, figures[f].table, design_code(r->d, figures[f].input), column,
                                needed_by, why);
}

enum status figure_explain(const struct figure_reader *r, const char *needed_by,
                           struct status_why *why)
{
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const enum design_input input = (enum design_input)i;
        if (design_has(r->inputs, input) && isnan(r->d->value[i])) {
            return status_fail(why, STATUS_INPUT, "%s: not said, and %s needs it",
                               design_field(input)->name, needed_by);
        }
    }
    for (int f = 0; f < FIGURE_N; f++) {
        if ((r->figures >> f & 1u) != 0 && isnan(read(r, (enum figure)f))) {
            return explain_absent(r, (enum figure)f, needed_by, why);
        }
    }
    return STATUS_OK;
}
