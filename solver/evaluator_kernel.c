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
