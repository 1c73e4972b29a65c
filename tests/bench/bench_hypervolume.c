/* Exact hypervolume of points on a sphere, in three and four objectives. */
#define _XOPEN_SOURCE 700
#include "search/front/hypervolume.h"
#include "solver/base/rng.h"
#include "tests/bench/bench.h"

struct front {
    size_t m, n;
    double *points;
};

static void measure(void *context)
{
    static const double reference[] = {1.1, 1.1, 1.1, 1.1};
    const struct front *f = context;
    struct status_why why = {STATUS_OK, ""};
    double volume;
    if (hypervolume_exact(f->m, f->n, f->points, reference, &volume, &why) != STATUS_OK) {
        (void)fprintf(stderr, "bench_hypervolume: %s\n", why.message);
        exit(EXIT_FAILURE);
    }
}

int main(void)
{
    static const size_t cases[][2] = {{3, 1000}, {3, 10000}, {3, 100000}, {4, 1000}, {4, 10000}};
    bench_heading();
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct front f = {cases[k][0], cases[k][1], NULL};
        char what[64];
        struct rng r;
        rng_init(&r, 3, RNG_TEST, k);
        f.points = malloc(f.n * f.m * sizeof *f.points);
        for (size_t i = 0; f.points != NULL && i < f.n; i++) {
            double length = 0.0;
            for (size_t j = 0; j < f.m; j++) {
                f.points[i * f.m + j] = fabs(rng_normal(&r));
                length += f.points[i * f.m + j] * f.points[i * f.m + j];
            }
            for (size_t j = 0; j < f.m; j++) {
                f.points[i * f.m + j] /= sqrt(length);
            }
        }
        (void)snprintf(what, sizeof what, "%zu objectives, %zu points", f.m, f.n);
        bench_compare(what, 1, 5, measure, NULL, &f);
        free(f.points);
    }
    return EXIT_SUCCESS;
}
