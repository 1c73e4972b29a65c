#include "search/bayes/ehvi_kernel.h"

#include "solver/base/lane8.h"

void LANE8_NAME(ehvi_kernel_sum)(const struct boxes *b, double *const gain[], double total[8])
{
    lane8 sum = lane8_set1(0.0);
    for (size_t i = 0; i < b->n; i++) {
        lane8 product = lane8_set1(1.0);
        for (size_t j = 0; j < b->m; j++) {
            const uint32_t *side = b->sides[i][j];
            product *=
                lane8_load(gain[j] + LANE8_N * side[1]) - lane8_load(gain[j] + LANE8_N * side[0]);
        }
        sum += product;
    }
    lane8_store(total, sum);
}

/* ln(e^high - e^low); where both are the same number, as if they differed in the last place. */
LANE8_INLINE lane8 log_difference(lane8 low, lane8 high)
{
    return high + lane8_log(lane8_max(1.0 - lane8_exp(low - high), lane8_set1(0x1p-53)));
}

void LANE8_NAME(ehvi_kernel_log_sum)(const struct boxes *b, double *const log_gain[],
                                     double terms[], double total[8])
{
    lane8 most = lane8_set1(-(double)INFINITY);
    for (size_t i = 0; i < b->n; i++) {
        lane8 term = lane8_set1(0.0);
        for (size_t j = 0; j < b->m; j++) {
            const uint32_t *side = b->sides[i][j];
            term += log_difference(lane8_load(log_gain[j] + LANE8_N * side[0]),
                                   lane8_load(log_gain[j] + LANE8_N * side[1]));
        }
        lane8_store(terms + LANE8_N * i, term);
        most = lane8_max(most, term);
    }
    lane8 sum = lane8_set1(0.0);
    for (size_t i = 0; i < b->n; i++) {
        sum += lane8_exp(lane8_load(terms + LANE8_N * i) - most);
    }
    lane8_store(total, most + lane8_log(sum));
}
