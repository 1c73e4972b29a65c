/* Nanoseconds a configuration of evaluator_block, beside plain code with pow for each
 * configuration: median over repetitions of processor time. Usage: bench_evaluate */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "solver/base/vmath.h"
#include "solver/evaluator.h"
#include "tests/solver/catalogue.h"

enum {
    N_DEVICES = 2,
    N_PRECISIONS = 2,
    N_MFUS = 8,
    N_LIFESPANS = 4,
    N_PARAMS = 64,
    N_TOKENS = 512,
    BLOCK = 512, /* four columns of it are 16 kB */
    N_OUTCOMES = 4,
    N_REPEATS = 5
};

static double devices[N_DEVICES] = {CATALOGUE_A100, CATALOGUE_H100},
              precisions[N_PRECISIONS] = {PRECISION_BF16, PRECISION_FP32}, mfus[N_MFUS],
              lifespans[N_LIFESPANS] = {1.0, 2.5, 4.0, 5.5}, params[N_PARAMS], tokens[N_TOKENS];
static const enum footprint_outcome outcomes[N_OUTCOMES] = {FOOTPRINT_LOSS, FOOTPRINT_ENERGY,
                                                            FOOTPRINT_MASS, FOOTPRINT_CARBON};
static const double besiroglu[] = CATALOGUE_BESIROGLU, kaplan[] = CATALOGUE_KAPLAN;

static double processor_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What a first program would do for each configuration. */
static void naive(const struct design *d, const struct hardware_catalogue *c, double values[])
{
    const double *x = d->value, *theta = besiroglu;
    const struct hardware *h = &c->devices[(size_t)x[DESIGN_DEVICE]];
    const double compute_flop = 6.0 * x[DESIGN_PARAMS] * x[DESIGN_TOKENS];
    const double peak = h->peak_flop_per_second[(size_t)x[DESIGN_PRECISION]];
    const double device_hour = compute_flop / (peak * x[DESIGN_MFU] * 3600.0);
    const double lifetimes = device_hour / (x[DESIGN_LIFESPAN] * 8760.0);
    const double energy_kwh =
        device_hour * h->power_watt / 1000.0 * c->sites[(size_t)x[DESIGN_SITE]].pue_ratio;
    values[0] = theta[0] + theta[1] * pow(x[DESIGN_PARAMS], -theta[3])
                + theta[2] * pow(x[DESIGN_TOKENS], -theta[4]);
    values[1] = energy_kwh;
    values[2] = lifetimes * h->mass_kg.typical;
    values[3] = energy_kwh * c->grids[(size_t)x[DESIGN_GRID]].carbon_kg_per_kwh
                + lifetimes * h->embodied_carbon_kg.typical;
}

/* Nested loops over the axes, in the order of the evaluator's first grid. */
static double evaluate_naively(const struct evaluator *e, const struct hardware_catalogue *c,
                               uint64_t n)
{
    double sum = 0.0, values[N_OUTCOMES];
    struct design d;
    for (uint64_t i = 0; i < n; i += N_TOKENS) {
        evaluator_design(e, i, &d);
        for (size_t k = 0; k < N_TOKENS; k++) {
            d.value[DESIGN_TOKENS] = tokens[k];
            naive(&d, c, values);
            sum += values[0] + values[1] + values[2] + values[3];
        }
    }
    return sum;
}

static double evaluate_in_blocks(const struct evaluator *e, const struct hardware_catalogue *c,
                                 uint64_t n)
{
    _Alignas(64) static double values[N_OUTCOMES][BLOCK];
    double sum = 0.0;
    (void)c;
    for (uint64_t i = 0; i < n; i += BLOCK) {
        evaluator_block(e, i, BLOCK, *values, BLOCK);
        sum += values[0][0] + values[3][BLOCK - 1]; /* so that the work is used */
    }
    return sum;
}

typedef double evaluate(const struct evaluator *e, const struct hardware_catalogue *c, uint64_t n);

static double report(const char *name, evaluate *work, const struct evaluator *e,
                     const struct hardware_catalogue *c, uint64_t n)
{
    double ns[N_REPEATS], sum = 0.0;
    for (int r = 0; r < N_REPEATS; r++) {
        const double begun = processor_seconds();
        sum += work(e, c, n);
        ns[r] = 1e9 * (processor_seconds() - begun) / (double)n;
    }
    qsort(ns, N_REPEATS, sizeof *ns, by_value);
    (void)printf("%-40s %8.3f ns a configuration (checksum %.9g)\n", name, ns[N_REPEATS / 2], sum);
    return ns[N_REPEATS / 2];
}

static struct evaluator *made(const struct evaluator_options *o)
{
    struct evaluator *e = NULL;
    struct status_why why;
    status_clear(&why);
    if (evaluator_create(o, &e, &why) != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", why.message);
        exit(EXIT_FAILURE);
    }
    return e;
}

int main(void)
{
    struct status_why why;
    status_clear(&why);
    if (vmath_start(&why) != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", why.message);
        return EXIT_FAILURE;
    }
    for (int i = 0; i < N_MFUS; i++) {
        mfus[i] = 0.2 + 0.05 * i;
    }
    for (int i = 0; i < N_PARAMS; i++) {
        params[i] = 5e7 * exp(0.1 * i);
    }
    for (int i = 0; i < N_TOKENS; i++) {
        tokens[i] = 1e9 * exp(0.016 * i);
    }
    const struct hardware_catalogue c = catalogue_made_by_hand();
    const struct predict_model chinchilla = catalogue_model("chinchilla", besiroglu),
                               with_outer = catalogue_model("kaplan_nd", kaplan);
    enum { N_AXES = 6 };
    struct evaluator_axis axes[N_AXES] = {{DESIGN_DEVICE, N_DEVICES, devices},
                                          {DESIGN_PRECISION, N_PRECISIONS, precisions},
                                          {DESIGN_MFU, N_MFUS, mfus},
                                          {DESIGN_LIFESPAN, N_LIFESPANS, lifespans},
                                          {DESIGN_PARAMS, N_PARAMS, params},
                                          {DESIGN_TOKENS, N_TOKENS, tokens}},
                          reversed[N_AXES];
    for (int a = 0; a < N_AXES; a++) {
        reversed[a] = axes[N_AXES - 1 - a];
    }
    struct evaluator_options o = {.n_axes = N_AXES,
                                  .axes = axes,
                                  .base = design_neutral(),
                                  .model = &chinchilla,
                                  .catalogue = &c,
                                  .footprint = footprint_defaults(),
                                  .n_outcomes = N_OUTCOMES,
                                  .outcomes = outcomes};
    o.base.value[DESIGN_GRID] = CATALOGUE_FRANCE;
    o.base.value[DESIGN_SITE] = CATALOGUE_SITE_1_1;

    struct evaluator *forward = made(&o);
    o.axes = reversed;
    struct evaluator *backward = made(&o);
    o.axes = axes;
    o.model = &with_outer;
    struct evaluator *outer = made(&o);
    const uint64_t n = evaluator_size(forward);
    (void)printf("%llu configurations, vector level %s, %zu table entries\n", (unsigned long long)n,
                 vmath_level_name(vmath_level()), evaluator_table_entries(forward));
    const double slow = report("pow for each configuration", evaluate_naively, forward, &c, n / 8);
    const double fast = report("blocks, tokens fastest", evaluate_in_blocks, forward, &c, n);
    (void)report("blocks, devices fastest", evaluate_in_blocks, backward, &c, n);
    (void)report("blocks, law with an outer exponent", evaluate_in_blocks, outer, &c, n);
    (void)printf("ratio %.0f\n", slow / fast);
    evaluator_destroy(forward);
    evaluator_destroy(backward);
    evaluator_destroy(outer);
    return EXIT_SUCCESS;
}
