#define _XOPEN_SOURCE 700
/* Four outcomes a configuration on a grid of options, params and tokens: evaluator_block, block by
 * block in the first cache, against naive.c. */
#include <math.h>
#include <string.h>

#include "solver/base/vmath.h"
#include "solver/evaluator.h"
#include "tests/bench/bench.h"
#include "tests/bench/naive.h"
#include "tests/solver/catalogue.h"

enum {
    N_DEVICES = 2,
    N_PRECISIONS = 2,
    N_MFUS = 8,
    N_LIFESPANS = 4,
    N_PARAMS = 64,
    N_TOKENS = 768,
    N_AXES = 6,
    BLOCK = 768,                    /* four columns of it are 24 kB */
    N_CONFIGURATIONS = 512 * BLOCK, /* of the 6 million of the grid */
    N_OUTCOMES = 4
};

static const double devices[N_DEVICES] = {CATALOGUE_A100, CATALOGUE_H100},
                    precisions[N_PRECISIONS] = {PRECISION_BF16, PRECISION_FP32},
                    mfus[N_MFUS] = {0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55},
                    lifespans[N_LIFESPANS] = {1.0, 2.5, 4.0, 5.5};
static double params[N_PARAMS], tokens[N_TOKENS];
static const enum footprint_outcome outcomes[N_OUTCOMES] = {FOOTPRINT_LOSS, FOOTPRINT_ENERGY,
                                                            FOOTPRINT_MASS, FOOTPRINT_CARBON};
static const double besiroglu[] = CATALOGUE_BESIROGLU, kaplan[] = CATALOGUE_KAPLAN;

/* What is measured and where its values go. */
struct work {
    const struct hardware_catalogue *catalogue;
    const struct naive_law *law;
    const struct evaluator *evaluator;
    _Alignas(64) double values[N_OUTCOMES][BLOCK];
};

/* The options are looked up once a block: a nest of loops with tokens inside. */
static void run_naive(void *context)
{
    struct work *w = context;
    struct design d;
    for (uint64_t i = 0; i < N_CONFIGURATIONS; i += BLOCK) {
        evaluator_design(w->evaluator, i, &d);
        const double *x = d.value;
        const struct hardware *h = &w->catalogue->devices[(size_t)x[DESIGN_DEVICE]];
        const struct naive_option option = {
            .peak_flop_per_second = h->peak_flop_per_second[(size_t)x[DESIGN_PRECISION]],
            .mfu_ratio = x[DESIGN_MFU],
            .power_watt = h->power_watt,
            .pue_ratio = w->catalogue->sites[(size_t)x[DESIGN_SITE]].pue_ratio,
            .grid_kg_per_kwh = w->catalogue->grids[(size_t)x[DESIGN_GRID]].carbon_kg_per_kwh,
            .lifespan_year = x[DESIGN_LIFESPAN],
            .mass_kg = h->mass_kg.typical,
            .embodied_kg = h->embodied_carbon_kg.typical};
        for (size_t k = 0; k < N_TOKENS; k++) {
            naive_evaluate(w->law, &option, x[DESIGN_PARAMS], tokens[k], *w->values + k, BLOCK);
        }
    }
}

static void run_blocks(void *context)
{
    struct work *w = context;
    for (uint64_t i = 0; i < N_CONFIGURATIONS; i += BLOCK) {
        evaluator_block(w->evaluator, i, BLOCK, *w->values, BLOCK);
    }
}

_Static_assert((int)BLOCK == (int)N_TOKENS, "run_naive fills one block with each axis of tokens");

/* What is compared must be the same. */
static void check(struct work *w, bench_fn *naive)
{
    static double want[N_OUTCOMES][BLOCK];
    naive(w);
    memcpy(want, w->values, sizeof want);
    run_blocks(w);
    for (size_t k = 0; k < N_OUTCOMES; k++) {
        for (size_t i = 0; i < BLOCK; i++) {
            if (!(fabs(w->values[k][i] - want[k][i]) <= 1e-12 * want[k][i])) {
                (void)fprintf(stderr, "bench_evaluate: outcome %zu: %.17g, naive %.17g\n", k,
                              w->values[k][i], want[k][i]);
                exit(EXIT_FAILURE);
            }
        }
    }
}

static void measure(const char *name, const struct evaluator_options *o,
                    const struct naive_law *law, bench_fn *naive)
{
    static struct work w;
    struct status_why why;
    struct evaluator *e = NULL;
    status_clear(&why);
    if (evaluator_create(o, &e, &why) != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", why.message);
        return;
    }
    w.catalogue = o->catalogue;
    w.law = law;
    w.evaluator = e;
    if (naive != NULL) {
        check(&w, naive);
    }
    bench_compare(name, N_CONFIGURATIONS, 9, run_blocks, naive, &w);
    evaluator_destroy(e);
}

int main(void)
{
    for (int i = 0; i < N_PARAMS; i++) {
        params[i] = 5e7 * exp(0.1 * i);
    }
    for (int i = 0; i < N_TOKENS; i++) {
        tokens[i] = 1e9 * exp(0.016 * i);
    }
    const struct hardware_catalogue c = catalogue_made_by_hand();
    const struct predict_model chinchilla = catalogue_model("chinchilla", besiroglu),
                               with_outer = catalogue_model("kaplan_nd", kaplan);
    const struct evaluator_axis axes[N_AXES] = {{DESIGN_DEVICE, N_DEVICES, devices},
                                                {DESIGN_PRECISION, N_PRECISIONS, precisions},
                                                {DESIGN_MFU, N_MFUS, mfus},
                                                {DESIGN_LIFESPAN, N_LIFESPANS, lifespans},
                                                {DESIGN_PARAMS, N_PARAMS, params},
                                                {DESIGN_TOKENS, N_TOKENS, tokens}},
                                reversed[N_AXES] = {axes[5], axes[4], axes[3],
                                                    axes[2], axes[1], axes[0]};
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

    const struct naive_law plain = {besiroglu[0], besiroglu[1], besiroglu[2],
                                    besiroglu[3], besiroglu[4], 1.0},
                           outer = {0.0,       pow(kaplan[0], kaplan[2] / kaplan[3]),
                                    kaplan[1], kaplan[2] / kaplan[3],
                                    1.0,       kaplan[3]};

    const enum vmath_level best = vmath_level();
    bench_heading();
    for (int level = VMATH_V2; level <= (int)best; level++) {
        if (vmath_force((enum vmath_level)level) == 0) {
            continue;
        }
        (void)printf("level %s\n", vmath_level_name((enum vmath_level)level));
        o.axes = axes;
        o.model = &chinchilla;
        measure("configuration, tokens fastest", &o, &plain, run_naive);
        o.model = &with_outer;
        measure("configuration, law with outer exponent", &o, &outer, run_naive);
        o.axes = reversed;
        o.model = &chinchilla;
        measure("configuration, devices fastest", &o, &plain, NULL);
    }
    return EXIT_SUCCESS;
}
