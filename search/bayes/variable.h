/** \file variable.h
 * What a Bayesian search decides: continuous variables, ordinal ones (levels with an order and a
 * distance) and categories (levels without). A design is a point of the unit cube: a continuous
 * variable is evenly or logarithmically spread over it, level k of n sits at the centre (k + 1/2) /
 * n of its cell (docs/model.md, Bayesian search).
 */
#ifndef SEARCH_BAYES_VARIABLE_H
#define SEARCH_BAYES_VARIABLE_H

#include <stdbool.h>
#include <stddef.h>

enum { VARIABLE_MOST = 24, VARIABLE_NAME_SIZE = 40 };

enum variable_kind { VARIABLE_CONTINUOUS, VARIABLE_ORDINAL, VARIABLE_CATEGORICAL };

/** Plain data; \a values and \a labels are not owned. */
struct variable {
    char name[VARIABLE_NAME_SIZE], unit[VARIABLE_NAME_SIZE];
    enum variable_kind kind;
    double lower, upper;       /**< continuous: lower < upper; both positive when is_log */
    bool is_log;               /**< continuous: spread evenly in the logarithm */
    size_t n_levels;           /**< ordinal and categorical; >= 1 */
    const double *values;      /**< [n_levels] ordinal: ascending numbers; categorical: NULL */
    const char *const *labels; /**< [n_levels] categorical: names; else NULL */
};

/** Move every coordinate to a value that exists: into [0, 1], levels to the centre of their cell.
 * Idempotent. \param [in,out] u  [n] */
void variable_snap(size_t n, const struct variable variables[], double u[]);

/** Level of an ordinal or categorical variable at coordinate \a u of [0, 1]. */
size_t variable_level(const struct variable *v, double u);

/** The number that a coordinate stands for: the value of a continuous or ordinal variable, the code
 * of a category; exact at the bounds. The same bits on every machine. */
double variable_value(const struct variable *v, double u);

/** And back: the snapped coordinate of a value; values outside go to the nearest that exists. */
double variable_coordinate(const struct variable *v, double value);

#endif
