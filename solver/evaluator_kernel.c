#include "solver/evaluator_kernel.h"

#include "solver/base/lane8.h"

/* A loop for each pair of steps: what is the same for all is read once, before \a out is written.
 */
#define MAP(operation)                                                                             \
    do {                                                                                           \
        const double first_a = *a.x, first_b = *b.x;                                               \
        if (a.step != 0 && b.step != 0) {                                                          \
            for (size_t i = 0; i < n; i++) {                                                       \
                out[i] = a.x[i] operation b.x[i];                                                  \
            }                                                                                      \
        } else if (a.step != 0) {                                                                  \
            for (size_t i = 0; i < n; i++) {                                                       \
                out[i] = a.x[i] operation first_b;                                                 \
            }                                                                                      \
        } else if (b.step != 0) {                                                                  \
            for (size_t i = 0; i < n; i++) {                                                       \
                out[i] = first_a operation b.x[i];                                                 \
            }                                                                                      \
        } else {                                                                                   \
            const double value = first_a operation first_b;                                        \
            for (size_t i = 0; i < n; i++) {                                                       \
                out[i] = value;                                                                    \
            }                                                                                      \
        }                                                                                          \
    } while (0)

void LANE8_NAME(evaluator_kernel_sum)(size_t n, struct evaluator_kernel_operand a,
                                      struct evaluator_kernel_operand b, double out[])
{
    MAP(+);
}

void LANE8_NAME(evaluator_kernel_product)(size_t n, struct evaluator_kernel_operand a,
                                          struct evaluator_kernel_operand b, double out[])
{
    MAP(*);
}

enum { AT_ONCE = 4 }; /* rates that are held in registers */

LANE8_INLINE void spread(size_t n, const struct evaluator_kernel_scaled *a, size_t n_rates,
                         const double rates[], double *const out[])
{
    /* Copies, which the values written cannot be part of. */
    const double *const x = a->x;
    const double first = x[0], t0 = a->times[0], t1 = a->times[1], t2 = a->times[2];
    const size_t n_whole = a->step != 0 ? n / LANE8_N * LANE8_N : 0;
    double *to[AT_ONCE] = {NULL};
    lane8 rate[AT_ONCE];
    for (size_t k = 0; k < n_rates; k++) {
        rate[k] = lane8_set1(rates[k]);
        to[k] = out[k];
    }
    for (size_t i = 0; i < n_whole; i += LANE8_N) {
        const lane8 value = lane8_load(x + i) * t0 * t1 * t2;
        for (size_t k = 0; k < n_rates; k++) {
            lane8_store(to[k] + i, value * rate[k]);
        }
    }
    for (size_t i = n_whole; i < n; i++) {
        const double value = (a->step != 0 ? x[i] : first) * t0 * t1 * t2;
        for (size_t k = 0; k < n_rates; k++) {
            out[k][i] = value * rates[k];
        }
    }
}

void LANE8_NAME(evaluator_kernel_spread)(size_t n, const struct evaluator_kernel_scaled *a,
                                         size_t n_rates, const double rates[], double *const out[])
{
    for (; n_rates >= AT_ONCE; n_rates -= AT_ONCE, rates += AT_ONCE, out += AT_ONCE) {
        spread(n, a, AT_ONCE, rates, out);
    }
    switch (n_rates) { /* for each number a loop without a loop inside */
    case 1:
        spread(n, a, 1, rates, out);
        break;
    case 2:
        spread(n, a, 2, rates, out);
        break;
    case 3:
        spread(n, a, 3, rates, out);
        break;
    default:
        break;
    }
}
