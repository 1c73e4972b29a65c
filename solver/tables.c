#include "solver/tables.h"

static double entry(const struct tables_table *t, size_t n_axes, const size_t levels[])
{
    size_t at = 0;
    for (size_t a = 0; a < n_axes; a++) {
        at += t->stride[a] * levels[a];
    }
    return t->values[at];
}

double tables_value(const struct tables_outcome *o, size_t n_axes, const size_t levels[])
{
    double sum = 0.0;
    for (size_t p = 0; p < o->n_products; p++) {
        const struct tables_product *product = &o->products[p];
        double value = entry(&product->factors[0], n_axes, levels);
        for (size_t i = 1; i < product->n; i++) {
            value *= entry(&product->factors[i], n_axes, levels);
        }
        sum = p == 0 ? value : sum + value;
    }
    const double value = o->has_rate ? sum * entry(&o->rate, n_axes, levels) : sum;
    return o->rounds ? footprint_devices(value) : value;
}
