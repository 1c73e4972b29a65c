#include "solver/laws/chinchilla.h"

#include "solver/laws/terms.h"

enum { CHINCHILLA_E, CHINCHILLA_A, CHINCHILLA_B, CHINCHILLA_ALPHA, CHINCHILLA_BETA };

static double chinchilla_log_term(const double theta[], size_t k, const double log_x[])
{
    return terms_log(&chinchilla_law, theta, k, log_x);
}

static double chinchilla_offset(const double theta[])
{
    return terms_offset(&chinchilla_law, theta);
}

static double chinchilla_loss(const double theta[], const double log_x[], double d_theta[],
                              double d2_theta[], double d_log_x[])
{
    return terms_loss(&chinchilla_law, theta, log_x, d_theta, d2_theta, d_log_x);
}

static bool chinchilla_in_domain(const double log_x[])
{
    return terms_in_domain(&chinchilla_law, log_x);
}

const struct law chinchilla_law = {
    .id = "chinchilla",
    .title = "Chinchilla: a floor and one power term each in parameters and tokens",
    .source = "hoffmann2022",
    .equation = "loss = E + A/params^alpha + B/tokens^beta",
    .n_inputs = 2,
    .inputs = {LAW_PARAMS, LAW_TOKENS},
    .n_parameters = 5,
    .parameters = {{"E", "nat", LAW_LOG, LAW_FLOOR, 1e-4, 20.0, 0.1, 4.0},
                   {"A", "nat", LAW_LOG, LAW_SCALE, 1e-6, 1e45, 1.0, 1e6},
                   {"B", "nat", LAW_LOG, LAW_SCALE, 1e-6, 1e45, 1.0, 1e6},
                   {"alpha", "1", LAW_PLAIN, LAW_EXPONENT, 0.01, 2.0, 0.1, 0.9},
                   {"beta", "1", LAW_PLAIN, LAW_EXPONENT, 0.01, 2.0, 0.1, 0.9}},
    .n_terms = 2,
    .terms = {{"params", 1u << LAW_PARAMS, CHINCHILLA_A, CHINCHILLA_ALPHA},
              {"tokens", 1u << LAW_TOKENS, CHINCHILLA_B, CHINCHILLA_BETA}},
    .floor = CHINCHILLA_E,
    .log_term = chinchilla_log_term,
    .offset = chinchilla_offset,
    .outer = terms_outer,
    .loss_nat = chinchilla_loss,
    .in_domain = chinchilla_in_domain,
};
