/** \file tables.h
 * Tables of a catalogue for tests of their readers: the shipped ones, and a small valid set of
 * which a case replaces some.
 */
#ifndef TESTS_INPUTS_CATALOGUE_TABLES_H
#define TESTS_INPUTS_CATALOGUE_TABLES_H

#include <stdio.h>
#include <string.h>

#include "inputs/registry.h"
#include "tests/harness.h"

/** Folder of the shipped tables. */
static inline const char *tables_shipped(void)
{
    static char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s", harness_source("inputs/data"));
    return folder;
}

/** One material of a device, or absent. */
static inline struct hardware_interval tables_material(const struct hardware *h, const char *symbol,
                                                       enum hardware_status *status)
{
    for (size_t i = 0; i < h->n_materials; i++) {
        if (strcmp(h->materials[i].symbol, symbol) == 0) {
            *status = h->materials[i].status;
            return h->materials[i].mass_kg;
        }
    }
    *status = HARDWARE_ABSENT;
    return (struct hardware_interval){NAN, NAN, NAN};
}

/** The device called \a id; it must be there. */
static inline const struct hardware *tables_device(const struct hardware_catalogue *c,
                                                   const char *id)
{
    const int i = hardware_find_device(c, id);
    CU_ASSERT_FATAL(i >= 0);
    return &c->devices[i];
}

/* A small valid set of tables; a case replaces some of them. */
#define TABLES_DEVICES_HEAD                                                                        \
    "id\tvendor\tpeak_tflops_tf32\tpeak_tflops_bf16\tpeak_tflops_fp8\tmass_kg_lo"                  \
    "\tmass_kg_typical\tmass_kg_hi\tsource\n"
#define TABLES_DEVICES                                                                             \
    TABLES_DEVICES_HEAD "Abacus\tSumer\t1.5\t3.1\t6.3\t0.2\t0.25\t0.4\tenheduanna\n"
#define TABLES_MATERIALS_HEAD                                                                      \
    "device\treading\tcomponent\tsymbol\tlo_g\ttypical_g\thi_g\tbasis\tsource\tstatus\n"
#define TABLES_MATERIALS                                                                           \
    TABLES_MATERIALS_HEAD "Abacus\tA\tframe\tCu\t100\t140\t150\tcast\tx\tproxy\n"                  \
                          "Abacus\tA\tbeads\tCu\t70\t100\t124\tcast\tx\tpublished\n"               \
                          "Abacus\tA\tbeads\tAu\t\t\t\tgilt\tx\tabsent\n"                          \
                          "Abacus\tA\tbeads\tunattributed\t0\t10\t12\trest\tx\tderived\n"
#define TABLES_FORMATS "precision\tmfu_factor\tis_bound\tsource\nbf16\t1\tno\tx\nfp8\t0.6\tyes\tx\n"
#define TABLES_GRIDS   "id\tcarbon_kg_per_kwh\tsource\nUr\t0.3\tx\n"
#define TABLES_SITES   "id\tpue_ratio\tsource\nZiggurat\t1.2\tx\n"

#define TABLES_ELEMENTS                                                                            \
    "symbol\tname\tatomic_number\tdensity_g_per_cm3\tis_metal\tstands_for\tsource\n"               \
    "Cu\tcopper\t29\t8.96\tyes\t\tx\nAu\tgold\t79\t19.3\tyes\t\tx\n"
#define TABLES_CLASSES                                                                             \
    "id\ttitle\tdensity_above_g_per_"                                                              \
    "cm3\tmembers\tsource\nheavy\tHeavy\t5\t\tx\nnoble\tNoble\t\tAu\tx\n"
#define TABLES_MFU                                                                                 \
    "id\tdevice\tparams\ttokens\tprecision\tmfu_ratio\tdevice_hour\tkind\tsource\n"                \
    "count\tAbacus\t6.2e7\t\tbf16\t0.31\t\tsteady\tx\n"
#define TABLES_OPTIMIZERS "id\tstate_byte_per_param\tsource\nscribe\t3\tx\n"

/** What replaces the valid tables; NULL: nothing. */
struct tables {
    const char *devices, *materials, *formats, *grids, *sites, *elements, *classes, *mfu,
        *optimizers;
};

static inline enum status tables_read(struct tables t, const struct registry_options *options,
                                      struct hardware_catalogue *c, struct status_why *why)
{
    char folder[1024];
    (void)harness_file("devices.tsv", t.devices == NULL ? TABLES_DEVICES : t.devices);
    (void)harness_file("materials.tsv", t.materials == NULL ? TABLES_MATERIALS : t.materials);
    (void)harness_file("formats.tsv", t.formats == NULL ? TABLES_FORMATS : t.formats);
    (void)harness_file("grids.tsv", t.grids == NULL ? TABLES_GRIDS : t.grids);
    (void)harness_file("sites.tsv", t.sites == NULL ? TABLES_SITES : t.sites);
    (void)harness_file("elements.tsv", t.elements == NULL ? TABLES_ELEMENTS : t.elements);
    (void)harness_file("classes.tsv", t.classes == NULL ? TABLES_CLASSES : t.classes);
    (void)harness_file("mfu.tsv", t.mfu == NULL ? TABLES_MFU : t.mfu);
    (void)harness_file("optimizers.tsv", t.optimizers == NULL ? TABLES_OPTIMIZERS : t.optimizers);
    (void)snprintf(folder, sizeof folder, "%s", harness_path(""));
    return registry_read(harness_comm(), folder, options, c, why);
}

/** Read tables that must be refused. */
static inline enum status tables_refuse(struct tables t, const struct registry_options *options,
                                        struct status_why *why)
{
    struct hardware_catalogue c;
    const enum status st = tables_read(t, options, &c, why);
    registry_clear(&c);
    return st;
}

#endif
