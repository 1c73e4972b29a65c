#include "fitting/objective_kernel.h"

#include "solver/base/lane8.h"

_Static_assert((int)OBJECTIVE_KERNEL_BLOCK == (int)LANE8_N, "columns are padded for the lanes");

/* Sums over the observations, one lane each. h_ij is the Hessian in the logarithms of the three
 * terms (1 and 2 power terms, 3 floor); x and y behind it say by which input the summand is
 * multiplied: the derivative of a term in its exponent is -x times that in its logarithm. */
struct sums {
    lane8 value;
    lane8 g1, g2, g3, g1x, g2y;
    lane8 h11, h12, h13, h22, h23, h33;
    lane8 h11x, h11xx, h12x, h12y, h12xy, h13x, h22y, h22yy, h23y;
};

LANE8_INLINE void add_block(struct sums *s, const struct objective_kernel_data *d, size_t i,
                            const lane8 z[OBJECTIVE_KERNEL_P], lane8 floor_nat, lane8 delta,
                            lane8 minus_delta)
{
    const lane8 x = lane8_load(d->x + i);
    const lane8 y = lane8_load(d->y + i);
    const lane8 weight = lane8_load(d->weight + i);
    const lane8 term1 = lane8_exp(z[1] - z[3] * x);
    const lane8 term2 = lane8_exp(z[2] - z[4] * y);
    const lane8 loss = floor_nat + (term1 + term2);

    /* The residual r has first derivatives s_i and second derivatives s_i [i = j] - bend s_i s_j
     * in the logarithms of the terms. */
    lane8 r;
    lane8 s1 = term1;
    lane8 s2 = term2;
    lane8 s3 = floor_nat;
    if (d->is_linear) {
        r = loss - lane8_load(d->target + i);
    } else {
        const lane8 inverse = 1.0 / loss;
        r = lane8_log(loss) - lane8_load(d->target + i);
        s1 *= inverse;
        s2 *= inverse;
        s3 *= inverse;
    }
    const lane8 size = lane8_abs(r);
    const lane8 inside = lane8_min(size, delta);
    s->value = lane8_fma(weight * inside, size - 0.5 * inside, s->value);
    const lane8 psi = weight * lane8_max(lane8_min(r, delta), minus_delta);
    const lane8 slope = lane8_select(lane8_less_equal(size, delta), weight, lane8_set1(0.0));
    const lane8 curve = d->is_linear ? slope : slope - psi;

    const lane8 u1 = psi * s1;
    const lane8 u2 = psi * s2;
    const lane8 u3 = psi * s3;
    s->g1 += u1;
    s->g2 += u2;
    s->g3 += u3;
    s->g1x = lane8_fma(u1, x, s->g1x);
    s->g2y = lane8_fma(u2, y, s->g2y);

    const lane8 k1 = curve * s1;
    const lane8 k2 = curve * s2;
    const lane8 h11 = lane8_fma(k1, s1, u1);
    const lane8 h12 = k1 * s2;
    const lane8 h13 = k1 * s3;
    const lane8 h22 = lane8_fma(k2, s2, u2);
    const lane8 h23 = k2 * s3;
    const lane8 h11x = h11 * x;
    const lane8 h12x = h12 * x;
    const lane8 h22y = h22 * y;
    s->h11 += h11;
    s->h12 += h12;
    s->h13 += h13;
    s->h22 += h22;
    s->h23 += h23;
    s->h33 += lane8_fma(curve * s3, s3, u3);
    s->h11x += h11x;
    s->h11xx = lane8_fma(h11x, x, s->h11xx);
    s->h12x += h12x;
    s->h12y = lane8_fma(h12, y, s->h12y);
    s->h12xy = lane8_fma(h12x, y, s->h12xy);
    s->h13x = lane8_fma(h13, x, s->h13x);
    s->h22y += h22y;
    s->h22yy = lane8_fma(h22y, y, s->h22yy);
    s->h23y = lane8_fma(h23, y, s->h23y);
}

/* gcc does not keep a struct of vectors in registers across the loop unless all is in one. */
double LANE8_NAME(objective_kernel_evaluate)(OBJECTIVE_KERNEL_ARGUMENTS)
{
    const lane8 zero = lane8_set1(0.0);
    struct sums s = {zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero,
                     zero, zero, zero, zero, zero, zero, zero, zero, zero, zero};
    const lane8 zs[OBJECTIVE_KERNEL_P] = {zero, lane8_set1(z[1]), lane8_set1(z[2]),
                                          lane8_set1(z[3]), lane8_set1(z[4])};
    for (size_t i = 0; i < d->n; i += LANE8_N) {
        add_block(&s, d, i, zs, lane8_set1(floor_nat), lane8_set1(delta), lane8_set1(-delta));
    }
    const double g[] = {lane8_sum(s.g3), lane8_sum(s.g1), lane8_sum(s.g2), -lane8_sum(s.g1x),
                        -lane8_sum(s.g2y)};
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
