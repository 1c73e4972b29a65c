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
#include "tests/inputs/catalogue/tables.h"

static void test_registry_read_gives_every_shipped_row(void)
{
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), NULL, &c, &why));
    CU_ASSERT_EQUAL(c.n_devices, 15);
    CU_ASSERT_EQUAL(c.n_grids, 24);
    CU_ASSERT_EQUAL(c.n_sites, 21);
    CU_ASSERT_EQUAL(c.n_mfu, 21);
    CU_ASSERT_EQUAL(c.n_optimizers, 6);
    CU_ASSERT_EQUAL(c.n_classes, 9);
    CU_ASSERT_EQUAL(tables_device(&c, "A100-SXM4-40")->n_materials, 30);
    CU_ASSERT_EQUAL(tables_device(&c, "H100-SXM5-80")->n_materials, 11);
    CU_ASSERT_EQUAL(tables_device(&c, "MI250X")->n_materials, 0);
    CU_ASSERT(harness_contains(c.devices[3].file, "inputs/data/devices.tsv"));
    registry_clear(&c);
    CU_ASSERT_PTR_NULL(c.devices);
}

static void test_registry_read_gives_the_published_figures_of_devices(void)
{
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), NULL, &c, &why));
    const struct hardware *a100 = tables_device(&c, "A100-SXM4-40");
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
    const struct hardware *h100 = tables_device(&c, "H100-SXM5-80");
    HARNESS_ASSERT_REL(h100->peak_flop_per_second[PRECISION_BF16], 989.4e12, 1e-15);
    HARNESS_ASSERT_REL(h100->mass_kg.lo, 1.8, 0);
    HARNESS_ASSERT_REL(h100->mass_kg.typical, 2.2, 0);
    HARNESS_ASSERT_REL(h100->mass_kg.hi, 3.3, 0);
    HARNESS_ASSERT_REL(h100->embodied_carbon_kg.lo, 164.0, 0);
    HARNESS_ASSERT_REL(h100->embodied_carbon_kg.hi, 572.0, 0);
    HARNESS_ASSERT_REL(h100->server_power_watt, 10200.0 / 8 - 700, 0);
    HARNESS_ASSERT_REL(h100->server_embodied_carbon_kg.hi, 5700.0 / 8, 0);
    HARNESS_ASSERT_REL(h100->server_price_ratio, 1.64, 0);
    CU_ASSERT(isnan(tables_device(&c, "V100-SXM2-32")->peak_flop_per_second[PRECISION_TF32]));
    CU_ASSERT(isnan(tables_device(&c, "A100-SXM4-80")->embodied_carbon_kg.typical));
    CU_ASSERT(isnan(tables_device(&c, "TPUv4")->power_watt));
    HARNESS_ASSERT_REL(tables_device(&c, "TPUv4")->measured_power_watt, 378.5, 0);
    HARNESS_ASSERT_REL(tables_device(&c, "TPUv3")->measured_power_watt,
                       (310 + 289 + 288 + 245) / 4.0, 0);
    HARNESS_ASSERT_REL(tables_device(&c, "V100-SXM2-32")->measured_power_watt, 330.0, 0);
    HARNESS_ASSERT_REL(tables_device(&c, "V100-SXM2-32")->server_price_ratio, 1.69, 0);
    HARNESS_ASSERT_REL(tables_device(&c, "A100-SXM4-80")->measured_power_watt, 173e3 / 384, 2e-4);
    registry_clear(&c);
}

static void test_registry_read_gives_formats_grids_and_sites(void)
{
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), NULL, &c, &why));
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
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), NULL, &c, &why));
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
    HARNESS_ASSERT_OK(forms_read(harness_comm(), tables_shipped(), &why));
    HARNESS_ASSERT_OK(registry_read_laws(harness_comm(), tables_shipped(), &sets, &n, &why));
    CU_ASSERT_EQUAL_FATAL(n, 56);
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
    HARNESS_ASSERT_OK(registry_read_laws(harness_comm(), tables_shipped(), &sets, &n, &why));
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
    static const char *const files[] = {
        "devices.tsv",   "formats.tsv",  "grids.tsv",      "sites.tsv", "laws.tsv",
        "materials.tsv", "elements.tsv", "optimizers.tsv", "mfu.tsv",   "classes.tsv"};
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

static void test_registry_read_gives_optimizers(void)
{
    static const struct {
        const char *id;
        double with_both; /* bytes a parameter with 2 each of weights and gradients */
    } wanted[] = {{"adamw", 12},
                  {"adamw_master", 16},
                  {"adamw_8bit", 6},
                  {"low_rank", 4},
                  {"sgd_momentum", 8}};
    struct status_why why = {0};
    struct hardware_catalogue c;
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), NULL, &c, &why));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const int k = hardware_find_optimizer(&c, wanted[i].id);
        CU_ASSERT_FATAL(k >= 0);
        HARNESS_ASSERT_REL(2 + 2 + c.optimizers[k].state_byte_per_param, wanted[i].with_both, 0);
    }
    CU_ASSERT_EQUAL(hardware_find_optimizer(&c, "adam"), -1);
    registry_clear(&c);
}

/* One row of the user's replaces a shipped one whole, the other is added; the rest stays. */
static void test_registry_read_takes_rows_of_the_user(void)
{
    static const char devices[] =
        "id,vendor,peak_tflops_bf16,power_watt,source\n"
        "A100-SXM4-80,Us,280,330,measured\nHomemade,Us,93.5,211,measured\n";
    struct registry_options options = {.reading = HARDWARE_READING_A};
    struct status_why why = {0};
    struct hardware_catalogue c;
    char text[1200];
    (void)snprintf(options.own[HARDWARE_DEVICES], sizeof options.own[HARDWARE_DEVICES], "%s",
                   harness_file("my_devices.csv", devices));
    (void)snprintf(options.own[HARDWARE_FORMATS], sizeof options.own[HARDWARE_FORMATS], "%s",
                   harness_file("my_formats.tsv",
                                "precision\tmfu_factor\tis_bound\tsource\nfp8\t0.58\tno\tus\n"));
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), &options, &c, &why));
    CU_ASSERT_EQUAL(c.n_devices, 16);
    const struct hardware *mine = tables_device(&c, "A100-SXM4-80");
    HARNESS_ASSERT_REL(mine->peak_flop_per_second[PRECISION_BF16], 280e12, 1e-15);
    CU_ASSERT(isnan(mine->price_usd)); /* replaced whole: nothing of the shipped row is left */
    CU_ASSERT_EQUAL(mine->line, 2);
    CU_ASSERT(harness_contains(mine->file, "my_devices.csv"));
    HARNESS_ASSERT_REL(tables_device(&c, "Homemade")->power_watt, 211.0, 0);
    HARNESS_ASSERT_REL(tables_device(&c, "A100-SXM4-40")->price_usd, 15000.0, 0);
    CU_ASSERT(harness_contains(tables_device(&c, "A100-SXM4-40")->file, "data/devices.tsv"));
    HARNESS_ASSERT_REL(c.formats[PRECISION_FP8].mfu_factor, 0.58, 0);
    CU_ASSERT(!c.formats[PRECISION_FP8].is_bound);
    HARNESS_ASSERT_REL(c.formats[PRECISION_BF16].mfu_factor, 1.0, 0);
    hardware_row_text(&c, HARDWARE_DEVICES, hardware_find_device(&c, "Homemade"), text,
                      sizeof text);
    CU_ASSERT(harness_contains(text, "my_devices.csv:3: Homemade"));
    hardware_row_text(&c, HARDWARE_FORMATS, PRECISION_FP8, text, sizeof text);
    CU_ASSERT(harness_contains(text, "my_formats.tsv:2: fp8"));
    registry_clear(&c);
}

/* A composition is replaced whole: its rows close together or not at all. */
static void test_registry_read_replaces_compositions_whole(void)
{
    static const char materials[] =
        "device\treading\tcomponent\tsymbol\tlo_g\ttypical_g\thi_g"
        "\tsource\tstatus\n"
        "A100-SXM4-40\tA\tall\tFe\t1000\t1200\t1300\tus\tpublished\n"
        "A100-SXM4-40\tA\tall\tunattributed\t0\t360\t500\tus\tderived\n";
    struct registry_options options = {.reading = HARDWARE_READING_A};
    struct status_why why = {0};
    struct hardware_catalogue c;
    enum hardware_status status;
    (void)snprintf(options.own[HARDWARE_MATERIALS], sizeof options.own[HARDWARE_MATERIALS], "%s",
                   harness_file("my_materials.tsv", materials));
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), &options, &c, &why));
    const struct hardware *a100 = tables_device(&c, "A100-SXM4-40");
    CU_ASSERT_EQUAL(a100->n_materials, 2);
    HARNESS_ASSERT_REL(tables_material(a100, "Fe", &status).typical, 1.2, 1e-14);
    CU_ASSERT_EQUAL(status, HARDWARE_PUBLISHED);
    CU_ASSERT_EQUAL(tables_device(&c, "H100-SXM5-80")->n_materials, 11);
    registry_clear(&c);
}

static void test_registry_read_study_finds_tables_beside_it(void)
{
    struct status_why why = {0};
    struct hardware_catalogue c;
    struct study study;
    char path[1100];
    (void)harness_file("grids_of_ours.tsv",
                       "id\tcarbon_kg_per_kwh\tprice_usd_per_kwh\tsource\nroof\t0.041\t0.03\tus\n");
    (void)snprintf(path, sizeof path, "%s",
                   harness_file("own.yaml", "catalogue: {grids: grids_of_ours.tsv, reading: B, "
                                            "heavy_above_g_per_cm3: 7.2}\n"));
    HARNESS_ASSERT_OK(study_read(harness_comm(), path, NULL, 0, &study, &why));
    HARNESS_ASSERT_OK(registry_read_study(harness_comm(), &study, &c, &why));
    CU_ASSERT_EQUAL(c.n_grids, 25);
    const int roof = hardware_find_grid(&c, "roof");
    CU_ASSERT_FATAL(roof >= 0);
    HARNESS_ASSERT_REL(c.grids[roof].price_usd_per_kwh, 0.03, 0);
    CU_ASSERT_EQUAL(c.reading, HARDWARE_READING_B);
    HARNESS_ASSERT_REL(c.classes[hardware_find_class(&c, "heavy")].density_above_g_per_cm3, 7.2, 0);
    registry_clear(&c);
    study_clear(&study);
}

static void test_registry_errors_of_tables_of_the_user(void)
{
    struct registry_options options = {.reading = HARDWARE_READING_A};
    struct status_why why = {0};
    struct hardware_catalogue c;
    char *own = options.own[HARDWARE_DEVICES];
    const size_t size = sizeof options.own[HARDWARE_DEVICES];
    (void)snprintf(own, size, "%s", "/nowhere/my_devices.tsv");
    HARNESS_ASSERT_FAILS(registry_read(harness_comm(), tables_shipped(), &options, &c, &why),
                         STATUS_INPUT, "/nowhere/my_devices.tsv: cannot open");
    (void)snprintf(own, size, "%s",
                   harness_file("my_devices.tsv",
                                "id\tvendor\tpeak_tflops_bf16\tpeak_tflops_fp8\tsource\n"
                                "H100-SXM5-80\tUs\t989.4\t3957.8\tus\n"));
    HARNESS_ASSERT_FAILS(registry_read(harness_comm(), tables_shipped(), &options, &c, &why),
                         STATUS_INPUT, "my_devices.tsv:2: peak_tflops_fp8: 3957.8: expected");
    (void)snprintf(own, size, "%s",
                   harness_file("my_devices.tsv",
                                "id\tvendor\tmass_kg_lo\tmass_kg_typical\tmass_kg_hi\tsource\n"
                                "A100-SXM4-40\tUs\t1.5\t1.7\t1.9\tus\n"));
    /* The shipped materials are not of a card of another mass: they are left out. */
    status_clear(&why);
    HARNESS_ASSERT_OK(registry_read(harness_comm(), tables_shipped(), &options, &c, &why));
    CU_ASSERT_EQUAL(c.devices[hardware_find_device(&c, "A100-SXM4-40")].n_materials, 0);
    registry_clear(&c);
}

static void test_registry_errors_of_devices(void)
{
    struct status_why why = {0};
    struct tables t = {0};
    t.devices = "id\tvendor\tsource\tpeak_tflops_bf8\nAbacus\tSumer\tx\t3\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "column: peak_tflops_bf8: unknown; did you mean peak_tflops_");
    t.devices = TABLES_DEVICES "Abacus\tElam\t1.5\t3.1\t6.3\t0.2\t0.25\t0.4\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "devices.tsv:3: id: Abacus: the same row as line 2");
    t.devices = TABLES_DEVICES_HEAD "Abacus\tSumer\t1.5\t3.1\t6.3\t0.26\t0.25\t0.4\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "devices.tsv:2: mass_kg_typical: 0.26, 0.25, 0.4: expected lo <= typical");
    t.devices = TABLES_DEVICES_HEAD "Abacus\tSumer\t1.5\t3.1\t6.3\t0.2\t\t0.1\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "expected lo <= typical <= hi");
    t.devices = TABLES_DEVICES_HEAD "Abacus\tSumer\t1.5\t3.1\t6.3\t0.2\t0.25\t0.4\t\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "devices.tsv:2: source: empty");
    t.devices = TABLES_DEVICES_HEAD "Abacus\tSumer\t1.5\t-3.1\t6.3\t0.2\t0.25\t0.4\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "devices.tsv:2: peak_tflops_bf16: -3.1: expected a number from");
}

static void test_registry_errors_of_parts(void)
{
    struct status_why why = {0};
    struct tables t = {0};
    t.devices = "id\tvendor\tmass_kg_lo\tmass_kg_typical\tmass_kg_hi\theatsink_kg\tcasing_kg"
                "\tsource\nAbacus\tSumer\t0.2\t0.25\t0.4\t0.19\t0.07\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "devices.tsv:2: heatsink_kg: 0.26 with casing_kg: expected at most "
                         "mass_kg_typical (0.25) of Abacus");
    t.devices = "id\tvendor\tserver_embodied_carbon_kg_lo\tserver_embodied_carbon_kg_typical"
                "\tsource\nAbacus\tSumer\t31.5\t30.2\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "server_embodied_carbon_kg_typical: 31.5, 30.2, nan: expected lo");
}

static void test_registry_errors_of_sparse_peaks(void)
{
    struct status_why why = {0};
    struct tables t = {0};
    t.devices = TABLES_DEVICES_HEAD "Abacus\tSumer\t\t3.1\t12.4\t0.2\t0.25\t0.4\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "devices.tsv:2: peak_tflops_fp8: 12.4: expected at most 2.2 times "
                         "peak_tflops_bf16 (3.1); is it a sparse peak?");
    t.devices = TABLES_DEVICES_HEAD "Abacus\tSumer\t1.5\t6.2\t6.3\t0.2\t0.25\t0.4\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "peak_tflops_bf16: 6.2: expected at most");
}

static void test_registry_errors_of_formats_grids_and_sites(void)
{
    struct status_why why = {0};
    struct tables t = {0};
    t.formats = "precision\tmfu_factor\tis_bound\tsource\nbf17\t1\tno\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "formats.tsv:2: precision: bf17: expected a known format");
    t.formats = "precision\tmfu_factor\tis_bound\tsource\nbf16\t1\tmaybe\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "is_bound: maybe: expected yes or no");
    t.formats = NULL;
    t.grids = "id\tcarbon_kg_per_kwh\tsource\nUr\t383\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "grids.tsv:2: carbon_kg_per_kwh: 383: expected a number from 0 to 5");
    t.grids = NULL;
    t.sites = "id\tpue_ratio\tsource\nZiggurat\t0.9\tx\n";
    HARNESS_ASSERT_FAILS(tables_refuse(t, NULL, &why), STATUS_INPUT,
                         "sites.tsv:2: pue_ratio: 0.9: expected");
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
        {"paper_falk2025footprints_devices_of_gpt4", test_paper_falk2025footprints_devices_of_gpt4},
        {"ships_a_study_of_its_runs", test_registry_ships_a_study_of_its_runs},
        {"laws_gives_published_coefficients", test_registry_read_laws_gives_published_coefficients},
        {"laws_reproduces_published_losses", test_registry_read_laws_reproduces_published_losses},
        {"ships_thirty_published_runs", test_registry_ships_thirty_published_runs},
        {"sources_are_in_the_bibliography", test_registry_sources_are_in_the_bibliography},
        {"folder_follows_the_environment", test_registry_folder_follows_the_environment},
        {"gives_optimizers", test_registry_read_gives_optimizers},
        {"takes_rows_of_the_user", test_registry_read_takes_rows_of_the_user},
        {"replaces_compositions_whole", test_registry_read_replaces_compositions_whole},
        {"study_finds_tables_beside_it", test_registry_read_study_finds_tables_beside_it},
        {"errors_of_tables_of_the_user", test_registry_errors_of_tables_of_the_user},
        {"errors_of_devices", test_registry_errors_of_devices},
        {"errors_of_parts", test_registry_errors_of_parts},
        {"errors_of_sparse_peaks", test_registry_errors_of_sparse_peaks},
        {"errors_of_formats_grids_and_sites", test_registry_errors_of_formats_grids_and_sites},
        {"errors_of_laws", test_registry_errors_of_laws},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
