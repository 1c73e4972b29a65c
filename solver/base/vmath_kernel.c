#include "solver/base/vmath_kernel.h"

#include "solver/base/lane8.h"

/* Apply a function of lane8 to an array; the last, incomplete eight go through a padded copy. */
#define VMATH_MAP(function)                                                                        \
    do {                                                                                           \
        size_t i = 0;                                                                              \
        for (; i + LANE8_N <= n; i += LANE8_N) {                                                   \
            lane8_store(y + i, function(lane8_load(x + i)));                                       \
        }                                                                                          \
        if (i < n) {                                                                               \
            lane8_store_part(y + i, n - i, function(lane8_load_part(x + i, n - i, 1.0)));          \
        }                                                                                          \
    } while (0)

void LANE8_NAME(vmath_kernel_exp)(size_t n, const double x[], double y[])
{
    VMATH_MAP(lane8_exp);
}

void LANE8_NAME(vmath_kernel_log)(size_t n, const double x[], double y[])
{
    VMATH_MAP(lane8_log);
}

double LANE8_NAME(vmath_kernel_exp1)(double x)
{
    return lane8_exp(lane8_set1(x))[0];
}

double LANE8_NAME(vmath_kernel_log1)(double x)
{
    return lane8_log(lane8_set1(x))[0];
}
