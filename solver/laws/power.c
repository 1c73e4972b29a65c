#include "solver/laws/power.h"

#include "solver/laws/terms.h"

enum { POWER_E, POWER_A, POWER_ALPHA };

/* The rows differ only in their input. */
#define POWER_ROW(name, input_, title_)                                                            \
    const struct law power_law_##name = {                                                          \
        .id = "power_" #name,                                                                      \
        .title = (title_),                                                                         \
        .source = "henighan2020",                                                                  \
        .equation = "loss = E + A/" input_ "^alpha",                                               \
        .response = LAW_LOSS_NAT,                                                                  \
        .response_unit = "nat",                                                                    \
        .n_inputs = 1,                                                                             \
        .inputs = {{input_, true}},                                                                \
        .n_parameters = 3,                                                                         \
        .parameters = {{"E", "nat", LAW_LOG, LAW_FLOOR, 1e-4, 20.0, 0.1, 4.0},                     \
                       {"A", "nat", LAW_LOG, LAW_SCALE, 1e-6, 1e45, 1.0, 1e6},                     \
                       {"alpha", "1", LAW_PLAIN, LAW_EXPONENT, 0.01, 2.0, 0.02, 0.9}},             \
        .n_terms = 1,                                                                              \
        .terms = {{#name, 1u, POWER_A, POWER_ALPHA}},                                              \
        .floor = POWER_E,                                                                          \
        .log_term = terms_log,                                                                     \
        .offset = terms_offset,                                                                    \
        .outer = terms_outer,                                                                      \
        .value = terms_value,                                                                      \
        .in_domain = terms_in_domain,                                                              \
    };

POWER_ROW(params, LAW_PARAMS, "Power law and constant in parameters")
POWER_ROW(tokens, LAW_TOKENS, "Power law and constant in tokens")
POWER_ROW(compute, LAW_COMPUTE, "Power law and constant in compute")
