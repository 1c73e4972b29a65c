/* ranks: 1 3 */
#include "fitting/select_file.h"

#include <stdlib.h>
#include <string.h>

#include "fitting/fit_file.h"
#include "tests/fitting/observations.h"

enum { N = 2 };

static struct observations runs;
static struct status_why why;
static struct fit fits[N];
static struct select selects[N];
static struct select_comparison comparison;
static struct sensitivity table;

/** Two laws fitted and checked on the same runs. */
static void make_all(void)
{
    static const char *const ids[N] = {"chinchilla", "power_tokens"};
    const double planted[] = {1.723, 387.1, 1219.4, 0.3371, 0.3493};
    const struct select_options wanted = {
        .n_folds = 4, .held_out_share = 0.2, .log_compute = runs.log_x[OBSERVED_COMPUTE]};
    status_clear(&why);
    observations_simulate("chinchilla", planted, 9, 0.01, 83, &runs);
    for (size_t i = 0; i < N; i++) {
        const struct fit_options options = observations_options(ids[i]);
        const struct fit_data data = observations_data(&runs, options.law);
        HARNESS_ASSERT_OK(fit_run(harness_comm(), &data, &options, NULL, &fits[i], &why));
        HARNESS_ASSERT_OK(select_run(harness_comm(), &data, &fits[i], &wanted, &selects[i], &why));
        if (i == 0) {
            HARNESS_ASSERT_OK(
                sensitivity_run(harness_comm(), &data, &fits[0], NULL, NULL, &table, &why));
        }
    }
    HARNESS_ASSERT_OK(select_compare(selects, N, &comparison, &why));
}

static void clear_all(void)
{
    for (size_t i = 0; i < N; i++) {
        fit_clear(&fits[i]);
        select_clear(&selects[i]);
    }
}

/** Write everything to \a name and open it. */
static struct h5 *write_all(const char *name)
{
    struct h5 *file = NULL;
    HARNESS_ASSERT_OK(h5_create(harness_comm(), harness_path(name), &file, &why));
    for (size_t i = 0; i < N; i++) {
        HARNESS_ASSERT_OK(fit_file_write(file, &fits[i], NULL, &why));
        HARNESS_ASSERT_OK(select_file_write(file, &selects[i], &why));
    }
    HARNESS_ASSERT_OK(select_file_write_sensitivity(file, &table, &why));
    HARNESS_ASSERT_OK(select_file_write_comparison(file, fits, selects, &comparison, &why));
    HARNESS_ASSERT_OK(h5_commit(file, NULL, &why));
    file = NULL;
    HARNESS_ASSERT_OK(h5_open(harness_comm(), harness_path(name), &file, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    return file;
}

static void check_number(struct h5 *file, const char *object, const char *name, double want)
{
    double got = 0.0;
    HARNESS_ASSERT_OK(h5_read_number_attribute(file, object, name, &got, &why));
    CU_ASSERT_TRUE(memcmp(&got, &want, sizeof got) == 0);
}

static void check_text(struct h5 *file, const char *object, const char *name, const char *want)
{
    char *got = NULL;
    HARNESS_ASSERT_OK(h5_read_text_attribute(file, object, name, &got, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    CU_ASSERT_STRING_EQUAL(got, want);
    free(got);
}

/** A dataset holds these numbers, NAN where they are NAN. */
static void check_array(struct h5 *file, const char *path, size_t n, const double want[])
{
    double *got = NULL;
    size_t n_dimensions, shape[3] = {0, 0, 0};
    HARNESS_ASSERT_OK(h5_read_array(file, path, &got, &n_dimensions, shape, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    CU_ASSERT_EQUAL(shape[0] * shape[1], n);
    for (size_t i = 0; i < n && i < shape[0] * shape[1]; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.*): h5_read_array filled all elements of the shape */
        CU_ASSERT_TRUE((isnan(got[i]) && isnan(want[i]))
                       /* NOLINTNEXTLINE(clang-analyzer-core.*): the same */
                       || !(got[i] < want[i] || got[i] > want[i]));
    }
    free(got);
}

static void test_select_file_holds_the_checks(void)
{
    make_all();
    struct h5 *file = write_all("checks.h5");
    const char *group = "/fit/power_tokens/checks";
    const struct select *s = &selects[1];
    uint64_t count = 0;
    check_number(file, group, "aicc", s->criteria.aicc);
    check_number(file, group, "bic", s->criteria.bic);
    check_number(file, group, "fold_root_mean_square", s->folds.root_mean_square);
    check_number(file, group, "held_out_mean", s->largest.mean);
    check_number(file, group, "extrapolation_ratio", s->extrapolation_ratio);
    check_text(file, group, "fold_outcome", "done");
    check_text(file, group, "rows_digest", s->rows_digest);
    HARNESS_ASSERT_OK(h5_read_count_attribute(file, group, "n_parameters", &count, &why));
    CU_ASSERT_EQUAL(count, 4);
    HARNESS_ASSERT_OK(h5_read_count_attribute(file, group, "held_out_n", &count, &why));
    CU_ASSERT_EQUAL(count, s->largest.n_held);
    check_array(file, "/fit/power_tokens/checks/fold_error", s->n, s->fold_error);
    check_array(file, "/fit/power_tokens/checks/held_out_error", s->n, s->largest_error);
    check_array(file, "/fit/power_tokens/checks/fold_mean_square", 4, s->fold_mean_square);
    h5_close(file);
    clear_all();
}

static void test_select_file_holds_the_table_of_choices(void)
{
    make_all();
    struct h5 *file = write_all("choices.h5");
    double a[SENSITIVITY_MAX_ROWS], loss[SENSITIVITY_MAX_ROWS], value[SENSITIVITY_MAX_ROWS * 5];
    for (size_t i = 0; i < table.n_rows; i++) {
        a[i] = table.rows[i].exponent_params;
        loss[i] = table.rows[i].optimum_loss;
        memcpy(value + 5 * i, table.rows[i].natural, 5 * sizeof *value);
    }
    check_array(file, "/fit/chinchilla/sensitivity/exponent_params", table.n_rows, a);
    check_array(file, "/fit/chinchilla/sensitivity/optimum_loss_nat", table.n_rows, loss);
    check_array(file, "/fit/chinchilla/sensitivity/value", 5 * table.n_rows, value);
    CU_ASSERT_TRUE(h5_exists(file, "/fit/chinchilla/sensitivity/what"));
    CU_ASSERT_FALSE(h5_exists(file, "/fit/power_tokens/sensitivity"));
    h5_close(file);
    clear_all();
}

static void test_select_file_names_the_law_that_is_meant(void)
{
    struct fit read;
    make_all();
    struct h5 *file = write_all("compare.h5");
    const double bic[N] = {selects[0].criteria.bic, selects[1].criteria.bic};
    check_array(file, "/fit/compare/bic", N, bic);
    check_array(file, "/fit/compare/difference_error", N, comparison.difference_error);
    check_text(file, "/fit/compare", "best", "chinchilla");
    HARNESS_ASSERT_OK(fit_file_read(file, NULL, &read, &why));
    CU_ASSERT_STRING_EQUAL(read.law->id, "chinchilla");
    fit_clear(&read);
    HARNESS_ASSERT_OK(fit_file_read(file, "power_tokens", &read, &why));
    CU_ASSERT_STRING_EQUAL(read.law->id, "power_tokens");
    fit_clear(&read);
    HARNESS_ASSERT_FAILS(fit_file_read(file, "kaplan_nd", &read, &why), STATUS_INPUT,
                         "it has: chinchilla, power_tokens");
    h5_close(file);
    clear_all();
}

static void test_select_file_reads_back_what_a_summary_shows(void)
{
    struct select s;
    struct select_comparison c;
    static struct sensitivity t;
    char laws[SELECT_MAX_LAWS][SELECT_ID_SIZE];
    bool is_there = false;
    make_all();
    struct h5 *file = write_all("back.h5");
    HARNESS_ASSERT_OK(select_file_read(file, fits[1].law, &is_there, &s, &why));
    CU_ASSERT_TRUE(is_there);
    CU_ASSERT_EQUAL(memcmp(&s.criteria, &selects[1].criteria, sizeof s.criteria), 0);
    CU_ASSERT_EQUAL(s.largest.outcome, SELECT_DONE);
    CU_ASSERT_EQUAL(s.largest.mean, selects[1].largest.mean);
    CU_ASSERT_EQUAL(s.largest.n_held, selects[1].largest.n_held);
    CU_ASSERT_EQUAL(s.folds.n_held, 54);
    HARNESS_ASSERT_OK(select_file_read_sensitivity(file, &fits[0], &is_there, &t, &why));
    CU_ASSERT_EQUAL(t.n_rows, table.n_rows);
    for (size_t i = 0; i < t.n_rows; i++) {
        CU_ASSERT_STRING_EQUAL(t.rows[i].what, table.rows[i].what);
        CU_ASSERT_EQUAL(t.rows[i].n, table.rows[i].n);
        CU_ASSERT_EQUAL(t.rows[i].optimum_tokens, table.rows[i].optimum_tokens);
        CU_ASSERT_EQUAL(t.rows[i].natural[4], table.rows[i].natural[4]);
    }
    HARNESS_ASSERT_OK(select_file_read_sensitivity(file, &fits[1], &is_there, &t, &why));
    CU_ASSERT_FALSE(is_there);
    HARNESS_ASSERT_OK(select_file_read_comparison(file, &is_there, laws, &c, &why));
    CU_ASSERT_EQUAL(c.n, N);
    CU_ASSERT_STRING_EQUAL(laws[1], "power_tokens");
    CU_ASSERT_EQUAL(c.best, comparison.best);
    CU_ASSERT_EQUAL(c.difference[1], comparison.difference[1]);
    CU_ASSERT_FALSE(c.is_tied[1]);
    h5_close(file);
    clear_all();
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[] = {
        {"checks", test_select_file_holds_the_checks},
        {"choices", test_select_file_holds_the_table_of_choices},
        {"compare", test_select_file_names_the_law_that_is_meant},
        {"back", test_select_file_reads_back_what_a_summary_shows},
        CU_TEST_INFO_NULL,
    };
    return harness_main(argc, argv, tests);
}
