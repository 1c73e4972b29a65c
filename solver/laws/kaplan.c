#include "solver/laws/kaplan.h"

#include "solver/base/vmath.h"
#include "solver/laws/terms.h"

/* theta: ln Nc, ln Dc, aN, aD. */
enum { KAPLAN_NC, KAPLAN_DC, KAPLAN_AN, KAPLAN_AD, KAPLAN_N };
enum { KAPLAN_PARAMS, KAPLAN_TOKENS };

static double kaplan_log_term(const struct law *law, const double theta[], size_t k,
                              const double x[])
{
    (void)law;
    return k == 0 ? theta[KAPLAN_AN] / theta[KAPLAN_AD] * (theta[KAPLAN_NC] - x[KAPLAN_PARAMS])
                  : theta[KAPLAN_DC] - x[KAPLAN_TOKENS];
}

static double kaplan_offset(const struct law *law, const double theta[])
{
    (void)law;
    (void)theta;
    return 0.0;
}

static double kaplan_outer(const struct law *law, const double theta[])
{
    (void)law;
    return theta[KAPLAN_AD];
}

/* With u, v = ln of the terms and S = e^u + e^v, ln loss = aD ln S. Its first and second
 * derivatives come by the chain rule through u and v; those of the loss follow from
 * L_i = L G_i and L_ij = L (G_ij + G_i G_j), where G = ln L. */
static double kaplan_loss(const struct law *law, const double theta[], const double x[],
                          double d_theta[], double d2_theta[], double d_x[])
{
    const double aN = theta[KAPLAN_AN];
    const double aD = theta[KAPLAN_AD];
    const double distance = theta[KAPLAN_NC] - x[KAPLAN_PARAMS];
    const double u = kaplan_log_term(law, theta, 0, x);
    const double v = kaplan_log_term(law, theta, 1, x);
    const double eu = vmath_exp1(u);
    const double ev = vmath_exp1(v);
    const double sum = eu + ev;
    const double log_sum = vmath_log1(sum);
    const double loss = vmath_exp1(aD * log_sum);
    const double pu = eu / sum; /* shares of the terms */
    const double pv = ev / sum;
    const double u_i[KAPLAN_N] = {aN / aD, 0.0, distance / aD, -u / aD};
    double g[KAPLAN_N];
    for (size_t i = 0; i < KAPLAN_N; i++) {
        g[i] = aD * pu * u_i[i];
    }
    g[KAPLAN_DC] = aD * pv;
    g[KAPLAN_AD] += log_sum;
    if (d_theta != NULL) {
        for (size_t i = 0; i < KAPLAN_N; i++) {
            d_theta[i] = loss * g[i];
        }
    }
    if (d2_theta != NULL) {
        double u_ij[KAPLAN_N][KAPLAN_N] = {{0.0}};
        u_ij[KAPLAN_NC][KAPLAN_AN] = u_ij[KAPLAN_AN][KAPLAN_NC] = 1.0 / aD;
        u_ij[KAPLAN_NC][KAPLAN_AD] = u_ij[KAPLAN_AD][KAPLAN_NC] = -aN / (aD * aD);
        u_ij[KAPLAN_AN][KAPLAN_AD] = u_ij[KAPLAN_AD][KAPLAN_AN] = -distance / (aD * aD);
        u_ij[KAPLAN_AD][KAPLAN_AD] = 2.0 * u / (aD * aD);
        const double v_i[KAPLAN_N] = {[KAPLAN_DC] = 1.0};
        const double a_i[KAPLAN_N] = {[KAPLAN_AD] = 1.0}; /* derivative of aD itself */
        for (size_t i = 0; i < KAPLAN_N; i++) {
            const double mean_i = pu * u_i[i] + pv * v_i[i]; /* derivative of ln S */
            for (size_t j = 0; j < KAPLAN_N; j++) {
                const double mean_j = pu * u_i[j] + pv * v_i[j];
                const double curve =
                    aD * (pu * pv * (u_i[i] - v_i[i]) * (u_i[j] - v_i[j]) + pu * u_ij[i][j]);
                d2_theta[i * KAPLAN_N + j] =
                    loss * (curve + a_i[i] * mean_j + a_i[j] * mean_i + g[i] * g[j]);
            }
        }
    }
    if (d_x != NULL) {
        d_x[KAPLAN_PARAMS] = -loss * aN * pu;
        d_x[KAPLAN_TOKENS] = -loss * aD * pv;
    }
    return loss;
}

const struct law kaplan_law = {
    .id = "kaplan_nd",
    .title = "Kaplan: joint power law in parameters (without embeddings) and tokens, no floor",
    .source = "kaplan2020",
    .equation = "loss = ((Nc/params)^(aN/aD) + Dc/tokens)^aD",
    .response = LAW_LOSS_NAT,
    .response_unit = "nat",
    .n_inputs = 2,
    .inputs = {{LAW_PARAMS, true}, {LAW_TOKENS, true}},
    .n_parameters = KAPLAN_N,
    .parameters = {{"Nc", "1", LAW_LOG, LAW_SCALE, 1e-3, 1e40, 1e10, 1e16},
                   {"Dc", "token", LAW_LOG, LAW_SCALE, 1e-3, 1e40, 1e10, 1e16},
                   {"aN", "1", LAW_PLAIN, LAW_EXPONENT, 0.01, 2.0, 0.03, 0.4},
                   {"aD", "1", LAW_PLAIN, LAW_EXPONENT, 0.01, 2.0, 0.03, 0.4}},
    .n_terms = 2,
    .terms = {{"params", 1u << KAPLAN_PARAMS, -1, -1}, {"tokens", 1u << KAPLAN_TOKENS, -1, -1}},
    .floor = -1,
    .log_term = kaplan_log_term,
    .offset = kaplan_offset,
    .outer = kaplan_outer,
    .value = kaplan_loss,
    .in_domain = terms_in_domain,
};
