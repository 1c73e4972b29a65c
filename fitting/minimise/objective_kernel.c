#include "fitting/minimise/objective_kernel.h"

#include "solver/base/lane8.h"

_Static_assert((int)OBJECTIVE_KERNEL_BLOCK == (int)LANE8_N, "columns are padded for the lanes");

/* Observations that pass through one stage after the other: few enough that what is handed on stays
 * in the first-level cache, enough that each stage fills the processor. */
enum { PIECE = 16 * LANE8_N };

/* Which derivatives are asked for; a constant of each caller, so that the others cost nothing. */
enum order { VALUE, GRADIENT, HESSIAN };

/* What the stages hand on: the power terms and their sum, the residual r with its derivative by the
 * loss L predicted, and the two derivatives by L of what the observation adds to the sum. */
struct piece {
    size_t first, n; /* of the observations */
    double terms[LAW_MAX_TERMS][PIECE];
    double loss[PIECE];
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

struct cross_sums {
    struct lane8_total plain, x, y, xy; /* of f_LL t u, with the inputs x of t and y of u */
};

struct sums {
    struct lane8_total value;
    struct lane8_total first, second; /* of f_L and f_LL */
    struct term_sums terms[LAW_MAX_TERMS];
    struct cross_sums cross[LAW_MAX_TERMS][LAW_MAX_TERMS]; /* of each term and those before it */
};

/* exp(x) to about one unit in the last place for x in [-700, 700], and that of the nearer end
 * beyond: a normal number always, and so is a sum of them. */
LANE8_INLINE lane8 exp_bounded(lane8 x)
{
    const lane8 bounded = lane8_min(lane8_set1(700.0), lane8_max(lane8_set1(-700.0), x));
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

/* Terms and their sum, the loss. */
LANE8_INLINE void find_terms(const struct objective_kernel_data *d, const double z[],
                             double floor_nat, struct piece *p)
{
    for (size_t i = 0; i < p->n; i += LANE8_N) {
        lane8_store(p->loss + i, lane8_set1(floor_nat));
    }
    for (size_t k = 0; k < d->n_terms; k++) {
        const double scale = z[1 + k], exponent = z[1 + d->n_terms + k];
        for (size_t i = 0; i < p->n; i += LANE8_N) {
            const lane8 term = exp_bounded(scale - exponent * lane8_load(d->x[k] + p->first + i));
            lane8_store(p->terms[k] + i, term);
            lane8_store(p->loss + i, lane8_load(p->loss + i) + term);
        }
    }
}

/* Residuals from losses. \a is_normal is a constant of the caller: losses are known to be normal
 * numbers > 0 or NaN. */
LANE8_INLINE void find_residuals(const struct objective_kernel_data *d, const double loss[],
                                 int is_normal, struct piece *p)
{
    for (size_t i = 0; i < p->n; i += LANE8_N) {
        const lane8 target = lane8_load(d->target + p->first + i);
        const lane8 v = lane8_load(loss + i);
        if (d->is_linear) {
            lane8_store(p->r + i, v - target);
            lane8_store(p->r_loss + i, lane8_set1(1.0));
        } else if (is_normal) {
            lane8_store(p->r + i, log_and_inverse(v, p->r_loss + i) - target);
        } else {
            lane8_store(p->r + i, lane8_log(v) - target);
            lane8_store(p->r_loss + i, 1.0 / v);
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

/* Sums of nothing; of the many only those that will be added to. */
LANE8_INLINE void begin(size_t n_terms, enum order order, struct sums *s)
{
    const struct lane8_total zero = {0};
    s->value = s->first = s->second = zero;
    for (size_t j = 0; order != VALUE && j < n_terms; j++) {
        memset(&s->terms[j], 0, sizeof s->terms[j]);
        memset(s->cross[j], 0, j * sizeof s->cross[j][0]);
    }
}

/* What the floor alone adds to the sums. */
LANE8_INLINE void add_floor(const struct piece *p, enum order order, struct sums *s)
{
    struct lane8_total first = s->first, second = s->second;
    for (size_t i = 0; i < p->n; i += LANE8_N) {
        lane8_add(&first, lane8_load(p->f_loss + i));
        if (order == HESSIAN) {
            lane8_add(&second, lane8_load(p->f_loss2 + i));
        }
    }
    s->first = first;
    s->second = second;
}

/* What one term adds. Here and below the totals stay in registers because they are local. */
LANE8_INLINE void add_term(const double column[], const struct piece *p, const double term[],
                           enum order order, struct term_sums *to)
{
    struct term_sums s = *to;
    for (size_t i = 0; i < p->n; i += LANE8_N) {
        const lane8 x = lane8_load(column + p->first + i);
        const lane8 t = lane8_load(term + i);
        const lane8 first = lane8_load(p->f_loss + i) * t;
        lane8_add(&s.first, first);
        lane8_add(&s.first_x, first * x);
        if (order == HESSIAN) {
            const lane8 floor = lane8_load(p->f_loss2 + i) * t;
            const lane8 second = floor * t + first;
            const lane8 second_x = second * x;
            lane8_add(&s.floor, floor);
            lane8_add(&s.floor_x, floor * x);
            lane8_add(&s.second, second);
            lane8_add(&s.second_x, second_x);
            lane8_add(&s.second_xx, second_x * x);
        }
    }
    *to = s;
}

/* What the product of two terms adds. */
LANE8_INLINE void add_cross(const struct objective_kernel_data *d, const struct piece *p, size_t j,
                            size_t k, struct cross_sums *to)
{
    struct cross_sums s = *to;
    for (size_t i = 0; i < p->n; i += LANE8_N) {
        const lane8 x = lane8_load(d->x[j] + p->first + i);
        const lane8 y = lane8_load(d->x[k] + p->first + i);
        const lane8 cross =
            lane8_load(p->f_loss2 + i) * lane8_load(p->terms[j] + i) * lane8_load(p->terms[k] + i);
        const lane8 cross_x = cross * x;
        lane8_add(&s.plain, cross);
        lane8_add(&s.x, cross_x);
        lane8_add(&s.y, cross * y);
        lane8_add(&s.xy, cross_x * y);
    }
    *to = s;
}

/* What a piece adds. */
LANE8_INLINE void add_piece(const struct objective_kernel_data *d, const struct piece *p,
                            enum order order, struct sums *s)
{
    add_floor(p, order, s);
    for (size_t j = 0; j < d->n_terms; j++) {
        add_term(d->x[j], p, p->terms[j], order, &s->terms[j]);
        for (size_t k = 0; order == HESSIAN && k < j; k++) {
            add_cross(d, p, j, k, &s->cross[j][k]);
        }
    }
}

LANE8_INLINE void set_gradient(const struct sums *s, size_t n_terms, double floor_nat,
                               double gradient[])
{
    gradient[0] = floor_nat * lane8_fold(&s->first);
    for (size_t k = 0; k < n_terms; k++) {
        gradient[1 + k] = lane8_fold(&s->terms[k].first);
        gradient[1 + n_terms + k] = -lane8_fold(&s->terms[k].first_x);
    }
}

/* The same element on both sides of the diagonal. */
LANE8_INLINE void set_pair(double hessian[], size_t n, size_t i, size_t j, double value)
{
    hessian[i * n + j] = hessian[j * n + i] = value;
}

LANE8_INLINE void set_hessian(const struct sums *s, size_t n_terms, double floor_nat,
                              double hessian[])
{
    const size_t n = 1 + 2 * n_terms;
    hessian[0] = floor_nat * (floor_nat * lane8_fold(&s->second) + lane8_fold(&s->first));
    for (size_t j = 0; j < n_terms; j++) {
        const size_t scale = 1 + j, exponent = scale + n_terms;
        const struct term_sums *t = &s->terms[j];
        set_pair(hessian, n, 0, scale, floor_nat * lane8_fold(&t->floor));
        set_pair(hessian, n, 0, exponent, -floor_nat * lane8_fold(&t->floor_x));
        set_pair(hessian, n, scale, scale, lane8_fold(&t->second));
        set_pair(hessian, n, scale, exponent, -lane8_fold(&t->second_x));
        set_pair(hessian, n, exponent, exponent, lane8_fold(&t->second_xx));
        for (size_t k = 0; k < j; k++) {
            const struct cross_sums *c = &s->cross[j][k];
            set_pair(hessian, n, scale, 1 + k, lane8_fold(&c->plain));
            set_pair(hessian, n, exponent, 1 + k, -lane8_fold(&c->x));
            set_pair(hessian, n, scale, 1 + n_terms + k, -lane8_fold(&c->y));
            set_pair(hessian, n, exponent, 1 + n_terms + k, lane8_fold(&c->xy));
        }
    }
}

LANE8_INLINE double evaluate(const struct objective_kernel_data *d, const double z[],
                             double floor_nat, double delta, enum order order, double gradient[],
                             double hessian[])
{
    struct sums s;
    struct piece p;
    begin(d->n_terms, order, &s);
    p.first = p.n = 0;
    while (next_piece(d, &p)) {
        find_terms(d, z, floor_nat, &p);
        find_residuals(d, p.loss, 1, &p);
        find_summands(d, delta, order, &p, &s.value);
        if (order != VALUE) {
            add_piece(d, &p, order, &s);
        }
    }
    if (order != VALUE) {
        set_gradient(&s, d->n_terms, floor_nat, gradient);
    }
    if (order == HESSIAN) {
        set_hessian(&s, d->n_terms, floor_nat, hessian);
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
        find_residuals(d, out[0] + p.first, 0, &p);
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
