#define _XOPEN_SOURCE 700
/* exp and log of vmath on every level against libm, on arrays that stay in the first cache. */
#include <math.h>

#include "solver/base/vmath.h"
#include "tests/bench/bench.h"

enum { N = 1024 };

struct arrays {
    double x[N], y[N];
};

static void run_vmath_exp(void *context)
{
    struct arrays *a = context;
    vmath_exp(N, a->x, a->y);
}

static void run_vmath_log(void *context)
{
    struct arrays *a = context;
    vmath_log(N, a->x, a->y);
}

static void run_vmath_log1(void *context)
{
    struct arrays *a = context;
    for (size_t i = 0; i < N; i++) {
        a->y[i] = vmath_log1(a->x[i]);
    }
}

static void run_libm_exp(void *context)
{
    struct arrays *a = context;
    for (size_t i = 0; i < N; i++) {
        a->y[i] = exp(a->x[i]);
    }
}

static void run_libm_log(void *context)
{
    struct arrays *a = context;
    for (size_t i = 0; i < N; i++) {
        a->y[i] = log(a->x[i]);
    }
}

int main(void)
{
    static const struct {
        const char *name;
        bench_fn *variant, *naive;
    } rows[] = {
        {"exp of an array", run_vmath_exp, run_libm_exp},
        {"log of an array", run_vmath_log, run_libm_log},
        {"log, one at a time", run_vmath_log1, run_libm_log},
    };
    static struct arrays a;
    for (size_t i = 0; i < N; i++) {
        a.x[i] = 0.037 + 0.021 * (double)((i * 389) % N);
    }
    bench_heading();
    for (enum vmath_level level = VMATH_V2; level < VMATH_N_LEVELS; level++) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows && vmath_force(level); i++) {
            char what[64];
            (void)snprintf(what, sizeof what, "%s, %s", rows[i].name, vmath_level_name(level));
            bench_compare(what, N, 15, rows[i].variant, rows[i].naive, &a);
        }
    }
    return 0;
}
