#include "search/bayes/gp_kernel.h"

#include "solver/base/lane8.h"

/* What the rows solved so far explain of one more, in all columns. */
struct explained {
    struct lane8_total a, b;
};

LANE8_INLINE void add(struct explained *e, double l, lane8 a, lane8 b)
{
    const lane8 times = lane8_set1(l);
    lane8_add(&e->a, times * a);
    lane8_add(&e->b, times * b);
}

/* Row k becomes (k - explained) / l; its squares are added up. */
LANE8_INLINE void finish(double k[], const struct explained *e, double l, struct explained *square)
{
    const lane8 by = lane8_set1(l);
    const lane8 a = (lane8_load(k) - lane8_totals(&e->a)) / by;
    const lane8 b = (lane8_load(k + LANE8_N) - lane8_totals(&e->b)) / by;
    lane8_store(k, a);
    lane8_store(k + LANE8_N, b);
    lane8_add(&square->a, a * a);
    lane8_add(&square->b, b * b);
}

void LANE8_NAME(gp_kernel_solve)(size_t n, const double l[], size_t stride, double k[],
                                 double square[GP_KERNEL_WIDTH])
{
    enum { W = GP_KERNEL_WIDTH };
    static const struct explained none;
    struct explained squares = none;
    for (size_t i = 0; i < n; i += 2) {
        /* Two rows at once, so that the solved ones are fetched half as often. */
        const double *first = l + i * stride, *second = i + 1 < n ? first + stride : first;
        struct explained x = none, y = none;
        for (size_t j = 0; j < i; j++) {
            const lane8 a = lane8_load(k + j * W), b = lane8_load(k + j * W + LANE8_N);
            add(&x, first[j], a, b);
            add(&y, second[j], a, b);
        }
        finish(k + i * W, &x, first[i], &squares);
        if (i + 1 < n) {
            add(&y, second[i], lane8_load(k + i * W), lane8_load(k + i * W + LANE8_N));
            finish(k + (i + 1) * W, &y, second[i + 1], &squares);
        }
    }
    lane8_store(square, lane8_totals(&squares.a));
    lane8_store(square + LANE8_N, lane8_totals(&squares.b));
}
