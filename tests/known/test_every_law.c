/* Claims that hold for every law, those of the program and those of the table: exact derivatives,
 * terms that make up the response, and recovery of what was planted. */
#include <stdlib.h>
#include <string.h>

#include "fitting/fit.h"
#include "solver/base/rng.h"
#include "tests/harness.h"
#include "tests/known/laws.h"
#include "tests/solver/laws/derivatives.h"

enum { N_RUNS = 160, N_DRAWS = 5 };

static struct status_why why;

/* Inputs as the law takes them: uniform in the logarithm where it takes that. */
static void draw_inputs(const struct law *law, struct rng *stream, double x[])
{
    for (size_t i = 0; i < law->n_inputs; i++) {
        const struct laws_range *r = laws_range_of(law, i);
        const double u = rng_uniform(stream);
        x[i] = law->inputs[i].logarithmic ? log(r->lower) + u * log(r->upper / r->lower)
                                          : r->lower + u * (r->upper - r->lower);
    }
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
    laws_read();
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
                memcpy(natural, laws_planted(law), law->n_parameters * sizeof *natural);
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
    law_transform(law, laws_planted(law), theta);
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
    const double *natural = laws_planted(law);
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
    laws_read();
    size_t n = 0, n_identified = 0;
    for (const struct law *law; (law = law_at(n)) != NULL; n++) {
        n_identified += check_recovery(law, n);
    }
    /* Farseer and those of bits and experts trade parameters off within the noise, and say so. */
    CU_ASSERT(n_identified + 5 >= n);
    free(laws_sets);
    laws_sets = NULL;
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
