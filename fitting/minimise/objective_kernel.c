#include "fitting/minimise/objective_kernel.h"

#include "solver/base/lane8.h"

_Static_assert((int)OBJECTIVE_KERNEL_BLOCK == (int)LANE8_N, "columns are padded for the lanes");

/* Observations that pass through one stage after the other: few enough that what is handed on stays
 * in the first-level cache, enough that each stage fills the processor. */
enum { PIECE = 16 * LANE8_N };

/* Which derivatives are asked for; a constant of each caller, so that the others cost nothing. */
enum order { VALUE, GRADIENT, HESSIAN };

/* What the stages hand on: the power terms, the residual r with its derivative by the loss L
 * predicted, and the two derivatives by L of what the observation adds to the sum. */
struct piece {
    size_t first, n; /* of the observations */
    double terms[2][PIECE];
    double r[PIECE], r_loss[PIECE];
    double f_loss[PIECE], f_loss2[PIECE];
};

/* Sums over the observations, one lane each. With f what an observation adds, L its loss and t a
 * term, f_L t is the derivative of f by ln t, and f_LL t^2 + f_L t the second one; by the exponent
 * each is multiplied by -x once more. */
struct term_sums {
    struct lane8_total first, first_x;              /* of f_L t */
    struct lane8_total floor, floor_x;              /* of f_LL t, beside the floor */
    struct lane8_total second, second_x, second_xx; /* of f_LL t^2 + f_L t */
};

struct sums {
    struct lane8_total value;
    struct term_sums terms[2];
    struct lane8_total cross, cross_x, cross_y, cross_xy; /* of f_LL t1 t2 */
    struct lane8_total first, second;                     /* of f_L and f_LL */
};

/* exp(x) to about one unit in the last place for x in [-708, 708], and that of the nearer end
 * beyond: a normal number always. */
LANE8_INLINE lane8 exp_bounded(lane8 x)
{
    const lane8 bounded = lane8_min(lane8_set1(708.0), lane8_max(lane8_set1(-708.0), x));
    const lane8 rounded = lane8_fma(bounded, lane8_set1(LANE8_LOG2_E), lane8_set1(LANE8_ROUNDER));
    const lane8 k = rounded - LANE8_ROUNDER;
    const lane8 coarse = lane8_fma(k, lane8_set1(-LANE8_LN2_HIGH), bounded);
    const lane8 r = lane8_fma(k, lane8_set1(-LANE8_LN2_LOW), coarse);
    const lane8 y = 1.0 + lane8_fma(r * r, lane8_exp_tail(r), r);
    return y * (lane8)(((lane8_bits)rounded + 1023) << 52);
}

/* ln(x) and 1 / x of a normal x > 0, or of NaN, to about one and two units in the last place: with
 * x = 2^k m both need a quotient, by 1 + m and by m, and one division gives the two. */
LANE8_INLINE lane8 log_and_inverse(lane8 x, double inverse[])
{
    const uint64_t bits_of_one = 0x3ff0000000000000U, bits_of_root = 0x3fe6a09e667f3bcdU;
    const lane8_bits bits = (lane8_bits)x + (bits_of_one - bits_of_root);
    const lane8 k = (lane8)((bits >> 52) | lane8_set1_bits(0x4330000000000000U)) - (0x1p52 + 1023);
    const lane8 scale = (lane8)(0x7fe0000000000000U - (bits & 0xfff0000000000000U)); /* 2^-k */
    const lane8 m = x * scale;
    const lane8 f = m - 1.0, d = m + 1.0;
    const lane8 quotient = 1.0 / (d * m);
    lane8_store(inverse, scale * (quotient * d));
    const lane8 s = f * (quotient * m), z = s * s;
    const lane8 square = 0.5 * f * f;
    const lane8 rest = lane8_fma(s, lane8_fma(z, lane8_log_tail(z), square), k * LANE8_LN2_LOW);
    return k * LANE8_LN2_HIGH + (f - (square - rest));
}

LANE8_INLINE void find_terms(const double x[], double scale, double exponent, struct piece *p,
                             double term[])
{
    for (size_t i = 0; i < p->n; i += LANE8_N) {
        lane8_store(term + i, exp_bounded(scale - exponent * lane8_load(x + p->first + i)));
    }
}

LANE8_INLINE void find_residuals(const struct objective_kernel_data *d, double floor_nat,
                                 struct piece *p)
{
    for (size_t i = 0; i < p->n; i += LANE8_N) {
        const lane8 target = lane8_load(d->target + p->first + i);
        const lane8 loss = floor_nat + (lane8_load(p->terms[0] + i) + lane8_load(p->terms[1] + i));
        if (d->is_linear) {
            lane8_store(p->r + i, loss - target);
            lane8_store(p->r_loss + i, lane8_set1(1.0));
        } else {
            lane8_store(p->r + i, log_and_inverse(loss, p->r_loss + i) - target);
        }
    }
}

/* The same for responses that may be any number. */
LANE8_INLINE void find_residuals_of(const struct objective_kernel_data *d, const double response[],
                                    struct piece *p)
{
    for (size_t i = 0; i < p->n; i += LANE8_N) {
        const lane8 target = lane8_load(d->target + p->first + i);
        const lane8 loss = lane8_load(response + p->first + i);
        if (d->is_linear) {
            lane8_store(p->r + i, loss - target);
            lane8_store(p->r_loss + i, lane8_set1(1.0));
        } else {
            lane8_store(p->r + i, lane8_log(loss) - target);
            lane8_store(p->r_loss + i, 1.0 / loss);
        }
    }
}

/* From residuals to the derivatives of w rho(r) by the loss; adds the value. A log residual has
 * r_L = 1 / L and a second derivative of -r_L / L. \a has_rows is a constant of the caller: without
 * errors and asymmetry nothing of them is computed. */
LANE8_INLINE void find_summands_of(const struct objective_kernel_data *d, double delta,
                                   enum order order, int has_rows, struct piece *p,
                                   struct lane8_total *value)
{
    const lane8 limit = lane8_set1(delta), minus_limit = lane8_set1(-delta);
    const double bend = d->is_linear ? 0.0 : 1.0;
    for (size_t i = 0; i < p->n; i += LANE8_N) {
        const size_t at = p->first + i;
        lane8 weight = lane8_load(d->weight + at);
        lane8 r = lane8_load(p->r + i);
        lane8 per_error = lane8_set1(1.0);
        if (has_rows) {
            per_error = 1.0 / lane8_load(d->error + at);
            r *= per_error;
            weight *= lane8_select(lane8_less_equal(r, lane8_set1(0.0)), lane8_set1(1.0),
                                   lane8_set1(d->over_prediction));
        }
        const lane8 size = lane8_abs(r);
        const lane8 inside = lane8_min(size, limit);
        lane8_add(value, weight * inside * (size - 0.5 * inside));
        if (order == VALUE) {
            continue;
        }
        const lane8 r_loss = lane8_load(p->r_loss + i);
        lane8 psi = weight * lane8_max(lane8_min(r, limit), minus_limit);
        lane8 slope = lane8_select(lane8_less_equal(size, limit), weight, lane8_set1(0.0));
        if (has_rows) {
            psi *= per_error;
            slope *= per_error * per_error;
        }
        lane8_store(p->f_loss + i, psi * r_loss);
        if (order == HESSIAN) {
            lane8_store(p->f_loss2 + i, (slope - bend * psi) * r_loss * r_loss);
        }
    }
}

LANE8_INLINE void find_summands(const struct objective_kernel_data *d, double delta,
                                enum order order, struct piece *p, struct lane8_total *value)
{
    if (d->error != NULL) {
        find_summands_of(d, delta, order, 1, p, value);
    } else {
        find_summands_of(d, delta, order, 0, p, value);
    }
}

/* Move to the next observations. */
LANE8_INLINE int next_piece(const struct objective_kernel_data *d, struct piece *p)
{
    p->first += p->n;
    p->n = d->n - p->first < PIECE ? d->n - p->first : PIECE;
    return p->n > 0;
}

/* What one term adds to the sums. */
LANE8_INLINE void add_term(const double column[], const struct piece *p, const double term[],
                           enum order order, struct term_sums *s)
{
    for (size_t i = 0; i < p->n; i += LANE8_N) {
        const lane8 x = lane8_load(column + p->first + i);
        const lane8 t = lane8_load(term + i);
        const lane8 first = lane8_load(p->f_loss + i) * t;
        lane8_add(&s->first, first);
        lane8_add(&s->first_x, first * x);
        if (order == HESSIAN) {
            const lane8 floor = lane8_load(p->f_loss2 + i) * t;
            const lane8 second = floor * t + first;
            const lane8 second_x = second * x;
            lane8_add(&s->floor, floor);
            lane8_add(&s->floor_x, floor * x);
            lane8_add(&s->second, second);
            lane8_add(&s->second_x, second_x);
            lane8_add(&s->second_xx, second_x * x);
        }
    }
}

/* What both terms together, and the floor alone, add. */
LANE8_INLINE void add_cross(const struct objective_kernel_data *d, const struct piece *p,
                            enum order order, struct sums *s)
{
    for (size_t i = 0; i < p->n; i += LANE8_N) {
        lane8_add(&s->first, lane8_load(p->f_loss + i));
        if (order == HESSIAN) {
            const lane8 y = lane8_load(d->y + p->first + i);
            const lane8 f_loss2 = lane8_load(p->f_loss2 + i);
            const lane8 cross = f_loss2 * lane8_load(p->terms[0] + i) * lane8_load(p->terms[1] + i);
            const lane8 cross_x = cross * lane8_load(d->x + p->first + i);
            lane8_add(&s->second, f_loss2);
            lane8_add(&s->cross, cross);
            lane8_add(&s->cross_x, cross_x);
            lane8_add(&s->cross_y, cross * y);
            lane8_add(&s->cross_xy, cross_x * y);
        }
    }
}

LANE8_INLINE void set_gradient(const struct sums *s, double floor_nat, double gradient[])
{
    gradient[0] = floor_nat * lane8_fold(&s->first);
    for (size_t i = 0; i < 2; i++) {
        gradient[1 + i] = lane8_fold(&s->terms[i].first);
        gradient[3 + i] = -lane8_fold(&s->terms[i].first_x);
    }
}

LANE8_INLINE void set_hessian(const struct sums *s, double floor_nat, double hessian[])
{
    enum { P = OBJECTIVE_KERNEL_P };
    const struct term_sums *a = &s->terms[0], *b = &s->terms[1];
    const double lower[P][P] = {
        {floor_nat * (floor_nat * lane8_fold(&s->second) + lane8_fold(&s->first))},
        {floor_nat * lane8_fold(&a->floor), lane8_fold(&a->second)},
        {floor_nat * lane8_fold(&b->floor), lane8_fold(&s->cross), lane8_fold(&b->second)},
        {-floor_nat * lane8_fold(&a->floor_x), -lane8_fold(&a->second_x), -lane8_fold(&s->cross_x),
         lane8_fold(&a->second_xx)},
        {-floor_nat * lane8_fold(&b->floor_x), -lane8_fold(&s->cross_y), -lane8_fold(&b->second_x),
         lane8_fold(&s->cross_xy), lane8_fold(&b->second_xx)},
    };
    for (size_t i = 0; i < P; i++) {
        for (size_t j = 0; j <= i; j++) {
            hessian[i * P + j] = hessian[j * P + i] = lower[i][j];
        }
    }
}

LANE8_INLINE double evaluate(const struct objective_kernel_data *d, const double z[],
                             double floor_nat, double delta, enum order order, double gradient[],
                             double hessian[])
{
    struct sums s = {0};
    struct piece p;
    p.first = p.n = 0;
    while (next_piece(d, &p)) {
        find_terms(d->x, z[1], z[3], &p, p.terms[0]);
        find_terms(d->y, z[2], z[4], &p, p.terms[1]);
        find_residuals(d, floor_nat, &p);
        find_summands(d, delta, order, &p, &s.value);
        if (order != VALUE) {
            add_term(d->x, &p, p.terms[0], order, &s.terms[0]);
            add_term(d->y, &p, p.terms[1], order, &s.terms[1]);
            add_cross(d, &p, order, &s);
        }
    }
    if (order != VALUE) {
        set_gradient(&s, floor_nat, gradient);
    }
    if (order == HESSIAN) {
        set_hessian(&s, floor_nat, hessian);
    }
    return lane8_fold(&s.value);
}

double LANE8_NAME(objective_kernel_evaluate)(OBJECTIVE_KERNEL_ARGUMENTS)
{
    return hessian != NULL    ? evaluate(d, z, floor_nat, delta, HESSIAN, gradient, hessian)
           : gradient != NULL ? evaluate(d, z, floor_nat, delta, GRADIENT, gradient, NULL)
                              : evaluate(d, z, floor_nat, delta, VALUE, NULL, NULL);
}

/* Sums of f_L L_j for the gradient. */
LANE8_INLINE void add_gradient(const struct piece *p, size_t n_parameters, double *const out[],
                               double gradient[])
{
    for (size_t j = 0; j < n_parameters; j++) {
        struct lane8_total sum = {0};
        for (size_t i = 0; i < p->n; i += LANE8_N) {
            lane8_add(&sum, lane8_load(p->f_loss + i) * lane8_load(out[1 + j] + p->first + i));
        }
        gradient[j] += lane8_fold(&sum);
    }
}

/* Sums of f_L L_jk + f_LL L_j L_k for the Hessian. */
LANE8_INLINE void add_hessian(const struct piece *p, size_t n_parameters, double *const out[],
                              double hessian[])
{
    double *const *second = out + 1 + n_parameters;
    for (size_t j = 0; j < n_parameters; j++) {
        for (size_t k = 0; k <= j; k++, second++) {
            struct lane8_total sum = {0};
            for (size_t i = 0; i < p->n; i += LANE8_N) {
                const size_t at = p->first + i;
                const lane8 bend = lane8_load(p->f_loss2 + i) * lane8_load(out[1 + j] + at);
                lane8_add(&sum, lane8_load(p->f_loss + i) * lane8_load(*second + at)
                                    + bend * lane8_load(out[1 + k] + at));
            }
            hessian[j * n_parameters + k] += lane8_fold(&sum);
        }
    }
}

double LANE8_NAME(objective_kernel_add)(OBJECTIVE_KERNEL_ADD_ARGUMENTS)
{
    struct lane8_total value = {0};
    struct piece p;
    p.first = p.n = 0;
    while (next_piece(d, &p)) {
        find_residuals_of(d, out[0], &p);
        find_summands(d, delta, HESSIAN, &p, &value);
        if (gradient != NULL) {
            add_gradient(&p, n_parameters, out, gradient);
        }
        if (hessian != NULL) {
            add_hessian(&p, n_parameters, out, hessian);
        }
    }
    return lane8_fold(&value);
}
