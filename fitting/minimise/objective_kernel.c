#include "fitting/minimise/objective_kernel.h"

#include "solver/base/lane8.h"

_Static_assert((int)OBJECTIVE_KERNEL_BLOCK == (int)LANE8_N, "columns are padded for the lanes");

/* Groups of eight observations worked on between two sweeps over the sums: few enough that what
 * passes from one to the next stays in the first-level cache. */
enum { GROUPS = 16 };

/* What each observation adds: to the gradient (u) and to the Hessian (h) in the logarithms of the
 * three terms, 1 and 2 power terms and 3 the floor. */
struct summands {
    lane8 u1[GROUPS], u2[GROUPS], u3[GROUPS];
    lane8 h11[GROUPS], h12[GROUPS], h13[GROUPS], h22[GROUPS], h23[GROUPS], h33[GROUPS];
};

/* Sums over the observations, one lane each. x and y behind a name say by which input the summand
 * is multiplied: the derivative of a term in its exponent is -x times that in its logarithm. */
struct sums {
    lane8 value;
    lane8 u1, u2, u3, u1x, u2y;
    lane8 h11, h11x, h11xx, h12, h12x, h12y, h12xy, h13, h13x, h22, h22y, h22yy, h23, h23y, h33;
};

/* Losses and residuals of \a m groups; the shares s_i of the terms in the loss (log residual) or
 * the terms themselves (linear) go to u_i. */
LANE8_INLINE void find_residuals(const struct objective_kernel_data *d, size_t first, size_t m,
                                 const double z[], double floor_nat, lane8 r[], struct summands *to)
{
    for (size_t k = 0; k < m; k++) {
        to->u1[k] = lane8_exp(z[1] - z[3] * lane8_load(d->x + first + k * LANE8_N));
    }
    for (size_t k = 0; k < m; k++) {
        to->u2[k] = lane8_exp(z[2] - z[4] * lane8_load(d->y + first + k * LANE8_N));
    }
    for (size_t k = 0; k < m; k++) {
        const lane8 loss = floor_nat + (to->u1[k] + to->u2[k]);
        const lane8 target = lane8_load(d->target + first + k * LANE8_N);
        if (d->is_linear) {
            r[k] = loss - target;
            to->u3[k] = lane8_set1(floor_nat);
        } else {
            const lane8 inverse = 1.0 / loss;
            r[k] = lane8_log(loss) - target;
            to->u1[k] *= inverse;
            to->u2[k] *= inverse;
            to->u3[k] = floor_nat * inverse;
        }
    }
}

/* Residuals and their first derivatives in units of the standard error. */
LANE8_INLINE void divide_by_errors(const struct objective_kernel_data *d, size_t first, size_t m,
                                   lane8 r[], struct summands *to)
{
    for (size_t k = 0; k < m; k++) {
        const lane8 inverse = 1.0 / lane8_load(d->error + first + k * LANE8_N);
        r[k] *= inverse;
        to->u1[k] *= inverse;
        to->u2[k] *= inverse;
        to->u3[k] *= inverse;
    }
}

/* From residuals and shares to summands; adds the value. The residual has first derivatives s_i and
 * second derivatives s_i [i = j], less s_i s_j for a log residual; less error s_i s_j where s and r
 * are divided by the error. \a has_rows is a constant of the caller: without errors and asymmetry
 * nothing of them is computed. */
LANE8_INLINE void find_summands(const struct objective_kernel_data *d, size_t first, size_t m,
                                double delta, int has_rows, const lane8 r[], struct summands *to,
                                lane8 *value)
{
    const lane8 limit = lane8_set1(delta);
    const lane8 minus_limit = lane8_set1(-delta);
    const double bend = d->is_linear ? 0.0 : 1.0;
    for (size_t k = 0; k < m; k++) {
        lane8 weight = lane8_load(d->weight + first + k * LANE8_N);
        if (has_rows) {
            weight *= lane8_select(lane8_less_equal(r[k], lane8_set1(0.0)), lane8_set1(1.0),
                                   lane8_set1(d->over_prediction));
        }
        const lane8 size = lane8_abs(r[k]);
        const lane8 inside = lane8_min(size, limit);
        *value += weight * inside * (size - 0.5 * inside);
        const lane8 psi = weight * lane8_max(lane8_min(r[k], limit), minus_limit);
        const lane8 slope = lane8_select(lane8_less_equal(size, limit), weight, lane8_set1(0.0));
        lane8 curve = slope - bend * psi;
        if (has_rows) {
            curve = slope - bend * lane8_load(d->error + first + k * LANE8_N) * psi;
        }
        const lane8 s1 = to->u1[k];
        const lane8 s2 = to->u2[k];
        const lane8 s3 = to->u3[k];
        to->u1[k] = psi * s1;
        to->u2[k] = psi * s2;
        to->u3[k] = psi * s3;
        to->h11[k] = curve * s1 * s1 + to->u1[k];
        to->h12[k] = curve * s1 * s2;
        to->h13[k] = curve * s1 * s3;
        to->h22[k] = curve * s2 * s2 + to->u2[k];
        to->h23[k] = curve * s2 * s3;
        to->h33[k] = curve * s3 * s3 + to->u3[k];
    }
}

/* The sums in four sweeps of few accumulators each: all at once would not fit the registers. */
LANE8_INLINE void add_up(const struct objective_kernel_data *d, size_t first, size_t m,
                         const struct summands *from, struct sums *s)
{
    for (size_t k = 0; k < m; k++) {
        s->u1 += from->u1[k];
        s->u2 += from->u2[k];
        s->u3 += from->u3[k];
        s->u1x += from->u1[k] * lane8_load(d->x + first + k * LANE8_N);
        s->u2y += from->u2[k] * lane8_load(d->y + first + k * LANE8_N);
    }
    for (size_t k = 0; k < m; k++) {
        const lane8 x = lane8_load(d->x + first + k * LANE8_N);
        const lane8 h11x = from->h11[k] * x;
        s->h11 += from->h11[k];
        s->h11x += h11x;
        s->h11xx += h11x * x;
        s->h13 += from->h13[k];
        s->h13x += from->h13[k] * x;
    }
    for (size_t k = 0; k < m; k++) {
        const lane8 y = lane8_load(d->y + first + k * LANE8_N);
        const lane8 h22y = from->h22[k] * y;
        s->h22 += from->h22[k];
        s->h22y += h22y;
        s->h22yy += h22y * y;
        s->h23 += from->h23[k];
        s->h23y += from->h23[k] * y;
    }
    for (size_t k = 0; k < m; k++) {
        const lane8 y = lane8_load(d->y + first + k * LANE8_N);
        const lane8 h12x = from->h12[k] * lane8_load(d->x + first + k * LANE8_N);
        s->h12 += from->h12[k];
        s->h12x += h12x;
        s->h12y += from->h12[k] * y;
        s->h12xy += h12x * y;
        s->h33 += from->h33[k];
    }
}

double LANE8_NAME(objective_kernel_evaluate)(OBJECTIVE_KERNEL_ARGUMENTS)
{
    const lane8 zero = lane8_set1(0.0);
    struct sums s = {zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero,
                     zero, zero, zero, zero, zero, zero, zero, zero, zero, zero};
    for (size_t first = 0; first < d->n; first += (size_t)GROUPS * LANE8_N) {
        const size_t left = (d->n - first) / LANE8_N;
        const size_t m = left < GROUPS ? left : GROUPS;
        lane8 r[GROUPS];
        struct summands of;
        find_residuals(d, first, m, z, floor_nat, r, &of);
        if (d->error != NULL) {
            divide_by_errors(d, first, m, r, &of);
            find_summands(d, first, m, delta, 1, r, &of, &s.value);
        } else {
            find_summands(d, first, m, delta, 0, r, &of, &s.value);
        }
        add_up(d, first, m, &of, &s);
    }
    const double g[] = {lane8_sum(s.u3), lane8_sum(s.u1), lane8_sum(s.u2), -lane8_sum(s.u1x),
                        -lane8_sum(s.u2y)};
    const double h[][OBJECTIVE_KERNEL_P] = {
        {lane8_sum(s.h33)},
        {lane8_sum(s.h13), lane8_sum(s.h11)},
        {lane8_sum(s.h23), lane8_sum(s.h12), lane8_sum(s.h22)},
        {-lane8_sum(s.h13x), -lane8_sum(s.h11x), -lane8_sum(s.h12x), lane8_sum(s.h11xx)},
        {-lane8_sum(s.h23y), -lane8_sum(s.h12y), -lane8_sum(s.h22y), lane8_sum(s.h12xy),
         lane8_sum(s.h22yy)},
    };
    for (size_t i = 0; i < OBJECTIVE_KERNEL_P; i++) {
        gradient[i] = g[i];
        for (size_t j = 0; j <= i; j++) {
            hessian[i * OBJECTIVE_KERNEL_P + j] = h[i][j];
            hessian[j * OBJECTIVE_KERNEL_P + i] = h[i][j];
        }
    }
    return lane8_sum(s.value);
}
