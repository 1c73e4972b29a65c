/** \file tables.h
 * Outcomes as sums of products of tables over the axes of a space: what lets a search bound a whole
 * box of configurations, or take a problem apart, without evaluating each. The value is
 *
 *     (sum over the products of (product of their tables)) * rate, perhaps rounded up
 *
 * computed from left to right, with the same bits as evaluator_block. An entry of NaN says that the
 * value does not exist there. Every table of a product of several, and every rate, is non-negative.
 * Rounding is monotone, so the same expression on the least entries of tables over a box is never
 * above a value in the box, as computed.
 */
#ifndef SOLVER_TABLES_H
#define SOLVER_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "solver/footprint.h"
#include "solver/predict.h"

enum { TABLES_MAX_AXES = DESIGN_N_INPUTS, TABLES_MAX_FACTORS = 4 };
enum { TABLES_MAX_PRODUCTS = PREDICT_MAX_TERMS };

/** One table; borrowed from its maker. */
struct tables_table {
    const double *values;
    size_t stride[TABLES_MAX_AXES]; /**< [n_axes] entries from level to level; 0: not read */
};

struct tables_product {
    size_t n;
    struct tables_table factors[TABLES_MAX_FACTORS];
};

struct tables_outcome {
    size_t n_products;
    struct tables_product products[TABLES_MAX_PRODUCTS];
    bool has_rate;
    struct tables_table rate;
    bool rounds; /**< up to whole ones, footprint_devices */
};

/** Value of one configuration. \param [in] levels  [n_axes] */
double tables_value(const struct tables_outcome *o, size_t n_axes, const size_t levels[]);

#endif
