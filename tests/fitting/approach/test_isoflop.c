#include "fitting/approach/isoflop.h"

#include <string.h>

#include "solver/base/rng.h"
#include "tests/fitting/observations.h"

static struct status_why why;
static struct observations runs;

static const char *const every_run = "isoflops_openathena/isoflops.csv";

static struct isoflop_data data_of(const struct observations *o)
{
    return (struct isoflop_data){.n = o->n,
                                 .log_size = {o->log_x[OBSERVED_PARAMS], o->log_x[OBSERVED_TOKENS]},
                                 .log_compute = o->log_x[OBSERVED_COMPUTE],
                                 .loss_nat = o->loss_nat};
}

static struct isoflop approach(double target_compute_flop)
{
    const struct isoflop_data data = data_of(&runs);
    struct isoflop made;
    HARNESS_ASSERT_OK(isoflop_run(
        &data,
        &(struct isoflop_options){.confidence = 0.9, .target_compute_flop = target_compute_flop},
        &made, &why));
    return made;
}

/* Rows of one published sweep; the compute is the budget that they aimed at. */
static bool read_sweep(const char *experiment)
{
    const struct observations_columns columns = {.params = "params",
                                                 .tokens = "tokens",
                                                 .loss = "loss",
                                                 .filter = "experiment",
                                                 .value = experiment};
    const char *path = harness_data(every_run);
    struct table *t = NULL;
    if (!observations_read(path, &columns, &runs)) {
        return false;
    }
    HARNESS_ASSERT_OK(table_read(harness_comm(), path, &t, &why));
    for (size_t i = 0, k = 0; i < table_n_rows(t); i++) {
        if (observations_match(t, i, "experiment", experiment)) {
            runs.log_x[OBSERVED_COMPUTE][k++] = log(observations_field(t, i, "budget"));
        }
    }
    table_destroy(t);
    return true;
}

/* Published: a = .4632, b = .5368 from all 133 rows and 10 curves. */
static void test_paper_llama3_exponents(void)
{
    if (!read_sweep("llama_3__raw_loss")) {
        return;
    }
    CU_ASSERT_EQUAL(runs.n, 133);
    struct isoflop f = approach(3.8e25);
    CU_ASSERT_EQUAL(f.n_curves, 10);
    CU_ASSERT_EQUAL(isoflop_n_refused(&f), 0);
    const struct isoflop_law *params = &f.laws[ISOFLOP_PARAMS][ISOFLOP_EQUAL];
    const struct isoflop_law *tokens = &f.laws[ISOFLOP_TOKENS][ISOFLOP_EQUAL];
    CU_ASSERT_DOUBLE_EQUAL(params->exponent.value, 0.4632, 5e-5);
    CU_ASSERT_DOUBLE_EQUAL(tokens->exponent.value, 0.5368, 5e-5);
    CU_ASSERT_TRUE(params->exponent.lower < 0.4632 && params->exponent.upper > 0.4632);
    /* The paper's own extrapolation of its budgets names 402B parameters on 16.55T tokens. */
    CU_ASSERT_DOUBLE_EQUAL(params->optimum.value, 402e9, 60e9);
    CU_ASSERT_DOUBLE_EQUAL(tokens->optimum.value, 16.55e12, 2.5e12);
    CU_ASSERT_TRUE(params->optimum.lower < 402e9 && params->optimum.upper > 402e9);
    isoflop_clear(&f);
}

/* Of all raw curves exactly five bend the wrong way; the others are kept. */
static void test_paper_openathena_refusals(void)
{
    static const struct {
        const char *experiment;
        size_t n_curves, n_refused, n_outside;
    } sweeps[] = {
        {"epochai_chinchilla__massivetext__chinchilla", 9, 0, 1},
        {"llama_3__exp_loss", 10, 0, 0},
        {"llama_3__raw_loss", 10, 0, 0},
        {"marin_202603__comma__llama_2", 7, 0, 0},
        {"marin_202603__dclm__llama_2", 7, 0, 0},
        {"marin_202603__nemotron__llama_2", 8, 1, 0},
        {"misfitting__fineweb_c4__transformer", 26, 4, 2},
        {"ml_scalefit__massivetext__chinchilla", 9, 0, 1},
    };
    for (size_t i = 0; i < sizeof sweeps / sizeof *sweeps; i++) {
        if (!read_sweep(sweeps[i].experiment)) {
            return;
        }
        struct isoflop f = approach(0.0);
        size_t counts[ISOFLOP_N_VERDICTS] = {0};
        for (size_t c = 0; c < f.n_curves; c++) {
            counts[f.curves[c].vertices[ISOFLOP_PARAMS].verdict]++;
        }
        CU_ASSERT_EQUAL(f.n_curves, sweeps[i].n_curves);
        CU_ASSERT_EQUAL(isoflop_n_refused(&f), sweeps[i].n_refused);
        CU_ASSERT_EQUAL(counts[ISOFLOP_NO_MINIMUM], sweeps[i].n_refused);
        CU_ASSERT_EQUAL(counts[ISOFLOP_OUTSIDE], sweeps[i].n_outside);
        CU_ASSERT_EQUAL(f.laws[ISOFLOP_PARAMS][ISOFLOP_EQUAL].n,
                        sweeps[i].n_curves - sweeps[i].n_refused);
        isoflop_clear(&f);
    }
}

/* A loss that is a parabola in ln params about 0.31 C^0.487, on sizes that are not symmetric. */
static void add_curve(double compute, size_t n, double noise, struct rng *stream)
{
    const double best = 0.31 * pow(compute, 0.487);
    for (size_t i = 0; i < n; i++) {
        const double x = -1.1 + 2.7 * (double)i / (double)(n - 1);
        const double params = best * exp(x);
        observations_add(&runs, params, compute / (6.0 * params),
                         2.4 + 0.031 * x * x + (noise > 0.0 ? noise * rng_normal(stream) : 0.0));
    }
}

static void test_isoflop_compute_of_a_curve_is_the_geometric_mean_of_its_runs(void)
{
    enum { N = 7 };
    double sum = 0.0;
    runs.n = 0;
    for (size_t i = 0; i < N; i++) {
        const double compute = 2.3e19 * (1.0 + 0.004 * (double)(i * i % 5));
        const double x = -1.1 + 0.4 * (double)i;
        observations_add(&runs, 3.1e8 * exp(x), compute / (6.0 * 3.1e8 * exp(x)),
                         2.4 + 0.031 * x * x);
        sum += log(compute);
    }
    add_curve(1.1e20, 6, 0.0, NULL);
    add_curve(4.9e20, 6, 0.0, NULL);
    struct isoflop f = approach(7.7e23);
    CU_ASSERT_EQUAL_FATAL(f.n_curves, 3);
    HARNESS_ASSERT_REL(f.curves[0].compute_flop, exp(sum / N), 1e-12);
    isoflop_clear(&f);
}

static void test_isoflop_is_exact_on_parabolas(void)
{
    runs.n = 0;
    for (size_t b = 0; b < 4; b++) {
        add_curve(1.7e19 * pow(2.9, (double)b), 5 + b, 0.0, NULL);
    }
    struct isoflop f = approach(7.7e23);
    CU_ASSERT_EQUAL(f.n_curves, 4);
    for (size_t i = 0; i < f.n_curves; i++) {
        const struct isoflop_vertex *v = &f.curves[i].vertices[ISOFLOP_PARAMS];
        const double compute = 1.7e19 * pow(2.9, (double)i);
        CU_ASSERT_EQUAL(v->verdict, ISOFLOP_KEPT);
        CU_ASSERT_EQUAL(f.curves[i].n, 5 + i);
        HARNESS_ASSERT_REL(f.curves[i].compute_flop, compute, 1e-12);
        HARNESS_ASSERT_REL(exp(v->log_optimum.value), 0.31 * pow(compute, 0.487), 1e-9);
        HARNESS_ASSERT_REL(v->loss_nat, 2.4, 1e-12);
        HARNESS_ASSERT_REL(v->coefficients[2], 0.031, 1e-9);
        CU_ASSERT_TRUE(v->log_optimum.standard_error < 1e-9);
    }
    for (int w = 0; w < ISOFLOP_N_WEIGHTINGS; w++) {
        const struct isoflop_law *law = &f.laws[ISOFLOP_PARAMS][w];
        CU_ASSERT_EQUAL(law->n, 4);
        HARNESS_ASSERT_REL(law->exponent.value, 0.487, 1e-9);
        HARNESS_ASSERT_REL(law->optimum.value, 0.31 * pow(7.7e23, 0.487), 1e-8);
        HARNESS_ASSERT_REL(f.laws[ISOFLOP_TOKENS][w].exponent.value, 0.513, 1e-9);
    }
    isoflop_clear(&f);
}

/* Of 500 simulated sweeps the intervals hold the true best as often as they say: 90 %, give or take
 * four standard deviations of such a count. */
static void test_isoflop_intervals_cover_the_planted_optimum(void)
{
    enum { N_SWEEPS = 500, N_BUDGETS = 5 };
    size_t inside = 0, exponents = 0, optima = 0;
    for (size_t s = 0; s < N_SWEEPS; s++) {
        struct rng stream;
        rng_init(&stream, 2385, RNG_TEST, s);
        runs.n = 0;
        for (size_t b = 0; b < N_BUDGETS; b++) {
            add_curve(1.7e19 * pow(2.9, (double)b), 7, 0.004, &stream);
        }
        struct isoflop f = approach(6e22);
        for (size_t i = 0; i < f.n_curves; i++) {
            const struct fit_interval v = f.curves[i].vertices[ISOFLOP_PARAMS].log_optimum;
            const double best = log(0.31 * pow(1.7e19 * pow(2.9, (double)i), 0.487));
            inside += v.lower <= best && best <= v.upper ? 1 : 0;
        }
        const struct isoflop_law *law = &f.laws[ISOFLOP_PARAMS][ISOFLOP_EQUAL];
        const double best = 0.31 * pow(6e22, 0.487);
        exponents += law->exponent.lower <= 0.487 && 0.487 <= law->exponent.upper ? 1 : 0;
        optima += law->optimum.lower <= best && best <= law->optimum.upper ? 1 : 0;
        isoflop_clear(&f);
    }
    CU_ASSERT_DOUBLE_EQUAL((double)inside / (N_SWEEPS * N_BUDGETS), 0.9, 0.024);
    CU_ASSERT_DOUBLE_EQUAL((double)exponents / N_SWEEPS, 0.9, 0.054);
    CU_ASSERT_DOUBLE_EQUAL((double)optima / N_SWEEPS, 0.9, 0.054);
}

/* Five runs; the parabola by the normal equations in x itself and the bounds from the roots of
 * (b + 2 c v)^2 = t^2 var(b + 2 c v), worked apart from this program. */
static void test_isoflop_interval_is_fiellers(void)
{
    const double x[] = {0.0, 0.7, 1.1, 2.3, 2.9}, loss[] = {2.9, 2.71, 2.62, 2.57, 2.7};
    runs.n = 0;
    for (size_t i = 0; i < 5; i++) {
        observations_add(&runs, 3.7e8 * exp(x[i]), 2.9e9 * exp(-x[i]), loss[i]);
    }
    struct isoflop f = approach(0.0);
    const struct isoflop_vertex *v = &f.curves[0].vertices[ISOFLOP_PARAMS];
    const struct fit_interval e = v->log_optimum;
    CU_ASSERT_EQUAL(v->n_sizes, 5);
    CU_ASSERT_DOUBLE_EQUAL(e.value - log(3.7e8), 1.812778082525768, 1e-11);
    CU_ASSERT_DOUBLE_EQUAL(e.lower - log(3.7e8), 1.678061923231118, 1e-11);
    CU_ASSERT_DOUBLE_EQUAL(e.upper - log(3.7e8), 2.017625525767359, 1e-11);
    CU_ASSERT_DOUBLE_EQUAL(e.standard_error, 0.05404495732073305, 1e-11);
    CU_ASSERT_DOUBLE_EQUAL(v->coefficients[2], 0.10459345486072458, 1e-11);
    isoflop_clear(&f);
}

static enum isoflop_verdict verdict_of(const double x[], const double loss[], size_t n)
{
    runs.n = 0;
    for (size_t i = 0; i < n; i++) {
        observations_add(&runs, 3.7e8 * exp(x[i]), 2.9e9 * exp(-x[i]), loss[i]);
    }
    struct isoflop f = approach(0.0);
    CU_ASSERT_EQUAL(f.n_curves, 1);
    const enum isoflop_verdict v = f.curves[0].vertices[ISOFLOP_PARAMS].verdict;
    CU_ASSERT_EQUAL(f.curves[0].vertices[ISOFLOP_TOKENS].verdict, v);
    CU_ASSERT_EQUAL(isfinite(f.curves[0].vertices[ISOFLOP_PARAMS].log_optimum.value) != 0,
                    isoflop_is_kept(v));
    isoflop_clear(&f);
    return v;
}

static void test_isoflop_verdicts_name_what_is_wrong(void)
{
    const double x[] = {0.0, 0.7, 1.1, 2.3, 2.9}, twice[] = {0.4, 0.4, 0.4, 1.9};
    const double valley[] = {2.9, 2.71, 2.62, 2.57, 2.7}, hill[] = {2.5, 2.6, 2.64, 2.6, 2.51};
    const double slope[] = {2.9, 2.8, 2.75, 2.64, 2.6}, noise[] = {2.61, 2.5, 2.66, 2.52, 2.64};
    const double line[] = {3.0, 2.65, 2.45, 1.85, 1.55};
    CU_ASSERT_EQUAL(verdict_of(x, valley, 5), ISOFLOP_KEPT);
    CU_ASSERT_EQUAL(verdict_of(x, valley + 2, 3), ISOFLOP_EXACT);
    CU_ASSERT_EQUAL(verdict_of(x, noise, 5), ISOFLOP_UNBOUNDED);
    CU_ASSERT_EQUAL(verdict_of(x, slope, 5), ISOFLOP_OUTSIDE);
    CU_ASSERT_EQUAL(verdict_of(twice, valley, 4), ISOFLOP_TOO_FEW);
    CU_ASSERT_EQUAL(verdict_of(x, valley, 1), ISOFLOP_TOO_FEW);
    CU_ASSERT_EQUAL(verdict_of(x, hill, 5), ISOFLOP_NO_MINIMUM);
    CU_ASSERT_EQUAL(verdict_of(x, line, 5), ISOFLOP_NO_MINIMUM);
    for (int v = 0; v < ISOFLOP_N_VERDICTS; v++) {
        CU_ASSERT_PTR_NOT_NULL(isoflop_verdict_text((enum isoflop_verdict)v));
    }
}

/* Three bad curves between two good ones: these alone make the law. */
static void test_isoflop_goes_on_without_the_refused(void)
{
    runs.n = 0;
    add_curve(2.3e19, 6, 0.0, NULL);
    const size_t first = runs.n;
    add_curve(9.1e19, 6, 0.0, NULL);
    for (size_t i = first; i < runs.n; i++) {
        runs.loss_nat[i] = 5.0 - runs.loss_nat[i];
    }
    add_curve(3.3e20, 2, 0.0, NULL);
    add_curve(1.2e21, 7, 0.0, NULL);
    for (size_t i = 0; i < 40; i++) { /* no budgets at all, 3 % apart */
        const double params = 4e9 + 2e8 * (double)(i % 7);
        observations_add(&runs, params, 2.3e21 * pow(1.03, (double)i) / params, 2.1);
    }
    struct isoflop f = approach(0.0);
    CU_ASSERT_EQUAL(f.n_curves, 5);
    CU_ASSERT_EQUAL(f.curves[1].vertices[ISOFLOP_PARAMS].verdict, ISOFLOP_NO_MINIMUM);
    CU_ASSERT_EQUAL(f.curves[2].vertices[ISOFLOP_PARAMS].verdict, ISOFLOP_TOO_FEW);
    CU_ASSERT_EQUAL(f.curves[4].vertices[ISOFLOP_PARAMS].verdict, ISOFLOP_SPREAD);
    CU_ASSERT_EQUAL(isoflop_n_refused(&f), 3);
    const struct isoflop_law *law = &f.laws[ISOFLOP_PARAMS][ISOFLOP_EQUAL];
    CU_ASSERT_EQUAL(law->verdict, LINE_EXACT);
    HARNESS_ASSERT_REL(law->exponent.value, 0.487, 1e-9);
    HARNESS_ASSERT_REL(f.options.target_compute_flop, 1.2e21, 1e-12);
    CU_ASSERT_EQUAL(f.curve_of[0], 0);
    CU_ASSERT_EQUAL(f.curve_of[first], 1);
    isoflop_clear(&f);
}

/* Runs that miss their budget by up to 4 % still form its curve, in any order. */
static void test_isoflop_groups_computes_that_are_nearly_equal(void)
{
    runs.n = 0;
    for (size_t i = 0; i < 12; i++) {
        const double compute = (i % 2 == 0 ? 2.3e19 : 3.1e19) * (0.98 + 0.007 * (double)(i / 2));
        const double x = -0.9 + 0.33 * (double)(i / 2);
        const double params = 0.31 * pow(compute, 0.487) * exp(x);
        observations_add(&runs, params, compute / (6.0 * params), 2.4 + 0.031 * x * x);
    }
    struct isoflop f = approach(0.0);
    CU_ASSERT_EQUAL(f.n_curves, 2);
    for (size_t i = 0; i < 12; i++) {
        CU_ASSERT_EQUAL(f.curve_of[i], (int)(i % 2));
    }
    isoflop_clear(&f);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"compute of a curve", test_isoflop_compute_of_a_curve_is_the_geometric_mean_of_its_runs},
        {"needs paper_llama3", test_paper_llama3_exponents},
        {"needs paper_openathena", test_paper_openathena_refusals},
        {"exact", test_isoflop_is_exact_on_parabolas},
        {"cover", test_isoflop_intervals_cover_the_planted_optimum},
        {"fieller", test_isoflop_interval_is_fiellers},
        {"verdicts", test_isoflop_verdicts_name_what_is_wrong},
        {"goes_on", test_isoflop_goes_on_without_the_refused},
        {"groups", test_isoflop_groups_computes_that_are_nearly_equal},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
