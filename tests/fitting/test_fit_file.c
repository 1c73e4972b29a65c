/* ranks: 1 3 */
#include "fitting/fit_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/forms.h"
#include "tests/harness.h"

static struct status_why why;

enum { N_STARTS = 4, N_REPLICATES = 3, N_ROWS = 6, N_USED = 4 };

/* Different, untidy numbers for everything. */
static double number(void)
{
    static double last = 2.385;
    last = last * 1.618 + 0.7;
    last = last > 1e3 ? last * 1e-4 : last;
    return last;
}

static struct fit_interval interval(void)
{
    const double value = number(), error = number(), lower = number(), upper = number();
    return (struct fit_interval){value, error, lower, upper};
}

static void make_options(const struct law *law, struct fit_options *o)
{
    *o = (struct fit_options){.law = law,
                              .objective = FIT_LAD,
                              .residual = FIT_LINEAR,
                              .delta = 1e-3,
                              .n_starts = 29,
                              .solver = FIT_NLOPT,
                              .seed = 18446744073709551557u,
                              .n_replicates = N_REPLICATES,
                              .resampling = FIT_NUMPY_MT19937,
                              .bootstrap = FIT_RESIDUAL,
                              .profile = true,
                              .confidence = 0.8,
                              .target_compute_flop = 5.76e23};
}

/* One parameter of each kind: bounded, with a prior, tied, fixed. */
static void hold_parameters(struct fit *f)
{
    struct fit_parameter_option *options = f->options.parameters;
    const size_t last = f->law->n_parameters - 1;
    f->options.prior_noise = number();
    options[0].bounded = true;
    options[0].lower = (double)NAN; /* the law's */
    options[0].upper = number();
    options[1].prior_mean = number();
    options[1].prior_sd = 0.125;
    options[2].tied = true;
    options[2].tied_to = 1;
    options[last] = (struct fit_parameter_option){.fixed = true, .value = f->natural[last].value};
}

static void make_optima(struct fit *f)
{
    f->n_optima = 2;
    for (size_t i = 0; i < f->n_optima; i++) {
        f->optima[i].objective = number();
        f->optima[i].n_starts = 3 - i;
        for (size_t j = 0; j < f->law->n_parameters; j++) {
            f->optima[i].theta[j] = number();
        }
    }
}

static void make_ranges(struct fit *f)
{
    enum { N_RUNS = 9 };
    double values[LAW_MAX_INPUTS][N_RUNS];
    const double *columns[LAW_MAX_INPUTS];
    for (size_t i = 0; i < f->law->n_inputs; i++) {
        f->lower[i] = number();
        f->upper[i] = number();
        columns[i] = values[i];
        for (size_t k = 0; k < N_RUNS; k++) {
            values[i][k] = number();
        }
    }
    HARNESS_ASSERT_OK(support_create(f->law->n_inputs, N_RUNS, columns, &f->support, &why));
}

static void make_fit(const char *law_id, struct fit *f)
{
    memset(f, 0, sizeof *f);
    f->law = law_find(law_id);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f->law);
    const size_t k = f->law->n_parameters;
    make_options(f->law, &f->options);
    f->n = N_USED;
    f->objective = number();
    f->gradient_norm = number();
    f->condition = number();
    f->n_starts = N_STARTS;
    f->design = FIT_STUDY_GRID;
    f->n_agree = 3, f->n_fallback = 2;
    make_optima(f);
    f->runner_up = NAN;
    f->n_replicates = N_REPLICATES;
    f->replicates_robust = true;
    f->n_replicates_agree = 1;
    f->n_replicates_checked = 2;
    f->identified = true;
    f->has_optimum = true;
    f->noise_floor = number();
    (void)snprintf(f->sentence, sizeof f->sentence, "The data identify α weakly.");
    for (size_t i = 0; i < k; i++) {
        f->theta[i] = number();
        f->at_bound[i] = i == 1;
        f->natural[i] = interval();
        f->verdicts[i] = (enum fit_verdict)(i % (FIT_HELD + 1));
        f->eigenvalues[i] = number();
    }
    for (size_t i = 0; i < k * k; i++) {
        f->covariance[i] = i == 2 ? (double)NAN : number();
    }
    f->exponent_params = interval();
    f->optimum_params = interval();
    f->optimum_tokens = interval();
    f->optimum_loss_nat = interval();
    make_ranges(f);
    hold_parameters(f);
    f->n_profiles = k + FIT_N_DERIVED;
    f->profiles = calloc(f->n_profiles, sizeof *f->profiles);
    STATUS_ASSERT(f->profiles != NULL);
    for (size_t i = 0; i < f->n_profiles; i++) {
        struct fit_profile *q = &f->profiles[i];
        q->lower_end = (enum fit_end)(i % FIT_N_ENDS);
        q->upper_end = (enum fit_end)(FIT_N_ENDS - 1 - q->lower_end);
        q->lower = i == 1 ? (double)NAN : number();
        q->upper = number();
        q->threshold = number();
        q->bootstrap_lower = number();
        q->bootstrap_upper = i == 2 ? (double)NAN : number();
        for (size_t j = 0; j < FIT_PROFILE_POINTS; j++) {
            q->value[j] = number();
            q->rise[j] = number();
        }
    }
    f->starts = calloc(N_STARTS, sizeof *f->starts);
    f->replicates = calloc(N_REPLICATES * k, sizeof *f->replicates);
    f->replicate_objectives = calloc(N_REPLICATES, sizeof *f->replicate_objectives);
    STATUS_ASSERT(f->starts != NULL && f->replicates != NULL && f->replicate_objectives != NULL);
    for (size_t i = 0; i < N_STARTS; i++) {
        for (size_t j = 0; j < k; j++) {
            f->starts[i].start[j] = number();
            f->starts[i].theta[j] = number();
        }
        f->starts[i].objective = i == 2 ? (double)INFINITY : number();
        f->starts[i].reason = (enum fit_reason)i;
        f->starts[i].solver = i % 2 == 1 ? FIT_NLOPT : FIT_NEWTON;
        f->starts[i].newton = (enum fit_reason)((i + 1) % 4);
        f->starts[i].n_evaluations = 17 * i + 3;
    }
    for (size_t i = 0; i < N_REPLICATES * k; i++) {
        f->replicates[i] = number();
    }
    for (size_t i = 0; i < N_REPLICATES; i++) {
        f->replicate_objectives[i] = number();
    }
}

/* Rows 2, 3, 5 and 6 of a file of six. */
static void make_runs(struct runs *r)
{
    static double params[N_USED], tokens[N_USED], logs[2][N_USED],
        loss_nat[N_USED] = {3.1, 2.9, 2.6, 2.2};
    static int lines[N_USED] = {3, 4, 6, 7};
    static unsigned char reasons[N_ROWS] = {RUNS_FILTERED,  RUNS_USED, RUNS_USED,
                                            RUNS_HIGH_LOSS, RUNS_USED, RUNS_USED};
    for (size_t i = 0; i < N_USED; i++) {
        params[i] = 1.3e8 * (double)(i + 1);
        tokens[i] = 2.7e9 * (double)(i * i + 1);
        logs[0][i] = log(params[i]);
        logs[1][i] = log(tokens[i]);
    }
    *r = (struct runs){.n = N_USED,
                       .n_columns = 2,
                       .columns = {{.name = "params", .values = params, .logs = logs[0]},
                                   {.name = "tokens", .values = tokens, .logs = logs[1]}},
                       .response = {.name = "loss_nat", .values = loss_nat},
                       .lines = lines,
                       .n_rows = N_ROWS,
                       .reasons = reasons,
                       .tokens_derived = true,
                       .file = "runs of 2022.csv"};
}

static bool same(const double a[], const double b[], size_t n)
{
    return memcmp(a, b, n * sizeof *a) == 0;
}

static bool same_interval(const struct fit_interval *a, const struct fit_interval *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static void check_options(const struct fit_options *a, const struct fit_options *b)
{
    CU_ASSERT_PTR_EQUAL(a->law, b->law);
    CU_ASSERT_EQUAL(a->objective, b->objective);
    CU_ASSERT_EQUAL(a->residual, b->residual);
    CU_ASSERT_EQUAL(a->delta, b->delta);
    CU_ASSERT_EQUAL(a->seed, b->seed);
    CU_ASSERT_EQUAL(a->n_replicates, b->n_replicates);
    CU_ASSERT_EQUAL(a->resampling, b->resampling);
    CU_ASSERT_EQUAL(a->bootstrap, b->bootstrap);
    CU_ASSERT_EQUAL(a->profile, b->profile);
    CU_ASSERT_EQUAL(a->n_starts, b->n_starts);
    CU_ASSERT_EQUAL(a->solver, b->solver);
    CU_ASSERT_EQUAL(a->confidence, b->confidence);
    CU_ASSERT_EQUAL(a->target_compute_flop, b->target_compute_flop);
    CU_ASSERT_EQUAL(a->prior_noise, b->prior_noise);
    for (size_t i = 0; i < a->law->n_parameters; i++) {
        const struct fit_parameter_option *p = &a->parameters[i], *q = &b->parameters[i];
        CU_ASSERT(p->fixed == q->fixed && p->tied == q->tied && p->bounded == q->bounded);
        CU_ASSERT(p->value == q->value && p->tied_to == q->tied_to);
        CU_ASSERT(p->lower == q->lower || (isnan(p->lower) && isnan(q->lower)));
        CU_ASSERT(p->upper == q->upper || (isnan(p->upper) && isnan(q->upper)));
        CU_ASSERT(p->prior_mean == q->prior_mean && p->prior_sd == q->prior_sd);
    }
}

static void check_figures(const struct fit *a, const struct fit *b)
{
    const size_t k = a->law->n_parameters;
    CU_ASSERT_EQUAL(a->n, b->n);
    CU_ASSERT_EQUAL(a->objective, b->objective);
    CU_ASSERT_EQUAL(a->gradient_norm, b->gradient_norm);
    CU_ASSERT_EQUAL(a->condition, b->condition);
    CU_ASSERT_EQUAL(a->design, b->design);
    CU_ASSERT_EQUAL(a->n_agree, b->n_agree);
    CU_ASSERT_EQUAL(a->n_fallback, b->n_fallback);
    CU_ASSERT_EQUAL(a->n_optima, b->n_optima);
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(a->optima[i].objective, b->optima[i].objective);
        CU_ASSERT_EQUAL(a->optima[i].n_starts, b->optima[i].n_starts);
        CU_ASSERT(same(a->optima[i].theta, b->optima[i].theta, k));
    }
    CU_ASSERT(isnan(b->runner_up));
    CU_ASSERT_EQUAL(a->replicates_robust, b->replicates_robust);
    CU_ASSERT_EQUAL(a->n_replicates_agree, b->n_replicates_agree);
    CU_ASSERT_EQUAL(a->n_replicates_checked, b->n_replicates_checked);
    CU_ASSERT_EQUAL(a->identified, b->identified);
    CU_ASSERT_EQUAL(a->has_optimum, b->has_optimum);
    CU_ASSERT_EQUAL(a->noise_floor, b->noise_floor);
    CU_ASSERT_STRING_EQUAL(a->sentence, b->sentence);
    CU_ASSERT(same(a->theta, b->theta, k));
    CU_ASSERT(memcmp(a->at_bound, b->at_bound, sizeof a->at_bound) == 0);
    CU_ASSERT(memcmp(a->verdicts, b->verdicts, k * sizeof a->verdicts[0]) == 0);
    CU_ASSERT(same(a->eigenvalues, b->eigenvalues, k));
    CU_ASSERT(same(a->covariance, b->covariance, k * k));
    for (size_t i = 0; i < k; i++) {
        CU_ASSERT(same_interval(&a->natural[i], &b->natural[i]));
    }
    CU_ASSERT(same_interval(&a->exponent_params, &b->exponent_params));
    CU_ASSERT(same_interval(&a->optimum_params, &b->optimum_params));
    CU_ASSERT(same_interval(&a->optimum_tokens, &b->optimum_tokens));
    CU_ASSERT(same_interval(&a->optimum_loss_nat, &b->optimum_loss_nat));
    CU_ASSERT(same(a->lower, b->lower, a->law->n_inputs));
    CU_ASSERT(same(a->upper, b->upper, a->law->n_inputs));
    CU_ASSERT_FATAL(a->support != NULL && b->support != NULL);
    CU_ASSERT_EQUAL_FATAL(support_size(a->support), support_size(b->support));
    for (size_t i = 0; i < support_size(a->support); i++) {
        double one[LAW_MAX_INPUTS], other[LAW_MAX_INPUTS];
        support_point(a->support, i, one);
        support_point(b->support, i, other);
        CU_ASSERT(same(one, other, a->law->n_inputs));
    }
}

static void check_lists(const struct fit *a, const struct fit *b)
{
    const size_t k = a->law->n_parameters;
    CU_ASSERT_EQUAL_FATAL(a->n_profiles, b->n_profiles);
    for (size_t i = 0; i < a->n_profiles; i++) {
        const struct fit_profile *q = &a->profiles[i], *read = &b->profiles[i];
        CU_ASSERT_EQUAL(q->lower_end, read->lower_end);
        CU_ASSERT_EQUAL(q->upper_end, read->upper_end);
        CU_ASSERT(same(&q->lower, &read->lower, 1) && same(&q->upper, &read->upper, 1));
        CU_ASSERT(same(&q->threshold, &read->threshold, 1));
        CU_ASSERT(same(q->value, read->value, FIT_PROFILE_POINTS));
        CU_ASSERT(same(q->rise, read->rise, FIT_PROFILE_POINTS));
    }
    CU_ASSERT_EQUAL_FATAL(a->n_starts, b->n_starts);
    for (size_t i = 0; i < a->n_starts; i++) {
        CU_ASSERT(same(a->starts[i].start, b->starts[i].start, k));
        CU_ASSERT(same(a->starts[i].theta, b->starts[i].theta, k));
        CU_ASSERT_EQUAL(a->starts[i].objective, b->starts[i].objective);
        CU_ASSERT_EQUAL(a->starts[i].reason, b->starts[i].reason);
        CU_ASSERT_EQUAL(a->starts[i].n_evaluations, b->starts[i].n_evaluations);
    }
    CU_ASSERT_EQUAL_FATAL(a->n_replicates, b->n_replicates);
    CU_ASSERT(same(a->replicates, b->replicates, a->n_replicates * k));
    CU_ASSERT(same(a->replicate_objectives, b->replicate_objectives, a->n_replicates));
}

static struct h5 *write_and_open(const char *name, const struct fit *const fits[], size_t n,
                                 const struct runs *runs)
{
    char path[1024];
    struct h5 *file = NULL;
    (void)snprintf(path, sizeof path, "%s", harness_path(name));
    HARNESS_ASSERT_OK(h5_create(harness_comm(), path, &file, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    HARNESS_ASSERT_OK(h5_write_group(file, "/fit", &why));
    for (size_t i = 0; i < n; i++) {
        HARNESS_ASSERT_OK(fit_file_write(file, fits[i], runs, &why));
    }
    HARNESS_ASSERT_OK(h5_commit(file, NULL, &why));
    HARNESS_ASSERT_OK(h5_open(harness_comm(), path, &file, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    return file;
}

static void test_fit_file_round_trip_keeps_every_field(void)
{
    struct fit f, back;
    struct runs runs;
    make_fit("chinchilla", &f);
    make_runs(&runs);
    struct h5 *file = write_and_open("fit.h5", (const struct fit *const[]){&f}, 1, &runs);
    HARNESS_ASSERT_OK(fit_file_read(file, NULL, &back, &why));
    CU_ASSERT_PTR_EQUAL_FATAL(back.law, f.law);
    check_options(&f.options, &back.options);
    check_figures(&f, &back);
    check_lists(&f, &back);
    fit_clear(&back);
    HARNESS_ASSERT_OK(fit_file_read(file, "chinchilla", &back, &why));
    CU_ASSERT_PTR_EQUAL(back.law, f.law);
    fit_clear(&back);
    h5_close(file);
    fit_clear(&f);
}

/* Column of a group, checked for its length. */
static double *column(struct h5 *file, const char *name, size_t n)
{
    char path[256];
    double *values = NULL;
    size_t n_dimensions, shape[3];
    (void)snprintf(path, sizeof path, "/fit/chinchilla/%s", name);
    HARNESS_ASSERT_OK(h5_read_array(file, path, &values, &n_dimensions, shape, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(values);
    CU_ASSERT(n_dimensions == 1 && shape[0] == n);
    return values;
}

static void test_fit_file_has_what_a_plot_needs(void)
{
    static const double natural[] = {1.69, 406.4, 410.7, 0.34, 0.28};
    struct fit f;
    struct runs runs;
    make_fit("chinchilla", &f);
    CU_ASSERT_EQUAL_FATAL(f.law->n_parameters, 5);
    law_transform(f.law, natural, f.theta);
    make_runs(&runs);
    struct h5 *file = write_and_open("plot.h5", (const struct fit *const[]){&f}, 1, &runs);
    double *params = column(file, "observation_params", N_USED);
    double *tokens = column(file, "observation_tokens", N_USED);
    double *loss_nat = column(file, "observation_loss_nat", N_USED);
    double *fitted_nat = column(file, "fitted_loss_nat", N_USED);
    double *lines = column(file, "observation_line", N_USED);
    double *reasons = column(file, "row_reason", N_ROWS);
    for (size_t i = 0; i < N_USED; i++) {
        HARNESS_ASSERT_REL(params[i], 1.3e8 * (double)(i + 1), 1e-13);
        HARNESS_ASSERT_REL(tokens[i], 2.7e9 * (double)(i * i + 1), 1e-13);
        CU_ASSERT_EQUAL(loss_nat[i], runs.response.values[i]);
        CU_ASSERT_EQUAL(lines[i], runs.lines[i]);
    }
    /* E + A / N^alpha + B / D^beta at 1.3e8 parameters and 2.7e9 tokens. */
    HARNESS_ASSERT_REL(fitted_nat[0], 1.69 + 406.4 / pow(1.3e8, 0.34) + 410.7 / pow(2.7e9, 0.28),
                       1e-12);
    CU_ASSERT(reasons[0] == RUNS_FILTERED && reasons[3] == RUNS_HIGH_LOSS
              && reasons[5] == RUNS_USED);
    CU_ASSERT(!h5_exists(file, "/fit/chinchilla/observation_compute_flop"));
    char *text = NULL;
    HARNESS_ASSERT_OK(h5_read_text_attribute(file, "/fit/chinchilla", "runs_file", &text, &why));
    CU_ASSERT_STRING_EQUAL(text, "runs of 2022.csv");
    free(text);
    free(reasons);
    free(lines);
    free(fitted_nat);
    free(loss_nat);
    free(tokens);
    free(params);
    h5_close(file);
    fit_clear(&f);
}

static void test_fit_file_without_runs_or_replicates(void)
{
    struct fit f, back;
    make_fit("chinchilla", &f);
    free(f.replicates);
    free(f.replicate_objectives);
    f.replicates = f.replicate_objectives = NULL;
    f.n_replicates = 0;
    struct h5 *file = write_and_open("bare.h5", (const struct fit *const[]){&f}, 1, NULL);
    HARNESS_ASSERT_OK(fit_file_read(file, "", &back, &why));
    CU_ASSERT_EQUAL(back.n_replicates, 0);
    CU_ASSERT_PTR_NULL(back.replicates);
    CU_ASSERT(!h5_exists(file, "/fit/chinchilla/row_reason"));
    fit_clear(&back);
    h5_close(file);
    fit_clear(&f);
}

static void test_fit_file_errors(void)
{
    struct fit first, second, back;
    make_fit("chinchilla", &first);
    make_fit("kaplan_nd", &second);
    struct h5 *file =
        write_and_open("two.h5", (const struct fit *const[]){&first, &second}, 2, NULL);
    HARNESS_ASSERT_FAILS(fit_file_read(file, NULL, &back, &why), STATUS_INPUT,
                         "the file holds fits of 2 laws; name one of: chinchilla, kaplan_nd");
    HARNESS_ASSERT_FAILS(
        fit_file_read(file, "chinchila", &back, &why), STATUS_INPUT,
        "chinchila: the file holds no fit of this law; it has: chinchilla, kaplan_nd");
    HARNESS_ASSERT_OK(fit_file_read(file, "kaplan_nd", &back, &why));
    check_figures(&second, &back);
    fit_clear(&back);
    h5_close(file);
    file = write_and_open("no_fit.h5", NULL, 0, NULL);
    HARNESS_ASSERT_FAILS(fit_file_read(file, NULL, &back, &why), STATUS_INPUT,
                         "the file holds fits of 0 laws");
    HARNESS_ASSERT_FAILS(fit_file_read(file, "kaplan_nd", &back, &why), STATUS_INPUT,
                         "kaplan_nd: the file holds no fit of this law");
    h5_close(file);
    fit_clear(&first);
    fit_clear(&second);
}

static void test_fit_file_describes_a_formula(void)
{
    struct custom_source s = {.id = "of_the_study",
                              .title = "By hand",
                              .source = "none",
                              .text = "score = E + A*exp(-k*bits)/params^alpha",
                              .response_unit = "1"};
    struct law *law = NULL;
    struct fit written, read;
    size_t column;
    HARNESS_ASSERT_OK(forms_inputs("params>=1 bits:plain>=3", &s, &why));
    HARNESS_ASSERT_OK(forms_parameters("E A k[0.1,2;0.25,0.5] alpha", &s, &why));
    HARNESS_ASSERT_OK(custom_create(&s, &law, &column, &why));
    CU_ASSERT_TRUE_FATAL(law_add(law));
    make_fit("of_the_study", &written);
    struct h5 *file = write_and_open("formula.h5", (const struct fit *const[]){&written}, 1, NULL);
    HARNESS_ASSERT_OK(fit_file_read(file, NULL, &read, &why));
    CU_ASSERT_PTR_NOT_EQUAL(read.law, law);
    CU_ASSERT_STRING_EQUAL(read.law->equation, s.text);
    CU_ASSERT_STRING_EQUAL(read.law->response, "score");
    CU_ASSERT_EQUAL(read.law->n_parameters, 4);
    CU_ASSERT_EQUAL(read.law->parameters[2].start_lower, 0.25);
    CU_ASSERT_STRING_EQUAL(read.law->inputs[1].name, "bits");
    CU_ASSERT_FALSE(read.law->inputs[1].logarithmic);
    CU_ASSERT(same(written.theta, read.theta, 4));
    h5_close(file);
    fit_clear(&written);
    fit_clear(&read);
    custom_destroy(law);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"round trip keeps every field", test_fit_file_round_trip_keeps_every_field},
        {"has what a plot needs", test_fit_file_has_what_a_plot_needs},
        {"without runs or replicates", test_fit_file_without_runs_or_replicates},
        {"errors", test_fit_file_errors},
        {"formula", test_fit_file_describes_a_formula},
        CU_TEST_INFO_NULL};
    return harness_main(argc, argv, tests);
}
