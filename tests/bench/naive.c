#include "tests/bench/naive.h"

#include <math.h>

void naive_evaluate(const struct naive_law *law, const struct naive_option *o, double params,
                    double tokens, double values[], size_t stride)
{
    const double terms = law->a * pow(params, -law->alpha) + law->b * pow(tokens, -law->beta);
    const double compute_flop = 6.0 * params * tokens;
    const double device_hour = compute_flop / (o->peak_flop_per_second * o->mfu_ratio * 3600.0);
    const double lifetimes = device_hour / (o->lifespan_year * 8760.0);
    const double energy_kwh = device_hour * o->power_watt / 1000.0 * o->pue_ratio;
    values[0] = law->e + (law->outer < 1.0 ? pow(terms, law->outer) : terms);
    values[stride] = energy_kwh;
    values[2 * stride] = lifetimes * o->mass_kg;
    values[3 * stride] = energy_kwh * o->grid_kg_per_kwh + lifetimes * o->embodied_kg;
}
