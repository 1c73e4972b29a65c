/* ranks: 1 3 */
#define _POSIX_C_SOURCE 200112L
#include "inputs/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/forms.h"
#include "inputs/runs.h"
#include "inputs/study/study.h"
#include "inputs/text/table.h"
#include "solver/footprint.h"
#include "tests/harness.h"

static const char *shipped(void)
{
    static char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s", harness_source("inputs/data"));
    return folder;
}

static struct hardware_interval material(const struct hardware *h, const char *symbol,
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

static const struct hardware *device(const struct hardware_catalogue *c, const char *id)
{
    const int i = hardware_find_device(c, id);
    CU_ASSERT_FATAL(i >= 0);
    return &c->devices[i];
}

static void test_registry_read_gives_every_shipped_row(void)
{
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), shipped(), &c, &why));
    CU_ASSERT_EQUAL(c.n_devices, 15);
    CU_ASSERT_EQUAL(c.n_grids, 24);
    CU_ASSERT_EQUAL(c.n_sites, 21);
    CU_ASSERT_EQUAL(device(&c, "A100-SXM4-40")->n_materials, 30);
    CU_ASSERT_EQUAL(device(&c, "H100-SXM5-80")->n_materials, 11);
    CU_ASSERT_EQUAL(device(&c, "MI250X")->n_materials, 0);
    CU_ASSERT(harness_contains(c.devices_file, "inputs/data/devices.tsv"));
    registry_clear(&c);
    CU_ASSERT_PTR_NULL(c.devices);
}

static void test_registry_read_gives_the_published_figures_of_devices(void)
{
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), shipped(), &c, &why));
    const struct hardware *a100 = device(&c, "A100-SXM4-40");
    CU_ASSERT_STRING_EQUAL(a100->vendor, "NVIDIA");
    HARNESS_ASSERT_REL(a100->year, 2020.0, 0);
    HARNESS_ASSERT_REL(a100->peak_flop_per_second[PRECISION_FP32], 19.5e12, 0);
    HARNESS_ASSERT_REL(a100->peak_flop_per_second[PRECISION_TF32], 156e12, 0);
    HARNESS_ASSERT_REL(a100->peak_flop_per_second[PRECISION_BF16], 312e12, 0);
    HARNESS_ASSERT_REL(a100->peak_flop_per_second[PRECISION_INT8], 624e12, 0);
    CU_ASSERT(isnan(a100->peak_flop_per_second[PRECISION_FP8]));
    CU_ASSERT(isnan(a100->peak_flop_per_second[PRECISION_FP4]));
    HARNESS_ASSERT_REL(a100->power_watt, 400.0, 0);
    HARNESS_ASSERT_REL(a100->memory_byte, 40e9, 0);
    HARNESS_ASSERT_REL(a100->mass_kg.typical, 1.56, 0);
    HARNESS_ASSERT_REL(a100->embodied_carbon_kg.typical, 127.6, 0);
    HARNESS_ASSERT_REL(a100->embodied_carbon_kg.hi, 271.0, 0);
    HARNESS_ASSERT_REL(a100->price_usd, 15000.0, 0);
    HARNESS_ASSERT_REL(a100->bandwidth_byte_per_second, 1555e9, 0);
    HARNESS_ASSERT_REL(a100->rental_usd_per_hour, 1.29, 0);
    HARNESS_ASSERT_REL(a100->heatsink_kg, 1.25, 0);
    HARNESS_ASSERT_REL(a100->casing_kg, 0.09, 0);
    HARNESS_ASSERT_REL(a100->server_power_watt, 6500.0 / 8 - 400, 0);
    HARNESS_ASSERT_REL(a100->server_mass_kg, 123.16 / 8 - 1.56, 1e-4);
    HARNESS_ASSERT_REL(a100->server_embodied_carbon_kg.lo, 318 - 127.6, 1e-12);
    HARNESS_ASSERT_REL(a100->server_embodied_carbon_kg.typical, 2500.0 / 8, 0);
    HARNESS_ASSERT_REL(a100->server_price_ratio, 1.66, 0);
    CU_ASSERT(isnan(a100->measured_power_watt));
    CU_ASSERT_EQUAL(a100->line, 9);
    const struct hardware *h100 = device(&c, "H100-SXM5-80");
    HARNESS_ASSERT_REL(h100->peak_flop_per_second[PRECISION_BF16], 989.4e12, 1e-15);
    HARNESS_ASSERT_REL(h100->mass_kg.lo, 1.8, 0);
    HARNESS_ASSERT_REL(h100->mass_kg.typical, 2.2, 0);
    HARNESS_ASSERT_REL(h100->mass_kg.hi, 3.3, 0);
    HARNESS_ASSERT_REL(h100->embodied_carbon_kg.lo, 164.0, 0);
    HARNESS_ASSERT_REL(h100->embodied_carbon_kg.hi, 572.0, 0);
    HARNESS_ASSERT_REL(h100->server_power_watt, 10200.0 / 8 - 700, 0);
    HARNESS_ASSERT_REL(h100->server_embodied_carbon_kg.hi, 5700.0 / 8, 0);
    HARNESS_ASSERT_REL(h100->server_price_ratio, 1.64, 0);
    CU_ASSERT(isnan(device(&c, "V100-SXM2-32")->peak_flop_per_second[PRECISION_TF32]));
    CU_ASSERT(isnan(device(&c, "A100-SXM4-80")->embodied_carbon_kg.typical));
    CU_ASSERT(isnan(device(&c, "TPUv4")->power_watt));
    HARNESS_ASSERT_REL(device(&c, "TPUv4")->measured_power_watt, 378.5, 0);
    HARNESS_ASSERT_REL(device(&c, "TPUv3")->measured_power_watt, (310 + 289 + 288 + 245) / 4.0, 0);
    HARNESS_ASSERT_REL(device(&c, "V100-SXM2-32")->measured_power_watt, 330.0, 0);
    HARNESS_ASSERT_REL(device(&c, "V100-SXM2-32")->server_price_ratio, 1.69, 0);
    HARNESS_ASSERT_REL(device(&c, "A100-SXM4-80")->measured_power_watt, 173e3 / 384, 2e-4);
    registry_clear(&c);
}

static void test_registry_read_gives_formats_grids_and_sites(void)
{
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), shipped(), &c, &why));
    HARNESS_ASSERT_REL(c.formats[PRECISION_BF16].mfu_factor, 1.0, 0);
    CU_ASSERT(!c.formats[PRECISION_BF16].is_bound);
    HARNESS_ASSERT_REL(c.formats[PRECISION_FP8].mfu_factor, 0.665, 0);
    CU_ASSERT(c.formats[PRECISION_FP8].is_bound);
    CU_ASSERT_STRING_EQUAL(c.formats[PRECISION_FP8].source, "narayan2025");
    CU_ASSERT(isnan(c.formats[PRECISION_FP4].mfu_factor));
    CU_ASSERT(isnan(c.formats[PRECISION_FP32].mfu_factor));
    const int fra = hardware_find_grid(&c, "FRA");
    const int jean_zay = hardware_find_site(&c, "BLOOM-Jean-Zay");
    const int washington = hardware_find_site(&c, "Washington");
    CU_ASSERT_FATAL(fra >= 0 && jean_zay >= 0 && washington >= 0);
    HARNESS_ASSERT_REL(c.grids[fra].carbon_kg_per_kwh, 0.04418, 0);
    HARNESS_ASSERT_REL(c.grids[fra].water_litre_per_kwh, 3.6737, 0);
    CU_ASSERT(isnan(c.grids[fra].price_usd_per_kwh));
    HARNESS_ASSERT_REL(c.grids[hardware_find_grid(&c, "USA")].price_usd_per_kwh, 0.0806, 0);
    HARNESS_ASSERT_REL(c.sites[jean_zay].pue_ratio, 1.2, 0);
    CU_ASSERT(isnan(c.sites[jean_zay].water_litre_per_kwh));
    HARNESS_ASSERT_REL(c.sites[washington].water_litre_per_kwh, 0.95, 0);
    registry_clear(&c);
}

static void test_registry_read_sums_components_to_the_mass_of_the_device(void)
{
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), shipped(), &c, &why));
    static const struct {
        const char *id;
        double mass_kg, named_kg;
    } wanted[] = {{"A100-SXM4-40", 1.560, 1.469972}, {"H100-SXM5-80", 2.200, 1.96164}};
    for (size_t d = 0; d < sizeof wanted / sizeof *wanted; d++) {
        const struct hardware *h = device(&c, wanted[d].id);
        double sum_kg = 0;
        enum hardware_status status;
        for (size_t i = 0; i < h->n_materials; i++) {
            sum_kg += h->materials[i].mass_kg.typical;
        }
        CU_ASSERT_DOUBLE_EQUAL(sum_kg, wanted[d].mass_kg, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(sum_kg - material(h, "unattributed", &status).typical,
                               wanted[d].named_kg, 1e-9);
    }
    registry_clear(&c);
}

/* Totals of a bottom-up account of the A100, rounded to three or four digits by its author; its
 * widths are root sums of squares of those of the components. */
static void test_registry_read_joins_widths_by_root_sum_of_squares(void)
{
    static const struct {
        const char *symbol;
        double lo_g, typical_g, hi_g;
        enum hardware_status status;
    } wanted[] = {
        {"Cu", 1180, 1261.32, 1330, HARDWARE_DERIVED},
        {"Fe", 44.6, 88.55, 144, HARDWARE_PROXY},
        {"Sn", 18.4, 53.41, 168.9, HARDWARE_DERIVED},
        {"Si", 13.1, 16.75, 21.99, HARDWARE_PROXY},
        {"Ni", 8.74, 16.15, 32.59, HARDWARE_PROXY},
        {"Al", 4.84, 8.3, 25.11, HARDWARE_PROXY},
        {"Cr", 2.34, 6.3, 18.64, HARDWARE_PROXY},
        {"Ba", 1.96, 5.1, 9.749, HARDWARE_PROXY},
        {"Ca", 2.45, 4.8, 6.2, HARDWARE_PROXY},
        {"Zn", 1.34, 2.9, 12.95, HARDWARE_PROXY},
        {"Ti", 0.502, 1.602, 3.202, HARDWARE_PROXY},
        {"Mn", 0.374, 1.27, 5.579, HARDWARE_PROXY},
        {"Ag", 0.279, 1.183, 1.973, HARDWARE_PROXY},
        {"B", 0.321, 0.63, 0.957, HARDWARE_PROXY},
        {"Ta", 0.000999, 0.601, 3.001, HARDWARE_PROXY},
        {"P", 0.0838, 0.4, 1.206, HARDWARE_PROXY},
        {"Sb", 0, 0.3, 2, HARDWARE_PROXY},
        {"Mg", 0.077, 0.23, 0.6361, HARDWARE_PROXY},
        {"Pb", 0, 0.05, 0.5, HARDWARE_PROXY},
        {"Au", 0.0194, 0.028, 0.08379, HARDWARE_PROXY},
        {"Pd", 0.000586, 0.002, 0.02429, HARDWARE_PROXY},
        {"W", 0, 0.005, 0.02, HARDWARE_PROXY},
        {"Bi", 0, 0, 60, HARDWARE_PROXY},
        {"In", 0, 0, 3, HARDWARE_PROXY},
        {"unattributed", 45.37, 90.028, 254.99, HARDWARE_DERIVED},
    };
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), shipped(), &c, &why));
    const struct hardware *h = device(&c, "A100-SXM4-40");
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        static const double digits = 4e-3, nothing_g = 1e-12;
        enum hardware_status status;
        const struct hardware_interval m = material(h, wanted[i].symbol, &status);
        CU_ASSERT_DOUBLE_EQUAL(m.lo * 1e3, wanted[i].lo_g, digits * wanted[i].lo_g + nothing_g);
        CU_ASSERT_DOUBLE_EQUAL(m.typical * 1e3, wanted[i].typical_g, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(m.hi * 1e3, wanted[i].hi_g, digits * wanted[i].hi_g);
        CU_ASSERT_EQUAL(status, wanted[i].status);
    }
    registry_clear(&c);
}

/* The abstract orders the elements by mass: copper, iron, tin, silicon, nickel. */
static void test_paper_falk2025footprints_order_and_copper_of_gpt4(void)
{
    static const char *const order[] = {"Cu", "Fe", "Sn", "Si", "Ni", "Ba", "Zn"};
    static const double baseline_devices = 2515;
    struct status_why why = {0};
    struct hardware_catalogue c;
    enum hardware_status status;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), shipped(), &c, &why));
    const struct hardware *h = device(&c, "A100-SXM4-40");
    for (size_t i = 1; i < sizeof order / sizeof *order; i++) {
        CU_ASSERT(material(h, order[i - 1], &status).typical
                  > material(h, order[i], &status).typical);
    }
    const struct hardware_interval copper = material(h, "Cu", &status);
    CU_ASSERT_DOUBLE_EQUAL(copper.lo * baseline_devices, 2965, 5);
    CU_ASSERT_DOUBLE_EQUAL(copper.typical * baseline_devices, 3172.2198, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(copper.hi * baseline_devices, 3345, 5);
    registry_clear(&c);
}

/* Devices of one configuration of inputs/studies/gpt4-materials.yaml. */
static double devices_of(const struct study *study, const struct hardware_catalogue *c,
                         double mfu_ratio, double lifespan_year)
{
    struct design d;
    double outcome[FOOTPRINT_N_OUTCOMES];
    for (int i = 0; i < DESIGN_N_INPUTS; i++) {
        const enum design_input input = (enum design_input)i;
        const struct study_axis *axis = &study->space[i];
        d.value[i] = !axis->given ? design_field(input)->neutral
                     : axis->labels == NULL
                         ? axis->values[0]
                         : (double)design_find_category(c, input, axis->labels[0]);
    }
    d.value[DESIGN_MFU] = mfu_ratio;
    d.value[DESIGN_LIFESPAN] = lifespan_year;
    footprint_all(&d, c, &study->footprint, outcome);
    return outcome[FOOTPRINT_DEVICES];
}

static bool is_level(const struct study_axis *axis, double value)
{
    for (size_t i = 0; i < axis->n; i++) {
        if (fabs(axis->values[i] - value) <= 1e-12 * value) {
            return true;
        }
    }
    return false;
}

static void test_paper_falk2025footprints_devices_of_gpt4(void)
{
    static const struct {
        double mfu_ratio, lifespan_year, devices;
    } wanted[] = {{0.20, 1, 8800}, {0.35, 2, 2515}, {0.20, 5, 1760}, {0.50, 2, 1760},
                  {0.50, 3, 1174}, {0.30, 5, 1174}, {0.25, 6, 1174}, {0.60, 3, 978}};
    struct status_why why = {0};
    struct hardware_catalogue c;
    struct study study;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), shipped(), &c, &why));
    HARNESS_ASSERT_OK(study_read(harness_comm(),
                                 harness_source("inputs/studies/gpt4-materials.yaml"), NULL, 0,
                                 &study, &why));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        CU_ASSERT(is_level(&study.space[DESIGN_MFU], wanted[i].mfu_ratio));
        CU_ASSERT(is_level(&study.space[DESIGN_LIFESPAN], wanted[i].lifespan_year));
        CU_ASSERT_DOUBLE_EQUAL(devices_of(&study, &c, wanted[i].mfu_ratio, wanted[i].lifespan_year),
                               wanted[i].devices, 0);
    }
    study_clear(&study);
    registry_clear(&c);
}

/* What the Pile study promises: thirty runs, found by the usual names of columns. */
static void test_registry_ships_a_study_of_its_runs(void)
{
    struct status_why why = {0};
    struct study study;
    struct runs runs;
    HARNESS_ASSERT_OK(study_read(harness_comm(), harness_source("inputs/studies/pile.yaml"), NULL,
                                 0, &study, &why));
    HARNESS_ASSERT_OK(runs_read(harness_comm(), &study, NULL, 0, &runs, &why));
    CU_ASSERT_EQUAL(runs.n, 30);
    CU_ASSERT(!runs.tokens_derived && !runs.compute_derived);
    runs_clear(&runs);
    study_clear(&study);
}

static double loss_of(const struct law_set *set, double params, double tokens)
{
    double theta[LAW_MAX_PARAMETERS];
    double x[LAW_MAX_INPUTS];
    for (size_t i = 0; i < set->law->n_inputs; i++) {
        const char *name = set->law->inputs[i].name;
        x[i] = strcmp(name, LAW_PARAMS) == 0   ? log(params)
               : strcmp(name, LAW_TOKENS) == 0 ? log(tokens)
                                               : log(6 * params * tokens);
    }
    law_transform(set->law, set->natural, theta);
    return set->law->value(set->law, theta, x, NULL, NULL, NULL);
}

static const struct law_set *law_set(const struct law_set sets[], size_t n, const char *id)
{
    const struct law_set *set = registry_find_law(sets, n, id);
    CU_ASSERT_PTR_NOT_NULL_FATAL(set);
    return set;
}

static void test_registry_read_laws_gives_published_coefficients(void)
{
    struct status_why why = {0};
    struct law_set *sets = NULL;
    size_t n = 0;
    HARNESS_ASSERT_OK(forms_read(harness_comm(), shipped(), &why));
    HARNESS_ASSERT_OK(registry_read_laws(harness_comm(), shipped(), &sets, &n, &why));
    CU_ASSERT_EQUAL_FATAL(n, 50);
    const struct law_set *hoffmann = law_set(sets, n, "hoffmann2022");
    CU_ASSERT_STRING_EQUAL(hoffmann->law->id, "chinchilla");
    static const double tex[] = {0.5267228, 6.0073404, 6.0179186}; /* ln E, ln A, ln B */
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_DOUBLE_EQUAL(log(hoffmann->natural[i]), tex[i], 5e-9);
    }
    HARNESS_ASSERT_REL(hoffmann->natural[3], 0.33917084, 0);
    HARNESS_ASSERT_REL(hoffmann->natural[4], 0.2849083, 0);
    HARNESS_ASSERT_REL(hoffmann->lower[0], 70e6, 0);
    HARNESS_ASSERT_REL(hoffmann->upper[0], 16e9, 0);
    HARNESS_ASSERT_REL(hoffmann->upper[1], 500e9, 0);
    const struct law_set *kaplan = law_set(sets, n, "kaplan2020_nd");
    CU_ASSERT(!(kaplan->lower[0] > 0) && isinf(kaplan->upper[1]));
    CU_ASSERT_PTR_NULL(registry_find_law(sets, n, "hoffmann2023"));
    free(sets);
}

static void test_registry_read_laws_reproduces_published_losses(void)
{
    static const struct {
        const char *id;
        double params, tokens, loss_nat;
    } wanted[] = {
        {"hoffmann2022", 70e9, 1.4e12, 1.92085},
        {"hoffmann2022", 4.036e10, 2.379e12, 1.9184},
        {"hoffmann2022_rounded", 70e9, 1.4e12, 1.93665},
        {"hoffmann2022_rounded", 280e9, 300e9, 1.99326},
        {"besiroglu2024", 7.2353e10, 1.32683e12, 1.973973},
        {"besiroglu2024_rounded", 7.225e10, 1.3287e12, 1.97444},
        {"kaplan2020_nd", 1e9, 1e10, 2.41965},
    };
    static const struct {
        const char *id;
        double exponent_params; /* beta / (alpha + beta) */
    } exponents[] = {{"besiroglu2024", 0.5126},
                     {"gemstones2025_hot", 0.6986},
                     {"gemstones2025_slim", 0.6315},
                     {"muennighoff2023_base", 0.5}};
    struct status_why why = {0};
    struct law_set *sets = NULL;
    size_t n = 0;
    HARNESS_ASSERT_OK(registry_read_laws(harness_comm(), shipped(), &sets, &n, &why));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const double loss =
            loss_of(law_set(sets, n, wanted[i].id), wanted[i].params, wanted[i].tokens);
        CU_ASSERT_DOUBLE_EQUAL(loss, wanted[i].loss_nat, wanted[i].loss_nat > 1.9184 ? 5e-6 : 5e-5);
    }
    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++) {
        const double *natural = law_set(sets, n, exponents[i].id)->natural;
        CU_ASSERT_DOUBLE_EQUAL(natural[4] / (natural[3] + natural[4]), exponents[i].exponent_params,
                               5e-5);
    }
    free(sets);
}

static void test_registry_ships_thirty_published_runs(void)
{
    struct status_why why = {0};
    struct table *t = NULL;
    HARNESS_ASSERT_OK(
        table_read(harness_comm(), harness_source("inputs/data/runs_pile.tsv"), &t, &why));
    CU_ASSERT_EQUAL_FATAL(table_n_rows(t), 30);
    const int params = table_find(t, "params"), loss = table_find(t, "loss_nat");
    CU_ASSERT_FATAL(params >= 0 && loss >= 0);
    CU_ASSERT_STRING_EQUAL(table_field(t, 0, (size_t)params), "111e6");
    CU_ASSERT_STRING_EQUAL(table_field(t, 28, (size_t)loss), "1.519");
    table_destroy(t);
}

/* Text of a file of the source tree; the caller frees it. */
static char *read_text(const char *name)
{
    static const size_t limit = 1u << 20;
    FILE *f = fopen(harness_source(name), "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    char *text = calloc(limit, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    const size_t n = fread(text, 1, limit - 1, f);
    CU_ASSERT(n > 0 && n < limit - 1);
    (void)fclose(f);
    return text;
}

/* Whether the keys of \a source, separated by ';', all open an entry of the bibliography. */
static void check_source(const char *bibliography, const char *where, const char *source)
{
    char keys[256], entry[256], message[512];
    (void)snprintf(keys, sizeof keys, "%s", source);
    CU_ASSERT(keys[0] != '\0');
    for (char *key = strtok(keys, ";"); key != NULL; key = strtok(NULL, ";")) {
        (void)snprintf(entry, sizeof entry, "{%s,\n", key);
        if (strstr(bibliography, entry) == NULL) {
            (void)snprintf(message, sizeof message, "%s: no source %s", where, key);
            harness_say(message);
            CU_FAIL("a source is missing from docs/sources.bib");
        }
    }
}

static void test_registry_sources_are_in_the_bibliography(void)
{
    static const char *const files[] = {"devices.tsv", "formats.tsv", "grids.tsv",
                                        "sites.tsv",   "laws.tsv",    "materials.tsv"};
    struct status_why why = {0};
    char *bibliography = read_text("docs/sources.bib");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct table *t = NULL;
        char name[64];
        (void)snprintf(name, sizeof name, "inputs/data/%s", files[i]);
        HARNESS_ASSERT_OK(table_read(harness_comm(), harness_source(name), &t, &why));
        const int column = table_find(t, "source");
        CU_ASSERT_FATAL(column >= 0);
        for (size_t r = 0; r < table_n_rows(t); r++) {
            check_source(bibliography, files[i], table_field(t, r, (size_t)column));
        }
        table_destroy(t);
    }
    for (size_t i = 0; law_at(i) != NULL; i++) {
        check_source(bibliography, law_at(i)->id, law_at(i)->source);
    }
    free(bibliography);
}

static void test_registry_folder_follows_the_environment(void)
{
    (void)unsetenv("SCALEFRONT_DATA");
    CU_ASSERT(harness_contains(registry_folder(), "inputs/data"));
    (void)setenv("SCALEFRONT_DATA", "", 1);
    CU_ASSERT(harness_contains(registry_folder(), "inputs/data"));
    (void)setenv("SCALEFRONT_DATA", "/srv/tables", 1);
    CU_ASSERT_STRING_EQUAL(registry_folder(), "/srv/tables");
    (void)unsetenv("SCALEFRONT_DATA");
}

/* A small valid set of tables; each case of the errors replaces one of them. */
#define DEVICES_HEAD                                                                               \
    "id\tvendor\tpeak_tflops_tf32\tpeak_tflops_bf16\tpeak_tflops_fp8\tmass_kg_lo"                  \
    "\tmass_kg_typical\tmass_kg_hi\tsource\n"
#define DEVICES DEVICES_HEAD "Abacus\tSumer\t1.5\t3.1\t6.3\t0.2\t0.25\t0.4\tenheduanna\n"
#define MATERIALS_HEAD                                                                             \
    "device\treading\tcomponent\tsymbol\tlo_g\ttypical_g\thi_g\tbasis\tsource\tstatus\n"
#define MATERIALS                                                                                  \
    MATERIALS_HEAD "Abacus\tA\tframe\tCu\t100\t140\t150\tcast\tx\tproxy\n"                         \
                   "Abacus\tA\tbeads\tCu\t70\t100\t124\tcast\tx\tpublished\n"                      \
                   "Abacus\tA\tbeads\tAu\t\t\t\tgilt\tx\tabsent\n"                                 \
                   "Abacus\tA\tbeads\tunattributed\t0\t10\t12\trest\tx\tderived\n"
#define FORMATS "precision\tmfu_factor\tis_bound\tsource\nbf16\t1\tno\tx\nfp8\t0.6\tyes\tx\n"
#define GRIDS   "id\tcarbon_kg_per_kwh\tsource\nUr\t0.3\tx\n"
#define SITES   "id\tpue_ratio\tsource\nZiggurat\t1.2\tx\n"

struct tables {
    const char *devices, *materials, *formats, *grids, *sites;
};

static enum status read_tables(struct tables t, struct hardware_catalogue *c,
                               struct status_why *why)
{
    char folder[1024];
    (void)harness_file("devices.tsv", t.devices == NULL ? DEVICES : t.devices);
    (void)harness_file("materials.tsv", t.materials == NULL ? MATERIALS : t.materials);
    (void)harness_file("formats.tsv", t.formats == NULL ? FORMATS : t.formats);
    (void)harness_file("grids.tsv", t.grids == NULL ? GRIDS : t.grids);
    (void)harness_file("sites.tsv", t.sites == NULL ? SITES : t.sites);
    (void)snprintf(folder, sizeof folder, "%s", harness_path(""));
    return registry_read(harness_comm(), folder, c, why);
}

static enum status refuse(struct tables t, struct status_why *why)
{
    struct hardware_catalogue c;
    const enum status st = read_tables(t, &c, why);
    registry_clear(&c);
    return st;
}

static void test_registry_read_keeps_absent_materials_as_absent(void)
{
    struct status_why why = {0};
    struct hardware_catalogue c;
    enum hardware_status status;
    HARNESS_ASSERT_OK(read_tables((struct tables){0}, &c, &why));
    const struct hardware *h = device(&c, "Abacus");
    CU_ASSERT_EQUAL(h->n_materials, 3);
    CU_ASSERT(isnan(material(h, "Au", &status).typical));
    CU_ASSERT_EQUAL(status, HARDWARE_ABSENT);
    const struct hardware_interval copper = material(h, "Cu", &status);
    CU_ASSERT_EQUAL(status, HARDWARE_PROXY);     /* the frame is the larger part */
    HARNESS_ASSERT_REL(copper.lo, 0.190, 1e-12); /* 240 - (40^2 + 30^2)^(1/2) */
    HARNESS_ASSERT_REL(copper.typical, 0.240, 1e-12);
    HARNESS_ASSERT_REL(copper.hi, 0.266, 1e-12); /* 240 + (10^2 + 24^2)^(1/2) */
    CU_ASSERT(isnan(c.formats[PRECISION_FP4].mfu_factor));
    registry_clear(&c);
}

static void test_registry_errors_of_devices(void)
{
    struct status_why why = {0};
    struct tables t = {0};
    t.devices = "id\tvendor\tsource\tpeak_tflops_bf8\nAbacus\tSumer\tx\t3\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT,
                         "column: peak_tflops_bf8: unknown; did you mean peak_tflops_");
    t.devices = DEVICES "Abacus\tElam\t1.5\t3.1\t6.3\t0.2\t0.25\t0.4\tx\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT,
                         "devices.tsv:3: id: Abacus: the same row as line 2");
    t.devices = DEVICES_HEAD "Abacus\tSumer\t1.5\t3.1\t6.3\t0.26\t0.25\t0.4\tx\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT,
                         "devices.tsv:2: mass_kg_typical: 0.26, 0.25, 0.4: expected lo <= typical");
    t.devices = DEVICES_HEAD "Abacus\tSumer\t1.5\t3.1\t6.3\t0.2\t\t0.1\tx\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT, "expected lo <= typical <= hi");
    t.devices = DEVICES_HEAD "Abacus\tSumer\t1.5\t3.1\t6.3\t0.2\t0.25\t0.4\t\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT, "devices.tsv:2: source: empty");
    t.devices = DEVICES_HEAD "Abacus\tSumer\t1.5\t-3.1\t6.3\t0.2\t0.25\t0.4\tx\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT,
                         "devices.tsv:2: peak_tflops_bf16: -3.1: expected a number from");
}

static void test_registry_errors_of_parts(void)
{
    struct status_why why = {0};
    struct tables t = {0};
    t.devices = "id\tvendor\tmass_kg_lo\tmass_kg_typical\tmass_kg_hi\theatsink_kg\tcasing_kg"
                "\tsource\nAbacus\tSumer\t0.2\t0.25\t0.4\t0.19\t0.07\tx\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT,
                         "devices.tsv:2: heatsink_kg: 0.26 with casing_kg: expected at most "
                         "mass_kg_typical (0.25) of Abacus");
    t.devices = "id\tvendor\tserver_embodied_carbon_kg_lo\tserver_embodied_carbon_kg_typical"
                "\tsource\nAbacus\tSumer\t31.5\t30.2\tx\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT,
                         "server_embodied_carbon_kg_typical: 31.5, 30.2, nan: expected lo");
}

static void test_registry_errors_of_sparse_peaks(void)
{
    struct status_why why = {0};
    struct tables t = {0};
    t.devices = DEVICES_HEAD "Abacus\tSumer\t\t3.1\t12.4\t0.2\t0.25\t0.4\tx\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT,
                         "devices.tsv:2: peak_tflops_fp8: 12.4: expected at most 2.2 times "
                         "peak_tflops_bf16 (3.1); is it a sparse peak?");
    t.devices = DEVICES_HEAD "Abacus\tSumer\t1.5\t6.2\t6.3\t0.2\t0.25\t0.4\tx\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT, "peak_tflops_bf16: 6.2: expected at most");
}

static void test_registry_errors_of_materials(void)
{
    struct status_why why = {0};
    struct tables t = {0};
    t.materials = MATERIALS_HEAD "Abacus\tA\tframe\tCu\t100\t249.99\t260\tcast\tx\tproxy\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT,
                         "materials.tsv:2: typical_g: 249.99: the rows of Abacus, reading A, must "
                         "sum to its mass_kg_typical, 250 g");
    t.materials = MATERIALS "Abacus\tB\tall\tCu\t100\t200\t260\tcast\tx\tproxy\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT, "the rows of Abacus, reading B, must");
    t.materials = MATERIALS "Abakus\tA\tall\tCu\t100\t200\t260\tcast\tx\tproxy\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT,
                         "materials.tsv:6: device: Abakus: expected");
    t.materials = MATERIALS "Abacus\tC\tall\tCu\t100\t200\t260\tcast\tx\tproxy\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT, "reading: C: expected A or B");
    t.materials = MATERIALS "Abacus\tA\tall\tCu\t100\t200\t260\tcast\tx\tguess\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT, "status: guess: expected published");
    t.materials = MATERIALS "Abacus\tA\tall\tCu\t100\t99\t260\tcast\tx\tproxy\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT, "typical_g: Cu: expected lo <= typical");
    t.materials = MATERIALS "Abacus\tA\tall\tCu\t\t99\t260\tcast\tx\tproxy\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT, "typical_g: Cu: expected lo <= typical");
    t.materials = MATERIALS "Abacus\tA\tall\tCu\t\t\t260\tcast\tx\tabsent\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT, "all empty if absent");
    t.materials = MATERIALS "Abacus\tA\tbeads\tCu\t70\t100\t124\tcast\tx\tproxy\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT,
                         "materials.tsv:6: device: Abacus: the same");
    t.materials = NULL;
    t.devices = DEVICES_HEAD "Abacus\tSumer\t1.5\t3.1\t6.3\t\t\t\tx\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT, "sum to its mass_kg_typical, nan g");
}

static void test_registry_errors_of_formats_grids_and_sites(void)
{
    struct status_why why = {0};
    struct tables t = {0};
    t.formats = "precision\tmfu_factor\tis_bound\tsource\nbf17\t1\tno\tx\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT,
                         "formats.tsv:2: precision: bf17: expected a known format");
    t.formats = "precision\tmfu_factor\tis_bound\tsource\nbf16\t1\tmaybe\tx\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT, "is_bound: maybe: expected yes or no");
    t.formats = NULL;
    t.grids = "id\tcarbon_kg_per_kwh\tsource\nUr\t383\tx\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT,
                         "grids.tsv:2: carbon_kg_per_kwh: 383: expected a number from 0 to 5");
    t.grids = NULL;
    t.sites = "id\tpue_ratio\tsource\nZiggurat\t0.9\tx\n";
    HARNESS_ASSERT_FAILS(refuse(t, &why), STATUS_INPUT, "sites.tsv:2: pue_ratio: 0.9: expected");
}

static enum status refuse_law(const char *law, const char *parameters, const char *range,
                              struct status_why *why)
{
    char text[1024], folder[1024];
    struct law_set *sets = NULL;
    size_t n = 0;
    (void)snprintf(text, sizeof text,
                   "id\tlaw\ttitle\tparameters\tparams_lower\tparams_upper\tsource\n"
                   "a\t%s\tA\t%s\t%s\tx\n",
                   law, parameters, range);
    (void)harness_file("laws.tsv", text);
    (void)snprintf(folder, sizeof folder, "%s", harness_path(""));
    const enum status st = registry_read_laws(harness_comm(), folder, &sets, &n, why);
    free(sets);
    return st;
}

static void test_registry_errors_of_laws(void)
{
    struct status_why why = {0};
    const char *good = "E=1.7 A=400 B=410 alpha=0.3 beta=0.28";
    HARNESS_ASSERT_OK(refuse_law("chinchilla", good, "1e6\t2e9", &why));
    HARNESS_ASSERT_FAILS(refuse_law("gopher", good, "\t", &why), STATUS_INPUT,
                         "laws.tsv:2: law: gopher: expected the id of a law");
    HARNESS_ASSERT_FAILS(refuse_law("chinchilla", good, "2e9\t1e9", &why), STATUS_INPUT,
                         "laws.tsv:2: params: a: expected lower <= upper");
    HARNESS_ASSERT_FAILS(
        refuse_law("chinchilla", "E=1.7 A=400 B=410 alpha=0.3 betta=0.28", "\t", &why),
        STATUS_INPUT, "parameters: betta: no parameter of this law; did you mean beta");
    HARNESS_ASSERT_FAILS(refuse_law("chinchilla", "E=1.7 A=400 B=410 alpha=0.3", "\t", &why),
                         STATUS_INPUT, "parameters: beta: not given");
    HARNESS_ASSERT_FAILS(
        refuse_law("chinchilla", "E=1.7 A=400 B=410 alpha=0.3 A=3 beta=0.28", "\t", &why),
        STATUS_INPUT, "parameters: A: given twice");
    HARNESS_ASSERT_FAILS(
        refuse_law("chinchilla", "E=1.7 A=400 B=410 alpha=3.1 beta=0.28", "\t", &why), STATUS_INPUT,
        "laws.tsv:2: alpha: 3.1: expected a number from");
    HARNESS_ASSERT_FAILS(refuse_law("chinchilla", "E 1.7", "\t", &why), STATUS_INPUT,
                         "parameters: E: expected name=value");
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"gives_every_shipped_row", test_registry_read_gives_every_shipped_row},
        {"gives_the_published_figures_of_devices",
         test_registry_read_gives_the_published_figures_of_devices},
        {"gives_formats_grids_and_sites", test_registry_read_gives_formats_grids_and_sites},
        {"sums_components_to_the_mass_of_the_device",
         test_registry_read_sums_components_to_the_mass_of_the_device},
        {"joins_widths_by_root_sum_of_squares",
         test_registry_read_joins_widths_by_root_sum_of_squares},
        {"paper_falk2025footprints_order_and_copper_of_gpt4",
         test_paper_falk2025footprints_order_and_copper_of_gpt4},
        {"paper_falk2025footprints_devices_of_gpt4", test_paper_falk2025footprints_devices_of_gpt4},
        {"ships_a_study_of_its_runs", test_registry_ships_a_study_of_its_runs},
        {"laws_gives_published_coefficients", test_registry_read_laws_gives_published_coefficients},
        {"laws_reproduces_published_losses", test_registry_read_laws_reproduces_published_losses},
        {"ships_thirty_published_runs", test_registry_ships_thirty_published_runs},
        {"sources_are_in_the_bibliography", test_registry_sources_are_in_the_bibliography},
        {"folder_follows_the_environment", test_registry_folder_follows_the_environment},
        {"keeps_absent_materials_as_absent", test_registry_read_keeps_absent_materials_as_absent},
        {"errors_of_devices", test_registry_errors_of_devices},
        {"errors_of_parts", test_registry_errors_of_parts},
        {"errors_of_sparse_peaks", test_registry_errors_of_sparse_peaks},
        {"errors_of_materials", test_registry_errors_of_materials},
        {"errors_of_formats_grids_and_sites", test_registry_errors_of_formats_grids_and_sites},
        {"errors_of_laws", test_registry_errors_of_laws},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
