#include "search/regret.h"

#include <math.h>
#include <stdbool.h>

#include "search/bayes/normal.h"
#include "solver/base/status.h"
#include "solver/base/vmath.h"

static bool is_usable(double x)
{
    return x > 0.0 && isfinite(x);
}

/* Probability of a regret of at most exp(log_nat): the error is below sqrt(nat / expected)
 * deviations on both sides. */
static double share_below(const struct regret_draw draws[], size_t n, double log_nat)
{
    double sum = 0.0;
    for (size_t d = 0; d < n; d++) {
        const double z = -vmath_exp1(0.5 * (log_nat - vmath_log1(draws[d].expected_nat)));
        double log_tail;
        normal_log_cdf(1, &z, &log_tail);
        sum += 1.0 - 2.0 * vmath_exp1(log_tail);
    }
    return sum / (double)n;
}

/* Halves an interval of logarithms that holds every quantile a study may ask for: 40 beyond the
 * draws is 1e17 of a mean. */
static double quantile(const struct regret_draw draws[], size_t n, double probability)
{
    static const double beyond = 40.0, near = 1e-10;
    double below = (double)INFINITY, above = -(double)INFINITY;
    for (size_t d = 0; d < n; d++) {
        const double log_nat = vmath_log1(draws[d].expected_nat);
        below = fmin(below, log_nat - beyond);
        above = fmax(above, log_nat + beyond);
    }
    while (above - below > near) {
        const double middle = 0.5 * (below + above);
        if (share_below(draws, n, middle) < probability) {
            below = middle;
        } else {
            above = middle;
        }
    }
    return vmath_exp1(below);
}

struct regret regret_of(const struct regret_draw draws[], size_t n, double confidence)
{
    struct regret made = {0};
    STATUS_ASSERT(n >= 1 && confidence > 0.0 && confidence < 1.0);
    for (size_t d = 0; d < n; d++) {
        if (!is_usable(draws[d].expected_nat) || !is_usable(draws[d].slope_nat)) {
            return (struct regret){(double)NAN, (double)NAN, (double)NAN, (double)NAN};
        }
        made.expected_nat += draws[d].expected_nat / (double)n;
        made.wasted_compute_ratio +=
            (1.0 - vmath_exp1(-draws[d].expected_nat / draws[d].slope_nat)) / (double)n;
    }
    made.lower_nat = quantile(draws, n, 0.5 * (1.0 - confidence));
    made.upper_nat = quantile(draws, n, 0.5 * (1.0 + confidence));
    return made;
}
