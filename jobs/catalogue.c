#include <math.h>
#include <stdio.h>
#include <string.h>

#include "inputs/plausible.h"
#include "inputs/registry.h"
#include "jobs/job.h"
#include "solver/base/escape.h"
#include "solver/base/team.h"
#include "solver/base/units.h"

/* A column of what is listed: a figure of a row, or a text. */
struct column {
    const char *name;
    size_t offset;
    double per; /* of the unit of the name, in that of the member; 0: a text */
};
#define FIGURE(type, member, name, per)                                                            \
    {                                                                                              \
        (name), offsetof(type, member), (per)                                                      \
    }
#define WORDS(type, member)                                                                        \
    {                                                                                              \
#member, offsetof(type, member), 0                                                         \
    }
enum { MOST_COLUMNS = 8 };

/* The main figures of each table; materials are listed by device. */
static const struct {
    const char *title;
    struct column columns[MOST_COLUMNS]; /* ended by a name that is NULL */
} listings[HARDWARE_N_TABLES] = {
    [HARDWARE_DEVICES] = {"accelerators",
                          {FIGURE(struct hardware, peak_flop_per_second[PRECISION_BF16],
                                  "bf16_tflops", UNITS_FLOP_PER_TFLOP),
                           FIGURE(struct hardware, power_watt, "power_watt", 1),
                           FIGURE(struct hardware, memory_byte, "memory_gb", UNITS_BYTE_PER_GB),
                           FIGURE(struct hardware, mass_kg.typical, "mass_kg", 1),
                           FIGURE(struct hardware, embodied_carbon_kg.typical, "carbon_kg", 1),
                           FIGURE(struct hardware, price_usd, "price_usd", 1),
                           WORDS(struct hardware, source)}},
    [HARDWARE_FORMATS] = {"number formats",
                          {FIGURE(struct hardware_format, mfu_factor, "mfu_factor", 1),
                           WORDS(struct hardware_format, source)}},
    [HARDWARE_GRIDS] = {"electricity",
                        {FIGURE(struct hardware_grid, carbon_kg_per_kwh, "carbon_kg_per_kwh", 1),
                         FIGURE(struct hardware_grid, water_litre_per_kwh, "water_litre_per_kwh",
                                1),
                         FIGURE(struct hardware_grid, price_usd_per_kwh, "price_usd_per_kwh", 1),
                         WORDS(struct hardware_grid, source)}},
    [HARDWARE_SITES] = {"data centres",
                        {FIGURE(struct hardware_site, pue_ratio, "pue_ratio", 1),
                         FIGURE(struct hardware_site, water_litre_per_kwh, "water_litre_per_kwh",
                                1),
                         WORDS(struct hardware_site, source)}},
    [HARDWARE_MATERIALS] = {"grams of materials and of named lists in a device", {{NULL, 0, 0}}},
    [HARDWARE_MFU] = {"observed MFU",
                      {FIGURE(struct hardware_mfu, params, "params", 1),
                       FIGURE(struct hardware_mfu, devices, "devices", 1),
                       FIGURE(struct hardware_mfu, mfu_ratio, "mfu_ratio", 1),
                       WORDS(struct hardware_mfu, device), WORDS(struct hardware_mfu, source)}},
    [HARDWARE_OPTIMIZERS] = {"optimizers",
                             {FIGURE(struct hardware_optimizer, state_byte_per_param,
                                     "state_byte_per_param", 1),
                              WORDS(struct hardware_optimizer, source)}},
    [HARDWARE_ELEMENTS] = {"elements",
                           {FIGURE(struct hardware_element, atomic_number, "atomic_number", 1),
                            FIGURE(struct hardware_element, density_g_per_cm3, "density_g_per_cm3",
                                   1),
                            WORDS(struct hardware_element, name),
                            WORDS(struct hardware_element, source)}},
    [HARDWARE_CLASSES] = {"named lists of elements",
                          {FIGURE(struct hardware_class, density_above_g_per_cm3,
                                  "density_above_g_per_cm3", 1),
                           WORDS(struct hardware_class, title),
                           WORDS(struct hardware_class, source)}},
};

static void print_figure(double value, int width)
{
    if (isnan(value)) {
        escape_print("  %*s", width, "-");
    } else {
        escape_print("  %*.6g", width, value);
    }
}

/* Figures stand to the right under their names, texts follow. */
static int width_of(const struct column *column)
{
    enum { LEAST = 9 };
    const int width = (int)strlen(column->name);
    return width < LEAST ? LEAST : width;
}

enum { ID_WIDTH = 24, TEXT_WIDTH = 20, MASS_WIDTH = 10 };

static void print_row(const struct hardware_catalogue *c, enum hardware_table table, int row)
{
    escape_print("  %-*s", ID_WIDTH, hardware_id(c, table, row));
    for (const struct column *k = listings[table].columns; k->name != NULL; k++) {
        const char *member = (const char *)hardware_row(c, table, row) + k->offset;
        if (k->per > 0.0) {
            double value;
            memcpy(&value, member, sizeof value);
            print_figure(value / k->per, width_of(k));
        } else {
            escape_print("  %-*s", k[1].name != NULL ? TEXT_WIDTH : 0, member);
        }
    }
    escape_print("\n");
}

static void print_mass(const char *name, struct hardware_interval kg, const char *known)
{
    escape_print("  %-*s", ID_WIDTH, name);
    for (int b = HARDWARE_LO; b <= HARDWARE_HI; b++) {
        print_figure(hardware_pick(kg, (enum hardware_bound)b) * UNITS_GRAM_PER_KG, MASS_WIDTH);
    }
    escape_print("  %s\n", known);
}

/* The elements of a device, then the lists, which overlap. */
static void print_composition(const struct hardware_catalogue *c, int device)
{
    const struct hardware *h = &c->devices[device];
    escape_print("\n  %-*s  %*s  %*s  %*s  status\n", ID_WIDTH, h->id, MASS_WIDTH, "lo_g",
                 MASS_WIDTH, "typical_g", MASS_WIDTH, "hi_g");
    for (size_t i = 0; i < h->n_materials; i++) {
        print_mass(h->materials[i].symbol, h->materials[i].mass_kg,
                   hardware_status_name(h->materials[i].status));
    }
    for (size_t k = 0; k < c->n_classes; k++) {
        const struct hardware_content content = hardware_class_mass(c, device, (int)k);
        char name[HARDWARE_ID_SIZE + 8];
        (void)snprintf(name, sizeof name, "list %s", c->classes[k].id);
        print_mass(name, content.mass_kg,
                   content.status == HARDWARE_ABSENT ? "nothing attributed"
                                                     : hardware_status_name(content.status));
    }
}

static void print_table(const struct hardware_catalogue *c, enum hardware_table table)
{
    escape_print("%s: %s\n", hardware_table_name(table), listings[table].title);
    if (table == HARDWARE_MATERIALS) {
        for (size_t d = 0; d < c->n_devices; d++) {
            if (c->devices[d].n_materials > 0) {
                print_composition(c, (int)d);
            }
        }
        return;
    }
    escape_print("  %-*s", ID_WIDTH, "id");
    for (const struct column *k = listings[table].columns; k->name != NULL; k++) {
        escape_print("  %*s",
                     k->per > 0.0        ? width_of(k)
                     : k[1].name != NULL ? -TEXT_WIDTH
                                         : 0,
                     k->name);
    }
    escape_print("\n");
    for (size_t i = 0; i < hardware_n_rows(c, table); i++) {
        print_row(c, table, (int)i);
    }
}

/* The table that a word names, or HARDWARE_N_TABLES for a file. */
static enum status find_table(const char *word, int *table, struct status_why *why)
{
    const char *known[HARDWARE_N_TABLES];
    for (*table = 0; *table < HARDWARE_N_TABLES; (*table)++) {
        known[*table] = hardware_table_name((enum hardware_table) * table);
        if (strcmp(known[*table], word) == 0) {
            return STATUS_OK;
        }
    }
    const char *nearest = study_nearest(word, known, HARDWARE_N_TABLES);
    return nearest == NULL ? STATUS_OK
                           : status_fail(why, STATUS_INPUT, "%s: no such table; did you mean %s?",
                                         word, nearest);
}

static enum status run(MPI_Comm comm, const struct job_arguments *arguments, struct status_why *why)
{
    enum status st;
    struct study study = {0};
    struct hardware_catalogue catalogue = {0};
    struct plausible findings = {0};
    int table;
    STATUS_TRY(find_table(arguments->file, &table, why));
    if (table < HARDWARE_N_TABLES && arguments->n_settings > 0) {
        st = status_fail(why, STATUS_INPUT, "--set: of a study, and %s is a shipped table",
                         arguments->file);
        goto out;
    }
    if (table < HARDWARE_N_TABLES) {
        STATUS_TRY(registry_read(comm, registry_folder(), NULL, &catalogue, why));
    } else {
        STATUS_TRY(study_read(comm, arguments->file, arguments->settings, arguments->n_settings,
                              &study, why));
        STATUS_TRY(plausible_check_accepted(&study, why));
        STATUS_TRY(registry_read_study(comm, &study, &catalogue, why));
        plausible_catalogue(&study, &catalogue, registry_folder(), &findings);
    }
    for (int t = 0; team_rank(comm) == 0 && t < HARDWARE_N_TABLES; t++) {
        if (table == t || table == HARDWARE_N_TABLES) {
            print_table(&catalogue, (enum hardware_table)t);
            escape_print("\n");
        }
    }
out:
    registry_clear(&catalogue);
    study_clear(&study);
    return st;
}

const struct job catalogue_job = {
    .name = "catalogue",
    .takes = "TABLE|STUDY",
    .help = "what the tables hold: names, main figures, sources",
    .detail = "Prints one of the shipped tables (devices, formats, grids, sites, materials, mfu,\n"
              "optimizers, elements, classes), or all that a study uses, with its own rows:\n"
              "  scalefront catalogue devices\n"
              "A figure that nobody published is shown as -.",
    .options = JOB_STUDY,
    .run = run,
};
