/** \file hardware.h
 * What machines and places are: devices with their dense peaks, power, mass, embodied carbon and
 * materials; grids with their carbon; sites with their PUE. Plain data, filled by
 * inputs/registry from the tables under inputs/data. An absent figure is NAN and never a default.
 */
#ifndef SOLVER_HARDWARE_H
#define SOLVER_HARDWARE_H

#include <stdbool.h>
#include <stddef.h>

#include "solver/precision.h"

/** A figure with its published or estimated bounds; NAN where absent. lo <= typical <= hi. */
struct hardware_interval {
    double lo, typical, hi;
};

/** Which of the three a computation uses. */
enum hardware_bound { HARDWARE_LO, HARDWARE_TYPICAL, HARDWARE_HI };

double hardware_pick(struct hardware_interval i, enum hardware_bound bound);

/** "lo", "typical" or "hi": the last word of the columns. */
const char *hardware_bound_name(enum hardware_bound bound);

/** How well a material row is known. */
enum hardware_status { HARDWARE_PUBLISHED, HARDWARE_DERIVED, HARDWARE_PROXY, HARDWARE_ABSENT };

const char *hardware_status_name(enum hardware_status s);

/** Kilograms of one material in one device. Rows of a device sum to its mass at typical values. */
struct hardware_material {
    char symbol[24]; /**< "Cu", ..., "unattributed" */
    struct hardware_interval mass_kg;
    enum hardware_status status;
};

enum { HARDWARE_MAX_MATERIALS = 48, HARDWARE_ID_SIZE = 40 };

struct hardware {
    char id[HARDWARE_ID_SIZE]; /**< "A100-SXM4-40" */
    char vendor[24];
    double year;
    double peak_flop_per_second[PRECISION_N]; /**< dense; NAN where not offered or not published */
    double power_watt;                        /**< TDP of one device */
    double measured_power_watt;               /**< mean draw of whole systems over their devices */
    double memory_byte;
    double bandwidth_byte_per_second; /**< of the memory */
    struct hardware_interval mass_kg;
    double heatsink_kg, casing_kg;               /**< parts of mass_kg */
    struct hardware_interval embodied_carbon_kg; /**< cradle to gate, one device */
    double price_usd, rental_usd_per_hour;
    double server_power_watt, server_mass_kg; /**< the rest of a server over its devices */
    struct hardware_interval server_embodied_carbon_kg; /**< likewise, without the devices */
    double server_price_ratio; /**< price of a server over that of its devices */
    size_t n_materials;
    struct hardware_material materials[HARDWARE_MAX_MATERIALS];
    char source[256]; /**< keys of docs/sources.bib, separated by ';' */
    int line;         /**< of the devices table, for messages */
};

/** Electricity of a region. */
struct hardware_grid {
    char id[HARDWARE_ID_SIZE];
    double carbon_kg_per_kwh;
    double water_litre_per_kwh; /**< off-site (EWIF) */
    double price_usd_per_kwh;
    char source[64];
    int line;
};

/** A data centre or an operator's fleet of them. */
struct hardware_site {
    char id[HARDWARE_ID_SIZE];
    double pue_ratio;
    double water_litre_per_kwh; /**< on-site (WUE) */
    char source[64];
    int line;
};

/** Factor from the MFU of bf16 to that of another format. */
struct hardware_format {
    double mfu_factor; /**< 1 for bf16; NAN where nothing is published */
    bool is_bound;     /**< the factor is an upper bound: rows are `optimistic_precision` */
    char source[64];
};

/** All tables together. Owned by whoever made it (inputs/registry). */
struct hardware_catalogue {
    size_t n_devices, n_grids, n_sites;
    struct hardware *devices;
    struct hardware_grid *grids;
    struct hardware_site *sites;
    struct hardware_format formats[PRECISION_N];
    char devices_file[256], grids_file[256], sites_file[256]; /**< named in messages */
};

/** Index of the row called \a id, or -1. */
int hardware_find_device(const struct hardware_catalogue *c, const char *id);
int hardware_find_grid(const struct hardware_catalogue *c, const char *id);
int hardware_find_site(const struct hardware_catalogue *c, const char *id);

#endif
