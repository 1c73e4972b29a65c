/** \file hardware.h
 * What machines and places are: devices with their dense peaks, power, mass, embodied carbon and
 * materials; grids with their carbon; sites with their PUE; observed MFU; optimizers; elements and
 * the named lists that they stand in. Plain data, filled by inputs/registry from the tables under
 * inputs/data and from a user's own. An absent figure is NAN and never a default.
 */
#ifndef SOLVER_HARDWARE_H
#define SOLVER_HARDWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "solver/base/status.h"
#include "solver/precision.h"

/* enum, name of the file without its ending */
#define HARDWARE_TABLE_LIST(X)                                                                     \
    X(HARDWARE_DEVICES, "devices")                                                                 \
    X(HARDWARE_FORMATS, "formats")                                                                 \
    X(HARDWARE_GRIDS, "grids")                                                                     \
    X(HARDWARE_SITES, "sites")                                                                     \
    X(HARDWARE_MATERIALS, "materials")                                                             \
    X(HARDWARE_MFU, "mfu")                                                                         \
    X(HARDWARE_OPTIMIZERS, "optimizers")                                                           \
    X(HARDWARE_ELEMENTS, "elements")                                                               \
    X(HARDWARE_CLASSES, "classes")

enum hardware_table {
#define HARDWARE_TABLE_ENUM(code, name) code,
    HARDWARE_TABLE_LIST(HARDWARE_TABLE_ENUM)
#undef HARDWARE_TABLE_ENUM
        HARDWARE_N_TABLES
};

/** Name of the file without its ending; never NULL. */
const char *hardware_table_name(enum hardware_table t);

/** A figure with its published or estimated bounds; NAN where absent. lo <= typical <= hi. */
struct hardware_interval {
    double lo, typical, hi;
};

/** Which of the three a computation uses. */
enum hardware_bound { HARDWARE_LO, HARDWARE_TYPICAL, HARDWARE_HI };

double hardware_pick(struct hardware_interval i, enum hardware_bound bound);

/** Independent figures while they are summed: typical values add, and so do the squares of the
 * distances to the bounds. Begins as zero. Source: docs/model.md (M140). */
struct hardware_sum {
    double typical, below2, above2;
};

void hardware_sum_add(struct hardware_sum *s, struct hardware_interval i);
struct hardware_interval hardware_sum_interval(const struct hardware_sum *s);

/** "lo", "typical" or "hi": the last word of the columns. */
const char *hardware_bound_name(enum hardware_bound bound);

/** How well a material row is known. */
enum hardware_status { HARDWARE_PUBLISHED, HARDWARE_DERIVED, HARDWARE_PROXY, HARDWARE_ABSENT };

const char *hardware_status_name(enum hardware_status s);

/** How the published statements about a composition are read (docs/model.md M142). */
enum hardware_reading { HARDWARE_READING_A, HARDWARE_READING_B, HARDWARE_N_READINGS };

const char *hardware_reading_name(enum hardware_reading r);

enum { HARDWARE_MAX_MATERIALS = 48, HARDWARE_MAX_CLASSES = 32, HARDWARE_ID_SIZE = 40 };

/** Kilograms of one material in one device. Rows of a device sum to its mass at typical values. */
struct hardware_material {
    char symbol[24]; /**< "Cu", ..., "unattributed" */
    int element;     /**< row of the elements; -1: unattributed */
    struct hardware_interval mass_kg;
    enum hardware_status status;
};

/* Every row ends with the keys of docs/sources.bib, separated by ';', and where it stands: a line
 * of a file whose name is borrowed from the catalogue; NULL in rows that were not read. */

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
    char source[256];
    const char *file;
    int line;
};

/** Electricity of a region. */
struct hardware_grid {
    char id[HARDWARE_ID_SIZE];
    double carbon_kg_per_kwh;
    double water_litre_per_kwh; /**< off-site (EWIF) */
    double price_usd_per_kwh;
    char source[64];
    const char *file;
    int line;
};

/** A data centre or an operator's fleet of them. */
struct hardware_site {
    char id[HARDWARE_ID_SIZE];
    double pue_ratio;
    double water_litre_per_kwh; /**< on-site (WUE) */
    char source[64];
    const char *file;
    int line;
};

/** Factor from the MFU of bf16 to that of another format. */
struct hardware_format {
    double mfu_factor; /**< 1 for bf16; NAN where nothing is published */
    bool is_bound;     /**< the factor is an upper bound: rows are `optimistic_precision` */
    char source[64];
    const char *file;
    int line;
};

/** An observed MFU. */
struct hardware_mfu {
    char id[HARDWARE_ID_SIZE];     /**< of the run */
    char device[HARDWARE_ID_SIZE]; /**< id of a device; "" where not known or not in the table */
    double devices;                /**< used together */
    double params;
    enum precision precision;
    double mfu_ratio;
    bool is_steady;   /**< steady throughput; else of the whole run, restarts and stalls included */
    bool is_computed; /**< of the time of the run, not written in the table */
    char source[64];
    const char *file;
    int line;
};

/** What an optimizer keeps beside weights and gradients. */
struct hardware_optimizer {
    char id[HARDWARE_ID_SIZE];
    double state_byte_per_param; /**< states, and master weights where the name says so */
    char source[64];
    const char *file;
    int line;
};

/** A chemical element, or a row of the materials that stands for several. */
struct hardware_element {
    char symbol[24];
    char name[32];
    double atomic_number; /**< NAN: stands for several */
    double density_g_per_cm3;
    bool is_metal;      /**< or metalloid */
    uint32_t classes;   /**< bit k: member of class k */
    uint32_t undecided; /**< bit k: some of the elements that it stands for are members */
    char source[64];
    const char *file;
    int line;
};

/** A named list of elements. */
struct hardware_class {
    char id[HARDWARE_ID_SIZE];
    char title[96];
    double density_above_g_per_cm3; /**< metals and metalloids above are members; NAN: a list */
    char source[64];
    const char *file;
    int line;
};

/** All tables together. Owned by whoever made it (inputs/registry). */
struct hardware_catalogue {
    size_t n_devices, n_grids, n_sites, n_mfu, n_optimizers, n_elements, n_classes;
    struct hardware *devices;
    struct hardware_grid *grids;
    struct hardware_site *sites;
    struct hardware_mfu *mfu;
    struct hardware_optimizer *optimizers;
    struct hardware_element *elements;
    struct hardware_class *classes; /**< at most HARDWARE_MAX_CLASSES */
    struct hardware_format formats[PRECISION_N];
    enum hardware_reading reading; /**< of the compositions */
    char *file_names;              /**< what the rows' `file` point into */
};

/** Index of the row called \a id, or -1. */
int hardware_find_device(const struct hardware_catalogue *c, const char *id);
int hardware_find_grid(const struct hardware_catalogue *c, const char *id);
int hardware_find_site(const struct hardware_catalogue *c, const char *id);
int hardware_find_optimizer(const struct hardware_catalogue *c, const char *id);
int hardware_find_class(const struct hardware_catalogue *c, const char *id);
int hardware_find_element(const struct hardware_catalogue *c, const char *symbol);

/** Rows of a table: formats by their code, none of materials. */
size_t hardware_n_rows(const struct hardware_catalogue *c, enum hardware_table table);

/** A row of a table: a struct hardware, hardware_format, ... Not for materials. Borrowed. */
const void *hardware_row(const struct hardware_catalogue *c, enum hardware_table table, int row);

/** The id of a row; of a format its name. Not for materials. Borrowed from the catalogue. */
const char *hardware_id(const struct hardware_catalogue *c, enum hardware_table table, int row);

/** Where a row stands, for messages: "devices.tsv:7: H100-SXM5-80", without a line for a row that
 * was not read. Not for materials. \param [out] text  [size] */
void hardware_row_text(const struct hardware_catalogue *c, enum hardware_table table, int row,
                       char text[], size_t size);

/** Record that a figure that \a needed_by needs is absent: file, line, id and the column to fill.
 * \param [in] column  as in the header of the table, "mass_kg_hi". \return STATUS_INPUT */
enum status hardware_fail_absent(const struct hardware_catalogue *c, enum hardware_table table,
                                 int row, const char *column, const char *needed_by,
                                 struct status_why *why);

/** MFU of a run: operations over what its devices could have done in the time they were held. NAN
 * where an argument is. Source: docs/model.md (M141). */
double hardware_mfu_of(double compute_flop, double device_hour, double peak_flop_per_second);

/** What a device holds of a class, and what may hold more of it. */
struct hardware_content {
    struct hardware_interval mass_kg;         /**< of the members */
    struct hardware_interval unattributed_kg; /**< of what is not split into elements */
    enum hardware_status status; /**< that of the heaviest member; absent: no member has a figure */
};

/** The members of a class in one device. All figures are NAN, and the status absent, where no
 * composition of the device is in the catalogue. Source: docs/model.md (M140). */
struct hardware_content hardware_class_mass(const struct hardware_catalogue *c, int device,
                                            int class_);

#endif
