#include "search/bayes/matern.h"

#include <math.h>

#include "solver/base/status.h"
#include "solver/base/vmath.h"

enum { BLOCK = 128 }; /* pairs whose exponentials are taken together */

/* Pairs of one place with a block of others: s = sqrt(5) times the distance in lengths, and
 * exp(-s - sum of thetas that differ). */
struct pairs {
    double s[BLOCK], e[BLOCK];
};

void matern_init(struct matern *m, size_t n_variables, const struct variable variables[])
{
    STATUS_ASSERT(1 <= n_variables && n_variables <= VARIABLE_MOST);
    *m = (struct matern){.n_variables = n_variables};
    for (size_t i = 0; i < n_variables; i++) {
        if (variables[i].kind != VARIABLE_CATEGORICAL) {
            m->order[m->n_numbers++] = i;
        }
    }
    for (size_t i = 0, at = m->n_numbers; i < n_variables; i++) {
        if (variables[i].kind == VARIABLE_CATEGORICAL) {
            m->order[at++] = i;
        }
    }
}

void matern_set(struct matern *m, double log_variance, const double log_length[])
{
    m->variance = vmath_exp1(log_variance);
    for (size_t j = 0; j < m->n_variables; j++) {
        const double log = log_length[m->order[j]];
        m->weight[j] = j < m->n_numbers ? 5.0 * vmath_exp1(-2.0 * log) : vmath_exp1(log);
    }
}

void matern_place(const struct matern *m, const double u[], double place[])
{
    for (size_t j = 0; j < m->n_variables; j++) {
        place[j] = u[m->order[j]];
    }
}

/* Coordinates of levels are centres of cells, copies of the same numbers, so they may be compared.
 */
static void compare(const struct matern *m, const double place[], size_t n, const double others[],
                    struct pairs *pairs)
{
    for (size_t i = 0; i < n; i++) {
        const double *other = others + i * m->n_variables;
        double square = 0.0, apart = 0.0;
        for (size_t j = 0; j < m->n_numbers; j++) {
            const double difference = place[j] - other[j];
            square += m->weight[j] * (difference * difference);
        }
        for (size_t j = m->n_numbers; j < m->n_variables; j++) {
            apart += place[j] != other[j] ? m->weight[j] : 0.0;
        }
        pairs->s[i] = sqrt(square);
        pairs->e[i] = -pairs->s[i] - apart;
    }
    vmath_exp(n, pairs->e, pairs->e);
}

static double covariance(const struct matern *m, double s, double e)
{
    return m->variance * (1.0 + s + s * s / 3.0) * e;
}

void matern_row(const struct matern *m, const double place[], size_t n, const double others[],
                double k[])
{
    struct pairs pairs;
    for (size_t begin = 0; begin < n; begin += BLOCK) {
        const size_t size = n - begin < BLOCK ? n - begin : BLOCK;
        compare(m, place, size, others + begin * m->n_variables, &pairs);
        for (size_t i = 0; i < size; i++) {
            k[begin + i] = covariance(m, pairs.s[i], pairs.e[i]);
        }
    }
}

/* What a block of pairs adds: the derivative by ln length_j is variance (1 + s) e / 3 times the
 * part of s^2 that variable j makes; by ln theta_j it is -theta_j k where the categories differ.
 * The weights, common to all pairs, are left to the caller. */
static double add_pairs(const struct matern *m, const double place[], size_t n,
                        const double others[], const struct pairs *pairs, const double w[],
                        double sum[])
{
    double by_variance = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double *other = others + i * m->n_variables;
        const double s = pairs->s[i], e = pairs->e[i];
        const double wk = w[i] * covariance(m, s, e);
        const double factor = w[i] * (m->variance * (1.0 + s) * e / 3.0);
        for (size_t j = 0; j < m->n_numbers; j++) {
            const double difference = place[j] - other[j];
            sum[j] += factor * (difference * difference);
        }
        for (size_t j = m->n_numbers; j < m->n_variables; j++) {
            sum[j] -= place[j] != other[j] ? wk : 0.0;
        }
        by_variance += wk;
    }
    return by_variance;
}

double matern_slope(const struct matern *m, const double place[], size_t n, const double others[],
                    const double w[], double slope[])
{
    struct pairs pairs;
    double sum[VARIABLE_MOST] = {0.0}, by_variance = 0.0;
    for (size_t begin = 0; begin < n; begin += BLOCK) {
        const size_t size = n - begin < BLOCK ? n - begin : BLOCK;
        const double *block = others + begin * m->n_variables;
        compare(m, place, size, block, &pairs);
        by_variance += add_pairs(m, place, size, block, &pairs, w + begin, sum);
    }
    for (size_t j = 0; j < m->n_variables; j++) {
        slope[m->order[j]] += m->weight[j] * sum[j];
    }
    return by_variance;
}
