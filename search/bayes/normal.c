#include "search/bayes/normal.h"

#include "search/bayes/normal_kernel.h"
#include "solver/base/vmath.h"

static const struct {
    void (*log_cdf)(size_t n, const double z[], double y[]);
    void (*log_between)(size_t n, const double a[], const double b[], double y[]);
    void (*gain)(size_t n, const double z[], double y[]);
    void (*log_gain)(size_t n, const double z[], double y[]);
} levels[VMATH_N_LEVELS] = {
#define NORMAL_ROW(index, level)                                                                   \
    [index] = {normal_kernel_log_cdf_##level, normal_kernel_log_between_##level,                   \
               normal_kernel_gain_##level, normal_kernel_log_gain_##level}
    NORMAL_ROW(VMATH_V2, v2),
    NORMAL_ROW(VMATH_V3, v3),
    NORMAL_ROW(VMATH_V4, v4),
#undef NORMAL_ROW
};

void normal_log_cdf(size_t n, const double z[], double y[])
{
    levels[vmath_level()].log_cdf(n, z, y);
}

void normal_log_between(size_t n, const double a[], const double b[], double y[])
{
    levels[vmath_level()].log_between(n, a, b, y);
}

void normal_gain(size_t n, const double z[], double y[])
{
    levels[vmath_level()].gain(n, z, y);
}

void normal_log_gain(size_t n, const double z[], double y[])
{
    levels[vmath_level()].log_gain(n, z, y);
}
