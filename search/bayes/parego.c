#include "search/bayes/parego.h"

#include <math.h>

#include "search/bayes/normal.h"
#include "solver/base/rng.h"
#include "solver/base/vmath.h"

/* Weight of the sum beside the greatest share (Knowles 2006): what is better in one objective and
 * equal in the rest is better. */
static const double augmentation = 0.05;

enum { N_NODES = 32 };

/* Positive half of the nodes of Gauss and Legendre and their weights. */
static const double rule[N_NODES / 2][2] = {
    {0.048307665687738316, 0.096540088514727801}, {0.14447196158279649, 0.095638720079274859},
    {0.23928736225213707, 0.093844399080804566},  {0.33186860228212765, 0.091173878695763885},
    {0.42135127613063535, 0.087652093004403811},  {0.50689990893222939, 0.083311924226946755},
    {0.58771575724076233, 0.078193895787070306},  {0.6630442669302152, 0.072345794108848506},
    {0.73218211874028968, 0.065822222776361847},  {0.79448379596794241, 0.058684093478535547},
    {0.84936761373256997, 0.050998059262376176},  {0.89632115576605212, 0.042835898022226681},
    {0.93490607593773969, 0.034273862913021433},  {0.96476225558750643, 0.025392065309262059},
    {0.98561151154526834, 0.016274394730905671},  {0.99726386184948156, 0.0070186100094700966},
};

void parego_init(struct parego *p, uint64_t seed, uint64_t id, size_t m, size_t n,
                 const double points[], const double ideal[], const double reference[])
{
    struct rng r;
    double sum = 0.0;
    rng_init(&r, seed, RNG_PROPOSE, id);
    *p = (struct parego){.m = m};
    for (size_t j = 0; j < m; j++) {
        /* Exponential variables over their sum are even on the simplex. */
        p->weight[j] = -vmath_log1(rng_uniform(&r));
        sum += p->weight[j];
    }
    for (size_t j = 0; j < m; j++) {
        p->weight[j] /= sum * (reference[j] - ideal[j]);
        p->ideal[j] = ideal[j];
    }
    p->best = parego_scalar(p, reference);
    for (size_t i = 0; i < n; i++) {
        p->best = fmin(p->best, parego_scalar(p, points + i * m));
    }
}

double parego_scalar(const struct parego *p, const double point[])
{
    double greatest = -(double)INFINITY, sum = 0.0;
    for (size_t j = 0; j < p->m; j++) {
        const double share = p->weight[j] * (point[j] - p->ideal[j]);
        greatest = fmax(greatest, share);
        sum += share;
    }
    return greatest + augmentation * sum;
}

/* ln of the integral of P(all shares < t) over t from minus infinity to the best. Each share has a
 * normal distribution; one that is centred 8.5 deviations below t surely is below it. P grows with
 * t, so that from the end down it is below e^-36 of its greatest value where any one factor is:
 * from z to -sqrt(z^2 + 72) deviations. */
static double log_improvement(const struct parego *p, const double mean[], const double sd[])
{
    double centre[PROPOSE_MAX_OBJECTIVES], spread[PROPOSE_MAX_OBJECTIVES], sum = 0.0;
    double z[N_NODES * PROPOSE_MAX_OBJECTIVES], log_value[N_NODES], terms[N_NODES + 1];
    for (size_t j = 0; j < p->m; j++) {
        centre[j] = p->weight[j] * (mean[j] - p->ideal[j]);
        spread[j] = p->weight[j] * sd[j];
        sum += centre[j];
    }
    const double best = p->best - augmentation * sum;
    double sure = -(double)INFINITY, length = (double)INFINITY;
    for (size_t j = 0; j < p->m; j++) {
        sure = fmax(sure, centre[j] + 8.5 * spread[j]);
    }
    const double to = fmin(best, sure);
    for (size_t j = 0; j < p->m; j++) {
        const double z_to = (to - centre[j]) / spread[j], below = fmin(0.0, z_to);
        const double width = 72.0 / (sqrt(below * below + 72.0) - below) + fmax(0.0, z_to);
        length = fmin(length, spread[j] * width);
    }
    for (size_t k = 0; k < N_NODES; k++) {
        const double node = k % 2 == 0 ? rule[k / 2][0] : -rule[k / 2][0];
        const double t = to - 0.5 * length * (1.0 - node);
        for (size_t j = 0; j < p->m; j++) {
            z[k * p->m + j] = (t - centre[j]) / spread[j];
        }
    }
    normal_log_cdf(N_NODES * p->m, z, z);
    double most = -(double)INFINITY, total = 0.0;
    for (size_t k = 0; k < N_NODES; k++) {
        log_value[k] = 0.0;
        for (size_t j = 0; j < p->m; j++) {
            log_value[k] += z[k * p->m + j];
        }
        most = fmax(most, log_value[k]);
    }
    most = best > sure ? 0.0 : most;
    for (size_t k = 0; k < N_NODES; k++) {
        terms[k] = log_value[k] - most;
    }
    vmath_exp(N_NODES, terms, terms);
    for (size_t k = 0; k < N_NODES; k++) {
        total += 0.5 * length * rule[k / 2][1] * terms[k];
    }
    return most + vmath_log1(total + fmax(0.0, best - sure));
}

void parego_log(const struct parego *p, size_t n, const double mean[], const double sd[],
                double value[])
{
    for (size_t i = 0; i < n; i++) {
        value[i] = log_improvement(p, mean + i * p->m, sd + i * p->m);
    }
}
