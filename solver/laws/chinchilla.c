#include "solver/laws/chinchilla.h"

#include "solver/laws/terms.h"

enum { CHINCHILLA_E, CHINCHILLA_A, CHINCHILLA_B, CHINCHILLA_ALPHA, CHINCHILLA_BETA };
enum { CHINCHILLA_PARAMS, CHINCHILLA_TOKENS };

const struct law chinchilla_law = {
    .id = "chinchilla",
    .title = "Chinchilla: a floor and one power term each in parameters and tokens",
    .source = "hoffmann2022",
    .equation = "loss = E + A/params^alpha + B/tokens^beta",
    .response = LAW_LOSS_NAT,
    .response_unit = "nat",
    .n_inputs = 2,
    .inputs = {{LAW_PARAMS, true}, {LAW_TOKENS, true}},
    .n_parameters = 5,
    .parameters = {{"E", "nat", LAW_LOG, LAW_FLOOR, 1e-4, 20.0, 0.1, 4.0},
                   {"A", "nat", LAW_LOG, LAW_SCALE, 1e-6, 1e45, 1.0, 1e6},
                   {"B", "nat", LAW_LOG, LAW_SCALE, 1e-6, 1e45, 1.0, 1e6},
                   {"alpha", "1", LAW_PLAIN, LAW_EXPONENT, 0.01, 2.0, 0.1, 0.9},
                   {"beta", "1", LAW_PLAIN, LAW_EXPONENT, 0.01, 2.0, 0.1, 0.9}},
    .n_terms = 2,
    .terms = {{"params", 1u << CHINCHILLA_PARAMS, CHINCHILLA_A, CHINCHILLA_ALPHA},
              {"tokens", 1u << CHINCHILLA_TOKENS, CHINCHILLA_B, CHINCHILLA_BETA}},
    .floor = CHINCHILLA_E,
    .log_term = terms_log,
    .offset = terms_offset,
    .outer = terms_outer,
    .value = terms_value,
    .in_domain = terms_in_domain,
};
