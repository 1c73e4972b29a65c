/** \file catalogue.h
 * A small catalogue made by hand for tests of solver/: published figures where there are any, with
 * gaps where nobody published one. */
#ifndef TESTS_SOLVER_CATALOGUE_H
#define TESTS_SOLVER_CATALOGUE_H

#include <math.h>
#include <stddef.h>

#include "solver/hardware.h"
#include "solver/predict.h"

enum { CATALOGUE_V100, CATALOGUE_A100, CATALOGUE_H100, CATALOGUE_TPUV5P, CATALOGUE_N_DEVICES };
enum { CATALOGUE_SITE_NO_OVERHEAD, CATALOGUE_SITE_1_1, CATALOGUE_SITE_UNKNOWN, CATALOGUE_N_SITES };
enum { CATALOGUE_ADAMW, CATALOGUE_ADAMW_MASTER, CATALOGUE_LOW_RANK, CATALOGUE_N_OPTIMIZERS };
enum { CATALOGUE_FRANCE, CATALOGUE_USA, CATALOGUE_NOWHERE, CATALOGUE_N_GRIDS };

#define CATALOGUE_ABSENT                                                                           \
    {                                                                                              \
        NAN, NAN, NAN                                                                              \
    }

static inline struct hardware_catalogue catalogue_made_by_hand(void)
{
    static struct hardware devices[CATALOGUE_N_DEVICES] = {
        [CATALOGUE_V100] = {.id = "V100-SXM2-32",
                            .peak_flop_per_second = {15.7e12, NAN, 125e12, NAN, NAN, NAN},
                            .power_watt = 300.0,
                            .mass_kg = CATALOGUE_ABSENT,
                            .embodied_carbon_kg = CATALOGUE_ABSENT,
                            .measured_power_watt = 330.0,
                            .memory_byte = 32e9,
                            .bandwidth_byte_per_second = 898e9,
                            .price_usd = 11458.0,
                            .rental_usd_per_hour = NAN,
                            .server_power_watt = 200.0,
                            .server_mass_kg = NAN,
                            .server_embodied_carbon_kg = CATALOGUE_ABSENT,
                            .server_price_ratio = 1.69,
                            .file = "devices.tsv",
                            .line = 2},
        [CATALOGUE_A100] = {.id = "A100-SXM4-40",
                            .peak_flop_per_second = {19.5e12, 156e12, 312e12, NAN, 624e12, NAN},
                            .power_watt = 400.0,
                            .mass_kg = {1.4911, 1.56, 1.56},
                            .embodied_carbon_kg = {127.6, 150.0, 271.0},
                            .measured_power_watt = NAN,
                            .memory_byte = 40e9,
                            .bandwidth_byte_per_second = 1555e9,
                            .price_usd = 15000.0,
                            .rental_usd_per_hour = 1.29,
                            .server_power_watt = 412.5,
                            .server_mass_kg = 13.835,
                            .server_embodied_carbon_kg = {190.4, 312.5, 312.5},
                            .server_price_ratio = 1.66,
                            .file = "devices.tsv",
                            .line = 3},
        [CATALOGUE_H100] = {.id = "H100-SXM5-80",
                            .peak_flop_per_second = {66.9e12, 494.7e12, 989.4e12, 1978.9e12,
                                                     1978.9e12, NAN},
                            .power_watt = 700.0,
                            .mass_kg = {1.5, 1.69, 1.9},
                            .embodied_carbon_kg = {164.0, 164.0, 572.0},
                            .measured_power_watt = 650.0,
                            .memory_byte = 80e9,
                            .bandwidth_byte_per_second = 3350e9,
                            .price_usd = 33819.0,
                            .rental_usd_per_hour = 3.95,
                            .server_power_watt = 575.0,
                            .server_mass_kg = 14.106,
                            .server_embodied_carbon_kg = {700.5, 712.5, 712.5},
                            .server_price_ratio = 1.64,
                            .file = "devices.tsv",
                            .line = 4},
        [CATALOGUE_TPUV5P] = {.id = "TPUv5p",
                              .peak_flop_per_second = {NAN, NAN, 459e12, NAN, 918e12, NAN},
                              .power_watt = NAN,
                              .mass_kg = CATALOGUE_ABSENT,
                              .embodied_carbon_kg = CATALOGUE_ABSENT,
                              .measured_power_watt = NAN,
                              .memory_byte = 95e9,
                              .bandwidth_byte_per_second = NAN,
                              .price_usd = NAN,
                              .rental_usd_per_hour = NAN,
                              .server_power_watt = NAN,
                              .server_mass_kg = NAN,
                              .server_embodied_carbon_kg = CATALOGUE_ABSENT,
                              .server_price_ratio = NAN,
                              .file = "devices.tsv",
                              .line = 5},
    };
    static struct hardware_grid grids[CATALOGUE_N_GRIDS] = {
        [CATALOGUE_FRANCE] = {.id = "FRA",
                              .carbon_kg_per_kwh = 0.057,
                              .water_litre_per_kwh = 3.6737,
                              .price_usd_per_kwh = 0.12,
                              .file = "grids.tsv",
                              .line = 2},
        [CATALOGUE_USA] = {.id = "USA",
                           .carbon_kg_per_kwh = 0.385,
                           .water_litre_per_kwh = 3.142,
                           .price_usd_per_kwh = 0.0806,
                           .file = "grids.tsv",
                           .line = 3},
        [CATALOGUE_NOWHERE] = {.id = "nowhere",
                               .carbon_kg_per_kwh = NAN,
                               .water_litre_per_kwh = NAN,
                               .price_usd_per_kwh = NAN,
                               .file = "grids.tsv",
                               .line = 9},
    };
    static struct hardware_site sites[CATALOGUE_N_SITES] = {
        [CATALOGUE_SITE_NO_OVERHEAD] = {.id = "no-overhead",
                                        .pue_ratio = 1.0,
                                        .water_litre_per_kwh = 0.09,
                                        .file = "sites.tsv",
                                        .line = 2},
        [CATALOGUE_SITE_1_1] = {.id = "llama",
                                .pue_ratio = 1.1,
                                .water_litre_per_kwh = 0.55,
                                .file = "sites.tsv",
                                .line = 3},
        [CATALOGUE_SITE_UNKNOWN] = {.id = "unknown",
                                    .pue_ratio = NAN,
                                    .water_litre_per_kwh = NAN,
                                    .file = "sites.tsv",
                                    .line = 4},
    };
    static struct hardware_optimizer optimizers[CATALOGUE_N_OPTIMIZERS] = {
        [CATALOGUE_ADAMW] = {.id = "adamw", .state_byte_per_param = 8.0},
        [CATALOGUE_ADAMW_MASTER] = {.id = "adamw_master", .state_byte_per_param = 12.0},
        [CATALOGUE_LOW_RANK] = {.id = "low_rank", .state_byte_per_param = 0.0},
    };
    struct hardware_catalogue c = {.optimizers = optimizers,
                                   .n_optimizers = CATALOGUE_N_OPTIMIZERS,
                                   .n_devices = CATALOGUE_N_DEVICES,
                                   .n_grids = CATALOGUE_N_GRIDS,
                                   .n_sites = CATALOGUE_N_SITES,
                                   .devices = devices,
                                   .grids = grids,
                                   .sites = sites};
    for (int p = 0; p < PRECISION_N; p++) {
        c.formats[p].mfu_factor = 1.0;
    }
    c.formats[PRECISION_FP8].mfu_factor = 0.665;
    c.formats[PRECISION_FP8].is_bound = true;
    c.formats[PRECISION_INT8].mfu_factor = NAN;
    c.formats[PRECISION_FP4].mfu_factor = NAN;
    return c;
}

/* Published coefficients in the order of the laws' parameters. */
#define CATALOGUE_HOFFMANN_ROUNDED                                                                 \
    {                                                                                              \
        1.69, 406.4, 410.7, 0.34, 0.28                                                             \
    }
#define CATALOGUE_HOFFMANN_TEX                                                                     \
    {                                                                                              \
        exp(0.5267228), exp(6.0073404), exp(6.0179186), 0.33917084, 0.2849083                      \
    }
#define CATALOGUE_BESIROGLU                                                                        \
    {                                                                                              \
        1.81686, 482.006, 2085.434, 0.34781, 0.36585                                               \
    }
/* As the text of the paper prints them. */
#define CATALOGUE_BESIROGLU_ROUNDED                                                                \
    {                                                                                              \
        1.8172, 482.01, 2085.43, 0.3478, 0.3658                                                    \
    }
#define CATALOGUE_KAPLAN                                                                           \
    {                                                                                              \
        6.4e13, 1.8e13, 0.076, 0.103                                                               \
    }

/* Muennighoff et al. on unrepeated data, from the logarithms in their repository. */
#define CATALOGUE_MUENNIGHOFF                                                                      \
    {                                                                                              \
        1.8691436784054858, 520.8249516599187, 1487.716093782861, 0.3526596, 0.3526596             \
    }
/* Kumar et al., Table 2. */
#define CATALOGUE_KUMAR                                                                            \
    {                                                                                              \
        2.7648, 4.299e3, 1.806e4, 0.4965, 0.4965                                                   \
    }

/** A law with natural coefficients and no stated range. */
static inline struct predict_model catalogue_model(const char *law_id, const double natural[])
{
    struct predict_model m = {.law = law_find(law_id), .name = "made by hand"};
    law_transform(m.law, natural, m.theta);
    for (size_t i = 0; i < LAW_MAX_INPUTS; i++) {
        m.upper[i] = (double)INFINITY;
    }
    return m;
}

#endif
