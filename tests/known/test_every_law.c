/* Claims that hold for every law, those of the program and those of the table: exact derivatives,
 * terms that make up the response, and recovery of what was planted. */
#include <stdlib.h>
#include <string.h>

#include "fitting/fit.h"
#include "inputs/forms.h"
#include "inputs/registry.h"
#include "solver/base/rng.h"
#include "tests/harness.h"
#include "tests/solver/laws/derivatives.h"

enum { N_RUNS = 160, N_DRAWS = 5 };

static struct status_why why;
static struct law_set *sets;
static size_t n_sets;

/* Where runs lie, natural values; of two rows for an input the first whose law is this one holds.
 */
static const struct range {
    const char *law, *input; /* law "": any */
    double lower, upper;
} ranges[] = {
    {"hestness", "samples", 1, 1e8},
    {"coverage", "samples", 1, 1e3},
    {"pass_until", "params", 1e7, 1e11},
    {"ttspm", "samples", 1, 30},
    {"prefix", "samples", 1e2, 1e7},
    {"kaplan_batch", "loss_nat", 1.7, 6},
    {"bnsl3", "x", 1, 1e24},
    {"precision_ptq", "params", 1e7, 1e9},
    {"teacher_n", "params", 1e7, 1e8},
    {"", "params", 1e7, 1e11},
    {"", "tokens", 1e9, 1e12},
    {"", "compute_flop", 1e18, 1e24},
    {"", "least_steps", 1e3, 1e6},
    {"", "samples", 1, 1e3},
    {"", "width", 256, 4096},
    {"", "depth", 3, 80},
    {"", "body_params", 1e7, 1e10},
    {"", "vocabulary_params", 1e6, 1e9},
    {"", "unique_tokens", 1e8, 1e11},
    {"", "weight_bits", 3, 16},
    {"", "activation_bits", 4, 16},
    {"", "cache_bits", 4, 16},
    {"", "post_bits", 1, 6},
    {"", "active_params", 1e7, 1e11},
    {"", "experts", 1, 64},
    {"", "granularity", 1, 64},
    {"", "x", 1, 1e10},
    {"", "gpu_hour", 1e2, 1e5},
    {"", "loss_nat", 1.2, 4.5},
    {"", "sparsity_ratio", 0, 0.95},
    {"", "day", 0, 90},
    {"", "finetuning_tokens", 1e6, 1e10},
    {"", "batch_tokens", 1e4, 1e7},
};

/* Values to plant in laws without published coefficients. */
static const struct plant {
    const char *law;
    double natural[LAW_MAX_PARAMETERS];
} plants[] = {
    {"power_tokens", {1.73, 812, 0.31}},
    {"power_compute", {1.64, 1130, 0.157}},
    {"chinchilla_tied", {1.81, 493, 1720, 0.348}},
    {"chinchilla_outer", {1.71, 620, 2900, 0.36, 0.38, 0.83}},
    {"hestness", {6.3, 0.9, 11.9, 0.166}},
    {"gemstones_wdd", {1.41, 9.1, 2.3, 23000, 0.31, 0.47, 0.476}},
    {"precision_weights", {1.83, 431, 1810, 0.34, 0.36, 2.67, 0.30}},
    {"bnsl1", {0.31, 41, 0.11, 0.43, 2.1e4, 0.37}},
    {"bnsl2", {0.02, 37, 0.07, 0.52, 3.1e3, 0.21, -0.38, 2.3e7, 0.31}},
    {"scalerl", {0.19, 0.645, 3100, 1.7}},
    {"accuracy_sigmoid", {0.57, 0.26, -3.3, 2.4}},
    {"accuracy_exponential", {0.83, 1.9, 1.1}},
    {"accuracy_logit", {-24.7, 0.49}},
    {"coverage", {1.84, 0.21}},
    {"ttspm", {0.81, 0.17}},
    {"prefix", {0.94, 3.7, 0.41}},
    {"train_to_test", {1.37, 430, 2100, 0.61, 0.34, 0.37, 0.44}},
    {"farseer", {0.5, -2.0, 0.02, 5.0, 4.4, -0.05, 1.5, 0.1, -0.08}},
    {"pass_until", {310, 0.29}},
    {"critical_batch", {3.1e9, 7.3e5}},
};

static void read_tables(void)
{
    if (sets == NULL) {
        const char *folder = harness_source("inputs/data");
        HARNESS_ASSERT_OK(forms_read(harness_comm(), folder, &why));
        HARNESS_ASSERT_OK(registry_read_laws(harness_comm(), folder, &sets, &n_sets, &why));
    }
}

static const struct range *range_of(const struct law *law, size_t input)
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (strcmp(ranges[i].input, law->inputs[input].name) == 0
            && (ranges[i].law[0] == '\0' || strcmp(ranges[i].law, law->id) == 0)) {
            return &ranges[i];
        }
    }
    harness_say(law->inputs[input].name);
    CU_FAIL_FATAL("add the range of this input to the table");
    abort(); /* not reached: for the analyzer */
}

/* Inputs as the law takes them: uniform in the logarithm where it takes that. */
static void draw_inputs(const struct law *law, struct rng *stream, double x[])
{
    for (size_t i = 0; i < law->n_inputs; i++) {
        const struct range *r = range_of(law, i);
        const double u = rng_uniform(stream);
        x[i] = law->inputs[i].logarithmic ? log(r->lower) + u * log(r->upper / r->lower)
                                          : r->lower + u * (r->upper - r->lower);
    }
}

/* What to plant in \a law. */
static const double *planted(const struct law *law)
{
    for (size_t i = 0; i < n_sets; i++) {
        if (sets[i].law == law) {
            return sets[i].natural;
        }
    }
    for (size_t i = 0; i < sizeof plants / sizeof plants[0]; i++) {
        if (strcmp(plants[i].law, law->id) == 0) {
            return plants[i].natural;
        }
    }
    harness_say(law->id);
    CU_FAIL_FATAL("add this law to the table of plants");
    abort(); /* not reached: for the analyzer */
}

/* Parameters in the middle half of the range of starts, in theta. */
static void draw_parameters(const struct law *law, struct rng *stream, double natural[])
{
    double lower[LAW_MAX_PARAMETERS], upper[LAW_MAX_PARAMETERS];
    for (size_t i = 0; i < law->n_parameters; i++) {
        lower[i] = law->parameters[i].start_lower;
        upper[i] = law->parameters[i].start_upper;
    }
    law_transform(law, lower, lower);
    law_transform(law, upper, upper);
    for (size_t i = 0; i < law->n_parameters; i++) {
        lower[i] += (0.25 + 0.5 * rng_uniform(stream)) * (upper[i] - lower[i]);
    }
    law_natural(law, lower, natural);
}

/* The offset and the terms give the response. */
static void check_terms(const struct law *law, const double theta[], const double x[])
{
    double sum = 0.0;
    for (size_t k = 0; k < law->n_terms; k++) {
        sum +=
            law->term != NULL ? law->term(law, theta, k, x) : exp(law->log_term(law, theta, k, x));
    }
    const double made = law->offset(law, theta) + pow(sum, law->outer(law, theta));
    HARNESS_ASSERT_REL(made, law->value(law, theta, x, NULL, NULL, NULL), 1e-12);
}

static void test_every_law_has_exact_derivatives(void)
{
    read_tables();
    size_t n = 0;
    for (const struct law *law; (law = law_at(n)) != NULL; n++) {
        struct rng stream;
        const unsigned failures = CU_get_number_of_failures();
        rng_init(&stream, 2385, RNG_TEST, n);
        for (size_t draw = 0; draw < 2 * N_DRAWS; draw++) {
            double natural[LAW_MAX_PARAMETERS], theta[LAW_MAX_PARAMETERS], x[LAW_MAX_INPUTS];
            if (draw < N_DRAWS) {
                draw_parameters(law, &stream, natural);
            } else {
                memcpy(natural, planted(law), law->n_parameters * sizeof *natural);
            }
            draw_inputs(law, &stream, x);
            CU_ASSERT(law->in_domain(law, x));
            law_transform(law, natural, theta);
            derivatives_check(law, natural, x);
            check_terms(law, theta, x);
        }
        if (CU_get_number_of_failures() != failures) {
            harness_say(law->id);
        }
    }
    CU_ASSERT(n >= 49);
}

/* Runs of a law: inputs drawn in their ranges, the response with noise of 1 % or, where it may be
 * negative, .01. */
static double columns[LAW_MAX_INPUTS][N_RUNS], response[N_RUNS], truth[N_RUNS];
static const double noise = 0.01;

static struct fit_data simulate(const struct law *law, size_t item, enum fit_residual residual)
{
    struct fit_data data = {.n = N_RUNS, .response = response};
    double theta[LAW_MAX_PARAMETERS], x[LAW_MAX_INPUTS];
    struct rng stream;
    rng_init(&stream, 71, RNG_TEST, item);
    law_transform(law, planted(law), theta);
    for (size_t i = 0; i < N_RUNS; i++) {
        draw_inputs(law, &stream, x);
        for (size_t j = 0; j < law->n_inputs; j++) {
            columns[j][i] = x[j];
            data.x[j] = columns[j];
        }
        const double error = noise * rng_normal(&stream);
        truth[i] = law->value(law, theta, x, NULL, NULL, NULL);
        response[i] = residual == FIT_LOG ? truth[i] * exp(error) : truth[i] + error;
    }
    return data;
}

static double residual_of(enum fit_residual residual, double a, double b)
{
    return residual == FIT_LOG ? log(a / b) : a - b;
}

/* Sums of squares over two: of the planted curve from the runs, and of the found curve from the
 * planted one. */
static void distances(const struct fit *f, double *of_plant, double *of_curve)
{
    const struct law *law = f->law;
    *of_plant = *of_curve = 0.0;
    for (size_t i = 0; i < N_RUNS; i++) {
        double x[LAW_MAX_INPUTS] = {0.0};
        for (size_t j = 0; j < law->n_inputs; j++) {
            x[j] = columns[j][i];
        }
        const double found = law->value(law, f->theta, x, NULL, NULL, NULL);
        *of_plant += 0.5 * pow(residual_of(f->options.residual, response[i], truth[i]), 2);
        *of_curve += 0.5 * pow(residual_of(f->options.residual, found, truth[i]), 2);
    }
}

static void complain(const struct law *law, const char *what, double got, double wanted)
{
    char text[160];
    (void)snprintf(text, sizeof text, "%s: %s: %.8g, planted %.8g", law->id, what, got, wanted);
    harness_say(text);
    CU_FAIL("not recovered");
}

/* \return whether the runs determine the law */
static bool check_recovery(const struct law *law, size_t item)
{
    const double *natural = planted(law);
    struct fit_options options = {.law = law,
                                  .objective = FIT_LEAST_SQUARES,
                                  .residual = FIT_LOG,
                                  .seed = 42,
                                  .confidence = 0.95};
    options.residual = strcmp(law->id, "vocabulary") == 0 ? FIT_LINEAR : FIT_LOG;
    /* The default over many exponents is for real runs. */
    size_t n_exponents = 0;
    for (size_t i = 0; i < law->n_parameters; i++) {
        n_exponents += law->parameters[i].role == LAW_EXPONENT;
    }
    options.n_starts = n_exponents > 4 ? 100 : 0;
    const struct fit_data data = simulate(law, item, options.residual);
    struct fit f;
    status_clear(&why);
    const enum status st = fit_run(harness_comm(), &data, &options, NULL, &f, &why);
    if (st != STATUS_OK) {
        harness_say(law->id);
        harness_say(why.message);
        CU_FAIL("no fit");
        return false;
    }
    double of_plant, of_curve;
    distances(&f, &of_plant, &of_curve);
    if (!(f.objective <= of_plant)) {
        complain(law, "objective", f.objective, of_plant);
    }
    /* Twice of_curve over the variance is chi-squared of as many degrees as parameters. */
    const double p = (double)law->n_parameters;
    const double most = 0.5 * noise * noise * (p + 5.0 * sqrt(2.0 * p) + 10.0);
    if (!(of_curve <= most)) {
        complain(law, "curve", of_curve, most);
    }
    const bool has_twins = strcmp(law->id, "bnsl2") == 0 || strcmp(law->id, "bnsl3") == 0;
    for (size_t i = 0; !has_twins && i < law->n_parameters; i++) { /* their breaks change places */
        const struct fit_interval *found = &f.natural[i];
        if (f.identified && f.verdicts[i] != FIT_NOT_IDENTIFIED
            && !(fabs(found->value - natural[i]) <= 5.0 * found->standard_error)) {
            complain(law, law->parameters[i].name, found->value, natural[i]);
        }
    }
    CU_ASSERT(f.identified || harness_contains(f.sentence, "NOT IDENTIFIED"));
    const bool identified = f.identified;
    fit_clear(&f);
    return identified;
}

static void test_every_law_is_recovered_from_runs_with_noise(void)
{
    read_tables();
    size_t n = 0, n_identified = 0;
    for (const struct law *law; (law = law_at(n)) != NULL; n++) {
        n_identified += check_recovery(law, n);
    }
    /* Farseer and those of bits and experts trade parameters off within the noise, and say so. */
    CU_ASSERT(n_identified + 5 >= n);
    free(sets);
    sets = NULL;
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"derivatives", test_every_law_has_exact_derivatives},
        {"recovery", test_every_law_is_recovered_from_runs_with_noise},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
