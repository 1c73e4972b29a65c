#include "solver/laws/power.h"

#include "solver/laws/terms.h"

enum { POWER_E, POWER_A, POWER_ALPHA };

/* The rows differ only in their input; the functions of a row know it by its own name. */
#define POWER_ROW(name, input_, id_, title_, equation_)                                            \
    static double power_log_term_##name(const double theta[], size_t k, const double log_x[])      \
    {                                                                                              \
        return terms_log(&power_law_##name, theta, k, log_x);                                      \
    }                                                                                              \
    static double power_offset_##name(const double theta[])                                        \
    {                                                                                              \
        return terms_offset(&power_law_##name, theta);                                             \
    }                                                                                              \
    static double power_loss_##name(const double theta[], const double log_x[], double d_theta[],  \
                                    double d2_theta[], double d_log_x[])                           \
    {                                                                                              \
        return terms_loss(&power_law_##name, theta, log_x, d_theta, d2_theta, d_log_x);            \
    }                                                                                              \
    static bool power_in_domain_##name(const double log_x[])                                       \
    {                                                                                              \
        return terms_in_domain(&power_law_##name, log_x);                                          \
    }                                                                                              \
    const struct law power_law_##name = {                                                          \
        .id = (id_),                                                                               \
        .title = (title_),                                                                         \
        .source = "henighan2020",                                                                  \
        .equation = (equation_),                                                                   \
        .n_inputs = 1,                                                                             \
        .inputs = {(input_)},                                                                      \
        .n_parameters = 3,                                                                         \
        .parameters = {{"E", "nat", LAW_LOG, LAW_FLOOR, 1e-4, 20.0, 0.1, 4.0},                     \
                       {"A", "nat", LAW_LOG, LAW_SCALE, 1e-6, 1e45, 1.0, 1e6},                     \
                       {"alpha", "1", LAW_PLAIN, LAW_EXPONENT, 0.01, 2.0, 0.02, 0.9}},             \
        .n_terms = 1,                                                                              \
        .terms = {{#name, 1u << (input_), POWER_A, POWER_ALPHA}},                                  \
        .floor = POWER_E,                                                                          \
        .log_term = power_log_term_##name,                                                         \
        .offset = power_offset_##name,                                                             \
        .outer = terms_outer,                                                                      \
        .loss_nat = power_loss_##name,                                                             \
        .in_domain = power_in_domain_##name,                                                       \
    };

POWER_ROW(params, LAW_PARAMS, "power_params", "Power law and constant in parameters",
          "loss = E + A/params^alpha")
POWER_ROW(tokens, LAW_TOKENS, "power_tokens", "Power law and constant in tokens",
          "loss = E + A/tokens^alpha")
POWER_ROW(compute, LAW_COMPUTE, "power_compute", "Power law and constant in compute",
          "loss = E + A/compute_flop^alpha")
