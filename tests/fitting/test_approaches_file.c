/* ranks: 1 3 */
#include "fitting/approaches_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fitting/fit_file.h"
#include "tests/fitting/observations.h"

static struct status_why why;
static struct observations runs;

/* A noisy sweep with one curve turned over, so that both groups have refusals. */
static void make_approaches(struct approaches *a)
{
    static const double natural[] = {1.69, 406.4, 410.7, 0.34, 0.28};
    observations_simulate("chinchilla", natural, 7, 0.004, 5, &runs);
    for (size_t i = 7; i < 14; i++) {
        runs.loss_nat[i] = 6.0 - runs.loss_nat[i];
    }
    const struct isoflop_data data = {
        .n = runs.n,
        .log_size = {runs.log_x[OBSERVED_PARAMS], runs.log_x[OBSERVED_TOKENS]},
        .log_compute = runs.log_x[OBSERVED_COMPUTE],
        .loss_nat = runs.loss_nat};
    struct fit f = {.options = observations_options("chinchilla")};
    f.options.target_compute_flop = 2.5e23;
    HARNESS_ASSERT_OK(
        approaches_run(&f, &data, NULL, &(struct approaches_options){true, true}, a, &why));
    a->bias_exponent = 0.0231;
    a->bias_params = 0.874;
}

static struct h5 *write_and_open(const char *name, const struct approaches *a)
{
    char path[1024];
    struct h5 *file = NULL;
    (void)snprintf(path, sizeof path, "%s", harness_path(name));
    HARNESS_ASSERT_OK(h5_create(harness_comm(), path, &file, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    HARNESS_ASSERT_OK(h5_write_group(file, "/fit", &why));
    HARNESS_ASSERT_OK(approaches_file_write(file, a, &why));
    HARNESS_ASSERT_OK(h5_commit(file, NULL, &why));
    HARNESS_ASSERT_OK(h5_open(harness_comm(), path, &file, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    return file;
}

/* Equal bits, or both not a number. */
static bool same(double a, double b)
{
    return (isnan(a) && isnan(b)) || !(a < b || a > b || isnan(a) || isnan(b));
}

static bool same_interval(const struct fit_interval *a, const struct fit_interval *b)
{
    return same(a->value, b->value) && same(a->standard_error, b->standard_error)
           && same(a->lower, b->lower) && same(a->upper, b->upper);
}

static void check_law(const struct isoflop_law *a, const struct isoflop_law *b)
{
    CU_ASSERT_EQUAL(a->verdict, b->verdict);
    CU_ASSERT_EQUAL(a->n, b->n);
    CU_ASSERT_TRUE(same_interval(&a->exponent, &b->exponent));
    CU_ASSERT_TRUE(same_interval(&a->optimum, &b->optimum));
}

static void check_vertex(const struct isoflop_vertex *a, const struct isoflop_vertex *b)
{
    CU_ASSERT_EQUAL(a->verdict, b->verdict);
    CU_ASSERT_EQUAL(a->n_sizes, b->n_sizes);
    CU_ASSERT_TRUE(same(a->log_centre, b->log_centre) && same(a->log_reach, b->log_reach));
    CU_ASSERT_TRUE(same(a->loss_nat, b->loss_nat));
    CU_ASSERT_TRUE(same_interval(&a->log_optimum, &b->log_optimum));
    for (int k = 0; k < 3; k++) {
        CU_ASSERT_TRUE(same(a->coefficients[k], b->coefficients[k]));
    }
}

static void check_isoflop(const struct isoflop *a, const struct isoflop *b)
{
    CU_ASSERT_EQUAL_FATAL(a->n_curves, b->n_curves);
    CU_ASSERT_EQUAL_FATAL(a->n, b->n);
    CU_ASSERT_TRUE(memcmp(a->curve_of, b->curve_of, a->n * sizeof *a->curve_of) == 0);
    CU_ASSERT_TRUE(same(a->options.confidence, b->options.confidence));
    CU_ASSERT_TRUE(same(a->options.tolerance, b->options.tolerance));
    CU_ASSERT_TRUE(same(a->options.target_compute_flop, b->options.target_compute_flop));
    for (size_t i = 0; i < a->n_curves; i++) {
        CU_ASSERT_TRUE(same(a->curves[i].compute_flop, b->curves[i].compute_flop));
        CU_ASSERT_EQUAL(a->curves[i].n, b->curves[i].n);
        for (int axis = 0; axis < ISOFLOP_N_AXES; axis++) {
            check_vertex(&a->curves[i].vertices[axis], &b->curves[i].vertices[axis]);
        }
    }
    for (int axis = 0; axis < ISOFLOP_N_AXES; axis++) {
        for (int w = 0; w < ISOFLOP_N_WEIGHTINGS; w++) {
            check_law(&a->laws[axis][w], &b->laws[axis][w]);
        }
    }
}

static void check_envelope(const struct envelope *a, const struct envelope *b)
{
    CU_ASSERT_EQUAL_FATAL(a->n_levels, b->n_levels);
    CU_ASSERT_EQUAL(a->n_winners, b->n_winners);
    CU_ASSERT_TRUE(memcmp(a->counts, b->counts, sizeof a->counts) == 0);
    CU_ASSERT_TRUE(same(a->options.window, b->options.window));
    for (size_t i = 0; i < a->n_levels; i++) {
        const struct envelope_level *x = &a->levels[i], *y = &b->levels[i];
        CU_ASSERT_TRUE(x->verdict == y->verdict && x->n_sizes == y->n_sizes
                       && x->winner == y->winner && same(x->log_compute, y->log_compute)
                       && same(x->loss_nat, y->loss_nat) && same(x->log_size[0], y->log_size[0])
                       && same(x->log_size[1], y->log_size[1]));
    }
    for (int axis = 0; axis < ISOFLOP_N_AXES; axis++) {
        check_law(&a->laws[axis], &b->laws[axis]);
    }
}

static void test_approaches_file_round_trip_keeps_every_field(void)
{
    struct approaches a, back;
    make_approaches(&a);
    CU_ASSERT_EQUAL(isoflop_n_refused(&a.isoflop), 1);
    struct h5 *file = write_and_open("approaches.h5", &a);
    HARNESS_ASSERT_OK(approaches_file_read(file, &back, &why));
    CU_ASSERT_TRUE_FATAL(back.has_envelope && back.has_isoflop);
    CU_ASSERT_STRING_EQUAL(a.sentence, back.sentence);
    CU_ASSERT_TRUE(same(a.bias_exponent, back.bias_exponent));
    CU_ASSERT_TRUE(same(a.bias_params, back.bias_params));
    check_isoflop(&a.isoflop, &back.isoflop);
    check_envelope(&a.envelope, &back.envelope);
    h5_close(file);
    approaches_clear(&back);
    approaches_clear(&a);
}

/* The groups beside a law are not taken for laws. */
static void test_approaches_file_is_no_law(void)
{
    struct approaches a;
    struct fit f;
    make_approaches(&a);
    struct h5 *file = write_and_open("no_law.h5", &a);
    HARNESS_ASSERT_FAILS(fit_file_read(file, NULL, &f, &why), STATUS_INPUT, "0 laws");
    h5_close(file);
    approaches_clear(&a);
}

static void test_approaches_file_without_groups_reads_as_nothing(void)
{
    struct approaches back;
    struct h5 *file = write_and_open("nothing.h5", &(struct approaches){0});
    HARNESS_ASSERT_OK(approaches_file_read(file, &back, &why));
    CU_ASSERT_FALSE(back.has_envelope || back.has_isoflop);
    approaches_clear(&back);
    h5_close(file);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"round_trip", test_approaches_file_round_trip_keeps_every_field},
        {"no_law", test_approaches_file_is_no_law},
        {"nothing", test_approaches_file_without_groups_reads_as_nothing},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
